"""Channels: when and how much a channel wants to hear, and what of the new alerts goes out now, later, or in its digest.

new alerts → at once | held until quiet hours end | folded into the next digest
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from bot.alerts import DEAD, EDIT, FOLDED, HIGH, LOW, QUEUED, ROOT, SEVERITIES, TOLD, Alert, gravity
from bot.hours import WEEKDAYS, Occasion, Span, due_on, end_of, local_day
from bot.ledger import NEWS, Change
from bot.measures import IN_FORCE
from bot.messages import Message
from bot.watchlists import DIGEST, Watchlist

DAILY, WEEKLY = "daily", "weekly"
REMEMBERED = timedelta(days=2)  # how far back lies what a channel's day may hold: held overnight, in any zone


@dataclass(frozen=True, slots=True)
class Channel:
    """Settings of one channel; as they are here, each alert goes out at once."""

    channel: str
    zone: tzinfo = UTC
    severity: str = LOW  # the least that is a card; what is below it is folded
    scores: tuple[tuple[str, float], ...] = ()  # likewise the least score of each of these labels and topics
    quiet: Span | None = None
    break_through: bool = True  # a measure on India that comes into force knows no quiet hours and no cap
    digests: tuple[tuple[str, Occasion], ...] = ()  # DAILY or WEEKLY, and when
    most: int = 0  # cards of new stories a local day; 0: any number
    charts: tuple[str, ...] = (WEEKLY,)  # the digests that have a picture in their thread


@dataclass(frozen=True, slots=True)
class Route:
    """What routing a batch has to go by. `known` are the alerts of the channels: of the last REMEMBERED, and those that wait
    for a digest. `breaking` are ids of alerts that may break through."""

    channels: Sequence[Channel]
    watchlists: Sequence[Watchlist]
    known: Sequence[Alert] = ()
    breaking: Collection[str] = ()

    def of(self, channel: str) -> Channel:
        return next((one for one in self.channels if one.channel == channel), Channel(channel))

    def breaks(self, alert: Alert) -> bool:
        return alert.id in self.breaking and alert.message.severity == HIGH and self.of(alert.channel).break_through

    def at_once(self, alert: Alert) -> list[Watchlist]:
        """The watchlists that fired and do not leave it to the digest."""
        fired = {why.watchlist for why in alert.message.why}
        return [w for w in self.watchlists if w.name in fired and w.deliver != DIGEST]


def breaks_through(changes: Iterable[Change]) -> bool:
    """Whether a measure on India, or India's own on the United States, came into force."""
    return any(c.kind in NEWS and c.after.status == IN_FORCE and gravity(c) == HIGH for c in changes)


def fits(channel: Channel, message: Message) -> bool:
    """Whether it is grave and sure enough for a card. What no model scored is not asked for scores."""
    scores = {"relevant": message.relevance or 0.0, **dict(message.topics)}
    sure = not message.scored or all(scores.get(label, 0.0) >= least for label, least in channel.scores)
    return sure and _rank(message) >= SEVERITIES.index(channel.severity)


def held_until(channel: Channel, now: datetime, quiet: Sequence[Span | None] = ()) -> datetime | None:
    """When the channel may be spoken to again; None for now. `quiet` are the hours of the watchlists that fired: they hold
    an alert where each of them does."""
    at = now
    for _ in range(4):  # one span may end within another; spans that leave no hour free must not hold for ever
        ends = [end_of(span, channel.zone, at) if span else None for span in quiet]
        later = min((end for end in ends if end), default=None) if all(ends) else None
        ours = end_of(channel.quiet, channel.zone, at) if channel.quiet else None
        further = max((end for end in (later, ours) if end), default=None)
        if further is None:
            break
        at = further
    return at if at > now else None


def digest_due(channel: Channel, last: Mapping[str, date], now: datetime) -> dict[str, date]:
    """Which digests are due, and of which local date. `last` is that of the latest of each kind."""
    due = {kind: due_on(when, channel.zone, last.get(kind), now) for kind, when in channel.digests}
    return {kind: day for kind, day in due.items() if day}


def route(alerts: Sequence[Alert], by: Route, now: datetime) -> tuple[Alert, ...]:
    """The new alerts, each as it shall be queued: `due` at once or when quiet hours end, or folded. Without a digest nothing
    is ever folded."""
    routed = {alert.id: _timed(alert, by, now) for alert in alerts}
    for channel in by.channels:
        if channel.most and channel.digests:
            routed |= _capped([a for a in routed.values() if a.channel == channel.channel], channel, by)
    waiting = [alert for alert in (*by.known, *routed.values()) if alert.state == FOLDED]
    out = [_with_its_story(routed[alert.id], waiting, by) for alert in alerts]
    return tuple(_after_its_card(alert, (*by.known, *out)) if alert.role == EDIT else alert for alert in out)


def _after_its_card(edit: Alert, alerts: Iterable[Alert]) -> Alert:
    """An edit rings nobody, so it knows no quiet hours; but a card that is held is edited once it is out."""
    cards = (a for a in alerts if a.role == ROOT and (a.story_id, a.channel) == (edit.story_id, edit.channel))
    return replace(edit, due=next((card.due for card in cards if card.state == QUEUED), None))


def _with_its_story(alert: Alert, waiting: Iterable[Alert], by: Route) -> Alert:
    """What is told of a story that waits for the digest waits with it, unless it is graver."""
    others = [a.message for a in waiting if (a.story_id, a.channel) == (alert.story_id, alert.channel)]
    waits = (
        alert.role != EDIT and not by.breaks(alert) and any(_rank(other) >= _rank(alert.message) for other in others)
    )
    return replace(alert, state=FOLDED, due=None) if waits else alert


def _timed(alert: Alert, by: Route, now: datetime) -> Alert:
    channel, wanting = by.of(alert.channel), by.at_once(alert)
    if alert.role == EDIT or by.breaks(alert):
        return alert
    if channel.digests and (not fits(channel, alert.message) or not wanting):
        return replace(alert, state=FOLDED)
    return replace(alert, due=held_until(channel, now, [watchlist.quiet for watchlist in wanting]))


@dataclass(slots=True)
class _Room:
    """How many more cards a local day has room for."""

    most: int
    taken: dict[date, int] = field(default_factory=dict)

    def take(self, day: date) -> int:
        """Takes a place; returns how many are left, below 0 for none."""
        self.taken[day] = self.taken.get(day, 0) + 1
        return self.most - self.taken[day]


def _capped(alerts: Sequence[Alert], channel: Channel, by: Route) -> dict[str, Alert]:
    """The gravest first, then the most relevant: what finds no room on its day is folded, and the last that does says so."""
    known = {alert.id: alert for alert in by.known if alert.channel == channel.channel}
    room = _Room(channel.most)
    for card in [*filter(_is_card, known.values()), *(a for a in alerts if _is_card(a) and by.breaks(a))]:
        room.take(_day(card, channel))
    out: dict[str, Alert] = {}
    for alert in sorted(alerts, key=lambda a: (_rank(a.message), a.message.relevance or 0.0), reverse=True):
        if _is_card(alert) and alert.id not in known and not by.breaks(alert):
            left = room.take(_day(alert, channel))
            out[alert.id] = replace(alert, state=FOLDED, due=None) if left < 0 else _last(alert, channel, left)
    return out


def _is_card(alert: Alert) -> bool:
    return alert.role == ROOT and alert.state not in (FOLDED, TOLD, DEAD)


def _day(alert: Alert, channel: Channel) -> date:
    return local_day(alert.due or alert.created, channel.zone)


def _last(alert: Alert, channel: Channel, left: int) -> Alert:
    if left:
        return alert
    words = f"card {channel.most} of {channel.most} for today: further stories come in the {digest_words(channel)}"
    note = " · ".join(part for part in (alert.message.note, words) if part)
    return replace(alert, message=replace(alert.message, note=note))


def digest_words(channel: Channel) -> str:
    """ "digest of 08:30", "digest of Mon 08:30" """
    _, when = channel.digests[0]
    day = "" if when.weekday is None else f"{WEEKDAYS[when.weekday].capitalize()} "
    return f"digest of {day}{when.at:%H:%M}"


def _rank(message: Message) -> int:
    return SEVERITIES.index(message.severity)
