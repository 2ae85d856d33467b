"""The tables of the journal, the same on SQLite and on Postgres."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table

SCHEMA_VERSION = 5
"""The newest of migrations/versions/; a change of a table here is a step there."""

metadata = MetaData()

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", String))
alembic_version = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))
"""Kept by alembic; here so that a new store has it from the beginning."""

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
    Column("running_s", Float, doc="faster than walking; null: not known of an old one"),
    Column("distance_m", Float, nullable=False, default=0.0),
    Column("top_speed_kmh", Float),
    Column("mean_heart_rate_bpm", Float),
    Column("curve", String, doc="mean-maximal speed, JSON: seconds to km/h"),
    Column("address", String, nullable=False),
    Column("station", String, nullable=False, server_default="", doc="which coach: computer and treadmill"),
    Column("device", String, nullable=False, server_default="", doc="what recorded an imported one"),
    Column("lifts", Integer, nullable=False, server_default="1", doc="0: never raises the weekly ceiling"),
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
    Column("kind", String, nullable=False, doc="plan, checkin, calendar, shoe, strength, screen or clock"),
    Column("payload", String, nullable=False, doc="JSON"),
)
Index("diary_by_runner", diary.c.runner, diary.c.kind)

handed_on = Table(
    "handed_on",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("target", String, primary_key=True, doc="folder or command"),
    Column("tries", Integer, nullable=False),
    Column("done_unix_s", Float, doc="null: not yet"),
    Column("next_unix_s", Float, nullable=False, doc="no earlier try than that"),
    Column("error", String, nullable=False, doc="of the last try"),
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
