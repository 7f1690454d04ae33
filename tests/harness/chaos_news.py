"""Feeds of the chaos driver: hundreds of outlets behind one server, on sites that want manners and on this machine, and a log
of who asked what when.

A name such as 127.1.7 leads to this machine and is no address by our manners: of such a site each feed is asked once in ten
minutes, one after the other with a pause between. Feeds at 127.0.0.1 are asked as often as the desk wants. As in the crash
driver, an item counts from the moment at which a whole document with it was handed out.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.harness.chaos_judge import Asked
from tests.harness.crash_news import GOODS, Item, document

NEAR = "127.0.0.1"
OF_ONE_SITE = 4  # feeds
RETOLD = 0.4  # of what is told of a known duty: the same once more
TAKES = 0.03  # seconds that an answer takes: two at once are seen
COUNTRIES = ("Indian", "Vietnamese", "Brazilian", "Mexican", "Thai", "Turkish", "Indonesian", "Swiss", "Japanese", "Korean",
             "Chilean", "Peruvian", "Kenyan", "Egyptian", "Malaysian", "Canadian", "Norwegian", "Argentine", "Moroccan",
             "Philippine")  # fmt: skip
TOWNS = (
    "Nashik",
    "Leeds",
    "Porto",
    "Austin",
    "Osaka",
    "Lyon",
    "Durban",
    "Perth",
    "Bergen",
    "Cusco",
    "Tampere",
    "Galway",
)
TEAMS = ("Rovers", "Lions", "Wanderers", "Harbour", "United", "Athletic", "Rangers", "Falcons")
PATTERNS = (
    "{town} {team} beat {other} {team2} {n}-{m} after a late goal",
    "Rain of {n} mm expected in {town} on the {m}th, forecasters say",
    "{town} library lends {n} thousand books in {m} months",
    "Museum in {town} shows {n} paintings found in an attic",
    "Night train from {town} to {other} returns after {n} years",
    "{town} bakery wins prize for its {n}-day sourdough",
    "{n} runners finish the {town} marathon, {m} of them over seventy",
    "Choir of {town} sings {n} songs by heart in {other}",
)


@dataclass(slots=True)
class Duty:
    goods: str
    rate: int


@dataclass(slots=True)
class Outlet:
    url: str
    near: bool
    items: list[Item] = field(default_factory=list)

    @property
    def turn(self) -> str:
        return self.url if self.near else self.url.partition("//")[2].partition(":")[0]


class Press:
    """`outlets` by path. `shown` are the titles that were handed out, by link; `news` the links of what no item told before;
    `asked` is the log."""

    def __init__(self, seed: int, far: int, near: int, clock: Callable[[], datetime]) -> None:
        self._chance, self._clock, self._lock = random.Random(seed), clock, threading.Lock()
        self._far, self._near = far, near
        self._left = [f"{country} {goods}" for country in COUNTRIES for goods in GOODS]
        self._chance.shuffle(self._left)
        self._duties: list[Duty] = []
        self._count = 0
        self.closing = threading.Event()
        self.outlets: dict[str, Outlet] = {}
        self.shown: dict[str, str] = {}
        self.news: set[str] = set()
        self.asked: list[Asked] = []

    def open(self, port: int) -> None:
        """The outlets, each with an address and nothing to tell."""
        for n in range(self._far + self._near):
            near = n >= self._far
            host = NEAR if near else f"127.1.{n // OF_ONE_SITE + 1}"
            self.outlets[f"/{n}"] = Outlet(f"http://{host}:{port}/{n}", near)

    @property
    def waiting(self) -> int:
        """Items that nobody was shown yet."""
        with self._lock:
            return self._count - len(self.shown)

    # what there is to tell

    def begin(self, duties: int) -> None:
        """An item of every outlet, of which so many are the first word of a new duty."""
        with self._lock:
            paths = list(self.outlets)
            self._chance.shuffle(paths)
            for path in paths[:duties]:
                self._new_duty(path)
            for path in paths[duties:]:
                self._tell(path, self._other())

    def publish(self, duties: int, others: int, *, near: bool = True) -> None:
        """A wave: so many duties, each a new one, one told again or one raised, and other news."""
        with self._lock:
            paths = [path for path, outlet in self.outlets.items() if outlet.near == near]
            self._chance.shuffle(self._duties)
            for duty in self._duties[: duties * 2 // 3]:
                self._move(self._chance.choice(paths), duty)
            for _ in range(duties - duties * 2 // 3):
                self._new_duty(self._chance.choice(paths))
            for _ in range(others):
                self._tell(self._chance.choice(paths), self._other())

    def _move(self, path: str, duty: Duty) -> None:
        if self._chance.random() < RETOLD:
            self._tell(
                path, f"{duty.goods} exporters see orders fall as US plans {duty.rate}% tariff", duty, news=False
            )
            return
        duty.rate += self._chance.randrange(1, 9)
        day = self._clock() + timedelta(days=self._chance.randrange(2, 7))
        self._tell(path, f"US raises tariff on {duty.goods} to {duty.rate}% from {day.day} {day:%B %Y}", duty)

    def _new_duty(self, path: str) -> None:
        duty = Duty(self._left.pop(), self._chance.randrange(5, 40))
        self._duties.append(duty)
        self._tell(path, f"US to impose {duty.rate}% tariff on {duty.goods}", duty)

    def _other(self) -> str:
        pick = self._chance.choice
        town, other = self._chance.sample(TOWNS, 2)
        team, team2 = self._chance.sample(TEAMS, 2)
        n, m = self._chance.randrange(2, 900), self._chance.randrange(2, 28)
        return pick(PATTERNS).format(town=town, other=other, team=team, team2=team2, n=n, m=m)

    def _tell(self, path: str, title: str, duty: Duty | None = None, *, news: bool = True) -> None:
        self._count += 1
        link = f"https://outlet{path[1:]}.example/news/{self._count}"
        more = f"Exporters of {duty.goods} said they would seek talks." if duty else "Hundreds came to see it."
        text = f"{title}, {'officials in Washington' if duty else 'people there'} said. {more}"
        self.outlets[path].items.append(Item(link, title[0].upper() + title[1:], text, self._clock()))
        if duty and news:
            self.news.add(link)

    # what is asked

    def answer(self, path: str, etag: str | None) -> tuple[bytes, str, Sequence[Item]]:
        """The document, its validator and what it holds; no document where the reader has it already."""
        with self._lock:
            items = tuple(self.outlets[path].items)
        body = document(f"Outlet {path[1:]}", list(items))
        tag = f'"{sha256(body).hexdigest()[:16]}"'
        return (b"", tag, ()) if etag == tag else (body, tag, items)

    def handed_out(self, items: Sequence[Item]) -> None:
        with self._lock:
            self.shown |= {item.link: item.title for item in items}

    def note(self, path: str, began: float, ended: float) -> None:
        outlet = self.outlets[path]
        with self._lock:
            self.asked.append(Asked(outlet.turn, outlet.url, began, ended, outlet.near))


class _Handler(BaseHTTPRequestHandler):
    press: Press

    def log_message(self, *_: object) -> None:  # nothing on stderr
        return

    def do_GET(self) -> None:
        began = time.monotonic()
        if self.path not in self.press.outlets:
            self.send_error(404)
            return
        body, tag, items = self.press.answer(self.path, self.headers.get("If-None-Match"))
        self.press.closing.wait(TAKES)
        ended = time.monotonic()  # who asks has not all of it yet
        with suppress(ConnectionError):  # who asked has died
            self.send_response(200 if body else 304)
            self.send_header("ETag", tag)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.press.handed_out(items)
        self.press.note(self.path, began, ended)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextmanager
def published(press: Press) -> Iterator[None]:
    """At every address of this machine, as each of 127.* is one."""
    server = _Server(("0.0.0.0", 0), type("OurHandler", (_Handler,), {"press": press}))  # noqa: S104
    press.open(server.server_address[1])
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield
    finally:
        press.closing.set()
        server.shutdown()
        server.server_close()
