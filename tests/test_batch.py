"""Batch reading: lines in, records out, in order, whatever is wrong with a line."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.analysis import LABELS, TOPICS, Why
from bot.articles import Article
from bot.batch import CHUNK, analyze_lines, article, because, record
from bot.examination import Read
from bot.topics import with_topics
from bot.vocabulary import Mention
from tests.ledger_makers import a_fact
from tests.makers import NOW, a_topic, a_vector, an_analysis, an_article, scores


def examine(articles: list[Article]) -> list[Read]:
    return [Read(article, an_analysis(article.id, "relevant", "tariff_threat")) for article in articles]


def results(*lines: str) -> list[dict[str, Any]]:
    return list(analyze_lines(lines, examine, NOW))


def a_line(**row: object) -> str:
    return json.dumps({"title": "Tariff raised"} | row)


def test_a_line_becomes_a_record_with_its_own_id() -> None:
    (row,) = results(a_line(id="n7", text="To 25%."))
    assert row == {
        "id": "n7",
        "topics": {"india_us_trade": 0.05, "tariff_threat": 0.9, "sensitive_sectors": 0.05},
        "labels": {"india_us_trade": False, "tariff_threat": True, "sensitive_sectors": False, "relevant": True},
        "relevant": {"score": 0.9, "decision": True},
        "facts": [],
        "deadlines": [],
        "watchlists": ["tariffs"],
        "why": "relevant 0.90 · topics: tariff_threat 0.90 · watchlists: tariffs (tariff)",
    }
    assert set(row["topics"]) == set(TOPICS)
    assert set(row["labels"]) == set(LABELS)


def test_facts_are_told_with_null_for_what_the_text_does_not_tell() -> None:
    fact = a_fact(20, "threatened", ground="", effective=date(2026, 4, 1))
    (told,) = record("a1", Read(an_article(), an_analysis(facts=(fact,))))["facts"]
    assert (told["target"], told["rate"], told["ground"], told["effective"]) == (["IN"], 20, None, "2026-04-01")
    assert json.loads(json.dumps(told)) == told


def test_the_desk_s_own_topics_stand_beside_the_model_s() -> None:
    own = with_topics(scores("relevant", embedding=a_vector("gold")), [a_topic()])
    row = record("a1", Read(an_article(), an_analysis(scores=own)))
    assert list(row["topics"]) == [*TOPICS, "gold"]
    assert list(row["labels"]) == [*TOPICS, "gold", "relevant"]
    assert row["labels"]["gold"] is True
    assert f"topics: gold {row['topics']['gold']:.2f}" in row["why"]


def test_a_line_without_an_id_goes_by_its_number_and_blank_lines_count_but_give_nothing() -> None:
    assert [row["id"] for row in results(a_line(), "", "  ", a_line())] == [1, 4]


def test_a_malformed_line_gives_an_error_and_order_holds() -> None:
    rows = results(a_line(id="a"), "{", a_line(id="b"), "[1]", a_line(id="c"))
    assert [row["id"] for row in rows] == ["a", 2, "b", 4, "c"]
    assert [sorted(row) for row in rows if "error" in row] == [["error", "id"], ["error", "id"]]
    assert rows[1]["error"].startswith("line 2 is no JSON: ")
    assert rows[3]["error"] == "line 4 is no JSON object"


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"text": "No title."}, "line 1 has no title"),
        ({"title": "  "}, "line 1 has no title"),
        ({"title": None}, "line 1 has no title"),
        ({"title": ["T"], "text": 5}, "line 1: title, text must be text"),
        ({"title": "T", "date": 20260302}, "line 1: date must be text"),
        ({"title": "T", "url": "http://[a/"}, "line 1: its url cannot be read: Invalid IPv6 URL"),
    ],
)
def test_a_line_of_which_no_article_can_be_made_says_why_under_its_id(row: dict[str, object], error: str) -> None:
    assert results(json.dumps({"id": "n1"} | row)) == [{"id": "n1", "error": error}]


@pytest.mark.parametrize("line", ["[" * 100_000, "1" * 5_000, '{"title": NaN}', '"x"', "null", "\x00"])
def test_hostile_lines_are_told_and_the_next_is_read(line: str) -> None:
    bad, good = results(line, a_line(id="ok"))
    assert "error" in bad
    assert good["id"] == "ok"


def test_half_a_character_is_replaced_so_that_models_and_files_can_take_the_text() -> None:
    seen: list[Article] = []

    def remember(articles: list[Article]) -> list[Read]:
        seen.extend(articles)
        return examine(articles)

    line = r'{"id": "n\ud83d", "title": "Duty \ud800 up", "text": "\udfff", "outlet": "\ud800"}'
    (row,) = analyze_lines([line], remember, NOW)
    assert (row["id"], seen[0].title, seen[0].text, seen[0].outlet) == ("n�", "Duty � up", "�", "�")
    json.dumps(row, ensure_ascii=False).encode()


def test_a_whole_emoji_is_left_whole() -> None:
    assert article(json.loads(r'{"title": "\ud83d\ude00 up"}'), NOW).title == "😀 up"


def test_lines_are_read_in_chunks_that_keep_their_order_and_as_they_come() -> None:
    sizes: list[int] = []

    def measured(articles: list[Article]) -> list[Read]:
        sizes.append(len(articles))
        return examine(articles)

    lines = (a_line(id=n) for n in range(2 * CHUNK + 1))
    rows = analyze_lines(lines, measured, NOW)
    assert next(rows)["id"] == 0
    assert sizes == [CHUNK]
    assert [row["id"] for row in rows] == list(range(1, 2 * CHUNK + 1))
    assert sizes == [CHUNK, CHUNK, 1]


def test_no_lines_give_no_records() -> None:
    assert results() == []


def test_an_article_of_no_feed_is_known_by_its_link_or_else_its_title() -> None:
    row = {"title": "T", "url": "https://a.example/1", "text": "Text.", "outlet": "A"}
    made = article(row, NOW)
    assert (made.title, made.text, made.outlet, made.url) == ("T", "Text.", "A", "https://a.example/1")
    assert (made.feed_url, made.official, made.quiet, made.first_seen) == ("", False, False, NOW)
    assert article(row | {"title": "Other"}, NOW).id == made.id
    assert article({"title": "T"}, NOW).id == article({"title": "T", "text": "x"}, NOW).id != made.id


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("2026-02-28T21:00:00Z", datetime(2026, 2, 28, 21, tzinfo=UTC)),
        ("2026-03-01T09:00:00+05:30", datetime(2026, 3, 1, 3, 30, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("yesterday", NOW),
        ("0001-01-01T00:00:00+05:30", NOW),
        ("", NOW),
    ],
)
def test_a_date_is_read_as_utc_and_one_that_cannot_be_read_is_now(date: str, published: datetime) -> None:
    found = article({"title": "T", "date": date}, NOW).published
    assert found == published
    assert found.tzinfo is UTC


def told(*labels: str, **changes: Any) -> str:
    return because(Read(an_article(), an_analysis("a1", *labels, **changes)))


def test_the_reason_names_the_sectors_once_and_the_words_of_each_watchlist() -> None:
    sectors: Iterable[Mention] = (Mention("seafood", 0, 1), Mention("steel", 2, 3), Mention("seafood", 4, 5))
    why = (Why("words", ("a", "b", "c", "d", "e")), Why("score only", ()))
    assert told(sectors=tuple(sectors), why=why) == (
        "not relevant 0.05 · no topic · sectors: seafood, steel · watchlists: words (a, b, c, d); score only"
    )


def test_the_reason_says_what_held_an_article_back() -> None:
    assert told(why=()) == "not relevant 0.05 · no topic · no watchlist fired"


def test_the_reason_says_when_no_model_was_asked() -> None:
    assert told(scores=scores("relevant", by="rules")).endswith(" · unscored: rules decided")
