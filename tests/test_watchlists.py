"""The watchlist language: what fires, what is refused, what the explanation says, and the sieve before reading."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.analysis import LABELS, Analysis, Scores
from bot.articles import Article
from bot.conditions import Moves
from bot.errors import QueryError
from bot.facts import Fact, find_facts
from bot.nlp.gazetteer import load_vocabulary
from bot.queries import CLAIMS, FIELDS
from bot.reading import Reading, Sentence, Token
from bot.verdicts import Verdict, explain_verdict, kept, nearest_change
from bot.vocabulary import Vocabulary, index_reading, term_from
from bot.watchlists import Watchlist, compile_watchlist, judge, judge_all, may_match
from tests.ledger_makers import a_fact

NOW = datetime(2026, 9, 3, tzinfo=UTC)
WORDS = Vocabulary(
    sets={
        "INDIA": (term_from("India"), term_from("Indian", guards=(term_from("Indian Ocean"),)), term_from("Delhi")),
        "US": (term_from("US"), term_from("Washington")),
        "TARIFF": (term_from("tariff", guards=(term_from("power tariff"),)), term_from("duty")),
        "NOBODY": (),
    },
    sectors={"dairy": (term_from("milk"), term_from("dairy")), "steel": (term_from("steel"),)},
    measures={"countries": {"US": (), "IN": ()}, "blocs": {"BRICS": ()}},
    chapters={"dairy": ("04", "1901"), "steel": ("72",)},
)


def read(text: str) -> Reading:
    """A reading made without spaCy: sentences end at . ! ? and line breaks, the lemma is the word without its s."""
    sentences = []
    for piece in re.finditer(r"[^.!?\n]+[.!?]?", text):
        words = list(re.finditer(r"[\w\u0900-\u0dff]+(?:[-'\u2019]\w+)*|[^\w\s]", piece.group()))
        tokens = tuple(
            Token(word.group(), re.sub(r"(?<=\w{4})s$", "", word.group().lower()), "", piece.start() + word.start())
            for word in words
        )
        if tokens:
            sentences.append(Sentence(piece.start(), piece.end(), tokens))
    return Reading(text, tuple(sentences), ())


def article(
    text: str, *, title: str = "", outlet: str = "The Hindu", official: bool = False, author: str = "", lang: str = ""
) -> Article:
    head, body = (title, text) if title else (text, "")
    url, feed = "https://example.org/1", "https://example.org/f"
    return Article("1", url, head, body, outlet, feed, official, NOW, NOW, author=author, lang=lang)


def scores(**given: float) -> Scores:
    """Scores of 0 but for those given; the decision is yes from 0.5 on."""
    values = dict.fromkeys(LABELS, 0.0) | given
    return Scores(values, {label: value >= 0.5 for label, value in values.items()}, (), "test")


def compiled(query: str, vocabulary: Vocabulary = WORDS) -> Watchlist:
    return compile_watchlist("test", query, vocabulary)


def verdict(query: str, item: Article, model: Scores | None = None, genre: str = "") -> Verdict:
    analysis = Analysis(item.id, model or scores(), (), (), (), genre)
    return judge(compiled(query), item, index_reading(read(item.whole)), analysis)


FIRES = [
    ("tariff", "New Tariffs on tea", True),
    ("tariff", "New taxes on tea", False),
    ("tariff tea", "Tariff on tea", True),
    ("tariff AND tea", "Tariff on coffee", False),
    ("tariff OR tea", "Tea is served", True),
    ("tariff NOT tea", "Tariff on tea", False),
    ("tariff NOT tea", "Tariff on coffee", True),
    ("tariff (tea OR coffee)", "Tariff on coffee", True),
    ("a b OR c d", "c and d", True),
    ("a b OR c d", "a and d", False),
    ('"trade deal"', "Trade deals near", True),
    ('"trade deal"', "Deal on trade", False),
    ("\u201ctrade deal\u201d", "A trade deal", True),
    ("anti-dumping", "Anti dumping probe", True),
    ("=apple", "Apple opens a store", False),
    ("=apple", "An apple a day", True),
    ('="Section 301"', "A Section 301 probe", True),
    ('="Section 301"', "A section 301 probe", False),
    ("US", "It gives us hope", False),
    ("US", "US hope", True),
    ("Greer", "greer said", False),
    ("tariff*", "Tariffication", True),
    ("भारत", "भारत पर टैरिफ", True),
    ("$INDIA AND $US", "India and the US", True),
    ("$INDIA", "Indiana and the Indian Ocean", False),
    ("$TARIFF", "Power tariff up", False),
    ("sector:dairy", "Milk for all", True),
    ("sector:steel", "Milk for all", False),
    ("SENT($INDIA $US)", "India met the US.", True),
    ("SENT($INDIA $US)", "India spoke. The US left.", False),
    ("SENT/1($INDIA $US)", "India spoke. The US left.", True),
    ("SENT/1($INDIA $US)", "India spoke. It rained. The US left.", False),
    ("SENT/2($INDIA $US)", "India spoke. It rained. The US left.", True),
    ("SENT($INDIA NOT $US)", "India met the US.", False),
    ("SENT($INDIA NOT $US)", "India met the US. India left.", True),
    ("SENT(SENT/1($INDIA $US) $TARIFF)", "India and US set a tariff.", True),
    ("SENT(NEAR/1(a, b) NOT c)", "a b c. Rain. a b d.", True),
    ("SENT/1(SENT(a b) NOT c)", "a b c. Rain. Sun. a b d.", True),
    ("SENT/1(a NOT b)", "Rain. a. b.", True),
    ("SENT/1(a NOT b)", "b. a. b.", False),
    ("NEAR/2($INDIA, $TARIFF)", "tariff on India", True),
    ("NEAR/1($INDIA, $TARIFF)", "tariff on India", False),
    ("NEAR/1($INDIA, $TARIFF)", "India tariff", True),
    ("NEAR/3($INDIA OR $US, tariff OR levy)", "a levy by the US", True),
    ("NEAR/3(tariff, tariff)", "one tariff", False),
    ("PARA($INDIA $US)", "India spoke. It rained. The US left.", True),
    ("PARA($INDIA $US)", "India spoke.\nThe US left.", False),
    ("PARA(SENT($INDIA) $US)", "Rain.\nIndia spoke. The US left.", True),
    ("/Sec(tion|\\.) 30[12]/", "Under Sec. 301", True),
    ("/Sec(tion|\\.) 30[12]/", "Under section 301", False),
    ("/(?i)section 30[12]/", "Under section 301", True),
    ("/शुल्क/", "भारत पर शुल्क", True),
    ("SENT(/3\\d\\d/ India)", "Section 301. India spoke.", False),
    ("SENT(/spoke\\. The/ India)", "India spoke. The US left.", False),
    ("SENT/1(/spoke\\. The/ India)", "India spoke. The US left.", True),
    ("/b/", "\ud800 b", True),
    ("hs:04", "Milk for all", True),
    ("hs:1901", "Milk for all", True),
    ("hs:72", "Milk for all", False),
]


@pytest.mark.parametrize(("query", "text", "fires"), FIRES)
def test_a_query_fires_on_a_text(query: str, text: str, fires: bool) -> None:
    item = article(text)
    assert verdict(query, item).fired is fires
    if fires:
        assert may_match([compiled(query)], item.whole, scores(), item)


TITLED = [
    ("title:tariff", True),
    ("title:dairy", False),
    ('title:"new tariff"', True),
    ("title:$INDIA", False),
    ("title:(tariff dairy)", False),
    ("title:(tariff NOT dairy) dairy", True),
    ("SENT/1(tariff India)", True),
    ("body:tariff", False),
    ("body:(dairy $INDIA)", True),
    ("body:/^I/", False),
    ("title:/new t/", True),
]


@pytest.mark.parametrize(("query", "fires"), TITLED)
def test_a_title_is_asked_alone_and_is_the_first_sentence(query: str, fires: bool) -> None:
    assert verdict(query, article("India shields dairy.", title="A new tariff")).fired is fires


@pytest.mark.parametrize(
    ("query", "fires"),
    [
        ("relevant", True),
        ("relevant>=0.6", True),
        ("relevant>=.61", False),
        ("topic:tariff_threat", False),
        ("topic:tariff_threat>=0.4", True),
        ("topic:india_us_trade>=0.0", True),
        ("outlet:Mint", True),
        ("outlet:Min", False),
        ('outlet:"the mint"', False),
        ("author:rao", True),
        ("author:Singh", False),
        ("lang:en", True),
        ("lang:en-IN", True),
        ("lang:in", False),
        ("url:example.org", True),
        ('url:"org/2"', False),
        ("NOT outlet:Mint relevant", False),
        ("source:official", True),
        ("genre:opinion", True),
        ("genre:news", False),
        ("relevant NOT genre:opinion", False),
    ],
)
def test_a_field_asks_model_outlet_source_and_genre(query: str, fires: bool) -> None:
    item = article("Rain", outlet="Mint", official=True, author="Asha Rao", lang="en-in")
    model = scores(relevant=0.6, tariff_threat=0.4)
    assert verdict(query, item, model, genre="opinion").fired is fires
    if fires:
        assert may_match([compiled(query)], item.whole, model, item)


@pytest.mark.parametrize(
    ("query", "fires"),
    [
        ("PARA(t a)", False),
        ("PARA(a b)", False),
        ("PARA(b c)", False),
        ("PARA(c d)", True),
        ("PARA(b NOT a)", True),
        ("body:t", False),
        ("body:a", True),
        ("title:a", False),
    ],
)
def test_a_paragraph_and_the_body_begin_and_end_with_their_own_words(query: str, fires: bool) -> None:
    assert verdict(query, article("a\nb\nc d", title="t")).fired is fires


def told(query: str, *facts: Fact) -> Verdict:
    """The verdict on "A duty. India spoke." whose facts are told in its first sentence, but for those that say otherwise."""
    item = article("A duty. India spoke.")
    analysis = Analysis(item.id, scores(), (), (), (), facts=facts)
    return judge(compiled(query), item, index_reading(read(item.whole)), analysis)


THREAT = a_fact(500, "threatened", target=("IN", "BRICS"), start=0, end=7)
CUT = a_fact(18, "in_force", target=("EU",), action="cut", ground="s232", start=8, end=20)


@pytest.mark.parametrize(
    ("query", "fires"),
    [
        ("rate>=100", True),
        ("rate>500", False),
        ("rate<20", True),
        ("status:in_force", True),
        ("imposer:US target:IN", True),
        ("target:BRICS", True),
        ("action:cut ground:s232 instrument:tariff", True),
        ("rate>=100 target:IN", True),
        ("rate>=100 action:cut", False),
        ("(rate>=100 OR action:cut) target:EU", True),
        ("rate>=100 duty action:cut", False),
        ("rate>=100 (duty action:cut)", True),
        ("target:IN NOT status:threatened", False),
        ("duty NOT status:denied", True),
        ("duty NOT status:threatened", False),
        ("duty NOT (status:threatened action:cut)", True),
        ("SENT(India action:cut)", True),
        ("SENT(India rate>=100)", False),
        ("title:(rate>=100)", True),
        ("body:(rate>=100)", False),
    ],
)
def test_conditions_of_facts_beside_each_other_hold_of_one_and_the_same_fact(query: str, fires: bool) -> None:
    assert told(query, THREAT, CUT).fired is fires


@pytest.mark.parametrize(
    ("query", "open_", "new", "moved"),
    [
        ("change:new", True, True, False),
        ("change:changes rate>=100", True, False, True),
        ("change:changes target:EU", False, False, False),
        ("duty NOT change:new", True, False, True),
        ("rate>=100 NOT (change:new OR change:changes)", True, False, False),
    ],
)
def test_what_a_fact_does_to_the_ledger_is_open_until_the_ledger_is_asked(
    query: str, open_: bool, new: bool, moved: bool
) -> None:
    item = article("A duty. India spoke.")
    analysis = Analysis(item.id, scores(), (), (), (), facts=(THREAT,))
    index = index_reading(read(item.whole))
    answers = [
        judge(compiled(query), item, index, analysis, moves).fired
        for moves in (None, {THREAT: frozenset({"new"})}, {THREAT: frozenset({"changes"})})
    ]
    assert answers == [open_, new, moved]


@pytest.mark.parametrize(
    ("moves", "line"),
    [
        (None, "✔ change:new — US → IN, BRICS · 500 % · impose · threatened: “A duty.”"),
        ({THREAT: frozenset({"new"})}, "✔ change:new — US → IN, BRICS · 500 % · impose · threatened: “A duty.”"),
        (
            {THREAT: frozenset({"contradicts", "changes"})},
            "✘ change:new — its facts tell the ledger: changes, contradicts in US → IN, BRICS · 500 % · impose · threatened",
        ),
        (
            {},
            "✘ change:new — the ledger learns nothing from it in US → IN, BRICS · 500 % · impose · threatened",
        ),
    ],
)
def test_an_explanation_says_what_the_ledger_learnt(moves: Moves | None, line: str) -> None:
    item = article("A duty. India spoke.")
    analysis = Analysis(item.id, scores(), (), (), (), facts=(THREAT,))
    index = index_reading(read(item.whole))
    assert explain_verdict(judge(compiled("change:new"), item, index, analysis, moves)) == line
    both = explain_verdict(judge(compiled("change:new target:IN"), item, index, analysis, moves))
    assert f"\n    {line[0]} change:new" in both


def test_what_the_ledger_did_not_learn_is_nearer_than_a_word_that_is_nowhere() -> None:
    item = article("A duty. India spoke.")
    analysis = Analysis(item.id, scores(), (), (), (), facts=(THREAT,))
    found = judge(compiled("tea OR change:new"), item, index_reading(read(item.whole)), analysis, {})
    assert nearest_change(found) == "without change:new"


def test_background_is_no_fact_to_a_watchlist() -> None:
    assert not told("rate>=100", replace(THREAT, background=True)).fired


def test_the_fact_and_the_score_that_decided_are_told() -> None:
    assert told("rate>=100 $INDIA", THREAT).grounds() == ("US → IN, BRICS · 500 % · impose · threatened",)
    assert verdict("relevant>=0.5 rain", article("Rain"), scores(relevant=0.75)).grounds() == ("relevant 0.75",)


@pytest.mark.parametrize(
    ("query", "ground"), [("relevant", "relevant 0.75"), ("topic:tariff_threat>=.5", "tariff_threat 0.60")]
)
def test_a_score_that_decided_is_told_by_the_name_of_its_topic(query: str, ground: str) -> None:
    assert verdict(query, article("Rain"), scores(relevant=0.75, tariff_threat=0.6)).grounds() == (ground,)


def test_a_miss_of_facts_shows_the_nearest_and_what_it_lacks() -> None:
    assert explain_verdict(told("rate>=400 target:EU", THREAT, CUT)).splitlines() == [
        "✘ one fact — nearest is US → IN, BRICS · 500 % · impose · threatened",
        "  ✘ all of",
        "    ✔ rate>=400",
        "    ✘ target:EU — the target is IN, BRICS",
    ]


@pytest.mark.parametrize(
    ("query", "change"),
    [
        ("relevant>=0.5 tariff", "relevant>=0.2"),
        ("relevant (tea OR coffee)", "relevant>=0.2 and without tea"),
        ("SENT(rain sun)", "SENT/1 for SENT"),
        ("SENT(rain tariff)", "SENT/3 for SENT"),
        ("SENT/1(rain tea)", "without tea"),
        ("NEAR/1(rain, tariff)", "NEAR/6 for NEAR/1"),
        ("title:tariff", "tariff anywhere"),
        ("rain NOT tariff", "without NOT tariff"),
        ("rain tea NOT tariff", "without tea and without NOT tariff"),
        ("genre:live", "genre:news"),
        ("outlet:Mint", 'outlet:"The Hindu"'),
        ("PARA(rain sun)", "without PARA"),
        ("PARA(rain tea)", "without tea"),
        ("SENT/1(rain tariff)", "SENT/3 for SENT/1"),
        ("SENT(relevant>=0.5 rain)", "relevant>=0.2"),
        ("title:/tar+iff/", "without /tar+iff/"),
        ("NEAR/1(rain, tea)", "without NEAR/1"),
        ("rain", ""),
        ("author:rao", "without author:rao"),
        ("source:official", "without source:official"),
        ("relevant", "relevant>=0.2"),
        ("rain NOT (tariff OR sun)", "without NOT tariff and without NOT sun"),
        ("rain NOT (tariff sun)", "without NOT tariff"),
    ],
)
def test_a_miss_tells_the_nearest_change_that_would_have_fired(query: str, change: str) -> None:
    item = article("Sun. Wind. A tariff.", title="Much rain")
    assert nearest_change(verdict(query, item, scores(relevant=0.2))) == change


@pytest.mark.parametrize(
    ("query", "change"),
    [
        ("tea OR outlet:Mint", 'outlet:"The Hindu"'),
        ("tea OR source:official", "without source:official"),
        ("tea OR genre:live", "genre:news"),
        ("tea OR (rain outlet:Mint)", 'outlet:"The Hindu"'),
        ("(tea coffee) OR tea", "without tea"),
        ("outlet:Mint OR title:tariff", "tariff anywhere"),
        ("outlet:Mint OR SENT(rain sun)", "SENT/1 for SENT"),
        ("outlet:Mint OR PARA(rain sun)", "without PARA"),
        ("outlet:Mint OR NEAR/1(rain, tariff)", "NEAR/6 for NEAR/1"),
        ("outlet:Mint OR (rain NOT tariff)", "without NOT tariff"),
        ("outlet:Mint OR relevant", "relevant>=0.2"),
        ("outlet:Mint OR topic:tariff_threat>=0.95", "topic:tariff_threat>=0.9"),
        ("relevant OR topic:tariff_threat>=0.95", "topic:tariff_threat>=0.9"),
        ("topic:tariff_threat>=0.95 OR title:tariff", "tariff anywhere"),
        ("tea OR NEAR/1(rain, coffee)", "without tea"),
        ("NEAR/1(rain, coffee) OR outlet:Mint", 'outlet:"The Hindu"'),
    ],
)
def test_of_several_misses_the_nearest_is_told(query: str, change: str) -> None:
    """A place or a NOT first, then a score by what it lacks, then what the feed tells, and words that are nowhere last."""
    item = article("Sun. Wind. A tariff.", title="Much rain")
    assert nearest_change(verdict(query, item, scores(relevant=0.2, tariff_threat=0.9))) == change


def test_the_score_to_ask_for_is_one_that_was_reached() -> None:
    assert nearest_change(verdict("relevant>=1", article("Rain"), scores(relevant=0.999))) == "relevant>=0.99"


@pytest.mark.parametrize(
    ("query", "change"),
    [("rate>=600", "rate>=500"), ("rate<100", "rate<=500"), ("status:agreed rate>5", "status:threatened")],
)
def test_a_miss_of_a_fact_tells_what_is_claimed_instead(query: str, change: str) -> None:
    assert nearest_change(told(query, THREAT)) == change


OWN = ("rare-earths", "5g", "near")


@pytest.mark.parametrize(
    ("query", "fires"),
    [
        ("topic:rare-earths", True),
        ('topic:"rare-earths"', True),
        ("topic:rare-earths>=0.7", True),
        ("topic:rare-earths>=0.71", False),
        ("topic:5g", False),
        ("topic:near OR topic:tariff_threat", False),
    ],
)
def test_a_topic_of_the_desk_s_own_is_asked_for_like_the_others(query: str, fires: bool) -> None:
    item, model = article("Magnets are scarce"), scores(**{"rare-earths": 0.7})
    watchlist = compile_watchlist("test", query, WORDS, topics=OWN)
    analysis = Analysis(item.id, model, (), (), ())
    assert judge(watchlist, item, index_reading(read(item.whole)), analysis).fired is fires
    assert may_match([watchlist], item.whole, model, item) is fires


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("topic:5g", "✘ topic:5g — needs the model to say yes; 5g scored 0.00"),
        ("topic:5g>=0.1", "✘ topic:5g>=0.1 — needs at least 0.1; 5g scored 0.00"),
    ],
)
def test_a_topic_of_the_desk_s_own_that_nobody_scored_does_not_fire(query: str, line: str) -> None:
    item = article("Magnets are scarce")
    watchlist = compile_watchlist("test", query, WORDS, topics=OWN)
    assert not may_match([watchlist], item.whole, scores(), item)
    found = judge(watchlist, item, index_reading(read(item.whole)), Analysis(item.id, scores(), (), (), ()))
    assert explain_verdict(found) == line


@pytest.mark.parametrize(
    ("name", "hint"),
    [("rare-earth", "did you mean topic:rare-earths?"), ("gold", "known are topic:india_us_trade, .*, topic:near$")],
)
def test_a_topic_that_is_not_configured_is_refused_with_the_nearest_that_is(name: str, hint: str) -> None:
    with pytest.raises(QueryError, match=f"there is no topic '{name}'") as caught:
        compile_watchlist("test", f"topic:{name}", WORDS, topics=OWN)
    assert re.search(hint, caught.value.hint)


REFUSED = [
    ("", 0, "is empty"),
    (" \n ", 0, "is empty"),
    ("(tariff", 7, 'expected ")"'),
    ("tariff)", 6, "cannot read ')'"),
    ("tariff OR", 9, "ends too early"),
    ("tariff AND AND duty", 11, "AND is out of place"),
    ("NOT NOT tariff", 4, "NOT is out of place"),
    ("tariff or duty", 7, "write OR"),
    ('tariff "trade deal', 7, "not closed"),
    ('tariff "..."', 7, "no word"),
    ("tariff $INDAI", 7, "did you mean $INDIA?"),
    ("$india", 0, "did you mean $INDIA?"),
    ("$NOBODY", 0, "holds no terms"),
    ("tariff sector:diary", 14, "did you mean sector:dairy?"),
    ("topic:tarif_threat", 6, "did you mean topic:tariff_threat?"),
    ("tittle:tariff", 0, "did you mean title:?"),
    ("genre:opinions", 6, "did you mean genre:opinion?"),
    ("source:press", 7, "known are source:official"),
    ("sector:dairy>=0.5", 12, "has no score"),
    ("tariff>=0.5", 6, "has no score"),
    ("relevant>=2", 10, "from 0 to 1"),
    ("relevant>=high", 10, "a number"),
    ("NOT tariff", 0, "NOT only narrows"),
    ("tariff OR NOT duty", 0, "NOT only narrows"),
    ("NOT (tariff OR duty) NOT tea", 0, "NOT only narrows"),
    ("tea SENT(NOT tariff)", 4, "no word must be"),
    ("SENT(relevant NOT tariff)", 0, "no word must be"),
    ("SENT/9(tariff)", 0, "too wide"),
    ("NEAR(tariff, tea)", 0, "needs a distance"),
    ("NEAR/3(relevant, tea)", 0, "places of words"),
    ("tariff, tea", 6, "cannot read ','"),
    ("ab*", 0, "matches too much"),
    ("tea /a(/", 4, "cannot be read: missing )"),
    ("tea /a*/", 4, "even in an empty one"),
    ("tea /(?=a)b/", 4, "cannot be read"),
    ("tea /abc", 4, "not closed"),
    ("PARA(NOT tea) tea", 0, "no word must be"),
    ("tea hs:99", 7, "known are hs:04"),
    ("tea hs:190", 7, "did you mean hs:1901?"),
    ("target:INN", 7, "did you mean target:IN?"),
    ("imposer:BRICS", 8, "known are imposer:US"),
    ("status:inforce", 7, "did you mean status:in_force?"),
    ("rate>=high", 6, "a number"),
    ("tea change:old", 11, "known are change:new"),
    ("relevant<0.5", 8, "takes only >="),
    ('tea author:" "', 11, "asks for nothing"),
    ("NOT rate>=5", 0, "NOT only narrows"),
    ("<b>", 0, "cannot read '<'"),
]


@pytest.mark.fault("X02", "X05")
@pytest.mark.parametrize(("query", "column", "words"), REFUSED)
def test_a_query_that_is_wrong_is_refused_at_its_column(query: str, column: int, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        compiled(query)
    assert caught.value.column == column
    assert words in str(caught.value)
    assert caught.value.hint


def test_a_query_over_several_lines_keeps_its_columns() -> None:
    with pytest.raises(QueryError) as caught:
        compiled("tariff\n  $NONE")
    assert caught.value.column == 9


@pytest.mark.fault("X05")
@pytest.mark.parametrize(
    "query",
    [
        "(" * 20_000,
        "(" * 5_000 + "tariff" + ")" * 5_000,
        "SENT(" * 2_000 + "tariff" + ")" * 2_000,
        "title:(" * 2_000 + "tariff" + ")" * 2_000,
        "x (" * 3_000,
        "tariff " * 10_000,
    ],
)
def test_a_query_too_deep_or_too_long_is_refused(query: str) -> None:
    with pytest.raises(QueryError):
        compiled(query)


def test_a_query_as_deep_as_allowed_can_be_judged() -> None:
    query = "tariff (" * 39 + "tariff" + ")" * 39
    assert verdict(query, article("One tariff")).fired


@pytest.mark.fault("X01")
def test_a_query_of_a_thousand_words_works() -> None:
    assert verdict(" OR ".join(f"word{number}" for number in range(1000)), article("Here is word999")).fired


def test_a_watchlist_keeps_its_name_channels_and_query() -> None:
    watchlist = compile_watchlist("tea", "tea", WORDS, channels=["#trade"], severity="high")
    assert (watchlist.name, watchlist.channels, watchlist.severity) == ("tea", ("#trade",), "high")
    assert watchlist.query_text == "tea"


def test_of_many_watchlists_those_that_lack_a_word_are_told_only_when_asked_for() -> None:
    item = article("Rain and tea")
    many = [compile_watchlist(query, query, WORDS) for query in ("rain", "sun", "tea NOT rain")]
    index, analysis = index_reading(read(item.whole)), Analysis(item.id, scores(), (), (), ())
    assert [(name, found.fired) for name, found in judge_all(many, item, index, analysis)] == [
        ("rain", True),
        ("tea NOT rain", False),
    ]
    assert [name for name, _ in judge_all(many, item, index, analysis, misses=True)] == ["rain", "sun", "tea NOT rain"]


def limited(published: datetime = NOW, lang: str = "", **limits: Any) -> tuple[bool, Verdict]:
    """Whether a watchlist with these limits may match an article with its word, and its verdict."""
    watchlist = compile_watchlist("test", "tariff", WORDS, **limits)
    item = replace(article("A tariff.", lang=lang), published=published)
    analysis = Analysis("1", scores(), (), (), ())
    verdict = judge(watchlist, item, index_reading(read(item.whole)), analysis)
    return may_match([watchlist], item.whole, analysis.scores, item), verdict


def test_a_watchlist_fires_to_the_end_of_its_last_day_in_utc() -> None:
    late = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    new_delhi = timezone(timedelta(hours=5, minutes=30))
    for published, fires in (
        (late, True),
        (late + timedelta(minutes=1), False),
        (datetime(2027, 1, 1, 5, 0, tzinfo=new_delhi), True),
    ):
        may, verdict = limited(published, until=date(2026, 12, 31))
        assert (may, verdict.fired) == (fires, fires)


def test_a_watchlist_that_has_expired_says_so_and_what_it_would_have_found() -> None:
    _, verdict = limited(datetime(2027, 1, 2, tzinfo=UTC), until=date(2026, 12, 31))
    lines = explain_verdict(verdict).splitlines()
    assert lines[0] == "✘ all of"
    assert lines[1].strip() == "✘ until 2026-12-31 — published on 2027-01-02"
    assert "✔ tariff" in lines[2]
    assert nearest_change(verdict) == "until 2027-01-02"


@pytest.mark.parametrize(
    ("lang", "languages", "fires"),
    [
        ("en", ("en",), True),
        ("en-IN", ("en",), True),
        ("en", ("en-in",), False),
        ("hi", ("en", "hi"), True),
        ("eno", ("en",), False),
        ("fr", ("en", "hi"), False),
        ("", ("en",), True),
        ("fr", (), True),
    ],
)
def test_an_article_is_left_out_only_when_its_feed_names_another_language(
    lang: str, languages: tuple[str, ...], fires: bool
) -> None:
    may, verdict = limited(lang=lang, languages=languages)
    assert (may, verdict.fired) == (fires, fires)


def test_an_article_that_is_left_out_for_its_language_says_which_it_has() -> None:
    _, found = limited(lang="fr", languages=("en", "hi"))
    assert explain_verdict(found).splitlines()[1] == "  ✘ languages en, hi — the lang is “fr”"
    assert nearest_change(found) == "languages fr"


def test_the_words_of_a_verdict_are_those_that_decided_each_once_in_text_order() -> None:
    item = article("Duty by the US: duty and Duties on milk; no tea for India")
    found = verdict("($INDIA OR coffee) $US $TARIFF sector:dairy NOT coffee", item)
    assert found.words() == ("Duty", "US", "Duties", "milk", "India")


def test_words_of_branches_that_did_not_fire_are_left_out() -> None:
    assert verdict("(tariff tea) OR duty", article("Tariff and duty")).words() == ("duty",)


def test_the_words_of_near_are_those_that_met() -> None:
    assert verdict("NEAR/2($INDIA, $TARIFF)", article("Duty here. A tariff on India")).words() == ("tariff", "India")
    nearest = verdict("NEAR/3(a, b)", article("a x b. Rain and rain. a b"))
    assert [span.start for span in nearest.spans] == [22, 24]


def test_words_below_not_are_left_out() -> None:
    assert verdict("tariff NOT (tea milk)", article("Tariff on tea")).words() == ("Tariff",)


def test_of_each_part_a_store_keeps_the_first_five_places_and_all_else() -> None:
    found = verdict("tariff rain", article("Rain. " + "A tariff. " * 7))
    tariff, rain = kept(found).children
    assert tariff == replace(found.children[0], spans=found.children[0].spans[:5])
    assert (len(tariff.spans), rain) == (5, found.children[1])
    assert replace(kept(found), children=found.children) == found


def test_an_explanation_shows_five_words_and_how_many_more_there_are() -> None:
    for words, more in (("a b c d e", ""), ("a b c d e f", " and 1 more"), ("a b c d e f g", " and 2 more")):
        found = verdict("/[a-z]/", article(f"{words} a"))
        assert explain_verdict(found) == f"✔ /[a-z]/ — “a”, “b”, “c”, “d”, “e”{more}"


def test_every_span_is_the_text_at_its_offsets() -> None:
    item = article("Milk for India\u2019s US-bound ships", title="Tariff")
    for child in verdict("$INDIA $US sector:dairy title:tariff", item).children:
        for span in (*child.spans, *(span for inner in child.children for span in inner.spans)):
            assert item.whole[span.start : span.end] == span.text


def test_an_explanation_shows_what_fired_and_what_was_missing() -> None:
    item = article("India spoke. It rained. The US left.")
    found = verdict("SENT($INDIA $US) relevant>=0.5 NOT tariff", item, scores(relevant=0.3))
    assert explain_verdict(found).splitlines() == [
        "✘ all of",
        "  ✘ SENT — no sentence has all that is asked",
        "    ✘ all of",
        "      ✔ $INDIA — “India”",
        "      ✘ $US — needs one of $US in the same sentence; only elsewhere: “US”",
        "  ✘ relevant>=0.5 — needs at least 0.5; relevant scored 0.30",
        "  ✔ NOT",
        "    ✘ tariff",
    ]


def test_an_explanation_of_what_fired_shows_words_scores_and_facts() -> None:
    item = article("Rain", official=True)
    found = verdict('rain relevant>=0.5 outlet:"The Hindu" source:official genre:news', item, scores(relevant=0.75))
    assert explain_verdict(found).splitlines() == [
        "✔ all of",
        "  ✔ rain — “Rain”",
        "  ✔ relevant>=0.5 — 0.75",
        '  ✔ outlet:"The Hindu"',
        "  ✔ source:official",
        "  ✔ genre:news",
    ]
    fact = "US → IN, BRICS · 500 % · impose · threatened"
    assert explain_verdict(told("rate>=100", THREAT)) == f"✔ rate>=100 — {fact}: “A duty.”"
    assert explain_verdict(told("rate>=100 target:IN", THREAT)).splitlines() == [
        f"✔ one fact — {fact}: “A duty.”",
        "  ✔ all of",
        "    ✔ rate>=100",
        "    ✔ target:IN",
    ]


def test_an_explanation_shows_the_score_of_what_should_not_be_so_and_was_not() -> None:
    found = verdict("rain NOT relevant>=0.5", article("Rain"), scores(relevant=0.3))
    assert explain_verdict(found).splitlines()[-1] == "    ✘ relevant>=0.5 — 0.30"


EXPLAINED = [
    ("SENT/1(sun wind)", "✔ SENT/1|  ✔ all of|    ✔ sun — “Sun”|    ✔ wind — “Wind”"),
    ("SENT(sun)", "✔ SENT|  ✔ sun — “Sun”"),
    ("PARA(sun tariff)", "✔ PARA|  ✔ all of|    ✔ sun — “Sun”|    ✔ tariff — “tariff”"),
    ("NEAR/5(sun, tariff)", "✔ NEAR/5 — “Sun”, “tariff”|  ✔ sun — “Sun”|  ✔ tariff — “tariff”"),
    ("title:rain", "✔ title:|  ✔ rain — “rain”"),
    ("body:sun", "✔ body:|  ✔ sun — “Sun”"),
    ("tea OR sun", "✔ any of|  ✘ tea — needs tea|  ✔ sun — “Sun”"),
    ("/S[a-z]+/", "✔ /S[a-z]+/ — “Sun”"),
    ("tea OR milk", "✘ any of — needs one of these|  ✘ tea — needs tea|  ✘ milk — needs milk"),
    (
        "PARA(rain sun)",
        "✘ PARA — no paragraph has all that is asked|  ✘ all of|    ✔ rain — “rain”|"
        "    ✘ sun — needs sun in the same paragraph; only elsewhere: “Sun”",
    ),
    (
        "SENT/2(rain tariff)",
        "✘ SENT/2 — no 3 sentences in a row have all that is asked|  ✘ all of|    ✔ rain — “rain”|"
        "    ✘ tariff — needs tariff within 3 sentences; only elsewhere: “tariff”",
    ),
    ("NEAR/1(rain, tariff)", "✘ NEAR/1 — needs both within 1 words|  ✔ rain — “rain”|  ✔ tariff — “tariff”"),
    ("NEAR/1(rain, tea)", "✘ NEAR/1 — needs both within 1 words|  ✔ rain — “rain”|  ✘ tea — needs tea"),
    (
        "title:(NEAR/1(sun, wind))",
        "✘ title:|  ✘ NEAR/1 — needs both within 1 words in the title|    ✘ sun — {}|    ✘ wind — {}",
    ),
    ("body:rain", "✘ body:|  ✘ rain — needs rain in the body; only elsewhere: “rain”"),
    ("title:/tar[a-z]+/", "✘ title:|  ✘ /tar[a-z]+/ — needs /tar[a-z]+/ in the title; only elsewhere: “tariff”"),
    ("/tea+/", "✘ /tea+/ — needs /tea+/"),
    ("title:(rain NOT much)", "✘ title:|  ✘ all of|    ✔ rain — “rain”|    ✘ NOT — {}|      ✔ much — “Much”"),
    ("title:rate>=5", "✘ title:|  ✘ rate>=5 — no trade measure is told of in the title"),
]


@pytest.mark.parametrize(("query", "tree"), EXPLAINED)
def test_an_explanation_is_the_tree_of_the_query(query: str, tree: str) -> None:
    """`{}` in place of what another explanation has."""
    lines = explain_verdict(verdict(query, article("Sun. Wind. A tariff.", title="Much rain"))).splitlines()
    wanted = tree.split("|")
    assert [line.partition(" — ")[0] for line in lines] == [line.partition(" — ")[0] for line in wanted]
    assert all(line == want for line, want in zip(lines, wanted, strict=True) if not want.endswith("{}"))


def test_of_the_places_that_a_query_looks_at_the_one_that_has_most_is_explained() -> None:
    assert explain_verdict(verdict("SENT(a b c)", article("a. a b. c."))).splitlines()[2:] == [
        "    ✔ a — “a”",
        "    ✔ b — “b”",
        "    ✘ c — needs c in the same sentence; only elsewhere: “c”",
    ]
    assert explain_verdict(told("rate>=400 target:EU action:cut", THREAT, CUT)).splitlines() == [
        "✘ one fact — nearest is US → EU · 18 % · cut · in force",
        "  ✘ all of",
        "    ✘ rate>=400 — the rate is 18 %",
        "    ✔ target:EU",
        "    ✔ action:cut",
    ]


UNTOLD = replace(THREAT, imposer="", target=(), rate=None)


@pytest.mark.parametrize(
    ("query", "fact", "line", "change"),
    [
        ("rate>=600", THREAT, "the rate is 500 % in US → IN, BRICS · 500 % · impose · threatened", "rate>=500"),
        ("target:EU", THREAT, "the target is IN, BRICS in US → IN, BRICS · 500 % · impose · threatened", "target:IN"),
        ("rate>=5", UNTOLD, "the rate is not told in ? → ? · impose · threatened", "without rate>=5"),
        ("target:EU", UNTOLD, "the target is not told in ? → ? · impose · threatened", "without target:EU"),
        ("rate<=5", None, "no trade measure is told of", "without rate<=5"),
    ],
)
def test_a_miss_of_one_claim_says_what_is_claimed_instead(
    query: str, fact: Fact | None, line: str, change: str
) -> None:
    found = told(query, fact) if fact else told(query)
    assert explain_verdict(found) == f"✘ {query} — {line}"
    assert nearest_change(found) == change
    assert nearest_change(told(f"tea OR {query}", fact) if fact else told(f"tea OR {query}")) == (
        change if fact else "without tea"
    )


def test_of_several_facts_the_one_told_first_decides() -> None:
    for facts in ((THREAT, CUT), (CUT, THREAT)):
        assert told("rate>=5", *facts).grounds() == ("US → IN, BRICS · 500 % · impose · threatened",)


@pytest.mark.parametrize(("sentences", "change"), [(5, "SENT/5 for SENT/2"), (6, "without SENT/2")])
def test_a_window_is_widened_to_the_widest_there_is_before_it_is_given_up(sentences: int, change: str) -> None:
    item = article("Rain. " + "Wind. " * (sentences - 1) + "Sun.")
    assert nearest_change(verdict("SENT/2(rain sun)", item)) == change


def test_a_pattern_is_looked_for_a_hundred_times_and_in_a_hundred_thousand_characters() -> None:
    assert len(verdict("/a/", article("a " * 150)).spans) == 100
    text = "b " * 50_000
    for searched, fires in ((f"{text[:-1]}a", True), (f"{text}a", False)):
        item = article(searched)
        assert verdict("/a/", item).fired is fires
        assert may_match([compiled("/a/")], item.whole, scores(), item) is fires


@pytest.mark.parametrize(
    "query",
    [
        "tea AND (sun OR rain)",
        "tea AND NOT (sun AND rain)",
        "tea OR (status:agreed AND rate<3)",
        "SENT/2(sun AND rain)",
        "SENT(sun)",
        "PARA(sun)",
        "NEAR/3(sun OR tea, $INDIA)",
        "title:(sun)",
        "body:(rate>=5)",
        "rate>=5 AND target:IN",
        "tea AND (rate>=5 AND NOT change:new)",
        "sector:dairy AND relevant>=0.5 AND outlet:mint AND source:official AND /a+b/ AND =Apple AND genre:live",
    ],
)
def test_a_query_is_written_out_as_it_was_read(query: str) -> None:
    assert compiled(query).query.written() == query


@pytest.mark.parametrize(
    ("query", "words"),
    [("rate>=5", True), ("title:rate>=5", True), ("relevant", False), ("PARA(tea)", True), ("tea OR relevant", False)],
)
def test_a_query_knows_whether_something_has_to_be_in_the_text(query: str, words: bool) -> None:
    assert compiled(query).query.needs()
    assert compiled(query).query.needs(words=True) is words


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("$US", "✘ $US — needs one of $US"),
        ("milk", "✘ milk — needs milk"),
        ("title:tariff", "  ✘ tariff — needs tariff in the title; only elsewhere: “tariff”"),
        ("relevant", "✘ relevant — needs the model to say yes; relevant scored 0.20"),
        ("outlet:Mint", "✘ outlet:Mint — the outlet is “The Hindu”"),
        ("author:Rao", "✘ author:Rao — the author is not told"),
        ("source:official", "✘ source:official — needs an official source; The Hindu is none"),
        ("genre:live", "✘ genre:live — the genre is news"),
        ("rain NOT tariff", "  ✘ NOT — must not be so, and is"),
        ("NEAR/1(rain, tariff)", "✘ NEAR/1 — needs both within 1 words"),
        ("SENT/1(rain tariff)", "✘ SENT/1 — no 2 sentences in a row have all that is asked"),
        ("milk OR tea", "✘ any of — needs one of these"),
    ],
)
def test_each_miss_says_in_words_what_was_needed(query: str, line: str) -> None:
    item = article("Sun. Wind. A tariff.", title="Much rain")
    found = verdict(query, item, scores(relevant=0.2))
    assert found.fired is False
    assert line in explain_verdict(found).splitlines()


def test_what_a_pattern_finds_over_the_end_of_a_line_is_told_in_one_line() -> None:
    assert (
        explain_verdict(verdict("/(?s)sun.+wind/", article("The sun.\nThe wind.")))
        == "✔ /(?s)sun.+wind/ — “sun. The wind”"
    )


def test_the_score_that_decided_is_kept() -> None:
    assert verdict("relevant>=0.5", article("x y"), scores(relevant=0.75)).score == 0.75


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("tariff", "Rain"),
        ("$INDIA $US", "India alone"),
        ("US", "It gives us hope"),
        ("relevant tariff", "A tariff"),
        ("source:official", "A tariff"),
        ("outlet:Mint", "A tariff"),
        ("NEAR/3(tariff, tea)", "tea"),
        ("SENT(tariff tea)", "tea"),
    ],
)
def test_an_article_that_cannot_fire_is_not_worth_reading(query: str, text: str) -> None:
    item = article(text)
    assert not may_match([compiled(query)], item.whole, scores(), item)


def test_the_sieve_says_yes_where_only_a_reading_can_tell() -> None:
    item = article("Power tariff in India. The US left.")
    for query in ("$TARIFF", "SENT($INDIA $US)", "India NOT US", "India NOT genre:news", "title:India"):
        assert may_match([compiled(query)], item.whole, scores(), item)


def test_the_sieve_passes_an_abbreviation_with_dots() -> None:
    item = article("The U.S. moves")
    assert may_match([compiled("$US")], item.whole, scores(), item)
    assert may_match([compiled("usa OR us")], item.whole, scores(), item)


GUIDE = (Path(__file__).parents[1] / "docs" / "watchlists.md").read_text("utf-8")
SHIPPED = load_vocabulary(Path(__file__).parents[1] / "models" / "entities")
EXAMPLES = re.findall(r"^\| `(.+)` \| ([^|]+) \| ([✔✘]) \|$", GUIDE, re.MULTILINE)


@pytest.mark.parametrize(("query", "text", "sign"), EXAMPLES)
def test_an_example_of_the_guide_says_what_it_is_said_to(query: str, text: str, sign: str) -> None:
    title, _, body = text.partition(". ")
    item = article(body, title=title) if body else article(title)
    reading = read(item.whole)
    index = index_reading(reading)
    facts = find_facts(reading, index, SHIPPED, item.published.date())
    found = judge(
        compiled(query.replace("\\|", "|"), SHIPPED), item, index, Analysis(item.id, scores(), (), (), (), facts=facts)
    )
    assert found.fired is (sign == "✔"), explain_verdict(found)


def test_the_guide_has_examples_of_each_kind_and_names_every_field_and_value() -> None:
    assert len(EXAMPLES) >= 18
    assert {f"{field}:" for field in FIELDS} - set(re.findall(r"[a-z]+:", GUIDE)) == set()
    assert {value for values in CLAIMS.values() for value in values} - set(re.findall(r"\w+", GUIDE)) == set()


def test_the_guide_names_only_sets_that_exist_and_its_example_compiles() -> None:
    assert set(re.findall(r"\$([A-Z_]+)", GUIDE)) - {"NAME"} == set(SHIPPED.sets)
    for query in re.findall(r"^ *query: (.+)$", GUIDE, re.MULTILINE):
        assert compile_watchlist("guide", query, SHIPPED).query.needs()
