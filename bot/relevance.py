"""Relevance: whether an India–US trade desk wants an article, from the encoder's logits and who and what is named.

One logistic step: each signal times its weight is a term, and the sum of the terms is the log-odds. The weights are
trained with the model, and live with it; the terms tell a person what spoke for an article and what against.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bot.analysis import LABELS, genre
from bot.vocabulary import TermIndex, Vocabulary

ROUNDUPS = ("digest", "live")
_NAMED: Mapping[str, str] = {
    "India": "INDIA",
    "the US": "US",
    "others": "OTHER_PARTIES",
    "a group with India": "GROUPS_WITH_INDIA",
    "tariff words": "TARIFF",
    "deal words": "DEAL",
    "Russian oil": "RUSSIAN_OIL",
    "legal grounds": "LEGAL",
}


@dataclass(frozen=True, slots=True)
class Relevance:
    """Probability, decision, and the terms in log-odds, the weightiest first."""

    score: float
    decision: bool
    terms: tuple[tuple[str, float], ...]


def signals(title: str, index: TermIndex, vocabulary: Vocabulary, logits: Mapping[str, float]) -> dict[str, float]:
    """The evidence, by name: the encoder's logits, all else 0 or 1. `index` is of title and text together."""
    named = {words: index.find(vocabulary.sets.get(name, ())) for words, name in _NAMED.items()}
    head = {words: any(hit.end <= len(title) for hit in hits) for words, hits in named.items()}
    both = head["India"] and head["the US"]
    return {
        **said(logits),
        **{f"{words} named": float(bool(hits)) for words, hits in named.items()},
        "India and the US in the title": float(both),
        "others in the title, not both": float(head["others"] and not both),
        "neither India nor the US named": float(not (named["India"] or named["the US"])),
        "a digest or live page": float(genre(title) in ROUNDUPS),
        "a question": float(genre(title) == "question"),
    }


def said(logits: Mapping[str, float]) -> dict[str, float]:
    """The encoder's part of the evidence. In tens, so that one penalty suits all weights."""
    return {f"{label} by the encoder": logits[label] / 10 for label in LABELS}


def decide(evidence: Mapping[str, float], weights: Mapping[str, float], threshold: float) -> Relevance:
    """`weights` by signal, and "bias"; a signal without a weight says nothing."""
    terms = {name: weights.get(name, 0.0) * value for name, value in evidence.items()}
    total = sum(terms.values()) + weights["bias"]
    score = round(1 / (1 + math.exp(-max(-60.0, min(60.0, total)))), 4)
    spoken = sorted(((name, round(term, 2)) for name, term in terms.items() if abs(term) >= 0.05), key=_weight)
    return Relevance(score, score >= threshold, tuple(spoken))


def _weight(term: tuple[str, float]) -> float:
    return -abs(term[1])
