"""Versions: what is written down of a watchlist, what it goes back to, and how a change is shown."""

from dataclasses import replace

from bot.versions import ADDED, CHANGED, REMOVED, UNDONE, Version, Written, before, difference, moved, undone
from tests.makers import HOUR, NOW

FIRST = Written("shrimp", "name: shrimp\nquery: prawns", "config.yaml", "priya")
SECOND = replace(FIRST, entry="name: shrimp\nquery: prawns OR shrimp", who="anil")


def history(*states: Written | None) -> list[Version]:
    """What is kept once each of these has stood in the files, one after the other; None: it did not."""
    kept: list[Version] = []
    for n, state in enumerate(states):
        kept += moved(kept, [state] if state else [], NOW + n * HOUR)
    return kept


def test_each_state_is_written_down_once_with_when_who_and_what() -> None:
    kept = history(FIRST, FIRST, SECOND, None, None, FIRST)
    assert [(one.number, one.what, one.who, (one.at - NOW) // HOUR) for one in kept] == [
        (1, ADDED, "priya", 0),
        (2, CHANGED, "anil", 2),
        (3, REMOVED, "", 3),
        (4, ADDED, "priya", 5),
    ]
    assert kept[2].entry == ""


def test_one_that_moves_to_another_file_has_changed() -> None:
    kept = history(FIRST, replace(FIRST, file="watchlists/sea.yaml"))
    assert kept[1].what == CHANGED
    assert difference(kept[0], kept[1]) == ("-file config.yaml", "+file watchlists/sea.yaml")


def test_one_goes_back_to_the_version_before_the_last() -> None:
    kept = history(FIRST, SECOND)
    assert before(kept, SECOND) == kept[0]


def test_one_whose_file_was_changed_and_not_taken_goes_back_to_the_last_that_was() -> None:
    kept = history(FIRST, SECOND)
    assert before(kept, replace(SECOND, entry="name: shrimp\nquery: ((")) == kept[1]
    assert before(kept, None) == kept[1]


def test_before_its_first_version_there_was_none() -> None:
    assert (before(history(FIRST), FIRST).entry, before(history(FIRST), FIRST).what) == ("", REMOVED)


def test_what_is_undone_is_a_version_and_can_be_undone() -> None:
    kept = history(FIRST, SECOND)
    again = undone(kept, kept[0], "config.yaml", "root", NOW)
    assert (again.number, again.what, again.who, again.entry) == (3, UNDONE, "root", FIRST.entry)
    kept.append(again)
    assert moved(kept, [FIRST], NOW) == ()
    assert before(kept, FIRST) == kept[1]


def test_a_change_shows_the_lines_that_moved_and_what_stands_beside_them() -> None:
    kept = history(FIRST, SECOND, None)
    assert difference(None, kept[0]) == ("+name: shrimp", "+query: prawns")
    assert difference(kept[0], kept[1]) == (" name: shrimp", "-query: prawns", "+query: prawns OR shrimp")
    assert difference(kept[1], kept[2]) == ("-name: shrimp", "-query: prawns OR shrimp")
