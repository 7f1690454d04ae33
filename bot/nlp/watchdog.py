"""The watchdog over a model: one that gives no answer in time is left to itself, and rules stand in for as long as it hangs."""

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

from bot.analysis import Scores
from bot.errors import ModelError
from bot.ports import Classifier, Reader
from bot.reading import Reading

PATIENCE = 60.0  # seconds for any batch
HOPELESS = 1800.0  # seconds after which one that was left is not waited for any more
EACH = 15.0  # seconds more for each text of it; the worst of the longest takes eight on a slow machine
Text = TypeVar("Text")
Made = TypeVar("Made")


class Watchdog:
    """Calls a model in a thread of its own, for a thread can be left and not be killed. While one hangs no other is started:
    it holds the model, and memory."""

    def __init__(
        self,
        name: str,
        patience: float = PATIENCE,
        each: float = EACH,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._patience, self._each, self._seconds = name, patience, each, seconds
        self._hanging: threading.Thread | None = None
        self._left = 0.0  # when that one was

    def hopeless(self) -> str:
        """In words, that it was left so long ago that only a new process will have the model again; "" while there is hope."""
        hung = self._seconds() - self._left if self._hanging and self._hanging.is_alive() else 0.0
        return f"{self._name} has hung over a text for {hung:.0f} s" if hung > HOPELESS else ""

    def watched(self, model: Callable[[Sequence[Text]], list[Made]], texts: Sequence[Text]) -> list[Made]:
        """What `model` makes of `texts`. Raises ModelError when it hangs, and whatever it raises itself."""
        if self._hanging and self._hanging.is_alive():
            raise ModelError(f"{self._name} still hangs over an earlier text; restart when it does not end")
        answer: SimpleQueue[list[Made] | BaseException] = SimpleQueue()
        thread = threading.Thread(target=_answered, args=(model, texts, answer), name="model", daemon=True)
        thread.start()
        seconds = self._patience + self._each * len(texts)
        try:
            made = answer.get(timeout=seconds)
        except Empty:
            self._hanging, self._left = thread, self._seconds()
            raise ModelError(f"{self._name} gave no answer within {seconds:g} s") from None
        if isinstance(made, BaseException):
            raise made
        return made


class WatchedReader:
    """A Reader that never takes for ever."""

    def __init__(self, reader: Reader, watchdog: Watchdog) -> None:
        self._reader, self.watchdog = reader, watchdog

    def read(self, texts: Sequence[str]) -> list[Reading]:
        return self.watchdog.watched(self._reader.read, texts)


class WatchedClassifier:
    """A Classifier that never takes for ever."""

    def __init__(self, classifier: Classifier, watchdog: Watchdog) -> None:
        self.name = classifier.name
        self._classifier, self.watchdog = classifier, watchdog

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        return self.watchdog.watched(self._classifier.score, texts)


def _answered(
    model: Callable[[Sequence[Text]], list[Made]],
    texts: Sequence[Text],
    answer: "SimpleQueue[list[Made] | BaseException]",
) -> None:
    try:
        answer.put(model(texts))
    except BaseException as error:  # it is raised again where the answer is awaited
        answer.put(error)
