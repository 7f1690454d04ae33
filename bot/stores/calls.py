"""The queue of calls: procrastinate's tables in a schema of their own, and what a store puts there within its transactions.

What is in it can be dropped at any time: it says that there is something to do, and the store knows what.
"""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from procrastinate import PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection

from bot.calls import CALLED, DELIVER, SILENT, SILENT_SENDING, Call, wait
from bot.errors import StoreError
from bot.stores.postgres import PATIENCE, QUEUE, ways

MADE_BY = f"procrastinate {version('procrastinate')}, 1"  # the last: of what is beside it
SWEPT = "2 seconds"  # what one process has looked after, the others need not
TABLES = "procrastinate_jobs", "procrastinate_events", "procrastinate_workers"
# Its planner's figures are of an empty table until autovacuum has been there: a queue of twenty thousand was twelve times
# slower for that. Ours has a handful of rows, each changed often.
TIDY = (
    "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200,"
    " autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 200"
)
BESIDE = f"""
CREATE TABLE {QUEUE}.swept (at timestamptz NOT NULL);
INSERT INTO {QUEUE}.swept VALUES ('-infinity');

-- Puts a call back that its worker did not answer to the end. It takes the place of one that waits: that is younger, and for the
-- same work. A call to analyze has articles of its own by then, so it keeps no other from waiting.
CREATE FUNCTION {QUEUE}.again(job bigint, worker bigint, seconds float) RETURNS boolean
LANGUAGE plpgsql SET search_path = {QUEUE} AS $$
DECLARE
    ours procrastinate_jobs;
BEGIN
    SELECT * INTO ours FROM procrastinate_jobs
    WHERE id = job AND status = 'doing' AND worker_id IS NOT DISTINCT FROM worker FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF ours.task_name = 'analyze' THEN
        ours.queueing_lock := 'analyze ' || job;
    END IF;
    LOOP
        BEGIN
            DELETE FROM procrastinate_jobs WHERE queueing_lock = ours.queueing_lock AND status = 'todo';
            UPDATE procrastinate_jobs
            SET status = 'todo', attempts = attempts + 1, queueing_lock = ours.queueing_lock,
                scheduled_at = now() + make_interval(secs => seconds)
            WHERE id = job;
            EXIT;
        EXCEPTION WHEN unique_violation THEN  -- another has called just now
        END;
    END LOOP;
    PERFORM pg_notify('procrastinate_queue_v1#' || ours.queue_name, '{{"type": "job_inserted", "job_id": ' || job || '}}');
    RETURN true;
END;
$$;
"""
WAITS = f"SELECT 1 FROM {QUEUE}.procrastinate_jobs WHERE queueing_lock = %s AND status::text = ANY(%s) LIMIT 1"
STALE = f"SELECT 1 FROM {QUEUE}.swept WHERE at < now() - interval '{SWEPT}' FOR UPDATE SKIP LOCKED"
DEAD = f"""
SELECT job.id, job.worker_id, job.attempts, job.queueing_lock
FROM {QUEUE}.procrastinate_jobs job LEFT JOIN {QUEUE}.procrastinate_workers worker ON worker.id = job.worker_id
WHERE job.status = 'doing' AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs =>
    CASE WHEN job.task_name = '{DELIVER}' THEN {SILENT_SENDING.total_seconds()} ELSE {SILENT.total_seconds()} END))
FOR UPDATE OF job SKIP LOCKED
"""
STRANGE = f"DELETE FROM {QUEUE}.procrastinate_jobs WHERE task_name <> ALL(%s) OR status NOT IN ('todo', 'doing')"
GONE = f"DELETE FROM {QUEUE}.procrastinate_workers WHERE last_heartbeat < now() - interval '{SILENT_SENDING.total_seconds()} s'"


class Calls:
    """Puts calls into the queue in the transaction that makes the work."""

    def __init__(self) -> None:
        self._manager = JobManager(SyncPsycopgConnector())  # which is given each connection

    def prepare(self, connection: Connection) -> bool:
        """Makes the queue, or makes it anew where another version did; returns whether it has."""
        comment = "SELECT obj_description(to_regnamespace(%s), 'pg_namespace')"
        if connection.exec_driver_sql(comment, (QUEUE,)).scalar() == MADE_BY:
            return False
        for statement in (
            f"DROP SCHEMA IF EXISTS {QUEUE} CASCADE",
            f"CREATE SCHEMA {QUEUE}",
            f"COMMENT ON SCHEMA {QUEUE} IS '{MADE_BY}'",
            f"SET LOCAL search_path = {QUEUE}",
        ):
            connection.exec_driver_sql(statement)
        driver = driver_of(connection)
        driver.execute(SchemaManager.get_schema())
        driver.execute(BESIDE)
        for table in TABLES:
            connection.exec_driver_sql(f"ALTER TABLE {table} SET ({TIDY})")
            connection.exec_driver_sql(f"ANALYZE {table}")
        connection.exec_driver_sql("SET LOCAL search_path = DEFAULT")
        return True

    def put(self, connection: Connection, calls: Iterable[Call], *, unless_answered: bool = False) -> None:
        """One of each name waits, whoever has put it there; `unless_answered`: or is being answered. The caller keeps its turn
        until it commits, and who answers takes the turn for itself first: so what relies on a call that waits is seen by it."""
        for call in sorted(set(calls)):
            states = ["todo", "doing"] if unless_answered and call.alone else ["todo"]
            if not connection.exec_driver_sql(WAITS, (call.name, states)).scalar():
                self._put(connection, call)

    def _put(self, connection: Connection, call: Call) -> None:
        words: Any = {"channel": call.channel} if call.channel else {}
        job = Job(
            queue=call.step,
            lock=call.alone or None,
            queueing_lock=call.name,
            task_name=call.step,
            task_kwargs=words,
        )
        try:
            with connection.begin_nested():
                self._manager.batch_defer_jobs([job], connection=driver_of(connection))
        except AlreadyEnqueued:
            return  # by another, this very moment
        except ConnectorException as error:
            raise StoreError(f"the queue takes no call: {error.__cause__} — look whether the server runs") from error

    def to_be_swept(self, connection: Connection) -> bool:
        """Whether nobody has of late, nor does now; from then on it is the caller's."""
        if not connection.exec_driver_sql(STALE).scalar():
            return False
        connection.exec_driver_sql(f"UPDATE {QUEUE}.swept SET at = now()")
        return True

    def take_back(self, connection: Connection) -> list[tuple[str, int]]:
        """Calls whose worker is dead wait again; their names, and how many attempts they have behind them."""
        connection.exec_driver_sql(STRANGE, (list(CALLED),))
        dead = connection.exec_driver_sql(DEAD).all()
        for job in dead:
            again = f"SELECT {QUEUE}.again(%s, %s, %s)"
            seconds = wait(job.attempts).total_seconds() if job.attempts else 0.0
            connection.exec_driver_sql(again, (job.id, job.worker_id, seconds))
        connection.exec_driver_sql(GONE)
        return [(job.queueing_lock, job.attempts + 1) for job in dead]


def driver_of(connection: Connection) -> Any:
    """The driver's own connection, in whose transaction we are."""
    return connection.connection.driver_connection


def connector(url: str) -> PsycopgConnector:
    """What workers ask the queue by: connections that are theirs, and not the store's."""

    async def find(connection: Any) -> None:
        before = connection.autocommit
        await connection.set_autocommit(True)
        await connection.execute(f"SET search_path = {QUEUE}")
        await connection.set_autocommit(before)

    return PsycopgConnector(
        conninfo=url,
        kwargs=ways(url),
        configure=find,
        min_size=1,
        max_size=4,
        timeout=PATIENCE["connect_timeout"],
    )
