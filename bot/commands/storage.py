"""prepare, backup, restore, export, migrate: how the store is made, what leaves it, what comes back, and where it moves to."""

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.kept import kept
from bot.errors import ConfigError
from bot.messages import counted
from bot.terminal import ConfigPath, new_file, progress, settings_of


def prepare(config: ConfigPath = None) -> None:
    """Make the store, or bring it to this version's schema, and end. The daemon must be stopped.

    Where there is nothing to do it may run, so this can come before every start. Of the settings only the store is read.
    """
    from bot.app import alone
    from bot.config import store_of
    from bot.config_files import read_files
    from bot.store_url import shown
    from bot.stores.migrations import versions
    from bot.stores.sql import current, open_store

    store = store_of(read_files(config), os.environ)
    if current(store):
        print(f"{shown(store)} has schema {versions()[-1]} already")
        return
    with alone(store):
        open_store(store).close()
    print(f"{shown(store)} has schema {versions()[-1]} now")


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A file that is not there yet; or a folder.")],
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, metavar="N", help="In a folder: delete all but the newest N backups.")
    ] = None,
    config: ConfigPath = None,
) -> None:
    """Copy the store into a file, while the daemon runs.

    The copy is one moment of the store, and is read whole before it gets its name. In a folder it is named by the time.
    """
    from bot.app import clock
    from bot.stores.copies import backup as copy
    from bot.stores.copies import backup_name, forget_backups

    if keep and not target.is_dir():
        raise ConfigError(
            f"{target} is no folder", hint="--keep counts the backups of a folder: name one that is there"
        )
    store = settings_of(config).store
    file = target / backup_name(store, clock()) if target.is_dir() else target
    rows = copy(store, file)
    print(f"{file}: {_size(rows)}, whole and checked")
    for old in forget_backups(target, store, keep) if keep else ():
        print(f"{old}: deleted")


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `backup` wrote.")],
    config: ConfigPath = None,
) -> None:
    """Put a backup in the store's place. The daemon must be stopped.

    The backup is read whole and brought up to date first; what stood there before is kept aside.
    """
    from bot.app import clock
    from bot.instance import alone
    from bot.stores.copies import restore as put_back
    from bot.stores.sql import file_of

    store = settings_of(config).store
    file_of(store)  # or says what else to do
    with alone(store):
        done = put_back(store, source, clock())
    print(f"{source} is the store now: {_size(done.rows)}")
    if done.aside:
        print(f"what stood there before is {done.aside}")
    if done.told is None:
        print("alerts that wait in the backup are looked up before they are sent; later ones may be told a second time")
    else:
        print(f"taken over from that: {counted(done.told, 'later alert')}, so that none is told a second time")


def export(
    out: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="The file; packed where its name ends in .gz.")],
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], metavar="DATE", help="Only what was published since."),
    ] = None,
    config: ConfigPath = None,
) -> None:
    """Write the analysed articles as JSON lines, which `analyze` and `backtest --archive` read.

    A file that is there already is replaced when the new one is whole.
    """
    from bot.archive import exported
    from bot.articles import EARLIEST

    settings = settings_of(config)
    with kept(settings.store) as store:
        if store is None:
            raise ConfigError(
                f"{settings.store_name}: there is no store yet", hint="let `tariffwatch run` collect some first"
            )
        ids = store.analysed_since(since.replace(tzinfo=UTC) if since else EARLIEST)
        written = 0
        with new_file(out) as file, progress(len(ids)) as advance:
            for row in exported(store, ids):
                print(json.dumps(row, ensure_ascii=False), file=file)
                written += 1
                advance()
    print(f"{out}: {counted(written, 'article')}")


def _size(rows: Mapping[str, int]) -> str:
    return f"{counted(rows.get('articles', 0), 'article')}, {counted(rows.get('alerts', 0), 'alert')}"


def migrate(
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="An empty database of PostgreSQL's; else DATABASE_URL.")
    ] = "",
    config: ConfigPath = None,
) -> None:
    """Carry the store from its file into PostgreSQL. The daemon must be stopped.

    Each row is compared in the end. What was cut off is begun again and goes on; the file stays as it is.
    """
    from contextlib import ExitStack

    from bot.app import alone
    from bot.config import store_of
    from bot.config_files import read_files
    from bot.credentials import database_url
    from bot.store_url import shown, unusable
    from bot.stores.moving import move
    from bot.stores.sql import file_of

    source, target = store_of(read_files(config), {}), to or database_url(os.environ)
    if not target:
        raise ConfigError("there is nowhere to move to", hint="name it with --to, or set DATABASE_URL")
    if wrong := unusable(target):
        raise ConfigError(f"where to move {wrong[0]}", hint=wrong[1])
    file_of(source)  # or says what else to do
    with ExitStack() as held:
        for url in (source, target):
            held.enter_context(alone(url))
        rows = move(source, target, lambda words: print(words, file=sys.stderr))
    print(f"{shown(target)} has all {sum(rows.values()):,} rows of {shown(source)}, each compared:")
    print("\n".join(f"  {name:<10} {count:>12,}" for name, count in rows.items()))
    print(f"Now set DATABASE_URL, start the daemon, and keep {shown(source)} until you trust it.")
