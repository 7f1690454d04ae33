"""Stores with a past: articles with their analyses, stories, alerts, answers, requests and a ledger, as a desk has them after
months or years. The same each time; written through the tables, as the program itself would take hours."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import Engine, Table, insert

from benchmarks.items import items
from bot.actions import MUTE_STORY, NOT_RELEVANT, Action, Answer
from bot.alerts import ALONE, EDIT, FOLDED, QUEUED, REPLY, ROOT, SENT, Alert, alert_id
from bot.analysis import LABELS, Analysis, Scores, Why, analyze
from bot.app import timeline, vocabulary
from bot.articles import Article, article_id
from bot.deadlines import Deadline
from bot.facts import find_facts
from bot.feeds import FeedState, Request
from bot.heartbeat import ALARM
from bot.heartbeat import KIND as HEARTBEAT
from bot.measures import CONFIRMS, Measure
from bot.members import member
from bot.messages import Message, Source
from bot.nlp.keywords import plain_reading
from bot.stores import rows, tables
from bot.stories import Story
from bot.vocabulary import Vocabulary, find_sectors, index_reading

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CHANNELS = "#desk", "#steel"
FEEDS = 100
SIZES = 1, 1, 2, 3, 5  # members of stories, in turn
SHARE = 0.2  # of articles that a desk wants
LOT = 5000
Row = rows.Row


@dataclass(frozen=True, slots=True)
class History:
    """`kinds`: how many stories have words of their own; those beyond repeat them."""

    articles: int
    days: int
    share: float = SHARE
    kinds: int = 500

    @property
    def wanted(self) -> int:
        return round(self.articles * self.share)

    def moment(self, number: int, of: int) -> datetime:
        """When the one of that number came, of so many; the last a while ago, so that all is done with."""
        return NOW - timedelta(hours=6) - timedelta(days=self.days) * (of - 1 - number) / of


def feed(number: int) -> str:
    return f"https://{number % FEEDS}.example/feed"


@cache
def words() -> Vocabulary:
    return vocabulary()


@cache
def texts(share: float) -> tuple[str, ...]:
    return tuple(item.summary for item in items(4000, share))


@cache
def told(kind: int, version: int) -> tuple[Article, Analysis]:
    """An article of a story of its own kind, which another version of it tells with other words in part."""
    chance = random.Random(kind)
    of_all = [chance.choice(texts(1.0)) for _ in range(4)]
    own = random.Random(f"{kind} {version}").choice(texts(1.0))
    title = of_all[0].partition(". ")[0][:120]
    text = " ".join([*of_all, own])
    article = Article("", "", title, text, f"Outlet {version}", feed(kind + version), False, NOW, NOW)
    reading = plain_reading(article.whole)
    index = index_reading(reading)
    facts, sectors = find_facts(reading, index, words(), NOW.date()), find_sectors(index, words())
    scores = Scores(dict.fromkeys(LABELS, 0.9), dict.fromkeys(LABELS, True), (0.05,) * 384, "bench")
    why = (Why("tariffs", ("tariff",)),)
    return article, analyze(article, scores, sectors=sectors, facts=facts, why=why, quotes=(of_all[0], own))


@cache
def passed_over(kind: int) -> tuple[Article, Analysis]:
    text = texts(0.0)[kind]
    article = Article("", "", text[:80], text * 4, "Outlet", feed(kind), False, NOW, NOW)
    scores = Scores(dict.fromkeys(LABELS, 0.1), dict.fromkeys(LABELS, False), (), "bench")
    return article, analyze(article, scores)


def named(found: tuple[Article, Analysis], name: str, at: datetime) -> tuple[Article, Analysis]:
    article, analysis = found
    url = f"https://bench.example/{name}"
    id = article_id(url)
    return replace(article, id=id, url=url, published=at, first_seen=at), replace(analysis, article_id=id)


def stories(past: History) -> Iterator[tuple[Story, list[tuple[Article, Analysis]]]]:
    """With their articles."""
    number, at = 0, 0
    while at < past.wanted:
        size = min(SIZES[number % len(SIZES)], past.wanted - at)
        of = [
            named(told(number % past.kinds, n), f"wanted/{at + n}", past.moment(at + n, past.wanted))
            for n in range(size)
        ]
        members = tuple(replace(member(article, analysis), why="first") for article, analysis in of)
        told_in = CHANNELS if number % 4 == 0 else CHANNELS[:1]
        yield Story(members[0].article_id, members[0].published, members[-1].published, members, told_in), of
        number, at = number + 1, at + size


def alerts(story: Story) -> Iterator[Alert]:
    for channel in story.told:
        for number, one in enumerate(story.members):
            for role in (REPLY, EDIT) if number else (ROOT,):
                name = alert_id(story.id, one.article_id, channel, role)
                at = one.published + timedelta(minutes=5)
                told = _message(name, story)
                yield Alert(
                    name, story.id, one.article_id, channel, told, at, SENT, 1, receipt=f"{at}", sent_at=at, role=role
                )


def _message(name: str, story: Story) -> Message:
    sources = tuple(Source(m.outlet, m.title, m.url, m.published) for m in story.members)
    first = story.members[0]
    quotes = (first.title,) * 2
    why = (Why("tariffs", ("tariff",), ("relevant 0.90",)),)
    topics = (("tariff_threat", 0.9),)
    return Message(name, "new", "medium", first.title, first.url, quotes, why, topics, first.goods, sources, True)


def daily(past: History) -> Iterator[Alert]:
    """Digests and heartbeats, a digest of each day, and an alarm each week."""
    bare = Message(
        "", "digest", "low", "Digest: three stories", "", (), (), (), (), (), True, whole="tariffwatch digest"
    )
    for number in range(past.days):
        at = past.moment(number, past.days)
        kinds = ["digest", HEARTBEAT, *([ALARM] if number % 7 == 0 else [])]
        for kind, channel in ((kind, channel) for kind in kinds for channel in CHANNELS):
            name, day = f"{kind}{number}{channel}", at.date().isoformat()
            yield Alert(name, kind, day, channel, replace(bare, id=name), at, SENT, 1, sent_at=at, role=ALONE)


def open_alerts() -> Iterator[Alert]:
    """Of today, whatever the past is: some that wait, some for the digest."""
    bare = Message("", "new", "low", "A card that waits", "", (), (), (), (), (), True)
    for number, state in enumerate((*[QUEUED] * 10, *[FOLDED] * 20)):
        name = f"open{number}"
        channel = CHANNELS[number % 2]
        yield Alert(name, name, name, channel, replace(bare, id=name), NOW, state, due=NOW + timedelta(hours=9))


def actions(story: Story, about: tuple[Article, Analysis]) -> Iterator[Row]:
    for number, kind in enumerate((NOT_RELEVANT, MUTE_STORY)):
        at = story.updated + timedelta(hours=1 + number)
        name = f"{story.id}{kind}"
        done = Action(name, at, "U1", "Asha", CHANNELS[0], kind, story_id=story.id, article_id=story.id)
        bare = replace(about[1], scores=replace(about[1].scores, embedding=()))
        yield rows.action_row(done, Answer(done, about[0], bare, ("tariffs",)) if number == 0 else None)


def ledger(past: History) -> list[Measure]:
    """The timeline, with a telling of one measure or another for each fifty wanted articles."""
    seed = timeline().measures
    count = past.wanted // 50
    told: dict[str, list[datetime]] = {}
    for number in range(count):
        told.setdefault(seed[number % len(seed)].id, []).append(past.moment(number, count))
    return [_grown(measure, told.get(measure.id, [])) for measure in seed]


def _grown(measure: Measure, told: Iterable[datetime]) -> Measure:
    last = measure.states[-1]
    more = (
        replace(
            last, told=at, arrived=at, kind=CONFIRMS, article_id=f"{at}", sentence=f"{last.sentence} So it was on {at}."
        )
        for at in told
    )
    return replace(measure, states=(*measure.states, *more))


def deadline(article: Article) -> Deadline:
    day = (article.published + timedelta(days=20)).date()
    about = article.title, "", (), ("IN",), ("steel",), "s232"
    return Deadline(day, "hearing", *about, article.title, article.outlet, article.url, article.id, article.published)


def fill(engine: Engine, past: History) -> None:
    """The database is migrated and empty."""
    writer = _Writer(engine)
    for n in range(FEEDS):
        writer.add(tables.feeds, rows.feed_row(FeedState(feed(n), newest=NOW, polled_at=NOW)))
    for number in range(past.articles - past.wanted):
        at = past.moment(number, past.articles - past.wanted)
        _put_article(writer, *named(passed_over(number % 1000), f"passed/{number}", at))
    for number, (story, of) in enumerate(stories(past)):
        for article, analysis in of:
            _put_article(writer, article, analysis)
        writer.add(tables.stories, rows.story_row(story))
        writer.add(tables.members, *rows.member_rows(story))
        writer.add(tables.alerts, *map(rows.row, alerts(story)))
        if number % 4 == 0:
            writer.add(tables.actions, *actions(story, of[0]))
            one = deadline(of[0][0])
            writer.add(tables.deadlines, {"article_id": story.id, "position": 0, "day": one.day, "deadline": one})
    for number in range(past.articles):
        at = past.moment(number, past.articles)
        writer.add(tables.requests, rows.row(Request(at, feed(number), 304, "", "e", "e", False, 0, 90, 0)))
    for alert in (*daily(past), *open_alerts()):
        writer.add(tables.alerts, rows.row(alert))
    for measure in ledger(past):
        writer.add(tables.measures, rows.measure_row(measure))
        writer.add(tables.states, *rows.state_rows(measure))
    writer.flush()


def _put_article(writer: "_Writer", article: Article, analysis: Analysis) -> None:
    writer.add(tables.articles, rows.row(article) | {"stage": tables.FOLLOWED})
    writer.add(tables.analyses, rows.analysis_row(analysis))


class _Writer:
    """Rows of all tables in lots, those first that others refer to."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rows: dict[Table, list[Row]] = {table: [] for table in tables.metadata.sorted_tables}

    def add(self, table: Table, *rows: Row) -> None:
        self._rows[table] += rows
        if len(self._rows[table]) >= LOT:
            self.flush()

    def flush(self) -> None:
        with self._engine.begin() as connection:
            for table, lot in self._rows.items():
                if lot:
                    connection.execute(insert(table), lot)
                    lot.clear()
