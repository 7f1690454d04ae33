"""Checks: is everything that a running desk needs in order? Each finding says what was looked at and what to do."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

from bot import app
from bot.config import Config, TopicSetting
from bot.drawing import MISSING, drawer
from bot.errors import ConfigError, ModelError, ParseError, TariffwatchError
from bot.events import silent
from bot.feeds import Feed, Fetched, FetchRequest
from bot.ops import ending
from bot.ports import Parser, Sink
from bot.store_url import on_server
from bot.topics import Topic
from bot.watchlists import expired

STALE = timedelta(days=14)  # a news feed that says nothing for two weeks is broken or abandoned


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    ok: bool
    words: str


def check_all(config: Config) -> Iterator[Finding]:
    """In the order in which things would fail: settings, model, topics, reader, store, sink, people, feeds."""
    yield from check_desk(config)
    yield from check_model(config)
    yield from check_topics(config)
    yield from check_reader(config)
    yield from check_store(config)
    yield from check_sink(config)
    yield from check_interactive(config)
    yield from check_feeds(config)


def check_desk(config: Config) -> Iterator[Finding]:
    try:
        at = app.desk(config)
    except TariffwatchError as error:
        yield Finding("settings", False, str(error))
        return
    yield Finding("settings", True, f"{config.file}: {len(at.feeds)} feeds, {len(at.watchlists)} watchlists")
    for warning in (*config.warnings, *app.doubts(config, at)):
        yield Finding("settings", False, warning)
    today = app.clock().date()
    for watchlist in at.watchlists:
        if words := ending(watchlist, today):
            over = expired(watchlist, today)
            hint = " — give it a later `until`, or remove it" if over else ""
            yield Finding(f"watchlist {watchlist.name}", not over, words + hint)


def check_model(config: Config) -> Iterator[Finding]:
    try:
        found = app.model(config, app.vocabulary())
        model = found.classifier
        scores = model.score([("US to raise duty on Indian shrimp", "")])[0]
    except ConfigError as error:
        yield Finding("model", False, str(error))
        return
    except ModelError as error:
        yield Finding("model", False, f"{error} — until then rules decide and cards say unscored")
        return
    trial = f"a trial headline scores {scores.scores['relevant']:.2f} on relevant"
    yield Finding("model", True, f"{model.name} on {found.place}; {trial}")


def check_topics(config: Config) -> Iterator[Finding]:
    """Nothing, and no model is loaded, when there is no topic."""
    if not config.topics:
        return
    try:
        model = app.model(config, app.vocabulary()).classifier
        learnt = app.topics(config, model, silent)
    except TariffwatchError as error:
        yield Finding("topics", False, str(error))
        return
    for topic, setting in zip(learnt, config.topics, strict=True):
        words = "\n      ".join(_topic(topic, setting))
        yield Finding(f"topic {topic.name}", not topic.quality.weakness, words)


def _topic(topic: Topic, setting: TopicSetting) -> Iterator[str]:
    quality = topic.quality
    alarms = 100 * quality.false_alarms / quality.background
    yield (
        f"{quality.found} of {quality.examples} examples found when left out, {alarms:.1f} false alarms per 100 of "
        f"{quality.background} other news, cut at {topic.cut:.2f}"
    )
    yield from (f"missed: {setting.examples[n]}" for n in quality.missed)
    if quality.weakness:
        yield f"weak: {quality.weakness}"


def check_reader(config: Config) -> Iterator[Finding]:
    from bot.nlp.spacy_reader import SpacyReader

    try:
        reading = SpacyReader(config.spacy).read(["US to raise duty on Indian shrimp"])[0]
    except ModelError as error:
        yield Finding("reader", False, str(error))
        return
    yield Finding("reader", True, f"{config.spacy}, a trial headline has {len(reading.entities)} names")


def check_store(config: Config) -> Iterator[Finding]:
    from bot.stores.places import place_of
    from bot.stores.sql import open_store

    if on_server(config.store):
        yield _server(config)
        return
    path = Path(config.store.removeprefix("sqlite:///"))
    if not path.exists():
        folder = next(parent for parent in path.parents if parent.exists())
        may = folder.is_dir() and os.access(folder, os.W_OK)
        what = "will be made at the first run" if may else f"cannot be made: {folder} is no folder that we may write"
        yield Finding("store", may, f"{path} {what}")
        return
    try:
        store = open_store(config.store)
        try:
            store.refuse_damage(thorough=True)
            counts = store.counts()
        finally:
            store.close()
    except TariffwatchError as error:
        yield Finding("store", False, str(error))
        return
    size = f"{path.stat().st_size / 1e6:,.1f} MB, every page read"
    size += f" — beware: {wrong}" if (wrong := place_of(path)) else ""
    yield Finding("store", True, f"{path}: {counts['articles']} articles, {counts['stories']} stories, {size}")


def _server(config: Config) -> Finding:
    from bot.stores.postgres import workers
    from bot.stores.sql import open_store

    try:
        store = open_store(config.store)
        try:
            counts, size = store.counts(), store.sizes()["file"]
        finally:
            store.close()
        there = workers(config.store)
    except TariffwatchError as error:
        return Finding("store", False, str(error))
    told = f"{counts['articles']} articles, {counts['stories']} stories, {size / 1e6:,.1f} MB"
    told += "".join(f"; {one.who} ({', '.join(one.steps)}), heard of {one.silent:.0f} s ago" for one in there)
    return Finding("store", True, f"{config.store_name}: {told}")


def check_sink(config: Config) -> Iterator[Finding]:
    sink = app.sink(config, StringIO())
    channels = {c for w in config.watchlists for c in w.channels} | {
        config.channel,
        config.reminder_channel or config.channel,
        config.ops_channel or config.channel,
        *(one.channel for one in config.channels if one.digests),
    }
    pictures = any(kind in one.charts for one in config.channels for kind, _ in one.digests)
    problems = sink.check(sorted(channels), pictures=pictures)
    for problem in problems:
        yield Finding(sink.name, False, problem)
    if not problems:
        told = (
            "alerts are printed; set SLACK_BOT_TOKEN for Slack"
            if sink.name == "console"
            else ", ".join(sorted(channels))
        )
        yield Finding(sink.name, True, told)
    if sink.name == "webhook":
        yield Finding(sink.name, True, "a webhook cannot edit or thread: updates come as messages of their own")
    if pictures:
        yield from _check_pictures(sink)


def _check_pictures(sink: Sink) -> Iterator[Finding]:
    if not sink.pictures:
        yield Finding("charts", True, f"digests come without their chart: a {sink.name} shows none")
    elif drawer() is None:
        hint = f"{MISSING}, or say `chart: false` in the channel's digest"
        yield Finding("charts", False, f"digests come without their chart: matplotlib is not there — {hint}")


def check_interactive(config: Config) -> Iterator[Finding]:
    """Whether people are heard in Slack. That they are not is no fault where no app token is set."""
    if why_not := app.deaf(config):
        yield Finding("interactive", not config.slack_app_token, why_not)
        return
    from bot.sinks.scopes import wrong_with_app

    groups = any(editor.startswith("S") for editor in config.editors)
    problems = list(wrong_with_app(config.slack_token, config.slack_app_token, config.slack_api_url, groups=groups))
    for problem in problems:
        yield Finding("interactive", False, problem)
    if not problems:
        nobody = "" if config.editors else "; nobody may change watchlists or mute: interactive.editors names nobody"
        yield Finding("interactive", True, f"buttons and /tariffwatch{nobody}")


def check_feeds(config: Config) -> Iterator[Finding]:
    """Every feed asked once, without validators, as a reader new to it would."""
    from bot.sources.worker import WorkerParser

    feeds = {feed.url: feed for feed in config.feeds}
    parser, now = WorkerParser(), app.clock()
    for fetched in app.fetcher(config).fetch([FetchRequest(url, {}) for url in feeds]):
        feed = feeds[fetched.url]
        yield replace(_feed(feed, fetched, parser, now), what=f"{feed.outlet} <{feed.url}>")


def _feed(feed: Feed, fetched: Fetched, parser: Parser, now: datetime) -> Finding:
    if fetched.error:
        return Finding("", False, f"dead: {fetched.error}")
    try:
        parsed = parser.parse(fetched, feed, now)
    except ParseError as error:
        return Finding("", False, f"HTTP {fetched.status}, {error}")
    dates = [entry.published for entry in parsed.entries if entry.published]
    newest = max(dates, default=None)
    words = (
        f"{len(parsed.entries)} items, newest {newest:%Y-%m-%d %H:%M} UTC"
        if newest
        else f"{len(parsed.entries)} items, no dates"
    )
    words += f", calls itself {parsed.title!r}" if parsed.title else ", has no title"
    if not parsed.entries:
        return Finding("", False, f"empty: {words}")
    if newest and now - newest > STALE:
        return Finding("", False, f"stale: {words}")
    if feed.title and feed.title.casefold() not in parsed.title.casefold():
        return Finding("", False, f"wrong channel, {feed.title!r} was expected: {words}")
    return Finding("", True, words)
