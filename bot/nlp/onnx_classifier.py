"""OnnxClassifier: the shipped topic model, read with transformers and run by ONNX Runtime, on the CPU or a GPU."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.analysis import LABELS, TOPICS, Scores
from bot.errors import ConfigError, ModelError
from bot.nlp.keywords import plain_reading
from bot.nlp.linear_classifier import LinearClassifier
from bot.nlp.lots import SIZE, lots
from bot.nlp.onnx_session import open_session
from bot.nlp.spelling import headline, spelling
from bot.passages import LONGEST, passages
from bot.relevance import RelevanceStep, said, signals
from bot.vocabulary import Vocabulary, index_reading

os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")  # "PyTorch was not found" is how we want it
os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is ever downloaded at run time

Vector = npt.NDArray[np.float32]
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
TITLE = 200  # characters of a title that are read; more would leave a passage no room
PASSAGES = 4  # of a text that the encoder reads
DOUBTFUL = -2.5  # logit of relevance from which the parties are looked up; below it they could not turn the decision


class OnnxClassifier:
    """`folder` holds config.json, tokenizer.json and model.onnx (Hugging Face layout). `vocabulary` says who and what is
    named; `first_pass`, where there is one, which passages of a long text to read. `batch` is how many passages are read at
    once, on `device` ("cpu" or "cuda"); int8 is read one by one. `place` says where and how, in words."""

    def __init__(
        self,
        folder: Path,
        vocabulary: Vocabulary,
        first_pass: LinearClassifier | None = None,
        *,
        device: str = "cpu",
        batch: int = SIZE,
    ) -> None:
        from transformers import AutoConfig, AutoTokenizer

        try:
            config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            self._session = open_session(folder, device)
            settings = config.tariffwatch
            ours = [config.id2label[n] for n in range(len(LABELS))]
        except ConfigError:
            raise
        except Exception as error:  # each library has its own tree; to us they mean one thing
            raise ModelError(f"model in {folder} cannot be loaded: {error}") from error
        if tuple(ours) != LABELS:
            raise ModelError(f"model in {folder} has labels {ours}, wanted {list(LABELS)}")
        self.name = f"{folder.name} {settings['version']}"
        self._max_tokens: int = settings["max_tokens"]
        self._width: int = config.hidden_size
        self._batch = 1 if self._session.int8 else batch
        kind, lot = ("int8", "one passage") if self._session.int8 else ("full precision", f"{batch} passages")
        self.place = f"{device} ({self._session.provider}), {kind}, {lot} at a time"
        self._cores = ThreadPoolExecutor(1 if device == "cuda" else os.cpu_count() or 1, "classify")
        self._topics: dict[str, dict[str, float]] = settings["labels"]
        self.relevance = RelevanceStep(**settings["relevance"])
        self._vocabulary, self._first_pass = vocabulary, first_pass

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        """Calibrated probabilities, decisions at the stored thresholds, and a unit vector of 384 for each text.

        A long text is read in passages, each beneath the title: a topic that takes up a paragraph is a topic of the
        article, wherever the paragraph stands. The vector is that of the lead.
        """
        read = [(title[:TITLE], self._parts(text)) for title, text in texts]
        windows = [(title, part) for title, parts in read for part in parts]
        logits, vectors = self._run(self._tokens(windows))
        out, at = [], 0
        for title, parts in read:
            here = slice(at, at := at + len(parts))
            scores = self.decided(title, " ".join(parts), logits[here].max(axis=0).tolist())
            vector = np.round(vectors[here][0].astype(np.float64), 5)
            out.append(replace(scores, embedding=tuple(vector.tolist())))
        return out

    def logits(self, texts: Sequence[tuple[str, str]]) -> npt.NDArray[np.float64]:
        """(texts, 4) raw logits of each text's lead, in order; for the parity report."""
        return self._run(self._tokens([(title[:TITLE], text) for title, text in texts]))[0].astype(np.float64)

    def _parts(self, text: str) -> list[str]:
        """The lead and the passages that the first pass holds likeliest, in the order of the text."""
        parts = passages(text[:LONGEST])
        if len(parts) <= PASSAGES or self._first_pass is None:
            return parts[:PASSAGES]
        likely = self._first_pass.probabilities([("", part) for part in parts[1:]]).max(axis=1)
        best = sorted(range(len(likely)), key=lambda n: -likely[n])[: PASSAGES - 1]
        return [parts[0], *(parts[n + 1] for n in sorted(best))]

    def _tokens(self, pairs: Sequence[tuple[str, str]]) -> list[dict[str, list[int]]]:
        """Token ids of each pair of title and passage, at most `max_tokens`; what is too long loses the passage's end."""
        if not pairs:
            return []
        try:
            encoded = self._tokenizer(
                [headline(title) for title, _ in pairs],
                [spelling(part) for _, part in pairs],
                truncation="only_second",
                max_length=self._max_tokens,
            )
        except Exception as error:  # as when loading; the rules must get their turn
            raise ModelError(f"model {self.name} cannot score: {error}") from error
        return [{name: encoded[name][n] for name in INPUTS} for n in range(len(pairs))]

    def _run(self, windows: Sequence[dict[str, list[int]]]) -> tuple[Vector, Vector]:
        """(windows, 4) logits and (windows, 384) vectors.

        An int8 model reads one window at a time: it takes its scales over a whole batch, so that a text's scores would
        change with its neighbours. Each core takes a lot, which is quicker than all cores on one.
        """
        logits = np.zeros((len(windows), len(LABELS)), np.float32)
        vectors = np.zeros((len(windows), self._width), np.float32)
        taken = lots([len(window["input_ids"]) for window in windows], self._batch)
        read = [[windows[n] for n in lot] for lot in taken]
        try:
            for lot, found in zip(taken, self._cores.map(self._lot, read), strict=True):
                logits[lot], vectors[lot] = found
        except Exception as error:  # as when loading; the rules must get their turn
            raise ModelError(f"model {self.name} cannot score: {error}") from error
        return logits, vectors

    def _lot(self, windows: Sequence[dict[str, list[int]]]) -> Any:
        """A row each; a shorter one is filled up with what the mask hides."""
        longest = max(len(window["input_ids"]) for window in windows)
        rows = {name: np.zeros((len(windows), longest), np.int64) for name in INPUTS}
        for n, window in enumerate(windows):
            for name in INPUTS:
                rows[name][n, : len(window[name])] = window[name]
        return self._session.run(None, rows)

    def decided(self, title: str, text: str, logits: Sequence[float]) -> Scores:
        """Probabilities and decisions for a text, its `logits` in the order of LABELS; no embedding."""
        if not np.isfinite(logits).all():
            raise ModelError(f"model {self.name} gave a score that is no number")
        said = dict(zip(LABELS, map(float, logits), strict=True))
        scores = {name: self._probability(name, said[name]) for name in TOPICS}
        decided = {name: scores[name] >= self._topics[name]["threshold"] for name in TOPICS}
        found = evidence(title, text, said, self._vocabulary)
        whole = self.relevance.decide(found)
        return Scores(
            scores | {"relevant": whole.score}, decided | {"relevant": whole.decision}, (), self.name, whole.terms
        )

    def _probability(self, name: str, logit: float) -> float:
        label = self._topics[name]
        return round(float(1 / (1 + np.exp(-(label["scale"] * logit + label["bias"])))), 4)


def evidence(title: str, text: str, logits: Mapping[str, float], vocabulary: Vocabulary) -> dict[str, float]:
    """What speaks for and against relevance; the parties are looked up where that could turn the decision."""
    if logits["relevant"] < DOUBTFUL:
        return said(logits)
    title, text = headline(title), spelling(text)
    index = index_reading(plain_reading(f"{title}\n\n{text}" if text else title))
    return signals(title, index, vocabulary, logits)


def verify(folder: Path) -> None:
    """Raises ModelError when model.onnx is not the file that metrics.json was written for."""
    try:
        wanted = json.loads((folder / "metrics.json").read_text("utf-8"))["model_sha256"]
        found = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"model in {folder} cannot be checked: {error}") from error
    if wanted != found:
        raise ModelError(f"{folder / 'model.onnx'} is damaged: sha256 {found}, wanted {wanted}")
