"""A backtest: what a watchlist would have hit and alerted, what it just missed, what a new version of it loses."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot import backtest as noun
from bot.analysis import LABELS, Analysis, Scores
from bot.articles import Article
from bot.backtest import Backtest, Item, alerting, backtest, hopeful, missing, short_of
from bot.backtest_lines import as_json, chart, how, parts, summary
from bot.nlp.keywords import PlainReader, plain_reading
from bot.reading import Reading
from bot.verdicts import Verdict
from bot.vocabulary import index_reading
from bot.watchlists import judge
from tests.makers import DAY, HOUR, NOW, a_watchlist, an_analysis, an_article, scores

SHRIMP = "US duty on Indian shrimp"


def an_item(id: str, title: str = SHRIMP, *labels: str, relevant: float = 0.9, **changes: object) -> Item:
    article = an_article(id, **{"title": title, "text": "", **changes})
    return Item(article, an_analysis(id, scores=scores(*labels, relevant=relevant), why=(), quotes=(), figures=()))


class Reader:
    """Reads by regular expressions, and remembers what."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def read(self, texts: Sequence[str]) -> list[Reading]:
        self.texts += texts
        return PlainReader().read(texts)


def tried(items: Iterable[Item], query: str, present: str = "", reader: Reader | None = None) -> Backtest:
    before = a_watchlist("ours", present) if present else None
    eyes = reader or Reader()
    found = backtest(items, a_watchlist("ours", query), before, read=eyes.read, plain=PlainReader().read)
    assert found
    return found


def ids(found: Iterable[noun.Found]) -> list[str]:
    return [one.article_id for one in found]


def verdict(query: str, title: str) -> Verdict:
    article = an_article(title=title, text="")
    analysis = Analysis("a1", scores(relevant=0.2), (), (), ())
    return judge(a_watchlist("ours", query), article, index_reading(plain_reading(article.whole)), analysis)


@pytest.mark.parametrize(
    ("query", "title", "short"),
    [
        ("shrimp", SHRIMP, 0),
        ("steel", SHRIMP, 1),
        ("steel dairy", SHRIMP, 2),
        ("steel OR (dairy milk)", SHRIMP, 1),
        ("(steel dairy) OR (steel milk shrimp)", SHRIMP, 2),
        ("shrimp NOT duty", SHRIMP, 1),
        ("NEAR/1(US, shrimp)", SHRIMP, 1),
        ("NEAR/1(US, steel)", SHRIMP, 1),
        ("SENT($US $INDIA)", "US duty. India is silent", 1),
        ("SENT($US steel milk)", SHRIMP, 2),
        ("title:(steel shrimp)", SHRIMP, 1),
        ("shrimp relevant>=0.5", SHRIMP, 1),
        ("shrimp topic:tariff_threat relevant>=0.5", SHRIMP, 2),
    ],
)
def test_a_miss_is_short_of_as_many_conditions_as_it_takes_to_fire(query: str, title: str, short: int) -> None:
    assert short_of(verdict(query, title)) == short


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("shrimp relevant>=0.5", "relevant>=0.5 — needs at least 0.5; relevant scored 0.20"),
        ("shrimp steel", "steel — needs steel"),
        ("shrimp NOT duty", "NOT duty — must not be so, and is"),
        ("(steel milk) OR (shrimp dairy)", "dairy — needs dairy"),
        ("NEAR/1($US, shrimp)", "NEAR/1 — needs both within 1 words"),
    ],
)
def test_a_near_miss_tells_the_condition_that_it_is_short_of(query: str, words: str) -> None:
    assert missing(verdict(query, SHRIMP)) == words


def test_hits_are_counted_by_day_and_by_source_and_those_without_the_words_are_not_read() -> None:
    reader = Reader()
    items = [
        an_item("a", published=NOW - 2 * DAY),
        an_item("b", "Kerala shrimp farms under water after a night of storms", outlet="B"),
        an_item("c", "Rain in Kerala", outlet="B"),
    ]
    found = tried(items, "shrimp", reader=reader)
    assert reader.texts == [SHRIMP, "Kerala shrimp farms under water after a night of storms"]
    assert (found.articles, found.judged, found.ruled_out, found.read) == (3, 2, 1, "closely")
    assert (found.tried.hits, found.days) == (2, 3)
    assert found.tried.alerts_by_day == (((NOW - 2 * DAY).date(), 1), (NOW.date(), 1))
    assert [(o.name, o.articles, o.hits) for o in found.outlets] == [("B", 2, 1), ("Deccan Ledger", 1, 1)]


def test_the_first_hits_are_the_oldest_and_the_best_those_that_the_model_finds_most_relevant() -> None:
    items = [an_item(f"{n}", relevant=n / 10, published=NOW - n * HOUR) for n in range(1, 9)]
    found = tried(reversed(items), "shrimp")
    assert ids(found.first) == ids(found.best) == ["8", "7", "6", "5", "4"]
    assert ids(tried(items, "shrimp relevant>=0.75").best) == ["8"]
    assert found.best[0].words == ("shrimp",)


def test_a_new_version_tells_what_it_loses_and_gains_against_the_present_one() -> None:
    items = [
        an_item("both"),
        an_item("old", "Shrimp prices at Kochi auctions slip for a third week"),
        an_item("new", "US duty on steel"),
        an_item("none", "Rain"),
    ]
    found = tried(items, "$US", present="shrimp")
    assert (ids(found.lost), ids(found.gained)) == (["old"], ["new"])
    assert found.lost[0].words == ("Shrimp",)
    assert found.present
    assert (found.tried.hits, found.present.hits, found.lost_count, found.gained_count) == (2, 2, 1, 1)
    assert [(o.hits, o.present) for o in found.outlets] == [(2, 2)]


def test_without_a_present_version_nothing_is_lost() -> None:
    found = tried([an_item("a")], "steel")
    assert (found.present, found.lost, found.gained) == (None, (), ())


def test_an_archive_without_articles_gives_nothing() -> None:
    assert backtest((), a_watchlist(), None, read=plain_readings, plain=plain_readings) is None


def plain_readings(texts: Sequence[str]) -> list[Reading]:
    return PlainReader().read(texts)


def test_near_misses_are_one_condition_short_the_most_relevant_first() -> None:
    items = [
        an_item("score", relevant=0.45),
        an_item("nearer", relevant=0.49),
        an_item("two short", "Shrimp exports", relevant=0.4),
        an_item("elsewhere", "US duty. Shrimp prices", relevant=0.8),
        an_item("hit"),
    ]
    found = tried(items, "SENT($US shrimp) relevant>=0.5")
    assert ids(found.near) == ["elsewhere", "nearer", "score"]
    assert found.near[1].missing == "relevant>=0.5 — needs at least 0.5; relevant scored 0.49"
    assert found.near[0].missing == "shrimp — needs shrimp in the same sentence; only elsewhere: “Shrimp”"


def test_what_comes_from_another_source_than_is_asked_for_is_no_near_miss() -> None:
    found = tried([an_item("a"), an_item("b", official=True)], "source:official shrimp")
    assert (ids(found.first), ids(found.near)) == (["b"], [])


def test_a_query_of_scores_alone_reads_nothing_and_has_near_misses_too() -> None:
    reader = Reader()
    items = [an_item("yes", SHRIMP, "tariff_threat", "relevant"), an_item("no", SHRIMP, "relevant"), an_item("far")]
    found = tried(items, "topic:tariff_threat relevant", reader=reader)
    assert (ids(found.first), ids(found.near), reader.texts) == (["yes"], ["no"], [])
    assert (found.read, found.judged) == ("nothing", 1)


def test_scores_decide_at_once_where_the_present_version_lacks_its_words() -> None:
    reader = Reader()
    found = tried([an_item("a", SHRIMP, "relevant")], "relevant", present="steel", reader=reader)
    assert (found.tried.hits, reader.texts) == (1, [])


def test_a_query_with_a_word_below_not_is_read() -> None:
    items = [an_item("a", SHRIMP, "relevant"), an_item("b", "Cricket in the US", "relevant")]
    assert ids(tried(items, "relevant NOT cricket").first) == ["a"]


def test_a_reading_that_is_there_is_not_made_again() -> None:
    reader, item = Reader(), an_item("a")
    found = tried([Item(item.article, item.analysis, plain_reading(SHRIMP))], "shrimp", reader=reader)
    assert (found.tried.hits, found.read, reader.texts) == (1, "closely", [])


def test_where_too_much_could_fire_all_of_it_is_read_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noun, "MOST_CLOSELY", 3)
    reader = Reader()
    found = tried([an_item(f"{n}") for n in range(6)], "shrimp", reader=reader)
    assert (found.tried.hits, found.read, reader.texts) == (6, "plainly", [])


def test_each_item_is_told_as_done_once() -> None:
    ticks: list[int] = []
    items = [an_item("a"), an_item("b", "Rain"), an_item("c", relevant=0.1), Item(an_article("d"), None)]
    watchlist = a_watchlist("ours", "shrimp relevant>=0.5")
    backtest(items, watchlist, None, read=plain_readings, plain=plain_readings, done=lambda: ticks.append(1))
    assert len(ticks) == 4


def test_an_article_that_its_words_rule_out_counts_though_nobody_scored_it() -> None:
    found = tried([an_item("a"), Item(an_article("b"), None)], "shrimp")
    assert (found.articles, found.ruled_out, found.tried.hits) == (2, 1, 1)


def test_articles_without_a_score_for_a_topic_that_is_asked_for_are_counted() -> None:
    watchlist = a_watchlist("ours", "topic:gold OR shrimp")
    found = backtest([an_item("a")], watchlist, None, read=plain_readings, plain=plain_readings, topics=("gold",))
    assert found
    assert found.unscored == 1


def test_scores_that_hope_refuse_nothing_but_missing_words() -> None:
    assert hopeful(("gold",)) == Scores(
        dict.fromkeys((*LABELS, "gold"), 1.0), dict.fromkeys((*LABELS, "gold"), True), (), "hope"
    )


def told(*articles: Article) -> list[str]:
    return [article.id for article in alerting((article, an_analysis(article.id)) for article in articles)]


def test_of_articles_that_tell_one_story_the_first_alerts_and_one_with_a_new_figure() -> None:
    later = an_article("c", title="US to raise tariff on Indian shrimp to 50%", published=NOW + HOUR)
    assert told(an_article("b", published=NOW), an_article("a", published=NOW - HOUR), later) == ["a", "c"]


def test_a_quiet_article_alerts_nobody_and_the_next_of_its_story_does() -> None:
    assert told(an_article("a", quiet=True), an_article("b", published=NOW), an_article("c", published=NOW)) == ["b"]


def test_a_story_of_a_month_ago_is_another() -> None:
    assert told(an_article("a"), an_article("b", published=NOW + 30 * DAY)) == ["a", "b"]


def test_alerts_are_stories_and_where_hits_are_too_many_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [an_item(f"{n}", quiet=n == 3) for n in range(4)]
    found = tried(items, "shrimp", present="$US")
    assert (found.counted, found.tried.hits, found.tried.alerts, found.quiet) == ("stories", 4, 1, 1)
    monkeypatch.setattr(noun, "MOST_FOLDED", 3)
    found = tried(items, "shrimp", present="$US")
    assert (found.counted, found.tried.alerts) == ("articles", 3)
    assert found.present
    assert found.present.alerts == 3


# in words


def test_the_summary_tells_alerts_a_day_and_what_is_lost() -> None:
    items = [
        an_item("a"),
        an_item("b", "Shrimp prices at Kochi auctions slip for a third week", published=NOW - 3 * DAY),
        an_item("c", "US visas"),
    ]
    assert list(summary(tried(items, "$US", present="shrimp"))) == [
        "ours: 2 hits, 2 alerts, 0.5 a day",
        "on 3 articles, 2026-02-27 to 2026-03-02, 4 days",
        "The present version: 2 hits, 2 alerts, 0.5 a day; 1 hits of it are lost, 1 gained",
    ]


def test_the_chart_has_a_bar_for_each_day_empty_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noun, "MOST_FOLDED", 0)
    items = [
        an_item("a"),
        an_item("b", "Shrimp prices at Kochi auctions slip for a third week"),
        an_item("c", published=NOW - 2 * DAY),
    ]
    assert list(chart(tried(items, "shrimp"))) == [
        ("2026-02-28", "█" * 20 + " 1"),
        ("2026-03-01", "0"),
        ("2026-03-02", "█" * 40 + " 2"),
    ]


@pytest.mark.parametrize(
    ("days", "name", "bars"), [(44, "day", 45), (45, "week", 7), (320, "30 days", 11), (3000, "30 days", 101)]
)
def test_a_longer_time_has_fewer_bars(days: int, name: str, bars: int) -> None:
    found = tried([an_item("a"), an_item("b", published=NOW - timedelta(days=days))], "shrimp")
    shown = dict(parts(found))
    assert len(shown[f"Alerts by {name}"]) == bars


def test_lists_show_the_words_of_a_hit_and_what_a_near_miss_lacks() -> None:
    found = tried([an_item("a", url="https://a.example/1"), an_item("b", relevant=0.4)], "shrimp relevant>=0.5")
    shown = dict(parts(found, ["left out: 1 line"]))
    assert shown["First hits"] == [("2 Mar 2026, Deccan Ledger", f"{SHRIMP}\n“shrimp”\nhttps://a.example/1")]
    assert "short of: relevant>=0.5 — needs at least 0.5" in shown["Near misses"][0][1]
    assert shown["How it was looked at"][-1] == ("archive", "left out: 1 line")
    assert not {"Best hits", "Lost", "Gained"} & shown.keys()  # the first are all that there are


def test_nothing_found_has_no_chart() -> None:
    assert [name for name, _ in parts(tried([an_item("a")], "steel milk"))] == ["By source", "How it was looked at"]


def test_sources_without_a_hit_and_those_beyond_the_first_are_summed_up() -> None:
    items = [an_item(f"{n}", outlet=f"Outlet {n:02}") for n in range(14)]
    rows = dict(parts(tried([*items, an_item("x", "Rain")], "shrimp")))["By source"]
    assert rows[0] == ("Outlet 00", "1 of 1")
    assert rows[-1] == ("3 others", "2 hits")


def test_what_was_skipped_or_read_more_cheaply_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noun, "MOST_CLOSELY", 1)
    monkeypatch.setattr(noun, "MOST_FOLDED", 1)
    items = [an_item("a", quiet=True), an_item("b"), an_item("c", "Rain")]
    told = dict(how(tried(items, "shrimp")))
    assert told["not read"].startswith("1 articles that scores, source or letters rule out")
    assert "read by regular expressions" in told["judged"]
    assert told["alerts"].startswith("all hits")
    assert told["quiet"].startswith("1 hits were there before")
    assert told["scores"] == "as they were given: model 1 (2)"


def test_json_has_dates_as_text_and_all_the_figures() -> None:
    found = json.loads(as_json(tried([an_item("a")], "shrimp", present="$US"), ["a note"]))
    assert (found["watchlist"], found["first_day"], found["days"], found["alerts_a_day"]) == (
        "ours",
        "2026-03-02",
        1,
        1,
    )
    assert found["tried"]["alerts_by_day"] == [["2026-03-02", 1]]
    assert found["first"][0]["published"] == datetime(2026, 3, 2, 8, 30, tzinfo=UTC).isoformat()
    assert found["notes"][-1] == "a note"
