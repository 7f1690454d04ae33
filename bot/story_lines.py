"""Lines of stories: which there are, and who is in one, why, and what was sent of it — for people and programs."""

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from bot.alerts import Alert
from bot.members import Member
from bot.messages import counted, moment, one_line
from bot.stories import Story, publishers

EMPTY = "No stories since {since}."


def headline(story: Story) -> str:
    return one_line(story.members[0].title) if story.members else "(its articles are no longer kept)"


def row(story: Story, alerts: Sequence[Alert]) -> dict[str, Any]:
    """`alerts` are those of the story, newest first."""
    return {
        "id": story.id,
        "headline": headline(story),
        "publishers": publishers(story),
        "articles": len(story.members),
        "started": story.started.isoformat(),
        "updated": story.updated.isoformat(),
        "severity": alerts[0].message.severity if alerts else "",
        "channels": list(story.told),
    }


def whole(story: Story, alerts: Sequence[Alert]) -> dict[str, Any]:
    """The row, with every member, merge and alert."""
    sent = [
        {
            "channel": alert.channel,
            "kind": alert.message.kind,
            "severity": alert.message.severity,
            "headline": alert.message.headline,
            "article": alert.article_id,
            "state": alert.state,
            "perhaps_twice": alert.blind,
            "created": alert.created.isoformat(),
        }
        for alert in reversed(alerts)
    ]
    merges = [
        {"story": m.story_id, "article": m.article_id, "at": m.at.isoformat(), "why": m.why} for m in story.merges
    ]
    splits = [
        {"story": s.story_id, "article": s.article_id, "at": s.at.isoformat(), "why": s.why} for s in story.splits
    ]
    members = [_member(m, in_doubt=m.article_id in doubted(story)) for m in story.members]
    return row(story, alerts) | {"members": members, "merges": merges, "splits": splits, "sent": sent}


def doubted(story: Story) -> set[str]:
    return {name for doubt in story.doubts for name in doubt.articles}


def _member(m: Member, *, in_doubt: bool) -> dict[str, Any]:
    return {
        "article": m.article_id,
        "outlet": m.outlet,
        "title": m.title,
        "url": m.url,
        "published": m.published.isoformat(),
        "official": m.official,
        "copy_of": m.copy_of,
        "was": list(m.was),
        "in_doubt": in_doubt,
        "why": m.why,
    }


def as_json(rows: Any) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=1)


def summary(story: Story, alerts: Sequence[Alert]) -> tuple[str, str]:
    """The story in two cells of a table: how large and when; what, and whom it was told."""
    outlets, articles = publishers(story), len(story.members)
    size = f"{counted(outlets, 'publisher')}, {counted(articles, 'article')}"
    told = f"{alerts[0].message.severity} · {', '.join(story.told)}" if alerts and story.told else "told to nobody"
    return f"{moment(story.started)}\n{span(story)}\n{size}", f"{headline(story)}\n{told}\n{story.id}"


def span(story: Story) -> str:
    """ "3 days", "5 hours": from the first telling to the last."""
    length = story.updated - story.started
    if length >= timedelta(days=1):
        return counted(length.days, "day")
    return counted(length // timedelta(hours=1), "hour") if length >= timedelta(hours=1) else "within an hour"


def lines(story: Story, alerts: Sequence[Alert]) -> Iterable[str]:
    """The story as `tariffwatch story` prints it; `alerts` newest first."""
    yield headline(story)
    yield f"  {story.id} · {counted(publishers(story), 'publisher')}, {counted(len(story.members), 'article')}, {span(story)}"
    yield "\nMembers"
    for m in story.members:
        yield from _member_lines(m, in_doubt=m.article_id in doubted(story))
    if story.merges:
        yield "\nMerged into it"
        yield from (f"  {m.story_id} on {moment(m.at)}: {one_line(m.why)}" for m in story.merges)
    if story.splits:
        yield "\nParted from"
        yield from (f"  {s.story_id} on {moment(s.at)}: {one_line(s.why)}" for s in story.splits)
    yield "\nSent"
    yield from [_sent(alert) for alert in reversed(alerts)] or ["  nothing"]


def marks(m: Member, *, in_doubt: bool) -> tuple[str, ...]:
    told = ("official", m.official), ("copy", m.copy_of), ("edited", m.was), ("in doubt", in_doubt)
    return tuple(mark for mark, so in told if so)


def _member_lines(m: Member, *, in_doubt: bool) -> Iterable[str]:
    yield f"  {' · '.join([moment(m.published), one_line(m.outlet) or 'no outlet', *marks(m, in_doubt=in_doubt)])}"
    yield f"    {one_line(m.title)}"
    yield from (f"    was: {one_line(title)}" for title in reversed(m.was))
    yield f"    {one_line(m.why)}"
    yield f"    {m.url}"


def _sent(alert: Alert) -> str:
    words = [alert.channel, alert.message.severity, alert.message.kind, one_line(alert.message.changed)]
    state = f"{alert.state}, perhaps twice" if alert.blind else alert.state
    return (
        f"  {moment(alert.created)} · {' · '.join(filter(None, words))} · {state}: {one_line(alert.message.headline)}"
    )
