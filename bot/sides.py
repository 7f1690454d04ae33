"""Sides: what the articles of a story claim of each trade measure, side by side: which rate, how firm, from when, who says so.

Facts of one story are matched with each other, not with the ledger: what a text leaves open, the others tell.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

from bot.facts import Fact
from bot.ledger import RIVALS, SPECULATED
from bot.matching import TARIFFS, ground
from bot.measures import ACROSS, DENIED, EXEMPT, FIXED, IN_FORCE, REMOVE, day_words, percent, title
from bot.members import Member


@dataclass(frozen=True, slots=True)
class Telling:
    """One article's claim."""

    member: Member
    fact: Fact


@dataclass(frozen=True, slots=True)
class Side:
    """What some of them say alike. `tellings` are in order of time, one an outlet; the first has the sentence to check it by."""

    rate: str  # "25 % → 50 %", "exemption"
    status: str  # "announced"
    dates: str  # "from 27 Aug 2025", or ""
    tellings: tuple[Telling, ...]
    copies: int = 0  # articles that print another's text, which are no voice of their own


@dataclass(frozen=True, slots=True)
class Claimed:
    """One measure of which the story tells. `differ`: the last words of two outlets cannot both be right."""

    title: str
    sides: tuple[Side, ...]  # the last told first
    differ: bool = False


def claimed(members: Iterable[Member], facts: Mapping[str, Sequence[Fact]]) -> tuple[Claimed, ...]:
    """Of the facts by article id, without background and guesses. Where sources differ comes first, then what most tell."""
    told = [Telling(m, fact) for m in members for fact in facts.get(m.article_id, ()) if _claims(fact)]
    found = [_claimed(group) for group in _by_measure(told)]
    return tuple(sorted(found, key=lambda one: (not one.differ, -sum(len(side.tellings) for side in one.sides))))


def _claims(fact: Fact) -> bool:
    return not fact.background and fact.status != SPECULATED


# which claims are of one measure

What = tuple[str, tuple[str, ...], tuple[str, ...], str, str, bool, bool]


def _by_measure(told: Iterable[Telling]) -> list[list[Telling]]:
    """What tells most begins; what leaves something open joins the one that it fits, at its rate before all others."""
    told = tuple(told)
    sums = frozenset(t.fact.total_rate for t in told if t.fact.total_rate not in (None, t.fact.rate))
    alike: dict[What, list[Telling]] = {}
    for telling in told:
        alike.setdefault(_what(telling.fact, sums), []).append(telling)
    groups: list[tuple[list[What], list[Telling]]] = []
    for what in sorted(alike, key=lambda what: -sum(map(bool, what[:4]))):
        fits = [group for group in groups if all(_fits(what, other) for other in group[0])]
        if best := max(fits, key=lambda group: _likeness(alike[what], group[1]), default=None):
            best[0].append(what)
            best[1].extend(alike[what])
        else:
            groups.append(([what], alike[what]))
    return [tellings for _, tellings in groups]


def _what(fact: Fact, sums: frozenset[float | None]) -> What:
    """The measure as the fact names it. An exemption is one of its own, and a sum of several is none of them."""
    kind = "tariff" if fact.instrument in TARIFFS else fact.instrument
    return fact.imposer, fact.target, fact.goods, ground(fact), kind, fact.action == EXEMPT, fact.rate in sums


def _likeness(ours: Iterable[Telling], theirs: Sequence[Telling]) -> tuple[int, int]:
    return len({t.fact.rate for t in ours} & {t.fact.rate for t in theirs}), len(theirs)


def _fits(one: What, other: What) -> bool:
    """What both tell of imposer, target, goods and ground agrees."""
    same = one[4:] == other[4:] and _agree(one[0], other[0]) and _agree(one[3], other[3])
    return same and _meet(one[1], other[1]) and _meet(one[2], other[2])


def _agree(ours: str, theirs: str) -> bool:
    return not ours or not theirs or ours == theirs


def _meet(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    return not ours or not theirs or bool(set(ours) & set(theirs))


# what is said of one


def _claimed(group: Sequence[Telling]) -> Claimed:
    in_time = sorted(group, key=lambda t: t.member.published)
    sides = sorted(_sides(in_time), key=lambda side: side.tellings[-1].member.published, reverse=True)
    return Claimed(_title(group), tuple(sides), _differ(in_time))


def _title(group: Sequence[Telling]) -> str:
    """As the one that tells most has it, with what only others tell."""
    facts = [t.fact for t in group]
    first = facts[0]
    imposer = next((f.imposer for f in facts if f.imposer), "")
    target = next((f.target for f in facts if f.target), ())
    goods = next((f.goods for f in facts if f.goods), ())
    name = title(imposer, target, goods, next((ground(f) for f in facts if f.ground), ""), first.instrument)
    words = f"exemption from the {name}" if first.action == EXEMPT else name
    return f"{words}{' on all goods' if goods == ACROSS else ''}".strip()


def _sides(tellings: Iterable[Telling]) -> Iterator[Side]:
    alike: dict[tuple[object, ...], list[Telling]] = {}
    for telling in tellings:
        fact = telling.fact
        act = fact.action if fact.action in (REMOVE, EXEMPT) else ""
        alike.setdefault((act, fact.rate, fact.rate_low, fact.status), []).append(telling)
    for group in alike.values():
        yield from _by_date(group)


def _by_date(group: Sequence[Telling]) -> Iterator[Side]:
    """Those that tell no day are with the first that tells one."""
    days: list[date | None] = list(dict.fromkeys(t.fact.effective for t in group if t.fact.effective))
    for day in days or [None]:
        yield _side(
            [t for t in group if t.fact.effective == day or (day in days[:1] and t.fact.effective is None)], day
        )


def _side(group: Sequence[Telling], day: date | None) -> Side:
    own = {t.member.outlet: t for t in reversed(group) if not t.member.copy_of}  # of each outlet the first
    tellings = tuple(t for t in group if own.get(t.member.outlet) is t) or (group[0],)
    copies = len({t.member.article_id for t in group if t.member.copy_of and t not in tellings})
    earlier = next((t.fact.rate_from for t in group if t.fact.rate_from is not None), None)
    expires = next((t.fact.expires for t in group if t.fact.expires), None)
    fact = replace(group[0].fact, rate_from=earlier, effective=day, expires=expires)
    return Side(_rate(fact), _status(fact), _dates(fact), tellings, copies)


def _rate(fact: Fact) -> str:
    if fact.action == EXEMPT:
        return "exemption"
    low = f"{fact.rate_low:g}–" if fact.rate_low is not None else ""
    rate = "" if fact.rate is None else low + percent(fact.rate)
    if fact.action == REMOVE:
        return f"{rate or 'duty'} removed" if fact.status == IN_FORCE else f"removal of {rate or 'the duty'}"
    if rate and fact.rate_from not in (None, fact.rate):
        return f"{percent(fact.rate_from or 0)} → {rate}"
    return rate or f"{fact.action}, no rate told"


def _status(fact: Fact) -> str:
    return "" if (fact.action, fact.status) == (REMOVE, IN_FORCE) else fact.status.replace("_", " ")


def _dates(fact: Fact) -> str:
    since = f"from {day_words(fact.effective)}" if fact.effective else ""
    return " ".join(part for part in (since, f"until {day_words(fact.expires)}" if fact.expires else "") if part)


def _differ(tellings: Iterable[Telling]) -> bool:
    """By the last word of each outlet: who followed a move says the same again, who did not is old."""
    last = {t.member.outlet: t for t in tellings if t.fact.rate is not None or t.fact.status == DENIED}
    return any(_contradict(*pair) for pair in combinations(last.values(), 2))


def _contradict(one: Telling, other: Telling) -> bool:
    ours, theirs = one.fact, other.fact
    if abs(one.member.published - other.member.published) > RIVALS:
        return False
    if (ours.status == DENIED) != (theirs.status == DENIED):
        return ours.rate is None or theirs.rate is None or ours.rate == theirs.rate
    alike = ours.status == theirs.status or {ours.status, theirs.status} <= set(FIXED)
    moved = ours.rate_from == theirs.rate or theirs.rate_from == ours.rate
    return alike and ours.rate != theirs.rate and not moved
