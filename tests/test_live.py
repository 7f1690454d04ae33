"""Live settings: files that change under a running desk are taken whole, or not at all, and the ops channel hears of it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot import app
from bot.alerts import PARKED, QUEUED
from bot.config import load_config
from bot.config_files import user_name
from bot.live import PAST, PATIENCE, Live
from bot.pipeline import Pipeline
from tests.line import Line, store_at
from tests.makers import NOW, an_alert, an_article

SMALL = """\
channel: "#trade"
ops: {channel: "#ops"}
watchlists:
  - name: steel
    query: steel
feeds:
  - url: https://a.example/rss
    outlet: A
"""
TEA = "watchlists:\n  - name: tea\n    query: tea\n"
WHO = user_name(os.getuid())


@dataclass
class Desk:
    """A desk that runs in a folder."""

    folder: Path
    line: Line
    pipeline: Pipeline
    live: Live

    def write(self, text: str, name: str = "config.yaml") -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")

    def look(self, times: int = 1) -> None:
        for _ in range(times):
            self.live.look()

    @property
    def names(self) -> list[str]:
        return [watchlist.name for watchlist in self.pipeline.desk.watchlists]

    @property
    def notices(self) -> list[tuple[str, tuple[str, ...]]]:
        """What the ops channel was told, oldest first."""
        found = [alert for alert in reversed(self.line.store.alerts()) if alert.channel == "#ops"]
        return [(alert.message.headline, alert.message.lines) for alert in found]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "config.yaml").write_text(SMALL, "utf-8")
    settings = load_config(tmp_path / "config.yaml", {})
    line = Line(store_at(tmp_path / "store.db"), desk=app.desk(settings))
    pipeline, ticks = line.pipeline, iter(range(10_000))
    live = Live(pipeline, settings, {}, lambda: NOW + timedelta(seconds=next(ticks)), line.events.append)
    app.keep_versions(settings, line.store, NOW)
    yield Desk(tmp_path, line, pipeline, live)
    line.store.close()


def test_as_long_as_nothing_changes_nothing_happens(desk: Desk) -> None:
    at = desk.pipeline.desk
    desk.look(3)
    assert desk.pipeline.desk is at
    assert (desk.line.events, desk.notices) == ([], [])


def test_a_file_that_is_saved_anew_with_the_same_words_is_no_change(desk: Desk) -> None:
    desk.write(SMALL)
    desk.look(3)
    assert desk.line.events == []


def test_a_change_is_taken_at_the_second_look_that_finds_it(desk: Desk) -> None:
    desk.write(TEA, "watchlists/tea.yaml")
    desk.look()
    assert desk.names == ["steel"]
    desk.look()
    assert desk.names == ["steel", "tea"]
    desk.look(3)
    assert len(desk.line.heard("reloaded")) == 1


@pytest.mark.fault("T13")
def test_a_file_that_is_still_being_written_is_left_alone(desk: Desk) -> None:
    for half in (TEA[:5], TEA[:25], TEA):
        desk.write(half, "watchlists/tea.yaml")
        desk.look()
    assert (desk.names, desk.line.events) == (["steel"], [])
    desk.look()
    assert desk.names == ["steel", "tea"]


def test_feeds_aliases_mute_and_the_ops_channel_itself_come_along(desk: Desk) -> None:
    more = "aliases: [{name: TEAS, terms: [assam]}]\nmute: [{name: sport, query: cricket}]\n"
    feed = "  - {url: 'https://b.example/rss', outlet: B}\n"
    desk.write(SMALL.replace("query: steel", "query: $TEAS").replace("#ops", "#keepers") + feed + more)
    desk.look(2)
    at = desk.pipeline.desk
    assert (len(at.feeds), [one.name for one in at.mute], at.ops_channel) == (2, ["sport"], "#keepers")


def test_the_ops_channel_hears_what_each_watchlist_hits_in_past_articles_and_did_before(desk: Desk) -> None:
    articles = [an_article(f"a{n}", title=title, text="") for n, title in enumerate(("Steel up", "Steel, tea", "Tea"))]
    desk.line.told(*articles)
    desk.write(SMALL.replace("query: steel", "query: steel NOT tea"))
    desk.write(TEA, "watchlists/tea.yaml")
    desk.look(2)
    changed = f"changed steel: hits 1 of the last 3 articles, 2 before; by {WHO}"
    new = f"new tea: hits 2 of the last 3 articles; by {WHO}"
    assert desk.notices == [("Settings taken: 1 feed, 2 watchlists", (changed, new))]
    desk.write(SMALL)
    (desk.folder / "watchlists" / "tea.yaml").unlink()
    desk.look(2)
    assert desk.notices[1][1] == (
        f"changed steel: hits 2 of the last 3 articles, 1 before; by {WHO}",
        "removed tea: hit 2 of the last 3 articles",
    )


def test_a_change_that_touches_no_watchlist_says_so(desk: Desk) -> None:
    desk.write(f"# ours\n{SMALL}")
    desk.look(2)
    assert desk.notices == [("Settings taken: 1 feed, 1 watchlist", ("No watchlist is other than before.",))]


def test_what_looks_like_a_slip_is_told_with_it(desk: Desk) -> None:
    desk.write(SMALL.replace("query: steel", "query: steel NOT steel"))
    desk.look(2)
    ((_, (_, warning)),) = desk.notices
    assert warning.startswith(f"warning: {desk.folder}/config.yaml:5: watchlist steel: ")


@pytest.mark.fault("T13")
@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        (SMALL.replace("query: steel", "query: ((steel"), "config.yaml", "config.yaml:5:"),
        (SMALL.replace("channel:", "chanel:", 1), "config.yaml", "unknown key 'chanel' — did you mean channel?"),
        ("watchlists:\n  - name: steel\n    query: tea\n", "watchlists/tea.yaml", "name steel stands here twice"),
        ("watchlists: [", "watchlists/tea.yaml", "watchlists/tea.yaml:1: is not YAML"),
        ("", "watchlists/tea.yaml", "watchlists/tea.yaml: is empty"),
    ],
    ids=["a wrong query", "an unknown key", "a name twice", "no YAML", "an empty file"],
)
def test_with_anything_wrong_the_old_set_stays_and_that_is_told_once(
    desk: Desk, text: str, name: str, words: str
) -> None:
    at = desk.pipeline.desk
    desk.write(text, name)
    desk.look(5)
    assert desk.pipeline.desk is at
    (event,) = desk.line.heard("reload_refused")
    ((heading, lines),) = desk.notices
    assert heading == "Settings refused: those before go on"
    assert words in str(event["error"]).replace(f"{desk.folder}/", "")
    assert words in "\n".join(lines).replace(f"{desk.folder}/", "")
    assert not any("^" in line for line in lines)


def test_another_error_is_told_again_and_so_is_the_same_one_after_it_was_mended(desk: Desk) -> None:
    wrong, worse = SMALL.replace("query: steel", "query: ((steel"), SMALL.replace("query: steel", "query: steel)")
    for text in (wrong, worse, SMALL, wrong):
        desk.write(text)
        desk.look(3)
    assert len(desk.notices) == 3
    assert desk.names == ["steel"]


@pytest.mark.fault("T13")
def test_a_configuration_that_is_gone_is_refused_and_taken_again_when_it_is_back(desk: Desk) -> None:
    (desk.folder / "config.yaml").unlink()
    desk.look(5)
    (event,) = desk.line.heard("reload_refused")
    assert "config.yaml: cannot be read: No such file" in str(event["error"])
    desk.write(SMALL.replace("name: steel", "name: iron"))
    desk.look(2)
    assert desk.names == ["iron"]


@pytest.mark.fault("T13")
def test_a_fault_in_the_dry_run_keeps_the_old_set_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.line.told(an_article(title="Steel up"))
    monkeypatch.setattr(desk.pipeline.examiner.plain, "read", lambda texts: 1 / 0, raising=False)
    desk.write(TEA, "watchlists/tea.yaml")
    desk.write(SMALL.replace("query: steel", "query: up"))
    desk.look(2)
    assert desk.names == ["steel"]
    assert desk.line.heard("reload_refused") == [{"error": "ZeroDivisionError: division by zero"}]


def test_a_dry_run_ends_when_its_time_is_up(desk: Desk) -> None:
    desk.line.told(*(an_article(f"a{n}", title="Tea", text="") for n in range(5)))
    passed = iter(n * PATIENCE / 2 for n in range(99))
    desk.live.seconds = lambda: next(passed)
    desk.write(TEA, "watchlists/tea.yaml")
    desk.look(2)
    assert desk.notices[0][1] == (f"new tea: hits 1 of the last 1 articles; by {WHO}",)


def test_a_dry_run_looks_at_the_last_articles_only(desk: Desk) -> None:
    desk.line.told(*(an_article(f"a{n}", title=f"Tea {n}", text="") for n in range(PAST + 1)))
    desk.write(TEA, "watchlists/tea.yaml")
    desk.look(2)
    assert desk.notices[0][1] == (f"new tea: hits {PAST} of the last {PAST} articles; by {WHO}",)


def test_a_hangup_takes_a_change_at_once(desk: Desk) -> None:
    desk.write(TEA, "watchlists/tea.yaml")
    desk.live.reload()
    assert desk.names == ["steel", "tea"]
    desk.look(3)
    assert len(desk.notices) == 1


def test_a_hangup_without_a_change_reads_again_and_bothers_nobody(desk: Desk) -> None:
    desk.line.store.save_alert(an_alert(state=PARKED))
    desk.live.reload()
    assert len(desk.line.heard("reloaded")) == 1
    assert [(alert.channel, alert.state) for alert in desk.line.store.alerts()] == [("#desk", QUEUED)]


def test_what_was_taken_is_written_down_and_what_was_refused_is_not(desk: Desk) -> None:
    for query in ("((steel", "steel NOT tea"):
        desk.write(SMALL.replace("query: steel", f"query: {query}"))
        desk.look(2)
    assert [(version.number, version.what, version.entry) for version in desk.line.store.versions()] == [
        (1, "added", "name: steel\nquery: steel"),
        (2, "changed", "name: steel\nquery: steel NOT tea"),
    ]


def test_without_an_ops_channel_the_log_alone_tells(desk: Desk) -> None:
    desk.write(SMALL.replace('ops: {channel: "#ops"}\n', ""))
    desk.look(2)
    desk.write(TEA, "watchlists/tea.yaml")
    desk.look(2)
    assert desk.notices == []
    assert len(desk.line.heard("reloaded")) == 2


def test_a_worker_takes_the_same_change_and_leaves_it_to_the_desk_to_tell_people(desk: Desk) -> None:
    desk.live.beside = True
    desk.write(TEA, "watchlists/tea.yaml")
    desk.look(2)
    assert desk.names == ["steel", "tea"]
    assert desk.line.heard("reloaded") == [{"feeds": 1, "watchlists": 2}]
    desk.write("watchlists: [", "watchlists/tea.yaml")
    desk.look(3)
    assert len(desk.line.heard("reload_refused")) == 1
    assert desk.names == ["steel", "tea"]
    assert desk.notices == []
    assert [version.name for version in desk.line.store.versions()] == ["steel"]
