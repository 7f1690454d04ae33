"""The daemon of the crash driver: the very `tariffwatch run`, in a process of its own that kills itself at a point.

`start` forks it from a process in which libraries and models are loaded already, so that it is there in a second. It differs from
what people run in three things: its clock is set ahead, its ticks come more often, and it dies where it is told to.
"""

import json
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from importlib import import_module
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection

from bot import app, cli
from bot.engines import scheduler
from bot.sinks.slack import SlackSink
from bot.stores.sql import SqlStore
from tests.harness.crash_points import NAMED, Point

WARM = "tests.harness.crash_warm"
OFTEN = 0.25  # seconds between two ticks of those steps that a round waits for
HURRIED = ("collect", "read", "deliver")
FOLLOWED = (
    "followed.jsonl"  # a line for each batch that was about to be kept as followed: when, and the ids of its articles
)
_HERE = threading.local()  # `inside`: this thread is in the method of the point, at the call that counts


@dataclass(frozen=True, slots=True)
class Orders:
    """`point`: "" for none; `hit`: the how manyeth time it is passed counts. `ahead`: of the clock."""

    folder: Path
    environment: dict[str, str]
    ahead: timedelta
    point: str = ""
    hit: int = 1
    words: tuple[str, ...] = ("run",)


def start(orders: Orders) -> BaseProcess:
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__, WARM])
    process = context.Process(target=run, args=(orders,), daemon=True)
    process.start()
    return process


def run(orders: Orders) -> None:
    """The process itself."""
    threading.Thread(target=_outlive_nobody, daemon=True).start()
    import_module(WARM)
    os.chdir(orders.folder)
    os.environ.update(orders.environment)
    _log_to(orders.folder / "log")
    _set_ahead(orders.ahead)
    _hurry()
    _write_down_who_is_followed(orders.folder / FOLLOWED)
    if orders.point:
        _lay(NAMED[orders.point], orders.hit)
    sys.argv = ["tariffwatch", *orders.words]
    cli.main()


def _outlive_nobody() -> None:
    """A driver that is killed itself leaves no daemon behind."""
    driver = parent_process()
    assert driver
    driver.join()
    _strike()


def _log_to(path: Path) -> None:
    with path.open("a") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)


def _set_ahead(ahead: timedelta) -> None:
    """The clock of the desk; the scheduler goes by that of the machine, and is told times by it."""

    class OwnTime(BackgroundScheduler):  # type: ignore[misc]  # the library has no types
        def add_job(self, *words: Any, next_run_time: datetime, **more: Any) -> Any:
            return super().add_job(*words, next_run_time=next_run_time - ahead, **more)

    vars(scheduler)["BackgroundScheduler"] = OwnTime
    vars(app)["clock"] = lambda: datetime.now(UTC) + ahead


def _hurry() -> None:
    ticks = (replace(tick, every=OFTEN) if tick.name in HURRIED else tick for tick in scheduler.TICKS)
    vars(scheduler)["TICKS"] = tuple(ticks)


def _write_down_who_is_followed(path: Path) -> None:
    """In one write before the transaction, so that it stands there whatever becomes of that."""
    save_follow = SqlStore.save_follow

    def watched(store: SqlStore, followed: Sequence[str], *words: Any, **more: Any) -> Any:
        if followed:
            with path.open("a") as book:
                book.write(f"{json.dumps([app.clock().isoformat(), followed])}\n")
        return save_follow(store, followed, *words, **more)

    _put(SqlStore, "save_follow", watched)


# the point


def _strike() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait()


def _strike_inside() -> None:
    if getattr(_HERE, "inside", False):
        _strike()


def _lay(point: Point, hit: int) -> None:
    module, _, path = point.method.partition(":")
    *classes, name = path.split(".")
    owner: Any = import_module(module)
    for one in classes:
        owner = getattr(owner, one)
    _put(owner, name, _watched(getattr(owner, name), point, hit))
    if point.moment in ("uncommitted", "committed"):
        _in_transactions(committed=point.moment == "committed")
    if point.moment in ("half asked", "answered"):
        _while_asking(half=point.moment == "half asked")
    if point.stop:
        _stop_after_a_post()


def _watched(method: Callable[..., Any], point: Point, hit: int) -> Callable[..., Any]:
    left = [None] * hit

    def watched(*words: Any, **more: Any) -> Any:
        if left and point.which(*words, **more):
            left.pop()
            if not left:
                return _to_the_end(lambda: method(*words, **more), point)
        return method(*words, **more)

    return watched


def _to_the_end(call: Callable[[], Any], point: Point) -> Any:
    if point.moment == "called":
        _strike()
    _HERE.inside = True
    try:
        return call()
    finally:
        if point.moment == "over":
            _strike()
        _HERE.inside = False


def _in_transactions(*, committed: bool) -> None:
    for name in ("_writing", "_sharing"):
        _put(SqlStore, name, _struck(getattr(SqlStore, name), committed=committed))


def _struck(writing: Callable[[SqlStore], AbstractContextManager[Connection]], *, committed: bool) -> Any:
    @contextmanager
    def watched(store: SqlStore) -> Iterator[Connection]:
        with writing(store) as connection:
            yield connection
            if not committed:
                _strike_inside()
        _strike_inside()

    return watched


def _while_asking(*, half: bool) -> None:
    send, get_response = HTTPConnection.send, HTTPConnection.getresponse

    def halved(connection: HTTPConnection, data: Any) -> None:
        is_body = connection.sock is not None  # a connection is made for the head
        if is_body and getattr(_HERE, "inside", False):
            send(connection, data[: len(data) // 2])
            _strike()
        send(connection, data)

    def unread(connection: HTTPConnection) -> Any:
        if getattr(_HERE, "inside", False):
            select.select([connection.sock], [], [])
            _strike()
        return get_response(connection)

    _put(HTTPConnection, *(("send", halved) if half else ("getresponse", unread)))


def _stop_after_a_post() -> None:
    send, asked = SlackSink.send, list[int]()

    def sent(*words: Any, **more: Any) -> str:
        receipt = send(*words, **more)
        if not asked:  # a second signal would end it at once
            asked.append(signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)
        return receipt

    _put(SlackSink, "send", sent)


def _put(owner: Any, name: str, method: Callable[..., Any]) -> None:
    setattr(owner, name, method)
