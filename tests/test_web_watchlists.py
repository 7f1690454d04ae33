"""The pages of watchlists without a browser: what they tell, what the box says of a query, and who may change what."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot import app
from bot.actions import NOT_RELEVANT, RELEVANT
from bot.config import load_config
from bot.live import Live
from bot.stores import sqlite
from bot.stores.sql import SqlStore
from bot.web.box import BUSY, EMPTY, Box, Look, draft_of
from bot.web.room import Room
from tests.line import Line, store_at
from tests.makers import DAY, NOW, an_action, an_article
from tests.web import Answer, a_room, asked

SMALL = """\
channel: "#trade"
ops: {channel: "#ops"}
http: {listen: "127.0.0.1:8420", edit: true}
watchlists:
  # Ours, and old.
  - name: shrimp
    query: shrimp tariff
    channels: ["#sea", C0123456789]
    languages: [en]  # and no other
    owner: Priya
    until: 2026-12-31
  - name: steel
    query: steel INDIA
feeds:
  - url: https://a.example/rss
    outlet: A
"""
HX = {"HX_Request": "true"}
FIELDS = {"name": "shrimp", "query": "shrimp tariff", "channels": "#sea C0123456789", "owner": "Priya", "by": "Asha"}
HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(1)> shrimp tariff'


@dataclass
class Desk:
    """A desk that runs in a folder, and the room where its pages are made."""

    folder: Path
    line: Line
    live: Live
    room: Room

    @property
    def config(self) -> str:
        return (self.folder / "config.yaml").read_text("utf-8")

    def sent(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        return asked(self.room, f"/watchlists/{path}", form=form, **headers)

    def seen(self, name: str = "shrimp") -> dict[str, str]:
        """What is hidden in the form that changes a watchlist."""
        body = asked(self.room, f"/watchlists/_try?name={name}" if name else "/watchlists/_try").body
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', body))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from a_desk_in(tmp_path, SMALL)


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Desk]:
    yield from a_desk_in(tmp_path, SMALL.replace(", edit: true", ""))


def a_desk_in(folder: Path, config: str) -> Iterator[Desk]:
    (folder / "config.yaml").write_text(config, "utf-8")
    settings = load_config(folder / "config.yaml", {})
    line = Line(store_at(folder / "store.db"), desk=app.desk(settings))
    pipeline = line.pipeline
    live = Live(pipeline, settings, {}, lambda: NOW, line.events.append)
    app.keep_versions(settings, line.store, NOW)
    yield Desk(folder, line, live, room_of(line, live))
    line.store.close()


def room_of(line: Line, live: Live) -> Room:
    return replace(a_room(line.store), desk=lambda: live.pipeline.desk, live=live)


def words(body: str) -> str:
    """What people read, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


# what is told


def test_the_list_tells_what_each_asks_where_it_alerts_and_how_it_does(desk: Desk) -> None:
    desk.line.told(an_article(), an_article("a2", published=NOW - 3 * DAY))
    told = words(asked(desk.room, "/watchlists").body)
    assert (
        "shrimp shrimp tariff #sea, C0123456789 · severity by what moved · owner Priya · until 2026-12-31 · languages en"
        in told
    )
    assert "2 hits in 30 days, at most 1 on 27 Feb 2026 . By day: 27 Feb 2026: 1; 2 Mar 2026: 1" in told
    assert "Answers: nobody has answered Version 1, added" in told
    assert "steel 1 doubt steel INDIA Doubt: INDIA is looked for as a word: did you mean $INDIA? #trade" in told


def test_the_chart_is_hidden_from_who_does_not_see_it_and_its_numbers_are_told(desk: Desk) -> None:
    desk.line.told(an_article())
    body = asked(desk.room, "/watchlists/shrimp").body
    assert re.search(r'<svg[^>]* aria-hidden="true"[^>]*><path class="ground"[^>]*/><path d="M118 24V0"/></svg>', body)
    assert (
        "The numbers Articles on which it fired, by the day of their publication in UTC Day Hits 2026-03-02 1"
        in words(body)
    )


def test_precision_is_claimed_of_eight_answers_and_not_of_seven(desk: Desk) -> None:
    names = [f"a{n}" for n in range(8)]
    desk.line.told(*(an_article(name, title=f"Shrimp tariff {name}") for name in names))
    for n, name in enumerate(names):
        told = words(asked(desk.room, "/watchlists").body)
        kind = NOT_RELEVANT if n == 0 else RELEVANT
        desk.line.store.save_action(an_action(kind, f"U{n}", alert_id="", article_id=name, story_id=name))
    assert "6 of 7 relevant, too few to say more: 8 are needed" in told
    assert "7 of 8 relevant, 88% (53% to 98%)" in words(asked(desk.room, "/watchlists").body)


def test_a_watchlist_has_its_last_hits_with_the_way_to_their_stories(desk: Desk) -> None:
    desk.line.told(an_article(title=HOSTILE), an_article("a2", title="Shrimp tariff, again", published=NOW - DAY))
    body = asked(desk.room, "/watchlists/shrimp").body
    assert body.index("onerror") < body.index("Shrimp tariff, again")
    assert '<a href="/story/a2">&lt;script&gt;' in body
    assert "<script>alert" not in body
    assert "<img" not in body


def test_one_that_never_fired_says_so(desk: Desk) -> None:
    told = words(asked(desk.room, "/watchlists/steel").body)
    assert "no hit in 30 days" in told
    assert "It fired on none of the articles that are kept." in told


def test_long_lists_come_page_by_page(tmp_path: Path) -> None:
    many = "".join(f"  - name: w{n}\n    query: steel\n" for n in range(60))
    for made in a_desk_in(tmp_path, SMALL.replace("feeds:", f"{many}feeds:")):
        pages = [asked(made.room, f"/watchlists?page={n}").body for n in ("1", "3", "99", "x", "-1")]
        assert [body.count('<li class="card">') for body in pages] == [25, 12, 12, 25, 25]
        assert "Page 3 of 3" in pages[1]
        assert 'rel="next"' not in pages[1]


def test_a_name_that_nothing_has_is_a_page_that_says_so(desk: Desk) -> None:
    for path in ("tea", "_try?name=tea", "%3Cscript%3E"):
        answer = asked(desk.room, f"/watchlists/{path}")
        assert (answer.status, "Nothing here" in answer.body, "<script>" in answer.body) == (404, True, False)


def test_versions_tell_who_changed_what_when(desk: Desk) -> None:
    desk.sent("_save", desk.seen() | FIELDS | {"query": "prawn tariff"})
    body = asked(desk.room, "/watchlists/shrimp").body
    told = words(body)
    assert "2 · changed by page: Asha · 2 Mar 2026 10:30 UTC in config.yaml" in told
    assert "-query: shrimp tariff +query: >- + prawn tariff" in told
    assert "+  prawn tariff</span>" in body
    assert told.index("2 · changed") < told.index("1 · added")


def test_no_page_looks_at_each_row_of_what_grows(desk: Desk) -> None:
    statements: list[tuple[str, Any]] = []
    store = desk.line.store
    assert isinstance(store, SqlStore)
    event.listen(
        store._engine, "before_cursor_execute", lambda c, cur, text, values, *_: statements.append((text, values))
    )
    desk.line.told(an_article())
    statements.clear()
    for path in ("", "/shrimp", "/_try?name=shrimp"):
        assert asked(desk.room, f"/watchlists{path}").status == 200
    desk.sent("_try", {"query": "tea"})
    plans = sqlite.read_only(desk.folder / "store.db")
    found = {
        row[3]
        for text, values in statements
        if text.startswith("SELECT")
        for row in plans.execute(f"EXPLAIN QUERY PLAN {text}", values)
    }
    plans.close()
    assert "SEARCH hits USING COVERING INDEX ix_hits_day_watchlist (day>?)" in found
    large = ("articles", "analyses", "members", "alerts", "actions", "hits")
    assert not {scan for scan in found if scan.startswith("SCAN") and scan.split()[1] in large}


# the box


@pytest.mark.parametrize(
    ("query", "place", "caret", "hint"),
    [
        (
            "$INDIA sector:diary",
            "Line 1, column 15: there is no sector 'diary'",
            f"sector:diary\n{' ' * 14}^",
            "did you",
        ),
        ("tea OR\n(coffee", "Line 2, column 8: the query ends too early", f">(coffee\n{' ' * 7}^<", 'expected ")"'),
        (f"{'x' * 110} $TARIF", "Line 1, column 112", f"… {'x' * 49} $TARIF\n{' ' * 52}^", "did you mean"),
    ],
)
def test_a_query_that_cannot_be_read_is_told_with_its_place(
    desk: Desk, query: str, place: str, caret: str, hint: str
) -> None:
    body = desk.sent("_try", {"query": query}, **HX).body
    assert place in words(body)
    assert caret in unescape(body)
    assert f"Hint: {hint}" in words(body)
    assert "<html" not in body


def test_while_somebody_types_a_glance_is_enough(desk: Desk) -> None:
    desk.line.told(an_article(), an_article("a2", title="Tea", text="Tea."))
    typed = desk.sent("_try", {"query": "tea INDIA"}, HX_Trigger_Name="query", **HX).body
    assert words(typed) == (
        "Doubt: INDIA is looked for as a word: did you mean $INDIA? At a glance: hits 0 of the last 2 articles."
    )
    changed = desk.sent("_try", {"query": "tea", "name": "shrimp"}, HX_Trigger_Name="query", **HX).body
    assert words(changed) == "At a glance: hits 1 of the last 2 articles, 1 as it stands."
    assert words(desk.sent("_try", {"query": " "}, HX_Trigger_Name="query", **HX).body) == ""


def test_a_tryout_tells_hits_and_what_a_change_would_lose_and_gain(desk: Desk) -> None:
    desk.line.told(an_article(), an_article("a2", title="Tea for India", text="Tea.", url="javascript:alert(1)"))
    body = desk.sent("_try", {"query": "tea", "name": "shrimp"}, **HX).body
    told = words(body)
    assert "Tried on all 2 articles of the last 30 days. tea 1 hit, 1 alert" in told
    assert "As it stands: 1 hit, 1 alert. This one loses 1 hit and gains 1 hit." in told
    assert "Lost against the version that stands US to raise tariff on Indian shrimp to 25%" in told
    assert "javascript:" not in body


def test_without_script_the_whole_page_comes_back_with_what_was_typed(desk: Desk) -> None:
    desk.line.told(an_article())
    answer = desk.sent("_try", desk.seen() | FIELDS | {"query": 'shrimp OR "</textarea>"', "severity": "high"})
    assert answer.status == 200
    assert "shrimp OR &#34;&lt;/textarea&gt;&#34;</textarea>" in answer.body
    assert '<option value="high" selected>' in answer.body
    assert "Tried on all 1 article" in words(answer.body)


def test_no_query_and_no_archive_are_said(desk: Desk) -> None:
    assert EMPTY in words(desk.sent("_try", {"query": ""}, **HX).body)
    assert "The store holds no article of the last 30 days yet" in words(desk.sent("_try", {"query": "tea"}, **HX).body)


def test_one_query_at_a_time_is_tried_and_the_others_hear_that(desk: Desk) -> None:
    box = Box(desk.room)
    with box.trying:
        assert box.look(draft_of({"query": "tea"}), whole=True).words == BUSY
    assert box.look(draft_of({"query": "tea"}), whole=True).words != BUSY


def test_when_time_is_over_the_rest_of_the_archive_is_left_out_and_that_is_told(desk: Desk) -> None:
    desk.line.told(*(an_article(f"a{n}", title=f"Tea {n}", text="") for n in range(100)))
    ticks = iter((0.0, 99.0))
    told = Box(desk.room, lambda: next(ticks)).look(draft_of({"query": "tea"}), whole=True)
    assert told.words.startswith(
        "Tried on the newest 64 of 100 articles, back to 2 Mar 2026: the time for it was over."
    )


def test_topics_of_the_desks_own_can_be_asked_for_without_settings_at_hand(desk: Desk) -> None:
    box = Box(replace(desk.room, live=None))
    assert isinstance(box.look(draft_of({"query": "topic:tariff_threat"}), whole=True), Look)
    assert box.look(draft_of({"query": "topic:gold"}), whole=True).wrong.startswith("Line 1, column 7")


# changes


def test_a_change_is_saved_where_it_stands_with_comments_and_other_keys_and_holds_at_once(desk: Desk) -> None:
    answer = desk.sent("_save", desk.seen() | FIELDS | {"query": "prawn tariff", "channels": "#sea, #fish"})
    assert "shrimp is saved in config.yaml as version 2. The desk goes by it from now on." in words(answer.body)
    entry = '    query: >-\n      prawn tariff\n    channels: ["#sea", "#fish"]\n    languages: [en]  # and no other\n'
    assert f"  # Ours, and old.\n  - name: shrimp\n{entry}    owner: Priya\n  - name: steel" in desk.config
    (watchlist, _) = desk.live.pipeline.desk.watchlists
    assert (watchlist.query_text, watchlist.channels) == ("prawn tariff", ("#sea", "#fish"))
    action = desk.line.store.actions()[-1]
    assert (action.kind, action.user, action.user_name) == ("watch_edit", "page: Asha", "Asha")
    (notice,) = [alert.message.headline for alert in desk.line.store.alerts() if "shrimp" in alert.message.headline]
    assert notice == "Watchlist shrimp changed by Asha from the page"


def test_a_new_watchlist_goes_into_the_pages_own_file(desk: Desk) -> None:
    form = desk.seen("") | {"name": "Tea", "query": "tea tariff", "severity": "low", "by": "Asha"}
    answer = desk.sent("_save", form)
    assert "tea is saved in watchlists/page.yaml as version 1" in words(answer.body)
    assert (desk.folder / "watchlists/page.yaml").read_text("utf-8").startswith("watchlists:\n  - name: tea\n")


def test_what_is_sent_twice_is_done_once(desk: Desk) -> None:
    form = desk.seen() | FIELDS | {"query": "prawn tariff"}
    desk.sent("_save", form)
    assert "This was done already." in desk.sent("_save", form).body
    assert len(desk.line.store.versions("shrimp")) == 2


@pytest.mark.parametrize(
    ("changes", "words_of_it"),
    [
        ({"query": "prawn ("}, "the query ends too early"),
        ({"query": ""}, "is empty — write words"),
        ({"channels": "sea here"}, "is no channel"),
        ({"until": "soon"}, "is no day — write it like 2026-12-31"),
        ({"severity": "grave"}, "low"),
        ({"by": " \u202e "}, "write your name"),
        ({"by": "x" * 61}, "write your name"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_written(
    desk: Desk, changes: dict[str, str], words_of_it: str
) -> None:
    answer = desk.sent("_save", desk.seen() | FIELDS | {"query": "prawn tariff"} | changes)
    assert (answer.status, desk.config) == (422, SMALL)
    (field,) = changes
    told = re.search(rf'<span id="wrong-{field}" class="wrong">([^<]*)</span>|<strong>(Line [^<]*)<', answer.body)
    assert told is not None
    assert words_of_it in unescape(told[1] or told[2])
    assert re.search(rf'name="{field}"[^>]* aria-invalid="true"', answer.body)


def test_what_only_people_can_change_is_tried_and_not_saved(tmp_path: Path) -> None:
    text = SMALL.replace("  - name: steel\n    query: steel INDIA\n", "  - {name: steel, query: steel}\n")
    for made in a_desk_in(tmp_path, text):
        body = asked(made.room, "/watchlists/_try?name=steel").body
        assert "this watchlist stands in brackets and cannot be changed by the program" in body
        assert ">steel</textarea>" in body
        answer = made.sent("_save", made.seen("steel") | {"query": "steel OR iron", "by": "Asha"})
        assert (answer.status, made.config) == (409, text)


def test_files_that_cannot_be_read_are_told(desk: Desk) -> None:
    (desk.folder / "config.yaml").unlink()
    answer = asked(desk.room, "/watchlists/_try?name=shrimp")
    assert (answer.status, "cannot be read: No such file" in answer.body) == (200, True)
    assert desk.sent("_undo", {"name": "shrimp", "by": "Asha", "key": "k"}).status == 409


def test_a_name_that_is_taken_is_told(desk: Desk) -> None:
    answer = desk.sent("_save", desk.seen("") | FIELDS)
    assert (answer.status, desk.config) == (422, SMALL)
    assert "there is a watchlist of that name already" in answer.body


def test_a_watchlist_that_was_changed_meanwhile_is_not_overwritten_and_what_was_typed_stays(desk: Desk) -> None:
    form = desk.seen() | FIELDS | {"query": "prawn tariff"}
    other = SMALL.replace("shrimp tariff", "shrimp duty")
    (desk.folder / "config.yaml").write_text(other, "utf-8")
    answer = desk.sent("_save", form)
    assert (answer.status, desk.config) == (409, other)
    assert "shrimp was changed meanwhile" in answer.body
    assert "prawn tariff</textarea>" in answer.body


def test_an_undo_puts_the_version_before_back(desk: Desk) -> None:
    desk.sent("_save", desk.seen() | FIELDS | {"query": "prawn tariff"})
    answer = desk.sent("_undo", {"name": "shrimp", "by": "Ravi", "key": "k1"})
    assert "shrimp is saved in config.yaml as version 3" in words(answer.body)
    assert "3 · undone by page: Ravi" in words(answer.body)
    assert "query: shrimp tariff" in desk.config
    assert desk.sent("_undo", {"name": "shrimp", "by": "", "key": "k2"}).status == 422
    assert desk.sent("_undo", {"name": "steel", "by": "Ravi", "key": "k3"}).status == 200


def test_an_undo_of_the_first_version_removes_it_and_its_history_can_still_be_read(desk: Desk) -> None:
    desk.sent("_save", desk.seen("") | {"name": "tea", "query": "tea tariff", "by": "Asha"})
    told = words(desk.sent("_undo", {"name": "tea", "by": "Asha", "key": "k"}).body)
    assert "tea is removed, as it was before. The desk goes by it from now on." in told
    assert "This watchlist was removed" in told


def test_where_the_settings_do_not_say_so_nobody_may_change_anything(closed: Desk) -> None:
    before = closed.config
    for path, form in (("_save", FIELDS | {"seen": "", "key": "k"}), ("_undo", {"name": "shrimp", "by": "Asha"})):
        answer = closed.sent(path, form)
        assert (answer.status, "edit: true" in answer.body) == (403, True)
    assert closed.config == before
    for path in ("_try", "_try?name=shrimp", "shrimp", ""):
        body = asked(closed.room, f"/watchlists/{path}".rstrip("/")).body
        assert "_save" not in body
        assert "_undo" not in body


def test_settings_that_are_taken_while_the_desk_runs_open_and_close_it(closed: Desk) -> None:
    (closed.folder / "config.yaml").write_text(SMALL, "utf-8")
    closed.live.reload()
    assert "_save" in asked(closed.room, "/watchlists/_try").body


@pytest.mark.parametrize("path", ["_save", "_undo", "_try"])
def test_another_site_cannot_send_any_of_it(desk: Desk, path: str) -> None:
    answer = desk.sent(path, FIELDS | {"query": "prawn"}, Sec_Fetch_Site="cross-site")
    assert (answer.status, desk.config) == (403, SMALL)
