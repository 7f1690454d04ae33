"""The ledger's pages without a browser: what they list, what they are narrowed to, and the same as files."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from bot.measures import Measure
from bot.stores.sql import SqlStore
from bot.web.room import Room
from tests.ledger_makers import START, a_measure, a_state, day
from tests.line import store_at
from tests.web import Answer, a_room, asked

CUT = a_measure(
    a_state(25, "in_force"),
    a_state(18, days=5, effective=day(9), action="cut", outlet="Gulf Wire", verified=False, contested="Wire: 20 %"),
    title="A cut",
)
MILK = a_measure(
    a_state(30, "in_force", 1),
    id="in-us-dairy",
    imposer="IN",
    target=("US",),
    goods=("dairy",),
    ground="",
    title="Milk",
)
GONE = a_measure(a_state(10, "struck_down", 2), id="us-all", target=("ALL",), title="A base")
MEASURES = (CUT, MILK, GONE)
NOW = START + timedelta(days=12)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = store_at(tmp_path / "store.db")
    yield store
    store.close()


def room(store: SqlStore, *measures: Measure) -> Room:
    store.save_follow([], [], [], measures)
    return a_room(store, clock=lambda: NOW)


@pytest.fixture
def full(store: SqlStore) -> Room:
    return room(store, *MEASURES)


def order(body: str, *words: str) -> list[int]:
    return [body.index(word) for word in words]


def rows(answer: Answer) -> list[str]:
    return [row["title"] for row in csv.DictReader(StringIO(answer.body))]


def test_the_ledger_lists_what_stands_under_its_headings_with_sentence_source_and_link(full: Room) -> None:
    answer = asked(full, "/ledger")
    assert answer.status == 200
    body = answer.body[answer.body.index('id="sectors"') :]
    found = order(
        body, ">In force</h2>", "A cut", "18 % in force, from 11 Mar 2026 (by its date)", ">Ended</h2>", "A base"
    )
    assert found == sorted(found)
    for words in (
        "The tariff is so and so.",
        "https://deccan.example/1",
        "not verified",
        "Wire: 20 %",
        "India shields",
    ):
        assert words in body


def test_a_day_of_the_past_knows_less_and_its_address_can_be_shared(full: Room) -> None:
    body = asked(full, f"/ledger?on={day(1)}").body
    assert "25 % in force" in body
    assert "18 %" not in body
    assert "A base" not in body
    assert f'href="/ledger.csv?on={day(1)}"' in body
    assert f'href="/ledger/us-in-reciprocal?on={day(1)}"' in body


def test_the_form_without_script_leads_to_the_short_address(full: Room) -> None:
    moved = asked(full, f"/ledger?was={day(12)}&step=0&on={day(12)}&imposer=US&goods=&status=&ground=")
    assert (moved.status, moved.headers["location"]) == (303, f"/ledger?on={day()}&imposer=US")
    same = asked(full, f"/ledger/us-in-reciprocal?was={day(12)}&step=9&on={day(12)}")
    assert (same.status, same.headers["location"]) == (303, "/ledger/us-in-reciprocal")


def test_the_list_is_narrowed_by_what_the_address_says(full: Room) -> None:
    assert "A base" not in asked(full, "/ledger?imposer=IN").body
    assert "No line of that day is so." in asked(full, "/ledger?imposer=IN&status=ended").body
    assert "Nothing was known yet" in asked(full, "/ledger?on=2020-01-01").body


def test_what_cannot_be_asked_for_is_told_beside_the_field_and_today_is_shown(full: Room) -> None:
    body = asked(full, "/ledger?on=%3Cscript%3E").body
    assert "“&lt;script&gt;” is no day. Write it as 2026-03-14." in body
    assert 'aria-invalid="true"' in body
    assert "18 % in force" in body
    refused = asked(full, "/ledger.csv?on=yesterday")
    assert (refused.status, refused.body) == (400, "“yesterday” is no day. Write it as 2026-03-14.\n")


def test_a_long_list_comes_in_parts_and_the_chart_says_what_it_leaves_out(store: SqlStore) -> None:
    many = [a_measure(a_state(n + 1, "in_force", 0), id=f"m{n:02}", title=f"Duty {n:02}") for n in range(60)]
    full = room(store, *many)
    first, last, beyond = (asked(full, f"/ledger?page={page}").body for page in (1, 3, 99))
    assert first.count('role="rowheader"') == 25
    assert "52 more measures that hit India are not drawn" in first
    assert 'href="/ledger?page=2" rel="next"' in first
    assert last.count('role="rowheader"') == 10
    assert beyond.count('role="rowheader"') == 10
    assert len(first) < 80_000


def test_a_crowded_ledger_is_no_heavier_than_a_page_may_be(store: SqlStore) -> None:
    """With its style and its scripts, before anything is packed."""
    said = {"sentence": "A tariff. " * 300, "contested": "No. " * 100, "outlet": "Wire " * 40}
    told = [a_state(10 + n % 7, "in_force" if n % 3 else "announced", n / 2, **said) for n in range(200)]
    full = room(store, *(a_measure(*told, id=f"m{n}", title=f"Duty {n} " * 9) for n in range(40)))
    full = replace(full, clock=lambda: START + timedelta(days=100))
    for path in ("/ledger", "/ledger/m1"):
        body = asked(full, path).body
        parts = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', body))
        assert len(parts) == 5
        assert len(body.encode()) + sum(len(asked(full, part).body.encode()) for part in parts) < 150_000


def test_a_measure_has_its_history_the_newest_first(full: Room) -> None:
    body = asked(full, "/ledger/us-in-reciprocal").body
    told = body[body.index('id="history"') :]
    found = order(told, "18 % announced, from 11 Mar 2026", "Wire: 20 %", "25 % in force")
    assert found == sorted(found)
    assert "18 % in force, from 11 Mar 2026 (by its date)" in body[: body.index('id="history"')]
    assert (
        "Nothing was told of this measure by the end of" in asked(full, "/ledger/us-in-reciprocal?on=2020-01-01").body
    )
    assert asked(full, "/ledger/nothing").status == 404


def test_the_chart_is_told_in_words_and_as_a_table(full: Room) -> None:
    body = asked(full, "/ledger/us-in-reciprocal").body
    assert 'role="img" aria-labelledby="chart-title chart-words"' in body
    assert "A cut, 18 % in force (contested) on 14 Mar 2026." in body
    table = body[body.index("<tbody>") :]
    found = order(table, "18 % in force", "18 % announced", "25 % in force")
    assert found == sorted(found)


def test_the_files_have_what_the_page_has_and_are_named_by_the_day(full: Room) -> None:
    as_csv = asked(full, "/ledger.csv?imposer=US")
    assert as_csv.headers["content-disposition"] == f'attachment; filename="ledger-{day(12)}.csv"'
    assert as_csv.headers["content-type"].startswith("text/csv")
    assert rows(as_csv) == ["A cut", "A base"]
    told = json.loads(asked(full, f"/ledger.json?on={day(0)}").body)
    assert (told["on"], told["timeline_as_of"]) == (str(day(0)), None)
    assert [state["title"] for state in told["states"]] == ["A cut"]


def test_no_cell_of_a_file_is_a_formula(store: SqlStore) -> None:
    evil = a_measure(a_state(sentence="=cmd|' /C calc'!A0", outlet="@evil", url="+1", speaker="-2"))
    (row,) = csv.DictReader(StringIO(asked(room(store, evil), "/ledger.csv").body))
    assert [row[name][0] for name in ("sentence", "outlet", "url", "speaker")] == ["'"] * 4


def test_before_anything_was_learned_the_timeline_is_shown_and_says_so(store: SqlStore) -> None:
    seeded = a_room(store, seed=MEASURES, seed_as_of=date(2026, 3, 10), clock=lambda: NOW)
    assert "from the timeline that the program came with" in asked(seeded, "/ledger").body
    assert json.loads(asked(seeded, "/ledger.json").body)["timeline_as_of"] == "2026-03-10"


def test_a_desk_without_a_ledger_says_that_nothing_is_known(store: SqlStore) -> None:
    answer = asked(a_room(store), "/ledger")
    assert (answer.status, "Nothing was known yet" in answer.body) == (200, True)
    assert asked(a_room(store), "/ledger.csv").body.count("\n") == 1


def test_what_is_told_meanwhile_is_on_the_next_page(store: SqlStore) -> None:
    full = room(store, CUT)
    assert "Milk" not in asked(full, "/ledger").body
    store.save_follow([], [], [], [MILK])
    assert "Milk" in asked(full, "/ledger").body


def test_a_link_that_no_reader_should_follow_is_words_alone(store: SqlStore) -> None:
    evil = a_measure(
        a_state(url="javascript:alert(1)", outlet="<b>Evil</b>", sentence='"><img src=x>', contested="<i>so</i>"),
        title="<script>alert(1)</script>",
        id='us"><script>',
        goods=("<u>",),
    )
    full = room(store, evil)
    for path in ("/ledger", "/ledger/us%22%3E%3Cscript%3E"):
        answer = asked(full, path)
        assert answer.status == 200
        for mark in ("javascript:", "<b>", "<img", "<i>", "<u>", "<script>"):
            assert mark not in answer.body


def test_a_moment_of_the_timeline_is_a_day_and_one_of_an_article_a_time(store: SqlStore) -> None:
    at = datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)
    told = a_measure(a_state(told=at, arrived=at, article_id=""), a_state(20, days=3))
    body = asked(room(store, told), "/ledger/us-in-reciprocal").body
    assert '<time datetime="2026-03-02">2 Mar 2026</time>' in body
    assert '<time datetime="2026-03-05T09:30:00Z"' in body
