"""Draws the cards: their real Block Kit JSON turned into HTML that looks like Slack.

`python docs/img/draw_card.py` from the root of a checkout; needs Chromium and the fonts Lato and Noto Color Emoji.
card.png is the card of a story as the line makes it: its outlets and articles are made up; scores, quotes, folding, layout and
all other words are the program's. card-*.png are the golden cards of tests/golden_cards, card-phone.png one as a phone shows it,
window.png a window of tests/golden_views.
"""

import json
import re
import subprocess
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from bot.alerts import EDIT
from bot.app import build, shipped
from bot.batch import article
from bot.config import load_config
from bot.events import silent
from bot.feeds import FeedState
from bot.messages import IST, Message
from bot.sinks.card import Block, layout
from bot.sinks.slack import SlackSink
from bot.stores.sql import open_store

CARD = Path(__file__).with_name("card.png")
GOLDEN = Path(__file__).parents[2] / "tests" / "golden_cards"
WIDTH, PHONE, SCALE = 760, 390, 1.4
STYLE = """
body { margin: 0; background: #fff; color: #1d1c1d; font: 15px/22px Lato, sans-serif }
main { display: flex; gap: 8px; padding: 16px 20px }
.face { flex: none; width: 36px; height: 36px; border-radius: 6px; background: #1f3a5f; color: #fff;
        font: 900 15px/36px Lato, sans-serif; text-align: center }
.who { font-weight: 900 }
.app { background: #e8e8e8; color: #616061; font: 700 10px Lato; padding: 1px 3px; border-radius: 2px }
.time, .context { color: #616061; font-size: 12px } .context { margin-top: 8px; font-size: 13px; line-height: 18px }
.quote { border-left: 4px solid #ddd; margin: 4px 0; padding-left: 12px; white-space: pre-wrap }
.thread { color: #616061; font-size: 13px }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px }
.actions span { border: 1px solid #bbb; border-radius: 4px; padding: 2px 10px; font: 700 13px/22px Lato }
.input { margin: 12px 0 } .input b { display: block } .hint { color: #616061; font-size: 13px }
.box { border: 1px solid #bbb; border-radius: 4px; padding: 4px 10px; white-space: pre-wrap } .empty { color: #868686 }
.pre { background: #f6f6f6; border: 1px solid #ddd; border-radius: 4px; padding: 6px 8px; font: 12px/18px monospace }
.title { font: 900 18px Lato; padding-bottom: 8px } .actions .save { background: #007a5a; color: #fff }
.section { white-space: pre-wrap } a { color: #1264a3; text-decoration: none } .date { color: #616061 }
"""


TELLINGS = (  # earliest first
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
    """The card of the story as it stands after the last telling, if that is an update of what the others tell."""
    config = load_config(shipped("config.yaml"), {})
    articles = [article(row | {"url": f"https://example.org/{n}"}, READ_AT) for n, row in enumerate(TELLINGS)]
    articles = [replace(told, official=told.outlet == OFFICIAL) for told in articles]
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/example.db")
        line = build(config, store=store, tell=silent)
        line.sink = SlackSink("xoxb-of-nobody")  # which can edit; nothing is sent
        store.save_feed(FeedState("https://example.org"), articles)
        line.analyze()
        alerts = line.follow(READ_AT)
        store.close()
    last = alerts[-1]
    if last.role != EDIT or len({alert.story_id for alert in alerts}) > 1:
        raise SystemExit(f"the example does not fold as it should: {[a.message.headline for a in alerts]}")
    return last.message


def thread(arguments: dict[str, Any]) -> str:
    """What Slack puts above a reply, in its thread and in the channel."""
    if "thread_ts" not in arguments:
        return ""
    return "replied to a thread, also sent to the channel" if arguments["reply_broadcast"] else "reply in the thread"


def page(blocks: list[Block], above: str = "", width: int = WIDTH) -> str:
    body = f'<div class="thread">{above}</div>' + "".join(_block(block) for block in blocks)
    head = '<span class="who">tariffwatch</span> <span class="app">APP</span> <span class="time">16:21</span>'
    return (
        f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>'
        f'<main style="width: {width - 40}px"><div class="face">TW</div><div>{head}{body}</div></main>'
    )


def window(view: dict[str, Any]) -> str:
    body = f'<div class="title">{escape(view["title"]["text"])}</div>' + "".join(map(_block, view["blocks"]))
    below = f'<span>{escape(view["close"]["text"])}</span><span class="save">{escape(view["submit"]["text"])}</span>'
    main = f'<main style="width: {WIDTH - 40}px"><div>{body}<div class="actions">{below}</div></div></main>'
    return f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>{main}'


def _block(block: Block) -> str:
    if block["type"] == "input":
        return f'<div class="input">{_label(block)}{_field(block["element"])}{_hint(block)}</div>'
    if block["type"] == "rich_text":
        return "".join(_rich(element) for element in block["elements"])
    if block["type"] == "actions":
        return f'<div class="actions">{"".join(_pressed(element) for element in block["elements"])}</div>'
    return f'<div class="context">{"".join(_inline(element) for element in block["elements"])}</div>'


def _label(block: Block) -> str:
    return f"<b>{escape(block['label']['text'])}{' (optional)' if block.get('optional') else ''}</b>"


def _hint(block: Block) -> str:
    return f'<div class="hint">{escape(block["hint"]["text"])}</div>' if "hint" in block else ""


def _field(element: Block) -> str:
    """What it holds, else what it shows until then."""
    channels = ", ".join("# trade-alerts" for _ in element.get("initial_conversations", ()))
    chosen = element.get("initial_option", {}).get("text", {}).get("text", "")
    held = element.get("initial_value") or element.get("initial_date") or channels or chosen
    shown = escape(held or element["placeholder"]["text"])
    return f'<div class="box{"" if held else " empty"}">{shown}</div>'


def _pressed(element: Block) -> str:
    menu = " ▾" if element["type"] == "static_select" else ""
    return f"<span>{escape((element.get('placeholder') or element['text'])['text'])}{menu}</span>"


def _rich(element: Block) -> str:
    kinds = {"rich_text_section": "section", "rich_text_quote": "quote", "rich_text_preformatted": "pre"}
    kind = kinds[element["type"]]
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


def photograph(html: str, picture: Path, width: int = WIDTH) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "card.html"
        source.write_text(
            f"{html}<script>document.title = document.querySelector('main').offsetHeight</script>", "utf-8"
        )
        found = re.search(r"<title>(\d+)", _chromium(f"--window-size={width},2000", "--dump-dom", source.as_uri()))
        height = int(found.group(1)) if found else 2000
        _chromium(f"--window-size={width},{height}", f"--screenshot={picture}", source.as_uri())


def _chromium(*words: str) -> str:
    scale = f"--force-device-scale-factor={SCALE}"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", scale]
    done = subprocess.run(["chromium", *options, *words], check=True, capture_output=True, text=True)  # noqa: S603, S607  ours alone
    return done.stdout


if __name__ == "__main__":
    photograph(page(layout(example(), 0)), CARD)
    for golden in sorted(GOLDEN.glob("*.json")):
        sent = json.loads(golden.read_text("utf-8"))["arguments"]
        photograph(page(sent["blocks"], thread(sent)), CARD.with_name(f"card-{golden.stem}.png"))
        if golden.stem == "edited":
            photograph(page(sent["blocks"], width=PHONE), CARD.with_name("card-phone.png"), PHONE)
    tried = json.loads((GOLDEN.parent / "golden_views" / "tried.json").read_text("utf-8"))
    photograph(window(tried), CARD.with_name("window.png"))
