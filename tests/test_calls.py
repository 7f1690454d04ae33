"""Calls of workers: put into the queue by the transaction that makes the work, never lost, never more than one of a name."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.alerts import FOLDED, PARKED, SENDING
from bot.calls import ANALYZE, BATCH, DELIVER, FOLLOW, HOLD, LONGEST_WAIT, SILENT, SILENT_SENDING, Call, batch, wait
from bot.errors import StoreError
from bot.feeds import FeedState
from bot.stores import calls as plug
from bot.stores.calls import Calls
from bot.stores.sql import SqlStore, open_store
from tests import postgres
from tests.test_store import FEED, HOUR, NOW, a_story, an_alert, an_analysis, an_article, collected

QUEUE = "SET search_path = tariffwatch_queue"
PATIENCE = 10.0


@pytest.fixture
def name() -> str:
    return postgres.copied()


@pytest.fixture
def store(name: str) -> Iterator[SqlStore]:
    with closing(open_store(postgres.url(name), calling=True)) as store:
        yield store


def in_queue(name: str, *statements: str) -> list[Any]:
    return postgres.run(name, QUEUE, *statements)


def waiting(name: str) -> list[str]:
    found = in_queue(name, "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' ORDER BY 1")
    return [row[0] for row in found]


def taken(name: str, step: str = ANALYZE) -> tuple[int, int]:
    """The oldest call of the step is being answered now; its number, and that of a worker of its own."""
    ((worker,),) = in_queue(name, "SELECT worker_id FROM procrastinate_register_worker_v1()")
    ((job,),) = in_queue(name, f"SELECT id FROM procrastinate_fetch_job_v2(ARRAY['{step}'], {worker})")
    assert job is not None
    return job, worker


def silent(name: str, worker: int, time: timedelta) -> None:
    """Its last sign of life was so long ago."""
    seconds = time.total_seconds() + 1
    in_queue(
        name, f"UPDATE procrastinate_workers SET last_heartbeat = now() - interval '{seconds} s' WHERE id = {worker}"
    )


def swept(store: SqlStore, name: str) -> list[tuple[str, int]]:
    """As if nobody had for long."""
    in_queue(name, "UPDATE swept SET at = '-infinity'")
    return store.sweep(NOW)


def dropped(name: str) -> None:
    """All calls are lost."""
    in_queue(name, "DELETE FROM procrastinate_jobs")


# the noun


def test_who_died_of_one_article_takes_fewer_along_each_time_and_one_in_the_end() -> None:
    assert [batch(n) for n in range(6)] == [BATCH, 32, 8, 2, 1, 1]


def test_waits_grow_to_five_minutes_and_no_further() -> None:
    assert [wait(n).total_seconds() for n in (0, 1, 5)] == [1, 2, 32]
    assert wait(9) == wait(4000) == LONGEST_WAIT


def test_articles_are_a_workers_for_longer_than_its_call_may_wait_to_come_again() -> None:
    assert LONGEST_WAIT + SILENT < HOLD


# who calls


def test_each_step_calls_for_the_next(store: SqlStore, name: str) -> None:
    collected(store, an_article())
    assert waiting(name) == [ANALYZE]
    dropped(name)
    store.claim_unread(NOW, "one", 9, HOLD)
    assert waiting(name) == []
    store.save_analyses([(an_article(), an_analysis())], lease="one")
    assert waiting(name) == [FOLLOW]
    dropped(name)
    later = an_alert("x3", "#c", due=NOW + HOUR)
    store.save_follow(["a1"], [a_story()], [an_alert("x1", "#a"), an_alert("x2", "#b"), later])
    assert waiting(name) == ["deliver #a", "deliver #b"]


def test_what_is_seen_again_calls_nobody(store: SqlStore, name: str) -> None:
    collected(store, an_article())
    dropped(name)
    collected(store, an_article())
    store.save_feed(FeedState(FEED), ())
    assert waiting(name) == []


def test_an_article_that_has_to_be_read_anew_calls_for_it(store: SqlStore, name: str) -> None:
    collected(store, an_article())
    store.save_analyses([(an_article(), an_analysis())])
    store.save_follow(["a1"], [a_story()], [])
    dropped(name)
    collected(store, an_article(title="Tariff on steel is 60%"))
    assert waiting(name) == [ANALYZE]


def test_whoever_finds_more_than_it_takes_calls_another(store: SqlStore, name: str) -> None:
    collected(store, *(an_article(id) for id in "abc"))
    dropped(name)
    store.claim_unread(NOW, "one", 2, HOLD)
    assert waiting(name) == [ANALYZE]
    store.save_analyses([(an_article(id), an_analysis(id)) for id in "ab"], lease="one")
    dropped(name)
    store.save_follow(["a"], [], [])
    assert waiting(name) == [FOLLOW]


def test_digests_and_what_was_parked_or_waited_for_a_digest_call_for_their_channels(store: SqlStore, name: str) -> None:
    folded, parked = an_alert("x1", "#a", state=FOLDED), an_alert("x2", "#b", state=PARKED)
    store.save_follow([], [], [folded, parked])
    assert waiting(name) == []
    store.unfold([])
    store.unpark()
    store.save_digest(an_alert("d1", "#c"), [])
    assert waiting(name) == ["deliver #a", "deliver #b", "deliver #c"]


def test_a_transaction_that_comes_to_nothing_calls_nobody(store: SqlStore, name: str) -> None:
    postgres.run(name, "ALTER TABLE alerts ADD CONSTRAINT none CHECK (id <> 'x2') NOT VALID")
    in_queue(name, "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END'")
    with pytest.raises(StoreError):
        store.save_follow([], [], [an_alert("x1"), an_alert("x2", "#b")])
    assert waiting(name) == []
    in_queue(name, "CREATE TRIGGER fail BEFORE INSERT ON procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION fail()")
    with pytest.raises(StoreError, match="the queue takes no call: no"):
        collected(store, an_article())
    assert store.counts()["articles"] == 0


def test_a_store_of_a_desk_that_does_all_by_itself_calls_nobody(name: str) -> None:
    with closing(open_store(postgres.url(name))) as store:
        collected(store, an_article())
        assert store.sweep(NOW) == []
    assert postgres.run(name, "SELECT to_regnamespace('tariffwatch_queue')") == [(None,)]


# at the same time


class Held(Calls):
    """Puts calls, and then waits before its transaction may end."""

    def __init__(self) -> None:
        super().__init__()
        self.put_down, self.go_on = threading.Event(), threading.Event()

    def put(self, connection: Connection, calls: Iterable[Call], *, unless_answered: bool = False) -> None:
        super().put(connection, calls, unless_answered=unless_answered)
        self.put_down.set()
        assert self.go_on.wait(PATIENCE)


@pytest.fixture
def slow(name: str, store: SqlStore) -> Iterator[SqlStore]:
    """A second process, whose transactions take their time once they have called."""
    with closing(open_store(postgres.url(name), calling=True)) as other:
        other._calls = Held()
        yield other


def held(slow: SqlStore) -> Held:
    assert isinstance(slow._calls, Held)
    return slow._calls


@pytest.fixture
def beside() -> Iterator[Callable[..., "Future[Any]"]]:
    """Does something in a thread."""
    with ThreadPoolExecutor() as threads:
        yield threads.submit


def test_two_that_call_at_the_same_moment_call_once(
    store: SqlStore, slow: SqlStore, name: str, beside: Callable[..., "Future[Any]"]
) -> None:
    first = beside(collected, slow, an_article("a"))
    assert held(slow).put_down.wait(PATIENCE)
    second = beside(collected, store, an_article("b"))
    blocked(name)
    held(slow).go_on.set()
    assert [len(done.result(PATIENCE)) for done in (first, second)] == [1, 1]
    assert waiting(name) == [ANALYZE]


def blocked(name: str) -> None:
    """Waits until somebody waits for a lock."""
    deadline = threading.Event()
    for _ in range(500):
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        if postgres.run(name, query) != [(0,)]:
            return
        deadline.wait(0.02)
    raise AssertionError("nobody waits")


def test_who_answers_a_call_sees_all_who_relied_on_it_however_late_they_commit(
    store: SqlStore, slow: SqlStore, name: str, beside: Callable[..., "Future[Any]"]
) -> None:
    collected(store, an_article("a"))
    late = beside(collected, slow, an_article("b"))
    assert held(slow).put_down.wait(PATIENCE)
    taken(name)  # after the other has seen that a call waits, and put none
    answer = beside(store.claim_unread, NOW, "one", 9, HOLD)
    blocked(name)
    held(slow).go_on.set()
    late.result(PATIENCE)
    assert [article.id for article in answer.result(PATIENCE)] == ["a", "b"]
    assert waiting(name) == []


@pytest.mark.parametrize("look", [SqlStore.standing, lambda store: store.recover("#desk")])
def test_the_first_look_of_every_call_waits_for_those_who_write(
    store: SqlStore, slow: SqlStore, name: str, beside: Callable[..., "Future[Any]"], look: Callable[[SqlStore], object]
) -> None:
    late = beside(collected, slow, an_article("b"))
    assert held(slow).put_down.wait(PATIENCE)
    answer = beside(look, store)
    blocked(name)
    assert not answer.done()
    held(slow).go_on.set()
    late.result(PATIENCE)
    answer.result(PATIENCE)


def test_who_writes_rows_of_its_own_keeps_nobody_waiting_who_does_too(store: SqlStore, name: str) -> None:
    store.save_follow([], [], [an_alert()])
    (alert,) = store.due_alerts(NOW, 1)
    with closing(open_store(postgres.url(name))) as other, other._sharing():
        store.save_states([FeedState(FEED)])
        collected(store, an_article())
        store.save_alert(replace(alert, state=SENDING), alert)


@pytest.mark.fault("D05")
def test_feeds_that_carry_the_same_articles_can_be_saved_at_once_and_each_is_new_once(
    store: SqlStore, name: str
) -> None:
    ids = [f"a{n:02}" for n in range(40)]
    with ExitStack() as opened, ThreadPoolExecutor(8) as threads:
        stores = [store, opened.enter_context(closing(open_store(postgres.url(name), calling=True)))]

        def saved(n: int) -> list[str]:
            mine = ids[n : n + 25][:: 1 if n % 2 else -1]
            state = FeedState(f"https://{n}.example/rss")
            return [a.id for a in stores[n % 2].save_feed(state, [an_article(id, feed_url=state.url) for id in mine])]

        new = [id for found in threads.map(saved, range(16)) for id in found]
    assert sorted(new) == ids
    assert store.counts()["unread"] == 40
    assert waiting(name) == [ANALYZE]


# what is looked after


def test_what_waits_and_was_not_called_for_is_called_for(store: SqlStore, name: str) -> None:
    collected(store, an_article("a"), an_article("b"))
    store.save_analyses([(an_article("a"), an_analysis("a"))])
    later = an_alert("x3", "#c", due=NOW + HOUR)
    store.save_follow([], [], [an_alert("x1", "#a"), an_alert("x2", "#b", state=SENDING), later])
    dropped(name)
    assert swept(store, name) == []
    assert waiting(name) == [ANALYZE, "deliver #a", "deliver #b", FOLLOW]


def test_what_others_have_claimed_or_are_at_is_not_called_for(store: SqlStore, name: str) -> None:
    collected(store, an_article("a"))
    store.claim_unread(NOW, "one", 9, HOLD)
    store.save_follow([], [], [an_alert()])
    taken(name, DELIVER)
    in_queue(name, "DELETE FROM procrastinate_jobs WHERE task_name = 'analyze'")
    swept(store, name)
    assert waiting(name) == []


def test_articles_whose_lease_ran_out_are_called_for(store: SqlStore, name: str) -> None:
    collected(store, an_article("a"))
    store.claim_unread(NOW - HOLD, "one", 9, HOLD)
    dropped(name)
    swept(store, name)
    assert waiting(name) == [ANALYZE]


def test_what_one_has_looked_after_the_others_need_not(store: SqlStore, name: str) -> None:
    swept(store, name)
    store.save_follow([], [], [an_alert()])
    dropped(name)
    store.sweep(NOW)
    assert waiting(name) == []


def test_the_call_of_a_dead_worker_comes_again_with_one_attempt_more(store: SqlStore, name: str) -> None:
    store.save_follow([], [], [an_alert()])
    job, worker = taken(name, DELIVER)
    silent(name, worker, SILENT)
    assert swept(store, name) == []  # it may be asking Slack
    silent(name, worker, SILENT_SENDING)
    assert swept(store, name) == [("deliver #desk", 1)]
    assert in_queue(name, "SELECT id, status::text, attempts FROM procrastinate_jobs") == [(job, "todo", 1)]
    assert in_queue(name, "SELECT count(*) FROM procrastinate_workers") == [(0,)]


def test_a_call_that_comes_again_takes_the_place_of_one_that_waits(store: SqlStore, name: str) -> None:
    collected(store, an_article("a"), an_article("b"))
    store.save_analyses([(an_article("a"), an_analysis("a"))])
    job, worker = taken(name, FOLLOW)
    store.save_analyses([(an_article("b"), an_analysis("b"))])
    silent(name, worker, SILENT)
    assert swept(store, name) == [(FOLLOW, 1)]
    query = "SELECT id FROM procrastinate_jobs WHERE task_name = 'follow'"
    assert in_queue(name, query) == [(job,)]


def test_articles_that_a_dead_worker_had_keep_no_other_from_being_called_for(store: SqlStore, name: str) -> None:
    collected(store, an_article("a"))
    job, worker = taken(name)
    store.claim_unread(NOW, f"call {job}", 9, HOLD)
    silent(name, worker, SILENT)
    assert swept(store, name) == [(ANALYZE, 1)]
    collected(store, an_article("b"))
    assert waiting(name) == [ANALYZE, f"analyze {job}"]
    silent(name, taken(name)[1], SILENT)
    assert swept(store, name) == [(f"analyze {job}", 2)]


def test_a_call_that_goes_on_killing_comes_again_later_each_time(store: SqlStore, name: str) -> None:
    collected(store, an_article("a"))
    _, worker = taken(name)
    in_queue(name, "UPDATE procrastinate_jobs SET attempts = 8")
    silent(name, worker, SILENT)
    swept(store, name)
    query = "SELECT round(extract(epoch FROM scheduled_at - now()))::int FROM procrastinate_jobs WHERE attempts = 9"
    ((seconds,),) = in_queue(name, query)
    assert 200 < seconds <= wait(8).total_seconds()


def test_a_call_for_what_no_step_does_is_dropped(store: SqlStore, name: str) -> None:
    in_queue(
        name,
        "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('analyze', 'knit')",
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('analyze', 'analyze', 'failed')",
    )
    swept(store, name)
    assert in_queue(name, "SELECT count(*) FROM procrastinate_jobs") == [(0,)]


# the queue itself


def test_the_queue_is_made_once_and_what_is_in_it_stays(store: SqlStore, name: str) -> None:
    collected(store, an_article("a"))
    open_store(postgres.url(name), calling=True).close()
    assert waiting(name) == [ANALYZE]


def test_the_queue_of_another_version_is_made_anew_and_nothing_is_lost(
    store: SqlStore, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected(store, an_article("a"))
    store.claim_unread(NOW, "call 1", 9, HOLD)
    monkeypatch.setattr(plug, "MADE_BY", "procrastinate 4.0.0, 1")
    with closing(open_store(postgres.url(name), calling=True)) as newer:
        assert waiting(name) == []
        swept(newer, name)
        assert waiting(name) == [ANALYZE]
        assert [article.id for article in newer.claim_unread(NOW, "call 9", 9, HOLD)] == ["a"]


def test_what_the_planner_knows_of_the_queue_does_not_grow_old(store: SqlStore, name: str) -> None:
    query = "SELECT count(*) FROM pg_class WHERE relname = ANY(%s) AND 'autovacuum_analyze_scale_factor=0' = ANY(reloptions)"
    tables = "ARRAY['procrastinate_jobs', 'procrastinate_events', 'procrastinate_workers']"
    assert in_queue(name, query.replace("%s", tables)) == [(3,)]
