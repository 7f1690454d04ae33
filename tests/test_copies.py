"""Backups and the way back: whole, of one moment, made while others write, and never in another's place."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest

from bot.alerts import QUEUED, SENDING, SENT, UNKNOWN
from bot.errors import StoreError
from bot.feeds import FeedState
from bot.stores import sqlite
from bot.stores.copies import backup, backup_name, forget_backups, restore
from bot.stores.sql import SqlStore
from tests.line import store_at
from tests.test_migrations import at_version, tables_of
from tests.test_store import an_alert, an_article, analysed, collected, filled

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state" / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    """With a row in every table."""
    store = store_at(path)
    filled(store)
    yield store
    store.close()


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    connection = sqlite.read_only(path)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = {name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names}
    connection.close()
    return found


@contextmanager
def written_meanwhile(store: SqlStore) -> Iterator[None]:
    """Somebody who writes an article after the other."""
    over = Event()

    def write() -> None:
        for n in count():
            if over.is_set():
                return
            collected(store, an_article(f"w{n}"))

    writer = Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


@pytest.mark.fault("D08")
def test_a_backup_brings_back_every_row_of_every_table(store: SqlStore, path: Path, tmp_path: Path) -> None:
    file = tmp_path / "backups" / "one.db"
    rows = backup(url(path), file)
    before = contents(path)
    assert all(before.values()), "a table without a row proves nothing: give it one in `filled`"
    assert rows == {name: len(found) for name, found in before.items()}
    store.close()
    path.unlink()
    restored = restore(url(path), file, NOW)
    assert (restored.rows, restored.aside, restored.told) == (rows, None, None)
    after = contents(path)
    assert {name: rows for name, rows in after.items() if name != "alerts"} == {
        name: rows for name, rows in before.items() if name != "alerts"
    }
    again = store_at(path)
    assert [alert.state for alert in again.alerts()] == [UNKNOWN]
    again.close()


@pytest.mark.fault("D08")
def test_a_copy_of_the_file_alone_lacks_what_a_backup_has(store: SqlStore, path: Path, tmp_path: Path) -> None:
    analysed(store, an_article("late"))
    (tmp_path / "copied.db").write_bytes(path.read_bytes())
    backup(url(path), tmp_path / "one.db")
    ids = {name: {row[0] for row in contents(tmp_path / name)["articles"]} for name in ("copied.db", "one.db")}
    assert "late" in ids["one.db"] - ids["copied.db"]


def test_a_backup_that_is_made_while_others_write_is_of_one_moment(store: SqlStore, path: Path, tmp_path: Path) -> None:
    with written_meanwhile(store):
        for n in range(5):
            rows = backup(url(path), tmp_path / f"{n}.db")
            found = contents(tmp_path / f"{n}.db")
            assert {name: len(of) for name, of in found.items()} == rows
            numbers = sorted(int(str(row[0])[1:]) for row in found["articles"] if str(row[0]).startswith("w"))
            assert numbers == list(range(len(numbers)))
    assert [name.name for name in tmp_path.glob("*.db*")] == [name.name for name in tmp_path.glob("?.db")]


def test_a_backup_takes_no_others_place(store: SqlStore, path: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.db").write_text("precious")
    with pytest.raises(StoreError, match=r"mine\.db is there already — name a new file"):
        backup(url(path), tmp_path / "mine.db")
    assert (tmp_path / "mine.db").read_text() == "precious"


def test_a_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store to back up"):
        backup(url(tmp_path / "store.db"), tmp_path / "one.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.fault("D07")
def test_of_a_damaged_store_no_backup_is_made(store: SqlStore, path: Path, tmp_path: Path) -> None:
    store.close()
    spoil(path)
    with pytest.raises(StoreError, match=r"store\.db cannot be copied: .* — the file is damaged: restore a backup"):
        backup(url(path), tmp_path / "one.db")
    assert list(tmp_path.iterdir()) == [path.parent]


def spoil(path: Path) -> None:
    """Every page after the first."""
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))


def test_only_the_newest_backups_of_this_store_stay_and_nothing_else_goes(path: Path, tmp_path: Path) -> None:
    names = [backup_name(url(path), NOW + n * HOUR) for n in range(4)]
    others = ["store.db", "store-monday.db", "other-20260302T093000Z.db"]
    for name in (*names, *others):
        (tmp_path / name).touch()
    assert forget_backups(tmp_path, url(path), 2) == [tmp_path / name for name in names[:2]]
    assert {file.name for file in tmp_path.glob("*.db")} == {*names[2:], *others}


# the way back


def test_what_stood_there_is_kept_aside_with_all_that_was_written(store: SqlStore, path: Path, tmp_path: Path) -> None:
    backup(url(path), tmp_path / "one.db")
    analysed(store, an_article("late"))
    before = contents(path)
    store.close()
    restored = restore(url(path), tmp_path / "one.db", NOW)
    assert restored.aside == path.with_name("store.db.before-20260302T093000Z")
    assert contents(restored.aside) == before
    assert "late" not in {row[0] for row in contents(path)["articles"]}


def test_what_a_killed_daemon_left_beside_the_file_goes_aside_with_it(
    store: SqlStore, path: Path, tmp_path: Path
) -> None:
    backup(url(path), tmp_path / "one.db")
    collected(store, an_article("late"))  # it is in the -wal file, as the store is not closed
    restored = restore(url(path), tmp_path / "one.db", NOW)
    assert restored.aside
    assert "late" in {row[0] for row in contents(restored.aside)["articles"]}
    assert not path.with_name("store.db-wal").exists()


def test_alerts_that_went_out_since_the_backup_are_not_told_again(store: SqlStore, path: Path, tmp_path: Path) -> None:
    backup(url(path), tmp_path / "one.db")
    sent = an_alert(state=SENT, receipt="1700.1", sent_at=NOW)
    later = an_alert("x2", article_id="b1", state=SENT, receipt="1700.2")
    store.save_alert(sent)
    store.save_alert(later)
    store.close()
    assert restore(url(path), tmp_path / "one.db", NOW).told == 1
    again = store_at(path)
    assert {alert.id: alert for alert in again.alerts()} == {"x1": sent, "x2": later}
    assert again.save_follow([], [], [later]) == []
    again.close()


def test_where_the_old_file_cannot_be_read_what_waits_is_looked_up_before_it_is_sent(
    store: SqlStore, path: Path, tmp_path: Path
) -> None:
    store.save_alert(an_alert("x2", state=SENDING))
    store.save_alert(an_alert("x3", state=SENT))
    backup(url(path), tmp_path / "one.db")
    store.close()
    path.write_bytes(b"\xff" * 8192)
    restored = restore(url(path), tmp_path / "one.db", NOW)
    assert restored.told is None
    assert restored.aside
    assert restored.aside.read_bytes() == b"\xff" * 8192
    again = store_at(path)
    assert {alert.id: alert.state for alert in again.alerts()} == {"x1": UNKNOWN, "x2": UNKNOWN, "x3": SENT}
    again.close()


def test_a_backup_of_an_older_program_is_brought_up_to_date_and_stays_as_it_is(
    store: SqlStore, path: Path, tmp_path: Path
) -> None:
    store.close()
    at_version(tmp_path / "one.db", "0002", tables_of(path))
    before = (tmp_path / "one.db").read_bytes()
    restore(url(path), tmp_path / "one.db", NOW)
    again = store_at(path)
    assert again.article("a1") == an_article()
    again.close()
    assert (tmp_path / "one.db").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", r"one\.db: its schema \(9999\) is newer than this program"),
        ("PRAGMA application_id = 7", r"one\.db is no store of Tariffwatch — name another file"),
    ],
)
def test_a_file_that_is_not_ours_or_newer_is_not_put_in_the_stores_place(
    store: SqlStore, path: Path, tmp_path: Path, change: str, problem: str
) -> None:
    backup(url(path), tmp_path / "one.db")
    other = sqlite3.connect(tmp_path / "one.db")
    with other:
        other.execute(change)
    other.close()
    assert_refused(store, path, tmp_path, problem)


@pytest.mark.fault("D07")
@pytest.mark.parametrize("damage", ["half", "flipped", "text", "missing", "empty"])
def test_a_damaged_backup_is_not_put_in_the_stores_place(
    store: SqlStore, path: Path, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "one.db"
    backup(url(path), file)
    whole = file.read_bytes()
    if damage == "flipped":
        spoil(file)
    elif damage == "missing":
        file.unlink()
    else:
        file.write_bytes({"half": whole[: len(whole) // 2], "text": b"feeds: []\n" * 500, "empty": b""}[damage])
    assert_refused(store, path, tmp_path, r"one\.db")


def assert_refused(store: SqlStore, path: Path, tmp_path: Path, problem: str) -> None:
    before = contents(path)
    with pytest.raises(StoreError, match=problem):
        restore(url(path), tmp_path / "one.db", NOW)
    assert contents(path) == before
    assert not list(path.parent.glob("*before*")) + list(path.parent.glob(".*"))


def test_the_store_itself_is_no_backup(store: SqlStore, path: Path) -> None:
    with pytest.raises(StoreError, match="is the store itself"):
        restore(url(path), path, NOW)


def test_a_backup_into_a_folder_that_may_not_be_written_is_refused(store: SqlStore, path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="check the folder and the room on the disk"):
        backup(url(path), tmp_path / "file" / "one.db")


def test_who_might_write_the_store_may_write_the_restored_one(store: SqlStore, path: Path, tmp_path: Path) -> None:
    backup(url(path), tmp_path / "one.db")
    store.close()
    path.chmod(0o660)
    if not os.geteuid():
        os.chown(path, 65534, 65534)
    before = path.stat()
    restore(url(path), tmp_path / "one.db", NOW)
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_a_restored_store_is_as_small_as_what_is_in_it(store: SqlStore, path: Path, tmp_path: Path) -> None:
    many = [an_article(f"n{n}", text="India " * 2000) for n in range(40)]
    analysed(store, *many)
    store.save_follow([article.id for article in many], [], [])
    while store.prune(NOW + 10 * HOUR):
        pass
    backup(url(path), tmp_path / "one.db")
    store.close()
    before = path.stat().st_size
    restore(url(path), tmp_path / "one.db", NOW)
    assert path.stat().st_size < before / 2


def test_a_restored_store_goes_on_where_the_backup_was(store: SqlStore, path: Path, tmp_path: Path) -> None:
    store.save_feed(FeedState("https://a.example/rss", etag='"1"'), ())
    backup(url(path), tmp_path / "one.db")
    store.close()
    restore(url(path), tmp_path / "one.db", NOW)
    again = store_at(path)
    assert again.feed_states()["https://a.example/rss"].etag == '"1"'
    assert [alert.state for alert in again.alerts()] == [QUEUED]
    again.close()
