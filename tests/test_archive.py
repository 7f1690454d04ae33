"""An archive: JSON lines or a store become the items of a backtest, and what is left out is told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.archive import examined, read_archive, stored
from bot.articles import EARLIEST
from bot.backtest import backtest
from bot.feeds import FeedState
from bot.nlp.keywords import PlainReader
from bot.stores.sql import SqlStore
from tests.line import Line, TriggerClassifier, store_at
from tests.makers import DAY, FEED, NOW, a_desk, a_watchlist, an_analysis, an_article


def line(title: str, **changes: str) -> str:
    return json.dumps({"title": title, "date": "2026-03-01T10:00:00", **changes})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = store_at(tmp_path / "store.db")
    yield store
    store.close()


def test_articles_come_oldest_first_each_once_and_only_since_the_day() -> None:
    lines = [line("Late"), line("Old", date="2025-12-31"), line("Early", date="2026-01-01"), line("Late"), ""]
    articles, notes = read_archive(lines, NOW, NOW.replace(month=1, day=1, hour=0, minute=0))
    assert [article.title for article in articles] == ["Early", "Late"]
    assert notes == ("left out: 1 line with an article that is there already",)


def test_lines_that_cannot_be_read_and_those_without_a_date_are_told() -> None:
    articles, notes = read_archive(["{}", "x", '{"title": "Rain"}'], NOW, EARLIEST)
    assert [article.published for article in articles] == [NOW]
    assert notes == (
        "left out: 2 lines that cannot be read; the first: line 1 has no title",
        "1 line without a date, which counts as today",
    )


def test_what_a_store_holds_comes_with_its_analyses(store: SqlStore) -> None:
    articles = [an_article(name, published=NOW - DAY) for name in ("b", "a")]
    store.save_feed(FeedState(FEED), articles)
    store.save_analyses([(article, an_analysis(article.id)) for article in articles])
    items = list(stored(store, store.analysed_since(EARLIEST)))
    assert [(item.article.id, item.analysis, item.reading) for item in items] == [
        ("a", an_analysis("a"), None),
        ("b", an_analysis("b"), None),
    ]


def test_only_what_could_fire_by_its_words_is_scored_and_read(store: SqlStore) -> None:
    model = TriggerClassifier()
    eyes = Line(store, classifier=model).pipeline.examiner
    desk = a_desk(a_watchlist("ours", "shrimp relevant"))
    articles = [replace(an_article(t[0], title=t, text=""), feed_url="") for t in ("Shrimp tariff", "Shrimp", "Tariff")]
    items = list(examined(articles, desk, eyes))
    assert model.texts == ["Shrimp tariff ", "Shrimp "]
    assert [item.article.title for item in items] == ["Shrimp tariff", "Shrimp", "Tariff"]
    assert [bool(item.analysis) for item in items] == [True, True, False]
    assert [bool(item.reading) for item in items] == [True, False, False]


@pytest.mark.parametrize(
    "query", ["relevant", "shrimp relevant", "SENT($INDIA $US) NOT steel", "topic:tariff_threat OR milk"]
)
def test_a_backtest_hits_what_the_desk_hit_when_it_read(store: SqlStore, query: str) -> None:
    titles = (
        "US to raise tariff on India",
        "India shrimp tariff",
        "US milk",
        "India steel, US steel",
        "Rain. US, India",
        "Shrimp",
    )
    articles = [an_article(title, title=title, text="") for title in titles]
    watchlist = a_watchlist("ours", query)
    desk = a_desk(watchlist)
    store.save_feed(FeedState(FEED), articles)
    done = Line(store).pipeline.examiner.examine(articles, desk)
    store.save_analyses([(read.article, read.analysis) for read in done])
    plain = PlainReader().read
    found = backtest(stored(store, store.analysed_since(EARLIEST)), watchlist, None, read=plain, plain=plain)
    assert found
    assert {hit.article_id for hit in found.first} == {read.article.id for read in done if read.analysis.why}
    assert 0 < found.tried.hits < len(titles)
