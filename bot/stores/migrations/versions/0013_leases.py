"""Which feeds are due, as one time; who of several workers has them, and until when."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

FLOOR = 600_000_000  # microseconds between two polls
INDEXES = ("due",), ("turn", "leased_until"), ("site", "not_before"), ("lease",)


def upgrade() -> None:
    op.add_column("feeds", sa.Column("due", sa.BigInteger, nullable=False, server_default="0"))
    for name in ("turn", "lease"):
        op.add_column("feeds", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("feeds", sa.Column("leased_until", sa.BigInteger))
    for time in ("next_due", "not_before", f"polled_at + {FLOOR}"):
        op.execute(f"UPDATE feeds SET due = {time} WHERE {time} > due")  # noqa: S608  words of ours
    for names in INDEXES:
        op.create_index(f"ix_feeds_{'_'.join(names)}", "feeds", list(names))
