"""Relevance: whether an India–US trade desk wants an article, from the encoder's logits, who and what is named, and facts.

One logistic step: each signal times its weight is a term, and the sum of the terms is the log-odds. The weights are
trained with the model, and live with it; the terms tell a person what spoke for an article and what against.

Facts are found in the full reading, which is made of what may be relevant only. So the step decides twice: on what the
plain text shows, and, where facts could still turn that, anew with the facts.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.analysis import LABELS, Scores, genre
from bot.facts import Fact
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
_GROUPS = frozenset({"ALL", "BRICS", "RUSSIAN_OIL_BUYERS", "TRADING_PARTNERS"})  # that India is in
_ON_INDIA, _ON_ALL = "a fact of the US on India", "a fact of the US on a group with India"
_AT_LARGE, _ON_OTHERS = "a fact of the US on nobody named", "a fact of the US on others"
_BY_INDIA, _ELSEWHERE = "a fact of India", "a fact of others"
FACTS = (_ON_INDIA, _ON_ALL, _AT_LARGE, _ON_OTHERS, _BY_INDIA, _ELSEWHERE)


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


def claimed(facts: Iterable[Fact]) -> dict[str, float]:
    """The part of the evidence that facts are: who puts a barrier on whom. History told as background is none."""
    return {_parties(fact): 1.0 for fact in facts if not fact.background}


def _parties(fact: Fact) -> str:
    if fact.imposer != "US":
        return _BY_INDIA if fact.imposer == "IN" else _ELSEWHERE
    if "IN" in fact.target:
        return _ON_INDIA
    if _GROUPS & set(fact.target):
        return _ON_ALL
    return _ON_OTHERS if fact.target else _AT_LARGE


@dataclass(frozen=True, slots=True)
class RelevanceStep:
    """The trained step: `weights` by signal, and "bias"; a signal without a weight says nothing."""

    weights: Mapping[str, float]
    threshold: float  # a probability

    def decide(self, evidence: Mapping[str, float]) -> Relevance:
        terms = self._terms(evidence)
        return self._decided(sum(terms.values()) + self.weights["bias"], terms)

    def is_open(self, scores: Scores) -> bool:
        """Whether an article that was held relevant or not for want of facts may turn out otherwise with them."""
        most = sum(max(0.0, self.weights.get(name, 0.0)) for name in FACTS)
        return scores.labels["relevant"] or _probability(_log_odds(scores) + most) >= self.threshold

    def with_facts(self, scores: Scores, facts: Iterable[Fact]) -> Scores:
        """The scores of an article whose text was read in full, decided anew."""
        terms = self._terms(claimed(facts))
        whole = self._decided(_log_odds(scores) + sum(terms.values()), dict(scores.terms) | terms)
        return replace(
            scores,
            scores=scores.scores | {"relevant": whole.score},
            labels=scores.labels | {"relevant": whole.decision},
            terms=whole.terms,
        )

    def _terms(self, evidence: Mapping[str, float]) -> dict[str, float]:
        return {name: self.weights.get(name, 0.0) * value for name, value in evidence.items()}

    def _decided(self, total: float, terms: Mapping[str, float]) -> Relevance:
        score = _probability(total)
        spoken = sorted(((name, round(term, 2)) for name, term in terms.items() if abs(term) >= 0.05), key=_weight)
        return Relevance(score, score >= self.threshold, tuple(spoken))


def _probability(log_odds: float) -> float:
    return round(1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds)))), 4)


def _log_odds(scores: Scores) -> float:
    score = min(max(scores.scores["relevant"], 1e-4), 1 - 1e-4)
    return math.log(score / (1 - score))


def _weight(term: tuple[str, float]) -> float:
    return -abs(term[1])
