"""What a message says, before any sink: composed from an alert's parts, in words that every sink shares."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis import Analysis, Scores, Why
from bot.articles import Article
from bot.messages import (
    Claim,
    FactLine,
    Message,
    Source,
    compose,
    facts,
    faithful,
    heading,
    headline,
    moment,
    one_line,
    quotes,
    reasons,
    topics,
    written,
)
from bot.vocabulary import Mention
from tests.telling import SHIPPED, TODAY

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ARTICLE = Article(
    id="a1",
    url="https://example.org/shrimp",
    title="US doubles duty on Indian shrimp",
    text="The duty rises to 50%.",
    outlet="Port and Loom",
    feed_url="https://example.org/feed",
    official=False,
    published=NOW,
    first_seen=NOW,
)
SCORES = Scores(
    {"india_us_trade": 0.71, "tariff_threat": 0.966, "sensitive_sectors": 0.12, "relevant": 0.9},
    {"india_us_trade": True, "tariff_threat": True, "sensitive_sectors": False, "relevant": True},
    (),
    "minilm 1",
)
ANALYSIS = Analysis(
    "a1",
    SCORES,
    sectors=(Mention("steel", 0, 1), Mention("seafood", 2, 3), Mention("seafood", 4, 5)),
    entities=(),
    figures=(),
    quotes=("The duty rises to 50%.",),
)
WHY = (Why("India shrimp", ("duty", "shrimp")),)


def source(outlet: str, minutes: int, *, official: bool = False) -> Source:
    return Source(outlet, "a title", f"https://{outlet}.example/1", NOW + timedelta(minutes=minutes), official)


def message(analysis: Analysis = ANALYSIS, *, sources: tuple[Source, ...] = (), changed: str = "") -> Message:
    return compose("alert-1", "new", "high", ARTICLE, analysis, WHY, sources, changed=changed)


def test_a_message_carries_the_alert_s_id_so_that_it_can_be_found_again() -> None:
    assert message().id == "alert-1"


def test_picked_topics_come_first_and_the_likeliest_of_them_first_of_all() -> None:
    assert [label for label, _ in message().topics] == ["tariff_threat", "india_us_trade", "sensitive_sectors"]
    assert topics(message()) == "tariff threat 97% · India–US trade 71% · sensitive sectors 12%"


def test_of_the_desk_s_own_topics_those_are_shown_that_say_yes() -> None:
    own = replace(
        SCORES,
        scores=SCORES.scores | {"rare-earths": 0.83, "gold": 0.49},
        labels=SCORES.labels | {"rare-earths": True, "gold": False},
    )
    assert topics(message(replace(ANALYSIS, scores=own))) == (
        "tariff threat 97% · rare-earths 83% · India–US trade 71% · sensitive sectors 12%"
    )


def test_without_a_model_the_message_says_unscored_and_shows_no_probability() -> None:
    unscored = message(replace(ANALYSIS, scores=replace(SCORES, by="rules")))
    assert not unscored.scored
    assert topics(unscored) == "unscored: no model was at hand, rules decided · tariff threat · India–US trade"


def test_the_sector_named_most_comes_first_and_each_once() -> None:
    assert message().sectors == ("seafood", "steel")


def test_each_outlet_is_named_once_by_its_first_article_and_the_earliest_leads() -> None:
    told = (source("b", 5), source("a", 9), source("a", 1), source("b", 7, official=True))
    assert [(s.outlet, s.published) for s in message(sources=told).sources] == [
        ("a", NOW + timedelta(minutes=1)),
        ("b", NOW + timedelta(minutes=5)),
    ]


def test_an_article_without_a_story_is_its_own_source() -> None:
    assert [s.outlet for s in message().sources] == ["Port and Loom"]


@pytest.mark.parametrize(
    ("genre", "note"), [("", ""), ("question", "the headline asks, it does not say"), ("sermon", "sermon")]
)
def test_the_genre_is_told_in_words(genre: str, note: str) -> None:
    assert message(replace(ANALYSIS, genre=genre)).note == note


def test_the_heading_of_an_update_says_what_changed_and_what_to_beware_of() -> None:
    update = replace(message(changed="new figure 26%"), kind="update", note="opinion, not news")
    assert heading(update) == "HIGH · update: new figure 26% · opinion, not news"
    assert heading(message()) == "HIGH · new"


def test_a_reason_names_the_watchlist_and_the_words_that_fired_it() -> None:
    assert reasons(message()) == ("India shrimp: “duty”, “shrimp”",)
    assert reasons(replace(message(), why=(Why("All", ()),))) == ("All",)
    assert reasons(replace(message(), why=(Why("All", ("duty",), owner="Priya"),))) == ("All (Priya): “duty”",)
    model = Why("All", ("duty",), ("US → IN · 50 % · threatened", "relevant 0.83"))
    assert reasons(replace(message(), why=(model,))) == ("All: “duty”, US → IN · 50 % · threatened, relevant 0.83",)


def test_quotes_stand_in_quotation_marks_and_empty_ones_are_left_out() -> None:
    assert quotes(replace(message(), quotes=("One.", " \n", "Two."))) == ("“One.”", "“Two.”")


def quoted(*facts: str, summary: tuple[str, ...]) -> tuple[str, ...]:
    lines = tuple(FactLine("US → India", quote) for quote in facts)
    analysis = replace(ANALYSIS, quotes=summary)
    return compose("x", "new", "high", ARTICLE, analysis, WHY, (), facts=lines).quotes


def test_the_sentences_that_carry_the_facts_are_quoted_before_the_summary_three_in_all() -> None:
    assert quoted("The duty is on.", summary=("Lead.", "More.", "Most.")) == ("The duty is on.", "Lead.", "More.")


def test_no_sentence_is_quoted_twice_nor_the_headline() -> None:
    assert quoted("The duty  is ON.", ARTICLE.title, summary=("DELHI - The duty is on.", "Lead.")) == (
        "The duty  is ON.",
        "Lead.",
    )


def test_a_sentence_that_a_page_glued_to_its_headline_is_quoted() -> None:
    glued = f"{ARTICLE.title} SUMMARY: The duty is on."
    assert quoted(glued, summary=()) == (glued,)


def test_what_to_beware_of_besides_the_genre_stands_after_it() -> None:
    analysis = replace(ANALYSIS, genre="opinion")
    told = compose("x", "new", "high", ARTICLE, analysis, WHY, (), caveat="this article says 15 %, earlier ones 18 %")
    assert heading(told) == "HIGH · new · opinion, not news · this article says 15 %, earlier ones 18 %"


def test_a_contradiction_has_both_claims_side_by_side_each_with_its_outlet_and_day() -> None:
    claims = (
        Claim("Washington", "18 % agreed", "Gulf Wire", "https://gulf.example/1", NOW),
        Claim("Port and Loom", "15 % agreed", "Port and Loom", "", NOW),
    )
    assert facts(replace(message(), facts=(FactLine("US → India · 18 % or 15 %", claims=claims),))) == (
        "US → India · 18 % or 15 %",
        "Washington says: 18 % agreed (Gulf Wire, 22 Nov 2026)",
        "Port and Loom says: 15 % agreed (22 Nov 2026)",
    )


def test_a_message_without_a_headline_says_so() -> None:
    assert headline(replace(message(), headline="\u202e")) == "(no headline)"


def test_a_moment_is_told_in_indian_time_and_in_utc() -> None:
    assert moment(NOW) == "22 Nov 2026 14:30 IST (09:00 UTC)"


def test_a_moment_after_midnight_in_india_names_the_other_day_of_utc() -> None:
    assert moment(datetime(2026, 11, 30, 20, 0, tzinfo=UTC)) == "1 Dec 2026 01:30 IST (30 Nov 20:00 UTC)"


@pytest.mark.fault("S20")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Duty\r\nfree\u2028goods\tnow", "Duty free goods now"),
        ("a\x1b[31mred\x07", "a[31mred"),
        ("tariff\u202efirat\u2066x\u200b\ufeff", "tarifffiratx"),
        ("क्\u200dष and 👨\u200d👩\u200d👧", "क्\u200dष and 👨\u200d👩\u200d👧"),
        ("half \ud83d a pair", "half � a pair"),
    ],
)
def test_text_is_laid_on_one_line_without_what_forges_lines_or_reverses_words(text: str, line: str) -> None:
    assert one_line(text) == line


@given(st.text())
def test_one_line_is_one_printable_line_whatever_comes(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == one_line(line)
    line.encode()  # raises for half a surrogate pair


def checked(told: Message, *spare: str) -> tuple[Message, list[str]]:
    """What stands of it, and the words that were dropped."""
    kept, dropped = faithful(told, spare, ("Washington put 25% on India.",), SHIPPED, TODAY)
    return kept, [words for words, _ in dropped]


def test_what_changed_stays_where_the_quotes_carry_it() -> None:
    assert checked(message(changed="new figure 50%")) == (message(changed="new figure 50%"), [])


def test_what_changed_is_dropped_where_no_sentence_carries_it_and_the_quotes_stand_alone() -> None:
    assert checked(message(changed="new figure 26%")) == (message(), ["new figure 26%"])


def test_a_line_of_facts_rests_on_its_quote_and_on_what_the_ledger_keeps() -> None:
    carried = FactLine("US → India · 25 % → 18 % · agreed", "The United States agreed to 18%.")
    told = replace(message(), facts=(carried,))
    assert checked(told) == (told, [])


@pytest.mark.parametrize(
    "line",
    [
        "US → India · 25 % → 15 % · agreed",
        "US → Brazil · 18 % · agreed",
        "US → India · 18 % · agreed · from 3 Mar 2026",
    ],
)
def test_a_line_of_facts_with_a_figure_party_or_day_that_nobody_told_is_dropped(line: str) -> None:
    told = replace(message(), facts=(FactLine(line, "The United States agreed to 18%."),))
    assert checked(told) == (message(), [line])


def test_an_outlet_of_the_card_carries_its_own_name() -> None:
    told = message(changed="official: Trade Notices", sources=(source("Trade Notices", 0, official=True),))
    assert checked(told)[0] == told


def test_a_sentence_of_the_article_that_carries_the_words_takes_the_last_quote_s_place() -> None:
    told = replace(message(changed="new figure 26%"), quotes=("One.", "Two.", "Three."))
    kept, dropped = checked(told, "Four.", "The duty on steel is 26%.")
    assert (kept.quotes, kept.changed, dropped) == (("One.", "Two.", "The duty on steel is 26%."), told.changed, [])


def test_a_model_s_summary_is_marked_with_its_name_and_goes_through_the_same_gate() -> None:
    told = replace(message(), summary="The duty rises to 50%.", summary_by="t5")
    assert written(told) == "Summary (written by t5): The duty rises to 50%."
    assert checked(told) == (told, [])
    assert checked(replace(told, summary="The duty falls to 50%.")) == (
        replace(told, summary=""),
        ["The duty falls to 50%."],
    )
    assert written(message()) == ""
