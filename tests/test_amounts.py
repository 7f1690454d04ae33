"""Amounts, days and deeds: what is counted, when it is, and how firmly it is done."""

import pytest

from bot.amounts import find_amounts
from bot.days import find_days
from bot.deeds import find_deeds, find_parts
from bot.lettering import mixed, plain


@pytest.mark.parametrize(
    ("text", "kind", "low", "high"),
    [
        ("fifty per cent", "percent", 50, 50),
        ("2½ %", "percent", 2.5, 2.5),
        ("a quarter of exports", "percent", 25, 25),
        ("10-15%", "percent", 10, 15),
        ("between 10 and 15 per cent", "percent", 10, 15),
        ("5 percentage points", "points", 5, 5),
        ("25 basis points", "points", 0.25, 0.25),
        ("rs 1,00,000 crore", "INR", 1e12, 1e12),
        ("₹1 lakh crore", "INR", 1e12, 1e12),
        ("us$500 bn", "USD", 5e11, 5e11),
        ("half a billion dollars", "USD", 5e8, 5e8),
        ("25 lakh tonnes", "tonne", 2.5e6, 2.5e6),
        ("one hundred and fifty tonnes", "tonne", 150, 150),
        ("doubles", "times", 2, 2),
        ("the fifth round", "ordinal", 5, 5),
        ("duty-free", "percent", 0, 0),
    ],
)
def test_a_number_is_read_with_what_it_counts(text: str, kind: str, low: float, high: float) -> None:
    (found,) = find_amounts(plain(text).lower())
    assert (found.kind, found.low, found.high) == (kind, low, high)


@pytest.mark.parametrize("text", ["g20", "h-1b", "s&p 500", "section 232", "9903.01.25", "f-35", "5g"])
def test_a_number_in_a_name_is_a_name(text: str) -> None:
    assert [(a.kind, a.name) for a in find_amounts(text)] == [("code", text)]


@pytest.mark.parametrize("text", ["one of them", "the second half of the year", "no one"])
def test_what_counts_nothing_is_no_amount(text: str) -> None:
    assert [a for a in find_amounts(text) if a.kind not in ("ordinal",)] == []


def test_a_movement_is_no_range() -> None:
    assert [(a.high, a.role) for a in find_amounts("from 50% to 18%")] == [(50, "from"), (18, "to")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("on 7 August", (0, 8, 7, "")),
        ("August 27, 2025", (2025, 8, 27, "")),
        ("in May", (0, 5, 0, "")),
        ("next month", (0, 0, 0, "next month")),
        ("on Monday", (0, 0, 0, "monday")),
        ("by 2027", (2027, 0, 0, "")),
    ],
)
def test_a_date_is_read_as_far_as_it_is_told(text: str, told: tuple[int, int, int, str]) -> None:
    assert [(d.year, d.month, d.day, d.word) for d in find_days(text)] == [told]


@pytest.mark.parametrize("text", ["The US may raise it", "US May Raise Tariffs", "They march on", "Rs 2,000 crore"])
def test_a_verb_or_a_sum_is_no_date(text: str) -> None:
    assert find_days(text) == ()


@pytest.mark.parametrize(
    ("text", "kind", "level", "denied"),
    [
        ("Trump threatened on Sunday to impose a tariff", "impose", 2, False),
        ("India has no plan to cut its duty", "down", 3, True),
        ("Washington will raise the duty", "up", 4, False),
        ("Washington raised the duty", "up", 5, False),
        ("India may lift the ban", "remove", 1, False),
        ("Negotiators did not reach a deal", "agree", 5, True),
    ],
)
def test_a_deed_is_as_firm_as_the_words_before_it(text: str, kind: str, level: int, denied: bool) -> None:
    found = [d for d in find_deeds(text, find_parts(text, [(0, len(text))])) if d.kind == kind]
    assert [(d.level, d.denied) for d in found] == [(level, denied)]


def test_letters_that_look_alike_are_told_apart() -> None:
    assert mixed("Іndia and India") == ("Іndia",)
    assert mixed("भारत and Zölle") == ()
    assert plain("5\u00ad0\u202e \u0665\u0660") == "50 50"
