"""The watchlist language against an obvious evaluator, printed and read again, and under attack."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis import Analysis
from bot.articles import Article
from bot.conditions import Moves
from bot.errors import QueryError
from bot.facts import Fact
from bot.queries import parse_query
from bot.vocabulary import index_reading
from bot.watchlists import compile_watchlist, judge, judge_all, may_match
from tests.ledger_makers import a_fact
from tests.test_watchlists import WORDS, article, read, scores

Query = tuple[Any, ...]  # ("word", "a"), ("and", one, other), ("sent", 1, part) …

LETTERS = st.sampled_from(["a", "b", "c", "d"])
WORD = st.tuples(st.just("word"), LETTERS)
PHRASE = st.tuples(st.just("phrase"), LETTERS, LETTERS)
PATTERN = st.tuples(st.just("pattern"), LETTERS)
RATE = st.tuples(st.just("rate"), st.sampled_from([">=", "<=", ">", "<"]), st.sampled_from([10, 25, 50]))
CLAIM = st.one_of(
    RATE,
    st.tuples(st.just("status"), st.sampled_from(["threatened", "in_force"])),
    st.tuples(st.just("target"), st.sampled_from(["EU", "ALL"])),
    st.tuples(st.just("change"), st.sampled_from(["new", "changes"])),
)
WORDS_NEAR = st.tuples(st.just("near"), st.integers(1, 4), WORD, st.one_of(WORD, st.tuples(st.just("or"), WORD, WORD)))
LEAF = st.one_of(WORD, WORD, PHRASE, PATTERN, CLAIM, WORDS_NEAR)


def grown(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    other = st.one_of(inner, st.tuples(st.just("not"), inner))
    return st.one_of(
        st.tuples(st.just("and"), inner, other),
        st.tuples(st.just("and"), other, inner, other),
        st.tuples(st.just("or"), inner, inner),
        st.tuples(st.just("sent"), st.integers(0, 2), inner),
        st.tuples(st.sampled_from(["para", "title", "body"]), inner),
    )


QUERY = st.recursive(LEAF, grown, max_leaves=8)
SENTENCE = st.lists(LETTERS, min_size=1, max_size=5).map(lambda words: " ".join(words) + ".")
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=3).map(" ".join)
TEXT = st.lists(PARAGRAPH, max_size=3).map("\n".join)
FACT = st.builds(
    lambda rate, status, target, at: (rate, status, target, at),
    st.sampled_from([None, 10.0, 25.0, 50.0]),
    st.sampled_from(["threatened", "in_force"]),
    st.sampled_from(["EU", "ALL"]),
    st.integers(0, 8),
)
MOVES = st.lists(st.sets(st.sampled_from(["new", "changes"])), min_size=3, max_size=3)


def written(query: Query) -> str:
    match query:
        case ("word", word):
            return str(word)
        case ("phrase", one, other):
            return f'"{one} {other}"'
        case ("pattern", letter):
            return rf"/\b{letter}\b/"
        case ("rate", sign, number):
            return f"rate{sign}{number}"
        case ("status" | "target" | "change" as field, value):
            return f"{field}:{value}"
        case ("near", most, left, right):
            return f"NEAR/{most}({written(left)}, {written(right)})"
        case ("sent", span, part):
            return f"SENT/{span}({written(part)})"
        case ("para", part):
            return f"PARA({written(part)})"
        case ("title" | "body" as name, part):
            return f"{name}:({written(part)})"
        case ("not", part):
            return f"NOT ({written(part)})"
        case ("and" | "or" as sign, *parts):
            return f" {sign.upper()} ".join(
                f"({written(part)})" if part[0] != "not" else written(part) for part in parts
            )
    raise AssertionError(query)


@dataclass(frozen=True)
class Place:
    """One word of the text: where it stands, counted in everything that a query can ask for."""

    word: str
    number: int
    sentence: int
    paragraph: int
    title: bool


@dataclass(frozen=True)
class Window:
    places: tuple[Place, ...]
    first: int  # sentence
    last: int
    facts: tuple[tuple[Fact, int], ...]  # with the number of its sentence
    moves: Moves

    def only(self, places: Iterable[Place], first: int | None = None, last: int | None = None) -> "Window":
        kept = tuple(places)
        there = {place.sentence for place in kept}
        facts = tuple((fact, at) for fact, at in self.facts if at in there)
        edges = (self.first if first is None else first, self.last if last is None else last)
        return Window(kept, *edges, facts, self.moves)


def so(query: Query, at: Window) -> bool:
    """The obvious evaluator: everything is tried everywhere."""
    words = {place.number: place for place in at.places}
    match query:
        case _ if pure(query) and positive(query):
            return any(so_of_fact(query, fact, at.moves) for fact, _ in at.facts)
        case ("word" | "pattern", word):
            return any(place.word == word for place in at.places)
        case ("phrase", one, other):
            return any(
                place.word == one and n + 1 in words and words[n + 1].word == other
                for n, place in words.items()
                if n + 1 in words and words[n + 1].sentence == place.sentence
            )
        case ("near", most, left, right):
            pairs = [(i, j) for i in numbers(left, at) for j in numbers(right, at)]
            return any(0 < abs(i - j) <= most for i, j in pairs)
        case ("sent", span, part):
            windows = [(first, min(first + span, at.last)) for first in range(at.first, at.last + 1)]
            return any(so(part, at.only((p for p in at.places if a <= p.sentence <= b), a, b)) for a, b in windows)
        case ("para", part):
            lines = {place.paragraph for place in at.places}
            return any(so(part, at.only(p for p in at.places if p.paragraph == n)) for n in lines)
        case ("title" | "body" as name, part):
            return so(part, at.only(place for place in at.places if place.title == (name == "title")))
        case ("not", part):
            return not so(part, at)
        case ("or", *parts):
            return any(so(part, at) for part in parts)
        case ("and", *parts):
            claims = [part for part in parts if pure(part)]
            if any(map(positive, claims)):
                rest = [part for part in parts if not pure(part)]
                return any(all(so_of_fact(c, fact, at.moves) for c in claims) for fact, _ in at.facts) and all(
                    so(part, at) for part in rest
                )
            return all(so(part, at) for part in parts)
    raise AssertionError(query)


def numbers(query: Query, at: Window) -> list[int]:
    wanted = {query[1]} if query[0] == "word" else {part[1] for part in query[1:]}
    return [place.number for place in at.places if place.word in wanted]


def so_of_fact(query: Query, fact: Fact, moves: Moves) -> bool:
    match query:
        case ("rate", sign, number):
            rate = fact.rate
            return (
                rate is not None
                and {
                    ">=": rate >= number,
                    "<=": rate <= number,
                    ">": rate > number,
                    "<": rate < number,
                }[sign]
            )
        case ("status", value):
            return bool(fact.status == value)
        case ("target", value):
            return value in fact.target
        case ("change", value):
            return value in moves.get(fact, ())
        case ("not", part):
            return not so_of_fact(part, fact, moves)
        case (sign, *parts):
            return (all if sign == "and" else any)(so_of_fact(part, fact, moves) for part in parts)
    raise AssertionError(query)


def pure(query: Query) -> bool:
    """Whether only facts are asked for."""
    if query[0] in ("and", "or", "not"):
        return all(map(pure, query[1:]))
    return query[0] in ("rate", "status", "target", "change")


def positive(query: Query) -> bool:
    if query[0] == "not":
        return False
    if query[0] in ("and", "or"):
        return (any if query[0] == "and" else all)(map(positive, query[1:]))
    return True


def window(
    item: Article, told: list[tuple[float | None, str, str, int]], moved: list[set[str]]
) -> tuple[Window, tuple[Fact, ...]]:
    sentences = read(item.whole).sentences
    places: list[Place] = []
    facts: list[tuple[Fact, int]] = []
    for number, sentence in enumerate(sentences):
        for token in sentence.tokens:
            paragraph = item.whole.count("\n", 0, token.start)
            title = token.start < len(item.title)
            places.append(Place(token.text, len(places), number, paragraph, title))
    for rate, status, target, at in told:
        if at < len(sentences):
            first, last = sentences[at].tokens[0], sentences[at].tokens[-1]
            start, end = first.start, last.start + len(last.text)
            fact = a_fact(rate, status=status, target=(target,), background=False, start=start, end=end)
            facts.append((fact, at))
    moves = {fact: frozenset(kinds) for (fact, _), kinds in zip(facts, moved, strict=False)}
    return Window(tuple(places), 0, len(sentences) - 1, tuple(facts), moves), tuple(fact for fact, _ in facts)


@settings(max_examples=400, deadline=None)
@given(QUERY, SENTENCE, TEXT, st.lists(FACT, max_size=3), MOVES)
def test_a_query_says_what_an_obvious_evaluator_says(
    query: Query, title: str, text: str, told: list[tuple[float | None, str, str, int]], moved: list[set[str]]
) -> None:
    item = article(text, title=title) if text else article(title)
    at, facts = window(item, told, moved)
    watchlist = compile_watchlist("test", written(query), WORDS)
    analysis = Analysis(item.id, scores(), (), (), (), facts=facts)
    index = index_reading(read(item.whole))
    verdict = judge(watchlist, item, index, analysis, at.moves)
    assert verdict.fired is so(query, at)
    hoped = judge(watchlist, item, index, analysis)
    assert hoped.fired or not verdict.fired
    assert may_match([watchlist], item.whole, scores(), item) or not verdict.fired
    at_once = judge_all([watchlist], item, index_reading(read(item.whole)), analysis)
    assert at_once == (("test", hoped),) or not (at_once or hoped.fired)


@settings(max_examples=300, deadline=None)
@given(QUERY)
def test_a_query_written_out_and_read_again_is_the_same(query: Query) -> None:
    once = parse_query(written(query), WORDS)
    assert parse_query(once.written(), WORDS) == once


@pytest.mark.parametrize(
    "query",
    [
        "tariff*  $INDIA (sector:dairy OR =milk) NOT genre:opinion",
        'relevant>=.3 topic:tariff_threat \u201ctrade deal\u201d OR outlet:"The Hindu" lang:en',
        'SENT/0(a NOT b) PARA(c) title:d body:"e f" url:/x author:me'.replace("/x", "x/y"),
        r"/a\/b/ (rate>=100 NOT status:denied change:new) source:official",
    ],
)
def test_every_construct_written_out_and_read_again_is_the_same(query: str) -> None:
    once = parse_query(query, WORDS)
    assert parse_query(once.written(), WORDS) == once


SIGNS = st.sampled_from(
    [*'()"/=$:*<>,.~\\', "AND", "OR ", "NOT ", "SENT(", "PARA(", "NEAR/2(", "title:", "rate>=", " a"]
)


@pytest.mark.fault("X05")
@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(SIGNS, max_size=30).map("".join)))
def test_any_text_is_a_query_or_is_refused_at_a_place_in_it(text: str) -> None:
    error = refusal(text)
    assert error is None or (0 <= error.column <= len(error.query) and error.hint)


@pytest.mark.fault("X05")
@pytest.mark.parametrize("unseen", ["\ud83d", "\u200b", "\u202e", "\x1b", "\0"])
def test_a_character_that_cannot_be_seen_is_refused_at_its_place(unseen: str) -> None:
    error = refusal(f"shrimp {unseen}OR tea")
    assert error is not None
    assert error.column == 7
    assert "shrimp \ufffdOR tea" in str(error)
    assert f"U+{ord(unseen):04X}" in str(error)


def test_a_pattern_looks_at_letters_and_not_at_their_bytes() -> None:
    assert refusal(r"/\C/") is not None
    assert refusal(r"/a\\\C/") is not None
    assert refusal(r"/\\C/") is None


def refusal(text: str) -> QueryError | None:
    try:
        parse_query(text, WORDS)
    except QueryError as error:
        return error
    return None


HOSTILE = {
    "parentheses": "(" * 20_000,
    "a pattern without end": "/" + "a" * 1_000_000,
    "a pattern too long": "/" + "a" * 15_000 + "/",
    "a pattern too large": "/((((a{90}){90}){90}){90})/",
    "slashes": "/" * 20_000,
    "slashes in words": "a/((((((" * 2_500,
    "quotation marks": '"' * 19_999,
    "scripts": "भारत 美国 US الهند " * 1_000 + "(",
    "fields": "title:" * 3_000,
    "NOTs": "NOT " * 5_000,
    "comparisons": "rate>=" * 2_000,
}


@pytest.mark.fault("X01", "X02", "X05")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_is_refused_at_once(name: str) -> None:
    started = time.process_time()
    with pytest.raises(QueryError):
        parse_query(HOSTILE[name], WORDS)
    assert time.process_time() - started < 3


LONG = "a b a b c. " * 1_500


@pytest.mark.fault("X01", "X05")
@pytest.mark.parametrize(
    "query",
    [
        "/(a+)+$/ OR /(a|aa)+q/ OR /(.*)(.*)(.*)q/",
        "SENT/5(" * 12 + "a d" + ")" * 12,
        "PARA(SENT/5(" * 12 + "a d" + "))" * 12,
        "SENT/5(" * 5 + "(a b NOT c)" + ")" * 5,
        "NEAR/2(" + " OR ".join(["a"] * 200) + ", d)",
        " OR ".join(f"SENT(word{n} a)" for n in range(300)),
    ],
)
def test_a_hostile_query_is_judged_in_no_time_at_all(query: str) -> None:
    item = article(LONG + "a" * 2_000 + "!")
    watchlist, index = compile_watchlist("test", query, WORDS), index_reading(read(item.whole))
    started = time.process_time()
    assert not judge(watchlist, item, index, Analysis(item.id, scores(), (), (), ())).fired
    assert time.process_time() - started < 10


@pytest.mark.fault("X03")
def test_a_query_of_two_scripts_finds_both() -> None:
    item = article("भारत पर US शुल्क; 关税")
    found = judge(
        compile_watchlist("test", "भारत US शुल्क /关税/", WORDS),
        item,
        index_reading(read(item.whole)),
        Analysis(item.id, scores(), (), (), ()),
    )
    assert found.words() == ("भारत", "US", "शुल्क", "关税")
