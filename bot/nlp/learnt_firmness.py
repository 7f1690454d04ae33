"""LearntFirmness: action and status where the rules end, by a linear model over words and the rules' own answers, in NumPy.

It speaks where it proved better than the rules on wordings that neither had seen, case by case; elsewhere they stand.
"""

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from bot.clauses import Clause
from bot.errors import ModelError
from bot.facts import ACTIONS, STATUSES
from bot.firmness import Firmness

FILE = "firmness.npz"
ANSWERS = {"status": STATUSES, "action": ACTIONS}
WORDS = 3.0  # how much all words of a sentence weigh together, against one for each sign of the rules
NEVER = 2.0  # a cut that no probability reaches
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+|[?\"“”:;,]")
_NOUNS = {
    "countries": "<c>",
    "peoples": "<c>",
    "blocs": "<c>",
    "instruments": "<m>",
    "sectors": "<g>",
    "grounds": "<r>",
}
_TELLING = ("actions", "statuses", "cues")
_LONGEST = 3  # words that are learnt together
_STEM = 5  # letters

Keys = npt.NDArray[np.uint32]
Matrix = npt.NDArray[np.float32]


def words(clause: Clause) -> list[str]:
    """Lower-case words; who, what and which measure are named by their kind alone, and a number counts as one."""
    marks = [mark for mark in clause.marks if mark.kind in _NOUNS]
    out: list[str] = []
    for match in _WORD.finditer(clause.text, clause.start, clause.end):
        name = next((_NOUNS[m.kind] for m in marks if m.start <= match.start() < m.end), "")
        word = name or ("0" if match.group().isdigit() else match.group().lower().replace("’", "'"))
        if not name or out[-1:] != [name]:
            out.append(word)
    return out


def grams(sentence: Clause) -> set[str]:
    """Runs of one to three words, and how long words begin."""
    found = ["^", *words(sentence), "$"]
    runs = {" ".join(found[at : at + n]) for n in range(1, _LONGEST + 1) for at in range(len(found) - n + 1)}
    return runs | {f"~{word[:_STEM]}" for word in found if len(word) > _STEM}


def signs(said: Firmness, told: Clause, sentence: Clause) -> set[str]:
    """What the rules say, and the words they go by."""
    status, action = said.status, said.action
    own = {f"part {m.kind} {m.name}" for m in told.marks if m.kind in _TELLING}
    around = {f"around {m.kind} {m.name}" for m in sentence.marks if m.kind in _TELLING}
    answers = {f"status {status}", f"action {action}", f"status {status} {said.sure}", f"both {status} {action}"}
    return {*own, *around, *answers, f"background {said.background}", f"figures {said.figures}"}


def keys(names: Iterable[str]) -> Keys:
    """Each name as a number, in order."""
    return np.unique(np.fromiter((zlib.crc32(name.encode()) for name in names), np.uint32))


def case(what: str, said: Firmness) -> str:
    """The rules' answer, by which it is decided who is asked: "in_force, not told", "denied, refused", "cut, by figures"."""
    if what == "action":
        return f"{said.action}, by figures" if said.figures else said.action
    if said.refused:
        return f"{said.status}, refused"
    return said.status if said.sure else f"{said.status}, not told"


class LearntFirmness:
    """`file` is an .npz of `keys` (n,), ascending, `weights` (n, 17), `bias` (17,), statuses before actions, and `cases` with
    `cuts`: the probability from which the model's answer takes the place of the rules' in a case."""

    def __init__(self, file: Path) -> None:
        try:
            with np.load(file, allow_pickle=False) as saved:
                self._keys: Keys = saved["keys"]
                self._weights, self._bias = saved["weights"].astype(np.float32), saved["bias"].astype(np.float32)
                self._cuts = dict(zip(map(str, saved["cases"]), map(float, saved["cuts"]), strict=True))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ModelError(f"learnt firmness {file} cannot be loaded: {error}") from error
        if self._weights.shape != (len(self._keys), len(STATUSES) + len(ACTIONS)):
            raise ModelError(f"learnt firmness {file} has weights of shape {self._weights.shape}")

    def __call__(self, said: Firmness, told: Clause, sentence: Clause) -> Firmness:
        """The rules' word, with what the model knows better."""
        cuts = {what: self._cuts.get(f"{what}: {case(what, said)}", NEVER) for what in ANSWERS}
        if min(cuts.values()) >= NEVER:
            return said
        found = self.probabilities(said, told, sentence)
        better = {what: name for what, (name, p) in found.items() if p >= cuts[what] and name != getattr(said, what)}
        if not better:
            return said
        status, action = better.get("status", said.status), better.get("action", said.action)
        sure = said.sure or "status" in better
        return replace(said, status=status, action=action, sure=sure, learnt=tuple(better))

    def probabilities(self, said: Firmness, told: Clause, sentence: Clause) -> dict[str, tuple[str, float]]:
        """The likeliest status and action, each with its probability."""
        row = self._bias.copy()
        for names, weight in ((grams(sentence), WORDS), (signs(said, told, sentence), None)):
            at = self._known(keys(names))
            row += self._weights[at].sum(axis=0) * (weight / max(1, len(at)) ** 0.5 if weight else 1.0)
        return dict(_likeliest(row))

    def _known(self, wanted: Keys) -> npt.NDArray[np.intp]:
        at = np.searchsorted(self._keys, wanted).clip(max=max(0, len(self._keys) - 1))
        return at[self._keys[at] == wanted] if len(self._keys) else at[:0]


def _likeliest(row: Matrix) -> Iterator[tuple[str, tuple[str, float]]]:
    at = 0
    for what, names in ANSWERS.items():
        logits = row[at : at + len(names)]
        chance = np.exp(logits - logits.max())
        best = int(chance.argmax())
        yield what, (names[best], float(chance[best] / chance.sum()))
        at += len(names)
