"""JSON Feed 1.0 and 1.1, forgiving towards fields of the wrong type."""

import json
from typing import Any

from bot.errors import ParseError
from bot.feeds import Entry, ParsedFeed
from bot.sources.document import MOST_ENTRIES
from bot.sources.entries import Border, make_entry
from bot.sources.text import clean, line, plain, plain_if_markup
from bot.sources.urls import canonical

Item = dict[str, Any]


def looks_like_json(body: bytes) -> bool:
    """Told by the first character, because servers label JSON Feed in a dozen ways."""
    return body[:200].lstrip(b"\xef\xbb\xbf\xff\xfe\x00\t\n\r ").startswith(b"{")


def read_json(body: bytes, border: Border) -> ParsedFeed:
    """Raises ParseError for what is no JSON, and for JSON that is no feed."""
    document = _load(body)
    items = document.get("items")
    if not isinstance(items, list):
        raise ParseError("JSON, but not a JSON Feed: it has no list of `items`")
    border = Border(border.feed, canonical(_word(document, "home_page_url"), border.base) or border.base, border.now)
    lang, author = _word(document, "language"), _author(document)
    entries = tuple(_entry(item, border, author, lang) for item in items[:MOST_ENTRIES] if isinstance(item, dict))
    return ParsedFeed(line(plain_if_markup(_word(document, "title"))), entries)


def _load(body: bytes) -> Item:
    try:
        # Numbers as they are written: an id of 5,000 digits is none of our business, and NaN is nothing.
        document = json.loads(
            body.decode(json.detect_encoding(body), "replace"),
            parse_int=str,
            parse_float=str,
            parse_constant=lambda name: None,
        )
    except (ValueError, RecursionError) as error:
        raise ParseError(f"begins like JSON but cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise ParseError("JSON, but not a JSON Feed: it is not an object")
    return document


def _entry(item: Item, border: Border, author: str, lang: str) -> Entry:
    return make_entry(
        title=plain_if_markup(_word(item, "title")),
        link=border.link(
            _word(item, name) for name in ("url", "external_url", "id") if name != "id" or _is_address(item)
        ),
        guid=_word(item, "id"),
        summary=plain_if_markup(_word(item, "summary")),
        texts=(plain(_word(item, "content_html")), clean(_word(item, "content_text"))),
        published=border.date((_word(item, "date_published"), _word(item, "date_modified"))),
        author=_author(item) or author,
        lang=_word(item, "language") or lang,
    )


def _author(item: Item) -> str:
    """All names, of version 1.1 or else of 1.0."""
    many = item.get("authors")
    people = many if isinstance(many, list) and many else [item.get("author")]
    names = (plain_if_markup(_word(person, "name")) for person in people if isinstance(person, dict))
    return ", ".join(name for name in names if name)


def _is_address(item: Item) -> bool:
    return _word(item, "id").startswith(("http://", "https://"))


def _word(item: Item, name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""
