"""A long text is cut where it may be cut, and nothing of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.passages import SIZE, passages

SENTENCE = "The committee met on Monday and heard the exporters. "


def test_a_short_text_is_one_passage() -> None:
    assert passages("Rain fell in Kochi.") == ["Rain fell in Kochi."]


def test_no_text_is_one_empty_passage_so_that_the_title_is_read() -> None:
    assert passages("") == [""]


def test_paragraphs_share_a_passage_while_there_is_room() -> None:
    assert passages("One.\n\nTwo.\n\nThree.", size=12) == ["One.\n\nTwo.\n\n", "Three."]


def test_a_long_paragraph_is_cut_between_its_sentences() -> None:
    assert set(passages(SENTENCE * 40)) == {
        SENTENCE * (SIZE // len(SENTENCE)),
        SENTENCE * (40 % (SIZE // len(SENTENCE))),
    }


def test_a_sentence_longer_than_a_passage_is_cut_all_the_same() -> None:
    assert [len(part) for part in passages("x" * 25, size=10)] == [10, 10, 5]


@pytest.mark.parametrize("end", [".", "।", "?"])
def test_sentences_end_where_their_script_ends_them(end: str) -> None:
    assert passages(f"aaaa{end} bbbb{end} cccc{end}", size=12) == [f"aaaa{end} bbbb{end} ", f"cccc{end}"]


@given(st.text(alphabet="ab .\n?", max_size=400), st.integers(1, 40))
def test_nothing_is_lost_and_nothing_is_longer_than_asked(text: str, size: int) -> None:
    parts = passages(text, size)
    assert "".join(parts) == text
    assert all(len(part) <= size for part in parts)
