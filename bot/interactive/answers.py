"""Answers: what a press on a card means, as an action to keep, and the words in which it is acknowledged."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.actions import (
    ANSWERS,
    FOLLOW_STORY,
    MUTE_STORY,
    NOT_RELEVANT,
    REASONS,
    RELEVANT,
    UNFOLLOW_STORY,
    UNMUTE_STORY,
    Action,
    action_id,
    followed,
    present,
)
from bot.alerts import Alert
from bot.desk import Desk
from bot.interactive import blocks
from bot.interactive.acts import Asked, Press
from bot.interactive.blocks import Block
from bot.sinks import card
from bot.sinks.card import REASONS as REASON_WORDS

UNMUTE = "unmute_story"  # the button on the note that a story is muted
KINDS = {
    card.RELEVANT: RELEVANT,
    card.NOT_RELEVANT: NOT_RELEVANT,
    card.MUTE_STORY: MUTE_STORY,
    card.FOLLOW: FOLLOW_STORY,
    UNMUTE: UNMUTE_STORY,
}
MUTED_ALREADY = "This story is muted here already."
NOT_MUTED = "This story is not muted here any more."
NO_CARD = "No card of that article's story was posted here, so there is nothing to mute."
DONE = "Done. The thread of the card says so."
GONE = "The store does not know this card any more, so nothing was kept."


def alert_of(press: Press) -> str:
    """The id of the alert that made the card: the value, behind its reason if there is one."""
    return press.value.rpartition(":")[2]


def action_of(press: Press, alert: Alert, kind: str, now: datetime) -> Action:
    """The channel is named as the desk names it. A reason that no menu of ours has is none."""
    reason = press.value.rpartition(":")[0]
    return Action(
        id=action_id(f"slack\x1f{press.key}"),
        at=now,
        user=press.by.id,
        user_name=press.by.name,
        channel=alert.channel,
        kind=kind,
        reason=reason if kind == NOT_RELEVANT and reason in REASONS else "",
        alert_id=alert.id,
        story_id=alert.story_id,
        article_id=alert.article_id,
    )


def asked_action(asked: Asked, alert: Alert, kind: str, now: datetime) -> Action:
    """What a press on the card would have been, had it been asked for by name."""
    place = (alert.channel, alert.id, alert.story_id, alert.article_id)
    channel, alert_id, story, article = place
    about = {"alert_id": alert_id, "story_id": story, "article_id": article}
    return Action(action_id(f"slack\x1f{asked.key}"), now, asked.by.id, asked.by.name, channel, kind, **about)


def of_each(action: Action, stories: Iterable[str]) -> list[Action]:
    """The action once for each: a story may be muted under several names, those of stories that were merged into it."""
    return [replace(action, id=action_id(f"{action.id}\x1f{name}"), story_id=name) for name in sorted(stories)]


def channel_of(asked: Asked, at: Desk) -> str:
    """The channel as the desk calls it, by id or by name; "" for one that hears nothing."""
    known = {at.channel, *(channel for one in at.watchlists for channel in one.channels)}
    return next((name for name in (asked.channel, f"#{asked.channel_name}") if name in known), "")


def kind_of(press: Press, done: Iterable[Action], alert: Alert) -> str:
    """Follow is a switch: who follows already does so no more."""
    kind = KINDS[press.action]
    following = press.by.id in followed(done, alert.channel).get(alert.story_id, ())
    return UNFOLLOW_STORY if kind == FOLLOW_STORY and following else kind


def thanks(action: Action, before: Iterable[Action]) -> str:
    """What the person is told; `before` are the actions on the story until then."""
    if action.kind == FOLLOW_STORY:
        return "You follow this story: each reply below its card mentions you. Press Follow again to stop."
    if action.kind == UNFOLLOW_STORY:
        return "You follow this story no more."
    mine = (a for a in present(before) if (a.user, a.channel, a.article_id) == _card(action))
    last = next(mine, None)
    again = f" It takes the place of your earlier answer: {answer_words(last)}." if last else ""
    return f"Thanks — counted as {answer_words(action)}.{again}"


def note(action: Action) -> tuple[str, list[Block]]:
    """In the story's thread, so that the channel knows who muted it, with the way back; and when it is taken back."""
    mute = action.kind == MUTE_STORY
    did = (
        "muted this story here. Nothing more of it is told in this channel."
        if mute
        else "lets this story be told again."
    )
    line = blocks.rich(blocks.lines([blocks.person(action.user), blocks.piece(f" {did}")]))
    buttons = [blocks.button(UNMUTE, "Unmute", action.alert_id)] if mute else []
    return f"{action.user_name} {did}", [line, *({"type": "actions", "elements": [one]} for one in buttons)]


def answer_words(action: Action) -> str:
    """ "not relevant: old news" """
    if action.kind not in ANSWERS or action.kind == RELEVANT:
        return "relevant"
    return "not relevant" + (f": {REASON_WORDS[action.reason].lower()}" if action.reason else "")


def _card(action: Action) -> tuple[str, str, str]:
    return action.user, action.channel, action.article_id
