"""Deadlines: what articles set, what the ledger's states set, and the calendar in which each stands once."""

from datetime import date, timedelta
from typing import Any

import pytest

from bot.days_set import COMMENTS, DECISION, EFFECT, EXPIRY, HEARING, REBUTTAL, TESTIFY
from bot.deadlines import Deadline, calendar, find_deadlines, of_measure
from bot.vocabulary import index_reading
from tests.deadline_makers import TODAY, a_deadline
from tests.ledger_makers import a_measure, a_state, day
from tests.makers import NOW, an_article
from tests.telling import SHIPPED, read

TITLE = "Section 301 case against India"


def found(text: str, title: str = TITLE) -> list[tuple[str, str]]:
    return [(one.kind, one.day.isoformat()) for one in told(text, title)]


def told(text: str, title: str = TITLE) -> tuple[Deadline, ...]:
    article = an_article(title=title, text=text, published=NOW)
    reading = read(article.whole)
    return find_deadlines(reading, index_reading(reading), SHIPPED, article)


@pytest.mark.parametrize(
    ("text", "kind", "day"),
    [
        ("Comments must be received by April 6, 2026.", COMMENTS, "2026-04-06"),
        ("The comment period closes on 6 April.", COMMENTS, "2026-04-06"),
        ("By April 6, exporters may send their comments to USTR.", COMMENTS, "2026-04-06"),
        ("Comments may be filed within 30 days of publication of this notice.", COMMENTS, "2026-04-01"),
        ("A public hearing will begin at 9:30 a.m. on May 12, 2026.", HEARING, "2026-05-12"),
        ("The court will hear the tariff case on May 12.", HEARING, "2026-05-12"),
        ("Requests to appear must be filed by April 20, 2026.", TESTIFY, "2026-04-20"),
        ("Post-hearing rebuttal comments are due May 19, 2026.", REBUTTAL, "2026-05-19"),
        ("The final determination is due no later than June 1, 2026.", DECISION, "2026-06-01"),
        ("The 12.5% tariff will take effect on April 1.", EFFECT, "2026-04-01"),
        ("The 10% surcharge expires on July 24, 2026.", EXPIRY, "2026-07-24"),
        ("May 12, 2026: Public hearing in Washington.", HEARING, "2026-05-12"),
    ],
)
def test_a_day_that_is_set_is_found(text: str, kind: str, day: str) -> None:
    assert found(text) == [(kind, day)]


def test_two_days_of_one_sentence_each_belong_to_their_own_words() -> None:
    text = "Comments are due by April 6, 2026, and a hearing will be held on May 12, 2026."
    assert found(text) == [(COMMENTS, "2026-04-06"), (HEARING, "2026-05-12")]


@pytest.mark.parametrize(
    "text",
    [
        "A public hearing was held on February 27, 2026.",
        "The hearing set for March 20 has been cancelled.",
        "The share sale closes on March 20, whatever comments say.",
        "Income-tax comments are due by March 20.",
        "The two ministers meet on March 20.",
        "Comments are welcome.",
    ],
)
def test_what_is_past_cancelled_or_no_trade_desks_matter_is_no_deadline(text: str) -> None:
    assert found(text) == []


def test_what_other_countries_set_among_themselves_is_theirs() -> None:
    assert found("Canada will accept comments on its steel duty until March 20.", "Canada consults") == []


def test_a_deadline_has_its_docket_ground_target_and_sentence() -> None:
    text = "Comments on the proposed 12.5% tariff, docket USTR–2026–0012, are due by April 6, 2026."
    (deadline,) = told(text)
    assert (deadline.dockets, deadline.ground, deadline.target) == (("USTR-2026-0012",), "s301", ("IN",))
    assert (deadline.sentence, deadline.title, deadline.url) == (text, TITLE, "https://a.example/a1")


def test_of_a_day_that_was_moved_the_new_one_is_taken() -> None:
    (deadline,) = told("The deadline for comments was extended from April 6 to April 20, 2026.")
    assert (deadline.day, deadline.moved) == (date(2026, 4, 20), True)


def test_the_day_from_which_something_was_moved_is_not_the_one_that_is_set() -> None:
    text = "The day on which the 25% tariff on India takes effect was moved from April 10 to May 10."
    assert found(text) == [(EFFECT, "2026-05-10")]


# of the ledger


def test_a_measure_sets_the_dates_of_the_states_that_hold() -> None:
    in_force = a_state(25, "in_force", expires=day(40))
    cut = a_state(18, days=2, effective=day(9), action="cut")
    assert [(one.kind, one.day) for one in of_measure(a_measure(in_force, cut))] == [
        (EXPIRY, day(40)),
        (EFFECT, day(9)),
    ]


@pytest.mark.parametrize("end", ["struck_down", "denied", "expired"])
def test_a_measure_that_ended_sets_none(end: str) -> None:
    assert of_measure(a_measure(a_state(25, effective=day(9), expires=day(40)), a_state(25, end, 2))) == ()


def test_of_a_date_that_the_ledger_saw_moved_the_new_one_is_set() -> None:
    first, second = a_state(25, effective=day(9)), a_state(25, days=1, kind="confirms", effective=day(20))
    assert [one.day for one in of_measure(a_measure(first, second))] == [day(20)]


# the calendar


def days(*deadlines: Deadline) -> list[date]:
    return [one.deadline.day for one in calendar((), deadlines, TODAY)]


def test_the_same_told_by_two_outlets_is_one_and_names_both() -> None:
    later = a_deadline(outlet="Gulf Wire", article_id="a2", told=NOW + timedelta(hours=1), dockets=("USTR-2026-0012",))
    (one,) = calendar((), (later, a_deadline()), TODAY)
    assert (one.deadline.outlet, [other.outlet for other in one.others]) == ("Deccan Ledger", ["Gulf Wire"])
    assert len(one.ids) == 2


@pytest.mark.parametrize("other", [{"goods": ("steel",), "ground": "s232"}, {"kind": HEARING}, {"target": ("CN",)}])
def test_what_is_about_something_else_stands_by_itself(other: dict[str, Any]) -> None:
    assert len(days(a_deadline(), a_deadline(article_id="a2", sentence="Other words.", **other))) == 2


def test_two_dockets_are_two_matters() -> None:
    dockets = [a_deadline(article_id=name, dockets=(name,)) for name in ("A-533-843", "C-533-844")]
    assert len(days(*dockets)) == 2


def test_a_moved_day_takes_the_place_of_the_earlier_one_of_the_same_matter() -> None:
    moved = a_deadline(date(2026, 4, 3), article_id="a2", told=NOW + timedelta(days=1), moved=True)
    other = a_deadline(date(2026, 3, 25), article_id="a3", ground="s232", goods=("steel",))
    assert days(a_deadline(), moved, other) == [date(2026, 3, 25), date(2026, 4, 3)]


def test_a_date_of_a_duty_that_fell_since_is_gone_and_another_stays() -> None:
    effect = a_deadline(kind=EFFECT, ground="reciprocal")
    fell = a_measure(a_state(25, effective=effect.day), a_state(25, "struck_down", 3))
    assert calendar([fell], [effect], TODAY) == ()
    assert len(calendar([], [effect], TODAY)) == 1


def test_the_ledger_and_an_article_that_tell_the_same_are_one() -> None:
    measure = a_measure(a_state(25, effective=date(2026, 3, 20)))
    (one,) = calendar([measure], [a_deadline(kind=EFFECT, ground="reciprocal")], TODAY)
    assert (one.deadline.measure, len(one.others)) == ("us-in-reciprocal", 1)


def test_what_has_passed_is_shown_only_where_it_is_asked_for() -> None:
    past = a_deadline(date(2026, 2, 1))
    assert days(past) == []
    assert len(calendar((), [past], date.min)) == 1


def test_the_id_is_that_of_the_docket_whoever_tells_it() -> None:
    one, other = (a_deadline(article_id=name, dockets=("USTR-2026-0012",)) for name in ("a1", "a2"))
    assert one.id == other.id != a_deadline().id
