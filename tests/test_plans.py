"""History costs nothing: what a running desk asks of its store is found by indexes, and takes no longer when there is ten times
as much of what is done with.

The statements are those that the store executes, seen on their way to the database.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, event

from bot.alerts import EDIT, REPLY, ROOT, SENT, Alert
from bot.articles import Article
from bot.channels import DAILY, Channel
from bot.engines.scheduler import SchedulerEngine
from bot.feeds import FeedState, Request
from bot.hours import Occasion
from bot.pipeline import Pipeline
from bot.stores import tables
from bot.stores.columns import EPOCH, MICROSECOND
from bot.stores.sql import SqlStore, open_store
from bot.stories import Merge
from tests import postgres
from tests.deadline_makers import a_deadline
from tests.line import Line, store_at
from tests.makers import (
    CHANNEL,
    DAY,
    FEED,
    HOUR,
    NOW,
    a_desk,
    a_member,
    a_story,
    an_action,
    an_alert,
    an_analysis,
    an_article,
)

FEW, MANY = 2_000, 20_000  # articles, one an hour: months, and years
MOST = 400  # rows that a step of a plan may look at: more than are of today, and far fewer than there are
EARLIER, LONG_AGO = "i * 3600000000", "i * 7200000000"  # microseconds; alerts outlive their articles
CHANGED = {  # how the rows of the past differ from the one of today that they are made from
    tables.articles: {"id": "'a' || i", "url": "url || i", "published": EARLIER, "first_seen": EARLIER},
    tables.analyses: {"article_id": "'a' || i"},
    tables.stories: {"id": "'s' || i", "started": EARLIER, "updated": EARLIER},
    tables.members: {"article_id": "'a' || i", "story_id": "'s' || i"},
    tables.merges: {"story_id": "'m' || i", "into": "'s' || i", "article_id": "'a' || i", "at": EARLIER},
    tables.alerts: {
        "id": "'x' || i",
        "story_id": "CASE i & 15 WHEN 0 THEN 'digest' ELSE 's' || i END",
        "article_id": "'a' || i",
        "channel": "CASE i & 1 WHEN 0 THEN channel ELSE '#other' END",
        "created": LONG_AGO,
        "sent_at": LONG_AGO,
        "slim": "i * 2 > (SELECT max(i) FROM n)",
    },
    tables.actions: {"id": "'k' || i", "story_id": "'s' || i", "at": EARLIER},
    tables.deadlines: {"article_id": "'a' || i"},
    tables.requests: {"at": EARLIER},
}
BIG = {table.name for table in CHANGED}
WALKS = "recent", "alerts"  # in the order of an index, as far as the limit
PARTIAL = {
    index.name for table in CHANGED for index in table.indexes if index.dialect_options["sqlite"]["where"] is not None
}


def filled(store: SqlStore, articles: int) -> SqlStore:
    """Something of each kind that is done with, that many times over, and a little of today."""
    first = an_article("a0", first_seen=NOW - DAY, published=NOW - DAY)
    request = Request(NOW - DAY, FEED, 304, "", "e", "e", False, 0, 90, 0)
    store.save_feed(FeedState(FEED, newest=NOW), [first], request)
    story = replace(a_story(a_member("a0", published=NOW - DAY)), id="s0", merges=(Merge("m0", "a0", NOW - DAY, ""),))
    store.save_analyses([(first, an_analysis("a0", deadlines=(a_deadline(NOW.date() - DAY, article_id="a0"),)))])
    done = an_alert("x0", story_id="s0", article_id="a0", created=NOW - DAY, sent_at=NOW - DAY, state=SENT)
    store.save_follow(["a0"], [story], [done])
    store.save_action(an_action(story_id="s0", article_id="a0", at=NOW - DAY))
    with store._engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # else it looks up each row that another refers to: ten seconds
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table, changed in CHANGED.items():
            _multiply(connection, table, articles, changed)
    _today(store)
    return store


def _multiply(connection: Connection, table: Table, times: int, changed: dict[str, str]) -> None:
    names = [column.name for column in table.columns if column.name != "seq"]
    values = [
        f'"{name}" - {changed[name]}' if changed.get(name) in (EARLIER, LONG_AGO) else changed.get(name, f'"{name}"')
        for name in names
    ]
    columns = ", ".join(f'"{name}"' for name in names)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})"
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({columns}) {numbers} SELECT {', '.join(values)} FROM {table.name}, n"
    )


def _today(store: SqlStore) -> None:
    """Articles at each stage, a story that two of them are in, and alerts that wait."""
    fresh = [an_article(f"today{n}", first_seen=NOW, title=f"Tariff of {n}%") for n in range(30)]
    store.save_feed(FeedState(FEED, newest=NOW), fresh)
    store.save_analyses([(one, an_analysis(one.id)) for one in fresh[:20]])
    store.save_follow(["today0", "today1"], [TODAY], [an_alert("open"), an_alert("held", due=NOW + HOUR)])


TODAY = replace(a_story(a_member("today0"), a_member("today1")), merges=(Merge("other", "today1", NOW, ""),))

REQUEST = Request(NOW, FEED, 304, "", "e", "e", False, 0, 90, 0)
numbers = count()  # what is new is new each time


def edited() -> list[Article]:
    rate = next(numbers)
    return [an_article(f"today{n}", first_seen=NOW, title=f"Tariff of {rate}%") for n in range(5)]


def told() -> list[Alert]:
    return [an_alert(f"told{next(numbers)}", story_id="today0", role=role) for role in (ROOT, REPLY, EDIT)]


ASKED: dict[str, Callable[[SqlStore], object]] = {
    "save_feed": lambda s: s.save_feed(
        FeedState(FEED, newest=NOW), [*edited(), an_article(f"new{next(numbers)}", first_seen=NOW)], REQUEST
    ),
    "unread": lambda s: s.unread(8),
    "save_analyses": lambda s: s.save_analyses([(an_article(n), an_analysis(n)) for n in ("today20", "today21")]),
    "unfollowed": lambda s: s.unfollowed(8),
    "open_stories": lambda s: s.open_stories(NOW - 3 * DAY),
    "cards": lambda s: s.cards("today0"),
    "alerts_since": lambda s: s.alerts_since(CHANNEL, NOW - 2 * DAY),
    "actions of a story": lambda s: s.actions(story_id="s1000"),
    "actions since": lambda s: s.actions(since=NOW - 2 * DAY),
    "answers": lambda s: s.answers(NOW - 2 * DAY),
    "save_follow": lambda s: s.save_follow(["today2", "today3"], [TODAY], told()),
    "deadlines": lambda s: s.deadlines(NOW.date()),
    "queued": lambda s: s.queued(["x1000", "nothing"]),
    "last_of": lambda s: s.last_of("digest", CHANNEL),
    "save_digest": lambda s: s.save_digest(an_alert(f"digest{next(numbers)}", story_id="digest"), ["open"]),
    "unfold": lambda s: s.unfold([CHANNEL]),
    "due_alerts": lambda s: s.due_alerts(NOW, 8),
    "next_delivery": lambda s: s.next_delivery(NOW),
    "root": lambda s: s.root("today0", CHANNEL),
    "save_alert": lambda s: s.save_alert(an_alert("open", state=SENT, sent_at=NOW)),
    "recover": lambda s: s.recover(),
    "unpark": lambda s: s.unpark(),
    "story": lambda s: s.story("m1000"),
    "story_of": lambda s: s.story_of("a1000"),
    "article": lambda s: s.article("https://a.example/a01000"),
    "alert": lambda s: s.alert("x1000"),
    "alerts": lambda s: s.alerts(limit=8),
    "alerts of an article": lambda s: s.alerts(article_id="a1000"),
    "alerts of a kind": lambda s: s.alerts(story_ids=["digest"], limit=8),
    "alerts of stories": lambda s: s.alerts(story_ids=["s1000", "s1001"]),
    "recent": lambda s: s.recent(8),
    "analysed_since": lambda s: s.analysed_since(NOW - 2 * DAY),
    "backlog": lambda s: s.backlog(NOW),
    "activity": lambda s: s.activity(NOW - DAY),
    "waiting": lambda s: s.waiting(NOW),
    "waiting_since": lambda s: s.waiting_since(NOW),
    "forget_requests": lambda s: s.forget_requests(NOW - MANY * HOUR),
    "prune": lambda s: forget(s),
    "tick: read": lambda s: SchedulerEngine(pipeline(s), lambda: NOW)._read(),
    "tick: deliver": lambda s: pipeline(s).deliver(NOW, limit=1),
    "tick: digest": lambda s: pipeline(s).digest(NOW),
    "tick: pulse": lambda s: pipeline(s).pulse(NOW),
    "tick: remind": lambda s: pipeline(s).remind(NOW),
}


def pipeline(store: SqlStore) -> Pipeline:
    """Of a desk that has digests, and a channel for news of itself."""
    channel = Channel(CHANNEL, digests=((DAILY, Occasion(time(8))),), most=5)
    desk = replace(a_desk(), channel_settings=(channel,), ops_channel="#ops", heartbeat=Occasion(time(8)))
    return Line(store, desk=desk).pipeline


def forget(store: SqlStore) -> None:
    """What is older than all but the first five articles."""
    with store._engine.connect() as connection:
        oldest = connection.exec_driver_sql("SELECT min(first_seen) FROM articles").scalar_one()
    store.prune(EPOCH + oldest * MICROSECOND + 5 * HOUR)


@contextmanager
def seen(store: SqlStore) -> Iterator[list[tuple[str, Any]]]:
    """The statements that go to the database meanwhile, with their parameters; of many alike the first."""
    found: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, statement: str, parameters: Any, context: object, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and "min(first_seen)" not in statement:
            found.append((statement, parameters[0] if many else parameters))

    event.listen(store._engine, "before_cursor_execute", note)
    yield found
    event.remove(store._engine, "before_cursor_execute", note)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of years; to copy."""
    path = tmp_path_factory.mktemp("many") / "store.db"
    filled(store_at(path), MANY).close()
    return path


@pytest.fixture(scope="module")
def file(many: Path) -> Iterator[SqlStore]:
    store = store_at(Path(shutil.copy(many, many.with_name("explained.db"))))
    yield store
    store.close()


@pytest.fixture(scope="module")
def server() -> Iterator[SqlStore]:
    store = filled(open_store(postgres.url(postgres.copied())), MANY)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    yield store
    store.close()


@pytest.mark.parametrize("name", ASKED)
def test_sqlite_finds_what_a_desk_asks_for_by_indexes(file: SqlStore, name: str) -> None:
    with seen(file) as statements:
        ASKED[name](file)
    assert statements
    with file._engine.connect() as connection:
        for statement, parameters in statements:
            found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).mappings()
            steps = [row["detail"] for row in found]
            scans = [
                step
                for step in steps
                if step.startswith("SCAN") and step.split()[1] in BIG and step.split()[-1] not in PARTIAL
            ]
            assert name in WALKS or scans == [], (statement, steps)


@pytest.mark.parametrize("name", ASKED)
def test_postgresql_finds_what_a_desk_asks_for_by_indexes_and_looks_at_little_else(server: SqlStore, name: str) -> None:
    with seen(server) as statements:
        ASKED[name](server)
    for statement, parameters in statements:
        with server._engine.connect() as connection:  # which is rolled back
            words = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
            (plan,) = connection.exec_driver_sql(words, parameters).scalar_one()
        for step in steps_of(plan["Plan"]):
            looked_at = step["Actual Loops"] * (step["Actual Rows"] + step.get("Rows Removed by Filter", 0))
            scanned = step["Node Type"] == "Seq Scan" and step["Relation Name"] in BIG
            assert (scanned, looked_at > MOST) == (False, False), (statement, json.dumps(step, indent=1))


def steps_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for step in plan.get("Plans", ()):
        yield from steps_of(step)


@pytest.fixture(scope="module")
def older(many: Path) -> Iterator[SqlStore]:
    store = store_at(Path(shutil.copy(many, many.with_name("counted.db"))))
    yield store
    store.close()


@pytest.fixture(scope="module")
def younger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    store = filled(store_at(tmp_path_factory.mktemp("few") / "store.db"), FEW)
    yield store
    store.close()


@pytest.mark.parametrize("name", ASKED)
def test_ten_times_the_past_costs_no_more_steps_of_the_database(younger: SqlStore, older: SqlStore, name: str) -> None:
    of_months, of_years = (steps_taken(store, ASKED[name]) for store in (younger, older))
    assert of_years <= 1.3 * of_months + 20


def steps_taken(store: SqlStore, ask: Callable[[SqlStore], object]) -> int:
    """Of SQLite's machine, in tens."""
    taken = 0

    def count() -> None:
        nonlocal taken
        taken += 1

    def watch(connection: Any, *_: object) -> None:
        connection.set_progress_handler(count, 10)

    event.listen(store._engine, "checkout", watch)
    ask(store)
    event.remove(store._engine, "checkout", watch)
    return taken
