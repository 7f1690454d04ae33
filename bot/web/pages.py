"""The pages: which there are, in the order of the navigation, and what becomes of what no page answers."""

import asyncio
from collections.abc import Callable
from inspect import iscoroutinefunction

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from bot.errors import StoreError
from bot.events import Event
from bot.web import assets, awake, box, health, ledger, login, story, today, watchlists, why
from bot.web.door import Door
from bot.web.rendering import AT_ONCE, Sealed, in_turn, page
from bot.web.room import Room

NAVIGATION = (
    ("Today", "/"),
    ("Ledger", "/ledger"),
    ("Watchlists", "/watchlists"),
    ("Why", "/why"),
    ("Health", "/health"),
)
PAGES: tuple[Callable[[Room], list[Route]], ...] = (
    today.routes,
    ledger.routes,
    story.routes,
    box.routes,  # before those of watchlists, which would take its addresses for names
    watchlists.routes,
    why.routes,
    health.routes,
    awake.routes,
    login.routes,
)


def site(room: Room) -> list[BaseRoute]:
    """All of it, to be asked after what else the server answers."""
    turns = asyncio.Semaphore(AT_ONCE)
    routes = [_few(route, turns) for made in PAGES for route in made(room)]
    app = Starlette(
        routes=[*routes, *assets.routes()],
        middleware=[Middleware(GZipMiddleware, minimum_size=500, compresslevel=5), Middleware(Door, room=room)],
        exception_handlers={HTTPException: _missing, StoreError: _no_store, Exception: _fault},
    )
    app.state.room, app.state.navigation, app.state.awake = room, NAVIGATION, awake.awake
    return [Mount("/", app=Sealed(app))]


def _few(route: Route, turns: asyncio.Semaphore) -> Route:
    if iscoroutinefunction(route.endpoint):
        return route
    return Route(route.path, in_turn(route.endpoint, turns), methods=list(route.methods or ()), name=route.name)


def _missing(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    words = "There is no page at this address. It may be of a story or an article that is no longer kept."
    return page(request, "refused.html", status, title="Nothing here", words=words)


def _no_store(request: Request, error: Exception) -> Response:
    """What the database said is fit for people, and says what to do."""
    return page(request, "refused.html", 503, title="The store cannot be read", words=str(error), again=True)


def _fault(request: Request, error: Exception) -> Response:
    request.app.state.room.tell(
        Event("page_failed", {"path": request.scope["path"], "error": f"{type(error).__name__}: {error}"})
    )
    words = "This is a fault of the program, and nothing that you did. The desk goes on. Its log says page_failed."
    return page(request, "refused.html", 500, title="This page broke", words=words)
