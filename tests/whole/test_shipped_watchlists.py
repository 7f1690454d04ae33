"""The shipped watchlists on made-up news, read by spaCy and scored by the shipped model: eight hits and eight near misses
of each at least. A miss is what a careless query would take, each by a trap of its own."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import clock, desk_and_examiner
from bot.batch import article
from bot.config import load_config
from bot.demo import SHIPPED
from bot.terminal import no_rules

FILE = Path(__file__).parents[1] / "shipped_watchlists.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
SETTINGS = load_config(SHIPPED, {})
NAMES = [watchlist.name for watchlist in SETTINGS.watchlists]


@pytest.fixture(scope="module")
def fired() -> list[set[str]]:
    """Of each text the watchlists that fire."""
    at, eyes = desk_and_examiner(SETTINGS, no_rules)
    now = clock()
    articles = [
        replace(article({key: row[key] for key in ("title", "text")}, now), official=row.get("official", False))
        for row in ROWS
    ]
    return [{why.watchlist for why in read.analysis.why} for read in eyes.examine(articles, at)]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_watchlist_finds_its_hits_and_passes_over_what_only_looks_like_one(
    name: str, fired: list[set[str]]
) -> None:
    told = list(zip(ROWS, fired, strict=True))
    missed = [row["title"] for row, found in told if name in row.get("hits", ()) and name not in found]
    wrong = [row["title"] for row, found in told if name in row.get("misses", ()) and name in found]
    assert (missed, wrong) == ([], [])


@pytest.mark.parametrize("kind", ["hits", "misses"])
def test_each_shipped_watchlist_has_eight_texts_of_each_kind(kind: str) -> None:
    counted = Counter(name for row in ROWS for name in row.get(kind, ()))
    assert {name: counted[name] for name in NAMES if counted[name] < 8} == {}
    assert counted.keys() <= set(NAMES)


def test_no_text_stands_twice() -> None:
    assert [title for title, count in Counter(row["title"] for row in ROWS).items() if count > 1] == []
