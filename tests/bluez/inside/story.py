"""What happens on the emulated machine: treadcoach as a person starts it, on bleak's backend for BlueZ.

Each line that begins with @@ is read by the test outside: what was seen, or a word for the console of
the treadmill.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil

HOME = Path("/tmp/home")
URL = "http://127.0.0.1:8770/"
LIMIT_S = 120.0
CONFIG = '[mqtt]\nhost = "127.0.0.1"\nport = 18830\n[export]\nfolder = "/tmp/home/Runs"\n'
PAGES = ("sessions", "sessions/1", "progress?weeks=16", "plan", "plans", "guidance", "settings")


def tell(what: str, **seen: Any) -> None:
    print("@@", json.dumps({"what": what} | seen), flush=True)


def ask(path: str, body: object = None) -> Any:
    headers = {"Content-Type": "application/json", "Origin": URL.rstrip("/")}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}api/{path}", data, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return {"refused": error.read().decode(errors="replace")}
    except OSError:
        return None


def until(true: Any, what: str, limit_s: float = LIMIT_S) -> Any:
    end = time.monotonic() + limit_s
    while not (found := true()):
        if time.monotonic() > end:
            state = ask("state") or {}
            shown = {key: state.get(key) for key in ("state", "message")} | {
                key: (state.get("snapshot") or {}).get(key) for key in ("phase", "link_up", "last_says")
            }
            raise SystemExit(f"not within {limit_s:g} s: {what}; {shown}")
        time.sleep(0.5)  # another program is at work; there is no event to wait for
    return found


def snapshot() -> dict[str, Any]:
    return (ask("state") or {}).get("snapshot") or {}


class Serve:
    """`treadcoach serve`, and what it and its warden print."""

    def __init__(self, name: str) -> None:
        self.log = Path(f"/tmp/{name}.log")
        with self.log.open("wb") as file:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "treadcoach", "serve", "--port", "8770"],
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        until(lambda: ask("state"), "the pages are up")

    def walk(self) -> None:
        """From nothing to a belt that moves and a strap that is heard."""
        ask("session", {"workout": "30 min @ walk"})
        # On so slow a machine the answer may come late; what counts is that it begins.
        until(lambda: ask("state")["state"] != "idle", "a session is prepared")
        until(lambda: snapshot().get("phase") == "ready", "the treadmill is ready")
        ask("drive", {})
        ask("intent", {"kind": "start"})
        until(lambda: snapshot().get("phase") == "warm_up" and snapshot().get("heart_rate_bpm"), "a warm-up")
        until(lambda: snapshot()["speed_kmh"] > 1, "the belt moves")

    def memory(self) -> dict[str, Any]:
        """MB of each process: its share of what they hold together, and resident."""
        seen = {}
        for process in (coach := psutil.Process(self.popen.pid), *coach.children()):
            words = " ".join(process.cmdline())
            name = next((n for n in ("house", "warden") if f"treadcoach.{n}" in words), "coach")
            info = process.memory_full_info()
            seen[name] = {"share": round(info.pss / 1e6, 1), "resident": round(info.rss / 1e6, 1)}
        return seen


def main() -> None:
    os.environ.update(HOME=str(HOME), TREADCOACH_HOME=str(HOME))
    (HOME / "Runs").mkdir()
    (HOME / "config.toml").write_text(CONFIG, encoding="utf-8")
    scan = [sys.executable, "-m", "treadcoach", "scan"]
    done = subprocess.run(scan, capture_output=True, text=True, check=False)
    tell("scan", rc=done.returncode, text=done.stdout + done.stderr)

    serve = Serve("first")
    serve.walk()
    until(lambda: snapshot().get("cadence_spm"), "a cadence")
    says = [text for _, text in snapshot()["last_says"]]
    built = [len(json.dumps(ask(path))) for path in PAGES]
    time.sleep(70)  # a house gives back once a minute what it needed for a while
    tell("walking", says=says, form=snapshot()["form"], built=built, memory=serve.memory())
    ask("stop", {})
    until(lambda: ask("state")["state"] == "idle", "the session has ended")
    time.sleep(5)  # a warden that takes the coach for hung would act within two
    tell("stopped", alive=serve.popen.poll() is None, text=serve.log.read_text(), ended=ask("sessions/1"))

    serve.walk()
    tell("killed", stops="now")
    serve.popen.send_signal(signal.SIGKILL)
    serve.popen.wait()
    report = HOME / "warden.json"
    until(
        lambda: report.is_file() and json.loads(report.read_text())["is_last"],
        "the warden has stopped the belt",
    )
    tell("rescued", text=serve.log.read_text(), report=json.loads(report.read_text()))
    time.sleep(10)  # links end, the port is free

    serve = Serve("second")
    serve.walk()
    tell("console", word="off")
    until(lambda: not snapshot()["link_up"], "the link is lost")
    time.sleep(5)  # so long the treadmill's radio is off
    tell("console", word="on")
    until(lambda: snapshot()["link_up"], "the link is back")
    tell("again", phase=snapshot()["phase"], says=[text for _, text in snapshot()["last_says"]])
    subprocess.run(["pkill", "bluetoothd"], check=True)
    until(lambda: not snapshot()["link_up"], "without bluetoothd the link is lost")
    with Path("/tmp/bluetoothd.log").open("ab") as file:
        subprocess.Popen(["/usr/libexec/bluetooth/bluetoothd", "-n"], stdout=file, stderr=subprocess.STDOUT)
    time.sleep(4)  # it takes its name on the bus
    subprocess.run(["bluetoothctl", "power", "on"], check=False)
    until(lambda: snapshot()["link_up"], "with bluetoothd the link is back")
    tell("restarted", phase=snapshot()["phase"], says=[text for _, text in snapshot()["last_says"]])
    ask("stop", {})
    until(lambda: ask("state")["state"] == "idle", "the session has ended")
    serve.popen.terminate()
    tell("left", rc=serve.popen.wait(60), text=serve.log.read_text())


if __name__ == "__main__":
    main()
