"""topics check, config check, config schema: what people configured."""

import json
import sys

import typer

from bot.terminal import ConfigPath, report, settings_of


def topics_check(config: ConfigPath = None) -> None:
    """Learn the configured topics, and tell how good each is.

    Each example is left out once and looked for; other news shows the false alarms. Exit code 1 when a topic is weak.
    """
    from bot.checks import check_topics

    settings = settings_of(config)
    if not settings.topics:
        print(f"{settings.file}: no topics are configured, so there is nothing to check")
    raise typer.Exit(report(check_topics(settings)))


def config_schema() -> None:
    """Print the JSON Schema of config.yaml."""
    from bot.config import config_schema as schema

    print(json.dumps(schema(), indent=1))


def config_check(config: ConfigPath = None) -> None:
    """Read the settings and every watchlist query.

    Everything that is wrong is told at once, with file and line; so is what can be read and looks like a slip.
    """
    from bot.app import desk, doubts
    from bot.messages import counted

    settings = settings_of(config)
    at = desk(settings)
    for doubt in doubts(settings, at):
        print(f"tariffwatch: warning: {doubt}", file=sys.stderr)
    feeds, lists = counted(len(at.feeds), "feed"), counted(len(at.watchlists), "watchlist")
    print(f"{settings.file}: {feeds}, {lists}, all readable")
