"""Story: one story from its first article to its last — who claims what, why each joined, what was sent, what people did."""

from collections.abc import Sequence
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.actions import Action
from bot.alerts import Alert
from bot.board import thread
from bot.dossier import dossier, sendings
from bot.stories import Story, publishers
from bot.story_lines import headline, span
from bot.web.rendering import page
from bot.web.room import Room
from bot.web.sheets import sheet_asked

STEPS = 50  # a page
MATTERS = 12  # measures whose claims are compared
FACTS = 100  # articles whose facts are, the last of them
SENT = 100


def routes(room: Room) -> list[Route]:
    def story(request: Request) -> Response:
        name = request.path_params["name"]
        found = _found(room, name)
        if found is None:
            return _gone(request, room, name)
        if found.id != name:
            return RedirectResponse(f"/story/{quote(found.id, safe='')}", 302)  # a merge may be undone: not for ever
        return _shown(request, room, found)

    return [Route("/story/{name}", story)]


def _found(room: Room, name: str) -> Story | None:
    """By its id, that of one that was merged into it, or that of an article in it."""
    return room.store.story(name) or room.store.story_of(name)


def _shown(request: Request, room: Room, story: Story) -> Response:
    alerts = room.store.alerts(story_ids=story.names, limit=SENT + 1)
    facts = room.store.facts([m.article_id for m in story.members[-FACTS:]])
    told = dossier(story, facts, alerts[:SENT], _actions(room, story))
    pages = max(1, -(-len(told.steps) // STEPS))
    number = min(sheet_asked(request.query_params), pages)
    return page(
        request,
        "story.html",
        story=story,
        headline=headline(story),
        severity=_severity(alerts),
        publishers=publishers(story),
        span=span(story),
        dossier=told,
        claims=told.claims[:MATTERS],
        more_claims=len(told.claims[MATTERS:]),
        steps=told.steps[(number - 1) * STEPS : number * STEPS],
        number=number,
        pages=pages,
        more_sent=len(alerts) > SENT,
        thread=thread,
    )


def _actions(room: Room, story: Story) -> Sequence[Action]:
    done = (action for name in story.names for action in room.store.actions(story_id=name))
    return sorted(done, key=lambda action: action.at)


def _severity(alerts: Sequence[Alert]) -> str:
    """As it was told last; "" where nothing was."""
    return alerts[0].message.severity if alerts else ""


def _gone(request: Request, room: Room, name: str) -> Response:
    alerts = room.store.alerts(story_ids=[name], limit=20)
    return page(request, "story_gone.html", 404, sendings=sendings(alerts), thread=thread)
