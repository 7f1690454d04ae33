"""Standings: how each watchlist does — where it alerts, until when, its hits day by day, what people say of its cards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.desk import Desk
from bot.feedback import Share
from bot.feedback_lines import figures
from bot.measures import day_words
from bot.messages import counted, visible
from bot.ops import ending
from bot.versions import Version, difference
from bot.watchlists import Watchlist

DAYS = 30
Days = tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """`days` are the last DAYS, the oldest first, with those that had no hit. `share` and `last` are None where nobody
    answered, and where no version is kept."""

    watchlist: Watchlist
    channels: tuple[str, ...]  # the desk's own where it has none
    state: str  # "active", or that it has ended or will soon
    days: Days
    share: Share | None = None
    last: Version | None = None

    @property
    def hits(self) -> int:
        return sum(count for _, count in self.days)


@dataclass(frozen=True, slots=True)
class Change:
    """A version, with what became of the lines."""

    version: Version
    lines: tuple[str, ...]


def first_day(today: date) -> date:
    return today - timedelta(days=DAYS - 1)


def standing(
    watchlist: Watchlist,
    at: Desk,
    hits: Mapping[date, int],
    share: Share | None,
    last: Version | None,
    today: date,
) -> Standing:
    first = first_day(today)
    days = tuple((day, hits.get(day, 0)) for day in (first + timedelta(days=n) for n in range(DAYS)))
    return Standing(
        watchlist, watchlist.channels or (at.channel,), ending(watchlist, today) or "active", days, share, last
    )


def hits_words(days: Days) -> str:
    """ "9 hits in 30 days, at most 4 on 2 Mar 2026" """
    total = sum(count for _, count in days)
    if not total:
        return f"no hit in {counted(len(days), 'day')}"
    day, most = max(days, key=lambda one: one[1])
    return f"{counted(total, 'hit')} in {counted(len(days), 'day')}, at most {most:,} on {day_words(day)}"


def days_words(days: Days) -> str:
    """Each day that had any, for those who do not see the chart."""
    return "; ".join(f"{day_words(day)}: {count:,}" for day, count in days if count)


def share_words(share: Share | None) -> str:
    """What the answers come to. Of few nothing is claimed but how many there are."""
    return figures(share) if share else "nobody has answered"


def changes(versions: Sequence[Version], most: int) -> tuple[Change, ...]:
    """The last of one watchlist's versions, newest first. `versions` are in order."""
    pairs = list(zip((None, *versions), versions, strict=False))[-most:]
    return tuple(Change(pair[1], tuple(map(visible, difference(*pair)))) for pair in reversed(pairs))
