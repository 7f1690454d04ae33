"""Politeness: how our own requests look to those who own the feeds, from the log of requests.

The strictest of them count what Rachel Kroll counts in her reports on feed readers: who has been given validators sends them
back, exactly, and comes once an hour at most; who has none comes once a day; who was asked to wait waits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.feeds import BUSY, FIRST_RETRY, FLOOR, Request, Site, host

HOURLY, DAILY = timedelta(hours=1), timedelta(days=1)
AGAIN, BOGUS, EARLY, PRESSED = "again", "bogus", "early", "pressed"
OFTEN, WHOLE = "often", "whole"
BROKEN = (
    AGAIN,
    BOGUS,
    EARLY,
    PRESSED,
)  # what we promise never to do; the others are a matter of taste, and of settings


@dataclass(frozen=True, slots=True)
class Manners:
    """Counts of requests: all of them, and those to which a strict owner objects, by what for."""

    of: str  # a feed's URL, or a host
    requests: int = 0
    polite: int = 0  # nobody objects
    broken: int = 0  # against what we promise
    conditional: int = 0
    again: int = 0  # without the validators that we had been given
    bogus: int = 0  # with others than those
    early: int = 0  # before our own floor had passed
    pressed: int = 0  # while the site had asked to be left alone
    often: int = 0  # within an hour
    whole: int = 0  # within a day, where the server gives no validators
    same: int = 0  # the document came again though nothing had changed: the server's doing
    size: int = 0  # bytes
    shortest: int | None = None  # seconds between two requests for one feed

    @property
    def score(self) -> int:
        return 100 * self.polite // self.requests if self.requests else 100


@dataclass(frozen=True, slots=True)
class Politeness:
    all: Manners
    hosts: tuple[Manners, ...]
    feeds: tuple[Manners, ...]


@dataclass(slots=True)
class _Known:
    """What the log has told so far of one feed."""

    at: datetime | None = None
    whole_at: datetime | None = None  # when all of it came last
    validators: tuple[str, str] | None = None  # None until a document came


def politeness(log: Iterable[Request], site: Site) -> Politeness:
    """`log` is in the order in which it was written. What was asked before it begins is not held against us."""
    feeds: dict[str, Manners] = {}
    for request, gap, objections in _judged(log, site):
        one = feeds.get(request.url, Manners(request.url))
        feeds[request.url] = replace(_counted(one, request, objections), shortest=_least(one.shortest, gap))
    hosts: dict[str, Manners] = {}
    for feed in feeds.values():
        hosts[host(feed.of)] = _together(hosts.get(host(feed.of), Manners(host(feed.of))), feed)
    total = Manners("all")
    for feed in feeds.values():
        total = _together(total, feed)
    return Politeness(total, _worst_first(hosts.values()), _worst_first(feeds.values()))


def _judged(log: Iterable[Request], site: Site) -> Iterator[tuple[Request, int | None, set[str]]]:
    """Each request, with the seconds since the one before it and what is to be said against it."""
    feeds: dict[str, _Known] = {}
    asked: dict[str, tuple[datetime, datetime]] = {}  # by site: when it asked to be left alone, and until when
    for request in log:
        known = feeds.setdefault(request.url, _Known())
        gap = request.at - known.at if known.at and request.at >= known.at else None
        objections = {*_of_time(gap, request, asked.get(site(request.url))), *_of_validators(known, request)}
        yield request, int(gap.total_seconds()) if gap is not None else None, objections
        _learn(known, request)
        if request.status in BUSY:
            asked[site(request.url)] = request.at, request.at + max(timedelta(seconds=request.wish), FIRST_RETRY)


def _of_time(gap: timedelta | None, request: Request, asked: tuple[datetime, datetime] | None) -> Iterator[str]:
    if gap is not None and gap < FLOOR:
        yield EARLY
    if gap is not None and gap < HOURLY:
        yield OFTEN
    if asked and asked[0] < request.at < asked[1]:
        yield PRESSED


def _of_validators(known: _Known, request: Request) -> Iterator[str]:
    had = _joined(known.validators)
    if request.sent and known.validators and request.sent != had:
        yield BOGUS
    if not request.sent and had:
        yield AGAIN
    if not request.sent and not had and known.whole_at and request.at - known.whole_at < DAILY:
        yield WHOLE


def _learn(known: _Known, request: Request) -> None:
    known.at = request.at
    if request.error:
        return
    etag, _, modified = request.given.partition(".")
    if request.status == 304:
        old = known.validators or _split(request.sent)
        known.validators = etag or old[0], modified or old[1]
    else:
        known.validators, known.whole_at = (etag, modified), request.at


def _counted(one: Manners, request: Request, objections: set[str]) -> Manners:
    counts = {name: getattr(one, name) + 1 for name in objections}
    return replace(
        one,
        requests=one.requests + 1,
        polite=one.polite + (not objections),
        broken=one.broken + any(name in objections for name in BROKEN),
        conditional=one.conditional + bool(request.sent),
        same=one.same + request.same,
        size=one.size + request.size,
        **counts,
    )


def _together(one: Manners, other: Manners) -> Manners:
    names = ("requests", "polite", "broken", "conditional", *BROKEN, OFTEN, WHOLE, "same", "size")
    sums = {name: getattr(one, name) + getattr(other, name) for name in names}
    return replace(one, **sums, shortest=_least(one.shortest, other.shortest))


def _least(one: int | None, other: int | None) -> int | None:
    return min((seconds for seconds in (one, other) if seconds is not None), default=None)


def _worst_first(found: Iterable[Manners]) -> tuple[Manners, ...]:
    return tuple(sorted(found, key=lambda one: (-one.broken, one.score, one.of)))


def _joined(validators: tuple[str, str] | None) -> str:
    return ".".join(validators) if validators and any(validators) else ""


def _split(sent: str) -> tuple[str, str]:
    etag, _, modified = sent.partition(".")
    return etag, modified
