"""What people do in the fake Slack, and what they see: they write, press, choose, command, fill in and close."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.slack.limits import check_message, check_view, elements
from tests.slack.methods import keep, keep_ephemeral, put_on_top, renew_view, shown_view
from tests.slack.refusals import RefusedError
from tests.slack.workspace import APP, ASHA, COMMANDS, TEAM, Workspace, by_ts, with_ids

Json = dict[str, Any]

# What a filled-in element is told by, and what it held before anybody touched it.
FILLED = {
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", ""),
    "multi_static_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
TYPED = ("value", "initial_value")
REQUIRED = "Please complete this required field."


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a person sees after pressing a modal's button: "close", "errors" (by block), "update", "push", "clear", or
    "trouble", Slack's words where the app answered what Slack cannot show. `view` is the one on top now."""

    action: str
    errors: dict[str, str] = field(default_factory=dict)
    view: Json | None = None


class People(Workspace):
    """Messages and views are given as the API or the lists of the workspace show them. An act raises UnansweredError
    where no app took it; what the app does beyond its receipt is waited for with `until`."""

    def say(self, channel: str, text: str, *, user: str = ASHA, thread_ts: str = "") -> Json:
        """A person writes a message."""
        with self.lock:
            keep(self, channel, {"text": text, "thread_ts": thread_ts}, user=user)
            return self.messages[-1]

    def click(self, on: Json, action_id: str, *, user: str = ASHA) -> None:
        """Presses a button of a message or a view."""
        self.act(self.click_payload(on, action_id, user=user))

    def choose(self, on: Json, action_id: str, chosen: Any, *, user: str = ASHA) -> None:
        """Chooses in a menu, an overflow, a picker: an option by its value or its text, or a list of them."""
        self.act(self.click_payload(on, action_id, chosen, user=user))

    def act(self, payload: Json) -> None:
        self.sockets.deliver("interactive", payload, answerable=False)

    def command(self, name: str, text: str = "", *, user: str = ASHA, channel: str = "C0000000001") -> None:
        """What the app answers with its receipt is shown as Slack would: to that person alone, if not told."""
        if name not in COMMANDS:
            raise LookupError(f"{name} is not a valid command: the app's manifest has {sorted(COMMANDS)}")
        answer = self.sockets.deliver(
            "slash_commands", self.command_payload(name, text, user=user, channel=channel), answerable=True
        )
        if not answer:
            return
        with self.lock:
            check_message(answer)
            if answer.get("response_type") == "in_channel":
                keep(self, channel, answer)
            else:
                keep_ephemeral(self, channel, user, answer)

    def event(self, event: Json) -> None:
        """Something the app has subscribed to."""
        made = {"event_id": f"Ev{self.number():010d}", "event_time": int(self.now())}
        payload = {"type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event": event, **made}
        self.sockets.deliver("events_api", payload, answerable=False, retries=3)

    def submit(self, view: Json, values: Mapping[str, Any] | None = None, *, user: str = "") -> Submitted:
        """Fills in (by block_id or action_id) and presses the modal's button. Slack itself looks whether all is there."""
        kept = self._open(view)
        with self.lock:
            kept["state"] = {"values": _state(kept["blocks"], kept["state"]["values"], values or {})}
            missing = dict(_unfilled(kept))
        if missing:
            return Submitted("errors", missing, shown_view(kept))
        answer = self.sockets.deliver("interactive", self.submit_payload(kept, user=user), answerable=True)
        with self.lock:
            return self._after(kept, answer)

    def close(self, view: Json, *, user: str = "") -> None:
        """Presses the modal's cross or its second button."""
        kept = self._open(view)
        with self.lock:
            stack = self.open_views[kept["user"]]
            cleared = stack if kept["clear_on_close"] else [kept]
            self.open_views[kept["user"]] = [v for v in stack if v not in cleared]
        if kept["notify_on_close"]:
            payload = {**self._who(user or kept["user"]), "type": "view_closed", "view": shown_view(kept)}
            self.act({**payload, "is_cleared": bool(kept["clear_on_close"])})

    # what they see

    def seen(self, channel: str) -> list[Json]:
        """The channel, oldest first, without what stands in threads only."""
        with self.lock:
            there = [m for m in self.messages if m["channel"] == channel]
            top = [m for m in there if not m.get("thread_ts") or m.get("subtype") == "thread_broadcast"]
            return [{**self.show(m), "channel": channel} for m in sorted(top, key=by_ts)]

    def thread(self, channel: str, ts: str) -> list[Json]:
        """The root and its replies; empty where there is no such message."""
        with self.lock:
            root = self.find(channel, ts)
            there = [root, *self.replies(channel, ts)] if root else []
            return [{**self.show(m), "channel": channel} for m in there]

    def ephemerals(self, user: str = ASHA) -> list[Json]:
        with self.lock:
            return [dict(message) for message in self.ephemeral if message["user"] == user]

    def views(self, user: str = ASHA) -> list[Json]:
        """Their open modals, the topmost last."""
        with self.lock:
            return [shown_view(view) for view in self.open_views.get(user, [])]

    # what the app is sent

    def click_payload(self, on: Json, action_id: str, chosen: Any = None, *, user: str = ASHA) -> Json:
        with self.lock:
            if on.get("id"):
                view = self._open(on)
                told = _action(view["blocks"], action_id, chosen, self.ts())
                view["state"] = {"values": _chosen(view["blocks"], view["state"]["values"], action_id, chosen)}
                return {**self._who(user, view["id"]), **self._on_view(view), "actions": [told]}
            found = self._message(on)
            blocks = with_ids(found.get("blocks") or [], found["ts"])
            told = _action(blocks, action_id, chosen, self.ts())
            state = {"values": _chosen(blocks, {}, action_id, chosen)}
            return {**self._who(user), **self._on_message(found, user), "state": state, "actions": [told]}

    def command_payload(self, name: str, text: str, *, user: str = ASHA, channel: str = "C0000000001") -> Json:
        with self.lock:
            where = {
                "channel_id": channel,
                "channel_name": self.name_of(channel),
                "team_id": TEAM,
                "team_domain": "fake",
            }
            who = {"user_id": user, "user_name": self.people[user], "api_app_id": APP, "is_enterprise_install": "false"}
            back = {"response_url": self.response_url(channel, user), "trigger_id": self.trigger(user)}
            return {"token": "verification", "command": name, "text": text, **where, **who, **back}

    def submit_payload(self, view: Json, *, user: str = "") -> Json:
        with self.lock:
            who = self._who(user or view["user"], view["id"])
            return {**who, "type": "view_submission", "view": shown_view(view), "response_urls": []}

    def _who(self, user: str, view: str = "") -> Json:
        name = self.people[user]
        return {
            "team": {"id": TEAM, "domain": "fake"},
            "user": {"id": user, "username": name, "name": name, "team_id": TEAM},
            "api_app_id": APP,
            "token": "verification",
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self.trigger(user, view),
        }

    def _on_message(self, message: Json, user: str) -> Json:
        channel, ts, alone = message["channel"], message["ts"], message in self.ephemeral
        thread = {"thread_ts": message["thread_ts"]} if message.get("thread_ts") else {}
        container = {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": alone}
        # Of what one person sees Slack sends no copy; that it sends the payload of metadata is nowhere promised.
        copy = {} if alone else {"message": self.show(message, payload=False)}
        return {
            "type": "block_actions",
            "container": {**container, **thread},
            "channel": {"id": channel, "name": self.name_of(channel)},
            **copy,
            "response_url": self.response_url(channel, user, ts),
        }

    def _on_view(self, view: Json) -> Json:
        return {
            "type": "block_actions",
            "container": {"type": "view", "view_id": view["id"]},
            "view": shown_view(view),
        }

    def _message(self, on: Json) -> Json:
        wanted = (on["channel"], on["ts"])
        for message in (*self.messages, *self.ephemeral):
            if (message["channel"], message["ts"]) == wanted:
                return message
        raise LookupError(f"there is no message {wanted} any more")

    def _open(self, view: Json) -> Json:
        kept = self.view(view["id"])
        if kept is None:
            raise LookupError(f"the view {view['id']} is not open any more")
        return kept

    def _after(self, view: Json, answer: Json) -> Submitted:
        stack = self.open_views[view["user"]]
        try:
            action, errors = self._obey(stack, view, answer)
        except RefusedError:
            action, errors = "trouble", {}
        top = self.open_views[view["user"]]
        return Submitted(action, errors, shown_view(top[-1]) if top else None)

    def _obey(self, stack: list[Json], view: Json, answer: Json) -> tuple[str, dict[str, str]]:
        action = str(answer.get("response_action") or "close")
        match action:
            case "close":
                stack.remove(view)
            case "clear":
                stack.clear()
            case "errors":
                inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
                errors = dict(answer.get("errors") or {})
                return ("errors", errors) if errors and errors.keys() <= inputs else ("trouble", {})
            case "update":
                check_view(answer.get("view"))
                renew_view(self, view, answer["view"])
            case "push":
                check_view(answer.get("view"))
                put_on_top(self, stack, answer["view"], view["user"])
            case _:
                return "trouble", {}
        return action, {}


def element_of(blocks: list[Json], action_id: str) -> tuple[Json, Json]:
    """The block and its element with that id."""
    there = [(block, element) for block in blocks for element in elements(block)]
    for block, element in there:
        if element.get("action_id") == action_id:
            return block, element
    raise LookupError(f"nothing has the action_id {action_id!r}: {[e.get('action_id') for _, e in there]}")


def _action(blocks: list[Json], action_id: str, chosen: Any, ts: str) -> Json:
    """What was done, as the app is told."""
    block, element = element_of(blocks, action_id)
    told = {"action_id": action_id, "block_id": block["block_id"], "action_ts": ts}
    if element["type"] != "button":
        return {**told, **_filled(element, chosen)}
    return {**told, "type": "button", **{key: element[key] for key in ("text", "value", "style") if key in element}}


def _chosen(blocks: list[Json], before: Json, action_id: str, chosen: Any) -> Json:
    _, element = element_of(blocks, action_id)
    return _state(blocks, before, {} if element["type"] in ("button", "overflow") else {action_id: chosen})


def _filled(element: Json, chosen: Any) -> Json:
    """An element as a person left it."""
    name, _ = FILLED.get(element["type"], TYPED)
    if name == "selected_option" and chosen is not None:
        chosen = _option(element, chosen)
    if name == "selected_options":
        chosen = [_option(element, one) for one in chosen or ()]
    return {"type": element["type"], name: chosen}


def _untouched(element: Json) -> Json:
    name, initial = FILLED.get(element["type"], TYPED)
    return {"type": element["type"], name: element.get(initial, [] if name.endswith("s") else None)}


def _option(element: Json, chosen: str) -> Json:
    groups = [group["options"] for group in element.get("option_groups") or ()]
    options: list[Json] = [*(element.get("options") or ()), *(o for group in groups for o in group)]
    for option in options:
        if chosen in (option["value"], option["text"]["text"]):
            return option
    raise LookupError(f"{chosen!r} is no option of {element.get('action_id')}: {[o['value'] for o in options]}")


def _state(blocks: list[Json], before: Json, values: Mapping[str, Any]) -> Json:
    """What all elements hold: what is chosen now, else what they held, else what the app put in."""
    state: Json = {}
    used = set()
    for block, element in ((b, e) for b in blocks for e in elements(b) if e["type"] not in ("button", "overflow")):
        block_id, action_id = block["block_id"], element["action_id"]
        name = action_id if action_id in values else block_id
        used |= {name} & values.keys()
        held = before.get(block_id, {}).get(action_id) or _untouched(element)
        state.setdefault(block_id, {})[action_id] = _filled(element, values[name]) if name in values else held
    if values.keys() - used:
        raise LookupError(f"nothing to fill in for {sorted(values.keys() - used)}: {sorted(state)}")
    return state


def _unfilled(view: Json) -> Iterator[tuple[str, str]]:
    """What Slack says of an input before it asks the app."""
    for block in (b for b in view["blocks"] if b["type"] == "input"):
        element = block["element"]
        name, _ = FILLED.get(element["type"], TYPED)
        value = view["state"]["values"][block["block_id"]][element["action_id"]][name]
        if not value:
            if not block.get("optional"):
                yield block["block_id"], REQUIRED
        elif name == "value" and len(value) < element.get("min_length", 0):
            yield block["block_id"], f"This field must have at least {element['min_length']} characters."
        elif name == "value" and len(value) > element.get("max_length", 3_000):
            yield block["block_id"], f"This field can have at most {element.get('max_length', 3_000)} characters."
