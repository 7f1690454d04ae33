"""Alerts: the outbox rows. A story has one card in a channel, for ever; what is new answers it, and the card is edited."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.analysis import Analysis, Why
from bot.errors import (
    ChannelRefused,
    DeliveryError,
    MessageRefused,
    OutcomeUnknown,
    RootGone,
    SinkBusy,
    SinkRefused,
)
from bot.ledger import NEWS, Change
from bot.matching import GROUPS, WIDE
from bot.measures import ANNOUNCED, CONTRADICTS, DENIED, ENDS, FIRMNESS, Measure
from bot.messages import FactLine, Message
from bot.stories import MORE, NEW, SAME, Update

QUEUED, SENDING, SENT, UNKNOWN, PARKED, DEAD = "queued", "sending", "sent", "unknown", "parked", "dead"
SUPERSEDED = "superseded"  # an edit that a newer one made needless, or that had nothing to edit
ROOT, REPLY, EDIT, ALONE = "root", "reply", "edit", "alone"
FOLDED, TOLD = "folded", "told"  # waits for the channel's next digest; was told in one
HIGH, MEDIUM, LOW = "high", "medium", "low"
SEVERITIES = (LOW, MEDIUM, HIGH)
FIRM = (*FIRMNESS[FIRMNESS.index(ANNOUNCED) :], *(status for status in ENDS if status != DENIED))
SIMPLEST = 2
SIMPLEST_EDIT = 1  # an edit cannot switch formatting off, and so does without text alone
MOST_LOST = 12  # with the waits between, more than an hour of a sink that is half broken
LONGEST_WAIT = timedelta(minutes=15)
FOR_ROOT = timedelta(minutes=1)  # until it is looked again whether the story's card is out


@dataclass(frozen=True, slots=True)
class Alert:
    """`id` = hash of (story, article that changed it, channel), and for replies and edits their role.

    `role`: "root", the one card of a story in a channel; "reply", in the root's thread; "edit", the root's card anew;
    "alone", of no story. `state` is one of the constants above:
    queued → sending (committed before the request) → sent | unknown | parked | dead; a refused wait goes back to queued.
    folded → told.
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
    role: str = ROOT
    broadcast: bool = False  # of a reply: shown in the channel too
    due: datetime | None = None  # not wanted before; `not_before` is for what failed


def alert_id(story_id: str, article_id: str, channel: str, role: str = "") -> str:
    parts = (story_id, article_id, channel, *([role] if role else []))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def severity(
    analysis: Analysis, asked: Iterable[str] = (), changes: Sequence[Change] = (), card: Message | None = None
) -> str:
    """The highest of what the fired watchlists ask for; one that asks for nothing ("") leaves it to what moved in the
    ledger, or where nothing did, to the story's card if it has facts, else to the topics. A genre that is no news of its
    own (a question, an opinion, a digest) is never high, whatever was asked."""
    moved = [gravity(change) for change in changes if change.kind in NEWS]
    if moved:
        told = max(moved, key=SEVERITIES.index)
    elif card and card.facts:
        told = card.severity  # a retelling in which no fact was found must not look graver than the fact
    else:
        told = _at_most_medium(_by_topics(analysis)) if changes else _by_topics(analysis)
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
    compose: Callable[[str, str, tuple[Why, ...], Message | None], Message],
    now: datetime,
    cards: Mapping[str, Message],
    *,
    edits: bool,
) -> tuple[Alert, ...]:
    """What each channel is told. `changes` are what the article's facts did to the ledger; `channels` says which watchlists
    fired for each; `compose(alert id, kind, why, card)` lays the message out; `cards` are those that the channels have of
    the story, as they stand; `edits`: whether a card can be edited. A channel that never heard of the story gets it as new."""
    out: list[Alert] = []
    kind = _kind(update, changes)
    for channel, why in channels.items():
        card = cards.get(channel)
        role = REPLY if card or channel in update.story.told else ROOT
        if not why or (role == REPLY and card is None and kind != MORE):
            continue
        name = alert_id(update.story.id, update.edition, channel, REPLY if role == REPLY else "")
        message = compose(name, MORE if role == REPLY else NEW, why, card)
        told = Alert(name, update.story.id, update.article_id, channel, message, now, role=role)
        out += [told] if card is None else _in_thread(told, card, changes, news=kind == MORE, edits=edits)
    return tuple(out)


def _in_thread(reply: Alert, card: Message, changes: Sequence[Change], *, news: bool, edits: bool) -> Iterator[Alert]:
    """The reply, if it tells anything new, and after it the card anew, if anything on it is."""
    message = reply.message
    moved = any(change.kind in NEWS for change in changes)
    if rises := SEVERITIES.index(message.severity) > SEVERITIES.index(card.severity):
        words = f"now {message.severity}, was {card.severity}"
        message = replace(message, changed=" · ".join(part for part in (message.changed, words) if part))
    if news or rises:
        yield replace(reply, message=message, broadcast=moved or rises)
    anew = grown(card, message, news=news or rises, moved=moved)
    if edits and anew != card:
        name = alert_id(reply.story_id, reply.article_id, reply.channel, EDIT)
        yield replace(reply, id=name, message=anew, role=EDIT)


def grown(card: Message, told: Message, *, news: bool, moved: bool) -> Message:
    """The card of a story as it stands after one more article, whose own message is `told`.

    `news`: it tells something new, so its headline, quotes and caveats take the place of the earlier ones. `moved`: it
    moved the ledger, so its lines take the place of those of the same measures, and the card is as grave as what stands
    on it then; else it is at least as grave as it was."""
    others = _others(card.facts, told.facts)
    standing = (
        [min(f.gravity or LOW, card.severity, key=SEVERITIES.index) for f in others] if moved else [card.severity]
    )
    facts = (*told.facts, *others) if moved else card.facts  # what only confirms was known before there was a story
    return replace(
        told if news else card,
        id=card.id,
        kind=NEW,
        severity=max((told.severity, *standing), key=SEVERITIES.index),
        facts=tuple(sorted(facts, key=lambda fact: -SEVERITIES.index(fact.gravity or LOW))),
        why=tuple({why.watchlist: why for why in (*card.why, *told.why)}.values()),
        sectors=tuple(dict.fromkeys((*card.sectors, *told.sectors))),
        sources=told.sources,
        publishers=told.publishers,
    )


def _others(facts: Iterable[FactLine], than: Iterable[FactLine]) -> tuple[FactLine, ...]:
    """Those about other measures."""
    known = {fact.measure or fact.line for fact in than}
    return tuple(fact for fact in facts if (fact.measure or fact.line) not in known)


def _kind(update: Update, changes: Sequence[Change]) -> str:
    """What the article is to who knows the story: an update where the ledger moved; where its facts only confirm, the same
    again, whatever its figures, but for an official document, which is news itself, and a corrected headline."""
    if update.correction or any(change.kind in NEWS for change in changes):
        return MORE
    return SAME if changes and not update.member.official else update.kind


def placed(alert: Alert, root: Alert | None, now: datetime) -> Alert:
    """What becomes of a reply or an edit by the time it is delivered. Where the story's card never made it, the reply is the
    card, and there is nothing to edit; where the card's own fate is still open, both wait."""
    if alert.role not in (REPLY, EDIT) or (root and root.state == SENT):
        return alert
    if root and root.state in (QUEUED, SENDING, UNKNOWN, PARKED):
        return replace(alert, not_before=now + FOR_ROOT)
    return _without_root(alert)


def _without_root(alert: Alert) -> Alert:
    if alert.role == EDIT:
        return replace(alert, state=SUPERSEDED, not_before=None)
    return replace(alert, role=ROOT, broadcast=False)


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
            simplest = SIMPLEST_EDIT if alert.role == EDIT else SIMPLEST
            return replace(alert, state=DEAD) if simpler > simplest else replace(alert, state=QUEUED, simple=simpler)
        case RootGone():
            return _without_root(replace(alert, state=QUEUED))
        case OutcomeUnknown() if alert.role == EDIT:  # done twice, it is done once
            again = replace(alert, state=QUEUED, lost=alert.lost + 1, not_before=now + wait)
            return replace(again, state=DEAD) if again.lost >= MOST_LOST else again
        case OutcomeUnknown():
            return replace(alert, state=UNKNOWN, lost=alert.lost + 1, not_before=now + wait)
    return replace(alert, state=QUEUED, not_before=now + wait)


def _backoff(tries: int) -> timedelta:
    return min(timedelta(seconds=5 * 2.0 ** min(tries, 12)), LONGEST_WAIT)
