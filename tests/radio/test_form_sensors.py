"""Body sensors over the simulated radio: each kind, what it refuses, how its stream ends, odd days."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.rig import Rig, in_virtual_time
from treadcoach.core.body import Mount
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.virtual import bleak_backend
from treadcoach.virtual.motion import Replayed


async def _to_walking(rig: Rig) -> None:
    await rig.at(Phase.READY, 60)
    await rig.seconds(12)
    rig.ask(IntentKind.START)
    await rig.at(Phase.WARM_UP, 90)
    await rig.seconds(30)


def _form(rig: Rig) -> dict[str, Any]:
    assert rig.coach.latest is not None and rig.coach.latest.form is not None
    return rig.coach.latest.form


@pytest.mark.parametrize("wears", ["strap", "movesense@chest", "movesense@hip", "six-axis@hip", "pod"])
def test_each_kind_of_sensor_gives_the_true_cadence(wears: str) -> None:
    async def scenario() -> None:
        name, _, place = wears.partition("@")
        async with Rig(strap=False, wears=(wears,), mounts={name: Mount(place)} if place else {}) as rig:
            await _to_walking(rig)
            true = rig.person.cadence_spm
            # A pod counts whole turns of one foot a minute.
            assert rig.coach.latest is not None
            assert rig.coach.latest.cadence_spm == pytest.approx(true, abs=1.1 if name == "pod" else 0.4)
            sensor = _form(rig)["sensors"][0]
            assert sensor["gait"] == "walking" and sensor["age_s"] < 1.5
            if name != "pod":
                assert sensor["standing_learned"]
                assert sensor["metrics"]["lean_deg"]["value"] == pytest.approx(2.5, abs=1.5)

    in_virtual_time(scenario())


def test_a_pod_that_counts_both_feet_is_understood_by_the_belt() -> None:
    async def scenario() -> None:
        async with Rig(strap=False, wears=("pod",)) as rig:
            rig.worn["pod"].counts_both = True
            await _to_walking(rig)
            assert rig.coach.latest is not None
            assert rig.coach.latest.cadence_spm == pytest.approx(rig.person.cadence_spm, abs=1.1)

    in_virtual_time(scenario())


def test_compressed_frames_and_a_packet_in_two_parts_say_the_same() -> None:
    async def scenario() -> None:
        mounts = {"movesense": Mount.CHEST}
        async with Rig(acceleration=True, wears=("movesense",), mounts=mounts) as rig:
            rig.strap.compressed = True
            rig.worn["movesense"].largest_packet = 150
            await _to_walking(rig)
            sensors = {sensor["name"]: sensor for sensor in _form(rig)["sensors"]}
            for name in ("strap", "movesense"):
                cadence = sensors[name]["metrics"]["cadence_spm"]["value"]
                assert cadence == pytest.approx(rig.person.cadence_spm, abs=0.4), name

    in_virtual_time(scenario())


def test_the_stream_is_stopped_at_the_end_of_every_session() -> None:
    async def scenario() -> None:
        mounts = {"movesense": Mount.CHEST}
        async with Rig(acceleration=True, wears=("movesense",), mounts=mounts) as rig:
            await _to_walking(rig)
            assert rig.strap.streaming and rig.worn["movesense"].streaming
            rig.ask(IntentKind.STOP)
            await rig.at(Phase.STOPPED, 60)
            await rig.until(rig.task.done, 30)
            # Told to stop while the link still was there, not only by its end.
            assert not rig.strap.streaming and not rig.worn["movesense"].streaming
            assert rig.strap.stopped_by_command and rig.worn["movesense"].stopped_by_command

    in_virtual_time(scenario())


@pytest.mark.parametrize(("code", "words"), [(8, "invalid sample rate"), (12, "invalid state")])
def test_a_strap_that_refuses_its_acceleration_says_so_and_its_pulse_goes_on(code: int, words: str) -> None:
    async def scenario() -> None:
        async with Rig(strap=False, wears=("strap",)) as rig:
            rig.worn["strap"].refuse_start = code
            await _to_walking(rig)
            assert rig.said(f"refused it ({words})")
            assert rig.coach.latest is not None and rig.coach.latest.heart_rate_bpm is not None
            assert rig.coach.latest.cadence_spm is not None, "the strap counts steps itself too"

    in_virtual_time(scenario())


def test_a_link_with_packets_too_small_for_acceleration_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bleak_backend, "ATT_MTU", 100)

    async def scenario() -> None:
        async with Rig(strap=False, wears=("strap",)) as rig:
            await _to_walking(rig)
            assert rig.said("packets are too small (100 octets, 229 are needed)")
            assert not rig.worn["strap"].streaming
            assert rig.coach.latest is not None and rig.coach.latest.heart_rate_bpm is not None

    in_virtual_time(scenario())


def test_a_movesense_that_refuses_says_so() -> None:
    async def scenario() -> None:
        async with Rig(strap=False, wears=("movesense",)) as rig:
            rig.worn["movesense"].refuse_with = 404
            await _to_walking(rig)
            assert rig.said("refused it (status 404)")
            assert rig.phase is Phase.WARM_UP

    in_virtual_time(scenario())


def test_a_strap_that_streams_already_is_taken_as_it_is() -> None:
    """Another program left its stream on: "already in state" is no refusal."""

    async def scenario() -> None:
        async with Rig(strap=False, wears=("strap",)) as rig:
            rig.worn["strap"].refuse_start = 6
            await rig.at(Phase.READY, 60)
            await rig.seconds(3)
            assert not rig.said("refused")

    in_virtual_time(scenario())


def _clock(rig: Rig) -> None:
    rig.strap.reset_clock()


def _drop(rig: Rig) -> None:
    rig.strap.frames_to_drop = 3


def _slip(rig: Rig) -> None:
    rig.person.form.turned_deg = 35


@pytest.mark.parametrize("oddity", [_clock, _drop, _slip])
def test_an_odd_moment_costs_some_seconds_of_form_and_no_metre_of_belt(oddity: Callable[[Rig], None]) -> None:
    async def scenario() -> None:
        async with Rig(acceleration=True) as rig:
            await _to_walking(rig)
            speed, writes = rig.belt.speed_kmh, len(rig.writes())
            oddity(rig)
            await rig.seconds(15)
            assert rig.coach.latest is not None
            assert rig.coach.latest.cadence_spm == pytest.approx(rig.person.cadence_spm, abs=0.5)
            assert rig.belt.speed_kmh == pytest.approx(speed, abs=0.05) and len(rig.writes()) == writes
            lean = _form(rig)["sensors"][0]["metrics"]["lean_deg"]["value"]
            if oddity is _slip:
                assert lean is None and rig.said("has moved on the body")
            else:
                assert lean is not None

    in_virtual_time(scenario())


def test_the_standing_can_be_learned_again_when_asked() -> None:
    async def scenario() -> None:
        async with Rig(acceleration=True) as rig:
            await _to_walking(rig)
            _slip(rig)
            await rig.seconds(15)
            rig.ask(IntentKind.PAUSE)
            await rig.until(lambda: rig.belt.speed_kmh < 0.1, 60)
            await rig.seconds(8)
            rig.ask(IntentKind.CALIBRATE)
            await rig.seconds(10)
            assert _form(rig)["sensors"][0]["standing_learned"]
            rig.ask(IntentKind.START)
            await rig.at(Phase.WARM_UP, 60)
            await rig.seconds(40)
            lean = _form(rig)["sensors"][0]["metrics"]["lean_deg"]["value"]
            assert lean == pytest.approx(2.5, abs=1.5)

    in_virtual_time(scenario())


def test_a_real_recording_can_be_worn(shared_data: Any) -> None:
    """The simulated strap measures what a real chest did on a belt at 4 km/h."""
    from treadcoach.formats.recording import read_recording

    async def scenario() -> None:
        recording = read_recording(shared_data / "torso_treadmill" / "p2_walk_4kmh.csv.gz")
        async with Rig(acceleration=True) as rig:
            await rig.walk()
            rig.person.source = Replayed(recording.t_s, recording.rows)
            await rig.seconds(40)
            assert rig.coach.latest is not None and rig.coach.latest.cadence_spm is not None
            assert 104 < rig.coach.latest.cadence_spm < 111

    in_virtual_time(scenario())


def test_hostile_packets_break_no_session() -> None:
    async def scenario() -> None:
        mounts = {"movesense": Mount.CHEST}
        async with Rig(acceleration=True, wears=("movesense", "six-axis", "pod"), mounts=mounts) as rig:
            await _to_walking(rig)
            controller, writes = rig.controller, len(rig.writes())
            bad = [b"", b"\x00", bytes(300), b"\xff" * 300, b"\x02" * 40, bytes(range(256))]
            for device in ("strap", "movesense", "six-axis", "pod", "nobody", "treadmill"):
                for characteristic in ("PMD", "IMU6", "OPEN6", "2A53", "2A37", "nothing"):
                    for data in bad:
                        controller.on_frame(rig.now_s, device, characteristic, data)
            await rig.seconds(15)
            assert rig.controller.form is not None, rig.story()[-3:]
            assert rig.phase is Phase.WARM_UP and len(rig.writes()) == writes
            assert rig.coach.latest is not None and rig.coach.latest.cadence_spm is not None

    in_virtual_time(scenario())
