"""The judge of the chaos driver: what was served, what the store went through, what stands in Slack and who asked which feed
when, laid beside each other. It knows no process and no database, and gives each fault in words.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from bot import alerts as outbox
from bot.feeds import FLOOR, SPACING
from bot.stores.tables import FOLLOWED, UNFOLLOWED, UNREAD

NEXT = {"": UNREAD, UNREAD: UNFOLLOWED, UNFOLLOWED: FOLLOWED}  # stages of an article, each after the one before
SLACK = 0.05  # seconds by which the server sees an end otherwise than who asked
CLAIMED = 5.0  # seconds that a claim may take, from whose beginning the floor is counted


@dataclass(frozen=True, slots=True)
class Move:
    """A change of an article's stage, in the order in which they were made; `tx` is the transaction."""

    article: str
    was: str
    now: str
    tx: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """An alert as the outbox has it in the end."""

    id: str
    channel: str
    created: float
    seq: int
    role: str = outbox.ROOT
    state: str = outbox.SENT


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the server had it: `turn` is what only one may ask at a time. `near`: on this machine, where there are no
    manners but that one. Seconds of a clock that nobody can set."""

    turn: str
    url: str
    began: float
    ended: float
    near: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """What a run has left. `served` and `stored` are titles by link, `stored` with each row; `analysed` has an article's id for
    each time that its analysis was written while it was unread, `posted` channel and id of each message, in order; `left` what
    there is still to do."""

    served: Mapping[str, str] = field(default_factory=dict)
    stored: Sequence[tuple[str, str]] = ()
    moves: Sequence[Move] = ()
    analysed: Sequence[str] = ()
    queued: Sequence[Queued] = ()
    posted: Sequence[tuple[str, str]] = ()
    asked: Sequence[Asked] = ()
    left: Mapping[str, int] = field(default_factory=dict)


def faults(account: Account) -> list[str]:
    return [
        *_not_stored(account.served, account.stored),
        *_stages(account.moves),
        *_analysed(account.analysed, account.moves),
        *_delivered(account.queued, account.posted),
        *_order(account.queued, account.posted),
        *_two_at_once(account.asked),
        *_too_soon(account.asked),
        *(f"left: {count} {what}" for what, count in account.left.items() if count),
    ]


def _not_stored(served: Mapping[str, str], stored: Sequence[tuple[str, str]]) -> Iterator[str]:
    rows = Counter(link for link, _ in stored)
    titles = dict(stored)
    for link, title in served.items():
        if rows[link] != 1:
            yield f"{'doubled' if rows[link] else 'lost'}: {link} was served and is stored {rows[link]} times"
        elif titles[link] != title:
            yield f"stale: {link} is {titles[link]!r}, and was last served as {title!r}"
    yield from (f"strange: {link} is stored and was never served" for link in rows if link not in served)


def _stages(moves: Iterable[Move]) -> Iterator[str]:
    """Each article goes its way once: another rate in its headline alone sends it back to be read again."""
    ways: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        ways[move.article].append(move)
    for article, way in ways.items():
        stage = ""
        for move in way:
            if move.was != stage or (move.now != NEXT.get(stage) and not _again(move)):
                yield f"twice: article {article} goes from {move.was or 'nothing'} to {move.now}, and was {stage}"
            stage = move.now
        if stage != FOLLOWED:
            yield f"lost: article {article} is {stage} in the end"


def _again(move: Move) -> bool:
    return (move.was, move.now) == (FOLLOWED, UNREAD)


def _analysed(analysed: Iterable[str], moves: Iterable[Move]) -> Iterator[str]:
    wanted = Counter(move.article for move in moves if move.now == UNREAD)
    found = Counter(analysed)
    for article in wanted.keys() | found.keys():
        if wanted[article] != found[article]:
            yield f"analysed: article {article} {found[article]} times, and came to be read {wanted[article]} times"


def _delivered(queued: Sequence[Queued], posted: Sequence[tuple[str, str]]) -> Iterator[str]:
    there = Counter(posted)
    for alert in queued:
        times = there.pop((alert.channel, alert.id), 0)
        wanted = alert.state == outbox.SENT and alert.role != outbox.EDIT
        if alert.state not in (outbox.SENT, outbox.TOLD, outbox.SUPERSEDED):
            yield f"lost: {alert.role} {alert.id} in {alert.channel} is {alert.state} in the end"
        elif times != wanted:
            what = "doubled" if times > wanted else "lost"
            yield f"{what}: {alert.role} {alert.id} stands {times} times in {alert.channel}, and is {alert.state}"
    yield from (f"strange: {id} stands in {channel} and is not in the outbox" for channel, id in there)


def _order(queued: Sequence[Queued], posted: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Within a channel messages stand as they were made."""
    places = {(alert.channel, alert.id): (alert.created, alert.seq) for alert in queued}
    lines: dict[str, list[str]] = defaultdict(list)
    for channel, id in dict.fromkeys(posted):
        if (channel, id) in places:
            lines[channel].append(id)
    for channel, line in lines.items():
        for earlier, later in pairwise(line):
            if places[channel, earlier] > places[channel, later]:
                yield f"order: {later} stands in {channel} behind {earlier}, which was made after it"


def _by(key: str, asked: Iterable[Asked]) -> Iterator[tuple[str, list[Asked]]]:
    found: dict[str, list[Asked]] = defaultdict(list)
    for one in sorted(asked, key=lambda one: one.began):
        found[getattr(one, key)].append(one)
    yield from found.items()


def _two_at_once(asked: Iterable[Asked]) -> Iterator[str]:
    """Nor without the pause between two, where there are manners."""
    for turn, line in _by("turn", asked):
        for before, after in pairwise(line):
            pause = after.began - before.ended + SLACK
            if pause < 0:
                yield f"at once: {before.url} and {after.url}, both of {turn}"
            elif pause < SPACING.total_seconds() and not after.near:
                yield f"no pause: {after.url} {pause:.1f} s after {before.url}"


def _too_soon(asked: Iterable[Asked]) -> Iterator[str]:
    for url, line in _by("url", asked):
        for before, after in pairwise(line):
            passed = after.began - before.began
            if passed < FLOOR.total_seconds() - CLAIMED and not after.near:
                yield f"too soon: {url} was asked again after {passed:.0f} s"
