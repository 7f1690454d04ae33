"""Months of polling in a minute: the real pipeline and a real store, before servers that are made up, in a time of their own.

    python -m tests.harness --days 90 --feeds 300

The world keeps true time; our clock is that of a machine whose clock is set wrong and right again, that is down for hours and
loses its network. `World` is every server at once and the referee: it notes each request that comes before its floor, against
a Retry-After, or with validators other than those it gave last.
"""

import argparse
import gc
import os
import sys
import tempfile
import threading
import time as stopwatch
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event

from bot.channels import DAILY, Channel
from bot.desk import Desk
from bot.feeds import FLOOR, Entry, Feed, Fetched, FetchRequest, ParsedFeed
from bot.hours import Occasion
from bot.messages import Message
from bot.pipeline import Pipeline
from bot.politeness import politeness
from bot.sources.sites import sites
from bot.stores import sqlite
from bot.stores.sql import SqlStore
from tests.harness.clock import Clock
from tests.line import Line, ScriptedSink, store_at
from tests.makers import a_desk, a_watchlist

START = datetime(2026, 9, 20, tzinfo=UTC)  # before the clocks of Sydney, London and New York change
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STEP, OFTEN, CLOSELY = 3 * HOUR, 15 * MINUTE, 5 * MINUTE
KEEP = 14 * DAY
STEADY = 30  # days, after which nothing should grow
SHOWN = 8  # items of a document
FEW = 32  # entries of a cache
FIRST = 100  # the version of each feed at the start
ZONES = ("America/New_York", "Australia/Sydney", "Europe/London", "Asia/Kolkata")
CHANNELS = tuple(
    Channel(f"#{zone}", ZoneInfo(zone), digests=((DAILY, Occasion(at)),))
    for zone, at in zip(ZONES, (time(1, 30), time(2, 30), time(1, 0), time(8, 30)), strict=True)
)
KINDS = (
    *("etag",) * 8, *("dated",) * 4, "bare", "careless", "odd", "flooding", "busy", "overloaded", "flaky", "missing", "gone",
    "moved", "leaving", "detour", "two-faced",
)  # fmt: skip
SITE = sites(("hub.example",))


@dataclass(frozen=True, slots=True)
class Spell:
    """From the day `start` on, in days since the beginning."""

    start: float
    end: float

    def holds(self, at: timedelta) -> bool:
        return self.start * DAY <= at < self.end * DAY


@dataclass(frozen=True, slots=True)
class Troubles:
    """What befalls the machine, and when."""

    wrong: tuple[tuple[Spell, timedelta], ...] = ()  # its clock, by how much
    offline: tuple[Spell, ...] = ()
    down: tuple[Spell, ...] = ()
    crashing: tuple[Spell, ...] = ()  # killed every twenty seconds, in the middle of polling

    def off(self, at: timedelta) -> timedelta:
        """How wrong its clock is."""
        return sum((off for spell, off in self.wrong if spell.holds(at)), timedelta(0))

    def blind(self, *moments: timedelta) -> bool:
        """Whether its clock is wrong at one of them."""
        return any(spell.holds(at) for spell, _ in self.wrong for at in moments)


TROUBLES = Troubles(
    wrong=(
        (Spell(9, 9.2), 3 * HOUR),
        (Spell(33, 33.5), -DAY),
        (Spell(47, 47.1), 5 * DAY),
        (Spell(70, 70.02), -9 * MINUTE),
    ),
    offline=(Spell(20, 20.25), Spell(58, 58.25)),
    down=(Spell(5, 6), Spell(62, 63)),
    crashing=(Spell(12, 12 + 1 / 72), Spell(18, 18 + 1 / 72)),  # early: here a new process is the old one, and bigger
)


class Killed(BaseException):
    """The process ends here."""


@dataclass(slots=True)
class Served:
    """What the referee remembers of one feed."""

    at: timedelta | None = None
    etag: str | None = None
    modified: str | None = None
    read: bool = False
    looks: int = 0


@dataclass
class World:
    """Every server, and the referee."""

    troubles: Troubles = TROUBLES
    served: dict[str, Served] = field(default_factory=dict)
    closed: dict[str, tuple[timedelta, timedelta]] = field(default_factory=dict)  # by site: since and until when
    faults: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    now: timedelta = timedelta(0)
    dies_after: int = -1  # requests; -1: never

    def fetch(self, requests: Sequence[FetchRequest]) -> Iterator[Fetched]:
        for request in requests:
            if self.dies_after == 0:
                raise Killed
            self.dies_after -= 1
            offline = any(spell.holds(self.now) for spell in self.troubles.offline)
            fetched = Fetched(request.url, error="dns: no answer") if offline else self._answer(request)
            self.statuses[fetched.error.partition(":")[0] or str(fetched.status)] += 1
            yield fetched

    def _answer(self, request: FetchRequest) -> Fetched:
        kind = _kind(request.url)
        one = self.served.setdefault(_name(request.url), Served())
        self._judge(request, one)
        one.at, one.looks = self.now, one.looks + 1
        refused = self._refused(request.url, kind, one)
        return refused or self._document(request, kind, one)

    def _judge(self, request: FetchRequest, one: Served) -> None:
        """Time that our clock jumped over is time that we cannot know of."""
        blind = self.troubles.blind(self.now, one.at or self.now)
        if one.at is not None and self.now - one.at < FLOOR and not blind:
            self.faults.append(f"{self.now} {request.url} asked again after {self.now - one.at}")
        since, until = self.closed.get(SITE(request.url), (self.now, self.now))
        if since < self.now < until and not blind and not self.troubles.blind(since):
            self.faults.append(f"{self.now} {request.url} was closed until {until}")
        wanted = {"If-None-Match": one.etag, "If-Modified-Since": one.modified}
        if one.read and {name: value for name, value in wanted.items() if value} != dict(request.headers):
            self.faults.append(f"{self.now} {request.url} sent {dict(request.headers)}, was given {wanted}")

    def _refused(self, url: str, kind: str, one: Served) -> Fetched | None:
        chance = _number(url, self.now // HOUR)
        if kind == "busy" and chance % 20 == 0:
            wish = timedelta(seconds=3601 * (1 + chance % 9))
            self.closed[SITE(url)] = self.now, self.now + wish
            return Fetched(url, 429, final_url=url, retry_after=wish, error="http_429: Too Many Requests")
        if kind == "overloaded" and chance % 5 == 0:
            self.closed[SITE(url)] = self.now, self.now + 15 * MINUTE
            return Fetched(url, 503, final_url=url, error="http_503: Service Unavailable")
        if kind == "flaky" and chance % 4 == 0:
            return Fetched(url, error=("timeout: late", "reset: gone", "tls: bad")[chance // 4 % 3])
        if kind == "missing" and self.now % (30 * DAY) > 10 * DAY:
            return Fetched(url, 404, error="http_404: Not Found")
        if kind == "gone" and self.now > 12 * DAY:
            return Fetched(url, 410, error="http_410: Gone")
        return None

    def _document(self, request: FetchRequest, kind: str, one: Served) -> Fetched:
        url = request.url
        version = FIRST + self.now // _period(_name(url))
        face = one.looks % 2 if kind == "two-faced" else 0
        body = f"{_name(url)} {version} {face} {kind}".encode()
        etag = f'W/"{version}, {face}"' if kind not in ("dated", "bare") else None
        etag = f'"{one.looks}"' if kind == "odd" else etag
        modified = f"Mon,  {version} odd" if kind in ("dated", "etag") else None
        same = request.headers and (request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")) == (
            etag,
            modified,
        )
        one.etag, one.modified, one.read = etag, modified, True
        moved_to = self._moved_to(url, kind)
        if same and kind != "careless":
            return Fetched(url, 304, final_url=moved_to or url, moved_to=moved_to)
        return Fetched(
            url, 200, body, moved_to or url, etag=etag, last_modified=modified, moved_to=moved_to, size=len(body)
        )

    def _moved_to(self, url: str, kind: str) -> str:
        """`detour` is a permanent redirect for a few hours, twice, and then no more."""
        if kind == "moved" and self.now > 10 * DAY and "/new" not in url:
            return f"{url}/new"
        if kind == "leaving" and self.now > 10 * DAY:
            return f"https://elsewhere.example/{_name(url)}"
        if kind == "detour" and self.now % (20 * DAY) < 6 * HOUR:
            return f"{url}/new"
        return ""


class WorldParser:
    """Makes the items that a document names."""

    def parse(self, fetched: Fetched, feed: Feed, now: datetime) -> ParsedFeed:
        name, version, face, kind = fetched.body.decode().split()
        last = int(version)
        newest = [_entry(name, n) for n in range(last - SHOWN, last + 1)]
        if kind == "flooding" and last % 8 == 0:
            newest += [_entry(name, -n) for n in range(1, 60)]
        return ParsedFeed(name, tuple(newest[: -1 if face == "1" else None]))


def _entry(name: str, n: int) -> Entry:
    chance = _number(name, n)
    title = (
        f"US to raise tariff on Indian shrimp to {chance % 40}%"
        if chance % 100 == 0
        else f"Rain in Kochi {chance % 100} {name}"
    )
    text = f"Report {chance % 100} of {name}: " + " ".join(f"word{_number(name, n, k) % 400}" for k in range(30))
    published = START + (n - FIRST) * _period(name)
    return Entry(title, f"https://{name}.example/{n}", f"{name}-{n}", text, "", published)


def _period(name: str) -> timedelta:
    """Of what a feed shows."""
    return timedelta(hours=36) + HOUR * (_number(name) % 60)


def feeds_of(count: int, kinds: Sequence[str] = KINDS) -> tuple[Feed, ...]:
    """Of servers of these kinds in turn. A few are asked every quarter of an hour or hour, the others once a day."""
    made = []
    for n in range(count):
        kind = kinds[n % len(kinds)]
        host = f"f{n}.blogs.example" if kind == "busy" else f"f{n}.example" if n % 7 else f"many{n % 3}.example"
        every = 15 * MINUTE if n < 2 else HOUR if n < 5 else DAY
        made.append(Feed(f"https://{host}/{kind}/f{n}", f"Outlet {n}", every=every, pages=False))
    return tuple(made)


@dataclass
class Forgetful(ScriptedSink):
    """Counts digests by channel and day, and keeps nothing else."""

    digests: Counter[tuple[str, str]] = field(default_factory=Counter)

    def send(
        self, message: Message, channel: str, *, simple: int = 0, thread: str = "", broadcast: bool = False
    ) -> str:
        if message.kind == "digest":
            self.digests[channel, message.id] += 1
        return "ts-1"


@dataclass(frozen=True, slots=True)
class Measured:
    """At the end of a day."""

    day: int
    memory: int  # bytes, resident
    handles: int
    threads: int
    database: int  # bytes, packed, of what is not kept for ever
    kept: int  # bytes of what is
    file: int


@dataclass
class Result:
    world: World
    digests: Counter[tuple[str, str]]
    days: list[Measured]
    digest_days: dict[str, list[date]]
    broken: int
    score: int
    requests: int
    notices: list[str]

    def growth(self, name: str) -> float:
        """From the mean of the ten days before day 30 to that of the last ten."""
        early = mean(getattr(one, name) for one in self.days if one.day < STEADY)
        return float(mean(getattr(one, name) for one in self.days[-10:]) / early - 1)

    @property
    def yearly(self) -> float:
        """Bytes that what is kept for ever grows by in a year."""
        early, late = [one for one in self.days if one.day < STEADY], self.days[-10:]
        days = mean(one.day for one in late) - mean(one.day for one in early)
        return 365 * (mean(one.kept for one in late) - mean(one.kept for one in early)) / days


@dataclass
class Machine:
    """The program on a machine: started, killed, started again."""

    path: Path
    desk: Desk
    world: World
    clock: Clock = field(default_factory=Clock)
    sink: Forgetful = field(default_factory=Forgetful)
    line: Line = field(init=False)
    store: SqlStore = field(init=False)
    pipeline: Pipeline = field(init=False)

    def start(self) -> None:
        self.store = store_at(self.path)
        self.store._engine.dispose()  # what is opened from now on keeps little in memory: a small store would take months
        event.listen(self.store._engine, "connect", _keep_little)  # to fill the two megabytes that SQLite has for it
        self.line = Line(self.store, parser=WorldParser(), sink=self.sink, desk=self.desk)  # type: ignore[arg-type]
        self.pipeline = replace(self.line.pipeline, fetcher=self.world, keep=KEEP, site=SITE)
        self.pipeline.tell = lambda event: None
        self.store.recover()

    def restart(self) -> None:
        self.store.close()
        self.start()

    def set(self, at: timedelta) -> None:
        """So much later than the start: in the world, and by a clock that may be wrong."""
        self.world.now, self.clock.at, self.clock.off = at, START + at, self.world.troubles.off(at)

    def tick(self) -> None:
        now = self.clock()
        self.pipeline.collect(now)
        while self.pipeline.analyze():
            self.pipeline.follow(now)
        while self.store.counts()["unfollowed"]:
            self.pipeline.follow(now)
        self.pipeline.digest(now)
        while self.store.due_alerts(now, 1):
            self.pipeline.deliver(now)
        for seen in (self.line.classifier.texts, self.line.reader.texts, self.line.events):
            seen.clear()  # what the plain plugs remember of what they were asked


def _keep_little(connection: Any, record: object) -> None:
    connection.execute("PRAGMA cache_size = -200")


@contextmanager
def small_caches() -> Iterator[None]:
    """What the program remembers of functions is bounded, by so much that few feeds would take years to reach the bound: here
    it is reached in days."""
    modules = [module for name, module in sys.modules.items() if name.startswith("bot.")]
    large = [(module, name, it) for module in modules for name, it in vars(module).items() if _bounded(it)]
    for module, name, it in large:
        setattr(module, name, lru_cache(FEW)(it.__wrapped__))
    try:
        yield
    finally:
        for module, name, it in large:
            setattr(module, name, it)


def _bounded(it: Any) -> bool:
    return isinstance(it, type(lru_cache(len))) and it.cache_parameters()["maxsize"] is not None


def simulate(path: Path, count: int, days: int, troubles: Troubles = TROUBLES, kinds: Sequence[str] = KINDS) -> Result:
    """So many feeds for so many days, into a new store at `path`."""
    desk = replace(
        a_desk(a_watchlist(channels=tuple(one.channel for one in CHANNELS)), feeds=feeds_of(count, kinds)),
        channel_settings=CHANNELS,
        ops_channel="#ops",
    )
    with small_caches():
        return _run(Machine(path, desk, World(troubles)), days)


def _run(machine: Machine, days: int) -> Result:
    machine.start()
    measured, at, today = list[Measured](), timedelta(0), -1
    while at < days * DAY:
        at = _moved_on(machine, at)
        if at // DAY > today:
            today = at // DAY
            machine.set(at)
            machine.pipeline.tidy(machine.clock())
            if STEADY - 10 <= today < STEADY or today >= days - 10:
                measured.append(_measured(machine, today))
            if today % 10 == 5:
                machine.restart()
    return _result(machine, measured, START + at)


def _moved_on(machine: Machine, at: timedelta) -> timedelta:
    """One tick, or what stands in for it; returns when the next one is."""
    machine.set(at)
    troubles = machine.world.troubles
    if down := next((spell for spell in troubles.down if spell.holds(at)), None):
        machine.restart()
        return down.end * DAY
    if any(spell.holds(at) for spell in troubles.crashing):
        machine.world.dies_after = _number("crash", at) % 5
        try:
            machine.tick()
        except Killed:
            machine.restart()
        machine.world.dies_after = -1
        return at + timedelta(seconds=20)
    machine.tick()
    near = any(abs(edge * DAY - at) < HOUR for spell, _ in troubles.wrong for edge in (spell.start, spell.end))
    return at + (CLOSELY if near else OFTEN if at // DAY % 30 == 3 else STEP)


def _measured(machine: Machine, day: int) -> Measured:
    machine.store.fold()
    gc.collect()
    whole, passing = _packed(machine.path)
    memory = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE")
    handles = len(os.listdir("/proc/self/fd"))
    file = machine.path.stat().st_size
    return Measured(day, memory, handles, threading.active_count(), passing, whole - passing, file)


def _packed(path: Path) -> tuple[int, int]:
    """The bytes of the store without the room that is free in it; and without what is kept for ever: alerts, slim, so that
    nothing is told twice, and the ledger."""
    copy = path.with_suffix(".copy")
    with closing(sqlite.driver().connect(path)) as connection:
        _keep_little(connection, None)
        connection.execute("VACUUM INTO ?", [str(copy)])
    whole = copy.stat().st_size
    with closing(sqlite.driver().connect(copy)) as connection:
        _keep_little(connection, None)
        connection.execute("PRAGMA synchronous = OFF")
        for table in ("alerts", "states", "measures"):
            connection.execute(f"DELETE FROM {table}")
        connection.commit()
        connection.execute("VACUUM")
    passing = copy.stat().st_size
    copy.unlink()
    return whole, passing


def _result(machine: Machine, measured: list[Measured], now: datetime) -> Result:
    log = machine.store.requests(now - 12 * DAY)
    found = politeness(log, SITE)
    alerts = machine.store.alerts(limit=100_000)
    digests = [alert for alert in alerts if alert.story_id == DAILY]
    told = {
        one.channel: sorted(date.fromisoformat(alert.article_id) for alert in digests if alert.channel == one.channel)
        for one in CHANNELS
    }
    notices = sorted({alert.message.headline for alert in alerts if alert.message.kind == "notice"})
    machine.store.close()
    return Result(
        machine.world, machine.sink.digests, measured, told, found.all.broken, found.all.score, len(log), notices
    )


def _kind(url: str) -> str:
    return url.split("/")[3]


def _name(url: str) -> str:
    return url.split("/")[4]


def _number(*parts: object) -> int:
    return int.from_bytes(sha256(repr(parts).encode()).digest()[:4])


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder that is no disk's, where there is one: it is not the disk that is tried here."""
    memory = Path("/dev/shm")  # noqa: S108  the folder made in it is our own
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def in_own_process(count: int, days: int) -> Result:
    """With nothing in its memory but what it is about."""
    with in_memory() as folder, ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(simulate, folder / "store.db", count, days).result()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--days", type=int, default=90)
    asked = parser.parse_args()
    began = stopwatch.perf_counter()
    with in_memory() as folder:
        result = simulate(folder / "store.db", asked.feeds, asked.days)
    print(f"{asked.days} days of {asked.feeds} feeds in {stopwatch.perf_counter() - began:.0f} s")
    print(", ".join(f"{count:,} × {what}" for what, count in result.world.statuses.most_common()))
    for name in ("memory", "handles", "threads", "database", "file"):
        print(f"{name:>9}: {getattr(result.days[-1], name):,} at the end, growth {100 * result.growth(name):.2f} %")
    print(f"kept for ever: {result.days[-1].kept:,} bytes at the end, {result.yearly:,.0f} more a year")
    print(f"digests: {', '.join(f'{one} {len(days)}' for one, days in result.digest_days.items())}")
    print(
        f"politeness of the last 12 days: {result.requests:,} requests, score {result.score}, {result.broken} broken promises"
    )
    print(*(f"notice: {one}" for one in result.notices), sep="\n")
    print(*result.world.faults[:20], f"{len(result.world.faults)} faults", sep="\n")
    return 1 if result.world.faults or result.broken else 0
