"""How far what a desk's watchlists find agrees with readers' labels of relevance: the set beside the classifier alone, then
each watchlist — what it finds, what no other finds, what of it the classifier does not."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import ConfigError
from bot.evaluation import RESAMPLES, SEED, Case, Figure, confusion, figure, prf
from bot.examination import Read

LABEL = "relevant"
MEASURES = ("precision", "recall", "f1")


@dataclass(frozen=True, slots=True)
class Told:
    """One item: what readers said, the classifier, and which watchlists fired."""

    id: str
    title: str
    wanted: bool
    score: float
    said: bool
    fired: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """With the labels: of the set, or of the classifier."""

    tp: int
    fp: int
    fn: int
    precision: Figure
    recall: Figure
    f1: Figure


@dataclass(frozen=True, slots=True)
class Share:
    """What one watchlist finds. `alone` is found by no other; `beyond` the classifier calls not relevant."""

    name: str
    hits: int
    right: int
    wrong: int
    alone_right: int
    alone_wrong: int
    beyond_right: int
    beyond_wrong: int


@dataclass(frozen=True, slots=True)
class Differing:
    """An item on which set and classifier differ. `watchlists` found it, none where it is lost."""

    id: str
    title: str
    wanted: bool
    score: float
    watchlists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetResult:
    items: int
    set: Agreement
    classifier: Agreement
    difference: Mapping[str, Figure]  # set less classifier, over the same samples
    watchlists: tuple[Share, ...]
    lost: tuple[Differing, ...]  # that the classifier calls relevant and no watchlist finds
    beyond: tuple[Differing, ...]


def told(rows: Sequence[Mapping[str, Any]], reads: Iterable[Read]) -> list[Told]:
    """The items with a label. Raises ConfigError where there are none."""
    found = [_told(row, read) for row, read in zip(rows, reads, strict=True) if row["labels"].get(LABEL) in (0, 1)]
    if not found:
        raise ConfigError(f"no item has the label {LABEL}", hint='label items as {"relevant": 1} or 0')
    return found


def _told(row: Mapping[str, Any], read: Read) -> Told:
    scores = read.analysis.scores
    fired = tuple(why.watchlist for why in read.analysis.why)
    wanted = bool(row["labels"][LABEL])
    return Told(str(row.get("id", "")), row["title"], wanted, scores.scores[LABEL], scores.labels[LABEL], fired)


def evaluate_set(items: Sequence[Told], names: Sequence[str]) -> SetResult:
    """`names` are those of the watchlists, in their order."""
    pairs = [(_case(item, bool(item.fired)), _case(item, item.said)) for item in items]
    chance = random.Random(SEED)
    draws = [chance.choices(pairs, k=len(pairs)) for _ in range(RESAMPLES)]
    sampled = [(prf([ours for ours, _ in draw]), prf([theirs for _, theirs in draw])) for draw in draws]
    ours, theirs = ([pair[n] for pair in pairs] for n in (0, 1))
    gaps = [tuple(a - b for a, b in zip(*pair, strict=True)) for pair in (*sampled, (prf(ours), prf(theirs)))]
    return SetResult(
        len(items),
        _agreement(ours, [sample for sample, _ in sampled]),
        _agreement(theirs, [sample for _, sample in sampled]),
        {name: figure(gaps[-1][n], [gap[n] for gap in gaps[:-1]]) for n, name in enumerate(MEASURES)},
        tuple(_share(name, items) for name in names),
        _differing(item for item in items if item.said and not item.fired),
        _differing(item for item in items if item.fired and not item.said),
    )


def _case(item: Told, said: bool) -> Case:
    return Case(item.id, item.title, item.wanted, item.score, said)


def _agreement(cases: Sequence[Case], sampled: Sequence[tuple[float, float, float]]) -> Agreement:
    tp, fp, fn, _ = confusion(cases)
    figures = [figure(value, [sample[n] for sample in sampled]) for n, value in enumerate(prf(cases))]
    return Agreement(tp, fp, fn, figures[0], figures[1], figures[2])


def _share(name: str, items: Sequence[Told]) -> Share:
    hits = [item for item in items if name in item.fired]
    groups = (hits, [item for item in hits if len(item.fired) == 1], [item for item in hits if not item.said])
    counts = [n for group in groups for n in (sum(i.wanted for i in group), sum(not i.wanted for i in group))]
    return Share(name, len(hits), *counts)


def _differing(items: Iterable[Told]) -> tuple[Differing, ...]:
    """The surest first."""
    found = [Differing(item.id, item.title, item.wanted, item.score, item.fired) for item in items]
    return tuple(sorted(found, key=lambda item: -item.score))


def as_text(model: str, result: SetResult) -> str:
    """The set beside the classifier, a line for each watchlist, then every item on which set and classifier differ."""
    head = f"{result.items} items, model {model}, 95 % intervals by {RESAMPLES} bootstrap samples"
    heading = f"{'':18} {'precision':22} {'recall':22} {'F1':22}   tp   fp   fn"
    rows = [_agreement_line("all watchlists", result.set), _agreement_line("the model alone", result.classifier)]
    gap = " ".join(_told_figure(result.difference[name], "+.3f").ljust(22) for name in MEASURES)
    table = [heading, *rows, f"{'difference':18} {gap}".rstrip(), "", _HEADING, *map(_line, result.watchlists)]
    lost = _differing_lines("lost: the model calls them relevant, and no watchlist finds them", result.lost)
    beyond = _differing_lines("beyond: found, though the model calls them not relevant", result.beyond)
    return "\n".join([head, "", *table, *lost, *beyond])


_HEADING = f"{'watchlist':24} {'hits':>5} {'right':>5} {'wrong':>5}   no other finds: right wrong   beyond the model: right wrong"


def _line(share: Share) -> str:
    alone, beyond = (share.alone_right, share.alone_wrong), (share.beyond_right, share.beyond_wrong)
    counts = f"{share.hits:5} {share.right:5} {share.wrong:5}"
    return f"{share.name:24} {counts}   {'':15} {alone[0]:5} {alone[1]:5}   {'':17} {beyond[0]:5} {beyond[1]:5}"


def _agreement_line(name: str, found: Agreement) -> str:
    figures = " ".join(_told_figure(f, ".3f").ljust(22) for f in (found.precision, found.recall, found.f1))
    return f"{name:18} {figures} {found.tp:4} {found.fp:4} {found.fn:4}"


def _told_figure(found: Figure, shape: str) -> str:
    between = "–" if shape == ".3f" else " … "
    return f"{found.value:{shape}} ({found.low:{shape}}{between}{found.high:{shape}})"


def _differing_lines(heading: str, items: Sequence[Differing]) -> list[str]:
    lines = [
        f"    {'right' if item.wanted else 'wrong'}  {item.score:.2f}  {item.id}  {item.title[:80]}"
        f"{'  [' + ', '.join(item.watchlists) + ']' if item.watchlists else ''}"
        for item in items
    ]
    return ["", f"{heading}:", *lines] if lines else []
