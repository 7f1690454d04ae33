"""Measures: what a chain of tellings comes to on a day, and how it is said."""

from typing import Any

import pytest

from bot.measures import dated, history, measure_id, on, own, sections, standing, title, words
from tests.ledger_makers import a_measure, a_state, day


def heads(*states: Any, at: float = 99) -> list[tuple[str, float | None]]:
    return [(section, state.rate) for section, state in sections(a_measure(*states), day(at))]


def test_what_is_announced_comes_into_force_on_its_date_and_not_before() -> None:
    state = a_state(effective=day(5))
    assert dated(state, day(4)).status == "announced"
    assert dated(state, day(5)).status == "in_force"


def test_what_is_proposed_does_not_come_into_force_by_a_date() -> None:
    assert dated(a_state(status="proposed", effective=day(5)), day(9)).status == "proposed"


def test_what_has_an_end_is_over_the_day_after_it() -> None:
    state = a_state(status="in_force", expires=day(5))
    assert dated(state, day(5)).status == "in_force"
    assert dated(state, day(6)).status == "expired"


def test_what_was_suspended_stays_so_though_its_date_passes() -> None:
    assert heads(a_state(effective=day(5)), a_state(status="suspended", days=2)) == [("ended", 25)]


def test_a_cut_that_is_announced_and_the_rate_in_force_are_two_states() -> None:
    cut = a_state(18, days=1, action="cut", rate_from=25, effective=day(9))
    assert heads(a_state(status="in_force"), cut, at=8) == [("in_force", 25), ("pending", 18)]
    assert heads(a_state(status="in_force"), cut, at=9) == [("in_force", 18)]


def test_a_threat_against_what_is_in_force_stands_beside_it() -> None:
    assert heads(a_state(status="in_force"), a_state(50, "threatened", 1)) == [("in_force", 25), ("threatened", 50)]


def test_the_pause_of_what_was_to_come_leaves_what_is_in_force() -> None:
    chain = [a_state(status="in_force"), a_state(50, days=1), a_state(50, "suspended", 2)]
    assert heads(*chain) == [("in_force", 25)]


def test_a_court_that_strikes_it_down_ends_both_what_is_in_force_and_what_was_to_come() -> None:
    chain = [a_state(status="in_force"), a_state(18, days=1), a_state(18, "struck_down", 2)]
    assert heads(*chain) == [("ended", 18)]


def test_what_has_ended_and_is_threatened_anew_is_no_longer_listed_as_ended() -> None:
    assert heads(a_state(status="struck_down"), a_state(30, "threatened", 1)) == [("threatened", 30)]


def test_a_removed_duty_has_ended() -> None:
    removed = a_state(0, "in_force", 1, action="remove", rate_from=25)
    assert heads(a_state(status="in_force"), removed) == [("ended", 0)]


def test_on_a_day_only_what_had_arrived_by_its_end_is_known() -> None:
    late = a_state(50, "in_force", 1, arrived=a_state(days=20).told)
    measure = a_measure(a_state(status="in_force"), late)
    assert [on(measure, day(n)).now for n in (-1, 19)] == [None, measure.states[0]]
    assert on(measure, day(20)).now == late


def test_another_sources_claim_stands_beside_the_state_it_disputes() -> None:
    rival = a_state(27, days=1, kind="contradicts", outlet="Gulf Wire")
    (state,) = history(a_measure(a_state(26), rival))
    assert (state.rate, state.contested) == (26, "Gulf Wire (3 Mar 2026): 27 % announced")


def test_a_denial_by_its_own_side_brings_back_the_state_before() -> None:
    denial = a_state(25, "denied", 2, kind="contradicts", side="US")
    chain = history(a_measure(a_state(12.5, "in_force"), a_state(25, "in_force", 1), denial))
    assert [(s.rate, s.status) for s in chain] == [(12.5, "in_force")]


def test_what_is_denied_and_was_never_anything_else_stands_as_denied() -> None:
    denial = a_state(25, "denied", 2, kind="contradicts", side="US")
    assert [s.status for s in history(a_measure(a_state(25, "proposed"), denial))] == ["denied"]


def test_a_denial_by_the_other_side_only_contests() -> None:
    denial = a_state(25, "denied", 2, kind="contradicts", side="IN", outlet="Delhi Post")
    (state,) = history(a_measure(a_state(25), denial))
    assert (state.status, state.contested) == ("announced", "Delhi Post (4 Mar 2026): 25 % denied")


def test_a_confirmation_adds_a_date_and_leaves_the_source() -> None:
    (state,) = history(a_measure(a_state(), a_state(days=1, kind="confirms", effective=day(9), outlet="Gulf Wire")))
    assert (state.effective, state.outlet) == (day(9), "Deccan Ledger")


def test_who_speaks_for_whom() -> None:
    assert own("US", "US")
    assert own("other", "CN")
    assert not own("other", "US")
    assert not own("IN", "US")


def test_nothing_told_is_nothing_standing() -> None:
    assert standing(()).now is None


@pytest.mark.parametrize(
    ("parts", "id"),
    [
        (("US", ("IN",), ("all",), "reciprocal", "tariff"), "us-in-reciprocal"),
        (("US", ("IN",), (), "russian_oil", "tariff"), "us-in-russian-oil"),
        (("US", ("ALL",), ("steel", "aluminium"), "s232", "tariff"), "us-all-aluminium-steel-s232"),
        (("US", ("IN",), ("seafood",), "", "anti_dumping"), "us-in-seafood-anti-dumping"),
        (("MX", ("IN", "CN"), ("autos",), "", "tariff"), "mx-cn-in-autos-tariff"),
    ],
)
def test_an_id_is_computed_from_what_the_measure_is(parts: tuple[Any, ...], id: str) -> None:
    assert measure_id(*parts) == id


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("US", ("IN",), ("all",), "reciprocal", "tariff"), "US reciprocal tariff on India"),
        (("US", ("ALL",), ("steel",), "s232", "tariff"), "US Section 232 tariff on all countries: steel"),
        (("IN", ("US",), ("home_textiles",), "", "anti_dumping"), "India anti-dumping duty on US: home textiles"),
    ],
)
def test_a_title_says_who_does_what_to_whom(parts: tuple[Any, ...], expected: str) -> None:
    assert title(*parts) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"effective": day(3)}, "25 % announced, from 5 Mar 2026"),
        ({"rate": 12.5, "rate_low": 10, "status": "in_force"}, "10–12.5 % in force"),
        ({"rate": None, "status": "proposed"}, "proposed"),
        ({"rate": 0, "rate_from": 25, "action": "remove", "status": "in_force"}, "25 % removed"),
        ({"rate": 0, "rate_from": 25, "action": "remove"}, "removal of 25 % announced"),
        ({"rate": 0, "action": "remove", "status": "in_force"}, "duty removed"),
        ({"rate": None, "action": "exempt", "status": "in_force"}, "exemption in force"),
        ({"status": "struck_down", "expires": day(0)}, "25 % struck down, until 2 Mar 2026"),
    ],
)
def test_a_state_in_words(changes: dict[str, Any], expected: str) -> None:
    assert words(a_state(**changes)) == expected
