"""Checks of a configured desk: what a set-up cannot do is said, and is no failure."""

from pathlib import Path

from bot.checks import check_sink
from bot.config import load_config

SMALL = (
    "channel: C0000000001\nfeeds:\n  - {url: 'https://a.example/feed', outlet: A}\nwatchlists: [{name: a, query: b}]\n"
)


def said(folder: Path, **environment: str) -> list[tuple[bool, str]]:
    path = folder / "config.yaml"
    path.write_text(SMALL, "utf-8")
    return [(finding.ok, finding.words) for finding in check_sink(load_config(path, environment))]


def test_a_webhook_alone_is_in_order_and_the_check_says_what_it_cannot_do(tmp_path: Path) -> None:
    webhook = "https://hooks.slack.com/services/T0/B0/abcDEF"
    assert said(tmp_path, SLACK_WEBHOOK_URL=webhook) == [
        (True, "C0000000001"),
        (True, "a webhook cannot edit or thread: updates come as messages of their own"),
    ]


def test_without_slack_the_check_says_where_alerts_go(tmp_path: Path) -> None:
    assert said(tmp_path) == [(True, "alerts are printed; set SLACK_BOT_TOKEN for Slack")]
