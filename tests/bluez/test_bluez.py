"""treadcoach on bluetoothd and the kernel, without a radio: one story from start to end."""

from pathlib import Path
from typing import Any

import pytest

from tests.bluez.machine import kernel_folder, story
from tests.support.processes import Sim


@pytest.mark.real_time
def test_sessions_a_killed_coach_and_a_lost_link_on_bluez(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel_folder()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    air = tmp_path / "air"
    sim = Sim(tmp_path / "sim.log", "sim", "--air", f"unix:{air}")
    seen: dict[str, dict[str, Any]] = {}
    stops_before_the_kill = 0
    try:
        sim.wait_for("treadcoach run")
        for told in story(air, tmp_path):
            seen[told["what"]] = told
            if told["what"] == "console":
                sim.type(told["word"])
            elif told["what"] == "killed":
                stops_before_the_kill = sim.stops()
            elif told["what"] == "rescued":
                assert sim.stops() > stops_before_the_kill
    finally:
        sim.end()
    assert "left" in seen, (tmp_path / "console.log").read_text(encoding="utf-8")[-3000:]

    assert seen["scan"]["rc"] == 0
    for words in ("Virtual Treadmill", "Polar H10 virtual", "target speed: 0.8 to 18 km/h"):
        assert words in seen["scan"]["text"]
    # Acceleration came: without it no standing is learned.
    assert any("the sensor learns your standing" in text for text in seen["walking"]["says"])
    assert not any("too small" in text for text in seen["walking"]["says"])
    print("\nmemory in MB, with a broker, files and every page built:", seen["walking"]["memory"])
    # The end of a session is nothing to a warden.
    assert seen["stopped"]["alive"] and "[warden]" not in seen["stopped"]["text"]
    assert seen["rescued"]["report"]["outcome"] == "stopped"
    print("STOP after the coach was killed:", seen["rescued"]["report"]["stop_after_s"], "s, emulated")
    assert seen["rescued"]["report"]["stop_after_s"] < 10
    # The links of the killed coach were ended, or nothing would have been heard again.
    assert seen["again"]["phase"] in ("link_lost", "paused"), "only a person hands the belt back"
    assert seen["restarted"]["phase"] in ("link_lost", "paused")
    assert seen["left"]["rc"] == 0 and "[warden]" not in seen["left"]["text"]
