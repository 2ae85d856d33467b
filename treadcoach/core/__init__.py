"""The domain: units, samples, workouts, the session. Pure: no loop, clock, socket or logging."""
