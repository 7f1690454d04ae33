"""The processes of the chaos test: the very commands, forked from a process in which libraries and models are loaded already.

They differ from what people run in their patience: what a dead worker had is another's within seconds.
"""

from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot import calls, feeds
from tests.harness import crash_daemon
from tests.harness.chaos_desk import Process, Start
from tests.harness.crash_daemon import WARM, Orders

PATIENCE = timedelta(seconds=6)  # with those that give no sign of life
LEASE = timedelta(seconds=15)  # of feeds: longer than asking for them takes on a machine that has other work


@dataclass(frozen=True, slots=True)
class Forked:
    process: BaseProcess

    @property
    def pid(self) -> int:
        assert self.process.pid
        return self.process.pid

    def poll(self) -> int | None:
        return self.process.exitcode

    def kill(self) -> None:
        self.process.kill()


def forked(folder: Path, environment: dict[str, str]) -> Start:
    context = get_context("forkserver")
    context.set_forkserver_preload([crash_daemon.__name__, WARM])

    def start(words: tuple[str, ...]) -> Process:
        orders = Orders(folder, environment, timedelta(0), words=words)
        process = context.Process(target=run, args=(orders,), daemon=True)
        process.start()
        return Forked(process)

    return start


def run(orders: Orders) -> None:
    vars(feeds)["LEASE"] = LEASE
    vars(calls).update(SILENT=PATIENCE, SILENT_SENDING=PATIENCE, BEAT=PATIENCE / 4)
    crash_daemon.run(orders)
