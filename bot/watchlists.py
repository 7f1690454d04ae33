"""Watchlists: a query in words, compiled once, and the verdict that says why it did or did not fire.

`compile_watchlist` reads the query, `may_match` asks raw text whether reading it is worth while, `judge` decides on a
reading, `explain_verdict` tells a person. A new construct is a line of the grammar, a node and a method of `_Builder`.
"""

import difflib
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

from bot.analysis import TOPICS, Analysis, Scores
from bot.articles import Article
from bot.errors import QueryError
from bot.vocabulary import Hit, Sieve, Term, TermIndex, TermSet, Vocabulary, fold, sieve_for, term_from

FIELDS = ("sector", "topic", "title", "outlet", "source", "genre")
GENRES = ("news", "digest", "live", "opinion", "question", "explainer")

_LONGEST_QUERY = 20_000
_DEEPEST = 40  # parentheses in parentheses; bounds every recursion over a query
_WIDEST_WINDOW = 5
_KEYWORDS = ("AND", "OR", "NOT", "SENT", "NEAR")

_GRAMMAR = r"""
    ?start: any_of
    ?any_of: all_of ("OR" all_of)*
    ?all_of: _one ("AND"? _one)*
    _one: no | _atom
    no: "NOT" _atom
    _atom: "(" any_of ")" | sent | near | title | named | _leaf
    sent: SENT "(" any_of ")"
    near: NEAR "(" any_of "," any_of ")"
    title: _TITLE ("(" any_of ")" | _leaf)
    named: FIELD (WORD | PHRASE) [">=" NUMBER]
    _leaf: word | phrase | exact | prefix | alias
    word: WORD [">=" NUMBER]
    phrase: PHRASE
    exact: EXACT
    prefix: PREFIX
    alias: SET

    SENT.3: /SENT(\/\d+)?(?=\s*\()/
    NEAR.3: /NEAR(\/\d+)?(?=\s*\()/
    _TITLE.4: "title:"
    FIELD.2: /[A-Za-z_]+:/
    EXACT: /=("[^"]*"|[^\s()"“”,:<>=$*]+)/
    PREFIX.2: /[^\s()"“”,:<>=$*]+\*/
    SET: /\$[A-Za-z][A-Za-z0-9_]*/
    PHRASE: /["“”][^"“”]*["“”]/
    WORD: /[^\s()"“”,:<>=$*]+/
    NUMBER: /\d*\.?\d+/
    %ignore /\s+/
"""
_PARSER = Lark(_GRAMMAR, parser="lalr", maybe_placeholders=True)
_IN_WORDS: Mapping[str, str] = {
    "WORD": "a word",
    "PHRASE": 'a "phrase"',
    "SET": "a $SET",
    "FIELD": "a field such as sector:",
    "NUMBER": "a number from 0 to 1",
    "LPAR": '"("',
    "RPAR": '")"',
    "COMMA": "a comma",
    "OR": "OR",
    "AND": "AND",
    "$END": "the end",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one part of a query said of an article. `missing` tells, after a miss, what would have been needed."""

    label: str
    fired: bool
    spans: tuple[Hit, ...] = ()  # offsets in Article.whole
    score: float | None = None  # the model's, where that decided
    children: tuple["Verdict", ...] = ()
    missing: str = ""

    def words(self) -> tuple[str, ...]:
        """The words of the text that made it fire, each once, in the order of the text."""
        words: dict[str, str] = {}
        for hit in sorted(_deciding(self), key=lambda hit: hit.start):
            words.setdefault(fold(hit.text), hit.text)
        return tuple(words.values())


class Node(Protocol):
    """One part of a parsed query."""

    def judge(self, scope: "Scope") -> Verdict: ...

    def may(self, view: "View") -> bool:
        """False only when `judge` could not fire on any reading of this text."""
        ...

    def needs(self, *, words: bool = False) -> bool:
        """Whether an article must have something to fire it: not so "NOT x". With `words`, that must be in the text."""
        ...


@dataclass(frozen=True, slots=True)
class Watchlist:
    """`channels` get its alerts; `severity` is "high", "medium", "low" or "" for the default."""

    name: str
    query: Node
    query_text: str
    channels: tuple[str, ...] = ()
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of an article in which a node looks: sentences `first` to `last`, up to the offset `end`."""

    article: Article
    index: TermIndex
    analysis: Analysis
    first: int
    last: int
    end: int
    where: str = ""  # in words, for "needs …": " in the title"

    def holds(self, hit: Hit) -> bool:
        return self.first <= hit.sentence <= self.last and hit.end <= self.end


@dataclass(frozen=True, slots=True)
class View:
    """What is known of an article before it is read. `seen` remembers what sieves said, by label."""

    raw: str
    folded: str
    scores: Scores
    article: Article
    seen: dict[str, bool]


@dataclass(frozen=True, slots=True)
class Terms:
    """Any one of some terms: a word, a phrase, a $SET or a sector."""

    label: str
    terms: tuple[Term, ...]
    sieve: Sieve

    def judge(self, scope: Scope) -> Verdict:
        everywhere = scope.index.find(self.terms)
        spans = tuple(hit for hit in everywhere if scope.holds(hit))
        if spans:
            return Verdict(self.label, True, spans)
        one = "one of " if len(self.terms) > 1 else ""
        elsewhere = f"; only elsewhere: {_quoted(everywhere)}" if everywhere else ""
        return Verdict(self.label, False, missing=f"needs {one}{self.label}{scope.where}{elsewhere}")

    def may(self, view: View) -> bool:
        if (known := view.seen.get(self.label)) is None:
            known = view.seen[self.label] = self.sieve.may_hold(view.raw, view.folded)
        return known

    def needs(self, *, words: bool = False) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Score:
    """The model's word on one label: its decision, or its score when `least` is given."""

    label: str
    name: str
    least: float | None

    def judge(self, scope: Scope) -> Verdict:
        scores = scope.analysis.scores
        score = scores.scores.get(self.name, 0.0)
        if self._fires(scores):
            return Verdict(self.label, True, score=score)
        wish = "the model to say yes" if self.least is None else f"at least {self.least:g}"
        return Verdict(self.label, False, score=score, missing=f"needs {wish}; {self.name} scored {score:.2f}")

    def may(self, view: View) -> bool:
        return self._fires(view.scores)

    def _fires(self, scores: Scores) -> bool:
        if self.least is None:
            return scores.labels.get(self.name, False)
        return scores.scores.get(self.name, 0.0) >= self.least

    def needs(self, *, words: bool = False) -> bool:
        return not words


@dataclass(frozen=True, slots=True)
class Outlet:
    label: str
    name: str  # folded

    def judge(self, scope: Scope) -> Verdict:
        if fold(scope.article.outlet) == self.name:
            return Verdict(self.label, True)
        return Verdict(self.label, False, missing=f"the outlet is “{scope.article.outlet}”")

    def may(self, view: View) -> bool:
        return fold(view.article.outlet) == self.name

    def needs(self, *, words: bool = False) -> bool:
        return not words


@dataclass(frozen=True, slots=True)
class Official:
    label: str

    def judge(self, scope: Scope) -> Verdict:
        fired = scope.article.official
        missing = "" if fired else f"needs an official source; {scope.article.outlet} is none"
        return Verdict(self.label, fired, missing=missing)

    def may(self, view: View) -> bool:
        return view.article.official

    def needs(self, *, words: bool = False) -> bool:
        return not words


@dataclass(frozen=True, slots=True)
class Genre:
    label: str
    name: str

    def judge(self, scope: Scope) -> Verdict:
        genre = scope.analysis.genre or "news"
        return Verdict(self.label, genre == self.name, missing="" if genre == self.name else f"the genre is {genre}")

    def may(self, view: View) -> bool:
        return True  # the genre is found with the reading

    def needs(self, *, words: bool = False) -> bool:
        return not words


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Node, ...]

    def judge(self, scope: Scope) -> Verdict:
        children = tuple(part.judge(scope) for part in self.parts)
        return Verdict("all of", all(child.fired for child in children), children=children)

    def may(self, view: View) -> bool:
        return all(part.may(view) for part in self.parts)

    def needs(self, *, words: bool = False) -> bool:
        return any(part.needs(words=words) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple[Node, ...]

    def judge(self, scope: Scope) -> Verdict:
        children = tuple(part.judge(scope) for part in self.parts)
        fired = any(child.fired for child in children)
        return Verdict("any of", fired, children=children, missing="" if fired else "needs one of these")

    def may(self, view: View) -> bool:
        return any(part.may(view) for part in self.parts)

    def needs(self, *, words: bool = False) -> bool:
        return all(part.needs(words=words) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    part: Node

    def judge(self, scope: Scope) -> Verdict:
        child = self.part.judge(scope)
        missing = f"must not be so{scope.where}, and is" if child.fired else ""
        return Verdict("NOT", not child.fired, children=(child,), missing=missing)

    def may(self, view: View) -> bool:
        return True  # a word that may be there may also not be

    def needs(self, *, words: bool = False) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Title:
    part: Node

    def judge(self, scope: Scope) -> Verdict:
        inside = replace(scope, end=min(scope.end, len(scope.article.title)), where=" in the title")
        child = self.part.judge(inside)
        return Verdict("title:", child.fired, children=(child,))

    def may(self, view: View) -> bool:
        return self.part.may(view)

    def needs(self, *, words: bool = False) -> bool:
        return self.part.needs(words=words)


@dataclass(frozen=True, slots=True)
class Sent:
    """All of `part` within `span` + 1 sentences that follow each other. The title is the first sentence of all."""

    part: Node
    span: int
    words: tuple[Term, ...]  # every term that `part` looks for

    def judge(self, scope: Scope) -> Verdict:
        best: Verdict | None = None
        for window in self._windows(scope):
            child = self.part.judge(window)
            if child.fired:
                return Verdict(self._label(), True, children=(child,))
            best = best if best and _fires_in(best) >= _fires_in(child) else child
        where = "no sentence has" if not self.span else f"no {self.span + 1} sentences in a row have"
        children = (best or self.part.judge(scope),)
        return Verdict(self._label(), False, children=children, missing=f"{where} all that is asked")

    def _windows(self, scope: Scope) -> Iterator[Scope]:
        # A window without any word of the query cannot fire: the compiler has seen to it that `part` needs one.
        places = {hit.sentence for hit in scope.index.find(self.words) if scope.holds(hit)}
        firsts = {place - back for place in places for back in range(self.span + 1)}
        where = " in the same sentence" if not self.span else f" within {self.span + 1} sentences"
        for first in sorted({max(first, scope.first) for first in firsts}):
            yield replace(scope, first=first, last=min(first + self.span, scope.last), where=where)

    def _label(self) -> str:
        return f"SENT/{self.span}" if self.span else "SENT"

    def may(self, view: View) -> bool:
        return self.part.may(view)

    def needs(self, *, words: bool = False) -> bool:
        return self.part.needs(words=words)


@dataclass(frozen=True, slots=True)
class Near:
    """A hit of each side, in either order, the last word of one at most `most` words before the first of the other."""

    left: Node
    right: Node
    most: int

    def judge(self, scope: Scope) -> Verdict:
        children = (self.left.judge(scope), self.right.judge(scope))
        left, right = (tuple(_all_spans(child)) for child in children)
        pair = self._pair(left, right) or self._pair(right, left)
        label = f"NEAR/{self.most}"
        if pair:
            return Verdict(label, True, pair, children=children)
        return Verdict(label, False, children=children, missing=f"needs both within {self.most} words{scope.where}")

    def _pair(self, before: tuple[Hit, ...], after: tuple[Hit, ...]) -> tuple[Hit, ...]:
        later = sorted(after, key=lambda hit: hit.first)
        firsts = [hit.first for hit in later]
        for hit in before:
            at = bisect_right(firsts, hit.last)
            if at < len(firsts) and firsts[at] - hit.last <= self.most:
                return (hit, later[at])
        return ()

    def may(self, view: View) -> bool:
        return self.left.may(view) and self.right.may(view)

    def needs(self, *, words: bool = False) -> bool:
        return True


def compile_watchlist(
    name: str,
    text: str,
    vocabulary: Vocabulary,
    *,
    channels: Iterable[str] = (),
    severity: str = "",
    topics: Iterable[str] = (),
) -> Watchlist:
    """`topics` are names of the users' own. Raises QueryError, which shows the column, for a query that cannot be read,
    names something unknown, or could fire on an article that has nothing of it."""
    query = re.sub(r"\s", " ", text)  # one line, each column kept, so that the error's caret stands right
    _check_size(query)
    try:
        node: Node = _Builder(query, vocabulary, (*TOPICS, *topics)).transform(_PARSER.parse(query))
    except UnexpectedInput as error:
        raise _unreadable(query, error) from error
    except VisitError as error:
        raise error.orig_exc from None
    if not node.needs():
        raise QueryError(
            "this could fire on an article that has none of its words",
            query=query,
            column=0,
            hint="NOT only narrows: put something to look for beside it, with AND",
        )
    return Watchlist(name, node, text, tuple(channels), severity)


def judge(watchlist: Watchlist, article: Article, index: TermIndex, analysis: Analysis) -> Verdict:
    """`index` is of the reading of `article.whole`."""
    return watchlist.query.judge(Scope(article, index, analysis, 0, index.sentences, len(index.text)))


def may_match(watchlists: Iterable[Watchlist], article_whole: str, scores: Scores, article: Article) -> bool:
    """Whether any watchlist could fire once the article is read; a no is certain, a yes is not."""
    raw = article_whole if article_whole.isascii() else unicodedata.normalize("NFKC", article_whole)
    view = View(raw, raw.casefold(), scores, article, {})
    return any(watchlist.query.may(view) for watchlist in watchlists)


def explain_verdict(verdict: Verdict) -> str:
    """The verdict as an indented tree, one line a part, ✔ before what fired and ✘ before what did not."""
    return "\n".join(_lines(verdict, 0, wanted=True))


def _lines(verdict: Verdict, depth: int, *, wanted: bool) -> Iterator[str]:
    reason = _reason(verdict, wanted)
    yield f"{'  ' * depth}{'✔' if verdict.fired else '✘'} {verdict.label}{' — ' if reason else ''}{reason}"
    for child in verdict.children:
        yield from _lines(child, depth + 1, wanted=wanted != (verdict.label == "NOT"))


def _reason(verdict: Verdict, wanted: bool) -> str:
    if verdict.spans:
        return _quoted(verdict.spans)
    if verdict.fired or not wanted:  # below NOT a miss is as it should be: there is nothing to ask for
        return "" if verdict.score is None else f"{verdict.score:.2f}"
    return verdict.missing


def _quoted(hits: Iterable[Hit]) -> str:
    texts = list(dict.fromkeys(hit.text for hit in hits))
    return ", ".join(f"“{text}”" for text in texts[:5]) + (f" and {len(texts) - 5} more" if len(texts) > 5 else "")


def _deciding(verdict: Verdict) -> Iterator[Hit]:
    if verdict.fired and verdict.label != "NOT":
        yield from verdict.spans
        for child in () if verdict.spans else verdict.children:  # NEAR's own spans are those of its children that met
            yield from _deciding(child)


def _all_spans(verdict: Verdict) -> Iterator[Hit]:
    yield from verdict.spans
    for child in verdict.children:
        yield from _all_spans(child)


def _fires_in(verdict: Verdict) -> int:
    return verdict.fired + sum(_fires_in(child) for child in verdict.children)


def _check_size(query: str) -> None:
    if not query.strip():
        raise QueryError("the query is empty", query=query, column=0, hint="write words, such as $INDIA tariff")
    if len(query) > _LONGEST_QUERY:
        raise QueryError(
            f"the query is longer than {_LONGEST_QUERY} characters",
            query=query[:60] + " …",
            column=0,
            hint="split it into several watchlists",
        )
    depth = 0
    for match in re.finditer(r'["“”][^"“”]*["“”]|[()]', query):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if depth > _DEEPEST:
            shown = query[max(match.start() - 30, 0) : match.end() + 10]
            raise QueryError(
                f"more than {_DEEPEST} parentheses inside each other",
                query=shown,
                column=min(match.start(), 30),
                hint="leave out those that change nothing",
            )


def _unreadable(query: str, error: UnexpectedInput) -> QueryError:
    column = error.pos_in_stream or 0
    if isinstance(error, UnexpectedCharacters) and query[column] in '"“”':
        return QueryError("this quotation mark is not closed", query=query, column=column, hint='close it with "')
    hint = "expected " + ", ".join(words for name, words in _IN_WORDS.items() if name in _expected(error))
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return QueryError("the query ends too early", query=query, column=len(query), hint=hint)
    found = str(error.token) if isinstance(error, UnexpectedToken) else query[column]
    return QueryError(f"cannot read {found!r} here", query=query, column=column, hint=hint)


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
class _Builder(Transformer[Token, Node]):
    """Parse tree to nodes. Everything that can be checked without an article is checked here."""

    def __init__(self, query: str, vocabulary: Vocabulary, topics: tuple[str, ...]) -> None:
        super().__init__()
        self.query, self.vocabulary, self.topics = query, vocabulary, topics

    def any_of(self, *parts: Node) -> Node:
        return Any(parts)

    def all_of(self, *parts: Node) -> Node:
        return All(parts)

    def no(self, part: Node) -> Node:
        return Not(part)

    def title(self, part: Node) -> Node:
        return Title(part)

    def sent(self, keyword: Token, part: Node) -> Node:
        span = int(keyword.partition("/")[2] or 0)
        if span > _WIDEST_WINDOW:
            raise self._error(keyword, f"SENT/{span} is too wide", f"at most SENT/{_WIDEST_WINDOW}")
        if not part.needs(words=True):
            raise self._error(keyword, "no word must be in this sentence", "put at least one word or $SET inside SENT")
        return Sent(part, span, TermSet(_terms_of(part)))

    def near(self, keyword: Token, left: Node, right: Node) -> Node:
        most = keyword.partition("/")[2]
        if not most or int(most) < 1:
            raise self._error(keyword, "NEAR needs a distance in words", "write NEAR/5(first, second)")
        if not (_is_words(left) and _is_words(right)):
            raise self._error(keyword, "NEAR compares places of words", "inside it use words, $SETs, sectors and OR")
        return Near(left, right, int(most))

    def word(self, word: Token, least: Token | None) -> Node:
        if word == "relevant":
            return self._score(word, "relevant", "relevant", least)
        if least is not None:
            hint = f"only relevant and topic: have one, as topic:{TOPICS[0]}>=0.8"
            raise self._error(least, f"{word} has no score", hint)
        if word.upper() in _KEYWORDS:
            raise self._error(word, f"{word} is out of place here", f'write {word.upper()} between parts, or "{word}"')
        return self._terms(word, str(word))

    def phrase(self, phrase: Token) -> Node:
        return self._terms(phrase, phrase[1:-1])

    def exact(self, exact: Token) -> Node:
        return self._terms(exact, exact[1:].strip('"'), "exact")

    def prefix(self, prefix: Token) -> Node:
        if len(prefix) < 4:
            raise self._error(prefix, f"{prefix} matches too much", "write at least three letters before *")
        return self._terms(prefix, prefix[:-1], "prefix")

    def alias(self, token: Token) -> Node:
        name = token[1:]
        if name not in self.vocabulary.sets:
            raise self._error(token, f"there is no set {token}", _near(name.upper(), self.vocabulary.sets, sign="$"))
        return self._named_terms(token, str(token), self.vocabulary.sets[name])

    def named(self, field: Token, value: Token, least: Token | None) -> Node:
        kind, name = field[:-1], value[1:-1] if value.type == "PHRASE" else str(value)
        if kind not in FIELDS:
            raise self._error(field, f"there is no field {field}", _near(kind.lower(), FIELDS, after=":"))
        label = f"{kind}:{value}"
        if kind == "topic":
            self._must_know(value, name, self.topics, "topic")
            return self._score(value, label, name, least)
        if least is not None:
            hint = f"only relevant and topic: have one, as topic:{TOPICS[0]}>=0.8"
            raise self._error(least, f"{label} has no score", hint)
        return self._plain_field(kind, value, name, label)

    def _plain_field(self, kind: str, value: Token, name: str, label: str) -> Node:
        if kind == "sector":
            self._must_know(value, name, self.vocabulary.sectors, "sector")
            return self._named_terms(value, label, self.vocabulary.sectors[name])
        if kind == "genre":
            self._must_know(value, name, GENRES, "genre")
            return Genre(label, name)
        if kind == "source":
            self._must_know(value, name, ("official",), "source")
            return Official(label)
        return Outlet(label, fold(name))

    def _score(self, token: Token, label: str, name: str, least: Token | None) -> Node:
        assert name in (*self.topics, "relevant")
        if least is not None and not 0 <= float(least) <= 1:
            raise self._error(least, f"no score reaches {least}", "scores go from 0 to 1")
        return Score(label if least is None else f"{label}>={least}", name, None if least is None else float(least))

    def _terms(self, token: Token, text: str, how: str = "") -> Node:
        try:
            terms = TermSet((term_from(text, how=how),))
        except ValueError:
            raise self._error(token, f"there is no word in {token}", "write a word or leave it out") from None
        return Terms(str(token), terms, sieve_for(terms))

    def _named_terms(self, token: Token, label: str, terms: tuple[Term, ...]) -> Node:
        if not terms:
            raise self._error(token, f"{label} holds no terms", "fill it in the vocabulary, or leave it out")
        return Terms(label, terms, sieve_for(terms))

    def _must_know(self, token: Token, name: str, known: Iterable[str], kind: str) -> None:
        names = tuple(known)
        if name not in names:
            raise self._error(token, f"there is no {kind} {name!r}", _near(name.lower(), names, sign=f"{kind}:"))

    def _error(self, token: Token, problem: str, hint: str) -> QueryError:
        return QueryError(problem, query=self.query, column=token.start_pos or 0, hint=hint)


def _is_words(node: Node) -> bool:
    if isinstance(node, Any):
        return all(_is_words(part) for part in node.parts)
    return isinstance(node, Terms)


def _terms_of(node: Node) -> Iterator[Term]:
    match node:
        case Terms():
            yield from node.terms
        case All() | Any():
            for part in node.parts:
                yield from _terms_of(part)
        case Not() | Title() | Sent():
            yield from _terms_of(node.part)
        case Near():
            yield from (*_terms_of(node.left), *_terms_of(node.right))
