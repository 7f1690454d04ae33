"""Hands and editors: work beside the threads that take it up, and who may change anything."""

from datetime import timedelta
from threading import Event as Flag

from bot.errors import SinkRefused
from bot.events import Event
from bot.interactive.editors import KEPT, NOBODY, Editors
from bot.interactive.hands import MOST_WAITING, Hands
from tests.makers import NOW


def test_what_fails_is_told_without_its_words_and_the_next_is_done() -> None:
    told, done = list[Event](), Flag()
    hands = Hands(1, told.append)
    hands.give(lambda: [][0])
    hands.give(done.set)
    assert done.wait(5)
    hands.end()
    (event,) = told
    assert event.fields["error"] == "IndexError"
    assert "test_hands.py:" in str(event.fields["where"])


def test_a_line_that_is_too_long_takes_no_more_and_nothing_is_begun_after_the_end() -> None:
    begun, go_on, done = Flag(), Flag(), Flag()
    hands = Hands(1, lambda event: None)

    def wait() -> None:
        begun.set()
        go_on.wait(5)

    hands.give(wait)
    assert begun.wait(5)
    assert all(hands.give(done.set) for _ in range(MOST_WAITING))
    assert not hands.give(done.set)
    hands.end()
    go_on.set()
    assert not hands.give(done.set)
    assert not done.is_set()


class Groups:
    """Who is in the groups; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.broken = False

    def __call__(self, group: str) -> frozenset[str]:
        self.asked += 1
        if self.broken:
            raise SinkRefused("Slack answered missing_scope for user group S1")
        return frozenset({"U2"})


def test_editors_are_users_and_members_of_groups_and_nobody_until_they_are_named() -> None:
    editors = Editors(Groups())
    assert editors.refusal("U1", (), NOW) == NOBODY
    assert editors.refusal("U1", ("U1", "S1"), NOW) == ""
    assert editors.refusal("U2", ("U1", "S1"), NOW) == ""
    assert "Your id is U3" in editors.refusal("U3", ("U1", "S1"), NOW)


def test_the_members_of_a_group_are_remembered_for_a_while() -> None:
    groups = Groups()
    editors = Editors(groups)
    for moment in (NOW, NOW + KEPT - timedelta(seconds=1)):
        editors.refusal("U2", ("S1",), moment)
    assert groups.asked == 1
    groups.broken = True
    assert "nothing was changed: Slack answered missing_scope" in editors.refusal("U2", ("S1",), NOW + KEPT)


def test_who_is_named_needs_no_group() -> None:
    groups = Groups()
    assert Editors(groups).refusal("U1", ("S1", "U1"), NOW) == ""
    assert groups.asked == 0
