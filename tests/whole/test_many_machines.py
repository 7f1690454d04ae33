"""The services of the compose file, started as processes: with the commands, variables and secrets that stand there, over a real
PostgreSQL and a Slack that enforces its limits."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml

from bot import demo
from bot.stores.sql import open_store
from tests import postgres
from tests.fake_slack import FakeSlack
from tests.whole.test_end_to_end import TOKEN, environment, ids, write_config

ROOT = Path(__file__).parents[2]
SERVICES = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))["services"]
HTTP_TOKEN = "a-token-of-some-length"
LONGEST = 200  # seconds, for five processes at once, of which three load models


def surroundings(service: dict[str, Any], secrets: Path, slack: FakeSlack) -> dict[str, str]:
    """What a service has in its environment, its secrets where they are here; and where the fake Slack is."""
    here = {name: value.replace("/run/secrets", str(secrets)) for name, value in service["environment"].items()}
    return environment(None) | here | {"SLACK_API_URL": slack.url}


def words(service: dict[str, Any]) -> list[str]:
    return [sys.executable, "-m", "bot", *service["command"]]


@contextmanager
def started(name: str, folder: Path, slack: FakeSlack) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / f"{name}.log").open("wb") as log:
        given = surroundings(SERVICES[name], folder / "secrets", slack)
        process = subprocess.Popen(words(SERVICES[name]), cwd=folder / "desk", env=given, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def done(name: str, folder: Path, slack: FakeSlack, *other: str) -> "subprocess.CompletedProcess[str]":
    """The service to its end, or another command in its place."""
    command = [sys.executable, "-m", "bot", *other] if other else words(SERVICES[name])
    given = surroundings(SERVICES[name], folder / "secrets", slack)
    return subprocess.run(command, cwd=folder / "desk", env=given, capture_output=True, text=True, check=False)


def laid_out(folder: Path, base: str, url: str) -> int:
    """The folders that the documents ask for; returns the port that the desk listens at."""
    for name in ("desk", "secrets"):
        (folder / name).mkdir()
    for name, secret in (("database_url", url), ("http_token", HTTP_TOKEN), ("slack_bot_token", TOKEN)):
        (folder / "secrets" / name).write_text(secret, "utf-8")
        (folder / "secrets" / name).chmod(0o400)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    path = write_config(folder / "desk", base)
    path.write_text(path.read_text("utf-8") + f"http: {{listen: '0.0.0.0:{port}'}}\n", "utf-8")
    return port


def answer(port: int, path: str, token: str = "") -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urlopen(Request(f"http://127.0.0.1:{port}{path}", headers=headers), timeout=10) as found:
            return int(found.status)
    except HTTPError as error:
        return error.code


@pytest.mark.timeout(300)
def test_all_services_together_are_a_desk_that_is_ready_and_tells_each_thing_once(tmp_path: Path) -> None:
    url = postgres.url(postgres.empty())
    with demo.served() as base, FakeSlack(TOKEN) as slack, ExitStack() as crew:
        port = laid_out(tmp_path, base, url)
        assert done("schema", tmp_path, slack).stdout.endswith("now\n")
        parts = [name for name in SERVICES if name not in ("postgres", "schema")]
        processes = [crew.enter_context(started(name, tmp_path, slack)) for name in parts]
        store = crew.enter_context(closing(open_store(url)))
        deadline = time.monotonic() + LONGEST
        while not slack.messages or _open(store.counts()) or done("desk", tmp_path, slack, "health").returncode:
            assert time.monotonic() < deadline, _logs(tmp_path)
            assert all(process.poll() is None for process in processes), _logs(tmp_path)
            time.sleep(0.5)
        asked = [answer(port, "/healthz"), answer(port, "/readyz"), answer(port, "/readyz", HTTP_TOKEN)]
        assert asked == [200, 401, 200]
        assert done("schema", tmp_path, slack).stdout.endswith("already\n")
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(25) for process in processes] == [0] * len(processes)
        assert max(Counter(ids(slack)).values()) == 1


def _open(counts: Mapping[str, int]) -> int:
    waiting = sum(counts[name] for name in ("unread", "unfollowed", "alerts_queued", "alerts_sending"))
    return waiting - counts["alerts_held"]


def _logs(folder: Path) -> str:
    return json.dumps({path.name: path.read_text("utf-8")[-1500:] for path in folder.glob("*.log")}, indent=1)
