"""The second reader, fastfeedparser: asked where feedparser finds no entry at all."""

from collections.abc import Mapping
from typing import Any

import fastfeedparser

from bot.feeds import Entry
from bot.sources.document import MOST_ENTRIES
from bot.sources.entries import Border, make_entry
from bot.sources.text import plain, plain_if_markup


def read_again(body: bytes, border: Border) -> tuple[Entry, ...]:
    """The entries that it finds; none also when it finds no feed."""
    try:
        found = fastfeedparser.parse(body, include_tags=False, include_media=False, include_enclosures=False)
    except Exception:  # whatever it is: the first reader's word stands
        return ()
    return tuple(_entry(item, border) for item in found.get("entries", ())[:MOST_ENTRIES])


def _entry(item: Mapping[str, Any], border: Border) -> Entry:
    return make_entry(
        title=plain_if_markup(_word(item, "title")),
        link=border.link((_word(item, "link"),)),
        guid=_word(item, "id"),
        summary=plain(_word(item, "description")),
        texts=[plain(_word(part, "value")) for part in item.get("content") or ()],
        published=border.date((_word(item, "published"), _word(item, "updated"))),
    )


def _word(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""
