"""Dates as feeds write them, read into aware UTC times."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

LONGEST = 100  # characters of a date
# What the names mean in the news of these countries: IST is India's, not Ireland's or Israel's.
_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1, "met": 1, "cest": 2,
    "mest": 2, "eet": 2, "sast": 2, "eest": 3, "msk": 3, "ast": -4, "adt": -3, "gst": 4, "pkt": 5, "ist": 5.5,
    "npt": 5.75, "sgt": 8, "hkt": 8, "myt": 8, "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11,
    "nzst": 12, "nzdt": 13, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8,
    "pdt": -7, "akst": -9, "akdt": -8, "hst": -10, "et": -5,
}  # fmt: skip
_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: n for n, name in enumerate(_NAMES.split(), 1)}
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_ZONE = re.compile(
    r"(?:(?:GMT|UTC|UT)?\s*(?P<offset>[+-]\d{1,2}(?::?\d{2})?)|(?<![A-Za-z])(?!(?i:[ap]m)\b)(?P<name>[A-Za-z]{1,5}))"
    r"(?:\s*\([^()]*\)|\[[^\[\]]*\])?$"
)
_HAS_TIME = re.compile(r"\d[:.]\d{2}|T\d{4}")
_YEAR_ATOP = re.compile(r"(?:GMT|UTC|IST|[A-Z]{3,4})\s+(?=\d{4}$)")  # Fri Nov 20 12:40:00 IST 2026
_TIME = (
    r"(?:[\s,]*(?:at\s+|T)?(?P<h>\d{1,2})[:.](?P<m>\d{2})(?:[:.](?P<s>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
_WEEKDAY = r"(?:[A-Za-z]{3,9}\.?(?:,\s*|\s+))?"
_FORMS = tuple(
    re.compile(form + r"$")
    for form in (
        r"(?P<y>\d{4})[-/.](?P<mo>\d{1,2})[-/.](?P<d>\d{1,2})" + _TIME,
        r"(?P<y>\d{4})(?P<mo>\d{2})(?P<d>\d{2})(?:T?(?P<h>\d{2}):?(?P<m>\d{2})(?::?(?P<s>\d{2}))?)?(?P<half>(?!))?",
        _WEEKDAY + r"(?P<d>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?P<month>[A-Za-z]{3,9})\.?,?[\s-]+(?P<y>\d{4}|\d{2})" + _TIME,
        _WEEKDAY + r"(?P<month>[A-Za-z]{3,9})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})" + _TIME,
        _WEEKDAY + r"(?P<month>[A-Za-z]{3})\s+(?P<d>\d{1,2})\s+(?P<h>\d{1,2}):(?P<m>\d{2}):(?P<s>\d{2})\s+(?P<y>\d{4})"
        r"(?P<half>(?!))?",
        _WEEKDAY + r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<y>\d{4}|\d{2})" + _TIME,
    )
)


def parse_date(raw: str, zone: str, day_first: bool, now: datetime) -> datetime | None:
    """`zone` is the IANA zone of dates that name none ("" for UTC); None for what is no date. `now` tells the century of
    years in two digits."""
    text = " ".join(raw[:LONGEST].translate(_digits(raw)).split())
    if _EPOCH.fullmatch(text):
        seconds = float(text) if len(text.partition(".")[0]) <= 10 else int(text) / 1000
        return datetime.fromtimestamp(seconds, UTC)
    try:
        body, known = _zone(text)
        local = _written(body, day_first, now) or _spelled(body, day_first, now)
        return local.replace(tzinfo=known or (ZoneInfo(zone) if zone else UTC)).astimezone(UTC) if local else None
    except (ValueError, OverflowError):  # the 31st of June, or the year 9999 in New York
        return None


def _zone(text: str) -> tuple[str, tzinfo | None]:
    """The text without the zone at its end, and the zone; None also for a name that is nobody's."""
    if atop := _YEAR_ATOP.search(text):
        text = f"{text[: atop.start()]}{text[atop.end() :]} {atop.group().strip()}"
    match = _ZONE.search(text)
    # Only after a time of day: the end of 20-11-2026 looks like an offset too.
    if match is None or not _HAS_TIME.search(text, 0, match.start()):
        return text, None
    rest = text[: match.start()].rstrip()
    if match["offset"]:
        return rest, _offset(match["offset"])
    hours = _HOURS.get(match["name"].lower())
    rest, offset = _zone(rest)  # as in "+0530 IST"
    return rest, offset or (None if hours is None else timezone(timedelta(hours=hours)))


def _offset(text: str) -> tzinfo:
    digits = text[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if text[0] == "-" else offset)


def _written(text: str, day_first: bool, now: datetime) -> datetime | None:
    """The forms that nearly every feed uses, in digits and English; the caller knows the zone."""
    for form in _FORMS:
        if match := form.match(text):
            found = match.groupdict()
            month, day = _month_and_day(found, day_first)
            return datetime(_year(found["y"], now), month, day, *_clock(found), tzinfo=UTC)
    return None


def _month_and_day(found: dict[str, str], day_first: bool) -> tuple[int, int]:
    if found.get("month"):
        return _month(found["month"]), int(found["d"])
    if found.get("mo"):
        return int(found["mo"]), int(found["d"])
    first, second = int(found["first"]), int(found["second"])
    if first > 12 or (day_first and second <= 12):
        return second, first
    return first, second


def _month(name: str) -> int:
    if (number := _MONTHS.get(name[:3].lower())) is None:
        raise ValueError(f"{name!r} is no English month")
    return number


def _clock(found: dict[str, str]) -> tuple[int, int, int]:
    hour, minute, second = (int(found.get(part) or 0) for part in ("h", "m", "s"))
    half = (found.get("half") or "")[:1].lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, minute, min(second, 59)  # a leap second is the last one of its minute


def _year(text: str, now: datetime) -> int:
    if len(text) == 4:
        return int(text)
    century = now.year // 100 * 100 + int(text)
    return century if century <= now.year + 1 else century - 100


def _spelled(text: str, day_first: bool, now: datetime) -> datetime | None:
    """What is left, above all months in Hindi. dateparser takes half a second to load, so it is loaded only for these."""
    if not re.search(r"\d", text) or not re.search(r"[^\W\d_]{2}", text):
        return None
    import dateparser

    found = dateparser.parse(
        text,
        languages=["hi", "en"],
        settings={
            "DATE_ORDER": "DMY" if day_first else "MDY",
            "PARSERS": ["absolute-time"],
            "REQUIRE_PARTS": ["day", "month", "year"],
            "RELATIVE_BASE": now.replace(tzinfo=None),
            "RETURN_AS_TIMEZONE_AWARE": False,
            "STRICT_PARSING": True,
        },
    )
    return found if isinstance(found, datetime) else None


def _digits(text: str) -> dict[int, str]:
    """Devanagari and other digits, as ASCII."""
    return {ord(c): str(int(c)) for c in set(text) if c.isdecimal() and not c.isascii()}
