"""LinearClassifier: logistic regression over hashed words and pairs of words, in NumPy; the cheap first pass.

It rules out what surely holds no label, at 0.1 ms an item, so that the encoder reads the rest only; and it says which
passages of a long text are worth the encoder's time.
"""

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from bot.analysis import LABELS, Scores
from bot.errors import ModelError
from bot.nlp.spelling import headline, spelling
from bot.passages import LONGEST, passages

FILE = "first_pass.npz"
BUCKETS = 2**17
_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*|\d+")


def buckets(title: str, text: str) -> npt.NDArray[np.int64]:
    """The places of the item's words and pairs of words in the table of weights, each once. A number counts as one."""
    found = ["0" if word.isdigit() else word for word in _WORD.findall(f"{headline(title)} . {spelling(text)}".lower())]
    grams = {*found, *(f"{a} {b}" for a, b in pairwise(found))}
    return np.fromiter((zlib.crc32(gram.encode()) % BUCKETS for gram in grams), np.int64, len(grams))


class LinearClassifier:
    """`file` is an .npz of `weights` (BUCKETS, 4), `bias` (4,), `cut`, the score at which a label is held possible,
    and `damp` (4,), by which the scores of what is ruled out are multiplied to mean what they say."""

    def __init__(self, file: Path) -> None:
        try:
            with np.load(file, allow_pickle=False) as saved:
                self._weights = saved["weights"].astype(np.float32)
                self._bias, self._damp = saved["bias"].astype(np.float32), saved["damp"].astype(np.float32)
                self._cut = float(saved["cut"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ModelError(f"first pass {file} cannot be loaded: {error}") from error
        if self._weights.shape != (BUCKETS, len(LABELS)):
            raise ModelError(f"first pass {file} has weights of shape {self._weights.shape}")
        self.name = f"first pass of {file.parent.name}"

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        """Probabilities, of a long text those of its likeliest passage; a label is decided yes where any may hold."""
        read = [[(title, part) for part in passages(text[:LONGEST])] for title, text in texts]
        rows = iter(self.probabilities([pair for pairs in read for pair in pairs]))
        return [self._scores(np.max([next(rows) for _ in pairs], axis=0)) for pairs in read]

    def probabilities(self, texts: Sequence[tuple[str, str]]) -> npt.NDArray[np.float32]:
        """(texts, 4)."""
        rows = [self._logits(buckets(title, text)) for title, text in texts]
        logits = np.array(rows, np.float32).reshape(-1, len(LABELS))
        return (1 / (1 + np.exp(-logits))).astype(np.float32)

    def _logits(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        found: npt.NDArray[np.float32] = self._weights[places].sum(axis=0) / max(1, len(places)) ** 0.5 + self._bias
        return found

    def _scores(self, row: npt.NDArray[np.float32]) -> Scores:
        possible = dict(zip(LABELS, (row >= self._cut).tolist(), strict=True))
        row = row if any(possible.values()) else row * self._damp
        scores = {name: round(float(p), 4) for name, p in zip(LABELS, row, strict=True)}
        return Scores(scores, possible, (), self.name)
