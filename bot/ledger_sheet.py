"""A sheet of the ledger: which lines of a statement somebody asks for, what there is to choose from, and whom it hits, in words.

measures, lines, what is wanted → days, choices, lines, sectors
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta

from bot.chart import on_india
from bot.measures import ACROSS, EXEMPT, GROUNDS, IN_FORCE, INSTRUMENTS, PLACES, SECTIONS, Measure
from bot.statement import HEADINGS, Line

JOINT = "joint"  # imposer of what two parties settle between them
ENDED, COMES = SECTIONS[-1], SECTIONS[1:-1]
UNGROUNDED = {"tariff": "no ground told", "other": "another measure"}
PRESENT = "shields", "opens", "duty hits", "spares"
PAST = "shielded", "opened", "duty hit", "spared"
SHIELDS, HITS = "Sectors that India shields", "Sectors that US duties hit"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; "" for no matter which."""

    imposer: str = ""
    goods: str = ""
    status: str = ""  # a section
    ground: str = ""  # or instrument, where no ground is told


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    name: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Side:
    """What India shields, or what is hit: sectors of what is in force, and of what may come."""

    name: str
    firm: tuple[str, ...]
    coming: tuple[str, ...]


# which lines


def fitting(lines: Iterable[Line], wanted: Wanted) -> tuple[Line, ...]:
    """What is on all goods is on each of them."""
    return tuple(line for line in lines if all(_fits(line, field.name, wanted) for field in fields(Wanted)))


def _fits(line: Line, name: str, wanted: Wanted) -> bool:
    asked = getattr(wanted, name)
    values = _values(line, name)
    return not asked or asked in values or (name == "goods" and values == ACROSS)


def _values(line: Line, name: str) -> tuple[str, ...]:
    measure = line.measure
    if name == "goods":
        return measure.goods
    return ({"imposer": measure.imposer or JOINT, "status": line.section, "ground": ground(measure)}[name],)


def ground(measure: Measure) -> str:
    return measure.ground or measure.instrument


def choices(lines: Sequence[Line], wanted: Wanted) -> dict[str, tuple[Choice, ...]]:
    """By what is narrowed: each value that a line has, with how many lines have it, most first; and what is asked for."""
    return {field.name: _choices(lines, field.name, getattr(wanted, field.name)) for field in fields(Wanted)}


def _choices(lines: Sequence[Line], name: str, asked: str) -> tuple[Choice, ...]:
    counts = Counter(value for line in lines for value in _values(line, name))
    if asked:
        counts.setdefault(asked, 0)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if name == "status":
        ranked = [(section, counts[section]) for section in SECTIONS]
    return tuple(Choice(value, called(name, value), count, value == asked) for value, count in ranked)


def called(name: str, value: str) -> str:
    """A value as people say it."""
    if name == "imposer":
        return "between two parties" if value == JOINT else PLACES.get(value, value)
    if name == "status":
        return HEADINGS.get(value, value)
    if name == "goods":
        return goods_words((value,))
    return GROUNDS.get(value) or UNGROUNDED.get(value) or INSTRUMENTS.get(value, value).replace("_", " ")


def goods_words(goods: Sequence[str]) -> str:
    if tuple(goods) == ACROSS:
        return "all goods"
    return ", ".join(name.replace("_", " ") for name in goods) or "goods not told"


# which days


def days(measures: Iterable[Measure], today: date) -> tuple[date, ...]:
    """On which something was learned, or came or ended by its date; and today."""
    states = [state for measure in measures for state in measure.states]
    learned = {_day(state.arrived) for state in states}
    dates = {state.effective for state in states} | {
        s.expires + timedelta(1) for s in states if s.expires and s.expires < today
    }
    first = min(learned, default=today)
    return tuple(sorted({day for day in learned | dates if day and first <= day <= today} | {today}))


def place(days: Sequence[date], day: date) -> int:
    """Which of the days a day belongs to: the last that is not after it, else the first."""
    return max(0, bisect_right(days, day) - 1)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


# whom it hits


def reach(line: Line) -> str:
    """ "India shields", "US duty hits India", "US duty on others": what the sectors of a measure have to do with India."""
    measure, over = line.measure, line.section == ENDED
    imposer = PLACES.get(measure.imposer, measure.imposer)
    if not imposer:
        return "between two parties"
    if measure.imposer != "IN" and not on_india(measure):
        return f"{imposer} duty on others"
    shields, opens, hits, spares = PAST if over else PRESENT
    if measure.imposer == "IN":
        return f"India {shields if _bars(line) else opens}"
    return f"{imposer} {hits if _bars(line) else spares} India" + (
        "" if measure.target == ("IN",) else ", among others"
    )


def _bars(line: Line) -> bool:
    """Not what lets goods in: an exemption, no duty at all, or what a free-trade agreement cuts."""
    removed = line.section != ENDED and line.state.rate == 0
    return line.measure.ground != "fta" and line.state.action != EXEMPT and not removed


def sides(lines: Sequence[Line]) -> tuple[Side, ...]:
    """The sectors of India's own duties and those of American duties on India, told apart."""
    bars = [line for line in lines if _bars(line)]
    shields = [line for line in bars if line.measure.imposer == "IN"]
    hits = [line for line in bars if line.measure.imposer == "US" and on_india(line.measure)]
    return tuple(
        Side(name, _sectors(of, (IN_FORCE,)), _sectors(of, COMES)) for name, of in ((SHIELDS, shields), (HITS, hits))
    )


def _sectors(lines: Iterable[Line], sections: Sequence[str]) -> tuple[str, ...]:
    """The most often named first."""
    named = Counter(good for line in lines if line.section in sections for good in line.measure.goods)
    return tuple(good for good, _ in named.most_common())
