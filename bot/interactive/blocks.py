"""Blocks: the pieces of what is answered. All of them are elements that Slack does not parse, so nothing is escaped."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from bot.messages import more_words, one_line, visible
from bot.sinks.card import BUDGET, SHARES, USER_ID, weight
from bot.sinks.mrkdwn import cut, escape, safe_url

Block = dict[str, Any]
Line = list[Block]

CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{5,}")
LONGEST_URL = 2_000
LINES = 100  # of what is said


def text(words: str, *, bold: bool = False, limit: float = 600) -> Block:
    shown = cut(one_line(words), int(limit)) or " "
    return {"type": "text", "text": shown, **({"style": {"bold": True}} if bold else {})}


def piece(words: str) -> Block:
    """Words of our own, whose spaces at the ends count."""
    return {"type": "text", "text": words}


def link(url: str, words: str, *, limit: float = 300, bold: bool = False) -> Block:
    safe, shown = safe_url(url), text(words, limit=limit, bold=bold)
    return {**shown, "type": "link", "url": safe} if safe and len(safe) <= LONGEST_URL else shown


def person(user: str) -> Block:
    """Only an id that Slack gave becomes a mention."""
    return {"type": "user", "user_id": user} if USER_ID.fullmatch(user) else text(user)


def channel(name: str) -> Block:
    return {"type": "channel", "channel_id": name} if CHANNEL_ID.fullmatch(name) else text(name)


def lines(*rows: Line) -> Block:
    inside: Line = []
    for row in rows:
        inside += [piece("\n"), *row] if inside else row
    return {"type": "rich_text_section", "elements": inside}


def preformatted(words: str, limit: float = 2_000) -> Block:
    """Line ends and blanks stay: for trees and what stands under a caret."""
    shown = "\n".join(map(visible, words.split("\n")))
    return {"type": "rich_text_preformatted", "elements": [piece(cut(shown, int(limit)) or " ")]}


def rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def said(words: str) -> list[Block]:
    """A text of one or more lines, and nothing else; of a long one as much as Slack takes."""
    return fitting(lambda share: [rich(lines(*_rows(words.splitlines() or [""], share)))])


def _rows(told: Sequence[str], share: float) -> list[Line]:
    most = int(LINES * share)
    more = more_words(len(told) - most, "line")
    return [[text(line, limit=1_000 * share)] for line in (*told[:most], *([more] if more else []))]


def plain(words: str, limit: int = 75) -> Block:
    return {"type": "plain_text", "text": cut(one_line(words), limit) or " ", "emoji": False}


def button(action: str, label: str, value: str) -> Block:
    return {"type": "button", "action_id": action, "text": plain(label), "value": value}


def fitting(layout: Callable[[float], list[Block]], budget: int = BUDGET) -> list[Block]:
    """The layout with the largest share of its room that keeps within the budget."""
    blocks: list[Block] = []
    for share in SHARES:
        blocks = layout(share)
        if weight(blocks) < budget:
            break
    return blocks


def fallback(words: str) -> str:
    """What a notification and a screen reader get."""
    return escape(words, 500)


def several(names: Sequence[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
