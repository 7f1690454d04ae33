"""Notices: what the keepers of the desk hear of the program itself, in every layout, and once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest

from bot.messages import heading
from bot.ops import ending, ops_notice
from bot.sinks.card import NOTES, post
from bot.sinks.console import ConsoleSink
from bot.sinks.slack import SlackSink
from tests.fake_slack import FakeSlack
from tests.line import Line, store_at
from tests.makers import CHANNEL, DAY, NOW, a_desk, a_watchlist

TODAY = NOW.date()
OPS = "#ops"


def a_notice(*lines: str) -> str:
    """A notice as a terminal shows it."""
    console = StringIO()
    ConsoleSink(console).send(ops_notice("Settings taken", lines, OPS, "k", NOW).message, OPS)
    return console.getvalue()


def test_every_layout_tells_what_it_is_about_and_the_full_ones_each_line() -> None:
    message = ops_notice("Settings taken", ("new shrimp: hits 3", "removed oil"), OPS, "k", NOW).message
    assert heading(message) == "MEDIUM · notice"
    for simple in (0, 1):
        assert all(words in str(post(message, simple)) for words in ("Settings taken", "hits 3", "removed oil"))
    assert "Settings taken" in str(post(message, 2))
    assert a_notice("new shrimp: hits 3", "removed oil") == (
        "MEDIUM · notice → #ops\nSettings taken\n  new shrimp: hits 3\n  removed oil\n\n"
    )


def test_of_many_lines_a_card_shows_the_first_and_how_many_there_are_besides() -> None:
    shown = str(post(ops_notice("Settings taken", [f"line {n};" for n in range(90)], OPS, "k", NOW).message, 0))
    assert shown.count(";") == NOTES
    assert f"and {90 - NOTES} more" in shown


def test_slack_takes_a_notice_however_long_it_is() -> None:
    message = ops_notice("Settings refused", ["<!channel> & so on " * 200] * 90, "C0123TRADE", "k", NOW).message
    with FakeSlack("xoxb-test") as slack:
        sink = SlackSink("xoxb-test", base_url=slack.url)
        for simple in (0, 1, 2):
            assert sink.send(message, "C0123TRADE", simple=simple)
    assert len(slack.messages) == 3


def test_a_notice_is_one_for_its_key_and_channel() -> None:
    same = ops_notice("Settings taken", (), OPS, "k", NOW)
    assert ops_notice("Other words", (), OPS, "k", NOW + DAY).id == same.id
    assert ops_notice("Settings taken", (), OPS, "l", NOW).id != same.id
    assert ops_notice("Settings taken", (), CHANNEL, "k", NOW).id != same.id


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (8, ""),
        (7, "ends in 7 days: its last day is 2026-03-09"),
        (1, "ends tomorrow: its last day is 2026-03-03"),
        (0, "ends today: its last day is 2026-03-02"),
        (-1, "expired: its last day was 2026-03-01"),
    ],
)
def test_an_end_is_told_a_week_ahead_and_after(left: int, words: str) -> None:
    assert ending(a_watchlist(until=TODAY + timedelta(days=left)), TODAY) == words


def test_a_watchlist_without_a_last_day_never_ends() -> None:
    assert ending(a_watchlist(), date(2099, 1, 1)) == ""


# through the line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """A desk with a watchlist that ends in nine days."""
    ends = a_watchlist(until=TODAY + timedelta(days=9), owner="Priya")
    line = Line(store_at(tmp_path / "store.db"), desk=replace(a_desk(ends), ops_channel=OPS))
    yield line
    line.store.close()


def test_the_ops_channel_hears_of_an_end_a_week_and_a_day_ahead_and_once_it_is_over(line: Line) -> None:
    told = [[a.message.headline for a in line.pipeline.remind(NOW + n * DAY)] for n in (1, 2, 3, 8, 9, 10, 11, 30)]
    ahead, tomorrow = ("Watchlist tariffs ends in 7 days", "Watchlist tariffs ends tomorrow")
    day = "its last day is 2026-03-11"
    over = "Watchlist tariffs expired: its last day was 2026-03-11"
    assert told == [[], [f"{ahead}: {day}"], [], [f"{tomorrow}: {day}"], [], [over], [], []]
    assert [event["channel"] for event in line.heard("notice_queued")] == [OPS] * 3


def test_a_notice_names_the_owner_and_is_delivered(line: Line) -> None:
    line.pipeline.remind(NOW + 2 * DAY)
    assert line.pipeline.deliver(NOW + 2 * DAY) == 1
    ((channel, message, _),) = line.sink.sent
    assert (channel, message.lines) == (OPS, ("Owner: Priya",))


def test_without_an_ops_channel_nobody_is_told(line: Line) -> None:
    line.desk = replace(line.desk, ops_channel="")
    assert line.pipeline.remind(NOW + 30 * DAY) == []
    line.pipeline.notice("Settings taken", (), "k", NOW)
    assert line.store.alerts() == []
