"""An agenda: the calendar of deadlines in words, for people and programs."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date
from io import StringIO
from typing import Any

from bot.deadlines import Deadline, Upcoming
from bot.measures import day_words
from bot.reminders import full_day, left_words
from bot.statement import cell, plain

EMPTY = (
    "Nothing is set {within}: no measure of the ledger has a date to come, and no article that was read names one.\n"
    "`tariffwatch run` reads the feeds; `tariffwatch deadlines --all` shows what has passed."
)
COLUMNS = ("id", "days_left", *(field.name for field in fields(Deadline)), "outlets")


def when(one: Upcoming, today: date) -> str:
    """The day, and how far it is."""
    return f"{full_day(one.deadline.day)}\n{left_words(one.days_left(today)).lower()}"


def what(one: Upcoming) -> str:
    """What is set for the day, and what to check it by: the sentence, who told it, the link."""
    deadline = one.deadline
    about = "".join(f" ({docket})" for docket in deadline.dockets[:1])
    return "\n".join(
        part
        for part in (f"{deadline.kind}: {deadline.title}{about}", deadline.sentence, _sources(one), deadline.url)
        if part
    )


def _sources(one: Upcoming) -> str:
    deadline = one.deadline
    marks = [] if deadline.verified else ["not verified"]
    others = [name for name in outlets(one) if name != deadline.outlet]
    marks += [f"also {', '.join(others)}"] if others else []
    return ", ".join([deadline.outlet, day_words(deadline.told), *marks])


def outlets(one: Upcoming) -> tuple[str, ...]:
    return tuple(dict.fromkeys(told.outlet for told in (one.deadline, *one.others)))


def as_json(shown: Sequence[Upcoming], today: date, as_of: date | None) -> str:
    """`as_of`: of the timeline, where the store has no measures of its own."""
    told = {"on": today.isoformat(), "timeline_as_of": as_of.isoformat() if as_of else None}
    return json.dumps(told | {"deadlines": [plain(row) for row in _rows(shown, today)]}, ensure_ascii=False, indent=1)


def as_csv(shown: Sequence[Upcoming], today: date) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([cell(value) for value in row.values()] for row in _rows(shown, today))
    return out.getvalue()


def _rows(shown: Iterable[Upcoming], today: date) -> Iterator[dict[str, Any]]:
    for one in shown:
        told = {field.name: getattr(one.deadline, field.name) for field in fields(Deadline)}
        yield {"id": one.deadline.id, "days_left": one.days_left(today), **told, "outlets": outlets(one)}
