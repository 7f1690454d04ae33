"""The vocabulary: alias sets ($INDIA, $US …) and sectors, and how a term is found in a reading.

A term is found word by word on a `TermIndex`, built once for each reading; a `Sieve` asks raw text whether it could be.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, KeysView, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ahocorasick_rs import AhoCorasick

from bot.reading import Reading, Token

# Hyphens, dashes and slashes part words without parting phrases: "lab-grown" is "lab grown", "India-US" is two words.
_PIECE = re.compile(r"[^-\u2010-\u2014\uff0d/]+")
_POSSESSIVE = re.compile(r"['\u2019]s?$")
_LONGEST_ABBREVIATION = 6
_REMEMBERED = 20_000  # words of texts
_ABBREVIATION = re.compile(rf"(?:[^\W\d_]\.){{1,{_LONGEST_ABBREVIATION - 1}}}[^\W\d_]?\.?")
FEW = 8  # terms that may share a word before another one is looked for
MANY = 200  # needles from which an automaton is quicker than looking for each
_NOT_PLURAL = frozenset({"news", "does", "goes", "always", "perhaps", "texas"})

# Words whose inflected forms do not begin like the word itself; the sieve must look for these forms too.
_IRREGULAR_FORMS = """
and &, be is are was were been am, become became, begin began begun, break broke, bring brought, buy bought,
catch caught, choose chose, come came, criterion criteria, deal dealt, die dying, do did done does, draw drew,
drink drank drunk, drive drove, eat ate, fall fell, feed fed, feel felt, fight fought, find found, fly flew flown,
foot feet, forbid forbade, forget forgot, freeze froze, get got, give gave, go went gone, good better best,
goose geese, grow grew, have has had, he him, hide hid, hold held, i me, keep kept, know knew, lead led, leave left,
lend lent, lie lay lain lying, lose lost, make made, many more most, mean meant, meet met, mouse mice,
much more most, not n't, ox oxen, pay paid, person people, phenomenon phenomena, rise rose risen, ring rang rung,
run ran, say said, see saw seen, seek sought, sell sold, send sent, shake shook, she her, shoot shot,
shrink shrank shrunk, sing sang, sink sank sunk, sit sat, speak spoke, spend spent, spring sprang, stand stood,
steal stole, stick stuck, strike struck, swim swam, take took taken, teach taught, tear tore, tell told, they them,
think thought, throw threw, tie tying, tooth teeth, wear wore, well better best, we us, will wo 'll, win won,
write wrote, bad worse worst, little less least
"""
_IRREGULAR: Mapping[str, tuple[str, ...]] = {
    forms[0]: tuple(forms[1:]) for forms in (entry.split() for entry in _IRREGULAR_FORMS.split(","))
}
_STEM_ENDINGS = ("man", "is", "um", "us", "ix", "ex", "fe", "ie", "y", "e", "f")


def fold(text: str) -> str:
    """Text as it is compared when capitals do not matter: full-width and half-width forms made one, case folded."""
    return one_form(text).casefold()


def one_form(text: str) -> str:
    """Full-width and half-width forms made one (NFKC), capitals as they are."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


@dataclass(frozen=True, slots=True)
class Mention:
    """A sector of the vocabulary found in the text."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a term. `how` is "lemma", "name" (capitals as written, or all capitals), "exact" or "prefix"."""

    text: str
    how: str
    forms: tuple[str, ...]  # folded; any of them being a form of the atom makes "lemma" match

    def matches(self, atom: "Atom") -> bool:
        if self.how == "lemma":
            return any(form in atom.forms for form in self.forms)
        if self.how == "prefix":
            return any(form.startswith(self.forms[0]) for form in atom.forms)
        return atom.text == self.text or (self.how == "name" and atom.text == self.text.upper())


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """Words that stand next to each other. A match inside a longer match of a guard ("Indian Ocean") does not count,
    nor does one in a sentence that holds a term of `unless`. Compared by identity, so that an index may remember it."""

    text: str  # as written
    words: tuple[Word, ...]
    guards: tuple["Term", ...] = ()
    unless: tuple["Term", ...] = ()


class TermSet(tuple[Term, ...]):
    """Terms that are looked up together. `telling` leads from a form to the terms of which it tells most, so that looking
    for a hundred thousand terms costs little more than looking at the text; `prefixes` may be told by anything."""

    telling: Mapping[str, tuple[Term, ...]]
    prefixes: tuple[Term, ...]
    __hash__ = object.__hash__  # an index is asked for the same set by many watchlists, and sets can be long

    def __new__(cls, terms: Iterable[Term]) -> "TermSet":
        made = super().__new__(cls, terms)
        telling: dict[str, list[Term]] = {}
        for term, word in zip(made, telling_words(made), strict=True):
            for form in word.forms if word.how != "prefix" else ():
                telling.setdefault(form, []).append(term)
        made.telling = {form: tuple(found) for form, found in telling.items()}
        made.prefixes = tuple(term for term in made if term.words[0].how == "prefix")
        return made

    def that_may_stand_in(self, forms: KeysView[str]) -> set[Term]:
        return {term for form in forms & self.telling.keys() for term in self.telling[form]}.union(self.prefixes)


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest thing a word can match: a token, or a part of one that holds a hyphen."""

    text: str  # dots of an abbreviation dropped: "U.S." is "US"
    forms: frozenset[str]  # folded text, its singular, and the lemma
    start: int
    end: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found: `text == reading.text[start:end]`; `first` and `last` number the atoms, to measure distance."""

    start: int
    end: int
    text: str
    sentence: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class TermIndex:
    """A reading made ready for looking up many terms. It remembers what it was asked: watchlists ask alike."""

    text: str
    atoms: tuple[Atom, ...]
    places: Mapping[str, tuple[int, ...]]  # form → numbers of the atoms that have it
    sentences: int
    found: dict[Term, tuple[Hit, ...]] = field(default_factory=dict, compare=False, repr=False)
    found_any: dict[TermSet, tuple[Hit, ...]] = field(default_factory=dict, compare=False, repr=False)

    def find(self, terms: Iterable[Term]) -> tuple[Hit, ...]:
        """Every place where one of the terms stands, in order; of overlapping ones the longest."""
        asked = terms if isinstance(terms, TermSet) else TermSet(terms)
        if (known := self.found_any.get(asked)) is None:
            known = self.found_any[asked] = tuple(self._longest(asked)) if self._may_hold(asked) else ()
        return known

    def _may_hold(self, terms: TermSet) -> bool:
        return bool(terms.prefixes) or not self.places.keys().isdisjoint(terms.telling.keys())

    def hit_at(self, start: int, end: int) -> Hit:
        """A stretch of the text as a hit, between the words that it begins and ends with."""
        first, last = (max(bisect_right(self.atoms, at, key=_start) - 1, 0) for at in (start, max(start, end - 1)))
        sentence = self.atoms[first].sentence if self.atoms else 0
        return Hit(start, end, self.text[start:end], sentence, first, last)

    def _longest(self, terms: TermSet) -> Iterator[Hit]:
        reached = -1
        hits = {hit for term in terms.that_may_stand_in(self.places.keys()) for hit in self._hits(term)}
        for hit in sorted(hits, key=lambda hit: (hit.first, -hit.last)):
            if hit.last > reached:
                reached = hit.last
                yield hit

    def _hits(self, term: Term) -> tuple[Hit, ...]:
        if (known := self.found.get(term)) is None:
            known = self.found[term] = tuple(hit for hit in self._raw_hits(term) if not self._is_void(hit, term))
        return known

    def _raw_hits(self, term: Term) -> Iterator[Hit]:
        last = len(term.words) - 1
        for at in self._starts(term.words[0]):
            atoms = self.atoms[at : at + last + 1]
            if len(atoms) <= last or atoms[0].sentence != atoms[-1].sentence:
                continue
            if all(word.matches(atom) for word, atom in zip(term.words, atoms, strict=True)):
                start, end = atoms[0].start, atoms[-1].end
                yield Hit(start, end, self.text[start:end], atoms[0].sentence, at, at + last)

    def _starts(self, word: Word) -> Iterable[int]:
        if word.how == "prefix":
            return {at for form, places in self.places.items() if form.startswith(word.forms[0]) for at in places}
        if len(word.forms) == 1:
            return self.places.get(word.forms[0], ())
        return {at for form in word.forms for at in self.places.get(form, ())}

    def _is_void(self, hit: Hit, term: Term) -> bool:
        if any(other.sentence == hit.sentence for sign in term.unless for other in self._hits(sign)):
            return True
        length = hit.last - hit.first
        return any(
            other.first <= hit.first and hit.last <= other.last and other.last - other.first > length
            for guard in term.guards
            for other in self._hits(guard)
        )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Sets by name in capitals (INDIA, TARIFF …), sectors by id (dairy, steel …), the words of measures by kind and name
    (actions: cut …; countries: IN …)."""

    sets: Mapping[str, tuple[Term, ...]]
    sectors: Mapping[str, tuple[Term, ...]]
    measures: Mapping[str, Mapping[str, tuple[Term, ...]]] = field(default_factory=dict)
    chapters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of the Harmonized System, by sector


@dataclass(frozen=True, slots=True)
class Sieve:
    """Strings one of which a text must hold if any of some terms is in it: quick, and never wrong when it says no."""

    raw: "Needles"  # looked for as they are
    folded: "Needles"  # looked for in the folded text

    def may_hold(self, raw: str, folded: str) -> bool:
        """`raw` is text in NFKC, `folded` the same through `fold`."""
        return self.folded.any_in(folded) or self.raw.any_in(raw)


@dataclass(frozen=True, slots=True)
class Needles:
    """A few are looked for one by one; for many an automaton walks the text once, however many they are."""

    few: tuple[str, ...] = ()
    many: AhoCorasick | None = None

    def any_in(self, text: str) -> bool:
        if self.many is None:
            return any(needle in text for needle in self.few)
        return bool(self.many.find_matches_as_indexes(text.encode("utf-8", "replace").decode()))


def term_from(text: str, *, how: str = "", guards: tuple[Term, ...] = (), unless: tuple[Term, ...] = ()) -> Term:
    """A term from its words as written: small letters match every inflection, capitals only themselves, and a leading
    "=" makes all of it exact. `how` overrides that for every word. Raises ValueError when there is no word in it."""
    body, how = (text[1:], "exact") if text.startswith("=") and not how else (text, how)
    words = tuple(_word(piece, how) for part in body.split() for piece, _, _ in _pieces(part) if _has_letters(piece))
    if not words:
        raise ValueError(f"{text!r} holds no word")
    return Term(text, words, guards, unless)


def index_reading(reading: Reading) -> TermIndex:
    """Splits tokens at hyphens and slashes, drops possessives, and notes where each form stands."""
    atoms = tuple(
        atom
        for number, sentence in enumerate(reading.sentences)
        for token in sentence.tokens
        for atom in _atoms(token, number)
    )
    places: dict[str, list[int]] = {}
    for at, atom in enumerate(atoms):
        for form in atom.forms:
            places.setdefault(form, []).append(at)
    frozen = {form: tuple(where) for form, where in places.items()}
    return TermIndex(reading.text, atoms, frozen, len(reading.sentences))


def with_sets(vocabulary: Vocabulary, sets: Mapping[str, Iterable[Term]]) -> Vocabulary:
    """The vocabulary with sets of the users' own beside its own."""
    return replace(vocabulary, sets={**vocabulary.sets, **{name: TermSet(terms) for name, terms in sets.items()}})


def find_sectors(index: TermIndex, vocabulary: Vocabulary) -> tuple[Mention, ...]:
    """Every mention of every sector, in the order of the text."""
    mentions = [
        Mention(name, hit.start, hit.end) for name, terms in vocabulary.sectors.items() for hit in index.find(terms)
    ]
    return tuple(sorted(mentions, key=lambda mention: (mention.start, mention.name)))


def sieve_for(terms: Iterable[Term]) -> Sieve:
    """The sieve of terms of which any one is enough. Guards are left out: they can only make a no of a yes."""
    raw: set[str] = set()
    folded: set[str] = set()
    for word in telling_words(terms):
        (raw if word.how in ("name", "exact") else folded).update(_needles(word))
        folded.update(_dotted(word))
    return Sieve(_needles_of(raw), _needles_of(folded))


def telling_words(terms: Iterable[Term]) -> Iterator[Word]:
    """Of each term the longest word that few of the terms share: "Orient" of "Orient Textiles" among a thousand mills."""
    asked = tuple(terms)
    shared = Counter(word.forms[-1] for term in asked for word in term.words)
    for term in asked:
        yield min(term.words, key=lambda word: (max(shared[word.forms[-1]], FEW), -len(word.text)))


def _needles_of(needles: set[str]) -> Needles:
    return Needles(many=AhoCorasick(sorted(needles))) if len(needles) > MANY else Needles(_shortest(needles))


def _start(atom: Atom) -> int:
    return atom.start


def _shortest(needles: set[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for needle in sorted(needles, key=lambda needle: (len(needle), needle)):
        if not any(shorter in needle for shorter in kept):
            kept.append(needle)
    return tuple(kept)


def _dotted(word: Word) -> Iterator[str]:
    # "US", and a query's "us", are also found where the text has "U.S."
    capitals = word.text.isupper() or word.how == "lemma"
    if capitals and word.text.isalpha() and 1 < len(word.text) <= _LONGEST_ABBREVIATION:
        yield ".".join(word.forms[-1])


def _needles(word: Word) -> Iterator[str]:
    if word.how == "exact":
        yield word.text
    elif word.how == "name":
        yield from (word.text, word.text.upper())
    elif word.how == "prefix":
        yield word.forms[0]
    else:
        for form in word.forms:
            yield from (_stem(form), *_IRREGULAR.get(form, ()))


def _stem(form: str) -> str:
    """What every regular inflection of a word begins with: duty, duties → dut; impose, imposing → impos."""
    for ending in _STEM_ENDINGS:
        if form.endswith(ending) and len(form) > len(ending):
            return form.removesuffix("an" if ending == "man" else ending)
    return form


def _word(piece: str, how: str) -> Word:
    text = _undotted(piece)
    folded = text.casefold()
    how = how or ("name" if folded != text else "lemma")
    plural = how == "lemma" and _singular(folded) != folded
    return Word(text, how, (folded, _singular(folded)) if plural else (folded,))


def _atoms(token: Token, sentence: int) -> Iterator[Atom]:
    for text, forms, start, end in _split(token.text, token.lemma):
        yield Atom(text, forms, token.start + start, token.start + end, sentence)


@lru_cache(_REMEMBERED)
def _split(word: str, lemma: str) -> tuple[tuple[str, frozenset[str], int, int], ...]:
    """(text, forms, start, end) of each atom of a token; the same few thousand words come again and again."""
    out = []
    pieces = tuple(_pieces(word))
    for piece, start, end in pieces:
        text = _undotted(piece)
        folded = text.casefold()
        more = {fold(lemma)} if len(pieces) == 1 and lemma else set()
        forms = frozenset({folded, _singular(folded), *more}) if text != "&" else frozenset({"&", "and"})
        out.append((text, forms, start, end))
    return tuple(out)


def _pieces(text: str) -> Iterator[tuple[str, int, int]]:
    """(piece, start, end) of the parts between hyphens; a possessive ending is cut off, one alone is no piece."""
    for match in _PIECE.finditer(text):
        piece = _POSSESSIVE.sub("", match.group())
        if piece:
            yield piece, match.start(), match.start() + len(piece)


def _undotted(piece: str) -> str:
    # An abbreviation written with dots is never a pronoun, whatever its case: "u.s." is the country.
    if "." in piece and _ABBREVIATION.fullmatch(piece):
        return piece.replace(".", "").upper()
    return one_form(piece)


def _singular(folded: str) -> str:
    """The singular of a regular English plural. The reader's lemma of a plural in a headline is often the plural."""
    if len(folded) < 4 or not folded.endswith("s") or folded.endswith(("ss", "us", "is")) or folded in _NOT_PLURAL:
        return folded
    if folded.endswith("ies"):
        return folded[:-3] + "y"
    return folded[:-2] if folded.endswith(("ches", "shes", "xes", "sses", "zes")) else folded[:-1]


def _has_letters(piece: str) -> bool:
    return piece == "&" or any(character.isalnum() for character in piece)
