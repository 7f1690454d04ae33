"""Health of feeds: measured by their own habits, and nobody is blamed for what is not theirs."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.feeds import AWAY, MEMORY, FeedState, Fetched, ParsedFeed, after_success, host, paced
from bot.health import (
    FAILING,
    HEALTHY,
    LEAST,
    OVERDUE,
    SILENT,
    STALE,
    TIMES,
    WEEK,
    condition,
    healths,
    overdue,
    usual_gap,
)
from tests.makers import DAY, FEED, HOUR, MINUTE, NOW, a_feed, an_entry

OFFICE = tuple(range(9, 18))
MONDAY = datetime(2026, 3, 2, tzinfo=NOW.tzinfo)


def a_state(**changes: Any) -> FeedState:
    """Of a feed that was read a minute ago and usually has an item every hour."""
    state = FeedState(FEED, polled_at=NOW - MINUTE, ok_at=NOW - MINUTE, next_due=NOW + 14 * MINUTE)
    usual: dict[str, Any] = {"newest": NOW - HOUR, "gap": HOUR, "known_for": MEMORY}
    return replace(state, **usual | changes)


def learnt(times: list[datetime]) -> tuple[timedelta, timedelta]:
    return paced(timedelta(), timedelta(), [later - earlier for earlier, later in pairwise(times)])


def read(state: FeedState, *dates: datetime, now: datetime = NOW) -> FeedState:
    parsed = ParsedFeed("t", tuple(an_entry(f"e{n}", published=at) for n, at in enumerate(dates)))
    return after_success(a_feed(), state, Fetched(FEED, 200, repr(dates).encode()), parsed, now)


# the usual gap


def test_of_a_steady_feed_the_gap_is_its_beat() -> None:
    gap, known_for = learnt([NOW + n * HOUR for n in range(100)])
    assert (gap, known_for) == (HOUR, 99 * HOUR)


def test_nights_and_weekends_of_an_office_are_no_silence_and_three_weekdays_are() -> None:
    days = [MONDAY + n * DAY for n in range(28) if n % 7 < 5]
    gap, known_for = learnt([day + hour * HOUR for day in days for hour in OFFICE])
    assert known_for >= WEEK
    assert 63 * HOUR < TIMES * gap < 6 * DAY


def test_a_feed_that_slows_down_is_known_by_its_new_habit_in_a_month_or_two() -> None:
    gap, known_for = learnt([NOW + n * HOUR for n in range(1000)])
    gap, _ = paced(gap, known_for, [DAY] * 60)
    assert 20 * HOUR < gap <= DAY


def test_one_document_with_weeks_of_items_is_enough_and_an_old_pinned_one_does_not_count() -> None:
    state = read(FeedState(FEED), NOW - 4000 * DAY, *(NOW - n * DAY for n in range(10)))
    assert (state.gap, state.known_for, usual_gap(state)) == (DAY, 9 * DAY, DAY)


def test_a_few_hours_of_items_say_nothing_yet() -> None:
    assert usual_gap(read(FeedState(FEED), NOW, NOW - HOUR, NOW - 2 * HOUR)) is None


def test_only_new_items_count_and_the_pause_before_them() -> None:
    first = read(FeedState(FEED), NOW - 3 * HOUR, NOW - 2 * HOUR)
    assert read(first, NOW - 3 * HOUR, NOW - 2 * HOUR).known_for == HOUR
    later = read(first, NOW - 3 * HOUR, NOW - 2 * HOUR, NOW + 2 * HOUR, now=NOW + 3 * HOUR)
    assert (later.known_for, later.gap) == (5 * HOUR, (HOUR + 4 * 4 * HOUR) / 5)


def test_a_date_in_the_future_counts_as_now_and_one_that_is_missing_not_at_all() -> None:
    state = read(a_state(gap=timedelta(), known_for=timedelta(), newest=NOW - HOUR), NOW - HOUR, NOW + 90 * DAY)
    assert state.gap == HOUR


def test_what_came_while_nobody_looked_is_no_pause_of_the_feed() -> None:
    away = a_state(ok_at=NOW - 3 * DAY, newest=NOW - 3 * DAY)
    assert read(away, NOW - HOUR, NOW).gap == HOUR
    looked = a_state(ok_at=NOW - AWAY, newest=NOW - 3 * DAY)
    assert read(looked, NOW - HOUR, NOW).gap > HOUR
    shown = a_state(ok_at=NOW - 3 * DAY, newest=NOW - 3 * DAY)
    assert read(shown, NOW - 3 * DAY, NOW).gap > HOUR


# what it comes to


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, HEALTHY),
        ({"newest": NOW - TIMES * HOUR}, HEALTHY),
        ({"newest": NOW - TIMES * HOUR - MINUTE}, SILENT),
        ({"newest": NOW - 90 * DAY, "known_for": WEEK - MINUTE}, HEALTHY),
        ({"newest": NOW - LEAST, "gap": MINUTE}, HEALTHY),
        ({"newest": NOW - LEAST - MINUTE, "gap": MINUTE}, SILENT),
        ({"newest": None}, HEALTHY),
        ({"errors": 1, "error": "dns: no such host"}, HEALTHY),
        ({"errors": 2, "error": "dns: no such host"}, FAILING),
        ({"errors": 2, "newest": NOW - 90 * DAY, "next_due": NOW - DAY}, FAILING),
        ({"next_due": NOW - OVERDUE}, HEALTHY),
        ({"next_due": NOW - OVERDUE - MINUTE}, STALE),
        ({"next_due": NOW - DAY, "not_before": NOW + HOUR}, HEALTHY),
        ({"next_due": NOW - DAY, "newest": NOW - 90 * DAY}, STALE),
    ],
)
def test_a_feed_is_what_is_wrong_with_it_first(changes: dict[str, Any], wanted: str) -> None:
    assert condition(a_state(**changes), NOW) == wanted


def test_a_feed_that_was_never_asked_is_stale() -> None:
    (health,) = healths([a_feed()], {}, NOW)
    assert health.condition == STALE


# feeds that nobody asks


def late(*states: FeedState) -> timedelta:
    return overdue([a_feed(url=state.url) for state in states], {state.url: state for state in states}, host, NOW)


def test_the_feed_that_has_waited_longest_tells_how_far_behind_the_polls_are() -> None:
    urls = [f"https://{name}.example/rss" for name in "abc"]
    due = [FeedState(url, polled_at=NOW - DAY, next_due=NOW - n * HOUR) for n, url in enumerate(urls)]
    assert late(*due) == 2 * HOUR
    assert late(due[0]) == late() == timedelta(0)
    assert overdue([], {state.url: state for state in due}, host, NOW) == timedelta(0)  # no feeds of the desk any more


def test_what_was_never_asked_or_has_to_wait_is_not_late() -> None:
    new = FeedState("https://new.example/rss", next_due=NOW - DAY)
    asked_now = FeedState("https://asked.example/rss", polled_at=NOW - MINUTE, next_due=NOW - DAY)
    held = FeedState("https://held.example/a", polled_at=NOW - DAY, not_before=NOW + HOUR, site="held.example")
    beside = FeedState("https://held.example/b", polled_at=NOW - DAY, next_due=NOW - HOUR)
    assert late(new, asked_now, held, beside) == timedelta(0)
