"""The ledger of trade measures: compares what an article claims with what is known, and keeps the dated, sourced history.

fact + article + measures → what it does (new, confirms, changes, contradicts) + the measure as it is then
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.articles import Article
from bot.facts import Fact
from bot.matching import ground, match, total_of
from bot.measures import (
    ACROSS,
    CHANGES,
    CONFIRMS,
    CONTRADICTS,
    DENIED,
    ENDS,
    FIRMNESS,
    FIXED,
    IN_FORCE,
    NEW,
    REMOVE,
    Measure,
    State,
    claim,
    history,
    measure_id,
    own,
    source,
    standing,
    title,
    words,
)

SPECULATED = "speculated"
RIVALS = timedelta(days=3)  # within which two sources that differ speak of the same thing
REPEATS = timedelta(days=7)  # within which a claim that was told is not told anew
MOVES = ("raise", "cut", "remove")
NEWS = (NEW, CHANGES, CONTRADICTS)
OVER = tuple(status for status in ENDS if status != DENIED)


@dataclass(frozen=True, slots=True)
class Change:
    """What one fact did to one measure. Only NEWS is worth a message; what confirms never is.

    `words` says it in a line; of a contradiction, both claims with their sources, side by side. `measure` is as it is
    then; of a sum ("50 %" for 25 and 25), the youngest of the measures that it is the `total` of."""

    kind: str
    measure: Measure
    before: State | None
    after: State
    words: str
    total: tuple[Measure, ...] = ()
    fact: Fact | None = None  # as the article told it, before it was parted

    @property
    def measure_id(self) -> str:
        return self.measure.id


def seeded(known: Sequence[Measure], seed: Sequence[Measure]) -> tuple[Sequence[Measure], Sequence[Measure]]:
    """What a ledger goes by, and of that what is to be written with its first change: all of the seed, or nothing."""
    return (known, ()) if known else (seed, seed)


def before(article: Article, measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """The measures as they were when the article came."""
    return tuple(then for measure in measures if (then := _before(article, measure)).states)


def _before(article: Article, measure: Measure) -> Measure:
    earlier = (s for s in measure.states if s.arrived <= article.first_seen and s.article_id != article.id)
    return replace(measure, states=tuple(earlier))


def enter(
    facts: Iterable[Fact], article: Article, measures: Sequence[Measure]
) -> tuple[tuple[Change, ...], tuple[Measure, ...]]:
    """All facts of an article, in order; returns what they did, and the measures that are no longer as they were."""
    known = {measure.id: measure for measure in measures}
    changes: list[Change] = []
    touched: dict[str, Measure] = {}
    for told_fact in facts:
        for fact in parts(told_fact, tuple(known.values())):
            found = compare(fact, article, tuple(known.values()))
            if found is None:
                continue
            change, measure = found
            changes.append(replace(change, fact=told_fact))
            if known.get(measure.id) != measure:
                known[measure.id] = touched[measure.id] = measure
    return tuple(changes), tuple(touched.values())


def moves(changes: Iterable[Change]) -> dict[Fact, frozenset[str]]:
    """What each fact did, by its kinds."""
    out: dict[Fact, frozenset[str]] = {}
    for change in changes:
        if change.fact:
            out[change.fact] = out.get(change.fact, frozenset()) | {change.kind}
    return out


def compare(fact: Fact, article: Article, measures: Sequence[Measure]) -> tuple[Change, Measure] | None:
    """What the fact does, and its measure as it is then. None for background, speculation, the denial of what nobody
    claimed, and what is too vague to be a measure: they neither open nor move one. Pure."""
    if fact.background or fact.status == SPECULATED:
        return None
    then = tuple(until(measure, article.published) for measure in measures)
    if total := total_of(fact, then):
        return _summed(fact, article, total, measures)
    found = match(fact, then) or match(fact, measures) or _namesake(fact, measures)
    if found:
        known = _learned(next(measure for measure in measures if measure.id == found.id), fact)
        return _against(known, told(fact, article, until(known, article.published)))
    return None if fact.status == DENIED or _vague(fact) else _opened(fact, article)


def until(measure: Measure, moment: datetime) -> Measure:
    """The measure as it was told up to a moment; whole, when all that is told of it is later. Itself where nothing is."""
    earlier = tuple(state for state in measure.states if state.told <= moment)
    return replace(measure, states=earlier) if 0 < len(earlier) < len(measure.states) else measure


def _namesake(fact: Fact, measures: Sequence[Measure]) -> Measure | None:
    """A measure that would have the name of the one to be opened: it has learned its ground since."""
    name = measure_id(*_what(fact))
    return next((measure for measure in measures if measure.id == name), None)


def _what(fact: Fact) -> tuple[str, tuple[str, ...], tuple[str, ...], str, str]:
    return fact.imposer, fact.target, fact.goods, ground(fact), fact.instrument


def parts(fact: Fact, measures: Sequence[Measure]) -> tuple[Fact, ...]:
    """The end of a total ends each of its parts ("the 50 % is struck down"); any other fact is one."""
    total = () if fact.background else total_of(fact, measures)
    if not total or not (fact.action == REMOVE or fact.status in OVER):
        return (fact,)
    return tuple(replace(fact, ground=m.ground, goods=m.goods, rate=None, rate_low=None, rate_from=None) for m in total)


def told(fact: Fact, article: Article, known: Measure | None = None) -> State:
    """The fact as a state. What the text leaves open of the rate is that of the known measure, unless it moves."""
    removed = fact.action == REMOVE
    rate = _rate(fact, known)
    return State(
        told=article.published,
        arrived=article.first_seen,
        kind=NEW,
        status=fact.status,
        action=_action(fact, known),
        rate=0.0 if removed else rate,
        rate_low=fact.rate_low,
        rate_from=rate if removed else fact.rate_from,
        effective=fact.effective,
        expires=fact.expires,
        sentence=fact.quote,
        outlet=article.outlet,
        url=article.url,
        article_id=article.id,
        side=_side(fact, article),
        speaker=fact.speaker,
    )


def _action(fact: Fact, known: Measure | None) -> str:
    """What comes into force at the rate that was announced is that very cut, though the text says only that it applies."""
    coming = standing(history(known)).coming if known and (fact.action, fact.status) == ("impose", IN_FORCE) else None
    return coming.action if coming and coming.rate == fact.rate and coming.action in MOVES else fact.action


def _side(fact: Fact, article: Article) -> str:
    """An official document that says in nobody's name what duty is in force is of those who collect it."""
    own_word = article.official and fact.side == "press" and fact.status == IN_FORCE
    return fact.imposer if own_word and fact.imposer in ("US", "IN") else fact.side


def _rate(fact: Fact, known: Measure | None) -> float | None:
    if fact.rate is not None or known is None or (fact.action in MOVES and fact.action != REMOVE):
        return fact.rate
    found = standing(history(known))
    peers = [found.now, found.coming] if fact.status in (IN_FORCE, *ENDS) else [found.coming, found.now]
    rates = (peer.rate_from if peer.action == REMOVE else peer.rate for peer in peers if peer)
    return next((rate for rate in rates if rate is not None), None)


def _vague(fact: Fact) -> bool:
    """Also "duties on its goods", of whatever country, at whatever rate."""
    goods = fact.goods not in ((), ACROSS) or (bool(fact.goods) and fact.rate is not None)
    return not fact.imposer or not (fact.target or goods or fact.ground)


def _opened(fact: Fact, article: Article) -> tuple[Change, Measure]:
    state = told(fact, article)
    measure = Measure(
        id=measure_id(*_what(fact)),
        imposer=fact.imposer,
        target=fact.target,
        goods=fact.goods,
        instrument=fact.instrument,
        ground=ground(fact),
        title=title(*_what(fact)),
        states=(state,),
    )
    return Change(NEW, measure, None, state, words(state)), measure


def _summed(
    fact: Fact, article: Article, total: Sequence[Measure], measures: Sequence[Measure]
) -> tuple[Change, Measure]:
    state = replace(told(fact, article), kind=CONFIRMS)
    youngest = max(total, key=lambda measure: measure.states[0].told)
    names = " and ".join(measure.title for measure in total)
    change = Change(CONFIRMS, youngest, history(youngest)[-1], state, f"the total of {names}", tuple(total))
    return change, next(measure for measure in measures if measure.id == youngest.id)


def _learned(known: Measure, fact: Fact) -> Measure:
    """With the ground, the target and the breadth that no text had told before."""
    goods = known.goods or (ACROSS if fact.goods == ACROSS else ())
    return replace(known, ground=known.ground or ground(fact), target=known.target or fact.target, goods=goods)


def _against(known: Measure, state: State) -> tuple[Change, Measure]:
    present = history(known)[-1]
    if state.told < present.told:
        return _late(known, state, present)
    kind, rival = judge(known, state)
    contested = rival.contested if kind == CONFIRMS and not _settles(known, rival, state) else ""
    state = replace(state, kind=kind, contested=contested)
    after = _put(known, state) if kind != CONFIRMS or _adds(rival, state) else known
    return Change(kind, after, rival, state, _words(kind, rival, state)), after


def _late(known: Measure, state: State, present: State) -> tuple[Change, Measure]:
    """Told before the present state was: it takes its place in the history, and the present stays as it is."""
    earlier = replace(known, states=tuple(s for s in known.states if s.told <= state.told))
    kind = judge(earlier, state)[0] if earlier.states else NEW
    after = known if kind == CONFIRMS else _put(known, replace(state, kind=kind))
    return Change(CONFIRMS, after, present, state, f"late: {claim(state)}; since then {words(present)}"), after


def _put(known: Measure, state: State) -> Measure:
    states = sorted((*known.states, state), key=lambda s: s.told)  # stable: of one moment, the one that came first
    return replace(known, states=tuple(states))


def judge(known: Measure, state: State) -> tuple[str, State]:
    """What a state that is told now does to a measure, and to which of its states."""
    chain = history(known)
    peer = _peer(chain, state)
    if any(s.article_id == state.article_id and _self(s, state) for s in known.states):
        return CONFIRMS, peer
    if state.status == DENIED:
        return _denial(known, state, chain)
    if _agrees(peer, state) or _repeated(known, state, chain[-1]):
        return CONFIRMS, peer
    return CONTRADICTS if _disputes(peer, state) else CHANGES, peer


def _peer(chain: Sequence[State], state: State) -> State:
    """What a claim is held against: the last that was told, but for what says again what is in force meanwhile."""
    now = standing(chain).now
    again = now and state.rate == now.rate and _agrees(now, state) and not _agrees(chain[-1], state)
    return now if now and again else chain[-1]


def _self(earlier: State, state: State) -> bool:
    """One article does not contradict itself, and is not entered twice."""
    return earlier.status == state.status and (earlier.rate != state.rate or earlier.action == state.action)


def _denial(known: Measure, state: State, chain: Sequence[State]) -> tuple[str, State]:
    denied = [s for s in chain if state.rate is None or s.rate == state.rate]
    found = standing(chain)
    if not denied or denied[-1].status == DENIED or denied[-1] not in (found.now, found.coming, chain[-1]):
        return CONFIRMS, chain[-1]  # what is over may be denied
    again = any(s.kind == CONTRADICTS and s.status == DENIED and s.told >= denied[-1].told for s in known.states)
    return CONFIRMS if again else CONTRADICTS, denied[-1]


def _agrees(known: State, state: State) -> bool:
    """The same rate, or none told, as firm as is known or less."""
    if state.rate is not None and state.rate != known.rate:
        return False
    if state.rate is None and state.action in MOVES and state.action != known.action:
        return False  # a raise is threatened, and how high is not told
    if _extends(known, state):
        return False
    return state.status == known.status or (known.status in FIRMNESS and _firmness(state) < _firmness(known))


def _extends(known: State, state: State) -> bool:
    """Another date for the same thing, told as such: of dates that only differ, one is a slip."""
    dates = ((known.effective, state.effective), (known.expires, state.expires))
    return state.action == "extend" and any(after and after != before for before, after in dates)


def _firmness(state: State) -> int:
    return FIRMNESS.index(state.status) if state.status in FIRMNESS else len(FIRMNESS)


def _repeated(known: Measure, state: State, present: State) -> bool:
    """A claim that was told a few days ago, or that disputes the present state since it was told. Not so when the
    measure's own side takes it up, or when it says that what had ended goes on."""
    if own(state.side, known.imposer):
        return False
    goes_on = present.status in ENDS and present.status != DENIED and (state.action == "keep" or state.side == "court")
    same = [s for s in known.states if (s.status, s.rate) == (state.status, state.rate) and not _extends(s, state)]
    lately = any(state.told - s.told <= REPEATS for s in same)
    disputing = bool(present.contested) and any(s.kind == CONTRADICTS and s.told >= present.told for s in same)
    return not goes_on and (lately or disputing)


def _disputes(known: State, state: State) -> bool:
    """Another source, in the same days, has another rate for the same moment and tells of no move from the known one."""
    if state.rate is None or known.rate is None or state.outlet == known.outlet or state.rate == known.rate:
        return False
    return state.told - known.told <= RIVALS and _same_moment(known, state) and not _moves(known, state)


def _same_moment(known: State, state: State) -> bool:
    if known.effective and state.effective and known.effective != state.effective:
        return False
    return known.status == state.status or (known.status in FIXED and state.status in FIXED)


def _moves(known: State, state: State) -> bool:
    if state.rate_from is not None:
        return state.rate_from == known.rate
    return state.action in MOVES and state.action != known.action


def _settles(known: Measure, present: State, state: State) -> bool:
    """A contest is over when the measure's own side confirms the rate, or the outlet that differed takes it back."""
    if not present.contested:
        return True
    rivals = {s.outlet for s in known.states if s.kind == CONTRADICTS and s.told >= present.told}
    same = state.rate == present.rate and state.status == present.status
    return same and (own(state.side, known.imposer) or state.outlet in rivals)


def _adds(present: State, state: State) -> bool:
    """Whether a confirmation is worth a line of the history: it settles a contest, or tells a date."""
    same = state.rate == present.rate and state.status == present.status
    dates = (state.effective and not present.effective) or (state.expires and not present.expires)
    return bool(same and dates) or state.contested != present.contested


def _words(kind: str, before: State, after: State) -> str:
    if kind == CONTRADICTS:
        return f"{claim(before)} — {claim(after)}"
    if kind == CONFIRMS:
        return f"{words(before)}, as told by {source(before)}"
    return f"{words(before)} → {words(after)}"
