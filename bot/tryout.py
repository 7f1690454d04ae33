"""A try-out: a backtest that somebody waits for — the newest articles first, until time or articles are over; and how far it got.

items, newest first | rule out | read | backtest > Tryout
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from bot.backtest import Backtest, Item, Read, backtest
from bot.measures import day_words
from bot.messages import counted
from bot.watchlists import Watchlist, may_match

DAYS = 30
MOST = 20_000  # articles
LOT = 64  # articles between two looks at the clock


@dataclass(frozen=True, slots=True)
class Tryout:
    """`result` is None where there was nothing to try it on. `more`: whether there were articles that it did not come to."""

    result: Backtest | None
    more: bool = False


def tryout(
    items: Iterable[Item],
    tried: Watchlist,
    present: Watchlist | None,
    read: Read,
    going: Callable[[], bool],
    topics: Iterable[str] = (),
) -> Tryout:
    """`items` are the newest first, `going` says whether there is time for more of them; the first are always looked at."""
    looked = _Looked(items, (tried, present) if present else (tried,), read, going)
    result = backtest(looked, tried, present, read=read, plain=read, topics=topics)
    return Tryout(result, looked.more)


@dataclass(slots=True)
class _Looked:
    """The items that there was time for, each with its reading where one is needed."""

    items: Iterable[Item]
    lists: Sequence[Watchlist]
    read: Read
    going: Callable[[], bool]
    more: bool = False

    def __iter__(self) -> Iterator[Item]:
        items = iter(self.items)
        while lot := list(islice(items, LOT)):
            yield from self._read(lot)
            if not self.going():
                self.more = next(items, None) is not None
                return

    def _read(self, lot: Sequence[Item]) -> Iterator[Item]:
        may = [self._may(item) for item in lot]
        readings = iter(self.read([item.article.whole for item, asked in zip(lot, may, strict=True) if asked]))
        for item, asked in zip(lot, may, strict=True):
            yield Item(item.article, item.analysis, next(readings)) if asked else item

    def _may(self, item: Item) -> bool:
        article, analysis = item.article, item.analysis
        return analysis is not None and may_match(self.lists, article.whole, analysis.scores, article)


def span_words(told: Tryout, kept: int) -> str:
    """On how much of the archive it was tried; `kept` is how many articles of the last DAYS there are, or MOST."""
    result = told.result
    if result is None:
        return f"The store holds no article of the last {DAYS} days yet, so there is nothing to try it on."
    if told.more:
        back = day_words(result.first_day)
        of = f"{kept:,} articles" if kept < MOST else f"{MOST:,} articles and more"
        words = f"Tried on the newest {result.articles:,} of {of}, back to {back}: the time for it was over."
        return f"{words} `tariffwatch backtest` looks at all."
    if kept >= MOST:
        return f"Tried on the newest {result.articles:,} articles, back to {day_words(result.first_day)}: no more are taken here."
    return f"Tried on all {counted(result.articles, 'article')} of the last {DAYS} days."


def alerts_by_day(result: Backtest) -> tuple[tuple[date, int], ...]:
    """Of the version that was tried, with the days that had none."""
    told, first = dict(result.tried.alerts_by_day), result.first_day.toordinal()
    days = [date.fromordinal(first + n) for n in range(result.days)]
    return tuple((day, told.get(day, 0)) for day in days)
