"""A clock that stands still until it is moved, and that may be set wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.makers import NOW


@dataclass
class Clock:
    """`at` is the true time, `off` by how much a machine's clock is wrong. Called, it says what that machine would."""

    at: datetime = NOW
    off: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return self.at + self.off

    def seconds(self) -> float:
        """The same as a number, for what counts in seconds since 1970."""
        return self().timestamp()

    def passes(self, **time: float) -> None:
        """`clock.passes(hours=3)`: the keywords of timedelta."""
        self.at += timedelta(**time)
