"""Awake: the line at the head of every page that says whether the desk is at work, so that silence is explained."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.errors import StoreError
from bot.web.metrics import STEPS
from bot.web.rendering import fragment, version_of
from bot.web.room import Room

ASLEEP = timedelta(hours=1)  # without asking any feed, or with something that waits
DONE = {"read": "read", "follow": "followed", "deliver": "delivered"}


@dataclass(frozen=True, slots=True)
class Awake:
    """`wrong` says in words what is not well; "" where all is."""

    asked: datetime | None = None  # when a feed was asked last
    article: datetime | None = None  # when the last article came
    waits: tuple[tuple[str, datetime], ...] = ()  # for which step something waits, since when
    wrong: str = ""


def awake(room: Room) -> Awake:
    now = room.clock()
    try:
        latest, since = room.store.latest(), room.store.waiting_since(now)
    except StoreError as error:
        return Awake(wrong=f"the store cannot be read: {error}")
    waits = tuple((STEPS[name], at) for name, at in since.items())
    asked = latest.get("asked")
    return Awake(asked, latest.get("article"), waits, _wrong(asked, waits, now))


def _wrong(asked: datetime | None, waits: tuple[tuple[str, datetime], ...], now: datetime) -> str:
    if asked is None:
        return "no feed was asked yet"
    if now - asked > ASLEEP:
        return "no feed was asked for over an hour"
    late = [step for step, since in waits if now - since > ASLEEP]
    return f"something has waited for over an hour to be {' and '.join(DONE[step] for step in late)}" if late else ""


def routes(room: Room) -> list[Route]:
    def line(request: Request) -> Response:
        found = awake(room)
        return fragment(request, "awake.html", version_of(found), awake=found)

    return [Route("/awake", line)]
