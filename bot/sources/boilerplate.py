"""Boilerplate: paragraphs that a site shows on one page after another — the wall before an article, and not the article."""

from collections import OrderedDict
from urllib.parse import urlsplit

from bot.feeds import Fetched
from bot.ports import Extractor

OFTEN = 3  # pages of one site that show a paragraph
MOST_KNOWN = 50_000  # paragraphs that are remembered, the latest seen


class FreshExtractor:
    """An Extractor that leaves out what it has read on `OFTEN` pages of the same site. It knows what it has seen since it was
    made: the first pages behind a wall still bring the wall along."""

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor
        self._pages: OrderedDict[tuple[str, int], frozenset[str]] = (
            OrderedDict()
        )  # by site and paragraph: where it stood

    def extract(self, page: Fetched) -> str:
        site = urlsplit(page.final_url or page.url).hostname or ""
        paragraphs = self._extractor.extract(page).split("\n")
        fresh = [paragraph for paragraph in paragraphs if self._times(site, paragraph, page.url) < OFTEN]
        while len(self._pages) > MOST_KNOWN:
            self._pages.popitem(last=False)
        return "\n".join(fresh)

    def _times(self, site: str, paragraph: str, url: str) -> int:
        """On how many pages, this one among them."""
        key = (site, hash(paragraph))
        pages = self._pages.pop(key, frozenset())
        pages = pages | {url} if len(pages) < OFTEN else pages
        self._pages[key] = pages
        return len(pages)
