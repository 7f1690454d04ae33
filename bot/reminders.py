"""Reminders: alerts some days ahead of a deadline, each once for a channel, however late the program comes to it."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from bot.alerts import ALONE, HIGH, MEDIUM, Alert, alert_id
from bot.deadlines import Upcoming
from bot.messages import Message, Source

NEAREST = 1  # days ahead, from which a deadline that hits India is loud
KIND = "reminder"


def distance(one: Upcoming, days: Iterable[int], today: date) -> int | None:
    """Of the distances that are due, the nearest; None while none is, and after the day itself."""
    left = one.days_left(today)
    return min((ahead for ahead in days if 0 <= left <= ahead), default=None)


def reminder_ids(one: Upcoming, ahead: int, channel: str) -> tuple[str, ...]:
    """What a reminder is called by each telling of the deadline, first the one that is shown: should another come to be
    shown, it is still the same reminder."""
    return tuple(alert_id(name, f"{ahead} days ahead", channel) for name in one.ids)


def reminders(
    upcoming: Iterable[Upcoming], days: Collection[int], channel: str, told: Collection[str], now: datetime, today: date
) -> tuple[Alert, ...]:
    """The alerts that are due on `today`. `told` are the ids of those that were queued before."""
    out: list[Alert] = []
    for one in upcoming:
        ahead = distance(one, days, today)
        if ahead is None:
            continue
        names = reminder_ids(one, ahead, channel)
        if not any(name in told for name in names):
            message = reminder(names[0], one, today)
            out.append(Alert(names[0], one.deadline.id, one.deadline.article_id, channel, message, now, role=ALONE))
    return tuple(out)


def reminder(name: str, one: Upcoming, today: date) -> Message:
    deadline, left = one.deadline, one.days_left(today)
    return Message(
        id=name,
        kind=KIND,
        severity=HIGH if left <= NEAREST and one.hits_india else MEDIUM,
        headline=f"{left_words(left)}, on {full_day(deadline.day)}: {deadline.kind} — {deadline.title}",
        url=deadline.url,
        quotes=(deadline.sentence,),
        why=(),
        topics=(),
        sectors=tuple(good for good in deadline.goods if good != "all"),
        sources=tuple(Source(told.outlet, told.title, told.url, told.told) for told in (deadline, *one.others)),
        scored=True,
        note="" if deadline.verified else "not verified",
    )


def left_words(left: int) -> str:
    """ "In 7 days", "Tomorrow", "3 days ago" """
    if left < 0:
        return "Yesterday" if left == -1 else f"{-left} days ago"
    return ("Today", "Tomorrow")[left] if left < 2 else f"In {left} days"


def full_day(day: date) -> str:
    """ "Fri 24 July 2026" """
    return f"{day:%a} {day.day} {day:%B %Y}"
