"""The owner's settings, read and written as a page does it: config.toml, belt.yaml and own plans.

Each change is checked whole, with the code that reads it, before a file is replaced in one step.
"""

import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from treadcoach.app.config import runner_with
from treadcoach.app.config_file import CONFIG, Document, change_config, read_config, replace_file
from treadcoach.app.desk import Desk
from treadcoach.app.sensor_names import parse_sensor
from treadcoach.app.storing import carry_name
from treadcoach.core.errors import InputError
from treadcoach.core.runner import Runner
from treadcoach.core.units import format_speed
from treadcoach.planning.guidance import load_guidance, load_yaml, shipped_folder
from treadcoach.planning.plans import load_plan

MOST_STRAPS = 3
PLAN_NAME = "lower-case letters, digits and '-', at most 40"


@dataclass(frozen=True, slots=True)
class KnownDevices:
    """Devices the owner chose, by address or a part of the name; None: whatever is heard."""

    treadmill: str | None = None
    straps: tuple[str, ...] = ()
    takes_mph: bool = False


def settings(desk: Desk) -> dict[str, Any]:
    """Everything that can be set, as people write it."""
    runner = desk.runner()
    devices = known_devices(desk)
    return {
        "runner": runner_fields(runner) | {"name": runner.name.removesuffix(" (simulated)")},
        "limits": limits(desk),
        "devices": {
            "treadmill": devices.treadmill,
            "straps": list(devices.straps),
            "takes_mph": devices.takes_mph,
        },
        "places": {"data": str(desk.places.data), "config": str(desk.places.config)},
        "simulated": desk.simulated,
    }


def runner_fields(runner: Runner) -> dict[str, Any]:
    """The runner as config.toml has it."""

    def speed(kmh: float | None) -> str | None:
        return None if kmh is None else format_speed(kmh, runner.unit)

    return {
        "name": runner.name,
        "unit": runner.unit.value,
        "age_years": runner.age_years,
        "comfortable_walk": speed(runner.comfortable_walk_kmh),
        "comfortable_jog": speed(runner.comfortable_jog_kmh),
        "max_speed": speed(runner.max_speed_kmh),
        "max_incline": f"{runner.max_incline_percent:g} %",
        "pulse_ceiling_bpm": runner.pulse_ceiling_bpm,
        "aching_back": runner.aching_back,
        "form_easing": runner.form_easing.value,
    }


def write_runner(desk: Desk, changes: Mapping[str, Any]) -> None:
    """Change fields of the runner; None takes one back to its default. Raises InputError."""

    if desk.places.is_practice and "name" in changes:
        raise InputError(
            "name", changes["name"], f"'{desk.places.config.name}': the practice named this runner"
        )

    def change(document: Document) -> None:
        table = document.setdefault("runner", {})
        for name, value in changes.items():
            if value is None or value == "":
                table.pop(name, None)
            else:
                table[name] = value
        runner_with(Runner(), table.unwrap(), CONFIG)

    # Names that there are not are refused also when they are taken back.
    runner_with(Runner(), {name: value for name, value in changes.items() if value not in (None, "")}, CONFIG)
    if unknown := set(changes) - set(runner_fields(Runner())):
        raise InputError(CONFIG, sorted(unknown)[0], f"one of {', '.join(runner_fields(Runner()))}")
    if "name" in changes:
        carry_name(desk.places, desk.engine)  # with the old name, as far as nobody has known it yet
    change_config(desk.places.config, change)
    if "name" in changes:
        carry_name(desk.places, desk.engine)


def known_devices(desk: Desk) -> KnownDevices:
    """The devices of config.toml; those of a simulated air apart. Raises InputError."""
    found = read_config(desk.places.config).get(_table(desk), {})
    place = f"{desk.places.config / CONFIG}, {_table(desk)}"
    if not isinstance(found, dict) or set(found) - {"treadmill", "straps", "takes_mph"}:
        raise InputError(place, found, "treadmill, straps and takes_mph")
    straps, treadmill = found.get("straps", []), found.get("treadmill")
    if treadmill is not None and not isinstance(treadmill, str):
        raise InputError(f"{place}, treadmill", treadmill, "an address or a name")
    if not isinstance(straps, list) or not all(isinstance(strap, str) for strap in straps):
        raise InputError(f"{place}, straps", straps, "a list of names or addresses")
    return KnownDevices(treadmill, tuple(straps), found.get("takes_mph") is True)


def write_devices(desk: Desk, devices: KnownDevices) -> None:
    """Remember which devices are meant. Raises InputError."""
    if desk.places.is_practice:
        raise InputError("devices", "a runner's", f"[[treadmills]] in the practice's {CONFIG}")
    if len(devices.straps) > MOST_STRAPS:
        raise InputError("straps", len(devices.straps), f"at most {MOST_STRAPS}")
    for strap in devices.straps:
        parse_sensor(strap)

    def change(document: Document) -> None:
        table: dict[str, Any] = {}
        if devices.treadmill:
            table["treadmill"] = devices.treadmill
        if devices.straps:
            table["straps"] = list(devices.straps)
        if devices.takes_mph:
            table["takes_mph"] = True
        document[_table(desk)] = table

    change_config(desk.places.config, change)


def _table(desk: Desk) -> str:
    return "simulated_devices" if desk.simulated else "devices"


# -- limits ----------------------------------------------------------------------------


def limits(desk: Desk) -> list[dict[str, Any]]:
    """Numbers of the guidance that the owner may tighten, with the documents' own."""
    own = {n.name: n for rule in load_guidance().rules for n in rule.numbers}
    out = []
    for rule in desk.guidance().rules:
        for number in rule.numbers:
            if number.tighten not in ("lower", "higher") or isinstance(number.value, Mapping):
                continue
            out.append(
                {
                    "name": number.name, "rule": rule.id, "words": rule.rule, "value": number.value,
                    "documented": own[number.name].value, "tighten": number.tighten,
                    "evidence": number.evidence, "changed": number.changed_by_user,
                }
            )  # fmt: skip
    return out


def write_limit(desk: Desk, name: str, value: float | None) -> None:
    """Tighten one number; None takes it back. Raises InputError for one that would loosen a limit."""
    if value is not None and not math.isfinite(value):
        raise InputError(name, value, "a number")
    path = desk.places.config / "belt.yaml"
    yaml = YAML(typ="rt", pure=True)
    content = yaml.load(path.read_text(encoding="utf-8")) if path.is_file() else CommentedMap()
    if content is None:
        content = CommentedMap()
    if not isinstance(content, CommentedMap) or "rules" in content:
        raise InputError(str(path), "rules", "changes in that file itself: it has the long shape")
    if value is None:
        content.pop(name, None)
    else:
        content[name] = int(value) if value == int(value) else value
    with tempfile.TemporaryDirectory() as trial:
        with (Path(trial) / "belt.yaml").open("w", encoding="utf-8") as file:
            yaml.dump(content, file)
        load_guidance(Path(trial))
        replace_file(path, (Path(trial) / "belt.yaml").read_text(encoding="utf-8"))


# -- plans of one's own ----------------------------------------------------------------


def plan_text(desk: Desk, name: str) -> str:
    """The file of a plan, to be read or changed. Raises InputError."""
    desk.training().plan(name)
    for folder in (desk.places.config / "plans", shipped_folder("plans")):
        path = folder / f"{name}.yaml"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise InputError("plan", name, "a plan with a file")


def write_plan(desk: Desk, name: str, text: str) -> None:
    """Keep a plan of one's own, after it was read whole. Raises InputError with the line.

    One of the same name as a plan of ours takes its place; the guard's limits are the same for both.
    """
    letters = name.replace("-", "")
    if not letters.isascii() or not letters.isalnum() or name != name.lower() or len(name) > 40:
        raise InputError("plan's name", name, PLAN_NAME)
    sources = load_yaml(shipped_folder("protocols") / "sources.yaml")["sources"]
    with tempfile.TemporaryDirectory() as trial:
        path = Path(trial) / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        load_plan(path, sources)
    replace_file(desk.places.config / "plans" / f"{name}.yaml", text)


def delete_plan(desk: Desk, name: str) -> None:
    """Delete a plan of one's own. Raises InputError for one of ours, and for the one that is followed."""
    training = desk.training()
    training.plan(name)
    path = desk.places.config / "plans" / f"{name}.yaml"
    if not path.is_file():
        raise InputError("plan", name, "one of your own")
    state = training.state()
    if state is not None and state.plan.id == name:
        raise InputError("plan", name, "one that is not followed: stop it first")
    path.unlink()
