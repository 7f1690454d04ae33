"""How the shipped model behaves: on phenomena, on items that were changed without being changed in meaning, and on pairs.

`pytest -s tests/whole/test_robustness.py` prints the rates, and for what is under its floor the texts that went wrong.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from bot.app import model, vocabulary
from bot.config import load_config
from tests.robustness.directions import DIRECTIONS, pairs
from tests.robustness.items import Item, Text, items
from tests.robustness.outcomes import Outcome, Scored, decisions, invariances, movements, rate, table, tally
from tests.robustness.transcripts import transcripts
from tests.robustness.transformations import TRANSFORMATIONS, transformed

ROOT = Path(__file__).parents[2]
FLOORS = {"a phenomenon": 0.75, "all phenomena": 0.90, "a transformation": 0.90, "a direction": 0.90}
# A phenomenon, transformation or direction, its own floor, and why.
KNOWN_WEAK: Mapping[str, float] = {"hindi": 0.6}  # the encoder was trained on English alone
PHENOMENA: tuple[Item, ...] = (*items("phenomena.jsonl"), *transcripts())
BASE = items("base.jsonl")
CHANGED = tuple(transformed(BASE))
PAIRS = tuple(pairs(BASE))


def every_text() -> Iterator[Text]:
    yield from (item.pair for item in (*PHENOMENA, *BASE))
    yield from (other.pair for _, _, other in CHANGED)
    yield from (text for pair in PAIRS for text in (pair.before, pair.after))


@pytest.fixture(scope="module")
def scored() -> Scored:
    """Every text of the suite with what the shipped model says of it, in one batch."""
    texts = list(dict.fromkeys(every_text()))
    classifier = model(load_config(ROOT / "config.yaml", {}), vocabulary()).classifier
    return dict(zip(texts, classifier.score(texts), strict=True))


def weak(heading: str, outcomes: Iterable[Outcome]) -> list[str]:
    """The names under their floors, after printing the rates of all."""
    found = tally(outcomes)
    floors = {name: KNOWN_WEAK.get(name, FLOORS[heading]) for name in found}
    print(f"\n\nShare that is right for {heading}\n{table(found, floors)}")
    return [name for name, of_name in found.items() if rate(of_name) < floors[name]]


def test_each_phenomenon_is_told_from_its_near_twins(scored: Scored) -> None:
    assert weak("a phenomenon", decisions(PHENOMENA, scored)) == []


def test_nine_in_ten_decisions_on_the_phenomena_are_right(scored: Scored) -> None:
    assert rate(list(decisions(PHENOMENA, scored))) >= FLOORS["all phenomena"]


def test_another_outlet_spelling_or_person_turns_no_decision(scored: Scored) -> None:
    assert weak("a transformation", invariances(CHANGED, scored)) == []


def test_a_denial_or_another_country_moves_a_score_the_right_way(scored: Scored) -> None:
    assert weak("a direction", movements(PAIRS, scored)) == []


# the items themselves


def test_each_phenomenon_has_eight_items_that_are_not_all_of_the_same_labels() -> None:
    assert set(Counter(item.phenomenon for item in PHENOMENA).values()) == {8}
    for phenomenon in {item.phenomenon for item in PHENOMENA}:
        assert len({tuple(item.labels.values()) for item in PHENOMENA if item.phenomenon == phenomenon}) > 1


def test_half_of_the_items_that_are_changed_are_relevant() -> None:
    assert Counter(item.labels["relevant"] for item in BASE) == {True: 20, False: 20}


def test_each_transformation_and_direction_has_pairs_enough_for_a_rate() -> None:
    changed, moved = Counter(name for name, _, _ in CHANGED), Counter(pair.direction for pair in PAIRS)
    assert set(changed) == set(TRANSFORMATIONS)
    assert set(moved) == set(DIRECTIONS)
    assert min((changed | moved).values()) >= 10


def test_no_item_is_a_text_that_the_model_was_trained_on() -> None:
    files = sorted((ROOT / "models" / "topics").glob("*.jsonl"))
    learnt = {json.loads(line)["title"].casefold() for file in files for line in file.read_text("utf-8").splitlines()}
    assert files
    assert not learnt & {title.casefold() for title, _ in every_text()}


def test_a_weakness_that_is_known_is_one_of_the_suite() -> None:
    known = {item.phenomenon for item in PHENOMENA} | set(TRANSFORMATIONS) | set(DIRECTIONS)
    assert set(KNOWN_WEAK) <= known
