"""What every store promises (the first part, run over each of STORES), and what SqlStore promises on a disk."""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError

from bot.actions import Action
from bot.alerts import (
    ALONE,
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
from bot.analysis import LABELS, Analysis, Scores, Why
from bot.articles import Article
from bot.calls import HOLD
from bot.doubts import Doubt
from bot.errors import LeaseLost, StoreError
from bot.feeds import FLOOR, LEASE, OF_ONE_SITE, FeedState, Request
from bot.gists import Gist
from bot.measures import Measure, State
from bot.members import Member
from bot.messages import Claim, FactLine, Line, Message, Section, Source
from bot.ports import Store
from bot.reading import Entity
from bot.stores import sqlite
from bot.stores.columns import MICROSECOND
from bot.stores.sql import SqlStore, open_store
from bot.stories import Merge, Split, Story
from bot.verdicts import Verdict
from bot.versions import ADDED, REMOVED, Version
from bot.vocabulary import Hit, Mention
from tests import postgres
from tests.deadline_makers import a_deadline
from tests.ledger_makers import a_fact

NOW = datetime(2026, 3, 1, 9, 30, 0, 123457, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FEED = "https://a.example/rss"


def an_article(id: str = "a1", **changes: Any) -> Article:
    article = Article(
        id=id,
        url=f"https://a.example/{id}",
        title=f"Tariff on steel {id}",
        text="India answers.",
        outlet="A",
        feed_url=FEED,
        official=False,
        published=NOW - HOUR,
        first_seen=NOW,
    )
    return replace(article, **changes)


def an_analysis(id: str = "a1", **changes: Any) -> Analysis:
    analysis = Analysis(
        article_id=id,
        scores=Scores(
            dict.fromkeys(LABELS, 0.25) | {"relevant": 0.9}, dict.fromkeys(LABELS, True), (0.5, -0.25), "model 1"
        ),
        sectors=(Mention("steel", 10, 15),),
        entities=(Entity("India", "GPE", 20, 25), Entity("50%", "PERCENT", 1, 4)),
        figures=("50%", "$500bn"),
        genre="opinion",
        why=(Why("steel desk", ("steel", "tariff"), ("relevant 0.90",), A_VERDICT, "Priya"),),
        quotes=("India answers.",),
        deadlines=(a_deadline(article_id=id),),
        facts=(a_fact(12.5, effective=date(2026, 4, 1), rate_low=10.0),),
        summary="India answered.",
        summary_by="t5",
        awaits=("moved",),
    )
    return replace(analysis, **changes)


STEEL = Verdict("steel", True, (Hit(10, 15, "steel", 0, 2, 2),), 0.5, (), "missing", "told", "change", 1.0)
A_VERDICT = Verdict("all of", True, children=(STEEL, Verdict("NOT", True, children=(Verdict("tea", False),))))


def a_member(id: str = "a1", **changes: Any) -> Member:
    member = Member(
        article_id=id,
        title="Tariff on steel",
        url=f"https://a.example/{id}",
        outlet="A",
        official=True,
        published=NOW,
        figures=("50%",),
        words=("tariff", "steel"),
        headline_words=("steel",),
        goods=("steel", "copper"),
        headline_goods=("steel",),
        matters=("court", "talks"),
        lead_matters=("court",),
        subjects=("topic:court",),
        sketch=(3, 5),
        several=True,
        copy_of="a0",
        was=("Duty on steel",),
        why="same figures",
        facts=(Gist("US", ("IN",), ("steel",), "s232", "raise", "announced", 50.0),),
    )
    return replace(member, **changes)


def a_story(id: str = "a1", *ids: str, updated: datetime = NOW) -> Story:
    return Story(
        id,
        NOW - HOUR,
        updated,
        tuple(a_member(member) for member in (id, *ids)),
        ("#desk", "#steel"),
        (Merge(f"{id}-was", id, NOW, "of both", ("#steel",)),),
        (Split("z1", id, NOW, "of another event"),),
        (Doubt((id,), 0.5),),
    )


def a_message(id: str) -> Message:
    return Message(
        id=id,
        kind="update",
        severity="high",
        headline="Tariff on steel",
        url="https://a.example/a1",
        quotes=("India answers.",),
        why=(Why("steel desk", ("steel",), ("relevant 0.90",), owner="Priya"),),
        topics=(("tariff_threat", 0.9),),
        sectors=("steel",),
        sources=(
            Source("A", "Tariff", "https://a.example/a1", NOW, True),
            Source("B", "Duty", "https://b.example", NOW),
        ),
        scored=True,
        changed="rate 25% → 50%",
        note="opinion",
        facts=(
            FactLine(
                "US → India · steel · 50 %",
                "India answers.",
                (Claim("Washington", "50 %", "A", "https://a", NOW),),
                "US → India · 50 %",
                "us-in-steel",
                "high",
            ),
        ),
        summary="India answered.",
        summary_by="t5",
        by=Source("B", "Duty", "https://b.example", NOW),
        publishers=2,
        lines=("The settings are taken.",),
        relevance=0.9,
        sections=(Section("Steel", (Line("HIGH: a duty", "https://a.example/a1"),)),),
        whole="tariffwatch digest",
        followers=("U0123ABCD",),
    )


def an_alert(id: str = "x1", channel: str = "#desk", **changes: Any) -> Alert:
    return replace(Alert(id, "a1", "a1", channel, a_message(id), created=NOW), **changes)


def a_state(days: int = 0, **changes: Any) -> State:
    state = State(
        told=NOW + days * DAY,
        arrived=NOW + days * DAY + HOUR,
        kind="changes",
        status="in_force",
        action="raise",
        rate=12.5,
        rate_low=10.0,
        rate_from=0.0,
        effective=date(2026, 7, 24),
        expires=date(2026, 12, 31),
        sentence="It is 12.5 per cent.",
        outlet="A",
        url="https://a.example/a1",
        article_id="a1",
        side="US",
        speaker="USTR",
        verified=False,
        contested="B (1 Mar 2026): 10 % in force",
    )
    return replace(state, **changes)


def a_measure(id: str = "us-in-s301", *states: State, **changes: Any) -> Measure:
    of = states or (a_state(),)
    measure = Measure(id, "US", ("IN", "CN"), ("steel", "copper"), "tariff", "s301", "US tariff", of)
    return replace(measure, **changes)


def collected(store: Store, *articles: Article) -> list[Article]:
    return store.save_feed(FeedState(FEED, polled_at=NOW), articles)


def analysed(store: Store, *articles: Article) -> None:
    collected(store, *articles)
    store.save_analyses([(article, an_analysis(article.id)) for article in articles])


def followed(store: Store, *stories: Story, alerts: tuple[Alert, ...] = ()) -> list[Alert]:
    """Stories whose members are stored, analysed and followed."""
    ids = [member.article_id for story in stories for member in story.members]
    analysed(store, *map(an_article, ids))
    return store.save_follow(ids, stories, alerts)


def filled(store: Store) -> None:
    """A row in every table, for tests of files."""
    followed(store, a_story("a1", "a2"), alerts=(an_alert(),))
    store.save_follow([], [], [], [a_measure()])
    store.save_versions([SHRIMP])
    store.save_action(an_action())
    store.save_feed(FeedState(FEED), [], a_request())


def due(store: Store, now: datetime = NOW, limit: int = 10) -> list[str]:
    return [alert.id for alert in store.due_alerts(now, limit)]


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with nothing in it, to copy: quicker than making one for each test."""
    path = tmp_path_factory.mktemp("blank") / "blank.db"
    open_store(f"sqlite:///{path}").close()
    return path


def sqlite_store(blank: Path, directory: Path) -> SqlStore:
    return open_store(f"sqlite:///{shutil.copy(blank, directory / 'store.db')}")


def postgres_store(blank: Path, directory: Path) -> SqlStore:
    return open_store(postgres.url(postgres.copied()))


STORES: list[Callable[[Path, Path], Store]] = [sqlite_store, postgres_store]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, blank: Path, tmp_path: Path) -> Iterator[Store]:
    store: Store = request.param(blank, tmp_path)
    yield store
    store.close()


# collect


def test_a_feed_state_comes_back_with_every_field_as_it_was(store: Store) -> None:
    state = FeedState(
        url=FEED,
        etag='W/"\xe9\xff"',
        last_modified="Sun, 01 Mar 2026 09:00:00 GMT",
        body_sha="ab12",
        polled_at=NOW,
        ok_at=NOW - HOUR,
        next_due=NOW + HOUR,
        not_before=NOW + DAY,
        status=503,
        errors=3,
        error="http_503: Service Unavailable",
        title="A's feed",
        newest=NOW - DAY,
        items=40,
        gap=HOUR,
        known_for=DAY,
        ttl=3600,
        same=2,
        failing_since=NOW - DAY,
        site="a.example",
        moved_to="https://a.example/new",
        moved_at=NOW - DAY,
        moved_looks=3,
    )
    assert_no_defaults(state)
    store.save_feed(state, [])
    assert store.feed_states() == {FEED: state}


def a_request(at: datetime = NOW, **changes: Any) -> Request:
    request = Request(at, FEED, 200, "http_429", "ab12cd.", ".34ef56", same=True, size=900, ms=120, wish=60)
    return replace(request, **changes)


def test_requests_are_kept_with_the_state_they_led_to_in_their_order_until_they_are_forgotten(store: Store) -> None:
    late, early = a_request(), a_request(NOW - HOUR, status=None)
    for request in (late, early):
        store.save_feed(FeedState(FEED), [], request)
    assert store.requests(NOW - DAY) == [late, early]
    assert store.requests(NOW) == [late]
    assert store.forget_requests(NOW) == 1
    assert store.requests(NOW - DAY) == [late]


def test_several_feed_states_are_saved_at_once(store: Store) -> None:
    states = [FeedState(FEED, items=1), FeedState("https://b.example/rss", items=2)]
    store.save_states(states)
    store.save_states([])
    assert list(store.feed_states().values()) == states


# collect, where there are several workers

MANY = [f"https://{n}.example/rss" for n in range(30)]


def enrolled(store: Store, *urls: str, turn: str = "") -> None:
    """Feeds that can be claimed, each by itself or all by the same turn."""
    store.enrol({url: turn or url for url in urls})


def claimed(store: Store, lease: str = "one", now: datetime = NOW, limit: int = 10) -> list[str]:
    return [state.url for state in store.claim(now, lease, limit, LEASE)]


def test_only_feeds_that_are_enrolled_can_be_claimed_and_with_all_that_is_known_of_them(store: Store) -> None:
    known = FeedState(FEED, etag='"1"', polled_at=NOW - HOUR, next_due=NOW - MINUTE)
    store.save_states([known, FeedState(MANY[0])])
    enrolled(store, FEED, MANY[1])
    assert store.claim(NOW, "one", 10, LEASE) == [FeedState(MANY[1]), known]
    enrolled(store, MANY[0])
    assert claimed(store, "two", NOW + DAY) == [MANY[0]]


def test_a_feed_is_claimed_when_it_is_due_and_that_it_is_asked_is_written_down(store: Store) -> None:
    store.save_states([FeedState(MANY[0], next_due=NOW), FeedState(MANY[1], not_before=NOW + MINUTE)])
    enrolled(store, *MANY[:2])
    assert claimed(store) == MANY[:1]
    assert {url: state.polled_at for url, state in store.feed_states().items()} == {MANY[0]: NOW, MANY[1]: None}


@pytest.mark.fault("D13")
def test_two_claims_never_have_a_feed_in_common_and_together_they_have_all(store: Store) -> None:
    enrolled(store, *MANY)
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(lambda n: claimed(store, str(n), limit=7), range(12)))
    assert sorted(url for urls in found for url in urls) == sorted(MANY)


@pytest.mark.fault("D13")
def test_feeds_of_one_site_are_claimed_by_one_worker_at_a_time_and_after_a_pause_by_the_next(store: Store) -> None:
    enrolled(store, *MANY[:9], turn="a.example")
    assert len(claimed(store, "one", limit=5)) == 5
    assert claimed(store, "two") == []
    store.give_back("one", NOW + MINUTE)
    assert claimed(store, "two", NOW + MINUTE - MICROSECOND) == []
    assert len(claimed(store, "two", NOW + MINUTE)) == 4


def test_no_more_feeds_of_one_site_are_claimed_than_can_be_asked_while_the_lease_lasts(store: Store) -> None:
    enrolled(store, *MANY, turn="a.example")
    assert len(claimed(store, limit=30)) == OF_ONE_SITE


def test_a_site_that_asked_to_be_left_alone_is_passed_over_until_then(store: Store) -> None:
    store.save_states([FeedState(FEED, not_before=NOW + HOUR, site="a.example")])
    enrolled(store, MANY[0], turn="a.example")
    assert claimed(store) == []
    assert claimed(store, now=NOW + HOUR) == [MANY[0]]


@pytest.mark.fault("D14")
def test_a_lease_that_ran_out_is_another_workers_and_the_first_can_write_nothing(store: Store) -> None:
    enrolled(store, FEED)
    assert claimed(store, "one") == [FEED]
    assert claimed(store, "two", NOW + FLOOR) == []  # it may have been asked until the lease ran out
    assert claimed(store, "two", NOW + LEASE + FLOOR) == [FEED]
    with pytest.raises(LeaseLost, match=f"{FEED}: another worker has it now, as the lease ran out"):
        store.save_feed(FeedState(FEED, errors=1), [an_article()], a_request(), lease="one")
    assert (store.feed_states()[FEED].errors, store.article("a1"), store.requests(NOW - DAY)) == (0, None, [])
    assert len(store.save_feed(FeedState(FEED, errors=2), [an_article()], a_request(), lease="two")) == 1
    assert store.feed_states()[FEED].errors == 2


@pytest.mark.fault("D14")
def test_what_was_given_back_unasked_can_be_written_no_more_and_comes_again(store: Store) -> None:
    enrolled(store, FEED)
    claimed(store, "one")
    store.give_back("one", NOW)
    with pytest.raises(LeaseLost):
        store.save_feed(FeedState(FEED), [], lease="one")
    assert claimed(store, "one", NOW + LEASE + FLOOR) == [FEED]


def test_a_feed_state_replaces_the_one_before(store: Store) -> None:
    store.save_feed(FeedState(FEED, etag='"1"', errors=2), [])
    store.save_feed(FeedState(FEED), [])
    assert store.feed_states() == {FEED: FeedState(FEED)}


def test_an_article_comes_back_with_every_field_as_it_was(store: Store) -> None:
    article = an_article(official=True, quiet=True, from_page=True, author="Asha Rao", lang="en-in")
    assert_no_defaults(article)
    collected(store, article)
    assert store.article("a1") == article


def test_saving_a_feed_twice_leaves_what_saving_it_once_leaves(store: Store) -> None:
    assert collected(store, an_article("a1"), an_article("a2")) == [an_article("a1"), an_article("a2")]
    assert collected(store, an_article("a1"), an_article("a2")) == []
    assert store.unread(10) == [an_article("a1"), an_article("a2")]


def test_only_the_articles_not_seen_before_are_new_and_in_the_order_given(store: Store) -> None:
    collected(store, an_article("b"))
    new = collected(store, an_article("c"), an_article("b"), an_article("a"))
    assert [article.id for article in new] == ["c", "a"]


def test_an_article_twice_in_one_document_is_one_article_the_first(store: Store) -> None:
    first = an_article(title="First")
    assert collected(store, first, an_article(title="Second"), first) == [first]
    assert store.counts()["articles"] == 1


def test_a_title_that_the_outlet_changed_is_stored_without_making_the_article_unread(store: Store) -> None:
    analysed(store, an_article())
    assert collected(store, an_article(title="Tariff doubled", text="India is silent.", first_seen=NOW + HOUR)) == []
    assert store.article("a1") == an_article(title="Tariff doubled", text="India is silent.")
    assert store.unread(10) == []
    assert [article.title for article, _ in store.unfollowed(10)] == ["Tariff doubled"]


def test_a_feeds_summary_does_not_replace_the_text_of_the_page(store: Store) -> None:
    page = an_article(text="The whole page.", from_page=True)
    collected(store, an_article(text="Summary."))
    store.save_analyses([(page, an_analysis())])
    collected(store, an_article(text="Summary."))
    assert store.article("a1") == page


def test_a_blank_title_or_text_replaces_nothing(store: Store) -> None:
    collected(store, an_article())
    collected(store, an_article(title="", text=""))
    assert store.article("a1") == an_article()


def test_an_article_that_a_second_feed_carries_too_keeps_its_first_row(store: Store) -> None:
    collected(store, an_article())
    other = an_article(feed_url="https://b.example/rss", outlet="B", title="Another title")
    assert store.save_feed(FeedState(other.feed_url), [other]) == []
    assert store.article("a1") == an_article()


@pytest.mark.parametrize("quiet", [True, False])
def test_an_article_seen_again_stays_as_quiet_or_loud_as_it_was(store: Store, quiet: bool) -> None:
    collected(store, an_article(quiet=quiet))
    collected(store, an_article(quiet=not quiet, title="Changed"))
    assert store.article("a1") == an_article(quiet=quiet, title="Changed")


def test_a_time_in_another_zone_comes_back_as_the_same_instant_in_utc(store: Store) -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    collected(store, an_article(published=NOW.astimezone(kolkata)))
    found = store.article("a1")
    assert found
    assert found.published == NOW
    assert found.published.tzinfo is UTC


def test_a_time_without_a_zone_is_a_bug_and_not_kept(store: Store) -> None:
    with pytest.raises(StatementError, match="has no time zone"):
        collected(store, an_article(published=datetime(2026, 3, 1)))
    assert store.article("a1") is None


# analyze


def test_the_articles_first_seen_earliest_are_read_first(store: Store) -> None:
    collected(store, an_article("late", first_seen=NOW + HOUR), an_article("early"), an_article("later still"))
    assert [article.id for article in store.unread(2)] == ["early", "later still"]


def claimed_articles(
    store: Store, lease: str = "one", limit: int = 10, now: datetime = NOW, again: bool = False
) -> list[str]:
    return [article.id for article in store.claim_unread(now, lease, limit, HOLD, again=again)]


def test_articles_are_claimed_by_one_worker_at_a_time_the_oldest_first(store: Store) -> None:
    collected(store, an_article("c", first_seen=NOW + HOUR), an_article("a"), an_article("b"))
    assert claimed_articles(store, "one", 2) == ["a", "b"]
    assert claimed_articles(store, "two") == ["c"]
    assert claimed_articles(store, "three") == []
    assert [article.id for article in store.unread(9)] == ["a", "b", "c"]  # which is for the desk that has no workers


def test_articles_whose_lease_ran_out_are_claimed_by_another(store: Store) -> None:
    collected(store, an_article())
    assert claimed_articles(store, "one") == ["a1"]
    assert claimed_articles(store, "two", now=NOW + HOLD - MICROSECOND) == []
    assert claimed_articles(store, "two", now=NOW + HOLD) == ["a1"]


def test_who_comes_again_has_what_was_its_own_and_nothing_else(store: Store) -> None:
    collected(store, an_article("a"), an_article("b"), an_article("c"))
    assert claimed_articles(store, "one", 2) == ["a", "b"]
    assert claimed_articles(store, "one", 1, again=True) == ["a"]
    assert store.save_analyses([(an_article("a"), an_analysis("a"))], lease="one") == []
    assert claimed_articles(store, "one", again=True) == ["b"]
    assert claimed_articles(store, "stranger", again=True) == []


def test_of_articles_that_are_another_workers_by_now_nothing_is_written(store: Store) -> None:
    collected(store, an_article("a"), an_article("b"))
    assert claimed_articles(store, "one", 1) == ["a"]
    assert claimed_articles(store, "two", now=NOW + HOLD) == ["a", "b"]
    both = [(an_article(id, title="Late"), an_analysis(id)) for id in "ab"]
    assert store.save_analyses(both, lease="one") == ["a", "b"]
    assert (store.analysis("a"), store.counts()["unread"]) == (None, 2)
    assert store.save_analyses(both, lease="two") == []
    assert store.save_analyses([(an_article("a", title="Twice"), an_analysis("a"))], lease="two") == ["a"]
    assert [article.title for article, _ in store.unfollowed(9)] == ["Late", "Late"]


def test_an_article_that_has_to_be_read_anew_is_free_to_be_claimed(store: Store) -> None:
    collected(store, an_article())
    assert claimed_articles(store, "one") == ["a1"]
    store.save_analyses([(an_article(), an_analysis())], lease="one")
    store.save_follow(["a1"], [a_story()], [])
    collected(store, an_article(title="Tariff on steel is 60%"))
    assert claimed_articles(store, "two") == ["a1"]


def test_an_analysis_comes_back_with_every_field_as_it_was(store: Store) -> None:
    assert_no_defaults(an_analysis())
    analysed(store, an_article())
    assert store.analysis("a1") == an_analysis()
    assert store.unfollowed(10) == [(an_article(), an_analysis())]
    assert store.unread(10) == []


def test_an_embedding_keeps_the_precision_of_a_model(store: Store) -> None:
    scores = replace(an_analysis().scores, embedding=(0.1, -0.7, 1e-9))
    collected(store, an_article())
    store.save_analyses([(an_article(), an_analysis(scores=scores))])
    found = store.analysis("a1")
    assert found
    assert found.scores.embedding == pytest.approx((0.1, -0.7, 1e-9), rel=1e-6)


def test_an_analysis_without_embedding_or_findings_comes_back_empty(store: Store) -> None:
    bare = Analysis("a1", Scores({}, {}, (), "rules"), (), (), ())
    collected(store, an_article())
    store.save_analyses([(an_article(), bare)])
    assert store.analysis("a1") == bare


def test_the_text_that_grew_by_the_page_is_kept_with_the_analysis(store: Store) -> None:
    grown = an_article(text="India answers. At length.", from_page=True)
    collected(store, an_article())
    store.save_analyses([(grown, an_analysis())])
    assert store.article("a1") == grown


def test_a_second_analysis_replaces_the_first_and_does_not_reopen_a_followed_article(store: Store) -> None:
    followed(store, a_story())
    store.save_analyses([(an_article(), an_analysis(genre="live"))])
    assert store.analysis("a1") == an_analysis(genre="live")
    assert store.unread(10) == []
    assert store.unfollowed(10) == []
    assert store.story_of("a1") == a_story()


def test_analysed_articles_since_a_moment_are_listed_the_oldest_first(store: Store) -> None:
    dates = {"c": NOW - HOUR, "b": NOW - DAY, "a": NOW - DAY, "old": NOW - DAY - timedelta(microseconds=1)}
    analysed(store, *(an_article(id, published=published) for id, published in dates.items()))
    store.save_follow(["b"], [], [])
    collected(store, an_article("unread"))
    assert store.analysed_since(NOW - DAY) == ["a", "b", "c"]


def test_analysed_articles_come_in_the_order_asked_for_without_those_that_are_not_there(store: Store) -> None:
    analysed(store, an_article("a1"), an_article("a2"))
    collected(store, an_article("unread"))
    found = store.analysed(["a2", "unread", "gone", "a1"])
    assert found == [(an_article("a2"), an_analysis("a2")), (an_article("a1"), an_analysis("a1"))]


# follow


def test_the_articles_published_earliest_are_followed_first(store: Store) -> None:
    analysed(store, an_article("c", published=NOW), an_article("b"), an_article("a", published=NOW - DAY))
    assert [article.id for article, _ in store.unfollowed(2)] == ["a", "b"]


def test_a_followed_article_is_not_followed_again(store: Store) -> None:
    analysed(store, an_article("a1"), an_article("a2"))
    store.save_follow(["a1"], [], [])
    assert [article.id for article, _ in store.unfollowed(10)] == ["a2"]


def test_an_article_without_an_analysis_cannot_be_marked_as_followed(store: Store) -> None:
    collected(store, an_article())
    store.save_follow(["a1"], [], [])
    assert store.unread(10) == [an_article()]


def test_who_goes_by_stories_that_have_changed_since_writes_nothing(store: Store) -> None:
    analysed(store, an_article("a1"), an_article("a2"))
    before = store.standing()
    store.save_follow(["a1"], [a_story("a1")], [], standing=before)
    with pytest.raises(LeaseLost, match="stories were changed by another meanwhile"):
        store.save_follow(["a2"], [a_story("a2")], [an_alert("x1")], [a_measure()], standing=before)
    assert (store.story("a2"), store.alerts(), store.measures()) == (None, [], [])
    assert [article.id for article, _ in store.unfollowed(9)] == ["a2"]
    store.save_follow(["a2"], [a_story("a2")], [], standing=store.standing())


def test_notices_and_reminders_leave_stories_as_they_stand(store: Store) -> None:
    before = store.standing()
    store.save_follow([], [], [an_alert()])
    assert store.standing() == before


def test_a_member_whose_headline_was_edited_and_articles_that_are_forgotten_change_stories(store: Store) -> None:
    analysed(store, an_article())
    followed(store, a_story(updated=NOW - 400 * DAY))
    before = store.standing()
    collected(store, an_article(title="Another title"))
    renamed = store.standing()
    assert store.prune(NOW + DAY) == 1
    assert before < renamed < store.standing()


def test_an_analysis_that_was_settled_by_following_is_kept_with_the_rest_or_not_at_all(store: Store) -> None:
    analysed(store, an_article())
    settled = [(an_article(), an_analysis(awaits=(), genre="live"))]
    with pytest.raises(LeaseLost):
        store.save_follow(["a1"], [], [], settled=settled, standing=store.standing() + 1)
    assert store.analysis("a1") == an_analysis()
    store.save_follow(["a1"], [], [], settled=settled, standing=store.standing())
    assert store.analysis("a1") == settled[0][1]


def test_a_story_comes_back_with_its_members_in_order_of_joining(store: Store) -> None:
    story = a_story("m", "z", "a")
    assert_no_defaults(story)
    assert_no_defaults(story.members[0])
    followed(store, story)
    assert store.open_stories(NOW) == [story]
    assert store.story_of("z") == story


def test_a_story_is_open_from_the_instant_of_its_last_update(store: Store) -> None:
    followed(store, a_story("old", updated=NOW - timedelta(microseconds=1)), a_story("new", "newer"))
    assert store.open_stories(NOW) == [a_story("new", "newer")]


def test_a_story_that_grows_keeps_its_members_and_gains_the_new_one(store: Store) -> None:
    followed(store, a_story("a1", "a2"))
    followed(store, a_story("a1", "a2", "a3", updated=NOW + HOUR))
    assert store.story_of("a3") == a_story("a1", "a2", "a3", updated=NOW + HOUR)
    assert store.counts()["stories"] == 1


def test_a_member_that_moves_to_another_story_is_in_that_one_only(store: Store) -> None:
    followed(store, a_story("a1", "a2"), a_story("b1"))
    store.save_follow([], [a_story("a1"), a_story("b1", "a2")], [])
    assert store.open_stories(NOW) == [a_story("a1"), a_story("b1", "a2")]


def merged_and_parted(store: SqlStore) -> None:
    """Of what it was before, but that its members have an article more."""
    old, young = a_story("a1", "a2"), replace(a_story("b1"), merges=())
    members = (*old.members, *young.members)
    store.save_follow([], [replace(old, members=members, merges=(Merge("b1", "b1", NOW, "tells of both"),))], [])
    store.save_follow([], [old, replace(young, members=(*young.members, a_member("c1")))], [])


CHANGES: dict[str, Callable[[SqlStore], object]] = {
    "grown": lambda store: store.save_follow([], [a_story("a1", "a2", "c1", updated=NOW + HOUR)], []),
    "robbed of a member": lambda store: store.save_follow([], [a_story("b1", "a2")], []),
    "renamed": lambda store: store.save_feed(FeedState(FEED), [an_article("a1", title="Tariff on steel a2")]),
    "pruned of a member": lambda store: store.prune(NOW - HOUR),
    "ended and begun again": merged_and_parted,
}


@pytest.mark.parametrize("change", CHANGES)
def test_open_stories_are_as_they_are_now_whoever_changed_them(store: SqlStore, change: str) -> None:
    early = an_article("old", first_seen=NOW - DAY)
    analysed(store, an_article("c1"), an_article("older"), early)
    store.save_follow(["old"], [a_story("old", "older", updated=NOW - DAY)], [])
    followed(store, a_story("a1", "a2"), replace(a_story("b1"), merges=()))
    other = SqlStore(store._engine, "the same, by another program", store._database)
    before = store.open_stories(NOW - 2 * DAY)
    CHANGES[change](other)
    after = store.open_stories(NOW - 2 * DAY)
    assert after == SqlStore(store._engine, "read anew", store._database).open_stories(NOW - 2 * DAY)
    assert after != before


def test_an_open_story_that_is_as_it_was_is_the_very_same_object(store: SqlStore) -> None:
    followed(store, a_story("a1"), a_story("b1"))
    first, _ = store.open_stories(NOW)
    store.save_follow([], [a_story("b1", updated=NOW + HOUR)], [])
    again, grown = store.open_stories(NOW)
    assert again is first
    assert grown == a_story("b1", updated=NOW + HOUR)


def test_a_story_that_was_merged_into_another_ends_and_is_found_under_either_id(store: Store) -> None:
    old, young = replace(a_story("a1"), merges=()), a_story("b1", "b2")
    followed(store, old, young, alerts=(an_alert("x1", story_id="b1"), an_alert("x2", story_id="c1")))
    members = (*old.members, *young.members, a_member("c1"))
    merged = replace(old, members=members, merges=(*young.merges, Merge("b1", "c1", NOW, "tells of both")))
    followed(store, merged)
    assert store.open_stories(NOW) == [merged]
    assert [store.story(id) for id in ("a1", "b1", "b1-was", "c1")] == [merged, merged, merged, None]
    assert store.story_of("b2") == merged
    assert [alert.id for alert in store.alerts(story_ids=["a1", "b1"])] == ["x1"]


def test_a_story_that_was_merged_and_taken_out_again_is_found_as_itself(store: Store) -> None:
    old, young = replace(a_story("a1"), merges=()), replace(a_story("b1"), merges=())
    followed(store, old, young)
    merged = replace(old, members=(*old.members, *young.members), merges=(Merge("b1", "c1", NOW, "tells of both"),))
    followed(store, merged)
    followed(store, old, replace(young, members=(*young.members, a_member("c1"))))
    assert [store.story(id) for id in ("a1", "b1")] == [old, replace(young, members=(*young.members, a_member("c1")))]


def test_an_edited_headline_is_that_of_the_member_too_and_the_old_one_is_kept(store: Store) -> None:
    followed(store, replace(a_story("a1", "a2"), members=(a_member("a1", was=()), a_member("a2"))))
    collected(store, an_article("a1", title="Tariff on steel doubled"))
    collected(store, an_article("a1", title="Tariff on steel is doubled"))
    story = store.story_of("a1")
    assert story is not None
    first, other = story.members
    assert (first.title, first.was) == ("Tariff on steel is doubled", ("Tariff on steel", "Tariff on steel doubled"))
    assert other == a_member("a2")
    assert store.unread(10) == []


def test_a_member_whose_headline_has_another_rate_is_read_anew(store: Store) -> None:
    followed(store, a_story("a1"))
    collected(store, an_article("a1", title="Tariff on steel is 60%"))
    assert [article.title for article in store.unread(10)] == ["Tariff on steel is 60%"]


def test_following_twice_writes_the_same_rows_and_returns_each_alert_once(store: Store) -> None:
    assert followed(store, a_story(), alerts=(an_alert("x1"), an_alert("x2"))) == [an_alert("x1"), an_alert("x2")]
    assert store.save_follow(["a1"], [a_story()], [an_alert("x2"), an_alert("x3")]) == [an_alert("x3")]
    assert store.story_of("a1") == a_story()
    assert store.counts()["alerts_queued"] == 3


def test_an_alert_that_was_sent_is_not_queued_by_following_its_article_again(store: Store) -> None:
    sent = an_alert(state=SENT, receipt="1700.1", sent_at=NOW)
    followed(store, a_story(), alerts=(an_alert(),))
    store.save_alert(sent)
    assert store.save_follow(["a1"], [a_story()], [an_alert()]) == []
    assert store.alerts() == [sent]


def test_a_store_that_was_told_of_no_measure_has_none(store: Store) -> None:
    assert store.measures() == []


def test_a_measure_comes_back_with_its_history_as_it_was(store: Store) -> None:
    measure = a_measure("us-in-s301", a_state(), a_state(1))
    assert_no_defaults(measure)
    assert_no_defaults(measure.states[0])
    store.save_follow([], [], [], [measure])
    assert store.measures() == [measure]


def test_what_was_not_told_of_a_measure_comes_back_as_not_told(store: Store) -> None:
    bare = a_state(rate=None, rate_low=None, rate_from=None, effective=None, expires=None, article_id="", contested="")
    measure = a_measure("joint-in", bare, imposer="", target=(), goods=(), ground="")
    store.save_follow([], [], [], [measure])
    assert store.measures() == [measure]


def test_measures_come_by_id_and_those_not_saved_again_stay(store: Store) -> None:
    store.save_follow([], [], [], [a_measure("b"), a_measure("a")])
    store.save_follow([], [], [], [a_measure("b", a_state(), a_state(1))])
    assert store.measures() == [a_measure("a"), a_measure("b", a_state(), a_state(1))]


def test_a_late_arrival_moves_the_states_that_come_after_it(store: Store) -> None:
    store.save_follow([], [], [], [a_measure("a", a_state(), a_state(2))])
    grown = a_measure("a", a_state(), a_state(1, arrived=NOW + 9 * DAY), a_state(2))
    for _ in range(2):
        store.save_follow([], [], [], [grown])
        assert store.measures() == [grown]


def test_the_mark_of_the_ledger_is_another_whenever_something_was_told(store: Store) -> None:
    bare = a_measure("a", a_state(), target=(), goods=(), ground="")
    grown = replace(bare, states=(a_state(), a_state(1)))
    taught = [replace(grown, target=("IN",)), replace(grown, target=("IN",), goods=("all",), ground="s301")]
    marks = [store.ledger_mark()]
    for measure in (bare, grown, *taught, a_measure("b")):
        for _ in range(2):
            store.save_follow([], [], [], [measure])
        marks.append(store.ledger_mark())
    assert len(set(marks)) == 6
    assert store.ledger_mark() == marks[-1]


def test_the_history_of_a_measure_outlives_its_articles(store: Store) -> None:
    analysed(store, an_article())
    store.save_follow(["a1"], [], [], [a_measure()])
    assert store.prune(NOW + 99 * DAY) == 1
    assert store.measures() == [a_measure()]


# watchlists

SHRIMP = Version("shrimp", 1, NOW, "priya", "watchlists/sea.yaml", ADDED, "name: shrimp\nquery: prawns")


def test_versions_come_back_as_they_were_in_order_of_name_and_number(store: Store) -> None:
    assert store.versions() == []
    second = replace(SHRIMP, number=2, at=NOW - HOUR, who="", what=REMOVED, entry="")  # the clock was put back
    oil = replace(SHRIMP, name="oil")
    store.save_versions([SHRIMP, second])
    store.save_versions([oil])
    assert store.versions() == [oil, SHRIMP, second]
    assert store.versions("shrimp") == [SHRIMP, second]
    assert store.last_versions(["shrimp", "tea"]) == {"shrimp": second}


def test_a_version_is_never_written_over(store: Store) -> None:
    store.save_versions([SHRIMP])
    store.save_versions([replace(SHRIMP, who="somebody else"), replace(SHRIMP, number=2)])
    assert [version.who for version in store.versions()] == ["priya", "priya"]


# deliver


def test_an_alert_comes_back_with_every_field_as_it_was(store: Store) -> None:
    alert = an_alert(
        state=UNKNOWN,
        tries=2,
        not_before=NOW - HOUR,
        receipt="1700.1",
        error="reset",
        simple=1,
        sent_at=NOW,
        lost=2,
        blind=True,
        role=REPLY,
        broadcast=True,
        due=NOW - HOUR,
    )
    assert_no_defaults(alert)
    assert_no_defaults(alert.message)
    store.save_alert(alert)
    assert store.due_alerts(NOW, 10) == [alert]
    assert store.alerts() == [alert]


def test_an_alert_is_found_by_its_id(store: Store) -> None:
    store.save_alert(an_alert("x1"))
    store.save_alert(an_alert("x2"))
    assert store.alert("x2") == an_alert("x2")
    assert store.alert("x3") is None


def test_each_channel_gives_its_oldest_open_alert_only(store: Store) -> None:
    late = an_alert("x1", created=NOW + HOUR)
    early, other = an_alert("x2", state=UNKNOWN), an_alert("x3", "#steel", created=NOW + HOUR)
    done = [an_alert("x4", state=SENT), an_alert("x5", state=DEAD), an_alert("x6", state=SENDING)]
    followed(store, a_story(), alerts=(late, early, other, *done))
    assert store.due_alerts(NOW, 10) == [early, other]
    store.save_alert(replace(early, state=SENT))
    assert store.due_alerts(NOW, 10) == [late, other]


def test_alerts_of_one_instant_go_out_in_the_order_of_queueing(store: Store) -> None:
    followed(store, a_story(), alerts=(an_alert("z"), an_alert("m"), an_alert("a")))
    order = []
    while waiting := store.due_alerts(NOW, 1):
        order.append(waiting[0].id)
        store.save_alert(replace(waiting[0], state=SENT))
    assert order == ["z", "m", "a"]


def test_a_channel_whose_oldest_alert_waits_gives_none_until_its_time(store: Store) -> None:
    waiting = an_alert("x1", not_before=NOW + HOUR)
    followed(store, a_story(), alerts=(waiting, an_alert("x2", created=NOW + HOUR)))
    assert due(store, NOW + HOUR - timedelta(microseconds=1)) == []
    assert due(store, NOW + HOUR) == ["x1"]


def test_a_channel_with_a_parked_alert_gives_none_and_the_others_go_on(store: Store) -> None:
    followed(store, a_story(), alerts=(an_alert("x1"), an_alert("x2", state=PARKED), an_alert("x3", "#steel")))
    assert due(store) == ["x3"]


def test_the_oldest_alerts_come_first_when_there_are_more_channels_than_the_limit(store: Store) -> None:
    alerts = tuple(an_alert(f"x{n}", f"#{n}", created=NOW - n * HOUR) for n in range(4))
    followed(store, a_story(), alerts=alerts)
    assert due(store, limit=2) == ["x3", "x2"]


def test_the_next_delivery_is_when_the_first_channel_may_have_its_oldest_alert(store: Store) -> None:
    assert store.next_delivery(NOW) is None
    head = an_alert("x1", not_before=NOW + 2 * HOUR)
    followed(store, a_story(), alerts=(head, an_alert("x2", created=NOW + HOUR)))
    assert store.next_delivery(NOW) == NOW + 2 * HOUR
    store.save_alert(an_alert("x3", "#steel", not_before=NOW + HOUR))
    assert store.next_delivery(NOW) == NOW + HOUR


def test_the_next_delivery_is_past_for_an_alert_that_waits_for_nothing_and_none_for_a_parked_channel(
    store: Store,
) -> None:
    store.save_alert(an_alert())
    assert store.next_delivery(NOW) == NOW
    store.save_alert(an_alert("x2", state=PARKED))
    assert store.next_delivery(NOW) is None


def test_alerts_that_are_due_pass_those_that_are_held_and_stay_in_order_among_themselves(store: Store) -> None:
    held = an_alert("x1", story_id="b1", due=NOW + HOUR)
    alerts = (held, an_alert("x2", created=NOW + HOUR), an_alert("x3", created=NOW + HOUR))
    followed(store, a_story(), alerts=alerts)
    assert due(store, NOW) == ["x2"]
    assert due(store, NOW + HOUR) == ["x1"]


def test_a_channel_whose_oldest_due_alert_waits_gives_none_and_what_is_held_holds_up_nobody(store: Store) -> None:
    held, waiting = an_alert("x1", story_id="b1", due=NOW + 2 * HOUR), an_alert("x2", not_before=NOW + HOUR)
    followed(store, a_story(), alerts=(held, waiting, an_alert("x3")))
    assert due(store, NOW) == []
    assert due(store, NOW + HOUR) == ["x2"]
    assert store.next_delivery(NOW) == NOW + HOUR


def test_a_parked_alert_keeps_back_what_is_held_too(store: Store) -> None:
    followed(store, a_story(), alerts=(an_alert("x1", due=NOW + HOUR), an_alert("x2", state=PARKED)))
    assert due(store, NOW + HOUR) == []
    assert store.next_delivery(NOW) is None


def test_what_is_held_of_a_story_waits_no_longer_in_a_channel_than_what_is_new_of_it_there(store: Store) -> None:
    held = an_alert("x1", due=NOW + 9 * HOUR)
    others = (replace(held, id="x2", channel="#steel"), replace(held, id="x3", story_id="b1"), replace(held, id="x4"))
    followed(store, a_story(), alerts=(held, *others))
    store.save_follow([], [], [an_alert("x5", created=NOW + HOUR, due=NOW + 2 * HOUR)])
    waits = {alert.id: alert.due for alert in store.alerts()}
    assert [waits[name] for name in ("x1", "x2", "x3", "x4")] == [NOW + n * HOUR for n in (2, 9, 9, 2)]
    store.save_follow([], [], [an_alert("x6", created=NOW + HOUR)])
    assert due(store, NOW + HOUR) == ["x1"]
    store.save_follow([], [], [replace(an_alert("x7", story_id="b1"), state=FOLDED)])
    assert {alert.id: alert.due for alert in store.alerts()}["x3"] == NOW + 9 * HOUR


def test_the_next_delivery_is_when_the_first_held_alert_is_due(store: Store) -> None:
    followed(store, a_story(), alerts=(an_alert("x1", due=NOW + 2 * HOUR), an_alert("x2", due=NOW + HOUR)))
    assert store.next_delivery(NOW) == NOW + HOUR
    assert store.next_delivery(NOW + HOUR) == NOW


def test_an_alert_that_was_held_and_waits_for_something_else_by_now_is_delivered_when_that_is_over(
    store: Store,
) -> None:
    followed(store, a_story(), alerts=(an_alert(due=NOW, not_before=NOW + HOUR),))
    assert store.next_delivery(NOW) == NOW + HOUR


def test_alerts_left_in_sending_are_of_unknown_outcome_after_recovery(store: Store) -> None:
    followed(store, a_story(), alerts=(an_alert("x1", state=SENDING), an_alert("x2", "#steel")))
    assert store.recover() == 1
    assert store.recover() == 0
    assert [alert.state for alert in store.due_alerts(NOW, 10)] == [UNKNOWN, QUEUED]


def test_one_channel_is_recovered_and_asked_for_by_itself(store: Store) -> None:
    held = an_alert("x4", "#steel", due=NOW + HOUR, created=NOW + MINUTE)
    sending = (an_alert("x1", "#a", state=SENDING), an_alert("x2", "#steel", state=SENDING), an_alert("x3", "#a"))
    followed(store, a_story(), alerts=(*sending, held))
    assert store.recover("#steel") == 1
    assert store.recover("#steel") == 0
    assert states(store) == {"x1": SENDING, "x2": UNKNOWN, "x3": QUEUED, "x4": QUEUED}
    assert [alert.id for alert in store.due_alerts(NOW, 9, "#steel")] == ["x2"]
    assert [alert.id for alert in store.due_alerts(NOW, 9, "#a")] == ["x3"]
    store.save_alert(an_alert("x2", "#steel", state=SENT))
    assert store.next_delivery(NOW, "#steel") == NOW + HOUR
    assert store.next_delivery(NOW, "#b") is None


def test_an_alert_that_another_has_taken_up_is_not_written_over(store: Store) -> None:
    followed(store, a_story(), alerts=(an_alert(),))
    (read,) = store.due_alerts(NOW, 1)
    store.save_alert(replace(read, state=SENDING, tries=1), read)
    with pytest.raises(LeaseLost, match="alert x1 for #desk was queued and is not any more"):
        store.save_alert(replace(read, state=SENDING, tries=1), read)
    store.save_alert(replace(read, state=QUEUED, tries=1), replace(read, state=SENDING, tries=1))
    with pytest.raises(LeaseLost):
        store.save_alert(replace(read, state=SENDING, tries=1), read)  # queued, but after another try
    with pytest.raises(LeaseLost):
        store.save_alert(an_alert("x9"), an_alert("x9"))  # which is gone


def test_parked_alerts_are_due_again_at_once_when_unparked(store: Store) -> None:
    parked = an_alert(state=PARKED, not_before=NOW + DAY, tries=1, error="not_in_channel")
    followed(store, a_story(), alerts=(parked,))
    assert store.unpark() == 1
    assert store.due_alerts(NOW, 10) == [replace(parked, state=QUEUED, not_before=None)]


def an_edit(id: str, **changes: Any) -> Alert:
    return an_alert(id, role=EDIT, **changes)


def states(store: Store) -> dict[str, str]:
    return {alert.id: alert.state for alert in store.alerts()}


def test_a_newer_edit_supersedes_those_of_its_card_that_were_not_made_yet_and_nothing_else(store: Store) -> None:
    followed(
        store,
        a_story(),
        alerts=(an_alert("root"), an_alert("reply", role=REPLY), an_edit("e1"), an_edit("other", story_id="b1")),
    )
    others = (an_edit("e2", state=SENDING), an_edit("e3", state=PARKED), an_edit("e4", channel="#steel"))
    for alert in (*others, an_edit("e5", state=UNKNOWN)):
        store.save_alert(alert)
    followed(store, a_story(), alerts=(an_edit("e6"),))
    assert states(store) == {
        "root": QUEUED,
        "reply": QUEUED,
        "e1": SUPERSEDED,
        "other": QUEUED,
        "e2": SENDING,
        "e3": PARKED,
        "e4": QUEUED,
        "e5": SUPERSEDED,
        "e6": QUEUED,
    }


def test_an_edit_that_was_queued_before_supersedes_nothing_again(store: Store) -> None:
    followed(store, a_story(), alerts=(an_edit("e1"),))
    followed(store, a_story(), alerts=(an_edit("e2"),))
    followed(store, a_story(), alerts=(an_edit("e1"),))
    assert states(store) == {"e1": SUPERSEDED, "e2": QUEUED}


def test_the_card_of_a_story_is_what_each_channel_was_told_last_of_the_whole(store: Store) -> None:
    alerts = (an_alert("root"), an_alert("other", "#steel"), an_alert("reply", role=REPLY), an_edit("edit"))
    followed(store, a_story(), alerts=(*alerts, an_alert("notice", role=ALONE), an_edit("b", story_id="b1")))
    assert {channel: card.id for channel, card in store.cards("a1").items()} == {"#desk": "edit", "#steel": "other"}
    assert store.cards("nothing") == {}


def test_the_root_is_the_card_that_was_sent_else_the_last_that_was_to_be(store: Store) -> None:
    assert store.root("a1", "#desk") is None
    followed(store, a_story(), alerts=(an_alert("x1", state=DEAD), an_alert("x2"), an_alert("x3", role=REPLY)))
    assert (root := store.root("a1", "#desk")) is not None
    assert (root.id, root.role) == ("x2", ROOT)
    store.save_alert(an_alert("x1", state=SENT))
    assert (root := store.root("a1", "#desk")) is not None
    assert root.id == "x1"
    assert store.root("a1", "#steel") is None
    assert store.root("b1", "#desk") is None


# digest


def test_a_channels_alerts_since_a_moment_come_with_all_that_waits_for_its_digest(store: Store) -> None:
    old = NOW - 9 * DAY
    alerts = (
        an_alert("folded", created=old, state=FOLDED),
        an_alert("told", created=old, state=TOLD),
        an_alert("sent", created=old, state=SENT, sent_at=NOW),
        an_alert("other", "#steel"),
        an_alert("new"),
    )
    followed(store, a_story(), alerts=alerts)
    assert [alert.id for alert in store.alerts_since("#desk", NOW)] == ["folded", "sent", "new"]


def test_the_youngest_alert_of_a_kind_of_digest_is_found_by_channel(store: Store) -> None:
    days = [an_alert(f"d{n}", story_id="daily", created=NOW + n * DAY) for n in range(3)]
    followed(store, a_story(), alerts=(*days, an_alert("x1", story_id="weekly", created=NOW + 9 * DAY)))
    assert store.last_of("daily", "#desk") == days[2]
    assert store.last_of("daily", "#steel") is None


def test_a_digest_is_queued_once_with_what_it_tells_and_a_second_one_tells_nothing(store: Store) -> None:
    waiting = (an_alert("x1", state=FOLDED), an_alert("x2", state=FOLDED), an_alert("x3"))
    followed(store, a_story(), alerts=waiting)
    digest = an_alert("d1", created=NOW + HOUR)
    assert store.save_digest(digest, ["x1", "x3"])
    states = {"x1": TOLD, "x2": FOLDED, "x3": QUEUED, "d1": QUEUED}
    assert {alert.id: alert.state for alert in store.alerts()} == states
    assert not store.save_digest(digest, ["x2"])
    assert {alert.id: alert.state for alert in store.alerts()} == states


def test_what_waits_for_the_digest_of_a_channel_that_has_none_any_more_is_queued(store: Store) -> None:
    followed(store, a_story(), alerts=(an_alert("x1", state=FOLDED), an_alert("x2", "#steel", state=FOLDED)))
    assert store.unfold(["#desk"]) == 1
    assert due(store) == ["x2"]
    assert store.unfold([]) == 1
    assert due(store) == ["x1", "x2"]


# reading by people


def test_an_article_is_found_by_id_or_url_and_nothing_is_found_by_a_stranger(store: Store) -> None:
    collected(store, an_article())
    assert store.article("a1") == store.article("https://a.example/a1") == an_article()
    assert [store.article("x"), store.analysis("x"), store.story_of("x")] == [None, None, None]


def test_an_article_whose_url_is_anothers_id_does_not_hide_it(store: Store) -> None:
    collected(store, an_article("a1", url="a2", first_seen=NOW - DAY), an_article("a2"))
    assert store.article("a2") == an_article("a2")


def test_the_facts_of_articles_are_read_without_the_rest_of_their_analyses(store: Store) -> None:
    analysed(store, an_article("a1"), an_article("a2"))
    collected(store, an_article("a3"))
    store.save_analyses([(an_article("a2"), an_analysis("a2", facts=()))])
    assert store.facts(["a1", "a2", "a3", "gone"]) == {"a1": an_analysis("a1").facts, "a2": ()}
    assert store.facts([]) == {}


def test_alerts_are_shown_newest_first_and_for_one_article(store: Store) -> None:
    alerts = (an_alert("x1"), an_alert("x2", created=NOW + HOUR), an_alert("x3", article_id="a2"))
    followed(store, a_story(), alerts=alerts)
    assert [alert.id for alert in store.alerts()] == ["x2", "x3", "x1"]
    assert [alert.id for alert in store.alerts(limit=1)] == ["x2"]
    assert [alert.id for alert in store.alerts(article_id="a1")] == ["x2", "x1"]


def test_counts_say_how_much_there_is_and_how_much_waits_at_each_step(store: Store) -> None:
    followed(store, a_story(), alerts=(an_alert("x1"), an_alert("x2", state=DEAD)))
    analysed(store, an_article("a2"))
    collected(store, an_article("a3"), an_article("a4"))
    assert store.counts() == {
        "articles": 4,
        "unread": 2,
        "unfollowed": 1,
        "stories": 1,
        "alerts_queued": 1,
        "alerts_sending": 0,
        "alerts_sent": 0,
        "alerts_unknown": 0,
        "alerts_parked": 0,
        "alerts_dead": 1,
        "alerts_superseded": 0,
        "alerts_folded": 0,
        "alerts_told": 0,
        "alerts_held": 0,
    }


def test_the_backlog_is_what_waits_for_something(store: Store) -> None:
    followed(store, a_story(), alerts=(an_alert("x1", due=NOW + HOUR), an_alert("x2", state=DEAD)))
    collected(store, an_article("a3"))
    states = ("queued", "sending", "unknown", "parked", "folded")
    known = {"unread": 1, "unfollowed": 0, **{f"alerts_{state}": 0 for state in states}, "alerts_held": 1}
    assert store.backlog(NOW) == known | {"alerts_queued": 1}
    assert store.backlog(NOW).items() <= store.counts(NOW).items()


def test_counts_tell_what_is_held_and_what_is_folded(store: Store) -> None:
    held = [an_alert(id, story_id=id, due=due) for id, due in (("x1", NOW + HOUR), ("x2", NOW))]
    followed(store, a_story(), alerts=(*held, an_alert("x3"), an_alert("x4", state=FOLDED)))
    found = [store.counts(), store.counts(NOW), store.counts(NOW + HOUR)]
    assert [counts["alerts_held"] for counts in found] == [2, 1, 0]
    assert (found[0]["alerts_queued"], found[0]["alerts_folded"]) == (3, 1)


def test_activity_counts_what_came_and_what_was_sent_since_then(store: Store) -> None:
    old = an_article("b1", first_seen=NOW - DAY)
    sent = [an_alert(f"x{n}", state=SENT, sent_at=NOW, role=role) for n, role in enumerate((ROOT, REPLY, EDIT, ALONE))]
    others = (an_alert("x5", state=SENT, sent_at=NOW - HOUR), an_alert("x6", state=DEAD))
    collected(store, an_article("a3"))
    followed(store, a_story("a1", "a2"), a_story("b1"), alerts=(*sent, *others, an_alert("x7")))
    store.save_analyses([(old, an_analysis("b1"))])
    assert store.activity(NOW) == {"items": 3, "wanted": 2, "stories": 1, "sent": 2, "dead": 1}
    assert store.activity(NOW - DAY) == {"items": 4, "wanted": 3, "stories": 2, "sent": 3, "dead": 1}
    assert set(store.activity(NOW + HOUR).values()) == {0}


def test_of_each_channel_the_parked_alert_waits_or_the_oldest_that_is_wanted(store: Store) -> None:
    early, held = an_alert("x1", created=NOW - HOUR), an_alert("x2", story_id="s", created=NOW - DAY, due=NOW + HOUR)
    parked = an_alert("x3", "#b", created=NOW, state=PARKED)
    first = an_alert("x4", "#b", created=NOW - HOUR)
    done = [an_alert(f"y{n}", "#c", state=state) for n, state in enumerate((SENT, DEAD, FOLDED))]
    on_its_way = an_alert("x5", "#d", created=NOW - DAY, state=SENDING)
    followed(store, a_story(), alerts=(early, held, parked, first, *done, on_its_way))
    assert store.waiting(NOW) == [on_its_way, early, parked]
    assert store.waiting(NOW + HOUR) == [held, on_its_way, parked]


def graded(name: str, level: str, **changes: Any) -> Alert:
    alert = an_alert(name, **changes)
    return replace(alert, message=replace(alert.message, severity=level))


def test_young_stories_come_with_how_grave_what_was_told_of_them_last_is(store: Store) -> None:
    merged = replace(a_story("a3"), merges=(Merge("gone", "a3", NOW, "both tell of shrimp"),))
    old = a_story("a4", updated=NOW - DAY)
    followed(
        store,
        a_story("a1", updated=NOW + HOUR),
        a_story("a2"),
        merged,
        old,
        alerts=(
            graded("x1", "medium", story_id="a1"),
            graded("x2", "high", story_id="a1", role=EDIT),
            graded("x3", "low", story_id="a1", role=ALONE),
            graded("x4", "medium", story_id="gone"),
            graded("x5", "high", story_id="a4"),
        ),
    )
    assert list(store.severities(NOW, 9).items()) == [("a1", "high"), ("a2", ""), ("a3", "medium")]
    assert list(store.severities(NOW - DAY, 2)) == ["a1", "a2"]
    assert store.severities(NOW + DAY, 9) == {}


def test_stories_are_found_by_their_ids_without_those_that_are_gone(store: Store) -> None:
    first, second = a_story("a1", "a2"), a_story("a3")
    followed(store, first, second, a_story("a4"))
    assert sorted(store.stories(["a1", "a3", "none"]), key=lambda story: story.id) == [first, second]
    assert store.stories([]) == []


def test_of_each_channel_and_story_the_card_and_what_was_told_last_are_found(store: Store) -> None:
    card, reply, edit = an_alert("x1"), an_alert("x2", role=REPLY), an_alert("x3", role=EDIT)
    other, elsewhere = an_alert("x4", "#b"), an_alert("x5", story_id="s2")
    followed(store, a_story(), alerts=(card, reply, edit, other, elsewhere, an_alert("x6", role=ALONE)))
    assert store.told(["a1"]) == [card, edit, other]
    assert store.told(["a1", "s2"]) == [card, edit, other, elsewhere]


def test_how_many_feeds_were_read_since_then_is_told(store: Store) -> None:
    store.save_states(
        [FeedState("https://a/", ok_at=NOW), FeedState("https://b/", ok_at=NOW - HOUR), FeedState("https://c/")]
    )
    assert [store.answered(at) for at in (NOW - HOUR, NOW, NOW + HOUR)] == [2, 1, 0]


def test_the_last_poll_and_the_last_article_are_told_once_there_are_any(store: Store) -> None:
    assert store.latest() == {}
    store.save_states([FeedState("https://a/", polled_at=NOW), FeedState("https://b/", polled_at=NOW - HOUR)])
    assert store.latest() == {"asked": NOW}
    followed(store, a_story("a1"))
    collected(store, an_article("a2", first_seen=NOW + HOUR), an_article("a3", first_seen=NOW - HOUR))
    assert store.latest()["article"] == NOW + HOUR


def test_deliveries_are_counted_by_channel_and_state_and_those_given_up_as_far_back_as_is_asked(store: Store) -> None:
    states = (QUEUED, QUEUED, PARKED, FOLDED, SENT, SUPERSEDED, TOLD, DEAD)
    alerts = [an_alert(f"x{n}", story_id=f"s{n}", state=state) for n, state in enumerate(states)]
    old, elsewhere = an_alert("y1", state=DEAD, created=NOW - DAY), an_alert("y2", "#b", state=UNKNOWN)
    followed(store, a_story(), alerts=(*alerts, old, elsewhere))
    ours = {("#desk", QUEUED): 2, ("#desk", PARKED): 1, ("#desk", FOLDED): 1}
    assert store.deliveries(NOW) == ours | {("#desk", DEAD): 1, ("#b", UNKNOWN): 1}
    assert store.deliveries(NOW - DAY)["#desk", DEAD] == 2
    assert store.dead(NOW - DAY, 9) == [alerts[-1], old]
    assert store.dead(NOW - DAY, 1) == [alerts[-1]]
    assert store.dead(NOW + HOUR, 9) == []


def test_what_was_sent_to_a_channel_is_counted_without_edits(store: Store) -> None:
    roles = (ROOT, REPLY, EDIT, ALONE)
    alerts = [an_alert(f"x{n}", state=SENT, sent_at=NOW, role=role) for n, role in enumerate(roles)]
    earlier, other = an_alert("y1", state=SENT, sent_at=NOW - HOUR), an_alert("y2", "#b", state=SENT, sent_at=NOW)
    followed(store, a_story(), alerts=(*alerts, earlier, other, an_alert("y3")))
    assert store.sent(["#desk", "#c"], NOW) == {"#desk": 3}
    assert store.sent(["#desk", "#b"], NOW - HOUR) == {"#desk": 4, "#b": 1}


def fired(*names: str) -> tuple[Why, ...]:
    return tuple(Why(name, ("steel",)) for name in names)


def test_hits_are_counted_by_watchlist_and_day_of_publication_in_utc(store: Store) -> None:
    late = datetime(2026, 3, 1, 23, 59, tzinfo=timezone(-HOUR))  # the second already, in UTC
    told = {"a1": (NOW, fired("tea", "steel")), "a2": (NOW, fired("tea")), "a3": (late, fired("tea")), "a4": (NOW, ())}
    articles = [an_article(id, published=at) for id, (at, _) in told.items()]
    collected(store, *articles)
    store.save_analyses([(article, an_analysis(article.id, why=told[article.id][1])) for article in articles])
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    assert store.hits_by_day(first) == {"tea": {first: 2, second: 1}, "steel": {first: 1}}
    assert store.hits_by_day(second) == {"tea": {second: 1}}


def test_a_second_analysis_takes_the_place_of_the_first_ones_hits_and_they_go_with_the_article(store: Store) -> None:
    collected(store, an_article())
    for why in (fired("tea", "steel"), fired("steel"), fired("steel")):
        store.save_analyses([(an_article(), an_analysis(why=why))])
    assert store.hits_by_day(date(2026, 1, 1)) == {"steel": {date(2026, 3, 1): 1}}
    store.save_follow(["a1"], [], [])
    assert store.prune(NOW + DAY) == 1
    assert store.hits_by_day(date(2026, 1, 1)) == {}


def test_the_last_hits_come_newest_first_each_with_its_story(store: Store) -> None:
    older, newer = an_article("b1", published=NOW - DAY), an_article("b2", published=NOW)
    followed(store, a_story("a1"))
    analysed(store, older, newer)
    told = [(article.id, story) for article, story in store.last_hits("steel desk", 5)]
    assert told == [("b2", ""), ("a1", "a1"), ("b1", "")]
    assert [article for article, _ in store.last_hits("steel desk", 1)] == [newer]
    assert store.last_hits("tea", 5) == []


def test_the_newest_articles_are_those_that_were_followed(store: Store) -> None:
    days = {"old": 3, "a": 2, "b": 1}
    articles = [an_article(id, published=NOW - ago * DAY) for id, ago in days.items()]
    analysed(store, *articles, an_article("unfollowed"))
    store.save_follow(list(days), [], [])
    assert store.newest_since(NOW - 2 * DAY, 5) == ["b", "a"]
    assert store.newest_since(NOW - 5 * DAY, 2) == ["b", "a"]


# keeping house


def test_deadlines_of_wanted_articles_come_back_in_order_of_day(store: Store) -> None:
    collected(store, an_article("a1"), an_article("a2"))
    later, sooner = a_deadline(date(2026, 4, 3)), a_deadline(date(2026, 3, 5), article_id="a2", verified=False)
    first, second = an_analysis("a1", deadlines=(later,)), an_analysis("a2", deadlines=(sooner,))
    store.save_analyses([(an_article("a1"), first), (an_article("a2"), second)])
    assert store.deadlines(date(2026, 3, 1)) == [sooner, later]
    assert store.deadlines(date(2026, 3, 6)) == [later]


def test_a_second_analysis_takes_the_place_of_the_first_ones_deadlines(store: Store) -> None:
    collected(store, an_article())
    for day in (3, 4):
        store.save_analyses([(an_article(), an_analysis(deadlines=(a_deadline(date(2026, 4, day)),)))])
    assert [one.day for one in store.deadlines(date(2026, 3, 1))] == [date(2026, 4, 4)]


def test_a_deadline_outlives_its_article_and_goes_when_its_day_is_long_past(store: Store) -> None:
    collected(store, an_article())
    days = (date(2026, 4, 3), date(2031, 4, 3))
    store.save_analyses([(an_article(), an_analysis(deadlines=tuple(map(a_deadline, days))))])
    store.save_follow(["a1"], [], [])
    store.prune(datetime(2027, 1, 1, tzinfo=UTC))
    assert [one.day for one in store.deadlines(date(2026, 1, 1))] == [days[1]]


def test_which_alerts_were_ever_queued_is_known(store: Store) -> None:
    store.save_follow([], [], [an_alert("x1")])
    assert store.queued(["x1", "x2"]) == {"x1"}
    assert store.queued([]) == set()


def test_edits_are_forgotten_in_the_end_and_what_was_posted_is_not(store: Store) -> None:
    old = NOW - 200 * DAY
    alerts = (an_alert("root", created=old, state=SENT), an_alert("reply", created=old, state=SENT, role=REPLY))
    followed(store, a_story(), alerts=(*alerts, an_edit("open", created=old, story_id="b1")))
    store.save_alert(an_edit("e1", created=old, state=SENT))
    store.save_alert(an_edit("e2", state=SENT))
    store.prune(NOW - 180 * DAY)
    assert set(states(store)) == {"root", "reply", "open", "e2"}


# what people do


def an_action(id: str = "k1", **changes: Any) -> Action:
    action = Action(
        id=id,
        at=NOW,
        user="U1",
        user_name="Asha",
        channel="#desk",
        kind="not_relevant",
        reason="spam",
        alert_id="x1",
        story_id="a1",
        article_id="a1",
        note="An advertisement.",
    )
    return replace(action, **changes)


def bare(analysis: Analysis) -> Analysis:
    return replace(analysis, scores=replace(analysis.scores, embedding=()))


def test_an_action_comes_back_with_every_field_as_it_was(store: Store) -> None:
    assert_no_defaults(an_action())
    assert store.save_action(an_action()) is True
    assert store.actions() == [an_action()]


def test_an_action_that_is_sent_again_is_one_action_and_stays_as_it_was(store: Store) -> None:
    store.save_action(an_action())
    assert store.save_action(an_action(at=NOW + HOUR, reason="old")) is False
    assert store.actions() == [an_action()]


def test_actions_are_asked_for_by_time_story_and_channel_oldest_first(store: Store) -> None:
    store.save_action(an_action("late", at=NOW + HOUR))
    store.save_action(an_action("early", kind="mute_story"))
    store.save_action(an_action("elsewhere", channel="#steel"))
    store.save_action(an_action("another", story_id="b1"))
    assert [action.id for action in store.actions()] == ["early", "elsewhere", "another", "late"]
    assert [action.id for action in store.actions(since=NOW + HOUR)] == ["late"]
    assert [action.id for action in store.actions(story_id="a1", channel="#desk")] == ["early", "late"]


def test_an_answer_keeps_what_it_is_about_when_the_article_is_forgotten(store: Store) -> None:
    followed(store, a_story("a1"), alerts=(an_alert(state=SENT),))
    store.save_action(an_action())
    assert store.prune(NOW + DAY) == 1
    (answer,) = store.answers()
    assert (answer.action, answer.article, answer.analysis) == (an_action(), an_article(), bare(an_analysis()))
    assert answer.watchlists == ("steel desk",)


def test_an_answer_is_about_the_article_as_it_was_when_it_was_given(store: Store) -> None:
    analysed(store, an_article())
    store.save_action(an_action())
    collected(store, an_article(title="Tariff doubled"))
    (answer,) = store.answers()
    assert answer.article == an_article()


def test_an_answer_speaks_of_the_watchlists_on_its_card_and_without_a_card_of_all_that_fired(store: Store) -> None:
    card = replace(a_message("x1"), why=(Why("mills", ("steel",)),))
    followed(store, a_story("a1"), alerts=(an_alert(message=card),))
    store.save_action(an_action("card"))
    store.save_action(an_action("command", alert_id=""))
    assert [answer.watchlists for answer in store.answers()] == [("mills",), ("steel desk",)]


def test_an_answer_to_an_article_that_is_gone_is_kept_and_counts_nowhere(store: Store) -> None:
    store.save_action(an_action())
    assert len(store.actions()) == 1
    assert store.answers() == []


def test_answers_are_asked_for_by_time_and_other_actions_are_none(store: Store) -> None:
    analysed(store, an_article())
    store.save_action(an_action("early"))
    store.save_action(an_action("late", at=NOW + HOUR))
    store.save_action(an_action("mute", at=NOW + HOUR, kind="mute_story"))
    assert [answer.action.id for answer in store.answers()] == ["early", "late"]
    assert [answer.action.id for answer in store.answers(NOW + HOUR)] == ["late"]


def test_opinions_are_the_last_answers_with_the_watchlists_of_their_cards(store: Store) -> None:
    analysed(store, an_article())
    for hours, id in enumerate(("early", "mid", "late")):
        store.save_action(an_action(id, at=NOW + hours * HOUR))
    store.save_action(an_action("mute", at=NOW + 3 * HOUR, kind="mute_story"))
    store.save_action(an_action("gone", at=NOW + 4 * HOUR, article_id="z9"))
    told = [(action.id, names) for action, names in store.opinions(NOW + HOUR, 10)]
    assert told == [("mid", ("steel desk",)), ("late", ("steel desk",)), ("gone", ())]
    assert [action.id for action, _ in store.opinions(NOW, 2)] == ["late", "gone"]


def test_an_old_story_is_pruned_whole_and_its_alerts_stay_so_that_it_is_never_told_again(store: Store) -> None:
    followed(store, a_story("a1", "a2"), alerts=(an_alert(state=SENT),))
    assert store.prune(NOW + DAY) == 2
    assert store.prune(NOW + DAY) == 0
    assert store.counts()["articles"] == store.counts()["stories"] == 0
    assert store.analysis("a1") is None
    assert followed(store, a_story("a1", "a2"), alerts=(an_alert(),)) == []


@pytest.mark.parametrize(("days", "quiet"), [(7, False), (8, True)])
def test_an_article_that_was_told_a_week_ago_and_is_forgotten_comes_back_quiet(
    store: Store, days: int, quiet: bool
) -> None:
    followed(store, a_story("a1"), alerts=(an_alert(state=SENT, created=NOW),))
    assert store.prune(NOW + DAY) == 1
    again = an_article("a1", first_seen=NOW + days * DAY)
    never = an_article("b1", first_seen=NOW + days * DAY)
    assert store.save_feed(FeedState(FEED), [again, never]) == [replace(again, quiet=quiet), never]
    assert store.article("a1") == replace(again, quiet=quiet)


@pytest.mark.parametrize("state", [QUEUED, SENDING, UNKNOWN, PARKED, FOLDED])
def test_a_story_with_an_alert_to_deliver_is_not_pruned(store: Store, state: str) -> None:
    followed(store, a_story("a1", "a2"), alerts=(an_alert(state=state), an_alert("x2", state=SENT)))
    assert store.prune(NOW + DAY) == 0
    assert store.story_of("a2") == a_story("a1", "a2")


def test_an_old_article_of_a_story_updated_since_is_not_pruned(store: Store) -> None:
    followed(store, a_story("a1", "a2", updated=NOW + DAY), a_story("b1"))
    assert store.prune(NOW + DAY) == 1
    assert store.open_stories(NOW) == [a_story("a1", "a2", updated=NOW + DAY)]


def test_what_a_quiet_feed_still_shows_is_not_pruned_or_it_would_be_news_again(store: Store) -> None:
    followed(store, a_story("a1"), a_story("b1"))
    store.save_feed(FeedState(FEED, newest=an_article().published + 7 * DAY), ())
    assert store.prune(NOW + 400 * DAY) == 0
    store.save_feed(FeedState(FEED, newest=an_article().published + 8 * DAY), ())
    assert store.prune(NOW + 400 * DAY) == 2


def test_articles_that_are_new_or_not_yet_followed_are_not_pruned(store: Store) -> None:
    collected(store, an_article("unread"))
    analysed(store, an_article("unfollowed"), an_article("new", first_seen=NOW + DAY), an_article("old"))
    store.save_follow(["new", "old"], [], [])
    assert store.prune(NOW + DAY) == 1
    assert store.article("old") is None
    assert store.counts()["articles"] == 3


# any text

NUL = "\0"  # what comes in has none, and one of the databases takes none
ODD = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=NUL) | st.sampled_from("'\"\\%\n\r\t😀भारतक्षि؜")
)


@pytest.fixture(scope="module", params=STORES)
def notebook(request: pytest.FixtureRequest, blank: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with_many: Store = request.param(blank, tmp_path_factory.mktemp("odd"))
    yield with_many
    with_many.close()


numbers = count()  # an id is written once, whatever the text in it


@settings(max_examples=40, deadline=None)
@given(odd=ODD, other=ODD)
def test_any_text_comes_back_as_it_was(notebook: Store, odd: str, other: str) -> None:
    id = f"{next(numbers)}-{odd}"  # the sign keeps 2 and "0" from being 20
    article = an_article(id, url=other, title=odd, text=odd + other, outlet=other)
    analysis = an_analysis(id, entities=(Entity(odd, "GPE", 0, 1),), quotes=(other,))
    message = replace(a_message(id), headline=odd, topics=((other, 0.1),), why=(Why(odd, (other,)),))
    alert = an_alert(id, channel=other, article_id=id, message=message, error=odd)
    story = replace(a_story(id), members=(a_member(id, title=other, words=(odd, other)),))
    analysed(notebook, article)
    notebook.save_follow([id], [story], [alert])
    notebook.save_analyses([(article, analysis)])
    assert notebook.article(id) == article
    assert notebook.analysis(id) == analysis
    assert notebook.story_of(id) == story
    assert notebook.alerts(article_id=id) == [alert]


def assert_no_defaults(record: Any) -> None:
    """A test that a whole record comes back must have something to lose in every field, those added later too."""
    assert [field.name for field in fields(record) if getattr(record, field.name) == field.default] == []


# SqlStore on a disk


def database(blank: Path, directory: Path) -> str:
    return f"sqlite:///{shutil.copy(blank, directory / 'store.db')}"


def test_everything_is_there_after_closing_and_opening_again(blank: Path, tmp_path: Path) -> None:
    url = database(blank, tmp_path)
    first = open_store(url)
    followed(first, a_story("a1", "a2"), alerts=(an_alert(),))
    before = first.counts()
    first.close()
    again = open_store(url)
    assert again.counts() == before
    assert (again.story_of("a2"), again.alerts()) == (a_story("a1", "a2"), [an_alert()])
    again.close()


@pytest.mark.fault("D02")
def test_a_fault_half_way_through_following_leaves_nothing_of_it(blank: Path, tmp_path: Path) -> None:
    store = sqlite_store(blank, tmp_path)
    analysed(store, an_article())
    before = store.counts()
    other = sqlite.engine(tmp_path / "store.db")
    with other.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER fault BEFORE INSERT ON alerts BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )
    with pytest.raises(StoreError, match=r"store\.db: disk is full — free some space"):
        store.save_follow(["a1"], [a_story()], [an_alert()], [a_measure()])
    assert store.counts() == before
    assert store.measures() == []
    with other.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER fault")
    assert store.save_follow(["a1"], [a_story()], [an_alert()]) == [an_alert()]
    other.dispose()
    store.close()


def test_an_error_of_the_database_says_nothing_of_the_article(blank: Path, tmp_path: Path) -> None:
    store = sqlite_store(blank, tmp_path)
    with pytest.raises(StoreError) as refused:
        store.save_follow([], [a_story("stranger")], [])
    assert str(refused.value) == f"{tmp_path / 'store.db'}: FOREIGN KEY constraint failed"
    store.close()


@pytest.mark.fault("D05")
def test_threads_that_write_at_once_lose_nothing(blank: Path, tmp_path: Path) -> None:
    """Two stores on one file, as daemon and command line are, with two threads each."""
    url = database(blank, tmp_path)
    assert_nothing_is_lost_between([open_store(url), open_store(url)])


def assert_nothing_is_lost_between(stores: Sequence[SqlStore]) -> None:
    """Four threads write at once, two on each of the stores, which are of one database and are closed in the end."""

    def write(thread: int) -> int:
        store = stores[thread % 2]
        return sum(len(collected(store, an_article(f"{thread}-{n}"), an_article(f"all-{n}"))) for n in range(20))

    with ThreadPoolExecutor(4) as threads:
        new = sum(threads.map(write, range(4)))
    assert new == 4 * 20 + 20
    assert stores[0].counts()["unread"] == stores[1].counts()["unread"] == new
    for store in stores:
        store.close()


def send_and_never_hear(url: str, told: Connection) -> None:
    store = open_store(url)
    store.save_alert(an_alert(state=SENDING))
    told.send("sending")
    told.recv()


@pytest.mark.fault("D01", "S08")
def test_a_process_killed_while_sending_leaves_an_alert_of_unknown_outcome(blank: Path, tmp_path: Path) -> None:
    url = database(blank, tmp_path)
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=send_and_never_hear, args=(url, there))
    process.start()
    assert here.recv() == "sending"
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    store = open_store(url)
    assert store.alerts() == [an_alert(state=SENDING)]
    assert due(store) == []
    assert store.recover() == 1
    assert store.due_alerts(NOW, 10) == [an_alert(state=UNKNOWN)]
    store.close()
