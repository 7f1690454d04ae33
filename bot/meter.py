"""Meter: what the daemon has done since it started, counted from what its line tells, and how its ticks went."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import cast

from bot.events import Event, Tell

# Events that count as one each, by the name they are counted under.
COUNTED = {
    "feed_polled": "polls_ok",
    "feed_failed": "polls_failed",
    "alert_sent": "deliveries_sent",
    "sent_blindly": "sent_blindly",
    "delivery_failed": "deliveries_failed",
    "alert_failed": "deliveries_given_up",
    "model_failed": "model_failures",
    "article_failed": "article_failures",
    "reloaded": "reloads_ok",
    "reload_refused": "reloads_refused",
}
# Fields of events that count as many as they say.
SUMMED = {("feed_polled", "new"): "articles", ("analyzed", "articles"): "analyzed", ("analyzed", "picked"): "picked"}


@dataclass(frozen=True, slots=True)
class Ran:
    """One kind of tick."""

    times: int = 0
    failures: int = 0
    seconds: float = 0.0  # all of them together
    ok_at: datetime | None = None  # when the last good one ended
    error: str = ""  # of the last one; "" when it was good


@dataclass(slots=True)
class Meter:
    """Any number of threads may tell it at once."""

    counts: Counter[str] = field(default_factory=Counter)
    ticks: dict[str, Ran] = field(default_factory=dict)
    refused: str = ""  # why the sink takes nothing at all
    lock: Lock = field(default_factory=Lock)

    def heard(self, event: Event) -> None:
        with self.lock:
            if name := COUNTED.get(event.name):
                self.counts[name] += 1
            for (told, key), name in SUMMED.items():
                if told == event.name:
                    self.counts[name] += cast(int, event.fields.get(key, 0))
            if event.fields.get("kind") == "SinkRefused":
                self.refused = str(event.fields["error"])
            elif event.name in ("alert_sent", "reloaded", "secrets_taken"):
                self.refused = ""

    def ran(self, tick: str, seconds: float, error: str, now: datetime) -> None:
        with self.lock:
            before = self.ticks.get(tick, Ran())
            self.ticks[tick] = Ran(
                before.times + 1,
                before.failures + bool(error),
                before.seconds + seconds,
                before.ok_at if error else now,
                error,
            )


def metered(meter: Meter, tell: Tell) -> Tell:
    """`tell`, with an ear for the meter."""

    def told(event: Event) -> None:
        meter.heard(event)
        tell(event)

    return told
