"""Dates told: from when and until when a measure holds, and days that are set; relative dates count from the article's own."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.clauses import Clause
from bot.days import MONTHS

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?P<day>mon|tues|wednes|thurs|fri|satur|sun)day"
_FORMS = (
    rf"{_MONTH}\.?\s(?P<number>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<year>20\d\d))?(?!\d)",
    rf"(?P<number>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s(?P<year>20\d\d))?",
    rf"(?:(?P<next>next|coming|this|last)\s)?{_DAY}",
    r"(?P<word>today|tomorrow|yesterday|tonight|midnight)",
    r"(?P<count>\d{1,3}|a|one|two|three|six|seven|ten)\s(?P<unit>day|week|month|year)s?\s(?:from\s(?:now|today)|after\s(?:the\s)?sign\w*)",
)
_BEGIN = re.compile(
    r"\b(?:from|effective|starting|starts?|beginning|begins?|began|as of|with effect from|take effect|takes effect"
    r"|took effect|kicks? in|in force|into force|comes? into force|collecting|applies|due|since|in)\b",
    re.IGNORECASE,
)
_END = re.compile(
    r"\b(?:until|till|through|ending|ends?|ended|expires?|expired|lapses?|lapsed|runs out|up to and including)\b",
    re.IGNORECASE,
)
_ON = re.compile(r"\bon\s$", re.IGNORECASE)
_SAID_ON = re.compile(
    r"\b(?:said|says|told|wrote|posted|announced|signed|denied|reported|ruled|agreed|voted|confirmed)\b[^,;:]*$",
    re.IGNORECASE,
)
_IN_TIME = re.compile(r"\b(?:in|within|applies)\s(?P<count>\d{1,3})\s(?P<unit>day|week|month)s?\b", re.IGNORECASE)
_FOR = re.compile(r"\b(?:for|limited to)\s(?:up to\s)?(?P<count>\d{2,3})\sdays\b", re.IGNORECASE)
_TO_COME = re.compile(r"\b(?:will|to|from|starting|effective)\b", re.IGNORECASE)
_COUNTS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "six": 6, "seven": 7, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty-five": 45, "sixty": 60, "ninety": 90,
}  # fmt: skip
_APART = 3  # characters
_JUST_PASSED = 120  # days
_LENGTHS = {"day": 1, "week": 7, "month": 30, "year": 365}
# Days that are set, which lie ahead: an article of November that says "May 12" means the next one.
_UP_TO = r"(?:\s?(?:[-–—]|to|and|&)\s?\d{1,2}(?:st|nd|rd|th)?)?"  # of several days the first
_COUNT = r"(?P<count>\d{1,3}|a|one|two|three|six|seven|ten|fifteen|twenty|thirty|forty-five|sixty|ninety)"
_SET = (
    rf"{_MONTH}\.?\s(?P<number>\d{{1,2}})(?:st|nd|rd|th)?{_UP_TO}(?:,?\s(?P<year>20\d\d))?(?!\d)",
    rf"(?P<number>\d{{1,2}})(?:st|nd|rd|th)?{_UP_TO}\s(?:of\s)?{_MONTH}\.?(?:,?\s(?P<year>20\d\d))?(?!\d)",
    r"(?P<year>20\d\d)-(?P<month>\d\d)-(?P<number>\d\d)",
    r"(?P<number>\d{1,2})(?P<dot>[.-])(?P<month>\d{1,2})(?P=dot)(?P<year>20\d\d)",
    rf"(?:(?P<next>next|coming|this|last)\s)?{_DAY}",
    r"(?P<word>today|tomorrow|tonight)",
    rf"{_COUNT}(?:\s\(\d+\))?\s(?:calendar\s)?(?P<unit>day|week|month)s?(?:\sfrom\s(?:now|today)|(?:'|’)?\s(?:of|from|after"
    r"|following)\s(?:the\s)?(?:dates?\sof\s)?(?:the\s|its\s|this\s)?(?:publi\w+|notice|notification))",
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day that a text names, and where."""

    start: int
    end: int
    when: date


@dataclass(frozen=True, slots=True)
class Term:
    effective: date | None = None
    expires: date | None = None


def find_term(told: Clause, published: date) -> Term:
    """The dates that stand after words of beginning or of ending."""
    effective = expires = bare = None
    for start, when in _dates(told, published):
        led = told.text[max(told.start, start - 45) : start]
        begin, end = _last(_BEGIN, led), _last(_END, led)
        if end > begin:
            expires = expires or when
        elif begin >= 0:
            effective = effective or when
        elif _ON.search(led) and not _SAID_ON.search(led):
            bare = bare or when
    effective = effective or bare
    if effective is None and (match := _IN_TIME.search(told.words)):
        effective = published + timedelta(days=int(match["count"]) * _LENGTHS[match["unit"].lower()])
    if effective and expires is None and (match := _FOR.search(told.words)):
        expires = effective + timedelta(days=int(match["count"]))
    return Term(effective, expires)


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def _dates(told: Clause, published: date) -> list[tuple[int, date]]:
    return sorted(
        (match.start(), when)
        for form, reckon in zip(_PATTERNS, _RECKON, strict=True)
        for match in form.finditer(told.text, told.start, told.end)
        if (when := reckon(match, published)) is not None
    )


def find_days(text: str, start: int, end: int, published: date) -> tuple[Day, ...]:
    """Every day that is named between two offsets, in order; one without its year is the next of that name."""
    found = [
        Day(match.start(), match.end(), when)
        for pattern, reckon in _SET_BY
        for match in pattern.finditer(text, start, end)
        if (when := reckon(match, published)) is not None
    ]
    kept: list[Day] = []
    for day in sorted(found, key=lambda day: (day.start, -day.end)):
        if not kept or day.start >= kept[-1].end:
            kept.append(day)
    return tuple(day for n, day in enumerate(kept) if not _only_its_name(text, day, kept[max(0, n - 1) : n + 2]))


def _only_its_name(text: str, day: Day, beside: list[Day]) -> bool:
    """Whether this is the weekday of a date that stands next to it: "Friday, July 24"."""
    return bool(re.search(_DAY, text[day.start : day.end], re.IGNORECASE)) and any(
        other is not day
        and re.search(r"\d", text[other.start : other.end])
        and len(text[min(day.end, other.end) : max(day.start, other.start)]) <= _APART
        for other in beside
    )


def _set_day(match: re.Match[str], published: date) -> date | None:
    """The next day of that name, unless it has just passed: what is set lies ahead."""
    name, number = match["month"], int(match["number"])
    month = int(name) if name.isdecimal() else MONTHS.index(name[:3].lower()) + 1
    if match["year"]:
        return _date(int(match["year"]), month, number)
    this = _date(published.year, month, number)
    return _date(published.year + 1, month, number) if this and (published - this).days > _JUST_PASSED else this


def _set_weekday(match: re.Match[str], published: date) -> date:
    ahead = (_DAYS.index(match["day"][:3].lower()) - published.weekday()) % 7
    said = (match["next"] or "").lower()
    return published + timedelta(days=ahead - 7 if said == "last" else ahead or (7 if said == "next" else 0))


def _calendar(match: re.Match[str], published: date) -> date | None:
    month = MONTHS.index(match["month"][:3].lower()) + 1
    number = int(match["number"])
    if match["year"]:
        return _date(int(match["year"]), month, number)
    years = [when for year in (-1, 0, 1) if (when := _date(published.year + year, month, number))]
    return min(years, key=lambda when: abs((when - published).days), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _weekday(match: re.Match[str], published: date) -> date:
    """The last day of that name, or the next one where "next" is said or the verb is still to come."""
    ahead = (_DAYS.index(match["day"][:3].lower()) - published.weekday()) % 7
    led = match.string[max(0, match.start() - 40) : match.start()]
    to_come = (match["next"] or "").lower() in ("next", "coming", "this") or bool(_TO_COME.search(led))
    if to_come:
        return published + timedelta(days=ahead or (7 if match["next"] else 0))
    return published + timedelta(days=ahead - 7 if ahead else 0)


def _named(match: re.Match[str], published: date) -> date:
    return published + timedelta(days={"tomorrow": 1, "yesterday": -1}.get(match["word"].lower(), 0))


def _counted(match: re.Match[str], published: date) -> date:
    count = match["count"].lower()
    return published + timedelta(days=(_COUNTS.get(count) or int(count)) * _LENGTHS[match["unit"].lower()])


_PATTERNS = tuple(re.compile(rf"\b{form}\b", re.IGNORECASE) for form in _FORMS)
_RECKON: tuple[Callable[[re.Match[str], date], date | None], ...] = (_calendar, _calendar, _weekday, _named, _counted)
_SET_RECKON = (_set_day, _set_day, _set_day, _set_day, _set_weekday, _named, _counted)
_SET_BY = tuple(
    (re.compile(rf"\b{form}", re.IGNORECASE), reckon) for form, reckon in zip(_SET, _SET_RECKON, strict=True)
)
