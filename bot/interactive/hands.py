"""Hands: threads that do what was asked, apart from those that take it up, with a line of work before them."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread
from traceback import extract_tb

from bot.events import Event, Tell

MOST_WAITING = 50
Work = Callable[[], object]


class Hands:
    """The threads end with the program, whatever they are at: what they do is a transaction, or an answer to a question."""

    def __init__(self, count: int, tell: Tell) -> None:
        self._line: SimpleQueue[Work] = SimpleQueue()
        self._tell, self._ended = tell, Flag()
        for _ in range(count):
            Thread(target=self._work, daemon=True, name="tariffwatch-slack").start()

    def give(self, work: Work) -> bool:
        """False where too much waits already."""
        if self._ended.is_set() or self._line.qsize() >= MOST_WAITING:
            return False
        self._line.put(work)
        return True

    def end(self) -> None:
        """What waits is not begun any more."""
        self._ended.set()

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                work = self._line.get(timeout=1.0)
            except Empty:
                continue
            self._do(work)

    def _do(self, work: Work) -> None:
        try:
            work()
        except Exception as error:  # whatever it is: the next person must be answered
            # Its words may hold a response URL, which is a secret.
            place = extract_tb(error.__traceback__)[-1]
            where = f"{place.filename}:{place.lineno}"
            self._tell(Event("slack_act_failed", {"error": type(error).__name__, "where": where}))
