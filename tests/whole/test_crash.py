"""The real daemon, killed in every one of its steps: what feeds have shown is told, and told once."""

from collections import Counter

import pytest

from tests.harness.crash import AT_RANDOM, drive

pytestmark = pytest.mark.timeout(300)

# Of each step the moment that would cost most; `make crash` comes to all of them.
PLAN = (
    "migration",
    "feed",
    "analysed",
    "stories",
    "root claimed",
    "absent",
    "root answered",
    "found",
    "reply answered",
    "edit answered",
    "stopped",
    AT_RANDOM,
)


@pytest.mark.fault("S08", "D01", "D02", "D10")
def test_a_daemon_that_is_killed_in_every_step_loses_no_item_and_doubles_no_card() -> None:
    result = drive(PLAN, seed=1)
    assert result.faults == []
    assert result.kills == Counter(PLAN)
    assert result.items["stored"] == result.items["served"] == 3 * len(PLAN)
    assert min(result.cards[role] for role in ("root", "reply", "edit")) > 10


@pytest.mark.fault("S09")
def test_where_history_cannot_be_read_a_kill_behind_the_post_costs_one_card_more_that_is_marked() -> None:
    result = drive(("root answered", "reply answered"), seed=2, blind=True)
    assert result.faults == []
    assert result.cards["blind"] == 2
