"""An archive: articles that were, from JSON lines or from the store, as the items of a backtest."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from bot.articles import Article
from bot.backtest import Item, hopeful
from bot.batch import parsed, record
from bot.desk import Desk
from bot.examination import Examiner, Read
from bot.ports import Store
from bot.watchlists import may_match

LOT = 512


def stored(store: Store, ids: Sequence[str]) -> Iterator[Item]:
    """With their analyses as they were made."""
    for at in range(0, len(ids), LOT):
        for article, analysis in store.analysed(ids[at : at + LOT]):
            yield Item(article, analysis)


def exported(store: Store, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Articles with what was made of them, for a file that `read_archive` and `analyze_lines` read."""
    for item in stored(store, ids):
        article, analysis = item.article, item.analysis
        assert analysis is not None
        told = {
            "title": article.title,
            "text": article.text,
            "url": article.url,
            "outlet": article.outlet,
            "date": article.published.isoformat(),
            "author": article.author,
            "lang": article.lang,
        }
        yield {"id": article.id, **told, **record(article.id, Read(article, analysis))}


def examined(articles: Sequence[Article], desk: Desk, examiner: Examiner) -> Iterator[Item]:
    """Those that the desk's watchlists could fire on by their words are examined as it is done live."""
    hope = hopeful(topic.name for topic in desk.topics)
    for at in range(0, len(articles), LOT):
        lot = articles[at : at + LOT]
        could = [may_match(desk.watchlists, article.whole, hope, article) for article in lot]
        reads = iter(examiner.examine([a for a, wanted in zip(lot, could, strict=True) if wanted], desk))
        for article, wanted in zip(lot, could, strict=True):
            read = next(reads) if wanted else None
            yield Item(article, read.analysis, read.reading) if read else Item(article, None)


def read_archive(lines: Iterable[str], now: datetime, since: datetime) -> tuple[list[Article], tuple[str, ...]]:
    """The articles of JSON lines that were published at or after `since`, oldest first, each once; and what was left out."""
    rows = [parsed(n, line, now)[1] for n, line in enumerate(lines, 1) if line.strip()]
    wrong = [row for row in rows if isinstance(row, str)]
    found = [row for row in rows if isinstance(row, Article)]
    once = {article.id: article for article in reversed(found)}
    undated = sum(article.published == now for article in once.values())
    notes = (
        f"left out: {_lines(len(wrong))} that cannot be read; the first: {wrong[0]}" if wrong else "",
        f"left out: {_lines(twice)} with an article that is there already" if (twice := len(found) - len(once)) else "",
        f"{_lines(undated)} without a date, which counts as today" if undated else "",
    )
    kept = [article for article in once.values() if article.published >= since]
    return sorted(kept, key=lambda article: (article.published, article.id)), tuple(filter(None, notes))


def _lines(count: int) -> str:
    return f"{count} {'line' if count == 1 else 'lines'}"
