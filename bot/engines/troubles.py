"""Troubles: what goes on failing in the same way is told once, and once more when it is over."""

from bot.events import Event, Tell


class Troubles:
    """`what` fails is a kind, as a tick; its `name` is among those of all kinds."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told: dict[str, str] = {}  # by name

    def of(self, name: str) -> str:
        """What was told of it last; "" while all is well."""
        return self._told.get(name, "")

    def failed(self, what: str, name: str, words: str) -> None:
        if self._told.get(name) != words:
            self._tell(Event(f"{what}_failed", {what: name, "error": words}))
        self._told[name] = words

    def recovered(self, what: str, name: str) -> None:
        if self._told.pop(name, ""):
            self._tell(Event(f"{what}_recovered", {what: name}))
