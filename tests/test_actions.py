"""Actions: which answers count, which stories a channel muted, and who follows one."""

from bot.actions import (
    FOLLOW_STORY,
    MUTE_STORY,
    NOT_RELEVANT,
    RELEVANT,
    UNFOLLOW_STORY,
    UNMUTE_STORY,
    action_id,
    followed,
    muted_stories,
    present,
)
from tests.makers import CHANNEL, HOUR, NOW, an_action


def test_what_was_done_once_has_one_id_however_often_it_is_sent() -> None:
    assert action_id("T1 1700000000.1 U1") == action_id("T1 1700000000.1 U1")
    assert action_id("T1 1700000000.1 U1") != action_id("T1 1700000000.1 U2")


def test_a_later_answer_of_the_same_person_on_the_same_card_takes_the_place_of_the_earlier_one() -> None:
    later, earlier = an_action(NOT_RELEVANT, at=NOW + HOUR), an_action(RELEVANT)
    assert present([later, earlier]) == (later,)


def test_answers_of_other_people_on_other_cards_and_in_other_channels_all_count() -> None:
    answers = [an_action(), an_action(user="U2"), an_action(article_id="b1"), an_action(channel="#b")]
    assert set(present(answers)) == set(answers)


def test_only_answers_are_answers() -> None:
    assert present([an_action(MUTE_STORY), an_action("watch_undo")]) == ()


def test_a_story_is_muted_for_the_channel_where_somebody_muted_it() -> None:
    actions = [an_action(MUTE_STORY)]
    assert muted_stories(actions, CHANNEL) == {"a1"}
    assert muted_stories(actions, "#b") == frozenset()


def test_anybody_there_may_undo_a_mute_and_mute_again() -> None:
    actions = [
        an_action(MUTE_STORY),
        an_action(UNMUTE_STORY, user="U2", at=NOW + HOUR),
        an_action(MUTE_STORY, story_id="b1"),
    ]
    assert muted_stories(actions, CHANNEL) == {"b1"}
    assert muted_stories([*actions, an_action(MUTE_STORY, at=NOW + 2 * HOUR)], CHANNEL) == {"a1", "b1"}


def test_a_story_has_those_who_follow_it_in_the_order_in_which_they_began() -> None:
    actions = [
        an_action(FOLLOW_STORY, "U2"),
        an_action(FOLLOW_STORY, "U1", at=NOW + HOUR),
        an_action(FOLLOW_STORY, "U3"),
        an_action(UNFOLLOW_STORY, "U3", at=NOW + HOUR),
        an_action(FOLLOW_STORY, "U4", channel="#b"),
    ]
    assert followed(actions, CHANNEL) == {"a1": ("U2", "U1")}
    assert followed([an_action(UNFOLLOW_STORY)], CHANNEL) == {}
