"""The golden cards: what Slack is sent of each kind of card, to the letter, and no more than it takes."""

import json

import pytest

from tests.block_kit import assert_taken_by_two_libraries
from tests.card_examples import EXAMPLES, GOLDEN, request
from tests.fake_slack import check_message

PICTURES = GOLDEN.parents[1] / "docs" / "img"


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_kind_of_card_is_sent_as_it_was_agreed(name: str) -> None:
    assert request(name) == json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_kind_of_card_is_taken_by_a_strict_slack_and_by_two_libraries(name: str) -> None:
    arguments = request(name)["arguments"]
    check_message(arguments)
    assert_taken_by_two_libraries(arguments["blocks"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_kind_of_card_has_its_picture_of_a_size_that_a_page_can_bear(name: str) -> None:
    assert 0 < (PICTURES / f"card-{name}.png").stat().st_size < 150_000


def test_no_golden_card_is_left_of_a_kind_that_is_gone() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(EXAMPLES)
