"""prepare, backup, restore, export, and what run and check say of a store: the commands as people type them."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.archive import exported, read_archive
from bot.articles import EARLIEST, Article
from bot.checks import check_store
from bot.config import load_config
from bot.errors import ConfigError, StoreError
from bot.feeds import FeedState
from bot.instance import alone
from bot.stores import sqlite
from bot.stores.migrations import migrate, schema, versions
from tests.line import Line, store_at
from tests.makers import DAY, FEED, NOW, an_analysis, an_article

SMALL = """\
channel: "#trade"
watchlists:
  - name: all
    query: relevant
feeds:
  - url: https://a.example/feed
    outlet: A
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a store of three articles, of which one is not analysed."""
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(SMALL, "utf-8")
    with written(tmp_path) as line:
        articles = [an_article(name, published=NOW - days * DAY) for name, days in (("new", 1), ("old", 40))]
        line.store.save_feed(FeedState(FEED), articles)
        line.store.save_analyses([(article, an_analysis(article.id, "relevant")) for article in articles])
        line.collected(an_article("unread"))
    return tmp_path


@contextmanager
def written(folder: Path) -> Iterator[Line]:
    store = store_at(folder / "tariffwatch.db")
    yield Line(store)
    store.close()


def command(*words: str) -> tuple[int, list[str]]:
    """Exit code and lines; what a user can cure is raised as it is told."""
    done = CliRunner().invoke(cli.app, words, catch_exceptions=False)
    return done.exit_code, done.output.splitlines()


def titles(file: str) -> list[str]:
    data = Path(file).read_bytes()
    text = (gzip.decompress(data) if file.endswith(".gz") else data).decode()
    return [json.loads(line)["id"] for line in text.splitlines()]


# prepare


def test_a_store_is_made_once_and_a_desk_that_has_it_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(SMALL, "utf-8")
    assert command("prepare") == (0, [f"{tmp_path}/tariffwatch.db has schema {versions()[-1]} now"])
    with alone("sqlite:///tariffwatch.db"):
        assert command("prepare") == (0, [f"{tmp_path}/tariffwatch.db has schema {versions()[-1]} already"])


def test_an_older_store_is_not_changed_under_a_desk(desk: Path) -> None:
    older = versions()[-2]
    Path("tariffwatch.db").unlink()
    engine = sqlite.engine(Path("tariffwatch.db"))
    sqlite.prepare(engine)
    with engine.execution_options(**sqlite.WRITING).begin() as connection:
        migrate(connection, older)
    with alone("sqlite:///tariffwatch.db"), pytest.raises(StoreError, match="is in use by another tariffwatch"):
        command("prepare")
    with engine.connect() as connection:
        assert schema(connection) == [older]
    engine.dispose()
    assert command("prepare") == (0, [f"{desk}/tariffwatch.db has schema {versions()[-1]} now"])


def test_prepare_needs_nothing_of_the_settings_but_the_store(desk: Path) -> None:
    Path("config.yaml").write_text(SMALL + "http: {listen: '0.0.0.0:8420'}\nno_such_key: 1\n", "utf-8")
    assert command("prepare")[0] == 0


# backup and restore


def test_a_store_goes_out_and_comes_back(desk: Path) -> None:
    assert command("backup", "one.db") == (0, ["one.db: 3 articles, 0 alerts, whole and checked"])
    with written(desk) as line:
        line.collected(an_article("late"))
    code, lines = command("restore", "one.db")
    assert (code, lines[0]) == (0, "one.db is the store now: 3 articles, 0 alerts")
    assert lines[1].startswith(f"what stood there before is {desk}/tariffwatch.db.before-")
    assert lines[2] == "taken over from that: 0 later alerts, so that none is told a second time"
    with written(desk) as line:
        assert line.store.counts()["articles"] == 3


def test_without_the_old_file_it_is_told_what_may_come_twice(desk: Path) -> None:
    command("backup", "one.db")
    (desk / "tariffwatch.db").unlink()
    assert command("restore", "one.db")[1][1:] == [
        "alerts that wait in the backup are looked up before they are sent; later ones may be told a second time"
    ]


def test_a_backup_is_made_beside_a_daemon_and_a_restore_is_not(desk: Path) -> None:
    with alone(f"sqlite:///{desk}/tariffwatch.db"):
        assert command("backup", "one.db")[0] == 0
        with pytest.raises(StoreError, match="is in use by another tariffwatch .* stop it first"):
            command("restore", "one.db")
    assert not list(desk.glob("*before*"))


def test_a_folder_gets_backups_named_by_the_time_and_keeps_as_many_as_are_asked_for(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk / "backups").mkdir()
    for day in range(3):
        monkeypatch.setattr("bot.app.clock", lambda day=day: NOW + timedelta(days=day))
        code, lines = command("backup", "backups", "--keep", "2")
        assert code == 0
    assert lines[1:] == ["backups/tariffwatch-20260302T093000Z.db: deleted"]
    kept = ["tariffwatch-20260303T093000Z.db", "tariffwatch-20260304T093000Z.db"]
    assert sorted(file.name for file in (desk / "backups").iterdir()) == kept


def test_to_keep_some_needs_a_folder(desk: Path) -> None:
    with pytest.raises(Exception, match=r"one\.db is no folder — --keep counts the backups of a folder"):
        command("backup", "one.db", "--keep", "2")


# a damaged store


def test_run_refuses_a_damaged_store_with_what_to_do_and_check_tells_of_it(desk: Path) -> None:
    path = desk / "tariffwatch.db"
    whole = path.read_bytes()
    spoilt = whole[:8192] + b"\xff" * 8192 + whole[16384:]
    path.write_bytes(spoilt)
    with pytest.raises(StoreError, match=r"the file is damaged: restore a backup \(`tariffwatch restore FILE`\)"):
        command("run", "--once")
    assert path.read_bytes() == spoilt
    (finding,) = check_store(load_config(None, {}))
    assert (finding.what, finding.ok) == ("store", False)
    assert "tariffwatch restore" in finding.words


def test_check_reads_every_page_and_compares_every_index(desk: Path) -> None:
    (finding,) = check_store(load_config(None, {}))
    assert finding.ok
    assert "3 articles" in finding.words
    assert "every page read" in finding.words
    with written(desk) as line, line.store._writing() as connection:  # type: ignore[attr-defined]  # an SqlStore
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        connection.exec_driver_sql(
            "UPDATE sqlite_master SET sql = replace(sql, 'url)', 'title)') WHERE name = 'ix_articles_url'"
        )
    (finding,) = check_store(load_config(None, {}))
    assert not finding.ok
    assert "ix_articles_url" in finding.words


# export


@pytest.mark.parametrize("file", ["out.jsonl", "out.jsonl.gz"])
def test_what_is_exported_are_the_analysed_articles_since_a_day_the_oldest_first(desk: Path, file: str) -> None:
    assert command("export", file) == (0, [f"{file}: 2 articles"])
    assert titles(file) == ["old", "new"]
    assert command("export", file, "--since", "2026-03-01") == (0, [f"{file}: 1 article"])
    assert titles(file) == ["new"]
    assert not list(desk.glob(".*.new"))


def test_an_archive_reads_back_what_was_exported(desk: Path) -> None:
    odd = an_article("odd", title="Duty\n“up” ü 😀", text='a\tb "c"\n\nd \u2028 e', published=NOW - 50 * DAY)
    with written(desk) as line:
        line.store.save_feed(FeedState(FEED), [odd])
        line.store.save_analyses([(odd, an_analysis("odd", "relevant"))])
        rows = list(exported(line.store, line.store.analysed_since(EARLIEST)))
        stored = [article for article, _ in reversed(line.store.recent(10))]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    articles, notes = read_archive("\n".join(lines).split("\n"), NOW, EARLIEST)
    assert notes == ()
    assert list(map(told, articles)) == list(map(told, stored))
    assert [row["id"] for row in rows] == ["odd", "old", "new"]
    assert (rows[0]["labels"]["relevant"], rows[0]["watchlists"]) == (True, ["tariffs"])


def told(article: Article) -> tuple[object, ...]:
    return article.title, article.text, article.url, article.outlet, article.published


def test_an_export_that_fails_leaves_the_file_that_was_there(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("out.jsonl").write_text("precious")

    def breaks(*_: object) -> Iterator[dict[str, object]]:
        yield {"id": "a"}
        raise StoreError("the disk is gone")

    monkeypatch.setattr("bot.archive.exported", breaks)
    with pytest.raises(StoreError):
        command("export", "out.jsonl")
    assert Path("out.jsonl").read_text() == "precious"
    assert not list(desk.glob(".*.new"))


def test_without_a_store_there_is_nothing_to_export(desk: Path) -> None:
    (desk / "tariffwatch.db").unlink()
    with pytest.raises(Exception, match="there is no store yet — let `tariffwatch run` collect some first"):
        command("export", "out.jsonl")


@pytest.mark.parametrize(
    "words", [("worker",), ("worker", "-j", "3", "--only", "deliver"), ("run", "--engine", "queue")]
)
def test_workers_are_refused_where_the_store_is_a_file(desk: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(
        ConfigError, match=r"tariffwatch.db is a file — set DATABASE_URL \(docs/scale.md\), or leave out"
    ):
        command(*words)


def test_a_single_pass_does_all_steps_by_itself(desk: Path) -> None:
    with pytest.raises(ConfigError, match="leave out `--engine queue`, or `--once`"):
        command("run", "--once", "--engine", "queue")
