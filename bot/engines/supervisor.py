"""The supervisor of the daemon: a thread that asks, again and again, whether the ticks make progress and the store answers. While
they do, whoever keeps the process alive is told so; once they do not, the process ends, to be started anew."""

import threading
import time
from collections.abc import Callable

from bot.engines.progress import Progress
from bot.engines.systemd import notify
from bot.errors import StoreError
from bot.events import Event, Tell

STUCK = 70  # the exit code: a fault of the program


class Supervisor:
    """`probe` asks the store; `stuck` tells what else will not go on, in words; `alive` is called at each good beat; `leave` ends
    the process, whatever its threads do."""

    def __init__(
        self,
        progress: Progress,
        probe: Callable[[], object],
        tell: Tell,
        leave: Callable[[int], object],
        *,
        period: float,
        alive: Callable[[], object] = lambda: None,
        stuck: Callable[[], list[str]] = list,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._progress, self._probe, self._tell, self._leave = progress, probe, tell, leave
        self._alive, self._stuck, self._seconds, self.period = alive, stuck, seconds, period
        self._last = seconds()
        self._stop = threading.Event()
        self._asked: threading.Thread | None = None
        self.wrong: tuple[str, ...] = ()  # at the last beat

    def start(self) -> None:
        self.beat()
        threading.Thread(target=self._run, name="supervisor", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self.period):
            self.beat()

    def beat(self) -> None:
        now = self._seconds()
        if now - self._last > 2 * self.period:  # we did not run ourselves: the machine slept, or stood still
            self._progress.afresh()
        self._last = now
        silent = [] if self._answered() else [f"the store has not answered for {self.period:g} s"]
        self.wrong = (*self._progress.late(self.period), *self._stuck(), *silent)
        if self.wrong:
            self._end()
            return
        notify("WATCHDOG=1")
        self._alive()

    def _answered(self) -> bool:
        """Whether the question of the last beat had an answer, be it an error: what is full, locked or read-only is told by the
        ticks, and is not cured by a start."""
        if self._asked and self._asked.is_alive():
            return False
        self._asked = threading.Thread(target=self._ask, name="supervisor: store", daemon=True)
        self._asked.start()
        return True

    def _ask(self) -> None:
        try:
            self._probe()
        except StoreError:
            return

    def _end(self) -> None:
        words = "; ".join(self.wrong)
        self._tell(Event("watchdog_failed", {"error": words, "instead": f"the process ends with code {STUCK}"}))
        notify(f"STATUS=stuck: {words}")
        self._leave(STUCK)
