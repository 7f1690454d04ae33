"""The usual gap between two items of a feed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for name in ("gap", "known_for"):
        op.add_column("feeds", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
