"""The chart of a digest: alerts a day, and the rates of measures that hit India, as what is drawn and as words.

alerts, measures, a day → bars, courses → titles, alternative text
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from itertools import groupby

from bot.alerts import FOLDED, REPLY, ROOT, SENT, TOLD, Alert
from bot.hours import local_day
from bot.matching import GROUPS, WIDE
from bot.measures import FIXED, IN_FORCE, REMOVE, Measure, State, day_words, on, percent
from bot.messages import counted

ALERT_DAYS, RATE_DAYS = 14, 90
MOST_COURSES = 5
TOLD_STATES = (SENT, FOLDED, TOLD)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """The alerts of one day."""

    day: date
    high: int
    medium: int
    low: int

    @property
    def all(self) -> int:
        return self.high + self.medium + self.low


@dataclass(frozen=True, slots=True)
class Step:
    """A rate from the day `start` to the day `end`, both included."""

    start: date
    end: date
    rate: float
    firm: bool  # in force; else announced or agreed


@dataclass(frozen=True, slots=True)
class Course:
    """What became of the rate of one measure: what was in force and what was announced may run side by side."""

    title: str
    steps: tuple[Step, ...]

    def last(self, day: date) -> tuple[Step, ...]:
        """What holds on that day, what is in force first."""
        return tuple(sorted((s for s in self.steps if s.end == day), key=lambda step: not step.firm))


@dataclass(frozen=True, slots=True)
class Chart:
    """Up to the end of `last`, a day that is over. `more` measures are left out, those that moved longest ago."""

    last: date
    bars: tuple[Bar, ...]
    courses: tuple[Course, ...]
    more: int


def chart(alerts: Iterable[Alert], measures: Iterable[Measure], today: date, zone: tzinfo) -> Chart:
    """Of a channel's alerts, and of the ledger."""
    last = today - DAY
    found = [course for measure in measures if on_india(measure) and (course := _course(measure, last)).steps]
    found.sort(key=lambda course: (_moved(course, last), _highest(course)), reverse=True)
    shown = sorted(found[:MOST_COURSES], key=_highest, reverse=True)
    return Chart(last, _bars(alerts, last, zone), tuple(shown), len(found) - len(shown))


def _bars(alerts: Iterable[Alert], last: date, zone: tzinfo) -> tuple[Bar, ...]:
    """Cards and replies, and what was left to a digest: of the day on which it went out, or was made."""
    news = [a for a in alerts if a.role in (ROOT, REPLY) and a.state in TOLD_STATES]
    days = [(local_day(a.sent_at or a.created, zone), a.message.severity) for a in news]
    shown = [last - n * DAY for n in reversed(range(ALERT_DAYS))]
    return tuple(Bar(day, *(days.count((day, level)) for level in ("high", "medium", "low"))) for day in shown)


def on_india(measure: Measure) -> bool:
    """By name, or as everybody."""
    return any(name in WIDE or "IN" in GROUPS.get(name, (name,)) for name in measure.target)


def _course(measure: Measure, last: date) -> Course:
    """Day by day as it was known at the end of each."""
    days = [last - n * DAY for n in reversed(range(RATE_DAYS))]
    standings = [on(measure, day) for day in days]
    firm = [_rate(found.now, (IN_FORCE,)) for found in standings]
    coming = [_rate(found.coming, FIXED) for found in standings]
    return Course(measure.title, (*_steps(days, firm, firm=True), *_steps(days, coming, firm=False)))


def _rate(state: State | None, statuses: Sequence[str]) -> float | None:
    return state.rate if state and state.status in statuses and state.action != REMOVE else None


def _steps(days: Sequence[date], rates: Sequence[float | None], *, firm: bool) -> Iterator[Step]:
    for rate, run in groupby(zip(days, rates, strict=True), key=lambda pair: pair[1]):
        spent = [day for day, _ in run]
        if rate is not None:
            yield Step(spent[0], spent[-1], rate, firm)


def _moved(course: Course, last: date) -> date:
    """When it last began to be as it is, or ended."""
    ends = [step.end + DAY for step in course.steps if step.end < last]
    return max([*(step.start for step in course.steps), *ends])


def _highest(course: Course) -> float:
    return max(step.rate for step in course.steps)


# in words


def alerts_title(chart: Chart) -> str:
    """ "41 alerts in 14 days, most on Tue 24 Feb (9)" """
    count = sum(bar.all for bar in chart.bars)
    if not count:
        return f"No alert in {ALERT_DAYS} days"
    most = max(chart.bars, key=lambda bar: bar.all)
    alerts = f"{counted(count, 'alert')} in {ALERT_DAYS} days"
    return f"{alerts}, most on {most.day:%a} {most.day.day} {most.day:%b} ({most.all})"


def rates_title(chart: Chart) -> str:
    """ "Duties on India: 2 rates in force, highest 25 %; 1 to come" """
    held = [step for course in chart.courses for step in course.last(chart.last)]
    firm, coming = [s.rate for s in held if s.firm], [s.rate for s in held if not s.firm]
    if not chart.courses:
        return f"No duty on India in force or to come in {RATE_DAYS} days"
    rates = f"{len(firm) or 'no'} rate{'' if len(firm) == 1 else 's'} in force"
    highest = f", highest {percent(max(firm))}" if len(firm) > 1 else f", {percent(firm[0])}" if firm else ""
    return f"Duties on India: {rates}{highest}; {len(coming) or 'none'} to come"


def alternative(chart: Chart) -> str:
    """What is seen, for who does not see it."""
    courses = [f"{course.title}: {', '.join(map(_step, course.steps))}" for course in chart.courses]
    more = [f"{chart.more} more not drawn"] if chart.more else []
    totals = ", ".join(
        f"{sum(getattr(bar, level) for bar in chart.bars)} {level}" for level in ("high", "medium", "low")
    )
    told = (f"{alerts_title(chart)}, to {day_words(chart.last)}: {totals}", rates_title(chart))
    return ". ".join([*told, *courses, *more])


def _step(step: Step) -> str:
    held = "in force" if step.firm else "to come"
    return f"{percent(step.rate)} {held} {day_words(step.start)} to {day_words(step.end)}"
