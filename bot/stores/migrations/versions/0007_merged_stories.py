"""Merged stories; members are compared by what they name, and need no vector."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "merges",
        sa.Column("story_id", sa.Text),
        sa.Column("into", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("article_id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("story_id", name="pk_merges"),
        sa.ForeignKeyConstraint(["into"], ["stories.id"], name="fk_merges_into", ondelete="CASCADE"),
    )
    op.create_index("ix_merges_into_position", "merges", ["into", "position"])
    op.create_index("ix_alerts_story_id", "alerts", ["story_id"])
    op.drop_column("members", "embedding")
