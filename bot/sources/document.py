"""A feed's bytes before any reader sees them: hostile shapes refused or defused, half entries and endless tails cut off."""

import re
from collections import Counter
from dataclasses import dataclass
from html import unescape

from bot.errors import ParseError

MOST_ENTRIES = 2000
MOST_ATTRIBUTES = 1000  # of one tag: readers take quadratic time for them
LONGEST_NAME = 200  # bytes of an author
LONG_TAG = 20_000  # bytes from which a tag's attributes are counted

_ENTRY = re.compile(rb"<(/?)(?:[\w.-]+:)?(?:item|entry)(?=[\s/>])[^<>]*>")
_ROOT = re.compile(rb"<([A-Za-z_][\w.-]*(?::[\w.-]+)?)")
_NO_FEED = (b"", b"html", b"head", b"body")
_BEFORE_ROOT = ((b"<!--", b"-->"), (b"<?", b"?>"), (b"<!", b">"))
_CLOSING = {b"rss": b"</channel></rss>", b"feed": b"</feed>", b"rdf:RDF": b"</rdf:RDF>"}
_NESTED_ENTITY = re.compile(rb"""<!ENTITY\s[^<>"']{0,200}["'][^"'<>]*&\w""")
_LONG_TAG = re.compile(rb"<[A-Za-z][^<>]{%d,}" % LONG_TAG)
# Readers take quadratic time for long names and categories, and for many: of an entry one short author is left.
_UNUSED = re.compile(
    rb"(?<=<)(?P<name>(?:[\w.-]+:)?(?:author|creator|managingeditor|webmaster|publisher|contributor|category))\b[^<>]*(?<!/)>"
    rb"(?P<text>(?:<!\[CDATA\[)?[^<]*)(?=</(?P=name)\s*>)",
    re.IGNORECASE,
)
_PIECE = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<(?P<closes>/?)(?P<name>[A-Za-z_][\w.:-]*)[^<>]*?(?P<alone>/?)>",
    re.DOTALL,
)
_KNOWN_BY = (b"title", b"link", b"guid", b"id", b"feedburner:origlink")
_FEED_LINK = re.compile(r"<link\b[^<>]{0,500}application/(?:rss|atom)\+xml[^<>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(r"""href=["']?([^"'\s>]+)""", re.IGNORECASE)
_HEAD = 200_000  # bytes in which a page names its feeds


@dataclass(frozen=True, slots=True)
class Document:
    """`cut` says that the bytes end before the document does; what is left of it here ends with its last whole entry, or with
    the whole parts of the half one."""

    body: bytes
    cut: bool = False


def prepare(body: bytes) -> Document:
    """Raises ParseError for nothing at all, and for shapes that are made to keep a reader busy."""
    if not body.strip(b"\x00\t\n\r \xef\xbb\xbf"):
        raise ParseError("an empty document, not a feed")
    if root(body).lower() in _NO_FEED and b"\x00" not in body[:200]:  # in UTF-16 the readers must look for themselves
        raise ParseError(refusal(body))
    if any(tag.group().count(b"=") > MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(body)):
        raise ParseError(f"a tag with more than {MOST_ATTRIBUTES} attributes: no feed needs that, so it was not read")
    if _NESTED_ENTITY.search(body):
        raise ParseError(
            "entities made of entities, which can grow without end: no feed needs that, so it was not read"
        )
    return _first_entries(_whole_entries(_with_few_names(body)))


def _with_few_names(body: bytes) -> bytes:
    told = -1  # the end of the entry whose author has been left

    def short(match: re.Match[bytes]) -> bytes:
        nonlocal told
        author = match["name"].lower().endswith((b"author", b"creator")) and len(match["text"]) <= LONGEST_NAME
        if author and match.start() >= told:
            end = _ENTRY.search(body, match.end())
            told = end.end() if end else len(body)
            return match.group()
        return match["name"] + b">"

    return _UNUSED.sub(short, body)


def root(body: bytes) -> bytes:
    """The name of the first element; empty when there is none."""
    at = body.find(b"<", 0, _HEAD)
    while at >= 0:
        closing = next((end for start, end in _BEFORE_ROOT if body.startswith(start, at)), b"")
        if not closing and (match := _ROOT.match(body, at)):
            return match[1]
        past = body.find(closing, at, _HEAD) if closing else at
        at = body.find(b"<", past + 1, _HEAD) if past >= 0 else -1
    return b""


def refusal(body: bytes) -> str:
    """Why the bytes are no feed, in words, and what to do."""
    name = root(body).decode("ascii", "replace").lower()
    if name in ("html", "head", "body") or b"<!doctype html" in body[:1000].lower():
        return f"an HTML page, not a feed: {_elsewhere(body)}"
    if name:
        return f"not a feed in any form that we read: its first element is <{name[:40]}>"
    return "not a feed in any form that we read: it holds no XML and no JSON"


def _elsewhere(body: bytes) -> str:
    link = _FEED_LINK.search(body[:_HEAD].decode("utf-8", "replace"))
    if link and (href := _HREF.search(link.group())):
        return f"it names its feed as {unescape(href[1])[:300]}"
    return "look on that page for the address of its feed"


def _whole_entries(body: bytes) -> Document:
    """Without the half entry at the end of a document that was cut short, and closed properly."""
    name = root(body)
    marks = list(_ENTRY.finditer(body))
    ends = [mark.end() for mark in marks if mark[1]]
    tail = ends[-1] if ends else 0
    if name not in _CLOSING or body.find(b"</" + name, tail) >= 0:
        return Document(body)
    begun = [mark.start() for mark in marks if not mark[1]]
    opened = [start for start in begun if start >= tail]
    if len(opened) > 1:  # a writer who never closes entries: the lenient reader copes
        return Document(body)
    if not opened:
        return Document(body[: tail or _last_tag(body)] + _CLOSING[name], cut=True)
    before = max((start for start in begun if start < tail), default=tail)
    half = _half(body[opened[0] :], body[before:tail])
    return Document(body[: opened[0]] + half + _CLOSING[name], cut=True)


def _half(entry: bytes, before: bytes) -> bytes:
    """What is left of an entry that was cut: its whole parts, where all are among them by which it is known when it comes whole
    — title and link, and what the entry before it is known by. Else nothing."""
    whole, end = _parts(entry)
    name = _ROOT.match(entry)
    if name is None or not Counter((b"title", b"link")) | _parts(before)[0] <= whole:
        return b""
    return entry[:end] + b"</" + name[1] + b">"


def _parts(entry: bytes) -> tuple[Counter[bytes], int]:
    """How many there are of each part that an entry is known by, whole, and where the last whole part of any kind ends."""
    whole, end, depth = Counter[bytes](), 0, -1
    prefix = entry[1:].partition(b":")[0] + b":" if re.match(rb"<[\w.-]+:", entry) else b""
    for piece in _PIECE.finditer(entry):
        depth += 0 if piece["alone"] or not piece["name"] else -1 if piece["closes"] else 1
        if depth == 0 and (piece["closes"] or piece["alone"]):
            end, name = piece.end(), piece["name"].lower().removeprefix(prefix)
            whole[name.rpartition(b":")[2]] += name in _KNOWN_BY
        if depth < 0 and piece["closes"]:
            break
    return +whole, end


def _last_tag(body: bytes) -> int:
    """Where the body ends, or the tag at its end begins that is only half there: "<item" would be read as one."""
    start = body.rfind(b"<")
    return len(body) if start < 0 or b">" in body[start:] else start


def _first_entries(document: Document) -> Document:
    ends = [mark.end() for mark in _ENTRY.finditer(document.body) if mark[1]]
    if len(ends) <= MOST_ENTRIES:
        return document
    return Document(document.body[: ends[MOST_ENTRIES - 1]] + document.body[ends[-1] :], document.cut)
