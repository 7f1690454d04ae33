"""Any bytes at all, parsed as a feed: `python -m tests.fuzz.feeds MINUTES [CORPUS]`.

Atheris drives it where it is installed (`make fuzz` installs it), guided by what code the bytes reach; mutations of our own do
otherwise. Seeds are the feeds of the tests. What breaks a promise is written to `tests/fuzz/failures/`, and belongs into a
test before it is mended. The corpus holds what was found to reach something new; of it each run keeps the MOST_KEPT smallest.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from bot.articles import MOST_ENTRIES, select
from bot.errors import ParseError
from bot.feeds import Entry, Feed, FeedState, Fetched, ParsedFeed
from bot.sources.entries import LONGEST_GUID
from bot.sources.rss import FeedparserParser
from bot.sources.text import LONGEST_TEXT, LONGEST_TITLE, clean

HERE = Path(__file__).parent
SEEDS = HERE.parent / "feeds"
LONGEST = 20_000  # bytes of an input: what takes long at this size takes for ever at 15 MB
SLOW = timedelta(seconds=3)
MOST_KEPT = 300
FEED = Feed("https://f.example/feed", "F", zone="Asia/Kolkata")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOKENS = (
    b"<item>", b"</item>", b"<entry>", b"</entry>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml version='1.0' encoding='",
    b"utf-16", b"<!DOCTYPE r [<!ENTITY a 'b'>]>", b"&a;", b"&#x202e;", b"&#xd800;", b"&lt;", b"\x00", b"\xff\xfe",
    b"\xef\xbb\xbf", b"xml:base='//g.example'", b"<link>javascript:x</link>", b"<pubDate>31 Feb 2026 25:61 IST</pubDate>",
    b"<title>", b"</title>", b"<rss><channel>", b"</channel></rss>",
    b"<feed xmlns='http://www.w3.org/2005/Atom'>", b'{"items":[', b'"title":', b"\\ud800", b"]}",
    "नवंबर".encode(), b"<author>a@b (", b"type='xhtml'", b"<b>" * 50, b"9" * 60, b"=''" * 20,
)  # fmt: skip


def check(data: bytes) -> str:
    """What came of the bytes, in a word that tells one path from another. Raises AssertionError when a promise is broken."""
    started = time.perf_counter()
    try:
        parsed = FeedparserParser().parse(Fetched(FEED.url, 200, data, FEED.url), FEED, NOW)
        found = _read(parsed)
    except ParseError as error:
        str(error).encode()
        found = str(error)[:30]
    spent = time.perf_counter() - started
    assert spent < SLOW.total_seconds(), f"{len(data)} bytes took {spent:.1f} s"
    return found


def _read(parsed: ParsedFeed) -> str:
    assert len(parsed.entries) <= MOST_ENTRIES
    for entry in parsed.entries:
        _keeps(entry)
    articles = select(parsed, FEED, FeedState(FEED.url), NOW)
    assert all(article.published <= NOW for article in articles)
    has = [[bool(value) for value in (e.link, e.published, e.author, e.content)] for e in parsed.entries[:1]]
    return f"{min(len(parsed.entries), 3)} {parsed.cut} {has}"


def _keeps(entry: Entry) -> None:
    """What everything behind the border relies on."""
    assert len(entry.title) <= LONGEST_TITLE
    assert len(entry.guid) <= LONGEST_GUID
    for text in (entry.title, entry.summary, entry.content, entry.outlet, entry.author):
        assert len(text) <= LONGEST_TEXT
        assert clean(text) == text, repr(text[:80])
        text.encode()
    if entry.link:
        assert urlsplit(entry.link).scheme in ("http", "https")
        assert urlsplit(entry.link).hostname
        entry.link.encode()
    assert entry.published is None or entry.published.tzinfo is UTC


def seeds() -> list[bytes]:
    return [path.read_bytes() for path in sorted(SEEDS.iterdir()) if ".expected" not in path.name]


def mutated(chance: random.Random, corpus: list[bytes]) -> bytes:
    data = bytearray(chance.choice(corpus))
    for _ in range(chance.randint(1, 6)):
        at, to = sorted(chance.randint(0, len(data)) for _ in range(2))
        match chance.randint(0, 5):
            case 0:
                del data[at : min(to, at + 200)]
            case 1:
                data[at:at] = chance.choice(TOKENS) * chance.choice((1, 1, 1, 40))
            case 2:
                data[at:at] = data[at : min(to, at + 400)]
            case 3:
                other = chance.choice(corpus)
                data[at:to] = other[(start := chance.randint(0, len(other))) : start + chance.randint(0, 600)]
            case 4 if data:
                data[at % len(data)] = chance.randint(0, 255)
            case _:
                del data[at:]
    return bytes(data[:LONGEST])


def wander(until: float, chance: random.Random, corpus: list[bytes]) -> Iterator[bytes]:
    """Every input that reached something new. An input that breaks a promise is written down, and its error raised."""
    known = {check(data) for data in corpus}
    while time.monotonic() < until:
        data = mutated(chance, corpus)
        try:
            found = check(data)
        except Exception:
            _written(HERE / "failures", data)
            raise
        if found not in known and len(corpus) < MOST_KEPT:
            known.add(found)
            corpus.append(data)
            yield data


def _written(folder: Path, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / sha256(data).hexdigest()[:16]).write_bytes(data)


def _pruned(folder: Path) -> None:
    known = sorted(folder.iterdir(), key=lambda path: path.stat().st_size) if folder.exists() else []
    for path in known[MOST_KEPT:]:
        path.unlink()


def _guided(minutes: float, corpus: Path) -> None:
    import atheris

    _pruned(corpus)
    for data in seeds():
        _written(corpus, data)
    words = corpus.parent / "words"
    words.write_text("".join(f'"{_escaped(token)}"\n' for token in TOKENS), "ascii")
    limits = (
        f"-max_total_time={minutes * 60:.0f}",
        f"-max_len={LONGEST}",
        "-timeout=10",
        "-rss_limit_mb=1500",
        "-reduce_inputs=1",
    )
    out = f"-artifact_prefix={HERE}/failures/"
    (HERE / "failures").mkdir(exist_ok=True)
    atheris.Setup([sys.argv[0], *limits, out, f"-dict={words}", str(corpus)], lambda data: void(check(data)))
    atheris.Fuzz()


def _escaped(token: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in token)


def void(found: str) -> None:
    """libFuzzer takes no answers."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("minutes", type=float)
    options.add_argument("corpus", type=Path, nargs="?", default=HERE / "corpus")
    chosen = options.parse_args()
    try:
        import atheris
    except ImportError:
        chance = random.Random()
        for data in wander(time.monotonic() + 60 * chosen.minutes, chance, seeds()):
            _written(chosen.corpus, data)
        return
    atheris.instrument_all()
    _guided(chosen.minutes, chosen.corpus)


if __name__ == "__main__":
    main()
