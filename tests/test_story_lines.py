"""Stories in lines and JSON: which there are, who is in one and why, and what was sent of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.alerts import SENT
from bot.cli import app
from bot.doubts import Doubt
from bot.errors import UnknownStory
from bot.stories import Merge, Split, Story
from bot.story_lines import lines, row, span, summary, whole
from tests.line import Line, store_at
from tests.makers import DAY, HOUR, NOW, a_member, a_story, an_alert, an_article


def a_told_story() -> Story:
    first = a_member("a1", was=("US to raise tariff on Indian shrimp to 20%",))
    copy = a_member(
        "b1", outlet="Gulf Wire", copy_of="a1", why="copy of Deccan Ledger, “US to raise tariff”", published=NOW
    )
    order = a_member("c1", outlet="Federal Register", official=True, why="0.81 alike: shrimp", published=NOW + 2 * DAY)
    merge = Merge("z9", "c1", NOW, "“Order” tells of both; 0.77 alike")
    split = Split("y9", "d1", NOW, "“Honey” tells of “Beekeepers”, and not of “Order”")
    return replace(a_story(first, copy, order), merges=(merge,), splits=(split,), doubts=(Doubt(("c1",), 1.4),))


ALERT = an_alert("x1", story_id="z9", state=SENT)


def test_a_story_is_shown_with_its_members_their_marks_and_why_each_joined() -> None:
    shown = "\n".join(lines(a_told_story(), [ALERT]))
    assert shown.startswith("US to raise tariff on Indian shrimp to 25%\n  a1 · 2 publishers, 3 articles, 2 days\n")
    titles = [f"US to raise tariff on Indian shrimp to {rate}%" for rate in (25, 20)]
    assert f"Deccan Ledger · edited\n    {titles[0]}\n    was: {titles[1]}\n" in shown
    assert "Gulf Wire · copy\n" in shown
    assert "    copy of Deccan Ledger, “US to raise tariff”\n" in shown
    assert "Federal Register · official · in doubt\n" in shown
    assert (
        "\nParted from\n  y9 on 2 Mar 2026 15:00 IST (09:30 UTC): “Honey” tells of “Beekeepers”, and not of “Order”\n"
        in shown
    )
    assert "\nMerged into it\n  z9 on 2 Mar 2026 15:00 IST (09:30 UTC): “Order” tells of both; 0.77 alike\n" in shown
    assert shown.endswith("· #desk · medium · new · sent: US to raise tariff on Indian shrimp to 25%")


def test_what_was_sent_without_knowing_whether_it_had_been_is_marked() -> None:
    perhaps = replace(ALERT, blind=True)
    assert "· new · sent, perhaps twice: US" in "\n".join(lines(a_told_story(), [perhaps]))
    assert [s["perhaps_twice"] for s in whole(a_told_story(), [ALERT, perhaps])["sent"]] == [True, False]


def test_a_story_of_which_nothing_was_sent_says_so() -> None:
    assert "\n".join(lines(a_story(told=()), [])).endswith("\nSent\n  nothing")
    assert "told to nobody" in summary(a_story(told=()), [])[1]


def test_a_story_in_the_list_has_its_size_its_span_and_what_was_told_of_it() -> None:
    left, right = summary(a_told_story(), [ALERT])
    assert left.endswith("\n2 days\n2 publishers, 3 articles")
    assert right == "US to raise tariff on Indian shrimp to 25%\nmedium · #desk\na1"


@pytest.mark.parametrize(
    ("later", "words"), [(HOUR / 2, "within an hour"), (HOUR, "1 hour"), (5 * HOUR, "5 hours"), (DAY, "1 day")]
)
def test_the_span_is_told_in_hours_then_in_days(later: object, words: str) -> None:
    story = a_story()
    assert span(replace(story, updated=story.started + later)) == words  # type: ignore[operator]  # all are timedeltas


def test_json_has_every_member_merge_and_alert() -> None:
    told = json.loads(json.dumps(whole(a_told_story(), [ALERT])))
    assert [(m["article"], m["copy_of"], m["was"]) for m in told["members"]] == [
        ("a1", "", ["US to raise tariff on Indian shrimp to 20%"]),
        ("b1", "a1", []),
        ("c1", "", []),
    ]
    assert told["merges"][0]["story"] == "z9"
    assert [(s["channel"], s["state"]) for s in told["sent"]] == [("#desk", "sent")]
    assert row(a_told_story(), []).items() <= (whole(a_told_story(), []) | {"severity": ""}).items()


# the commands


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(
        "channel: '#desk'\nwatchlists: [{name: a, query: tariff}]\nfeeds: [{url: https://a.example/rss, outlet: A}]\n",
        "utf-8",
    )
    return tmp_path


def said(*words: str) -> str:
    done = CliRunner().invoke(app, words)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_stories_and_story_show_what_the_store_has(desk: Path) -> None:
    line = Line(store_at(desk / "tariffwatch.db"))
    line.told(
        an_article("a1"),
        an_article("b1", title="Indian shrimp faces 25% US tariff", text="Buyers pay.", outlet="Gulf Wire"),
    )
    line.store.close()
    assert "2 publishers, 2 articles" in said("stories", "--since", "2026-02-01")
    (listed,) = json.loads(said("stories", "--since", "2026-02-01", "--json"))
    assert (listed["id"], listed["channels"], listed["severity"]) == ("a1", ["#desk"], "high")
    by_url, by_id = said("story", "https://a.example/b1"), said("story", "a1")
    assert by_url == by_id
    assert "Gulf Wire\n    Indian shrimp faces 25% US tariff\n" in by_id
    assert json.loads(said("story", "a1", "--json"))["members"][1]["outlet"] == "Gulf Wire"
    assert said("stories", "--since", "2026-04-01") == "No stories since 2026-04-01.\n"


def test_what_no_story_is_known_by_is_refused_and_no_store_is_made(desk: Path) -> None:
    with pytest.raises(UnknownStory, match="no story is known by 'zz' — `tariffwatch stories` lists them"):
        said("story", "zz")
    assert said("stories", "--json") == "[]\n"
    assert not (desk / "tariffwatch.db").exists()
