"""Feedback: what answers come to, what they suggest, and what of it a model may learn."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.actions import DUPLICATE, NOT_RELEVANT, OLD, RELEVANT, SPAM, WRONG_TOPIC, Answer
from bot.analysis import LABELS
from bot.feedback import Interval, Report, counting, log_odds, report, settled, shares_of, training_items, wilson
from bot.feedback_lines import as_json, parts, suggested, summary, trial
from bot.nlp.keywords import PlainReader
from bot.nlp.labelled import load_items
from bot.reading import Reading
from bot.watchlists import Watchlist
from tests.makers import HOUR, NOW, a_vocabulary, a_watchlist, an_action, an_analysis, an_article, scores

TARIFFS = "Tariff on Indian steel"
CRICKET = "Tariff row in cricket board"


def an_answer(
    name: str = "a1",
    kind: str = RELEVANT,
    user: str = "U1",
    *,
    title: str = TARIFFS,
    reason: str = "",
    watchlists: Sequence[str] = ("tariffs",),
    relevant: float = 0.9,
    hours: int = 0,
    channel: str = "#desk",
    **article: str,
) -> Answer:
    action = an_action(
        kind, user, reason=reason, article_id=name, story_id=f"s-{name}", at=NOW + hours * HOUR, channel=channel
    )
    about = an_article(name, title=title, text=article.pop("text", ""), **article)
    return Answer(
        action, about, an_analysis(name, scores=scores("tariff_threat", relevant=relevant)), tuple(watchlists)
    )


def yes(count: int, **more: object) -> list[Answer]:
    return [an_answer(f"y{n}", **more) for n in range(count)]  # type: ignore[arg-type]


def no(count: int, **more: object) -> list[Answer]:
    said = {"title": CRICKET, "reason": WRONG_TOPIC} | more
    return [an_answer(f"n{n}", NOT_RELEVANT, **said) for n in range(count)]  # type: ignore[arg-type]


def reported(answers: Iterable[Answer], *watchlists: Watchlist) -> Report:
    return report(list(answers), watchlists or (a_watchlist(),), a_vocabulary(), PlainReader().read)


def changes(told: Report) -> list[str]:
    return [suggestion.change for suggestion in told.suggestions]


# what counts


def test_shares_without_the_articles_are_those_of_the_report() -> None:
    replaced = [an_answer("r1"), an_answer("r1", NOT_RELEVANT, hours=1)]
    disputed = [an_answer("d1"), an_answer("d1", NOT_RELEVANT, user="U2")]
    aside = [an_answer("o1", NOT_RELEVANT, reason=OLD), an_answer("o1", user="U2")]
    answers = [*yes(6), *no(3, watchlists=("tariffs", "steel")), *replaced, *disputed, *aside]
    shares = shares_of([(answer.action, answer.watchlists) for answer in answers])
    assert set(shares.values()) == set(reported(answers).watchlists)
    assert (shares["tariffs"].right, shares["tariffs"].wrong, shares["tariffs"].aside) == (7, 4, 0)
    assert shares["steel"].precision is None


def test_an_answer_that_its_giver_replaced_does_not_count() -> None:
    early, late = an_answer(), an_answer(kind=NOT_RELEVANT, hours=1)
    assert counting([early, late]) == [late]


def test_an_article_is_one_case_however_many_answer() -> None:
    cases, disputed = settled([an_answer(), an_answer(user="U2"), an_answer("b1", NOT_RELEVANT)])
    assert [(case.article.id, case.wanted) for case in cases] == [("a1", True), ("b1", False)]
    assert disputed == []


def test_an_article_on_which_people_differ_counts_nowhere_and_is_told() -> None:
    told = reported([an_answer(), an_answer(kind=NOT_RELEVANT, user="U2"), an_answer("b1")])
    assert [seen.article_id for seen in told.disputed] == ["a1"]
    assert (told.articles, told.all.right, told.all.wrong) == (2, 1, 0)


@pytest.mark.parametrize("reason", [DUPLICATE, OLD])
def test_a_duplicate_or_old_news_speaks_neither_for_nor_against_its_topic(reason: str) -> None:
    aside = an_answer(kind=NOT_RELEVANT, reason=reason)
    assert reported([aside]).all == replace(reported([]).all, aside=1)
    (case,), disputed = settled([aside, an_answer(user="U2")])
    assert (case.wanted, disputed) == (True, [])


# shares


def test_wilsons_interval_stays_within_bounds_and_is_that_of_the_textbook() -> None:
    assert wilson(8, 10) == Interval(0.8, 0.4902, 0.9433)
    assert wilson(10, 10) == Interval(1.0, 0.7225, 1.0)
    assert wilson(0, 10) == Interval(0.0, 0.0, 0.2775)


def test_precision_is_told_by_watchlist_topic_and_outlet() -> None:
    told = reported([*yes(6), *no(2, outlet="Gulf Wire"), an_answer("z", watchlists=("other",))])
    assert [(s.name, s.right, s.wrong, s.precision) for s in told.watchlists] == [
        ("tariffs", 6, 2, wilson(6, 8)),
        ("other", 1, 0, None),
    ]
    assert [(s.name, s.right, s.wrong) for s in told.topics] == [("tariff_threat", 7, 2)]
    assert [(s.name, s.right, s.wrong) for s in told.outlets] == [("Gulf Wire", 0, 2), ("Deccan Ledger", 7, 0)]


def test_with_few_answers_no_share_is_told() -> None:
    assert reported(yes(7)).all.precision is None
    assert reported(yes(8)).all.precision == wilson(8, 8)


def test_a_watchlist_is_judged_by_the_answers_on_its_own_cards() -> None:
    ours = an_answer(watchlists=("ours",), channel="#a")
    theirs = an_answer(kind=NOT_RELEVANT, user="U2", watchlists=("theirs",), channel="#b")
    told = reported([ours, theirs])
    assert {s.name: (s.right, s.wrong) for s in told.watchlists} == {"ours": (1, 0), "theirs": (0, 1)}
    assert len(told.disputed) == 1  # as for topics and outlets


def test_reasons_are_counted_by_answers() -> None:
    told = reported([*no(3), *no(1, reason=SPAM, user="U2"), *yes(5)])
    assert [(r.name, r.answers, r.share) for r in told.reasons] == [
        ("wrong_topic", 3, wilson(3, 9)),
        ("spam", 1, wilson(1, 9)),
    ]


# suggestions


def test_a_word_of_wrong_articles_that_no_right_one_has_is_suggested_with_what_it_would_have_dropped() -> None:
    told = reported([*no(6), *yes(9)])
    (suggestion,) = told.suggestions
    assert suggestion.change == 'NOT title:"cricket board"'
    assert suggestion.query == '(tariff) NOT title:"cricket board"'
    assert [seen.article_id for seen in suggestion.dropped_wrong] == [f"n{n}" for n in range(6)]
    assert (suggestion.wrong, suggestion.right, suggestion.dropped_right) == (6, 9, ())


def test_a_word_that_a_right_article_has_in_another_form_is_not_suggested() -> None:
    wrong = no(6, title="Tariff on toys")
    assert changes(reported([*wrong, *yes(9)])) == ['NOT title:"toys"']
    assert changes(reported([*wrong, *yes(9), an_answer("z", title="Tariff on a toy")])) == []


def test_a_word_of_the_language_is_suggested_as_a_word() -> None:
    told = reported([*no(6, title="Relevant 7 tariff"), *yes(9)])
    assert changes(told) == ['NOT title:"relevant"']


def test_what_a_few_articles_share_may_be_chance_and_is_not_suggested() -> None:
    assert changes(reported([*no(2), *yes(20)])) == []
    mixed = [an_answer(f"m{n}", NOT_RELEVANT, title=f"Tariff {n}") for n in range(20)]
    assert changes(reported([*no(3), *mixed, *yes(9)])) == []


def test_articles_on_which_the_watchlist_no_longer_fires_suggest_nothing() -> None:
    answers = [*no(6), *yes(9)]
    assert changes(reported(answers, a_watchlist(query="tariff NOT cricket"))) == []


def test_a_watchlist_that_is_gone_is_counted_and_gets_no_suggestion() -> None:
    told = reported([*no(6), *yes(9)], a_watchlist("another"))
    assert ([share.name for share in told.watchlists], told.suggestions) == (["tariffs"], ())


def test_the_least_threshold_that_loses_nothing_right_is_suggested() -> None:
    low, high = no(6, title=TARIFFS, relevant=0.31), yes(9, relevant=0.8)
    (suggestion,) = reported([*low, *high]).suggestions
    assert (suggestion.change, suggestion.query) == ("relevant>=0.32", "(tariff) relevant>=0.32")
    assert (len(suggestion.dropped_wrong), suggestion.dropped_right) == (6, ())


@pytest.mark.parametrize(("right", "found"), [(40, ["relevant>=0.32"]), (19, [])])
def test_a_threshold_may_lose_one_right_article_in_twenty_and_says_which(right: int, found: list[str]) -> None:
    low, high = no(6, title=TARIFFS, relevant=0.31), yes(right - 1, relevant=0.8)
    told = reported([*low, *high, an_answer("lost", relevant=0.1)])
    assert changes(told) == found
    assert [seen.article_id for s in told.suggestions for seen in s.dropped_right] == ["lost"] * len(found)


def test_a_query_with_or_and_line_breaks_is_put_in_parentheses_on_one_line() -> None:
    told = reported([*no(6), *yes(9)], a_watchlist(query="tariff\n OR duty"))
    assert [suggestion.query for suggestion in told.suggestions] == ['(tariff  OR duty) NOT title:"cricket board"']


def test_nothing_is_read_where_nothing_can_be_suggested() -> None:
    def read(texts: Sequence[str]) -> list[Reading]:
        raise AssertionError("nothing was to be read")

    report([*no(2), *yes(9)], (a_watchlist(),), a_vocabulary(), read)


def test_log_odds_are_sure_only_where_counts_are_far_apart() -> None:
    assert log_odds(6, 6, 0, 9).low > 0
    assert log_odds(3, 14, 0, 5).low < 0
    assert log_odds(5, 10, 5, 10) == Interval(0.0, log_odds(5, 10, 5, 10).low, -log_odds(5, 10, 5, 10).low)


# in words


def test_a_report_in_words_says_how_many_how_sure_and_what_to_try() -> None:
    told = reported([*no(6), *yes(9), an_answer("d", NOT_RELEVANT, reason=OLD)])
    assert list(summary(told)) == [
        "16 answers by 1 person on 16 articles",
        "All: 9 of 15 relevant, 60% (36% to 80%); 1 duplicate or old",
    ]
    tables = dict(parts(told))
    assert tables["By watchlist"] == [("tariffs", "9 of 15 relevant, 60% (36% to 80%); 1 duplicate or old")]
    assert tables["Why not relevant"][0] == ("wrong topic", "6 answers, 38% (18% to 61%)")
    (suggestion,) = told.suggestions
    assert dict(suggested(suggestion))["would have dropped"] == "6 of 6 wrong and 0 of 9 right"
    assert trial(suggestion) == (
        "tariffwatch backtest --watchlist tariffs --query '(tariff) NOT title:\"cricket board\"'"
    )


def test_too_few_answers_are_told_as_too_few() -> None:
    assert dict(parts(reported(yes(3))))["By topic"] == [
        ("tariff_threat", "3 of 3 relevant, too few to say more: 8 are needed")
    ]


def test_a_long_list_of_dropped_articles_is_cut_and_says_so() -> None:
    (suggestion,) = reported([*no(13), *yes(9)]).suggestions
    assert dict(suggested(suggestion))["wrong"].endswith(f"{CRICKET} (Deccan Ledger)\nand 3 more")


def test_a_report_is_json_too() -> None:
    told = json.loads(as_json(reported([*no(6), *yes(9)])))
    assert told["suggestions"][0]["dropped_wrong"][0]["published"] == (NOW - HOUR).isoformat()
    assert told["all"]["precision"] == {"value": 0.6, "low": 0.3575, "high": 0.8018}


# training


def labels(*answers: Answer) -> list[dict[str, object]]:
    return [item["labels"] for item in training_items(answers)[0]]


OPEN = dict.fromkeys(LABELS, "?")


@pytest.mark.parametrize(
    ("kind", "reason", "wanted"),
    [
        (RELEVANT, "", OPEN | {"relevant": 1}),
        (NOT_RELEVANT, "", OPEN | {"relevant": 0}),
        (NOT_RELEVANT, WRONG_TOPIC, dict.fromkeys(LABELS, 0)),
        (NOT_RELEVANT, SPAM, dict.fromkeys(LABELS, 0)),
    ],
)
def test_a_training_item_has_the_labels_that_an_answer_settles(
    kind: str, reason: str, wanted: dict[str, object]
) -> None:
    assert labels(an_answer(kind=kind, reason=reason)) == [wanted]


@pytest.mark.parametrize("reason", [DUPLICATE, OLD])
def test_what_is_only_a_duplicate_or_old_teaches_nothing(reason: str) -> None:
    assert labels(an_answer(kind=NOT_RELEVANT, reason=reason)) == []


def test_articles_on_which_people_differ_are_left_out_of_training_and_told() -> None:
    items, disputed = training_items([an_answer(), an_answer(kind=NOT_RELEVANT, user="U2"), an_answer("b1")])
    assert [item["id"] for item in items] == ["feedback-b1"]
    assert [seen.article_id for seen in disputed] == ["a1"]


def test_of_the_same_text_twice_the_one_answered_last_is_taken() -> None:
    items, _ = training_items([an_answer(), an_answer("b1", NOT_RELEVANT)])
    assert [(item["id"], item["labels"]["relevant"]) for item in items] == [("feedback-b1", 0)]


def test_training_reads_the_items_and_what_is_open_is_no_number(tmp_path: Path) -> None:
    items, _ = training_items([an_answer()])
    (tmp_path / "feedback.jsonl").write_text("\n".join(map(json.dumps, items)), "utf-8")
    (item,) = load_items(tmp_path)
    assert (item.id, item.title, item.kind, item.nothing) == ("feedback-a1", TARIFFS, "feedback s-a1", False)
    assert [math.isnan(label) for label in item.labels] == [True, True, True, False]
