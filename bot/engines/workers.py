"""WorkerEngine: one of several workers. It claims feeds, answers the calls of the other steps, and looks after calls that nobody
answers; a signal ends it with nothing lost."""

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import count
from types import FrameType
from uuid import uuid4

from procrastinate.connector import BaseAsyncConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from bot.calls import ANALYZE, COLLECT, DELIVER, FOLLOW, batch
from bot.engines.progress import Progress, Tick
from bot.engines.queue import answering, queue
from bot.engines.supervisor import STUCK, Supervisor
from bot.engines.systemd import notify
from bot.engines.troubles import Troubles
from bot.errors import LeaseLost, StoreError
from bot.events import Event
from bot.pipeline import Pipeline
from bot.ports import Clock

PLACES = {ANALYZE: 1, FOLLOW: 1, DELIVER: 8}  # what one worker answers at a time
NEVER = float("inf")
# How long each may say nothing, as in the daemon. A call comes when it comes.
TICKS = (
    Tick(COLLECT, 5, 600),
    Tick(ANALYZE, NEVER, 2700),
    Tick(FOLLOW, NEVER, 2700),
    Tick(DELIVER, NEVER, 300),
    Tick("sweep", 3, 300),
    Tick("look", 5, 300),
)
BESIDE = ("sweep", "look")  # what every worker does
IDLE = 1.0  # seconds until it is looked again for feeds that are due
PERIOD = 30.0
GRACE = 15.0  # seconds that work has to end after SIGTERM; every step is a transaction, so none is needed
ECHO = 2.0  # seconds in which a second signal is the first again: of a service manager to all, and of a crew to each
SOON = timedelta(seconds=5)  # a wait of a channel that is not worth another call
STEADY = 5.0  # seconds without a fault, after which one is over
LONGEST_PAUSE = 30.0


class WorkerEngine:
    """`sweep` looks after calls that nobody answers, and returns what dead workers had been called for, with the attempts; `look`
    whether settings changed; the others as of `SchedulerEngine`."""

    def __init__(
        self,
        pipeline: Pipeline,
        clock: Clock,
        connector: BaseAsyncConnector,
        steps: Sequence[str],
        *,
        name: str,
        sweep: Callable[[], list[tuple[str, int]]],
        look: Callable[[], None] = lambda: None,
        ready: Callable[[], None] = lambda: None,
        alive: Callable[[], None] = lambda: None,
        stuck: Callable[[], list[str]] = list,
        progress: Progress | None = None,
        period: float = PERIOD,
        leave: Callable[[int], object] = os._exit,
    ) -> None:
        self._pipeline, self._clock, self._steps = pipeline, clock, steps
        self._name = f"{name} {uuid4().hex[:8]}"  # in a container a process is called as the one before it
        self._sweep, self._look, self._ready, self._leave = sweep, look, ready, leave
        self._progress = progress or Progress()
        self.supervisor = Supervisor(
            self._progress, pipeline.store.probe, pipeline.tell, leave, period=period, alive=alive, stuck=stuck
        )
        work = {ANALYZE: self._analyze, FOLLOW: self._follow, DELIVER: self._deliver}
        self._called = [step for step in steps if step in work]
        self._app = queue(connector, {step: partial(self._answer, step, work[step]) for step in self._called})
        self._threads = ThreadPoolExecutor(sum(PLACES.values()) + len(BESIDE), "tariffwatch")
        self._stop, self._end = threading.Event(), 0.0  # when we leave, whatever is still at work
        self._working: dict[str, Worker] = {}
        self._troubles = Troubles(pipeline.tell)
        self._busy, self._lock = 0, threading.Lock()
        self._lease, self._took = "", 0  # of the feeds that are asked now; how many there are

    def run(self) -> int:
        """Until SIGTERM or SIGINT; a second signal ends the process at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        self._progress.expect(tick for tick in TICKS if tick.name in (*self._steps, *BESIDE))
        self.supervisor.start()
        collecting = threading.Thread(target=self._collect, name="tariffwatch: collect", daemon=True)
        if COLLECT in self._steps:
            collecting.start()
        with _heard(partial(self._troubles.failed, "queue", "library")):
            asyncio.run(self._serve())
        notify("STOPPING=1")
        self.supervisor.stop()
        return self._settle(collecting)

    def stop(self) -> None:
        if not self._stop.is_set():
            self._end = time.monotonic() + GRACE
            self._stop.set()

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        if self._stop.is_set() and time.monotonic() > self._end - GRACE + ECHO:
            self._leave(128 + number)
        self.stop()

    # calls

    async def _serve(self) -> None:
        asyncio.get_running_loop().set_exception_handler(self._unheard)
        await self._open()
        try:
            beside = [self._again("sweep", self._swept), self._again("look", self._look)]
            tasks = [asyncio.create_task(one) for one in (*beside, *map(self._keep, self._called))]
            self._ready()
            notify("READY=1")
            while not self._stop.is_set():
                await asyncio.sleep(0.2)
            await self._end_all(tasks)
        finally:
            await self._app.close_async()

    async def _open(self) -> None:
        try:
            await self._app.open_async()
        except Exception as error:  # of the pool, which waits half a minute
            hint = "look whether the server runs, and allows for as many connections (`max_connections`)"
            raise StoreError(f"the queue cannot be reached: {type(error).__name__} — {hint}") from error

    async def _end_all(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        ended = asyncio.gather(*tasks, return_exceptions=True)
        while not ended.done() and time.monotonic() < self._end + ECHO:  # the last to put back what was left
            for worker in self._working.values():
                worker.stop()  # type: ignore[no-untyped-call]  # the library has no types here
            await asyncio.wait({ended}, timeout=0.2)

    async def _keep(self, step: str) -> None:
        """Somebody answers the calls of the step, for as long as we run. One that fails is started anew, and told of once."""
        pause = 1.0
        while not self._stop.is_set():
            self._working[step] = worker = answering(self._app, step, PLACES[step], GRACE)
            began = time.monotonic()
            words = await self._worked(step, worker)
            if self._stop.is_set():
                return
            self._troubles.failed("queue", step, words)
            pause = 1.0 if time.monotonic() - began > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
            await self._rest(pause)

    async def _worked(self, step: str, worker: Worker) -> str:
        """Why it came to an end, in words."""
        run = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]  # likewise
        await asyncio.wait({run}, timeout=STEADY)
        if not run.done():
            self._troubles.recovered("queue", step)
        try:
            await run
        except ConnectorException as error:
            why = error.__cause__ or error
            return f"{type(why).__name__}: {why}"
        except Exception as error:  # whatever it is, the calls must be answered
            return f"{type(error).__name__}: {error}"
        return "its connection to the server was cut off"

    async def _answer(
        self, step: str, work: Callable[[Job, str], object], context: JobContext, channel: str = ""
    ) -> None:
        job = context.job
        name = job.queueing_lock or step
        try:
            await self._in_thread(step, partial(work, job, channel))
        except LeaseLost as error:
            self._pipeline.tell(Event("lease_lost", {"job": name, "error": str(error)}))
            raise
        except Exception as error:
            self._tell_failed(name, job.attempts + 1, f"{type(error).__name__}: {error}")
            raise

    def _analyze(self, job: Job, channel: str) -> None:
        """After an attempt that ended badly only what was claimed then, fewer at a time."""
        lease, limit = f"call {job.id}", batch(job.attempts)
        if not job.attempts:
            self._pipeline.analyze_claimed(self._clock(), lease, limit)
            return
        while self._pipeline.analyze_claimed(self._clock(), lease, limit, again=True):
            pass

    def _follow(self, job: Job, channel: str) -> None:
        self._pipeline.follow(self._clock())

    def _deliver(self, job: Job, channel: str) -> None:
        """Nobody else is at the channel: what is still being sent there is of one that died."""
        store = self._pipeline.store
        store.recover(channel)
        while not self._stop.is_set():
            now = self._clock()
            if store.due_alerts(now, 1, channel):
                self._pipeline.deliver(now, 1, channel)
                continue
            following = store.next_delivery(now, channel)
            if following is None or following > now + SOON:
                return
            self._stop.wait(max(0.1, (following - now).total_seconds()))

    def _swept(self) -> None:
        for name, attempts in self._sweep():
            self._tell_failed(name, attempts, "its worker is dead or stands still — another takes it up")

    # feeds

    def _collect(self) -> None:
        for number in count():
            if self._stop.is_set():
                return
            self._lease = f"{self._name} {number}"
            self._took = 0
            self._at_work(COLLECT, partial(self._try, COLLECT, self._collected))
            if not self._took:
                self._stop.wait(IDLE)

    def _collected(self) -> None:
        self._took = self._pipeline.collect_claimed(self._clock(), self._lease)
        if self._took:
            self._pipeline.give_back(self._clock(), self._lease)

    # what goes on beside

    async def _again(self, name: str, work: Callable[[], object]) -> None:
        every = next(tick.every for tick in TICKS if tick.name == name)
        while not self._stop.is_set():
            await self._in_thread(name, partial(self._try, name, work))
            await self._rest(every)

    async def _rest(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._stop.is_set() and time.monotonic() < end:
            await asyncio.sleep(min(0.2, seconds))

    async def _in_thread(self, name: str, work: Callable[[], object]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._at_work, name, work)

    def _at_work(self, name: str, work: Callable[[], object]) -> None:
        with self._lock:
            self._busy += 1
        self._progress.begun(name)
        try:
            work()
        finally:
            self._progress.ended(name)
            with self._lock:
                self._busy -= 1

    def _try(self, name: str, work: Callable[[], object]) -> None:
        try:
            work()
        except (Exception, SystemExit) as error:  # whatever it is, the next tick must run
            self._troubles.failed("tick", name, f"{type(error).__name__}: {error}")
        else:
            self._troubles.recovered("tick", name)

    # what is told

    def _tell_failed(self, call: str, attempts: int, words: str) -> None:
        self._pipeline.tell(Event("job_failed", {"job": call, "attempts": attempts, "error": words}))

    def _unheard(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """What befalls a part of the library that nobody waits for. What it was at comes again."""
        error = context.get("exception")
        words = f"{type(error).__name__}: {error}" if error else str(context.get("message"))
        self._troubles.failed("queue", "library", words)

    # the end

    def _settle(self, collecting: threading.Thread) -> int:
        """What will not end is left behind: feeds are given back, and calls have been."""
        while self._busy and time.monotonic() < self._end:
            time.sleep(0.05)
        self._pipeline.tell(Event("stopped", {"unfinished": self._busy}))
        if self._busy:
            if collecting.is_alive():
                self._try("give back", lambda: self._pipeline.give_back(self._clock(), self._lease))
            self._leave(STUCK if self._progress.stuck() else 0)  # the interpreter would wait for the threads for ever
        self._threads.shutdown(wait=False)
        self._pipeline.store.close()
        return 0


@contextmanager
def _heard(tell: Callable[[str], object]) -> Iterator[None]:
    """What procrastinate warns of. Of a server that is away we tell ourselves."""
    own, pool = logging.getLogger("procrastinate"), logging.getLogger("psycopg.pool")
    ear, nobody = _Ear(tell), logging.NullHandler()
    own.addHandler(ear)
    pool.addHandler(nobody)
    try:
        yield
    finally:
        own.removeHandler(ear)
        pool.removeHandler(nobody)


class _Ear(logging.Handler):
    def __init__(self, tell: Callable[[str], object]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self._tell(record.getMessage())
