"""The recipe: fine-tune the encoder on models/topics, calibrate on held-out phenomena, export to ONNX int8.

Needs the extra `train` (PyTorch); no other command loads it. What is done is kept in a work folder, by a fingerprint of
items, recipe and encoder, so that a run which was stopped goes on after its last epoch.
"""

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bot.analysis import LABELS
from bot.facts import Fact, find_facts
from bot.nlp.artifact import background, export, parity, write_config
from bot.nlp.calibration import Matrix, calibrate, fit_relevance, held_out
from bot.nlp.first_pass_training import first_pass
from bot.nlp.labelled import FOLDS, Item
from bot.nlp.onnx_classifier import DOUBTFUL, OnnxClassifier
from bot.nlp.spacy_reader import SpacyReader
from bot.nlp.training import Log, Recipe, Trainer, cross_validate
from bot.vocabulary import Vocabulary, index_reading

SAMPLE = 1000  # items on which int8 is compared with fp32
ANY_DAY = date(2026, 1, 1)  # items carry none, and who is on whom does not hang on it


def run(
    items: Sequence[Item],
    encoder: Path,
    out: Path,
    work: Path,
    vocabulary: Vocabulary,
    *,
    recipe: Recipe,
    version: str,
    full: bool = False,
    log: Log = print,
) -> None:
    """The whole recipe; `out` then holds the artifact (with `full`, also in fp32, for a GPU) and metrics.json, and `work` what a
    stopped run goes on from."""
    trainer = Trainer(encoder, recipe, log)
    work = work / fingerprint(items, recipe, encoder)
    for folder in (work, out):
        folder.mkdir(parents=True, exist_ok=True)
    log(f"{len(items)} items, {len({i.kind for i in items})} kinds; work is kept in {work}")
    logits = cross_validate(trainer, items, work)
    facts = read_facts(items, logits, vocabulary)
    labels, relevance = calibrate(logits, items), fit_relevance(logits, items, facts, vocabulary)
    log(json.dumps({"labels": labels, "relevance": relevance}))
    model = trainer.train(items, work / "all.pt")
    export(model, trainer, out, full=full)
    write_config(out, encoder, labels, relevance, version)
    judge = OnnxClassifier(out, vocabulary)
    found = [
        judge.relevance.with_facts(judge.decided(item.title, item.text, row), told)
        for item, row, told in zip(items, logits, facts, strict=True)
    ]
    background(items, judge, recipe.seed, out)
    said = {name: np.array([f.labels[name] for f in found]) for name in LABELS}
    scores = {name: np.array([f.scores[name] for f in found]) for name in LABELS}
    sample = random.Random(recipe.seed).sample(items, min(SAMPLE, len(items)))
    metrics: dict[str, Any] = {
        "items": len(items),
        "folds": FOLDS,
        "recipe": asdict(recipe),
        "held_out": held_out(items, said, scores),
        "first_pass": first_pass(items, said["relevant"], recipe.seed, out),
        "int8_against_fp32": parity(model, trainer, out, sample, vocabulary),
        "model_sha256": hashlib.sha256((out / "model.onnx").read_bytes()).hexdigest(),
    }
    (out / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")
    log(
        json.dumps(
            {k: v for k, v in metrics.items() if k != "held_out"} | {"held_out": metrics["held_out"]["labels"]},
            indent=1,
        )
    )


def read_facts(items: Sequence[Item], logits: Matrix, vocabulary: Vocabulary) -> list[tuple[Fact, ...]]:
    """The facts of each item that may be relevant, by the reader that the program comes with."""
    open_ = [n for n, said in enumerate(logits[:, LABELS.index("relevant")]) if said >= DOUBTFUL]
    out: list[tuple[Fact, ...]] = [()] * len(items)
    wholes = [f"{items[n].title}\n\n{items[n].text}" if items[n].text else items[n].title for n in open_]
    for n, reading in zip(open_, SpacyReader().read(wholes), strict=True):
        out[n] = find_facts(reading, index_reading(reading), vocabulary, ANY_DAY)
    return out


def fingerprint(items: Sequence[Item], recipe: Recipe, encoder: Path) -> str:
    content = [[asdict(item) for item in items], asdict(recipe), (encoder / "config.json").read_text("utf-8")]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
