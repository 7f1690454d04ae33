"""The ledger over the archive with the facts that are found in its articles: how much of the truth it tells.

The figures are floors: what was reached when they were set.
"""

from collections import Counter
from datetime import date
from functools import cache
from typing import Any

from bot.facts import Fact, find_facts
from bot.measures import Measure, history
from bot.vocabulary import index_reading
from tests.telling import SHIPPED
from tests.test_ledger_archive import (
    ARCHIVE,
    NAMES,
    TRUTH,
    article,
    identity,
    in_order_of_arrival,
    on_day,
    replay,
)
from tests.test_ledger_archive import Told as Change
from tests.whole.test_golden_facts import READER


@cache
def found() -> dict[str, tuple[Fact, ...]]:
    """By article."""
    articles = [article(given) for given in ARCHIVE]
    readings = READER.read([one.whole for one in articles])
    return {
        one.id: find_facts(reading, index_reading(reading), SHIPPED, one.published.date())
        for one, reading in zip(articles, readings, strict=True)
    }


@cache
def replayed() -> tuple[dict[str, Measure], list[Change]]:
    return replay(in_order_of_arrival(), facts_of=lambda given: found()[given["id"]])


def name_of(measure: Measure) -> str:
    """The referee's name; the measure's own where the referee knows none such."""
    known = identity(measure.imposer, measure.target, measure.goods, measure.instrument, measure.ground)
    return NAMES.get(known, measure.id)


def test_of_found_facts_every_true_change_is_told_once_and_none_that_is_false() -> None:
    ledger, news = replayed()
    told = Counter((id, name_of(ledger[measure]), kind) for id, measure, kind in news)
    true = Counter((c["article"], c["measure"], c["kind"]) for c in TRUTH["changes"])
    print(f"told {(told & true).total()} of {true.total()} true changes, {(told - true).total()} false")
    assert told - true == Counter()
    assert true - told == Counter()


def test_of_found_facts_every_measure_stands_right_on_twenty_days() -> None:
    ledger, _ = replayed()
    right = wanted = false = 0
    for snapshot in TRUTH["states"]:
        stands = states_on(ledger, date.fromisoformat(snapshot["on"]))
        right += sum(stands.get(name) == state for name, state in snapshot["measures"].items())
        wanted += len(snapshot["measures"])
        false += len(stands.keys() - snapshot["measures"].keys())
    print(f"{right} of {wanted} states right, {false} of measures that are none")
    assert right == wanted
    assert false == 0


def states_on(ledger: dict[str, Measure], day: date) -> dict[str, Any]:
    return on_day({name_of(measure): history(measure, day) for measure in ledger.values()}, day)
