"""What opening a database does: making it, bringing it up to date, and refusing what is not ours to write."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData

from bot.alerts import ALONE, ROOT
from bot.errors import StoreError
from bot.stores import sqlite
from bot.stores.migrations import migrate, versions
from bot.stores.sql import open_store
from bot.stores.tables import metadata
from bot.stories import Story
from tests.test_store import a_measure, a_story, an_alert, an_analysis, filled

OLD_MESSAGE = (
    '{{"id": "{kind}", "kind": "{kind}", "severity": "high", "headline": "h", "url": "", "quotes": [], "why": [],'
    ' "topics": [], "sectors": [], "sources": [], "scored": true}}'
)
OLD_ALERT = (
    "INSERT INTO alerts (id, story_id, article_id, channel, message, created, state, tries, receipt, error, simple, lost,"
    f" blind) VALUES ('{{kind}}', 'a1', 'a1', '#desk', '{OLD_MESSAGE}', 1, 'sent', 1, '17.1', '', 0, 0, 0)"
)


@contextmanager
def opened(path: Path) -> Iterator[Engine]:
    """The file as the store's own driver sees it: two SQLite libraries in one process undo each other's locks."""
    engine = sqlite.engine(path)
    yield engine
    engine.dispose()


def schema(path: Path) -> list[str]:
    with opened(path) as engine, engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name").scalars())


def run(path: Path, *statements: str) -> None:
    with opened(path) as engine, engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """Root may write everywhere, so these tests give that up for a moment."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public() -> Iterator[Path]:
    """A directory that every user may reach."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    open_store(f"sqlite:///{path}").close()
    return path


def test_a_missing_database_is_made_with_its_directories(tmp_path: Path) -> None:
    path = tmp_path / "state" / "of 100%" / "store.db"
    store = open_store(f"sqlite:///{path}")
    assert store.counts()["articles"] == 0
    store.close()
    assert path.is_file()


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch()
    open_store(f"sqlite:///{path}").close()
    assert schema(path)


def test_the_migrated_schema_is_that_of_the_tables_the_program_uses(fresh: Path) -> None:
    with opened(fresh) as engine, engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.fault("D09")
def test_migrating_twice_changes_nothing(fresh: Path) -> None:
    before = schema(fresh)
    with opened(fresh) as engine, engine.begin() as connection:
        migrate(connection)
    open_store(f"sqlite:///{fresh}").close()
    assert schema(fresh) == before


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of today with a row in every table."""
    path = tmp_path_factory.mktemp("full") / "store.db"
    store = open_store(f"sqlite:///{path}")
    filled(store)
    store.close()
    return path


def tables_of(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as the database has it."""
    with opened(path) as engine, engine.connect() as connection:
        names = MetaData()
        names.reflect(connection)
        return {
            table.name: [dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table.name}").mappings()]
            for table in names.sorted_tables
            if table.name != "alembic_version"
        }


def at_version(path: Path, version: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    """A database as the program of that schema left it, with what of the rows it had a place for."""
    with opened(path) as engine:
        sqlite.prepare(engine)
        with engine.begin() as connection:
            migrate(connection, version)
            for name, columns in columns_at(connection).items():
                for row in rows.get(name, ()):
                    had = {f'"{c}"': row.get(c, "") for c in columns}
                    marks = ", ".join("?" * len(had))
                    insert = f"INSERT INTO {name} ({', '.join(had)}) VALUES ({marks})"
                    connection.exec_driver_sql(insert, tuple(had.values()))


def columns_at(connection: Connection) -> dict[str, list[str]]:
    """By table, those first that others refer to."""
    names = MetaData()
    names.reflect(connection)
    return {t.name: t.columns.keys() for t in names.sorted_tables if t.name != "alembic_version"}


def _as_kept(story: Story, old: dict[str, list[dict[str, Any]]]) -> Story:
    """With what there was a place for."""
    merges = story.merges if "merges" in old else ()
    if merges and "told" not in old["merges"][0]:
        merges = tuple(replace(merge, told=()) for merge in merges)
    later: dict[str, Any] = {name: () for name in ("splits", "doubts") if name not in old["stories"][0]}
    return replace(story, merges=merges, **later)


def test_a_feed_of_an_older_schema_is_due_when_it_was(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    at_version(path, "0012", {})
    words = "INSERT INTO feeds (url, polled_at, next_due, not_before, errors, error, title, items)"
    minute = 60_000_000
    times = {"a": f"{minute}, {15 * minute}, NULL", "b": f"{minute}, 5, {15 * minute}", "c": f"{5 * minute}, 5, 5"}
    times["d"] = "NULL, NULL, NULL"
    run(path, *(f"{words} VALUES ('{name}', {known}, 0, '', '', 0)" for name, known in times.items()))
    open_store(f"sqlite:///{path}").close()
    with opened(path) as engine, engine.connect() as connection:
        due = connection.exec_driver_sql(f"SELECT due / {minute} FROM feeds ORDER BY url").scalars().all()
    assert due == [15, 15, 15, 0]


def test_what_watchlists_hit_in_an_older_schema_is_counted(tmp_path: Path, full: Path) -> None:
    path = tmp_path / "old.db"
    at_version(path, "0013", tables_of(full))
    store = open_store(f"sqlite:///{path}")
    assert store.hits_by_day(date(2026, 1, 1)) == {"steel desk": {date(2026, 3, 1): 2}}
    store.close()


@pytest.mark.fault("D09")
@pytest.mark.parametrize("version", versions())
def test_a_database_of_any_released_schema_is_brought_up_to_date_with_all_that_is_in_it(
    tmp_path: Path, fresh: Path, full: Path, version: str
) -> None:
    rows = tables_of(full)
    assert all(rows.values()), "a table without a row proves nothing: give it one in `filled`"
    path = tmp_path / "old.db"
    at_version(path, version, rows)
    old = tables_of(path)
    assert {name for name in old if not old[name]} == set()
    store = open_store(f"sqlite:///{path}")
    assert [article.id for article, _ in store.recent(10)] == ["a1", "a2"]
    assert store.analysis("a1") == an_analysis()
    story, alert = a_story("a1", "a2"), an_alert()
    assert store.story_of("a2") == _as_kept(story, old)
    kept_of_it = {name: getattr(alert, name) for name in ("role", "broadcast", "due") if name in old["alerts"][0]}
    later: dict[str, Any] = {"role": ALONE, "broadcast": False, "due": None} | kept_of_it
    assert store.alerts() == [replace(alert, **later)]
    assert store.measures() == ([a_measure()] if "measures" in old else [])
    store.close()
    new = tables_of(path)
    for name in old:
        kept = [{column: row[column] for column in old[name][0] if column in row} for row in new[name]]
        assert kept == [{column: row[column] for column in kept[0]} for row in old[name]]
    assert sorted(schema(path)) == sorted(schema(fresh))
    open_store(f"sqlite:///{path}").close()
    assert tables_of(path) == new


def test_old_cards_are_roots_that_can_be_answered_and_all_else_stays_alone(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    at_version(path, "0004", {})
    for kind in ("new", "update", "reminder"):
        run(path, OLD_ALERT.format(kind=kind))
    store = open_store(f"sqlite:///{path}")
    assert {a.message.kind: a.role for a in store.alerts()} == {"new": ROOT, "update": ALONE, "reminder": ALONE}
    root = store.root("a1", "#desk")
    assert root is not None
    assert (root.message.kind, root.receipt, root.broadcast) == ("new", "17.1", False)
    store.close()


@pytest.mark.fault("D10")
def test_a_migration_that_fails_half_way_leaves_nothing_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    run(path, f"PRAGMA application_id = {sqlite.APPLICATION_ID}", "CREATE TABLE alerts (in_the_way TEXT)")
    before = schema(path)
    with pytest.raises(StoreError, match="table alerts already exists"):
        open_store(f"sqlite:///{path}")
    assert schema(path) == before


def test_a_database_is_safe_against_power_cuts_and_readable_while_it_is_written(fresh: Path) -> None:
    with opened(fresh) as engine, engine.connect() as connection:
        settings = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "application_id")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in settings]
    expected = sqlite.journal_mode(engine.dialect.dbapi.sqlite_version_info) if engine.dialect.dbapi else ""
    assert found == [expected.lower(), 2, 1, 5000, sqlite.APPLICATION_ID]


@pytest.mark.fault("D11")
@pytest.mark.parametrize(("version", "mode"), [((3, 40, 1), "DELETE"), ((3, 51, 2), "DELETE"), ((3, 51, 3), "WAL")])
def test_a_sqlite_that_could_corrupt_a_wal_file_is_not_given_one(version: tuple[int, ...], mode: str) -> None:
    assert sqlite.journal_mode(version) == mode


@pytest.mark.fault("D09")
def test_a_schema_newer_than_the_program_is_refused(fresh: Path) -> None:
    run(fresh, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"schema \(9999\) is newer than this program — upgrade Tariffwatch"):
        open_store(f"sqlite:///{fresh}")


@pytest.mark.fault("D07")
@pytest.mark.parametrize("content", [b"feeds:\n  - url: https://a.example/rss\n" * 40, b"\0" * 8192])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"config\.yaml: .*(not a database|damaged)"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == content


@pytest.mark.fault("D07")
def test_a_damaged_database_is_refused(fresh: Path) -> None:
    whole = fresh.read_bytes()
    fresh.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StoreError, match=r"store\.db: .*malformed — the file is damaged: restore a backup"):
        open_store(f"sqlite:///{fresh}")


@pytest.mark.fault("D09")
def test_the_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="belongs to another program — name another file"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


@pytest.mark.fault("D04")
def test_a_directory_that_may_not_be_written_is_refused(public: Path) -> None:
    public.chmod(0o555)
    with as_an_ordinary_user(), pytest.raises(StoreError, match="a directory that this user may write"):
        open_store(f"sqlite:///{public}/store.db")
    with as_an_ordinary_user(), pytest.raises(StoreError, match="its directory cannot be made"):
        open_store(f"sqlite:///{public}/state/store.db")


@pytest.mark.fault("D04")
def test_a_database_that_may_not_be_written_is_refused(public: Path) -> None:
    path = public / "store.db"
    open_store(f"sqlite:///{path}").close()
    path.chmod(0o444)
    with as_an_ordinary_user(), pytest.raises(StoreError, match="make the file and its directory writable"):
        open_store(f"sqlite:///{path}")


def test_a_directory_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check that the path is a file"):
        open_store(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysql://bot:secret@db/news", "names mysql, which this program cannot use"),
        ("postgresql+psycopg://bot:secret@db/news", "names postgresql"),
        ("state/tariffwatch.db", "cannot be read"),
        ("", "cannot be read"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite://state/store.db", "must name a file and nothing else"),
        ("sqlite:///store.db?mode=ro", "must name a file and nothing else"),
        ("sqlite://bot:secret@db:port/x", "cannot be read"),
    ],
)
def test_a_url_that_names_no_store_is_refused_with_an_example_and_without_its_password(url: str, problem: str) -> None:
    with pytest.raises(StoreError, match=problem) as refused:
        open_store(url)
    assert "sqlite:///state/tariffwatch.db" in str(refused.value)
    assert "secret" not in str(refused.value)
