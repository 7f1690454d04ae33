"""A step chart: which measures it has, where its lines lie, and what it says to who does not see it."""

from dataclasses import replace
from itertools import combinations, pairwise

from bot.measures import Measure
from bot.statement import lines
from bot.step_chart import (
    FOOT,
    HEIGHT,
    LINE,
    MOST,
    RIGHT,
    TOP,
    WIDTH,
    StepChart,
    chart_words,
    course,
    courses,
    step_chart,
)
from tests.ledger_makers import a_measure, a_state, day

CUT = a_measure(a_state(25, "in_force"), a_state(18, days=5, effective=day(9), action="cut"))


def chart(*measures: Measure, at: float = 9) -> StepChart | None:
    return step_chart([course(measure, day(at)) for measure in measures], day(at))


def drawn(*measures: Measure, at: float = 9) -> StepChart:
    found = chart(*measures, at=at)
    assert found is not None
    return found


def shown(*measures: Measure, at: float = 9) -> list[str]:
    return [one.measure.id for one in courses(lines(measures, day(at)), day(at))[0]]


def test_each_rate_is_a_stroke_whose_style_is_its_status() -> None:
    level = [(one.section, one.x1, one.x2) for one in drawn(CUT).strokes if one.y1 == one.y2]
    tenth = RIGHT / 10
    assert level == [
        ("in_force", 0.0, round(9 * tenth, 2)), ("pending", 5 * tenth, round(9 * tenth, 2)),
        ("in_force", round(9 * tenth, 2), RIGHT),
    ]  # fmt: skip


def test_a_higher_rate_lies_higher_and_zero_on_the_floor() -> None:
    free = a_measure(a_state(0, "in_force", 5), id="free")
    heights = {one.number: one.y1 for one in drawn(CUT).strokes if one.section == "in_force"}
    assert min(heights.values()) < max(one.y1 for one in drawn(CUT).strokes)
    assert {one.y1 for one in drawn(free).strokes} == {HEIGHT - FOOT}


def test_what_takes_the_place_of_another_rate_is_joined_to_it() -> None:
    upright = [one for one in drawn(CUT).strokes if one.x1 == one.x2]
    assert [(one.section, one.x1) for one in upright] == [("in_force", round(RIGHT * 0.9, 2))]


def test_a_line_that_ends_has_a_mark_and_one_that_goes_on_has_none() -> None:
    gone = a_measure(a_state(25, "in_force"), a_state(25, "struck_down", 5))
    assert [(mark.x, mark.number) for mark in drawn(gone).marks] == [(RIGHT / 2, 1)]
    assert drawn(CUT).marks == ()


def test_a_bill_far_above_all_that_is_in_force_is_drawn_at_the_edge_and_told() -> None:
    bill = a_measure(a_state(500, "proposed"), id="bill")
    found = step_chart([course(CUT, day(9)), replace(course(bill, day(9)), number=2)], day(9))
    assert found is not None
    assert found.beyond == (500,)
    assert found.grid[-1].text == "25 %"
    assert {one.y1 for one in found.strokes if one.number == 2} == {TOP}
    assert drawn(bill).grid[-1].text == "500 %"
    assert drawn(a_measure(a_state(25, "in_force"), a_state(40, "threatened", 1))).grid[-1].text == "40 %"


def test_the_numbers_of_lines_near_the_floor_stay_above_it() -> None:
    low = [a_measure(a_state(n / 10, "in_force"), id=f"low{n}") for n in range(1, 5)]
    found = step_chart(courses(lines([*low, CUT], day(3)), day(3))[0], day(3))
    assert found is not None
    heights = sorted(label.y for label in found.labels)
    assert max(heights) <= HEIGHT - FOOT
    assert all(after - before >= 15 for before, after in pairwise(heights))


def test_what_has_no_rate_makes_no_chart() -> None:
    assert chart(a_measure(a_state(None, "proposed"))) is None
    assert chart(CUT, at=-1) is None


def test_lines_of_one_rate_lie_side_by_side_and_their_numbers_apart() -> None:
    twin = a_measure(a_state(25, "in_force"), id="twin")
    found = step_chart(courses(lines([CUT, twin], day(3)), day(3))[0], day(3))
    assert found is not None
    assert len({one.y1 for one in found.strokes}) == 2
    heights = sorted(label.y for label in found.labels)
    assert heights[1] - heights[0] >= 15


def test_a_chart_of_one_measure_writes_its_rates_above_the_line_and_none_on_another() -> None:
    assert [(label.text, label.before) for label in drawn(CUT).labels] == [
        ("25 %", False), ("18 %", False), ("18 %", True),
    ]  # fmt: skip
    crowd = a_measure(*(a_state(10 + n, "in_force", n) for n in range(60)))
    labels = [label for label in drawn(crowd, at=60).labels if not label.before]
    assert 5 < len(labels) < 60
    assert all(abs(a.x - b.x) >= WIDTH or abs(a.y - b.y) >= LINE for a, b in combinations(labels, 2))


def test_only_what_hits_india_and_is_not_indias_own_is_drawn_what_is_on_all_goods_first() -> None:
    others = a_measure(a_state(), id="others", target=("CN",))
    own = a_measure(a_state(), id="own", imposer="IN", target=("US",))
    many = [a_measure(a_state(rate, days=9), id=f"m{rate}", goods=("steel",)) for rate in range(1, MOST + 4)]
    assert CUT.id in shown(others, own, *many, CUT)
    found, more = courses(lines([*many, others, own, CUT], day(9)), day(9))
    assert (len(found), more) == (MOST, 4)
    assert [one.number for one in found] == list(range(1, MOST + 1))
    assert found[0].measure == CUT  # at the highest rate


def test_ticks_are_months_of_a_long_chart_and_days_of_a_short_one() -> None:
    assert [tick.text for tick in drawn(CUT, at=3).ticks] == ["2 Mar 2026"]
    assert [tick.text for tick in drawn(CUT, at=120).ticks] == ["Apr 2026", "May 2026", "Jun 2026"]
    many = drawn(CUT, at=900).ticks
    assert 4 < len(many) <= 8
    assert any(tick.spare for tick in many)


def test_the_words_say_what_holds_on_the_last_day_line_by_line() -> None:
    bill = a_measure(a_state(500, "threatened", 2), title="The bill", id="bill")
    both, _ = courses(lines([CUT, bill], day(6)), day(6))
    assert chart_words(both, day(6)) == (
        "1: The bill, 500 % threatened on 8 Mar 2026. "
        "2: US reciprocal tariff on India, 25 % in force and 18 % announced on 8 Mar 2026"
    )
    assert chart_words([course(bill, day(1))], day(1)) == "The bill, not yet told of"
