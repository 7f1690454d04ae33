"""Story in a real browser."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from tests.line import store_at
from tests.told_stories import keep
from tests.web import a_room
from tests.whole.pages.browser import PHONE, WIDE, no_violations, shot, sideways, tab
from tests.whole.pages.desk import PagesDesk, opened

LOOKS = [(PHONE, False), (PHONE, True), (WIDE, False), (WIDE, True)]
NAMES = ["phone-light", "phone-dark", "wide-light", "wide-dark"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A desk with a story to which everything has happened: its URL, and the story's path."""
    store = store_at(tmp_path_factory.mktemp("told") / "store.db")
    name = keep(store)
    with opened(a_room(store)) as url:
        yield url, f"/story/{name}"
    store.close()


@pytest.mark.parametrize(("size", "dark"), LOOKS, ids=NAMES)
def test_a_story_can_be_read_by_everybody_whatever_its_titles_try(
    told: tuple[str, str], browser: Browser, size: tuple[int, int], dark: bool, request: pytest.FixtureRequest
) -> None:
    with tab(browser, told[0], size, dark=dark) as page:
        page.goto(told[1])
        assert page.title() == "US to raise tariff on Indian shrimp to 25% · Tariffwatch"
        assert page.locator(".steps > li").count() == 7
        assert sideways(page) == 0
        no_violations(page)
        shot(page, f"story-{request.node.callspec.id}")
        page.get_by_text("1 edit of its cards").click()
        no_violations(page)


def test_every_story_of_the_desk_opens_and_leads_to_why_its_articles_were_told(
    desk: PagesDesk, browser: Browser
) -> None:
    stories = desk.store.open_stories(desk.room.clock() - timedelta(days=365))
    with tab(browser, desk.url, PHONE) as page:
        for story in stories:
            page.goto(f"/story/{story.id}")
            assert page.locator(".steps > li").count() >= len(story.members)
            assert sideways(page) == 0
        no_violations(page)
        assert page.locator(".steps a[href^='/why?url=']").count() == len(story.members)


def test_the_largest_story_of_the_desk(desk: PagesDesk, browser: Browser) -> None:
    stories = desk.store.open_stories(desk.room.clock() - timedelta(days=365))
    largest = max(stories, key=lambda story: len(story.members))
    with tab(browser, desk.url) as page:
        page.goto(f"/story/{largest.id}")
        no_violations(page)
        shot(page, "story")
        page.emulate_media(media="print")
        shot(page, "story-print")


def test_a_story_that_is_gone_is_told_on_a_page_that_everybody_can_read(desk: PagesDesk, browser: Browser) -> None:
    with tab(browser, desk.url, PHONE, allow=("404",)) as page:
        page.goto("/story/nobody")
        assert "What may have happened" in page.locator("main").inner_text()
        no_violations(page)
        shot(page, "story-gone")
