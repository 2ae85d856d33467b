"""Each item of the guidance's part B over the real radio: raised and cued, or said to be unseen.

The runner wears what the test names; form is worsened after the minutes that the baseline is
learned from. The belt's own behaviour is judged where form has a say in it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from tests.support.rig import JOGGER, Rig, in_virtual_time
from treadcoach.core.body import Mount
from treadcoach.core.intents import IntentKind
from treadcoach.core.phases import Phase
from treadcoach.core.sustained import DURATIONS_S
from treadcoach.planning.progression import PastSession
from treadcoach.virtual.motion import Form

RUN = "18 min @ 8.5 km/h"
JOGS = replace(JOGGER, comfortable_jog_kmh=10.5)
LAST_WEEK = (PastSession(date(2026, 11, 11), dict.fromkeys(DURATIONS_S, 9.0), 3000.0),)
WALK = "16 min @ 5 km/h"
LEARNED_S = 500.0
"""Minutes 3 to 8 at a gait, and a little."""


def _set(**values: float) -> Callable[[Form], None]:
    def change(form: Form) -> None:
        for name, value in values.items():
            form.worsen(name, value)

    return change


async def _to_baseline(rig: Rig) -> None:
    """Through the standing, the warm-up and the minutes that count."""
    await rig.at(Phase.READY, 60)
    await rig.seconds(12)
    rig.ask(IntentKind.START)
    await rig.at(Phase.MAIN, 900)
    await rig.seconds(LEARNED_S)


async def _raised(issue: str, change: Callable[[Form], None], workout: str, **rig_options: object) -> Rig:
    """Worsen form; wait until the issue is up; the rig with its story."""
    async with Rig(strap=False, workout=workout, **rig_options) as rig:  # type: ignore[arg-type]
        await _to_baseline(rig)
        before = [finding.issue.id for finding in rig.controller.form.findings(rig.now_s)]
        assert before == [], rig.story()[-5:]
        change(rig.person.form)
        ids: list[str] = []

        def up() -> bool:
            ids[:] = [finding.issue.id for finding in rig.controller.form.findings(rig.now_s)]
            return issue in ids

        await rig.until(up, 150, f"{issue} is raised; up: {ids}")
        await rig.seconds(60)
        assert rig.belt.speed_kmh > 4, "an issue never stops the belt"
        rig.ask(IntentKind.STOP)
        await rig.at(Phase.STOPPED, 60)
        return rig


SEEN = [
    ("B1", _set(lean_deg=-6), RUN, "strap", None),
    ("B2", _set(shock=2.4), RUN, "strap", None),
    ("B2", _set(shock=4), WALK, "strap", None),
    ("B3", _set(cadence=0.93), RUN, "strap", None),
    ("B3", _set(cadence=0.93), RUN, "pod", None),
    ("B4", _set(swivel=1.7), RUN, "movesense@chest", Mount.CHEST),
    ("B5", _set(pelvic_turn=0.4), RUN, "movesense@hip", Mount.HIP),
    ("B6", _set(pelvic_drop=1.8), RUN, "six-axis@hip", Mount.HIP),
    ("B7", _set(pelvic_tilt_deg=18), RUN, "six-axis@hip", Mount.HIP),
    ("B8", _set(asymmetry=0.2), RUN, "strap", None),
    ("B9", _set(rail=1), RUN, "strap", None),
    ("B9", _set(rail=1), WALK, "strap", None),
    ("B11", _set(walking_lean_deg=-6), WALK, "strap", None),
    ("B11", _set(pelvic_turn=0.4), WALK, "movesense@hip", Mount.HIP),
    ("B12", _set(fatigue=1), RUN, "strap", None),
]


@pytest.mark.parametrize(
    ("issue", "change", "workout", "wears", "mount"),
    SEEN,
    ids=[
        f"{issue} {wears} {'walking' if workout is WALK else 'running'}"
        for issue, _, workout, wears, _ in SEEN
    ],
)
def test_an_issue_is_raised_and_cued(
    issue: str, change: Callable[[Form], None], workout: str, wears: str, mount: Mount | None
) -> None:
    mounts = {} if mount is None else {wears.partition("@")[0]: mount}
    options = {"wears": (wears,), "mounts": mounts, "runner": JOGS, "history": LAST_WEEK}
    rig = in_virtual_time(_raised(issue, change, workout, **options))
    found = next(i for i in rig.controller.setup.form.rules.issues if i.id == issue)
    assert any(event.kind == "form" and event.text.startswith(issue) for event in rig.events)
    cues = [event.text for event in rig.events if event.level == "cue"]
    assert any(text.startswith(found.cue) for text in cues), cues
    if found.question:
        assert found.cue.startswith("Are you") and "?" in found.cue
    assert not any(word in " ".join(cues).lower() for word in ("injured", "diagnos", "disease"))


UNSEEN = [
    ("strap", {"B4", "B5", "B6", "B7", "B10"}),
    ("movesense@chest", {"B5", "B6", "B7", "B10"}),
    ("movesense@hip", {"B1", "B4", "B10"}),
    ("six-axis@hip", {"B1", "B4", "B10"}),
    ("pod", {"B1", "B2", "B4", "B5", "B6", "B7", "B8", "B9", "B10", "B11", "B12"}),
]


@pytest.mark.parametrize(("wears", "expected"), UNSEEN, ids=[wears for wears, _ in UNSEEN])
def test_the_product_says_what_a_sensor_cannot_see(wears: str, expected: set[str]) -> None:
    async def scenario() -> None:
        name, _, place = wears.partition("@")
        mounts = {name: Mount(place)} if place else {}
        async with Rig(strap=False, wears=(wears,), mounts=mounts) as rig:
            await rig.at(Phase.READY, 60)
            await rig.seconds(12)
            assert rig.coach.latest is not None and rig.coach.latest.form is not None
            unseen = rig.coach.latest.form["cannot_see"]
            assert isinstance(unseen, list)
            assert {entry["id"] for entry in unseen} == expected
            assert all(entry["why"] for entry in unseen)

    in_virtual_time(scenario())


def test_without_a_sensor_nothing_is_seen_and_that_is_said() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.at(Phase.READY, 60)
            await rig.seconds(2)
            assert rig.coach.latest is not None and rig.coach.latest.form is not None
            unseen = rig.coach.latest.form["cannot_see"]
            assert isinstance(unseen, list) and len(unseen) == 12

    in_virtual_time(scenario())


def test_form_fades_is_cued_offered_eased_and_the_plan_resumes() -> None:
    async def scenario() -> None:
        async with Rig(acceleration=True, workout="26 min @ 8.5 km/h", runner=JOGS, history=LAST_WEEK) as rig:
            await _to_baseline(rig)
            assert rig.belt.speed_kmh == pytest.approx(8.5, abs=0.11)
            rig.person.form.fatigue = 1.0
            await rig.until(lambda: rig.said("Your form is fading"), 200, "the cue")
            await rig.until(lambda: rig.said("shall the belt ease off"), 300, "the offer")
            assert rig.belt.speed_kmh == pytest.approx(8.5, abs=0.11), "nothing happens without a yes"
            rig.ask(IntentKind.ACCEPT)
            await rig.until(lambda: rig.belt.speed_kmh < 8.1, 60, "the easing")
            eased = [
                o.order
                for o in rig.recorder.outputs
                if hasattr(o, "order") and "eased for form" in o.order.reason
            ]
            assert eased and all("accepted by the runner" in order.reason for order in eased)
            assert all({"weekly", "personal"} <= {bound.name for bound in order.bounds} for order in eased)
            rig.person.form.fatigue = 0.0
            await rig.until(lambda: rig.said("form is back: the plan resumes"), 300, "the recovery")
            await rig.until(lambda: rig.belt.speed_kmh > 8.4, 60, "the plan's speed again")
            rig.ask(IntentKind.END_EARLY)
            await rig.at(Phase.DONE, 900)
            from treadcoach.app.form_picture import summary

            found = summary(rig.controller.form)
            assert {"B12"} <= {issue["id"] for issue in found["issues"]}  # type: ignore[attr-defined]
            assert found["exercises"] and found["easings"]
            assert found["learned"]

    in_virtual_time(scenario())


def test_with_leave_to_ease_the_belt_eases_by_itself_and_at_last_ends_the_hard_part() -> None:
    async def scenario() -> None:
        from treadcoach.core.form_rules import EasingMode

        runner = replace(JOGS, form_easing=EasingMode.AUTO)
        async with Rig(
            acceleration=True, workout="40 min @ 8.5 km/h", runner=runner, history=LAST_WEEK
        ) as rig:
            await _to_baseline(rig)
            rig.person.form.fatigue = 1.0  # and it never comes back
            await rig.at(Phase.COOL_DOWN, 1200)
            assert rig.said("The hard part ends here: form")
            words = [event.text for event in rig.events if "goes a little slower" in event.text]
            assert 1 <= len(words) <= 3

    in_virtual_time(scenario())


def test_when_easing_is_off_there_are_cues_alone() -> None:
    async def scenario() -> None:
        from treadcoach.core.form_rules import EasingMode

        runner = replace(JOGS, form_easing=EasingMode.OFF)
        async with Rig(
            acceleration=True, workout="20 min @ 8.5 km/h", runner=runner, history=LAST_WEEK
        ) as rig:
            await _to_baseline(rig)
            rig.person.form.fatigue = 1.0
            await rig.seconds(400)
            assert rig.said("Your form is fading")
            assert not rig.said("shall the belt") and not rig.said("goes a little slower")
            assert rig.belt.speed_kmh == pytest.approx(8.5, abs=0.11)

    in_virtual_time(scenario())


def test_an_offer_that_nobody_takes_lapses_and_a_no_is_a_no() -> None:
    async def scenario() -> None:
        async with Rig(acceleration=True, workout="30 min @ 8.5 km/h", runner=JOGS, history=LAST_WEEK) as rig:
            await _to_baseline(rig)
            rig.ask(IntentKind.ACCEPT)
            await rig.until(lambda: rig.said("no offer to say yes to"), 5)
            rig.person.form.fatigue = 1.0
            await rig.until(lambda: rig.controller.form.cues.offer is not None, 400)
            await rig.until(lambda: rig.controller.form.cues.offer is None, 90, "it lapses")
            rig.ask(IntentKind.ACCEPT)
            await rig.seconds(5)
            assert not rig.said("goes a little slower")
            await rig.until(lambda: rig.controller.form.cues.offer is not None, 400)
            rig.ask(IntentKind.DECLINE)
            await rig.until(lambda: rig.said("Kept as it is"), 5)
            assert rig.controller.form.cues.offer is None

    in_virtual_time(scenario())


def test_a_sensor_that_is_lost_and_returns_never_touches_the_belt() -> None:
    async def scenario() -> None:
        async with Rig(acceleration=True, workout="10 min @ 7 km/h") as rig:
            await rig.at(Phase.READY, 60)
            await rig.seconds(12)
            rig.ask(IntentKind.START)
            await rig.at(Phase.MAIN, 900)
            await rig.seconds(40)
            writes = len(rig.writes())
            speed = rig.belt.speed_kmh
            await rig.strap.silence()
            await rig.until(lambda: rig.said("strap lost"), 60)
            await rig.seconds(20)
            assert rig.coach.latest is not None and rig.coach.latest.cadence_spm is None
            await rig.strap.advertise()
            await rig.until(lambda: rig.coach.latest.cadence_spm is not None, 60, "it is back")  # type: ignore[union-attr]
            assert rig.phase is Phase.MAIN
            assert rig.belt.speed_kmh == pytest.approx(speed, abs=0.05)
            assert len(rig.writes()) == writes
            assert rig.said("learn your standing again")

    in_virtual_time(scenario())


def test_a_fault_in_form_ends_form_and_not_the_session() -> None:
    async def scenario() -> None:
        async with Rig(acceleration=True) as rig:
            await rig.walk()
            sensor = rig.controller.form.sensors["strap"]

            def broken(*_: object, **__: object) -> list[object]:
                raise ZeroDivisionError("a test's own")

            sensor.on_frame = broken
            await rig.until(lambda: rig.said("form is not watched any more"), 10)
            assert rig.controller.form is None
            await rig.seconds(20)
            assert rig.phase is Phase.WARM_UP and rig.belt.speed_kmh > 3
            assert rig.coach.latest is not None and rig.coach.latest.form is None

    in_virtual_time(scenario())


def test_several_sensors_at_once_see_more_together() -> None:
    async def scenario() -> None:
        mounts = {"movesense": Mount.CHEST, "six-axis": Mount.HIP}
        async with Rig(acceleration=True, wears=("movesense", "six-axis", "pod"), mounts=mounts) as rig:
            await rig.at(Phase.READY, 60)
            await rig.seconds(15)
            form = rig.coach.latest.form  # type: ignore[union-attr]
            assert form is not None
            assert {entry["id"] for entry in form["cannot_see"]} == {"B10"}  # type: ignore[attr-defined]
            assert len(form["sensors"]) == 4  # type: ignore[arg-type]
            await asyncio.sleep(0)

    in_virtual_time(scenario())


def test_two_sensors_of_which_nobody_said_where_are_told_apart_by_their_shocks() -> None:
    async def scenario() -> None:
        async with Rig(
            strap=False, wears=("movesense@chest", "six-axis@hip"), workout="5 min @ 7 km/h"
        ) as rig:
            # A chest gets less of a shock than a hip does.
            chest = rig.worn["movesense"]
            whole = chest.runner.motion

            def softer(end_s: float, rate: float, count: int, mount: Mount) -> object:
                acceleration, turns = whole(end_s, rate, count, mount)
                if mount is Mount.CHEST:
                    acceleration = 0.6 * acceleration + 0.4 * acceleration.mean(axis=0)
                return acceleration, turns

            class Softer:
                def __getattr__(self, name: str) -> object:
                    return softer if name == "motion" else getattr(rig.person, name)

            chest.runner = Softer()
            await rig.start()
            await rig.at(Phase.MAIN, 900)
            await rig.seconds(60)
            sensors = rig.controller.form.sensors
            assert sensors["movesense"].kind.mount is Mount.CHEST
            assert sensors["six-axis"].kind.mount is Mount.HIP
            assert any("by its shocks" in event.text for event in rig.events)

    in_virtual_time(scenario())
