"""What tests of the pages share: one filled desk and one browser a process."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.whole.pages.browser import chromium
from tests.whole.pages.desk import PagesDesk, pages_desk


@pytest.fixture(scope="package")  # Playwright keeps a loop in this thread, in which other tests start theirs
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesDesk]:
    with pages_desk(tmp_path_factory.mktemp("pages")) as desk:
        yield desk
