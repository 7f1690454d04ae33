"""`python -m tests.whole.pages.pictures` draws the pages for the documents: docs/img/page-*.png, of the sample feeds."""

import tempfile
from pathlib import Path

from PIL import Image

from tests.whole.pages.browser import PHONE, chromium, shot, tab
from tests.whole.pages.desk import pages_desk

IMAGES = Path(__file__).parents[3] / "docs" / "img"
DESK = (1000, 620)
COLOURS = 96
PICTURES = (  # file, path, size, dark
    ("page-today", "/?days=7", DESK, False),
    ("page-today-phone", "/?days=7", PHONE, True),
    ("page-health", "/health#feeds", DESK, False),
)


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        pages_desk(Path(folder), friendly=True) as desk,
        chromium() as browser,
    ):
        for name, path, size, dark in PICTURES:
            with tab(browser, desk.url, size, dark=dark) as page:
                page.goto(path)
                page.wait_for_load_state("networkidle")
                picture = Image.open(shot(page, name, whole=False)).convert("RGB")
            picture.quantize(COLOURS).save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
