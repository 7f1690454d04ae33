"""Workers on one PostgreSQL that are killed and stopped at random, and the database too: all is done, once and in order."""

import pytest

from tests.harness.chaos import Plan, drive
from tests.harness.chaos_worker import forked

pytestmark = pytest.mark.timeout(300)

PLAN = Plan(
    far=0,
    near=60,
    workers=2,
    seconds=20.0,
    kills=4,
    waves=4,
    duties=6,
    others=6,
    first=12,
    stopped=9.0,
    patience=180.0,
)


@pytest.mark.fault("D01", "D02")
def test_workers_that_are_killed_read_each_article_once_and_tell_each_alert_once_and_in_order() -> None:
    result = drive(PLAN, 1, forked)
    assert result.faults == []
    assert (result.counts["kills"], result.counts["the database cut off"], result.counts["gone on"]) == (4, 1, 1)
    assert result.counts["articles"] == result.counts["analyses"] == 60 + 4 * 12
    assert result.counts["articles with news"] > 12 + 4 * 2
    assert min(result.counts[f"posts in C0000DESK{n}"] for n in (1, 2)) > 20
