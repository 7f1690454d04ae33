"""Highlights: the places of a text that spoke, cut so that none overlaps another."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.examination import Read
from bot.highlights import FACT, PLACES, SECTOR, WORD, Highlight, highlights, pieces
from bot.verdicts import Verdict
from bot.vocabulary import Hit, Mention
from tests.ledger_makers import a_fact
from tests.makers import an_analysis, an_article

TEXT = "US to raise tariff on shrimp"


def lying(start: int, end: int, label: str, kind: str = WORD) -> Highlight:
    return Highlight(start, end, kind, label)


def test_places_that_overlap_are_cut_where_each_begins_and_ends() -> None:
    found = pieces(TEXT, [lying(0, 18, "fact 1", FACT), lying(12, 28, "tariffs")])
    assert [(one.text, one.labels) for one in found] == [
        ("US to raise ", ("fact 1",)),
        ("tariff", ("fact 1", "tariffs")),
        (" on shrimp", ("tariffs",)),
    ]
    assert found[1].kinds == (FACT, WORD)


def test_a_text_in_which_nothing_spoke_is_one_piece() -> None:
    assert [(one.text, one.labels) for one in pieces(TEXT, [])] == [(TEXT, ())]
    assert pieces("", [lying(0, 4, "a")]) == ()


def test_a_part_of_the_text_has_the_places_that_reach_into_it() -> None:
    found = pieces(TEXT, [lying(3, 14, "a"), lying(26, 99, "b")], 12, 26)
    assert [(one.text, one.labels) for one in found] == [("ta", ("a",)), ("riff on shri", ())]


places = st.tuples(st.integers(-2, 40), st.integers(-2, 40), st.sampled_from("abc"))


@given(st.text(max_size=30), st.lists(places, max_size=8))
def test_the_pieces_joined_are_the_text_and_each_has_just_what_lies_over_it(
    text: str, drawn: list[tuple[int, int, str]]
) -> None:
    over = [lying(*one) for one in drawn]
    found, at = pieces(text, over), 0
    assert "".join(one.text for one in found) == text
    for piece in found:
        last = at + len(piece.text)
        assert piece.text
        assert set(piece.highlights) == {one for one in over if one.start <= at and last <= one.end}
        at = last


def test_facts_words_that_fired_and_sectors_are_found_in_the_order_of_the_text() -> None:
    article = an_article(title=TEXT, text="")
    analysis = an_analysis(facts=(a_fact(start=0, end=28),), sectors=(Mention("gems_jewellery", 22, 28),))
    fired = Verdict("tariff", True, (Hit(12, 18, "tariff", 0, 3, 3),))
    missed = replace(fired, fired=False)
    found = highlights(Read(article, analysis, verdicts=(("a", fired), ("b", missed))))
    assert [(one.start, one.kind, one.label) for one in found] == [
        (0, FACT, "fact 1"),
        (12, WORD, "a"),
        (22, SECTOR, "gems jewellery"),
    ]


def test_a_label_is_shown_where_it_stands_first() -> None:
    sectors = Mention("steel", 0, 5), Mention("steel", 6, 11)
    found = highlights(Read(an_article(title="Steel steel", text=""), an_analysis(sectors=sectors)))
    shown = [[one.label for one in piece.begun] for piece in pieces("Steel steel", found)]
    assert shown == [["steel"], [], []]
    cut = pieces(TEXT, [Highlight(0, 18, FACT, "fact 1", first=True), lying(3, 5, "a")])
    assert [[one.label for one in piece.begun] for piece in cut] == [["fact 1"], [], [], []]


def test_a_word_that_stands_everywhere_is_marked_where_it_begins_to() -> None:
    sectors = tuple(Mention("steel", at, at + 5) for at in range(0, 300, 6))
    found = highlights(Read(an_article(title="steel " * 50, text=""), an_analysis(sectors=sectors)))
    assert [one.start for one in found] == list(range(0, 6 * PLACES, 6))
