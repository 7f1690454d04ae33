"""A chart as SVG, to stand in a page: alerts a day as bars, rates as steps. What it shows is told in words beside it."""

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape
from itertools import pairwise

from bot.chart import DAY, RATE_DAYS, Bar, Chart, Course, Step, alerts_title, rates_title
from bot.measures import percent

WIDTH = 720
BARS, RATES = 150, 190  # heights of what is drawn, without what is written under it
LEFT, RIGHT, TOP, BELOW = 46, 8, 10, 22
MARKS = ("M-4 0A4 4 0 1 0 4 0A4 4 0 1 0-4 0", "M-4-4H4V4H-4Z", "M0-5L5 4H-5Z", "M0-5L5 0L0 5L-5 0Z", "M0 5L5-4H-5Z")
APART = 3  # points between two lines of the same rate
# Okabe and Ito's colours, as attributes: what makes a PDF of a page does not let the page's style into a picture.
FILLS = {"high": "#d55e00", "medium": "#e69f00", "low": "#56b4e9"}
LINES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#888888")
WORDS, GRID = 'fill="#666" font-size="12"', 'fill="none" stroke="#ccc"'
EVERY = 2  # days from one that is named to the next


def bars_svg(chart: Chart) -> str:
    """The alerts of each day, high below and low above, told apart by class and by outline."""
    most = max(4, *(bar.all for bar in chart.bars))
    step = (WIDTH - LEFT - RIGHT) / len(chart.bars)
    drawn = (part for n, bar in enumerate(chart.bars) for part in _bar(bar, LEFT + n * step, step, BARS / most))
    last = len(chart.bars) - 1
    days = [_day(bar, LEFT + (n + 0.5) * step) for n, bar in enumerate(chart.bars) if (last - n) % EVERY == 0]
    scale = _scale([(str(n), TOP + BARS - BARS * n / most) for n in sorted({0, most // 2, most})])
    return _svg(BARS, alerts_title(chart), [*scale, *drawn, *days])


def _bar(bar: Bar, x: float, step: float, unit: float) -> Iterator[str]:
    bottom = TOP + BARS
    for name, fill in FILLS.items():
        height = getattr(bar, name) * unit
        bottom -= height
        place = f'x="{x + step * 0.15:.1f}" y="{bottom:.1f}" width="{step * 0.7:.1f}" height="{height:.1f}"'
        if height:
            yield f'<rect class="{name}" fill="{fill}" stroke="#555" stroke-width="0.6" {place}/>'


def _day(bar: Bar, x: float) -> str:
    return f'<text {WORDS} x="{x:.1f}" y="{TOP + BARS + 15}" text-anchor="middle">{bar.day.day} {bar.day:%b}</text>'


def rates_svg(chart: Chart) -> str:
    """Each measure's rate over the days, unbroken where in force, dashed where to come; the sign before its name in the
    legend stands where its line begins."""
    top = max((step.rate for course in chart.courses for step in course.steps), default=10.0) * 1.1
    months = [day for n in range(RATE_DAYS) if (day := chart.last - n * DAY).day == 1]
    scale = _scale([(percent(rate), _y(rate, top)) for rate in _ticks(top)])
    place = f'y="{TOP + RATES + 15}" text-anchor="middle"'
    days = [f'<text {WORDS} x="{_x(chart, day):.1f}" {place}>1 {day:%b}</text>' for day in months]
    lines = (part for n, course in enumerate(chart.courses) for part in _course(chart, course, n, top))
    return _svg(RATES, rates_title(chart), [*scale, *days, *lines])


def mark_svg(n: int) -> str:
    """The sign of the nth measure, for the legend."""
    box = 'viewBox="-6 -6 12 12" width="12" height="12"'
    return f'<svg class="mark" {box} aria-hidden="true"><path fill="{LINES[n]}" d="{MARKS[n]}"/></svg>'


def _course(chart: Chart, course: Course, n: int, top: float) -> Iterator[str]:
    def height(step: Step) -> float:
        return _y(step.rate, top) - n * APART

    line = f'class="course" fill="none" stroke="{LINES[n]}" stroke-width="3"'
    for step in course.steps:
        start, y = _x(chart, step.start), height(step)
        dashes = "" if step.firm else ' stroke-dasharray="7 5"'
        yield f'<path {line}{dashes} d="M{start:.1f} {y:.1f}H{_x(chart, step.end + DAY):.1f}"/>'
        yield f'<path class="mark" fill="{LINES[n]}" transform="translate({start:.1f} {y:.1f})" d="{MARKS[n]}"/>'
    for before, after in pairwise(course.steps):
        if before.firm == after.firm and before.end + DAY == after.start:
            yield f'<path {line} d="M{_x(chart, after.start):.1f} {height(before):.1f}V{height(after):.1f}"/>'


def _ticks(top: float) -> list[float]:
    unit = next(unit for unit in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 10_000) if top / unit <= 5)
    return [float(n * unit) for n in range(int(top / unit) + 1)]


def _x(chart: Chart, day: date) -> float:
    first = chart.last - (RATE_DAYS - 1) * DAY
    return LEFT + (day - first).days / RATE_DAYS * (WIDTH - LEFT - RIGHT)


def _y(rate: float, top: float) -> float:
    return TOP + RATES * (1 - rate / top)


def _scale(ticks: Sequence[tuple[str, float]]) -> Iterator[str]:
    for words, y in ticks:
        yield f'<path class="grid" {GRID} d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
        yield f'<text {WORDS} x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{words}</text>'


def _svg(height: int, title: str, parts: Sequence[str]) -> str:
    box = f'viewBox="0 0 {WIDTH} {TOP + height + BELOW}"'
    return f'<svg class="chart" role="img" {box} aria-label="{escape(title)}">{"".join(parts)}</svg>'
