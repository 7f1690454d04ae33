"""How sentences are parted, and which words are marked in them."""

import pytest

from bot.clauses import outlet_at
from tests.telling import clause, clauses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("US cuts tariff; India lifts duty", ["US cuts tariff;", " India lifts duty"]),
        ("Nifty at a low after Trump threatens 100% tariff on China", [" after Trump threatens 100% tariff on China"]),
        ("US cuts duty to 18%, India scraps 30% duty", ["US cuts duty to 18%", ", India scraps 30% duty"]),
        ("US duty as high as 50% on carpets", ["US duty as high as 50% on carpets"]),
    ],
)
def test_each_part_speaks_of_one_measure(text: str, expected: list[str]) -> None:
    assert [part.words for part in clauses(text)] == expected


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("US hits India with 50% tariff - NDTV", "US hits India with 50% tariff"),
        ("US hits India with 50% tariff | World News - Hindustan Times", "US hits India with 50% tariff"),
        ("Trump: tariff goes up - to 50%", "Trump: tariff goes up - to 50%"),
        ("Tariff - NDTV", "Tariff - NDTV"),
    ],
)
def test_a_title_ends_before_the_outlet_s_name(title: str, told: str) -> None:
    assert title[: outlet_at(title)] == told


def test_a_longer_word_voids_those_within_it() -> None:
    names = [mark.name for mark in clause("India imposes countervailing duty on steel").of("instruments")]
    assert names == ["countervailing"]


def test_a_tariff_for_electricity_is_no_instrument() -> None:
    assert not clause("Discoms want power tariff raised").has("instruments")


def test_a_word_for_goods_is_a_sector_beside_a_measure() -> None:
    assert [mark.name for mark in clause("EU duty on cars").of("sectors")] == ["autos"]
