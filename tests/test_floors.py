"""The floors: which file may import which, and that the lower ones load nothing heavy."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot

PACKAGE = Path(bot.__file__).parent
PLUGS = ("sources", "nlp", "stores", "sinks", "engines")
# From the bottom up; a file may import what stands before it.
FLOORS = (
    (
        "amounts",
        "calls",
        "copies",
        "days",
        "deeds",
        "errors",
        "events",
        "feeds",
        "hours",
        "lettering",
        "matters",
        "passages",
        "reading",
        "store_url",
        "versions",
        "wordings",
    ),
    ("articles", "feed_news", "health", "measures", "meter", "politeness", "rarity", "vocabulary"),
    ("clauses", "subjects"),
    ("dates_told", "firmness", "notices", "parties", "rates", "speakers"),
    ("days_set",),
    ("deadlines", "facts", "verdicts"),
    ("analysis", "gists"),
    ("actions", "faithfulness", "members", "summaries", "topics"),
    ("conditions", "messages", "profiles", "relevance"),
    ("evidence", "queries", "query_doubts"),
    ("doubts", "watchlists"),
    ("matching", "stories"),
    ("ledger",),
    ("alerts", "sides"),
    ("channels",),
    ("backtest", "board", "chart", "desk", "fact_lines", "feedback", "ops", "reminders"),
    ("dry_run", "heartbeat", "tryout"),
    ("deliveries",),
    ("ports",),
    ("digests", "examination", "pulse", "report"),
    ("pipeline",),
    ("readiness",),
    (
        "backtest_lines",
        "batch",
        "explanation",
        "evaluation",
        "feedback_lines",
        "politeness_lines",
        "statement",
        "story_lines",
        "stretches",
    ),
    (
        "agenda",
        "archive",
        "dossier",
        "fact_evaluation",
        "highlights",
        "ledger_sheet",
        "standings",
        "step_chart",
        "watchlist_evaluation",
    ),
)
ALLOWED = {"queries": {"lark", "re2"}, "vocabulary": {"ahocorasick_rs"}}
HEAVY = {
    "spacy",
    "transformers",
    "onnxruntime",
    "numpy",
    "torch",
    "sqlalchemy",
    "httpx2",
    "feedparser",
    "slack_sdk",
    "apscheduler",
    "prometheus_client",
    "jinja2",
    "starlette",
    "uvicorn",
    "icalendar",
    "matplotlib",
    "procrastinate",
    "weasyprint",
    "psycopg",
    "pydantic",
    "yaml",
}
RANK = {name: rank for rank, floor in enumerate(FLOORS) for name in floor}


def imported(path: Path) -> Iterator[str]:
    """The full name of every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            module = node.module or ""
            yield from (f"bot.{alias.name}" for alias in node.names) if module == "bot" else (module,)


@pytest.mark.parametrize("name", RANK)
def test_nouns_ports_and_pipeline_import_only_the_standard_library_and_lower_floors(name: str) -> None:
    for module in imported(PACKAGE / f"{name}.py"):
        top, _, rest = module.partition(".")
        if top == "bot":
            assert RANK.get(rest, len(FLOORS)) < RANK[name] or rest in FLOORS[0], f"{name} imports {module}"
        else:
            assert top in sys.stdlib_module_names | ALLOWED.get(name, set()), f"{name} imports {module}"


@pytest.mark.parametrize("name", [name for name in RANK if RANK[name] <= RANK["pipeline"]])
def test_nouns_ports_and_pipeline_read_no_clock_file_or_environment(name: str) -> None:
    tree = ast.parse((PACKAGE / f"{name}.py").read_text("utf-8"))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not {call for call in calls if call.endswith((".now", ".utcnow", ".today", ".read_text", ".getenv"))}
    assert "open" not in calls
    assert not {"os", "time", "pathlib", "random", "socket"} & {
        module.partition(".")[0] for module in imported_by(name)
    }


def imported_by(name: str) -> set[str]:
    return set(imported(PACKAGE / f"{name}.py"))


@pytest.mark.parametrize("plug", PLUGS)
def test_plugs_do_not_know_each_other_nor_the_app(plug: str) -> None:
    above = ("app", "cli", "commands", "terminal", "config", "checks", "demo", "live", "undo", "interactive", "web")
    forbidden = {f"bot.{other}" for other in (*PLUGS, *above) if other != plug}
    for path in sorted((PACKAGE / plug).rglob("*.py")):
        for module in imported(path):
            assert not any(module == bad or module.startswith(f"{bad}.") for bad in forbidden), (
                f"{path} imports {module}"
            )


def test_the_app_alone_picks_the_plugs() -> None:
    above = {"app", "cli", "checks", "demo", "live", "terminal", "undo", "__main__"}
    for path in sorted(PACKAGE.glob("*.py")):
        if path.stem not in above:
            for module in imported(path):
                assert module.split(".")[:2] not in [["bot", plug] for plug in PLUGS], f"{path} imports {module}"


def loaded(code: str) -> set[str]:
    """The top-level modules that are loaded once a fresh interpreter has run `code`."""
    command = (
        f"{code}\nimport sys; print(' '.join({{name.partition('.')[0] for name in sys.modules}}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_importing_the_pipeline_loads_nothing_heavy() -> None:
    assert not HEAVY & loaded("import bot.pipeline")


def test_asking_for_help_loads_nothing_heavy() -> None:
    code = """
import sys
sys.argv = ["tariffwatch", "--help"]
from bot.cli import main
try:
    main()
except SystemExit:
    pass
"""
    modules = loaded(code)
    assert "typer" in modules
    assert not HEAVY & modules
