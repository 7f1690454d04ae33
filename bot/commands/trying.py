"""backtest: a watchlist on past articles."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.kept import kept
from bot.errors import ConfigError
from bot.terminal import ConfigPath, lines_of, print_rows, progress, settings_of, warn

if TYPE_CHECKING:
    from bot.backtest import Backtest, Item
    from bot.config import Config
    from bot.watchlists import Watchlist

STORE = "store"  # the archive that is no file


def backtest(
    watchlist: Annotated[
        str, typer.Option("--watchlist", metavar="NAME", help="A watchlist of the configuration.")
    ] = "",
    query: Annotated[
        str, typer.Option("--query", metavar="QUERY", help="A query to try, in the place of --watchlist if named.")
    ] = "",
    archive: Annotated[
        str,
        typer.Option(
            "--archive", metavar="FILE", help="Articles as `analyze` takes them, gzip or not; `store` for its own."
        ),
    ] = STORE,
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], metavar="DATE", help="Only what was published since."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: ConfigPath = None,
) -> None:
    """Try a watchlist on past articles before you save it.

    Alerts a day, hits, near misses, what the present version has and this one would lose, and what was skipped.
    """
    from bot import backtest_lines
    from bot.app import desk, versions
    from bot.articles import EARLIEST

    settings = settings_of(config)
    tried, present = versions(settings, desk(settings), watchlist, query)
    start = since.replace(tzinfo=UTC) if since else EARLIEST
    look = _try_on_store if archive == STORE else partial(_try_on_file, Path(archive))
    result, notes = look(settings, tried, present, start)
    if tried.asks_ledger:
        notes = (*notes, "change: counts as so: what the ledger knew at the time is not asked")
    if result is None:
        raise _nothing_to_try_on(archive, settings, since)
    if as_json:
        print(backtest_lines.as_json(result, notes))
    else:
        _print_backtest(result, notes)


def _nothing_to_try_on(archive: str, settings: "Config", since: datetime | None) -> ConfigError:
    when = f" since {since.date()}" if since else ""
    if archive != STORE:
        return ConfigError(f"{archive} holds no article{when}", hint="name another file, or another day with --since")
    hint = "let `tariffwatch run` collect some first, or name a file with --archive"
    return ConfigError(f"{settings.store_name}: the store holds no analysed article{when}", hint=hint)


def _try_on_store(
    settings: "Config", tried: "Watchlist", present: "Watchlist | None", since: datetime
) -> "tuple[Backtest | None, tuple[str, ...]]":
    from bot.archive import stored

    with kept(settings.store) as store:
        if store is None:
            return None, ()
        ids = store.analysed_since(since)
        unread = store.counts()["unread"]
        notes = (f"left out: {unread:,} articles that are not analysed yet",) if unread else ()
        return _tried(stored(store, ids), len(ids), settings, tried, present), notes


def _try_on_file(
    path: Path, settings: "Config", tried: "Watchlist", present: "Watchlist | None", since: datetime
) -> "tuple[Backtest | None, tuple[str, ...]]":
    from bot.app import clock, desk_and_examiner
    from bot.archive import examined, read_archive

    articles, notes = read_archive(lines_of(path), clock(), since)
    if not articles:
        return None, notes
    lists = (tried, present) if present else (tried,)
    at, eyes = desk_and_examiner(settings, warn)
    found = examined(articles, replace(at, watchlists=lists), eyes)
    return _tried(found, len(articles), settings, tried, present), notes


def _tried(
    items: "Iterable[Item]", total: int, settings: "Config", tried: "Watchlist", present: "Watchlist | None"
) -> "Backtest | None":
    from bot.app import quick_readers
    from bot.backtest import backtest as try_on

    closely, plainly = quick_readers(settings)
    topics = [topic.name for topic in settings.topics if topic.name in tried.query_text]
    with progress(total) as advance:
        return try_on(items, tried, present, read=closely, plain=plainly, topics=topics, done=advance)


def _print_backtest(result: "Backtest", notes: "Sequence[str]") -> None:
    from bot import backtest_lines

    print("\n".join(backtest_lines.summary(result)))
    for name, rows in backtest_lines.parts(result, notes):
        print_rows(rows, name)
