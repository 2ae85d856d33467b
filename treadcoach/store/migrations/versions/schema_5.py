"""Seconds of running in a session; what recorded an imported one, and whether it raises the ceiling."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "5", "4"

_RUNNING_S = """
UPDATE sessions SET running_s = (
    SELECT SUM(CASE WHEN seconds > 3 THEN 1.0 ELSE seconds END)
    FROM (
        SELECT speed_kmh, t_s - LAG(t_s) OVER (ORDER BY seq) AS seconds
        FROM samples WHERE samples.session_id = sessions.id
    ) AS mine WHERE speed_kmh > 6.5
)
WHERE EXISTS (SELECT 1 FROM samples WHERE samples.session_id = sessions.id)
"""


def upgrade() -> None:
    op.add_column("sessions", sa.Column("running_s", sa.Float))
    op.add_column("sessions", sa.Column("device", sa.String, nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("lifts", sa.Integer, nullable=False, server_default="1"))
    op.execute(_RUNNING_S)
    # None of its samples was faster than walking: that is known, too.
    op.execute(
        "UPDATE sessions SET running_s = 0 WHERE running_s IS NULL"
        " AND EXISTS (SELECT 1 FROM samples WHERE samples.session_id = sessions.id)"
    )
