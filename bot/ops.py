"""Notices: what the keepers of the desk hear of the program itself — settings taken or refused, watchlists that end."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from bot.alerts import ALONE, MEDIUM, Alert, alert_id
from bot.messages import Message
from bot.watchlists import Watchlist, expired

KIND = "notice"
AHEAD = (1, 7)  # days before a watchlist's last one on which its end is told


def ops_notice(heading: str, lines: Sequence[str], channel: str, key: str, now: datetime) -> Alert:
    """One notice for one `key`, for ever."""
    name = alert_id(KIND, key, channel)
    message = Message(
        id=name,
        kind=KIND,
        severity=MEDIUM,
        headline=heading,
        url="",
        quotes=(),
        why=(),
        topics=(),
        sectors=(),
        sources=(),
        scored=True,
        lines=tuple(lines),
    )
    return Alert(name, "", "", channel, message, now, role=ALONE)


def ending(watchlist: Watchlist, today: date) -> str:
    """That it has ended, or will soon, in words; "" for the others."""
    until = watchlist.until
    if until is None or _ahead(watchlist, today) is None:
        return ""
    left = (until - today).days
    if left < 0:
        return f"expired: its last day was {until}"
    when = ("today", "tomorrow")[left] if left < 2 else f"in {left} days"
    return f"ends {when}: its last day is {until}"


def endings(watchlists: Iterable[Watchlist], channel: str, now: datetime) -> tuple[Alert, ...]:
    """A notice for each watchlist that has ended or will soon; how far it is off is part of its key."""
    today = now.astimezone(UTC).date()
    return tuple(
        ops_notice(
            f"Watchlist {watchlist.name} {ending(watchlist, today)}",
            [f"Owner: {watchlist.owner}"] if watchlist.owner else [],
            channel,
            f"{watchlist.name} until {watchlist.until}, {_ahead(watchlist, today)} days ahead",
            now,
        )
        for watchlist in watchlists
        if _ahead(watchlist, today) is not None
    )


def _ahead(watchlist: Watchlist, today: date) -> int | None:
    """The nearest of the distances that are due, 0 for what is over; None while none is."""
    if watchlist.until is None:
        return None
    left = (watchlist.until - today).days
    return 0 if expired(watchlist, today) else min((ahead for ahead in AHEAD if left <= ahead), default=None)
