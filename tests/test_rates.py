"""Which percentages are rates of duty."""

import pytest

from bot.rates import find_rates
from tests.telling import clause


def rates(text: str) -> list[float]:
    return [rate.value for rate in find_rates(clause(text)) if rate.role == "rate"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("US puts 50% tariff on India", [50]),
        ("US puts 50 per cent tariff on India", [50]),
        ("US puts 50-per-cent tariff on India", [50]),
        ("US puts 12.5 percent duty on India", [12.5]),
        ("US puts 25 pc duty on India", [25]),
        ("China raises duty on US goods to 125%", [125]),
        ("India agrees to zero duty on almonds", [0]),
        ("India cuts tariff on almonds to nothing", [0]),
        ("Washington keeps its levy of one-half on carpets", [50]),
        ("Mexico to slap up to 50% on Chinese cars", [50]),
        ("US 25% duty on steel and 10% duty on copper", [25, 10]),
        ("An extra 15% duty on American wheat and an extra 10% on soybeans", [15, 10]),
        ("25% on Indian steel is next, says Trump", [25]),
        ("70% on foreign cars remains", [70]),
        ("Philippine exports face 19% in the US", [19]),
        ("Hanoi will let American goods in at zero", [0]),
        ("The White House announced 26% for India", [26]),
        ("US finds subsidy rates from 10.30 to 103.72 percent for resin from India", [103.72]),
    ],
)
def test_rates_of_duty_are_found_in_every_spelling(text: str, expected: list[float]) -> None:
    assert rates(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Exports fall 37.5% after the duty",
        "Shares tumble 9% on tariff",
        "Goldman sees 60% chance of a tariff",
        "India cuts duty by 25%",
        "US knocks 25 percentage points off tariff",
        "GST of 18% stays, tariff talks go on",
        "Prices rise 8% on duty",
    ],
)
def test_growth_shares_chances_and_steps_are_no_rates(text: str) -> None:
    assert rates(text) == []


def test_a_range_has_its_top_for_a_rate_and_its_bottom_beside_it() -> None:
    (rate,) = find_rates(clause("US may cut India tariff to 15-16%"))
    assert (rate.value, rate.low) == (16, 15)


@pytest.mark.parametrize(
    ("text", "rate", "earlier"),
    [
        ("US tariff on India falls from 50% to 18%", 18, 50),
        ("India cuts bourbon duty to 50% from 150%", 50, 150),
        ("EU proposes 50% duty on steel, up from 25%", 50, 25),
        ("US tariff on Indian goods doubled to 50%", 50, 25),
        ("America halves duty on carpets to 9%", 9, 18),
        ("India raises duty on gold to 10%", 10, None),
        ("Beijing goes to 10% from 125% on American goods", 10, 125),
        ("Taiwan seals US deal: tariff 15%, was 20%", 15, 20),
        ("A Section 232 rate of 15% in place of 27.5% on cars from Japan", 15, 27.5),
    ],
)
def test_the_earlier_rate_is_taken_where_the_text_gives_it(text: str, rate: float, earlier: float | None) -> None:
    (found,) = find_rates(clause(text))
    assert (found.value, found.earlier) == (rate, earlier)


def test_what_sums_up_two_rates_is_a_total() -> None:
    found = find_rates(clause("US 25% duty plus 25% duty over Russian oil makes 50% on Indian goods"))
    assert [rate.role for rate in found] == ["rate", "rate", "total"]


def test_a_rate_knows_where_it_stands() -> None:
    text = "US puts 50 per cent tariff on India"
    (rate,) = find_rates(clause(text))
    assert text[rate.start : rate.end] == "50 per cent"


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("Trump's 25% steel and aluminium tariffs take effect", 25),
        ("Washington will charge 18% on goods from India", 18),
        ("Trump adds 10% to tariffs on Canada", 10),
        ("Mexican goods will be taxed at 30% in the US", 30),
    ],
)
def test_a_rate_reaches_over_lists_and_verbs_of_charging(text: str, rate: float) -> None:
    assert [found.value for found in find_rates(clause(text))] == [rate]


def test_a_rate_that_was_only_threatened_is_the_earlier_one() -> None:
    (found,) = find_rates(clause("Japan gets 15% US tariff, down from a threatened 25%"))
    assert (found.value, found.earlier) == (15, 25)
