"""The watchdog over models: what hangs is left, and asked again once it has ended."""

import threading
from collections.abc import Sequence

import pytest

from bot.app import hopeless
from bot.errors import ModelError
from bot.nlp.keywords import PlainReader
from bot.nlp.watchdog import Watchdog, WatchedClassifier, WatchedReader
from bot.reading import Reading
from tests.line import Line, TriggerClassifier


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
    assert watchdog.hopeless() == ""
    hanging.let_go.set()
    assert watchdog._hanging is not None
    watchdog._hanging.join(5)
    assert len(WatchedReader(hanging, Watchdog("spaCy")).read(["good"])) == 1
    watchdog._patience = 5
    assert len(reader.read(["good"])) == 1


@pytest.mark.fault("B28", "T03")
def test_a_model_that_has_hung_for_half_an_hour_is_told_as_one_that_will_not_come_back() -> None:
    hanging, now = HangingReader(), [0.0]
    reading = Line(store=None, reader=WatchedReader(hanging, Watchdog("spaCy", 0.05, 0, lambda: now[0])))  # type: ignore[arg-type]
    examiner = reading.pipeline.examiner
    with pytest.raises(ModelError):
        examiner.reader.read(["hang"])
    now[0] = 1800.0
    assert hopeless(examiner) == []
    now[0] = 1801.0
    assert hopeless(examiner) == ["spaCy has hung over a text for 1801 s"]
    hanging.let_go.set()
    watchdog = examiner.reader.watchdog  # type: ignore[attr-defined]
    watchdog._hanging.join(5)
    assert hopeless(examiner) == []
