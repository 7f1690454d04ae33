"""The pages of the real daemon: a process of its own, that reads the sample feeds and tells the fake Slack."""

import socket
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser

from bot import demo
from tests.fake_slack import FakeSlack
from tests.whole.pages.browser import tab
from tests.whole.test_end_to_end import CHANNEL, daemon, wait_for, write_config

TOKEN = "a-token-of-some-length"


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


def test_a_running_desk_shows_what_it_reads_and_tells(tmp_path: Path, browser: Browser) -> None:
    port = free_port()
    with demo.served() as base, FakeSlack() as slack:
        config = write_config(tmp_path, base)
        config.write_text(f"http: {{listen: '127.0.0.1:{port}'}}\n{config.read_text('utf-8')}", "utf-8")
        with daemon(tmp_path, slack, TARIFFWATCH_HTTP_TOKEN=TOKEN) as process:
            wait_for(process, "alert_sent", times=3)
            with tab(browser, f"http://127.0.0.1:{port}") as page:
                page.goto("/health")
                page.get_by_label("Token").fill(TOKEN)
                page.get_by_role("button", name="Sign in").click()
                page.get_by_role("heading", name="Health").wait_for()
                assert "minilm-topics" in page.locator("main").inner_text()
                assert "not by this process yet" not in page.locator("#steps ~ div").first.inner_text()
                page.goto("/")
                assert "Awake" in page.locator("#awake").inner_text()
                page.goto("/health?sort=outlet")
                assert CHANNEL in page.locator("main").inner_text()
