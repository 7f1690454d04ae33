"""The crash driver's own sense: its judge sees what is lost, doubled and stale, and its plans come to every point."""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.alerts import DEAD, EDIT, REPLY, SENT
from bot.feeds import FeedState
from bot.sinks.card import post
from bot.stores.sql import SqlStore
from tests.harness.crash import plans
from tests.harness.crash_judge import Batch, judge
from tests.harness.crash_points import NAMED, POINTS
from tests.line import store_at
from tests.test_store import FEED, HOUR, NOW, a_measure, a_state, a_story, an_alert, an_article, followed

Json = dict[str, Any]
DESK = "#desk"
LINK, TITLE = "https://a.example/a1", "US raises tariff on steel to 50%"
ANEW_TITLE = TITLE.replace("50", "55")
ROOT = an_alert("x1", DESK, state=SENT, receipt="1.1")
CARD = replace(ROOT, message=replace(ROOT.message, headline=TITLE))
ANSWER = an_alert("x2", DESK, state=SENT, receipt="1.2", role=REPLY)
ANEW = an_alert("x3", DESK, state=SENT, receipt="1.1", role=EDIT)


def in_slack(name: str, ts: str, **more: Any) -> Json:
    return {"metadata": {"event_payload": {"id": name}}, "ts": ts, **more}


def the_card() -> Json:
    """As it was last edited."""
    shown = post(replace(ANEW.message, id=ROOT.id), 0)
    return in_slack("x1", "1.1", text=shown["text"], blocks=shown["blocks"])


ALL = (the_card(), in_slack("x2", "1.2", thread_ts="1.1"))


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    store = store_at(tmp_path / "store.db")
    followed(store, a_story("a1"), alerts=(CARD, ANSWER, ANEW))
    store.save_feed(FeedState(FEED), [an_article("a1", title=TITLE)])
    return store


def judged(store: SqlStore, *messages: Json, **shown: str) -> list[str]:
    found = judge(store, shown or {LINK: TITLE}, messages, [DESK])
    store.close()
    return [fault.partition(":")[0] for fault in found.faults]


def test_a_desk_that_told_all_of_it_once_has_no_fault(store: SqlStore) -> None:
    assert judged(store, *ALL) == []


@pytest.mark.parametrize(
    ("fault", "messages"),
    [
        ("lost", [the_card()]),
        ("doubled", [the_card(), the_card(), in_slack("x2", "1.2", thread_ts="1.1")]),
        ("strange", [the_card(), in_slack("x2", "1.2", thread_ts="1.1"), in_slack("x9", "1.9")]),
        ("stray", [the_card(), in_slack("x2", "1.2", thread_ts="1.7")]),
        ("stale", [the_card() | {"text": "as it was before"}, in_slack("x2", "1.2", thread_ts="1.1")]),
    ],
)
def test_what_is_wrong_in_slack_is_a_fault(store: SqlStore, fault: str, messages: list[Json]) -> None:
    assert judged(store, *messages) == [fault]


@pytest.mark.parametrize(
    ("fault", "link", "title"), [("lost", "https://a.example/a2", TITLE), ("stale", LINK, f"{TITLE}: officials")]
)
def test_what_was_served_and_is_not_so_in_the_store_is_a_fault(
    store: SqlStore, fault: str, link: str, title: str
) -> None:
    assert judged(store, *ALL, **{link: title}) == [fault]


def test_a_rate_that_was_never_told_is_a_fault(store: SqlStore) -> None:
    store.save_feed(FeedState(FEED), [an_article("a1", title=ANEW_TITLE)])
    assert judged(store, *ALL, **{LINK: ANEW_TITLE}) == ["lost"]


def test_a_rate_that_was_told_in_a_story_which_its_article_has_left_since_is_told(store: SqlStore) -> None:
    there = an_alert("x5", DESK, state=SENT, receipt="1.5", story_id="z9", article_id="a1")
    store.save_follow([], [], [replace(there, message=replace(there.message, headline=ANEW_TITLE))])
    store.save_feed(FeedState(FEED), [an_article("a1", title=ANEW_TITLE)])
    assert judged(store, *ALL, in_slack("x5", "1.5"), **{LINK: ANEW_TITLE}) == []


A_REPLY = an_alert("x4", DESK, state=SENT, receipt="1.4", role=REPLY, article_id="a2")
LATER = replace(A_REPLY, message=replace(A_REPLY.message, headline=TITLE.replace("50", "60")))
OWN = a_state(told=NOW - HOUR, rate=55.0)
HEARD = in_slack("x4", "1.4", thread_ts="1.1")


@pytest.fixture
def overtaken(store: SqlStore) -> SqlStore:
    """Of a1 nobody was told, and of a later state of its measure all were."""
    told = a_state(told=NOW, article_id="a2", rate=60.0)
    store.save_follow([], [], [LATER], [a_measure("us-in-s301", OWN, told)])
    store.save_feed(FeedState(FEED), [an_article("a1", title=ANEW_TITLE)])
    return store


def batches(*ids: str) -> list[Batch]:
    """A batch a minute, and of each word an article: "a1 a2". The later state is told by the first."""
    return [(NOW + timedelta(minutes=n), one.split()) for n, one in enumerate(ids)]


def test_a_rate_that_was_never_told_is_late_where_a_later_state_of_its_measure_was_told_before(
    overtaken: SqlStore,
) -> None:
    found = judge(overtaken, {LINK: ANEW_TITLE}, [*ALL, HEARD], [DESK], batches("a2", "a1", "a2"))
    assert (found.faults, found.items) == ([], {"served": 1, "stored": 1, "late": 1})
    overtaken.close()


@pytest.mark.parametrize(
    ("ids", "messages"),
    [
        (("a1 a2",), [*ALL, HEARD]),
        (("a1", "a2"), [*ALL, HEARD]),
        (("a2",), [*ALL, HEARD]),
        (("a2", "a1"), ALL),
    ],
)
def test_a_later_state_that_was_told_with_it_or_after_it_or_is_not_in_slack_excuses_nothing(
    overtaken: SqlStore, ids: tuple[str, ...], messages: list[Json]
) -> None:
    found = judge(overtaken, {LINK: ANEW_TITLE}, messages, [DESK], batches(*ids))
    assert f"lost: {LINK} ({ANEW_TITLE}) was never told in {DESK}" in found.faults
    assert (found.items["stored"], found.items["late"]) == (0, 0)
    overtaken.close()


def test_a_batch_that_a_kill_undid_has_told_nothing(overtaken: SqlStore) -> None:
    overtaken.save_alert(replace(LATER, created=NOW + timedelta(minutes=2)))
    found = judge(overtaken, {LINK: ANEW_TITLE}, [*ALL, HEARD], [DESK], batches("a2", "a1", "a1 a2"))
    assert found.items["late"] == 0
    overtaken.close()


def test_a_later_state_of_another_measure_excuses_nothing(overtaken: SqlStore) -> None:
    other = a_measure("us-in-s232", a_state(told=NOW, article_id="a2", rate=60.0))
    overtaken.save_follow([], [], [], [a_measure("us-in-s301", OWN), other])
    found = judge(overtaken, {LINK: ANEW_TITLE}, [*ALL, HEARD], [DESK], batches("a2", "a1"))
    assert found.faults == [f"lost: {LINK} ({ANEW_TITLE}) was never told in {DESK}"]
    overtaken.close()


def test_an_alert_that_was_given_up_is_lost(store: SqlStore) -> None:
    store.save_alert(replace(ANSWER, state=DEAD))
    assert judged(store, the_card()) == ["lost"]


def test_a_double_that_is_marked_as_sent_blindly_is_counted_and_no_fault(store: SqlStore) -> None:
    store.save_alert(replace(CARD, blind=True))
    found = judge(store, {LINK: TITLE}, [the_card(), the_card(), in_slack("x2", "1.2", thread_ts="1.1")], [DESK])
    assert (found.faults, found.cards["blind"], found.cards["doubled"]) == ([], 1, 0)
    store.close()


def test_three_hundred_rounds_come_to_every_point_three_times_and_each_after_what_must_come_before_it() -> None:
    every = [name for plan in plans(300, random.Random(1)) for name in plan]
    assert len(every) == 300
    assert min(Counter(every)[point.name] for point in POINTS) >= 3
    after = [(before, NAMED[name].after) for before, name in pairwise(every) if name in NAMED]
    assert all(before == wanted for before, wanted in after if wanted)
