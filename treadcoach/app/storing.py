"""The store of a home or a practice: opened where config.toml says, and put in order at a start."""

import json
import os
from pathlib import Path

from sqlalchemy import Engine

from treadcoach.app.config import Folders, load_runner
from treadcoach.app.config_file import CONFIG, read_config, replace_file
from treadcoach.app.rescues import take_in_report
from treadcoach.core.errors import InputError, StoreError
from treadcoach.store import history, spool, words
from treadcoach.store.journal import close_session
from treadcoach.store.opening import POSTGRES, is_url, open_engine

STORE = "TREADCOACH_STORE"
WORDS = {"unwell": "feeling unwell", "not_right": "the body does not feel right"}

IF_IT_RUNS = "If the belt still runs: pull the safety key, or press stop on its console."


def store_url(places: Folders) -> str | None:
    """The URL of TREADCOACH_STORE or of config.toml's [store]; None: a file in the data folder."""
    place = f"{places.house_config / CONFIG}, store"
    table = read_config(places.house_config).get("store", {})
    if not isinstance(table, dict) or set(table) - {"url"}:
        raise InputError(place, table, f"url = {POSTGRES}")
    found = os.environ.get(STORE) or table.get("url")
    if found is None:
        return None
    if not isinstance(found, str) or not is_url(found):
        raise InputError(place, "(no URL)", POSTGRES)
    return found


def open_store(places: Folders) -> Engine:
    """Open the store, made where there is none. Raises InputError and StoreError."""
    return open_engine(store_url(places) or places.journal)


def put_in_order(places: Folders, engine: Engine) -> list[str]:
    """At a start, with the lock held: take in what was kept aside, close what was left open. For people."""
    said = take_in_kept(places, engine)
    for number in history.close_interrupted(engine, places.station, places.aside):
        said.append(f"Session {number} was interrupted; it is closed. {IF_IT_RUNS}")
    try:
        said += know_the_runner(places, engine)
    except (InputError, StoreError) as error:
        said.append(str(error))  # asked again, and not forgiven, before a session
    return said + take_in_report(places, engine)


def take_in_kept(places: Folders, engine: Engine) -> list[str]:
    """Sessions that were kept aside while the store was gone; call while no session runs. For people."""
    said = []
    try:
        for number, closing in spool.take_in(engine, places.aside):
            said.append(f"Session {number} was kept here while the database was gone; it is in it now.")
            if closing is not None:
                close_session(engine, number, closing["state"], closing["summary"])
    except StoreError as error:
        said.append(str(error))
        _close_with_words(places, engine)
    return said


def _close_with_words(places: Folders, engine: Engine) -> None:
    """A file that cannot be taken in holds back no word that can be read in it. Raises StoreError."""
    for number, kind in spool.felt_in(places.aside).items():
        summary = history.summary_of(engine, number)
        if summary is not None and words.graver(summary.get("felt"), kind) != summary.get("felt"):
            cause = summary.get("stop_cause") or "its end was not written"
            close_session(engine, number, "interrupted", summary | {"stop_cause": cause, "felt": kind})


def know_the_runner(places: Folders, engine: Engine) -> list[str]:
    """Before a day's allowance is asked, while no session runs: a new name, and what was said. For people.

    Raises InputError and StoreError: what was said of the body binds, and no day is allowed without it.
    """
    said = carry_name(places, engine)
    names = _names(places)
    taken, unreadable = words.take_in(engine, places.aside, lambda name: names[-1] if name in names else name)
    for word in taken:
        said.append(f"Said on {word.day.isoformat()}: {WORDS[word.kind]}. It is written down.")
    said += [f"{places.aside / words.FILE}: a line cannot be read: {line[:80]!r}" for line in unreadable]
    return said


def carry_name(places: Folders, engine: Engine) -> list[str]:
    """In a home, what was run and said goes with its owner's name; in a practice names are folders.

    For people. Raises InputError and StoreError.
    """
    if places.is_practice:
        return []
    name, known = _name(places), _names(places)
    said: list[str] = []
    if not known or known[-1] != name:
        # A name that has a history of its own is somebody who was here before, and no new name.
        is_new = bool(known) and not history.knows_runner(engine, name)
        if is_new:
            said.append(
                f"What {known[-1]} ran and said goes on as {name}. For somebody else see docs/practice.md:"
                " treadcoach practice add-runner"
            )
        known = [*(old for old in known if old != name), name] if is_new else [name]
        replace_file(_names_file(places), json.dumps(known) + "\n")
    for old in known[:-1]:
        if history.knows_runner(engine, old):  # also what a session that was under way has added
            history.rename_runner(engine, old, name)
    return said


def _name(places: Folders) -> str:
    name = load_runner(places.config).name
    return f"{name} (simulated)" if places.simulated else name


def _names_file(places: Folders) -> Path:
    return (places.base or places.data) / "runner-names.json"


def _names(places: Folders) -> list[str]:
    """What the owner of a home was called here, the name of today last."""
    path = _names_file(places)
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    except (OSError, ValueError):
        found = None
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise StoreError(f"{path} is damaged: move it away to go on without it")
    return found
