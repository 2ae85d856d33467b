"""Sessions with their log: inputs, events, orders, samples."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "1", None


def _of_session(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column(
            "session_id", sa.Integer, sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("t_s", sa.Float, nullable=False),
        *columns,
        sqlite_with_rowid=name == "inputs",
    )


def upgrade() -> None:
    op.create_table("meta", sa.Column("key", sa.String, primary_key=True), sa.Column("value", sa.String))
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("runner", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("machine", sa.String, nullable=False),
        sa.Column("started_unix_s", sa.Float, nullable=False),
        sa.Column("day", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("belt_time_s", sa.Float, nullable=False),
        sa.Column("distance_m", sa.Float, nullable=False),
        sa.Column("top_speed_kmh", sa.Float),
        sa.Column("mean_heart_rate_bpm", sa.Float),
        sa.Column("curve", sa.String),
        sa.Column("address", sa.String, nullable=False),
    )
    op.create_index("sessions_by_start", "sessions", ["runner", "started_unix_s"])
    op.create_table(
        "setups",
        sa.Column(
            "session_id", sa.Integer, sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("start_s", sa.Float, nullable=False),
        sa.Column("setup", sa.String, nullable=False),
        sa.Column("summary", sa.String),
    )
    _of_session(
        "inputs",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    _of_session(
        "events",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("level", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
    )
    _of_session(
        "orders",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("wish", sa.Float),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("bounds", sa.String, nullable=False),
        sa.Column("result", sa.String),
        sa.Column("result_s", sa.Float),
        sa.Column("readback_kmh", sa.Float),
        sa.Column("readback_s", sa.Float),
    )
    _of_session(
        "samples",
        sa.Column("phase", sa.String, nullable=False),
        sa.Column("speed_kmh", sa.Float),
        sa.Column("incline_percent", sa.Float),
        sa.Column("distance_m", sa.Float, nullable=False),
        sa.Column("wished_kmh", sa.Float),
        sa.Column("ordered_kmh", sa.Float),
        sa.Column("ordered_percent", sa.Float),
        sa.Column("heart_rate_bpm", sa.Integer),
        sa.Column("cadence_spm", sa.Float),
    )
