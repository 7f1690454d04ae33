"""The heartbeat, once a local date; alarms, once an occurrence and when they are over; and the same as a command."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.alerts import ALONE, DEAD, EDIT, FOLDED, HIGH, LOW, MEDIUM, PARKED, REPLY, SENT, UNKNOWN, Alert
from bot.engines.once import OnceEngine
from bot.errors import ChannelRefused
from bot.feeds import MEMORY, FeedState
from bot.heartbeat import (
    END_AFTER,
    ENDED,
    MOST_ALARMS,
    MOST_LINES,
    RAISE_AFTER,
    alarms,
    headline,
    lines,
    span,
)
from bot.hours import Occasion
from bot.pulse import last_heartbeat, take_pulse
from bot.sinks.card import NOTES, post
from bot.sinks.slack import SlackSink
from tests.fake_slack import FakeSlack
from tests.line import Line, store_at
from tests.makers import (
    CHANNEL,
    DAY,
    FEED,
    HOUR,
    MINUTE,
    NOW,
    a_desk,
    a_feed,
    a_member,
    a_story,
    an_alert,
    an_analysis,
    an_article,
)

OPS = "#ops"
KOLKATA = ZoneInfo("Asia/Kolkata")


def a_state(url: str = FEED, **changes: Any) -> FeedState:
    """Of a feed that was read a minute ago, half an hour after its last item, and usually has one every hour."""
    usual: dict[str, Any] = {"newest": NOW - HOUR / 2, "gap": HOUR, "known_for": MEMORY}
    state = FeedState(url, polled_at=NOW - MINUTE, ok_at=NOW - MINUTE, next_due=NOW + 14 * MINUTE)
    return replace(state, **usual | changes)


def failing(url: str = FEED, error: str = "dns: no such host", **changes: Any) -> FeedState:
    return a_state(url, **{"errors": 5, "error": error, "ok_at": NOW - DAY} | changes)


def keep(line: Line, *states: FeedState, alerts: tuple[Alert, ...] = ()) -> None:
    for state in states:
        line.store.save_feed(state, ())
    line.store.save_follow([], [], alerts)


def told(line: Line) -> list[str]:
    """The headings of what the ops channel has been told, oldest first."""
    return [alert.message.headline for alert in reversed(line.store.alerts()) if alert.channel == OPS]


def look(line: Line, now: datetime = NOW) -> tuple[str, tuple[str, ...]]:
    pulse = take_pulse(line.store, line.desk.feeds, now)
    return headline(pulse), lines(pulse, KOLKATA, MOST_LINES)


def with_feeds(line: Line, count: int) -> list[str]:
    urls = [f"https://a.example/{n}" for n in range(count)]
    line.desk = replace(line.desk, feeds=tuple(a_feed(url, outlet=f"Outlet {n}") for n, url in enumerate(urls)))
    return urls


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """A desk that is told at 08:00 by the clock of New Delhi, which is 02:30 UTC."""
    desk = replace(a_desk(feeds=[a_feed()]), ops_channel=OPS, ops_zone=KOLKATA, heartbeat=Occasion(time(8)))
    line = Line(store_at(tmp_path / "store.db"), desk=desk)
    yield line
    line.store.close()


# what it says


def test_where_all_is_well_the_first_line_says_so_and_the_second_counts(line: Line) -> None:
    articles = [an_article(f"a{n}", first_seen=NOW - n * HOUR) for n in (1, 2, 3, 30)]
    line.store.save_feed(a_state(), articles)
    line.store.save_analyses([(article, an_analysis(article.id)) for article in articles])
    stories = [a_story(a_member("a1"), a_member("a2")), a_story(a_member("a30"))]
    alerts = (
        an_alert("x1", state=SENT, sent_at=NOW - HOUR),
        an_alert("x2", state=SENT, sent_at=NOW - HOUR, role=REPLY),
        an_alert("x3", state=SENT, sent_at=NOW - HOUR, role=EDIT),
        an_alert("x4", state=SENT, sent_at=NOW - 2 * DAY),
        an_alert("x5", state=DEAD),
        an_alert("x6", state=FOLDED),
        an_alert("x7", due=NOW + HOUR),
    )
    line.store.save_follow([article.id for article in articles], stories, alerts)
    first, rest = look(line)
    assert first == "All well: 1 of 1 feed healthy, 3 items, 2 alerts, nothing waits"
    assert rest == (
        "Since 1 Mar 15:00 IST: 1 feed polled; 3 items read, 2 wanted in 1 story; 2 alerts sent, 1 given up;"
        " now 1 held and 1 for digests",
    )


def test_each_feed_that_is_not_well_has_a_line_with_since_when_why_and_what_to_do(line: Line) -> None:
    urls = with_feeds(line, 8)
    states = [a_state(url) for url in urls[4:]]
    never = failing(urls[3], "http_404: gone", ok_at=None, known_for=timedelta())
    keep(
        line,
        failing(urls[0], "timeout: no answer"),
        a_state(urls[1], newest=NOW - 5 * HOUR),
        a_state(urls[2], next_due=NOW - 3 * HOUR, polled_at=NOW - 4 * HOUR),
        never,
        *states,
    )
    first, rest = look(line)
    assert first == "Not well: 4 of 8 feeds healthy, 0 items, 0 alerts, nothing waits"
    assert rest[:5] == (
        "Failing: Outlet 0 (a.example/0), not read since 1 Mar 15:00 IST: timeout: no answer"
        " — `tariffwatch feeds verify` asks it anew",
        "Failing: Outlet 3 (a.example/3), not read ever: http_404: gone — it has moved: look for its new address",
        "Stale: Outlet 2 (a.example/2), not polled since 2 Mar 11:00 IST — the program is behind: look at its log",
        "Silent: Outlet 1 (a.example/1), no item since 2 Mar 10:00 IST, usually one within 60 min"
        " — look whether the site has another feed now",
        "Errors: timeout 1, http_404 1",
    )
    assert rest[5].endswith("usual gap not known yet of 1 feed")


def test_three_quarters_of_the_feeds_are_enough_to_be_well(line: Line) -> None:
    urls = with_feeds(line, 4)
    keep(line, failing(urls[0]), *map(a_state, urls[1:]))
    assert look(line)[0].startswith("All well: 3 of 4 feeds")
    keep(line, failing(urls[1]))
    assert look(line)[0].startswith("Not well: 2 of 4 feeds")
    (alert,) = line.pipeline.pulse(NOW)
    assert alert.message.severity == MEDIUM


def test_it_never_has_more_than_a_dozen_lines_and_says_how_many_feeds_it_leaves_out(line: Line) -> None:
    urls = with_feeds(line, 80)
    late = tuple(an_alert(f"x{n}", f"#c{n}", created=NOW - 2 * HOUR, state=PARKED, error="e") for n in range(9))
    keep(line, *map(failing, urls[:60]), *(a_state(url, newest=NOW - DAY) for url in urls[60:]), alerts=late)
    line.collected(an_article())
    pulse = take_pulse(line.store, line.desk.feeds, NOW)
    rest = lines(pulse, KOLKATA, MOST_LINES)
    assert len(rest) == MOST_LINES <= NOTES
    assert rest[MOST_ALARMS] == "and 5 more"
    assert "and 58 more failing, 20 more silent: `tariffwatch status`" in rest
    assert len(lines(pulse, KOLKATA)) == 9 + 80 + 4


def test_the_oldest_undelivered_alert_is_named_with_its_channel_and_why_and_what_is_held_is_none(line: Line) -> None:
    keep(
        line,
        a_state(),
        alerts=(
            an_alert("x1", "#a", created=NOW - 9 * HOUR, due=NOW + HOUR),
            an_alert("x2", "#b", created=NOW - 9 * HOUR, due=NOW - 10 * MINUTE),
            an_alert("x3", "#c", created=NOW - 30 * MINUTE, state=UNKNOWN, error="no_answer: Slack was silent"),
            an_alert("x4", "#c", created=NOW - 20 * MINUTE),
        ),
    )
    first, rest = look(line)
    assert first.endswith("3 alerts to be delivered")
    assert rest[0] == "Oldest undelivered: in #c, since 2 Mar 14:30 IST: no_answer: Slack was silent"


def test_a_backlog_has_a_line(line: Line) -> None:
    keep(line, a_state())
    line.collected(an_article("a1"), an_article("a2"))
    line.pipeline.analyze(1)
    assert "Backlog: 1 to be read, 1 to be followed" in look(line)[1]


@pytest.mark.parametrize(
    ("length", "words"),
    [(timedelta(), "1 min"), (45 * MINUTE, "45 min"), (7 * HOUR, "7 h"), (47 * HOUR, "47 h"), (3 * DAY, "3 days")],
)
def test_a_length_of_time_is_told_as_people_say_it(length: timedelta, words: str) -> None:
    assert span(length) == words


def test_every_layout_of_slack_takes_it(line: Line) -> None:
    with_feeds(line, 80)
    keep(line, a_state())
    line.desk = replace(line.desk, ops_channel="C0123TRADE")
    (alert, *_) = line.pipeline.pulse(NOW)
    with FakeSlack("xoxb-test") as slack:
        for simple in (0, 1, 2):
            SlackSink("xoxb-test", base_url=slack.url).send(alert.message, "C0123TRADE", simple=simple)
    assert all(alert.message.headline in message["text"] for message in slack.messages)
    assert alert.message.lines[-1][:20] in str(post(alert.message, 0))


# once a day


def test_it_comes_once_for_a_local_date_also_over_restarts(line: Line, tmp_path: Path) -> None:
    keep(line, a_state())
    early = datetime(2026, 3, 2, 2, 29, tzinfo=UTC)
    assert line.pipeline.pulse(early) == []
    (alert,) = line.pipeline.pulse(early + MINUTE)
    assert (alert.channel, alert.role, alert.article_id) == (OPS, ALONE, "2026-03-02")
    assert alert.message.severity == LOW
    line.store.close()
    line.store = store_at(tmp_path / "store.db")
    for hours in range(1, 24):
        keep(line, a_state(ok_at=early + hours * HOUR, next_due=early + hours * HOUR, newest=early + hours * HOUR))
        line.pipeline.pulse(early + hours * HOUR)
    assert len(told(line)) == 1
    (second,) = line.pipeline.pulse(early + DAY + MINUTE)
    assert second.article_id == "2026-03-03"


@pytest.mark.parametrize(
    ("zone", "at", "start"),
    [
        ("Asia/Kolkata", time(8), datetime(2026, 3, 6, tzinfo=UTC)),
        ("America/New_York", time(2, 30), datetime(2026, 3, 6, tzinfo=UTC)),  # left out on the 8th
        ("America/New_York", time(1, 30), datetime(2026, 10, 30, tzinfo=UTC)),  # comes twice on 1 November
        ("America/Nuuk", time(23, 50), datetime(2026, 3, 27, tzinfo=UTC)),  # never comes on the 28th
    ],
)
def test_each_date_has_one_also_where_clocks_change(line: Line, zone: str, at: time, start: datetime) -> None:
    line.desk = replace(line.desk, ops_zone=ZoneInfo(zone), heartbeat=Occasion(at), feeds=())
    made, now, chance = list[date](), start, Random(7)
    while now < start + 4 * DAY:
        made += [date.fromisoformat(alert.article_id) for alert in line.pipeline.pulse(now)]
        now += MINUTE * chance.randint(20, 90)
    assert made == [made[0] + n * DAY for n in range(len(made))]
    assert len(made) >= 4
    assert last_heartbeat(line.store, OPS)[0] == made[-1]


def test_what_it_counts_begins_where_the_last_one_was_made(line: Line) -> None:
    first = datetime(2026, 3, 2, 3, tzinfo=UTC)
    line.pipeline.pulse(first)
    line.collected(an_article("a1", first_seen=first - MINUTE), an_article("a2", first_seen=first + MINUTE))
    (alert, *_) = line.pipeline.pulse(first + 2 * DAY)
    assert "1 item" in alert.message.headline


def test_without_an_ops_channel_or_a_time_there_is_none(line: Line) -> None:
    line.desk = replace(line.desk, heartbeat=None)
    assert line.pipeline.pulse(NOW) == []
    line.desk = replace(line.desk, heartbeat=Occasion(time(8)), ops_channel="")
    assert line.pipeline.pulse(NOW) == []


# alarms


def named(line: Line, now: datetime = NOW) -> list[str]:
    return [alarm.name for alarm in alarms(take_pulse(line.store, line.desk.feeds, now))]


def test_one_feed_that_answers_keeps_the_alarm_away(line: Line) -> None:
    urls = with_feeds(line, 3)
    keep(line, *map(failing, urls[:2]), a_state(urls[2], next_due=NOW - DAY))
    assert named(line) == ["feeds"]
    keep(line, a_state(urls[2]))
    assert named(line) == []


def test_no_news_of_any_feed_is_measured_by_the_liveliest_and_at_the_last_answer(line: Line) -> None:
    urls = with_feeds(line, 2)
    keep(line, a_state(urls[0], newest=NOW - 7 * HOUR), a_state(urls[1], newest=NOW - 90 * DAY, gap=30 * DAY))
    assert named(line) == ["news"]
    keep(line, a_state(urls[0], newest=NOW - 7 * HOUR, gap=2 * HOUR))
    assert named(line) == []
    keep(line, *(a_state(url, newest=NOW - 23 * HOUR, known_for=HOUR) for url in urls))
    assert named(line) == []
    keep(line, *(a_state(url, newest=NOW - 25 * HOUR, known_for=HOUR) for url in urls))
    assert named(line) == ["news"]
    off = NOW - 20 * HOUR
    keep(line, *(a_state(url, newest=NOW - 25 * HOUR, known_for=HOUR, ok_at=off) for url in urls))
    assert named(line) == []


def test_items_that_wait_an_hour_to_be_read_are_an_alarm(line: Line) -> None:
    line.store.save_feed(a_state(), [an_article(first_seen=NOW)])
    assert named(line, NOW + HOUR) == []
    keep(line, a_state(next_due=NOW + 2 * HOUR))
    assert named(line, NOW + HOUR + MINUTE) == ["reading"]


def test_an_alert_is_late_an_hour_after_it_is_wanted(line: Line) -> None:
    keep(line, a_state(), alerts=(an_alert(created=NOW - 9 * HOUR, due=NOW - HOUR),))
    assert named(line) == []
    assert named(line, NOW + MINUTE) == ["undelivered"]


def test_a_channel_that_takes_nothing_is_an_alarm_of_its_own(line: Line) -> None:
    keep(line, a_state(), alerts=(an_alert("x1", "#a"), an_alert("x2", "#b")))
    line.sink.refuses["#a"] = [ChannelRefused("it is archived", code="is_archived")]
    line.pipeline.deliver(NOW)
    assert line.states()["#a"] == PARKED
    (alarm,) = alarms(take_pulse(line.store, line.desk.feeds, NOW))
    assert (alarm.name, alarm.heading) == ("parked #a", "Channel #a takes no alerts")
    assert alarm.lines == ("is_archived: it is archived — mend that, then reload or restart: its alerts wait",)


@pytest.fixture
def watched(line: Line) -> Line:
    """One without a heartbeat: only alarms are told."""
    line.desk = replace(line.desk, heartbeat=None)
    return line


def test_an_alarm_is_told_once_when_it_lasts_and_once_when_it_is_over_for_a_while(watched: Line) -> None:
    keep(watched, failing(next_due=NOW + DAY))
    pipeline = watched.pipeline
    for minutes in range(0, 240, 5):
        assert len(pipeline.pulse(NOW + minutes * MINUTE)) == (minutes == RAISE_AFTER / MINUTE)
    (alert,) = [alert for alert in watched.store.alerts() if alert.channel == OPS]
    assert (alert.message.headline, alert.message.severity) == ("No feed can be read, of 1", HIGH)
    well = NOW + 4 * HOUR
    keep(watched, a_state(next_due=NOW + DAY, newest=well, ok_at=well))
    for minutes in range(0, 240, 5):
        assert len(pipeline.pulse(well + minutes * MINUTE)) == (minutes == END_AFTER / MINUTE)
    assert told(watched) == ["No feed can be read, of 1", ENDED["feeds"]]
    over = watched.store.alerts()[0].message
    assert (over.severity, over.lines) == (LOW, ("It was told 4 h ago: No feed can be read, of 1",))


def test_what_goes_to_and_fro_is_one_occurrence(watched: Line) -> None:
    pipeline = watched.pipeline
    for step in range(96):
        now = NOW + 5 * step * MINUTE
        bad = step % 4 < 2
        keep(watched, a_state(errors=2 if bad else 0, ok_at=now, newest=now, next_due=now))
        pipeline.pulse(now)
    assert told(watched) == ["No feed can be read, of 1"]


def test_a_moment_is_no_alarm(watched: Line) -> None:
    pipeline = watched.pipeline
    keep(watched, failing(next_due=NOW + DAY))
    assert pipeline.pulse(NOW) == []
    keep(watched, a_state(next_due=NOW + DAY))
    assert pipeline.pulse(NOW + RAISE_AFTER) == []
    keep(watched, failing(next_due=NOW + DAY))
    assert pipeline.pulse(NOW + 2 * RAISE_AFTER) == []


def test_whatever_happens_there_are_never_more_than_two_notices_of_an_alarm_in_the_time_that_ends_one(
    watched: Line,
) -> None:
    pipeline, chance = watched.pipeline, Random(11)
    bad, made = False, list[datetime]()
    for step in range(96):
        now = NOW + 5 * step * MINUTE
        bad = bad if chance.random() < 0.8 else not bad
        keep(watched, a_state(errors=2 if bad else 0, ok_at=now, newest=now, next_due=now))
        made += [now for _ in pipeline.pulse(now)]
    assert len(made) >= 4
    assert all(later - earlier >= END_AFTER for earlier, later in zip(made, made[2:], strict=False))


def test_a_restart_neither_repeats_an_alarm_nor_forgets_to_end_it(watched: Line) -> None:
    keep(watched, failing(next_due=NOW + DAY))
    assert len(watched.pipeline.pulse(NOW, at_once=True)) == 1
    assert watched.pipeline.pulse(NOW + HOUR, at_once=True) == []
    keep(watched, a_state(next_due=NOW + DAY, newest=NOW + HOUR))
    assert len(watched.pipeline.pulse(NOW + HOUR, at_once=True)) == 1
    keep(watched, failing(next_due=NOW + DAY))
    assert len(watched.pipeline.pulse(NOW + 2 * HOUR, at_once=True)) == 1


def test_each_channel_that_is_refused_is_told_by_itself_and_when_it_takes_alerts_again(watched: Line) -> None:
    first, second = (an_alert(f"x{n}", f"#c{n}", state=PARKED, error="is_archived: gone") for n in (1, 2))
    keep(watched, a_state(next_due=NOW + DAY), alerts=(first,))
    watched.pipeline.pulse(NOW, at_once=True)
    keep(watched, alerts=(second,))
    watched.pipeline.pulse(NOW + MINUTE, at_once=True)
    watched.store.save_alert(replace(first, state=SENT, sent_at=NOW))
    watched.pipeline.pulse(NOW + 2 * MINUTE, at_once=True)
    assert told(watched) == [
        f"Channel #c{n} takes {what}" for n, what in ((1, "no alerts"), (2, "no alerts"), (1, "alerts again"))
    ]


def test_another_ops_channel_is_told_anew(watched: Line) -> None:
    keep(watched, failing(next_due=NOW + DAY))
    watched.pipeline.pulse(NOW, at_once=True)
    watched.desk = replace(watched.desk, ops_channel="#keepers")
    (alert,) = watched.pipeline.pulse(NOW, at_once=True)
    assert alert.channel == "#keepers"


def test_one_run_tells_what_it_could_not_deliver(line: Line) -> None:
    line.desk = replace(line.desk, heartbeat=None)
    keep(line, alerts=(an_alert(created=NOW - 2 * HOUR),))
    line.sink.refuses[CHANNEL] = [ChannelRefused("it is archived", code="is_archived")]
    line.publish()
    assert OnceEngine(line.pipeline, lambda: NOW).run() == 1
    assert line.states() == {CHANNEL: PARKED, OPS: SENT}


# the command


SMALL = f"""\
channel: "{CHANNEL}"
ops: {{channel: "{OPS}", zone: Asia/Kolkata}}
watchlists:
  - name: all
    query: relevant
feeds:
  - url: {FEED}
    outlet: A
"""


def status(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, ["status", *words], catch_exceptions=False)
    return done.exit_code, done.output


def test_the_command_tells_the_same_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.app.clock", lambda: NOW)
    Path("config.yaml").write_text(SMALL, "utf-8")
    assert status() == (1, "Nothing was read yet: `tariffwatch run` reads the feeds.\n")
    store = store_at(tmp_path / "tariffwatch.db")
    store.save_feed(a_state(), ())
    code, words = status()
    assert code == 0
    assert words.splitlines()[0] == "All well: 1 of 1 feed healthy, 0 items, 0 alerts, nothing waits"
    store.save_feed(failing(), ())
    code, words = status("--json")
    found = json.loads(words)
    assert (code, found["well"], found["feeds"][0]["condition"]) == (1, False, "failing")
    assert found["alarms"][0]["name"] == "feeds"
    store.close()
