"""What signals, clocks, dead schedulers and hung ticks do to the daemon: cases T01 to T17, with real processes."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.alerts import SENDING, SENT, UNKNOWN
from bot.app import logger
from bot.config import Config, load_config
from bot.engines.scheduler import Every, SchedulerEngine
from bot.engines.supervisor import STUCK
from bot.events import Event
from bot.instance import alone, sign_of_life, silence
from bot.live import Live
from bot.sources.rss import FeedparserParser
from bot.stores.sql import SqlStore, open_store
from tests.harness.feed_server import fetcher, get, reply, served
from tests.line import Line, store_at
from tests.makers import NOW, a_desk, a_feed, an_article
from tests.test_live import SMALL

Process = subprocess.Popen[str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store_at(tmp_path / "store.db").close()
    return tmp_path / "store.db"


@contextmanager
def desk(path: Path, mode: str, before: Callable[[], object] | None = None) -> Iterator[Process]:
    """`before`: what the process does to itself first."""
    command = [sys.executable, "-m", "tests.faults.desk", str(path), mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=before) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: Process, event: str) -> dict[str, Any]:
    """The next of that name."""
    assert process.stdout
    for line in process.stdout:
        if (told := json.loads(line))["event"] == event:
            return dict(told)
    raise AssertionError(f"it ended before {event}")


def reopened(path: Path) -> SqlStore:
    return open_store(f"sqlite:///{path}", check=True)


# the scheduler


@pytest.mark.fault("T01", "T10")
def test_a_scheduler_that_died_of_its_trigger_ends_the_process_to_be_started_anew(path: Path) -> None:
    with desk(path, "dead") as process:
        words = str(heard(process, "watchdog_failed")["error"])
        assert "has not begun for" in words
        assert process.wait(20) == STUCK


@pytest.mark.fault("T07")
@pytest.mark.timeout(10)
@pytest.mark.parametrize("jump", [timedelta(days=3 * 365), timedelta(hours=8), timedelta(days=-1)])
def test_a_clock_that_jumps_makes_one_tick_due_and_not_all_that_were_missed(tmp_path: Path, jump: timedelta) -> None:
    line = Line(store_at(tmp_path / "store.db"))
    scheduler = SchedulerEngine(line.pipeline, lambda: NOW)._scheduler()
    scheduler.start(paused=True)
    for job in scheduler.get_jobs():
        assert len(job._get_run_times(NOW + jump)) == (jump > timedelta())
    scheduler.shutdown()
    line.store.close()


def test_a_tick_that_was_missed_counts_from_now() -> None:
    every = Every(seconds=5, timezone=UTC)
    assert every.get_next_fire_time(NOW, NOW + timedelta(hours=8)) == NOW + timedelta(hours=8, seconds=5)
    assert every.get_next_fire_time(NOW, NOW) == NOW + timedelta(seconds=5)
    assert every.get_next_fire_time(None, NOW) == NOW + timedelta(seconds=5)


@pytest.mark.fault("T12")
@pytest.mark.parametrize("raised", [SystemExit(3), MemoryError(), RecursionError("too deep"), KeyError("x")])
def test_whatever_a_tick_raises_is_told_and_the_next_one_runs(tmp_path: Path, raised: BaseException) -> None:
    line = Line(store_at(tmp_path / "store.db"))
    ticks = SchedulerEngine(line.pipeline, lambda: NOW)
    ran: list[str] = []

    def breaks() -> None:
        raise raised

    ticks._tick("read", breaks)
    assert line.heard("tick_failed")[0]["tick"] == "read"
    assert ticks._meter.ticks["read"].failures == 1
    ticks._tick("read", lambda: ran.append("read"))
    assert ran == ["read"]
    line.store.close()


@pytest.mark.fault("T02")
def test_every_tick_has_a_place_while_all_others_are_busy(tmp_path: Path) -> None:
    line = Line(store_at(tmp_path / "store.db"))
    ticks = SchedulerEngine(line.pipeline, lambda: NOW)
    names, ran = [job.id for job in ticks._scheduler().get_jobs()], []

    def inside(left: list[str]) -> None:
        ran.append(left[0])
        if left[1:]:
            ticks._tick(left[1], lambda: inside(left[1:]))

    ticks._tick(names[0], lambda: inside(names))
    assert ran == names
    line.store.close()


# signals


@pytest.mark.fault("T04")
@pytest.mark.parametrize(
    ("mode", "number"),
    [*((mode, signal.SIGTERM) for mode in ("idle", "poll", "post", "model")), ("idle", signal.SIGINT)],
)
def test_a_signal_ends_it_well_whatever_it_is_at_and_nothing_is_half_done(
    path: Path, mode: str, number: signal.Signals
) -> None:
    with desk(path, mode) as process:
        heard(process, "at_it")
        process.send_signal(number)
        assert heard(process, "stopped") == {"event": "stopped", "unfinished_ticks": 0}
        assert process.wait(20) == 0
    store = reopened(path)
    assert not [alert for alert in store.alerts() if alert.state in (SENDING, UNKNOWN)]
    if mode == "post":
        assert [alert.state for alert in store.alerts(article_id="b1")] == [SENT]
    store.close()


@pytest.mark.fault("T05")
def test_a_second_signal_ends_it_at_once_and_what_was_on_its_way_is_looked_up(path: Path) -> None:
    with desk(path, "post") as process:
        heard(process, "at_it")
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (128 + signal.SIGTERM, 0)  # 0 where both came as one
    store = reopened(path)
    store.recover()
    assert {alert.state for alert in store.alerts(article_id="b1")} <= {UNKNOWN, SENT}
    store.close()


@pytest.mark.fault("T06")
def test_a_stop_does_not_wait_for_a_tick_that_hangs(path: Path) -> None:
    with desk(path, "hang") as process:
        heard(process, "at_it")
        process.send_signal(signal.SIGTERM)
        assert heard(process, "stopped")["unfinished_ticks"] == 1
        assert process.wait(20) == STUCK
    store = reopened(path)
    assert store.recover() == 1
    store.close()


# one instance, and its signs of life


@pytest.mark.fault("T09", "T10")
def test_a_daemon_that_gives_no_sign_of_life_is_told_from_one_that_does(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    assert silence(url, datetime.now(UTC)) == f"no tariffwatch runs with {tmp_path}/store.db"
    with alone(url):
        sign_of_life(url)
        assert silence(url, datetime.now(UTC)) == ""
        assert "has given no sign of life for 1" in silence(url, datetime.now(UTC) + timedelta(seconds=120))
    assert silence(url, datetime.now(UTC))
    sign_of_life(url)  # of nobody: nothing is made
    assert not (tmp_path / "store.db.pid").exists()


@pytest.mark.fault("T09")
def test_a_note_that_a_killed_process_left_is_no_sign_of_life(tmp_path: Path) -> None:
    url, note = f"sqlite:///{tmp_path}/store.db", tmp_path / "store.db.pid"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for words in (str(gone.pid), "", "0", "no number"):
        note.write_text(words)
        assert silence(url, datetime.now(UTC)).startswith("no tariffwatch runs")


# limits of the machine


@contextmanager
def few_handles() -> Iterator[None]:
    """Three are left: enough to begin, and none for a connection."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    held: list[int] = []
    with suppress(OSError):
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    for handle in held[-3:]:
        os.close(handle)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        for handle in held[:-3]:
            os.close(handle)


@pytest.mark.fault("T16")
def test_without_handles_for_files_a_poll_fails_as_any_other_and_the_next_succeeds() -> None:
    with served() as site:
        site.answers["/rss"] = reply()
        assert get(site.url("/rss")).status == 200
        with few_handles(), suppress(OSError):  # where there is none at all, the tick fails and comes again
            assert get(site.url("/rss")).error
        assert get(site.url("/rss")).status == 200


@pytest.mark.fault("T16")
def test_a_desk_does_its_work_with_sixty_four_handles(path: Path) -> None:
    with desk(path, "work", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))) as process:
        assert heard(process, "feed_polled")["new"] == 1
        assert heard(process, "alert_sent")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    store = reopened(path)
    assert [alert.state for alert in store.alerts()] == [SENT]
    store.close()


@pytest.mark.fault("T16")
def test_without_threads_a_tick_fails_is_told_and_comes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with served() as site:
        site.answers["/rss"] = reply(b"<rss version='2.0'><channel><title>F</title></channel></rss>")
        line = Line(store_at(tmp_path / "store.db"), desk=a_desk(feeds=(a_feed(site.url("/rss")),)))
        pipeline, now = line.pipeline, [NOW]
        pipeline.fetcher, pipeline.parser = fetcher(), FeedparserParser()
        ticks = SchedulerEngine(pipeline, lambda: now[0])
        before = threading.active_count()
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refused)
            for _ in range(3):
                ticks._tick("collect", ticks._collect)
        assert [told["error"] for told in line.heard("tick_failed")] == ["RuntimeError: can't start new thread"]
        assert (site.asked, threading.active_count()) == ([], before)
        now[0] += timedelta(hours=1)
        ticks._tick("collect", ticks._collect)
        assert line.heard("feed_polled")
        line.store.close()


@pytest.mark.fault("T17")
@pytest.mark.parametrize("form", ["json", "console"])
def test_a_log_that_is_closed_or_full_stops_nobody(form: str, tmp_path: Path) -> None:
    config = Config("config.yaml", "#desk", (), (), "", log_format=form)
    with open("/dev/full", "w", buffering=1) as full:
        logger(config, full)(Event("ready", {"feeds": 1}))
        with suppress(OSError):
            full.close()
    closed = (tmp_path / "log").open("w")
    closed.close()
    logger(config, closed)(Event("ready", {"feeds": 1}))


# settings


@pytest.mark.fault("T14")
def test_a_hundred_reloads_between_polls_and_sends_mix_nothing_and_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "vocabulary", cache(app.vocabulary))  # reading it is what takes the time of a reload
    config = tmp_path / "config.yaml"
    config.write_text(SMALL, "utf-8")
    settings = load_config(config, {})
    line = Line(store_at(tmp_path / "store.db"), desk=app.desk(settings))
    pipeline, moments = line.pipeline, count()
    live = Live(pipeline, settings, {}, lambda: NOW + timedelta(seconds=next(moments)), lambda event: None)
    line.told(an_article(title="US to raise tariff on Indian steel"))
    before = os.listdir("/proc/self/fd"), threading.active_count()
    for n in range(100):
        config.write_text(SMALL.replace("steel", f"steel{n}"), "utf-8")
        live.reload()
        pipeline.collect(NOW + timedelta(hours=n))
        pipeline.deliver(NOW)
        names = {watchlist.name for watchlist in pipeline.desk.watchlists}
        assert names == {f"steel{n}"} == {one.name for one in live.settings.watchlists}
    assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == (len(before[0]), before[1])
    assert [alert.state for alert in line.store.alerts(article_id="a1")] == [SENT]
    line.store.close()
