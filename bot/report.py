"""A report: a week of the desk for people outside it.

store, desk, a day → the seven local days up to it → stories, moves of the ledger, deadlines, chart, how it was watched
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.alerts import EDIT, REPLY, ROOT, SEVERITIES, SUPERSEDED, Alert
from bot.chart import ALERT_DAYS, Chart, chart
from bot.deadlines import Upcoming, calendar
from bot.desk import Desk
from bot.health import HEALTHY, healths
from bot.hours import instant
from bot.ledger import NEWS, seeded
from bot.measures import Measure, State, source, words
from bot.messages import FactLine
from bot.ports import Store
from bot.stories import Story, publishers

DAYS, AHEAD = 7, 28  # that it tells of, and within which a deadline is named
DAY = timedelta(days=1)
MOST_STORIES = 200
MOST_ALERTS = 500  # of one story


@dataclass(frozen=True, slots=True)
class Told:
    """A story as its card told it last, and what was new of it in the week."""

    headline: str
    url: str
    severity: str  # the gravest of the week
    facts: tuple[FactLine, ...]
    quote: str
    changes: tuple[str, ...]  # in words, oldest first
    outlets: tuple[str, ...]
    publishers: int
    articles: int
    started: datetime
    updated: datetime
    relevance: float


@dataclass(frozen=True, slots=True)
class Move:
    """What one telling changed in the ledger."""

    title: str
    before: str  # in words; "" for a measure that was not known
    after: str
    arrived: datetime
    source: str
    sentence: str
    url: str
    caveat: str


@dataclass(frozen=True, slots=True)
class Watch:
    """By how many eyes the week was seen. `troubled` are feeds that are not well now, each with its condition."""

    feeds: int
    troubled: tuple[tuple[str, str], ...]
    items: int
    wanted: int
    untold: int  # stories of the week that no channel was told of


@dataclass(frozen=True, slots=True)
class Report:
    first: date
    last: date
    zone: str
    made: datetime
    stories: tuple[Told, ...]  # the gravest first
    more: int  # that are left out
    moves: tuple[Move, ...]  # newest first
    deadlines: tuple[Upcoming, ...]
    chart: Chart
    watch: Watch


def report(store: Store, seed: Sequence[Measure], desk: Desk, last: date, now: datetime) -> Report:
    """Of the seven days up to `last`, by the clock of the desk's ops channel. Of a week that is not over, what there is."""
    first, zone = last - (DAYS - 1) * DAY, desk.ops_zone
    since, until = instant(first, time(), zone), instant(last + DAY, time(), zone)
    measures, _ = seeded(store.measures(), seed)
    week = [story for story in store.open_stories(since) if story.started < until]
    alerts = {story.id: _news(store, story, until) for story in week}
    stories = [_told(story, told, since) for story in week if (told := alerts[story.id]) and _fresh(told, since)]
    stories.sort(key=lambda told: (SEVERITIES.index(told.severity), told.relevance, told.updated), reverse=True)
    return Report(
        first,
        last,
        str(zone),
        now,
        tuple(stories[:MOST_STORIES]),
        max(0, len(stories) - MOST_STORIES),
        tuple(sorted(_moves(measures, since, until), key=lambda move: move.arrived, reverse=True)),
        tuple(one for one in calendar(measures, store.deadlines(last), last) if one.days_left(last) <= AHEAD),
        chart(_alerts(store, desk, until), measures, last + DAY, zone),
        _watch(store, desk, since, until, now, untold=sum(not told for told in alerts.values())),
    )


def _news(store: Store, story: Story, until: datetime) -> list[Alert]:
    """Cards, their edits and replies, oldest first."""
    found = reversed(store.alerts(story_ids=story.names, limit=MOST_ALERTS))
    return [a for a in found if a.role in (ROOT, REPLY, EDIT) and a.state != SUPERSEDED and a.created < until]


def _fresh(alerts: Iterable[Alert], since: datetime) -> list[Alert]:
    return [alert for alert in alerts if alert.role != EDIT and alert.created >= since]


def _told(story: Story, alerts: Sequence[Alert], since: datetime) -> Told:
    fresh = _fresh(alerts, since)
    card = next((a.message for a in reversed(alerts) if a.role in (ROOT, EDIT)), alerts[-1].message)
    return Told(
        card.headline,
        card.url,
        max((alert.message.severity for alert in fresh), key=SEVERITIES.index),
        card.facts,
        next(iter(card.quotes), ""),
        tuple(dict.fromkeys(alert.message.changed for alert in fresh if alert.message.changed)),
        tuple(dict.fromkeys(member.outlet for member in story.members if member.outlet)),
        publishers(story),
        len(story.members),
        story.started,
        story.updated,
        card.relevance or 0.0,
    )


def _moves(measures: Iterable[Measure], since: datetime, until: datetime) -> Iterator[Move]:
    for measure in measures:
        before: State | None = None
        for state in measure.states:
            if state.kind in NEWS and since <= state.arrived < until:
                yield _move(measure, before, state)
            before = state


def _move(measure: Measure, before: State | None, state: State) -> Move:
    marks = [] if state.verified else ["not verified"]
    marks += [f"contested: {state.contested}"] if state.contested else []
    return Move(
        measure.title,
        words(before) if before else "",
        words(state),
        state.arrived,
        source(state),
        state.sentence,
        state.url,
        ", ".join(marks),
    )


def _alerts(store: Store, desk: Desk, until: datetime) -> list[Alert]:
    """One for each thing that was told, in however many channels."""
    channels = dict.fromkeys([desk.channel, *(name for w in desk.watchlists for name in w.channels)])
    found = [a for name in channels for a in store.alerts_since(name, until - (ALERT_DAYS + 2) * DAY)]
    return list({(alert.story_id, alert.article_id, alert.role): alert for alert in found}.values())


def _watch(store: Store, desk: Desk, since: datetime, until: datetime, now: datetime, *, untold: int) -> Watch:
    done = store.activity(since, until)
    unwell = [h for h in healths(desk.feeds, store.feed_states(), now) if h.condition != HEALTHY]
    troubled = tuple((health.feed.outlet, health.condition) for health in unwell)
    return Watch(len(desk.feeds), troubled, done["items"], done["wanted"], untold)
