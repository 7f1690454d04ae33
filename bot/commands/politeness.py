"""politeness: how our requests look to those who own the feeds."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from bot.commands.kept import kept
from bot.terminal import FAILED, OK, ConfigPath, settings_of

LATELY = timedelta(days=7)


def politeness(
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], metavar="DATE", help="The first day; a week ago if not given."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: ConfigPath = None,
) -> None:
    """Score our own requests as the strictest owners of feeds do.

    Exit code 1 when a request broke what we promise: floor, validators, Retry-After.
    """
    from bot import politeness_lines
    from bot.app import clock
    from bot.politeness import politeness as judged
    from bot.sources.sites import sites

    settings = settings_of(config)
    start = since.replace(tzinfo=UTC) if since else clock() - LATELY
    with kept(settings.store) as store:
        log = store.requests(start) if store else []
    found = judged(log, sites(settings.apart))
    if as_json:
        print(politeness_lines.as_json(found, start))
    elif log:
        print("\n".join(politeness_lines.lines(found, start)))
    else:
        print(politeness_lines.EMPTY.format(since=start.date()))
    raise typer.Exit(FAILED if found.all.broken else OK)
