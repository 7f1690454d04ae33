"""The supervisor: who is seen to make no progress, and what becomes of it. Time is handed in; no test waits."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.engines.progress import Progress, Tick
from bot.engines.supervisor import STUCK, Supervisor
from bot.engines.systemd import notify, watchdog_period
from bot.errors import StoreError
from bot.events import Event, silent

PERIOD = 30.0


@dataclass
class Watch:
    """A supervisor over two ticks, with a clock that is set by hand."""

    now: float = 0.0
    probe: Callable[[], object] = lambda: None
    told: list[Event] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    alive: list[float] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.progress = Progress(lambda: self.now)
        self.progress.expect([Tick("deliver", 1, 300), Tick("tidy", 3600, 3600)])
        self.supervisor = Supervisor(
            self.progress,
            lambda: self.probe(),
            self.told.append,
            self.left.append,
            period=PERIOD,
            alive=lambda: self.alive.append(self.now),
            stuck=lambda: self.stuck,
            seconds=lambda: self.now,
        )

    def ran(self, name: str) -> None:
        self.progress.begun(name)
        self.progress.ended(name)

    def beat(self, seconds: float = PERIOD) -> None:
        self.now += seconds
        self.supervisor.beat()
        asked = self.supervisor._asked
        if asked and self.probe is not hangs:
            asked.join(5)


released = threading.Event()


def hangs() -> None:
    released.wait(20)


@pytest.fixture
def watch() -> Iterator[Watch]:
    yield Watch()
    released.set()
    released.clear()


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """What systemd would have heard by now."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

        def words() -> list[str]:
            found = []
            while True:
                try:
                    found.append(heard.recv(1000).decode())
                except BlockingIOError:
                    return found

        yield words


def test_while_ticks_run_and_the_store_answers_the_manager_hears_of_it(
    watch: Watch, manager: Callable[[], list[str]]
) -> None:
    for _ in range(5):
        watch.ran("deliver")
        watch.beat()
    assert manager() == ["WATCHDOG=1"] * 5
    assert (watch.left, watch.told, len(watch.alive)) == ([], [], 5)


@pytest.mark.fault("T01", "T10")
def test_ticks_that_begin_no_more_end_the_process_within_two_beats_and_the_manager_hears_no_more(
    watch: Watch, manager: Callable[[], list[str]]
) -> None:
    watch.ran("deliver")
    watch.beat()
    assert manager() == ["WATCHDOG=1"]
    watch.beat()
    assert watch.left == [STUCK]
    assert watch.told[0].fields["error"] == "deliver has not begun for 60 s"
    assert all(words.startswith("STATUS=stuck") for words in manager())


@pytest.mark.fault("T03")
def test_a_tick_that_never_ends_ends_the_process_once_its_patience_is_over(watch: Watch) -> None:
    watch.progress.begun("deliver")
    for _ in range(10):
        watch.beat()
    assert watch.left == []
    watch.beat()
    assert watch.left == [STUCK]
    assert watch.told[0].fields["error"] == "deliver has worked for 330 s without a word"


@pytest.mark.fault("T02")
def test_a_tick_that_works_for_hours_and_tells_of_it_is_not_stuck(watch: Watch) -> None:
    tell = watch.progress.heard(silent)
    watch.progress.begun("deliver")
    for _ in range(100):
        tell(Event("alert_sent", {}))
        watch.beat()
    assert watch.left == []


def test_what_one_tick_tells_is_no_sign_of_another(watch: Watch) -> None:
    tell = watch.progress.heard(silent)
    watch.progress.begun("deliver")

    def tidy() -> None:
        watch.progress.begun("tidy")
        tell(Event("pruned", {}))

    other = threading.Thread(target=tidy)
    for _ in range(11):
        watch.beat()
    other.start()
    other.join()
    assert watch.progress.late(PERIOD) == ["deliver has worked for 330 s without a word"]


def test_a_store_that_does_not_answer_ends_the_process_at_the_next_beat(watch: Watch) -> None:
    watch.probe = hangs
    watch.ran("deliver")
    watch.beat(1)
    assert watch.left == []
    watch.ran("deliver")
    watch.beat()
    assert watch.left == [STUCK]
    assert watch.told[0].fields["error"] == "the store has not answered for 30 s"


@pytest.mark.fault("D03", "D05")
def test_a_store_that_answers_with_an_error_is_for_the_ticks_to_tell(watch: Watch) -> None:
    def full() -> None:
        raise StoreError("the disk is full")

    watch.probe = full
    for _ in range(5):
        watch.ran("deliver")
        watch.beat()
    assert watch.left == []


def test_what_else_will_not_go_on_ends_the_process_too(watch: Watch) -> None:
    watch.ran("deliver")
    watch.stuck.append("spaCy has hung over a text for 1801 s")
    watch.beat()
    assert watch.left == [STUCK]
    assert watch.told[0].fields["error"] == "spaCy has hung over a text for 1801 s"


@pytest.mark.fault("T07")
def test_after_a_sleep_of_the_machine_ticks_have_time_to_begin_again(watch: Watch) -> None:
    watch.ran("deliver")
    watch.beat()
    watch.beat(8 * 3600)
    assert watch.left == []
    watch.beat()
    assert watch.left == []
    watch.beat()
    assert watch.left == [STUCK]


def test_a_manager_of_another_namespace_is_told_too_and_one_that_is_gone_stops_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0tariffwatch test")
        monkeypatch.setenv("NOTIFY_SOCKET", "@tariffwatch test")
        notify("READY=1")
        assert heard.recv(100) == b"READY=1"
    notify("READY=1")
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify("READY=1")


@pytest.mark.parametrize(
    ("environ", "period"),
    [
        ({}, 30.0),
        ({"WATCHDOG_USEC": "20000000"}, 10.0),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "7"}, 10.0),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "8"}, 30.0),
        ({"WATCHDOG_USEC": "600000000"}, 30.0),
        ({"WATCHDOG_USEC": "0"}, 30.0),
        ({"WATCHDOG_USEC": "soon"}, 30.0),
    ],
)
def test_signs_come_twice_as_often_as_the_manager_wants_them(environ: dict[str, str], period: float) -> None:
    assert watchdog_period(environ, 7, 30.0) == period
