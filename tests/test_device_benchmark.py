"""The table of what a GPU is worth: ratios within one run, and what cannot be run is passed over with the reason."""

from collections.abc import Sequence
from typing import Any

from benchmarks.device import Row, lines
from bot.analysis import Scores
from bot.errors import ConfigError

TEXTS = [(f"Title {n}", "A text.") for n in range(50)]
A_MOMENT = 0.001  # seconds


class Likely:
    """A classifier that gives every text the same score."""

    place = "somewhere"

    def __init__(self, score: float) -> None:
        self._score = score

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        return [Scores({"relevant": self._score}, {"relevant": True}, (), "likely") for _ in texts]


def no_gpu() -> Any:
    raise ConfigError("PyTorch sees no GPU", hint="buy one")


def test_what_cannot_be_run_is_passed_over_with_the_reason_and_the_table_goes_on() -> None:
    rows = [Row("large", "cuda", 64, no_gpu), Row("large", "cpu", 8, lambda: Likely(0.5))]
    _, passed, ran = lines(iter(rows), TEXTS, A_MOMENT)
    assert passed.split() == ["large", "cuda", "64", "passed", "over:", "ConfigError:", "PyTorch", "sees", "no", "GPU"]
    assert ran.split()[:3] == ["large", "cpu", "8"]


def test_the_first_row_is_what_others_are_measured_against() -> None:
    rows = [Row("shipped", "cpu", 1, lambda: Likely(0.5)), Row("large", "cpu", 8, lambda: Likely(0.5))]
    _, shipped, large = lines(iter(rows), TEXTS, A_MOMENT)
    rate, ratio = (float(word.replace(",", "")) for word in shipped.split()[3:5])
    assert (rate > 0, ratio) == (True, 1)
    other, ratio = (float(word.replace(",", "")) for word in large.split()[3:5])
    assert abs(ratio - other / rate) < 0.01


def test_each_lot_is_read_whole_though_there_are_fewer_texts() -> None:
    sizes: list[int] = []

    class Counting(Likely):
        def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
            sizes.append(len(texts))
            return super().score(texts)

    list(lines(iter([Row("large", "cpu", 64, lambda: Counting(0.5))]), TEXTS[:3], A_MOMENT))
    assert set(sizes) == {4 * 64}
