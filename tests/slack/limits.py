"""What Slack accepts of messages, blocks and views: rules that yield what is wrong, in Slack's words, with the place."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.slack.refusals import RefusedError, schema_error

Json = dict[str, Any]
Rule = Callable[[Any, str], Iterator[str]]

MOST_TEXT = 40_000  # what is longer is cut when posted
MOST_TEXT_OF_AN_UPDATE = 4_000
MOST_BLOCKS = 50
MOST_BLOCKS_OF_A_VIEW = 100
MOST_CHARACTERS = 13_200  # of all blocks of a message together
MOST_METADATA = 4_000
MOST_VIEW = 250_000


def check_message(arguments: Json, *, most: int = MOST_TEXT) -> None:
    """Raises RefusedError with the code Slack answers for a message that it would not take."""
    text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
    if not text and not blocks:
        raise RefusedError("no_text")
    if len(text) > most:
        raise RefusedError("msg_too_long")
    check_blocks(blocks)
    check_metadata(arguments.get("metadata"))


def check_blocks(blocks: object) -> None:
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise RefusedError("invalid_blocks_format")
    wrong = list(_blocks(blocks, "/blocks", MOST_BLOCKS))
    if wrong:
        raise schema_error("invalid_blocks", wrong)
    if len(json.dumps(blocks, ensure_ascii=False)) > MOST_CHARACTERS:
        raise RefusedError("msg_blocks_too_long")


def check_metadata(metadata: object) -> None:
    if not metadata:
        return
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        raise RefusedError("invalid_metadata_format")
    if not re.fullmatch(r"\w+", str(metadata["event_type"])) or not isinstance(metadata["event_payload"], dict):
        raise RefusedError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > MOST_METADATA:
        raise RefusedError("metadata_too_large")


def check_view(view: object) -> None:
    if not isinstance(view, dict):
        raise schema_error("invalid_arguments", ["must provide an object [json-pointer:/view]"])
    if len(json.dumps(view)) > MOST_VIEW:
        raise RefusedError("view_too_large")
    wrong = list(MODAL(view, "/view"))
    blocks = view.get("blocks")
    if isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks):
        wrong += [] if view.get("submit") else [_at("missing required field: submit", "/view")]
    if wrong:
        raise schema_error("invalid_arguments", wrong)


# the makers of rules


def _at(what: str, where: str) -> str:
    return f"{what} [json-pointer:{where}]"


def string(most: int, least: int = 1, form: str = ".*") -> Rule:
    def rule(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield _at("must provide a string", where)
        elif len(value) < least:
            yield _at(f"must be more than {least - 1} characters", where)
        elif len(value) > most:
            yield _at(f"must be less than {most + 1} characters", where)
        elif not re.fullmatch(form, value, re.DOTALL):
            yield _at("failed to match the required format", where)

    return rule


def kind(*kinds: type) -> Rule:
    def rule(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            yield _at(f"must provide a {kinds[0].__name__}", where)

    return rule


def one_of(*words: str) -> Rule:
    def rule(value: Any, where: str) -> Iterator[str]:
        if value not in words:
            yield _at(f"must be one of: {', '.join(words)}", where)

    return rule


def items(of: Rule, most: int, least: int = 1) -> Rule:
    def rule(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield _at("must provide an array", where)
        elif len(value) < least:
            yield _at(f"no fewer than {least} items allowed", where)
        elif len(value) > most:
            yield _at(f"no more than {most} items allowed", where)
        else:
            for number, item in enumerate(value):
                yield from of(item, f"{where}/{number}")

    return rule


def shape(need: Mapping[str, Rule], may: Mapping[str, Rule] | None = None) -> Rule:
    rules = {**need, **(may or {})}

    def rule(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _at("must provide an object", where)
            return
        yield from (_at(f"missing required field: {name}", where) for name in need if name not in value)
        for name in value:
            if name in rules:
                yield from rules[name](value[name], f"{where}/{name}")
            elif name != "type":
                yield _at(f"invalid additional property: {name}", where)

    return rule


def typed(shapes: Mapping[str, Rule]) -> Rule:
    def rule(value: Any, where: str) -> Iterator[str]:
        found = str(value.get("type")) if isinstance(value, dict) else ""
        if found in shapes:
            yield from shapes[found](value, where)
        else:
            yield _at(f"unsupported type: {found}", f"{where}/type")

    return rule


# the rules

FLAG = kind(bool)
URL = string(3_000, form=r"https?://[^\s<>|]+")
ID = string(255)


def plain(most: int, least: int = 1) -> Rule:
    return typed({"plain_text": shape({"text": string(most, least)}, {"emoji": FLAG})})


def words(most: int) -> Rule:
    return typed(
        {
            "plain_text": shape({"text": string(most)}, {"emoji": FLAG}),
            "mrkdwn": shape({"text": string(most)}, {"verbatim": FLAG}),
        }
    )


OPTION = shape({"text": words(75), "value": string(150)}, {"description": words(75), "url": URL})
GROUP = shape({"label": plain(75), "options": items(OPTION, 100)})
CONFIRM = shape(
    {"title": plain(100), "text": words(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
COMMON = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": FLAG}
MENU = {**COMMON, "placeholder": plain(150)}
OPTIONS = {"options": items(OPTION, 100), "option_groups": items(GROUP, 100)}
TYPED = {
    **COMMON,
    "placeholder": plain(150),
    "dispatch_action_config": shape({"trigger_actions_on": items(kind(str), 2)}),
}
MANY = {"max_selected_items": kind(int)}
IDS = items(kind(str), 100)


def _menu(may: Mapping[str, Rule]) -> Rule:
    """A menu with its options in one list or in groups, never both and never without."""
    base = shape({}, {**MENU, **OPTIONS, **may})

    def rule(value: Any, where: str) -> Iterator[str]:
        yield from base(value, where)
        if ("options" in value) == ("option_groups" in value):
            yield _at("must define either `options` or `option_groups`", where)

    return rule


BUTTON = shape(
    {"text": plain(75)},
    {
        **COMMON,
        "value": string(2_000),
        "url": URL,
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
    },
)
MENUS: dict[str, Rule] = {
    "static_select": _menu({"initial_option": OPTION}),
    "users_select": shape({}, {**MENU, "initial_user": kind(str)}),
    "channels_select": shape({}, {**MENU, "initial_channel": kind(str), "response_url_enabled": FLAG}),
    "conversations_select": shape(
        {},
        {
            **MENU,
            "initial_conversation": kind(str),
            "default_to_current_conversation": FLAG,
            "response_url_enabled": FLAG,
            "filter": kind(dict),
        },
    ),
    "radio_buttons": shape({"options": items(OPTION, 10)}, {**COMMON, "initial_option": OPTION}),
    "checkboxes": shape({"options": items(OPTION, 10)}, {**COMMON, "initial_options": items(OPTION, 10)}),
    "datepicker": shape({}, {**MENU, "initial_date": string(10, form=r"\d{4}-\d\d-\d\d")}),
    "timepicker": shape({}, {**MENU, "initial_time": string(5, form=r"\d\d:\d\d"), "timezone": kind(str)}),
    "datetimepicker": shape({}, {**COMMON, "initial_date_time": kind(int)}),
}
MULTIPLE: dict[str, Rule] = {
    "multi_static_select": _menu({**MANY, "initial_options": items(OPTION, 100)}),
    "multi_users_select": shape({}, {**MENU, **MANY, "initial_users": IDS}),
    "multi_channels_select": shape({}, {**MENU, **MANY, "initial_channels": IDS}),
    "multi_conversations_select": shape({}, {**MENU, **MANY, "initial_conversations": IDS, "filter": kind(dict)}),
}
TYPED_INPUTS: dict[str, Rule] = {
    "plain_text_input": shape(
        {},
        {
            **TYPED,
            "initial_value": string(3_000, 0),
            "multiline": FLAG,
            "min_length": kind(int),
            "max_length": kind(int),
        },
    ),
    "number_input": shape(
        {"is_decimal_allowed": FLAG},
        {**TYPED, "initial_value": kind(str), "min_value": kind(str), "max_value": kind(str)},
    ),
    "email_text_input": shape({}, {**TYPED, "initial_value": kind(str)}),
    "url_text_input": shape({}, {**TYPED, "initial_value": kind(str)}),
}
OVERFLOW = shape({"options": items(OPTION, 5)}, {"action_id": ID, "confirm": CONFIRM})
IMAGE = shape({"alt_text": string(2_000), "image_url": URL})
ACTIONS: dict[str, Rule] = {"button": BUTTON, "overflow": OVERFLOW, **MENUS}
ACCESSORIES: dict[str, Rule] = {**ACTIONS, **MULTIPLE, "image": IMAGE}
INPUTS: dict[str, Rule] = {**MENUS, **MULTIPLE, **TYPED_INPUTS}

STYLE = shape({}, {"bold": FLAG, "italic": FLAG, "strike": FLAG, "code": FLAG})


def _piece(need: Mapping[str, Rule], may: Mapping[str, Rule] | None = None) -> Rule:
    return shape(need, {"style": STYLE, **(may or {})})


PIECE = typed(
    {
        "text": _piece({"text": string(MOST_CHARACTERS)}),
        "link": _piece({"url": URL}, {"text": string(MOST_CHARACTERS), "unsafe": FLAG}),
        "date": _piece(
            {"timestamp": kind(int), "format": string(255, form=r".*\{.*"), "fallback": string(255, 0)}, {"url": URL}
        ),
        "user": _piece({"user_id": kind(str)}),
        "usergroup": _piece({"usergroup_id": kind(str)}),
        "channel": _piece({"channel_id": kind(str)}),
        "emoji": _piece({"name": kind(str)}, {"unicode": kind(str)}),
        "broadcast": _piece({"range": one_of("here", "channel", "everyone")}),
    }
)
RICH_SECTION = shape({"elements": items(PIECE, 1_000)}, {"border": kind(int)})
RICH: dict[str, Rule] = {
    "rich_text_section": RICH_SECTION,
    "rich_text_quote": RICH_SECTION,
    "rich_text_preformatted": RICH_SECTION,
    "rich_text_list": shape(
        {"style": one_of("bullet", "ordered"), "elements": items(typed({"rich_text_section": RICH_SECTION}), 1_000)},
        {"indent": kind(int), "offset": kind(int), "border": kind(int)},
    ),
}
BLOCK_ID = {"block_id": ID}


def _section(value: Any, where: str) -> Iterator[str]:
    may = {
        **BLOCK_ID,
        "text": words(3_000),
        "fields": items(words(2_000), 10),
        "accessory": typed(ACCESSORIES),
        "expand": FLAG,
    }
    yield from shape({}, may)(value, where)
    if "text" not in value and "fields" not in value:
        yield _at("must define either `text` or `fields`", where)


BLOCK = typed(
    {
        "header": shape({"text": plain(150)}, BLOCK_ID),
        "section": _section,
        "context": shape(
            {
                "elements": items(
                    typed(
                        {
                            "plain_text": shape({"text": string(3_000)}, {"emoji": FLAG}),
                            "mrkdwn": shape({"text": string(3_000)}, {"verbatim": FLAG}),
                            "image": IMAGE,
                        }
                    ),
                    10,
                )
            },
            BLOCK_ID,
        ),
        "divider": shape({}, BLOCK_ID),
        "image": shape({"alt_text": string(2_000), "image_url": URL}, {**BLOCK_ID, "title": plain(2_000)}),
        "actions": shape({"elements": items(typed(ACTIONS), 25)}, BLOCK_ID),
        "input": shape(
            {"label": plain(2_000), "element": typed(INPUTS)},
            {**BLOCK_ID, "hint": plain(2_000), "optional": FLAG, "dispatch_action": FLAG},
        ),
        "rich_text": shape({"elements": items(typed(RICH), 1_000)}, BLOCK_ID),
    }
)


def _blocks(blocks: Any, where: str, most: int) -> Iterator[str]:
    yield from items(BLOCK, most, 0)(blocks, where)
    if isinstance(blocks, list):
        yield from _repeated(blocks, where)


def _repeated(blocks: list[Any], where: str) -> Iterator[str]:
    """A block_id may stand once in a message, an action_id once in a block."""
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        named = str(block.get("block_id") or "") if isinstance(block, dict) else ""
        if named in seen:
            yield _at(f'`block_id` "{named}" already exists', f"{where}/{number}/block_id")
        seen |= {named} - {""}
        actions: set[str] = set()
        for element in elements(block):
            action = str(element.get("action_id") or "")
            if action in actions:
                yield _at(f'`action_id` "{action}" already exists', f"{where}/{number}")
            actions |= {action} - {""}


def elements(block: Any) -> list[Json]:
    """What of a block a person can press, choose or fill in."""
    if not isinstance(block, dict):
        return []
    found = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
    known = ACTIONS.keys() | INPUTS.keys()
    return [element for element in found if isinstance(element, dict) and element.get("type") in known]


MODAL = typed(
    {
        "modal": shape(
            {"title": plain(24), "blocks": lambda value, where: _blocks(value, where, MOST_BLOCKS_OF_A_VIEW)},
            {
                "submit": plain(24),
                "close": plain(24),
                "private_metadata": string(3_000, 0),
                "callback_id": string(255, 0),
                "external_id": string(255, 0),
                "clear_on_close": FLAG,
                "notify_on_close": FLAG,
                "submit_disabled": FLAG,
            },
        )
    }
)
