"""Running form."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "2", "1"


def upgrade() -> None:
    op.create_table(
        "form",
        sa.Column(
            "session_id", sa.Integer, sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("t_s", sa.Float, nullable=False),
        sa.Column("sensor", sa.String, nullable=False),
        sa.Column("gait", sa.String),
        sa.Column("start_s", sa.Float, nullable=False),
        sa.Column("metrics", sa.String, nullable=False),
        sa.Column("doubts", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
