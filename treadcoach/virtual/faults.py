"""What can be wrong with a virtual machine. Everything is off by default."""

import random
from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """Mutable on purpose: a test or a key press brings a fault in mid-run."""

    result: dict[int, int] = field(default_factory=dict)
    """op code -> result code answered instead of doing it."""
    delay_s: dict[int, float] = field(default_factory=dict)
    """op code -> seconds before the answer."""
    silent: set[int] = field(default_factory=set)
    """op codes that are never answered (nor done)."""
    answered_but_ignored: set[int] = field(default_factory=set)
    """op codes answered with success and not done."""
    att_error: int | None = None
    """ATT error code for every control point write."""
    att_stuck: set[int] = field(default_factory=set)
    """op codes whose write itself is never confirmed."""
    omit: set[int] = field(default_factory=set)
    """characteristics (16-bit) that are left out."""
    features: bytes | None = None
    speed_range: bytes | None = None
    incline_range: bytes | None = None
    training_status: bytes | None = None
    no_data: bool = False
    """Treadmill Data stops; the link stays."""
    late_s: float = 0.0
    """Treadmill Data comes up to so much later, by chance; never out of order."""
    lost_share: float = 0.0
    """So many of its frames are lost, by chance."""
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    zero_frames: bool = False
    """All-zero frames while the belt runs."""
    takes_mph: bool = False
    """Set Target Speed is taken as 0.01 mph."""
    reversed: bool = False
    """An order to slow down speeds up."""
    runaway_to_kmh: float | None = None
    """The belt goes to this speed by itself."""
    needs_console_start: bool = False
    """Start over the air is refused until somebody presses it on the console."""
    restores_target: bool = False
    """A start brings the old target back."""
    starts_on_connect: bool = False
    echo_braking: bool = False
    """Status "target speed changed" with every frame of a changing belt."""
    silent_console: bool = False
    """Keys on the console are not reported as a status."""
    pause_resets_counters: bool = True
    notify_replies: bool = False
    """Answers come as notifications although indications were switched on."""
