"""The one loop that changes state, and how its parts are wired."""
