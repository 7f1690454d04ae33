"""A Slack on 127.0.0.1, as strict as the real one about tokens, channels, rates and blocks, and as unfaithful as asked.

with FakeSlack(token="xoxb-test") as slack: SlackSink("xoxb-test", base_url=slack.url); slack.messages
or by hand: python -m tests.fake_slack 8099
"""

import json
import math
import os
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
Kind = Literal["busy", "code", "500", "html", "half", "hang", "close", "reset"]

SCOPES = ("chat:write", "channels:read", "channels:history", "groups:read", "groups:history")
NEEDS = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "channels:history",
    "conversations.info": "channels:read",
}
TEST_TOKEN = "xoxb-test"
WEBHOOK = "webhook"  # the name of the webhook among methods, and the channel of what it posts
WEBHOOK_PATH = "/services/T0000/B0000/hidden-in-the-url"
WEBHOOK_STATUS = {"no_service": 404, "channel_not_found": 404, "action_prohibited": 403, "channel_is_archived": 410}
MOST_CHARACTERS = 13_200  # of all blocks together


@dataclass(frozen=True, slots=True)
class Fault:
    """One unfaithful answer. `posted`: whether the request is obeyed all the same; never for "busy"."""

    kind: Kind
    code: str = ""
    retry_after: str | None = "30"
    posted: bool = True


class RefusedError(Exception):
    """The answer is ok: false."""

    def __init__(self, code: str, **more: object) -> None:
        super().__init__(code)
        self.code, self.more = code, more


class LimitedError(Exception):
    """The answer is 429."""


class FakeSlack:
    """`channels`: ids that exist (None: every well-formed id does). `rate`: messages a second and channel after a burst
    of `burst`; None switches it off. `now` is the server's clock, for rates and for ts."""

    def __init__(
        self,
        token: str = TEST_TOKEN,
        *,
        port: int = 0,
        channels: Iterable[str] | None = None,
        scopes: Iterable[str] = SCOPES,
        rate: float | None = None,
        burst: int = 1,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.token, self.scopes, self.rate, self.burst, self.now = token, tuple(scopes), rate, burst, now
        self.channels = None if channels is None else set(channels)
        self.archived: set[str] = set()
        self.outside: set[str] = set()  # channels the bot is not in
        self.messages: list[Json] = []  # channel, text, blocks, metadata, ts, and the whole request as "sent"
        self.requests: list[tuple[str, Json]] = []
        self._faults: dict[str, list[Fault]] = {}
        self._spent: dict[str, tuple[float, float]] = {}  # channel → (time, messages it may still burst)
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/api/"

    @property
    def webhook_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{WEBHOOK_PATH}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def fail(
        self,
        kind: Kind,
        *,
        method: str = "chat.postMessage",
        code: str = "",
        retry_after: str | None = "30",
        posted: bool | None = None,
        times: int = 1,
    ) -> None:
        """The next `times` requests of `method` go wrong: not obeyed with "code", obeyed with all else, if not told."""
        obeyed = kind != "code" if posted is None else posted
        with self._lock:
            self._faults.setdefault(method, []).extend([Fault(kind, code, retry_after, obeyed)] * times)

    def calls(self, method: str) -> list[Json]:
        return [arguments for name, arguments in self.requests if name == method]

    # what the handler asks

    def fault(self, method: str) -> Fault | None:
        with self._lock:
            waiting = self._faults.get(method)
            return waiting.pop(0) if waiting else None

    def answer(self, method: str, arguments: Json, authorization: str) -> Json:
        """Raises RefusedError and LimitedError."""
        with self._lock:
            self.requests.append((method, arguments))
            if method == WEBHOOK:
                return self._hook(arguments)
            self._admit(method, arguments, authorization)
            does = {
                "auth.test": self._auth_test,
                "chat.postMessage": self._post,
                "chat.update": self._update,
                "conversations.history": self._history,
                "conversations.info": self._info,
            }.get(method)
            if does is None:
                raise RefusedError("unknown_method")
            return does(arguments)

    def _admit(self, method: str, arguments: Json, authorization: str) -> None:
        token = authorization.removeprefix("Bearer ") or arguments.get("token")
        if not token:
            raise RefusedError("not_authed")
        if token != self.token:
            raise RefusedError("invalid_auth")
        needed = NEEDS.get(method, "")
        if needed and needed not in self.scopes:
            raise RefusedError("missing_scope", needed=needed, provided=",".join(self.scopes))

    def _channel(self, arguments: Json) -> str:
        channel = str(arguments.get("channel", ""))
        known = re.fullmatch(r"[CGD][A-Z0-9]{8,}", channel) if self.channels is None else channel in self.channels
        if not known:
            raise RefusedError("channel_not_found")
        return channel

    def _auth_test(self, arguments: Json) -> Json:
        return {"url": "https://fake.slack.com/", "team": "Fake", "user": "tariffwatch", "bot_id": "B0000"}

    def _post(self, arguments: Json) -> Json:
        channel = self._channel(arguments)
        if channel in self.outside:
            raise RefusedError("not_in_channel")
        if channel in self.archived:
            raise RefusedError("is_archived")
        check_message(arguments)
        self._spend(channel)
        return self._keep(channel, arguments)

    def _keep(self, channel: str, arguments: Json) -> Json:
        ts = f"{int(self.now())}.{len(self.messages) + 1:06d}"
        kept = {key: arguments.get(key) for key in ("text", "blocks", "metadata")}
        self.messages.append({"channel": channel, "ts": ts, **kept, "sent": arguments})
        return {"channel": channel, "ts": ts, "message": {"text": arguments.get("text", ""), "ts": ts}}

    def _update(self, arguments: Json) -> Json:
        channel = self._channel(arguments)
        found = [m for m in self.messages if (m["channel"], m["ts"]) == (channel, arguments.get("ts"))]
        if not found:
            raise RefusedError("message_not_found")
        check_message(arguments)
        found[0].update({key: arguments[key] for key in ("text", "blocks", "metadata") if key in arguments})
        return {"channel": channel, "ts": found[0]["ts"], "text": found[0]["text"]}

    def _history(self, arguments: Json) -> Json:
        channel = self._channel(arguments)
        if channel in self.outside:
            raise RefusedError("not_in_channel")
        oldest, cursor = float(arguments.get("oldest", 0)), str(arguments.get("cursor", ""))
        limit = int(arguments.get("limit", 100))
        if not 1 <= limit <= 999:
            raise RefusedError("invalid_limit")
        there = [m for m in reversed(self.messages) if m["channel"] == channel and float(m["ts"]) > oldest]
        page = [m for m in there if not cursor or m["ts"] < cursor][: limit + 1]
        more = page[limit - 1]["ts"] if len(page) > limit else ""
        wanted = str(arguments.get("include_all_metadata", "")).lower() in ("1", "true")
        return {
            "messages": [_shown(m, wanted) for m in page[:limit]],
            "has_more": bool(more),
            "response_metadata": {"next_cursor": more},
        }

    def _info(self, arguments: Json) -> Json:
        channel = self._channel(arguments)
        known = {"is_archived": channel in self.archived, "is_member": channel not in self.outside}
        return {"channel": {"id": channel, "name": channel.lower(), "is_private": channel.startswith("G"), **known}}

    def _hook(self, arguments: Json) -> Json:
        check_message(arguments)
        return self._keep(WEBHOOK, arguments)

    def _spend(self, channel: str) -> None:
        if self.rate is None:
            return
        now = self.now()
        last, left = self._spent.get(channel, (now, float(self.burst)))
        left = min(self.burst, left + (now - last) * self.rate)
        if left < 1:
            raise LimitedError
        self._spent[channel] = (now, left - 1)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return type("Handler", (_Handler,), {"slack": self})


class _Handler(BaseHTTPRequestHandler):
    slack: FakeSlack

    def log_message(self, *_: object) -> None:  # nothing on stderr
        return

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        arguments = self._arguments(parts.query)
        method = WEBHOOK if parts.path == WEBHOOK_PATH else parts.path.removeprefix("/api/")
        fault = self.slack.fault(method)
        if fault and fault.kind == "busy":
            self._busy(fault.retry_after)
            return
        status, body = (200, b"") if fault and not fault.posted else self._obey(method, arguments)
        if fault:
            self._betray(fault, method, body)
        else:
            self._send(status, body)

    def _obey(self, method: str, arguments: Json) -> tuple[int, bytes]:
        try:
            answer = self.slack.answer(method, arguments, self.headers.get("Authorization", ""))
        except RefusedError as refused:
            if method == WEBHOOK:
                return WEBHOOK_STATUS.get(refused.code, 400), refused.code.encode()
            return 200, json.dumps({"ok": False, "error": refused.code, **refused.more}).encode()
        except LimitedError:
            return 429, b""
        return 200, b"ok" if method == WEBHOOK else json.dumps({"ok": True, **answer}).encode()

    def _arguments(self, query: str) -> Json:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.headers.get("Content-Type", "").startswith("application/json"):
            found = json.loads(body) if body else {}
            return found if isinstance(found, dict) else {}
        form: Json = dict(parse_qsl(query) + parse_qsl(body))
        for key in ("blocks", "metadata"):
            if key in form:
                form[key] = json.loads(form[key])
        return form

    def _betray(self, fault: Fault, method: str, body: bytes) -> None:
        match fault.kind:
            case "code" if method == WEBHOOK:
                self._send(WEBHOOK_STATUS.get(fault.code, 400), fault.code.encode())
            case "code":
                self._send(200, json.dumps({"ok": False, "error": fault.code}).encode())
            case "500":
                self._send(500, b"<html>Server Error</html>", "text/html")
            case "html":
                self._send(200, b"<html>Sign in to the airport's network</html>", "text/html")
            case "half":
                self._send(200, body, cut=len(body) // 2)
            case "hang":
                self.slack.closing.wait()
            case "close":
                self.close_connection = True
            case "reset":
                # An RST instead of a FIN, and past the server's own orderly shutdown.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                os.close(self.connection.detach())

    def _busy(self, retry_after: str | None) -> None:
        self.send_response(429)
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self._finish(b'{"ok":false,"error":"ratelimited"}', "application/json")

    def _send(self, status: int, body: bytes, kind: str = "application/json", *, cut: int | None = None) -> None:
        if status == 429:
            self._busy(str(math.ceil(1 / (self.slack.rate or 1))))
            return
        self.send_response(status)
        self.send_header("X-OAuth-Scopes", ",".join(self.slack.scopes))
        self._finish(body, kind, cut)

    def _finish(self, body: bytes, kind: str, cut: int | None = None) -> None:
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])


def _shown(message: Json, with_payload: bool) -> Json:
    metadata = message["metadata"] or {}
    shown = metadata if with_payload else {k: v for k, v in metadata.items() if k != "event_payload"}
    return {"type": "message", "ts": message["ts"], "text": message["text"], **({"metadata": shown} if shown else {})}


# what Slack accepts


def check_message(arguments: Json) -> None:
    """Raises RefusedError with the code Slack answers for a message that it would not take."""
    text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
    if not text and not blocks:
        raise RefusedError("no_text")
    if len(text) > 40_000:
        raise RefusedError("msg_too_long")
    if not isinstance(blocks, list) or len(blocks) > 50:
        raise RefusedError("invalid_blocks")
    for block in blocks:
        check_block(block)
    if len(json.dumps(blocks, ensure_ascii=False)) > MOST_CHARACTERS:
        raise RefusedError("msg_blocks_too_long")
    check_metadata(arguments.get("metadata"))


def check_metadata(metadata: object) -> None:
    if metadata is None:
        return
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        raise RefusedError("invalid_metadata_format")
    if not re.fullmatch(r"\w+", str(metadata["event_type"])) or not isinstance(metadata["event_payload"], dict):
        raise RefusedError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > 4_000:
        raise RefusedError("metadata_too_large")


def check_block(block: object) -> None:
    match block:
        case {"type": "header", "text": {"type": "plain_text"} as text}:
            _check_text(text, 150)
        case {"type": "section", "text": text}:
            _check_text(text, 3_000)
        case {"type": "context", "elements": [_, *_] as elements} if len(elements) <= 10:
            for element in elements:
                _check_text(element, 3_000)
        case {"type": "divider"}:
            return
        case {"type": "rich_text", "elements": [_, *_] as elements}:
            for element in elements:
                _check_rich(element)
        case _:
            raise RefusedError("invalid_blocks", block=block)


def _check_text(text: object, most: int) -> None:
    match text:
        case {"type": "plain_text", "text": str(words), **rest} if set(rest) <= {"emoji"}:
            pass
        case {"type": "mrkdwn", "text": str(words), **rest} if set(rest) <= {"verbatim"}:
            pass
        case _:
            raise RefusedError("invalid_blocks", text=text)
    if not 1 <= len(words) <= most:
        raise RefusedError("invalid_blocks_format", text=text)


def _check_rich(element: object) -> None:
    match element:
        case {"type": "rich_text_section" | "rich_text_quote", "elements": [_, *_] as pieces}:
            for piece in pieces:
                _check_piece(piece)
        case _:
            raise RefusedError("invalid_blocks", element=element)


def _check_piece(piece: object) -> None:
    match piece:
        case {"type": "text", "text": str(words), **rest} if words and set(rest) <= {"style"}:
            return
        case {"type": "link", "url": str(url), "text": str(words), **rest} if words and set(rest) <= {"style"}:
            if re.fullmatch(r"https?://[^\s<>|]+", url) and len(url) <= 3_000:
                return
        case {"type": "date", "timestamp": int(), "format": str(form), "fallback": str()} if "{" in form:
            return
    raise RefusedError("invalid_blocks", element=piece)


if __name__ == "__main__":
    with FakeSlack(port=int(sys.argv[1]), rate=1.0, burst=3) as server:
        print(f"token {server.token}\napi {server.url}\nwebhook {server.webhook_url}", flush=True)
        told = 0
        while not server.closing.wait(0.2):
            for message in server.messages[told:]:
                print(
                    json.dumps({k: message[k] for k in ("channel", "ts", "text", "blocks")}, ensure_ascii=False),
                    flush=True,
                )
            told = len(server.messages)
