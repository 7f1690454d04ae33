"""Deliveries: how each channel does, and what helps where something waits or was given up.

counts by channel and state, what stands in the way → a queue each
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.alerts import DEAD, FOLDED, PARKED, QUEUED, SENDING, UNKNOWN, Alert
from bot.heartbeat import span, wanted_at
from bot.messages import counted, one_line

LATE = timedelta(minutes=10)  # a wait that is worth a word
SHOWN = (QUEUED, SENDING, UNKNOWN, PARKED, FOLDED, DEAD)
RELOAD = "systemctl reload tariffwatch"


@dataclass(frozen=True, slots=True)
class Advice:
    """What is so, and the command that helps; "" where there is none to type."""

    words: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """`head` is the alert that stands in the way of the others, or None."""

    channel: str
    counts: Mapping[str, int]  # by state
    head: Alert | None = None

    @property
    def well(self) -> bool:
        return not (self.counts.get(PARKED) or self.counts.get(UNKNOWN) or self.counts.get(DEAD))


def queues(
    counts: Mapping[tuple[str, str], int], waiting: Iterable[Alert], channels: Iterable[str]
) -> tuple[Queue, ...]:
    """Of each channel that has anything, and of `channels`; those that are not well first. `counts` are by channel and state."""
    heads = {alert.channel: alert for alert in waiting}
    by: dict[str, dict[str, int]] = {name: {} for name in (*channels, *heads)}
    for (channel, state), number in counts.items():
        by.setdefault(channel, {})[state] = number
    found = (Queue(name, told, heads.get(name)) for name, told in by.items())
    return tuple(sorted(found, key=lambda queue: (queue.well, queue.head is None, queue.channel)))


def advice(queue: Queue, now: datetime) -> tuple[Advice, ...]:
    return (*_parked(queue), *_unknown(queue), *_late(queue, now), *_dead(queue), *_folded(queue))


def _parked(queue: Queue) -> Iterator[Advice]:
    if number := queue.counts.get(PARKED):
        why = one_line(queue.head.error) if queue.head else ""
        yield Advice(f"The channel takes nothing: {why or 'it was refused'}", "tariffwatch check")
        waits = counted(number, "refused alert waits", "refused alerts wait")
        yield Advice(f"Once that is mended, take the settings anew: {waits} until then.", RELOAD)


def _unknown(queue: Queue) -> Iterator[Advice]:
    if number := queue.counts.get(UNKNOWN):
        words = f"The answer to {counted(number, 'alert')} was lost. It is looked up before anything is sent again."
        yield Advice(f"{words} There is nothing to do.")


def _late(queue: Queue, now: datetime) -> Iterator[Advice]:
    head = queue.head
    if head is None or head.state in (PARKED, UNKNOWN) or now - wanted_at(head) < LATE:
        return
    why = one_line(head.error) or "it was not tried yet"
    yield Advice(f"The oldest has waited for {span(now - wanted_at(head))}: {why}", "tariffwatch status")


def _dead(queue: Queue) -> Iterator[Advice]:
    if number := queue.counts.get(DEAD):
        yield Advice(f"{counted(number, 'alert was', 'alerts were')} given up and will not be sent: see below.")


def _folded(queue: Queue) -> Iterator[Advice]:
    if queue.counts.get(FOLDED):
        channel = shlex.quote(one_line(queue.channel))
        yield Advice("What waits for the next digest:", f"tariffwatch digest --channel {channel}")
