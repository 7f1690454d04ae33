"""The board: which stories come first, what a row shows of one, and what became of its card in words."""

from dataclasses import replace

import pytest

from bot.alerts import DEAD, EDIT, FOLDED, HIGH, LOW, MEDIUM, PARKED, QUEUED, SENT, UNKNOWN
from bot.board import NOBODY, SHEET, grouped, rows, sheet, sheets, standing, thread
from bot.channels import DAILY, Channel
from bot.hours import Occasion
from bot.stories import Merge
from tests.makers import DAY, HOUR, NOW, a_member, a_message, a_story, an_alert


def test_the_gravest_stories_come_first_and_of_those_the_youngest() -> None:
    severities = {"a": LOW, "b": HIGH, "c": NOBODY, "d": MEDIUM, "e": HIGH}
    assert sheet(severities, 1) == ["b", "e", "d", "a", "c"]


def test_a_severity_that_nobody_knows_comes_last_and_is_not_lost() -> None:
    assert sheet({"a": "grave", "b": NOBODY}, 1) == ["b", "a"]


def test_what_has_no_room_on_a_sheet_is_on_the_next() -> None:
    severities = {f"s{n:03}": LOW for n in range(SHEET + 3)}
    assert len(sheet(severities, 1)) == SHEET
    assert sheet(severities, 2) == [f"s{n:03}" for n in range(SHEET, SHEET + 3)]
    assert (sheets(0), sheets(SHEET), sheets(SHEET + 1)) == (1, 1, 2)


def test_a_row_has_the_card_as_it_was_told_last_and_the_card_of_each_channel() -> None:
    story = a_story(a_member("a1"), a_member("a2"))
    card, edit = an_alert("x1", state=SENT), an_alert("x2", role=EDIT, message=a_message("x2", headline="It is 50 %"))
    elsewhere = an_alert("x3", "#b", story_id="other")
    (row,) = rows(["a1", "gone"], [story], [card, elsewhere, edit], {"a1": HIGH, "gone": LOW})
    assert row.card
    assert row.card.headline == "It is 50 %"
    assert row.told == (card,)


def test_what_was_told_of_a_story_that_was_merged_belongs_to_the_one_that_it_is_now() -> None:
    story = replace(a_story(), merges=(Merge("b1", "a1", NOW, "tells of both"),))
    (row,) = rows(["a1"], [story], [an_alert("x1", story_id="b1")], {"a1": HIGH})
    assert [alert.id for alert in row.told] == ["x1"]


def test_outlets_are_named_once_by_their_first_article_and_official_ones_before_others() -> None:
    members = (
        a_member("a1", outlet="The Ledger", published=NOW),
        a_member("a2", outlet="the ledger", published=NOW - HOUR),
        a_member("a3", outlet="USTR", official=True, published=NOW + HOUR),
    )
    (row,) = rows(["a1"], [a_story(*members)], [], {"a1": NOBODY})
    assert [member.article_id for member in row.outlets] == ["a3", "a2"]
    assert (row.publishers, row.card) == (2, None)


def test_groups_are_in_order_of_severity_and_none_is_empty() -> None:
    stories = [a_story(a_member(name)) for name in ("a1", "a2", "a3")]
    found = rows(["a1", "a2", "a3"], stories, [], {"a1": NOBODY, "a2": HIGH, "a3": LOW})
    assert [(level, [row.story.id for row in group]) for level, group in grouped(found)] == [
        (HIGH, ["a2"]),
        (LOW, ["a3"]),
        (NOBODY, ["a1"]),
    ]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SENT, "sent"),
        (QUEUED, "waits to be sent"),
        (UNKNOWN, "perhaps sent: it is looked up"),
        (PARKED, "not taken by the channel"),
        (DEAD, "given up"),
        (FOLDED, "waits for a digest"),
        ("new state", "new state"),
    ],
)
def test_what_became_of_a_card_is_told_in_words(state: str, words: str) -> None:
    assert standing(an_alert(state=state), Channel("#desk"), NOW) == words


def test_a_card_that_waits_says_for_what() -> None:
    morning = Channel("#desk", digests=((DAILY, Occasion(NOW.time())),))
    assert standing(an_alert(state=FOLDED), morning, NOW) == "waits for the digest of 09:30"
    held = an_alert(due=NOW + DAY)
    assert standing(held, morning, NOW) == "held until quiet hours end"
    assert standing(held, morning, NOW + DAY) == "waits to be sent"


def test_a_thread_is_linked_where_it_is_in_slack_and_nothing_gets_out_of_the_address() -> None:
    assert thread("C0123", "1795666986.000024") == (
        "https://slack.com/app_redirect?channel=C0123&message_ts=1795666986.000024"
    )
    assert "channel=trade-desk&" in thread("#trade-desk", "1795666986.000024")
    assert "channel=a%26b%3D%22%3E%2F&" in thread('#a&b=">/', "1795666986.000024")
    assert thread("#desk", "") == thread("#desk", "printed") == thread("#desk", "1.2&x=1") == ""
