"""Faithfulness: what the quoted sentences do not carry is doubted, however it is written; what they carry is not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.faithfulness import LAST, pairs, stopped
from bot.faithfulness import gate, unsupported
from tests.telling import SHIPPED

STEEL = (
    "US imposes 50% tariff on Indian steel from 7 August",
    "The White House said on Wednesday the order was signed.",
)
SUM = ("India and the US agreed on trade worth $50 bn and Rs 1,00,000 crore", "A quarter of it is oil.")


def doubted(words: str, *sentences: str) -> list[str]:
    return [doubt.words for doubt in unsupported(words, sentences, SHIPPED)]


@pytest.mark.parametrize(
    "words",
    [
        "The US imposed a 50% tariff on Indian steel from 7 August.",
        "Washington imposes a 50 per cent tariff on steel from India.",
        "A fifty per cent US tariff on Indian steel is imposed from August 7.",
        "The US imposed a ５０％ tariff on Indian steel.",
        "The US imposed a 50\u00a0% tariff on Indian steel.",
        "The US imposed a 5\u00ad0\u200f% tariff on Indian steel.",
        "new figure 50%",
    ],
)
def test_the_same_in_other_writing_is_carried(words: str) -> None:
    assert unsupported(words.removeprefix("new figure "), STEEL, SHIPPED) == ()


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ("The US imposed a 5% tariff on Indian steel.", "5%"),
        ("The US imposed a tariff of 50 percentage points on Indian steel.", "50 percentage points"),
        ("The US imposed a $50 tariff on Indian steel.", "$50"),
        ("The US imposed a 50% tariff on Indian steel from 8 August.", "8 August"),
        ("The US imposed a 50% tariff on Indian steel from 7 May.", "7 May"),
        ("The US imposed a 50% tariff on Chinese steel.", "Chinese"),
        ("The US imposed a 50% tariff on Іndian steel.", "Іndian"),
        ("The US imposed a 50% tariff on Indian steel, said Nomura.", "Nomura"),
        ("The US imposed a 50% tariff on Indian steel under Section 232.", "Section 232"),
        ("The US imposed a 50% tariff on Indian steel like the G20.", "G20"),
        ("The US did not impose a 50% tariff on Indian steel.", "impose"),
        ("The US may impose a 50% tariff on Indian steel.", "impose"),
        ("The US removed a 50% tariff on Indian steel.", "removed"),
        ("The US imposed a 50% tariff on all Indian steel.", "all"),
        ("The US imposed a 50½% tariff on Indian steel.", "50 1⁄2%"),
    ],
)
def test_what_is_changed_in_one_thing_is_doubted_and_the_thing_named(words: str, doubt: str) -> None:
    assert doubt in doubted(words, *STEEL)


def test_a_sum_of_money_does_not_carry_a_percentage_nor_a_count() -> None:
    assert doubted("The deal is worth 50%.", *SUM) != []
    assert doubted("The trade is worth Rs 50 bn.", *SUM) != []


def test_indian_and_western_grouping_name_one_sum() -> None:
    assert gate("Trade worth ₹1 lakh crore was agreed.", SUM, SHIPPED)
    assert gate("Trade worth Rs 10,000 crore was agreed.", SUM, SHIPPED) == ""


def test_a_fraction_is_carried_by_its_words_and_its_sign() -> None:
    assert gate("¼ of it is oil.", SUM, SHIPPED)
    assert gate("⅓ of it is oil.", SUM, SHIPPED) == ""


def test_the_pronoun_is_not_the_country() -> None:
    assert gate("The tariff is on us.", ("The tariff is on us, exporters of shrimp say.",), SHIPPED)
    assert doubted("The US tariff is on us.", "The tariff is on us, exporters of shrimp say.") != []


def test_a_relative_date_is_carried_by_the_day_it_falls_on_once_that_can_be_told() -> None:
    sentences = ("The tariff takes effect tomorrow.",)
    assert gate("The tariff takes effect on 5 March.", sentences, SHIPPED) == ""
    assert gate("The tariff takes effect on 5 March.", sentences, SHIPPED, date(2026, 3, 4))
    assert gate("The tariff takes effect on 6 March.", sentences, SHIPPED, date(2026, 3, 4)) == ""


def test_nothing_is_carried_by_no_sentence_and_no_word_needs_one() -> None:
    assert gate("The tariff is 50%.", (), SHIPPED) == ""
    assert unsupported(" ", (), SHIPPED) == ()


@given(st.text(max_size=80))
def test_no_text_breaks_the_gate(words: str) -> None:
    unsupported(words, STEEL, SHIPPED)
    unsupported("The US imposed a 50% tariff.", (words,), SHIPPED)


@given(st.integers(1, 999).filter(lambda n: n != 50))
def test_no_other_rate_passes(rate: int) -> None:
    assert gate(f"The US imposed a {rate}% tariff on Indian steel.", STEEL, SHIPPED) == ""


def test_most_unfaithful_summaries_are_stopped_and_few_faithful_ones() -> None:
    for part, least, most in ((1, 0.95, 0.06), (LAST, 0.85, 0.30)):
        wrong, right = ([p for p in pairs(part) if bool(p.wrong) is is_wrong] for is_wrong in (True, False))
        assert len(stopped(wrong, SHIPPED)) / len(wrong) >= least
        assert len(stopped(right, SHIPPED)) / len(right) <= most


def test_each_pair_is_told_once_and_half_of_them_and_more_are_unfaithful() -> None:
    found = pairs()
    assert len({(pair.source, pair.summary) for pair in found}) == len(found) >= 150
    assert sum(1 for pair in found if pair.wrong) * 2 >= len(found)
