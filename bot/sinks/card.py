"""The card: a message as Slack blocks, in three layouts, each as a card or as a short reply, and as the arguments of a post.

Everything that comes from feeds stands in elements that Slack does not parse — text and link elements of rich text,
plain_text without emoji — so that there is no markup to escape (docs/decisions/0004-inert-slack-text.md).
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from bot.messages import (
    Claim,
    FactLine,
    Line,
    Message,
    Section,
    Source,
    beside,
    claim_source,
    facts,
    glance,
    heading,
    headline,
    last_change,
    moment,
    more_words,
    notes,
    one_line,
    publishers,
    quotes,
    reasons,
    says,
    section_title,
    topics,
    whole_words,
    written,
)
from bot.sinks.mrkdwn import cut, escape, link, safe_url

Block = dict[str, Any]

BUDGET = 10_000  # characters of all blocks as JSON: Slack refuses somewhere above 13,200 and documents no number
SHARES = (1.0, 0.5, 0.2)  # of the room each part has: the first that keeps within the budget is taken
LAMPS = {"high": "🔴", "medium": "🟠", "low": "🔵"}  # beside the word, never instead of it
OUTLETS = 6
FACTS = 3
NOTES = 20
SECTIONS, LINES = 40, 40  # of a digest
MOST_LINES = 80  # that BUDGET has room for, were they short
PLAIN_LINES = 6  # as many as fit into one block of plain text, whatever their length
DIGEST_SHARES = (1.0, 0.5, 0.3, 0.2, 0.1, 0.05, 0.025)
WATCHLISTS = 5
LONGEST_URL = 2_000
LONGEST_LINK = 2_400  # as it is written
MOST_CALLED = 20
USER_ID = re.compile(r"[UW][A-Z0-9]+")

# What the buttons are called when they are pressed; their value is the id of the alert that made the card.
BUTTONS = "tariffwatch_buttons"  # the block's id
RELEVANT, NOT_RELEVANT = "relevant", "not_relevant"
MUTE_STORY, FOLLOW, WHY = "mute_story", "follow", "why"
REASONS = {
    "wrong_topic": "Wrong topic",
    "duplicate": "Duplicate",
    "old": "Old news",
    "spam": "Spam",
}  # "old:<alert id>"
ANSWERED = ("new", "update")  # kinds of message that have buttons


def post(message: Message, simple: int, *, reply: bool = False, buttons: bool = False) -> dict[str, Any]:
    """The arguments of a post but channel and metadata. `simple` 0 is the full card, 1 plain text, 2 title and link.

    Whatever Slack would read into plain words — names, channels, URLs, formatting, previews — is switched off.
    """
    blocks = layout(message, simple, reply=reply, buttons=buttons)
    return {
        "text": fallback(message, with_link=not blocks),
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        **({"blocks": blocks} if blocks else {}),
    }


def layout(message: Message, simple: int, *, reply: bool = False, buttons: bool = False) -> list[Block]:
    """The blocks of one layout, within all of Slack's limits; none for title and link. `reply`: in short, for a thread."""
    if message.sections:
        draw = {0: _digest, 1: _plain_digest}.get(simple)
    else:
        draw = {0: _short if reply else _full, 1: _plain_short if reply else _plain}.get(simple)
    if draw is None:
        return []
    pressed = [_buttons(message.id)] if buttons and not reply and message.kind in ANSWERED else []
    blocks: list[Block] = []
    for share in _shares(message) if message.sections else SHARES:
        blocks = [*draw(message, share), *pressed]
        if weight(blocks) < BUDGET:
            break
    return blocks


def fallback(message: Message, *, with_link: bool = False) -> str:
    """What a notification, a screen reader and a search see: the weightiest fact, then the headline; with its link, the
    simplest message of all."""
    told = " — ".join([*(one_line(fact.line) for fact in message.facts[:1]), headline(message)])
    words = escape(f"{_lamp(message)} {message.severity.upper()}: {told}", 500)
    if with_link and message.sections:
        return f"{words}\n{escape(whole_words(message), 300)}"
    return "\n".join([words, *filter(None, [_opening(message.url)])]) if with_link else words


def weight(blocks: list[Block]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False))


# the full card


def _full(message: Message, share: float) -> list[Block]:
    above = [
        [_text(f"{_lamp(message)} {glance(message)}", 300 * share, bold=True)],
        [_link(message.url, headline(message), 300 * share, bold=True)],
        *([[_text(words, 300 * share)]] if (words := beside(message)) else []),
        *_facts(message.facts[:FACTS], share),
        *([[_text(summary, 500 * share)]] if (summary := written(message)) else []),
    ]
    above += [[_text(line, 300 * share)] for line in _notes(message)]
    below = [_sectors(message, share), *_told_by(message, share), _last_change(message, share)]
    small = (f"Why: {_why(message, share)}" if message.why else "", topics(message))
    return [
        _rich(_section(above), _quote(quotes(message)[:3], share), _section([line for line in below if line])),
        *({"type": "context", "elements": [_plain_text(words, 900 * share)]} for words in small if words),
    ]


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": [element for element in elements if element]}


def _quote(sentences: tuple[str, ...], share: float) -> Block:
    quoted = "\n".join(cut(sentence, int(450 * share)) for sentence in sentences)
    return {"type": "rich_text_quote", "elements": [{"type": "text", "text": quoted}]} if quoted else {}


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
    words = _text(one_line(label) or "(no words)", limit, bold=bold)
    return words | {"type": "link", "url": safe} if safe else words


def _facts(told: tuple[FactLine, ...], share: float) -> list[list[Block]]:
    lines: list[list[Block]] = []
    for fact in told:
        lines += [[_text(fact.line, 300 * share)]] if one_line(fact.line) else []
        lines += [_claim(claim, share) for claim in fact.claims[:2]]
    return lines


def _claim(claim: Claim, share: float) -> list[Block]:
    """Washington says: 18 % agreed (Outlet, 6 Feb 2026)"""
    source = _link(claim.url, claim_source(claim), 90, longest=500 * share)
    return [_text(says(claim), 200 * share), _plain_piece(" ("), source, _plain_piece(")")]


def _sectors(message: Message, share: float) -> list[Block]:
    names = ", ".join(one_line(name.replace("_", " ")) for name in message.sectors)
    return [_text(f"Sectors: {names}", 300 * share)] if names else []


def _told_by(message: Message, share: float) -> list[list[Block]]:
    """4 publishers since Nov 22 at 14:30: Port and Loom, Gulf Wire and 1 more · official: Trade Notices"""
    if not message.sources:
        return []
    first = min(message.sources, key=lambda source: source.published)
    press = [source for source in message.sources if not source.official]
    official = [source for source in message.sources if source.official]
    line = [_plain_piece(f"{publishers(message) or 'Told'} since "), _date(first)]
    for words, sources in ((": ", press), (" · official: ", official)):
        line += [_plain_piece(words), *_named(sources, share)] if sources else []
    return [line]


def _named(sources: Sequence[Source], share: float) -> list[Block]:
    pieces: list[Block] = []
    for source in sources[:OUTLETS]:
        name = one_line(source.outlet) or "unnamed outlet"
        pieces += [_plain_piece(", "), _link(source.url, name, 60, longest=500 * share)]
    more = len(sources) - OUTLETS
    return pieces[1:] + ([_plain_piece(f" and {more} more")] if more > 0 else [])


def _last_change(message: Message, share: float) -> list[Block]:
    words = last_change(message)
    return [_text(words, 200 * share), *_by(message)] if words else []


def _by(message: Message) -> list[Block]:
    """· Gulf Wire · Nov 22 at 14:30"""
    if message.by is None:
        return []
    outlet = cut(one_line(message.by.outlet), 60) or "unnamed outlet"
    return [_plain_piece(f" · {outlet} · "), _date(message.by)]


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


def _buttons(alert_id: str) -> Block:
    answers = [{"text": _plain_text(said, 75), "value": f"{name}:{alert_id}"} for name, said in REASONS.items()]
    menu = {
        "type": "static_select",
        "action_id": NOT_RELEVANT,
        "placeholder": _plain_text("Not relevant", 75),
        "options": answers,
    }
    pressed = ((MUTE_STORY, "Mute story"), (FOLLOW, "Follow"), (WHY, "Why?"))
    elements = [_button(RELEVANT, "Relevant", alert_id), menu, *(_button(*one, alert_id) for one in pressed)]
    return {"type": "actions", "block_id": BUTTONS, "elements": elements}


def _button(action: str, label: str, alert_id: str) -> Block:
    return {"type": "button", "action_id": action, "text": _plain_text(label, 75), "value": alert_id}


# the short reply


def _short(message: Message, share: float) -> list[Block]:
    lines = [
        [_text(f"{_lamp(message)} {heading(message)}", 300 * share, bold=True)],
        *_facts(message.facts[:FACTS], share),
        [_link(message.url, headline(message), 300 * share), *_by(message)],
    ]
    called = _called(message)
    return [_rich(_section(lines), _quote(quotes(message)[:1], share), _section([called] if called else []))]


def _called(message: Message) -> list[Block]:
    """The one mention of people: of ids that Slack itself gave."""
    people = [user for user in message.followers[:MOST_CALLED] if USER_ID.fullmatch(user)]
    pieces = [piece for user in people for piece in ({"type": "user", "user_id": user}, _plain_piece(" "))]
    return [_plain_piece("Followed by "), *pieces[:-1]] if people else []


def _plain_short(message: Message, share: float) -> list[Block]:
    lines = (f"{_lamp(message)} {heading(message)}", *facts(message)[: 3 * FACTS], headline(message))
    parts = ("\n".join(cut(line, int(300 * share)) for line in lines), *quotes(message)[:1])
    sections: list[Block] = [{"type": "section", "text": _plain_text(part, 2_000 * share)} for part in parts]
    return [*sections, *_open(message.url)]


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
        "\n".join(cut(line, int(300 * share)) for line in _notes(message)),
        "\n".join(cut(quote, int(450 * share)) for quote in quotes(message)[:3]),
        cut(f"Sectors: {sectors}", int(300 * share)) if sectors else "",
        outlets,
        f"Why: {_why(message, share)}" if message.why else "",
        topics(message),
    )
    sections: list[Block] = [{"type": "section", "text": _plain_text(part, 2_000)} for part in parts if part]
    return [*sections, *_open(message.url)]


def _open(url: str) -> list[Block]:
    """The one piece of markup on any card: a label of ours on a URL that cannot end early."""
    words = {"type": "mrkdwn", "text": _opening(url), "verbatim": True}
    return [{"type": "context", "elements": [words]}] if words["text"] else []


def _opening(url: str) -> str:
    """ "" where the URL is none, or too long: each & in it counts as five characters."""
    words = link(url, "Open the article") if _url(url) else ""
    return words if len(words) <= LONGEST_LINK else ""


def _plain_text(text: str, limit: float) -> Block:
    return {"type": "plain_text", "text": cut(text, int(limit)), "emoji": False}


# digests


def _digest(message: Message, share: float) -> list[Block]:
    most, longest = _lines(share), max(200, 1_000 * share)
    above = (f"{_lamp(message)} {heading(message)}", headline(message))
    inside = [[_text(words, 300, bold=True)] for words in above]
    for section, shown, more in _parts(message, most, share):
        inside += [[], [_text(section_title(section), 100, bold=True)]]
        inside += [[_plain_piece("• "), _link(one.url, one.words, _room(share), longest=longest)] for one in shown]
        inside += [[_text(more, 100)]] if more else []
    foot = _left_out(message, most, share)
    small: list[Block] = [{"type": "context", "elements": [_plain_text(foot, 600)]}] if foot else []
    return [{"type": "rich_text", "elements": [_section(inside)]}, *small]


def _plain_digest(message: Message, share: float) -> list[Block]:
    most = min(PLAIN_LINES, _lines(share))
    parts = [f"{_lamp(message)} {heading(message)}\n{headline(message)}"]
    for section, shown, more in _parts(message, most, share):
        told = [f"• {cut(one_line(one.words), _room(share))}" for one in shown]
        parts.append("\n".join(line for line in (cut(section_title(section), 100), *told, more) if line))
    parts.append(_left_out(message, most, share))
    return [{"type": "section", "text": _plain_text(part, 2_000)} for part in parts if part]


def _parts(message: Message, most: int, share: float) -> Iterator[tuple[Section, tuple[Line, ...], str]]:
    """Each section that has room, `most` lines of it, and how many more there are in words."""
    for section in message.sections[: _sections(share)]:
        yield section, section.lines[:most], more_words(len(section.lines) - most, "line")


def _left_out(message: Message, most: int, share: float) -> str:
    """Nothing is left out without a word: how many more sections there are, and the command that shows all of it."""
    more = more_words(len(message.sections) - _sections(share), "section")
    short = more or any(cut_short for _, _, cut_short in _parts(message, most, share))
    return ". ".join(words for words in (more, whole_words(message)) if words) if short else ""


def _shares(message: Message) -> Sequence[float]:
    """Those that leave no more lines than could ever have room: to lay out all of a long digest takes seconds."""
    few = [share for share in DIGEST_SHARES if _count(message, share) <= MOST_LINES]
    return few or DIGEST_SHARES[-1:]


def _count(message: Message, share: float) -> int:
    return sum(min(len(section.lines), _lines(share)) for section in message.sections[: _sections(share)])


def _lines(share: float) -> int:
    return max(1, int(LINES * share))


def _sections(share: float) -> int:
    return max(8, int(SECTIONS * share))


def _room(share: float) -> int:
    return max(150, int(300 * share))


# both


def _lamp(message: Message) -> str:
    return LAMPS.get(message.severity, "⚪")


def _shown(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Official sources are never the ones left out."""
    first = sorted(sources, key=lambda s: not s.official)[:OUTLETS]
    return tuple(sorted(first, key=lambda s: s.published))


def _notes(message: Message) -> list[str]:
    lines = notes(message)
    return [*lines[:NOTES], *([f"and {len(lines) - NOTES} more"] if len(lines) > NOTES else [])]


def _why(message: Message, share: float) -> str:
    fired = [cut(reason, int(160 * share)) for reason in reasons(message)]
    return " · ".join(
        [*fired[:WATCHLISTS], *([f"and {len(fired) - WATCHLISTS} more"] if len(fired) > WATCHLISTS else [])]
    )


def _url(url: str, longest: float = LONGEST_URL) -> str:
    safe = safe_url(url)
    return safe if len(safe) <= longest else ""
