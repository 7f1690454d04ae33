"""Health: feeds, steps and deliveries, each with what helps where it is not well."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.deliveries import SHOWN, advice, queues
from bot.feeds import ALWAYS, due_at
from bot.health import CONDITIONS, FAILING, HEALTHY, SILENT, STALE, Health, healths, usual_gap
from bot.heartbeat import ASK, TO_DO, span
from bot.web.rendering import page
from bot.web.room import Room
from bot.web.sheets import sheet_asked

SHEET = 50  # feeds
FRESH = timedelta(seconds=10)
DAY, WEEK = timedelta(days=1), timedelta(days=7)  # what was sent, and what was given up, is shown of
MOST_DEAD = 10
ORDER = (*CONDITIONS, HEALTHY)
SORTS: Mapping[str, tuple[str, Callable[[Health], Any]]] = {
    "state": ("State", lambda one: (ORDER.index(one.condition), one.feed.outlet.casefold())),
    "outlet": ("Feed", lambda one: one.feed.outlet.casefold()),
    "last": ("Last article", lambda one: one.state.newest or ALWAYS),
    "next": ("Next poll", lambda one: due_at(one.state)),
}
STEPS = (  # what waits, what it is called, which tick does it
    ("unread", "Reading", "read"),
    ("unfollowed", "Following", "read"),
    ("alerts", "Delivering", "deliver"),
)
UNDELIVERED = ("queued", "sending", "unknown", "parked")


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the feeds is to be seen: `state` "" for all."""

    sort: str
    state: str
    number: int

    def address(self, **other: object) -> str:
        told = {"sort": self.sort, "state": self.state, "page": self.number} | other
        return "/health?" + "&".join(f"{name}={value}" for name, value in told.items()) + "#feeds"


class Look:
    """The last look at all feeds, which holds for a moment: of fifty thousand it takes a second of the processor."""

    def __init__(self, room: Room) -> None:
        self._room, self._lock = room, threading.Lock()
        self._at: datetime | None = None
        self._found: tuple[Health, ...] = ()

    def feeds(self, now: datetime) -> tuple[Health, ...]:
        with self._lock:
            if self._at is None or not timedelta(0) <= now - self._at < FRESH:
                self._found = healths(self._room.desk().feeds, self._room.store.feed_states(), now)
                self._at = now
            return self._found


def routes(room: Room) -> list[Route]:
    look = Look(room)

    def health(request: Request) -> Response:
        now = room.clock()
        feeds = _feeds(look.feeds(now), asked(request), now)
        values = feeds | _steps(room, now) | _deliveries(room, now) | _program(room)
        return page(request, "health.html", **values)

    return [Route("/health", health)]


def asked(request: Request) -> Asked:
    """What is none of ours is as if it were not asked for."""
    given = request.query_params
    sort, state = given.get("sort", ""), given.get("state", "")
    return Asked(
        sort if sort in SORTS else "state",
        state if state in ORDER else "",
        sheet_asked(given),
    )


def _feeds(found: Sequence[Health], wanted: Asked, now: datetime) -> dict[str, Any]:
    shown = sorted((one for one in found if wanted.state in ("", one.condition)), key=SORTS[wanted.sort][1])
    sheets = max(1, -(-len(shown) // SHEET))
    number = min(wanted.number, sheets)
    return {
        "conditions": Counter(one.condition for one in found),
        "order": ORDER,
        "feeds": [(one, _next(one, now), words(one)) for one in shown[(number - 1) * SHEET : number * SHEET]],
        "all_feeds": len(found),
        "asked": wanted,
        "number": number,
        "sheets": sheets,
        "sorts": {name: title for name, (title, _) in SORTS.items()},
        "usual_gap": usual_gap,
    }


def _next(one: Health, now: datetime) -> datetime | None:
    """When it is asked again; None for at once."""
    due = due_at(one.state)
    return due if due > now else None


def words(one: Health) -> tuple[str, str]:
    """What is wrong with a feed, and what to do about it."""
    if one.condition == FAILING:
        return one.state.error, TO_DO.get(one.error, ASK.replace("`", ""))
    if one.condition == SILENT:
        return f"usually an article within {span(one.state.gap)}", "look whether the site has another feed now"
    if one.condition == STALE:
        late = "not asked yet" if one.state.polled_at is None else "not asked when it was due"
        return late, "the program is behind: look at its log"
    return one.state.error, ""


def _steps(room: Room, now: datetime) -> dict[str, Any]:
    counts, since = room.store.counts(now), room.store.waiting_since(now)
    with room.meter.lock:
        ticks = dict(room.meter.ticks)
    waits = dict(counts) | {"alerts": sum(counts[f"alerts_{state}"] for state in UNDELIVERED) - counts["alerts_held"]}
    behind = [(name, waits[key], since.get(key), ticks.get(tick)) for key, name, tick in STEPS]
    return {"steps": [("Collecting", None, None, ticks.get("collect")), *behind], "counts": counts}


def _deliveries(room: Room, now: datetime) -> dict[str, Any]:
    store, since = room.store, now - WEEK
    found = queues(store.deliveries(since), store.waiting(now), _channels(room))
    return {
        "queues": [(queue, advice(queue, now)) for queue in found],
        "states": SHOWN,
        "dead": store.dead(since, MOST_DEAD),
        "sent": store.sent([queue.channel for queue in found], now - DAY),
    }


def _channels(room: Room) -> Sequence[str]:
    at = room.desk()
    named = [channel for watchlist in at.watchlists for channel in watchlist.channels or (at.channel,)]
    return list(dict.fromkeys([*named, *(one.channel for one in at.channel_settings), *filter(None, [at.ops_channel])]))


def _program(room: Room) -> dict[str, Any]:
    return {"wrong": room.ready(), "model": room.model(), "sizes": room.sizes()}
