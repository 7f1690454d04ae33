"""SlackSink: posts, answers and edits messages with Slack's Web API, and finds them again by the id in their metadata."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from urllib.error import HTTPError, URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.errors import ChannelRefused, ConfigError, DeliveryError, OutcomeUnknown, RootGone, SinkBusy, SinkRefused
from bot.messages import Message
from bot.sinks.card import post
from bot.sinks.mrkdwn import cut
from bot.sinks.refusals import DEAD_TOKEN, advice, refusal, retry_after, unreached

EVENT_TYPE = "tariffwatch_alert"
PAGE = 200  # messages of history asked for at once
PAGES = 25
CLOCKS_APART = timedelta(minutes=1)  # Slack's clock and ours
CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{8,}")
LONGEST_TITLE, LONGEST_ALTERNATIVE = 250, 1_000
TS = re.compile(r"\d+\.\d+")
Call = Callable[..., SlackResponse]


class SlackSink:
    """Raises ConfigError for a token that cannot be one. Neither the token nor an answer's headers get into an error,
    a repr or a log line. Never waits: an answer that asks for a pause is a SinkBusy."""

    name = "slack"
    threads = True
    pictures = True

    def __init__(
        self,
        token: str,
        *,
        base_url: str = "https://slack.com/api/",
        timeout: float = 15.0,
        buttons: bool = False,  # whether somebody answers those who press them
    ) -> None:
        self._buttons = buttons
        self._client = web_client(token, base_url, timeout)

    def __repr__(self) -> str:
        return f"SlackSink(base_url={self._client.base_url!r})"

    def send(
        self, message: Message, channel: str, *, simple: int = 0, thread: str = "", broadcast: bool = False
    ) -> str:
        """Returns Slack's ts."""
        answer = ask(
            self._client.chat_postMessage,
            channel,
            channel=channel,
            metadata=_metadata(message),
            **post(message, simple, reply=bool(thread), buttons=self._buttons),
            **({"thread_ts": _ts(thread), "reply_broadcast": broadcast} if thread else {}),
        )
        ts = answer.get("ts")
        if not isinstance(ts, str) or not ts:
            raise OutcomeUnknown(f"Slack answered ok for channel {channel} but named no message", code="no_ts")
        return ts

    def edit(self, receipt: str, message: Message, channel: str, *, simple: int = 0) -> None:
        if not CHANNEL_ID.fullmatch(channel):
            raise RootGone(f"Slack edits messages only in channels named by id, and {channel} is a name")
        shown = post(message, simple, buttons=self._buttons)
        ask(
            self._client.chat_update,
            channel,
            channel=channel,
            ts=_ts(receipt),
            metadata=_metadata(message),
            **{name: shown[name] for name in ("text", "blocks", "parse", "link_names")},
        )

    def find(self, message_id: str, channel: str, since: datetime, *, thread: str = "") -> str | None:
        """Looks through the thread, and the channel from a minute before `since`. None when the bot may not read it; raises
        SinkBusy when Slack asks to wait, SinkRefused when it wants another token, which may be able to tell, and OutcomeUnknown
        for all else that keeps it from saying."""
        try:
            for posted in chain(self._replies(channel, thread), self._history(channel, since - CLOCKS_APART)):
                if _id(posted) == message_id:
                    return str(posted.get("ts", "")) or None
        except (ChannelRefused, _TooLongError):
            return None
        except SinkRefused as error:
            if error.code in DEAD_TOKEN:
                raise
            return None
        except SinkBusy:
            raise
        except DeliveryError as error:
            # A silent Slack says nothing of the message looked for: it must not count as "not posted".
            raise OutcomeUnknown(f"could not look for the message: {error}", code=error.code) from error
        return ""

    def show(self, png: bytes, title: str, alternative: str, channel: str, thread: str) -> None:
        """Three requests; none is made twice, whatever becomes of it."""
        if not CHANNEL_ID.fullmatch(channel):
            raise RootGone(f"Slack takes pictures only in channels named by id, and {channel} is a name")
        ask(
            self._client.files_upload_v2,
            f"a picture in channel {channel}",
            content=png,
            filename="chart.png",
            title=cut(title, LONGEST_TITLE),
            alt_txt=cut(alternative, LONGEST_ALTERNATIVE),
            channel=channel,
            thread_ts=_ts(thread),
        )

    def check(self, channels: Iterable[str], *, pictures: bool = False) -> list[str]:
        try:
            answer = ask(self._client.auth_test, "the token")
        except DeliveryError as error:
            return [str(error)]
        scopes = scopes_of(answer)
        wrong = [] if scopes is None or "chat:write" in scopes else [_missing("chat:write", "it cannot post anywhere")]
        if pictures and scopes is not None and "files:write" not in scopes:
            wrong.append(_missing("files:write", "digests come without their chart"))
        return [*wrong, *(w for channel in dict.fromkeys(channels) for w in self._wrong_with(channel, scopes))]

    def _wrong_with(self, channel: str, scopes: set[str] | None) -> Iterator[str]:
        if not CHANNEL_ID.fullmatch(channel):
            lacks = "is no channel id, without which no card can be edited"
            yield f"{channel!r} {lacks} — ids look like C0123456789, at the foot of a channel's details"
            return
        try:
            info = ask(self._client.conversations_info, f"channel {channel}", channel=channel).get("channel") or {}
        except DeliveryError as error:
            yield str(error)
            return
        if info.get("is_archived"):
            yield f"channel {channel} is archived — {advice('is_archived')}"
        if info.get("is_member") is False:
            yield f"the bot is not in channel {channel} — {advice('not_in_channel')}"
        history = "groups:history" if info.get("is_private") else "channels:history"
        if scopes is not None and history not in scopes:
            yield _missing(history, f"after a lost answer an alert may appear twice in channel {channel}")

    def _history(self, channel: str, since: datetime) -> Iterator[dict[str, Any]]:
        return _pages(self._client.conversations_history, channel=channel, oldest=f"{since.timestamp():.6f}")

    def _replies(self, channel: str, thread: str) -> Iterator[dict[str, Any]]:
        """None where the thread is gone, or there is none."""
        with suppress(RootGone):
            yield from _pages(self._client.conversations_replies, channel=channel, ts=thread) if thread else ()


def web_client(token: str, base_url: str, timeout: float = 15.0) -> WebClient:
    """One that neither tries again nor logs. Raises ConfigError for a token that cannot be one."""
    token = token.strip()
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        # An HTTP library would put the whole header, token and all, into its own error.
        raise ConfigError("the Slack token is empty or has blanks or odd characters in it", hint="copy it again")
    return WebClient(
        token,
        base_url=base_url,
        timeout=timeout,  # type: ignore[arg-type]  # goes to urllib, which takes fractions of a second
        retry_handlers=[],  # the library's own retry posts twice when the answer to the first is lost
        logger=logging.Logger("slack_sdk.web", logging.CRITICAL),  # it logs answers whole, and headers in errors
    )


class _TooLongError(Exception):
    """More was written in the channel than is worth reading through."""


def _pages(call: Call, *, channel: str, **which: str) -> Iterator[dict[str, Any]]:
    cursor = ""
    for _ in range(PAGES):
        more = {"cursor": cursor} if cursor else {}
        where = f"channel {channel}"
        answer = ask(call, where, channel=channel, **which, limit=PAGE, include_all_metadata=True, **more)
        yield from answer.get("messages") or []
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return
    raise _TooLongError


def ask(call: Call, where: str, **arguments: Any) -> SlackResponse:
    """One request, its failure turned into ours. `from None`, for the library's errors hold the request's headers."""
    try:
        return call(**arguments)
    except SlackApiError as error:
        failure = _refused(error.response, where)
    except HTTPError as error:  # of an upload: of methods the library makes answers
        failure = OutcomeUnknown(f"Slack answered HTTP {error.code} for {where}", code=f"http_{error.code}")
    except URLError as error:
        failure = unreached(error.reason, where)
    except Exception as error:  # the request is out: whatever else went wrong, it may have been obeyed
        failure = OutcomeUnknown(f"no usable answer from Slack for {where} ({type(error).__name__})", code="no_answer")
    raise failure from None


def _refused(answer: SlackResponse, where: str) -> DeliveryError:
    wait = retry_after(_header(answer, "retry-after"))
    if answer.status_code == 429:
        return refusal("ratelimited", where, wait=wait)
    data = answer.data if isinstance(answer.data, dict) else {}
    code = str(data.get("error", ""))
    if answer.status_code >= 500 or not re.fullmatch(r"[a-z0-9_]{2,60}", code):
        said = f"HTTP {answer.status_code}" + (
            "" if answer.status_code >= 500 else " without an answer that can be read"
        )
        return OutcomeUnknown(f"Slack answered {said} for {where}", code=f"http_{answer.status_code}")
    return refusal(code, where, wait=wait, needed=_scope(data.get("needed")))


def _header(answer: SlackResponse, name: str) -> str | None:
    return next((str(value) for key, value in answer.headers.items() if key.lower() == name), None)


def scopes_of(answer: SlackResponse) -> set[str] | None:
    """None when Slack does not say what the token may do."""
    header = _header(answer, "x-oauth-scopes")
    return None if header is None else {scope.strip() for scope in header.split(",")}


def _scope(needed: object) -> str:
    return needed if isinstance(needed, str) and re.fullmatch(r"[a-z:._,-]{1,100}", needed) else ""


def _missing(scope: str, consequence: str) -> str:
    return f"the token lacks the scope {scope}: {consequence} — {advice('missing_scope')}"


def _metadata(message: Message) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"id": message.id}}


def _ts(receipt: str) -> str:
    """Raises RootGone for the receipt of another sink, which the store had before this one."""
    if not TS.fullmatch(receipt):
        raise RootGone(f"the message to answer or edit was not posted by this app ({receipt or 'no receipt'})")
    return receipt


def _id(posted: dict[str, Any]) -> object:
    metadata = posted.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return (metadata.get("event_payload") or {}).get("id")
