"""SlackBolt: the app that hears what people do in Slack, over Socket Mode. It acknowledges, hands on, and knows nothing else."""

import logging
import re
from collections.abc import Callable
from threading import Event as Flag
from threading import Thread
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError

from bot.events import Event
from bot.interactive.acts import asked_of, press_of
from bot.interactive.clerk import Clerk
from bot.interactive.form import SAVE, TRY, form_of

COMMAND = "/tariffwatch"
FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0  # seconds until a connection that failed is tried again
PING = 10.0  # seconds between looks whether the line still stands

Json = dict[str, Any]


def bolt_app(clerk: Callable[[], Clerk], client: Any) -> App:
    """`clerk` is who serves now. The library logs what people wrote, and answers with secrets in them: it may not."""
    mute = logging.Logger("slack_bolt", logging.CRITICAL)
    token = client.token

    def ours(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=token)

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
        muted = logging.Logger("slack_bolt", logging.CRITICAL)
        self._handler = SocketModeHandler(app, app_token, logger=muted, ping_interval=ping)
        self._stop = Flag()

    def start(self) -> None:
        Thread(target=self._connect, daemon=True, name="tariffwatch-slack").start()

    def close(self) -> None:
        """What is being done goes on until the program ends; nothing new is taken up."""
        self._stop.set()
        self.clerk.end()
        self._handler.close()  # type: ignore[no-untyped-call]  # slack-bolt leaves it without

    def _connect(self) -> None:
        wait = FIRST_WAIT
        while not self._stop.is_set():
            try:
                self._handler.client.connect_to_new_endpoint(force=True)
            except Exception as error:  # whatever it is: the desk goes on, and this tries again
                self.clerk.live.tell(Event("slack_connection_failed", {"error": _words(error), "again_in": wait}))
                self._stop.wait(wait)
                wait = min(2 * wait, LONGEST_WAIT)
                continue
            self.clerk.live.tell(Event("slack_connected", {}))
            return


def _words(error: Exception) -> str:
    """The library's own hold addresses and headers."""
    if isinstance(error, SlackApiError) and isinstance(error.response.get("error"), str):
        return f"Slack answered {error.response['error']}"
    return type(error).__name__
