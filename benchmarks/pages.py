"""`make bench-pages`: each page over HTTP from a store of 100,000 articles: 200 times, two at once, in milliseconds and bytes.

The server is a process of its own, as the daemon is. Exit code 1 where a page takes longer, or weighs more, than it may.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from statistics import quantiles

from sqlalchemy import create_engine, insert

from benchmarks.backtest import OUTLETS, analysed
from benchmarks.items import START, items
from bot.alerts import DEAD, EDIT, REPLY, ROOT, SENT, Alert
from bot.analysis import Analysis, Why
from bot.app import examiner, timeline, vocabulary, watchlists
from bot.articles import Article
from bot.config import load_config
from bot.demo import SHIPPED
from bot.desk import Desk
from bot.events import silent
from bot.feeds import Feed, FeedState
from bot.measures import Measure
from bot.members import Member, member
from bot.messages import FactLine, Message, Source
from bot.stores import rows, tables
from bot.stores.sql import open_store
from bot.stories import Story
from bot.web.pages import NAVIGATION, site
from bot.web.room import Room
from bot.web.server import Answers, application, serving

ARTICLES, SHARE = 100_000, 0.1  # of which so many are wanted
FEEDS = 500
OF_A_STORY = 4  # articles
CHANNEL = "C0123TRADE"
LOT = 5000
TIMES, AT_ONCE = 200, 2
MOST_MS, MOST_BYTES = 100.0, 150_000
FURTHER = (
    "/ledger?on=2025-08-27&goods=steel",
    "/ledger/us-in-reciprocal-0",
    "/ledger.json",
    "/?days=7",
    "/health?sort=last&page=3",
    "/story/{story}",
    "/watchlists/tariff-threats",
)
FIRED = tuple(Why(name, ("tariff",)) for name in ("india-us-trade", "tariff-threats", "sensitive-sectors"))
LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def fill(path: Path, articles: int) -> None:
    """A desk of ten weeks, straight into the tables."""
    open_store(f"sqlite:///{path}").close()
    engine = create_engine(f"sqlite:///{path}")
    found = analysed(items(articles, SHARE), vocabulary())
    wanted: list[tuple[Article, Analysis]] = []
    with engine.begin() as connection:
        connection.execute(insert(tables.feeds), [rows.feed_row(state) for state in states(articles)])
        while lot := list(islice(found, LOT)):
            told = [rows.row(article) | {"stage": tables.FOLLOWED} for article, _ in lot]
            connection.execute(insert(tables.articles), told)
            connection.execute(insert(tables.analyses), [rows.analysis_row(analysis) for _, analysis in lot])
            wanted += [one for one in lot if one[1].scores.labels["relevant"]]
        hits = [row for article, analysis in wanted for row in rows.hit_rows(article, replace(analysis, why=FIRED))]
        connection.execute(insert(tables.hits), hits)
        members = [member(article, analysis) for article, analysis in wanted]
        for at in range(0, len(members), OF_A_STORY):
            story = a_story(members[at : at + OF_A_STORY])
            connection.execute(insert(tables.stories), [rows.story_row(story)])
            connection.execute(insert(tables.members), rows.member_rows(story))
            connection.execute(insert(tables.alerts), [rows.row(alert) for alert in alerts(story, at)])
        measures = ledger(articles)
        connection.execute(insert(tables.measures), [rows.measure_row(measure) for measure in measures])
        connection.execute(insert(tables.states), [row for measure in measures for row in rows.state_rows(measure)])
    engine.dispose()


def ledger(articles: int) -> list[Measure]:
    """One measure for 250 articles, with the histories of the seed over and over, and one of them long."""
    seed = [measure for measure in timeline().measures if measure.imposer]
    sectors = sorted(vocabulary().sectors)
    return [
        replace(
            measure := seed[n % len(seed)],
            id=f"{measure.id}-{n}",
            goods=(sectors[n % len(sectors)],) if n >= len(seed) else measure.goods,
            states=tuple(sorted(measure.states * (20 if n == 0 else 2), key=lambda state: state.told)),
        )
        for n in range(articles // 250)
    ]


def states(articles: int) -> Iterator[FeedState]:
    """One in ten fails."""
    now = end(articles)
    for n in range(FEEDS):
        failing = n % 10 == 0
        yield FeedState(
            f"https://bench.example/feed/{n}",
            polled_at=now,
            ok_at=None if failing else now,
            next_due=now + timedelta(minutes=15),
            errors=3 * failing,
            error="http_403: the server refuses us" if failing else "",
            newest=now - timedelta(minutes=n),
            gap=timedelta(hours=6),
            known_for=timedelta(days=20),
        )


def end(articles: int) -> datetime:
    """A minute after the last article."""
    return START + timedelta(minutes=articles)


def a_story(members: Sequence[Member]) -> Story:
    return Story(members[0].article_id, members[0].published, members[-1].published, tuple(members), (CHANNEL,))


def alerts(story: Story, number: int) -> Iterator[Alert]:
    """A card, and for each further article a reply and the card anew; now and then one is given up."""
    sources = tuple(Source(m.outlet, m.title, m.url, m.published) for m in story.members)
    severity = ("high", "medium", "low")[number // OF_A_STORY % 3]
    fact = FactLine("US → India · steel · 25 % → 50 % · in force", "The duty is 50 %.", brief="US → India · 50 %")
    for n, one in enumerate(story.members):
        for role in (REPLY, EDIT) if n else (ROOT,):
            name = f"{story.id}{n}{role}"
            why = (Why("tariff-threats", ("tariff", "India"), ("relevant 0.97",)),)
            message = Message(
                name, "new", severity, one.title, one.url, (one.title,) * 3, why, (("tariff_threat", 0.9),), ("steel",),
                sources, True, facts=(fact,), publishers=len(sources),
            )  # fmt: skip
            state = DEAD if number % 400 == 0 and role == EDIT else SENT
            yield Alert(
                name, story.id, one.article_id, CHANNEL, message, one.published, state, receipt="1795666986.000024",
                role=role, sent_at=one.published,
            )  # fmt: skip


def serve(path: Path, articles: int) -> None:
    """Until its input ends; says its port first."""
    settings, words = load_config(SHIPPED, {}), vocabulary()
    feeds = tuple(Feed(state.url, f"Outlet {n % OUTLETS}") for n, state in enumerate(states(articles)))
    at = Desk(feeds, watchlists(settings, words)[0], words, CHANNEL)
    store = open_store(f"sqlite:///{path}")
    room = Room(
        store=store,
        desk=lambda: at,
        seed=timeline().measures,
        clock=lambda: end(articles),
        examiner=lambda: examiner(settings, words, silent),
        model=lambda: "bench",
        sizes=store.sizes,
    )
    with serving(application(Answers(list, list, bytes), "", site(room)), ("127.0.0.1", 0)) as port:
        print(port, flush=True)
        sys.stdin.read()


def addresses(path: Path) -> list[str]:
    """Those of the navigation, and further ones of theirs; what is no page yet is passed over."""
    with closing(open_store(f"sqlite:///{path}")) as store:
        story = next(iter(store.severities(START, 1)))
    return [*(address for _, address in NAVIGATION), *(address.format(story=story) for address in FURTHER)]


def answer(connection: HTTPConnection, address: str, encoding: str = "gzip") -> tuple[int, bytes]:
    connection.request("GET", address, headers={"Accept-Encoding": encoding})
    told = connection.getresponse()
    return told.status, told.read()


def weight(port: int, address: str) -> dict[str, int]:
    """Bytes of the page with its style and scripts, as they are and as they travel."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    _, body = answer(connection, address, "identity")
    parts = [address, *LINKED.findall(body.decode())]
    told = {
        name: sum(len(answer(connection, part, encoding)[1]) for part in parts)
        for name, encoding in (("bytes", "identity"), ("gzipped", "gzip"))
    }
    connection.close()
    return told


def seconds(port: int, address: str, times: int) -> list[float]:
    """Of each request, over one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for _ in range(times):
        started = time.perf_counter()
        answer(connection, address)
        took.append(time.perf_counter() - started)
    connection.close()
    return took


def processor(process: int) -> float:
    """Milliseconds that the process has used of it so far, which other work on the machine does not change much; Linux only."""
    used = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[11:13]
    return 1000 * sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def measured(port: int, process: int, address: str) -> dict[str, object]:
    seconds(port, address, 2)  # the templates are read once
    before = processor(process)
    with ThreadPoolExecutor(AT_ONCE) as together:
        runs = list(together.map(lambda _: seconds(port, address, TIMES // AT_ONCE), range(AT_ONCE)))
    took = sorted(1000 * one for run in runs for one in run)
    cuts, used = quantiles(took, n=20), (processor(process) - before) / len(took)
    times = {"p50 ms": cuts[9], "p95 ms": cuts[18], "of processor": used}
    return {"page": address, **{name: round(ms, 1) for name, ms in times.items()}, **weight(port, address)}


def is_there(port: int, address: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    status, _ = answer(connection, address)
    connection.close()
    return status == 200


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=ARTICLES)
    options.add_argument("--store", type=Path, help="a file that is filled when it is not there, and kept")
    options.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.articles)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.store or Path(folder, "pages.db")
        if not path.exists():
            fill(path, chosen.articles)
        sys.exit(compared(path, chosen.articles))


def compared(path: Path, articles: int) -> int:
    words = [sys.executable, "-m", "benchmarks.pages", "--serve", str(path), "--articles", str(articles)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        port = int(server.stdout.readline())
        found = [measured(port, server.pid, address) for address in addresses(path) if is_there(port, address)]
        server.stdin.close()
    for row in found:
        print(json.dumps(row), flush=True)
    return int(any(float(str(row["p95 ms"])) > MOST_MS or int(str(row["bytes"])) > MOST_BYTES for row in found))


if __name__ == "__main__":
    main()
