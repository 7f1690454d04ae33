"""Makers of facts, articles, states and measures for the tests of the ledger."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.articles import Article
from bot.facts import Fact
from bot.ledger import Change, compare
from bot.measures import Measure, State

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def a_fact(rate: float | None = 25, status: str = "announced", **changes: Any) -> Fact:
    """Of the US reciprocal tariff on Indian goods; `changes` name what the text tells otherwise."""
    told: dict[str, Any] = {
        "imposer": "US",
        "target": ("IN",),
        "goods": ("all",),
        "instrument": "tariff",
        "ground": "reciprocal",
        "rate_low": None,
        "rate_from": None,
        "total_rate": None,
        "action": "impose",
        "effective": None,
        "expires": None,
        "speaker": "",
        "side": "press",
        "background": False,
        "quote": f"The tariff is {rate} per cent.",
        "start": 0,
        "end": 10,
    }
    return Fact(rate=rate, status=status, **(told | changes))


def told_by(outlet: str = "Deccan Ledger", days: float = 0, **changes: Any) -> Article:
    """An article of `days` after START, which arrives an hour after it was published."""
    published = START + days * DAY
    known: dict[str, Any] = {
        "id": f"{outlet} {days}",
        "url": f"https://{outlet.split()[0].lower()}.example/{days}",
        "title": "A tariff",
        "text": "",
        "outlet": outlet,
        "feed_url": "",
        "official": False,
        "published": published,
        "first_seen": published + HOUR,
    }
    return Article(**(known | changes))


class Desk:
    """A ledger that is told one fact after the other."""

    def __init__(self, measures: Iterable[Measure] = ()) -> None:
        self.measures = {measure.id: measure for measure in measures}

    def hears(self, fact: Fact, article: Article | None = None) -> Change | None:
        found = compare(fact, article or told_by(), tuple(self.measures.values()))
        if found is None:
            return None
        change, self.measures[change.measure_id] = found
        return change

    def kind(self, fact: Fact, article: Article | None = None) -> str:
        change = self.hears(fact, article)
        return change.kind if change else ""

    @property
    def only(self) -> Measure:
        (measure,) = self.measures.values()
        return measure


def a_state(rate: float | None = 25, status: str = "announced", days: float = 0, **changes: Any) -> State:
    moment = START + days * DAY
    known: dict[str, Any] = {
        "told": moment,
        "arrived": moment + HOUR,
        "kind": "changes",
        "action": "impose",
        "rate_low": None,
        "rate_from": None,
        "effective": None,
        "expires": None,
        "sentence": "The tariff is so and so.",
        "outlet": "Deccan Ledger",
        "url": "https://deccan.example/1",
        "article_id": f"a{days}",
        "side": "press",
    }
    return State(rate=rate, status=status, **(known | changes))


def a_measure(*states: State, **changes: Any) -> Measure:
    known: dict[str, Any] = {
        "id": "us-in-reciprocal",
        "imposer": "US",
        "target": ("IN",),
        "goods": ("all",),
        "instrument": "tariff",
        "ground": "reciprocal",
        "title": "US reciprocal tariff on India",
    }
    return Measure(states=states or (a_state(kind="new"),), **(known | changes))


def day(days: float = 0) -> date:
    return (START + days * DAY).date()
