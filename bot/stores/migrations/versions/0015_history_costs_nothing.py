"""Indexes by which what is done with costs nothing; which alerts are slim; whether a story is still as it was read."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

GONE = {
    "articles": (("stage", "first_seen", "published"), ("stage", "published", "first_seen")),
    "alerts": (
        ("state", "channel", "created"),
        ("story_id",),
        ("created",),
        ("story_id", "channel"),
        ("channel", "created"),
        ("channel", "sent_at"),
    ),
}
NEW = {
    "articles": (("first_seen",), ("published",)),
    "alerts": (("story_id", "created", "channel"), ("state", "sent_at", "channel"), ("created", "channel")),
}
PARTIAL = (
    ("articles", ("first_seen", "published"), "stage = 'unread'"),
    ("articles", ("published", "first_seen"), "stage = 'unfollowed'"),
    ("alerts", ("created",), "NOT slim"),
)


def upgrade() -> None:
    op.add_column("alerts", sa.Column("slim", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("stories", sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"))
    for table, indexes in GONE.items():
        for names in indexes:
            op.drop_index(_name(table, names), table)
    for table, indexes in NEW.items():
        for names in indexes:
            op.create_index(_name(table, names), table, list(names))
    for table, names, which in PARTIAL:
        where = sa.text(which)
        op.create_index(_name(table, names), table, list(names), sqlite_where=where, postgresql_where=where)


def _name(table: str, names: tuple[str, ...]) -> str:
    return f"ix_{table}_{'_'.join(names)}"
