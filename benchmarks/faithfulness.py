"""The gate of summaries on pairs of our own: how many unfaithful ones it stops, and how many faithful ones with them.

`--writer PATH` has a model write from the same sentences, and tells how many of its summaries pass beside the quoted form,
which passes by construction.
"""

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.faithfulness import unsupported
from bot.vocabulary import Vocabulary

PAIRS = Path(__file__).parent.parent / "tests" / "faithfulness.jsonl"
LAST = 2  # the part that was written after the rules, and that no rule was changed for


@dataclass(frozen=True, slots=True)
class Pair:
    """A summary of sentences, and what is wrong with it: "" for a faithful one."""

    source: tuple[str, ...]
    summary: str
    wrong: str
    part: int


def pairs(part: int | None = None) -> list[Pair]:
    """All, or those of one part: 1 was at hand when the rules were made."""
    rows = [json.loads(line) for line in PAIRS.read_text("utf-8").splitlines()]
    found = [Pair(tuple(r["source"]), r["summary"], r["wrong"], r["part"]) for r in rows]
    return [pair for pair in found if part in (None, pair.part)]


def stopped(found: Sequence[Pair], vocabulary: Vocabulary) -> list[Pair]:
    return [pair for pair in found if unsupported(pair.summary, pair.source, vocabulary)]


def share(part: int, whole: int) -> str:
    """With the 95 % interval of Wilson: "37/44 = 84 % (71–92)"."""
    if not whole:
        return "0/0"
    p, z = part / whole, 1.96
    middle, spread = p + z * z / (2 * whole), z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    low, high = ((middle + sign * spread) / (1 + z * z / whole) for sign in (-1, 1))
    return f"{part}/{whole} = {p:.0%} ({low:.0%}–{high:.0%})"


def main() -> None:
    from bot import app

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writer", default="", help="a sequence-to-sequence model, by path or name")
    asked = parser.parse_args()
    vocabulary = app.vocabulary()
    for part in (1, LAST):
        wrong, right = ([p for p in pairs(part) if bool(p.wrong) is is_wrong] for is_wrong in (True, False))
        print(f"part {part}: caught {share(len(stopped(wrong, vocabulary)), len(wrong))},", end=" ")
        print(f"false alarms {share(len(stopped(right, vocabulary)), len(right))}")
    sources = list(dict.fromkeys(pair.source for pair in pairs()))
    quoted = [s for s in sources if not unsupported(s[-1], s, vocabulary)]
    print(f"quoted form: {share(len(quoted), len(sources))} pass")
    if asked.writer:
        from bot.nlp.transformers_writer import TransformersWriter

        written = TransformersWriter(asked.writer).write(["\n".join(source) for source in sources])
        passed = [w for w, s in zip(written, sources, strict=True) if w and not unsupported(w, s, vocabulary)]
        print(f"{asked.writer}: {share(len(passed), len(sources))} pass; read them, for the gate misses some:")
        print("\n".join(f"  {words}" for words in passed))


if __name__ == "__main__":
    main()
