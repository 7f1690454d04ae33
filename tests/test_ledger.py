"""The ledger: what a claim does to what is known — new, confirms, changes, contradicts."""

import random
from dataclasses import replace

import pytest

from bot.ledger import before, enter, seeded
from bot.measures import Measure, history, on
from tests.ledger_makers import Desk, a_fact, a_measure, a_state, day, told_by


def told(*facts: tuple[float | None, str]) -> Desk:
    """A ledger of one measure that was told so, ten days after one another, by one outlet."""
    desk = Desk()
    for n, (rate, status) in enumerate(facts):
        desk.hears(a_fact(rate, status), told_by(days=10 * n - 100))
    return desk


def now(desk: Desk) -> tuple[str, float | None]:
    state = history(desk.only)[-1]
    return state.status, state.rate


# new


def test_a_measure_that_nobody_told_of_is_new() -> None:
    desk = Desk()
    change = desk.hears(a_fact(25))
    assert change
    assert (change.kind, change.measure_id, change.before, change.words) == (
        "new", "us-in-reciprocal", None, "25 % announced",
    )  # fmt: skip
    assert change.after.sentence == "The tariff is 25 per cent."
    assert (change.after.outlet, change.after.url) == ("Deccan Ledger", "https://deccan.example/0")


@pytest.mark.parametrize("changes", [{"background": True}, {"status": "speculated"}, {"status": "denied"}])
def test_history_rumour_and_the_denial_of_what_nobody_claimed_open_nothing(changes: dict[str, object]) -> None:
    assert Desk().hears(replace(a_fact(), **changes)) is None  # type: ignore[arg-type]  # fields of a fact


@pytest.mark.parametrize("changes", [{"background": True}, {"status": "speculated"}])
def test_history_and_rumour_move_nothing(changes: dict[str, object]) -> None:
    assert told((25, "in_force")).hears(replace(a_fact(50), **changes)) is None  # type: ignore[arg-type]  # likewise


def test_a_measure_told_without_goods_learns_that_it_is_on_all_and_never_that_it_is_on_some() -> None:
    desk = Desk()
    desk.hears(a_fact(25, goods=()))
    desk.hears(a_fact(25, goods=("steel",)), told_by(days=1))
    assert not desk.only.goods
    change = desk.hears(a_fact(30), told_by(days=20))
    assert change
    assert (change.kind, desk.only.goods, change.measure_id) == ("changes", ("all",), desk.only.id)


def test_what_names_neither_imposer_nor_anybody_hit_is_no_measure() -> None:
    assert Desk().hears(a_fact(imposer="")) is None
    assert Desk().hears(a_fact(target=(), goods=(), ground="")) is None


def test_duties_of_a_country_on_all_goods_without_rate_target_or_ground_are_no_measure() -> None:
    assert Desk().hears(a_fact(None, "in_force", imposer="CN", target=(), ground="")) is None
    assert Desk().kind(a_fact(34, "in_force", imposer="CN", target=(), ground="")) == "new"


# confirms


@pytest.mark.parametrize("fact", [a_fact(25), a_fact(None), a_fact(25, "threatened"), a_fact(25, action="keep")])
def test_the_same_rate_or_none_told_as_firmly_or_less_confirms(fact: object) -> None:
    assert told((25, "announced")).kind(fact, told_by("Gulf Wire")) == "confirms"  # type: ignore[arg-type]  # a Fact


def test_a_confirmation_leaves_no_line_in_the_history() -> None:
    desk = told((25, "announced"))
    before = desk.only
    desk.hears(a_fact(25), told_by("Gulf Wire"))
    assert desk.only == before


def test_a_confirmation_that_adds_the_date_is_kept() -> None:
    desk = told((25, "announced"))
    assert desk.kind(a_fact(25, effective=day(9)), told_by("Gulf Wire")) == "confirms"
    assert history(desk.only)[-1].effective == day(9)


def test_what_is_in_force_is_confirmed_while_another_rate_is_announced() -> None:
    desk = told((25, "in_force"), (18, "announced"))
    assert desk.kind(a_fact(25, "in_force"), told_by("Gulf Wire")) == "confirms"
    assert desk.kind(a_fact(25, "announced"), told_by("Gulf Wire")) == "confirms"
    assert now(desk) == ("announced", 18)


def test_an_article_entered_twice_changes_nothing_the_second_time() -> None:
    desk = told((12.5, "in_force"), (25, "in_force"))
    denial, article = a_fact(25, "denied", side="US"), told_by("USTR")
    assert [desk.kind(denial, article) for _ in range(2)] == ["contradicts", "confirms"]


def test_an_article_does_not_contradict_itself() -> None:
    desk = Desk()
    article = told_by()
    assert [desk.kind(a_fact(26), article), desk.kind(a_fact(27), article)] == ["new", "confirms"]


# changes


@pytest.mark.parametrize(
    ("known", "fact"),
    [
        ((25, "announced"), a_fact(25, "in_force")),
        ((25, "announced"), a_fact(25, "agreed")),
        ((25, "in_force"), a_fact(18, "announced", action="cut", rate_from=25)),
        ((25, "in_force"), a_fact(50, "threatened", action="raise")),
        ((None, "proposed"), a_fact(12.5, "proposed")),
        ((25, "in_force"), a_fact(None, "suspended")),
        ((25, "in_force"), a_fact(None, "struck_down")),
        ((25, "suspended"), a_fact(25, "in_force")),
        ((25, "in_force"), a_fact(None, "threatened", action="raise")),
    ],
)
def test_a_rate_or_status_that_moves_changes(known: tuple[float | None, str], fact: object) -> None:
    assert told(known).kind(fact, told_by("Gulf Wire")) == "changes"  # type: ignore[arg-type]  # a Fact


def test_a_change_says_what_was_and_what_is() -> None:
    change = told((25, "in_force")).hears(a_fact(18, action="cut", rate_from=25, effective=day(9)))
    assert change
    assert change.words == "25 % in force → 18 % announced, from 11 Mar 2026"


def test_a_cut_announced_and_a_cut_in_force_are_two_changes() -> None:
    desk = told((25, "in_force"))
    cut = a_fact(18, action="cut", rate_from=25, effective=day(4))
    assert desk.kind(cut, told_by(days=0)) == "changes"
    found = on(desk.only, day(1))
    assert found.now
    assert found.coming
    assert (found.now.rate, found.coming.rate) == (25, 18)
    assert desk.kind(a_fact(18, "in_force", action="cut"), told_by("Gulf Wire", 4)) == "changes"
    assert on(desk.only, day(5)).coming is None


def test_the_rate_that_fell_is_kept() -> None:
    desk = told((25, "in_force"))
    desk.hears(a_fact(None, "struck_down", side="court"))
    assert now(desk) == ("struck_down", 25)


def test_a_removed_measure_stands_at_nothing_and_knows_what_it_was() -> None:
    desk = told((25, "in_force"))
    desk.hears(a_fact(25, "in_force", action="remove"))
    state = history(desk.only)[-1]
    assert (state.rate, state.rate_from, state.action) == (0, 25, "remove")


def test_a_claim_of_a_few_days_ago_is_not_told_again() -> None:
    desk = told((25, "in_force"))
    steps = [(30, 0.0), (20, 1.0), (30, 3.0), (30, 9.0)]
    kinds = [desk.kind(a_fact(rate, "in_force", rate_from=25), told_by(days=days)) for rate, days in steps]
    assert kinds == ["changes", "changes", "confirms", "changes"]


def test_a_stay_brings_back_what_a_court_struck_down_the_day_before() -> None:
    desk = Desk()
    desk.hears(a_fact(10, "in_force"), told_by(days=0))
    desk.hears(a_fact(10, "struck_down", side="court"), told_by(days=1))
    assert desk.kind(a_fact(10, "in_force"), told_by("Gulf Wire", 1.5)) == "confirms"  # has not heard of the ruling
    assert desk.kind(a_fact(10, "in_force", side="court", action="keep"), told_by("Gulf Wire", 2)) == "changes"


def test_another_date_is_a_change_when_it_is_told_as_one() -> None:
    desk = Desk()
    desk.hears(a_fact(25, effective=day(9)))
    assert desk.kind(a_fact(25, effective=day(8)), told_by("Gulf Wire", 1)) == "confirms"
    assert desk.kind(a_fact(25, effective=day(30), action="extend"), told_by("Gulf Wire", 2)) == "changes"


# contradicts


def test_another_source_of_the_same_days_with_another_rate_contradicts_and_both_are_told() -> None:
    desk = Desk()
    desk.hears(a_fact(26), told_by("Deccan Ledger", 0))
    change = desk.hears(a_fact(27), told_by("Gulf Wire", 1))
    assert change
    assert change.kind == "contradicts"
    assert change.words == "Deccan Ledger (2 Mar 2026): 26 % announced — Gulf Wire (3 Mar 2026): 27 % announced"
    assert now(desk) == ("announced", 26)
    assert history(desk.only)[-1].contested == "Gulf Wire (3 Mar 2026): 27 % announced"


def contested() -> Desk:
    desk = Desk()
    desk.hears(a_fact(26), told_by("Deccan Ledger", 0))
    desk.hears(a_fact(27), told_by("Gulf Wire", 1))
    return desk


def test_a_contradiction_is_told_once() -> None:
    assert contested().kind(a_fact(27), told_by("Harbour Post", 2)) == "confirms"
    assert contested().kind(a_fact(27), told_by("Harbour Post", 30)) == "confirms"


@pytest.mark.parametrize(
    ("fact", "outlet"), [(a_fact(26, side="US"), "Customs"), (a_fact(26), "Gulf Wire")], ids=["own side", "taken back"]
)
def test_a_contest_is_settled_by_its_own_side_or_by_who_takes_it_back(fact: object, outlet: str) -> None:
    desk = contested()
    assert desk.kind(fact, told_by(outlet, 2)) == "confirms"  # type: ignore[arg-type]  # a Fact
    assert history(desk.only)[-1].contested == ""


def test_a_third_outlet_settles_nothing() -> None:
    desk = contested()
    desk.hears(a_fact(26), told_by("Harbour Post", 2))
    assert history(desk.only)[-1].contested


def test_its_own_side_may_confirm_the_other_rate() -> None:
    desk = contested()
    assert desk.kind(a_fact(27, side="US"), told_by("Customs", 5)) == "changes"
    assert now(desk) == ("announced", 27)


def test_where_its_own_side_contradicts_the_press_its_word_holds() -> None:
    desk = Desk()
    desk.hears(a_fact(27), told_by("Gulf Wire", 0))
    assert desk.kind(a_fact(26, side="US"), told_by("Customs", 1)) == "contradicts"
    assert now(desk) == ("announced", 26)


@pytest.mark.parametrize(
    ("fact", "outlet", "days"),
    [
        (a_fact(30), "Gulf Wire", 4),
        (a_fact(30), "Deccan Ledger", 1),
        (a_fact(30, rate_from=26), "Gulf Wire", 1),
        (a_fact(30, action="raise"), "Gulf Wire", 1),
        (a_fact(30, "in_force"), "Gulf Wire", 1),
    ],
    ids=["days later", "by the same outlet", "from the known rate", "told as a raise", "of another moment"],
)
def test_another_rate_is_no_contradiction(fact: object, outlet: str, days: float) -> None:
    desk = Desk()
    desk.hears(a_fact(26), told_by("Deccan Ledger", 0))
    assert desk.kind(fact, told_by(outlet, days)) == "changes"  # type: ignore[arg-type]  # a Fact


def test_two_raises_from_the_same_rate_contradict_each_other() -> None:
    desk = told((25, "in_force"))
    desk.hears(a_fact(50, action="raise", rate_from=25), told_by("Deccan Ledger", 0))
    assert desk.kind(a_fact(60, action="raise", rate_from=25), told_by("Gulf Wire", 1)) == "contradicts"


def test_a_denial_of_what_the_ledger_has_contradicts_once() -> None:
    desk = told((12.5, "in_force"))
    desk.hears(a_fact(25, "in_force", action="raise", rate_from=12.5), told_by(days=0))
    assert desk.kind(a_fact(25, "denied", side="US"), told_by("USTR", 1)) == "contradicts"
    assert now(desk) == ("in_force", 12.5)
    assert desk.kind(a_fact(25, "denied", side="US"), told_by("Gulf Wire", 1)) == "confirms"


def test_a_denial_of_what_is_over_contradicts_nothing() -> None:
    desk = told((25, "in_force"), (18, "announced"), (18, "in_force"))
    assert desk.kind(a_fact(25, "denied", side="IN"), told_by("Gulf Wire")) == "confirms"
    assert desk.kind(a_fact(18, "denied", side="IN"), told_by("Gulf Wire", 0.1)) == "contradicts"


def test_a_ledger_goes_by_its_own_measures_and_where_it_has_none_by_the_seed_that_is_then_to_be_written() -> None:
    own, seed = [a_measure()], [a_measure(id="us-all")]
    assert seeded(own, seed) == (own, ())
    assert seeded([], seed) == (seed, seed)


def test_the_ledger_as_it_was_when_an_article_came_knows_neither_its_facts_nor_what_came_later() -> None:
    first, own, later = a_state(kind="new"), a_state(18, days=1, article_id="x"), a_state(15, days=2)
    young = a_measure(a_state(10, days=2), id="us-all")
    (then,) = before(told_by(days=1, id="x"), [a_measure(first, own, later), young])
    assert then.states == (first,)


def test_a_denied_rumour_that_is_repeated_is_no_news_and_months_later_it_is() -> None:
    desk = Desk()
    desk.hears(a_fact(40, "proposed"), told_by(days=0))
    desk.hears(a_fact(40, "denied", side="US"), told_by("USTR", 1))
    assert desk.kind(a_fact(40, "proposed"), told_by("Gulf Wire", 2)) == "confirms"
    assert now(desk) == ("denied", 40)
    assert desk.kind(a_fact(40, "proposed"), told_by("Gulf Wire", 90)) == "changes"


def test_a_denial_of_another_rate_says_nothing_of_the_known_one() -> None:
    desk = told((12.5, "in_force"))
    assert desk.kind(a_fact(30, "denied", side="US")) == "confirms"
    assert now(desk) == ("in_force", 12.5)


# late


def test_an_article_of_march_that_arrives_in_may_does_not_turn_the_clock_back() -> None:
    desk = Desk()
    desk.hears(a_fact(25, "in_force"), told_by(days=30))
    late = told_by("Gulf Wire", 0, first_seen=told_by(days=60).first_seen)
    change = desk.hears(a_fact(40, "threatened"), late)
    assert change
    assert change.kind == "confirms"
    assert change.words == "late: Gulf Wire (2 Mar 2026): 40 % threatened; since then 25 % in force"
    assert now(desk) == ("in_force", 25)
    assert [s.status for s in desk.only.states] == ["threatened", "in_force"]


def test_what_arrived_late_was_not_known_before_it_came() -> None:
    desk = Desk()
    desk.hears(a_fact(25, "in_force"), told_by(days=30))
    desk.hears(a_fact(40, "threatened"), told_by("Gulf Wire", 0, first_seen=told_by(days=60).first_seen))
    assert on(desk.only, day(20)).coming is None


def test_a_late_article_that_tells_nothing_new_of_its_day_leaves_no_line() -> None:
    desk = told((26, "announced"), (26, "suspended"))
    before = desk.only
    assert desk.kind(a_fact(26), told_by("Gulf Wire", -95)) == "confirms"
    assert desk.only == before


# one article, many facts


def test_facts_of_an_article_are_entered_in_order_and_only_what_was_touched_is_returned() -> None:
    known = told((25, "in_force")).only
    facts = [a_fact(25, "in_force"), a_fact(25, ground="russian_oil"), a_fact(status="speculated")]
    changes, touched = enter(facts, told_by("Gulf Wire"), [known])
    assert [change.kind for change in changes] == ["confirms", "new"]
    assert [measure.id for measure in touched] == ["us-in-russian-oil"]


def test_the_end_of_a_total_ends_each_of_its_parts() -> None:
    desk = told((25, "in_force"))
    desk.hears(a_fact(25, "in_force", ground="russian_oil"), told_by(days=-50))
    fall = a_fact(50, "struck_down", ground="", side="court")
    changes, touched = enter([fall], told_by("Gulf Wire"), list(desk.measures.values()))
    assert [(c.kind, c.after.rate) for c in changes] == [("changes", 25), ("changes", 25)]
    assert len(touched) == 2


def test_the_order_of_arrival_makes_no_difference_to_where_things_stand() -> None:
    desk = Desk()
    steps = [
        (a_fact(25, "threatened"), 0),
        (a_fact(25), 10),
        (a_fact(25, "in_force"), 20),
        (a_fact(18, rate_from=25), 30),
    ]
    for seed in range(12):
        desk = Desk()
        shuffled = random.Random(seed).sample(steps, len(steps))
        for n, (fact, days) in enumerate(shuffled):
            desk.hears(fact, told_by("Deccan Ledger", days, first_seen=told_by(days=100 + n).first_seen))
        assert now(desk) == ("announced", 18)
        assert summary(desk.only) == ["threatened", "announced", "in_force", "announced"][-len(desk.only.states) :]


def summary(measure: Measure) -> list[str]:
    return [state.status for state in measure.states]
