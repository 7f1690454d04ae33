"""Facts: what an article claims of one trade measure — who puts which barrier on whom, at which rate, how firm it is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from bot.clauses import BARE, Clause, Mark, find_sentences, parts, tells, whole_title
from bot.dates_told import find_term
from bot.firmness import Firmness, Judge, by_rules, does_something, find_firmness, is_dropped, is_refused, promises_none
from bot.notices import Notice, find_notices, is_proclamation
from bot.parties import NOBODY, Parties, find_parties, partners
from bot.rates import Rate, find_rates, is_further
from bot.reading import Reading
from bot.speakers import find_speaker
from bot.vocabulary import Sieve, TermIndex, Vocabulary, one_form, sieve_for

INSTRUMENTS = (
    "tariff",
    "secondary_tariff",
    "anti_dumping",
    "countervailing",
    "safeguard",
    "quota",
    "ban",
    "export_curb",
    "tax",
    "other",
)
GROUNDS = ("ieepa", "s122", "s201", "s232", "s301", "s338", "reciprocal", "russian_oil", "mfn", "fta")
ACTIONS = ("impose", "raise", "cut", "remove", "exempt", "keep", "extend")
STATUSES = (
    "speculated",
    "threatened",
    "proposed",
    "announced",
    "agreed",
    "in_force",
    "suspended",
    "struck_down",
    "expired",
    "denied",
)  # how firm it is, weakest first; then the ends


_TALK = r"(?:reports?|claims?|story|stories|rumou?rs?|talk|posts?|messages?|suggestions?)"
_FALSE = r"(?:false|fake|baseless|untrue|incorrect|wrong|rubbish|nonsense|fabricated|speculative|misleading)"
_THING = (
    r"(?:decision|plan|move|proposal|talks?|discussion|thing|commitment|assurance|order|intention|deal|agreement|offer)"
)
_DENIES_THAT = re.compile(
    rf"\b(?:no such {_THING}|nothing of (?:the|that) (?:sort|kind)|no [\w\s]{{0,20}}of (?:the|that) (?:sort|kind)|not part of it"
    rf"|(?:denied|denies|refuted|rejected|dismissed|called|calls|termed)\s(?:the|that|this|such|any such|these|those)\s{_TALK}"
    rf"|(?:the|that|this|such|these)\s{_TALK}\s(?:is|are|was|were)\s(?:\w+\s)?{_FALSE})\b",
    re.IGNORECASE,
)
_OF_BOTH = re.compile(r"\bJoint Statement\b|\bterms of the\b[^:]*\b(?:deal|agreement)\b", re.IGNORECASE)
_NEXT = re.compile(r"\b(?:and|on|plus|for|to|from|with)\b|[,;:]", re.IGNORECASE)
_GOES_BACK = re.compile(
    r"\W*(?:it|he|she|they|this|that|these|those|the\s(?:government|ministry|order|measure|move|cut|decision|bill|country|"
    r"tariffs?|dut(?:y|ies)|lev(?:y|ies)|rates?|plan|proposal|surcharge|change|increase))\b",
    re.IGNORECASE,
)  # whose, the sentence before tells
_SPARED = re.compile(
    r"(?:,|\band|\bbut|\bwhile|\bwith)\s(?:also\s)?(?:spar|exempt|exclud|exclus|carv|except|leav)\w*\s(?:out\s|an?\s|for\s|in\s|only\s)*",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(?P<rate>\d+(?:\.\d+)?)\s?(?:%|per\s?cent)", re.IGNORECASE)
_CLOSE = 15  # characters
_LEAD = 30  # characters
_IT = re.compile(r"\W*(?:it|he|she|they)\b", re.IGNORECASE)
_TRADED = re.compile(r"\b(?:im|ex)port|\bshipment", re.IGNORECASE)  # a ban of anything else is no barrier to trade


@dataclass(frozen=True, slots=True)
class Fact:
    """One claim, with the sentence that carries it. None, "" or () where the text does not tell; rates in per cent."""

    imposer: str  # ISO 3166 alpha-2, or EU; "" where not told
    target: tuple[str, ...]  # ISO codes or ALL, BRICS, RUSSIAN_OIL_BUYERS, TRADING_PARTNERS
    goods: tuple[str, ...]  # sector ids, or ("all",)
    instrument: str
    ground: str
    rate: float | None
    rate_low: float | None
    rate_from: float | None
    total_rate: float | None
    action: str
    status: str
    effective: date | None
    expires: date | None
    speaker: str
    side: str  # US, IN, other, court, press
    background: bool
    quote: str
    start: int  # offsets of the quote in Article.whole
    end: int
    learnt: tuple[str, ...] = ()  # of status and action what a model decided; the rules the rest


@dataclass(frozen=True, slots=True)
class _Telling:
    """A part of a clause that tells of one measure, with what stands around it, the nearest first."""

    part: Clause
    clause: Clause
    around: tuple[Clause, ...]  # the sentence, the title, and for the title the first sentence of the text
    rate: Rate | None
    anchor: Mark | None  # the measure's name
    published: date

    @property
    def sentence(self) -> Clause:
        return self.around[0]

    @property
    def is_further(self) -> bool:
        """Whether it comes on top of what was told before: "a further 25% is due"."""
        return self.rate is not None and self.anchor is None and is_further(self.rate, self.part)

    @property
    def movement(self) -> tuple[float | None, float | None]:
        """The earlier rate and the one told."""
        if self.rate is None:
            return None, None
        return (self.rate.value, None) if self.rate.role == "from" else (self.rate.earlier, self.rate.value)

    @property
    def places(self) -> list[int]:
        """Where the measure is named, the likeliest place first."""
        names = [m.start for m in self.part.of("instruments") if m is not self.anchor]
        places = [*([self.anchor.start] if self.anchor else []), *names]
        return places or [self.rate.start if self.rate else self.part.start]


@dataclass(frozen=True, slots=True)
class _Told:
    """A fact as one sentence tells it, and how much of it stands there in so many words."""

    fact: Fact
    explicit: bool  # the target
    sure: bool  # the status
    further: bool = False  # it comes on top of what was told


def find_facts(
    reading: Reading, index: TermIndex, vocabulary: Vocabulary, published: date, judge: Judge = by_rules
) -> tuple[Fact, ...]:
    """What the reading claims of trade measures, each measure once. `published` is the day relative dates count from; `judge`
    may know better than the rules what is done and how sure that is."""
    sentences = find_sentences(reading, index, vocabulary)
    title = whole_title(sentences)
    if title and is_proclamation(title):
        return _proclaimed(title, sentences, published)
    if notices := find_notices(title, sentences):
        return tuple(_noticed(notice, sentences, published) for notice in notices)
    found = [told.fact for told in _merged(_all_told(sentences, title, published, judge))]
    if title and _OF_BOTH.search(title.words):
        found = [replace(fact, status="agreed") if fact.status == "announced" else fact for fact in found]
    return _summed(_of_deals(found))


def sieve_of_measures(vocabulary: Vocabulary) -> Sieve:
    return sieve_for(term for terms in vocabulary.measures.get("instruments", {}).values() for term in terms)


def may_tell(text: str, sieve: Sieve) -> bool:
    """Whether a text names a measure at all; a no is certain, a yes is not."""
    raw = one_form(text)
    return sieve.may_hold(raw, raw.casefold())


def _all_told(sentences: Sequence[Clause], title: Clause | None, published: date, judge: Judge) -> list[_Told]:
    found: list[_Told] = []
    parties = NOBODY
    home, only = _home(sentences)
    for sentence in sentences:
        if found and _DENIES_THAT.search(sentence.words) and not sentence.has("instruments"):
            found = [_denied(told) if _is_claim(told, found[-1]) else told for told in found]
        around = _around(sentence, title, sentences)
        for clause in parts(sentence) if tells(sentence) else ():
            for told in _facts(clause, around, parties, published, judge):
                found.append(_at_home(told, home, only))
                parties = Parties(found[-1].fact.imposer, told.fact.target)
    return found


def _home(sentences: Sequence[Clause]) -> tuple[str, str]:
    """Whose tariffs are meant where a text says of none whose they are: those on somebody are America's, if it is named at all;
    those on nobody in particular are the only country's that is named."""
    named = [m for sentence in sentences for m in sentence.marks if m.kind in ("countries", "peoples")]
    names = {m.name for m in named}
    only = names.pop() if len(names) == 1 and any(m.kind == "countries" for m in named) else ""
    return "US" if any(m.name == "US" for m in named) else "", only


def _at_home(told: _Told, home: str, only: str) -> _Told:
    fact = told.fact
    if fact.imposer or fact.rate is None or fact.instrument != "tariff":
        return told
    if not fact.target and fact.goods:
        return replace(told, fact=replace(fact, imposer=only))
    return replace(told, fact=replace(fact, imposer=home)) if told.explicit and home not in fact.target else told


def _is_claim(told: _Told, last: _Told) -> bool:
    """Whether it is the claim that was told last, in the text or before it in the title."""
    return (told.fact.imposer, told.fact.rate) == (last.fact.imposer, last.fact.rate) and not told.fact.background


def _denied(told: _Told) -> _Told:
    return replace(told, fact=replace(told.fact, status="denied"), sure=True)


def _around(sentence: Clause, title: Clause | None, sentences: Sequence[Clause]) -> tuple[Clause, ...]:
    lead = next((s for s in sentences if not s.title), None) if sentence.title else None
    last = sentences[sentence.sentence - 1] if _GOES_BACK.match(sentence.words) and not sentence.title else None
    if last is not None and last.title:
        last = None
    return tuple(whole for whole in (sentence, last, title, lead) if whole is not None)


def _facts(
    clause: Clause, around: tuple[Clause, ...], before: Parties, published: date, judge: Judge
) -> Iterator[_Told]:
    rates = find_rates(clause, around[0], further=before != NOBODY)
    total = next((rate.value for rate in rates if rate.role == "total"), None) if len(rates) > 1 else None
    for part, rate in _divided(clause, rates):
        telling = _Telling(part, clause, around, rate, _anchor(part, rate), published)
        if telling.anchor is None and rate is None:
            continue
        parties = _parties(telling, before)
        if len(rates) > 1 and not parties.explicit:
            parties = _shared(parties, find_parties(clause, [telling.places[0]], around, before))
        ruled = find_firmness(part, (clause, telling.sentence), telling.movement, telling.anchor, published)
        firmness = judge(ruled, part, telling.sentence)
        fact = replace(_fact(telling, parties, firmness), total_rate=total)
        if _is_worth_telling(fact, telling, parties):
            spared = _spared(fact, part, around[0])
            sure = firmness.sure or fact.status != firmness.status
            told = replace(fact, goods=tuple(name for name in fact.goods if name not in spared))
            yield _Told(told, parties.explicit, sure, telling.is_further)
            if spared:
                free = replace(fact, goods=spared, rate=None, rate_low=None, rate_from=None, action="exempt")
                yield _Told(free, parties.explicit, sure=True)


def _parties(telling: _Telling, before: Parties) -> Parties:
    """The parties that the telling has; what comes on top of a measure hits whom that hits."""
    around = (telling.clause, *telling.around)
    parties = find_parties(telling.part, telling.places, around, before, _spoken_of(telling.around))
    if telling.is_further and not parties.target and parties.imposer == before.imposer:
        return replace(parties, target=before.target)
    return parties


def _spared(fact: Fact, told: Clause, sentence: Clause) -> tuple[str, ...]:
    """The goods that are let off beside what is done: "hits Brazil with 50%, spares planes and coffee"."""
    if fact.rate is None or fact.action == "exempt":
        return ()
    goods: list[str] = []
    for match in _SPARED.finditer(told.text, told.start, told.end):
        after = [m for m in told.of("sectors") if match.end() <= m.start]
        goods += [m.name for m in after if after[0].start - match.end() <= _CLOSE]
    ahead = sentence.between(sentence.start, told.start)
    if ahead.has("actions", "exempt") and not ahead.has("instruments"):
        goods += [m.name for m in ahead.of("sectors")]
    return tuple(dict.fromkeys(goods))


def _spoken_of(around: tuple[Clause, ...]) -> str:
    """Who "it" is that a sentence begins with: who the sentence before begins with."""
    if not _IT.match(around[0].words) or len(around) < 2 or around[1].title:
        return ""
    first = next(iter(around[1].of("countries")), None)
    return first.name if first is not None and first.start - around[1].start <= _LEAD else ""


def _shared(parties: Parties, whole: Parties) -> Parties:
    """Of "50% on cars and 35% on parts from India" both rates hit India."""
    return whole if whole.explicit and whole.imposer == parties.imposer else parties


def _divided(clause: Clause, rates: Sequence[Rate]) -> Iterator[tuple[Clause, Rate | None]]:
    """A clause of several rates, as one part for each."""
    told = [rate for rate in rates if rate.role != "total"]
    if len(told) < 2:
        yield clause, told[0] if told else rates[0] if rates else None
        return
    starts = [clause.start, *(_start_of(clause, rate, last.end) for last, rate in pairwise(told)), clause.end]
    for rate, (start, end) in zip(told, pairwise(starts), strict=True):
        yield clause.between(start, end), rate


def _start_of(clause: Clause, rate: Rate, after: int) -> int:
    """Where the telling of a further rate begins: at its measure's name if that stands before it."""
    names = [m for m in clause.of("instruments") if after <= m.start < rate.start and not _is_of_rate(m, clause, after)]
    nearest = [m for m in clause.of("instruments") if rate.end <= m.start]
    behind = nearest and len(clause.text[rate.end : nearest[0].start].split()) <= 5
    return names[-1].start if names and not behind else rate.start


def _is_of_rate(name: Mark, clause: Clause, end: int) -> bool:
    """Whether a measure's name belongs to the rate that ends before it: "15% duty on"."""
    between = clause.text[end : name.start]
    return len(between.split()) <= 3 and not _NEXT.search(between)


def _anchor(part: Clause, rate: Rate | None) -> Mark | None:
    names = part.of("instruments")
    if rate is None:
        return names[0] if names else None
    return min(names, key=lambda m: min(abs(m.start - rate.end), abs(rate.start - m.end)), default=None)


def _fact(telling: _Telling, parties: Parties, firmness: Firmness) -> Fact:
    earlier, rate = telling.movement
    term = find_term(telling.part, telling.published)
    later = term.effective is not None and term.effective > telling.published
    speaker = find_speaker(telling.part, telling.sentence, firmness.status, parties.imposer)
    return Fact(
        imposer=parties.imposer,
        target=_target(telling, parties, firmness.status),
        goods=_goods(telling.part),
        instrument=_instrument(telling, parties),
        ground=_ground(telling),
        rate=rate,
        rate_low=telling.rate.low if telling.rate else None,
        rate_from=earlier,
        total_rate=None,
        action=firmness.action,
        status="announced" if later and firmness.status == "in_force" else firmness.status,
        effective=term.effective,
        expires=term.expires,
        speaker=speaker.name,
        side=speaker.side,
        background=firmness.background,
        quote=telling.sentence.words,
        start=telling.sentence.start,
        end=telling.sentence.end,
        learnt=firmness.learnt,
    )


def _noticed(notice: Notice, sentences: Sequence[Clause], published: date) -> Fact:
    said = _sentence_of(notice, sentences)
    term = find_term(said, published)
    return Fact(
        imposer=notice.imposer,
        target=notice.lands,
        goods=notice.goods,
        instrument=notice.instrument,
        ground="",
        rate=notice.rate,
        rate_low=notice.rate_low,
        rate_from=None,
        total_rate=None,
        action=notice.action,
        status=notice.status,
        effective=term.effective,
        expires=term.expires,
        speaker="",
        side=notice.imposer if notice.imposer in ("US", "IN") else "other",
        background=False,
        quote=said.words,
        start=said.start,
        end=said.end,
    )


def _sentence_of(notice: Notice, sentences: Sequence[Clause]) -> Clause:
    """The sentence that has the rate; where there is none, the first that names the measure."""
    text = [sentence for sentence in sentences if not sentence.title]
    rate = next((s for s in text if notice.rate is not None and _tells_rate(s, notice.rate)), None)
    return rate or next((s for s in text if s.has("instruments", notice.instrument)), sentences[0])


def _tells_rate(sentence: Clause, rate: float) -> bool:
    return any(float(found["rate"]) == rate for found in _FIGURE.finditer(sentence.words))


def _proclaimed(title: Clause, sentences: Sequence[Clause], published: date) -> tuple[Fact, ...]:
    """The rates that the order tells; where it tells none, that there is one."""
    goods = tuple(dict.fromkeys(mark.name for mark in title.of("sectors"))) or ("other",)
    text = [(s, rate) for s in sentences if not s.title and s.has("instruments") for rate in find_rates(s)]
    told = {rate.value: (s, rate.low) for s, rate in reversed(text) if rate.role == "rate"}
    notices = [(s, Notice("tariff", "impose", "announced", (), goods, rate, low)) for rate, (s, low) in told.items()]
    notices = notices or [(title, Notice("tariff", "impose", "announced", (), goods, None, None))]
    return tuple(replace(_noticed(notice, [said], published), ground="s232") for said, notice in notices)


def _target(telling: _Telling, parties: Parties, status: str) -> tuple[str, ...]:
    if status == "struck_down" and not parties.explicit:  # a ruling is on the measure, not on whom the news is for
        return ()
    return parties.target or (
        partners(parties.imposer, telling.sentence)
        if status == "agreed" or telling.sentence.has("grounds", "fta")
        else ()
    )


def _instrument(telling: _Telling, parties: Parties) -> str:
    anchor = telling.anchor
    if "RUSSIAN_OIL_BUYERS" in parties.target:
        return "secondary_tariff"
    special = [m.name for m in telling.part.of("instruments") if m.name != "tariff"]
    if anchor is None or anchor.name == "tariff":
        return special[0] if special and special[0] != "other" else "tariff"
    return anchor.name


def _goods(told: Clause) -> tuple[str, ...]:
    over = told.text.find(" over ", told.start, told.end)  # "over steel tariffs" tells why, and not on what
    end = over if over > 0 else told.end
    names = tuple(dict.fromkeys(m.name for m in told.of("sectors") if m.start < end and not _is_of_others(m, told)))
    return names or (("all",) if told.has("cues", "goods_at_large") else ())


def _is_of_others(mark: Mark, told: Clause) -> bool:
    """The oil that is the ground of a measure, and those who plead: "spinning mills"."""
    others = [*told.of("grounds", "russian_oil"), *told.of("cues", "modest")]
    oil = told.has("instruments", "other")  # sanctions are on the oil itself
    return any(m.start < mark.end and mark.start < m.end for m in others if not (oil and m.kind == "grounds"))


def _ground(telling: _Telling) -> str:
    return next((m.name for clause in (telling.part, telling.sentence) for m in clause.of("grounds")), "")


def _is_worth_telling(fact: Fact, telling: _Telling, parties: Parties) -> bool:
    """A rate is told of somebody's measure; a measure without a rate counts where somebody does something about it to
    somebody, not where it is only named."""
    told, anchor = telling.part, telling.anchor
    if anchor is not None and anchor.text.lower() in BARE:
        return fact.rate is not None and bool(fact.imposer and (fact.target or fact.ground))
    if fact.rate is not None:
        return bool(fact.imposer or fact.target or told.has("actions"))
    if parties.explicit and fact.imposer and anchor is not None and _is_grounded(told, anchor):
        return True
    if fact.instrument == "ban" and not (_TRADED.search(told.words) or fact.goods):
        return False
    if parties.explicit and fact.imposer and promises_none(told):
        return True
    fallen = fact.status == "struck_down" or is_dropped(told) or is_refused(told)
    known = bool(fact.imposer) and bool(
        fact.target
        or fact.goods
        or fact.ground
        or fallen
        or fact.instrument == "export_curb"
        or told.has("actions", "exempt")
    )
    return known and anchor is not None and does_something(told, anchor, explicit=parties.explicit)


def _is_grounded(told: Clause, anchor: Mark) -> bool:
    """Whether the measure is told with its ground: "a Russian oil tariff", "a tariff for buying Russian oil"."""
    grounds = told.of("grounds")
    return any(m.start > anchor.end or len(told.text[m.end : anchor.start].split()) <= 2 for m in grounds)


def _merged(found: Sequence[_Told]) -> Iterator[_Told]:
    """Each measure once, as it was told best, with what only the other tellings tell of it."""
    kept: list[_Told] = []
    for told in found:
        poorer = next((n for n, other in enumerate(kept) if _is_richer(told, other)), None)
        same = next((n for n, other in enumerate(kept) if _is_same(told.fact, other.fact)), None)
        if told.further:
            poorer = same = None
        if poorer is not None:
            kept[poorer] = _completed(told, kept[poorer].fact)
        elif same is None:
            kept.append(told)
        else:
            kept[same] = _completed(kept[same], told.fact)
    yield from kept


def _completed(told: _Told, other: Fact) -> _Told:
    """With goods, ground and dates from another telling of the same claim."""
    fact = told.fact
    if (fact.rate, fact.status, fact.background) != (other.rate, other.status, other.background):
        return told
    whole = replace(
        fact,
        goods=fact.goods or other.goods,
        ground=fact.ground or other.ground,
        rate_from=fact.rate_from if fact.rate_from is not None or fact.action != other.action else other.rate_from,
        effective=fact.effective or other.effective,
        expires=fact.expires or other.expires,
        speaker=fact.speaker or other.speaker,
        side=other.side if fact.side == "press" else fact.side,
    )
    return replace(told, fact=whole)


def _is_richer(told: _Told, other: _Told) -> bool:
    """The same measure told again, and this time with its rate, its earlier rate, whom it hits or how firm it is."""
    fact, old = told.fact, other.fact
    if (fact.imposer, fact.instrument) != (old.imposer, old.instrument) or old.ground not in ("", fact.ground):
        return False
    alike = set(fact.target) == set(old.target)
    if old.rate is None:
        named = alike or not old.target
        same = old.status == fact.status and old.action in (fact.action, "impose") and named
        if (
            told.explicit
            and alike
            and fact.rate is not None
            and old.action == fact.action
            and "denied" not in (fact.status, old.status)
        ):
            return True  # a title names what the text gives the figures of
        if told.sure and not other.sure and not other.explicit and fact.ground:  # a title names what the text tells of
            return True
        return same and (fact.rate is not None or fact.action != old.action or (told.explicit and not old.target))
    if fact.rate != old.rate or not alike:
        return fact.rate == old.rate and told.explicit and not other.explicit
    grown = fact.rate_from is not None and old.rate_from is None and fact.status == old.status
    settled = (old.status, fact.status) == ("announced", "agreed")
    return grown or settled or (told.sure and not other.sure)


def _is_same(fact: Fact, other: Fact) -> bool:
    if fact.imposer != other.imposer or (fact.status == "denied") != (other.status == "denied"):
        return False
    if fact.ground and other.ground and fact.ground != other.ground:
        return False
    if fact.rate is None and other.rate is not None and fact.action == "exempt" and set(fact.goods) - {*other.goods}:
        return False
    if fact.rate is not None and fact.rate != other.rate:
        return False
    return not fact.target or not other.target or set(fact.target) <= set(other.target)


def _of_deals(facts: Sequence[Fact]) -> list[Fact]:
    """What two parties to a free-trade agreement cut for each other is of that agreement, though only one sentence names it."""
    deals = [({f.imposer, *f.target}, f.ground) for f in facts if f.ground in ("", "fta") and f.status == "agreed"]
    return [next((_of_deal(f, ground) for pair, ground in deals if pair == {f.imposer, *f.target}), f) for f in facts]


def _of_deal(fact: Fact, ground: str) -> Fact:
    if (
        fact.ground
        or fact.action not in ("cut", "remove")
        or fact.status not in ("announced", "agreed", *(("in_force",) if ground else ()))
    ):
        return fact
    return replace(fact, ground=ground, status="agreed")


def _summed(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """A total that is told beside its parts is no measure of its own."""
    for total in facts:
        parts = [
            f for f in facts if f is not total and (f.imposer, f.target) == (total.imposer, total.target) and f.rate
        ]
        if total.rate and len(parts) > 1 and abs(sum(part.rate or 0 for part in parts) - total.rate) < 0.01:
            return tuple(replace(f, total_rate=total.rate) if f in parts else f for f in facts if f is not total)
    return tuple(facts)
