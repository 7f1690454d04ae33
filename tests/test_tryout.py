"""A try-out: the newest articles first, as far as time and articles go, and an honest word on how far that was."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from bot.backtest import Item
from bot.nlp.keywords import PlainReader
from bot.reading import Reading
from bot.tryout import DAYS, LOT, MOST, Tryout, alerts_by_day, span_words, tryout
from bot.watchlists import Watchlist, compile_watchlist
from tests.makers import DAY, NOW, a_vocabulary, an_analysis, an_article

TITLES = "Tariff on shrimp", "Rain again"


def an_archive(count: int = 4) -> Iterator[Item]:
    """An article a day, the newest first; every other one has a tariff in it."""
    for n in range(count):
        article = an_article(f"a{n}", title=TITLES[n % 2], text="", published=NOW - n * DAY)
        yield Item(article, an_analysis(f"a{n}", "relevant"))


def watchlist(query: str = "tariff") -> Watchlist:
    return compile_watchlist("tried", query, a_vocabulary())


def asked(times: int) -> Callable[[], bool]:
    """Time for so many lots."""
    left = iter(range(times - 1))
    return lambda: next(left, None) is not None


def tried(count: int = 4, lots: int = 100, present: Watchlist | None = None, query: str = "tariff") -> Tryout:
    return tryout(an_archive(count), watchlist(query), present, PlainReader().read, asked(lots))


def test_all_of_a_small_archive_is_looked_at() -> None:
    told = tried()
    assert told.result is not None
    assert (told.result.articles, told.result.tried.hits, told.more) == (4, 2, False)
    assert span_words(told, 4) == "Tried on all 4 articles of the last 30 days."


def test_when_the_time_is_over_the_newest_were_looked_at_and_that_is_said() -> None:
    told = tried(3 * LOT, lots=1)
    assert told.result is not None
    assert (told.result.articles, told.result.last_day, told.more) == (LOT, NOW.date(), True)
    back = told.result.first_day
    assert back == date(2025, 12, 29)
    words = "Tried on the newest 64 of 192 articles, back to 29 Dec 2025: the time for it was over."
    assert span_words(told, 192).startswith(words)


def test_what_ends_with_the_time_is_whole() -> None:
    assert not tried(LOT, lots=1).more
    assert tried(LOT + 1, lots=1).more


def test_more_articles_than_are_taken_is_no_whole_archive() -> None:
    assert span_words(tried(), MOST) == "Tried on the newest 4 articles, back to 27 Feb 2026: no more are taken here."


def test_an_empty_archive_is_said() -> None:
    assert (
        span_words(tried(0), 0)
        == f"The store holds no article of the last {DAYS} days yet, so there is nothing to try it on."
    )


def test_what_the_present_version_has_and_this_one_loses_is_told() -> None:
    told = tried(present=watchlist("rain OR tariff"), query="tariff OR monsoon")
    assert told.result is not None
    assert (told.result.lost_count, told.result.gained_count) == (2, 0)
    assert {found.title for found in told.result.lost} == {"Rain again"}


def test_only_what_could_fire_is_read() -> None:
    texts: list[str] = []

    def read(some: Sequence[str]) -> list[Reading]:
        texts.extend(some)
        return PlainReader().read(some)

    tryout(an_archive(), watchlist(), None, read, asked(9))
    assert set(texts) == {TITLES[0]}


def test_days_without_an_alert_are_days_too() -> None:
    told = tried(3, query="tariff")
    assert told.result is not None
    side = replace(told.result.tried, alerts_by_day=((NOW.date(), 1),))
    days = [count for _, count in alerts_by_day(replace(told.result, tried=side))]
    assert days == [0, 0, 1]
