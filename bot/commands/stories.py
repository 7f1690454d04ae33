"""stories, story: which articles were folded into one, and why."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.kept import kept
from bot.errors import UnknownStory
from bot.terminal import ConfigPath, print_table, settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.alerts import Alert
    from bot.ports import Store
    from bot.stories import Story

LATELY = timedelta(days=10)


def stories(
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since", formats=["%Y-%m-%d"], metavar="DATE", help="Told on that day or later; ten days if not given."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: ConfigPath = None,
) -> None:
    """List stories: how many publishers and articles, since when, and what was told of them. Newest last."""
    from bot import story_lines
    from bot.app import clock

    day = since.replace(tzinfo=UTC) if since else clock() - LATELY
    with kept(settings_of(config).store) as store:
        found = [(story, _alerts(store, story)) for story in store.open_stories(day)] if store else []
    if as_json:
        print(story_lines.as_json([story_lines.row(*one) for one in found]))
    elif found:
        _table(found)
    else:
        print(story_lines.EMPTY.format(since=day.date()))


def story(
    which: Annotated[
        str, typer.Argument(metavar="ID|URL", help="A story's id, or the address or id of an article in it.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: ConfigPath = None,
) -> None:
    """Show one story: its members and why each joined, what was merged into it, what was sent where."""
    from bot import story_lines

    with kept(settings_of(config).store) as store:
        found = _found(store, which) if store else None
        if store is None or found is None:
            raise UnknownStory(which)
        alerts = _alerts(store, found)
    print(
        story_lines.as_json(story_lines.whole(found, alerts))
        if as_json
        else "\n".join(story_lines.lines(found, alerts))
    )


def _found(store: "Store", which: str) -> "Story | None":
    article = store.article(which)
    return (store.story_of(article.id) if article else None) or store.story(which)


def _alerts(store: "Store", story: "Story") -> "Sequence[Alert]":
    return store.alerts(story_ids=story.names)


def _table(found: "Sequence[tuple[Story, Sequence[Alert]]]") -> None:
    from rich.table import Table
    from rich.text import Text

    from bot.story_lines import summary

    table = Table(box=None, show_header=False, padding=(0, 2, 1, 2), expand=True)
    table.add_column(ratio=2)
    table.add_column(ratio=4, overflow="fold")
    for one in found:
        table.add_row(*map(Text, summary(*one)))
    print_table(table)
