"""The fake Slack over HTTP: requests in, answers out, and answers that go wrong as asked."""

import json
import os
import re
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal, Protocol
from urllib.parse import parse_qsl, urlsplit

from tests.slack.refusals import LimitedError, RefusedError
from tests.slack.workspace import WEBHOOK

Json = dict[str, Any]
Kind = Literal["busy", "code", "500", "html", "half", "hang", "close", "reset"]

WEBHOOK_PATH = "/services/T0000/B0000/hidden-in-the-url"
WEBHOOK_STATUS = {"no_service": 404, "channel_not_found": 404, "action_prohibited": 403, "channel_is_archived": 410}
RESPONSE_URL, UPLOAD = "response_url", "upload"  # the names of these two among methods
OTHER_STATUS = {"expired_url": 404, "used_url": 404, "file_upload_failed": 400}


@dataclass(frozen=True, slots=True)
class Fault:
    """One unfaithful answer. `posted`: whether the request is obeyed all the same; never for "busy"."""

    kind: Kind
    code: str = ""
    retry_after: str | None = "30"
    posted: bool = True


class Server(Protocol):
    scopes: tuple[str, ...]
    closing: threading.Event

    def fault(self, method: str) -> Fault | None: ...

    def answer(self, method: str, arguments: Json, authorization: str) -> Json:
        """Raises RefusedError and LimitedError."""


class Handler(BaseHTTPRequestHandler):
    slack: Server

    def log_message(self, *_: object) -> None:  # nothing on stderr
        return

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        method, given = _method(parts.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # who asked has died over it
            return
        arguments = {"body": body} if method == UPLOAD else self._arguments(parts.query, body.decode())
        fault = self.slack.fault(method)
        if fault and fault.kind == "busy":
            self._busy(fault.retry_after)
            return
        status, answer = (200, b"") if fault and not fault.posted else self._obey(method, {**arguments, **given})
        if fault:
            self._betray(fault, method, answer)
        else:
            self._send(status, answer)

    def _obey(self, method: str, arguments: Json) -> tuple[int, bytes]:
        try:
            answer = self.slack.answer(method, arguments, self.headers.get("Authorization", ""))
        except RefusedError as refused:
            if method == WEBHOOK:
                return WEBHOOK_STATUS.get(refused.code, 400), refused.code.encode()
            told = {"ok": False, "error": refused.code, **refused.more}
            return OTHER_STATUS.get(refused.code, 200), json.dumps(told).encode()
        except LimitedError as limited:
            return 429, str(limited.wait).encode()
        return 200, b"ok" if method in (WEBHOOK, UPLOAD) else json.dumps({"ok": True, **answer}).encode()

    def _arguments(self, query: str, body: str) -> Json:
        if self.headers.get("Content-Type", "").startswith("application/json"):
            found = json.loads(body) if body else {}
            return found if isinstance(found, dict) else {}
        return dict(parse_qsl(query) + parse_qsl(body))

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
            self._busy(body.decode())
            return
        self.send_response(status)
        self.send_header("X-OAuth-Scopes", ",".join(self.slack.scopes))
        self._finish(body, kind, cut)

    def _finish(self, body: bytes, kind: str, cut: int | None = None) -> None:
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        with suppress(ConnectionError):  # who asked has died
            self.end_headers()
            self.wfile.write(body if cut is None else body[:cut])


def _method(path: str) -> tuple[str, Json]:
    """The method's name, and what of its arguments stands in the path."""
    if path == WEBHOOK_PATH:
        return WEBHOOK, {}
    if found := re.fullmatch(r"/actions/(.+)", path):
        return RESPONSE_URL, {"secret": found[1]}
    if found := re.fullmatch(r"/upload/v1/(\w+)", path):
        return UPLOAD, {"file": found[1]}
    return path.removeprefix("/api/"), {}
