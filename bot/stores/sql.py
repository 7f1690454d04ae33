"""The store in an SQL database, through SQLAlchemy Core. What is particular to one is in `sqlite.py` and `postgres.py`."""

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    Subquery,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    make_url,
    select,
    true,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.exc import ArgumentError, DBAPIError

from bot import alerts as outbox
from bot.actions import ANSWERS, Action, Answer
from bot.alerts import Alert
from bot.analysis import Analysis
from bot.articles import EARLIEST, OLD_NEWS, Article
from bot.calls import ANALYZE, DELIVER, FOLLOW, Call
from bot.deadlines import Deadline
from bot.errors import LeaseLost, StoreError
from bot.facts import Fact
from bot.feeds import OF_ONE_SITE, FeedState, Request, due_at
from bot.measures import Measure, State
from bot.members import Member, corrects, renamed
from bot.messages import Message, slim
from bot.store_url import on_server, shown
from bot.stores import postgres, rows, sqlite, tables
from bot.stores.columns import MICROSECOND, Packed
from bot.stores.database import Database
from bot.stores.migrations import migrate, schema, unknown_versions, versions
from bot.stores.tables import BULKY, FOLLOWED, UNFOLLOWED, UNREAD
from bot.stories import Merge, Story
from bot.versions import Version

if TYPE_CHECKING:
    from bot.stores.calls import Calls

STATES = (
    outbox.QUEUED,
    outbox.SENDING,
    outbox.SENT,
    outbox.UNKNOWN,
    outbox.PARKED,
    outbox.DEAD,
    outbox.SUPERSEDED,
    outbox.FOLDED,
    outbox.TOLD,
)
OPEN = (outbox.QUEUED, outbox.UNKNOWN)
UNDELIVERED = (outbox.QUEUED, outbox.SENDING, outbox.UNKNOWN, outbox.PARKED)
PENDING = (*UNDELIVERED, outbox.FOLDED)
UNDONE = (*PENDING, outbox.SUPERSEDED)
STORIES = "stories"  # the fence before all that follow goes by
Open = dict[str, tuple[int, Story]]  # open stories as they were read, each with its revision, by id
LOT = 1000  # what one transaction forgets: others write in between, and the WAL file stays small


def open_store(url: str, *, check: bool = False, calling: bool = False) -> "SqlStore":
    """The store at `url`, "sqlite:///path/to/file.db" or "postgresql://user@host/database": made when missing, brought to the
    newest schema when older; with `check`, every page of a file is read first; `calling`: what is saved on a server
    calls workers.

    Raises StoreError when it is newer than the program, not ours, damaged, not writable, or not to be reached.
    """
    store = _store(url, calling)
    try:
        if check and there(url):
            store.refuse_damage()
        store.prepare()
    except BaseException:
        store.close()
        raise
    return store


def there(url: str) -> bool:
    """Whether there is a store at `url`; none is made."""
    if not on_server(url):
        return file_of(url).exists()
    engine = postgres.engine(url)
    try:
        with postgres.in_words(engine):
            return postgres.there(engine)
    finally:
        engine.dispose()


def current(url: str) -> bool:
    """Whether there is a store at `url` with the schema of this program: opening it changes nothing."""
    if not there(url):
        return False
    store = _store(url, calling=False)
    try:
        with store._reading() as connection:
            return schema(connection) == versions()[-1:]
    finally:
        store.close()


def _store(url: str, calling: bool) -> "SqlStore":
    if on_server(url):
        return SqlStore(postgres.engine(url), shown(url), postgres, _calls() if calling else None)
    path = file_of(url)
    return SqlStore(sqlite.engine(path), str(path))


def _calls() -> "Calls":
    from bot.stores.calls import Calls

    return Calls()


class SqlStore:
    """A `Store`; its Protocol says what each method promises. Any number of threads may use it at once.

    What the database refuses is raised as StoreError.
    """

    def __init__(self, engine: Engine, name: str, database: Database = sqlite, calls: "Calls | None" = None) -> None:
        self._engine, self._database, self._calls = engine, database, calls
        self._reads = engine.execution_options(**database.READING)
        self._writes = engine.execution_options(**database.WRITING)
        self._shares = engine.execution_options(**database.SHARING)
        self._claims = engine.execution_options(**database.CLAIMING)
        self._name = name  # what people call the database, for errors
        self._open: Open = {}
        self._writer = Lock()  # threads take turns here, which is fairer than trying for the database's own lock

    def prepare(self) -> None:
        """Checks the database, or makes it, and migrates it; `open_store` has called this."""
        with self._in_words():
            self._database.prepare(self._engine)
        with self._writing() as connection:
            refuse_newer(connection, self._name)
            migrate(connection)
            self._database.claim(connection)
            if self._calls and self._calls.prepare(connection):  # what was claimed by calls that are no more
                connection.execute(update(tables.articles).where(_held()).values(lease="", leased_until=None))

    def refuse_damage(self, *, thorough: bool = False) -> None:
        """Reads a whole file, and with `thorough` compares each index with its table; raises StoreError for damage."""
        with self._in_words():
            words = self._database.damage(self._engine, thorough=thorough)
        if words:
            raise StoreError(f"{self._name}: {words} — {sqlite.HINTS['malformed']}")

    def sizes(self) -> dict[str, int]:
        """Bytes of the database, by part."""
        with self._in_words():
            return self._database.sizes(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    # collect

    def feed_states(self) -> dict[str, FeedState]:
        with self._reading() as connection:
            found = connection.execute(select(tables.feeds)).mappings()
            return {row["url"]: rows.record(FeedState, row) for row in found}

    def save_states(self, states: Sequence[FeedState]) -> None:
        if states:
            with self._sharing() as connection:
                rows.put(connection, tables.feeds.c.url, [rows.feed_row(state) for state in states])

    def save_feed(
        self, state: FeedState, articles: Sequence[Article], request: Request | None = None, *, lease: str = ""
    ) -> list[Article]:
        with self._sharing() as connection:
            if lease:
                _refuse_lost(connection, state.url, lease)
            rows.put(connection, tables.feeds.c.url, [rows.feed_row(state)])
            if request is not None:
                connection.execute(insert(tables.requests), [rows.row(request)])
            if not articles:
                return []
            known = _known(connection, [article.id for article in articles])
            new: dict[str, Article] = {}
            for article in articles:
                if article.id not in known:
                    new.setdefault(article.id, article)
            new |= {article.id: replace(article, quiet=True) for article in _old_news(connection, new)}
            # Those that nobody has seen yet come first: who adds them waits for others with nothing else in its hands.
            rows_of_new = [rows.row(new[id]) | {"stage": UNREAD} for id in sorted(new)]
            added = rows.add(connection, tables.articles.c.id, rows_of_new)
            unread = _retell(connection, [article for article in articles if article.id in known], known)
            if added or unread:
                self._call(connection, Call(ANALYZE))
            return [article for id, article in new.items() if id in added]

    def requests(self, since: datetime) -> list[Request]:
        query = select(tables.requests).where(tables.requests.c.at >= since)
        with self._reading() as connection:
            found = connection.execute(query.order_by(tables.requests.c.seq)).mappings()
            return [rows.record(Request, row) for row in found]

    def enrol(self, turns: Mapping[str, str]) -> None:
        feed = tables.feeds.c
        with self._writing() as connection:
            known = {row.url: row.turn for row in connection.execute(select(feed.url, feed.turn))}
            new = [rows.feed_row(FeedState(url)) | {"turn": turn} for url, turn in turns.items() if url not in known]
            other = [{"known": url, "turn": turns.get(url, "")} for url in known if turns.get(url, "") != known[url]]
            if new:
                connection.execute(insert(tables.feeds), new)
            if other:
                connection.execute(update(tables.feeds).where(feed.url == bindparam("known")), other)

    def claim(self, now: datetime, lease: str, limit: int, hold: timedelta) -> list[FeedState]:
        feed = tables.feeds.c
        with self._claiming() as connection:
            found = connection.execute(claimable(now, limit)).all()
            turns = self._database.turns(connection, {row.turn for row in found})
            # Looked at again, now that nobody else takes feeds by these turns: one may have, a moment ago.
            ours = select(tables.feeds).where(
                feed.url.in_([row.url for row in found]), feed.turn.in_(turns), _free(now)
            )
            few = _few(connection.execute(ours.order_by(feed.due, feed.url)).mappings())
            states = [rows.record(FeedState, row) for row in few]
            taken = [_leased(state, now, lease, hold) for state in states]
            if taken:
                connection.execute(update(tables.feeds).where(feed.url == bindparam("known")), taken)
            return states

    def give_back(self, lease: str, until: datetime) -> None:
        held = update(tables.feeds).where(tables.feeds.c.lease == lease)
        with self._writing() as connection:
            connection.execute(held.values(lease="", leased_until=until))

    # analyze

    def unread(self, limit: int) -> list[Article]:
        article = tables.articles.c
        query = select(tables.articles).where(_at(UNREAD))
        query = query.order_by(article.first_seen, article.published, article.id).limit(limit)
        with self._reading() as connection:
            return [rows.record(Article, row) for row in connection.execute(query).mappings()]

    def claim_unread(
        self, now: datetime, lease: str, limit: int, hold: timedelta, *, again: bool = False
    ) -> list[Article]:
        article = tables.articles.c
        # In a turn of its own, so that all who rely on the call which is answered here have committed.
        with self._writing() as connection:
            found = connection.execute(readable(now, limit, lease if again else "")).mappings()
            batch = [rows.record(Article, row) for row in found]
            ours = update(tables.articles).where(article.id.in_([one.id for one in batch]))
            connection.execute(ours.values(lease=lease, leased_until=now + hold))
            if self._calls and connection.execute(readable(now, 1)).first():
                self._call(connection, Call(ANALYZE))  # others begin meanwhile
            return batch

    def save_analyses(self, done: Sequence[tuple[Article, Analysis]], *, lease: str = "") -> list[str]:
        article = tables.articles.c
        with self._sharing() if lease else self._writing() as connection:
            ids = {one.id for one, _ in done}
            ours = _of_lease(connection, ids, lease) if lease else ids
            kept = [(one, analysis) for one, analysis in done if one.id in ours]
            rows.put(connection, article.id, [rows.row(one) for one, _ in kept])
            _put_analyses(connection, kept)
            read = article.id.in_(ours) & (article.stage == UNREAD)
            done_with = {"stage": UNFOLLOWED, "lease": "", "leased_until": None}
            if connection.execute(update(tables.articles).where(read).values(**done_with)).rowcount:
                self._call(connection, Call(FOLLOW))
            return sorted(ids - ours)

    # follow

    def standing(self) -> int:
        with self._writing() as connection:  # a turn of its own, as in `claim_unread`
            return _number(connection)

    def unfollowed(self, limit: int) -> list[tuple[Article, Analysis]]:
        article = tables.articles.c
        query = select(tables.articles, tables.analyses).join(tables.analyses).where(_at(UNFOLLOWED))
        query = query.order_by(article.published, article.first_seen, article.id).limit(limit)
        with self._reading() as connection:
            found = connection.execute(query).mappings()
            return [(rows.record(Article, row), rows.analysis(row)) for row in found]

    def open_stories(self, since: datetime) -> list[Story]:
        """Read are those that have changed since the last time; the others are the very same objects as then."""
        with self._reading() as connection:
            self._open = _unchanged_or_read(connection, since, self._open)
        return [story for _, story in self._open.values()]

    def measures(self) -> list[Measure]:
        with self._reading() as connection:
            return _measures(connection)

    def ledger_mark(self) -> str:
        """States are only ever added, and what a measure learns makes its row longer."""
        measure = tables.measures.c
        learned = [
            func.coalesce(func.sum(func.length(cast(c, Text))), 0)
            for c in (measure.target, measure.goods, measure.ground)
        ]
        with self._reading() as connection:
            counted = connection.scalar(select(func.count()).select_from(tables.states))
            told = connection.execute(select(func.count(measure.id), *learned)).one()
        return " ".join(map(str, (counted, *told)))

    def cards(self, story_id: str) -> dict[str, Message]:
        alert = tables.alerts.c
        with self._reading() as connection:
            own = _of_story(connection, story_id)
            newest = select(func.max(alert.seq)).where(own, alert.role != outbox.ALONE).group_by(alert.channel)
            query = select(alert.channel, alert.message).where(alert.seq.in_(newest))
            return {row.channel: row.message for row in connection.execute(query)}

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
        article = tables.articles.c
        done = article.id.in_(followed) & (article.stage == UNFOLLOWED)
        with self._writing() as connection:
            if standing is not None and standing != _number(connection):
                raise LeaseLost("stories were changed by another meanwhile — they are followed again")
            if followed or stories:
                _count_change(connection)
            _put_analyses(connection, settled)
            connection.execute(update(tables.articles).where(done).values(stage=FOLLOWED))
            _touch(connection, [member.article_id for story in stories for member in story.members])
            revision = {"revision": _revision()}
            rows.put(connection, tables.stories.c.id, [rows.story_row(story) | revision for story in stories])
            for story in stories:
                _put_members(connection, story)
            _put_merges(connection, stories)
            _put_measures(connection, measures)
            fresh = _queue(connection, alerts)
            self._call(connection, *_deliveries(fresh))
            if self._calls and followed and connection.execute(_any_unfollowed()).first():
                self._call(connection, Call(FOLLOW))
            return fresh

    # remind

    def deadlines(self, since: date) -> list[Deadline]:
        deadline = tables.deadlines.c
        query = select(deadline.deadline).where(deadline.day >= since)
        with self._reading() as connection:
            return list(connection.scalars(query.order_by(deadline.day, deadline.article_id, deadline.position)))

    def queued(self, ids: Collection[str]) -> set[str]:
        with self._reading() as connection:
            return set(connection.scalars(select(tables.alerts.c.id).where(tables.alerts.c.id.in_(ids))))

    # watchlists

    def versions(self, name: str = "") -> list[Version]:
        version = tables.versions.c
        query = select(tables.versions).order_by(version.name, version.number)
        if name:
            query = query.where(version.name == name)
        with self._reading() as connection:
            return [rows.record(Version, row) for row in connection.execute(query).mappings()]

    def last_versions(self, names: Collection[str]) -> dict[str, Version]:
        version, other = tables.versions.c, tables.versions.alias().c
        last = select(func.max(other.number)).where(other.name == version.name).scalar_subquery()
        query = select(tables.versions).where(version.name.in_(names), version.number == last)
        with self._reading() as connection:
            found = connection.execute(query).mappings()
            return {row["name"]: rows.record(Version, row) for row in found}

    def save_versions(self, versions: Sequence[Version]) -> None:
        version = tables.versions.c
        with self._writing() as connection:
            for one in versions:
                there = select(version.name).where(version.name == one.name, version.number == one.number)
                if connection.execute(there).first() is None:
                    connection.execute(insert(tables.versions), [rows.row(one)])

    # digest

    def alerts_since(self, channel: str, since: datetime) -> list[Alert]:
        alert = tables.alerts.c
        sent = (alert.state == outbox.SENT) & (alert.sent_at >= since)
        # Each by an index of its own: SQLite would sooner read all alerts in their order than put three findings into it.
        which = alert.created >= since, sent, alert.state == outbox.FOLDED
        found_by = union_all(*(select(alert.seq).where(alert.channel == channel, one) for one in which))
        query = select(tables.alerts).where(alert.seq.in_(found_by))
        with self._reading() as connection:
            found = connection.execute(query.order_by(alert.created, alert.seq)).mappings()
            return [rows.record(Alert, row) for row in found]

    def last_of(self, story_id: str, channel: str) -> Alert | None:
        alert = tables.alerts.c
        query = select(tables.alerts).where(alert.channel == channel, alert.story_id == story_id)
        with self._reading() as connection:
            row = connection.execute(query.order_by(alert.created.desc(), alert.seq.desc()).limit(1)).mappings().first()
            return rows.record(Alert, row) if row else None

    def save_digest(self, digest: Alert, told: Collection[str]) -> bool:
        alert = tables.alerts.c
        folded = update(tables.alerts).where(alert.id.in_(told), alert.state == outbox.FOLDED)
        with self._writing() as connection:
            fresh = _queue(connection, [digest])
            if fresh:
                connection.execute(folded.values(state=outbox.TOLD))
            self._call(connection, *_deliveries(fresh))
            return bool(fresh)

    def unfold(self, channels: Collection[str]) -> int:
        alert = tables.alerts.c
        stranded = update(tables.alerts).where(alert.state == outbox.FOLDED, alert.channel.not_in(channels))
        with self._writing() as connection:
            queued = connection.scalars(stranded.values(state=outbox.QUEUED).returning(alert.channel)).all()
            self._call(connection, *(Call(DELIVER, channel) for channel in queued))
            return len(queued)

    # deliver

    def recover(self, channel: str = "") -> int:
        alert = tables.alerts.c
        sending = update(tables.alerts).where(alert.state == outbox.SENDING, _of_channel(channel))
        with self._writing() as connection:
            return connection.execute(sending.values(state=outbox.UNKNOWN)).rowcount

    def due_alerts(self, now: datetime, limit: int, channel: str = "") -> list[Alert]:
        head = _heads(now, channel)
        due = select(head).where(head.c.not_before.is_(None) | (head.c.not_before <= now))
        with self._reading() as connection:
            found = connection.execute(due.order_by(head.c.created, head.c.seq).limit(limit)).mappings()
            return [rows.record(Alert, row) for row in found]

    def next_delivery(self, now: datetime, channel: str = "") -> datetime | None:
        head, alert = _heads(now, channel), tables.alerts.c
        soonest = select(func.min(func.coalesce(head.c.not_before, head.c.created)))
        held = select(func.min(alert.due)).where(_in_line(), alert.due > now, _of_channel(channel))
        with self._reading() as connection:
            return min((at for at in (connection.scalar(soonest), connection.scalar(held)) if at), default=None)

    def root(self, story_id: str, channel: str) -> Alert | None:
        alert = tables.alerts.c
        sent = alert.state == outbox.SENT
        query = select(tables.alerts).where(alert.channel == channel, alert.role == outbox.ROOT)
        query = query.order_by(sent.desc(), case((sent, alert.seq), else_=-alert.seq))
        with self._reading() as connection:
            row = connection.execute(query.where(_of_story(connection, story_id))).mappings().first()
            return rows.record(Alert, row) if row else None

    def save_alert(self, alert: Alert, was: Alert | None = None) -> None:
        with self._sharing() as connection:
            if was is not None:
                _refuse_touched(connection, was)
            rows.put(connection, tables.alerts.c.id, [rows.row(alert)])

    def unpark(self) -> int:
        alert = tables.alerts.c
        parked = update(tables.alerts).where(alert.state == outbox.PARKED)
        queued = parked.values(state=outbox.QUEUED, not_before=None).returning(alert.channel)
        with self._writing() as connection:
            channels = connection.scalars(queued).all()
            self._call(connection, *(Call(DELIVER, channel) for channel in channels))
            return len(channels)

    # what people do

    def save_action(self, action: Action) -> bool:
        with self._writing() as connection:
            if connection.scalar(select(tables.actions.c.id).where(tables.actions.c.id == action.id)):
                return False
            about = _answered(connection, action) if action.kind in ANSWERS else None
            connection.execute(insert(tables.actions), [rows.action_row(action, about)])
            return True

    def actions(
        self, *, since: datetime | None = None, story_id: str | None = None, channel: str | None = None
    ) -> list[Action]:
        action = tables.actions.c
        columns = [action[field.name] for field in fields(Action)]  # not the articles, which are large
        asked = (
            action.at >= since if since else None,
            action.story_id == story_id if story_id is not None else None,
            action.channel == channel if channel is not None else None,
        )
        query = select(*columns).where(*(part for part in asked if part is not None))
        with self._reading() as connection:
            found = connection.execute(query.order_by(action.at, action.seq)).mappings()
            return [rows.record(Action, row) for row in found]

    def answers(self, since: datetime | None = None) -> list[Answer]:
        action = tables.actions.c
        query = select(tables.actions).where(action.kind.in_(ANSWERS))
        query = query.where(action.at >= since) if since else query
        with self._reading() as connection:
            found = connection.execute(query.order_by(action.at, action.seq)).mappings()
            return [answer for row in found if (answer := rows.answer(row))]

    def opinions(self, since: datetime, limit: int) -> list[tuple[Action, tuple[str, ...]]]:
        action = tables.actions.c
        columns = [*(action[field.name] for field in fields(Action)), action.watchlists]  # not the articles
        query = select(*columns).where(action.kind.in_(ANSWERS), action.at >= since)
        query = query.order_by(action.at.desc(), action.seq.desc()).limit(limit)
        with self._reading() as connection:
            return [(Action(*told), names) for *told, names in reversed(connection.execute(query).all())]

    # reading by people

    def recent(self, limit: int) -> list[tuple[Article, Analysis]]:
        article = tables.articles.c
        query = select(tables.articles, tables.analyses).join(tables.analyses)
        query = query.where(article.published >= EARLIEST)  # all are; but it has SQLite go by the index of it
        query = query.order_by(article.published.desc(), article.id).limit(limit)
        with self._reading() as connection:
            found = connection.execute(query).mappings()
            return [(rows.record(Article, row), rows.analysis(row)) for row in found]

    def newest_since(self, since: datetime, limit: int) -> list[str]:
        article = tables.articles.c
        query = select(article.id).where(article.stage == FOLLOWED, article.published >= since)
        order = (article.published.desc(), article.first_seen.desc())
        with self._reading() as connection:
            return list(connection.scalars(query.order_by(*order).limit(limit)))

    def hits_by_day(self, since: date) -> dict[str, dict[date, int]]:
        hit = tables.hits.c
        query = select(hit.day, hit.watchlist, func.count()).where(hit.day >= since).group_by(hit.day, hit.watchlist)
        found: dict[str, dict[date, int]] = {}
        with self._reading() as connection:
            for day, watchlist, count in connection.execute(query):
                found.setdefault(watchlist, {})[day] = count
        return found

    def last_hits(self, watchlist: str, limit: int) -> list[tuple[Article, str]]:
        hit, article, member = tables.hits.c, tables.articles.c, tables.members.c
        joined = tables.hits.join(tables.articles).outerjoin(tables.members, member.article_id == article.id)
        query = select(tables.articles, member.story_id).select_from(joined).where(hit.watchlist == watchlist)
        query = query.order_by(hit.day.desc(), article.published.desc(), article.id).limit(limit)
        with self._reading() as connection:
            found = connection.execute(query).mappings()
            return [(rows.record(Article, row), row["story_id"] or "") for row in found]

    def analysed_since(self, since: datetime) -> list[str]:
        article = tables.articles.c
        query = select(article.id).join(tables.analyses).where(article.published >= since)
        with self._reading() as connection:
            return list(connection.scalars(query.order_by(article.published, article.id)))

    def analysed(self, ids: Sequence[str]) -> list[tuple[Article, Analysis]]:
        query = select(tables.articles, tables.analyses).join(tables.analyses).where(tables.articles.c.id.in_(ids))
        with self._reading() as connection:
            found = {row["id"]: row for row in connection.execute(query).mappings()}
        return [(rows.record(Article, found[id]), rows.analysis(found[id])) for id in ids if id in found]

    def article(self, id_or_url: str) -> Article | None:
        article = tables.articles.c
        query = select(tables.articles).where((article.id == id_or_url) | (article.url == id_or_url))
        with self._reading() as connection:
            row = connection.execute(query.order_by(article.id != id_or_url, article.first_seen)).mappings().first()
            return rows.record(Article, row) if row else None

    def analysis(self, article_id: str) -> Analysis | None:
        query = select(tables.analyses).where(tables.analyses.c.article_id == article_id)
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
            return rows.analysis(row) if row else None

    def facts(self, article_ids: Collection[str]) -> Mapping[str, tuple[Fact, ...]]:
        article, whole = tables.analyses.c.article_id, type_coerce(tables.analyses.c.analysis, JSON)
        query = select(article, type_coerce(whole["facts"], Packed(tuple[Fact, ...])))  # analyses whole are large
        with self._reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query.where(article.in_(article_ids)))}

    def story_of(self, article_id: str) -> Story | None:
        member = tables.members.c
        with self._reading() as connection:
            its = connection.scalars(select(member.story_id).where(member.article_id == article_id))
            return next(iter(_stories(connection, its.all())), None)

    def story(self, story_id: str) -> Story | None:
        merge = tables.merges.c
        with self._reading() as connection:
            into = connection.scalars(select(merge.into).where(merge.story_id == story_id))
            return next(iter(_stories(connection, [story_id, *into])), None)

    def severities(self, since: datetime, limit: int) -> dict[str, str]:
        story, alert = tables.stories.c, tables.alerts.c
        young = select(story.id).where(story.updated >= since).order_by(story.updated.desc(), story.id).limit(limit)
        grave = type_coerce(alert.message, JSON)["severity"].as_string()
        with self._reading() as connection:
            ids = list(connection.scalars(young))
            last = _last_told(connection, ids)
            query = select(alert.seq, grave).where(alert.seq.in_(last.values()))
            by_seq = {row[0]: row[1] for row in connection.execute(query)}
        return {name: by_seq.get(last.get(name), "") for name in ids}

    def stories(self, ids: Collection[str]) -> list[Story]:
        with self._reading() as connection:
            return _stories(connection, ids)

    def told(self, names: Collection[str]) -> list[Alert]:
        alert = tables.alerts.c
        ours = alert.story_id.in_(names) & (alert.role != outbox.ALONE)
        last = select(func.max(alert.seq)).where(ours).group_by(alert.story_id, alert.channel)
        query = select(tables.alerts).where(ours, (alert.role == outbox.ROOT) | alert.seq.in_(last))
        with self._reading() as connection:
            found = connection.execute(query.order_by(alert.created, alert.seq)).mappings()
            return [rows.record(Alert, row) for row in found]

    def alert(self, alert_id: str) -> Alert | None:
        with self._reading() as connection:
            found = connection.execute(select(tables.alerts).where(tables.alerts.c.id == alert_id))
            row = found.mappings().first()
            return rows.record(Alert, row) if row else None

    def alerts(
        self, *, article_id: str | None = None, story_ids: Collection[str] | None = None, limit: int = 100
    ) -> list[Alert]:
        alert = tables.alerts.c
        query = select(tables.alerts).order_by(alert.created.desc(), alert.seq.desc()).limit(limit)
        if article_id is not None:
            query = query.where(alert.article_id == article_id)
        if story_ids is not None:
            query = query.where(alert.story_id.in_(story_ids))
        with self._reading() as connection:
            return [rows.record(Alert, row) for row in connection.execute(query).mappings()]

    def backlog(self, now: datetime | None = None) -> Mapping[str, int]:
        with self._reading() as connection:
            return _backlog(connection, now)

    def counts(self, now: datetime | None = None) -> Mapping[str, int]:
        with self._reading() as connection:
            return {
                "articles": _count(connection, tables.articles),
                "stories": _count(connection, tables.stories),
                **_tally(connection, STATES),
                **_backlog(connection, now),
            }

    def activity(self, since: datetime, until: datetime | None = None) -> Mapping[str, int]:
        member, alert = tables.members.c, tables.alerts.c
        came = _between(tables.articles.c.first_seen, since, until)
        items = select(func.count()).select_from(tables.articles).where(came)
        wanted = select(func.count(), func.count(member.story_id.distinct()))
        wanted = wanted.select_from(tables.members.join(tables.articles)).where(came)
        news = alert.role.in_((outbox.ROOT, outbox.REPLY))
        sent = select(func.count()).where(news, alert.state == outbox.SENT, _between(alert.sent_at, since, until))
        dead = select(func.count()).where(alert.state == outbox.DEAD, _between(alert.created, since, until))
        with self._reading() as connection:
            members, stories = connection.execute(wanted).one()
            singles = {"items": items, "sent": sent, "dead": dead}
            told = {name: connection.execute(query).scalar_one() for name, query in singles.items()}
        return {**told, "wanted": members, "stories": stories}

    def deliveries(self, since: datetime) -> Mapping[tuple[str, str], int]:
        alert = tables.alerts.c
        lost = (alert.state == outbox.DEAD) & (alert.created >= since)
        query = select(alert.channel, alert.state, func.count()).where(alert.state.in_(PENDING) | lost)
        with self._reading() as connection:
            found = connection.execute(query.group_by(alert.channel, alert.state))
            return {(row[0], row[1]): row[2] for row in found}

    def sent(self, channels: Collection[str], since: datetime) -> Mapping[str, int]:
        alert = tables.alerts.c
        news = alert.role.in_((outbox.ROOT, outbox.REPLY, outbox.ALONE)) & (alert.state == outbox.SENT)
        query = select(alert.channel, func.count()).where(alert.channel.in_(channels), alert.sent_at >= since, news)
        with self._reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query.group_by(alert.channel))}

    def dead(self, since: datetime, limit: int) -> list[Alert]:
        alert = tables.alerts.c
        query = select(tables.alerts).where(alert.state == outbox.DEAD, alert.created >= since)
        with self._reading() as connection:
            found = connection.execute(query.order_by(alert.created.desc(), alert.seq.desc()).limit(limit)).mappings()
            return [rows.record(Alert, row) for row in found]

    def waiting(self, now: datetime) -> list[Alert]:
        alert = tables.alerts.c
        parked = alert.state == outbox.PARKED
        wanted = alert.due.is_(None) | (alert.due <= now)
        order = (parked.desc(), alert.created, alert.seq)
        turn = func.row_number().over(partition_by=alert.channel, order_by=order).label("turn")
        line = select(tables.alerts, turn).where(alert.state.in_(UNDELIVERED), parked | wanted).subquery()
        query = select(line).where(line.c.turn == 1).order_by(line.c.created, line.c.seq)
        with self._reading() as connection:
            return [rows.record(Alert, row) for row in connection.execute(query).mappings()]

    def answered(self, since: datetime) -> int:
        query = select(func.count()).where(tables.feeds.c.ok_at >= since)
        with self._reading() as connection:
            return connection.execute(query).scalar_one()

    def latest(self) -> Mapping[str, datetime]:
        last = {"asked": func.max(tables.feeds.c.polled_at), "article": func.max(tables.articles.c.first_seen)}
        with self._reading() as connection:
            found = {name: connection.scalar(select(newest)) for name, newest in last.items()}
        return {name: at for name, at in found.items() if at}

    def waiting_since(self, now: datetime) -> Mapping[str, datetime]:
        article, alert = tables.articles.c, tables.alerts.c
        wanted = alert.due.is_(None) | (alert.due <= now)
        # Of a bare column SQLite would look for the least among all articles, from the first on.
        seen = func.min(func.coalesce(article.first_seen, article.first_seen))
        oldest = {
            UNREAD: select(seen).where(_at(UNREAD)),
            UNFOLLOWED: select(seen).where(_at(UNFOLLOWED)),
            "alerts": select(func.min(alert.created)).where(alert.state.in_(UNDELIVERED), wanted),
        }
        with self._reading() as connection:
            found = {name: connection.scalar(query) for name, query in oldest.items()}
        return {name: at for name, at in found.items() if at}

    # keeping house

    def probe(self) -> None:
        with (
            self._in_words(),
            self._writes.begin() as connection,
        ):  # in nobody's turn: who hangs before us is not the database
            self._database.claim(connection)

    def prune(self, before: datetime) -> int:
        article, story, member, alert = tables.articles.c, tables.stories.c, tables.members.c, tables.alerts.c
        pending = alert.state.in_(PENDING)
        quiet = (story.updated < before) & story.id.not_in(select(alert.story_id).where(pending))
        lives = select(member.article_id).join(tables.stories).where(member.article_id == article.id, ~quiet)
        old = select(article.id).where(
            article.stage == FOLLOWED,
            article.first_seen < before,
            ~_current(),
            ~lives.exists(),
            article.id.not_in(select(alert.article_id).where(pending)),
        )
        with self._writing() as connection:
            lot = connection.scalars(old.limit(LOT)).all()
            _touch(connection, lot)
            gone = delete(tables.articles).where(article.id.in_(lot))
            pruned = connection.execute(gone).rowcount  # analyses and members go with them, by foreign key
            connection.execute(delete(tables.deadlines).where(tables.deadlines.c.day < before.date()))
            edits = and_(BULKY, alert.created < before, alert.role == outbox.EDIT, ~pending)
            connection.execute(delete(tables.alerts).where(edits))
            told = select(member.story_id).where(member.story_id == story.id)
            connection.execute(delete(tables.stories).where(quiet, ~told.exists()))
            _slim(connection, before)
            if pruned:
                _count_change(connection)
            return pruned

    def forget_requests(self, before: datetime) -> int:
        with self._writing() as connection:
            return connection.execute(delete(tables.requests).where(tables.requests.c.at < before)).rowcount

    def fold(self) -> int:
        with self._writer, self._in_words():
            return self._database.fold(self._engine)

    # calls of workers

    def sweep(self, now: datetime) -> list[tuple[str, int]]:
        """Calls anew for what waits and was not called for, and puts back what dead workers were called for; returns the names
        of these calls, and after how many attempts. One of several who sweep at a time does it, for all."""
        if not self._calls:
            return []
        with self._claiming() as connection:
            if not self._calls.to_be_swept(connection):
                return []
            dead = self._calls.take_back(connection)
            self._calls.put(connection, list(_wanting(connection, now)), unless_answered=True)
            return dead

    def _call(self, connection: Connection, *calls: Call) -> None:
        """In the transaction that makes the work, after all else."""
        if self._calls:
            self._calls.put(connection, calls)

    # transactions

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """One snapshot of the database, however many queries."""
        with self._in_words(), self._reads.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._writer, self._in_words(), self._writes.begin() as connection:
            yield connection

    @contextmanager
    def _sharing(self) -> Iterator[Connection]:
        if self._database.SHARING == self._database.WRITING:
            with self._writing() as connection:
                yield connection
            return
        with self._writer:
            pass  # threads of ours that want a turn of their own come first: they wait here as long as it takes
        with self._in_words(), self._shares.begin() as connection:
            yield connection

    @contextmanager
    def _claiming(self) -> Iterator[Connection]:
        with self._writer, self._in_words(), self._claims.begin() as connection:
            yield connection

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """The database's own words and what to do, without the statement and the article that it carried."""
        try:
            yield
        except DBAPIError as error:
            raise StoreError(f"{self._name}: {self._database.words(error)}") from error


def claimable(now: datetime, limit: int) -> Select[Any]:
    """Feeds that are due, longest first, and their turns; where the database can, without those that another claims now."""
    feed = tables.feeds.c
    due = (feed.turn != "") & (feed.due <= now) & _free(now)
    query = select(feed.url, feed.turn).where(due).order_by(feed.due).limit(limit)
    return query.with_for_update(of=tables.feeds, skip_locked=True)


def readable(now: datetime, limit: int, lease: str = "") -> Select[Any]:
    """Unread articles that nobody has, or those of the lease; oldest first."""
    article = tables.articles.c
    free = (article.lease == "") | (article.leased_until <= now)
    ours = _held() & (article.lease == lease)  # the first part says that an index is at hand
    query = select(tables.articles).where(_at(UNREAD), ours if lease else free)
    return query.order_by(article.first_seen, article.published, article.id).limit(limit)


def _held() -> ColumnElement[bool]:
    return tables.articles.c.lease != literal_column("''")


def _of_lease(connection: Connection, ids: Collection[str], lease: str) -> set[str]:
    """Those of the articles that are unread and the lease's, which stay so until the transaction ends."""
    article = tables.articles.c
    held = select(article.id).where(article.id.in_(ids), article.stage == UNREAD, article.lease == lease)
    return set(connection.scalars(held.order_by(article.id).with_for_update()))


def _any_unfollowed() -> Select[Any]:
    return select(tables.articles.c.id).where(_at(UNFOLLOWED)).limit(1)


def _wanting(connection: Connection, now: datetime) -> Iterator[Call]:
    """What there is to do."""
    if connection.execute(readable(now, 1)).first():
        yield Call(ANALYZE)
    if connection.execute(_any_unfollowed()).first():
        yield Call(FOLLOW)
    head, alert = _heads(now), tables.alerts.c
    due = select(head.c.channel).where(head.c.not_before.is_(None) | (head.c.not_before <= now))
    sending = select(alert.channel).where(alert.state == outbox.SENDING)
    for channel in connection.scalars(due.union(sending)):
        yield Call(DELIVER, channel)


def _deliveries(queued: Iterable[Alert]) -> Iterator[Call]:
    """Of what is not held back: that is found when it is due."""
    for alert in queued:
        if alert.state == outbox.QUEUED and (alert.due is None or alert.due <= alert.created):
            yield Call(DELIVER, alert.channel)


def _number(connection: Connection) -> int:
    fence = tables.fences.c
    return connection.scalar(select(fence.number).where(fence.name == STORIES)) or 0


def _count_change(connection: Connection) -> None:
    fence = tables.fences.c
    again = update(tables.fences).where(fence.name == STORIES).values(number=fence.number + 1)
    if not connection.execute(again).rowcount:
        rows.add(connection, fence.name, [{"name": STORIES, "number": 1}])


def _refuse_touched(connection: Connection, was: Alert) -> None:
    alert = tables.alerts.c
    found = connection.execute(select(alert.state, alert.tries).where(alert.id == was.id).with_for_update()).first()
    if found is None or tuple(found) != (was.state, was.tries):
        raise LeaseLost(
            f"alert {was.id} for {was.channel} was {was.state} and is not any more: another has taken it up —"
            " where this goes on, look what keeps this worker so long"
        )


def _free(now: datetime) -> ColumnElement[bool]:
    """Nobody asks the feed's site now, and it did not ask to be left alone."""
    turn, other = tables.feeds.c.turn, tables.feeds.alias().c
    held = select(other.url).where(other.turn == turn, other.leased_until > now)
    wished = select(other.url).where(other.site == turn, other.not_before > now)
    return ~held.exists() & ~wished.exists()


def _few(found: Iterable[RowMapping]) -> Iterator[RowMapping]:
    taken = Counter[str]()
    for row in found:
        taken[row["turn"]] += 1
        if taken[row["turn"]] <= OF_ONE_SITE:
            yield row


def _leased(state: FeedState, now: datetime, lease: str, hold: timedelta) -> rows.Row:
    """Until somebody saves it: due as after a poll at the end of the lease, for until then it may be asked."""
    due = due_at(replace(state, polled_at=now + hold))
    return {"known": state.url, "lease": lease, "leased_until": now + hold, "polled_at": now, "due": due}


def _refuse_lost(connection: Connection, url: str, lease: str) -> None:
    holder = connection.scalar(select(tables.feeds.c.lease).where(tables.feeds.c.url == url).with_for_update())
    if holder != lease:
        raise LeaseLost(
            f"{url}: another worker has it now, as the lease ran out — where this goes on, look what keeps this worker so long"
        )


def refuse_newer(connection: Connection, name: str) -> None:
    if unknown := unknown_versions(connection):
        raise StoreError(
            f"{name}: its schema ({', '.join(sorted(unknown))}) is newer than this program"
            " — upgrade Tariffwatch, or name another"
        )


def retold(known: Article, seen: Article) -> Article:
    """The known article with what its own feed now says differently.

    A page's text is not given up for a feed's summary, and a blank replaces nothing.
    """
    if seen.feed_url != known.feed_url:
        return known
    text = known.text if known.from_page else seen.text or known.text
    return replace(known, title=seen.title or known.title, text=text)


def file_of(url: str) -> Path:
    """The file of an SQLite URL. What is wrong is said without the URL, which may carry a password."""
    example = "write it like sqlite:///state/tariffwatch.db"
    if on_server(url):
        raise StoreError(f"{shown(url)} is no file — its copies are made with `pg_dump` and put back with `pg_restore`")
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(f"the store's URL cannot be read — {example}") from None
    if parsed.drivername != "sqlite":
        raise StoreError(f"the store's URL names {parsed.drivername}, which this program cannot use — {example}")
    if not parsed.database or parsed.database == ":memory:" or parsed.host or parsed.query:
        raise StoreError(f"the store's URL must name a file and nothing else — {example}")
    return Path(parsed.database)


def _retell(connection: Connection, seen: Sequence[Article], known: Mapping[str, Article]) -> bool:
    """Known articles with what their outlet now says differently; whether any of them has to be read anew. They are looked at
    again, so that nobody writes them in between: their page may have come just now."""
    ids = [one.id for one in seen if retold(known[one.id], one) != known[one.id]]
    now = _known(connection, ids, held=True) if ids else {}
    changed = [retold(now[one.id], one) for one in seen if one.id in now]
    rows.put(connection, tables.articles.c.id, [rows.row(article) for article in changed])
    return _rename(connection, {a.id: a.title for a in changed if a.title != now[a.id].title})


def _rename(connection: Connection, titles: Mapping[str, str]) -> bool:
    """The members of stories whose outlet has edited the headline follow it; one whose rate it corrected is read anew: whether
    there is any."""
    member, article = tables.members.c, tables.articles.c
    query = select(member.article_id, member.member).where(member.article_id.in_(titles))
    old = {row.article_id: row.member for row in connection.execute(query)}
    new = [{"article_id": id, "member": renamed(one, titles[id])} for id, one in old.items()]
    rows.put(connection, member.article_id, new)
    _touch(connection, list(old))
    if new:
        _count_change(connection)
    again = article.id.in_([id for id, one in old.items() if corrects(titles[id], one)])
    unread = update(tables.articles).where(again, article.stage == FOLLOWED).values(stage=UNREAD)
    return bool(connection.execute(unread).rowcount)


def _known(connection: Connection, ids: Sequence[str], *, held: bool = False) -> dict[str, Article]:
    """`held`: they stay so until the transaction ends."""
    query = select(tables.articles).where(tables.articles.c.id.in_(ids)).order_by(tables.articles.c.id)
    query = query.with_for_update() if held else query
    return {row["id"]: rows.record(Article, row) for row in connection.execute(query).mappings()}


def _old_news(connection: Connection, articles: Mapping[str, Article]) -> list[Article]:
    """Those that were told a week ago and more, and forgotten since: their feed still shows them, or again, without a date."""
    alert = tables.alerts.c
    first = select(alert.article_id, func.min(alert.created)).where(alert.article_id.in_(articles))
    told = connection.execute(first.group_by(alert.article_id))
    return [articles[id] for id, created in told if created < articles[id].first_seen - OLD_NEWS]


def _unchanged_or_read(connection: Connection, since: datetime, known: Open) -> Open:
    """The stories updated since then, by that and id."""
    story = tables.stories.c
    query = select(story.id, story.revision).where(story.updated >= since).order_by(story.updated, story.id)
    revisions = {row.id: row.revision for row in connection.execute(query)}
    same = {id: known[id] for id, revision in revisions.items() if id in known and known[id][0] == revision}
    changed = [id for id in revisions if id not in same]
    lots = (changed[at : at + LOT] for at in range(0, len(changed), LOT))
    read = {story.id: (revisions[story.id], story) for lot in lots for story in _stories(connection, lot)}
    return {id: same[id] if id in same else read[id] for id in revisions}


def _touch(connection: Connection, articles: Collection[str]) -> None:
    """The stories that these are members of are not as they were: whoever keeps one reads it again."""
    member, story = tables.members.c, tables.stories.c
    theirs = select(member.story_id).where(member.article_id.in_(articles))
    if articles:
        connection.execute(update(tables.stories).where(story.id.in_(theirs)).values(revision=_revision()))


def _revision() -> int:
    """Never the same twice, also of a story that ended and began again."""
    return secrets.randbits(62)


def _stories(connection: Connection, ids: Collection[str]) -> list[Story]:
    story, member, merge = tables.stories.c, tables.members.c, tables.merges.c
    told: dict[str, list[Member]] = {}
    query = select(tables.members).where(member.story_id.in_(ids)).order_by(member.position)
    for row in connection.execute(query).mappings():
        told.setdefault(row["story_id"], []).append(row["member"])
    merges: dict[str, list[Merge]] = {}
    moved = select(tables.merges).where(merge.into.in_(ids)).order_by(merge.position)
    for row in connection.execute(moved).mappings():
        merges.setdefault(row["into"], []).append(rows.record(Merge, row))
    found = connection.execute(select(tables.stories).where(story.id.in_(ids)).order_by(story.updated, story.id))
    return [rows.story(row, told.get(row["id"], []), merges.get(row["id"], [])) for row in found.mappings()]


def _last_told(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """The last alert of each of these stories that has any. In steps, each by its index: of a join all alerts would be read."""
    merge, alert = tables.merges.c, tables.alerts.c
    merged = connection.execute(select(merge.story_id, merge.into).where(merge.into.in_(ids)))
    story_of = {name: name for name in ids} | {row.story_id: row.into for row in merged}
    ours = alert.story_id.in_(story_of) & (alert.role != outbox.ALONE)
    out: dict[str, int] = {}
    for name, seq in connection.execute(
        select(alert.story_id, func.max(alert.seq)).where(ours).group_by(alert.story_id)
    ):
        out[story_of[name]] = max(seq, out.get(story_of[name], 0))
    return out


def _measures(connection: Connection) -> list[Measure]:
    state = tables.states.c
    states: dict[str, list[State]] = {}
    for row in connection.execute(select(tables.states).order_by(state.measure_id, state.position)).mappings():
        states.setdefault(row["measure_id"], []).append(rows.record(State, row))
    found = connection.execute(select(tables.measures).order_by(tables.measures.c.id)).mappings()
    return [rows.measure(row, states.get(row["id"], [])) for row in found]


def _put_measures(connection: Connection, measures: Sequence[Measure]) -> None:
    """The history of each is written anew: a late arrival moves all that comes after it."""
    rows.put(connection, tables.measures.c.id, [rows.measure_row(measure) for measure in measures])
    of = {measure.id: measure for measure in measures}
    connection.execute(delete(tables.states).where(tables.states.c.measure_id.in_(of)))
    states = [row for measure in of.values() for row in rows.state_rows(measure)]
    if states:
        connection.execute(insert(tables.states), states)


def _put_analyses(connection: Connection, done: Sequence[tuple[Article, Analysis]]) -> None:
    rows.put(connection, tables.analyses.c.article_id, [rows.analysis_row(analysis) for _, analysis in done])
    _put_hits(connection, done)
    _put_deadlines(connection, [analysis for _, analysis in done])


def _put_deadlines(connection: Connection, analyses: Sequence[Analysis]) -> None:
    """Those of a second analysis take the place of the first's."""
    read = tables.deadlines.c.article_id.in_([analysis.article_id for analysis in analyses])
    connection.execute(delete(tables.deadlines).where(read))
    told = [row for analysis in analyses for row in rows.deadline_rows(analysis)]
    if told:
        connection.execute(insert(tables.deadlines), told)


def _put_hits(connection: Connection, done: Sequence[tuple[Article, Analysis]]) -> None:
    """Those of a second analysis take the place of the first's."""
    read = {analysis.article_id: rows.hit_rows(article, analysis) for article, analysis in done}
    connection.execute(delete(tables.hits).where(tables.hits.c.article_id.in_(read)))
    if hits := [row for of_one in read.values() for row in of_one]:
        connection.execute(insert(tables.hits), hits)


def _answered(connection: Connection, action: Action) -> Answer | None:
    """The answer with what it is about as it is now; None where that is gone, or not analysed."""
    query = select(tables.articles, tables.analyses).join(tables.analyses)
    row = connection.execute(query.where(tables.articles.c.id == action.article_id)).mappings().first()
    if row is None:
        return None
    analysis: Analysis = row["analysis"]  # without the embedding, as it is kept
    card: Message | None = connection.scalar(
        select(tables.alerts.c.message).where(tables.alerts.c.id == action.alert_id)
    )
    fired = card.why if card else analysis.why
    return Answer(action, rows.record(Article, row), analysis, tuple(why.watchlist for why in fired))


def _between(column: ColumnElement[Any], since: datetime, until: datetime | None) -> ColumnElement[bool]:
    return column >= since if until is None else (column >= since) & (column < until)


def _in_line() -> ColumnElement[bool]:
    """Of alerts: open, in a channel that is not parked."""
    alert = tables.alerts.c
    parked = select(alert.channel).where(alert.state == outbox.PARKED)
    return alert.state.in_(OPEN) & alert.channel.not_in(parked)


def _of_channel(channel: str) -> ColumnElement[bool]:
    """Of alerts: all without one."""
    return tables.alerts.c.channel == channel if channel else true()


def _heads(now: datetime, channel: str = "") -> Subquery:
    """The first of those in the line of each channel, or of that one, that are not held back: they let others pass."""
    alert = tables.alerts.c
    wanted = alert.due.is_(None) | (alert.due <= now)
    turn = func.row_number().over(partition_by=alert.channel, order_by=(alert.created, alert.seq)).label("turn")
    line = select(tables.alerts, turn).where(_in_line(), wanted, _of_channel(channel)).subquery()
    return select(line).where(line.c.turn == 1).subquery()


def _current() -> ColumnElement[bool]:
    """Of articles: so near to their feed's newest that the feed, showing them again, would make news of them again."""
    newest = type_coerce(tables.feeds.c.newest, BigInteger)
    published = type_coerce(tables.articles.c.published, BigInteger)
    own = tables.feeds.c.url == tables.articles.c.feed_url
    return exists().where(own, published >= newest - OLD_NEWS // MICROSECOND)


def _put_members(connection: Connection, story: Story) -> None:
    """Exactly these members: those that left go, and one that comes from another story moves."""
    member = tables.members.c
    ids = [member.article_id for member in story.members]
    left = (member.story_id == story.id) & member.article_id.not_in(ids)
    connection.execute(delete(tables.members).where(left))
    rows.put(connection, member.article_id, rows.member_rows(story))


def _put_merges(connection: Connection, stories: Sequence[Story]) -> None:
    """Those that were merged end: their members have moved. A merge of theirs is one of the story that they are now. One that
    was undone is forgotten."""
    merge = tables.merges.c
    merged = [row for story in stories for row in rows.merge_rows(story)]
    names = [row["story_id"] for row in merged]
    undone = merge.into.in_([story.id for story in stories]) & merge.story_id.not_in(names)
    connection.execute(delete(tables.merges).where(undone))
    rows.put(connection, merge.story_id, merged)
    connection.execute(delete(tables.stories).where(tables.stories.c.id.in_(names)))


def _of_story(connection: Connection, story_id: str) -> ColumnElement[bool]:
    """Of alerts: those of the story, and of what was merged into it: its card is answered and edited as before. The names are
    looked up first: PostgreSQL reads all alerts for an "or" with a question in it."""
    merged = connection.scalars(select(tables.merges.c.story_id).where(tables.merges.c.into == story_id))
    return tables.alerts.c.story_id.in_([story_id, *merged])


def _queue(connection: Connection, alerts: Sequence[Alert]) -> list[Alert]:
    """Adds the alerts whose id has never been seen, and returns them. Of several edits of a card the last is left open; what
    is held of a story waits no longer than what is new of it."""
    key = tables.alerts.c.id
    seen = set(connection.scalars(select(key).where(key.in_([alert.id for alert in alerts]))))
    new = list({alert.id: alert for alert in alerts if alert.id not in seen}.values())
    if new:
        connection.execute(insert(tables.alerts), [rows.row(alert) for alert in new])
    for alert in new:
        if alert.role == outbox.EDIT:
            _supersede(connection, alert)
        elif alert.state == outbox.QUEUED:
            _release(connection, alert)
    return new


def _supersede(connection: Connection, edit: Alert) -> None:
    """The open edits of the same card that were queued before this one."""
    alert = tables.alerts.c
    own = select(alert.seq).where(alert.id == edit.id).scalar_subquery()
    before = _of_story(connection, edit.story_id) & (alert.channel == edit.channel) & (alert.seq < own)
    open_edits = (alert.role == outbox.EDIT) & alert.state.in_(OPEN)
    connection.execute(update(tables.alerts).where(before & open_edits).values(state=outbox.SUPERSEDED))


def _release(connection: Connection, told: Alert) -> None:
    alert = tables.alerts.c
    own = _of_story(connection, told.story_id) & (alert.channel == told.channel) & (alert.state == outbox.QUEUED)
    later = alert.due.is_not(None) if told.due is None else alert.due > told.due
    connection.execute(update(tables.alerts).where(own, later).values(due=told.due))


def _slim(connection: Connection, before: datetime) -> None:
    """Old alerts that are done with keep their ids for ever, and of their messages only what names them. The rows are taken
    out and put back: pages whose rows only shrink give nothing back."""
    alert = tables.alerts.c
    done = select(tables.alerts).where(BULKY, alert.created < before, alert.state.not_in(UNDONE))
    old = [dict(row) for row in connection.execute(done.limit(LOT)).mappings()]
    if old:
        connection.execute(delete(tables.alerts).where(alert.seq.in_([row["seq"] for row in old])))
        bare = [row | {"message": slim(row["message"]), "slim": True} for row in old]
        connection.execute(insert(tables.alerts), bare)


def _at(stage: str) -> ColumnElement[bool]:
    """Of articles: those at that stage. It stands in the statement itself, which is what tells an index of it from others."""
    return tables.articles.c.stage == literal(stage, literal_execute=True)


def _backlog(connection: Connection, now: datetime | None) -> dict[str, int]:
    alert = tables.alerts.c
    later = alert.due.is_not(None) if now is None else alert.due > now
    return {
        "unread": _count(connection, tables.articles, _at(UNREAD)),
        "unfollowed": _count(connection, tables.articles, _at(UNFOLLOWED)),
        **_tally(connection, PENDING),
        "alerts_held": _count(connection, tables.alerts, alert.state == outbox.QUEUED, later),
    }


def _count(connection: Connection, table: Table, *which: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*which)).scalar_one()


def _tally(connection: Connection, states: Collection[str]) -> dict[str, int]:
    """Of alerts, by state."""
    state = tables.alerts.c.state
    query = select(state, func.count()).where(state.in_(states)).group_by(state)
    found = {row[0]: row[1] for row in connection.execute(query)}
    return {f"alerts_{name}": found.get(name, 0) for name in states}
