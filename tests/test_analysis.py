"""Analysis: figures, genres and names, and the record they make."""

from dataclasses import replace

import pytest

from bot.analysis import LABELS, Why, analyze, figures, genre, names
from bot.reading import Entity, Reading
from bot.vocabulary import Mention
from tests.makers import an_article, scores


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a 25% tariff", ("25%",)),
        ("a 25 % tariff", ("25%",)),
        ("a 25 per cent tariff", ("25%",)),
        ("a 25 percent tariff", ("25%",)),
        ("a 25-per cent tariff", ("25%",)),
        ("25 PERCENT", ("25%",)),
        ("up 25pc on the year", ("25%",)),
        ("up 2 percentage points", ("2%",)),
        ("0.50% or 12,5%", ("0.5%", "12.5%")),
        ("cut from 25% to 18%, not 25%", ("25%", "18%")),
    ],
)
def test_a_rate_has_one_spelling_however_it_is_written(text: str, found: tuple[str, ...]) -> None:
    assert figures(text) == found


def test_a_rate_of_thousands_is_not_taken_for_a_small_one() -> None:
    assert figures("Tariffs of up to 3,521% on solar panels") == ("3521%",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$500 billion", ("$500bn",)),
        ("US$500 bn", ("$500bn",)),
        ("$59.04 billion", ("$59.04bn",)),
        ("$500, and more", ("$500",)),
        ("Rs 1,50,000 crore", ("rs150000cr",)),
        ("Rs. 2 lakh crore", ("rs2lakhcr",)),
        ("₹500 crore", ("rs500cr",)),
        ("€3 mn and £4 trillion", ("€3mn", "£4tn")),
        ("a $500m fine on a $30b firm", ("$500mn", "$30bn")),
    ],
)
def test_a_sum_of_money_has_one_spelling_however_it_is_written(text: str, found: tuple[str, ...]) -> None:
    assert figures(text) == found


def test_rates_and_sums_stand_in_the_order_of_the_text_each_once() -> None:
    assert figures("$2 billion, 10%, $3 billion, then 10% and $2bn") == ("$2bn", "10%", "$3bn")


@pytest.mark.parametrize("text", ["", "Section 232", "in 2026", "MH370%", "v1.2.3", "Rs", "50 pcs", "G20 and BRICS"])
def test_what_is_no_figure_is_not_one(text: str) -> None:
    assert figures(text) == ()


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("US to raise tariff on Indian shrimp", ""),
        ("School Assembly News Headlines, 3 March", "digest"),
        ("Stocks to watch: Infosys, Tata Steel", "digest"),
        ("Trump tariffs live updates: markets fall", "live"),
        ("LIVE: Goyal speaks on the trade deal", "live"),
        ("Opinion: The tariff we deserve", "opinion"),
        ("Editorial | A bad deal", "opinion"),
        ("Explained: what Section 232 means", "explainer"),
        ("What is a countervailing duty", "explainer"),
        ("Will the US cut its tariff on India?", "question"),
        ("Will the US cut its tariff? - The Deccan Ledger", "question"),
        ("Is it over? India waits for the order", ""),
        ("Lives lost at sea as shrimp exports fall", ""),
        ("Columnist sued over tariff remarks", ""),
    ],
)
def test_the_genre_is_told_from_the_title(title: str, kind: str) -> None:
    assert genre(title) == kind


def test_names_are_those_of_people_places_and_bodies_each_once_in_order() -> None:
    entities = (
        Entity("Goyal", "PERSON", 0, 5),
        Entity("25%", "PERCENT", 6, 9),
        Entity("USTR", "ORG", 10, 14),
        Entity("Goyal", "PERSON", 20, 25),
        Entity("Monday", "DATE", 26, 32),
    )
    assert names(Reading("", (), entities)) == (entities[0], entities[2])


def test_an_analysis_of_an_article_that_was_not_read_has_its_figures_and_genre() -> None:
    article = an_article(title="Will the duty be 25%?", text="It may be 30 per cent.")
    analysis = analyze(article, scores())
    assert (analysis.article_id, analysis.figures, analysis.genre) == ("a1", ("25%", "30%"), "question")
    assert (analysis.entities, analysis.sectors, analysis.why, analysis.quotes) == ((), (), (), ())


def test_an_analysis_holds_what_the_reading_found() -> None:
    reading = Reading("India", (), (Entity("India", "GPE", 0, 5),))
    mention, why = Mention("seafood", 0, 5), Why("tariffs", ("tariff",))
    analysis = analyze(an_article(), scores(), reading=reading, sectors=(mention,), why=(why,), quotes=("He said.",))
    assert analysis.entities == reading.entities
    assert (analysis.sectors, analysis.why, analysis.quotes) == ((mention,), (why,), ("He said.",))


def test_only_what_rules_decided_counts_as_unscored() -> None:
    analysis = analyze(an_article(), scores(*LABELS))
    assert analysis.scored
    assert not replace(analysis, scores=scores(by="rules")).scored
