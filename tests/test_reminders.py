"""Reminders: some days ahead, once for each distance and channel, late rather than never, and never after the day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest

from bot.alerts import HIGH, MEDIUM
from bot.messages import heading
from bot.reminders import distance, reminder, reminder_ids
from bot.sinks.card import post
from bot.sinks.console import ConsoleSink
from tests.deadline_makers import TODAY, a_deadline, upcoming
from tests.line import Line, store_at
from tests.makers import CHANNEL, DAY, NOW, a_desk, an_analysis, an_article


@pytest.mark.parametrize(("left", "ahead"), [(8, None), (7, 7), (6, 7), (2, 7), (1, 1), (0, 1), (-1, None)])
def test_of_the_distances_that_are_due_the_nearest_counts(left: int, ahead: int | None) -> None:
    assert distance(upcoming(day=TODAY + timedelta(days=left)), (7, 1), TODAY) == ahead


def test_a_reminder_says_when_what_and_by_which_sentence() -> None:
    message = reminder("x", upcoming(day=date(2026, 3, 9)), TODAY)
    assert message.headline == "In 7 days, on Mon 9 March 2026: comments due — USTR asks for comments on India"
    assert (message.quotes, message.url) == (("Comments are due by March 20, 2026.",), "https://deccan.example/1")
    assert heading(message) == "MEDIUM · reminder"


def test_a_day_ahead_it_is_loud_where_it_hits_india() -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert reminder("x", upcoming(day=tomorrow), TODAY).severity == HIGH
    assert reminder("x", upcoming(day=tomorrow, target=("CN",)), TODAY).severity == MEDIUM
    assert reminder("x", upcoming(day=tomorrow + timedelta(days=2)), TODAY).severity == MEDIUM


def test_what_rests_on_secondary_sources_says_so() -> None:
    assert heading(reminder("x", upcoming(verified=False), TODAY)).endswith("not verified")


def test_another_telling_of_the_same_deadline_has_the_same_reminder_among_its_own() -> None:
    first, second = a_deadline(), a_deadline(article_id="a2", told=NOW - DAY)
    alone = reminder_ids(upcoming(), 7, CHANNEL)
    assert set(alone) < set(reminder_ids(upcoming(first, article_id=second.article_id), 7, CHANNEL))


def test_every_layout_of_a_card_says_when() -> None:
    message = reminder("x", upcoming(day=date(2026, 3, 9)), TODAY)
    assert all("In 7 days, on Mon 9 March 2026" in str(post(message, simple)) for simple in (0, 1, 2))
    console = StringIO()
    ConsoleSink(console).send(message, CHANNEL)
    assert console.getvalue().startswith("MEDIUM · reminder → #desk\nIn 7 days, on Mon 9 March 2026: comments due")


# through the line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """A desk with a deadline on 20 March in its store."""
    line = Line(store_at(tmp_path / "store.db"), desk=replace(a_desk(), reminder_days=(7, 1)))
    line.collected(an_article())
    line.store.save_analyses([(an_article(), an_analysis(deadlines=(a_deadline(),)))])
    yield line
    line.store.close()


def told(line: Line, day: int) -> list[str]:
    now = NOW.replace(day=day)
    return [alert.message.headline.partition(":")[0] for alert in line.pipeline.remind(now)]


def test_a_desk_hears_seven_days_and_one_day_ahead_once_each(line: Line) -> None:
    assert [told(line, day) for day in (12, 13, 13, 14, 18, 19, 19, 20, 21)] == [
        [], ["In 7 days, on Fri 20 March 2026"], [], [], [], ["Tomorrow, on Fri 20 March 2026"], [], [], [],
    ]  # fmt: skip


def test_after_days_away_the_nearer_one_comes_late_and_the_other_never(line: Line) -> None:
    assert [told(line, 20), told(line, 20)] == [["Today, on Fri 20 March 2026"], []]


def test_after_the_day_nothing_comes(line: Line) -> None:
    assert told(line, 21) == []


def test_a_second_outlet_does_not_bring_the_reminder_again(line: Line) -> None:
    told(line, 13)
    second = an_article("a0", published=NOW - DAY)
    line.collected(second)
    earlier = a_deadline(article_id="a0", outlet="Gulf Wire", told=NOW - DAY)
    line.store.save_analyses([(second, an_analysis("a0", deadlines=(earlier,)))])
    assert told(line, 14) == []


def test_reminders_go_to_their_own_channel_and_are_delivered(line: Line) -> None:
    line.desk = replace(line.desk, reminder_channel="#dates")
    assert len(told(line, 13)) == 1
    line.pipeline.deliver(NOW.replace(day=13))
    assert line.sink.channels() == ["#dates"]
    assert line.heard("reminder_queued")[0]["channel"] == "#dates"


def test_without_days_nothing_is_reminded_of(line: Line) -> None:
    line.desk = replace(line.desk, reminder_days=())
    assert told(line, 13) == []


def test_a_deadline_of_an_article_that_no_desk_wants_is_not_in_the_calendar(line: Line) -> None:
    other = an_article("a2")
    line.collected(other)
    unwanted = an_analysis("a2", deadlines=(a_deadline(date(2026, 3, 12), article_id="a2", ground="s232"),), why=())
    line.store.save_analyses([(other, unwanted)])
    assert [one.day for one in line.store.deadlines(TODAY)] == [date(2026, 3, 20)]
