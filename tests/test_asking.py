"""Asking: from the address of a page of the ledger to what is asked for, and back."""

from datetime import date

import pytest

from bot.ledger_sheet import Wanted
from bot.web.asking import Asked, asked, sent

DAYS = (date(2025, 4, 2), date(2025, 8, 7), date(2025, 8, 27), date(2026, 2, 20), date(2026, 11, 26))
TODAY = DAYS[-1]


def on(**query: str) -> date:
    return asked(query, DAYS).day


def test_without_a_day_it_is_today() -> None:
    assert asked({}, DAYS) == Asked(TODAY, TODAY, Wanted())
    assert asked({"on": ""}, DAYS) == Asked(TODAY, TODAY, Wanted())


def test_an_address_that_was_shared_asks_for_the_same() -> None:
    wish = Asked(date(2025, 8, 27), TODAY, Wanted(imposer="US", goods="gems_jewellery", ground="s232"), 3)
    address = wish.at(number=3)
    assert address == "/ledger?on=2025-08-27&imposer=US&goods=gems_jewellery&ground=s232&page=3"
    assert asked(dict(pair.split("=") for pair in address.partition("?")[2].split("&")), DAYS) == wish


def test_an_address_of_today_names_no_day_and_narrowing_anew_begins_at_the_first_part() -> None:
    wish = Asked(TODAY, TODAY, Wanted(imposer="US", status="pending"), 3)
    assert wish.at(status="in_force") == "/ledger?imposer=US&status=in_force"
    assert wish.at("/ledger.csv", imposer="", status="") == "/ledger.csv"
    assert wish.at(day=DAYS[0], imposer="", status="") == "/ledger?on=2025-04-02"


def test_of_the_date_field_and_the_slider_the_one_that_was_moved_counts() -> None:
    stood = {"on": "2025-08-27", "was": "2025-08-27"}
    assert on(**stood, step="2") == date(2025, 8, 27)
    assert on(**stood, step="1") == date(2025, 8, 7)
    assert on(on="2025-09-15", was="2025-08-27", step="2") == date(2025, 9, 15)
    assert on(on="2025-09-15", was="2025-09-15", step="2") == date(2025, 9, 15)  # a day between two notches
    assert on(on="2025-09-15", was="2025-09-15", step="3") == date(2026, 2, 20)
    assert on(**stood, step="99") == TODAY


def test_only_what_comes_from_the_form_has_a_slider_in_it() -> None:
    assert sent({"step": "1", "on": "2025-08-27"})
    assert not sent({"on": "2025-08-27"})


@pytest.mark.parametrize("told", ["27.08.2025", "2025-13-01", "<script>", "²" * 99, "2025-08-27T00:00"])
def test_what_is_no_day_is_told_and_today_is_shown(told: str) -> None:
    wish = asked({"on": told}, DAYS)
    assert wish.day == TODAY
    assert wish.wrong == f"“{told[:60]}” is no day. Write it as 2026-11-26. This is today."


def test_a_day_that_has_not_come_yet_is_told_and_today_is_shown() -> None:
    wish = asked({"on": "2030-01-05"}, DAYS)
    assert (wish.day, wish.wrong) == (TODAY, "5 Jan 2030 has not come yet. This is today.")


@pytest.mark.parametrize("number", ["0", "-1", "x", "²", "9" * 5000])
def test_a_part_that_is_no_number_is_the_first(number: str) -> None:
    assert asked({"page": number}, DAYS).number == 1


@pytest.mark.parametrize("step", ["-1", "x", "²", "9" * 5000])
def test_a_slider_that_stands_nowhere_moves_nothing_that_breaks(step: str) -> None:
    assert on(on="2025-08-27", was="2025-08-27", step=step) in DAYS
