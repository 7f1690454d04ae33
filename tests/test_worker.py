"""The worker: answers are what the plug gives, and a document that breaks its process breaks nothing else."""

import os
import pickle
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from bot.errors import ParseError
from bot.feeds import Feed, Fetched, ParsedFeed
from bot.sources.page import TrafilaturaExtractor
from bot.sources.rss import FeedparserParser
from bot.sources.worker import WorkerExtractor, WorkerParser, _Answers
from tests.test_page import page
from tests.test_rss import ITEM, SAMPLES, rss

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FEED = Feed("https://f.example/feed", "F")
HANGS = b"<rss><channel>" + b"<item>" * 1_500_000  # a minute of the readers' time
GOOD = rss(ITEM).encode()


def parse(parser: WorkerParser, body: bytes = GOOD) -> ParsedFeed:
    return parser.parse(Fetched(FEED.url, 200, body, FEED.url), FEED, NOW)


@pytest.fixture
def parser() -> Iterator[WorkerParser]:
    parser = WorkerParser()
    yield parser
    parser.worker.close()


@pytest.fixture
def hasty() -> Iterator[WorkerParser]:
    parser = WorkerParser(patience=2)
    yield parser
    parser.worker.close()


def test_what_comes_out_of_the_worker_is_what_the_parser_gives(parser: WorkerParser) -> None:
    for path in sorted(path for path in SAMPLES.iterdir() if ".expected" not in path.name):
        fetched = Fetched(FEED.url, 200, path.read_bytes(), FEED.url)
        assert parser.parse(fetched, FEED, NOW) == FeedparserParser().parse(fetched, FEED, NOW)


def test_the_extractor_gives_text_and_title_the_same_way() -> None:
    extractor, plain = WorkerExtractor(), TrafilaturaExtractor()
    assert (extractor.extract(page()), extractor.title(page())) == (plain.extract(page()), plain.title(page()))
    assert extractor.extract(page("")) == ""
    extractor.worker.close()


def test_one_process_serves_many_documents_even_where_the_daemon_itself_is_large(parser: WorkerParser) -> None:
    ballast = b"x" * 450_000_000  # more than a worker is kept with
    parse(parser)
    first = parser.worker.pid
    assert len(ballast) > 0
    parse(parser)
    assert first == parser.worker.pid is not None


def test_what_is_no_feed_is_refused_in_the_parsers_own_words(parser: WorkerParser) -> None:
    with pytest.raises(ParseError, match="^not a feed in any form that we read"):
        parse(parser, b"hello")
    assert len(parse(parser).entries) == 1


@pytest.mark.fault("B05")
def test_a_document_that_takes_for_ever_is_killed_told_and_holds_up_no_other(hasty: WorkerParser) -> None:
    parse(hasty)
    first = hasty.worker.pid
    with pytest.raises(ParseError, match="^parser killed after 2 s$"):
        parse(hasty, HANGS)
    assert len(parse(hasty).entries) == 1
    assert hasty.worker.pid != first


def test_a_page_that_takes_for_ever_yields_nothing() -> None:
    extractor = WorkerExtractor(patience=0.01)
    assert extractor.extract(page("<html><body>" + "<p>Some words of a long page</p>" * 20_000)) == ""
    extractor.worker.close()


def test_a_process_that_dies_over_a_document_is_told_with_what_killed_it(parser: WorkerParser) -> None:
    parse(parser)
    pid = parser.worker.pid
    assert pid is not None
    kill = threading.Timer(1.0, os.kill, (pid, signal.SIGKILL))
    kill.start()
    with pytest.raises(ParseError, match="^parser died of SIGKILL$"):
        parse(parser, HANGS)
    assert len(parse(parser).entries) == 1


def test_a_process_that_died_with_nothing_to_do_is_no_documents_fault(parser: WorkerParser) -> None:
    parse(parser)
    assert parser.worker.pid is not None
    os.kill(parser.worker.pid, signal.SIGKILL)
    os.waitid(os.P_PID, parser.worker.pid, os.WEXITED | os.WNOWAIT)
    assert len(parse(parser).entries) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_whole_service_is_left_to_the_daemon(parser: WorkerParser, number: signal.Signals) -> None:
    parse(parser)
    pid = parser.worker.pid
    assert pid is not None
    os.kill(pid, number)
    assert len(parse(parser).entries) == 1
    assert parser.worker.pid == pid


def test_a_process_that_cannot_be_started_is_told(parser: WorkerParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/no/such/python")
    with pytest.raises(ParseError, match="^parser cannot be started: No such file or directory$"):
        parse(parser)


def test_its_process_ends_when_there_is_nobody_left_to_ask_it(parser: WorkerParser) -> None:
    parse(parser)
    process = parser.worker._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(10) == 0


def test_its_memory_is_bounded_and_no_secret_is_in_its_environment(
    parser: WorkerParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SLACK_BOT_TOKEN", "DATABASE_URL", "PGPASSWORD"):
        monkeypatch.setenv(name, "xoxb-secret")
    parse(parser)
    limits = Path(f"/proc/{parser.worker.pid}/limits").read_text("utf-8")
    assert "Max address space         1073741824" in limits
    assert b"xoxb-secret" not in Path(f"/proc/{parser.worker.pid}/environ").read_bytes()


def test_an_answer_holds_only_what_answers_are_made_of() -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("true",)

    with pytest.raises(pickle.UnpicklingError, match="system is no part of an answer"):
        _Answers(BytesIO(pickle.dumps((True, Evil(), True)))).load()


def test_many_threads_may_ask_at_once(parser: WorkerParser) -> None:
    found: list[int] = []

    def ask() -> None:
        with suppress(ParseError):
            found.append(len(parse(parser, rss(ITEM * 50).encode()).entries))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [50] * 8
