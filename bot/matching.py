"""Matching: which measure of the ledger a fact is about, even where its text leaves fields empty.

What the text tells must fit. A goods or country named under a wider measure belongs to that at its rate, and has a
measure of its own at another.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations, product

from bot.facts import Fact
from bot.measures import (
    ACROSS,
    COMING,
    DENIED,
    ENDS,
    EVERYBODY,
    EXEMPT,
    FIXED,
    REMOVE,
    SUSPENDED,
    Measure,
    State,
    history,
    standing,
)

SAME, OPEN, PART = 2, 1, 0  # equal; the text does not tell; one of many
TARIFFS = ("tariff", "secondary_tariff")
WIDE = (EVERYBODY, "TRADING_PARTNERS")  # whoever trades with the imposer
GROUPS = {
    "BRICS": frozenset({"BR", "RU", "IN", "CN", "ZA", "EG", "ET", "ID", "IR", "AE"}),
    "RUSSIAN_OIL_BUYERS": frozenset({"IN", "CN", "TR"}),
}
MOST_PARTS = 4  # of a total


def match(fact: Fact, measures: Sequence[Measure]) -> Measure | None:
    """The measure that the fact fits best; None when it fits none and so tells of a new one."""
    ranked = [(rank, measure) for measure in measures if (rank := _rank(fact, measure)) is not None]
    return max(ranked, key=lambda pair: pair[0], default=(None, None))[1]


def total_of(fact: Fact, measures: Sequence[Measure]) -> tuple[Measure, ...]:
    """The live measures whose rates make the fact's when added up ("50 %" for 25 and 25); () when none do.

    Only for a text that names no ground, and only where no single measure has that rate."""
    if fact.rate is None or not _may_be_total(fact):
        return ()
    parts = [m for m in measures if _across(m) and _same_parties(fact, m) and rates(m)]
    if any(fact.rate in rates(part) for part in parts):
        return ()
    for size in range(2, min(len(parts), MOST_PARTS) + 1):
        for some in combinations(parts, size):
            if _adds_up(fact.rate, some):
                return some
    return ()


def _may_be_total(fact: Fact) -> bool:
    one_good_to_come = fact.goods not in ((), ACROSS) and fact.status in COMING
    return not fact.ground and fact.instrument in TARIFFS and bool(fact.target) and not one_good_to_come


def _adds_up(rate: float, parts: Iterable[Measure]) -> bool:
    return any(abs(sum(some) - rate) < 0.01 for some in product(*map(rates, parts)))


def _same_parties(fact: Fact, measure: Measure) -> bool:
    return (fact.imposer, set(fact.target)) == (measure.imposer, set(measure.target))


def rates(measure: Measure) -> list[float]:
    """The rates at which the measure lives: in force, then to come; none of what has ended or was removed."""
    return [state.rate for state in living(measure) if state.rate]


def living(measure: Measure) -> list[State]:
    found = standing(history(measure))
    now = [found.now] if found.now and found.now.status not in ENDS and found.now.action != REMOVE else []
    return now + ([found.coming] if found.coming else [])


def ground(fact: Fact) -> str:
    """Tariffs under IEEPA are told as the reciprocal ones; those for Russian oil are always called by that."""
    return "reciprocal" if fact.ground == "ieepa" else fact.ground


Rank = tuple[int, bool, bool, bool, bool, float]


def _rank(fact: Fact, measure: Measure) -> Rank | None:
    """How well the fact fits, to be compared; None when it does not."""
    target, goods = _target(fact, measure), _goods(fact, measure)
    if target is None or goods is None or not _kind_fits(fact, measure):
        return None
    if not _told_enough(fact, measure, target, goods):
        return None
    return (
        target + goods,
        ground(fact) == measure.ground,
        _at_its_rate(fact, measure),
        measure.target == (EVERYBODY,),
        _alive(measure),
        -measure.states[0].told.timestamp(),  # the base of a stack rather than what was laid on it later
    )


def _kind_fits(fact: Fact, measure: Measure) -> bool:
    same = fact.instrument == measure.instrument or {fact.instrument, measure.instrument} <= set(TARIFFS)
    return same and _imposer_fits(fact, measure) and (fact.action == EXEMPT) == _exempts(measure)


def _imposer_fits(fact: Fact, measure: Measure) -> bool:
    open_but_clear = not fact.imposer and set(fact.target) == set(measure.target) and _at_its_rate(fact, measure)
    return fact.imposer == measure.imposer or open_but_clear


def _exempts(measure: Measure) -> bool:
    return measure.states[0].action == EXEMPT


def _target(fact: Fact, measure: Measure) -> int | None:
    told, known = set(fact.target), set(measure.target)
    if told == known:
        return SAME
    if not told or not known:
        return OPEN
    return PART if told < known or known & set(WIDE) or any(told <= GROUPS.get(name, set()) for name in known) else None


def _goods(fact: Fact, measure: Measure) -> int | None:
    told, known = set(fact.goods), set(measure.goods)
    if told == known or (_across(measure) and told <= set(ACROSS)):
        return SAME
    if not told:
        return OPEN
    return PART if told & known or (_across(measure) and told != set(ACROSS)) else None


def _across(measure: Measure) -> bool:
    return not measure.goods or measure.goods == ACROSS


def _told_enough(fact: Fact, measure: Measure, target: int, goods: int) -> bool:
    """Whether what the text leaves open, or narrows, still points to this measure."""
    return (
        _ground_fits(fact, measure)
        and (target == SAME or _target_fits(fact, measure, target, goods))
        and (goods == SAME or _goods_fit(fact, measure, goods))
    )


def _ground_fits(fact: Fact, measure: Measure) -> bool:
    if ground(fact) == measure.ground:
        return True
    if not measure.ground:
        return _may_learn(fact, measure)
    return not fact.ground and (_alive(measure) or fact.status in ENDS or _at_its_rate(fact, measure))


def _alive(measure: Measure) -> bool:
    """In force, to come, or paused: what may be spoken of without its name."""
    return bool(living(measure)) or history(measure)[-1].status == SUSPENDED


def _may_learn(fact: Fact, measure: Measure) -> bool:
    """A measure that was told without its ground learns it from a fact of the same goods, or of its rate."""
    if measure.target and set(fact.target) != set(measure.target):
        return False
    known = rates(measure)
    return (
        fact.rate in known
        or fact.rate_from in known
        or (bool(measure.goods) and set(fact.goods) == set(measure.goods) != set(ACROSS))
    )


def _target_fits(fact: Fact, measure: Measure, target: int, goods: int) -> bool:
    listed = goods == SAME and not _across(measure)
    if target == PART:
        return fact.action == EXEMPT or _belongs(fact, measure)
    if fact.ground and ground(fact) != measure.ground and not listed:
        return False
    by_ground = bool(fact.ground) and fact.rate is None
    return listed or by_ground or measure.target == (EVERYBODY,) or _at_its_rate(fact, measure)


def _goods_fit(fact: Fact, measure: Measure, goods: int) -> bool:
    if fact.action == EXEMPT:
        return True
    if goods == OPEN:
        return _at_its_rate(fact, measure) or (fact.rate is None and bool(fact.ground))
    if _across(measure):
        return _belongs(fact, measure)
    covered = fact.rate is None or bool(fact.ground)  # a proclamation covers a list of goods
    return covered or _at_its_rate(fact, measure) or (fact.rate_from is not None and fact.rate_from in rates(measure))


def _belongs(fact: Fact, measure: Measure) -> bool:
    """One of many, by the rate of them all. What is to come for one who pays that rate already comes on top of it."""
    return fact.rate is not None and any(
        state.rate == fact.rate and (fact.status not in COMING or _as_firm(fact, state)) for state in living(measure)
    )


def _as_firm(fact: Fact, state: State) -> bool:
    return fact.status == state.status or (fact.status in FIXED and state.status in FIXED)


def _at_its_rate(fact: Fact, measure: Measure) -> bool:
    """Whether the fact's rate is one at which the measure lives, or with which it ended or was denied."""
    if fact.rate is None:
        return False
    last = history(measure)[-1]
    over = fact.status in ENDS or fact.action == REMOVE or last.status == DENIED
    ended = last.rate_from if last.action == REMOVE else last.rate
    return fact.rate in [state.rate for state in living(measure)] or (over and fact.rate == ended)
