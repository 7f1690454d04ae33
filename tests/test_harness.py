"""The cases that docs/harness.md shows, run as they stand there."""

import ast
from pathlib import Path

from tests.test_docs import FENCED

DOCUMENT = Path(__file__).parent.parent / "docs" / "harness.md"
TEXT = DOCUMENT.read_text("utf-8")
SHOWN = [(TEXT.count("\n", 0, it.start(2)), it[2]) for it in FENCED.finditer(TEXT) if it[1] == "python"]

for lines_before, code in SHOWN:  # each under its own line numbers, for who reads a traceback
    exec(compile("\n" * lines_before + code, DOCUMENT, "exec"))  # noqa: S102  our own document


def test_each_part_has_a_case_of_five_lines_below_its_name_at_most() -> None:
    cases = [node for _, code in SHOWN for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]
    assert len(cases) == 5
    assert {case.name: case.end_lineno for case in cases if (case.end_lineno or 99) > 6} == {}
