"""Checks of a configured desk: what a set-up cannot do is said, and is no failure."""

from pathlib import Path

import pytest

from bot.checks import check_interactive, check_sink
from bot.config import load_config
from tests.fake_slack import DESK_GROUP, SCOPES, TEST_APP_TOKEN, TEST_TOKEN, FakeSlack

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


def heard(folder: Path, more: str = "", **environment: str) -> list[tuple[bool, str]]:
    """What the check says of buttons and commands."""
    path = folder / "config.yaml"
    path.write_text(SMALL + more, "utf-8")
    return [(finding.ok, finding.words) for finding in check_interactive(load_config(path, environment))]


def tokens(slack: FakeSlack) -> dict[str, str]:
    return {"SLACK_BOT_TOKEN": TEST_TOKEN, "SLACK_APP_TOKEN": TEST_APP_TOKEN, "SLACK_API_URL": slack.url}


@pytest.mark.parametrize(
    "environment",
    [{}, {"SLACK_BOT_TOKEN": TEST_TOKEN}, {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/abcDEF"}],
)
def test_without_an_app_token_all_else_is_in_order_and_the_check_says_what_is_not_there(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    assert heard(tmp_path, **environment) == [(True, "no SLACK_APP_TOKEN: no buttons, no /tariffwatch; cards only")]


def test_an_app_token_alone_hears_nothing(tmp_path: Path) -> None:
    ((ok, words),) = heard(tmp_path, SLACK_APP_TOKEN=TEST_APP_TOKEN)
    assert (ok, words) == (False, "SLACK_APP_TOKEN hears nothing without SLACK_BOT_TOKEN — set both, or neither")


def test_without_the_extra_the_check_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.app.find_spec", lambda name: None)
    ((ok, words),) = heard(tmp_path, SLACK_APP_TOKEN=TEST_APP_TOKEN, SLACK_BOT_TOKEN=TEST_TOKEN)
    assert not ok
    assert words.endswith("pip install 'tariffwatch[interactive]'")


def test_with_both_tokens_and_editors_people_are_heard(tmp_path: Path) -> None:
    with FakeSlack() as slack:
        assert heard(tmp_path, f"interactive: {{editors: [{DESK_GROUP}]}}\n", **tokens(slack)) == [
            (True, "buttons and /tariffwatch")
        ]
        ((ok, words),) = heard(tmp_path, **tokens(slack))
    assert ok
    assert words.endswith("nobody may change watchlists or mute: interactive.editors names nobody")


def test_each_missing_scope_is_named_with_what_it_is_for(tmp_path: Path) -> None:
    with FakeSlack(scopes=["chat:write"], app_scopes=[]) as slack:
        found = heard(tmp_path, f"interactive: {{editors: [{DESK_GROUP}]}}\n", **tokens(slack))
    assert [ok for ok, _ in found] == [False] * 3
    socket, commands, groups = (words for _, words in found)
    assert "missing_scope (scope connections:write)" in socket
    assert commands.startswith("the token lacks the scope commands: Slack does not know /tariffwatch")
    assert groups.startswith("the token lacks the scope usergroups:read: the groups among interactive.editors count as")


def test_a_scope_that_nothing_is_configured_for_is_not_missed(tmp_path: Path) -> None:
    with FakeSlack(scopes=[scope for scope in SCOPES if scope != "usergroups:read"]) as slack:
        assert [ok for ok, _ in heard(tmp_path, "interactive: {editors: [U0000000001]}\n", **tokens(slack))] == [True]
