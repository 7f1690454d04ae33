"""Transformations: what outlets and feeds do to an item that leaves its meaning, and so every decision, as it was.

Each is a pure function; one that finds nothing to change in an item gives the item back.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from tests.robustness.items import Item

Transformation = Callable[[Item], Item]
OUTLETS = (" - NDTV", " | Reuters", " - The Hindu BusinessLine", " | India News")
SUCCESSORS = {  # in the same office, or the office itself; people change and the news stays
    "Trump": "the US president",
    "Modi": "the prime minister of India",
    "Goyal": "Prabhu",
    "Greer": "Tai",
    "Lutnick": "Raimondo",
    "Powell": "Yellen",
    "Jaishankar": "the Indian foreign minister",
}
SINGLE, DOUBLE = re.compile(r"(?<!\w)'(.+?)'(?!\w)"), re.compile(r'"(.+?)"')
STRAIGHT = str.maketrans("‘’“”", "''\"\"")
LONG = re.compile(r"\b(?!tariff)[a-z]{7,}\b")  # small letters: no country, no person


def with_outlet(outlet: str, item: Item) -> Item:
    return replace(item, title=item.title + outlet)


def in_case(case: Callable[[str], str], item: Item) -> Item:
    return replace(item, title=case(item.title))


def respelt(pattern: str, words: str, item: Item) -> Item:
    """Title and text with `words` for each match of `pattern`."""
    return replace(item, title=re.sub(pattern, words, item.title), text=re.sub(pattern, words, item.text))


def marked_up(pattern: str, markup: str, item: Item) -> Item:
    """The title with `markup` for the first match of `pattern`."""
    return replace(item, title=re.sub(pattern, markup, item.title, count=1))


def with_typo(item: Item) -> Item:
    """The two middle letters of the title's longest word change places."""
    word = max(LONG.findall(item.title), key=len, default="")
    at = len(word) // 2
    typo = word[: at - 1] + word[at : at + 1] + word[at - 1 : at] + word[at + 1 :]
    return replace(item, title=item.title.replace(word, typo, 1)) if word else item


def with_other_person(item: Item) -> Item:
    names = rf"\b({'|'.join(SUCCESSORS)})\b"
    title, text = (re.sub(names, lambda m: SUCCESSORS[m[0]], part) for part in item.pair)
    return replace(item, title=title[:1].upper() + title[1:], text=text)


def with_other_quotes(item: Item) -> Item:
    """Curly for straight ones, straight for curly ones; apostrophes go with them."""
    curly = bool(re.search("[‘’“”]", "".join(item.pair)))
    title, text = (part.translate(STRAIGHT) if curly else _curled(part) for part in item.pair)
    return replace(item, title=title, text=text)


def _curled(text: str) -> str:
    return DOUBLE.sub("“\\1”", SINGLE.sub("‘\\1’", text)).replace("'", "’")


def with_ellipsis(item: Item) -> Item:
    return replace(item, title=item.title + "…")


def with_title_repeated(item: Item) -> Item:
    return replace(item, text=f"{item.title}. {item.text}".strip() if item.text else item.title)


TRANSFORMATIONS: Mapping[str, tuple[Transformation, ...]] = {
    "another outlet": tuple(partial(with_outlet, outlet) for outlet in OUTLETS),
    "upper case": (partial(in_case, str.upper),),
    "lower case": (partial(in_case, str.lower),),
    "US as U.S.": (partial(respelt, r"\bUS\b", "U.S."),),
    "US as America": (partial(respelt, r"\bUS\b", "America"),),
    "US as USA": (partial(respelt, r"\bUS\b", "USA"),),
    "₹ as Rs or INR": (partial(respelt, "₹", "Rs "), partial(respelt, "₹", "INR ")),
    "per cent as %": (partial(respelt, r" per cent\b", "%"),),
    "% as per cent": (partial(respelt, "%", " per cent"),),
    "per cent and % as pc": (partial(respelt, r" per cent\b|%", " pc"),),
    "a typo": (with_typo,),
    "an entity left": (partial(marked_up, r" and ", " &amp; "), partial(marked_up, " ", "&nbsp;")),
    "a tag left": (partial(marked_up, r"^.+$", r"<b>\g<0></b>"),),
    "another person in office": (with_other_person,),
    "other quotes": (with_other_quotes,),
    "an ellipsis": (with_ellipsis,),
    "the title as text": (with_title_repeated,),
}


def transformed(items: Iterable[Item]) -> Iterator[tuple[str, Item, Item]]:
    """(name of the transformation, item, the item changed), where there was something to change."""
    for item in items:
        for name, ways in TRANSFORMATIONS.items():
            yield from ((name, item, other) for other in (way(item) for way in ways) if other != item)
