"""The pages of watchlists in a real browser."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot import demo
from bot.actions import NOT_RELEVANT, RELEVANT
from bot.app import desk as desk_of
from bot.app import keep_versions
from bot.config import load_config
from bot.events import silent
from bot.live import Live
from tests.makers import MINUTE, an_action
from tests.whole.pages.browser import PHONE, WIDE, no_violations, shot, sideways, tab
from tests.whole.pages.desk import PagesDesk, opened

LOOKS = [(size, dark) for size in (PHONE, WIDE) for dark in (False, True)]
NAME = "sensitive-sectors"
expect.set_options(timeout=30_000)  # ms: all settings are compiled twice before an answer


def named(what: str, size: tuple[int, int], dark: bool) -> str:
    return f"{what}-{'phone' if size == PHONE else 'wide'}-{'dark' if dark else 'light'}"


@pytest.fixture(scope="module")
def answered(desk: PagesDesk) -> PagesDesk:
    """People have said something of some cards."""
    cards = [alert for alert in desk.store.alerts(limit=40) if alert.message.why]
    for n, card in enumerate(cards):
        kind = NOT_RELEVANT if n % 5 == 0 else RELEVANT
        at = demo.NOW - n * MINUTE
        action = an_action(kind, f"U{n}", alert_id=card.id, story_id=card.story_id, article_id=card.article_id)
        desk.store.save_action(replace(action, at=at, id=f"page answer {n}"))
    return desk


@pytest.fixture
def writable(desk: PagesDesk, tmp_path: Path) -> Iterator[str]:
    """The same store, served where watchlists may be changed; the line itself is left as it is."""
    config = tmp_path / "config.yaml"
    config.write_text(
        demo.SHIPPED.read_text("utf-8") + "\nhttp: {listen: '127.0.0.1:8420', edit: true}\n", encoding="utf-8"
    )
    settings = load_config(config, {})
    pipeline = replace(desk.pipeline, desk=desk_of(settings))
    keep_versions(settings, desk.store, demo.NOW)
    live = Live(pipeline, settings, {}, desk.room.clock, silent)
    with opened(replace(desk.room, desk=lambda: pipeline.desk, live=live)) as url:
        yield url


def looked_at(page: Page, name: str) -> None:
    assert sideways(page) == 0
    no_violations(page)
    shot(page, name)


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_the_list_and_one_watchlist_can_be_read_by_everybody(
    answered: PagesDesk, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    with tab(browser, answered.url, size, dark=dark) as page:
        page.goto("/watchlists")
        assert page.locator(".card").count() == len(answered.pipeline.desk.watchlists)
        looked_at(page, named("watchlists", size, dark))
        page.get_by_role("link", name=NAME).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
        page.get_by_text("The numbers").click()
        looked_at(page, named("watchlist", size, dark))


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_a_query_is_told_while_it_is_typed_and_tried_when_that_is_asked(
    writable: str, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    with tab(browser, writable, size, dark=dark) as page:
        page.goto(f"/watchlists/_try?name={NAME}")
        look, glance = page.locator("#look"), page.locator("#glance")
        page.get_by_label("Query").fill("$INDIA sector:diary")
        expect(glance).to_contain_text("Line 1, column 15")
        looked_at(page, named("box-wrong", size, dark))
        page.get_by_label("Query").fill("$INDIA OR INDIA")
        expect(glance).to_contain_text("did you mean $INDIA?")
        expect(glance).to_contain_text("as it stands")
        page.get_by_role("button", name="Try it").click()
        expect(look).to_contain_text("Tried on")
        expect(look).to_contain_text("This one loses")
        looked_at(page, named("box-tried", size, dark))


def test_without_script_a_query_is_tried_all_the_same(desk: PagesDesk, browser: Browser) -> None:
    with tab(browser, desk.url, script=False) as page:
        page.goto("/watchlists/_try")
        page.get_by_label("Query").fill("$INDIA tariff")
        page.get_by_role("button", name="Try it").click()
        expect(page.locator("#look")).to_contain_text("Tried on")
        assert page.get_by_label("Query").input_value() == "$INDIA tariff"
        assert page.get_by_role("button", name="Save").count() == 0


@pytest.mark.parametrize("script", [True, False])
def test_a_watchlist_is_changed_and_put_back_by_keyboard(
    writable: str, browser: Browser, script: bool, tmp_path: Path
) -> None:
    with tab(browser, writable, script=script) as page:
        page.goto(f"/watchlists/{NAME}")
        page.get_by_role("link", name="Change it").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Query").fill(f"topic:sensitive_sectors relevant>=0.{5 + script}")
        page.get_by_label("Your name").fill("Asha")
        page.get_by_role("button", name="Save").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("The desk goes by it from now on.")
        expect(page.locator("main")).to_contain_text("changed by page: Asha")
        if script:
            looked_at(page, "watchlist-saved")
        assert f"relevant>=0.{5 + script}" in (tmp_path / "config.yaml").read_text("utf-8")
        page.get_by_label("Your name").fill("Ravi")
        page.get_by_role("button", name="Undo the last change").focus()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("undone by page: Ravi")


def test_what_is_wrong_is_told_at_its_field(writable: str, browser: Browser) -> None:
    with tab(browser, writable, PHONE, allow=("422",)) as page:
        page.goto("/watchlists/_try")
        page.get_by_label("Query").fill("tea (")
        page.get_by_label("Name", exact=True).fill("tea")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("2 fields to mend")
        expect(page.get_by_label("Your name")).to_have_attribute("aria-invalid", "true")
        looked_at(page, "box-unsaved")


def test_an_answer_that_does_not_come_is_said(desk: PagesDesk, browser: Browser) -> None:
    with tab(browser, desk.url, allow=("Failed to load", "htmx:")) as page:
        page.goto("/watchlists/_try")
        page.route("**/_try", lambda route: route.abort())
        page.get_by_label("Query").fill("tea")
        expect(page.locator("#glance")).to_contain_text("No answer came")
        page.get_by_role("button", name="Try it").click()
        expect(page.locator("#look")).to_contain_text("No answer came")
        shot(page, "box-unanswered")


def test_hostile_titles_in_a_tryout_do_no_harm(desk: PagesDesk, browser: Browser) -> None:
    with tab(browser, desk.url) as page:
        page.goto("/watchlists/_try")
        page.get_by_label("Query").fill("$INDIA")
        page.get_by_role("button", name="Try it").click()
        expect(page.locator("#look")).to_contain_text("Tried on")
        assert page.title() == "Try a query · Tariffwatch"
        assert page.locator("#look a[href^='javascript']").count() == 0
