"""Makers of records: each with everything filled in, so that a test names only what it is about."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.actions import RELEVANT, Action, action_id
from bot.alerts import Alert
from bot.analysis import LABELS, Analysis, Scores, Why
from bot.articles import Article
from bot.desk import Desk
from bot.feeds import Entry, Feed
from bot.members import Member, member
from bot.messages import Message, Source
from bot.stories import Story
from bot.topics import Topic, Vector, learn
from bot.vocabulary import Vocabulary, term_from
from bot.watchlists import Watchlist, compile_watchlist

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SENSES = ("gold", "mine", "rain")  # words that have a dimension of their own in vectors for tests
FEED = "https://a.example/rss"
CHANNEL = "#desk"


def an_article(id: str = "a1", **changes: Any) -> Article:
    article = Article(
        id=id,
        url=f"https://a.example/{id}",
        title="US to raise tariff on Indian shrimp to 25%",
        text="Washington will raise its tariff on shrimp from India to 25% next month, officials said on Monday.",
        outlet="Deccan Ledger",
        feed_url=FEED,
        official=False,
        published=NOW - HOUR,
        first_seen=NOW,
    )
    return replace(article, **changes)


def scores(*labels: str, embedding: tuple[float, ...] = (), by: str = "model 1", **given: float) -> Scores:
    """`labels` are decided yes at 0.9, the others no at 0.05; `given` sets a score and leaves the decision."""
    said = {label: label in labels for label in LABELS}
    return Scores({label: given.get(label, 0.9 if said[label] else 0.05) for label in LABELS}, said, embedding, by)


def a_vector(text: str, senses: Sequence[str] = SENSES) -> Vector:
    """Of unit length: how often each of `senses` is in the text, and last a little for all else."""
    counts = [*(float(text.lower().count(word)) for word in senses), 0.5]
    length = math.hypot(*counts)
    return tuple(count / length for count in counts)


def a_topic(name: str = "gold") -> Topic:
    """Says yes to what holds the word gold."""
    examples = ("Gold up", "Gold mine sold", "Old gold mine", "Gold at a record", "Gold loans")
    others = ("Rain", "Rain again", "A mine", "A new mine", *("News",) * 6)
    return learn(name, a_vector("gold"), [a_vector(e) for e in examples], [a_vector(o) for o in others])


def an_analysis(id: str = "a1", *labels: str, **changes: Any) -> Analysis:
    """Of an article that a watchlist picked; `labels` as in `scores`."""
    analysis = Analysis(
        article_id=id,
        scores=scores(*labels),
        sectors=(),
        entities=(),
        figures=("25%",),
        why=(Why("tariffs", ("tariff",)),),
        quotes=("Washington will raise its tariff on shrimp from India to 25% next month, officials said on Monday.",),
    )
    return replace(analysis, **changes)


def a_member(id: str = "a1", **changes: Any) -> Member:
    """The part of `an_article` that following compares, with what `changes` say of the member itself."""
    return replace(member(an_article(id), an_analysis(id)), **{"why": "first"} | changes)


def a_story(*members: Member, told: Iterable[str] = (CHANNEL,)) -> Story:
    """A story of these members, or of one, that `told` channels have heard of."""
    of = members or (a_member(),)
    dates = [m.published for m in of]
    return Story(of[0].article_id, min(dates), max(dates), of, tuple(told))


def a_message(id: str = "x1", **changes: Any) -> Message:
    message = Message(
        id=id,
        kind="new",
        severity="medium",
        headline="US to raise tariff on Indian shrimp to 25%",
        url="https://a.example/a1",
        quotes=("Washington will raise its tariff on shrimp.",),
        why=(Why("tariffs", ("tariff",)),),
        topics=(("tariff_threat", 0.9),),
        sectors=("seafood",),
        sources=(Source("Deccan Ledger", "US to raise tariff", "https://a.example/a1", NOW - HOUR),),
        scored=True,
    )
    return replace(message, **changes)


def an_alert(id: str = "x1", channel: str = CHANNEL, **changes: Any) -> Alert:
    return replace(Alert(id, "a1", "a1", channel, a_message(id), created=NOW), **changes)


def an_action(kind: str = RELEVANT, user: str = "U1", **changes: Any) -> Action:
    """What a person did with the card of a1; the id is made of all of it."""
    about = {"alert_id": "x1", "story_id": "a1", "article_id": "a1"}
    action = Action("", NOW, user, f"Name of {user}", CHANNEL, kind, **about)
    action = replace(action, **changes)
    return replace(action, id=changes.get("id") or action_id(repr(action)))


def an_entry(name: str = "a1", **changes: Any) -> Entry:
    """An item of a feed document."""
    entry = Entry(
        title="US to raise tariff on Indian shrimp to 25%",
        link=f"https://a.example/{name}",
        guid=name,
        summary="Washington will raise its tariff on shrimp from India to 25% next month, officials said on Monday.",
        content="",
        published=NOW - HOUR,
    )
    return replace(entry, **changes)


def a_feed(url: str = FEED, **changes: Any) -> Feed:
    return replace(Feed(url, "Deccan Ledger"), **changes)


def a_vocabulary() -> Vocabulary:
    """A few words of each kind that the rules look for."""
    sets = {
        "INDIA": ("India", "Indian", "New Delhi"),
        "US": ("US", "Washington", "Trump"),
        "TARIFF": ("tariff", "duty", "levy"),
        "DEAL": ("trade deal", "trade pact", "market access"),
        "OTHER_PARTIES": ("China", "Chinese"),
    }
    sectors = {"seafood": ("shrimp", "seafood"), "steel": ("steel",), "dairy": ("dairy", "milk")}
    return Vocabulary(
        {name: tuple(map(term_from, words)) for name, words in sets.items()},
        {name: tuple(map(term_from, words)) for name, words in sectors.items()},
    )


def a_watchlist(name: str = "tariffs", query: str = "tariff", **changes: Any) -> Watchlist:
    """The query may name the topic of `a_topic`."""
    return replace(compile_watchlist(name, query, a_vocabulary(), topics=("gold",)), **changes)


def a_desk(*watchlists: Watchlist, feeds: Iterable[Feed] = (), topics: Iterable[Topic] = ()) -> Desk:
    lists = watchlists or (a_watchlist(),)
    return Desk(tuple(feeds) or (a_feed(),), lists, a_vocabulary(), CHANNEL, tuple(topics))
