"""`make bench-growth`: what a running desk does on stores with a past of N and of 10 N articles, on SQLite and PostgreSQL, and
with more and more open stories.

Each figure is a median of milliseconds, of a long past and a short one taken in turn: of the processor for a file, and as they
pass for a server, whose work is done elsewhere.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import time as moment
from datetime import timedelta
from itertools import count
from statistics import median

from benchmarks.history import CHANNELS, FEEDS, NOW, History, feed, fill, named, told
from bot.analysis import Analysis
from bot.app import timeline
from bot.articles import Article
from bot.calls import BATCH
from bot.channels import DAILY, Channel
from bot.feeds import LEASE, FeedState, Request
from bot.hours import Occasion
from bot.pipeline import CLAIM, Pipeline
from bot.stores.sql import SqlStore, open_store
from tests import postgres
from tests.line import Line, ScriptedSink
from tests.makers import a_desk, a_feed

DATABASES = "sqlite", "postgresql"
KINDS = 500  # of stories: to make more takes longer than to follow them
SMALL = 16  # articles of a batch as they come on a busy day
numbers = count(1)
Step = Callable[[], object]


class Desk:
    """One that works on the store: everything it does, each with a name. What it finds to do is the same each time."""

    def __init__(self, store: SqlStore, past: History, batch: int = BATCH) -> None:
        self.store, self.past, self.batch = store, past, batch
        self.now = NOW
        channels = [Channel(name, digests=((DAILY, Occasion(moment(8))),), most=1000) for name in CHANNELS]
        desk = a_desk(feeds=[a_feed(feed(n)) for n in range(FEEDS)])
        desk = replace(desk, channel=CHANNELS[0], channel_settings=tuple(channels), ops_channel=CHANNELS[1])
        line = Line(store, sink=ScriptedSink(threads=True), desk=desk, seed=timeline().measures)
        self.pipeline: Pipeline = replace(line.pipeline, keep=timedelta(days=past.days + 30))
        self.pipeline.enrol()
        for kind in range(past.kinds):  # made here, and not while somebody looks at the clock
            told(kind, 5)

    def steps(self) -> dict[str, Step]:
        """In order: what one leaves, the next takes up."""
        store, pipeline = self.store, self.pipeline
        return {
            "claim and give back 50 feeds": self.claim,
            "save a feed of 20 articles": self.save_feed,
            "unread": lambda: store.unread(BATCH),
            "save articles and analyses of a batch": self.save_analyses,
            "follow a batch": lambda: pipeline.follow(self.now),
            "deliver an alert": lambda: pipeline.deliver(self.now, limit=1),
            "tick: read, nothing to do": lambda: (store.unread(BATCH), store.unfollowed(1)),
            "tick: deliver, nothing to do": lambda: store.due_alerts(NOW - timedelta(days=3000), 1),
            "tick: digest, none due": lambda: pipeline.digest(self.now),
            "tick: pulse": lambda: pipeline.pulse(self.now),
            "tick: remind": lambda: pipeline.remind(self.now),
            "tick: tidy, nothing to forget": lambda: pipeline.tidy(self.now),
            "figures: counts": lambda: store.counts(self.now),
            "figures: what waits": lambda: store.waiting_since(self.now),
            "people: recent": lambda: store.recent(50),
            "people: alerts": lambda: store.alerts(limit=50),
        }

    def claim(self) -> None:
        lease = f"lease {next(numbers)}"
        self.store.claim(self.now, lease, CLAIM, LEASE)
        self.store.give_back(lease, self.now)

    def save_feed(self) -> None:
        of = [a for a, _ in self.fresh(20)]
        self.store.save_feed(
            FeedState(feed(1), newest=NOW), of, Request(self.now, feed(1), 200, "", "", "", False, 9, 9, 0)
        )

    def fresh(self, size: int) -> list[tuple[Article, Analysis]]:
        """Articles of stories that are open, and of others."""
        kinds = self.past.kinds
        return [named(told(next(numbers) % kinds, 5), f"fresh/{next(numbers)}", self.now) for _ in range(size)]

    def save_analyses(self) -> None:
        """Of all that is unread, and of as many more as make a batch, which are saved with it."""
        unread = self.store.unread(self.batch)
        found = self.fresh(self.batch - len(unread))
        self.store.save_feed(FeedState(feed(1), newest=NOW), [article for article, _ in found])
        old = [(article, replace(told(1, 5)[1], article_id=article.id)) for article in unread]
        self.store.save_analyses([*old, *found])


def timed(step: Step, database: str) -> float:
    clock = time.process_time if database == "sqlite" else time.perf_counter
    started = clock()
    step()
    return 1000 * (clock() - started)


def compared(desks: Sequence[Desk], database: str, rounds: int) -> Iterator[dict[str, object]]:
    """Each step by each desk in turn; the first round is for the caches."""
    steps = [desk.steps() for desk in desks]
    took: dict[str, list[list[float]]] = {name: [[] for _ in desks] for name in steps[0]}
    for number in range(rounds + 1):
        for name, of_all in took.items():
            for of, found in zip(steps, of_all, strict=True):
                spent = timed(of[name], database)
                found += [spent] if number else []
    for name, of_all in took.items():
        few, many = (median(found) for found in of_all)
        yield {"step": name, "ms": round(few, 2), "ms, ten times": round(many, 2), "ratio": round(many / few, 2)}


@contextmanager
def filled(database: str, past: History) -> Iterator[SqlStore]:
    """A store with that past, which goes when it is done with."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store.db" if database == "sqlite" else postgres.url(postgres.copied())
        with closing(open_store(url)) as store:
            fill(store._engine, past)
            if database != "sqlite":
                with store._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("VACUUM ANALYZE")
            yield store


def over_time(database: str, articles: int, rounds: int) -> None:
    """Ten times the articles over ten times the days: each day is as busy as the other."""
    pasts = [History(articles * times, 180 * times) for times in (1, 10)]
    with ExitStack() as stack:
        desks = [Desk(stack.enter_context(filled(database, past)), past) for past in pasts]
        for found in compared(desks, database, rounds):
            print(json.dumps({"database": database, **found}), flush=True)


def by_open_stories(database: str, numbers: Sequence[int], rounds: int) -> None:
    """How long a batch is followed, and how long the first after a start."""
    for stories in numbers:
        past = History(round(stories * 2.4), 9, 1.0, kinds=min(stories, KINDS))
        with filled(database, past) as store:
            desk = Desk(store, past, SMALL)
            found = [followed(desk, database) for _ in range(rounds + 1)]
            words = {"first": round(found[0] / 1000, 2), "then": round(median(found[1:]) / 1000, 2)}
            print(
                json.dumps({"database": database, "open stories": stories, f"{SMALL} articles, s": words}), flush=True
            )


def followed(desk: Desk, database: str) -> float:
    desk.save_analyses()
    return timed(lambda: desk.pipeline.follow(desk.now), database)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--open", type=int, nargs="*", default=[200, 2_000, 10_000], help="stories")
    options.add_argument("--database", choices=DATABASES, nargs="*", default=DATABASES)
    chosen = options.parse_args()
    for database in chosen.database:
        if chosen.articles:
            over_time(database, chosen.articles, chosen.rounds)
        by_open_stories(database, chosen.open, 3)


if __name__ == "__main__":
    main()
