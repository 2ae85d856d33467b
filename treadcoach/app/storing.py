"""The store of a home or a practice: opened where config.toml says, and put in order at a start."""

import os

from sqlalchemy import Engine

from treadcoach.app.config import Folders
from treadcoach.app.config_file import CONFIG, read_config
from treadcoach.app.rescues import take_in_report
from treadcoach.core.errors import InputError, StoreError
from treadcoach.store import history, spool
from treadcoach.store.journal import close_session
from treadcoach.store.opening import POSTGRES, is_url, open_engine

STORE = "TREADCOACH_STORE"


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
    said = []
    try:
        for number, closing in spool.take_in(engine, places.aside):
            said.append(f"Session {number} was kept here while the database was gone; it is in it now.")
            if closing is not None:
                close_session(engine, number, closing["state"], closing["summary"])
    except StoreError as error:
        said.append(str(error))
    for number in history.close_interrupted(engine, places.station):
        said.append(f"Session {number} was interrupted; it is closed.")
    return said + take_in_report(places, engine)
