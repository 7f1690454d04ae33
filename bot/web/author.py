"""The author: whether the settings let anybody write from a page, and who says that they did. Nobody is signed in as a person,
so a name is what somebody calls themselves."""

import secrets
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from bot.interactive.acts import Person
from bot.interactive.changes import PAGE, Changes
from bot.messages import one_line
from bot.web.rendering import page
from bot.web.room import Room

LONGEST = 60  # characters of a name
NAMELESS = "write your name: it is kept with the change"
CLOSED = "The settings do not let this page change watchlists. Whoever keeps them can: `edit: true` under `http` in config.yaml."


def may_write(room: Room) -> bool:
    return room.live is not None and room.live.settings.http_edit


def changes_of(room: Room) -> Changes:
    assert room.live is not None
    return Changes(room.live, room.clock, PAGE)


def author(given: Mapping[str, str]) -> Person | None:
    """None where no name is given that could be kept."""
    name = one_line(given.get("by", ""))
    return Person(f"page: {name}", name) if 0 < len(name) <= LONGEST else None


def new_key() -> str:
    """Of a form: what is sent twice with it is done once."""
    return secrets.token_urlsafe(12)


def key_of(given: Mapping[str, str]) -> str:
    return f"page\x1f{given.get('key') or new_key()}"


def refused(request: Request) -> Response:
    return page(request, "refused.html", 403, title="Nothing is changed here", words=CLOSED)
