"""The list of faults itself: whole, and named rightly by the tests."""

import re
from pathlib import Path

from tests.faults import table

TESTS = Path(__file__).parents[1]


def marked() -> set[str]:
    """Every case that a mark in the tests names."""
    marks = re.compile(r"(?:mark\.fault|^@B)\(([^)]*)\)", re.MULTILINE)
    texts = (path.read_text("utf-8") for path in TESTS.rglob("*.py"))
    return {case for text in texts for mark in marks.findall(text) for case in re.findall(r'"(\w+)"', mark)}


def test_the_list_has_all_cases_each_once() -> None:
    numbers = {"P": 40, "B": 30, "S": 33, "D": 18, "T": 17, "X": 20}
    assert list(table.cases()) == [f"{letter}{n:02}" for letter, most in numbers.items() for n in range(1, most + 1)]
    assert all(words == words.strip() and words for words in table.cases().values())


def test_every_mark_names_a_case_and_a_case_that_does_not_apply_has_no_test() -> None:
    known, without = set(table.cases()), set(table.groups()["does_not_apply"])
    assert marked() <= known
    assert without <= known
    assert not marked() & without


def test_one_test_that_fails_is_enough_for_a_case_not_to_hold() -> None:
    assert table.outcome("P01", [table.HELD, table.BROKEN, table.SKIPPED], {}) == table.BROKEN
    assert table.outcome("P01", [table.HELD, table.SKIPPED], {}) == table.HELD
    assert table.outcome("P01", [], {"P01": "why"}) == table.ELSEWHERE
    assert table.outcome("P01", [], {}) == table.UNTESTED


def test_the_reasons_why_a_case_does_not_apply_are_in_the_documents() -> None:
    told = (TESTS.parent / "docs" / "reliability.md").read_text("utf-8")
    assert [case for case in table.groups()["does_not_apply"] if not re.search(rf"\b{case}\b", told)] == []
