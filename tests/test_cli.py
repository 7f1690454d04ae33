"""The command line without the shipped model: what is told of outputs, files and topics, and with which exit code."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bot import app, cli
from bot.alerts import FOLDED
from bot.config import load_config
from bot.errors import ConfigError
from bot.feeds import FeedState
from bot.live import Live
from bot.nlp.background import FILE
from tests.line import Line, TriggerClassifier, store_at
from tests.makers import DAY, FEED, NOW, SENSES, a_message, a_vector, an_alert, an_analysis, an_article

SMALL = """\
channel: "#trade"
watchlists:
  - name: all
    query: relevant
feeds:
  - url: https://a.example/feed
    outlet: A
"""
GOLD = """\
reading: {model: ours}
topics:
  - name: gold
    about: Gold
    examples: [Gold up, Gold mine sold, Old gold mine, Gold at a record, Gold loans]
"""
OPML = '<opml><body><outline text="B" xmlUrl="https://b.example/feed"/></body></opml>'


def command(*words: str, folder: Path, stdout: int = subprocess.PIPE) -> "subprocess.CompletedProcess[str]":
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SLACK_")}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder, env=clean, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(SMALL, "utf-8")
    (tmp_path / "new.opml").write_text(OPML, "utf-8")
    return tmp_path


def test_importing_feeds_into_a_link_changes_the_file_behind_it_and_keeps_who_may_read_it(desk: Path) -> None:
    (desk / "config.yaml").chmod(0o600)
    (desk / "link.yaml").symlink_to("config.yaml")
    done = command("feeds", "import", "new.opml", "--config", "link.yaml", folder=desk)
    assert (done.returncode, done.stdout) == (0, "link.yaml: 1 feed of new.opml added\n")
    assert (desk / "link.yaml").is_symlink()
    assert "https://b.example/feed" in (desk / "config.yaml").read_text("utf-8")
    assert (desk / "config.yaml").stat().st_mode & 0o777 == 0o600


def test_a_configuration_that_is_no_text_gets_no_feeds(desk: Path) -> None:
    (desk / "config.yaml").write_bytes(b"channel: \xff\n")
    done = command("feeds", "import", "new.opml", folder=desk)
    assert (done.returncode, done.stderr) == (2, "tariffwatch: config.yaml:1: is not UTF-8 — save the file as UTF-8\n")


@pytest.mark.fault("T17")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_told_in_a_line(desk: Path) -> None:
    with open("/dev/full", "w") as full:
        done = command("feeds", "list", folder=desk, stdout=full.fileno())
    assert done.returncode == 1
    assert done.stderr.startswith("tariffwatch: [Errno 28] No space left on device — ")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def model(desk: Path, monkeypatch: pytest.MonkeyPatch) -> TriggerClassifier:
    """Loaded in place of the folder `ours`, in which there is a background."""
    others = ("News", "More news", "A mine", "A new mine", "Cricket", "Films", "Rain", "Gold up", *("Sun",) * 42)
    (desk / "ours").mkdir()
    np.savez_compressed(desk / "ours" / FILE, vectors=np.array([a_vector(text) for text in others], np.float16))
    classifier = TriggerClassifier(senses=SENSES)
    monkeypatch.setattr("bot.app.model", lambda config, words: app.Model(classifier))
    monkeypatch.chdir(desk)
    return classifier


def check_topics(desk: Path, text: str) -> tuple[int, list[str]]:
    """Exit code and lines of `topics check` with these settings."""
    (desk / "config.yaml").write_text(text, "utf-8")
    done = CliRunner().invoke(cli.app, ["topics", "check"])
    return done.exit_code, done.stdout.splitlines()


def test_a_topic_that_finds_its_examples_is_in_order(desk: Path, model: TriggerClassifier) -> None:
    code, (line,) = check_topics(desk, SMALL + GOLD)
    assert code == 0
    assert line.startswith(
        "ok    topic gold: 5 of 5 examples found when left out, 2.0 false alarms per 100 of 50 other"
    )
    assert " cut at 0." in line


def test_a_weak_topic_tells_what_it_missed_and_what_to_do(desk: Path, model: TriggerClassifier) -> None:
    code, lines = check_topics(desk, SMALL + GOLD.replace("Gold mine sold", "Rain").replace("Old gold mine", "Mine"))
    assert code == 1
    assert lines[0].startswith("FAIL  topic gold: 3 of 5 examples found")
    assert lines[1:3] == ["      missed: Rain", "      missed: Mine"]
    assert lines[3].startswith("      weak: too few of its examples are found: add examples, or make them more alike")


def test_topics_that_cannot_be_learnt_are_told_with_the_reason(desk: Path, model: TriggerClassifier) -> None:
    (desk / "ours" / FILE).unlink()
    code, (line,) = check_topics(desk, SMALL + GOLD)
    assert code == 1
    assert line.startswith(f"FAIL  topics: background {desk}/ours/{FILE} cannot be loaded")


def test_without_topics_there_is_nothing_to_check_and_no_model_is_asked(desk: Path, model: TriggerClassifier) -> None:
    assert check_topics(desk, SMALL) == (0, ["config.yaml: no topics are configured, so there is nothing to check"])
    assert model.texts == []


def test_settings_with_topics_are_checked_without_a_model(desk: Path) -> None:
    (desk / "config.yaml").write_text(SMALL.replace("relevant", "topic:gold") + GOLD, "utf-8")
    done = command("config", "check", folder=desk)
    assert (done.returncode, done.stdout) == (0, "config.yaml: 1 feed, 1 watchlist, all readable\n")


def test_facts_and_watchlists_are_not_measured_at_once(desk: Path) -> None:
    (desk / "gold.jsonl").write_text('{"title": "Rain", "labels": {"relevant": 0}}', "utf-8")
    done = command("eval", "--facts", "--watchlists", "gold.jsonl", folder=desk)
    assert (done.returncode, "run eval once for each" in done.stderr) == (2, True)


TRIAL = SMALL + "reading: {model: ours}\nstore: sqlite:///past.db\n"


def backtest(desk: Path, *words: str) -> "tuple[int, str]":
    """Exit code and output of `backtest`, or the error that it ends with."""
    (desk / "config.yaml").write_text(TRIAL, "utf-8")
    done = CliRunner().invoke(cli.app, ["backtest", *words])
    return done.exit_code, str(done.exception) if isinstance(done.exception, ConfigError) else done.stdout


def an_archive(file: Path, *titles: str) -> None:
    lines = [json.dumps({"title": title, "date": "2026-03-02", "outlet": "A"}) for title in titles]
    data = "\n".join(lines).encode()
    file.write_bytes(gzip.compress(data) if file.suffix == ".gz" else data)


@pytest.mark.parametrize("name", ["past.jsonl", "past.jsonl.gz"])
def test_a_query_is_tried_on_a_file_against_the_version_that_is_configured(
    desk: Path, model: TriggerClassifier, name: str
) -> None:
    an_archive(desk / name, "Tariff on steel", "Tariff on tea", "Tea prices")
    code, shown = backtest(desk, "--watchlist", "all", "--query", "relevant steel", "--archive", name)
    assert code == 0
    assert shown.startswith("all: 1 hit, 1 alert, 1.0 a day\non 3 articles, 2026-03-02 to 2026-03-02, 1 day\n")
    assert "The present version: 2 hits, 2 alerts, 2.0 a day; 1 hits of it are lost, 0 gained" in shown
    assert "  2 Mar 2026, A           Tariff on steel\n" in shown


def test_a_configured_watchlist_is_tried_on_what_the_store_has_since_a_day(
    desk: Path, model: TriggerClassifier
) -> None:
    line = Line(store_at(desk / "past.db"))
    articles = [an_article("new"), an_article("old", published=NOW - 9 * DAY)]
    line.store.save_feed(FeedState(FEED), [*articles, an_article("unread")])
    line.store.save_analyses([(article, an_analysis(article.id, "relevant")) for article in articles])
    line.store.close()
    code, shown = backtest(desk, "--watchlist", "all", "--since", "2026-03-01", "--json")
    found = json.loads(shown)
    assert (code, found["articles"], [one["article_id"] for one in found["first"]]) == (0, 1, ["new"])
    assert found["present"] is None
    assert found["notes"][-1] == "left out: 1 articles that are not analysed yet"
    assert model.texts == []  # scores are taken as they are stored


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "there is nothing to try — name a watchlist with --watchlist, or write one with --query"),
        (("--watchlist", "al"), "config.yaml: there is no watchlist 'al' — did you mean all?"),
        (("--watchlist", "xyz"), "config.yaml: there is no watchlist 'xyz' — known are all"),
        (("--query", "tariff)"), "--query: cannot read ')' here\n    tariff)\n          ^ — expected"),
        (("--watchlist", "all"), "past.db: the store holds no analysed article — let `tariffwatch run` collect some"),
        (("--query", "tea", "--archive", "no.jsonl"), "no.jsonl cannot be read: No such file or directory"),
        (("--query", "tea", "--archive", "bad.gz"), "bad.gz cannot be unpacked: "),
        (
            ("--query", "tea", "--archive", "past.jsonl", "--since", "2027-01-01"),
            "past.jsonl holds no article since 2027-01-01 — name another file, or another day",
        ),
    ],
)
def test_what_cannot_be_tried_is_refused_with_what_to_do(
    desk: Path, model: TriggerClassifier, words: tuple[str, ...], told: str
) -> None:
    an_archive(desk / "past.jsonl", "Tea prices")
    (desk / "bad.gz").write_bytes(b"\x1f\x8b and no more")
    code, error = backtest(desk, *words)
    assert code == 1
    assert told in error
    assert not (desk / "past.db").exists()


def test_a_reload_learns_the_topics_anew_with_the_model_that_is_loaded(desk: Path, model: TriggerClassifier) -> None:
    (desk / "config.yaml").write_text(SMALL + "reading: {model: ours}\n", "utf-8")
    line, settings = Line(store_at(desk / "store.db"), classifier=model), load_config(desk / "config.yaml", {})
    pipeline = line.pipeline
    changed = GOLD.replace("model: ours", "model: another")
    (desk / "config.yaml").write_text(SMALL.replace("relevant", "topic:gold") + changed, "utf-8")
    Live(pipeline, settings, {}, lambda: NOW, line.events.append).reload()
    assert [(heard["feeds"], heard["watchlists"]) for heard in line.heard("reloaded")] == [(1, 1)]
    assert [topic.name for topic in pipeline.desk.topics] == ["gold"]
    line.store.close()


def test_a_reload_whose_topics_cannot_be_learnt_is_refused_and_the_desk_stays(
    desk: Path, model: TriggerClassifier
) -> None:
    (desk / "config.yaml").write_text(SMALL + GOLD, "utf-8")
    line, settings = Line(store_at(desk / "store.db")), load_config(desk / "config.yaml", {})
    pipeline = line.pipeline
    Live(pipeline, settings, {}, lambda: NOW, line.events.append).reload()
    (refused,) = line.heard("reload_refused")
    assert "topics need a model with vectors" in str(refused["error"])
    assert pipeline.desk is line.desk
    line.store.close()


CALM = SMALL + 'channels:\n  - channel: "#trade"\n    digest: {daily: "08:30"}\n'


def digest(desk: Path, *words: str) -> str:
    (desk / "config.yaml").write_text(CALM, "utf-8")
    done = CliRunner().invoke(cli.app, ["digest", *words, "--config", str(desk / "config.yaml")])
    assert done.exit_code == 0
    return done.stdout


def test_the_next_digest_is_printed_and_what_waits_for_it_goes_on_waiting(desk: Path) -> None:
    store = store_at(desk / "tariffwatch.db")
    store.save_follow([], [], [an_alert("x1", "#trade", state=FOLDED)])
    for _ in range(2):
        assert "MEDIUM: US to raise tariff on Indian shrimp to 25% · Deccan Ledger · only here" in digest(desk)
    assert store.counts()["alerts_folded"] == 1
    assert "no story" in digest(desk, "--channel", "#steel")
    store.close()


def test_the_last_digest_that_was_queued_is_printed_whole(desk: Path) -> None:
    store = store_at(desk / "tariffwatch.db")
    store.save_follow(
        [], [], [an_alert("d1", "#trade", story_id="daily", message=a_message(headline="Digest of Monday"))]
    )
    assert "Digest of Monday" in digest(desk, "--last")
    assert digest(desk, "--last", "--weekly") == "#trade has had no such digest yet.\n"
    store.close()


def test_a_digest_without_a_store_is_none_and_makes_none(desk: Path) -> None:
    assert digest(desk).startswith("Nothing was read yet")
    assert not (desk / "tariffwatch.db").exists()
