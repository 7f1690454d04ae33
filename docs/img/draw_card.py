"""Draws card.png: an example card, its real Block Kit JSON turned into HTML that looks like Slack.

`python docs/img/draw_card.py` from the root of a checkout; needs Chromium and the fonts Lato and Noto Color Emoji.
The outlets and their articles are made up; scores, quotes, folding, layout and all other words are the program's.
"""

import subprocess
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from bot.app import build, shipped
from bot.batch import article
from bot.config import load_config
from bot.events import silent
from bot.feeds import FeedState
from bot.messages import IST, Message
from bot.sinks.card import Block, layout
from bot.stores.sql import open_store
from bot.stories import MORE

CARD = Path(__file__).with_name("card.png")
WIDTH, HEIGHT, SCALE = 760, 440, 1.5
STYLE = """
body { margin: 0; background: #fff; color: #1d1c1d; font: 15px/22px Lato, sans-serif }
main { display: flex; gap: 8px; width: 720px; padding: 16px 20px }
.face { flex: none; width: 36px; height: 36px; border-radius: 6px; background: #1f3a5f; color: #fff;
        font: 900 15px/36px Lato, sans-serif; text-align: center }
.who { font-weight: 900 }
.app { background: #e8e8e8; color: #616061; font: 700 10px Lato; padding: 1px 3px; border-radius: 2px }
.time, .context { color: #616061; font-size: 12px } .context { margin-top: 8px; font-size: 13px; line-height: 18px }
.quote { border-left: 4px solid #ddd; margin: 4px 0; padding-left: 12px; white-space: pre-wrap }
.section { white-space: pre-wrap } a { color: #1264a3; text-decoration: none } .date { color: #616061 }
"""


TELLINGS = (  # earliest first; the last one makes the card
    {
        "outlet": "Gulf Crescent Wire",
        "date": "2026-11-16T08:05:00+00:00",
        "title": "US threatens 20% duty on Indian engineering goods",
        "text": "The United States on Monday threatened a 20% duty on Indian engineering goods, naming Section 301 of "
        "the Trade Act as its ground. The list takes in pumps, valves and forged flanges. Exporters have six days to "
        "comment.",
    },
    {
        "outlet": "Office of Trade Notices",
        "date": "2026-11-16T08:40:00+00:00",
        "title": "Proposed action: duty on engineering goods of India under Section 301",
        "text": "The United States Trade Representative proposes a duty of 20% on engineering goods of India under "
        "Section 301 of the Trade Act. The list takes in pumps, valves and forged flanges. Comments are due in six "
        "days.",
    },
    {
        "outlet": "The Deccan Ledger",
        "date": "2026-11-16T10:50:00+00:00",
        "title": "US raises threatened duty on Indian engineering goods to 26%",
        "text": "The United States raised the duty it threatens to put on Indian engineering goods from 20% to 26%, "
        "the US Trade Representative said on Monday. The list under Section 301 takes in pumps, valves and forged "
        "flanges. Commerce minister Piyush Goyal told exporters in Pune that talks would go on until the "
        "deadline of 1 December.",
    },
)
OFFICIAL = "Office of Trade Notices"
READ_AT = datetime(2026, 11, 16, 10, 51, tzinfo=UTC)


def example() -> Message:
    """The message of the last telling, if it is an update of the story that the others tell."""
    config = load_config(shipped("config.yaml"), {})
    articles = [article(row | {"url": f"https://example.org/{n}"}, READ_AT) for n, row in enumerate(TELLINGS)]
    articles = [replace(told, official=told.outlet == OFFICIAL) for told in articles]
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/example.db")
        line = build(config, store=store, tell=silent)
        store.save_feed(FeedState("https://example.org"), articles)
        line.analyze()
        alerts = line.follow(READ_AT)
        store.close()
    last = alerts[-1]
    if last.message.kind != MORE or len({alert.story_id for alert in alerts}) > 1:
        raise SystemExit(f"the example does not fold as it should: {[a.message.headline for a in alerts]}")
    return last.message


def page(blocks: list[Block]) -> str:
    body = "".join(_block(block) for block in blocks)
    head = '<span class="who">tariffwatch</span> <span class="app">APP</span> <span class="time">16:21</span>'
    return (
        f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>'
        f'<main><div class="face">TW</div><div>{head}{body}</div></main>'
    )


def _block(block: Block) -> str:
    if block["type"] == "rich_text":
        return "".join(_rich(element) for element in block["elements"])
    return f'<div class="context">{"".join(_inline(element) for element in block["elements"])}</div>'


def _rich(element: Block) -> str:
    kind = {"rich_text_section": "section", "rich_text_quote": "quote"}[element["type"]]
    return f'<div class="{kind}">{"".join(_inline(part) for part in element["elements"])}</div>'


def _inline(part: dict[str, Any]) -> str:
    words = escape(_words(part))
    words = f"<b>{words}</b>" if part.get("style", {}).get("bold") else words
    return f"<a>{words}</a>" if part["type"] == "link" else words


def _words(part: dict[str, Any]) -> str:
    """A date as Slack shows it to a reader in New Delhi."""
    if part["type"] != "date":
        return str(part["text"])
    at = datetime.fromtimestamp(part["timestamp"], IST)
    return f"{at:%b} {at.day}, {at.year} at {at:%H:%M}"


def photograph(html: str, picture: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "card.html"
        source.write_text(html, "utf-8")
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--force-device-scale-factor={SCALE}",
        ]
        size = [f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={picture}", source.as_uri()]
        subprocess.run(["chromium", *options, *size], check=True, capture_output=True)  # noqa: S603, S607  ours alone


if __name__ == "__main__":
    photograph(page(layout(example(), 0)), CARD)
