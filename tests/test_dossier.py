"""A dossier: one story as a person goes through it — how it came about, what was sent of it, what people did."""

from dataclasses import replace

import pytest

from bot.actions import FOLLOW_STORY, MUTE_STORY, NOT_RELEVANT, OLD, UNFOLLOW_STORY, UNMUTE_STORY
from bot.alerts import DEAD, EDIT, FOLDED, PARKED, REPLY, ROOT, SENT, TOLD, Alert
from bot.dossier import JOINED, MERGED, PARTED, dossier, role_words, sendings, state_words
from bot.doubts import Doubt
from bot.stories import Merge, Split
from tests.ledger_makers import a_fact
from tests.makers import DAY, HOUR, NOW, a_member, a_story, an_action, an_alert

FIRST = a_member("a1", published=NOW)
SECOND = a_member("b1", published=NOW + HOUR, why="0.71 alike: shrimp", official=True)
STORY = a_story(FIRST, SECOND)


def test_articles_mergers_and_partings_are_steps_in_order_of_time() -> None:
    merge = Merge("z9", "b1", NOW + 2 * HOUR, "“Order” tells of both")
    split = Split("y9", "b1", NOW + HOUR / 2, "“Honey” tells of “Bees”")
    story = replace(STORY, merges=(merge,), splits=(split,), doubts=(Doubt(("b1",), 1.4),))
    steps = dossier(story, {}, [], []).steps
    assert [(step.kind, step.why, step.other) for step in steps] == [
        (JOINED, "first", ""),
        (PARTED, "“Honey” tells of “Bees”", "y9"),
        (JOINED, "0.71 alike: shrimp", ""),
        (MERGED, "“Order” tells of both", "z9"),
    ]
    assert steps[2].marks == ("official", "in doubt")
    assert steps[0].member == FIRST


def test_an_article_that_came_late_stands_where_it_was_published() -> None:
    late = a_member("c1", published=NOW - DAY)
    steps = dossier(a_story(FIRST, SECOND, late), {}, [], []).steps
    assert [step.member and step.member.article_id for step in steps] == ["c1", "a1", "b1"]


def test_claims_are_those_of_its_articles() -> None:
    facts = {"a1": (a_fact(25),), "b1": (a_fact(18),), "elsewhere": (a_fact(99),)}
    (one,) = dossier(STORY, facts, [], []).claims
    assert [side.rate for side in one.sides] == ["18 %", "25 %"]


def test_what_was_sent_comes_newest_first_and_edits_by_themselves() -> None:
    alerts = [
        an_alert("x2", created=NOW + DAY, role=REPLY),
        an_alert("x3", created=NOW + DAY, role=EDIT),
        an_alert("x1", created=NOW, state=SENT, sent_at=NOW + 2 * DAY),
    ]
    found = dossier(STORY, {}, alerts, [])
    assert [(one.alert.id, one.at) for one in found.sendings] == [("x1", NOW + 2 * DAY), ("x2", NOW + DAY)]
    assert [one.alert.id for one in found.edits] == ["x3"]


@pytest.mark.parametrize(
    ("alert", "role", "state"),
    [
        (an_alert(state=SENT, blind=True), "card", "sent, perhaps twice"),
        (an_alert(role=REPLY, broadcast=True), "reply in the thread, shown in the channel too", "waiting to be sent"),
        (an_alert(due=NOW), "card", "held back until its hour"),
        (an_alert(due=NOW, state=SENT), "card", "sent"),
        (an_alert(role=EDIT, state=DEAD), "edit of the card", "given up"),
        (an_alert(state=FOLDED), "line of a digest", "waits for the channel's digest"),
        (an_alert(role=ROOT, state=TOLD), "line of a digest", "told in a digest"),
        (an_alert(role="alone", state=PARKED), "message of its own", "parked, because the channel refuses it"),
    ],
)
def test_each_sending_says_in_words_what_it_was_and_what_became_of_it(alert: Alert, role: str, state: str) -> None:
    (one,) = sendings([alert])
    assert (one.role, one.state) == (role, state) == (role_words(alert), state_words(alert))


def test_what_people_did_is_told_newest_first_with_who_and_where() -> None:
    actions = [
        an_action(FOLLOW_STORY, at=NOW),
        an_action(NOT_RELEVANT, reason=OLD, at=NOW + HOUR, user_name=""),
        an_action("watch_add", at=NOW + 2 * HOUR),
    ]
    assert [(one.who, one.did, one.channel) for one in dossier(STORY, {}, [], actions).doings] == [
        ("Name of U1", "watch add", "#desk"),
        ("U1", "called it not relevant: old", "#desk"),
        ("Name of U1", "follows the story", "#desk"),
    ]


def test_a_channel_that_muted_it_is_named_until_somebody_undoes_it() -> None:
    mute = an_action(MUTE_STORY, at=NOW)
    assert dossier(STORY, {}, [], [mute]).muted == ("#desk",)
    assert dossier(STORY, {}, [], [mute, an_action(UNMUTE_STORY, "U2", at=NOW + HOUR)]).muted == ()


def test_followers_are_named_by_channel_until_they_follow_no_more() -> None:
    actions = [
        an_action(FOLLOW_STORY, "U1", at=NOW),
        an_action(FOLLOW_STORY, "U2", at=NOW),
        an_action(FOLLOW_STORY, "U2", story_id="z9", at=NOW),
        an_action(UNFOLLOW_STORY, "U1", at=NOW + HOUR),
    ]
    assert dossier(STORY, {}, [], actions).followers == (("#desk", ("Name of U2",)),)
    assert dossier(STORY, {}, [], []).followers == ()
    assert dossier(STORY, {}, [], [an_action(FOLLOW_STORY, channel="")]).followers == ()
