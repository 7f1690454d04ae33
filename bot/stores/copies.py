"""Copies of a store: a backup, made while the store is written, and the way back. Every copy is read whole before it counts."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.exc import DBAPIError

from bot import alerts as outbox
from bot.errors import StoreError
from bot.stores import sqlite, tables
from bot.stores.sql import file_of, open_store, refuse_newer

STAMP = "%Y%m%dT%H%M%SZ"
Rows = Mapping[str, int]  # by table
SIDES = ("-wal", "-shm")  # what SQLite keeps beside a file
UNSURE = (outbox.QUEUED, outbox.SENDING)  # by now they may have been sent


@dataclass(frozen=True, slots=True)
class Restored:
    """`aside` is where the file that stood there before is now; None where there was none. `told` is how many alerts it knew
    of that the backup does not; None where it could not be read."""

    rows: Rows
    aside: Path | None
    told: int | None


def backup(url: str, target: Path) -> Rows:
    """Writes one snapshot of the store into `target`, a file that must not be there; returns how many rows it has.

    The copy is made beside it and takes its name when it is on the disk, was read whole and has every row.
    """
    source = _source(file_of(url), "there is no store to back up")
    if target.exists():
        raise StoreError(f"{target} is there already — name a new file, or a folder for files named by the time")
    with _beside(target) as copy:
        rows = _snapshot(source, copy)
        _move(copy, target)
    return rows


def backup_name(url: str, now: datetime) -> str:
    """For a file in a folder of backups."""
    return f"{file_of(url).stem}-{now.strftime(STAMP)}.db"


def forget_backups(folder: Path, url: str, keep: int) -> list[Path]:
    """Deletes all but the newest `keep` of the files that `backup_name` named; returns them."""
    named = re.compile(rf"{re.escape(file_of(url).stem)}-\d{{8}}T\d{{6}}Z\.db")
    old = sorted(path for path in folder.iterdir() if named.fullmatch(path.name))[:-keep]
    for path in old:
        path.unlink()
    return old


def restore(url: str, source: Path, now: datetime) -> Restored:
    """Puts the backup `source` in the store's place, brought up to date; the caller holds the store's lock.

    The backup stays as it is, and what stood there is kept aside. Alerts that wait in the backup may have been sent since:
    they are looked up before they are sent, and those that the old file knows of are not made again.
    """
    path = file_of(url)
    _source(source, "there is no such backup")
    if path.exists() and path.samefile(source):
        raise StoreError(f"{source} is the store itself — name a backup of it")
    with _beside(path) as copy:
        rows = _snapshot(source, copy)
        open_store(f"sqlite:///{copy}").close()  # refuses a newer schema, and migrates an older one
        told = _take_over(copy, path)
        _pack(copy)
        aside = _put_aside(path, now) if path.exists() else None
        if aside:
            _like(copy, aside)
        _move(copy, path)
    return Restored(rows, aside, told)


def _source(path: Path, problem: str) -> Path:
    if not path.is_file():
        raise StoreError(f"{path}: {problem} — check the path")
    return path


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """The name of a file to become `target`, gone in the end whatever happens."""
    copy = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove(copy)
        yield copy
    except OSError as error:
        raise StoreError(f"{target}: {error.strerror} — check the folder and the room on the disk") from error
    finally:
        with suppress(OSError):
            _remove(copy)


def _remove(copy: Path) -> None:
    for name in ("", *SIDES, "-journal"):
        copy.with_name(f"{copy.name}{name}").unlink(missing_ok=True)


def _snapshot(source: Path, copy: Path) -> Rows:
    """Copies all pages in one reading transaction, so that writers neither wait nor show, and reads the copy whole; returns
    how many rows each table has in both."""
    engine, into = sqlite.engine(source), sqlite.engine(copy)
    try:
        with engine.connect() as connection, into.connect().execution_options(**sqlite.NO_TRANSACTION) as other:
            _refuse_others(connection, source)
            rows = _rows(connection)
            sqlite.driver_of(connection).backup(sqlite.driver_of(other))
            other.exec_driver_sql("PRAGMA journal_mode = DELETE")  # one file, and nothing beside it
        if (words := sqlite.damage(into, thorough=True)) or _counted(into) != rows:
            raise StoreError(f"{source} cannot be copied: {words or 'rows are missing'} — {sqlite.HINTS['malformed']}")
        return rows
    except (DBAPIError, sqlite.driver().Error) as error:
        words = str(error.orig if isinstance(error, DBAPIError) else error)
        advice = sqlite.hint(words)
        raise StoreError(f"{source} cannot be copied: {words}" + (f" — {advice}" if advice else "")) from error
    finally:
        engine.dispose()
        into.dispose()


def _refuse_others(connection: Connection, path: Path) -> None:
    if connection.exec_driver_sql("PRAGMA application_id").scalar_one() != sqlite.APPLICATION_ID:
        raise StoreError(f"{path} is no store of Tariffwatch — name another file")
    refuse_newer(connection, str(path))


def _counted(engine: Engine) -> Rows:
    with engine.connect() as connection:
        return _rows(connection)


def _rows(connection: Connection) -> Rows:
    found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    names = found.scalars().all()
    return {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one() for name in names}  # noqa: S608


def _take_over(copy: Path, old: Path) -> int | None:
    """What the old file tells of alerts is the truth, and goes into the copy: how many more those are. None where there is
    no such file, or it cannot be read: then what waits in the copy may have been sent since, and is to be looked up."""
    engine = sqlite.engine(copy).execution_options(**sqlite.WRITING)
    alert = tables.alerts.c
    try:
        with engine.begin() as connection:
            before = connection.scalar(select(func.count()).select_from(tables.alerts)) or 0
            try:
                known = _alerts(old)
            except sqlite.driver().Error:
                unsure = update(tables.alerts).where(alert.state.in_(UNSURE))
                connection.execute(unsure.values(state=outbox.UNKNOWN))
                return None
            for row in known:
                connection.exec_driver_sql("DELETE FROM alerts WHERE id = ?", (row["id"],))
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                connection.exec_driver_sql(f"INSERT INTO alerts ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608
            return (connection.scalar(select(func.count()).select_from(tables.alerts)) or 0) - before
    finally:
        engine.dispose()


def _pack(copy: Path) -> None:
    """Without the room that was left free for later: the only time at which a store becomes smaller."""
    engine = sqlite.engine(copy)
    with engine.connect().execution_options(**sqlite.NO_TRANSACTION) as connection:
        connection.exec_driver_sql("VACUUM")
    engine.dispose()


def _alerts(path: Path) -> list[dict[str, Any]]:
    """The rows of a file that must not be changed, in the order of queueing."""
    connection = sqlite.read_only(path)
    try:
        found = connection.execute("SELECT * FROM alerts ORDER BY seq")
        names = [column[0] for column in found.description]
        ours = set(tables.alerts.c.keys()) - {"seq"}  # the file may be of a newer program
        return [{n: v for n, v in zip(names, row, strict=True) if n in ours} for row in found]
    finally:
        connection.close()


def _put_aside(path: Path, now: datetime) -> Path:
    """Under a name of its own, with what is written beside it; the name it had stays until another file takes it."""
    aside = path.with_name(f"{path.name}.before-{now.strftime(STAMP)}")
    aside.hardlink_to(path)
    wal, shared = (path.with_name(f"{path.name}{side}") for side in SIDES)
    if wal.exists() and wal.stat().st_size:
        wal.replace(aside.with_name(f"{aside.name}-wal"))
    wal.unlink(missing_ok=True)
    shared.unlink(missing_ok=True)
    return aside


def _like(copy: Path, old: Path) -> None:
    """Whoever restores it, the daemon's user may write it as before."""
    status = old.stat()
    copy.chmod(status.st_mode)
    with suppress(PermissionError):
        os.chown(copy, status.st_uid, status.st_gid)


def _move(copy: Path, target: Path) -> None:
    """Once it is surely on the disk."""
    _sync(copy)
    copy.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
