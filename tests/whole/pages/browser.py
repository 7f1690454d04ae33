"""A browser for the pages: Debian's Chromium, and a tab that fails for whatever a page must not do."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, sync_playwright

PHONE, WIDE = (360, 740), (1280, 900)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHOTS = Path(__file__).parents[3] / "build" / "pages"
ELSEWHERE = "desk.example"  # this machine, as a browser on another one would call it
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own; none is downloaded."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """What went wrong in a context's pages, in words; `allow` is what a test wants to go wrong."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        self.faults: list[str] = []
        self.allow: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("dialog", self._asked)
        page.on("request", self._requested)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text}")

    def _asked(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _requested(self, request: Request) -> None:
        if request.url.split(":")[0] != "data" and urlsplit(request.url).netloc != self._host:
            self.faults.append(f"request to another place: {request.url}")

    def refuse(self) -> None:
        left = [fault for fault in self.faults if not any(word in fault for word in self.allow)]
        assert not left, "\n".join(left)


@contextmanager
def tab(
    browser: Browser,
    url: str,
    size: tuple[int, int] = WIDE,
    *,
    dark: bool = False,
    script: bool = True,
    allow: tuple[str, ...] = (),
) -> Iterator[Page]:
    """A page in a context of its own, in New Delhi, whose paths begin at `url`. At its end it fails for an error on the console,
    a breach of the policy, a request to another host, and a dialog."""
    width, height = size
    context: BrowserContext = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        locale="en-IN",
        timezone_id="Asia/Kolkata",
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    watched = Watched(url)
    watched.allow += allow
    page = context.new_page()
    watched.watch(page)
    try:
        yield page
        watched.refuse()
    finally:
        context.close()


def no_violations(page: Page) -> None:
    """Fails with what axe finds, and where."""
    page.evaluate(AXE_SCRIPT)
    found: Any = page.evaluate("(rules) => axe.run({runOnly: rules, resultTypes: ['violations']})", RULES)
    told = [f"{v['id']}: {v['help']}\n    {n['html']}" for v in found["violations"] for n in v["nodes"]]
    assert not told, "\n".join(told)


def shot(page: Page, name: str, *, whole: bool = True) -> Path:
    """A picture of the whole page, or of what is in the window, in build/pages, for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=whole)
    return path


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window: people on a phone should not have to scroll sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
