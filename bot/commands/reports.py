"""report: a week, for people who read no Slack."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.kept import kept
from bot.errors import ConfigError
from bot.terminal import ConfigPath, replace_file, settings_of

if TYPE_CHECKING:
    from bot.report import Report


def report(
    week: Annotated[bool, typer.Option("--week", help="Of seven days. It is the only kind so far.")] = True,
    html: Annotated[bool, typer.Option("--html", help="As one HTML page; so it is if neither is asked for.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="As a PDF.")] = False,
    until: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], metavar="DATE", help="Its last day; today if not given."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there; to standard output if not given.")
    ] = None,
    config: ConfigPath = None,
) -> None:
    """Write a report of the week: stories, moves of the ledger, dates to come, charts.

    One file that needs nothing else, to be sent on or printed. A file that is there already is replaced.
    """
    from bot.web.report_page import report_html

    if html and pdf:
        raise typer.BadParameter("ask for one of --html and --pdf")
    _refuse_terminal(pdf, out)
    page = report_html(_report(config, until.date() if until else None))
    data = _printed(page) if pdf else page.encode()
    if out is None:
        sys.stdout.buffer.write(data)
    else:
        replace_file(out, data)


def _report(config: Path | None, until: date | None) -> "Report":
    from bot.app import clock, desk, timeline
    from bot.hours import local_day
    from bot.report import report as report_of

    settings = settings_of(config)
    now = clock()
    today = local_day(now, settings.ops_zone)
    if until and until > today:
        raise ConfigError(f"{until} is yet to come", where="--until", hint=f"name a day up to {today}")
    with kept(settings.store) as store:
        if store is None:
            hint = "let `tariffwatch run` collect some first"
            raise ConfigError(f"{settings.store_name}: there is no store yet", hint=hint)
        return report_of(store, timeline().measures, desk(settings), until or today, now)


def _refuse_terminal(pdf: bool, out: Path | None) -> None:
    if pdf and out is None and sys.stdout.isatty():
        raise ConfigError("a PDF is nothing for a terminal", where="--pdf", hint="name a file with --out")


def _printed(page: str) -> bytes:
    from bot.printing import MISSING, printer

    made = printer()
    if made is None:
        raise ConfigError("WeasyPrint, which makes it, is not there", where="--pdf", hint=MISSING)
    return made(page)
