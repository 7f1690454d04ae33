"""watchlists list, show, log and undo, over real files and a real store."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import app, cli
from bot.checks import check_desk
from bot.config import load_config
from bot.config_files import user_name
from bot.errors import ConfigError
from bot.stores.sql import open_store
from tests.makers import HOUR, NOW

CONFIG = """\
# Ours.
channel: "#trade"
feeds: [{url: "https://a.example/f", outlet: A}]
watchlists:
  - name: steel  # the desk's first
    query: steel
    owner: Anil
  - {name: oil, query: $RUSSIAN_OIL, until: 2020-12-31}
"""
SEA = """\
watchlists:
  # Shrimp, and all that swims.
  - name: shrimp
    query: prawns
    channels: ["#sea"]
"""
WHO = user_name(os.getuid())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "sea.yaml").write_text(SEA, "utf-8")
    return tmp_path


def runs(folder: Path, *, hours: int = 0) -> None:
    """What a desk that starts writes down."""
    settings = load_config(Path("config.yaml"), {})
    store = open_store(settings.store)
    app.keep_versions(settings, store, NOW + hours * HOUR)
    store.close()


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def command(*words: str) -> str:
    """Output of `watchlists …`. Raises what it ends with."""
    done = CliRunner().invoke(cli.app, ["watchlists", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_list_tells_state_owner_end_channels_place_and_last_change(folder: Path) -> None:
    runs(folder)
    heading, *rows = (line.split() for line in command("list").splitlines())
    assert heading[:5] == ["name", "state", "owner", "until", "channels"]
    change = f"added by {WHO} on 2026-03-02 09:30 UTC".split()
    assert rows == [
        ["steel", "active", "Anil", "#trade", "config.yaml:6", *change],
        ["oil", "expired", "2020-12-31", "#trade", "config.yaml:8", *change],
        ["shrimp", "active", "#sea", "watchlists/sea.yaml:4", *change],
    ]


def test_the_check_names_what_has_expired_and_what_will_soon(folder: Path) -> None:
    soon = (app.clock() + timedelta(days=3)).date()
    change(folder / "config.yaml", "owner: Anil", f"owner: Anil\n    until: {soon}")
    found = {finding.what: finding for finding in check_desk(load_config(None, {}))}
    assert (found["watchlist steel"].ok, found["watchlist oil"].ok) == (True, False)
    assert found["watchlist steel"].words == f"ends in 3 days: its last day is {soon}"
    assert found["watchlist oil"].words == (
        "expired: its last day was 2020-12-31 — give it a later `until`, or remove it"
    )
    assert "watchlist shrimp" not in found


def test_without_a_store_the_list_has_no_changes_and_makes_none(folder: Path) -> None:
    assert "shrimp" in command("list")
    assert not (folder / "tariffwatch.db").exists()


def test_one_is_shown_as_it_is_written(folder: Path) -> None:
    runs(folder)
    assert command("show", "steel") == (
        "config.yaml:6: active, alerts in #trade\n"
        f"version 1, added by {WHO} on 2026-03-02 09:30 UTC\n\n"
        "name: steel  # the desk's first\nquery: steel\nowner: Anil\n"
    )
    with pytest.raises(ConfigError, match=r"config\.yaml: there is no watchlist 'tea' — known are steel, oil, shrimp"):
        command("show", "tea")


def test_the_log_tells_who_changed_what_the_newest_first(folder: Path) -> None:
    assert command("log", "shrimp") == "no version of a watchlist shrimp is kept yet\n"
    runs(folder)
    change(folder / "watchlists" / "sea.yaml", "query: prawns", "query: prawns OR shrimp")
    runs(folder, hours=1)
    assert command("log", "shrimp") == (
        f"shrimp 2: changed by {WHO} on 2026-03-02 10:30 UTC, in watchlists/sea.yaml\n"
        '     name: shrimp\n    -query: prawns\n    +query: prawns OR shrimp\n     channels: ["#sea"]\n\n'
        f"shrimp 1: added by {WHO} on 2026-03-02 09:30 UTC, in watchlists/sea.yaml\n"
        '    +name: shrimp\n    +query: prawns\n    +channels: ["#sea"]\n\n'
    )
    assert [line.split(":")[0] for line in command("log").splitlines() if line[:1].isalpha()] == [
        "shrimp 2", "oil 1", "shrimp 1", "steel 1",
    ]  # fmt: skip


def test_undo_writes_the_version_before_back_and_leaves_all_else(folder: Path) -> None:
    runs(folder)
    file = folder / "config.yaml"
    file.chmod(0o640)
    change(file, "query: steel\n", "query: steel OR iron\n    severity: high\n")
    change(file, "# Ours.", "# Ours, and nobody else's.")
    runs(folder, hours=1)
    assert command("undo", "steel").startswith("config.yaml: watchlist steel is as in version 1; a running desk takes")
    assert file.read_text("utf-8") == CONFIG.replace("# Ours.", "# Ours, and nobody else's.")
    assert file.stat().st_mode & 0o777 == 0o640
    assert command("log", "steel").startswith(f"steel 3: undone by {WHO} on ")


def test_what_was_undone_comes_back_by_undoing_that(folder: Path) -> None:
    runs(folder)
    change(folder / "watchlists" / "sea.yaml", "prawns", "shrimp")
    changed = (folder / "watchlists" / "sea.yaml").read_text("utf-8")
    command("undo", "shrimp")  # the change, which no desk has seen, is written down before it goes
    assert (folder / "watchlists" / "sea.yaml").read_text("utf-8") == SEA
    command("undo", "shrimp")
    assert (folder / "watchlists" / "sea.yaml").read_text("utf-8") == changed


def test_undo_goes_to_the_version_that_is_named(folder: Path) -> None:
    runs(folder)
    for hour, query in enumerate(("one", "two"), 1):
        change(folder / "watchlists" / "sea.yaml", "query: " + ("prawns" if hour == 1 else "one"), f"query: {query}")
        runs(folder, hours=hour)
    assert "as in version 1" in command("undo", "shrimp", "--to", "1")
    assert (folder / "watchlists" / "sea.yaml").read_text("utf-8") == SEA


def test_a_removed_watchlist_comes_back_even_where_its_file_is_gone(folder: Path) -> None:
    runs(folder)
    (folder / "watchlists" / "sea.yaml").unlink()
    runs(folder, hours=1)
    command("undo", "shrimp")
    assert (folder / "watchlists" / "sea.yaml").read_text("utf-8") == SEA.replace(
        "  # Shrimp, and all that swims.\n", ""
    )
    change(folder / "config.yaml", "  - {name: oil, query: $RUSSIAN_OIL, until: 2020-12-31}\n", "")
    runs(folder, hours=2)
    command("undo", "oil")
    assert (folder / "config.yaml").read_text("utf-8") == CONFIG


def test_undoing_an_addition_removes_it(folder: Path) -> None:
    runs(folder)
    assert "shrimp is removed, as it was before" in command("undo", "shrimp")
    assert (folder / "watchlists" / "sea.yaml").read_text("utf-8") == (
        "watchlists: []\n  # Shrimp, and all that swims.\n"
    )
    assert "as in version 1" in command("undo", "shrimp")


def test_a_query_that_stops_the_desk_is_undone(folder: Path) -> None:
    runs(folder)
    change(folder / "watchlists" / "sea.yaml", "query: prawns", "query: ((prawns\n    qurey: x")
    command("undo", "shrimp")
    assert (folder / "watchlists" / "sea.yaml").read_text("utf-8") == SEA


def test_nothing_is_written_when_the_settings_would_not_load_with_it(folder: Path) -> None:
    change(folder / "config.yaml", "watchlists:", "aliases: [{name: SEA, terms: [prawns]}]\nwatchlists:")
    change(folder / "watchlists" / "sea.yaml", "query: prawns", "query: $SEA")
    runs(folder)
    change(folder / "config.yaml", "aliases: [{name: SEA, terms: [prawns]}]\n", "")
    change(folder / "watchlists" / "sea.yaml", "query: $SEA", "query: prawns")
    runs(folder, hours=1)
    with pytest.raises(
        ConfigError, match=r"(?s)^nothing was written: .*\nwatchlists/sea\.yaml:4:12: watchlist shrimp: "
    ):
        command("undo", "shrimp")
    assert (folder / "watchlists" / "sea.yaml").read_text("utf-8") == SEA
    assert command("log", "shrimp").startswith("shrimp 2: changed")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("tea",), "no version of a watchlist tea is kept — versions are kept from the first `tariffwatch run` on"),
        (("steel", "--to", "9"), "watchlist steel has no version 9 — see `tariffwatch watchlists log steel`"),
        (("steel", "--to", "1"), "watchlist steel is so already"),
    ],
)
def test_what_cannot_be_undone_is_refused_with_what_to_do(folder: Path, words: tuple[str, ...], told: str) -> None:
    runs(folder)
    with pytest.raises(ConfigError, match=told):
        command("undo", *words)


def test_without_a_store_there_is_nothing_to_undo(folder: Path) -> None:
    with pytest.raises(ConfigError, match="no version of a watchlist steel is kept"):
        command("undo", "steel")
    assert not (folder / "tariffwatch.db").exists()


def test_a_list_in_brackets_is_not_written_to(folder: Path) -> None:
    text = CONFIG.partition("watchlists:")[0] + "watchlists: [{name: steel, query: steel}]\n"
    (folder / "config.yaml").write_text(text, "utf-8")
    runs(folder)
    (folder / "config.yaml").write_text(text.replace("query: steel", "query: iron"), "utf-8")
    with pytest.raises(ConfigError, match=r"config\.yaml:4: this list stands in brackets"):
        command("undo", "steel")
