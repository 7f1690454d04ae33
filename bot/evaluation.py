"""Evaluation: how far a classifier's word agrees with readers' labels — precision, recall, F1, average precision, errors."""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.analysis import LABELS, Scores
from bot.errors import ConfigError

RESAMPLES = 1000
SEED = 20261122


@dataclass(frozen=True, slots=True)
class Case:
    """One label of one item: what readers said, the classifier's score and its decision."""

    id: str
    title: str
    wanted: bool
    score: float
    said: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure with its 95 % interval (percentile bootstrap over items)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Result:
    """Agreement on one label."""

    label: str
    items: int
    tp: int
    fp: int
    fn: int
    tn: int
    precision: Figure
    recall: Figure
    f1: Figure
    average_precision: Figure
    calibration_error: float  # how far scores are from the share that is true, over tenths of the scale
    errors: tuple[Case, ...]  # the most confident first


def read_labelled(lines: Iterable[str], file: str) -> list[dict[str, Any]]:
    """The items of JSON lines, each with "title", "text" and "labels". Raises ConfigError that names file and line."""
    items = [_item(line, f"{file}:{n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not any(item["labels"].get(label) in (0, 1) for item in items for label in LABELS):
        raise ConfigError("holds no item with a label to measure", where=file, hint=f"labels are {', '.join(LABELS)}")
    return items


def _item(line: str, where: str) -> dict[str, Any]:
    return labelled_item(
        line, where, "labels", dict, 'it needs "title" and "text" as text, and "labels" as {"relevant": 1, …}'
    )


def labelled_item(line: str, where: str, key: str, shape: type, hint: str) -> dict[str, Any]:
    """The item of one line, with what people said of it under `key`. Raises ConfigError."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"is no JSON: {error}", where=where, hint="write one JSON object a line") from error
    item = row if isinstance(row, dict) else {}
    title, text = item.get("title"), item.get("text") or ""
    if not (isinstance(title, str) and isinstance(text, str) and isinstance(item.get(key), shape)):
        raise ConfigError("is no labelled item", where=where, hint=hint)
    return {**item, "title": _whole(title), "text": _whole(text)}


def _whole(text: str) -> str:
    """JSON can hold half a surrogate pair, which no model reads."""
    return text.encode("utf-8", "replace").decode()


def cases(rows: Sequence[Mapping[str, Any]], scores: Sequence[Scores]) -> dict[str, list[Case]]:
    """The cases of each label; a label that is neither 0 nor 1 ("?": cannot be told) is left out."""
    out: dict[str, list[Case]] = {label: [] for label in LABELS}
    for row, said in zip(rows, scores, strict=True):
        for label in LABELS:
            if (wanted := row["labels"].get(label)) in (0, 1):
                name = str(row.get("id", ""))
                out[label].append(Case(name, row["title"], bool(wanted), said.scores[label], said.labels[label]))
    return {label: found for label, found in out.items() if found}


def evaluate(label: str, cases: Sequence[Case], *, worst: int = 10) -> Result:
    """Raises ValueError for no cases: there is nothing to say of an empty set."""
    if not cases:
        raise ValueError(f"no item carries a label for {label}")
    chance = random.Random(SEED)
    draws = [chance.choices(cases, k=len(cases)) for _ in range(RESAMPLES)]
    sampled = [(*prf(draw), average_precision(draw)) for draw in draws]
    point = (*prf(cases), average_precision(cases))
    figures = [figure(value, [s[n] for s in sampled]) for n, value in enumerate(point)]
    wrong = sorted((c for c in cases if c.wanted != c.said), key=lambda c: abs(c.score - c.wanted), reverse=True)
    tp, fp, fn, tn = confusion(cases)
    return Result(
        label,
        len(cases),
        tp,
        fp,
        fn,
        tn,
        figures[0],
        figures[1],
        figures[2],
        figures[3],
        calibration_error([c.score for c in cases], [c.wanted for c in cases]),
        tuple(wrong[:worst]),
    )


def confusion(cases: Sequence[Case]) -> tuple[int, int, int, int]:
    """True positives, false positives, false negatives, true negatives."""
    tp = sum(c.wanted and c.said for c in cases)
    fp = sum(c.said and not c.wanted for c in cases)
    fn = sum(c.wanted and not c.said for c in cases)
    return tp, fp, fn, len(cases) - tp - fp - fn


def prf(cases: Sequence[Case]) -> tuple[float, float, float]:
    """Precision, recall and F1; 0 where undefined."""
    tp, fp, fn, _ = confusion(cases)
    precision = tp / (tp + fp) if tp + fp else 0.0
    recall = tp / (tp + fn) if tp + fn else 0.0
    return precision, recall, 2 * tp / (2 * tp + fp + fn) if tp else 0.0


def average_precision(cases: Sequence[Case]) -> float:
    """Mean of the precision at each wanted item, by falling score; items of equal score count as one step."""
    total = sum(c.wanted for c in cases)
    steps: dict[float, tuple[int, int]] = {}
    for case in cases:
        hits, seen = steps.get(case.score, (0, 0))
        steps[case.score] = hits + case.wanted, seen + 1
    area, hits, seen = 0.0, 0, 0
    for score in sorted(steps, reverse=True):
        more, of = steps[score]
        hits, seen = hits + more, seen + of
        area += more * hits / seen
    return area / total if total else 0.0


def calibration_error(scores: Sequence[float], wanted: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error: the gap between mean score and share of wanted items in each tenth, weighted by size."""
    tenths: dict[int, list[float]] = {}
    for score, true in zip(scores, wanted, strict=True):
        tenths.setdefault(min(int(score * bins), bins - 1), []).append(score - true)
    return sum(abs(sum(gaps)) for gaps in tenths.values()) / len(scores)


def figure(value: float, sampled: Sequence[float]) -> Figure:
    """With the interval that the samples tell."""
    ordered = sorted(sampled)
    return Figure(value, ordered[int(0.025 * len(ordered))], ordered[int(0.975 * len(ordered)) - 1])


def as_text(model: str, items: int, results: Sequence[Result]) -> str:
    """The figures as a table, then the worst errors of each label."""
    head = f"{items} items, model {model}, 95 % intervals by {RESAMPLES} bootstrap samples"
    table = [
        f"{'label':18} {'items':>5}  {'precision':18} {'recall':18} {'F1':18} {'avg precision':18}   ECE   tp   fp   fn   tn"
    ]
    table += [_row(result) for result in results]
    errors = [line for result in results for line in _errors(result)]
    return "\n".join([head, "", *table, *errors])


def _row(r: Result) -> str:
    figures = " ".join(
        f"{f.value:.3f} ({f.low:.3f}–{f.high:.3f})".ljust(18)
        for f in (r.precision, r.recall, r.f1, r.average_precision)
    )
    return f"{r.label:18} {r.items:5}  {figures} {r.calibration_error:.3f} {r.tp:4} {r.fp:4} {r.fn:4} {r.tn:4}"


def _errors(result: Result) -> list[str]:
    lines = [f"    {'missed' if c.wanted else 'wrong '}  {c.score:.2f}  {c.id}  {c.title[:110]}" for c in result.errors]
    return ["", f"worst errors on {result.label}:", *lines] if lines else []
