"""The ledger in a real browser: over what the pipeline read, and over an archive of twenty-one months."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.stores.sql import SqlStore
from tests.line import store_at
from tests.test_ledger_archive import ARCHIVE, replay
from tests.whole.pages.browser import PHONE, WIDE, no_violations, shot, sideways, tab
from tests.whole.pages.desk import PagesDesk, opened
from tests.whole.pages.hostile import IMAGE, SCRIPT, TITLES, URLS

EVERYWHERE = pytest.mark.parametrize(
    ("size", "dark"),
    [(PHONE, False), (PHONE, True), (WIDE, False), (WIDE, True)],
    ids=["phone-light", "phone-dark", "wide-light", "wide-dark"],
)
RECIPROCAL = "/ledger/us-in-reciprocal"


def archive(path: Path) -> SqlStore:
    """What the archive told of 39 measures; each of three of them what a hostile outlet may say as well."""
    measures, _ = replay(ARCHIVE)
    store = store_at(path)
    for n, (name, measure) in enumerate(list(measures.items())[:3]):
        last = measure.states[-1]
        evil = replace(
            last, sentence=TITLES[n], outlet=f"Evil {IMAGE}", url=URLS[n], contested=f"{SCRIPT}: 99 %", speaker=IMAGE
        )
        measures[name] = replace(measure, title=f"{measure.title} {SCRIPT}", states=(*measure.states, evil))
    store.save_follow([], [], [], list(measures.values()))
    return store


@pytest.fixture(scope="module")
def url(desk: PagesDesk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the archive's ledger is served."""
    store = archive(tmp_path_factory.mktemp("ledger") / "ledger.db")
    last = max(state.arrived for measure in store.measures() for state in measure.states)
    with opened(replace(desk.room, store=store, clock=lambda: last + timedelta(minutes=7))) as url:
        yield url
    store.close()


def looked_at(page: Page, name: str, size: tuple[int, int], dark: bool) -> None:
    assert sideways(page) == 0
    no_violations(page)
    shot(page, f"{name}-{'phone' if size == PHONE else 'wide'}-{'dark' if dark else 'light'}")


@EVERYWHERE
def test_the_ledger_of_a_desk_can_be_read_by_everybody(
    desk: PagesDesk, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    with tab(browser, desk.url, size, dark=dark) as page:
        page.goto("/ledger")
        assert page.title() == "Ledger · Tariffwatch"
        assert page.locator(".measures tbody tr").count() > 0
        looked_at(page, "ledger-of-a-desk", size, dark)


@EVERYWHERE
def test_a_full_ledger_can_be_read_by_everybody_whatever_its_sources_try(
    url: str, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    with tab(browser, url, size, dark=dark) as page:
        page.goto("/ledger")
        assert page.locator("svg[role=img] line.step").count() > 10
        looked_at(page, "ledger", size, dark)
        page.get_by_text("The chart as a table").click()
        no_violations(page)


@EVERYWHERE
def test_a_measure_with_its_history_can_be_read_by_everybody(
    url: str, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    with tab(browser, url, size, dark=dark) as page:
        page.goto(f"{RECIPROCAL}?on=2026-02-12")
        page.get_by_text("As a table").click()
        looked_at(page, "measure", size, dark)


def test_the_slider_moves_the_day_by_keyboard_and_the_address_with_it(url: str, browser: Browser) -> None:
    with tab(browser, url) as page:
        page.goto("/ledger?imposer=US")
        page.locator("#step").focus()
        page.keyboard.press("Home")
        expect(page.locator("#known")).to_contain_text("10 Mar 2025")
        assert page.url == f"{url}/ledger?on=2025-03-10&imposer=US"
        assert page.evaluate("document.activeElement.id") == "step"
        assert page.locator("#step").get_attribute("aria-valuetext") == "10 Mar 2025"
        page.keyboard.press("End")
        expect(page.locator("#known")).to_contain_text("today")
        assert page.url == f"{url}/ledger?imposer=US"


def test_a_choice_narrows_the_list_at_once_and_a_day_when_it_is_asked_for(url: str, browser: Browser) -> None:
    with tab(browser, url) as page:
        page.goto("/ledger")
        page.get_by_label("Sector", exact=True).select_option("seafood")
        expect(page).to_have_url(f"{url}/ledger?goods=seafood")
        page.get_by_label("Day", exact=True).fill("2025-09-12")
        page.get_by_role("button", name="Show").click()
        expect(page).to_have_url(f"{url}/ledger?on=2025-09-12&goods=seafood")
        expect(page.locator(".measures").first).to_contain_text("2.49 % in force")
        page.get_by_label("Day", exact=True).fill("2035-01-01")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("alert")).to_contain_text("1 Jan 2035 has not come yet")


def test_without_script_the_form_does_the_same(url: str, browser: Browser) -> None:
    with tab(browser, url, script=False) as page:
        page.goto("/ledger")
        page.locator("#step").press("Home")
        page.get_by_label("Imposed by").select_option("US")
        page.get_by_role("button", name="Show").click()
        expect(page).to_have_url(f"{url}/ledger?on=2025-03-10&imposer=US")
        page.get_by_role("link", name=re.compile("In force")).first.click()
        expect(page).to_have_url(f"{url}/ledger?on=2025-03-10&imposer=US&status=in_force")


def test_a_line_leads_to_its_measure_of_the_same_day_and_back(url: str, browser: Browser) -> None:
    with tab(browser, url) as page:
        page.goto("/ledger?on=2025-08-27&imposer=US")
        page.locator(".measures").get_by_role("link", name="US reciprocal tariff on India").click()
        expect(page).to_have_url(f"{url}{RECIPROCAL}?on=2025-08-27")
        expect(page.locator("#known")).to_contain_text("25 % in force")
        page.locator("#step").focus()
        page.keyboard.press("Home")
        expect(page).to_have_url(f"{url}{RECIPROCAL}?on=2025-04-02")
        page.get_by_role("main").get_by_role("link", name="Ledger", exact=True).click()
        expect(page).to_have_url(f"{url}/ledger?on=2025-04-02")


def test_the_ledger_prints_without_its_form(url: str, browser: Browser) -> None:
    with tab(browser, url) as page:
        page.goto("/ledger")
        page.emulate_media(media="print")
        assert not page.locator("#asking").is_visible()
        assert page.locator("svg[role=img]").is_visible()
        shot(page, "ledger-print")


def test_days_and_narrowings_without_a_line_say_so_and_lead_on(url: str, browser: Browser) -> None:
    with tab(browser, url, PHONE) as page:
        page.goto("/ledger?on=2020-01-01")
        no_violations(page)
        shot(page, "ledger-nothing-phone")
        page.get_by_role("link", name=re.compile("first day")).click()
        assert page.locator(".measures tbody tr").count() == 1
        page.goto("/ledger?imposer=XX")
        no_violations(page)
        page.get_by_role("link", name=re.compile("Show all")).click()
        assert page.locator(".measures tbody tr").count() == 25
