"""A whole line for tests: plain plugs that fit the Protocols and remember what they were asked, over a real store."""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from bot.alerts import Alert
from bot.analysis import LABELS, Scores
from bot.articles import Article
from bot.desk import Desk
from bot.errors import ModelError, ParseError
from bot.events import Event
from bot.examination import Examiner
from bot.feeds import Entry, Feed, FeedState, Fetched, FetchRequest, ParsedFeed
from bot.measures import Measure
from bot.messages import Message
from bot.nlp.keywords import KeywordClassifier, PlainReader
from bot.pipeline import Pipeline
from bot.ports import Store, Writer
from bot.reading import Reading
from bot.relevance import RelevanceStep
from bot.stores.sql import SqlStore, open_store
from tests.makers import FEED, NOW, a_desk, a_vector, scores

TRIGGERS = {"relevant": "tariff", "tariff_threat": "raise", "india_us_trade": "india", "sensitive_sectors": "shrimp"}


@dataclass
class WebFetcher:
    """Answers from `web`; what is not there fails as a host that is not there does."""

    web: dict[str, Fetched] = field(default_factory=dict)
    asked: list[FetchRequest] = field(default_factory=list)

    def fetch(self, requests: Sequence[FetchRequest]) -> Iterator[Fetched]:
        for request in requests:
            self.asked.append(request)
            yield self.web.get(request.url, Fetched(request.url, error="dns: no such host"))


@dataclass
class DocumentParser:
    """Knows each document by its body; raises for those of a feed in `breaks`."""

    breaks: dict[str, BaseException] = field(default_factory=dict)
    documents: dict[bytes, ParsedFeed] = field(default_factory=dict)
    parsed: list[str] = field(default_factory=list)

    def parse(self, fetched: Fetched, feed: Feed, now: datetime) -> ParsedFeed:
        self.parsed.append(feed.url)
        if feed.url in self.breaks:
            raise self.breaks[feed.url]
        if fetched.body not in self.documents:
            raise ParseError("this is no feed")
        return self.documents[fetched.body]


class BodyExtractor:
    """A page is its text."""

    def extract(self, page: Fetched) -> str:
        return page.body.decode()


@dataclass
class PickyReader:
    """Reads by regular expressions, but raises for a batch that holds the word `poison`, if one is set."""

    poison: str = ""
    texts: list[str] = field(default_factory=list)

    def read(self, texts: Sequence[str]) -> list[Reading]:
        if self.poison and any(self.poison in text for text in texts):
            raise RecursionError("too deep")
        self.texts += texts
        return PlainReader().read(texts)


@dataclass
class TriggerClassifier:
    """Says yes to a label whose trigger word is in the text; raises ModelError while `broken`, and for a batch that holds
    the word `poison`, if one is set. With `senses` it gives vectors too."""

    broken: bool = False
    poison: str = ""
    name: str = "triggers 1"
    senses: tuple[str, ...] = ()
    texts: list[str] = field(default_factory=list)

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        if self.broken or (self.poison and any(self.poison in title for title, _ in texts)):
            raise ModelError("the model gave a score that is no number")
        self.texts += [f"{title} {text}" for title, text in texts]
        return [self._score(f"{title} {text}".lower()) for title, text in texts]

    def _score(self, text: str) -> Scores:
        vector = a_vector(text, self.senses) if self.senses else ()
        return scores(*(label for label, word in TRIGGERS.items() if word in text), embedding=vector, by=self.name)


@dataclass
class GlancingClassifier:
    """A first pass: a yes to all where one of `words` is in the text, else a no to all."""

    words: tuple[str, ...] = ()
    name: str = "first pass"

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        return [scores(*(LABELS if self._doubts(f"{t} {b}".lower()) else ()), by=self.name) for t, b in texts]

    def _doubts(self, text: str) -> bool:
        return any(word in text for word in self.words)


@dataclass
class EchoWriter:
    """Says the same of each text, or raises what it is given."""

    says: str | Exception
    name: str = "echo"
    texts: list[str] = field(default_factory=list)

    def write(self, texts: Sequence[str]) -> list[str]:
        self.texts += texts
        if isinstance(self.says, Exception):
            raise self.says
        return [self.says for _ in texts]


@dataclass
class ScriptedSink:
    """Takes what it is sent, but first raises, channel by channel, the errors of `refuses`; `found` answers `find`.

    `on_send` is called while a message is on its way.
    """

    refuses: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    found: list[str | Exception | None] = field(default_factory=list)
    on_send: Callable[[Message], object] = lambda message: None
    sent: list[tuple[str, Message, int]] = field(default_factory=list)
    answers: list[tuple[str, bool]] = field(default_factory=list)  # thread and broadcast of each that was sent
    edited: list[tuple[str, Message, int]] = field(default_factory=list)  # receipt, message, simple
    looked_up: list[tuple[str, str, datetime]] = field(default_factory=list)
    looked_in: list[str] = field(default_factory=list)  # threads
    name: str = "scripted"
    threads: bool = False
    pictures: bool = False
    shown: list[tuple[bytes, str, str, str, str]] = field(default_factory=list)

    def send(
        self, message: Message, channel: str, *, simple: int = 0, thread: str = "", broadcast: bool = False
    ) -> str:
        self.on_send(message)
        self.sent.append((channel, message, simple))
        self.answers.append((thread, broadcast))
        if self.refuses[channel]:
            raise self.refuses[channel].pop(0)
        return f"ts-{len(self.sent)}"

    def edit(self, receipt: str, message: Message, channel: str, *, simple: int = 0) -> None:
        self.on_send(message)
        self.edited.append((receipt, message, simple))
        if self.refuses[channel]:
            raise self.refuses[channel].pop(0)

    def find(self, message_id: str, channel: str, since: datetime, *, thread: str = "") -> str | None:
        self.looked_up.append((message_id, channel, since))
        self.looked_in.append(thread)
        answer = self.found.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def show(self, png: bytes, title: str, alternative: str, channel: str, thread: str) -> None:
        self.shown.append((png, title, alternative, channel, thread))
        if self.refuses["pictures"]:
            raise self.refuses["pictures"].pop(0)

    def check(self, channels: Iterable[str], *, pictures: bool = False) -> list[str]:
        return []

    def channels(self) -> list[str]:
        return [channel for channel, _, _ in self.sent]


@cache
def _blank() -> "tempfile.TemporaryDirectory[str]":
    """Holds a migrated database with nothing in it, to copy: quicker than making one for each test."""
    folder = tempfile.TemporaryDirectory()
    open_store(f"sqlite:///{folder.name}/blank.db").close()
    return folder


def store_at(path: Path) -> SqlStore:
    """The store in this file, made when missing."""
    if not path.exists():
        shutil.copy(Path(_blank().name, "blank.db"), path)
    return open_store(f"sqlite:///{path}")


@dataclass
class Line:
    """A pipeline, and its plugs by their own types."""

    store: Store
    fetcher: WebFetcher = field(default_factory=WebFetcher)
    parser: DocumentParser = field(default_factory=DocumentParser)
    reader: PickyReader = field(default_factory=PickyReader)
    classifier: TriggerClassifier = field(default_factory=TriggerClassifier)
    first_pass: GlancingClassifier | None = None
    relevance: RelevanceStep | None = None
    writer: Writer | None = None
    sink: ScriptedSink = field(default_factory=ScriptedSink)
    events: list[Event] = field(default_factory=list)
    desk: Desk = field(default_factory=a_desk)
    seed: tuple[Measure, ...] = ()

    @property
    def pipeline(self) -> Pipeline:
        examiner = Examiner(
            fetcher=self.fetcher,
            extractor=BodyExtractor(),
            reader=self.reader,
            classifier=self.classifier,
            first_pass=self.first_pass,
            relevance=self.relevance,
            rules=KeywordClassifier(self.desk.vocabulary),
            plain=PlainReader(),
            writer=self.writer,
            tell=self.events.append,
        )
        return Pipeline(
            self.store, self.fetcher, self.parser, examiner, self.sink, self.desk, self.seed, tell=self.events.append
        )

    def publish(self, *entries: Entry, url: str = FEED, **more: str) -> None:
        """What the feed shows from now on; `more` are the validators it is sent with."""
        body = repr(entries).encode()
        self.fetcher.web[url] = Fetched(url, 200, body, **more)  # type: ignore[arg-type]  # names are checked at run time
        self.parser.documents[body] = ParsedFeed("The feed", entries)

    def collected(self, *articles: Article) -> None:
        """Articles as a poll leaves them."""
        self.store.save_feed(FeedState(FEED, polled_at=NOW, ok_at=NOW), articles)

    def told(self, *articles: Article, now: datetime = NOW) -> list[Alert]:
        """Articles collected, analysed and followed; the alerts they make."""
        self.collected(*articles)
        while self.pipeline.analyze():
            pass
        return self.pipeline.follow(now)

    def heard(self, name: str) -> list[Mapping[str, object]]:
        """The fields of each event of that name."""
        return [event.fields for event in self.events if event.name == name]

    def states(self) -> dict[str, str]:
        """Each alert's state by its channel."""
        return {alert.channel: alert.state for alert in self.store.alerts()}
