"""Firmness: what is done to a measure (action) and how sure that is (status), from verb families, modality and negation."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.clauses import Clause, Mark
from bot.days import MONTHS

_ASKED = re.compile(r"\?['\"’”]?\s*$")
_MODAL = re.compile(r"\W*(?:will|can|could|should|is|are|what if|would|does|did)\b", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:if|unless|or else|or face)\b", re.IGNORECASE)
_INFINITIVE = re.compile(r"\bto\s(?:be\s)?$", re.IGNORECASE)
_WOULD = re.compile(r"\bwould\b", re.IGNORECASE)
_ONGOING = re.compile(
    r"\b(?:is|are|was|were|been|being|be)\s['‘\"]?(?:(?:\w+ly|hereby|now|also|being|to be)\s)?['‘\"]?$", re.IGNORECASE
)
_BACKDROP = re.compile(r"^\W*(?:amid|despite)\b", re.IGNORECASE)
_PARTS = re.compile(r"\b(?:as|after|amid|that|who|but|while|despite|because|if|unless)\b|[,;:]", re.IGNORECASE)
_DATED = re.compile(
    r"\s(?:on|in|at|by|today|tomorrow|midnight|\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE
)
_SELF = re.compile(
    r"\s*(?:$|[.,;:]|with\b|in\b|on\b|at\b|today\b|last\b|this\b|(?:mon|tues|wednes|thurs|fri|satur|sun)day)",
    re.IGNORECASE,
)
_TO_FIGURE = re.compile(r"[^,;:]{0,60}\bto\s(?:about\s|as much as\s)?\d|[^,;:]{0,30}\bfurther\b", re.IGNORECASE)
_ASIDE = re.compile(r"\b(?:that|which|who)\s$", re.IGNORECASE)
_COURTLY = re.compile(r"(?:scrap|cancel|undo|axe|bin|remov|revers|lift|drop)\w*", re.IGNORECASE)
_UNDOING = re.compile(
    r"\b(?:falls?|fell|scraps?|scrapped|cancels?|cancelled|undoes|undid|kills?|killed|bins?|binned|rejects|reverses|tosses|faults"
    r"|no (?:\w+ )?(?:the )?(?:power|authority)|invalid)\b",
    re.IGNORECASE,
)
_NO = re.compile(r"\b(?:no|not|never|nobody)\s|n['’]t\s", re.IGNORECASE)
_YET = re.compile(
    r"(?:longer|more than|less than|only|yet|renewed|be renewed|subject|apply|applicable|\w+ duty on|duty\b|later)",
    re.IGNORECASE,
)
_PLEA = re.compile(
    r"\b(?:want|wants|wanted|ask|asks|asked|urge|urges|urged|seek|seeks|press|presses|pressed|demand|demands|plea|request)\b",
    re.IGNORECASE,
)
_PHRASES = (
    (re.compile(r"\b(?:take|takes|took|taking|taken|comes?|coming)\b[^,;:]{0,40}\boff\b", re.IGNORECASE), "remove"),
    (
        re.compile(r"\b(?:bring|take|knock)\w*\b[^,;:]{0,40}\bdown\b|\bbrought\b[^,;:]{0,40}\bdown\b", re.IGNORECASE),
        "cut",
    ),
    (re.compile(r"\b(?:end|removal|withdrawal|abolition)\s(?:of|to)\b", re.IGNORECASE), "remove"),
    (re.compile(r"\b(?:must|to|could|may|should|will)\sgo(?=\s*(?:$|[.,;:!?]))", re.IGNORECASE), "remove"),
    (
        re.compile(
            r"\b(?:go|goes|went|gone|going|move|moves|moved|takes?|step|climbs?)\b[^,;:]{0,30}\sto\s\d", re.IGNORECASE
        ),
        "raise",
    ),
)
_MONTH_YEAR = re.compile(
    r"\b(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s(?:\d{1,2},?\s)?(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"\b(?:in|of|since|during|back in|its)\s(?:the\s)?(?:\w+\sof\s)?(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE
)
_LONG_AGO = re.compile(
    r"\b(?:last year|years? (?:ago|earlier)|first term|first trade war|Biden administration)\b", re.IGNORECASE
)
_PRESENT = re.compile(
    r"\b(?:has|have|now|will|is|are|today|since|would|could|may|until|still|act|proclamation|order)\b", re.IGNORECASE
)
_BACKGROUND = re.compile(r"\s*BACKGROUND:\s")  # the heading of a part of an official notice
_HAD = re.compile(r"\bhad\s(?!to\b|no\b|a\b|the\b)", re.IGNORECASE)
_IN_MONTH = re.compile(
    r"(?:^\W*|\b\w+ed\s)in\s(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b(?!\s\d)", re.IGNORECASE
)
_PROBED = re.compile(
    r"\b(?:investigation|probe|inquiry)s?\b[^;:]*\b(?:may|could|might)\s(?:lead|end|result|bring)\b", re.IGNORECASE
)
_REPORTED = re.compile(
    r"\b(?:said|says|told|denied|after|if|that|which|who|whose|once|when|because|added|claimed)\b", re.IGNORECASE
)
_OLD = 75  # days
_REACH = 14  # words
_ENDS = ("suspended", "struck_down", "expired", "denied")
_SAYING = re.compile(
    r"(?:announc|declar|unveil|notif|plan|prepar|read(?:y|ies)|pitch|propos|recommend|seek|sought|ask|urg|offer|open|launch|initiat|institut|investigat|inquiry|prob)",
    re.IGNORECASE,
)
_NEGATION = re.compile(r"(?:won|will|ha[sd]|have|is|there|be|are|am)\b", re.IGNORECASE)
_STAYED = re.compile(
    r"\b(?:stay|paus|suspend|froze|freez)\w*\s(?:[\w'’]+\s){0,4}?(?:ruling|judgment|injunction|verdict|decision|order)\b",
    re.IGNORECASE,
)  # a court that stays a ruling leaves the measure as it was
_TRANSITIVE = re.compile(r"(?:rais|hik|increas|push|crank|ratchet)", re.IGNORECASE)
_SPARES = re.compile(r"(?:spare|exempt|exclude)(?:s|d|ed)?", re.IGNORECASE)
_DROPPED = re.compile(
    r"\b(?:drop|withdr[ae]w|abandon|scrap|shelv|retreat|renounc|(?:walk|back|call|step)\w*\s(?:back|off|down|away))\w*\b[^,;:]{0,50}\bthreat",
    re.IGNORECASE,
)
_ORDERS = re.compile(r"\b(?:Trump|[Pp]resident|Washington|White House)\sorders\s")
_EARLIER = re.compile(r"\b(?:from|than|instead of|against)\s(?:the\s|an?\s)?$", re.IGNORECASE)
_FELL_SHORT = re.compile(
    r"\b(?:than|below|above)\s(?:the\s|it\s|they\s)(?:\d[\d.]*\s?(?:%|per\s?cent)\s)?(?:[\w-]+\s){0,4}$", re.IGNORECASE
)  # "less than the 20% threatened"
_BLOW = re.compile(
    r"[\s-](?:impact|shock|woes?|worr(?:y|ies)|jitters|fears?|uncertaint(?:y|ies)|headwinds?|turmoil|fallout|tensions?|crisis|pain|blow|war|row"
    r"|dispute|spat|blues|gloom|anxiety|angst|pressures?|concerns?|stress|strain|hit|heat|storm|drama|saga|chaos)\b",
    re.IGNORECASE,
)  # what the measure does to somebody
_WILL_HIT = re.compile(r"\s(?:to|will|would|set to|may|could)\s(?:also\s)?(?:hit|cover|apply to)\b", re.IGNORECASE)
_A_RISK = re.compile(r"\s(?:an?\s|the\s|key\b|risk|concern)", re.IGNORECASE)
_GERUND = re.compile(r"\w+ing\s")
_BILL = re.compile(r"(?:bill|draft)s?", re.IGNORECASE)
_NAMED_AS_DEED = re.compile(
    r"(?:curb|restrict)(?:s|ed|ing)?\s(?!on\b)|blacklist(?:s|ed)$|(?:detain|prohibit|outlaw)(?:s|ed)?$", re.IGNORECASE
)  # "to curb exports"
_INHERENT = re.compile(
    r"(?:remain|stay|vanish|lapse|expire)(?:s|d|ed)?|gone|no longer|(?:comes?|goes|go) (?:down|up|off)", re.IGNORECASE
)  # nobody else does it
_PROBE = re.compile(r"(?:investigation|probe|petition|case)s?$", re.IGNORECASE)
_WEIGHED = re.compile(r"(?:mull|weigh|consider|eye|float|moot|contemplat|explor)", re.IGNORECASE)
_SUPPOSED = re.compile(r"\b(?:if|unless)\b[^,;]*,", re.IGNORECASE)
_SUPPOSITION = re.compile(
    r"\b(?:if|unless)\b[^,;]*,|(?<=\w\s)(?<!decide\s)(?<!determine\s)(?<!see\s)(?:if|unless)\b[^,;]*$", re.IGNORECASE
)
_CLOSE = 6  # words
_REMAINS = re.compile(r"(?<!not )\bremains?\s(?:\w+\s)?in\s(?:effect|force|place)\b", re.IGNORECASE)
_UNDER_A_DEAL = re.compile(r"Under\s|[^:]{0,40}\b(?:pact|deal|accord|agreement)\b[^:]{0,12}:", re.IGNORECASE)
_BY_TREATY = re.compile(r"[^:]{0,40}\b(?:FTA|free trade (?:agreement|deal|pact)|CETA|TEPA):", re.IGNORECASE)
_EXPECT = re.compile(r"\b(?:tells?|told)\s(?:the\s)?\w+\sto expect\b", re.IGNORECASE)
_SECURES = re.compile(r"\b(?:secure|win|won|clinch|land)(?:s|d|ed)?\s(?:an?\s)?(?:zero|nil|\d)", re.IGNORECASE)
_PLEADS_NOT = re.compile(
    r"\b(?:urg|ask|press|plead|beg|want|implor|petition)\w*\b[^,;:]{0,40}"
    r"\bnot to\s(?:lower|cut|reduce|remove|lift|scrap|ease|slash|drop)\b",
    re.IGNORECASE,
)  # what is not to be touched stands
_OPEN = re.compile(
    r"(?:\bnot|n['’]t|\bcannot|\bnever|\b(?:refus|declin)\w*\sto)\s(?:yet\s)?(?:rul\w+\s(?:it\s|that\s)?out|exclud)\w*\b",
    re.IGNORECASE,
)  # what is not ruled out may come
_REFUSES = re.compile(
    r"\b(?:refus(?:e[sd]?|ing)|declin(?:e[sd]?|ing)|unwilling|never\sagree\w*|not\sagree\w*|not\sgoing)\sto\s(?:\w+ly\s)?"
    r"|\b(?:(?:will|would)\snot|(?:won|wouldn)['’]t|rul(?:es?|ed|ing)\sout)\s"
    r"|\b(?:reject|rebuff|dismiss|spurn|resist|turn(?:s|ed|ing)?\sdown)\w*\b[^,;:]{0,60}?"
    r"\b(?:demand|request|call|plea|proposal|push|idea|bid|pressure|appeal)s?\s(?:to|for|of|that)\s"
    r"|\bno (?:\w+\s)?(?:commitment|promise|assurance|offer|question)\b[^,;:]{0,40}?\s(?:to|of|on)\s"
    r"|\bno\s(?=relief\s(?:for|from)\b)",
    re.IGNORECASE,
)
_PROMISES_NONE = re.compile(
    r"\b(?:pledg|promis|assur|vow)\w*\s(?:that\s)?(?:there\swill\sbe\s)?no\s(?:new\s|further\s|fresh\s|more\s|additional\s)?"
    r"(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharges?)\b",
    re.IGNORECASE,
)
_SETTLES_ON = re.compile(r"settl(?:es?|ed|ing)", re.IGNORECASE)
_RELIEF = ("cut", "remove", "exempt")
_MUST = re.compile(r"\b(?:must|has to|have to|should)\s(?:also\s|first\s)?$", re.IGNORECASE)
_ASIDE_PUT = re.compile(r"\s(?:down|off|back|forward|aside)\b", re.IGNORECASE)
_OUT = re.compile(r"(?:keep|kept)\w*\s(?:[\w-]+\s){0,4}out\sof\s(?:the\s)?(?-i:[A-Z])", re.IGNORECASE)
_KEEPS_OUT = re.compile(
    r"\b(?:keep|kept|leav|left)\w*\s(?:[\w-]+\s){0,4}out\sof\s(?:(?!by\b)[\w-]+\s){0,3}?(?:it|tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharge)\b",
    re.IGNORECASE,
)
_TO_ENTER = re.compile(r"\bto\s(?:enter|come\sinto|go\sinto|get\sinto)\b", re.IGNORECASE)
_ANSWERS = re.compile(
    r"\b(?:vow|warn|threat|promis|pledg|swear|swore)\w*\s(?:\w+\s){0,2}?(?:respon[ds]\w*|answer|retaliat\w+|reprisals?)"
    r"\s(?:\w+\s){0,2}?(?:to|for|over|against)\b",
    re.IGNORECASE,
)  # what is threatened is the answer, and not the measure it answers
_WARNS_OF = re.compile(
    r"\bwarn\w*\sthat\b[^,;:]*\b(?:dut(?:y|ies)|tariffs?|lev(?:y|ies))\s(?:\w+\s){0,4}?(?:is|are|was|were|has|have)\b(?!\s(?:to|going)\b)",
    re.IGNORECASE,
)
_DEEDS = ("announced", "proposed", "threatened", "struck_down", "suspended", "expired", "denied")
_INTRANSITIVE = ("exempt", "struck_down", "suspended", "expired", "keep", "raise")
_LAID = ("imposed", "levied", "introduced", "announced", "put", "placed", "charged", "slapped", "applied")
_ORDER = ("extend", "exempt", "remove", "keep", "cut", "raise", "impose")


@dataclass(frozen=True, slots=True)
class Firmness:
    action: str
    status: str
    sure: bool  # words told the status; else it is what is taken where nothing is told
    background: bool = False
    figures: bool = False  # the movement of rates told the action
    refused: bool = False  # somebody will not do it, in so many words
    learnt: tuple[str, ...] = ()  # of status and action what a model decided; the rules the rest


# Takes what the rules say of a part of a sentence, the part and the sentence; gives back the same, or what it knows better.
Judge = Callable[[Firmness, Clause, Clause], Firmness]


def by_rules(said: Firmness, told: Clause, sentence: Clause) -> Firmness:
    """The judge that leaves all to the rules."""
    return said


def find_firmness(
    told: Clause,
    around: tuple[Clause, Clause],
    rates: tuple[float | None, float | None],
    anchor: Mark | None,
    published: date,
) -> Firmness:
    """Action and status of the measure named `anchor` that `told` speaks of, a part of the clause and the sentence `around` it.
    `rates` are the earlier one and the one told."""
    clause, sentence = around
    wholes = [told, clause, *([sentence] if _is_list_of(clause, sentence) else [])]
    past = is_background(clause, published) or bool(_BACKGROUND.match(sentence.text, sentence.start))
    how_firm = status(wholes, sentence)
    if any(_STAYED.search(whole.words) for whole in wholes) or (sentence.has("cues", "court") and is_refused(told)):
        return Firmness("keep", "in_force", True, past)
    done = action(wholes, rates, how_firm, anchor)
    done = "cut" if done == "impose" and rates[1] == 0 else "impose" if is_dropped(told) else done
    moved = None not in rates and rates[0] != rates[1]
    refused = how_firm == "denied" and is_refused(told)
    return Firmness(done, how_firm or "in_force", bool(how_firm), past, moved, refused)


def _is_list_of(clause: Clause, sentence: Clause) -> bool:
    """Whether it only spells out what stands before its colon: "agree to slash tariffs: 30% on Chinese goods"."""
    colon = sentence.text[sentence.start : clause.start].rstrip().endswith(":")
    return colon and not clause.has("actions") and not clause.has("statuses")


def action(wholes: Sequence[Clause], rates: tuple[float | None, float | None], status: str, anchor: Mark | None) -> str:
    """The movement of figures decides where both are told; else the verbs do, those that act on the measure before others."""
    earlier, rate = rates
    if earlier is not None and rate is not None and earlier != rate:
        return "raise" if rate > earlier else "cut"
    for clause in wholes:
        if _KEEPS_OUT.search(clause.words):
            return "exempt"
        done = [m for m in _done(clause, status) if not _is_other_case(m, clause, anchor)]
        near = [mark for mark in done if anchor is not None and _governs(mark, clause, anchor)]
        if anchor is not None and rate is None:
            done = [mark for mark in done if not _is_far(mark, clause, anchor)]
        if names := {_meant(mark, clause) for mark in near or done}:
            return next(name for name in _ORDER if name in names)
        for pattern, name in _PHRASES:
            if pattern.search(clause.words):
                return name
    return "impose"


def _is_other_case(mark: Mark, clause: Clause, anchor: Mark | None) -> bool:
    """Whether it is a condition of the deed and not the deed, or a market is kept and not a measure."""
    supposed = _is_supposed(mark.start, clause) and not (anchor is not None and _is_supposed(anchor.start, clause))
    opened = any(match.start() <= mark.start - clause.start < match.end() for match in _OPEN.finditer(clause.words))
    return (
        supposed
        or opened
        or (mark.name in ("keep", "exempt") and bool(_OUT.match(clause.text[mark.start : clause.end])))
    )


def _is_far(mark: Mark, clause: Clause, anchor: Mark) -> bool:
    """Whether so much stands between a deed and a measure that it is hardly done to it."""
    between = clause.text[min(mark.end, anchor.end) : max(mark.start, anchor.start)]
    return len(between.split()) > _REACH or bool(_CONDITION.search(between))


def _done(clause: Clause, status: str) -> list[Mark]:
    """The words that tell what is done. Of a measure that fell it is what the measure did, not how it fell."""
    marks = [m for m in clause.of("actions") if not _is_of_time(m, clause) and not _ends_itself(m, clause)]
    if status not in _ENDS:
        return marks
    falls = [m for m in marks if m.name == "remove" and _COURTLY.fullmatch(m.text)]
    return [m for m in marks if m not in falls] if clause.has("cues", "court") else marks


def _meant(mark: Mark, clause: Clause) -> str:
    """To lift a rate "to 25%" is to raise it; to lift a measure is to remove it."""
    if mark.text.lower().startswith("lift") and _TO_FIGURE.match(clause.text[mark.end : clause.end]):
        return "raise"
    return mark.name


def _ends_itself(mark: Mark, clause: Clause) -> bool:
    """Whether nobody removes it: "the higher levy ends with the season"."""
    if re.fullmatch(r"ends?", mark.text, re.IGNORECASE) and _DATED.match(clause.text[mark.end : clause.end]):
        return False
    ends = mark.name == "remove" and re.fullmatch(r"end(?:s|ed)?", mark.text, re.IGNORECASE)
    named = any(
        m.end <= mark.start for m in clause.marks if m.kind == "instruments" or m.name in ("exempt", "raise", "cut")
    )
    return bool(ends and named and _SELF.match(clause.text[mark.end : clause.end]))


def _is_of_time(mark: Mark, clause: Clause) -> bool:
    """Whether it tells a date and removes nothing: "ending July 24"."""
    return mark.text.lower().startswith("end") and bool(_DATED.match(clause.text[mark.end : clause.end]))


def status(wholes: Sequence[Clause], sentence: Clause) -> str:
    if _is_asked(wholes[1], sentence):
        return "speculated"
    found = next((found for clause in wholes if (found := _told_status(clause))), "")
    under_a_deal = bool(_UNDER_A_DEAL.match(sentence.words)) and sentence.has("statuses", "agreed")
    under_a_deal = under_a_deal or bool(_BY_TREATY.match(sentence.words))
    return "agreed" if under_a_deal and found in ("", "announced", "in_force") else found


def _is_asked(clause: Clause, sentence: Clause) -> bool:
    return bool(_ASKED.search(clause.words) or (_MODAL.match(clause.words) and _ASKED.search(sentence.words)))


def _told_status(clause: Clause) -> str:
    said = [
        m for m in clause.of("statuses") if not _ASIDE.search(clause.before(m.start)) and not _is_of_earlier(m, clause)
    ]
    said = [replace(m, name="announced") if _is_settled_alone(m, clause) else m for m in said]
    supposed = _SUPPOSED.search(clause.words)
    said = [m for m in said if m.name != "denied" or not _is_supposed(m.start, clause)]
    said = [m for m in said if m.name != "threatened" or not _is_of_answer(m, clause)]
    has = {mark.name for mark in said}
    if _REMAINS.search(clause.words) and not _CONDITION.search(clause.words):
        return "in_force"
    if _EXPECT.search(clause.words):
        return "announced"
    if _PLEADS_NOT.search(clause.words):
        return "in_force"
    if supposed and supposed.start() <= 2 and not has - {"agreed"}:
        return "threatened"
    if _OPEN.search(clause.words):
        return "speculated"
    if "denied" in has or _is_negated(clause) or is_refused(clause) or is_dropped(clause):
        return "denied"
    if any(_BILL.fullmatch(mark.text) for mark in said if mark.name == "proposed"):
        return "proposed"
    if "struck_down" in has or (clause.has("cues", "court") and _UNDOING.search(clause.words)):
        return "struck_down"
    if "expired" in has or any(
        _ends_itself(mark, clause) and not _is_supposed(mark.start, clause) for mark in clause.of("actions", "remove")
    ):
        return "expired"
    if "suspended" in has:
        return "suspended"
    if "speculated" in has and "threatened" not in has and _CONDITION.search(clause.words):
        return "speculated"
    if "threatened" in has or (
        _CONDITION.search(clause.words)
        and ("announced" in has or _WOULD.search(clause.words) or clause.has("cues", "hit_party"))
    ):
        return "threatened"
    if _PROBED.search(clause.words):  # what a probe may lead to is what it is for
        return "proposed"
    if "speculated" in has or ("proposed" in has and clause.has("cues", "modest") and _PLEA.search(clause.words)):
        return "speculated"
    if any(_MUST.search(clause.before(m.start)) for m in clause.of("actions", *_RELIEF)):
        return "proposed"
    for name in ("proposed", "agreed", "announced", "in_force"):
        if name in has:
            return name
    if _SECURES.search(clause.words):
        return "agreed"
    if _WOULD.search(clause.words):
        return "announced" if clause.has("cues", "speech") and clause.has("countries") else "proposed"
    return "announced" if _is_to_come(clause) or _ORDERS.search(clause.words) else ""


def _is_of_earlier(mark: Mark, clause: Clause) -> bool:
    """Whether it is said of the earlier rate: "down from a threatened 25%"."""
    before = clause.before(mark.start)
    return (bool(_EARLIER.search(before)) and clause.text[mark.end :].lstrip()[:1].isdigit()) or bool(
        _FELL_SHORT.search(before)
    )


def _is_settled_alone(mark: Mark, clause: Clause) -> bool:
    """Whether somebody chose, and nobody agreed: "Washington settles on 18%"."""
    alone = len({m.name for m in clause.of("countries") if m.end <= mark.start}) == 1
    return alone and bool(_SETTLES_ON.fullmatch(mark.text)) and clause.text.startswith(" on ", mark.end)


def _is_supposed(at: int, clause: Clause) -> bool:
    """Whether it stands in a condition: "if there is no ceasefire" denies nothing."""
    return any(match.start() <= at - clause.start < match.end() for match in _SUPPOSITION.finditer(clause.words))


def _is_of_answer(mark: Mark, clause: Clause) -> bool:
    """Whether what is threatened is an answer to the measure, or it is told what the measure does."""
    spans = (match.span() for pattern in (_ANSWERS, _WARNS_OF) for match in pattern.finditer(clause.words))
    return any(start <= mark.start - clause.start < end for start, end in spans)


def is_refused(clause: Clause) -> bool:
    """Whether somebody will not do what is told: "refuses to lower", "rejects a demand to cut", "no relief"."""
    for match in _REFUSES.finditer(clause.text, clause.start, clause.end):
        nearest = next((m for m in clause.of("actions") if m.start >= match.end()), None)
        if (
            nearest
            and nearest.name in _RELIEF
            and len(clause.text[match.end() : nearest.start].split()) <= _CLOSE
            and not _is_supposed(match.start(), clause)
        ):
            return True
    return False


def promises_none(clause: Clause) -> bool:
    """Whether somebody says that there will be no measure: "pledges no new duties"."""
    return bool(_PROMISES_NONE.search(clause.words))


def is_dropped(clause: Clause) -> bool:
    """Whether a threat is taken back, so that nothing comes of it: "drops tariff threat"."""
    return bool(_DROPPED.search(clause.words))


def _is_negated(clause: Clause) -> bool:
    """Whether the deed is said not to be one: "no waiver", "not slapping"."""
    for match in _NO.finditer(clause.text, clause.start, clause.end):
        if _is_supposed(match.start(), clause):
            continue
        deeds = (m for m in clause.marks if m.kind in ("actions", "instruments") and m.start >= match.end())
        nearest = next(deeds, None)
        if (
            nearest
            and len(clause.text[match.end() : nearest.start].split()) <= 3
            and "," not in clause.text[match.end() : nearest.start]
            and not _YET.match(clause.text, match.end())
        ):
            return True
    return False


def _is_to_come(clause: Clause) -> bool:
    """The headline's future: "US to cut", "India to pay"."""
    bears = (
        m
        for m in clause.of("cues", "hit_party")
        if m.text.startswith("to ") or _INFINITIVE.search(clause.before(m.start))
    )
    return (
        next(bears, None) is not None
        or bool(_TO_ENTER.search(clause.words))
        or any(
            _INFINITIVE.search(clause.before(m.start)) and not m.text.startswith("to ") for m in clause.of("actions")
        )
    )


def is_background(told: Clause, published: date) -> bool:
    """Whether it is told as history: with a date long past or in the pluperfect, and nothing of the present beside it."""
    words = told.words
    if _PRESENT.search(words):
        return False
    months = [date(int(m["year"]), MONTHS.index(m["month"][:3].lower()) + 1, 28) for m in _MONTH_YEAR.finditer(words)]
    years = [date(int(m["year"]), 12, 31) for m in _YEAR.finditer(words)] if not months else []
    months += [_last_such(MONTHS.index(m["month"][:3].lower()) + 1, published) for m in _IN_MONTH.finditer(words)]
    old = any((published - day).days > _OLD for day in (*months, *years)) or bool(_LONG_AGO.search(words))
    return old or bool(_HAD.search(words) and not _REPORTED.search(words))


def _last_such(month: int, published: date) -> date:
    """The end of the last month of that name."""
    return date(published.year - (month > published.month), month, 28)


def does_something(told: Clause, anchor: Mark, *, explicit: bool) -> bool:
    """Whether somebody does something about the measure: "hikes tariffs", "tariff cut on steel", "duties were lifted"; not
    "tariffs hit growth", where the measure does something to somebody. `explicit`: its own words tell whom it hits."""
    if _BACKDROP.match(told.words) or _BLOW.match(told.text, anchor.end):
        return False
    if is_refused(told):
        return True
    if _NAMED_AS_DEED.match(anchor.text) and _has_actor(told, anchor):
        return True
    deeds = [mark for mark in told.marks if mark.kind in ("actions", "statuses") and _governs(mark, told, anchor)]
    if _GERUND.match(told.words) and any(deed.start == told.start for deed in deeds):  # as official titles have it
        return True
    if any(deed.start >= anchor.end and _INHERENT.fullmatch(deed.text) for deed in deeds):
        return True
    if _PROBE.search(anchor.text):
        return True
    if explicit and _WILL_HIT.match(told.text, anchor.end):
        return True
    if explicit and any(pattern.search(told.words) for pattern, _ in _PHRASES):
        return True
    if any(
        explicit
        or deed.name == "struck_down"
        or deed.start > anchor.end + 2
        or _has_actor(told, deed)
        or _SPARES.fullmatch(deed.text)
        for deed in deeds
    ):
        return True
    bears = any(0 <= anchor.start - hit.end <= 30 for hit in told.of("cues", "hit_party"))
    return explicit and bears and (told.has("grounds") or bool(_CONDITION.search(told.words)))


def _has_actor(told: Clause, deed: Mark) -> bool:
    """Somebody who acts is named before the deed, and not as the owner of something else."""
    return any(m.end <= deed.start and told.text[m.end : m.end + 2] not in ("'s", "’s") for m in told.of("countries"))


def _is_deed(status: Mark, told: Clause) -> bool:
    if status.name in ("announced", "proposed"):
        return bool(_SAYING.match(status.text))
    if status.name == "speculated":
        return bool(_WEIGHED.match(status.text))
    if status.name == "denied" and _NEGATION.match(status.text):
        return told.has("actions")
    return status.name in _DEEDS


def _governs(deed: Mark, told: Clause, anchor: Mark) -> bool:
    if deed.kind == "statuses" and not _is_deed(deed, told):
        return False
    if deed.end <= anchor.start:
        between = told.unlisted(deed.end, anchor.start)
        reach = 6 if deed.kind != "actions" else _REACH if anchor.name in ("export_curb", "ban") else 10
        return len(between.split()) <= reach and not _PARTS.search(between)
    if deed.kind == "actions" and deed.start <= anchor.start and anchor.end <= deed.end + 8:  # "bans imports"
        return True
    between = told.unlisted(anchor.end, deed.start)
    adjacent = not between.strip(" -'\"’‘”“") and not deed.text.lower().startswith("rais")
    if deed.start >= anchor.end and (adjacent or (_ONGOING.search(between) and len(between) < 80)):
        return deed.name != "impose" or (deed.text.lower() in _LAID and not _ASIDE_PUT.match(told.text, deed.end))
    if deed.start >= anchor.end and _INHERENT.fullmatch(deed.text) and len(between) < 80 and not _PARTS.search(between):
        return not (deed.name == "keep" and _A_RISK.match(told.text[deed.end : told.end]))
    if deed.name == "keep" and _A_RISK.match(told.text[deed.end : told.end]):
        return False
    if deed.name == "raise" and _TRANSITIVE.match(deed.text):
        return False
    return deed.start >= anchor.end and len(between) < 80 and deed.name in _INTRANSITIVE and not _PARTS.search(between)
