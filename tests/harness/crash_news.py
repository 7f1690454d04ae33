"""Feeds of the crash driver: three outlets on 127.0.0.1 that tell of duties, each other's news again, and correct themselves.

It keeps books of what it has shown: an item counts from the moment at which a whole document with it was handed out.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

OUTLETS = ("Wire", "Courier", "Ledger")
SHOWN = 20  # items of a document
COUNTRIES = ("Indian", "Vietnamese", "Brazilian", "Mexican", "Thai", "Turkish", "Indonesian", "Swiss")
GOODS = ("shrimp", "steel", "carpets", "pharmaceuticals", "footwear", "rice", "copper", "furniture", "tea", "solar panels",
         "tyres", "leather")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    link: str
    title: str
    text: str
    published: datetime


@dataclass(slots=True)
class Duty:
    """What a story is about, and who has told of it."""

    goods: str
    rate: int
    outlets: list[str] = field(default_factory=list)


class Newsroom:
    """`shown` are the titles as they were last shown, by link. `read` says which feeds were asked since their last item and had
    nothing new to tell: what they show has been read and kept."""

    def __init__(self, seed: int, clock: Callable[[], datetime]) -> None:
        self._chance, self._clock, self._lock = random.Random(seed), clock, threading.Lock()
        self._items: dict[str, list[Item]] = {name: [] for name in OUTLETS}
        self._duties: list[Duty] = []
        self._left = [f"{country} {goods}" for country in COUNTRIES for goods in GOODS]
        self._chance.shuffle(self._left)
        self.shown: dict[str, str] = {}
        self.read: set[str] = set()

    def publish(self) -> None:
        """A round's news: a new duty, the same told by another outlet, a new rate, and now and then a corrected headline."""
        with self._lock:
            duty = Duty(self._left.pop(0), self._chance.randrange(5, 40))
            self._duties.append(duty)
            self._tell(duty, f"US to impose {duty.rate}% tariff on {duty.goods}")
            again = self._chance.choice(self._duties[-4:])
            self._tell(again, f"{again.goods} exporters see orders fall as US plans {again.rate}% tariff")
            moved = self._chance.choice(self._duties[-6:])
            moved.rate += self._chance.randrange(1, 9)
            day = self._clock() + timedelta(days=self._chance.randrange(2, 7))
            self._tell(moved, f"US raises tariff on {moved.goods} to {moved.rate}% from {day.day} {day:%B %Y}")
            if self._chance.random() < 0.3:
                self._correct()

    def _tell(self, duty: Duty, title: str) -> None:
        outlet = self._chance.choice([name for name in OUTLETS if name not in duty.outlets[-2:]])
        duty.outlets.append(outlet)
        number = sum(map(len, self._items.values()))
        link = f"https://{outlet.lower()}.example/news/{number}"
        text = f"{title}, officials in Washington said. Exporters of {duty.goods} said they would seek talks."
        self._items[outlet].append(Item(link, title[0].upper() + title[1:], text, self._clock()))
        self.read.discard(outlet)

    def _correct(self) -> None:
        outlet = self._chance.choice([name for name in OUTLETS if self._items[name]])
        item = self._items[outlet][-1]
        self._items[outlet][-1] = replace(item, title=f"{item.title}: officials")
        self.read.discard(outlet)

    def asked(self, outlet: str, etag: str | None) -> tuple[bytes, str, list[Item]] | None:
        """The document, its validator and what it holds; None where the reader has it already."""
        with self._lock:
            items = self._items[outlet][-SHOWN:]
            body = document(outlet, items)
            tag = f'"{sha256(body).hexdigest()[:16]}"'
            if etag == tag:
                self.read.add(outlet)
                return None
            return body, tag, items

    def handed_out(self, items: list[Item]) -> None:
        with self._lock:
            self.shown |= {item.link: item.title for item in items}


def document(outlet: str, items: list[Item]) -> bytes:
    entries = "".join(
        f"<item><title>{escape(item.title)}</title><link>{item.link}</link><description>{escape(item.text)}</description>"
        f"<pubDate>{format_datetime(item.published)}</pubDate></item>"
        for item in reversed(items)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{outlet}</title>{entries}</channel></rss>'.encode()


class _Handler(BaseHTTPRequestHandler):
    newsroom: Newsroom

    def log_message(self, *_: object) -> None:  # nothing on stderr
        return

    def do_GET(self) -> None:
        found = self.newsroom.asked(self.path.strip("/"), self.headers.get("If-None-Match"))
        with suppress(ConnectionError):  # who asked has died
            if found is None:
                self.send_response(304)
                self.end_headers()
                return
            body, tag, items = found
            self.send_response(200)
            self.send_header("ETag", tag)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.newsroom.handed_out(items)


@contextmanager
def published(newsroom: Newsroom) -> Iterator[str]:
    """The address below which each outlet has its feed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OurHandler", (_Handler,), {"newsroom": newsroom}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
