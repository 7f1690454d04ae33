"""Health in a real browser."""

import pytest
from playwright.sync_api import Browser

from tests.whole.pages.browser import PHONE, WIDE, no_violations, shot, sideways, tab
from tests.whole.pages.desk import PagesDesk


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_health_can_be_read_by_everybody(desk: PagesDesk, browser: Browser, size: tuple[int, int], dark: bool) -> None:
    with tab(browser, desk.url, size, dark=dark) as page:
        page.goto("/health")
        assert page.title() == "Health · Tariffwatch"
        assert page.locator("#feeds ~ div tbody tr").count() == len(desk.pipeline.desk.feeds)
        assert sideways(page) == 0
        no_violations(page)
        shot(page, f"health-{'phone' if size == PHONE else 'wide'}-{'dark' if dark else 'light'}")
