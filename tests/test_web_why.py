"""The page that says why, without a browser: texts and articles of the store, what is refused, and that nothing is fetched."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from bot.articles import article_id
from bot.desk import Desk
from bot.explanation import chapters, examined
from bot.sources.single import typed
from bot.web import why
from bot.web.room import Room
from bot.web.why import BUSY, EMPTY, MOST, TREES, UNKNOWN, UNREAD
from tests.ledger_makers import a_measure, a_state
from tests.line import Line, store_at
from tests.makers import HOUR, NOW, a_desk, a_watchlist, an_analysis, an_article
from tests.told_stories import ATTACK
from tests.web import a_room, asked

TEXT = (
    "US to raise tariff on Indian shrimp\nWashington will raise its tariff on shrimp from India to 25% on 1 April 2026."
)
DESK = a_desk(a_watchlist("tariffs"), a_watchlist("steel", "steel OR (tariff dairy)"))


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(store_at(tmp_path / "store.db"), desk=DESK)
    yield line
    line.store.close()


def room_of(line: Line, desk: Desk = DESK, **changes: Any) -> Room:
    examiner = line.pipeline.examiner
    return a_room(line.store, desk, **({"examiner": lambda: examiner} | changes))


def words(body: str) -> str:
    """What is read on the page, without what only is said aloud."""
    seen = re.sub(r'<span class="hidden">[^<]*</span>', "", body.partition("<h1>")[2])
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", seen)).split())


def bare(text: str) -> str:
    return "".join(text.split())


def test_the_page_begins_with_a_form_and_says_what_it_takes(line: Line) -> None:
    answer = asked(room_of(line), "/why")
    assert (answer.status, '<form method="post" action="/why"' in answer.body) == (200, True)
    assert "20,000 characters at most" in answer.body


def test_of_a_text_the_page_says_all_that_explain_does(line: Line) -> None:
    measures = (a_measure(a_state(18, kind="new", days=-9)),)
    answer = asked(room_of(line, seed=measures), "/why", form={"text": TEXT})
    read = examined(typed(TEXT, NOW + HOUR), line.pipeline.examiner, DESK, measures)
    shown = bare(words(answer.body))
    told = [line for chapter in chapters(read, DESK, measures=measures) for line in chapter.lines]
    assert answer.status == 200
    assert len(told) > 20
    assert [line for line in told if bare(line) not in shown] == []


def test_the_words_that_spoke_are_marked_in_the_text_with_what_they_spoke_for(line: Line) -> None:
    body = asked(room_of(line), "/why", form={"text": TEXT}).body
    assert '<mark class="of-word" title="tariffs">tariff</mark>' in body
    assert '<mark class="of-sector" title="seafood">shrimp</mark><small class="label"> seafood</small>' in body


def test_each_watchlist_is_shown_as_a_tree_what_fired_first_and_what_the_others_lacked(line: Line) -> None:
    text = words(asked(room_of(line), "/why", form={"text": TEXT}).body)
    assert "Each would have fired had its query been so: steel : without steel" in text
    assert "✔ tariffs fired ✔ tariff — “tariff” ✘ steel did not fire ✘ any of — needs one of these" in text
    assert "✘ steel — needs steel ✘ all of ✔ tariff — “tariff” ✘ dairy — needs dairy" in text


def test_an_address_is_looked_up_and_shown_as_it_is_in_the_store(line: Line) -> None:
    url = "https://a.example/news/1"
    line.told(an_article(article_id(url), url=url))
    sent = asked(room_of(line), "/why", form={"text": " https://www.a.example/news/1?utm_source=x "})
    assert (sent.status, sent.headers["location"]) == (
        303,
        "/why?url=https%3A%2F%2Fwww.a.example%2Fnews%2F1%3Futm_source%3Dx",
    )
    for address in (url, "HTTPS://a.example/news/1?utm_source=rss", "www.a.example/news/1"):
        answer = asked(room_of(line), f"/why?url={address}")
        text = words(answer.body)
        assert answer.status == 200
        assert "Would alert #desk with severity high: tariffs fired." in text
        assert "It is in the story US to raise tariff on Indian shrimp to 25%" in text
        assert "Card high US to raise tariff on Indian shrimp to 25% Waiting to be sent" in text


@pytest.mark.parametrize(
    ("asked", "so"),
    [
        ("https://a.example/news/1", True),
        ("a.example/news/1", True),
        ("0" * 32, True),
        ("US to raise tariff", False),
        ("Tariffs.", False),
        ("https://a.example/1 and more", False),
        ("https://a.example/" + "x" * 5000, False),
    ],
)
def test_an_address_is_told_from_a_text(asked: str, so: bool) -> None:
    assert why.is_address(asked) == so


def test_an_article_is_judged_by_the_watchlists_as_they_are_now(line: Line) -> None:
    line.told(an_article("1" * 32))
    now = a_desk(a_watchlist("shrimps", "shrimp"))
    text = words(asked(room_of(line, now), f"/why?url={'1' * 32}").body)
    assert "Would alert #desk with severity high: shrimps fired." in text
    muting = replace(now, mute=(a_watchlist("no shrimps", "shrimp"),))
    text = words(asked(room_of(line, muting), f"/why?url={'1' * 32}").body)
    assert "No alert: muted for all watchlists by no shrimps." in text
    assert "✔ no shrimps fired" in text


def test_an_address_that_the_store_has_not_is_not_fetched(line: Line) -> None:
    answer = asked(room_of(line), "/why?url=http://169.254.169.254/latest")
    assert (answer.status, UNKNOWN in answer.body) == (404, True)
    assert ">\nhttp://169.254.169.254/latest</textarea>" in answer.body
    assert line.fetcher.asked == []


def test_an_article_of_the_store_is_not_fetched_either(line: Line) -> None:
    line.told(an_article("1" * 32))
    line.fetcher.asked.clear()
    assert asked(room_of(line), f"/why?url={'1' * 32}").status == 200
    assert asked(room_of(line), "/why", form={"text": f"{TEXT}\nhttps://a.example/x"}).status == 200
    assert line.fetcher.asked == []


def test_a_text_that_stands_in_an_address_is_put_into_the_form_and_not_read(line: Line) -> None:
    answer = asked(room_of(line), "/why?url=US%20to%20raise%20tariff")
    assert (answer.status, ">\nUS to raise tariff</textarea>" in answer.body) == (200, True)
    assert line.classifier.texts == []


def test_an_article_that_is_not_read_yet_says_so(line: Line) -> None:
    line.collected(an_article("1" * 32))
    answer = asked(room_of(line), f"/why?url={'1' * 32}")
    assert (answer.status, UNREAD in answer.body) == (409, True)


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u202e"])
def test_nothing_is_no_text(line: Line, text: str) -> None:
    answer = asked(room_of(line), "/why", form={"text": text})
    assert (answer.status, EMPTY in answer.body) == (422, True)


def test_a_text_that_is_too_long_is_refused_and_given_back(line: Line) -> None:
    answer = asked(room_of(line), "/why", form={"text": "x" * (MOST + 1)})
    assert answer.status == 413
    assert "of 20,001 characters 20,000 are read at most" in answer.body
    assert "x" * (MOST + 1) in answer.body
    assert line.classifier.texts == []


def test_who_asks_while_another_text_is_read_is_told_so_and_keeps_the_text(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(why, "PATIENCE", 0.01)
    busy = Lock()
    room = room_of(line, reading=busy)
    with busy:
        answer = asked(room, "/why", form={"text": TEXT})
    assert (answer.status, BUSY in answer.body) == (503, True)
    assert TEXT.partition("\n")[0] in answer.body
    assert asked(room, "/why", form={"text": TEXT}).status == 200


def test_a_text_of_another_site_is_not_read(line: Line) -> None:
    answer = asked(room_of(line), "/why", form={"text": TEXT}, Sec_Fetch_Site="cross-site")
    assert answer.status == 403
    assert line.classifier.texts == []


def test_nothing_of_a_text_becomes_markup(line: Line) -> None:
    body = asked(room_of(line), "/why", form={"text": f"Tariff {ATTACK}\n</textarea>{ATTACK} tariff {ATTACK}"}).body
    assert "<script>document" not in body
    assert "<img" not in body
    assert body.count("</textarea>") == 1


def test_a_long_title_does_not_hide_the_conclusion(line: Line) -> None:
    line.told(an_article("1" * 32, title="tariff " * 300))
    body = asked(room_of(line), f"/why?url={'1' * 32}").body
    heading = words(f"<h1>{body.partition('<h2')[2].partition('</h2>')[0]}")
    assert (len(heading) < 400, heading[-1]) == (True, "…")


def test_a_long_article_is_shown_to_a_length_and_of_many_watchlists_the_nearest(line: Line) -> None:
    line.collected(an_article("1" * 32, text="The tariff. " * 4000))
    line.store.save_analyses([(an_article("1" * 32, text="The tariff. " * 4000), an_analysis("1" * 32))])
    many = a_desk(*(a_watchlist(f"list {n}", "steel") for n in range(TREES + 20)), a_watchlist("one", "tariff"))
    answer = asked(room_of(line, many), f"/why?url={'1' * 32}")
    assert "28,000 more characters not shown" in words(answer.body)
    assert "And 21 more watchlists further from firing" in words(answer.body)
    assert "✔ one fired" in words(answer.body)


def test_a_refused_reading_is_read_plainly(line: Line) -> None:
    line.told(an_article("1" * 32))
    line.reader.poison = "Washington"
    assert asked(room_of(line), f"/why?url={'1' * 32}").status == 200
