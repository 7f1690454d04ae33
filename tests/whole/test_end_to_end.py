"""The real program as people run it: real processes, real HTTP on loopback, a Slack that enforces its limits."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import demo
from bot.stores.sql import open_store
from tests.fake_slack import TEST_APP_TOKEN, FakeSlack

CHANNEL = "C0123TRADE"
TOKEN = "xoxb-test"
POLLING = "polling: {allow: [127.0.0.1]}\n"  # the sample feeds are served on this machine


def write_config(folder: Path, base: str) -> Path:
    """The shipped watchlists over the sample feeds, everything in them news."""
    shipped = demo.SHIPPED.read_text("utf-8")
    watchlists = shipped[shipped.index("watchlists:") : shipped.index("\nfeeds:")]
    feeds = "".join(
        f"  - {{url: '{f.url}', outlet: '{f.outlet}', official: {str(f.official).lower()}, backlog: all}}\n"
        for f in demo.feeds(base)
    )
    path = folder / "config.yaml"
    path.write_text(f"channel: {CHANNEL}\n{POLLING}log: {{format: json}}\n{watchlists}\nfeeds:\n{feeds}", "utf-8")
    return path


def environment(slack: FakeSlack | None) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SLACK_")}
    return clean | ({"SLACK_BOT_TOKEN": TOKEN, "SLACK_API_URL": slack.url} if slack else {})


def command(*words: str, folder: Path, slack: FakeSlack | None = None) -> "subprocess.CompletedProcess[str]":
    """`tariffwatch …` in `folder`, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder, env=environment(slack), capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip


@contextmanager
def daemon(folder: Path, slack: FakeSlack, **more: str) -> Iterator["subprocess.Popen[str]"]:
    """`tariffwatch run`, killed at the end if it is still there."""
    told = {k: v for k, v in environment(slack).items() if f"{k}_FILE" not in more}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder, env=told | more, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def wait_for(process: "subprocess.Popen[str]", event: str, times: int = 1) -> list[dict[str, Any]]:
    """Reads the daemon's log until it has told of `event` so many times; returns all it told."""
    assert process.stderr
    told: list[dict[str, Any]] = []
    for line in process.stderr:
        told.append(json.loads(line))
        if sum(row["event"] == event for row in told) >= times:
            return told
    raise AssertionError(f"the daemon ended before {event}: {told[-3:]}")


def ids(slack: FakeSlack) -> list[str]:
    return [message["metadata"]["event_payload"]["id"] for message in slack.messages]


@pytest.mark.fault("S08", "T04")
def test_a_daemon_alerts_each_story_once_survives_a_kill_and_stops_on_sigterm(tmp_path: Path) -> None:
    with demo.served() as base, FakeSlack(TOKEN) as slack:
        write_config(tmp_path, base)
        with daemon(tmp_path, slack) as process:
            wait_for(process, "alert_sent", 3)
            process.send_signal(signal.SIGKILL)
            process.wait(20)
        with daemon(tmp_path, slack) as process:
            queued = open_store(f"sqlite:///{tmp_path}/tariffwatch.db").counts()["alerts_queued"]
            told = wait_for(process, "alert_sent", 1) if queued else wait_for(process, "ready")
            assert any(row["event"] == "ready" for row in told)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        assert command("run", "--once", folder=tmp_path, slack=slack).returncode == 0
        store = open_store(f"sqlite:///{tmp_path}/tariffwatch.db")
        counts = store.counts()
        posted = [alert for alert in store.alerts(limit=1000) if alert.state == "sent" and alert.role != "edit"]
        store.close()
    assert len(posted) == len(slack.messages) > 10
    assert slack.calls("chat.update")
    assert counts["alerts_queued"] == counts["alerts_unknown"] == 0
    assert len(set(ids(slack))) == len(slack.messages)


@pytest.mark.fault("T11", "T10")
def test_the_manager_hears_that_it_is_ready_when_all_is_loaded_and_health_and_figures_then_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with demo.served() as base, FakeSlack(TOKEN) as slack, manager(tmp_path, monkeypatch) as heard:
        path = write_config(tmp_path, base)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        path.write_text(path.read_text("utf-8") + f"http: {{listen: '127.0.0.1:{port}'}}\n", "utf-8")
        assert command("health", folder=tmp_path, slack=slack).returncode == 1
        with daemon(tmp_path, slack) as process:
            wait_for(process, "ready")  # told once the model is loaded, and before the manager is
            assert "READY=1" in (heard(), heard())
            wait_for(process, "analyzed")
            assert command("health", folder=tmp_path, slack=slack).stdout == "ok\n"
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        assert heard() in ("WATCHDOG=1", "STOPPING=1")
        assert command("health", folder=tmp_path, slack=slack).returncode == 1


@pytest.mark.fault("T04", "T05")
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_the_start_ends_it_well_or_is_passed_over(tmp_path: Path, stop: signal.Signals) -> None:
    with demo.served() as base, FakeSlack(TOKEN) as slack:
        write_config(tmp_path, base)
        with daemon(tmp_path, slack) as process:
            wait_for(process, "setting_warning")
            process.send_signal(stop)
            if stop == signal.SIGHUP:
                wait_for(process, "ready")
                process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        assert not (tmp_path / "tariffwatch.db.pid").exists()


@contextmanager
def manager(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """A service manager that hears one word after the other."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(folder / "notify"))
        heard.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(folder / "notify"))
        yield lambda: heard.recv(1000).decode()


@pytest.mark.fault("S30")
def test_running_once_more_tells_nothing_again_and_keeps_the_token_out_of_the_log(tmp_path: Path) -> None:
    with demo.served() as base, FakeSlack(TOKEN) as slack:
        write_config(tmp_path, base)
        first = command("run", "--once", folder=tmp_path, slack=slack)
        told = ids(slack)
        second = command("run", "--once", folder=tmp_path, slack=slack)
    assert (first.returncode, second.returncode) == (0, 0)
    assert told
    assert ids(slack) == told
    assert TOKEN not in first.stdout + first.stderr


@pytest.mark.fault("T09", "S22")
def test_a_second_instance_is_refused_with_the_process_that_holds_the_store(tmp_path: Path) -> None:
    with demo.served() as base, FakeSlack(TOKEN) as slack:
        write_config(tmp_path, base)
        with daemon(tmp_path, slack) as process:
            wait_for(process, "ready")
            refused = command("run", folder=tmp_path, slack=slack)
            assert refused.returncode == 2
            assert str(process.pid) in refused.stderr


def test_a_watchlist_that_is_saved_while_the_daemon_runs_is_taken_told_and_can_be_taken_back(tmp_path: Path) -> None:
    with demo.served() as base, FakeSlack(TOKEN) as slack:
        path = write_config(tmp_path, base)
        path.write_text(path.read_text("utf-8").replace("log:", f"ops: {{channel: {CHANNEL}}}\nlog:", 1), "utf-8")
        with daemon(tmp_path, slack) as process:
            wait_for(process, "ready")
            (tmp_path / "watchlists").mkdir()
            (tmp_path / "watchlists" / "sea.yaml").write_text("watchlists:\n  - {name: sea, query: shrimp}\n", "utf-8")
            told = wait_for(process, "reloaded")
            assert told[-1]["moved"][0].startswith("new sea: hits ")
            undone = command("watchlists", "undo", "sea", folder=tmp_path)
            assert undone.returncode == 0, undone.stderr
            assert wait_for(process, "reloaded")[-1]["moved"][0].startswith("removed sea: hit ")
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
    store = open_store(f"sqlite:///{tmp_path}/tariffwatch.db")
    assert [version.what for version in store.versions("sea")] == ["added", "undone"]
    assert sum(alert.message.kind == "notice" for alert in store.alerts(limit=1000)) == 2
    store.close()


def test_a_daemon_hears_who_presses_and_asks_in_slack_and_ends_on_sigterm(tmp_path: Path) -> None:
    with demo.served() as base, FakeSlack(TOKEN) as slack:
        write_config(tmp_path, base)
        with daemon(tmp_path, slack, SLACK_APP_TOKEN=TEST_APP_TOKEN) as process:
            told = wait_for(process, "alert_sent")
            assert slack.connected()
            slack.click(slack.messages[0], "relevant")
            (thanks,) = slack.until(slack.ephemerals)
            assert thanks["text"] == "Thanks — counted as relevant."
            slack.click(slack.messages[0], "why")
            assert "Fired" in str(slack.until(lambda: slack.ephemerals()[2:], within=60))
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
            log = f"{told} {process.stderr and process.stderr.read()}"
        slack.sockets.drop()
    assert "slack_connected" in log
    assert not any(secret in log for secret in (TOKEN, TEST_APP_TOKEN, "ticket-", "hidden"))


@pytest.mark.fault("S29")
def test_tokens_that_are_replaced_in_their_files_are_taken_by_the_daemon_as_it_runs(tmp_path: Path) -> None:
    files = {"SLACK_BOT_TOKEN_FILE": tmp_path / "bot", "SLACK_APP_TOKEN_FILE": tmp_path / "app"}
    for file, token in zip(files.values(), (TOKEN, TEST_APP_TOKEN), strict=True):
        file.write_text(token, "utf-8")
    with demo.served() as base, FakeSlack(TOKEN, rate=1.0) as slack:
        write_config(tmp_path, base)
        with daemon(tmp_path, slack, **{name: str(file) for name, file in files.items()}) as process:
            told = wait_for(process, "alert_sent")
            assert slack.connected()
            slack.token, slack.app_token = "xoxb-the-next", "xapp-the-next"
            while "SinkRefused" not in str(told):
                told += wait_for(process, "delivery_failed")
            for file, token in zip(files.values(), (slack.token, slack.app_token), strict=True):
                file.write_text(token, "utf-8")
            told += wait_for(process, "secrets_taken") + wait_for(process, "alert_sent")
            before = max(slack.sockets.live)
            slack.sockets.drop()
            assert slack.sockets.newer(before, within=20)
            slack.click(slack.messages[-1], "relevant")
            assert slack.until(slack.ephemerals)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
            log = f"{told} {process.stderr and process.stderr.read()}"
        slack.sockets.drop()
    assert len(set(ids(slack))) == len(slack.messages)
    assert "the-next" not in log


def test_the_demo_picks_nearly_what_a_reader_would_and_folds_the_stories(tmp_path: Path) -> None:
    done = command("demo", folder=tmp_path)
    wanted = [json.loads(line) for line in (demo.SAMPLES / "expected.jsonl").read_text("utf-8").splitlines()]
    picked, left = (" ".join(part.split()) for part in done.stdout.split("\nPicked ")[1].split("\nLeft out "))
    right = sum(row["title"][:110] in (picked if row["relevant"] else left) for row in wanted)
    assert done.returncode == 0
    assert right >= 0.9 * len(wanted)
    assert "HIGH" in done.stdout
    assert all(len(line) <= 80 or "http" in line for line in done.stdout.splitlines())
    assert "<!channel>" in done.stdout  # shown, and inert: the console has no channel to call


def test_explain_tells_topics_sectors_and_every_watchlist(tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(
        "US again asks India to open dairy and farm markets as 25% duty looms\n"
        "Washington wants India to let in American cheese and maize before it drops a threatened 25 per cent tariff on "
        "Indian textiles, a commerce ministry official said. New Delhi will not put its dairy farmers at risk, he said.",
        "utf-8",
    )
    done = command("explain", str(article), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in (
        "✔ india_us_trade",
        "✔ tariff_threat",
        "✔ sensitive_sectors",
        "dairy",
        "\nLedger\n",
        "Watchlist agri-dairy-redlines",
    ):
        assert words in done.stdout
    assert "Would alert" in done.stdout


def test_analyze_writes_a_line_for_each_and_an_error_for_what_it_cannot_read(tmp_path: Path) -> None:
    rows = [
        json.dumps({"id": "a", "title": "US slaps 30% duty on Indian carpets, Bhadohi weavers fear for orders"}),
        "{not json",
        json.dumps(
            {"id": "c", "title": "Jio and Airtel raise mobile tariffs by 12%", "text": "Prepaid plans cost more."}
        ),
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    done = command("analyze", "in.jsonl", "--out", "out.jsonl", folder=tmp_path)
    out = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert done.returncode == 1
    assert [row["id"] for row in out] == ["a", 2, "c"]
    assert out[0]["relevant"]["decision"]
    assert out[0]["watchlists"]
    assert "error" in out[1]
    assert not out[2]["relevant"]["decision"]


def test_a_topic_that_examples_teach_is_found_good_and_picks_an_article(tmp_path: Path) -> None:
    documented = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
    topic = documented[documented.index("topics:\n  - name: rare-earths") :].partition("```")[0]
    feeds = "feeds:\n  - {url: 'https://a.example/feed', outlet: A}\n"
    (tmp_path / "config.yaml").write_text(f"channel: {CHANNEL}\n{topic}{feeds}", "utf-8")
    checked = command("topics", "check", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.startswith("ok    topic rare-earths: ")
    titles = ("Rare earth magnets run short at carmakers", "Monsoon reaches Kerala two days early")
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"title": title}) + "\n" for title in titles), "utf-8")
    done = command("analyze", "in.jsonl", folder=tmp_path)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["labels"]["rare-earths"] for row in rows] == [True, False]
    assert [row["watchlists"] for row in rows] == [["rare-earths"], []]


def test_eval_prints_figures_with_intervals(tmp_path: Path) -> None:
    labels = {"india_us_trade": 1, "tariff_threat": 1, "sensitive_sectors": "?", "relevant": 1}
    none = dict.fromkeys(labels, 0)
    rows = [
        {"title": "US doubles tariff on Indian goods to 50%", "labels": labels},
        {"title": "Rain delays India v USA cricket match", "labels": none},
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    done = command("eval", "gold.jsonl", "--json", folder=tmp_path)
    found = {row["label"]: row for row in json.loads(done.stdout)["labels"]}
    assert found["relevant"]["f1"]["value"] == 1.0
    assert found["sensitive_sectors"]["items"] == 1


def test_eval_of_watchlists_sets_them_beside_the_model(tmp_path: Path) -> None:
    rows = [
        {"title": "US doubles tariff on Indian goods to 50%", "labels": {"relevant": 1}},
        {"title": "Rain delays India v USA cricket match", "labels": {"relevant": 0}},
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    result = json.loads(command("eval", "--watchlists", "gold.jsonl", "--json", folder=tmp_path).stdout)
    assert [result[side][count] for side in ("set", "classifier") for count in ("tp", "fp", "fn")] == [1, 0, 0] * 2
    assert {row["name"]: row["hits"] for row in result["watchlists"]}["us-action-on-india"] == 1
    assert (result["lost"], result["beyond"]) == ([], [])


def test_eval_of_facts_measures_what_analyze_finds(tmp_path: Path) -> None:
    duty = {"imposer": "US", "target": ["IN"], "rate": 50, "status": "in_force", "action": "raise"}
    rows = [
        {"title": "US doubles tariff on Indian goods to 50%", "facts": [duty]},
        {"title": "Rain delays India v USA cricket match", "facts": []},
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    done = command("eval", "--facts", "gold.jsonl", "--json", folder=tmp_path)
    result = json.loads(done.stdout)
    assert (result["tp"], result["fp"], result["fn"], result["empty"], result["noisy"]) == (1, 0, 0, 1, 0)
    assert command("eval", "--facts", "gold.jsonl", folder=tmp_path).stdout.startswith("2 items, 1 facts")


def test_check_says_what_is_in_order_and_what_is_not(tmp_path: Path) -> None:
    with demo.served() as base, FakeSlack(TOKEN, channels={"C0OTHER00": "other"}) as slack:
        write_config(tmp_path, base)
        done = command("check", folder=tmp_path, slack=slack)
    assert done.returncode == 1
    assert "ok    model" in done.stdout
    assert "FAIL  slack" in done.stdout
    assert f"ok    {demo.outlets()[0].name}" in done.stdout or "stale" in done.stdout


def test_a_wrong_setting_is_refused_with_file_line_and_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("channel: '#desk'\nwatchlist:\n  - name: a\n    query: b\n", "utf-8")
    done = command("run", "--once", folder=tmp_path)
    assert done.returncode == 2
    assert "config.yaml:2" in done.stderr
    assert "watchlists" in done.stderr
