"""Verdicts: what each part of a query said of an article, and what would have had to be otherwise for it to fire."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.vocabulary import Hit, fold

ALL_OF, ANY_OF, NOT = "all of", "any of", "NOT"
_MOST_KEPT = 5  # places of one part that a store keeps
_ABSENT = 3.0  # how far a change is from the article, where its maker does not say


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one part of a query said of an article. After a miss `missing` tells what would have been needed, `change` how the
    part would have to be written to fire, and `cost` how far that is."""

    label: str
    fired: bool
    spans: tuple[Hit, ...] = ()  # offsets in Article.whole
    score: float | None = None  # the model's, where that decided
    children: tuple["Verdict", ...] = ()
    missing: str = ""
    told: str = ""  # the fact that decided, in words; `spans` is then its sentence
    change: str = ""
    cost: float = _ABSENT

    def hits(self) -> tuple[Hit, ...]:
        """The places of the text that made it fire, in order; without the sentences of facts."""
        found = (hit for part in _deciding(self) if not part.told for hit in part.spans)
        return tuple(sorted(found, key=lambda hit: hit.start))

    def words(self) -> tuple[str, ...]:
        """The words of the text that made it fire, each once, in the order of the text."""
        words: dict[str, str] = {}
        for hit in self.hits():
            words.setdefault(fold(hit.text), hit.text)
        return tuple(words.values())

    def grounds(self) -> tuple[str, ...]:
        """The scores and facts that made it fire, each once."""
        said = (part.told or (_scored(part) if part.score is not None else "") for part in _deciding(self))
        return tuple(dict.fromkeys(words for words in said if words))


@dataclass(frozen=True, slots=True)
class Branch:
    """A verdict as people are shown it: a part of the query, whether it fired, and why, or what it would have needed."""

    label: str
    fired: bool
    reason: str
    branches: tuple["Branch", ...]

    @property
    def words(self) -> str:
        """ "tariff — “tariff”" """
        return f"{self.label}{' — ' if self.reason else ''}{self.reason}"


def tree(verdict: Verdict, *, wanted: bool = True) -> Branch:
    branches = (tree(child, wanted=wanted != (verdict.label == NOT)) for child in verdict.children)
    return Branch(verdict.label, verdict.fired, _reason(verdict, wanted), tuple(branches))


def kept(verdict: Verdict) -> Verdict:
    """The verdict as a store keeps it: of each part the first few places."""
    children = tuple(map(kept, verdict.children))
    return replace(verdict, spans=verdict.spans[:_MOST_KEPT], children=children)


def fires_in(verdict: Verdict) -> int:
    """How many parts fired: of several misses the one with the most is the nearest."""
    return verdict.fired + sum(fires_in(child) for child in verdict.children)


def all_spans(verdict: Verdict) -> Iterator[Hit]:
    yield from verdict.spans
    for child in verdict.children:
        yield from all_spans(child)


def nearest_change(verdict: Verdict) -> str:
    """The least that would have made it fire, in the words of the language; "" where it did."""
    return " and ".join(dict.fromkeys(_repair(verdict, wanted=True)[1]))


def explain_verdict(verdict: Verdict) -> str:
    """The verdict as an indented tree, one line a part, ✔ before what fired and ✘ before what did not."""
    return "\n".join(_lines(tree(verdict), 0))


def quoted(hits: Iterable[Hit]) -> str:
    texts = list(dict.fromkeys(" ".join(hit.text.split()) for hit in hits))  # a pattern may match over ends of lines
    return ", ".join(f"“{text}”" for text in texts[:5]) + (f" and {len(texts) - 5} more" if len(texts) > 5 else "")


def _repair(verdict: Verdict, *, wanted: bool) -> tuple[float, tuple[str, ...]]:
    """How far it is from firing (or, not wanted, from not firing), and what would have to change."""
    if verdict.fired == wanted:
        return 0, ()
    if verdict.label == NOT:
        return _repair(verdict.children[0], wanted=not wanted)
    if verdict.label in (ALL_OF, ANY_OF):
        parts = [_repair(child, wanted=wanted) for child in verdict.children]
        if (verdict.label == ALL_OF) == wanted:
            return sum(cost for cost, _ in parts), tuple(change for _, changes in parts for change in changes)
        return min(parts, key=lambda part: part[0])
    if not wanted:
        return 1, (f"without NOT {verdict.label}",)
    if not verdict.change and verdict.children:
        return _repair(verdict.children[0], wanted=True)
    return verdict.cost, (verdict.change or verdict.label,)


def _lines(branch: Branch, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}{'✔' if branch.fired else '✘'} {branch.words}"
    for child in branch.branches:
        yield from _lines(child, depth + 1)


def _reason(verdict: Verdict, wanted: bool) -> str:
    if verdict.spans:
        return f"{verdict.told}: {quoted(verdict.spans)}" if verdict.told else quoted(verdict.spans)
    if verdict.fired or not wanted:  # below NOT a miss is as it should be: there is nothing to ask for
        return "" if verdict.score is None else f"{verdict.score:.2f}"
    return verdict.missing


def _deciding(verdict: Verdict) -> Iterator[Verdict]:
    """The parts that made it fire and have something to show for it."""
    if verdict.fired and verdict.label != NOT:
        if verdict.spans or verdict.score is not None:
            yield verdict
        for child in () if verdict.spans else verdict.children:  # NEAR's own spans are those of its children that met
            yield from _deciding(child)


def _scored(verdict: Verdict) -> str:
    """ "relevant 0.83" """
    return f"{verdict.label.partition('>=')[0].removeprefix('topic:')} {verdict.score:.2f}"
