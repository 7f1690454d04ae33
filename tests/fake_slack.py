"""A Slack on 127.0.0.1, as strict as the real one about tokens, channels, rates and blocks, and as unfaithful as asked.

with FakeSlack(token="xoxb-test") as slack: SlackSink("xoxb-test", base_url=slack.url); slack.messages
an app over Socket Mode: slack.connected(); slack.click(message, "confirm", user=ASHA); slack.thread(channel, ts)
or by hand: python -m tests.fake_slack 8099
"""

import json
import sys
import threading
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from typing import Any, Self, TypeVar

from tests.slack.limits import check_message, check_view
from tests.slack.methods import admit, hook, receive_file, respond, unpacked
from tests.slack.people import People, Submitted, element_of
from tests.slack.refusals import LimitedError, RefusedError
from tests.slack.sockets import UnansweredError
from tests.slack.web import RESPONSE_URL, UPLOAD, WEBHOOK_PATH, Fault, Handler, Kind
from tests.slack.workspace import (
    ASHA,
    BOT,
    BOT_USER,
    DESK_GROUP,
    MEERA,
    RAVI,
    SCOPES,
    TEAM,
    TEST_APP_TOKEN,
    TEST_TOKEN,
    WEBHOOK,
)

__all__ = [
    "ASHA",
    "BOT",
    "BOT_USER",
    "DESK_GROUP",
    "MEERA",
    "RAVI",
    "RESPONSE_URL",
    "SCOPES",
    "TEAM",
    "TEST_APP_TOKEN",
    "TEST_TOKEN",
    "UPLOAD",
    "WEBHOOK",
    "WEBHOOK_PATH",
    "FakeSlack",
    "Fault",
    "LimitedError",
    "RefusedError",
    "Submitted",
    "UnansweredError",
    "check_message",
    "check_view",
    "element_of",
]

Json = dict[str, Any]
T = TypeVar("T")


class FakeSlack(People):
    """A workspace with its servers. `requests` are all that came, refused ones too."""

    def __init__(self, token: str = TEST_TOKEN, *, port: int = 0, **more: Any) -> None:
        super().__init__(token, **more)
        self.requests: list[tuple[str, Json]] = []
        self._faults: dict[str, list[Fault]] = {}
        self._answered = threading.Condition(self.lock)
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), type("OurHandler", (Handler,), {"slack": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/api/"

    @property
    def webhook_url(self) -> str:
        return self.url.removesuffix("/api/") + WEBHOOK_PATH

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.sockets.close()
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
        with self.lock:
            self._faults.setdefault(method, []).extend([Fault(kind, code, retry_after, obeyed)] * times)

    def calls(self, method: str) -> list[Json]:
        return [arguments for name, arguments in self.requests if name == method]

    def connected(self, connections: int = 1) -> bool:
        """Waits until so many connections of an app are there."""
        return self.sockets.wait(connections)

    def until(self, told: Callable[[], T], within: float = 5.0) -> T:
        """Waits, looking after each request, until `told` returns something; returns that."""
        with self._answered:
            self._answered.wait_for(told, within)
            found = told()
        assert found, "nothing of the kind came in time"
        return found

    # what the handler asks

    def fault(self, method: str) -> Fault | None:
        with self.lock:
            waiting = self._faults.get(method)
            return waiting.pop(0) if waiting else None

    def answer(self, method: str, arguments: Json, authorization: str) -> Json:
        """Raises RefusedError and LimitedError."""
        with self._answered:
            try:
                return self._answer(method, arguments, authorization)
            finally:
                self._answered.notify_all()

    def _answer(self, method: str, arguments: Json, authorization: str) -> Json:
        if method == UPLOAD:
            self.requests.append((method, {"file": arguments["file"]}))
            receive_file(self, arguments["file"], arguments["body"])
            return {}
        arguments = self._noted(method, arguments)
        if method == RESPONSE_URL:
            respond(self, arguments.pop("secret"), arguments)
            return {}
        return hook(self, arguments) if method == WEBHOOK else self._called(method, arguments, authorization)

    def _noted(self, method: str, arguments: Json) -> Json:
        try:
            arguments = unpacked(arguments)
        finally:
            self.requests.append((method, arguments))
        return arguments

    def _called(self, method: str, arguments: Json, authorization: str) -> Json:
        return admit(self, method, arguments, authorization).does(self, arguments)


if __name__ == "__main__":
    with FakeSlack(port=int(sys.argv[1]), rate=1.0, burst=3) as server:
        print(f"token {server.token}\napp token {server.app_token}", flush=True)
        print(f"api {server.url}\nwebhook {server.webhook_url}", flush=True)
        told = 0
        while not server.closing.wait(0.2):
            for message in server.messages[told:]:
                print(
                    json.dumps({k: message[k] for k in ("channel", "ts", "text", "blocks")}, ensure_ascii=False),
                    flush=True,
                )
            told = len(server.messages)
