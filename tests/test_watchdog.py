"""The watchdog over models: what hangs is left, and asked again once it has ended."""

import threading
from collections.abc import Sequence

import pytest

from bot.errors import ModelError
from bot.nlp.keywords import PlainReader
from bot.nlp.watchdog import Watchdog, WatchedClassifier, WatchedReader
from bot.reading import Reading
from tests.line import TriggerClassifier


class HangingReader:
    """Reads the word `hang` until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def read(self, texts: Sequence[str]) -> list[Reading]:
        if "hang" in texts:
            self.let_go.wait(30)
        return PlainReader().read(texts)


def test_a_model_that_answers_is_heard() -> None:
    reader = WatchedReader(PlainReader(), Watchdog("reader"))
    assert reader.read(["One. Two."]) == PlainReader().read(["One. Two."])
    classifier = WatchedClassifier(TriggerClassifier(), Watchdog("model"))
    assert classifier.name == "triggers 1"
    assert classifier.score([("Tariff", "")]) == TriggerClassifier().score([("Tariff", "")])


def test_what_a_model_raises_is_raised() -> None:
    with pytest.raises(ModelError, match="no number"):
        WatchedClassifier(TriggerClassifier(broken=True), Watchdog("model")).score([("a", "")])


@pytest.mark.fault("B28")
def test_a_model_that_hangs_is_left_and_not_asked_until_it_has_ended() -> None:
    hanging = HangingReader()
    watchdog = Watchdog("spaCy", patience=0.05, each=0)
    reader = WatchedReader(hanging, watchdog)
    with pytest.raises(ModelError, match=r"spaCy gave no answer within 0\.05 s"):
        reader.read(["hang"])
    with pytest.raises(ModelError, match="still hangs over an earlier text"):
        reader.read(["good"])
    hanging.let_go.set()
    assert watchdog._hanging is not None
    watchdog._hanging.join(5)
    assert len(WatchedReader(hanging, Watchdog("spaCy")).read(["good"])) == 1
    watchdog._patience = 5
    assert len(reader.read(["good"])) == 1
