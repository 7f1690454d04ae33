"""Walls and other paragraphs that a site repeats are no part of an article."""

import pytest

from bot.feeds import Fetched
from bot.sources.boilerplate import MOST_KNOWN, FreshExtractor
from tests.line import BodyExtractor

WALL = "Subscribe to continue reading. Already a subscriber? Log in to your account to read this article in full."


def read(extractor: FreshExtractor, n: int, text: str, site: str = "a.example") -> str:
    return extractor.extract(Fetched(f"https://{site}/{n}", 200, text.encode()))


@pytest.mark.fault("B25")
def test_a_wall_that_stands_before_fifty_articles_is_left_out_from_the_third_on() -> None:
    extractor = FreshExtractor(BodyExtractor())
    found = [read(extractor, n, f"Article {n} begins.\n{WALL}") for n in range(50)]
    assert [WALL in text for text in found] == [True, True] + [False] * 48
    assert found[49] == "Article 49 begins."


def test_what_another_site_writes_or_the_same_page_shows_again_counts_for_nothing() -> None:
    extractor = FreshExtractor(BodyExtractor())
    for n in range(9):
        assert read(extractor, 1, "The duty rises.") == "The duty rises."
        assert read(extractor, 1, "The duty rises.", f"{n}.example") == "The duty rises."


def test_of_very_many_paragraphs_the_latest_are_remembered() -> None:
    extractor = FreshExtractor(BodyExtractor())
    read(extractor, 1, WALL)
    read(extractor, 2, WALL)
    read(extractor, 3, "\n".join(f"Paragraph {n}" for n in range(MOST_KNOWN + 5)))
    assert len(extractor._pages) == MOST_KNOWN
    assert read(extractor, 4, WALL) == WALL
