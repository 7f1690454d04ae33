"""The steps of the line, each by itself in one process over a store that is filled beforehand; for `make bench-scale`.

Times are those of the clock and of processors: on a machine that has other work only the latter say what a core does.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import yaml

from benchmarks.items import START, items
from bot.analysis import LABELS, Scores
from bot.app import build
from bot.articles import Article
from bot.calls import BATCH
from bot.config import load_config
from bot.demo import SHIPPED
from bot.events import silent
from bot.feeds import FeedState
from bot.pipeline import Pipeline
from bot.store_url import on_server
from bot.stores.sql import SqlStore, open_store
from tests.harness.crash_news import Item, document

FEED = "https://bench.example/feed"
SHARE = 0.05  # of items that are relevant
OUTLETS = 200
A_DAY = 100_000  # articles, which says how far apart they were published
LOT = 1000
DOCUMENT = 20  # items of a feed
CHANNELS = tuple(f"C0000BEN{n:02}" for n in range(4))
TABLES = """
SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY 2 DESC
"""


def say(part: str, **figures: Any) -> None:
    print(json.dumps({"part": part, **figures}), flush=True)


# what there is to do


def settings(folder: Path, store: str, feeds: Sequence[str] = (FEED,)) -> None:
    """The shipped watchlists, shared out among a few channels."""
    shipped = yaml.safe_load(SHIPPED.read_text("utf-8"))["watchlists"]
    lists = [one | {"channels": [CHANNELS[n % len(CHANNELS)]]} for n, one in enumerate(shipped)]
    keys = {"channel": CHANNELS[0], "watchlists": lists, "log": {"format": "json"}}
    keys["feeds"] = [{"url": feed, "outlet": feed, "pages": False} for feed in feeds]
    keys["polling"] = {"allow": ["127.0.0.0/8"]}
    keys |= {} if on_server(store) else {"store": store}
    (folder / "config.yaml").write_text(yaml.safe_dump(keys), "utf-8")


def articles(count: int) -> Iterator[Article]:
    """As they come on a day, the oldest first."""
    last = datetime.now(UTC)
    for n, item in enumerate(items(count, SHARE)):
        at = last - timedelta(days=1) * (count - n) / A_DAY
        url, outlet = f"https://bench.example/{n}", f"Outlet {n % OUTLETS}"
        yield Article(f"{n * 7919:032x}", url, item.title, item.summary, outlet, FEED, False, at, at)


def fill(store: SqlStore, count: int) -> None:
    found = list(articles(count))
    for at in range(0, count, LOT):
        store.save_feed(FeedState(FEED), found[at : at + LOT])


def documents(feed: int) -> list[bytes]:
    """What a feed shows in each round: twenty items, the same again, one more."""
    told = [
        Item(f"https://bench.example/{feed}/{n}", one.title, one.summary, START)
        for n, one in enumerate(items(DOCUMENT + 1, SHARE, seed=feed))
    ]
    return [document(f"Bench {feed}", told[:most]) for most in (DOCUMENT, DOCUMENT, DOCUMENT + 1)]


# what it takes


class Spent:
    """Since it was made: by the clock, and of processors by these processes and by the database, which has none in a file."""

    def __init__(self, database: int, *processes: int) -> None:
        self._database, self._processes = database, processes or (os.getpid(),)
        self._began, self._own, self._server = time.perf_counter(), self._used(), used(database)

    def _used(self) -> float:
        return sum(map(used, self._processes))

    def on(self, count: int) -> dict[str, float]:
        own, server = self._used() - self._own, used(self._database) - self._server
        told = {"count": count, "a second": round(count / (time.perf_counter() - self._began), 1)}
        told["ms of processor each"] = each(own, count)
        return told | ({"ms of the database each": each(server, count)} if self._database else {})


def each(seconds: float, count: int) -> float:
    return round(1000 * seconds / max(count, 1), 3)


def used(pid: int) -> float:
    """Processor's seconds of a process and of those that it started."""
    if not pid:
        return 0.0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return sum(sum(one.cpu_times()[:2]) for one in (process, *process.children(recursive=True)))
    return 0.0


def drained(step: Callable[[], object], count: int, database: int) -> dict[str, float]:
    spent = Spent(database)
    while step():
        pass
    return spent.on(count)


def sizes(store: SqlStore, count: int) -> dict[str, Any]:
    """Bytes of an article with all that hangs on it; on PostgreSQL also of the largest tables with their indexes."""
    store.fold()
    if store._engine.dialect.name != "postgresql":
        return {"bytes an article": round(store.sizes()["file"] / count)}
    with store._engine.connect() as connection:
        found = connection.exec_driver_sql(TABLES).all()
    told = {name: round(size / count) for name, size in found}
    return {"bytes an article": sum(told.values()), "of them": dict(list(told.items())[:6])}


# the steps


class Nothing:
    """A first pass that says no to all: what is left is the work of the store, and of the queue."""

    name = "nothing"

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        scores = Scores(dict.fromkeys(LABELS, 0.01), dict.fromkeys(LABELS, False), (), self.name)
        return [scores for _ in texts]


def pipeline_of(url: str, store: SqlStore) -> Pipeline:
    """With all models loaded. What it sends goes nowhere, at once."""
    environment = {"DATABASE_URL": url} if on_server(url) else {}
    nowhere = Path(os.devnull).open("w")  # noqa: SIM115  for as long as the process lasts
    made = build(load_config(Path("config.yaml"), environment), store=store, tell=silent, out=nowhere)
    made.examiner.classifier.score([("warm", "up")])
    made.examiner.reader.read(["warm up"])
    return made


def line(url: str, database: int) -> None:
    """Reads, follows and delivers all that is in the store."""
    with closing(open_store(url)) as store:
        pipeline, kind = pipeline_of(url, store), "PostgreSQL" if database else "file"
        whole = store.counts()["unread"]
        say("read", store=kind, **drained(pipeline.analyze, whole, database))
        say("follow", store=kind, **drained(lambda: _followed(pipeline), whole, database))
        waiting = store.counts()["alerts_queued"]
        say("deliver", store=kind, **drained(lambda: _delivered(pipeline), waiting, database))
        say("stored", store=kind, articles=whole, **sizes(store, whole))


def bare(url: str, database: int) -> None:
    """Reads with a model that says no at once; on PostgreSQL half of it as a worker does, with leases and calls."""
    kind = "PostgreSQL" if database else "file"
    with closing(open_store(url, calling=bool(database))) as store:
        pipeline = pipeline_of(url, store)
        pipeline.examiner = replace(pipeline.examiner, first_pass=Nothing())
        if database:
            spent, lots = Spent(database), store.counts()["unread"] // 2 // BATCH
            for number in range(lots):
                pipeline.analyze_claimed(datetime.now(UTC), f"bench {number}")
            say("read without a model", store=kind, claimed=True, **spent.on(lots * BATCH))
        told = drained(pipeline.analyze, store.counts()["unread"], database)
        say("read without a model", store=kind, claimed=False, **told)


def _followed(pipeline: Pipeline) -> bool:
    there = bool(pipeline.store.unfollowed(1))
    if there:
        pipeline.follow(datetime.now(UTC))
    return there


def _delivered(pipeline: Pipeline) -> bool:
    now = datetime.now(UTC)
    there = bool(pipeline.store.due_alerts(now, 1))
    if there:
        pipeline.deliver(now, limit=1)
    return there


def collect(url: str, database: int) -> None:
    """A round of claims for each line that is read."""
    with closing(open_store(url)) as store:
        pipeline = pipeline_of(url, store)
        pipeline.enrol()
        for number, kind in enumerate(sys.stdin):
            now, spent, done = datetime.now(UTC) + number * timedelta(hours=1), Spent(database), 0
            while lot := pipeline.collect_claimed(now, lease := f"{number} {done}"):
                pipeline.give_back(now, lease)
                done += lot
            say("collect", document=kind.strip(), **spent.on(done))


if __name__ == "__main__":
    {"line": line, "collect": collect, "bare": bare}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
