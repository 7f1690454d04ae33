"""Asking: what the address of a page of the ledger asks for, and the address of what is asked.

"?on=2025-08-27&imposer=US" → a day, what the list is narrowed to, which part of it; and back
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from urllib.parse import urlencode

from bot.ledger_sheet import Wanted, place
from bot.measures import day_words
from bot.web.sheets import sheet_asked

LONGEST = 60  # characters of a value


@dataclass(frozen=True, slots=True)
class Asked:
    """`wrong` says what of it cannot be had; then it is today."""

    day: date
    today: date
    wanted: Wanted
    number: int = 1
    wrong: str = ""

    def at(self, path: str = "/ledger", number: int = 1, day: date | None = None, **narrowed: str) -> str:
        """The address of the same on another path, of another part or day, or narrowed in another way. Of today it names no
        day, so that it is always of today."""
        day = day or self.day
        on = {"on": day.isoformat()} if day != self.today else {}
        wanted = {name: value for name, value in asdict(replace(self.wanted, **narrowed)).items() if value}
        part = {"page": str(number)} if number > 1 else {}
        query = urlencode(on | wanted | part)
        return path + (f"?{query}" if query else "")


def asked(query: Mapping[str, str], days: Sequence[date]) -> Asked:
    """`days` are those of the slider; the last of them is today."""
    today = days[-1]
    wanted = Wanted(**{field.name: query.get(field.name, "").strip()[:LONGEST] for field in fields(Wanted)})
    day, wrong = _day(_told(query, days), today)
    return Asked(day, today, wanted, sheet_asked(query), wrong)


def sent(query: Mapping[str, str]) -> bool:
    """Whether it comes from the form, whose address is longer than it needs to be."""
    return "step" in query


def _told(query: Mapping[str, str], days: Sequence[date]) -> str:
    """The form sends the date field, the slider, and the day on which both stood: the one that was moved counts."""
    told, stood = query.get("on", "").strip(), query.get("was", "")
    step = query.get("step", "")
    if not step.isascii() or not step.isdigit() or told != stood:
        return told
    number = min(int(step[:6]), len(days) - 1)
    moved = number != place(days, _parsed(stood) or days[-1])
    return days[number].isoformat() if moved else told


def _day(told: str, today: date) -> tuple[date, str]:
    day = _parsed(told) if told else today
    if day is None:
        return today, f"“{told[:LONGEST]}” is no day. Write it as {today.isoformat()}. This is today."
    return (today, f"{day_words(day)} has not come yet. This is today.") if day > today else (day, "")


def _parsed(told: str) -> date | None:
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None
