"""Clauses: the parts of a reading's sentences that speak of a trade measure, each with the vocabulary's words marked in it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.reading import Reading
from bot.vocabulary import Hit, TermIndex, Vocabulary

PERCENT = re.compile(r"\d\s*(?:%|per\s?cent|pc\b|pct\b)|\bone-half\b|\b(?:zero|nil|nothing)\b", re.IGNORECASE)
_BORDER = re.compile(
    r"(?<!\d)[;]\s|:\s|\s[–—-]\s|\s\|\s|(?<!\ball),?\s(?:amid|after|while|but|though"
    r"|despite|ahead of|even as|even after|days before)\s"
    r"(?![^,;:]{1,60},\s(?:that|will|would|has|have)\b)"  # an aside: "announced, after a call, that"
    r"|(?<!\shigh)(?<!\smuch)(?<!\slittle)(?<!\slow)(?<!\smany),?\sas\s(?!(?:well|high|much|low|part|of|a|an|it|they|soon|his|its|required|amended|penalty|punishment"
    r"|up\sto)\b)",
    re.IGNORECASE,
)
_LAID = re.compile(
    r"\d\s?(?:%|per\s?cent|pc|pct)\s(?:on|for)\s"
    r"|^\W*\d[\d.]*\s?%\s(?:from|starting|effective)\s"
    r"|\b(?:further|additional|another|extra)\s\d|(?-i:[A-Z])\w+\s(?:at|gets?)\s\d|\b(?:charged|taxed)\s(?:at\s)?\d",
    re.IGNORECASE,
)
_LIST = re.compile(r",?\s(?:and|or|&)\s|,\s", re.IGNORECASE)
_LISTED = ("sectors", "countries", "peoples")
_NEAR = 20  # characters
_LED = re.compile(
    r"\W*(?:\w+\s-\s)?(?:\w+\s){0,2}(?:after|as|while|although|though|once|when)\s[^,;:]{15,120},\s(?=[\w'’\s]{3,})",
    re.IGNORECASE,
)  # "Hours after the court threw out his tariffs, | he signed"
_OVER = re.compile(r"\sover\s(?:the\s|president\s|donald\s)*$", re.IGNORECASE)
_NEW_SUBJECT = re.compile(r",\s(?:and\s|but\s|while\s)?(?:the\s)?|\sand\s(?:the\s)?", re.IGNORECASE)
BARE = ("rate", "rates")
_BESIDE = re.compile(r",?\s(?:saying|accusing|in (?:return|exchange) for a promise)\b", re.IGNORECASE)
_OUTLET = re.compile(r"\s+[-|–—]\s+(?=[^|–—]+$)|\s*\|\s*(?=[^|]+$)")
_AMBIGUOUS = re.compile(r"tar+if+|dut(?:y|ies)\b|lev(?:y|ies)\b|penalt", re.IGNORECASE)
_LONGEST_OUTLET = 6  # words
_LONGEST = 1_200  # characters: what runs on further is a table or worse, and is not read to its end
_LEAD = 60  # characters
_LEAST_TITLE = 3
_PARTED = (
    "countries",
    "peoples",
    "blocs",
    "instruments",
    "actions",
    "statuses",
    "cues",
)  # a longer word voids those in it


@dataclass(frozen=True, slots=True)
class Mark:
    """A word of the vocabulary found in the text; `start` and `end` are offsets in it, `first` and `last` count words."""

    kind: str  # a kind of `Vocabulary.measures`, or "sectors"
    name: str
    text: str
    start: int
    end: int
    first: int
    last: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Clause:
    """Part of a sentence. `text` is the whole text, so that `text[start:end]` is what it says."""

    text: str
    start: int
    end: int
    marks: tuple[Mark, ...]
    sentence: int
    title: bool

    @property
    def words(self) -> str:
        return self.text[self.start : self.end]

    def before(self, at: int) -> str:
        """What stands right before an offset."""
        return self.text[max(self.start, at - _LEAD) : at]

    def unlisted(self, start: int, end: int) -> str:
        """What stands between two offsets, without what parts the goods or countries of a list."""
        text, named = self.text[start:end], [m for m in self.marks if m.kind in _LISTED and start <= m.start < end]
        for part in reversed(list(_LIST.finditer(text)) if len(named) > 1 else []):
            ahead, behind = start + part.start(), start + part.end()
            if any(m.end <= ahead for m in named) and any(0 <= m.start - behind <= _NEAR for m in named):
                text = f"{text[: part.start()]} {text[part.end() :]}"
        return text

    def of(self, kind: str, *names: str) -> list[Mark]:
        return [mark for mark in self.marks if mark.kind == kind and (not names or mark.name in names)]

    def has(self, kind: str, *names: str) -> bool:
        return any(mark.kind == kind and (not names or mark.name in names) for mark in self.marks)

    def between(self, start: int, end: int) -> "Clause":
        """The part of this clause between two offsets."""
        marks = tuple(mark for mark in self.marks if start <= mark.start and mark.end <= end)
        return replace(self, start=start, end=end, marks=marks)


def find_sentences(reading: Reading, index: TermIndex, vocabulary: Vocabulary) -> tuple[Clause, ...]:
    """Every sentence with its marks; of a title only what stands before the outlet's name."""
    marks = find_marks(index, vocabulary)
    blank = reading.text.find("\n\n")
    title_end = blank if blank >= 0 else len(reading.text)
    told_end = outlet_at(reading.text[:title_end])
    whole = []
    for number, sentence in enumerate(reading.sentences):
        title = sentence.start < title_end
        end = min(sentence.end, sentence.start + _LONGEST, told_end if title else sentence.end)
        if end > sentence.start:
            whole.append(Clause(reading.text, sentence.start, end, marks, number, title))
    return tuple(_own(clause) for clause in whole)


def _is_trade(mark: Mark, tariffs: Sequence[Mark]) -> bool:
    """Whether a tariff is one of trade and not of electricity or hotels: the set TARIFF knows the difference."""
    if mark.kind != "instruments" or not _AMBIGUOUS.search(mark.text):
        return True
    return any(other.start < mark.end and mark.start < other.end for other in tariffs)


def whole_title(sentences: Sequence[Clause]) -> Clause | None:
    """The title in one, however many sentences a reader saw in it."""
    titles = [sentence for sentence in sentences if sentence.title]
    if not titles:
        return None
    marks = tuple(mark for title in titles for mark in title.marks)
    return replace(titles[0], end=titles[-1].end, marks=marks)


def _own(clause: Clause) -> Clause:
    return replace(clause, marks=tuple(m for m in clause.marks if clause.start <= m.start and m.end <= clause.end))


def outlet_at(title: str) -> int:
    """Where the names of outlets and sections begin that aggregators hang on a title's end."""
    end = len(title)
    while parts := list(_OUTLET.finditer(title[:end])):
        name, rest = title[parts[-1].end() : end], title[: parts[-1].start()]
        if len(name.split()) > _LONGEST_OUTLET or PERCENT.search(name) or len(rest.split()) < _LEAST_TITLE:
            break
        end = parts[-1].start()
    return end


def find_marks(index: TermIndex, vocabulary: Vocabulary) -> tuple[Mark, ...]:
    """All words of measures in the text, in its order."""
    found: list[Mark] = []
    for kind, names in vocabulary.measures.items():
        marks = [_mark(kind, name, hit) for name, terms in names.items() for hit in index.find(terms)]
        found += _longest(marks) if kind in _PARTED else _as_sectors(marks) if kind == "goods" else marks
    found += (_mark("sectors", name, hit) for name, terms in vocabulary.sectors.items() for hit in index.find(terms))
    tariffs = [_mark("tariff", "TARIFF", hit) for hit in index.find(vocabulary.sets.get("TARIFF", ()))]
    told = [mark for mark in found if _is_trade(mark, tariffs)]
    if not tariffs:  # "the rate" is one of duty only where a tariff is told of
        told = [mark for mark in told if mark.kind != "instruments" or mark.text.lower() not in BARE]
    return tuple(sorted(told, key=lambda mark: (mark.start, -mark.end)))


def _mark(kind: str, name: str, hit: Hit) -> Mark:
    return Mark(kind, name, hit.text, hit.start, hit.end, hit.first, hit.last, hit.sentence)


def _as_sectors(marks: Iterable[Mark]) -> Iterator[Mark]:
    return (replace(mark, kind="sectors") for mark in marks)


def _longest(marks: Iterable[Mark]) -> Iterator[Mark]:
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.first, -mark.last)):
        inside = kept and mark.last <= kept[-1].last and (mark.last - mark.first < kept[-1].last - kept[-1].first)
        if not inside:
            kept.append(mark)
            yield mark


def parts(sentence: Clause) -> tuple[Clause, ...]:
    """The sentence's clauses that speak of a measure each on its own: told apart at semicolons, at "as" and "after", and where
    another country becomes the subject."""
    borders = sorted({sentence.start, sentence.end, *_borders(sentence)})
    pieces = [sentence.between(*edges) for edges in pairwise(borders)]
    return tuple(_joined(pieces))


def _borders(sentence: Clause) -> Iterator[int]:
    for match in _BORDER.finditer(sentence.text, sentence.start, sentence.end):
        yield match.start() + (1 if match.group()[0] in ";:" else 0)
    if led := _LED.match(sentence.words):
        yield sentence.start + led.end()
    for match in _BESIDE.finditer(sentence.text, sentence.start, sentence.end):
        behind = [m for m in sentence.of("instruments") if m.start >= match.end() and m.text.lower() not in BARE]
        named = any(m.end <= match.start() for m in sentence.of("instruments"))
        if not behind and (named or PERCENT.search(sentence.text, sentence.start, match.start())):
            yield match.start()
    for mark in sentence.of("countries"):  # "warning over | Trump's tariffs"
        led = _OVER.search(sentence.text[sentence.start : mark.start])
        if led and any(0 < name.first - mark.last <= 4 for name in sentence.of("instruments")):
            yield sentence.start + led.start()
    actions = [m for m in sentence.marks if m.kind == "actions" or m.name in ("announced", "threatened", "proposed")]
    for match in _NEW_SUBJECT.finditer(sentence.text, sentence.start, sentence.end):
        subject = next((m for m in sentence.of("countries") if m.start == match.end()), None)
        acts = subject is not None and any(0 < action.first - subject.last <= 4 for action in actions)
        if acts and any(action.start < match.start() for action in actions):
            yield match.start()


def _joined(pieces: list[Clause]) -> Iterator[Clause]:
    """The pieces that speak of a measure; one piece where none does."""
    waiting: Clause | None = None
    for piece in pieces:
        if waiting is None:
            waiting = piece
        elif tells(piece) and tells(waiting):
            yield waiting
            waiting = piece
        elif tells(piece):
            waiting = piece
    if waiting is not None:
        yield waiting


def tells(clause: Clause) -> bool:
    """Whether it could speak of a measure at all: a measure's name, or a rate together with what is done."""
    deeds = clause.has("actions") or clause.has("cues", "hit_party") or bool(_LAID.search(clause.words))
    return clause.has("instruments") or (deeds and bool(PERCENT.search(clause.words)))
