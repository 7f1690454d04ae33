"""Editors: who may change watchlists and mutes from Slack — users by their ids, and members of user groups."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from bot.errors import DeliveryError

KEPT = timedelta(minutes=5)  # how long the members of a group are remembered
NOBODY = (
    "Nobody may change watchlists or mute stories from Slack yet. Whoever keeps the settings can name people under"
    " `interactive: {editors: [U…, S…]}` in config.yaml."
)


@dataclass(slots=True)
class Editors:
    """`members` asks Slack who is in a group; it raises DeliveryError."""

    members: Callable[[str], frozenset[str]]
    known: dict[str, tuple[datetime, frozenset[str]]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def refusal(self, user: str, editors: Sequence[str], now: datetime) -> str:
        """Why this person may not, in words; "" who may. A group whose members cannot be learnt has none."""
        if not editors:
            return NOBODY
        if user in editors:
            return ""
        try:
            if any(user in self._in(group, now) for group in editors if group.startswith("S")):
                return ""
        except DeliveryError as error:
            return f"Who is in the groups of editors cannot be learnt just now, so nothing was changed: {error}"
        return f"You are none of the editors of this desk. Your id is {user}; `interactive.editors` in config.yaml names them."

    def _in(self, group: str, now: datetime) -> frozenset[str]:
        with self.lock:
            kept = self.known.get(group)
        if kept and now - kept[0] < KEPT:
            return kept[1]
        found = self.members(group)
        with self.lock:
            self.known[group] = (now, found)
        return found
