"""All that is particular to PostgreSQL: connections and their patience, turns of writers, the one desk, and its words."""

import json
import os
import re
import socket
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from bot.calls import STEPS
from bot.errors import StoreError
from bot.store_url import shown, unusable

OWNER = "tariffwatch"  # how the database says that it is ours: the comment on the table of its schema's version
LOCKS = 0x54617266  # "Tarf": the first half of our advisory locks, whose second says which
TURNS = LOCKS + 1  # of those by which feeds are claimed; the second half is a hash of the name
DESK, WRITER, WORKERS = 1, 2, 3
OF_STEP = {step: number for number, step in enumerate(STEPS, start=4)}  # held by workers, for who wants to know
QUEUE = "tariffwatch_queue"  # the schema of the workers' calls, beside ours
PREFIX = "tariffwatch, "  # of the name that a connection goes by, before that of the process
POOL, MORE = 5, 20  # connections that are kept, and how many more there may be at once
PATIENCE = {  # a server that is gone is an error within the beat of the supervisor, and never a silence
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
}
SESSION = f"""
SELECT set_config('search_path', current_setting('search_path') || ', {QUEUE}', false);
SET lock_timeout = '5s';
SET statement_timeout = '5min';
SET idle_in_transaction_session_timeout = '10min';
SET client_encoding = 'UTF8';
SET tcp_keepalives_idle = 30;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 3
"""  # the last three: of a machine that is gone the server lets go within a minute, and not after hours
WAIT = "2s"  # for the lock of a desk: of one that was killed the server has to notice

READING: Mapping[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
# Who stands still within a turn, as a machine that was put to sleep does, must not hold up the others for long.
BRIEF = "set_config('idle_in_transaction_session_timeout', '30s', true)"
# Writers take turns, as in SQLite: what is looked up before it is written stays so. READ COMMITTED, because a snapshot of
# before the turn would not show what the one before has written.
WRITING: Mapping[str, Any] = {"begin": f"SELECT pg_advisory_xact_lock({LOCKS}, {WRITER}), {BRIEF}"}
# Those that share the turn write rows of their own only: they keep away from all others, and not from each other.
SHARING: Mapping[str, Any] = {"begin": f"SELECT pg_advisory_xact_lock_shared({LOCKS}, {WRITER}), {BRIEF}"}
# Who claims waits for nobody and keeps nobody waiting: rows and sites that another is at are passed over.
CLAIMING: Mapping[str, Any] = {}
TURN = f"SELECT name FROM unnest(%s::text[]) AS name WHERE pg_try_advisory_xact_lock({TURNS}, hashtext(name))"  # noqa: S608  a number of ours

HOLDER = f"""
SELECT application_name, extract(epoch FROM clock_timestamp() - state_change)::float
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND classid = {LOCKS} AND objid = %s AND objsubid = 2 AND datname = current_database()
AND pid <> pg_backend_pid() ORDER BY application_name
"""  # noqa: S608  a number of ours

PRESENT = f"""
SELECT application_name, extract(epoch FROM clock_timestamp() - min(state_change))::float, array_agg(objid::int)
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND classid = {LOCKS} AND objid >= {WORKERS} AND objsubid = 2
AND datname = current_database() GROUP BY pid, application_name ORDER BY application_name
"""  # noqa: S608  numbers of ours

HELD = "55P03"
HINTS = {  # by the beginning of SQLSTATE
    "08": "look whether the server runs; it is tried again, and nothing that was saved is lost",
    "28": "check the user and the password of DATABASE_URL",
    "3D": "make it with `createdb`, or name another database",
    "25P03": "this process stood still; what it was at is done again",
    "25006": "name the primary server, and a user who may write",
    "42501": "let the database belong to this user",
    "53100": "free some space on the server's disk; nothing that was saved is lost",
    "53300": "raise max_connections of the server, or let fewer programs use it",
    HELD: "another program is writing to it: stop that one, or try again",
    "57014": "the server is busy: look at its load, or try again",
    "57P": "look whether the server runs; it is tried again, and nothing that was saved is lost",
}
REFUSALS = {'database "': "3D", "role": "28", "password": "28", "pg_hba": "28", "too many": "53300"}  # have no SQLSTATE
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # in JSON, where no backslash before it means another thing


def engine(url: str) -> Engine:
    """An engine for the database, which nothing has touched yet."""
    try:
        made = create_engine(
            _parsed(url),
            connect_args=ways(url),
            json_serializer=as_json,
            max_overflow=MORE,
            pool_pre_ping=True,
            pool_size=POOL,
        )
    except ModuleNotFoundError as error:
        raise StoreError(f"PostgreSQL needs psycopg ({error}) — pip install 'tariffwatch[postgres]'") from error
    event.listen(made, "connect", _set_up)
    event.listen(made, "begin", _begin)
    return made


def ways(url: str) -> dict[str, Any]:
    """How a connection is called, and how patient it is where the URL does not say."""
    told = _parsed(url).query
    return {"application_name": _ourselves()[:63], **{name: n for name, n in PATIENCE.items() if name not in told}}


def turns(connection: Connection, names: Collection[str]) -> Collection[str]:
    return connection.exec_driver_sql(TURN, (list(names),)).scalars().all()


def prepare(engine: Engine) -> None:
    """Refuses a database that holds tables of others, or cannot hold every text. It makes nothing: a schema is there."""
    ours = "SELECT obj_description(to_regclass('alembic_version'), 'pg_class')"
    others = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
    with engine.connect() as connection:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise StoreError(
                f"{name(engine)}: its texts are {encoding} — make a database with `createdb -E UTF8 -T template0`"
            )
        if connection.exec_driver_sql(ours).scalar() != OWNER and connection.exec_driver_sql(others).scalar():
            raise StoreError(f"{name(engine)}: this database belongs to another program — name one of its own")


def claim(connection: Connection) -> None:
    """The comment on a table; only whom it belongs to may write that."""
    connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{OWNER}'")


def there(engine: Engine) -> bool:
    """Whether anything was made in it."""
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT to_regclass('alembic_version')").scalar() is not None


def damage(engine: Engine, *, thorough: bool = False) -> str:
    """Nothing that we would look for: the server has its own checksums, and somebody who looks after it."""
    return ""


def fold(engine: Engine) -> int:
    """Nothing to do: the server vacuums by itself."""
    return 0


def sizes(engine: Engine) -> dict[str, int]:
    """The server's write-ahead log is its own affair."""
    with engine.connect() as connection:
        size: int = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
    return {"file": size, "wal": 0}


def words(error: DBAPIError) -> str:
    """Without what PostgreSQL calls detail: it repeats the row."""
    said = getattr(getattr(error.orig, "diag", None), "message_primary", None)
    text = " ".join(str(said or error.orig).split())
    code = getattr(error.orig, "sqlstate", None) or _refusal(text)
    advice = next((advice for key, advice in HINTS.items() if code.startswith(key)), "")
    return text + (f" — {advice}" if advice else "")


def _refusal(text: str) -> str:
    """The SQLSTATE of a connection that did not come about."""
    refused = text.rpartition("failed: ")[2]
    return next((code for words, code in REFUSALS.items() if words in refused), "08")


def name(engine: Engine) -> str:
    """What people call the database."""
    return shown(engine.url.set(drivername="postgresql").render_as_string(hide_password=False))


@dataclass(frozen=True, slots=True)
class Present:
    """A worker that is there, in words, for how many seconds it has given no sign of life, and what it does."""

    who: str
    silent: float
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A lock of a session, `shared` with others of its kind; `refusal` is what is said of who has it."""

    number: int
    refusal: str
    shared: bool = False


A_DESK = Claim(DESK, "{0} is in use by another tariffwatch ({1}) — stop it first")
NO_WORKERS = Claim(WORKERS, "workers are at {0} ({1}) — stop them, or start the desk with `--engine queue`")
A_WORKER = Claim(
    WORKERS,
    "a desk that does all by itself is at {0} ({1}) — stop it, and start it with `--engine queue`",
    shared=True,
)


class Hold:
    """The locks of the one desk, or of a worker: a session of its own, whose last statement is the last sign of life."""

    def __init__(self, engine: Engine, *claims: Claim, called: str = "") -> None:
        self._engine, self._claims, self._called = engine, claims, called
        self._session: Connection | None = None
        self.lost: tuple[str, ...] = ()  # who has taken them, once the session was cut off

    def take(self) -> None:
        """Raises StoreError, naming the holder, when another has one of them."""
        session = self._session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if self._called:
            session.exec_driver_sql("SELECT set_config('application_name', %s, false)", (self._called[:63],))
        for claim in self._claims:
            if not _locked(session, claim):
                holder, _ = session.exec_driver_sql(HOLDER, (claim.number,)).first() or ("process unknown", 0)
                self.drop()
                raise StoreError(claim.refusal.format(name(self._engine), holder.removeprefix(PREFIX)))

    def sign_of_life(self) -> None:
        """Of a session that was cut off the locks are taken again; a server that is away is asked again the next time."""
        try:
            if self._session is not None:
                self._session.exec_driver_sql("SELECT 1")
                return
        except DBAPIError:
            self.drop()
        try:
            self.take()
        except DBAPIError:
            self.drop()
        except StoreError as error:
            self.lost = (str(error),)

    def drop(self) -> None:
        if self._session is not None:
            with suppress(DBAPIError):
                self._session.invalidate()
                self._session.close()
        self._session = None


def _locked(session: Connection, claim: Claim) -> bool:
    session.exec_driver_sql(f"SET lock_timeout = '{WAIT}'")
    lock = "pg_advisory_lock_shared" if claim.shared else "pg_advisory_lock"
    try:
        session.exec_driver_sql(f"SELECT {lock}({LOCKS}, {claim.number})")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != HELD:
            raise
        return False
    return True


@contextmanager
def alone(url: str, *, beside_workers: bool = False) -> Iterator[Hold]:
    """Holds the lock of the desk for as long as the block runs, and but for `beside_workers` keeps workers away; raises
    StoreError, naming the holder."""
    with _held(url, A_DESK, *(() if beside_workers else (NO_WORKERS,))) as hold:
        yield hold


@contextmanager
def working(url: str, steps: Collection[str]) -> Iterator[Hold]:
    """Holds what says that a worker is there for these steps; raises StoreError where a desk does all by itself."""
    does = (Claim(OF_STEP[step], A_WORKER.refusal, shared=True) for step in steps)
    with _held(url, A_WORKER, *does, called=f"{PREFIX}worker {os.getpid()} on {socket.gethostname()}") as hold:
        yield hold


@contextmanager
def _held(url: str, *claims: Claim, called: str = "") -> Iterator[Hold]:
    made = engine(url)
    hold = Hold(made, *claims, called=called)
    try:
        with in_words(made):
            hold.take()
        yield hold
    finally:
        hold.drop()
        made.dispose()


def workers(url: str) -> list[Present]:
    made = engine(url)
    try:
        with in_words(made), made.connect() as connection:
            found = connection.exec_driver_sql(PRESENT).all()
    finally:
        made.dispose()
    return [
        Present(who.removeprefix(PREFIX), age, tuple(s for s in STEPS if OF_STEP[s] in does))
        for who, age, does in found
    ]


def silence(url: str, longest: timedelta) -> str:
    """What speaks against a daemon that works with this database, in words; "" when one gave a sign of life not longer ago."""
    made = engine(url)
    try:
        with in_words(made), made.connect() as connection:
            found = connection.exec_driver_sql(HOLDER, (DESK,)).first()
    except StoreError as error:
        return str(error)
    finally:
        made.dispose()
    if found is None:
        return f"no tariffwatch runs with {name(made)}"
    holder, age = found
    holder = holder.removeprefix(PREFIX)
    return f"{holder} has given no sign of life for {age:.0f} s" if age > longest.total_seconds() else ""


@contextmanager
def in_words(engine: Engine) -> Iterator[None]:
    """What the server refuses as StoreError."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"{name(engine)}: {words(error)}") from error


def _parsed(url: str) -> URL:
    """What is wrong is said without the URL, which may carry a password."""
    if wrong := unusable(url):
        raise StoreError(f"the store's URL {' — '.join(wrong)}")
    try:
        return make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise StoreError(
            "the store's URL cannot be read — write it like postgresql://user@host:5432/tariffwatch"
        ) from None


def _ourselves() -> str:
    return f"{PREFIX}process {os.getpid()} on {socket.gethostname()}"


def _set_up(connection: Any, record: object) -> None:
    from psycopg.types.string import StrDumper

    class WithoutNul(StrDumper):
        """PostgreSQL's texts hold no NUL. What comes in is cleaned; should one come all the same, it must not stop the line."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", ""))

    connection.adapters.register_dumper(str, WithoutNul)
    connection.autocommit = True
    connection.execute(SESSION)
    connection.autocommit = False


def _begin(connection: Connection) -> None:
    statement = connection.get_execution_options().get("begin")
    if statement:
        connection.exec_driver_sql(statement)


def as_json(value: object) -> str:
    """Without NUL, as in all that is sent."""
    return _NUL.sub(r"\1", json.dumps(value))
