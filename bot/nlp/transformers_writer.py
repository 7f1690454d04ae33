"""TransformersWriter: any Hugging Face sequence-to-sequence model, by name or path, in PyTorch (extra `train`)."""

from collections.abc import Sequence
from typing import Any

from bot.errors import ModelError

BATCH = 4
LONGEST_IN = 512  # tokens
LONGEST_OUT = 96
SECONDS = 10.0  # for one text


class TransformersWriter:
    """Writes with beams of one and no chance, so that the same sentences give the same words."""

    def __init__(self, model: str, *, seconds: float = SECONDS) -> None:
        try:
            import torch
            from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
        except ImportError as error:
            raise ModelError(
                f"summaries.writer {model!r} needs PyTorch: pip install 'tariffwatch[train]', or leave the key out"
            ) from error
        self._torch = torch
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(model, trust_remote_code=False)
            self._model: Any = AutoModelForSeq2SeqLM.from_pretrained(
                model, trust_remote_code=False, use_safetensors=True
            ).eval()
        except (OSError, ValueError) as error:
            raise ModelError(f"summaries.writer {model!r} cannot be loaded: {error}") from error
        self._seconds = seconds
        self.name = model.rstrip("/").rpartition("/")[2]

    def write(self, texts: Sequence[str]) -> list[str]:
        """What is not done within the time is cut where it is, and may then be no sentence. Raises ModelError."""
        out: list[str] = []
        for at in range(0, len(texts), BATCH):
            try:
                out += self._batch(texts[at : at + BATCH])
            except Exception as error:  # tokenizers and PyTorch raise all sorts; the quotes stand without it
                raise ModelError(f"summaries.writer {self.name} cannot write: {error}") from error
        return out

    def _batch(self, texts: Sequence[str]) -> list[str]:
        encoded = self._tokenizer(
            list(texts), truncation=True, max_length=LONGEST_IN, padding=True, return_tensors="pt"
        )
        with self._torch.inference_mode():
            written = self._model.generate(
                input_ids=encoded["input_ids"],
                attention_mask=encoded["attention_mask"],
                max_new_tokens=LONGEST_OUT,
                do_sample=False,
                num_beams=1,
                max_time=self._seconds * len(texts),
            )
        return [str(words).strip() for words in self._tokenizer.batch_decode(written, skip_special_tokens=True)]
