"""Faithfulness: whether each number, date, party, negation and deed in words of ours or of a model occurs in the sentences
quoted. What is doubted is dropped: a false alarm costs a line of the card, a miss costs a desk its trust.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise

from bot.amounts import Amount, find_amounts
from bot.clauses import Mark, find_marks
from bot.days import Day, find_days, is_told
from bot.deeds import DONE, Deed, Part, denials, find_deeds, find_parts, level
from bot.facts import Fact, find_facts
from bot.lettering import mixed, plain
from bot.reading import Reading, Sentence, Token
from bot.vocabulary import Term, Vocabulary, index_reading
from bot.wordings import ALIKE, COMMON, NEUTRAL, OPPOSITES

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|\w+(?:[.'’]\w+)*|[^\w\s]")
_STOP = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[A-Z\d\"'“‘])|\n+|(?<=;)\s")
_NAME = re.compile(r"[^\W\d_][\w.&'-]*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n]\s*|[\"“‘]\s*)$")
_TRADED = re.compile(
    r"\b(?:exports?|shipments?|sales|output|production|growth|gdp|shares?|stocks?|prices?|inflation|orders?"
    r"|deficit|surplus|revenue|profits?|rupee|imports? (?:fell|rose|grew|dropped))\b",
    re.IGNORECASE,
)
_DUTY = re.compile(r"\b(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharge|penalt(?:y|ies))\b", re.IGNORECASE)
_ALL = re.compile(
    r"\b(?:all|every|entire|whole|across[\s-]the[\s-]board|completely|fully|only|permanent(?:ly)?)\b", re.IGNORECASE
)
_ANNOUNCED = re.compile(r"\b(?:announc|order|notif|agree)\w*", re.IGNORECASE)
_OBJECT = re.compile(
    r"\b(?:dut(?:y|ies)|tariffs?|lev(?:y|ies)|quotas?|ban|curbs?|(?:im|ex)ports?|shipments?|tonnes|barrels"
    r"|deal)\s(?:on|of)\s"
    r"(?:the\s|its\s|all\s|some\s|more\s|most\s)?(?P<what>[a-z][\w-]+)"
)
_AT_LARGE = frozenset(
    re.findall(
        r"\w+", "goods product products imports exports items import export shipment countr countries those them"
    )
)
_TO_COME = re.compile(
    r"\b(?:will|would|shall|may|might|could|should|can|to|not)\s(?:\w+\s)?(?:be\s)?$|\b(?:be|is|are|was|were"
    r"|been)\s(?:\w+\s)?$",
    re.IGNORECASE,
)
_FLOWS = (
    "export",
    "import",
    "deficit",
    "surplus",
    "growth",
    "forecast",
    "sale",
    "price",
    "output",
    "share",
    "stock",
    "order",
)
_IN = re.compile(r"\b(?:in|at|near)\s$", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:additional|extra|further|another|more|on top)\b", re.IGNORECASE)
_LED = re.compile(
    r"\b(?:on|to|from|of|with|against|in|for|by|at|into|over)\s(?:the\s|all\s|its\s|some\s|countries\s)*$",
    re.IGNORECASE,
)
_STANDS_FOR: dict[str, tuple[str, ...]] = {  # which deeds of a source carry a deed of the summary
    "impose": ("impose", "up", "retaliate", "bear"),
    "bear": ("bear", "impose", "up"),
    "up": ("up",),
    "down": ("down", "remove"),
    "remove": ("remove", "exempt", "strike"),
    "exempt": ("exempt", "remove"),
    "suspend": ("suspend", "ban"),
    "ban": ("ban", "suspend"),
    "allow": ("allow", "remove"),
    "agree": ("agree", "sign"),
    "retaliate": ("retaliate",),
    "get": ("get", "sign"),
    "ask": ("ask",),
    "threaten": ("threaten",),
    "miss": ("miss",),
}
_LOOSE = ("say", "start", "miss", "support", "threaten")  # may be told in other words than these
_TRADE_WORDS = ("duty", "export", "exports", "import", "imports")
_HONORIFICS = frozenset(re.findall(r"\w+", "mr mrs ms dr shri smt sri"))
_ADVERSE = (
    "us",
    "turkey",
    "polish",
    "bar",
    "centre",
    "bloc",
    "chile",
    "congress",
    "senate",
    "jordan",
    "gor",
    "govt",
    "colombo",
)
_ENDINGS = ("ment", "ies", "ing", "ed", "es", "s", "'s", "ly")
_SECTOR_WORDS = frozenset(re.findall(r"\w+", "farm farmer agri agricultur agricultural auto car drug chip"))
_MUCH_NEARER = 0.3
_MOST_SHARED = 0.5  # share of a part's words from which a sentence tells the same thing


@dataclass(frozen=True, slots=True)
class Doubt:
    """Words that no quoted sentence carries, and why they are doubted."""

    words: str
    why: str


@dataclass(frozen=True, slots=True)
class _Told:
    """A text and all that can be checked in it. `lower` is `text` in small letters without dates; offsets fit both."""

    text: str
    lower: str
    reading: Reading
    parts: tuple[Part, ...]
    marks: tuple[Mark, ...]
    amounts: tuple[Amount, ...]
    days: tuple[Day, ...]
    deeds: tuple[Deed, ...]
    facts: tuple[Fact, ...]
    stems: frozenset[str]

    def part_at(self, at: int) -> Part:
        return next((part for part in self.parts if part.start <= at < part.end), self.parts[-1])

    def words(self, part: Part) -> str:
        return self.text[part.start : part.end]

    def named(self, start: int, end: int, *kinds: str) -> frozenset[str]:
        return frozenset(_name(m) for m in self.marks if m.kind in kinds and start <= m.start < end)


_LANDS = ("countries", "peoples")
_GOODS = ("sectors",)


def unsupported(
    text: str, sentences: Sequence[str], vocabulary: Vocabulary, published: date | None = None
) -> tuple[Doubt, ...]:
    """What in `text` does not occur in `sentences`, and why. `published` is the day from which "tomorrow" counts."""
    words = " ".join(plain(text).split())
    if not words or words in (" ".join(plain(sentence).split()) for sentence in sentences):
        return ()
    told, source = _both(text, sentences, vocabulary, published)
    if not source.parts:
        return (Doubt(text, "nothing is quoted"),)
    checks: tuple[Callable[[_Told, _Told], Iterable[Doubt]], ...] = (
        _strange_letters,
        _amounts,
        _bindings,
        _companions,
        partial(_days, published=published),
        partial(_names, vocabulary=vocabulary),
        _goods,
        _words,
        _deeds,
        _sides,
        _undone,
        _directions,
        _turned,
        _quantifiers,
    )
    return tuple(dict.fromkeys(doubt for check in checks for doubt in check(told, source)))


def doubtful_figures(
    text: str, sentences: Sequence[str], vocabulary: Vocabulary, published: date | None = None
) -> tuple[Doubt, ...]:
    """As `unsupported`, but of amounts, days and names alone: for lines of ours, whose other words are a fixed few."""
    told, source = _both(text, sentences, vocabulary, published)
    doubts = (*_amounts(told, source), *_days(told, source, published=published), *_names(told, source, vocabulary))
    return tuple(dict.fromkeys(doubts))


def _both(text: str, sentences: Sequence[str], vocabulary: Vocabulary, published: date | None) -> tuple[_Told, _Told]:
    day = published or date.min.replace(year=2000)
    return _read(text, vocabulary, day), _read("\n".join(s.strip() for s in sentences), vocabulary, day)


def gate(words: str, sentences: Sequence[str], vocabulary: Vocabulary, published: date | None = None) -> str:
    """The words where the sentences carry all of them, else ""."""
    return "" if unsupported(words, sentences, vocabulary, published) else words


# what a text says


def _read(text: str, vocabulary: Vocabulary, day: date) -> _Told:
    written = _capitalised(plain(text), vocabulary)
    reading = _reading(written)
    index = index_reading(reading)
    parts = find_parts(written, [(s.start, s.end) for s in reading.sentences])
    days = find_days(written)
    lower = written.lower()
    for found in days:
        lower = f"{lower[: found.start]}{'·' * (found.end - found.start)}{lower[found.end :]}"
    return _Told(
        written,
        lower,
        reading,
        parts,
        find_marks(index, vocabulary),
        find_amounts(lower),
        days,
        find_deeds(written, parts),
        find_facts(reading, index, vocabulary, day),
        frozenset(_stem(piece) for m in _NAME.finditer(written) for piece in (m.group(), *m.group().split("-"))),
    )


def _capitalised(text: str, vocabulary: Vocabulary) -> str:
    """Names of countries and their peoples that a model wrote in small letters, as they are written."""
    names = {name for kind in _LANDS for terms in vocabulary.measures.get(kind, {}).values() for name in _single(terms)}
    return re.sub(r"\b[a-z]{4,}\b", lambda m: m.group().title() if m.group() in names else m.group(), text)


def _single(terms: Iterable[Term]) -> Iterator[str]:
    for term in terms:
        word = term.words[0]
        if len(term.words) == 1 and word.how == "name" and word.forms[0] not in _ADVERSE:
            yield word.forms[0]


def _reading(text: str) -> Reading:
    borders = [0, *(m.end() for m in _STOP.finditer(text)), len(text)]
    sentences = []
    for start, end in pairwise(borders):
        tokens = tuple(
            Token(m.group(), _lemma(m.group().lower()), "", m.start()) for m in _TOKEN.finditer(text, start, end)
        )
        if tokens:
            sentences.append(Sentence(tokens[0].start, end, tokens))
    return Reading(text, tuple(sentences), ())


def _lemma(word: str) -> str:
    """Of a regular verb, roughly: enough for the vocabulary's verbs to be found."""
    stem = re.sub(r"(?:ed|ing)$", "", word) if len(word) > 5 else word
    if stem == word:
        return word
    if re.search(r"(?:pp|tt|dd|bb)$", stem):
        return stem[:-1]
    return f"{stem}e" if re.search(r"(?:os|is|uc|ut|iat|ov|ag|vid|rg|nc|pir|as|iv|id|eas|pt e|lv)$", stem) else stem


def _stem(word: str) -> str:
    bare = word.casefold().replace(".", "").removesuffix("'s").strip("'-&")
    for ending in _ENDINGS:
        if bare.endswith(ending) and len(bare) - len(ending) >= 3:
            return bare[: -len(ending)] + ("y" if ending == "ies" else "")
    return bare.removesuffix("e") if len(bare) > 4 else bare


def _name(mark: Mark) -> str:
    return mark.name


_ALIKE = tuple(frozenset(_stem(word) for word in group) for group in ALIKE)
_NEUTRAL = frozenset(_stem(word) for word in NEUTRAL)


# letters, amounts and days


def _strange_letters(told: _Told, source: _Told) -> Iterator[Doubt]:
    for word in mixed(told.text):
        yield Doubt(word, "letters of several scripts in one word")
    for match in re.finditer(r"[^\W\d_]{2,}", told.text):
        if not match.group().isascii() and _stem(match.group()) not in source.stems and not _is_latin(match.group()):
            yield Doubt(match.group(), "a word in another script that no sentence has")
    if told.text.islower() and not source.text.islower() and " " in told.text.strip() and len(told.text) > 40:
        yield Doubt(told.text, "no capital in it, so names cannot be told from words")


def _is_latin(word: str) -> bool:
    return all(ord(c) < 0x250 for c in word)


def _amounts(told: _Told, source: _Told) -> Iterator[Doubt]:
    for amount in told.amounts:
        if not any(_is_same(amount, other, told, source) for other in source.amounts) and not _is_derived(
            amount, source
        ):
            yield Doubt(told.text[amount.start : amount.end], _why_not(amount, source))


def _is_same(amount: Amount, other: Amount, told: _Told, source: _Told) -> bool:
    if (amount.kind, amount.name) != (other.kind, other.name) or not _is_close(amount, other):
        return False
    if amount.bound != other.bound and not (amount.bound == "~" and not other.bound):
        return False
    if {amount.role, other.role} in ({"from", "to"}, {"from", "by"}, {"to", "by"}):
        return False
    return _is_of_one_thing(_measured(amount, told), _measured(other, source), other.role, amount.role)


def _is_close(amount: Amount, other: Amount) -> bool:
    return all(
        abs(a - b) <= 1e-6 * max(abs(a), abs(b)) for a, b in ((amount.low, other.low), (amount.high, other.high))
    )


def _measured(amount: Amount, told: _Told) -> str:
    """Whether a percentage is said of a duty or of trade; "" where its part of the sentence does not tell."""
    if amount.kind not in ("percent", "points"):
        return ""
    part = told.part_at(amount.start)
    near = {
        name: min(max(m.start() - amount.end, amount.start - m.end()) for m in found)
        for name, form in (("duty", _DUTY), ("trade", _TRADED))
        if (found := list(form.finditer(told.text, part.start, part.end)))
    }
    return min(near, key=lambda name: near[name]) if len(near) == 1 else ""


def _is_of_one_thing(ours: str, theirs: str, role: str, own: str) -> bool:
    if ours == "duty" and role == "by" and own != "by":
        return False
    return not (ours and theirs) or ours == theirs


def _is_derived(amount: Amount, source: _Told) -> bool:
    """A multiple or a half whose two ends the source tells: "doubles", where it says from 25% to 50%; and nothing, in figures."""
    if amount.kind == "percent" and amount.high == 0:
        return any(other.kind in ("percent", "") and other.high == 0 for other in source.amounts)
    factor = amount.high if amount.kind == "times" else 2.0 if amount.verb else 0.0
    values = [a.high for a in source.amounts if a.kind == "percent" and a.high]
    return bool(factor) and amount.verb and any(abs(a * factor - b) < 1e-9 for a in values for b in values)


def _why_not(amount: Amount, source: _Told) -> str:
    alike = [
        other
        for other in source.amounts
        if _is_close(amount, other) and other.name == amount.name and other.kind != "code"
    ]
    if not alike or amount.kind == "code":
        return "this number stands in no quoted sentence"
    other = alike[0]
    if other.kind != amount.kind:
        return f"the sentence counts something else: {source.text[other.start : other.end]!r}"
    return "the sentence says it of something else, or less exactly"


def _bindings(told: _Told, source: _Told) -> Iterator[Doubt]:
    """Rates that the sentence gives to other goods, lands or days."""
    for amount in told.amounts:
        same = [other for other in source.amounts if (other.kind, other.name) == (amount.kind, amount.name)]
        holders = [source.part_at(other.start) for other in same if _is_close(amount, other)]
        others = [source.part_at(other.start) for other in same if not _is_close(amount, other)]
        if amount.kind in ("code", "ordinal", "times") or not holders:
            continue
        for label in _labels(told, told.part_at(amount.start)):
            theirs = [_labels(source, part) for part in holders]
            rivals = source.parts if label[0] in ("day", "flow") else others
            elsewhere = [part for part in rivals if part not in holders and label in _labels(source, part)]
            if elsewhere and not any(label in names or not _of_kind(label, names) for names in theirs):
                yield Doubt(told.text[amount.start : amount.end], f"the sentence gives another figure for {label[1]}")


def _companions(told: _Told, source: _Told) -> Iterator[Doubt]:
    """Figures and dates that stand in one part of a sentence, told with the words of another that has its own."""
    things = [
        (a.start, a.end, [o.start for o in source.amounts if o.kind == a.kind and _is_close(a, o)])
        for a in told.amounts
    ]
    things += [(d.start, d.end, [o.start for o in source.days if is_told(d, [o], None)]) for d in told.days]
    places = {False: [o.start for o in source.amounts], True: [o.start for o in source.days]}
    for n, (start, end, same) in enumerate(things):
        words = told.words(told.part_at(start))
        holders = {source.part_at(at) for at in same}
        rivals = {source.part_at(at) for at in places[n >= len(told.amounts)]} - holders
        ours = max((_meant(words, source.words(part)) for part in holders), default=1.0)
        theirs = max((_meant(words, source.words(part)) for part in rivals), default=0.0)
        if holders and theirs - ours > _MUCH_NEARER:
            yield Doubt(told.text[start:end], "the sentence says it of something else")


def _meant(ours: str, theirs: str) -> float:
    mine, other = (_folded(_content(words)) for words in (ours, theirs))
    return len(mine & other) / len(mine) if len(mine) > 1 else 0.0


def _folded(stems: set[str]) -> set[str]:
    """Each word as the first of those that mean the same."""
    return {next((min(alike) for alike in _ALIKE if stem in alike), stem) for stem in stems}


def _labels(told: _Told, part: Part) -> frozenset[tuple[str, str]]:
    lands = {("land", name) for name in told.named(part.start, part.end, *_LANDS)}
    goods = {("goods", name) for name in told.named(part.start, part.end, *_GOODS)}
    days = {
        ("day", f"{d.month}-{d.day}{d.word}")
        for d in told.days
        if part.start <= d.start < part.end and (d.day or d.word)
    }
    stems = {_stem(m.group()) for m in _NAME.finditer(told.words(part))}
    flows = {("flow", name) for name in _FLOWS if _stem(name) in stems}
    return frozenset(lands | goods | days | flows)


def _of_kind(label: tuple[str, str], names: frozenset[tuple[str, str]]) -> bool:
    return any(kind == label[0] for kind, _ in names)


def _days(told: _Told, source: _Told, published: date | None) -> Iterator[Doubt]:
    for day in told.days:
        if not is_told(day, source.days, published):
            yield Doubt(told.text[day.start : day.end].rstrip("."), "this date stands in no quoted sentence")


# parties, names and goods


def _names(told: _Told, source: _Told, vocabulary: Vocabulary) -> Iterator[Doubt]:
    """Countries by any of their aliases; everybody else by his own name."""
    lands = frozenset(_name(m) for m in source.marks if m.kind in _LANDS)
    persons = _persons(told, vocabulary)
    for mark in told.marks:
        if mark.kind in _LANDS and mark.name not in lands and mark.name != "RU":
            yield Doubt(mark.text, "no quoted sentence names this party")
        if mark.name == "RU" and mark.kind in _LANDS and not {"RU"} & (lands | _stemmed(source, "russian", "moscow")):
            yield Doubt(mark.text, "no quoted sentence names this party")
    known_by = {m.text.casefold() for m in source.marks if _IN.search(source.text[: m.start])}
    for mark in told.marks:
        city = mark.name == "capital" or mark.text == "Washington"
        if city and _IN.search(told.text[: mark.start]) and mark.text.casefold() not in known_by:
            yield Doubt(mark.text, "no quoted sentence names this place")
    covered = [(m.start, m.end) for m in told.marks if m.kind in _LANDS and m.text not in persons]
    for match in _NAME.finditer(told.text):
        inside = any(start <= match.start() < end for start, end in covered)
        if match.group()[0].isupper() and not inside and not _is_known(match, told, source, persons):
            yield Doubt(match.group().rstrip("."), "a name that stands in no quoted sentence")


def _stemmed(source: _Told, *words: str) -> frozenset[str]:
    return frozenset("RU" for word in words if _stem(word) in source.stems)


def _persons(told: _Told, vocabulary: Vocabulary) -> frozenset[str]:
    """Persons and bodies act for a country, and yet must be named themselves."""
    index = index_reading(told.reading)
    sets = [terms for name, terms in vocabulary.sets.items() if name.startswith(("OFFICIALS", "BODIES"))]
    return frozenset(hit.text for terms in sets for hit in index.find(terms))


def _is_known(match: re.Match[str], told: _Told, source: _Told, persons: frozenset[str]) -> bool:
    word = match.group()
    pieces = [piece for piece in re.split(r"[-/&]", word) if piece]
    if all(_stem(piece) in source.stems or piece.isdigit() for piece in pieces) or _stem(word) in source.stems:
        return True
    if any(day.start <= match.start() < day.end for day in told.days) or any(
        a.start <= match.start() < a.end for a in told.amounts
    ):
        return True
    if any(word in name.split()[:-1] and _stem(name.split()[-1]) in source.stems for name in persons):
        return True
    if _stem(word) in _HONORIFICS or word == "I":
        return True
    places = [piece for piece in pieces if piece not in persons and _is_place(piece, told, match)]
    if places:
        return all(piece in places or _stem(piece) in source.stems for piece in pieces)
    return bool(_SENTENCE_START.search(told.text[: match.start()])) and _is_ordinary(match, told)


def _is_place(piece: str, told: _Told, match: re.Match[str]) -> bool:
    return any(m.kind in _LANDS and match.start() <= m.start < match.end() and m.text == piece for m in told.marks)


def _is_ordinary(match: re.Match[str], told: _Told) -> bool:
    """Whether the first word of a sentence is a word and no name: a common one, or the vocabulary's word for a deed."""
    if match.group().casefold().removesuffix("'s") in COMMON:
        return True
    kinds = ("actions", "statuses", "instruments")
    return any(m.start <= match.start() < m.end and m.kind in kinds for m in told.marks)


def _goods(told: _Told, source: _Told) -> Iterator[Doubt]:
    known = source.named(0, len(source.text), *_GOODS)
    for mark in told.marks:
        if mark.kind in _GOODS and not _is_told_of(mark, known, source.stems):
            yield Doubt(mark.text, "no quoted sentence names these goods")
    for match in _OBJECT.finditer(told.text):
        known_word = _stem(match["what"]) in source.stems or match["what"] in _AT_LARGE
        if not known_word and not told.named(match.start("what"), match.end(), *_GOODS, *_LANDS, "blocs"):
            yield Doubt(match["what"], "no quoted sentence names these goods")


def _is_told_of(mark: Mark, known: frozenset[str], stems: frozenset[str]) -> bool:
    """By the same word; or by any word of their sector, where the summary says no more than the sector: "seafood" of shrimp."""
    words = {_stem(m.group()) for m in _NAME.finditer(mark.text)}
    if words <= stems:
        return True
    if mark.name not in known:
        return False
    sector = {_stem(piece) for piece in mark.name.split("_")}
    return words <= sector | _SECTOR_WORDS or any(words & alike and stems & alike for alike in _ALIKE)


# deeds and directions


def _words(told: _Told, source: _Told) -> Iterator[Doubt]:
    """Words in small letters that no sentence has, that say something, and that are no other word for one it has."""
    covered = [(m.start, m.end) for m in told.marks if m.kind in (*_LANDS, "blocs", *_GOODS)]
    covered += [(x.start, x.end) for group in (told.amounts, told.days, told.deeds) for x in group]
    for match in re.finditer(r"[a-z][a-z'-]+", told.text):
        inside = (
            any(start <= match.start() < end for start, end in covered)
            or told.text[match.start() - 1 : match.start()].isalpha()
        )
        if not inside and not all(_is_worded(piece, source.stems) for piece in match.group().split("-") if piece):
            yield Doubt(match.group(), "a word that no quoted sentence has")


def _is_worded(word: str, stems: frozenset[str]) -> bool:
    stem = _stem(word)
    if stem in stems or stem in _NEUTRAL or len(stem) < 3:
        return True
    near = {stem, f"{stem}e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem}
    return bool(near & stems) or any(near & alike and stems & alike for alike in _ALIKE)


def _sides(told: _Told, source: _Told) -> Iterator[Doubt]:
    """Who does it to whom: what stands before the deed here stands behind it in each sentence, and the other way round."""
    for deed in (d for d in told.deeds if not d.noun and d.kind not in ("say", "start", "bear", "agree")):
        found = [o for o in source.deeds if o.kind == deed.kind and not o.noun]
        ours = _around(deed, told)
        if deed.kind in ("up", "down"):  # a tariff that falls is the same as a tariff that is cut
            lands = [{name for name in side if name.isupper()} for side in ours]
            ours = (lands[0], lands[1]) if all(lands) else (set(), set())
        if found and ours[0] and all(_is_crossed(ours, _around(other, source)) for other in found):
            yield Doubt(deed.words, "the sentence has it the other way round")


def _around(deed: Deed, told: _Told) -> tuple[set[str], set[str]]:
    """What stands before a deed and behind it, countries by their codes; the other way round where it is told passively."""
    before, after = _things(told, deed.part.start, deed.start), _things(told, deed.end, deed.part.end)
    by = re.search(r"\bby\b", told.text[deed.end : deed.part.end])
    return (after, before) if deed.passive and by else (before, after)


def _things(told: _Told, start: int, end: int) -> set[str]:
    lands = [m for m in told.marks if m.kind in _LANDS and start <= m.start < end]
    free = [
        m
        for m in _NAME.finditer(told.text, start, end)
        if not any(land.start <= m.start() < land.end for land in lands)
    ]
    words = {_stem(m.group()) for m in free if len(m.group()) > 2} - _NEUTRAL
    return {m.name for m in lands} | {next((min(a) for a in _ALIKE if word in a), word) for word in words}


def _is_crossed(ours: tuple[set[str], set[str]], theirs: tuple[set[str], set[str]]) -> bool:
    return bool(ours[0] & theirs[1]) and not ours[0] & theirs[0]


def _undone(told: _Told, source: _Told) -> Iterator[Doubt]:
    """A past tense of what in the sentences is only to come: "appealed", where they say "would appeal"."""
    for match in re.finditer(r"\b[a-z]{3,}ed\b", told.text):
        led = told.text[max(0, match.start() - 30) : match.start()]
        same = [m for m in _NAME.finditer(source.text) if _stem(m.group()) == _stem(match.group())]
        if same and not _TO_COME.search(led) and all(_TO_COME.search(source.text[: m.start()]) for m in same):
            yield Doubt(match.group(), "the sentence says that it is still to come")


def _deeds(told: _Told, source: _Told) -> Iterator[Doubt]:
    for deed in told.deeds:
        carried = _STANDS_FOR.get(deed.kind, (deed.kind,))
        found = [other for other in source.deeds if other.kind in carried]
        if not found:
            if deed.kind not in _LOOSE and not deed.noun and not _is_implied(deed, told, source):
                yield Doubt(deed.words, "no quoted sentence tells of this deed")
        elif not (near := _nearest(deed, found, told, source)):
            yield Doubt(deed.words, "the sentence tells it of another party")
        elif why := _at_odds(deed, near):
            yield Doubt(deed.words, why)
        elif deed.kind not in ("bear", "impose", "start", "miss") and _is_anothers(deed, near, told, source):
            yield Doubt(deed.words, "somebody else does it in the sentence")


def _is_implied(deed: Deed, told: _Told, source: _Told) -> bool:
    """A rise or a fall that the figures tell; an import that a sale is; a denial in other words."""
    if deed.kind in ("up", "down"):
        moves = list(_moves(source))
        if any((late > early) == (deed.kind == "up") for early, late in moves):
            return True
        return (
            deed.kind == "up"
            and bool(_OPEN.search(source.text))
            and any(d.kind in ("impose", "bear") for d in source.deeds)
        )
    if deed.kind == "reject":
        return any(other.denied for other in source.deeds)
    if deed.kind not in ("impose", "bear") or not _DUTY.search(source.text):
        return False
    return not any(d.level < DONE or d.kind in ("exempt", "remove", "strike", "suspend") for d in source.deeds)


def _moves(told: _Told) -> Iterator[tuple[float, float]]:
    """(earlier, later) figures of one kind in a part."""
    for old in (a for a in told.amounts if a.role == "from"):
        for new in told.amounts:
            if (
                new.kind == old.kind
                and new is not old
                and told.part_at(new.start) == told.part_at(old.start)
                and new.role != "from"
            ):
                yield old.high, new.high


def _nearest(deed: Deed, found: Sequence[Deed], told: _Told, source: _Told) -> list[Deed]:
    """Those whose part could be of the same parties: none that the summary names is told there of another deed alone."""
    lands = told.named(deed.part.start, deed.part.end, *_LANDS)
    near = []
    for other in found:
        theirs = source.named(other.part.start, other.part.end, *_LANDS)
        apart = lands - theirs
        rivals = [
            d
            for d in source.deeds
            if d.part != other.part and d.part.sentence == other.part.sentence and d.kind == other.kind
        ]
        if (
            not any(name in source.named(r.part.start, r.part.end, *_LANDS) for name in apart for r in rivals)
            or not theirs
        ):
            near.append(other)
    return near


def _at_odds(deed: Deed, found: Sequence[Deed]) -> str:
    alike = [other for other in found if other.denied == deed.denied]
    if not alike:
        return "the sentence denies it" if not deed.denied else "the sentence does not deny it"
    if deed.denied or deed.kind in ("say", "ask", "threaten", "start", "buy", "sell"):
        return ""
    firmest, softest = max(other.level for other in alike), min(other.level for other in alike)
    if deed.level > firmest and not (deed.noun and firmest == DONE - 1):
        return "the sentence is less sure of it"
    past = any(re.search(r"ed$", other.words) for other in alike)
    weaker = deed.level <= 2 < 4 <= softest or (deed.level < softest == DONE and past)
    return "the sentence is surer of it" if weaker else ""


def _of_speech(found: Sequence[Deed], part: Part, told: _Told, source: _Told) -> list[Deed]:
    """Who says it: what is said in the sentence that tells most of the same."""
    shares = {
        n: _shared(_sentence(told, part.sentence), _sentence(source, n)) for n in {p.sentence for p in source.parts}
    }
    best = max(shares, key=lambda n: shares[n])
    return [other for other in found if other.part.sentence == best] or list(found)


def _sentence(told: _Told, number: int) -> str:
    return " ".join(told.words(part) for part in told.parts if part.sentence == number)


def _is_anothers(deed: Deed, found: Sequence[Deed], told: _Told, source: _Told) -> bool:
    if deed.kind == "say":
        found = _of_speech(found, deed.part, told, source)
    who = _subject(deed, told)
    theirs = [_subject(other, source) for other in found]
    return bool(who) and bool(theirs) and all(other and other != who for other in theirs)


def _subject(deed: Deed, told: _Told) -> str:
    """The party right before a deed that stands after no preposition; behind "by" where it is told passively."""
    lands = [m for m in told.marks if m.kind == "countries" and deed.part.start <= m.start < deed.part.end]
    if deed.passive:
        after = [m for m in lands if m.start >= deed.end]
        return next((m.name for m in after if re.search(r"\bby\s(?:the\s)?$", told.text[deed.end : m.start])), "")
    before = [m for m in lands if m.end <= deed.start]
    free = [
        m
        for m in before
        if not _LED.search(told.text[deed.part.start : m.start]) and told.text[m.end : m.end + 2] != "'s"
    ]
    owners = before if deed.kind == "say" else []
    return free[-1].name if free else owners[-1].name if owners else ""


def _directions(told: _Told, source: _Told) -> Iterator[Doubt]:
    """Who on whom: a measure told the other way round; and figures that move the other way."""
    theirs = {(f.imposer, name) for f in source.facts for name in f.target}
    for fact in told.facts:
        for name in fact.target:
            if (name, fact.imposer) in theirs and (fact.imposer, name) not in theirs:
                yield Doubt(fact.quote, f"the sentence has it the other way round: {name} on {fact.imposer}")
    moves = list(_moves(source))
    for early, late in _moves(told):
        if (late, early) in moves and (early, late) not in moves:
            yield Doubt(f"{early:g} → {late:g}", "the sentence has it the other way round")


def _turned(told: _Told, source: _Told) -> Iterator[Doubt]:
    """A denial lost or added, and a word that became its opposite, in what a sentence else tells alike."""
    for part in told.parts:
        best = max(source.parts, key=lambda other: _shared(told.words(part), source.words(other)))
        if _shared(told.words(part), source.words(best)) >= _MOST_SHARED:
            if denials(told.text, part) % 2 != denials(source.text, best) % 2:
                yield Doubt(told.words(part).strip(), "one of the two is a denial and the other is not")
            if why := _surer(part, told, source):
                yield Doubt(told.words(part).strip(), why)
    for pair in OPPOSITES:
        for word, opposite in (pair, pair[::-1]):
            if _stem(word) in told.stems - source.stems and _stem(opposite) in source.stems - told.stems:
                yield Doubt(word, f"the sentence says {opposite}")


def _surer(part: Part, told: _Told, source: _Told) -> str:
    """Whether what is planned, threatened or thought of in all that tells alike is told as done, or what is done as doubtful."""
    shares = [_shared(told.words(part), source.words(other)) for other in source.parts]
    alike = [
        other
        for other, share in zip(source.parts, shares, strict=True)
        if share >= max(_MOST_SHARED, max(shares) - 0.2)
    ]
    ours = level(told.text, part)
    theirs = [DONE if _ANNOUNCED.search(source.words(other)) else level(source.text, other) for other in alike]
    if ours == DONE and max(theirs) < DONE:
        return "the sentence is less sure of it"
    return "the sentence is surer of it" if ours <= 2 and min(theirs) == DONE else ""


def _shared(ours: str, theirs: str) -> float:
    mine, other = _content(ours), _content(theirs)
    return len(mine & other) / len(mine) if len(mine) > 2 else 0.0


def _content(text: str) -> set[str]:
    words = (m.group() for m in _NAME.finditer(_DUTY.sub("duty", text)))
    stems = {
        _stem(word)
        for word in words
        if len(word) > 2 and (word.casefold() in _TRADE_WORDS or word.casefold() not in COMMON)
    }
    return {stem.removesuffix("n") if stem == "indian" else stem for stem in stems} - {"per", "cent"}


def _quantifiers(told: _Told, source: _Told) -> Iterator[Doubt]:
    known = {m.group().casefold() for m in _ALL.finditer(source.text)}
    for match in _ALL.finditer(told.text):
        if match.group().casefold() not in known:
            yield Doubt(match.group(), "no quoted sentence says so much")
