"""The card: a message as Slack blocks, in three layouts, and as the arguments of a post.

Everything that comes from feeds stands in elements that Slack does not parse — text and link elements of rich text,
plain_text without emoji — so that there is no markup to escape (docs/decisions/0004-inert-slack-text.md).
"""

import json
from typing import Any

from bot.messages import (
    Claim,
    Message,
    Source,
    claim_source,
    facts,
    heading,
    headline,
    moment,
    one_line,
    quotes,
    reasons,
    says,
    topics,
    written,
)
from bot.sinks.mrkdwn import cut, escape, link, safe_url

Block = dict[str, Any]

BUDGET = 10_000  # characters of all blocks as JSON: Slack refuses somewhere above 13,200 and documents no number
SHARES = (1.0, 0.5, 0.2)  # of the room each part has: the first that keeps within the budget is taken
LAMPS = {"high": "🔴", "medium": "🟠", "low": "🔵"}  # beside the word, never instead of it
OUTLETS = 6
FACTS = 3
WATCHLISTS = 5
LONGEST_URL = 2_000


def post(message: Message, simple: int) -> dict[str, Any]:
    """The arguments of a post but channel and metadata. `simple` 0 is the full card, 1 plain text, 2 title and link.

    Whatever Slack would read into plain words — names, channels, URLs, formatting, previews — is switched off.
    """
    blocks = layout(message, simple)
    return {
        "text": fallback(message, with_link=not blocks),
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        **({"blocks": blocks} if blocks else {}),
    }


def layout(message: Message, simple: int) -> list[Block]:
    """The blocks of one layout, within all of Slack's limits; none for title and link."""
    draw = {0: _full, 1: _plain}.get(simple)
    if draw is None:
        return []
    blocks: list[Block] = []
    for share in SHARES:
        blocks = draw(message, share)
        if weight(blocks) < BUDGET:
            break
    return blocks


def fallback(message: Message, *, with_link: bool = False) -> str:
    """What a notification, a screen reader and a search see: the weightiest fact, then the headline; with its link, the
    simplest message of all."""
    told = " — ".join([*(one_line(fact.line) for fact in message.facts[:1]), headline(message)])
    words = escape(f"{_lamp(message)} {message.severity.upper()}: {told}", 500)
    return f"{words}\n{link(_url(message.url), 'Open the article')}" if with_link and _url(message.url) else words


def weight(blocks: list[Block]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False))


# the full card


def _full(message: Message, share: float) -> list[Block]:
    above = [
        [_text(f"{_lamp(message)} {heading(message)}", 300 * share, bold=True)],
        *_facts(message, share),
        [_link(message.url, headline(message), 300 * share, bold=True)],
    ]
    if summary := written(message):
        above.append([_text(summary, 500 * share)])
    quoted = "\n".join(cut(quote, int(450 * share)) for quote in quotes(message)[:3])
    below = [_sectors(message, share), *(_outlet(s, share) for s in _shown(message.sources)), _others(message)]
    elements = [
        _section(above),
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": quoted}]} if quoted else {},
        _section([line for line in below if line]),
    ]
    small = (f"Why: {_why(message, share)}" if message.why else "", topics(message))
    return [
        {"type": "rich_text", "elements": [element for element in elements if element]},
        *({"type": "context", "elements": [_plain_text(words, 900 * share)]} for words in small if words),
    ]


def _section(lines: list[list[Block]]) -> Block:
    """One element a line would depend on how a client stacks sections: a line end is a line end everywhere."""
    inside: list[Block] = []
    for line in lines:
        inside += [{"type": "text", "text": "\n"}, *line] if inside else line
    return {"type": "rich_text_section", "elements": inside} if inside else {}


def _text(text: str, limit: float, *, bold: bool = False) -> Block:
    return {"type": "text", "text": cut(one_line(text), int(limit)), **({"style": {"bold": True}} if bold else {})}


def _link(url: str, label: str, limit: float, *, bold: bool = False, longest: float = LONGEST_URL) -> Block:
    safe = _url(url, longest)
    words = _text(label, limit, bold=bold)
    return words | {"type": "link", "url": safe} if safe else words


def _facts(message: Message, share: float) -> list[list[Block]]:
    lines: list[list[Block]] = []
    for fact in message.facts[:FACTS]:
        lines += [[_text(fact.line, 300 * share, bold=True)]] if one_line(fact.line) else []
        lines += [_claim(claim, share) for claim in fact.claims[:2]]
    return lines


def _claim(claim: Claim, share: float) -> list[Block]:
    """Washington says: 18 % agreed (Outlet, 6 Feb 2026)"""
    source = _link(claim.url, claim_source(claim), 90, longest=500 * share)
    return [_text(says(claim), 200 * share), _plain_piece(" ("), source, _plain_piece(")")]


def _sectors(message: Message, share: float) -> list[Block]:
    names = ", ".join(one_line(name.replace("_", " ")) for name in message.sectors)
    return [_text(f"Sectors: {names}", 300 * share)] if names else []


def _outlet(source: Source, share: float) -> list[Block]:
    """• Outlet · official · when, in the reader's own time zone."""
    name = _link(source.url, one_line(source.outlet) or "unnamed outlet", 60, longest=500 * share)
    between = " · official · " if source.official else " · "
    return [_plain_piece("• "), name, _plain_piece(between), _date(source)]


def _others(message: Message) -> list[Block]:
    more = len(message.sources) - OUTLETS
    return [_plain_piece(f"and {more} more outlet{'s' if more > 1 else ''}")] if more > 0 else []


def _plain_piece(words: str) -> Block:
    """Words of our own, whose spaces at the ends count."""
    return {"type": "text", "text": words}


def _date(source: Source) -> Block:
    return {
        "type": "date",
        "timestamp": int(source.published.timestamp()),
        "format": "{date_short_pretty} at {time}",
        "fallback": moment(source.published),
    }


# plain text


def _plain(message: Message, share: float) -> list[Block]:
    outlets = "\n".join(
        f"• {cut(one_line(s.outlet), 60)}{' · official' if s.official else ''} · {moment(s.published)}"
        for s in _shown(message.sources)
    )
    sectors = ", ".join(one_line(name.replace("_", " ")) for name in message.sectors)
    above = (f"{_lamp(message)} {heading(message)}", *facts(message)[: 3 * FACTS], headline(message))
    parts = (
        "\n".join(cut(line, int(300 * share)) for line in above),
        cut(written(message), int(500 * share)),
        "\n".join(cut(quote, int(450 * share)) for quote in quotes(message)[:3]),
        cut(f"Sectors: {sectors}", int(300 * share)) if sectors else "",
        outlets,
        f"Why: {_why(message, share)}" if message.why else "",
        topics(message),
    )
    sections: list[Block] = [{"type": "section", "text": _plain_text(part, 2_000)} for part in parts if part]
    return [*sections, _open(message.url)] if _url(message.url) else sections


def _open(url: str) -> Block:
    """The one piece of markup on any card: a label of ours on a URL that cannot end early."""
    words = {"type": "mrkdwn", "text": link(url, "Open the article"), "verbatim": True}
    return {"type": "context", "elements": [words]}


def _plain_text(text: str, limit: float) -> Block:
    return {"type": "plain_text", "text": cut(text, int(limit)), "emoji": False}


# both


def _lamp(message: Message) -> str:
    return LAMPS.get(message.severity, "⚪")


def _shown(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Official sources are never the ones left out."""
    first = sorted(sources, key=lambda s: not s.official)[:OUTLETS]
    return tuple(sorted(first, key=lambda s: s.published))


def _why(message: Message, share: float) -> str:
    fired = [cut(reason, int(160 * share)) for reason in reasons(message)]
    return " · ".join(
        [*fired[:WATCHLISTS], *([f"and {len(fired) - WATCHLISTS} more"] if len(fired) > WATCHLISTS else [])]
    )


def _url(url: str, longest: float = LONGEST_URL) -> str:
    safe = safe_url(url)
    return safe if len(safe) <= longest else ""
