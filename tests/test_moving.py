"""Moving a desk from a file into PostgreSQL: every row, once, whatever it is cut off by, and never onto another desk's."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from typer.testing import CliRunner

from bot import app
from bot.cli import app as program
from bot.errors import StoreError
from bot.feeds import FeedState
from bot.stores import moving, sqlite
from bot.stores import postgres as plug
from bot.stores.moving import move
from bot.stores.sql import SqlStore, open_store
from bot.stores.tables import metadata
from tests import postgres
from tests.line import store_at
from tests.test_storage_commands import SMALL
from tests.test_store import FEED, a_request, an_action, an_alert, an_article, collected, filled

pytest.importorskip("psycopg", reason="the extra postgres")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of a desk with a row in every table, and of articles some lots."""
    path = tmp_path / "tariffwatch.db"
    store = store_at(path)
    filled(store)
    collected(store, *(an_article(f"b{n}", title="Odd \0 %s ₹ 😀") for n in range(20)))
    store.close()
    return path


@pytest.fixture(autouse=True)
def small_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "LOT", 7)


def rows_of(store: SqlStore) -> dict[str, list[Any]]:
    with store._reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for table in metadata.sorted_tables
        }


def in_both(path: Path, target: str) -> bool:
    """Whether the program reads the same from both; the one sign that a text cannot hold there is left out."""
    found = []
    for url in (f"sqlite:///{path}", target):
        store = open_store(url)
        found.append(repr(rows_of(store)).replace("\\x00", ""))
        store.close()
    return found[0] == found[1]


def test_every_row_of_every_table_is_moved_and_counted(path: Path) -> None:
    target = postgres.url(postgres.empty())
    counts = move(f"sqlite:///{path}", target)
    assert set(counts) == set(metadata.tables)
    assert all(counts.values())
    assert counts["articles"] == 22
    assert in_both(path, target)


def test_a_moved_desk_goes_on_where_it_was(path: Path) -> None:
    target = postgres.url(postgres.empty())
    move(f"sqlite:///{path}", target)
    store = open_store(target)
    assert store.save_follow([], [], [an_alert()]) == []
    assert store.save_follow([], [], [an_alert("later")]) == [an_alert("later")]
    assert [alert.id for alert in store.alerts()] == ["later", "x1"]  # by the order of queueing
    assert store.save_action(an_action("another"))
    store.save_feed(FeedState(FEED), [], a_request())
    assert len(store.requests(a_request().at)) == 2
    store.close()


def test_moving_twice_changes_nothing(path: Path) -> None:
    target = postgres.url(postgres.empty())
    assert move(f"sqlite:///{path}", target) == move(f"sqlite:///{path}", target)
    assert in_both(path, target)


@pytest.mark.fault("D01")
@pytest.mark.parametrize("inserts", [1, 4, 9])
def test_a_move_that_is_killed_goes_on_at_the_next_try(path: Path, inserts: int) -> None:
    name = postgres.empty()
    target = postgres.url(name)
    open_store(target).close()
    assert killed_at(inserts, lambda: move(f"sqlite:///{path}", target)) == -signal.SIGKILL
    moved = sum(postgres.run(name, f"SELECT count(*) FROM {table}")[0][0] for table in metadata.tables)
    assert (moved > 0) == (inserts > 1)
    move(f"sqlite:///{path}", target)
    assert in_both(path, target)


def killed_at(inserts: int, work: Callable[[], object]) -> int:
    """The exit code of a process of its own that is killed as it is about to send an INSERT for the so-manieth time."""
    child = os.fork()
    if not child:
        seen = 0

        def kill(connection: object, cursor: object, statement: str, *_: object) -> None:
            nonlocal seen
            seen += statement.startswith("INSERT")
            if seen == inserts:
                os.kill(os.getpid(), signal.SIGKILL)

        made = plug.engine

        def watched(url: str) -> Any:
            engine = made(url)
            event.listen(engine, "before_cursor_execute", kill)
            return engine

        plug.engine = watched
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_database_that_has_rows_of_another_desk_is_refused_and_left_as_it_is(path: Path) -> None:
    target = postgres.url(postgres.copied())
    store = open_store(target)
    collected(store, an_article("stranger"))
    before = rows_of(store)
    with pytest.raises(StoreError, match="table articles has rows that this store has not: it is another desk's"):
        move(f"sqlite:///{path}", target)
    assert rows_of(store) == before
    store.close()


def test_a_desk_that_ran_after_it_was_moved_is_not_written_over(path: Path) -> None:
    target = postgres.url(postgres.empty())
    move(f"sqlite:///{path}", target)
    store = open_store(target)
    store.save_states([FeedState(FEED, errors=3)])
    with pytest.raises(StoreError, match="table feeds has rows .* or one of the two has run since an earlier try"):
        move(f"sqlite:///{path}", target)
    assert store.feed_states()[FEED].errors == 3
    store.close()


def test_a_row_that_did_not_arrive_as_it_was_is_found(path: Path) -> None:
    name = postgres.copied()
    postgres.run(
        name,
        "CREATE FUNCTION blur() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.outlet = ''B''; RETURN NEW; END'",
        "CREATE TRIGGER blur BEFORE INSERT ON articles FOR EACH ROW WHEN (NEW.id = 'b7') EXECUTE FUNCTION blur()",
    )
    with pytest.raises(StoreError, match="table articles: row b7 is not the same — empty the database and begin anew"):
        move(f"sqlite:///{path}", postgres.url(name))


def test_nobody_writes_into_the_file_meanwhile(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY", 10)
    other, refused = open_store(f"sqlite:///{path}"), []

    def write(words: str) -> None:
        try:
            other.save_states([FeedState(FEED, errors=1)])
        except StoreError as error:
            refused.append(str(error))

    move(f"sqlite:///{path}", postgres.url(postgres.empty()), write)
    assert len(refused) == 2 * len(metadata.tables)
    assert all("locked — another program is writing to it" in words for words in refused)
    other.close()


# the command


@pytest.fixture
def desk(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(path.parent)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    Path("config.yaml").write_text(SMALL, "utf-8")
    return path


def told(*words: str) -> str:
    answer = CliRunner().invoke(program, ["migrate", *words])
    return answer.output + (str(answer.exception) if answer.exit_code else "")


def test_the_command_says_what_was_moved_and_what_to_do_next(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = postgres.empty()
    target = postgres.url(name).replace("postgres:@", "postgres:hunter2@")
    answer = told("--to", target)
    assert f"postgresql://postgres@/{name} has all 40 rows of {desk}, each compared:" in answer
    assert "  articles             22" in answer
    assert f"Now set DATABASE_URL, start the daemon, and keep {desk} until you trust it." in answer
    monkeypatch.setenv("DATABASE_URL", target)
    assert "has all 40 rows" in told()
    assert "hunter2" not in answer


def test_a_desk_that_runs_on_either_side_is_not_moved(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plug, "WAIT", "50ms")
    target = postgres.url(postgres.empty())
    for running in (f"sqlite:///{desk}", target):
        with app.alone(running):
            assert "in use by another tariffwatch" in told("--to", target)


def test_where_to_must_be_said_and_be_a_database(desk: Path) -> None:
    assert "there is nowhere to move to — name it with --to, or set DATABASE_URL" in told()
    other = desk.with_name("other.db")
    assert "where to move names no database — write it like postgresql://" in told("--to", f"sqlite:///{other}")
    with pytest.raises(StoreError, match="the store's URL names no database"):
        move(f"sqlite:///{desk}", f"sqlite:///{other}")
    assert not list(other.parent.glob("other*"))
    desk.unlink()
    assert f"{desk}: there is no store to move" in told("--to", postgres.url(postgres.empty()))


def test_a_store_that_is_on_a_server_already_is_not_moved(desk: Path) -> None:
    target = postgres.url(postgres.empty())
    Path("config.yaml").write_text(f"{SMALL}store: postgresql://db/desk\n", "utf-8")
    assert "postgresql://db/desk is no file — its copies are made with `pg_dump`" in told("--to", target)
