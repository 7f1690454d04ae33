"""What is worth telling of a feed besides its articles: that it moved, is gone, fails for days, or stands empty."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.feeds import GONE, Feed, FeedState, Site, address, moved

TOLD_AFTER = timedelta(days=7)  # of failures
FEW = 3  # items: a feed that never had more may well have none


@dataclass(frozen=True, slots=True)
class FeedNews:
    name: str  # of the event
    words: str
    advice: str = ""  # what the keepers of the desk can do
    key: str = ""  # names the notice that they get, once for ever; "" where the log is enough


def news(feed: Feed, before: FeedState, after: FeedState, now: datetime, site: Site) -> tuple[FeedNews, ...]:
    """What the last poll has brought to light."""
    found = (
        _moved(before, after, site),
        _gone(before, after),
        _failing(before, after, now),
        _emptied(feed, before, after),
    )
    return tuple(one for one in found if one is not None)


def condition(state: FeedState, site: Site) -> str:
    """How the feed is doing, in words for a list."""
    if state.polled_at is None:
        return "not asked yet"
    parts = [f"fails since {state.failing_since:%Y-%m-%d %H:%M} UTC: {state.error}"] if state.failing_since else []
    if not parts:
        parts = [state.error or f"{state.items} items, last read {state.ok_at:%Y-%m-%d %H:%M} UTC"]
    if state.not_before and state.not_before > state.polled_at:
        parts.append(f"not asked before {state.not_before:%Y-%m-%d %H:%M} UTC, as its server wants it")
    if moved(state):
        parts.append(_where(state, site))
    return "; ".join(parts)


def _moved(before: FeedState, after: FeedState, site: Site) -> FeedNews | None:
    if not moved(after) or moved(before):
        return None
    if address(after, site) != after.url:
        return FeedNews("feed_moved", _where(after, site))
    advice = f"If that is still the outlet's own, give the feed this url: {after.moved_to}"
    return FeedNews("feed_moved", _where(after, site), advice, f"feed moved {after.url} {after.moved_to}")


def _where(state: FeedState, site: Site) -> str:
    if address(state, site) != state.url:
        return f"has moved for good, and is asked at {state.moved_to}"
    return f"is sent on for good to another site, {state.moved_to}, and still asked where it was"


def _gone(before: FeedState, after: FeedState) -> FeedNews | None:
    if not after.status == before.status == GONE:
        return None
    words = "its server says that the feed is gone for good; it is asked once a week"
    return FeedNews("feed_gone", words, "Remove it, or look for its new address.", _key("gone", after))


def _failing(before: FeedState, after: FeedState, now: datetime) -> FeedNews | None:
    since, last = after.failing_since, before.polled_at
    if since is None or now - since < TOLD_AFTER or after.status == GONE or (last and last - since >= TOLD_AFTER):
        return None
    words = f"could not be read for {(now - since).days} days: {after.error}"
    return FeedNews("feed_failing", words, "It is asked on, once a day at least.", _key("failing", after))


def _emptied(feed: Feed, before: FeedState, after: FeedState) -> FeedNews | None:
    if after.error or after.items or before.items <= FEW:
        return None
    return FeedNews("feed_emptied", f"shows nothing where it showed {before.items} items; nothing is forgotten")


def _key(what: str, after: FeedState) -> str:
    return f"feed {what} {after.url} {after.failing_since}"
