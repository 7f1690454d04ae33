"""Months of polling, simulated: the servers' own books, and what the machine is left with."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.harness.simulation import CHANNELS, START, TROUBLES, Result, in_own_process

DAYS, FEEDS = 90, 25

pytestmark = pytest.mark.timeout(600)  # the months are one fixture


@pytest.fixture(scope="module")
def result() -> Result:
    return in_own_process(FEEDS, DAYS)


@pytest.mark.fault("P01", "P09", "P28")
def test_no_server_saw_a_request_before_its_floor_against_its_wish_or_with_other_validators_than_its_own(
    result: Result,
) -> None:
    assert result.world.faults == []
    assert result.world.statuses["304"] > 1000
    assert {"200", "http_404", "http_410", "http_429", "http_503", "dns", "timeout"} <= set(result.world.statuses)


def test_by_our_own_log_no_promise_was_broken(result: Result) -> None:
    assert result.requests > 250
    assert result.broken == 0


@pytest.mark.fault("S33")
@pytest.mark.parametrize("channel", [one.channel for one in CHANNELS])
def test_each_digest_comes_once_and_on_every_day_but_those_that_our_clock_had_passed_already(
    result: Result, channel: str
) -> None:
    days = result.digest_days[channel]
    assert len(days) == len(set(days))
    whole = {days[0] + timedelta(n) for n in range((days[-1] - days[0]).days + 1)}
    assert whole - set(days) <= set(unknown())
    assert max(result.digests.values()) == 1
    assert len(days) > DAYS - 10


def unknown() -> Iterator[date]:
    """Days on which the machine was down, or that it had seen by a clock that was set forward."""
    spells = [(spell.start, spell.end) for spell in TROUBLES.down]
    spells += [(spell.start, spell.end + off / timedelta(1)) for spell, off in TROUBLES.wrong if off > timedelta(0)]
    for start, end in spells:
        first = (START + timedelta(start - 1)).date()
        yield from (first + timedelta(n) for n in range(int(end - start) + 3))


@pytest.mark.fault("T16")
@pytest.mark.parametrize(("name", "most"), [("memory", 0.05), ("handles", 0.02), ("threads", 0.02), ("database", 0.02)])
def test_sixty_days_more_leave_the_machine_as_it_was(result: Result, name: str, most: float) -> None:
    """The memory of so few feeds is small, and what an allocator keeps back weighs more in it: `make simulate`
    tells the growth with 300."""
    assert result.growth(name) <= most


def test_who_keeps_the_desk_hears_of_feeds_that_are_gone_fail_or_leave(result: Result) -> None:
    told = " ".join(result.notices)
    assert all(
        words in told for words in ("gone for good", "could not be read for", "sent on for good to another site")
    )
