"""How firm a claim is, and what it says is done."""

from datetime import date

import pytest

from bot.firmness import is_background
from tests.telling import clause, facts


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("US imposes 25% tariff on India", "in_force"),
        ("Trump threatens 25% tariff on India", "threatened"),
        ("Trump warns of 25% tariff on India", "threatened"),
        ("India will face 25% US tariff if talks fail", "threatened"),
        ("US proposes 25% tariff on India", "proposed"),
        ("Senate bill would put 25% US tariff on India", "proposed"),
        ("US announces 25% tariff on India", "announced"),
        ("US to impose 25% tariff on India", "announced"),
        ("US and India agree on 18% US tariff on Indian goods", "agreed"),
        ("US may impose 25% tariff on India", "speculated"),
        ("India mulls 30% duty on US walnuts", "speculated"),
        ("Will US put 25% tariff on India?", "speculated"),
        ("US suspends 25% tariff on India", "suspended"),
        ("Court strikes down 25% US tariff on India", "struck_down"),
        ("US tariff of 10% on India expires", "expired"),
        ("White House denies 25% US tariff on India", "denied"),
        ("No plan to cut 70% Indian duty on poultry", "denied"),
        ("Washington rules out 25% tariff on Canada", "denied"),
        ("Washington shelves idea of 17% levy on Mexican tomatoes", "denied"),
        ("If there is no truce, US will put tariff on Russia", "threatened"),
        ("A motion has not been granted and the 10% US surcharge on India remains in effect", "in_force"),
        ("A Section 301 investigation by Washington could end in tariffs on Indian goods", "proposed"),
        ("If America went to 35% on Indian goods, exports would shrink, analysts reckon", "speculated"),
        ("Jakarta pact: America charges Indonesian goods 19%", "agreed"),
        (
            "Trump announced, after a call with Modi, that the US tariff on Indian goods would be cut to 18%",
            "announced",
        ),
    ],
)
def test_the_status_follows_the_words(text: str, status: str) -> None:
    (told,) = facts(text)
    assert told.status == status


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("US imposes tariff on India", "impose"),
        ("US raises tariff on India", "raise"),
        ("US cuts tariff on India", "cut"),
        ("US lifts tariff on India", "remove"),
        ("US lifts tariff on India to 50%", "raise"),
        ("US exempts Indian carpets from tariff", "exempt"),
        ("US keeps tariff on India", "keep"),
        ("US extends tariff on India", "extend"),
        ("US agrees to extend tariff cut for India", "extend"),
    ],
)
def test_the_action_follows_the_verb(text: str, action: str) -> None:
    (told,) = facts(text)
    assert told.action == action


def test_a_measure_that_does_something_to_others_is_no_deed() -> None:
    assert facts("US tariffs hit growth in India") == ()
    assert facts("US tariffs raise prices in India") == ()


@pytest.mark.parametrize(
    "text",
    [
        "China to curb exports of rare earths",
        "New Delhi mulls retaliatory duty on US almonds",
        "The Commerce Department disclosed a Section 232 probe of imported medicines",
        "An appeals panel froze the order, so the IEEPA duties remain in force",
    ],
)
def test_a_measure_that_is_weighed_probed_or_stays_is_a_deed(text: str) -> None:
    assert len(facts(text)) == 1


def test_a_court_that_stays_a_ruling_leaves_the_tariff_in_force() -> None:
    (told,) = facts("Federal Circuit stays ruling against Trump's IEEPA tariffs on India")
    assert (told.status, told.action) == ("in_force", "keep")


@pytest.mark.parametrize(
    ("text", "background"),
    [
        ("In September 2023 India removed duties on US lentils", True),
        ("The duty had lapsed in December 2020", True),
        ("In October the White House announced a reciprocal tariff of 26% on Indian goods", True),
        ("In January the White House announced a reciprocal tariff of 26% on Indian goods", False),
        ("The 50% duty imposed in August 2025 is now gone", False),
        ("India removes duties on US lentils", False),
    ],
)
def test_what_is_told_as_history_is_background(text: str, background: bool) -> None:
    assert is_background(clause(text), date(2026, 3, 4)) is background


@pytest.mark.parametrize(
    ("text", "action", "status"),
    [
        ("Trump drops tariff threat against Denmark", "impose", "denied"),
        ("Court rules Trump's tariffs illegal", "impose", "struck_down"),
        ("Trade court blocks Trump's tariffs", "impose", "struck_down"),
        ("US exempts smartphones, laptops from reciprocal tariffs", "exempt", "in_force"),
        ("China tightens export controls on rare earths", "raise", "in_force"),
        ("EU delays retaliatory tariffs on US goods", "impose", "suspended"),
        ("Brazil readies retaliatory tariffs on US", "impose", "proposed"),
        ("Trump says US will bring tariffs on India down", "cut", "announced"),
        ("EU carbon border tax to hit Indian steel", "impose", "announced"),
    ],
)
def test_a_deed_without_a_rate_is_told_by_many_verbs(text: str, action: str, status: str) -> None:
    (told,) = facts(text)
    assert (told.action, told.status) == (action, status)


def test_what_a_colon_spells_out_is_done_as_before_it() -> None:
    told = facts("US, China agree to slash tariffs: 30% on Chinese goods, 10% on American")
    assert {(one.action, one.status) for one in told if one.rate} == {("cut", "agreed")}
