"""Some hundred inputs, with the same seed each time: it shows that the harness works. Then what was found."""

import random
from itertools import islice
from math import inf
from pathlib import Path

import pytest

from tests.fuzz.driver import LONGEST, MOST_BYTES, MOST_KEPT, Border, checked, keep, wander, written
from tests.fuzz.feeds import BORDER as FEEDS
from tests.fuzz.mrkdwn import BORDER as MRKDWN
from tests.fuzz.queries import BORDER as QUERIES

of_each_border = pytest.mark.parametrize("border", [FEEDS, QUERIES, MRKDWN], ids=lambda border: border.name)


@of_each_border
def test_mangled_inputs_break_no_promise(border: Border) -> None:
    new = set(islice(wander(border, inf, random.Random(1)), 10))
    assert len(new) == 10


@of_each_border
def test_the_corpus_breaks_no_promise(border: Border) -> None:
    for path in sorted(border.corpus.iterdir()):
        checked(border, path.read_bytes())


@of_each_border
def test_the_corpus_is_small_enough_to_be_kept(border: Border) -> None:
    sizes = [path.stat().st_size for path in border.corpus.iterdir()]
    assert 0 < len(sizes) <= MOST_KEPT
    assert max(sizes) <= LONGEST
    assert sum(sizes) <= MOST_BYTES


def afraid_of_x(data: bytes) -> str:
    assert b"x" not in data
    return str(len(data) % 4)


def test_what_breaks_a_promise_is_written_down_and_told(tmp_path: Path) -> None:
    border = Border("letters", lambda: [b"abc"], (b"x",), afraid_of_x, home=tmp_path)
    with pytest.raises(AssertionError):
        list(wander(border, inf, random.Random(1)))
    (path,) = border.failures.iterdir()
    assert b"x" in path.read_bytes()


def test_of_what_was_found_the_smallest_of_each_path_are_kept_first(tmp_path: Path) -> None:
    border = Border("letters", list, (), lambda data: str(len(data) > MOST_KEPT), home=tmp_path)
    for length in range(1, 2 * MOST_KEPT):
        written(border.corpus if length % 3 else border.found, b"a" * length)
    keep(border)
    kept = {path.stat().st_size for path in border.corpus.iterdir()}
    assert kept == {*range(1, MOST_KEPT // 2 + 1), *range(MOST_KEPT + 1, MOST_KEPT + MOST_KEPT // 2 + 1)}
    assert not border.found.exists()


def test_a_corpus_takes_no_more_than_its_room(tmp_path: Path) -> None:
    border = Border("letters", list, (), lambda data: "", home=tmp_path)
    for length in range(LONGEST - MOST_KEPT, LONGEST + 2):
        written(border.found, b"a" * length)
    keep(border)
    sizes = [path.stat().st_size for path in border.corpus.iterdir()]
    assert max(sizes) <= LONGEST
    assert MOST_BYTES - LONGEST < sum(sizes) <= MOST_BYTES


@pytest.mark.parametrize(
    "data",
    [b'<rss version="2.0"><channel><title>F</title><item'],
    ids=["half a tag at the end"],
)
def test_what_fuzzing_found_in_feeds_stays_mended(data: bytes) -> None:
    checked(FEEDS, data)
