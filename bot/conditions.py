"""Conditions: the parts a query is made of. Each judges an article, prints itself, and knows what raw text it needs.

A part that looks at a stretch of the article (`Sent`, `Para`, `Part`) or at one fact (`Claims`) judges what stands inside it
with a narrower `Scope`.
"""

import operator
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.analysis import Analysis, Scores
from bot.articles import Article
from bot.facts import Fact
from bot.verdicts import ALL_OF, ANY_OF, NOT, Verdict, all_spans, fires_in, quoted
from bot.vocabulary import Hit, Sieve, Term, TermIndex, fold

WIDEST_WINDOW = 5
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_ELSEWHERE = 1.0  # how far a miss is whose words are in the article, but not where they are looked for
_FAR = 2.0
_LONGEST_SEARCHED = 100_000  # characters of an article that a regular expression sees
_MOST_MATCHES = 100  # of one regular expression in one article


Moves = Mapping[Fact, frozenset[str]]  # a fact that speaks of several measures may do something else to each


class Finder(Protocol):
    """A compiled regular expression that answers in time linear in the text."""

    def search(self, text: str) -> object | None: ...

    def finditer(self, text: str) -> Iterable["re.Match[str]"]: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of an article in which a condition looks: sentences `first` to `last`, offsets `start` to `end`, and of the
    facts told there those of `facts`."""

    article: Article
    index: TermIndex
    analysis: Analysis
    first: int
    last: int
    start: int
    end: int
    facts: tuple[tuple[Fact, Hit], ...]  # with the sentence that tells it
    breaks: tuple[int, ...]  # offsets of the ends of lines
    where: str = ""  # in words, for "needs …": " in the title"
    moves: "Moves | None" = None  # what each fact did to the ledger; None until that is asked, and then `hope` decides
    hope: bool = True  # what is open counts as so; below NOT as not so
    memo: dict[tuple[object, ...], Verdict] = field(default_factory=dict, compare=False, repr=False)

    def holds(self, hit: Hit) -> bool:
        return self.first <= hit.sentence <= self.last and self.start <= hit.start and hit.end <= self.end

    def within(self, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Those of `hits`, which are in the order of the text, that the scope holds."""
        low = bisect_left(hits, self.first, key=_sentence)
        inside = hits[low : bisect_right(hits, self.last, low, key=_sentence)]
        if self.start == 0 and self.end == len(self.index.text):
            return tuple(inside)
        return tuple(hit for hit in inside if self.holds(hit))

    def judged(self, part: "Condition") -> Verdict:
        """The part's verdict on this scope, worked out once: windows inside windows ask for the same again and again."""
        place = (self.first, self.last, self.start, self.end, self.where)
        asked = (id(part), *place, len(self.facts), self._fact(), self.hope)
        if (known := self.memo.get(asked)) is None:
            known = self.memo[asked] = part.judge(self)
        return known

    def _fact(self) -> int:
        return id(self.facts[0][0]) if len(self.facts) == 1 else 0


@dataclass(frozen=True, slots=True)
class View:
    """What is known of an article before it is read. `seen` remembers what sieves said, by label."""

    raw: str
    folded: str
    scores: Scores
    article: Article
    seen: dict[str, bool]


class Condition(Protocol):
    """One part of a parsed query."""

    def judge(self, scope: Scope) -> Verdict: ...

    def may(self, view: View) -> bool:
        """False only when `judge` could not fire on any reading of this text."""
        ...

    def needs(self, *, words: bool = False) -> bool:
        """Whether an article must have something to fire it: not so "NOT x". With `words`, that must be in the text."""
        ...

    def written(self) -> str:
        """The condition as a query: parsed again it is the same."""
        ...

    def parts(self) -> tuple["Condition", ...]: ...


@dataclass(frozen=True, slots=True)
class Leaf:
    """A condition without parts. Two of one label are the same."""

    label: str

    def written(self) -> str:
        return self.label

    def parts(self) -> tuple[Condition, ...]:
        return ()

    def may(self, view: View) -> bool:
        return True  # most is found with the reading

    def needs(self, *, words: bool = False) -> bool:
        return not words


@dataclass(frozen=True, slots=True)
class Terms(Leaf):
    """Any one of some terms: a word, a phrase, a $SET, a sector or the sectors of a chapter."""

    terms: tuple[Term, ...] = field(compare=False)
    sieve: Sieve = field(compare=False, repr=False)

    def judge(self, scope: Scope) -> Verdict:
        everywhere = scope.index.find(self.terms)
        spans = scope.within(everywhere)
        if spans:
            return Verdict(self.label, True, spans)
        one = "one of " if len(self.terms) > 1 else ""
        missing = f"needs {one}{self.label}{scope.where}"
        if everywhere:
            return Verdict(
                self.label,
                False,
                missing=f"{missing}; only elsewhere: {quoted(everywhere)}",
                change=f"{self.label} anywhere",
                cost=_ELSEWHERE,
            )
        return Verdict(self.label, False, missing=missing, change=f"without {self.label}")

    def may(self, view: View) -> bool:
        if (known := view.seen.get(self.label)) is None:
            known = view.seen[self.label] = self.sieve.may_hold(view.raw, view.folded)
        return known

    def needs(self, *, words: bool = False) -> bool:
        return True

    def places(self, scope: Scope) -> tuple[Hit, ...]:
        return scope.index.find(self.terms)


@dataclass(frozen=True, slots=True)
class Pattern(Leaf):
    """A regular expression over the text as it stands."""

    finder: Finder = field(compare=False, repr=False)

    def judge(self, scope: Scope) -> Verdict:
        everywhere = self.places(scope)
        spans = tuple(hit for hit in scope.within(everywhere) if _ends_in(scope, hit))
        if spans:
            return Verdict(self.label, True, spans)
        elsewhere = f"; only elsewhere: {quoted(everywhere)}" if everywhere else ""
        return Verdict(
            self.label, False, missing=f"needs {self.label}{scope.where}{elsewhere}", change=f"without {self.label}"
        )

    def may(self, view: View) -> bool:
        if (known := view.seen.get(self.label)) is None:
            known = view.seen[self.label] = self.finder.search(_searched(view.article.whole)) is not None
        return known

    def needs(self, *, words: bool = False) -> bool:
        return True

    def places(self, scope: Scope) -> tuple[Hit, ...]:
        asked = ("places", self.label)
        if (known := scope.memo.get(asked)) is None:
            found = zip(range(_MOST_MATCHES), self.finder.finditer(_searched(scope.index.text)), strict=False)
            hits = tuple(scope.index.hit_at(*match.span()) for _, match in found)
            known = scope.memo[asked] = Verdict(self.label, bool(hits), hits)
        return known.spans


@dataclass(frozen=True, slots=True)
class Score(Leaf):
    """The model's word on one label: its decision, or its score when `least` is given."""

    name: str
    least: float | None

    def judge(self, scope: Scope) -> Verdict:
        scores = scope.analysis.scores
        score = scores.scores.get(self.name, 0.0)
        if self.fires(scores):
            return Verdict(self.label, True, score=score)
        wish = "the model to say yes" if self.least is None else f"at least {self.least:g}"
        missing = f"needs {wish}; {self.name} scored {score:.2f}"
        change = f"{self.label.partition('>=')[0]}>={int(score * 100) / 100:g}"
        return Verdict(
            self.label, False, score=score, missing=missing, change=change, cost=1 + (self.least or 0.5) - score
        )

    def may(self, view: View) -> bool:
        return self.fires(view.scores)

    def fires(self, scores: Scores) -> bool:
        if self.least is None:
            return bool(scores.labels.get(self.name))
        return scores.scores.get(self.name, 0.0) >= self.least


@dataclass(frozen=True, slots=True)
class Told(Leaf):
    """What the feed tells of an article. An outlet is asked for whole, a language with or without its country, author and
    address by a piece."""

    field: str
    wanted: str  # folded

    def judge(self, scope: Scope) -> Verdict:
        if self._is_so(scope.article):
            return Verdict(self.label, True)
        value = getattr(scope.article, self.field)
        missing = f"the {self.field} is “{value}”" if value else f"the {self.field} is not told"
        change = f'{self.field}:"{value}"' if value else f"without {self.label}"
        return Verdict(self.label, False, missing=missing, change=change, cost=_FAR)

    def may(self, view: View) -> bool:
        return self._is_so(view.article)

    def _is_so(self, article: Article) -> bool:
        value = fold(getattr(article, self.field))
        if self.field == "lang":
            return f"{value}-".startswith(f"{self.wanted}-")
        return value == self.wanted if self.field == "outlet" else self.wanted in value


@dataclass(frozen=True, slots=True)
class Official(Leaf):
    def judge(self, scope: Scope) -> Verdict:
        if scope.article.official:
            return Verdict(self.label, True)
        missing = f"needs an official source; {scope.article.outlet} is none"
        return Verdict(self.label, False, missing=missing, change=f"without {self.label}", cost=_FAR)

    def may(self, view: View) -> bool:
        return view.article.official


@dataclass(frozen=True, slots=True)
class Genre(Leaf):
    name: str

    def judge(self, scope: Scope) -> Verdict:
        genre = scope.analysis.genre or "news"
        if genre == self.name:
            return Verdict(self.label, True)
        return Verdict(self.label, False, missing=f"the genre is {genre}", change=f"genre:{genre}", cost=_FAR)


@dataclass(frozen=True, slots=True)
class Claim(Leaf):
    """One field of a fact: `wanted` is what it is, or `least` a rate to compare with by `sign`."""

    field: str
    wanted: str = ""
    sign: str = ""
    rate: float = 0.0

    def judge(self, scope: Scope) -> Verdict:
        if any(self.is_so(fact) for fact, _ in scope.facts):
            return Verdict(self.label, True)
        values = [_value(fact, self.field) for fact, _ in scope.facts]
        missing = f"the {self.field} is {values[0]}" if values and values[0] else f"the {self.field} is not told"
        return Verdict(self.label, False, missing=missing, change=self._change(values), cost=_FAR)

    def _change(self, values: list[str]) -> str:
        if not values or not values[0]:
            return f"without {self.label}"
        sign = self.sign[:1] + "=" if self.sign else ":"
        return f"{self.field}{sign}{values[0].partition(', ')[0].removesuffix(' %')}"

    def is_so(self, fact: Fact) -> bool:
        if self.sign:
            return fact.rate is not None and COMPARISONS[self.sign](fact.rate, self.rate)
        told = getattr(fact, self.field)
        return self.wanted in told if isinstance(told, tuple) else bool(told == self.wanted)

    def needs(self, *, words: bool = False) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Moved(Leaf):
    """What a fact does to the ledger, which is asked after all else."""

    kind: str

    def judge(self, scope: Scope) -> Verdict:
        if scope.moves is None:
            return Verdict(self.label, scope.hope)
        kinds = {kind for fact, _ in scope.facts for kind in scope.moves.get(fact, ())}
        if self.kind in kinds:
            return Verdict(self.label, True)
        told = (
            f"its facts tell the ledger: {', '.join(sorted(kinds))}" if kinds else "the ledger learns nothing from it"
        )
        return Verdict(self.label, False, missing=told, change=f"without {self.label}", cost=_FAR)

    def needs(self, *, words: bool = False) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Claims:
    """Conditions of facts: one and the same fact has them all. Background is no fact to a watchlist."""

    part: Condition

    def judge(self, scope: Scope) -> Verdict:
        label = "one fact" if self.part.parts() else self.part.written()
        told = [(fact, hit) for fact, hit in scope.facts if scope.holds(hit)]
        best: tuple[Verdict, str] | None = None
        for fact, hit in told:
            child = scope_of(scope, fact, hit).judged(self.part)
            if child.fired:
                return Verdict(label, True, (hit,), children=self._shown(child), told=fact_told(fact))
            best = best if best and fires_in(best[0]) >= fires_in(child) else (child, fact_told(fact))
        if best is None:
            missing = f"no trade measure is told of{scope.where}"
            return Verdict(label, False, missing=missing, change=f"without {self.part.written()}")
        child, words = best
        missing = f"nearest is {words}" if self.part.parts() else f"{child.missing} in {words}"
        return Verdict(label, False, children=self._shown(child), missing=missing, change=child.change, cost=child.cost)

    def _shown(self, child: Verdict) -> tuple[Verdict, ...]:
        return (child,) if self.part.parts() else ()

    def may(self, view: View) -> bool:
        return True

    def needs(self, *, words: bool = False) -> bool:
        return True

    def places(self, scope: Scope) -> tuple[Hit, ...]:
        return tuple(hit for _, hit in scope.facts)

    def written(self) -> str:
        return self.part.written()

    def parts(self) -> tuple[Condition, ...]:
        return (self.part,)


@dataclass(frozen=True, slots=True)
class All:
    of: tuple[Condition, ...]

    def judge(self, scope: Scope) -> Verdict:
        children = tuple(part.judge(scope) for part in self.of)
        return Verdict(ALL_OF, all(child.fired for child in children), children=children)

    def may(self, view: View) -> bool:
        return all(part.may(view) for part in self.of)

    def needs(self, *, words: bool = False) -> bool:
        return any(part.needs(words=words) for part in self.of)

    def written(self) -> str:
        return " AND ".join(map(_inside, self.of))

    def parts(self) -> tuple[Condition, ...]:
        return self.of


@dataclass(frozen=True, slots=True)
class Any:
    of: tuple[Condition, ...]

    def judge(self, scope: Scope) -> Verdict:
        children = tuple(part.judge(scope) for part in self.of)
        fired = any(child.fired for child in children)
        return Verdict(ANY_OF, fired, children=children, missing="" if fired else "needs one of these")

    def may(self, view: View) -> bool:
        return any(part.may(view) for part in self.of)

    def needs(self, *, words: bool = False) -> bool:
        return all(part.needs(words=words) for part in self.of)

    def written(self) -> str:
        return " OR ".join(map(_inside, self.of))

    def parts(self) -> tuple[Condition, ...]:
        return self.of


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition

    def judge(self, scope: Scope) -> Verdict:
        child = self.part.judge(scope if scope.moves is not None else replace(scope, hope=not scope.hope))
        missing = f"must not be so{scope.where}, and is" if child.fired else ""
        return Verdict(NOT, not child.fired, children=(child,), missing=missing)

    def may(self, view: View) -> bool:
        return True  # whether what is asked for is there is known with the reading

    def needs(self, *, words: bool = False) -> bool:
        return False

    def written(self) -> str:
        return f"NOT {_inside(self.part)}"

    def parts(self) -> tuple[Condition, ...]:
        return (self.part,)


@dataclass(frozen=True, slots=True)
class Around:
    """A condition that looks at a stretch of the article for its one part."""

    part: Condition

    def may(self, view: View) -> bool:
        return self.part.may(view)

    def needs(self, *, words: bool = False) -> bool:
        return self.part.needs(words=words)

    def parts(self) -> tuple[Condition, ...]:
        return (self.part,)


@dataclass(frozen=True, slots=True)
class Part(Around):
    """In the title, or in the body below it."""

    name: str

    def judge(self, scope: Scope) -> Verdict:
        title = len(scope.article.title)
        if self.name == "title":
            inner = replace(scope, end=min(scope.end, title), where=" in the title")
        else:
            inner = replace(scope, start=max(scope.start, title + 1), where=" in the body")
        child = self.part.judge(inner)
        return Verdict(f"{self.name}:", child.fired, children=(child,))

    def written(self) -> str:
        return f"{self.name}:({self.part.written()})"


@dataclass(frozen=True, slots=True)
class Sent(Around):
    """All of `part` within `span` + 1 sentences that follow each other. The title is the first sentence of all."""

    span: int

    def judge(self, scope: Scope) -> Verdict:
        label = _spanned(self.span)
        child = _first_or_best(self.part, _sentences(self, scope, self.span)) or self.part.judge(scope)
        if child.fired:
            return Verdict(label, True, children=(child,))
        where = "no sentence has" if not self.span else f"no {self.span + 1} sentences in a row have"
        return Verdict(
            label,
            False,
            children=(child,),
            missing=f"{where} all that is asked",
            change=self._wider(scope),
            cost=_ELSEWHERE,
        )

    def _wider(self, scope: Scope) -> str:
        """The narrowest that would have fired, "" where its parts are not in the article at all."""
        if not could(self.part, scope) or not scope.judged(self.part).fired:
            return ""
        for span in range(self.span + 1, WIDEST_WINDOW + 1):
            if any(scope.judged(self.part).fired for scope in _sentences(self, scope, span)):
                return f"{_spanned(span)} for {_spanned(self.span)}"
        return f"without {_spanned(self.span)}"

    def written(self) -> str:
        return f"{_spanned(self.span)}({self.part.written()})"


@dataclass(frozen=True, slots=True)
class Para(Around):
    """All of `part` within one paragraph: a line of the text. The title is one."""

    def judge(self, scope: Scope) -> Verdict:
        child = _first_or_best(self.part, _paragraphs(self, scope)) or self.part.judge(scope)
        if child.fired:
            return Verdict("PARA", True, children=(child,))
        change = "without PARA" if scope.judged(self.part).fired else ""
        missing = "no paragraph has all that is asked"
        return Verdict("PARA", False, children=(child,), missing=missing, change=change, cost=_ELSEWHERE)

    def written(self) -> str:
        return f"PARA({self.part.written()})"


@dataclass(frozen=True, slots=True)
class Near:
    """A hit of each side, in either order, the last word of one at most `most` words before the first of the other."""

    left: Condition
    right: Condition
    most: int

    def judge(self, scope: Scope) -> Verdict:
        children = (self.left.judge(scope), self.right.judge(scope))
        label = f"NEAR/{self.most}"
        missing = f"needs both within {self.most} words{scope.where}"
        if not all(child.fired for child in children):
            return Verdict(label, False, children=children, missing=missing, change=f"without {label}")
        left, right = (tuple(dict.fromkeys(all_spans(child))) for child in children)
        pair = self._pair(left, right, self.most) or self._pair(right, left, self.most)
        if pair:
            return Verdict(label, True, pair, children=children)
        far = self._pair(left, right, len(scope.index.atoms)) or self._pair(right, left, len(scope.index.atoms))
        change = f"NEAR/{far[1].first - far[0].last} for {label}" if far else f"without {label}"
        return Verdict(label, False, children=children, missing=missing, change=change, cost=_ELSEWHERE if far else 3.0)

    def _pair(self, before: tuple[Hit, ...], after: tuple[Hit, ...], most: int) -> tuple[Hit, ...]:
        later = sorted(after, key=lambda hit: hit.first)
        firsts = [hit.first for hit in later]
        found: list[tuple[int, Hit, Hit]] = []
        for hit in before:
            at = bisect_right(firsts, hit.last)
            if at < len(firsts) and firsts[at] - hit.last <= most:
                found.append((firsts[at] - hit.last, hit, later[at]))
        return min(found, key=lambda pair: pair[0])[1:] if found else ()

    def may(self, view: View) -> bool:
        return self.left.may(view) and self.right.may(view)

    def needs(self, *, words: bool = False) -> bool:
        return True

    def written(self) -> str:
        return f"NEAR/{self.most}({self.left.written()}, {self.right.written()})"

    def parts(self) -> tuple[Condition, ...]:
        return (self.left, self.right)


def scope_of_all(article: Article, index: TermIndex, analysis: Analysis, moves: Moves | None) -> Scope:
    """The whole article, with all its facts but background."""
    told = sorted((fact for fact in analysis.facts if not fact.background), key=lambda fact: fact.start)
    facts = tuple((fact, index.hit_at(fact.start, fact.end)) for fact in told)
    breaks = tuple(match.start() for match in re.finditer("\n", index.text))
    return Scope(article, index, analysis, 0, index.sentences, 0, len(index.text), facts, breaks, moves=moves)


def scope_of(scope: Scope, fact: Fact, hit: Hit) -> Scope:
    """The same place, with one fact."""
    return replace(scope, facts=((fact, hit),))


def fact_told(fact: Fact) -> str:
    """ "US → IN · 500 % · raise · threatened" """
    parts = [
        f"{fact.imposer or '?'} → {', '.join(fact.target) or '?'}",
        *(_value(fact, name) for name in ("rate", "action", "status")),
    ]
    return " · ".join(part.replace("_", " ") for part in parts if part)


def leaves(condition: Condition) -> Iterator[Condition]:
    """All that have no parts, and the facts asked for."""
    if isinstance(condition, Claims) or not condition.parts():
        yield condition
        return
    for part in condition.parts():
        yield from leaves(part)


def could(condition: Condition, scope: Scope) -> bool:
    """Whether what must be there is there at all, wherever in the scope; a no is certain, and spares making a verdict."""
    match condition:
        case Terms() | Pattern():
            places = condition.places(scope)
            return bool(places and scope.within(places))
        case All(of):
            return all(could(part, scope) for part in of)
        case Any(of):
            return any(could(part, scope) for part in of)
        case Score():
            return condition.fires(scope.analysis.scores)
        case Claims(part):
            return bool(scope.facts) and could(part, scope)
        case Near(left, right):
            return could(left, scope) and could(right, scope)
        case Around(part):
            return could(part, scope)
        case Not():
            return True
    return condition.judge(scope).fired


def _sentence(hit: Hit) -> int:
    return hit.sentence


def _value(fact: Fact, name: str) -> str:
    value = getattr(fact, name)
    if isinstance(value, float | int):
        return f"{value:g} %"
    return ", ".join(value) if isinstance(value, tuple) else value or ""


def _inside(part: Condition) -> str:
    """Written as a part of another."""
    composite = isinstance(part.part if isinstance(part, Claims) else part, All | Any)
    return f"({part.written()})" if composite else part.written()


def _spanned(span: int) -> str:
    return f"SENT/{span}" if span else "SENT"


def _first_or_best(part: Condition, windows: Iterable[Scope]) -> Verdict | None:
    """The first that fires, else the one that is nearest to it; None where there is no window to look at."""
    best: Verdict | None = None
    for window in windows:
        child = window.judged(part)
        if child.fired:
            return child
        best = best if best and fires_in(best) >= fires_in(child) else child
    return best


def _places(around: Around, scope: Scope) -> Iterator[Hit]:
    # A window without anything of the query cannot fire: the compiler has seen to it that `part` needs something.
    for leaf in leaves(around.part) if could(around.part, scope) else ():
        if isinstance(leaf, Terms | Pattern | Claims):
            yield from scope.within(leaf.places(scope))


def _sentences(sent: Sent, scope: Scope, span: int) -> Iterator[Scope]:
    places = {hit.sentence for hit in _places(sent, scope)}
    firsts = {place - back for place in places for back in range(span + 1)}
    where = " in the same sentence" if not span else f" within {span + 1} sentences"
    for first in sorted({max(first, scope.first) for first in firsts}):
        yield replace(scope, first=first, last=min(first + span, scope.last), where=where)


def _paragraphs(para: Para, scope: Scope) -> Iterator[Scope]:
    numbers = {bisect_right(scope.breaks, hit.start) for hit in _places(para, scope)}
    for number in sorted(numbers):
        start = scope.breaks[number - 1] + 1 if number else 0
        end = scope.breaks[number] if number < len(scope.breaks) else len(scope.index.text)
        yield replace(scope, start=max(start, scope.start), end=min(end, scope.end), where=" in the same paragraph")


def _searched(text: str) -> str:
    """What a regular expression sees: half a surrogate pair, which has no UTF-8, is a question mark to it."""
    return text[:_LONGEST_SEARCHED].encode("utf-8", "replace").decode()


def _ends_in(scope: Scope, hit: Hit) -> bool:
    """Whether a match that may run over the end of a sentence ends in the scope as well."""
    atoms = scope.index.atoms
    return not atoms or atoms[hit.last].sentence <= scope.last
