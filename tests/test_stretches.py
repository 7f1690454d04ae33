"""Stretches: what held of a measure from day to day."""

from dataclasses import replace

from bot.measures import Measure
from bot.statement import lines
from bot.stretches import stretches
from tests.ledger_makers import DAY, a_measure, a_state, day
from tests.test_ledger_archive import ARCHIVE, replay

CUT = a_measure(a_state(25, "in_force"), a_state(18, days=5, effective=day(9), action="cut"))


def held(measure: Measure, at: float) -> list[tuple[int, int, str]]:
    """From which day to which, counted from the first, and what."""
    found = stretches(measure, day(at))
    return [((one.start - day()).days, (one.end - day()).days, one.words) for one in found]


def test_what_is_in_force_stays_beside_what_is_to_come_until_its_date() -> None:
    assert held(CUT, 12) == [(0, 8, "25 % in force"), (5, 8, "18 % announced"), (9, 12, "18 % in force")]


def test_an_earlier_day_knows_less() -> None:
    assert held(CUT, 4) == [(0, 4, "25 % in force")]
    assert held(CUT, -1) == []


def test_what_has_an_end_is_over_the_day_after_it() -> None:
    assert held(a_measure(a_state(10, "in_force", expires=day(3))), 6) == [
        (0, 3, "10 % in force"),
        (4, 6, "10 % expired"),
    ]


def test_what_is_told_again_is_one_stretch_and_what_differs_in_firmness_is_two() -> None:
    told = a_measure(a_state(18, days=0), a_state(18, "agreed", 2), a_state(18, "agreed", 4))
    assert held(told, 5) == [(0, 1, "18 % announced"), (2, 5, "18 % agreed")]


def test_what_ends_and_comes_again_is_two_stretches() -> None:
    told = a_measure(a_state(25, "in_force"), a_state(25, "suspended", 2), a_state(25, "in_force", 4))
    assert held(told, 4) == [(0, 1, "25 % in force"), (2, 3, "25 % suspended"), (4, 4, "25 % in force")]


def test_a_late_article_mends_the_past_for_who_asks_after_it_came() -> None:
    first = a_state(25, "in_force", 0)
    late = replace(a_state(26, "in_force", 1), arrived=first.told + 5 * DAY)
    told = a_measure(first, late)
    assert held(told, 4) == [(0, 4, "25 % in force")]
    assert held(told, 5) == [(0, 0, "25 % in force"), (1, 5, "26 % in force")]


def test_what_is_contested_says_so() -> None:
    assert held(a_measure(a_state(26, contested="27 % in some annexes")), 0) == [(0, 0, "26 % announced (contested)")]


def test_the_last_day_of_every_measure_of_the_archive_is_as_the_ledger_has_it() -> None:
    measures, _ = replay(ARCHIVE)
    last = max(state.arrived for measure in measures.values() for state in measure.states).date()
    for back in (0, 60, 200, 400):
        at = last - back * DAY
        for measure in measures.values():
            ending = {(one.section, one.rate) for one in stretches(measure, at) if one.end == at}
            assert ending == {(line.section, line.state.rate) for line in lines([measure], at)}, measure.id
