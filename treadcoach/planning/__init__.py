"""The documented guidance and what follows from a runner's history."""
