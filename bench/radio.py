"""On the simulated air: stop latency against pyftms, tick lateness, a virtual hour, many machines."""

import asyncio
import time
from contextlib import suppress

from bench.figures import spread_ms
from tests.radio.test_link_faults import LinkRig
from tests.support.rig import Rig, in_virtual_time
from treadcoach.app.clock import run_paced
from treadcoach.app.coach import Coach
from treadcoach.app.journaling import NullRecorder
from treadcoach.core.intents import Intent, IntentKind
from treadcoach.core.phases import Phase
from treadcoach.devices.strap import StrapLink
from treadcoach.devices.treadmill import TreadmillLink
from treadcoach.virtual.air import Air
from treadcoach.virtual.belt import VirtualBelt
from treadcoach.virtual.bleak_backend import install
from treadcoach.virtual.runner import VirtualRunner
from treadcoach.virtual.strap import VirtualStrap
from treadcoach.virtual.treadmill import VirtualTreadmill

STOPS = 30
HOUR = "55 min @ 5 km/h"
LATENESS_S = 60
FLEET = (1, 10, 25, 50)
FLEET_S = 30.0


def stop_latency() -> None:
    """Real time from asking for STOP to STOP at the machine's control point."""
    for pending in (False, True):
        ours = run_paced(_our_stops(pending))
        theirs = run_paced(_pyftms_stops(pending))
        name = "behind an unanswered speed" if pending else "idle"
        print(spread_ms(f"treadcoach, {name}", ours))
        print(spread_ms(f"pyftms, {name}", theirs))
        ratio = sorted(theirs)[len(theirs) // 2] / sorted(ours)[len(ours) // 2]
        print(f"{'pyftms takes':<46} {ratio:.1f} times as long (medians)")


async def _our_stops(pending: bool) -> list[float]:
    out = []
    for _ in range(STOPS if not pending else 5):
        async with LinkRig() as rig:
            await rig.link.take_control()
            await rig.link.drive(rig.start())
            await asyncio.sleep(0.5)
            task = None
            if pending:
                rig.faults.silent.add(2)
                task = asyncio.ensure_future(rig.link.drive(rig.speed()))
                await asyncio.sleep(0.5)
            out.append(await _time_to_stop(rig, rig.link.stop(may_move=True)))
            if task is not None:
                await asyncio.gather(task, return_exceptions=True)
    return out


async def _pyftms_stops(pending: bool) -> list[float]:
    from bleak import BleakScanner
    from pyftms import MachineType, get_client

    out = []
    for _ in range(STOPS if not pending else 5):
        async with LinkRig(connect=False) as rig:
            device = await BleakScanner.find_device_by_filter(
                lambda found, _: found.name is not None, timeout=5
            )
            assert device is not None
            client = get_client(device, MachineType.TREADMILL)
            await client.connect()
            await client.start_resume()
            await asyncio.sleep(0.5)
            task = None
            if pending:
                rig.faults.silent.add(2)
                task = asyncio.ensure_future(client.set_target_speed(8))
                await asyncio.sleep(0.1)
            out.append(await _time_to_stop(rig, client.stop()))
            if task is not None:
                await asyncio.gather(task, return_exceptions=True)
            await client.disconnect()
    return out


async def _time_to_stop(rig: LinkRig, stop: object) -> float:
    """Seconds from the call to the octets of STOP at the machine."""
    seen = len(rig.belt.writes)
    began = asyncio.get_running_loop().time()
    task = asyncio.ensure_future(stop)  # type: ignore[call-overload]  # a coroutine of either kind
    with suppress(Exception):  # pyftms may raise; only the wire counts here
        await task
    return next(at for at, data in rig.belt.writes[seen:] if data == b"\x08\x01") - began


def tick_lateness() -> None:
    """How late the control tick comes in real time, without and with a 200 Hz strap."""
    for name, strap, acceleration in (
        ("treadmill only", False, False),
        ("with strap: pulse and cadence", True, False),
        ("with strap: and 200 Hz acceleration", True, True),
    ):
        print(spread_ms(name, run_paced(_lateness(strap, acceleration))))


async def _lateness(strap: bool, acceleration: bool) -> list[float]:
    async with Rig(strap=strap, acceleration=acceleration, interval_s=0.03, recorder=NullRecorder()) as rig:
        await rig.start()
        await rig.seconds(8)
        rig.coach.tick_lateness_s.clear()
        await rig.seconds(LATENESS_S)
        return list(rig.coach.tick_lateness_s)


def virtual_hour() -> None:
    """A session of about an hour in virtual time, radio and all."""
    for name, strap, acceleration in (
        ("60 min without strap", False, False),
        ("60 min with strap, pulse and cadence", True, False),
        ("60 min with strap and 200 Hz acceleration", True, True),
    ):
        began = time.perf_counter()
        virtual = in_virtual_time(_hour(strap, acceleration))
        print(f"{name:<46} {time.perf_counter() - began:6.2f} s for {virtual / 60:.1f} virtual min")


async def _hour(strap: bool, acceleration: bool) -> float:
    async with Rig(
        strap=strap, acceleration=acceleration, interval_s=0.03, recorder=NullRecorder(), workout=HOUR
    ) as rig:
        began = rig.now_s
        await rig.start()
        await rig.at(Phase.MAIN)
        end = began + 3600
        while rig.phase is Phase.MAIN and rig.now_s < end:
            await rig.seconds(10)
        return rig.now_s - began


def fleet() -> None:
    """Treadmills in one process, each with coach, strap and radio; how late their ticks are."""
    for count in FLEET:
        cpu = time.process_time()
        late = run_paced(_fleet(count))
        cpu = time.process_time() - cpu
        print(spread_ms(f"{count} treadmills", late) + f"  {cpu / FLEET_S:5.0%} of a core")


async def _fleet(count: int) -> list[float]:
    coaches, tasks = [], []
    air = Air(0.03)
    radio = install(air)
    mills = []
    from tests.support.rig import make_setup

    for number in range(count):
        person = VirtualRunner()
        mill_address, strap_address = f"F0:7E:AD:00:01:{number:02X}", f"F0:A0:10:00:01:{number:02X}"
        mill = VirtualTreadmill(air, VirtualBelt(), runner=person, address=mill_address)
        strap = VirtualStrap(air, person, address=strap_address)
        await mill.start()
        await strap.start()
        mills += [mill, strap]

        def treadmill(frame, lost, address=mill_address):  # type: ignore[no-untyped-def]
            return TreadmillLink(address, frame, lost)

        def sensor(frame, lost, address=strap_address):  # type: ignore[no-untyped-def]
            return StrapLink(address, "strap", frame, lost, acceleration=False)

        coach = Coach(treadmill, [sensor], make_setup, NullRecorder())
        coaches.append(coach)
        tasks.append(asyncio.ensure_future(coach.run()))
    await asyncio.sleep(20)  # every coach has connected and read its belt by then
    ready = sum(coach.latest is not None and coach.latest.speed_kmh is not None for coach in coaches)
    if ready < count:
        print(f"  only {ready} of {count} were ready")
    for coach in coaches:
        coach.request(Intent(IntentKind.START, "bench"))
        coach.tick_lateness_s.clear()
    await asyncio.sleep(FLEET_S)
    late = [value for coach in coaches for value in coach.tick_lateness_s]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for mill in mills:
        await mill.stop()
    await radio.close()
    return late
