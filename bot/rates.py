"""Rates: the percentages of a clause that are rates of duty, not growth, shares, polls or taxes at home."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.clauses import Clause, Mark

_NUMBER = r"\d{1,4}(?:,\d{3})*(?:\.\d+)?"
_SIGN = r"(?:\s?%|[\s-]?per[\s-]?cent\b|\s?pct?\b)"
_PERCENT = re.compile(rf"(?<![\w.,$])(?P<top>{_NUMBER}){_SIGN}", re.IGNORECASE)
_RANGE = re.compile(
    rf"(?<![\w.,$])(?P<low>{_NUMBER})(?:{_SIGN})?\s?(?:-|–|to|and)\s?(?P<top>{_NUMBER}){_SIGN}", re.IGNORECASE
)
_WORD = re.compile(
    r"(?:(?:levy|duty|tariff|surcharge|tax)\s+of\s+(?:one-|a\s)?(?P<part>half|quarter)\b)"
    r"|\b(?P<none>zero|nil|nothing)\b(?=\s+(?:(?-i:[A-Z])\w*\s+)?(?:import\s+|customs\s+)?(?:duty|tariff|levy))"
    r"|\b(?:to|at|charg(?:es?|ed|ing)(?:\s[\w'’]+){0,4})\s+(?P<gone>zero|nil|nothing)\b",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\b(?:from|against|instead of|in place of|rather than|replacing|was)\s"
    r"(?:(?:the|a|an|its|about|around|up to|current|earlier|existing|previous|present|threatened|planned|proposed"
    r"|original|initial|old|prior)\s)*$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\bby\s(?:(?:a|an|about|around|up to|as much as|at least|another|nearly|further|over)\s)*$", re.IGNORECASE
)
_NAMED = re.compile(r"\s(?:[\w.]+\s)?(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharge)\b", re.IGNORECASE)
_THAN = re.compile(
    r"\b(?:less|lower|higher|more|points)\sthan\s(?:the\s)?$|\b(?:below|above)\s(?:the\s)?$", re.IGNORECASE
)
_THREATENED = re.compile(
    r"\s(?:[\w-]+\s){0,5}?(?:threatened|proposed|planned|floated|recommended|advised)\b", re.IGNORECASE
)
_RANGE_LEAD = re.compile(
    r"(?<!rates )(?<!margins )(?<!ranging )(?<!range )(?<!ranges )(?<!vary )\bfrom\s(?:about\s)?$", re.IGNORECASE
)
_NOT_AFTER = re.compile(
    r"\s*(?:-?point|percentage|basis|chance|probability|share\b|stake|discount|off\b"
    r"|of\s(?!import|customs|duty|value|the\svalue)|drop\b|fall\b|jump\b|decline|growth|dip\b|crash|plunge|surge|slump"
    r"|on\s(?:year|month)|year|in\s(?:a|one)\s(?:week|day|month|year)|more than|higher|lower"
    r"|from\sa\syear|stronger|weaker|last\s)",
    re.IGNORECASE,
)
_TOTAL_BEFORE = re.compile(
    r"\b(?:total(?:ling)?|combined|in all|overall|effective|cumulative|puts|makes?|making|to a total of)\s[^,;]{0,12}$",
    re.IGNORECASE,
)
_TOTAL_AFTER = re.compile(r"\s*(?:in all|in total|altogether|combined|overall|total)\b", re.IGNORECASE)
_JOIN = re.compile(
    r"\b(?:on|in|after|and|to|from|with|as|for|over|by|against|at|of|than|amid|since|says?|said)\b|[,;:]", re.IGNORECASE
)
_ON = re.compile(r"\son\s")
_DOUBLED = re.compile(r"\b(?:doubl|halv)\w*", re.IGNORECASE)
_ON_FOREIGN = re.compile(r"\s(?:\w+\s)?on\s(?:all\s|most\s)?(?P<foreign>(?:foreign|imported)\b)?", re.IGNORECASE)
_GOES_TO = re.compile(r"\b(?:go|goes|went|moves?|moved)\s(?:back\s)?to\s$", re.IGNORECASE)
_FROM_RATE = re.compile(r"\s(?:up\s|down\s)?from\s\d[\d.]*\s?(?:%|per\s?cent)\son\s", re.IGNORECASE)
_SAYS = re.compile(
    r"\b(?:announced|announces|threatened|threatens|promised|floated|set)\s(?:an?\s)?(?:extra\s|fresh\s)?$",
    re.IGNORECASE,
)
_TO = re.compile(r"\s(?:for|on)\s(?:all\s|the\s)?", re.IGNORECASE)
_BEARS = re.compile(
    r"\b(?:fac|pay|bear|attract|subject|accept|charg|tax|ow|incur|settl|lock|saddl|hit|slap|enter|get)", re.IGNORECASE
)
# "One company got 8.02%, another 4.31%": another company, not another duty.
_MORE = re.compile(r"\b(?:further|additional|(?<!%,\s)(?<!cent,\s)another|extra)\s$", re.IGNORECASE)
_MORE_THAN = re.compile(
    r"\s*(?:$|[,.;(]|(?:for|on|over|linked|tied|is|was|will|would|takes?|took|kicks?|kicked|from|starting|effective|imposed|if|unless|came|comes)\b)",
    re.IGNORECASE,
)
_STANDS_AT = re.compile(r"\s(?:at|is at|stands at|stays at|gets?|got)\s|:\s|\s\(", re.IGNORECASE)
_ADDS = re.compile(r"\badd(?:s|ed|ing)?\s(?:an?\s|another\s|extra\s)*$", re.IGNORECASE)
_TO_TARIFF = re.compile(r"\sto\s(?:\w+\s)?(?:tariffs?|dut(?:y|ies)|lev(?:y|ies))\b", re.IGNORECASE)
_LEVIES = re.compile(r"(?:charg|lev[iy]|impos|slap|put|tax|collect)", re.IGNORECASE)
_ON_GOODS = re.compile(
    r"\son\s(?:all\s|most\s)?(?:\w+\s)?(?:goods|products|imports|exports|articles|shipments)\b", re.IGNORECASE
)
_THEIRS = re.compile(r"\b(?:Trump|Washington|America|US)(?:['’]s)?\s(?:(?:extra|additional|new|flat|fresh)\s)*$")
_FALLS_ON = re.compile(r"\s(?:\w+\s){0,2}(?:on|against)\s(?:all\s|most\s)?", re.IGNORECASE)
_FROM_DAY = re.compile(
    r"\s(?:from|starting|effective|until)\s(?:\d|next|today|tomorrow|midnight|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
_AT_FIRST = re.compile(r"\W*At\s", re.IGNORECASE)
_FOR_WHOM = re.compile(
    r"\s(?:for|on)\s(?:all\s|the\s|most\s|about\s|some\s|\d+\s|those\s)*"
    r"(?P<group>(?:other\s)?(?:rest|others|economies|countries|nations|partners)\b)?",
    re.IGNORECASE,
)
_TRADED = ("goods", "exports", "imports", "products")
_PARTS = {"half": 50.0, "quarter": 25.0}


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of duty in per cent. `role` is "rate", "from" (the earlier rate) or "total"."""

    value: float
    low: float | None
    start: int
    end: int
    role: str = "rate"
    earlier: float | None = None


def find_rates(clause: Clause, whole: Clause | None = None, *, further: bool = False) -> tuple[Rate, ...]:
    """The rates that the clause tells, each with the earlier rate where that stands beside it. `whole` is the sentence, which may
    name the measure for all its parts; `further`: a measure was told before, so that "a further 25%" is one more."""
    found = [rate for rate in _percentages(clause) if _is_rate(rate, clause, whole or clause, further=further)]
    if len(found) > 2:
        found = [replace(rate, role="total") if _sums_up(rate, clause) else rate for rate in found]
    return tuple(_with_earlier(found, clause))


def _sums_up(rate: Rate, clause: Clause) -> bool:
    return bool(_TOTAL_BEFORE.search(clause.before(rate.start)))


def _percentages(clause: Clause) -> Iterator[Rate]:
    reached = clause.start
    for match in _matches(clause):
        if match.start() >= reached:
            reached = match.end()
            yield _rate(match, clause)


def _matches(clause: Clause) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    for pattern in (_RANGE, _PERCENT, _WORD):
        found += pattern.finditer(clause.text, clause.start, clause.end)
    ranges = [m for m in found if m.re is _RANGE and _RANGE_LEAD.search(clause.before(m.start()))]
    return sorted((m for m in found if m not in ranges), key=lambda m: (m.start(), -m.end()))


def _rate(match: re.Match[str], clause: Clause) -> Rate:
    groups = match.groupdict()
    if groups.get("part"):
        return Rate(_PARTS[groups["part"].lower()], None, match.start("part"), match.end("part"))
    if match.re is _WORD:
        name = "none" if groups["none"] else "gone"
        return Rate(0.0, None, match.start(name), match.end(name))
    low = _value(groups["low"]) if groups.get("low") else None
    top = _value(groups["top"])
    low, top = (top, low) if low is not None and low > top else (low, top)
    before, after = clause.before(match.start()), clause.text[match.end() : clause.end]
    role = "from" if low is None and _FROM.search(before) else "total" if _TOTAL_AFTER.match(after) else "rate"
    return Rate(top, low, match.start(), match.end(), role)


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def _is_rate(rate: Rate, clause: Clause, whole: Clause, *, further: bool) -> bool:
    before, after = clause.before(rate.start), clause.text[rate.end : clause.end]
    if (_BY.search(before) and not _NAMED.match(after)) or _NOT_AFTER.match(after) or _is_of_threat(rate, clause):
        return False
    names = clause.of("instruments")
    others = (m for m in clause.of("cues", "moved", "home") if not any(n.start <= m.start < n.end for n in names))
    heads = sorted([*names, *others], key=lambda mark: mark.start)
    behind = _next_head(rate, heads, clause)
    if behind is not None:
        return behind.kind == "instruments"
    if _is_levied(rate, clause):
        return True
    ahead = _last_head(rate, heads)
    if ahead is not None:
        return ahead.kind == "instruments" or (ahead.text.lower() in _TRADED and _is_borne(rate, clause, whole))
    if further and is_further(rate, clause):
        return True
    return _is_charged(rate, clause, whole)


def _is_of_threat(rate: Rate, clause: Clause) -> bool:
    """Whether it never came: "two points less than the 20% threatened"."""
    return bool(_THAN.search(clause.before(rate.start)) and _THREATENED.match(clause.text, rate.end, clause.end))


def _is_levied(rate: Rate, clause: Clause) -> bool:
    """ "will charge 18% on goods from India", "adds 10% to tariffs on Canada" """
    after = clause.text[rate.end : clause.end]
    if _ADDS.search(clause.before(rate.start)) and _TO_TARIFF.match(after):
        return True
    if _THEIRS.search(clause.before(rate.start)) and (on := _FALLS_ON.match(clause.text, rate.end, clause.end)):
        return any(0 <= m.start - on.end() <= 1 for m in clause.marks if m.kind in ("countries", "peoples"))
    verbs = (m for m in clause.of("actions", "impose") if 0 < rate.start - m.end <= 12 and _LEVIES.match(m.text))
    return any(verbs) and bool(_ON_GOODS.match(after))


def is_further(rate: Rate, clause: Clause) -> bool:
    """Whether it comes on top of what was told before and names no measure of its own: "a further 25% is due"."""
    more = _MORE.search(clause.before(rate.start)) and _MORE_THAN.match(clause.text[rate.end : clause.end])
    return bool(more)


def _next_head(rate: Rate, heads: list[Mark], clause: Clause) -> Mark | None:
    """What the percentage is said of, where that follows it: "25% additional import duty"."""
    after = next((mark for mark in heads if mark.start >= rate.end), None)
    if after is None or _JOIN.search(clause.unlisted(rate.end, after.start)):
        return None
    return after if len(clause.text[rate.end : after.start].split()) <= 6 else None


def _last_head(rate: Rate, heads: list[Mark]) -> Mark | None:
    """What the percentage is said of, where that stands before it: "duty on Indian exports to 50%"."""
    ahead = [mark for mark in heads if mark.end <= rate.start]
    while ahead and ahead[-1].name == "moved" and any(mark.kind == "instruments" for mark in ahead):
        if ahead[-1].text.lower().rstrip("s") not in ("export", "shipment", "order", "line", "importer", "market"):
            break
        ahead.pop()
    return ahead[-1] if ahead else None


def _is_charged(rate: Rate, clause: Clause, whole: Clause) -> bool:
    """No measure is named, and yet somebody is charged: "to slap up to 50% on cars"."""
    if _on_foreign(rate, clause) or _is_borne(rate, clause, whole) or _is_listed(rate, clause, whole):
        return True
    if _SAYS.search(clause.before(rate.start)) and (to := _TO.match(clause.text, rate.end, clause.end)):
        return any(m.start == to.end() for m in (*clause.of("countries"), *clause.of("peoples")))
    if clause.has("grounds") and _ON.match(
        clause.text[rate.end : clause.end]
    ):  # "Section 301 means 25% on Indian goods"
        return clause.has("peoples") or clause.has("countries")
    verbs = [m for m in clause.of("actions", "impose") if m.end <= rate.start and rate.start - m.end < 60]
    lands = clause.has("countries") or clause.has("peoples") or clause.has("blocs")
    return bool(verbs) and lands and (clause.has("sectors") or clause.has("peoples") or clause.has("blocs"))


def _on_foreign(rate: Rate, clause: Clause) -> bool:
    """ "25% on Indian goods", "70% on foreign cars" """
    if not (match := _ON_FOREIGN.match(clause.text, rate.end, clause.end)):
        return False
    goods = clause.has("sectors") or clause.has("cues", "goods_at_large")
    return goods and (bool(match["foreign"]) or any(0 <= m.start - match.end() <= 1 for m in clause.of("peoples")))


def _is_listed(rate: Rate, clause: Clause, whole: Clause) -> bool:
    """The sentence names the measure for all: "Tariffs compared: India at 18%, 20% for Vietnam"."""
    if not whole.has("instruments", "tariff", "secondary_tariff"):
        return False
    lands = [*clause.of("countries"), *clause.of("peoples")]
    led = clause.text[max(whole.start, rate.start - 2) : rate.start]
    if led == ": " and _FROM_DAY.match(clause.text[rate.end : clause.end]):
        return True
    if any(m.end <= rate.start and _STANDS_AT.fullmatch(clause.text[m.end : rate.start]) for m in lands):
        return True
    to = _FOR_WHOM.match(clause.text, rate.end, clause.end)
    if (
        rate.start - clause.start <= 4
        and _AT_FIRST.fullmatch(clause.text[clause.start : rate.start])
        and clause.text[rate.end : rate.end + 1] == ","
    ):
        return True
    return to is not None and (bool(to["group"]) or any(0 <= m.start - to.end() <= 1 for m in lands))


def _is_borne(rate: Rate, clause: Clause, whole: Clause) -> bool:
    """ "Philippine exports face 19% in the US": goods of somebody bear it."""
    before, after = clause.before(rate.start), clause.text[rate.end : clause.end]
    moved = bool(_GOES_TO.search(before) and _FROM_RATE.match(after))
    free = rate.value == 0 and before.endswith("at ")
    near = (
        free
        or moved
        or any(0 < rate.start - hit.end <= 12 and _BEARS.search(hit.text) for hit in clause.of("cues", "hit_party"))
    )
    goods = [m for m in clause.marks if m.kind == "sectors" or m.text.lower().split()[0] in _TRADED]
    told = moved or bool(goods) or whole.has("instruments")
    return near and told and (clause.has("peoples") or clause.has("countries"))


def _with_earlier(found: list[Rate], clause: Clause) -> Iterator[Rate]:
    """Earlier rates given to the rate they stand beside; alone they stay what they are."""
    if (
        len(found) == 1 and found[0].role == "from" and clause.has("actions", "exempt", "remove")
    ):  # "spared from the 40% tariff"
        found = [replace(found[0], role="rate")]
    olds = [rate for rate in found if rate.role == "from"]
    news = [rate for rate in found if rate.role != "from"]
    for rate in news:
        near = [old for old in olds if abs(old.start - rate.start) < 70]
        old = min(near, key=lambda old: abs(old.start - rate.start), default=None)
        if old is not None:
            olds.remove(old)
            yield replace(rate, earlier=old.value)
        else:
            yield replace(rate, earlier=_base(rate, clause))
    if not news:
        yield from olds


def _base(rate: Rate, clause: Clause) -> float | None:
    """The rate before: what doubled to 50% was 25%, what halved to 9% was 18%."""
    before = clause.before(rate.start)
    if not (verb := _DOUBLED.search(before)) or not re.search(r"\bto\s$", before):
        return None
    return rate.value / 2 if verb.group().lower().startswith("d") else rate.value * 2
