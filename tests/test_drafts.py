"""Drafts: what is wrong with what people fill in, in words, and the entry that comes of it, with all else left as it was."""

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import ConfigError
from bot.interactive.drafts import Draft, draft_in, entry_of, typed_query, wrong
from bot.watchlists import compile_watchlist
from tests.makers import a_vocabulary

ENTRY = """\
name: shrimp  # ours
# Prawns as well.
query: >-
  SENT($INDIA $US)
  sector:seafood

channels: ["#sea", C0123456789]
languages: [en]
owner: Priya"""


def complaints(**changes: Any) -> dict[str, str]:
    draft = replace(Draft("shrimp", "shrimp"), **changes)
    return wrong(draft, lambda told: compile_watchlist(told.name, told.query, a_vocabulary()))


def test_what_is_right_is_not_complained_of() -> None:
    assert complaints(severity="high", until="2026-12-31", owner="Priya: sea") == {}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "Shrimp duties"}, "name", "'Shrimp duties' is no name — write small letters"),
        ({"name": ""}, "name", "'' is no name"),
        ({"query": " "}, "query", "is empty — write words"),
        ({"query": "SENT(shrimp"}, "query", 'the query ends too early at ▲: SENT(shrimp▲ — expected ")"'),
        ({"query": "$TARIF"}, "query", "there is no set $TARIF at ▲: ▲$TARIF — did you mean $TARIFF?"),
        ({"until": "soon"}, "until", "'soon' is no day — write it like 2026-12-31"),
        ({"owner": "\u200b"}, "owner", "is empty or holds signs that cannot be shown"),
    ],
)
def test_what_is_wrong_is_told_of_its_field(changes: dict[str, str], field: str, words: str) -> None:
    found = complaints(**changes)
    assert list(found) == [field]
    assert found[field].startswith(words)


def test_of_a_long_query_what_stands_around_the_fault_is_shown() -> None:
    shown = complaints(query=f"{'steel OR ' * 50}$TARIF {'OR steel ' * 50}")["query"]
    assert "steel OR ▲$TARIF OR steel" in shown
    assert len(shown) < 150


def test_an_entry_that_is_not_changed_stays_to_the_letter() -> None:
    assert entry_of(ENTRY, draft_in(ENTRY)) == ENTRY
    assert (
        entry_of(ENTRY, Draft("shrimp", "SENT($INDIA $US)\nsector:seafood", ("C0123456789",), owner="Priya")) == ENTRY
    )


def test_a_change_touches_its_own_lines_and_a_channel_by_its_name_stays() -> None:
    changed = Draft("shrimp", "sector:seafood\n  $TARIFF", ("C0999999999",), "high", "2026-12-31", deliver="digest")
    assert (
        entry_of(ENTRY, changed)
        == """\
name: shrimp  # ours
# Prawns as well.
query: |-
  sector:seafood
    $TARIFF

channels: ["#sea", "C0999999999"]
languages: [en]
severity: high
until: 2026-12-31
deliver: digest"""
    )


def test_a_new_entry_has_what_was_filled_in_and_no_more() -> None:
    assert entry_of("", Draft("sea", "shrimp # prawns")) == "name: sea\nquery: >-\n  shrimp # prawns"
    assert draft_in(entry_of("", Draft("sea", 'a: "b" # c'))) == Draft("sea", 'a: "b" # c')


def test_an_owner_of_any_words_is_one_text() -> None:
    draft = Draft("sea", "shrimp", owner='Priya: "sea" # desk')
    assert draft_in(entry_of("", draft)) == draft


def test_an_entry_in_brackets_is_left_to_people() -> None:
    with pytest.raises(
        ConfigError, match="stands in brackets and cannot be changed by the program — change the file by"
    ):
        entry_of("{name: sea, query: shrimp}", Draft("sea", "prawns"))


def test_quotes_that_a_keyboard_curls_are_straight_in_a_query() -> None:
    assert typed_query(" “trade deal” OR ‘x’\u00a0\n$TARIFF ") == "\"trade deal\" OR 'x'\n$TARIFF"


def test_a_form_that_shows_every_channel_can_take_away_those_that_are_written_by_name() -> None:
    draft = replace(draft_in(ENTRY), channels=("#fish",))
    assert 'channels: ["#fish"]\n' in entry_of(ENTRY, draft, whole=True)
    assert 'channels: ["#sea", "#fish"]\n' in entry_of(ENTRY, draft)
    assert "channels:" not in entry_of(ENTRY, replace(draft, channels=()), whole=True)
