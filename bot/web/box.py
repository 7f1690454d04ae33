"""The box: a query typed in, what is wrong with it and where, what it would have told of the last weeks; and, where the settings
allow it, the way to save it."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.archive import stored
from bot.dry_run import dry_run
from bot.errors import ConfigError, QueryError
from bot.interactive.changes import mark
from bot.interactive.drafts import Draft, draft_in, typed_query, wrong
from bot.messages import counted
from bot.nlp.keywords import PlainReader
from bot.tryout import DAYS, MOST, Tryout, alerts_by_day, span_words, tryout
from bot.watchlists import DIGEST, Watchlist, compile_watchlist
from bot.web.author import NAMELESS, author, changes_of, key_of, may_write, new_key, refused
from bot.web.forms import form
from bot.web.rendering import page
from bot.web.room import Room
from bot.web.watchlists import WORDS, present_of, watchlist_page

PATIENCE, GLANCE = 5.0, 1.0  # seconds for a try-out; for a glance while somebody types
PAST = 200  # articles of a glance
BUSY = "Another query is being tried at the moment. Try yours again when that is done, in some seconds."
TAKEN = "there is a watchlist of that name already: change that one, or choose another name"
UNANSWERED = "No answer came: the desk is away, or too busy. Try it again in a moment."
EMPTY = "There is no query yet: write one, such as SENT/1($INDIA $US) sector:seafood."


@dataclass(frozen=True, slots=True)
class Look:
    """What is said of a query: `wrong` what is wrong with it and where, with the line, a caret under the place, and a hint;
    `words` what a glance saw, or how far a try-out came; `tried` what it would have told."""

    wrong: str = ""
    shown: str = ""
    hint: str = ""
    doubts: tuple[str, ...] = ()
    words: str = ""
    tried: Tryout | None = None


@dataclass(slots=True)
class Box:
    """One query at a time is tried: that wants a processor for some seconds. `seconds` are those of a clock that only goes on."""

    room: Room
    seconds: Callable[[], float] = time.monotonic
    trying: threading.Lock = field(default_factory=threading.Lock)

    def look(self, draft: Draft, *, whole: bool) -> Look:
        """`whole`: with a try-out; else a glance."""
        if not draft.query:
            return Look(words=EMPTY if whole else "")
        try:
            tried = self.compiled(draft)
        except QueryError as error:
            return _misread(error, draft.query)
        if not self.trying.acquire(blocking=False):
            return Look(doubts=tried.doubts, words=BUSY if whole else "")
        try:
            return self._tried(tried) if whole else self._glanced(tried)
        finally:
            self.trying.release()

    def compiled(self, draft: Draft) -> Watchlist:
        """As it would watch, with what of the present version the box does not show. Raises QueryError."""
        at, present = self.room.desk(), present_of(self.room, draft.name)
        tried = compile_watchlist(draft.name or "the query", draft.query, at.vocabulary, topics=self._topics())
        return replace(tried, languages=present.languages) if present else tried

    def _topics(self) -> list[str]:
        live = self.room.live
        return [topic.name for topic in (live.settings.topics if live else self.room.desk().topics)]

    def _tried(self, tried: Watchlist) -> Look:
        going, read = self._going(PATIENCE), PlainReader().read
        ids = self._newest(MOST)
        topics = [name for name in self._topics() if name in tried.query_text]
        told = tryout(stored(self.room.store, ids), tried, present_of(self.room, tried.name), read, going, topics)
        return Look(doubts=tried.doubts, words=span_words(told, len(ids)), tried=told)

    def _glanced(self, tried: Watchlist) -> Look:
        going, at = self._going(GLANCE), self.room.desk()
        present = present_of(self.room, tried.name)
        before, after = (replace(at, watchlists=lists) for lists in ((present,) if present else (), (tried,)))
        run = dry_run(self.room.store.analysed(self._newest(PAST)), before, after, PlainReader().read, going)
        was = f", {run.before[tried.name]:,} as it stands" if present else ""
        hits = f"At a glance: hits {run.now[tried.name]:,} of the last {counted(run.articles, 'article')}{was}."
        return Look(doubts=tried.doubts, words=hits)

    def _newest(self, most: int) -> list[str]:
        return self.room.store.newest_since(self.room.clock() - timedelta(days=DAYS), most)

    def _going(self, patience: float) -> Callable[[], bool]:
        end = self.seconds() + patience
        return lambda: self.seconds() < end


def routes(room: Room) -> list[Route]:
    box = Box(room)

    def opened(request: Request) -> Response:
        return _opened(request, box)

    def tried(request: Request) -> Response:
        return _tried(request, box)

    def saved(request: Request) -> Response:
        return _saved(request, box)

    return [
        Route("/watchlists/_try", opened, methods=["GET"]),
        Route("/watchlists/_try", tried, methods=["POST"]),
        Route("/watchlists/_save", saved, methods=["POST"]),
    ]


def _opened(request: Request, box: Box) -> Response:
    """Empty, or with the watchlist that is named."""
    name = request.query_params.get("name", "")
    if not name:
        return _box(request, box, Draft("", ""))
    present = present_of(box.room, name)
    if present is None:
        raise HTTPException(404)
    bare = Draft(name, present.query_text)
    if not may_write(box.room):
        return _box(request, box, bare)
    try:
        entry = changes_of(box.room).present(name)
        return _box(request, box, draft_in(entry), seen=mark(entry))
    except ConfigError as error:  # the file cannot be read, or says it in a way that only people can change
        return _box(request, box, bare, seen=mark(""), failed=str(error))


def _tried(request: Request, box: Box) -> Response:
    """For htmx what stands below the box, and only a glance while somebody types; else the whole page."""
    given = form(request)
    draft, part = draft_of(given), "hx-request" in request.headers
    whole = not part or request.headers.get("hx-trigger-name") != "query"
    look = box.look(draft, whole=whole)
    if part:
        template = "tried.html" if whole else "glance.html"
        return page(request, template, look=look, alerts_by_day=alerts_by_day, **WORDS)
    return _box(request, box, draft, given.get("seen", ""), look=look, by=given.get("by", ""))


def _saved(request: Request, box: Box) -> Response:
    given, room = form(request), box.room
    draft, seen, by = draft_of(given), given.get("seen", ""), author(given)
    if not may_write(room):
        return refused(request)
    found = wrong(draft, box.compiled) | ({} if by else {"by": NAMELESS})
    if not seen and present_of(room, draft.name):
        found["name"] = TAKEN
    again: dict[str, Any] = {"seen": seen, "by": given.get("by", ""), "key": given.get("key", "")}
    if found or by is None:
        look = box.look(draft, whole=False) if "query" in found else None
        return _box(request, box, draft, status=422, wrong=found, look=look, **again)
    try:
        said = changes_of(room).save(draft, seen, by, key_of(given), "")
    except ConfigError as error:
        return _box(request, box, draft, status=409, failed=str(error), **again)
    return watchlist_page(request, room, draft.name, said=said)


def _box(
    request: Request,
    box: Box,
    draft: Draft,
    seen: str = "",
    *,
    status: int = 200,
    look: Look | None = None,
    wrong: Mapping[str, str] | None = None,
    failed: str = "",
    by: str = "",
    key: str = "",
) -> Response:
    """`wrong` are words for each field, `failed` why nothing was saved, `seen` the mark of the entry that is changed."""
    return page(
        request,
        "box.html",
        status,
        draft=draft,
        known=present_of(box.room, draft.name) is not None and (bool(seen) or not may_write(box.room)),
        seen=seen,
        look=look or Look(),
        wrong=wrong or {},
        failed=failed,
        by=by,
        key=key or new_key(),
        channel=box.room.desk().channel,
        unanswered=UNANSWERED,
        may_write=may_write(box.room),
        alerts_by_day=alerts_by_day,
        **WORDS,
    )


def draft_of(given: Mapping[str, str]) -> Draft:
    return Draft(
        name=given.get("name", "").strip().lower(),
        query=typed_query(given.get("query", "")),
        channels=tuple(dict.fromkeys(re.findall(r"[^\s,]+", given.get("channels", "")))),
        severity=given.get("severity", ""),
        until=given.get("until", "").strip(),
        owner=given.get("owner", "").strip(),
        deliver=DIGEST if given.get("deliver") == DIGEST else "",
    )


def _misread(error: QueryError, typed: str) -> Look:
    """The error counts in a query of one line, each of whose columns is that of the letters `typed`."""
    before = typed[: error.column].split("\n")
    line, column = len(before) - 1, len(before[-1])
    told = str(QueryError(error.problem.splitlines()[0], query=typed.split("\n")[line], column=column))
    problem, *shown = told.splitlines()
    wrong = f"Line {line + 1}, column {column + 1}: {problem}"
    return Look(wrong, "\n".join(one.removeprefix("    ") for one in shown), error.hint)
