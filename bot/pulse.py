"""The pulse of a desk, as its store tells it.

store → feed states, backlog, what waits → pulse
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from bot.alerts import PARKED, QUEUED, SENDING, UNKNOWN
from bot.feeds import Feed
from bot.health import healths
from bot.heartbeat import KIND, Pulse
from bot.ports import Store

DAY = timedelta(days=1)


def last_heartbeat(store: Store, channel: str) -> tuple[date | None, datetime | None]:
    """Its local date, and when it was made."""
    last = store.last_of(KIND, channel)
    return (date.fromisoformat(last.article_id), last.created) if last else (None, None)


def take_pulse(store: Store, feeds: Iterable[Feed], now: datetime, since: datetime | None = None) -> Pulse:
    """Activity is counted from `since`, or over the last day."""
    since = since or now - DAY
    counts, oldest = store.backlog(now), store.unread(1)
    open_ = sum(counts[f"alerts_{state}"] for state in (QUEUED, SENDING, UNKNOWN, PARKED))
    return Pulse(
        now=now,
        since=since,
        feeds=healths(feeds, store.feed_states(), now),
        activity=store.activity(since),
        unread=counts["unread"],
        unfollowed=counts["unfollowed"],
        unread_since=oldest[0].first_seen if oldest else None,
        undelivered=open_ - counts["alerts_held"],
        held=counts["alerts_held"],
        folded=counts["alerts_folded"],
        waiting=tuple(store.waiting(now)),
    )
