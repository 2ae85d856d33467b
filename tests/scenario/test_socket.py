"""The local socket: typed messages, only what slows or stops, and a bounded reader."""

import asyncio
import json
import stat
from pathlib import Path

from tests.support.rig import Rig, in_virtual_time
from treadcoach.app.socket import CoachSocket
from treadcoach.core.phases import Phase


async def ask(path: Path, *lines: bytes) -> list[dict[str, object]]:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(b"".join(line + b"\n" for line in lines))
    answers = [json.loads(await reader.readline()) for _ in lines]
    writer.close()
    return answers


def test_what_the_socket_takes_and_refuses(tmp_path: Path) -> None:
    path = tmp_path / "coach.sock"

    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            socket = CoachSocket(rig.coach, path)
            await socket.open()
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            await rig.walk()
            status, faster, start, nonsense, unknown, extra = await ask(
                path,
                b'{"type": "status"}',
                b'{"type": "intent", "kind": "faster", "source": "x"}',
                b'{"type": "intent", "kind": "start", "source": "x"}',
                b"nonsense",
                b'{"type": "drive", "speed": 25}',
                b'{"type": "intent", "kind": "stop", "source": "x", "speed": 25}',
            )
            assert status["type"] == "snapshot"
            assert status["snapshot"]["phase"] == "warm_up"  # type: ignore[index]  # a dict by its type
            for refused in (faster, start, nonsense, unknown, extra):
                assert refused["type"] == "refused" and refused["reason"]
            assert rig.phase is Phase.WARM_UP
            before = len(rig.stops())
            (done,) = await ask(path, b'{"type": "intent", "kind": "pause", "source": "x"}')
            assert done["type"] == "done" and rig.phase is Phase.PAUSED
            await rig.seconds(0.01)
            assert len(rig.stops()) > before
            await socket.close()
            assert not path.exists()

    in_virtual_time(scenario())


def test_a_line_without_end_and_a_reader_that_never_reads_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "coach.sock"

    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            socket = CoachSocket(rig.coach, path)
            await socket.open()
            await rig.walk()
            reader, writer = await asyncio.open_unix_connection(str(path))
            writer.write(b"x" * 100_000)
            assert await reader.read() == b""
            writer.close()
            _, deaf = await asyncio.open_unix_connection(str(path))
            deaf.write(b'{"type": "follow"}\n')
            await rig.seconds(200)
            assert rig.phase in (Phase.WARM_UP, Phase.MAIN)
            assert all(queue.qsize() <= 2 for queue in socket._followers)
            deaf.close()
            (status,) = await ask(path, b'{"type": "status"}')
            assert status["type"] == "snapshot"
            await socket.close()

    in_virtual_time(scenario())
