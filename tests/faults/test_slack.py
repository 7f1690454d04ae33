"""Slack over months: tokens that change, lines that die, acts that come twice, thousands of alerts: S24, S29, S31, S32."""

import io
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError, SlackClientNotConnectedError

from bot import app
from bot.alerts import FOLDED, PARKED, QUEUED, SENT, UNKNOWN
from bot.channels import DAILY, REMEMBERED, Channel, Route, route
from bot.config import Config
from bot.errors import SinkRefused
from bot.events import Event
from bot.hours import Occasion
from bot.interactive.acts import Asked, Person, Press
from bot.interactive.bolt import SlackBolt
from bot.interactive.clerk import QUICK, Clerk, clerk_of
from bot.interactive.drafts import Draft
from bot.interactive.form import Form
from bot.interactive.wire import Wire, _Ending
from bot.nlp.keywords import PlainReader
from bot.sinks.refusals import DEAD_TOKEN
from bot.sinks.slack import SlackSink, web_client
from bot.sinks.webhook import WebhookSink
from tests.desk_in_slack import SlackDesk, a_desk_in_slack, flat
from tests.fake_slack import ASHA, TEST_APP_TOKEN, TEST_TOKEN, FakeSlack
from tests.line import Line, ScriptedSink, store_at
from tests.makers import CHANNEL, DAY, HOUR, MINUTE, NOW, a_desk, a_message, a_watchlist, an_alert, an_article

NEW_TOKEN, NEW_APP_TOKEN = "xoxb-the-next", "xapp-the-next"
PING = 0.1
GOODS = ("shrimp", "steel", "tea", "cotton")


@pytest.fixture(scope="module", autouse=True)
def words() -> Iterator[None]:
    """The vocabulary is read once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "vocabulary", cache(app.vocabulary))
        yield


def headlines(slack: FakeSlack, channel: str) -> list[str]:
    return [good for message in slack.seen(channel) for good in GOODS if good in flat(message["blocks"])]


# a token that is refused


class Rotating:
    """A desk whose tokens lie in files."""

    def __init__(self, desk: SlackDesk, file: Path, app_file: Path) -> None:
        self.desk, self.slack, self.file, self.app_file = desk, desk.slack, file, app_file

    def told(self, good: str) -> None:
        title, text = f"US to raise tariff on Indian {good}", f"Washington will tax {good} from India."
        self.desk.tell(an_article(good, title=title, text=text))

    def deliver(self, after: timedelta = timedelta(0)) -> None:
        while self.desk.live.pipeline.deliver(NOW + after):
            pass

    def states(self) -> set[str]:
        return {alert.state for alert in self.desk.line.store.alerts() if alert.channel == self.desk.channel}

    def look(self, times: int = 2) -> None:
        for _ in range(times):
            self.desk.live.look()

    def heard(self, name: str) -> int:
        return len(self.desk.line.heard(name))

    @property
    def seen(self) -> list[str]:
        return headlines(self.slack, self.desk.channel)


@pytest.fixture
def rotating(tmp_path: Path) -> Iterator[Rotating]:
    files = tmp_path / "bot", tmp_path / "app"
    for file, token in zip(files, (TEST_TOKEN, TEST_APP_TOKEN), strict=True):
        file.write_text(token, "utf-8")
        file.chmod(0o600)
    tokens = {"SLACK_BOT_TOKEN_FILE": str(files[0]), "SLACK_APP_TOKEN_FILE": str(files[1])}
    with FakeSlack() as slack, a_desk_in_slack(slack, tmp_path, tokens=tokens) as desk:
        yield Rotating(desk, *files)


@pytest.mark.fault("S29", "S12")
@pytest.mark.parametrize("code", sorted(DEAD_TOKEN))
def test_what_waits_for_another_token_goes_out_once_and_in_order_when_it_lies_in_its_file(
    rotating: Rotating, code: str
) -> None:
    rotating.told("shrimp")
    rotating.slack.token = NEW_TOKEN
    rotating.slack.fail("code", code=code)
    rotating.told("steel")
    rotating.told("tea")
    assert rotating.states() == {SENT, PARKED, QUEUED}
    rotating.file.write_text(NEW_TOKEN, "utf-8")
    rotating.look(1)
    rotating.deliver()
    assert rotating.seen == ["shrimp"]  # the file may be half written
    rotating.look(1)
    rotating.deliver()
    rotating.look(3)
    rotating.told("cotton")
    assert rotating.seen == ["shrimp", "steel", "tea", "cotton"]
    assert (rotating.states(), rotating.heard("secrets_taken")) == ({SENT}, 1)


@pytest.mark.fault("S29", "S05")
def test_an_alert_whose_answer_was_lost_before_its_token_was_is_looked_up_with_the_next_and_not_sent_again(
    rotating: Rotating,
) -> None:
    rotating.slack.fail("close", posted=True)
    rotating.told("shrimp")
    rotating.slack.token = NEW_TOKEN
    for minutes in (1, 20, 40):
        rotating.deliver(minutes * MINUTE)
    assert rotating.states() == {UNKNOWN}
    rotating.file.write_text(NEW_TOKEN, "utf-8")
    rotating.look()
    rotating.deliver(HOUR)
    assert (rotating.states(), rotating.seen) == ({SENT}, ["shrimp"])


@pytest.mark.fault("S29")
def test_a_hangup_takes_a_token_at_once_though_the_settings_are_wrong(rotating: Rotating) -> None:
    rotating.slack.token = NEW_TOKEN
    rotating.told("shrimp")
    rotating.file.write_text(NEW_TOKEN, "utf-8")
    (rotating.desk.folder / "config.yaml").write_text("watchlists: [", "utf-8")
    rotating.desk.live.reload()
    rotating.deliver()
    assert rotating.seen == ["shrimp"]
    assert (rotating.heard("secrets_taken"), rotating.heard("reload_refused")) == (1, 1)


@pytest.mark.fault("S29")
@pytest.mark.parametrize("content", ["", "xapp-of-another-kind", "two words", None])
def test_while_a_file_holds_no_token_the_one_before_goes_on_and_that_is_told_once(
    rotating: Rotating, content: str | None
) -> None:
    rotating.file.unlink() if content is None else rotating.file.write_text(content, "utf-8")
    rotating.look(4)
    rotating.told("shrimp")
    assert (rotating.seen, rotating.heard("secrets_refused")) == (["shrimp"], 1)
    assert "xapp" not in str(rotating.desk.line.heard("secrets_refused"))
    rotating.file.write_text(NEW_TOKEN, "utf-8")
    rotating.slack.token = NEW_TOKEN
    rotating.look()
    rotating.told("steel")
    assert rotating.seen == ["shrimp", "steel"]


@pytest.mark.fault("S29")
def test_settings_that_could_not_be_read_for_want_of_a_token_are_taken_once_it_is_there(rotating: Rotating) -> None:
    rotating.file.write_text("", "utf-8")
    config = rotating.desk.config()
    (rotating.desk.folder / "config.yaml").write_text(config.replace("query: prawns", "query: prawn"), "utf-8")
    rotating.look(3)
    assert (rotating.heard("reload_refused"), rotating.heard("reloaded")) == (1, 0)
    rotating.file.write_text(NEW_TOKEN, "utf-8")
    rotating.look(3)
    assert rotating.heard("reloaded") == 1


@pytest.mark.fault("S29")
def test_an_alert_that_is_refused_while_another_token_is_taken_does_not_stay_parked(tmp_path: Path) -> None:
    line, next_one = Line(store_at(tmp_path / "store.db")), ScriptedSink()
    line.told(an_article())
    line.sink.refuses[CHANNEL] = [SinkRefused("token_revoked", code="token_revoked")]
    pipeline = line.pipeline

    def taken(*_: object) -> None:
        pipeline.sink = next_one
        pipeline.store.unpark()

    line.sink.on_send = taken
    assert [pipeline.deliver(NOW), pipeline.deliver(NOW)] == [0, 1]
    assert (len(line.sink.sent), len(next_one.sent)) == (1, 1)
    line.store.close()


@pytest.mark.fault("S29", "S30")
def test_the_log_shows_neither_the_token_before_nor_the_next() -> None:
    stream, line = io.StringIO(), Line(store=None)  # type: ignore[arg-type]  # nothing is stored
    config = Config(
        "config.yaml", "#desk", (), (), "", log_format="json", slack_token=TEST_TOKEN, secrets=(TEST_TOKEN,)
    )
    redactor = app.Redactor(config.secrets)
    tell, pipeline = app.logger(config, stream, redactor), line.pipeline
    app.taker(pipeline, redactor, buttons=True)(replace(config, slack_token=NEW_TOKEN, secrets=(NEW_TOKEN,)))
    tell(Event("told", {"error": f"{TEST_TOKEN} or {NEW_TOKEN}"}))
    assert json.loads(stream.getvalue())["error"] == "[secret] or [secret]"
    assert isinstance(pipeline.sink, SlackSink)


@pytest.mark.fault("S29")
def test_a_webhook_is_replaced_as_a_token_is() -> None:
    pipeline = Line(store=None).pipeline  # type: ignore[arg-type]  # nothing is stored
    config = Config("config.yaml", "#desk", (), (), "", slack_webhook="https://hooks.slack.com/services/T0/B0/new")
    app.taker(pipeline, app.Redactor(()), buttons=False)(config)
    assert isinstance(pipeline.sink, WebhookSink)


@pytest.mark.fault("S29", "S31")
def test_the_token_of_the_line_is_replaced_too_and_until_then_it_is_told_once_that_nobody_is_heard(
    rotating: Rotating,
) -> None:
    desk, slack = rotating.desk, rotating.slack
    bolt = SlackBolt(desk.clerk, TEST_APP_TOKEN, ping=PING)
    desk.live.takers.append(bolt.take)
    bolt.start()
    assert slack.connected()
    slack.app_token, slack.token = NEW_APP_TOKEN, NEW_TOKEN
    slack.sockets.drop()
    slack.until(lambda: len(slack.calls("apps.connections.open")) > 3)
    assert desk.line.heard("slack_connection_failed") == [{"error": "Slack answered invalid_auth", "again_in": PING}]
    rotating.app_file.write_text(NEW_APP_TOKEN, "utf-8")
    rotating.file.write_text(NEW_TOKEN, "utf-8")
    rotating.look()
    assert slack.connected()
    assert desk.press(desk.card(), "relevant").startswith("Thanks")
    bolt.close()


# a line that dies


@pytest.fixture(scope="module")
def ear(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakeSlack, SlackBolt]]:
    """Its client takes a second to close, so there is one for all."""
    with FakeSlack() as slack, a_desk_in_slack(slack, tmp_path_factory.mktemp("first")) as desk:
        bolt = SlackBolt(desk.clerk, TEST_APP_TOKEN, ping=PING)
        bolt.start()
        assert slack.connected()
        yield slack, bolt
        bolt.close()


@pytest.fixture
def desk(ear: tuple[FakeSlack, SlackBolt], tmp_path: Path) -> Iterator[SlackDesk]:
    slack, bolt = ear
    with a_desk_in_slack(slack, tmp_path) as desk:
        bolt.clerk = desk.clerk
        yield desk


def last(slack: FakeSlack) -> int:
    """The number of the newest connection."""
    return max(slack.sockets.live)


@pytest.mark.fault("S31")
@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_a_line_that_is_to_be_left_is_left_when_the_next_one_stands(desk: SlackDesk, reason: str) -> None:
    card, sockets = desk.card(), desk.slack.sockets
    assert sockets.newer(sockets.disconnect(reason))
    assert sockets.greeted[-1] == 2  # of which one is the old
    assert desk.press(card, "relevant").startswith("Thanks")
    assert sockets.wait()


@pytest.mark.fault("S31")
def test_after_a_line_is_cut_without_a_word_there_is_another(desk: SlackDesk) -> None:
    card, before = desk.card(), last(desk.slack)
    desk.slack.sockets.drop()
    assert desk.slack.sockets.newer(before)
    assert desk.press(card, "relevant").startswith("Thanks")


@pytest.mark.fault("S31")
def test_a_line_on_which_nothing_is_said_any_more_is_dead_though_nobody_cut_it(desk: SlackDesk) -> None:
    card, before = desk.card(), last(desk.slack)
    desk.slack.sockets.silence()
    desk.slack.sockets.silent = False  # the next one is well
    assert desk.slack.sockets.newer(before)
    assert desk.press(card, "relevant").startswith("Thanks")


@pytest.mark.fault("S31")
def test_a_line_that_was_silent_from_its_first_moment_is_dead_too(desk: SlackDesk) -> None:
    card, before, sockets = desk.card(), last(desk.slack), desk.slack.sockets
    sockets.silent = True
    sockets.drop()
    assert sockets.newer(before)
    silent = last(desk.slack)
    sockets.silent = False
    assert sockets.newer(silent)
    assert desk.press(card, "relevant").startswith("Thanks")


@pytest.mark.fault("S31")
def test_a_slack_that_has_no_room_for_a_line_is_asked_again_until_it_has(desk: SlackDesk) -> None:
    card, before, sockets = desk.card(), last(desk.slack), desk.slack.sockets
    sockets.most = 0
    asked = len(desk.slack.calls("apps.connections.open"))
    sockets.drop()
    desk.slack.until(lambda: len(desk.slack.calls("apps.connections.open")) > asked + 2)
    sockets.most = 10
    assert sockets.newer(before)
    assert desk.press(card, "relevant").startswith("Thanks")


@pytest.mark.fault("S31")
def test_a_line_that_is_cut_is_missed_before_a_ping_would_tell(tmp_path: Path) -> None:
    """The client of the library goes round without a pause meanwhile, and hears nobody."""
    with FakeSlack() as slack, a_desk_in_slack(slack, tmp_path) as desk:
        bolt = SlackBolt(desk.clerk, TEST_APP_TOKEN, ping=2)
        bolt.start()
        assert slack.connected()
        slack.sockets.drop()
        assert slack.sockets.newer(0, within=4.0)
        bolt.close()


@pytest.mark.fault("S31")
def test_the_end_of_a_socket_is_an_error() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(b"x")
        line = _Ending(ours)
        assert line.recv(10) == b"x"
        assert line.fileno() == ours.fileno()
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionResetError):
            line.recv(10)


@pytest.fixture
def wire(desk: SlackDesk) -> Iterator[Wire]:
    """One that nobody has connected yet."""
    client = web_client(TEST_TOKEN, desk.slack.url)
    wire = Wire(TEST_APP_TOKEN, client, ping=60, stands=lambda: None, failed=lambda error: None)
    yield wire
    wire.close()


@pytest.mark.fault("S31")
def test_slack_is_asked_for_one_line_and_not_at_once_for_another(desk: SlackDesk, wire: Wire) -> None:
    before = len(desk.slack.calls("apps.connections.open"))
    assert wire.issue_new_wss_url().startswith("ws://")
    for _ in range(3):
        with pytest.raises(SlackClientNotConnectedError, match="too early"):
            wire.issue_new_wss_url()
    assert len(desk.slack.calls("apps.connections.open")) == before + 1


@pytest.mark.fault("S31")
def test_a_slack_that_asks_to_wait_holds_up_nobody_and_is_not_asked_until_then(desk: SlackDesk, wire: Wire) -> None:
    wire.ping_interval = 0
    desk.slack.fail("busy", method="apps.connections.open", retry_after="3600")
    started = monotonic()
    with pytest.raises(SlackApiError):
        wire.issue_new_wss_url()
    with pytest.raises(SlackClientNotConnectedError, match="too early"):
        wire.issue_new_wss_url()
    assert monotonic() - started < 5


# an act that comes again


@pytest.mark.fault("S32")
def test_a_press_that_comes_again_over_another_line_is_done_once(desk: SlackDesk) -> None:
    card, sockets = desk.card(), desk.slack.sockets
    desk.press(card, "follow")
    before = last(desk.slack)
    sockets.drop()
    assert sockets.newer(before)
    sockets.redeliver()
    desk.ask("")  # goes through the same hands behind it
    assert [action.kind for action in desk.kept()] == ["follow_story"]


def after_a_restart(desk: SlackDesk) -> Clerk:
    """A clerk who remembers nothing, on the same store and files."""
    readers = PlainReader().read, PlainReader().read
    return clerk_of(desk.live, lambda: desk.live.pipeline.examiner, lambda: readers, lambda: NOW + MINUTE, Lock())


@pytest.mark.fault("S32")
@pytest.mark.parametrize("button", ["relevant", "follow", "mute_story"])
def test_a_press_that_comes_again_after_a_restart_is_done_once(desk: SlackDesk, button: str) -> None:
    card, asha = desk.card(), Person(ASHA, "asha")
    (alert,) = desk.line.store.alerts(article_id="a1")
    for _ in range(2):
        answer_to, clerk = desk.slack.response_url(desk.channel, ASHA), after_a_restart(desk)
        clerk.take_press(Press("one", asha, desk.channel, card["ts"], card["ts"], button, alert.id, answer_to))
        settled(desk, clerk)
    assert [action.kind for action in desk.kept()] == [{"follow": "follow_story"}.get(button, button)]
    assert len(desk.thread(card)) == (button == "mute_story")


def settled(desk: SlackDesk, clerk: Clerk) -> None:
    """Once each of its hands is free again."""
    free, hands = threading.Barrier(QUICK + 1), clerk.quick
    for _ in range(QUICK):
        hands.give(lambda: free.wait(10))
    free.wait(10)
    clerk.end()


@pytest.mark.fault("S32")
def test_what_an_editor_asks_for_is_done_once_though_it_comes_again_after_a_restart(desk: SlackDesk) -> None:
    desk.card()
    desk.slack.submit(window(desk, "watch edit shrimp"), {"query": "shrimp"})
    desk.slack.until(lambda: desk.line.store.versions("shrimp")[1:])
    for words, key in (
        (("watch", "undo shrimp"), "one"),
        (("digest", "now"), "two"),
        (("mute", "https://a.example/a1"), "three"),
    ):
        for _ in range(2):
            answer_to, clerk = desk.slack.response_url(desk.channel, ASHA), after_a_restart(desk)
            clerk.take_asked(Asked(key, Person(ASHA, "asha"), desk.channel, "", *words, answer_to, key))
            settled(desk, clerk)
    assert [version.what for version in desk.line.store.versions("shrimp")] == ["added", "changed", "undone"]
    assert [a.kind for a in desk.kept()] == ["watch_edit", "watch_undo", "digest_now", "mute_story"]
    assert [a.message.kind for a in desk.line.store.alerts() if a.message.kind == "digest"] == ["digest"]


@pytest.mark.fault("S32")
def test_a_window_that_is_sent_again_after_a_restart_changes_nothing_more(desk: SlackDesk) -> None:
    form = Form(Draft("sea", "shrimp"), "", desk.channel, Person(ASHA, "asha"), "V0000000001", "one")
    for _ in range(2):
        clerk = after_a_restart(desk)
        clerk.patience = 10.0
        view = clerk.take_saved(form)
        clerk.end()
    assert "already" in flat(view["blocks"])
    assert [version.what for version in desk.line.store.versions("sea")] == ["added"]


def window(desk: SlackDesk, words: str) -> dict[str, Any]:
    desk.slack.command("/tariffwatch", words, channel=desk.channel)
    view: dict[str, Any] = desk.slack.until(desk.slack.views)[-1]
    return view


# thousands at once

DIGESTING = Channel("C0000000001", digests=((DAILY, Occasion(time(9))),), most=20)


def thousands(count: int, channel: Channel, line: Line) -> None:
    """Alerts of as many stories, a second apart, as the steps after an outage queue them: batch by batch."""
    made = [
        replace(
            an_alert(f"x{n:04d}", channel.channel, story_id=f"s{n:04d}", created=NOW - DAY / 12 + timedelta(seconds=n)),
            message=a_message(f"x{n:04d}", headline=f"Story {n:04d}", scored=False, relevance=None),
        )
        for n in range(count)
    ]
    for batch in (made[at : at + 1000] for at in range(0, count, 1000)):
        known = line.store.alerts_since(channel.channel, NOW - REMEMBERED)
        line.store.save_follow([], [], route(batch, Route([channel], line.desk.watchlists, known), NOW))


def delivered(line: Line, slack: FakeSlack, clock: list[float], seconds: int) -> None:
    """What the ticks of so many seconds send."""
    pipeline = line.pipeline
    pipeline.sink = SlackSink(TEST_TOKEN, base_url=slack.url)
    for _ in range(seconds):
        pipeline.deliver(NOW + timedelta(seconds=clock[0]))
        clock[0] += 1


@pytest.mark.fault("S24")
def test_five_thousand_after_an_outage_are_a_few_cards_and_a_digest_that_tells_all_the_others(tmp_path: Path) -> None:
    clock = [0.0]
    line = Line(store_at(tmp_path / "store.db"), desk=a_desk(a_watchlist(name="tariffs")))
    line.desk = replace(line.desk, channel_settings=(DIGESTING,))
    thousands(5_000, DIGESTING, line)
    assert Counter(alert.state for alert in line.store.alerts(limit=9_999)) == {QUEUED: 20, FOLDED: 4_980}
    (digest,) = line.pipeline.digest(NOW)
    with FakeSlack(rate=1.0, burst=1, now=lambda: clock[0]) as slack:
        delivered(line, slack, clock, 21)
        assert len(slack.seen(DIGESTING.channel)) == 21
        assert len(slack.calls("chat.postMessage")) == 21  # none was refused for its rate
    told = {entry for section in digest.message.sections for entry in section.lines}
    assert len(told) == 4_980
    assert line.store.counts()["alerts_told"] == 4_980
    line.store.close()


@pytest.mark.fault("S24", "S23")
def test_two_thousand_in_a_channel_without_a_digest_go_out_in_order_and_no_faster_than_slack_lets_them(
    tmp_path: Path,
) -> None:
    clock, plain = [0.0], Channel("C0000000001")
    line = Line(store_at(tmp_path / "store.db"), desk=a_desk(a_watchlist(name="tariffs")))
    thousands(2_000, plain, line)
    with FakeSlack(rate=0.5, burst=1, now=lambda: clock[0]) as slack:
        delivered(line, slack, clock, 40)
        seen, asked = [flat(message["blocks"]) for message in slack.seen(plain.channel)], len(slack.requests)
    assert [f"Story {n:04d}" in words for n, words in enumerate(seen)] == [True] * 20
    assert asked <= 2 * len(seen)  # each waits as long as it was asked to, once
    assert line.store.counts()["alerts_queued"] == 1_980
    line.store.close()
