"""From raw scores to probabilities and cuts."""

import numpy as np
import pytest

from bot.analysis import LABELS
from bot.facts import Fact
from bot.nlp.calibration import (
    NOTHING,
    calibrate,
    counts,
    f1,
    fit_relevance,
    held_out,
    logistic,
    platt,
    sigmoid,
    threshold,
)
from bot.nlp.labelled import Item
from tests.makers import a_vocabulary

CHANCE = np.random.default_rng(7)


def test_platt_scaling_finds_the_scale_and_bias_that_made_the_labels() -> None:
    logits = CHANCE.normal(0, 3, 20_000)
    wanted = CHANCE.random(20_000) < sigmoid(0.5 * logits - 1)
    assert platt(logits, wanted, np.ones(20_000)) == pytest.approx((0.5, -1), abs=0.1)


def test_logistic_regression_weighs_a_telling_signal_more_than_an_idle_one() -> None:
    features = CHANCE.integers(0, 2, (2000, 2)).astype(float)
    weights = logistic(features, features[:, 0] > 0, np.ones(2000))
    assert weights[0] > 3
    assert abs(weights[1]) < 0.5


def test_labels_that_part_perfectly_do_not_run_to_infinity() -> None:
    weights = logistic(np.array([[-1.0], [1.0]]), np.array([False, True]), np.ones(2))
    assert np.isfinite(weights).all()


def test_the_threshold_lies_in_the_middle_of_the_gap_between_no_and_yes() -> None:
    scores = np.array([0.05, 0.1, 0.2, 0.8, 0.9])
    assert threshold(scores, scores > 0.5, np.ones(5)) == pytest.approx(0.5, abs=0.02)


def test_f1_is_nought_without_a_hit() -> None:
    assert f1(np.array([True, False]), np.array([False, True])) == 0
    assert f1(np.array([True, True]), np.array([True, False])) == pytest.approx(2 / 3)


def test_items_without_a_label_count_as_often_as_they_come_in_a_stream() -> None:
    items = [Item(str(n), "t", "", "k", (1.0,) * 4 if n < 3 else (0.0,) * 4) for n in range(4)]
    weights = counts(items)
    assert weights[3] / weights.sum() == pytest.approx(NOTHING)


def test_an_item_that_counts_twice_is_as_two() -> None:
    x, wanted = np.array([[1.0], [2.0], [2.0], [0.0]]), np.array([True, True, False, False])
    twice = logistic(np.vstack([x, x[:1]]), np.append(wanted, True), np.ones(5), ridge=0.1)
    assert logistic(x, wanted, np.array([2.0, 1, 1, 1]), ridge=0.1 * 5 / 4) == pytest.approx(twice, abs=1e-4)


def items_and_logits(untold: int) -> tuple[list[Item], np.ndarray]:
    """Forty items of which every label is clear, and `untold` of which none can be told, with the logits of a fool."""
    told = [Item(str(n), "Rain" if n % 2 else "Duty", "", f"k{n % 4}", (float(n % 2 == 0),) * 4) for n in range(40)]
    logits = np.array([[3.0 if n % 2 == 0 else -3.0] * 4 for n in range(40)] + [[-9.0] * 4] * untold)
    logits[:4] *= -1
    return told + [Item(f"u{n}", "Duty", "", "k0", (np.nan,) * 4) for n in range(untold)], logits


def test_labels_that_cannot_be_told_change_no_figure() -> None:
    def figures(untold: int) -> object:
        items, logits = items_and_logits(untold)
        said = {name: logits[:, n] > 0 for n, name in enumerate(LABELS)}
        scores = {name: sigmoid(logits[:, n]) for n, name in enumerate(LABELS)}
        found = held_out(items, said, scores)
        return found["labels"], found["kinds"]["k0"]["right"]

    assert figures(0) == figures(5)


def test_relevance_is_fitted_on_the_items_that_tell_it() -> None:
    items, logits = items_and_logits(0)
    open_ones = [Item(i.id, i.title, i.text, i.kind, (*i.labels[:3], np.nan)) for i in items[:10]]
    facts: list[tuple[Fact, ...]] = [()] * 40
    with_open = fit_relevance(logits, [*open_ones, *items[10:]], facts, a_vocabulary())
    without = fit_relevance(logits[10:], items[10:], facts[10:], a_vocabulary())
    assert with_open["threshold"] == without["threshold"]
    assert with_open["weights"]["bias"] == pytest.approx(without["weights"]["bias"], abs=0.5)


def test_a_topic_is_calibrated_on_the_items_that_tell_it() -> None:
    items, logits = items_and_logits(0)
    open_topics = [Item(i.id, i.title, i.text, i.kind, (np.nan, *i.labels[1:])) for i in items[:10]]
    with_open = calibrate(logits, [*open_topics, *items[10:]])
    without = calibrate(logits[10:], items[10:])
    assert with_open["india_us_trade"] == without["india_us_trade"]
    assert with_open["tariff_threat"] != without["tariff_threat"]
