"""Health: how a feed does, measured by its own habits.

feed, what is remembered of it → healthy | failing | stale | silent
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.feeds import ALWAYS, Feed, FeedState, Site, due_at, waits

HEALTHY, FAILING, STALE, SILENT = "healthy", "failing", "stale", "silent"
CONDITIONS = (FAILING, STALE, SILENT)  # in the order in which a person wants to hear of them
WEEK = timedelta(days=7)  # of a feed's items that must have been seen: its weekends are in it
TIMES = 4  # its usual gap
LEAST = timedelta(hours=3)  # of silence that is worth a word
OVERDUE = timedelta(hours=1)
MOST_FAILURES = 1  # one is nothing: it is asked again in a quarter of an hour


@dataclass(frozen=True, slots=True)
class Health:
    feed: Feed
    state: FeedState
    condition: str

    @property
    def error(self) -> str:
        """The class of its last failure."""
        return self.state.error.partition(":")[0]


def healths(feeds: Iterable[Feed], states: Mapping[str, FeedState], now: datetime) -> tuple[Health, ...]:
    known = ((feed, states.get(feed.url, FeedState(feed.url))) for feed in feeds)
    return tuple(Health(feed, state, condition(state, now)) for feed, state in known)


def condition(state: FeedState, now: datetime) -> str:
    """What is wrong first: a feed that cannot be read, or is not asked, is not blamed for its silence."""
    if state.errors > MOST_FAILURES:
        return FAILING
    due = _due(state)
    if due is None or now - due > OVERDUE:
        return STALE
    return SILENT if _silent(state, now) else HEALTHY


def usual_gap(state: FeedState) -> timedelta | None:
    """None while too little of it was seen."""
    return state.gap if state.known_for >= WEEK else None


def overdue(feeds: Iterable[Feed], states: Mapping[str, FeedState], site: Site, now: datetime) -> timedelta:
    """How long ago the one that waits longest came due. What was never asked does not count, nor what its site wants to wait."""
    wished = waits(states.values())
    known = [states[feed.url] for feed in feeds if feed.url in states]
    due = [max(due_at(one), wished.get(site(one.url), ALWAYS)) for one in known if one.polled_at]
    return max((now - at for at in due if at < now), default=timedelta(0))


def _silent(state: FeedState, now: datetime) -> bool:
    gap = usual_gap(state)
    return bool(gap and state.newest and now - state.newest > max(TIMES * gap, LEAST))


def _due(state: FeedState) -> datetime | None:
    """When it should have been asked again; None for one that never was."""
    return max((at for at in (state.next_due, state.not_before) if at), default=None)
