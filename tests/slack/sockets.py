"""Socket Mode: a WebSocket server on 127.0.0.1 that hands each envelope to one connection and waits for its receipt."""

import itertools
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from websockets.http11 import Request, Response
    from websockets.sync.server import Server, ServerConnection

Json = dict[str, Any]
MOST_CONNECTIONS = 10
HOST = "applink-fake-1"


class UnansweredError(Exception):
    """What the person sees when no app answers: "dispatch_failed" without a connection, "operation_timeout" without a
    receipt in time."""


@dataclass(slots=True)
class Receipt:
    """`answers` are all that came for one envelope: two, if it was delivered twice."""

    arrived: threading.Event = field(default_factory=threading.Event)
    answers: list[Json] = field(default_factory=list)


class Sockets:
    """Listens from the first ticket on. `sent` are the envelopes, each delivery one; `leaving` the connections told to go."""

    def __init__(self, app: str, ack_within: float) -> None:
        self.app, self.ack_within = app, ack_within
        self.sent: list[tuple[int, Json]] = []  # the number of the connection, and the envelope
        self.receipts: dict[str, Receipt] = {}
        self.live: dict[int, ServerConnection] = {}
        self.leaving: set[int] = set()
        self.silent = False  # whether what connects hears nothing, and is not cut off either
        self.most = MOST_CONNECTIONS
        self.greeted: list[int] = []  # how many there were, at each hello
        self._tickets: set[str] = set()
        self._numbers = itertools.count(1)
        self._turn = 0
        self._server: Server | None = None
        self._changed = threading.Condition()

    def open(self) -> str:
        """The address for one connection."""
        with self._changed:
            if self._server is None:
                self._server = self._serve()
            ticket = f"ticket-{next(self._numbers)}"
            self._tickets.add(ticket)
            host, port = self._server.socket.getsockname()[:2]
        return f"ws://{host}:{port}/link/?ticket={ticket}&app_id={self.app}"

    def deliver(self, kind: str, payload: Json, *, answerable: bool, retries: int = 1) -> Json:
        """The payload of the receipt. Delivered again, to another connection if there is one, when none came in time."""
        number = next(self._numbers)
        envelope: Json = {"envelope_id": f"envelope-{number}", "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = answerable
        receipt = self.receipts.setdefault(f"envelope-{number}", Receipt())
        for attempt in range(retries + 1):
            again = {"retry_attempt": attempt, "retry_reason": "timeout"} if attempt else {}
            if not self._send({**envelope, **again}):
                raise UnansweredError("dispatch_failed")
            if receipt.arrived.wait(self.ack_within):
                return receipt.answers[0] if answerable else {}
        raise UnansweredError("operation_timeout")

    def redeliver(self) -> None:
        """The last envelope once more, as Slack does when a receipt was lost on its way; waits for the second receipt."""
        envelope = self.sent[-1][1]
        receipt = self.receipts[envelope["envelope_id"]]
        receipt.arrived.clear()
        if not self._send({**envelope, "retry_attempt": 1, "retry_reason": "timeout"}):
            raise UnansweredError("dispatch_failed")
        if not receipt.arrived.wait(self.ack_within):
            raise UnansweredError("operation_timeout")

    def disconnect(self, reason: str = "refresh_requested") -> int:
        """Tells the oldest connection to go; it gets no envelopes any more. Returns its number."""
        number = min(self._staying())
        self.leaving.add(number)
        self._write(number, {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}})
        return number

    def drop(self) -> None:
        """All connections are gone without a word."""
        with self._changed:
            dropped, self.live = self.live, {}
        for connection in dropped.values():
            _cut(connection)

    def silence(self) -> None:
        """Nothing is said any more on any connection, and none is cut: as when a wall between has forgotten them."""
        self.silent = True
        for connection in list(self.live.values()):
            _hush(connection)

    def ping(self, within: float = 3.0) -> bool:
        """Whether each connection answers a ping."""
        waiting = [connection.ping() for connection in list(self.live.values())]
        return bool(waiting) and all(pong.wait(within) for pong in waiting)

    def wait(self, connections: int = 1, within: float = 5.0) -> bool:
        """Until so many are there that were not told to go."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._staying()) == connections, within)

    def newer(self, than: int, within: float = 5.0) -> bool:
        """Waits until all that stay were opened after the connection of that number, and there is one."""
        with self._changed:
            return self._changed.wait_for(lambda: min(self._staying(), default=0) > than, within)

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self.drop()

    # inside

    def _staying(self) -> list[int]:
        with self._changed:  # which is held until a connection has its hello
            return [number for number in self.live if number not in self.leaving]

    def _send(self, envelope: Json) -> bool:
        """To the next connection in turn that takes it."""
        for number in self._in_turn():
            self.sent.append((number, envelope))
            if self._write(number, envelope):
                return True
            self.sent.pop()
        return False

    def _in_turn(self) -> Iterator[int]:
        staying = sorted(self._staying())
        self._turn += 1
        yield from (staying[(self._turn + place) % len(staying)] for place in range(len(staying)))

    def _write(self, number: int, what: Json) -> bool:
        from websockets.exceptions import ConnectionClosed

        try:
            self.live[number].send(json.dumps(what))
        except (KeyError, ConnectionClosed):
            return False
        return True

    def _serve(self) -> "Server":
        from websockets.sync.server import serve

        # Slack pings too, only less often: Slack's client sits three seconds over a line that says nothing before it lets go.
        server = serve(self._talk, "127.0.0.1", 0, process_request=self._let_in, ping_interval=0.2, close_timeout=0.1)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def _let_in(self, connection: "ServerConnection", request: "Request") -> "Response | None":
        ticket = parse_qs(urlsplit(request.path).query).get("ticket", [""])[0]
        with self._changed:
            if ticket not in self._tickets:
                return connection.respond(HTTPStatus.FORBIDDEN, "invalid ticket\n")
            self._tickets.remove(ticket)
        if self.silent:
            _hush(connection)
        return None

    def _talk(self, connection: "ServerConnection") -> None:
        from websockets.exceptions import ConnectionClosed

        number = self._enter(connection)
        try:
            if number:
                for text in connection:
                    self._take(json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            with self._changed:
                self.live.pop(number, None)
                self._changed.notify_all()

    def _enter(self, connection: "ServerConnection") -> int:
        """Says hello. 0: one too many."""
        with self._changed:
            if len(self.live) >= self.most:
                connection.send(
                    json.dumps({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {"host": HOST}})
                )
                return 0
            number = next(self._numbers)
            self.greeted.append(len(self.live) + 1)
            connection.send(json.dumps(self._hello(self.greeted[-1])))
            self.live[number] = connection
            self._changed.notify_all()
        return number

    def _hello(self, connections: int) -> Json:
        debug = {"host": HOST, "build_number": 1, "approximate_connection_time": 18060}
        return {
            "type": "hello",
            "num_connections": connections,
            "debug_info": debug,
            "connection_info": {"app_id": self.app},
        }

    def _take(self, answer: Json) -> None:
        receipt = self.receipts.get(str(answer.get("envelope_id")))
        if receipt is not None:
            receipt.answers.append(answer.get("payload") or {})
            receipt.arrived.set()


def _hush(connection: "ServerConnection") -> None:
    connection.protocol.send_frame = lambda frame: None  # type: ignore[method-assign]  # pongs are sent there too


def _cut(connection: "ServerConnection") -> None:
    with suppress(OSError):
        connection.socket.shutdown(socket.SHUT_RDWR)
