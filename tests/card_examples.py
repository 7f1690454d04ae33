"""The kinds of card, each by an example of made-up outlets. `python -m tests.card_examples` writes what Slack is sent of each
into `golden_cards/`, to be read before it is committed; docs/img/draw_card.py draws the pictures from there."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.analysis import Why
from bot.messages import Claim, FactLine, Line, Message, Section, Source
from bot.sinks.slack import SlackSink
from tests.fake_slack import FakeSlack

GOLDEN = Path(__file__).with_name("golden_cards")
CHANNEL = "C0000000001"
NOON = datetime(2026, 11, 16, 10, 50, tzinfo=UTC)
HOUR = timedelta(hours=1)

COURIER = Source("The Coast Courier", "US threatens 20% duty on Indian shrimp", "https://coast.example/threat", NOON)
LEDGER = Source("The Deccan Ledger", "US sets 26% duty on Indian shrimp", "https://deccan.example/set", NOON + HOUR)
WIRE = Source("Gulf Crescent Wire", "Goyal: talks on shrimp duty go on", "https://gulf.example/talks", NOON + 2 * HOUR)
OFFICE = Source(
    "Office of Trade Notices",
    "Notice of action: duty on shrimp of India",
    "https://notices.example/9",
    NOON + HOUR,
    True,
)
THREAT = FactLine(
    "US → India · seafood · 20 % · threatened · Section 301",
    "Washington threatened a 20% duty on Indian shrimp on Monday.",
    brief="US → India · 20 % threatened",
    measure="us-in-seafood-s301",
    gravity="medium",
)
ORDER = replace(
    THREAT,
    line="US → India · seafood · 20 % → 26 % · threatened → announced, not yet in force · Section 301 · from 1 Dec 2026",
    quote="The duty will be 26% from 1 December, the trade office said.",
    brief="US → India · 26 % announced",
    gravity="high",
)
DISPUTED = replace(
    ORDER,
    line="US → India · seafood · 26 % or 18 % · announced, not yet in force · Section 301 · from 1 Dec 2026",
    brief="US → India · 26 % or 18 %",
    gravity="medium",
    claims=(
        Claim("Washington", "26 % announced, from 1 Dec 2026", LEDGER.outlet, LEDGER.url, LEDGER.published),
        Claim("New Delhi", "18 % announced", WIRE.outlet, WIRE.url, WIRE.published),
    ),
)
NEW = Message(
    id="5d1c7a0e9b3f4c2d8a6e1f0b7c9d2e34",
    kind="new",
    severity="medium",
    headline=COURIER.title,
    url=COURIER.url,
    quotes=(THREAT.quote, "Exporters in Andhra Pradesh called it a blow."),
    why=(Why("shrimp-desk", ("duty", "shrimp")),),
    topics=(("tariff_threat", 0.97), ("india_us_trade", 0.91), ("sensitive_sectors", 0.64)),
    sectors=("seafood",),
    sources=(COURIER,),
    scored=True,
    facts=(THREAT,),
    by=COURIER,
    publishers=1,
)
REPLY = replace(
    NEW,
    id="8f2b6c1d0a9e4f7b3c5d2e6a1b0c9d87",
    kind="update",
    severity="high",
    headline=LEDGER.title,
    url=LEDGER.url,
    quotes=(ORDER.quote, "The list takes in frozen and cooked shrimp."),
    sources=(COURIER, LEDGER),
    facts=(ORDER,),
    changed="26 % announced · now high, was medium",
    by=LEDGER,
    publishers=2,
)
NOTICE = replace(
    REPLY,
    id="1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f",
    headline=OFFICE.title,
    url=OFFICE.url,
    quotes=("The action takes effect on 1 December 2026.",),
    changed=f"official: {OFFICE.outlet}",
    facts=(replace(ORDER, line=f"{ORDER.line} · known since 16 Nov 2026"),),
    by=OFFICE,
)
EDITED = replace(
    REPLY,
    id=NEW.id,
    kind="new",
    sources=(COURIER, LEDGER, OFFICE, WIRE),
    why=(*NEW.why, Why("section-301", ("Section 301",))),
    publishers=4,
)
SIDES = replace(
    EDITED,
    severity="medium",
    headline=WIRE.title,
    url=WIRE.url,
    quotes=("The duty agreed on is 18%, Commerce Minister Piyush Goyal said in Pune.",),
    changed="contradicted",
    facts=(DISPUTED,),
    by=WIRE,
)
UNSCORED = replace(NEW, facts=(), scored=False, topics=(("tariff_threat", 1.0),))
OPINION = replace(
    NEW,
    headline="Why a shrimp duty would hurt America more",
    note="opinion, not news",
    facts=(),
    quotes=("A duty on shrimp is a tax on American dinners.",),
)
REMINDER = replace(
    NEW,
    kind="reminder",
    severity="high",
    headline="Tomorrow, on Sun 22 November 2026: comments due — duty on shrimp of India",
    url=OFFICE.url,
    quotes=("Comments are due by 22 November 2026.",),
    why=(),
    topics=(),
    sources=(OFFICE,),
    facts=(),
    by=None,
    publishers=0,
)
DIGEST = replace(
    REMINDER,
    kind="digest",
    headline="Digest of Tue 17 November 2026: 2 stories, 1 only here",
    url="",
    quotes=(),
    sectors=(),
    sources=(),
    sections=(
        Section(
            "Moved in the ledger",
            (
                Line(
                    "US Section 301 tariff on India: seafood: 26 % announced, from 1 Dec 2026 · The Deccan Ledger (16 Nov 2026)",
                    LEDGER.url,
                ),
            ),
        ),
        Section(
            "Due within 7 days",
            (Line("In 5 days, on Sun 22 November 2026: comments due — duty on shrimp of India", OFFICE.url),),
        ),
        Section(
            "Seafood",
            (
                Line(f"HIGH: {ORDER.line} · {LEDGER.title} · The Coast Courier and 2 more", LEDGER.url),
                Line("LOW: Shrimp fairs open in Kochi · Gulf Crescent Wire · only here", WIRE.url),
            ),
        ),
    ),
)
HEARTBEAT = replace(
    DIGEST,
    kind="notice",
    severity="low",
    headline="All well: 79 of 80 feeds healthy, 1,204 items, 14 alerts, nothing waits",
    sections=(),
    lines=(
        "Silent: Gulf Crescent Wire (gulf.example/rss), no item since 15 Nov 12:00 IST, usually one within 3 h"
        " — look whether the site has another feed now",
        "Since 16 Nov 08:00 IST: 80 feeds polled; 1,204 items read, 96 wanted in 31 stories; 14 alerts sent, 0 given up;"
        " now 2 held and 5 for digests",
    ),
)

Asked = Callable[[SlackSink, str], object]  # the sink, and the receipt of the story's card
EXAMPLES: dict[str, Asked] = {
    "new": lambda to, card: to.send(NEW, CHANNEL),
    "new-two-sides": lambda to, card: to.send(SIDES, CHANNEL),
    "new-unscored": lambda to, card: to.send(UNSCORED, CHANNEL),
    "new-opinion": lambda to, card: to.send(OPINION, CHANNEL),
    "reply": lambda to, card: to.send(NOTICE, CHANNEL, thread=card),
    "reply-broadcast": lambda to, card: to.send(REPLY, CHANNEL, thread=card, broadcast=True),
    "edited": lambda to, card: to.edit(card, EDITED, CHANNEL),
    "update-without-threads": lambda to, card: to.send(REPLY, CHANNEL),
    "reminder": lambda to, card: to.send(REMINDER, CHANNEL),
    "digest": lambda to, card: to.send(DIGEST, CHANNEL),
    "heartbeat": lambda to, card: to.send(HEARTBEAT, CHANNEL),
    "buttons": lambda to, card: to.send(EDITED, CHANNEL),
}


def request(name: str) -> dict[str, Any]:
    """The request of the example, whole, as a Slack got it. The card's ts, which is the server's, is "ROOT"."""
    with FakeSlack(token="xoxb-test") as slack:
        to = SlackSink("xoxb-test", base_url=slack.url, buttons=name == "buttons")
        card = to.send(NEW, CHANNEL)
        EXAMPLES[name](to, card)
        method, arguments = slack.requests[-1]
    return {"method": method, "arguments": {k: "ROOT" if v == card else v for k, v in arguments.items()}}


if __name__ == "__main__":
    for example in EXAMPLES:
        written = json.dumps(request(example), ensure_ascii=False, indent=1)
        (GOLDEN / f"{example}.json").write_text(f"{written}\n", "utf-8")
