"""Users' own topics: a direction among the encoder's vectors, learnt from a sentence and a few example titles.

The direction leads from what all news has in common towards the examples. The cut is chosen by leaving out one example
after another: each is scored by a direction that has not seen it, and held against a background of other news.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import mul

from bot.analysis import Scores

SHARE = 0.03  # of a live stream that is held to be of the topic, when hits are weighed against false alarms
SHARPNESS = 25.0  # of the curve from likeness to score, which is 0.5 at the cut
LEAST_FOUND = 0.7  # of the left-out examples; a topic that finds fewer will miss much of the news too
MOST_ALARMS = 0.03  # of the background; a desk stops reading what is wrong more often
Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a topic told its left-out examples from the background."""

    examples: int
    found: int
    missed: tuple[int, ...]  # places of the examples that fell below the cut
    background: int
    false_alarms: int

    @property
    def weakness(self) -> str:
        """What is wrong with the topic and what to do, in words; "" when it is good enough."""
        advice = []
        if self.found < LEAST_FOUND * self.examples:
            advice.append("too few of its examples are found: add examples, or make them more alike")
        if self.false_alarms > MOST_ALARMS * self.background:
            advice.append("it overlaps with common news: say more narrowly what it is about, in sentence and examples")
        return "; ".join(advice)


@dataclass(frozen=True, slots=True)
class Topic:
    """`direction` has unit length; an article is of the topic when its vector's likeness to it reaches `cut`."""

    name: str
    direction: Vector
    cut: float
    quality: Quality


def learn(name: str, about: Vector, examples: Sequence[Vector], background: Sequence[Vector]) -> Topic:
    """A topic from the vectors of its sentence, of 5 to 50 examples, and of other news; all of unit length."""
    common = _mean(background)
    direction = _towards([about, *examples], common)
    left_out = [
        _dot(_towards([about, *examples[:n], *examples[n + 1 :]], common), example)
        for n, example in enumerate(examples)
    ]
    others = sorted(_dot(direction, vector) for vector in background)
    cut = _cut(left_out, others)
    missed = tuple(n for n, likeness in enumerate(left_out) if likeness < cut)
    alarms = sum(likeness >= cut for likeness in others)
    return Topic(
        name, direction, cut, Quality(len(examples), len(examples) - len(missed), missed, len(background), alarms)
    )


def with_topics(scores: Scores, topics: Sequence[Topic]) -> Scores:
    """The scores with those of the users' topics beside them; nothing is added where there is no vector."""
    if not topics or not scores.embedding:
        return scores
    likeness = {topic.name: _dot(topic.direction, scores.embedding) - topic.cut for topic in topics}
    return replace(
        scores,
        scores=scores.scores | {name: round(1 / (1 + math.exp(-SHARPNESS * x)), 4) for name, x in likeness.items()},
        labels=scores.labels | {name: x >= 0 for name, x in likeness.items()},
    )


def _cut(examples: Sequence[float], background: Sequence[float]) -> float:
    """The middle of the cuts whose F1, on a stream of which SHARE is of the topic, is within two points of the best."""
    cuts = sorted({*examples, *background})
    values = [_f1(examples, background, cut) for cut in cuts]
    good = [cut for cut, value in zip(cuts, values, strict=True) if value >= max(values) - 0.02]
    return (good[0] + good[-1]) / 2


def _f1(examples: Sequence[float], background: Sequence[float], cut: float) -> float:
    hits = SHARE * sum(likeness >= cut for likeness in examples) / len(examples)
    # Half an alarm more than was seen: none among some hundred does not mean that there are none.
    alarms = (1 - SHARE) * (sum(likeness >= cut for likeness in background) + 0.5) / (len(background) + 1)
    return 2 * hits / (hits + alarms + SHARE)


def _mean(vectors: Sequence[Vector]) -> Vector:
    return tuple(sum(column) / len(vectors) for column in zip(*vectors, strict=True))


def _towards(vectors: Sequence[Vector], common: Vector) -> Vector:
    away = [a - b for a, b in zip(_mean(vectors), common, strict=True)]
    length = math.hypot(*away) or 1.0
    return tuple(x / length for x in away)


def _dot(a: Vector, b: Vector) -> float:
    return float(sum(map(mul, a, b)))
