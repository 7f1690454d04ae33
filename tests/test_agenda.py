"""An agenda: the calendar for people, as JSON and as CSV, and the command that prints it."""

import csv
import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from icalendar import Calendar
from typer.testing import CliRunner

from bot.agenda import as_csv, as_json, what, when
from bot.app import clock
from bot.cli import app
from bot.feeds import FeedState
from bot.stores.sql import open_store
from tests.deadline_makers import TODAY, a_deadline, upcoming
from tests.ledger_makers import a_measure, a_state
from tests.makers import FEED, an_analysis, an_article
from tests.test_statement import CONFIG

SOON = clock().date() + timedelta(days=3)


def test_a_deadline_is_told_with_days_left_sentence_sources_and_link() -> None:
    one = upcoming(a_deadline(outlet="Gulf Wire"), dockets=("USTR-2026-0012",), verified=False)
    assert when(one, TODAY) == "Fri 20 March 2026\nin 18 days"
    assert what(one).splitlines() == [
        "comments due: USTR asks for comments on India (USTR-2026-0012)",
        "Comments are due by March 20, 2026.",
        "Deccan Ledger, 2 Mar 2026, not verified, also Gulf Wire",
        "https://deccan.example/1",
    ]


@pytest.mark.parametrize(("days", "words"), [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (-9, "9 days ago")])
def test_how_far_a_day_is_is_told_in_words(days: int, words: str) -> None:
    assert when(upcoming(day=TODAY + timedelta(days=days)), TODAY).splitlines()[1] == words


def test_json_and_csv_tell_the_same_and_no_cell_is_a_formula() -> None:
    shown = [upcoming(title="=1+1")]
    told = json.loads(as_json(shown, TODAY, date(2026, 3, 1)))
    assert (told["on"], told["timeline_as_of"]) == ("2026-03-02", "2026-03-01")
    (row,) = csv.DictReader(StringIO(as_csv(shown, TODAY)))
    assert list(row) == list(told["deadlines"][0])
    assert (row["day"], row["days_left"], row["title"], row["target"]) == ("2026-03-20", "18", "'=1+1", "IN")


# the command


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def with_store(desk: Path) -> None:
    """A store with a deadline in three days, and one of the ledger in thirteen."""
    store = open_store(f"sqlite:///{desk / 'ours.db'}")
    measure = a_measure(a_state(18, effective=SOON + timedelta(days=10)))
    store.save_follow([], [], [], [measure])
    store.save_feed(FeedState(FEED), [an_article()])
    store.save_analyses([(an_article(), an_analysis(deadlines=(a_deadline(SOON, title="[bold]A title[/bold]"),)))])
    store.close()


def deadlines(*words: str) -> str:
    done = CliRunner().invoke(app, ["deadlines", *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_without_a_store_the_command_shows_the_timeline_and_says_as_of_when(desk: Path) -> None:
    shown = deadlines("--all")
    assert "from the shipped timeline, as of 2026-" in shown
    assert "takes effect: US Section 301 action on India: 12.5 % in force" in shown
    assert not (desk / "ours.db").exists()


def test_what_is_in_the_store_is_shown_in_order_and_text_is_never_markup(desk: Path) -> None:
    with_store(desk)
    shown = deadlines()
    assert shown.index("in 3 days") < shown.index("in 13 days")
    assert "[bold]A title[/bold]" in shown
    assert "timeline" not in shown


def test_days_leaves_out_what_is_further_off(desk: Path) -> None:
    with_store(desk)
    assert "in 13 days" not in deadlines("--days", "5")
    assert "Nothing is set for the next 2 days" in deadlines("--days", "2")


def test_a_calendar_file_is_written_and_parses_back(desk: Path) -> None:
    with_store(desk)
    assert deadlines("--ics", "desk.ics") == "desk.ics: 2 deadlines\n"
    assert len(Calendar.from_ical((desk / "desk.ics").read_bytes()).events) == 2


def test_programs_get_json_or_csv_and_one_of_them(desk: Path) -> None:
    with_store(desk)
    assert [row["days_left"] for row in json.loads(deadlines("--json"))["deadlines"]] == [3, 13]
    assert deadlines("--csv").startswith("id,days_left,day,kind,")
    assert CliRunner().invoke(app, ["deadlines", "--json", "--csv"]).exit_code == 2


def test_a_calendar_file_that_cannot_be_written_is_told(desk: Path) -> None:
    done = CliRunner().invoke(app, ["deadlines", "--ics", "nowhere/desk.ics"])
    assert "nowhere/desk.ics cannot be written" in str(done.exception)
