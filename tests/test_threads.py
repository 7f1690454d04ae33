"""One story, one thread: the card that is edited, the replies in its thread, and what becomes of both when things go wrong."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.actions import FOLLOW_STORY
from bot.alerts import (
    ALONE,
    DEAD,
    EDIT,
    HIGH,
    LOW,
    MEDIUM,
    MOST_LOST,
    PARKED,
    QUEUED,
    REPLY,
    ROOT,
    SENDING,
    SENT,
    SUPERSEDED,
    UNKNOWN,
    Alert,
    begin,
    failed,
    grown,
    placed,
)
from bot.analysis import Why
from bot.errors import (
    ChannelRefused,
    MessageRefused,
    OutcomeUnknown,
    RootGone,
    SinkBusy,
    SinkDown,
)
from bot.facts import Fact
from bot.feeds import FeedState
from bot.messages import FactLine, Message, Source
from bot.pipeline import KEPT
from bot.sinks.card import layout
from bot.sinks.slack import SlackSink
from bot.stories import Merge
from tests.fake_slack import FakeSlack
from tests.ledger_makers import a_fact
from tests.line import Line, ScriptedSink, store_at
from tests.makers import (
    CHANNEL,
    FEED,
    HOUR,
    MINUTE,
    NOW,
    a_desk,
    a_message,
    a_story,
    a_watchlist,
    an_action,
    an_alert,
    an_analysis,
    an_article,
)

TITLE = "US tariff on Indian shrimp"
OUTLETS = ("Deccan Ledger", "Gulf Wire", "Port and Loom", "Coromandel Post")
TEXTS = (  # each in words of its own: who prints another's text is no further publisher
    "Washington will raise its tariff on shrimp from India next month, officials said on Monday.",
    "Shrimp farmers near Bhimavaram expect buyers in Boston to cancel orders once the duty on India applies.",
    "The levy makes shrimp from India dearer than that of Ecuador, a trade body in Kochi reckons.",
    "India has asked for talks about the charge that its shrimp exporters are to pay in American ports.",
)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(store_at(tmp_path / "store.db"), sink=ScriptedSink(threads=True))
    yield line
    line.store.close()


def read(line: Line, id: str, *facts: Fact, hours: float = 0, labels: Sequence[str] = (), **changes: Any) -> None:
    """An article as the analyze step leaves it, some hours after NOW; all of them tell one story."""
    at = NOW + hours * HOUR
    outlet = OUTLETS[int(hours) % len(OUTLETS)]
    told = {"title": TITLE, "text": TEXTS[int(hours) % len(TEXTS)], "outlet": outlet, "published": at, "first_seen": at}
    article = an_article(id, **told | changes)
    analysis = an_analysis(id, *(labels or ("relevant",)), facts=facts, quotes=(article.text,), figures=())
    line.store.save_feed(FeedState(FEED, polled_at=NOW, ok_at=NOW), [article])
    line.store.save_analyses([(article, analysis)])


def hears(line: Line, id: str, *facts: Fact, hours: float = 0, **changes: Any) -> list[Alert]:
    read(line, id, *facts, hours=hours, **changes)
    return line.pipeline.follow(NOW + hours * HOUR)


def delivers(line: Line, now: datetime = NOW, times: int = 9) -> None:
    for _ in range(times):
        line.pipeline.deliver(now)


def roles(alerts: Sequence[Alert]) -> list[tuple[str, bool]]:
    return [(alert.role, alert.broadcast) for alert in alerts]


def states(line: Line) -> list[tuple[str, str]]:
    """Role and state of each alert, the oldest first."""
    return [(alert.role, alert.state) for alert in reversed(line.store.alerts())]


# what is told


def test_a_story_has_one_card_and_what_moves_the_ledger_answers_it_for_all_to_see(line: Line) -> None:
    assert roles(hears(line, "threat", a_fact(25, "threatened"))) == [(ROOT, False)]
    reply, edit = hears(line, "order", a_fact(25, "announced"), hours=1)
    assert roles([reply, edit]) == [(REPLY, True), (EDIT, False)]
    assert (reply.message.kind, reply.message.changed) == ("update", "25 % announced · now high, was medium")
    card = edit.message
    assert (card.kind, card.severity, card.headline) == ("new", HIGH, TITLE)
    assert [fact.brief for fact in card.facts] == ["US → India · 25 % announced"]
    assert card.changed == "25 % announced · now high, was medium"
    assert card.by == Source("Gulf Wire", TITLE, "https://a.example/order", NOW + HOUR)
    assert [source.outlet for source in card.sources] == ["Deccan Ledger", "Gulf Wire"]
    assert card.publishers == 2


def test_a_retelling_only_counts_on_the_card(line: Line) -> None:
    (root,) = hears(line, "a1", a_fact(25, "in_force"))
    (edit,) = hears(line, "b1", a_fact(25, "in_force"), hours=1)
    assert (edit.role, edit.message.publishers) == (EDIT, 2)
    sources = edit.message.sources
    assert edit.message == replace(root.message, publishers=2, sources=sources)
    assert hears(line, "c1", a_fact(25, "in_force"), hours=1.5) == []  # Gulf Wire again: nothing on the card is new


def test_news_that_moves_no_ledger_is_answered_in_the_thread_alone(line: Line) -> None:
    hears(line, "a1")
    reply, edit = hears(line, "b1", hours=1, title=f"{TITLE} to be 30%")
    assert roles([reply, edit]) == [(REPLY, False), (EDIT, False)]
    assert (reply.message.changed, edit.message.headline) == ("new figure 30%", f"{TITLE} to be 30%")


def test_a_rise_in_severity_is_news_and_for_all_to_see(line: Line) -> None:
    grave = ("relevant", "tariff_threat", "india_us_trade")
    (root,) = hears(line, "a1")
    reply, edit = hears(line, "b1", hours=1, labels=grave)
    assert (root.message.severity, edit.message.severity) == (MEDIUM, HIGH)
    assert (reply.role, reply.broadcast, reply.message.changed) == (REPLY, True, "now high, was medium")
    (edit,) = hears(line, "c1", hours=2)
    assert (edit.role, edit.message.severity) == (EDIT, HIGH)  # a paler telling takes nothing back


def test_a_telling_without_facts_looks_no_graver_than_the_fact_on_the_card(line: Line) -> None:
    hears(line, "a1", a_fact(25, "threatened"))
    (edit,) = hears(line, "b1", hours=1, labels=("relevant", "tariff_threat", "india_us_trade"))
    assert (edit.role, edit.message.severity) == (EDIT, MEDIUM)


def test_an_official_document_that_only_confirms_leaves_the_card_as_grave_as_it_is(line: Line) -> None:
    hears(line, "a1", a_fact(25, "in_force"))
    reply, edit = hears(line, "b1", a_fact(25, "in_force"), hours=1, official=True)
    assert (reply.broadcast, reply.message.changed) == (False, "official: Gulf Wire")
    assert (reply.message.severity, edit.message.severity) == (HIGH, HIGH)
    assert [fact.line for fact in edit.message.facts] == ["US → India · all goods · 25 % · in force · reciprocal"]


def test_the_card_has_the_newest_state_of_each_measure_and_the_weightiest_first(line: Line) -> None:
    hears(line, "a1", a_fact(25, "in_force"))
    china = a_fact(30, "announced", target=("CN",), quote="China pays 30 per cent.")
    edit = hears(line, "b1", china, hours=1)[-1]
    assert [fact.brief for fact in edit.message.facts] == ["US → India · 25 %", "US → China · 30 % announced"]
    assert edit.message.severity == HIGH  # what moved is low, what stands beside it is not
    edit = hears(line, "c1", a_fact(None, "struck_down", side="court"), hours=2)[-1]
    assert [fact.brief for fact in edit.message.facts] == [
        "US → India · 25 % struck down",
        "US → China · 30 % announced",
    ]


def test_both_sides_of_a_dispute_stand_on_the_card_until_it_is_settled(line: Line) -> None:
    hears(line, "a1", a_fact(18, "agreed", side="US"))
    edit = hears(line, "b1", a_fact(15, "agreed", side="IN"), hours=1)[-1]
    (fact,) = edit.message.facts
    assert [(claim.who, claim.words) for claim in fact.claims] == [
        ("Washington", "18 % agreed"),
        ("New Delhi", "15 % agreed"),
    ]
    assert (fact.brief, edit.message.severity) == ("US → India · 18 % or 15 %", MEDIUM)
    edit = hears(line, "c1", a_fact(18, "in_force", side="US"), hours=2)[-1]
    assert [fact.claims for fact in edit.message.facts] == [()]


def test_each_channel_has_its_own_card(line: Line) -> None:
    line.desk = a_desk(a_watchlist("a", "tariff", channels=("#a",)), a_watchlist("b", "shrimp", channels=("#b",)))
    read(line, "a1")
    article, analysis = line.store.unfollowed(1)[0]
    line.store.save_analyses([(article, replace(analysis, why=(Why("a", ()),)))])
    (first,) = line.pipeline.follow(NOW)
    read(line, "b1", hours=1)
    article, analysis = line.store.unfollowed(1)[0]
    line.store.save_analyses([(article, replace(analysis, why=(Why("a", ()), Why("b", ()))))])
    edit, second = line.pipeline.follow(NOW + HOUR)
    assert [(alert.channel, alert.role) for alert in (first, edit, second)] == [
        ("#a", ROOT),
        ("#a", EDIT),
        ("#b", ROOT),
    ]


def test_of_one_batch_only_the_last_edit_of_a_card_goes_out(line: Line) -> None:
    for n, id in enumerate(("a1", "b1", "c1", "d1")):
        read(line, id, hours=n)
    line.pipeline.follow(NOW + 4 * HOUR)
    assert states(line) == [(ROOT, QUEUED), (EDIT, SUPERSEDED), (EDIT, SUPERSEDED), (EDIT, QUEUED)]
    delivers(line)
    assert [(receipt, card.publishers) for receipt, card, _ in line.sink.edited] == [("ts-1", 4)]


def test_a_sink_that_cannot_edit_gets_replies_as_messages_and_no_edits(line: Line) -> None:
    line.sink.threads = False
    hears(line, "a1", a_fact(25, "threatened"))
    assert roles(hears(line, "b1", a_fact(25, "announced"), hours=1)) == [(REPLY, True)]
    assert hears(line, "c1", a_fact(25, "announced"), hours=2) == []


def test_a_story_that_was_told_before_there_were_cards_is_told_on_as_a_new_one(line: Line) -> None:
    (root,) = hears(line, "a1", a_fact(25, "threatened"))
    line.store.save_alert(replace(root, state=SENT, role=ALONE))
    (reply,) = hears(line, "b1", a_fact(25, "announced"), hours=1)
    delivers(line)
    assert (reply.role, states(line)) == (REPLY, [(ALONE, SENT), (ROOT, SENT)])
    edit = hears(line, "c1", a_fact(25, "announced"), hours=2)
    assert roles(edit) == [(EDIT, False)]


def test_following_an_article_twice_tells_nothing_twice(line: Line) -> None:
    hears(line, "a1", a_fact(25, "threatened"))
    alerts = hears(line, "b1", a_fact(25, "announced"), hours=1)
    story = line.store.story_of("b1")
    assert story is not None
    assert line.store.save_follow(["b1"], [story], alerts) == []


# the card as it grows


def a_card(severity: str = MEDIUM, *facts: FactLine, **changes: Any) -> Message:
    return a_message("card", severity=severity, facts=facts, **changes)


INDIA, CHINA = FactLine("India 25 %", measure="in", gravity=HIGH), FactLine("China 30 %", measure="cn", gravity=LOW)


def test_what_an_article_only_confirms_does_not_come_to_lead_a_card_that_is_about_something_else(line: Line) -> None:
    hears(line, "earlier", a_fact(25, "in_force"), hours=-400)
    (root,) = hears(line, "a1", hours=1)
    (edit,) = hears(line, "b1", a_fact(25, "in_force"), hours=2)
    assert root.message.facts == edit.message.facts == ()


def test_a_card_falls_only_with_what_moved() -> None:
    denied = replace(INDIA, line="India denied", gravity=MEDIUM)
    told = a_message("told", severity=MEDIUM, facts=(denied,))
    assert grown(a_card(HIGH, INDIA, CHINA), told, news=True, moved=True).severity == MEDIUM
    assert grown(a_card(HIGH, INDIA, CHINA), told, news=True, moved=False).severity == HIGH


def test_a_card_is_never_graver_than_its_channel_was_told() -> None:
    """A watchlist that asks for low is heard, whatever the facts weigh."""
    told = a_message("told", severity=LOW, facts=(CHINA,))
    assert grown(a_card(LOW, INDIA), told, news=True, moved=True).severity == LOW


def test_a_card_collects_sectors_and_watchlists_and_keeps_its_id() -> None:
    told = a_message("told", sectors=("steel", "seafood"), why=(Why("steel", ()), Why("tariffs", ("duty",))))
    card = grown(a_card(), told, news=False, moved=False)
    assert (card.id, card.sectors) == ("card", ("seafood", "steel"))
    assert [why.watchlist for why in card.why] == ["tariffs", "steel"]


def test_the_headline_quotes_and_caveats_are_those_of_the_last_news() -> None:
    told = a_message("told", headline="New", quotes=("He said so.",), note="opinion, not news")
    anew, same = (grown(a_card(), told, news=news, moved=False) for news in (True, False))
    assert (anew.headline, anew.quotes, anew.note) == ("New", ("He said so.",), "opinion, not news")
    assert (same.headline, same.quotes, same.note) == (a_card().headline, a_card().quotes, "")


# where a reply and an edit go


def test_a_reply_goes_into_the_thread_of_its_card_and_the_edit_to_the_card(line: Line) -> None:
    (root,) = hears(line, "a1", a_fact(25, "threatened"))
    delivers(line)
    hears(line, "b1", a_fact(25, "announced"), hours=1)
    delivers(line, NOW + HOUR)
    assert line.sink.answers == [("", False), ("ts-1", True)]
    ((receipt, card, _),) = line.sink.edited
    assert (receipt, card.id) == ("ts-1", root.id)  # a later look-up must still find the root
    assert states(line) == [(ROOT, SENT), (REPLY, SENT), (EDIT, SENT)]
    assert [fields["role"] for fields in line.heard("alert_sent")] == [ROOT, REPLY, EDIT]


@pytest.mark.parametrize("news", [True, False])
def test_a_card_that_grows_keeps_its_id_and_has_the_sources_of_now(news: bool) -> None:
    first, second = (Source(outlet, "t", "", NOW) for outlet in OUTLETS[:2])
    card, told = a_message("root", sources=(first,)), a_message("reply", sources=(first, second))
    anew = grown(card, told, news=news, moved=False)
    assert (anew.id, anew.sources) == ("root", (first, second))


@pytest.mark.parametrize("state", [QUEUED, SENDING, UNKNOWN, PARKED])
@pytest.mark.parametrize("role", [REPLY, EDIT])
def test_what_belongs_to_a_card_whose_fate_is_open_waits(role: str, state: str) -> None:
    after = placed(an_alert(role=role), an_alert("root", state=state), NOW)
    assert (after.role, after.state, after.not_before) == (role, QUEUED, NOW + MINUTE)


@pytest.mark.parametrize("root", [None, an_alert("root", state=DEAD), an_alert("root", state="folded")])
def test_where_the_card_never_made_it_the_reply_is_the_card_and_the_edit_is_dropped(root: Alert | None) -> None:
    waited = an_alert(broadcast=True, not_before=NOW - MINUTE)
    reply, edit = (placed(replace(waited, role=role), root, NOW) for role in (REPLY, EDIT))
    assert (reply.role, reply.state, reply.broadcast) == (ROOT, QUEUED, False)
    assert (edit.state, edit.not_before) == (SUPERSEDED, None)


@pytest.mark.parametrize("role", [ROOT, ALONE])
def test_what_is_no_part_of_a_thread_goes_out_as_it_is(role: str) -> None:
    assert placed(an_alert(role=role), None, NOW) == an_alert(role=role)


@pytest.mark.fault("S27")
def test_a_reply_whose_card_was_given_up_becomes_the_card_and_is_edited_from_then_on(line: Line) -> None:
    hears(line, "a1", a_fact(25, "threatened"))
    hears(line, "b1", a_fact(25, "announced"), hours=1)
    line.sink.refuses[CHANNEL] = [MessageRefused("invalid_blocks") for _ in range(3)]
    delivers(line, NOW + HOUR)
    assert states(line) == [(ROOT, DEAD), (ROOT, SENT), (EDIT, SENT)]
    assert [thread for thread, _ in line.sink.answers] == [""] * 4
    edit, root, _ = line.store.alerts()
    assert [(receipt, card.id) for receipt, card, _ in line.sink.edited] == [("ts-4", root.id)]
    assert (edit.receipt, edit.sent_at) == ("ts-4", NOW + HOUR)


def test_a_reply_waits_for_a_card_that_may_be_on_its_way(line: Line) -> None:
    (root,) = hears(line, "a1", a_fact(25, "threatened"))
    hears(line, "b1", a_fact(25, "announced"), hours=1)
    line.store.save_alert(begin(root))  # the process that sent it could not write down what came of it
    assert line.pipeline.deliver(NOW + HOUR) == 0
    delivers(line)
    assert line.sink.sent == []
    line.store.recover()
    line.sink.found = ["ts-9"]
    delivers(line, NOW + HOUR + MINUTE)
    assert line.sink.answers == [("ts-9", True)]


@pytest.mark.fault("S27")
@pytest.mark.parametrize("role", [REPLY, EDIT])
def test_a_card_that_people_deleted_is_not_edited_and_what_is_new_begins_a_thread_of_its_own(role: str) -> None:
    after = failed(begin(an_alert(role=role)), RootGone("gone", code="message_not_found"), NOW)
    assert (after.role, after.state) == ((ROOT, QUEUED) if role == REPLY else (EDIT, SUPERSEDED))
    assert after.error == "message_not_found: gone"


def test_a_card_that_is_gone_is_told_in_the_log_and_is_no_failure(line: Line) -> None:
    hears(line, "a1")
    delivers(line)
    hears(line, "b1", hours=1)
    line.sink.refuses[CHANNEL] = [RootGone("gone", code="message_not_found")]
    delivers(line, NOW + HOUR)
    assert states(line) == [(ROOT, SENT), (EDIT, SUPERSEDED)]
    assert [told["error"] for told in line.heard("root_gone")] == ["message_not_found: gone"]
    assert line.heard("delivery_failed") == line.heard("alert_failed") == []


# exactly once


def answered(line: Line) -> Alert:
    """A card that was sent, and the reply to it, queued."""
    hears(line, "a1", a_fact(25, "threatened"))
    delivers(line)
    return hears(line, "b1", a_fact(25, "announced"), hours=1)[0]


def test_a_reply_of_unknown_outcome_is_looked_for_in_its_thread(line: Line) -> None:
    reply = answered(line)
    line.sink.refuses[CHANNEL] = [OutcomeUnknown("no answer")]
    line.sink.found = ["ts-7"]
    for minutes in range(3):
        line.pipeline.deliver(NOW + HOUR + minutes * MINUTE)
    assert [(id, thread) for (id, _, _), thread in zip(line.sink.looked_up, line.sink.looked_in, strict=True)] == [
        (reply.id, "ts-1")
    ]
    assert states(line) == [(ROOT, SENT), (REPLY, SENT), (EDIT, SENT)]
    assert len(line.sink.sent) == 2


def test_an_edit_of_unknown_outcome_is_made_again_without_looking(line: Line) -> None:
    hears(line, "a1")
    delivers(line)
    hears(line, "b1", hours=1)
    line.sink.refuses[CHANNEL] = [OutcomeUnknown("no answer")]
    line.pipeline.deliver(NOW + HOUR)
    line.pipeline.deliver(NOW + HOUR + MINUTE)
    assert (len(line.sink.edited), line.sink.looked_up) == (2, [])
    assert states(line) == [(ROOT, SENT), (EDIT, SENT)]


def test_an_edit_that_a_dead_process_left_is_made_again_without_looking(line: Line) -> None:
    hears(line, "a1")
    delivers(line)
    (edit,) = hears(line, "b1", hours=1)
    line.store.save_alert(begin(edit))
    assert line.store.recover() == 1
    line.pipeline.deliver(NOW + HOUR)
    assert (len(line.sink.edited), line.sink.looked_up) == (1, [])
    assert states(line) == [(ROOT, SENT), (EDIT, SENT)]


def test_an_edit_that_is_refused_is_made_as_plain_text(line: Line) -> None:
    hears(line, "a1")
    delivers(line)
    hears(line, "b1", hours=1)
    line.sink.refuses[CHANNEL] = [MessageRefused("invalid_blocks")]
    delivers(line, NOW + HOUR)
    assert [simple for _, _, simple in line.sink.edited] == [0, 1]
    assert states(line) == [(ROOT, SENT), (EDIT, SENT)]


def test_an_edit_that_is_never_confirmed_is_given_up(line: Line) -> None:
    edit = an_alert(role=EDIT)
    for _ in range(MOST_LOST - 1):
        edit = failed(begin(edit), OutcomeUnknown("no answer"), NOW)
    assert (edit.state, edit.not_before) == (QUEUED, NOW + 15 * MINUTE)
    assert failed(begin(edit), OutcomeUnknown("no answer"), NOW).state == DEAD


def test_a_refused_edit_is_tried_as_plain_text_and_then_given_up() -> None:
    edit, seen = an_alert(role=EDIT), []
    for _ in range(2):
        edit = failed(begin(edit), MessageRefused("invalid_blocks"), NOW)
        seen.append((edit.state, edit.simple))
    assert seen == [(QUEUED, 1), (DEAD, 1)]


@pytest.mark.parametrize(
    ("error", "state"),
    [(SinkBusy("slow down", wait=HOUR), QUEUED), (SinkDown("down"), QUEUED), (ChannelRefused("archived"), PARKED)],
)
def test_what_else_keeps_an_edit_from_being_made_keeps_it_as_it_keeps_a_card(error: Any, state: str) -> None:
    assert failed(begin(an_alert(role=EDIT)), error, NOW).state == state


# on Slack


SLACK_CHANNEL = "C0000000001"


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(token="xoxb-test") as server:
        yield server


def test_a_reply_calls_who_follows_the_story_also_under_the_name_of_one_that_was_merged_into_it(line: Line) -> None:
    line.collected(an_article())
    story = replace(a_story(), merges=(Merge("b1", "c1", NOW, "tells of both"),))
    root, reply = an_alert("x1", state=SENT, receipt="1.1"), an_alert("x2", role=REPLY)
    line.store.save_follow([], [story], [root, reply])
    for user, of in (("U1", "a1"), ("U2", "b1"), ("U3", "c1")):
        line.store.save_action(an_action(FOLLOW_STORY, user, story_id=of))
    delivers(line)
    assert [message.followers for _, message, _ in line.sink.sent] == [("U1", "U2")]


def test_a_reply_to_a_story_that_is_forgotten_by_now_calls_who_followed_it(line: Line) -> None:
    line.store.save_follow([], [], [an_alert("x1", state=SENT, receipt="1.1"), an_alert("x2", role=REPLY)])
    line.store.save_action(an_action(FOLLOW_STORY, "U1", story_id="a1"))
    delivers(line)
    assert [message.followers for _, message, _ in line.sink.sent] == [("U1",)]


def sink(slack: FakeSlack, **options: Any) -> SlackSink:
    return SlackSink("xoxb-test", base_url=slack.url, **options)


def by_id(slack: FakeSlack) -> dict[str, Any]:
    return {message["metadata"]["event_payload"]["id"]: message for message in slack.messages}


def test_a_story_on_slack_is_one_card_with_a_thread(line: Line, slack: FakeSlack) -> None:
    line.desk = a_desk(a_watchlist(channels=(SLACK_CHANNEL,)))
    pipeline = line.pipeline
    pipeline.sink = sink(slack)
    for n, status in enumerate(("threatened", "announced", "announced", "in_force")):
        read(line, f"a{n}", a_fact(25, status), hours=n)
        pipeline.follow(NOW + n * HOUR)
        while pipeline.deliver(NOW + n * HOUR):
            pass
    card, *replies = slack.messages
    assert [(m["sent"]["thread_ts"], m["sent"]["reply_broadcast"]) for m in replies] == [(card["ts"], True)] * 2
    assert "thread_ts" not in card["sent"]
    assert len(slack.calls("chat.update")) == 3
    assert card["metadata"]["event_payload"]["id"] == line.store.alerts()[-1].id
    assert "🔴 HIGH · US → India · 25 %" in str(card["blocks"])
    assert "4 publishers" in str(card["blocks"])
    assert "threatened" not in str(card["blocks"])


def test_a_reply_is_found_in_its_thread_though_the_channel_does_not_show_it(slack: FakeSlack) -> None:
    to = sink(slack)
    root = to.send(a_message("root"), SLACK_CHANNEL)
    reply = to.send(a_message("reply", kind="update"), SLACK_CHANNEL, thread=root)
    assert to.find("reply", SLACK_CHANNEL, NOW) == ""
    assert to.find("reply", SLACK_CHANNEL, NOW, thread=root) == reply
    assert to.find("other", SLACK_CHANNEL, NOW, thread=root) == ""


def test_a_reply_is_laid_out_as_one_and_only_the_card_has_buttons(slack: FakeSlack) -> None:
    to, told = sink(slack, buttons=True), a_message("reply", kind="update")
    root = to.send(a_message("root"), SLACK_CHANNEL)
    to.send(told, SLACK_CHANNEL, thread=root)
    card, reply = slack.messages
    assert card["blocks"][-1]["type"] == "actions"
    assert reply["blocks"] == layout(told, 0, reply=True)


def test_a_thread_that_is_gone_is_no_reason_not_to_look_in_the_channel(slack: FakeSlack) -> None:
    to = sink(slack)
    receipt = to.send(a_message("root"), SLACK_CHANNEL)
    assert to.find("root", SLACK_CHANNEL, NOW, thread="1700000000.000009") == receipt


def test_where_there_is_no_thread_only_the_channel_is_asked(slack: FakeSlack) -> None:
    sink(slack).find("root", SLACK_CHANNEL, NOW)
    assert [method for method, _ in slack.requests] == ["conversations.history"]


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_a_card_that_slack_will_not_edit_is_gone(slack: FakeSlack, code: str) -> None:
    to = sink(slack)
    receipt = to.send(a_message("root"), SLACK_CHANNEL)
    slack.fail("code", method="chat.update", code=code)
    with pytest.raises(RootGone, match=f"{code} for {SLACK_CHANNEL}"):
        to.edit(receipt, a_message("root"), SLACK_CHANNEL)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda to: to.edit("webhook", a_message("root"), SLACK_CHANNEL), r"not posted by this app \(webhook\)"),
        (lambda to: to.edit("", a_message("root"), SLACK_CHANNEL), r"not posted by this app \(no receipt\)"),
        (lambda to: to.edit("17.1", a_message("root"), "#trade"), "named by id, and #trade is a name"),
        (lambda to: to.send(a_message("reply"), SLACK_CHANNEL, thread="webhook"), "not posted by this app"),
    ],
)
def test_what_another_sink_posted_or_a_channel_s_name_hides_is_gone_before_slack_is_asked(
    slack: FakeSlack, asked: Callable[[SlackSink], object], words: str
) -> None:
    with pytest.raises(RootGone, match=words):
        asked(sink(slack))
    assert slack.requests == []


def test_an_edit_switches_off_what_a_post_does_and_shows_the_card_anew(slack: FakeSlack) -> None:
    to = sink(slack, buttons=True)
    receipt = to.send(a_message("root"), SLACK_CHANNEL)
    anew = a_message("root", headline="Anew")
    to.edit(receipt, anew, SLACK_CHANNEL)
    (sent,) = slack.calls("chat.update")
    assert (sent["parse"], sent["link_names"], sent["ts"]) == ("none", False, receipt)
    assert sent["metadata"]["event_payload"] == {"id": "root"}
    (message,) = slack.messages
    assert "Anew" in message["text"]
    assert message["blocks"] == layout(anew, 0, buttons=True)


def test_a_lost_answer_to_a_reply_posts_it_once(line: Line, slack: FakeSlack) -> None:
    line.desk = a_desk(a_watchlist(channels=(SLACK_CHANNEL,)))
    pipeline = line.pipeline
    pipeline.sink = sink(slack)
    read(line, "a1", a_fact(25, "threatened"))
    pipeline.follow(NOW)
    pipeline.deliver(NOW)
    read(line, "b1", a_fact(25, "announced"), hours=1)
    pipeline.follow(NOW + HOUR)
    slack.fail("half")
    for minutes in range(4):
        pipeline.deliver(NOW + HOUR + minutes * MINUTE)
    assert len(by_id(slack)) == len(slack.messages) == 2
    assert states(line) == [(ROOT, SENT), (REPLY, SENT), (EDIT, SENT)]


def test_an_undated_item_that_outlives_its_story_on_its_page_is_not_told_as_a_new_one(line: Line) -> None:
    line.told(an_article("a1", title=f"{TITLE} to rise", text=TEXTS[0]))
    line.pipeline.deliver(NOW)
    item = an_article("b1", title=f"{TITLE} to be 30%", text=TEXTS[1], outlet=OUTLETS[1], first_seen=NOW + HOUR)
    assert roles(line.told(item, now=NOW + HOUR)) == [(REPLY, False), (EDIT, False)]
    delivers(line, NOW + HOUR)
    later = NOW + KEPT + 2 * HOUR
    assert line.pipeline.tidy(later) == 2
    assert line.told(replace(item, published=later, first_seen=later), now=later) == []
