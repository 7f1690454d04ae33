"""The ports: what the pipeline needs from the outside world, as Protocols. Folder = port, file = plug."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.actions import Action, Answer
from bot.alerts import Alert
from bot.analysis import Analysis, Scores
from bot.articles import Article
from bot.deadlines import Deadline
from bot.facts import Fact
from bot.feeds import Feed, FeedState, Fetched, FetchRequest, ParsedFeed, Request
from bot.measures import Measure
from bot.messages import Message
from bot.reading import Reading
from bot.stories import Story
from bot.versions import Version

Clock = Callable[[], datetime]


class Fetcher(Protocol):
    def fetch(self, requests: Sequence[FetchRequest]) -> Iterator[Fetched]:
        """Every request once, in any order, each within the fetcher's own total deadline. Never raises for a URL's fault."""
        ...


class Parser(Protocol):
    def parse(self, fetched: Fetched, feed: Feed, now: datetime) -> ParsedFeed:
        """Raises ParseError when the body is no feed."""
        ...


class Extractor(Protocol):
    def extract(self, page: Fetched) -> str:
        """The article's plain text, or "" when the page yields none."""
        ...


class Reader(Protocol):
    def read(self, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in order."""
        ...


class Classifier(Protocol):
    name: str

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        """(title, text) pairs to scores, in order. Raises ModelError."""
        ...


class Writer(Protocol):
    name: str

    def write(self, texts: Sequence[str]) -> list[str]:
        """A summary of each text, in order; "" where nothing came of it. Nobody may rely on its being true. Raises ModelError."""
        ...


class Store(Protocol):
    """All times are aware UTC. Each method is one transaction; doing one twice leaves what doing it once leaves."""

    # collect
    def feed_states(self) -> dict[str, FeedState]: ...
    def save_states(self, states: Sequence[FeedState]) -> None: ...
    def save_feed(
        self, state: FeedState, articles: Sequence[Article], request: Request | None = None, *, lease: str = ""
    ) -> list[Article]:
        """The state, its articles and a line of the log of requests together; returns the articles not seen before, quiet
        those that were told a week ago and more and are forgotten. A known id keeps its first row,
        but for a title or text that the outlet changed, which is stored without making it unread again, and in the story
        that it is a member of; another rate in the title of a member makes it unread. Raises LeaseLost, and writes nothing,
        where the feed is not held by the `lease` that is given."""
        ...

    # collect, where there are several workers
    def enrol(self, turns: Mapping[str, str]) -> None:
        """Makes these URLs, and no others, feeds that can be claimed; each with what workers take turns by."""
        ...

    def claim(self, now: datetime, lease: str, limit: int, hold: timedelta) -> list[FeedState]:
        """The states of feeds that are due, longest first, which are the lease's now; that they are asked is written down. None
        of a site that another lease holds or that asked to be left alone, and few of each site. After `hold` they may be
        claimed by another, once the floor has passed too."""
        ...

    def give_back(self, lease: str, until: datetime) -> None:
        """Ends the lease. Nobody else is given its sites before `until`."""
        ...

    def requests(self, since: datetime) -> list[Request]:
        """The log of requests for feeds, in the order in which they were made, whatever the clock said."""
        ...

    # analyze
    def unread(self, limit: int) -> list[Article]:
        """Articles without an analysis, oldest first_seen first."""
        ...

    def claim_unread(
        self, now: datetime, lease: str, limit: int, hold: timedelta, *, again: bool = False
    ) -> list[Article]:
        """Unread articles that no other lease holds, oldest first_seen first, which are the lease's now; after `hold` they may
        be claimed by another. `again`: only those that are the lease's already."""
        ...

    def save_analyses(self, done: Sequence[tuple[Article, Analysis]], *, lease: str = "") -> list[str]:
        """Analyses, and their articles again (whose text may have grown by the page's); of what a desk wants, its deadlines
        by themselves too, which outlive the article. Returns the ids of those that are not held by the `lease` that is given,
        or are read by now: of these nothing is written."""
        ...

    # follow
    def standing(self) -> int:
        """How often stories have changed, once all is done that is being written now. To be given to `save_follow` by whom goes
        by what is read after it."""
        ...

    def unfollowed(self, limit: int) -> list[tuple[Article, Analysis]]:
        """Analysed articles not yet followed, oldest published first."""
        ...

    def open_stories(self, since: datetime) -> list[Story]:
        """Stories updated at or after `since`, with all members."""
        ...

    def measures(self) -> list[Measure]:
        """All of the ledger, each with its whole history, by id; empty until something was told."""
        ...

    def ledger_mark(self) -> str:
        """Another one whenever something was told since; so that who read the measures need not read them again."""
        ...

    def cards(self, story_id: str) -> dict[str, Message]:
        """By channel, what each was told last of the story as a whole: its card, as it was last edited. None for what is
        alone."""
        ...

    def save_follow(
        self,
        followed: Sequence[str],
        stories: Sequence[Story],
        alerts: Sequence[Alert],
        measures: Sequence[Measure] = (),
        *,
        settled: Sequence[tuple[Article, Analysis]] = (),
        standing: int | None = None,
    ) -> list[Alert]:
        """Marks articles as followed, writes stories, measures with their history, the analyses that were `settled` meanwhile
        and the outbox in one transaction; returns the alerts that are new. Raises LeaseLost, and writes nothing, where stories
        have changed since the `standing` that is given. Stories that were merged into these end. An edit
        supersedes those of the same card that were not yet made. What is held of a story in a channel waits no longer than
        what is new of it there: the order in which a story is told holds."""
        ...

    # remind
    def deadlines(self, since: date) -> list[Deadline]:
        """What articles set for `since` or later, each as it was told, in order of day."""
        ...

    def queued(self, ids: Collection[str]) -> set[str]:
        """Which of these alert ids were ever queued."""
        ...

    # watchlists
    def versions(self, name: str = "") -> list[Version]:
        """Every version of every watchlist, or of the one of that name, in order of name and number."""
        ...

    def last_versions(self, names: Collection[str]) -> Mapping[str, Version]:
        """The last version of each of these that has any."""
        ...

    def save_versions(self, versions: Sequence[Version]) -> None:
        """A number that a watchlist has already keeps its first row."""

    # digest
    def alerts_since(self, channel: str, since: datetime) -> list[Alert]:
        """The channel's alerts that were made or sent at or after `since`, and all that wait for its digest, oldest first."""
        ...

    def last_of(self, story_id: str, channel: str) -> Alert | None:
        """The youngest alert of that story, or kind of digest, in the channel."""
        ...

    def save_digest(self, digest: Alert, told: Collection[str]) -> bool:
        """Queues the digest, and marks the folded alerts with these ids as told, in one transaction; neither, and False, where
        the digest was ever queued before."""
        ...

    def unfold(self, channels: Collection[str]) -> int:
        """Queues what waits for a digest of any other channel than these; returns how many."""
        ...

    # deliver
    def recover(self, channel: str = "") -> int:
        """Turns every alert, or every one of that channel, left in `sending` by a dead process into `unknown`; returns how
        many."""
        ...

    def due_alerts(self, now: datetime, limit: int, channel: str = "") -> list[Alert]:
        """The oldest open (queued or unknown) alert of each channel, or of that one, where its not_before has passed: at most
        one a channel, so order within a channel holds; a channel with a parked alert gives none. What is held (`due` lies
        ahead) is not in the line yet."""
        ...

    def next_delivery(self, now: datetime, channel: str = "") -> datetime | None:
        """When the next open alert of a channel, or of that one, that is not parked may go out (the past for at once); None:
        nothing waits."""
        ...

    def root(self, story_id: str, channel: str) -> Alert | None:
        """The story's card in the channel: the one that was sent, else the last that was to be."""
        ...

    def save_alert(self, alert: Alert, was: Alert | None = None) -> None:
        """Raises LeaseLost, and writes nothing, where its state and tries are not those that it `was` read with."""
        ...

    def unpark(self) -> int:
        """Parked alerts are queued again (after a restart or a reload); returns how many."""
        ...

    # what people do
    def save_action(self, action: Action) -> bool:
        """Keeps it for ever, and with an answer what it is about: article, analysis, and the watchlists that its card names.
        False for one whose id is there already, which stays as it is."""
        ...

    def actions(
        self, *, since: datetime | None = None, story_id: str | None = None, channel: str | None = None
    ) -> list[Action]:
        """All, or those that are so, oldest first."""
        ...

    def answers(self, since: datetime | None = None) -> list[Answer]:
        """All answers, also those that were taken back by a later one, oldest first; without those to an article that was
        gone by then."""
        ...

    def opinions(self, since: datetime, limit: int) -> list[tuple[Action, tuple[str, ...]]]:
        """The last answers since then, oldest first, each with the watchlists that its card names: without what it is about,
        which is large."""
        ...

    # reading by people
    def recent(self, limit: int) -> list[tuple[Article, Analysis]]:
        """Analysed articles with their analyses, newest published first."""
        ...

    def newest_since(self, since: datetime, limit: int) -> list[str]:
        """The ids of the last followed articles published at or after `since`, newest published first."""
        ...

    def hits_by_day(self, since: date) -> Mapping[str, Mapping[date, int]]:
        """Of each watchlist that fired, on how many articles published on each day from `since` on, in UTC."""
        ...

    def last_hits(self, watchlist: str, limit: int) -> list[tuple[Article, str]]:
        """The last articles on which it fired, newest published first, each with the id of its story; "" for one without."""
        ...

    def analysed_since(self, since: datetime) -> list[str]:
        """The ids of all analysed articles published at or after `since`, oldest published first."""
        ...

    def analysed(self, ids: Sequence[str]) -> list[tuple[Article, Analysis]]:
        """These articles with their analyses, in the order of the ids; without those that are gone, or not analysed. A long
        list is taken in parts, so that nobody who writes has to wait for its end."""
        ...

    def article(self, id_or_url: str) -> Article | None: ...
    def analysis(self, article_id: str) -> Analysis | None: ...
    def facts(self, article_ids: Collection[str]) -> Mapping[str, tuple[Fact, ...]]:
        """What each of these articles claims of trade measures; without those that are gone, or not analysed."""
        ...

    def story_of(self, article_id: str) -> Story | None: ...
    def story(self, story_id: str) -> Story | None:
        """By its id, or by that of one that was merged into it."""
        ...

    def severities(self, since: datetime, limit: int) -> dict[str, str]:
        """By id, the youngest `limit` of the stories updated at or after `since`, the youngest first: how grave what was told
        last of each is, "" of one that was told to nobody."""
        ...

    def stories(self, ids: Collection[str]) -> list[Story]:
        """Those of these stories that there are, with all members."""
        ...

    def told(self, names: Collection[str]) -> list[Alert]:
        """Of each channel and each story by these names — its id, and those of what was merged into it — the card, and the
        alert that was made last, oldest first."""
        ...

    def alert(self, alert_id: str) -> Alert | None: ...
    def alerts(
        self, *, article_id: str | None = None, story_ids: Collection[str] | None = None, limit: int = 100
    ) -> list[Alert]:
        """Newest first."""
        ...

    def backlog(self, now: datetime | None = None) -> Mapping[str, int]:
        """unread and unfollowed articles, and alerts by those states in which they wait for something ("alerts_queued" …); of
        the queued ones, "alerts_held" are wanted later than `now`, or without it, at a time of their own."""
        ...

    def counts(self, now: datetime | None = None) -> Mapping[str, int]:
        """The backlog, all articles and stories, and alerts by every state. It counts what is stored: not for what runs
        every few seconds."""
        ...

    def activity(self, since: datetime, until: datetime | None = None) -> Mapping[str, int]:
        """What happened since then, and before `until`: items that came, those of them that are wanted, and the stories they
        are in; alerts that were sent (cards and replies), and that were made then and given up ("dead")."""
        ...

    def deliveries(self, since: datetime) -> Mapping[tuple[str, str], int]:
        """How many alerts are in which channel and state: all that are not out yet, and the "dead" that were made since then."""
        ...

    def sent(self, channels: Collection[str], since: datetime) -> Mapping[str, int]:
        """How many messages were sent to each of these channels since then, without edits."""
        ...

    def dead(self, since: datetime, limit: int) -> list[Alert]:
        """Those that were made since then and given up, newest first."""
        ...

    def waiting(self, now: datetime) -> list[Alert]:
        """Of each channel the parked alert, else the oldest that is wanted by now and not out, the oldest first."""

    def answered(self, since: datetime) -> int:
        """How many feeds were read at or after then."""
        ...

    def latest(self) -> Mapping[str, datetime]:
        """When a feed was "asked" last, and when the last "article" came; without what never happened."""
        ...

    def waiting_since(self, now: datetime) -> Mapping[str, datetime]:
        """Since when the oldest of each has waited that does: "unread" and "unfollowed" articles, "alerts" that are wanted by
        `now` and not out."""
        ...

    # keeping house
    def probe(self) -> None:
        """Writes what is there already. Raises StoreError when nothing can be written."""
        ...

    def prune(self, before: datetime) -> int:
        """Deletes, with their analyses, a lot of the followed articles first seen before `before`, but for those of a story
        that was updated since or still has an alert to deliver; returns how many, 0 when none is left. Deadlines go when
        their day is before it. Actions stay for ever, and alerts but for edits, slim: their ids are what keeps an article
        that a feed shows again from being told again."""
        ...

    def forget_requests(self, before: datetime) -> int:
        """Shortens the log of requests; returns by how many."""
        ...

    def fold(self) -> int:
        """Takes what was written since the last time into the database file; returns the bytes that somebody who has been
        reading for long keeps out of it."""
        ...

    def close(self) -> None: ...


class Hold(Protocol):
    """That one desk has a store for itself, as long as it lasts."""

    @property
    def lost(self) -> tuple[str, ...]:
        """Who has it instead, in words; nothing while it lasts."""

    def sign_of_life(self) -> None:
        """To be given again and again: others look when the last one was."""


class Sink(Protocol):
    name: str
    threads: bool  # whether it can answer and edit what it posted; if not, a reply is a message of its own
    pictures: bool  # whether it can show any

    def send(
        self, message: Message, channel: str, *, simple: int = 0, thread: str = "", broadcast: bool = False
    ) -> str:
        """Posts once and returns a receipt, or raises a DeliveryError that says what is known of the outcome. `thread` is the
        receipt of the message to answer, in short; `broadcast` shows the answer in the channel too. Raises RootGone."""
        ...

    def edit(self, receipt: str, message: Message, channel: str, *, simple: int = 0) -> None:
        """Puts the message in the place of the one posted earlier; doing it twice is doing it once. Raises DeliveryError,
        RootGone where there is nothing to edit."""
        ...

    def find(self, message_id: str, channel: str, since: datetime, *, thread: str = "") -> str | None:
        """The receipt of a message posted earlier, "" when it is surely not there, None when the sink cannot tell."""
        ...

    def show(self, png: bytes, title: str, alternative: str, channel: str, thread: str) -> None:
        """Puts a picture into the thread, with words for who does not see it. Raises DeliveryError."""
        ...

    def check(self, channels: Iterable[str], *, pictures: bool = False) -> list[str]:
        """What is wrong, in words; empty when messages can be sent, and with `pictures` these too."""
        ...


class Engine(Protocol):
    def run(self) -> int:
        """Runs until done or stopped; returns the exit code."""
        ...
