"""SchedulerEngine: its ticks, one by one, and how it starts and stops. No test waits for a timer to fire."""

import logging
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.alerts import QUEUED, SENDING, SENT
from bot.calls import BATCH
from bot.engines.scheduler import SchedulerEngine
from bot.errors import OutcomeUnknown, SinkBusy, StoreError
from tests.line import Line, store_at
from tests.makers import CHANNEL, FEED, HOUR, NOW, a_desk, a_feed, a_watchlist, an_article, an_entry


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(store_at(tmp_path / "store.db"), desk=a_desk(feeds=[a_feed(backlog=5)]))
    yield line
    line.store.close()


@pytest.fixture
def handlers() -> Iterator[None]:
    """The process's own signal handlers, put back afterwards."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def clock() -> datetime:
    return NOW


def engine(line: Line) -> SchedulerEngine:
    return SchedulerEngine(line.pipeline, clock)


def daemon(line: Line, **calls: Any) -> SchedulerEngine:
    """One that runs: its timers go by the machine's clock."""
    return SchedulerEngine(line.pipeline, lambda: datetime.now(UTC), **calls)


# ticks


def test_the_three_ticks_take_a_feed_to_the_channel(line: Line) -> None:
    line.publish(an_entry())
    ticks = engine(line)
    ticks._collect()
    assert line.store.counts()["unread"] == 1
    ticks._read()
    assert line.states() == {CHANNEL: QUEUED}
    ticks._deliver()
    assert line.states() == {CHANNEL: SENT}


def test_ticks_without_work_do_nothing(line: Line) -> None:
    line.publish()
    ticks = engine(line)
    for tick in (ticks._collect, ticks._read, ticks._deliver):
        tick()
    assert line.sink.sent == []
    assert line.store.counts()["articles"] == 0


def test_one_reading_tick_works_through_all_that_is_there(line: Line) -> None:
    line.collected(*(an_article(f"a{n}", title="Monsoon reaches Kerala", text="") for n in range(BATCH + 1)))
    engine(line)._read()
    counts = line.store.counts()
    assert (counts["unread"], counts["unfollowed"]) == (0, 0)


def test_what_a_dead_process_had_analysed_and_not_followed_is_followed(line: Line) -> None:
    line.collected(an_article())
    line.pipeline.analyze()
    engine(line)._read()
    assert line.states() == {CHANNEL: QUEUED}


def test_one_delivering_tick_sends_all_that_may_go_out(line: Line) -> None:
    line.desk = a_desk(a_watchlist(channels=("#a", "#b")))
    line.told(an_article("a1"))
    line.told(an_article("b1", title="US to raise tariff on Indian steel", text=""))
    line.sink.refuses["#b"] = [SinkBusy("slow down", wait=HOUR)]
    engine(line)._deliver()
    assert sorted((alert.channel, alert.state) for alert in line.store.alerts()) == [
        ("#a", SENT),
        ("#a", SENT),
        ("#b", QUEUED),
        ("#b", QUEUED),
    ]


def test_a_tick_that_goes_on_failing_is_told_once_and_when_it_is_over_and_the_others_run(line: Line) -> None:
    ran = []

    def fails() -> None:
        raise StoreError("the disk is full")

    ticks = engine(line)
    for _ in range(5):  # more often than there are places to run at once
        ticks._tick("read", fails)
    ticks._tick("deliver", lambda: ran.append("deliver"))
    assert ran == ["deliver"]
    assert line.heard("tick_failed") == [{"tick": "read", "error": "StoreError: the disk is full"}]
    ticks._tick("read", lambda: ran.append("read"))
    assert line.heard("tick_recovered") == [{"tick": "read"}]
    ticks._tick("read", fails)
    assert len(line.heard("tick_failed")) == 2


@pytest.mark.fault("T04")
def test_after_the_signal_to_stop_no_tick_takes_up_more_work(line: Line) -> None:
    (alert,) = line.told(an_article("a1"))
    line.collected(an_article("b1"))
    ticks = engine(line)
    ticks._on_stop(signal.SIGTERM, None)
    ticks._read()
    ticks._deliver()
    assert line.store.counts()["unread"] == 1
    assert line.store.alerts() == [alert]


@pytest.mark.fault("T04")
def test_a_stop_in_the_middle_of_delivering_lets_the_message_on_its_way_end_and_starts_no_other(line: Line) -> None:
    line.told(an_article("a1"))
    line.told(an_article("b1", title="US to raise tariff on Indian steel", text=""))
    ticks = engine(line)
    line.sink.on_send = lambda message: ticks._on_stop(signal.SIGTERM, None)
    ticks._deliver()
    assert sorted(alert.state for alert in line.store.alerts()) == [QUEUED, SENT]


def test_a_wait_that_a_channel_asks_for_counts_from_its_answer(line: Line) -> None:
    line.desk = a_desk(a_watchlist(channels=("#a", "#b")))
    line.told(an_article())
    time = [NOW]
    line.sink.on_send = lambda message: time.append(time[-1] + timedelta(seconds=15))
    line.sink.refuses["#a"] = [OutcomeUnknown("no answer")]
    line.sink.refuses["#b"] = [SinkBusy("slow down", wait=HOUR)]
    SchedulerEngine(line.pipeline, lambda: time[-1])._deliver()
    (busy,) = [alert for alert in line.store.alerts() if alert.channel == "#b"]
    assert busy.not_before == NOW + timedelta(seconds=15) + HOUR


# the scheduler


@pytest.mark.fault("T02")
def test_every_tick_but_the_pulse_is_due_at_once_runs_once_at_a_time_and_late_rather_than_never(line: Line) -> None:
    jobs = {job.id: job for job in engine(line)._scheduler().get_jobs()}
    assert set(jobs) == {"collect", "read", "deliver", "look", "digest", "pulse", "remind", "tidy"}
    pulse = jobs.pop("pulse")
    assert pulse.next_run_time == NOW + pulse.trigger.interval  # what was off for hours has to catch up first
    for job in jobs.values():
        assert job.next_run_time == NOW


def test_that_a_tick_outlasts_its_interval_is_not_worth_a_line_in_the_log(line: Line) -> None:
    log = engine(line)._scheduler()._logger
    assert not log.isEnabledFor(logging.WARNING)
    assert log.isEnabledFor(logging.ERROR)


@pytest.mark.fault("T07", "D18")
def test_ticks_do_not_wait_for_the_time_that_a_clock_showed_before_it_was_put_back(line: Line) -> None:
    ticks = engine(line)
    scheduler = ticks._scheduler()
    scheduler.start(paused=True)
    for name in ("deliver", "tidy"):
        scheduler.modify_job(name, next_run_time=NOW + HOUR)
    ticks._catch_up(scheduler)
    due = {job.id: job.next_run_time for job in scheduler.get_jobs()}
    scheduler.shutdown()
    assert (due["deliver"], due["tidy"]) == (NOW, NOW + HOUR)


def test_a_tick_that_comes_when_all_is_settled_neither_begins_nor_hangs(line: Line) -> None:
    ran: list[str] = []
    ticks = engine(line)
    assert ticks._settle() == 0
    ticks._tick("collect", lambda: ran.append("collect"))
    assert ran == []


def test_the_look_at_the_settings_has_a_place_beside_the_other_ticks(line: Line) -> None:
    ran: list[str] = []
    ticks = SchedulerEngine(line.pipeline, clock, look=lambda: ran.append("look"))

    def inside(depth: int) -> None:
        ticks._tick("look", ticks._look) if depth == 0 else ticks._tick("collect", lambda: inside(depth - 1))

    inside(3)
    assert ran == ["look"]


@pytest.mark.fault("D14")
def test_what_was_overtaken_by_a_headline_that_was_corrected_is_done_again(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.collected(an_article())
    line.pipeline.analyze()
    standing, times = line.store.standing, iter((-1, None))
    monkeypatch.setattr(line.store, "standing", lambda: standing() if (off := next(times)) is None else off)
    engine(line)._read()
    assert line.states() == {CHANNEL: QUEUED}
    assert line.heard("tick_failed") == []


# the process


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_well_and_tells_so(line: Line, number: signal.Signals) -> None:
    line.publish()
    assert daemon(line, ready=lambda: signal.raise_signal(number)).run() == 0
    assert line.heard("stopped") == [{"unfinished_ticks": 0}]


@pytest.mark.fault("S08")
@pytest.mark.usefixtures("handlers")
def test_what_a_dead_process_left_on_its_way_is_never_sent_unseen(line: Line) -> None:
    line.publish()
    (alert,) = line.told(an_article())
    line.store.save_alert(replace(alert, state=SENDING, tries=1))
    line.sink.found = ["ts-9"]
    seen: list[str] = []

    def ready() -> None:
        seen.extend(line.states().values())
        signal.raise_signal(signal.SIGTERM)

    daemon(line, ready=ready).run()
    assert seen[0] != SENDING
    assert line.sink.sent == []


@pytest.mark.usefixtures("handlers")
def test_beside_workers_it_does_no_step_and_leaves_what_they_are_sending_alone(line: Line) -> None:
    line.publish(an_entry())
    (alert,) = line.told(an_article())
    line.store.save_alert(replace(alert, state=SENDING, tries=1), alert)
    scheduled = {job.id for job in daemon(line, beside_workers=True)._scheduler().get_jobs()}
    assert scheduled == {"look", "digest", "pulse", "remind", "tidy"}
    assert daemon(line, ready=lambda: signal.raise_signal(signal.SIGTERM), beside_workers=True).run() == 0
    assert line.states() == {CHANNEL: SENDING}
    assert [request for request in line.fetcher.asked if request.url == FEED] == []


@pytest.mark.fault("T13")
@pytest.mark.usefixtures("handlers")
def test_a_hangup_reloads_and_the_run_goes_on(line: Line) -> None:
    line.publish()
    reloads: list[str] = []

    def reload() -> None:
        reloads.append("reload")
        signal.raise_signal(signal.SIGTERM)

    assert daemon(line, ready=lambda: signal.raise_signal(signal.SIGHUP), reload=reload).run() == 0
    assert reloads == ["reload"]


@pytest.mark.fault("T12", "T13")
@pytest.mark.usefixtures("handlers")
def test_a_reload_that_breaks_does_not_end_the_run(line: Line) -> None:
    line.publish()

    def reload() -> None:
        signal.raise_signal(signal.SIGTERM)
        raise RecursionError("too deep")

    assert daemon(line, ready=lambda: signal.raise_signal(signal.SIGHUP), reload=reload).run() == 0
    assert line.heard("tick_failed") == [{"tick": "reload", "error": "RecursionError: too deep"}]
