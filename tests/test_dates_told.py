"""From when and until when, counted from the article's own date."""

from datetime import date

import pytest

from bot.dates_told import find_term
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
