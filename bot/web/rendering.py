"""Rendering: a page out of its template. Everything is escaped, a name that is missing is an error, and no page has a script or a
style in it."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import __version__
from bot.web.assets import address
from bot.web.filters import FILTERS, out
from bot.web.room import Room

Answer = Callable[[Request], Response]

FOLDER = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all a browser hides, in a form of ours, that it is of ours
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
AT_ONCE = 4  # pages in the making: the ticks of the daemon want the processor and the store too
UNCHANGED = 204  # htmx leaves what it has


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(FILTERS)
    made.globals.update(static=address, out=out, version_of=version_of, program=__version__)
    return made


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A whole page. Every template has `now`, `path`, and what the head of a page needs; nothing of the desk is on a page for who
    was not let in."""
    state = request.app.state
    room: Room = state.room
    inside = getattr(request.state, "let_in", False)
    common: dict[str, Any] = {
        "now": room.clock(),
        "path": request.scope["path"],
        "inside": inside,
        "navigation": state.navigation if inside else (),
        "signed_in": bool(room.token) and inside,
        "awake": state.awake(room) if inside else None,
    }
    return HTMLResponse(environment().get_template(template).render(common | values), status)


def fragment(request: Request, template: str, version: str, **values: Any) -> Response:
    """A part of a page for htmx, which asks for it again and again with `?seen=` the version that it has; nothing where that is
    still the one. The page includes the same template, with the same `version`."""
    if request.query_params.get("seen") == version:
        return Response(status_code=UNCHANGED)
    room: Room = request.app.state.room
    common = {"now": room.clock(), "path": request.scope["path"], "version": version, "live": True}
    return HTMLResponse(environment().get_template(template).render(common | values))


def version_of(*parts: object) -> str:
    """What tells one content of a fragment from another."""
    return hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest()[:16]


class Sealed:
    """An application each of whose answers has the headers that keep a page from running, framing or leaking anything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                more = [(k.lower().encode(), v.encode()) for k, v in (HEADERS | {"Cache-Control": "no-store"}).items()]
                message = {**message, "headers": [*message["headers"], *(one for one in more if one[0] not in given)]}
            await send(message)

        await self._app(scope, receive, sealed)


def in_turn(answer: Answer, turns: asyncio.Semaphore) -> Callable[[Request], Awaitable[Response]]:
    """`answer` in a thread, as many at once as there are turns; who waits for one takes no thread."""

    @wraps(answer)
    async def one(request: Request) -> Response:
        async with turns:
            return await run_in_threadpool(answer, request)

    return one
