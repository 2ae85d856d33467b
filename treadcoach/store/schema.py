"""The tables of the journal, and how SQLite is opened."""

from pathlib import Path

from sqlalchemy import (
    Column,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    inspect,
    select,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from treadcoach.core.errors import StoreError

SCHEMA_VERSION = 3

metadata = MetaData()

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", String))

sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("runner", String, nullable=False),
    Column("title", String, nullable=False),
    Column("machine", String, nullable=False),
    Column("started_unix_s", Float, nullable=False),
    Column("day", String, nullable=False, doc="local date, ISO 8601"),
    Column("state", String, nullable=False, doc="running, completed, stopped, interrupted, imported"),
    Column("belt_time_s", Float, nullable=False, default=0.0),
    Column("distance_m", Float, nullable=False, default=0.0),
    Column("top_speed_kmh", Float),
    Column("mean_heart_rate_bpm", Float),
    Column("curve", String, doc="mean-maximal speed, JSON: seconds to km/h"),
    Column("address", String, nullable=False),
)
Index("sessions_by_start", sessions.c.runner, sessions.c.started_unix_s)

setups = Table(
    "setups",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("start_s", Float, nullable=False, doc="the clock's reading when the session began"),
    Column("setup", String, nullable=False),
    Column("summary", String),
)

diary = Table(
    "diary",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("runner", String, nullable=False),
    Column("day", String, nullable=False, doc="local date, ISO 8601"),
    Column("kind", String, nullable=False, doc="plan, checkin, calendar, shoe, strength or screen"),
    Column("payload", String, nullable=False, doc="JSON"),
)


def _of_session(name: str, *columns: Column[object]) -> Table:
    """A table whose rows belong to a session, in the order they came."""
    return Table(
        name,
        metadata,
        Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
        Column("seq", Integer, primary_key=True),
        Column("t_s", Float, nullable=False),
        *columns,
        sqlite_with_rowid=name == "inputs",
    )


inputs = _of_session(
    "inputs",
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)
events = _of_session(
    "events",
    Column("kind", String, nullable=False),
    Column("level", String, nullable=False),
    Column("text", String, nullable=False),
)
orders = _of_session(
    "orders",
    Column("kind", String, nullable=False, doc="start, speed, incline or stop"),
    Column("value", Integer, nullable=False, doc="0.01 km/h or 0.1 %"),
    Column("source", String, nullable=False, doc="who asked"),
    Column("wish", Float, doc="what was asked for: km/h or %"),
    Column("reason", String, nullable=False),
    Column("bounds", String, nullable=False, doc="JSON: every bound with its ceiling and reason"),
    Column("result", String),
    Column("result_s", Float),
    Column("readback_kmh", Float),
    Column("readback_s", Float),
)
samples = _of_session(
    "samples",
    Column("phase", String, nullable=False),
    Column("speed_kmh", Float),
    Column("incline_percent", Float),
    Column("distance_m", Float, nullable=False),
    Column("wished_kmh", Float),
    Column("ordered_kmh", Float),
    Column("ordered_percent", Float),
    Column("heart_rate_bpm", Integer),
    Column("cadence_spm", Float),
)
form = _of_session(
    "form",
    Column("sensor", String, nullable=False),
    Column("gait", String, doc="walking, running or null"),
    Column("start_s", Float, nullable=False, doc="the window is from here to t_s"),
    Column("metrics", String, nullable=False, doc="JSON: metric to value"),
    Column("doubts", String, nullable=False, doc="JSON: list"),
)


def open_engine(path: Path) -> Engine:
    """Open or make the journal. Raises StoreError when the file is not one, or cannot be used."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent}: the folder cannot be made: {error.strerror}") from error
    # No pool: a connection lives as long as its use, so that no file stays open behind anybody.
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _set_up(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    try:
        metadata.create_all(engine)
        _check_version(engine)
    except DatabaseError as error:
        engine.dispose()
        raise StoreError(f"{path}: not a usable journal: {error.orig}") from error
    return engine


def _check_version(engine: Engine) -> None:
    assert inspect(engine).has_table("meta")
    with engine.begin() as connection:
        found = connection.scalar(select(meta.c.value).where(meta.c.key == "schema"))
        if found is None:
            connection.execute(meta.insert().values(key="schema", value=str(SCHEMA_VERSION)))
        elif int(found) < SCHEMA_VERSION:
            # Versions 2 and 3 added tables, form and diary, which create_all has made by now.
            connection.execute(meta.update().where(meta.c.key == "schema").values(value=str(SCHEMA_VERSION)))
        elif int(found) > SCHEMA_VERSION:
            raise StoreError(
                f"the journal has schema {found}, this program knows up to {SCHEMA_VERSION}: update it"
            )
