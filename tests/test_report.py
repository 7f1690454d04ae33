"""The report of a week: what stands in it, as a record; then the page, and the PDF that is made of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from bot import cli, printing
from bot.alerts import EDIT, HIGH, LOW, MEDIUM, REPLY, ROOT, SENT, SUPERSEDED, Alert
from bot.chart import RATE_DAYS
from bot.feeds import FeedState
from bot.measures import AGREED, CONFIRMS, IN_FORCE, THREATENED
from bot.messages import FactLine
from bot.report import AHEAD, MOST_STORIES, Report, report
from bot.web.pictures import bars_svg, rates_svg
from bot.web.report_page import report_html, week
from tests.deadline_makers import a_deadline
from tests.ledger_makers import a_measure, a_state
from tests.line import Line as Desk
from tests.line import store_at
from tests.makers import (
    CHANNEL,
    DAY,
    FEED,
    HOUR,
    NOW,
    a_desk,
    a_feed,
    a_member,
    a_message,
    a_story,
    a_watchlist,
    an_alert,
)
from tests.makers import an_analysis as analysed
from tests.makers import an_article as article

LAST = NOW.date()
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> ₹300 crore, शुल्क'


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Desk]:
    line = Desk(store_at(tmp_path / "store.db"), desk=a_desk(feeds=[a_feed()]))
    yield line
    line.store.close()


def a_news(id: str, story: str, at: datetime = NOW - HOUR, role: str = ROOT, **said: Any) -> Alert:
    message = a_message(id, **said)
    return an_alert(id, role=role, story_id=story, article_id=id, state=SENT, created=at, sent_at=at, message=message)


def keep(
    line: Desk, story: str, *alerts: Alert, updated: datetime = NOW, outlets: tuple[str, ...] = ("Ledger",)
) -> None:
    ids = [f"{story}{n}" for n, _ in enumerate(outlets)]
    for id, outlet in zip(ids, outlets, strict=True):
        line.store.save_feed(
            FeedState(FEED), [article(id, url=f"https://a.example/{id}", outlet=outlet, first_seen=NOW - HOUR)]
        )
        line.store.save_analyses([(article(id, url=f"https://a.example/{id}"), analysed(id, "relevant"))])
    members = [a_member(id, outlet=outlet) for id, outlet in zip(ids, outlets, strict=True)]
    kept = replace(a_story(*members), id=story, started=updated - DAY, updated=updated)
    line.store.save_follow(ids, [kept], alerts)


def a_report(line: Desk, last: date = LAST, **changes: Any) -> Report:
    return report(line.store, line.seed, replace(line.desk, **changes), last, NOW)


# what stands in it


def test_stories_stand_the_gravest_first_each_as_its_card_is_now(line: Desk) -> None:
    keep(line, "s1", a_news("x1", "s1", severity=MEDIUM, headline="Steel talks"))
    said: dict[str, Any] = {
        "severity": MEDIUM,
        "headline": "Shrimp hit at 50 %",
        "facts": (FactLine("US → India · 50 %"),),
    }
    keep(
        line,
        "s2",
        a_news("x2", "s2", severity=LOW, headline="Shrimp feared for"),
        a_news("x3", "s2", role=REPLY, severity=HIGH, headline="Reply", changed="50 % announced"),
        a_news("x4", "s2", role=EDIT, **said),
        outlets=("Ledger", "Wire"),
    )
    first, second = a_report(line).stories
    assert (first.headline, first.severity, first.facts[0].line) == ("Shrimp hit at 50 %", HIGH, "US → India · 50 %")
    assert (first.changes, first.outlets, first.publishers, first.articles) == (
        ("50 % announced",),
        ("Ledger", "Wire"),
        2,
        2,
    )
    assert (second.headline, second.severity) == ("Steel talks", MEDIUM)


def test_a_story_that_had_no_news_in_the_week_is_left_out_and_one_told_to_nobody_is_counted(line: Desk) -> None:
    keep(line, "old", a_news("x1", "old", at=NOW - 8 * DAY))
    keep(line, "quiet")
    keep(line, "gone", replace(a_news("x2", "gone"), state=SUPERSEDED))
    found = a_report(line)
    assert (found.stories, found.watch.untold) == ((), 2)


def test_the_week_is_seven_days_of_the_desks_own_zone(line: Desk) -> None:
    keep(line, "s1", a_news("x1", "s1", at=datetime(2026, 2, 23, 18, 29, tzinfo=UTC)))
    keep(line, "s2", a_news("x2", "s2", at=datetime(2026, 2, 23, 18, 31, tzinfo=UTC)))
    found = a_report(line, ops_zone=ZoneInfo("Asia/Kolkata"))
    assert (found.first, found.last) == (date(2026, 2, 24), LAST)
    assert len(found.stories) == 1


def test_a_week_of_the_past_ends_with_its_last_day(line: Desk) -> None:
    keep(line, "s1", a_news("x1", "s1", at=NOW - 3 * DAY, headline="Then"), updated=NOW - 3 * DAY)
    keep(line, "s2", a_news("x2", "s2", headline="Now"))
    found = a_report(line, LAST - 2 * DAY)
    assert [told.headline for told in found.stories] == ["Then"]
    assert found.watch.items == 0, "what came in since is not counted"


def test_the_two_hundred_and_first_story_is_only_counted(line: Desk) -> None:
    for n in range(MOST_STORIES + 1):
        keep(line, f"s{n}", a_news(f"x{n}", f"s{n}"))
    found = a_report(line)
    assert (len(found.stories), found.more) == (MOST_STORIES, 1)


def test_a_move_of_the_ledger_says_what_was_before_and_a_confirmation_is_none(line: Desk) -> None:
    long_ago = NOW - 30 * DAY
    states = (
        a_state(told=long_ago, arrived=long_ago, status=THREATENED, rate=25.0),
        a_state(told=NOW - DAY, arrived=NOW - DAY, kind="changes", status=IN_FORCE, rate=50.0, verified=False),
        a_state(told=NOW, arrived=NOW, kind=CONFIRMS, status=IN_FORCE, rate=50.0),
    )
    line.store.save_follow([], [], [], [a_measure(*states)])
    (move,) = a_report(line).moves
    assert (move.before, move.after, move.caveat) == ("25 % threatened", "50 % in force", "not verified")


def test_dates_of_the_four_weeks_to_come_are_named(line: Desk) -> None:
    days = [LAST - DAY, LAST, LAST + AHEAD * DAY, LAST + (AHEAD + 1) * DAY]
    for n, day in enumerate(days):
        one = article(f"a{n}", url=f"https://a.example/a{n}")
        line.store.save_feed(FeedState(FEED), [one])
        told = a_deadline(day, title=f"Comments on case {n}", article_id=one.id)
        line.store.save_analyses([(one, analysed(one.id, "relevant", deadlines=(told,)))])
    assert [one.deadline.day for one in a_report(line).deadlines] == [LAST, LAST + AHEAD * DAY]


def test_an_alert_that_two_channels_had_is_one_in_the_chart(line: Desk) -> None:
    one = a_news("x1", "s1", at=NOW - DAY)
    keep(line, "s1", one, replace(one, id="x2", channel="#other"))
    both = (a_watchlist(channels=(CHANNEL, "#other")),)
    assert sum(bar.all for bar in a_report(line, watchlists=both).chart.bars) == 1


# the page


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_nothing_that_a_title_says_becomes_markup_and_nothing_is_asked_for_elsewhere(line: Desk) -> None:
    keep(
        line, "s1", a_news("x1", "s1", headline=HOSTILE, url="javascript:alert(3)", changed=HOSTILE), outlets=(HOSTILE,)
    )
    page = Page(report_html(a_report(line)))
    assert HOSTILE in page.text
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "img", "link", "iframe", "object", "form"}
    assert not [at for _, attributes in page.tags for at in attributes if at.startswith("on") or at in ("src", "style")]
    assert not [a for tag, a in page.tags if tag == "a" and not str(a["href"]).startswith(("https://", "http://"))]


def test_an_empty_week_says_what_was_read(line: Desk) -> None:
    page = Page(report_html(a_report(line)))
    words = " ".join(page.text.split())
    assert "No story was told this week. 0 articles of 1 feed were read." in words
    assert "No measure moved." in words
    assert "Nothing that was read sets a date within 28 days." in words


def test_feeds_that_are_not_well_are_named_so_that_silence_is_not_trusted(line: Desk) -> None:
    assert "stale" in Page(report_html(a_report(line))).text


def test_a_week_from_monday_to_sunday_has_its_number(line: Desk) -> None:
    assert week(a_report(line, date(2026, 3, 1))) == "Week 9 of 2026: 23 Feb to 1 Mar 2026"
    assert week(a_report(line, date(2026, 1, 2))) == "27 Dec 2025 to 2 Jan 2026"


def test_a_busy_week_is_less_than_half_a_megabyte(line: Desk) -> None:
    for n in range(MOST_STORIES):
        keep(line, f"s{n}", a_news(f"x{n}", f"s{n}", quotes=("A sentence of some length about duties. " * 6,)))
    assert len(report_html(a_report(line)).encode()) < 500_000


# its pictures


def test_a_rate_in_force_is_drawn_unbroken_and_one_to_come_dashed(line: Desk) -> None:
    early = datetime.combine(LAST - 40 * DAY, datetime.min.time(), tzinfo=UTC)
    states = (
        a_state(told=early, arrived=early, status=IN_FORCE, rate=25.0),
        a_state(
            told=NOW - 5 * DAY,
            arrived=NOW - 5 * DAY,
            kind="changes",
            status=AGREED,
            rate=18.0,
            effective=LAST + 9 * DAY,
        ),
    )
    line.store.save_follow([], [], [], [a_measure(*states, target=("IN",))])
    drawn = re.findall(r'<path class="course"[^>]*>', rates_svg(a_report(line).chart))
    assert [("stroke-dasharray" in path) for path in drawn] == [False, True]


def test_bars_are_as_high_as_they_count(line: Desk) -> None:
    for n, severity in enumerate((HIGH, HIGH, LOW, LOW)):
        keep(line, f"s{n}", a_news(f"x{n}", f"s{n}", at=NOW - DAY, severity=severity))
    heights = re.findall(r'<rect class="(\w+)".*?height="([\d.]+)"', bars_svg(a_report(line).chart))
    assert heights == [("high", "75.0"), ("low", "75.0")]


def test_a_chart_has_words_for_who_does_not_see_it(line: Desk) -> None:
    assert 'role="img"' in bars_svg(a_report(line).chart)
    assert f"No alert in {14} days" in bars_svg(a_report(line).chart)
    assert f"in {RATE_DAYS} days" in rates_svg(a_report(line).chart)


# as a PDF


def test_the_pdf_has_the_words_bookmarks_and_tags_of_the_page(line: Desk) -> None:
    pypdf = pytest.importorskip("pypdf")
    print_pdf = printing.printer()
    if print_pdf is None:
        pytest.skip("the extra report, or Pango, is not here")
    keep(line, "s1", a_news("x1", "s1", headline="Duty of ₹300 crore, “unfair”", severity=HIGH))
    read = pypdf.PdfReader(BytesIO(print_pdf(report_html(a_report(line)))))
    text = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    assert "Duty of ₹300 crore, “unfair”" in text
    assert (
        "What moved in the ledger" in {str(one.title) for one in read.outline if not isinstance(one, list)}
        or read.outline
    )
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert str(read.metadata.title).startswith("India–US trade: ")


def _titles(outline: Any) -> list[str]:
    return [t for one in outline for t in (_titles(one) if isinstance(one, list) else [str(one.title)])]


def test_what_makes_the_pdf_fetches_nothing(tmp_path: Path) -> None:
    print_pdf = printing.printer()
    if print_pdf is None:
        pytest.skip("the extra report, or Pango, is not here")
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret of this machine")
    page = f'<p>words</p><img src="{secret.as_uri()}"><link rel="attachment" href="{secret.as_uri()}">'
    assert b"secret" not in print_pdf(page)


# the command


@pytest.fixture
def config(tmp_path: Path, line: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("bot.app.clock", lambda: NOW)
    path = tmp_path / "config.yaml"
    path.write_text(
        f'channel: "#trade"\nstore: sqlite:///{tmp_path}/store.db\nfeeds:\n  - url: https://a.example/feed\n    outlet: A\n'
        "watchlists:\n  - name: tariffs\n    query: tariff\n"
    )
    return path


def run(*words: str) -> Any:
    return CliRunner().invoke(cli.app, ["report", *words])


def test_the_command_writes_the_page_to_standard_output_or_into_a_file(config: Path, tmp_path: Path) -> None:
    said = run("--week", "--html", "--config", str(config))
    assert said.stdout.startswith("<!doctype html>")
    out = tmp_path / "week.html"
    assert run("--out", str(out), "--config", str(config)).exit_code == 0
    assert out.read_text() == said.stdout


def test_a_day_to_come_and_a_store_that_is_not_there_are_refused(config: Path, tmp_path: Path) -> None:
    tomorrow = (LAST + timedelta(days=1)).isoformat()
    assert f"{tomorrow} is yet to come" in str(run("--until", tomorrow, "--config", str(config)).exception)
    config.write_text(config.read_text().replace("store.db", "none.db"))
    assert "there is no store yet" in str(run("--config", str(config)).exception)
    assert run("--html", "--pdf", "--config", str(config)).exit_code == 2


def test_without_weasyprint_the_command_says_what_to_install(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "printer", lambda: None)
    assert "tariffwatch[report]" in str(run("--pdf", "--config", str(config)).exception)
