"""A sparkline: a bar for each day, as the path of an SVG. What it shows is told in words beside it."""

from collections.abc import Sequence
from datetime import date

STEP, HEIGHT = 4, 24  # of the view box; a bar is drawn in the middle of its step
LEAST = 2  # the height of a bar that is there at all


def sparkline(days: Sequence[tuple[date, int]]) -> str:
    """Upright strokes from the ground, each as high as its share of the most; a day without any has none."""
    most = max((count for _, count in days), default=0)
    tops = [HEIGHT - max(LEAST, round(HEIGHT * count / most)) if count else HEIGHT for _, count in days]
    return "".join(f"M{n * STEP + STEP // 2} {HEIGHT}V{top}" for n, top in enumerate(tops) if top < HEIGHT)


def width(days: Sequence[tuple[date, int]]) -> int:
    return len(days) * STEP
