"""Profiles: what the articles of a story name, counted together, to weigh another article against."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from bot.gists import Gist
from bot.matters import PROCEEDINGS
from bot.members import Member
from bot.rarity import COUNTRY, RATE, SAME, named, weighed

ROOM = 256  # profiles that are kept besides those of the open stories
LATEST = 3  # members whose nearness counts by itself: where a story has got to


@dataclass(frozen=True, slots=True)
class Profile:
    """Of one member or of many. What is `core` is told by a good part of them."""

    size: int
    weights: dict[str, float]  # of all that is named, by how rare it is
    words: frozenset[str]  # the same, without weights
    vector: dict[str, float]  # the sum of the members'
    length: float  # of it
    last: tuple[Member, ...]
    core: frozenset[str]  # what a third of the members name
    headline: frozenset[str]  # words of titles
    goods: frozenset[str]
    headline_goods: frozenset[str]
    core_goods: frozenset[str]
    rates: frozenset[str]
    headline_rates: frozenset[str]
    countries: frozenset[str]  # third ones, in headlines
    core_countries: frozenset[str]  # of half of them
    matters: frozenset[str]
    core_matters: frozenset[str]
    lead_matters: frozenset[str]  # of the core
    subjects: frozenset[str]  # of a third of the headlines that tell one
    cases: frozenset[str]  # proceedings that most of them are about
    facts: tuple[Gist, ...]
    dates: tuple[datetime, ...]
    several: bool
    runs: frozenset[int]  # of all texts, to find copies by

    @property
    def latest(self) -> tuple[dict[str, float], ...]:
        """Vectors of the last members: made when they are asked for, as few stories are weighed so closely."""
        return tuple(weighed(m.words, frozenset(m.headline_words)) for m in self.last)


def profile(members: tuple[Member, ...]) -> Profile:
    """Kept, because a story is compared with every article that comes."""
    return KEPT.of(members)


def profiles(stories: Sequence[tuple[Member, ...]]) -> list[Profile]:
    """Those of all stories that an article is weighed against, each kept."""
    KEPT.room = ROOM + 2 * len(stories)
    return [KEPT.of(members) for members in stories]


class _Kept:
    """By members that are the very same object: to compare what they hold would take longer than to count it anew. There is
    room for twice as many as are open, or each article would have all of them counted anew; what came first goes first."""

    def __init__(self) -> None:
        self.room = ROOM
        self._known: dict[
            int, tuple[tuple[Member, ...], Profile]
        ] = {}  # with the members, so that no other has their id

    def __len__(self) -> int:
        return len(self._known)

    def of(self, members: tuple[Member, ...]) -> Profile:
        if known := self._known.get(id(members)):
            return known[1]
        found = counted(members)
        self._known[id(members)] = members, found
        for first in list(islice(self._known, max(0, len(self._known) - self.room))):
            self._known.pop(first, None)
        return found


KEPT = _Kept()


def counted(members: tuple[Member, ...]) -> Profile:
    """The same, not kept: of members that are looked at once."""
    size = len(members)
    vectors = [weighed(m.words, frozenset(m.headline_words)) for m in members]
    total = _sum(vectors)
    goods, headline_goods = _count(m.goods for m in members), _count(m.headline_goods for m in members)
    about, lead = _count(m.matters for m in members), _count(m.lead_matters for m in members)
    weights = named(word for m in members for word in m.words)
    headline = [word for m in members for word in m.headline_words]
    return Profile(
        size,
        weights,
        frozenset(weights),
        total,
        sum(value * value for value in total.values()) ** 0.5 or 1.0,
        members[-LATEST:],
        _by(_count(vectors), size, 3),
        frozenset(SAME.get(word, word) for word in headline),
        frozenset(goods),
        frozenset(headline_goods),
        _by(headline_goods, size, 3) or _by(goods, size, 2),
        frozenset(RATE + figure for figure in _count(m.figures for m in members) if figure.endswith("%")),
        frozenset(word for word in headline if word[0] == RATE),
        frozenset(word for word in headline if word[0] == COUNTRY),
        _by(_count(filter(_is_country, m.headline_words) for m in members), size, 2),
        frozenset(about),
        _by(about, size, 3),
        _by(lead, size, 2),
        _by(_count(m.subjects for m in members), sum(bool(m.subjects) for m in members), 3),
        frozenset(name for name in PROCEEDINGS if lead[name] * 2 > size),
        tuple(fact for m in members for fact in m.facts),
        tuple(m.published for m in members),
        any(m.several for m in members),
        frozenset(run for m in members for run in m.sketch),
    )


def _is_country(word: str) -> bool:
    return word[0] == COUNTRY


def _sum(vectors: Iterable[dict[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for vector in vectors:
        for name, value in vector.items():
            total[name] = total.get(name, 0.0) + value
    return total


def _count(kinds: Iterable[Iterable[str]]) -> Counter[str]:
    return Counter(name for of_one in kinds for name in of_one)


def _by(counted: Counter[str], size: int, share: int) -> frozenset[str]:
    """What one in `share` members tells."""
    return frozenset(name for name, count in counted.items() if count * share >= size)
