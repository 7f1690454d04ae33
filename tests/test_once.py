"""OnceEngine: everything there is to do is done, then it ends and says whether something waits."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.alerts import PARKED, QUEUED, SENDING, SENT
from bot.calls import BATCH
from bot.demo import DemoClock
from bot.engines.once import PATIENCE, OnceEngine
from bot.errors import ChannelRefused, OutcomeUnknown, SinkBusy, SinkDown
from tests.deadline_makers import a_deadline
from tests.line import Line, store_at
from tests.makers import CHANNEL, NOW, a_desk, a_feed, a_watchlist, an_analysis, an_article, an_entry

SECOND = timedelta(seconds=1)


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: datetime = NOW
    naps: int = 0

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps += 1
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(store_at(tmp_path / "store.db"), desk=a_desk(feeds=[a_feed(backlog=5)]))
    yield line
    line.store.close()


def run(line: Line, time: Time | None = None) -> int:
    time = time or Time()
    return OnceEngine(line.pipeline, time.clock, time.sleep).run()


def test_one_run_takes_a_feed_to_the_channel_and_says_all_is_well(line: Line) -> None:
    line.publish(an_entry())
    assert run(line) == 0
    assert line.sink.channels() == [CHANNEL]
    (done,) = line.heard("done")
    assert (done["articles"], done["stories"], done["alerts_sent"], done["waiting"]) == (1, 1, 1, 0)


def test_a_second_run_sends_nothing_again(line: Line) -> None:
    line.publish(an_entry())
    assert [run(line), run(line)] == [0, 0]
    assert len(line.sink.sent) == 1


def test_a_run_with_nothing_to_do_is_well(line: Line) -> None:
    line.publish()
    assert run(line) == 0


def test_more_than_a_batch_is_worked_through(line: Line) -> None:
    line.publish(*(an_entry(f"a{n}", title="Monsoon reaches Kerala", summary="") for n in range(BATCH + 3)))
    assert run(line) == 0
    counts = line.store.counts()
    assert (counts["articles"], counts["unread"], counts["unfollowed"]) == (BATCH + 3, 0, 0)


def test_a_feed_that_is_not_due_yet_is_asked_as_far_as_politeness_allows(line: Line) -> None:
    line.publish(an_entry())
    run(line)
    run(line, Time(NOW + timedelta(minutes=11)))
    assert [request.accept for request in line.fetcher.asked].count("feed") == 2


def test_a_sink_that_asks_to_wait_is_waited_for(line: Line) -> None:
    line.publish(an_entry())
    line.sink.refuses[CHANNEL] = [SinkBusy("slow down", wait=30 * SECOND)]
    time = Time()
    assert run(line, time) == 0
    assert line.states() == {CHANNEL: SENT}
    assert 30 * SECOND <= time.now - NOW < 32 * SECOND


def test_a_sink_that_asks_for_more_than_patience_is_left_for_the_next_run_at_once(line: Line) -> None:
    line.publish(an_entry())
    line.sink.refuses[CHANNEL] = [SinkBusy("slow down", wait=PATIENCE + SECOND)]
    time = Time()
    assert run(line, time) == 1
    assert (line.states(), time.naps) == ({CHANNEL: QUEUED}, 0)
    assert line.heard("done")[0]["waiting"] == 1


def test_patience_ends_with_a_sink_that_asks_for_a_little_again_and_again(line: Line) -> None:
    line.publish(an_entry())
    line.sink.refuses[CHANNEL] = [SinkBusy("slow down", wait=10 * SECOND) for _ in range(100)]
    time = Time()
    assert run(line, time) == 1
    assert time.now - NOW <= PATIENCE + SECOND


def test_a_refused_channel_waits_for_the_next_run_and_another_does_not(line: Line) -> None:
    line.desk = replace(line.desk, watchlists=(a_watchlist(channels=("#a", "#b")),))
    line.publish(an_entry())
    line.sink.refuses["#a"] = [ChannelRefused("not in channel")]
    assert run(line) == 1
    assert line.states() == {"#a": PARKED, "#b": SENT}
    assert run(line) == 0
    assert line.states() == {"#a": SENT, "#b": SENT}


def test_what_a_dead_run_left_on_its_way_is_looked_up_before_anything_is_sent(line: Line) -> None:
    line.publish()
    (alert,) = line.told(an_article())
    line.store.save_alert(replace(alert, state=SENDING, tries=1))
    line.sink.found = ["ts-9"]
    assert run(line) == 0
    assert (line.states(), line.sink.sent) == ({CHANNEL: SENT}, [])


def test_an_alert_whose_fate_cannot_be_learnt_in_time_waits_for_the_next_run(line: Line) -> None:
    line.publish(an_entry())
    line.sink.refuses[CHANNEL] = [OutcomeUnknown("no answer")]
    line.sink.found = [OutcomeUnknown("no answer") for _ in range(100)]
    assert run(line) == 1
    assert len(line.sink.sent) == 1


def test_a_demo_whose_output_nobody_reads_any_more_comes_to_an_end(line: Line) -> None:
    line.publish(an_entry())
    line.sink.refuses[CHANNEL] = [SinkDown("broken pipe") for _ in range(100)]
    clock = DemoClock(NOW)
    assert OnceEngine(line.pipeline, clock, clock.sleep).run() == 1


def test_a_run_reminds_of_deadlines_and_delivers_the_reminder(line: Line) -> None:
    line.desk = replace(line.desk, reminder_days=(7, 1))
    line.publish()
    line.collected(an_article(quiet=True))
    deadline = a_deadline((NOW + timedelta(days=7)).date())
    line.store.save_analyses([(an_article(quiet=True), an_analysis(deadlines=(deadline,)))])
    assert [run(line), run(line)] == [0, 0]
    assert [message.kind for _, message, _ in line.sink.sent] == ["reminder"]
