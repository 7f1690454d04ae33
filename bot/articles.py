"""An article: one item of news, known by its canonical URL, in plain text."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from bot.feeds import Entry, Feed, FeedState, ParsedFeed, first_sight, newest

MOST_ENTRIES = 2000  # of one document
OLD_NEWS = timedelta(days=7)  # behind the newest date a feed ever showed: sent again, not new
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # what is dated earlier was not dated at all
HEADLINE = 120  # characters of the text that stand in for a missing title
GOVERNMENT = (".gov", ".mil", ".gov.in", ".nic.in")
SAME_SITE = ("www.", "m.", "mobile.", "amp.")


@dataclass(frozen=True, slots=True)
class Article:
    """Title and text are plain and cleaned; times are aware UTC.

    `quiet` marks what was there before we first looked (or old news re-sent): analysed, never alerted.
    `published` falls back to `first_seen` and is never in its future.
    """

    id: str  # hash of the canonical URL (or of guid and feed where there is no link)
    url: str
    title: str
    text: str
    outlet: str
    feed_url: str
    official: bool
    published: datetime
    first_seen: datetime
    quiet: bool = False
    from_page: bool = False  # text is that of the article's page, not the feed's summary
    author: str = ""
    lang: str = ""  # as the feed says it: "en", "hi", "en-in"; "" where it does not

    @property
    def whole(self) -> str:
        """What is read: title, blank line, text. All offsets everywhere count characters in this."""
        return f"{self.title}\n\n{self.text}" if self.text else self.title


def select(parsed: ParsedFeed, feed: Feed, state: FeedState, now: datetime) -> tuple[Article, ...]:
    """The articles of a document that was just read; `state` is what was known of the feed before.

    At first sight all are quiet but the newest `feed.backlog` (-1: none is). Later, what is dated a week behind the
    newest date the feed ever showed is quiet. The wall clock has no say, so an archive replays as it ran.
    """
    entries = parsed.entries[:MOST_ENTRIES]
    quiet = _backlog(entries, feed, now) if first_sight(state) else _resent(entries, newest(state, parsed, now))
    made = [from_entry(entry, feed, now, quiet=n in quiet) for n, entry in enumerate(entries)]
    first = {article.id: article for article in reversed(made) if article is not None}
    return tuple(article for article in made if article is not None and first[article.id] is article)


def from_entry(entry: Entry, feed: Feed, now: datetime, *, quiet: bool) -> Article | None:
    """None for an entry with neither title nor text."""
    outlet = entry.outlet or feed.outlet
    title = _without_outlet(entry.title, entry.outlet)
    text = entry.content if len(entry.content) >= len(entry.summary) else entry.summary
    if not title and not text:
        return None
    return Article(
        id=article_id(entry.link, feed.url, entry.guid or f"{title}\x1f{entry.published}"),
        url=entry.link,
        title=title or _headline(text),
        text="" if _says_no_more(text, title, outlet) else text,
        outlet=outlet,
        feed_url=feed.url,
        official=feed.official or is_government(entry.link),
        published=_published(entry.published, now),
        first_seen=now,
        quiet=quiet,
        author=entry.author,
        lang=entry.lang,
    )


def article_id(link: str, feed_url: str = "", guid: str = "") -> str:
    """By the link, so that an article of two feeds is one; by feed and guid where there is none, or only a home page."""
    known = identity(link) if _leads_to_an_article(link) else f"{feed_url}\x1f{guid or link}"
    return hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()[:32]


def identity(url: str) -> str:
    """What is the same of all addresses of one article: no scheme, no www or mobile host, no slash at the end."""
    parts = urlsplit(url)
    host = next((rest for name in SAME_SITE if "." in (rest := parts.netloc.removeprefix(name)) != parts.netloc), "")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host or parts.netloc}{parts.path.rstrip('/')}{query}"


def is_government(url: str) -> bool:
    """Whether the host is one that only a government of the two countries can have."""
    return f".{urlsplit(url).hostname or ''}".endswith(GOVERNMENT)


def _backlog(entries: tuple[Entry, ...], feed: Feed, now: datetime) -> frozenset[int]:
    """The numbers of the entries that stay quiet at first sight."""
    ranked = sorted(range(len(entries)), key=lambda n: _published(entries[n].published, now), reverse=True)
    return frozenset(ranked[feed.backlog :] if feed.backlog >= 0 else ())


def _resent(entries: tuple[Entry, ...], latest: datetime | None) -> frozenset[int]:
    """The numbers of the entries that are old news sent again."""
    if latest is None:
        return frozenset()
    return frozenset(n for n, entry in enumerate(entries) if entry.published and entry.published < latest - OLD_NEWS)


def _published(date: datetime | None, now: datetime) -> datetime:
    return now if date is None or date < EARLIEST or date > now else date


def _without_outlet(title: str, outlet: str) -> str:
    """Aggregators write "Headline - Outlet"; the card names the outlet already."""
    for dash in (" - ", " – ", " — ", " | "):
        if outlet and title.casefold().endswith(f"{dash}{outlet}".casefold()):
            return title[: -len(dash + outlet)].rstrip() or title
    return title


def _says_no_more(text: str, title: str, outlet: str) -> bool:
    """Many feeds give the title again as the summary, aggregators with the outlet behind it."""
    words = text.casefold().split()
    return words == title.casefold().split() or words == f"{title} {outlet}".casefold().split()


def _headline(text: str) -> str:
    line = text.lstrip().partition("\n")[0]
    return line if len(line) <= HEADLINE else line[:HEADLINE].rpartition(" ")[0].rstrip(" ,;:") + "…"


def _leads_to_an_article(link: str) -> bool:
    parts = urlsplit(link)
    return bool(parts.netloc and (parts.path.strip("/") or parts.query))
