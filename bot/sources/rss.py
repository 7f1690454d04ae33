"""FeedparserParser: RSS, RDF and Atom by feedparser; JSON Feed and a second XML reader stand beside it."""

import io
import re
from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import feedparser

from bot.errors import ParseError
from bot.feeds import Entry, Feed, Fetched, ParsedFeed
from bot.sources.document import MOST_ENTRIES, prepare, refusal
from bot.sources.entries import Border, make_entry, same_site, ttl
from bot.sources.fastfeed import read_again
from bot.sources.jsonfeed import looks_like_json, read_json
from bot.sources.text import line, plain, plain_if_markup
from bot.sources.urls import canonical

MAIL_AND_NAME = re.compile(r"^\S+@\S+ \((.+)\)$")
Found = dict[str, Any]  # feedparser's own; read with dict.get only, its other ways invent keys that are not there


class FeedparserParser:
    """`bozo` is not looked at: one in nine good feeds has it set."""

    def parse(self, fetched: Fetched, feed: Feed, now: datetime) -> ParsedFeed:
        """Raises ParseError, and nothing else, when the body is no feed."""
        address = fetched.final_url or fetched.url
        if looks_like_json(fetched.body):
            return read_json(fetched.body, Border(feed, address, now))
        document = prepare(fetched.body)
        found = _read(document.body, fetched.content_type)
        channel: Found = dict.get(found, "feed") or {}
        border = Border(feed, _base(channel, address), now)
        lang = _word(channel, "language")
        entries = tuple(_entry(item, border, address, lang) for item in found["entries"][:MOST_ENTRIES])
        if not entries:
            entries = read_again(document.body, border)
        if not entries and not dict.get(found, "version"):
            raise ParseError(refusal(fetched.body))
        if document.cut and not entries:
            raise ParseError("the document ends before its first item does")
        title = line(_text(channel, "title"))
        return ParsedFeed(title, entries, ttl(str(dict.get(channel, "ttl") or "").strip()), document.cut)


def _read(body: bytes, content_type: str) -> Found:
    try:
        # In a stream, because feedparser opens a body that happens to be a path or an address.
        found: Found = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-type": content_type} if content_type else {},
            sanitize_html=False,  # it is slow and lets scripts through; all markup is dropped here anyway
            resolve_relative_uris=False,
        )
    except Exception as error:  # it has raised many kinds over the years
        raise ParseError(f"feedparser could not read it ({type(error).__name__}: {error})") from error
    return found


def _entry(item: Found, border: Border, address: str, lang: str) -> Entry:
    source: Found = dict.get(item, "source") or {}
    own = same_site(_word(source, "href") or _word(source, "link"), address)
    return make_entry(
        title=_text(item, "title"),
        link=border.link(_links(item)),
        guid=_word(item, "id"),
        summary=_text(item, "summary"),
        texts=[_plain(part) for part in dict.get(item, "content") or []],
        published=border.date(_word(item, name) for name in ("published", "updated", "created")) or _read_date(item),
        outlet="" if own else _text(source, "title"),
        author=_author(item),
        lang=_own_language(item) or lang,
    )


def _author(item: Found) -> str:
    """RSS writes "mail@a.example (Name)"."""
    name = plain_if_markup(_word(item, "author"))
    return MAIL_AND_NAME.sub(r"\1", name)


def _own_language(item: Found) -> str:
    """Of the title, then of the text, where the item says one; feedparser hands down what stands further up."""
    details = [dict.get(item, "title_detail"), *(dict.get(item, "content") or ()), dict.get(item, "summary_detail")]
    return next((lang for detail in details if detail and (lang := _word(detail, "language"))), "")


def _links(item: Found) -> Iterator[str]:
    """Where the article may be, the likeliest first."""
    yield _word(item, "feedburner_origlink")
    link, links = _word(item, "link"), dict.get(item, "links") or []
    # A guid stands in for the link only if it is an address: many are bare numbers that claim to be permalinks.
    if not dict.get(item, "guidislink") or link.startswith(("http://", "https://", "/")):
        yield link
    yield from (_word(found, "href") for found in links if dict.get(found, "rel") == "alternate")
    if (guid := _word(item, "id")).startswith(("http://", "https://")):
        yield guid


def _base(channel: Found, address: str) -> str:
    """Relative links start from the site that the feed is of; that itself from where the feed was found."""
    return canonical(_word(channel, "link"), address) or address


def _read_date(item: Found) -> datetime | None:
    """feedparser's own reading, which knows Greek, Hungarian and Korean."""
    parts = dict.get(item, "published_parsed") or dict.get(item, "updated_parsed")
    try:
        return datetime.fromtimestamp(timegm(parts), UTC) if parts else None
    except (ValueError, OverflowError):
        return None


def _text(found: Found, name: str) -> str:
    detail = dict.get(found, f"{name}_detail")
    return _plain(detail) if detail else plain_if_markup(_word(found, name))


def _plain(detail: Found) -> str:
    value = _word(detail, "value")
    return plain(value) if "html" in _word(detail, "type") else plain_if_markup(value)


def _word(found: Found, name: str) -> str:
    value = dict.get(found, name)
    return value if isinstance(value, str) else ""
