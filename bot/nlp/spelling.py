"""Spelling: one form of what a classifier reads, whichever way an outlet writes it.

Models are trained and asked on this form, so that another outlet's name, sign for the rupee or word for per cent turns no
decision.
"""

import html
import re

_OUTLET = re.compile(
    r"\b(?:news\w*|times|post|today|express|standard|hindu|hindustan|mint|livemint|ndtv|reuters|bloomberg|bbc|cnbc\S*|cnn\S*"
    r"|journal|herald|tribune|telegraph|guardian|mail|chronicle|ledger|wire|tv|business|moneycontrol|firstpost|theprint|scroll"
    r"|mirror|gazette|daily|jazeera|ani|pti|ians|politico|axios|forbes|fortune|nikkei|euronews|dw|watch|review|magazine|radio"
    r"|press|media|investing|nasdaq|yahoo|tradingview|profit|economist|mathrubhumi|deccan|swarajya|zee|wion|abp|outlook|upi|afp"
    r"|al|cbs|abc|nbc|fox|msn|npr|barron's|marketwatch|diplomat|caravan|quint|businessline|observer|rediff\w*|weekly|online)\b"
    r"|\.(?:com|org|net|in|co|uk|eu)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"\s+[-|–—]\s+(?=[^-|–—]+$)|\s*\|\s*(?=[^-|–—]+$)")
_LONGEST = 6  # words of an outlet's name
_LEAST = 3  # words that are left of a title
_FORMS = (
    (re.compile(r"</?[a-z][^<>]{0,80}>", re.IGNORECASE), " "),
    (re.compile(r"\bU\.\s?S\.(?:\s?A\.?)?(?!\w)|\bUSA\b"), "US"),
    (re.compile(r"(?<=\d)\s?(?:per\s?cent|percent|pc|pct)\b", re.IGNORECASE), "%"),
    (re.compile(r"\b(?:Rs\.?|INR)\s?(?=\d)"), "₹"),
    (re.compile("[\u2018\u2019\u02bc`]"), "'"),
    (re.compile("[\u201c\u201d\u201e]|''"), '"'),
    (re.compile(r"\s+"), " "),
)


def spelling(text: str) -> str:
    """`text` without HTML remains, with one sign for each of per cent, rupee and the United States, one kind of quotes
    and single spaces."""
    while (plain := html.unescape(text)) != text:  # feeds escape what was escaped already
        text = plain
    for pattern, form in _FORMS:
        text = pattern.sub(form, text)
    return text.strip()


def headline(title: str) -> str:
    """`title` in one spelling, without the names of outlets and sections that aggregators hang on its end."""
    title = spelling(title).removesuffix("…").removesuffix("...").rstrip()
    while (cut := _outlet_at(title)) is not None:
        title = title[:cut]
    return title


def _outlet_at(title: str) -> int | None:
    """Where the name of an outlet begins at the end of `title`."""
    parts = list(_PART.finditer(title))
    if not parts:
        return None
    name, rest = title[parts[-1].end() :], title[: parts[-1].start()]
    is_outlet = len(name.split()) <= _LONGEST and _OUTLET.search(name) and len(rest.split()) >= _LEAST
    return parts[-1].start() if is_outlet else None
