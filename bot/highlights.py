"""Highlights: the places of a text that spoke — its facts, words of watchlists that fired, sectors — and the text cut at them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.examination import Read

FACT, WORD, SECTOR = "fact", "word", "sector"
PLACES = 20  # of one label: a word that stands everywhere says no more each time


@dataclass(frozen=True, slots=True)
class Highlight:
    """Offsets in `Article.whole`. `label` is "fact 1", a watchlist's name or a sector; `first`: it stands nowhere before."""

    start: int
    end: int
    kind: str
    label: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text over which the same highlights lie; none for what said nothing."""

    text: str
    highlights: tuple[Highlight, ...] = ()
    begun: tuple[Highlight, ...] = ()  # those that begin with it, whose labels were not shown before

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.kind for one in self.highlights))

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.label for one in self.highlights))


def highlights(read: Read) -> tuple[Highlight, ...]:
    """In order of the text, the first places of each label; facts are numbered as the analysis has them."""
    analysis = read.analysis
    found = [
        *(Highlight(fact.start, fact.end, FACT, f"fact {number}") for number, fact in enumerate(analysis.facts, 1)),
        *(Highlight(hit.start, hit.end, WORD, name) for name, verdict in read.verdicts for hit in verdict.hits()),
        *(Highlight(m.start, m.end, SECTOR, m.name.replace("_", " ")) for m in analysis.sectors),
    ]
    return tuple(_with_firsts(sorted(found, key=lambda one: (one.start, -one.end))))


def _with_firsts(found: Iterable[Highlight]) -> Iterator[Highlight]:
    seen = Counter[tuple[str, str]]()
    for one in found:
        seen[one.kind, one.label] += 1
        if (times := seen[one.kind, one.label]) <= PLACES:
            yield replace(one, first=times == 1)


def pieces(text: str, found: Iterable[Highlight], start: int = 0, end: int | None = None) -> tuple[Piece, ...]:
    """`text[start:end]`, cut wherever a highlight begins or ends, so that none overlaps another: joined, they are the text."""
    end = len(text) if end is None else min(end, len(text))
    over = [one for one in found if one.start < one.end and one.start < end and one.end > start]
    places = {start, end, *(max(start, one.start) for one in over), *(min(end, one.end) for one in over)}
    return tuple(_cut(text, over, sorted(places)))


def _cut(text: str, over: Iterable[Highlight], places: list[int]) -> Iterator[Piece]:
    waiting = sorted(over, key=lambda one: one.start, reverse=True)
    lying: list[Highlight] = []
    for start, end in pairwise(places):
        lying = [one for one in lying if one.end > start]
        while waiting and waiting[-1].start <= start:
            lying.append(waiting.pop())
        begun = tuple(one for one in lying if one.first and one.start == start)
        yield Piece(text[start:end], tuple(lying), begun)
