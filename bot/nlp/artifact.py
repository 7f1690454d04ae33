"""The artifact: what a trained classifier leaves in its folder, and how near it stays to what was trained (extra `train`)."""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bot.analysis import LABELS
from bot.nlp.background import FILE
from bot.nlp.labelled import Item
from bot.nlp.onnx_classifier import OnnxClassifier
from bot.nlp.onnx_session import FILE as INT8
from bot.nlp.onnx_session import FULL
from bot.nlp.training import MAX_TOKENS, Topics, Trainer
from bot.vocabulary import Vocabulary

BACKGROUND = 500  # items whose vectors stand for all other news


def export(model: Topics, trainer: Trainer, out: Path, *, full: bool) -> None:
    """model.onnx (int8, per channel), tokenizer.json and config.json in Hugging Face layout; full.onnx (fp32) if it is wanted."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    out.mkdir(parents=True, exist_ok=True)
    sample = trainer.encode([Item("a", "A title", "and a text", "", ())])
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "tokens"} for name in names} | {"logits": {0: "batch"}, "embedding": {0: "batch"}}
    whole = out / FULL
    torch.onnx.export(
        model,
        tuple(sample[name] for name in names),
        str(whole),
        input_names=names,
        output_names=["logits", "embedding"],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(whole, out / INT8, weight_type=QuantType.QInt8, per_channel=True)
    trainer.tokenizer.model_max_length = MAX_TOKENS
    trainer.tokenizer.save_pretrained(out)
    if not full:
        whole.unlink()


def write_config(
    out: Path, encoder: Path, labels: Mapping[str, Any], relevance: Mapping[str, Any], version: str
) -> None:
    """config.json: the encoder's own, with id2label and our calibration beside it."""
    config = json.loads((encoder / "config.json").read_text("utf-8"))
    ours = {"version": version, "max_tokens": MAX_TOKENS, "labels": labels, "relevance": relevance}
    config |= {
        "architectures": ["TopicClassifier"],
        "problem_type": "multi_label_classification",
        "id2label": {str(n): name for n, name in enumerate(LABELS)},
        "label2id": {name: n for n, name in enumerate(LABELS)},
        "tariffwatch": ours,
    }
    (out / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", "utf-8")


def background(items: Sequence[Item], judge: OnnxClassifier, seed: int, out: Path) -> None:
    """Writes background.npz: vectors (n, 384) of items of every kind, against which users' own topics are learnt."""
    chance, by_kind = random.Random(seed), {item.kind: item for item in items}
    rest = [item for item in items if by_kind[item.kind] is not item]
    chosen = [*by_kind.values(), *chance.sample(rest, min(len(rest), max(0, BACKGROUND - len(by_kind))))][:BACKGROUND]
    vectors = [scores.embedding for scores in judge.score([(item.title, item.text) for item in chosen])]
    np.savez_compressed(out / FILE, vectors=np.array(vectors, np.float16))


def parity(model: Topics, trainer: Trainer, out: Path, items: Sequence[Item], vocabulary: Vocabulary) -> dict[str, Any]:
    """How far int8 is from fp32: largest and mean difference of probability, and the share of flipped decisions."""
    small = OnnxClassifier(out, vocabulary)
    texts = [(item.title, item.text) for item in items]
    found = [small.decided(title, text, row) for (title, text), row in zip(texts, small.logits(texts), strict=True)]
    exact = [
        small.decided(title, text, row) for (title, text), row in zip(texts, trainer.logits(model, items), strict=True)
    ]
    report: dict[str, Any] = {"items": len(items)}
    for name in LABELS:
        apart = [abs(a.scores[name] - b.scores[name]) for a, b in zip(found, exact, strict=True)]
        flips = sum(a.labels[name] != b.labels[name] for a, b in zip(found, exact, strict=True))
        report[name] = {"flips": flips, "max": round(max(apart), 4), "mean": round(float(np.mean(apart)), 5)}
    return report
