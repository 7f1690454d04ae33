"""Trade-remedy notices, which their titles tell."""

import pytest

from tests.telling import fact, facts


@pytest.mark.parametrize(
    ("step", "action", "status"),
    [
        ("Initiation of Antidumping Duty Investigation", "impose", "proposed"),
        ("Preliminary Affirmative Antidumping Duty Determination", "impose", "proposed"),
        ("Final Affirmative Antidumping Duty Determination", "impose", "proposed"),
        ("Antidumping Duty Order", "impose", "in_force"),
        ("Preliminary Results of Antidumping Duty Administrative Review; 2022-2023", "keep", "proposed"),
        ("Final Results of Antidumping Duty Administrative Review; 2022-2023", "keep", "in_force"),
        ("Institution of Five-Year Review of Antidumping Duty Order", "keep", "proposed"),
        ("Final Results of the Expedited Sunset Review of the Antidumping Duty Order", "keep", "proposed"),
        ("Continuation of Antidumping Duty Order", "keep", "in_force"),
        ("Final Negative Antidumping Duty Determination", "impose", "denied"),
        ("Revocation of Antidumping Duty Order", "remove", "in_force"),
    ],
)
def test_the_step_tells_action_and_status(step: str, action: str, status: str) -> None:
    told = fact(f"Steel Widgets From India: {step}")
    assert (told.imposer, told.target, told.instrument) == ("US", ("IN",), "anti_dumping")
    assert (told.action, told.status, told.goods) == (action, status, ("steel",))


def test_every_country_of_the_title_is_a_target() -> None:
    told = fact(
        "Paper Clips From Brazil, the People's Republic of China, and India; Initiation of Antidumping Duty Investigations"
    )
    assert told.target == ("BR", "CN", "IN")


def test_two_kinds_of_duty_are_two_facts_each_on_the_countries_it_names() -> None:
    text = (
        "Paper Clips From China and India: Continuation of Antidumping Duty Orders and Countervailing Duty Order\n\n"
        "Commerce continues the antidumping duty orders on clips from India and China "
        "and the countervailing duty order on clips from India."
    )
    told = {one.instrument: one.target for one in facts(text)}
    assert told == {"anti_dumping": ("CN", "IN"), "countervailing": ("IN",)}


def test_margins_are_the_rate() -> None:
    told = fact(
        "Flanges From India: Preliminary Antidumping Duty Determination\n\nSold below value, with margins of 4.11% to 28.6%."
    )
    assert (told.rate, told.rate_low) == (28.6, 4.11)


def test_an_order_under_section_232_is_known_by_its_title() -> None:
    told = fact("Adjusting Imports of Copper Into the United States")
    assert (told.imposer, told.target, told.goods, told.ground, told.status) == (
        "US",
        (),
        ("copper",),
        "s232",
        "announced",
    )
