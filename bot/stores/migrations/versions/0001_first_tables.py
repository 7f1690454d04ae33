"""The first tables. Written out in plain types: what a step did must not change when the program's tables do."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _feeds()
    _articles()
    _analyses()
    _stories()
    _members()
    _alerts()


def _feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("url", sa.Text),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("body_sha", sa.Text),
        sa.Column("polled_at", sa.BigInteger),
        sa.Column("ok_at", sa.BigInteger),
        sa.Column("next_due", sa.BigInteger),
        sa.Column("not_before", sa.BigInteger),
        sa.Column("status", sa.Integer),
        sa.Column("errors", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("newest", sa.BigInteger),
        sa.Column("items", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("url", name="pk_feeds"),
    )


def _articles() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.Text),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("outlet", sa.Text, nullable=False),
        sa.Column("feed_url", sa.Text, nullable=False),
        sa.Column("official", sa.Boolean, nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("quiet", sa.Boolean, nullable=False),
        sa.Column("from_page", sa.Boolean, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
    )
    op.create_index("ix_articles_url", "articles", ["url"])
    op.create_index("ix_articles_stage_first_seen_published", "articles", ["stage", "first_seen", "published"])
    op.create_index("ix_articles_stage_published_first_seen", "articles", ["stage", "published", "first_seen"])


def _analyses() -> None:
    op.create_table(
        "analyses",
        sa.Column("article_id", sa.Text),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("analysis", sa.JSON, nullable=False),
        sa.Column("embedding", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_analyses"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_analyses_article_id", ondelete="CASCADE"),
    )


def _stories() -> None:
    op.create_table(
        "stories",
        sa.Column("id", sa.Text),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stories"),
    )
    op.create_index("ix_stories_updated", "stories", ["updated"])


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("article_id", sa.Text),
        sa.Column("story_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("member", sa.JSON, nullable=False),
        sa.Column("embedding", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_members"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_members_article_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_members_story_id", ondelete="CASCADE"),
    )
    op.create_index("ix_members_story_id_position", "members", ["story_id", "position"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("seq", sa.Integer),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("story_id", sa.Text, nullable=False),
        sa.Column("article_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("message", sa.JSON, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("not_before", sa.BigInteger),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("simple", sa.Integer, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("lost", sa.Integer, nullable=False),
        sa.Column("blind", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_alerts"),
        sa.UniqueConstraint("id", name="uq_alerts_id"),
    )
    op.create_index("ix_alerts_state_channel_created", "alerts", ["state", "channel", "created"])
    op.create_index("ix_alerts_article_id", "alerts", ["article_id"])
    op.create_index("ix_alerts_created", "alerts", ["created"])
