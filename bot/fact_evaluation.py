"""Evaluation of facts: how far what is found agrees with what readers found — precision, recall, status, action, noise.

A fact is found when imposer, rate and the set of targets agree, one for one; status and action are measured among the found.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import ConfigError
from bot.evaluation import RESAMPLES, SEED, Figure, figure, labelled_item

Record = Mapping[str, Any]  # a fact as `analyze` writes it
FIGURES = ("precision", "recall", "f1", "status", "action", "noise")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was wanted of one item, and what was found: pairs of both, facts nobody wants, facts that are missed."""

    id: str
    title: str
    kind: str
    right: tuple[tuple[Record, Record], ...]
    wrong: tuple[Record, ...]
    missed: tuple[Record, ...]

    @property
    def is_empty(self) -> bool:
        """Whether readers found no fact in it."""
        return not self.right and not self.missed


@dataclass(frozen=True, slots=True)
class Share:
    """The facts of one status, or of one kind of item: how many are wanted, found, and found with their status."""

    name: str
    wanted: int
    found: int
    status: int
    wrong: int


@dataclass(frozen=True, slots=True)
class FactError:
    """One line of what went wrong: "missed", "wrong", or the status and action that were found instead."""

    id: str
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class FactResult:
    items: int
    tp: int
    fp: int
    fn: int
    empty: int  # items without a fact
    noisy: int  # those of them that got one
    figures: dict[str, Figure]  # by FIGURES
    statuses: tuple[Share, ...]
    kinds: tuple[Share, ...]
    errors: tuple[FactError, ...]  # the items with most errors first


def read_items(lines: Iterable[str], file: str) -> list[dict[str, Any]]:
    """The items of JSON lines, each with "title", "text" and "facts". Raises ConfigError that names file and line."""
    items = [_item(line, f"{file}:{n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not items:
        raise ConfigError("holds no item to measure", where=file, hint='each line needs a "title" and "facts"')
    return items


def _item(line: str, where: str) -> dict[str, Any]:
    item = labelled_item(
        line, where, "facts", list, 'it needs "title" and "text" as text, and "facts" as a list of facts'
    )
    if not item["title"].strip():
        raise ConfigError("has no title", where=where, hint="write what the article is called")
    for n, fact in enumerate(item["facts"], 1):
        if not isinstance(fact, dict) or not _is_fact(fact):
            hint = '"imposer" is text or null, "rate" a number or null, "target" a list of texts'
            raise ConfigError(f"fact {n} cannot be compared", where=where, hint=hint)
    return item


def _is_fact(fact: Record) -> bool:
    rate, target = fact.get("rate"), fact.get("target")
    known = isinstance(fact.get("imposer") or "", str) and (rate is None or _is_number(rate))
    return known and isinstance(target or [], list) and all(isinstance(name, str) for name in target or ())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def compared(item: Mapping[str, Any], found: Sequence[Record]) -> Reading:
    """Each fact found with the first wanted one that it is."""
    left = list(item["facts"])
    right: list[tuple[Record, Record]] = []
    wrong: list[Record] = []
    for fact in found:
        want = next((want for want in left if identity(want) == identity(fact)), None)
        if want is None:
            wrong.append(fact)
        else:
            left.remove(want)
            right.append((want, fact))
    name = str(item.get("id", ""))
    return Reading(name, item["title"], str(item.get("kind") or ""), tuple(right), tuple(wrong), tuple(left))


def identity(fact: Record) -> tuple[str, float | None, tuple[str, ...]]:
    rate = fact.get("rate")
    return fact.get("imposer") or "", None if rate is None else round(float(rate), 2), _targets(fact)


def _targets(fact: Record) -> tuple[str, ...]:
    return tuple(sorted(fact.get("target") or ()))


def action(fact: Record) -> str:
    """A duty that is removed and one that is cut to nothing are the same."""
    return "cut" if fact.get("action") == "remove" and not fact.get("rate") else fact.get("action") or ""


def evaluate_facts(readings: Sequence[Reading], *, worst: int = 10) -> FactResult:
    """Raises ValueError for no items: there is nothing to say of an empty set."""
    if not readings:
        raise ValueError("there is no item to measure")
    counts = [_counted(reading) for reading in readings]
    chance = random.Random(SEED)
    draws = [_figures(_sum(chance.choices(counts, k=len(counts)))) for _ in range(RESAMPLES)]
    total = _sum(counts)
    values = zip(_figures(total), zip(*draws, strict=True), strict=True)
    tp, fp, fn, _, _, empty, noisy = total
    return FactResult(
        items=len(readings),
        tp=tp,
        fp=fp,
        fn=fn,
        empty=empty,
        noisy=noisy,
        figures={name: figure(value, drawn) for name, (value, drawn) in zip(FIGURES, values, strict=True)},
        statuses=_by_status(readings),
        kinds=_by_kind(readings),
        errors=tuple(_errors(readings))[:worst],
    )


Counts = tuple[
    int, ...
]  # right, wrong, missed, with the right status, with the right action, items without a fact, noisy ones


def _counted(reading: Reading) -> Counts:
    status = sum(_has_status(*pair) for pair in reading.right)
    done = sum(action(want) == action(fact) for want, fact in reading.right)
    noisy = reading.is_empty and bool(reading.wrong)
    return len(reading.right), len(reading.wrong), len(reading.missed), status, done, int(reading.is_empty), int(noisy)


def _has_status(want: Record, fact: Record) -> bool:
    return want.get("status") == fact.get("status")


def _sum(counts: Sequence[Counts]) -> Counts:
    return tuple(map(sum, zip(*counts, strict=True)))


def _figures(counts: Counts) -> tuple[float, ...]:
    """Precision, recall, F1, status, action, noise; 0 where undefined."""
    tp, fp, fn, status, done, empty, noisy = counts
    return (
        tp / max(tp + fp, 1),
        tp / max(tp + fn, 1),
        2 * tp / max(2 * tp + fp + fn, 1),
        status / max(tp, 1),
        done / max(tp, 1),
        noisy / max(empty, 1),
    )


def _by_status(readings: Sequence[Reading]) -> tuple[Share, ...]:
    pairs = [pair for reading in readings for pair in reading.right]
    found = Counter(str(want.get("status")) for want, _ in pairs)
    right = Counter(str(want.get("status")) for want, fact in pairs if _has_status(want, fact))
    missed = Counter(str(want.get("status")) for reading in readings for want in reading.missed)
    wrong = Counter(str(fact.get("status")) for reading in readings for fact in reading.wrong)
    names = sorted({*found, *missed, *wrong})
    return tuple(Share(name, found[name] + missed[name], found[name], right[name], wrong[name]) for name in names)


def _by_kind(readings: Sequence[Reading]) -> tuple[Share, ...]:
    kinds = sorted({reading.kind for reading in readings if reading.kind})
    return tuple(_share(kind, [r for r in readings if r.kind == kind]) for kind in kinds)


def _share(name: str, readings: Sequence[Reading]) -> Share:
    tp, fp, fn, status, *_ = _sum([_counted(reading) for reading in readings])
    return Share(name, tp + fn, tp, status, fp)


def _errors(readings: Sequence[Reading]) -> list[FactError]:
    lines = [(reading, list(_wrongs(reading))) for reading in readings]
    lines.sort(key=lambda pair: -len(pair[1]))  # stable: else in the order of the file
    return [FactError(reading.id, reading.title, words) for reading, wrongs in lines for words in wrongs]


def _wrongs(reading: Reading) -> Iterable[str]:
    yield from (f"missed  {in_words(want)}" for want in reading.missed)
    yield from (f"wrong   {in_words(fact)}" for fact in reading.wrong)
    for want, fact in reading.right:
        if not _has_status(want, fact) or action(want) != action(fact):
            yield f"is      {in_words(want)}, read as {fact.get('status')} {fact.get('action')}"


def in_words(fact: Record) -> str:
    """ "US → IN 25 % announced impose" """
    rate = "" if fact.get("rate") is None else f" {fact['rate']:g} %"
    hit = ", ".join(_targets(fact)) or "?"
    return f"{fact.get('imposer') or '?'} → {hit}{rate} {fact.get('status')} {fact.get('action')}"


def as_text(result: FactResult) -> str:
    """The figures, the shares of each status and kind, then the worst errors."""
    head = f"{result.items} items, {result.tp + result.fn} facts, 95 % intervals by {RESAMPLES} bootstrap samples"
    figures = [f"{name:10} {f.value:.3f} ({f.low:.3f}–{f.high:.3f})" for name, f in result.figures.items()]
    noise = f"{result.noisy} of {result.empty} items without a fact got one"
    counts = f"found {result.tp}, wrong {result.fp}, missed {result.fn}; {noise}"
    errors = [f"    {e.words}  {e.id}  {e.title[:80]}" for e in result.errors]
    tables = [*_table("status", result.statuses), *_table("kind", result.kinds)]
    return "\n".join([head, "", *figures, counts, *tables, *(["", "worst errors:", *errors] if errors else [])])


def _table(what: str, shares: Sequence[Share]) -> list[str]:
    rows = [f"{s.name:26} {s.wanted:6} {s.found:6} {s.status:11} {s.wrong:6}" for s in shares]
    return ["", f"{what:26} {'wanted':>6} {'found':>6} {'with status':>11} {'wrong':>6}", *rows] if rows else []
