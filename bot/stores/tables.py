"""The tables, as the program uses them; `migrations` makes them, and a test holds the two equal.

A column has the name of the record's field, so that a record and its row are the same mapping.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TextClause,
    false,
    text,
)

from bot.analysis import Analysis
from bot.articles import Article
from bot.deadlines import Deadline
from bot.doubts import Doubt
from bot.members import Member
from bot.messages import Message
from bot.stores.columns import Duration, Floats, Packed, UtcTime
from bot.stories import Split

BULKY = text("NOT slim")  # of alerts: those whose message is still there in full
# Where an article stands on its line. Kept in a column because "has no analysis yet" cannot be indexed.
UNREAD, UNFOLLOWED, FOLLOWED = "unread", "unfollowed", "followed"


def only(which: TextClause, *columns: str) -> Index:
    """An index of few of many rows: what is done with costs nothing in it. A query finds it by the same words."""
    return Index(None, *columns, sqlite_where=which, postgresql_where=which)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

feeds = Table(
    "feeds",
    metadata,
    Column("url", Text, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_sha", Text),
    Column("polled_at", UtcTime),
    Column("ok_at", UtcTime),
    Column("next_due", UtcTime),
    Column("not_before", UtcTime),
    Column("status", Integer),
    Column("errors", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("newest", UtcTime),
    Column("items", Integer, nullable=False),
    Column("gap", Duration, nullable=False, server_default="0"),
    Column("known_for", Duration, nullable=False, server_default="0"),
    Column("ttl", Integer, nullable=False, server_default="0"),
    Column("same", Integer, nullable=False, server_default="0"),
    Column("failing_since", UtcTime),
    Column("site", Text, nullable=False, server_default=""),
    Column("moved_to", Text, nullable=False, server_default=""),
    Column("moved_at", UtcTime),
    Column("moved_looks", Integer, nullable=False, server_default="0"),
    Column("due", UtcTime, nullable=False, server_default="0"),  # `due_at` of the state
    Column("turn", Text, nullable=False, server_default=""),  # what workers take turns by; "" for what none may claim
    Column("lease", Text, nullable=False, server_default=""),
    Column("leased_until", UtcTime),
    Index(None, "due"),
    Index(None, "turn", "leased_until"),
    Index(None, "site", "not_before"),
    Index(None, "lease"),
)

requests = Table(  # for feeds, which it does not refer to: what was asked of a server stays true
    "requests",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("url", Text, nullable=False),
    Column("status", Integer),
    Column("error", Text, nullable=False),
    Column("sent", Text, nullable=False),
    Column("given", Text, nullable=False),
    Column("same", Boolean, nullable=False),
    Column("size", Integer, nullable=False),
    Column("ms", Integer, nullable=False),
    Column("wish", Integer, nullable=False),
    Index(None, "at"),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("outlet", Text, nullable=False),
    Column("feed_url", Text, nullable=False),
    Column("official", Boolean, nullable=False),
    Column("published", UtcTime, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("quiet", Boolean, nullable=False),
    Column("from_page", Boolean, nullable=False),
    Column("author", Text, nullable=False, server_default=""),
    Column("lang", Text, nullable=False, server_default=""),
    Column("stage", Text, nullable=False),
    Column("lease", Text, nullable=False, server_default=""),  # of the worker that reads it
    Column("leased_until", UtcTime),
    Index(None, "url"),
    Index(None, "first_seen"),
    Index(None, "published"),
    only(text(f"stage = '{UNREAD}'"), "first_seen", "published"),
    only(text(f"stage = '{UNFOLLOWED}'"), "published", "first_seen"),
    only(text("lease <> ''"), "lease"),
)

analyses = Table(
    "analyses",
    metadata,
    Column("article_id", Text, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("by", Text, nullable=False),
    Column("analysis", Packed(Analysis), nullable=False),  # without the embedding
    Column("embedding", Floats, nullable=False),
)

hits = Table(  # of watchlists: what `analysis.why` says, to be counted by day without unpacking it
    "hits",
    metadata,
    Column("article_id", Text, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("watchlist", Text, primary_key=True),
    Column("day", Date, nullable=False),  # of publication, in UTC
    Index(None, "day", "watchlist"),
    Index(None, "watchlist", "day"),
)

stories = Table(
    "stories",
    metadata,
    Column("id", Text, primary_key=True),
    Column("started", UtcTime, nullable=False),
    Column("updated", UtcTime, nullable=False),
    Column("told", Packed(tuple[str, ...]), nullable=False),
    Column("splits", Packed(tuple[Split, ...]), nullable=False, server_default="[]"),
    Column("doubts", Packed(tuple[Doubt, ...]), nullable=False, server_default="[]"),
    Column("revision", BigInteger, nullable=False, server_default="0"),  # another whenever it or a member is written
    Index(None, "updated"),
)

members = Table(  # of stories; its key says that an article is in one story at most
    "members",
    metadata,
    Column("article_id", Text, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", Text, ForeignKey("stories.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("member", Packed(Member), nullable=False),
    Index(None, "story_id", "position"),
)

merges = Table(  # stories that turned out to be another, which has their members now
    "merges",
    metadata,
    Column("story_id", Text, primary_key=True),
    Column("into", Text, ForeignKey("stories.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("article_id", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("why", Text, nullable=False),
    Column("told", Packed(tuple[str, ...]), nullable=False, server_default="[]"),
    Index(None, "into", "position"),
)

alerts = Table(  # refers to articles and stories without foreign keys: it outlives them, so that no alert is made twice
    "alerts",
    metadata,
    Column("seq", Integer, primary_key=True),  # the order of queueing, for alerts made at the same instant
    Column("id", Text, nullable=False, unique=True),
    Column("story_id", Text, nullable=False),
    Column("article_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("message", Packed(Message), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("not_before", UtcTime),
    Column("receipt", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("simple", Integer, nullable=False),
    Column("sent_at", UtcTime),
    Column("lost", Integer, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("role", Text, nullable=False, server_default="alone"),
    Column("broadcast", Boolean, nullable=False, server_default=false()),
    Column("due", UtcTime),
    Column("slim", Boolean, nullable=False, server_default=false()),
    # None begins with the channel: there are few, each with a good part of all alerts, and SQLite might think otherwise.
    Index(None, "article_id"),
    Index(None, "story_id", "created", "channel"),
    Index(None, "state", "sent_at", "channel"),
    Index(None, "created", "channel"),
    only(BULKY, "created"),
)

fences = Table(  # how often what they stand before has changed; none stands before what never did
    "fences",
    metadata,
    Column("name", Text, primary_key=True),
    Column("number", Integer, nullable=False),
)

actions = Table(  # of people; an answer has what it is about beside it, without foreign keys: it outlives the article
    "actions",
    metadata,
    Column("seq", Integer, primary_key=True),  # the order of arrival, for actions of the same instant
    Column("id", Text, nullable=False, unique=True),
    Column("at", UtcTime, nullable=False),
    Column("user", Text, nullable=False),
    Column("user_name", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("alert_id", Text, nullable=False),
    Column("story_id", Text, nullable=False),
    Column("article_id", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("article", Packed(Article | None), nullable=False),  # null for what answers nothing, or came too late
    Column("analysis", Packed(Analysis | None), nullable=False),  # without the embedding
    Column("watchlists", Packed(tuple[str, ...]), nullable=False),
    Index(None, "story_id"),
    Index(None, "at"),
)

measures = Table(
    "measures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("imposer", Text, nullable=False),
    Column("target", Packed(tuple[str, ...]), nullable=False),
    Column("goods", Packed(tuple[str, ...]), nullable=False),
    Column("instrument", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("title", Text, nullable=False),
)

deadlines = Table(  # as articles tell them; refers to articles without a foreign key: a day years ahead outlives them
    "deadlines",
    metadata,
    Column("article_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("day", Date, nullable=False),
    Column("deadline", Packed(Deadline), nullable=False),
    Index(None, "day"),
)

versions = Table(  # of watchlists, which live in files: their history is here
    "versions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("entry", Text, nullable=False),
)

states = Table(  # of measures; refers to articles without a foreign key: the history outlives them
    "states",
    metadata,
    Column("measure_id", Text, ForeignKey("measures.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("told", UtcTime, nullable=False),
    Column("arrived", UtcTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("rate", Float),
    Column("rate_low", Float),
    Column("rate_from", Float),
    Column("effective", Date),
    Column("expires", Date),
    Column("sentence", Text, nullable=False),
    Column("outlet", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("article_id", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("speaker", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("contested", Text, nullable=False),
)
