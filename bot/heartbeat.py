"""The heartbeat: one look at the whole program, told once a day; and alarms, told when something goes bad, and when it is over.

pulse → headline, lines → one notice a local date, for ever
pulse → alarms, what was told of them → notices
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from bot.alerts import HIGH, LOW, MEDIUM, PARKED, Alert
from bot.health import CONDITIONS, FAILING, HEALTHY, SILENT, STALE, TIMES, Health, usual_gap
from bot.messages import counted
from bot.ops import ops_notice

KIND, ALARM = "heartbeat", "alarm"  # what stands for the story of such an alert
RAISED, OVER = "raised", "over"
HOUR = timedelta(hours=1)
NO_NEWS = timedelta(hours=6)  # without an item of any feed, at least
NO_NEWS_UNKNOWN = timedelta(days=1)  # the same while no feed's habits are known
RAISE_AFTER = timedelta(minutes=5)  # that it lasts: what starts, or wakes up, is behind for a moment
END_AFTER = timedelta(minutes=30)  # that it is well: what goes to and fro is one occurrence
MOST_LINES = 12
MOST_ALARMS = 4
ENOUGH = 0.75  # of the feeds are healthy where all is well
LONGEST_ERROR = 120
FEEDS, NEWS, READING, UNDELIVERED = "feeds", "news", "reading", "undelivered"
ENDED = {
    FEEDS: "Feeds can be read again",
    NEWS: "New items come again",
    READING: "Items are read again",
    UNDELIVERED: "Alerts are delivered again",
}
TO_DO = {
    "dns": "look whether its address is right, and at this machine's network",
    "http_401": "it does not answer pollers any more: take it out",
    "http_403": "it refuses us: take it out, or ask its publisher",
    "http_404": "it has moved: look for its new address",
    "http_410": "it was given up: take it out",
    "http_429": "it is asked too often: give it a longer `every`",
}
ASK = "`tariffwatch feeds verify` asks it anew"


@dataclass(frozen=True, slots=True)
class Pulse:
    """One look. `activity` counts what happened since `since`, the last heartbeat."""

    now: datetime
    since: datetime
    feeds: tuple[Health, ...]
    activity: Mapping[str, int]  # items, wanted, stories, sent, dead
    unread: int
    unfollowed: int
    unread_since: datetime | None  # when the item came that waits longest to be read
    undelivered: int  # alerts that are wanted by now and not out
    held: int
    folded: int
    waiting: tuple[Alert, ...]  # of each channel the alert that stands in the way of the others, the oldest first

    @property
    def healthy(self) -> int:
        return sum(one.condition == HEALTHY for one in self.feeds)

    @property
    def well(self) -> bool:
        return not alarms(self) and self.healthy >= ENOUGH * len(self.feeds)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is bad now. There is one of a name at a time."""

    name: str
    heading: str
    lines: tuple[str, ...] = ()


# alarms


def alarms(pulse: Pulse) -> tuple[Alarm, ...]:
    return (*_no_feed(pulse), *_no_news(pulse), *_not_read(pulse), *_parked(pulse), *_undelivered(pulse))


def _no_feed(pulse: Pulse) -> Iterator[Alarm]:
    if pulse.feeds and all(one.condition in (FAILING, STALE) for one in pulse.feeds):
        words = errors(pulse) or "none was polled when it was due"
        to_do = "look at the network of this machine, and at the log"
        yield Alarm(FEEDS, f"No feed can be read, of {len(pulse.feeds)}", (f"{words} — {to_do}",))


def _no_news(pulse: Pulse) -> Iterator[Alarm]:
    """Measured at the last time that a feed was read: what nobody asked for is no silence."""
    newest = max((one.state.newest for one in pulse.feeds if one.state.newest), default=None)
    read = max((one.state.ok_at for one in pulse.feeds if one.state.ok_at), default=None)
    gaps = [gap for one in pulse.feeds if (gap := usual_gap(one.state))]
    longest = max(NO_NEWS, TIMES * min(gaps)) if gaps else NO_NEWS_UNKNOWN
    if newest and read and read - newest > longest:
        to_do = "`tariffwatch feeds verify` shows what the feeds hold"
        yield Alarm(NEWS, f"No new item of any feed for {span(read - newest)}", (f"the feeds answer — {to_do}",))


def _not_read(pulse: Pulse) -> Iterator[Alarm]:
    since = pulse.unread_since
    if since and pulse.now - since > HOUR:
        words = f"{pulse.unread:,} items wait — look at the log, and at the load of this machine"
        yield Alarm(READING, f"Items wait to be read, the oldest for {span(pulse.now - since)}", (words,))


def _parked(pulse: Pulse) -> Iterator[Alarm]:
    for alert in pulse.waiting:
        if alert.state == PARKED:
            words = f"{_why(alert)} — mend that, then reload or restart: its alerts wait"
            yield Alarm(f"{PARKED} {alert.channel}", f"Channel {alert.channel} takes no alerts", (words,))


def _undelivered(pulse: Pulse) -> Iterator[Alarm]:
    """Where what we say here is itself what waits, to say more helps nobody."""
    others = [a for a in pulse.waiting if a.state != PARKED and a.story_id not in (KIND, ALARM)]
    late = [a for a in others if pulse.now - wanted_at(a) > HOUR]
    if late:
        told = tuple(f"{a.channel}, for {span(pulse.now - wanted_at(a))}: {_why(a)}" for a in late)
        yield Alarm(UNDELIVERED, "An alert has been undelivered for over an hour", told)


def wanted_at(alert: Alert) -> datetime:
    return max(alert.created, alert.due or alert.created)


def raised(told: Iterable[Alert], channel: str) -> dict[str, Alert]:
    """The alarms that the channel knows of and has not heard the end of, by name. `told` are all of them, newest first."""
    last: dict[str, Alert] = {}
    for alert in told:
        if alert.channel == channel:
            last.setdefault(_key(alert)[1], alert)
    return {name: alert for name, alert in last.items() if _key(alert)[0] == RAISED}


def _key(alert: Alert) -> tuple[str, str]:
    what, _, rest = alert.article_id.partition(" ")
    return what, rest.partition(" ")[2]


def turned(
    found: Collection[str], told: Collection[str], since: Mapping[str, datetime], now: datetime
) -> dict[str, datetime]:
    """Since when each alarm is otherwise than it was told, by name; `since` is what this gave at the look before."""
    return {name: since.get(name, now) for name in {*found} ^ {*told}}


def ripe(since: Mapping[str, datetime], found: Collection[str], now: datetime) -> set[str]:
    """Those that have been so for long enough to be told."""
    return {name for name, at in since.items() if now - at >= (RAISE_AFTER if name in found else END_AFTER)}


def alarm_notices(
    names: Iterable[str], found: Mapping[str, Alarm], told: Mapping[str, Alert], channel: str, now: datetime
) -> tuple[Alert, ...]:
    return tuple(
        _raised(found[name], channel, now) if name in found else _ended(name, told[name], channel, now)
        for name in sorted(names)
    )


def _raised(alarm: Alarm, channel: str, now: datetime) -> Alert:
    return _notice(HIGH, alarm.heading, alarm.lines, channel, ALARM, f"{RAISED} {now.isoformat()} {alarm.name}", now)


def _ended(name: str, told: Alert, channel: str, now: datetime) -> Alert:
    heading = ENDED.get(name) or f"Channel {name.partition(' ')[2]} takes alerts again"
    lines = (f"It was told {span(now - told.created)} ago: {told.message.headline}",)
    return _notice(LOW, heading, lines, channel, ALARM, f"{OVER} {now.isoformat()} {name}", now)


def _notice(
    severity: str, heading: str, lines: Sequence[str], channel: str, kind: str, occasion: str, now: datetime
) -> Alert:
    notice = ops_notice(heading, lines, channel, f"{kind} {occasion}", now)
    message = replace(notice.message, severity=severity)
    return replace(notice, message=message, story_id=kind, article_id=occasion)


# the heartbeat


def heartbeat(pulse: Pulse, channel: str, day: date, zone: tzinfo) -> Alert:
    severity = LOW if pulse.well else MEDIUM
    return _notice(severity, headline(pulse), lines(pulse, zone, MOST_LINES), channel, KIND, day.isoformat(), pulse.now)


def headline(pulse: Pulse) -> str:
    """ "All well: 78 of 80 feeds healthy, 1,204 items, 14 alerts, nothing waits" """
    waits = f"{counted(pulse.undelivered, 'alert')} to be delivered" if pulse.undelivered else "nothing waits"
    did = pulse.activity
    feeds = f"{pulse.healthy} of {counted(len(pulse.feeds), 'feed')} healthy"
    told = (feeds, counted(did["items"], "item"), counted(did["sent"], "alert"), waits)
    return f"{'All well' if pulse.well else 'Not well'}: {', '.join(told)}"


def lines(pulse: Pulse, zone: tzinfo, most: int = 0) -> tuple[str, ...]:
    """What is not well, then the counts; `most` of them at most, or all."""
    found = [f"{one.heading}: {one.lines[0]}" for one in alarms(pulse)]
    found = (
        [*found[:MOST_ALARMS], f"and {len(found) - MOST_ALARMS} more"] if most and len(found) > MOST_ALARMS else found
    )
    last = [line for line in (_errors(pulse), _oldest(pulse, zone), _waiting(pulse), _counts(pulse, zone)) if line]
    ill = [one for kind in CONDITIONS for one in pulse.feeds if one.condition == kind]
    room = most - len(found) - len(last) if most else len(ill)
    shown = ill if len(ill) <= room else ill[: room - 1]
    left = Counter(one.condition for one in ill[len(shown) :])
    more = [f"and {', '.join(f'{n} more {kind}' for kind, n in left.items())}: `tariffwatch status`"] if left else []
    return (*found, *(_feed(one, zone) for one in shown), *more, *last)


def _feed(one: Health, zone: tzinfo) -> str:
    state, name = one.state, f"{one.feed.outlet} ({one.feed.url.partition('://')[2]})"
    if one.condition == FAILING:
        since = f"since {moment(state.ok_at, zone)}" if state.ok_at else "ever"
        return f"Failing: {name}, not read {since}: {state.error[:LONGEST_ERROR]} — {TO_DO.get(one.error, ASK)}"
    if one.condition == SILENT and state.newest:
        usual = f"no item since {moment(state.newest, zone)}, usually one within {span(state.gap)}"
        return f"Silent: {name}, {usual} — look whether the site has another feed now"
    asked = f"not polled since {moment(state.polled_at, zone)}" if state.polled_at else "not polled yet"
    return f"Stale: {name}, {asked} — the program is behind: look at its log"


def errors(pulse: Pulse) -> str:
    """ "dns 3, http_403 2" """
    kinds = Counter(one.error for one in pulse.feeds if one.condition == FAILING and one.error)
    return ", ".join(f"{kind} {n}" for kind, n in kinds.most_common(5))


def _errors(pulse: Pulse) -> str:
    found = errors(pulse)
    return f"Errors: {found}" if found else ""


def _oldest(pulse: Pulse, zone: tzinfo) -> str:
    if not pulse.waiting:
        return ""
    alert = min(pulse.waiting, key=wanted_at)
    return f"Oldest undelivered: in {alert.channel}, since {moment(wanted_at(alert), zone)}: {_why(alert)}"


def _why(alert: Alert) -> str:
    return alert.error[:LONGEST_ERROR] or f"{alert.state}, not tried yet"


def _waiting(pulse: Pulse) -> str:
    unread, unfollowed = pulse.unread, pulse.unfollowed
    return f"Backlog: {unread:,} to be read, {unfollowed:,} to be followed" if unread or unfollowed else ""


def _counts(pulse: Pulse, zone: tzinfo) -> str:
    did, unknown = pulse.activity, sum(usual_gap(one.state) is None for one in pulse.feeds)
    polled = sum(one.state.polled_at is not None and one.state.polled_at > pulse.since for one in pulse.feeds)
    parts = (
        f"{counted(polled, 'feed')} polled",
        f"{counted(did['items'], 'item')} read, {did['wanted']:,} wanted in {counted(did['stories'], 'story', 'stories')}",
        f"{counted(did['sent'], 'alert')} sent, {did['dead']:,} given up",
        f"now {pulse.held:,} held and {pulse.folded:,} for digests",
        *([f"usual gap not known yet of {counted(unknown, 'feed')}"] if unknown else []),
    )
    return f"Since {moment(pulse.since, zone)}: {'; '.join(parts)}"


def moment(at: datetime, zone: tzinfo) -> str:
    """ "2 Mar 08:00 IST" """
    here = at.astimezone(zone)
    return f"{here.day} {here:%b %H:%M %Z}"


def span(length: timedelta) -> str:
    """ "45 min", "7 h", "3 days" """
    hours = length / HOUR
    if hours < 2:
        return f"{max(1, round(hours * 60))} min"
    return f"{round(hours)} h" if hours < 48 else f"{round(hours / 24)} days"


def as_json(pulse: Pulse) -> str:
    return json.dumps(
        {
            "now": pulse.now.isoformat(),
            "since": pulse.since.isoformat(),
            "well": pulse.well,
            "headline": headline(pulse),
            "alarms": [{"name": one.name, "heading": one.heading, "lines": one.lines} for one in alarms(pulse)],
            "feeds": [_feed_json(one) for one in pulse.feeds],
            "activity": dict(pulse.activity),
            "unread": pulse.unread,
            "unfollowed": pulse.unfollowed,
            "undelivered": pulse.undelivered,
            "held": pulse.held,
            "folded": pulse.folded,
            "waiting": [_alert_json(alert) for alert in pulse.waiting],
        },
        ensure_ascii=False,
        indent=2,
    )


def _feed_json(one: Health) -> dict[str, object]:
    state, gap = one.state, usual_gap(one.state)
    return {
        "url": one.feed.url,
        "outlet": one.feed.outlet,
        "condition": one.condition,
        "read": _iso(state.ok_at),
        "newest": _iso(state.newest),
        "usual_gap_hours": round(gap / HOUR, 1) if gap else None,
        "error": state.error,
    }


def _alert_json(alert: Alert) -> dict[str, object]:
    since = wanted_at(alert).isoformat()
    return {"channel": alert.channel, "since": since, "state": alert.state, "error": alert.error}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
