"""The local socket: typed messages, only what slows or stops, and a bounded reader."""

import asyncio
import errno
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.support.rig import Rig, in_virtual_time
from treadcoach.app import socket as socket_module
from treadcoach.app.config import Folders
from treadcoach.app.reaching import connect, socket_of
from treadcoach.app.socket import MOST_CLIENTS, MOST_FOLLOWERS, CoachSocket
from treadcoach.core.errors import LinkError
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


def make_places(data: Path) -> Folders:
    return Folders(data, data)


def test_a_stop_gets_through_whatever_the_number_of_followers_and_of_silent_ones(tmp_path: Path) -> None:
    path = tmp_path / "coach.sock"

    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            socket = CoachSocket(rig.coach, path)
            await socket.open()
            await rig.walk()
            held = []
            refused = 0
            for number in range(150):
                reader, writer = await asyncio.open_unix_connection(str(path))
                held.append(writer)
                if number % 2:
                    continue  # opened by a script that says nothing and never ends
                writer.write(b'{"type": "follow"}\n')
                first = json.loads(await reader.readline())
                refused += first["type"] == "refused"
                await rig.seconds(0.05)
            assert len(socket._followers) == MOST_FOLLOWERS and refused == 75 - MOST_FOLLOWERS
            await rig.seconds(2)
            for _ in range(3):
                (done,) = await ask(path, b'{"type": "intent", "kind": "pause", "source": "x"}')
                assert done["type"] == "done"
            assert rig.phase is Phase.PAUSED
            assert len(socket._clients) <= MOST_CLIENTS + 1
            for writer in held:
                writer.close()
            await socket.close()

    in_virtual_time(scenario())


def test_who_has_just_come_is_not_shown_out_by_a_crowd(tmp_path: Path) -> None:
    path = tmp_path / "coach.sock"

    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            socket = CoachSocket(rig.coach, path)
            await socket.open()
            await rig.walk()
            stopping = await asyncio.open_unix_connection(str(path))
            crowd = [await asyncio.open_unix_connection(str(path)) for _ in range(120)]
            stopping[1].write(b'{"type": "intent", "kind": "stop", "source": "x"}\n')
            assert json.loads(await stopping[0].readline())["type"] == "done"
            assert rig.phase is Phase.STOPPING
            for _, writer in [stopping, *crowd]:
                writer.close()
            await socket.close()

    in_virtual_time(scenario())


def test_the_socket_is_announced_in_the_data_folder_while_it_is_open(tmp_path: Path) -> None:
    for data in (tmp_path / "short", tmp_path / ("deep" * 20) / ("folder" * 10)):

        async def scenario(places: Folders) -> None:
            async with Rig(strap=False) as rig:
                socket = CoachSocket(rig.coach, places.coach_socket, places)
                await socket.open()
                path = socket_of(places.data)
                assert path is not None and path.parent == places.data
                assert stat.S_IMODE(path.stat().st_mode) == 0o600
                await rig.to_phase(Phase.READY)
                line = connect(places.data, 1.0)
                line.close()
                await socket.close()
                assert socket_of(places.data) is None and not path.exists()

        in_virtual_time(scenario(make_places(data)))


def test_where_the_data_folder_takes_no_socket_it_is_elsewhere_and_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = make_places(tmp_path / "data")
    real = socket_module._bound

    def refuses(path: Path) -> Any:
        if path.parent == places.data:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return real(path)

    monkeypatch.setattr(socket_module, "_bound", refuses)

    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            socket = CoachSocket(rig.coach, places.coach_socket, places)
            places.data.mkdir()
            await socket.open()
            assert socket_of(places.data) == places.runtime_socket
            await rig.to_phase(Phase.READY)
            await socket.close()
            assert not places.runtime_socket.exists()

    in_virtual_time(scenario())


def test_a_session_that_no_stop_could_reach_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    places = make_places(tmp_path / "data")

    async def scenario() -> None:
        async with Rig(strap=False) as rig:
            with pytest.raises(LinkError, match="no other terminal could stop this session"):
                await CoachSocket(rig.coach, places.coach_socket, places).open()
            await rig.to_phase(Phase.READY)

    in_virtual_time(scenario())
