"""The byte gate: the last look at the octets that are about to leave for the control point.

It knows nothing of sessions. A request for control and STOP may always leave; a start, a
speed or an incline where it matches an order redeemed just before. Everything else is
refused, whoever asks: PAUSE too, after which some machines go back to their old speed.
"""

from treadcoach.core.errors import GuardError
from treadcoach.guard import hard_limits
from treadcoach.guard.gate import ClearedOrder, OrderKind
from treadcoach.wire.control_point import REQUEST_CONTROL, STOP, Op


class ByteGate:
    """Holds at most one redeemed order, good for exactly one write."""

    def __init__(self) -> None:
        self._expected: ClearedOrder | None = None

    def expect(self, order: ClearedOrder, now_s: float) -> None:
        """Redeem the order at its gate and let its octets pass once. Raises GuardError."""
        order.gate.redeem(order, now_s)
        self._expected = order

    def withdraw(self) -> None:
        """A stop: nothing but stops and requests for control passes until the next order."""
        self._expected = None

    def check(self, data: bytes) -> bytes:
        """Return data when it may be written. Raises GuardError for anything else."""
        if data in (STOP, REQUEST_CONTROL):
            return data
        order, self._expected = self._expected, None
        if order is None:
            raise GuardError(f"octets {data[:8].hex()} without an order were about to be written")
        if not _matches(data, order):
            raise GuardError(f"octets {data[:8].hex()} do not match {order!r}")
        return data


def _matches(data: bytes, order: ClearedOrder) -> bool:
    match order.kind:
        case OrderKind.START:
            return data == bytes((Op.START_OR_RESUME,))
        case OrderKind.SPEED:
            if len(data) != 3 or data[0] != Op.SET_TARGET_SPEED:
                return False
            value = int.from_bytes(data[1:], "little")
            # At most, not equal: a machine that takes miles per hour gets a smaller number.
            return 0 < value <= min(order.value, hard_limits.MAX_SPEED_CKMH)
        case OrderKind.INCLINE:
            if len(data) != 3 or data[0] != Op.SET_TARGET_INCLINE:
                return False
            value = int.from_bytes(data[1:], "little", signed=True)
            in_range = hard_limits.MIN_INCLINE_DPCT <= value <= hard_limits.MAX_INCLINE_DPCT
            return in_range and value == order.value
