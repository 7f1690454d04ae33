"""The watchlist language: what fires, what is refused, what the explanation says, and the sieve before reading."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.analysis import LABELS, Analysis, Scores
from bot.articles import Article
from bot.errors import QueryError
from bot.facts import Fact, find_facts
from bot.nlp.gazetteer import load_vocabulary
from bot.queries import CLAIMS, FIELDS
from bot.reading import Reading, Sentence, Token
from bot.verdicts import Verdict, explain_verdict, nearest_change
from bot.vocabulary import Vocabulary, index_reading, term_from
from bot.watchlists import Watchlist, compile_watchlist, judge, may_match
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


def test_background_is_no_fact_to_a_watchlist() -> None:
    assert not told("rate>=100", replace(THREAT, background=True)).fired


def test_the_fact_and_the_score_that_decided_are_told() -> None:
    assert told("rate>=100 $INDIA", THREAT).grounds() == ("US → IN, BRICS · 500 % · impose · threatened",)
    assert verdict("relevant>=0.5 rain", article("Rain"), scores(relevant=0.75)).grounds() == ("relevant 0.75",)


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
        ("rain", ""),
    ],
)
def test_a_miss_tells_the_nearest_change_that_would_have_fired(query: str, change: str) -> None:
    item = article("Sun. Wind. A tariff.", title="Much rain")
    assert nearest_change(verdict(query, item, scores(relevant=0.2))) == change


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


def test_a_topic_of_the_desk_s_own_that_nobody_scored_does_not_fire() -> None:
    item = article("Magnets are scarce")
    assert not may_match([compile_watchlist("test", "topic:5g", WORDS, topics=OWN)], item.whole, scores(), item)


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


def test_the_words_of_a_verdict_are_those_that_decided_each_once_in_text_order() -> None:
    item = article("Duty by the US: duty and Duties on milk; no tea for India")
    found = verdict("($INDIA OR coffee) $US $TARIFF sector:dairy NOT coffee", item)
    assert found.words() == ("Duty", "US", "Duties", "milk", "India")


def test_words_of_branches_that_did_not_fire_are_left_out() -> None:
    assert verdict("(tariff tea) OR duty", article("Tariff and duty")).words() == ("duty",)


def test_the_words_of_near_are_those_that_met() -> None:
    assert verdict("NEAR/2($INDIA, $TARIFF)", article("Duty here. A tariff on India")).words() == ("tariff", "India")


def test_words_below_not_are_left_out() -> None:
    assert verdict("tariff NOT (tea milk)", article("Tariff on tea")).words() == ("Tariff",)


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


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("$US", "✘ $US — needs one of $US"),
        ("milk", "✘ milk — needs milk"),
        ("title:tariff", "  ✘ tariff — needs tariff in the title; only elsewhere: “tariff”"),
        ("relevant", "✘ relevant — needs the model to say yes; relevant scored 0.20"),
        ("outlet:Mint", "✘ outlet:Mint — the outlet is “The Hindu”"),
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
    assert line in explain_verdict(verdict(query, item, scores(relevant=0.2))).splitlines()


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
