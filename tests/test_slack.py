"""The card and SlackSink: posted once to a Slack that checks everything, and found again when the answer is lost."""

import errno
import json
import logging
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from traceback import format_exception
from typing import Any
from urllib.error import HTTPError, URLError

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.analysis import Why
from bot.errors import (
    ChannelRefused,
    ConfigError,
    DeliveryError,
    MessageRefused,
    OutcomeUnknown,
    RootGone,
    SinkBusy,
    SinkDown,
    SinkRefused,
)
from bot.messages import Claim, FactLine, Message, Source
from bot.sinks.card import (
    BUDGET,
    BUTTONS,
    FOLLOW,
    MUTE_STORY,
    NOT_RELEVANT,
    REASONS,
    RELEVANT,
    WHY,
    fallback,
    layout,
    post,
    weight,
)
from bot.sinks.refusals import DEAD_TOKEN, unreached
from bot.sinks.slack import SlackSink, ask
from tests.block_kit import assert_taken_by_two_libraries
from tests.fake_slack import FakeSlack, check_message

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CHANNEL = "C0000000001"
CARD = Message(
    id="alert-1",
    kind="update",
    severity="high",
    headline="US doubles duty on Indian shrimp",
    url="https://example.org/shrimp",
    quotes=("The duty rises to 50%.", "Exporters called it a blow."),
    why=(Why("India shrimp", ("duty", "shrimp")),),
    topics=(("tariff_threat", 0.966), ("india_us_trade", 0.71)),
    sectors=("seafood",),
    sources=(
        Source("Port and Loom", "t", "https://loom.example/1", NOW),
        Source("Trade Notices", "t", "", NOW + timedelta(minutes=5), official=True),
    ),
    scored=True,
    changed="new figure 50%",
    note="the headline asks, it does not say",
    by=Source("Trade Notices", "t", "", NOW + timedelta(minutes=5), official=True),
    publishers=2,
)
DISPUTED = replace(
    CARD,
    changed="contradicted",
    note="",
    facts=(
        FactLine(
            "US → India · all goods · 18 % or 15 % · agreed, not yet in force",
            "The duty rises to 50%.",
            (
                Claim("Washington", "18 % agreed", "Gulf Wire", "https://gulf.example/1", NOW),
                Claim("Deccan Ledger", "15 % agreed", "Deccan Ledger", "", NOW),
            ),
            "US → India · 18 % or 15 %",
        ),
        FactLine("US → China · 10 % · threatened"),
    ),
)
EVIL = (
    "<!channel> <@U1> <#C1> <!subteam^S1> <https://evil.example|Approve> *b* _i_ ~s~ `c` @here :skull:"
    " https://evil.example\n> q"
)

nasty = st.lists(
    st.one_of(
        st.sampled_from([EVIL, '&<>"\\', "👨\u200d👩\u200d👧", "नमस्ते", "\x1b[2J", "\u202e"]), st.text(max_size=9)
    ),
    max_size=6,
)
words = st.tuples(nasty.map("".join), st.sampled_from([1, 1, 60])).map(lambda pair: pair[0] * pair[1])
urls = st.one_of(words, words.map("https://example.org/".__add__), st.just("https://example.org/" + "a" * 1900))
whys = st.builds(Why, words, st.lists(words, max_size=3).map(tuple))
times = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
claims = st.builds(Claim, words, words, words, urls, times)
facts = st.builds(FactLine, words, words, st.lists(claims, max_size=2).map(tuple), words)
sources = st.builds(Source, words, words, urls, times, st.booleans())
messages = st.builds(
    Message,
    id=st.just("alert-1"),
    kind=st.sampled_from(["new", "update", "reminder"]),
    severity=st.sampled_from(["high", "medium", "low"]),
    headline=words,
    url=urls,
    quotes=st.lists(words, max_size=4).map(tuple),
    why=st.lists(whys, max_size=7).map(tuple),
    topics=st.just((("tariff_threat", 0.9), ("india_us_trade", 0.5))),
    sectors=st.lists(words, max_size=5).map(tuple),
    sources=st.lists(sources, max_size=9).map(tuple),
    by=st.none() | sources,
    publishers=st.integers(0, 99),
    scored=st.booleans(),
    changed=words,
    note=words,
    facts=st.lists(facts, max_size=2).map(tuple),
)
WORST = replace(
    CARD,
    headline='"' * 5000,
    url="https://example.org/" + "a" * 1900,
    quotes=('\\"' * 900,) * 4,
    why=(Why('"' * 400, ("\\" * 300,) * 9),) * 30,
    sectors=('"' * 200,) * 50,
    sources=(Source('"' * 200, "t", "https://example.org/" + "b" * 470, NOW),) * 40,
    changed='"' * 900,
    facts=(
        FactLine('"' * 900, "", (Claim("\\" * 400, '"' * 400, '"' * 90, "https://example.org/" + "c" * 470, NOW),) * 3),
    )
    * 5,
)
few = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(token="xoxb-test") as server:
        yield server


def sink(slack: FakeSlack, *, timeout: float = 5.0) -> SlackSink:
    return SlackSink("xoxb-test", base_url=slack.url, timeout=timeout)


def pieces(node: object) -> Iterator[dict[str, Any]]:
    """Every object within blocks that has a type."""
    if isinstance(node, dict):
        if "type" in node:
            yield node
        for value in node.values():
            yield from pieces(value)
    elif isinstance(node, list):
        for value in node:
            yield from pieces(value)


def shown(blocks: list[dict[str, Any]]) -> str:
    """The card as a reader sees it, dates by their fallback."""
    texts = (p.get("text", p.get("fallback", "")) for p in pieces(blocks))
    return "".join(t for t in texts if isinstance(t, str))


# the card


def test_the_full_card_tells_a_desk_everything_at_a_glance() -> None:
    assert shown(layout(CARD, 0)) == (
        "🔴 HIGH · update · new figure 50%\n"
        "US doubles duty on Indian shrimp\n"
        "the headline asks, it does not say"
        "“The duty rises to 50%.”\n“Exporters called it a blow.”"
        "Sectors: seafood\n"
        "2 publishers since 22 Nov 2026 14:30 IST (09:00 UTC): Port and Loom · official: Trade Notices"
        "Why: India shrimp: “duty”, “shrimp”"
        "tariff threat 97% · India–US trade 71%"
    )


def test_the_weightiest_fact_leads_and_both_claims_of_a_contradiction_stand_under_its_line() -> None:
    assert shown(layout(DISPUTED, 0)).startswith(
        "🔴 HIGH · update · US → India · 18 % or 15 %\n"
        "US doubles duty on Indian shrimp\n"
        "What is new: contradicted\n"
        "US → India · all goods · 18 % or 15 % · agreed, not yet in force\n"
        "Washington says: 18 % agreed (Gulf Wire, 22 Nov 2026)\n"
        "Deccan Ledger says: 15 % agreed (22 Nov 2026)\n"
        "US → China · 10 % · threatened"
        "“The duty rises to 50%.”"
    )


def test_what_leads_is_bold_and_each_claim_links_to_its_own_article() -> None:
    above = layout(DISPUTED, 0)[0]["elements"][0]["elements"]
    assert [piece["text"] for piece in above if piece.get("style") == {"bold": True}] == [
        "🔴 HIGH · update · US → India · 18 % or 15 %",
        DISPUTED.headline,
    ]
    assert above[8:12] == [
        {"type": "text", "text": "Washington says: 18 % agreed"},
        {"type": "text", "text": " ("},
        {"type": "link", "text": "Gulf Wire, 22 Nov 2026", "url": "https://gulf.example/1"},
        {"type": "text", "text": ")"},
    ]


def test_plain_text_has_the_facts_and_claims_too() -> None:
    first = layout(DISPUTED, 1)[0]["text"]["text"].splitlines()
    assert first[1:4] == [
        "US → India · all goods · 18 % or 15 % · agreed, not yet in force",
        "Washington says: 18 % agreed (Gulf Wire, 22 Nov 2026)",
        "Deccan Ledger says: 15 % agreed (22 Nov 2026)",
    ]


def test_a_notification_says_the_weightiest_fact_and_the_headline() -> None:
    assert fallback(DISPUTED) == (
        "🔴 HIGH: US → India · all goods · 18 % or 15 % · agreed, not yet in force — US doubles duty on Indian shrimp"
    )


def test_the_headline_and_the_outlets_are_the_only_links_of_the_full_card() -> None:
    links = {p["text"]: p["url"] for p in pieces(layout(CARD, 0)) if p["type"] == "link"}
    assert links == {CARD.headline: CARD.url, "Port and Loom": "https://loom.example/1"}


def test_plain_text_says_the_same_and_opens_the_article_with_a_label_of_ours() -> None:
    blocks = layout(CARD, 1)
    assert {p["type"] for p in pieces(blocks)} == {"section", "plain_text", "context", "mrkdwn"}
    assert blocks[-1]["elements"][0]["text"] == "<https://example.org/shrimp|Open the article>"
    for part in (CARD.headline, CARD.quotes[1], "seafood", "14:35 IST", "India shrimp", "97%", "50%"):
        assert part in shown(blocks)


@pytest.mark.parametrize("simple", [0, 1])
def test_a_model_s_summary_stands_above_the_quotes_marked_as_one_and_inert(simple: int) -> None:
    words = "Duty up. <!channel> *now* https://evil.example"
    blocks = layout(replace(CARD, summary=words, summary_by="t5"), simple)
    assert f"Summary (written by t5): {words}" in shown(blocks)
    assert shown(blocks).index("Summary (written by") < shown(blocks).index(CARD.quotes[0])
    assert not any(p["type"] == "mrkdwn" and "evil" in p["text"] for p in pieces(blocks))


def test_title_and_link_is_text_alone() -> None:
    assert post(CARD, 2)["text"] == (
        "🔴 HIGH: US doubles duty on Indian shrimp\n<https://example.org/shrimp|Open the article>"
    )
    assert "blocks" not in post(CARD, 2)


def test_the_unscored_card_says_so_in_each_layout_with_blocks() -> None:
    for simple in (0, 1):
        assert "unscored" in shown(layout(replace(CARD, scored=False), simple))
        assert "97%" not in shown(layout(replace(CARD, scored=False), simple))


def test_official_sources_are_never_the_ones_left_out() -> None:
    press = tuple(Source(f"Paper {n}", "t", "", NOW + timedelta(minutes=n)) for n in range(9))
    late = Source("Customs", "t", "", NOW + timedelta(hours=9), official=True)
    story = replace(CARD, sources=(*press, late), publishers=10)
    assert "• Customs · official" in shown(layout(story, 1))
    assert "10 publishers since 22 Nov 2026 14:30 IST (09:00 UTC): Paper 0, " in shown(layout(story, 0))
    assert "Paper 5 and 3 more · official: Customs" in shown(layout(story, 0))


def test_a_card_that_was_edited_says_what_changed_last_who_told_it_and_when() -> None:
    edited = replace(CARD, kind="new")
    assert "Last change: new figure 50% · Trade Notices · 22 Nov 2026 14:35 IST (09:05 UTC)" in shown(layout(edited, 0))
    assert "Last change" not in shown(layout(CARD, 0)) + shown(layout(replace(edited, changed=""), 0))


def test_a_reply_is_short_it_says_what_changed_and_gives_one_quote_and_the_link() -> None:
    assert shown(layout(CARD, 0, reply=True)) == (
        "🔴 HIGH · update: new figure 50% · the headline asks, it does not say\n"
        "US doubles duty on Indian shrimp · Trade Notices · 22 Nov 2026 14:35 IST (09:05 UTC)"
        "“The duty rises to 50%.”"
    )
    assert shown(layout(CARD, 1, reply=True)).startswith("🔴 HIGH · update: new figure 50%")


LONG = "Certain Cold-Drawn Mechanical Tubing of Carbon and Alloy Steel From India: Final Results of " * 9


@pytest.mark.parametrize("goods", ["textiles", "auto parts, copper, engineering goods, leather and 9 more"])
def test_forty_characters_of_the_first_line_say_how_grave_it_is_on_whom_and_how_much(goods: str) -> None:
    fact = FactLine(f"US → India · {goods} · 25 % → 50 % · in force · {LONG}", brief="US → India · 25 % → 50 %")
    card = replace(CARD, kind="new", headline=LONG, note=LONG, facts=(fact,))
    first, second, *_ = shown(layout(card, 0)).splitlines()
    assert first == "🔴 HIGH · US → India · 25 % → 50 %"
    assert len(first) <= 40
    assert second.startswith("Certain Cold-Drawn")
    assert len(second) <= 300


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"kind": "new", "changed": ""}, "🔴 HIGH · seafood"),
        ({"kind": "new", "changed": "", "sectors": ()}, "🔴 HIGH · new"),
        ({"kind": "reminder", "changed": "", "sectors": ()}, "🔴 HIGH · reminder"),
        ({}, "🔴 HIGH · update · new figure 50%"),
    ],
)
def test_without_a_fact_the_first_line_says_what_is_new_or_what_it_is_about(changes: Any, first: str) -> None:
    assert shown(layout(replace(CARD, **changes), 0)).splitlines()[0] == first


def test_buttons_stand_under_cards_only_where_somebody_answers_them_and_carry_the_alert_s_id() -> None:
    row = layout(CARD, 0, buttons=True)[-1]
    assert (row["type"], row["block_id"]) == ("actions", BUTTONS)
    actions = [RELEVANT, NOT_RELEVANT, MUTE_STORY, FOLLOW, WHY]
    assert [element["action_id"] for element in row["elements"]] == actions
    assert {element["value"] for element in row["elements"] if "value" in element} == {CARD.id}
    assert [option["value"] for option in row["elements"][1]["options"]] == [f"{name}:alert-1" for name in REASONS]
    without = [layout(CARD, 0), layout(CARD, 0, reply=True, buttons=True)]
    without.append(layout(replace(CARD, kind="reminder"), 0, buttons=True))
    assert not any(block["type"] == "actions" for blocks in without for block in blocks)


def test_a_story_without_quotes_sectors_or_url_still_makes_a_card() -> None:
    bare = replace(CARD, quotes=(), sectors=(), url="", why=(), topics=(), sources=(), changed="", note="", headline="")
    for simple in (0, 1, 2):
        check_message(post(bare, simple))
        assert "(no headline)" in json.dumps(post(bare, simple))


@pytest.mark.fault("S15")
@few
@given(messages, st.sampled_from([0, 1, 2]), st.booleans())
@example(WORST, 0, False)
@example(WORST, 1, False)
@example(WORST, 0, True)
@example(WORST, 1, True)
def test_no_message_is_ever_sent_that_slack_would_refuse(message: Message, simple: int, reply: bool) -> None:
    check_message(post(message, simple, reply=reply, buttons=True))
    assert weight(layout(message, simple, reply=reply, buttons=True)) < BUDGET
    assert len(fallback(message, with_link=True)) < 3_000


@pytest.mark.fault("S15")
@few
@given(messages, st.sampled_from([0, 1]), st.booleans())
@example(WORST, 0, False)
@example(WORST, 1, False)
@example(WORST, 0, True)
def test_two_libraries_that_know_slack_s_limits_take_every_card(message: Message, simple: int, reply: bool) -> None:
    assert_taken_by_two_libraries(layout(message, simple, reply=reply, buttons=True))


@pytest.mark.fault("S15", "S16")
@pytest.mark.parametrize("simple", [0, 1, 2])
@pytest.mark.parametrize("reply", [False, True])
def test_an_address_full_of_ampersands_is_no_link_where_it_would_be_too_long(simple: int, reply: bool) -> None:
    card = replace(CARD, url="https://example.org/?" + "&" * 1_900)
    check_message(post(card, simple, reply=reply), most=4_000)
    assert fallback(card, with_link=True) == fallback(card)


@pytest.mark.fault("S18", "S20", "B29")
@pytest.mark.parametrize("simple", [0, 1, 2])
@pytest.mark.parametrize("field", ["headline", "url", "quotes", "why", "sectors", "outlet", "changed", "note"])
def test_words_from_outside_stay_words_in_every_field_and_layout(field: str, simple: int) -> None:
    sent = post(with_evil(field), simple)
    assert (sent["mrkdwn"], sent["parse"], sent["link_names"]) == (False, "none", False)
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)
    ours = "\n<https://example.org/shrimp|Open the article>"
    assert not set("<>") & set(sent["text"].removesuffix(ours))
    assert ":skull:" not in sent["text"]
    for piece in pieces(sent.get("blocks", [])):
        assert_inert(piece)


def with_evil(field: str) -> Message:
    evil: dict[str, Any] = {
        "quotes": {"quotes": (EVIL,)},
        "why": {"why": (Why(EVIL, (EVIL,)),)},
        "sectors": {"sectors": (EVIL,)},
        "outlet": {"sources": (Source(EVIL, EVIL, EVIL, NOW),)},
    }
    return replace(CARD, **evil.get(field, {field: EVIL}))


def assert_inert(piece: dict[str, Any]) -> None:
    """Slack parses mrkdwn, and nothing else: only our own label may stand there."""
    assert piece["type"] not in ("user", "usergroup", "channel", "broadcast", "emoji", "team")
    if piece["type"] == "mrkdwn":
        assert piece == {"type": "mrkdwn", "text": "<https://example.org/shrimp|Open the article>", "verbatim": True}
    if piece["type"] == "plain_text":
        assert piece["emoji"] is False
    if piece["type"] == "link":
        assert piece["url"] in ("https://example.org/shrimp", "https://loom.example/1")


# posting


@pytest.mark.fault("S21")
def test_a_message_is_posted_once_with_its_id_and_the_receipt_is_slack_s_ts(slack: FakeSlack) -> None:
    receipt = sink(slack).send(CARD, CHANNEL)
    (posted,) = slack.messages
    assert posted["ts"] == receipt
    assert posted["channel"] == CHANNEL
    assert posted["metadata"] == {"event_type": "tariffwatch_alert", "event_payload": {"id": "alert-1"}}
    assert posted["blocks"] == layout(CARD, 0)
    assert posted["text"].startswith("🔴 HIGH: US doubles duty")


@pytest.mark.parametrize("simple", [0, 1, 2])
@pytest.mark.parametrize("message", [CARD, WORST])
def test_every_layout_is_taken_by_a_strict_slack(slack: FakeSlack, message: Message, simple: int) -> None:
    assert sink(slack).send(message, CHANNEL, simple=simple)


@pytest.mark.fault("S01")
@pytest.mark.parametrize(("header", "wait"), [("30", 30), (None, 60), ("soon", 60), ("0", 1)])
def test_a_busy_slack_names_the_wait_and_nothing_is_posted(slack: FakeSlack, header: str | None, wait: int) -> None:
    slack.fail("busy", retry_after=header)
    with pytest.raises(SinkBusy) as caught:
        sink(slack).send(CARD, CHANNEL)
    assert caught.value.wait == timedelta(seconds=wait)
    assert slack.messages == []


@pytest.mark.fault("S01")
def test_a_channel_over_its_rate_is_a_wait_and_another_channel_is_not_held_up() -> None:
    at = NOW.timestamp()
    with FakeSlack(token="xoxb-test", rate=1.0, now=lambda: at) as slack:
        to = sink(slack)
        to.send(CARD, CHANNEL)
        with pytest.raises(SinkBusy):
            to.send(CARD, CHANNEL)
        to.send(CARD, "C0000000002")
        at += 1
        to.send(CARD, CHANNEL)
        assert [m["channel"] for m in slack.messages] == [CHANNEL, "C0000000002", CHANNEL]


@pytest.mark.fault("S02", "S11", "S12", "S14", "S25", "S26")
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ratelimited", SinkBusy),
        ("rate_limited", SinkBusy),
        ("message_limit_exceeded", SinkBusy),
        ("service_unavailable", SinkDown),
        ("team_added_to_org", SinkDown),
        ("org_login_required", SinkDown),
        ("request_timeout", SinkDown),
        ("internal_error", OutcomeUnknown),
        ("fatal_error", OutcomeUnknown),
        ("a_code_of_next_year", OutcomeUnknown),
        ("channel_not_found", ChannelRefused),
        ("not_in_channel", ChannelRefused),
        ("is_archived", ChannelRefused),
        ("restricted_action", ChannelRefused),
        ("restricted_action_read_only_channel", ChannelRefused),
        ("restricted_action_thread_only_channel", ChannelRefused),
        ("ekm_access_denied", ChannelRefused),
        ("no_permission", ChannelRefused),
        ("messages_tab_disabled", ChannelRefused),
        ("cannot_reply_to_message", ChannelRefused),
        ("user_not_found", ChannelRefused),
        ("invalid_auth", SinkRefused),
        ("not_authed", SinkRefused),
        ("token_revoked", SinkRefused),
        ("token_expired", SinkRefused),
        ("account_inactive", SinkRefused),
        ("missing_scope", SinkRefused),
        ("access_denied", SinkRefused),
        ("accesslimited", SinkRefused),
        ("two_factor_setup_required", SinkRefused),
        ("app_access_restricted", SinkRefused),
        ("not_allowed_token_type", SinkRefused),
        ("no_service_id", SinkRefused),
        ("no_active_hooks", SinkRefused),
        ("team_disabled", SinkRefused),
        ("invalid_blocks", MessageRefused),
        ("invalid_blocks_format", MessageRefused),
        ("msg_blocks_too_long", MessageRefused),
        ("msg_too_long", MessageRefused),
        ("no_text", MessageRefused),
        ("attachment_payload_limit_exceeded", MessageRefused),
        ("metadata_too_large", MessageRefused),
        ("invalid_metadata_format", MessageRefused),
        ("invalid_arg_name", MessageRefused),
        ("invalid_charset", MessageRefused),
        ("invalid_form_data", MessageRefused),
        ("invalid_arguments", MessageRefused),
        ("invalid_attachments", MessageRefused),
        ("too_many_attachments", MessageRefused),
        ("thread_not_found", RootGone),
        ("invalid_thread_ts", RootGone),
    ],
)
def test_each_code_says_what_becomes_of_the_alert(slack: FakeSlack, code: str, kind: type[DeliveryError]) -> None:
    slack.fail("code", code=code)
    with pytest.raises(DeliveryError) as caught:
        sink(slack).send(CARD, CHANNEL)
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert f"{code} for {CHANNEL}" in str(caught.value)


@pytest.mark.fault("S25")
def test_a_workspace_at_its_message_limit_is_left_alone_for_an_hour(slack: FakeSlack) -> None:
    slack.fail("code", code="message_limit_exceeded")
    with pytest.raises(SinkBusy) as caught:
        sink(slack).send(CARD, CHANNEL)
    assert caught.value.wait == timedelta(hours=1)


@pytest.mark.fault("S03", "S04", "S05", "S06")
@pytest.mark.parametrize("fault", ["500", "html", "half", "hang", "close", "reset"])
def test_a_lost_answer_leaves_the_outcome_unknown_and_the_message_posted_once(slack: FakeSlack, fault: Any) -> None:
    slack.fail(fault)
    to = sink(slack, timeout=0.1)
    with pytest.raises(OutcomeUnknown):
        to.send(CARD, CHANNEL)
    (posted,) = slack.until(lambda: slack.messages)
    assert to.find("alert-1", CHANNEL, datetime.now(UTC)) == posted["ts"]


@pytest.mark.parametrize("ts", ["", None, 17.1])
def test_an_answer_that_names_no_message_leaves_the_outcome_unknown(
    slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, ts: object
) -> None:
    answer = slack.answer
    monkeypatch.setattr(slack, "answer", lambda *asked: answer(*asked) | {"ts": ts})
    with pytest.raises(OutcomeUnknown, match=f"answered ok for channel {CHANNEL} but named no message") as caught:
        sink(slack).send(CARD, CHANNEL)
    assert caught.value.code == "no_ts"


@pytest.mark.parametrize("named", [{}, {"ts": ""}])
def test_a_message_that_is_found_without_its_name_cannot_be_told(
    slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, named: dict[str, str]
) -> None:
    ours = {"metadata": {"event_type": "tariffwatch_alert", "event_payload": {"id": "alert-1"}}}
    monkeypatch.setattr(slack, "answer", lambda *asked: {"ok": True, "messages": [ours | named]})
    assert sink(slack).find("alert-1", CHANNEL, NOW) is None


@pytest.mark.fault("S07")
@pytest.mark.parametrize("posted", [True, False])
def test_an_internal_error_of_slack_is_settled_by_looking(slack: FakeSlack, posted: bool) -> None:
    slack.fail("code", code="internal_error", posted=posted)
    to = sink(slack)
    with pytest.raises(OutcomeUnknown):
        to.send(CARD, CHANNEL)
    assert bool(to.find("alert-1", CHANNEL, datetime.now(UTC))) is posted


def refused(status: int, data: object, **headers: str) -> DeliveryError:
    """What an answer of Slack's that is no success comes to."""

    def call(**arguments: Any) -> SlackResponse:
        answer: dict[str, Any] = {"data": data, "headers": headers, "status_code": status}
        said = SlackResponse(client=None, http_verb="POST", api_url="", req_args={}, **answer)
        raise SlackApiError("refused", said)  # type: ignore[no-untyped-call]  # as the library has it

    with pytest.raises(DeliveryError) as caught:
        ask(call, "channel C1")
    return caught.value


@pytest.mark.parametrize(
    ("status", "data", "kind", "words"),
    [
        (429, {}, SinkBusy, "ratelimited for channel C1"),
        (429, "", SinkBusy, "ratelimited for channel C1"),
        (430, {"error": "no_text"}, MessageRefused, "no_text for channel C1"),
        (499, {"error": "no_text"}, MessageRefused, "no_text for channel C1"),
        (500, {"error": "no_text"}, OutcomeUnknown, "HTTP 500 for channel C1"),
        (503, {}, OutcomeUnknown, "HTTP 503 for channel C1"),
        (200, {"error": "no"}, OutcomeUnknown, "no for channel C1"),
        (200, {}, OutcomeUnknown, "HTTP 200 without an answer that can be read for channel C1"),
        (200, {"error": "n"}, OutcomeUnknown, "HTTP 200 without an answer that can be read for channel C1"),
        (200, {"error": "No Text"}, OutcomeUnknown, "HTTP 200 without an answer that can be read for channel C1"),
        (404, "nobody here", OutcomeUnknown, "HTTP 404 without an answer that can be read for channel C1"),
        (
            200,
            {"error": "missing_scope", "needed": "chat:write"},
            SinkRefused,
            "missing_scope (scope chat:write) for channel C1 — add the scope under OAuth & Permissions and reinstall the app",
        ),
        (
            200,
            {"error": "restricted_action_thread_only_channel"},
            ChannelRefused,
            "restricted_action_thread_only_channel for channel C1 — a workspace setting keeps the bot from posting there: "
            "ask an administrator, or use another channel",
        ),
        (200, {"error": "no_team", "needed": "<!channel>"}, SinkRefused, "no_team for channel C1"),
        (200, {"error": "no_team", "needed": 5}, SinkRefused, "no_team for channel C1"),
    ],
)
def test_what_slack_says_is_told_in_words_and_only_what_it_could_have_said_is_repeated(
    status: int, data: object, kind: type[DeliveryError], words: str
) -> None:
    failure = refused(status, data)
    assert type(failure) is kind
    assert str(failure) == f"Slack answered {words}"
    assert failure.code == (f"http_{status}" if words.startswith("HTTP") else words.split()[0])


@pytest.mark.parametrize(
    ("error", "kind", "words", "code"),
    [
        (
            HTTPError("", 503, "", EmailMessage(), None),
            OutcomeUnknown,
            "Slack answered HTTP 503 for channel C1",
            "http_503",
        ),
        (
            URLError(TimeoutError()),
            OutcomeUnknown,
            "Slack could not be reached for channel C1: TimeoutError",
            "no_answer",
        ),
        (ValueError(), OutcomeUnknown, "no usable answer from Slack for channel C1 (ValueError)", "no_answer"),
    ],
)
def test_whatever_goes_wrong_with_a_request_is_an_error_of_ours_that_holds_nothing_of_it(
    error: Exception, kind: type[DeliveryError], words: str, code: str
) -> None:
    def call(**arguments: Any) -> SlackResponse:
        raise error

    with pytest.raises(kind) as caught:
        ask(call, "channel C1")
    assert (str(caught.value), caught.value.code, caught.value.__cause__) == (words, code, None)


@pytest.mark.parametrize(
    ("header", "code", "wait"),
    [
        ("30", "ratelimited", 30),
        ("30", "message_limit_exceeded", 30),
        ("86401", "ratelimited", 86400),
        (" 7 ", "ratelimited", 7),
        ("0", "ratelimited", 1),
        ("12345678", "ratelimited", 86400),
        ("123456789", "ratelimited", 60),
        ("1.5", "ratelimited", 60),
        ("", "ratelimited", 60),
        ("", "rate_limited", 60),
        ("", "message_limit_exceeded", 3600),
    ],
)
def test_the_wait_is_what_slack_says_a_day_at_most_and_ours_where_it_says_nothing(
    header: str, code: str, wait: int
) -> None:
    for name in ("Retry-After", "retry-after"):
        failure = refused(200, {"error": code}, **{name: header})
        assert isinstance(failure, SinkBusy)
        assert failure.wait == timedelta(seconds=wait)


@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), SinkDown, "ConnectionRefusedError refused"),
        (socket.gaierror(socket.EAI_NONAME, "unknown name"), SinkDown, "gaierror unknown name"),
        (ssl.SSLCertVerificationError(1, "not to be trusted"), SinkDown, "SSLCertVerificationError not to be trusted"),
        (OSError(errno.ENETUNREACH, "no network"), SinkDown, "OSError no network"),
        (OSError(errno.EHOSTUNREACH, "no way there"), SinkDown, "OSError no way there"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), OutcomeUnknown, "ConnectionResetError reset"),
        (TimeoutError("timed out"), OutcomeUnknown, "TimeoutError"),
        ("some words", OutcomeUnknown, "str"),
    ],
)
def test_only_what_fails_before_a_byte_is_written_is_surely_not_posted(
    reason: object, kind: type[DeliveryError], words: str
) -> None:
    failure = unreached(reason, "channel C1")
    assert type(failure) is kind
    assert str(failure) == f"Slack could not be reached for channel C1: {words}"
    assert failure.code == ("unreachable" if kind is SinkDown else "no_answer")


def test_a_slack_that_nobody_listens_for_has_surely_not_posted() -> None:
    with FakeSlack() as gone:
        to = sink(gone)
    with pytest.raises(SinkDown, match="could not be reached"):
        to.send(CARD, CHANNEL)


def test_a_name_that_does_not_resolve_has_surely_not_posted() -> None:
    with pytest.raises(SinkDown):
        SlackSink("xoxb-test", base_url="http://slack.invalid/api/", timeout=2).send(CARD, CHANNEL)


@pytest.mark.fault("S13")
def test_the_missing_scope_is_named() -> None:
    with FakeSlack(token="xoxb-test", scopes=["channels:read"]) as slack:
        to = sink(slack)
        with pytest.raises(SinkRefused, match="scope chat:write"):
            to.send(CARD, CHANNEL)


# finding


@pytest.mark.fault("S09")
def test_a_message_is_found_on_a_later_page_of_history(slack: FakeSlack) -> None:
    to = sink(slack)
    receipt = to.send(CARD, CHANNEL)
    for number in range(450):
        slack.messages.append({"channel": CHANNEL, "ts": f"{receipt}9{number:04d}", "text": "", "metadata": None})
    assert to.find("alert-1", CHANNEL, datetime.now(UTC)) == receipt
    assert len(slack.calls("conversations.history")) == 3


def test_a_message_that_is_not_there_is_surely_absent(slack: FakeSlack) -> None:
    to = sink(slack)
    to.send(CARD, CHANNEL)
    to.send(replace(CARD, id="alert-2"), "C0000000002")
    assert to.find("alert-2", CHANNEL, NOW) == ""


def test_a_message_of_another_program_with_the_same_id_is_not_ours(slack: FakeSlack) -> None:
    slack.messages.append(
        {
            "channel": CHANNEL,
            "ts": f"{datetime.now(UTC).timestamp():.6f}",
            "text": "",
            "metadata": {"event_type": "other", "event_payload": {"id": "alert-1"}},
        }
    )
    assert sink(slack).find("alert-1", CHANNEL, NOW) == ""


def test_a_message_from_long_before_the_alert_is_not_looked_at(slack: FakeSlack) -> None:
    to = sink(slack)
    to.send(CARD, CHANNEL)
    assert to.find("alert-1", CHANNEL, datetime.now(UTC) + timedelta(minutes=5)) == ""


@pytest.mark.fault("S09")
@pytest.mark.parametrize("code", ["missing_scope", "not_in_channel", "channel_not_found", "access_denied"])
def test_a_history_that_may_not_be_read_cannot_tell(slack: FakeSlack, code: str) -> None:
    slack.fail("code", method="conversations.history", code=code)
    assert sink(slack).find("alert-1", CHANNEL, NOW) is None


@pytest.mark.fault("S29")
@pytest.mark.parametrize("code", sorted(DEAD_TOKEN))
def test_a_history_that_wants_another_token_leaves_it_to_that_one_to_tell(slack: FakeSlack, code: str) -> None:
    slack.fail("code", method="conversations.history", code=code)
    with pytest.raises(SinkRefused, match=code):
        sink(slack).find("alert-1", CHANNEL, NOW)


@pytest.mark.fault("S09")
def test_a_busy_history_names_the_wait(slack: FakeSlack) -> None:
    slack.fail("busy", method="conversations.history", retry_after="30")
    with pytest.raises(SinkBusy) as caught:
        sink(slack).find("alert-1", CHANNEL, NOW)
    assert caught.value.wait == timedelta(seconds=30)


@pytest.mark.parametrize("fault", ["500", "half", "hang", "reset"])
def test_a_history_that_does_not_answer_leaves_the_outcome_unknown(slack: FakeSlack, fault: Any) -> None:
    slack.fail(fault, method="conversations.history")
    with pytest.raises(OutcomeUnknown, match=f"could not look for the message: .* for channel {CHANNEL}") as caught:
        sink(slack, timeout=0.1).find("alert-1", CHANNEL, NOW)
    assert caught.value.code == ("http_500" if fault == "500" else "no_answer")


def test_a_history_behind_a_dead_connection_is_no_proof_that_nothing_was_posted() -> None:
    with FakeSlack() as gone:
        to = sink(gone)
    with pytest.raises(OutcomeUnknown):
        to.find("alert-1", CHANNEL, NOW)


# checking


def test_a_slack_in_order_has_nothing_wrong(slack: FakeSlack) -> None:
    assert sink(slack).check([CHANNEL, "G0000000001"]) == []
    assert slack.messages == []


def test_a_check_says_in_words_what_is_wrong_with_each_channel() -> None:
    with FakeSlack(token="xoxb-test", channels=["C0000000001", "C0000000002"]) as slack:
        slack.archived.add("C0000000001")
        slack.outside.add("C0000000002")
        archived, outside, unknown, name = sink(slack).check(["C0000000001", "C0000000002", "C0000000003", "#trade"])
    assert archived.startswith("channel C0000000001 is archived")
    assert outside.startswith("the bot is not in channel C0000000002 — invite the bot")
    assert "channel_not_found for channel C0000000003" in unknown
    assert "'#trade' is no channel id" in name


def test_a_check_says_what_each_missing_scope_costs() -> None:
    with FakeSlack(token="xoxb-test", scopes=["channels:read"]) as slack:
        posting, reading = sink(slack).check([CHANNEL])
    assert "scope chat:write: it cannot post anywhere" in posting
    assert "scope channels:history: after a lost answer an alert may appear twice" in reading


def test_a_check_names_the_scope_that_reading_a_channel_needs() -> None:
    with FakeSlack(token="xoxb-test", scopes=["chat:write", "channels:history"]) as slack:
        (wrong,) = sink(slack).check([CHANNEL])
    assert "missing_scope (scope channels:read)" in wrong


def test_a_check_with_a_wrong_token_says_so_and_asks_no_further(slack: FakeSlack) -> None:
    (wrong,) = SlackSink("xoxb-other", base_url=slack.url).check([CHANNEL])
    assert "invalid_auth" in wrong
    assert [method for method, _ in slack.requests] == ["auth.test"]


# the secret


@pytest.mark.parametrize("token", ["", "  ", "xoxb-secret\nX-Evil: 1", "xoxb secret", "xoxb-sécret"])
def test_a_token_that_cannot_be_one_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(ConfigError) as caught:
        SlackSink(token)
    assert "secret" not in str(caught.value)


@pytest.mark.fault("S30")
def test_the_token_is_in_no_error_repr_or_log_line(slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "xoxb-very-secret"
    to = SlackSink(secret, base_url=slack.url, timeout=0.1)
    said = [repr(to), str(to), *to.check([CHANNEL])]
    for fault in ("500", "html", "half", "close", "hang"):
        slack.fail(fault)
        with pytest.raises(DeliveryError) as caught:
            to.send(CARD, CHANNEL)
        said += [repr(caught.value), *format_exception(caught.value)]
    assert secret not in "\n".join([*said, caplog.text])
