"""OnceEngine: every step until nothing is left to do, then the end. For cron, archives and the demo."""

import time
from collections.abc import Callable
from datetime import timedelta

from bot.alerts import PARKED
from bot.events import Event
from bot.pipeline import Pipeline
from bot.ports import Clock

PATIENCE = timedelta(minutes=2)  # how long to wait for a sink that asks to be left alone


class OnceEngine:
    def __init__(self, pipeline: Pipeline, clock: Clock, sleep: Callable[[float], None] = time.sleep) -> None:
        self._pipeline, self._clock, self._sleep = pipeline, clock, sleep

    def run(self) -> int:
        """0 when every alert that is wanted by now is out; 1 when some wait in the store for the next run."""
        pipeline = self._pipeline
        pipeline.store.recover()
        pipeline.store.unpark()
        pipeline.collect(self._clock(), at_once=True)
        while pipeline.analyze():
            pass
        while pipeline.store.unfollowed(1):
            pipeline.follow(self._clock())
        pipeline.remind(self._clock())
        pipeline.digest(self._clock())
        self._deliver()
        if pipeline.pulse(self._clock(), at_once=True):
            self._deliver()
        counts = pipeline.store.counts(self._clock())
        left = sum(counts.get(f"alerts_{state}", 0) for state in ("queued", "unknown", PARKED)) - counts["alerts_held"]
        pipeline.tell(Event("done", {**counts, "waiting": left}))
        return 1 if left else 0

    def _deliver(self) -> None:
        deadline = self._clock() + PATIENCE
        while self._clock() < deadline:
            if self._pipeline.store.due_alerts(self._clock(), 1):
                self._pipeline.deliver(self._clock(), limit=1)  # a wait counts from the answer that asked for it
                continue
            upcoming = self._pipeline.store.next_delivery(self._clock())
            if upcoming is None or upcoming >= deadline:
                return
            self._sleep(max(0.2, (upcoming - self._clock()).total_seconds()))
