"""ledger, deadlines: what is in force, and what is due."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.kept import kept
from bot.terminal import ConfigPath, print_table, settings_of, unwritable

if TYPE_CHECKING:
    from rich.table import Table

    from bot.deadlines import Deadline, Upcoming
    from bot.measures import Measure
    from bot.statement import Line


def ledger(
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], metavar="DATE", help="As known on that day; today if not given."),
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="All that was told of each, oldest first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    config: ConfigPath = None,
) -> None:
    """List trade measures, with their sources.

    From the store; where that has none yet, from the shipped timeline, which says as of when it is.
    """
    from bot import statement
    from bot.app import clock

    if as_json and as_csv:
        raise typer.BadParameter("ask for one of --json and --csv")
    day = (on or clock()).date()
    measures, as_of = known_measures(settings_of(config).store)
    shown = statement.history(measures, day) if history else statement.lines(measures, day)
    if as_json:
        print(statement.as_json(shown, day, as_of))
    elif as_csv:
        print(statement.as_csv(shown), end="")
    else:
        print(f"The ledger on {day}" + (f" — of the shipped timeline, as of {as_of}" if as_of else ""))
        _sheet(shown)


def known_measures(store_url: str) -> "tuple[Sequence[Measure], date | None]":
    """Those of the store, else of the timeline, with the day of which that tells."""
    from bot.app import timeline
    from bot.ledger import seeded

    pack = timeline()
    measures, unwritten = seeded(_stored(store_url), pack.measures)
    return measures, pack.as_of if unwritten else None


def _stored(store_url: str) -> "Sequence[Measure]":
    with kept(store_url) as store:
        return store.measures() if store else ()


def _sheet(shown: "Iterable[Line]") -> None:
    """Tables for people, one a heading. What a source wrote is text, whatever it looks like."""
    from itertools import groupby

    from bot.statement import HEADINGS

    for name, part in groupby(shown, key=lambda line: HEADINGS.get(line.section) or line.measure.title):
        print_table(_table(list(part)), name)


def _table(part: "Sequence[Line]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from bot.statement import HEADINGS

    table = Table(box=None, show_header=False, padding=(0, 2, 1, 2), expand=True)
    table.add_column(ratio=2)
    table.add_column(ratio=3, overflow="fold")
    for line in part:
        left = f"{line.measure.title}\n{line.words}" if line.section in HEADINGS else line.words
        table.add_row(Text(left), Text("\n".join(line.sources)))
    return table


def deadlines(
    days: Annotated[
        int | None, typer.Option("--days", min=0, metavar="N", help="Only those of the next N days.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that have passed, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    ics: Annotated[Path | None, typer.Option("--ics", metavar="FILE", help="Write a calendar file.")] = None,
    config: ConfigPath = None,
) -> None:
    """List what is due when: dates of measures, comments, hearings, decisions.

    From the store; where that has no measures yet, from the shipped timeline. Each with its sentence and source.
    """
    from bot import agenda
    from bot.app import clock
    from bot.deadlines import calendar

    if as_json + as_csv + (ics is not None) > 1:
        raise typer.BadParameter("ask for one of --json, --csv and --ics")
    now = clock()
    today, store = now.date(), settings_of(config).store
    since = date.min if everything else today
    measures, as_of = known_measures(store)
    upcoming = calendar(measures, _told(store, since), since)
    shown = [one for one in upcoming if days is None or one.days_left(today) <= days]
    if as_json:
        print(agenda.as_json(shown, today, as_of))
    elif as_csv:
        print(agenda.as_csv(shown, today), end="")
    elif ics:
        _write_ics(ics, shown, now)
    else:
        print(
            f"Deadlines on {today}"
            + (f" — dates of measures from the shipped timeline, as of {as_of}" if as_of else "")
        )
        _agenda(shown, today, days)


def _told(store_url: str, since: date) -> "list[Deadline]":
    """What the articles in the store set, if there is one."""
    with kept(store_url) as store:
        return store.deadlines(since) if store else []


def _write_ics(path: Path, shown: "Sequence[Upcoming]", now: datetime) -> None:
    from bot.ics import as_ics

    try:
        path.write_bytes(as_ics(shown, now))
    except OSError as error:
        raise unwritable(path, error) from error
    print(f"{path}: {len(shown)} {'deadline' if len(shown) == 1 else 'deadlines'}")


def _agenda(shown: "Sequence[Upcoming]", today: date, days: int | None) -> None:
    """A table for people: when, and what."""
    from rich.table import Table
    from rich.text import Text

    from bot import agenda

    if not shown:
        print(agenda.EMPTY.format(within="ahead" if days is None else f"for the next {days} days"))
        return
    table = Table(box=None, show_header=False, padding=(1, 2, 0, 2), expand=True)
    table.add_column(ratio=1)
    table.add_column(ratio=4, overflow="fold")
    for one in shown:
        table.add_row(Text(agenda.when(one, today)), Text(agenda.what(one)))
    print_table(table)
