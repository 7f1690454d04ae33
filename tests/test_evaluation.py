"""Evaluation: every figure against one worked out by hand."""

import pytest

from bot.analysis import LABELS
from bot.errors import ConfigError
from bot.evaluation import (
    Case,
    as_text,
    average_precision,
    calibration_error,
    cases,
    confusion,
    evaluate,
    prf,
    read_labelled,
)
from tests.makers import scores


def a_case(wanted: bool, said: bool, score: float, id: str = "c1") -> Case:
    return Case(id, f"Title of {id}", wanted, score, said)


# wanted, said, score: two true positives, one false positive, one false negative, one true negative
FIVE = [
    a_case(True, True, 0.9, "hit"),
    a_case(False, True, 0.85, "wrong"),
    a_case(True, True, 0.7, "hit too"),
    a_case(False, False, 0.3, "rest"),
    a_case(True, False, 0.2, "missed"),
]


def test_the_confusion_is_counted() -> None:
    assert confusion(FIVE) == (2, 1, 1, 1)


def test_precision_recall_and_f1_are_as_by_hand() -> None:
    assert prf(FIVE) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert prf([*FIVE, a_case(True, False, 0.1)]) == pytest.approx((2 / 3, 2 / 4, 4 / 7))


def test_average_precision_is_as_by_hand() -> None:
    # wanted items stand at ranks 1, 3 and 5
    assert average_precision(FIVE) == pytest.approx((1 / 1 + 2 / 3 + 3 / 5) / 3)


def test_items_of_equal_score_count_as_one_step_whatever_their_order() -> None:
    tied = [a_case(True, True, 0.5), a_case(False, True, 0.5), a_case(True, True, 0.4)]
    assert average_precision(tied) == average_precision(tied[::-1]) == pytest.approx((1 / 2 + 2 / 3) / 2)


def test_a_perfect_ranking_has_an_average_precision_of_one_though_the_threshold_is_wrong() -> None:
    ranked = [a_case(True, False, 0.4), a_case(False, False, 0.1)]
    assert average_precision(ranked) == 1
    assert prf(ranked) == (0, 0, 0)


def test_figures_that_have_no_meaning_are_nought() -> None:
    nothing = [a_case(False, False, 0.1)]
    assert prf(nothing) == (0, 0, 0)
    assert average_precision(nothing) == 0


def test_a_result_holds_every_figure_with_an_interval_around_it() -> None:
    result = evaluate("relevant", FIVE * 20)
    assert (result.label, result.items) == ("relevant", 100)
    assert (result.tp, result.fp, result.fn, result.tn) == (40, 20, 20, 20)
    for figure in (result.precision, result.recall, result.f1, result.average_precision):
        assert 0 <= figure.low < figure.value < figure.high <= 1
    # two thirds of 60 ± 1.96 standard deviations of a share
    assert (result.precision.low, result.precision.high) == pytest.approx((0.547, 0.786), abs=0.02)


def test_an_evaluation_is_the_same_each_time() -> None:
    assert evaluate("relevant", FIVE) == evaluate("relevant", FIVE)


def test_the_errors_are_told_the_most_confident_first_and_no_more_than_asked() -> None:
    assert [case.id for case in evaluate("relevant", FIVE[::-1]).errors] == ["wrong", "missed"]
    assert [case.id for case in evaluate("relevant", FIVE[::-1], worst=1).errors] == ["wrong"]


def test_nothing_can_be_said_of_no_items() -> None:
    with pytest.raises(ValueError, match="no item carries a label for relevant"):
        evaluate("relevant", [])


def test_cases_pair_what_readers_said_with_what_the_classifier_said() -> None:
    rows = [
        {"id": "n1", "title": "One", "labels": {"relevant": 1, "tariff_threat": 0}},
        {"title": "Two", "labels": {"relevant": 0}},
    ]
    found = cases(rows, [scores("relevant"), scores("relevant", relevant=0.7)])
    assert found["relevant"] == [Case("n1", "One", True, 0.9, True), Case("", "Two", False, 0.7, True)]
    assert found["tariff_threat"] == [Case("n1", "One", False, 0.05, False)]
    assert set(found) == {"relevant", "tariff_threat"}


def test_a_label_that_cannot_be_told_is_left_out() -> None:
    rows = [{"title": "One", "labels": dict.fromkeys(LABELS, "?") | {"relevant": 1}}]
    assert set(cases(rows, [scores()])) == {"relevant"}


def test_rows_and_scores_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        cases([{"title": "One", "labels": {"relevant": 1}}], [])


def test_the_table_names_model_figures_and_worst_errors() -> None:
    text = as_text("minilm 1", 5, [evaluate("relevant", FIVE)])
    assert "5 items, model minilm 1" in text
    row = next(line for line in text.splitlines() if line.startswith("relevant"))
    assert row.split()[1:3] == ["5", "0.667"]
    assert row.split()[-4:] == ["2", "1", "1", "1"]
    assert "wrong   0.85  wrong  Title of wrong" in text
    assert "missed  0.20  missed  Title of missed" in text


def test_a_label_without_errors_has_no_list_of_them() -> None:
    assert "worst errors" not in as_text("m", 1, [evaluate("relevant", [a_case(True, True, 0.9)])])


GOOD = '{"title": "US raises duty", "labels": {"relevant": 1}}'


def test_labelled_lines_are_read_and_half_a_sign_is_replaced() -> None:
    items = read_labelled(["", GOOD, '{"title": "\\ud800", "text": null, "labels": {}}'], "x.jsonl")
    assert [(item["title"], item["text"]) for item in items] == [("US raises duty", ""), ("?", "")]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([GOOD, "{"], r"^x\.jsonl:2: is no JSON"),
        ([GOOD, "[" * 100_000], r"^x\.jsonl:2: is no JSON"),
        ([GOOD, "[1]"], r"^x\.jsonl:2: is no labelled item"),
        ([GOOD, '{"title": "x"}'], r"^x\.jsonl:2: is no labelled item"),
        ([GOOD, '{"title": "x", "text": 5, "labels": {}}'], r"^x\.jsonl:2: is no labelled item"),
        ([], r"^x\.jsonl: holds no item with a label"),
        (['{"title": "x", "labels": {"relevant": "?"}}'], r"^x\.jsonl: holds no item with a label"),
        (['{"title": "x", "labels": {"relevant": [1]}}'], r"^x\.jsonl: holds no item with a label"),
    ],
)
def test_what_cannot_be_measured_is_told_with_its_line(lines: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_labelled(lines, "x.jsonl")


def test_scores_that_mean_what_they_say_have_no_calibration_error() -> None:
    assert calibration_error([0.75] * 4, [True, True, True, False]) == 0
    assert calibration_error([0.9] * 100, [False] * 100) == pytest.approx(0.9)
    assert calibration_error([0.2] * 5 + [1.0] * 5, [True, *[False] * 4, *[True] * 5]) == pytest.approx(0)
