"""A statement of the ledger: the lists, for people, as JSON and as CSV, and the command that prints them."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.statement import as_csv, as_json, history, lines
from bot.stores.sql import open_store
from tests.ledger_makers import a_measure, a_state, day

CUT = a_measure(
    a_state(25, "in_force"), a_state(18, days=5, effective=day(9), action="cut", outlet="Gulf Wire"), title="A cut"
)
THREAT = a_measure(a_state(100, "threatened", 2), id="us-ca", title="A threat")
GONE = a_measure(a_state(10, "struck_down", 1, verified=False, contested="some"), id="us-all", title="A base")
MEASURES = (GONE, THREAT, CUT)


def listed(at: float) -> list[tuple[str, str, str]]:
    return [(line.section, line.measure.title, line.words) for line in lines(MEASURES, day(at))]


def test_a_statement_has_what_is_in_force_then_pending_then_threatened_then_ended() -> None:
    assert listed(6) == [
        ("in_force", "A cut", "25 % in force"),
        ("pending", "A cut", "18 % announced, from 11 Mar 2026"),
        ("threatened", "A threat", "100 % threatened"),
        ("ended", "A base", "10 % struck down"),
    ]


def test_a_statement_of_an_earlier_day_knows_less() -> None:
    assert listed(0) == [("in_force", "A cut", "25 % in force")]


def test_what_came_into_force_by_its_date_alone_says_so() -> None:
    assert listed(9)[0] == ("in_force", "A cut", "18 % in force, from 11 Mar 2026 (by its date)")


def test_each_line_has_the_sentence_the_source_and_the_link() -> None:
    (line,) = (line for line in lines(MEASURES, day(6)) if line.measure is GONE)
    assert line.sources == (
        "The tariff is so and so.", "Deccan Ledger, 3 Mar 2026, not verified, contested: some", "https://deccan.example/1",
    )  # fmt: skip


def test_a_history_has_all_that_was_known_by_the_day_oldest_first() -> None:
    assert [line.words for line in history([CUT], day(5))] == ["25 % in force", "18 % announced, from 11 Mar 2026"]
    assert [line.words for line in history([CUT], day(4))] == ["25 % in force"]


def test_json_and_csv_tell_the_same() -> None:
    shown = lines(MEASURES, day(6))
    told = json.loads(as_json(shown, day(6), None))
    assert (told["on"], told["timeline_as_of"]) == ("2026-03-08", None)
    rows = list(csv.DictReader(StringIO(as_csv(shown))))
    assert [row["words"] for row in rows] == [state["words"] for state in told["states"]]
    assert list(rows[0]) == list(told["states"][0])
    assert (rows[1]["effective"], rows[1]["target"], rows[1]["rate"]) == ("2026-03-11", "IN", "18")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "\t=", "\n="])
def test_no_cell_is_a_formula(start: str) -> None:
    evil = f'{start}HYPERLINK("https://evil.example")'
    shown = lines([a_measure(a_state(sentence=evil, outlet=evil), title=evil, goods=(evil, "steel"))], day(1))
    (row,) = csv.DictReader(StringIO(as_csv(shown)))
    assert [row[name] for name in ("sentence", "outlet", "title")] == [f"'{evil}"] * 3
    assert row["goods"] == f"'{evil} steel"


# the command


CONFIG = """\
channel: "#desk"
store: sqlite:///ours.db
watchlists: [{name: all, query: relevant}]
feeds: [{url: "https://a.example/feed", outlet: A}]
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ledger(*words: str) -> str:
    done = CliRunner().invoke(app, ["ledger", *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_without_measures_of_its_own_the_command_shows_the_timeline_and_says_as_of_when(desk: Path) -> None:
    shown = ledger("--on", "2026-02-10")
    assert shown.startswith("The ledger on 2026-02-10 — of the shipped timeline, as of 2026-")
    assert shown.index("In force") < shown.index("25 % in force") < shown.index("Pending") < shown.index("18 % agreed")
    assert not (desk / "ours.db").exists()


def test_the_measures_of_the_store_are_shown_instead_and_text_is_never_markup(desk: Path) -> None:
    store = open_store(f"sqlite:///{desk / 'ours.db'}")
    store.save_follow([], [], [], [a_measure(a_state(sentence="[bold]Up[/bold] :smile: it goes."))])
    store.close()
    shown = ledger("--on", "2026-03-09")
    assert shown.startswith("The ledger on 2026-03-09\n")
    assert "[bold]Up[/bold] :smile: it goes." in shown
    assert "trade agreement" not in shown


def test_the_history_stands_under_the_title_of_each_measure(desk: Path) -> None:
    shown = ledger("--history")
    part = shown[shown.index("US Section 122 tariff on all imports") :]
    assert part.index("10 % in force") < part.index("10 % expired")


def test_programs_get_json_or_csv(desk: Path) -> None:
    assert json.loads(ledger("--json"))["states"]
    assert ledger("--history", "--csv").startswith("section,id,imposer,")
    assert CliRunner().invoke(app, ["ledger", "--json", "--csv"]).exit_code == 2
    assert CliRunner().invoke(app, ["ledger", "--on", "yesterday"]).exit_code == 2
