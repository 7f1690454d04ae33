"""Subjects: what headlines are about."""

import pytest

from bot.nlp.keywords import plain_reading
from bot.subjects import subjects
from bot.vocabulary import find_sectors, index_reading
from tests.makers import a_vocabulary


def of(title: str) -> tuple[str, ...]:
    return subjects(
        title, find_sectors(index_reading(plain_reading(f"{title} Steel and dairy are spared.")), a_vocabulary())
    )


@pytest.mark.parametrize(
    ("title", "about"),
    [
        ("US duty on Indian shrimp halved", ("goods:seafood",)),
        ("Shrimp packers seek a refund of duty", ("goods:seafood", "topic:refunds")),
        ("Minister to visit Washington for talks", ("topic:talks", "topic:visit")),
        ("Lok Sabha adjourned over trade pact", ("topic:parliament",)),
        ("Raw Honey From India: Final Results of Review", ("goods:honey",)),
        ("India hits back at the WTO", ("topic:WTO", "topic:retaliation")),
        ("A day of waiting in Mumbai", ()),
    ],
)
def test_a_headline_is_about_the_goods_and_the_kind_of_event_that_it_names(title: str, about: tuple[str, ...]) -> None:
    assert of(title) == about


def test_goods_that_only_the_text_names_are_no_subject() -> None:
    assert of("Duty halved") == ()
