"""A trade measure: one barrier of one country against another, with what was told of it, in order of date.

What holds on a day is never stored: it is worked out from the states that were known by then, and from the dates in them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache

NEW, CONFIRMS, CHANGES, CONTRADICTS = "new", "confirms", "changes", "contradicts"
THREATENED, PROPOSED, ANNOUNCED, AGREED, IN_FORCE = "threatened", "proposed", "announced", "agreed", "in_force"
SUSPENDED, STRUCK_DOWN, EXPIRED, DENIED = "suspended", "struck_down", "expired", "denied"
FIRMNESS = (THREATENED, PROPOSED, ANNOUNCED, AGREED, IN_FORCE)  # weakest first
COMING = FIRMNESS[:-1]
FIXED = (ANNOUNCED, AGREED)  # what comes into force on its date without another word
ENDS = (SUSPENDED, STRUCK_DOWN, EXPIRED, DENIED)
REMOVE, EXEMPT = "remove", "exempt"
EVERYBODY = "ALL"
ACROSS = ("all",)  # goods of an across-the-board measure
SECTIONS = (IN_FORCE, "pending", THREATENED, "ended")


@dataclass(frozen=True, slots=True)
class State:
    """What one article told of a measure. Rates in per cent, None where not told; a removed duty has rate 0.

    `kind` is what the telling did to the measure. Of what `confirms`, only the dates and `contested` count; what
    `contradicts` stands beside the state it disputes.
    """

    told: datetime  # the article's date
    arrived: datetime  # when this program learned of it
    kind: str
    status: str
    action: str
    rate: float | None
    rate_low: float | None  # of a range
    rate_from: float | None
    effective: date | None
    expires: date | None
    sentence: str
    outlet: str
    url: str
    article_id: str
    side: str = ""  # for whom the speaker speaks: US, IN, other, court, press
    speaker: str = ""
    verified: bool = True  # False: rests on secondary sources only
    contested: str = ""  # who says otherwise, in words


@dataclass(frozen=True, slots=True)
class Measure:
    """`id` is computed from imposer, target, goods, and ground or instrument. States are in order of date told."""

    id: str
    imposer: str  # "" for what two parties settle between them
    target: tuple[str, ...]
    goods: tuple[str, ...]
    instrument: str
    ground: str
    title: str
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds: the state in force or ended, and what is to come beside it. Both None for a measure not yet known."""

    now: State | None
    coming: State | None


def measure_id(imposer: str, target: Iterable[str], goods: Iterable[str], ground: str, instrument: str) -> str:
    sectors = [good for good in sorted(goods) if (good,) != ACROSS]
    return "-".join([imposer or "joint", *sorted(target), *sectors, ground or instrument]).lower().replace("_", "-")


def own(side: str, imposer: str) -> bool:
    """Whether who speaks for `side` speaks for the country whose measure it is."""
    return side == imposer or (side == "other" and imposer not in ("US", "IN"))


def history(measure: Measure, day: date | None = None) -> tuple[State, ...]:
    """The states that stand, oldest first: without what was denied by its own side, with what contests them in words.

    With `day`, as known at the end of it (UTC)."""
    if day is None:
        return _kept(_Same(measure))
    return _folded([state for state in measure.states if state.arrived.astimezone(UTC).date() <= day], measure.imposer)


class _Same:
    """A measure that is the very same object: to compare its states would take as long as to fold them."""

    __slots__ = ("measure",)

    def __init__(self, measure: Measure) -> None:
        self.measure = measure

    def __hash__(self) -> int:
        return id(self.measure)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.measure is other.measure


@lru_cache(maxsize=512)
def _kept(same: _Same) -> tuple[State, ...]:
    """Kept, because each fact is compared with every measure in several ways, and a measure has the states of years."""
    return _folded(same.measure.states, same.measure.imposer)


def _folded(states: Iterable[State], imposer: str) -> tuple[State, ...]:
    chain: tuple[State, ...] = ()
    for state in states:
        chain = _next(chain, state, imposer)
    return chain


def _next(chain: tuple[State, ...], state: State, imposer: str) -> tuple[State, ...]:
    if not chain or state.kind in (NEW, CHANGES):
        return (*chain, state)
    at = _spoken_of(chain, state)
    before, known, after = chain[:at], chain[at], chain[at + 1 :]
    if state.kind == CONFIRMS:
        return (*before, _confirmed(known, state), *after)
    if not own(state.side, imposer):
        return (*before, replace(known, contested=claim(state)), *after)
    if state.status == DENIED:
        return (*before, *after) or (replace(state, contested=""),)
    return (*chain, state)  # whose measure it is knows its rate


def _spoken_of(chain: tuple[State, ...], state: State) -> int:
    """Which state a confirmation or a contradiction is about: the last of the same rate if denied, else of the same
    status, else the last."""
    same = [
        n for n, s in enumerate(chain) if (s.rate == state.rate if state.status == DENIED else s.status == state.status)
    ]
    return same[-1] if same else len(chain) - 1


def _confirmed(known: State, state: State) -> State:
    effective, expires = state.effective or known.effective, state.expires or known.expires
    return replace(known, contested=state.contested, effective=effective, expires=expires)


def dated(state: State, day: date) -> State:
    """The state on a day: what was settled comes into force on its date, and what has an end is over after it."""
    if state.status in FIXED and state.effective and state.effective <= day:
        state = replace(state, status=IN_FORCE)
    if state.status == IN_FORCE and state.expires and state.expires < day:
        return replace(state, status=EXPIRED)
    return state


def standing(chain: Iterable[State]) -> Standing:
    """What a chain of states comes to. A pause of what was to come leaves what is in force as it was."""
    now: State | None = None
    coming: State | None = None
    for state in chain:
        if state.status in COMING:
            coming = state
            continue
        if not (now and coming and state.status in (SUSPENDED, DENIED) and state.rate == coming.rate != now.rate):
            now = state
        coming = None
    return Standing(now, coming)


def on(measure: Measure, day: date) -> Standing:
    """What was known of the measure at the end of a day, with the dates that had passed by then."""
    return standing(dated(state, day) for state in history(measure, day))


def sections(measure: Measure, day: date) -> tuple[tuple[str, State], ...]:
    """Under which headings a list shows the measure, and with which state: a duty in force whose cut is announced
    stands under two."""
    return headed(on(measure, day))


def headed(found: Standing) -> tuple[tuple[str, State], ...]:
    both = [(_section(state), state) for state in (found.now, found.coming) if state]
    if len(both) > 1 and both[0][0] == "ended":
        return tuple(both[1:])  # what is to come again is no longer ended
    return tuple(both)


def _section(state: State) -> str:
    if state.status == IN_FORCE:
        return "ended" if state.action == REMOVE else IN_FORCE
    return state.status if state.status == THREATENED else "pending" if state.status in COMING else "ended"


# in words


def claim(state: State) -> str:
    """Who says what: the telling of one source, for a person to weigh against another."""
    return f"{source(state)}: {words(state)}"


def source(state: State) -> str:
    return f"{state.outlet} ({day_words(state.told)})"


def words(state: State) -> str:
    """ "50 % announced, from 27 Aug 2025" """
    dates = [f"from {day_words(state.effective)}"] if state.effective else []
    dates += [f"until {day_words(state.expires)}"] if state.expires else []
    return ", ".join([f"{_rate_words(state)} {_status_words(state)}".strip(), *dates])


def _rate_words(state: State) -> str:
    if state.action == REMOVE:
        rate = percent(state.rate_from) if state.rate_from else ""
        return rate or "duty" if state.status == IN_FORCE else f"removal of {rate or 'the duty'}"
    if state.action == EXEMPT:
        return "exemption"
    if state.rate is None:
        return ""
    low = f"{state.rate_low:g}–" if state.rate_low is not None else ""
    return low + percent(state.rate)


def _status_words(state: State) -> str:
    return "removed" if state.action == REMOVE and state.status == IN_FORCE else state.status.replace("_", " ")


def percent(rate: float) -> str:
    return f"{rate:g} %"


def day_words(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def title(imposer: str, target: Iterable[str], goods: Iterable[str], ground: str, instrument: str) -> str:
    """ "US Section 232 tariff on all countries: steel, aluminium" """
    what = [GROUNDS.get(ground, ""), INSTRUMENTS.get(instrument, instrument.replace("_", " "))]
    whom = ", ".join(PLACES.get(name, name) for name in target)
    head = " ".join(part for part in (PLACES.get(imposer, imposer), *what) if part)
    sectors = ", ".join(good.replace("_", " ") for good in goods if (good,) != ACROSS)
    return head + (f" on {whom}" if whom else "") + (f": {sectors}" if sectors else "")


PLACES = {
    "ALL": "all countries", "BRICS": "BRICS countries", "RUSSIAN_OIL_BUYERS": "buyers of Russian oil",
    "TRADING_PARTNERS": "trading partners", "IN": "India", "CN": "China", "GB": "Britain", "JP": "Japan", "BR": "Brazil",
    "CA": "Canada", "MX": "Mexico", "RU": "Russia", "KR": "Korea", "VN": "Vietnam", "CH": "Switzerland", "PK": "Pakistan",
    "BD": "Bangladesh", "TW": "Taiwan", "ID": "Indonesia", "AU": "Australia", "NZ": "New Zealand",
}  # fmt: skip
GROUNDS = {
    "reciprocal": "reciprocal", "ieepa": "IEEPA", "russian_oil": "Russian-oil", "fta": "free-trade", "mfn": "MFN",
    **{f"s{number}": f"Section {number}" for number in (122, 201, 232, 301, 338)},
}  # fmt: skip
INSTRUMENTS = {
    "secondary_tariff": "secondary tariff", "anti_dumping": "anti-dumping duty", "countervailing": "countervailing duty",
    "safeguard": "safeguard duty", "other": "measure",
}  # fmt: skip
