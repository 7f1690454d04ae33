"""Which texts a model reads at once."""

import pytest

from bot.nlp.lots import lots


def test_texts_of_like_length_are_read_together_the_longest_first() -> None:
    assert lots([3, 9, 1, 8], 2) == [[1, 3], [0, 2]]


@pytest.mark.parametrize("size", [1, 2, 64])
def test_each_text_is_read_once_whatever_the_size_of_a_lot(size: int) -> None:
    taken = lots([5, 5, 2, 7, 0], size)
    assert sorted(n for lot in taken for n in lot) == [0, 1, 2, 3, 4]
    assert max(map(len, taken)) <= size


def test_no_texts_are_no_lots() -> None:
    assert lots([], 8) == []
