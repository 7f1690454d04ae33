"""The classifier against what people use instead, on the same items in one run: throughput, and peak memory.

Each side runs in a process of its own. The rivals need PyTorch (extra `train`); BART-large-MNLI is timed with random
weights of its architecture, which take as long as trained ones.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.items import Item, items

STREAM = 0.03  # share of relevant items in a live stream
ZERO_SHOT = 24  # items for BART, which takes seconds for each


def ours(found: list[Item]) -> float:
    """The encoder alone, on every item."""
    return _ours(found, sparing=False)


def cascade(found: list[Item]) -> float:
    """The encoder behind its first pass."""
    return _ours(found, sparing=True)


def _ours(found: list[Item], *, sparing: bool) -> float:
    from dataclasses import replace

    from bot import app
    from bot.config import load_config
    from bot.demo import SHIPPED
    from bot.examination import cascade

    config = replace(load_config(SHIPPED, {}), first_pass=sparing)
    model = app.model(config, app.vocabulary())
    cascade([("warm", "up")], model.first_pass, model.classifier.score)
    started = time.perf_counter()
    for at in range(0, len(found), 128):
        cascade([(item.title, item.summary) for item in found[at : at + 128]], model.first_pass, model.classifier.score)
    return time.perf_counter() - started


def pipeline(found: list[Item]) -> float:
    """`pipeline("text-classification")` over the same encoder in PyTorch fp32."""
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer
    from transformers import pipeline as make

    from bot.nlp.training import installed_encoder

    base = installed_encoder()
    config = AutoConfig.from_pretrained(base, num_labels=4, problem_type="multi_label_classification")
    model = AutoModelForSequenceClassification.from_pretrained(base, config=config)
    classify = make("text-classification", model=model, tokenizer=AutoTokenizer.from_pretrained(base), top_k=None)
    return _timed(found, lambda text: classify(text, truncation=True, max_length=256))


def zero_shot(found: list[Item]) -> float:
    """A BART-large-MNLI classifier with three hypotheses for each item, scaled up from a sample of the items."""
    import torch
    from transformers import BartConfig, BartForSequenceClassification

    from bot.nlp.training import installed_encoder

    model: Any = BartForSequenceClassification(BartConfig())  # the defaults are those of bart-large
    model.eval()
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(installed_encoder())  # its ids are as many, and below BART's count

    def classify(text: str) -> Any:
        hypotheses = [f"This example is about {topic}." for topic in ("trade", "tariffs", "sectors")]
        tokens = tokenizer([text] * 3, hypotheses, truncation="only_first", max_length=256, padding=True)
        ids = torch.tensor(tokens["input_ids"])
        ids[:, -1] = model.config.eos_token_id  # where the classification head looks
        ids[:, :-1][ids[:, :-1] == model.config.eos_token_id] = 3
        with torch.inference_mode():
            return model(input_ids=ids, attention_mask=torch.tensor(tokens["attention_mask"])).logits

    sample = found[:: max(1, len(found) // ZERO_SHOT)][:ZERO_SHOT]
    return _timed(sample, classify) * len(found) / len(sample)


def _timed(found: list[Item], classify: Callable[[str], Any]) -> float:
    classify("warm up")
    started = time.perf_counter()
    for item in found:
        classify(f"{item.title}\n\n{item.summary}")
    return time.perf_counter() - started


SIDES: dict[str, Callable[[list[Item]], float]] = {
    "encoder": ours,
    "cascade": cascade,
    "pipeline": pipeline,
    "zero-shot": zero_shot,
}


def side(name: str, count: int, python: str) -> dict[str, float]:
    """Items a second, and the peak memory (MB) of the process, of one side in a fresh process."""
    command = [python, "-m", "benchmarks.classifier", "--side", name, "--items", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
    seconds, peak = map(float, done.stdout.split()[-2:])
    return {"items/s": round(count / seconds, 1), "peak MB": round(peak)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--items", type=int, default=1000)
    options.add_argument("--side", choices=SIDES)
    options.add_argument(
        "--own-python", default=sys.executable, help="an environment without PyTorch, as users have it"
    )
    chosen = options.parse_args()
    if chosen.side:
        seconds = SIDES[chosen.side](items(chosen.items, STREAM))
        print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    own = dict.fromkeys(("encoder", "cascade"), chosen.own_python)
    found = {name: side(name, chosen.items, own.get(name, sys.executable)) for name in SIDES}
    for name, figures in found.items():
        print(json.dumps({"classifier": name, **figures}))
    rate = {name: figures["items/s"] for name, figures in found.items()}
    ratios = {
        "encoder / pipeline": rate["encoder"] / rate["pipeline"],
        "encoder / zero-shot": rate["encoder"] / rate["zero-shot"],
        "cascade / pipeline": rate["cascade"] / rate["pipeline"],
    }
    print(json.dumps({name: round(ratio, 1) for name, ratio in ratios.items()}))


if __name__ == "__main__":
    main()
