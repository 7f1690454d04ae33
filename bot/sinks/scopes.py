"""Scopes: what the app must be allowed for each method of Slack's API that is called, and what a token lacks.

The manifest in deploy/ asks for exactly these.
"""

from collections.abc import Collection, Iterator, Mapping

from bot.errors import DeliveryError
from bot.sinks.refusals import advice
from bot.sinks.slack import ask, scopes_of, web_client

HISTORY = ("channels:history", "groups:history")  # of public channels, of private ones
READ = ("channels:read", "groups:read")
METHODS: Mapping[str, tuple[str, ...]] = {
    "auth.test": (),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": HISTORY,
    "conversations.info": READ,
    "conversations.replies": HISTORY,
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "usergroups.users.list": ("usergroups:read",),
    "views.open": (),
    "views.update": (),
}
APP_METHODS: Mapping[str, tuple[str, ...]] = {
    "apps.connections.open": ("connections:write",)
}  # with the app's own token
COMMANDS = "commands"  # for which no method is called


def wrong_with_app(token: str, app_token: str, base_url: str, *, groups: bool) -> Iterator[str]:
    """What keeps people from being heard, in words. `groups`: whether groups of users are asked for."""
    client = web_client(token, base_url)
    try:
        ask(client.apps_connections_open, "the app token", app_token=app_token)
    except DeliveryError as error:
        yield f"SLACK_APP_TOKEN: {error}"
    try:
        has = scopes_of(ask(client.auth_test, "the token"))
    except DeliveryError as error:
        yield str(error)
        return
    if has is not None:
        yield from _lacking(has, groups=groups)


def _lacking(has: Collection[str], *, groups: bool) -> Iterator[str]:
    wanted = {COMMANDS: "Slack does not know /tariffwatch"}
    wanted |= {"usergroups:read": "the groups among interactive.editors count as nobody"} if groups else {}
    for scope, consequence in wanted.items():
        if scope not in has:
            yield f"the token lacks the scope {scope}: {consequence} — {advice('missing_scope')}"
