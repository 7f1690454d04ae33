"""Draws chart.png, the chart of a digest as Slack gets it, of made-up alerts and measures: python docs/img/draw_chart.py"""

from datetime import date
from pathlib import Path

from bot.chart import ALERT_DAYS, DAY, RATE_DAYS, Bar, Chart, Course, Step
from bot.drawing import draw

LAST = date(2026, 11, 22)
FIRST = LAST - (RATE_DAYS - 1) * DAY
COUNTS = (21, 13, 130, 2, 11, 125, 41, 30, 112, 0, 11, 213, 346, 122)  # high, medium, low: a digit each


def ago(days: int) -> date:
    return LAST - days * DAY


BARS = tuple(
    Bar(ago(ALERT_DAYS - 1 - n), counts // 100, counts // 10 % 10, counts % 10) for n, counts in enumerate(COUNTS)
)
COURSES = (
    Course("US Section 232 tariff: steel, aluminium", (Step(FIRST, ago(40), 25, True), Step(ago(39), LAST, 50, True))),
    Course(
        "US reciprocal tariff on India",
        (Step(FIRST, ago(3), 25, True), Step(ago(2), LAST, 18, True), Step(ago(30), ago(3), 18, False)),
    ),
    Course("US Section 301 action on India", (Step(FIRST, LAST, 12.5, True), Step(ago(8), LAST, 15, False))),
    Course("US Section 122 tariff on all imports", (Step(FIRST, ago(60), 10, True),)),
)

Path(__file__).with_name("chart.png").write_bytes(draw(Chart(LAST, BARS, COURSES, 0)))
