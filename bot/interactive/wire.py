"""Wire: Slack's own client of Socket Mode, mended where it misses that its line is dead, or asks for new ones without end."""

import errno
import time
from collections.abc import Callable
from contextlib import suppress
from logging import Logger
from socket import socket
from typing import Any, cast

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientNotConnectedError
from slack_sdk.socket_mode.builtin import SocketModeClient

from bot.sinks.refusals import retry_after


class Wire(SocketModeClient):
    """`stands` is called for each line that is opened, `failed` where none could be had. Pings every `ping` seconds, and leaves a
    line on which nothing has answered for four times as long; it looks for a new one as often."""

    def __init__(
        self,
        app_token: str,
        client: WebClient,
        *,
        ping: float,
        stands: Callable[[], object],
        failed: Callable[[Exception], object],
    ) -> None:
        muted = Logger("slack_sdk.socket_mode", 100)  # it logs what people wrote, and addresses that are secrets
        super().__init__(app_token, logger=muted, web_client=client, ping_interval=ping, proxy=client.proxy)
        self._stands, self._failed = stands, failed
        self._not_before = 0.0

    def connect(self) -> None:
        super().connect()
        line = self.current_session
        if line is None or line.sock is None:
            error = SlackClientNotConnectedError("the line could not be opened")
            self._failed(error)
            raise error
        line.sock = cast(Any, _Ending(line.sock))
        line.last_ping_pong_time = line.last_ping_pong_time or time.time()  # else one that never answered is never dead
        self._stands()

    def issue_new_wss_url(self) -> str:
        """Raises where one was asked for a moment ago, or Slack wants to be left alone: whoever looks after the line comes back.
        The client's own would sleep, and hold up whoever ends the program."""
        now = time.monotonic()
        if now < self._not_before:
            raise SlackClientNotConnectedError("it is too early for another line")
        self._not_before = now + self.ping_interval / 2
        try:
            return str(self.web_client.apps_connections_open(app_token=self.app_token)["url"])
        except Exception as error:
            self._not_before = now + max(self.ping_interval, _wait(error))
            self._failed(error)
            raise

    def _run_current_session(self) -> None:
        """Called again and again. A line that has ended, however it did, is followed by a new one at once."""
        super()._run_current_session()  # type: ignore[no-untyped-call]  # slack-sdk leaves it without
        if self.auto_reconnect_enabled and self.current_session is not None and not self.is_connected():
            with suppress(Exception):  # it was told, and comes again
                self.connect_to_new_endpoint()

    def _on_close(self, code: int, reason: str | None = None) -> None:
        """The client's own opens a new line in the middle of the old one, which stays open when that fails."""


class _Ending:
    """A socket whose end is an error: the client takes an empty answer for none yet, and would ask again without a pause."""

    def __init__(self, sock: socket) -> None:
        self._sock = sock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def recv(self, size: int) -> bytes:
        received = self._sock.recv(size)
        if not received:
            raise ConnectionResetError(errno.ECONNRESET, "the line was cut")
        return received


def _wait(error: Exception) -> float:
    """Seconds that Slack asks to be left alone."""
    headers = error.response.headers if isinstance(error, SlackApiError) else {}
    told = next((retry_after(str(value)) for name, value in headers.items() if name.lower() == "retry-after"), None)
    return told.total_seconds() if told else 0.0
