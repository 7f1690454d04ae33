"""WebhookSink: posts once and tells the truth about what it cannot know."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from traceback import format_exception
from typing import Any

import pytest

from bot.analysis import Why
from bot.errors import (
    ChannelRefused,
    ConfigError,
    DeliveryError,
    MessageRefused,
    OutcomeUnknown,
    SinkBusy,
    SinkDown,
    SinkRefused,
)
from bot.messages import Message, Source
from bot.ports import Sink
from bot.sinks.card import layout
from bot.sinks.webhook import WebhookSink
from tests.fake_slack import WEBHOOK, WEBHOOK_PATH, FakeSlack

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CARD = Message(
    id="alert-1",
    kind="new",
    severity="medium",
    headline="US doubles duty on Indian shrimp",
    url="https://example.org/shrimp",
    quotes=("The duty rises to 50%.",),
    why=(Why("India shrimp", ("duty",)),),
    topics=(("tariff_threat", 0.9),),
    sectors=("seafood",),
    sources=(Source("Port and Loom", "t", "https://loom.example/1", NOW),),
    scored=True,
)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


def sink(slack: FakeSlack, *, timeout: float = 5.0) -> WebhookSink:
    return WebhookSink(slack.webhook_url, timeout=timeout)


@pytest.mark.parametrize("simple", [0, 1, 2])
def test_a_webhook_posts_the_same_card_as_the_api(slack: FakeSlack, simple: int) -> None:
    assert sink(slack).send(CARD, "#ignored", simple=simple) == "webhook"
    (posted,) = slack.messages
    assert (posted["blocks"] or []) == layout(CARD, simple)
    assert posted["sent"]["link_names"] is False
    assert posted["sent"]["unfurl_links"] is False


@pytest.mark.fault("S28")
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalid_payload", MessageRefused),
        ("no_text", MessageRefused),
        ("invalid_blocks", MessageRefused),
        ("action_prohibited", ChannelRefused),
        ("channel_not_found", ChannelRefused),
        ("channel_is_archived", ChannelRefused),
        ("posting_to_general_channel_denied", ChannelRefused),
        ("no_service", SinkRefused),
        ("invalid_token", SinkRefused),
        ("a_code_of_next_year", OutcomeUnknown),
    ],
)
def test_each_answer_says_what_becomes_of_the_alert(slack: FakeSlack, code: str, kind: type[DeliveryError]) -> None:
    slack.fail("code", method=WEBHOOK, code=code)
    with pytest.raises(DeliveryError) as caught:
        sink(slack).send(CARD, "")
    assert type(caught.value) is kind
    assert caught.value.code == code


def test_a_busy_webhook_names_the_wait(slack: FakeSlack) -> None:
    slack.fail("busy", method=WEBHOOK, retry_after="7")
    with pytest.raises(SinkBusy) as caught:
        sink(slack).send(CARD, "")
    assert caught.value.wait == timedelta(seconds=7)


@pytest.mark.fault("S28")
@pytest.mark.parametrize("fault", ["500", "html", "half", "hang", "close", "reset"])
def test_a_lost_answer_leaves_the_outcome_unknown_and_the_message_posted_once(slack: FakeSlack, fault: Any) -> None:
    slack.fail(fault, method=WEBHOOK)
    with pytest.raises(OutcomeUnknown):
        sink(slack, timeout=0.1).send(CARD, "")
    assert len(slack.until(lambda: slack.messages)) == 1


def test_a_webhook_that_nobody_listens_for_has_surely_not_posted() -> None:
    with FakeSlack() as gone:
        to = sink(gone)
    with pytest.raises(SinkDown):
        to.send(CARD, "")


def test_a_webhook_cannot_tell_what_became_of_a_message(slack: FakeSlack) -> None:
    to: Sink = sink(slack)
    to.send(CARD, "")
    assert to.find("alert-1", "", NOW) is None


def test_a_check_warns_of_channels_that_one_webhook_cannot_serve(slack: FakeSlack) -> None:
    assert sink(slack).check(["C0000000001", "C0000000001"]) == []
    (wrong,) = sink(slack).check(["C0000000001", "C0000000002"])
    assert "one channel only, and 2 are configured" in wrong
    assert slack.requests == []


@pytest.mark.parametrize(
    "url", ["", "hooks.slack.com/services/hidden", "ftp://x/hidden", "https://x/hid den", "http://["]
)
def test_a_url_that_cannot_be_one_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        WebhookSink(url)
    assert "hid" not in str(caught.value)


@pytest.mark.fault("S30")
def test_the_url_is_in_no_error_repr_or_log_line(slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    to = sink(slack, timeout=0.1)
    to.send(CARD, "")
    said = [repr(to), str(to)]
    for fault in ("500", "html", "half", "close", "hang"):
        slack.fail(fault, method=WEBHOOK)
        with pytest.raises(DeliveryError) as caught:
            to.send(CARD, "")
        said += [repr(caught.value), *format_exception(caught.value)]
    assert WEBHOOK_PATH not in "\n".join([*said, caplog.text])
