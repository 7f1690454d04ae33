"""What a server's headers say about when to come back: Retry-After, Cache-Control and Expires."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.feeds import LONGEST_WISH

_DIRECTIVE = re.compile(r'([a-z-]+)(?:\s*=\s*"?([^",;]*)"?)?', re.IGNORECASE)
_NOT_FRESH = frozenset({"no-cache", "no-store"})


def retry_after(values: Iterable[str], date: str, now: datetime) -> timedelta | None:
    """The longest wait asked for, 31 days at most. A time of day is taken against the server's own clock (`date`), which
    may be wrong by hours; against `now` only when it shows none."""
    waits = [_wait(value.strip(), _time(date) or now) for value in values]
    return max((min(max(wait, timedelta(0)), LONGEST_WISH) for wait in waits if wait is not None), default=None)


def fresh_for(cache_control: str, expires: str, date: str, now: datetime) -> timedelta | None:
    """How long the answer stays good. Cache-Control says it before Expires, which is taken against the server's own clock;
    what is good for ever counts as 31 days, and what was never good says nothing."""
    said = {name.lower() for name, _ in _DIRECTIVE.findall(cache_control[:1000])}
    if said & {"max-age", *_NOT_FRESH}:
        return max_age(cache_control)
    moment = _time(expires)
    left = moment - (_time(date) or now) if moment else timedelta(0)
    return min(left, LONGEST_WISH) if left > timedelta(0) else None


def max_age(cache_control: str) -> timedelta | None:
    """How long the answer stays good for everybody; None when it does not say, or says to ask each time."""
    found = {name.lower(): value.strip() for name, value in _DIRECTIVE.findall(cache_control[:1000])}
    seconds = found.get("max-age", "")
    return None if _NOT_FRESH & found.keys() or not _is_count(seconds) else _seconds(seconds)


def _wait(value: str, server_now: datetime) -> timedelta | None:
    if _is_count(value):
        return _seconds(value)
    moment = _time(value)
    return moment - server_now if moment else None


def _seconds(digits: str) -> timedelta:
    return min(timedelta(seconds=int(digits[:9])), LONGEST_WISH) if len(digits) < 10 else LONGEST_WISH


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _time(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
