"""Channels: what of the new alerts goes out at once, what is held, and what waits for the digest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts import DEAD, EDIT, FOLDED, HIGH, LOW, MEDIUM, QUEUED, REPLY, ROOT, SENT, TOLD, Alert
from bot.analysis import Why
from bot.channels import DAILY, WEEKLY, Channel, Route, breaks_through, digest_due, fits, held_until, route
from bot.hours import Occasion, Span
from bot.watchlists import DIGEST, Watchlist
from tests.ledger_makers import Desk, a_fact, told_by
from tests.makers import CHANNEL, DAY, HOUR, NOW, a_message, a_watchlist, an_alert

KOLKATA = ZoneInfo("Asia/Kolkata")
NIGHT = Span(time(22), time(7))
MORNING = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)  # 07:00 in Kolkata
EVENING = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)  # 23:30 there


def a_channel(**changes: Any) -> Channel:
    """In Kolkata, with a digest at 08:30."""
    return replace(Channel(CHANNEL, KOLKATA, digests=((DAILY, Occasion(time(8, 30))),)), **changes)


def an_alert_of(severity: str = MEDIUM, id: str = "x1", *names: str, story: str = "", **said: Any) -> Alert:
    message = a_message(id, severity=severity, why=tuple(Why(name, ()) for name in names or ("tariffs",)), **said)
    role = REPLY if message.kind == "update" else ROOT
    return an_alert(id, message=message, story_id=story or id, created=EVENING, role=role)


def routed(
    *alerts: Alert,
    channel: Channel | None = None,
    watchlists: Sequence[Watchlist] = (),
    known: Sequence[Alert] = (),
    breaking: Sequence[str] = (),
    now: datetime = EVENING,
) -> list[tuple[str, datetime | None]]:
    by = Route([channel] if channel else [], watchlists or (a_watchlist(),), known, breaking)
    return [(alert.state, alert.due) for alert in route(alerts, by, now)]


def test_a_channel_without_settings_hears_all_at_once() -> None:
    alerts = tuple(an_alert_of(severity, severity) for severity in (LOW, MEDIUM, HIGH))
    assert route(alerts, Route((), (a_watchlist(),)), EVENING) == alerts


def test_in_quiet_hours_an_alert_is_held_until_they_end() -> None:
    quiet = a_channel(quiet=NIGHT)
    assert routed(an_alert_of(HIGH), channel=quiet) == [(QUEUED, MORNING)]
    assert routed(an_alert_of(HIGH), channel=quiet, now=MORNING) == [(QUEUED, None)]


def test_a_measure_on_india_that_comes_into_force_breaks_through_unless_the_channel_will_not_have_it() -> None:
    alert = an_alert_of(HIGH)
    strict = a_channel(quiet=NIGHT, break_through=False)
    assert routed(alert, channel=a_channel(quiet=NIGHT), breaking=["x1"]) == [(QUEUED, None)]
    assert routed(alert, channel=strict, breaking=["x1"]) == [(QUEUED, MORNING)]
    opinion = an_alert_of(MEDIUM)
    assert routed(opinion, channel=a_channel(quiet=NIGHT), breaking=["x1"]) == [(QUEUED, MORNING)]


@pytest.mark.parametrize(
    ("fact", "breaks"),
    [
        (a_fact(status="in_force"), True),
        (a_fact(status="in_force", imposer="IN", target=("US",), ground="mfn"), True),
        (a_fact(status="announced"), False),
        (a_fact(status="in_force", target=("CN",)), False),
    ],
)
def test_only_what_comes_into_force_for_india_breaks_through(fact: Any, breaks: bool) -> None:
    change = Desk().hears(fact, told_by())
    assert change
    assert breaks_through([change]) is breaks


def test_what_only_confirms_breaks_nothing() -> None:
    desk = Desk()
    desk.hears(a_fact(status="in_force"), told_by())
    again = desk.hears(a_fact(status="in_force"), told_by("Gulf Wire", 1))
    assert again
    assert not breaks_through([again])


def test_what_is_less_grave_than_the_channel_wants_waits_for_the_digest() -> None:
    channel = a_channel(severity=MEDIUM)
    assert routed(an_alert_of(LOW), an_alert_of(MEDIUM, "x2"), channel=channel) == [(FOLDED, None), (QUEUED, None)]


def test_without_a_digest_nothing_is_ever_folded() -> None:
    channel = a_channel(severity=HIGH, most=1, digests=())
    watchlist = a_watchlist(deliver=DIGEST)
    alerts = [an_alert_of(LOW, f"x{n}") for n in range(3)]
    assert routed(*alerts, channel=channel, watchlists=[watchlist]) == [(QUEUED, None)] * 3


@pytest.mark.parametrize(
    ("scores", "relevance", "fit"),
    [
        ((("relevant", 0.6),), 0.7, True),
        ((("relevant", 0.6),), 0.5, False),
        ((("relevant", 0.6), ("tariff_threat", 0.95)), 0.7, False),
        ((("gold", 0.5),), 0.7, False),  # a topic of the desk's own that said no is not on the message
    ],
)
def test_every_score_that_a_channel_asks_for_must_be_reached(scores: Any, relevance: float, fit: bool) -> None:
    assert fits(a_channel(scores=scores), a_message(relevance=relevance)) is fit


def test_what_no_model_scored_is_not_asked_for_scores() -> None:
    assert fits(a_channel(scores=(("relevant", 0.9),)), a_message(scored=False, topics=()))


def test_a_watchlist_may_leave_its_alerts_to_the_digest_unless_another_wants_them_at_once() -> None:
    lists = [a_watchlist("calm", deliver=DIGEST), a_watchlist("keen")]
    calm, both = an_alert_of(HIGH, "x1", "calm"), an_alert_of(HIGH, "x2", "calm", "keen")
    assert routed(calm, both, channel=a_channel(), watchlists=lists) == [(FOLDED, None), (QUEUED, None)]


def test_watchlists_hold_an_alert_where_each_of_them_is_quiet_in_the_channels_zone() -> None:
    lists = [a_watchlist("calm", quiet=NIGHT), a_watchlist("early", quiet=Span(time(20), time(5))), a_watchlist("keen")]
    until = [datetime(2026, 3, 2, 23, 30, tzinfo=UTC), MORNING]  # 05:00 and 07:00 in Kolkata
    for names, due in (("calm",), until[1]), (("calm", "early"), until[0]), (("calm", "keen"), None):
        assert routed(an_alert_of(HIGH, "x1", *names), channel=a_channel(), watchlists=lists) == [(QUEUED, due)]


def test_the_quiet_hours_of_a_channel_count_whatever_the_watchlist_says_and_one_may_follow_the_other() -> None:
    lists = [a_watchlist(quiet=Span(time(6), time(9)))]
    nine = datetime(2026, 3, 3, 3, 30, tzinfo=UTC)
    assert routed(an_alert_of(HIGH), channel=a_channel(quiet=NIGHT), watchlists=lists) == [(QUEUED, nine)]


def test_quiet_hours_that_leave_no_hour_free_do_not_hold_for_ever() -> None:
    held = held_until(a_channel(quiet=NIGHT), EVENING, [Span(time(7), time(22))])
    assert held
    assert held - EVENING < 3 * DAY


# the cap


def test_beyond_the_cap_the_gravest_and_most_relevant_go_out_and_the_rest_waits_for_the_digest() -> None:
    alerts = [
        an_alert_of(LOW, "low", relevance=0.9),
        an_alert_of(MEDIUM, "less", relevance=0.5),
        an_alert_of(HIGH, "high", relevance=0.4),
        an_alert_of(MEDIUM, "more", relevance=0.8),
    ]
    states = [state for state, _ in routed(*alerts, channel=a_channel(most=2))]
    assert states == [FOLDED, FOLDED, QUEUED, QUEUED]


def test_the_last_card_before_the_cap_says_so() -> None:
    alerts = [an_alert_of(HIGH, "x1"), an_alert_of(LOW, "x2", note="opinion, not news")]
    first, second = route(alerts, Route([a_channel(most=2)], (a_watchlist(),)), EVENING)
    assert first.message.note == ""
    assert second.message.note == (
        "opinion, not news · card 2 of 2 for today: further stories come in the digest of 08:30"
    )
    weekly = a_channel(most=2, digests=((WEEKLY, Occasion(time(9), 0)),))
    _, second = route(alerts, Route([weekly], (a_watchlist(),)), EVENING)
    assert second.message.note.endswith("the digest of Mon 09:00")


def test_cards_of_earlier_batches_count_on_their_local_date_and_what_was_folded_does_not() -> None:
    today = an_alert_of(HIGH, "k1")
    others = [
        replace(today, id="k2", created=EVENING - DAY),  # yesterday
        replace(today, id="k3", due=MORNING),  # held: tomorrow's
        *(replace(today, id=state, state=state) for state in (FOLDED, TOLD, DEAD)),
        an_alert_of(HIGH, "k4", kind="update"),
        replace(today, id="k5", channel="#other"),
    ]
    channel = a_channel(most=2)
    assert routed(an_alert_of(HIGH), channel=channel, known=[today, *others]) == [(QUEUED, None)]
    full = [today, replace(today, id="k6", state=SENT), *others]
    assert routed(an_alert_of(HIGH), channel=channel, known=full) == [(FOLDED, None)]


def test_a_held_card_takes_a_place_of_the_day_on_which_it_goes_out() -> None:
    channel = a_channel(most=1, quiet=NIGHT)
    tomorrow = replace(an_alert_of(HIGH, "k1"), due=MORNING)
    assert routed(an_alert_of(HIGH), channel=channel, known=[tomorrow]) == [(FOLDED, None)]
    today = replace(tomorrow, due=None)
    assert routed(an_alert_of(HIGH), channel=channel, known=[today]) == [(QUEUED, MORNING)]


def test_what_breaks_through_is_sent_beyond_the_cap_and_takes_a_place() -> None:
    channel = a_channel(most=1)
    full = [an_alert_of(HIGH, "k1")]
    assert routed(an_alert_of(HIGH), channel=channel, known=full, breaking=["x1"]) == [(QUEUED, None)]
    both = routed(an_alert_of(HIGH), an_alert_of(HIGH, "x2"), channel=channel, breaking=["x2"])
    assert both == [(FOLDED, None), (QUEUED, None)]


def test_an_edit_knows_no_quiet_hours_and_follows_a_card_that_is_held() -> None:
    card = an_alert_of(MEDIUM, "x1", story="s")
    edit = replace(an_alert_of(LOW, "e1", story="s"), role=EDIT)
    channel = a_channel(severity=MEDIUM, quiet=NIGHT)
    assert routed(edit, channel=channel, known=[replace(card, state=SENT)]) == [(QUEUED, None)]
    assert routed(card, edit, channel=channel) == [(QUEUED, MORNING), (QUEUED, MORNING)]


def test_updates_take_no_place_of_the_cap() -> None:
    updates = [an_alert_of(MEDIUM, f"x{n}", kind="update") for n in range(3)]
    assert routed(*updates, channel=a_channel(most=1)) == [(QUEUED, None)] * 3


def test_an_update_of_a_story_that_waits_for_the_digest_waits_with_it_unless_it_is_graver() -> None:
    waiting = replace(an_alert_of(MEDIUM, "k1", story="s"), state=FOLDED)
    same, graver = (an_alert_of(level, "x1", story="s", kind="update") for level in (MEDIUM, HIGH))
    assert routed(same, channel=a_channel(), known=[waiting]) == [(FOLDED, None)]
    assert routed(graver, channel=a_channel(), known=[waiting]) == [(QUEUED, None)]
    assert routed(same, channel=a_channel(), known=[replace(waiting, state=TOLD)]) == [(QUEUED, None)]
    low = an_alert_of(LOW, "x0", story="s"), an_alert_of(LOW, "x1", story="s", kind="update")
    assert routed(*low, channel=a_channel(most=1), known=[an_alert_of(HIGH, "k2")]) == [(FOLDED, None)] * 2


@given(
    severities=st.lists(st.sampled_from([LOW, MEDIUM, HIGH]), max_size=12),
    breaking=st.sets(st.integers(0, 11)),
    calm=st.sets(st.integers(0, 11)),
    most=st.integers(0, 4),
    least=st.sampled_from([LOW, MEDIUM, HIGH]),
    digest=st.booleans(),
    quiet=st.booleans(),
)
def test_whatever_the_settings_every_alert_is_sent_held_or_told_and_the_cap_holds(
    severities: list[str], breaking: set[int], calm: set[int], most: int, least: str, digest: bool, quiet: bool
) -> None:
    channel = a_channel(most=most, severity=least, quiet=NIGHT if quiet else None)
    channel = channel if digest else replace(channel, digests=())
    lists = [a_watchlist("calm", deliver=DIGEST), a_watchlist("keen")]
    alerts = [an_alert_of(s, f"x{n}", "calm" if n in calm else "keen") for n, s in enumerate(severities)]
    by = Route([channel], lists, (), [f"x{n}" for n in breaking])
    out = route(alerts, by, EVENING)
    assert [alert.id for alert in out] == [alert.id for alert in alerts]
    folded = [alert for alert in out if alert.state == FOLDED]
    cards = [alert for alert in out if alert.state == QUEUED]
    assert len(folded) + len(cards) == len(out)
    assert digest or not folded
    assert all(alert.due == (MORNING if quiet else None) for alert in cards if not by.breaks(alert))
    assert all(alert.state == QUEUED and alert.due is None for alert in out if by.breaks(alert))
    if most and digest:
        assert len([alert for alert in cards if not by.breaks(alert)]) <= most


def test_two_channels_are_routed_each_by_its_own_settings() -> None:
    steel = replace(an_alert_of(LOW, "x2"), channel="#steel")
    by = Route([a_channel(severity=HIGH), Channel("#steel", quiet=Span(time(0), time(23)))], (a_watchlist(),))
    first, second = route([an_alert_of(LOW), steel], by, NOW)
    assert (first.state, first.due) == (FOLDED, None)
    assert (second.state, second.due) == (QUEUED, NOW.replace(hour=23, minute=0))


def test_digests_are_due_by_the_channels_own_clock_and_days() -> None:
    both = a_channel(digests=((DAILY, Occasion(time(8, 30))), (WEEKLY, Occasion(time(8, 30), 1))))
    tuesday = date(2026, 3, 3)
    half_past = MORNING + 1.5 * HOUR
    assert digest_due(both, {}, half_past - HOUR) == {}
    assert digest_due(both, {}, half_past) == {DAILY: tuesday, WEEKLY: tuesday}
    assert digest_due(both, {DAILY: tuesday}, half_past) == {WEEKLY: tuesday}
