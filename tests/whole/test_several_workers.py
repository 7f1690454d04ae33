"""A desk whose steps are done by worker processes, as people start them, over a real PostgreSQL and a strict Slack."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from bot import demo
from bot.stores import postgres as plug
from bot.stores.sql import SqlStore, open_store
from tests import postgres
from tests.fake_slack import FakeSlack
from tests.whole.test_end_to_end import TOKEN, environment, ids, write_config


@contextmanager
def started(folder: Path, slack: FakeSlack, url: str, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """`tariffwatch …`, whose log goes to a file, killed at the end if it is still there."""
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            cwd=folder, env=environment(slack) | {"DATABASE_URL": url}, stdout=log, stderr=log, text=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def until(true: Callable[[], object], folder: Path, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, (folder / "log").read_text()[-3000:]
        time.sleep(0.1)


def told(folder: Path, event: str) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in (folder / "log").read_text("utf-8").splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


def at_rest(store: SqlStore) -> bool:
    counts = store.counts()
    open_ = sum(counts[name] for name in ("unread", "unfollowed", "alerts_queued", "alerts_sending", "alerts_unknown"))
    return counts["articles"] > 0 and open_ == counts["alerts_held"]


@pytest.mark.timeout(400)  # three processes load their models, and one of them has to be missed
def test_workers_that_come_go_and_are_killed_tell_each_thing_once(tmp_path: Path) -> None:
    folder, url = tmp_path, postgres.url(postgres.copied())
    with demo.served() as base, FakeSlack(TOKEN) as slack, closing(open_store(url)) as store, ExitStack() as crew:
        write_config(folder, base)
        crew.enter_context(started(folder, slack, url, "run", "--engine", "queue"))
        until(lambda: told(folder, "ready"), folder)
        one = crew.enter_context(started(folder, slack, url, "worker"))
        until(lambda: len(told(folder, "feed_polled")) == len(demo.outlets()), folder)  # in the middle of the reading
        one.kill()
        one.wait()
        two = crew.enter_context(started(folder, slack, url, "worker", "-j", "2"))
        until(lambda: slack.messages and at_rest(store), folder)
        two.send_signal(signal.SIGTERM)
        assert two.wait(60) == 0
        assert plug.workers(url) == []
        counts = store.counts()
    assert counts["alerts_dead"] == counts["alerts_unknown"] == 0
    assert max(Counter(ids(slack)).values()) == 1
    assert len(slack.messages) > 10
