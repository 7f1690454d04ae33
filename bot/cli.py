"""The command `tariffwatch`. Exit codes: 0 all well, 1 something failed or waits, 2 wrong use or settings, 70 our own fault.

Each command is a function in `commands`; everything heavy is imported inside it, so that --help answers at once.
"""

import os
import sys
import traceback
from typing import Annotated, NoReturn

import typer

from bot import __version__
from bot.commands import (
    articles,
    daemon,
    digests,
    feedback,
    feeds,
    measures,
    politeness,
    quality,
    reports,
    settings,
    status,
    storage,
    stories,
    trying,
    watchlists,
    workers,
)
from bot.errors import TariffwatchError
from bot.terminal import BROKEN, FAILED, OK, WRONG

app = typer.Typer(
    help="Watches the news for India-US trade, tariff threats and sensitive sectors, and tells Slack once per change.",
    epilog="Exit codes: 0 all well; 1 something failed or waits; 2 wrong use or settings; 70 a fault of the program.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
feeds_app = typer.Typer(help="Look after the list of feeds.", no_args_is_help=True, rich_markup_mode=None)
topics_app = typer.Typer(help="Look at the desk's own topics.", no_args_is_help=True, rich_markup_mode=None)
feedback_app = typer.Typer(
    help="What people say of the alerts, and what follows from it.", no_args_is_help=True, rich_markup_mode=None
)
watchlists_app = typer.Typer(help="Look after the watchlists.", no_args_is_help=True, rich_markup_mode=None)
config_app = typer.Typer(help="Look at the configuration.", no_args_is_help=True, rich_markup_mode=None)

for command in (
    daemon.run,
    workers.worker,
    daemon.demo,
    articles.explain,
    articles.analyze,
    trying.backtest,
    quality.eval,
    measures.ledger,
    measures.deadlines,
    digests.digest,
    reports.report,
    stories.stories,
    stories.story,
    status.status,
    daemon.check,
    daemon.health,
    politeness.politeness,
    storage.prepare,
    storage.backup,
    storage.restore,
    storage.export,
    storage.migrate,
    quality.train,
):
    app.command()(command)
for group, name in (
    (watchlists_app, "watchlists"),
    (feeds_app, "feeds"),
    (topics_app, "topics"),
    (feedback_app, "feedback"),
    (config_app, "config"),
):
    app.add_typer(group, name=name)
watchlists_app.command("list")(watchlists.watchlists_list)
watchlists_app.command("show")(watchlists.watchlists_show)
watchlists_app.command("log")(watchlists.watchlists_log)
watchlists_app.command("undo")(watchlists.watchlists_undo)
feeds_app.command("list")(feeds.feeds_list)
feeds_app.command("verify")(feeds.feeds_verify)
feeds_app.command("export")(feeds.feeds_export)
feeds_app.command("import")(feeds.feeds_import)
topics_app.command("check")(settings.topics_check)
feedback_app.command("report")(feedback.feedback_report)
feedback_app.command("add")(feedback.feedback_add)
feedback_app.command("export")(feedback.feedback_export)
config_app.command("schema")(settings.config_schema)
config_app.command("check")(settings.config_check)


def main() -> NoReturn:
    """Errors that a user can cure are told in a line; anything else is our fault and shown whole."""
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115  it was closed; it stays open to the end
    try:
        try:
            app(standalone_mode=True)
        finally:
            _flush()
    except TariffwatchError as error:
        print(f"tariffwatch: {error}", file=sys.stderr)
        sys.exit(WRONG)
    except BrokenPipeError:
        sys.exit(FAILED)
    except OSError as error:  # a full disk, a folder that is not ours: the machine's matter, not the program's
        print(f"tariffwatch: {error} — make room, or check the permissions", file=sys.stderr)
        sys.exit(FAILED)
    except Exception:
        traceback.print_exc()
        sys.exit(BROKEN)
    sys.exit(OK)


def _flush() -> None:
    """What cannot be written must be told here: at the interpreter's end it is too late."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter tries, and fails, again
        raise


def _version(asked: bool) -> None:
    if asked:
        print(f"tariffwatch {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass
