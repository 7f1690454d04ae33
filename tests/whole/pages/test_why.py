"""Why in a real browser, with the shipped model; and that it says what `tariffwatch explain` says."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page
from typer.testing import CliRunner

from bot import app, demo
from bot.cli import app as command
from bot.web.assets import assets
from tests.whole.pages import hostile
from tests.whole.pages.browser import PHONE, WIDE, no_violations, shot, sideways, tab
from tests.whole.pages.desk import CHANNEL, PagesDesk, opened

TEXT = f"""\
US raises tariff on Indian shrimp and steel to 58%, exempts <b>tea</b>
Washington will raise its tariff on shrimp and steel from India to 58 per cent from 50 per cent on 15 December, the US Trade
Representative said on Friday. {hostile.SCRIPT} {hostile.IMAGE}

New Delhi called the duty unjustified and said its exporters in Andhra Pradesh would lose orders. Tea from Assam is exempt from
the new tariff. In 2025 the United States had imposed a 25 per cent duty on Indian goods.
"""
LEFT = """\
Council mends the road to the market
The town council of Exampleville will mend the road to the market before the rains, it said on Monday.
"""
LOOKS = [(PHONE, False), (PHONE, True), (WIDE, False), (WIDE, True)]
NAMES = ["phone-light", "phone-dark", "wide-light", "wide-dark"]


@pytest.fixture(scope="module")
def url(desk: PagesDesk) -> Iterator[str]:
    """The desk with one examiner for all that is asked."""
    with opened(replace(desk.room, examiner=cache(desk.room.examiner))) as url:
        yield url


def asked(page: Page, text: str) -> None:
    """As somebody does who has no mouse."""
    page.set_default_timeout(60_000)
    page.goto("/why")
    page.get_by_label("The address of an article").fill(text)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Topics").wait_for()


@pytest.mark.parametrize(("size", "dark"), LOOKS, ids=NAMES)
def test_a_pasted_text_is_explained_to_everybody_whatever_it_tries(
    url: str, browser: Browser, size: tuple[int, int], dark: bool, request: pytest.FixtureRequest
) -> None:
    with tab(browser, url, size, dark=dark) as page:
        asked(page, TEXT)
        assert page.title().startswith("Why: US raises tariff")
        assert page.locator(".text mark.of-fact").count() > 0
        assert sideways(page) == 0
        no_violations(page)
        shot(page, f"why-{request.node.callspec.id}")


@pytest.mark.parametrize("text", [TEXT, LEFT], ids=["fires", "left"])
def test_what_the_page_says_of_a_text_is_what_explain_says(
    url: str, desk: PagesDesk, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(app, "clock", desk.room.clock)
    (tmp_path / "article.txt").write_text(text, "utf-8")
    settings = demo.SHIPPED.read_text("utf-8").replace("#trade-alerts", CHANNEL)
    stored = settings.replace("sqlite:///tariffwatch.db", f"sqlite:///{desk.settings.store.removeprefix('sqlite:///')}")
    (tmp_path / "config.yaml").write_text(stored, "utf-8")
    told = CliRunner().invoke(command, ["explain", f"{tmp_path}/article.txt", "--config", f"{tmp_path}/config.yaml"])
    with tab(browser, url) as page:
        asked(page, text)
        page.locator("#main .hidden").evaluate_all("all => all.forEach(one => one.remove())")
        shown = bare(str(page.locator("#main").evaluate("main => main.textContent")))
        shot(page, "why-left" if text is LEFT else "why")
    lines = [line for line in told.output.splitlines() if line.startswith("  ")]
    assert len(lines) > 50
    assert [line for line in lines if bare(line) not in shown] == []


def bare(text: str) -> str:
    return "".join(text.split())


def test_a_text_full_of_what_the_desk_looks_for_makes_no_heavy_page(url: str) -> None:
    words = "India and the US: tariff on shrimp, steel, tea, cotton, gems and drugs raised to 50%, Washington said. "
    body = urlencode({"text": f"Tariff news\n{words * 190}"}).encode()
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    with urlopen(Request(f"{url}/why", body, headers), timeout=120) as answer:
        assert 60_000 < len(answer.read()) + sum(map(len, assets().values())) < 150_000


def test_a_hostile_article_of_the_store_is_explained_without_harm(url: str, browser: Browser) -> None:
    with tab(browser, url, PHONE) as page:
        page.set_default_timeout(60_000)
        for article in hostile.articles()[:4]:
            page.goto(f"/why?url={article.id}")
            assert page.title().startswith("Why: ")
            page.get_by_role("heading", name="What was sent").wait_for()
            assert sideways(page) == 0
            no_violations(page)
        shot(page, "why-hostile")


def test_what_is_refused_is_told_beside_the_field_and_without_a_script_too(url: str, browser: Browser) -> None:
    with tab(browser, url, PHONE, script=False, allow=("404",)) as page:
        page.goto("/why")
        page.get_by_label("The address of an article").fill("https://nowhere.example/news")
        page.get_by_role("button", name="Explain").click()
        assert "The store has no article at this address" in page.get_by_role("alert").inner_text()
        shot(page, "why-unknown")
