"""Deadlines: the days that articles set."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "deadlines",
        sa.Column("article_id", sa.Text),
        sa.Column("position", sa.Integer),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("deadline", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "position", name="pk_deadlines"),
    )
    op.create_index("ix_deadlines_day", "deadlines", ["day"])
