"""Parties: whose measure it is, and whom it hits, as ISO codes and blocs."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

from bot.clauses import Clause, Mark

_POSSESSIVE = re.compile(r"^(?:['’]s\b|(?<=s)['’])")
_PREPOSITION = re.compile(
    r"\b(?:on|against|with|to|from|in|of|for|over|at|by|toward|towards|onto|between|like)\s(?:the\s|all\s|some\s|most\s)?$",
    re.I,
)
_BY = re.compile(r"\bby\s(?:the\s|us\s|president\s|donald\s)*$", re.IGNORECASE)
_LANDS = re.compile(r"\b(?:on|against|for|from|of|upon|onto)\b", re.IGNORECASE)
_ENDS = re.compile(
    r"\b(?:after|as|over|with|if|because|means?|says?|said|while|amid|despite|by|unless|before|when|ahead|into|in|under|until|via|through|who|which"
    r"|from\s(?:\d(?![\d.]*\s?(?:%|per))|next|today|tomorrow|midnight|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*"
    r"|may|could|will|but|due|due to|since|to (?!zero|nil|nothing|\d)(?-i:[a-z]+))\b|[;:?]",
    re.IGNORECASE,
)
_CUSTOMS = re.compile(r"\b(?:customs|import|basic customs) dut(?:y|ies)\b", re.IGNORECASE)
_APPLIES = re.compile(
    r"\s(?:(?:(?:to|will|would|may|could|set to)\s)?(?:also\s)?(?:hits?|hurts?|helps?|dents?|squeezes?|batters?|cripples?)"
    r"|(?:to|will)\scover|(?:now\s)?(?:apply|applies|applied|applicable)\sto|['‘\"]?(?:threats?|warnings?)['’\"]?\sto)\b",
    re.IGNORECASE,
)
_BREAKS = re.compile(
    r"\b(?:on|in|after|and|to|from|with|as|for|over|by|against|at|of|than|amid|that|says?|said|could|may|will|an?)\b|[,;:]",
    re.I,
)
_ADMITS = re.compile(
    r"\s(?:(?:will|to|would|has|agrees to|agreed to)\s)?(?:tak(?:es?|en)|accept|admit|allow|let)(?:s|ed)?\s(?:in\s)?(?:all\s)?",
    re.I,
)
_SCHEDULE = re.compile(r"\bheadings?\s99\d\d\b")
_PRESIDENT = re.compile(r"\bthe president (?:said|told|wrote|posted|added)\b")
_GOES_TO = re.compile(r"\b(?:go|goes|went|moves?|moved)\s(?:back\s)?to\s\d", re.IGNORECASE)
_INDIAN_FORM = re.compile(r"\boriginating in or exported from\b", re.IGNORECASE)
_REGULATION = re.compile(r"\b(?:Implementing |Delegated )?Regulation \(")
_AMERICAN = ("ieepa", "s122", "s201", "s232", "s301", "s338", "reciprocal")
_INTO = re.compile(r"(?<=probe) into |(?<=investigation) into |(?<=inquiry) into |\boriginating in ", re.IGNORECASE)
_FOREIGN = re.compile(r"\bon (?:foreign|imported)\b", re.IGNORECASE)
_IMPORTERS = re.compile(r"\s(?:buyers|importers|consumers|shoppers|retailers)\b", re.IGNORECASE)
_ACTS = re.compile(r"(?:curb|restrict)(?:s|ed)?\s(?!on\b)|blacklist", re.IGNORECASE)  # a measure's name that is a verb
_ITS = re.compile(r"\b(?:its|their)\s(?:[\w.%-]+\s){0,3}$", re.IGNORECASE)
_SHIPPED = re.compile(
    r"\b(?:exports?(?!\s(?:control|curb|ban|dut|restrict|licen))|shipments?|sales)\b[^,;:]*(?<!response )\bto\s(?:the\s)?$",
    re.IGNORECASE,
)
_IMPORTS_OF = re.compile(r"\bimports?\s(?:of|from)\b", re.IGNORECASE)
_IN_THERE = re.compile(r"\s(?:in|into)\s(?:the\s)?", re.IGNORECASE)
_OF_STATE = re.compile(r"ministry|minister|department|official|government", re.IGNORECASE)
_ANY_COUNTRY = re.compile(r"\b(?:any|every|each)\s(?:\w+\s)?(?:country|nation)\b|\bcountries\sthat\b", re.IGNORECASE)
_SANCTIONS = re.compile(r"\bsanctions\s(?:on|against)\b|\bsanction(?:ed|ing)\b", re.IGNORECASE)
_ON_THEIRS = re.compile(r"\bon (?:all\s)?(?:their|its)\b", re.IGNORECASE)
_ITS_GOODS = re.compile(
    r"\bthat (?:its|their|his) (?:goods|exports|products|imports|shipments)\b"
    r"|\b(?:that|said|says|agreed) (?:that )?(?:its|their) (?:[\w-]+ ){1,2}(?:will|would|must) (?:bear|face|pay)\b",
    re.IGNORECASE,
)
_THAT = re.compile(r"(?:['’]s)?(?:\s\w+){0,3}\sthat\b", re.IGNORECASE)
_SAYS = re.compile(
    r"\s(?:\w+\s)?(?:says?|said|tells?|told|warns?|claims?|announces?|posted|declares?|wants?)\b", re.IGNORECASE
)
_SOURCE = re.compile(
    r"\b(?:originating in|(?:goods|imports|products|imported|articles) (?:from|of))\s(?:the\s)?$", re.IGNORECASE
)
_PRONOUN = re.compile(r"[^,;]*, (?:he|she|it|they)\b", re.IGNORECASE)  # the subject is somebody told before
_AT = re.compile(
    r"(?<!originating )(?<!made )(?<!grown )(?<!built )(?<!produced )(?<!probe )(?<!investigation )(?<!inquiry )"
    r"\b(?:at|in|into)\s(?:the\s)?$",
    re.IGNORECASE,
)
_CHARGES = re.compile(
    r"\s(?:(?:now|already|still|itself|has|have|had|would|will|plans\sto|wants\sto)\s)*"
    r"(?:charg|lev(?:y|ie)|put|impos|collect|appl(?:y|ie)|slap|plac|propos|announc|threaten)\w*\b",
    re.IGNORECASE,
)
_WHICH = re.compile(r"\b(?:that|which)\s(?:the\s)?$", re.IGNORECASE)
_OUT_OF = re.compile(
    r"\b(?:shut|lock|clos|wall|pric|keep|kept|barr?|squeez)\w*\b(?:\s[\w'’-]+){0,3}?\s(?:out\sof|from)\s(?:the\s)?$"
    r"|\bcan(?:not|['’]t|\s(?:barely|hardly))\s(?:sell|compete|get\sin)\w*\b[^,;:]{0,25}\s(?:in|into|to)\s(?:the\s)?$",
    re.IGNORECASE,
)  # "shut out of India by duties"
_IS_SHUT = re.compile(
    r"\b(?:shut|shuts|closed|closes|locked|barred|bars)\b(?:\s[\w'’-]+){0,6}?\s(?:to|against|from|by|on)\b|\bunaffordable\s(?:there|in)\b|\bwall\b",
    re.IGNORECASE,
)
_MARKET = re.compile(
    r"(?:['’]s?)?\s(?:[\w-]+\s)?(?:market|door|gate|shel(?:f|ves)|shops?|consumers?|buyers?|border)s?\b", re.IGNORECASE
)
_THE_MARKET = re.compile(r"\bmarket\b", re.IGNORECASE)
_REFUSES = re.compile(
    r"\s(?:again\s|flatly\s|has\s|have\s|had\s|also\s)*(?:reject|rebuff|dismiss|spurn|resist|turn(?:s|ed|ing)?\sdown)\w*\s(?:an?\s|the\s)?",
    re.IGNORECASE,
)
_DEMAND = re.compile(
    r"(?:['’]s?)?\s(?:\w+\s)?(?:demand|request|call|plea|proposal|push|bid|pressure|appeal)s?\s(?:to|for|of|that)\s",
    re.IGNORECASE,
)
_SOUGHT = re.compile(
    r"(?:['’]s?)?\s(?:[\w-]+\s){0,3}?(?:ask(?:s|ed|ing)?\s(?:for|that)|(?:seeks?|sought|seeking|wants?|wanted|demand(?:s|ed)?|request(?:s|ed)?)\s(?!to\b|that\b))",
    re.IGNORECASE,
)
_GOES_IN = re.compile(r"\benter(?:s|ed|ing)?\s(?:the\s)?$", re.IGNORECASE)
_CLAUSE_ENDS = re.compile(r"[,;:]")
_WORD_RATE = re.compile(r"\b(?:zero|nil)\b", re.IGNORECASE)
_MAKERS_SAY = re.compile(
    r"(?:\s[\w-]+){0,2}\s(?:growers?|makers?|producers?|exporters?|farmers?|millers?|distillers?|winemakers?|carmakers?|shippers?|groups?)"
    r"\s(?:has\s|have\s)?(?:long\s)?(?:says?|said|complain(?:s|ed)?|argue[sd]?|claim(?:s|ed)?)\b",
    re.IGNORECASE,
)
_CHAMBERS = ("Congress", "Senate", "Supreme Court")
_OTHERS = re.compile(r"(?<!America)(?<!Washington)(?<!US)['’]s\s$")
_FROM_AGENT = re.compile(r"(?:(?<=imposition)|(?<=tariffs)|(?<=tariff)) from\s(?:the\s)?$", re.IGNORECASE)
_AGENT = re.compile(r"\bby\s(?:the\s)?[\w.]+", re.IGNORECASE)
_RELATIVE = re.compile(
    r"\b(?:that|which)\s(?=(?:the\s)?(?:[\w.]+\s){1,3}(?:has|had|have|is|was|plans?|wants?|imposed|announced|proposed|put|set)\b)",
    re.IGNORECASE,
)  # "the tariff which Washington has imposed on Brazilian beef"
_SUPPOSED = re.compile(r"\W*(?:if|unless|should)\b[^,;:]*,", re.IGNORECASE)
_TELLS = re.compile(r"\b(?:tells?|told|warns?|warned)\s(?:the\s)?$", re.IGNORECASE)
_TO_BEAR = re.compile(r"\s(?:(?:to|it\swill|it\swould)\s(?:expect|face|pay|prepare|brace)|of)\b", re.IGNORECASE)
_WELCOMES = re.compile(
    r"(?:\s[\w-]+)?\s(?:hails?|hailed|welcomes?|welcomed|cheers?|cheered|celebrates?|secures?|secured|wins?|won"
    r"|(?:vow|promis|pledg)\w*\s(?:to\s|an?\s)?(?:answer|respon[ds]\w*|retaliat\w+))\s",
    re.IGNORECASE,
)
_BILL = re.compile(r"\b(?:House|Senate|Senators?['’]?|Republican|Democratic|bipartisan)\s(?:bill|draft|measure)\b")
_AND = re.compile(r"\s?(?:,|and|&|,\sand)\s(?:the\s)?")
_JOINT = re.compile(r"\s?(?:,|and|&|,\sand|[-–/])\s?(?:the\s)?")
_ENTERS = re.compile(r"\b(?:enter|to\senter|access\sto|entry\s(?:in)?to)\b", re.IGNORECASE)
_ITS_RATE = re.compile(r"(?:(?:tariff|duty|levy)\s)?rates?\b", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s(?:the\s)?$", re.IGNORECASE)
_BUYING = re.compile(r"\b(?:buy|bought|buys|buying|purchas\w+|import\w*)\b", re.IGNORECASE)
_DEALING = re.compile(
    r"\b(?:countr(?:y|ies)|nations?|econom(?:y|ies)|buyers?|importers?|anyone|anybody|those|states|firms?|compan(?:y|ies)|partners?)\s"
    r"(?:that\s|which\s|who\s)?(?:(?:still|are|is|continues?\sto|keeps?)\s)*"
    r"(?:do(?:es|ing)?\s(?:any\s)?business|trad(?:es?|ing)|buy(?:s|ing)?|import(?:s|ing)?|purchas(?:es?|ing)|deal(?:s|ing)?"
    r"|suppl(?:y|ies|ying)|sell(?:s|ing)?)\b[^,;:]*$",
    re.IGNORECASE,
)  # whom others deal with bears nothing: "any country doing business with Iran"
_PARTNERS = re.compile(r"['’]s?\s(?:main\s|biggest\s|top\s)?(?:trade|trading)\spartners\b", re.IGNORECASE)
_SOME_OF = re.compile(r"\s(?:countries|nations|states|allies)\b", re.IGNORECASE)
_OUTSIDE = re.compile(r"\b(?:outside|other than|except|beyond)\s(?:of\s)?(?:the\s)?$", re.IGNORECASE)
_OFFICE = re.compile(
    r"(?:['’]s?)?\s(?:[\w-]+\s)?(?:government|administration|cabinet|ministry|minister|president|parliament|authorities|officials?|regulators?)\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"(?:[,;]['\"’”]?\s(?:says?|said|claims?)|\baccording to|\b(?:tells?|told))\s(?:[\w-]+\s)?$", re.IGNORECASE
)
_STANDS_AT = re.compile(r"\s(?:at|is at|stands at|stays at|gets?|got)\s|:\s|\s\(", re.IGNORECASE)
_RATE_TOLD = re.compile(r"\d\s?(?:%|per\s?cent|pc\b|pct\b)", re.IGNORECASE)
_OWNED_KINDS = ("safeguard", "export_curb", "quota", "tax")
_Found = TypeVar("_Found", str, tuple[str, ...])
_FULLY_OWNED = frozenset({"US", "EU"})  # "US tariff" is always theirs; "India tariff" is mostly one on India


@dataclass(frozen=True, slots=True)
class Parties:
    imposer: str  # "" where the text does not tell
    target: tuple[str, ...]
    explicit: bool = False  # the measure's own words tell the target


NOBODY = Parties("", ())


def find_parties(
    told: Clause, ats: Sequence[int], around: Sequence[Clause], before: Parties, spoken_of: str = ""
) -> Parties:
    """The parties of the measure named at the offsets `ats` (the likeliest first) of `told`. What that part of a sentence does
    not say is taken from what stands `around` it, the nearest first, then from the measure told before. `spoken_of` is
    who "it" is."""
    wholes = [told, *around]
    owned = _first(_owner, told, ats) or _first(_by_agent, told, ats)
    if host := _host(told) or _entry(told) or _refuser(told, ats[0]) or _barred(told, around, owned):
        return host
    imposer = (
        _entered(told)
        or _first(_imposer, told, ats)
        or _place(told)
        or spoken_of
        or next((who for clause in around[:2] if (who := _subject(clause, ats[0], 5))), "")
    )
    if (imposer,) == _landing(told, ats[0], "") and not owned:
        imposer = _other_than(imposer, told)
    if not imposer and (route := _route(told)):
        return Parties(route[0], (route[1],), explicit=True)
    if imposer and not owned and imposer == _seeker(told):
        imposer = _sought_from(imposer, told, around)
    target = _first(lambda clause, at: _target(clause, at, imposer), told, ats) or ()
    if not imposer:
        near, far = ([who for whole in part if (who := _actor(whole, target))] for part in (around[:2], around[2:]))
        imposer = next(iter([*near, *([before.imposer] if before.imposer else []), *far]), "")
    if not imposer:
        imposer = _formal(told, around)
    if not imposer and _CUSTOMS.search(told.words):
        imposer = _only_land(around[0])
    if not imposer and (target or any(m.name != "tariff" for m in told.of("instruments"))):
        imposer = next((who for clause in around if (who := _only_actor(clause, target))), "")
    target = tuple(who for who in target if who != imposer)
    if target:
        return Parties(imposer, target, explicit=True)
    return Parties(imposer, _hit_elsewhere(imposer, told, ats[0], wholes, before))


def _host(clause: Clause) -> Parties | None:
    """Of "India will take US goods at zero duty" India, and whom it lets in."""
    for host, guest in pairwise(_lands(clause)):
        if host.name != guest.name and _ADMITS.fullmatch(clause.text[host.end : guest.start]):
            return Parties(host.name, (guest.name,), explicit=True)
    return None


def _entry(clause: Clause) -> Parties | None:
    """Of "pecans from Texas enter India at 30%" India, and whose goods go in."""
    host = next((m for m in _lands(clause) if m.kind == "countries" and _GOES_IN.search(clause.before(m.start))), None)
    if host is None or not _tells_rate(clause):
        return None
    lands = [m for m in _lands(clause) if m.name != host.name]
    sources = [m.name for m in lands if _FROM.search(clause.before(m.start))]
    owners = [m.name for m in lands if m.end <= host.start]
    guests = sources[-1:] or owners[-1:]
    return Parties(host.name, tuple(guests), explicit=True) if guests else None


def _refuser(clause: Clause, at: int) -> Parties | None:
    """Of "Delhi rejects a U.S. demand to cut tariffs" Delhi, and whose demand it was."""
    for who, asker in pairwise(_lands(clause)):
        led = _REFUSES.fullmatch(clause.text[who.end : asker.start])
        if led and asker.end <= at and who.name != asker.name and _DEMAND.match(clause.text, asker.end):
            return Parties(who.name, (asker.name,), explicit=True)
    return None


def _barred(told: Clause, around: Sequence[Clause], owned: str | None) -> Parties | None:
    """Whose market a measure shuts, and to whom: "American growers are shut out of India by a duty of 40%". A market that closes
    lower on a tariff of somebody (`owned`) is another one."""
    lands = [m for m in _lands(told) if m.name != "RU"]
    hosts = [m for m in lands if _OUT_OF.search(told.before(m.start))]
    if not hosts and not owned and _IS_SHUT.search(told.words):
        hosts = [m for m in lands if _MARKET.match(told.text, m.end)]
        if not hosts and _THE_MARKET.search(told.words) and len({m.name for m in lands}) == 1:
            return _barred_elsewhere(lands[0].name, around)
    guests = _unique(m.name for m in lands if hosts and m.name != hosts[0].name)
    return Parties(hosts[0].name, guests[:1], explicit=bool(guests)) if hosts else None


def _barred_elsewhere(guest: str, around: Sequence[Clause]) -> Parties | None:
    """The market that only the sentences around name."""
    named = (_unique(m.name for m in _lands(whole) if m.name not in (guest, "RU")) for whole in around[1:])
    host = next((names[0] for names in named if len(names) == 1), "")
    return Parties(host, (guest,), explicit=True) if host else None


def _formal(told: Clause, around: Sequence[Clause]) -> str:
    """Whose measure it is by its form: headings of the American schedule, the words of Indian notices, a tariff for Russian
    oil, who is foreign to it, and whom a regulation's title names."""
    if _FOREIGN.search(told.words) or told.has("grounds", "mfn"):
        return _only_land(around[0])
    if importers := [
        m.name for m in told.of("peoples") if _IMPORTERS.match(told.text, m.end) and told.has("cues", "hit_party")
    ]:
        return importers[0]
    if _SCHEDULE.search(told.words) or _PRESIDENT.search(told.words) or _BILL.search(told.words):
        return "US"
    if any(clause.has("grounds", *_AMERICAN) for clause in (told, *around[:2])):
        return "US"
    if told.has("grounds", "russian_oil") and told.has("instruments", "tariff"):
        return "US"
    if goes := _GOES_TO.search(told.words):
        return next((m.name for m in told.of("countries") if m.end <= told.start + goes.start()), "")
    if any(_INDIAN_FORM.search(clause.words) for clause in (told, *around)):
        return "IN"
    return next((_only_land(clause) for clause in around if _REGULATION.search(clause.words)), "")


def _other_than(hit: str, clause: Clause) -> str:
    """Of two parties the one whose goods do not bear the measure: "India, EU agree on duty on European cars"."""
    names = {mark.name for mark in _lands(clause) if mark.kind == "countries"} - {hit}
    return names.pop() if len(names) == 1 else ""


def partners(imposer: str, clause: Clause) -> tuple[str, ...]:
    """The other party of an agreement where only one other country is named: what is settled with it is meant for it."""
    names = {mark.name for mark in _lands(clause)} - {imposer}
    return tuple(names) if imposer and len(names) == 1 else ()


def _entered(clause: Clause) -> str:
    """Where goods are charged is whose charge it is: "goods are charged 19% in the United States", "zero duty in India"."""
    if not _tells_rate(clause):
        return ""
    hits = clause.of("cues", "hit_party")
    lands = [
        m
        for m in _lands(clause)
        if m.name == "US"
        and (m.kind == "countries" or _MARKET.match(clause.text, m.end))
        and _AT.search(clause.before(m.start))
    ]
    if any(0 < mark.first - hit.last <= 9 for mark in lands for hit in hits):
        return "US"
    names = clause.of("instruments", "tariff")
    there = (
        m
        for m in _lands(clause)
        for n in names
        if m.kind == "countries" and _IN_THERE.fullmatch(clause.text[n.end : m.start])
    )
    return next((m.name for m in there), "")


def _tells_rate(clause: Clause) -> bool:
    return bool(_RATE_TOLD.search(clause.words) or _WORD_RATE.search(clause.words))


def _only_actor(clause: Clause, target: Sequence[str]) -> str:
    """The only country that is named as one, and not for its goods."""
    lands = (
        m
        for m in _lands(clause)
        if m.kind == "countries" and m.name != "RU" and not _SPOKEN.search(clause.before(m.start))
    )
    names = {m.name for m in lands} - {*target}
    return names.pop() if len(names) == 1 else ""


def _only_land(clause: Clause) -> str:
    names = {mark.name for mark in _lands(clause)}
    return names.pop() if len(names) == 1 else ""


def _first(find: Callable[[Clause, int], _Found], clause: Clause, ats: Sequence[int]) -> _Found | None:
    return next((found for at in ats if (found := find(clause, at))), None)


def _lands(clause: Clause) -> list[Mark]:
    """Countries and peoples named for themselves, not for their oil nor for whom they deal with."""
    grounds = clause.of("grounds", "russian_oil")
    return [
        replace(mark, kind="countries") if mark.kind == "peoples" and _OFFICE.match(clause.text, mark.end) else mark
        for mark in clause.marks
        if mark.kind in ("countries", "peoples")
        and not (mark.text in _CHAMBERS and _OTHERS.search(clause.before(mark.start)))
        and not _is_aside(mark, clause)
        and (
            (clause.has("instruments", "other", "ban") and not clause.has("instruments", "tariff"))
            or not (
                any(ground.start <= mark.start < ground.end for ground in grounds)
                or (mark.name == "RU" and (grounds or _BUYING.search(clause.words)))
            )
        )
    ]


def _is_aside(mark: Mark, clause: Clause) -> bool:
    """Whether it is named for others: "buyers of its oil", "made outside the US", "eight European countries"; or the
    ministry is another's: "China's finance ministry"."""
    owners = (m for m in clause.marks if m.kind in ("countries", "peoples") and m.name != mark.name)
    if _OF_STATE.search(mark.text) and any(
        mark.start - m.end >= 0 and clause.text[m.end : mark.start].strip() in ("", "'s", "’s") for m in owners
    ):
        return True
    if mark.name == "EU" and mark.kind == "peoples" and _SOME_OF.match(clause.text, mark.end):
        return True
    led = clause.before(mark.start)
    return bool(_PARTNERS.match(clause.text, mark.end) or _OUTSIDE.search(led) or _DEALING.search(led))


def _imposer(clause: Clause, at: int) -> str:
    for find in (_by_agent, _charger, _asked, _owner, _lawgiver, _own, _subject):
        if who := find(clause, at):
            return who
    return ""


def _by_agent(clause: Clause, at: int) -> str:
    """Of "imposed by the US" the US."""
    for mark in (m for m in _lands(clause) if m.kind == "countries"):
        before = clause.before(mark.start)
        led = _BY.search(before) or (_FROM_AGENT.search(before) if mark.start > at else None)
        agent_at = mark.start - len(before) + led.start() if led else 0
        if led and any(
            0 <= agent_at - deed.end <= 25 for deed in [*_deeds(clause), *clause.of("statuses", "proposed")]
        ):
            return mark.name
    return ""


def _charger(clause: Clause, at: int) -> str:
    """Of "the duties of 100% that India charges" and "the levy India puts on wine" India."""
    for mark in (m for m in _lands(clause) if m.kind == "countries" and m.start > at):
        between = clause.text[at : mark.start]
        bare = len(between.split()) == 1 and any(m.start == at for m in clause.of("instruments"))
        which = _WHICH.search(between) and len(between.split()) <= 10 and not _CLAUSE_ENDS.search(between)
        if (bare or which) and _CHARGES.match(clause.text, mark.end):
            return mark.name
    return ""


def _deeds(clause: Clause) -> list[Mark]:
    return [m for m in clause.marks if m.kind in ("actions", "instruments")]


def _asked(clause: Clause, at: int) -> str:
    """He who is asked, not he who asks: "asks Washington to take off"."""
    for ask in reversed(clause.of("cues", "asked")):
        whom = next((m for m in _lands(clause) if 0 < m.first - ask.last <= 3), None)
        if whom is None or whom.kind != "countries" or _is_warned(whom, clause):
            continue
        if ask.start < at and not _THAT.match(clause.text, whom.end):
            return whom.name
    return ""


def _owner(clause: Clause, at: int) -> str:
    """Whose name the measure bears: "Trump's 25% duty", "Indian duty". A bare "India tariff" is owned by somebody else."""
    mark = _adjacent(clause, at)
    if mark is None or any(m.start == at and m.text.endswith("rate") for m in clause.of("instruments")):
        return ""
    if mark.name not in _FULLY_OWNED and _ITS_RATE.match(clause.text, at) and not _landing(clause, at, mark.name):
        return ""  # "Pakistan's tariff rate" is what its goods bear
    owned = bool(_POSSESSIVE.match(clause.text[mark.end : mark.end + 3])) or mark.text.endswith(("'s", "’s"))
    official = any(cue.start <= mark.start and mark.end <= cue.end for cue in clause.of("cues", "capital"))
    customs = re.search(r"\b(?:import|customs|basic)\s", clause.text[mark.end : at + 1])
    foreign = mark.kind == "peoples" and not _is_done_to(mark, clause) and clause.has("instruments")
    foreign = foreign or (mark.kind == "countries" and bool(_landing(clause, at, mark.name)))
    own = any(m.start == at and m.name in _OWNED_KINDS for m in clause.of("instruments")) and mark.kind == "countries"
    if owned or official or customs or foreign or own or mark.name in _FULLY_OWNED:
        return mark.name
    return ""


def _own(clause: Clause, at: int) -> str:
    """Of "India takes its duty on wine down" India."""
    led = _ITS.search(clause.text[clause.start : at])
    ahead = [m for m in clause.of("countries") if led and m.end <= clause.start + led.start()]
    return ahead[-1].name if ahead and not clause.has("cues", "hit_party") else ""


def _is_done_to(mark: Mark, clause: Clause) -> bool:
    """Whether another country acts on it, so that it is what those goods bear: "US trims Indonesian levy"."""
    led = [m for m in clause.of("actions") if 0 <= mark.start - m.end <= 12]
    subjects = {m.name for m in clause.of("countries") if led and m.end <= led[-1].start}
    return bool(subjects) and mark.name not in subjects


def _lawgiver(clause: Clause, at: int) -> str:
    """Only one country's laws have a Section 301: "the Section 301 tariff", "a reciprocal tariff"."""
    near = (m for m in clause.of("grounds", *_AMERICAN) if m.start <= at and len(clause.text[m.end : at].split()) <= 3)
    return "US" if next(near, None) else ""


def _place(clause: Clause) -> str:
    """Where the measure bites is whose it is: "pays a duty at American ports"."""
    if not clause.has("cues", "hit_party"):
        return ""
    return next((m.name for m in _lands(clause) if _AT.search(clause.before(m.start))), "")


def _adjacent(clause: Clause, at: int) -> Mark | None:
    """The country that stands right before the measure's name, with nothing but its rate and kind between."""
    ahead = [mark for mark in _lands(clause) if mark.end <= at]
    if not ahead:
        return None
    between = clause.text[ahead[-1].end : at]
    near = len(between.split()) <= 7 and not _BREAKS.search(between)
    verbs = any(
        (m.kind in ("actions", "statuses") or m.name in ("hit_party", "asked")) and ahead[-1].end <= m.start < at
        for m in clause.marks
    )
    return ahead[-1] if near and not verbs else None


def _subject(clause: Clause, at: int, reach: int = 12) -> str:
    """The last country before the deed that is no object and does not bear the measure."""
    deeds = [
        m for m in clause.marks if (m.kind in ("actions", "statuses") or _ACTS.match(m.text)) and m.start <= at + 40
    ]
    hits = clause.of("cues", "hit_party")
    lands = [m for m in _lands(clause) if m.kind == "countries"]
    ahead = [m for m in lands if m.end <= at]
    acting = any(m.kind == "actions" and m.start <= at < m.end for m in clause.marks)  # "bans imports" is name and deed
    bare = None if acting else _adjacent(clause, at)
    for mark in [*reversed(ahead), *lands[len(ahead) :]]:
        if (
            mark is bare
            or _is_warned(mark, clause)
            or _is_supposed(mark, clause)
            or _PRONOUN.match(clause.text[mark.end : at])
            or any(
                0 < hit.first - mark.last <= 7
                and not _has_between(clause, mark, hit)
                and not _SAYS.match(clause.text, mark.end)
                for hit in hits
            )
            or (clause.text[mark.end : mark.end + 2] in ("'s", "’s") and not _OFFICE.match(clause.text, mark.end))
            or (mark.name != "US" and _SPOKEN.search(clause.before(mark.start)))
        ):
            continue
        if any(deed.kind == "actions" and deed.first == mark.last + 1 for deed in deeds) and not _is_object(
            mark, clause
        ):
            return _of_joint(mark, clause)
        if mark.name == "RU" or _PREPOSITION.search(clause.before(mark.start)):
            continue
        after = [deed for deed in deeds if 0 < deed.first - mark.last <= reach]
        if after and not _is_object(mark, clause):
            return _of_joint(mark, clause)
    return ""


def _is_warned(mark: Mark, clause: Clause) -> bool:
    """Whether it is told what it will bear: "tells Canada to expect a duty"."""
    return bool(_TELLS.search(clause.before(mark.start)) and _TO_BEAR.match(clause.text, mark.end))


def _is_supposed(mark: Mark, clause: Clause) -> bool:
    """Whether it only does what would bring the measure: "if Canada makes a deal, 100% tariff"."""
    supposed = _SUPPOSED.match(clause.words)
    return bool(supposed) and mark.start < clause.start + (supposed.end() if supposed else 0)


def _has_between(clause: Clause, mark: Mark, hit: Mark) -> bool:
    between = (m for m in clause.of("countries") if mark.end <= m.start < hit.start)
    return any(not _AND.fullmatch(clause.text[mark.end : m.start]) for m in between)


def _of_joint(mark: Mark, clause: Clause) -> str:
    """Of "US and China agree" it is taken to be the American measure, which is what such deals are about."""
    joint = [
        m.name
        for m in clause.of("countries")
        if (m.end < mark.start and _JOINT.fullmatch(clause.text[m.end : mark.start]))
        or (mark.end < m.start and _JOINT.fullmatch(clause.text[mark.end : m.start]))
    ]
    return "US" if "US" in joint else mark.name


def _is_object(mark: Mark, clause: Clause) -> bool:
    """Whether it stands right after a deed: "threatens EU with", "hits China with"."""
    deeds = [m for m in clause.marks if (m.kind == "actions" or m.name == "threatened") and m.end <= mark.start]
    return bool(deeds) and not clause.text[deeds[-1].end : mark.start].strip(" ,'\"‘“")


def _actor(clause: Clause, target: Sequence[str]) -> str:
    """Who may be taken for the imposer where the measure's own words name nobody."""
    lands = [m for m in _lands(clause) if m.kind == "countries" and m.name not in (*target, "RU")]
    americans = [m for m in lands if m.name == "US" and not _SOURCE.search(clause.before(m.start))]
    if americans and "US" not in target:
        return "US"
    deeds = clause.of("actions")
    subjects = [
        m.name
        for m in lands
        if any(
            0 < deed.first - m.last <= 4 and not _PRONOUN.match(clause.text[m.end : deed.start + 1]) for deed in deeds
        )
    ]
    return subjects[0] if subjects else ""


def _target(clause: Clause, at: int, imposer: str) -> tuple[str, ...]:
    if _ON_THEIRS.search(clause.text, at, clause.end):  # "knitters of Tiruppur plead for 10% US duty on their garments"
        owners = [m.name for m in _lands(clause) if m.end <= at and m.name != imposer]
        if owners:
            return (owners[0],)
    if _ITS_GOODS.search(clause.words):
        owners = [m.name for m in _lands(clause) if m.end <= at and m.name != imposer]
        if owners:
            return (owners[-1],)
    if (
        clause.has("grounds", "russian_oil")
        and _SANCTIONS.search(clause.words)
        and not clause.has("instruments", "tariff")
    ):
        return ("RU",)
    if clause.has("instruments", "export_curb"):
        shipped = _unique(
            m.name for m in _lands(clause) if m.name != imposer and _SHIPPED.search(clause.before(m.start))
        )
        if shipped:
            return shipped
    if warned := _unique(m.name for m in _lands(clause) if m.name != imposer and _is_warned(m, clause)):
        return warned
    if placed := _placed(clause, at) or _entering(clause, imposer) or _banned(clause, at, imposer):
        return placed
    blocs = _blocs(clause, at)
    for found in (_landing(clause, at, imposer), _objects(clause, at, imposer), _bearers(clause, imposer)):
        if blocs and not (found and "ALL" in blocs):
            return blocs
        if found:
            return found
    return (
        blocs
        or _named_after(clause, at, imposer)
        or _asking(clause, imposer)
        or _bemoaning(clause, imposer)
        or _welcoming(clause, at, imposer)
    )


def _placed(clause: Clause, at: int) -> tuple[str, ...]:
    """Who stands at a rate: "India at 18%, Vietnam at 20%"."""
    if not clause.text[at : at + 1].isdigit():
        return ()
    return tuple(m.name for m in _lands(clause) if _STANDS_AT.fullmatch(clause.text[m.end : at]))


def _banned(clause: Clause, at: int, imposer: str) -> tuple[str, ...]:
    """Whose goods a ban keeps out: "bans Japanese seafood imports"."""
    if not any(m.start == at and m.name == "ban" for m in clause.of("instruments")):
        return ()
    after = [m for m in _lands(clause) if m.kind == "peoples" and m.start > at and m.name != imposer]
    return tuple(m.name for m in after[:1] if not _BREAKS.search(_IMPORTS_OF.sub("", clause.text[at : m.start])))


def _entering(clause: Clause, imposer: str) -> tuple[str, ...]:
    """Whose goods go in: "Indian shoes to enter the UK at zero duty"."""
    enters = _ENTERS.search(clause.words)
    if not enters or not any(m.name == imposer and m.start >= clause.start + enters.end() for m in _lands(clause)):
        return ()
    return tuple(m.name for m in clause.of("peoples") if m.end <= clause.start + enters.start() and m.name != imposer)


def _blocs(clause: Clause, at: int) -> tuple[str, ...]:
    deeds = {m.last + 1 for m in clause.marks if m.kind == "actions" or m.name == "threatened"}
    found = [
        m
        for m in clause.of("blocs")
        if m.name == "ALL" or m.start > at or m.first in deeds or _PREPOSITION.search(clause.before(m.start))
    ]
    names = _unique(m.name for m in found) or _unique(m.name for m in clause.of("blocs", "RUSSIAN_OIL_BUYERS"))
    return names if len(names) < 2 else tuple(name for name in names if name != "ALL")


def _route(clause: Clause) -> tuple[str, str] | None:
    """(who imports, who exports) of "exports from Europe to India"."""
    lands = [m for m in _lands(clause) if m.kind == "countries"]
    for source, goal in pairwise(lands):
        if _FROM.search(clause.before(source.start)) and clause.text[source.end : goal.start].strip().lower() == "to":
            return goal.name, source.name
    return None


def _landing(clause: Clause, at: int, imposer: str) -> tuple[str, ...]:
    """Countries after "on", "against", "from" that follow the measure's name."""
    found: list[str] = []
    last: Mark | None = None
    for mark in _lands(clause):
        if mark.start < at or mark.name == imposer or "Trump" in mark.text or _AT.search(clause.before(mark.start)):
            continue
        between = _INTO.sub(
            " on ", _AGENT.sub("", _APPLIES.sub(" on ", _RELATIVE.sub("", clause.text[at : mark.start])))
        )
        if _ENDS.search(between):
            break
        listed = last is not None and _AND.fullmatch(clause.text[last.end : mark.start])
        if listed or _LANDS.search(between.rpartition(",")[2]):
            last = mark
            found.append(mark.name)
    return _unique(found)


def _objects(clause: Clause, at: int, imposer: str) -> tuple[str, ...]:
    """Countries after the deed: "hits China with a duty", "exempts Brazilian coffee from the tariff"."""
    deeds = [m for m in clause.marks if m.kind in ("actions", "statuses") and m.end <= at]
    if not deeds:
        return ()
    found = []
    for mark in _lands(clause):
        led = next((deed for deed in reversed(deeds) if deed.end <= mark.start), None)
        if led is None or mark.end > at or mark.name == imposer:
            continue
        between = clause.text[led.end : mark.start]
        if not _ENDS.search(between) and len(between.split()) <= 5:
            found.append(mark.name)
    return _unique(found)


def _bearers(clause: Clause, imposer: str) -> tuple[str, ...]:
    """Countries that bear it: "India faces", "Indian shrimp pay"."""
    found: list[str] = []
    for hit in clause.of("cues", "hit_party"):
        lands = [
            m
            for m in _lands(clause)
            if m.end <= hit.start
            and m.name != imposer
            and hit.first - m.last <= 6
            and not _SAYS.match(clause.text, m.end)
        ]
        listed = lands[-1:]
        for mark in reversed(lands[:-1]):
            if not _AND.fullmatch(clause.text[mark.end : listed[0].start]):
                break
            listed.insert(0, mark)
        found += [m.name for m in listed]
    return _unique(found)


def _seeker(clause: Clause) -> str:
    """Who wants relief for itself: "American negotiators sought zero duty"."""
    if not clause.has("actions", "cut", "remove", "exempt") and not clause.has("instruments", "quota"):
        return ""
    return next((m.name for m in _lands(clause) if _SOUGHT.match(clause.text, m.end)), "")


def _sought_from(seeker: str, told: Clause, around: Sequence[Clause]) -> str:
    """The only other country that is named, in the nearest that names one."""
    named = (_unique(m.name for m in _lands(whole) if m.name not in (seeker, "RU")) for whole in (told, *around))
    return next((names[0] if len(names) == 1 else "" for names in named if names), "")


def _asking(clause: Clause, imposer: str) -> tuple[str, ...]:
    """Who asks for relief bears it: "India asks the US to lift tariffs", "US growers want India's duty gone"."""
    asks = clause.of("cues", "asked") if imposer else []
    lands = (m for m in _lands(clause) for ask in asks if m.name != imposer and 0 < ask.first - m.last <= 4)
    return tuple(m.name for m in lands)[:1]


def _bemoaning(clause: Clause, imposer: str) -> tuple[str, ...]:
    """Whose makers speak of another's measure bears it: "U.S. growers say Indian duties of 45% amount to a wall"."""
    makers = (m for m in _lands(clause) if m.name != imposer and _MAKERS_SAY.match(clause.text, m.end))
    return tuple(m.name for m in makers)[:1] if imposer else ()


def _welcoming(clause: Clause, at: int, imposer: str) -> tuple[str, ...]:
    """Who is glad of another's measure bears it: "Brazil hails end of 40% US tariff"."""
    glad = (m for m in _lands(clause) if m.end <= at and m.name != imposer and _WELCOMES.match(clause.text, m.end))
    return tuple(m.name for m in glad)[:1] if imposer else ()


def _named_after(clause: Clause, at: int, imposer: str) -> tuple[str, ...]:
    """The bare name before the measure's name, when it is somebody else's: "India tariff"."""
    mark = _adjacent(clause, at)
    return (mark.name,) if mark is not None and mark.name not in (imposer, "RU", "US") else ()


def _hit_elsewhere(imposer: str, told: Clause, at: int, wholes: Sequence[Clause], before: Parties) -> tuple[str, ...]:
    """India is taken as hit where it is named beside a US measure that is not told of goods from nowhere in particular."""
    if imposer != "US" or _is_of_goods(told, at):
        return ()
    if any(m.name == "IN" for whole in wholes[:3] for m in _lands(whole)):
        return ("IN",)
    if _ANY_COUNTRY.search(told.words):
        return ()
    for whole in wholes:
        names = {m.name for m in _lands(whole)} - {imposer}
        if "IN" in names:
            return ("IN",)
        if len(names) == 1 and (told.has("actions") or _RATE_TOLD.search(told.words)):
            return tuple(names)
        if names:
            return ()
    return before.target if before.imposer == imposer else ()


def _is_of_goods(told: Clause, at: int) -> bool:
    """Whether goods are told, and no country: "tariff on furniture"."""
    oil = told.of("grounds", "russian_oil")
    oil += told.of("peoples")  # a town that stands for what is made in it
    goods = [m for m in told.of("sectors") if not any(o.start <= m.start < o.end for o in oil)]
    return any(m.start > at - 25 for m in goods)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
