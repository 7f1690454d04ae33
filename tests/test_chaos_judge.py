"""The chaos driver's own sense: its judge sees what is lost, doubled, out of order and impolite, each by itself."""

from dataclasses import replace

import pytest

from bot.alerts import EDIT, SENDING, SENT, SUPERSEDED, TOLD
from bot.stores.tables import FOLLOWED, UNFOLLOWED, UNREAD
from tests.harness.chaos_judge import Account, Asked, Move, Queued, faults

DESK, OTHER = "#desk", "#other"
FAR = [Asked("127.1.1", "http://127.1.1/1", 0.0, 1.0), Asked("127.1.1", "http://127.1.1/2", 3.5, 4.0)]
NEAR = [Asked("http://127.0.0.1/9", "http://127.0.0.1/9", at, at + 1, near=True) for at in (0.0, 5.0)]


def way(article: str, *stages: str) -> list[Move]:
    return [Move(article, was, now) for was, now in zip(("", *stages), stages, strict=False)]


ONCE = (UNREAD, UNFOLLOWED, FOLLOWED)
WELL = Account(
    served={"https://a.example/1": "Duty of 5%", "https://a.example/2": "Duty of 6%"},
    stored=[("https://a.example/1", "Duty of 5%"), ("https://a.example/2", "Duty of 6%")],
    moves=[*way("a1", *ONCE), *way("a2", *ONCE, *ONCE)],
    analysed=["a1", "a2", "a2"],
    queued=[
        Queued("x1", DESK, 1.0, 1),
        Queued("x2", OTHER, 1.0, 2),
        Queued("x3", DESK, 2.0, 3),
        Queued("x4", DESK, 2.0, 4, EDIT, SENT),
        Queued("x5", DESK, 2.0, 5, EDIT, SUPERSEDED),
    ],
    posted=[(OTHER, "x2"), (DESK, "x1"), (DESK, "x3")],
    asked=[*FAR, *NEAR],
    left={"jobs": 0},
)


def found(account: Account) -> list[str]:
    return [fault.partition(":")[0] for fault in faults(account)]


def test_a_run_in_which_all_was_done_once_and_in_order_has_no_fault() -> None:
    assert faults(WELL) == []


@pytest.mark.parametrize(
    ("fault", "stored"),
    [
        ("lost", WELL.stored[:1]),
        ("doubled", [*WELL.stored, WELL.stored[1]]),
        ("stale", [WELL.stored[0], ("https://a.example/2", "Duty of 7%")]),
        ("strange", [*WELL.stored, ("https://a.example/3", "Duty of 8%")]),
    ],
)
def test_an_item_that_is_not_stored_once_as_it_was_served_is_a_fault(fault: str, stored: list[tuple[str, str]]) -> None:
    assert found(replace(WELL, stored=stored)) == [fault]


@pytest.mark.parametrize(
    ("faults", "moves"),
    [
        (["twice"], [*way("a1", *ONCE), Move("a1", FOLLOWED, FOLLOWED)]),
        (["twice"], [*way("a1", UNREAD, UNFOLLOWED), Move("a1", UNREAD, UNFOLLOWED), Move("a1", UNFOLLOWED, FOLLOWED)]),
        (["twice"], [Move("a1", "", UNREAD), Move("a1", UNREAD, FOLLOWED)]),
        (["twice"], [*way("a1", *ONCE), Move("a1", FOLLOWED, UNFOLLOWED), Move("a1", UNFOLLOWED, FOLLOWED)]),
        (["lost"], way("a1", UNREAD, UNFOLLOWED)),
    ],
)
def test_a_stage_that_an_article_passes_twice_or_never_comes_to_is_a_fault(
    faults: list[str], moves: list[Move]
) -> None:
    assert found(replace(WELL, moves=moves, analysed=["a1"])) == faults


@pytest.mark.parametrize("analysed", [["a1", "a2"], ["a1", "a1", "a2", "a2"], ["a1", "a2", "a2", "a3"]])
def test_an_analysis_that_was_written_more_or_less_often_than_its_article_came_to_be_read_is_a_fault(
    analysed: list[str],
) -> None:
    assert found(replace(WELL, analysed=analysed)) == ["analysed"]


@pytest.mark.parametrize(
    ("fault", "posted"),
    [
        ("lost", WELL.posted[:2]),
        ("doubled", [*WELL.posted, (DESK, "x3")]),
        ("doubled", [*WELL.posted, (DESK, "x4")]),
        ("doubled", [*WELL.posted, (DESK, "x5")]),
        ("strange", [*WELL.posted, (DESK, "x9")]),
        ("strange", [*WELL.posted, (DESK, "x2")]),
    ],
)
def test_an_alert_that_does_not_stand_in_its_channel_once_is_a_fault(fault: str, posted: list[tuple[str, str]]) -> None:
    assert fault in found(replace(WELL, posted=posted))


def test_an_alert_that_is_on_its_way_in_the_end_is_lost() -> None:
    queued = [replace(alert, state=SENDING) if alert.id == "x1" else alert for alert in WELL.queued]
    assert found(replace(WELL, queued=queued)) == ["lost"]


def test_an_alert_that_was_told_in_a_digest_need_not_stand_by_itself() -> None:
    queued = [replace(alert, state=TOLD) if alert.id == "x3" else alert for alert in WELL.queued]
    assert faults(replace(WELL, queued=queued, posted=WELL.posted[:2])) == []


def test_a_message_that_stands_behind_one_made_after_it_is_a_fault() -> None:
    assert found(replace(WELL, posted=[(OTHER, "x2"), (DESK, "x3"), (DESK, "x1")])) == ["order"]


def test_alerts_of_one_moment_go_out_as_they_were_written() -> None:
    queued = [Queued("x1", DESK, 1.0, 2), Queued("x3", DESK, 1.0, 1)]
    assert found(replace(WELL, queued=queued, posted=[(DESK, "x1"), (DESK, "x3")])) == ["order"]


@pytest.mark.parametrize(
    ("fault", "asked"),
    [
        ("at once", [*FAR, Asked("127.1.1", "http://127.1.1/3", 3.9, 5.0)]),
        ("no pause", [*FAR, Asked("127.1.1", "http://127.1.1/3", 5.0, 6.0)]),
        ("at once", [*NEAR, replace(NEAR[1], began=5.5)]),
        ("too soon", [*FAR, replace(FAR[0], began=594.0, ended=595.0)]),
    ],
)
def test_a_site_that_two_ask_at_once_or_without_a_pause_or_a_feed_too_soon_is_a_fault(
    fault: str, asked: list[Asked]
) -> None:
    assert found(replace(WELL, asked=asked)) == [fault]


def test_a_site_may_be_asked_again_after_the_pause_and_a_feed_after_ten_minutes() -> None:
    again = replace(FAR[0], began=600.0, ended=601.0)
    assert faults(replace(WELL, asked=[*FAR, again, *NEAR])) == []


def test_what_is_left_to_do_is_a_fault() -> None:
    assert faults(replace(WELL, left={"jobs": 2, "unread": 0})) == ["left: 2 jobs"]
