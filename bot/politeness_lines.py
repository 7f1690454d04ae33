"""A report of politeness as lines and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from bot.politeness import Manners, Politeness

EMPTY = (
    "No request is logged since {since}: `tariffwatch run` asks the feeds, and those of this machine are not logged."
)
OBJECTIONS = (
    ("again", "without the validators we had"),
    ("bogus", "with wrong validators"),
    ("early", "before the floor of 10 minutes"),
    ("pressed", "while asked to wait"),
    ("often", "within an hour"),
    ("whole", "whole within a day"),
)


def lines(found: Politeness, since: datetime) -> Iterator[str]:
    """Hosts, then feeds that somebody could object to, then what to change."""
    total = found.all
    yield f"{total.requests:,} requests for {len(found.feeds)} feeds at {len(found.hosts)} hosts since {since:%Y-%m-%d}"
    yield f"score {total.score} of 100 by the strictest owners; {_promises(total)}"
    yield from ("", "Hosts, the worst first", *map(_line, found.hosts))
    worst = [feed for feed in found.feeds if feed.score < 100]
    if worst:
        yield from ("", "Feeds that a strict owner would object to", *map(_line, worst))
    advice = list(_advice(found))
    if advice:
        yield from ("", "What to change", *(f"  {one}" for one in advice))


def as_json(found: Politeness, since: datetime) -> str:
    told = {
        "since": since.isoformat(),
        **_row(found.all),
        "hosts": list(map(_row, found.hosts)),
        "feeds": list(map(_row, found.feeds)),
    }
    return json.dumps(told, indent=2)


def _row(one: Manners) -> dict[str, object]:
    return asdict(one) | {"score": one.score}


def _promises(total: Manners) -> str:
    return f"{total.broken} of them broke our own promises" if total.broken else "none broke our own promises"


def _line(one: Manners) -> str:
    shortest = f"shortest gap {_span(one.shortest)}" if one.shortest is not None else "asked once"
    against = [f"{count} {words}" for name, words in OBJECTIONS if (count := getattr(one, name))]
    share = f"{100 * one.conditional // one.requests} % conditional"
    parts = [f"{one.requests:,} requests", share, shortest, f"{one.size / 1e6:,.1f} MB", *against]
    if one.same:
        parts.append(f"{one.same} sent whole though unchanged")
    return f"  {one.score:>3}  {one.of}\n       {', '.join(parts)}"


def _span(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"


def _advice(found: Politeness) -> Iterator[str]:
    def count(name: str) -> int:
        return sum(1 for feed in found.feeds if getattr(feed, name))

    if found.all.broken:
        yield "Requests that broke our own promises are a fault of the program: please report them with this page."
    if feeds := count("often"):
        yield f"{feeds} feeds are asked more than once an hour. Where news can wait: `every: 1h` for them."
    if feeds := count("whole"):
        yield f"{feeds} feeds give no validators, and are fetched whole each time: `every: 1d`, or another feed of theirs."
    if feeds := count("same"):
        yield f"{feeds} feeds come whole though nothing changed. They are asked less often while that goes on."
