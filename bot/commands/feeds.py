"""feeds list, verify, import, export."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.kept import kept
from bot.terminal import ConfigPath, bytes_of, replace_file, report, settings_of


def feeds_list(config: ConfigPath = None) -> None:
    """List the configured feeds, and how each was doing when it was last asked."""
    from bot.feed_news import condition
    from bot.feeds import FeedState
    from bot.sources.sites import sites

    settings = settings_of(config)
    with kept(settings.store) as store:
        states = store.feed_states() if store else {}
    site = sites(settings.apart)
    for feed in settings.feeds:
        print(f"{feed.outlet}{' (official)' if feed.official else ''}\n    {feed.url}")
        print(f"    {condition(states.get(feed.url, FeedState(feed.url)), site)}")


def feeds_verify(config: ConfigPath = None) -> None:
    """Ask every feed once, and tell what is wrong.

    Shows items, newest date and title of each; exit code 1 when one is dead, empty, stale or misnamed.
    """
    from bot.checks import check_feeds

    raise typer.Exit(report(check_feeds(settings_of(config))))


def feeds_export(config: ConfigPath = None) -> None:
    """Print the feeds as OPML."""
    from bot.sources.opml import write_opml

    print(write_opml(settings_of(config).feeds))


def feeds_import(
    opml: Annotated[Path, typer.Argument(metavar="FILE.opml", help="What another feed reader has exported.")],
    config: Annotated[Path, typer.Option("--config", "-c", help="The file to add the feeds to.")] = Path("config.yaml"),
) -> None:
    """Add the feeds of an OPML file, all or none."""
    from bot.config import add_feeds_to_config
    from bot.sources.opml import read_opml

    found = read_opml(bytes_of(opml), str(opml))
    longer = add_feeds_to_config(bytes_of(config), found, str(config))
    replace_file(config.resolve(), longer.encode("utf-8"))
    print(f"{config}: {len(found)} {'feed' if len(found) == 1 else 'feeds'} of {opml} added")
