"""Calibration: from a model's raw scores to probabilities and decisions, fitted on items it has not seen. NumPy only."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.analysis import LABELS, TOPICS
from bot.evaluation import calibration_error
from bot.facts import Fact
from bot.nlp.labelled import Item
from bot.nlp.onnx_classifier import evidence
from bot.relevance import claimed
from bot.vocabulary import Vocabulary

# Nearly half of the training items hold a label; in the feeds of a desk it is far fewer. Scores are calibrated, and cuts
# set, for a stream in which this share holds none and most of that is near misses.
NOTHING = 0.6
Matrix = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]


def sigmoid(x: Matrix) -> Matrix:
    return 1 / (1 + np.exp(-np.clip(x, -60, 60)))


def logistic(features: Matrix, wanted: Truth, counts: Matrix, ridge: float = 1e-3) -> Matrix:
    """Weights of a logistic regression, the bias last: (items, k) features to (k + 1,), by Newton's method.

    `counts` says how often each item counts, `ridge` is the penalty on each squared weight, per item; the bias has none."""
    x = np.hstack([features, np.ones((len(features), 1))])
    penalty = np.diag([ridge * len(x)] * features.shape[1] + [1e-9])
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = sigmoid(x @ weights)
        slope = x.T @ (counts * (p - wanted)) + penalty @ weights
        step = np.linalg.solve((x * (counts * p * (1 - p))[:, None]).T @ x + penalty, slope)
        weights = weights - step
        if abs(step).max() < 1e-8:
            break
    return weights


def platt(logits: Matrix, wanted: Truth, counts: Matrix) -> tuple[float, float]:
    """(scale, bias) that make sigmoid(scale * logit + bias) the likeliest (Platt scaling)."""
    scale, bias = logistic(logits[:, None], wanted, counts, ridge=1e-6)
    return float(scale), float(bias)


def f1(wanted: Truth, said: Truth, counts: Matrix | None = None) -> float:
    each = np.ones(len(wanted)) if counts is None else counts
    hit = float(each[wanted & said].sum())
    return 2 * hit / float(each[wanted].sum() + each[said].sum()) if hit else 0.0


def threshold(scores: Matrix, wanted: Truth, counts: Matrix) -> float:
    """The middle of the widest run of cuts whose F1 is within half a point of the best: sharp peaks are luck."""
    cuts = np.linspace(0.1, 0.9, 81)
    values = np.array([f1(wanted, scores >= cut, counts) for cut in cuts])
    good = values >= values.max() - 0.005
    best, start = (0, 0), 0
    for n, ok in enumerate([*good, False]):
        if not ok:
            best, start = max(best, (n - start, start)), n + 1
    return round(float(cuts[best[1] + best[0] // 2]), 2)


def truth(items: Sequence[Item], label: str) -> Truth:
    return np.array([item.labels[LABELS.index(label)] > 0.5 for item in items])


def told(items: Sequence[Item], label: str) -> Truth:
    """Of which items somebody said whether the label holds."""
    return np.array([not math.isnan(item.labels[LABELS.index(label)]) for item in items])


def counts(items: Sequence[Item]) -> Matrix:
    """How often each item counts, so that those without any label make up NOTHING of the whole."""
    nothing = np.array([item.nothing for item in items])
    share = nothing.mean()
    weights: Matrix = np.where(nothing, NOTHING / max(share, 1e-9), (1 - NOTHING) / max(1 - share, 1e-9))
    return weights


def calibrate(logits: Matrix, items: Sequence[Item]) -> dict[str, dict[str, float]]:
    """Scale, bias and threshold of each topic."""
    out = {}
    for name in TOPICS:
        known = told(items, name)
        column, wanted, often = logits[known, LABELS.index(name)], truth(items, name)[known], counts(items)[known]
        scale, bias = platt(column, wanted, often)
        cut = threshold(sigmoid(scale * column + bias), wanted, often)
        out[name] = {"scale": round(scale, 4), "bias": round(bias, 4), "threshold": cut}
    return out


def fit_relevance(
    logits: Matrix, items: Sequence[Item], facts: Sequence[Sequence[Fact]], vocabulary: Vocabulary
) -> dict[str, Any]:
    """Weights by signal, and the threshold, of the step that decides on relevance. `facts` are those of each item."""
    rows = [
        evidence(i.title, i.text, dict(zip(LABELS, map(float, row), strict=True)), vocabulary) | claimed(found)
        for i, row, found in zip(items, logits, facts, strict=True)
    ]
    names = list(dict.fromkeys(name for row in rows for name in row))
    known = told(items, "relevant")
    features = np.array([[row.get(name, 0.0) for name in names] for row in rows])[known]
    wanted, often = truth(items, "relevant")[known], counts(items)[known]
    fitted = logistic(features, wanted, often)
    scores = sigmoid(features @ fitted[:-1] + fitted[-1])
    weights = {name: round(float(w), 4) for name, w in zip([*names, "bias"], fitted, strict=True)}
    return {"weights": weights, "threshold": threshold(scores, wanted, often)}


def held_out(items: Sequence[Item], said: Mapping[str, Truth], scores: Mapping[str, Matrix]) -> dict[str, Any]:
    """F1 and calibration error of each label on kinds that the model had not seen, and the share of right answers by kind."""
    known = {name: told(items, name) for name in LABELS}
    wanted = {name: truth(items, name)[known[name]] for name in LABELS}
    labels = {
        name: {
            "f1": round(f1(wanted[name], said[name][known[name]]), 4),
            "calibration_error": round(calibration_error(scores[name][known[name]].tolist(), wanted[name].tolist()), 4),
        }
        for name in LABELS
    }
    right = np.array([np.where(known[name], said[name] == truth(items, name), np.nan) for name in LABELS])
    kinds = sorted({item.kind for item in items})
    of = {kind: [n for n, item in enumerate(items) if item.kind == kind] for kind in kinds}
    by_kind = {
        kind: {"items": len(of[kind]), "right": round(float(np.nanmean(right[:, of[kind]])), 3)} for kind in kinds
    }
    return {"labels": labels, "kinds": by_kind}
