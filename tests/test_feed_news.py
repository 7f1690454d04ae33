"""What is told of a feed besides its articles, and how a list shows it."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.feed_news import condition, news
from bot.feeds import FeedState, host
from tests.line import store_at
from tests.makers import DAY, FEED, HOUR, NOW, a_feed

READ = FeedState(FEED, polled_at=NOW, ok_at=NOW, status=200, items=20)
MOVED = replace(READ, moved_to="https://a.example/new", moved_at=NOW - DAY, moved_looks=3)
LEFT = replace(MOVED, moved_to="https://b.example/new")
FAILING = replace(READ, failing_since=NOW - 8 * DAY, errors=20, error="http_404: Not Found", status=404)


def told(before: FeedState, after: FeedState) -> list[tuple[str, bool]]:
    """Names, and whether the keepers of the desk are told too."""
    return [(one.name, bool(one.key)) for one in news(a_feed(), before, after, NOW, host)]


def test_a_poll_that_went_as_ever_is_no_news() -> None:
    assert told(READ, READ) == told(MOVED, MOVED) == told(FeedState(FEED), READ) == []


def test_a_move_within_the_site_is_for_the_log_and_one_out_of_it_for_people() -> None:
    assert told(replace(MOVED, moved_looks=2), MOVED) == [("feed_moved", False)]
    assert told(replace(LEFT, moved_looks=2), LEFT) == [("feed_moved", True)]


def test_a_second_410_is_told_and_a_first_is_not() -> None:
    gone = replace(READ, status=410, errors=1, error="http_410: Gone", failing_since=NOW)
    assert told(READ, gone) == []
    assert told(gone, replace(gone, errors=2)) == [("feed_gone", True)]


def test_a_week_of_failures_is_told_once() -> None:
    assert told(replace(FAILING, polled_at=NOW - 2 * DAY), FAILING) == [("feed_failing", True)]
    assert told(FAILING, FAILING) == []


def test_a_feed_that_never_had_much_may_stand_empty() -> None:
    assert told(READ, replace(READ, items=0)) == [("feed_emptied", False)]
    assert told(replace(READ, items=3), replace(READ, items=0)) == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (FeedState(FEED), "not asked yet"),
        (READ, "20 items, last read 2026-03-02 09:30 UTC"),
        (FAILING, "fails since 2026-02-22 09:30 UTC: http_404: Not Found"),
        (replace(READ, not_before=NOW + HOUR), "not asked before 2026-03-02 10:30 UTC, as its server wants it"),
        (MOVED, "has moved for good, and is asked at https://a.example/new"),
        (LEFT, "is sent on for good to another site, https://b.example/new, and still asked where it was"),
        (replace(READ, ok_at=None, error="dns: no"), "dns: no"),
    ],
)
def test_a_list_says_how_a_feed_is_doing(state: FeedState, words: str) -> None:
    assert words in condition(state, host)


def test_the_list_of_feeds_shows_what_the_store_knows(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        f"channel: '#desk'\nstore: sqlite:///{tmp_path}/store.db\nfeeds: [{{url: {FEED}, outlet: A}}]\n"
        "watchlists: [{name: w, query: tariff}]\n"
    )
    assert "not asked yet" in CliRunner().invoke(app, ["feeds", "list", "-c", str(config)]).output
    store = store_at(tmp_path / "store.db")
    store.save_states([READ])
    store.close()
    assert "20 items, last read" in CliRunner().invoke(app, ["feeds", "list", "-c", str(config)]).output
