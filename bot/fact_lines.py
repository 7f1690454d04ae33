"""Fact lines: what an article did to the ledger, a line each for people, the weightiest first.

"US → India · textiles · 25 % → 50 % · in force · Russian oil · from 27 Aug 2025"
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.alerts import SEVERITIES, gravity
from bot.ledger import NEWS, Change
from bot.measures import (
    ACROSS,
    CHANGES,
    CONFIRMS,
    CONTRADICTS,
    DENIED,
    ENDS,
    EXEMPT,
    FIRMNESS,
    FIXED,
    GROUNDS,
    IN_FORCE,
    INSTRUMENTS,
    PLACES,
    PROPOSED,
    REMOVE,
    THREATENED,
    Measure,
    State,
    day_words,
    history,
    percent,
    standing,
    words,
)
from bot.messages import Claim, FactLine
from bot.vocabulary import Vocabulary

MOST = 3
LISTED = 4  # goods or countries of a line; the rest is counted
SIDES = {"US": "Washington", "IN": "New Delhi", "court": "The court"}
PLAIN = ("tariff", "other")  # instruments that need no name


def fact_lines(changes: Sequence[Change], vocabulary: Vocabulary) -> tuple[FactLine, ...]:
    """What is news, or where nothing is, what only confirms. Countries are called as the vocabulary calls them."""
    lines: dict[str, FactLine] = {}
    for change in weightiest(changes):
        told = line(change, vocabulary)
        short, how_grave = brief(change, vocabulary), gravity(change)
        lines.setdefault(
            told, FactLine(told, change.after.sentence, claims(change), short, change.measure_id, how_grave)
        )
    return tuple(lines.values())[:MOST]


def weightiest(changes: Sequence[Change]) -> list[Change]:
    news = [change for change in changes if change.kind in NEWS]
    return sorted(news or changes, key=lambda change: SEVERITIES.index(gravity(change)), reverse=True)


def moved(changes: Sequence[Change]) -> str:
    """What is new, for the heading of an update: "18 % agreed"."""
    change = weightiest(changes)[0]
    if change.kind != CHANGES:
        return "contradicted" if change.kind == CONTRADICTS else "new measure"
    return words(replace(change.after, effective=None, expires=None))


def line(change: Change, vocabulary: Vocabulary) -> str:
    measure = change.measure
    parts = (
        _parties(measure, vocabulary),
        _goods(measure.goods),
        _rates(change),
        _status(change),
        _ground(change),
        *_dates(change.after),
        _known(change),
    )
    return " · ".join(part for part in parts if part)


def brief(change: Change, vocabulary: Vocabulary) -> str:
    """Of the line what a glance at a phone takes in: who, on whom, and the rate, with how firm it is."""
    measure = change.measure
    if not measure.imposer:
        parties = _parties(measure, vocabulary)
    else:
        named = [_place(code, vocabulary) for code in sorted(measure.target, key=lambda code: code != "IN")]
        whom = [named[0] + (f" and {len(named) - 1} more" if named[1:] else "")] if named else []
        parties = " → ".join((_place(measure.imposer, vocabulary), *whom))
    return f"{parties} · {_firmly(change) or _goods(measure.goods)}"


def _firmly(change: Change) -> str:
    """A threat must not look like a duty: only of what is in force the rate stands alone."""
    after = change.after
    if change.kind == CONTRADICTS:
        rates = _rates(change)
        return rates if " or " in rates else f"{rates} disputed".strip()
    if after.status == IN_FORCE and after.action != REMOVE:
        return _rates(change)
    rate = "exemption" if after.action == EXEMPT else "" if after.action == REMOVE else _rate(after)
    return f"{rate} {_plain(after)}".strip()


def _parties(measure: Measure, vocabulary: Vocabulary) -> str:
    whom = _some([_place(code, vocabulary) for code in measure.target])
    if not measure.imposer:
        return " and ".join(_place(code, vocabulary) for code in measure.target)
    return f"{_place(measure.imposer, vocabulary)} → {whom}" if whom else _place(measure.imposer, vocabulary)


def _place(code: str, vocabulary: Vocabulary) -> str:
    """The first of its names; groups and a few countries have one of their own."""
    terms = vocabulary.measures.get("countries", {}).get(code, ())
    return PLACES.get(code) or (terms[0].text if terms else code)


def _goods(goods: tuple[str, ...]) -> str:
    return "all goods" if goods == ACROSS else _some([name.replace("_", " ") for name in goods])


def _some(names: Sequence[str]) -> str:
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more > 0 else "")


def _rates(change: Change) -> str:
    before, after = change.before, change.after
    if after.action == EXEMPT:
        return "exemption"
    if change.kind == CONTRADICTS and before and None not in (before.rate, after.rate) and before.rate != after.rate:
        return f"{_rate(before)} or {_rate(after)}"
    earlier = _earlier(change)
    if after.action == REMOVE and not earlier:
        return "" if after.status == IN_FORCE else "removal"
    if earlier is None or after.rate in (None, earlier) or after.status not in FIRMNESS:
        return _rate(after)
    return f"{percent(earlier)} → {_rate(after)}"


def _rate(state: State) -> str:
    if state.rate is None:
        return ""
    return (f"{state.rate_low:g}–" if state.rate_low is not None else "") + percent(state.rate)


def _earlier(change: Change) -> float | None:
    """The rate before: as told, else that of the claim which moved, else that which is in force meanwhile."""
    before, after = change.before, change.after
    if after.rate_from is not None or change.kind != CHANGES or before is None:
        return after.rate_from
    if before.status == after.status:
        return before.rate
    now = _in_force(change)
    return now.rate if now else before.rate if before.status not in ENDS else None


def _in_force(change: Change) -> State | None:
    """What was in force when the change was told."""
    known = tuple(state for state in change.measure.states if state != change.after)
    now = standing(history(replace(change.measure, states=known))).now
    return now if now and now.status == IN_FORCE else None


def _status(change: Change) -> str:
    before, after = change.before, change.after
    if after.status == DENIED and before:
        return f"{_plain(before)}, denied" + (f" by {_who(after)}" if after.side in SIDES else "")
    climbs = before is not None and before.status == IN_FORCE and after.status in FIRMNESS
    if change.kind != CHANGES or before is None or before.status == after.status or climbs:
        return _firm(after)
    return f"{_plain(before)} → {_firm(after)}"


def _firm(state: State) -> str:
    waits = state.status in FIXED and not (state.effective and state.effective <= state.told.date())
    return f"{_plain(state)}, not yet in force" if waits else _plain(state)


def _plain(state: State) -> str:
    removed = state.action == REMOVE and state.status == IN_FORCE
    return "removed" if removed else state.status.replace("_", " ")


def _ground(change: Change) -> str:
    measure = change.measure
    if change.total:
        return "in all, " + " and ".join(
            GROUNDS.get(part.ground, part.title).replace("-", " ") for part in change.total
        )
    kind = "" if measure.instrument in PLAIN else INSTRUMENTS.get(measure.instrument, measure.instrument)
    return " ".join(
        part for part in (GROUNDS.get(measure.ground, "").replace("-", " "), kind.replace("_", " ")) if part
    )


def _dates(state: State) -> Iterable[str]:
    if state.effective:
        begun = state.effective <= state.told.date() and state.status not in (THREATENED, PROPOSED)
        yield f"{'since' if begun else 'from'} {day_words(state.effective)}"
    if state.expires:
        yield f"until {day_words(state.expires)}"


def _known(change: Change) -> str:
    """Of what only confirms: since when it is known, or what became of it after the article was written."""
    if change.kind != CONFIRMS or change.before is None:
        return ""
    if change.after.told < change.before.told:
        return f"since then {words(change.before)}"
    return f"known since {day_words(change.before.told)}"


def claims(change: Change) -> tuple[Claim, ...]:
    """Of a contradiction, who says what."""
    if change.kind != CONTRADICTS or change.before is None:
        return ()
    return tuple(Claim(_who(s), words(s), s.outlet, s.url, s.told) for s in (change.before, change.after))


def _who(state: State) -> str:
    return SIDES.get(state.side, state.outlet)
