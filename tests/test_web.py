"""The pages without a browser: who is let in, what every answer carries, and what is told when something is wrong."""

import asyncio
import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from bot.alerts import DEAD, FOLDED, PARKED
from bot.errors import StoreError
from bot.events import Event
from bot.feeds import FeedState
from bot.stores.sql import SqlStore
from bot.web.assets import FOLDER as STATIC
from bot.web.assets import address, assets
from bot.web.door import holds, pass_for
from bot.web.filters import ago_words, out, when
from bot.web.filters import line as on_one_line
from bot.web.login import MOST_WRONG
from bot.web.pages import NAVIGATION, site
from bot.web.rendering import FOLDER as TEMPLATES
from bot.web.rendering import in_turn
from bot.web.room import Room
from bot.web.server import Answers, _bound, application, serving
from tests.line import Line, store_at
from tests.makers import CHANNEL, DAY, HOUR, MINUTE, NOW, a_desk, a_feed, a_member, a_story, an_alert, an_article
from tests.web import LOCAL, a_room, asked

TOKEN = "a-token-of-some-length"
ROOT = Path(__file__).parent.parent


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = store_at(tmp_path / "store.db")
    yield store
    store.close()


@pytest.fixture
def room(store: SqlStore) -> Room:
    return a_room(store)


@pytest.fixture
def line(store: SqlStore) -> Line:
    return Line(store, desk=a_desk(feeds=[a_feed(backlog=5)]))


# what every answer carries


@pytest.mark.fault("X15")
@pytest.mark.parametrize("path", ["/", "/health", "/nothing", "/static/style.css", "/login", "/awake"])
def test_no_answer_may_run_frame_or_leak_anything(room: Room, path: str) -> None:
    headers = asked(room, path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
    assert "server" not in headers


def test_pages_are_kept_nowhere_and_what_they_are_drawn_with_for_ever(room: Room) -> None:
    assert asked(room, "/").headers["cache-control"] == "no-store"
    assert "immutable" in asked(room, address("style.css")).headers["cache-control"]
    assert asked(room, "/static/style.css?v=of-another-version").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["none.css", "..%2Fpages.py", "%2e%2e/templates/base.html", ""])
def test_nothing_but_the_files_of_the_pages_can_be_fetched(room: Room, name: str) -> None:
    assert asked(room, f"/static/{name}").status == 404


def test_the_file_that_others_wrote_is_the_one_that_was_looked_at() -> None:
    record = (ROOT / "docs" / "decisions" / "0042-pages.md").read_text("utf-8")
    assert hashlib.sha256(assets()["htmx.min.js"]).hexdigest() in record


def test_templates_hold_no_script_no_style_no_markup_that_is_not_escaped_and_no_other_place() -> None:
    files = sorted(TEMPLATES.glob("*.html"))
    assert files
    for path in files:
        text = path.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|\|\s*safe|javascript:|hx-on|autoescape", text), path.name
        assert not re.search(r"<script(?![^>]+src=)", text), path.name
        assert not re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", text), path.name
    assert not re.search(r"url\(|@import|https?://", (STATIC / "style.css").read_text("utf-8"))


def test_everything_that_the_pages_need_is_inside_the_package() -> None:
    assert 'packages = ["bot"]' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert {"style.css", "page.js", "htmx.min.js", "icon.svg"} <= assets().keys()
    assert (ROOT / "bot") in STATIC.parents
    assert (ROOT / "bot") in TEMPLATES.parents


# who is let in


@pytest.mark.fault("X15")
def test_without_a_token_who_comes_by_another_name_sees_nothing(room: Room) -> None:
    answer = asked(room, "/", Host="evil.example")
    assert answer.status == 421
    assert "Health" not in answer.body
    assert asked(room, "/", Host="127.0.0.1.evil.example").status == 421
    for name in ("localhost", "127.0.0.1:8420", "[::1]:8420"):
        assert asked(room, "/", Host=name).status == 200


def test_with_a_token_a_page_leads_to_the_login_and_the_login_back_with_a_cookie(store: SqlStore) -> None:
    room = a_room(store, token=TOKEN)
    sent = asked(room, "/health?page=2")
    assert (sent.status, sent.headers["location"]) == (303, "/login?next=/health%3Fpage%3D2")
    answer = asked(room, "/login", form={"token": TOKEN, "next": "/health?page=2"}, Host="desk.example")
    assert (answer.status, answer.headers["location"]) == (303, "/health?page=2")
    cookie = answer.headers["set-cookie"]
    assert TOKEN not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert asked(room, "/", Cookie=cookie.split(";")[0]).status == 200
    assert "Sign out" in asked(room, "/", Cookie=cookie.split(";")[0]).body


def test_behind_a_proxy_with_tls_the_cookie_goes_nowhere_else(store: SqlStore) -> None:
    answer = asked(a_room(store, token=TOKEN), "/login", form={"token": TOKEN}, X_Forwarded_Proto="https")
    assert "Secure" in answer.headers["set-cookie"]


def test_who_signs_out_has_no_cookie_any_more(store: SqlStore) -> None:
    room = a_room(store, token=TOKEN)
    answer = asked(room, "/logout", form={}, Cookie=f"tariffwatch={pass_for(TOKEN, NOW + DAY)}")
    assert (answer.status, answer.headers["location"]) == (303, "/login")
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_programs_send_the_token_as_before_and_need_no_cookie(store: SqlStore) -> None:
    room = a_room(store, token=TOKEN)
    assert asked(room, "/", Authorization=f"Bearer {TOKEN}").status == 200
    assert asked(room, "/", Authorization="Bearer another-token-of-length").status == 303


@pytest.mark.fault("X19")
def test_a_pass_holds_until_it_ends_and_for_its_token_alone() -> None:
    given = pass_for(TOKEN, NOW + DAY)
    assert holds(TOKEN, given, NOW)
    assert not holds(TOKEN, given, NOW + DAY)
    assert not holds("another-token-of-length", given, NOW)
    later = f"{int((NOW + 2 * DAY).timestamp())}.{given.partition('.')[2]}"
    for wrong in ("", ".", given[:-1], f"{given}0", later, "9" * 40 + ".x", "²." + given.partition(".")[2], "\xe9.x"):
        assert not holds(TOKEN, wrong, NOW)


@pytest.mark.fault("X15")
def test_who_was_not_let_in_is_told_nothing_of_the_desk(store: SqlStore) -> None:
    room = a_room(store, token=TOKEN)
    for path in ("/login", "/static/none.css"):
        body = asked(room, path).body
        assert "nothing waits" not in body
        assert "no feed was asked" not in body
        assert 'href="/health"' not in body


def test_a_part_of_a_page_takes_the_whole_page_to_the_login(store: SqlStore) -> None:
    answer = asked(a_room(store, token=TOKEN), "/today/stories", HX_Request="true")
    assert (answer.status, answer.headers["hx-redirect"]) == (401, "/login")


@pytest.mark.parametrize(
    "to", ["//evil.example/", "https://evil.example/", "/\\evil.example", "", "/\nx", "javascript:1"]
)
def test_the_login_leads_nowhere_but_to_a_page_of_ours(store: SqlStore, to: str) -> None:
    answer = asked(a_room(store, token=TOKEN), "/login", form={"token": TOKEN, "next": to})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("given", ["", "another-token-of-length", TOKEN[:-1], "\xe9" * 30, "\udcff"])
def test_a_wrong_token_lets_nobody_in_and_is_told_to_the_log(store: SqlStore, given: str) -> None:
    told: list[Event] = []
    body = given.encode("utf-8", "surrogatepass").decode("latin-1")
    answer = asked(a_room(store, token=TOKEN, tell=told.append), "/login", form={"token": body})
    assert (answer.status, "set-cookie" in answer.headers) == (403, False)
    assert "This is not the token" in answer.body
    assert [event.name for event in told] == ["login_failed"]


def test_after_some_wrong_tries_even_the_right_token_has_to_wait_a_minute(store: SqlStore) -> None:
    now = [NOW]
    room = a_room(store, token=TOKEN, clock=lambda: now[0])
    with serving(application(Answers(list, list, bytes), TOKEN, site(room)), LOCAL) as port:
        assert [tried(port, "wrong") for _ in range(MOST_WRONG)] == [403] * MOST_WRONG
        assert [tried(port, token) for token in ("wrong", TOKEN)] == [429, 429]
        now[0] += MINUTE
        assert tried(port, TOKEN) == 303


def tried(port: int, token: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", "/login", f"token={token}", {"Sec-Fetch-Site": "same-origin"})
    status = connection.getresponse().status
    connection.close()
    return status


# what changes something


@pytest.mark.fault("X15")
def test_what_another_site_sends_changes_nothing(room: Room) -> None:
    for site_of in ("cross-site", "same-site", "none"):
        assert asked(room, "/logout", form={}, Sec_Fetch_Site=site_of).status == 403
    assert asked(room, "/logout", form={}, Sec_Fetch_Site="same-origin").status == 303


def test_a_browser_that_does_not_say_from_where_is_believed_by_its_origin(room: Room) -> None:
    for origin, status in (("http://127.0.0.1:8420", 303), ("http://127.0.0.1:1", 403), ("null", 403), ("", 403)):
        assert asked(room, "/logout", method="POST", Host="127.0.0.1:8420", Origin=origin).status == status


def test_a_program_with_the_token_says_no_origin(store: SqlStore) -> None:
    room = a_room(store, token=TOKEN)
    assert asked(room, "/logout", method="POST", Authorization=f"Bearer {TOKEN}").status == 303
    assert asked(room, "/logout", method="POST").status == 403


def test_a_form_that_is_too_long_is_not_read(room: Room) -> None:
    answer = asked(room, "/login", form={"token": "x" * 100_000})
    assert (answer.status, "Nothing was changed" in answer.body) == (413, True)


# what is wrong


def test_an_unknown_path_is_told_in_words_with_the_way_on(room: Room) -> None:
    answer = asked(room, "/nothing/here")
    assert answer.status == 404
    assert "There is no page at this address" in answer.body
    for name, path in NAVIGATION:
        assert f'<a href="{path}">{name}</a>' in answer.body


def test_a_store_that_cannot_be_read_is_told_with_what_to_do(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise StoreError("store.db: the disk is full — make room")

    for name in ("severities", "latest", "counts"):
        monkeypatch.setattr(SqlStore, name, broken)
    answer = asked(room, "/")
    assert answer.status == 503
    assert "store.db: the disk is full — make room" in answer.body
    assert "the store cannot be read" in answer.body


def test_a_fault_of_ours_is_told_as_one_and_to_the_log(store: SqlStore) -> None:
    told: list[Event] = []

    def broken() -> str:
        raise RuntimeError("secret words")

    answer = asked(a_room(store, tell=told.append, model=broken), "/health")
    assert answer.status == 500
    assert "This is a fault of the program" in answer.body
    assert "secret words" not in answer.body
    assert [(event.name, event.fields["path"]) for event in told] == [("page_failed", "/health")]
    assert "content-security-policy" in answer.headers


def test_only_so_many_pages_are_made_at_once() -> None:
    inside, most, two_are_in = [0], [0], threading.Barrier(2)
    lock, turns = threading.Lock(), asyncio.Semaphore(2)

    def answer(request: Request) -> Response:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        two_are_in.wait(10)
        with lock:
            inside[0] -= 1
        return Response()

    async def eight() -> None:
        await asyncio.gather(*(in_turn(answer, turns)(Request({"type": "http"})) for _ in range(8)))

    with ThreadPoolExecutor(1) as thread:  # the browser of other tests may have a loop in this one
        thread.submit(lambda: asyncio.run(eight())).result()
    assert most == [2]


# the head of every page


def test_the_head_says_whether_the_desk_is_at_work_and_why_not(line: Line) -> None:
    room = a_room(line.store)
    assert "no feed was asked yet" in asked(room, "/").body
    line.collected(an_article())
    assert "oldest to read" in asked(a_room(line.store, clock=lambda: NOW + MINUTE), "/awake").body
    line.store.save_states([FeedState("https://a.example/rss", polled_at=NOW + DAY)])
    assert (
        "something has waited for over an hour to be read"
        in asked(a_room(line.store, clock=lambda: NOW + DAY), "/").body
    )
    late = a_room(line.store, clock=lambda: NOW + 2 * DAY)
    assert "no feed was asked for over an hour" in asked(late, "/").body


def test_a_part_that_has_not_changed_is_not_sent_again(line: Line) -> None:
    line.told(an_article())
    room = a_room(line.store)
    for path, name in (("/today/stories?days=1", "stories"), ("/awake", "awake")):
        (again,) = re.findall(rf'id="{name}" hx-get="([^"]+)"', asked(room, path).body)
        assert asked(room, again.replace("&amp;", "&")).status == 204
    (again,) = re.findall(r'hx-get="(/today/stories[^"]+)"', asked(room, "/").body)
    line.pipeline.deliver(NOW)
    answer = asked(room, again.replace("&amp;", "&"))
    assert (answer.status, "1 story, changed just now" in answer.body) == (200, True)


# today


def test_today_shows_what_was_told_where_and_what_became_of_it(line: Line) -> None:
    line.told(an_article())
    room = a_room(line.store, line.desk)
    body = asked(room, "/").body
    assert "US to raise tariff on Indian shrimp to 25%" in body
    assert "1 publisher:" in body
    assert f"{CHANNEL}: waits to be sent" in " ".join(body.split())
    line.pipeline.deliver(NOW)
    assert f"{CHANNEL}: sent" in " ".join(asked(room, "/").body.split())


def test_a_story_that_was_sent_to_slack_links_to_its_thread(line: Line) -> None:
    story = a_story()
    line.collected(an_article())
    line.store.save_follow([], [story], [an_alert(state="sent", receipt="1795666986.000024")])
    assert (
        "https://slack.com/app_redirect?channel=desk&amp;message_ts=1795666986.000024"
        in asked(a_room(line.store), "/").body
    )


def test_silence_is_explained(line: Line) -> None:
    line.collected(an_article("a1"), an_article("a2"))
    body = " ".join(asked(a_room(line.store), "/").body.split())
    assert "Nothing yet in the last 24 hours." in body
    assert "2 articles came and 1 feed answered; the last article came" in body
    assert "No watchlist wanted any of it." in body


def test_what_waits_for_later_is_told(line: Line) -> None:
    line.collected(an_article())
    held = an_alert("x2", "#night", due=NOW + DAY)
    line.store.save_follow([], [a_story()], [an_alert("x1", state=FOLDED), held])
    body = " ".join(asked(a_room(line.store), "/").body.split())
    assert "Besides, 1 alert waits for a digest." in body
    assert f"{CHANNEL}: waits for a digest · #night: held until quiet hours end" in body


@pytest.mark.parametrize(
    "query", ["days=9", "days=", "page=0", "page=-1", "page=%C2%B2", "page=99999", "days=1&page=x"]
)
def test_what_is_asked_in_a_way_that_is_none_is_answered_with_the_first_page(line: Line, query: str) -> None:
    line.told(an_article())
    body = asked(a_room(line.store), f"/?{query}").body
    assert 'href="/?days=1" aria-current="true"' in body
    assert "1 story in the last 24 hours" in body


def test_days_further_back_are_asked_for_by_a_link(line: Line) -> None:
    line.collected(an_article())
    old = replace(a_story(a_member("a1")), updated=NOW - 2 * DAY)
    line.store.save_follow([], [old], [])
    room = a_room(line.store)
    body = asked(room, "/?days=1").body
    assert "Nothing yet" in body
    assert "What a watchlist wanted of it was published earlier." in body
    assert "Told to nobody" in asked(room, "/?days=3").body


# health


def test_feeds_that_are_not_well_come_first_with_what_is_wrong_and_what_to_do(store: SqlStore) -> None:
    feeds = [a_feed(f"https://{name}.example/", outlet=name) for name in ("able", "baker", "charlie")]
    now = NOW + HOUR
    store.save_states(
        [
            FeedState("https://able.example/", polled_at=now, ok_at=now, next_due=now + HOUR, newest=NOW),
            FeedState("https://baker.example/", polled_at=now, errors=3, error="http_403: refused", next_due=now),
            FeedState("https://charlie.example/", polled_at=now, ok_at=now, next_due=now + HOUR, newest=NOW - 9 * DAY,
                      gap=timedelta(hours=5), known_for=9 * DAY),
        ]
    )  # fmt: skip
    room = a_room(store, a_desk(feeds=feeds))
    body = asked(room, "/health").body
    assert body.index(">baker<") < body.index(">charlie<") < body.index(">able<")
    assert "http_403: refused — it refuses us: take it out, or ask its publisher" in body
    assert "(usually every 5 h)" in body
    assert "look whether the site has another feed now" in body
    by_name = asked(room, "/health?sort=outlet").body
    assert by_name.index(">able<") < by_name.index(">baker<")
    assert 'aria-sort="ascending"><a href="/health?sort=outlet' in by_name
    failing = asked(room, "/health?state=failing").body
    assert ">baker<" in failing
    assert ">able<" not in failing


def test_fifty_thousand_feeds_are_shown_fifty_at_a_time(store: SqlStore) -> None:
    feeds = [a_feed(f"https://example/{n}", outlet=f"outlet {n:05}") for n in range(50_000)]
    room = a_room(store, a_desk(feeds=feeds))
    answer = asked(room, "/health?sort=outlet&page=2")
    assert len(answer.body) < 80_000
    assert "outlet 00050<" in answer.body
    assert "outlet 00049<" not in answer.body
    assert "page 2 of 1000" in answer.body


def test_a_page_of_feeds_that_there_is_none_of_is_the_last(store: SqlStore) -> None:
    room = a_room(store, a_desk(feeds=[a_feed(f"https://example/{n}") for n in range(120)]))
    assert "page 3 of 3" in asked(room, "/health?page=99999").body


def test_deliveries_show_what_stands_in_the_way_and_what_helps(line: Line) -> None:
    line.collected(an_article())
    alerts = [
        an_alert("x1", "#quiet", state=PARKED, error="not_in_channel: invite the bot there with /invite"),
        an_alert("x2", "#lost", state=DEAD, error="msg_too_long: refused <b>", story_id="s2"),
    ]
    line.store.save_follow([], [a_story()], alerts)
    body = asked(a_room(line.store, line.desk), "/health").body
    assert "invite the bot there with /invite" in body
    assert "<code>systemctl reload tariffwatch</code>" in body
    assert "msg_too_long: refused &lt;b&gt;" in body
    assert body.index("#lost") < body.index(CHANNEL)


def test_what_keeps_the_desk_from_its_work_stands_at_the_top(store: SqlStore) -> None:
    body = asked(a_room(store, ready=lambda: ["model: none is loaded"]), "/health").body
    assert "<li>model: none is loaded</li>" in body
    assert "a model" in body


# how things are written


def test_a_time_is_written_in_utc_with_the_zone_of_its_source_at_hand() -> None:
    assert when(NOW, "America/New_York") == (
        '<time datetime="2026-03-02T09:30:00Z" title="2 Mar 2026 09:30 UTC · 2 Mar 2026 04:30 EST">2 Mar 2026 09:30 UTC</time>'
    )
    assert "15:00 IST" in when(NOW)
    assert "09:30 UTC ·" in when(NOW, "No/Such")


def test_how_long_ago_is_told_in_words() -> None:
    told = {ago_words(NOW - MINUTE / 2, NOW), ago_words(NOW - 5 * MINUTE, NOW), ago_words(NOW + 3 * HOUR, NOW)}
    assert told == {"just now", "5 min ago", "in 3 h"}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "", "//evil.example", "https://", "ftp://a/b"]
)
def test_what_is_no_address_to_follow_is_no_link(url: str) -> None:
    assert out(url, "<b>words</b>") == "<span>&lt;b&gt;words&lt;/b&gt;</span>"


def test_a_link_cannot_end_its_attribute_and_tells_the_other_side_nothing() -> None:
    assert out('https://a.example/"onclick="x', "words") == (
        '<a href="https://a.example/%22onclick=%22x" rel="noreferrer noopener external">words</a>'
    )


def test_words_of_others_stand_on_one_line_in_their_own_direction_and_end() -> None:
    assert on_one_line("a\u202eb\n\u2066c") == "ab c"
    assert len(on_one_line("x" * 5000)) == 300


def test_an_answer_waits_for_no_acknowledgement() -> None:
    with closing(_bound(("127.0.0.1", 0))) as waiting, closing(socket.create_connection(waiting.getsockname())):
        accepted, _ = waiting.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
