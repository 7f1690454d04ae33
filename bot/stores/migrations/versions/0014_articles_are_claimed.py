"""Who of several workers reads an article, and until when; and how often what is followed has changed."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("articles", sa.Column("lease", sa.Text, nullable=False, server_default=""))
    op.add_column("articles", sa.Column("leased_until", sa.BigInteger))
    held = sa.text("lease <> ''")
    op.create_index("ix_articles_lease", "articles", ["lease"], sqlite_where=held, postgresql_where=held)
    op.create_table(
        "fences",
        sa.Column("name", sa.Text),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_fences"),
    )
