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


@pytest.mark.parametrize(
    ("text", "imposer", "target", "action", "status"),
    [
        (
            "Initiation of sunset review of anti-dumping duty imposed on imports of aniline from Japan and Korea\n\n"
            "The Designated Authority has received an application.",
            "IN",
            ("JP", "KR"),
            "keep",
            "proposed",
        ),
        (
            "Notice of initiation of an anti-dumping proceeding concerning imports of polyester fibres originating in India\n\n"
            "The European Commission has received a complaint.",
            "EU",
            ("IN",),
            "impose",
            "proposed",
        ),
        ("Antidumping Duty Order on Ceramic Tile From India", "US", ("IN",), "impose", "in_force"),
        (
            "Seeks to impose definitive anti-dumping duty on imports of aniline originating in or exported from China PR\n\n"
            "Notification No. 12/2026-Customs (ADD).",
            "IN",
            ("CN",),
            "impose",
            "in_force",
        ),
    ],
)
def test_a_notice_in_another_form_is_of_the_body_it_names(
    text: str, imposer: str, target: tuple[str, ...], action: str, status: str
) -> None:
    told = fact(text)
    assert (told.imposer, told.target, told.action, told.status) == (imposer, target, action, status)


def test_an_order_under_section_232_has_the_rate_its_text_tells() -> None:
    text = (
        "Adjusting Imports of Timber Into the United States\n\nTimber shall be subject to a 10 percent ad valorem duty."
    )
    told = fact(text)
    assert (told.ground, told.rate, told.status) == ("s232", 10, "announced")


def test_the_quote_is_the_sentence_that_has_the_rate() -> None:
    text = (
        "Steel Widgets From India: Final Results of Expedited Sunset Review of the Antidumping Duty Order\n\n"
        "Commerce reviewed the antidumping duty order. Dumping would recur at margins up to 66.07 percent."
    )
    told = fact(text)
    assert (told.rate, told.quote) == (66.07, "Dumping would recur at margins up to 66.07 percent.")
