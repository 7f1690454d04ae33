"""Health and metrics: what is told of a desk that works, of one that does not, and to whom."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from bot.cli import app
from bot.errors import ConfigError, OutcomeUnknown, SinkRefused, StoreError
from bot.events import Event
from bot.feeds import FeedState
from bot.instance import alone
from bot.meter import Meter, metered
from bot.readiness import feed_conditions, unready
from bot.web.metrics import Watched, metrics
from bot.web.server import Answers, application, serving
from tests.line import Line, store_at
from tests.makers import CHANNEL, FEED, HOUR, NOW, a_desk, a_feed, an_article, an_entry

LOCAL = ("127.0.0.1", 0)
TOKEN = "a-token-of-some-length"


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(store_at(tmp_path / "store.db"), desk=a_desk(feeds=[a_feed(backlog=5)]))
    yield line
    line.store.close()


def told(line: Line, meter: Meter, ready: tuple[str, ...] = ()) -> dict[str, float]:
    """Each sample as it is written in the text, with its value."""
    watched = Watched(line.pipeline, meter, lambda: NOW + HOUR, lambda: list(ready), lambda: {"file": 9, "wal": 1})
    found = {}
    for family in text_string_to_metric_families(metrics(watched)().decode()):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def asked(
    port: int, path: str, *, host: str = "127.0.0.1", token: str = "", method: str = "GET"
) -> tuple[int, str, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    headers = {"Host": host} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body, {name.lower(): value for name, value in answer.getheaders()}


# readiness


def test_a_desk_is_ready_once_its_feeds_were_asked_and_nothing_fails() -> None:
    meter = Meter()
    assert unready(meter, "a model", "") == ["feeds: not all were asked yet"]
    meter.ran("collect", 1.0, "", NOW)
    assert unready(meter, "a model", "") == []


def test_a_desk_beside_workers_is_ready_when_each_step_is_somebodys() -> None:
    assert unready(Meter(), "a model", "", {"collect", "analyze", "follow", "deliver"}) == []
    words = "workers: nobody does follow, deliver: start `tariffwatch worker`"
    assert unready(Meter(), "a model", "", {"collect", "analyze"}) == [words]
    assert unready(Meter(), "a model", "the server is away", set()) == ["store: the server is away"]


@pytest.mark.fault("S12")
def test_a_sink_that_takes_nothing_is_unready_until_it_takes_something_again() -> None:
    meter = Meter()
    meter.ran("collect", 1.0, "", NOW)
    meter.heard(Event("delivery_failed", {"error": "invalid_auth: no", "kind": "SinkRefused"}))
    assert unready(meter, "a model", "") == ["sink: takes nothing: invalid_auth: no"]
    meter.heard(Event("delivery_failed", {"error": "is_archived: no", "kind": "ChannelRefused"}))
    assert unready(meter, "a model", "")
    meter.heard(Event("alert_sent", {}))
    assert unready(meter, "a model", "") == []


def test_the_line_tells_of_a_sink_that_takes_nothing_in_a_way_that_is_understood(line: Line) -> None:
    meter = Meter()
    line.sink.refuses[CHANNEL] = [SinkRefused("the token was revoked", code="token_revoked")]
    line.told(an_article())
    pipeline = line.pipeline
    pipeline.tell = metered(meter, line.events.append)
    pipeline.deliver(NOW)
    assert meter.refused == "token_revoked: the token was revoked"
    assert meter.counts["deliveries_failed"] == 1


def test_rules_in_a_models_place_a_store_and_a_tick_that_fails_are_each_told() -> None:
    meter = Meter()
    meter.ran("collect", 1.0, "", NOW)
    meter.ran("read", 1.0, "StoreError: the disk is full", NOW)
    meter.ran("tidy", 1.0, "StoreError: the disk is full", NOW)
    assert unready(meter, "rules", "the disk is full") == [
        "model: none is loaded, rules decide and cards say unscored",
        "store: the disk is full",
        "read: fails: StoreError: the disk is full",
    ]


def test_each_feed_is_in_one_condition() -> None:
    feeds = [a_feed(f"https://{name}.example/") for name in "abcdef"]
    a, b, c, d, _, offline = (feed.url for feed in feeds)
    states = {
        a: FeedState(a, ok_at=NOW),
        b: FeedState(b, ok_at=NOW, errors=2, error="dns: none"),
        c: FeedState(c, errors=1, error="http: 429", not_before=NOW + HOUR),
        d: FeedState(d, polled_at=NOW),
        offline: FeedState(offline, ok_at=NOW, error="dns: none"),
        "https://gone.example/": FeedState("https://gone.example/", errors=9, error="dns: none"),
    }
    assert feed_conditions(feeds, states, NOW) == {"ok": 1, "failing": 2, "asked_to_wait": 1, "new": 2}


# figures


def test_what_the_line_did_is_counted_and_what_waits_has_its_age(line: Line) -> None:
    meter = Meter()
    line.publish(an_entry())
    pipeline = line.pipeline
    pipeline.tell = metered(meter, line.events.append)
    pipeline.collect(NOW)
    found = told(line, meter)
    assert found['tariffwatch_polls_total{outcome="ok"}'] == found["tariffwatch_articles_total"] == 1
    assert found['tariffwatch_backlog_articles{step="read"}'] == 1
    assert found['tariffwatch_backlog_oldest_seconds{step="read"}'] == 3600
    pipeline.analyze()
    pipeline.follow(NOW)
    found = told(line, meter)
    assert (found["tariffwatch_analyzed_total"], found["tariffwatch_picked_total"]) == (1, 1)
    assert found['tariffwatch_alerts{state="queued"}'] == 1
    assert found['tariffwatch_backlog_oldest_seconds{step="deliver"}'] == 3600
    pipeline.deliver(NOW)
    found = told(line, meter)
    assert found['tariffwatch_deliveries_total{outcome="sent"}'] == 1
    assert found['tariffwatch_backlog_oldest_seconds{step="deliver"}'] == 0
    assert found['tariffwatch_feeds{condition="ok"}'] == found["tariffwatch_store_up"] == 1


def test_an_alert_that_was_sent_perhaps_twice_is_counted(line: Line) -> None:
    meter = Meter()
    line.sink.refuses[CHANNEL] = [OutcomeUnknown("the answer was lost")]
    line.sink.found = [None]
    line.told(an_article())
    pipeline = line.pipeline
    pipeline.tell = metered(meter, line.events.append)
    for minutes in (0, 1, 17):
        pipeline.deliver(NOW + timedelta(minutes=minutes))
    found = told(line, meter)
    assert found["tariffwatch_sent_blindly_total"] == found['tariffwatch_deliveries_total{outcome="sent"}'] == 1


def test_an_alert_that_is_held_for_later_does_not_wait(line: Line) -> None:
    (alert,) = line.told(an_article())
    line.store.save_alert(replace(alert, due=NOW + timedelta(days=1)))
    assert "alerts" not in line.store.waiting_since(NOW + HOUR)
    assert line.store.waiting_since(NOW + timedelta(days=2))["alerts"] == NOW


def test_ticks_are_told_with_their_time_their_failures_and_their_last_success(line: Line) -> None:
    meter = Meter()
    meter.ran("read", 2.0, "", NOW)
    meter.ran("read", 3.0, "StoreError: full", NOW + HOUR)
    found = told(line, meter, ready=("not yet",))
    assert found['tariffwatch_tick_seconds_sum{tick="read"}'] == 5
    assert found['tariffwatch_tick_failures_total{tick="read"}'] == 1
    assert found['tariffwatch_tick_last_success_timestamp_seconds{tick="read"}'] == NOW.timestamp()
    assert found["tariffwatch_ready"] == 0


def test_the_newest_item_is_told_whoever_has_read_its_feed(line: Line) -> None:
    assert told(line, Meter())["tariffwatch_newest_item_timestamp_seconds"] == 0
    line.store.save_states([FeedState(f"https://{n}.example/rss", newest=NOW - n * HOUR) for n in (1, 2)])
    found = told(line, Meter())
    assert found["tariffwatch_newest_item_timestamp_seconds"] == (NOW - HOUR).timestamp()
    assert found["tariffwatch_articles_total"] == 0


def test_how_far_behind_the_polls_are_is_told_as_what_waits_for_collect(line: Line) -> None:
    asked_once = FeedState(FEED, polled_at=NOW - HOUR, next_due=NOW - HOUR / 2)
    line.store.save_states([asked_once])
    assert told(line, Meter())['tariffwatch_backlog_oldest_seconds{step="collect"}'] == 1.5 * 3600


def test_of_a_store_that_cannot_be_read_only_that_is_told(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise StoreError("gone")

    monkeypatch.setattr(line.store, "counts", broken)
    found = told(line, Meter())
    assert found["tariffwatch_store_up"] == 0
    assert "tariffwatch_stored_articles" not in found


@pytest.mark.fault("S30")
def test_no_label_holds_a_url_a_channel_or_a_word_of_a_feed(line: Line) -> None:
    line.publish(an_entry())
    line.pipeline.collect(NOW)
    line.told(an_article())
    line.fetcher.web.clear()
    line.pipeline.collect(NOW + timedelta(days=1))
    text = "\n".join(told(line, Meter()))
    assert not re.search(f"https?:|{re.escape(CHANNEL)}|{re.escape(FEED)}|tariff on|example", text)


# over HTTP


def test_alive_ready_and_figures_are_answered_and_nothing_else_is(line: Line) -> None:
    wrong: list[str] = []
    answers = Answers(lambda: [], lambda: wrong, lambda: b"tariffwatch_ready 1\n")
    with serving(application(answers), LOCAL) as port:
        assert asked(port, "/healthz")[:2] == (200, "ok\n")
        assert asked(port, "/readyz")[:2] == (200, "ok\n")
        assert asked(port, "/metrics")[:2] == (200, "tariffwatch_ready 1\n")
        wrong += ["store: the disk is full", "model: none"]
        assert asked(port, "/readyz")[:2] == (503, "store: the disk is full\nmodel: none\n")
        assert asked(port, "/")[0] == asked(port, "/../etc/passwd")[0] == 404
        assert asked(port, "/healthz", method="POST")[0] == 405


@pytest.mark.fault("X15")
def test_who_comes_by_another_name_gets_nothing_and_no_answer_can_be_framed_or_run() -> None:
    answers = Answers(lambda: [], lambda: [], lambda: b"secret")
    with serving(application(answers), LOCAL) as port:
        for path in ("/metrics", "/readyz"):
            status, body, headers = asked(port, path, host="evil.example")
            assert (status, "secret" in body) == (421, False)
        for host in ("localhost", "127.0.0.1:8420", "[::1]:8420"):
            assert asked(port, "/metrics", host=host)[0] == 200
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


@pytest.mark.fault("X15", "X19")
@pytest.mark.parametrize("given", ["", "another-token-of-length", TOKEN[:-1], f"{TOKEN}x", "\xe9"])
def test_with_a_token_only_who_has_it_is_answered_but_that_it_is_alive_is_told_to_all(given: str) -> None:
    answers = Answers(lambda: [], lambda: [], lambda: b"secret")
    with serving(application(answers, TOKEN), LOCAL) as port:
        for path in ("/metrics", "/readyz"):
            assert asked(port, path, token=given)[0] == 401
            assert asked(port, path, token=TOKEN, host="desk.example")[0] == 200
        assert asked(port, "/healthz", token=given)[0] == 200


def test_an_address_that_is_taken_is_told_in_words() -> None:
    answers = Answers(lambda: [], lambda: [], lambda: b"")
    with (
        serving(application(answers), LOCAL) as port,
        pytest.raises(ConfigError, match=rf"nothing can be served at 127.0.0.1:{port}: Address already in use"),
        serving(application(answers), ("127.0.0.1", port)),
    ):
        pass


# the command


def health(folder: Path, listen: int | None = None) -> tuple[int, str]:
    smallest = Path(folder / "config.yaml")
    more = f"http: {{listen: '127.0.0.1:{listen}'}}\n" if listen else ""
    smallest.write_text(
        f"channel: '#a'\nwatchlists: [{{name: a, query: b}}]\nfeeds: [{{url: 'https://a.example/', outlet: A}}]\n{more}"
    )
    answer = CliRunner().invoke(app, ["health", "--config", str(smallest)])
    return answer.exit_code, answer.output


def test_health_tells_whether_a_daemon_gives_signs_of_life_and_what_it_says_itself(tmp_path: Path) -> None:
    store, wrong = f"sqlite:///{tmp_path}/tariffwatch.db", list[str]()
    assert health(tmp_path) == (1, f"no tariffwatch runs with {tmp_path}/tariffwatch.db\n")
    with alone(store), serving(application(Answers(lambda: [], lambda: wrong, lambda: b"")), LOCAL) as port:
        assert health(tmp_path) == health(tmp_path, port) == (0, "ok\n")
        wrong.append("model: none")
        assert health(tmp_path) == (0, "ok\n")
        assert health(tmp_path, port) == (1, "model: none\n")
    with alone(store):
        code, words = health(tmp_path, port)
        assert (code, words.startswith(f"no answer at 127.0.0.1:{port}: ")) == (1, True)
