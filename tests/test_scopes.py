"""Scopes: the manifest asks for what the code needs, no more and no less, and the fake Slack holds the code to it."""

import re
from pathlib import Path

import pytest
import yaml
from slack_sdk import WebClient

import bot
from bot.sinks.scopes import APP_METHODS, COMMANDS, METHODS
from tests.slack.methods import METHODS as OF_THE_FAKE
from tests.slack.workspace import APP_AS_MADE, MANIFEST

CALLED = re.compile(r"client\.([a-z]+(?:_[a-zA-Z0-9]+)+)")

UPLOAD = {
    "files.upload.v2": ("files.getUploadURLExternal", "files.completeUploadExternal")
}  # one call that makes these


def called() -> set[str]:
    """The methods of Slack's client that stand in the code."""
    files = Path(bot.__file__).parent.rglob("*.py")
    names = {name for file in files for name in CALLED.findall(file.read_text("utf-8"))}
    found = {name.replace("_", ".") for name in names if hasattr(WebClient, name)}
    return {method for name in found for method in UPLOAD.get(name, (name,))}


def test_the_manifest_lists_exactly_the_scopes_that_are_used() -> None:
    assert sorted(APP_AS_MADE["oauth_config"]["scopes"]["bot"]) == sorted(
        {COMMANDS, *(scope for scopes in METHODS.values() for scope in scopes)}
    )
    assert yaml.safe_load(MANIFEST.read_text("utf-8"))["features"]["slash_commands"][0]["command"] == "/tariffwatch"


def test_each_method_that_is_called_stands_in_the_table_and_no_other() -> None:
    assert called() == {*METHODS, *APP_METHODS}


@pytest.mark.parametrize("name", [*METHODS, *APP_METHODS])
def test_the_fake_slack_asks_for_the_scope_of_the_table(name: str) -> None:
    scopes, asked = {**METHODS, **APP_METHODS}[name], OF_THE_FAKE[name].scope
    assert set(scopes) == ({asked.replace("*", kind) for kind in ("channels", "groups")} if asked else set())
