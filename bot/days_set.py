"""Days set: what a sentence sets a day for — comments, a hearing, a duty's beginning — and which day.

Words that say what for (anchors) and the days named are joined by what stands between them. Words of a sentence, not of a model:
each family of words has its lines in tests/golden_deadlines.jsonl.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.clauses import Clause
from bot.dates_told import Day, find_days

EFFECT, EXPIRY = "takes effect", "expires"
COMMENTS, REBUTTAL, TESTIFY = "comments due", "rebuttal comments due", "requests to testify due"
HEARING, DECISION = "hearing", "decision due"
KINDS = (EFFECT, EXPIRY, COMMENTS, REBUTTAL, TESTIFY, HEARING, DECISION)
FILED = (COMMENTS, REBUTTAL, TESTIFY)  # what interested parties have to hand in

_GAP = r"(?:[\w’'()-]+\s){0,4}?"
_ANCHORS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            REBUTTAL,
            rf"\b(?:post-?\s?hearing|rebuttal|reply|responsive)\s{_GAP}(?:comments?|briefs?|submissions?|responses?)\b"
            r"|\brebuttals\b|\brejoinders?(?:\ssubmissions?|\scomments?)?\b",
        ),
        (
            TESTIFY,
            rf"\brequests?\s{_GAP}(?:to|for)\s(?:be\sheard|appear\w*|testify|participat\w+|speak|present"
            rf"|an?\s(?:public\s)?hearing)"
            r"|\b(?:notices?|entr(?:y|ies))\sof\sappearance\b|\brequest(?:ing|ed)?\sa\s(?:public\s)?hearing\b"
            rf"|\b(?:register|sign\sup|apply)\s(?:to|as)\s(?:appear|testify|speak|witness\w*)|\bsummar(?:y"
            rf"|ies)\sof\s{_GAP}testimony\b",
        ),
        (
            COMMENTS,
            r"\b(?:comments?|submissions?|objections?|suggestions?|feedback|representations?|inputs|views|consultations?)\b"
            r"|\b(?:case|pre-?hearing|written)\s(?:\w+\s)?briefs?\b|\bbriefs\b|\bquestionnaire\s(?:responses?|replies)\b",
        ),
        (
            HEARING,
            r"\b(?:hearings?|oral\sarguments?|(?:staff|preliminary)\sconference)\b|\b(?:will|would|to"
            r"|shall)\shear\b(?!\sfrom)"
            rf"|\barguments?\s(?:are|is|will)\b|\bhears?\s{_GAP}(?:arguments?|appeal|challenge|case)\b",
        ),
        (
            DECISION,
            rf"\b(?:final|preliminary)\s{_GAP}(?:determinations?|results|findings?|decisions?|report|ruling)\b"
            r"|\b(?:determinations?|recommendations?|decision|ruling|verdict|report)\b",
        ),
        (
            EFFECT,
            r"\b(?:take|takes|taking)\s(?:legal\s)?effect\b|\bkicks?\sin\b|\beffective\b|\b(?:starts?|begins?|appl(?:y"
            r"|ies))\b"
            r"|\b(?:go|goes|come|comes|coming|enter|enters|entry|put)\s(?:in)?to\s(?:effect|force)\b|\bin\sforce\sfrom\b"
            r"|\b(?:will|to|would|shall)\s(?:now\s|also\s)?(?:rise|fall|drop|double|be\s(?:imposed|levied|collected|applied"
            r"|charged|raised|cut"
            r"|lowered|reduced|doubled|suspended|lifted|removed|scrapped))\b"
            r"|\b(?:will|to)\s(?:pay|face|attract)\s[^,;]{0,30}?\b(?:dut(?:y|ies)|tariffs?|lev(?:y|ies))\b",
        ),
        (
            EXPIRY,
            r"\b(?:expires?|expiring|expiry|lapses?|lapsing|sunsets?|runs?\sout|runs|ends?|ending|valid|pause[ds]?|truce"
            r"|waiver|exemption"
            r"|suspension|moratorium|extend(?:s|ed)?)\b|\b(?:tariff|trade|deal)\s(?:\w+\s)?deadline\b"
            r"|\bdeadline\sfor\s(?:a|the)\s(?:\w+\s){0,3}(?:deal|pact|agreement)\b"
            r"|\b(?:remains?|be|stays?|kept|are|is)\s(?:in\s(?:effect|force|place)|suspended|paused|on\shold)\b",
        ),
    )
)
_STRONG = re.compile(
    r"effect|force|kick|expir|laps|sunset", re.IGNORECASE
)  # said of a measure, and of no hearing or comment
_OTHER = re.compile(
    r"\bRBI\b|\bReserve Bank\b|\bFederal Reserve\b|\bIPOs?\b|\bpublic (?:offer|issue|offering)\b|\bshares?\b"
    r"|\bstake\b|\bbuyback\b|\brights issue\b|\bdividend|\bincome[- ]tax|\bITRs?\b"
    r"|\btax (?:returns?|audit)|\bGST\b|\bKYC\b|\bAadhaar\b|\bexams?\b|\badmissions?\b|\brecruit|\bvacanc|\bAGM\b"
    r"|\bearnings\b"
    r"|\bquarterly results\b|\bbids?\b|\btenders?\b|\bauctions?\b|\bbonds?\b|\bvisas?\b|\bH-1B\b|\bpolls?\b"
    r"|\belections?\b|\bmerger"
    r"|\btakeover|\bscholarship|\bawards?\b|\bbail\b|\bmurder|\belectricity\b|\bpower tariff|\btelecom|\bTRAI\b"
    r"|\bairport\b|\bSEBI\b"
    r"|\bconfirmation\b|\bnominee\b|\bpolicy rate|\brepo\b|\bpress conference|\btolls?\b|\bstamp duty\b|\bexcise\b",
    re.IGNORECASE,
)  # whose deadlines are no trade desk's
_OFF = re.compile(
    r"\bcancel+ed\b|\bvacated\b|\bcalled off\b|\bscrapped\b(?! from| on)|\bwithdrawn\b|\bno longer\b|\bwill not\b"
    r"|\bwon['’]t\b|\bnot be held\b"
    r"|\bruled out\b|\bdenie[sd]\b",
    re.IGNORECASE,
)
MOVED = re.compile(
    r"\b(?:extend\w*|extension|postpon\w*|reschedul\w*|moved|pushed|put off|defer\w*|adjourn\w*|delay\w*"
    r"|brought forward|revised|new (?:date|deadline))\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"(?<!\bbe\s)\b(?:held|heard|took|concluded|closed|ended|expired|lapsed|came|went|began|started|since)\b",
    re.IGNORECASE,
)
_EARLIER = re.compile(
    r"\b(?:original\w*|previous\w*|earlier|initial\w*|formerly|prior|instead of|rather than)\s(?:\w+\s){0,3}$"
    r"|(?<!\bbe\s)\b(?:published|dated|signed|issued|imposed)\s(?:on\s|of\s)?$"
    r"|\b(?:postponed|extended|moved|rescheduled|deferred|delayed|deadline|date|pushed back)\s(?:\w+\s){0,2}from\s$",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:\s*[,(]?\s*\b(?:(?:the\s)?(?:close|end)\sof\sbusiness|midnight|noon"
    r"|\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.?\s?m\b\.?|hours|hrs)|12:01|E[SD]?T|IST"
    r"|U\.?S\.?|eastern(?:\s(?:standard|daylight))?\stime|local\stime|(?:on\s)?(?:mon|tues|wednes|thurs|fri|satur"
    r"|sun)day|of|at|the)\b[.)]*,?)+\s*(?:on\s*)?$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"(?:\b(?:by|before|until|till|through|than|due|due\son|up\sto|within|within\sa\speriod\sof|expected\son|to"
    r"|on\sor\sabout)|:|–|—)[\s,]*$",
    re.IGNORECASE,
)
_AT = re.compile(r"\b(?:on|for|is|of|as|are|in|about|closes?|ends?)\s*$", re.IGNORECASE)
_SETS = re.compile(
    r"\b(?:due|clos\w+|ends?|ending|deadline|last date|no later|cut-?off|expected|open|accepted|window|period|time limit)\b",
    re.IGNORECASE,
)
_HOLDS = re.compile(r"\b(?:on|for|to|begin|begins|beginning|start|starts|starting|of|in|until|till)\s*$", re.IGNORECASE)
_STARTS = re.compile(
    r"\b(?:on|from|effective|of|begin|beginning|begins?|starting|starts?|by|for|to|until|till|in|than|effect|force|is)\s*$",
    re.IGNORECASE,
)
_THING = re.compile(
    r"pause|truce|waiver|exemption|suspension|moratorium|lapse\b", re.IGNORECASE
)  # that has an end, and no deed
_VERB = re.compile(r"\b(?:to|will|would|shall|may|could|might|not|let|lets)\s(?:\w+ly\s)?$", re.IGNORECASE)
_ENDS = re.compile(r"\b(?:until|till|through|to|by|including)\s*$", re.IGNORECASE)
_STOPS = re.compile(r"\b(?:on|until|till|through|to|in|by|at|of|is|for|than|including)\s*$", re.IGNORECASE)
_WILL = re.compile(
    r"\b(?:will|shall|must|intends?|plans?|is to|are to|due|expected|deadline|no later|extend\w*|postpon\w*|push\w*"
    r"|put\soff|delay\w*|scheduled)\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"\b(?:due|expected|scheduled|issue|announce|make|made|set)\b", re.IGNORECASE)
_TO = re.compile(r",?\s(?:to|until|till)\s", re.IGNORECASE)
_LISTED = re.compile(r"[\s,;]*(?:at\s)?(?:by\s)?[\w.: ]{0,16}[:–—-]\s")  # "July 6, 2026: …"
_MEASURE = re.compile(
    r"\b(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharges?|rates?|quotas?|bans?|restrictions?|curbs?|measures?|orders?"
    r"|notification|agreement|deal|pact"
    r"|waiver|exemptions?|pause|truce|suspension|moratorium|safeguards?|deadline|sanctions?|window|licen[cs]es?"
    r"|preferences?|scheme|ultimatum|prices?|treatment|regime|probe)\b",
    re.IGNORECASE,
)
_LEAD, _NEAR, _FAR = 90, 30, 160  # characters


@dataclass(frozen=True, slots=True)
class _Anchor:
    """Words that say what a day is set for."""

    kind: str
    start: int
    end: int
    strong: bool
    thing: bool  # what has an end, and is no deed


def days_set(sentence: Clause, published: date) -> Iterator[tuple[str, date]]:
    """What a sentence sets, and for when. A day belongs to the words since the day before it, else to those after it."""
    if _OTHER.search(sentence.words) or _OFF.search(sentence.words) or not (anchors := _anchors(sentence)):
        return
    days = find_days(sentence.text, sentence.start, sentence.end, published)
    reached = sentence.start
    for n, day in enumerate(days):
        if _is_earlier(sentence, day):
            continue
        upto = days[n + 1].start if n + 1 < len(days) else sentence.end
        before = [anchor for anchor in anchors if reached <= anchor.start < day.start]
        after = [anchor for anchor in anchors if day.end <= anchor.start < upto]
        kinds = _set_before(sentence.text, before, day, reached) or _set_after(sentence.text, after, day, reached)
        reached = day.end if kinds else reached
        yield from ((kind, day.when) for kind in kinds if day.when >= published)


def _is_earlier(sentence: Clause, day: Day) -> bool:
    """Whether it is the day from which something was moved, or that of another act."""
    if _EARLIER.search(sentence.text[max(sentence.start, day.start - _LEAD) : day.start]):
        return True
    led = sentence.text[sentence.start : day.start].rstrip().endswith("from")
    return led and bool(_TO.match(sentence.text, day.end)) and bool(MOVED.search(sentence.words))


def _anchors(sentence: Clause) -> list[_Anchor]:
    """Of anchors that overlap, the first kind's: a "post-hearing comment" is no hearing."""
    kept: list[_Anchor] = []
    for kind, pattern in _ANCHORS:
        for match in pattern.finditer(sentence.text, sentence.start, sentence.end):
            thing = kind == EXPIRY and bool(_THING.search(sentence.text, match.start(), match.end()))
            noun = thing and not _VERB.search(sentence.text[max(0, match.start() - _NEAR) : match.start()])
            strong = bool(_STRONG.search(match.group())) and not noun
            anchor = _Anchor(kind, match.start(), match.end(), strong, noun)
            free = not any(anchor.start < other.end and other.start < anchor.end for other in kept)
            if free and (kind not in (EFFECT, EXPIRY) or anchor.strong or _said_of_a_measure(sentence, anchor)):
                kept.append(anchor)
    return sorted(kept, key=lambda anchor: anchor.start)


def _said_of_a_measure(sentence: Clause, anchor: _Anchor) -> bool:
    """Whether what starts or ends is a duty or a deal, and no service, session or factory."""
    said = sentence.text[sentence.start : anchor.end].rpartition(";")[2]
    return bool(_MEASURE.search(said, max(0, len(said) - _LEAD)))


def _lead(text: str, day: Day, reached: int) -> str:
    """What leads to a day, without the hour."""
    return _CLOCK.sub(" ", text[max(reached, day.start - _LEAD) : day.start]).rstrip(" (")


def _set_before(text: str, anchors: list[_Anchor], day: Day, reached: int) -> tuple[str, ...]:
    """The kinds that the words before a day set it for."""
    if not anchors:
        return ()
    lead, last = _lead(text, day, reached), anchors[-1]
    between = text[last.end : day.start]
    if last.kind in (EFFECT, EXPIRY) and last.strong and _fits(last, lead, between, ""):
        return (last.kind,)
    told = text[reached : day.start]
    filed = tuple(dict.fromkeys(a.kind for a in anchors if a.kind in FILED))
    if filed and (
        _BY.search(lead) or (_AT.search(lead) and _SETS.search(told)) or (_bare(last, day) and _SETS.search(told))
    ):
        return filed
    first = next((a for a in reversed(anchors) if a.kind in (HEARING, DECISION)), last)
    if filed and first is last and last.kind not in (HEARING, DECISION):
        return ()
    return (first.kind,) if _fits(first, lead, text[first.end : day.start], told) and not _was(text, first) else ()


def _fits(anchor: _Anchor, lead: str, between: str, told: str) -> bool:
    """Whether what stands between these words and a day joins the two."""
    if _PAST.search(between) or len(between) > _FAR:
        return False
    if anchor.kind == HEARING:
        return bool(_HOLDS.search(lead)) or len(between) <= _NEAR
    if anchor.kind == DECISION:
        return bool(_WILL.search(told) and (_BY.search(lead) or (_AT.search(lead) and _GIVEN.search(told))))
    if anchor.thing:
        return bool(_ENDS.search(lead))  # "announced the exemption on Tuesday" tells of Tuesday, and of no end
    near = not _CLOCK.sub(" ", between).strip(" ,(")
    return near or bool((_STARTS if anchor.kind == EFFECT else _STOPS).search(lead))


def _was(text: str, anchor: _Anchor) -> bool:
    """Whether what stands right before says that it is over: "heard oral arguments"."""
    return bool(_PAST.search(text[max(0, anchor.start - _NEAR // 2) : anchor.start]))


def _bare(anchor: _Anchor, day: Day) -> bool:
    return day.start - anchor.end <= _NEAR


def _set_after(text: str, anchors: list[_Anchor], day: Day, reached: int) -> tuple[str, ...]:
    """The kinds that the words after a day set it for: "By July 6, parties may comment", "July 6: deadline for comments"."""
    if not anchors:
        return ()
    first, lead = anchors[0], _lead(text, day, reached)
    between = text[day.end : first.start]
    listed = bool(_LISTED.match(text, day.end)) and not lead.strip(" •*-(")
    if first.kind in FILED:
        due = re.search(r"deadline|last date|\bdue\b|cut-?off", text[day.end : first.end + 12], re.IGNORECASE)
        ahead = re.search(r"\b(?:by|before|until|till|than)$", lead, re.IGNORECASE)
        return tuple(dict.fromkeys(a.kind for a in anchors if a.kind in FILED)) if due or ahead or listed else ()
    if _PAST.search(text[day.end : first.end + _NEAR]) or len(between) > _FAR:
        return ()
    return (first.kind,) if listed or _ahead(first, lead, between, text[first.start : first.end]) else ()


def _ahead(anchor: _Anchor, lead: str, between: str, words: str) -> bool:
    if anchor.thing or re.search(r"\band\b", between):
        return False
    near = len(between.strip()) <= _NEAR and "," not in between
    on = bool(re.search(r"(?:^|\b(?:on|from|by|starting|effective|beginning))$", lead, re.IGNORECASE))
    if anchor.kind == DECISION:
        return bool(re.search(r"\b(?:by|before|than|until)$", lead, re.IGNORECASE) and _WILL.search(between))
    if anchor.kind == HEARING:
        return near or (on and bool(_WILL.search(between + words)))
    return (near and anchor.kind == EXPIRY) or on
