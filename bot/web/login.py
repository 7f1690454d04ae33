"""Login: the token, asked for once in a browser, which then has a cookie."""

import hmac
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.events import Event
from bot.web.door import LASTS, given_cookie, pass_for
from bot.web.forms import form
from bot.web.rendering import page
from bot.web.room import Room

MOST_WRONG = 5  # tries
WITHIN = timedelta(minutes=1)


@dataclass(slots=True)
class Tries:
    """The wrong ones of the last minute, whoever made them: behind a proxy all come from one address."""

    wrong: deque[datetime] = field(default_factory=lambda: deque(maxlen=MOST_WRONG))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def pause(self, now: datetime) -> bool:
        with self.lock:
            return len(self.wrong) == MOST_WRONG and now - self.wrong[0] < WITHIN

    def failed(self, now: datetime) -> None:
        with self.lock:
            self.wrong.append(now)


def routes(room: Room) -> list[Route]:
    tries = Tries()

    def ask(request: Request) -> Response:
        if not room.token:
            return RedirectResponse("/", 303)
        return page(request, "login.html", next=_inside(request.query_params.get("next", "/")), wrong="")

    def enter(request: Request) -> Response:
        given, now = form(request), room.clock()
        to = _inside(given.get("next", "/"))
        if tries.pause(now):
            wrong = "That was wrong too often. Wait a minute, then try again."
            return page(request, "login.html", 429, next=to, wrong=wrong)
        if not hmac.compare_digest(given.get("token", "").encode(), room.token.encode()):
            tries.failed(now)
            room.tell(Event("login_failed", {"why": "a wrong token was given for the pages"}))
            wrong = "This is not the token. It stands in TARIFFWATCH_HTTP_TOKEN where the desk runs."
            return page(request, "login.html", 403, next=to, wrong=wrong)
        cookie = given_cookie(request, pass_for(room.token, now + LASTS))
        return RedirectResponse(to, 303, headers={"Set-Cookie": cookie})

    def leave(request: Request) -> Response:
        return RedirectResponse("/login", 303, headers={"Set-Cookie": given_cookie(request, "")})

    return [
        Route("/login", ask, methods=["GET"]),
        Route("/login", enter, methods=["POST"]),
        Route("/logout", leave, methods=["POST"]),
    ]


def _inside(address: str) -> str:
    """A path of ours: nobody is led elsewhere after giving a token."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if ours else "/"
