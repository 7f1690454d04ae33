"""Directions: pairs of texts of which the second must score higher, or not higher, on one label than the first."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.robustness.items import Item, Text, rows

TOLERANCE = 0.1  # a denial must not raise the score of a threat; it need not lower it
DENIAL, NAMED, ELSEWHERE = "a denial of a threat", "India named as target", "India become another country"
ELSEWHERES: tuple[Mapping[str, str], ...] = (
    {
        "India": "Brazil",
        "Indian": "Brazilian",
        "New Delhi": "Brasília",
        "Modi": "Lula",
        "Goyal": "Alckmin",
        "Nashik": "Goiânia",
        "Sensex": "Bovespa",
        "Rupee": "Real",
        "₹": "R$",
        "crore": "million",
    },
    {
        "India": "Vietnam",
        "Indian": "Vietnamese",
        "New Delhi": "Hanoi",
        "Modi": "Lam",
        "Goyal": "Dien",
        "Nashik": "Hue",
        "Sensex": "VN-Index",
        "Rupee": "Dong",
        "₹": "VND ",
        "crore": "billion",
    },
)


@dataclass(frozen=True, slots=True)
class Direction:
    """`holds(before, after)` for the scores of `label`."""

    label: str
    holds: Callable[[float, float], bool]


@dataclass(frozen=True, slots=True)
class Pair:
    direction: str
    before: Text
    after: Text


DIRECTIONS = {
    DENIAL: Direction("tariff_threat", lambda before, after: after <= before + TOLERANCE),
    NAMED: Direction("india_us_trade", lambda before, after: after > before),
    ELSEWHERE: Direction("relevant", lambda before, after: after < before),
}


def pairs(items: Iterable[Item]) -> Iterator[Pair]:
    """The written pairs, and each of `items` that is about trade between India and the US set in another country."""
    for row in rows("directions.jsonl"):
        yield Pair(row["direction"], tuple(row["before"]), tuple(row["after"]))
    for item in items:
        if item.labels["india_us_trade"]:
            yield from (Pair(ELSEWHERE, item.pair, moved(item, words)) for words in ELSEWHERES)


def moved(item: Item, words: Mapping[str, str]) -> Text:
    """Title and text with the names of another country, the longest first: "Indian" before "India"."""
    names = "|".join(sorted(words, key=len, reverse=True))
    title, text = (re.sub(names, lambda m: words[m[0]], part) for part in item.pair)
    return title, text
