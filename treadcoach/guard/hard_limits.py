"""The last word, in code: no file, option or machine can move these numbers.

They are in the wire's own units: ckmh is 0.01 km/h, dpct is 0.1 %.
"""

MAX_SPEED_CKMH = 2000
"""20 km/h; a treadmill at home has no coached use above it."""
MIN_INCLINE_DPCT = -50
MAX_INCLINE_DPCT = 150
MAX_RAMP_UP_KMH_PER_S = 0.5
MAX_RAMP_DOWN_KMH_PER_S = 0.5
MAX_STEP_CKMH = 100
"""One order moves the belt by at most 1 km/h, whatever step the machine reports."""
MAX_INCLINE_STEP_DPCT = 10
MIN_SPEED_APART_S = 1.0
MIN_INCLINE_APART_S = 2.0
"""Two speeds, two inclines are never written closer together, however the computer stalls between."""
ORDER_LIFE_S = 2.0
"""A cleared order that is not on the wire after this long is void."""
START_LIFE_S = 20.0
"""A person's release to start is good for this long."""
