"""The ledger: which measures stand on a day, the rates on India's goods over time, and one measure with its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import statement
from bot.ledger import seeded
from bot.ledger_sheet import called, choices, days, fitting, goods_words, ground, place, reach, sides
from bot.measures import SECTIONS, Measure
from bot.statement import HEADINGS
from bot.step_chart import LEGEND, Course, chart_words, course, courses, step_chart
from bot.web.asking import Asked, asked, sent
from bot.web.rendering import page
from bot.web.room import Room

SHOWN = 25  # lines of a page
ROWS = 12  # of one measure, in the table beside a chart of several
KINDS = {"new": "First told", "confirms": "Confirmed", "changes": "Changed", "contradicts": "Contradicted"}
SAY = {"called": called, "goods_words": goods_words, "ground": ground, "reach": reach, "kinds": KINDS}


@dataclass(frozen=True, slots=True)
class _Known:
    """`of_seed`: the store has learned nothing yet."""

    measures: Sequence[Measure]
    of_seed: bool
    days: tuple[date, ...]


class _Shelf:
    """The measures as they were read last, read anew when something was told since."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._read: tuple[str, tuple[Measure, ...]] = ("", ())

    def known(self) -> _Known:
        mark = self._room.store.ledger_mark()  # before it is read: what is told meanwhile is read the next time
        if self._read[0] != mark:
            self._read = mark, tuple(self._room.store.measures())
        measures, unwritten = seeded(self._read[1], self._room.seed)
        today = self._room.clock().astimezone(UTC).date()
        return _Known(measures, bool(unwritten), days(measures, today))


def routes(room: Room) -> list[Route]:
    shelf = _Shelf(room)

    def sheet(request: Request) -> Response:
        known = shelf.known()
        wish = asked(request.query_params, known.days)
        if sent(request.query_params) and not wish.wrong:
            return RedirectResponse(wish.at(), 303)
        return page(request, "ledger.html", **_sheet(known, wish))

    def as_csv(request: Request) -> Response:
        return _export(request, shelf.known(), "csv")

    def as_json(request: Request) -> Response:
        return _export(request, shelf.known(), "json", room.seed_as_of)

    def measure(request: Request) -> Response:
        known = shelf.known()
        found = next((one for one in known.measures if one.id == request.path_params["id"]), None)
        if found is None:
            raise HTTPException(404)
        wish = asked(request.query_params, days([found], known.days[-1]))
        path = f"/ledger/{quote(found.id)}"
        if sent(request.query_params) and not wish.wrong:
            return RedirectResponse(wish.at(path), 303)
        return page(request, "measure.html", path_here=path, **_measure(found, known, wish))

    return [
        Route("/ledger", sheet),
        Route("/ledger.csv", as_csv),
        Route("/ledger.json", as_json),
        Route("/ledger/{id:path}", measure),
    ]


def _sheet(known: _Known, wish: Asked) -> dict[str, Any]:
    lines = statement.lines(known.measures, wish.day)
    fits = fitting(lines, wish.wanted)
    last = max(1, -(-len(fits) // SHOWN))
    number = min(wish.number, last)
    shown = fits[(number - 1) * SHOWN : number * SHOWN]
    drawn, more = courses(fits, wish.day)
    return _common(known, wish, known.days) | {
        "counts": [(name, HEADINGS[name], sum(line.section == name for line in fits)) for name in SECTIONS],
        "lines": lines,
        "fits": fits,
        "parts_shown": [
            (HEADINGS[name], part) for name in SECTIONS if (part := [one for one in shown if one.section == name])
        ],
        "number": number,
        "last": last,
        "choices": choices(lines, wish.wanted),
        "sides": sides(fits),
        "more": more,
        **_drawn(drawn, wish.day),
    }


def _measure(found: Measure, known: _Known, wish: Asked) -> dict[str, Any]:
    told = statement.history([found], wish.day)[::-1]
    last = max(1, -(-len(told) // SHOWN))
    number = min(wish.number, last)
    return _common(known, wish, days([found], wish.today)) | {
        "measure": found,
        "holds": statement.lines([found], wish.day),
        "told": told,
        "shown": told[(number - 1) * SHOWN : number * SHOWN],
        "number": number,
        "last": last,
        **_drawn((course(found, wish.day),), wish.day),
    }


def _common(known: _Known, wish: Asked, steps: Sequence[date]) -> dict[str, Any]:
    return {"asked": wish, "days": steps, "step": place(steps, wish.day), "of_seed": known.of_seed, **SAY}


def _drawn(shown: Sequence[Course], day: date) -> dict[str, Any]:
    return {
        "courses": shown,
        "chart": step_chart(shown, day),
        "seen": chart_words(shown, day),
        "legend": LEGEND,
        "rows": ROWS,
    }


def _export(request: Request, known: _Known, kind: str, as_of: date | None = None) -> Response:
    """The lines that the page has, all of them."""
    wish = asked(request.query_params, known.days)
    if wish.wrong:
        return PlainTextResponse(wish.wrong.removesuffix(" This is today.") + "\n", 400)
    shown = fitting(statement.lines(known.measures, wish.day), wish.wanted)
    headers = {"Content-Disposition": f'attachment; filename="ledger-{wish.day.isoformat()}.{kind}"'}
    if kind == "csv":
        return Response(statement.as_csv(shown), headers=headers, media_type="text/csv")
    told = statement.as_json(shown, wish.day, as_of if known.of_seed else None)
    return Response(told, headers=headers, media_type="application/json")
