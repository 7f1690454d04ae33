"""OnnxClassifier: the shipped topic model, read with transformers and run by ONNX Runtime on the CPU."""

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.analysis import LABELS, Scores
from bot.errors import ModelError

os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")  # "PyTorch was not found" is how we want it
os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is ever downloaded at run time

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
TITLE = 200  # characters of a title that are read; more would leave a window no room for the text
BODY = 4000  # characters of a text that are read: about four windows
OVERLAP = 32  # tokens that a window shares with the one before


class OnnxClassifier:
    """`folder` holds config.json, tokenizer.json and model.onnx (Hugging Face layout)."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from transformers import AutoConfig, AutoTokenizer

        try:
            config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.enable_cpu_mem_arena = False  # a long article would keep its peak for ever
            self._session = onnxruntime.InferenceSession(
                (folder / "model.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
            )
            settings = config.tariffwatch
            ours = [config.id2label[n] for n in range(len(LABELS))]
        except Exception as error:  # each library has its own tree; to us they mean one thing
            raise ModelError(f"model in {folder} cannot be loaded: {error}") from error
        if tuple(ours) != LABELS:
            raise ModelError(f"model in {folder} has labels {ours}, wanted {list(LABELS)}")
        self.name = f"{folder.name} {settings['version']}"
        self._max_tokens: int = settings["max_tokens"]
        self._width: int = config.hidden_size
        self._cores = ThreadPoolExecutor(os.cpu_count() or 1, "classify")
        self._labels: dict[str, dict[str, float]] = settings["labels"]

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        """Calibrated probabilities, decisions at the stored thresholds, and a unit vector of 384 for each text.

        A long text is read in windows, each beneath the title: a topic that takes up a paragraph is a topic of the article,
        wherever the paragraph stands. The vector is that of the first window, the lead.
        """
        windows, owners = self._windows(texts)
        logits, vectors = self._run(windows)
        firsts = {owner: n for n, owner in reversed(list(enumerate(owners)))}
        return [
            self._scores(logits[[n for n, owner in enumerate(owners) if owner == place]].max(axis=0), vectors[first])
            for place, first in sorted(firsts.items())
        ]

    def logits(self, texts: Sequence[tuple[str, str]]) -> npt.NDArray[np.float64]:
        """(texts, 4) raw logits of each text's first window, in order; for the parity report."""
        windows, owners = self._windows(texts)
        logits, _ = self._run(windows)
        return logits[[owners.index(place) for place in range(len(texts))]].astype(np.float64)

    def _windows(self, texts: Sequence[tuple[str, str]]) -> tuple[list[dict[str, list[int]]], list[int]]:
        """Token windows of at most `max_tokens`, and for each the place of its text."""
        if not texts:
            return [], []
        try:
            encoded = self._tokenizer(
                [title[:TITLE] for title, _ in texts],
                [body[:BODY] for _, body in texts],
                truncation="only_second",
                max_length=self._max_tokens,
                stride=OVERLAP,
                return_overflowing_tokens=True,
            )
        except Exception as error:  # as when loading; the rules must get their turn
            raise ModelError(f"model {self.name} cannot score: {error}") from error
        owners: list[int] = list(encoded["overflow_to_sample_mapping"])
        return [{name: encoded[name][n] for name in INPUTS} for n in range(len(owners))], owners

    def _run(self, windows: Sequence[dict[str, list[int]]]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """(windows, 4) logits and (windows, 384) vectors.

        One window at a time: the int8 model takes its scales over a whole batch, so that a text's scores would change
        with its neighbours. Each core takes a window, which is quicker than all cores on one.
        """
        logits = np.zeros((len(windows), len(LABELS)), np.float32)
        vectors = np.zeros((len(windows), self._width), np.float32)
        try:
            for n, found in enumerate(self._cores.map(self._window, windows)):
                logits[n : n + 1], vectors[n : n + 1] = found
        except Exception as error:  # as when loading; the rules must get their turn
            raise ModelError(f"model {self.name} cannot score: {error}") from error
        return logits, vectors

    def _window(self, window: dict[str, list[int]]) -> Any:
        return self._session.run(None, {name: np.array([window[name]], np.int64) for name in INPUTS})

    def _scores(self, row: npt.NDArray[np.float32], vector: npt.NDArray[np.float32]) -> Scores:
        if not np.isfinite(row).all():
            raise ModelError(f"model {self.name} gave a score that is no number")
        scores = {}
        for name, logit in zip(LABELS, row, strict=True):
            label = self._labels[name]
            scores[name] = round(float(1 / (1 + np.exp(-(label["scale"] * float(logit) + label["bias"])))), 4)
        decided = {name: scores[name] >= self._labels[name]["threshold"] for name in LABELS}
        return Scores(scores, decided, tuple(np.round(vector.astype(np.float64), 5).tolist()), self.name)


def verify(folder: Path) -> None:
    """Raises ModelError when model.onnx is not the file that metrics.json was written for."""
    try:
        wanted = json.loads((folder / "metrics.json").read_text("utf-8"))["model_sha256"]
        found = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"model in {folder} cannot be checked: {error}") from error
    if wanted != found:
        raise ModelError(f"{folder / 'model.onnx'} is damaged: sha256 {found}, wanted {wanted}")
