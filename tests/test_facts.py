"""What an article claims of trade measures: whole facts, from the words to the record."""

from datetime import date

import pytest

from bot.facts import ACTIONS, GROUNDS, INSTRUMENTS, STATUSES
from tests.telling import TODAY, fact, facts, read


def test_a_fact_tells_who_puts_what_on_whom_and_quotes_its_sentence() -> None:
    text = "US imposes 25% tariff on Indian carpets"
    told = fact(text)
    assert (told.imposer, told.target, told.goods, told.rate) == ("US", ("IN",), ("carpets",), 25)
    assert (told.instrument, told.action, told.status) == ("tariff", "impose", "in_force")
    assert text[told.start : told.end] == told.quote == text


def test_what_the_text_does_not_tell_stays_empty() -> None:
    told = fact("Washington puts 100% tariff on furniture")
    assert (told.target, told.ground, told.rate_from, told.effective, told.speaker) == ((), "", None, None, "")


def test_a_movement_of_rates_tells_the_action_and_the_earlier_rate() -> None:
    told = fact("US tariff on Indian goods falls from 50% to 18%")
    assert (told.rate, told.rate_from, told.action) == (18, 50, "cut")


def test_each_measure_of_a_sentence_is_a_fact_of_its_own() -> None:
    first, second = facts("US cuts India tariff to 18% from 25%, India scraps 30% duty on US pecans")
    assert (first.imposer, first.target, first.rate) == ("US", ("IN",), 18)
    assert (second.imposer, second.target, second.rate) == ("IN", ("US",), 30)


def test_a_total_is_told_on_its_parts_and_is_no_fact() -> None:
    told = facts("Trump's 25% reciprocal duty plus 25% for Russian oil puts 50% on Indian goods")
    assert [(one.rate, one.total_rate, one.ground) for one in told] == [(25, 50, "reciprocal"), (25, 50, "russian_oil")]


def test_the_same_measure_told_twice_is_one_fact_with_what_was_told_best() -> None:
    told = fact("India scraps cotton duty\n\nNew Delhi scraps the 11% duty on cotton from the US.")
    assert (told.rate, told.action) == (11, "remove")


def test_what_the_title_leaves_open_is_filled_from_the_text() -> None:
    told = fact(
        "US tariff on India unchanged at 12.5%\n\nThe US Section 301 tariff on Indian goods stays at 12.5 per cent."
    )
    assert (told.goods, told.ground, told.rate, told.quote) == (
        ("all",),
        "s301",
        12.5,
        "US tariff on India unchanged at 12.5%",
    )


def test_an_exemption_is_told_best_where_it_names_whom_it_frees() -> None:
    text = "Products excluded from the reciprocal tariff\n\nElectronics from all countries are exempt from the reciprocal tariff."
    told = fact(text)
    assert (told.target, told.goods, told.action) == (("ALL",), ("electronics",), "exempt")


def test_what_both_sides_of_a_free_trade_agreement_cut_is_agreed_though_one_sentence_names_it() -> None:
    text = (
        "A pact\n\nUnder the free trade agreement Britain will cut its duty on Indian garments to zero. "
        "India will cut its duty on British whisky to 75% from 150%."
    )
    assert [(one.imposer, one.rate, one.ground, one.status) for one in facts(text)] == [
        ("GB", 0, "fta", "agreed"),
        ("IN", 75, "fta", "agreed"),
    ]


@pytest.mark.parametrize(
    "denial",
    [
        "No such decision has been taken, an official said.",
        "A spokeswoman called the story false.",
        "There is no proposal of that sort, the secretary said.",
        "The ministry dismissed these reports.",
    ],
)
def test_a_denial_of_the_sentence_before_denies_its_claim(denial: str) -> None:
    told = fact(f"Whey rumour\n\nA post claimed India would slash its duty on American whey to 10%. {denial}")
    assert (told.rate, told.status) == (10, "denied")


def test_a_falsehood_told_of_something_else_denies_nothing() -> None:
    told = fact("A correction\n\nThe US tariff on Indian goods is 12.5%. A report of Tuesday was wrong.")
    assert told.status == "in_force"


def test_two_rates_that_share_a_target_both_have_it() -> None:
    first, second = facts("Mexico has levied 50% on cars and 35% on auto parts from India")
    assert (first.target, second.target) == (("IN",), ("IN",))


def test_three_duties_add_up_to_a_total() -> None:
    told = facts("Indian shrimp now pays 58.26% in US: 50% tariff, 5.77% CVD and 2.49% anti-dumping duty")
    assert [one.rate for one in told] == [50, 5.77, 2.49]
    assert {one.total_rate for one in told} == {58.26}


def test_a_joint_statement_is_of_what_is_agreed() -> None:
    told = fact("United States-India Joint Statement\n\nGoods of India will face a US reciprocal tariff of 18%.")
    assert (told.rate, told.status) == (18, "agreed")


def test_a_rate_of_nothing_is_a_cut() -> None:
    told = fact("India has agreed to charge nothing on American motorcycles")
    assert (told.imposer, told.rate, told.action, told.status) == ("IN", 0, "cut", "agreed")


def test_buyers_of_russian_oil_are_a_target_and_the_tariff_on_them_is_secondary() -> None:
    told = fact("Senate bill seeks 500% tariff on buyers of Russian oil")
    assert (told.target, told.instrument, told.ground) == (("RUSSIAN_OIL_BUYERS",), "secondary_tariff", "russian_oil")
    assert (told.rate, told.status) == (500, "proposed")


def test_a_measure_that_begins_later_is_announced() -> None:
    told = fact("Trump imposes 25% tariff on Indian goods from August 7", date(2025, 7, 31))
    assert (told.status, told.effective) == ("announced", date(2025, 8, 7))


def test_a_measure_without_a_rate_is_a_fact_where_something_is_done_to_it() -> None:
    told = fact("India removes duty on US walnuts")
    assert (told.imposer, told.target, told.rate, told.action) == ("IN", ("US",), None, "remove")


@pytest.mark.parametrize(
    "text",
    [
        "Amid Trump tariffs, exporters look for buyers in Tokyo",
        "Nifty falls 1.4% as tariff fears return",
        "Exports to the US grow 11.38% despite tariffs",
        "62% of Americans say tariffs hurt",
        "GST on garments raised to 18%",
        "Discoms seek 28% increase in power tariff",
        "Jio plans 15% tariff hike",
        "RBI cuts repo rate to 5.25%",
        "Soldiers on duty get 12.5% allowance",
        "Trump doubles down on tariffs",
        "",
        " \n\n ",
    ],
)
def test_a_text_without_a_measure_tells_no_fact(text: str) -> None:
    assert facts(text) == ()


def test_the_name_of_an_outlet_at_a_title_s_end_is_not_read() -> None:
    told = fact("US imposes 25% tariff on Brazil - Latest News India | Indian Express")
    assert told.target == ("BR",)
    assert told.quote == "US imposes 25% tariff on Brazil"


def test_facts_keep_to_the_values_that_the_record_knows() -> None:
    told = facts(
        "US raises steel duty to 50% from 25%\n\nChina suspends export curbs on rare earths. India extends quota on coal."
    )
    assert told
    for one in told:
        assert one.instrument in INSTRUMENTS
        assert one.action in ACTIONS
        assert one.status in STATUSES
        assert one.ground in ("", *GROUNDS)


def test_offsets_count_from_the_start_of_the_whole_article() -> None:
    text = "Day one\n\nNothing else. Washington imposes a 50% tariff on Indian goods."
    told = fact(text)
    assert text[told.start : told.end] == told.quote == "Washington imposes a 50% tariff on Indian goods."


def test_a_sentence_without_end_is_read_to_a_bound() -> None:
    text = "US imposes 25% tariff on Indian goods and " * 500
    (told,) = facts(text)
    assert len(told.quote) < 2_000


def test_a_reading_is_read_alike_each_time() -> None:
    text = "US threatens 30% tariff on Indian rice"
    assert facts(text) == facts(text)
    assert read(text) == read(text)
    assert facts(text, TODAY)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("India at 18%, Vietnam at 20%: how US tariff rates compare", [("US", ("IN",), 18.0), ("US", ("VN",), 20.0)]),
        ("Section 301 duties begin: 10% for 16 economies, 12.5% for the rest", [("US", (), 10.0), ("US", (), 12.5)]),
        ("At 18%, India now has lower US tariff than China", [("US", ("IN",), 18.0)]),
    ],
)
def test_rates_without_a_measure_of_their_own_are_of_the_sentence_s(
    text: str, told: list[tuple[str, tuple[str, ...], float]]
) -> None:
    assert [(fact.imposer, fact.target, fact.rate) for fact in facts(text)] == told


def test_a_further_rate_is_a_measure_of_its_own_though_it_has_no_name() -> None:
    text = "Exporters worry\n\nThe 25% US duty on Indian goods began in August. A further 25%, linked to crude, is due."
    assert [(fact.imposer, fact.target, fact.rate) for fact in facts(text)] == [("US", ("IN",), 25.0)] * 2


def test_another_companys_rate_is_no_further_measure() -> None:
    text = "Exporters worry\n\nThe 25% US duty on Indian goods began in August. One company got 8.02%, another 4.31%."
    assert [told.rate for told in facts(text)] == [25]


def test_what_a_notice_tells_as_its_background_is_background() -> None:
    text = "US puts 18% duty on engineering goods of India\n\nBACKGROUND: On Tuesday the US proposed a duty of 20% on them."
    assert {told.rate: told.background for told in facts(text)} == {18: False, 20: True}


def test_a_further_percentage_is_nothing_where_no_measure_was_told() -> None:
    assert facts("Shares slide\n\nThe index fell. A further 2% was lost on Friday.") == ()


def test_what_is_spared_beside_a_rate_is_an_exemption() -> None:
    whole, spared = facts("Trump hits Brazil with 50% tariff, spares aircraft and coffee")
    assert (whole.rate, whole.goods) == (50, ())
    assert (spared.action, spared.rate, spared.target, spared.goods) == (
        "exempt",
        None,
        ("BR",),
        ("aircraft", "tea_coffee"),
    )


def test_a_title_names_what_the_text_gives_the_figures_of() -> None:
    text = "US to lower duty on European cars\n\nWashington will cut its tariff on cars from the European Union to 15%."
    (told,) = facts(text)
    assert (told.target, told.rate, told.action) == (("EU",), 15, "cut")


def test_a_tariff_on_somebody_s_goods_is_america_s_where_america_is_named() -> None:
    (told,) = facts("Looms stop\n\nRetailers in America wait. A 50% duty on Indian goods has bitten.")
    assert (told.imposer, told.target) == ("US", ("IN",))


def test_whose_tariff_it_is_stays_open_where_nobody_else_is_named() -> None:
    (told,) = facts("Levy on Indian goods now 18%")
    assert told.imposer == ""


def test_it_is_who_the_sentence_before_began_with() -> None:
    text = (
        "Car market\n\nSheinbaum sent a budget to deputies. It proposes raising the tariff on cars from China to 50%."
    )
    (told,) = facts(text)
    assert (told.imposer, told.target, told.rate) == ("MX", ("CN",), 50)


@pytest.mark.parametrize(
    "text",
    [
        "IMF trims India forecast on US tariff impact",
        "RBI cuts repo rate to 5.25%",
        "India's unemployment rate falls to 5.1%\n\nUS rate at 4.2%.",
        "US inflation rate at 3% as tariff costs pass through",
    ],
)
def test_a_rate_of_something_else_and_a_tariff_s_effect_are_no_fact(text: str) -> None:
    assert facts(text) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The 25% tariff which Washington has imposed on Brazilian beef bites.", ("US", ("BR",), 25)),
        ("Trump tells Canada to expect an extra 10% tariff", ("US", ("CA",), 10)),
        ("'If Canada makes a deal with China, 100% tariff on all its goods': Trump", ("US", ("CA",), 100)),
        ("Brazil hails end of 40% US tariff on beef", ("US", ("BR",), 40)),
        ("A House bill would put a 25% tariff on Indian rice.", ("US", ("IN",), 25)),
        ("EU slaps anti-subsidy duties of up to 35.3% on Chinese cars", ("EU", ("CN",), 35.3)),
        ("Bangladesh secures zero US tariff on garments", ("US", ("BD",), 0)),
        ("Senators table bill with 500% duty on nations that import Russian oil", ("US", ("RUSSIAN_OIL_BUYERS",), 500)),
    ],
)
def test_who_is_warned_glad_or_only_supposed_to_act_puts_no_measure(
    text: str, told: tuple[str, tuple[str, ...], float]
) -> None:
    found = fact(text)
    assert (found.imposer, found.target, found.rate) == told


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("'If Canada makes a deal with China, 100% tariff on all its goods': Trump", "threatened"),
        ("India-EU FTA: Duty on European cars to come down to 10% from 110%", "agreed"),
        ("Growers urge New Delhi not to lower the 50% import duty on American apples.", "in_force"),
        ("Bangladesh secures zero US tariff on garments", "agreed"),
        ("Trump tells Canada to expect an extra 10% tariff", "announced"),
    ],
)
def test_how_firm_it_is_follows_from_treaties_conditions_and_pleas(text: str, status: str) -> None:
    assert fact(text).status == status


def test_a_proposal_in_the_text_makes_the_title_s_rate_one() -> None:
    text = "Indian shoes face 15% duty in US\n\nThe United States has proposed a 15% duty on shoes made in India."
    assert fact(text).status == "proposed"
