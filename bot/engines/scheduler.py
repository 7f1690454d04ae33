"""SchedulerEngine: the daemon. APScheduler runs eight tiny ticks; a signal ends it with nothing lost."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, timedelta
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from bot.events import Event
from bot.pipeline import Pipeline
from bot.ports import Clock

COLLECT, READ, DELIVER, LOOK, DIGEST, PULSE, REMIND, TIDY = 5, 2, 1, 5, 30, 300, 1800, 3600  # seconds between ticks
PLACES = 4  # for ticks that run at the same time
GRACE = 15.0  # seconds a running tick has to end after SIGTERM; every step is a transaction, so none is needed


class SchedulerEngine:
    """`ready` is called once every part works; `reload` on SIGHUP; `look` every few seconds, to see whether settings changed."""

    def __init__(
        self,
        pipeline: Pipeline,
        clock: Clock,
        *,
        ready: Callable[[], None] = lambda: None,
        reload: Callable[[], None] = lambda: None,
        look: Callable[[], None] = lambda: None,
    ) -> None:
        self._pipeline, self._clock, self._ready = pipeline, clock, ready
        self._reload, self._look = reload, look
        self._stop, self._hup = threading.Event(), threading.Event()
        self._busy = threading.Semaphore(PLACES)
        self._failing: dict[str, str] = {}  # by tick: what was told of it last

    def run(self) -> int:
        """Until SIGTERM or SIGINT; a second signal ends the process at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGHUP, lambda *_: self._hup.set())
        self._pipeline.store.recover()
        self._pipeline.store.unpark()
        scheduler = self._scheduler()
        scheduler.start()
        self._ready()
        while not self._stop.wait(0.5):
            self._catch_up(scheduler)
            if self._hup.is_set():
                self._hup.clear()
                self._try("reload", self._reload)
        scheduler.shutdown(wait=False)
        return self._settle()

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(PLACES)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
            logger=logging.Logger("apscheduler", logging.ERROR),  # that a tick outlasts its interval is no news
        )
        for name, seconds, work in (
            ("collect", COLLECT, self._collect),
            ("read", READ, self._read),
            ("deliver", DELIVER, self._deliver),
            ("look", LOOK, self._look),
            ("digest", DIGEST, self._digest),
            ("pulse", PULSE, self._pulse),
            ("remind", REMIND, self._remind),
            ("tidy", TIDY, self._tidy),
        ):
            wait = seconds if name == "pulse" else 0  # what was off for hours has to catch up before it is judged
            first = self._clock() + timedelta(seconds=wait)
            scheduler.add_job(self._tick, "interval", (name, work), seconds=seconds, id=name, next_run_time=first)
        return scheduler

    def _catch_up(self, scheduler: BackgroundScheduler) -> None:
        """Ticks that wait for a time further off than their interval were set by a clock that has since been put back."""
        now = self._clock()
        for job in scheduler.get_jobs():
            if job.next_run_time > now + job.trigger.interval:
                job.modify(next_run_time=now)

    def _tick(self, name: str, work: Callable[[], object]) -> None:
        """There is a place for every thread, until `_settle` has taken them all: what comes after that never begins."""
        if self._busy.acquire(blocking=False):
            try:
                self._try(name, work)
            finally:
                self._busy.release()

    def _try(self, name: str, work: Callable[[], object]) -> None:
        """One failing tick is told and forgotten: its input is still in the store. What goes on failing in the same way is
        told once, and once more when it is over."""
        try:
            work()
        except Exception as error:  # whatever it is, the next tick must run
            words = f"{type(error).__name__}: {error}"
            if self._failing.get(name) != words:
                self._pipeline.tell(Event("tick_failed", {"tick": name, "error": words}))
            self._failing[name] = words
        else:
            if self._failing.pop(name, ""):
                self._pipeline.tell(Event("tick_recovered", {"tick": name}))

    def _collect(self) -> None:
        self._pipeline.collect(self._clock())

    def _read(self) -> None:
        while not self._stop.is_set() and self._pipeline.analyze():
            self._follow()
        self._follow()

    def _follow(self) -> None:
        while not self._stop.is_set() and self._pipeline.store.counts()["unfollowed"]:
            self._pipeline.follow(self._clock())

    def _deliver(self) -> None:
        """One alert at a time, because a wait counts from the answer that asked for it. After a tick that failed, one may
        have gone out and not been written down: it is looked up."""
        if "deliver" in self._failing:
            self._pipeline.store.recover()
        while not self._stop.is_set() and self._pipeline.store.due_alerts(self._clock(), 1):
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
            os._exit(128 + number)
        self._stop.set()

    def _settle(self) -> int:
        """Waits for running ticks; one that will not end is left behind, its work still in the store."""
        deadline = time.monotonic() + GRACE
        idle = sum(self._busy.acquire(timeout=max(0.0, deadline - time.monotonic())) for _ in range(PLACES))
        self._pipeline.tell(Event("stopped", {"unfinished_ticks": PLACES - idle}))
        if idle < PLACES:
            os._exit(0)  # the interpreter would wait for the thread for ever
        self._pipeline.store.close()
        return 0
