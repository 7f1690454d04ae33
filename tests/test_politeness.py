"""Politeness: the log of requests, judged as those judge it who own the feeds."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.app import clock
from bot.cli import app
from bot.feeds import FeedState, Fetched, ParsedFeed, Request, after_failure, after_success, fingerprint, host, logged
from bot.politeness import Manners, politeness
from bot.politeness_lines import as_json, lines
from tests.line import store_at
from tests.makers import DAY, FEED, HOUR, MINUTE, NOW, a_feed

ETAG, DATED, BOTH = fingerprint('"1"', None), fingerprint(None, "Mon"), fingerprint('"1"', "Mon")


def asked(after: timedelta = timedelta(0), **changes: object) -> Request:
    request = Request(NOW + after, FEED, 200, "", "", ETAG, same=False, size=1000, ms=80, wish=0)
    return replace(request, **changes)  # type: ignore[arg-type]  # names are checked at run time


def judged(*log: Request) -> Manners:
    return politeness(log, host).all


def test_a_feed_asked_hourly_with_its_validators_is_one_that_nobody_objects_to() -> None:
    log = [asked(), *(asked(n * HOUR, status=304, sent=ETAG, given="") for n in range(1, 5))]
    found = judged(*log)
    assert (found.score, found.broken, found.requests, found.conditional, found.shortest) == (100, 0, 5, 4, 3600)


def test_asking_for_all_of_it_again_is_held_against_us() -> None:
    assert judged(asked(), asked(DAY)).again == 1
    assert judged(asked(), asked(HOUR, error="http_500"), asked(2 * HOUR, sent=ETAG)).again == 1


@pytest.mark.parametrize("sent", [fingerprint('"2"', None), BOTH, DATED])
def test_validators_that_we_were_not_given_are_bogus(sent: str) -> None:
    assert judged(asked(), asked(HOUR, sent=sent)).bogus == 1


def test_a_304_that_brings_one_validator_leaves_the_other_as_it_was() -> None:
    new = fingerprint('"2"', None)
    merged = f"{new.rstrip('.')}{DATED}"
    log = [asked(given=BOTH), asked(HOUR, sent=BOTH, status=304, given=new), asked(2 * HOUR, sent=merged, status=304)]
    assert judged(*log).bogus == 0
    assert judged(*log[:2], asked(2 * HOUR, sent=BOTH)).bogus == 1


def test_what_the_log_does_not_reach_back_to_is_not_held_against_us() -> None:
    assert judged(asked(sent=ETAG, status=304, given=""), asked(HOUR, sent=ETAG)).broken == 0


def test_a_floor_that_was_not_kept_is_a_broken_promise_and_less_than_an_hour_a_matter_of_taste() -> None:
    found = judged(asked(), asked(9 * MINUTE, sent=ETAG), asked(40 * MINUTE, sent=ETAG))
    assert (found.early, found.often, found.broken, found.polite, found.shortest) == (1, 2, 1, 1, 540)


def test_a_clock_that_was_set_back_makes_no_request_early() -> None:
    assert judged(asked(), asked(-DAY, sent=ETAG)).broken == 0


@pytest.mark.parametrize(("wish", "after", "pressed"), [(3600, 50, 1), (3600, 61, 0), (0, 12, 1), (0, 16, 0)])
def test_a_site_that_asked_to_be_left_alone_is_that_for_all_of_its_feeds(wish: int, after: int, pressed: int) -> None:
    busy = asked(status=429, error="http_429", given="", wish=wish)
    found = politeness([busy, asked(after * MINUTE, url="https://b.a.example/x")], lambda url: "a.example")
    assert found.all.pressed == pressed


def test_what_went_out_together_with_a_429_could_not_know_of_it() -> None:
    busy = asked(status=429, error="http_429", wish=60)
    assert politeness([busy, asked(url="https://b.a.example/x")], lambda url: "a.example").all.pressed == 0


def test_a_feed_without_validators_is_one_for_once_a_day() -> None:
    found = judged(asked(given=""), asked(HOUR, given="", same=True), asked(30 * HOUR, given=""))
    assert (found.whole, found.again, found.same, found.broken) == (1, 0, 1, 0)


def test_hosts_and_feeds_are_told_apart_the_worst_first() -> None:
    fine, bad = "https://fine.example/rss", "https://bad.example/rss"
    found = politeness([asked(url=fine), asked(url=bad), asked(MINUTE, url=bad)], host)
    assert [one.of for one in found.hosts] == ["bad.example", "fine.example"]
    assert [(one.of, one.score) for one in found.feeds] == [(bad, 50), (fine, 100)]
    assert (found.all.requests, found.all.size) == (3, 3000)


def test_a_request_is_logged_with_what_went_out_and_what_was_kept() -> None:
    feed, before = a_feed(), FeedState(FEED, etag='"1"')
    fetched = Fetched(FEED, 200, b"<rss/>", etag='"2"', size=6, took=timedelta(seconds=0.25))
    after = after_success(feed, before, fetched, ParsedFeed("", ()), NOW)
    given = fingerprint('"2"', None)
    assert logged(before, fetched, after, NOW) == Request(NOW, FEED, 200, "", ETAG, given, False, 6, 250, 0)
    cut = after_success(feed, before, fetched, ParsedFeed("", (), cut=True), NOW)
    assert logged(before, fetched, cut, NOW).given == ""
    busy = Fetched(FEED, 429, etag='"3"', error="http_429: later", retry_after=MINUTE)
    failed = logged(before, busy, after_failure(feed, before, busy, NOW), NOW)
    assert (failed.error, failed.given, failed.wish) == ("http_429", "", 60)


def test_the_report_says_what_to_change() -> None:
    found = politeness([asked(), asked(MINUTE), asked(2 * MINUTE, url="https://b.example/rss", given="")], host)
    text = "\n".join(lines(found, NOW))
    assert "3 requests for 2 feeds at 2 hosts since 2026-03-02" in text
    assert "score 66 of 100 by the strictest owners; 1 of them broke our own promises" in text
    assert "1 without the validators we had, 1 before the floor of 10 minutes, 1 within an hour" in text
    assert "please report them" in text
    assert "`every: 1h`" in text


def test_the_report_as_json_has_the_same_counts() -> None:
    told = json.loads(as_json(politeness([asked(), asked(MINUTE)], host), NOW))
    assert (told["requests"], told["broken"], told["score"]) == (2, 1, 50)
    assert (told["feeds"][0]["early"], told["hosts"][0]["of"]) == (1, "a.example")


def test_the_command_fails_when_a_promise_was_broken(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        f"channel: '#desk'\nstore: sqlite:///{tmp_path}/store.db\nfeeds: [{{url: {FEED}, outlet: A}}]\n"
        "watchlists: [{name: w, query: tariff}]\n"
    )
    nothing = CliRunner().invoke(app, ["politeness", "-c", str(config)])
    assert (nothing.exit_code, nothing.output.partition(" since")[0]) == (0, "No request is logged")
    store = store_at(tmp_path / "store.db")
    for after in (timedelta(0), MINUTE):
        store.save_feed(FeedState(FEED), [], replace(asked(), at=clock() - HOUR + after))
    store.close()
    found = CliRunner().invoke(app, ["politeness", "-c", str(config)])
    assert found.exit_code == 1
    assert "1 of them broke our own promises" in found.output
    assert json.loads(CliRunner().invoke(app, ["politeness", "--json", "-c", str(config)]).output)["requests"] == 2
