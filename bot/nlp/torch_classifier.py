"""TorchClassifier: any Hugging Face sequence classifier, by name or path, in PyTorch (extra `train`), on the CPU or a GPU."""

from collections.abc import Sequence
from typing import Any

from bot.analysis import LABELS, TOPICS, Scores
from bot.errors import ConfigError, ModelError
from bot.nlp.lots import SIZE, lots
from bot.nlp.onnx_session import WITHOUT

CUT = 0.5


class TorchClassifier:
    """The model's `id2label` names our labels (any subset that holds a topic or `relevant`; case and spaces do not matter).

    A label it lacks scores 0, but for `relevant`, which then is the score of `india_us_trade` or the best topic. `batch` is
    how many texts are read at once, on `device` ("cpu" or "cuda", there in half precision). `place` says where, in words.
    """

    def __init__(self, model: str, *, max_tokens: int = 256, device: str = "cpu", batch: int = SIZE) -> None:
        try:
            import torch
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
        except ImportError as error:
            raise ModelError(
                f"model {model!r} is no folder with model.onnx, and other models need PyTorch: pip install 'tariffwatch[train]'"
            ) from error
        if device == "cuda":
            _refuse(torch)
        self._torch, self._device, self._batch = torch, device, batch
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(model, trust_remote_code=False)
            self._model: Any = AutoModelForSequenceClassification.from_pretrained(
                model, trust_remote_code=False, use_safetensors=True
            ).eval()
            if device == "cuda":
                self._model = self._model.half().to(device)
        except (OSError, ValueError, RuntimeError) as error:  # the last from PyTorch, as when a GPU is full
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
        where = f"{device} ({torch.cuda.get_device_name()})" if device == "cuda" else device
        kind = str(self._model.dtype).removeprefix("torch.")
        self.place = f"{where}, PyTorch {torch.__version__}, {kind}, {batch} texts at a time"

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        """Sigmoid of each logit (softmax for a single-label model), decided at one half; no embedding."""
        out: dict[int, Scores] = {}
        for lot in lots([len(title) + len(text) for title, text in texts], self._batch):
            try:
                out |= zip(lot, self._lot([texts[n] for n in lot]), strict=True)
            except Exception as error:  # tokenizers and PyTorch raise all sorts; the rules must get their turn
                raise ModelError(f"model {self.name} cannot score: {error}") from error
        return [out[n] for n in range(len(texts))]

    def _lot(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        encoded = self._tokenizer(
            [title for title, _ in texts],
            [text for _, text in texts],
            truncation="longest_first",
            max_length=self._max_tokens,
            padding=True,
            return_tensors="pt",
        )
        with self._torch.inference_mode():
            logits = self._model(**encoded.to(self._device)).logits.float()
        if not logits.isfinite().all():  # half precision ends at 65,504
            raise ModelError("a score is no number")
        rows = logits.softmax(-1) if self._single else logits.sigmoid()
        return [self._scores(row) for row in rows.tolist()]

    def _scores(self, row: list[float]) -> Scores:
        scores = {name: row[self._columns[name]] if name in self._columns else 0.0 for name in LABELS}
        if "relevant" not in self._columns:
            scores["relevant"] = scores["india_us_trade"] or max(scores[name] for name in TOPICS)
        return Scores(scores, {name: score >= CUT for name, score in scores.items()}, (), self.name)


def _refuse(torch: Any) -> None:
    """Raises ConfigError for a GPU that PyTorch does not see."""
    if not torch.cuda.is_available():
        hint = "see that `nvidia-smi` shows one, and install a PyTorch that is built for CUDA (docs/model.md)"
        problem = f"reading.device is cuda, but PyTorch {torch.__version__} sees no GPU"
        raise ConfigError(problem, hint=f"{hint}; {WITHOUT}")
