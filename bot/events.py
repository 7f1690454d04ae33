"""Events: what the line tells while it works, one log line each. Nouns and pipeline tell; the app decides who listens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One thing worth a log line."""

    name: str
    fields: Mapping[str, object]


Tell = Callable[[Event], None]


def silent(event: Event) -> None:
    """For commands that answer a question and do not log."""
