"""Puts the parts together: which plug stands at which port, by the configuration. The only file that knows them all."""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import structlog

from bot import __version__
from bot.config import Config, WatchlistSetting
from bot.desk import Desk
from bot.errors import ConfigError, ModelError, QueryError
from bot.events import Event, Tell
from bot.examination import Examiner
from bot.pipeline import Pipeline
from bot.ports import Classifier, Fetcher, Sink, Store
from bot.vocabulary import Vocabulary
from bot.watchlists import Watchlist, compile_watchlist

MODEL = "models/minilm-topics"
ENTITIES = "models/entities"
BAD_NEWS = ("failed", "refused")


def clock() -> datetime:
    return datetime.now(UTC)


def shipped(name: str) -> Path:
    """A file or folder that comes with the program: inside the installed package, or at the root of a checkout."""
    package = Path(__file__).parent
    inside = package / "shipped" / name
    return inside if inside.exists() else package.parent / name


def vocabulary() -> Vocabulary:
    from bot.nlp.gazetteer import load_vocabulary

    return load_vocabulary(shipped(ENTITIES))


def watchlists(settings: tuple[WatchlistSetting, ...], words: Vocabulary, file: str) -> tuple[Watchlist, ...]:
    """Compiles every query; all that are wrong are told at once."""
    good, bad = [], []
    for setting in settings:
        try:
            good.append(
                compile_watchlist(
                    setting.name, setting.query, words, channels=setting.channels, severity=setting.severity
                )
            )
        except QueryError as error:
            bad.append(f"{file}:{setting.line}: watchlist {setting.name}: {error}")
    if bad:
        raise ConfigError("\n".join(bad))
    return tuple(good)


def desk(config: Config) -> Desk:
    words = vocabulary()
    return Desk(config.feeds, watchlists(config.watchlists, words, config.file), words, config.channel)


def classifier(config: Config, tell: Tell, words: Vocabulary) -> Classifier:
    """The configured model; rules, loudly, when it cannot be loaded."""
    from bot.nlp.keywords import KeywordClassifier

    try:
        return model(config.model)
    except ModelError as error:
        tell(Event("model_failed", {"error": str(error), "instead": "rules decide, cards say unscored"}))
        return KeywordClassifier(words)


def model(name: str) -> Classifier:
    """A folder that holds model.onnx, or anything `transformers` can load as a sequence classifier."""
    folder = Path(name) if name else shipped(MODEL)
    if name and not (folder / "model.onnx").exists():
        from bot.nlp.torch_classifier import TorchClassifier

        return TorchClassifier(name)
    from bot.nlp.onnx_classifier import OnnxClassifier, verify

    if not name:
        verify(folder)
    return OnnxClassifier(folder)


def fetcher(config: Config) -> Fetcher:
    from bot.sources.file import FileFetcher, SchemeFetcher
    from bot.sources.http import HttpFetcher

    agent = f"tariffwatch/{__version__} (+{config.contact}; feed poller)"
    return SchemeFetcher(HttpFetcher(agent, concurrency=config.concurrency), FileFetcher())


def sink(config: Config, out: TextIO | None) -> Sink:
    """Slack with a token, else a webhook, else the console. `out` is None when standard output is closed."""
    if config.slack_token:
        from bot.sinks.slack import SlackSink

        return SlackSink(config.slack_token, base_url=config.slack_api_url)
    if config.slack_webhook:
        from bot.sinks.webhook import WebhookSink

        return WebhookSink(config.slack_webhook)
    from bot.sinks.console import ConsoleSink

    if out is None:
        raise ConfigError("alerts have nowhere to go: standard output is closed", hint="set SLACK_BOT_TOKEN")
    return ConsoleSink(out)


def examiner(config: Config, words: Vocabulary, tell: Tell) -> Examiner:
    """All that reading an article takes, and no store."""
    from bot.nlp.keywords import KeywordClassifier, PlainReader
    from bot.nlp.spacy_reader import SpacyReader
    from bot.sources.page import TrafilaturaExtractor

    return Examiner(
        fetcher=fetcher(config),
        extractor=TrafilaturaExtractor(),
        reader=SpacyReader(config.spacy),
        classifier=classifier(config, tell, words),
        rules=KeywordClassifier(words),
        plain=PlainReader(),
        tell=tell,
    )


def build(config: Config, *, store: Store, tell: Tell, out: TextIO | None = None) -> Pipeline:
    """The whole line, ready to move."""
    from bot.sources.rss import FeedparserParser

    at = desk(config)
    reading = examiner(config, at.vocabulary, tell)
    return Pipeline(
        store=store,
        fetcher=reading.fetcher,
        parser=FeedparserParser(),
        examiner=reading,
        sink=sink(config, out or sys.stdout),
        desk=at,
        tell=tell,
    )


@dataclass(frozen=True, slots=True)
class Redactor:
    """A structlog processor that takes the literal secrets out of everything that is logged."""

    secrets: tuple[str, ...]

    def __call__(self, logger: object, method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        for secret in self.secrets:
            value = value.replace(secret, "[secret]")
        return value


def logger(config: Config, stream: TextIO | None = None) -> Tell:
    """What the pipeline tells, as structured log lines on standard error."""
    stream = stream or sys.stderr
    render = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if config.log_format == "json" or (config.log_format == "auto" and not stream.isatty())
        else structlog.dev.ConsoleRenderer()
    )
    log = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            Redactor(config.secrets),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(config.log_level.upper())),
    )

    def tell(event: Event) -> None:
        level = log.warning if any(word in event.name for word in BAD_NEWS) else log.info
        with suppress(OSError, ValueError):  # a closed pipe or a full disk must not stop the desk
            level(event.name, **event.fields)

    return tell
