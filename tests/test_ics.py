"""The calendar file: it parses back, each deadline is a day with its alarms, and text from articles forges nothing."""

from datetime import date, timedelta
from typing import Any

from icalendar import Calendar, Event

from bot.deadlines import Upcoming
from bot.ics import as_ics
from tests.deadline_makers import a_deadline, upcoming
from tests.makers import NOW


def events(*shown: Upcoming) -> list[Event]:
    return list(Calendar.from_ical(as_ics(shown, NOW)).events)


def event(**changes: Any) -> Event:
    (only,) = events(upcoming(**changes))
    return only


def test_a_deadline_is_a_day_with_its_sentence_source_and_link() -> None:
    one = event(dockets=("USTR-2026-0012",))
    assert (one.decoded("dtstart"), one.decoded("dtend")) == (date(2026, 3, 20), date(2026, 3, 21))
    assert one["summary"] == "comments due: USTR asks for comments on India"
    assert str(one["description"]).split("\n") == [
        "“Comments are due by March 20, 2026.”", "Deccan Ledger, 2026-03-02", "Docket USTR-2026-0012",
        "https://deccan.example/1",
    ]  # fmt: skip
    assert (one["url"], one.decoded("dtstamp"), one.categories) == ("https://deccan.example/1", NOW, ["comments due"])


def test_it_alarms_seven_days_and_one_day_ahead() -> None:
    alarms = event().walk("VALARM")
    assert [alarm.decoded("trigger") for alarm in alarms] == [timedelta(days=-7), timedelta(days=-1)]
    assert {str(alarm["action"]) for alarm in alarms} == {"DISPLAY"}


def test_the_uid_stays_the_same_from_one_file_to_the_next() -> None:
    assert event()["uid"] == event(title="Another title")["uid"] == f"{a_deadline().id}@tariffwatch"
    assert event()["uid"] != event(day=date(2026, 3, 21))["uid"]


def test_text_of_an_article_begins_no_line_of_its_own() -> None:
    forged = "Due\r\nEND:VEVENT\r\nBEGIN:VEVENT\nSUMMARY:forged\u2028\u202e"
    one = event(title=forged, sentence=forged, outlet=forged, url="https://a.example/\r\nATTACH:x")
    assert "url" not in one
    assert one["summary"] == "comments due: Due END:VEVENT BEGIN:VEVENT SUMMARY:forged"
    assert len(events(upcoming(title=forged, sentence=forged))) == 1


def test_long_lines_are_folded_and_read_back_whole() -> None:
    long = "Ministers weigh a duty, then another; " * 20 + "ड्यूटी"
    data = as_ics([upcoming(title=long)], NOW)
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert event(title=long)["summary"] == f"comments due: {long}"


def test_a_calendar_of_nothing_is_still_one() -> None:
    assert events() == []
