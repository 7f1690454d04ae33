"""Copies: the same text printed by several outlets, told by the runs of words that they share."""

import re
from collections.abc import Sequence
from zlib import crc32

READ = 1500  # characters of a text: papers cut the tail
RUN = 4  # words
SHARE = 0.7  # of the shorter text's runs that the longer has too
FEWEST = 6  # runs; less is a line that anybody may write


def sketch(text: str) -> tuple[int, ...]:
    """A number for every second run of words, the same in every process; () for a text of a line."""
    words = re.findall(r"\w+", text[:READ].casefold())
    runs = {crc32(" ".join(words[n : n + RUN]).encode()) for n in range(len(words) - RUN + 1)}
    return tuple(sorted(run for run in runs if run % 2))


def same_text(one: Sequence[int], other: Sequence[int]) -> bool:
    ours, theirs = set(one), set(other)
    fewest = min(len(ours), len(theirs))
    return fewest >= FEWEST and len(ours & theirs) >= SHARE * fewest
