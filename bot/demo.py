"""The demo: the real pipeline on the sample feeds, served over HTTP on loopback, with an account of what it did at the end."""

import json
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import wrap

from bot.app import build, shipped
from bot.batch import because
from bot.events import silent
from bot.examination import Read
from bot.feeds import Feed

SHIPPED = shipped("config.yaml")
SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)  # the morning after the last sample item
WIDTH = 80
EVERYTHING = -1  # the whole back catalogue may alert: in the demo it is the news
TYPES = {".rss": "application/rss+xml", ".atom": "application/atom+xml", ".rdf": "application/rdf+xml"}


@dataclass(frozen=True, slots=True)
class Outlet:
    slug: str
    name: str
    feed: str
    official: bool


def outlets() -> tuple[Outlet, ...]:
    return tuple(Outlet(**row) for row in json.loads((SAMPLES / "outlets.json").read_text("utf-8")))


@dataclass(slots=True)
class DemoClock:
    """Moves only while somebody sleeps, who then need not: patience with a closed pipe ends at once."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class _Samples(BaseHTTPRequestHandler):
    """Feeds at /FILE, article pages at /OUTLET/ARTICLE, with validators as a good server sends them."""

    def do_GET(self) -> None:
        path = self.path.split("?")[0].strip("/")
        file = SAMPLES / path if path in {o.feed for o in outlets()} else SAMPLES / "pages" / f"{path}.html"
        if not file.resolve().is_relative_to(SAMPLES) or not file.is_file():
            self.send_error(404)
            return
        etag = f'"{int(file.stat().st_mtime)}"'
        if self.headers.get("If-None-Match") == etag:
            self._answer(304, etag, file, b"")
            return
        base = f"http://{self.headers['Host']}".encode()
        self._answer(200, etag, file, file.read_bytes().replace(b"{base}", base))

    def _answer(self, status: int, etag: str, file: Path, body: bytes) -> None:
        self.send_response(status)
        kind = "application/feed+json" if file.suffix == ".json" else TYPES.get(file.suffix, "text/html")
        self.send_header("Content-Type", kind)
        self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not news."""


@contextmanager
def served() -> Iterator[str]:
    """The base URL of the sample server, for as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Samples)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def feeds(base: str) -> tuple[Feed, ...]:
    return tuple(
        Feed(
            f"{base}/{o.feed}",
            o.name,
            official=o.official,
            backlog=EVERYTHING,
            zone="Asia/Kolkata",
            every=timedelta(minutes=15),
        )
        for o in outlets()
    )


def play() -> int:
    """Runs everything, draws the cards, gives the account; returns the exit code."""
    from bot.config import load_config
    from bot.engines.once import OnceEngine
    from bot.stores.sql import open_store

    print(
        "Tariffwatch demo: sample feeds of eight invented outlets, served on loopback.\nNothing leaves this machine.\n"
    )
    with tempfile.TemporaryDirectory() as folder, served() as base:
        config = replace(load_config(SHIPPED, {}), feeds=feeds(base), channel="#trade-desk", allow=("127.0.0.1",))
        store = open_store(f"sqlite:///{folder}/demo.db")
        try:
            clock = DemoClock(NOW)
            code = OnceEngine(build(config, store=store, tell=silent), clock, clock.sleep).run()
            reads = [Read(article, analysis) for article, analysis in store.recent(1000)]
            counts = store.counts()
            print("\n".join(account(reads, counts["stories"], counts["alerts_sent"])))
        finally:
            store.close()
    return code


def account(reads: Sequence[Read], stories: int, alerts: int) -> Iterator[str]:
    """What was read, what was picked and why, what was left out and why."""
    ordered = sorted(reads, key=lambda r: -r.analysis.scores.scores["relevant"])
    picked = [r for r in ordered if r.analysis.why]
    left = [r for r in ordered if not r.analysis.why]
    outlets_read = len({r.article.outlet for r in reads})
    pages = sum(r.article.from_page for r in reads)
    yield f"Read {len(reads)} items of {outlets_read} outlets, {pages} of them with their page."
    yield f"\nPicked {len(picked)}, which make {stories} stories, told in {alerts} messages:"
    yield from (line for read in picked for line in _item("✔", read))
    yield f"\nLeft out {len(left)}:"
    yield from (line for read in left for line in _item("✘", read))
    yield f"\nIn short: {len(picked)} picked, {len(left)} left out; {stories} stories told in {alerts} messages."
    yield "Next: `tariffwatch explain FILE` on an article, `tariffwatch check`, and `run`."


def _item(mark: str, read: Read) -> Iterator[str]:
    """Title, then outlet and reasons, folded to be read in a narrow window."""
    title, reasons = f"{mark} {read.article.title}", f"{read.article.outlet} · {because(read)}"
    yield from wrap(title, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    yield from wrap(reasons, WIDTH, initial_indent="      ", subsequent_indent="      ", break_on_hyphens=False)
