"""Feeds, what is remembered of each between polls, and every decision about when to poll: all of it pure."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from itertools import pairwise
from urllib.parse import urlsplit

DEFAULT_INTERVAL = timedelta(minutes=15)
FLOOR = timedelta(minutes=10)  # no feed of somebody else's is asked more often, whatever was configured
LONGEST = timedelta(hours=24)  # and none is asked less often than that, but for a server's own wish
FIRST_RETRY = timedelta(minutes=15)
UNREACHED_RETRY = timedelta(minutes=30)  # the longest wait where no server was reached: none is bothered by asking
LONGEST_WISH = timedelta(days=31)  # how far a Retry-After is obeyed
SPACING = timedelta(seconds=2)  # between two requests to one host
LONGEST_VALIDATOR = 8192  # characters
MEMORY = timedelta(days=28)  # of the pauses between items of a feed
AWAY = timedelta(hours=6)  # after so long without us a feed may have shown items that nobody saw
UNREACHED = ("dns", "connect", "refused")
BUSY = (429, 503)
GONE = 410
GONE_RETRY = timedelta(days=7)  # a feed that its server twice called gone for good
PAUSE = timedelta(hours=1)  # when nobody has looked for so long, what came due meanwhile is spread
SPREAD = timedelta(minutes=15)  # over so much time
CROWD = 16  # feeds that may all be asked at once after a pause
LOOKS = 3  # a permanent redirect is believed when it was seen so often,
LOOKED = timedelta(hours=24)  # the last time so long after the first
OFFLINE = ("dns", "connect")  # what every feed fails with when our own network does
LEASE = timedelta(minutes=5)  # how long a worker has feeds for itself, which is longer than asking for them takes
OF_ONE_SITE = 8  # feeds that it has at once, as they are asked one after the other
FEWEST = 3  # hosts that tell a fault of our network from theirs

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed was due that was never asked

Site = Callable[[str], str]  # an address to the name that a wait asked for there counts for


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
    ttl: int = 0  # seconds that the last document asked to be left alone
    same: int = 0  # times in a row that the server sent the same bytes instead of saying 304
    failing_since: datetime | None = None
    site: str = ""  # whose wish `not_before` is; "" where it is about this feed alone
    moved_to: str = ""  # where permanent redirects led when the feed was last read
    moved_at: datetime | None = None  # when they were first seen
    moved_looks: int = 0  # how often they were seen since


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One GET: `headers` holds only conditionals; the fetcher adds the polite rest."""

    url: str
    headers: Mapping[str, str]
    accept: str = "feed"  # "feed" or "page"


@dataclass(frozen=True, slots=True)
class Fetched:
    """The outcome of one GET; a failure is data. `error` is "" or "class: words", class one of
    dns connect tls timeout reset redirect too_large protocol http_NNN blocked empty refused held file. What is held was
    not asked."""

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
    moved_to: str = ""  # where redirects led, if each of them was a permanent one
    size: int = field(default=0, compare=False)  # bytes that came, before they were unpacked
    took: timedelta = field(default=timedelta(0), compare=False)
    waited: timedelta = field(default=timedelta(0), compare=False)  # for its turn, before it was asked


@dataclass(frozen=True, slots=True)
class Request:
    """One request for a feed, as the log of requests keeps it."""

    at: datetime
    url: str  # the feed's, as it is configured
    status: int | None
    error: str  # the class only
    sent: str  # fingerprints of the validators that went out, and of those that came and were kept: see `fingerprint`
    given: str
    same: bool  # the whole document came, and it was the one that we had
    size: int  # bytes
    ms: int
    wish: int  # seconds of Retry-After; 0 for none


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


@lru_cache(4096)
def is_local(url: str) -> bool:
    """A file, or a server on this machine: nobody to be polite to."""
    try:
        parts = urlsplit(url)
        name = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme.lower() == "file" or name == "localhost" or _is_loopback(name)


def floor(feed: Feed) -> timedelta:
    """The least time between two polls."""
    return timedelta(0) if is_local(feed.url) else FLOOR


def may_poll(feed: Feed, state: FeedState, now: datetime, wait: datetime | None = None) -> bool:
    """Whether politeness allows a poll, due or not: the floor has passed, and any time the server asked us to wait, or
    another one of its site (`wait`)."""
    if any(until is not None and now < until for until in (state.not_before, wait)):
        return False
    return state.polled_at is None or state.polled_at + floor(feed) <= now


def is_due(feed: Feed, state: FeedState, now: datetime, wait: datetime | None = None) -> bool:
    """Whether it is time for a poll, and politeness allows it."""
    return (state.next_due is None or state.next_due <= now) and may_poll(feed, state, now, wait)


def due_at(state: FeedState) -> datetime:
    """From when on `is_due` says yes, but for what other feeds of the site were told."""
    rest = timedelta(0) if is_local(state.url) else FLOOR
    rested = state.polled_at + rest if state.polled_at else None
    return max(at for at in (ALWAYS, state.next_due, state.not_before, rested) if at)


def turn(url: str, site: Site) -> str:
    """What workers take turns by: the site; there are no turns for what is local."""
    return url if is_local(url) else site(url) or url


def waits(states: Iterable[FeedState]) -> dict[str, datetime]:
    """Until when each site is to be left alone that asked for it."""
    asked = sorted((state.not_before, state.site) for state in states if state.not_before and state.site)
    return {site: until for until, site in asked}


def mended(state: FeedState, now: datetime) -> FeedState:
    """Times from the future were written by a clock that has since been set back. They count from now on: so the floor
    holds, and no feed falls silent."""
    ahead = state.polled_at - now if state.polled_at else timedelta(0)
    if ahead <= timedelta(0):
        return state
    return replace(
        state,
        polled_at=now,
        next_due=state.next_due - ahead if state.next_due else None,
        not_before=state.not_before - ahead if state.not_before else None,
    )


def spread(due: Sequence[FeedState], now: datetime) -> tuple[FeedState, ...]:
    """Those of a crowd that came due while nobody looked which have to wait, and until when; the first few need not."""
    queue = sorted(due, key=lambda state: hashlib.sha256(state.url.encode()).digest())
    step = SPREAD / max(len(queue), 1)
    return tuple(replace(state, next_due=now + step * place) for place, state in enumerate(queue) if place >= CROWD)


def offline(states: Iterable[FeedState]) -> bool:
    """More than half of all hosts could not be reached when they were last asked: the fault is our own network's."""
    reached: dict[str, bool] = {}
    for state in states:
        if state.polled_at is not None and not is_local(state.url):
            name = host(state.url)
            reached[name] = reached.get(name, False) or _kind(state.error) not in OFFLINE
    return len(reached) >= FEWEST and 2 * sum(reached.values()) < len(reached)


@lru_cache(4096)
def host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def moved(state: FeedState) -> bool:
    """Whether the feed's server has said it often enough, and for long enough, that it lives elsewhere for good."""
    return state.moved_looks >= LOOKS


def address(state: FeedState, site: Site) -> str:
    """Where to ask for the feed: where it has moved for good within its site. To leave that is for people to decide."""
    return state.moved_to if moved(state) and site(state.moved_to) == site(state.url) else state.url


def addresses(due: Iterable[FeedState], taken: Iterable[str], site: Site) -> dict[str, str]:
    """The URL of each feed by where it is asked, which is no address that is `taken` by another."""
    taken, asked = set(taken), dict[str, str]()
    for state in due:
        to = address(state, site)
        asked[state.url if to in taken or to in asked else to] = state.url
    return asked


def conditionals(state: FeedState) -> dict[str, str]:
    """The headers that let a server answer 304: its own validators, word for word."""
    headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in headers.items() if value}


def unchanged(state: FeedState, fetched: Fetched) -> bool:
    """The very bytes that were read last time, from a server that does not say 304."""
    return state.body_sha is not None and not fetched.error and body_sha(fetched) == state.body_sha


def fingerprint(etag: str | None, last_modified: str | None) -> str:
    """Tells validators apart in few signs: "ab12cd.34ef56", a side empty where there is none, "" for neither."""
    sides = [hashlib.sha256(one.encode()).hexdigest()[:6] if one else "" for one in (etag, last_modified)]
    return ".".join(sides) if any(sides) else ""


def logged(before: FeedState, fetched: Fetched, after: FeedState, now: datetime) -> Request:
    """What the log of requests keeps of one; of validators that were not kept it knows nothing."""
    keeps = not after.error and (after.etag or after.last_modified)
    return Request(
        now,
        before.url,
        fetched.status,
        _kind(after.error),
        fingerprint(before.etag, before.last_modified),
        fingerprint(fetched.etag, fetched.last_modified) if keeps else "",
        after.same > 0 and fetched.status != 304 and not after.error,
        fetched.size,
        round(fetched.took / timedelta(milliseconds=1)),
        int(fetched.retry_after.total_seconds()) if fetched.retry_after else 0,
    )


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
    ttl = int(min(parsed.ttl or timedelta(0), LONGEST).total_seconds())
    gap, known_for = paced(state.gap, state.known_for, _pauses(state, parsed, now))
    return replace(
        _answered(feed, replace(state, ttl=ttl, same=0), fetched, now),
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
    """A 304, or the same bytes again; either may bring new validators. Who sends all of it each time is asked an interval
    later each time, so that the wait grows with the root of the silence: two hours after a night."""
    same = 0 if fetched.status == 304 or is_local(feed.url) else state.same + 1
    return replace(
        _answered(feed, replace(state, same=same), fetched, now),
        etag=_validator(fetched.etag) or state.etag,
        last_modified=_validator(fetched.last_modified) or state.last_modified,
    )


def after_failure(
    feed: Feed, state: FeedState, fetched: Fetched, now: datetime, site: Site = host, *, offline: bool = False
) -> FeedState:
    """Waits twice as long after each failure, a day at most, and never gives up. A busy server's wish is a command, for all
    of its site. What is gone is asked again a day later, then once a week. While our own network fails, nothing counts."""
    if offline and _kind(fetched.error) in OFFLINE:
        wait = min(FIRST_RETRY, _patience(feed, fetched))
        return replace(
            state, polled_at=now, next_due=now + wait + _jitter(feed, wait), status=None, error=fetched.error
        )
    wait = min(FIRST_RETRY * 2 ** min(state.errors, 10), _patience(feed, fetched))
    closed = _closed(feed, state, fetched, wait)
    return replace(
        _asked_where_it_was(state, site),
        polled_at=now,
        next_due=now + max(wait + _jitter(feed, wait), closed),
        not_before=now + closed if closed else None,
        site=site(fetched.final_url or feed.url) if closed and fetched.status in BUSY else "",
        status=fetched.status,
        errors=state.errors + 1,
        error=fetched.error,
        failing_since=state.failing_since or now,
    )


def after_held(state: FeedState, fetched: Fetched, now: datetime, site: Site = host) -> FeedState:
    """The feed was not asked, because its site had just asked to be left alone."""
    until = now + min(fetched.retry_after or FIRST_RETRY, LONGEST_WISH)
    return replace(state, not_before=max(until, state.not_before or until), site=site(state.url))


def by_host(requests: Iterable[FetchRequest]) -> tuple[tuple[FetchRequest, ...], ...]:
    """Requests in queues, one for each host: those of a queue go out one after the other, `spacing` apart."""
    queues: dict[str, list[FetchRequest]] = {}
    for request in requests:
        queues.setdefault(host(request.url), []).append(request)
    return tuple(tuple(queue) for queue in queues.values())


def spacing(url: str) -> timedelta:
    """The pause between two requests to the host of `url`."""
    return timedelta(0) if is_local(url) else SPACING


def _answered(feed: Feed, state: FeedState, fetched: Fetched, now: datetime) -> FeedState:
    interval = _interval(feed, state, fetched.max_age)
    return replace(
        _seen_moving(state, fetched, now),
        polled_at=now,
        ok_at=now,
        next_due=now + interval + _jitter(feed, interval),
        not_before=None,
        site="",
        status=fetched.status,
        errors=0,
        error="",
        failing_since=None,
    )


def _seen_moving(state: FeedState, fetched: Fetched, now: datetime) -> FeedState:
    """The last look counts only when it comes long enough after the first."""
    if moved(state) and fetched.url == state.moved_to and not fetched.moved_to:
        return state
    if not fetched.moved_to or fetched.moved_to != state.moved_to or state.moved_at is None:
        first = now if fetched.moved_to else None
        return replace(state, moved_to=fetched.moved_to, moved_at=first, moved_looks=1 if first else 0)
    most = LOOKS if now - state.moved_at >= LOOKED else LOOKS - 1
    return replace(state, moved_looks=max(min(state.moved_looks + 1, most), state.moved_looks))


def _asked_where_it_was(state: FeedState, site: Site) -> FeedState:
    """A new address that fails is forgotten: the old one knows better where the feed is."""
    return replace(state, moved_to="", moved_at=None, moved_looks=0) if address(state, site) != state.url else state


def _interval(feed: Feed, state: FeedState, max_age: timedelta | None) -> timedelta:
    wanted = max(feed.every * (1 + state.same), timedelta(seconds=state.ttl), max_age or timedelta(0))
    return max(min(wanted, LONGEST), floor(feed))


def _closed(feed: Feed, state: FeedState, fetched: Fetched, wait: timedelta) -> timedelta:
    """How long even explicit runs leave the server alone."""
    wish = min(fetched.retry_after or timedelta(0), LONGEST_WISH)
    if is_local(feed.url):
        return wish
    if fetched.status == GONE:
        return max(wish, GONE_RETRY if state.status == GONE else LONGEST)
    return max(wish, wait if fetched.status in BUSY else timedelta(0))


def _patience(feed: Feed, fetched: Fetched) -> timedelta:
    """The longest wait after a failure of this kind."""
    if is_local(feed.url):
        return feed.every
    return UNREACHED_RETRY if _kind(fetched.error) in UNREACHED else LONGEST


def _jitter(feed: Feed, interval: timedelta) -> timedelta:
    """Up to a tenth more, the same for a feed each time, so that feeds of one interval are not all due at once."""
    return interval * (hashlib.sha256(feed.url.encode()).digest()[0] / 2560)


def _kind(error: str) -> str:
    return error.partition(":")[0]


def _validator(value: str | None) -> str | None:
    return value if value and len(value) <= LONGEST_VALIDATOR else None


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
