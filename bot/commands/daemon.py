"""run, demo, check, health: what keeps a desk going."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import ConfigError
from bot.terminal import FAILED, OK, ConfigPath, left, report, settings_of

if TYPE_CHECKING:
    from bot.app import Redactor
    from bot.backtest import Read
    from bot.config import Config
    from bot.desk import Desk
    from bot.engines.progress import Progress
    from bot.engines.supervisor import Supervisor
    from bot.events import Tell
    from bot.examination import Examiner
    from bot.live import Live
    from bot.meter import Meter
    from bot.pipeline import Pipeline
    from bot.ports import Hold
    from bot.stores.sql import SqlStore


class Works(StrEnum):
    """Who does the steps: the daemon itself, or workers."""

    SCHEDULER = "scheduler"
    QUEUE = "queue"


def run(
    config: ConfigPath = None,
    once: Annotated[bool, typer.Option("--once", help="Poll, read and deliver once, then end.")] = False,
    works: Annotated[
        Works, typer.Option("--engine", help="Who does the steps: this process, or workers (on PostgreSQL).")
    ] = Works.SCHEDULER,
) -> None:
    """Watch the feeds and alert: as a daemon, or once.

    Alerts go to Slack with SLACK_BOT_TOKEN (or SLACK_WEBHOOK_URL) in the environment, else to the console.
    """
    from bot.app import Redactor, alone, build, clock, deaf, doubts, keep_versions, logger, refuse_workers
    from bot.engines.once import OnceEngine
    from bot.engines.progress import Progress
    from bot.events import Event
    from bot.meter import Meter, metered
    from bot.store_url import on_server
    from bot.stores.places import place_of
    from bot.stores.sql import file_of, open_store

    beside_workers = works is Works.QUEUE
    if once and beside_workers:
        raise ConfigError("--once does all steps by itself", hint="leave out `--engine queue`, or `--once`")
    if not once:
        # Until the engine takes them. A first process of a container has no signals that end it by themselves.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, left)
    settings = settings_of(config)
    meter, progress, redactor = Meter(), Progress(), Redactor(settings.secrets)
    tell = progress.heard(metered(meter, logger(settings, redactor=redactor)))
    for warning in settings.warnings:
        tell(Event("setting_warning", {"warning": warning}))
    if beside_workers:
        refuse_workers(settings)
    with alone(settings.store, beside_workers=beside_workers) as hold:
        store = open_store(settings.store, check=True, calling=beside_workers)
        if not on_server(settings.store) and (wrong := place_of(file_of(settings.store))):
            tell(Event("setting_warning", {"warning": wrong}))
        try:
            listening = not once and not deaf(settings)
            pipeline = build(settings, store=store, tell=tell, buttons=listening)
            for doubt in doubts(settings, pipeline.desk):
                tell(Event("setting_warning", {"warning": doubt}))
            keep_versions(settings, store, clock())
            code = (
                OnceEngine(pipeline, clock).run()
                if once
                else _daemon(
                    pipeline, settings, store, hold, tell, meter, progress, redactor, listening, beside_workers
                )
            )
        finally:
            store.close()
    raise typer.Exit(code)


def _daemon(
    pipeline: "Pipeline",
    settings: "Config",
    store: "SqlStore",
    hold: "Hold",
    tell: "Tell",
    meter: "Meter",
    progress: "Progress",
    redactor: "Redactor",
    listening: bool,
    beside_workers: bool,
) -> int:
    from bot.app import clock, hopeless, steps_of_workers, taker
    from bot.engines.scheduler import PERIOD, SchedulerEngine
    from bot.engines.systemd import watchdog_period
    from bot.events import Event
    from bot.live import Live

    def ready() -> None:
        at = pipeline.desk
        words = {"feeds": len(at.feeds), "watchlists": len(at.watchlists), "sink": pipeline.sink.name}
        tell(Event("ready", {**words, "model": pipeline.examiner.classifier.name}))

    live = Live(pipeline, settings, os.environ, clock, tell, takers=[taker(pipeline, redactor, buttons=listening)])
    enrolled: list[Desk] = []

    def look() -> None:
        live.look()
        if beside_workers and enrolled != [pipeline.desk]:  # workers claim the feeds of this desk, and no others
            pipeline.enrol()
            enrolled[:] = [pipeline.desk]

    engine = SchedulerEngine(
        pipeline,
        clock,
        ready=ready,
        reload=live.reload,
        look=look,
        alive=hold.sign_of_life,
        stuck=lambda: [*hopeless(pipeline.examiner), *hold.lost],
        meter=meter,
        progress=progress,
        period=watchdog_period(os.environ, os.getpid(), PERIOD),
        beside_workers=beside_workers,
    )
    eyes, reading = _eyes(live), Lock()
    heard = _listening(live, eyes, reading) if listening else nullcontext()
    steps = (lambda: steps_of_workers(settings.store)) if beside_workers else None
    with _answering(live, eyes, reading, store, meter, engine.supervisor, steps), heard:
        return engine.run()


def _eyes(live: "Live") -> "Callable[[], Examiner]":
    """What reads for people, one at a time, made when it is first wanted: no question of theirs holds up the line."""
    from bot.app import examiner

    @cache
    def eyes() -> "Examiner":
        return examiner(live.settings, live.pipeline.desk.vocabulary, live.tell)

    return eyes


@contextmanager
def _answering(
    live: "Live",
    eyes: "Callable[[], Examiner]",
    reading: Lock,
    store: "SqlStore",
    meter: "Meter",
    supervisor: "Supervisor",
    workers: "Callable[[], set[str]] | None",
) -> Iterator[None]:
    """Over HTTP, where the settings say so. `workers`: which steps they do."""
    settings, pipeline = live.settings, live.pipeline
    if settings.listen is None:
        yield
        return
    from bot.app import clock, timeline
    from bot.errors import StoreError
    from bot.readiness import unready
    from bot.web.metrics import Watched, metrics
    from bot.web.pages import site
    from bot.web.room import Room
    from bot.web.server import Answers, application, serving

    def model() -> str:
        return pipeline.examiner.classifier.name

    def ready() -> list[str]:
        try:
            store.probe()
            steps = workers() if workers else None
        except StoreError as error:
            return unready(meter, model(), str(error))
        return unready(meter, model(), "", steps)

    answers = Answers(
        lambda: list(supervisor.wrong), ready, metrics(Watched(pipeline, meter, clock, ready, store.sizes))
    )
    room = Room(
        store=store,
        desk=lambda: pipeline.desk,
        seed=pipeline.seed,
        seed_as_of=timeline().as_of,
        clock=clock,
        examiner=eyes,
        model=model,
        live=live,
        reading=reading,
        meter=meter,
        ready=lambda: unready(meter, model(), "", workers() if workers else None),  # a page waits for nobody who writes
        sizes=store.sizes,
        tell=live.tell,
        token=settings.http_token,
    )
    with serving(application(answers, settings.http_token, site(room)), settings.listen):
        yield


@contextmanager
def _listening(live: "Live", eyes: "Callable[[], Examiner]", reading: Lock) -> Iterator[None]:
    """Hears what people do in Slack meanwhile."""
    from bot.app import clock, quick_readers
    from bot.interactive.bolt import SlackBolt
    from bot.interactive.clerk import clerk_of

    @cache
    def readers() -> "tuple[Read, Read]":
        return quick_readers(live.settings)

    bolt = SlackBolt(clerk_of(live, eyes, readers, clock, reading), live.settings.slack_app_token)
    live.takers.append(bolt.take)
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


def health(config: ConfigPath = None) -> None:
    """Tell whether the daemon of this configuration runs and does its work.

    Exit code 1 when it does not. With `http` in the settings it is asked itself.
    """
    from bot.app import silence

    settings = settings_of(config)
    wrong = silence(settings.store) or _asked(settings)
    print(wrong or "ok")
    raise typer.Exit(FAILED if wrong else OK)


def _asked(settings: "Config") -> str:
    """What the daemon says that keeps it from its work; "" for nothing, and where it does not listen."""
    from http.client import HTTPConnection, HTTPException

    if settings.listen is None:
        return ""
    host, port = settings.listen
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  how "any address" is written
    connection = HTTPConnection(everywhere.get(host, host), port, timeout=10)
    try:
        connection.request("GET", "/readyz", headers={"Authorization": f"Bearer {settings.http_token}"})
        answer = connection.getresponse()
        return "" if answer.status == 200 else answer.read(10_000).decode("utf-8", "replace").strip()
    except (OSError, HTTPException) as error:
        return f"no answer at {host}:{port}: {error}"
    finally:
        connection.close()
