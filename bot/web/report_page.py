"""A report as one HTML page that needs nothing else, its style and its pictures inside: to be sent on, and printed."""

from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot import __version__
from bot.agenda import outlets
from bot.chart import Course, Step
from bot.measures import percent
from bot.messages import counted
from bot.reminders import full_day, left_words
from bot.report import AHEAD, Report
from bot.sinks.mrkdwn import safe_url
from bot.web.pictures import bars_svg, mark_svg, rates_svg

HEADINGS = {"high": "High", "medium": "Medium", "low": "Low"}
MOST_OUTLETS = 6


def report_html(report: Report) -> str:
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            week=week(report),
            headings=HEADINGS,
            ahead=AHEAD,
            bars=Markup(bars_svg(report.chart)),  # noqa: S704  ours: what stands in it is escaped there
            rates=Markup(rates_svg(report.chart)) if report.chart.courses else "",  # noqa: S704
            version=__version__,
        )
    )


def week(report: Report) -> str:
    """ "Week 9 of 2026, 23 Feb to 1 Mar", or without its number where the days are not those of a week."""
    year, number, weekday = report.first.isocalendar()
    first, last = report.first, report.last
    span = f"{first.day} {first:%b}{'' if first.year == last.year else f' {first.year}'} to {last.day} {last:%b} {last.year}"
    return f"Week {number} of {year}: {span}" if weekday == 1 else span


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("bot.web", "paper"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "counted": counted,
        "day": full_day,
        "left": left_words,
        "outlets": _outlets,
        "link": safe_url,  # "" for what no reader should press
        "told_by": outlets,
        "course": _course,
        "mark": lambda n: Markup(mark_svg(n)),  # noqa: S704  ours
        "at": _at,
    }
    return made


def _outlets(names: tuple[str, ...]) -> str:
    more = len(names) - MOST_OUTLETS
    return ", ".join(names[:MOST_OUTLETS]) + (f" and {more} more" if more > 0 else "")


def _course(course: Course, last: date) -> str:
    """What holds, or what held last."""
    held = course.last(last)
    if held:
        return ", ".join(map(_step, held))
    ended = max(course.steps, key=lambda step: step.end)
    return f"{percent(ended.rate)} until {ended.end.day} {ended.end:%b}"


def _step(step: Step) -> str:
    return f"{percent(step.rate)} {'in force' if step.firm else 'to come'}"


def _at(moment: datetime, zone: str) -> dict[str, Any]:
    here = moment.astimezone(ZoneInfo(zone))
    return {"iso": moment.isoformat(), "words": f"{here.day} {here:%b %H:%M}"}
