"""Hours: times of day in zones that change their clocks, each local date once, and quiet hours that always end."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.hours import Occasion, Span, due_on, end_of, instant, local_day

NIGHT = Span(time(22), time(7))
NEW_YORK, HOWE, APIA = ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")
# Each with years in which its clocks, or even its days, do something odd.
YEARS = [
    ("Asia/Kolkata", 2026),
    ("America/New_York", 2026),
    ("Europe/London", 2026),
    ("Australia/Lord_Howe", 2026),
    ("Pacific/Apia", 2011),
    ("America/Nuuk", 2024),
    ("Africa/Cairo", 2026),
]


def at(text: str, zone: ZoneInfo = NEW_YORK, fold: int = 0) -> datetime:
    """ "2026-03-08 01:30" by the clock on the wall."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def kept(occasion: Occasion, zone: ZoneInfo, start: datetime, end: datetime, step: timedelta) -> list[date]:
    """The days that a daemon keeps which looks every `step`."""
    days: list[date] = []
    now = start
    while now < end:
        if day := due_on(occasion, zone, days[-1] if days else None, now):
            days.append(day)
        now += step
    return days


@pytest.mark.fault("S33", "T08")
@pytest.mark.parametrize(("name", "year"), YEARS)
@pytest.mark.parametrize("clock", [time(0, 0), time(2, 15), time(8, 30), time(23, 59)])
def test_in_a_year_of_ticks_each_local_date_has_its_digest_exactly_once(name: str, year: int, clock: time) -> None:
    zone, step = ZoneInfo(name), timedelta(minutes=31)
    start, end = (datetime(year + n, 1, 1, tzinfo=zone).astimezone(UTC) for n in (0, 1))
    lived: list[date] = []
    now = start
    while now < end:
        lived += [local_day(now, zone)] if local_day(now, zone) not in lived[-1:] else []
        now += step
    found = kept(Occasion(clock), zone, start, end + timedelta(hours=1), step)
    assert [day for day in found if day.year == year] == lived


def test_a_day_that_a_country_left_out_has_none() -> None:
    found = kept(
        Occasion(time(8, 30)), APIA, at("2011-12-29 00:00", APIA), at("2012-01-01 00:00", APIA), timedelta(minutes=7)
    )
    assert found == [date(2011, 12, 29), date(2011, 12, 31)]


def test_a_weekly_one_comes_once_a_week_on_its_day() -> None:
    found = kept(Occasion(time(2, 30), 6), NEW_YORK, at("2026-01-01 00:00"), at("2027-01-01 00:00"), timedelta(hours=1))
    assert len(found) == 52
    assert {day.weekday() for day in found} == {6}


@pytest.mark.fault("S33", "T08")
def test_a_time_that_is_left_out_is_as_much_later_and_one_that_comes_twice_counts_the_first_time() -> None:
    assert instant(date(2026, 3, 8), time(2, 30), NEW_YORK) == at("2026-03-08 03:30")
    assert instant(date(2026, 11, 1), time(1, 30), NEW_YORK) == at("2026-11-01 01:30", fold=0)
    assert instant(date(2026, 10, 4), time(2, 15), HOWE) == at(
        "2026-10-04 02:45", HOWE
    )  # half an hour is left out there


def test_a_daemon_that_was_down_at_the_time_is_late_on_the_same_date_and_not_on_the_next() -> None:
    daily, yesterday = Occasion(time(8, 30)), date(2026, 3, 1)
    assert due_on(daily, NEW_YORK, yesterday, at("2026-03-02 08:29")) is None
    assert due_on(daily, NEW_YORK, yesterday, at("2026-03-02 23:50")) == date(2026, 3, 2)
    assert due_on(daily, NEW_YORK, yesterday, at("2026-03-05 08:00")) is None


def test_a_digest_just_before_midnight_is_not_lost_where_the_next_look_comes_after_it() -> None:
    assert due_on(Occasion(time(23, 50)), NEW_YORK, None, at("2026-03-03 00:05")) == date(2026, 3, 2)


def test_after_days_down_there_is_one_digest_and_not_many() -> None:
    found = kept(Occasion(time(8, 30)), NEW_YORK, at("2026-03-05 09:00"), at("2026-03-06 08:00"), timedelta(minutes=10))
    assert found == [date(2026, 3, 5)]


def test_a_weekly_one_that_was_missed_comes_on_a_later_day_if_there_was_one_before() -> None:
    weekly, thursday = Occasion(time(8, 30), 0), at("2026-03-05 12:00")
    assert due_on(weekly, NEW_YORK, date(2026, 2, 23), thursday) == date(2026, 3, 2)
    assert due_on(weekly, NEW_YORK, date(2026, 3, 2), thursday) is None
    assert due_on(weekly, NEW_YORK, None, thursday) is None
    assert due_on(weekly, NEW_YORK, None, at("2026-03-02 23:00")) == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-03-02 21:59", None),
        ("2026-03-02 22:00", "2026-03-03 07:00"),
        ("2026-03-03 00:00", "2026-03-03 07:00"),
        ("2026-03-03 06:59", "2026-03-03 07:00"),
        ("2026-03-03 07:00", None),
        ("2026-03-07 23:00", "2026-03-08 07:00"),  # the night that is an hour shorter
    ],
)
def test_quiet_hours_may_cross_midnight_and_end_by_the_clock_on_the_wall(now: str, end: str | None) -> None:
    assert end_of(NIGHT, NEW_YORK, at(now)) == (at(end) if end else None)


def test_quiet_hours_of_one_day_are_just_those() -> None:
    lunch = Span(time(12), time(13, 30))
    assert end_of(lunch, NEW_YORK, at("2026-03-02 11:59")) is None
    assert end_of(lunch, NEW_YORK, at("2026-03-02 12:00")) == at("2026-03-02 13:30")


@pytest.mark.fault("T08")
def test_an_hour_that_comes_twice_is_quiet_once() -> None:
    early = Span(time(22), time(1, 30))
    assert end_of(early, NEW_YORK, at("2026-11-01 01:10", fold=0)) == at("2026-11-01 01:30", fold=0)
    assert end_of(early, NEW_YORK, at("2026-11-01 01:10", fold=1)) is None


@pytest.mark.parametrize(("name", "year"), YEARS)
def test_whatever_the_zone_quiet_hours_end_within_a_day_and_are_over_then(name: str, year: int) -> None:
    zone, now = ZoneInfo(name), datetime(year, 1, 1, tzinfo=UTC)
    while now.year == year:
        for span in (NIGHT, Span(time(1, 15), time(2, 15)), Span(time(23, 30), time(0, 0))):
            if end := end_of(span, zone, now):
                assert now < end <= now + timedelta(hours=34)  # Apia once slept through a whole day
                assert end_of(span, zone, end) is None
        now += timedelta(minutes=97)
