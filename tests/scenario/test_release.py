"""What binds the day is asked again when a person presses start."""

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.test_practice_serve import Page, until
from tests.support.ports import free_port
from tests.support.processes import Process, Sim
from tests.support.rig import JOGGER, RULES, Rig, in_virtual_time, make_setup
from treadcoach.app import release as releases
from treadcoach.app.journaling import JournalRecorder
from treadcoach.app.outputs import SampleRow
from treadcoach.app.release import Release, in_time
from treadcoach.app.replay import replay
from treadcoach.app.setup import Setup
from treadcoach.app.setup_builder import Intended, SetupBuilder
from treadcoach.app.socket import CoachSocket
from treadcoach.app.training import make_training
from treadcoach.core.checkin import CheckIn, Moment, Sign
from treadcoach.core.errors import InputError, NoSessionToday, StoreError
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.machine import Machine
from treadcoach.core.phases import Phase
from treadcoach.core.runner import Runner
from treadcoach.core.workout import parse_workout
from treadcoach.store import history
from treadcoach.store.journal import Journal
from treadcoach.store.opening import open_engine

TODAY = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def asked_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In virtual time no thread is waited for: a loop that skips would be hours on."""
    if "real_time" in request.keywords:
        return

    async def at_once(work: Callable[[], Any], within_s: float) -> Any:
        await asyncio.sleep(0.2)
        return work()

    monkeypatch.setattr(releases, "in_time", at_once)


def start(release: Release) -> asyncio.Task[str | None]:
    asked = release.request(Intent(IntentKind.START, "test"))
    assert asked is not None
    return asked


async def ready(rig: Rig) -> None:
    await rig.at(Phase.READY, 60)
    await rig.until(lambda: rig.controller.sensors.speed_kmh is not None, 30)


def test_nothing_changed_the_belt_is_released_as_prepared() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await ready(rig)
            prepared = rig.controller
            assert await start(Release(rig.coach, make_setup)) is None
            assert rig.phase is Phase.ARMED and rig.controller is prepared
            assert not rig.recorder.setups

    in_virtual_time(scenario())


HILL = "10 min @ 6 km/h, 6 %"
TIGHTER = {
    "an own maximum": replace(JOGGER, max_speed_kmh=5.0),
    "an aching back": replace(JOGGER, aching_back=True),
    "a pulse ceiling": replace(JOGGER, pulse_ceiling_bpm=110),
    "a maximum incline": replace(JOGGER, max_incline_percent=1.0),
}


@pytest.mark.parametrize("what", TIGHTER)
@pytest.mark.parametrize("strap", [False, True])
def test_what_was_set_since_it_was_prepared_binds(what: str, strap: bool) -> None:
    runner: Runner = TIGHTER[what]

    async def scenario() -> None:
        async with Rig(strap=strap, workout=HILL) as rig:
            await ready(rig)
            await rig.seconds(30)

            def renew(machine: Machine) -> Setup:
                return make_setup(machine, runner=runner, workout=HILL)

            assert await start(Release(rig.coach, renew)) is None
            assert rig.controller.setup.runner == runner and len(rig.recorder.setups) == 1
            assert rig.said("uses the new ones")
            await rig.at(Phase.WARM_UP, 60)
            await rig.seconds(600)
            assert rig.phase in (Phase.MAIN, Phase.COOL_DOWN)
            rows = [row for row in rig.recorder.outputs if isinstance(row, SampleRow)]
            fastest = max(row.ordered_kmh or 0.0 for row in rows)
            steepest = max(row.ordered_percent or 0.0 for row in rows)
            if what == "an own maximum":
                assert 4.0 < fastest <= 5.0
            assert steepest <= {"an aching back": 2.0, "a maximum incline": 1.0}.get(what, 6.0)
            if what == "an own maximum":
                assert steepest == 6.0, "else nothing is shown by the others"
            if strap:
                assert rig.controller.sensors.heart.trusted_bpm(rig.now_s) is not None

    in_virtual_time(scenario())


@pytest.mark.parametrize(
    "error",
    [
        NoSessionToday("No session today. It hurts."),
        StoreError("the store does not answer within 5 s"),
        InputError("--today", "no session today", "another day"),
        KeyError("a fault"),
    ],
)
def test_a_day_without_a_session_or_a_store_that_fails_starts_no_belt(error: Exception) -> None:
    def renew(machine: Machine) -> Setup:
        raise error

    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await ready(rig)
            refused = await start(Release(rig.coach, renew))
            assert refused is not None and str(error).strip("'") in refused
            assert rig.said("Not started:")
            await rig.seconds(20)
            assert rig.phase is Phase.READY and not rig.drives and not rig.writes(0x07)
            assert not rig.coach.released

    in_virtual_time(scenario())


@pytest.mark.parametrize("kind", [IntentKind.STOP, IntentKind.PAUSE, IntentKind.UNWELL, IntentKind.NOT_RIGHT])
def test_a_stop_while_it_is_asked_calls_the_start_off(kind: IntentKind) -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await ready(rig)
            release = Release(rig.coach, make_setup)
            asked = start(release)
            assert release.request(Intent(IntentKind.START, "again")) is asked, "one question at a time"
            await rig.seconds(0.1)
            assert release.request(Intent(kind, "test")) is None
            await asyncio.gather(asked, return_exceptions=True)
            assert asked.cancelled()
            await rig.seconds(10)
            assert not rig.coach.released and not rig.writes(0x07)

    in_virtual_time(scenario())


@pytest.mark.parametrize("kind", ["stop", "pause", "unwell"])
def test_another_terminal_calls_the_start_off_as_well(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "coach.sock"

    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await ready(rig)
            release = Release(rig.coach, make_setup)
            socket = CoachSocket(rig.coach, path, request=release.request)
            await socket.open()
            asked = start(release)
            await rig.seconds(0.1)
            reader, writer = await asyncio.open_unix_connection(str(path))
            writer.write(f'{{"type": "intent", "kind": "{kind}", "source": "x"}}\n'.encode())
            await reader.readline()
            writer.close()
            await asyncio.gather(asked, return_exceptions=True)
            assert asked.cancelled()
            await rig.seconds(10)
            assert not rig.coach.released and not rig.writes(0x07)
            await socket.close()

    in_virtual_time(scenario())


def test_a_link_lost_while_it_is_asked_starts_no_belt() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await ready(rig)
            asked = start(Release(rig.coach, make_setup))
            rig.mill.cut_radio()
            await rig.until(lambda: rig.phase is not Phase.READY, 10)
            assert "means nothing" in str(await asked)
            assert not rig.coach.released

    in_virtual_time(scenario())


def test_all_else_passes_at_once_and_a_resume_is_not_asked_about() -> None:
    def renew(machine: Machine) -> Setup:
        raise AssertionError("asked")

    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await rig.walk()
            release = Release(rig.coach, renew)
            assert release.request(Intent(IntentKind.PAUSE, "test")) is None
            assert rig.phase is Phase.PAUSED
            await rig.until(lambda: rig.belt.speed_kmh == 0, 60)
            await rig.seconds(5)
            assert release.request(Intent(IntentKind.START, "test")) is None
            assert rig.phase is Phase.ARMED
            assert release.request(Intent(IntentKind.STOP, "test")) is None
            assert rig.phase is Phase.STOPPING

    in_virtual_time(scenario())


def test_after_a_release_no_setup_is_replaced() -> None:
    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            with pytest.raises(InputError):
                rig.coach.replace_setup(make_setup(Machine("a", "m")))
            await rig.to_phase(Phase.ARMED)
            with pytest.raises(InputError):
                rig.coach.replace_setup(rig.controller.setup)
            # Back to ready, with a belt that was released once: what changed cannot be taken in any more.
            await rig.mill.send_raw(0x2ADA, bytes([0x02, 0x01]))
            await rig.at(Phase.READY, 10)
            with pytest.raises(InputError):
                rig.coach.replace_setup(rig.controller.setup)
            tighter = replace(JOGGER, max_speed_kmh=5.0)
            refused = await start(Release(rig.coach, lambda machine: make_setup(machine, runner=tighter)))
            assert "prepare another" in str(refused)

    in_virtual_time(scenario())


def test_a_session_with_a_replaced_setup_replays(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "j.db")
    journal = Journal(engine, "me", "mill", "F0", inline=True)
    tighter = replace(JOGGER, max_speed_kmh=5.2)

    async def scenario() -> None:
        async with Rig(recorder=JournalRecorder(journal), acceleration=True) as rig:
            await ready(rig)
            await rig.seconds(20)
            release = Release(rig.coach, lambda machine: make_setup(machine, runner=tighter))
            assert await start(release) is None
            await rig.at(Phase.DONE)
            await asyncio.wait_for(rig.task, 20)

    in_virtual_time(scenario())
    assert journal.session_id is not None
    assert history.setup_of(engine, journal.session_id)[0]["runner"]["max_speed_kmh"] == 5.2
    outcome = replay(engine, journal.session_id)
    assert outcome.differences == () and outcome.orders > 10
    engine.dispose()


# -- by check-ins, history and the day -----------------------------------------------------


def test_a_check_in_and_midnight_bind_a_prepared_session(tmp_path: Path) -> None:
    """Said yesterday, rest until the day after tomorrow: prepared on a day that allowed it."""
    engine = open_engine(tmp_path / "j.db")
    day = [TODAY]

    def builder(runner: Runner = JOGGER) -> SetupBuilder:
        training = make_training(engine, runner, RULES, tmp_path)
        intended = Intended(parse_workout("5 min @ 8 km/h"))
        return SetupBuilder(training, intended, today=lambda: day[0])

    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            await ready(rig)
            rig.coach.replace_setup(builder()(rig.controller.setup.machine))
            await ready(rig)
            release = Release(rig.coach, builder())
            training = make_training(engine, JOGGER, RULES, tmp_path)
            tomorrow = TODAY + timedelta(days=1)
            training.say(CheckIn(tomorrow, Moment.BEFORE, 8, None, frozenset({Sign.RADIATING})))
            asked = start(release)
            release.request(Intent(IntentKind.PAUSE, "not yet"))
            await asyncio.gather(asked, return_exceptions=True)
            day[0] = tomorrow
            assert "No session today" in str(await start(release))
            assert rig.phase is Phase.READY and not rig.drives
            day[0] = TODAY
            assert "No session today" in str(await start(release)), "a clock that goes back forgets nothing"

    in_virtual_time(scenario())
    engine.dispose()


# -- threads, deadlines and processes, against the wall clock ------------------------------


@pytest.mark.real_time
def test_a_store_that_hangs_is_not_waited_for_and_holds_up_no_tick() -> None:
    goes_on = threading.Event()

    async def scenario() -> None:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        ticking = asyncio.create_task(tick())
        began = time.monotonic()
        with pytest.raises(StoreError, match="does not answer within"):
            await in_time(lambda: goes_on.wait(20), 0.3)
        assert 0.25 < time.monotonic() - began < 3 and ticks > 5
        goes_on.set()
        assert await in_time(lambda: 5, 5.0) == 5
        with pytest.raises(KeyError):
            await in_time(lambda: {}["no"], 5.0)
        ticking.cancel()

    asyncio.run(scenario())


class Owner(Page):
    """A page on this computer, which may change settings; and what it is refused."""

    def patch(self, path: str, **body: object) -> None:
        urllib.request.urlopen(self._request("PATCH", path, body), timeout=10).close()

    def refused(self, path: str, **body: object) -> str:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(self._request("POST", path, body), timeout=10)
        with refused.value as answer:
            return str(json.load(answer)["detail"])

    def _request(self, method: str, path: str, body: dict[str, object]) -> urllib.request.Request:
        return urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{path}",
            json.dumps(body).encode(),
            {"content-type": "application/json"},
            method=method,
        )


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Owner]:
    monkeypatch.setenv("TREADCOACH_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    walk_and_jog = 'comfortable_walk = "5 km/h"\ncomfortable_jog = "8 km/h"\n'
    (tmp_path / "config.toml").write_text(f'[runner]\nname = "bob"\n{walk_and_jog}')
    sim = Sim(tmp_path / "sim.log", "sim", "--speed-up", "20")
    sim.wait_for("treadcoach run")
    port = free_port()
    serve = Process(tmp_path / "serve.log", "serve", "--port", str(port))
    serve.wait_for("emergency stop")
    page = Owner(port)
    until(lambda: page.get("state")["state"] == "idle", "a house")
    yield page
    serve.end()
    sim.end()


def prepare(page: Page) -> None:
    page.post("session", workout="5 min @ 8 km/h")
    until(lambda: page.phase() == "ready", "ready")


@pytest.mark.real_time
def test_settings_a_new_name_and_a_check_in_bind_a_prepared_session(served: Owner) -> None:
    page = served
    prepare(page)
    page.patch("settings/runner", changes={"max_speed": "5 km/h", "aching_back": True, "name": "robert"})
    time.sleep(0.5)  # the belt has reported
    page.post("intent", kind="start")
    until(lambda: page.phase() == "warm_up", "a belt that runs")
    assert page.get("state")["snapshot"]["ceiling_kmh"] <= 5.0
    page.post("stop")
    until(lambda: page.get("state")["state"] == "idle", "the end")
    prepare(page)
    page.post("checkin", moment="before", pain=8, signs=["radiating"])
    refused = page.refused("intent", kind="start")
    assert "No session today" in refused and page.phase() == "ready"
    page.post("stop")
    until(lambda: page.get("state")["state"] == "idle", "the end")
    page.patch("settings/runner", changes={"name": "rob"})
    assert "No session today" in page.refused("session", workout="5 min @ 8 km/h")
    assert [row["state"] for row in page.get("sessions")["sessions"]] == ["stopped", "stopped"]
