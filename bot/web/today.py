"""Today: the stories of the last day, or of some days, the gravest first; and why there are none where there are none."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.alerts import FOLDED
from bot.board import Row, grouped, rows, sheet, sheets, standing, thread
from bot.desk import Desk
from bot.messages import counted
from bot.web.rendering import fragment, page, version_of
from bot.web.room import Room
from bot.web.sheets import sheet_asked

DAYS = {"1": "24 hours", "3": "3 days", "7": "7 days"}  # what can be asked for, and what it is called
MOST = 2000  # stories: what lies further back is another day's
OUTLETS = 5  # that are named


def routes(room: Room) -> list[Route]:
    def today(request: Request) -> Response:
        found = _found(room, *_asked(request))
        return page(request, "today.html", **found, version=_version(found))

    def stories(request: Request) -> Response:
        found = _found(room, *_asked(request))
        return fragment(request, "stories.html", _version(found), **found)

    return [Route("/", today), Route("/today/stories", stories)]


def _asked(request: Request) -> tuple[str, int]:
    """Days and sheet: what is none of ours is the first."""
    days = request.query_params.get("days", "")
    return days if days in DAYS else next(iter(DAYS)), sheet_asked(request.query_params)


def _found(room: Room, days: str, number: int) -> dict[str, Any]:
    now = room.clock()
    since = now - timedelta(days=int(days))
    severities = room.store.severities(since, MOST)
    number = min(number, sheets(len(severities)))
    found = _rows(room, sheet(severities, number), severities)
    return {
        "groups": grouped(found),
        "cards": {row.story.id: _told(row, room.desk(), now) for row in found},
        "count": len(severities),
        "choices": DAYS,
        "days": days,
        "number": number,
        "sheets": sheets(len(severities)),
        "most": OUTLETS,
        "silence": {} if severities else _silence(room, since),
        "waits": _waits(room.store.deliveries(now)),
    }


def _rows(room: Room, ids: Sequence[str], severities: Mapping[str, str]) -> tuple[Row, ...]:
    stories = room.store.stories(ids)
    told = room.store.told([name for story in stories for name in story.names])
    return rows(ids, stories, told, severities)


def _told(row: Row, at: Desk, now: datetime) -> list[tuple[str, str, str]]:
    """Of each channel its name, what became of its card, and where Slack shows it."""
    return [
        (card.channel, standing(card, at.settings_of(card.channel), now), thread(card.channel, card.receipt))
        for card in row.told
    ]


def _silence(room: Room, since: datetime) -> Mapping[str, Any]:
    """What was done though nothing came of it."""
    done = room.store.activity(since)
    told = {"articles": done["items"], "wanted": done["wanted"], "feeds": room.store.answered(since)}
    return {**told, **room.store.latest()}


def _waits(deliveries: Mapping[tuple[str, str], int]) -> str:
    """ "3 alerts wait for a digest"; "" for none."""
    folded = sum(number for (_, state), number in deliveries.items() if state == FOLDED)
    return f"{counted(folded, 'alert waits', 'alerts wait')} for a digest" if folded else ""


def _version(found: Mapping[str, Any]) -> str:
    """Of what is shown, but for the time. A card that is edited has another id."""
    shown = [row for _, group in found["groups"] for row in group]
    stories = [(row.story.id, row.severity, row.story.updated, row.card and row.card.id) for row in shown]
    cards = [[words for _, words, _ in told] for told in found["cards"].values()]
    return version_of(stories, cards, found["silence"], found["waits"], found["count"])
