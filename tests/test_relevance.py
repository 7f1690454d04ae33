"""What speaks for and against relevance, and how it adds up."""

import math
from dataclasses import replace
from typing import Any

import pytest

from bot.nlp.keywords import plain_reading
from bot.relevance import RelevanceStep, claimed, said, signals
from bot.vocabulary import index_reading
from tests.ledger_makers import a_fact
from tests.makers import a_vocabulary, scores

LOGITS = {"india_us_trade": 2.0, "tariff_threat": -1.0, "sensitive_sectors": 0.5, "relevant": 3.0}


def named(title: str, text: str = "") -> set[str]:
    """The signals, besides the encoder's, that an item gives."""
    index = index_reading(plain_reading(f"{title}\n\n{text}"))
    found = signals(title, index, a_vocabulary(), LOGITS)
    return {name for name, value in found.items() if value and name not in said(LOGITS)}


def test_both_countries_in_the_title_are_told_apart_from_both_in_the_text() -> None:
    assert "India and the US in the title" in named("India and US near a pact")
    assert "India and the US in the title" not in named("Pact is near", "India and the US agree.")


def test_a_title_that_names_others_and_not_the_two_speaks_of_another_pair() -> None:
    assert "others in the title, not both" in named("India and China near a pact")
    assert "others in the title, not both" not in named("India, US and China near a pact")


def test_neither_country_named_is_a_signal() -> None:
    assert "neither India nor the US named" in named("Shrimp duty rises", "Packers object.")
    assert "neither India nor the US named" not in named("Shrimp duty rises", "Indian packers object.")


def test_digests_and_questions_are_signals() -> None:
    assert "a digest or live page" in named("School assembly headlines: tariff on India")
    assert "a question" in named("Will the tariff stay?")


def test_terms_add_up_to_the_log_odds() -> None:
    found = RelevanceStep({"a": 1.5, "b": -0.5, "bias": 0.25}, 0.5).decide({"a": 1.0, "b": 2.0})
    assert found.score == pytest.approx(1 / (1 + math.exp(-0.75)), abs=1e-4)
    assert found.terms == (("a", 1.5), ("b", -1.0))


@pytest.mark.parametrize(("threshold", "decision"), [(0.6, True), (0.7, False)])
def test_the_threshold_decides(threshold: float, decision: bool) -> None:
    assert RelevanceStep({"a": 0.55, "bias": 0.0}, threshold).decide({"a": 1.0}).decision is decision


def test_a_signal_without_a_weight_says_nothing() -> None:
    assert RelevanceStep({"bias": 0.0}, 0.5).decide({"new": 1.0}).terms == ()


def test_the_weightiest_term_comes_first_whatever_its_sign() -> None:
    found = RelevanceStep({"a": 0.5, "b": -2.0, "bias": 0.0}, 0.5).decide({"a": 1.0, "b": 1.0})
    assert [name for name, _ in found.terms] == ["b", "a"]


def test_huge_logits_are_no_overflow() -> None:
    assert RelevanceStep({"a": -1.0, "bias": 0.0}, 0.5).decide({"a": 1e6}).score == 0


@pytest.mark.parametrize(
    ("changes", "signal"),
    [
        ({}, "a fact of the US on India"),
        ({"target": ("BR", "IN")}, "a fact of the US on India"),
        ({"target": ("ALL",)}, "a fact of the US on a group with India"),
        ({"target": ("BR",)}, "a fact of the US on others"),
        ({"target": ()}, "a fact of the US on nobody named"),
        ({"imposer": "IN", "target": ("US",)}, "a fact of India"),
        ({"imposer": "MX"}, "a fact of others"),
    ],
)
def test_a_fact_speaks_by_who_is_on_whom(changes: dict[str, Any], signal: str) -> None:
    assert claimed([a_fact(**changes)]) == {signal: 1.0}


def test_background_is_no_evidence() -> None:
    assert claimed([a_fact(background=True)]) == {}


STEP = RelevanceStep(
    {"a fact of the US on India": 3.0, "a fact of the US on others": -3.0, "tariff words named": 1.0, "bias": 0}, 0.5
)


def test_facts_turn_a_no_into_a_yes_and_a_yes_into_a_no() -> None:
    no, yes = scores(relevant=0.1), scores("relevant", relevant=0.8)
    assert STEP.with_facts(no, [a_fact()]).labels["relevant"]
    assert STEP.with_facts(no, [a_fact()]).scores["relevant"] == pytest.approx(0.69, abs=0.01)
    assert not STEP.with_facts(yes, [a_fact(target=("BR",))]).labels["relevant"]


def test_without_facts_a_decision_stays_as_it_was() -> None:
    told = scores("relevant", relevant=0.8)
    assert STEP.with_facts(told, []) == told


def test_facts_are_told_among_the_terms() -> None:
    told = replace(scores(relevant=0.1), terms=(("tariff words named", 1.0),))
    assert STEP.with_facts(told, [a_fact()]).terms == (("a fact of the US on India", 3.0), ("tariff words named", 1.0))


def test_only_what_facts_could_still_turn_is_open() -> None:
    assert STEP.is_open(scores("relevant"))
    assert STEP.is_open(scores(relevant=0.05))
    assert not STEP.is_open(scores(relevant=0.04))
