"""A crew: several workers on one machine, a process each. One that dies is started anew; a signal ends them all."""

import signal
import threading
import time
from collections.abc import Callable
from subprocess import Popen
from types import FrameType

from bot.engines.systemd import notify
from bot.events import Event, Tell

WRONG = 2  # the exit code of who was refused: at the first start it would be again
LONGEST_PAUSE = 60.0
LOOK = 0.5


class Crew:
    """`start` starts one of them, by its number."""

    def __init__(
        self,
        start: Callable[[int], "Popen[bytes]"],
        size: int,
        tell: Tell,
        *,
        seconds: Callable[[], float] = time.monotonic,
        pause: float = 1.0,
    ) -> None:
        self._start, self._size, self._tell, self._seconds, self._pause = start, size, tell, seconds, pause
        self._stop = threading.Event()
        self._there: dict[int, Popen[bytes]] = {}
        self._deaths: dict[int, int] = {}  # in a row
        self._next: dict[int, float] = {}  # when one that died is started again
        self._code, self._stood = 0, False  # whether any has lived for a while

    def run(self) -> int:
        """Until SIGTERM or SIGINT, or until one is refused; returns the exit code, when all have ended."""
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, self._on_stop)
        notify("READY=1")
        while not self._stop.is_set():
            for number in range(self._size):
                self._look_after(number)
            notify("WATCHDOG=1")
            self._stop.wait(LOOK)
        notify("STOPPING=1")
        return self._end()

    def stop(self) -> None:
        self._stop.set()

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        if self._stop.is_set():  # the second ends them at once
            self._pass_on()
        self._stop.set()

    def _look_after(self, number: int) -> None:
        there = self._there.get(number)
        if there is None:
            if self._seconds() >= self._next.get(number, 0.0) and not self._stop.is_set():
                self._there[number] = self._start(number)
                self._next[number] = (
                    self._seconds() + LONGEST_PAUSE
                )  # one that lived until then did not die at its start
        elif (code := there.poll()) is not None:
            del self._there[number]
            self._ended(number, there.pid, code)

    def _ended(self, number: int, pid: int, code: int) -> None:
        lived = self._seconds() >= self._next[number]
        self._stood = self._stood or lived
        if code == WRONG and not self._stood:
            self._code = WRONG
            self._stop.set()
            return
        self._deaths[number] = 1 if lived else self._deaths.get(number, 0) + 1
        pause = min(self._pause * 2.0 ** (self._deaths[number] - 1), LONGEST_PAUSE)
        self._next[number] = self._seconds() + pause
        self._tell(Event("worker_lost", {"process": pid, "code": code, "again_in": pause}))

    def _pass_on(self) -> None:
        for there in self._there.values():
            there.terminate()

    def _end(self) -> int:
        self._pass_on()
        for there in self._there.values():
            there.wait()
        return self._code
