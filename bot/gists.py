"""Gists: the part of a fact that following compares, and which two of them are about one measure."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.facts import Fact
from bot.measures import ACROSS, FIXED


@dataclass(frozen=True, slots=True)
class Gist:
    """The part of a fact that following compares."""

    imposer: str
    target: tuple[str, ...]
    goods: tuple[str, ...]
    ground: str
    action: str
    status: str
    rate: float | None


def gists(facts: Iterable[Fact]) -> tuple[Gist, ...]:
    """Of what the article claims of today: neither background nor guesses."""
    claimed = (f for f in facts if not f.background and f.status != "speculated")
    return tuple(Gist(f.imposer, f.target, f.goods, f.ground, f.action, f.status, f.rate) for f in claimed)


def same_measure(one: Gist, other: Gist) -> bool:
    same = set(one.target) == set(other.target) and set(one.goods) == set(other.goods)
    return same and same_act(one, other) and (one.ground == other.ground or not (one.ground and other.ground))


def names_same(one: Gist, other: Gist) -> bool:
    """The same imposer, someone hit by both, and the same goods or the same ground."""
    goods = set(one.goods) & set(other.goods) - set(ACROSS)
    return _fits(one, other) and (bool(goods) or by_ground(one, other))


def _fits(one: Gist, other: Gist) -> bool:
    """The same imposer, and someone hit by both or nobody named; goods and ground do not speak against each other."""
    ours, theirs = set(one.goods) - set(ACROSS), set(other.goods) - set(ACROSS)
    open_goods = not (ours and theirs) or bool(ours & theirs)
    open_ground = one.ground == other.ground or not (one.ground and other.ground)
    hit = bool(set(one.target) & set(other.target)) or one.target == other.target
    return one.imposer == other.imposer != "" and hit and open_goods and open_ground


def by_rate(one: Gist, other: Gist) -> bool:
    return one.rate is not None and one.rate == other.rate and _fits(one, other)


def by_ground(one: Gist, other: Gist) -> bool:
    ours, theirs = set(one.goods) - set(ACROSS), set(other.goods) - set(ACROSS)
    return one.ground == other.ground != "" and _fits(one, other) and bool(ours) == bool(theirs)


def has_group(target: Iterable[str]) -> bool:
    """ALL, BRICS and the like: they may mean any country."""
    return any(len(name) > 2 for name in target)


def same_act(one: Gist, other: Gist) -> bool:
    """By the same country, of the same kind and as firm: what is announced and what is agreed are to come alike."""
    statuses = {one.status, other.status}
    alike = len(statuses) == 1 or statuses <= set(FIXED)
    return (one.imposer, one.action) == (other.imposer, other.action) and alike
