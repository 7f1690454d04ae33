"""Deliveries: which channels are not well, and what helps."""

from bot.alerts import DEAD, FOLDED, PARKED, QUEUED, SENDING, UNKNOWN
from bot.deliveries import Advice, Queue, advice, queues
from tests.makers import HOUR, NOW, an_alert


def test_channels_that_are_not_well_come_first_and_those_with_nothing_are_named() -> None:
    counts = {("#a", QUEUED): 1, ("#b", PARKED): 2, ("#c", DEAD): 1}
    head = an_alert("x1", "#a")
    found = queues(counts, [head], ["#d", "#a"])
    assert [queue.channel for queue in found] == ["#b", "#c", "#a", "#d"]
    assert [queue.well for queue in found] == [False, False, True, True]
    assert found[2] == Queue("#a", {QUEUED: 1}, head)


def test_a_channel_in_which_nothing_waits_needs_nothing() -> None:
    assert advice(Queue("#a", {}), NOW) == ()
    assert advice(Queue("#a", {QUEUED: 1}, an_alert(created=NOW)), NOW) == ()


def test_a_channel_that_refuses_says_why_and_what_to_type_once_that_is_mended() -> None:
    error = "not_in_channel: Slack answered not_in_channel — invite the bot there with /invite"
    head = an_alert(state=PARKED, error=error)
    assert advice(Queue("#a", {PARKED: 1, QUEUED: 3}, head), NOW + HOUR) == (
        Advice(f"The channel takes nothing: {error}", "tariffwatch check"),
        Advice(
            "Once that is mended, take the settings anew: 1 refused alert waits until then.",
            "systemctl reload tariffwatch",
        ),
    )


def test_what_is_unknown_is_looked_up_by_itself() -> None:
    (one,) = advice(Queue("#a", {UNKNOWN: 2}, an_alert(state=UNKNOWN)), NOW + HOUR)
    assert one.words.startswith("The answer to 2 alerts was lost.")
    assert one.command == ""


def test_what_waits_for_long_says_since_when_and_why() -> None:
    untried, tried = an_alert(state=SENDING), an_alert(error="no_answer: Slack could not be reached")
    (one,) = advice(Queue("#a", {SENDING: 1}, untried), NOW + HOUR)
    assert one == Advice("The oldest has waited for 60 min: it was not tried yet", "tariffwatch status")
    (one,) = advice(Queue("#a", {QUEUED: 1}, tried), NOW + HOUR)
    assert one.words.endswith("no_answer: Slack could not be reached")


def test_what_was_given_up_and_what_waits_for_a_digest_is_told_with_a_command_that_can_be_typed() -> None:
    given_up, folded = advice(Queue("#a b", {DEAD: 1, FOLDED: 4}), NOW)
    assert given_up.words == "1 alert was given up and will not be sent: see below."
    assert folded.command == "tariffwatch digest --channel '#a b'"
