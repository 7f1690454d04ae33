"""The fake Slack keeps the rules of the real one, as Slack's own client sees it."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.fake_slack import (
    ASHA,
    BOT_USER,
    DESK_GROUP,
    MEERA,
    RAVI,
    SCOPES,
    TEST_APP_TOKEN,
    TEST_TOKEN,
    FakeSlack,
    check_view,
    element_of,
)
from tests.harness.clock import Clock

Json = dict[str, Any]
ROOT = Path(__file__).parent.parent
CHANNEL, OTHER = "C0000000001", "C0000000002"
BUTTON = {"type": "button", "action_id": "confirm", "text": {"type": "plain_text", "text": "Confirm"}, "value": "a1"}
MODAL: Json = {
    "type": "modal",
    "callback_id": "new-watchlist",
    "title": {"type": "plain_text", "text": "New watchlist"},
    "submit": {"type": "plain_text", "text": "Save"},
    "private_metadata": "{}",
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": {"type": "plain_text", "text": "Name"},
            "element": {"type": "plain_text_input", "action_id": "name", "max_length": 20},
        },
    ],
}


wordless = pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack(clock: Clock) -> Iterator[FakeSlack]:
    with FakeSlack(now=clock.seconds) as server:
        yield server


def client(slack: FakeSlack, token: str = TEST_TOKEN) -> WebClient:
    return WebClient(token, base_url=slack.url, retry_handlers=[])


def refused(call: Any, **arguments: Any) -> Json:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    answer = caught.value.response
    return {"status": answer.status_code, **answer.data, "wait": answer.headers.get("Retry-After")}


def code(call: Any, **arguments: Any) -> str:
    return str(refused(call, **arguments)["error"])


def section(words: str = "x", **more: object) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": words}, **more}


def actions(*elements: Json, **more: object) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def menu(count: int, kind: str = "static_select", **more: object) -> Json:
    options = [{"text": {"type": "plain_text", "text": f"Option {n}"}, "value": f"o{n}"} for n in range(count)]
    return {"type": kind, "action_id": "pick", "options": options, **more}


# tokens and scopes


def test_each_method_wants_its_kind_of_token(slack: FakeSlack) -> None:
    assert code(client(slack, "").auth_test) == "not_authed"
    assert code(client(slack, "xoxb-other").auth_test) == "invalid_auth"
    assert code(client(slack, TEST_APP_TOKEN).chat_postMessage, channel=CHANNEL, text="x") == "not_allowed_token_type"
    assert code(client(slack).apps_connections_open, app_token=TEST_TOKEN) == "not_allowed_token_type"
    assert code(client(slack).api_call, api_method="chat.unheardOf") == "unknown_method"


@pytest.mark.parametrize(
    ("method", "arguments", "needed"),
    [
        ("chat.postMessage", {"channel": CHANNEL, "text": "x"}, "chat:write"),
        ("chat.postEphemeral", {"channel": CHANNEL, "text": "x", "user": ASHA}, "chat:write"),
        ("chat.update", {"channel": CHANNEL, "text": "x", "ts": "1.000001"}, "chat:write"),
        ("chat.delete", {"channel": CHANNEL, "ts": "1.000001"}, "chat:write"),
        ("conversations.history", {"channel": CHANNEL}, "channels:history"),
        ("conversations.replies", {"channel": "G0000000001", "ts": "1.000001"}, "groups:history"),
        ("conversations.info", {"channel": "G0000000001"}, "groups:read"),
        ("conversations.list", {}, "channels:read"),
        ("users.info", {"user": ASHA}, "users:read"),
        ("usergroups.list", {}, "usergroups:read"),
        ("usergroups.users.list", {"usergroup": DESK_GROUP}, "usergroups:read"),
        ("files.getUploadURLExternal", {"filename": "a.csv", "length": 1}, "files:write"),
        ("files.completeUploadExternal", {"files": []}, "files:write"),
    ],
)
def test_a_missing_scope_is_named_with_those_the_token_has(method: str, arguments: Json, needed: str) -> None:
    with FakeSlack(scopes=["commands"]) as slack:
        said = refused(client(slack).api_call, api_method=method, json=arguments)
    assert (said["error"], said["needed"], said["provided"]) == ("missing_scope", needed, "commands")


def test_without_further_word_the_token_has_the_scopes_that_the_manifest_asks_for(slack: FakeSlack) -> None:
    manifest = yaml.safe_load((ROOT / "deploy" / "slack-app-manifest.yaml").read_text("utf-8"))
    answer = client(slack).auth_test()
    assert answer.headers["X-OAuth-Scopes"].split(",") == manifest["oauth_config"]["scopes"]["bot"]
    assert manifest["settings"]["socket_mode_enabled"]
    assert manifest["settings"]["interactivity"]["is_enabled"]


def test_an_app_token_without_its_scope_opens_no_connection() -> None:
    with FakeSlack(app_scopes=[]) as slack:
        assert code(client(slack).apps_connections_open, app_token=TEST_APP_TOKEN) == "missing_scope"


# rates


def test_a_channel_takes_a_burst_and_then_one_message_a_second(clock: Clock) -> None:
    with FakeSlack(rate=1.0, burst=3, now=clock.seconds) as slack:
        ours = client(slack)
        for _ in range(3):
            ours.chat_postMessage(channel=CHANNEL, text="x")
        said = refused(ours.chat_postMessage, channel=CHANNEL, text="x")
        assert (said["status"], said["error"], said["wait"]) == (429, "ratelimited", "1")
        ours.chat_postMessage(channel=OTHER, text="x")
        clock.passes(seconds=1)
        ours.chat_postMessage(channel=CHANNEL, text="x")
        assert len(slack.messages) == 5


def test_a_method_has_the_rate_of_its_tier(clock: Clock) -> None:
    with FakeSlack(tiers=True, now=clock.seconds) as slack:
        for _ in range(20):
            client(slack).usergroups_list()
        assert refused(client(slack).usergroups_list)["wait"] == "3"
        client(slack).auth_test()
        clock.passes(seconds=3)
        client(slack).usergroups_list()


# messages


@pytest.mark.parametrize(
    ("blocks", "told"),
    [
        ([section()] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ([{"type": "section"}], "must define either `text` or `fields` [json-pointer:/blocks/0]"),
        ([{"type": "sektion"}], "unsupported type: sektion [json-pointer:/blocks/0/type]"),
        ([section(colour="red")], "invalid additional property: colour [json-pointer:/blocks/0]"),
        ([section(block_id="b" * 256)], "must be less than 256 characters [json-pointer:/blocks/0/block_id]"),
        ([section(block_id="b"), section(block_id="b")], '`block_id` "b" already exists'),
        ([actions(BUTTON, BUTTON)], '`action_id` "confirm" already exists [json-pointer:/blocks/0]'),
        ([actions(*({**BUTTON, "action_id": str(n)} for n in range(26)))], "no more than 25 items allowed"),
        ([actions({**BUTTON, "action_id": "a" * 256})], "less than 256 characters [json-pointer:/blocks/0/elements/0/"),
        ([actions({**BUTTON, "value": "v" * 2001})], "must be less than 2001 characters"),
        ([actions({**BUTTON, "url": "javascript:x"})], "failed to match the required format"),
        ([actions({**BUTTON, "text": {"type": "plain_text", "text": "t" * 76}})], "must be less than 76 characters"),
        ([actions({**BUTTON, "text": {"type": "mrkdwn", "text": "t"}})], "unsupported type: mrkdwn"),
        ([actions({**BUTTON, "style": "green"})], "must be one of: primary, danger"),
        ([actions(menu(101))], "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"),
        ([actions(menu(6, "overflow"))], "no more than 5 items allowed"),
        ([actions(menu(11, "checkboxes"))], "no more than 10 items allowed"),
        ([actions({"type": "static_select", "action_id": "a"})], "must define either `options` or `option_groups`"),
        ([actions({"type": "plain_text_input", "action_id": "a"})], "unsupported type: plain_text_input"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "h" * 151}}], "must be less than 151 characters"),
        ([{"type": "context", "elements": [section()["text"]] * 11}], "no more than 10 items allowed"),
    ],
)
def test_a_block_that_slack_would_refuse_is_refused_with_its_place(slack: FakeSlack, blocks: Any, told: str) -> None:
    said = refused(client(slack).chat_postMessage, channel=CHANNEL, text="x", blocks=blocks)
    assert said["error"] == "invalid_blocks"
    assert told in "\n".join(said["response_metadata"]["messages"])
    assert slack.messages == []


@wordless
def test_what_is_no_list_of_blocks_is_told_apart(slack: FakeSlack) -> None:
    assert code(client(slack).chat_postMessage, channel=CHANNEL, blocks='{"a": 1}') == "invalid_blocks_format"
    assert code(client(slack).chat_postMessage, channel=CHANNEL, blocks='[{"a"') == "invalid_blocks_format"


@wordless
def test_a_message_has_to_say_something_and_not_too_much(slack: FakeSlack) -> None:
    ours = client(slack)
    assert code(ours.chat_postMessage, channel=CHANNEL) == "no_text"
    assert code(ours.chat_postMessage, channel=CHANNEL, blocks=[section("x" * 3000)] * 5) == "msg_blocks_too_long"
    large = {"event_type": "x", "event_payload": {"x": "y" * 4000}}
    assert code(ours.chat_postMessage, channel=CHANNEL, text="x", metadata=large) == "metadata_too_large"
    ts = ours.chat_postMessage(channel=CHANNEL, text="x" * 40_001)["ts"]
    assert len(slack.messages[0]["text"]) == 40_000
    assert code(ours.chat_update, channel=CHANNEL, ts=ts, text="x" * 4_001) == "msg_too_long"


def test_a_channel_that_cannot_be_written_in_says_why(slack: FakeSlack) -> None:
    slack.archived.add(CHANNEL)
    slack.outside.add(OTHER)
    ours = client(slack)
    assert code(ours.chat_postMessage, channel=CHANNEL, text="x") == "is_archived"
    assert code(ours.chat_postMessage, channel=OTHER, text="x") == "not_in_channel"
    assert code(ours.chat_postMessage, channel="#trade", text="x") == "channel_not_found"
    assert code(ours.conversations_history, channel=OTHER) == "not_in_channel"


@wordless
def test_an_update_changes_what_it_names_and_keeps_what_was(slack: FakeSlack) -> None:
    ours = client(slack)
    ts = ours.chat_postMessage(channel=CHANNEL, text="one", blocks=[section("one")])["ts"]
    ours.chat_update(channel=CHANNEL, ts=ts, text="two")
    (seen,) = ours.conversations_history(channel=CHANNEL)["messages"]
    assert (seen["text"], seen["blocks"][0]["text"]["text"], seen["edited"]["user"]) == ("two", "one", BOT_USER)
    ours.chat_update(channel=CHANNEL, ts=ts, blocks=[section("two")])
    (kept,) = slack.messages
    assert [edit["text"] for edit in kept["edits"]] == ["one", "two"]
    assert kept["blocks"] == [section("two")]


def test_only_one_s_own_messages_are_edited_and_deleted_and_only_while_slack_lets_one(slack: FakeSlack) -> None:
    ours = client(slack)
    theirs = slack.say(CHANNEL, "hello", user=RAVI)["ts"]
    ts = ours.chat_postMessage(channel=CHANNEL, text="x")["ts"]
    assert code(ours.chat_update, channel=CHANNEL, ts=theirs, text="y") == "cant_update_message"
    assert code(ours.chat_delete, channel=CHANNEL, ts=theirs) == "cant_delete_message"
    assert code(ours.chat_update, channel=CHANNEL, ts="1.000001", text="y") == "message_not_found"
    assert code(ours.chat_update, channel=OTHER, ts=ts, text="y") == "message_not_found"
    slack.edits_closed = True
    assert code(ours.chat_update, channel=CHANNEL, ts=ts, text="y") == "edit_window_closed"


def test_an_ephemeral_message_is_seen_by_one_person_and_stands_in_no_history(slack: FakeSlack) -> None:
    ours = client(slack)
    ours.chat_postEphemeral(channel=CHANNEL, user=ASHA, text="only you")
    assert code(ours.chat_postEphemeral, channel=CHANNEL, user="U0000000009", text="x") == "user_not_in_channel"
    assert [m["text"] for m in slack.ephemerals(ASHA)] == ["only you"]
    assert slack.ephemerals(RAVI) == slack.seen(CHANNEL) == []


# threads and history


def test_replies_stand_in_the_thread_and_only_broadcast_ones_in_the_channel(slack: FakeSlack) -> None:
    ours = client(slack)
    root = ours.chat_postMessage(channel=CHANNEL, text="root")["ts"]
    ours.chat_postMessage(channel=CHANNEL, text="one", thread_ts=root)
    ours.chat_postMessage(channel=CHANNEL, text="two", thread_ts=root, reply_broadcast=True)
    slack.say(CHANNEL, "three", user=RAVI, thread_ts=root)
    newest, first = ours.conversations_history(channel=CHANNEL)["messages"]
    assert (newest["text"], newest["subtype"], newest["thread_ts"]) == ("two", "thread_broadcast", root)
    assert (first["text"], first["reply_count"], first["reply_users"]) == ("root", 3, [BOT_USER, RAVI])
    under = ours.conversations_replies(channel=CHANNEL, ts=root)["messages"]
    assert (
        [m["text"] for m in under]
        == ["root", "one", "two", "three"]
        == [m["text"] for m in slack.thread(CHANNEL, root)]
    )
    link = ours.chat_getPermalink(channel=CHANNEL, message_ts=under[1]["ts"])["permalink"]
    assert link.endswith(f"?thread_ts={root}&cid={CHANNEL}")
    (alone,) = ours.conversations_replies(channel=CHANNEL, ts=under[1]["ts"])["messages"]
    assert alone["text"] == "one"


def test_a_thread_hangs_on_a_root_that_is_there(slack: FakeSlack) -> None:
    ours = client(slack)
    root = ours.chat_postMessage(channel=CHANNEL, text="root")["ts"]
    reply = ours.chat_postMessage(channel=CHANNEL, text="one", thread_ts=root)["ts"]
    for wrong in (reply, "1.000001"):
        said = code(ours.chat_postMessage, channel=CHANNEL, text="x", thread_ts=wrong)
        assert said == "cannot_reply_to_message"
    assert code(ours.chat_postMessage, channel=OTHER, text="x", thread_ts=root) == "cannot_reply_to_message"
    assert code(ours.chat_postMessage, channel=CHANNEL, text="x", thread_ts="root") == "invalid_thread_ts"
    assert code(ours.conversations_replies, channel=CHANNEL, ts="1.000001") == "thread_not_found"


def test_a_deleted_root_leaves_a_tombstone_over_its_replies_and_takes_no_more(slack: FakeSlack) -> None:
    ours = client(slack)
    root = ours.chat_postMessage(channel=CHANNEL, text="root")["ts"]
    ours.chat_postMessage(channel=CHANNEL, text="one", thread_ts=root)
    ours.chat_delete(channel=CHANNEL, ts=root)
    assert [m.get("subtype") for m in slack.thread(CHANNEL, root)] == ["tombstone", None]
    assert code(ours.chat_postMessage, channel=CHANNEL, text="x", thread_ts=root) == "cannot_reply_to_message"
    assert code(ours.chat_update, channel=CHANNEL, ts=root, text="x") == "message_not_found"


def test_history_is_bounded_and_comes_in_pages(slack: FakeSlack, clock: Clock) -> None:
    ours = client(slack)
    posted = []
    for number in range(5):
        clock.passes(seconds=1)
        posted.append(ours.chat_postMessage(channel=CHANNEL, text=str(number))["ts"])

    def texts(**bounds: Any) -> str:
        return "".join(m["text"] for m in ours.conversations_history(channel=CHANNEL, **bounds)["messages"])

    assert texts() == "43210"
    assert texts(oldest=posted[1], latest=posted[3]) == "2"
    assert texts(oldest=posted[1], latest=posted[3], inclusive=True) == "321"
    first = ours.conversations_history(channel=CHANNEL, limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    assert first["has_more"]
    assert texts(limit=2, cursor=cursor) == "21"
    assert code(ours.conversations_history, channel=CHANNEL, limit=1000) == "invalid_limit"
    assert code(ours.conversations_history, channel=CHANNEL, cursor="nonsense") == "invalid_cursor"
    assert code(ours.conversations_history, channel=CHANNEL, oldest="monday") == "invalid_ts_oldest"


def test_a_thread_comes_in_pages_each_with_its_root(slack: FakeSlack) -> None:
    ours = client(slack)
    root = ours.chat_postMessage(channel=CHANNEL, text="root")["ts"]
    for number in range(3):
        ours.chat_postMessage(channel=CHANNEL, text=str(number), thread_ts=root)
    first = ours.conversations_replies(channel=CHANNEL, ts=root, limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    rest = ours.conversations_replies(channel=CHANNEL, ts=root, limit=2, cursor=cursor)
    assert [[m["text"] for m in page["messages"]] for page in (first, rest)] == [["root", "0", "1"], ["root", "2"]]
    assert not rest["has_more"]


def test_the_payload_of_metadata_is_shown_only_to_who_asks(slack: FakeSlack) -> None:
    ours = client(slack)
    metadata = {"event_type": "tariffwatch_alert", "event_payload": {"id": "a1"}}
    ours.chat_postMessage(channel=CHANNEL, text="x", metadata=metadata)
    (plain,) = ours.conversations_history(channel=CHANNEL)["messages"]
    (whole,) = ours.conversations_history(channel=CHANNEL, include_all_metadata=True)["messages"]
    assert plain["metadata"] == {"event_type": "tariffwatch_alert"}
    assert whole["metadata"] == metadata


def test_channels_are_listed_by_kind_and_described() -> None:
    with FakeSlack(channels={CHANNEL: "trade", "G0000000001": "quiet", OTHER: "old"}) as slack:
        slack.archived.add(OTHER)
        ours = client(slack)
        assert [c["name"] for c in ours.conversations_list()["channels"]] == ["trade", "old"]
        both = ours.conversations_list(types="public_channel,private_channel", exclude_archived=True)["channels"]
        assert [c["name"] for c in both] == ["trade", "quiet"]
        assert ours.conversations_info(channel="G0000000001")["channel"]["is_private"]


def test_people_have_names_where_the_app_may_ask() -> None:
    with FakeSlack(scopes=["users:read"]) as slack:
        assert client(slack).users_info(user=ASHA)["user"]["name"] == "asha"
        assert code(client(slack).users_info, user="U0000000009") == "user_not_found"


def test_groups_have_ids_and_members(slack: FakeSlack) -> None:
    ours = client(slack)
    (group,) = ours.usergroups_list(include_users=True)["usergroups"]
    assert (group["id"], group["users"]) == (DESK_GROUP, [ASHA, RAVI])
    assert ours.usergroups_users_list(usergroup=DESK_GROUP)["users"] == [ASHA, RAVI]
    assert code(ours.usergroups_users_list, usergroup="S0000000009") == "no_such_subteam"


# views


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"title": {"type": "plain_text", "text": "t" * 25}},
            "less than 25 characters [json-pointer:/view/title/text]",
        ),
        ({"blocks": [section()] * 101}, "no more than 100 items allowed [json-pointer:/view/blocks]"),
        ({"private_metadata": "p" * 3001}, "less than 3001 characters [json-pointer:/view/private_metadata]"),
        ({"callback_id": "c" * 256}, "less than 256 characters [json-pointer:/view/callback_id]"),
        ({"type": "dialog"}, "unsupported type: dialog"),
        ({"submit": None}, "submit"),
    ],
)
def test_a_view_that_slack_would_refuse_is_refused_with_its_place(slack: FakeSlack, change: Json, told: str) -> None:
    said = refused(client(slack).views_open, trigger_id=slack.trigger(ASHA), view={**MODAL, **change})
    assert said["error"] == "invalid_arguments"
    assert told in "\n".join(said["response_metadata"]["messages"])
    assert slack.views(ASHA) == []


def test_a_trigger_works_once_and_for_three_seconds(slack: FakeSlack, clock: Clock) -> None:
    ours, late = client(slack), slack.trigger(ASHA)
    trigger = slack.trigger(ASHA)
    ours.views_open(trigger_id=trigger, view=MODAL)
    assert code(ours.views_open, trigger_id=trigger, view=MODAL) == "exchanged_trigger_id"
    assert code(ours.views_open, trigger_id="1.2.3", view=MODAL) == "invalid_trigger_id"
    clock.passes(seconds=3.1)
    assert code(ours.views_open, trigger_id=late, view=MODAL) == "expired_trigger_id"
    assert [view["callback_id"] for view in slack.views(ASHA)] == ["new-watchlist"]


def test_a_view_is_updated_by_its_id_and_hash(slack: FakeSlack) -> None:
    ours = client(slack)
    view = ours.views_open(trigger_id=slack.trigger(ASHA), view=MODAL)["view"]
    again = {**MODAL, "title": {"type": "plain_text", "text": "Edit watchlist"}}
    ours.views_update(view_id=view["id"], hash=view["hash"], view=again)
    assert slack.views(ASHA)[0]["title"]["text"] == "Edit watchlist"
    assert code(ours.views_update, view_id=view["id"], hash=view["hash"], view=again) == "hash_conflict"
    assert code(ours.views_update, view_id="V0", view=again) == "not_found"


def test_views_are_pushed_three_high(slack: FakeSlack) -> None:
    ours = client(slack)
    root = ours.views_open(trigger_id=slack.trigger(ASHA), view=MODAL)["view"]
    for _ in range(2):
        view = ours.views_push(trigger_id=slack.trigger(ASHA, root["id"]), view=MODAL)["view"]
        assert view["root_view_id"] == root["id"]
    said = code(ours.views_push, trigger_id=slack.trigger(ASHA, root["id"]), view=MODAL)
    assert (said, len(slack.views(ASHA))) == ("push_limit_reached", 3)


def test_a_view_too_large_is_told_apart() -> None:
    with pytest.raises(Exception, match="view_too_large"):
        check_view({**MODAL, "private_metadata": "x" * 250_000})


# files


def test_a_file_is_uploaded_and_shared_in_a_thread_with_a_word(slack: FakeSlack) -> None:
    slack.scopes = (*SCOPES, "files:write")
    ours = client(slack)
    root = ours.chat_postMessage(channel=CHANNEL, text="digest")["ts"]
    ours.files_upload_v2(
        channel=CHANNEL, thread_ts=root, filename="d.csv", title="Digest", content="a,b\n", initial_comment="All of it"
    )
    _, shared = slack.thread(CHANNEL, root)
    assert (shared["text"], shared["files"][0]["title"]) == ("All of it", "Digest")
    (upload,) = slack.uploads.values()
    assert (upload.body, upload.shared) == (b"a,b\n", [CHANNEL])


def test_a_file_whose_bytes_never_came_is_not_found(slack: FakeSlack) -> None:
    slack.scopes = (*SCOPES, "files:write")
    ours = client(slack)
    made = ours.files_getUploadURLExternal(filename="d.csv", length=4)
    files = [{"id": made["file_id"]}]
    assert code(ours.files_completeUploadExternal, files=files, channel_id=CHANNEL) == "file_not_found"
    assert status(made["upload_url"], b"longer than told") == 400


# response_url


def status(url: str, body: bytes | Json) -> int:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(asked) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_response_url_answers_one_person_all_or_in_place_of_the_message(slack: FakeSlack) -> None:
    ts = client(slack).chat_postMessage(channel=CHANNEL, text="root")["ts"]
    url = slack.response_url(CHANNEL, RAVI, ts)
    assert status(url, {"text": "only you"}) == 200
    assert status(url, {"text": "all", "response_type": "in_channel"}) == 200
    assert status(url, {"text": "anew", "replace_original": True}) == 200
    assert [m["text"] for m in slack.ephemerals(RAVI)] == ["only you"]
    assert [m["text"] for m in slack.seen(CHANNEL)] == ["anew", "all"]
    status(url, {"delete_original": True})
    assert [m["text"] for m in slack.seen(CHANNEL)] == ["all"]


def test_a_response_url_serves_five_times_within_half_an_hour(slack: FakeSlack, clock: Clock) -> None:
    url, late = slack.response_url(CHANNEL, RAVI), slack.response_url(CHANNEL, RAVI)
    assert [status(url, {"text": "x"}) for _ in range(6)] == [200] * 5 + [404]
    clock.passes(seconds=1_801)
    assert status(late, {"text": "x"}) == 404
    assert len(slack.ephemerals(RAVI)) == 5


# what an app is sent


def test_a_press_tells_the_app_all_it_can_know(slack: FakeSlack) -> None:
    blocks = [section(), actions(BUTTON, menu(2))]
    ts = client(slack).chat_postMessage(channel=CHANNEL, text="x", blocks=blocks)["ts"]
    told = slack.click_payload(slack.messages[0], "confirm", user=RAVI)
    assert (told["type"], told["user"]["id"], told["channel"]["id"]) == ("block_actions", RAVI, CHANNEL)
    assert told["container"]["message_ts"] == told["message"]["ts"] == ts
    (action,) = told["actions"]
    assert (action["action_id"], action["value"]) == ("confirm", "a1")
    block, _ = element_of(told["message"]["blocks"], "confirm")
    assert action["block_id"] == block["block_id"]
    assert told["state"]["values"][block["block_id"]]["pick"] == {"type": "static_select", "selected_option": None}
    assert status(told["response_url"], {"text": "hi"}) == 200
    client(slack).views_open(trigger_id=told["trigger_id"], view=MODAL)
    assert len(slack.views(RAVI)) == 1


def test_a_choice_is_told_as_an_option_and_another_is_none(slack: FakeSlack) -> None:
    client(slack).chat_postMessage(channel=CHANNEL, text="x", blocks=[actions(menu(2, "overflow"))])
    told = slack.click_payload(slack.messages[0], "pick", "Option 1")
    assert told["actions"][0]["selected_option"]["value"] == "o1"
    with pytest.raises(LookupError, match="'o9' is no option of pick"):
        slack.click_payload(slack.messages[0], "pick", "o9")
    with pytest.raises(LookupError, match="nothing has the action_id 'confirm'"):
        slack.click_payload(slack.messages[0], "confirm")


def test_a_press_in_a_modal_tells_what_is_filled_in_so_far_and_can_push_another(slack: FakeSlack) -> None:
    ours = client(slack)
    blocks = [*MODAL["blocks"], actions(BUTTON, menu(2), block_id="more")]
    view = ours.views_open(trigger_id=slack.trigger(ASHA), view={**MODAL, "blocks": blocks})["view"]
    slack.click_payload(view, "pick", "o1")
    told = slack.click_payload(view, "confirm")
    assert told["container"] == {"type": "view", "view_id": view["id"]}
    assert told["view"]["state"]["values"]["more"]["pick"]["selected_option"]["value"] == "o1"
    assert not {"message", "channel", "response_url"} & told.keys()
    ours.views_push(trigger_id=told["trigger_id"], view=MODAL)
    assert [v["previous_view_id"] for v in slack.views(ASHA)] == [None, view["id"]]


def test_of_an_ephemeral_message_the_app_gets_no_copy(slack: FakeSlack) -> None:
    client(slack).chat_postEphemeral(channel=CHANNEL, user=MEERA, text="x", blocks=[actions(BUTTON)])
    told = slack.click_payload(slack.ephemerals(MEERA)[0], "confirm", user=MEERA)
    assert told["container"]["is_ephemeral"]
    assert "message" not in told


def test_slack_itself_sends_back_a_form_that_is_not_filled_in(slack: FakeSlack) -> None:
    view = client(slack).views_open(trigger_id=slack.trigger(ASHA), view=MODAL)["view"]
    assert slack.submit(view).errors == {"name": "Please complete this required field."}
    assert slack.submit(view, {"name": "x" * 21}).errors == {"name": "This field can have at most 20 characters."}
    with pytest.raises(LookupError, match="nothing to fill in for"):
        slack.submit(view, {"query": "x"})
