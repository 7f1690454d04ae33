"""The evaluation of watchlists: every count against one made by hand."""

from dataclasses import replace

import pytest

from bot.analysis import Why
from bot.errors import ConfigError
from bot.examination import Read
from bot.watchlist_evaluation import Told, as_text, evaluate_set, told
from tests.makers import an_analysis, an_article, scores


def an_item(id: str, wanted: bool, said: bool, *fired: str) -> Told:
    return Told(id, f"Title of {id}", wanted, 0.9 if said else 0.4, said, fired)


SIX = [
    an_item("both", True, True, "model", "shrimp"),
    an_item("model's", True, True, "model"),
    an_item("words'", True, False, "shrimp"),
    an_item("a mistake of words", False, False, "shrimp"),
    an_item("lost", True, True),
    an_item("nothing", False, False),
]


def test_the_set_stands_beside_the_classifier_alone() -> None:
    result = evaluate_set(SIX, ["model", "shrimp"])
    assert (result.set.tp, result.set.fp, result.set.fn) == (3, 1, 1)
    assert (result.classifier.tp, result.classifier.fp, result.classifier.fn) == (3, 0, 1)
    assert [result.set.precision.value, result.set.recall.value] == [0.75, 0.75]
    assert [result.classifier.precision.value, result.classifier.recall.value] == [1.0, 0.75]
    gap = result.difference["precision"]
    assert (gap.value, result.difference["recall"].value) == (-0.25, 0.0)
    assert gap.low <= gap.value <= gap.high


def test_of_each_watchlist_is_told_what_it_finds_and_what_nobody_else_does() -> None:
    model, shrimp, silent = evaluate_set(SIX, ["model", "shrimp", "silent"]).watchlists
    assert (model.hits, model.right, model.wrong, model.alone_right, model.alone_wrong) == (2, 2, 0, 1, 0)
    assert (model.beyond_right, model.beyond_wrong) == (0, 0)
    assert (shrimp.hits, shrimp.right, shrimp.wrong, shrimp.alone_right, shrimp.alone_wrong) == (3, 2, 1, 1, 1)
    assert (shrimp.beyond_right, shrimp.beyond_wrong) == (1, 1)
    assert (silent.name, silent.hits) == ("silent", 0)


def test_each_item_on_which_set_and_classifier_differ_is_named() -> None:
    result = evaluate_set(SIX, ["model", "shrimp"])
    assert [(item.id, item.wanted) for item in result.lost] == [("lost", True)]
    assert [(item.id, item.watchlists) for item in result.beyond] == [
        ("words'", ("shrimp",)),
        ("a mistake of words", ("shrimp",)),
    ]


def test_the_text_has_the_figures_the_watchlists_and_what_differs() -> None:
    lines = as_text("minilm 1", evaluate_set(SIX, ["model", "shrimp"])).splitlines()
    assert lines[0] == "6 items, model minilm 1, 95 % intervals by 1000 bootstrap samples"
    assert next(line for line in lines if line.startswith("all watchlists")).split()[2] == "0.750"
    assert next(line for line in lines if line.startswith("shrimp")).split() == [
        "shrimp",
        "3",
        "2",
        "1",
        "1",
        "1",
        "1",
        "1",
    ]
    assert "    right  0.90  lost  Title of lost" in lines
    assert "    wrong  0.40  a mistake of words  Title of a mistake of words  [shrimp]" in lines
    alike = as_text("m", evaluate_set([an_item("a", True, True, "x")], ["x"]))
    assert not any(word in alike for word in ("lost:", "beyond:"))


def test_what_fired_and_what_the_model_says_is_taken_from_the_reading() -> None:
    analysis = replace(an_analysis("a1"), scores=scores("relevant"), why=(Why("shrimp", ()),))
    rows = [{"id": "a1", "title": "Shrimp", "labels": {"relevant": 0}}, {"title": "Cod", "labels": {"relevant": "?"}}]
    (item,) = told(rows, [Read(an_article("a1"), analysis)] * 2)
    assert (item.id, item.wanted, item.said, item.fired) == ("a1", False, True, ("shrimp",))


def test_items_without_a_label_of_relevance_are_refused() -> None:
    with pytest.raises(ConfigError, match="no item has the label relevant"):
        told([{"title": "Cod", "labels": {"tariff_threat": 1}}], [Read(an_article("a1"), an_analysis("a1"))])
