"""Today in a real browser."""

import pytest
from playwright.sync_api import Browser

from tests.whole.pages.browser import PHONE, WIDE, no_violations, shot, sideways, tab
from tests.whole.pages.desk import PagesDesk


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_today_can_be_read_by_everybody_whatever_the_titles_try(
    desk: PagesDesk, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    with tab(browser, desk.url, size, dark=dark) as page:
        page.goto("/")
        assert page.title() == "Today · Tariffwatch"
        assert page.locator(".card").count() > 0
        assert sideways(page) == 0
        no_violations(page)
        shot(page, f"today-{'phone' if size == PHONE else 'wide'}-{'dark' if dark else 'light'}")
