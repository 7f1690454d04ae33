"""Questions: what people ask of the desk in Slack, looked up and put into blocks. Nothing is changed by any of it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock

from bot.actions import muted_stories
from bot.alerts import Alert
from bot.archive import stored
from bot.articles import Article, article_id
from bot.backtest import Backtest, Read, backtest
from bot.errors import ConfigError
from bot.examination import Examiner
from bot.explanation import judged
from bot.heartbeat import headline
from bot.interactive import blocks, sheets, why
from bot.interactive.blocks import Block
from bot.interactive.drafts import Draft
from bot.interactive.trial import DAYS
from bot.interactive.why import Account
from bot.ledger import seeded
from bot.live import Live
from bot.measures import Measure
from bot.ports import Clock
from bot.pulse import last_heartbeat, take_pulse
from bot.sources.single import load_article
from bot.versions import latest
from bot.watchlists import Watchlist, compile_watchlist

URL = re.compile(r"https?://[^\s<>|]+")
FORGOTTEN = "The article is not in the store any more: it is older than what the desk keeps."
NO_URL = "Which article? Write its address behind it: /tariffwatch why https://…"
Told = tuple[str, list[Block]]  # in a line, and in full


def told(words: str) -> Told:
    return words, blocks.said(words)


@dataclass(slots=True)
class Questions:
    """`eyes` is an examiner of its own, so that a question never meets the line in the middle of its reading; it is made when
    it is first asked for, and used by one at a time: whoever holds `reading`. So are the `readers` of a backtest."""

    live: Live
    eyes: Callable[[], Examiner]
    readers: Callable[[], tuple[Read, Read]]
    clock: Clock
    reading: Lock = field(default_factory=Lock)
    trying: Lock = field(default_factory=Lock)

    def why_url(self, words: str) -> Told:
        found = URL.search(words)
        if not found:
            return told(NO_URL)
        article = self._stored(found[0])
        return self._why_stored(article) if article else self._why_fetched(found[0])

    def why_card(self, card: Alert) -> Told:
        """By the watchlists of its channel."""
        article = self.live.pipeline.store.article(card.article_id)
        return self._why_stored(article, card.channel) if article else told(FORGOTTEN)

    def status(self) -> Told:
        pipeline, settings = self.live.pipeline, self.live.settings
        _, since = last_heartbeat(pipeline.store, settings.ops_channel)
        pulse = take_pulse(pipeline.store, pipeline.desk.feeds, self.clock(), since)
        return headline(pulse), sheets.status(pulse, settings.ops_zone)

    def ledger(self, words: str) -> Told:
        return "The ledger", sheets.ledger(self.measures(), words, self.clock().date())

    def watchlists(self) -> Told:
        pipeline = self.live.pipeline
        last = latest(pipeline.store.versions())
        return "The watchlists", sheets.watchlists(self.live.settings, pipeline.desk, last, self.clock().date())

    def compiled(self, draft: Draft) -> Watchlist:
        """As it would watch, with what of the present version the form does not show. Raises QueryError."""
        at, topics = self.live.pipeline.desk, [topic.name for topic in self.live.settings.topics]
        tried = compile_watchlist(draft.name, draft.query, at.vocabulary, topics=topics)
        present = self.present(draft.name)
        return replace(tried, languages=present.languages) if present else tried

    def present(self, name: str) -> Watchlist | None:
        return next((one for one in self.live.pipeline.desk.watchlists if one.name == name), None)

    def backtested(self, draft: Draft) -> Backtest | None:
        """On what the store has of the last weeks; None where that is nothing."""
        store, tried, present = self.live.pipeline.store, self.compiled(draft), self.present(draft.name)
        topics = [topic.name for topic in self.live.settings.topics if topic.name in draft.query]
        ids = store.analysed_since(self.clock() - timedelta(days=DAYS))
        with self.trying:
            closely, plainly = self.readers()
            return backtest(stored(store, ids), tried, present, read=closely, plain=plainly, topics=topics)

    def card_of(self, words: str, channel: str) -> Alert | None:
        """The card, in a channel, of the story of the article whose address stands there."""
        found, store = URL.search(words), self.live.pipeline.store
        article = self._stored(found[0]) if found else None
        story = store.story_of(article.id) if article else None
        card = store.root(story.id, channel) if story else None
        return card if card and card.receipt else None

    def muted(self, story_id: str, channel: str) -> frozenset[str]:
        """The names of the story under which it is muted in the channel."""
        store = self.live.pipeline.store
        story = store.story(story_id)
        done = [a for name in (story.names if story else (story_id,)) for a in store.actions(story_id=name)]
        return muted_stories(done, channel)

    def _stored(self, url: str) -> Article | None:
        store = self.live.pipeline.store
        return store.article(url) or store.article(article_id(url))

    def _why_stored(self, article: Article, channel: str = "") -> Told:
        store, at = self.live.pipeline.store, self.live.pipeline.desk
        analysis = store.analysis(article.id)
        if analysis is None:
            return told(why.UNREAD)
        with self.reading:
            reading = self.eyes().reader.read([article.whole])[0]
        story = store.story_of(article.id)
        return _telling(
            Account(
                read=judged(article, analysis, reading, at, self.measures()),
                at=at,
                story=story,
                alerts=tuple(store.alerts(article_id=article.id)),
                channel=channel,
                muted_here=bool(story and self.muted(story.id, channel)),
            )
        )

    def _why_fetched(self, url: str) -> Told:
        at = self.live.pipeline.desk
        try:
            with self.reading:
                eyes = self.eyes()
            article = load_article(url, eyes.fetcher, self.clock())
        except ConfigError as error:
            return told(str(error))
        with self.reading:
            read = eyes.examine([article], at, thorough=True)[0]
        if read.reading is None:
            return told("It could not be read.")
        return _telling(
            Account(judged(read.article, read.analysis, read.reading, at, self.measures()), at, known=False)
        )

    def measures(self) -> Sequence[Measure]:
        return seeded(self.live.pipeline.store.measures(), self.live.pipeline.seed)[0]


def _telling(account: Account) -> Told:
    return why.heading(account), why.why(account)
