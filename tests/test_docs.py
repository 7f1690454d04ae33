"""What the documents say of commands, files, targets and shapes is so."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from bot.analysis import LABELS, Scores, analyze
from bot.backtest import Item, backtest
from bot.backtest_lines import as_json
from bot.batch import article, record
from bot.cli import app
from bot.evaluation import Case, evaluate
from bot.examination import Read
from bot.feedback import Reason, Report, Seen, Share, Suggestion, log_odds, wilson
from bot.feedback_lines import as_json as feedback_json
from bot.feeds import FeedState
from bot.health import FAILING, Health
from bot.heartbeat import Pulse
from bot.heartbeat import as_json as pulse_json
from bot.nlp.gazetteer import load_vocabulary
from bot.nlp.keywords import PlainReader
from bot.statement import COLUMNS
from bot.watchlist_evaluation import Told, evaluate_set
from bot.watchlists import compile_watchlist
from tests.deadline_makers import a_deadline
from tests.ledger_makers import a_fact
from tests.makers import NOW, a_feed, a_watchlist, an_alert

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")])
COMMANDS = (ROOT / "docs" / "commands.md").read_text("utf-8")
LEDGER = (ROOT / "docs" / "ledger.md").read_text("utf-8")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands(group: Any, name: str = "tariffwatch") -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its whole name."""
    for part, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name} {part}")
        else:
            yield f"{name} {part}", command


ALL_COMMANDS = dict(commands(typer.main.get_command(app)))


def sections(text: str) -> dict[str, str]:
    """The text below each heading of the second level."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def blocks(text: str, language: str) -> list[str]:
    return [body for kind, body in FENCED.findall(text) if kind == language]


def shell_lines(text: str) -> set[str]:
    """Calls of the program in blocks and between backticks, without comments and redirections."""
    written = [line for _, body in FENCED.findall(text) for line in body.splitlines()]
    written += re.findall(r"`(tariffwatch [a-z-][^`\n]*)`", FENCED.sub("", text))
    calls = (line.partition(" #")[0].partition(" > ")[0].strip() for line in written)
    return {call for call in calls if call.startswith("tariffwatch ")}


CALLS = sorted({(named(path), call) for path in DOCUMENTS for call in shell_lines(path.read_text("utf-8"))})


def headings(text: str) -> set[str]:
    """The anchors that a heading gets on GitHub."""
    found = re.findall(r"^#+ (.+)$", FENCED.sub("", text), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_each_command_has_a_section_and_each_section_a_command() -> None:
    assert {name for name in sections(COMMANDS) if name.startswith("tariffwatch ")} == set(ALL_COMMANDS)


@pytest.mark.parametrize("name", ALL_COMMANDS)
def test_each_option_stands_in_the_section_of_its_command(name: str) -> None:
    options = {o for p in ALL_COMMANDS[name].params for o in p.opts if o.startswith("-")} - {"--help", "-h"}
    assert {option for option in options if f"`{option}`" not in sections(COMMANDS)[name]} == set()


def test_the_options_of_the_program_itself_are_documented() -> None:
    options = {o for p in typer.main.get_command(app).params for o in p.opts if o.startswith("--")}
    assert {option for option in options if option not in COMMANDS} == set()


@pytest.mark.parametrize(("document", "call"), CALLS)
def test_a_call_of_the_program_in_a_document_is_understood(document: str, call: str) -> None:
    answer = CliRunner().invoke(app, [*shlex.split(call)[1:], "--help"])
    assert answer.exit_code == 0, f"{document}: {call}\n{answer.output}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_each_link_to_a_file_of_the_project_leads_somewhere(document: Path) -> None:
    text = FENCED.sub("", document.read_text("utf-8"))
    dead = []
    for target in re.findall(r"\]\(([^()\s]+)\)", text):
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if re.match(r"[a-z]+:", target) or (file.is_relative_to(ROOT) and file.exists() and _has(file, anchor)):
            continue
        dead.append(target)
    assert dead == []


def _has(file: Path, anchor: str) -> bool:
    return not anchor or anchor in headings(file.read_text("utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_each_make_target_that_is_named_exists(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    wanted = set(re.findall(r"(?:`|^)make ([a-z][a-z-]*)", document.read_text("utf-8"), flags=re.MULTILINE))
    assert {target for target in wanted if not re.search(rf"^{target}:", makefile, flags=re.MULTILINE)} == set()


@pytest.mark.parametrize("name", ["README.md", "docs/watchlists.md"])
def test_the_watchlist_that_is_shown_compiles(name: str) -> None:
    words = load_vocabulary(ROOT / "models" / "entities")
    shown = [yaml.safe_load(body) for body in blocks((ROOT / name).read_text("utf-8"), "yaml")]
    watchlists = [w for part in shown for w in part.get("watchlists", ())]
    assert [compile_watchlist(w["name"], w["query"], words).name for w in watchlists] == ["shrimp"]


def test_the_shapes_of_json_that_are_shown_are_those_that_come() -> None:
    shown = {name: [json.loads(body) for body in blocks(text, "json")] for name, text in sections(COMMANDS).items()}
    told = article({"title": "A title"}, NOW)
    scores = Scores(dict.fromkeys(LABELS, 0.5), dict.fromkeys(LABELS, True), (), "a model")
    (analyzed,) = shown["tariffwatch analyze"]
    came = record("a1", Read(told, analyze(told, scores, facts=(a_fact(),), deadlines=(a_deadline(),))))
    assert _shape(analyzed) == _shape(came)
    _, evaluated, of_watchlists = shown["tariffwatch eval"]
    result = evaluate("tariff_threat", [Case("x9", "A title", wanted=False, score=0.9, said=True)])
    assert _shape(evaluated["labels"][0]) == _shape(json.loads(json.dumps(asdict(result))))
    differ = [Told("x9", "A title", True, 0.4, said, fired) for said, fired in ((True, ()), (False, ("courts",)))]
    sets = json.loads(json.dumps(asdict(evaluate_set(differ, ["courts"]))))
    assert _shape(of_watchlists) == _shape({"model": "a model", **sets})
    (backtested,) = shown["tariffwatch backtest"]
    item = Item(told, analyze(told, scores))
    watchlists = [a_watchlist(query=query) for query in ("relevant", "topic:tariff_threat")]
    tried = backtest([item], *watchlists, read=PlainReader().read, plain=PlainReader().read)
    assert tried
    assert _shape(backtested) == _shape(json.loads(as_json(tried)) | {"best": [], "near": [], "lost": [], "gained": []})


def test_each_column_of_the_files_of_the_ledger_is_told() -> None:
    told = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.+?) \|", LEDGER, flags=re.MULTILINE))))
    assert set(COLUMNS) <= told


def test_the_shape_of_a_status_that_is_shown_is_the_one_that_comes() -> None:
    (shown,) = [json.loads(body) for body in blocks(sections(COMMANDS)["tariffwatch status"], "json")]
    health = Health(a_feed(), FeedState("https://a.example/rss", errors=2, error="dns: no such host"), FAILING)
    did = dict.fromkeys(("sent", "items", "dead", "wanted", "stories"), 0)
    pulse = Pulse(NOW, NOW, (health,), did, 0, 0, None, 1, 0, 0, (an_alert(),))
    assert _shape(shown) == _shape(json.loads(pulse_json(pulse)))


def test_the_shape_of_a_report_of_feedback_that_is_shown_is_the_one_that_comes() -> None:
    (shown,) = [json.loads(body) for body in blocks(sections(COMMANDS)["tariffwatch feedback report"], "json")]
    seen = Seen("a1", "A title", "https://a.example/1", "A", NOW)
    share = Share("dairy", 9, 6, 0, wilson(9, 15))
    suggestion = Suggestion("dairy", "", "", log_odds(6, 6, 0, 9), 6, 9, (seen,), ())
    reason = Reason("spam", 6, wilson(6, 15))
    came = Report(15, 3, 15, (seen,), share, (share,), (), (), (reason,), (suggestion,))
    assert _shape(shown) == _shape(json.loads(feedback_json(came)))


def _shape(value: Any) -> Any:
    """The keys, all the way down; of a list its first entry, if that is an object."""
    if isinstance(value, dict):
        return {key: _shape(inside) for key, inside in value.items()}
    return [_shape(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None


def test_each_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = (line for extra in project["project"]["optional-dependencies"].values() for line in extra)
    wanted = [*project["project"]["dependencies"], *extras]
    names = {re.split(r"[\[<>=;~! ]", line)[0] for line in [*wanted, *project["dependency-groups"]["dev"]]}
    (record_of_libraries,) = [path for path in DECISIONS if "libraries" in path.name]
    text = record_of_libraries.read_text("utf-8")
    assert {name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)} == set()


@pytest.mark.parametrize("decision", DECISIONS, ids=named)
def test_a_decision_tells_its_problem_the_choice_and_the_costs(decision: Path) -> None:
    found = sections(decision.read_text("utf-8"))
    assert {"Problem", "Decision", "What it costs"} <= found.keys()


def test_no_two_decisions_share_a_number() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(numbers) == len(set(numbers))


def test_the_picture_of_the_card_is_small_enough_for_a_page() -> None:
    picture = (ROOT / "docs" / "img" / "card.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 200_000
