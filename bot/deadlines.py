"""Deadlines: days that are set for something to do with a trade measure, out of articles and out of the ledger.

reading → what it sets, each with its sentence; measures + what was told → the calendar, each deadline once
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from bot.articles import Article
from bot.clauses import Clause, find_sentences, whole_title
from bot.days_set import EFFECT, EXPIRY, KINDS, MOVED, days_set
from bot.measures import (
    COMING,
    ENDS,
    EVERYBODY,
    FIXED,
    IN_FORCE,
    SUSPENDED,
    Measure,
    State,
    history,
    standing,
    words,
)
from bot.reading import Reading
from bot.vocabulary import TermIndex, Vocabulary

_WIDE = {EVERYBODY, "BRICS", "RUSSIAN_OIL_BUYERS", "TRADING_PARTNERS"}  # groups with India in them


@dataclass(frozen=True, slots=True)
class Deadline:
    """One day that one source sets, with the sentence that does. `told` is when it was published."""

    day: date
    kind: str  # one of KINDS
    title: str  # what it is about, in the source's or the ledger's words
    measure: str  # the id of the ledger's measure; "" for what an article tells
    dockets: tuple[str, ...]  # "USTR-2026-0012", "A-533-843"
    target: tuple[str, ...]  # as a measure has them, "" or () where not told
    goods: tuple[str, ...]
    ground: str
    sentence: str
    outlet: str
    url: str
    article_id: str
    told: datetime
    verified: bool = True  # False: rests on secondary sources only
    moved: bool = False  # stands in place of an earlier day

    @property
    def id(self) -> str:
        about = self.measure or " ".join(self.dockets) or self.article_id
        return hashlib.sha256("\x1f".join((self.kind, self.day.isoformat(), about)).encode()).hexdigest()[:32]

    @property
    def hits_india(self) -> bool:
        return bool({"IN", *_WIDE}.intersection(self.target))


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A deadline of the calendar: the telling that is shown, and the others that say the same."""

    deadline: Deadline
    others: tuple[Deadline, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(told.id for told in (self.deadline, *self.others)))

    @property
    def hits_india(self) -> bool:
        return any(told.hits_india for told in (self.deadline, *self.others))

    def days_left(self, today: date) -> int:
        return (self.deadline.day - today).days


# the calendar


def calendar(measures: Sequence[Measure], told: Iterable[Deadline], since: date) -> tuple[Upcoming, ...]:
    """What is set for `since` or later and still stands, in order of day: the same told by five outlets is one."""
    found = sorted(told, key=lambda deadline: (deadline.told, deadline.id))
    standing_ones = [d for d in found if not _moved_away(d, found) and not _overtaken(d, measures)]
    ours = [deadline for measure in measures for deadline in of_measure(measure)]
    groups: list[list[Deadline]] = []
    for deadline in [*ours, *standing_ones]:
        if deadline.day >= since:
            same = next((group for group in groups if any(_same(deadline, other) for other in group)), None)
            groups.append([deadline]) if same is None else same.append(deadline)
    shown = [Upcoming(group[0], tuple(group[1:])) for group in groups]
    return tuple(sorted(shown, key=lambda one: (one.deadline.day, KINDS.index(one.deadline.kind), one.deadline.id)))


def of_measure(measure: Measure) -> tuple[Deadline, ...]:
    """The dates in the states that hold: what was denied, struck down, or moved to another date sets none."""
    found = standing(history(measure))
    out: list[Deadline] = []
    for state in (found.now, found.coming):
        if state and state.effective and state.status in (IN_FORCE, *COMING):
            out.append(_of_state(measure, state, EFFECT, state.effective))
        if state and state.expires and state.status in (IN_FORCE, SUSPENDED, *COMING):
            out.append(_of_state(measure, state, EXPIRY, state.expires))
    return tuple(out)


def _of_state(measure: Measure, state: State, kind: str, day: date) -> Deadline:
    return Deadline(
        day=day,
        kind=kind,
        title=f"{measure.title}: {words(state)}",
        measure=measure.id,
        dockets=(),
        target=measure.target,
        goods=measure.goods,
        ground=measure.ground,
        sentence=state.sentence,
        outlet=state.outlet,
        url=state.url,
        article_id=state.article_id,
        told=state.told,
        verified=state.verified,
    )


def _same(one: Deadline, other: Deadline) -> bool:
    return (one.kind, one.day) == (other.kind, other.day) and _one_matter(one, other)


def _moved_away(deadline: Deadline, told: Iterable[Deadline]) -> bool:
    """Whether a later article moved it to another day."""
    return any(
        other.moved
        and other.told > deadline.told
        and (other.kind, other.day != deadline.day) == (deadline.kind, True)
        and _one_matter(deadline, other)
        for other in told
    )


def _overtaken(deadline: Deadline, measures: Iterable[Measure]) -> bool:
    """Whether the ledger has learned since that the measure ended, or begins or ends on another day."""
    if deadline.kind not in (EFFECT, EXPIRY):
        return False
    fitting = [m for m in measures if m.ground == deadline.ground and _meet(m.target, deadline.target)]
    since = [state for m in fitting for state in m.states if state.told > deadline.told]
    return any((state.status in ENDS and state.status != SUSPENDED) or _other_day(state, deadline) for state in since)


def _other_day(state: State, deadline: Deadline) -> bool:
    day = state.effective if deadline.kind == EFFECT else state.expires
    return day is not None and day != deadline.day and state.status in (*FIXED, IN_FORCE)


def _one_matter(one: Deadline, other: Deadline) -> bool:
    """Whether two may be about one thing: the same docket or measure, else nothing told apart and something shared."""
    if one.dockets and other.dockets:
        return bool(set(one.dockets).intersection(other.dockets))
    if one.measure and other.measure:
        return one.measure == other.measure
    if one.article_id and one.article_id == other.article_id:
        return one.sentence == other.sentence
    pairs = ((_told(one.ground), _told(other.ground)), (one.goods, other.goods), (one.target, other.target))
    return all(_meet(*pair) for pair in pairs) and any(set(a).intersection(b) for a, b in pairs)


def _told(ground: str) -> tuple[str, ...]:
    return (ground,) if ground else ()


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two lists can be of one thing: where one says nothing, or all, it can."""
    open_ended = {"all", *_WIDE}
    return not one or not other or bool(open_ended & {*one, *other}) or bool(set(one).intersection(other))


# out of an article


_OURS = re.compile(
    r"\bUSTR\b|Trade Representative|International Trade (?:Commission|Administration)|\bU?S?ITC\b|Department of Commerce"
    r"|(?<!China['’]s )(?<!Chinese )(?<!Chamber of )(?<!-)\bCommerce\b|\bFrom India\b|\bDGTR\b|\bDGFT\b"
    r"|Directorate General of Trade Remedies"
    r"|Designated Authority|Foreign Trade|Customs and Border|\bCBP\b|\bCBIC\b|\bBIS\b|Industry and Security"
    r"|Court of International Trade|Federal Circuit"
    r"|Federal Register|\bOFAC\b"
    r"|\bGSP\b|\bIEEPA\b|Notification No|[Bb]asic customs duty|\bSection (?:122|201|232|301|337|338)\b"
)
_TRADE = re.compile(
    r"\btariffs?\b|\b(?:import|export|customs|anti-?\s?dumping|countervailing|safeguard)\s\w+|\bduties\b|\bduty\b"
    r"|\blev(?:y|ies)\b"
    r"|\bdumping\b|\bSection\s(?:301|232|201|122|337|338)\b|\btrade\b(?!\s(?:fairs?|shows?|unions?|licen\w+)\b)"
    r"|\bquotas?\b|\bsurcharge\b|\bIEEPA\b|\bde minimis\b|\bGSP\b|\bAGOA\b|\bpreferential\b|\brules of origin\b"
    r"|\bmarket access\b"
    r"|\bRussian (?:oil|crude)\b|\b(?:five-year|sunset|administrative|new shipper) reviews?\b"
    r"|\bless[- ]than[- ]fair[- ]value\b|\bmaterial injury\b"
    r"|\b(?:case|rebuttal) briefs\b|\b(?:final|preliminary) (?:\w+ )?(?:determination|results)\b|\bpreferences?\b"
    r"|\binclusions?\b",
    re.IGNORECASE,
)
_BROKEN = re.compile(r"\b(?:[ap]\.m\.|Nos?\.|Invs?\.|Sept?\.|Oct\.|Nov\.|Dec\.|Jan\.|Feb\.|Aug\.)$|:$")
_DOCKET = re.compile(
    r"\b(?:USTR|BIS|ITA|DOC|CBP|USCBP|USITC)[-–‑]20\d\d[-–‑]\d{3,5}\b|\b[AC][-–‑]\d{3}[-–‑]\d{3}\b"
    r"|\b(?:701|731)[-–‑]TA[-–‑]\d{2,4}\b|\b(?:337|332)[-–‑](?:TA[-–‑])?\d{3,4}\b|\b\d{1,2}/\d{1,3}/20\d\d[-–]DGTR\b"
    r"|\bNos?\.\s\d\d[-–]\d{2,5}\b"
)


def find_deadlines(
    reading: Reading, index: TermIndex, vocabulary: Vocabulary, article: Article
) -> tuple[Deadline, ...]:
    """What the article sets a day for, each kind and day once, in the order of the text. Days that had passed when it was
    published are history."""
    sentences = _whole(find_sentences(reading, index, vocabulary))
    published = article.published.astimezone(UTC).date()
    found: dict[tuple[str, date], Deadline] = {}
    for n, sentence in enumerate(sentences):
        around = _around(sentences, n)
        for kind, when in days_set(sentence, published):
            if _concerns_a_desk(kind, sentence, around):
                found.setdefault((kind, when), _found(article, kind, when, sentence, around))
    return tuple(found.values())


def _around(sentences: Sequence[Clause], n: int) -> tuple[Clause, ...]:
    """What tells what a sentence is about where it does not: the title, the sentences before it, and the lead."""
    title = whole_title(sentences)
    text = [sentence for sentence in sentences if not sentence.title]
    before = [sentence for sentence in reversed(sentences[max(0, n - 2) : n]) if not sentence.title]
    near = (title, *before, *text[:2])
    return tuple(dict.fromkeys(part for part in near if part is not None and part is not sentences[n]))


def _whole(sentences: Sequence[Clause]) -> list[Clause]:
    """Sentences that a reader broke after "p.m." or "No." are put together again."""
    out: list[Clause] = []
    for sentence in sentences:
        if out and not sentence.title and not out[-1].title and _BROKEN.search(out[-1].words.rstrip()):
            out[-1] = replace(out[-1], end=sentence.end, marks=(*out[-1].marks, *sentence.marks))
        else:
            out.append(sentence)
    return out


def _concerns_a_desk(kind: str, sentence: Clause, around: Sequence[Clause]) -> bool:
    """Whether it is trade, and of India or the United States: what other countries set among themselves is theirs."""
    wide = [sentence, *around]
    if not any(map(_is_trade, wide[:2] if kind in (EFFECT, EXPIRY) else wide)):
        return False
    ours = [part for part in wide if _is_ours(part)]
    foreign = bool(_lands(sentence)) and not _is_ours(sentence)
    return bool(ours) and not (foreign and not any(map(_is_ours, around[:1])))


def _is_ours(part: Clause) -> bool:
    return bool({"US", "IN"}.intersection(_lands(part)) or _OURS.search(part.words) or _DOCKET.search(part.words))


def _is_trade(part: Clause) -> bool:
    return part.has("instruments") or bool(
        _TRADE.search(part.words) or _OURS.search(part.words) or _DOCKET.search(part.words)
    )


def _lands(part: Clause) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mark.name for mark in part.marks if mark.kind in ("countries", "peoples")))


def _found(article: Article, kind: str, when: date, sentence: Clause, around: Sequence[Clause]) -> Deadline:
    wide = [sentence, *around]
    text = sentence.text
    targets = [mark.name for part in wide for mark in part.of("blocs")]
    targets += [name for part in wide for name in _lands(part) if name != "US"]
    goods = next((found for part in wide if (found := [mark.name for mark in part.of("sectors")])), [])
    dockets = next((found for words in (sentence.words, text) if (found := _DOCKET.findall(words))), [])
    return Deadline(
        day=when,
        kind=kind,
        title=" ".join(article.title.split()),
        measure="",
        dockets=tuple(dict.fromkeys(re.sub("[–‑]", "-", docket) for docket in dockets)),
        target=tuple(dict.fromkeys(targets)),
        goods=tuple(dict.fromkeys(goods)),
        ground=next((mark.name for part in wide for mark in part.of("grounds")), ""),
        sentence=" ".join(sentence.words.split()),
        outlet=article.outlet,
        url=article.url,
        article_id=article.id,
        told=article.published,
        moved=bool(MOVED.search(sentence.words)),
    )
