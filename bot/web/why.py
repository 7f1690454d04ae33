"""Why: an address, an article or a text, and all that the desk makes of it — as `tariffwatch explain`, with the words marked.

Nothing is fetched for who asks: docs/decisions/0044-why-fetches-nothing.md.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.alerts import Alert
from bot.articles import Article, article_id
from bot.board import thread
from bot.desk import Desk
from bot.dossier import Sending, sendings
from bot.examination import Examiner, Read
from bot.explanation import (
    ARTICLE,
    CONCLUSION,
    DEADLINES,
    QUOTES,
    READING,
    SECTORS,
    SUMMARY,
    Chapter,
    chapters,
    decided,
    entries,
    examined,
    fact_words,
    judged,
    ledger_lines,
)
from bot.facts import Fact
from bot.highlights import Piece, highlights, pieces
from bot.ledger import Change, before, seeded
from bot.measures import Measure
from bot.sources.single import typed
from bot.sources.urls import LONGEST, canonical
from bot.stories import Story
from bot.verdicts import Branch, Verdict, fires_in, nearest_change, tree
from bot.web.forms import form
from bot.web.rendering import page
from bot.web.room import Room

MOST = 20_000  # characters that are read, and of a text that are shown
TITLE = 300  # characters of a title that are shown above all
TREES = 60  # watchlists that are shown whole
PATIENCE = 3.0  # seconds for who asked before
BARE = (ARTICLE, READING, SECTORS, DEADLINES, QUOTES, SUMMARY)  # chapters that are shown as they are told
ADDRESS = re.compile(r"https?://\S+|[\w-]+(?:\.[\w-]+)+/\S*|[0-9a-f]{32}", re.IGNORECASE)
UNKNOWN = "The store has no article at this address. Nothing is fetched from here: paste its title and text instead."
UNREAD = "The article is in the store and not read yet. Ask again in a minute."
BUSY = "Another text is being read. Please send yours again in a moment: nothing of it is lost."
EMPTY = "Write an address or a text first."
LONG = "This is too long: of {given:,} characters {most:,} are read at most. Leave out what is not of the article."


@dataclass(frozen=True, slots=True)
class Asked:
    """One watchlist's answer. `nearest`: the least that would have made it fire."""

    name: str
    fired: bool
    tree: Branch
    nearest: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A fact, the sentence that carries it, by what it was decided, and what it does to the ledger."""

    fact: str
    quote: str
    decided: str
    ledger: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """An explanation as the page shows it."""

    read: Read
    known: bool  # to the store
    topics: tuple[str, ...]
    conclusion: tuple[str, ...]
    claims: tuple[Claim, ...]
    asked: tuple[Asked, ...]  # what fired first, then the nearest
    more: int  # watchlists that are not shown
    muted: tuple[Asked, ...]
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]
    cut: int  # characters that are not shown
    chapters: tuple[Chapter, ...]
    story: Story | None
    sendings: tuple[Sending, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the person is told instead, with the status of the answer."""

    words: str
    status: int


def routes(room: Room) -> list[Route]:
    def ask(request: Request) -> Response:
        asked = request.query_params.get("url", "").strip()
        return _answer(request, _of_address(room, asked), asked) if is_address(asked) else _page(request, given=asked)

    def tell(request: Request) -> Response:
        asked = form(request).get("text", "").strip()
        if is_address(asked):
            return RedirectResponse(f"/why?{urlencode({'url': asked})}", 303)
        return _answer(request, _of_text(room, asked), asked)

    return [Route("/why", ask, methods=["GET"]), Route("/why", tell, methods=["POST"])]


def is_address(asked: str) -> bool:
    """Whether it names an article, and is no text itself."""
    return len(asked) <= LONGEST and bool(ADDRESS.fullmatch(asked))


def _answer(request: Request, told: Account | Refusal, asked: str) -> Response:
    if isinstance(told, Refusal):
        return _page(request, told.status, asked, wrong=told.words)
    return _page(request, account=told)


def _page(
    request: Request, status: int = 200, given: str = "", account: Account | None = None, wrong: str = ""
) -> Response:
    told = {"given": given, "account": account, "wrong": wrong, "most": MOST, "most_title": TITLE}
    return page(request, "why.html", status, thread=thread, **told)


def _of_text(room: Room, text: str) -> Account | Refusal:
    if len(text) > MOST:
        return Refusal(LONG.format(given=len(text), most=MOST), 413)
    article = typed(text, room.clock())
    if not article.title:
        return Refusal(EMPTY, 422)
    desk, measures = room.desk(), before(article, _ledger(room))
    read = _read(room, lambda eyes: examined(article, eyes, desk, measures))
    return account(read, desk, measures) if read else Refusal(BUSY, 503)


def _of_address(room: Room, address: str) -> Account | Refusal:
    article = _stored(room, address)
    if article is None:
        return Refusal(UNKNOWN, 404)
    analysis = room.store.analysis(article.id)
    if analysis is None:
        return Refusal(UNREAD, 409)
    desk, measures = room.desk(), _ledger(room)
    read = _read(room, lambda eyes: judged(article, analysis, eyes.reading(article), desk, measures))
    if read is None:
        return Refusal(BUSY, 503)
    story, alerts = room.store.story_of(article.id), tuple(room.store.alerts(article_id=article.id))
    return account(read, desk, before(article, measures), known=True, story=story, alerts=alerts)


def _read(room: Room, read: Callable[[Examiner], Read]) -> Read | None:
    """One text at a time, as reading takes a core and the desk wants one too; None when others are before it."""
    if not room.reading.acquire(timeout=PATIENCE):
        return None
    try:
        return read(room.examiner())
    finally:
        room.reading.release()


def _stored(room: Room, address: str) -> Article | None:
    """By its id or address, also as it is written elsewhere."""
    url = canonical(address if "://" in address else f"https://{address}")
    names = (address, url, article_id(url) if url else "")
    return next((found for name in dict.fromkeys(names) if name and (found := room.store.article(name))), None)


def _ledger(room: Room) -> Sequence[Measure]:
    return seeded(room.store.measures(), room.seed)[0]


def account(
    read: Read,
    desk: Desk,
    measures: Sequence[Measure],
    *,
    known: bool = False,
    story: Story | None = None,
    alerts: tuple[Alert, ...] = (),
) -> Account:
    """`known`: whether the article is in the store; the others as for `chapters`. Pure."""
    told = chapters(read, desk, story=story, alerts=alerts, measures=measures)
    asked = tuple(map(_asked, sorted(read.verdicts, key=_nearness)))
    title, text = len(read.article.title), len(read.article.whole) - len(read.article.text)
    found = highlights(read)
    return Account(
        read,
        known,
        (*read.analysis.scores.topics, "relevant"),
        next(one.lines for one in told if one.title == CONCLUSION),
        tuple(_claim(*one) for one in entries(read, measures)),
        asked[:TREES],
        len(asked[TREES:]),
        tuple(map(_asked, read.muted)),
        pieces(read.article.whole, found, 0, min(title, TITLE)),
        pieces(read.article.whole, found, text, text + MOST),
        max(0, len(read.article.text) - MOST),
        tuple(one for one in told if one.title in BARE),
        story,
        sendings(alerts),
    )


def _nearness(asked: tuple[str, Verdict]) -> tuple[bool, int]:
    """What fired comes first, then what lacked least."""
    return not asked[1].fired, -fires_in(asked[1])


def _asked(asked: tuple[str, Verdict]) -> Asked:
    name, verdict = asked
    return Asked(name, verdict.fired, tree(verdict), nearest_change(verdict))


def _claim(fact: Fact, changes: Sequence[Change]) -> Claim:
    return Claim(fact_words(fact), fact.quote, decided(fact), tuple(ledger_lines(fact, changes)))
