"""The ledger over an archive of twenty-one months: every true change once, none that is false, and where things stood."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.articles import Article
from bot.facts import Fact
from bot.ledger import NEWS, enter
from bot.measures import Measure, State, history
from bot.timeline import load_timeline

HERE = Path(__file__).parent
TRUTH: dict[str, Any] = json.loads((HERE / "ledger_truth.json").read_text("utf-8"))
ARCHIVE = [json.loads(line) for line in (HERE / "ledger_archive.jsonl").read_text("utf-8").splitlines()]
FATE_UNKNOWN = {
    "us-all-electronics-exempt",
    "us-all-chemicals-exempt",
    "us-in-spices-zero",
}  # hung on what was struck down
RULING = "2026-02-20"
Told = tuple[str, str, str]  # article, measure, kind


def fact(given: dict[str, Any]) -> Fact:
    known = {key: value for key, value in given.items() if value is not None}
    dates = {key: date.fromisoformat(known[key]) if key in known else None for key in ("effective", "expires")}
    told: dict[str, Any] = {"imposer": "", "ground": "", "speaker": "", "side": "", "start": 0, "end": 0}
    told |= dict.fromkeys(("rate", "rate_low", "rate_from", "total_rate"))
    return Fact(**(told | known | dates | {"target": tuple(given["target"]), "goods": tuple(given["goods"])}))


def article(given: dict[str, Any]) -> Article:
    published, arrived = (datetime.fromisoformat(given[key]).astimezone(UTC) for key in ("date", "arrived"))
    return Article(
        given["id"], given["url"], given["title"], given["text"], given["outlet"], "", given["official"], published, arrived
    )  # fmt: skip


def given_facts(given: dict[str, Any]) -> Iterable[Fact]:
    return map(fact, given["facts"])


def replay(
    articles: Sequence[dict[str, Any]],
    seed: Sequence[Measure] = (),
    facts_of: Callable[[dict[str, Any]], Iterable[Fact]] = given_facts,
) -> tuple[dict[str, Measure], list[Told]]:
    """The measures at the end, and what was news, in order."""
    ledger = {measure.id: measure for measure in seed}
    news: list[Told] = []
    for given in articles:
        changes, touched = enter(facts_of(given), article(given), tuple(ledger.values()))
        ledger.update({measure.id: measure for measure in touched})
        news += [(given["id"], change.measure_id, change.kind) for change in changes if change.kind in NEWS]
    return ledger, news


def in_order_of_arrival() -> list[dict[str, Any]]:
    return sorted(ARCHIVE, key=lambda given: datetime.fromisoformat(given["arrived"]))


@cache
def replayed() -> tuple[dict[str, Measure], list[Told]]:
    return replay(in_order_of_arrival())


def identity(imposer: str, target: Sequence[str], goods: Sequence[str], instrument: str, ground: str | None) -> str:
    return json.dumps([imposer, sorted(target), sorted(goods), instrument, ground or ""])


NAMES: dict[str, str] = {identity(**measure): name for name, measure in TRUTH["measures"].items()}


def name_of(measure: Measure) -> str:
    """The referee's name for it."""
    return NAMES[identity(measure.imposer, measure.target, measure.goods, measure.instrument, measure.ground)]


def test_every_true_change_is_told_once_and_none_that_is_false() -> None:
    ledger, news = replayed()
    found = [(told, name_of(ledger[id]), kind) for told, id, kind in news]
    assert sorted(found) == sorted((c["article"], c["measure"], c["kind"]) for c in TRUTH["changes"])


@pytest.mark.parametrize("snapshot", TRUTH["states"], ids=lambda snapshot: snapshot["on"])
def test_where_things_stood_on_a_day(snapshot: dict[str, Any]) -> None:
    day = date.fromisoformat(snapshot["on"])
    chains = {name_of(measure): history(measure, day) for measure in replayed()[0].values()}
    assert on_day(chains, day) == snapshot["measures"]


def on_day(chains: dict[str, tuple[State, ...]], day: date) -> dict[str, Any]:
    """How the measures stand by their chains; after the ruling without what hung on what it struck down."""
    unknown = FATE_UNKNOWN if day.isoformat() > RULING else set()
    return {name: standing_as(chain) for name, chain in chains.items() if chain and name not in unknown}


def standing_as(chain: Sequence[Any]) -> dict[str, Any]:
    state = chain[-1]
    contested = {"contested": True} if state.contested else {}
    return {"status": state.status, "rate": state.rate, "action": state.action} | contested


def test_a_second_reading_of_the_archive_tells_nothing() -> None:
    ledger, _ = replayed()
    again, news = replay(in_order_of_arrival(), list(ledger.values()))
    assert news == []
    assert again == ledger


def test_had_every_article_come_on_its_day_things_would_stand_as_they_do() -> None:
    def ends(ledger: dict[str, Measure]) -> dict[str, Any]:
        return {id: standing_as(history(measure)) for id, measure in ledger.items()}

    punctual = sorted(ARCHIVE, key=lambda given: datetime.fromisoformat(given["date"]))
    assert ends(replay(punctual)[0]) == ends(replayed()[0])


def test_what_the_shipped_timeline_knows_is_not_told_as_new() -> None:
    pack = load_timeline(HERE.parent / "models" / "timeline.yaml").measures
    news = replay(in_order_of_arrival(), pack)[1]
    known = {measure.id for measure in pack}
    assert [told for told in news if told[1] in known and told[2] == "new"] == []
