"""Any text at all, as a query: read or refused at a place in it; and what was read, judged on some articles."""

import re
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import yaml

from bot.analysis import Analysis
from bot.articles import Article
from bot.conditions import All, Any, Claim, Claims, Condition, Moved, Moves, Near, Not, Para, Part, Pattern, Sent, Terms
from bot.errors import QueryError
from bot.queries import parse_query
from bot.verdicts import Verdict, all_spans, explain_verdict, kept, nearest_change
from bot.vocabulary import index_reading
from bot.watchlists import Watchlist, compile_watchlist, judge, judge_all, may_match
from tests.fuzz.driver import Border, bytes_of, text_of
from tests.test_queries import HOSTILE, Query, so, window
from tests.test_watchlists import CUT, FIRES, OWN, THREAT, TITLED, WORDS, article, read, scores

LONGEST_QUERY = 20_000
Told = tuple[float | None, str, str, int]
ONE_IN = 50  # inputs is also read again and again, to the longest query that is taken
DEEPEST = 3  # windows in windows that the obvious evaluator, which tries all of them, is asked about
CONFIG = Path(__file__).parents[2] / "config.yaml"
TOKENS = bytes_of(
    (
        *("(", ")", '"', "“", "”", "/", "\\", "=", "$", ":", ",", "*", "<", ">", "<=", ">=", ".", " ", "\t", "\n", "\0", "\xa0"),
        *("é", "भारत", "关税", "ﬁ", "Ａ", "½", "ẞ", "İ", "ΐ", "\u202e", "\u200d", "\u0301", "\u2028", "\udcff"),
        *("AND ", "OR ", "NOT ", "SENT(", "SENT/5(", "PARA(", "NEAR/2(", "title:(", "body:", "/(?i)a+/", "/(?s)a.b/"),
        *("$INDIA", "$US", "sector:dairy", "hs:04", "topic:tariff_threat>=0.8", "topic:5g", "relevant>=.3", "rate>=100"),
        *("status:in_force", "target:EU", "imposer:US", "change:new", "action:cut", "ground:s232", "instrument:tariff"),
        *("outlet:", "author:", "url:", "lang:en", "source:official", "genre:opinion", '"a b"', "tariff*", "=a", "a", "b"),
        *("(" * 41, "NOT(", "a{90}", "[[:alpha:]]", "\\pN", "\\C", "(?P<a>", "\\Q", "\\b", "9" * 400, "." * 9),
    )
)  # fmt: skip

# What is told of facts in the articles of single letters: (rate, status, target, sentence), and what each does to the ledger.
LETTERS: tuple[tuple[str, str, list[Told], list[set[str]]], ...] = (
    ("a b.", "", [], []),
    (
        "a.",
        "b c. d a\nb b a. c.",
        [(50.0, "threatened", "EU", 0), (10.0, "in_force", "ALL", 2)],
        [{"new"}, {"changes"}],
    ),
    ("c d d.", "a\nb. c. d.\na b c d.", [(None, "in_force", "EU", 5), (25.0, "in_force", "EU", 5)], [set(), {"new"}]),
)
NEWS = (
    article("A duty on milk. India spoke.\nThe US left the Indian Ocean.", title="A new tariff: Delhi and US, Sec. 301"),
    article("भारत पर US शुल्क; 关税 anti-dumping lab-grown AT&T U.S. ﬁne Ａ\u0301 ½ 👨\u200d👩 \ud800", lang="en", official=True),
    article(""),
    article("a-b/c 'tis a’s. " * 60, author="Asha Rao", outlet=""),
)  # fmt: skip


def check(data: bytes) -> str:
    text = text_of(data)
    if text and not crc32(data) % ONE_IN:
        _is_read_at_any_length(text * (LONGEST_QUERY // len(text)))
    try:
        watchlist = compile_watchlist("fuzzed", text, WORDS, topics=OWN)
    except QueryError as error:
        _tells_a_place(error, text)
        return " ".join(re.findall("[a-z]+", error.problem)[:5])
    for doubt in watchlist.doubts:
        _can_be_shown(doubt)
    again = watchlist.query.written()
    assert parse_query(again, WORDS, OWN) == watchlist.query, again
    return f"{_of_letters(watchlist)} {[_of_news(watchlist, item) for item in NEWS]} {type(watchlist.query).__name__}"


def _is_read_at_any_length(text: str) -> None:
    with suppress(QueryError):
        compile_watchlist("fuzzed", text, WORDS, topics=OWN)


def _tells_a_place(error: QueryError, text: str) -> None:
    assert len(error.query) == len(text)
    assert 0 <= error.column <= len(text)
    assert error.hint
    said, shown, caret = error.problem.split("\n")
    assert said
    assert caret.strip() == "^"
    if error.column < len(text) and len(shown) <= 120:
        assert shown[caret.index("^")] == error.query[error.column]
    _can_be_shown(str(error))


def _can_be_shown(words: str) -> None:
    words.encode()


def _of_news(watchlist: Watchlist, item: Article) -> int:
    analysis = Analysis(item.id, scores(relevant=0.6, tariff_threat=0.4), (), (), (), facts=(THREAT, CUT))
    verdict = _judged(watchlist, item, analysis)
    return len(verdict.words())


def _judged(watchlist: Watchlist, item: Article, analysis: Analysis, moves: Moves | None = None) -> Verdict:
    index = index_reading(read(item.whole))
    verdict = judge(watchlist, item, index, analysis, moves)
    hoped = judge(watchlist, item, index, analysis)
    assert hoped.fired or not verdict.fired
    assert may_match([watchlist], item.whole, analysis.scores, item) or not hoped.fired
    at_once = judge_all([watchlist], item, index_reading(read(item.whole)), analysis)
    assert at_once == (("fuzzed", hoped),) or not (at_once or hoped.fired)
    for shown in (verdict, hoped):
        _says_why(shown, item)
    return verdict


def _says_why(verdict: Verdict, item: Article) -> None:
    for hit in all_spans(verdict):
        assert 0 <= hit.start <= hit.end <= len(item.whole)
        assert hit.text == item.whole[hit.start : hit.end]
    assert explain_verdict(verdict).count("\n") + 1 == _parts(verdict), explain_verdict(verdict)
    assert bool(nearest_change(verdict)) is not verdict.fired
    assert kept(verdict).fired is verdict.fired
    verdict.grounds()


def _parts(verdict: Verdict) -> int:
    return 1 + sum(map(_parts, verdict.children))


def _of_letters(watchlist: Watchlist) -> list[bool | None]:
    """What is said of articles of single letters, and that the obvious evaluator says so too."""
    try:
        query = _obvious(watchlist.query) if _windows(watchlist.query) <= DEEPEST else None
    except LookupError:
        query = None
    return [_compared(watchlist, query, title, text, told, moved) for title, text, told, moved in LETTERS]


def _compared(
    watchlist: Watchlist,
    query: Query | None,
    title: str,
    text: str,
    told: list[Told],
    moved: list[set[str]],
) -> bool | None:
    item = article(text, title=title) if text else article(title)
    at, facts = window(item, told, moved)
    verdict = _judged(watchlist, item, Analysis(item.id, scores(), (), (), (), facts=facts), at.moves)
    if query is None:
        return None
    assert verdict.fired is so(query, at), (query, title, text)
    return verdict.fired


def _obvious(condition: Condition) -> Query:
    """The condition as the obvious evaluator takes it. Raises LookupError for what that does not know."""
    match condition:
        case Terms(label) if found := re.fullmatch(r'=?["“”]?([a-d])["“”]?', label):
            return "word", found[1]
        case Terms(label) if found := re.fullmatch('["“”]([a-d]) ([a-d])["“”]', label):
            return "phrase", found[1], found[2]
        case Pattern(label) if found := re.fullmatch(r"/\\b([a-d])\\b/", label):
            return "pattern", found[1]
        case Claim(_, "rate", _, sign, rate) if sign:
            return "rate", sign, rate
        case Claim(_, "status" | "target" as field, wanted):
            return field, wanted
        case Moved(_, kind):
            return "change", kind
        case Claims(part):
            return _obvious(part)
        case Near(left, right, most):
            return "near", most, _side(left), _side(right)
        case Sent(part, span):
            return "sent", span, _obvious(part)
        case Para(part):
            return "para", _obvious(part)
        case Part(part, name):
            return name, _obvious(part)
        case Not(part):
            return "not", _obvious(part)
        case All(of) | Any(of):
            return "and" if isinstance(condition, All) else "or", *map(_obvious, of)
    raise LookupError


def _side(condition: Condition) -> Query:
    parts = tuple(map(_obvious, condition.of if isinstance(condition, Any) else (condition,)))
    if any(part[0] != "word" for part in parts):
        raise LookupError
    return "or", *parts


def _windows(condition: Condition) -> int:
    return isinstance(condition, Sent | Para) + max(map(_windows, condition.parts()), default=0)


def seeds() -> list[bytes]:
    shipped: list[str] = [one["query"] for one in yaml.safe_load(CONFIG.read_text("utf-8"))["watchlists"]]
    known = [re.sub(r"\$(?!INDIA|TARIFF)\w+", "$US", query) for query in shipped]
    fires: list[str] = [query for query, *_ in (*FIRES, *TITLED) if isinstance(query, str)]
    hostile = [query[:2_000] for query in HOSTILE.values()]
    return list(bytes_of((*known, *fires, *hostile, *PLAIN)))


PLAIN = (
    "SENT/1(a b) OR NEAR/2(a, b OR c) NOT /\\bd\\b/",
    'PARA("a b" c) title:(a OR d) body:b',
    "(rate>=10 OR status:in_force) target:EU NOT change:new a",
    "SENT(a rate<50) OR title:(a NOT status:threatened)",
)
BORDER = Border("queries", seeds, TOKENS, check, longest=4_000)
