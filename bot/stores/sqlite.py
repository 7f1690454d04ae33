"""All that is particular to SQLite: driver, settings, transactions, the refusal of strangers' files, and its words."""

import sqlite3
import time
from collections.abc import Collection, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.errors import StoreError

APPLICATION_ID = 0x54617266  # "Tarf": how the file says that it is ours
WAL_IS_SAFE = (3, 51, 3)  # before this release SQLite could corrupt a WAL file that two connections write
WAL_KEPT = 16 << 20  # bytes of a WAL file that stay on the disk when all of it is in the database
BUSY = 5000  # milliseconds to wait for another program's write
PATIENCE = 30.0  # seconds that a start may spend looking for damage; a gigabyte takes a few

# Execution options: a transaction that will write says so at its start. One that turns into a writer half-way fails at
# once, without waiting, when another has written in between.
READING: Mapping[str, Any] = {}
WRITING: Mapping[str, Any] = {"begin": "BEGIN IMMEDIATE"}
SHARING = CLAIMING = WRITING
NO_TRANSACTION = {"begin": ""}

RESTORE = "restore a backup (`tariffwatch restore FILE`)"
HINTS = {
    "locked": "another program is writing to it: stop that one, or try again",
    "readonly": "make the file and its directory writable for this user",
    "unable to open": "check that the path is a file in a directory that this user may write",
    "disk is full": "free some space on the disk; nothing that was saved is lost",
    "disk I/O error": "look at the disk, and whether it is still mounted; nothing that was saved is lost",
    "not a database": f"this file is something else: name another one, or {RESTORE}",
    "malformed": f"the file is damaged: {RESTORE}",
}


def engine(path: Path) -> Engine:
    """An engine for the file, which nothing has touched yet."""
    made = create_engine(URL.create("sqlite", database=str(path)), module=driver())
    event.listen(made, "connect", _set_up)
    event.listen(made, "begin", _begin)
    return made


def turns(connection: Connection, names: Collection[str]) -> Collection[str]:
    """All: nobody else writes now."""
    return names


def prepare(engine: Engine) -> None:
    """Makes the file, or refuses one that is not ours before anything is written to it."""
    path = _path(engine)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{path}: its directory cannot be made ({error.strerror}) — name another path, or make it yourself"
        ) from error
    with engine.connect().execution_options(**NO_TRANSACTION) as connection:
        _refuse_strangers(connection, path)
        claim(connection)
        connection.exec_driver_sql(f"PRAGMA journal_mode = {journal_mode(driver().sqlite_version_info)}")


def claim(connection: Connection) -> None:
    """Written even when it is there already: SQLite opens a read-only file without a word, and this finds out."""
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def journal_mode(version: tuple[int, ...]) -> str:
    """WAL, so that people can read while the daemon writes, where SQLite is new enough to be trusted with it."""
    return "WAL" if version >= WAL_IS_SAFE else "DELETE"


def driver() -> ModuleType:
    """pysqlite3 brings a SQLite newer than Python's own, but not for every platform."""
    try:
        return import_module("pysqlite3")
    except ImportError:
        return sqlite3


def driver_of(connection: Connection) -> Any:
    """The driver's own connection, for what SQLAlchemy has no word for."""
    return connection.connection.driver_connection


def read_only(path: Path) -> Any:
    """The driver's own connection to a file that it cannot change in any way."""
    return driver().connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def damage(engine: Engine, *, thorough: bool = False) -> str:
    """The first thing that is wrong with the file, in SQLite's words; "" when it is sound. Every page is read, and with
    `thorough` each index compared with its table, however long that takes."""
    check = "integrity_check" if thorough else "quick_check"
    until = time.monotonic() + PATIENCE
    with engine.connect() as connection:
        driver_of(connection).set_progress_handler(None if thorough else lambda: time.monotonic() > until, 1000)
        try:
            words = str(connection.exec_driver_sql(f"PRAGMA {check}(1)").scalar_one())
        except OperationalError as error:
            if "interrupted" not in str(error.orig):
                raise
            return ""
        finally:
            driver_of(connection).set_progress_handler(None, 0)
    return "" if words == "ok" else " ".join(words.split())


def fold(engine: Engine) -> int:
    """Writes what stands in the WAL file into the database, and empties it; returns the bytes that somebody who has been
    reading for long keeps it from doing so with."""
    with engine.connect().execution_options(**NO_TRANSACTION) as connection:
        busy, pages, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        size: int = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        return pages * size if busy else 0


def sizes(engine: Engine) -> dict[str, int]:
    """Bytes of the database and of the WAL file beside it."""
    path = _path(engine)
    files = {"file": path, "wal": path.with_name(f"{path.name}-wal")}
    return {name: file.stat().st_size if file.exists() else 0 for name, file in files.items()}


def hint(words: str) -> str:
    """What to do about an error, from SQLite's words for it; "" when there is nothing to advise."""
    return next((advice for key, advice in HINTS.items() if key in words), "")


def words(error: DBAPIError) -> str:
    """Of the database, and what to do about it."""
    said = str(error.orig)
    return said + (f" — {advice}" if (advice := hint(said)) else "")


def _path(engine: Engine) -> Path:
    return Path(engine.url.database or "")


def _set_up(connection: Any, record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: `_begin` does
    connection.execute(f"PRAGMA busy_timeout = {BUSY}")
    connection.execute(f"PRAGMA journal_size_limit = {WAL_KEPT}")
    connection.execute("PRAGMA synchronous = FULL")  # what the outbox says was sent must survive a power cut
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    statement = connection.get_execution_options().get("begin", "BEGIN")
    if statement:
        connection.exec_driver_sql(statement)


def _refuse_strangers(connection: Connection, path: Path) -> None:
    owner = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    if owner != APPLICATION_ID and (owner or tables):
        raise StoreError(f"{path}: this database belongs to another program — name another file")
