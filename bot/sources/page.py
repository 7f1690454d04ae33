"""TrafilaturaExtractor: the text of an article out of its page, without menus, comments and tables."""

import re

import trafilatura
from trafilatura.metadata import extract_metadata

from bot.feeds import Fetched
from bot.sources.text import LONGEST_TEXT, clean, line

MOST_BYTES = 2 * 1024 * 1024
MOST_TAGS = 60_000  # beyond that the extractor takes seconds, for some shapes minutes
MOST_HEAD = 200_000  # bytes in which a page says what it is called
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


class TrafilaturaExtractor:
    def extract(self, page: Fetched) -> str:
        """Plain text, a line for each paragraph; "" when the page yields none."""
        if not _is_html(page):
            return ""
        try:
            text = trafilatura.extract(
                _decoded(page, page.body),
                fast=True,
                favor_precision=True,
                include_comments=False,
                include_tables=False,
                deduplicate=False,
            )
        except Exception:  # a page that cannot be read is a page without text
            return ""
        return clean(text or "")[:LONGEST_TEXT]

    def title(self, page: Fetched) -> str:
        """What the page calls itself; "" when it does not say."""
        if not _is_html(page):
            return ""
        try:
            found = extract_metadata(_decoded(page, page.body[:MOST_HEAD]), extensive=False)
        except Exception:
            return ""
        return line(clean(found.title or ""))


def _is_html(page: Fetched) -> bool:
    """And neither so large nor so tangled that reading it would take minutes."""
    if page.error or not 0 < len(page.body) <= MOST_BYTES or page.body.count(b"<") > MOST_TAGS:
        return False
    kind = page.content_type.partition(";")[0].strip().lower()
    return kind in ("", "text/html", "application/xhtml+xml", "text/plain", "application/xml") and b"<" in page.body


def _decoded(page: Fetched, body: bytes) -> str | bytes:
    """By the server's word where it gives one that is true; else left to the extractor, which looks into the page."""
    charset = _CHARSET.search(page.content_type)
    try:
        return body.decode(charset[1]) if charset else body
    except (LookupError, UnicodeDecodeError):
        return body
