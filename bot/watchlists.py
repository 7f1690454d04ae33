"""Watchlists: a query in words, compiled once, and the verdict that says why it did or did not fire.

`compile_watchlist` reads the query, `may_match` asks raw text whether reading it is worth while, `judge` decides on a
reading, `judge_all` for many at once. The language: `queries.py`; its parts: `conditions.py`; what they say: `verdicts.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date

from bot.analysis import Analysis, Scores
from bot.articles import Article
from bot.conditions import Claims, Condition, Moved, Moves, Scope, View, could, leaves, scope_of_all
from bot.hours import Span
from bot.queries import parse_query
from bot.query_doubts import doubts
from bot.verdicts import ALL_OF, Verdict
from bot.vocabulary import TermIndex, Vocabulary, one_form

AT_ONCE, DIGEST = "at_once", "digest"


@dataclass(frozen=True, slots=True)
class Watchlist:
    """`channels` get its alerts; `severity` is "high", "medium", "low" or "" for the default. `until` is the last day, in UTC,
    whose articles it takes; `languages` are codes ("en", "en-in"), none for all. `doubts` are for people: what of the query
    can never be so, is always so, or looks like a slip."""

    name: str
    query: Condition
    query_text: str
    channels: tuple[str, ...] = ()
    severity: str = ""
    doubts: tuple[str, ...] = ()
    asks_ledger: bool = False  # whether its answer waits for what the article's facts do to the ledger
    until: date | None = None
    owner: str = ""
    languages: tuple[str, ...] = ()
    quiet: Span | None = None  # in the zone of the channel written to
    deliver: str = AT_ONCE  # or DIGEST: its alerts wait for the digest of their channel


def compile_watchlist(
    name: str,
    text: str,
    vocabulary: Vocabulary,
    *,
    channels: Iterable[str] = (),
    severity: str = "",
    topics: Iterable[str] = (),
    until: date | None = None,
    owner: str = "",
    languages: Iterable[str] = (),
) -> Watchlist:
    """`topics` are names of the users' own. Raises QueryError, as `parse_query` does."""
    query = parse_query(text, vocabulary, topics)
    told, asks = doubts(query, vocabulary), _asks_ledger(query)
    return Watchlist(name, query, text, tuple(channels), severity, told, asks, until, owner, tuple(languages))


def _asks_ledger(query: Condition) -> bool:
    facts = (leaf.part for leaf in leaves(query) if isinstance(leaf, Claims))
    return any(isinstance(leaf, Moved) for part in facts for leaf in leaves(part))


def judge(
    watchlist: Watchlist, article: Article, index: TermIndex, analysis: Analysis, moves: Moves | None = None
) -> Verdict:
    """`index` is of the reading of `article.whole`. `moves` are what each fact did to the ledger; without them a watchlist
    that asks for it fires if it may."""
    known = moves if watchlist.asks_ledger else {}
    return _judged(watchlist, article, scope_of_all(article, index, analysis, known))


def _judged(watchlist: Watchlist, article: Article, scope: Scope) -> Verdict:
    verdict = watchlist.query.judge(scope)
    limits = tuple(_limits(watchlist, article))
    return Verdict(ALL_OF, False, children=(*limits, verdict)) if limits else verdict


def expired(watchlist: Watchlist, today: date) -> bool:
    return watchlist.until is not None and watchlist.until < today


def judge_all(
    watchlists: Sequence[Watchlist], article: Article, index: TermIndex, analysis: Analysis, *, misses: bool = False
) -> tuple[tuple[str, Verdict], ...]:
    """The verdicts by name, in order; where `misses` are not asked for, of those alone that find all their words."""
    scopes = {
        asks: scope_of_all(article, index, analysis, None if asks else {})
        for asks in {watchlist.asks_ledger for watchlist in watchlists}
    }
    asked = ((watchlist, scopes[watchlist.asks_ledger]) for watchlist in watchlists)
    return tuple((w.name, _judged(w, article, scope)) for w, scope in asked if misses or could(w.query, scope))


def may_match(watchlists: Iterable[Watchlist], article_whole: str, scores: Scores, article: Article) -> bool:
    """Whether any watchlist could fire once the article is read; a no is certain, a yes is not."""
    raw = one_form(article_whole)
    view = View(raw, raw.casefold(), scores, article, {})
    return any(watchlist.query.may(view) for watchlist in watchlists if not any(_limits(watchlist, article)))


def _limits(watchlist: Watchlist, article: Article) -> Iterator[Verdict]:
    """What keeps the article from the watchlist, whatever it says. The day is that of its publication, so that an archive
    replays as it ran."""
    day = article.published.astimezone(UTC).date()
    if expired(watchlist, day):
        label = f"until {watchlist.until}"
        yield Verdict(label, False, missing=f"published on {day}", change=f"until {day}")
    if watchlist.languages and article.lang and not any(_speaks(article.lang, code) for code in watchlist.languages):
        label, lang = f"languages {', '.join(watchlist.languages)}", article.lang
        yield Verdict(label, False, missing=f"the lang is “{lang}”", change=f"languages {lang}")


def _speaks(lang: str, code: str) -> bool:
    """A code without a country is of all of them."""
    return f"{lang.casefold()}-".startswith(f"{code.casefold()}-")
