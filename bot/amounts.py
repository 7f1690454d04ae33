"""Amounts: the numbers of a text in whatever writing, each with what it counts: per cent, points, money, tonnes, times."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ONES = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen",
)
_TENS = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")
_SMALL = {name: float(n) for n, name in enumerate(_ONES)} | {name: 20.0 + 10 * n for n, name in enumerate(_TENS)}
_ORDINALS = dict(
    zip(
        re.findall(r"\w+", "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"),
        range(1, 13),
        strict=True,
    )
)
_SCALES = {
    "lakh crore": 1e12,
    "lakh": 1e5,
    "lac": 1e5,
    "crore": 1e7,
    "cr": 1e7,
    "hundred": 1e2,
    "dozen": 12.0,
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "mn": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "b": 1e9,
    "trillion": 1e12,
    "tn": 1e12,
}
_MONEY = {
    "USD": r"us\s?\$|\$|usd\b|u\.s\. dollars?|us dollars?|dollars?",
    "INR": r"rs\.?(?=\s?\d)|₹|inr\b|rupees?|rs\b",
    "EUR": r"€|eur\b|euros?",
    "GBP": r"£|gbp\b|pounds sterling",
    "CNY": r"yuan|rmb\b|cny\b",
    "JPY": r"¥|yen\b|jpy\b",
}
_UNITS = {
    "points": r"percentage[\s-]points?|per\s?cent(?:age)? points?|%[\s-]points?|ppts?\b|pp\b",
    "basis": r"basis points?|bps\b",
    "percent": r"%|per[\s-]?cent\b|pct\b|pc\b",
    "times": r"times\b|-?fold\b|x\b",
    "tonne": r"(?:metric )?(?:tonnes?|tons?)\b|mt\b",
    "barrel": r"barrels?\b|bpd\b",
    "kilogram": r"kilograms?\b|kilos?\b|kg\b",
    "year": r"-?years?\b",
    "month": r"-?months?\b",
    "week": r"-?weeks?\b",
    "day": r"-?days?\b",
    "hour": r"-?hours?\b",
    "minute": r"-?minutes?\b",
    "country": r"(?:countries|nations)\b",
}
_WORDS = "|".join(sorted(_SMALL, key=len, reverse=True))
_WORD_NUMBER = rf"(?:(?:{_WORDS})(?:(?:[\s-]|\shundred(?:\sand)?\s)(?:{_WORDS}))*)"
_NUMBER = rf"(?:\d⁄\d|\d+(?:[.,]\d+)*(?:\s\d⁄\d)?|(?<![a-z]){_WORD_NUMBER}(?![a-z]))"
_SCALE = rf"(?:[\s-]?(?:{'|'.join(sorted(_SCALES, key=len, reverse=True))})s?\b)"
_UNIT = "|".join(f"(?P<{name}>{form})" for name, form in (_UNITS | _MONEY).items())
_BEFORE = re.compile(f"(?:{'|'.join(f'(?P<{name}>{form})' for name, form in _MONEY.items())})\\s?$")
_AFTER = re.compile(rf"[\s-]?(?:{_UNIT})")
_ONE = re.compile(rf"(?P<number>{_NUMBER})(?P<scale>{_SCALE}?)")
_JOINED = re.compile(r"\s?-\s?|\s(?:to|and)\s")
_FRACTIONS = re.compile(
    r"\b(?P<count>an?|one|two|three)[\s-](?P<part>third|quarter|fifth)s?(?! (?:of 20|ended|ago|earlier|round|time"
    r"|year|day))\b"
    r"|\b(?P<half>half|halves|halved|halving|halve)\b(?! (?:a |of (?:the )?(?:20|next|this|year|month|decade"
    r"|fiscal)|an? (?:million|billion)))(?!-year)"
)
_HALF_OF = re.compile(r"\bhalf (?:of )?(?:a )?(?P<scale>million|billion|trillion|crore|lakh)\b")
_TIMES = re.compile(
    r"\b(?P<word>doubl(?:e|es|ed|ing)|twice|twofold|tripl(?:e|es|ed|ing)|trebl\w+|threefold|quadrupl\w+)\b"
)
_ORDINAL = re.compile(rf"\b(?:(?P<digits>\d+)(?:st|nd|rd|th)|(?P<word>{'|'.join(_ORDINALS)}))\b")
_NIL = re.compile(
    r"\b(?:nil|zero|no|without|nothing)(?: (?:import|customs))? (?:dut(?:y|ies)|tariffs?)\b|\bduty[- ]free\b"
    r"|\bto (?:nil|nothing)\b"
)
_CODE = re.compile(
    r"\b(?:section|sec\.?|article|rule|order|proclamation|chapter|heading|form|annex|schedule|s&p|nifty|sensex"
    r"|boeing|airbus"
    r"|no\.|number|resolution|notification)\s#?(?P<of>\d[\w./-]*\w|\d)"
    r"|§\s?(?P<sign>\d+)"
    r"|\b(?P<dotted>\d+(?:\.\d+){2,})"
    r"|\b(?P<name>[a-z]+-?\d[a-z0-9-]*)"
    r"|\b(?P<tail>\d+[a-z](?![a-z])\w*(?<![kmbx]))"
    r"|\b(?P<clock>\d{1,2}:\d\d)"
)
_SHORT = {"sec": "section", "sec.": "section", "§": "section"}
_BOUNDS = (
    (
        re.compile(
            r"(?<!go )(?<!goes )(?<!went )(?<!gone )(?<!back )\b(?:up to|as much as|as high as|at most"
            r"|no more than|not more than|maximum of|under|less than|below|fewer than)\s$"
        ),
        "<",
    ),
    (
        re.compile(
            r"\b(?:at least|more than|above|exceeding|no less than|minimum of|upwards of|(?:well|just|of|by|to"
            r"|at) over)\s$"
        ),
        ">",
    ),
    (re.compile(r"\b(?:about|around|roughly|nearly|almost|some|approximately|close to|an estimated|~)\s?$"), "~"),
)
_ROLES = (
    (
        re.compile(
            r"\b(?:from|against|instead of|down from|up from|compared with|than)\s(?:the\s|an?\s|a current\s|its\s)?$"
        ),
        "from",
    ),
    (re.compile(r"\b(?:to|at)\s(?:a\s|just\s|only\s|about\s|around\s|as much as\s|nearly\s)?$"), "to"),
    (
        re.compile(
            r"\b(?:f[ae]ll|fell|falls|rose|rises?|risen|dropped|drops?|declined?|declines|grew|grows?|jump(?:s"
            r"|ed)?|gain(?:s|ed)?|los[et]s?|down|up"
            r"|climb(?:s|ed)?|slump(?:s|ed)?|surged?|surges|shrank|slid|slipped)\s(?:about\s|around\s|nearly\s"
            r"|almost\s|just\s|some\s)?$"
        ),
        "by",
    ),
    (
        re.compile(r"\bby\s(?:a\s|about\s|around\s|another\s|an additional\s|a further\s|nearly\s|just\s|over\s)?$"),
        "by",
    ),
)


@dataclass(frozen=True, slots=True)
class Amount:
    """`low` and `high` differ in a range only. `kind` is a unit, a currency, "ordinal", "code" or "" for a bare count."""

    kind: str
    low: float
    high: float
    start: int
    end: int
    name: str = ""  # of a code: "section 232"
    bound: str = ""  # "<" up to, ">" more than, "~" about
    role: str = ""  # "from", "to" or "by": the earlier figure, the new one, the difference
    verb: bool = False  # told by a verb: "doubles"


def find_amounts(text: str) -> tuple[Amount, ...]:
    """Every number of `text`, which is plain and in small letters, in its order. What is counted is told from the words
    beside it."""
    codes = [_code(match) for match in _CODE.finditer(text) if not _is_counted(match, text)]
    rest = _without(text, [(code.start, code.end) for code in codes])
    found = [*codes]
    for find in (_spoken, _ordinals, _numbers):
        told = list(find(rest))
        found += told
        rest = _without(rest, [(amount.start, amount.end) for amount in told])
    return tuple(sorted(found, key=lambda amount: amount.start))


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = f"{text[:start]}{'·' * (end - start)}{text[end:]}"
    return text


def _is_counted(match: re.Match[str], text: str) -> bool:
    """Whether what looks like a code is a sum after all: "rs500", "us$5", "25pc"."""
    name = match["name"] or ""
    return bool(re.match(r"(?:rs|usd|inr|eur|gbp)\d", name)) or (
        match.lastgroup == "tail" and bool(_AFTER.match(match.group().lstrip("0123456789")))
    )


def _code(match: re.Match[str]) -> Amount:
    words = match.group().replace("#", "").split()
    told = (
        " ".join(_SHORT.get(word, word) for word in words) if match.lastgroup != "sign" else f"section {match['sign']}"
    )
    return Amount("code", 0, 0, match.start(), match.end(), name=told)


def _spoken(text: str) -> Iterator[Amount]:
    """Fractions, multiples and nothing at all, in words."""
    for match in _HALF_OF.finditer(text):
        kind = _unit(text, match.start(), match.end())[0]
        value = _SCALES[match["scale"]] / 2
        yield Amount(kind, value, value, match.start(), match.end())
    for match in _FRACTIONS.finditer(text):
        if not _is_of_time(match, text):
            value = _fraction(match)
            yield Amount("percent", value, value, match.start(), match.end(), verb=match.group().startswith("halv"))
    for match in _TIMES.finditer(text):
        value = 2.0 if match["word"].startswith(("d", "tw")) else 3.0 if match["word"].startswith("t") else 4.0
        yield Amount("times", value, value, match.start(), match.end(), verb=match["word"] not in ("twice",))
    for match in _NIL.finditer(text):
        yield Amount("percent", 0, 0, match.start(), match.end(), verb=True)


def _is_of_time(match: re.Match[str], text: str) -> bool:
    return bool(
        re.search(
            r"\b(?:first|second|third|fourth|last|this|next|latter"
            r"|other)[\s-]$",
            text[: match.start()],
        )
    )


def _fraction(match: re.Match[str]) -> float:
    if match["half"]:
        return 50.0
    count = {"two": 2, "three": 3}.get(match["count"], 1)
    return 100.0 * count / {"third": 3, "quarter": 4, "fifth": 5}[match["part"]]


def _ordinals(text: str) -> Iterator[Amount]:
    for match in _ORDINAL.finditer(text):
        value = float(match["digits"] or _ORDINALS[match["word"]])
        yield Amount("ordinal", value, value, match.start(), match.end())


def _numbers(text: str) -> Iterator[Amount]:
    at = 0
    while match := _ONE.search(text, at):
        amount = _range(text, match) or _single(text, match)
        at = amount.end
        if amount.kind or amount.high != 1 or match["number"][0].isdigit():  # "one of them" counts nothing
            yield amount


def _single(text: str, match: re.Match[str]) -> Amount:
    kind, start, end, factor = _unit_and_factor(text, match)
    value = _value(match["number"]) * _factor(match["scale"]) * factor
    if not kind and match["number"][1:2] == "⁄":  # "¼ of it"
        kind, value = "percent", value * 100
    return Amount(kind, value, value, start, end, bound=_led(_BOUNDS, text, start), role=_led(_ROLES, text, start))


def _range(text: str, match: re.Match[str]) -> Amount | None:
    """ "10-15%", "between 10 and 15%", "10 to 15 per cent"; not "from 10% to 15%", which is a movement."""
    own = _AFTER.match(text, match.end())
    joined = _JOINED.match(text, own.end() if own else match.end())
    if joined is None:
        return None
    money = re.compile(f"(?:{'|'.join(_MONEY.values())})?").match(text, joined.end())
    top = _ONE.match(text, money.end() if money else joined.end())
    between = re.search(r"\b(?:between|of|ranges? from|ranging from)\s\S?$", text[: match.start()])
    hyphen = joined.group().strip() == "-"
    told_once = own is None and joined.group() == " to " and not re.search(r"\bfrom\s\S?$", text[: match.start()])
    if top is None or not (between or (hyphen and not (own and own.group() == "-")) or told_once):
        return None
    kind, _, end, factor = _unit_and_factor(text, top)
    first, start, _, _ = _unit_and_factor(text, match)
    scale = _factor(match["scale"] or top["scale"])
    low, high = _value(match["number"]) * scale * factor, _value(top["number"]) * _factor(top["scale"]) * factor
    return Amount(kind or first, low, high, start, end)


def _unit_and_factor(text: str, match: re.Match[str]) -> tuple[str, int, int, float]:
    kind, start, end = _unit_at(text, match.start(), match.end())
    return ("points", start, end, 0.01) if kind == "basis" else (kind, start, end, 1.0)


def _unit(text: str, start: int, end: int) -> tuple[str, int, int]:
    return _unit_at(text, start, end)


def _unit_at(text: str, start: int, end: int) -> tuple[str, int, int]:
    """What the number between two offsets counts, and where it begins and ends with that."""
    if (led := _BEFORE.search(text, max(0, start - 12), start)) and led.lastgroup:
        return led.lastgroup, led.start(), end
    if (after := _AFTER.match(text, end)) and after.lastgroup:
        return after.lastgroup, start, after.end()
    return "", start, end


def _led(forms: tuple[tuple[re.Pattern[str], str], ...], text: str, start: int) -> str:
    before = text[max(0, start - 30) : start]
    return next((name for form, name in forms if form.search(before)), "")


def _factor(scale: str) -> float:
    name = scale.strip(" -")
    return _SCALES.get(name) or _SCALES.get(name.rstrip("s")) or 1.0


def _value(number: str) -> float:
    """ "1,00,000" and "100,000" are one; a comma before one or two digits is the decimal one."""
    if number[0].isalpha():
        return _spelt(number)
    whole, _, part = number.rpartition(" ") if "⁄" in number else (number, "", "")
    if part or "⁄" in number:
        top, _, bottom = (part or number).partition("⁄")
        return (float(whole.replace(",", "")) if whole else 0.0) + float(top) / float(bottom)
    if re.fullmatch(r"\d+,\d{1,2}", number):
        return float(number.replace(",", "."))
    return float(number.replace(",", ""))


def _spelt(words: str) -> float:
    total = 0.0
    for word in re.split(r"[\s-]+", words):
        total = total * 100 if word == "hundred" else total + _SMALL.get(word, 0.0)
    return total
