"""Watchlists: what each asks and where it alerts, how often it hit of late, what people say of its cards, and how it came to
be so."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.errors import ConfigError
from bot.feedback import shares_of
from bot.standings import Standing, changes, days_words, first_day, hits_words, share_words, standing
from bot.watchlists import Watchlist
from bot.web.author import NAMELESS, author, changes_of, key_of, may_write, new_key, refused
from bot.web.forms import form
from bot.web.rendering import page
from bot.web.room import Room
from bot.web.sheets import sheet_asked
from bot.web.sparkline import HEIGHT, sparkline, width

LISTED = 25  # watchlists on a page
LAST = 20  # hits
VERSIONS = 10
SHOWN = 30  # lines of what became of one
ANSWERED, ANSWERS = timedelta(days=90), 1_000  # how far back answers are counted, and how many at most
WORDS: dict[str, Any] = {
    "hits_words": hits_words,
    "days_words": days_words,
    "share_words": share_words,
    "sparkline": sparkline,
    "width": width,
    "height": HEIGHT,
    "answered": ANSWERED.days,
    "answers": f"{ANSWERS:,}",
}


def routes(room: Room) -> list[Route]:
    def lists(request: Request) -> Response:
        every = room.desk().watchlists
        last = max(1, -(-len(every) // LISTED))
        number = min(sheet_asked(request.query_params), last)
        shown = standings(room, every[(number - 1) * LISTED : number * LISTED])
        of: dict[str, Any] = {"standings": shown, "count_of_all": len(every), "number": number, "last": last}
        return page(request, "watchlists.html", may_write=may_write(room), **of, **WORDS)

    def one(request: Request) -> Response:
        return watchlist_page(request, room, request.path_params["name"])

    def undo(request: Request) -> Response:
        return _undone(request, room)

    return [
        Route("/watchlists", lists),
        Route("/watchlists/_undo", undo, methods=["POST"]),
        Route("/watchlists/{name}", one),
    ]


def _undone(request: Request, room: Room) -> Response:
    given = form(request)
    name, by = given.get("name", ""), author(given)
    if not may_write(room):
        return refused(request)
    if by is None:
        return watchlist_page(request, room, name, 422, wrong=f"Nothing was changed: {NAMELESS}.")
    try:
        said = changes_of(room).undo(name, by, key_of(given), "")
    except ConfigError as error:
        return watchlist_page(request, room, name, 409, wrong=str(error))
    return watchlist_page(request, room, name, said=said)


def watchlist_page(
    request: Request, room: Room, name: str, status: int = 200, *, said: str = "", wrong: str = ""
) -> Response:
    """`said` is what became of a change, `wrong` why there was none. A watchlist that was removed is there as long as its
    versions are."""
    versions = room.store.versions(name)
    present = present_of(room, name)
    if present is None and not versions:
        raise HTTPException(404)
    return page(
        request,
        "watchlist.html",
        status,
        name=name,
        standing=standings(room, [present])[0] if present else None,
        hits=room.store.last_hits(name, LAST),
        changes=changes(versions, VERSIONS),
        older=max(0, len(versions) - VERSIONS),
        shown=SHOWN,
        may_write=may_write(room),
        said=said,
        wrong=wrong,
        key=new_key(),
        **WORDS,
    )


def standings(room: Room, lists: Sequence[Watchlist]) -> list[Standing]:
    at, now, store = room.desk(), room.clock(), room.store
    today = now.astimezone(UTC).date()
    hits = store.hits_by_day(first_day(today))
    shares = shares_of(store.opinions(now - ANSWERED, ANSWERS))
    last = store.last_versions([one.name for one in lists])
    return [standing(one, at, hits.get(one.name, {}), shares.get(one.name), last.get(one.name), today) for one in lists]


def present_of(room: Room, name: str) -> Watchlist | None:
    return next((one for one in room.desk().watchlists if one.name == name), None)
