"""The harness of mutation testing: it changes what it says, and counts what was not noticed as such."""

import ast
from collections import Counter

import pytest

from tests.harness.mutants import GROUPS, ROOT, Group, counted, patterns, row


def functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / "bot" / f"{file}.py").read_text("utf-8"))
    owners = [("", tree.body), *((f"{c.name}.", c.body) for c in tree.body if isinstance(c, ast.ClassDef))]
    return {owner + node.name for owner, body in owners for node in body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)
def test_what_is_named_for_mutation_is_there_and_so_are_its_tests(group: Group) -> None:
    for file, named in group.files.items():
        assert set(named) <= functions(file)
    for test in group.tests:
        assert (ROOT / "tests" / f"test_{test}.py").is_file()


def test_mutants_are_asked_for_by_file_or_by_function() -> None:
    group = Group({"sinks/slack": ("ask", "SlackSink.send"), "alerts": ()}, ())
    assert patterns(group) == [
        "bot.sinks.slack.x_ask__mutmut_*",
        "bot.sinks.slack.xǁSlackSinkǁsend__mutmut_*",
        "bot.alerts.*",
    ]


def test_only_what_a_test_noticed_is_killed_and_what_nobody_asked_for_is_not_counted() -> None:
    states = ("killed", "timeout", "survived", "no tests", "suspicious", "not checked")
    results = [(f"bot.alerts.x_begin__mutmut_{n}", state) for n, state in enumerate(states)]
    found = counted(Group({"alerts": (), "pipeline": ()}, ()), [*results, ("bot.channels.x_route__mutmut_1", "killed")])
    assert found["pipeline"] == Counter()
    assert row("alerts", found["alerts"])[0].split() == ["alerts", "5", "2", "3", "40.0%"]


@pytest.mark.parametrize(("survived", "enough"), [(15, True), (16, False)])
def test_a_file_has_to_have_85_per_cent_of_its_mutants_killed(survived: int, enough: bool) -> None:
    assert row("alerts", Counter(killed=100 - survived, survived=survived))[1] is enough


def test_a_file_without_a_mutant_is_not_enough() -> None:
    assert not row("alerts", Counter())[1]
