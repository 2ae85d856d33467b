"""What a fitness machine says in its advertisement (FTMS 1.0, section 3.1)."""

from fnmatch import fnmatchcase

from treadcoach.wire.uuids import FITNESS_MACHINE

# Treadmills known to leave the service out of their advertisement, by name.
_TREADMILL_NAMES = (
    "HZ_7.0AT-*", "WLT2541*", "TRX3500*", "PARAGON X*", "MX-TM *", "TRX4500*", "T01_*",
    "XT285*", "WELLFIT TM*", "XTERRA TR*", "TM4500*", "RUNN *", "YPOO-MINI PRO-*", "BFX_T*",
    "3G ELITE *", "TF04-*", "TRUE 1000*", "SCHWINN 510T*", "URTM*", "SF-T*", "FOCUS M3*",
    "SPERAX_RM-01*", "TP1", "KS-HD-Z1D*", "KS-NG-*", "MOBVOI WMTP*", "TM4800-*", "LB600*",
    "TUNTURI T90-*", "ASSAULTRUNNER*", "S77*", "F80*", "ANPLUS-*", "X-T*", "TC-*",
    "BODYCRAFT_*",
)  # fmt: skip

_KINDS = ("treadmill", "cross trainer", "step climber", "stair climber", "rower", "indoor bike")
"""By the bit of the machine type."""
_AVAILABLE = 0x01
LONGEST_NAME = 40


def printable(text: str) -> str:
    """A name from the air, safe to show: no control characters, not endless."""
    return "".join(sign for sign in text if sign.isprintable())[:LONGEST_NAME].strip()


def is_treadmill_service_data(data: bytes) -> bool | None:
    """Whether service data 0x1826 names a treadmill; None when it does not say."""
    kind = _type_bits(data)
    return None if kind == 0 else bool(kind & 1)


def _type_bits(data: bytes) -> int:
    """The machine type, 0 for none. Vendors swap its octets, or send only one: they are or-ed."""
    return data[1] | (data[2] if len(data) == 3 else 0) if 2 <= len(data) <= 3 else 0


def machine_kinds(data: bytes) -> tuple[str, ...]:
    """The kinds that service data 0x1826 names, in words (FTMS 1.0, section 3.1); none when it is odd.

    Sure only for a machine that says it is available and uses no reserved bit.
    """
    kind = _type_bits(data)
    if kind == 0 or kind >> len(_KINDS) or data[0] != _AVAILABLE:
        return ()
    return tuple(name for at, name in enumerate(_KINDS) if kind >> at & 1)


def is_treadmill_name(name: str | None) -> bool:
    """Whether the name is one of the treadmills that advertise without the service."""
    if not name:
        return False
    upper = name.upper()
    if upper.startswith("DK") and len(name) >= 11:
        return True
    if upper.startswith("FIT-") and not upper.startswith("FIT-BK-"):
        return True
    return any(fnmatchcase(upper, pattern) for pattern in _TREADMILL_NAMES)


def may_be_treadmill(name: str | None, service_uuids: list[str], service_data: dict[str, bytes]) -> bool:
    """Whether an advertisement may be a treadmill that speaks FTMS."""
    data = service_data.get(FITNESS_MACHINE)
    if data is not None and (said := is_treadmill_service_data(data)) is not None:
        return said
    return FITNESS_MACHINE in service_uuids or is_treadmill_name(name)
