"""Fact lines: what an article did to the ledger, told to people in a line each."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.fact_lines import fact_lines, moved
from bot.facts import Fact
from bot.ledger import Change, enter
from bot.measures import Measure
from bot.messages import Claim
from tests.ledger_makers import START, a_fact, a_measure, a_state, told_by
from tests.telling import SHIPPED


def changes(*facts: Fact, known: Sequence[Measure] = (), **article: Any) -> tuple[Change, ...]:
    return enter(facts, told_by("Gulf Wire", **article), known)[0]


def lines(*facts: Fact, known: Sequence[Measure] = (), **article: Any) -> list[str]:
    return [told.line for told in fact_lines(changes(*facts, known=known, **article), SHIPPED)]


def glances(*facts: Fact, known: Sequence[Measure] = (), **article: Any) -> list[str]:
    return [told.brief for told in fact_lines(changes(*facts, known=known, **article), SHIPPED)]


def since(rate: float | None, status: str = "in_force", **state: Any) -> list[Measure]:
    """The reciprocal tariff, as it was told ten days ago."""
    return [a_measure(a_state(rate, status, days=-10, **state))]


def test_a_new_measure_is_told_with_parties_goods_rate_firmness_ground_and_dates() -> None:
    fact = a_fact(20, "threatened", goods=("home_textiles", "leather"), ground="s301", effective=date(2026, 4, 1))
    assert lines(fact) == ["US → India · home textiles, leather · 20 % · threatened · Section 301 · from 1 Apr 2026"]


def test_countries_are_called_as_the_vocabulary_calls_them_and_long_lists_are_cut() -> None:
    fact = a_fact(10, target=("TH", "EU", "MY", "VN", "KR"), goods=(), ground="")
    assert lines(fact) == [
        "US → Thailand, European Union, Malaysia, Vietnam and 1 more · 10 % · announced, not yet in force"
    ]


def test_what_two_parties_settle_is_told_of_both() -> None:
    (told,) = fact_lines([Change("new", a_measure(imposer="", target=("IN", "US")), None, a_state(), "")], SHIPPED)
    assert told.line.startswith("India and US · all goods · ")


def test_a_cut_of_what_is_in_force_tells_both_rates_and_that_it_is_not_yet_in_force() -> None:
    assert lines(a_fact(18, "agreed", action="cut"), known=since(50)) == [
        "US → India · all goods · 50 % → 18 % · agreed, not yet in force · reciprocal"
    ]


def test_what_comes_into_force_tells_that_it_was_announced_and_which_rate_it_replaces() -> None:
    known = [a_measure(a_state(50, "in_force", -20), a_state(18, "announced", -10))]
    fact = a_fact(18, "in_force", effective=date(2026, 2, 27))
    assert lines(fact, known=known) == [
        "US → India · all goods · 50 % → 18 % · announced → in force · reciprocal · since 27 Feb 2026"
    ]
    assert lines(fact, known=since(18, "announced")) == [
        "US → India · all goods · 18 % · announced → in force · reciprocal · since 27 Feb 2026"
    ]


def test_a_threat_that_grows_tells_the_earlier_threat() -> None:
    assert lines(a_fact(40, "threatened"), known=since(25, "threatened")) == [
        "US → India · all goods · 25 % → 40 % · threatened · reciprocal"
    ]


def test_what_ends_tells_what_it_was() -> None:
    assert lines(a_fact(None, "struck_down"), known=since(25)) == [
        "US → India · all goods · 25 % · in force → struck down · reciprocal"
    ]
    assert lines(a_fact(25, "in_force", action="remove"), known=since(25)) == [
        "US → India · all goods · 25 % → 0 % · removed · reciprocal"
    ]


def test_an_exemption_and_a_barrier_that_is_no_tariff_are_named() -> None:
    assert lines(a_fact(None, "in_force", action="exempt", goods=("pharma",))) == [
        "US → India · pharma · exemption · in force · reciprocal"
    ]
    assert lines(a_fact(8.02, "in_force", instrument="anti_dumping", ground="", goods=("seafood",))) == [
        "US → India · seafood · 8.02 % · in force · anti-dumping duty"
    ]


def test_a_range_has_both_ends() -> None:
    assert lines(a_fact(20, "threatened", rate_low=15)) == [
        "US → India · all goods · 15–20 % · threatened · reciprocal"
    ]


def test_what_only_confirms_tells_since_when_it_is_known() -> None:
    assert lines(a_fact(25, "in_force"), known=since(25)) == [
        "US → India · all goods · 25 % · in force · reciprocal · known since 20 Feb 2026"
    ]


def test_a_late_article_tells_what_became_of_it_since() -> None:
    assert lines(a_fact(25), known=[a_measure(a_state(18, "agreed", 5))]) == [
        "US → India · all goods · 25 % · announced, not yet in force · reciprocal · since then 18 % agreed"
    ]


def test_a_total_names_its_parts() -> None:
    both = [*since(25), a_measure(a_state(25, "in_force", -9), id="us-in-russian-oil", ground="russian_oil")]
    assert lines(a_fact(50, "in_force", ground=""), known=both) == [
        "US → India · all goods · 50 % · in force · in all, reciprocal and Russian oil · known since 21 Feb 2026"
    ]


def test_a_contradiction_tells_both_rates_and_who_says_which() -> None:
    known = [a_measure(a_state(18, "agreed", -1, side="US", kind="new"))]
    (told,) = fact_lines(changes(a_fact(15, "agreed", side="IN"), known=known), SHIPPED)
    assert told.line == "US → India · all goods · 18 % or 15 % · agreed, not yet in force · reciprocal"
    assert told.claims == (
        Claim("Washington", "18 % agreed", "Deccan Ledger", "https://deccan.example/1", a_state(days=-1).told),
        Claim("New Delhi", "15 % agreed", "Gulf Wire", "https://gulf.example/0", START),
    )


def test_a_denial_tells_what_is_denied_and_by_whom() -> None:
    known = [a_measure(a_state(18, "agreed", -1, kind="new"))]
    (told,) = fact_lines(changes(a_fact(18, "denied", side="IN"), known=known), SHIPPED)
    assert told.line == "US → India · all goods · 18 % · agreed, denied by New Delhi · reciprocal"
    assert [claim.who for claim in told.claims] == ["Deccan Ledger", "New Delhi"]
    (press,) = fact_lines(changes(a_fact(18, "denied"), known=known), SHIPPED)
    assert press.line == "US → India · all goods · 18 % · agreed, denied · reciprocal"


def test_the_weightiest_comes_first_three_are_shown_and_what_confirms_only_where_nothing_is_news() -> None:
    facts = (
        a_fact(25, "in_force"),
        a_fact(10, "in_force", target=("CN",)),
        a_fact(20, "threatened", goods=("steel",)),
        a_fact(30, "in_force", goods=("leather",), ground="s301"),
        a_fact(35, "in_force", target=("BD",)),
    )
    assert [line.split(" · ")[0] + line.split(" · ")[1] for line in lines(*facts, known=since(25))] == [
        "US → Indialeather",
        "US → Indiasteel",
        "US → Chinaall goods",
    ]


def test_a_line_has_the_sentence_that_carries_it() -> None:
    (told,) = fact_lines(changes(a_fact(25, quote="It is 25 per cent.")), SHIPPED)
    assert told.quote == "It is 25 per cent."


def test_the_heading_of_an_update_says_what_is_new() -> None:
    assert moved(changes(a_fact(25))) == "new measure"
    assert moved(changes(a_fact(18, "agreed", effective=date(2026, 4, 1)), known=since(50))) == "18 % agreed"
    known = [a_measure(a_state(18, "agreed", -1, kind="new"))]
    assert moved(changes(a_fact(15, "agreed"), known=known)) == "contradicted"


# in brief


def test_in_brief_a_line_says_who_hits_whom_and_how_hard_and_of_what_is_not_in_force_how_firm_it_is() -> None:
    assert glances(a_fact(50, "in_force", action="raise"), known=since(25)) == ["US → India · 25 % → 50 %"]
    assert glances(a_fact(50, "threatened", action="raise"), known=since(25)) == ["US → India · 50 % threatened"]
    assert glances(a_fact(None, "struck_down"), known=since(25)) == ["US → India · 25 % struck down"]
    assert glances(a_fact(None, "in_force", action="remove"), known=since(25)) == ["US → India · removed"]


def test_in_brief_sources_that_differ_are_both_heard() -> None:
    known = [a_measure(a_state(18, "agreed", days=-1, side="US"))]
    assert glances(a_fact(15, "agreed", side="IN"), known=known) == ["US → India · 18 % or 15 %"]
    assert glances(a_fact(25, "denied", side="IN"), known=since(25)) == ["US → India · 25 % disputed"]


def test_in_brief_india_is_never_the_country_left_out() -> None:
    fact = a_fact(10, "in_force", target=("BD", "CN", "IN", "VN"), goods=(), ground="s301")
    assert glances(fact) == ["US → India and 3 more · 10 %"]


def test_in_brief_what_has_no_rate_is_told_by_how_firm_it_is_or_by_its_goods() -> None:
    assert glances(a_fact(None, "proposed", goods=("steel",), ground="s232")) == ["US → India · proposed"]
    assert glances(a_fact(None, "in_force", goods=("steel",), ground="s232")) == ["US → India · steel"]


def test_a_line_carries_its_measure_and_how_grave_it_is_so_that_a_later_one_can_take_its_place() -> None:
    (told,) = fact_lines(changes(a_fact(25, "in_force")), SHIPPED)
    assert (told.measure, told.gravity) == ("us-in-reciprocal", "high")
