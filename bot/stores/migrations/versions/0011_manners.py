"""What servers asked for, where feeds move to, and the log of requests."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for name in ("ttl", "same", "moved_looks"):
        op.add_column("feeds", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    for name in ("site", "moved_to"):
        op.add_column("feeds", sa.Column(name, sa.Text, nullable=False, server_default=""))
    for name in ("failing_since", "moved_at"):
        op.add_column("feeds", sa.Column(name, sa.BigInteger))
    op.create_table(
        "requests",
        sa.Column("seq", sa.Integer),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("sent", sa.Text, nullable=False),
        sa.Column("given", sa.Text, nullable=False),
        sa.Column("same", sa.Boolean, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("ms", sa.Integer, nullable=False),
        sa.Column("wish", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_requests"),
    )
    op.create_index("ix_requests_at", "requests", ["at"])
