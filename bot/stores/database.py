"""What SQL leaves to each database. `sqlite.py` and `postgres.py` are modules of this shape."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError


class Database(Protocol):
    """A module that knows one kind of database."""

    READING: Mapping[str, Any]
    """Execution options of a transaction that sees one moment of the database, however many queries it has."""

    WRITING: Mapping[str, Any]
    """Of one that will write: no other is between its first look and its last word. It waits for its turn, not for ever."""

    SHARING: Mapping[str, Any]
    """Of one that writes rows of its own only: as WRITING, or so that several such can be at once, and no other writer."""

    CLAIMING: Mapping[str, Any]
    """Of one that takes feeds which are due: as WRITING, or so that several can at once."""

    def turns(self, connection: Connection, names: Collection[str]) -> Collection[str]:
        """Those of the names by which no other transaction takes feeds now, nor will until this one ends."""

    def prepare(self, engine: Engine) -> None:
        """Makes the place for tables; raises StoreError for one that is not ours, before anything is written to it."""

    def claim(self, connection: Connection) -> None:
        """Says that it is ours, also where it says so already: a write, which finds out whether we may."""

    def damage(self, engine: Engine, *, thorough: bool = False) -> str:
        """The first thing that is wrong with what is on the disk, "" for nothing."""

    def fold(self, engine: Engine) -> int:
        """Tidies up behind writers; returns the bytes that somebody keeps it from tidying."""

    def sizes(self, engine: Engine) -> dict[str, int]:
        """Bytes, of the database as `file` and of what is yet to be written into it as `wal`."""

    def words(self, error: DBAPIError) -> str:
        """The database's own words and what to do, without the statement and what it carried."""
