"""Filters: how the pages write times, rates, numbers and links. What stands in a page is escaped here or by Jinja."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from bot.heartbeat import span
from bot.measures import percent
from bot.messages import IST, counted, one_line, visible
from bot.sinks.mrkdwn import cut, safe_url

MOMENT = timedelta(minutes=1)
REMEMBERED = 4096  # times and links, as they are written: the stories of a day are asked for again and again


@lru_cache(REMEMBERED)
def when(at: datetime, zone: str | tzinfo = IST) -> Markup:
    """A <time> in UTC, with the source's own zone in its title; the page's script puts it into the reader's zone."""
    there = at.astimezone(_zone(zone))
    title = f"{_words(at.astimezone(UTC))} · {_words(there)}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(_iso(at), title, _words(at.astimezone(UTC)))


@pass_context
def ago(context: Context, at: datetime) -> Markup:
    """A <time> that says how long ago: "12 min ago", "in 5 min"; the page's script keeps it true."""
    title = _words(at.astimezone(UTC))
    words = ago_words(at, context["now"])
    return Markup('<time class="ago" datetime="{}" title="{}">{}</time>').format(_iso(at), title, words)


def ago_words(at: datetime, now: datetime) -> str:
    if abs(now - at) < MOMENT:
        return "just now"
    return f"{span(now - at)} ago" if at < now else f"in {span(at - now)}"


def rate(number: float | None) -> str:
    """ "25 %"; a dash for none."""
    return "–" if number is None else percent(number)


def severity(level: str) -> Markup:
    """A badge that says the word: its colour adds nothing."""
    return Markup('<span class="badge {0}">{0}</span>').format(one_line(level) or "none")


def line(text: str, most: int = 300) -> str:
    """What others wrote, on one line, without marks that turn it round, cut between letters."""
    return cut(one_line(text), most)


def lines(text: str) -> str:
    """What others wrote, on its lines, without marks that turn it round."""
    return "\n".join(map(visible, text.split("\n")))


@lru_cache(REMEMBERED)
def out(url: str, words: str, most: int = 300) -> Markup:
    """A link to somewhere else, or the words alone where the address is none that a reader should follow."""
    safe, shown = safe_url(url), line(words, most) or "(no words)"
    if not safe:
        return Markup("<span>{}</span>").format(shown)
    return Markup('<a href="{}" rel="noreferrer noopener external">{}</a>').format(safe, shown)


def _zone(zone: str | tzinfo) -> tzinfo:
    if not isinstance(zone, str):
        return zone
    try:
        return ZoneInfo(zone) if zone else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _words(at: datetime) -> str:
    """ "2 Nov 2026 02:30 IST" """
    return f"{at.day} {at:%b %Y %H:%M %Z}"


FILTERS = {
    "when": when,
    "ago": ago,
    "rate": rate,
    "severity": severity,
    "line": line,
    "lines": lines,
    "count": counted,
    "span": span,
}
