"""The queue that workers answer: procrastinate, but for the end of a call. A call that failed or was left comes again, and nobody
ends one that is another's by now."""

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from procrastinate import App
from procrastinate.connector import BaseAsyncConnector
from procrastinate.jobs import DeleteJobCondition, Job, Status
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker

from bot.calls import BEAT, DELIVER, SILENT_SENDING, wait
from bot.errors import LeaseLost

LOOK = 2.0  # seconds until a worker that was not told of a call looks by itself
AGAIN = "SELECT again(%(job)s, %(worker)s, %(seconds)s)"
END = "DELETE FROM procrastinate_jobs WHERE id = %(job)s AND status = 'doing' AND worker_id = %(worker)s"
LEAVE = """
DELETE FROM procrastinate_workers WHERE id = %(worker)s
AND NOT EXISTS (SELECT FROM procrastinate_jobs WHERE worker_id = %(worker)s AND status = 'doing')
"""
Answer = Callable[..., Awaitable[None]]  # of a JobContext, and the channel where there is one


class OwnJobs(JobManager):
    """Ends a call only for the worker that has it: one that stood still must not end what its heir is at."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        if (
            status != Status.ABORTED
        ):  # that was left while it asked Slack: it is found by its silence, as of one that died
            await self.connector.execute_query_async(END, job=job.id, worker=job.worker_id)

    async def retry_job(self, job: Job, retry_at: datetime | None = None, *_: object, **__: object) -> None:
        seconds = max((retry_at - datetime.now(UTC)).total_seconds(), 0.0) if retry_at else 0.0
        await self.connector.execute_query_async(AGAIN, job=job.id, worker=job.worker_id, seconds=seconds)

    async def unregister_worker(self, worker_id: int) -> None:
        """Unless it has left something: then its last sign of life has to be seen."""
        await self.connector.execute_query_async(LEAVE, worker=worker_id)


class Again(BaseRetryStrategy):
    """For ever, with longer and longer waits; at once what was only left."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, CancelledError):
            return None if job.task_name == DELIVER else RetryDecision(retry_in={"seconds": 0})
        pause = 0 if isinstance(exception, LeaseLost) else int(wait(job.attempts).total_seconds())
        return RetryDecision(retry_in={"seconds": pause})


def queue(connector: BaseAsyncConnector, answers: Mapping[str, Answer]) -> App:
    app = App(connector=connector)
    app.job_manager = OwnJobs(connector)
    for step, answer in answers.items():
        app.task(name=step, queue=step, pass_context=True, retry=Again())(answer)
    return app


def answering(app: App, step: str, places: int, grace: float) -> Worker:
    """Who answers the calls of one step, so many at a time. Told to stop, it waits for what is being answered, and no longer."""
    more: dict[str, Any] = {
        "update_heartbeat_interval": BEAT.total_seconds(),
        "stalled_worker_timeout": SILENT_SENDING.total_seconds(),
    }
    return Worker(
        app,
        queues=[step],
        name=step,
        concurrency=places,
        delete_jobs=DeleteJobCondition.ALWAYS,
        fetch_job_polling_interval=LOOK,
        install_signal_handlers=False,
        shutdown_graceful_timeout=grace,
        **more,
    )
