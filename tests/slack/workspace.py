"""What a workspace holds: channels, people, messages, views, and what is handed out to be used once."""

import hashlib
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from tests.slack.limits import elements
from tests.slack.rates import Buckets
from tests.slack.sockets import Sockets

Json = dict[str, Any]

TEST_TOKEN = "xoxb-test"
TEST_APP_TOKEN = "xapp-test"
MANIFEST = Path(__file__).parent.parent.parent / "deploy" / "slack-app-manifest.yaml"
APP_AS_MADE = yaml.safe_load(MANIFEST.read_text("utf-8"))
SCOPES = tuple(APP_AS_MADE["oauth_config"]["scopes"]["bot"])
COMMANDS = {command["command"] for command in APP_AS_MADE["features"]["slash_commands"]}
WEBHOOK = "webhook"  # the name of the webhook among methods, and the channel of what it posts
TEAM, APP, BOT, BOT_USER = "T0000000001", "A0000000001", "B0000000001", "U0000000BOT"
ASHA, RAVI, MEERA = "U0000000001", "U0000000002", "U0000000003"
DESK_GROUP = "S0000000001"


@dataclass(slots=True)
class Trigger:
    """What a person's act gives an app: one view within three seconds. `view`: the one the act was done in."""

    user: str
    made: float
    view: str = ""
    used: bool = False


@dataclass(slots=True)
class Answering:
    """A response_url: where it was given, and how often it was used."""

    channel: str
    user: str
    made: float
    ts: str = ""  # the message acted on; "" for a command
    uses: int = 0


@dataclass(slots=True)
class Upload:
    name: str
    length: int
    body: bytes | None = None
    title: str = ""
    shared: list[str] = field(default_factory=list)  # channels


class Workspace:
    """`channels`: ids that exist, with names if a mapping (None: every well-formed id does). `rate`: messages a second
    and channel after a burst of `burst`; `tiers`: whether other methods have their rates too. `ack_within`: seconds an app has to
    acknowledge an envelope. `now` is the server's clock."""

    url = ""  # of the Web API; the server knows

    def __init__(
        self,
        token: str = TEST_TOKEN,
        *,
        channels: Iterable[str] | Mapping[str, str] | None = None,
        scopes: Iterable[str] = SCOPES,
        app_token: str = TEST_APP_TOKEN,
        app_scopes: Iterable[str] = ("connections:write",),
        rate: float | None = None,
        burst: int = 1,
        tiers: bool = False,
        ack_within: float = 3.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.token, self.scopes = token, tuple(scopes)
        self.app_token, self.app_scopes = app_token, tuple(app_scopes)
        self.rate, self.burst, self.tiers, self.now = rate, burst, tiers, now
        self.channels = None if channels is None else set(channels)
        self.names = dict(channels) if isinstance(channels, Mapping) else {}
        self.archived: set[str] = set()
        self.outside: set[str] = set()  # channels the bot is not in
        self.private: set[str] = set()  # beside those whose id begins with G
        self.edits_closed = False  # whether the workspace lets nobody edit any more
        self.messages: list[Json] = []  # channel, text, blocks, metadata, ts, and the whole request as "sent"
        self.ephemeral: list[Json] = []  # likewise, and "user", who alone sees it
        self.people = {ASHA: "asha", RAVI: "ravi", MEERA: "meera"}
        self.groups = {DESK_GROUP: ("trade-desk", [ASHA, RAVI])}
        self.open_views: dict[str, list[Json]] = {}  # of each person, the topmost last
        self.triggers: dict[str, Trigger] = {}
        self.answering: dict[str, Answering] = {}  # by the last part of the response_url
        self.uploads: dict[str, Upload] = {}
        self.buckets = Buckets()
        self.sockets = Sockets(APP, ack_within)
        self.lock = threading.RLock()
        self._numbers = itertools.count(1)

    def number(self) -> int:
        return next(self._numbers)

    def ts(self) -> str:
        return f"{int(self.now())}.{self.number():06d}"

    def name_of(self, channel: str) -> str:
        return str(self.names.get(channel, channel.lower()))

    def is_private(self, channel: str) -> bool:
        return channel.startswith("G") or channel in self.private

    def find(self, channel: str, ts: object) -> Json | None:
        return next((m for m in self.messages if (m["channel"], m["ts"]) == (channel, ts)), None)

    def view(self, view_id: str) -> Json | None:
        return next((v for stack in self.open_views.values() for v in stack if v["id"] == view_id), None)

    def trigger(self, user: str, view: str = "") -> str:
        made = f"{self.number()}.{TEAM}.{user}"
        self.triggers[made] = Trigger(user, self.now(), view)
        return made

    def response_url(self, channel: str, user: str, ts: str = "") -> str:
        secret = f"{TEAM}/{self.number()}/hidden"
        self.answering[secret] = Answering(channel, user, self.now(), ts)
        return self.url.replace("/api/", f"/actions/{secret}")

    def replies(self, channel: str, root: str) -> list[Json]:
        return sorted((m for m in self.messages if m["channel"] == channel and m.get("thread_ts") == root), key=by_ts)

    def show(self, message: Json, *, payload: bool = True) -> Json:
        """The message as the API and people see it. `payload`: with that of its metadata."""
        shown: Json = {"type": "message", "ts": message["ts"], "text": message.get("text") or "", "team": TEAM}
        shown |= {"user": message["user"]} if "user" in message else {"user": BOT_USER, "bot_id": BOT, "app_id": APP}
        if message.get("blocks"):
            shown["blocks"] = with_ids(message["blocks"], message["ts"])
        metadata = message.get("metadata") or {}
        if metadata:
            shown["metadata"] = metadata if payload else {k: v for k, v in metadata.items() if k != "event_payload"}
        shown |= {
            key: message[key] for key in ("thread_ts", "edited", "files", "subtype", "hidden") if message.get(key)
        }
        return shown | self._thread_of(message)

    def _thread_of(self, message: Json) -> Json:
        if message.get("thread_ts"):
            return {}
        replies = self.replies(message["channel"], message["ts"])
        users = list(dict.fromkeys(m.get("user", BOT_USER) for m in replies))
        return (
            {
                "thread_ts": message["ts"],
                "reply_count": len(replies),
                "reply_users": users,
                "reply_users_count": len(users),
                "latest_reply": replies[-1]["ts"],
            }
            if replies
            else {}
        )


def by_ts(message: Json) -> Decimal:
    return Decimal(message["ts"])


def with_ids(blocks: list[Json], seed: str) -> list[Json]:
    """The blocks with the ids that Slack makes up where the app gave none."""
    filled = deepcopy(blocks)
    for number, block in enumerate(filled):
        block.setdefault("block_id", hashlib.sha256(f"{seed} {number}".encode()).hexdigest()[:5])
        for place, element in enumerate(elements(block)):
            element.setdefault("action_id", hashlib.sha256(f"{seed} {number} {place}".encode()).hexdigest()[:6])
    return filled
