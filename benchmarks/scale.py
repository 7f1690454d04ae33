"""`make bench-scale`: what a desk of many workers bears, on a PostgreSQL of its own, and in a file where one process does.

Feeds claimed a second; each step by itself; articles read by one, two and four workers that were started as people start them;
what a stored article takes on the disk. Fifty thousand feeds each quarter of an hour are 56 polls a second, of which 58 to 300
articles a second come.
"""

import argparse
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import claims
from benchmarks.steps import Spent, documents, fill, say, settings
from bot.stores.sql import open_store
from tests import postgres
from tests.harness.feed_server import Site, reply

ROUNDS = ("20 items, all new", "the same again", "one more")
HIDE = "UPDATE articles SET stage = 'later'"  # articles that are stored and not yet to be read
SHOW = "UPDATE articles SET stage = 'unread'"
LEFT = "SELECT count(*) FROM articles WHERE stage = 'unread'"
RUNS = 3  # of each number of workers, one number after the other
LONGEST = 300  # seconds that workers may take to be ready


def new_database() -> str:
    return postgres.url(postgres.copied())


def postmaster() -> int:
    return int(postgres.server().get_pid())


def environment(url: str = "") -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.getcwd()} | ({"DATABASE_URL": url} if url else {})


def by_itself(part: str, count: int) -> None:
    """A part of `steps.py`, in a file and on PostgreSQL."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for url, database in ((f"sqlite:///{folder}/bench.db", 0), (new_database(), postmaster())):
            settings(folder, url)
            with closing(open_store(url)) as store:
                fill(store, count)
            words = [sys.executable, "-m", "benchmarks.steps", part, url, str(database)]
            subprocess.run(words, cwd=folder, env=environment(), check=True)


# collecting


def collected(feeds: int) -> None:
    """Polls of feeds of as many sites, which all are this machine, by one process that does nothing else."""
    url = new_database()
    with tempfile.TemporaryDirectory() as name, served_everywhere() as site:
        folder, told = Path(name), [documents(n) for n in range(feeds)]
        settings(folder, url, [site.url(f"/{n}", f"127.1.{n + 1}") for n in range(feeds)])
        words = [sys.executable, "-m", "benchmarks.steps", "collect", url, str(postmaster())]
        process = subprocess.Popen(
            words, cwd=folder, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin
        assert process.stdout
        for number, kind in enumerate(ROUNDS):
            site.answers = {f"/{n}": reply(found[number]) for n, found in enumerate(told)}
            process.stdin.write(f"{kind}\n")
            process.stdin.flush()
            print(process.stdout.readline(), end="", flush=True)
        process.communicate()


@contextmanager
def served_everywhere() -> Iterator[Site]:
    site = Site(server=socket.create_server(("0.0.0.0", 0)))  # noqa: S104  each of 127.* is this machine
    threading.Thread(target=site.serve, daemon=True).start()
    try:
        yield site
    finally:
        site.closing.set()
        site.server.close()


# workers


@contextmanager
def workers(folder: Path, url: str, count: int, *words: str) -> Iterator[list[int]]:
    """Processes as people start them, once all are ready."""
    logs = [folder / f"log{n}" for n in range(count)]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "bot", "worker", *words],
            cwd=folder, env=environment(url), stdout=subprocess.DEVNULL, stderr=log.open("w"),
        )
        for log in logs
    ]  # fmt: skip
    try:
        until = time.monotonic() + LONGEST
        while not all('"ready"' in log.read_text("utf-8") for log in logs):
            if time.monotonic() > until:
                raise SystemExit(f"the workers do not get ready:\n{logs[0].read_text('utf-8')[-2000:]}")
            time.sleep(0.2)
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(LONGEST)


def read_by(processes: int, count: int) -> float:
    """Articles a second, of some that all come at one moment."""
    database = postgres.copied()
    url = postgres.url(database)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings(folder, url)
        with closing(open_store(url)) as store:
            fill(store, count)
        postgres.run(database, HIDE, "VACUUM ANALYZE")
        with workers(folder, url, processes, "--only", "analyze") as pids:
            spent = Spent(postmaster(), *pids)
            postgres.run(database, SHOW)
            seconds = first_to_last(lambda: left(database), count)
            told = spent.on(count)
        told["a second"] = round(count / seconds, 1)
        say("read by workers", processes=processes, seconds=round(seconds, 1), **told)
        return told["a second"]


def left(database: str) -> int:
    ((count,),) = postgres.run(database, LEFT)
    return int(count)


def first_to_last(left: Callable[[], int], count: int) -> float:
    """Seconds from the first that was done to the last."""
    while left() == count:
        time.sleep(0.05)
    began = time.perf_counter()
    while left():
        time.sleep(0.25)
    return time.perf_counter() - began


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=3000, help="that are read each time")
    options.add_argument(
        "--backlog", type=int, default=0, help="that wait once, for as many workers as there are cores"
    )
    options.add_argument("--feeds", type=int, default=50_000, help="that are claimed")
    options.add_argument("--polls", type=int, default=400, help="feeds that one process asks")
    chosen = options.parse_args()
    for setting in claims.SAFE:
        postgres.server().psql(f"ALTER SYSTEM SET {setting} = on")
    postgres.server().psql("SELECT pg_reload_conf()")
    load = round(os.getloadavg()[0], 1)
    say("machine", at=f"{datetime.now(UTC):%F %T}", system=platform.platform(), cores=os.cpu_count(), load=load)
    for processes in claims.PROCESSES:
        say("claims", **claims.measured(processes, chosen.feeds, chosen.feeds))
    collected(chosen.polls)
    by_itself("line", chosen.articles)
    by_itself("bare", chosen.articles)
    rounds = [[read_by(processes, chosen.articles) for processes in claims.PROCESSES] for _ in range(RUNS)]
    middle = map(statistics.median, zip(*rounds, strict=True))
    say("read by workers, the middle run", **dict(zip(map(str, claims.PROCESSES), middle, strict=True)))
    if chosen.backlog:
        read_by(os.cpu_count() or 1, chosen.backlog)


if __name__ == "__main__":
    main()
