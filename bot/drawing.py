"""Drawing: a chart as a PNG, 1200 by 675 points, to be read on a phone. matplotlib is an extra, `charts`."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.chart import DAY, RATE_DAYS, Chart, Course, alerts_title, rates_title
from bot.measures import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE, DPI = (12.0, 6.75), 100  # inches
INK, PALE, GRID, PAPER = "#1a1a1a", "#6b6b6b", "#e3e3e3", "#ffffff"
# Okabe and Ito's colours, which people who see no red or no green tell apart.
SEVERITIES = (("high", "#d55e00", "//"), ("medium", "#e69f00", ""), ("low", "#56b4e9", ".."))
LINES = (("#0072b2", "o"), ("#d55e00", "s"), ("#009e73", "^"), ("#cc79a7", "D"), ("#1a1a1a", "v"))
DASHED = (0, (3, 1.5))
THICK = 0.022  # of a line, of the height of its axes
LABELS = 0.62  # of the width of the days, beside them
ROOMS = 5.4  # for labels, one above the other
LONGEST = 40  # letters of one
COLOURS = 96
MISSING = 'install the extra: pip install "tariffwatch[charts]"'


def drawer() -> Callable[[Chart], bytes] | None:
    """None where matplotlib is not installed."""
    return draw if find_spec("matplotlib") else None


def draw(chart: Chart) -> bytes:
    import logging

    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where it keeps its list of fonts is no news
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    settings = {"font.size": 15, "font.family": "DejaVu Sans", "text.parse_math": False, "hatch.linewidth": 0.8}
    with rc_context(settings):
        figure = Figure(SIZE, DPI, facecolor=PAPER)
        above, below = figure.subplots(2, 1, height_ratios=(2, 3))
        figure.subplots_adjust(left=0.06, right=0.97, top=0.92, bottom=0.07, hspace=0.42)
        _bars(above, chart)
        _courses(below, chart)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    return _packed(canvas.get_width_height(), bytes(canvas.buffer_rgba()))


def _packed(size: tuple[int, int], pixels: bytes) -> bytes:
    """A few dozen colours are a third of the bytes, and look the same."""
    from PIL import Image

    picture, packed = Image.frombytes("RGBA", size, pixels).convert("RGB"), BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def _bars(axes: "Axes", chart: Chart) -> None:
    from matplotlib.ticker import MaxNLocator

    places, bottoms = range(len(chart.bars)), [0] * len(chart.bars)
    for name, colour, hatch in SEVERITIES:
        heights = [getattr(bar, name) for bar in chart.bars]
        label = f"{name} {sum(heights)}"
        axes.bar(places, heights, 0.7, bottoms, color=colour, hatch=hatch, edgecolor="white", label=label)
        bottoms = [sum(pair) for pair in zip(bottoms, heights, strict=True)]
    axes.set_xticks(places, [f"{bar.day:%a}\n{bar.day.day} {bar.day:%b}" for bar in chart.bars], fontsize=12)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_ylim(0, max(4, *bottoms) * 1.08)
    _plain(axes, alerts_title(chart))
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=3, frameon=False, fontsize=13, handlelength=1.2)


def _courses(axes: "Axes", chart: Chart) -> None:
    from matplotlib.dates import date2num

    first, end = chart.last - (RATE_DAYS - 1) * DAY, chart.last + DAY
    highest = max((step.rate for course in chart.courses for step in course.steps), default=10.0)
    top = highest * 1.18
    for course, (colour, mark), lift in zip(chart.courses, LINES, _lifts(chart.courses), strict=False):
        for step in course.steps:
            span, height = date2num([step.start, step.end + DAY]), step.rate + lift * top * THICK
            axes.plot(span, [height] * 2, color=colour, linestyle="-" if step.firm else DASHED, linewidth=3.5)
            if step.start > first:
                axes.plot(span[:1], [height], color=colour, marker=mark, markersize=9)
        _risers(axes, course, colour, lift * top * THICK)
    axes.set_xlim(*date2num([first, end + LABELS * RATE_DAYS * DAY]))
    axes.set_ylim(0, top)
    months = [day for n in range(5, RATE_DAYS) if (day := first + n * DAY).day in (1, 15)]
    axes.set_xticks(date2num(months), [f"{day.day} {day:%b}" for day in months])
    axes.yaxis.set_major_formatter(lambda rate, _: percent(rate))
    axes.tick_params(labelsize=13)
    more = f" ({chart.more} not drawn)" if chart.more else ""
    _plain(axes, f"{rates_title(chart)}{more}")
    axes.grid(visible=False)
    axes.hlines(axes.get_yticks()[1:-1], *date2num([first, end]), color=GRID, linewidth=1, zorder=0)
    axes.spines["bottom"].set_bounds(*date2num([first, end]))
    _labels(axes, chart, top)
    _styles(axes)


def _risers(axes: "Axes", course: Course, colour: str, lift: float) -> None:
    """Where one rate took the place of another."""
    from matplotlib.dates import date2num

    for before, after in pairwise(course.steps):
        if before.firm == after.firm and before.end + DAY == after.start:
            axes.vlines(date2num(after.start), before.rate + lift, after.rate + lift, color=colour, linewidth=2)


def _lifts(courses: Sequence[Course]) -> list[int]:
    """How many lines of the same rate lie below each: they are drawn side by side."""
    rates = [{step.rate for step in course.steps} for course in courses]
    return [sum(bool(rates[n] & before) for before in rates[:n]) for n in range(len(rates))]


def _styles(axes: "Axes") -> None:
    from matplotlib.lines import Line2D

    shown = (("-", "in force"), (DASHED, "to come"))
    handles = [Line2D([], [], color=INK, linestyle=style, linewidth=2.5, label=label) for style, label in shown]
    axes.legend(handles=handles, loc="upper right", bbox_to_anchor=(1.0, -0.01), ncols=2, frameon=False, fontsize=13)


def _labels(axes: "Axes", chart: Chart, top: float) -> None:
    """Beside the ends of the lines, in their colours, none on another; what ended before the last day says when."""
    from matplotlib.dates import date2num

    ends = [max(course.steps, key=lambda step: (step.end, step.firm)) for course in chart.courses]
    lifted = [end.rate + lift * top * THICK for end, lift in zip(ends, _lifts(chart.courses), strict=True)]
    wanted = sorted(zip(lifted, ends, chart.courses, LINES, strict=False), key=lambda one: one[0])
    heights = _apart([one[0] for one in wanted], top / ROOMS, top)
    for (rate, end, course, (colour, _)), height in zip(wanted, heights, strict=True):
        axes.annotate(
            _label(course, chart),
            xy=(date2num(end.end + DAY), rate),
            xytext=(date2num(chart.last + 4 * DAY), height),
            color=colour,
            fontsize=13,
            va="center",
            linespacing=1.15,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.5},
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.8,
                "shrinkA": 2,
                "shrinkB": 0,
                "relpos": (0, 0.5),
            },
        )


def _label(course: Course, chart: Chart) -> str:
    held = course.last(chart.last)
    said = ", ".join(f"{percent(step.rate)} {'in force' if step.firm else 'to come'}" for step in held)
    ended = max(step.end for step in course.steps)
    title = course.title if len(course.title) <= LONGEST else f"{course.title[: LONGEST - 1]}…"
    return f"{title}\n{said or f'ended {ended.day} {ended:%b}'}"


def _apart(wanted: Sequence[float], room: float, top: float) -> list[float]:
    """The same heights, from below, moved up where one would touch another, and down again from the top."""
    top -= room / 2
    heights: list[float] = []
    for height in wanted:
        heights.append(max(height, heights[-1] + room) if heights else max(height, room / 2))
    for n in reversed(range(len(heights))):
        heights[n] = min(heights[n], top - room * (len(heights) - 1 - n))
    return heights


def _plain(axes: "Axes", title: str) -> None:
    axes.set_title(title, loc="left", fontsize=16, fontweight="bold", color=INK, pad=10)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(PALE)
    axes.tick_params(length=0, colors=INK)
    axes.grid(axis="y", color=GRID, linewidth=1)
    axes.set_axisbelow(True)
