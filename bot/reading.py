"""A reading: what spaCy saw in an article — sentences, tokens with lemmas, entities — as plain records."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    lemma: str  # lower case
    tag: str  # Penn tag, "" when the reader gives none
    start: int  # offset in Reading.text


@dataclass(frozen=True, slots=True)
class Sentence:
    start: int
    end: int
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    text: str
    label: str  # spaCy/OntoNotes label: PERSON, GPE, ORG, PERCENT …
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Offsets count characters of `text`, which is `Article.whole`. The title is a sentence of its own (or several)."""

    text: str
    sentences: tuple[Sentence, ...]
    entities: tuple[Entity, ...]
