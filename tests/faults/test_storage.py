"""What disks, locks, kills and damage do to the store: causes are real ones, wherever one can be had."""

import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot import messages
from bot.alerts import SENDING, SENT
from bot.engines.scheduler import SchedulerEngine
from bot.errors import StoreError
from bot.feeds import FeedState
from bot.messages import BULK, Message, Section, slim
from bot.pipeline import MOST_UNFOLDED
from bot.stores import migrations, sqlite
from bot.stores.copies import backup
from bot.stores.places import doubt
from bot.stores.sql import SqlStore, open_store
from bot.stores.tables import metadata
from tests import makers
from tests.line import Line, ScriptedSink, store_at
from tests.makers import CHANNEL, DAY, FEED, HOUR, NOW, a_desk, a_feed, an_entry
from tests.test_store import (
    a_measure,
    a_message,
    a_story,
    an_alert,
    an_analysis,
    an_article,
    analysed,
    collected,
    followed,
)

WEEK = 7 * DAY


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    store = store_at(path)
    yield store
    store.close()


def sound(path: Path) -> bool:
    engine = sqlite.engine(path)
    try:
        return sqlite.damage(engine, thorough=True) == ""
    finally:
        engine.dispose()


def everything(store: SqlStore) -> tuple[object, ...]:
    """What somebody sees who asks for all of it."""
    return store.feed_states(), store.counts(), store.recent(100), store.open_stories(NOW - WEEK), store.alerts()


# full disks

WRITES: dict[str, Callable[[SqlStore], object]] = {
    "collect": lambda store: collected(store, *(an_article(f"n{n}", text="India " * 20000) for n in range(20))),
    "analyze": lambda store: store.save_analyses([(an_article("u1", text="Page " * 400000), an_analysis("u1"))]),
    "follow": lambda store: store.save_follow([], [], [an_alert("x9")], [a_measure(sentence_of(400000))]),
    "deliver": lambda store: store.save_alert(an_alert(state=SENDING, error="no " * 400000)),
}


def sentence_of(length: int) -> str:
    return "m" * length


@contextmanager
def few_pages(store: SqlStore) -> Iterator[None]:
    """A database that may not grow."""
    with limited(store, "PRAGMA max_page_count = 1"):
        yield
    with limited(store, f"PRAGMA max_page_count = {2**30}"):
        pass


@contextmanager
def limited(store: SqlStore, pragma: str) -> Iterator[None]:
    """Every connection of the store is told so when it is taken."""

    def tell(connection: Any, *_: object) -> None:
        connection.execute(pragma)

    event.listen(store._engine, "checkout", tell)
    store.counts()
    yield
    event.remove(store._engine, "checkout", tell)


@contextmanager
def small_files(store: SqlStore) -> Iterator[None]:
    """A process whose files may not grow over a size: writes fail as on a broken disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.fault("D03")
@pytest.mark.parametrize("cause", [few_pages, small_files])
@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_finds_no_room_leaves_nothing_half_and_succeeds_when_there_is_room(
    store: SqlStore, path: Path, write: str, cause: Callable[[SqlStore], Any]
) -> None:
    followed(store, a_story("a1", "a2"), alerts=(an_alert(),))
    collected(store, an_article("u1"))
    before = everything(store)
    with cause(store):
        with pytest.raises(StoreError, match="nothing that was saved is lost"):
            WRITES[write](store)
        assert everything(store) == before
    assert sound(path)
    WRITES[write](store)
    assert everything(store) != before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a megabyte and a half, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1500k", "none", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only who may mount a small disk can fill one")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.fault("D03")
def test_a_desk_on_a_full_disk_goes_on_says_so_once_and_loses_nothing(small_disk: Path) -> None:
    line = Line(store_at(small_disk / "store.db"), desk=a_desk(feeds=[a_feed(backlog=5)]))
    line.publish(an_entry())
    ticks = SchedulerEngine(line.pipeline, lambda: NOW)
    ticks._collect()
    filler = small_disk / "filler"
    fill(filler)
    for _ in range(3):
        for name, work in (("collect", ticks._collect), ("read", ticks._read), ("deliver", ticks._deliver)):
            ticks._tick(name, work)
    (failed,) = line.heard("tick_failed")
    assert failed["tick"] == "read"
    assert "disk is full — free some space on the disk; nothing that was saved is lost" in str(failed["error"])
    assert line.store.counts()["unread"] == 1
    assert line.sink.sent == []
    filler.unlink()
    for name, work in (("read", ticks._read), ("deliver", ticks._deliver)):
        ticks._tick(name, work)
    assert line.heard("tick_recovered") == [{"tick": "read"}]
    assert line.states() == {CHANNEL: SENT}
    assert sound(small_disk / "store.db")
    line.store.close()


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(b"\0" * 512)
    assert shutil.disk_usage(file).free < 512


@pytest.mark.fault("D04")
def test_a_desk_whose_disk_becomes_read_only_goes_on_when_it_is_mended(small_disk: Path) -> None:
    line = Line(store_at(small_disk / "store.db"), desk=a_desk(feeds=[a_feed(backlog=5)]))
    line.publish(an_entry())
    ticks = SchedulerEngine(line.pipeline, lambda: NOW)
    line.store.close()
    remounted(small_disk, "ro")
    for _ in range(3):
        ticks._tick("collect", ticks._collect)
    remounted(small_disk, "rw")
    (failed,) = line.heard("tick_failed")
    assert "a directory that this user may write" in str(failed["error"])
    assert line.fetcher.asked == []
    ticks._tick("collect", ticks._collect)
    assert line.heard("tick_recovered") == [{"tick": "collect"}]
    assert line.store.counts()["unread"] == 1
    line.store.close()


def remounted(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


@pytest.mark.fault("D03")
def test_a_backup_onto_a_full_disk_leaves_nothing_behind(small_disk: Path, store: SqlStore, path: Path) -> None:
    collected(store, *(an_article(f"n{n}", text="India " * 20000) for n in range(20)))
    with pytest.raises(StoreError, match=r"store\.db cannot be copied: .*full — free some space"):
        backup(f"sqlite:///{path}", small_disk / "one.db")
    assert list(small_disk.iterdir()) == []


class Longwinded(ScriptedSink):
    """Its receipts need room."""

    def send(
        self, message: Message, channel: str, *, simple: int = 0, thread: str = "", broadcast: bool = False
    ) -> str:
        receipt = super().send(message, channel, simple=simple, thread=thread, broadcast=broadcast)
        return receipt + "0" * 400000


@pytest.mark.fault("D03")
def test_an_alert_that_went_out_and_could_not_be_written_down_is_looked_up_and_not_sent_again(store: SqlStore) -> None:
    line = Line(store, sink=Longwinded())
    line.told(makers.an_article())
    ticks = SchedulerEngine(line.pipeline, lambda: NOW)
    full = few_pages(store)
    line.sink.on_send = lambda message: full.__enter__()
    ticks._tick("deliver", ticks._deliver)
    assert line.states() == {CHANNEL: SENDING}
    full.__exit__(None, None, None)
    line.sink.found = ["1700.1"]
    ticks._tick("deliver", ticks._deliver)
    assert line.states() == {CHANNEL: SENT}
    assert len(line.sink.sent) == 1
    assert line.heard("tick_recovered") == [{"tick": "deliver"}]


# kills


def writes_until_it_is_killed(url: str, start: int, told: Connection) -> None:
    store = open_store(url)
    for n in count(start):
        analysed(store, an_article(f"a{n}"))
        alert = an_alert(f"x{n}", story_id=f"a{n}", article_id=f"a{n}")
        store.save_follow([f"a{n}"], [a_story(f"a{n}")], [alert])
        told.send(f"a{n}")


def killed_after(url: str, start: int, acknowledged: int) -> set[str]:
    """What a process acknowledged that was killed in the midst of the next article."""
    here, there = multiprocessing.Pipe()
    fork = multiprocessing.get_context("fork")
    process = fork.Process(target=writes_until_it_is_killed, args=(url, start, there))
    process.start()
    said = {here.recv() for _ in range(acknowledged)}
    process.kill()
    process.join()
    while here.poll():
        said.add(here.recv())
    here.close()
    there.close()
    return said


@pytest.mark.fault("D01")
@pytest.mark.fault("D02")
def test_whenever_the_process_is_killed_all_that_it_acknowledged_is_there_and_nothing_half(path: Path) -> None:
    """Twenty rounds here; two hundred, with 9,484 acknowledged articles, lost nothing either."""
    url, said = f"sqlite:///{path}", set[str]()
    store_at(path).close()
    for turn in range(20):
        said |= killed_after(url, turn * 1000, turn % 4)
        store = open_store(url, check=True)
        assert said <= {article.id for article, _ in store.recent(1000)}
        stories = {story.id for story in store.open_stories(NOW - WEEK)}
        assert {alert.story_id for alert in store.alerts(limit=1000)} == stories
        assert said <= stories
        store.close()
    assert sound(path)


def killed_at(path: Path, statement: int) -> int:
    """The exit status of a process that is killed when its migration comes to that statement."""
    child = os.fork()
    if child == 0:
        seen = 0

        def kill(*_: object) -> None:
            nonlocal seen
            seen += 1
            if seen == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        store = SqlStore(sqlite.engine(path), "store")
        event.listen(store._engine, "before_cursor_execute", kill)
        store.prepare()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def versions_of(path: Path) -> list[str]:
    connection = sqlite.read_only(path)
    found = [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
    connection.close()
    return found


def at_version(path: Path, version: str) -> None:
    """A database as the program of that schema left it."""
    engine = sqlite.engine(path)
    sqlite.prepare(engine)
    with engine.begin() as connection:
        migrations.migrate(connection, version)
    engine.dispose()


@pytest.mark.fault("D10")
def test_a_kill_anywhere_in_a_migration_leaves_the_old_schema_whole(path: Path) -> None:
    at_version(path, migrations.versions()[0])
    kills = 0
    for statement in count(4, 3):
        if killed_at(path, statement) != -signal.SIGKILL:
            break
        kills += 1
        assert versions_of(path) == migrations.versions()[:1]
        assert sound(path)
    assert kills > 3
    assert versions_of(path) == migrations.versions()[-1:]


# locks and readers


@contextmanager
def held(path: Path, statement: str) -> Iterator[None]:
    """Another connection that began so and does not end."""
    connection = sqlite.driver().connect(str(path), isolation_level=None)
    connection.execute(statement)
    connection.execute("SELECT count(*) FROM articles").fetchall()
    yield
    connection.execute("ROLLBACK")
    connection.close()


@pytest.mark.fault("D05")
def test_a_lock_that_another_program_holds_costs_ticks_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY", 10)
    line = Line(store_at(path), desk=a_desk(feeds=[a_feed(backlog=5)]))
    line.publish(an_entry())
    ticks = SchedulerEngine(line.pipeline, lambda: NOW)
    with held(path, "BEGIN IMMEDIATE"):
        ticks._tick("collect", ticks._collect)
    (failed,) = line.heard("tick_failed")
    assert "database is locked — another program is writing to it: stop that one" in str(failed["error"])
    assert line.fetcher.asked == []  # what could not be written down was not asked for
    ticks._tick("collect", ticks._collect)
    assert line.store.counts()["unread"] == 1
    line.store.close()


@pytest.mark.fault("D05")
def test_a_write_whose_reading_another_overtakes_is_not_refused_for_that(
    store: SqlStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other tries between this one's first question and its first change; who said so at the start has the turn."""
    monkeypatch.setattr(sqlite, "BUSY", 10)
    other, refused = store_at(path), list[str]()

    def overtake(connection: Any, cursor: Any, text: str, *_: object) -> None:
        if text.startswith("SELECT") and not refused:
            refused.append(text)
            with pytest.raises(StoreError, match="database is locked"):
                collected(other, an_article("b1"))

    event.listen(store._writes, "after_cursor_execute", overtake)
    assert collected(store, an_article("a1"))
    assert refused
    assert collected(other, an_article("b1"))
    other.close()


@pytest.mark.fault("D06")
def test_a_reader_that_stays_for_hours_is_told_of_and_costs_no_data(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY", 10)
    monkeypatch.setattr("bot.pipeline.MOST_UNFOLDED", 100_000)
    line = Line(store_at(path))
    wal = path.with_name("store.db-wal")
    with held(path, "BEGIN"):
        collected(line.store, *(an_article(f"n{n}", text="India " * 2000) for n in range(20)))
        line.pipeline.tidy(NOW)
        (told,) = line.heard("fold_failed")
        assert "end that one" in str(told["error"])
        assert wal.stat().st_size > 100_000
    line.pipeline.tidy(NOW)
    assert len(line.heard("fold_failed")) == 1
    assert wal.stat().st_size == 0
    assert line.store.counts()["articles"] == 20
    line.store.close()


def test_what_was_written_lies_in_the_file_itself_after_an_hour(store: SqlStore, path: Path) -> None:
    collected(store, *(an_article(f"n{n}", text="India " * 2000) for n in range(20)))
    assert store.fold() == 0 < MOST_UNFOLDED
    assert path.with_name("store.db-wal").stat().st_size == 0


# damage


@pytest.mark.fault("D07")
@pytest.mark.parametrize("damage", ["header", "page", "half"])
def test_a_damaged_file_is_refused_at_the_start_with_what_to_do_and_left_as_it_is(path: Path, damage: str) -> None:
    store = store_at(path)
    analysed(store, *(an_article(f"a{n}", text="India " * 500) for n in range(50)))
    store.close()
    whole = path.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    spoilt = {
        "header": b"\0" * 64 + whole[64:],
        "page": whole[:middle] + b"\xff" * 4096 * 4 + whole[middle + 4096 * 4 :],
        "half": whole[:middle],
    }[damage]
    path.write_bytes(spoilt)
    with pytest.raises(StoreError, match=r"store\.db: .*restore a backup \(`tariffwatch restore FILE`\)"):
        open_store(f"sqlite:///{path}", check=True)
    assert path.read_bytes() == spoilt


def test_a_start_looks_for_damage_no_longer_than_its_patience_and_a_check_does(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed(store, *(an_article(f"a{n}") for n in range(300)))
    with store._writing() as connection:
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        connection.exec_driver_sql("UPDATE sqlite_master SET sql = replace(sql, 'etag TEXT', 'etag TEXT NOT NULL')")
    store.close()
    assert "NULL value in feeds.etag" in sqlite.damage(store._engine)
    monkeypatch.setattr(sqlite, "PATIENCE", -1.0)
    assert sqlite.damage(store._engine) == ""
    assert "NULL value in feeds.etag" in sqlite.damage(store._engine, thorough=True)


@pytest.mark.fault("D07")
def test_without_its_wal_file_a_store_is_what_it_was_earlier_and_whole(store: SqlStore, path: Path) -> None:
    followed(store, a_story("a1"), alerts=(an_alert(),))
    store.fold()
    followed(store, a_story("b1"))
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    again = open_store(f"sqlite:///{copy}", check=True)
    assert [article.id for article, _ in again.recent(10)] == ["a1"]
    again.close()


# where it lies

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
tmpfs /tmp tmpfs rw 0 0
nas:/desk /mnt/the\\040desk nfs4 rw 0 0
/dev/sdb1 /mnt/disk xfs rw 0 0
"""


@pytest.mark.fault("D12")
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/var/lib/store.db", ""),
        ("/mnt/disk/store.db", ""),
        ("/tmp/store.db", "lies in memory (tmpfs at /tmp)"),  # noqa: S108  # a place in the list above
        ("/mnt/the desk/state/store.db", "lies on nfs4 (/mnt/the desk), whose locks SQLite cannot trust"),
    ],
)
def test_a_place_that_does_not_suit_a_database_is_told(path: str, words: str) -> None:
    found = doubt(path, MOUNTS)
    assert words in found
    assert bool(words) == bool(found)


# months


def a_week(store: SqlStore, week: int, articles: int = 60) -> None:
    """A week of a desk: articles come, most are of no interest, some are told."""
    now = NOW + week * WEEK
    names = [f"w{week}-{n}" for n in range(articles)]
    made = [an_article(name, text=f"India answers {name}. " * 60, published=now, first_seen=now) for name in names]
    store.save_feed(FeedState(FEED, newest=now, polled_at=now), made)
    store.save_analyses([(article, an_analysis(article.id)) for article in made])
    stories = [replace(a_story(name), started=now, updated=now) for name in names[:10]]
    sent = an_alert(created=now, state=SENT, message=a_long_message())
    alerts = [replace(sent, id=f"x-{name}", story_id=name, article_id=name) for name in names[:10]]
    store.save_follow(names, stories, alerts)
    tidy(store, now)


def a_long_message() -> Message:
    """As long as those that are sent: two and a half kilobytes."""
    return replace(a_message("x"), quotes=("India answers. " * 50, "Washington waits. " * 40))


def tidy(store: SqlStore, now: datetime) -> None:
    while store.prune(now - 8 * WEEK):
        pass
    store.fold()


@pytest.mark.fault("D17")
def test_a_year_makes_the_file_no_larger_than_the_time_that_is_kept(store: SqlStore, path: Path) -> None:
    sizes = []
    for week in range(52):
        a_week(store, week)
        sizes.append(path.stat().st_size)
    assert sizes[-1] < 1.1 * max(sizes[:13])
    assert store.counts()["articles"] <= 60 * 10
    assert store.counts()["alerts_sent"] == 10 * 52  # their ids stay


def test_of_an_old_alert_only_what_names_it_stays(store: SqlStore) -> None:
    sent, waits = an_alert(state=SENT), an_alert("x2", "#steel")
    followed(store, a_story(), alerts=(sent, waits))
    tidy(store, sent.created + 8 * WEEK)
    assert store.alerts(article_id="a1") == [waits, sent]
    tidy(store, sent.created + 8 * WEEK + HOUR)
    kept = {alert.id: alert for alert in store.alerts()}
    assert kept == {"x1": replace(sent, message=slim(sent.message)), "x2": waits}
    assert [getattr(kept["x1"].message, part) for part in BULK] == [()] * len(BULK)
    assert kept["x1"].message.headline


def test_of_an_old_digest_its_sections_go_and_of_an_old_notice_its_lines(store: SqlStore) -> None:
    section = Section("Seafood", (messages.Line("Shrimp is to pay 25 %"),) * 20)
    digest = replace(a_message("x1"), kind="digest", sections=(section,))
    notice = replace(a_message("x2"), kind="notice", lines=("All well",) * 12)
    followed(store, alerts=tuple(replace(an_alert(one.id, state=SENT), message=one) for one in (digest, notice)))
    tidy(store, an_alert().created + 9 * WEEK)
    kept = {alert.id: alert.message for alert in store.alerts()}
    assert (kept["x1"].sections, kept["x2"].lines) == ((), ())


def test_no_table_hangs_on_alerts_whose_rows_are_taken_out_and_put_back() -> None:
    referred = {key.column.table.name for table in metadata.tables.values() for key in table.foreign_keys}
    assert "alerts" not in referred


def test_a_great_deal_is_forgotten_in_lots_so_that_others_may_write(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.stores.sql.LOT", 2)
    analysed(store, *(an_article(f"a{n}") for n in range(5)))
    store.save_follow([f"a{n}" for n in range(5)], [], [])
    assert [store.prune(NOW + DAY) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.fault("D18")
def test_a_clock_that_is_put_back_a_day_loses_no_alert_and_tells_none_twice(store: SqlStore) -> None:
    line = Line(store)
    first = line.told(makers.an_article())
    line.pipeline.deliver(NOW)
    back = NOW - DAY
    again = line.told(makers.an_article(), now=back)
    later = line.told(makers.an_article("b1", title="US to raise tariff on Indian steel", text=""), now=back)
    line.pipeline.deliver(back)
    assert (len(first), len(again), len(later)) == (1, 0, 1)
    assert [alert.state for alert in line.store.alerts()] == [SENT, SENT]
    assert len(line.sink.sent) == 2
    assert line.pipeline.tidy(back) == 0


# the planner


@pytest.mark.fault("D16")
def test_every_step_finds_its_rows_by_an_index_though_nobody_gathered_statistics(store: SqlStore) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(store._engine, "before_cursor_execute", lambda c, cur, text, values, *_: asked.append((text, values)))
    line = Line(store)
    line.publish(an_entry())
    ticks = SchedulerEngine(line.pipeline, lambda: NOW)
    for work in (ticks._collect, ticks._read, ticks._deliver, ticks._remind, ticks._tidy):
        work()
    connection = sqlite.read_only(Path(store._name))
    scans = set()
    for text, values in [(text, values) for text, values in asked if text.startswith(("SELECT", "UPDATE", "DELETE"))]:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", values if isinstance(values, tuple) else values[0])
        scans |= {row[3] for row in plan if row[3].startswith("SCAN") and "USING" not in row[3]}
    connection.close()
    assert not {scan for scan in scans if scan.split()[1] in ("articles", "analyses", "members", "alerts")}
