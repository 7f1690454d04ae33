"""A step chart: the rates of measures over time as strokes, marks and labels, for any page that draws them.

measures, a day → courses → strokes: places from left to right in per cent of the width, from top to bottom in points, so that
text keeps its size on a phone and on a wide screen
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from math import ceil

from bot.chart import on_india
from bot.measures import ACROSS, FIRMNESS, IN_FORCE, REMOVE, THREATENED, Measure, day_words, percent
from bot.statement import Line
from bot.stretches import Stretch, stretches

DAY = timedelta(days=1)
MOST = 8  # measures of one chart
MOST_STRETCHES, OF_SEVERAL = 100, 16  # of a measure that is drawn alone; of one beside others
HEIGHT, TOP, FOOT = 240.0, 26.0, 24.0
RIGHT = 94.0  # beside it stand the numbers of the lines
LIFT, ROOM = 5.0, 15.0  # between lines of one rate; between numbers
NEAR = 2.5  # of two ends whose numbers would touch
WIDTH, LINE = 12.0, 14.0  # of a rate that is written above its line
MOST_TICKS = 8
STEPS = (1, 2, 3, 6, 12, 24, 60)  # months between two ticks
ROUND = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)  # per cent between two lines of the grid
MOST_GRIDS = 5
FAR = 2  # times the highest rate in force
ENDED = "ended"
LEGEND = (
    (IN_FORCE, "in force"),
    ("pending", "pending: proposed, announced or agreed"),
    (THREATENED, "threatened"),
    (ENDED, "ended or paused"),
)


@dataclass(frozen=True, slots=True)
class Course:
    """What is drawn of one measure; `number` is what it is called in the chart. The `earlier` stretches are left out."""

    number: int
    measure: Measure
    stretches: tuple[Stretch, ...]
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Stroke:
    """A piece of a line. What takes the place of another is joined to it by an upright one."""

    number: int
    section: str
    x1: float
    x2: float
    y1: float
    y2: float


@dataclass(frozen=True, slots=True)
class Label:
    """`number` of the line it belongs to, 0 for the axes. A `spare` one is left out where there is little room; one that is
    `before` its place ends there."""

    x: float
    y: float
    text: str
    number: int = 0
    spare: bool = False
    before: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a line ends."""

    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class StepChart:
    """`beyond`: the rates above `top` that are drawn at the upper edge."""

    first: date
    last: date
    height: float
    grid: tuple[Label, ...]
    ticks: tuple[Label, ...]
    strokes: tuple[Stroke, ...]
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]
    beyond: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date
    top: float

    def x(self, day: date) -> float:
        return round(RIGHT * (day - self.first).days / max(1, (self.last + DAY - self.first).days), 2)

    def y(self, rate: float, lift: int = 0) -> float:
        share = min(1.0, rate / self.top)
        return round(HEIGHT - FOOT - share * (HEIGHT - TOP - FOOT) - lift * LIFT, 1)


# which measures


def courses(lines: Iterable[Line], day: date) -> tuple[tuple[Course, ...], int]:
    """Of the measures that hit India the first that have a rate, those on all goods before others, numbered by rate; and how
    many more there are."""
    able = list({line.measure.id: line.measure for line in lines if _able(line.measure)}.values())
    ranked = sorted(able, key=lambda measure: measure.goods != ACROSS)
    drawn = (one for measure in ranked if _lines(one := course(measure, day, OF_SEVERAL)))
    shown = sorted(islice(drawn, MOST), key=_highest, reverse=True)
    return tuple(replace(one, number=number) for number, one in enumerate(shown, 1)), len(able) - len(shown)


def _able(measure: Measure) -> bool:
    told = any(s.rate is not None and s.status in FIRMNESS and s.action != REMOVE for s in measure.states)
    return told and measure.imposer != "IN" and on_india(measure)


def course(measure: Measure, day: date, most: int = MOST_STRETCHES) -> Course:
    found = stretches(measure, day)
    return Course(1, measure, found[-most:], max(0, len(found) - most))


def _highest(course: Course) -> float:
    return max(one.rate or 0.0 for one in _lines(course))


# what is drawn


def step_chart(shown: Sequence[Course], day: date) -> StepChart | None:
    """Up to the end of a day. None where nothing has a rate."""
    lines = {course.number: _lines(course) for course in shown}
    drawn = [one for line in lines.values() for one in line]
    if not drawn:
        return None
    scale = _Scale(min(one.start for one in drawn), day, _top(drawn))
    lifts = _lifts(lines)
    return StepChart(
        first=scale.first,
        last=day,
        height=HEIGHT,
        grid=tuple(_grid(scale)),
        ticks=tuple(_ticks(scale)),
        strokes=tuple(stroke for n, line in lines.items() for stroke in _strokes(n, line, scale, lifts[n])),
        marks=tuple(mark for n, line in lines.items() for mark in _marks(n, line, scale, lifts[n])),
        labels=tuple(_rates(drawn, scale) if len(shown) == 1 else _numbers(lines, scale, lifts)),
        beyond=tuple(sorted({one.rate for one in drawn if one.rate and one.rate > scale.top})),
    )


def _lines(course: Course) -> list[Stretch]:
    return [one for one in course.stretches if one.rate is not None and one.section != ENDED]


def _top(drawn: Sequence[Stretch]) -> float:
    """What is far above all that is in force, and only proposed or threatened, does not press the rest together."""
    rates = [one.rate or 0.0 for one in drawn]
    held = max((one.rate or 0.0 for one in drawn if one.section == IN_FORCE), default=0.0)
    highest = max((rate for rate in rates if rate <= FAR * held), default=max(rates)) or 1.0
    return _every(highest) * ceil(highest / _every(highest))


def _every(top: float) -> float:
    return next((every for every in ROUND if top / every <= MOST_GRIDS), top / MOST_GRIDS)


def _grid(scale: _Scale) -> Iterator[Label]:
    every = _every(scale.top)
    for n in range(round(scale.top / every) + 1):
        yield Label(0.0, scale.y(n * every), percent(n * every))


def _ticks(scale: _Scale) -> Iterator[Label]:
    """At the first of months, or where these are too few at days."""
    months = [day for day in _months(scale.first) if scale.first < day <= scale.last]
    every = next((step for step in STEPS if len(months) / step <= MOST_TICKS), STEPS[-1])
    days = [day for day in months if (day.year * 12 + day.month - 1) % every == 0] if len(months) > 2 else []
    words = [f"{day:%b} {day.year}" for day in days]
    if not days:
        days = [scale.first] + ([scale.last] if scale.last - scale.first > 10 * DAY else [])
        words = [day_words(day) for day in days]
    for n, (day, text) in enumerate(zip(days, words, strict=True)):
        yield Label(scale.x(day), HEIGHT - FOOT, text, spare=n % 2 == 1 and len(days) > 4)


def _months(first: date) -> Iterator[date]:
    for n in range(first.month, first.month + 12 * 60):
        yield date(first.year + n // 12, n % 12 + 1, 1)


def _lifts(lines: dict[int, list[Stretch]]) -> dict[int, int]:
    """How many lines of the same rate lie below each: they are drawn side by side."""
    rates = {number: {one.rate for one in line} for number, line in lines.items()}
    return {n: sum(bool(rates[n] & rates[before]) for before in rates if before < n) for n in rates}


def _strokes(number: int, line: Sequence[Stretch], scale: _Scale, lift: int) -> Iterator[Stroke]:
    for one in line:
        height = scale.y(one.rate or 0.0, lift)
        yield Stroke(number, one.section, scale.x(one.start), scale.x(one.end + DAY), height, height)
        before = _before(line, one)
        if before:
            x = scale.x(one.start)
            yield Stroke(number, one.section, x, x, scale.y(before.rate or 0.0, lift), height)


def _before(line: Sequence[Stretch], one: Stretch) -> Stretch | None:
    """What it took the place of: what ended the day before; the firmest, of several."""
    ended = [before for before in line if before.end + DAY == one.start and before.rate != one.rate]
    return min(ended, key=lambda before: before.section != IN_FORCE, default=None)


def _marks(number: int, line: Sequence[Stretch], scale: _Scale, lift: int) -> Iterator[Mark]:
    """Where nothing of the measure goes on."""
    for one in line:
        after = one.end + DAY
        goes_on = any(other.start <= after and other.end > one.end for other in line)
        if not goes_on and one.end < scale.last:
            yield Mark(number, scale.x(after), scale.y(one.rate or 0.0, lift))


def _rates(line: Sequence[Stretch], scale: _Scale) -> Iterator[Label]:
    """Above its beginning, of the longest first; none on another."""
    written: list[tuple[float, float]] = []
    for one in sorted(line, key=lambda one: one.start - one.end):
        left, y = min(scale.x(one.start), RIGHT - WIDTH), scale.y(one.rate or 0.0) - 6
        if all(abs(left - x) >= WIDTH or abs(y - other) >= LINE for x, other in written):
            written.append((left, y))
            before = left < scale.x(one.start)
            yield Label(RIGHT if before else left, y, percent(one.rate or 0.0), 1, before=before)


def _numbers(lines: dict[int, list[Stretch]], scale: _Scale, lifts: dict[int, int]) -> Iterator[Label]:
    """Beside the ends of the lines, none on another."""
    ends = {n: max(line, key=lambda one: (one.end, one.section == IN_FORCE)) for n, line in lines.items() if line}
    columns: dict[float, list[tuple[float, int]]] = {}
    for n, end in ends.items():
        x = scale.x(end.end + DAY)
        near = next((other for other in columns if abs(other - x) < NEAR), x)
        columns.setdefault(near, []).append((scale.y(end.rate or 0.0, lifts[n]), n))
    for x, column in columns.items():
        heights = _apart([y for y, _ in sorted(column)])
        yield from (Label(x, y, str(n), n) for y, (_, n) in zip(heights, sorted(column), strict=True))


def _apart(wanted: Sequence[float]) -> list[float]:
    """The same heights from above, moved down where one would touch another, and up again from the floor."""
    heights: list[float] = []
    for y in wanted:
        heights.append(max(y, heights[-1] + ROOM) if heights else y)
    lowest = HEIGHT - FOOT - ROOM * (len(heights) - 1)
    return [min(y, lowest + ROOM * n) for n, y in enumerate(heights)]


# in words


def chart_words(shown: Sequence[Course], day: date) -> str:
    """What is seen, for who does not see it; all of it is in the table."""
    names = [f"{course.number}: " if len(shown) > 1 else "" for course in shown]
    told = zip(names, shown, strict=True)
    return ". ".join(f"{name}{course.measure.title}, {_now(course, day)}" for name, course in told)


def _now(course: Course, day: date) -> str:
    held = [one for one in course.stretches if one.end == day]
    return " and ".join(one.words for one in held) + f" on {day_words(day)}" if held else "not yet told of"
