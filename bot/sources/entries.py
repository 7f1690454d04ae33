"""An entry, made from what any of the feed readers found: which link, which date and which text of several."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.feeds import LONGEST, Entry, Feed
from bot.sources.dates import parse_date
from bot.sources.text import line
from bot.sources.urls import canonical

LONGEST_GUID = 1000
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class Border:
    """What turns a reader's findings into ours: the feed's settings, and the address relative links start from."""

    feed: Feed
    base: str
    now: datetime

    def date(self, found: Iterable[str]) -> datetime | None:
        """The first of the written dates that is one."""
        read = (parse_date(raw, self.feed.zone, self.feed.day_first, self.now) for raw in found if raw)
        return next((date for date in read if date is not None), None)

    def link(self, found: Iterable[str]) -> str:
        """The first of the links that leads somewhere, canonical; "" when none does."""
        return next((link for raw in found if raw and (link := canonical(raw, self.base))), "")


def make_entry(
    *,
    title: str,
    link: str,
    guid: str,
    summary: str,
    texts: Iterable[str],
    published: datetime | None,
    outlet: str = "",
    author: str = "",
    lang: str = "",
) -> Entry:
    """All plain and clean already. The longest of `texts` is the content; a summary that is the same is dropped."""
    content = max(texts, key=len, default="")
    return Entry(
        title=line(title),
        link=link,
        guid=guid.strip()[:LONGEST_GUID],
        summary="" if summary == content else summary,
        content=content,
        published=published,
        outlet=line(outlet),
        author=line(author),
        lang=_tag(lang),
    )


def _tag(lang: str) -> str:
    """A language tag in small letters: "en_IN" is "en-in"; "" for what is none."""
    tag = lang.strip().lower().replace("_", "-")
    return tag if LANGUAGE.fullmatch(tag) else ""


def ttl(minutes: str) -> timedelta | None:
    """What a feed says about how long it keeps; None for zero, words and nonsense."""
    number = int(minutes) if minutes.isascii() and minutes.isdecimal() and len(minutes) < 10 else 0
    return min(timedelta(minutes=number), LONGEST) if number else None


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one publisher: a <source> that names the feed itself tells nothing."""
    return bool(_site(one)) and _site(one) == _site(other)


def _site(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
