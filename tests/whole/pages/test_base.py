"""What holds for every page, in a real browser: nothing runs, everybody can use it, and it says so when something is wrong."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from bot.alerts import DEAD, FOLDED, PARKED, UNKNOWN
from bot.errors import StoreError
from bot.feeds import FeedState
from bot.stores.sql import SqlStore
from bot.web.pages import NAVIGATION
from bot.web.room import Room
from tests.line import Line, store_at
from tests.makers import DAY, HOUR, MINUTE, NOW, a_desk, a_feed, a_member, a_story, an_alert, an_article
from tests.web import a_room
from tests.whole.pages.browser import ELSEWHERE, PHONE, WIDE, no_violations, shot, sideways, tab
from tests.whole.pages.desk import PagesDesk, opened, room_of

PATHS = [path for _, path in NAVIGATION]
NARROWEST = (320, 640)  # what a page of 1280 pixels is at 400 %
ASKED = re.compile(r"\?.*seen=")  # parts of a page
TOKEN = "a-token-of-some-length"
HEAVIEST = 150_000  # bytes
SMUGGLED = (
    "img, iframe, object, script:not([src]), style, [style], [hx-get*='//'], "
    "[onerror], [onload], [onmouseover], [onclick]"
)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(store_at(tmp_path / "store.db"), desk=a_desk(feeds=[a_feed(backlog=5)]))


# nothing runs


@pytest.mark.parametrize("path", PATHS)
def test_titles_are_words_and_nothing_that_is_in_them_becomes_part_of_the_page(
    desk: PagesDesk, browser: Browser, path: str
) -> None:
    with tab(browser, desk.url) as page:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert "owned" not in page.title()
        assert page.locator(SMUGGLED).count() == 0
        for link in page.locator("a[href]").all():
            assert str(link.evaluate("(a) => a.protocol")) in ("http:", "https:")


def test_the_hostile_titles_are_really_there(desk: PagesDesk, browser: Browser) -> None:
    with tab(browser, desk.url) as page:
        page.goto("/?days=7")
        words = page.locator("main").inner_text()
        for piece in ("<script>document.title='owned'</script>", '"><img src=x onerror=', "{{ 7 * 7 }}", "<svg/onload"):
            assert piece in words
        assert "\u202e" not in words
        assert max(len(title) for title in page.locator("h3").all_inner_texts()) <= 200


@pytest.mark.parametrize(
    "breach",
    [
        "document.body.insertAdjacentHTML('beforeend', '<img src=https://evil.example/x>')",
        "document.body.insertAdjacentHTML('beforeend', '<p onclick=alert(1) id=x>x</p>'); document.getElementById('x').click()",
        "const s = document.createElement('script'); s.textContent = 'window.owned = 1'; document.body.append(s)",
        "document.body.insertAdjacentHTML('beforeend', '<p style=color:red>x</p>')",
        "console.error('something went wrong')",
        "setTimeout(() => { throw new Error('broken') })",
        "alert(1)",
    ],
)
def test_a_tab_notices_whatever_a_page_must_not_do(desk: PagesDesk, browser: Browser, breach: str) -> None:
    def breached() -> None:
        with tab(browser, desk.url) as page:
            page.goto("/health")
            page.evaluate(f"() => {{ {breach} }}")
            page.evaluate("() => new Promise((done) => setTimeout(done))")  # what was begun has been told of

    with pytest.raises(AssertionError):
        breached()


# everybody


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_light_and_asks_nobody_else(desk: PagesDesk, browser: Browser, path: str) -> None:
    bodies: list[int] = []
    with tab(browser, desk.url) as page:
        page.on("response", lambda response: bodies.append(len(response.body())))
        page.goto(path)
        page.wait_for_load_state("networkidle")
    assert len(bodies) >= 4
    assert sum(bodies) < HEAVIEST


@pytest.mark.parametrize("path", PATHS)
def test_nobody_has_to_scroll_sideways_on_the_smallest_screen(desk: PagesDesk, browser: Browser, path: str) -> None:
    with tab(browser, desk.url, NARROWEST) as page:
        page.goto(path)
        assert sideways(page) == 0
        no_violations(page)


@pytest.mark.parametrize("path", PATHS)
def test_the_keyboard_alone_leads_past_the_head_and_shows_where_it_is(
    desk: PagesDesk, browser: Browser, path: str
) -> None:
    with tab(browser, desk.url) as page:
        page.goto(path)
        page.keyboard.press("Tab")
        skip = page.locator(":focus")
        assert skip.inner_text() == "Skip to content"
        box = skip.bounding_box()
        assert box
        assert box["x"] >= 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("path", PATHS)
def test_a_page_can_be_printed_without_what_is_only_for_the_screen(
    desk: PagesDesk, browser: Browser, path: str
) -> None:
    with tab(browser, desk.url, dark=True) as page:
        page.goto(path)
        page.emulate_media(media="print")
        assert not page.locator("nav").first.is_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        shot(page, f"{path.strip('/') or 'today'}-print")


def test_times_are_in_the_readers_zone_with_the_others_at_hand(desk: PagesDesk, browser: Browser) -> None:
    with tab(browser, desk.url) as page:
        page.goto("/")
        time = page.locator("main time").first
        assert time.inner_text().endswith(" IST")
        assert "UTC" in str(time.get_attribute("title"))


def test_without_javascript_everything_is_there_in_utc(desk: PagesDesk, browser: Browser) -> None:
    with tab(browser, desk.url, script=False) as page:
        page.goto("/")
        assert page.locator("main time").first.inner_text().endswith(" UTC")
        page.get_by_role("link", name="7 days", exact=True).click()
        page.wait_for_url("**/?days=7")
        assert page.locator(".card").count() > 0
        page.get_by_role("link", name="Health", exact=True).click()
        page.get_by_role("link", name="Feed", exact=True).click()
        page.wait_for_url("**/health?sort=outlet*")
        assert page.locator("th[aria-sort]").inner_text() == "Feed"


# live


def test_what_is_new_appears_without_a_reload_and_is_said_once(line: Line, browser: Browser) -> None:
    room = a_room(line.store, line.desk)
    with opened(room) as url, tab(browser, url) as page:
        page.clock.install()
        page.goto("/")
        assert page.locator(".card").count() == 0
        line.told(an_article())
        page.clock.run_for(16_000)
        page.locator(".card").wait_for()
        assert page.locator("#said").inner_text() == "1 story, changed just now"
        no_violations(page)


def test_who_does_not_look_asks_nothing_and_who_looks_again_does(line: Line, browser: Browser) -> None:
    asked: list[str] = []
    with opened(a_room(line.store, line.desk)) as url, tab(browser, url) as page:
        page.clock.install()
        page.goto("/")
        page.wait_for_load_state("networkidle")
        page.on("request", lambda request: asked.append(request.url))
        page.evaluate("Object.defineProperty(document, 'hidden', {get: () => window.away ?? true})")
        page.clock.run_for(120_000)
        assert asked == []
        page.evaluate("window.away = false")
        with page.expect_request("**/today/stories*"):
            page.clock.run_for(16_000)


# who is let in


def test_a_browser_gives_the_token_once(desk: PagesDesk, browser: Browser) -> None:
    room = room_of(desk.pipeline, desk.settings, desk.store, token=TOKEN)
    with opened(room) as url, tab(browser, url, PHONE, allow=("403",)) as page:
        page.goto("/health?sort=outlet")
        assert page.title() == "Sign in · Tariffwatch"
        no_violations(page)
        page.get_by_label("Token").fill("wrong")
        page.keyboard.press("Enter")
        assert page.get_by_role("alert").inner_text().startswith("This is not the token")
        no_violations(page)
        shot(page, "login-phone-light")
        page.get_by_label("Token").fill(TOKEN)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/health?sort=outlet")
        (cookie,) = page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/login")
        page.goto("/")
        assert page.title() == "Sign in · Tariffwatch"


def test_by_a_name_of_the_network_and_without_tls_a_browser_can_sign_in_too(desk: PagesDesk, browser: Browser) -> None:
    with opened(room_of(desk.pipeline, desk.settings, desk.store, token=TOKEN)) as url:
        there = url.replace("127.0.0.1", ELSEWHERE)
        with tab(browser, there, allow=("Cross-Origin-Opener-Policy",)) as page:
            page.goto("/")
            page.get_by_label("Token").fill(TOKEN)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("heading", name="Today").wait_for()


# what is wrong


def test_a_desk_that_does_not_answer_any_more_is_told_until_it_does(line: Line, browser: Browser) -> None:
    with opened(a_room(line.store)) as url, tab(browser, url, allow=("ERR_FAILED", "htmx", "500", "503")) as page:
        page.clock.install()
        page.goto("/")
        page.route(ASKED, lambda route: route.abort())
        page.clock.run_for(31_000)
        page.get_by_text("No answer from the desk since").wait_for()
        no_violations(page)
        page.unroute(ASKED)
        page.route(ASKED, lambda route: route.fulfill(status=503))
        page.clock.run_for(31_000)
        page.get_by_text("The desk says that something is wrong").wait_for()
        page.unroute(ASKED)
        page.clock.run_for(31_000)
        page.locator("#lost").wait_for(state="hidden")


def test_a_page_that_is_not_there_says_so_and_leads_on(desk: PagesDesk, browser: Browser) -> None:
    with tab(browser, desk.url, PHONE, dark=True, allow=("404",)) as page:
        page.goto("/nothing")
        assert page.locator("h1").inner_text() == "Nothing here"
        no_violations(page)
        shot(page, "nothing-phone-dark")
        page.get_by_role("link", name="Go to Today").click()
        page.wait_for_url("**/")
        assert page.title() == "Today · Tariffwatch"


def test_a_store_that_cannot_be_read_is_told_to_people(
    line: Line, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise StoreError("/var/lib/tariffwatch/tariffwatch.db: the disk is full — make room")

    for name in ("severities", "latest", "counts"):
        monkeypatch.setattr(SqlStore, name, broken)
    with opened(a_room(line.store)) as url, tab(browser, url, allow=("503",)) as page:
        page.goto("/")
        assert page.locator("h1").inner_text() == "The store cannot be read"
        no_violations(page)
        shot(page, "store-wide-light")


def test_silence_is_explained_to_everybody(line: Line, browser: Browser) -> None:
    line.collected(an_article())
    with opened(a_room(line.store, line.desk)) as url, tab(browser, url, PHONE) as page:
        page.goto("/")
        assert "Nothing yet in the last 24 hours." in page.locator("main").inner_text()
        no_violations(page)
        shot(page, "silence-phone-light")


def ill(line: Line) -> Room:
    """A desk on a bad day."""
    names = ("able", "baker", "charlie", "delta")
    feeds = [a_feed(f"https://{name}.example/rss", outlet=f"The {name.title()} Post") for name in names]
    able, baker, charlie, delta = (feed.url for feed in feeds)
    now = NOW + HOUR
    line.store.save_states(
        [
            FeedState(able, polled_at=now, ok_at=now, next_due=now + 9 * MINUTE, newest=NOW, gap=HOUR, known_for=9 * DAY),
            FeedState(baker, polled_at=now, ok_at=NOW - DAY, errors=7, error="http_403: the server refuses us",
                      next_due=now + HOUR, newest=NOW - DAY),
            FeedState(charlie, polled_at=now, ok_at=now, next_due=now + 9 * MINUTE, newest=NOW - 9 * DAY,
                      gap=timedelta(hours=5), known_for=9 * DAY),
        ]
    )  # fmt: skip
    assert delta
    line.collected(an_article(first_seen=NOW - 3 * HOUR))
    alerts = [
        an_alert("x1", "C0123TRADE", state=PARKED, error="not_in_channel: invite the bot there with /invite"),
        an_alert("x2", "C0123TRADE", story_id="s2"),
        an_alert("x3", "C0456STEEL", state=UNKNOWN, story_id="s3"),
        an_alert("x4", "C0456STEEL", state=FOLDED, story_id="s4"),
        an_alert("x5", "C0789TEXTILE", state=DEAD, story_id="s5", error="msg_too_long: Slack answered msg_too_long"),
    ]
    line.store.save_follow([], [replace(a_story(a_member()), told=("C0123TRADE",))], alerts)
    wrong = ["sink: takes nothing: token_revoked: reinstall the app and set its new Bot User OAuth Token"]
    return a_room(line.store, a_desk(feeds=feeds), ready=lambda: wrong)


@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (WIDE, False)], ids=["phone-dark", "wide-light"])
def test_a_desk_that_is_ill_says_what_and_what_helps(
    line: Line, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    with opened(ill(line)) as url, tab(browser, url, size, dark=dark) as page:
        page.goto("/health")
        words = page.locator("main").inner_text()
        for told in ("/invite", "http_403", "looked up before", "systemctl reload", "msg_too_long", "token_revoked"):
            assert told in words
        assert sideways(page) == 0
        no_violations(page)
        shot(page, f"ill-{'phone-dark' if dark else 'wide-light'}")
        page.goto("/")
        no_violations(page)
        shot(page, f"ill-today-{'phone-dark' if dark else 'wide-light'}")
