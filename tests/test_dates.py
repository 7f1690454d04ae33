"""Dates as feeds write them."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sources.dates import parse_date

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
INDIA = "Asia/Kolkata"


def parse(raw: str, zone: str = "", day_first: bool = True) -> datetime | None:
    return parse_date(raw, zone, day_first, NOW)


def at(hour: int, minute: int = 0, day: int = 20, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Fri, 20 Nov 2026 12:40:00 +0530", at(7, 10)),
        ("Fri, 20 Nov 2026 12:40:00 IST", at(7, 10)),
        ("Fri, 20 Nov 2026 12:40 GMT", at(12, 40)),
        ("20 Nov 26 12:40 EST", at(17, 40)),
        ("Fri,20-Nov-2026 12:40:60 PDT", datetime(2026, 11, 20, 19, 40, 59, tzinfo=UTC)),
        ("Fri, 20 November 2026 12:40:00 +0000 (UTC)", at(12, 40)),
        ("Fri, 20 Nov 2026 12:40:00 UTC+5:30", at(7, 10)),
        ("Fri, 20 Nov 2026 12:40:00 +0530 IST", at(7, 10)),
        ("Fri, 20 Nov 2026 12:40:00 XYZ", at(12, 40)),
        ("Fri Nov 20 12:40:00 2026", at(12, 40)),
        ("Fri Nov 20 12:40:00 IST 2026", at(7, 10)),
        ("Nov 20, 2026 10:30 am EST", at(15, 30)),
        ("November 20, 2026", at(0)),
        ("20th November 2026, 10.15 p.m.", at(22, 15)),
        ("Friday, November 20, 2026 - 14:30", at(14, 30)),
        ("2026-11-20T12:40:00Z", at(12, 40)),
        ("2026-11-20T12:40:00.1234567+05:30", at(7, 10)),
        ("2026-11-20T12:40:00+05", at(7, 40)),
        ("2026-11-20 12:40:00 IST", at(7, 10)),
        ("2026-11-20T12:40:00+05:30[Asia/Kolkata]", at(7, 10)),
        ("20261120T124000Z", at(12, 40)),
        ("2026-11-20", at(0)),
        ("2026/11/20 9:05", at(9, 5)),
        ("20.11.2026 09:15", at(9, 15)),
        ("1795178400", at(12, 40)),
        ("1795178400000", at(12, 40)),
        ("शुक्रवार, 20 नवंबर 2026 12:40:00 +0530", at(7, 10)),
        ("२० नवंबर २०२६ 10:00", at(10)),
        ("15 अगस्त 2026, 08:30", at(8, 30, day=15, month=8)),
    ],
)
def test_a_date_is_read(raw: str, expected: datetime) -> None:
    found = parse(raw)
    assert found is not None
    assert found.replace(microsecond=0) == expected
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("raw", "day_first", "expected"),
    [
        ("02/11/2026", True, at(0, day=2)),
        ("02/11/2026", False, at(0, day=11, month=2)),
        ("20/11/2026 07:15", False, at(7, 15)),
        ("11-20-2026", True, at(0)),
        ("02.11.26", True, at(0, day=2)),
    ],
)
def test_the_feed_says_whether_the_day_comes_first_and_numbers_above_twelve_say_it_themselves(
    raw: str, day_first: bool, expected: datetime
) -> None:
    assert parse(raw, day_first=day_first) == expected


def test_a_date_without_a_zone_is_in_that_of_the_feed() -> None:
    assert parse("2026-11-20 10:00", INDIA) == at(4, 30)
    assert parse("20 नवंबर 2026 10:00", INDIA) == at(4, 30)
    assert parse("2026-07-20 10:00", "America/New_York") == at(14, day=20, month=7)
    assert parse("Fri, 20 Nov 2026 12:40:00 GMT", INDIA) == at(12, 40)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "daily",
        "yesterday",
        "2 hours ago",
        "31 Jun 2026",
        "0000-00-00 00:00:00",
        "9999-12-31T23:59:59-05:00",
        "2026",
        "12:40",
        "20 Foo 2026",
        "99/99/2026",
        "9" * 21,
        "Fri, 20 Nov 2026 25:00:00 GMT",
    ],
)
def test_what_is_no_date_is_none(raw: str) -> None:
    assert parse(raw) is None


offsets = st.integers(-48, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2080, 1, 1), timezones=offsets)  # zones are given beside


@given(moments)
def test_every_moment_written_by_the_standards_is_read_back(moment: datetime) -> None:
    assert parse(moment.isoformat()) == moment.replace(microsecond=0)
    assert parse(format_datetime(moment)) == moment.replace(microsecond=0)


@settings(deadline=None, max_examples=60)
@given(st.text(st.sampled_from("0123456789:/-+., TZapmJanGMT()[]नवंबर०"), max_size=40))
def test_no_text_makes_the_reader_fail(raw: str) -> None:
    parse(raw, INDIA)
