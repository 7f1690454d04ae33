"""Alerts: who is told of what, how grave it is, and what becomes of an alert that a sink did not confirm."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.alerts import (
    DEAD,
    HIGH,
    LONGEST_WAIT,
    LOW,
    MEDIUM,
    MOST_LOST,
    PARKED,
    QUEUED,
    SENDING,
    SENT,
    SIMPLEST,
    UNKNOWN,
    Alert,
    absent,
    alert_id,
    alerts_for,
    begin,
    cannot_tell,
    failed,
    gravity,
    sent,
    severity,
)
from bot.analysis import Why
from bot.desk import Desk
from bot.errors import (
    ChannelRefused,
    DeliveryError,
    MessageRefused,
    OutcomeUnknown,
    SinkBusy,
    SinkDown,
    SinkRefused,
)
from bot.facts import STATUSES
from bot.ledger import Change
from bot.measures import CHANGES, CONFIRMS, CONTRADICTS, State
from bot.measures import NEW as NEW_MEASURE
from bot.messages import Message
from bot.stories import MORE, NEW, SAME, Update
from tests.ledger_makers import a_measure, a_state
from tests.makers import MINUTE, NOW, a_desk, a_member, a_message, a_story, a_watchlist, an_alert, an_analysis

WHY = (Why("tariffs", ("tariff",)),)
SECOND = timedelta(seconds=1)


def a_card(alert_id: str, kind: str, why: tuple[Why, ...], card: Message | None) -> Message:
    return a_message(alert_id, kind=kind, why=why)


def an_update(kind: str, *told: str) -> Update:
    return Update(kind, a_story(a_member("a1"), a_member("b1"), told=told), "b1", changed="new figure 50%")


def a_change(kind: str, after: State | None = None, **measure: Any) -> Change:
    state = replace(after or a_state(), kind=kind)
    return Change(kind, a_measure(state, **measure), a_state(), state, "")


def kinds(update: Update, *channels: str, changes: Sequence[Change] = ()) -> dict[str, str]:
    made = alerts_for(update, changes, dict.fromkeys(channels, WHY), a_card, NOW, {}, edits=False)
    return {alert.channel: alert.message.kind for alert in made}


# how grave


@pytest.mark.parametrize(
    ("labels", "level"),
    [
        ((), LOW),
        (("india_us_trade", "tariff_threat"), LOW),
        (("relevant",), MEDIUM),
        (("relevant", "tariff_threat"), MEDIUM),
        (("relevant", "india_us_trade", "sensitive_sectors"), MEDIUM),
        (("relevant", "tariff_threat", "india_us_trade"), HIGH),
        (("relevant", "tariff_threat", "sensitive_sectors"), HIGH),
    ],
)
def test_the_topics_decide_how_grave_it_is(labels: tuple[str, ...], level: str) -> None:
    assert severity(an_analysis("a1", *labels)) == level


@pytest.mark.parametrize("asked", [[LOW], [MEDIUM], [HIGH]])
def test_a_watchlist_that_sets_a_severity_overrules_the_topics(asked: list[str]) -> None:
    threat = an_analysis("a1", "relevant", "tariff_threat", "india_us_trade")
    assert severity(threat, asked) == severity(an_analysis(), asked) == asked[0]


def test_of_several_severities_that_watchlists_set_the_gravest_counts() -> None:
    assert severity(an_analysis(), [LOW, "", HIGH, MEDIUM]) == HIGH


def test_watchlists_that_set_no_severity_leave_it_to_the_topics() -> None:
    assert severity(an_analysis("a1", "relevant"), ["", ""]) == MEDIUM


@pytest.mark.parametrize("genre", ["digest", "live", "opinion", "question", "explainer"])
def test_what_is_no_news_of_its_own_is_never_high_whatever_was_asked(genre: str) -> None:
    threat = an_analysis("a1", "relevant", "tariff_threat", "india_us_trade", genre=genre)
    assert severity(threat) == severity(threat, [HIGH]) == MEDIUM
    assert severity(threat, [LOW]) == LOW


@pytest.mark.parametrize(
    ("measure", "firm", "loose"),
    [
        ({"target": ("IN",)}, HIGH, MEDIUM),
        ({"target": ("CN", "IN")}, HIGH, MEDIUM),
        ({"target": ("BRICS",)}, HIGH, MEDIUM),
        ({"target": ("RUSSIAN_OIL_BUYERS",)}, HIGH, MEDIUM),
        ({"imposer": "IN", "target": ("US",)}, HIGH, MEDIUM),
        ({"imposer": "", "target": ("IN", "US")}, HIGH, MEDIUM),
        ({"target": ("ALL",)}, MEDIUM, LOW),
        ({"target": ("TRADING_PARTNERS",)}, MEDIUM, LOW),
        ({"target": ()}, MEDIUM, LOW),
        ({"target": ("CN",)}, LOW, LOW),
        ({"imposer": "IN", "target": ("CN",)}, LOW, LOW),
    ],
)
def test_what_moved_is_as_grave_as_it_is_firm_and_as_whom_it_hits(
    measure: dict[str, Any], firm: str, loose: str
) -> None:
    found = {s: gravity(a_change(CHANGES, a_state(25, s), **measure)) for s in (*STATUSES[1:],)}
    assert {s for s in found if found[s] == firm} >= {
        "announced", "agreed", "in_force", "suspended", "struck_down", "expired",
    }  # fmt: skip
    assert (found["threatened"], found["proposed"], found["denied"]) == (loose, loose, loose)


def test_the_gravest_move_decides_over_the_topics_and_a_watchlist_over_both() -> None:
    threat = an_analysis("a1", "relevant", "tariff_threat", "india_us_trade")
    loose, firm = (a_change(CHANGES, a_state(25, status)) for status in ("threatened", "in_force"))
    assert severity(threat, changes=[loose]) == MEDIUM
    assert severity(an_analysis(), changes=[loose, firm]) == HIGH
    assert severity(an_analysis(), [LOW], [firm]) == LOW
    assert severity(an_analysis(genre="opinion"), changes=[firm]) == MEDIUM


def test_what_only_confirms_is_at_most_medium_unless_a_watchlist_asks_for_more() -> None:
    threat, same = an_analysis("a1", "relevant", "tariff_threat", "india_us_trade"), a_change(CONFIRMS, a_state())
    assert severity(threat, changes=[same]) == MEDIUM
    assert severity(an_analysis(), changes=[same]) == LOW
    assert severity(threat, [HIGH], [same]) == HIGH


def test_what_sources_dispute_is_medium() -> None:
    assert gravity(a_change(CONTRADICTS, a_state(15, "in_force"))) == MEDIUM


# for whom


def desk() -> Desk:
    return a_desk(
        a_watchlist("everything", "tariff"),
        a_watchlist("shrimp", "shrimp", channels=("#sea", "#desk"), severity=HIGH),
        a_watchlist("steel", "steel", channels=("#metal",), severity=LOW),
    )


def test_a_watchlist_without_channels_of_its_own_alerts_in_the_desks() -> None:
    assert desk().channels([Why("everything", ())]) == {"#desk": (Why("everything", ()),)}


def test_a_channel_is_told_all_its_watchlists_that_fired_and_no_others() -> None:
    everything, shrimp = Why("everything", ("tariff",)), Why("shrimp", ("shrimp",))
    assert desk().channels([shrimp, everything]) == {"#desk": (everything, shrimp), "#sea": (shrimp,)}


def test_a_watchlist_that_is_no_longer_configured_alerts_nobody() -> None:
    gone = [Why("gone", ("gone",))]
    assert desk().channels(gone) == {}
    assert desk().severities(gone) == []


def test_the_severities_are_those_of_the_watchlists_that_fired() -> None:
    assert desk().severities([Why("everything", ()), Why("shrimp", ())]) == ["", HIGH]


def test_a_new_story_is_told_to_every_channel_whose_watchlist_fired() -> None:
    assert kinds(an_update(NEW), "#desk", "#sea") == {"#desk": NEW, "#sea": NEW}


def test_the_same_again_is_told_to_nobody_who_heard_it() -> None:
    assert kinds(an_update(SAME, "#desk", "#sea"), "#desk", "#sea") == {}


def test_a_channel_that_never_heard_of_a_story_gets_it_as_new() -> None:
    assert kinds(an_update(SAME, "#desk"), "#desk", "#sea") == {"#sea": NEW}
    assert kinds(an_update(MORE, "#desk"), "#desk", "#sea") == {"#desk": MORE, "#sea": NEW}


@pytest.mark.parametrize("kind", [NEW_MEASURE, CHANGES, CONTRADICTS])
def test_what_moved_the_ledger_is_told_though_the_story_is_known(kind: str) -> None:
    assert kinds(an_update(SAME, "#desk"), "#desk", "#sea", changes=[a_change(kind)]) == {"#desk": MORE, "#sea": NEW}


def test_what_only_confirms_the_ledger_is_no_update_whatever_its_figures() -> None:
    assert kinds(an_update(MORE, "#desk"), "#desk", "#sea", changes=[a_change(CONFIRMS)]) == {"#sea": NEW}
    both = [a_change(CONFIRMS), a_change(CHANGES)]
    assert kinds(an_update(MORE, "#desk"), "#desk", changes=both) == {"#desk": MORE}


def test_an_official_document_is_an_update_though_it_only_confirms() -> None:
    update = Update(MORE, a_story(a_member("a1"), a_member("b1", official=True), told=["#desk"]), "b1")
    assert kinds(update, "#desk", changes=[a_change(CONFIRMS)]) == {"#desk": MORE}


def test_a_channel_for_which_no_watchlist_fired_is_not_told() -> None:
    assert alerts_for(an_update(NEW), (), {"#desk": ()}, a_card, NOW, {}, edits=True) == ()


def test_an_alert_is_queued_with_the_watchlists_of_its_channel_and_its_own_id_in_the_message() -> None:
    (alert,) = alerts_for(an_update(NEW), (), {"#desk": WHY}, a_card, NOW, {}, edits=False)
    name = alert_id("a1", "b1", "#desk")
    assert alert == Alert(name, "a1", "b1", "#desk", a_message(name, why=WHY), NOW, state=QUEUED)


def test_an_alert_has_one_id_for_ever_and_another_for_each_channel_article_and_story() -> None:
    ids = {alert_id(s, a, c) for s in ("s1", "s2") for a in ("a1", "a2") for c in ("#a", "#b")}
    assert len(ids) == 8
    assert alert_id("s1", "a1", "#a") in ids


def test_an_id_is_not_made_of_parts_that_could_be_parted_elsewhere() -> None:
    assert alert_id("s1", "a1", "#a") != alert_id("s1a1", "", "#a")


def test_a_reply_and_an_edit_have_an_id_of_their_own_in_each_channel() -> None:
    cards = {channel: a_message(channel, headline="Earlier") for channel in ("#desk", "#sea")}
    told = an_update(MORE, *cards)
    made = alerts_for(told, (), dict.fromkeys(cards, WHY), a_card, NOW, cards, edits=True)
    assert [alert.id for alert in made] == [
        alert_id("a1", "b1", channel, role) for channel in cards for role in ("reply", "edit")
    ]


# what becomes of it


def on_its_way(**changes: object) -> Alert:
    return replace(begin(an_alert()), **changes)  # type: ignore[arg-type]  # names are checked at run time


def test_a_try_is_counted_before_the_request_goes_out() -> None:
    assert (on_its_way().state, on_its_way().tries) == (SENDING, 1)


def test_a_confirmed_alert_keeps_its_receipt_and_no_trace_of_earlier_trouble() -> None:
    done = sent(on_its_way(error="busy", not_before=NOW), "ts-1", NOW + MINUTE)
    assert (done.state, done.receipt, done.sent_at) == (SENT, "ts-1", NOW + MINUTE)
    assert (done.error, done.not_before) == ("", None)


@pytest.mark.fault("S01")
def test_a_busy_sink_is_left_alone_for_as_long_as_it_asks_and_the_try_does_not_count() -> None:
    after = failed(on_its_way(), SinkBusy("slow down", wait=90 * SECOND, code="ratelimited"), NOW)
    assert (after.state, after.tries, after.not_before) == (QUEUED, 0, NOW + 90 * SECOND)
    assert after.error == "ratelimited: slow down"


@pytest.mark.fault("S11", "S12")
@pytest.mark.parametrize("error", [ChannelRefused("not in channel"), SinkRefused("token revoked")])
def test_what_only_people_can_cure_parks_the_alert(error: DeliveryError) -> None:
    after = failed(on_its_way(), error, NOW)
    assert (after.state, after.error) == (PARKED, str(error))


@pytest.mark.fault("S14")
def test_a_refused_message_goes_out_simpler_and_simpler_then_is_given_up() -> None:
    alert, seen = on_its_way(), []
    for _ in range(SIMPLEST + 1):
        alert = failed(begin(alert), MessageRefused("invalid_blocks"), NOW)
        seen.append((alert.state, alert.simple))
    assert seen == [(QUEUED, 1), (QUEUED, SIMPLEST), (DEAD, SIMPLEST)]


def test_a_sink_that_is_down_is_tried_again_later_and_later_but_never_after_more_than_a_quarter_hour() -> None:
    waits = [failed(on_its_way(tries=tries), SinkDown("no route"), NOW) for tries in range(1, 40)]
    assert {alert.state for alert in waits} == {QUEUED}
    times = [alert.not_before - NOW for alert in waits if alert.not_before]
    assert times[:3] == [10 * SECOND, 20 * SECOND, 40 * SECOND]
    assert times == sorted(times)
    assert times[-1] == LONGEST_WAIT


def test_an_alert_whose_fate_is_not_known_waits_to_be_looked_up() -> None:
    after = failed(on_its_way(), OutcomeUnknown("no answer"), NOW)
    assert (after.state, after.not_before) == (UNKNOWN, NOW + 10 * SECOND)


@pytest.mark.parametrize(
    "error",
    [
        SinkBusy("history is busy", wait=60 * SECOND),
        SinkDown("no route"),
        SinkRefused("token revoked"),
        ChannelRefused("archived"),
        OutcomeUnknown("no answer"),
    ],
)
def test_a_failed_look_up_says_nothing_of_the_message_and_never_sends_it_again(error: DeliveryError) -> None:
    after = failed(on_its_way(state=UNKNOWN), error, NOW)
    assert after.state == UNKNOWN
    assert after.not_before is not None
    assert after.not_before > NOW


def test_an_alert_that_was_looked_up_and_is_not_there_is_sent_again_at_once() -> None:
    after = absent(on_its_way(state=UNKNOWN, not_before=NOW + MINUTE))
    assert (after.state, after.not_before, after.blind) == (QUEUED, None, False)


@pytest.mark.fault("S10")
def test_an_alert_that_is_lost_again_and_again_is_given_up() -> None:
    lost = on_its_way()
    for _ in range(MOST_LOST - 1):
        lost = absent(failed(begin(lost), OutcomeUnknown("no answer"), NOW))
    assert lost.state == QUEUED
    assert absent(failed(begin(lost), OutcomeUnknown("no answer"), NOW)).state == DEAD


@pytest.mark.fault("S09")
def test_an_alert_that_can_never_be_looked_up_is_sent_once_more_marked_and_then_given_up() -> None:
    again = cannot_tell(on_its_way(state=UNKNOWN, not_before=NOW + MINUTE), NOW)
    assert (again.state, again.blind, again.not_before) == (QUEUED, True, NOW + 15 * MINUTE)
    assert cannot_tell(replace(again, state=UNKNOWN), NOW).state == DEAD


@pytest.mark.parametrize(
    "step", [begin, absent, lambda alert: cannot_tell(alert, NOW), lambda alert: failed(alert, SinkDown("down"), NOW)]
)
def test_no_step_changes_what_is_told_or_to_whom(step: Callable[[Alert], Alert]) -> None:
    before, after = an_alert(), step(an_alert())
    assert (after.id, after.channel, after.message) == (before.id, before.channel, before.message)
