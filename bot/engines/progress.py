"""Progress: when each tick of the daemon was last seen at work, by a clock that nobody can set."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.events import Event, Tell


@dataclass(frozen=True, slots=True)
class Tick:
    name: str
    every: float  # seconds from one beginning to the next
    patience: float  # seconds that it may work without telling anything


class Progress:
    """A tick that begins, ends or tells an event makes progress. Knows no scheduler: it sees what ran, not what should."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._lock = seconds, threading.Lock()
        self._ticks: dict[str, Tick] = {}
        self._seen: dict[str, float] = {}
        self._working: set[str] = set()
        self._own = threading.local()  # the tick that a thread runs

    def expect(self, ticks: Iterable[Tick]) -> None:
        """From now on."""
        with self._lock:
            self._ticks = {tick.name: tick for tick in ticks}
            self._seen = dict.fromkeys(self._ticks, self._seconds())

    def begun(self, name: str) -> None:
        self._own.name = name
        with self._lock:
            self._seen[name] = self._seconds()
            self._working.add(name)

    def ended(self, name: str) -> None:
        self._own.name = ""
        with self._lock:
            self._seen[name] = self._seconds()
            self._working.discard(name)

    def heard(self, tell: Tell) -> Tell:
        """`tell`, and what a tick tells counts as progress of it."""

        def told(event: Event) -> None:
            if name := getattr(self._own, "name", ""):
                with self._lock:
                    self._seen[name] = self._seconds()
            tell(event)

        return told

    def afresh(self) -> None:
        """After a time in which nothing could run, as of a machine that was asleep."""
        with self._lock:
            self._seen = dict.fromkeys(self._seen, self._seconds())

    def late(self, slack: float) -> list[str]:
        """What has made none for too long, in words: a tick that does not end, or, with `slack` seconds over its interval,
        does not begin."""
        now = self._seconds()
        with self._lock:
            silent = {name: now - self._seen[name] for name in self._ticks}
            working = set(self._working)
        stuck = [
            f"{n} has worked for {s:.0f} s without a word" for n, s in silent.items() if self._stuck(n, s, working)
        ]
        missed = [
            f"{name} has not begun for {seconds:.0f} s"
            for name, seconds in silent.items()
            if name not in working and seconds > self._ticks[name].every + slack
        ]
        return [*stuck, *missed]

    def stuck(self) -> bool:
        """Whether a tick works that will not end any more."""
        now = self._seconds()
        with self._lock:
            return any(self._stuck(name, now - self._seen[name], self._working) for name in self._ticks)

    def _stuck(self, name: str, seconds: float, working: set[str]) -> bool:
        return name in working and seconds > self._ticks[name].patience
