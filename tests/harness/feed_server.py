"""A hostile server of feeds and pages: real sockets on loopback, and for each path the very bytes to answer with.

    def test_a_bomb_is_given_up(site: Site) -> None:
        site.answers["/rss"] = bomb(30_000_000)
        fetched = get(site.url("/rss"))
        assert fetched.error.startswith("too_large")

An answer is bytes, or a function that is given the socket: `reply` makes proper bytes (and improper ones: `length` lies,
`headers` may be of any size), `moved` a redirect, `bomb` a small body that unpacks to a large one, `dripping` bytes that never
end, `reset` a connection torn down. `asked` has the heads of all requests as they came, `busiest` how many were open at once.
"""

import gzip
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from bot.feeds import Fetched, FetchRequest
from bot.sources.http import MOST_BYTES, HttpFetcher

AGENT = "tariffwatch/0 (+desk@example.org; feed poller)"
ALLOW = ("127.0.0.0/8", "::1")  # where this server is
Answer = bytes | Callable[[socket.socket], None]


def reply(body: bytes = b"<rss/>", *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    size = f"Content-Length: {len(body) if length is None else length}"
    return "\r\n".join([f"HTTP/1.1 {status}", size, "Connection: close", *headers, "", ""]).encode("latin-1") + body


def moved(to: str, status: int = 302) -> bytes:
    return reply(b"", f"Location: {to}", status=f"{status} Found")


def bomb(size: int) -> bytes:
    return reply(gzip.compress(b"\0" * size), "Content-Encoding: gzip")


def reset(connection: socket.socket) -> None:
    """Half an answer, then a RST in place of a FIN."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<rss>")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@dataclass
class Site:
    """Answers each path with the bytes set for it, and remembers what it was asked."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # request heads, as received
    closing: threading.Event = field(default_factory=threading.Event)
    busy: int = 0
    busiest: int = 0
    server: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def port(self) -> int:
        return int(self.server.getsockname()[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def serve(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            head = b""
            while b"\r\n\r\n" not in head and not head.startswith(b"\x16") and (more := connection.recv(65536)):
                head += more
            with self.lock:
                self.asked.append(head.decode("latin-1"))
                self.busy += 1
                self.busiest = max(self.busiest, self.busy)
            try:
                answer = self.answers.get(head.split()[1].decode("latin-1"), reply(b"", status="404 Not Found"))
                connection.sendall(answer) if isinstance(answer, bytes) else answer(connection)
            except OSError:
                pass  # the client has hung up, as some tests want it to
            finally:
                with self.lock:
                    self.busy -= 1

    def dripping(self, head: bytes, drop: bytes) -> Callable[[socket.socket], None]:
        def answer(connection: socket.socket) -> None:
            connection.sendall(head)
            while not self.closing.wait(0.02):
                connection.sendall(drop)

        return answer


@contextmanager
def served() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.serve, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        site.server.shutdown(socket.SHUT_RDWR)
        site.server.close()
        thread.join(2)


@cache  # each reads all the certificates that the machine trusts
def fetcher(seconds: float = 5.0, most_bytes: int = MOST_BYTES, allow: tuple[str, ...] = ALLOW) -> HttpFetcher:
    return HttpFetcher(AGENT, deadline=timedelta(seconds=seconds), most_bytes=most_bytes, allow=allow)


def get(url: str, seconds: float = 5.0, accept: str = "feed", allow: tuple[str, ...] = ALLOW) -> Fetched:
    """What becomes of one request; the server's own address is allowed, unless it is told not to be."""
    (fetched,) = fetcher(seconds, allow=allow).fetch([FetchRequest(url, {}, accept)])
    return fetched
