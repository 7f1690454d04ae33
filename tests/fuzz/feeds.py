"""Any bytes at all, parsed as a feed. Seeds are the feeds of the tests."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from bot.articles import MOST_ENTRIES, select
from bot.errors import ParseError
from bot.feeds import Entry, Feed, FeedState, Fetched, ParsedFeed
from bot.sources.entries import LONGEST_GUID
from bot.sources.rss import FeedparserParser
from bot.sources.text import LONGEST_TEXT, LONGEST_TITLE, clean
from tests.fuzz.driver import Border

SEEDS = Path(__file__).parents[1] / "feeds"
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
    try:
        return _read(FeedparserParser().parse(Fetched(FEED.url, 200, data, FEED.url), FEED, NOW))
    except ParseError as error:
        str(error).encode()
        return str(error)[:30]


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


BORDER = Border("feeds", seeds, TOKENS, check)
