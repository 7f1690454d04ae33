"""An iCalendar file (RFC 5545): each deadline as a day of its own, with its source and an alarm some days ahead."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from bot import __version__
from bot.deadlines import Deadline, Upcoming
from bot.messages import one_line

AHEAD = (7, 1)  # days, of the alarms


def as_ics(shown: Iterable[Upcoming], now: datetime) -> bytes:
    """Text of articles is laid on one line each; the library escapes it, and folds what is long."""
    calendar = Calendar()
    calendar.add("prodid", f"-//Tariffwatch {__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Trade deadlines")
    for one in shown:
        calendar.add_component(_event(one.deadline, now))
    return bytes(calendar.to_ical())


def _event(deadline: Deadline, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{deadline.id}@tariffwatch")
    event.add("dtstamp", now)
    event.add("dtstart", deadline.day)
    event.add("dtend", deadline.day + timedelta(days=1))
    event.add("summary", _summary(deadline))
    event.add("description", "\n".join(part for part in _description(deadline) if part))
    if url := _url(deadline.url):
        event.add("url", url)
    event.add("categories", [deadline.kind])
    event.add("transp", "TRANSPARENT")  # it makes nobody busy
    for days in AHEAD:
        event.add_component(_alarm(deadline, days))
    return event


def _alarm(deadline: Deadline, days: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _summary(deadline))
    alarm.add("trigger", timedelta(days=-days))
    return alarm


def _summary(deadline: Deadline) -> str:
    return one_line(f"{deadline.kind}: {deadline.title}")


def _description(deadline: Deadline) -> tuple[str, ...]:
    told = f"{deadline.outlet}, {deadline.told:%Y-%m-%d}{'' if deadline.verified else ', not verified'}"
    dockets = f"Docket {', '.join(deadline.dockets)}" if deadline.dockets else ""
    return (f"“{one_line(deadline.sentence)}”", one_line(told), one_line(dockets), _url(deadline.url))


def _url(url: str) -> str:
    """A URL that is one line of ASCII without blanks; anything else could begin a line of its own."""
    good = url.startswith(("https://", "http://")) and url.isascii() and url.isprintable() and " " not in url
    return url if good else ""
