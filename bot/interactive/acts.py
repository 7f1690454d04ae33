"""Acts: what a person did in Slack, out of what Slack sends. Response URLs and triggers are secrets, and in no repr."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed on a message, or a choice made. `key` is the same for the same press, however often it comes; `root`
    is the ts of the message on which the thread hangs; `ephemeral`: whether one person alone sees the message."""

    key: str
    by: Person
    channel: str
    ts: str
    root: str
    action: str
    value: str
    answer_to: str = field(repr=False)
    ephemeral: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The command, by its first word and what follows it."""

    key: str = field(repr=False)
    by: Person
    channel: str
    channel_name: str
    word: str
    rest: str
    answer_to: str = field(repr=False)
    trigger: str = field(repr=False)


def press_of(body: Json) -> Press:
    container, action = body["container"], body["actions"][0]
    ts = str(container["message_ts"])
    by, channel = _person(body["user"]), str(container["channel_id"])
    return Press(
        key="\x1f".join((by.id, channel, ts, str(action["action_id"]), str(action.get("action_ts", "")))),
        by=by,
        channel=channel,
        ts=ts,
        root=str(container.get("thread_ts") or ts),
        action=str(action["action_id"]),
        value=value_of(action),
        answer_to=str(body.get("response_url", "")),
        ephemeral=bool(container.get("is_ephemeral")),
    )


def value_of(action: Json) -> str:
    """Of a button, or of the option that was chosen."""
    return str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")


def asked_of(body: Json) -> Asked:
    word, _, rest = str(body.get("text") or "").strip().partition(" ")
    return Asked(
        key=str(body["trigger_id"]),
        by=Person(str(body["user_id"]), str(body.get("user_name") or body["user_id"])),
        channel=str(body["channel_id"]),
        channel_name=str(body.get("channel_name", "")),
        word=word.lower(),
        rest=rest.strip(),
        answer_to=str(body.get("response_url", "")),
        trigger=str(body["trigger_id"]),
    )


def _person(user: Json) -> Person:
    return Person(str(user["id"]), str(user.get("name") or user.get("username") or user["id"]))
