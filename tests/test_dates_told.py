"""From when and until when, counted from the article's own date."""

from datetime import date

import pytest

from bot.dates_told import find_days, find_term
from tests.telling import TODAY, clause


@pytest.mark.parametrize(
    ("text", "effective"),
    [
        ("US 25% tariff on India from August 7", date(2026, 8, 7)),
        ("US 25% tariff on India from 7 August 2025", date(2025, 8, 7)),
        ("US 25% tariff on India effective March 9, 2026", date(2026, 3, 9)),
        ("US 25% tariff on India took effect on Monday", date(2026, 3, 2)),
        ("US 25% tariff on India from next Wednesday", date(2026, 3, 11)),
        ("US 25% tariff on India takes effect today", date(2026, 3, 4)),
        ("US 25% tariff on India starts tomorrow", date(2026, 3, 5)),
        ("US 25% tariff on India to start in 21 days", date(2026, 3, 25)),
        ("US 25% tariff on India from January 1", date(2026, 1, 1)),
        ("US 25% tariff on India from December 30", date(2025, 12, 30)),
        ("US 25% tariff on India from February 30", None),
        ("Trump signed an order on Monday which adds a 25% tariff on India from August 7", date(2026, 8, 7)),
        ("Trump said on Monday that the 25% tariff on India stays", None),
        ("US 25% tariff on India", None),
    ],
)
def test_a_beginning_is_resolved(text: str, effective: date | None) -> None:
    assert find_term(clause(text), TODAY).effective == effective


def test_an_end_is_told_apart_from_a_beginning() -> None:
    term = find_term(clause("US surcharge of 10% effective today and ending July 24, 2026"), TODAY)
    assert (term.effective, term.expires) == (TODAY, date(2026, 7, 24))


def test_a_measure_for_a_number_of_days_ends_after_them() -> None:
    term = find_term(clause("US surcharge of 10% starts today, for 150 days"), date(2026, 2, 24))
    assert (term.effective, term.expires) == (date(2026, 2, 24), date(2026, 7, 24))


def test_a_span_has_both() -> None:
    term = find_term(clause("duty on steel from December 24, 2025 until December 23, 2030"), TODAY)
    assert (term.effective, term.expires) == (date(2025, 12, 24), date(2030, 12, 23))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("by 11:59 p.m. on Friday, July 24, 2026", [date(2026, 7, 24)]),
        ("on 12 May, and on 14 May", [date(2026, 5, 12), date(2026, 5, 14)]),
        ("a hearing on July 7–9, 2026", [date(2026, 7, 7)]),
        ("2026-12-01 or 05.06.2026", [date(2026, 12, 1), date(2026, 6, 5)]),
        ("within thirty (30) days from the date of publication of this notice", [date(2026, 4, 3)]),
        ("on January 20", [date(2026, 1, 20)]),
        ("on October 20", [date(2026, 10, 20)]),
        ("next Wednesday", [date(2026, 3, 11)]),
        ("on Monday", [date(2026, 3, 9)]),
        ("tomorrow", [date(2026, 3, 5)]),
        ("on February 30, 2026, or in May 2026", []),
    ],
)
def test_days_that_are_set_lie_ahead(text: str, days: list[date]) -> None:
    assert [day.when for day in find_days(text, 0, len(text), TODAY)] == days
