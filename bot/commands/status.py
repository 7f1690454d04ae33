"""status: how the program does."""

from typing import Annotated

import typer

from bot.commands.kept import kept
from bot.terminal import FAILED, OK, ConfigPath, settings_of


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: ConfigPath = None,
) -> None:
    """Tell how the program does: feeds, items, alerts, what waits and why.

    What the heartbeat tells once a day, as it is now, with every feed that is not well. Exit code 1 when not all is well.
    """
    from bot.app import clock
    from bot.heartbeat import as_json as in_json
    from bot.heartbeat import headline, lines
    from bot.pulse import last_heartbeat, take_pulse

    settings = settings_of(config)
    with kept(settings.store) as store:
        if store is None:
            print("Nothing was read yet: `tariffwatch run` reads the feeds.")
            raise typer.Exit(FAILED)
        _, since = last_heartbeat(store, settings.ops_channel)
        pulse = take_pulse(store, settings.feeds, clock(), since)
    print(in_json(pulse) if as_json else "\n".join([headline(pulse), *lines(pulse, settings.ops_zone)]))
    raise typer.Exit(OK if pulse.well else FAILED)
