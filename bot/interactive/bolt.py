"""SlackBolt: the app that hears what people do in Slack, over Socket Mode. It acknowledges, hands on, and knows nothing else."""

import logging
import re
from collections.abc import Callable
from threading import Event as Flag
from threading import Thread
from time import time
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError

from bot.config import Config
from bot.events import Event
from bot.interactive.acts import asked_of, press_of
from bot.interactive.clerk import Clerk
from bot.interactive.form import SAVE, TRY, form_of
from bot.interactive.wire import Wire

COMMAND = "/tariffwatch"
FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0  # seconds until a connection that failed is tried again
PING = 10.0  # seconds between looks whether the line still stands

Json = dict[str, Any]


def bolt_app(clerk: Callable[[], Clerk], client: Any) -> App:
    """`clerk` is who serves now. The library logs what people wrote, and answers with secrets in them: it may not."""
    mute = logging.Logger("slack_bolt", logging.CRITICAL)

    def ours(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=client.token)

    app = App(client=client, authorize=ours, logger=mute)

    @app.action(re.compile(""))
    def pressed(ack: Any, body: Json) -> None:
        ack()
        if "view" not in body:
            clerk().take_press(press_of(body))
        elif body["actions"][0]["action_id"] == TRY:
            clerk().take_try(form_of(body))

    @app.command(COMMAND)
    def asked(ack: Any, body: Json) -> None:
        question = asked_of(body)
        ack(clerk().first_word(question))
        clerk().take_asked(question)

    @app.view(SAVE)
    def sent(ack: Any, body: Json) -> None:
        form = form_of(body)
        if wrong := clerk().wrong_with(form):
            ack(response_action="errors", errors=wrong)
            return
        ack(response_action="update", view=clerk().take_saved(form))

    return app


class SlackBolt:
    """Connects in a thread of its own, again and again until it works, and comes back by itself when it is cut off."""

    def __init__(self, clerk: Clerk, app_token: str, *, ping: float = PING) -> None:
        self.clerk = clerk
        app = bolt_app(lambda: self.clerk, clerk.slack.client)
        self._wire = Wire(app_token, clerk.slack.client, ping=ping, stands=self._stands, failed=self._failed)
        self._wire.socket_mode_request_listeners.append(
            lambda wire, request: send_response(wire, request, run_bolt_app(app, request), time())
        )
        self._stop = Flag()
        self._stood, self._told = False, ""  # whether there was a line yet; why there is none, as it was told

    def start(self) -> None:
        Thread(target=self._connect, daemon=True, name="tariffwatch-slack").start()

    def take(self, settings: Config) -> None:
        """Other tokens. The line that stands was opened with an earlier one, and goes on."""
        self.clerk.slack.client.token = settings.slack_token
        self._wire.app_token = settings.slack_app_token

    def close(self) -> None:
        """What is being done goes on until the program ends; nothing new is taken up."""
        self._stop.set()
        self.clerk.end()
        self._wire.close()

    def _connect(self) -> None:
        """Until there is a line for the first time; from then on the wire looks after it."""
        wait = FIRST_WAIT
        while not self._stop.is_set() and not self._wire.is_connected():
            try:
                self._wire.connect_to_new_endpoint()
            except Exception as error:  # whatever it is: the desk goes on, and this tries again
                self._tell_failed(error, wait)
                self._stop.wait(wait)
                wait = min(2 * wait, LONGEST_WAIT)

    def _stands(self) -> None:
        if self._told or not self._stood:
            self.clerk.live.tell(Event("slack_connected", {}))
        self._stood, self._told = True, ""

    def _failed(self, error: Exception) -> None:
        """A line that was lost is told of once, however often it is tried to have it back."""
        if self._stood and not self._stop.is_set() and _words(error) != self._told:
            self._tell_failed(error, self._wire.ping_interval)

    def _tell_failed(self, error: Exception, wait: float) -> None:
        self._told = _words(error)
        self.clerk.live.tell(Event("slack_connection_failed", {"error": self._told, "again_in": wait}))


def _words(error: Exception) -> str:
    """The library's own hold addresses and headers."""
    if isinstance(error, SlackApiError) and isinstance(error.response.get("error"), str):
        return f"Slack answered {error.response['error']}"
    return type(error).__name__
