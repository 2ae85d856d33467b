"""A simulated air on Bumble: treadmill, runner, strap, and the faults they can have."""
