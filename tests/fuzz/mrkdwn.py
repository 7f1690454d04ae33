"""Any texts at all, as headline, quotes, outlets, addresses and words of a watchlist: a card says them, and obeys none."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any
from urllib.parse import unquote, urlsplit
from zlib import crc32

from bot.analysis import LABELS, Analysis, Scores, Why
from bot.articles import Article
from bot.interactive import blocks as answers
from bot.messages import Claim, FactLine, Line, Message, Section, Source, compose, headline, one_line
from bot.sinks.card import BUDGET, LONGEST_LINK, LONGEST_URL, USER_ID, fallback, post, weight
from bot.sinks.mrkdwn import cut, escape, link, safe_url
from bot.vocabulary import Mention
from tests.block_kit import assert_taken_by_two_libraries
from tests.fake_slack import check_message
from tests.fuzz.driver import Border, bytes_of, text_of
from tests.test_mrkdwn import ENTITY, assert_whole_clusters, unescaped
from tests.test_slack import EVIL, pieces

Json = dict[str, Any]

PARTS = "\x1e"  # parts the fields of one input
MOST_ALONE = 3  # fields that are also looked at without a card
ROOM = 40  # characters, of which a cut is looked at closely
WAYS = tuple(product((0, 1, 2), (False, True)))  # simple, reply: an input is laid out in one of them, to be quick
LIVE = ("user", "usergroup", "channel", "broadcast", "emoji", "team")  # elements that call, or draw
JOINERS = "\u200c\u200d"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TOKENS = bytes_of(
    (
        *("<", ">", "&", "|", "*", "_", "~", "`", "```", ":", "\n> ", "\r", "\\", '"', "{", "}", "^", "%", "%3C", " ", "\t"),
        *("&amp;", "&lt;", "&#60;", "&am", "<!channel>", "<!here|x>", "<@U1>", "<#C1>", "<!subteam^S1>", "<!date^1^{date}|x>"),
        *("<https://evil.example|Approve>", "[a](https://e.example)", "@here", "@everyone", ":skull:", ":+1::skin-tone-2:"),
        *("https://", "HTTPS://", "http://[::1]", "javascript:", "//evil.example", "https://a@b.example", "?a=1&b=2", "#x"),
        *("\u202e", "\u2066", "\u2069", "\u200b", "\u200d", "\ufeff", "\u2028", "\x85", "\xad", "\0", "\x1b[2J", "\U000e0041"),
        *("नमस्ते", "👨\u200d👩\u200d👧", "🇮🇳", "e\u0301", "\u0301" * 30, "関税", "ﬁ", "：", "＜", "&" * 700, '"' * 900),
        *("a" * 400, "https://a.example/" + "b" * 1_990, "\u2236", "\ufffd", "\udcff", PARTS, "…"),
    )
)  # fmt: skip


def check(data: bytes) -> str:
    fields = text_of(data).split(PARTS)
    for text, other in list(zip(fields, [*fields[1:], fields[0]], strict=True))[:MOST_ALONE]:
        _is_inert(text)
        _is_one_link(text, other)
        _is_answered(text, other)
    message, way = _message(fields), WAYS[crc32(data) % len(WAYS)]
    return f"{_is_a_card(message, *way)} {_is_a_card(_digest(message), *way)} {bool(safe_url(message.url))}"


# text


def _is_inert(text: str) -> None:
    bare, whole, kept = one_line(text), escape(text), escape(text, ROOM)
    assert one_line(bare) == bare
    assert all(map(_is_shown, bare)), repr(bare)
    for escaped in (whole, kept):
        assert not re.search(r"[<>\n]|:[^\s:]+:", escaped), escaped
        assert "&" not in ENTITY.sub("", escaped), escaped
    assert unescaped(whole).replace("\u2236", ":") == bare.replace("\u2236", ":")
    assert len(kept) <= ROOM
    assert len(cut(text, ROOM)) <= ROOM
    assert_whole_clusters(unescaped(whole)[: 3 * ROOM] if len(whole) > 3 * ROOM else unescaped(whole), unescaped(kept))


def _is_shown(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _is_one_link(url: str, label: str) -> None:
    safe, made = safe_url(url), link(url, label)
    words = escape(label, 300) or "link"
    assert made == (f"<{safe.replace('&', '&amp;')}|{words}>" if safe else words)
    if safe:
        assert re.fullmatch(r"https?://[^\s<>|\"\\^`{}]+", safe)
        assert urlsplit(safe).hostname
        assert unquote(safe) == unquote(re.sub("^[A-Za-z]+", lambda scheme: scheme[0].lower(), one_line(url)))


def _is_answered(text: str, url: str) -> None:
    """What is answered in Slack to those who press a button or write a command."""
    elements = (
        answers.text(text),
        answers.text(text, bold=True, limit=ROOM),
        answers.link(url, text),
        answers.plain(text),
    )
    sections = (answers.lines(list(elements[:3])), answers.preformatted(text))
    told = [answers.rich(*sections), {"type": "section", "text": elements[3]}]
    said, leads = answers.said(text), {safe_url(url)}
    check_message({"text": answers.fallback(text) or " ", "blocks": told})
    check_message({"blocks": said})
    for piece in pieces([*told, *said]):
        _is_plain(piece, leads)


# the card


def _message(fields: list[str]) -> Message:
    def field(number: int) -> str:
        own = fields[number % len(fields)]
        return own if number < len(fields) else own[:ROOM]

    article = Article("1", field(1), field(0), "", field(2), field(3), False, NOW, NOW)
    scores = Scores(dict.fromkeys(LABELS, 0.5) | {field(4): 0.9}, {field(4): True}, (), "test")
    quotes = (field(5), field(6), field(7))
    sectors = (Mention(field(8), 0, 1), Mention(field(9), 0, 1))
    analysis = Analysis("1", scores, sectors, (), (), quotes=quotes, summary=field(10), summary_by=field(11))
    why = tuple(Why(field(n), (field(n + 1), field(n + 2)), (field(n + 3),), owner=field(n + 4)) for n in (12, 17, 22))
    sources = tuple(Source(field(n), field(n + 1), field(n + 2), NOW, official=n == 30) for n in (27, 30, 33))
    claims = (Claim(field(36), field(37), field(38), field(39), NOW), Claim(field(40), "", field(2), field(1), NOW))
    facts = (FactLine(field(41), field(42), claims, field(43)), FactLine(field(44)))
    given = ("alert-1", "update" if len(fields) % 2 else "new", "high", article, analysis, why, sources)
    composed = compose(*given, changed=field(45), facts=facts, caveat=field(46), publishers=len(fields))
    return replace(composed, lines=(field(47), field(48)), followers=("U0000000001", field(49)))


def _digest(message: Message) -> Message:
    lines = tuple(Line(source.outlet, source.url) for source in message.sources)
    sections = (Section(message.headline, lines), Section(message.changed, (Line(message.note, message.url),)))
    return replace(message, kind="digest", sections=sections, whole=message.summary)


def _is_a_card(message: Message, simple: int, reply: bool) -> str:
    """In a word, how much room its parts were given."""
    sent = post(message, simple, reply=reply, buttons=True)
    told = sent.get("blocks", [])
    check_message(sent)
    assert_taken_by_two_libraries([_without_people(block) for block in told])
    assert weight(told) < BUDGET
    assert not any(sent[name] for name in ("mrkdwn", "link_names", "unfurl_links", "unfurl_media"))
    assert sent["parse"] == "none"
    _is_told(message, sent["text"], alone=not told)
    addresses, own = {safe_url(url) for url in _addresses(message)}, safe_url(message.url)
    for piece in pieces(told):
        _is_plain(piece, addresses, own)
    if told and not message.sections:
        _leads_to_the_article(message, told)
    return f"{simple}{'r' * reply}{'d' * bool(message.sections)} {weight(told) // 1_000}"


def _without_people(block: Json) -> Json:
    """slackblocks, of which `rebuilt` makes rich text, knows mentions under another name."""
    if block["type"] != "rich_text":
        return block
    inside = [{**part, "elements": [_named(piece) for piece in part["elements"]]} for part in block["elements"]]
    return {**block, "elements": inside}


def _named(piece: Json) -> Json:
    return {"type": "text", "text": piece["user_id"]} if piece["type"] == "user" else piece


def _addresses(message: Message) -> Iterator[str]:
    yield message.url
    yield from (source.url for source in message.sources)
    yield from (claim.url for fact in message.facts for claim in fact.claims)
    yield from (line.url for section in message.sections for line in section.lines)


def _is_told(message: Message, text: str, *, alone: bool) -> None:
    """The text of a notification: the headline as it is read, and of markup no more than our own link."""
    ours = f"\n<{safe_url(message.url).replace('&', '&amp;')}|Open the article>"
    words = text.removesuffix(ours) if alone and not message.sections else text
    assert not re.search(r"[<>]|:[^\s:]+:", words), words
    assert "&" not in ENTITY.sub("", words)
    assert all(_is_shown(c) for c in words if c != "\n")
    assert len(text) < 3_000
    plain = unescaped(fallback(message)).replace("\u2236", ":")
    assert plain.endswith(("…", headline(message).replace("\u2236", ":"))), plain


def _is_plain(piece: Json, addresses: set[str], own: str = "") -> None:
    """Nothing calls, draws or leads anywhere but what is ours, and every character can be seen."""
    called = piece["type"] == "user" and USER_ID.fullmatch(
        piece["user_id"]
    )  # no text of an article: who asked for it in Slack
    assert piece["type"] not in LIVE or called, piece
    if piece["type"] == "mrkdwn":
        assert piece["text"] == f"<{own.replace('&', '&amp;')}|Open the article>"
        assert piece["verbatim"] is True
    if piece["type"] == "plain_text":
        assert piece["emoji"] is False
    if piece["type"] == "link":
        assert piece["url"] in addresses - {""}
    for shown in ("text", "fallback"):
        words = piece.get(shown, "")
        assert not isinstance(words, str) or all(_is_shown(c) or c == "\n" for c in words), repr(words)


def _leads_to_the_article(message: Message, told: list[Json]) -> None:
    opened = link(message.url, "Open the article")
    leads = {piece["url"] for piece in pieces(told) if piece["type"] == "link"}
    leads |= {piece["text"] for piece in pieces(told) if piece["type"] == "mrkdwn"}
    if (safe := safe_url(message.url)) and len(safe) <= LONGEST_URL and len(opened) <= LONGEST_LINK:
        assert {safe, opened} & leads


def seeds() -> list[bytes]:
    return list(bytes_of(map(PARTS.join, SEEDS)))


SEEDS = (
    ("US doubles duty on Indian shrimp", "https://example.org/shrimp?a=1&b=2", "Port and Loom", "The duty rises to 50%."),
    (EVIL,),
    (EVIL, "https://example.org/<b>|x", "\u202eevil", ":skull:", "\x1b[2J"),
    ('"' * 900, "https://example.org/" + "a" * 1_900),
    ("&" * 700, "HTTPS://example.org", "नमस्ते " * 90, "👨\u200d👩\u200d👧" * 60),
    ("",),
    ("Goyal: talks go on", "", "", "a:b:c", "* not bold*", "~ `code` ~"),
    *((f"headline {n}", *(f"https://f{k}.example/{k}" for k in range(n))) for n in (5, 17, 50)),
)  # fmt: skip
BORDER = Border("mrkdwn", seeds, TOKENS, check, longest=3_000)
