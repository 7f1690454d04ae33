"""Metrics of a running desk, in the text format of Prometheus. Labels have few values: no URL, no channel, no word of a feed."""

import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from bot import __version__
from bot.errors import StoreError
from bot.health import overdue
from bot.meter import Meter
from bot.pipeline import Pipeline
from bot.ports import Clock
from bot.readiness import RULES, feed_conditions

PREFIX = "tariffwatch"
STEPS = {"unread": "read", "unfollowed": "follow", "alerts": "deliver"}  # what waits, and for which step


@dataclass(frozen=True, slots=True)
class Watched:
    """What the figures come from. `ready` says what is wrong; `files` are the bytes of the store's files by what they are."""

    pipeline: Pipeline
    meter: Meter
    clock: Clock
    ready: Callable[[], list[str]]
    files: Callable[[], Mapping[str, int]]


class DeskCollector(Collector):
    """Asks when it is asked. Of a store that does not answer only that is told."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def describe(self) -> list[Metric]:
        return []  # so that nothing is asked before somebody wants to know

    def collect(self) -> Iterator[Metric]:
        yield from _program(self._watched)
        yield from _sizes(self._watched)
        yield from _ticks(self._watched.meter)
        yield from _done(self._watched.meter)
        try:
            found = list(_stored(self._watched))
        except StoreError:
            found = []
        yield _gauge("store_up", "Whether the store could be read.", int(bool(found)))
        yield from found


def metrics(watched: Watched) -> Callable[[], bytes]:
    """What gives the text at each call."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DeskCollector(watched))
    ProcessCollector(registry=registry)
    return lambda: generate_latest(registry)


def _program(watched: Watched) -> Iterator[Metric]:
    build = GaugeMetricFamily(f"{PREFIX}_build_info", "Which program this is.", labels=["version", "python"])
    build.add_metric([__version__, platform.python_version()], 1)
    yield build
    model = watched.pipeline.examiner.classifier.name
    yield _gauge("model_up", "Whether a model scores articles; 0 while rules stand in.", int(model != RULES))
    yield _gauge("ready", "Whether the desk can do its work, as /readyz says.", int(not watched.ready()))


def _sizes(watched: Watched) -> Iterator[Metric]:
    try:
        sizes = watched.files()
    except StoreError:  # of a server that is away
        return
    for name, size in sizes.items():
        yield _gauge(f"store_{name}_bytes", f"Size of the store: {name}.", size)


def _ticks(meter: Meter) -> Iterator[Metric]:
    with meter.lock:
        ran = dict(meter.ticks)
    took = SummaryMetricFamily(f"{PREFIX}_tick_seconds", "Time that ticks took.", labels=["tick"])
    failed = CounterMetricFamily(f"{PREFIX}_tick_failures", "Ticks that failed.", labels=["tick"])
    good = GaugeMetricFamily(
        f"{PREFIX}_tick_last_success_timestamp_seconds", "When a tick last ended well.", labels=["tick"]
    )
    for name, tick in sorted(ran.items()):
        took.add_metric([name], tick.times, tick.seconds)
        failed.add_metric([name], tick.failures)
        if tick.ok_at:
            good.add_metric([name], tick.ok_at.timestamp())
    yield from (took, failed, good)


def _done(meter: Meter) -> Iterator[Metric]:
    with meter.lock:
        counts = dict(meter.counts)
    for name, words, outcomes in (
        ("polls", "Polls of feeds.", ("ok", "failed")),
        ("deliveries", "What became of attempts to deliver an alert.", ("sent", "failed", "given_up")),
        ("reloads", "Settings that were taken or refused.", ("ok", "refused")),
    ):
        family = CounterMetricFamily(f"{PREFIX}_{name}", words, labels=["outcome"])
        for outcome in outcomes:
            family.add_metric([outcome], counts.get(f"{name}_{outcome}", 0))
        yield family
    for name, words in (
        ("articles", "New articles of feeds."),
        ("analyzed", "Articles that were read."),
        ("picked", "Articles that a watchlist wanted."),
        ("sent_blindly", "Alerts that were sent again, perhaps a second time, as nobody could look the first up."),
        ("model_failures", "Texts and batches over which a model failed."),
        ("article_failures", "Articles that could not be read or followed."),
    ):
        yield CounterMetricFamily(f"{PREFIX}_{name}", words, value=counts.get(name, 0))


def _stored(watched: Watched) -> Iterator[Metric]:
    store, now = watched.pipeline.store, watched.clock()
    counts, since = store.counts(now), store.waiting_since(now)
    known = store.feed_states()
    feeds = feed_conditions(watched.pipeline.desk.feeds, known, now)
    yield _labelled("feeds", "Configured feeds by condition.", "condition", feeds)
    newest = max((state.newest.timestamp() for state in known.values() if state.newest), default=0)
    yield _gauge("newest_item_timestamp_seconds", "When the newest item of any feed was published.", newest)
    states = {name.removeprefix("alerts_"): n for name, n in counts.items() if name.startswith("alerts_")}
    yield _labelled("alerts", "Alerts by state; held ones are queued too.", "state", states)
    backlog = {STEPS[name]: counts[name] for name in ("unread", "unfollowed")}
    yield _labelled("backlog_articles", "Articles that wait for a step.", "step", backlog)
    ages = {step: (now - since[name]).total_seconds() if name in since else 0 for name, step in STEPS.items()}
    ages["collect"] = overdue(watched.pipeline.desk.feeds, known, watched.pipeline.site, now).total_seconds()
    yield _labelled("backlog_oldest_seconds", "How long the oldest waits for a step.", "step", ages)
    yield _gauge("stored_articles", "Articles in the store.", counts["articles"])
    yield _gauge("stored_stories", "Stories in the store.", counts["stories"])


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", words, value=value)


def _labelled(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", words, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
