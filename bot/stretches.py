"""Stretches: what held of a measure from day to day, as it is known on one day: what a chart of it draws, and a table says.

measure, a day → stretches of what is in force or ended, and of what was to come beside it
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from bot.measures import IN_FORCE, Measure, State, dated, headed, history, standing, words

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From the day `start` to the day `end`, both included. `section` is the heading that a statement has it under then; the
    `rate` of what has ended is the one that fell, None where none was told."""

    start: date
    end: date
    section: str
    rate: float | None
    words: str


def stretches(measure: Measure, day: date) -> tuple[Stretch, ...]:
    """All up to the end of a day, by their start; what is in force before what is to come. What was denied by the
    measure's own side, or corrected by a late article, stands as it is known on that day."""
    chain = history(measure, day)
    turns = _turns(chain, day)
    spans = zip(turns, [*(turn - DAY for turn in turns[1:]), day], strict=False)  # no turn, no span
    found = [piece for start, end in spans for piece in _pieces(chain, start, end)]
    return tuple(sorted(_joined(found), key=lambda stretch: stretch.start))


def _turns(chain: Sequence[State], last: date) -> list[date]:
    """The days on which something was told, or came or ended by its date."""
    days = {_day(state.told) for state in chain}
    first = min(days, default=last)
    days |= {state.effective for state in chain if state.effective}
    days |= {state.expires + DAY for state in chain if state.expires and state.expires < last}
    return sorted(day for day in days if first <= day <= last)


def _pieces(chain: Sequence[State], start: date, end: date) -> Iterator[Stretch]:
    found = standing(dated(state, start) for state in _counting(chain, start))
    for section, state in headed(found):
        yield Stretch(start, end, section, state.rate, _words(state))


def _counting(chain: Sequence[State], day: date) -> Sequence[State]:
    """What was told by then, from the last that was told to be in force: that put an end to all before it."""
    told = [state for state in chain if _day(state.told) <= day]
    last = next((n for n in reversed(range(len(told))) if told[n].status == IN_FORCE), 0)
    return told[last:]


def _words(state: State) -> str:
    """Without its dates, which are those of the stretch."""
    return words(replace(state, effective=None, expires=None)) + (" (contested)" if state.contested else "")


def _joined(pieces: Sequence[Stretch]) -> list[Stretch]:
    """One for what went on the same from piece to piece."""
    out: list[Stretch] = []
    going: dict[tuple[str, float | None, str], int] = {}
    for piece in pieces:
        what = (piece.section, piece.rate, piece.words)
        n = going.get(what)
        if n is not None and out[n].end + DAY == piece.start:
            out[n] = replace(out[n], end=piece.end)
            continue
        going[what] = len(out)
        out.append(piece)
    return out


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
