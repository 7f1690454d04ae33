"""Calls: that there is something to do for a step, and never what; so one that is lost, doubled or made anew does no harm."""

from dataclasses import dataclass
from datetime import timedelta

COLLECT, ANALYZE, FOLLOW, DELIVER = "collect", "analyze", "follow", "deliver"
STEPS = (COLLECT, ANALYZE, FOLLOW, DELIVER)
CALLED = (ANALYZE, FOLLOW, DELIVER)  # feeds come due by themselves

BATCH = 128  # articles a step takes up at once
HOLD = timedelta(minutes=45)  # how long articles are one worker's: longer than a batch over which a model hangs
BEAT = timedelta(seconds=5)  # from one sign of life of a worker to the next
SILENT = timedelta(seconds=30)  # without one: it is dead, and what it was called for is another's
SILENT_SENDING = timedelta(seconds=90)  # likewise, where it may be asking Slack: longer than any request takes
LONGEST_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """`step` is one of CALLED; `channel` is whose alerts are to be delivered."""

    step: str
    channel: str = ""

    @property
    def name(self) -> str:
        """One call of a name waits at most."""
        return f"{self.step} {self.channel}".rstrip()

    @property
    def alone(self) -> str:
        """By what it keeps others away while it is answered; "" where as many can be as there are workers."""
        return "" if self.step == ANALYZE else self.name


def batch(attempts: int) -> int:
    """How many articles are read at once after so many attempts that ended badly: who dies of one article shall not take many
    along."""
    return max(BATCH >> 2 * attempts, 1)


def wait(attempts: int) -> timedelta:
    """After one more attempt that ended badly."""
    return min(timedelta(seconds=2.0 ** min(attempts, 12)), LONGEST_WAIT)
