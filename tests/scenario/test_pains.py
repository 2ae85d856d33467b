"""What hurts users of other programs: each pain that concerns the controller is a test named after it."""

import io
from dataclasses import replace
from datetime import date

import pytest

from tests.support.direct import Direct
from tests.support.rig import JOGGER, RULES, Rig, in_virtual_time, make_setup
from treadcoach.core.distance import DistanceCounter
from treadcoach.core.intents import IntentKind
from treadcoach.core.machine import Machine
from treadcoach.core.phases import Phase
from treadcoach.core.samples import InclineRange, SpeedRange
from treadcoach.virtual.belt import BeltState, Key, MachineModel
from treadcoach.virtual.faults import Faults


def test_pain_01_a_belt_that_changes_speed_by_itself_is_stopped() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.walk()
            rig.faults.runaway_to_kmh = 18.0
            began = rig.now_s
            await rig.until(lambda: bool(rig.stops()), 10)
            assert rig.now_s - began < 5
            assert rig.belt.speed_kmh < 9
            assert rig.said("faster than ordered")
            assert rig.said("safety key")

    in_virtual_time(scenario())


@pytest.mark.parametrize("faults", [{"takes_mph": True}, {"runaway_to_kmh": 18.0}, {"reversed": True}])
def test_pain_01_a_belt_that_reports_each_speed_as_a_target_is_no_hand(
    faults: dict[str, object],
) -> None:
    direct = Direct(workout="2 min @ 5 km/h + 2 min @ 8 km/h")
    direct.begin()
    direct.run_to(Phase.MAIN)
    direct.pass_time(20)
    direct.belt.faults.echo_braking = True
    for name, value in faults.items():
        setattr(direct.belt.faults, name, value)
    direct.ask(IntentKind.SLOWER if "reversed" in faults else IntentKind.FASTER, 0.5)
    began = direct.now_s
    while not direct.stops and direct.now_s < began + 60:
        direct.pass_time(0.5)
    assert direct.stops, direct.events[-5:]
    assert direct.stops[0] - began < 30
    assert not any("at the console" in text for text in direct.events)
    assert direct.violations == []


def test_pain_02_stop_is_never_ignored() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.walk()
            rig.faults.silent |= {0x02, 0x03}
            rig.ask(IntentKind.FASTER, 0.5)
            await rig.seconds(2)
            rig.ask(IntentKind.STOP)
            await rig.at(Phase.STOPPED, 20)
            assert rig.belt.speed_kmh <= 0.1 + 1e-9

    in_virtual_time(scenario())


def test_pain_03_the_belt_does_not_start_on_connect_or_after_a_console_reboot() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.at(Phase.READY)
            await rig.seconds(30)
            rig.mill.cut_radio()
            await rig.seconds(30)
            await rig.mill.send_raw(0x2ADA, b"\x01")
            await rig.seconds(60)
            assert rig.writes() == []
            assert rig.belt.true_distance_m == 0

    in_virtual_time(scenario())


def test_pain_03_a_machine_that_starts_by_itself_on_connect_is_not_driven() -> None:
    async def scenario() -> None:
        async with Rig(strap=False, faults=Faults(starts_on_connect=True)) as rig:
            await rig.at(Phase.READY)
            await rig.seconds(60)
            assert rig.writes() == [], "nobody released the belt: it is only watched"

    in_virtual_time(scenario())


def test_pain_04_mph_firmware_is_noticed_and_the_belt_stopped() -> None:
    async def scenario() -> None:
        async with Rig(strap=False, faults=Faults(takes_mph=True)) as rig:
            await rig.start()
            await rig.until(lambda: len(rig.stops()) > 0, 60)
            assert rig.said("miles per hour")
            assert rig.belt.speed_kmh < 4

    in_virtual_time(scenario())


def test_pain_04_mph_firmware_is_driven_right_when_the_owner_says_so() -> None:
    async def scenario() -> None:
        async with Rig(strap=False, faults=Faults(takes_mph=True), takes_mph=True) as rig:
            await rig.walk()
            rig.ask(IntentKind.SLOWER, 1.0)
            await rig.seconds(20)
            assert rig.belt.speed_kmh == pytest.approx(3.0, abs=0.1)
            assert rig.stops() == []

    in_virtual_time(scenario())


def test_pain_05_plus_and_minus_do_what_they_say_and_a_slow_belt_is_not_chased() -> None:
    async def scenario() -> None:
        slow = MachineModel(acceleration_kmh_per_s=0.05)
        async with Rig(strap=False, model=slow) as rig:
            await rig.start()
            await rig.at(Phase.WARM_UP, 60)
            for _ in range(120):
                await rig.seconds(0.5)
                ordered = rig.controller.gate.ordered_speed_ckmh
                assert ordered / 100 <= max(rig.belt.speed_kmh, 0.8) + 1.2, "further ahead than the lead"
            speed = rig.belt.speed_kmh
            rig.ask(IntentKind.SLOWER, 2.0)
            await rig.seconds(15)
            assert rig.belt.speed_kmh < speed + 0.2

    in_virtual_time(scenario())


@pytest.mark.parametrize("faults", [Faults(), Faults(silent={0x00}, result={})])
def test_pain_06_control_is_requested_once_and_a_silent_machine_still_runs(faults: Faults) -> None:
    async def scenario() -> None:
        async with Rig(strap=False, faults=faults) as rig:
            await rig.at(Phase.READY)
            if 0x00 in faults.silent:
                await rig.seconds(2)
                rig.belt.controller = rig.mill.connections[0]
            await rig.start()
            await rig.at(Phase.WARM_UP, 60)
            await rig.seconds(30)
            assert len(rig.writes(0x00)) == 1

    in_virtual_time(scenario())


def test_pain_06_refused_control_is_explained() -> None:
    async def scenario() -> None:
        async with Rig(strap=False, faults=Faults(result={0x00: 5})) as rig:
            await rig.start()
            await rig.seconds(3)
            assert rig.said("the machine refuses control")
            assert rig.writes(0x07) == []
            assert not rig.controller.gate.is_open

    in_virtual_time(scenario())


def test_pain_07_a_machine_that_must_be_started_at_its_console() -> None:
    async def scenario() -> None:
        async with Rig(strap=False, faults=Faults(needs_console_start=True)) as rig:
            await rig.start()
            await rig.seconds(3)
            assert rig.said("Press Start on its console")
            assert rig.belt.true_distance_m == 0
            rig.mill.press(Key.START)
            await rig.at(Phase.WARM_UP, 30)
            await rig.until(lambda: rig.belt.speed_kmh > 3.5, 60)
            assert rig.stops() == []

    in_virtual_time(scenario())


def test_pain_07_nobody_presses_start_at_the_console() -> None:
    async def scenario() -> None:
        async with Rig(strap=False, faults=Faults(needs_console_start=True)) as rig:
            await rig.start()
            await rig.at(Phase.ARMED)
            await rig.at(Phase.READY, 120)
            assert not rig.controller.gate.is_open
            assert rig.said("did not start")

    in_virtual_time(scenario())


def test_pain_07_stop_at_the_console_during_the_countdown_ends_the_start() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.start()
            await rig.seconds(1.5)
            rig.mill.press(Key.STOP)
            await rig.seconds(1)
            assert rig.phase is Phase.READY
            assert not rig.controller.gate.is_open
            await rig.seconds(60)
            assert rig.belt.true_distance_m == 0

    in_virtual_time(scenario())


def test_pain_08_firmware_that_ignores_speed_is_noticed_and_stopped() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.walk()
            await rig.seconds(20)
            rig.faults.answered_but_ignored |= {0x02}
            rig.ask(IntentKind.FASTER, 1.0)
            await rig.until(lambda: bool(rig.stops()), 90)
            assert rig.said("does not follow")

    in_virtual_time(scenario())


@pytest.mark.parametrize("amount", [1e9, float("inf"), 30.0])
def test_pain_09_a_nonsense_target_is_not_passed_on(amount: float) -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.walk()
            rig.ask(IntentKind.FASTER, amount)
            await rig.seconds(60)
            speeds = [int.from_bytes(data[1:], "little") for _, data in rig.writes(0x02)]
            assert max(speeds) <= 500, "a warm-up is no faster than comfortable walking"

    in_virtual_time(scenario())


def test_pain_10_the_runners_own_change_is_kept() -> None:
    async def scenario() -> None:
        async with Rig(strap=False, workout="5 min @ 5.5 km/h") as rig:
            await rig.to_phase(Phase.MAIN)
            await rig.seconds(20)
            rig.mill.set_by_hand(4.5)
            await rig.seconds(30)
            assert rig.belt.target_kmh == pytest.approx(4.5, abs=0.11)
            assert rig.said("You set 4.5 km/h at the console")
            assert rig.stops() == []

    in_virtual_time(scenario())


def test_pain_10_a_silent_console_slowing_down_is_kept_too() -> None:
    async def scenario() -> None:
        async with Rig(strap=False, workout="5 min @ 5.5 km/h", faults=Faults(silent_console=True)) as rig:
            await rig.to_phase(Phase.MAIN)
            await rig.seconds(30)
            rig.mill.set_by_hand(4.0)
            await rig.seconds(40)
            assert rig.belt.target_kmh <= 4.2
            assert rig.stops() == []

    in_virtual_time(scenario())


def test_pain_10_a_hand_above_the_ceiling_is_let_go_and_said() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.to_phase(Phase.MAIN)
            await rig.seconds(20)
            rig.mill.set_by_hand(11.0)
            await rig.seconds(1)
            seen = len(rig.belt.writes)
            await rig.seconds(120)
            assert len(rig.belt.writes) == seen, "the controller fought the runner"
            assert rig.said("above the ceiling")
            assert not rig.controller.gate.is_open
            rig.ask(IntentKind.START)
            await rig.seconds(60)
            assert rig.belt.speed_kmh <= 8.6, "handed back, it comes down to the ceiling"

    in_virtual_time(scenario())


def test_pain_11_a_pulse_ceiling_eases_without_overshoot_and_never_speeds_up() -> None:
    async def scenario() -> None:
        runner = replace(JOGGER, pulse_ceiling_bpm=120)
        async with Rig(runner=runner, workout="15 min @ 8 km/h") as rig:
            await rig.to_phase(Phase.MAIN)
            wished = []
            highest = 0.0
            for _ in range(12 * 60):
                await rig.seconds(1)
                wished.append(rig.controller.gate.ordered_speed_ckmh)
                highest = max(highest, rig.person.pulse_bpm)
            assert highest < 132
            assert rig.person.pulse_bpm < 124
            assert max(wished) <= 800
            assert any("pulse" in d for d in (rig.controller.last_change,)) or min(wished[200:]) < 800

    in_virtual_time(scenario())


def test_pain_12_a_frozen_pulse_is_not_believed() -> None:
    async def scenario() -> None:
        runner = replace(JOGGER, pulse_ceiling_bpm=150)
        async with Rig(runner=runner, workout="15 min @ 8 km/h") as rig:
            await rig.to_phase(Phase.MAIN)
            await rig.seconds(60)
            rig.strap.frozen_bpm = 111
            await rig.seconds(75)
            assert rig.coach.latest is not None
            assert rig.coach.latest.heart_rate_bpm is None
            assert "frozen" in (rig.coach.latest.heart_rate_doubt or "")
            await rig.seconds(120)
            assert rig.belt.speed_kmh <= 5.1, "after a minute without a pulse only walking"

    in_virtual_time(scenario())


def test_pain_13_off_does_not_drive_the_belt() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.walk()
            rig.ask(IntentKind.STOP)
            await rig.at(Phase.STOPPED, 30)
            seen = len(rig.belt.writes)
            for kind in (IntentKind.FASTER, IntentKind.START, IntentKind.SKIP):
                rig.coach._feed("intent", kind.value, b'{"source": "x", "amount": 1}')
            await rig.seconds(60)
            assert len(rig.belt.writes) == seen

    in_virtual_time(scenario())


def test_pain_14_a_segment_is_at_its_speed_when_it_starts() -> None:
    direct = Direct(workout="6 x (2 min @ 5.5 km/h + 2 min @ 8 km/h)", setup={"history": ()})
    direct.begin()
    late = []
    step = -1
    direct.run_to(Phase.MAIN)
    while direct.controller.session.phase is Phase.MAIN:
        direct.pass_time(0.5)
        session = direct.controller.session
        if session.progress.step_at != step:
            step = session.progress.step_at
            if session.progress.step is not None and step > 3:
                late.append(abs(direct.belt.speed_kmh - session.progress.step.speed_kmh))
    assert len(late) >= 6
    assert max(late[2:]) <= 0.3, late


def test_pain_15_coarse_steps_are_rounded_down_inside_the_ceiling() -> None:
    coarse = MachineModel(speed_range=SpeedRange(1.0, 16.0, 0.5))
    direct = Direct(coarse, workout="5 min @ 8.4 km/h")
    direct.begin()
    direct.run_to(Phase.COOL_DOWN)
    assert {value % 50 for _, value in direct.speed_orders} == {0}
    assert max(value for _, value in direct.speed_orders) in (700, 750, 800)
    assert direct.violations == []


@pytest.mark.parametrize(
    "incline",
    [InclineRange(0.0, 0.0, 0.0), None, InclineRange(0.0, 12.0, 1.0), InclineRange(-3.0, 15.0, 0.5)],
)
def test_pain_16_inclines_of_every_kind(incline: InclineRange | None) -> None:
    direct = Direct(MachineModel(incline_range=incline), workout="5 min @ 5 km/h, 4 %")
    direct.begin()
    direct.run_to(Phase.MAIN)
    direct.pass_time(90)
    if incline is None or incline.max_incline_percent == 0:
        assert direct.belt.target_percent == 0
    else:
        assert direct.belt.target_percent == 4.0
    assert direct.violations == []


def test_pain_17_distance_survives_resets_pauses_and_gaps() -> None:
    counter = DistanceCounter()
    now, machine, true = 0.0, 0.0, 0.0
    for second in range(3600):
        now += 1
        speed = 8.0 + (second % 60) / 60
        if 600 <= second < 700:
            speed = 0.0
        true += speed / 3.6
        machine += speed / 3.6
        if second in (900, 2000):
            machine = 0.0
        missing = 1500 <= second < 1540
        counter.update(now, speed, None if missing else int(machine))
    assert counter.total_m == pytest.approx(true, rel=0.001)


def test_pain_18_a_sensors_speed_never_enters_control() -> None:
    direct = Direct()
    direct.begin()
    direct.run_to(Phase.MAIN)
    before = list(direct.speed_orders)
    for _ in range(50):
        direct.frame("2A53", bytes.fromhex("07ffffff89ff04030201"), "strap")
        direct.pass_time(0.5)
    calm = Direct()
    calm.begin()
    calm.run_to(Phase.MAIN)
    calm.pass_time(25.0)
    assert direct.speed_orders[len(before) :] == calm.speed_orders[len(before) :]


def test_pain_19_paused_time_does_not_count_and_stop_does_not_start() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.to_phase(Phase.MAIN)
            await rig.seconds(10)
            rig.ask(IntentKind.PAUSE)
            await rig.at(Phase.PAUSED)
            await rig.seconds(15)
            belt_time = rig.controller.session.progress.belt_time_s
            distance = rig.coach.latest.distance_m if rig.coach.latest else 0
            await rig.seconds(120)
            assert rig.controller.session.progress.belt_time_s == belt_time
            assert rig.coach.latest is not None and rig.coach.latest.distance_m == distance
            rig.ask(IntentKind.STOP)
            await rig.at(Phase.STOPPED, 30)
            assert rig.belt.state is BeltState.STANDBY

    in_virtual_time(scenario())


def test_pain_19_a_pause_goes_on_where_it_was() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.to_phase(Phase.MAIN)
            await rig.seconds(10)
            rig.ask(IntentKind.PAUSE)
            await rig.seconds(30)
            assert rig.belt.speed_kmh <= 0.1 + 1e-9
            await rig.seconds(30)
            rig.ask(IntentKind.START)
            await rig.at(Phase.MAIN, 60)
            await rig.at(Phase.DONE)
            share = rig.controller.session.progress.cool_down_s / rig.controller.session.progress.belt_time_s
            assert 0.10 <= share <= 0.15

    in_virtual_time(scenario())


def test_pain_19_a_stop_at_the_console_latches_until_a_person_starts_again() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.to_phase(Phase.MAIN)
            rig.mill.press(Key.STOP)
            await rig.at(Phase.PAUSED, 5)
            assert not rig.controller.gate.is_open
            await rig.seconds(2)
            rig.ask(IntentKind.START)
            await rig.seconds(1)
            assert rig.said("still stopping")
            await rig.seconds(60)
            assert {data for _, data in rig.writes()[-3:]} <= {b"\x00", b"\x08\x01"} | {
                data for _, data in rig.writes(0x02)[-2:]
            }
            assert rig.belt.state is BeltState.STANDBY
            rig.ask(IntentKind.START)
            await rig.at(Phase.MAIN, 60)

    in_virtual_time(scenario())


def test_pain_19_the_safety_key_ends_the_session() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.to_phase(Phase.MAIN)
            rig.mill.press(Key.SAFETY_KEY)
            await rig.at(Phase.STOPPED, 30)
            assert rig.said("safety key was pulled")

    in_virtual_time(scenario())


def test_pain_20_a_link_lost_mid_run_is_explained_and_never_restarts() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.to_phase(Phase.MAIN)
            await rig.mill.silence()
            await rig.at(Phase.LINK_LOST, 10)
            assert rig.said("pull the safety key")
            target = rig.belt.target_kmh
            seen = len(rig.belt.writes)
            await rig.mill.advertise()
            await rig.at(Phase.PAUSED, 30)
            await rig.seconds(10)
            assert len(rig.belt.writes) == seen and rig.belt.target_kmh == target
            rig.ask(IntentKind.START)
            await rig.at(Phase.MAIN, 20)
            assert rig.writes(0x07)[-1][0] < rig.now_s - 20, "a moving belt is taken over, not started"
            await rig.at(Phase.DONE)

    in_virtual_time(scenario())


def test_pain_20_a_moving_belt_that_nobody_takes_back_is_stopped() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.to_phase(Phase.MAIN)
            await rig.mill.silence()
            await rig.at(Phase.LINK_LOST, 10)
            await rig.mill.advertise()
            await rig.at(Phase.PAUSED, 30)
            await rig.at(Phase.STOPPED, 60)
            assert rig.belt.speed_kmh <= 0.1 + 1e-9

    in_virtual_time(scenario())


def test_pain_21_nothing_waits_for_ever() -> None:
    async def scenario() -> None:
        faults = Faults(silent=set(range(0x09)))
        async with Rig(strap=False, faults=faults) as rig:
            await rig.start()
            await rig.seconds(200)
            assert rig.phase in (Phase.READY, Phase.PAUSED, Phase.LINK_LOST, Phase.ARMED)
            began = rig.now_s
            rig.ask(IntentKind.STOP)
            await rig.until(rig.task.done, 60)
            assert rig.now_s - began < 60

    in_virtual_time(scenario())


def test_pain_22_cadence_is_of_both_feet() -> None:
    async def scenario() -> None:
        async with Rig() as rig:
            await rig.walk()
            await rig.seconds(20)
            assert rig.coach.latest is not None and rig.coach.latest.cadence_spm is not None
            assert abs(rig.coach.latest.cadence_spm - rig.person.cadence_spm) <= 2

    in_virtual_time(scenario())


def test_pain_24_a_personal_maximum_is_a_lock() -> None:
    runner = replace(JOGGER, max_speed_kmh=6.0)
    direct = Direct(runner=runner, workout="5 min @ 8 km/h")
    direct.begin()
    direct.run_to(Phase.MAIN)
    for _ in range(20):
        direct.ask(IntentKind.FASTER, 1.0)
        direct.pass_time(5)
    assert max(value for _, value in direct.speed_orders) == 600
    assert any("your own maximum" in note for note in direct.plan.timeline.notes)


def test_the_rules_file_is_what_the_tests_use() -> None:
    setup = make_setup(Machine("a", "b"), today=date(2026, 1, 7))
    assert setup.rules == RULES


def test_a_hostile_name_breaks_no_screen() -> None:
    from rich.console import Console

    from treadcoach.cli.live import LiveScreen
    from treadcoach.core.units import SpeedUnit

    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.walk()
            assert rig.coach.latest is not None
            for name in ("[/red]", "[bold", "a\\[b]"):
                console = Console(width=80, file=io.StringIO())
                screen = LiveScreen(SpeedUnit.KMH, console)
                screen.show(replace(rig.coach.latest, machine=name))
                console.print(screen.render())

    in_virtual_time(scenario())


def test_frames_whose_fields_vary_and_split_records_keep_the_speed_current() -> None:
    for model in (MachineModel(split_records=True), MachineModel(sends_distance=False)):
        direct = Direct(model)
        direct.begin()
        direct.run_to(Phase.DONE)
        assert direct.violations == []
        covered = direct.controller.sensors.belt(direct.now_s).distance_m
        assert covered == pytest.approx(direct.belt.true_distance_m, rel=0.02)
    direct = Direct()
    direct.belt.faults.no_data = True
    direct.link(True)
    direct.frame("2ACD", bytes(4))
    for speed in range(100, 900, 100):
        direct.pass_time(1.0)
        with_incline = (8).to_bytes(2, "little") + speed.to_bytes(2, "little") + b"\x0a\x00\x00\x00"
        without = bytes(2) + (speed + 50).to_bytes(2, "little")
        direct.frame("2ACD", with_incline)
        assert direct.controller.sensors.speed_kmh == speed / 100
        direct.pass_time(1.0)
        direct.frame("2ACD", without)
        assert direct.controller.sensors.speed_kmh == (speed + 50) / 100
        assert direct.controller.sensors.incline.percent == 1.0


def test_the_pulse_comes_from_the_treadmill_where_there_is_no_strap() -> None:
    direct = Direct()
    direct.link(True)
    frame = bytes.fromhex("0001f40178")
    direct.frame("2ACD", frame)
    sensors = direct.controller.sensors
    assert sensors.heart.trusted_bpm(direct.now_s) == 120
    direct.frame("2A37", bytes((0x06, 99)), "strap")
    assert sensors.heart.trusted_bpm(direct.now_s) == 99, "the strap goes before the machine"
    direct.frame("2A37", bytes((0x04, 99)), "strap")
    assert sensors.heart.trusted_bpm(direct.now_s) is None, "no contact, no pulse"


def test_a_machine_that_reports_its_target_is_run_through() -> None:
    direct = Direct(MachineModel(reports_target=True, acceleration_kmh_per_s=0.3))
    direct.begin()
    direct.run_to(Phase.DONE)
    assert direct.violations == []
    assert not any("alarm" in text.lower() for text in direct.events)
