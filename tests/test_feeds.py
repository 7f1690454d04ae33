"""Feeds: every decision about when to poll, without a clock and without a network."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import feeds
from bot.feeds import Entry, Feed, FeedState, Fetched, FetchRequest, ParsedFeed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = "https://ledger.example/rss"
FEED = Feed(URL, "Ledger")
NEW = FeedState(URL)
GOOD = Fetched(URL, 200, b"<rss/>", etag='W/"a, b"', last_modified="Mon,  2 Jan 2023 odd")
LOCAL = ("file:///srv/feed.xml", "http://127.0.0.1:8000/rss", "http://localhost/rss", "http://[::1]:80/rss")


def entry(published: datetime | None) -> Entry:
    return Entry("Title", "", "", "", "", published)


def parsed(*dates: datetime | None, ttl: timedelta | None = None, cut: bool = False) -> ParsedFeed:
    return ParsedFeed("The Ledger", tuple(entry(date) for date in dates), ttl, cut)


def read(feed: Feed = FEED, state: FeedState = NEW, fetched: Fetched = GOOD, now: datetime = NOW) -> FeedState:
    return feeds.after_success(feed, state, fetched, parsed(), now)


def failed(
    status: int | None, error: str, *, state: FeedState = NEW, retry_after: timedelta | None = None
) -> FeedState:
    return feeds.after_failure(FEED, state, Fetched(URL, status, retry_after=retry_after, error=error), NOW)


def wait(state: FeedState) -> timedelta:
    assert state.next_due is not None
    return state.next_due - NOW


@pytest.mark.fault("P01")
def test_a_new_feed_is_due_at_once_and_asked_without_conditions() -> None:
    assert feeds.is_due(FEED, NEW, NOW)
    assert feeds.conditionals(NEW) == {}
    assert feeds.first_sight(NEW)


@pytest.mark.fault("P02", "P03", "P04")
def test_validators_go_back_word_for_word() -> None:
    assert feeds.conditionals(read()) == {"If-None-Match": 'W/"a, b"', "If-Modified-Since": "Mon,  2 Jan 2023 odd"}


@pytest.mark.fault("P02")
def test_a_validator_of_unreasonable_length_is_not_kept() -> None:
    assert read(fetched=replace(GOOD, etag="x" * 9000)).etag is None


@pytest.mark.fault("P33")
def test_a_document_cut_short_leaves_no_validators_so_that_it_is_asked_for_again() -> None:
    state = feeds.after_success(FEED, NEW, GOOD, parsed(cut=True), NOW)
    assert feeds.conditionals(state) == {}
    assert not feeds.first_sight(state)


def test_a_feed_without_validators_forgets_those_it_had() -> None:
    assert feeds.conditionals(read(state=read(), fetched=Fetched(URL, 200, b"<rss/>"))) == {}


def test_the_next_poll_is_an_interval_away_and_up_to_a_tenth_later_never_earlier() -> None:
    waits = {wait(read(replace(FEED, url=f"{URL}/{n}"))) for n in range(50)}
    assert min(waits) >= 15 * MINUTE
    assert max(waits) <= 16.5 * MINUTE
    assert len(waits) > 10


def test_the_interval_of_a_feed_does_not_wander() -> None:
    assert wait(read()) == wait(read(state=read()))


@pytest.mark.fault("P24")
@pytest.mark.parametrize(
    ("every", "ttl", "max_age", "expected"),
    [
        (15 * MINUTE, None, None, 15 * MINUTE),
        (MINUTE, None, None, 10 * MINUTE),
        (15 * MINUTE, 20 * MINUTE, None, 20 * MINUTE),
        (15 * MINUTE, 20 * MINUTE, HOUR, HOUR),
        (2 * HOUR, 20 * MINUTE, HOUR, 2 * HOUR),
        (15 * MINUTE, None, 30 * DAY, DAY),
        (3 * DAY, None, None, DAY),
    ],
)
def test_the_longest_wish_decides_within_floor_and_a_day(
    every: timedelta, ttl: timedelta | None, max_age: timedelta | None, expected: timedelta
) -> None:
    state = feeds.after_success(replace(FEED, every=every), NEW, replace(GOOD, max_age=max_age), parsed(ttl=ttl), NOW)
    assert expected <= wait(state) <= expected * 1.1


@pytest.mark.fault("P28", "P29")
def test_a_feed_just_polled_may_not_be_polled_again_before_the_floor_has_passed() -> None:
    state = replace(read(), next_due=None)
    assert not feeds.may_poll(FEED, state, NOW + 9 * MINUTE)
    assert not feeds.is_due(FEED, state, NOW + 9 * MINUTE)
    assert feeds.may_poll(FEED, state, NOW + 10 * MINUTE)


TIMES = st.none() | st.integers(-60, 60).map(lambda minutes: NOW + minutes * MINUTE)


@given(url=st.sampled_from([FEED.url, "file:///tmp/a.rss"]), next_due=TIMES, not_before=TIMES, polled_at=TIMES)
def test_when_a_feed_is_due_is_one_time_too(
    url: str, next_due: datetime | None, not_before: datetime | None, polled_at: datetime | None
) -> None:
    state = FeedState(url, next_due=next_due, not_before=not_before, polled_at=polled_at)
    assert feeds.is_due(replace(FEED, url=url), state, NOW) == (feeds.due_at(state) <= NOW)


def test_workers_take_turns_by_site_but_for_what_is_local() -> None:
    urls = ("https://a.b.example/rss", "http://localhost/rss", "file:///tmp/a.rss")
    assert [feeds.turn(url, lambda url: "b.example") for url in urls] == ["b.example", *urls[1:]]


@pytest.mark.fault("P29")
def test_an_explicit_run_does_not_wait_for_the_interval() -> None:
    assert feeds.may_poll(FEED, read(), NOW + 12 * MINUTE)
    assert not feeds.is_due(FEED, read(), NOW + 12 * MINUTE)


@pytest.mark.parametrize("url", LOCAL)
def test_what_lies_on_this_machine_has_no_floor_and_no_spacing(url: str) -> None:
    feed = Feed(url, "Here", every=timedelta(seconds=2))
    assert feeds.floor(feed) == timedelta(0)
    assert feeds.spacing(url) == timedelta(0)
    assert feeds.may_poll(feed, read(feed, FeedState(url)), NOW)


@pytest.mark.parametrize("url", [URL, "http://10.0.0.1/rss", "http://localhost.example.com/", "http://[::1/rss", "x"])
def test_everything_else_has_a_floor(url: str) -> None:
    assert feeds.floor(Feed(url, "There")) == 10 * MINUTE
    assert feeds.spacing(url) == timedelta(seconds=2)


def test_a_clock_set_back_silences_no_feed() -> None:
    state = feeds.mended(replace(read(now=NOW + 900 * DAY), not_before=NOW + 900 * DAY + HOUR), NOW)
    assert not feeds.may_poll(FEED, state, NOW + 59 * MINUTE)
    assert feeds.is_due(FEED, state, NOW + HOUR)


def test_a_clock_set_back_by_minutes_makes_no_poll_early() -> None:
    state = feeds.mended(read(), NOW - 5 * MINUTE)
    assert not feeds.may_poll(FEED, state, NOW + 4 * MINUTE)
    assert feeds.mended(read(), NOW) == read()


def test_the_same_bytes_again_are_no_news() -> None:
    assert feeds.unchanged(read(), GOOD)
    assert not feeds.unchanged(read(), replace(GOOD, body=b"<rss></rss>"))
    assert not feeds.unchanged(NEW, GOOD)
    assert not feeds.unchanged(read(), replace(GOOD, error="timeout: late"))


@pytest.mark.fault("P05")
def test_a_304_renews_validators_that_it_carries_and_keeps_the_others() -> None:
    state = feeds.after_not_modified(FEED, read(), Fetched(URL, 304, etag='"new"'), NOW + HOUR)
    assert (state.etag, state.last_modified, state.body_sha) == ('"new"', GOOD.last_modified, read().body_sha)
    assert (state.status, state.ok_at, state.polled_at) == (304, NOW + HOUR, NOW + HOUR)


@pytest.mark.fault("P22")
def test_any_good_answer_ends_a_series_of_failures() -> None:
    broken = failed(500, "http_500: oops", state=failed(500, "http_500: oops"))
    assert (broken.errors, broken.error, broken.status) == (2, "http_500: oops", 500)
    for state in (read(state=broken), feeds.after_not_modified(FEED, broken, Fetched(URL, 304), NOW)):
        assert (state.errors, state.error, state.not_before) == (0, "", None)


@pytest.mark.fault("P22")
def test_waits_double_with_each_failure_up_to_a_day_and_a_feed_is_never_given_up() -> None:
    state, waits = NEW, []
    for _ in range(40):
        state = failed(404, "http_404: Not Found", state=state)
        waits.append(wait(state))
    assert all(n <= w / (15 * MINUTE) <= n * 1.1 for n, w in zip((1, 2, 4, 8, 16, 32, 64), waits, strict=False))
    assert all(DAY <= w <= DAY * 1.1 for w in waits[8:])


@pytest.mark.parametrize("error", ["dns: Name or service not known", "refused: private address 10.0.0.1"])
def test_a_server_that_was_not_reached_is_asked_again_within_the_hour_so_that_an_outage_of_ours_ends_soon(
    error: str,
) -> None:
    state = NEW
    for _ in range(20):
        state = failed(None, error, state=state)
    assert wait(state) <= 33 * MINUTE


@pytest.mark.fault("P36")
def test_a_failure_keeps_what_was_known_of_the_feed() -> None:
    state = failed(500, "http_500: oops", state=read())
    kept = ("etag", "last_modified", "body_sha", "ok_at", "title", "newest", "items")
    assert [getattr(state, name) for name in kept] == [getattr(read(), name) for name in kept]


@pytest.mark.fault("P09", "P10", "P29")
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_left_alone_as_long_as_it_asks_even_by_explicit_runs(status: int) -> None:
    state = failed(status, f"http_{status}: later", retry_after=timedelta(seconds=3601))
    assert not feeds.may_poll(FEED, state, NOW + timedelta(seconds=3600))
    assert not feeds.is_due(FEED, state, NOW + timedelta(seconds=3600))
    assert feeds.is_due(FEED, state, NOW + timedelta(seconds=3601))


@pytest.mark.fault("P13")
def test_a_busy_server_that_names_no_time_is_left_alone_for_the_usual_wait() -> None:
    state = failed(429, "http_429: Too Many Requests")
    assert not feeds.may_poll(FEED, state, NOW + 14 * MINUTE)
    assert feeds.may_poll(FEED, state, NOW + 15 * MINUTE)


@pytest.mark.fault("P12")
def test_a_wish_of_years_is_obeyed_for_a_month() -> None:
    state = failed(503, "http_503: later", retry_after=timedelta(days=4000))
    assert state.not_before == NOW + 31 * DAY
    assert not feeds.is_due(FEED, state, NOW + 30 * DAY)
    assert feeds.is_due(FEED, state, NOW + 31 * DAY)


def test_a_short_wish_does_not_shorten_the_wait_after_many_failures() -> None:
    state = replace(NEW, errors=4)
    assert wait(failed(503, "http_503: later", state=state, retry_after=timedelta(seconds=1))) >= 4 * HOUR


def test_a_missing_file_is_looked_for_again_at_the_usual_interval() -> None:
    feed = Feed("file:///srv/feed.xml", "Here", every=timedelta(seconds=30))
    state = feeds.after_failure(feed, FeedState(feed.url, errors=9), Fetched(feed.url, error="file: none"), NOW)
    assert wait(state) <= timedelta(seconds=33)
    assert feeds.may_poll(feed, state, NOW)


def test_the_newest_date_is_remembered_and_never_lies_in_the_future() -> None:
    state = feeds.after_success(FEED, NEW, GOOD, parsed(NOW - DAY, None, NOW + 900 * DAY), NOW)
    assert state.newest == NOW
    assert feeds.newest(state, parsed(NOW - DAY), NOW + DAY) == NOW
    assert feeds.newest(NEW, parsed(None), NOW) is None


def test_requests_queue_up_by_host_in_their_order() -> None:
    urls = (
        "https://a.example/1",
        "https://b.example/1",
        "https://A.example:443/2",
        "http://[bad",
        "https://b.example/2",
    )
    queues = feeds.by_host(FetchRequest(url, {}) for url in urls)
    assert [[request.url for request in queue] for queue in queues] == [
        [urls[0], urls[2]],
        [urls[1], urls[4]],
        [urls[3]],
    ]


@pytest.mark.fault("P22", "P28")
@given(
    st.lists(st.sampled_from(["200", "304", "500", "429", "dns"]), min_size=1, max_size=30),
    st.lists(st.integers(0, 7200), min_size=30, max_size=30),
)
def test_whatever_servers_answer_no_feed_is_polled_twice_within_its_floor_or_left_alone_for_days(
    answers: list[str], pauses: list[int]
) -> None:
    state, now, last = NEW, NOW, None
    for answer, pause in zip(answers, pauses, strict=False):
        now += timedelta(seconds=pause)
        if not feeds.is_due(FEED, state, now):
            continue
        assert last is None or now - last >= feeds.FLOOR
        last = now
        if answer == "200":
            state = read(state=state, now=now)
        elif answer == "304":
            state = feeds.after_not_modified(FEED, state, Fetched(URL, 304), now)
        else:
            status = int(answer) if answer.isdigit() else None
            error = f"http_{answer}: no" if status else "dns: no"
            state = feeds.after_failure(FEED, state, Fetched(URL, status, error=error), now)
        assert feeds.is_due(FEED, state, now + 1.1 * feeds.LONGEST)
