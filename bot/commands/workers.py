"""worker: one of several processes that do the steps of a desk."""

import os
import signal
import socket
import subprocess
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.calls import ANALYZE, STEPS
from bot.terminal import ConfigPath, left, settings_of

if TYPE_CHECKING:
    from bot.app import Redactor
    from bot.config import Config
    from bot.events import Tell

Step = StrEnum("Step", {step.upper(): step for step in STEPS})  # type: ignore[misc]  # of a list that is known at run time


def worker(
    config: ConfigPath = None,
    only: Annotated[
        list[Step] | None, typer.Option("--only", metavar="STEP", help=f"A step it does: {', '.join(STEPS)}; else all.")
    ] = None,
    processes: Annotated[int, typer.Option("--processes", "-j", min=1, help="How many to start on this machine.")] = 1,
) -> None:
    """Do the steps of a desk whose store is on PostgreSQL, as one of several processes.

    The desk itself is `tariffwatch run --engine queue`. Any number of workers may come and go.
    """
    from bot.app import Redactor, logger, refuse_workers
    from bot.events import Event

    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # settings are looked at by themselves
    settings = settings_of(config)
    refuse_workers(settings)
    name = f"{socket.gethostname()}:{os.getpid()}"
    redactor = Redactor(settings.secrets)
    log = logger(settings, redactor=redactor)

    def tell(event: Event) -> None:
        log(Event(event.name, {"worker": name, **event.fields}))

    steps = [step for step in STEPS if not only or step in [str(one) for one in only]]
    if processes > 1:
        words = [word for step in steps for word in ("--only", step)] + (["--config", str(config)] if config else [])
        raise typer.Exit(_crew(processes, words, tell))
    raise typer.Exit(_worker(steps, name, settings, redactor, tell))


def _crew(processes: int, words: list[str], tell: "Tell") -> int:
    from bot.engines.crew import Crew

    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NOTIFY_", "WATCHDOG_"))}

    def start(number: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", "bot", "worker", *words], env=environment)  # noqa: S603  ourselves

    return Crew(start, processes, tell).run()


def _worker(steps: list[str], name: str, settings: "Config", redactor: "Redactor", tell: "Tell") -> int:
    from bot.app import build, clock, deaf, hopeless, taker, working
    from bot.engines.progress import Progress
    from bot.engines.systemd import watchdog_period
    from bot.engines.workers import PERIOD, WorkerEngine
    from bot.events import Event
    from bot.live import Live
    from bot.stores.calls import connector
    from bot.stores.sql import open_store

    signal.signal(signal.SIGTERM, left)  # until the engine takes it
    progress = Progress()
    tell = progress.heard(tell)
    with working(settings.store, steps) as hold:
        store = open_store(settings.store, calling=True)
        try:
            listening = not deaf(settings)
            pipeline = build(settings, store=store, tell=tell, buttons=listening, steps=steps)
            live = Live(pipeline, settings, os.environ, clock, tell, beside=True, learns=ANALYZE in steps)
            live.takers.append(taker(pipeline, redactor, buttons=listening))
            return WorkerEngine(
                pipeline,
                clock,
                connector(settings.store),
                steps,
                name=name,
                sweep=lambda: store.sweep(clock()),
                look=live.look,
                ready=lambda: tell(Event("ready", {"steps": " ".join(steps)})),
                alive=hold.sign_of_life,
                stuck=lambda: [*hopeless(pipeline.examiner), *hold.lost],
                progress=progress,
                period=watchdog_period(os.environ, os.getpid(), PERIOD),
            ).run()
        finally:
            store.close()
