"""Days: the dates of a text — calendar days, months, years, weekdays, "tomorrow", "next month" — and which of them are one."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_NUMBER = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_FORMS = (
    rf"\b{_YEAR}-(?P<number>[01]\d)-(?P<day>[0-3]\d)\b",
    rf"\b{_NUMBER}(?:\sof)?\s{_MONTH}(?:,?\s{_YEAR}\b)?",
    rf"\b{_MONTH}\s{_NUMBER}\b(?!\s?(?:%|per|crore|lakh|bn|billion|million))(?:,?\s{_YEAR}\b)?",
    rf"\b{_MONTH}(?:,?\s{_YEAR}\b)?",
    rf"(?<![$₹€£\d.,/])\b(?:FY\s?)?{_YEAR}(?:-(?P<until>\d\d(?:\d\d)?))?\b(?!\s?(?:%|per cent|tonnes|crore|lakh|million|[.,]\d))",
    r"\b(?P<weekday>monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?\b",
    r"\b(?P<word>today|tonight|tomorrow|yesterday|midnight|overnight)\b",
    r"\b(?P<which>this|next|last|coming|past|previous|current)\s(?P<unit>week|month|year|quarter|fiscal|weekend)\b",
    r"\b(?P<quarter>first|second|third|fourth|Q[1-4])(?:(?<=Q\d)|\squarter)\b",
    r"\b(?P<back>a|one|two|three|\d{1,2})\s(?P<span>day|week|month|year)s?\s(?P<how>earlier|ago|later|from now)\b",
)
_PATTERNS = tuple(re.compile(form, re.IGNORECASE if "month>" not in form else 0) for form in _FORMS)
_VERBS = re.compile(r"(?:[Mm]ay|[Mm]arch|Mar|mar)\.?")
_LED = re.compile(
    r"\b(?:in|of|since|from|by|until|till|last|next|this|early|late|mid|through|during|for|to|and|between|on"
    r"|before|after|end)[\s-]$|[-(]$",
    re.IGNORECASE,
)
_SAME = {"coming": "next", "past": "last", "previous": "last", "current": "this", "tonight": "today"}
_QUARTERS = {"first": "1", "second": "2", "third": "3", "fourth": "4"}


@dataclass(frozen=True, slots=True)
class Day:
    """What is told of it: 0 and "" where nothing is. `word` is a weekday, "tomorrow", "next month" or "quarter 2"."""

    year: int
    month: int
    day: int
    word: str
    start: int
    end: int


def find_days(text: str) -> tuple[Day, ...]:
    """Every date in `text`, capitals as written: "May" is a month where a day, a year or a preposition says so."""
    found: list[Day] = []
    taken = -1
    matches = [m for pattern in _PATTERNS for m in pattern.finditer(text) if not _is_verb(m, text)]
    for match in sorted(matches, key=lambda m: (m.start(), -m.end())):
        if match.start() >= taken:
            taken = match.end()
            found += _read(match)
    return tuple(found)


def _is_verb(match: re.Match[str], text: str) -> bool:
    """Whether a bare "May" or "March" names no month."""
    told = match.groupdict()
    bare = told.get("month") and not (told.get("day") or told.get("year"))
    return bool(bare and _VERBS.fullmatch(match.group().strip()) and not _LED.search(text[: match.start()]))


def _read(match: re.Match[str]) -> Iterator[Day]:
    told = {name: value for name, value in match.groupdict().items() if value}
    year, day = int(told.get("year", 0)), int(told.get("day", 0))
    month = int(told.get("number", 0)) or (MONTHS.index(told["month"][:3].lower()) + 1 if "month" in told else 0)
    yield Day(year, month, day, _word(told), match.start(), match.end())
    if "until" in told:
        yield Day(year // 100 * 100 + int(told["until"][-2:]), 0, 0, "", match.start(), match.end())


def _word(told: dict[str, str]) -> str:
    small = {name: value.lower() for name, value in told.items()}
    if "which" in small:
        return f"{_SAME.get(small['which'], small['which'])} {small['unit']}"
    if "quarter" in small:
        return f"quarter {_QUARTERS.get(small['quarter'], small['quarter'][-1])}"
    if "back" in small:
        return f"{small['back'].replace('one', 'a')} {small['span']} {small['how']}"
    word = small.get("weekday") or small.get("word") or ""
    return _SAME.get(word, word)


def is_told(day: Day, others: Iterable[Day], published: date | None) -> bool:
    """Whether one of `others` tells that date, or a closer one; `published` is the day that "tomorrow" counts from."""
    known = tuple(others)
    if any(_is_same(day, other, known, published) for other in known):
        return True
    ours = _calendar(day, published)
    return bool(ours) and any(ours & _calendar(other, published) for other in known)


def _is_same(day: Day, other: Day, known: tuple[Day, ...], published: date | None) -> bool:
    if day.word or other.word:
        return day.word == other.word
    if day.year and other.year != day.year and not (other.year == 0 and _is_year(day, known, published)):
        return False
    return day.month in (0, other.month) and day.day in (0, other.day)


def _is_year(day: Day, known: tuple[Day, ...], published: date | None) -> bool:
    """Whether the year that is told beside a month is known from elsewhere."""
    return any(other.year == day.year for other in known) or (published is not None and published.year == day.year)


def _calendar(day: Day, published: date | None) -> frozenset[date]:
    """The days it may be; none where only the article's own date could tell and that is not known."""
    if day.day and (day.year or published):
        return _dated(day, published)
    if published is None:
        return frozenset()
    if day.word in _WEEK:
        ahead = (_WEEK.index(day.word) - published.weekday()) % 7
        return frozenset({published + timedelta(days=ahead), published + timedelta(days=ahead - 7)})
    steps = {"today": 0, "tomorrow": 1, "yesterday": -1, "overnight": 0}
    return frozenset({published + timedelta(days=steps[day.word])}) if day.word in steps else frozenset()


def _dated(day: Day, published: date | None) -> frozenset[date]:
    years = (day.year,) if day.year else tuple(published.year + step for step in (-1, 0, 1)) if published else ()
    return frozenset(found for year in years if (found := _date(year, day.month, day.day)))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
