"""A dossier: one story as a person goes through it — how it came about, who claims what, what was sent of it, what people did."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.actions import (
    FOLLOW_STORY,
    MUTE_STORY,
    NOT_RELEVANT,
    RELEVANT,
    UNFOLLOW_STORY,
    UNMUTE_STORY,
    Action,
    followed,
    muted_stories,
)
from bot.alerts import (
    DEAD,
    EDIT,
    FOLDED,
    PARKED,
    QUEUED,
    REPLY,
    ROOT,
    SENDING,
    SENT,
    SUPERSEDED,
    TOLD,
    UNKNOWN,
    Alert,
)
from bot.facts import Fact
from bot.members import Member
from bot.sides import Claimed, claimed
from bot.stories import Story
from bot.story_lines import doubted, marks

JOINED, MERGED, PARTED = "joined", "merged", "parted"
ROLES = {ROOT: "card", REPLY: "reply in the thread", EDIT: "edit of the card"}
STATES = {
    QUEUED: "waiting to be sent",
    SENDING: "being sent",
    SENT: "sent",
    UNKNOWN: "outcome not clear, being looked up",
    PARKED: "parked, because the channel refuses it",
    DEAD: "given up",
    SUPERSEDED: "left out, a newer one was made",
    FOLDED: "waits for the channel's digest",
    TOLD: "told in a digest",
}
DEEDS = {
    RELEVANT: "called it relevant",
    NOT_RELEVANT: "called it not relevant",
    MUTE_STORY: "muted the story",
    UNMUTE_STORY: "let the story be told again",
    FOLLOW_STORY: "follows the story",
    UNFOLLOW_STORY: "follows the story no more",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a story, in words: an article that joined, another story that was merged into it or parted from it."""

    at: datetime
    kind: str
    why: str
    member: Member | None = None
    marks: tuple[str, ...] = ()
    other: str = ""  # the id of the other story


@dataclass(frozen=True, slots=True)
class Sending:
    """What was sent of a story, or is to be."""

    at: datetime  # when it was sent, else when it was made
    channel: str
    role: str
    state: str
    alert: Alert


@dataclass(frozen=True, slots=True)
class Doing:
    """What one person did with a card of the story."""

    at: datetime
    who: str
    did: str
    channel: str


@dataclass(frozen=True, slots=True)
class Dossier:
    story: Story
    steps: tuple[Step, ...]  # oldest first
    claims: tuple[Claimed, ...]
    sendings: tuple[Sending, ...]  # newest first, without edits
    edits: tuple[Sending, ...]
    doings: tuple[Doing, ...]  # newest first
    muted: tuple[str, ...]  # channels that hear no more of it
    followers: tuple[tuple[str, tuple[str, ...]], ...]  # by channel, who is called by each reply


def dossier(
    story: Story, facts: Mapping[str, Sequence[Fact]], alerts: Iterable[Alert], actions: Sequence[Action]
) -> Dossier:
    """`facts` by article id; `alerts` and `actions` are those of all names of the story."""
    sent = sendings(alerts)
    return Dossier(
        story,
        tuple(sorted(_steps(story), key=lambda step: step.at)),
        claimed(story.members, facts),
        tuple(one for one in sent if one.alert.role != EDIT),
        tuple(one for one in sent if one.alert.role == EDIT),
        tuple(Doing(a.at, _who(a), _deed(a), a.channel) for a in reversed(actions)),
        tuple(name for name in _channels(actions) if muted_stories(actions, name)),
        tuple((name, names) for name in _channels(actions) if (names := _followers(actions, name))),
    )


def _steps(story: Story) -> Iterator[Step]:
    unsure = doubted(story)
    for m in story.members:
        yield Step(m.published, JOINED, m.why, m, marks(m, in_doubt=m.article_id in unsure))
    yield from (Step(merge.at, MERGED, merge.why, other=merge.story_id) for merge in story.merges)
    yield from (Step(split.at, PARTED, split.why, other=split.story_id) for split in story.splits)


def sendings(alerts: Iterable[Alert]) -> tuple[Sending, ...]:
    """Newest first; `alerts` likewise, so that of one moment the last that was made is before the others."""
    told = (Sending(a.sent_at or a.created, a.channel, role_words(a), state_words(a), a) for a in alerts)
    return tuple(sorted(told, key=lambda one: one.at, reverse=True))


def role_words(alert: Alert) -> str:
    if alert.state in (FOLDED, TOLD):
        return "line of a digest"
    shown = ", shown in the channel too" if alert.broadcast else ""
    return ROLES.get(alert.role, "message of its own") + shown


def state_words(alert: Alert) -> str:
    if alert.state == QUEUED and alert.due:
        return "held back until its hour"
    return STATES.get(alert.state, alert.state) + (", perhaps twice" if alert.blind else "")


def _channels(actions: Iterable[Action]) -> tuple[str, ...]:
    return tuple(sorted({action.channel for action in actions if action.channel}))


def _followers(actions: Sequence[Action], channel: str) -> tuple[str, ...]:
    named = {action.user: _who(action) for action in actions}
    users = (user for of in followed(actions, channel).values() for user in of)
    return tuple(dict.fromkeys(named[user] for user in users))


def _who(action: Action) -> str:
    return action.user_name or action.user or "somebody"


def _deed(action: Action) -> str:
    did = DEEDS.get(action.kind, action.kind.replace("_", " "))
    return f"{did}: {action.reason.replace('_', ' ')}" if action.reason else did
