"""Faults of polling, P01 to P40: what servers, networks and clocks do, and what no feed's server ever sees of us."""

import socket
import ssl
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import feeds
from bot.desk import Desk
from bot.feeds import Feed, FeedState, Fetched, FetchRequest, ParsedFeed
from bot.sources.freshness import fresh_for
from bot.sources.http import HttpFetcher, _FetchError, _target
from bot.sources.sites import sites
from tests.harness.feed_server import AGENT, ALLOW, Site, get, moved, reply, served
from tests.line import Line, store_at
from tests.makers import a_desk, a_feed, an_entry

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = "https://ledger.example/rss"
NEW_URL = "https://feeds.ledger.example/rss"
FEED = Feed(URL, "Ledger")
BLOGS = tuple(Feed(f"https://{name}.tumblr.com/rss", name) for name in ("a", "b", "c"))
CERTIFICATE = Path(__file__).parents[1] / "harness" / "self-signed.pem"
SITES = sites()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    store = store_at(tmp_path / "store.db")
    yield Line(store, desk=watching(FEED))
    store.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


def watching(*of: Feed) -> Desk:
    return replace(a_desk(feeds=of), ops_channel="#ops")


def state_of(line: Line, url: str = URL) -> FeedState:
    return line.store.feed_states()[url]


def every(line: Line, step: timedelta, until: timedelta, *, start: timedelta = timedelta(0)) -> None:
    """The pipeline looks again and again, as one that was never stopped."""
    pipeline = line.pipeline
    pipeline.site = SITES
    at = start
    while at < until:
        pipeline.collect(NOW + at)
        at += step


def notices(line: Line) -> list[str]:
    return [alert.message.headline for alert in line.store.alerts() if alert.message.kind == "notice"]


# validators


@pytest.mark.fault("P01")
def test_a_feed_is_asked_without_conditions_once_in_its_life(line: Line) -> None:
    line.publish(an_entry(), url=URL, etag='"7"')
    line.fetcher.web[URL] = replace(line.fetcher.web[URL], max_age=DAY)
    every(line, 6 * HOUR, 2 * DAY)
    line.fetcher.web[URL] = Fetched(URL, 304, max_age=DAY)
    every(line, 6 * HOUR, 90 * DAY, start=2 * DAY)
    assert len(line.fetcher.asked) > 70
    assert [request for request in line.fetcher.asked if not request.headers] == line.fetcher.asked[:1]


@pytest.mark.fault("P02")
@given(st.binary(min_size=1, max_size=4096).filter(lambda raw: not set(raw) & {0, 10, 13} and raw.strip() == raw))
def test_whatever_bytes_a_validator_is_made_of_they_go_back(raw: bytes) -> None:
    fetched = Fetched(URL, 200, b"<rss/>", etag=raw.decode("latin-1"), last_modified=raw.decode("latin-1"))
    state = feeds.after_success(FEED, FeedState(URL), fetched, ParsedFeed("", ()), NOW)
    sent = feeds.conditionals(state)
    assert [sent[name].encode("latin-1") for name in ("If-None-Match", "If-Modified-Since")] == [raw, raw]


@pytest.mark.fault("P06")
def test_the_body_of_a_304_is_not_looked_at(site: Site) -> None:
    site.answers["/rss"] = reply(b"<rss>more</rss>", status="304 Not Modified")
    (fetched,) = HttpFetcher(AGENT, allow=ALLOW).fetch([FetchRequest(site.url("/rss"), {"If-None-Match": '"7"'})])
    assert (fetched.status, fetched.body, fetched.error) == (304, b"", "")


@pytest.mark.fault("P07")
def test_a_server_that_sends_the_same_each_time_is_asked_less_often_until_there_is_something_new(line: Line) -> None:
    line.publish(an_entry(), url=URL)
    every(line, 5 * MINUTE, 8 * HOUR)
    asked = len(line.fetcher.asked)
    assert asked < 9
    last, then = state_of(line).polled_at, state_of(line).next_due
    assert last
    assert then
    assert then - last >= 100 * MINUTE
    assert line.parser.parsed == [URL]
    line.publish(an_entry("a2"), an_entry(), url=URL)
    every(line, 5 * MINUTE, 12 * HOUR, start=8 * HOUR)
    assert len(line.parser.parsed) == 2
    assert len(line.fetcher.asked) > asked + 3


@pytest.mark.fault("P07")
def test_the_wait_for_a_silent_server_grows_to_a_day_and_no_further() -> None:
    state = FeedState(URL, same=500, body_sha="")
    after = feeds.after_not_modified(FEED, state, Fetched(URL, 200), NOW)
    assert after.next_due
    assert DAY <= after.next_due - NOW <= 1.1 * DAY
    assert feeds.after_not_modified(FEED, state, Fetched(URL, 304), NOW).same == 0


@pytest.mark.fault("P08")
def test_a_new_etag_for_the_same_items_makes_no_article_and_no_sooner_poll(line: Line) -> None:
    line.publish(an_entry(), url=URL)
    for n in range(5):
        line.fetcher.web[URL] = replace(line.fetcher.web[URL], etag=f'"{n}"')
        assert line.pipeline.collect(NOW + n * 2 * HOUR) == (1 if n == 0 else 0)
    state = state_of(line)
    assert (state.etag, state.items) == ('"4"', 1)
    assert state.next_due
    assert state.next_due >= NOW + 8 * HOUR + 15 * MINUTE


# waits that a server asks for


@pytest.mark.fault("P09", "P10", "P14")
@pytest.mark.parametrize("status", [429, 503])
def test_what_one_feed_is_asked_to_wait_all_of_its_domain_waits_after_a_restart_too(line: Line, status: int) -> None:
    line.desk = watching(*BLOGS)
    busy = Fetched(BLOGS[0].url, status, final_url=BLOGS[0].url, retry_after=3601 * SECOND, error=f"http_{status}: no")
    line.fetcher.web[BLOGS[0].url] = busy
    every(line, 5 * SECOND, 6 * SECOND)
    line.fetcher.asked.clear()
    every(line, 10 * MINUTE, 61 * MINUTE, start=MINUTE)  # another pipeline, over the same store
    assert line.fetcher.asked == []
    every(line, MINUTE, 80 * MINUTE, start=61 * MINUTE)
    assert {request.url for request in line.fetcher.asked} == {feed.url for feed in BLOGS}


@pytest.mark.fault("P14")
def test_at_a_host_that_stands_apart_each_feed_waits_for_itself(line: Line) -> None:
    hub = tuple(Feed(f"https://hub.example/{name}", name) for name in ("a", "b"))
    line.desk = watching(*hub)
    line.fetcher.web[hub[0].url] = Fetched(hub[0].url, 429, retry_after=DAY, error="http_429: no")
    line.fetcher.web[hub[1].url] = Fetched(hub[1].url, 500, error="http_500: no")
    pipeline = line.pipeline
    pipeline.site = sites(("hub.example",))
    pipeline.collect(NOW)
    pipeline.collect(NOW + HOUR)
    assert Counter(request.url for request in line.fetcher.asked) == {hub[0].url: 1, hub[1].url: 2}


@pytest.mark.fault("P14")
@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.tumblr.com/rss", "tumblr.com"),
        ("https://desk.github.io/feed", "github.io"),
        ("https://feeds.bbci.co.uk/x", "bbci.co.uk"),
        ("https://commerce.gov.in/x", "commerce.gov.in"),
        ("http://10.0.0.1:8080/rss", "10.0.0.1"),
        ("http://rsshub/rss", "rsshub"),
        ("http://[::1", ""),
        ("https://hub.example/a", "https://hub.example/a"),
    ],
)
def test_a_site_is_what_somebody_registered(url: str, expected: str) -> None:
    assert sites(("hub.example",))(url) == expected


@pytest.mark.fault("P09", "P14")
def test_after_a_429_no_other_address_of_the_site_is_asked_in_the_same_round_or_the_next(site: Site) -> None:
    async def look_up(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    site.answers |= {"/busy": reply(b"x", "Retry-After: 600", status="429 Too Many Requests"), "/good": reply()}
    fetcher = HttpFetcher(AGENT, allow=ALLOW, look_up=look_up, pause=lambda url: timedelta(0), site=SITES)
    urls = [site.url(path, "a.tumblr.com") for path in ("/busy", "/good")]
    first = list(fetcher.fetch([FetchRequest(url, {}) for url in urls]))
    (page,) = fetcher.fetch([FetchRequest(site.url("/good", "b.tumblr.com"), {}, "page")])
    (other,) = fetcher.fetch([FetchRequest(site.url("/good", "c.example"), {})])
    assert [fetched.error.partition(":")[0] for fetched in (*first, page, other)] == ["http_429", "held", "held", ""]
    assert first[1].retry_after
    assert 590 * SECOND < first[1].retry_after <= 600 * SECOND
    assert len(site.asked) == 2


@pytest.mark.fault("P09")
def test_a_feed_that_was_held_was_not_asked_and_did_not_fail(line: Line) -> None:
    line.fetcher.web[URL] = Fetched(URL, retry_after=HOUR, error="held: the site asked to be left alone")
    line.pipeline.collect(NOW)
    state = state_of(line)
    assert (state.polled_at, state.errors, state.not_before) == (None, 0, NOW + HOUR)
    assert line.store.requests(NOW) == []
    line.pipeline.collect(NOW + 59 * MINUTE)
    line.pipeline.collect(NOW + HOUR)
    assert len(line.fetcher.asked) == 2


@pytest.mark.fault("P25")
@pytest.mark.parametrize(
    ("cache_control", "expires", "date", "expected"),
    [
        ("", "Sun, 22 Nov 2026 18:00:00 GMT", "", 6 * HOUR),
        ("", "Sun, 22 Nov 2026 18:00:00 GMT", "Sun, 22 Nov 2026 16:00:00 GMT", 2 * HOUR),
        ("", "0", "", None),
        ("", "Sun, 22 Nov 2026 11:00:00 GMT", "", None),
        ("", "Fri, 31 Dec 9999 23:59:59 GMT", "", 31 * DAY),
        ("", "", "", None),
        ("max-age=60", "Sun, 22 Nov 2026 18:00:00 GMT", "", MINUTE),
        ("no-cache", "Sun, 22 Nov 2026 18:00:00 GMT", "", None),
        ("public", "Sun, 22 Nov 2026 18:00:00 GMT", "", 6 * HOUR),
    ],
)
def test_an_expiry_counts_by_the_servers_clock_where_cache_control_is_silent(
    cache_control: str, expires: str, date: str, expected: timedelta | None
) -> None:
    assert fresh_for(cache_control, expires, date, NOW) == expected


@pytest.mark.fault("P25")
def test_an_expiry_of_thousands_of_years_is_a_day(site: Site) -> None:
    site.answers["/rss"] = reply(b"<rss/>", "Expires: Fri, 31 Dec 9999 23:59:59 GMT")
    fetched = replace(get(site.url("/rss")), url=URL)
    after = feeds.after_success(FEED, FeedState(URL), fetched, ParsedFeed("", ()), NOW)
    assert after.next_due
    assert after.next_due - NOW <= 1.1 * DAY


@pytest.mark.fault("P26")
@pytest.mark.parametrize(
    ("ttl", "least"), [(None, 15 * MINUTE), (5 * MINUTE, 15 * MINUTE), (HOUR, HOUR), (900 * DAY, DAY)]
)
def test_the_ttl_of_a_document_holds_for_the_304s_that_follow_it(ttl: timedelta | None, least: timedelta) -> None:
    read = feeds.after_success(FEED, FeedState(URL), Fetched(URL, 200, b"x"), ParsedFeed("", (), ttl), NOW)
    for state in (read, feeds.after_not_modified(FEED, read, Fetched(URL, 304), NOW)):
        assert state.next_due
        assert least <= state.next_due - NOW <= 1.1 * least


# redirects


def sent_on(line: Line, to: str, *, permanent: bool = True) -> None:
    """The feed is read where it is sent on to."""
    line.publish(an_entry(), url=URL, etag='"7"', final_url=to, moved_to=to if permanent else "")
    line.fetcher.web[to] = replace(line.fetcher.web[URL], url=to, moved_to="")


def asked_at(line: Line) -> Counter[str]:
    return Counter(request.url for request in line.fetcher.asked)


@pytest.mark.fault("P15")
def test_a_feed_that_moved_for_good_within_its_site_is_asked_there_after_three_looks_and_a_day(line: Line) -> None:
    sent_on(line, NEW_URL)
    every(line, HOUR, 24 * HOUR)
    assert asked_at(line)[NEW_URL] == 0
    every(line, HOUR, 40 * HOUR, start=24 * HOUR)
    assert asked_at(line)[NEW_URL] >= 3
    state = state_of(line)
    assert (feeds.moved(state), feeds.address(state, SITES)) == (True, NEW_URL)
    (told,) = line.heard("feed_moved")
    assert NEW_URL in str(told["words"])
    assert [article.feed_url for article in line.store.unread(10)] == [URL]
    assert all(request.headers for request in line.fetcher.asked[1:])
    assert notices(line) == []


@pytest.mark.fault("P15")
def test_a_new_address_that_fails_is_given_up_for_the_old_one(line: Line) -> None:
    sent_on(line, NEW_URL)
    every(line, HOUR, 40 * HOUR)
    del line.fetcher.web[NEW_URL]
    line.publish(an_entry("a2"), url=URL)
    line.fetcher.asked.clear()
    every(line, HOUR, 44 * HOUR, start=40 * HOUR)
    assert asked_at(line)[NEW_URL] == 1
    assert len(line.store.unread(10)) == 2


@pytest.mark.fault("P15")
def test_a_feed_is_never_moved_to_another_site_without_somebodys_say(line: Line) -> None:
    other = "https://parking.example/rss"
    sent_on(line, other)
    every(line, HOUR, 90 * HOUR)
    assert set(asked_at(line)) == {URL}
    assert len(line.heard("feed_moved")) == 1
    (headline,) = notices(line)
    assert other in headline


@pytest.mark.fault("P15")
def test_two_feeds_that_moved_to_one_address_are_not_asked_there_both() -> None:
    old = [
        FeedState(f"https://{n}.ledger.example/rss", moved_to=NEW_URL, moved_at=NOW, moved_looks=3) for n in range(3)
    ]
    asked = feeds.addresses(old, [state.url for state in old], SITES)
    assert sorted(asked.values()) == [state.url for state in old]
    assert list(asked).count(NEW_URL) == 1
    assert NEW_URL not in feeds.addresses(old, [NEW_URL], SITES)


@pytest.mark.fault("P16")
def test_a_temporary_redirect_is_followed_for_months_and_never_kept(line: Line) -> None:
    sent_on(line, NEW_URL, permanent=False)
    every(line, 12 * HOUR, 90 * DAY)
    assert set(asked_at(line)) == {URL}
    assert state_of(line).moved_to == ""


@pytest.mark.fault("P16", "P17")
@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [
        ((301,), True),
        ((308, 301), True),
        ((301, 302, 301), False),
        ((302,), False),
        ((307, 308), False),
        ((303,), False),
    ],
)
def test_a_chain_of_redirects_is_permanent_if_each_of_them_is(
    site: Site, statuses: tuple[int, ...], permanent: bool
) -> None:
    for n, status in enumerate(statuses):
        site.answers[f"/{n}"] = moved(f"/{n + 1}", status)
    last = site.url(f"/{len(statuses)}")
    site.answers[f"/{len(statuses)}"] = reply()
    fetched = get(site.url("/0"))
    assert (fetched.final_url, fetched.moved_to) == (last, last if permanent else "")
    assert get(last).moved_to == ""


@pytest.mark.fault("P18")
def test_a_permanent_redirect_that_was_a_slip_leaves_nothing_behind(line: Line) -> None:
    sent_on(line, NEW_URL)
    every(line, HOUR, 5 * HOUR)
    line.publish(an_entry(), url=URL)
    every(line, HOUR, 6 * HOUR, start=5 * HOUR)
    assert (state_of(line).moved_to, state_of(line).moved_looks) == ("", 0)
    sent_on(line, NEW_URL)
    every(line, HOUR, 29 * HOUR, start=6 * HOUR)
    assert set(asked_at(line)) == {URL}


@pytest.mark.fault("P20")
def test_a_redirect_from_https_to_http_is_not_followed() -> None:
    request = httpx2.Request("GET", "https://ledger.example/rss")
    with pytest.raises(_FetchError, match=r"^redirect: leads from https to http://ledger\.example/rss"):
        _target(httpx2.Response(301, headers={"Location": "http://ledger.example/rss"}, request=request))
    on = _target(httpx2.Response(301, headers={"Location": "//b.example/rss"}, request=request))
    assert str(on) == "https://b.example/rss"


# what is gone, fails, or cannot be reached


@pytest.mark.fault("P21")
def test_what_is_gone_once_is_asked_a_day_later_and_what_is_gone_twice_once_a_week(line: Line) -> None:
    line.fetcher.web[URL] = Fetched(URL, 410, error="http_410: Gone")
    every(line, HOUR, 30 * DAY)
    assert 4 <= len(line.fetcher.asked) <= 6
    assert [words.partition(": ")[2][:40] for words in notices(line)] == ["its server says that the feed is gone fo"]
    state = state_of(line)
    assert not feeds.may_poll(FEED, state, state.polled_at + 6 * DAY if state.polled_at else NOW)
    line.publish(an_entry(), url=URL)
    every(line, HOUR, 38 * DAY, start=30 * DAY)
    assert state_of(line).errors == 0
    assert len(line.fetcher.asked) > 10


@pytest.mark.fault("P21")
def test_the_410_of_one_feed_is_no_matter_of_its_site() -> None:
    state = feeds.after_failure(FEED, FeedState(URL), Fetched(URL, 410, error="http_410: Gone"), NOW, SITES)
    assert state.not_before == NOW + DAY
    assert feeds.waits([state]) == {}


@pytest.mark.fault("P22")
@pytest.mark.parametrize(
    "failure",
    [Fetched(URL, 404, error="http_404: x"), Fetched(URL, 500, error="http_500: x"), Fetched(URL, error="dns: x")],
)
def test_a_feed_that_fails_for_two_months_is_asked_each_day_told_once_and_recovers(
    line: Line, failure: Fetched
) -> None:
    line.fetcher.web[URL] = failure
    every(line, 3 * HOUR, 60 * DAY)
    assert len(line.fetcher.asked) >= 55
    assert len(notices(line)) == 1
    assert "could not be read for" in notices(line)[0]
    assert len(line.heard("feed_failing")) == 1
    line.publish(an_entry(), url=URL)
    every(line, 3 * HOUR, 62 * DAY, start=60 * DAY)
    assert (state_of(line).errors, state_of(line).failing_since) == (0, None)


@pytest.mark.fault("P23")
def test_an_outage_of_our_own_is_told_once_and_held_against_no_feed(line: Line) -> None:
    many = tuple(a_feed(f"https://f{n}.example/rss") for n in range(12))
    line.desk = watching(*many)
    for feed in many:
        line.publish(an_entry(), url=feed.url, etag='"7"')
    every(line, 5 * MINUTE, HOUR)
    web = dict(line.fetcher.web)
    line.fetcher.web.clear()  # each is then a name that nobody knows
    every(line, 5 * MINUTE, 7 * HOUR, start=HOUR)
    states = line.store.feed_states().values()
    assert all(state.errors <= 1 for state in states)
    assert all(state.next_due and state.next_due <= NOW + 7 * HOUR + 17 * MINUTE for state in states)
    line.fetcher.web |= web
    every(line, 5 * MINUTE, 8 * HOUR, start=7 * HOUR)
    assert all(state.error == "" and state.errors == 0 for state in line.store.feed_states().values())
    assert notices(line) == ["The network of this machine fails"]
    assert [len(line.heard(name)) for name in ("network_failed", "network_recovered")] == [1, 1]


@pytest.mark.fault("P23")
def test_two_hosts_that_are_down_are_no_outage_of_ours() -> None:
    down = [FeedState(f"https://{n}.example/", polled_at=NOW, error="dns: no") for n in range(2)]
    up = [FeedState(f"https://up{n}.example/", polled_at=NOW) for n in range(2)]
    assert not feeds.offline(down)
    assert not feeds.offline(down + up)
    assert feeds.offline([*down, FeedState("https://x.example/", polled_at=NOW, error="connect: no"), *up])


# when we look


@pytest.mark.fault("P27")
def test_a_crowd_that_came_due_while_nobody_looked_is_spread_over_a_quarter_of_an_hour(line: Line) -> None:
    many = tuple(a_feed(f"https://f{n}.example/rss", every=HOUR) for n in range(200))
    line.desk = watching(*many)
    line.fetcher.web = {feed.url: Fetched(feed.url, 304) for feed in many}
    last = NOW - 9 * HOUR
    line.store.save_states([FeedState(f.url, polled_at=last, next_due=last + HOUR) for f in many])
    asked, pipeline = [], line.pipeline
    for n in range(15 * 12 + 1):
        before = len(line.fetcher.asked)
        pipeline.collect(NOW + n * 5 * SECOND)
        asked.append(len(line.fetcher.asked) - before)
        if n == 40:
            pipeline = line.pipeline  # a restart spreads nothing anew
    assert sum(asked) == 200
    assert asked[0] == feeds.CROWD
    assert max(asked[1:]) <= 2
    assert len([n for n in asked if n]) > 150


@pytest.mark.fault("P27")
def test_a_few_feeds_are_no_crowd(line: Line) -> None:
    line.desk = watching(*(a_feed(f"https://f{n}.example/rss") for n in range(5)))
    pipeline = line.pipeline
    pipeline.collect(NOW)
    pipeline.collect(NOW + 3 * HOUR)
    assert len(line.fetcher.asked) == 10


@pytest.mark.fault("P28")
def test_a_crash_every_twenty_seconds_has_each_feed_asked_once_in_its_floor(line: Line) -> None:
    class Killed(BaseException):
        pass

    line.parser.breaks[URL] = Killed()
    line.publish(an_entry(), url=URL)
    for n in range(180):
        try:
            line.pipeline.collect(NOW + n * 20 * SECOND)
        except Killed:
            line.pipeline.store.recover()
    assert len(line.fetcher.asked) == 6


@pytest.mark.fault("P29")
def test_fifty_explicit_runs_ask_no_more_often_than_the_floor_and_say_so(line: Line) -> None:
    line.publish(an_entry(), url=URL)
    for n in range(50):
        line.pipeline.collect(NOW + n * 10 * SECOND, at_once=True)
    assert len(line.fetcher.asked) == 1
    assert line.heard("feeds_not_asked")[-1]["feeds"] == 1


@pytest.mark.fault("P30")
def test_one_host_is_asked_one_at_a_time_and_a_pause_apart_from_whichever_thread(site: Site) -> None:
    site.answers |= {f"/{n}": reply() for n in range(8)}
    fetcher = HttpFetcher(AGENT, allow=ALLOW, pause=lambda url: 0.02 * SECOND)

    def some(start: int) -> None:
        list(fetcher.fetch([FetchRequest(site.url(f"/{n}"), {}) for n in range(start, start + 4)]))

    began = datetime.now(UTC)
    threads = [threading.Thread(target=some, args=(start,)) for start in (0, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(site.asked) == 8
    assert site.busiest == 1
    assert datetime.now(UTC) - began >= 7 * 0.02 * SECOND


# what comes


@pytest.mark.fault("P33")
@pytest.mark.parametrize("error", ["too_large: more than 15 MB", "protocol: peer closed", "reset: gone"])
def test_a_document_that_did_not_come_whole_leaves_the_validators_that_we_had(line: Line, error: str) -> None:
    line.publish(an_entry(), url=URL, etag='"7"')
    line.pipeline.collect(NOW)
    line.fetcher.web[URL] = Fetched(URL, 200, etag='"8"', error=error)
    line.pipeline.collect(NOW + HOUR)
    assert (state_of(line).etag, state_of(line).items) == ('"7"', 1)


@pytest.mark.fault("P35", "P36")
@pytest.mark.parametrize("error", ["blocked: a challenge page", "empty: status 200 with nothing in it"])
def test_what_is_no_answer_is_no_feed_without_news(line: Line, error: str) -> None:
    line.publish(an_entry(), url=URL, etag='"7"')
    line.pipeline.collect(NOW)
    line.fetcher.web[URL] = Fetched(URL, 200, error=error)
    line.pipeline.collect(NOW + HOUR)
    state = state_of(line)
    assert (state.items, state.etag, state.errors, state.error) == (1, '"7"', 1, error)
    assert len(line.heard("feed_polled")) == 1


@pytest.mark.fault("P37")
def test_a_feed_that_stands_empty_is_told_and_nothing_is_forgotten(line: Line) -> None:
    line.publish(*(an_entry(f"a{n}") for n in range(9)), url=URL)
    line.pipeline.collect(NOW)
    line.publish(url=URL)
    line.pipeline.collect(NOW + HOUR)
    assert len(line.heard("feed_emptied")) == 1
    assert len(line.store.unread(20)) == 9
    assert state_of(line).errors == 0


@pytest.mark.fault("P38")
def test_two_servers_behind_one_name_that_differ_make_no_article_twice(line: Line) -> None:
    old, new = [an_entry("a1")], [an_entry("a2"), an_entry("a1")]
    counts = []
    for n in range(12):
        line.publish(*(new if n % 2 else old), url=URL, etag=f'"{n % 2}"')
        counts.append(line.pipeline.collect(NOW + n * 2 * HOUR))
    assert counts == [1, 1, *[0] * 10]


@contextmanager
def self_signed() -> Iterator[int]:
    """The port of a server whose certificate nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def shake() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=shake, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        thread.join(5)


@pytest.mark.fault("P40")
def test_a_certificate_that_nobody_vouches_for_is_an_error_of_its_class() -> None:
    with self_signed() as port:
        assert get(f"https://127.0.0.1:{port}/rss").error.startswith("tls: ")
