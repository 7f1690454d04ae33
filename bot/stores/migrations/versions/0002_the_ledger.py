"""The ledger: measures, and the states that were told of them. Plain types, as in every step."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _measures()
    _states()


def _measures() -> None:
    op.create_table(
        "measures",
        sa.Column("id", sa.Text),
        sa.Column("imposer", sa.Text, nullable=False),
        sa.Column("target", sa.JSON, nullable=False),
        sa.Column("goods", sa.JSON, nullable=False),
        sa.Column("instrument", sa.Text, nullable=False),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_measures"),
    )


def _states() -> None:
    op.create_table(
        "states",
        sa.Column("measure_id", sa.Text),
        sa.Column("position", sa.Integer),
        sa.Column("told", sa.BigInteger, nullable=False),
        sa.Column("arrived", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("rate", sa.Float),
        sa.Column("rate_low", sa.Float),
        sa.Column("rate_from", sa.Float),
        sa.Column("effective", sa.Date),
        sa.Column("expires", sa.Date),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("outlet", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("article_id", sa.Text, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("speaker", sa.Text, nullable=False),
        sa.Column("verified", sa.Boolean, nullable=False),
        sa.Column("contested", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("measure_id", "position", name="pk_states"),
        sa.ForeignKeyConstraint(["measure_id"], ["measures.id"], name="fk_states_measure_id", ondelete="CASCADE"),
    )
