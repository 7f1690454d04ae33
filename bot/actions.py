"""Actions: what people do with cards — answers, mutes, follows — each kept with who did it and when."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.analysis import Analysis
from bot.articles import Article

RELEVANT, NOT_RELEVANT = "relevant", "not_relevant"
ANSWERS = (RELEVANT, NOT_RELEVANT)
MUTE_STORY, UNMUTE_STORY = "mute_story", "unmute_story"
FOLLOW_STORY, UNFOLLOW_STORY = "follow_story", "unfollow_story"
MUTES, FOLLOWS = (MUTE_STORY, UNMUTE_STORY), (FOLLOW_STORY, UNFOLLOW_STORY)
WRONG_TOPIC, DUPLICATE, OLD, SPAM = "wrong_topic", "duplicate", "old", "spam"
REASONS = (WRONG_TOPIC, DUPLICATE, OLD, SPAM)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that one person did. `kind` is one of the constants above, or names a change of the settings ("watch_add",
    "watch_undo"), which is kept and means nothing here. What it is not about is ""."""

    id: str
    at: datetime
    user: str  # the id by which one person is told from another
    user_name: str
    channel: str
    kind: str
    reason: str = ""  # of a "not relevant", one of REASONS
    alert_id: str = ""
    story_id: str = ""
    article_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An action that answers, with what it is about as that stood then: the article may be forgotten by now."""

    action: Action
    article: Article
    analysis: Analysis  # without its vector
    watchlists: tuple[str, ...]  # those that the card names; without a card, all that fired


def action_id(key: str) -> str:
    """`key` is the maker's own name for what was done, so that what is sent twice is one action."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]


def present(actions: Iterable[Action]) -> tuple[Action, ...]:
    """The answers that count, in order of time: of each person the last one on each card."""
    last: dict[tuple[str, str, str], Action] = {}
    for action in _in_order(actions):
        if action.kind in ANSWERS:
            card = (action.user, action.channel, action.article_id)
            last.pop(card, None)
            last[card] = action
    return tuple(last.values())


def muted_stories(actions: Iterable[Action], channel: str) -> frozenset[str]:
    """The stories of which this channel is to hear no more: whoever muted one, anybody there may undo it."""
    last = {a.story_id: a.kind for a in _in_order(actions) if a.channel == channel and a.kind in MUTES}
    return frozenset(story for story, kind in last.items() if kind == MUTE_STORY)


def followed(actions: Iterable[Action], channel: str) -> dict[str, tuple[str, ...]]:
    """The stories that people follow in this channel, each with the ids of these people, in order of following."""
    users: dict[str, dict[str, None]] = {}
    for action in _in_order(actions):
        if action.channel == channel and action.kind in FOLLOWS:
            of = users.setdefault(action.story_id, {})
            of.pop(action.user, None)
            of |= {action.user: None} if action.kind == FOLLOW_STORY else {}
    return {story: tuple(of) for story, of in users.items() if of}


def _in_order(actions: Iterable[Action]) -> list[Action]:
    return sorted(actions, key=lambda action: action.at)
