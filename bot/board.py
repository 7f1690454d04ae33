"""The board: the stories of some days as people look them over, the gravest first, each with what was told of it where.

severities → the ids of one sheet → stories, what was told → rows
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from bot.alerts import DEAD, FOLDED, PARKED, QUEUED, SENDING, SENT, SEVERITIES, TOLD, UNKNOWN, Alert
from bot.channels import Channel, digest_words
from bot.members import Member
from bot.messages import Message, one_line
from bot.stories import Story, publishers

NOBODY = ""  # the severity of what was told to nobody
ORDER = (*reversed(SEVERITIES), NOBODY)
SHEET = 30  # stories
_TS = re.compile(r"\d+\.\d{6}")  # a receipt of Slack's
_WORDS = {
    SENDING: "on its way",
    SENT: "sent",
    UNKNOWN: "perhaps sent: it is looked up",
    PARKED: "not taken by the channel",
    DEAD: "given up",
    TOLD: "told in a digest",
}


@dataclass(frozen=True, slots=True)
class Row:
    """`told` has of each channel that has heard of the story, or is to, its card."""

    story: Story
    severity: str
    card: Message | None  # as it was told last
    told: tuple[Alert, ...]

    @property
    def publishers(self) -> int:
        return publishers(self.story)

    @property
    def outlets(self) -> tuple[Member, ...]:
        """The first article of each outlet that tells it, official ones first."""
        first: dict[str, Member] = {}
        for member in sorted(self.story.members, key=lambda m: m.published):
            first.setdefault(member.outlet.casefold(), member)
        return tuple(sorted(first.values(), key=lambda m: not m.official))


def sheet(severities: Mapping[str, str], number: int) -> list[str]:
    """The ids on this sheet, from 1: the gravest first, and of those the youngest, as `severities` has them."""
    ordered = sorted(severities, key=lambda name: _rank(severities[name]))
    return ordered[(number - 1) * SHEET : number * SHEET]


def sheets(stories: int) -> int:
    return max(1, -(-stories // SHEET))


def rows(
    ids: Iterable[str], stories: Iterable[Story], told: Sequence[Alert], severities: Mapping[str, str]
) -> tuple[Row, ...]:
    """In the order of `ids`; `told` are alerts of these stories, oldest first."""
    by_id = {story.id: story for story in stories}
    story_of = {name: story.id for story in by_id.values() for name in story.names}
    of: dict[str, list[Alert]] = {}
    for alert in told:
        of.setdefault(story_of.get(alert.story_id, ""), []).append(alert)
    return tuple(_row(by_id[name], of.get(name, []), severities[name]) for name in ids if name in by_id)


def _row(story: Story, ours: Sequence[Alert], severity: str) -> Row:
    first: dict[str, Alert] = {}
    for alert in ours:
        first.setdefault(alert.channel, alert)
    return Row(story, severity, ours[-1].message if ours else None, tuple(first.values()))


def grouped(found: Sequence[Row]) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """By severity, without those that no row has."""
    groups = ((level, tuple(row for row in found if row.severity == level)) for level in ORDER)
    return tuple((level, inside) for level, inside in groups if inside)


def standing(alert: Alert, channel: Channel, now: datetime) -> str:
    """What became of a card, in words: "sent", "waits for the digest of 08:30"."""
    if alert.state == FOLDED:
        return f"waits for the {digest_words(channel)}" if channel.digests else "waits for a digest"
    if alert.state == QUEUED:
        return "held until quiet hours end" if alert.due and alert.due > now else "waits to be sent"
    return _WORDS.get(alert.state, alert.state)


def thread(channel: str, receipt: str) -> str:
    """Where Slack shows it to who is signed in there; "" for what is not in Slack. Of the address, the channel is what Slack
    documents; should it not heed the message, the reader is in the right channel still."""
    if not _TS.fullmatch(receipt):
        return ""
    where = quote(one_line(channel).lstrip("#"), safe="")
    return f"https://slack.com/app_redirect?channel={where}&message_ts={receipt}"


def _rank(severity: str) -> int:
    return ORDER.index(severity) if severity in ORDER else len(ORDER)
