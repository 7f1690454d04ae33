"""Worker: a process of its own that reads foreign bytes. A document that wants for ever, or all memory, ends that process and
nothing else; the next document gets a new one."""

import datetime as dt
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import datetime
from typing import Any, BinaryIO, cast

from bot.errors import ParseError
from bot.feeds import Entry, Feed, Fetched, ParsedFeed
from bot.sources.text import clean, line

PATIENCE = 10.0  # seconds for one document
MOST_MEMORY = 1024**3  # bytes of address space
MUCH_MEMORY = 400_000  # kB it has once held: not given back, so it is not kept
MOST_DOCUMENTS = 1000  # of one process, for libraries leak
_START = "import sys; plug, seconds, *sys.path = sys.argv[1:]; from bot.sources.worker import serve; serve(plug, float(seconds))"
_OURS = (
    "SLACK_",
    "TARIFFWATCH_",
    "CREDENTIALS_",
    "NOTIFY_",
    "DATABASE_URL",
    "PG",
)  # how the names of what is not for it begin
# What an answer may be made of. A process that was taken over must not reach the one that holds the token.
_KNOWN = {
    (made.__module__, made.__name__): made for made in (ParsedFeed, Entry, dt.datetime, dt.timedelta, dt.timezone)
}


class WorkerParser:
    """A Parser, FeedparserParser in a process of its own."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.worker = Worker("parser", patience)

    def parse(self, fetched: Fetched, feed: Feed, now: datetime) -> ParsedFeed:
        return cast(ParsedFeed, self.worker.ask("parse", fetched, feed, now))


class WorkerExtractor:
    """An Extractor, TrafilaturaExtractor in a process of its own: a page that breaks it yields nothing."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.worker = Worker("extractor", patience)

    def extract(self, page: Fetched) -> str:
        return self._asked("extract", page)

    def title(self, page: Fetched) -> str:
        return self._asked("title", page)

    def _asked(self, method: str, page: Fetched) -> str:
        try:
            return str(self.worker.ask(method, page))
        except ParseError:
            return ""


class Worker:
    """Starts its process when it is first asked, and asks one thing at a time, whichever thread wants it. The process ends
    with ours, however that ends, for then it has nothing more to read."""

    def __init__(self, plug: str, patience: float = PATIENCE) -> None:
        self._plug, self._patience, self._lock = plug, patience, threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def ask(self, method: str, *arguments: object) -> object:
        """What the plug's method gives. Raises ParseError, and nothing else, also when the process is lost over it."""
        with self._lock:
            process = self._process = self._living() or _started(self._plug, self._patience)
            try:
                done, answer, goes_on = _told(process, (method, arguments))
            except Exception:  # nothing, half an answer, or what is none
                raise ParseError(f"{self._plug} {self._fate(process)}") from None
            except BaseException:  # Ctrl-C: an answer to come must not be taken for that to the next question
                self._ended(process)
                raise
            if not goes_on:
                self._ended(process)
        if not done:
            raise ParseError(line(clean(str(answer))))
        return answer

    def close(self) -> None:
        with self._lock:
            if self._process:
                self._ended(self._process)

    def _living(self) -> "subprocess.Popen[bytes] | None":
        """One that was killed while it had nothing to do is nobody's fault."""
        if self._process and self._process.poll() is not None:
            self._ended(self._process)
        return self._process

    def _fate(self, process: "subprocess.Popen[bytes]") -> str:
        """What became of a process that gave no answer."""
        code = self._ended(process)
        if code == -signal.SIGALRM:
            return f"killed after {self._patience:g} s"
        return f"died of {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def _ended(self, process: "subprocess.Popen[bytes]") -> int:
        self._process = None
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # of what it never read
                pipe.close() if pipe else None
        try:
            return process.wait(1)  # with nothing left to read it ends by itself
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


class _Answers(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of an answer")
        return _KNOWN[module, name]


def _started(plug: str, seconds: float) -> "subprocess.Popen[bytes]":
    """With our path to modules, without our secrets. In a session of its own, so that Ctrl-C in a terminal is ours alone."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    try:
        return subprocess.Popen(  # noqa: S603  our own interpreter and file
            [sys.executable, "-P", "-c", _START, plug, str(seconds), *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise ParseError(f"{plug} cannot be started: {error.strerror}") from error


def _told(process: "subprocess.Popen[bytes]", request: object) -> tuple[bool, object, bool]:
    assert process.stdin
    assert process.stdout
    pickle.dump(request, process.stdin, pickle.HIGHEST_PROTOCOL)
    process.stdin.flush()
    answer = _Answers(process.stdout).load()
    return cast(tuple[bool, object, bool], answer)


def serve(plug: str, seconds: float) -> None:
    """The process itself: answers until its input ends. The alarm is the kernel's to ring: no code can put it off."""
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)  # the process that asks decides when to end
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints may get between the answers
    made = _made(plug)
    _limit_memory()
    much = max(MUCH_MEMORY, _most_held())
    for number in range(1, MOST_DOCUMENTS + 1):
        request = _next(sys.stdin.buffer)
        if request is None:
            return
        signal.setitimer(signal.ITIMER_REAL, seconds)
        done, answer = _outcome(made, request)
        signal.setitimer(signal.ITIMER_REAL, 0)
        goes_on = number < MOST_DOCUMENTS and _most_held() <= much
        answers.write(pickle.dumps((done, answer, goes_on), pickle.HIGHEST_PROTOCOL))
        answers.flush()
        if not goes_on:
            return


def _made(plug: str) -> object:
    if plug == "parser":
        from bot.sources.rss import FeedparserParser

        return FeedparserParser()
    from bot.sources.page import TrafilaturaExtractor

    return TrafilaturaExtractor()


def _most_held() -> int:
    """In kB. At the start it may be what the process that started us has held: Linux hands that down."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _limit_memory() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _next(requests: BinaryIO) -> tuple[str, tuple[object, ...]] | None:
    try:
        return cast(tuple[str, tuple[object, ...]], pickle.load(requests))  # noqa: S301  from the process that started us
    except EOFError:
        return None


def _outcome(made: object, request: tuple[str, tuple[object, ...]]) -> tuple[bool, object]:
    method, arguments = request
    try:
        return True, getattr(made, method)(*arguments)
    except ParseError as error:
        return False, str(error)
    except Exception as error:
        return False, f"{type(error).__name__}: {error}"
