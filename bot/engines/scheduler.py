"""SchedulerEngine: the daemon. APScheduler runs eight tiny ticks and nothing else, or beside workers the five that are not
theirs; a signal ends it with nothing lost."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.engines.progress import Progress, Tick
from bot.engines.supervisor import STUCK, Supervisor
from bot.engines.systemd import notify
from bot.engines.troubles import Troubles
from bot.errors import LeaseLost
from bot.events import Event
from bot.meter import Meter
from bot.pipeline import Pipeline
from bot.ports import Clock

# What runs how often, and how long it may say nothing: an answer of Slack; a feed and its parser; a batch over which a model
# hangs, which is left after 33 minutes; a lot of a thousand articles that are forgotten.
TICKS = (
    Tick("collect", 5, 600),
    Tick("read", 2, 2700),
    Tick("deliver", 1, 300),
    Tick("look", 5, 300),
    Tick("digest", 30, 300),
    Tick("pulse", 300, 300),
    Tick("remind", 1800, 300),
    Tick("tidy", 3600, 3600),
)
PLACES = len(TICKS)  # so that none waits for another
STEPS = ("collect", "read", "deliver")  # what workers do in its place, where there are any
PERIOD = 30.0  # seconds between two beats of the supervisor, where nobody asks for more
GRACE = 15.0  # seconds a running tick has to end after SIGTERM; every step is a transaction, so none is needed


class Every(IntervalTrigger):  # type: ignore[misc]  # the library has no types
    """Counts from now. Its parent walks through all times that were missed: millions, when a clock is set forward by years."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        due: datetime = max(previous or now, now) + self.interval
        return due


class SchedulerEngine:
    """`ready` is called once every part works; `reload` on SIGHUP; `look` every few seconds, to see whether settings changed;
    `alive` at each good beat of the supervisor, `stuck` to hear what else will not go on. `leave` ends the process at once.
    `beside_workers`: the steps are theirs."""

    def __init__(
        self,
        pipeline: Pipeline,
        clock: Clock,
        *,
        ready: Callable[[], None] = lambda: None,
        reload: Callable[[], None] = lambda: None,
        look: Callable[[], None] = lambda: None,
        alive: Callable[[], None] = lambda: None,
        stuck: Callable[[], list[str]] = list,
        meter: Meter | None = None,
        progress: Progress | None = None,
        period: float = PERIOD,
        leave: Callable[[int], object] = os._exit,
        beside_workers: bool = False,
    ) -> None:
        self._pipeline, self._clock, self._ready = pipeline, clock, ready
        self._beside_workers = beside_workers
        self._reload, self._look, self._leave = reload, look, leave
        self._meter, self._progress = meter or Meter(), progress or Progress()
        self.supervisor = Supervisor(
            self._progress, pipeline.store.probe, pipeline.tell, leave, period=period, alive=alive, stuck=stuck
        )
        self._stop, self._hup = threading.Event(), threading.Event()
        self._busy = threading.Semaphore(PLACES)
        self._troubles = Troubles(pipeline.tell)

    def run(self) -> int:
        """Until SIGTERM or SIGINT; a second signal ends the process at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGHUP, lambda *_: self._hup.set())
        if not self._beside_workers:  # who may be sending just now, and know themselves what was left
            self._pipeline.store.recover()
        self._pipeline.store.unpark()
        scheduler = self._scheduler()
        self._progress.expect(self._ticks())
        scheduler.start()
        self.supervisor.start()
        self._ready()
        notify("READY=1")
        while not self._stop.wait(0.5):
            self._catch_up(scheduler)
            if self._hup.is_set():
                self._hup.clear()
                self._try("reload", self._reload)
        notify("STOPPING=1")
        self.supervisor.stop()
        scheduler.shutdown(wait=False)
        return self._settle()

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(PLACES)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
            logger=logging.Logger("apscheduler", logging.ERROR),  # that a tick outlasts its interval is no news
        )
        works = (
            self._collect,
            self._read,
            self._deliver,
            self._look,
            self._digest,
            self._pulse,
            self._remind,
            self._tidy,
        )
        for tick, work in zip(TICKS, works, strict=True):
            if tick not in self._ticks():
                continue
            wait = (
                tick.every if tick.name == "pulse" else 0
            )  # what was off for hours has to catch up before it is judged
            first = self._clock() + timedelta(seconds=wait)
            when = Every(seconds=tick.every, timezone=UTC)
            scheduler.add_job(self._tick, when, (tick.name, work), id=tick.name, next_run_time=first)
        return scheduler

    def _ticks(self) -> list[Tick]:
        return [tick for tick in TICKS if not (self._beside_workers and tick.name in STEPS)]

    def _catch_up(self, scheduler: BackgroundScheduler) -> None:
        """Ticks that wait for a time further off than their interval were set by a clock that has since been put back."""
        now = self._clock()
        for job in scheduler.get_jobs():
            if job.next_run_time > now + job.trigger.interval:
                job.modify(next_run_time=now)

    def _tick(self, name: str, work: Callable[[], object]) -> None:
        """There is a place for every tick, until `_settle` has taken them all: what comes after that never begins."""
        if self._busy.acquire(blocking=False):
            began = time.monotonic()
            self._progress.begun(name)
            try:
                self._try(name, work)
            finally:
                self._meter.ran(name, time.monotonic() - began, self._troubles.of(name), self._clock())
                self._progress.ended(name)
                self._busy.release()

    def _try(self, name: str, work: Callable[[], object]) -> None:
        """One failing tick is told and forgotten: its input is still in the store. What goes on failing in the same way is
        told once, and once more when it is over."""
        try:
            work()
        except (Exception, SystemExit) as error:  # whatever it is, the next tick must run
            self._troubles.failed("tick", name, f"{type(error).__name__}: {error}")
        else:
            self._troubles.recovered("tick", name)

    def _collect(self) -> None:
        self._pipeline.collect(self._clock())

    def _read(self) -> None:
        while not self._stop.is_set() and self._pipeline.analyze():
            self._follow()
        self._follow()

    def _follow(self) -> None:
        while not self._stop.is_set() and self._pipeline.store.unfollowed(1):
            with suppress(LeaseLost):  # a headline was corrected meanwhile
                self._pipeline.follow(self._clock())

    def _deliver(self) -> None:
        """One alert at a time, because a wait counts from the answer that asked for it. After a tick that failed, one may
        have gone out and not been written down: it is looked up."""
        if self._troubles.of("deliver"):
            self._pipeline.store.recover()
        while not self._stop.is_set() and self._pipeline.store.due_alerts(self._clock(), 1):
            with suppress(LeaseLost):  # an edit was superseded meanwhile
                self._pipeline.deliver(self._clock(), limit=1)

    def _digest(self) -> None:
        self._pipeline.digest(self._clock())

    def _pulse(self) -> None:
        self._pipeline.pulse(self._clock())

    def _remind(self) -> None:
        self._pipeline.remind(self._clock())

    def _tidy(self) -> None:
        self._pipeline.tidy(self._clock())

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        if self._stop.is_set():
            self._leave(128 + number)
        self._stop.set()

    def _settle(self) -> int:
        """Waits for running ticks; one that will not end is left behind, its work still in the store. Whether that is well
        depends on how long it has been at it."""
        deadline = time.monotonic() + GRACE
        idle = sum(self._busy.acquire(timeout=max(0.0, deadline - time.monotonic())) for _ in range(PLACES))
        self._pipeline.tell(Event("stopped", {"unfinished_ticks": PLACES - idle}))
        if idle < PLACES:
            self._leave(STUCK if self._progress.stuck() else 0)  # the interpreter would wait for the thread for ever
        self._pipeline.store.close()
        return 0
