"""What several workers do to the feeds of one store, and what becomes of the work of one that dies."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from bot.feeds import FLOOR, LEASE, OF_ONE_SITE, SPACING, Fetched, FetchRequest
from bot.pipeline import CLAIM
from bot.sources.http import DEADLINE
from bot.stores.sql import SqlStore, open_store
from tests import postgres
from tests.faults.worker import a_pipeline, urls
from tests.line import Line, WebFetcher
from tests.makers import DAY, FEED, NOW, a_desk, a_feed, an_entry

FEEDS = 2000
MIDWAY = 10 * CLAIM + CLAIM // 2


@pytest.fixture
def name() -> str:
    return postgres.copied()


@pytest.fixture
def store(name: str) -> Iterator[SqlStore]:
    with closing(open_store(postgres.url(name))) as store:
        yield store


def a_worker(name: str, called: str, stop: int = 0) -> "subprocess.Popen[str]":
    words = [postgres.url(name), called, str(FEEDS), str(stop)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.worker", *words], stdout=subprocess.PIPE, text=True, bufsize=1
    )


def told(worker: "subprocess.Popen[str]") -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()


@pytest.mark.fault("D13", "D14")
def test_two_processes_ask_for_each_feed_once_and_what_a_killed_one_had_is_asked_for_by_another(
    store: SqlStore, name: str
) -> None:
    a_pipeline(store, WebFetcher(), FEEDS).enrol()
    mortal = a_worker(name, "mortal", stop=MIDWAY)
    asked = [told(mortal)]
    other = a_worker(name, "other")
    asked += [told(mortal) for _ in range(MIDWAY - 1)]
    mortal.kill()
    mortal.communicate()
    also = other.communicate()[0].split()
    assert other.returncode == 0
    assert max(Counter(asked + also).values()) == 1
    assert len(also) == FEEDS - (MIDWAY + CLAIM // 2)  # but for what the dead one holds
    assert len(store.requests(NOW - DAY)) == len(also) + MIDWAY - 1

    heir = a_pipeline(store, WebFetcher({url: Fetched(url, 304) for url in urls(FEEDS)}), FEEDS)
    assert heir.collect_claimed(NOW + FLOOR, "heir") == 0  # it may have been asked until the lease ran out
    assert heir.collect_claimed(NOW + LEASE + FLOOR, "heir") == CLAIM // 2 + 1
    done = Counter(request.url for request in store.requests(NOW - DAY))
    assert done == Counter(urls(FEEDS))


@dataclass
class SlowFetcher(WebFetcher):
    """While it asks, the lease runs out and another worker comes."""

    other: list[Line] = field(default_factory=list)

    def fetch(self, requests: list[FetchRequest]) -> Iterator[Fetched]:  # type: ignore[override]  # only asked with one
        self.other[0].pipeline.collect_claimed(NOW + LEASE + FLOOR, "other")
        return super().fetch(requests)


@pytest.mark.fault("D14")
def test_a_worker_that_comes_too_late_writes_nothing_and_tells_of_it(store: SqlStore) -> None:
    slow, other = SlowFetcher(), Line(store, desk=a_desk(feeds=[a_feed(backlog=5)]))
    slow.other.append(other)
    late = Line(store, slow, desk=other.desk)
    late.publish(an_entry("a1"))
    other.publish(an_entry("b1"))
    other.pipeline.enrol()
    assert late.pipeline.collect_claimed(NOW, "late") == 1
    (lost,) = late.heard("lease_lost")
    assert lost["feed"] == FEED
    assert [article.url for article in store.unread(9)] == ["https://a.example/b1"]
    assert late.heard("feed_polled") == []


@pytest.mark.fault("D13")
def test_a_site_is_the_next_workers_when_the_pause_after_the_last_answer_is_over(store: SqlStore) -> None:
    feeds = [a_feed(f"https://a.example/{n}") for n in range(3)]
    one, two = (Line(store, desk=a_desk(feeds=feeds)).pipeline for _ in range(2))
    one.enrol()
    assert one.collect_claimed(NOW, "one", limit=2) == 2
    assert two.collect_claimed(NOW + SPACING, "two") == 0
    one.give_back(NOW + SPACING, "one")
    assert two.collect_claimed(NOW + SPACING, "two") == 0
    assert two.collect_claimed(NOW + 2 * SPACING, "two") == 1


@pytest.mark.fault("D13")
def test_a_lease_lasts_longer_than_the_feeds_of_one_site_can_take() -> None:
    assert OF_ONE_SITE * (DEADLINE + SPACING) < LEASE


def test_a_feed_that_the_desk_has_no_more_is_not_asked(store: SqlStore) -> None:
    line = Line(store, desk=a_desk(feeds=[a_feed(), a_feed("https://b.example/rss")]))
    line.pipeline.enrol()
    line.desk = a_desk()
    line.pipeline.collect_claimed(NOW, "one")
    assert [request.url for request in line.fetcher.asked] == [FEED]
    line.pipeline.enrol()
    assert line.pipeline.collect_claimed(NOW + DAY, "two") == 1
