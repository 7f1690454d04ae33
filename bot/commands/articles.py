"""explain, analyze: what becomes of single articles, and of many."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.kept import kept
from bot.commands.measures import known_measures
from bot.terminal import FAILED, OK, ConfigPath, lines_of, progress, settings_of, warn, writer

if TYPE_CHECKING:
    from bot.alerts import Alert
    from bot.articles import Article
    from bot.stories import Story


def explain(
    source: Annotated[str, typer.Argument(help="A URL, or a file: text (title on the first line), HTML, or JSON.")],
    config: ConfigPath = None,
) -> None:
    """Tell why one article would alert or not.

    Shows every record of the line for it: text, names, topics, sectors, quotes, what its facts do to the ledger, each
    watchlist as a tree.
    """
    from bot.app import clock, desk_and_examiner
    from bot.explanation import examined
    from bot.explanation import explain as in_words
    from bot.ledger import before
    from bot.sources.single import load_article

    settings = settings_of(config)
    at, eyes = desk_and_examiner(settings, warn)
    given = load_article(source, eyes.fetcher, clock())
    article, story, alerts = _known(settings.store, given.url)
    measures = before(article or given, known_measures(settings.store)[0])
    read = examined(given, eyes, at, measures, article)
    print(in_words(read, at, story=story, alerts=alerts, measures=measures))


def _known(store_url: str, url: str) -> "tuple[Article | None, Story | None, tuple[Alert, ...]]":
    """What the store, if there is one, remembers of an article."""
    with kept(store_url) as store:
        article = store.article(url) if store and url else None
        if store is None or article is None:
            return None, None, ()
        return article, store.story_of(article.id), tuple(store.alerts(article_id=article.id))


def analyze(
    source: Annotated[
        Path,
        typer.Argument(metavar="IN.jsonl", help="One article a line, only title is needed; - for standard input."),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Where to write one line for each, in order; - for standard output.")
    ] = Path("-"),
    config: ConfigPath = None,
) -> None:
    """Read articles in a batch, for scripts and archives. Exit code 1 when a line could not be read."""
    from bot.app import clock, desk_and_examiner
    from bot.batch import analyze_lines

    lines = lines_of(source)
    at, eyes = desk_and_examiner(settings_of(config), warn)
    failed = 0
    with writer(out) as sink, progress(len(lines)) as advance:
        for row in analyze_lines(lines, lambda articles: eyes.examine(articles, at, facts=True), clock()):
            failed += "error" in row
            print(json.dumps(row, ensure_ascii=False), file=sink)
            advance()
    raise typer.Exit(FAILED if failed else OK)
