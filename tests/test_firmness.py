"""How firm a claim is, and what it says is done."""

from datetime import date

import pytest

from bot.firmness import is_background, is_refused
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


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("India will not lower duty on US milk to win a trade agreement", "cut"),
        ("India refuses to reduce duty on US soybeans", "cut"),
        ("India rejects US request to remove duty on almonds", "remove"),
        ("Washington declines to exempt Indian jewellery from tariff", "exempt"),
        ("India will not yield on dairy duty", "cut"),
        ("Sitharaman: we won't scrap Indian duty on poultry", "remove"),
    ],
)
def test_a_refusal_denies_what_is_refused(text: str, action: str) -> None:
    (told,) = facts(text)
    assert (told.action, told.status) == (action, "denied")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("India will not lower duty on US milk", True),
        ("India denies that it cut the duty on US milk", False),
        ("US threatens duty on India if it will not lower tariff", False),
    ],
)
def test_a_refusal_is_told_apart_from_other_denials(text: str, refused: bool) -> None:
    assert is_refused(clause(text)) == refused


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("White House would not rule out 25% US tariff on Indian goods", "speculated"),
        ("US puts 30% duty on Brazilian juice, saying Brasilia has not kept its word", "in_force"),
        ("US threatens 20% duty on Indian brassware if Delhi does not relax rules", "threatened"),
        ("Ottawa vows response to 20% US tariff on Canadian ships", "in_force"),
        ("US official warns that 12.5% US duty on Indian carpets is a burden", "in_force"),
        ("US says India must bring down its duty on US corn", "proposed"),
        ("Washington settles on 18% tariff on Indian pumps", "announced"),
        ("Washington, New Delhi settle on 18% US tariff on Indian pumps", "agreed"),
        ("Trade court refuses to lift 12.5% US duty on India", "in_force"),
        ("Washington will put an 18% tariff on Indian pumps, below the 20% it had threatened", "announced"),
        ("Washington pledges no new duties on Indian garments", "denied"),
    ],
)
def test_what_is_said_beside_the_measure_is_not_said_of_it(text: str, status: str) -> None:
    (told,) = facts(text)
    assert told.status == status


def test_a_duty_that_was_only_threatened_is_no_rate() -> None:
    assert [told.rate for told in facts("US duty on Indian valves will be 18%, less than the 20% threatened")] == [18]


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("New Delhi asks US to keep Indian drugs out of tariffs", "exempt"),
        ("Duty of 60% keeps US butter out of India", "impose"),
        ("US butter is kept out of India by duty of 60%", "impose"),
        ("Orders have fallen since July, when 12.5% US duty was put on Indian goods", "impose"),
    ],
)
def test_what_is_kept_out_or_falls_beside_the_measure_is_not_done_to_it(text: str, action: str) -> None:
    (told,) = facts(text)
    assert told.action == action
