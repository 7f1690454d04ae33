"""From raw scores to probabilities and cuts."""

import numpy as np
import pytest

from bot.nlp.calibration import NOTHING, counts, f1, logistic, platt, sigmoid, threshold
from bot.nlp.labelled import Item

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
