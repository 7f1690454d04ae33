"""WorkerEngine: what one of several workers does, over a real queue; and a crew of them."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from procrastinate.jobs import Job, Status
from psycopg_pool import PoolTimeout

from bot.alerts import QUEUED, SENDING, SENT
from bot.calls import ANALYZE, COLLECT, DELIVER, FOLLOW, STEPS, batch
from bot.engines import crew as crews
from bot.engines import workers as engines
from bot.engines.crew import Crew
from bot.engines.queue import queue
from bot.engines.workers import WorkerEngine
from bot.errors import LeaseLost, SinkBusy, StoreError
from bot.events import Event
from bot.messages import Message
from bot.stores.calls import connector
from bot.stores.postgres import PATIENCE as PATIENCE_OF_THE_STORE
from bot.stores.sql import SqlStore, open_store
from tests import postgres
from tests.line import Line
from tests.makers import CHANNEL, NOW, a_desk, a_feed, a_watchlist, an_article, an_entry
from tests.test_calls import dropped, in_queue, silent, taken, waiting
from tests.test_postgres import cut_off

PATIENCE = 30.0


@pytest.fixture
def name() -> str:
    return postgres.copied()


@pytest.fixture
def line(name: str) -> Iterator[Line]:
    with closing(open_store(postgres.url(name), calling=True)) as store:
        yield Line(store, desk=a_desk(feeds=[a_feed(backlog=5)]))


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The process's own signal handlers, put back afterwards."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def engine(line: Line, name: str, *steps: str, called: str = "one", **more: Any) -> WorkerEngine:
    store = line.store
    assert isinstance(store, SqlStore)
    more.setdefault("clock", lambda: NOW)
    more.setdefault("sweep", partial(store.sweep, NOW))
    return WorkerEngine(
        line.pipeline, connector=connector(postgres.url(name)), steps=steps or STEPS, name=called, **more
    )


def works(worker: WorkerEngine, until: Callable[[], object]) -> int:
    """Until that is so; returns the exit code."""
    late: list[bool] = []

    def watch() -> None:
        late.append(not came(until))
        worker.stop()

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = worker.run()
    watcher.join()
    assert late == [False]
    return code


def came(true: Callable[[], object]) -> bool:
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while not true():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.02)
    return True


def at_rest(line: Line) -> bool:
    counts = line.store.counts()
    return counts["articles"] > 0 and not any(counts[name] for name in ("unread", "unfollowed", "alerts_queued"))


# the steps


def test_a_worker_takes_a_feed_to_the_channel(line: Line, name: str) -> None:
    line.publish(an_entry())
    line.pipeline.enrol()
    assert works(engine(line, name), lambda: line.sink.sent) == 0
    assert line.states() == {CHANNEL: SENT}
    assert waiting(name) == []
    assert in_queue(name, "SELECT count(*) FROM procrastinate_workers") == [(0,)]
    assert line.heard("stopped") == [{"unfinished": 0}]


def test_a_worker_does_its_own_steps_only(line: Line, name: str) -> None:
    line.collected(an_article())
    assert works(engine(line, name, ANALYZE), lambda: line.store.counts()["unfollowed"]) == 0
    assert works(engine(line, name, FOLLOW), lambda: waiting(name) == [f"deliver {CHANNEL}"]) == 0
    assert line.sink.sent == []
    assert line.states() == {CHANNEL: QUEUED}


def test_workers_that_were_none_for_a_while_find_all_there_is_to_do(line: Line, name: str) -> None:
    line.told(an_article("a"))
    line.collected(an_article("b", title="US to raise tariff on Indian steel", text=""))
    dropped(name)
    in_queue(name, "UPDATE swept SET at = '-infinity'")
    assert works(engine(line, name), lambda: at_rest(line)) == 0
    assert [alert.state for alert in line.store.alerts()] == [SENT, SENT]


def test_a_whole_backlog_is_worked_off_by_two_workers_and_each_article_is_read_once(line: Line, name: str) -> None:
    articles = [an_article(f"a{n}", title=f"Tariff story {n} of India", text="") for n in range(3 * batch(0))]
    line.collected(*articles)
    with ExitStack() as opened:
        other = Line(opened.enter_context(closing(open_store(postgres.url(name), calling=True))), desk=line.desk)
        second = engine(other, name, ANALYZE, called="two")
        thread = threading.Thread(target=lambda: asyncio.run(second._serve()))
        thread.start()
        works(engine(line, name, ANALYZE), lambda: not line.store.counts()["unread"])
        second.stop()
        thread.join()
    read = [article["articles"] for one in (line, other) for article in one.heard("analyzed")]
    assert sum(int(str(n)) for n in read) == len(articles)
    assert max(Counter([*line.classifier.texts, *other.classifier.texts]).values()) == 1
    assert line.heard("lease_lost") == other.heard("lease_lost") == []


@dataclass
class Narrow:
    """Remembers who was in which channel at the same time."""

    there: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    channels: int = 0
    order: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def on_send(self, channel: str, message: Message) -> None:
        with self.lock:
            self.order.append((channel, message.headline))
            self.there[channel] += 1
            self.most[channel] = max(self.most[channel], self.there[channel])
            self.channels = max(self.channels, sum(1 for n in self.there.values() if n))
        threading.Event().wait(0.05)
        with self.lock:
            self.there[channel] -= 1


def test_a_channel_is_told_by_one_worker_at_a_time_in_order_and_channels_at_once(line: Line, name: str) -> None:
    seen = Narrow()
    line.desk = a_desk(a_watchlist(channels=("#a", "#b")))
    titles = [f"US to raise tariff on Indian {goods}" for goods in ("shrimp", "steel", "cotton", "tea", "carpets")]
    for number, title in enumerate(titles):
        line.told(an_article(f"a{number}", title=title, text=""))
    told = {alert.id: alert.channel for alert in line.store.alerts()}
    queued = [(alert.channel, alert.message.headline) for alert in reversed(line.store.alerts())]
    line.sink.on_send = lambda message: seen.on_send(told[message.id], message)
    with ExitStack() as opened:
        other = Line(
            opened.enter_context(closing(open_store(postgres.url(name), calling=True))), sink=line.sink, desk=line.desk
        )
        second = engine(other, name, DELIVER, called="two")
        thread = threading.Thread(target=lambda: asyncio.run(second._serve()))
        thread.start()
        works(engine(line, name, DELIVER), lambda: at_rest(line))
        second.stop()
        thread.join()
    assert set(seen.most.values()) == {1}
    assert seen.channels == 2
    for channel in ("#a", "#b"):
        assert [one for one in seen.order if one[0] == channel] == [one for one in queued if one[0] == channel]


def test_what_a_dead_worker_was_sending_is_looked_up_before_anything_else_is_sent(line: Line, name: str) -> None:
    line.told(an_article())
    job, worker = taken(name, DELIVER)
    (read,) = line.store.due_alerts(NOW, 1)
    line.store.save_alert(replace(read, state=SENDING, tries=1), read)
    silent(name, worker, timedelta(minutes=2))
    line.sink.found = ["ts-of-the-dead"]
    works(engine(line, name, DELIVER), lambda: line.states() == {CHANNEL: SENT})
    assert line.sink.sent == []
    assert line.heard("job_failed")[0]["job"] == f"deliver {CHANNEL}"
    assert in_queue(name, f"SELECT count(*) FROM procrastinate_jobs WHERE id = {job}") == [(0,)]


def test_a_short_pause_that_slack_asks_for_needs_no_other_call(line: Line, name: str) -> None:
    line.told(an_article())
    line.sink.refuses[CHANNEL] = [SinkBusy("slow down", wait=timedelta(seconds=0.2))]
    worker = engine(line, name, DELIVER, clock=lambda: datetime.now(UTC), sweep=list)
    works(worker, lambda: line.states() == {CHANNEL: SENT})
    assert len(line.sink.sent) == 2


# what goes wrong


@dataclass
class Fails:
    """A method that raises a few times before it does what it does."""

    method: Callable[..., Any]
    errors: list[Exception]
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def __call__(self, *words: Any, **more: Any) -> Any:
        self.asked.append(words)
        if self.errors:
            raise self.errors.pop(0)
        return self.method(*words, **more)


def test_a_batch_that_could_not_be_saved_is_read_again_by_its_call_fewer_at_a_time(
    line: Line, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.collected(*(an_article(f"a{n}", title=f"Tariff story {n}", text="") for n in range(batch(1) + 1)))
    saves = Fails(line.store.save_analyses, [StoreError("the disk is full")])
    monkeypatch.setattr(line.store, "save_analyses", saves)
    works(engine(line, name, ANALYZE), lambda: not line.store.counts()["unread"])
    assert [len(done) for (done,) in saves.asked] == [batch(1) + 1, batch(1), 1]
    (failed,) = line.heard("job_failed")
    assert failed == {"job": ANALYZE, "attempts": 1, "error": "StoreError: the disk is full"}


def test_following_that_others_overtook_is_done_again_at_once(
    line: Line, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.collected(an_article())
    line.pipeline.analyze()
    monkeypatch.setattr(line.store, "save_follow", Fails(line.store.save_follow, [LeaseLost("stories were changed")]))
    works(engine(line, name, FOLLOW), lambda: not line.store.counts()["unfollowed"])
    assert line.heard("lease_lost") == [{"job": FOLLOW, "error": "stories were changed"}]
    assert line.heard("job_failed") == []
    assert line.states() == {CHANNEL: QUEUED}


@pytest.mark.fault("D15")
def test_a_server_that_is_away_is_told_of_once_and_when_it_is_back_the_work_goes_on(
    line: Line, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "STEADY", 0.2)
    monkeypatch.setitem(PATIENCE_OF_THE_STORE, "connect_timeout", 1)
    worker = engine(line, name, ANALYZE, FOLLOW)

    def goes() -> Iterator[bool]:
        while in_queue(name, "SELECT count(*) FROM procrastinate_workers") != [(2,)]:
            yield False
        postgres.run("postgres", f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        cut_off(name)
        while len(line.heard("queue_failed")) < 2:
            yield False
        postgres.run("postgres", f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        while len(line.heard("queue_recovered")) < 2 or not line.heard("tick_recovered"):
            yield False
        line.collected(an_article())
        while line.states() != {CHANNEL: QUEUED}:
            yield False

    going = goes()
    assert works(worker, lambda: next(going, True)) == 0
    assert Counter(str(event["queue"]) for event in line.heard("queue_recovered")) == {ANALYZE: 1, FOLLOW: 1}


def test_a_worker_that_stood_still_ends_no_call_of_its_heir(line: Line, name: str) -> None:
    line.collected(an_article())
    job, worker = taken(name)
    silent(name, worker, timedelta(minutes=1))
    store = line.store
    assert isinstance(store, SqlStore)
    in_queue(name, "UPDATE swept SET at = '-infinity'")
    store.sweep(NOW)
    heirs, _ = taken(name)
    assert heirs == job

    async def end() -> None:
        async with (app := queue(connector(postgres.url(name)), {})).open_async():
            old = Job(id=job, queue=ANALYZE, lock=None, queueing_lock=ANALYZE, task_name=ANALYZE, worker_id=worker)
            await app.job_manager.finish_job(old, status=Status.SUCCEEDED, delete_job=True)
            await app.job_manager.retry_job(old)

    asyncio.run(end())
    query = f"SELECT status::text, attempts FROM procrastinate_jobs WHERE id = {job}"
    assert in_queue(name, query) == [("doing", 1)]


# the end


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Hardly any grace; with what code the process would have been left."""
    monkeypatch.setattr(engines, "GRACE", 0.3)
    return []


def test_a_batch_that_does_not_end_in_time_is_anothers_at_once(line: Line, name: str, hurried: list[int]) -> None:
    line.collected(an_article())
    hangs, go_on = threading.Event(), threading.Event()
    classifier = line.classifier
    score = classifier.score

    def hanging(texts: Any) -> Any:
        hangs.set()
        go_on.wait(PATIENCE)
        return score(texts)

    classifier.score = hanging  # type: ignore[method-assign]
    works(engine(line, name, ANALYZE, leave=hurried.append), hangs.is_set)
    assert hurried == [0]
    (job,) = in_queue(
        name, "SELECT id, status::text, attempts, queueing_lock FROM procrastinate_jobs WHERE attempts > 0"
    )
    assert job[1:] == ("todo", 1, f"analyze {job[0]}")
    go_on.set()


def test_a_delivery_that_does_not_end_in_time_is_found_by_its_silence(
    line: Line, name: str, hurried: list[int]
) -> None:
    line.told(an_article())
    sends, go_on = threading.Event(), threading.Event()

    def hanging(message: Message) -> None:
        sends.set()
        go_on.wait(PATIENCE)

    line.sink.on_send = hanging
    works(engine(line, name, DELIVER, leave=hurried.append), sends.is_set)
    assert hurried == [0]
    query = "SELECT status::text FROM procrastinate_jobs JOIN procrastinate_workers w ON w.id = worker_id"
    assert in_queue(name, f"{query} WHERE task_name = 'deliver'") == [("doing",)]
    go_on.set()


def test_feeds_that_do_not_answer_in_time_are_given_back(line: Line, name: str, hurried: list[int]) -> None:
    line.pipeline.enrol()
    asked, go_on = threading.Event(), threading.Event()

    def hanging(requests: Any) -> Any:
        asked.set()
        go_on.wait(PATIENCE)
        return iter(())

    line.fetcher.fetch = hanging  # type: ignore[method-assign]
    works(engine(line, name, COLLECT, leave=hurried.append), asked.is_set)
    assert hurried == [0]
    assert postgres.run(name, "SELECT lease FROM feeds") == [("",)]
    go_on.set()


def test_a_second_signal_ends_it_at_once_but_not_the_echo_of_the_first(
    line: Line, name: str, monkeypatch: pytest.MonkeyPatch, hurried: list[int]
) -> None:
    worker = engine(line, name, leave=hurried.append)
    worker._on_stop(signal.SIGTERM, None)
    worker._on_stop(signal.SIGTERM, None)
    assert hurried == []
    monkeypatch.setattr(engines, "ECHO", 0.0)
    worker._on_stop(signal.SIGTERM, None)
    assert hurried == [128 + signal.SIGTERM]


# a crew


def program(text: str, *words: str) -> Callable[[int], "subprocess.Popen[bytes]"]:
    return lambda number: subprocess.Popen([sys.executable, "-c", text, str(number), *words])


def crew_works(crew: Crew, until: Callable[[], object]) -> int:
    late: list[bool] = []

    def watch() -> None:
        late.append(not came(until))
        crew.stop()

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = crew.run()
    watcher.join()
    assert late == [False]
    return code


WAITS = """
import pathlib, signal, sys
number, folder = sys.argv[1:]
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
path = pathlib.Path(folder, number)
path.write_text(path.read_text() + "x" if path.exists() else "x")
if number == "1" and path.read_text() == "x":
    sys.exit(70)
signal.pause()
"""


def test_a_crew_starts_one_that_died_anew_and_ends_when_all_have_ended(tmp_path: Path) -> None:
    told: list[Event] = []
    crew = Crew(program(WAITS, str(tmp_path)), 2, told.append, pause=0.01)
    assert crew_works(crew, lambda: came_up(tmp_path) == ["x", "xx"]) == 0
    assert [(event.name, event.fields["code"]) for event in told] == [("worker_lost", 70)]
    assert all(there.poll() == 0 for there in crew._there.values())


def came_up(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted(folder.iterdir())]


def test_those_that_go_on_dying_are_started_again_later_each_time() -> None:
    told: list[Event] = []
    crew = Crew(program("raise SystemExit(1)"), 1, told.append, pause=0.01)
    crew_works(crew, lambda: len(told) > 3)
    assert [event.fields["again_in"] for event in told[:4]] == [0.01, 0.02, 0.04, 0.08]


REFUSED = "raise SystemExit(2 if __import__('sys').argv[1] == '1' else 0)"


def test_one_that_is_refused_ends_the_crew_with_its_code() -> None:
    assert Crew(program(REFUSED), 2, lambda _: None).run() == 2


def test_one_that_is_refused_when_the_crew_has_worked_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "LONGEST_PAUSE", 0.0)  # whoever died has lived for long
    told: list[Event] = []
    crew = Crew(program(REFUSED), 2, told.append, pause=0.0)
    assert crew_works(crew, lambda: len(told) > 3) == 0


def test_a_queue_that_cannot_be_reached_is_an_error_with_what_to_do(
    line: Line, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = engine(line, name, ANALYZE)

    def full() -> Any:
        raise PoolTimeout("too many clients already")

    monkeypatch.setattr(worker._app, "open_async", full)
    with pytest.raises(StoreError, match="the queue cannot be reached: PoolTimeout — look whether the server runs"):
        asyncio.run(worker._serve())
