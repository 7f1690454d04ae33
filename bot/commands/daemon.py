"""run, demo, check: what keeps a desk going."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Annotated

import typer

from bot.terminal import ConfigPath, report, settings_of

if TYPE_CHECKING:
    from bot.backtest import Read
    from bot.config import Config
    from bot.events import Tell
    from bot.examination import Examiner
    from bot.live import Live
    from bot.pipeline import Pipeline


def run(
    config: ConfigPath = None,
    once: Annotated[bool, typer.Option("--once", help="Poll, read and deliver once, then end.")] = False,
) -> None:
    """Watch the feeds and alert: as a daemon, or once.

    Alerts go to Slack with SLACK_BOT_TOKEN (or SLACK_WEBHOOK_URL) in the environment, else to the console.
    """
    from bot.app import build, clock, deaf, doubts, keep_versions, logger
    from bot.engines.once import OnceEngine
    from bot.events import Event
    from bot.instance import alone
    from bot.stores.places import place_of
    from bot.stores.sql import file_of, open_store

    settings = settings_of(config)
    tell = logger(settings)
    for warning in settings.warnings:
        tell(Event("setting_warning", {"warning": warning}))
    with alone(settings.store):
        store = open_store(settings.store, check=True)
        if wrong := place_of(file_of(settings.store)):
            tell(Event("setting_warning", {"warning": wrong}))
        try:
            listening = not once and not deaf(settings)
            pipeline = build(settings, store=store, tell=tell, buttons=listening)
            for doubt in doubts(settings, pipeline.desk):
                tell(Event("setting_warning", {"warning": doubt}))
            keep_versions(settings, store, clock())
            code = OnceEngine(pipeline, clock).run() if once else _daemon(pipeline, settings, tell, listening)
        finally:
            store.close()
    raise typer.Exit(code)


def _daemon(pipeline: "Pipeline", settings: "Config", tell: "Tell", listening: bool) -> int:
    from bot.app import clock
    from bot.engines.scheduler import SchedulerEngine
    from bot.events import Event
    from bot.live import Live

    def ready() -> None:
        at = pipeline.desk
        words = {"feeds": len(at.feeds), "watchlists": len(at.watchlists), "sink": pipeline.sink.name}
        tell(Event("ready", {**words, "model": pipeline.examiner.classifier.name}))

    live = Live(pipeline, settings, os.environ, clock, tell)
    with _listening(live) if listening else nullcontext():
        return SchedulerEngine(pipeline, clock, ready=ready, reload=live.reload, look=live.look).run()


@contextmanager
def _listening(live: "Live") -> Iterator[None]:
    """Hears what people do in Slack meanwhile."""
    from bot.app import clock, examiner, quick_readers
    from bot.interactive.bolt import SlackBolt
    from bot.interactive.clerk import clerk_of

    @cache
    def eyes() -> "Examiner":
        return examiner(live.settings, live.pipeline.desk.vocabulary, live.tell)

    @cache
    def readers() -> "tuple[Read, Read]":
        return quick_readers(live.settings)

    bolt = SlackBolt(clerk_of(live, eyes, readers, clock), live.settings.slack_app_token)
    bolt.start()
    try:
        yield
    finally:
        bolt.close()


def demo() -> None:
    """See it work on sample feeds.

    The real pipeline, on this machine alone: every alert as a card, then what was picked, what was left out, and why.
    """
    from bot.demo import play

    raise typer.Exit(play())


def check(config: ConfigPath = None) -> None:
    """Check settings, model, store, Slack and feeds.

    Exit code 1 when something needs attention.
    """
    from bot.checks import check_all

    settings = settings_of(config)
    raise typer.Exit(report(check_all(settings)))
