"""A desk for the pages: the sample feeds and the hostile one, read by the real pipeline and told to the fake Slack."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot import demo
from bot.app import build, examiner
from bot.config import Config, load_config
from bot.engines.once import OnceEngine
from bot.events import silent
from bot.feeds import FeedState
from bot.meter import Meter
from bot.pipeline import Pipeline
from bot.stores.sql import SqlStore, open_store
from bot.web.pages import site
from bot.web.room import Room
from bot.web.server import Answers, application, serving
from tests.fake_slack import FakeSlack
from tests.whole.pages import hostile

CHANNEL = "C0123TRADE"
RUDE = "Port & Loom"  # of the sample feeds the one that has a hostile title
LOCAL = ("127.0.0.1", 0)
LATER = timedelta(minutes=7)  # than the last poll, when the pages are looked at


@dataclass(frozen=True)
class PagesDesk:
    """What a test of the pages may want: the `room`, the `url` where it is served, and what filled the store."""

    room: Room
    url: str
    pipeline: Pipeline
    settings: Config
    store: SqlStore


def filled(folder: Path, slack: FakeSlack, *, friendly: bool = False) -> tuple[Pipeline, Config, SqlStore]:
    """The whole line once over, with the shipped watchlists, topics and model; `friendly`: nobody hostile is among the feeds."""
    environ = {"SLACK_BOT_TOKEN": "xoxb-test", "SLACK_API_URL": slack.url}
    with demo.served() as base:
        samples = [feed for feed in demo.feeds(base) if not friendly or feed.outlet != RUDE]
        feeds = (*samples, *([] if friendly else [hostile.feed(folder)]))
        settings = replace(
            load_config(demo.SHIPPED, environ), feeds=feeds, channel=CHANNEL, allow=("127.0.0.1",), ops_channel=""
        )
        store = open_store(f"sqlite:///{folder}/pages.db")
        pipeline, clock = build(settings, store=store, tell=silent), demo.DemoClock(demo.NOW)
        if not friendly:
            store.save_feed(FeedState(hostile.FEED, polled_at=demo.NOW, ok_at=demo.NOW), hostile.articles())
        OnceEngine(pipeline, clock, clock.sleep).run()
    return pipeline, settings, store


def room_of(
    pipeline: Pipeline, settings: Config, store: SqlStore, *, token: str = "", now: datetime | None = None
) -> Room:
    """As the daemon makes it, but for the clock, which stands still."""
    meter, at = Meter(), now or demo.NOW + LATER
    meter.ran("collect", 0.4, "", demo.NOW)
    return Room(
        store=store,
        desk=lambda: pipeline.desk,
        seed=pipeline.seed,
        clock=lambda: at,
        examiner=lambda: examiner(settings, pipeline.desk.vocabulary, silent),
        model=lambda: pipeline.examiner.classifier.name,
        meter=meter,
        sizes=store.sizes,
        token=token,
    )


@contextmanager
def opened(room: Room) -> Iterator[str]:
    """The pages over HTTP; gives their URL without a slash at its end."""
    answers = Answers(lambda: [], lambda: [], lambda: b"")
    with serving(application(answers, room.token, site(room)), LOCAL) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def pages_desk(folder: Path, *, friendly: bool = False) -> Iterator[PagesDesk]:
    with (
        FakeSlack() as slack,
        ThreadPoolExecutor(1) as thread,
    ):  # the fetcher starts a loop, and the browser may have one
        pipeline, settings, store = thread.submit(filled, folder, slack, friendly=friendly).result()
    room = room_of(pipeline, settings, store)
    try:
        with opened(room) as url:
            yield PagesDesk(room, url, pipeline, settings, store)
    finally:
        store.close()
