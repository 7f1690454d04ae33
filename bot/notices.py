"""Notices: trade-remedy steps as the Federal Register titles them — "Goods From Countries: Step" — which follow rules of
their own: which step it is decides what is done to the duty and how firm that is."""

import re
from dataclasses import dataclass

from bot.clauses import Clause

_TITLE = re.compile(r"\b[Ff]rom\s(?P<lands>(?:the\s)?[A-Z].*?)\s?[:;]\s?(?P<step>.+)", re.DOTALL)
_FORM = re.compile(
    r"^\W*(?P<step>(?:notice|initiation|final|preliminary|revocation|rescission|antidumping|anti-dumping|countervailing|commission|imposition"
    r"|continuation|extension|termination|sunset|recommendation|levy|seeks|institution|amended|definitive|provisional|dgtr)\b.*?)"
    r"\b(?:from|originating in(?: or exported from)?)\s(?P<lands>(?:the\s)?(?-i:[A-Z]).*)",
    re.DOTALL | re.IGNORECASE,
)
_BODIES = (  # whose notice it is, by the words of those who give them; the first that is found decides
    ("IN", re.compile(r"\bDGTR\b|\bDesignated Authority\b|\bCBIC\b|\bCustoms \((?:ADD|CVD)\)|\bCentral Government\b")),
    ("GB", re.compile(r"\bTrade Remedies Authority\b|\bTRA\b")),
    (
        "EU",
        re.compile(
            r"\bEuropean (?:Commission|Union)\b|\bCommission (?:Implementing|Delegated)?\s?Regulation\b|\bRegulation \(EU\)"
        ),
    ),
    (
        "US",
        re.compile(
            r"\bAntidumping\b|\bDepartment of Commerce\b|\bInternational Trade Commission\b|\bFederal Register\b"
        ),
    ),
)
_SIGNS = ("anti_dumping", "countervailing")
_STEPS = (  # the first that is found decides
    (r"continuation of|notice of court decision|amended final", ("keep", "in_force")),
    (r"revocation of", ("remove", "in_force")),
    (
        r"negative (?:final |preliminary )?(?:\w+ )*determination|determination of no"
        r"|\btermination of (?:the )?(?:\w+ )*investigation",
        ("impose", "denied"),
    ),
    (
        r"sunset (?:review|finding)|five-year review|institution of (?:\w+ )*review|initiation of (?:\w+ )*review",
        ("keep", "proposed"),
    ),
    (r"preliminary (?:\w+ ){0,4}results|changed circumstances|preliminary (?:\w+ )*rescission", ("keep", "proposed")),
    (r"rescission of", ("keep", "in_force")),
    (r"final (?:\w+ ){0,4}results|administrative review", ("keep", "in_force")),
    (r"(?:expiry|interim) review", ("keep", "proposed")),
    (r"extension|extending", ("extend", "in_force")),
    (r"\bterminat", ("impose", "denied")),
    (r"recommend|final finding", ("impose", "proposed")),
    (r"determination|investigation|proceeding|institution|initiation|scheduling|petition", ("impose", "proposed")),
    (r"\border|impos|levy|definitive|provisional", ("impose", "in_force")),
)
_RATE = re.compile(
    r"(?:margins?|rates?)\s(?:[^.;%]{0,80}\s)?(?:of|at|is|are|from|between|(?=up to))\s?(?:up to\s|between\s|from\s)?"
    r"(?:(?P<low>\d+(?:\.\d+)?)(?:\s?(?:%|per\s?cent))?\s?(?:to|and|-|–)\s?)?"
    r"(?P<top>\d+(?:\.\d+)?)\s?(?:%|per\s?cent)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Notice:
    """One step in one kind of proceeding. `lands` and `goods` are read from the title, rates from the text."""

    instrument: str
    action: str
    status: str
    lands: tuple[str, ...]
    goods: tuple[str, ...]
    rate: float | None
    rate_low: float | None
    imposer: str = "US"


_ADJUSTING = re.compile(r"\bAdjusting Imports of (?P<goods>.+)", re.DOTALL)


def is_proclamation(title: Clause | None) -> bool:
    """A president's order under Section 232 by the title that all of them bear."""
    return title is not None and bool(_ADJUSTING.search(title.words))


def find_notices(title: Clause | None, sentences: tuple[Clause, ...]) -> tuple[Notice, ...]:
    """The notices that an article is, one for each kind of duty; () for any other text."""
    match = _TITLE.search(title.words) if title else None
    imposer = "US"
    if title and match is None and (match := _FORM.match(title.words)):
        imposer = _giver((title, *sentences[:4]))
    if title is None or match is None or not imposer:
        return ()
    lands = _lands(title.between(title.start + match.start("lands"), title.start + match.end("lands")))
    step = next((what for pattern, what in _STEPS if re.search(pattern, match["step"], re.IGNORECASE)), None)
    kinds = _kinds(
        (
            title.between(title.start, title.start + match.start("step") + len(_first_step(match["step"]))),
            *sentences[:3],
        )
    )
    if not lands or step is None or not kinds:
        return ()
    goods = tuple(dict.fromkeys(m.name for m in title.of("sectors"))) or ("other",)
    rate, low = _rate([sentence for sentence in sentences if not sentence.title])
    text = [sentence for sentence in sentences if not sentence.title]
    return tuple(
        Notice(
            kind, *step, (_lands_of(kind, text, lands) if len(kinds) > 1 else ()) or lands, goods, rate, low, imposer
        )
        for kind in kinds
    )


def _giver(clauses: tuple[Clause, ...]) -> str:
    return next((who for who, words in _BODIES if any(words.search(clause.words) for clause in clauses)), "")


def _first_step(steps: str) -> str:
    """What follows "; " or ", and Alignment of" speaks of the other proceeding."""
    return re.split(r";|,? and alignment", steps, maxsplit=1, flags=re.IGNORECASE)[0]


def _lands_of(kind: str, text: list[Clause], lands: tuple[str, ...]) -> tuple[str, ...]:
    """The countries that the text names after this kind of duty and before the next."""
    for clause in text:
        names = [m for m in clause.of("instruments") if m.name in _SIGNS]
        for name, after in zip(names, [*names[1:], None], strict=False):
            end = after.start if after and after.name != kind else clause.end
            found = _lands(clause.between(name.end, end)) if name.name == kind else ()
            if found and set(found) < set(lands):
                return found
    return ()


def _lands(named: Clause) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.name for m in named.of("countries") if m.name not in ("US", "EU")))


def _kinds(clauses: tuple[Clause, ...]) -> list[str]:
    """The kinds of duty that the title names, or the text where the title names none."""
    for clause in clauses:
        if found := {mark.name for mark in clause.of("instruments")} & set(_SIGNS):
            return sorted(found)
    return []


def _rate(text: list[Clause]) -> tuple[float | None, float | None]:
    match = next((found for clause in text if (found := _RATE.search(clause.words))), None)
    if match is None:
        return None, None
    return float(match["top"]), float(match["low"]) if match["low"] else None
