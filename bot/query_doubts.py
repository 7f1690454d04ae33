"""Doubts about a query that can be read: what of it can never be so, is always so, costs much, or looks like a slip."""

import difflib
from collections.abc import Iterator, Mapping
from itertools import pairwise, product

from bot.conditions import (
    COMPARISONS,
    All,
    Any,
    Around,
    Claim,
    Claims,
    Condition,
    Genre,
    Near,
    Not,
    Score,
    Terms,
    Told,
    leaves,
)
from bot.vocabulary import Vocabulary

_MOST_PARTS = 8  # that are weighed against each other: each doubles the work
_MOST_CONDITIONS = 200
_LEAST_LETTERS = 5  # of a word that may be misspelt
_LIKE = 0.8
Guess = Mapping[Condition, bool]


def doubts(query: Condition, vocabulary: Vocabulary) -> tuple[str, ...]:
    """A sentence for each, in the order of the query."""
    found = [*_settled(query), *_costly(query), *_slips(query, vocabulary)]
    return tuple(dict.fromkeys(found))


def _settled(query: Condition) -> Iterator[str]:
    """What is decided before any article is there; the smallest part of it."""
    parts = list(_composite(query))
    told: set[Condition] = set()
    for part in parts if len(parts) <= _MOST_CONDITIONS else ():
        if told.isdisjoint(_composite(part)) and (answers := _answers(part)) and len(answers) == 1:
            told.add(part)
            never = "can never be so" if answers == {False} else "is always so"
            yield f"{part.written()} {never}"


def _composite(condition: Condition) -> Iterator[Condition]:
    """The conditions that could be settled, those inside before those around."""
    for part in condition.parts():
        yield from _composite(part)
    if isinstance(condition, All | Any | Score):
        yield condition


def _answers(condition: Condition) -> set[bool]:
    """What the condition can say, whatever its parts do; nothing where there are too many of them."""
    parts = list(dict.fromkeys(_weighed(condition)))
    if len(parts) > _MOST_PARTS:
        return set()
    guesses = (dict(zip(parts, values, strict=True)) for values in product((True, False), repeat=len(parts)))
    return {_says(condition, guess) for guess in guesses if _can_be(guess)}


def _weighed(condition: Condition) -> Iterator[Condition]:
    """Leaves and whatever looks at a stretch of the text, with what it looks for."""
    if not isinstance(condition, All | Any | Not):
        yield condition
    for part in () if isinstance(condition, Claims) else condition.parts():
        yield from _weighed(part)


def _says(condition: Condition, guess: Guess, *, hopeful: bool = False) -> bool:
    """`hopeful` takes each NOT for fulfilled: what a stretch lacks the article may have."""
    match condition:
        case All(of):
            return all(_says(part, guess, hopeful=hopeful) for part in of)
        case Any(of):
            return any(_says(part, guess, hopeful=hopeful) for part in of)
        case Not(part):
            return hopeful or not _says(part, guess)
    return guess[condition]


def _can_be(guess: Guess) -> bool:
    """Whether such an article could be."""
    one_by_one = all(_alone_can_be(condition, value, guess) for condition, value in guess.items())
    return one_by_one and _values_fit(guess) and _scores_fit(guess) and _rates_fit(guess)


def _alone_can_be(condition: Condition, value: bool, guess: Guess) -> bool:
    if isinstance(condition, Score) and condition.least == 0:
        return value
    if value and isinstance(condition, Around | Near):
        return all(_says(part, guess, hopeful=True) for part in condition.parts())
    return True


def _values_fit(guess: Guess) -> bool:
    """No article has two outlets, no fact two statuses."""
    values: dict[str, str] = {}
    asked = (_single(condition) for condition, value in guess.items() if value)
    return all(values.setdefault(kind, one) == one for kind, one in asked if kind)


def _single(condition: Condition) -> tuple[str, str]:
    """What has one value at a time, and the value that is asked for."""
    match condition:
        case Told(_, "outlet", wanted):
            return "outlet", wanted
        case Genre(_, name):
            return "genre", name
        case Claim(_, field, wanted, "") if field != "target":
            return field, wanted
    return "", ""


def _scores_fit(guess: Guess) -> bool:
    """A score that is at least 0.8 is at least 0.5."""
    asked = sorted(
        (c.name, c.least, value) for c, value in guess.items() if isinstance(c, Score) and c.least is not None
    )
    return not any(one[0] == other[0] and other[2] and not one[2] for one, other in pairwise(asked))


def _rates_fit(guess: Guess) -> bool:
    """Whether some rate is as guessed of each comparison; where none is told, none of them holds."""
    asked = [(claim, value) for claim, value in guess.items() if isinstance(claim, Claim) and claim.sign]
    rates = [claim.rate + step for claim, _ in asked for step in (-0.001, 0.0, 0.001) if claim.rate + step >= 0]
    if not any(value for _, value in asked):
        return True
    return any(all(COMPARISONS[claim.sign](rate, claim.rate) == value for claim, value in asked) for rate in rates)


def _costly(query: Condition) -> Iterator[str]:
    if all(isinstance(leaf, Claims | Genre) for leaf in leaves(query)):
        yield "every article must be read in full for this: put words beside it, such as $TARIFF"


def _slips(query: Condition, vocabulary: Vocabulary) -> Iterator[str]:
    words = [leaf for leaf in leaves(query) if isinstance(leaf, Terms) and leaf.label[0] not in '="“”$']
    known = _known(vocabulary) if words else {}
    for leaf in words[:_MOST_CONDITIONS]:
        label = leaf.label
        if label in vocabulary.sets and label not in known:
            yield f"{label} is looked for as a word: did you mean ${label}?"
        elif label.islower() and label.upper() in known:
            yield f"{label} is also found where it is no name: did you mean {label.upper()}?"
        elif label.isalpha() and len(label) >= _LEAST_LETTERS and label.islower() and (like := _like(leaf, known)):
            yield f"{label} looks like a slip: did you mean {like}?"


def _known(vocabulary: Vocabulary) -> Mapping[str, str]:
    """The words of the vocabulary, as written and in small letters."""
    groups = (*vocabulary.sets.values(), *vocabulary.sectors.values())
    words = {word.text for terms in groups for term in terms for word in term.words}
    return {form: word for word in sorted(words) for form in (word, word.casefold())}


def _like(leaf: Terms, known: Mapping[str, str]) -> str:
    """A word of the vocabulary that this one nearly is; "" where it is one itself, or none is near."""
    forms = leaf.terms[0].words[0].forms
    if any(form in known for form in forms):
        return ""
    start = forms[0][:2]
    near = [word for word in known if word.startswith(start) and abs(len(word) - len(forms[-1])) < 3]
    return next(iter(difflib.get_close_matches(forms[-1], near, n=1, cutoff=_LIKE)), "")
