"""Socket Mode of the fake Slack: its rules seen by a bare WebSocket, and by Slack's own framework over loopback."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.fake_slack import ASHA, MEERA, RAVI, TEST_APP_TOKEN, TEST_TOKEN, FakeSlack, UnansweredError

Json = dict[str, Any]
Join = Callable[[], "Connection"]
CHANNEL = "C0000000001"


def plain(words: str) -> Json:
    return {"type": "plain_text", "text": words}


def option(words: str) -> Json:
    return {"text": plain(words), "value": words.lower()}


CONTROLS: Json = {
    "type": "actions",
    "elements": [
        {"type": "button", "action_id": "confirm", "text": plain("Confirm"), "value": "a1"},
        {"type": "overflow", "action_id": "more", "options": [option("Mute"), option("Why")]},
    ],
}
MODAL: Json = {
    "type": "modal",
    "callback_id": "new",
    "title": plain("New watchlist"),
    "submit": plain("Save"),
    "notify_on_close": True,
    "private_metadata": CHANNEL,
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": plain("Name"),
            "element": {"type": "plain_text_input", "action_id": "name"},
        },
        {
            "type": "input",
            "block_id": "level",
            "label": plain("Severity"),
            "element": {
                "type": "static_select",
                "action_id": "level",
                "options": [option("Low"), option("High")],
                "initial_option": option("Low"),
            },
        },
    ],
}


# the rules


class Connection:
    """An app's end, with nothing between it and the wire."""

    def __init__(self, url: str, wire: ClientConnection) -> None:
        self.url, self.wire = url, wire
        self.hello = self.next()

    def next(self) -> Json:
        found = json.loads(self.wire.recv(timeout=3))
        assert isinstance(found, dict)
        return found

    def acknowledge(self, envelope: Json, payload: Json | None = None) -> None:
        answer = {"envelope_id": envelope["envelope_id"], **({"payload": payload} if payload else {})}
        self.wire.send(json.dumps(answer))


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


@pytest.fixture
def join(slack: FakeSlack) -> Iterator[Join]:
    """Opens one more connection."""
    with ExitStack() as wires:

        def opened() -> Connection:
            url = str(WebClient(base_url=slack.url).apps_connections_open(app_token=TEST_APP_TOKEN)["url"])
            return Connection(url, wires.enter_context(connect(url, close_timeout=0.1)))

        yield opened


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as threads:
        yield threads


def a_card(slack: FakeSlack) -> Json:
    WebClient(TEST_TOKEN, base_url=slack.url).chat_postMessage(channel=CHANNEL, text="card", blocks=[CONTROLS])
    return slack.messages[-1]


def asking(slack: FakeSlack, pool: ThreadPoolExecutor, text: str = "why") -> "Future[None]":
    return pool.submit(slack.command, "/tariffwatch", text)


def test_a_connection_is_greeted_and_its_ticket_is_used_up(slack: FakeSlack, join: Join) -> None:
    first, second = join(), join()
    assert (first.hello["type"], first.hello["num_connections"]) == ("hello", 1)
    assert first.hello["debug_info"]["host"]
    assert second.hello["num_connections"] == 2
    with pytest.raises(InvalidStatus, match="403"), connect(first.url):
        pass


def test_an_eleventh_connection_is_one_too_many(slack: FakeSlack, join: Join) -> None:
    for _ in range(10):
        join()
    more = join()
    assert (more.hello["type"], more.hello["reason"]) == ("disconnect", "too_many_websockets")
    with pytest.raises(ConnectionClosed):
        more.next()


def test_an_act_that_no_app_listens_for_fails_at_once(slack: FakeSlack) -> None:
    with pytest.raises(UnansweredError, match="dispatch_failed"):
        slack.command("/tariffwatch", "why")


def test_a_command_is_answered_by_the_payload_of_the_receipt(
    slack: FakeSlack, join: Join, pool: ThreadPoolExecutor
) -> None:
    app = join()
    asked = asking(slack, pool)
    envelope = app.next()
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert (envelope["payload"]["command"], envelope["payload"]["text"]) == ("/tariffwatch", "why")
    app.acknowledge(envelope, {"text": "because"})
    asked.result()
    assert [m["text"] for m in slack.ephemerals(ASHA)] == ["because"]


def test_a_press_takes_no_payload_in_its_receipt(slack: FakeSlack, join: Join, pool: ThreadPoolExecutor) -> None:
    app, card = join(), a_card(slack)
    pressed = pool.submit(slack.click, card, "confirm")
    envelope = app.next()
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("interactive", False)
    app.acknowledge(envelope, {"text": "lost"})
    pressed.result()
    assert slack.ephemerals(ASHA) == []


def test_each_envelope_goes_to_one_connection_and_they_take_turns(slack: FakeSlack, join: Join) -> None:
    apps = join(), join()
    slack.sockets.ack_within = 0.05
    for _ in range(2):
        with pytest.raises(UnansweredError):
            slack.sockets.deliver("slash_commands", {}, answerable=True, retries=0)
    assert len({number for number, _ in slack.sockets.sent}) == 2
    assert sorted(app.next()["envelope_id"] for app in apps) == sorted(e["envelope_id"] for _, e in slack.sockets.sent)


def test_without_a_receipt_an_envelope_goes_to_another_connection(
    slack: FakeSlack, join: Join, pool: ThreadPoolExecutor
) -> None:
    apps = join(), join()
    slack.sockets.ack_within = 0.05
    asked = asking(slack, pool)
    with pytest.raises(UnansweredError, match="operation_timeout"):
        asked.result()
    (one, first), (other, again) = slack.sockets.sent
    assert one != other
    assert first["envelope_id"] == again["envelope_id"]
    assert (again["retry_attempt"], again["retry_reason"]) == (1, "timeout")
    assert {app.next()["envelope_id"] for app in apps} == {first["envelope_id"]}


def test_an_envelope_whose_receipt_was_lost_comes_twice(slack: FakeSlack, join: Join, pool: ThreadPoolExecutor) -> None:
    app = join()
    asked = asking(slack, pool)
    first = app.next()
    app.acknowledge(first)
    asked.result()
    again = pool.submit(slack.sockets.redeliver)
    second = app.next()
    assert (second["envelope_id"], second["retry_attempt"]) == (first["envelope_id"], 1)
    app.acknowledge(second)
    again.result()


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_a_connection_told_to_go_gets_no_more(
    slack: FakeSlack, join: Join, pool: ThreadPoolExecutor, reason: str
) -> None:
    leaving = join()
    slack.sockets.disconnect(reason)
    said = leaving.next()
    assert (said["type"], said["reason"]) == ("disconnect", reason)
    staying = join()
    asked = asking(slack, pool)
    staying.acknowledge(staying.next())
    asked.result()
    with pytest.raises(TimeoutError):
        leaving.wire.recv(timeout=0)


def test_an_event_names_its_kind_and_id(slack: FakeSlack, join: Join, pool: ThreadPoolExecutor) -> None:
    app = join()
    told = pool.submit(slack.event, {"type": "app_mention", "user": RAVI, "text": "hi", "channel": CHANNEL})
    envelope = app.next()
    app.acknowledge(envelope)
    told.result()
    assert (envelope["type"], envelope["payload"]["event"]["user"]) == ("events_api", RAVI)
    assert envelope["payload"]["event_id"].startswith("Ev")


def test_what_slack_cannot_show_in_a_modal_is_trouble(slack: FakeSlack, join: Join, pool: ThreadPoolExecutor) -> None:
    app = join()
    web = WebClient(TEST_TOKEN, base_url=slack.url)
    view = web.views_open(trigger_id=slack.trigger(ASHA), view=MODAL)["view"]
    for wrong in (
        {"response_action": "errors", "errors": {"colour": "no such block"}},
        {"response_action": "update", "view": {**MODAL, "title": plain("t" * 25)}},
        {"response_action": "dance"},
    ):
        filled = pool.submit(slack.submit, view, {"name": "x"})
        app.acknowledge(app.next(), wrong)
        assert filled.result().action == "trouble"
    assert len(slack.views(ASHA)) == 1


# an app as its author writes it


def echo(url: str) -> App:
    app = App(client=WebClient(TEST_TOKEN, base_url=url))

    @app.action("confirm")
    def confirm(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        said = f"confirmed by <@{body['user']['id']}>"
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text=said)

    @app.action("more")
    def more(ack: Any, action: Json, respond: Any) -> None:
        ack()
        respond(text=action["selected_option"]["value"], replace_original=False)

    @app.command("/tariffwatch")
    def command(ack: Any, command: Json, client: WebClient) -> None:
        ack("" if command["text"] == "new" else f"you asked {command['text']}")
        if command["text"] == "new":
            client.views_open(trigger_id=command["trigger_id"], view=MODAL)

    @app.view("new")
    def save(ack: Any, view: Json, body: Json, client: WebClient) -> None:
        values = view["state"]["values"]
        name = values["name"]["name"]["value"]
        if "!" in name:
            ack(response_action="errors", errors={"name": "letters only"})
            return
        if name == "again":
            ack(response_action="update", view={**MODAL, "title": plain("Once more")})
            return
        ack()
        level = values["level"]["level"]["selected_option"]["value"]
        client.chat_postMessage(channel=view["private_metadata"], text=f"{body['user']['id']} made {name}, {level}")

    @app.view_closed("new")
    def closed(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.chat_postEphemeral(channel=CHANNEL, user=body["user"]["id"], text="nothing was made")

    @app.event("app_mention")
    def mentioned(event: Json, say: Any) -> None:
        say(text="yes?", thread_ts=event["ts"])

    return app


@pytest.fixture(scope="module")
def desk() -> Iterator[FakeSlack]:
    """A workspace with the app running: its client takes a second to close, so there is one for all."""
    with FakeSlack() as slack:
        handler = SocketModeHandler(echo(slack.url), TEST_APP_TOKEN, ping_interval=0.1)
        handler.connect()  # type: ignore[no-untyped-call]  # slack-bolt leaves it without
        assert slack.connected()
        yield slack
        handler.close()  # type: ignore[no-untyped-call]


def test_a_button_changes_its_message(desk: FakeSlack) -> None:
    card = a_card(desk)
    desk.click(card, "confirm", user=RAVI)
    assert desk.until(lambda: card.get("edited"))
    assert desk.seen(CHANNEL)[-1]["text"] == f"confirmed by <@{RAVI}>"


def test_a_menu_is_answered_over_its_response_url(desk: FakeSlack) -> None:
    desk.choose(a_card(desk), "more", "Mute", user=MEERA)
    assert desk.until(lambda: desk.ephemerals(MEERA))[0]["text"] == "mute"


def test_a_command_is_answered_to_who_asked(desk: FakeSlack) -> None:
    desk.command("/tariffwatch", "why https://example.org", user=RAVI)
    assert desk.ephemerals(RAVI)[-1]["text"] == "you asked why https://example.org"


def test_a_modal_is_opened_sent_back_changed_and_saved(desk: FakeSlack) -> None:
    desk.command("/tariffwatch", "new")
    (view,) = desk.until(lambda: desk.views(ASHA))
    assert desk.submit(view, {"name": "shrimp!"}).errors == {"name": "letters only"}
    updated = desk.submit(view, {"name": "again"})
    assert updated.view
    assert (updated.action, updated.view["title"]["text"]) == ("update", "Once more")
    saved = desk.submit(view, {"name": "shrimp", "level": "High"})
    assert (saved.action, saved.view, desk.views(ASHA)) == ("close", None, [])
    assert desk.until(lambda: [m for m in desk.seen(CHANNEL) if m["text"] == f"{ASHA} made shrimp, high"])


def test_a_modal_that_is_closed_is_told_to_the_app(desk: FakeSlack) -> None:
    desk.command("/tariffwatch", "new", user=MEERA)
    (view,) = desk.until(lambda: desk.views(MEERA))
    desk.close(view)
    assert desk.until(lambda: [m for m in desk.ephemerals(MEERA) if m["text"] == "nothing was made"])


def test_a_mention_is_answered_in_its_thread(desk: FakeSlack) -> None:
    said = desk.say(CHANNEL, "<@U0000000BOT> hello", user=RAVI)
    desk.event({"type": "app_mention", "user": RAVI, "channel": CHANNEL, "ts": said["ts"], "text": said["text"]})
    assert desk.until(lambda: desk.thread(CHANNEL, said["ts"])[1:])[0]["text"] == "yes?"


def test_the_app_answers_pings_and_comes_back_when_told_to_go_or_cut_off(desk: FakeSlack) -> None:
    assert desk.sockets.ping()
    gone = desk.sockets.disconnect("refresh_requested")
    assert desk.connected()
    desk.command("/tariffwatch", "still there?", user=RAVI)
    assert desk.sockets.sent[-1][0] != gone
    desk.sockets.drop()
    assert desk.connected()
    desk.command("/tariffwatch", "and now?", user=RAVI)
    assert desk.ephemerals(RAVI)[-1]["text"] == "you asked and now?"
