"""The methods of the Web API: what each asks for, and what it does to the workspace. Errors are spelled as Slack's."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from tests.slack.limits import (
    MOST_TEXT,
    MOST_TEXT_OF_AN_UPDATE,
    check_blocks,
    check_message,
    check_view,
)
from tests.slack.refusals import RefusedError
from tests.slack.workspace import APP, BOT, BOT_USER, TEAM, WEBHOOK, Trigger, Upload, Workspace, by_ts, with_ids

Json = dict[str, Any]
TRIGGER_LASTS = 3.0
ANSWERS_LAST, MOST_ANSWERS = 1_800.0, 5  # of a response_url
MOST_VIEWS = 3  # one over another


@dataclass(frozen=True, slots=True)
class Method:
    """`scope`: "*" stands for the kind of the channel. `tier` 0: counted otherwise, or not at all."""

    does: Callable[[Workspace, Json], Json]
    scope: str = ""
    tier: int = 0
    token: Literal["bot", "app"] = "bot"


def admit(slack: Workspace, name: str, arguments: Json, authorization: str) -> Method:
    """The method, if the token may use it now. Raises RefusedError and LimitedError."""
    token = authorization.removeprefix("Bearer ") or arguments.get("token")
    if not token:
        raise RefusedError("not_authed")
    if token not in (slack.token, slack.app_token):
        raise RefusedError("invalid_auth")
    method = METHODS.get(name)
    if method is None:
        raise RefusedError("unknown_method")
    if (token == slack.app_token) != (method.token == "app"):
        raise RefusedError("not_allowed_token_type")
    _check_scope(slack, method, arguments)
    if slack.tiers and method.tier:
        slack.buckets.spend_tier(name, method.tier, slack.now())
    return method


def _check_scope(slack: Workspace, method: Method, arguments: Json) -> None:
    has = slack.app_scopes if method.token == "app" else slack.scopes
    channel = str(arguments.get("channel", ""))
    kind = "im" if channel.startswith("D") else "groups" if slack.is_private(channel) else "channels"
    needed = method.scope.replace("*", kind)
    if needed and needed not in has:
        raise RefusedError("missing_scope", needed=needed, provided=",".join(has))


# channels


def channel_of(slack: Workspace, arguments: Json, *, inside: bool = False, name: str = "channel") -> str:
    """`inside`: the bot has to be in it."""
    channel = str(arguments.get(name, ""))
    known = re.fullmatch(r"[CGD][A-Z0-9]{8,}", channel) if slack.channels is None else channel in slack.channels
    if not known:
        raise RefusedError("channel_not_found")
    if inside and channel in slack.outside:
        raise RefusedError("not_in_channel")
    return channel


def info(slack: Workspace, arguments: Json) -> Json:
    return {"channel": _channel(slack, channel_of(slack, arguments))}


def _channel(slack: Workspace, channel: str) -> Json:
    return {
        "id": channel,
        "name": slack.name_of(channel),
        "is_private": slack.is_private(channel),
        "is_archived": channel in slack.archived,
        "is_member": channel not in slack.outside,
    }


def list_channels(slack: Workspace, arguments: Json) -> Json:
    """Public ones only, if not asked for more; where every id exists, those that something was written in."""
    kinds = str(arguments.get("types") or "public_channel").split(",")
    there = slack.channels if slack.channels is not None else {m["channel"] for m in slack.messages} - {WEBHOOK}
    found = [_channel(slack, channel) for channel in sorted(there)]
    wanted = [c for c in found if ("private_channel" if c["is_private"] else "public_channel") in kinds]
    if truth(arguments.get("exclude_archived")):
        wanted = [c for c in wanted if not c["is_archived"]]
    page, cursor = _page(wanted, arguments, 1_000, lambda channel: str(channel["id"]))
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


# messages


def post(slack: Workspace, arguments: Json) -> Json:
    channel = _writable(slack, arguments)
    check_message({**arguments, "text": str(arguments.get("text") or "")[:MOST_TEXT]})
    check_thread(slack, channel, arguments)
    spend_message(slack, channel)
    return keep(slack, channel, arguments)


def _writable(slack: Workspace, arguments: Json) -> str:
    channel = channel_of(slack, arguments, inside=True)
    if channel in slack.archived:
        raise RefusedError("is_archived")
    return channel


def check_thread(slack: Workspace, channel: str, arguments: Json) -> None:
    """A thread hangs on a message of the channel itself that is still there. Slack is not always so strict."""
    thread = arguments.get("thread_ts")
    if not thread:
        return
    if not re.fullmatch(r"\d+\.\d{6,}", str(thread)):
        raise RefusedError("invalid_thread_ts")
    root = slack.find(channel, thread)
    if root is None or root.get("thread_ts") or root.get("subtype") == "tombstone":
        raise RefusedError("cannot_reply_to_message")


def spend_message(slack: Workspace, channel: str) -> None:
    if slack.rate is not None:
        slack.buckets.spend(f"messages of {channel}", slack.rate, slack.burst, slack.now())


def keep(slack: Workspace, channel: str, arguments: Json, **more: object) -> Json:
    text = arguments.get("text")
    message: Json = {"channel": channel, "ts": slack.ts(), "text": text and text[:MOST_TEXT], **more}
    message |= {"blocks": arguments.get("blocks"), "metadata": arguments.get("metadata"), "sent": arguments}
    if arguments.get("thread_ts"):
        message["thread_ts"] = arguments["thread_ts"]
        if truth(arguments.get("reply_broadcast")):
            message["subtype"] = "thread_broadcast"
    slack.messages.append(message)
    return {"channel": channel, "ts": message["ts"], "message": slack.show(message)}


def update(slack: Workspace, arguments: Json) -> Json:
    """What is not named stays as it was; what it was is kept in "edits"."""
    channel = channel_of(slack, arguments)
    message = _own(slack, channel, arguments, "cant_update_message")
    if slack.edits_closed:
        raise RefusedError("edit_window_closed")
    if channel in slack.archived:
        raise RefusedError("is_archived")
    new = {key: arguments[key] for key in ("text", "blocks", "metadata") if arguments.get(key) is not None}
    if "text" not in new and "blocks" not in new:
        raise RefusedError("no_text")
    if len(str(new.get("text", ""))) > MOST_TEXT_OF_AN_UPDATE:
        raise RefusedError("msg_too_long")
    check_message({**{key: message.get(key) for key in ("text", "blocks", "metadata")}, **new})
    change(slack, message, new)
    return {"channel": channel, "ts": message["ts"], "text": message["text"], "message": slack.show(message)}


def change(slack: Workspace, message: Json, new: Json) -> None:
    before = {key: message.get(key) for key in ("text", "blocks", "metadata")}
    message["edits"] = [*message.get("edits", ()), before]
    message["edited"] = {"user": BOT_USER, "ts": slack.ts()}
    message.update(new)


def delete(slack: Workspace, arguments: Json) -> Json:
    """A root with replies leaves a tombstone."""
    channel = channel_of(slack, arguments)
    message = _own(slack, channel, arguments, "cant_delete_message")
    remove(slack, message)
    return {"channel": channel, "ts": message["ts"]}


def remove(slack: Workspace, message: Json) -> None:
    if slack.replies(message["channel"], message["ts"]):
        gone = {"text": "This message was deleted.", "blocks": None, "metadata": None}
        message.update({"subtype": "tombstone", "hidden": True, **gone})
    else:
        slack.messages.remove(message)


def _own(slack: Workspace, channel: str, arguments: Json, otherwise: str) -> Json:
    message = slack.find(channel, arguments.get("ts"))
    if message is None or message.get("subtype") == "tombstone":
        raise RefusedError("message_not_found")
    if "user" in message:
        raise RefusedError(otherwise)
    return message


def post_ephemeral(slack: Workspace, arguments: Json) -> Json:
    channel = _writable(slack, arguments)
    if arguments.get("user") not in slack.people:
        raise RefusedError("user_not_in_channel")
    check_message({**arguments, "text": str(arguments.get("text") or "")[:MOST_TEXT]})
    return {"message_ts": keep_ephemeral(slack, channel, str(arguments["user"]), arguments)["ts"]}


def keep_ephemeral(slack: Workspace, channel: str, user: str, arguments: Json) -> Json:
    message: Json = {"channel": channel, "user": user, "ts": slack.ts(), "sent": arguments}
    message |= {key: arguments.get(key) for key in ("text", "blocks", "thread_ts") if arguments.get(key)}
    slack.ephemeral.append(message)
    return message


def permalink(slack: Workspace, arguments: Json) -> Json:
    channel = channel_of(slack, arguments)
    message = slack.find(channel, arguments.get("message_ts"))
    if message is None:
        raise RefusedError("message_not_found")
    thread = f"?thread_ts={message['thread_ts']}&cid={channel}" if message.get("thread_ts") else ""
    address = f"https://fake.slack.com/archives/{channel}/p{message['ts'].replace('.', '')}{thread}"
    return {"channel": channel, "permalink": address}


# history


def history(slack: Workspace, arguments: Json) -> Json:
    """Newest first, replies only where they were sent to the channel too."""
    channel = channel_of(slack, arguments, inside=True)
    top = [m for m in slack.messages if m["channel"] == channel and _in_channel(m) and _between(m, arguments)]
    newest = sorted(top, key=by_ts, reverse=True)
    page, cursor = _page(newest, arguments, 999, lambda message: str(message["ts"]))
    return _messages(slack, page, cursor, arguments)


def replies(slack: Workspace, arguments: Json) -> Json:
    """The root, then its replies, oldest first; of a reply, that alone. The root comes first on each page."""
    channel = channel_of(slack, arguments, inside=True)
    root = slack.find(channel, arguments.get("ts"))
    if root is None:
        raise RefusedError("thread_not_found")
    under = [m for m in slack.replies(channel, root["ts"]) if _between(m, arguments)]
    page, cursor = _page(under, arguments, 1_000, lambda message: str(message["ts"]))
    return _messages(slack, [root, *page], cursor, arguments)


def _in_channel(message: Json) -> bool:
    return not message.get("thread_ts") or message.get("subtype") == "thread_broadcast"


def _between(message: Json, arguments: Json) -> bool:
    ts, inclusive = by_ts(message), truth(arguments.get("inclusive"))
    oldest, latest = (_instant(arguments, name) for name in ("oldest", "latest"))
    after = oldest is None or ts > oldest or (inclusive and ts == oldest)
    return after and (latest is None or ts < latest or (inclusive and ts == latest))


def _instant(arguments: Json, name: str) -> Decimal | None:
    given = str(arguments.get(name) or "")
    if given in ("", "0", "now"):
        return None
    try:
        return Decimal(given)
    except InvalidOperation:
        raise RefusedError(f"invalid_ts_{name}") from None


def _messages(slack: Workspace, page: list[Json], cursor: str, arguments: Json) -> Json:
    payload = truth(arguments.get("include_all_metadata"))
    return {
        "messages": [slack.show(message, payload=payload) for message in page],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def _page(there: list[Json], arguments: Json, most: int, name: Callable[[Json], str]) -> tuple[list[Json], str]:
    """The next few, and the cursor for what follows them: the name of the first of those."""
    limit = int(arguments.get("limit") or 100)
    if not 1 <= limit <= most:
        raise RefusedError("invalid_limit")
    start = 0
    if arguments.get("cursor"):
        names = [name(item) for item in there]
        try:
            start = names.index(
                base64.b64decode(str(arguments["cursor"]), validate=True).decode().removeprefix("next:")
            )
        except ValueError:
            raise RefusedError("invalid_cursor") from None
    after = there[start + limit : start + limit + 1]
    return there[start : start + limit], base64.b64encode(f"next:{name(after[0])}".encode()).decode() if after else ""


# people


def auth_test(slack: Workspace, arguments: Json) -> Json:
    names = {"url": "https://fake.slack.com/", "team": "Fake", "user": "tariffwatch"}
    return {**names, "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT, "is_enterprise_install": False}


def user_info(slack: Workspace, arguments: Json) -> Json:
    user = str(arguments.get("user", ""))
    if user not in slack.people:
        raise RefusedError("user_not_found")
    name = slack.people[user]
    profile = {"display_name": name, "real_name": name.title()}
    return {"user": {"id": user, "team_id": TEAM, "name": name, "deleted": False, "is_bot": False, "profile": profile}}


def user_groups(slack: Workspace, arguments: Json) -> Json:
    with_users = truth(arguments.get("include_users"))
    return {
        "usergroups": [
            {"id": group, "team_id": TEAM, "name": handle, "handle": handle, "user_count": len(users), "date_delete": 0}
            | ({"users": users} if with_users else {})
            for group, (handle, users) in slack.groups.items()
        ]
    }


def users_of_group(slack: Workspace, arguments: Json) -> Json:
    group = str(arguments.get("usergroup", ""))
    if group not in slack.groups:
        raise RefusedError("no_such_subteam")
    return {"users": slack.groups[group][1]}


# views


def open_view(slack: Workspace, arguments: Json) -> Json:
    check_view(arguments.get("view"))
    trigger = _use(slack, arguments)
    view = new_view(slack, arguments["view"], trigger.user)
    slack.open_views[trigger.user] = [view]
    return {"view": shown_view(view)}


def push_view(slack: Workspace, arguments: Json) -> Json:
    check_view(arguments.get("view"))
    trigger = _use(slack, arguments)
    stack = slack.open_views.get(trigger.user, [])
    if not stack or not trigger.view:
        raise RefusedError("not_found")
    return {"view": shown_view(put_on_top(slack, stack, arguments["view"], trigger.user))}


def put_on_top(slack: Workspace, stack: list[Json], view: Json, user: str) -> Json:
    if len(stack) >= MOST_VIEWS:
        raise RefusedError("push_limit_reached")
    stack.append(new_view(slack, view, user, previous=stack[-1]))
    return stack[-1]


def update_view(slack: Workspace, arguments: Json) -> Json:
    check_view(arguments.get("view"))
    wanted, external = arguments.get("view_id"), arguments.get("external_id")
    every = (view for stack in slack.open_views.values() for view in stack)
    view = next((v for v in every if v["id"] == wanted or (external and v["external_id"] == external)), None)
    if view is None:
        raise RefusedError("not_found")
    if arguments.get("hash") and arguments["hash"] != view["hash"]:
        raise RefusedError("hash_conflict")
    renew_view(slack, view, arguments["view"])
    return {"view": shown_view(view)}


def _use(slack: Workspace, arguments: Json) -> Trigger:
    trigger = slack.triggers.get(str(arguments.get("trigger_id", "")))
    if trigger is None:
        raise RefusedError("invalid_trigger_id")
    if trigger.used:
        raise RefusedError("exchanged_trigger_id")
    if slack.now() - trigger.made > TRIGGER_LASTS:
        raise RefusedError("expired_trigger_id")
    trigger.used = True
    return trigger


def new_view(slack: Workspace, view: Json, user: str, *, previous: Json | None = None) -> Json:
    made = f"V{slack.number():010d}"
    chain = {
        "previous_view_id": previous and previous["id"],
        "root_view_id": previous["root_view_id"] if previous else made,
    }
    kept: Json = {"id": made, "user": user, "team_id": TEAM, "app_id": APP, "bot_id": BOT, **chain}
    renew_view(slack, kept, view)
    return kept


def renew_view(slack: Workspace, kept: Json, view: Json) -> None:
    bare = {"private_metadata": "", "callback_id": "", "external_id": "", "close": None, "submit": None}
    flags = {"clear_on_close": False, "notify_on_close": False}
    kept.update({**bare, **flags, **view, "blocks": with_ids(view["blocks"], kept["id"])})
    kept.update({"hash": f"{int(slack.now())}.{slack.number():08d}", "state": {"values": {}}})


def shown_view(view: Json) -> Json:
    return {key: value for key, value in view.items() if key != "user"}


# sockets


def open_socket(slack: Workspace, arguments: Json) -> Json:
    return {"url": slack.sockets.open()}


# files


def upload_url(slack: Workspace, arguments: Json) -> Json:
    name, length = str(arguments.get("filename") or ""), int(arguments.get("length") or 0)
    if not name or length < 1:
        raise RefusedError("invalid_arguments")
    made = f"F{slack.number():010d}"
    slack.uploads[made] = Upload(name, length)
    return {"upload_url": slack.url.replace("/api/", f"/upload/v1/{made}"), "file_id": made}


def complete_upload(slack: Workspace, arguments: Json) -> Json:
    given = [
        (str(file.get("id")), file.get("title")) for file in arguments.get("files") or [] if isinstance(file, dict)
    ]
    if not given:
        raise RefusedError("invalid_arguments")
    for made, title in given:
        if made not in slack.uploads or slack.uploads[made].body is None:
            raise RefusedError("file_not_found")
        slack.uploads[made].title = str(title or slack.uploads[made].name)
    files = [{"id": made, "title": slack.uploads[made].title, "name": slack.uploads[made].name} for made, _ in given]
    listed = str(arguments.get("channels") or arguments.get("channel_id") or "")
    for channel in filter(None, listed.split(",")):
        _share(slack, channel, files, arguments)
    return {"files": files}


def _share(slack: Workspace, channel: str, files: list[Json], arguments: Json) -> None:
    _writable(slack, {"channel": channel})
    check_thread(slack, channel, arguments)
    said = {"text": arguments.get("initial_comment") or "", "thread_ts": arguments.get("thread_ts")}
    if arguments.get("blocks"):
        check_blocks(arguments["blocks"])
        said["blocks"] = arguments["blocks"]
    keep(slack, channel, said, files=files)
    for file in files:
        slack.uploads[file["id"]].shared.append(channel)


def receive_file(slack: Workspace, made: str, body: bytes) -> None:
    upload = slack.uploads.get(made)
    if upload is None or upload.length != len(body):
        raise RefusedError("file_upload_failed")
    upload.body = body


# what is answered without a token


def hook(slack: Workspace, arguments: Json) -> Json:
    check_message(arguments)
    spend_message(slack, WEBHOOK)
    return keep(slack, WEBHOOK, arguments)


def respond(slack: Workspace, secret: str, arguments: Json) -> None:
    """A post to a response_url: a new message, the one acted on anew, or its end."""
    given = slack.answering.get(secret)
    if given is None or slack.now() - given.made > ANSWERS_LAST:
        raise RefusedError("expired_url")
    if given.uses >= MOST_ANSWERS:
        raise RefusedError("used_url")
    given.uses += 1
    acted_on = _acted_on(slack, given.channel, given.ts)
    if truth(arguments.get("delete_original")):
        if acted_on is not None:
            slack.ephemeral.remove(acted_on) if acted_on in slack.ephemeral else remove(slack, acted_on)
        return
    check_message({**arguments, "text": str(arguments.get("text") or "")[:MOST_TEXT]})
    if truth(arguments.get("replace_original")) and acted_on is not None:
        change(slack, acted_on, {key: arguments.get(key) for key in ("text", "blocks", "metadata")})
    elif arguments.get("response_type") == "in_channel":
        keep(slack, given.channel, arguments)
    else:
        keep_ephemeral(slack, given.channel, given.user, arguments)


def _acted_on(slack: Workspace, channel: str, ts: str) -> Json | None:
    found = slack.find(channel, ts)
    return found or next((m for m in slack.ephemeral if (m["channel"], m["ts"]) == (channel, ts)), None)


def truth(value: object) -> bool:
    return str(value).lower() in ("1", "true")


def unpacked(arguments: Json) -> Json:
    """Objects and lists may come as text. Raises RefusedError for text that is neither."""
    found = dict(arguments)
    for key in ("blocks", "metadata", "view", "files"):
        if isinstance(found.get(key), str):
            try:
                found[key] = json.loads(found[key])
            except ValueError:
                code = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
                raise RefusedError(code.get(key, "invalid_arguments")) from None
    return found


METHODS = {
    "apps.connections.open": Method(open_socket, "connections:write", 1, "app"),
    "auth.test": Method(auth_test),
    "chat.postMessage": Method(post, "chat:write"),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write", 4),
    "chat.update": Method(update, "chat:write", 3),
    "chat.delete": Method(delete, "chat:write", 3),
    "chat.getPermalink": Method(permalink),
    "conversations.history": Method(history, "*:history", 3),
    "conversations.replies": Method(replies, "*:history", 3),
    "conversations.info": Method(info, "*:read", 3),
    "conversations.list": Method(list_channels, "channels:read", 2),
    "users.info": Method(user_info, "users:read", 4),
    "usergroups.list": Method(user_groups, "usergroups:read", 2),
    "usergroups.users.list": Method(users_of_group, "usergroups:read", 2),
    "views.open": Method(open_view, tier=4),
    "views.push": Method(push_view, tier=4),
    "views.update": Method(update_view, tier=4),
    "files.getUploadURLExternal": Method(upload_url, "files:write", 4),
    "files.completeUploadExternal": Method(complete_upload, "files:write", 4),
}
