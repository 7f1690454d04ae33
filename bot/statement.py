"""A statement of the ledger: which measures are in force, pending, threatened or ended on a day, for people and programs."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

from bot.measures import SECTIONS, Measure, State, day_words, sections, words

TOLD = "told"  # the section of a line of the history
HEADINGS = dict(zip(SECTIONS, ("In force", "Pending", "Threatened", "Ended"), strict=True))
RISKY = (*"=+-@＝＋－＠", "\t", "\r", "\n")  # what a spreadsheet would take for a formula


@dataclass(frozen=True, slots=True)
class Line:
    """One state of one measure, under the heading where it stands."""

    section: str
    measure: Measure
    state: State
    by_date: bool = False  # what was told has become so by the date in it; no source has told that it did

    @property
    def words(self) -> str:
        return words(self.state) + (" (by its date)" if self.by_date else "")

    @property
    def sources(self) -> tuple[str, ...]:
        """What to check it by: the sentence, who told it and when, the link."""
        state = self.state
        marks = [] if state.verified else ["not verified"]
        marks += [f"contested: {state.contested}"] if state.contested else []
        told = ", ".join([state.outlet, day_words(state.told), *marks])
        return tuple(part for part in (state.sentence, told, state.url) if part)


def lines(measures: Iterable[Measure], day: date) -> tuple[Line, ...]:
    """What stands at the end of a day, by heading, then in the order in which it was last told, newest first."""
    found = [_line(section, m, state) for m in measures for section, state in sections(m, day)]
    found.sort(key=lambda line: line.state.told, reverse=True)
    return tuple(sorted(found, key=lambda line: SECTIONS.index(line.section)))


def history(measures: Iterable[Measure], day: date) -> tuple[Line, ...]:
    """All that was known by the end of a day, measure by measure, oldest first."""
    return tuple(Line(TOLD, m, state) for m in measures for state in m.states if _day(state.arrived) <= day)


def _line(section: str, measure: Measure, state: State) -> Line:
    told = any((s.told, s.status) == (state.told, state.status) for s in measure.states)
    return Line(section, measure, state, by_date=not told)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def as_json(shown: Sequence[Line], day: date, as_of: date | None) -> str:
    """`as_of`: of the timeline, where the store has no measures of its own."""
    rows = [plain(row) for row in _rows(shown)]
    told = {"on": day.isoformat(), "timeline_as_of": as_of.isoformat() if as_of else None, "states": rows}
    return json.dumps(told, ensure_ascii=False, indent=1)


def as_csv(shown: Sequence[Line]) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([cell(value) for value in row.values()] for row in _rows(shown))
    return out.getvalue()


def _rows(shown: Iterable[Line]) -> Iterator[dict[str, Any]]:
    for line in shown:
        about, state = _record(line.measure, ABOUT), _record(line.state, TELLING)
        yield {"section": line.section, **about, "words": line.words, "by_date": line.by_date, **state}


def _record(of: Measure | State, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}


def cell(value: Any) -> Any:
    value = " ".join(value) if isinstance(value, tuple) else value
    if isinstance(value, str) and value.startswith(RISKY):
        return f"'{value}"
    return value.isoformat() if isinstance(value, date) else value


ABOUT = tuple(field.name for field in fields(Measure) if field.name != "states")
TELLING = tuple(field.name for field in fields(State))
COLUMNS = ("section", *ABOUT, "words", "by_date", *TELLING)
