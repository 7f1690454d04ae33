"""Feeds, what is remembered of each between polls, and every decision about when to poll: all of it pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from urllib.parse import urlsplit

DEFAULT_INTERVAL = timedelta(minutes=15)
FLOOR = timedelta(minutes=10)  # no feed of somebody else's is asked more often, whatever was configured
LONGEST = timedelta(hours=24)  # and none is asked less often than that, but for a server's own wish
FIRST_RETRY = timedelta(minutes=15)
UNREACHED_RETRY = timedelta(minutes=30)  # the longest wait where no server was reached: none is bothered by asking
LONGEST_WISH = timedelta(days=31)  # how far a Retry-After is obeyed
SPACING = timedelta(seconds=1)  # between two requests to one host
LONGEST_VALIDATOR = 8192  # characters
MEMORY = timedelta(days=28)  # of the pauses between items of a feed
AWAY = timedelta(hours=6)  # after so long without us a feed may have shown items that nobody saw
UNREACHED = ("dns", "connect", "refused")
BUSY = (429, 503)


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed of config.yaml."""

    url: str  # http(s):// or file://
    outlet: str  # the publisher's name, as people should see it
    official: bool = False  # a government or court source
    every: timedelta = DEFAULT_INTERVAL
    backlog: int = 0  # how many of the newest items of the very first poll may alert
    zone: str = ""  # IANA zone for dates without one; "" means UTC
    day_first: bool = True  # how to read 02/11/2026
    pages: bool = True  # fetch the article page of candidates
    title: str = ""  # words the channel's own title must hold; "" for any


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the store remembers of a feed. Validators are kept as received (latin-1), never re-formatted."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    body_sha: str | None = None
    polled_at: datetime | None = None
    ok_at: datetime | None = None
    next_due: datetime | None = None
    not_before: datetime | None = None  # the server asked us to stay away until then
    status: int | None = None
    errors: int = 0  # failures since the last success
    error: str = ""  # class and words of the last failure
    title: str = ""  # the channel's own title
    newest: datetime | None = None  # publication time of the newest item ever seen
    items: int = 0  # items in the last document
    gap: timedelta = timedelta(0)  # between two items of it, as long as the one in which a moment usually falls
    known_for: timedelta = timedelta(0)  # over how much time the gap was learnt


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One GET: `headers` holds only conditionals; the fetcher adds the polite rest."""

    url: str
    headers: Mapping[str, str]
    accept: str = "feed"  # "feed" or "page"


@dataclass(frozen=True, slots=True)
class Fetched:
    """The outcome of one GET; a failure is data. `error` is "" or "class: words", class one of
    dns connect tls timeout reset redirect too_large protocol http_NNN blocked empty refused file."""

    url: str
    status: int | None = None
    body: bytes = b""
    final_url: str = ""
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    retry_after: timedelta | None = None  # already relative to the server's own Date
    max_age: timedelta | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed: text is plain, the link canonical, the time aware UTC or None."""

    title: str
    link: str  # "" when the item has no usable http(s) link
    guid: str
    summary: str
    content: str  # the full text where the feed carries it, else ""
    published: datetime | None
    outlet: str = ""  # the item's own <source>, as in aggregator feeds
    author: str = ""
    lang: str = ""  # BCP 47 in small letters, "en-in", as the item or its feed says; "" where neither does


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document read whole."""

    title: str
    entries: tuple[Entry, ...]
    ttl: timedelta | None = None
    cut: bool = False  # the document ends in its middle; its last, half entry is not among the entries


def is_local(url: str) -> bool:
    """A file, or a server on this machine: nobody to be polite to."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme.lower() == "file" or host == "localhost" or _is_loopback(host)


def floor(feed: Feed) -> timedelta:
    """The least time between two polls."""
    return timedelta(0) if is_local(feed.url) else FLOOR


def may_poll(feed: Feed, state: FeedState, now: datetime) -> bool:
    """Whether politeness allows a poll, due or not: the floor has passed, and any time the server asked us to wait."""
    if state.not_before is not None and now < state.not_before:
        return False
    # A poll in the future was written by a clock that has since been set back; it must not silence the feed.
    return state.polled_at is None or state.polled_at > now or state.polled_at + floor(feed) <= now


def is_due(feed: Feed, state: FeedState, now: datetime) -> bool:
    """Whether it is time for a poll, and politeness allows it."""
    wait = timedelta(0) if state.next_due is None else state.next_due - now
    return (wait <= timedelta(0) or wait > 2 * LONGEST + _asked(state)) and may_poll(feed, state, now)


def conditionals(state: FeedState) -> dict[str, str]:
    """The headers that let a server answer 304: its own validators, word for word."""
    headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in headers.items() if value}


def unchanged(state: FeedState, fetched: Fetched) -> bool:
    """The very bytes that were read last time, from a server that does not say 304."""
    return state.body_sha is not None and not fetched.error and body_sha(fetched) == state.body_sha


def body_sha(fetched: Fetched) -> str:
    return hashlib.sha256(fetched.body).hexdigest()


def first_sight(state: FeedState) -> bool:
    """The feed has never been read: what it holds was there before us."""
    return state.ok_at is None


def newest(state: FeedState, parsed: ParsedFeed, now: datetime) -> datetime | None:
    """The latest publication the feed ever showed. A date in the future counts as now, or it would age all that follows."""
    dates = [min(entry.published, now) for entry in parsed.entries if entry.published is not None]
    return max([*dates, *([state.newest] if state.newest else [])], default=None)


def _pauses(state: FeedState, parsed: ParsedFeed, now: datetime) -> list[timedelta]:
    """Between the items that are newer than what was known. What came while nobody looked may have been more than is shown."""
    since = state.newest or now - MEMORY
    dates = {min(entry.published, now) for entry in parsed.entries if entry.published is not None}
    fresh = sorted(day for day in dates if day > since)
    unseen = state.ok_at is None or (len(fresh) == len(dates) and now - state.ok_at > AWAY)
    known = [] if state.newest is None or unseen else [state.newest]
    return [later - earlier for earlier, later in pairwise([*known, *fresh])]


def paced(gap: timedelta, known_for: timedelta, pauses: Iterable[timedelta]) -> tuple[timedelta, timedelta]:
    """The usual gap after more pauses, and over how much time it is known now. Each pause counts by its length, so that nights
    and weekends count as what they are, and the last MEMORY most."""
    for pause in pauses:
        known_for = min(known_for + pause, MEMORY)
        gap += (pause - gap) * min(1.0, pause / known_for)
    return gap, known_for


def after_success(feed: Feed, state: FeedState, fetched: Fetched, parsed: ParsedFeed, now: datetime) -> FeedState:
    """A document was read. Only now are its validators worth keeping; those of a document cut short never are, or the
    server would say 304 to the missing half."""
    read = _answered(feed, state, fetched, now, parsed.ttl)
    gap, known_for = paced(state.gap, state.known_for, _pauses(state, parsed, now))
    return replace(
        read,
        etag=None if parsed.cut else _validator(fetched.etag),
        last_modified=None if parsed.cut else _validator(fetched.last_modified),
        body_sha=body_sha(fetched),
        title=parsed.title or state.title,
        newest=newest(state, parsed, now),
        items=len(parsed.entries),
        gap=gap,
        known_for=known_for,
    )


def after_not_modified(feed: Feed, state: FeedState, fetched: Fetched, now: datetime) -> FeedState:
    """A 304, or the same bytes again; either may bring new validators."""
    return replace(
        _answered(feed, state, fetched, now),
        etag=_validator(fetched.etag) or state.etag,
        last_modified=_validator(fetched.last_modified) or state.last_modified,
    )


def after_failure(feed: Feed, state: FeedState, fetched: Fetched, now: datetime) -> FeedState:
    """Waits twice as long after each failure, a day at most, and never gives up. A busy server's wish is a command."""
    wait = min(FIRST_RETRY * 2 ** min(state.errors, 10), _patience(feed, fetched))
    wish = min(fetched.retry_after or timedelta(0), LONGEST_WISH)
    busy = fetched.status in BUSY and not is_local(feed.url)
    closed = max(wish, wait if busy else timedelta(0))
    return replace(
        state,
        polled_at=now,
        next_due=now + max(wait + _jitter(feed, wait), closed),
        not_before=now + closed if closed else None,
        status=fetched.status,
        errors=state.errors + 1,
        error=fetched.error,
    )


def by_host(requests: Iterable[FetchRequest]) -> tuple[tuple[FetchRequest, ...], ...]:
    """Requests in queues, one for each host: those of a queue go out one after the other, `spacing` apart."""
    queues: dict[str, list[FetchRequest]] = {}
    for request in requests:
        queues.setdefault(_host(request.url), []).append(request)
    return tuple(tuple(queue) for queue in queues.values())


def spacing(url: str) -> timedelta:
    """The pause between two requests to the host of `url`."""
    return timedelta(0) if is_local(url) else SPACING


def _answered(feed: Feed, state: FeedState, fetched: Fetched, now: datetime, ttl: timedelta | None = None) -> FeedState:
    interval = _interval(feed, ttl, fetched.max_age)
    return replace(
        state,
        polled_at=now,
        ok_at=now,
        next_due=now + interval + _jitter(feed, interval),
        not_before=None,
        status=fetched.status,
        errors=0,
        error="",
    )


def _interval(feed: Feed, ttl: timedelta | None, max_age: timedelta | None) -> timedelta:
    wanted = max(feed.every, ttl or timedelta(0), max_age or timedelta(0))
    return max(min(wanted, LONGEST), floor(feed))


def _patience(feed: Feed, fetched: Fetched) -> timedelta:
    """The longest wait after a failure of this kind."""
    if is_local(feed.url):
        return feed.every
    return UNREACHED_RETRY if fetched.error.partition(":")[0] in UNREACHED else LONGEST


def _jitter(feed: Feed, interval: timedelta) -> timedelta:
    """Up to a tenth more, the same for a feed each time, so that feeds of one interval are not all due at once."""
    return interval * (hashlib.sha256(feed.url.encode()).digest()[0] / 2560)


def _asked(state: FeedState) -> timedelta:
    """What a server's Retry-After may rightly add to a wait."""
    return LONGEST_WISH if state.not_before is not None else timedelta(0)


def _validator(value: str | None) -> str | None:
    return value if value and len(value) <= LONGEST_VALIDATOR else None


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
