"""Mutation testing: the code is changed on purpose, one small change at a time, and the tests that speak for it have to notice.

    make mutants                 or, of some of the groups only:
    python -m tests.harness.mutants guard mrkdwn

Each group is changed by mutmut in a folder of its own, `build/mutants/GROUP`, and judged by a few fast files of tests. What
nobody noticed is listed with `cd build/mutants/GROUP && mutmut show NAME` (docs/decisions/0034-mutants.md).
"""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LEAST = 0.85  # of the mutants of each file
NOTICED = ("killed", "timeout")  # a test that never ends is noticed too; what no test reaches has survived
ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "mutants"
NEEDED = ("bot", "tests", "docs", "deploy", "models", "config.yaml", "pyproject.toml")
COPIED = ("conftest.py", "docs", "deploy", "config.yaml", "models/entities", "models/facts", "models/timeline.yaml")
# A test that measures time cannot be asked of code that is being watched.
PYTEST = ("-p", "no:xdist", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-k", "not no_time_at_all")
# One failure is enough: the quick tests are asked first, and what hypothesis finds is not made smaller.
CONFTEST = """
import json
from pathlib import Path

from hypothesis import Phase, settings

settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate), database=None)
settings.load_profile("mutants")


def pytest_collection_modifyitems(items):
    stats = Path("mutmut-stats.json")
    took = json.loads(stats.read_text("utf-8"))["duration_by_test"] if stats.exists() else {}
    items.sort(key=lambda item: took.get(item.nodeid, 0.0))
"""


@dataclass(frozen=True, slots=True)
class Group:
    """`files` of bot/ with the functions in question (none: all), and the tests, by the name of their file."""

    files: Mapping[str, Sequence[str]]
    tests: Sequence[str]


GROUPS = {
    "mrkdwn": Group({"sinks/mrkdwn": ()}, ("mrkdwn",)),
    "guard": Group({"sources/guard": ()}, ("guard",)),
    "queries": Group({"verdicts": (), "watchlists": (), "conditions": ()}, ("watchlists", "queries")),
    "outbox": Group(
        {
            "alerts": (),
            "sinks/refusals": (),
            # What sends, finds and edits; the rest checks a configuration, or posts a chart, which has no state.
            "sinks/slack": (
                *("SlackSink.send", "SlackSink.edit", "SlackSink.find", "SlackSink._history", "SlackSink._replies"),
                *("_pages", "ask", "_refused", "_header", "_scope", "_metadata", "_ts", "_id"),
            ),
            "pipeline": tuple(
                f"Pipeline.{name}" for name in ("deliver", "_deliver", "_asked", "_calling", "_looked_up")
            ),
            "stores/sql": (
                *(f"SqlStore.{name}" for name in ("save_digest", "unfold", "recover", "due_alerts", "next_delivery")),
                *(f"SqlStore.{name}" for name in ("root", "save_alert", "unpark")),
                *("_in_line", "_heads", "_of_story", "_queue", "_supersede", "_release"),
            ),
        },
        ("alerts", "ledger_alerts", "slack", "store", "threads", "pipeline"),
    ),
}


def folder(name: str, group: Group) -> Path:
    """A fresh one, with links to all that is needed and the settings of mutmut and pytest."""
    made = BUILD / name
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    for needed in NEEDED:
        (made / needed).symlink_to(ROOT / needed)
    (made / "setup.cfg").write_text(settings(group), "utf-8")
    (made / "conftest.py").write_text(CONFTEST, "utf-8")
    return made


def settings(group: Group) -> str:
    lists = {
        "source_paths": ("bot",),
        "only_mutate": [f"bot/{name}.py" for name in group.files],
        "also_copy": COPIED,
        "pytest_add_cli_args": PYTEST,
        "pytest_add_cli_args_test_selection": [f"tests/test_{name}.py" for name in group.tests],
    }
    return "[mutmut]\n" + "".join(f"{key} =\n    " + "\n    ".join(values) + "\n" for key, values in lists.items())


def patterns(group: Group) -> list[str]:
    """The mutants in question, as mutmut names them."""
    return [
        f"bot.{file.replace('/', '.')}.{mangled(function)}__mutmut_*" if function else f"bot.{file.replace('/', '.')}.*"
        for file, functions in group.files.items()
        for function in functions or ("",)
    ]


def mangled(function: str) -> str:
    owner, _, name = function.rpartition(".")
    return f"xǁ{owner}ǁ{name}" if owner else f"x_{name}"


def tried(name: str, group: Group) -> dict[str, Counter[str]]:
    """What became of the mutants of each file."""
    where = folder(name, group)
    mutmut = Path(sys.executable).with_name("mutmut")
    with (where / "log").open("wb") as log:
        if subprocess.run([mutmut, "run", *patterns(group)], cwd=where, stdout=log, stderr=log).returncode:
            raise SystemExit(f"mutmut did not come to its end, see {log.name}")
    said = subprocess.run(
        [mutmut, "results", "--all", "true"], cwd=where, check=True, stdout=subprocess.PIPE, text=True
    )
    return counted(group, (line.strip().split(": ") for line in said.stdout.splitlines() if ": " in line))


def counted(group: Group, results: Iterable[Sequence[str]]) -> dict[str, Counter[str]]:
    found = {file: Counter[str]() for file in group.files}
    for mutant, became in results:
        for file in found:
            if mutant.startswith(f"bot.{file.replace('/', '.')}.x") and became != "not checked":
                found[file][became] += 1
    return found


def row(file: str, became: Counter[str]) -> tuple[str, bool]:
    """A line of the table, and whether it is good enough."""
    killed = sum(became[word] for word in NOTICED)
    share = killed / became.total() if became else 0.0
    return f"{file:24} {became.total():8} {killed:8} {became.total() - killed:8}   {share:6.1%}", share >= LEAST


def main(names: Sequence[str]) -> int:
    rows = [row(file, n) for name in names or GROUPS for file, n in tried(name, GROUPS[name]).items()]
    print(f"{'bot/':24} {'mutants':>8} {'killed':>8} {'survived':>8}    share")
    for line, _ in rows:
        print(line)
    return 0 if all(good for _, good in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
