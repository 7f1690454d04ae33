"""Doubts about queries that can be read: never so, always so, costly, or a slip."""

import time
from pathlib import Path

import pytest

from bot.config import load_config
from bot.nlp.gazetteer import load_vocabulary
from bot.watchlists import compile_watchlist
from tests.test_watchlists import WORDS

ROOT = Path(__file__).parents[1]


def doubts(query: str) -> tuple[str, ...]:
    return compile_watchlist("test", query, WORDS).doubts


@pytest.mark.parametrize(
    ("query", "doubt"),
    [
        ("tea NOT tea", "tea AND NOT tea can never be so"),
        ("milk (tea NOT (tea OR coffee))", "tea AND NOT (tea OR coffee) can never be so"),
        ("title:milk NOT milk", "title:(milk) AND NOT milk can never be so"),
        ("SENT(milk cheese) NOT cheese", "SENT(milk AND cheese) AND NOT cheese can never be so"),
        ("milk genre:live genre:opinion", "milk AND genre:live AND genre:opinion can never be so"),
        ("outlet:Mint milk outlet:BBC", "outlet:Mint AND milk AND outlet:BBC can never be so"),
        ("relevant>=0.5 NOT relevant>=0.3", "relevant>=0.5 AND NOT relevant>=0.3 can never be so"),
        ("milk rate>=100 rate<50", "rate>=100 AND rate<50 can never be so"),
        ("milk status:agreed status:denied", "status:agreed AND status:denied can never be so"),
        ("relevant>=0", "relevant>=0 is always so"),
        ("relevant>=0.0 OR milk", "relevant>=0.0 is always so"),
        (
            "status:in_force target:IN",
            "every article must be read in full for this: put words beside it, such as $TARIFF",
        ),
        ("tarrif", "tarrif looks like a slip: did you mean tariff?"),
        ("US duty INDIA", "INDIA is looked for as a word: did you mean $INDIA?"),
        ("milk us", "us is also found where it is no name: did you mean US?"),
    ],
)
def test_what_cannot_be_meant_is_told(query: str, doubt: str) -> None:
    assert doubts(query) == (doubt,)


@pytest.mark.parametrize(
    "query",
    [
        "tea NOT coffee",
        "SENT(milk NOT tea) tea",
        "target:IN target:BRICS milk",
        "milk rate>=50 rate<100",
        "(genre:live OR genre:opinion) milk",
        "relevant>=0.3 NOT relevant>=0.5",
        "relevant NOT relevant>=0.3",
        "tariffs US duties",
        '"tarrif" =tarrif',
        "SENT($INDIA $US) sector:dairy",
        "milk NOT status:denied",
    ],
)
def test_what_can_be_meant_is_not_doubted(query: str) -> None:
    assert doubts(query) == ()


def test_the_shipped_watchlists_raise_no_doubt() -> None:
    words = load_vocabulary(ROOT / "models" / "entities")
    for setting in load_config(ROOT / "config.yaml", {}).watchlists:
        assert compile_watchlist(setting.name, setting.query, words).doubts == ()


@pytest.mark.fault("X05")
@pytest.mark.parametrize(
    "query",
    [
        " OR ".join(f"word{n}" for n in range(1_300)),
        " ".join("abcdefgh" * 300),
        "milk" + " (tea OR coffee)" * 900,
        "milk" + " NOT (tea coffee)" * 900,
        " OR ".join(f"tariq{'x' * (n % 3)}" for n in range(1_500)),
    ],
)
def test_a_long_query_is_doubted_in_no_time_at_all(query: str) -> None:
    started = time.process_time()
    doubts(query)
    assert time.process_time() - started < 3
