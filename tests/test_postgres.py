"""What is particular to a store on PostgreSQL: its schema, what is refused, the one desk, and a server that goes away."""

import os
import re
import signal
import sys
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from bot import app
from bot.calls import STEPS
from bot.checks import check_store
from bot.cli import app as program
from bot.config import load_config
from bot.errors import StoreError, TariffwatchError
from bot.feeds import FeedState
from bot.meter import Meter
from bot.stores import postgres as plug
from bot.stores.columns import EPOCH, MICROSECOND
from bot.stores.copies import backup, restore
from bot.stores.migrations import migrate, versions
from bot.stores.sql import SqlStore, claimable, open_store, readable, there
from bot.stores.tables import metadata
from bot.web.metrics import Watched, metrics
from tests import makers, postgres
from tests.line import Line
from tests.test_storage_commands import SMALL
from tests.test_store import (
    FEED,
    NOW,
    a_message,
    a_story,
    an_alert,
    an_article,
    assert_nothing_is_lost_between,
    collected,
    filled,
)

pytest.importorskip("psycopg", reason="the extra postgres")

LONG = timedelta(minutes=5)


@pytest.fixture
def name() -> str:
    """Of a migrated database with nothing in it."""
    return postgres.copied()


@pytest.fixture
def store(name: str) -> Iterator[SqlStore]:
    with closing(open_store(postgres.url(name))) as store:
        yield store


def test_the_migrated_schema_is_that_of_the_tables_the_program_uses(store: SqlStore) -> None:
    with store._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_an_empty_database_is_made_ours_by_opening_it_and_not_by_looking() -> None:
    url = postgres.url(postgres.empty())
    assert not there(url)
    open_store(url).close()
    assert there(url)


def test_prepare_makes_the_schema_and_then_has_nothing_to_do_beside_a_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.url(postgres.empty())
    (tmp_path / "url").write_text(url, "utf-8")
    (tmp_path / "url").chmod(0o400)
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    assert CliRunner().invoke(program, ["prepare"]).output.endswith(f" has schema {versions()[-1]} now\n")
    with app.alone(url):
        assert CliRunner().invoke(program, ["prepare"]).output.endswith(f" has schema {versions()[-1]} already\n")


@pytest.mark.fault("D09")
def test_a_database_of_each_earlier_schema_is_brought_up_to_date() -> None:
    for version in versions():
        url = postgres.url(postgres.empty())
        engine = plug.engine(url)
        with engine.begin() as connection:
            migrate(connection, version)
            plug.claim(connection)
        open_store(url).close()
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        engine.dispose()


def test_what_watchlists_hit_in_an_earlier_schema_is_counted() -> None:
    name = postgres.empty()
    engine = plug.engine(postgres.url(name))
    with engine.begin() as connection:
        migrate(connection, "0013")
        plug.claim(connection)
    engine.dispose()
    columns = "id, url, title, text, outlet, feed_url, official, published, first_seen, quiet, from_page, stage"
    at = "1772409540123456"  # one minute before midnight, in UTC
    why = '{"why": [{"watchlist": "tea", "words": ["a \\u20ac"]}, {"watchlist": "steel"}]}'
    postgres.run(
        name,
        f"INSERT INTO articles ({columns}) VALUES ('a1', '', '', '', '', '', false, {at}, {at}, false, false, 'followed')",
        f"INSERT INTO analyses VALUES ('a1', 'model', '{why}', '')",
    )
    with closing(open_store(postgres.url(name))) as store:
        day = date(2026, 3, 1)
        assert store.hits_by_day(day) == {"tea": {day: 1}, "steel": {day: 1}}


@pytest.mark.fault("D09")
def test_a_schema_newer_than_the_program_is_refused(name: str) -> None:
    postgres.run(name, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"schema \(9999\) is newer than this program — upgrade Tariffwatch"):
        open_store(postgres.url(name))


@pytest.mark.fault("D09")
def test_the_database_of_another_program_is_refused_and_left_as_it_is() -> None:
    name = postgres.empty()
    postgres.run(name, "CREATE TABLE alembic_version (version_num TEXT)")
    with pytest.raises(StoreError, match="belongs to another program — name one of its own"):
        open_store(postgres.url(name))
    assert postgres.run(name, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [("alembic_version",)]


def test_a_database_that_cannot_hold_every_text_is_refused() -> None:
    postgres.run("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StoreError, match="its texts are LATIN1 — make a database with `createdb -E UTF8"):
        open_store(postgres.url("latin"))


@pytest.mark.fault("D04")
def test_a_database_that_may_not_be_written_is_told_of(name: str) -> None:
    postgres.run("postgres", f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(StoreError, match="read-only transaction — name the primary server"):
        open_store(postgres.url(name))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://desk:hunter2@127.0.0.1:9/desk", "127.0.0.1:9/desk: .* — look whether the server runs"),
        ("{server}/nowhere", 'database "nowhere" does not exist — make it with `createdb`'),
        ("{server}/postgres?user=stranger", 'role "stranger" does not exist — check the user and the password'),
        ("postgresql://desk:hunter2@db:port/desk", "the store's URL names no database — write it like postgresql://"),
    ],
)
def test_what_keeps_from_connecting_is_told_with_what_to_do_and_no_password(url: str, words: str) -> None:
    host = postgres.url("postgres").partition("host=")[2]
    there = url.replace("{server}", "postgresql://postgres:hunter2@")
    there += f"{'&' if '?' in there else '?'}host={host}" if "{server}" in url else ""
    with pytest.raises(StoreError, match=words) as refused:
        open_store(there)
    assert "hunter2" not in str(refused.value)


def test_a_password_that_is_missing_is_not_told_as_a_server_that_is_away() -> None:
    said = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: fe_sendauth: no password supplied'
    words = plug.words(DBAPIError("", None, Exception(said)))
    assert words == f"{said} — check the user and the password of DATABASE_URL"


def test_without_the_extra_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"PostgreSQL needs psycopg .* — pip install 'tariffwatch\[postgres\]'"):
        open_store("postgresql://db/desk")


def test_an_error_of_the_database_says_nothing_of_the_article(store: SqlStore, name: str) -> None:
    postgres.run(name, "ALTER TABLE articles ADD CHECK (title <> 'A secret title')")
    with pytest.raises(StoreError) as refused:
        collected(store, an_article(title="A secret title"))
    assert "violates check constraint" in str(refused.value)
    assert "secret" not in str(refused.value)
    with pytest.raises(StoreError, match="violates foreign key constraint") as refused:
        store.save_follow([], [a_story("stranger")], [])
    assert "stranger" not in str(refused.value)


@pytest.mark.fault("D02")
def test_a_fault_half_way_through_following_leaves_nothing_of_it(store: SqlStore, name: str) -> None:
    filled(store)
    before = store.counts()
    postgres.run(name, "ALTER TABLE alerts ADD CHECK (id <> 'x2')")
    with pytest.raises(StoreError):
        store.save_follow([], [a_story("a1")], [an_alert("x2")])
    assert store.counts() == before
    assert store.story_of("a2") is not None


def test_a_sign_that_no_text_may_hold_is_left_out_and_stops_nothing(store: SqlStore) -> None:
    collected(store, an_article("a1", title="Tariff\0 on steel"))
    told = an_alert(message=replace(a_message("a1"), headline="\\u0000 \0\0 \\\0"), error="\0")
    store.save_follow([], [], [told])
    assert [article.title for article in store.unread(9)] == ["Tariff on steel"]
    assert [alert.message.headline for alert in store.alerts()] == ["\\u0000  \\"]
    store.prune(NOW + 400 * timedelta(days=1))  # which looks into the message


@pytest.mark.fault("D05")
def test_threads_of_two_programs_that_write_at_once_lose_nothing(name: str) -> None:
    assert_nothing_is_lost_between([open_store(postgres.url(name)) for _ in "12"])


@pytest.mark.fault("D05")
def test_who_keeps_the_turn_of_writers_is_told_of_and_readers_go_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plug, "SESSION", "SET lock_timeout = '50ms'")
    with closing(open_store(postgres.url(name))) as store, closing(open_store_unasked(name)) as other:
        with store._writing(), pytest.raises(StoreError, match="lock timeout — another program is writing to it"):
            other.save_states([FeedState(FEED)])
        assert other.feed_states() == {}


def open_store_unasked(name: str) -> SqlStore:
    """Without preparing it, which is a write."""
    return SqlStore(plug.engine(postgres.url(name)), name, plug)


def test_what_is_read_is_of_one_moment(store: SqlStore, name: str) -> None:
    with store._reading() as connection:
        count = "SELECT count(*) FROM articles"
        assert connection.exec_driver_sql(count).scalar_one() == 0
        with closing(open_store_unasked(name)) as other:
            collected(other, an_article())
        assert connection.exec_driver_sql(count).scalar_one() == 0
    assert store.counts()["articles"] == 1


@pytest.mark.fault("D15")
def test_a_store_whose_connections_were_cut_off_goes_on(store: SqlStore, name: str) -> None:
    collected(store, an_article("a1"))
    cut_off(name)
    assert [article.id for article in store.unread(9)] == ["a1"]
    cut_off(name)
    assert len(collected(store, an_article("a2"))) == 1


def cut_off(name: str) -> None:
    """As a server that restarts does."""
    postgres.run("postgres", f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")


@pytest.mark.fault("D13")
def test_a_site_from_which_another_takes_feeds_now_or_just_did_is_passed_over(
    store: SqlStore, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.enrol({f"https://a.example/{n}": "a.example" for n in range(9)})
    with closing(open_store_unasked(name)) as other:
        with store._claiming() as connection:
            assert list(plug.turns(connection, ["a.example"])) == ["a.example"]
            assert other.claim(NOW, "other", 3, LONG) == []
        quick = Quick(store)
        monkeypatch.setattr(other, "_database", quick)
        assert other.claim(NOW, "other", 3, LONG) == []
        assert len(quick.took) == 3


class Quick:
    """A worker that takes feeds, other ones of the same site, just after somebody has looked for some."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.took: list[FeedState] = []

    def turns(self, connection: Connection, names: Collection[str]) -> Collection[str]:
        self.took += self._store.claim(NOW, "quick", 3, LONG)
        return plug.turns(connection, names)


@pytest.mark.fault("D14")
def test_claims_wait_for_nobody_who_writes(store: SqlStore, name: str) -> None:
    store.enrol({FEED: FEED})
    with closing(open_store_unasked(name)) as other, store._writing():
        assert [state.url for state in other.claim(NOW, "other", 3, LONG)] == [FEED]


@pytest.mark.fault("D16")
def test_what_is_due_among_fifty_thousand_feeds_is_found_by_indexes(store: SqlStore) -> None:
    """A ninth of them are held by another, a fifth are not due."""
    store.enrol({f"https://{n % 9000}.example/{n}": f"{n % 9000}.example" for n in range(50_000)})
    with store._engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE feeds SET due = {in_store(NOW + LONG)} WHERE url LIKE '%%1' OR url LIKE '%%3'"
        )
        held = f"UPDATE feeds SET lease = 'x', leased_until = {in_store(NOW + LONG)} WHERE turn LIKE '7%%'"
        connection.exec_driver_sql(held)
        connection.exec_driver_sql("ANALYZE feeds")
    query = claimable(NOW, 50).compile(dialect=store._engine.dialect, compile_kwargs={"literal_binds": True})
    with store._engine.connect() as connection:
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {query}".replace("%", "%%")).scalars())
    assert "using ix_feeds_due on feeds" in plan
    assert "Seq Scan" not in plan


def test_who_stands_still_within_a_turn_is_cut_off_after_half_a_minute(store: SqlStore) -> None:
    patience = "SHOW idle_in_transaction_session_timeout"
    with store._writing() as writer, store._reading() as reader:
        assert [one.exec_driver_sql(patience).scalar() for one in (writer, reader)] == ["30s", "10min"]
    with store._sharing() as writer:
        assert writer.exec_driver_sql(patience).scalar() == "30s"


@pytest.mark.fault("D16")
def test_what_is_to_be_read_is_found_by_indexes_among_fifty_thousand_articles(store: SqlStore) -> None:
    """A thousand of them are unread, and half of these are held by others."""
    with store._engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO articles (id, url, title, text, outlet, feed_url, official, published, first_seen, quiet, from_page,"
            f" stage, lease, leased_until) SELECT n, n, '', '', '', '', false, n, n, false, false,"
            " CASE WHEN n %% 50 = 0 THEN 'unread' ELSE 'followed' END,"
            " CASE WHEN n %% 100 = 0 THEN 'call ' || n %% 7 ELSE '' END,"
            f" CASE WHEN n %% 100 = 0 THEN {in_store(NOW + LONG)} END FROM generate_series(1, 50000) n"
        )
        connection.exec_driver_sql("ANALYZE articles")
    for lease, index in (("", "ix_articles_first_seen_published"), ("call 3", "ix_articles_lease")):
        query = readable(NOW, 128, lease).compile(dialect=store._engine.dialect, compile_kwargs={"literal_binds": True})
        with store._engine.connect() as connection:
            plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {query}".replace("%", "%%")).scalars())
        assert index in plan
        assert "Seq Scan" not in plan


def in_store(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


# one desk


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plug, "WAIT", "50ms")


@pytest.mark.usefixtures("impatient")
def test_one_desk_has_the_database_and_another_is_told_which(name: str) -> None:
    url = postgres.url(name)
    assert plug.silence(url, LONG) == f"no tariffwatch runs with postgresql://postgres@/{name}"
    with app.alone(url) as hold:
        hold.sign_of_life()
        assert app.silence(url) == ""
        with pytest.raises(
            StoreError, match=rf"in use by another tariffwatch \(process {os.getpid()} on .*stop it first"
        ):
            app.alone(url).__enter__()
        assert (hold.lost, plug.silence(url, LONG)) == ((), "")
    with app.alone(url):
        pass


def test_a_desk_that_gives_no_sign_of_life_is_told_of(name: str) -> None:
    with app.alone(postgres.url(name)):
        words = plug.silence(postgres.url(name), -LONG)
        assert words.startswith(f"process {os.getpid()} on ")
        assert "has given no sign of life for 0 s" in words


@pytest.mark.fault("T09", "S22")
def test_a_desk_that_was_cut_off_takes_the_database_again(name: str) -> None:
    url = postgres.url(name)
    with app.alone(url) as hold:
        cut_off(name)
        assert plug.silence(url, LONG) != ""
        hold.sign_of_life()
        assert (hold.lost, plug.silence(url, LONG)) == ((), "")


@pytest.mark.fault("T09", "S22")
@pytest.mark.usefixtures("impatient")
def test_a_desk_that_was_cut_off_gives_up_where_another_came(name: str) -> None:
    url = postgres.url(name)
    with app.alone(url) as hold:
        cut_off(name)
        with app.alone(url):
            hold.sign_of_life()
            assert "is in use by another tariffwatch" in hold.lost[0]


def test_a_server_that_is_away_is_told_of_as_the_reason_for_silence() -> None:
    assert "look whether the server runs" in plug.silence("postgresql://127.0.0.1:9/desk", LONG)


@pytest.mark.fault("T09")
def test_the_lock_of_a_process_that_is_killed_is_free_at_once(name: str) -> None:
    url = postgres.url(name)
    child = os.fork()
    if not child:
        with app.alone(url):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    with app.alone(url):
        pass


# a desk and its workers


@pytest.mark.usefixtures("impatient")
def test_a_desk_that_does_all_by_itself_and_workers_keep_each_other_away(name: str) -> None:
    url = postgres.url(name)
    with plug.working(url, ["analyze"]), plug.working(url, STEPS):
        with pytest.raises(StoreError, match=rf"workers are at .*/{name} \(worker {os.getpid()} on .*--engine queue"):
            app.alone(url).__enter__()
        with app.alone(url, beside_workers=True):
            pass
    with app.alone(url), pytest.raises(StoreError, match=rf"a desk that does all by itself .*process {os.getpid()} on"):
        plug.working(url, STEPS).__enter__()
    with app.alone(url):
        pass


def test_it_is_known_who_works_on_what(name: str) -> None:
    url = postgres.url(name)
    assert (plug.workers(url), app.steps_of_workers(url)) == ([], set())
    with app.working(url, ["analyze", "follow"]), app.alone(url, beside_workers=True):
        (there,) = plug.workers(url)
        assert there.who.startswith(f"worker {os.getpid()} on ")
        assert there.steps == ("analyze", "follow")
        assert app.steps_of_workers(url) == {"analyze", "follow"}
    assert plug.workers(url) == []


@pytest.mark.usefixtures("impatient")
def test_a_worker_that_was_cut_off_says_again_that_it_is_there_or_ends_where_a_desk_does_all(name: str) -> None:
    url = postgres.url(name)
    with app.working(url, STEPS) as hold:
        cut_off(name)
        hold.sign_of_life()
        assert (hold.lost, len(plug.workers(url))) == ((), 1)
        cut_off(name)
        with app.alone(url):
            hold.sign_of_life()
            assert "a desk that does all by itself is at" in hold.lost[0]


# the line, and the commands


def test_the_whole_line_works_on_it_and_tells_each_thing_once(store: SqlStore) -> None:
    line = Line(store)
    first = line.told(makers.an_article("a1", title="US to raise tariff on Indian shrimp to 20%"))
    assert [alert.message.kind for alert in first] == ["new"]
    assert line.told(makers.an_article("a1", title="US to raise tariff on Indian shrimp to 20%")) == []
    while line.pipeline.deliver(makers.NOW):
        pass
    assert len(line.sink.sent) == 1
    line.pipeline.tidy(makers.NOW)


@pytest.fixture
def secret(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL with a password, in the environment of a folder with settings."""
    url = postgres.url(name).replace("postgres:@", "postgres:hunter2@")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    Path("config.yaml").write_text(SMALL, "utf-8")
    return url


def command(*words: str) -> str:
    answer = CliRunner().invoke(program, words)
    said = answer.output + (str(answer.exception) if isinstance(answer.exception, TariffwatchError) else "")
    assert "hunter2" not in said
    return said


def test_commands_find_the_store_and_show_no_password(secret: str, name: str) -> None:
    store = open_store(secret)
    collected(store, an_article())
    assert command("health").strip() == f"no tariffwatch runs with postgresql://postgres@/{name}"
    with app.alone(secret):
        assert command("health").strip() == "ok"
    assert "holds no analysed article" in command("backtest", "--query", "tariff", "--archive", "store")
    assert f"postgresql://postgres@/{name}: the store" in command("backtest", "--query", "tariff", "--archive", "store")
    store.close()


def test_check_tells_how_much_there_is_and_what_is_wrong(secret: str, name: str) -> None:
    config = load_config(None, {"DATABASE_URL": secret})
    (found,) = check_store(config)
    assert found.ok
    assert re.fullmatch(rf"postgresql://postgres@/{name}: 0 articles, 0 stories, \d+\.\d MB", found.words)
    with app.working(secret, ["deliver"]):
        (found,) = check_store(config)
    assert re.search(rf" MB; worker {os.getpid()} on .+ \(deliver\), heard of 0 s ago$", found.words)
    (found,) = check_store(replace(config, store="postgresql://desk:hunter2@127.0.0.1:9/desk"))
    assert (found.ok, "hunter2" in found.words) == (False, False)


def test_backup_and_restore_say_what_else_to_do(secret: str) -> None:
    assert "is no file — its copies are made with `pg_dump` and put back with `pg_restore`" in command("backup", "b.db")
    assert "is no file — its copies are made with `pg_dump` and put back with `pg_restore`" in command(
        "restore", "b.db"
    )


def test_figures_tell_the_size_of_the_database_and_go_on_without_the_server(store: SqlStore, name: str) -> None:
    assert store.sizes()["file"] > 1_000_000
    away = SqlStore(plug.engine("postgresql://127.0.0.1:9/desk"), "desk", plug)
    text = metrics(Watched(Line(away).pipeline, Meter(), lambda: NOW, list, away.sizes))().decode()
    assert "tariffwatch_store_up 0.0" in text
    assert "tariffwatch_store_file_bytes" not in text


# copies


def test_copies_are_made_by_the_tools_of_the_server(name: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no file — its copies are made with `pg_dump`"):
        backup(postgres.url(name), tmp_path / "one.db")
    with pytest.raises(StoreError, match="put back with `pg_restore`"):
        restore(postgres.url(name), tmp_path / "one.db", NOW)
