"""The room: what the pages of a running desk are made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from threading import Lock

from bot.desk import Desk
from bot.events import Tell, silent
from bot.examination import Examiner
from bot.live import Live
from bot.measures import Measure
from bot.meter import Meter
from bot.ports import Clock, Store


@dataclass(frozen=True, slots=True)
class Room:
    """`desk` gives the one that holds now; `examiner` is made when it is first wanted, and reads for people alone, one at a time:
    whoever holds `reading`; `ready` says what keeps the desk from its work; `sizes` are the bytes of the store by part. Without a
    token only this machine is let in."""

    store: Store
    desk: Callable[[], Desk]
    seed: tuple[Measure, ...]  # the ledger of a store that has none
    clock: Clock
    examiner: Callable[[], Examiner]
    model: Callable[[], str]  # the name of what scores articles
    seed_as_of: date | None = None  # the day on which all of it was checked
    live: Live | None = None  # takes what people change; None where nothing can be changed
    reading: Lock = field(default_factory=Lock)
    meter: Meter = field(default_factory=Meter)
    ready: Callable[[], list[str]] = list
    sizes: Callable[[], Mapping[str, int]] = dict
    tell: Tell = silent
    token: str = field(default="", repr=False)

    @property
    def zone(self) -> tzinfo:
        """The desk's own."""
        return self.desk().ops_zone
