"""What speaks for and against relevance, and how it adds up."""

import math

import pytest

from bot.nlp.keywords import plain_reading
from bot.relevance import decide, said, signals
from bot.vocabulary import index_reading
from tests.makers import a_vocabulary

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
    found = decide({"a": 1.0, "b": 2.0}, {"a": 1.5, "b": -0.5, "bias": 0.25}, 0.5)
    assert found.score == pytest.approx(1 / (1 + math.exp(-0.75)), abs=1e-4)
    assert found.terms == (("a", 1.5), ("b", -1.0))


@pytest.mark.parametrize(("threshold", "decision"), [(0.6, True), (0.7, False)])
def test_the_threshold_decides(threshold: float, decision: bool) -> None:
    assert decide({"a": 1.0}, {"a": 0.55, "bias": 0.0}, threshold).decision is decision


def test_a_signal_without_a_weight_says_nothing() -> None:
    assert decide({"new": 1.0}, {"bias": 0.0}, 0.5).terms == ()


def test_the_weightiest_term_comes_first_whatever_its_sign() -> None:
    found = decide({"a": 1.0, "b": 1.0}, {"a": 0.5, "b": -2.0, "bias": 0.0}, 0.5)
    assert [name for name, _ in found.terms] == ["b", "a"]


def test_huge_logits_are_no_overflow() -> None:
    assert decide({"a": 1e6}, {"a": -1.0, "bias": 0.0}, 0.5).score == 0
