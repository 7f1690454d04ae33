"""Profiles: counted once for a story that is open, however many are, and let go when it is not."""

from bot.profiles import KEPT, ROOM, profile, profiles
from tests.makers import a_member


def test_of_any_number_of_open_stories_none_is_counted_again_for_the_next_article() -> None:
    stories = [(a_member(f"a{n}"),) for n in range(3 * ROOM)]
    first, second = profiles(stories), profiles(stories)
    assert all(one is other for one, other in zip(first, second, strict=True))


def test_what_is_no_longer_open_makes_room() -> None:
    profiles([(a_member(f"a{n}"),) for n in range(3 * ROOM)])
    few = [(a_member("b1"),), (a_member("b2"),)]
    profiles(few)
    assert len(KEPT) <= ROOM + 2 * len(few)


def test_a_story_that_grew_has_another_profile() -> None:
    one, other = a_member("a1"), a_member("a2")
    assert (profile((one,)).size, profile((one, other)).size) == (1, 2)
