"""Threads: what an alert is to its story's card. What updates there were went out as messages of their own, and stay so."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("role", sa.Text, nullable=False, server_default="alone"))
    op.add_column("alerts", sa.Column("broadcast", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_alerts_story_id_channel", "alerts", ["story_id", "channel"])
    alerts = sa.table("alerts", sa.column("role", sa.Text), sa.column("message", sa.JSON))
    op.execute(sa.update(alerts).where(alerts.c.message["kind"].as_string() == "new").values(role="root"))
