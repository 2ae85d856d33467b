"""Which coach ran a session, so that several may share a store; and which files were handed on."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "4", "3"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("station", sa.String, nullable=False, server_default=""))
    op.create_table(
        "handed_on",
        sa.Column(
            "session_id", sa.Integer, sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("target", sa.String, primary_key=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("done_unix_s", sa.Float),
        sa.Column("next_unix_s", sa.Float, nullable=False),
        sa.Column("error", sa.String, nullable=False),
    )
    op.create_index("diary_by_runner", "diary", ["runner", "kind"])
