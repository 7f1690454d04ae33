"""One article from a URL or a file, for explaining it."""

import json
import re
from datetime import datetime
from pathlib import Path

from bot.articles import Article
from bot.batch import article
from bot.errors import ConfigError
from bot.feeds import Fetched, FetchRequest
from bot.ports import Fetcher
from bot.sources.text import clean
from bot.sources.urls import canonical
from bot.sources.worker import WorkerExtractor

LONGEST_TITLE = 250


def load_article(source: str, fetcher: Fetcher, now: datetime) -> Article:
    """Raises ConfigError for what cannot be read. Text files are as `typed`."""
    if re.match(r"https?://", source):
        return _page(source, next(iter(fetcher.fetch([FetchRequest(source, {}, "page")]))), now)
    if not source:
        raise ConfigError("no article was named", hint="give a URL or the path of a file")
    path = Path(source)
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{source} cannot be read: {error.strerror}", hint="give a URL or the path of a file"
        ) from error
    if path.suffix.lower() in (".html", ".htm"):
        return _page("", Fetched(source, 200, body, content_type="text/html"), now)
    if b"\0" in body:  # no text has one, and what is shown of such a file means nothing
        raise ConfigError(f"{source} holds no text", hint="save it as UTF-8 text, HTML or JSON")
    text = body.decode("utf-8", "replace")
    found = _json(source, text, now) if path.suffix.lower() == ".json" else typed(text, now)
    if not found.whole.strip():
        raise ConfigError(f"{source} is empty", hint="write the title on the first line, the text below it")
    return found


def typed(text: str, now: datetime) -> Article:
    """What somebody typed or pasted: the first line is the title, unless it is a paragraph."""
    return article(_titled(clean(text)), now)


def _page(url: str, page: Fetched, now: datetime) -> Article:
    if page.error:
        raise ConfigError(f"{url} cannot be fetched: {page.error}", hint="save the page and give the file instead")
    extractor = WorkerExtractor()
    title, text = extractor.title(page), extractor.extract(page)
    extractor.worker.close()
    if not (title or text):
        raise ConfigError(f"no article text found in {page.url}", hint="copy title and text into a .txt file")
    row = {"title": title, "text": text} if title else _titled(text)
    return article({**row, "url": canonical(url)}, now)


def _json(source: str, text: str, now: datetime) -> Article:
    try:
        row = json.loads(text)
        return article({**row, "title": row.get("title") or _titled(row["text"])["title"]}, now)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        problem = f"is no article ({error})"
        raise ConfigError(problem, where=source, hint='write {"title": "…", "text": "…"}, both as text') from error


def _titled(text: str) -> dict[str, str]:
    """A first line that is short is the title; a paragraph gives its first sentence."""
    first, _, rest = text.strip().partition("\n")
    if len(first) <= LONGEST_TITLE:
        return {"title": first.strip(), "text": rest.strip()}
    sentence = re.match(r".{20,250}?[.!?](?=\s)|.{1,250}\b", first, re.DOTALL)
    end = sentence.end() if sentence else LONGEST_TITLE
    return {"title": first[:end].strip(), "text": (first[end:] + "\n" + rest).strip()}
