"""Batch reading: articles in as JSON lines, what the bot makes of them out as JSON lines, in order."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from bot.articles import Article, article_id, is_government
from bot.deadlines import Deadline
from bot.examination import Read
from bot.facts import Fact

CHUNK = 64
HALF = re.compile("[\ud800-\udfff]")
Examine = Callable[[list[Article]], list[Read]]


def analyze_lines(lines: Iterable[str], examine: Examine, now: datetime) -> Iterator[dict[str, Any]]:
    """One record for each line that is not blank: the reading, or {"id", "error"} for a line that cannot be read."""
    numbered = ((n, line) for n, line in enumerate(lines, 1) if line.strip())
    while chunk := list(islice(numbered, CHUNK)):
        rows = [parsed(n, line, now) for n, line in chunk]
        good = [row for row in rows if isinstance(row[1], Article)]
        read = iter(examine([a for _, a in good if isinstance(a, Article)]))
        for name, article in rows:
            yield record(name, next(read)) if isinstance(article, Article) else {"id": name, "error": article}


def record(name: object, read: Read) -> dict[str, Any]:
    """What scripts get for one article; the shape is documented in docs/commands.md."""
    scores, why = read.analysis.scores, read.analysis.why
    return {
        "id": name,
        "topics": {label: scores.scores[label] for label in scores.topics},
        "labels": {label: scores.labels[label] for label in (*scores.topics, "relevant")},
        "relevant": {"score": scores.scores["relevant"], "decision": scores.labels["relevant"]},
        "facts": [fact_record(fact) for fact in read.analysis.facts],
        "deadlines": [deadline_record(deadline) for deadline in read.analysis.deadlines],
        "watchlists": [w.watchlist for w in why],
        "why": because(read),
    }


def fact_record(fact: Fact) -> dict[str, Any]:
    """A fact for scripts: null for what the text does not tell, dates as 2025-08-27."""
    fields = {name: getattr(fact, name) for name in Fact.__dataclass_fields__}
    for name, value in fields.items():
        fields[name] = None if value == "" else list(value) if isinstance(value, tuple) else value
    return fields | {name: day and day.isoformat() for name, day in fields.items() if name in ("effective", "expires")}


def deadline_record(deadline: Deadline) -> dict[str, Any]:
    """A deadline for scripts, without what they know of the article."""
    return {
        "day": deadline.day.isoformat(),
        "kind": deadline.kind,
        "dockets": list(deadline.dockets),
        "target": list(deadline.target),
        "goods": list(deadline.goods),
        "ground": deadline.ground or None,
        "moved": deadline.moved,
        "quote": deadline.sentence,
    }


def because(read: Read) -> str:
    """One line for people: topics, sectors and watchlists that spoke for the article, or what held it back."""
    scores = read.analysis.scores
    topics = [f"{label} {scores.scores[label]:.2f}" for label in scores.topics if scores.labels[label]]
    sectors = list(dict.fromkeys(m.name for m in read.analysis.sectors))
    fired = [f"{w.watchlist} ({', '.join(w.words[:4])})" if w.words else w.watchlist for w in read.analysis.why]
    parts = [
        f"relevant {scores.scores['relevant']:.2f}"
        if scores.labels["relevant"]
        else f"not relevant {scores.scores['relevant']:.2f}",
        f"topics: {', '.join(topics)}" if topics else "no topic",
        f"sectors: {', '.join(sectors)}" if sectors else "",
        f"watchlists: {'; '.join(fired)}" if fired else "no watchlist fired",
        "" if read.analysis.scored else "unscored: rules decided",
    ]
    return " · ".join(part for part in parts if part)


def parsed(number: int, line: str, now: datetime) -> tuple[object, Article | str]:
    """The line's id (or its number) and its article, or what is wrong with it."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return number, f"line {number} is no JSON: {error}"
    if not isinstance(row, dict):
        return number, f"line {number} is no JSON object"
    name = row.get("id", number)
    name = _whole(name) if isinstance(name, str) else name
    if wrong := [key for key in ("title", "text", "url", "outlet", "date") if not isinstance(row.get(key) or "", str)]:
        return name, f"line {number}: {', '.join(wrong)} must be text"
    if not (row.get("title") or "").strip():
        return name, f"line {number} has no title"
    try:
        return name, article(row, now)
    except ValueError as error:
        return name, f"line {number}: its url cannot be read: {error}"


def article(row: dict[str, Any], now: datetime) -> Article:
    """An article that came from no feed."""
    url, title, text, outlet = (_whole(row.get(key) or "") for key in ("url", "title", "text", "outlet"))
    return Article(
        id=article_id(url, guid=title),
        url=url,
        title=title,
        text=text,
        outlet=outlet,
        feed_url="",
        official=is_government(url),
        published=_date(row.get("date") or "", now),
        first_seen=now,
    )


def _date(text: str, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return now


def _whole(text: str) -> str:
    """JSON can hold half a surrogate pair, which no model reads and no file takes."""
    return HALF.sub("\N{REPLACEMENT CHARACTER}", text)
