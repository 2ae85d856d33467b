"""The whole op-code space at the byte gate: only what was cleared leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadcoach.core.errors import GuardError, OrderVoid
from treadcoach.core.guidance import BeltRules
from treadcoach.guard.byte_gate import ByteGate
from treadcoach.guard.gate import Answer, BeltNow, ClearedOrder, Gate, OrderKind
from treadcoach.guard.limits import Bound, Grid
from treadcoach.wire.control_point import encode_target_incline, encode_target_speed

ALWAYS = {b"\x00", b"\x08\x01"}
SPEED_BOUNDS = [
    Bound("personal", 1200, "own"),
    Bound("weekly", 1000, "week"),
    Bound("freshness", 2000, "fresh"),
]
INCLINE_BOUNDS = [
    Bound("personal", 100, "own"),
    Bound("uphill", 150, "hill"),
    Bound("freshness", 150, "fresh"),
]


def open_gate(rules: BeltRules) -> Gate:
    gate = Gate(rules, Grid(80, 1800, 10), Grid(0, 120, 5))
    gate.open_by("person", 0.0, 0, 0)
    return gate


def cleared(gate: Gate, kind: OrderKind) -> ClearedOrder:
    if kind is OrderKind.START:
        ruling = gate.clear_start(1.0)
    elif kind is OrderKind.SPEED:
        ruling = gate.clear_speed(5.0, "test", SPEED_BOUNDS, 2.0, BeltNow(80, 80))
    else:
        ruling = gate.clear_incline(2.0, "test", INCLINE_BOUNDS, 3.0, 0)
    assert ruling.answer is Answer.CLEARED and ruling.order is not None
    return ruling.order


def octets_of(order: ClearedOrder) -> bytes:
    if order.kind is OrderKind.START:
        return b"\x07"
    if order.kind is OrderKind.SPEED:
        return encode_target_speed(order.value)
    return encode_target_incline(order.value)


def test_the_whole_op_code_space_is_refused_without_an_order() -> None:
    gate = ByteGate()
    parameters = [b"", b"\x00", b"\x01", b"\x02", b"\x64\x00", b"\xff\xff", b"\x01\x00\x00", bytes(20)]
    for op in range(256):
        for parameter in parameters:
            data = bytes((op,)) + parameter
            if data in ALWAYS:
                assert gate.check(data) == data
            else:
                with pytest.raises(GuardError):
                    gate.check(data)


@pytest.mark.parametrize("kind", list(OrderKind))
def test_with_an_order_only_its_own_octets_pass_and_only_once(rules: BeltRules, kind: OrderKind) -> None:
    for op in range(256):
        for parameter in (b"", b"\x01", b"\x6e\x00", b"\x05\x00", b"\xff\xff", b"\x6e\x00\x00"):
            data = bytes((op,)) + parameter
            gate, byte_gate = open_gate(rules), ByteGate()
            order = cleared(gate, kind)
            byte_gate.expect(order, order.cleared_s)
            lower_speed = (
                kind is OrderKind.SPEED
                and len(data) == 3
                and op == 2
                and 0 < int.from_bytes(data[1:], "little") <= order.value
            )
            if data in ALWAYS or data == octets_of(order) or lower_speed:
                assert byte_gate.check(data) == data
            else:
                with pytest.raises(GuardError):
                    byte_gate.check(data)
    gate, byte_gate = open_gate(rules), ByteGate()
    order = cleared(gate, kind)
    byte_gate.expect(order, order.cleared_s)
    byte_gate.check(octets_of(order))
    with pytest.raises(GuardError, match="without an order"):
        byte_gate.check(octets_of(order))


@given(st.binary(max_size=32))
def test_any_octets_without_an_order(data: bytes) -> None:
    if data not in ALWAYS:
        with pytest.raises(GuardError):
            ByteGate().check(data)


def test_a_wrong_write_uses_the_order_up(rules: BeltRules) -> None:
    gate, byte_gate = open_gate(rules), ByteGate()
    order = cleared(gate, OrderKind.SPEED)
    byte_gate.expect(order, order.cleared_s)
    with pytest.raises(GuardError, match="do not match"):
        byte_gate.check(encode_target_speed(order.value + 1))
    with pytest.raises(GuardError, match="without an order"):
        byte_gate.check(octets_of(order))


def test_an_incline_out_of_range_never_matches(rules: BeltRules) -> None:
    for value in (-51, 151, -32768, 32767):
        gate, byte_gate = open_gate(rules), ByteGate()
        order = cleared(gate, OrderKind.INCLINE)
        order.value = value
        byte_gate.expect(order, order.cleared_s)
        with pytest.raises(GuardError):
            byte_gate.check(encode_target_incline(value))


@pytest.mark.parametrize("value", [-50, 150])
def test_an_incline_at_the_edge_matches(rules: BeltRules, value: int) -> None:
    gate, byte_gate = open_gate(rules), ByteGate()
    order = cleared(gate, OrderKind.INCLINE)
    order.value = value
    byte_gate.expect(order, order.cleared_s)
    assert byte_gate.check(encode_target_incline(value))


def test_a_speed_above_the_hard_limit_never_matches(rules: BeltRules) -> None:
    for value, passes in ((2000, True), (2001, False), (0, False)):
        gate, byte_gate = open_gate(rules), ByteGate()
        order = cleared(gate, OrderKind.SPEED)
        order.value = max(value, 2500) if not passes else value
        byte_gate.expect(order, order.cleared_s)
        if passes:
            assert byte_gate.check(encode_target_speed(value))
        else:
            with pytest.raises(GuardError):
                byte_gate.check(encode_target_speed(value))


def test_an_order_of_a_length_or_kind_that_is_off_never_passes(rules: BeltRules) -> None:
    for kind, data in (
        (OrderKind.SPEED, b"\x02\x6e"),
        (OrderKind.SPEED, b"\x02\x6e\x00\x00"),
        (OrderKind.SPEED, b"\x03\x05\x00"),
        (OrderKind.INCLINE, b"\x03\x05"),
        (OrderKind.INCLINE, b"\x03\x05\x00\x00"),
        (OrderKind.INCLINE, b"\x02\x05\x00"),
        (OrderKind.INCLINE, b"\x03\x04\x00"),
        (OrderKind.START, b"\x07\x00"),
    ):
        gate, byte_gate = open_gate(rules), ByteGate()
        order = cleared(gate, kind)
        byte_gate.expect(order, order.cleared_s)
        with pytest.raises(GuardError):
            byte_gate.check(data)


def test_withdrawing_leaves_only_stop(rules: BeltRules) -> None:
    gate, byte_gate = open_gate(rules), ByteGate()
    order = cleared(gate, OrderKind.SPEED)
    byte_gate.expect(order, order.cleared_s)
    byte_gate.withdraw()
    with pytest.raises(GuardError):
        byte_gate.check(octets_of(order))
    assert byte_gate.check(b"\x08\x01")


def test_orders_cannot_be_made_elsewhere(rules: BeltRules) -> None:
    gate = open_gate(rules)
    with pytest.raises(GuardError, match="only be made by the gate"):
        ClearedOrder(
            object(), gate, OrderKind.SPEED, 900, order_id=1, epoch=0, cleared_s=0, reason="", bounds=()
        )


def test_orders_are_void_after_a_shut_gate_at_another_gate_twice_or_late(rules: BeltRules) -> None:
    gate = open_gate(rules)
    order = cleared(gate, OrderKind.SPEED)
    gate.redeem(order, 2.0)
    with pytest.raises(GuardError, match="used before"):
        gate.redeem(order, 2.0)
    other = open_gate(rules)
    with pytest.raises(GuardError, match="another gate"):
        other.redeem(order, 2.0)
    for late in (1.999, 4.001):
        gate = open_gate(rules)
        order = cleared(gate, OrderKind.SPEED)
        with pytest.raises(OrderVoid, match="too old"):
            gate.redeem(order, late)
    gate = open_gate(rules)
    order = cleared(gate, OrderKind.SPEED)
    gate.redeem(order, 4.0)
    gate = open_gate(rules)
    start = cleared(gate, OrderKind.START)
    gate.redeem(start, 21.0)
    gate = open_gate(rules)
    start = cleared(gate, OrderKind.START)
    with pytest.raises(OrderVoid):
        gate.redeem(start, 21.1)
    gate = open_gate(rules)
    order = cleared(gate, OrderKind.SPEED)
    gate.shut("a stop")
    with pytest.raises(OrderVoid, match="void"):
        gate.redeem(order, 2.0)
    gate.open_by("person", 2.5, 300, 0)
    with pytest.raises(OrderVoid, match="void"):
        gate.redeem(order, 2.6)
