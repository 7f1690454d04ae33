"""One of several workers, as a process of its own: `python -m tests.faults.worker STORE NAME FEEDS STOP`.

It collects what it can claim at the time NOW, a line of output for each feed that it asks; after STOP of them it waits for ever.
"""

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from typing import Any

from bot.feeds import Fetched, FetchRequest
from bot.pipeline import Pipeline
from bot.stores.sql import SqlStore, open_store
from tests.line import Line
from tests.makers import HOUR, NOW, a_desk, a_feed


@dataclass
class TellingFetcher:
    """Tells what it is asked, and answers that nothing is new."""

    stop: int

    def fetch(self, requests: Sequence[FetchRequest]) -> Iterator[Fetched]:
        for request in requests:
            print(request.url, flush=True)
            self.stop -= 1
            if not self.stop:
                threading.Event().wait()
            yield Fetched(request.url, 304)


def urls(feeds: int) -> list[str]:
    return [f"https://{n}.example/rss" for n in range(feeds)]


def a_pipeline(store: SqlStore, fetcher: Any, feeds: int) -> Pipeline:
    """Of feeds that come due later than what a dead worker held."""
    return Line(store, fetcher, desk=a_desk(feeds=[a_feed(url, every=HOUR) for url in urls(feeds)])).pipeline


def main(url: str, name: str, feeds: str, stop: str) -> int:
    with closing(open_store(url)) as store:
        pipeline = a_pipeline(store, TellingFetcher(int(stop)), int(feeds))
        for lease in (f"{name} {n}" for n in count()):
            if not pipeline.collect_claimed(NOW, lease):
                return 0
            pipeline.give_back(NOW, lease)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
