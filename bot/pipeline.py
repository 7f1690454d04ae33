"""The four steps — collect, analyze, follow, deliver — over ports, reminding, digests, and the pulse. They move things along
and decide nothing themselves.

feeds | fetch | parse | select > store > score | judge | read | summarize > store > follow | enter | compose > store > send
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot import alerts as outbox
from bot import feed_news
from bot import feeds as polling
from bot.actions import followed, muted_stories
from bot.alerts import Alert
from bot.analysis import Analysis, Why
from bot.articles import Article, select
from bot.calls import BATCH, HOLD
from bot.channels import REMEMBERED, Route, breaks_through, digest_due, held_until, route
from bot.chart import Chart, alternative
from bot.deadlines import calendar
from bot.desk import Desk
from bot.digests import chart_of, kept_days, next_digest
from bot.errors import DeliveryError, LeaseLost, OutcomeUnknown, ParseError, RootGone
from bot.events import Event, Tell, silent
from bot.examination import Examiner, summary_dropped
from bot.fact_lines import fact_lines, moved
from bot.feeds import Feed, FeedState, Fetched, FetchRequest, Site
from bot.heartbeat import ALARM, alarm_notices, alarms, heartbeat, raised, ripe, turned
from bot.hours import due_on
from bot.ledger import NEWS, Change, enter, moves, seeded
from bot.measures import Measure
from bot.messages import Message, Source, compose, faithful
from bot.ops import endings, ops_notice
from bot.ports import Fetcher, Parser, Sink, Store
from bot.pulse import last_heartbeat, take_pulse
from bot.reminders import reminder_ids, reminders
from bot.stories import MORE, Merge, Story, Update, apart_words, follow, publishers

CLAIM = 50  # feeds that a worker takes up at once
STORIES_OPEN = timedelta(days=10)
RECALLED = 20  # states of a measure, the last ones, that a line about it may rest on: all of years would be read for each alert
LOGGED = timedelta(days=30)  # how far back the log of requests goes
KEPT = timedelta(days=180)  # how long an article that is in no living story is remembered, where nobody says otherwise
MOST_UNFOLDED = 64 << 20  # bytes beside the store's file that are worth a word


@dataclass(slots=True)
class _AtHand:
    """What following a batch goes by, and what it has come to so far."""

    stories: dict[str, Story]  # the open ones
    ledger: dict[str, Measure]
    unwritten: tuple[Measure, ...] = ()  # of the ledger: the seed of a store that has none
    touched: dict[str, Story] = field(default_factory=dict)
    entered: dict[str, Measure] = field(default_factory=dict)
    settled: list[tuple[Article, Analysis]] = field(default_factory=list)
    cards: dict[str, dict[str, Message]] = field(default_factory=dict)  # by story and channel
    alerts: list[Alert] = field(default_factory=list)
    breaking: set[str] = field(default_factory=set)  # ids of those that quiet hours do not hold

    @property
    def measures(self) -> list[Measure]:
        """To be written: the seed with the first of them."""
        return [*self.unwritten, *self.entered.values()] if self.entered else []

    def take(
        self, stories: Sequence[Story], alerts: Sequence[Alert], measures: Sequence[Measure], *, breaking: bool
    ) -> Iterator[Merge]:
        """What one article has come to, its story last; gives the merges that are new."""
        by_id = {story.id: story for story in stories}
        self.stories |= by_id
        self.touched |= by_id
        story = stories[-1]
        self.cards[story.id] = self.cards.get(story.id, {}) | {alert.channel: alert.message for alert in alerts}
        self.ledger |= {measure.id: measure for measure in measures}
        self.entered |= {measure.id: measure for measure in measures}
        self.alerts += alerts
        self.breaking |= {alert.id for alert in alerts if breaking}
        for merge in story.merges:
            self.touched.pop(merge.story_id, None)
            if self.stories.pop(merge.story_id, None):
                yield merge


@dataclass(slots=True)
class Pipeline:
    store: Store
    fetcher: Fetcher
    parser: Parser
    examiner: Examiner
    sink: Sink
    desk: Desk
    seed: tuple[Measure, ...] = ()  # the ledger of a store that has none
    keep: timedelta = KEPT
    tell: Tell = field(default=silent)
    draw: Callable[[Chart], bytes] | None = None  # None where nothing is at hand that draws
    turned: dict[str, datetime] = field(default_factory=dict)  # since when an alarm is otherwise than it was told
    site: Site = polling.host
    looked: datetime | None = field(default=None, init=False)  # when feeds that are due were last looked for
    by_url: dict[str, Feed] = field(default_factory=dict, init=False)
    of_desk: Desk | None = field(default=None, init=False)  # whose feeds these are

    # collect

    def collect(self, now: datetime, *, at_once: bool = False) -> int:
        """Polls what is due (`at_once`: all that politeness allows); returns the number of new articles."""
        states = self._states(now)
        due = self._due(states, now, at_once=at_once)
        before = bool(due) and polling.offline(states.values())
        asked = polling.addresses([states[url] for url in due], [feed.url for feed in self.desk.feeds], self.site)
        requests = [FetchRequest(to, polling.conditionals(states[url])) for to, url in asked.items()]
        # Written down before it is done: a store that cannot be written would have us ask again in every tick.
        self.store.save_states([replace(states[url], polled_at=now) for url in due])
        new = sum(
            self._polled(due[asked[fetched.url]], states, fetched, now + fetched.waited)
            for fetched in self.fetcher.fetch(requests)
        )
        if due:
            self._tell_network(before, polling.offline(states.values()), now)
        return new

    def enrol(self) -> None:
        """Says which feeds workers may claim: those of the desk."""
        self.store.enrol({feed.url: polling.turn(feed.url, self.site) for feed in self.desk.feeds})

    def collect_claimed(self, now: datetime, lease: str, limit: int = CLAIM) -> int:
        """Polls feeds that are due and nobody else's, as one of several workers; returns how many it took. Its sites are its
        own until `give_back`, which is for the caller to call when all is done."""
        feeds = self._feeds()
        claimed = self.store.claim(now, lease, limit, polling.LEASE)
        states = {state.url: state for state in claimed if state.url in feeds}
        asked = polling.addresses(states.values(), feeds, self.site)
        requests = [FetchRequest(to, polling.conditionals(states[url])) for to, url in asked.items()]
        for fetched in self.fetcher.fetch(requests):
            try:
                self._polled(feeds[asked[fetched.url]], states, fetched, now + fetched.waited, lease)
            except LeaseLost as error:
                self.tell(Event("lease_lost", {"feed": asked[fetched.url], "error": str(error)}))
        return len(claimed)

    def _feeds(self) -> dict[str, Feed]:
        """Made once for each desk: there may be fifty thousand."""
        if self.of_desk is not self.desk:
            self.of_desk = self.desk
            self.by_url = {feed.url: feed for feed in self.of_desk.feeds}
        return self.by_url

    def give_back(self, now: datetime, lease: str) -> None:
        """After the last answer: the pause between two requests to a host holds for the next worker too."""
        self.store.give_back(lease, now + polling.SPACING)

    def _states(self, now: datetime) -> dict[str, FeedState]:
        """Of every feed of the desk, and of those that it once had: what their sites asked for still holds."""
        known = self.store.feed_states()
        states = {url: polling.mended(state, now) for url, state in known.items()}
        self.store.save_states([state for url, state in states.items() if state is not known[url]])
        return states | {feed.url: FeedState(feed.url) for feed in self.desk.feeds if feed.url not in states}

    def _due(self, states: dict[str, FeedState], now: datetime, *, at_once: bool) -> dict[str, Feed]:
        """The feeds to ask now. After a pause a crowd is spread, and the states of those that wait are changed."""
        ask = polling.may_poll if at_once else polling.is_due
        waits = polling.waits(states.values())
        due = {f.url: f for f in self.desk.feeds if ask(f, states[f.url], now, waits.get(self.site(f.url)))}
        last = max((at for at in (self.looked, *(s.polled_at for s in states.values())) if at), default=now)
        self.looked = now
        if at_once:
            self._tell_held(len(self.desk.feeds) - len(due))
        elif now - last > polling.PAUSE:
            later = {state.url: state for state in polling.spread([states[url] for url in due], now)}
            self.store.save_states(list(later.values()))
            states |= later
        return {url: feed for url, feed in due.items() if at_once or polling.is_due(feed, states[url], now)}

    def _tell_held(self, feeds: int) -> None:
        if feeds:
            words = "asked a moment ago, or their sites want to be left alone"
            self.tell(Event("feeds_not_asked", {"feeds": feeds, "why": words}))

    def _polled(
        self, feed: Feed, states: dict[str, FeedState], fetched: Fetched, now: datetime, lease: str = ""
    ) -> int:
        before = states[feed.url]
        if fetched.error.startswith("held"):
            states[feed.url] = polling.after_held(before, fetched, now, self.site)
            self.store.save_feed(states[feed.url], (), lease=lease)
            return 0
        offline = bool(fetched.error) and polling.offline(states.values())
        after, articles = self._entries(feed, before, fetched, now, offline=offline)
        request = None if polling.is_local(feed.url) else polling.logged(before, fetched, after, now)
        new = self.store.save_feed(after, articles, request, lease=lease)
        states[feed.url] = after
        words = {"feed": feed.url, "status": fetched.status, "items": after.items, "new": len(new)}
        self.tell(Event("feed_failed", words | {"error": after.error}) if after.error else Event("feed_polled", words))
        for news in feed_news.news(feed, before, after, now, self.site):
            self.tell(Event(news.name, {"feed": feed.url, "words": news.words}))
            if news.key:
                self.notice(f"{feed.outlet}: {news.words}", [feed.url, news.advice], news.key, now)
        return len(new)

    def _tell_network(self, before: bool, after: bool, now: datetime) -> None:
        if before == after:
            return
        if after:
            words = "most sites cannot be reached: feeds are asked every quarter of an hour until they can"
            self.tell(Event("network_failed", {"error": words}))
            self.notice("The network of this machine fails", [words], f"offline {now.isoformat()}", now)
        else:
            self.tell(Event("network_recovered", {}))

    def _entries(
        self, feed: Feed, state: FeedState, fetched: Fetched, now: datetime, *, offline: bool
    ) -> tuple[FeedState, tuple[Article, ...]]:
        if fetched.error:
            return polling.after_failure(feed, state, fetched, now, self.site, offline=offline), ()
        if fetched.status == 304 or polling.unchanged(state, fetched):
            return polling.after_not_modified(feed, state, fetched, now), ()
        try:
            parsed = self.parser.parse(fetched, feed, now)
            return polling.after_success(feed, state, fetched, parsed, now), select(parsed, feed, state, now)
        except Exception as error:  # whatever a document holds, it must not keep the feeds behind it waiting for ever
            words = str(error) if isinstance(error, ParseError) else f"{type(error).__name__}: {error}"
            return polling.after_failure(feed, state, replace(fetched, error=f"protocol: {words}"), now, self.site), ()

    # analyze

    def analyze(self, limit: int = BATCH) -> int:
        """Reads a batch of unread articles; returns how many."""
        batch = self.store.unread(limit)
        if batch:
            self._examined(batch)
        return len(batch)

    def analyze_claimed(self, now: datetime, lease: str, limit: int = BATCH, *, again: bool = False) -> int:
        """Reads unread articles that are nobody else's, as one of several workers, or with `again` what is the lease's already;
        returns how many."""
        batch = self.store.claim_unread(now, lease, limit, HOLD, again=again)
        if batch and (lost := self._examined(batch, lease)):
            words = "another worker has read them meanwhile — where this goes on, look what keeps this worker so long"
            self.tell(Event("lease_lost", {"articles": len(lost), "error": words}))
        return len(batch)

    def _examined(self, batch: Sequence[Article], lease: str = "") -> list[str]:
        done = self.examiner.examine(batch, self.desk)
        lost = self.store.save_analyses([(read.article, read.analysis) for read in done], lease=lease)
        picked = sum(1 for read in done if read.analysis.why)
        self.tell(Event("analyzed", {"articles": len(done), "picked": picked}))
        return lost

    # follow

    def follow(self, now: datetime, limit: int = BATCH) -> list[Alert]:
        """Puts a batch of analysed articles into stories, their facts into the ledger, and writes the outbox; returns the
        new alerts. Raises LeaseLost where stories were changed by another meanwhile, and is to be done again."""
        standing = self.store.standing()
        batch = self.store.unfollowed(limit)
        wanted = [(article, found) for article, found in batch if found.wanted]
        desk = self._at_hand(wanted) if wanted else _AtHand({}, {})
        for article, analysis in wanted:
            try:
                self._take_up(article, analysis, desk, now)
            except Exception as error:  # it would stop the articles behind it for ever
                words = {"article": article.id, "url": article.url, "error": f"{type(error).__name__}: {error}"}
                self.tell(Event("article_failed", words))
        return self._save(batch, desk, now, standing) if batch else []

    def _at_hand(self, wanted: Sequence[tuple[Article, Analysis]]) -> "_AtHand":
        oldest = min(article.published for article, _ in wanted)
        stories = self.store.open_stories(oldest - STORIES_OPEN)
        known, unwritten = seeded(self.store.measures(), self.seed)
        return _AtHand({s.id: s for s in stories}, {m.id: m for m in known}, unwritten=tuple(unwritten))

    def _take_up(self, article: Article, analysis: Analysis, at_hand: "_AtHand", now: datetime) -> None:
        changes, measures = enter(analysis.facts, article, tuple(at_hand.ledger.values()))
        if analysis.awaits:
            analysis, _ = self.examiner.settled(article, analysis, moves(changes), self.desk)
            at_hand.settled.append((article, analysis))
        if analysis.wanted:
            stories, alerts = self._followed(
                article, analysis, list(at_hand.stories.values()), changes, at_hand.cards, now
            )
            for merge in at_hand.take(stories, alerts, measures, breaking=breaks_through(changes)):
                words = {"story": stories[-1].id, "younger": merge.story_id, "why": merge.why}
                self.tell(Event("stories_merged", words))

    def _save(
        self, batch: Sequence[tuple[Article, Analysis]], done: "_AtHand", now: datetime, standing: int
    ) -> list[Alert]:
        routed = self._routed(done.alerts, done.breaking, now)
        ids, stories = [article.id for article, _ in batch], list(done.touched.values())
        fresh = self.store.save_follow(ids, stories, routed, done.measures, settled=done.settled, standing=standing)
        return self._told(fresh, "alert")

    def _told(self, fresh: list[Alert], what: str) -> list[Alert]:
        for alert in fresh:
            words = {"alert": alert.id, "channel": alert.channel, "title": alert.message.headline}
            self.tell(Event(f"{what}_{alert.state}", words))
        return fresh

    def _routed(self, alerts: Sequence[Alert], breaking: Collection[str], now: datetime) -> Sequence[Alert]:
        """The same, each when and how its channel wants it."""
        channels = [one for one in self.desk.channel_settings if any(a.channel == one.channel for a in alerts)]
        known = [alert for one in channels for alert in self.store.alerts_since(one.channel, now - REMEMBERED)]
        return route(alerts, Route(channels, self.desk.watchlists, known, breaking), now)

    def _followed(
        self,
        article: Article,
        analysis: Analysis,
        stories: list[Story],
        changes: tuple[Change, ...],
        cards: dict[str, dict[str, Message]],
        now: datetime,
    ) -> tuple[tuple[Story, ...], tuple[Alert, ...]]:
        """The story that the article is in now, after the one that it was taken out of, and what it gives to tell. `cards` are
        those of the stories met so far."""
        update = follow(article, analysis, stories)
        if update.rest:
            split = update.story.splits[-1]
            self.tell(Event("story_split", {"story": update.rest.id, "other": update.story.id, "why": split.why}))
        known = self._cards(update.story, cards) if update.story.told else {}
        new = () if article.quiet else self._alerts(article, analysis, update, changes, known, now)
        told = tuple(dict.fromkeys((*update.story.told, *(a.channel for a in new))))
        left = (update.rest,) if update.rest else ()
        return (*left, replace(update.story, told=told)), new

    def _cards(self, story: Story, cards: dict[str, dict[str, Message]]) -> dict[str, Message]:
        """Those that channels have of the story, and where they have none, of what was merged into it."""
        names = (*(merge.story_id for merge in story.merges), story.id)
        for name in names:
            if name not in cards:
                cards[name] = self.store.cards(name)
        return {channel: card for name in names for channel, card in cards[name].items()}

    def _alerts(
        self,
        article: Article,
        analysis: Analysis,
        update: Update,
        changes: tuple[Change, ...],
        cards: dict[str, Message],
        now: datetime,
    ) -> tuple[Alert, ...]:
        facts = fact_lines(changes, self.desk.vocabulary)
        news = [change for change in changes if change.kind in NEWS]
        told = {change.after.rate for change in news}

        def composed(alert_id: str, kind: str, why: tuple[Why, ...], card: Message | None) -> Message:
            message = compose(
                alert_id,
                kind,
                outbox.severity(analysis, self.desk.severities(why), changes, card),
                article,
                analysis,
                why,
                tuple(Source(m.outlet, m.title, m.url, m.published, m.official) for m in update.story.members),
                changed=(moved(news) if news else update.changed) if kind == MORE else "",  # else all of it is new
                facts=facts,
                caveat=apart_words([pair for pair in update.apart if pair[0] not in told]),  # what moved says so itself
                publishers=publishers(update.story),
            )
            spare = tuple(fact.quote for fact in analysis.facts)
            ledger = dict.fromkeys(s.sentence for change in changes for s in change.measure.states[-RECALLED:])
            message, dropped = faithful(message, spare, tuple(ledger), self.desk.vocabulary, article.published.date())
            for words, doubts in dropped:
                self.tell(summary_dropped(article.id, article.url, words, doubts))
            return message

        channels = self._channels(update.story, analysis.why)
        return outbox.alerts_for(update, changes, channels, composed, now, cards, edits=self.sink.threads)

    def _channels(self, story: Story, why: tuple[Why, ...]) -> dict[str, tuple[Why, ...]]:
        """Those that want the article and have not muted its story."""
        wanting = self.desk.channels(why)
        names = set(story.names) if wanting else set()
        done = [action for name in names for action in self.store.actions(story_id=name)]
        return {channel: fired for channel, fired in wanting.items() if not names & muted_stories(done, channel)}

    # remind

    def remind(self, now: datetime) -> list[Alert]:
        """Queues an alert for each deadline that has come as near as the desk wants to hear of it, and a notice for each
        watchlist that ends; returns the new ones."""
        fresh = self._told(self.store.save_follow([], [], self._deadlines_near(now)), "reminder")
        return [*fresh, *self._watchlists_ending(now)]

    def _deadlines_near(self, now: datetime) -> tuple[Alert, ...]:
        days, channel = self.desk.reminder_days, self.desk.reminder_channel or self.desk.channel
        if not days or held_until(self.desk.settings_of(channel), now):
            return ()  # after quiet hours, and not held: "tomorrow" must be true when it is read
        today = now.astimezone(UTC).date()
        measures, _ = seeded(self.store.measures(), self.seed)
        upcoming = calendar(measures, self.store.deadlines(today), today)
        told = self.store.queued(
            [name for one in upcoming for days_ahead in days for name in reminder_ids(one, days_ahead, channel)]
        )
        return reminders(upcoming, days, channel, told, now, today)

    def _watchlists_ending(self, now: datetime) -> list[Alert]:
        channel = self.desk.ops_channel
        return self._queue_notices(endings(self.desk.watchlists, channel, now) if channel else ())

    def notice(self, heading: str, lines: Sequence[str], key: str, now: datetime) -> None:
        """Queues a notice of the program itself, once for a key; nothing where the desk has no channel for it."""
        channel = self.desk.ops_channel
        self._queue_notices([ops_notice(heading, lines, channel, key, now)] if channel else ())

    def _queue_notices(self, notices: Sequence[Alert]) -> list[Alert]:
        return self._told(self.store.save_follow([], [], notices) if notices else [], "notice")

    # digest

    def digest(self, now: datetime) -> list[Alert]:
        """Queues each digest that has come due, and what waits for one that there is no more; returns the new digests."""
        channels = [one for one in self.desk.channel_settings if one.digests]
        self.store.unfold([one.channel for one in channels])
        fresh: list[Alert] = []
        for channel in channels:
            for kind, day in digest_due(channel, kept_days(self.store, channel), now).items():
                found = next_digest(self.store, self.seed, channel, kind, now, day)
                if self.store.save_digest(found.alert, found.told):
                    fresh.append(found.alert)
        return self._told(fresh, "digest")

    # pulse

    def pulse(self, now: datetime, *, at_once: bool = False) -> list[Alert]:
        """Queues the heartbeat that has come due, and a notice of what went bad or is well again (`at_once`: without waiting
        whether it lasts); returns the new ones."""
        channel = self.desk.ops_channel
        return self._queue_notices(
            [*self._heartbeat(channel, now), *self._alarms(channel, now, at_once)] if channel else ()
        )

    def _heartbeat(self, channel: str, now: datetime) -> Sequence[Alert]:
        when, zone = self.desk.heartbeat, self.desk.ops_zone
        last, since = last_heartbeat(self.store, channel)
        day = due_on(when, zone, last, now) if when else None
        return [heartbeat(take_pulse(self.store, self.desk.feeds, now, since), channel, day, zone)] if day else []

    def _alarms(self, channel: str, now: datetime, at_once: bool) -> Sequence[Alert]:
        found = {alarm.name: alarm for alarm in alarms(take_pulse(self.store, self.desk.feeds, now))}
        told = raised(self.store.alerts(story_ids=[ALARM]), channel)
        self.turned = turned(found, told, self.turned, now)
        names = set(self.turned) if at_once else ripe(self.turned, found, now)
        return alarm_notices(names, found, told, channel, now)

    # deliver

    def deliver(self, now: datetime, limit: int = 20, channel: str = "") -> int:
        """Sends the next alert of each channel, or of that one, that may go out; returns how many were confirmed. Raises
        LeaseLost for one that another has taken up."""
        return sum(self._deliver(alert, now) for alert in self.store.due_alerts(now, limit, channel))

    def _deliver(self, was: Alert, now: datetime) -> bool:
        alert = was
        root = self.store.root(alert.story_id, alert.channel) if alert.role in (outbox.REPLY, outbox.EDIT) else None
        alert = outbox.placed(alert, root, now)
        if alert.state == outbox.SUPERSEDED or (alert.not_before and alert.not_before > now):
            self.store.save_alert(alert, was)
            return False
        if alert.state != outbox.UNKNOWN or alert.role == outbox.EDIT:
            alert = outbox.begin(alert)
            self.store.save_alert(alert, was)
            was = alert
        words = {"alert": alert.id, "channel": alert.channel, "role": alert.role}
        sink = self.sink
        try:
            after = self._asked(alert, root, now)
        except RootGone as error:
            after = outbox.failed(alert, error, now)
            self.tell(Event("root_gone", words | {"error": after.error}))
        except DeliveryError as error:
            after = outbox.failed(alert, error, now)
            self.tell(Event("delivery_failed", words | {"error": after.error, "kind": type(error).__name__}))
        self.store.save_alert(after, was)
        if after.state == outbox.PARKED and self.sink is not sink:
            self.store.unpark()  # what refused it has been replaced meanwhile
        if after.state == outbox.SENT:
            self.tell(Event("alert_sent", words | {"receipt": after.receipt}))
            if after.blind:
                self.tell(
                    Event("sent_blindly", words | {"why": "its first answer was lost, and nobody can look it up"})
                )
            self._illustrated(after, now)
        if after.state == outbox.DEAD:
            self.tell(Event("alert_failed", words | {"title": after.message.headline, "error": after.error}))
        return after.state == outbox.SENT

    def _asked(self, alert: Alert, root: Alert | None, now: datetime) -> Alert:
        """What the sink says of the alert: sent now, or looked up. Raises DeliveryError."""
        thread = root.receipt if root and alert.role == outbox.REPLY else ""
        try:
            if alert.state == outbox.UNKNOWN:
                return self._looked_up(alert, thread, now)
            if root and alert.role == outbox.EDIT:
                card = replace(alert.message, id=root.id)
                self.sink.edit(root.receipt, card, alert.channel, simple=alert.simple)
                return outbox.sent(alert, root.receipt, now)
            receipt = self.sink.send(
                self._calling(alert) if thread else alert.message,
                alert.channel,
                simple=alert.simple,
                thread=thread,
                broadcast=alert.broadcast,
            )
            return outbox.sent(alert, receipt, now)
        except DeliveryError:
            raise
        except Exception as error:  # a fault of the sink's own: the alert must not stay "sending"
            raise OutcomeUnknown(f"the sink broke ({type(error).__name__})", code="fault") from error

    def _calling(self, reply: Alert) -> Message:
        """The message with those who follow its story by now."""
        story = self.store.story(reply.story_id)
        names = story.names if story else (reply.story_id,)
        done = [action for name in names for action in self.store.actions(story_id=name, channel=reply.channel)]
        followers = (user for users in followed(done, reply.channel).values() for user in users)
        return replace(reply.message, followers=tuple(dict.fromkeys(followers)))

    def _looked_up(self, alert: Alert, thread: str, now: datetime) -> Alert:
        receipt = self.sink.find(alert.id, alert.channel, alert.created, thread=thread)
        if receipt is None:
            return outbox.cannot_tell(alert, now)
        return outbox.sent(alert, receipt, now) if receipt else outbox.absent(alert)

    def _illustrated(self, digest: Alert, now: datetime) -> None:
        """The chart of a digest, in its thread, once: whatever goes wrong, the digest is out, and nothing is tried again."""
        channel = self.desk.settings_of(digest.channel)
        if self.draw is None or not self.sink.pictures or digest.story_id not in channel.charts:
            return
        words = {"alert": digest.id, "channel": digest.channel}
        try:
            shown = chart_of(self.store, self.seed, channel, digest.created)
            title = f"Chart to {digest.message.headline}".partition(":")[0]
            self.sink.show(self.draw(shown), title, alternative(shown), digest.channel, digest.receipt)
        except Exception as error:
            told = str(error) if isinstance(error, DeliveryError) else f"{type(error).__name__}: {error}"
            self.tell(Event("chart_failed", words | {"error": told}))
            return
        self.tell(Event("chart_sent", words))

    # and after all that

    def tidy(self, now: datetime) -> int:
        """Forgets what is old and done with, so that months make no difference; returns how many articles."""
        self.store.forget_requests(now - min(self.keep, LOGGED))
        gone = 0
        while lot := self.store.prune(now - self.keep):
            gone += lot
        if gone:
            self.tell(Event("pruned", {"articles": gone}))
        if (left := self.store.fold()) > MOST_UNFOLDED:
            words = (
                "a program has been reading the store for hours, and what is written meanwhile piles up: end that one"
            )
            self.tell(Event("fold_failed", {"bytes": left, "error": words}))
        return gone
