"""A watchlist is added, replaced or removed in a YAML text, and nothing else in it moves."""

import re
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.watchlist_text import entry_in, with_watchlist

CONFIG = Path(__file__).parents[1] / "config.yaml"
DESK = """\
# The desk.
channel: "#trade"  # ours

watchlists:
  # the sea
  - name: shrimp
    query: >-
      $US
      sector:seafood

    severity: medium  # for now
    # until they ask for more

  - {name: oil, query: $RUSSIAN_OIL}  # flow
  - query: steel   # the name comes last
    name: steel

feeds: []  # none
"""
SHRIMP = """\
name: shrimp
query: >-
  $US
  sector:seafood

severity: medium  # for now"""


def edited(text: str, name: str, entry: str) -> str:
    return with_watchlist(text.encode(), name, entry, "config.yaml")


def test_an_entry_is_read_as_it_is_written_comments_too() -> None:
    assert entry_in(DESK.encode(), "shrimp", "config.yaml") == SHRIMP
    assert entry_in(DESK.encode(), "oil", "config.yaml") == "{name: oil, query: $RUSSIAN_OIL}  # flow"
    assert entry_in(DESK.encode(), "tea", "config.yaml") == ""


def test_a_replaced_entry_leaves_every_other_line_as_it_was() -> None:
    new = "name: shrimp\nquery: |\n  $US\n  prawns\nowner: Priya"
    text = edited(DESK, "shrimp", new)
    before, after = DESK.split("  - name: shrimp\n")
    kept = after[after.index("    # until they ask") :]
    assert text == f"{before}  - name: shrimp\n    query: |\n      $US\n      prawns\n    owner: Priya\n{kept}"
    assert entry_in(text.encode(), "shrimp", "x") == new


@pytest.mark.parametrize("name", ["shrimp", "oil", "steel"])
def test_there_and_back_is_the_same_text_to_the_letter(name: str) -> None:
    entry = entry_in(DESK.encode(), name, "config.yaml")
    there = edited(DESK, name, f"name: {name}\nquery: other")
    assert there != DESK
    assert edited(there, name, entry) == DESK


def test_every_shipped_watchlist_can_be_changed_and_changed_back() -> None:
    shipped = CONFIG.read_text("utf-8")
    names = re.findall(r"^  - name: (\S+)$", shipped, re.MULTILINE)
    assert len(names) > 15
    for name in names:
        entry = entry_in(shipped.encode(), name, "config.yaml")
        there = edited(shipped, name, f"name: {name}\nquery: other  # for now")
        assert edited(there, name, entry) == shipped
        assert entry_in(edited(shipped, name, "").encode(), name, "config.yaml") == ""


def test_a_new_one_comes_after_the_last_one() -> None:
    block = "watchlists:\n  - name: a\n    query: >-\n      b\n\n\nfeeds: []\n"
    assert edited(block, "tea", "{name: tea, query: tea}") == block.replace(
        "b\n\n", "b\n  - {name: tea, query: tea}\n\n"
    )
    text = edited(DESK, "tea", "name: tea\nquery: tea")
    assert text == DESK.replace("    name: steel\n", "    name: steel\n  - name: tea\n    query: tea\n")


def test_a_removed_one_goes_with_its_lines_and_the_comments_around_it_stay() -> None:
    text = edited(DESK, "oil", "")
    assert text == DESK.replace("  - {name: oil, query: $RUSSIAN_OIL}  # flow\n", "")
    assert "# the sea" in edited(DESK, "shrimp", "")


def test_what_is_not_there_is_removed_without_a_change() -> None:
    assert edited(DESK, "tea", "") == DESK


def test_the_only_one_can_go_and_come_back() -> None:
    one = "watchlists:  # ours\n- name: a\n  query: b\nfeeds: []\n"
    none = edited(one, "a", "")
    assert none == "watchlists: []  # ours\nfeeds: []\n"
    assert edited(none, "a", "name: a\nquery: b") == "watchlists: # ours\n  - name: a\n    query: b\nfeeds: []\n"


@pytest.mark.parametrize(
    ("text", "longer"),
    [
        ("", "watchlists:\n  - name: a\n    query: b\n"),
        ("feeds: []", "feeds: []\nwatchlists:\n  - name: a\n    query: b\n"),
        ("watchlists:\nfeeds: []\n", "watchlists:\n  - name: a\n    query: b\nfeeds: []\n"),
        ("watchlists:\n- {name: z, query: z}\n", "watchlists:\n- {name: z, query: z}\n- name: a\n  query: b\n"),
    ],
    ids=["an empty file", "no list", "a list without a value", "a list that is not indented"],
)
def test_a_file_without_any_gets_its_first(text: str, longer: str) -> None:
    assert edited(text, "a", "name: a\nquery: b") == longer


def test_line_ends_and_the_byte_order_mark_are_kept() -> None:
    text = "\ufeff" + DESK.replace("\n", "\r\n")
    longer = edited(text, "shrimp", "name: shrimp\nquery: prawns")
    assert longer.startswith("\ufeff# The desk.\r\n")
    assert longer.count("\n") == longer.count("\r\n")


def test_a_list_in_brackets_is_refused_with_what_to_do() -> None:
    with pytest.raises(
        ConfigError, match=r"^config\.yaml:1: this list stands in brackets .* — change the file by hand"
    ):
        edited("watchlists: [{name: a, query: b}]\n", "a", "name: a\nquery: c")


def test_what_would_say_something_else_than_is_wanted_is_refused() -> None:
    with pytest.raises(ConfigError, match="watchlist b cannot be changed by the program without touching"):
        edited("watchlists:\n  - {name: a, query: b}\n", "b", "name: c\nquery: d")


def test_a_text_that_is_no_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"^config\.yaml:3: is not YAML"):
        edited("watchlists:\n - name: [\n", "a", "")
