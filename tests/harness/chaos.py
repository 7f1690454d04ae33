"""The chaos driver: a desk and its workers on one PostgreSQL, killed, stopped and cut off at random, between feeds and a Slack
that remember all they were asked.

    python -m tests.harness.chaos --feeds 2000 --workers 4 --minutes 12 --seed 1

News comes in waves. Workers are killed at random and started again, one is stopped for longer than it is waited for and goes on
as if nothing had been, and the database loses its power once. Then all of it comes to rest, and is judged: by what the feeds have
shown, by the books that the database kept of itself, and by what stands in Slack.
"""

import argparse
import heapq
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from bot.alerts import SENDING, UNKNOWN
from bot.errors import StoreError
from bot.stores import postgres
from bot.stores.sql import SqlStore
from bot.stores.tables import FOLLOWED
from tests.fake_slack import FakeSlack
from tests.harness import chaos_store, crash_judge
from tests.harness.chaos_desk import (
    DUTIES,
    Process,
    Start,
    Starting,
    account,
    environment,
    figures,
    real,
    settings,
    told,
)
from tests.harness.chaos_judge import faults
from tests.harness.chaos_news import Press, published
from tests.harness.chaos_store import Server

DESK = ("run", "--engine", "queue")
WORKER = ("worker",)
STOPPED = 100.0  # seconds that a worker stands still: longer than its calls and its delivery are waited for
REFUSED = 2  # the exit code of who cannot begin
DARK = 3.0  # seconds that the database is away
GRACE = 60.0  # seconds that a process has to end when it is asked to
Do = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """`far` feeds want manners, `near` ones do not. `seconds` of chaos, with `kills` of workers and `waves` of news in them; of
    each wave `duties` are what a desk wants, and `others` are not. `patience`: how long all may take to come to rest."""

    far: int = 1700
    near: int = 300
    workers: int = 4
    seconds: float = 720.0
    kills: int = 48
    waves: int = 24
    duties: int = 14
    others: int = 20
    first: int = 60  # duties that are there when it begins
    stopped: float = STOPPED
    patience: float = 1500.0


@dataclass(slots=True)
class Result:
    """`counts` of all that happened, in words; `faults`, one a line."""

    counts: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Worker:
    process: Process
    alive: bool = True  # by our account


class Chaos:
    """One run of a plan. Things happen at their time, one after the other."""

    def __init__(self, plan: Plan, seed: int, folder: Path, server: Server, press: Press, start: Start) -> None:
        self._plan, self._chance, self._folder = plan, random.Random(seed), folder
        self._server, self._press, self._start = server, press, start
        self._ahead: list[tuple[float, int, Do]] = []
        self._order, self._began = count(), time.monotonic()
        self._workers: list[Worker] = []
        self._desk: Process | None = None
        self._pause = threading.Event()
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []

    # what is to come

    def play(self) -> None:
        self._desk = self._start(DESK)
        self._workers = [Worker(self._start(WORKER)) for _ in range(self._plan.workers)]
        self._began = time.monotonic()
        self._foresee()
        while self._ahead:
            at, _, do = heapq.heappop(self._ahead)
            self._pause.wait(max(0.0, self._began + at - time.monotonic()))
            do()
            self._look()

    def _at(self, second: float, do: Do) -> None:
        heapq.heappush(self._ahead, (second, next(self._order), do))

    def _after(self, seconds: float, do: Do) -> None:
        self._at(time.monotonic() - self._began + seconds, do)

    def _foresee(self) -> None:
        whole = self._plan.seconds
        for n in range(self._plan.waves):
            self._at(whole * (n + 0.5) / self._plan.waves, self._news)
        if self._plan.far:
            self._at(whole * 0.7, self._far_news)
        for n in range(self._plan.kills):
            self._at(whole * (n + self._chance.random()) / self._plan.kills, self._kill)
        self._at(whole * self._chance.uniform(0.25, 0.35), self._stop)
        self._at(whole * self._chance.uniform(0.45, 0.6), self._cut)
        self._at(whole, lambda: None)

    # what happens

    def _news(self) -> None:
        self._press.publish(self._plan.duties, self._plan.others)

    def _far_news(self) -> None:
        self._press.publish(self._plan.duties, self._plan.others, near=False)

    def _blow(self, what: str, words: object) -> None:
        self.counts[what] += 1
        with (self._folder / "blows").open("a") as book:
            book.write(f"{datetime.now(UTC):%F %T.%f} {what}: {words}\n")

    def _one(self) -> Worker | None:
        self._look()
        alive = [one for one in self._workers if one.alive]
        return self._chance.choice(alive) if alive else None

    def _kill(self) -> None:
        if victim := self._one():
            victim.alive = False
            self._blow("kills", victim.process.pid)
            victim.process.kill()
            self._after(self._chance.uniform(0, 3), lambda: self._raise(victim))

    def _raise(self, one: Worker) -> None:
        one.process, one.alive = self._start(WORKER), True

    def _stop(self) -> None:
        """It stands still, is nobody's victim meanwhile, and does not know of it when it goes on."""
        if victim := self._one():
            victim.alive = False
            self._blow("stopped for long", victim.process.pid)
            os.kill(victim.process.pid, signal.SIGSTOP)
            self._after(self._plan.stopped, lambda: self._go_on(victim))

    def _go_on(self, one: Worker) -> None:
        os.kill(one.process.pid, signal.SIGCONT)
        one.alive = True
        self._blow("gone on", one.process.pid)

    def _cut(self) -> None:
        self._blow("the database cut off", f"for {DARK} s")
        self._server.crash()
        self._pause.wait(DARK)
        self._server.start()

    def _look(self) -> None:
        """Whether one has ended that nobody killed. Who finds no database when it starts is started again."""
        for one in self._workers:
            if one.alive and (code := one.process.poll()) is not None:
                if code == REFUSED:
                    self._blow("refused at the start", one.process.pid)
                else:
                    self.faults.append(f"ended: a worker by itself, with code {code}")
                self._raise(one)
        if self._desk and (code := self._desk.poll()) is not None:
            self.faults.append(f"ended: the desk by itself, with code {code}")
            self._desk = self._start(DESK)

    # and after all that

    def rest(self, store: SqlStore) -> None:
        """Until nothing is left to do; then all are asked to end."""
        began = time.monotonic()
        idle = 0
        while idle < 3 and time.monotonic() < began + self._plan.patience:
            self._pause.wait(0.5)
            self._look()
            idle = idle + 1 if self._idle(store) else 0
        self.counts["seconds to come to rest"] = round(time.monotonic() - began)
        self.end()

    def _idle(self, store: SqlStore) -> bool:
        with suppress(StoreError):
            counts = store.counts()
            busy = counts["unread"] + counts["unfollowed"] + counts["alerts_queued"] + self._server.jobs
            busy += counts[f"alerts_{SENDING}"] + counts[f"alerts_{UNKNOWN}"] + self._press.waiting
            return not busy and counts["articles"] >= len(self._press.shown)
        return False

    def end(self) -> None:
        processes = [one.process for one in self._workers if one.alive]
        processes += [self._desk] if self._desk else []
        for process in processes:
            os.kill(process.pid, signal.SIGTERM)
        until = time.monotonic() + GRACE
        while any(process.poll() is None for process in processes) and time.monotonic() < until:
            self._pause.wait(0.1)
        codes = [process.poll() for process in processes]
        self.faults += [f"end: a process that was asked to end has code {code}" for code in codes if code != 0]

    def kill_all(self) -> None:
        for process in [*(one.process for one in self._workers), *([self._desk] if self._desk else [])]:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
            process.kill()


def drive(plan: Plan, seed: int, starting: Starting = real, say: Callable[[str], None] = print) -> Result:
    """One run, judged. The folder of one with faults is left for who looks for their cause."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    press = Press(seed, plan.far, plan.near, lambda: datetime.now(UTC))
    with chaos_store.server() as server, published(press), FakeSlack() as slack:
        (folder / "config.yaml").write_text(settings(press), "utf-8")
        press.begin(plan.first)
        with closing(SqlStore(postgres.engine(server.url), "the store", postgres)) as store:
            store.prepare()
            server.watch()
            start = starting(folder, environment(server.url, slack.url))
            chaos = played(Chaos(plan, seed, folder, server, press, start), store, say)
            kept = account(store, server, press, slack.messages)
            news = {link: title for link, title in kept.served.items() if link in press.news}
            verdict = crash_judge.judge(store, news, slack.messages, DUTIES, chaos_store.batches(kept.moves, FOLLOWED))
    counts = {**chaos.counts, **figures(kept, told(folder)), "articles with news": verdict.items["stored"]}
    counts["of them told by a later one"] = verdict.items["late"]
    result = Result(counts, [*chaos.faults, *faults(kept), *verdict.faults])
    if result.faults:
        (folder / "slack.json").write_text(json.dumps(slack.messages), "utf-8")
        result.faults.append(f"see {folder}")
    else:
        shutil.rmtree(folder)
    return result


def played(chaos: Chaos, store: SqlStore, say: Callable[[str], None]) -> Chaos:
    """To the end, or to the first error of ours: no process outlives it."""
    try:
        chaos.play()
        say(f"{chaos.counts.total()} blows; until all has come to rest it may take twenty minutes")
        chaos.rest(store)
    finally:
        chaos.kill_all()
    return chaos


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--feeds", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    near = asked.feeds * 3 // 20
    seconds = 60 * asked.minutes
    plan = Plan(
        asked.feeds - near, near, asked.workers, seconds, kills=round(seconds / 15), waves=round(seconds / 30),
    )  # fmt: skip
    result = drive(plan, asked.seed)
    width = max(map(len, result.counts))
    for name, figure in result.counts.items():
        print(f"{name:<{width}} {figure:>8,}")
    print(*result.faults, f"{len(result.faults)} faults", sep="\n")
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
