"""HttpFetcher and its neighbours against real servers on this machine."""

import gzip
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from bot.feeds import Fetched, FetchRequest
from bot.sources.file import FileFetcher, SchemeFetcher
from bot.sources.freshness import max_age, retry_after
from bot.sources.http import MOST_BYTES, HttpFetcher
from tests.harness.feed_server import AGENT, ALLOW, Site, moved, reply, served

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


@cache  # each reads all the certificates that the machine trusts
def fetcher(deadline: timedelta = 5 * SECOND, most_bytes: int = MOST_BYTES) -> HttpFetcher:
    return HttpFetcher(AGENT, deadline=deadline, most_bytes=most_bytes, allow=ALLOW)


def get(
    url: str, headers: dict[str, str] | None = None, *, deadline: timedelta = 5 * SECOND, most_bytes: int = MOST_BYTES
) -> Fetched:
    [fetched] = fetcher(deadline, most_bytes).fetch([FetchRequest(url, headers or {})])
    assert fetched.url == url
    return fetched


def failure(url: str, *, deadline: timedelta = 5 * SECOND, most_bytes: int = MOST_BYTES) -> str:
    """The class of the error."""
    fetched = get(url, deadline=deadline, most_bytes=most_bytes)
    assert fetched.body == b""
    return fetched.error.partition(":")[0]


def test_a_good_answer_comes_back_whole(site: Site) -> None:
    site.answers["/rss"] = reply(
        b"<rss>1</rss>", 'ETag: W/"a, \xe9"', "Last-Modified: Mon,  2 Jan 2023 odd", "Content-Type: text/xml; charset=utf-8",
        "Cache-Control: public, max-age=600",
    )  # fmt: skip
    fetched = get(site.url("/rss"))
    assert fetched == Fetched(
        site.url("/rss"), 200, b"<rss>1</rss>", site.url("/rss"), "text/xml; charset=utf-8", 'W/"a, \xe9"',
        "Mon,  2 Jan 2023 odd", None, 600 * SECOND,
    )  # fmt: skip


@pytest.mark.fault("P31")
def test_a_request_is_polite_and_carries_nothing_that_tracks(site: Site) -> None:
    site.answers["/rss"] = reply(b"<rss/>", "Set-Cookie: id=1; Path=/")
    list(fetcher().fetch([FetchRequest(site.url("/rss"), {}), FetchRequest(site.url("/rss?2"), {}, "page")]))
    first, second = site.asked
    assert f"User-Agent: {AGENT}\r\n" in first
    assert "Accept-Encoding: gzip\r\n" in first
    assert "application/rss+xml" in first
    assert "text/html" in second
    for head in site.asked:
        assert not any(word in head.lower() for word in ("cookie", "referer", "if-none-match", "authorization"))


@pytest.mark.fault("P02", "P03", "P04")
def test_validators_go_out_byte_for_byte(site: Site) -> None:
    site.answers["/rss"] = reply(b"", status="304 Not Modified", length=0)
    fetched = get(site.url("/rss"), {"If-None-Match": 'W/"a, \xe9"', "If-Modified-Since": "Mon,  2 Jan 2023 odd"})
    assert (fetched.status, fetched.error, fetched.body) == (304, "", b"")
    assert 'If-None-Match: W/"a, \xe9"\r\n' in site.asked[0]
    assert "If-Modified-Since: Mon,  2 Jan 2023 odd\r\n" in site.asked[0]


@pytest.mark.fault("P06")
def test_a_304_that_nobody_asked_for_is_an_error(site: Site) -> None:
    site.answers["/rss"] = reply(b"", status="304 Not Modified", length=0)
    assert failure(site.url("/rss")) == "protocol"


def test_a_compressed_body_is_unpacked(site: Site) -> None:
    site.answers["/rss"] = reply(gzip.compress(b"<rss/>" * 1000), "Content-Encoding: gzip")
    assert get(site.url("/rss")).body == b"<rss/>" * 1000


def test_a_small_body_that_unpacks_to_a_huge_one_is_given_up(site: Site) -> None:
    site.answers["/rss"] = reply(gzip.compress(b"\0" * 30_000_000), "Content-Encoding: gzip")
    assert failure(site.url("/rss")) == "too_large"


@pytest.mark.parametrize("coding", ["gzip, gzip, gzip", "br", "zstd", "rot13"])
def test_codings_that_were_not_asked_for_are_refused(site: Site, coding: str) -> None:
    site.answers["/rss"] = reply(b"x", f"Content-Encoding: {coding}")
    assert failure(site.url("/rss")) == "protocol"


def test_no_sign_of_a_server_s_that_a_terminal_would_obey_gets_into_an_error(site: Site) -> None:
    site.answers["/rss"] = reply(b"x", "Content-Encoding: \x9b31m\x85red")
    assert get(site.url("/rss")).error == "protocol: Content-Encoding 31m red was not asked for"


def test_more_hosts_are_asked_at_once_than_a_pool_of_connections_usually_holds(site: Site) -> None:
    together = threading.Barrier(15)

    def answer(connection: socket.socket) -> None:
        together.wait(5)
        connection.sendall(reply())

    async def look_up(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    site.answers["/rss"] = answer
    requests = [FetchRequest(site.url("/rss", f"h{n}.example"), {}) for n in range(15)]
    found = HttpFetcher(AGENT, allow=ALLOW, look_up=look_up).fetch(requests)
    assert [fetched.error for fetched in found] == [""] * 15


def test_a_body_that_is_not_in_the_coding_it_claims_is_an_error(site: Site) -> None:
    site.answers["/rss"] = reply(b"no gzip at all", "Content-Encoding: gzip")
    assert failure(site.url("/rss")) == "protocol"


@pytest.mark.fault("P33")
def test_an_endless_body_is_cut_at_the_limit(site: Site) -> None:
    site.answers["/rss"] = site.dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 100_000)
    assert failure(site.url("/rss"), most_bytes=1_000_000) == "too_large"


@pytest.mark.fault("P32")
@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: ", b""],
    ids=["body", "headers", "nothing"],
)
def test_a_server_that_drips_is_given_up_at_the_deadline(site: Site, start: bytes) -> None:
    site.answers["/rss"] = site.dripping(start, b"x" if start else b"")
    assert failure(site.url("/rss"), deadline=0.15 * SECOND) == "timeout"


@pytest.mark.fault("P33")
def test_a_body_shorter_than_announced_is_an_error(site: Site) -> None:
    site.answers["/rss"] = reply(b"<rss>", length=100)
    assert failure(site.url("/rss")) in ("protocol", "reset")


def test_a_server_that_hangs_up_is_an_error(site: Site) -> None:
    site.answers["/rss"] = b""
    assert failure(site.url("/rss")) == "reset"


@pytest.mark.fault("P34")
@pytest.mark.parametrize("headers", [["X: " + "x" * 70_000], ["X: " + "x" * 5_000_000], ["X: 1"] * 20_000])
def test_too_many_headers_are_an_error(site: Site, headers: list[str]) -> None:
    site.answers["/rss"] = reply(b"<rss/>", *headers)
    assert failure(site.url("/rss")) in ("protocol", "reset")


def test_no_http_at_all_is_an_error(site: Site) -> None:
    site.answers["/rss"] = b"SSH-2.0-OpenSSH_9.6\r\n"
    assert failure(site.url("/rss")) in ("protocol", "reset")


def test_a_port_where_nobody_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert failure(f"http://127.0.0.1:{port}/rss") == "connect"


def test_a_name_that_nobody_has_is_told() -> None:
    assert failure("http://feeds.invalid/rss") == "dns"


@pytest.mark.fault("P40")
def test_a_server_without_proper_tls_is_told(site: Site) -> None:
    assert failure(site.url("/rss").replace("http:", "https:")) == "tls"


@pytest.mark.fault("P19")
def test_redirects_are_followed_and_the_last_address_is_told(site: Site) -> None:
    site.answers |= {"/1": moved("/2?x=é", 301), "/2?x=%C3%A9": moved(site.url("/3"), 307), "/3": reply()}
    fetched = get(site.url("/1"))
    assert (fetched.error, fetched.final_url) == ("", site.url("/3"))


@pytest.mark.fault("P19")
@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/loop", "redirect"),
        ("", "redirect"),
        ("file:///etc/passwd", "refused"),
        ("gopher://a.example/", "refused"),
        ("http://", "redirect"),
        ("http://[::1/", "refused"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_told(site: Site, location: str, expected: str) -> None:
    site.answers["/loop"] = moved(location)
    assert failure(site.url("/loop")) == expected
    assert len(site.asked) <= 6


@pytest.mark.fault("P20")
def test_credentials_stay_with_the_host_they_are_for(site: Site) -> None:
    site.answers |= {"/1": moved(site.url("/2", "localhost")), "/2": reply()}
    url = site.url("/1").replace("//", "//desk:secret@")
    fetched = get(url)
    assert "authorization" in site.asked[0].lower()
    assert "authorization" not in site.asked[1].lower()
    assert "secret" not in fetched.final_url + fetched.error


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "500 Oops", "206 Partial Content", "401 Unauthorized"])
def test_any_other_status_is_an_error_that_names_it(site: Site, status: str) -> None:
    site.answers["/rss"] = reply(b"<rss/>", status=status)
    fetched = get(site.url("/rss"))
    assert fetched.error == f"http_{status[:3]}: {status[4:]}"
    assert (fetched.status, fetched.body) == (int(status[:3]), b"")


@pytest.mark.fault("P36")
@pytest.mark.parametrize("answer", [reply(b""), reply(b" \n"), reply(b"", status="204 No Content")])
def test_an_empty_answer_is_an_error(site: Site, answer: bytes) -> None:
    site.answers["/rss"] = answer
    assert failure(site.url("/rss")) == "empty"


@pytest.mark.fault("P35")
@pytest.mark.parametrize(
    "answer",
    [
        reply(b"<html>", "cf-mitigated: challenge", status="403 Forbidden"),
        reply(b"<html><script>window._cf_chl_opt={}</script>", status="503 Service Unavailable"),
        reply(b"<html><script>window._cf_chl_opt={}</script>"),
        reply(b"<html><iframe src='/_Incapsula_Resource?x'></iframe>"),
    ],
)
def test_a_page_meant_to_keep_robots_out_is_called_blocked(site: Site, answer: bytes) -> None:
    site.answers["/rss"] = answer
    assert failure(site.url("/rss")) == "blocked"


def test_a_page_of_a_guarded_site_that_holds_an_article_is_not_called_blocked(site: Site) -> None:
    site.answers["/a"] = reply(b"<html><script src='/_Incapsula_Resource?x'></script>" + b"<p>Tariffs rise.</p>" * 2000)
    assert get(site.url("/a")).error == ""


@pytest.mark.fault("P11")
def test_a_busy_servers_wish_is_read_against_its_own_clock(site: Site) -> None:
    headers = ("Date: Sun, 22 Nov 2026 10:00:00 GMT", "Retry-After: Sun, 22 Nov 2026 11:00:00 GMT")
    site.answers["/rss"] = reply(b"later", *headers, status="429 Too Many Requests")
    fetched = get(site.url("/rss"))
    assert (fetched.error, fetched.retry_after) == ("http_429: Too Many Requests", 3600 * SECOND)


@pytest.mark.fault("X12")
@pytest.mark.parametrize(
    "url", ["ftp://a.example/x", "javascript:alert(1)", "x", "", "http://", "http://[::1", "http://a b/"]
)
def test_an_address_that_is_none_of_ours_is_refused_and_stops_no_other(site: Site, url: str) -> None:
    site.answers["/rss"] = reply()
    answers = fetcher().fetch([FetchRequest(url, {}), FetchRequest(site.url("/rss"), {})])
    errors = {fetched.url: fetched.error.partition(":")[0] for fetched in answers}
    assert errors.pop(site.url("/rss")) == ""
    assert errors.popitem()[1] in ("refused", "dns")


@pytest.mark.fault("X13")
def test_a_proxy_in_the_environment_is_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    site.answers["/rss"] = reply()
    assert get(site.url("/rss")).error == ""


@pytest.mark.fault("P30")
def test_one_host_gets_one_request_at_a_time_with_a_pause_between(site: Site) -> None:
    paused: list[str] = []

    def pause(url: str) -> timedelta:
        paused.append(url)
        return 0.005 * SECOND  # the server's own bookkeeping needs a moment

    urls = [site.url(f"/{n}") for n in range(6)]
    site.answers |= {f"/{n}": reply() for n in range(6)}
    answers = list(HttpFetcher(AGENT, pause=pause, allow=ALLOW).fetch([FetchRequest(url, {}) for url in urls]))
    assert [fetched.url for fetched in answers] == urls
    assert paused == urls
    assert site.busiest == 1


@pytest.mark.fault("P30")
def test_how_long_a_request_waited_for_its_turn_is_told(site: Site) -> None:
    urls = [site.url(f"/{n}") for n in range(2)]
    site.answers |= {f"/{n}": reply() for n in range(2)}
    fetcher = HttpFetcher(AGENT, pause=lambda _: 0.05 * SECOND, allow=ALLOW)
    first, second = fetcher.fetch([FetchRequest(url, {}) for url in urls])
    assert second.waited >= first.waited + 0.05 * SECOND


@pytest.mark.fault("P30")
def test_a_slow_host_keeps_no_other_waiting(site: Site) -> None:
    site.answers |= {"/slow": site.dripping(b"", b""), "/fast": reply()}
    requests = [FetchRequest(site.url("/slow"), {}), FetchRequest(site.url("/fast", "localhost"), {})]
    answers = fetcher(0.15 * SECOND).fetch(requests)
    assert next(answers).url == site.url("/fast", "localhost")
    assert next(answers).error.startswith("timeout")


def test_a_host_that_does_not_answer_for_one_page_is_not_asked_for_the_others(site: Site) -> None:
    site.answers |= {"/slow": site.dripping(b"", b""), "/fast": reply()}
    requests = [FetchRequest(site.url(path), {}, "page") for path in ("/slow", "/fast")]
    assert [fetched.error.partition(":")[0] for fetched in fetcher(0.15 * SECOND).fetch(requests)] == ["timeout"] * 2
    assert len(site.asked) == 1


def test_a_feed_that_does_not_answer_keeps_no_other_feed_of_its_host_from_being_asked(site: Site) -> None:
    site.answers |= {"/slow": site.dripping(b"", b""), "/fast": reply()}
    requests = [FetchRequest(site.url(path), {}) for path in ("/slow", "/fast")]
    assert [fetched.error.partition(":")[0] for fetched in fetcher(0.15 * SECOND).fetch(requests)] == ["timeout", ""]


def test_a_fault_of_our_own_with_one_answer_takes_no_other_along(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fresh_for(cache_control: str, *others: object) -> timedelta | None:
        if cache_control:
            raise LookupError("no such directive")
        return None

    monkeypatch.setattr("bot.sources.http.fresh_for", fresh_for)
    site.answers |= {"/odd": reply(b"x", "Cache-Control: odd"), "/good": reply()}
    answers = fetcher().fetch([FetchRequest(site.url(path), {}) for path in ("/odd", "/good")])
    assert [fetched.error for fetched in answers] == ["refused: no such directive", ""]


def test_nothing_to_fetch_is_nothing_to_do() -> None:
    assert list(fetcher().fetch([])) == []


@pytest.mark.fault("P11", "P12")
@pytest.mark.parametrize(
    ("values", "date", "expected"),
    [
        (["120"], "", 120 * SECOND),
        (["0"], "", 0 * SECOND),
        (["1000000000"], "", 31 * DAY),
        (["9" * 5000], "", 31 * DAY),
        (["Sun, 22 Nov 2026 12:10:00 GMT"], "", 600 * SECOND),
        (["Sun, 22 Nov 2026 12:10:00 GMT"], "Sun, 22 Nov 2026 10:10:00 GMT", 7200 * SECOND),
        (["Sun, 22 Nov 2026 12:10:00 +0100"], "", 0 * SECOND),
        (["Sun, 22 Nov 2026 12:10:00"], "garbage", 600 * SECOND),
        (["Fri, 01 Jan 2100 00:00:00 GMT"], "", 31 * DAY),
        (["-5"], "", None),
        (["xyz"], "", None),
        ([""], "", None),
        ([], "", None),
        (["60", "xyz", "120"], "", 120 * SECOND),
    ],
)
def test_how_long_a_server_asks_to_be_left_alone(values: list[str], date: str, expected: timedelta | None) -> None:
    assert retry_after(values, date, NOW) == expected


@pytest.mark.fault("P24")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("max-age=43200", 43200 * SECOND),
        ('Public, MAX-AGE="60"', 60 * SECOND),
        ("max-age=600, no-cache", None),
        ("no-store, max-age=600", None),
        ("s-maxage=600", None),
        ("max-age=abc", None),
        ("max-age=-1", None),
        ("max-age=" + "9" * 400, 31 * DAY),
        ("", None),
    ],
)
def test_how_long_an_answer_stays_good(value: str, expected: timedelta | None) -> None:
    assert max_age(value) == expected


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "the feed.xml"
    path.write_bytes(b"<rss/>")
    [fetched] = FileFetcher().fetch([FetchRequest(path.as_uri(), {})])
    assert fetched == Fetched(path.as_uri(), None, b"<rss/>", path.as_uri())


def test_a_file_that_cannot_be_read_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"\n")
    urls = [
        f"{tmp_path.as_uri()}/none",
        tmp_path.as_uri(),
        "file://feeds/x.xml",
        "file:///%00",
        f"{tmp_path.as_uri()}/empty",
    ]
    errors = [fetched.error for fetched in FileFetcher().fetch([FetchRequest(url, {}) for url in urls])]
    assert [error.partition(":")[0] for error in errors] == ["file", "file", "file", "file", "empty"]
    assert f"{tmp_path}/none" in errors[0]
    assert "file:///absolute/path" in errors[2]


def test_each_address_goes_to_the_fetcher_for_its_kind(site: Site, tmp_path: Path) -> None:
    (tmp_path / "f.xml").write_bytes(b"<rss/>")
    site.answers["/rss"] = reply(b"<rss>1</rss>")
    urls = [site.url("/rss"), (tmp_path / "f.xml").as_uri(), "ftp://a.example/"]
    answers = SchemeFetcher(fetcher(), FileFetcher()).fetch([FetchRequest(url, {}) for url in urls])
    bodies = {fetched.url: fetched.body or fetched.error.partition(":")[0] for fetched in answers}
    assert bodies == {urls[0]: b"<rss>1</rss>", urls[1]: b"<rss/>", urls[2]: "refused"}
