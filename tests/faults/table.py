"""The table of faults: each case, what must hold, and whether it does. `make faults` runs the marked tests and prints it.

A plugin of pytest: `python -m pytest -m fault -p tests.faults.table`.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HELD, BROKEN, SKIPPED, UNTESTED, ELSEWHERE = "held", "NOT HELD", "skipped", "no test", "does not apply"
RANK = {SKIPPED: 0, HELD: 1, BROKEN: 2}  # what one test shows; the worst of what ran counts
seen: dict[str, list[str]] = defaultdict(list)  # by case, what each of its tests showed


def groups() -> dict[str, dict[str, str]]:
    """Cases by group, each with what must hold; `does_not_apply` has the reasons."""
    found: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text("utf-8"))
    return found


def cases() -> dict[str, str]:
    return {
        case: words for name, group in groups().items() if name != "does_not_apply" for case, words in group.items()
    }


def outcome(case: str, shown: list[str], reasons: dict[str, str]) -> str:
    if shown:
        return max(shown, key=RANK.__getitem__)
    return ELSEWHERE if case in reasons else UNTESTED


def rows() -> Iterator[tuple[str, str, str, int]]:
    """Case, what must hold, whether it does, and how many tests say so."""
    reasons = groups()["does_not_apply"]
    for case, words in cases().items():
        yield case, words, outcome(case, seen[case], reasons), len(seen[case])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """What a report carries comes through from the processes that run the tests."""
    item.user_properties += [("fault", case) for mark in item.iter_markers("fault") for case in mark.args]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or report.outcome != "passed":
        shown = {"passed": HELD, "skipped": SKIPPED}.get(report.outcome, BROKEN)
        for name, case in report.user_properties:
            if name == "fault":
                seen[str(case)].append(shown)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    table = list(rows())
    terminalreporter.section("faults")
    for case, words, what, tests in table:
        terminalreporter.write_line(f"{case}  {what:<14}  {tests or '':>4}  {words}")
    for what in (HELD, BROKEN, SKIPPED, ELSEWHERE, UNTESTED):
        terminalreporter.write_line(f"{sum(row[2] == what for row in table):>4} {what}")
