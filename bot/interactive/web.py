"""SlackWeb: what is said in Slack by and by — answers to one person, notes in threads, windows — and who is in a group."""

import logging
from collections.abc import Sequence
from typing import Any

from slack_sdk.webhook import WebhookClient

from bot.errors import OutcomeUnknown
from bot.interactive.blocks import Block, fallback
from bot.sinks.slack import ask, web_client

QUIET = {"mrkdwn": False, "parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}


class SlackWeb:
    """Raises DeliveryError. No error holds a token, a response URL or a trigger."""

    def __init__(self, token: str, base_url: str, *, timeout: float = 15.0) -> None:
        self.client = web_client(token, base_url, timeout)
        self._timeout = timeout

    def answer(self, url: str, words: str, blocks: Sequence[Block], *, instead: bool = False) -> None:
        """To the person alone who acted. `instead`: in the place of the message acted on, which only that person sees."""
        muted = logging.Logger("slack_sdk.webhook", logging.CRITICAL)  # it logs addresses, which are secrets here
        hook = WebhookClient(url, timeout=int(self._timeout), retry_handlers=[], logger=muted)
        try:
            answer = hook.send(
                text=fallback(words),
                blocks=list(blocks),
                response_type="ephemeral",
                replace_original=instead,
                unfurl_links=False,
                unfurl_media=False,
            )
        except Exception as error:  # the library's errors hold the address
            raise OutcomeUnknown(f"an answer did not reach Slack ({type(error).__name__})", code="no_answer") from None
        if answer.status_code != 200:
            raise OutcomeUnknown(f"Slack took an answer with HTTP {answer.status_code}", code="no_answer")

    def reply(self, channel: str, root: str, words: str, blocks: Sequence[Block]) -> str:
        """A note in a thread; returns its ts."""
        said = {"text": fallback(words), "blocks": list(blocks), **QUIET}
        answer = ask(self.client.chat_postMessage, channel, channel=channel, thread_ts=root, **said)
        return str(answer.get("ts", ""))

    def edit(self, channel: str, ts: str, words: str, blocks: Sequence[Block]) -> None:
        ask(self.client.chat_update, channel, channel=channel, ts=ts, text=fallback(words), blocks=list(blocks))

    def whisper(self, channel: str, user: str, words: str, blocks: Sequence[Block]) -> None:
        """To one person, where there is no response URL."""
        said = {"text": fallback(words), "blocks": list(blocks)}
        ask(self.client.chat_postEphemeral, channel, channel=channel, user=user, **said)

    def members(self, group: str) -> frozenset[str]:
        answer = ask(self.client.usergroups_users_list, f"user group {group}", usergroup=group)
        return frozenset(map(str, answer.get("users") or ()))

    def open(self, trigger: str, view: dict[str, Any]) -> None:
        ask(self.client.views_open, "a window", trigger_id=trigger, view=view)

    def renew(self, view_id: str, view: dict[str, Any], seen: str = "") -> str:
        """The window anew, if it is still as it was `seen`; returns how it is seen now."""
        known = {"hash": seen} if seen else {}
        answer = ask(self.client.views_update, "a window", view_id=view_id, view=view, **known)
        return str((answer.get("view") or {}).get("hash", ""))
