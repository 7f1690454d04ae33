"""Hours: times of day as a desk keeps them, and the instants that they are in its zone.

A time that a change of clocks leaves out is as much later; of one that comes twice the first counts.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY = timedelta(days=1)
LATE = timedelta(hours=3)  # how long past midnight what was due before may still come
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to just before `end`, by the clock on the wall; past midnight where the end is the earlier."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Occasion:
    """A time of every day, or of one day a week (0 is Monday)."""

    at: time
    weekday: int | None = None


def instant(day: date, at: time, zone: tzinfo) -> datetime:
    """When it is that time on that day."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def local_day(now: datetime, zone: tzinfo) -> date:
    return now.astimezone(zone).date()


def end_of(span: Span, zone: tzinfo, now: datetime) -> datetime | None:
    """When the span that `now` is in ends; None where it is in none."""
    here = now.astimezone(zone)
    clock, overnight = here.time(), span.start >= span.end
    evening = overnight and clock >= span.start
    if not evening and not (clock < span.end and (overnight or clock >= span.start)):
        return None
    end = instant(here.date() + (DAY if evening else timedelta()), span.end, zone)
    return end if end > now else None  # an hour that comes twice is over the first time


def due_on(occasion: Occasion, zone: tzinfo, last: date | None, now: datetime) -> date | None:
    """The day whose occasion has come and was not kept yet; `last` is the latest that was. It may be kept late on the same
    date, or soon after. A weekly one that was missed is kept on a later day, if there was one before."""
    today = local_day(now, zone)
    weekly = occasion.weekday is not None
    for ago in range(7 if weekly else 3):  # the day before may never have been: Samoa left one out
        day = today - ago * DAY
        came = instant(day, occasion.at, zone)
        if occasion.weekday not in (None, day.weekday()) or came > now:
            continue
        in_time = day == today or now - came <= LATE or (weekly and last is not None)
        return day if in_time and (last is None or last < day) else None
    return None
