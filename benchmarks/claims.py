"""`make bench-claims`: 50,000 feeds that are due, on PostgreSQL: how many a second are claimed and given back,
by one, two and four processes.

The server is that of the tests, with what makes writes safe turned on again. A feed each quarter of an hour is 56 a second.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import count

from bot.feeds import LEASE
from bot.pipeline import CLAIM
from bot.stores.sql import SqlStore, open_store
from tests import postgres

PROCESSES = (1, 2, 4)
SAFE = ("fsync", "full_page_writes", "synchronous_commit")


def one(url: str, name: str) -> None:
    """Claims, when it is told to, until none is left; says how many feeds it got, in how many claims and how long that took."""
    with closing(open_store(url)) as store:
        print("ready", flush=True)
        sys.stdin.readline()
        started, now = time.perf_counter(), datetime.now(UTC)
        claims = iter(partial(claim, store, now, name, count()), 0)
        sizes = list(claims)
        took = time.perf_counter() - started
    print(json.dumps({"feeds": sum(sizes), "claims": len(sizes), "seconds": took}), flush=True)


def claim(store: SqlStore, now: datetime, name: str, numbers: Iterator[int]) -> int:
    lease = f"{name} {next(numbers)}"
    found = store.claim(now, lease, CLAIM, LEASE)
    store.give_back(lease, now)
    return len(found)


def measured(processes: int, feeds: int, sites: int) -> dict[str, float]:
    url = postgres.url(postgres.copied())
    with closing(open_store(url)) as store:
        store.enrol({f"https://{n % sites}.example/{n}": f"{n % sites}.example" for n in range(feeds)})
    told = together([started(url, str(number)) for number in range(processes)])
    got, took = sum(one["feeds"] for one in told), max(one["seconds"] for one in told)
    claims = sum(one["claims"] for one in told)
    return {"processes": processes, "sites": sites, "feeds": got, "claims": claims, "feeds a second": round(got / took)}


def started(url: str, name: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "benchmarks.claims", "--one", url, "--name", name]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    process.stdout.readline()
    return process


def together(processes: Sequence["subprocess.Popen[str]"]) -> list[dict[str, float]]:
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate()[0]) for process in processes]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--feeds", type=int, default=50_000)
    options.add_argument("--one", default="", help=argparse.SUPPRESS)
    options.add_argument("--name", default="", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        return one(chosen.one, chosen.name)
    for setting in SAFE:
        postgres.server().psql(f"ALTER SYSTEM SET {setting} = on")
    postgres.server().psql("SELECT pg_reload_conf()")
    for sites in (chosen.feeds, chosen.feeds // 4):
        for processes in PROCESSES:
            print(json.dumps(measured(processes, chosen.feeds, sites)), flush=True)
    return None


if __name__ == "__main__":
    main()
