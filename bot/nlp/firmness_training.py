"""Fitting LearntFirmness on models/facts/sentences.jsonl, and measuring it on kinds of wording it has not seen. NumPy only.

What is measured is also what is decided on: in which cases the model is asked at all, and how sure it must be there.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.clauses import Clause, find_sentences
from bot.errors import ConfigError
from bot.facts import ACTIONS, STATUSES, find_facts
from bot.firmness import Firmness, find_firmness
from bot.nlp.labelled import Item, folds
from bot.nlp.learnt_firmness import ANSWERS, FILE, NEVER, WORDS, case, grams, keys, signs
from bot.reading import Reading
from bot.vocabulary import Vocabulary, index_reading

SENTENCES = "sentences.jsonl"
FOLDS = 5
RIDGE = 1.0
ROUNDS = 300
LEAST_KINDS = 3  # of wording in which a word must stand to be learnt
CUTS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
HEADLINE = 110  # characters
# How often each is told in articles, by the half of tests/golden_facts.jsonl that rules were made on; the labelled sentences
# hold all about equally. A sentence counts as often as its answer comes: else what is rare would be seen everywhere.
TOLD = {
    "status": dict(zip(STATUSES, (0.07, 0.03, 0.11, 0.08, 0.08, 0.51, 0.01, 0.02, 0.02, 0.06), strict=True)),
    "action": dict(zip(ACTIONS, (0.53, 0.06, 0.16, 0.13, 0.05, 0.06, 0.01), strict=True)),
}
# Actions in which the model was better on sentences, but in whole articles it spoilt three facts and mended none.
RULES_KEEP = ("impose", "keep")
_READ_ON = date(2026, 3, 1)  # about when the sentences are told

Matrix = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled sentence, what the rules say of it, and whether they find a part that tells of a measure in it."""

    text: str
    kind: str
    status: str
    action: str
    said: Firmness
    told: Clause
    sentence: Clause
    telling: bool


def load_sentences(file: Path) -> list[dict[str, str]]:
    """Rows with text, kind, status and action. Raises ConfigError that names file and line."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}", hint="check the path") from error
    return [_row(line, f"{file}:{n}") for n, line in enumerate(lines, 1)]


def _row(line: str, where: str) -> dict[str, str]:
    hint = 'a sentence has "text", "kind", "status" and "action"'
    try:
        row = json.loads(line)
        found = {name: row[name] for name in ("text", "kind", "status", "action")}
        known = found["status"] in STATUSES and found["action"] in ACTIONS
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"is no labelled sentence ({type(error).__name__}: {error})", where=where, hint=hint
        ) from error
    if not known:
        raise ConfigError(f"has a status or action that is none: {found['status']}, {found['action']}", where=where)
    return found


def examples(rows: Sequence[dict[str, str]], readings: Sequence[Reading], vocabulary: Vocabulary) -> list[Example]:
    return [Example(**(row | _told(reading, vocabulary))) for row, reading in zip(rows, readings, strict=True)]


def _told(reading: Reading, vocabulary: Vocabulary) -> dict[str, Any]:
    """The first part that tells of a measure, as facts are found; else the longest sentence."""
    index, heard = index_reading(reading), list[tuple[Firmness, Clause, Clause]]()

    def hear(said: Firmness, told: Clause, sentence: Clause) -> Firmness:
        heard.append((said, told, sentence))
        return said

    find_facts(reading, index, vocabulary, _READ_ON, hear)
    if heard:
        return dict(zip(("said", "told", "sentence"), heard[0], strict=True)) | {"telling": True}
    whole = max(find_sentences(reading, index, vocabulary), key=lambda clause: clause.end - clause.start)
    anchor = next(iter(whole.of("instruments")), None)
    said = find_firmness(whole, (whole, whole), (None, None), anchor, _READ_ON)
    return {"said": said, "told": whole, "sentence": whole, "telling": False}


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights (n, 17) of `keys`, and the bias."""

    keys: npt.NDArray[np.uint32]
    weights: Matrix
    bias: Matrix


@dataclass(frozen=True, slots=True)
class Signs:
    """An example in numbers: of its words, and of what the rules say."""

    words: npt.NDArray[np.uint32]
    rules: npt.NDArray[np.uint32]


def numbered(example: Example) -> Signs:
    return Signs(keys(grams(example.sentence)), keys(signs(example.said, example.told, example.sentence)))


def fit(found: Sequence[Example], numbers: Sequence[Signs]) -> Fitted:
    """Two multinomial logistic regressions, by accelerated gradients on the kernel: there are fewer sentences than words."""
    known = _known(found, numbers)
    x = features(numbers, known)
    kernel = (x @ x.T).astype(np.float64)
    columns = [_multinomial(kernel, _wanted(found, what), len(names)) for what, names in ANSWERS.items()]
    duals, bias = np.hstack([dual for dual, _ in columns]), np.hstack([bias for _, bias in columns])
    return Fitted(known, x.T @ duals, bias)


def _known(found: Sequence[Example], numbers: Sequence[Signs]) -> npt.NDArray[np.uint32]:
    kinds = defaultdict(set)
    for example, number in zip(found, numbers, strict=True):
        for key in (*number.words.tolist(), *number.rules.tolist()):
            kinds[key].add(example.kind)
    return np.array(sorted(key for key, of in kinds.items() if len(of) >= LEAST_KINDS), np.uint32)


def features(numbers: Sequence[Signs], known: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    """(examples, n), as LearntFirmness weighs them."""
    x = np.zeros((len(numbers), len(known)), np.float32)
    for row, number in zip(x, numbers, strict=True):
        words = np.flatnonzero(np.isin(known, number.words))
        row[words] = WORDS / max(1, len(words)) ** 0.5
        row[np.isin(known, number.rules)] += 1
    return x


def _wanted(found: Sequence[Example], what: str) -> Counts:
    return np.array([ANSWERS[what].index(getattr(example, what)) for example in found], np.int64)


def _multinomial(kernel: Matrix, wanted: Counts, names: int) -> tuple[Matrix, Matrix]:
    """Duals (examples, names) and bias (names,)."""
    count = len(kernel)
    hot = np.eye(names)[wanted]
    bias = np.log(hot.mean(axis=0) + 1e-3)  # what was never seen stays possible
    ahead = duals = np.zeros((count, names))
    step = 1 / (np.abs(kernel).sum(axis=1).max() / 2 + RIDGE)
    for n in range(ROUNDS):
        slope = softmax(kernel @ ahead + bias) - hot + RIDGE * ahead
        after = ahead - step * slope
        ahead, duals = after + n / (n + 3) * (after - duals), after
    return duals, bias


def softmax(logits: Matrix) -> Matrix:
    chance: Matrix = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Matrix = chance / chance.sum(axis=1, keepdims=True)
    return shares


def predict(fitted: Fitted, numbers: Sequence[Signs]) -> dict[str, Matrix]:
    """Probabilities, (examples, names) for status and action."""
    logits = features(numbers, fitted.keys) @ fitted.weights + fitted.bias
    parted = np.split(logits, [len(STATUSES)], axis=1)
    return {what: softmax(part) for what, part in zip(ANSWERS, parted, strict=True)}


def held_out(found: Sequence[Example], numbers: Sequence[Signs], parted: Sequence[Sequence[int]]) -> dict[str, Matrix]:
    """Each example's probabilities, by a model that has seen none of its kind."""
    out = {what: np.zeros((len(found), len(names))) for what, names in ANSWERS.items()}
    for held in parted:
        rest = [n for n in range(len(found)) if n not in set(held)]
        fitted = fit([found[n] for n in rest], [numbers[n] for n in rest])
        for what, chance in predict(fitted, [numbers[n] for n in held]).items():
            out[what][list(held)] = chance
    return out


@dataclass(frozen=True, slots=True)
class Answers:
    """For status or action: what is right, what the rules say, in which case that is, and what the model says."""

    wanted: Counts
    ruled: Counts
    cases: npt.NDArray[np.str_]
    chance: Matrix
    counts: Matrix  # how often each example counts

    def of(self, chosen: Sequence[int]) -> "Answers":
        at = list(chosen)
        return Answers(self.wanted[at], self.ruled[at], self.cases[at], self.chance[at], self.counts[at])

    def with_cuts(self, cuts: dict[str, float]) -> Counts:
        """The rules' answers, and the model's where it is sure enough."""
        needed = np.array([cuts.get(name, NEVER) for name in self.cases.tolist()])
        return np.where(self.chance.max(axis=1) >= needed, self.chance.argmax(axis=1), self.ruled)


def answers(found: Sequence[Example], what: str, chance: Matrix) -> Answers:
    names = ANSWERS[what]
    ruled = np.array([names.index(getattr(example.said, what)) for example in found], np.int64)
    wanted = _wanted(found, what)
    shares = np.bincount(wanted, minlength=len(names)) / len(found)
    counts = np.array([TOLD[what][name] for name in names])[wanted] / shares[wanted]
    return Answers(wanted, ruled, np.array([case(what, example.said) for example in found]), chance, counts)


def choose(told: Answers) -> dict[str, float]:
    """The cut of each case in which the model is better than the rules by more than chance would have it."""
    return {name: cut for name in sorted({*told.cases.tolist()} - {*RULES_KEEP}) if (cut := _cut(told, name)) < NEVER}


def _cut(told: Answers, name: str) -> float:
    here = told.of(np.flatnonzero(told.cases == name).tolist())
    best, chosen = 0.0, NEVER
    for cut in CUTS:
        gains = _gains(here, here.with_cuts({name: cut}))
        gain, error = float(gains.sum()), float((gains**2).sum() ** 0.5)
        if gain > best and gain > 2 * error:
            best, chosen = gain, cut
    return chosen


def _gains(told: Answers, said: Counts) -> Matrix:
    """What `said` has right and the rules wrong, less what it has wrong and they right; each as often as it counts."""
    right: Matrix = (said == told.wanted).astype(float) - (told.ruled == told.wanted)
    return right * told.counts


def combined(told: Answers, parted: Sequence[Sequence[int]], usable: Counts) -> Counts:
    """The answers of both together, each fold with the cuts that the others chose; `usable` are those to choose by."""
    out = told.ruled.copy()
    for held in parted:
        rest = np.setdiff1d(usable, np.array(held))
        out[list(held)] = told.of(list(held)).with_cuts(choose(told.of(rest.tolist())))
    return out


def proven(told: Answers, both: Counts, usable: Counts) -> dict[str, float]:
    """The cuts of the cases in which the folds' own choices, too, were better than the rules."""
    gains, cases = _gains(told, both)[usable], told.cases[usable]
    return {name: cut for name, cut in choose(told.of(usable.tolist())).items() if gains[cases == name].sum() > 0}


def run(found: Sequence[Example], folder: Path) -> dict[str, Any]:
    """Writes firmness.npz and metrics.json; returns the metrics."""
    numbers = [numbered(example) for example in found]
    parted = folds([Item("", "", "", example.kind, ()) for example in found], FOLDS)
    chance = held_out(found, numbers, parted)
    telling = np.flatnonzero([example.telling for example in found])
    told = {what: answers(found, what, chance[what]) for what in ANSWERS}
    both = {what: combined(told[what], parted, telling) for what in ANSWERS}
    cuts = {what: proven(told[what], both[what], telling) for what in ANSWERS}
    _write(
        fit(found, numbers), {f"{what}: {name}": cut for what in ANSWERS for name, cut in cuts[what].items()}, folder
    )
    metrics = {
        "sentences": len(found),
        "kinds": len({example.kind for example in found}),
        "folds": FOLDS,
        "held_out": {name: _right(told, both, part) for name, part in shapes(found).items()},
        "cases": {what: _cases(told[what], both[what], cuts[what], telling) for what in ANSWERS},
        "sha256": hashlib.sha256((folder / FILE).read_bytes()).hexdigest(),
    }
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")
    return metrics


def shapes(found: Sequence[Example]) -> dict[str, Counts]:
    short = np.array([len(example.text) < HEADLINE for example in found])
    telling = np.array([example.telling for example in found])
    parts = {"all": short | ~short, "telling": telling, "headlines": short, "long": ~short}
    return {name: np.flatnonzero(part) for name, part in parts.items()}


def _right(told: dict[str, Answers], both: dict[str, Counts], part: Counts) -> dict[str, Any]:
    out: dict[str, Any] = {"sentences": len(part)}
    for what, here in told.items():
        said = {"rules": here.ruled, "model": here.chance.argmax(axis=1), "both": both[what]}
        out[what] = {name: _share(row[part] == here.wanted[part]) for name, row in said.items()}
    return out


def _cases(told: Answers, both: Counts, cuts: dict[str, float], telling: Counts) -> dict[str, Any]:
    """Of each answer of the rules: how often it comes, who is right how often, and from when the model decides."""
    out = {}
    for name in sorted(set(told.cases[telling].tolist())):
        at = telling[told.cases[telling] == name]
        said = {"rules": told.ruled, "model": told.chance.argmax(axis=1), "both": both}
        shares = {who: _share(row[at] == told.wanted[at]) for who, row in said.items()}
        out[name] = {"sentences": len(at), **shares, "model_from": cuts.get(name)}
    return out


def _share(right: npt.NDArray[np.bool_]) -> float:
    return round(float(right.mean()), 4) if len(right) else 0.0


def _write(fitted: Fitted, cuts: dict[str, float], folder: Path) -> None:
    weights = fitted.weights.astype(np.float16)
    names, values = np.array(list(cuts), np.str_), np.array(list(cuts.values()))
    np.savez_compressed(folder / FILE, keys=fitted.keys, weights=weights, bias=fitted.bias, cases=names, cuts=values)
