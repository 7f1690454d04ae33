"""Author and language: of articles, as their feeds tell them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for name in ("author", "lang"):
        op.add_column("articles", sa.Column(name, sa.Text, nullable=False, server_default=""))
