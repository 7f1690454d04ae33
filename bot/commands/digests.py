"""digest: what the next digest of a channel would tell."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.kept import kept
from bot.errors import ConfigError
from bot.terminal import ConfigPath, replace_file, settings_of

if TYPE_CHECKING:
    from bot.channels import Channel
    from bot.config import Config
    from bot.messages import Message
    from bot.ports import Store


def digest(
    channel: Annotated[
        str, typer.Option("--channel", metavar="CHANNEL", help="One channel; all that have digests if not given.")
    ] = "",
    weekly: Annotated[bool, typer.Option("--weekly", help="The weekly one, where the channel has both.")] = False,
    last: Annotated[bool, typer.Option("--last", help="The last that was queued, whole.")] = False,
    chart: Annotated[
        Path | None, typer.Option("--chart", metavar="FILE", help="Write its chart to this file too, as a PNG.")
    ] = None,
    config: ConfigPath = None,
) -> None:
    """Print the digest that would go out now.

    Nothing is sent, and what waits for the digest goes on waiting.
    """
    from bot.sinks.console import ConsoleSink

    settings = settings_of(config)
    sink = ConsoleSink(sys.stdout)
    with kept(settings.store) as store:
        if store is None:
            print("Nothing was read yet: `tariffwatch run` reads the feeds.")
            return
        wanted = _wanted(settings, channel)
        if chart:
            _draw(store, wanted, chart)
        for one in wanted:
            message = _last(store, one, weekly) if last else _next(store, one, weekly)
            if message:
                sink.send(message, one.channel)
            else:
                print(f"{one.channel} has had no such digest yet.")


def _wanted(settings: "Config", name: str) -> "list[Channel]":
    """The one that is named; else those with digests, or where none has any, the default channel."""
    from bot.channels import Channel

    if not name and (found := [one for one in settings.channels if one.digests]):
        return found
    name = name or settings.channel
    return [next((one for one in settings.channels if one.channel == name), Channel(name))]


def _next(store: "Store", channel: "Channel", weekly: bool) -> "Message":
    from bot.app import clock, timeline
    from bot.digests import next_digest

    return next_digest(store, timeline().measures, channel, _kind(channel, weekly), clock()).alert.message


def _draw(store: "Store", channels: "list[Channel]", path: Path) -> None:
    from bot.app import clock, timeline
    from bot.digests import chart_of
    from bot.drawing import MISSING, drawer

    draw = drawer()
    if draw is None:
        raise ConfigError("matplotlib, which draws, is not there", where="--chart", hint=MISSING)
    if len(channels) > 1:
        names = ", ".join(one.channel for one in channels)
        raise ConfigError("a chart is of one channel", where="--chart", hint=f"name it with --channel: {names}")
    replace_file(path, draw(chart_of(store, timeline().measures, channels[0], clock())))


def _last(store: "Store", channel: "Channel", weekly: bool) -> "Message | None":
    alert = store.last_of(_kind(channel, weekly), channel.channel)
    return alert.message if alert else None


def _kind(channel: "Channel", weekly: bool) -> str:
    from bot.channels import DAILY, WEEKLY

    return WEEKLY if weekly or [kind for kind, _ in channel.digests] == [WEEKLY] else DAILY
