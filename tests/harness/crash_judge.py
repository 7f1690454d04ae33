"""The judge of the crash driver: what feeds have shown, what the store holds and what stands in Slack, laid beside each other."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot import alerts as outbox
from bot.alerts import Alert
from bot.sinks.card import post
from bot.stores.sql import SqlStore
from bot.stories import Story

Posted = Mapping[str, Sequence[dict[str, Any]]]  # messages by the id in their metadata
Batch = tuple[datetime, Collection[str]]  # when it was about to be kept as followed, and the ids of its articles
EVERY = 1_000_000
RATE = re.compile(r"\d+%")


@dataclass(slots=True)
class Verdict:
    """`faults` in words, one a line."""

    items: Counter[str] = field(
        default_factory=Counter
    )  # "served", "stored", "late" of these: kept, and told by nobody
    cards: Counter[str] = field(default_factory=Counter)  # by what they are; and "lost", "doubled", "blind"
    faults: list[str] = field(default_factory=list)


def posted(messages: Sequence[dict[str, Any]]) -> Posted:
    found: dict[str, list[dict[str, Any]]] = {}
    for message in messages:
        found.setdefault(message["metadata"]["event_payload"]["id"], []).append(message)
    return found


def judge(
    store: SqlStore,
    shown: Mapping[str, str],
    messages: Sequence[dict[str, Any]],
    channels: Collection[str],
    followed: Sequence[Batch] = (),
) -> Verdict:
    """Of a desk that has come to rest. `shown` are the titles that feeds have shown, by link; `channels` want all of it;
    `followed` has each batch, one that a kill undid too."""
    verdict, there = Verdict(), posted(messages)
    alerts = store.alerts(limit=EVERY)
    for link, title in shown.items():
        faults = list(_missing(store, link, title))
        untold = [] if faults else _untold(store, link, title, alerts, channels)
        in_slack = [alert for alert in alerts if alert.id in there] if untold else []
        late = [name for name in untold if _is_late(store, link, [a for a in in_slack if a.channel == name], followed)]
        faults += [f"lost: {link} ({title}) was never told in {name}" for name in untold if name not in late]
        verdict.items.update(served=1, stored=int(not faults), late=int(bool(late) and not faults))
        verdict.faults += faults
    for alert in alerts:
        verdict.faults += _undelivered(alert, len(there.get(alert.id, ())), verdict.cards)
    verdict.faults += _strange(alerts, there)
    verdict.faults += _stale(store, alerts, there)
    return verdict


def _missing(store: SqlStore, link: str, title: str) -> Iterator[str]:
    article = store.article(link)
    if article is None:
        yield f"lost: {link} was served and is not in the store"
    elif article.title != title:
        yield f"stale: {link} is {article.title!r}, and was last served as {title!r}"
    elif store.story_of(article.id) is None:
        yield f"lost: {link} ({title}) is in no story"


def _untold(store: SqlStore, link: str, title: str, alerts: Sequence[Alert], channels: Collection[str]) -> list[str]:
    """The channels that never heard of its rate, whichever article of its story told it, or itself in the story it was in."""
    names, article = _names(store, _story(store, link).id), store.article(link)
    (rate,) = RATE.findall(title)
    its = [a for a in alerts if a.story_id in names or (article and a.article_id == article.id)]
    told = [a for a in its if a.role != outbox.EDIT and rate in a.message.headline]
    return [channel for channel in channels if channel not in {alert.channel for alert in told}]


def _is_late(store: SqlStore, link: str, told: Iterable[Alert], followed: Sequence[Batch]) -> bool:
    """Whether one of `told` tells a later state of its measure, and was queued by an earlier batch: it takes its place in the
    history then, and nothing is told of it."""
    article = store.article(link)
    assert article is not None
    states = [s for m in store.measures() if any(s.article_id == article.id for s in m.states) for s in m.states]
    later = {(s.article_id, f"{s.rate:g}%") for s in states if s.told >= article.published and s.rate is not None}
    first = next((n for n, (_, ids) in enumerate(followed) if article.id in ids), 0)
    before = [at for at, _ in followed[:first]]
    overtook = [a for a in told if before and a.created <= before[-1] and a.article_id != article.id]
    return any((a.article_id, rate) in later for a in overtook for rate in RATE.findall(a.message.headline))


def _story(store: SqlStore, link: str) -> Story:
    article = store.article(link)
    story = store.story_of(article.id) if article else None
    assert story is not None
    return story


def _undelivered(alert: Alert, times: int, cards: Counter[str]) -> Iterator[str]:
    what = f"{alert.role} {alert.id} ({alert.message.headline}) in {alert.channel}"
    if alert.state in (outbox.TOLD, *([outbox.SUPERSEDED] if alert.role == outbox.EDIT else [])):
        return
    if alert.state != outbox.SENT or (times == 0 and alert.role != outbox.EDIT):
        cards["lost"] += 1
        yield f"lost: {what} is {alert.state} by our account, and stands {times} times in Slack {alert.error}"
        return
    cards[alert.message.kind if alert.role == outbox.ALONE else alert.role] += 1
    if times > 1 and alert.blind:
        cards["blind"] += times - 1
    elif times > 1:
        cards["doubled"] += times - 1
        yield f"doubled: {what} stands {times} times in Slack"


def _strange(alerts: Sequence[Alert], there: Posted) -> Iterator[str]:
    """What is in Slack, or twice where once is all, and nobody wanted it."""
    wanted = {alert.id for alert in alerts}
    yield from (f"strange: {name} is in Slack and not in the store" for name in there if name not in wanted)
    roots = Counter((alert.story_id, alert.channel) for alert in alerts if alert.role == outbox.ROOT)
    yield from (
        f"doubled: {times} cards of {story} in {channel}" for (story, channel), times in roots.items() if times > 1
    )


def _stale(store: SqlStore, alerts: Sequence[Alert], there: Posted) -> Iterator[str]:
    """Cards that are not as they were last edited, and replies that are in no or another's thread."""
    edited = set[tuple[str, ...]]()
    for alert in alerts:  # the newest first
        if alert.state != outbox.SENT or alert.role not in (outbox.REPLY, outbox.EDIT):
            continue
        names = _names(store, alert.story_id)
        roots = [a for a in alerts if a.role == outbox.ROOT and a.channel == alert.channel and a.story_id in names]
        if alert.role == outbox.REPLY:
            threads = {root.receipt for root in roots}
            strays = [message for message in there.get(alert.id, ()) if message.get("thread_ts") not in threads]
            yield from (f"stray: reply {alert.id} ({alert.message.headline}) is in another thread" for _ in strays)
        elif (*names, alert.channel) not in edited:
            edited.add((*names, alert.channel))
            if not any(_shows(message, alert, root.id) for root in roots for message in there.get(root.id, ())):
                yield f"stale: the card of edit {alert.id} ({alert.message.headline}) is not as it was last edited"


def _names(store: SqlStore, story_id: str) -> tuple[str, ...]:
    """Of the story as it is now, and of those that were merged into it: each has a card."""
    story = store.story(story_id)
    return (story.id, *(merge.story_id for merge in story.merges)) if story else (story_id,)


def _shows(message: Mapping[str, Any], edit: Alert, root: str) -> bool:
    wanted = json.loads(json.dumps(post(replace(edit.message, id=root), edit.simple)))
    return all(message[name] == wanted.get(name) for name in ("text", "blocks"))
