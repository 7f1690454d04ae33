"""Hits of watchlists, by day; those of the analyses that are there already too."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

KEPT = {
    "sqlite": """
        SELECT DISTINCT a.id, json_extract(why.value, '$.watchlist'), date(a.published / 1000000, 'unixepoch')
        FROM analyses JOIN articles a ON a.id = analyses.article_id, json_each(analyses.analysis, '$.why') why
    """,
    "postgresql": """
        SELECT DISTINCT a.id, why.value ->> 'watchlist', (to_timestamp(a.published / 1000000) AT TIME ZONE 'UTC')::date
        FROM analyses JOIN articles a ON a.id = analyses.article_id,
        LATERAL json_array_elements(analyses.analysis -> 'why') why
    """,
}


def upgrade() -> None:
    op.create_table(
        "hits",
        sa.Column("article_id", sa.Text),
        sa.Column("watchlist", sa.Text),
        sa.Column("day", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "watchlist", name="pk_hits"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_hits_article_id", ondelete="CASCADE"),
    )
    op.execute(f"INSERT INTO hits (article_id, watchlist, day) {KEPT[op.get_context().dialect.name]}")
    for names in (("day", "watchlist"), ("watchlist", "day")):
        op.create_index(f"ix_hits_{'_'.join(names)}", "hits", list(names))
