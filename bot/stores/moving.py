"""Moving up: all rows of a store in a file into a database on a server. What is there already is left, so that a second try goes
on where the first was cut off; in the end each row is compared with the one it came from."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Engine, MetaData, Row, Table, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from bot.errors import StoreError
from bot.store_url import shown
from bot.stores import postgres, sqlite, tables
from bot.stores.sql import file_of, open_store

LOT = 500  # rows that are carried in one transaction, and compared at once

Tell = Callable[[str], object]  # is told what is done now


def move(source: str, target: str, tell: Tell = lambda words: None) -> Mapping[str, int]:
    """Carries every row of the file `source` into the database `target`; returns how many each table has, in both.

    The caller holds both, so that no desk runs. Raises StoreError, before anything is written, when the target has a row that
    the source has not, and in the end when any row is not the same in both.
    """
    path = file_of(source)
    old, new = sqlite.engine(path), postgres.engine(target)
    if not path.exists():
        raise StoreError(f"{path}: there is no store to move — check `store:` in config.yaml")
    for url in (source, target):  # both are of the newest schema then, or refused
        open_store(url).close()
    try:
        with old.execution_options(**sqlite.WRITING).begin() as here:  # nobody else writes meanwhile
            return _moved(here, new, shown(target), tell)
    except DBAPIError as error:
        ours = isinstance(error.orig, sqlite.driver().Error)
        words = f"{path}: {sqlite.words(error)}" if ours else f"{shown(target)}: {postgres.words(error)}"
        raise StoreError(words) from error
    finally:
        old.dispose()
        new.dispose()


def _moved(here: Connection, new: Engine, name: str, tell: Tell) -> Mapping[str, int]:
    every = [_bare(table) for table in tables.metadata.sorted_tables]
    reading, writing = (new.execution_options(**options) for options in (postgres.READING, postgres.WRITING))
    with reading.connect() as there:
        for table in every:
            _refuse_others(there, here, table, name)
    for table in every:
        tell(f"carrying {table.name}")
        _carry(here, writing, table)
    with reading.connect() as there:
        for table in every:
            tell(f"comparing {table.name}")
            _compare(here, there, table, name)
    with new.connect().execution_options(isolation_level="AUTOCOMMIT") as there:
        there.exec_driver_sql("ANALYZE")  # so many rows at once, and nobody has counted them yet
    return {table.name: _count(here, table) for table in every}


def _bare(table: Table) -> Table:
    """With what lies in the columns, instead of what the program makes of it."""
    columns = (Column(c.name, _plain(c), primary_key=c.primary_key, autoincrement=False) for c in table.columns)
    return Table(table.name, MetaData(), *columns)


def _plain(column: Column[Any]) -> Any:
    return column.type.impl if isinstance(column.type, TypeDecorator) else column.type


def _refuse_others(there: Connection, here: Connection, table: Table, name: str) -> None:
    if next(_differing(there, here, table), None):
        raise StoreError(
            f"{name}: its table {table.name} has rows that this store has not: it is another desk's, or one of the two has run"
            " since an earlier try — name an empty database"
        )


def _carry(here: Connection, writing: Engine, table: Table) -> None:
    for lot in _lots(here, table):
        with writing.begin() as there:
            there.execute(insert(table).on_conflict_do_nothing(), [dict(row._mapping) for row in lot])
    if "seq" in table.columns:  # the next row comes after these
        with writing.begin() as there:
            following = func.coalesce(func.max(table.columns.seq), 0) + 1
            there.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "seq"), following, False)))


def _compare(here: Connection, there: Connection, table: Table, name: str) -> None:
    counts = _count(here, table), _count(there, table)
    wrong = next(_differing(here, there, table), None)
    if wrong or counts[0] != counts[1]:
        which = f"row {', '.join(map(str, wrong))} is not the same" if wrong else "{} rows became {}".format(*counts)
        raise StoreError(
            f"{name}: table {table.name}: {which} — empty the database and begin anew; the file is as it was"
        )


def _differing(one: Connection, other: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    """Keys of the rows of the one that the other has not, or not like this."""
    for lot in _lots(one, table):
        prints = _prints(table, lot)
        found = other.execute(select(table).where(_key(table).in_(list(prints)))).all()
        known = _prints(table, found)
        yield from (key for key, fingerprint in prints.items() if known.get(key) != fingerprint)


def _lots(connection: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    with closing(connection.execute(select(table).execution_options(yield_per=LOT))) as found:
        yield from found.partitions()


def _key(table: Table) -> ColumnElement[Any]:
    return tuple_(*table.primary_key.columns)


def _prints(table: Table, lot: Sequence[Row[Any]]) -> dict[tuple[Any, ...], bytes]:
    """By key, a hash of all that is in the row."""
    names = table.primary_key.columns.keys()
    return {tuple(row._mapping[name] for name in names): _print(row) for row in lot}


def _print(row: Row[Any]) -> bytes:
    """Of the JSON that PostgreSQL would be given: the two have other types, and one has no NUL in its texts."""
    flat = [
        value.hex() if isinstance(value, bytes) else str(value) if isinstance(value, date) else value for value in row
    ]
    return hashlib.sha256(postgres.as_json(flat).encode()).digest()


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
