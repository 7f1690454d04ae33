"""Printing: an HTML page as a PDF. WeasyPrint, which needs Pango's libraries, is an extra, `report`."""

from collections.abc import Callable
from importlib.util import find_spec

MISSING = (
    'install the extra, pip install "tariffwatch[report]", and Pango (on Debian: libpango-1.0-0 libpangoft2-1.0-0)'
)
NOWHERE: tuple[str, ...] = ()  # the protocols by which anything is fetched


def printer() -> Callable[[str], bytes] | None:
    """None where WeasyPrint, or the libraries that it calls, are not installed."""
    if find_spec("weasyprint") is None:
        return None
    try:
        import weasyprint  # noqa: F401
    except OSError:  # Pango is missing
        return None
    return print_pdf


def print_pdf(page: str) -> bytes:
    """With bookmarks, and tags for screen readers. Nothing is fetched, whatever the page says."""
    import logging

    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # that it passes over a rule of a style is no news
    fetcher = URLFetcher(allowed_protocols=NOWHERE)
    printed: bytes = HTML(string=page, url_fetcher=fetcher).write_pdf(pdf_tags=True)
    return printed
