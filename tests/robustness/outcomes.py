"""Outcomes: what the model did with each text of the suite, counted and laid out as a table."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.analysis import LABELS, Scores
from tests.robustness.directions import DIRECTIONS, Pair
from tests.robustness.items import Item, Text

Scored = Mapping[Text, Scores]
Tally = Mapping[str, Sequence["Outcome"]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`name` is a phenomenon, a transformation or a direction; `about` tells a reader which text and what was said."""

    name: str
    good: bool
    about: str


def decisions(items: Iterable[Item], scored: Scored) -> Iterator[Outcome]:
    """One outcome for each label of each item."""
    for item in items:
        found = scored[item.pair]
        for label in LABELS:
            good = found.labels[label] == item.labels[label]
            yield Outcome(item.phenomenon, good, f"{item.title}: {label} {found.scores[label]:.2f}")


def invariances(changed: Iterable[tuple[str, Item, Item]], scored: Scored) -> Iterator[Outcome]:
    """One outcome for each item and transformation: good when all four decisions stayed."""
    for name, item, other in changed:
        before, after = scored[item.pair].labels, scored[other.pair].labels
        turned = [label for label in LABELS if before[label] != after[label]]
        yield Outcome(name, not turned, f"{other.title}: {', '.join(turned)}")


def movements(pairs: Iterable[Pair], scored: Scored) -> Iterator[Outcome]:
    """One outcome for each pair: good when the score went the way of its direction."""
    for pair in pairs:
        direction = DIRECTIONS[pair.direction]
        before, after = (scored[text].scores[direction.label] for text in (pair.before, pair.after))
        yield Outcome(pair.direction, direction.holds(before, after), f"{pair.after[0]}: {before:.2f} to {after:.2f}")


def tally(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """The outcomes by name, in the order in which the names come."""
    found = defaultdict(list)
    for outcome in outcomes:
        found[outcome.name].append(outcome)
    return dict(found)


def rate(outcomes: Sequence[Outcome]) -> float:
    return sum(outcome.good for outcome in outcomes) / len(outcomes)


def table(found: Tally, floors: Mapping[str, float]) -> str:
    """A line for each name, the lowest rate first, and beneath each that is under its floor what went wrong."""
    lines = []
    for name, outcomes in sorted(found.items(), key=lambda pair: rate(pair[1])):
        low = rate(outcomes) < floors[name]
        lines.append(f"{name:40} {rate(outcomes):6.3f} of {len(outcomes):3}, floor {floors[name]:.2f}{' !' * low}")
        lines.extend(f"    {outcome.about}" for outcome in outcomes if low and not outcome.good)
    return "\n".join(lines)
