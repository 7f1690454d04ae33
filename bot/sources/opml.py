"""OPML, the format in which feed readers exchange their lists of feeds: bytes to feeds and back."""

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.saxutils import quoteattr
from xml.sax.xmlreader import AttributesImpl

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from bot.errors import ConfigError
from bot.feed_url import problem_with, same_feed
from bot.feeds import Feed

_MOST_BYTES = 5_000_000
_MOST_OUTLINES = 10_000
_DEEPEST = 50
_MOST_TOLD = 40
_LONGEST_NAME = 200


def read_opml(data: bytes, file: str = "OPML") -> tuple[Feed, ...]:
    """The feeds in their order, folders flattened. Raises ConfigError that tells every bad line; then none is taken."""
    if len(data) > _MOST_BYTES:
        raise ConfigError("larger than 5 MB", where=file, hint="split it into several files")
    parser = make_parser()
    outlines = _Outlines(file, parser.getLineNumber)
    parser.forbid_dtd = True
    parser.setContentHandler(outlines)
    try:
        parser.feed(data)
        parser.close()
    except SAXParseException as error:
        raise outlines.error(f"is not XML: {error.getMessage()}", "export it again") from error
    except DefusedXmlException as error:
        raise outlines.error("has a DTD, which is not read", "remove the DOCTYPE") from error
    except (LookupError, ValueError) as error:
        raise outlines.error(f"its encoding cannot be read: {error}", "save it as UTF-8") from error
    return outlines.result()


def write_opml(feeds: Iterable[Feed]) -> str:
    """An OPML 2.0 document. It holds URLs and outlets; the other settings of a feed have no place in OPML."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<opml version="2.0">',
            "  <head><title>Tariffwatch feeds</title></head>",
            "  <body>",
            *(f"    {_outline(feed)}" for feed in feeds),
            "  </body>",
            "</opml>",
            "",
        ]
    )


def _outline(feed: Feed) -> str:
    name = quoteattr(_plain(feed.outlet))
    return f'<outline type="rss" text={name} title={name} xmlUrl={quoteattr(feed.url)}/>'


class _Outlines(ContentHandler):
    """Gathers feeds and problems while the document is read, each with its line."""

    def __init__(self, file: str, line: Callable[[], int | None]) -> None:
        super().__init__()
        self._file, self._line = file, line
        self._depth = self._count = 0
        self._root = ""
        self._feeds: dict[str, tuple[Feed, int | None]] = {}  # by the key of same_feed, with the line
        self._problems: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self._root = self._root or name.lower()
        self._depth += 1
        self._count += 1
        if self._depth > _DEEPEST:
            raise self.error(f"more than {_DEEPEST} levels", "flatten the folders")
        if self._count > _MOST_OUTLINES:
            raise self.error(f"more than {_MOST_OUTLINES} elements", "split it into several files")
        if name.lower() == "outline":
            self._take({key.lower(): value for key, value in attrs.items()})

    def endElement(self, name: str) -> None:
        self._depth -= 1

    def result(self) -> tuple[Feed, ...]:
        if self._root != "opml":
            raise self.error(f"is no OPML, its root is <{self._root[:40]}>", "export it as OPML")
        if self._problems:
            raise ConfigError("\n".join(_first(self._problems)))
        if not self._feeds:
            raise self.error("names no feed", "a feed is an <outline> with an xmlUrl")
        return tuple(feed for feed, _ in self._feeds.values())

    def _take(self, attrs: dict[str, str]) -> None:
        if "xmlurl" not in attrs:
            if attrs.get("type", "").lower() in ("rss", "atom"):
                self._problem("a feed without xmlUrl", "add it, or remove the outline")
            return  # a folder, or a link that is no feed
        url = attrs["xmlurl"].strip()
        if wrong := problem_with(url, ("https", "http")):
            self._problem(f"xmlUrl {wrong[0]}", wrong[1])
            return
        outlet = _plain(attrs.get("title") or attrs.get("text") or "") or urlsplit(url).hostname or url
        mine = (Feed(url, outlet), self._line())
        first = self._feeds.setdefault(same_feed(url), mine)
        if first is not mine:
            self._problem(f"{url} stands here twice", f"remove this or the one in line {first[1]}")

    def error(self, problem: str, hint: str) -> ConfigError:
        return ConfigError(problem, where=f"{self._file}:{self._line() or 1}", hint=hint)

    def _problem(self, problem: str, hint: str) -> None:
        self._problems.append(str(self.error(problem, hint)))


def _first(problems: list[str]) -> Iterator[str]:
    yield from problems[:_MOST_TOLD]
    if len(problems) > _MOST_TOLD:
        yield f"… and {len(problems) - _MOST_TOLD} more"


def _plain(name: str) -> str:
    """One line of signs that can be shown."""
    shown = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(shown.split())[:_LONGEST_NAME]
