"""Plain text out of whatever feeds and pages hold: markup gone, invisible characters gone, one form of everything left."""

import re
import unicodedata

from lxml import etree, html  # type: ignore[import-untyped]  # its stubs lag behind it

LONGEST_MARKUP = 1_000_000  # characters of one field that are read at all
LONGEST_TEXT = 100_000
LONGEST_TITLE = 500

_DROPPED = frozenset({
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "math", "head", "title",
    "select", "textarea", "button",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "details", "dialog", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|br|center|code|del|div|em|figure|font|h[1-6]|hr|i|img|ins|li|mark|ol|p|q|s|small|span"
    r"|strike|strong|sub|sup|table|tbody|td|th|tr|u|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos|nbsp|[lr][sd]quo|[nm]dash|hellip|rsaquo|laquo|raquo|bull"
    r"|middot|copy|reg|trade|euro|pound|cent|inr|deg|shy|zwnj|zwj|eacute|egrave|uuml|ouml|auml);"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# All of Unicode's control and format characters but tab and newline, and the joiners, which Indic scripts and emoji need.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_STRAY_JOINER = re.compile(r"(?<![\u0600-\u1fff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PILED_MARKS = re.compile(r"([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})[\u0300-\u036f"
                          r"\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")  # fmt: skip
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[ \n]*")


def clean(text: str) -> str:
    """Text that is plain already: lines kept, blank ones and invisible characters dropped, spaces single, NFC."""
    text = _SURROGATE.sub("\ufffd", text)
    text = _STRAY_JOINER.sub("", _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))
    text = unicodedata.normalize("NFC", _PILED_MARKS.sub(r"\1", text))
    return _BREAKS.sub("\n", _SPACES.sub(" ", text)).strip()


def plain(markup: str) -> str:
    """The text of HTML: a line for each block, entities decoded once."""
    # The parser ends a text at NUL and refuses surrogates, so both go before it; entities may bring more, so again after.
    markup = _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", markup[:LONGEST_MARKUP]))
    if "<" not in markup and "&" not in markup:
        return clean(" ".join(markup.split()))[:LONGEST_TEXT].rstrip()
    try:
        root = html.document_fromstring(f"<html><body><div>{markup}</div>", parser=_parser())
    except etree.LxmlError:
        return ""
    return clean("".join(_pieces(root)))[:LONGEST_TEXT].rstrip()


def plain_if_markup(text: str) -> str:
    """Text that claims to be plain. With tags or entities in it the claim is wrong far more often than it is right."""
    return plain(text) if _TAG.search(text) or _REFERENCE.search(text) else clean(text[:LONGEST_TEXT])


def line(text: str, longest: int = LONGEST_TITLE) -> str:
    """Clean text as one line of at most so many characters."""
    joined = text.replace("\n", " ")
    return joined if len(joined) <= longest else joined[: longest - 1].rstrip() + "…"


def _parser() -> html.HTMLParser:
    return html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)


def _pieces(root: html.HtmlElement) -> list[str]:
    out: list[str] = []
    inside = 0  # how many dropped elements we are in
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = element.tag
        starts = event == "start"
        if name in _DROPPED:
            inside += 1 if starts else -1
        elif not inside and name in _BLOCKS:
            out.append("\n")
        words = element.text if starts else element.tail
        if words and not inside:
            out.append(words.replace("\n", " "))  # also in <pre>, where lines are cut at a width and not at a thought
    return out
