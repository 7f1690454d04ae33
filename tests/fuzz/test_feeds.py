"""A few seconds of the fuzzing, with the same seed each time: it shows that the harness works, and holds what was found."""

import random
import time

import pytest

from tests.fuzz.feeds import check, seeds, wander


def test_some_thousand_mangled_feeds_break_no_promise() -> None:
    new = list(wander(time.monotonic() + 5, random.Random(1), seeds()))
    assert len(new) > 5


@pytest.mark.parametrize(
    "data",
    [b'<rss version="2.0"><channel><title>F</title><item'],
    ids=["half a tag at the end"],
)
def test_what_fuzzing_found_stays_mended(data: bytes) -> None:
    check(data)
