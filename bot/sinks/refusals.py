"""Refusals: what Slack's error codes and broken connections mean for an alert, and what a person can do about each."""

import errno
import socket
import ssl
from datetime import timedelta

from bot.errors import (
    ChannelRefused,
    DeliveryError,
    MessageRefused,
    OutcomeUnknown,
    RootGone,
    SinkBusy,
    SinkDown,
    SinkRefused,
)

UNTOLD_WAIT = timedelta(minutes=1)  # Slack asked for a pause and named none
LIMIT_WAIT = timedelta(hours=1)  # a workspace at its message limit stays there for hours
LONGEST_WAIT = timedelta(hours=24)

_BUSY = {"ratelimited", "rate_limited"}
_DOWN = {"service_unavailable", "team_added_to_org", "org_login_required", "request_timeout"}
_CHANNEL = {
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "channel_is_archived",
    "action_prohibited",
    "posting_to_general_channel_denied",
    "ekm_access_denied",
    "no_permission",
    "messages_tab_disabled",
    "cannot_reply_to_message",
    "user_not_found",
}
DEAD_TOKEN = {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"}  # another may do
_SINK = {
    *DEAD_TOKEN,
    "missing_scope",
    "access_denied",
    "accesslimited",
    "two_factor_setup_required",
    "app_access_restricted",
    "not_allowed_token_type",
    "invalid_token",
    "no_service",
    "no_service_id",
    "no_active_hooks",
    "no_team",
    "team_disabled",
}
_MESSAGE = {
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "attachment_payload_limit_exceeded",
    "too_many_attachments",
    "metadata_too_large",
    "invalid_arg_name",
    "invalid_arguments",
    "invalid_charset",
    "invalid_form_data",
    "invalid_payload",
}
_ROOT = {
    "message_not_found",
    "cant_update_message",
    "edit_window_closed",
    "thread_not_found",
    "invalid_thread_ts",
}
_FAMILIES = (
    ("restricted_action", ChannelRefused),
    ("invalid_blocks", MessageRefused),
    ("invalid_metadata", MessageRefused),
    ("invalid_attachments", MessageRefused),
)
_TO_DO = {
    "channel_not_found": "check the channel id in config.yaml; in a private channel, invite the bot first",
    "not_in_channel": "invite the bot there with /invite",
    "is_archived": "unarchive the channel or take it out of config.yaml",
    "channel_is_archived": "unarchive the channel or make a webhook for another one",
    "action_prohibited": "a workspace administrator has forbidden this; ask one, or use another channel",
    "invalid_auth": "copy the Bot User OAuth Token of the app again",
    "not_authed": "set the Bot User OAuth Token of the app",
    "token_revoked": "reinstall the app and set its new Bot User OAuth Token",
    "token_expired": "turn token rotation off in the app, or set a fresh token",
    "account_inactive": "the app was removed from the workspace: install it again",
    "missing_scope": "add the scope under OAuth & Permissions and reinstall the app",
    "no_service": "the webhook was deleted: make a new one",
    "invalid_token": "copy the webhook's URL again",
    "message_limit_exceeded": "the workspace is at its message limit",
}


def refusal(code: str, where: str, *, wait: timedelta | None = None, needed: str = "") -> DeliveryError:
    """The error for Slack's `code`. A code that nobody has told us of leaves the outcome open.

    `where` says what was refused ("channel C0123"); `wait` is Slack's Retry-After; `needed` the scope that is missing.
    """
    if code in _BUSY or code == "message_limit_exceeded":
        longest = min(wait or (UNTOLD_WAIT if code in _BUSY else LIMIT_WAIT), LONGEST_WAIT)
        return SinkBusy(_words(code, where, needed), wait=longest, code=code)
    return _kind(code)(_words(code, where, needed), code=code)


def unreached(reason: object, where: str) -> DeliveryError:
    """The error for a connection that failed. Only what fails before a byte of the request is written is surely not
    posted. `reason` is a URLError's."""
    cause = f"{type(reason).__name__} {reason.strerror or ''}" if isinstance(reason, OSError) else type(reason).__name__
    words = f"Slack could not be reached for {where}: {cause.strip()}"
    nowhere = (socket.gaierror, ConnectionRefusedError, ssl.SSLCertVerificationError)
    unroutable = isinstance(reason, OSError) and reason.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH)
    if isinstance(reason, nowhere) or unroutable:
        return SinkDown(words, code="unreachable")
    return OutcomeUnknown(words, code="no_answer")


def advice(code: str) -> str:
    """What a person can do about `code`, or ""."""
    if code.startswith("restricted_action"):
        return "a workspace setting keeps the bot from posting there: ask an administrator, or use another channel"
    return _TO_DO.get(code, "")


def retry_after(value: str | None) -> timedelta | None:
    """The header's seconds; None when it is missing or no number."""
    seconds = (value or "").strip()
    return timedelta(seconds=max(1, int(seconds))) if seconds.isdecimal() and len(seconds) < 9 else None


def _kind(code: str) -> type[DeliveryError]:
    for codes, kind in (
        (_DOWN, SinkDown),
        (_CHANNEL, ChannelRefused),
        (_SINK, SinkRefused),
        (_MESSAGE, MessageRefused),
        (_ROOT, RootGone),
    ):
        if code in codes:
            return kind
    return next((kind for family, kind in _FAMILIES if code.startswith(family)), OutcomeUnknown)


def _words(code: str, where: str, needed: str) -> str:
    scope = f" (scope {needed})" if needed else ""
    todo = advice(code)
    return f"Slack answered {code}{scope} for {where}" + (f" — {todo}" if todo else "")
