"""The chart of a digest: what is counted and drawn, and the words that say it; then the picture itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.alerts import ALONE, DEAD, EDIT, FOLDED, QUEUED, REPLY, SENT, TOLD, Alert
from bot.channels import DAILY, WEEKLY, Channel
from bot.chart import (
    ALERT_DAYS,
    MOST_COURSES,
    RATE_DAYS,
    Bar,
    Chart,
    Course,
    Step,
    alerts_title,
    alternative,
    chart,
    rates_title,
)
from bot.checks import check_sink
from bot.config import load_config
from bot.drawing import drawer
from bot.errors import OutcomeUnknown, SinkBusy, SinkRefused
from bot.hours import Occasion
from bot.measures import AGREED, ANNOUNCED, EXPIRED, IN_FORCE, REMOVE, THREATENED, Measure
from bot.sinks.slack import SlackSink
from tests.fake_slack import TEST_TOKEN, FakeSlack
from tests.ledger_makers import a_measure, a_state
from tests.line import Line, store_at
from tests.makers import DAY, HOUR, NOW, a_desk, a_message, an_alert

TODAY = NOW.date()
LAST = TODAY - DAY
FIRST = LAST - (RATE_DAYS - 1) * DAY
ROOM = "C0123TRADE"
PNG = b"\x89PNG\r\n\x1a\n"


def a_news(id: str, severity: str = "low", at: datetime = NOW - DAY, **changes: Any) -> Alert:
    usual: dict[str, Any] = {"state": SENT, "created": at, "sent_at": at, "message": a_message(id, severity=severity)}
    return an_alert(id, **usual | changes)


def told(day: date, status: str, rate: float | None, **changes: Any) -> Any:
    at = datetime.combine(day, time(12), tzinfo=UTC)
    return a_state(told=at, arrived=at, status=status, rate=rate, **changes)


def courses(*measures: Measure) -> tuple[Course, ...]:
    return chart((), measures, TODAY, UTC).courses


# what is counted


def test_bars_are_the_fourteen_whole_days_before_by_severity() -> None:
    alerts = [a_news("x1", "high"), a_news("x2", "low"), a_news("x3", "low"), a_news("x4", "medium", NOW - 14 * DAY)]
    bars = chart([*alerts, a_news("x5", at=NOW), a_news("x6", at=NOW - 15 * DAY)], (), TODAY, UTC).bars
    assert len(bars) == ALERT_DAYS
    assert (bars[0], bars[-1]) == (Bar(TODAY - 14 * DAY, 0, 1, 0), Bar(LAST, 1, 0, 2))
    assert sum(bar.all for bar in bars) == 4


def test_what_was_left_to_a_digest_counts_and_what_is_no_news_or_never_came_does_not() -> None:
    states = [a_news(f"x{n}", state=state, sent_at=None) for n, state in enumerate((FOLDED, TOLD, QUEUED, DEAD))]
    roles = [a_news(f"y{n}", role=role) for n, role in enumerate((REPLY, EDIT, ALONE))]
    assert chart([*states, *roles], (), TODAY, UTC).bars[-1].all == 3


def test_a_day_is_that_of_the_channel_s_clock() -> None:
    evening = datetime(2026, 2, 28, 20, tzinfo=UTC)  # 01:30 on 1 March in New Delhi
    bars = chart([a_news("x1", at=evening)], (), TODAY, ZoneInfo("Asia/Kolkata")).bars
    assert [bar.day for bar in bars if bar.all] == [date(2026, 3, 1)]


# what is drawn


def test_a_rate_is_a_step_from_day_to_day_as_it_was_known() -> None:
    rise = told(LAST - 9 * DAY, IN_FORCE, 50, kind="changes")
    (course,) = courses(a_measure(told(FIRST - DAY, IN_FORCE, 25), rise))
    assert course.steps == (Step(FIRST, LAST - 10 * DAY, 25, True), Step(LAST - 9 * DAY, LAST, 50, True))


def test_what_is_announced_runs_beside_what_is_in_force_until_its_date() -> None:
    cut = told(LAST - 9 * DAY, AGREED, 18, kind="changes", effective=LAST - 4 * DAY)
    (course,) = courses(a_measure(told(FIRST, IN_FORCE, 25), cut))
    assert course.steps == (
        Step(FIRST, LAST - 5 * DAY, 25, True),
        Step(LAST - 4 * DAY, LAST, 18, True),
        Step(LAST - 9 * DAY, LAST - 5 * DAY, 18, False),
    )


@pytest.mark.parametrize(
    "state",
    [
        told(LAST, THREATENED, 25),
        told(LAST, IN_FORCE, None),
        told(LAST, IN_FORCE, 25, action=REMOVE),
        told(FIRST - 9 * DAY, EXPIRED, 25),
        told(TODAY, IN_FORCE, 25),
    ],
)
def test_what_is_only_threatened_has_no_rate_ended_before_or_came_today_is_not_drawn(state: Any) -> None:
    assert courses(a_measure(state)) == ()


@pytest.mark.parametrize(
    ("target", "drawn"),
    [(("IN",), 1), (("ALL",), 1), (("BRICS",), 1), (("RUSSIAN_OIL_BUYERS",), 1), (("CN",), 0), ((), 0)],
)
def test_a_measure_is_drawn_where_it_hits_india_by_name_or_as_one_of_many(target: tuple[str, ...], drawn: int) -> None:
    assert len(courses(replace(a_measure(told(FIRST, ANNOUNCED, 25)), target=target))) == drawn


def test_one_that_has_ended_moved_on_the_day_after() -> None:
    ended = told(LAST - 2 * DAY, EXPIRED, 10, kind="changes")
    gone = replace(a_measure(told(FIRST, IN_FORCE, 10), ended), id="gone", title="gone")
    others = [
        replace(a_measure(told(FIRST + n * DAY, IN_FORCE, 20)), id=f"o{n}", title=f"o{n}") for n in range(MOST_COURSES)
    ]
    assert "gone" in [course.title for course in courses(gone, *others)]


def test_of_many_those_that_moved_last_are_drawn_the_highest_first_and_the_others_are_counted() -> None:
    old = [replace(a_measure(told(FIRST, IN_FORCE, 90 + n)), id=f"o{n}", title=f"old {n}") for n in range(3)]
    new = [
        replace(a_measure(told(LAST - n * DAY, IN_FORCE, 10 + n)), id=f"n{n}", title=f"new {n}")
        for n in range(MOST_COURSES)
    ]
    found = chart((), [*old, *new], TODAY, UTC)
    assert [course.title for course in found.courses] == [f"new {n}" for n in reversed(range(MOST_COURSES))]
    assert found.more == 3


# what is said


def a_chart(**changes: Any) -> Chart:
    bars = tuple(Bar(LAST - n * DAY, n % 3, n % 2, n) for n in reversed(range(ALERT_DAYS)))
    steps = (Step(FIRST, LAST - 5 * DAY, 25, True), Step(LAST - 4 * DAY, LAST, 18, True))
    rising = (Step(FIRST, LAST, 12.5, True), Step(LAST - 9 * DAY, LAST, 15, False))
    return replace(
        Chart(LAST, bars, (Course("US reciprocal tariff on India", steps), Course("US duty on $teel$", rising)), 0),
        **changes,
    )


def test_titles_say_what_is_seen() -> None:
    assert alerts_title(a_chart()) == "111 alerts in 14 days, most on Mon 16 Feb (15)"
    assert rates_title(a_chart()) == "Duties on India: 2 rates in force, highest 18 %; 1 to come"


def test_titles_say_where_there_is_nothing() -> None:
    empty = chart((), (), TODAY, UTC)
    assert (alerts_title(empty), rates_title(empty)) == (
        "No alert in 14 days",
        "No duty on India in force or to come in 90 days",
    )


def test_the_alternative_text_says_all_of_it() -> None:
    assert alternative(a_chart(more=2)) == (
        "111 alerts in 14 days, most on Mon 16 Feb (15), to 1 Mar 2026: 13 high, 7 medium, 91 low. "
        "Duties on India: 2 rates in force, highest 18 %; 1 to come. "
        "US reciprocal tariff on India: 25 % in force 2 Dec 2025 to 24 Feb 2026, 18 % in force 25 Feb 2026 to 1 Mar 2026. "
        "US duty on $teel$: 12.5 % in force 2 Dec 2025 to 1 Mar 2026, 15 % to come 20 Feb 2026 to 1 Mar 2026. "
        "2 more not drawn"
    )


# the picture


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(PNG)
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


@pytest.mark.parametrize(
    "drawn",
    [a_chart(), chart((), (), TODAY, UTC), a_chart(courses=a_chart().courses * 3, more=9)],
    ids=["usual", "empty", "full"],
)
def test_the_picture_is_a_png_of_1200_by_675_and_small(drawn: Chart) -> None:
    pytest.importorskip("matplotlib", reason="the extra charts")
    draw = drawer()
    assert draw
    png = draw(drawn)
    assert size(png) == (1200, 675)
    assert len(png) < 100_000
    assert png == draw(drawn)


def test_another_chart_is_another_picture() -> None:
    pytest.importorskip("matplotlib", reason="the extra charts")
    draw = drawer()
    assert draw
    firmer = tuple(
        replace(course, steps=tuple(replace(step, firm=True) for step in course.steps)) for course in a_chart().courses
    )
    pictures = {draw(a_chart()), draw(a_chart(courses=firmer)), draw(a_chart(bars=a_chart().bars[::-1]))}
    assert len(pictures) == 3


# in the thread of a digest


BOTH = ((DAILY, Occasion(time(9))), (WEEKLY, Occasion(time(9), 0)))  # both due at NOW, a Monday


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(
        store_at(tmp_path / "store.db"), desk=replace(a_desk(), channel_settings=(Channel(ROOM, digests=BOTH),))
    )
    line.sink.pictures = True
    yield line
    line.store.close()


def sent(line: Line, draw: Any = lambda found: PNG) -> list[str]:
    """Digests made and delivered; the titles of the pictures that were shown."""
    pipeline = line.pipeline
    pipeline.draw = draw
    pipeline.digest(NOW)
    while pipeline.deliver(NOW):
        pass
    return [title for _, title, *_ in line.sink.shown]


def test_the_weekly_digest_has_its_chart_in_its_thread_and_the_daily_one_has_none(line: Line) -> None:
    line.store.save_follow([], [], [a_news("x1", channel=ROOM)])
    assert sent(line) == ["Chart to Weekly digest of Mon 2 March 2026"]
    ((png, _, words, channel, thread),) = line.sink.shown
    weekly = line.store.last_of(WEEKLY, ROOM)
    assert weekly
    assert (png, channel, thread) == (PNG, ROOM, weekly.receipt)
    assert words.startswith("1 alert in 14 days")
    assert len(line.heard("chart_sent")) == 1


@pytest.mark.parametrize(("charts", "count"), [((), 0), ((WEEKLY,), 1), ((DAILY, WEEKLY), 2)])
def test_a_channel_says_which_of_its_digests_have_one(line: Line, charts: tuple[str, ...], count: int) -> None:
    line.desk = replace(line.desk, channel_settings=(Channel(ROOM, digests=BOTH, charts=charts),))
    assert len(sent(line)) == count


def test_a_digest_goes_out_though_nothing_draws_or_the_sink_shows_nothing(line: Line) -> None:
    assert sent(line, None) == []
    assert line.store.counts()["alerts_sent"] == 2


def test_a_sink_without_pictures_is_not_asked(line: Line) -> None:
    line.sink.pictures = False
    assert sent(line) == []
    assert (line.store.counts()["alerts_sent"], line.heard("chart_failed")) == (2, [])


@pytest.mark.parametrize(
    "error", [OutcomeUnknown("lost"), SinkBusy("wait", wait=HOUR), SinkRefused("no scope"), ZeroDivisionError("oh")]
)
def test_a_chart_that_fails_is_told_and_never_tried_again_and_the_digest_is_out(line: Line, error: Exception) -> None:
    line.sink.refuses["pictures"] = [error]
    sent(line)
    assert len(line.sink.shown) == 1
    assert line.store.counts()["alerts_sent"] == 2
    (told,) = line.heard("chart_failed")
    assert str(error) in str(told["error"])
    line.pipeline.digest(NOW + HOUR)
    line.pipeline.deliver(NOW + HOUR)
    assert len(line.sink.shown) == 1


def test_a_digest_whose_answer_was_lost_has_its_chart_once_it_is_found(line: Line) -> None:
    line.desk = replace(line.desk, channel_settings=(Channel(ROOM, digests=BOTH[1:]),))
    line.sink.refuses[ROOM] = [OutcomeUnknown("lost")]
    line.sink.found = ["ts-7"]
    assert sent(line) == []
    pipeline = line.pipeline
    pipeline.draw = lambda found: PNG
    pipeline.deliver(NOW + HOUR)
    assert [thread for *_, thread in line.sink.shown] == ["ts-7"]


# Slack


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(TEST_TOKEN) as slack:
        yield slack


def posted(slack: FakeSlack) -> tuple[SlackSink, str]:
    sink = SlackSink(TEST_TOKEN, base_url=slack.url)
    return sink, sink.send(a_message(), ROOM)


def test_slack_gets_the_picture_with_its_words_in_the_thread(slack: FakeSlack) -> None:
    sink, thread = posted(slack)
    sink.show(PNG, "Chart", "41 alerts. " * 500, ROOM, thread)
    (upload,) = slack.uploads.values()
    assert (upload.body, upload.shared, upload.name) == (PNG, [ROOM], "chart.png")
    _, shown = slack.thread(ROOM, thread)
    assert shown["files"][0]["title"] == "Chart"
    (asked,) = slack.calls("files.getUploadURLExternal")
    assert asked["alt_txt"].startswith("41 alerts.")
    assert len(asked["alt_txt"]) <= 1_000


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
@pytest.mark.parametrize("kind", ["500", "close", "busy"])
def test_an_upload_that_breaks_off_is_an_error_of_ours_and_no_request_is_made_twice(
    slack: FakeSlack, method: str, kind: Any
) -> None:
    sink, thread = posted(slack)
    slack.fail(kind, method=method)
    with pytest.raises((OutcomeUnknown, SinkBusy)) as failed:
        sink.show(PNG, "Chart", "words", ROOM, thread)
    assert TEST_TOKEN not in str(failed.value)
    assert failed.value.__cause__ is None
    assert len(slack.calls(method)) <= 1


def test_without_the_scope_slack_refuses_and_the_check_names_it_where_charts_are_wanted(slack: FakeSlack) -> None:
    sink, thread = posted(slack)
    slack.scopes = tuple(scope for scope in slack.scopes if scope != "files:write")
    with pytest.raises(SinkRefused, match="files:write"):
        sink.show(PNG, "Chart", "words", ROOM, thread)
    (wrong,) = sink.check([ROOM], pictures=True)
    assert wrong.startswith("the token lacks the scope files:write: digests come without their chart")
    assert sink.check([ROOM]) == []


# settings, check and command


SMALL = f"""\
channel: {ROOM}
watchlists:
  - name: all
    query: relevant
feeds:
  - url: https://a.example/feed
    outlet: A
channels:
  - channel: {ROOM}
    digest: {{weekly: mon 08:30}}
"""


@pytest.mark.parametrize(
    ("more", "charts"), [("", (WEEKLY,)), (", chart: true", (DAILY, WEEKLY)), (", chart: false", ())]
)
def test_the_weekly_digest_alone_has_a_chart_unless_told_otherwise(
    tmp_path: Path, more: str, charts: tuple[str, ...]
) -> None:
    (tmp_path / "config.yaml").write_text(SMALL.replace("08:30}", f"08:30{more}}}"), "utf-8")
    assert load_config(tmp_path / "config.yaml", {}).channels[0].charts == charts


def test_the_check_says_why_a_digest_has_no_chart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slack: FakeSlack
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(SMALL, "utf-8")
    monkeypatch.setattr("bot.checks.drawer", lambda: None)

    def said(**environ: str) -> list[tuple[bool, str]]:
        found = check_sink(load_config(path, environ))
        return [(finding.ok, finding.words) for finding in found if finding.what == "charts"]

    assert said() == [(True, "digests come without their chart: a console shows none")]
    ((ok, words),) = said(SLACK_BOT_TOKEN=TEST_TOKEN, SLACK_API_URL=slack.url)
    assert not ok
    assert 'pip install "tariffwatch[charts]"' in words
    path.write_text(SMALL.replace("08:30}", "08:30, chart: false}"), "utf-8")
    assert said() == []


def test_the_command_writes_the_chart_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.drawing.drawer", lambda: lambda found: PNG + alternative(found).encode())
    Path("config.yaml").write_text(SMALL, "utf-8")
    store_at(tmp_path / "tariffwatch.db").close()
    done = CliRunner().invoke(cli.app, ["digest", "--chart", "chart.png"], catch_exceptions=False)
    assert (done.exit_code, "Weekly digest" in done.output) == (0, True)
    assert Path("chart.png").read_bytes().startswith(PNG + b"No alert in 14 days")


def test_the_command_says_what_is_missing_and_that_a_chart_is_of_one_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(SMALL + '  - channel: "#b"\n    digest: {daily: "08:30"}\n', "utf-8")
    store_at(tmp_path / "tariffwatch.db").close()
    for found, words in ((None, "matplotlib"), (lambda found: PNG, "name it with --channel: C0123TRADE, #b")):
        monkeypatch.setattr("bot.drawing.drawer", lambda found=found: found)
        done = CliRunner().invoke(cli.app, ["digest", "--chart", "chart.png"])
        assert words in str(done.exception)
