"""Texts read without spaCy, for the tests of facts: words with the lemmas that the shipped vocabulary goes by."""

import re
from datetime import date
from pathlib import Path

from bot.clauses import Clause, find_sentences, parts
from bot.facts import Fact, find_facts
from bot.nlp.gazetteer import load_vocabulary
from bot.nlp.keywords import plain_reading
from bot.reading import Reading, Sentence, Token
from bot.vocabulary import index_reading

SHIPPED = load_vocabulary(Path(__file__).parents[1] / "models" / "entities")
TODAY = date(2026, 3, 4)  # a Wednesday
_IRREGULAR = {"took": "take", "taken": "take", "kept": "keep", "put": "put", "paid": "pay", "struck": "strike"}
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ses", "se"), ("ied", "y"))
_WITH_E = (
    "impos",
    "rais",
    "propos",
    "announc",
    "reduc",
    "exempt e",
    "remov",
    "laps",
    "expir",
    "agre",
    "doubl",
    "initiat",
)


def read(text: str) -> Reading:
    plain = plain_reading(text)
    return Reading(text, tuple(_sentence(sentence) for sentence in plain.sentences), ())


def _sentence(sentence: Sentence) -> Sentence:
    tokens = tuple(Token(token.text, _lemma(token.lemma), token.tag, token.start) for token in sentence.tokens)
    return Sentence(sentence.start, sentence.end, tokens)


def _lemma(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, form in _ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending) + form
    stem = re.sub(r"(?:ed|ing|s)$", "", word) if len(word) > 4 else word
    stem = stem[:-1] if re.search(r"(pp|bb|tt|dd)$", stem) else stem
    return f"{stem}e" if stem in _WITH_E else stem


def clause(text: str) -> Clause:
    """The first part of a text that speaks of a measure."""
    return clauses(text)[0]


def clauses(text: str) -> tuple[Clause, ...]:
    reading = read(text)
    return tuple(
        part for sentence in find_sentences(reading, index_reading(reading), SHIPPED) for part in parts(sentence)
    )


def facts(text: str, published: date = TODAY) -> tuple[Fact, ...]:
    reading = read(text)
    return find_facts(reading, index_reading(reading), SHIPPED, published)


def fact(text: str, published: date = TODAY) -> Fact:
    """The only fact of a text."""
    (found,) = facts(text, published)
    return found
