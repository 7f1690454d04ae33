"""A desk as a process of its own, for tests that end it: `python -m tests.faults.desk STORE MODE`.

The real engine over a real store, with plugs that wait or break where MODE says. What it tells goes to standard output, a line
of JSON each; `at_it` when it is in the middle of what MODE names.
"""

import json
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from bot.engines import scheduler
from bot.engines.progress import Progress
from bot.engines.scheduler import SchedulerEngine
from bot.events import Event
from tests.line import Line, store_at
from tests.makers import a_desk, a_feed, an_article, an_entry

LONG = 1.0  # seconds of what takes its time
PERIOD = 0.2  # of the supervisor


def say(event: Event) -> None:
    print(json.dumps({"event": event.name, **event.fields}, default=str), flush=True)


def at_it(*_: object) -> None:
    say(Event("at_it", {}))
    time.sleep(LONG)


def hang(*_: object) -> None:
    say(Event("at_it", {}))
    threading.Event().wait()


def no_trigger(*_: object) -> NoReturn:
    raise RuntimeError("the trigger broke")


def kill_the_scheduler() -> None:
    vars(scheduler)["Every"].get_next_fire_time = no_trigger


def before(owner: Any, name: str, act: Any) -> None:
    """`act`, and then what the method does."""
    method = getattr(owner, name)

    def both(*words: Any, **more: Any) -> Any:
        act()
        return method(*words, **more)

    setattr(owner, name, both)


def main(path: str, mode: str) -> int:
    line = Line(store_at(Path(path)), desk=a_desk(feeds=[a_feed(backlog=5)]))
    line.publish(an_entry())
    if mode in ("post", "hang"):
        line.told(an_article("b1", title="US to raise tariff on Indian steel", text=""))
        line.sink.on_send = {"post": at_it, "hang": hang}[mode]
    if mode == "poll":
        before(line.fetcher, "fetch", at_it)
    if mode == "model":
        before(line.classifier, "score", at_it)
    if mode == "hang":
        scheduler.GRACE = 0.5
        vars(scheduler)["TICKS"] = tuple(replace(one, patience=0.3) for one in scheduler.TICKS)
    progress = Progress()
    pipeline = line.pipeline
    pipeline.tell = progress.heard(say)
    ready = kill_the_scheduler if mode == "dead" else lambda: say(Event("at_it", {})) if mode == "idle" else None
    period = PERIOD if mode == "dead" else 60.0  # on a busy machine a store may take longer than so short a one
    engine = SchedulerEngine(pipeline, lambda: datetime.now(UTC), ready=ready, progress=progress, period=period)
    return engine.run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
