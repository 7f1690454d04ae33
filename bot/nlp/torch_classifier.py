"""TorchClassifier: any Hugging Face sequence classifier, by name or path, in PyTorch (extra `train`)."""

from collections.abc import Sequence
from typing import Any

from bot.analysis import LABELS, TOPICS, Scores
from bot.errors import ModelError

BATCH = 8
CUT = 0.5


class TorchClassifier:
    """The model's `id2label` names our labels (any subset that holds a topic or `relevant`; case and spaces do not matter).

    A label it lacks scores 0, but for `relevant`, which then is the score of `india_us_trade` or the best topic.
    """

    def __init__(self, model: str, *, max_tokens: int = 256) -> None:
        try:
            import torch
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
        except ImportError as error:
            raise ModelError(
                f"model {model!r} is no folder with model.onnx, and other models need PyTorch: pip install 'tariffwatch[train]'"
            ) from error
        self._torch = torch
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(model, trust_remote_code=False)
            self._model: Any = AutoModelForSequenceClassification.from_pretrained(
                model, trust_remote_code=False, use_safetensors=True
            ).eval()
        except (OSError, ValueError) as error:
            raise ModelError(f"model {model!r} cannot be loaded: {error}") from error
        names = {n: str(name).strip().lower().replace(" ", "_") for n, name in self._model.config.id2label.items()}
        self._columns = {name: int(n) for n, name in names.items() if name in LABELS}
        if not self._columns:
            raise ModelError(
                f"model {model!r} has labels {sorted(names.values())}; at least one of {', '.join(LABELS)} is needed"
            )
        self._single = self._model.config.problem_type == "single_label_classification"
        self._max_tokens = max_tokens
        self.name = model

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        """Sigmoid of each logit (softmax for a single-label model), decided at one half; no embedding."""
        out: list[Scores] = []
        for at in range(0, len(texts), BATCH):
            try:
                out += self._batch(texts[at : at + BATCH])
            except Exception as error:  # tokenizers and PyTorch raise all sorts; the rules must get their turn
                raise ModelError(f"model {self.name} cannot score: {error}") from error
        return out

    def _batch(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        encoded = self._tokenizer(
            [title for title, _ in texts],
            [text for _, text in texts],
            truncation="longest_first",
            max_length=self._max_tokens,
            padding=True,
            return_tensors="pt",
        )
        with self._torch.inference_mode():
            logits = self._model(**encoded).logits
        rows = logits.softmax(-1) if self._single else logits.sigmoid()
        return [self._scores([float(x) for x in row]) for row in rows]

    def _scores(self, row: list[float]) -> Scores:
        scores = {name: row[self._columns[name]] if name in self._columns else 0.0 for name in LABELS}
        if "relevant" not in self._columns:
            scores["relevant"] = scores["india_us_trade"] or max(scores[name] for name in TOPICS)
        return Scores(scores, {name: score >= CUT for name, score in scores.items()}, (), self.name)
