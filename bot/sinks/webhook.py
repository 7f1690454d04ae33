"""WebhookSink: posts through an incoming webhook. One channel, no history: a message whose fate is lost stays lost."""

import logging
import re
from collections.abc import Iterable
from datetime import datetime
from urllib.error import URLError
from urllib.parse import urlsplit

from slack_sdk.webhook import WebhookClient, WebhookResponse

from bot.errors import ConfigError, DeliveryError, OutcomeUnknown, RootGone
from bot.messages import Message
from bot.sinks.card import post
from bot.sinks.refusals import refusal, retry_after, unreached

RECEIPT = "webhook"  # there is no handle: the answer is "ok"
WHERE = "the webhook's channel"


class WebhookSink:
    """Raises ConfigError for a URL that cannot be one. The URL is a secret: whoever has it can post. It gets into no
    error, repr or log line."""

    name = "webhook"
    threads = False
    pictures = False

    def __init__(self, url: str, *, timeout: float = 15.0) -> None:
        url = url.strip()
        _check(url)
        self._client = WebhookClient(
            url,
            timeout=timeout,  # type: ignore[arg-type]  # goes to urllib, which takes fractions of a second
            retry_handlers=[],  # the library's own retry posts twice when the answer to the first is lost
            logger=logging.Logger("slack_sdk.webhook", logging.CRITICAL),  # at DEBUG it logs the URL
        )

    def __repr__(self) -> str:
        return "WebhookSink()"

    def send(
        self, message: Message, channel: str, *, simple: int = 0, thread: str = "", broadcast: bool = False
    ) -> str:
        """Posts to the webhook's own channel, whatever `channel` says, and whatever is to be answered."""
        try:
            answer = self._client.send_dict(post(message, simple))
        except URLError as error:
            failure = unreached(error.reason, WHERE)
        except Exception as error:  # the request is out: whatever else went wrong, it may have been obeyed
            failure = OutcomeUnknown(
                f"no usable answer from Slack for {WHERE} ({type(error).__name__})", code="no_answer"
            )
        else:
            if answer.status_code == 200 and answer.body.strip() == "ok":
                return RECEIPT
            failure = _refused(answer)
        raise failure from None  # the library's errors hold the URL

    def edit(self, receipt: str, message: Message, channel: str, *, simple: int = 0) -> None:
        raise RootGone("a webhook cannot edit what it posted")

    def find(self, message_id: str, channel: str, since: datetime, *, thread: str = "") -> None:
        """A webhook cannot read what it wrote."""

    def show(self, png: bytes, title: str, alternative: str, channel: str, thread: str) -> None:
        raise RootGone("a webhook takes no pictures")

    def check(self, channels: Iterable[str], *, pictures: bool = False) -> list[str]:
        """Slack offers nothing to ask a webhook but to post; this only tells of channels that it cannot serve."""
        named = list(dict.fromkeys(channels))
        if len(named) < 2:
            return []
        return [
            f"a webhook posts to one channel only, and {len(named)} are configured ({', '.join(named)}):"
            " all alerts will go to the webhook's own — use a bot token instead"
        ]


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and re.fullmatch(r"[\x21-\x7e]+", url)
    except ValueError:
        good = False
    if not good:
        raise ConfigError(
            "the Slack webhook is no URL", hint="copy it again; it looks like https://hooks.slack.com/services/T…/B…/…"
        )


def _refused(answer: WebhookResponse) -> DeliveryError:
    """A webhook says its code as the whole body, with a status of its own."""
    wait = next((retry_after(str(v)) for k, v in answer.headers.items() if k.lower() == "retry-after"), None)
    if answer.status_code == 429:
        return refusal("ratelimited", WHERE, wait=wait)
    code = answer.body.strip()
    if 400 <= answer.status_code < 500 and re.fullmatch(r"[a-z0-9_]{2,60}", code):
        return refusal(code, WHERE, wait=wait)
    return OutcomeUnknown(f"Slack answered HTTP {answer.status_code} for {WHERE}", code=f"http_{answer.status_code}")
