"""`make bench-backtest`: how long a backtest takes on a store of many analysed items, for queries of three kinds."""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

from benchmarks.items import START, Item, items
from bot.analysis import LABELS, Analysis, Scores, analyze
from bot.app import quick_readers, versions, vocabulary, watchlists
from bot.archive import stored
from bot.articles import EARLIEST, Article
from bot.backtest import backtest
from bot.config import load_config
from bot.demo import SHIPPED
from bot.desk import Desk
from bot.facts import Fact, find_facts
from bot.feeds import FeedState
from bot.nlp.keywords import plain_reading
from bot.stores.sql import SqlStore, open_store
from bot.vocabulary import Vocabulary, index_reading

FEED = "https://bench.example/feed"
OUTLETS = 20
LOT = 2000
QUERIES = {
    "scores": "topic:tariff_threat AND relevant",
    "words": "SENT/1($INDIA $US) sector:seafood ($TARIFF OR $DEAL) relevant>=0.3",
    "many words": "$TARIFF OR $DEAL",
}


def analysed(found: list[Item], words: Vocabulary) -> Iterator[tuple[Article, Analysis]]:
    """As a desk has them after months: what it wants with facts and a vector, all else with scores."""

    @cache
    def facts(summary: str) -> tuple[Fact, ...]:
        reading = plain_reading(summary)
        return find_facts(reading, index_reading(reading), words, START.date())

    for n, item in enumerate(found):
        at = START + timedelta(minutes=n)
        url = f"https://bench.example/{n}"
        outlet = f"Outlet {n % OUTLETS}"
        article = Article(f"{n * 7919:032x}", url, item.title, item.summary, outlet, FEED, False, at, at)
        score = 0.9 if item.relevant else 0.02 + n % 40 / 100
        labels = dict.fromkeys(LABELS, item.relevant)
        scores = Scores(dict.fromkeys(LABELS, score), labels, (0.05,) * 384 if item.relevant else (), "bench")
        yield article, analyze(article, scores, facts=facts(item.summary) if item.relevant else ())


def fill(store: SqlStore, count: int, share: float, words: Vocabulary) -> None:
    done = list(analysed(items(count, share), words))
    for at in range(0, count, LOT):
        lot = done[at : at + LOT]
        store.save_feed(FeedState(FEED), [article for article, _ in lot])
        store.save_analyses(lot)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--items", type=int, default=100_000)
    options.add_argument("--share", type=float, default=0.1, help="of relevant ones")
    chosen = options.parse_args()
    settings, words = load_config(SHIPPED, {}), vocabulary()
    at = Desk((), watchlists(settings, words)[0], words, "#bench")
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder)}/bench.db")
        fill(store, chosen.items, chosen.share, words)
        for kind, query in QUERIES.items():
            tried, present = versions(settings, at, "seafood-adcvd", query)
            started, used = time.perf_counter(), time.process_time()
            closely, plainly = quick_readers(settings)
            ids = store.analysed_since(EARLIEST)
            result = backtest(stored(store, ids), tried, present, read=closely, plain=plainly)
            assert result
            spent = {"seconds": time.perf_counter() - started, "of processor": time.process_time() - used}
            told = {"judged": result.judged, "read": result.read, "hits": result.tried.hits}
            print(json.dumps({"query": kind, **{k: round(v, 1) for k, v in spent.items()}, **told}), flush=True)
        store.close()


if __name__ == "__main__":
    main()
