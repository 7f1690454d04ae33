"""Digests: what a channel was told or spared since the last one, what moved in the ledger, and which days come near.

store → the channel's alerts, measures, deadlines → sections → one alert for each channel, kind and local date, for ever
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from bot.actions import muted_stories
from bot.alerts import ALONE, FOLDED, LOW, REPLY, ROOT, SENT, SEVERITIES, TOLD, Alert, alert_id
from bot.channels import WEEKLY, Channel
from bot.chart import ALERT_DAYS, Chart, chart
from bot.deadlines import Upcoming, calendar
from bot.hours import local_day
from bot.ledger import NEWS, seeded
from bot.measures import Measure, source, words
from bot.messages import Line, Message, Section
from bot.ports import Store
from bot.reminders import full_day, left_words

KIND = "digest"
ASKED = "asked"  # a digest that somebody wanted out of turn
AHEAD = 7  # days within which a deadline is named
EMPTY = "no story, no move of the ledger"
NO_SECTOR = "No sector named"


@dataclass(frozen=True, slots=True)
class Digest:
    """`told` are the ids of the folded alerts that it tells."""

    alert: Alert
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A story of the digest: its latest message, how grave it ever was, and whether a card told it."""

    message: Message
    severity: str
    carded: bool

    @property
    def sector(self) -> str:
        return next(iter(self.message.sectors), "")

    @property
    def weight(self) -> tuple[int, float]:
        return SEVERITIES.index(self.severity), self.message.relevance or 0.0


def kept_days(store: Store, channel: Channel) -> dict[str, date]:
    """Of which local date the latest digest of each kind was."""
    last = {kind: store.last_of(kind, channel.channel) for kind, _ in channel.digests}
    return {kind: date.fromisoformat(alert.article_id) for kind, alert in last.items() if alert}


def next_digest(
    store: Store, seed: Sequence[Measure], channel: Channel, kind: str, now: datetime, day: date | None = None
) -> Digest:
    """The digest of that kind as it would be now, of a local `day` or today. ASKED tells what the next of the channel's own
    would, and leaves the days of those as they are."""
    turn = next((known for known, _ in channel.digests), kind) if kind == ASKED else kind
    since = _since(store.last_of(turn, channel.channel), turn, now)
    today = local_day(now, channel.zone)
    measures, _ = seeded(store.measures(), seed)
    upcoming = calendar(measures, store.deadlines(today), today)
    found = [a for a in store.alerts_since(channel.channel, since) if _belongs(a, since)]
    done = [a for name in {a.story_id for a in found} for a in store.actions(story_id=name, channel=channel.channel)]
    muted = muted_stories(done, channel.channel)
    alerts = [alert for alert in found if alert.story_id not in muted]
    occasion = now.isoformat() if kind == ASKED else (day or today).isoformat()
    name = alert_id(kind, occasion, channel.channel)
    stories = entries(alerts)
    sections = (*_moved(measures, since), *_near(upcoming, today), *_by_sector(stories))
    message = _message(name, channel, kind, day or today, stories, sections)
    told = tuple(alert.id for alert in found if alert.state == FOLDED)
    return Digest(Alert(name, kind, occasion, channel.channel, message, now, role=ALONE), told)


def chart_of(store: Store, seed: Sequence[Measure], channel: Channel, now: datetime) -> Chart:
    """Up to the end of yesterday, by the channel's clock."""
    alerts = store.alerts_since(channel.channel, now - timedelta(days=ALERT_DAYS + 2))
    measures, _ = seeded(store.measures(), seed)
    return chart(alerts, measures, local_day(now, channel.zone), channel.zone)


def _since(last: Alert | None, kind: str, now: datetime) -> datetime:
    return last.created if last else now - timedelta(days=7 if kind == WEEKLY else 1)


def _belongs(alert: Alert, since: datetime) -> bool:
    """News that went out since then, or was folded: what was folded longer ago and is still not told, too."""
    if alert.role not in (ROOT, REPLY):
        return False
    came = alert.sent_at if alert.state == SENT else alert.created
    return alert.state == FOLDED or (alert.state in (SENT, TOLD) and came is not None and came > since)


def entries(alerts: Iterable[Alert]) -> tuple[Entry, ...]:
    """One for each story, the gravest first, then the most relevant."""
    ordered = sorted(alerts, key=lambda alert: (alert.story_id, alert.created))
    found = [_entry(list(told)) for _, told in groupby(ordered, key=lambda alert: alert.story_id)]
    return tuple(sorted(found, key=lambda entry: entry.weight, reverse=True))


def _entry(told: Sequence[Alert]) -> Entry:
    severity = max((alert.message.severity for alert in told), key=SEVERITIES.index)
    return Entry(told[-1].message, severity, any(alert.state == SENT for alert in told))


def _by_sector(stories: Sequence[Entry]) -> Iterator[Section]:
    """The sector with the gravest story first."""
    for sector in dict.fromkeys(entry.sector for entry in stories):
        title = sector.replace("_", " ").capitalize() or NO_SECTOR
        yield Section(title, tuple(_story(entry) for entry in stories if entry.sector == sector))


def _story(entry: Entry) -> Line:
    message = entry.message
    outlets = [source.outlet for source in message.sources]
    others = f" and {len(outlets) - 1} more" if len(outlets) > 1 else ""
    parts = (
        *(fact.line for fact in message.facts[:1]),
        message.headline,
        f"{outlets[0]}{others}" if outlets else "",
        "" if entry.carded else "only here",
    )
    return Line(f"{entry.severity.upper()}: {' · '.join(part for part in parts if part)}", message.url)


def _moved(measures: Iterable[Measure], since: datetime) -> Iterator[Section]:
    found = [(s, m) for m in measures for s in m.states if s.arrived > since and s.kind in NEWS]
    found.sort(key=lambda pair: pair[0].arrived, reverse=True)
    if found:
        yield Section(
            "Moved in the ledger", tuple(Line(f"{m.title}: {words(s)} · {source(s)}", s.url) for s, m in found)
        )


def _near(upcoming: Iterable[Upcoming], today: date) -> Iterator[Section]:
    near = [one for one in upcoming if one.days_left(today) <= AHEAD]
    if near:
        yield Section(f"Due within {AHEAD} days", tuple(_deadline(one, today) for one in near))


def _deadline(one: Upcoming, today: date) -> Line:
    deadline = one.deadline
    when = f"{left_words(one.days_left(today))}, on {full_day(deadline.day)}"
    return Line(f"{when}: {deadline.kind} — {deadline.title}", deadline.url)


def _message(
    name: str, channel: Channel, kind: str, day: date, stories: Sequence[Entry], sections: tuple[Section, ...]
) -> Message:
    """An empty one says so in a line."""
    title = "Weekly digest" if kind == WEEKLY else "Digest"
    weekly = " --weekly" if kind == WEEKLY else ""
    return Message(
        id=name,
        kind=KIND,
        severity=stories[0].severity if stories else LOW,
        headline=f"{title} of {full_day(day)}: {_contents(stories, sections)}",
        url="",
        quotes=(),
        why=(),
        topics=(),
        sectors=(),
        sources=(),
        scored=True,
        sections=sections,
        whole=f"tariffwatch digest --last{weekly} --channel '{channel.channel}'",
    )


def _contents(stories: Sequence[Entry], sections: Sequence[Section]) -> str:
    if not sections:
        return f"{EMPTY}, no deadline within {AHEAD} days"
    spared = sum(not entry.carded for entry in stories)
    told = f"{len(stories)} {'story' if len(stories) == 1 else 'stories'}"
    return f"{told}, {spared} only here" if spared else told
