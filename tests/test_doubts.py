"""Doubts: members that may be of another event, how what follows settles it, and how they are taken out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.analysis import Analysis, analyze
from bot.articles import Article
from bot.doubts import Doubt
from bot.members import member
from bot.nlp.keywords import plain_reading
from bot.stories import NEW, SURE, Merge, Story, Update, follow
from bot.vocabulary import find_sectors, index_reading
from tests.line import Line, store_at
from tests.makers import HOUR, NOW, a_vocabulary, an_article, scores

SHRIMP = {
    "s1": (
        "US sets 25% duty on Indian shrimp",
        "Bhimavaram packers of vannamei face a tariff of 25% from May, officials said.",
    ),
    "s2": (
        "Andhra packers halt shrimp loading",
        "Vannamei packers in Bhimavaram halted loading after the tariff on shrimp.",
    ),
}
HONEY = (
    "Raw honey margin settles low",
    "Beekeepers of Muzaffarpur in India face a final margin on raw honey, a register says of the tariff, after a review"
    " that took eleven months and heard packers of both countries twice over.",
)
MORE_HONEY = (
    "Muzaffarpur beekeepers cheer honey margin",
    "The final tariff margin on raw honey of India is low, beekeepers of Muzaffarpur said.",
)
MORE_SHRIMP = (
    "Shrimp packers seek talks on 25% duty",
    "Bhimavaram packers of vannamei want talks on the shrimp duty, Andhra said.",
)


def told(id: str, words: tuple[str, str], **changes: Any) -> tuple[Article, Analysis]:
    article = an_article(id, title=words[0], text=words[1], **changes)
    sectors = find_sectors(index_reading(plain_reading(article.whole)), a_vocabulary())
    return article, analyze(article, scores(), sectors=sectors, quotes=(article.text,))


def a_story(odds: float = 0.2, **changes: Any) -> Story:
    """Two tellings of a duty on shrimp, and one of honey that strayed in."""
    tellings = [told(id, words) for id, words in SHRIMP.items()] + [told("h1", HONEY)]
    members = tuple(member(*telling) for telling in tellings)
    return replace(Story("s1", NOW - HOUR, NOW, members, doubts=(Doubt(("h1",), odds),)), **changes)


def names(story: Story | None) -> list[str]:
    assert story is not None
    return [m.article_id for m in story.members]


def after(words: tuple[str, str], story: Story, id: str = "x1", **changes: Any) -> Update:
    return follow(*told(id, words, published=NOW + HOUR, **changes), [story])


def test_an_article_that_tells_what_a_doubted_member_tells_and_not_the_rest_takes_it_out() -> None:
    update = after(MORE_HONEY, a_story())
    assert (names(update.story), names(update.rest)) == (["h1", "x1"], ["s1", "s2"])
    assert (update.story.id, update.story.told) == ("h1", ())


def test_both_stories_keep_from_which_they_parted_when_and_why() -> None:
    update = after(MORE_HONEY, a_story(told=("#desk",)))
    assert update.rest is not None
    (ours,), (theirs,) = update.story.splits, update.rest.splits
    assert (ours.story_id, theirs.story_id, ours.article_id, ours.at) == ("s1", "h1", "x1", NOW + HOUR)
    assert (
        ours.why
        == theirs.why
        == (
            "“Muzaffarpur beekeepers cheer honey margin” tells of “Raw honey margin settles low”, "
            "and not of “US sets 25% duty on Indian shrimp”"
        )
    )
    assert (update.rest.told, update.rest.doubts) == (("#desk",), ())


def test_a_member_that_is_not_in_doubt_stays() -> None:
    update = after(MORE_HONEY, a_story(doubts=()))
    assert update.rest is None
    assert names(update.story) in (["s1", "s2", "h1", "x1"], ["x1"])


def test_an_article_of_the_rest_takes_nothing_out() -> None:
    update = after(MORE_SHRIMP, a_story())
    assert update.rest is None
    assert names(update.story) == ["s1", "s2", "h1", "x1"]
    assert Doubt(("h1",), 0.2) in update.story.doubts


def test_what_has_much_to_show_for_it_is_not_taken_out_by_one_article() -> None:
    update = after(MORE_HONEY, a_story(SURE - 0.1))
    assert update.rest is None
    (doubt,) = update.story.doubts
    assert (doubt.articles, doubt.odds < SURE - 0.1) == (("h1", "x1"), True)


def test_a_copy_of_a_doubted_member_is_in_the_same_doubt_and_goes_with_it() -> None:
    copied = after(HONEY, a_story(), id="h2", outlet="Gulf Wire").story
    assert copied.doubts == (Doubt(("h1", "h2"), 0.2),)
    assert names(after(MORE_HONEY, copied).story) == ["h1", "h2", "x1"]


def test_a_story_that_was_merged_in_doubt_and_comes_out_again_keeps_its_channels_and_its_id() -> None:
    merge = Merge("h1", "s2", NOW, "tells of both", ("#steel",))
    update = after(MORE_HONEY, a_story(merges=(merge,), told=("#desk", "#steel")))
    assert (update.story.id, update.story.told) == ("h1", ("#steel",))
    assert update.rest is not None
    assert update.rest.merges == ()


def test_where_the_first_member_is_the_one_that_strayed_what_is_left_keeps_the_id() -> None:
    story = a_story()
    turned = replace(story, id="h1", members=(story.members[2], *story.members[:2]))
    update = after(MORE_HONEY, turned)
    assert update.rest is not None
    assert (update.rest.id, names(update.rest), update.story.id) == ("h1", ["s1", "s2"], "x1")


@pytest.mark.parametrize("gone", [("h1",), ("s1", "s2")])
def test_a_doubt_over_members_that_are_no_longer_kept_says_nothing(gone: tuple[str, ...]) -> None:
    story = a_story()
    left = tuple(m for m in story.members if m.article_id not in gone)
    assert after(MORE_HONEY, replace(story, members=left)).rest is None


def test_an_article_that_joins_with_little_to_show_for_it_is_in_doubt() -> None:
    first, weak = (
        told("s1", SHRIMP["s1"]),
        ("Kolkata waits", "Traders of Kolkata wait for a word of packers in Bhimavaram, and read of cricket."),
    )
    begun = follow(*first, []).story
    update = follow(*told("x1", weak, published=NOW + HOUR), [begun])
    assert update.kind != NEW
    assert [doubt.articles for doubt in update.story.doubts] == [("x1",)]
    assert update.story.doubts[0].odds < SURE


def test_a_story_that_was_taken_out_gets_a_card_of_its_own_and_the_store_has_both(tmp_path: Path) -> None:
    line = Line(store_at(tmp_path / "store.db"))
    line.told(*(an_article(id, title=title, text=text) for id, (title, text) in SHRIMP.items()))
    line.told(an_article("h1", title=HONEY[0], text=HONEY[1]))
    (shrimp,) = (s for s in line.store.open_stories(NOW - HOUR * 48) if "s1" in names(s))
    strayed = line.store.story_of("h1")
    assert strayed is not None
    joined = replace(shrimp, members=(*shrimp.members, *strayed.members), doubts=(Doubt(("h1",), 0.2),))
    merged = replace(joined, merges=(Merge("h1", "s2", NOW, "tells of both"),)) if strayed.id == "h1" else joined
    line.store.save_follow([], [merged], [])
    article = an_article("x1", title=MORE_HONEY[0], text=MORE_HONEY[1], published=NOW + HOUR)
    (card,) = line.told(article, now=NOW + HOUR)
    assert (card.story_id, card.role) == ("h1", "root")
    assert [names(line.store.story(id)) for id in ("s1", "h1")] == [["s1", "s2"], ["h1", "x1"]]
    assert [(event["story"], event["other"]) for event in line.heard("story_split")] == [("s1", "h1")]
    line.store.close()
