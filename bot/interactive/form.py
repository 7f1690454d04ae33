"""The form: the window in which a watchlist is written, tried and saved, as Slack's view; and what was filled in, out of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.interactive import blocks
from bot.interactive.acts import Person
from bot.interactive.blocks import CHANNEL_ID, Block
from bot.interactive.drafts import Draft, typed_query
from bot.watchlists import AT_ONCE, DIGEST

SAVE, TRY = "tariffwatch_watchlist", "tariffwatch_try"
NEW, OLD, SAVED = "New watchlist", "Change a watchlist", "Watchlist"
MOST_TYPED = 3_000  # characters of a field
SEVERITIES = {"low": "Low", "medium": "Medium", "high": "High"}
DELIVERIES = {AT_ONCE: "At once", DIGEST: "In the digest of the channel"}
VIEW_BUDGET = 30_000
View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """The window as a person has it before them. `seen` is the mark of the entry when it was opened, "" of a new one; `state`
    tells one look of the window from another."""

    draft: Draft
    seen: str
    channel: str  # where it was asked for
    by: Person
    view: str = ""
    state: str = ""

    @property
    def key(self) -> str:
        return f"{self.view}\x1f{self.state}"


def form_of(body: Mapping[str, Any]) -> Form:
    """Out of a press in the window, or of its being sent."""
    view, user = body["view"], body["user"]
    about = json.loads(view["private_metadata"])
    values = {name: next(iter(inside.values())) for name, inside in view["state"]["values"].items()}
    draft = Draft(
        name=about["name"] or str(values["name"].get("value") or "").strip().lower(),
        query=typed_query(str(values["query"].get("value") or "")),
        channels=tuple(values["channels"].get("selected_conversations") or ()),
        severity=str((values["severity"].get("selected_option") or {}).get("value") or ""),
        until=str(values["until"].get("selected_date") or ""),
        owner=str(values["owner"].get("value") or "").strip(),
        deliver=DIGEST if (values["deliver"].get("selected_option") or {}).get("value") == DIGEST else "",
    )
    by = Person(str(user["id"]), str(user.get("name") or user["id"]))
    return Form(draft, about["seen"], about["channel"], by, str(view["id"]), str(view.get("hash", "")))


def window(form: Form, below: Sequence[Block] = ()) -> View:
    """The form to fill in; `below` is what a trial said."""
    draft, new = form.draft, not form.seen
    about = {"name": "" if new else draft.name, "seen": form.seen, "channel": form.channel}
    return {
        "type": "modal",
        "callback_id": SAVE,
        "title": blocks.plain(NEW if new else OLD, 24),
        "submit": blocks.plain("Save", 24),
        "close": blocks.plain("Cancel", 24),
        "private_metadata": json.dumps(about),
        "blocks": [*(_name(draft) if new else [_heading(draft)]), *_fields(draft), _trial(), *below],
    }


def notice(words: str) -> View:
    """The window when there is nothing to fill in any more."""
    return {
        "type": "modal",
        "title": blocks.plain(SAVED, 24),
        "close": blocks.plain("Close", 24),
        "blocks": blocks.said(words),
    }


def _heading(draft: Draft) -> Block:
    return blocks.rich(blocks.lines([blocks.text(draft.name, bold=True)]))


def _name(draft: Draft) -> list[Block]:
    hint = "Small letters, digits and hyphens; shown on its cards."
    return [_input("name", "Name", _typed(draft.name, "shrimp-duties", 60), hint)]


def _fields(draft: Draft) -> list[Block]:
    named = [one for one in draft.channels if not CHANNEL_ID.fullmatch(one)]
    where = (
        f"Without one, those that it has by name: {', '.join(named)}." if named else "Without one: the desk's channel."
    )
    return [
        _input(
            "query", "Query", _typed(draft.query, "SENT/1($INDIA $US) sector:seafood $TARIFF", MOST_TYPED, lines=True)
        ),
        _input("channels", "Channels", _conversations(draft.channels), where, optional=True),
        _input("severity", "Severity", _severity(draft.severity), "Without one, what moved decides.", optional=True),
        _input("deliver", "Delivery", _deliver(draft.deliver)),
        _input("until", "Last day", _until(draft.until), "Without one it has no end.", optional=True),
        _input("owner", "Owner", _typed(draft.owner, "Priya, seafood desk", 100), optional=True),
    ]


def _trial() -> Block:
    return {"type": "actions", "block_id": "trial", "elements": [blocks.button(TRY, "Try it", "try")]}


def _input(name: str, label: str, element: Block, hint: str = "", *, optional: bool = False) -> Block:
    hinted = {"hint": blocks.plain(hint, 300)} if hint else {}
    about = {"label": blocks.plain(label), "element": {**element, "action_id": name}, "optional": optional}
    return {"type": "input", "block_id": name, **about, **hinted}


def _typed(value: str, example: str, most: int, *, lines: bool = False) -> Block:
    held = {"initial_value": value} if value else {}
    return {
        "type": "plain_text_input",
        "multiline": lines,
        "max_length": most,
        "placeholder": blocks.plain(example, 150),
        **held,
    }


def _conversations(channels: Sequence[str]) -> Block:
    ids = [one for one in channels if CHANNEL_ID.fullmatch(one)]
    chosen = {"initial_conversations": ids} if ids else {}
    which = {"include": ["public", "private"], "exclude_bot_users": True}
    return {"type": "multi_conversations_select", "placeholder": blocks.plain("Channels"), "filter": which, **chosen}


def _severity(severity: str) -> Block:
    options = {name: {"text": blocks.plain(label), "value": name} for name, label in SEVERITIES.items()}
    chosen = {"initial_option": options[severity]} if severity in options else {}
    return {
        "type": "static_select",
        "placeholder": blocks.plain("As what moved"),
        "options": list(options.values()),
        **chosen,
    }


def _deliver(deliver: str) -> Block:
    at_once, digest = ({"text": blocks.plain(label), "value": name} for name, label in DELIVERIES.items())
    chosen = digest if deliver == DIGEST else at_once
    return {
        "type": "static_select",
        "placeholder": blocks.plain("At once"),
        "options": [at_once, digest],
        "initial_option": chosen,
    }


def _until(day: str) -> Block:
    return {"type": "datepicker", "placeholder": blocks.plain("No end"), **({"initial_date": day} if day else {})}
