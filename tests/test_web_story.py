"""The page of a story, without a browser: what it tells, where it leads, and what it says of a story that is gone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.stores.sql import SqlStore
from tests.line import store_at
from tests.makers import a_story, an_alert
from tests.told_stories import ROOM, a_told_story, keep, keep_many
from tests.web import a_room, asked


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = store_at(tmp_path / "store.db")
    yield store
    store.close()


def words(body: str) -> str:
    """What is read on the page."""
    return " ".join(re.sub(r"<[^>]*>", " ", body.partition("<h1>")[2]).split())


def test_a_story_is_told_with_what_differs_first_then_the_timeline_what_was_sent_and_what_people_did(
    store: SqlStore,
) -> None:
    answer = asked(a_room(store), f"/story/{keep(store)}")
    text = words(answer.body)
    parts = ("Where sources differ", "Timeline", "What was sent", "What people did")
    assert answer.status == 200
    assert sorted(parts, key=text.index) == list(parts)
    assert "US reciprocal tariff on India: seafood sources differ" in text
    assert "18 % · announced Gulf Wire “The rate is 18 per cent.”" in text
    assert "25 % · announced Deccan Ledger and 1 copy" in text


def test_each_article_says_why_it_joined_with_its_marks(store: SqlStore) -> None:
    text = words(asked(a_room(store), f"/story/{keep(store)}").body)
    assert "Deccan Ledger edited US to raise tariff on Indian shrimp to 25%" in text
    assert "Was: US to raise tariff on Indian shrimp to 20% It began the story." in text
    assert "Harbour Post copy US to raise" in text
    assert "Joined: copy of Deccan Ledger" in text
    assert "Federal Register official Notice" in text
    assert "in doubt Shrimp duty" in text
    assert "It may tell of another event: what comes will show it. Joined: 0.55 alike" in text
    assert "Another story turned out to be this one “Notice” tells of both; 0.77 alike" in text
    assert "Another story was parted from this one “Honey” tells of “Bees”" in text


def test_what_was_sent_says_where_what_became_of_it_and_leads_to_slack(store: SqlStore) -> None:
    answer = asked(a_room(store), f"/story/{keep(store)}")
    text = words(answer.body)
    assert (
        "Reply in the thread, shown in the channel too medium 18 % announced Sent, perhaps twice Open in Slack" in text
    )
    assert "#sea Line of a digest" in text
    assert "Parked, because the channel refuses it channel_not_found" in text
    assert "1 edit of its cards" in text
    assert answer.body.count(f"https://slack.com/app_redirect?channel={ROOM}&amp;message_ts=1767225600.000100") == 3


def test_what_people_did_says_who_and_where(store: SqlStore) -> None:
    text = words(asked(a_room(store), f"/story/{keep(store)}").body)
    assert "Muted in #sea: nothing more of it is told there." in text
    assert f"Followed in {ROOM} by Asha." in text
    assert "called it not relevant: old" in text


def test_nothing_that_others_wrote_becomes_markup_or_a_link_of_another_kind(store: SqlStore) -> None:
    body = asked(a_room(store), f"/story/{keep(store)}").body
    assert "<script>document" not in body
    assert "<img" not in body
    assert 'href="javascript' not in body
    assert "\u202e" not in body
    assert len(body) < 60_000


def test_a_long_story_is_told_in_parts(store: SqlStore) -> None:
    name = keep_many(store, 120)
    first, last = (asked(a_room(store), f"/story/{name}{query}").body for query in ("", "?page=3"))
    assert [body.count("Joined: 0.71 alike") for body in (first, last)] == [50, 20]
    assert "Part 1 of 3" in first
    assert 'rel="next">Later</a>' in first
    assert 'rel="prev">Earlier</a>' in last
    assert "part 119<" in last


@pytest.mark.parametrize(("query", "part"), [("0", 1), ("99", 3), ("x", 1), ("-1", 1), ("²", 1), ("9" * 40, 1)])
def test_a_part_that_there_is_not_is_the_nearest_there_is(store: SqlStore, query: str, part: int) -> None:
    name = keep_many(store, 120)
    assert f"Part {part} of 3" in asked(a_room(store), f"/story/{name}?page={quote(query)}").body


def test_a_story_of_500_articles_is_a_page_of_bounded_weight(store: SqlStore) -> None:
    assert len(asked(a_room(store), f"/story/{keep_many(store, 500)}").body) < 100_000


def test_the_name_of_a_merged_story_or_of_an_article_leads_to_the_story(store: SqlStore) -> None:
    name = keep(store)
    for other in ("9" * 32, a_told_story().members[3].article_id):
        answer = asked(a_room(store), f"/story/{other}")
        assert (answer.status, answer.headers["location"]) == (302, f"/story/{name}")


def test_a_story_that_is_gone_says_what_may_have_happened_and_what_was_sent_of_it(store: SqlStore) -> None:
    store.save_follow([], [], [an_alert("x1", story_id="old")])
    unknown, old = (asked(a_room(store), f"/story/{name}") for name in ("nobody", "old"))
    assert (unknown.status, old.status) == (404, 404)
    assert "What may have happened" in unknown.body
    assert "What was sent of it" not in unknown.body
    assert "US to raise tariff on Indian shrimp to 25% Waiting to be sent" in words(old.body)


def test_a_story_of_which_nothing_is_left_or_known_yet_says_so_in_each_place(store: SqlStore) -> None:
    story = replace(a_story(), members=())
    store.save_follow([], [story], [])
    text = words(asked(a_room(store), f"/story/{story.id}").body)
    assert "Its articles are no longer kept." in text
    assert "No article of this story claims a rate" in text
    assert "Nothing was sent of it" in text
    assert "Nobody muted, followed or judged it yet." in text
