"""Sides: what the articles of a story claim of each measure, side by side, and where they differ."""

from collections.abc import Sequence
from datetime import date

import pytest

from bot.facts import Fact
from bot.members import Member
from bot.sides import Claimed, Side, claimed
from tests.ledger_makers import a_fact
from tests.makers import HOUR, NOW, a_member

Told = tuple[Member, Sequence[Fact]]


def told(outlet: str, *facts: Fact, hours: float = 0, copy_of: str = "") -> Told:
    return a_member(outlet, outlet=outlet, published=NOW + hours * HOUR, copy_of=copy_of), facts


def claims(*tellings: Told) -> tuple[Claimed, ...]:
    return claimed([m for m, _ in tellings], {m.article_id: facts for m, facts in tellings})


def words(side: Side) -> str:
    return " · ".join(filter(None, (side.rate, side.status, side.dates)))


def outlets(side: Side) -> list[str]:
    return [telling.member.outlet for telling in side.tellings]


def test_what_outlets_say_alike_is_one_side_with_each_outlet_once_in_order_of_time() -> None:
    (one,) = claims(told("A", a_fact(25)), told("B", a_fact(25), hours=2), told("C", a_fact(25), hours=1))
    assert (one.title, one.differ) == ("US reciprocal tariff on India on all goods", False)
    assert [(words(side), outlets(side)) for side in one.sides] == [("25 % · announced", ["A", "C", "B"])]


def test_where_two_outlets_have_other_rates_in_the_same_days_sources_differ_and_that_comes_first() -> None:
    steel = a_fact(50, goods=("steel",), ground="s232")
    found = claims(told("A", a_fact(25), steel), told("B", a_fact(18, "agreed"), steel, hours=5), told("C", steel))
    assert [(one.differ, [words(side) for side in one.sides]) for one in found] == [
        (True, ["18 % · agreed", "25 % · announced"]),
        (False, ["50 % · announced"]),
    ]


@pytest.mark.parametrize(
    "second",
    [
        told("B", a_fact(18, rate_from=25, action="cut"), hours=5),  # tells of a move
        told("B", a_fact(18, rate_from=25, action="cut"), hours=-5),
        told("B", a_fact(18), hours=4 * 24),  # later on
        told("A", a_fact(18), hours=5),  # the same outlet, which corrects itself
        told("B", a_fact(18, "in_force"), hours=5),  # of another moment
        told("B", a_fact(None), hours=5),
    ],
)
def test_what_moved_or_is_of_another_moment_is_no_difference(second: Told) -> None:
    (one,) = claims(told("A", a_fact(25)), second)
    assert not one.differ


def test_an_outlet_that_takes_up_the_new_rate_differs_no_more() -> None:
    lines = told("A", a_fact(25)), told("B", a_fact(18), hours=1)
    corrected = a_member("A2", outlet="A", published=NOW + 2 * HOUR), [a_fact(18)]
    assert [claims(*lines)[0].differ, claims(*lines, corrected)[0].differ] == [True, False]


def test_a_denial_stands_against_what_it_denies() -> None:
    assert claims(told("A", a_fact(25)), told("B", a_fact(25, "denied"), hours=1))[0].differ
    assert claims(told("A", a_fact(25)), told("B", a_fact(None, "denied"), hours=1))[0].differ
    assert not claims(told("A", a_fact(25)), told("B", a_fact(30, "denied"), hours=1))[0].differ


def test_what_a_text_leaves_open_the_others_tell() -> None:
    shrimp = a_fact(25, goods=("seafood",))
    open_one = a_fact(25, imposer="", target=(), goods=(), ground="")
    (one,) = claims(told("A", open_one), told("B", shrimp, hours=1))
    assert one.title == "US reciprocal tariff on India: seafood"
    assert [outlets(side) for side in one.sides] == [["A", "B"]]


def test_what_leaves_something_open_belongs_to_the_measure_at_its_rate() -> None:
    steel, tea = a_fact(50, goods=("steel",)), a_fact(25, goods=("tea_coffee",))
    found = claims(told("B", a_fact(50, goods=())), told("A", tea, steel), told("C", tea))
    assert {one.title.partition(": ")[2]: [len(side.tellings) for side in one.sides] for one in found} == {
        "steel": [2],
        "tea coffee": [2],
    }


def test_what_fits_one_claim_of_a_measure_and_not_another_is_a_measure_of_its_own() -> None:
    tea, open_goods = a_fact(25, goods=("tea_coffee",), ground="s232"), a_fact(25, goods=(), ground="s232")
    found = claims(told("A", tea), told("B", open_goods), told("C", a_fact(25, goods=("steel",), ground="")))
    assert [one.title for one in found] == ["US Section 232 tariff on India: tea coffee", "US tariff on India: steel"]


def test_tariffs_of_both_kinds_and_both_names_of_the_reciprocal_ground_are_one_measure() -> None:
    others = a_fact(25, instrument="secondary_tariff"), a_fact(25, ground="ieepa")
    assert len(claims(told("A", a_fact(25)), told("B", *others))) == 1


def test_other_goods_targets_grounds_and_kinds_are_other_measures() -> None:
    others = (
        a_fact(25, goods=("steel",)),
        a_fact(25, target=("CN",)),
        a_fact(25, ground="s232"),
        a_fact(25, instrument="quota"),
        a_fact(25, imposer="CN"),
        a_fact(None, action="exempt"),
    )
    assert len(claims(told("A", a_fact(25), *others))) == 1 + len(others)


def test_a_sum_of_several_measures_is_no_rival_of_its_parts() -> None:
    parts = a_fact(25, total_rate=50), a_fact(25, ground="russian_oil", total_rate=50)
    found = claims(told("A", *parts), told("B", a_fact(50, ground=""), hours=1))
    assert [one.differ for one in found] == [False, False, False]


def test_a_fact_that_tells_its_own_rate_as_the_sum_is_no_sum_of_several() -> None:
    (one,) = claims(told("A", a_fact(50, total_rate=50)), told("B", a_fact(18), hours=1))
    assert one.differ


def test_what_more_outlets_tell_comes_before_what_fewer_do() -> None:
    tea, steel = a_fact(25, goods=("tea_coffee",)), a_fact(50, goods=("steel",))
    found = claims(told("A", tea), told("B", steel), told("C", steel))
    assert [one.title.partition(": ")[2] for one in found] == ["steel", "tea coffee"]


def test_an_outlet_that_says_the_same_twice_is_shown_with_its_first_article() -> None:
    again = a_member("A2", outlet="A", published=NOW + HOUR), [a_fact(25)]
    (one,) = claims(told("A", a_fact(25)), again)
    assert [telling.member.article_id for telling in one.sides[0].tellings] == ["A"]


def test_a_removal_a_range_and_the_earlier_rate_that_only_some_tell_are_kept() -> None:
    said = a_fact(25, "in_force"), a_fact(25, "in_force", action="remove"), a_fact(25, "in_force", rate_low=15)
    (one,) = claims(told("A", said[0]), told("B", said[1], hours=1), told("C", said[2], hours=2))
    assert [words(side) for side in one.sides] == ["15–25 % · in force", "25 % removed", "25 % · in force"]
    (one,) = claims(told("A", a_fact(50)), told("B", a_fact(50, rate_from=25), hours=1))
    assert [words(side) for side in one.sides] == ["25 % → 50 % · announced"]


def test_background_and_guesses_are_no_claims() -> None:
    assert claims(told("A", a_fact(25, background=True), a_fact(30, "speculated"))) == ()
    assert claimed([a_member()], {}) == ()


def test_days_part_sides_and_who_tells_none_is_with_the_first_that_does() -> None:
    april, may = date(2026, 4, 1), date(2026, 5, 1)
    (one,) = claims(
        told("A", a_fact(25)),
        told("B", a_fact(25, effective=april, expires=may), hours=1),
        told("C", a_fact(25, effective=may), hours=2),
    )
    assert [(words(side), outlets(side)) for side in one.sides] == [
        ("25 % · announced · from 1 May 2026", ["C"]),
        ("25 % · announced · from 1 Apr 2026 until 1 May 2026", ["A", "B"]),
    ]


def test_copies_are_counted_and_are_no_voice_of_their_own() -> None:
    (one,) = claims(told("A", a_fact(25)), told("B", a_fact(25), hours=1, copy_of="A"))
    assert [(outlets(side), side.copies) for side in one.sides] == [(["A"], 1)]
    (alone,) = claims(told("B", a_fact(25), copy_of="gone"))
    assert [(outlets(side), side.copies) for side in alone.sides] == [(["B"], 0)]


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (a_fact(50, rate_from=25, action="raise"), "25 % → 50 % · announced"),
        (a_fact(20, rate_low=15), "15–20 % · announced"),
        (a_fact(25, "in_force", action="remove"), "25 % removed"),
        (a_fact(None, "proposed", action="remove"), "removal of the duty · proposed"),
        (a_fact(None, action="exempt"), "exemption · announced"),
        (a_fact(None, "threatened", action="raise"), "raise, no rate told · threatened"),
        (a_fact(0, "in_force", action="cut", rate_from=0), "0 % · in force"),
    ],
)
def test_each_claim_is_told_by_its_rate_how_firm_it_is_and_its_days(fact: Fact, said: str) -> None:
    (one,) = claims(told("A", fact))
    assert [words(side) for side in one.sides] == [said]


def test_sides_come_with_the_last_told_first() -> None:
    (one,) = claims(told("A", a_fact(25)), told("B", a_fact(50, "in_force"), hours=1), told("C", a_fact(25), hours=2))
    assert [words(side) for side in one.sides] == ["25 % · announced", "50 % · in force"]
