"""watchlists list, show, log, undo: which there are, what they were, and back to that."""

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.kept import kept
from bot.errors import ConfigError
from bot.terminal import ConfigPath, print_table, replace_file, settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.config import Config, WatchlistSetting
    from bot.versions import Version
    from bot.watchlists import Watchlist

Name = Annotated[str, typer.Argument(metavar="NAME", help="A watchlist.")]


def watchlists_list(config: ConfigPath = None) -> None:
    """List the watchlists: state, owner, end, channels, where they stand, and their last change."""
    from rich.table import Table
    from rich.text import Text

    from bot.app import desk

    settings = settings_of(config)
    last = _latest(settings)
    table = Table("name", "state", "owner", "until", "channels", "where", "last change", box=None, pad_edge=False)
    for setting, watchlist in zip(settings.watchlists, desk(settings).watchlists, strict=True):
        change = last.get(setting.name)
        cells = (
            setting.name,
            _state(watchlist),
            setting.owner,
            str(setting.until or ""),
            _channels(settings, setting),
            _where(settings, setting),
            _change(change) if change else "",
        )
        table.add_row(*map(Text, cells))
    print_table(table)


def watchlists_show(name: Name, config: ConfigPath = None) -> None:
    """Show one watchlist: as it is written, where, and its last change."""
    from bot.app import desk

    settings = settings_of(config)
    pairs = zip(settings.watchlists, desk(settings).watchlists, strict=True)
    found = next(((setting, watchlist) for setting, watchlist in pairs if setting.name == name), None)
    if found is None:
        known = ", ".join(setting.name for setting in settings.watchlists)
        raise ConfigError(f"there is no watchlist {name!r}", where=settings.file, hint=f"known are {known}")
    setting, watchlist = found
    print(f"{_where(settings, setting)}: {_state(watchlist)}, alerts in {_channels(settings, setting)}")
    if change := _latest(settings).get(name):
        print(f"version {change.number}, {_change(change)}")
    print(f"\n{setting.entry}")


def watchlists_log(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Only this watchlist.")] = "", config: ConfigPath = None
) -> None:
    """Tell who changed which watchlist when, and how; the newest first."""
    from bot.config import store_of
    from bot.config_files import read_files
    from bot.versions import difference

    with kept(store_of(read_files(config), os.environ)) as store:
        versions = store.versions(name) if store else []
    if not versions:
        print(f"no version of {f'a watchlist {name}' if name else 'any watchlist'} is kept yet")
    earlier = {(version.name, version.number + 1): version for version in versions}
    for version in sorted(versions, key=lambda version: (version.at, version.number), reverse=True):
        print(f"{version.name} {version.number}: {_change(version)}, in {version.file}")
        print("".join(f"    {line}\n" for line in difference(earlier.get((version.name, version.number)), version)))


def watchlists_undo(
    name: Name,
    to: Annotated[
        int | None, typer.Option("--to", metavar="VERSION", help="Back to this version; else to the one before.")
    ] = None,
    config: ConfigPath = None,
) -> None:
    """Put a watchlist back as it was, in the file where it stands.

    Nothing else in the file is touched, and nothing is written when the settings would not load with it.
    """
    from bot.app import clock, keep_versions
    from bot.config import config_of, store_of
    from bot.config_files import read_files, user_name
    from bot.undo import undo

    files, now = read_files(config), clock()
    with kept(store_of(files, os.environ)) as store:
        if store:
            with suppress(ConfigError):  # what does not load is what undo is for
                keep_versions(config_of(files, os.environ), store, now)
        versions = store.versions(name) if store else []
        plan = undo(name, to, versions, files, os.environ, user_name(os.getuid()), now)
        replace_file(plan.path.resolve(), plan.data)
        if store:
            store.save_versions([plan.version])
    what = f"as in version {plan.back.number}" if plan.back.entry else "removed, as it was before"
    print(f"{plan.path}: watchlist {name} is {what}; a running desk takes that up in a few seconds")


def _latest(settings: "Config") -> "dict[str, Version]":
    from bot.versions import latest

    with kept(settings.store) as store:
        return latest(store.versions()) if store else {}


def _state(watchlist: "Watchlist") -> str:
    from bot.app import clock
    from bot.ops import ending

    return ending(watchlist, clock().date()).partition(":")[0] or "active"


def _channels(settings: "Config", setting: "WatchlistSetting") -> str:
    channels: Sequence[str] = setting.channels or (settings.channel,)
    return ", ".join(channels)


def _where(settings: "Config", setting: "WatchlistSetting") -> str:
    return f"{setting.file or settings.file}:{setting.line}"


def _change(version: "Version") -> str:
    """ "changed by priya on 2026-03-02 09:30 UTC" """
    by = f" by {version.who}" if version.who else ""
    return f"{version.what}{by} on {version.at:%Y-%m-%d %H:%M} UTC"
