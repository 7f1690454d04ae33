"""Puts the parts together: which plug stands at which port, by the configuration. The only file that knows them all."""

import logging
import sys
from collections.abc import Callable, Collection, MutableMapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from bot import __version__
from bot.backtest import Read
from bot.calls import ANALYZE, FOLLOW, STEPS
from bot.config import AliasSetting, Config, TopicSetting, WatchlistSetting, as_written
from bot.desk import Desk
from bot.errors import ConfigError, ModelError, QueryError
from bot.events import Event, Tell, silent
from bot.examination import Examiner
from bot.firmness import Judge, by_rules
from bot.pipeline import Pipeline
from bot.ports import Classifier, Fetcher, Hold, Reader, Sink, Store, Writer
from bot.relevance import RelevanceStep
from bot.store_url import on_server
from bot.topics import Topic, Vector, learn
from bot.versions import Version, moved
from bot.vocabulary import Term, Vocabulary, term_from, with_sets
from bot.watchlists import Watchlist, compile_watchlist

if TYPE_CHECKING:
    from bot.timeline import Timeline

MODEL = "models/minilm-topics"
ENTITIES = "models/entities"
FACTS = "models/facts"
TIMELINE = "models/timeline.yaml"
BAD_NEWS = ("failed", "refused", "lost")


def clock() -> datetime:
    return datetime.now(UTC)


def shipped(name: str) -> Path:
    """A file or folder that comes with the program: inside the installed package, or at the root of a checkout."""
    package = Path(__file__).parent
    inside = package / "shipped" / name
    return inside if inside.exists() else package.parent / name


def alone(store_url: str, *, beside_workers: bool = False) -> AbstractContextManager[Hold]:
    """Holds the store for one desk as long as the block runs, which does all by itself but for `beside_workers`. Raises
    StoreError, naming the holder, when another has it."""
    from bot import instance
    from bot.stores import postgres

    if on_server(store_url):
        return postgres.alone(store_url, beside_workers=beside_workers)
    return instance.alone(store_url)


def refuse_workers(config: Config) -> None:
    """Raises ConfigError where there can be none: several cannot share a file."""
    if not on_server(config.store):
        hint = (
            "set DATABASE_URL (docs/scale.md), or leave out `--engine queue` and workers: the daemon does all by itself"
        )
        raise ConfigError(f"workers need a store on PostgreSQL, and {config.store_name} is a file", hint=hint)
    if find_spec("procrastinate") is None:
        raise ConfigError("workers need procrastinate", hint="pip install 'tariffwatch[postgres]'")


def working(store_url: str, steps: Collection[str]) -> AbstractContextManager[Hold]:
    """Says for as long as the block runs that a worker is there. Raises StoreError where a desk does all by itself."""
    from bot.stores import postgres

    return postgres.working(store_url, steps)


def steps_of_workers(store_url: str) -> set[str]:
    """What somebody does of those who gave a sign of life of late."""
    from bot import instance
    from bot.stores import postgres

    there = postgres.workers(store_url)
    return {step for one in there if one.silent < instance.SILENT.total_seconds() for step in one.steps}


def silence(store_url: str) -> str:
    """What speaks against a daemon that works with this store, in words; "" when one does."""
    from bot import instance
    from bot.stores import postgres

    if on_server(store_url):
        return postgres.silence(store_url, instance.SILENT)
    return instance.silence(store_url, clock())


def vocabulary() -> Vocabulary:
    from bot.nlp.gazetteer import load_vocabulary

    return load_vocabulary(shipped(ENTITIES))


def timeline() -> "Timeline":
    """What was known of the measures when this version was made: the ledger of a store that has none."""
    from bot.timeline import load_timeline

    return load_timeline(shipped(TIMELINE))


def with_aliases(config: Config, words: Vocabulary) -> Vocabulary:
    """The vocabulary with the desk's own sets. Raises ConfigError for a name that is taken."""
    for alias in config.aliases:
        if alias.name in words.sets:
            where = f"{alias.file or config.file}:{alias.line}"
            raise ConfigError(f"${alias.name} is a set that is shipped", where=where, hint="choose another name")
    return with_sets(words, {alias.name: _terms(alias) for alias in config.aliases})


def _terms(alias: AliasSetting) -> list[Term]:
    guards, unless = (tuple(map(term_from, texts)) for texts in (alias.guards, alias.unless))
    return [term_from(text, guards=guards, unless=unless) for text in alias.terms]


def watchlists(config: Config, words: Vocabulary) -> tuple[tuple[Watchlist, ...], tuple[Watchlist, ...]]:
    """Compiles every query, of watchlists and of the mute list; all that are wrong are told at once."""
    compiled, bad = list[Watchlist](), []
    for setting in (*config.watchlists, *config.mute):
        try:
            compiled.append(_watchlist(setting, words, [topic.name for topic in config.topics]))
        except QueryError as error:
            bad.append(f"{_where(config, setting, error)}: {_kind(config, setting)} {setting.name}: {error}")
    if bad:
        raise ConfigError("\n".join(bad))
    count = len(config.watchlists)
    return tuple(compiled[:count]), tuple(compiled[count:])


def doubts(config: Config, desk: Desk) -> list[str]:
    """What of the queries can be read and looks wrong all the same, a line each."""
    pairs = zip((*config.watchlists, *config.mute), (*desk.watchlists, *desk.mute), strict=True)
    return [
        f"{setting.file or config.file}:{setting.line}: {_kind(config, setting)} {setting.name}: {doubt}"
        for setting, watchlist in pairs
        for doubt in watchlist.doubts
    ]


def _kind(config: Config, setting: WatchlistSetting) -> str:
    return "mute" if any(setting is one for one in config.mute) else "watchlist"


def _where(config: Config, setting: WatchlistSetting, error: QueryError) -> str:
    if setting.span is None:
        return f"{setting.file or config.file}:{setting.line}"
    line, column = setting.span.place(setting.query, error.column)
    return f"{setting.file or config.file}:{line}:{column}"


def _watchlist(setting: WatchlistSetting, words: Vocabulary, topics: list[str]) -> Watchlist:
    compiled = compile_watchlist(
        setting.name,
        setting.query,
        words,
        channels=setting.channels,
        severity=setting.severity,
        topics=topics,
        until=setting.until,
        owner=setting.owner,
        languages=setting.languages,
    )
    return replace(compiled, quiet=setting.quiet, deliver=setting.deliver)


def topics(config: Config, classifier: Classifier, tell: Tell) -> tuple[Topic, ...]:
    """The configured topics, learnt with the classifier's vectors; none, loudly, when rules stand in for the model.

    Raises ConfigError for a model without vectors, ModelError for one that has no background beside it."""
    if not config.topics:
        return ()
    if classifier.name == "rules":
        names = ", ".join(topic.name for topic in config.topics)
        tell(Event("topics_failed", {"error": f"topics need a model: {names}", "instead": "they stay silent"}))
        return ()
    read = [_vectors(setting, classifier) for setting in config.topics]
    background = _background(config, classifier, width=len(read[0][0]))
    named = zip(config.topics, read, strict=True)
    return tuple(learn(setting.name, about, examples, background) for setting, (about, *examples) in named)


def _vectors(setting: TopicSetting, classifier: Classifier) -> list[Vector]:
    """Of what the topic is about, then of each example."""
    return [
        scores.embedding for scores in classifier.score([(text, "") for text in (setting.about, *setting.examples)])
    ]


def _background(config: Config, classifier: Classifier, width: int) -> tuple[Vector, ...]:
    from bot.nlp.background import load_background

    if not width:
        hint = "leave out reading.model for the shipped one, or leave out topics"
        raise ConfigError(f"topics need a model with vectors, and {classifier.name} has none", hint=hint)
    return load_background(_folder(config), width)


def desk(config: Config, classifier: Classifier | None = None, tell: Tell = silent) -> Desk:
    """Without a classifier no topic is learnt, though queries may name each: enough to check the settings."""
    words = with_aliases(config, vocabulary())
    learnt = topics(config, classifier, tell) if classifier else ()
    wanted, muted = watchlists(config, words)
    return Desk(
        config.feeds,
        wanted,
        words,
        config.channel,
        learnt,
        reminder_days=config.reminder_days,
        reminder_channel=config.reminder_channel,
        channel_settings=config.channels,
        mute=muted,
        ops_channel=config.ops_channel,
        ops_zone=config.ops_zone,
        heartbeat=config.heartbeat,
    )


def keep_versions(config: Config, store: Store, now: datetime) -> tuple[Version, ...]:
    """Writes down which watchlists are not as they were when last written down; returns these."""
    fresh = moved(store.versions(), as_written(config), now)
    store.save_versions(fresh)
    return fresh


def desk_and_examiner(config: Config, tell: Tell, steps: Collection[str] = STEPS) -> tuple[Desk, Examiner]:
    """They need each other: the model reads with the desk's vocabulary, and the desk's topics are learnt with the model.

    A query that cannot be read is told before the model is loaded, which takes its time."""
    at = desk(config)
    reading = examiner(config, at.vocabulary, tell, steps)
    learnt = topics(config, reading.classifier, tell) if ANALYZE in steps else ()
    return replace(at, topics=learnt), reading


@dataclass(frozen=True, slots=True)
class Model:
    """A classifier with what it brings along: None where it has no such part, or it is not wanted. `place` says in words what
    it runs on."""

    classifier: Classifier
    first_pass: Classifier | None = None
    relevance: RelevanceStep | None = None
    place: str = ""


def model_or_rules(config: Config, tell: Tell, words: Vocabulary) -> Model:
    """The configured model; rules alone, loudly, when it cannot be loaded."""
    from bot.nlp.keywords import KeywordClassifier

    try:
        return model(config, words)
    except ModelError as error:
        tell(Event("model_failed", {"error": str(error), "instead": "rules decide, cards say unscored"}))
        return Model(KeywordClassifier(words))


def model(config: Config, words: Vocabulary) -> Model:
    """A folder that holds model.onnx, with its first pass where there is one and it is wanted; or anything that
    `transformers` can load as a sequence classifier. Raises ConfigError for a device that is asked for and not there."""
    if config.device != "auto":
        return _model(config, words)
    try:
        return _model(replace(config, device="cuda"), words)
    except ConfigError:
        return _model(replace(config, device="cpu"), words)


def _model(config: Config, words: Vocabulary) -> Model:
    folder = _folder(config)
    if config.model and not (folder / "model.onnx").exists():
        from bot.nlp.torch_classifier import TorchClassifier

        torch = TorchClassifier(config.model, device=config.device, batch=config.batch)
        return Model(torch, place=torch.place)
    from bot.nlp.linear_classifier import FILE, LinearClassifier
    from bot.nlp.onnx_classifier import OnnxClassifier, verify

    if not config.model:
        verify(folder)
    linear = LinearClassifier(folder / FILE) if (folder / FILE).exists() else None
    classifier = OnnxClassifier(folder, words, linear, device=config.device, batch=config.batch)
    return Model(classifier, linear if config.first_pass else None, classifier.relevance, classifier.place)


def firmness(tell: Tell) -> Judge:
    """What learnt where the rules of firmness end; the rules alone, loudly, when it cannot be loaded."""
    from bot.nlp.learnt_firmness import FILE, LearntFirmness

    try:
        return LearntFirmness(shipped(FACTS) / FILE)
    except ModelError as error:
        tell(Event("model_failed", {"error": str(error), "instead": "rules alone say how firm a claim is"}))
        return by_rules


def writer(config: Config, tell: Tell) -> Writer | None:
    """The configured writer of summaries; none, loudly, when it cannot be loaded."""
    if not config.writer:
        return None
    from bot.nlp.transformers_writer import TransformersWriter

    try:
        return TransformersWriter(config.writer)
    except ModelError as error:
        tell(Event("writer_failed", {"error": str(error), "instead": "the quotes stand alone"}))
        return None


def _folder(config: Config) -> Path:
    return Path(config.model) if config.model else shipped(MODEL)


def fetcher(config: Config) -> Fetcher:
    from bot.sources.file import FileFetcher, SchemeFetcher
    from bot.sources.http import HttpFetcher
    from bot.sources.sites import sites

    agent = f"tariffwatch/{__version__} (+{config.contact}; feed poller)"
    http = HttpFetcher(agent, concurrency=config.concurrency, allow=config.allow, site=sites(config.apart))
    return SchemeFetcher(http, FileFetcher())


def deaf(config: Config) -> str:
    """What keeps the daemon from hearing what people do in Slack, and what to do; "" for nothing."""
    if not config.slack_app_token:
        return "no SLACK_APP_TOKEN: no buttons, no /tariffwatch; cards only"
    if not config.slack_token:
        return "SLACK_APP_TOKEN hears nothing without SLACK_BOT_TOKEN — set both, or neither"
    if find_spec("slack_bolt") is None:
        return "SLACK_APP_TOKEN hears nothing without slack-bolt — pip install 'tariffwatch[interactive]'"
    return ""


def sink(config: Config, out: TextIO | None, *, buttons: bool = False) -> Sink:
    """Slack with a token, else a webhook, else the console. `out` is None when standard output is closed; `buttons`: whether
    somebody hears who presses them."""
    if config.slack_token:
        from bot.sinks.slack import SlackSink

        return SlackSink(config.slack_token, base_url=config.slack_api_url, buttons=buttons)
    if config.slack_webhook:
        from bot.sinks.webhook import WebhookSink

        return WebhookSink(config.slack_webhook)
    from bot.sinks.console import ConsoleSink

    if out is None:
        raise ConfigError("alerts have nowhere to go: standard output is closed", hint="set SLACK_BOT_TOKEN")
    return ConsoleSink(out)


def quick_readers(config: Config) -> tuple[Read, Read]:
    """For a backtest: one that reads as it is done live, but for names, and is loaded once it is asked; and the plain one."""
    from bot.nlp.keywords import PlainReader

    @cache
    def reader() -> Reader:
        from bot.nlp.spacy_reader import SpacyReader

        return SpacyReader(config.spacy, names=False)

    return lambda texts: reader().read(texts), PlainReader().read


def versions(config: Config, at: Desk, name: str, query: str) -> tuple[Watchlist, Watchlist | None]:
    """The watchlist to try, and the configured one of that name where the query is another."""
    present = next((watchlist for watchlist in at.watchlists if watchlist.name == name), None)
    if name and present is None:
        known = [watchlist.name for watchlist in at.watchlists]
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        raise ConfigError(f"there is no watchlist {name!r}", where=config.file, hint=hint)
    if query:
        tried = _tried(query, name, config, at)
        return (replace(tried, until=present.until, languages=present.languages) if present else tried), present
    if present is None:
        raise ConfigError(
            "there is nothing to try", hint="name a watchlist with --watchlist, or write one with --query"
        )
    return present, None


def _tried(query: str, name: str, config: Config, at: Desk) -> Watchlist:
    try:
        topics = [topic.name for topic in config.topics]
        return compile_watchlist(name or "the query", query, at.vocabulary, topics=topics)
    except QueryError as error:
        raise ConfigError(str(error), where="--query") from error


def examiner(config: Config, words: Vocabulary, tell: Tell, steps: Collection[str] = STEPS) -> Examiner:
    """All that reading an article takes, and no store; without what none of the steps asks, which takes time and memory."""
    from bot.nlp.keywords import KeywordClassifier, PlainReader
    from bot.sources.boilerplate import FreshExtractor
    from bot.sources.worker import WorkerExtractor

    if ANALYZE not in steps:
        rules, reader = KeywordClassifier(words), _reader(config) if FOLLOW in steps else PlainReader()
        web = fetcher(config)
        return Examiner(web, FreshExtractor(WorkerExtractor()), reader, rules, rules, PlainReader(), tell=tell)
    from bot.nlp.watchdog import Watchdog, WatchedClassifier

    found = model_or_rules(config, tell, words)
    return Examiner(
        fetcher=fetcher(config),
        extractor=FreshExtractor(WorkerExtractor()),
        reader=_reader(config),
        classifier=WatchedClassifier(found.classifier, Watchdog(found.classifier.name)),
        first_pass=found.first_pass,
        relevance=found.relevance,
        rules=KeywordClassifier(words),
        plain=PlainReader(),
        firmness=firmness(tell),
        writer=writer(config, tell),
        tell=tell,
    )


def _reader(config: Config) -> Reader:
    from bot.nlp.spacy_reader import SpacyReader
    from bot.nlp.watchdog import Watchdog, WatchedReader

    return WatchedReader(SpacyReader(config.spacy), Watchdog(config.spacy))


def hopeless(reading: Examiner) -> list[str]:
    """What of it hangs and will not come back, in words."""
    from bot.nlp.watchdog import WatchedClassifier, WatchedReader

    parts = (reading.reader, reading.classifier)
    watched = [part.watchdog for part in parts if isinstance(part, WatchedReader | WatchedClassifier)]
    return [words for watchdog in watched if (words := watchdog.hopeless())]


def build(
    config: Config,
    *,
    store: Store,
    tell: Tell,
    out: TextIO | None = None,
    buttons: bool = False,
    steps: Collection[str] = STEPS,
) -> Pipeline:
    """The whole line, ready to move; or as much of it as these steps ask."""
    from bot.drawing import drawer
    from bot.sources.sites import sites
    from bot.sources.worker import WorkerParser

    at, reading = desk_and_examiner(config, tell, steps)
    return Pipeline(
        store=store,
        fetcher=reading.fetcher,
        parser=WorkerParser(),
        examiner=reading,
        sink=sink(config, out or sys.stdout, buttons=buttons),
        desk=at,
        seed=timeline().measures,
        keep=config.keep,
        tell=tell,
        draw=drawer(),
        site=sites(config.apart),
    )


def taker(pipeline: Pipeline, redactor: "Redactor", *, buttons: bool) -> Callable[[Config], None]:
    """Who takes settings with other secrets: first what hides them from the log, then what shows them to Slack."""

    def take(config: Config) -> None:
        redactor.secrets = tuple(dict.fromkeys((*redactor.secrets, *config.secrets)))
        pipeline.sink = sink(config, sys.stdout, buttons=buttons)

    return take


@dataclass(slots=True)
class Redactor:
    """A structlog processor that takes the literal secrets out of everything that is logged: all there have been, for an old
    one may still work."""

    secrets: tuple[str, ...]

    def __call__(self, logger: object, method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        for secret in self.secrets:
            value = value.replace(secret, "[secret]")
        return value


def printable(logger: object, method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """A structlog processor for terminals: what would steer one, or turn words around, is shown as its escape."""
    return {key: _shown(value) if isinstance(value, str) else value for key, value in event.items()}


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def logger(config: Config, stream: TextIO | None = None, redactor: Redactor | None = None) -> Tell:
    """What the pipeline tells, as structured log lines on standard error."""
    stream = stream or sys.stderr
    render: tuple[structlog.typing.Processor, ...] = (
        (structlog.processors.JSONRenderer(ensure_ascii=False),)
        if config.log_format == "json" or (config.log_format == "auto" and not stream.isatty())
        else (printable, structlog.dev.ConsoleRenderer())
    )
    log = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redactor or Redactor(config.secrets),
            *render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(config.log_level.upper())),
    )

    def tell(event: Event) -> None:
        level = log.warning if any(word in event.name for word in BAD_NEWS) else log.info
        with suppress(OSError, ValueError):  # a closed pipe or a full disk must not stop the desk
            level(event.name, **event.fields)

    return tell
