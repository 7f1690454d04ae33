"""Deeds: what somebody does in a part of a sentence — raise, cut, ban, sign — how firmly, and whether it is said not to be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_KINDS = {
    "up": r"rais\w+|hik(?:e|es|ed|ing)|increas\w+|doubl\w+|tripl\w+|quadrupl\w+|ris(?:e|es|en|ing)|rose|grew"
    r"|grow(?:s|n|ing)?"
    r"|climb\w*|jump\w*|surg(?:e|es|ed|ing)|soar\w*|up(?= (?:from|by|\d))|goes up|went up|go up|jack\w+"
    r"|step(?:s|ped)? up|escalat\w+|widen\w*|expand\w*|higher",
    "down": r"cut(?:s|ting)?|lower(?:s|ed|ing)?|reduc\w+|slash\w*|trim\w*|halv(?:e|es|ed|ing)|eas(?:e|es|ed|ing)"
    r"|brought down|bring\w* down"
    r"|declin(?:e|es|ed|ing)(?! to)|f[ae]ll(?:s|en|ing)?|drop(?:s|ped|ping)?|slump\w*|shr[aiu]nk\w*|contract(?:ed"
    r"|s)|plung\w+"
    r"|tumbl\w+|slid\w*|down(?= (?:to|from|by|\d))|(?:go|goes|went|come|comes|came) down|narrow(?:s|ed)",
    "impose": r"impos\w+|slap\w*|levi(?:es|ed)|introduc\w+|clamp\w*|enact\w*|plac(?:e|es|ed|ing)(?= (?:a |an |\d"
    r"|new |tariff|dut))"
    r"|put(?:s|ting)?(?= (?:a |an |\d|new |tariff|dut))|charg(?:e|es|ed|ing)|collect(?:s|ed|ing)?|hit(?:s"
    r"|ting)?(?= (?:\S+ ){1,5}with)",
    "bear": r"fac(?:e|es|ed|ing)|pay(?:s|ing)?|paid|bear(?:s)?|bore|attract(?:s|ed)?|hit(?= (?:by|with))",
    "remove": r"remov\w+|cancel\w*|scrap(?:s|ped|ping)?|withdr[ae]w\w*|lift(?:s|ed|ing)?|abolish\w*|repeal\w*"
    r"|revok\w+|rescind\w*|eliminat\w+"
    r"|roll(?:s|ed|ing)? back|phas(?:e|es|ed|ing) out|end(?:s|ed|ing)?(?= (?:the |its |all )?(?:tariff|dut|ban"
    r"|lev|curb|quota))",
    "exempt": r"exempt\w*|spar(?:e|es|ed|ing)|waiv\w+|exclud\w+|carv(?:e|es|ed) out|le(?:ave|aves|ft) out",
    "extend": r"extend\w*|extension|prolong\w*|renew(?:s|ed|ing|al)?",
    "suspend": r"suspen\w+|paus(?:e|es|ed|ing)|defer(?:s|red)?|postpon\w+|delay(?:s|ed|ing)?|halt(?:s|ed|ing)?"
    r"|fr[eo]+z\w+|puts? off"
    r"|puts? on hold|stop(?:s|ped|ping)?",
    "ban": r"ban(?:s|ned|ning)?|prohibit\w*|embargo\w*|bar(?:s|red|ring)",
    "allow": r"allow\w*|permit(?:s|ted|ting)?|let(?:s)?|approv\w+|clear(?:s|ed)",
    "strike": r"str(?:ike|ikes|uck|iking)(?: \w+){0,5}? down|overturn\w*|invalidat\w+|quash\w*|unlawful"
    r"|illegal\w*|no power|void(?:s|ed)"
    r"|rul(?:es|ed|ing)(?: \w+){0,3} against",
    "uphold": r"uph[eo]ld\w*|affirm\w*",
    "sign": r"sign(?:s|ed|ing)?|ratif\w+|conclud\w+|finali[sz]\w+|seal(?:s|ed)",
    "agree": r"agree(?:s|d)?|(?:reach\w*|clinch\w*|struck|strikes?|ended with(?:out)?|ends with(?:out)?|no"
    r"|without|settle[sd]?)"
    r"(?: an?| any| the)?(?: \w+)?(?: \w+)? (?:deal|pact|agreement|accord)",
    "reject": r"reject\w*|refus\w+|den(?:y|ies|ied)|declin\w+ to|rul(?:es|ed|ing)? out|dismiss\w*|oppos(?:e|es"
    r"|ed)|veto\w*",
    "probe": r"investigat\w+|prob(?:e|es|ed|ing)|inquir(?:y|es|ed)",
    "ask": r"ask(?:s|ed|ing)?|seek(?:s|ing)?|sought|urg(?:e|es|ed|ing)|request\w*|demand(?:s|ed|ing)|want(?:s"
    r"|ed)?|press(?:es|ed)(?= for)",
    "threaten": r"threat\w*|warn(?:s|ed|ing)?|vow(?:s|ed)?",
    "retaliate": r"retaliat\w+|countermeasure\w*|hits? back",
    "buy": r"buy(?:s|ing)?|bought|purchas\w+",
    "sell": r"sell(?:s|ing)?|sold",
    "get": r"get(?:s|ting)?|got|win(?:s|ning)?|won|receiv\w+|secur(?:e|es|ed)|obtain\w*",
    "say": r"said|says?|told|tells?|add(?:s|ed)(?! to)|announc(?:e|es|ed)|claim(?:s|ed)",
    "start": r"t[ao]ke?(?:n|s)? effect|took effect|in force|into force|kick(?:s|ed)? in|came into|went into"
    r"|start(?:s|ed|ing)?"
    r"|begin(?:s)?|began|due",
    "miss": r"fail(?:s|ed)|fell through|collaps\w+|br(?:eak|oke)\w* down",
    "offer": r"offer(?:s|ed|ing)?|propos(?:e|es|ed|ing)",
    "support": r"support(?:s|ed)?|back(?:s|ed)|endors\w+|welcom\w+",
}
_WHICH = re.compile(r"\b(?:" + "|".join(f"(?P<{name}>{form})" for name, form in _KINDS.items()) + r")\b", re.IGNORECASE)
_SPLIT = re.compile(
    r"(?<!\d),|,(?!\d)|[;:—]|\s-\s|\b(?:but|while|whereas|after|although|though|because|which|who|when|before"
    r"|even as)\b|\band that\b|\bas(?= [A-Z])"
    r"|\band(?= (?:[\w'-]+ ){0,4}\d[\d.]*\s?(?:%|per ?cent))"
    r"|\band(?= (?:[\w'$.%]+ ){0,3}?(?:"
    + "|".join(form for form in _KINDS.values())
    + r"|will|may|is|are|was|has|have|could|would)\b)"
)
_NOT = re.compile(
    r"\b(?:not|never|no|nobody|none|neither|nor|without|cannot|unlikely|avoid\w*|avert\w*|instead of|rather than"
    r"|short of|far from"
    r"|yet to|fail(?:s|ed|ing)?(?: to)?|unable|reject\w*|refus\w+|den(?:y|ies|ied)|declin\w+ to|rul(?:es|ed"
    r"|ing)? out|dismiss\w*)\b|n't\b",
    re.IGNORECASE,
)
_NOT_NOT = re.compile(r"\b(?:not only|no later|no less|no more than|not just|no power)\b", re.IGNORECASE)
_LEVELS = (
    (
        re.compile(
            r"\b(?:may|might|could|likely|possibl[ey]|potential\w*|mull\w*|consider\w*|weigh(?:s|ed|ing)|ey(?:es"
            r"|ed|ing)|explor\w+|expect\w*|hint\w*"
            r"|speculat\w+|whether|reportedly|hopes?|fears?|feared)\b|\?"
        ),
        1,
    ),
    (re.compile(r"\b(?:threat\w*|warn\w*|vow(?:s|ed)?|unless|ultimatum|or face|if)\b", re.IGNORECASE), 2),
    (
        re.compile(
            r"\b(?:propos\w+|plan(?:s|ned|ning)?|seek\w*|sought|recommend\w*|draft\w*|bill|urg(?:e|es|ed|ing)"
            r"|ask(?:s|ed|ing)?|want(?:s|ed)?"
            r"|demand(?:s|ed|ing)|call(?:s|ed|ing)? for|aim(?:s|ed)?|intend\w*|pledg\w+|promis\w+|offer\w*"
            r"|push\w*|would|should|plead\w*)\b",
            re.IGNORECASE,
        ),
        3,
    ),
    (
        re.compile(
            r"\b(?:will|shall|set to|announc\w+|due|scheduled|(?:is|are) to|ordered|notif\w+|agree[sd]? to"
            r"|(?:from|starting) next|(?-i:[A-Z][\w.]*) to (?!the|an?|its|all|their|be\b)(?-i:[a-z]{3,}))\b",
            re.IGNORECASE,
        ),
        4,
    ),
)
_TO = re.compile(r"\bto\s(?:\w+ly\s)?(?:be\s)?$", re.IGNORECASE)
_AFTER = re.compile(
    r"^[^,;]{0,40}?\b(?:likely|possible|planned|proposed|under consideration|threatened|expected)\b", re.IGNORECASE
)
_BE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s(?:\w+\s)?$", re.IGNORECASE)
_BY = re.compile(
    r"^\s(?:[\w%]+\s){0,6}?by\s(?:the\s)?(?!\d|about|around|a |up to|as much|at least|nearly|half"
    r"|some|\$)",
    re.IGNORECASE,
)
_TARIFF = re.compile(
    r"\b(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharge|penalt(?:y|ies)"
    r"|tax(?:es)?)\b",
    re.IGNORECASE,
)
_REACH = 60  # characters before a verb in which its "not" stands
DONE = 5


@dataclass(frozen=True, slots=True)
class Part:
    """A part of one sentence that does something on its own. Offsets count characters of the text."""

    start: int
    end: int
    sentence: int
    joined: bool  # goes on from the part before, whose subject and "may" hold for it too


@dataclass(frozen=True, slots=True)
class Deed:
    """`level`: 1 somebody thinks of it, 2 threatens, 3 proposes, 4 announces, 5 it is done. A tariff that is only named
    with a rate is an "impose" that is `noun`."""

    kind: str
    level: int
    denied: bool
    start: int
    end: int
    part: Part
    words: str
    passive: bool = False
    noun: bool = False


def find_parts(text: str, starts: list[tuple[int, int]]) -> tuple[Part, ...]:
    """The parts of the sentences that stand at these offsets."""
    return tuple(part for number, (start, end) in enumerate(starts) for part in _parts(text, start, end, number))


def _parts(text: str, start: int, end: int, number: int) -> Iterator[Part]:
    at, joined = start, False
    for match in _SPLIT.finditer(text, start, end):
        if text[at : match.start()].strip():
            yield Part(at, match.start(), number, joined)
            joined = match.group().lower() == "and"
        at = match.end()
    if text[at:end].strip():
        yield Part(at, end, number, joined)


def find_deeds(text: str, parts: tuple[Part, ...]) -> tuple[Deed, ...]:
    """What is done in each part, in order; a second verb after "and" is no firmer than the first."""
    found: list[Deed] = []
    for part in parts:
        before = [deed for deed in found if part.joined and deed.part.sentence == part.sentence]
        found += [_after(deed, before[-1], text) if before else deed for deed in _deeds(text, part)]
    return tuple(found)


def _deeds(text: str, part: Part) -> Iterator[Deed]:
    told = [_deed(match, text, part) for match in _WHICH.finditer(text, part.start, part.end)]
    yield from told
    rated = re.search(r"\d\s?(?:%|per ?cent)", text[part.start : part.end])
    tariff = _TARIFF.search(text, part.start, part.end)
    if tariff and rated and not any(deed.kind not in ("say", "threaten", "ask", "start") for deed in told):
        yield Deed(
            "impose",
            level(text, part),
            _is_denied(text, part.start, part.end),
            tariff.start(),
            tariff.end(),
            part,
            tariff.group(),
            noun=True,
        )


def _deed(match: re.Match[str], text: str, part: Part) -> Deed:
    kind = match.lastgroup or ""
    before, after = text[part.start : match.start()], text[match.end() : part.end]
    levels = [n for form, n in _LEVELS if form.search(before)]
    levels += [4] if _TO.search(before) else []
    levels += [1] if _AFTER.match(after) or "?" in after else []
    own = kind in ("say", "ask", "threaten")  # to warn is not to be warned of
    denied = _is_denied(
        text, max(part.start, match.start() - _REACH), match.end() if kind == "agree" else match.start()
    )
    passive = bool(_BE.search(before)) or bool(_BY.match(after))
    return Deed(
        kind,
        DONE if own else min(levels, default=DONE),
        denied,
        match.start(),
        match.end(),
        part,
        match.group(),
        passive,
    )


def _is_denied(text: str, start: int, end: int) -> bool:
    """Two denials make none: "refuses to rule out"."""
    words = _NOT_NOT.sub("", text[start:end])
    return len(_NOT.findall(words)) % 2 == 1


def _after(deed: Deed, first: Deed, text: str) -> Deed:
    alone = not text[deed.part.start : deed.start].strip()
    if not alone or deed.noun:
        return deed
    softer = min(deed.level, first.level)
    return replace(deed, level=softer, denied=deed.denied or first.denied)


def level(text: str, part: Part) -> int:
    """How firm a part is as a whole."""
    words = text[part.start : part.end]
    return min((n for form, n in _LEVELS if form.search(words)), default=DONE)


def denials(text: str, part: Part) -> int:
    """How many words of a part turn it round."""
    return len(_NOT.findall(_NOT_NOT.sub("", text[part.start : part.end])))
