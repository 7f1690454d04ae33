"""What a GPU is worth to the classifier: items a second of one run, on the CPU and on CUDA, by batch and by size of model.

Weights are random where no folder is named: they take as long as trained ones, and say nothing of quality. What a machine
cannot run is passed over, with the reason. PyTorch, transformers, NumPy and ahocorasick_rs are enough for all but the first row.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.items import items

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # all is here, or made here
ROOT = Path(__file__).parent.parent
SHIPPED, ENTITIES = ROOT / "models" / "minilm-topics", ROOT / "models" / "entities"
ON_CPU, ON_GPU = 8, (16, 64, 256)  # texts at a time
LOOK = 32  # items of which the scores are compared with those of the same model on the CPU
WIDTHS = {  # hidden size, layers, heads
    "as big as mpnet-base (110 M)": (768, 12, 12),
    "as big as BERT-large (335 M)": (1024, 24, 16),
}
Texts = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """`load` makes the classifier, which reads `batch` texts at a time."""

    model: str
    device: str
    batch: int
    load: Callable[[], Any]


def rows(folders: dict[str, str]) -> Iterator[Row]:
    """The shipped model, then each of the folders on the CPU and on a GPU."""
    yield Row("shipped, ONNX int8", "cpu", 1, _shipped)
    for name, folder in folders.items():
        yield Row(name, "cpu", ON_CPU, partial(_torch, folder, "cpu", ON_CPU))
        for batch in ON_GPU:
            yield Row(name, "cuda", batch, partial(_torch, folder, "cuda", batch))


def _shipped() -> Any:
    from bot.nlp.gazetteer import load_vocabulary
    from bot.nlp.onnx_classifier import OnnxClassifier

    return OnnxClassifier(SHIPPED, load_vocabulary(ENTITIES))


def _torch(folder: str, device: str, batch: int) -> Any:
    from bot.nlp.torch_classifier import TorchClassifier

    return TorchClassifier(folder, device=device, batch=batch)


def same_as_shipped(folder: Path) -> str:
    """The architecture of the shipped encoder."""
    from transformers import AutoConfig

    return _at_random(AutoConfig.from_pretrained(SHIPPED, local_files_only=True), folder)


def of_size(folder: Path, hidden: int, layers: int, heads: int) -> str:
    from transformers import AutoConfig

    sizes = {"hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads}
    config = AutoConfig.from_pretrained(SHIPPED, local_files_only=True, intermediate_size=4 * hidden, **sizes)
    return _at_random(config, folder)


def _at_random(config: Any, folder: Path) -> str:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    made: Any = AutoModelForSequenceClassification
    model = made.from_config(config)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(SHIPPED, local_files_only=True).save_pretrained(folder)
    return str(folder)


def measured(score: Callable[[Texts], list[Any]], texts: Texts, lot: int, seconds: float) -> tuple[float, list[Any]]:
    """Items a second, `lot` after `lot`, each of them whole, until the time is over; and the scores of the first `LOOK`. The
    first lot is not counted."""
    first = score([texts[n % len(texts)] for n in range(lot)])[:LOOK]
    done, started = 0, time.perf_counter()
    while (spent := time.perf_counter() - started) < seconds:
        score([texts[(done + n) % len(texts)] for n in range(lot)])
        done += lot
    return done / spent, first


def _memory() -> str:
    """The most that a GPU has held since the last row, in MB."""
    import torch

    most = torch.cuda.max_memory_allocated() / 1e6
    torch.cuda.reset_peak_memory_stats()
    return f"{most:,.0f}"


def _apart(found: list[Any], on_cpu: list[Any]) -> str:
    """The most that a score differs."""
    pairs = zip(found, on_cpu, strict=True)
    return f"{max(abs(one.scores[name] - other.scores[name]) for one, other in pairs for name in one.scores):.4f}"


def lines(every: Iterator[Row], texts: Texts, seconds: float) -> Iterator[str]:
    """A line for each row: against the shipped model, and against the same model on the CPU, as far as these ran."""
    shipped, on_cpu = 0.0, dict[str, tuple[float, list[Any]]]()
    yield f"{'model':<40} {'device':<6} {'batch':>5} {'items/s':>9} {'/ int8':>8} {'/ its cpu':>9} {'off by':>7} {'GPU MB':>7}"
    for row in every:
        begin = f"{row.model:<40} {row.device:<6} {row.batch:>5}"
        try:
            model = row.load()
            rate, first = measured(model.score, texts, max(LOOK, 4 * row.batch), seconds)
        except Exception as error:  # the table goes on without it
            yield f"{begin} passed over: {type(error).__name__}: {str(error).partition(' — ')[0]}"
            continue
        shipped = shipped or (rate if row.model.startswith("shipped") else 0.0)
        line = f"{begin} {rate:>9,.1f} {f'{rate / shipped:,.2f}' if shipped else '':>8}"
        if row.device == "cpu":
            on_cpu[row.model] = rate, first
            yield f"{line}{'':>26} {model.place}"
        else:
            base, scores = on_cpu.get(row.model, (rate, first))
            yield f"{line} {rate / base:>9,.2f} {_apart(first, scores):>7} {_memory():>7} {model.place}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--items", type=int, default=2000, help="how many different items there are")
    options.add_argument("--seconds", type=float, default=5.0, help="for each row")
    options.add_argument("--model", help="folder of a bigger classifier, in place of those of random weights")
    chosen = options.parse_args()
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    texts = [(item.title, item.summary) for item in items(chosen.items, 0.03)]
    with TemporaryDirectory() as folder:
        place = Path(folder)
        folders = {"MiniLM, random weights": same_as_shipped(place / "same")}
        if chosen.model:
            folders[Path(chosen.model).name] = chosen.model
        for n, (name, widths) in enumerate(() if chosen.model else WIDTHS.items()):
            folders[f"{name}, random weights"] = of_size(place / str(n), *widths)
        for line in lines(rows(folders), texts, chosen.seconds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
