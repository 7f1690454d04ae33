"""Alerts: the outbox rows. One change of one story for one channel makes at most one alert, for ever."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.analysis import Analysis, Why
from bot.errors import (
    ChannelRefused,
    DeliveryError,
    MessageRefused,
    OutcomeUnknown,
    SinkBusy,
    SinkRefused,
)
from bot.ledger import NEWS, Change
from bot.matching import GROUPS, WIDE
from bot.measures import ANNOUNCED, CONTRADICTS, DENIED, ENDS, FIRMNESS, Measure
from bot.messages import Message
from bot.stories import MORE, NEW, SAME, Update

QUEUED, SENDING, SENT, UNKNOWN, PARKED, DEAD = "queued", "sending", "sent", "unknown", "parked", "dead"
HIGH, MEDIUM, LOW = "high", "medium", "low"
SEVERITIES = (LOW, MEDIUM, HIGH)
FIRM = (*FIRMNESS[FIRMNESS.index(ANNOUNCED) :], *(status for status in ENDS if status != DENIED))
SIMPLEST = 2
MOST_LOST = 12  # with the waits between, more than an hour of a sink that is half broken
LONGEST_WAIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Alert:
    """`id` = hash of (story, article that changed it, channel). `state` is one of the constants above.

    queued → sending (committed before the request) → sent | unknown | parked | dead; a refused wait goes back to queued.
    """

    id: str
    story_id: str
    article_id: str
    channel: str
    message: Message
    created: datetime
    state: str = QUEUED
    tries: int = 0
    not_before: datetime | None = None
    receipt: str = ""  # the sink's handle: Slack's ts
    error: str = ""
    simple: int = 0  # 0 full card, 1 plain text, 2 title and link: raised when the layout is refused
    sent_at: datetime | None = None
    lost: int = 0  # how often its outcome was unclear
    blind: bool = False  # sent again without knowing whether it had been: perhaps a duplicate


def alert_id(story_id: str, article_id: str, channel: str) -> str:
    return hashlib.sha256("\x1f".join((story_id, article_id, channel)).encode()).hexdigest()[:32]


def severity(analysis: Analysis, asked: Iterable[str] = (), changes: Sequence[Change] = ()) -> str:
    """The highest of what the fired watchlists ask for; one that asks for nothing ("") leaves it to what moved in the
    ledger, or where nothing did, to the topics. A genre that is no news of its own (a question, an opinion, a digest) is
    never high, whatever was asked."""
    moved = [gravity(change) for change in changes if change.kind in NEWS]
    told = max(moved, key=SEVERITIES.index) if moved else _by_topics(analysis)
    if changes and not moved:
        told = _at_most_medium(told)
    wanted = max((s or told for s in asked), key=SEVERITIES.index, default=told)
    return _at_most_medium(wanted) if analysis.genre else wanted


def gravity(change: Change) -> str:
    """How grave what moved is: by how firm it is and whom it hits. What sources dispute is never high."""
    firm, loose = _reach(change.measure)
    level = firm if change.after.status in FIRM else loose
    return _at_most_medium(level) if change.kind == CONTRADICTS else level


def _reach(measure: Measure) -> tuple[str, str]:
    """How grave a firm move of the measure is, and one that is only threatened, proposed or denied."""
    target = measure.target
    if any("IN" in GROUPS.get(name, (name,)) for name in target) or (measure.imposer == "IN" and "US" in target):
        return HIGH, MEDIUM
    return (MEDIUM, LOW) if not target or set(target) & set(WIDE) else (LOW, LOW)


def _by_topics(analysis: Analysis) -> str:
    labels = analysis.scores.labels
    if labels["relevant"] and labels["tariff_threat"] and (labels["india_us_trade"] or labels["sensitive_sectors"]):
        return HIGH
    return MEDIUM if labels["relevant"] else LOW


def _at_most_medium(level: str) -> str:
    return min(level, MEDIUM, key=SEVERITIES.index)


def alerts_for(
    update: Update,
    changes: Sequence[Change],
    channels: Mapping[str, tuple[Why, ...]],
    compose: Callable[[str, str, tuple[Why, ...]], Message],
    now: datetime,
) -> tuple[Alert, ...]:
    """One alert for each channel that has something to learn. `changes` are what the article's facts did to the ledger;
    `channels` says which watchlists fired for each; `compose(alert id, kind, why)` lays the message out. A channel that
    never heard of the story gets it as new."""
    out = []
    told = _kind(update, changes)
    for channel, why in channels.items():
        kind = told if channel in update.story.told else NEW
        if kind == SAME or not why:
            continue
        name = alert_id(update.story.id, update.article_id, channel)
        message = compose(name, MORE if kind == MORE else NEW, why)
        out.append(Alert(name, update.story.id, update.article_id, channel, message, now))
    return tuple(out)


def _kind(update: Update, changes: Sequence[Change]) -> str:
    """What the article is to who knows the story: an update where the ledger moved; where its facts only confirm, the same
    again, whatever its figures, but for an official document, which is news itself."""
    if any(change.kind in NEWS for change in changes):
        return MORE
    return SAME if changes and not update.story.members[-1].official else update.kind


def begin(alert: Alert) -> Alert:
    """Committed before the request goes out, so that a crash leaves a trace."""
    return replace(alert, state=SENDING, tries=alert.tries + 1)


def sent(alert: Alert, receipt: str, now: datetime) -> Alert:
    return replace(alert, state=SENT, receipt=receipt, sent_at=now, error="", not_before=None)


def cannot_tell(alert: Alert, now: datetime) -> Alert:
    """The outcome can never be learnt: one more try at the risk of a duplicate, when a short outage is over, then no more."""
    if alert.blind:
        return replace(alert, state=DEAD)
    return replace(alert, state=QUEUED, blind=True, not_before=now + LONGEST_WAIT)


def absent(alert: Alert) -> Alert:
    """Looked up and surely not there: to be sent again, unless that has happened too often to be chance."""
    return replace(alert, state=DEAD if alert.lost >= MOST_LOST else QUEUED, not_before=None)


def failed(alert: Alert, error: DeliveryError, now: datetime) -> Alert:
    """What becomes of an alert that a sink did not confirm: the class of the error decides."""
    wait = error.wait if isinstance(error, SinkBusy) else _backoff(alert.tries)
    alert = replace(alert, error=f"{error.code}: {error}" if error.code else str(error))
    if alert.state == UNKNOWN:  # what failed is looking it up, which says nothing of whether it was posted
        return replace(alert, not_before=now + wait)
    match error:
        case SinkBusy():
            return replace(alert, state=QUEUED, tries=alert.tries - 1, not_before=now + wait)
        case ChannelRefused() | SinkRefused():
            return replace(alert, state=PARKED)
        case MessageRefused():
            simpler = alert.simple + 1
            return replace(alert, state=DEAD) if simpler > SIMPLEST else replace(alert, state=QUEUED, simple=simpler)
        case OutcomeUnknown():
            return replace(alert, state=UNKNOWN, lost=alert.lost + 1, not_before=now + wait)
    return replace(alert, state=QUEUED, not_before=now + wait)


def _backoff(tries: int) -> timedelta:
    return min(timedelta(seconds=5 * 2.0 ** min(tries, 12)), LONGEST_WAIT)
