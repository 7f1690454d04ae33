"""Queries: the grammar of the watchlist language, and how a text becomes conditions or an error that shows the place.

A new construct is a line of the grammar, a condition and a method of `_Builder`.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping

import re2
from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

from bot.analysis import TOPICS
from bot.conditions import (
    WIDEST_WINDOW,
    All,
    Any,
    Claim,
    Claims,
    Condition,
    Genre,
    Moved,
    Near,
    Not,
    Official,
    Para,
    Part,
    Pattern,
    Score,
    Sent,
    Terms,
    Told,
)
from bot.errors import QueryError
from bot.facts import ACTIONS, GROUNDS, INSTRUMENTS, STATUSES
from bot.measures import CHANGES, CONFIRMS, CONTRADICTS, NEW
from bot.vocabulary import Term, TermSet, Vocabulary, fold, sieve_for, term_from

TOLD = ("outlet", "author", "lang", "url")
CLAIMS: Mapping[str, tuple[str, ...]] = {
    "status": STATUSES,
    "action": ACTIONS,
    "instrument": INSTRUMENTS,
    "ground": GROUNDS,
}
PARTIES = ("imposer", "target")
MOVES = (NEW, CHANGES, CONTRADICTS, CONFIRMS)
FIELDS = ("title", "body", "sector", "hs", "topic", "source", "genre", "change", *TOLD, *PARTIES, *CLAIMS)
GENRES = ("news", "digest", "live", "opinion", "question", "explainer")

_LONGEST_QUERY = 20_000
_LONGEST_PATTERN = 500
_DEEPEST = 40  # parentheses in parentheses; bounds every recursion over a query
_KEYWORDS = ("AND", "OR", "NOT", "SENT", "PARA", "NEAR")
_UNSEEN = ("Cc", "Cf", "Cs")  # kinds of characters
_JOINERS = "\u200c\u200d"  # which Indian scripts and emoji are written with
_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\C")

_GRAMMAR = r"""
    ?start: any_of
    ?any_of: all_of ("OR" all_of)*
    ?all_of: _one ("AND"? _one)*
    _one: no | _atom
    no: "NOT" _atom
    _atom: "(" any_of ")" | sent | para | near | part | named | _leaf
    sent: SENT "(" any_of ")"
    para: PARA "(" any_of ")"
    near: NEAR "(" any_of "," any_of ")"
    part: PART ("(" any_of ")" | _leaf)
    named: FIELD (WORD | PHRASE) [SIGN NUMBER]
    _leaf: word | phrase | exact | prefix | alias | pattern
    word: WORD [SIGN NUMBER]
    phrase: PHRASE
    exact: EXACT
    prefix: PREFIX
    alias: SET
    pattern: PATTERN

    SENT.3: /SENT(\/\d+)?(?=\s*\()/
    PARA.3: /PARA(?=\s*\()/
    NEAR.3: /NEAR(\/\d+)?(?=\s*\()/
    PART.4: /(title|body):/
    FIELD.2: /[A-Za-z_]+:/
    EXACT: /=("[^"]*"|[^\s()"“”,:<>=$*]+)/
    PREFIX.2: /[^\s()"“”,:<>=$*\/][^\s()"“”,:<>=$*]*\*/
    SET: /\$[A-Za-z][A-Za-z0-9_]*/
    PHRASE: /["“”][^"“”]*["“”]/
    PATTERN: /\/(?:[^\/\\]|\\.)*\//
    WORD: /[^\s()"“”,:<>=$*\/][^\s()"“”,:<>=$*]*/
    SIGN: /[<>]=?/
    NUMBER: /\d*\.?\d+/
    %ignore /\s+/
"""
_PARSER = Lark(_GRAMMAR, parser="lalr", maybe_placeholders=True)
# The same tokens, to see which parentheses are ones of the language.
_PIECES = re.compile(
    r'=(?:"[^"]*"|[^\s()"“”,:<>=$*]+)|["“”][^"“”]*["“”]|\$[A-Za-z0-9_]+|\/(?:[^\/\\]|\\.)*\/|[()]'
    r'|[^\s()"“”,:<>=$*\/][^\s()"“”,:<>=$*]*'
)
_IN_WORDS: Mapping[str, str] = {
    "WORD": "a word",
    "PHRASE": 'a "phrase"',
    "SET": "a $SET",
    "FIELD": "a field such as sector:",
    "NUMBER": "a number",
    "LPAR": '"("',
    "RPAR": '")"',
    "COMMA": "a comma",
    "OR": "OR",
    "AND": "AND",
    "$END": "the end",
}


def parse_query(text: str, vocabulary: Vocabulary, topics: Iterable[str] = ()) -> Condition:
    """`topics` are names of the users' own. Raises QueryError, which shows the column, for a query that cannot be read,
    names something unknown, or could fire on an article that has nothing of it."""
    query = re.sub(r"\s", " ", text)  # one line, each column kept, so that the error's caret stands right
    _check_characters(query)
    _check_size(query)
    try:
        built: Condition = _Builder(query, vocabulary, (*TOPICS, *topics)).transform(_PARSER.parse(query))
    except UnexpectedInput as error:
        raise _unreadable(query, error) from error
    except VisitError as error:
        raise error.orig_exc from None
    if not built.needs():
        hint = "NOT only narrows: put something to look for beside it, with AND"
        raise _refusal(query, 0, "this could fire on an article that has none of its words", hint)
    return _joined(built)


def _joined(condition: Condition) -> Condition:
    """Conditions of facts that stand beside each other made one, so that a single fact must have them all."""
    match condition:
        case All() if not _is_claims(condition) or not condition.needs():
            return _all_joined(condition)
        case _ if _is_claims(condition) and condition.needs():
            return Claims(condition)
        case Any(of):
            return Any(tuple(map(_joined, of)))
        case Not(part):
            # NOT of a fact that stands alone: no fact at all is so.
            return Not(Claims(part) if _is_claims(part) else _joined(part))
        case Sent(part, span):
            return Sent(_joined(part), span)
        case Para(part):
            return Para(_joined(part))
        case Part(part, name):
            return Part(_joined(part), name)
    return condition


def _all_joined(condition: All) -> Condition:
    claims = tuple(part for part in condition.of if _is_claims(part))
    if not any(part.needs() for part in claims):
        return All(tuple(map(_joined, condition.of)))
    one = Claims(claims[0] if len(claims) == 1 else All(claims))
    first = next(n for n, part in enumerate(condition.of) if _is_claims(part))
    rest = [
        one if n == first else _joined(part)
        for n, part in enumerate(condition.of)
        if n == first or not _is_claims(part)
    ]
    return All(tuple(rest)) if len(rest) > 1 else one


def _is_claims(condition: Condition) -> bool:
    if isinstance(condition, All | Any | Not):
        return all(map(_is_claims, condition.parts()))
    return isinstance(condition, Claim | Moved)


def _check_characters(query: str) -> None:
    column = next((n for n, character in enumerate(query) if _is_unseen(character)), None)
    if column is not None:
        shown = "".join("\ufffd" if _is_unseen(character) else character for character in query)
        problem = f"here is a character that cannot be seen, U+{ord(query[column]):04X}"
        raise _refusal(shown, column, problem, "leave it out: no text has it once it is read")


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN and character not in _JOINERS


def _check_size(query: str) -> None:
    if not query.strip():
        raise _refusal(query, 0, "the query is empty", "write words, such as $INDIA tariff")
    if len(query) > _LONGEST_QUERY:
        problem = f"the query is longer than {_LONGEST_QUERY} characters"
        raise _refusal(query, _LONGEST_QUERY, problem, "split it into several watchlists, or write sets below aliases")
    depth = 0
    for match in _PIECES.finditer(query):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if depth > _DEEPEST:
            hint = "leave out those that change nothing"
            raise _refusal(query, match.start(), f"more than {_DEEPEST} parentheses inside each other", hint)


def _refusal(query: str, column: int, problem: str, hint: str) -> QueryError:
    return QueryError(problem, query=query, column=column, hint=hint)


def _unreadable(query: str, error: UnexpectedInput) -> QueryError:
    column = error.pos_in_stream or 0
    if isinstance(error, UnexpectedCharacters) and query[column] in '"“”':
        return _refusal(query, column, "this quotation mark is not closed", 'close it with "')
    if isinstance(error, UnexpectedCharacters) and query[column] == "/":
        return _refusal(query, column, "this regular expression is not closed", "close it with /")
    hint = "expected " + ", ".join(words for name, words in _IN_WORDS.items() if name in _expected(error))
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return _refusal(query, len(query), "the query ends too early", hint)
    found = str(error.token) if isinstance(error, UnexpectedToken) else query[column]
    return _refusal(query, column, f"cannot read {found!r} here", hint)


def _expected(error: UnexpectedInput) -> set[str]:
    if isinstance(error, UnexpectedToken):
        return set(error.accepts or error.expected)
    return set(error.allowed or ()) if isinstance(error, UnexpectedCharacters) else set()


def _near(word: str, names: Iterable[str], *, sign: str = "", after: str = "") -> str:
    known = list(names)
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"did you mean {sign}{close[0]}{after}?"
    return "known are " + ", ".join(f"{sign}{name}{after}" for name in known)


@v_args(inline=True)
class _Builder(Transformer[Token, Condition]):
    """Parse tree to conditions. Everything that can be checked without an article is checked here."""

    def __init__(self, query: str, vocabulary: Vocabulary, topics: tuple[str, ...]) -> None:
        super().__init__()
        self.query, self.vocabulary, self.topics = query, vocabulary, topics
        self.known: dict[Token, Terms] = {}  # what is asked twice is looked for once

    def any_of(self, *parts: Condition) -> Condition:
        return Any(parts)

    def all_of(self, *parts: Condition) -> Condition:
        return All(parts)

    def no(self, part: Condition) -> Condition:
        return Not(part)

    def part(self, name: Token, part: Condition) -> Condition:
        return Part(part, name[:-1])

    def sent(self, keyword: Token, part: Condition) -> Condition:
        span = int(keyword.partition("/")[2][:9] or 0)
        if span > WIDEST_WINDOW:
            raise self._error(keyword, f"{keyword} is too wide", f"at most SENT/{WIDEST_WINDOW}")
        if not part.needs(words=True):
            raise self._error(keyword, "no word must be in this sentence", "put at least one word or $SET inside SENT")
        return Sent(part, span)

    def para(self, keyword: Token, part: Condition) -> Condition:
        if not part.needs(words=True):
            raise self._error(keyword, "no word must be in this paragraph", "put at least one word or $SET inside PARA")
        return Para(part)

    def near(self, keyword: Token, left: Condition, right: Condition) -> Condition:
        most = int(keyword.partition("/")[2][:9] or 0)
        if most < 1:
            raise self._error(keyword, "NEAR needs a distance in words", "write NEAR/5(first, second)")
        if not (_is_words(left) and _is_words(right)):
            raise self._error(keyword, "NEAR compares places of words", "inside it use words, $SETs, sectors and OR")
        return Near(left, right, most)

    def word(self, word: Token, sign: Token | None, number: Token | None) -> Condition:
        if word == "relevant":
            return self._score(word, "relevant", "relevant", sign, number)
        if word == "rate" and sign is not None and number is not None:
            return Claim(f"rate{sign}{number}", "rate", sign=str(sign), rate=float(number))
        self._must_not_compare(sign, str(word))
        if word.upper() in _KEYWORDS:
            raise self._error(word, f"{word} is out of place here", f'write {word.upper()} between parts, or "{word}"')
        return self._terms(word, str(word))

    def phrase(self, phrase: Token) -> Condition:
        return self._terms(phrase, phrase[1:-1])

    def exact(self, exact: Token) -> Condition:
        return self._terms(exact, exact[1:].strip('"'), "exact")

    def prefix(self, prefix: Token) -> Condition:
        if len(prefix) < 4:
            raise self._error(prefix, f"{prefix} matches too much", "write at least three letters before *")
        return self._terms(prefix, prefix[:-1], "prefix")

    def alias(self, token: Token) -> Condition:
        name = token[1:]
        if name not in self.vocabulary.sets:
            raise self._error(token, f"there is no set {token}", _near(name.upper(), self.vocabulary.sets, sign="$"))
        return self._named_terms(token, str(token), self.vocabulary.sets[name])

    def pattern(self, token: Token) -> Condition:
        body = unicodedata.normalize("NFC", token[1:-1].replace("\\/", "/"))
        if len(body) > _LONGEST_PATTERN:
            problem = f"the regular expression is longer than {_LONGEST_PATTERN} characters"
            raise self._error(token, problem, "write words joined by OR, or a set below aliases")
        if _BYTE.search(body):
            raise self._error(token, "\\C is one byte, and not every letter is", "write . for any character")
        options = re2.Options()
        options.log_errors = False
        try:
            finder = re2.compile(body, options)
        except (re2.error, UnicodeError) as error:
            said = error.args[0] if error.args else ""
            words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
            hint = "see the syntax of RE2: no look-around, no references back"
            raise self._error(token, f"the regular expression cannot be read: {words}", hint) from None
        if finder.search("") is not None:
            hint = "ask for one letter at least: + for *"
            raise self._error(token, f"{token} is found in every text, even in an empty one", hint)
        return Pattern(str(token), finder)

    def named(self, field: Token, value: Token, sign: Token | None, number: Token | None) -> Condition:
        kind, name = field[:-1], value[1:-1] if value.type == "PHRASE" else str(value)
        if kind not in FIELDS:
            raise self._error(field, f"there is no field {field}", _near(kind.lower(), FIELDS, after=":"))
        label = f"{kind}:{value}"
        if kind == "topic":
            self._must_know(value, name, self.topics, "topic")
            return self._score(value, label, name, sign, number)
        self._must_not_compare(sign, label)
        if kind == "change":
            self._must_know(value, name, MOVES, kind)
            return Moved(label, name)
        if kind in (*PARTIES, *CLAIMS):
            return self._claim(kind, value, name, label)
        return self._plain_field(kind, value, name, label)

    def _plain_field(self, kind: str, value: Token, name: str, label: str) -> Condition:
        if kind == "sector":
            self._must_know(value, name, self.vocabulary.sectors, "sector")
            return self._named_terms(value, label, self.vocabulary.sectors[name])
        if kind == "hs":
            return self._named_terms(value, label, self._chapter(value, name))
        if kind == "genre":
            self._must_know(value, name, GENRES, "genre")
            return Genre(label, name)
        if kind == "source":
            self._must_know(value, name, ("official",), "source")
            return Official(label)
        if not name.strip():
            raise self._error(value, f"{kind}: asks for nothing", "write what it is to be")
        return Told(label, kind, fold(name))

    def _claim(self, kind: str, value: Token, name: str, label: str) -> Condition:
        if kind in CLAIMS:
            self._must_know(value, name, CLAIMS[kind], kind)
        else:
            codes = self.vocabulary.measures.get("countries", {})
            blocs = self.vocabulary.measures.get("blocs", {})
            self._must_know(value, name, (*codes, "EU", *(("ALL", *blocs) if kind == "target" else ())), kind)
        return Claim(label, kind, name)

    def _chapter(self, value: Token, name: str) -> tuple[Term, ...]:
        """The terms of all sectors that have the chapter, or a heading of it."""
        chapters = self.vocabulary.chapters
        sectors = [sector for sector, own in chapters.items() if any(one.startswith(name) for one in own)]
        if not re.fullmatch(r"\d{2}(\d{2})?", name) or not sectors:
            known = sorted({chapter for own in chapters.values() for chapter in own})
            raise self._error(value, f"no sector has chapter {name}", _near(name, known, sign="hs:"))
        return TermSet(term for sector in sectors for term in self.vocabulary.sectors[sector])

    def _score(self, token: Token, label: str, name: str, sign: Token | None, least: Token | None) -> Condition:
        assert name in (*self.topics, "relevant")
        if sign is None or least is None:
            return Score(label, name, None)
        if sign != ">=":
            raise self._error(sign, f"{label} takes only >=", f"write {label}>=0.5, or NOT before it")
        if not 0 <= float(least) <= 1:
            raise self._error(least, f"no score reaches {least}", "scores go from 0 to 1")
        return Score(f"{label}>={least}", name, float(least))

    def _terms(self, token: Token, text: str, how: str = "") -> Condition:
        if token not in self.known:
            try:
                terms = TermSet((term_from(text, how=how),))
            except ValueError:
                raise self._error(token, f"there is no word in {token}", "write a word or leave it out") from None
            self.known[token] = Terms(str(token), terms, sieve_for(terms))
        return self.known[token]

    def _named_terms(self, token: Token, label: str, terms: tuple[Term, ...]) -> Condition:
        if not terms:
            raise self._error(token, f"{label} holds no terms", "fill it in the vocabulary, or leave it out")
        return Terms(label, terms, sieve_for(terms))

    def _must_know(self, token: Token, name: str, known: Iterable[str], kind: str) -> None:
        names = tuple(known)
        if name not in names:
            like = name if name.isupper() else name.lower()
            raise self._error(token, f"there is no {kind} {name!r}", _near(like, names, sign=f"{kind}:"))

    def _must_not_compare(self, sign: Token | None, label: str) -> None:
        if sign is not None:
            hint = f"only relevant and topic: have one, as topic:{TOPICS[0]}>=0.8, and a fact its rate, as rate>=100"
            raise self._error(sign, f"{label} has no score", hint)

    def _error(self, token: Token, problem: str, hint: str) -> QueryError:
        return _refusal(self.query, token.start_pos or 0, problem, hint)


def _is_words(condition: Condition) -> bool:
    if isinstance(condition, Any):
        return all(_is_words(part) for part in condition.of)
    return isinstance(condition, Terms)
