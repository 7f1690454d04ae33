"""The HTTP server of the daemon: is it alive, is it ready, its figures, and what is put beside them: the pages."""

import hmac
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.errors import ConfigError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
MOST_AT_ONCE = 128  # connections: a browser opens six
MOST_HEADERS = 16_384  # bytes


@dataclass(frozen=True, slots=True)
class Answers:
    """What is told: what is wrong with the process, what keeps it from its work, and the figures."""

    alive: Callable[[], list[str]]
    ready: Callable[[], list[str]]
    metrics: Callable[[], bytes]


def application(answers: Answers, token: str = "", site: Sequence[BaseRoute] = ()) -> Starlette:
    """Without a token only who names this machine is answered, so that no page in a browser can ask by another name. `site` is
    asked for what is none of these, and looks for itself who asks."""

    async def healthz(request: Request) -> Response:  # not in a thread: it must answer when all of them hang
        return _said(answers.alive())

    def readyz(request: Request) -> Response:
        return _refusal(request, token) or _said(answers.ready())

    def metrics(request: Request) -> Response:
        told = _refusal(request, token)
        return told or Response(answers.metrics(), headers=HEADERS, media_type=CONTENT_TYPE_LATEST)

    own = (Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics))
    return Starlette(routes=[*own, *site])


def _said(wrong: list[str]) -> Response:
    return PlainTextResponse("\n".join(wrong or ["ok"]) + "\n", 503 if wrong else 200, headers=HEADERS)


def _refusal(request: Request, token: str) -> Response | None:
    if token:
        if bears(request, token):
            return None
        return PlainTextResponse("a token is needed\n", 401, headers=HEADERS | {"WWW-Authenticate": "Bearer"})
    if request.url.hostname in LOOPBACK:
        return None
    return PlainTextResponse("ask for this machine by its own name\n", 421, headers=HEADERS)


def bears(request: Request, token: str) -> bool:
    """Whether the token is sent along; never where there is none."""
    given = request.headers.get("authorization", "").encode("latin-1")
    return bool(token) and hmac.compare_digest(given, f"Bearer {token}".encode())


@contextmanager
def serving(app: Starlette, listen: tuple[str, int]) -> Iterator[int]:
    """Answers in a thread of its own for as long as the block runs; gives the port. Raises ConfigError when it is taken."""
    with _bound(listen) as waiting:
        config = uvicorn.Config(
            app,
            log_level="critical",
            access_log=False,
            lifespan="off",
            server_header=False,
            limit_concurrency=MOST_AT_ONCE,
            h11_max_incomplete_event_size=MOST_HEADERS,
            timeout_graceful_shutdown=1,
            http="h11",
            ws="none",
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([waiting],), name="http", daemon=True)
        thread.start()
        try:
            yield int(waiting.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(3)


def _bound(listen: tuple[str, int]) -> socket.socket:
    try:
        bound = socket.create_server(listen, family=socket.AF_INET6 if ":" in listen[0] else socket.AF_INET)
    except OSError as error:
        where = "{}:{}".format(*listen)
        hint = "name another port in http.listen"
        raise ConfigError(f"nothing can be served at {where}: {error.strerror}", hint=hint) from error
    # What is accepted inherits it. asyncio sets it only on sockets that say that they are of TCP, and these do not: each answer
    # would wait 40 ms for an acknowledgement.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound
