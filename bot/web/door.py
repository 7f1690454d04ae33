"""The door: who is let in to the pages, and which requests change anything.

no token: who names this machine | token: who sends it, or has the cookie that it gave at /login
"""

import asyncio
import hashlib
import hmac
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from urllib.parse import quote, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.web.forms import LARGEST
from bot.web.rendering import page
from bot.web.room import Room
from bot.web.server import LOOPBACK, bears

COOKIE = "tariffwatch"
LASTS = timedelta(days=30)
OPEN = ("/login", "/static/")  # for who has no cookie yet
READS = ("GET", "HEAD")
PATIENCE = 10.0  # seconds for the body of a form


def pass_for(token: str, until: datetime) -> str:
    """What stands in the cookie: the token cannot be had from it, and it ends by itself."""
    ends = str(int(until.timestamp()))
    return f"{ends}.{hmac.new(token.encode(), f'pages until {ends}'.encode(), hashlib.sha256).hexdigest()}"


def holds(token: str, given: str, now: datetime) -> bool:
    """Whether the pass is one of ours and not over."""
    ends = given.partition(".")[0]
    if not (ends.isascii() and ends.isdigit() and len(ends) < 12):
        return False
    until = datetime.fromtimestamp(int(ends), now.tzinfo)
    return hmac.compare_digest(pass_for(token, until).encode(), given.encode()) and now < until


class Door:
    """Refuses, or reads the form and lets in."""

    def __init__(self, app: ASGIApp, room: Room) -> None:
        self._app, self._room = app, room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        answer = self._refused(request)
        if answer is None and request.method not in READS:
            answer = await self._read(request)
        await (answer or self._app)(scope, receive, send)

    def _refused(self, request: Request) -> Response | None:
        if not self._room.token and request.url.hostname not in LOOPBACK:
            words = "Ask for this machine by its own name: open http://127.0.0.1 with the port, or set a token."
            return page(request, "refused.html", 421, title="Not by this name", words=words)
        if request.method not in READS and not (bears(request, self._room.token) or of_ours(request)):
            words = "This was sent by another site, or by a browser that does not say. Nothing was changed."
            return page(request, "refused.html", 403, title="Not from elsewhere", words=words)
        request.state.let_in = not self._room.token or self._known(request)
        if request.state.let_in or request.scope["path"].startswith(OPEN):
            return None
        return _to_login(request)

    def _known(self, request: Request) -> bool:
        given = request.cookies.get(COOKIE, "")
        return bears(request, self._room.token) or holds(self._room.token, given, self._room.clock())

    async def _read(self, request: Request) -> Response | None:
        try:
            request.state.body = await asyncio.wait_for(_body(request), PATIENCE)
        except (TimeoutError, ClientDisconnect):
            return page(request, "refused.html", 408, title="It took too long", words="Send it again.")
        if len(request.state.body) > LARGEST:
            words = "Nothing was changed: what was sent is longer than anything that a page asks for."
            return page(request, "refused.html", 413, title="Too long", words=words)
        return None


def of_ours(request: Request) -> bool:
    """Whether a page of ours sent it: no page of another site can say so."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host")


async def _body(request: Request) -> bytes:
    """No more than one piece over what is allowed."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            break
    return body


def _to_login(request: Request) -> Response:
    """The way there, which a part of a page takes the whole page along."""
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    query = request.scope["query_string"].decode("latin-1")
    back = request.scope["path"] + (f"?{query}" if query else "")
    return RedirectResponse(f"/login?next={quote(back)}", 303)


def given_cookie(request: Request, value: str) -> str:
    """The Set-Cookie header: out of reach of scripts and of other sites; `value` "" takes it back."""
    cookie: SimpleCookie = SimpleCookie({COOKIE: value})
    told = cookie[COOKIE]
    told["path"], told["httponly"], told["samesite"] = "/", True, "Strict"
    told["max-age"] = int(LASTS.total_seconds()) if value else 0
    if "https" in (request.scope["scheme"], request.headers.get("x-forwarded-proto", "").lower()):
        told["secure"] = True
    return told.OutputString()
