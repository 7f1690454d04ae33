"""Stories: the articles of one event, told by several outlets, folded into one."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from bot.analysis import Analysis, figures
from bot.articles import Article
from bot.copies import same_text, sketch
from bot.facts import Fact
from bot.matters import PROCEEDINGS, matters, tells_several
from bot.measures import ACROSS, FIXED, percent
from bot.rarity import COUNTRY, GROUND, RATE, cosine, shared, stems, weighed

WINDOW = timedelta(days=9)  # a threat and the order that follows it are one story; what comes later is another
JOIN = -0.8  # log-odds from which two texts tell one event, see docs/decisions/0021-stories-by-what-they-name.md
LARGEST = 60  # members; what grows beyond is a theme, not an event
READ = 900  # characters of a text that say what it is about
LEAD = 220
FLOOR, CEILING = -8.0, 3.0  # one pair that is surely alike, or surely not, must not speak for a whole story
BEST = 0.5  # what the two likeliest members weigh; the rest is the average of all
SAME_DAY = timedelta(days=1)
NEW, MORE, SAME = "new", "update", "same"
# Log-odds for what two articles have in common or against each other, fitted on the pairs of a labelled fortnight by
# `python -m benchmarks.stories --fit`.
BIAS = -4.2
EVIDENCE = {
    "words": 20.7,  # cosine of what they name, by how rare it is
    "goods": 1.8,  # sectors in common
    "other goods": -1.3,
    "headline goods unknown": -0.9,  # to the other text; half for each side
    "rate": 2.5,  # and neither headline has goods unknown to the other
    "other rate in the headlines": -1.6,  # of which the other text knows nothing
    "matter": 1.3,  # proceedings in common
    "measure by its rate": 4.0,  # the same imposer, target, goods; and as for the rate
    "measure by its ground": 4.0,
}


@dataclass(frozen=True, slots=True)
class Gist:
    """The part of a fact that following compares."""

    imposer: str
    target: tuple[str, ...]
    goods: tuple[str, ...]
    ground: str
    action: str
    status: str
    rate: float | None


@dataclass(frozen=True, slots=True)
class Member:
    """What following needs to know of an article that is in a story."""

    article_id: str
    title: str
    url: str
    outlet: str
    official: bool
    published: datetime
    figures: tuple[str, ...]
    words: tuple[str, ...] = ()  # stems of title and text, and tokens for what was found in them
    headline_words: tuple[str, ...] = ()  # those of them that the title names
    goods: tuple[str, ...] = ()  # sectors named anywhere
    headline_goods: tuple[str, ...] = ()  # sectors named in the title
    matters: tuple[str, ...] = ()  # kinds of proceeding named anywhere
    lead_matters: tuple[str, ...] = ()  # those named in title and lead
    sketch: tuple[int, ...] = ()  # of the text, to tell copies by
    several: bool = False  # it tells of several events: in no story but its own
    why: str = ""  # why it joined
    facts: tuple[Gist, ...] = ()
    copy_of: str = ""  # the id of the member whose text it prints
    was: tuple[str, ...] = ()  # earlier titles, oldest first


@dataclass(frozen=True, slots=True)
class Merge:
    """Another story that turned out to be this one."""

    story_id: str  # of the younger, whose members moved
    article_id: str  # which showed it
    at: datetime  # when that was published
    why: str


@dataclass(frozen=True, slots=True)
class Story:
    """`id` is that of its first article. Members are in order of joining."""

    id: str
    started: datetime
    updated: datetime
    members: tuple[Member, ...]
    told: tuple[str, ...] = ()  # channels that have had a message of this story
    merges: tuple[Merge, ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """What one article did to the stories: a "new" story, an "update" that tells something new, or the "same" again."""

    kind: str
    story: Story
    article_id: str
    changed: str = ""  # in words, for an update
    apart: tuple[tuple[float, float], ...] = ()  # rates of the article, each with that of earlier ones for the same act
    correction: str = ""  # the rates in the headline, where the outlet has changed them

    @property
    def member(self) -> Member:
        """The article as a member of the story."""
        return next(m for m in self.story.members if m.article_id == self.article_id)

    @property
    def edition(self) -> str:
        """The article's id, and for one that was told before, what it says now."""
        return f"{self.article_id} {self.correction}" if self.correction else self.article_id


def member(article: Article, analysis: Analysis) -> Member:
    """The part of an article that following compares."""
    title, text = article.title, article.text[:READ]
    goods = tuple(sorted({m.name for m in analysis.sectors}))
    headline_goods = tuple(sorted({m.name for m in analysis.sectors if m.end <= len(title)}))
    claimed = gists(analysis.facts)
    words = {*stems(f"{title} {text}"), *_found(article.whole, analysis.figures)}
    return Member(
        article.id,
        title,
        article.url,
        article.outlet,
        article.official,
        article.published,
        analysis.figures,
        words=tuple(sorted(words | {GROUND + fact.ground for fact in claimed if fact.ground})),
        headline_words=tuple(sorted({*stems(title), *_found(title, figures(title))})),
        goods=goods,
        headline_goods=headline_goods,
        matters=matters(f"{title} {text}"),
        lead_matters=matters(f"{title} {text[:LEAD]}"),
        sketch=sketch(article.text),
        several=tells_several(title, analysis.genre),
        facts=claimed,
    )


def _found(text: str, told: Iterable[str]) -> set[str]:
    """Tokens for third countries and rates, which each text may write in its own way."""
    rates = {RATE + figure for figure in told if figure.endswith("%")}
    return {COUNTRY + name for name in _countries(text)} | rates


def gists(facts: Iterable[Fact]) -> tuple[Gist, ...]:
    """Of what the article claims of today: neither background nor guesses."""
    claimed = (f for f in facts if not f.background and f.status != "speculated")
    return tuple(Gist(f.imposer, f.target, f.goods, f.ground, f.action, f.status, f.rate) for f in claimed)


def follow(article: Article, analysis: Analysis, stories: Sequence[Story]) -> Update:
    """Puts the article into the likeliest of `stories`, or begins a new one; others of them that it shows to be the same are
    merged into the eldest. Pure; an article that is a member already gives "same", but for a corrected headline."""
    new = member(article, analysis)
    known = next((s for s in stories if any(m.article_id == new.article_id for m in s.members)), None)
    if known:
        return _again(known, new)
    for story in stories:
        if (original := copied(new, story)) and not veto(new, story):
            return _joined(
                story, replace(new, copy_of=original.copy_of or original.article_id, why=_copy_words(original))
            )
    ranked = sorted(((likeness(new, s), s) for s in stories if not veto(new, s)), key=lambda pair: -pair[0])
    if not ranked or ranked[0][0] < JOIN:
        return Update(
            NEW, Story(new.article_id, new.published, new.published, (replace(new, why="first"),)), article.id
        )
    best = ranked[0][1]
    story = _merged(best, [other for odds, other in ranked[1:] if odds >= JOIN], new)
    return _joined(story, replace(new, why=why(new, best)))


def _again(story: Story, new: Member) -> Update:
    """A member that was read anew, as its outlet has edited it. Only another rate in the headline is told."""
    old = next(m for m in story.members if m.article_id == new.article_id)
    if not corrects(new.title, old):
        return Update(SAME, story, new.article_id)
    edited = replace(new, why=old.why, copy_of=old.copy_of, was=old.was)
    grown = replace(story, members=tuple(edited if m is old else m for m in story.members))
    rates = " and ".join(sorted(_rates(new.title)))
    return Update(MORE, grown, new.article_id, f"headline corrected to {rates}", correction=rates)


def corrects(title: str, told: Member) -> bool:
    """Whether an edited title names a rate that the headline had otherwise, or of which the article knew nothing."""
    now, was = _rates(title), {token.removeprefix(RATE) for token in _headline_rates(told)}
    return bool(now) and now != was and (bool(was) or not now <= set(told.figures))


def renamed(old: Member, title: str) -> Member:
    """With the title that its outlet has given it since. What it is compared by stays as it was read."""
    return replace(old, title=title, was=(*old.was, old.title))


def _joined(story: Story, new: Member) -> Update:
    changed = news(new, story)
    grown = replace(story, updated=max(story.updated, new.published), members=(*story.members, new))
    return Update(MORE if changed else SAME, grown, new.article_id, changed, apart(new, story))


def _merged(story: Story, others: Sequence[Story], new: Member) -> Story:
    """The story with those of the others that are as alike to it as to the article: the eldest, with all members."""
    for other in others:
        ours = (*story.members, new)
        odds = _linked(ours, other.members)
        if odds < JOIN or _apart(ours, other.members) or _far(story, other):
            continue
        older, younger = sorted((story, other), key=lambda s: (s.started, s.id))
        words = f"“{new.title}” tells of both; {_share(odds):.2f} alike"
        story = Story(
            older.id,
            older.started,
            max(older.updated, younger.updated),
            (*older.members, *younger.members),
            tuple(dict.fromkeys((*older.told, *younger.told))),
            (*older.merges, *younger.merges, Merge(younger.id, new.article_id, new.published, words)),
        )
    return story


# what is new


def news(new: Member, story: Story) -> str:
    """What the article tells that no member told, in words; "" when nothing. Where it has facts, a figure that is none of
    their rates is not news."""
    known = {f for m in story.members for f in m.figures}
    fresh = [f for f in figures(new.title) if f not in known and f.endswith("%")]
    if new.facts:
        rates = {f"{fact.rate:g}%" for fact in new.facts if fact.rate is not None}
        fresh = [f for f in fresh if f in rates]
    if fresh:
        return f"new {'fact' if new.facts else 'figure'} {', '.join(fresh)}"
    if new.official and not any(_moved(m, new) for m in story.members):
        return f"official: {new.outlet}"
    return ""


def _moved(old: Member, new: Member) -> bool:
    """The same document at another address: sites file their pages anew."""
    same_day = abs(new.published - old.published) < SAME_DAY
    return same_day and (old.outlet, old.title.casefold()) == (new.outlet, new.title.casefold())


def apart(new: Member, story: Story) -> tuple[tuple[float, float], ...]:
    """Where the article has another rate than all that tell the same act against the same: its rate and the last of theirs."""
    out: dict[float, float] = {}
    for fact in new.facts:
        ours = {g.rate for g in new.facts if _same_measure(fact, g)}
        theirs = [g.rate for m in story.members for g in m.facts if g.rate is not None and _same_measure(fact, g)]
        if fact.rate is not None and theirs and not ours & set(theirs):
            out.setdefault(fact.rate, theirs[-1])
    return tuple(out.items())


def _same_measure(one: Gist, other: Gist) -> bool:
    same = set(one.target) == set(other.target) and set(one.goods) == set(other.goods)
    return same and _same_act(one, other) and (one.ground == other.ground or not (one.ground and other.ground))


def apart_words(rates: Sequence[tuple[float, float]]) -> str:
    """ "this article says 15 %, earlier ones 18 %"; "" where there are none."""
    sides = [" and ".join(map(percent, dict.fromkeys(side))) for side in zip(*rates, strict=True)]
    return f"this article says {sides[0]}, earlier ones {sides[1]}" if sides else ""


# what parts


def veto(new: Member, story: Story) -> bool:
    """Sure signs of another event: too far in time, several events in one text, a proceeding that the story knows nothing
    of, or a headline with rates, goods or countries of which the other telling knows nothing, and the other way round."""
    if len(story.members) >= LARGEST or not (story.started - WINDOW <= new.published <= story.updated + WINDOW):
        return True
    return _apart((new,), story.members)


def _far(one: Story, other: Story) -> bool:
    """Too far apart in time, or too large together."""
    distance = max(one.started, other.started) - min(one.updated, other.updated)
    return distance > WINDOW or len(one.members) + len(other.members) > LARGEST


def _apart(ours: Sequence[Member], theirs: Sequence[Member]) -> bool:
    return (
        any(m.several for m in (*ours, *theirs))
        or _other_proceeding(ours, theirs)
        or _other_proceeding(theirs, ours)
        or (_strangers(ours, theirs, _headline_rates, _all_figures) and not _one_measure(ours, theirs))
        or _strangers(ours, theirs, _headline_goods, _all_goods)
        or _other_goods(ours, theirs)
        or _other_goods(theirs, ours)
        or _strangers(ours, theirs, _headline_countries, _headline_countries)
        or _hits_others(ours, theirs)
    )


def _other_proceeding(ours: Sequence[Member], theirs: Sequence[Member]) -> bool:
    """Most of ours are about a case of which none of theirs, two at least, says a word."""
    led = Counter(name for m in ours for name in m.lead_matters if name in PROCEEDINGS)
    known = {name for m in theirs for name in m.matters}
    return len(theirs) > 1 and any(count * 2 > len(ours) and name not in known for name, count in led.items())


def _other_goods(ours: Sequence[Member], theirs: Sequence[Member]) -> bool:
    """Most headlines of theirs, two at least, name goods that none of ours knows, whose headlines name others."""
    led = Counter(name for m in theirs for name in m.headline_goods)
    known = {name for m in ours for name in m.goods}
    most = [name for name, count in led.items() if count > 1 and count * 2 > len(theirs)]
    return bool(most) and any(m.headline_goods for m in ours) and not known & set(most)


def _one_measure(ours: Sequence[Member], theirs: Sequence[Member]) -> bool:
    """Both tell of one measure by name, which then has moved from one rate to the other."""
    return any(_names_same(f, g) for a in ours for f in a.facts for b in theirs for g in b.facts)


def _names_same(one: Gist, other: Gist) -> bool:
    """The same imposer, someone hit by both, and the same goods or the same ground."""
    goods = set(one.goods) & set(other.goods) - set(ACROSS)
    return _fits(one, other) and (bool(goods) or _by_ground(one, other))


def _fits(one: Gist, other: Gist) -> bool:
    """The same imposer, and someone hit by both or nobody named; goods and ground do not speak against each other."""
    ours, theirs = set(one.goods) - set(ACROSS), set(other.goods) - set(ACROSS)
    open_goods = not (ours and theirs) or bool(ours & theirs)
    open_ground = one.ground == other.ground or not (one.ground and other.ground)
    hit = bool(set(one.target) & set(other.target)) or one.target == other.target
    return one.imposer == other.imposer != "" and hit and open_goods and open_ground


def _hits_others(ours: Sequence[Member], theirs: Sequence[Member]) -> bool:
    """Both tell of one country's act of one kind, and all of ours hits others than all of theirs."""
    pairs = [(f, g) for a in ours for f in a.facts for b in theirs for g in b.facts if _same_act(f, g)]
    told = [(set(f.target), set(g.target)) for f, g in pairs if f.target and g.target]
    return bool(told) and not any(one & other or _has_group(one | other) for one, other in told)


def _has_group(target: Iterable[str]) -> bool:
    """ALL, BRICS and the like: they may mean any country."""
    return any(len(name) > 2 for name in target)


def _same_act(one: Gist, other: Gist) -> bool:
    """By the same country, of the same kind and as firm: what is announced and what is agreed are to come alike."""
    statuses = {one.status, other.status}
    alike = len(statuses) == 1 or statuses <= set(FIXED)
    return (one.imposer, one.action) == (other.imposer, other.action) and alike


def _strangers(
    ours: Sequence[Member],
    theirs: Sequence[Member],
    headline: Callable[[Member], Iterable[str]],
    whole: Callable[[Member], Iterable[str]],
) -> bool:
    """Headlines of both sides name some of a kind; neither side's are known to the other's texts at all."""
    one, other = {name for m in ours for name in headline(m)}, {name for m in theirs for name in headline(m)}
    all_ours = one.union(*(whole(m) for m in ours))
    all_theirs = other.union(*(whole(m) for m in theirs))
    return bool(one and other) and not (one & all_theirs or other & all_ours)


def _headline_rates(m: Member) -> Iterable[str]:
    return _tokens(m.headline_words, RATE)


def _all_figures(m: Member) -> Iterable[str]:
    return (RATE + figure for figure in m.figures)


def _headline_goods(m: Member) -> Iterable[str]:
    return m.headline_goods


def _all_goods(m: Member) -> Iterable[str]:
    return m.goods


def _headline_countries(m: Member) -> Iterable[str]:
    return _tokens(m.headline_words, COUNTRY)


def _tokens(words: Iterable[str], kind: str) -> Iterable[str]:
    return (word for word in words if word[0] == kind)


def _rates(title: str) -> set[str]:
    return {f for f in figures(title) if f.endswith("%")}


def _countries(text: str) -> set[str]:
    return {NATIONS.get(word, word) for word in COUNTRIES.findall(text)}


# likeness


def likeness(new: Member, story: Story) -> float:
    """Log-odds that the article tells the story's event: between those of the likeliest members and of all on average, as a
    story has more sides than one, and a chain of neighbours leads anywhere."""
    return _linked((new,), story.members)


def _linked(ours: Sequence[Member], theirs: Sequence[Member]) -> float:
    odds = sorted((min(CEILING, max(FLOOR, alike(a, b))) for a in ours for b in theirs), reverse=True)
    best = odds[:2]
    return BEST * sum(best) / len(best) + (1 - BEST) * sum(odds) / len(odds)


def alike(one: Member, other: Member) -> float:
    """Log-odds that two articles tell one event."""
    return BIAS + sum(EVIDENCE[name] * value for name, value in evidence(one, other).items())


def evidence(one: Member, other: Member) -> dict[str, float]:
    """What speaks for and against one event, each from 0 to 1; the names are those of EVIDENCE."""
    a, b = _sides(one), _sides(other)
    foreign = _news(a.headline_goods, b.goods) + _news(b.headline_goods, a.goods)
    found = {
        "words": cosine(a.vector, b.vector),
        "goods": _overlap(a.goods, b.goods),
        "other goods": bool(a.goods and b.goods and not a.goods & b.goods),
        "headline goods unknown": foreign / 2,
        "rate": not foreign and bool(a.rates & b.rates),
        "other rate in the headlines": _unknown(a.headline_rates, a.rates, b.headline_rates, b.rates),
        "matter": _overlap(a.matters, b.matters),
        "measure by its rate": not foreign and any(_by_rate(f, g) for f in one.facts for g in other.facts),
        "measure by its ground": any(_by_ground(f, g) for f in one.facts for g in other.facts),
    }
    return {name: float(value) for name, value in found.items()}


def _by_rate(one: Gist, other: Gist) -> bool:
    return one.rate is not None and one.rate == other.rate and _fits(one, other)


def _by_ground(one: Gist, other: Gist) -> bool:
    ours, theirs = set(one.goods) - set(ACROSS), set(other.goods) - set(ACROSS)
    return one.ground == other.ground != "" and _fits(one, other) and bool(ours) == bool(theirs)


@dataclass(frozen=True, slots=True)
class _Sides:
    """A member as sets, made once for all that it is compared with."""

    vector: dict[str, float]
    goods: frozenset[str]
    headline_goods: frozenset[str]
    rates: frozenset[str]
    headline_rates: frozenset[str]
    matters: frozenset[str]


def _sides(m: Member) -> _Sides:
    return _made(m.words, m.headline_words, m.goods, m.headline_goods, m.figures, m.matters)


@lru_cache(maxsize=8192)
def _made(
    words: tuple[str, ...],
    headline: tuple[str, ...],
    goods: tuple[str, ...],
    headline_goods: tuple[str, ...],
    told: tuple[str, ...],
    about: tuple[str, ...],
) -> _Sides:
    rates = frozenset(RATE + figure for figure in told if figure.endswith("%"))
    return _Sides(
        weighed(words, frozenset(headline)),
        frozenset(goods),
        frozenset(headline_goods),
        rates,
        frozenset(_tokens(headline, RATE)),
        frozenset(about),
    )


def _overlap(ours: frozenset[str], theirs: frozenset[str]) -> float:
    return len(ours & theirs) / math.sqrt(len(ours) * len(theirs)) if ours and theirs else 0.0


def _news(headline: frozenset[str], known: frozenset[str]) -> bool:
    return bool(headline) and not headline & known


def _unknown(
    ours: frozenset[str], all_ours: frozenset[str], theirs: frozenset[str], all_theirs: frozenset[str]
) -> bool:
    """Both headlines name some, and neither's are known to the other text."""
    return bool(ours and theirs) and not (ours & all_theirs or theirs & all_ours)


# copies


def copied(new: Member, story: Story) -> Member | None:
    """The member whose text the article prints, with no rate but those in it; official documents print none, as their formulas
    are alike."""
    return next((m for m in story.members if _prints(new, m)), None)


def _prints(new: Member, old: Member) -> bool:
    near = abs(new.published - old.published) <= 2 * SAME_DAY
    if not near or new.official or old.official or not _sides(new).rates <= _sides(old).rates:
        return False
    return same_text(new.sketch, old.sketch) or _same_line(new, old)


def _same_line(new: Member, old: Member) -> bool:
    """The same title within a day, where one of them has no text to tell them apart: an aggregator's link."""
    bare = not new.sketch or not old.sketch
    same = new.title.casefold() == old.title.casefold() and len(new.headline_words) > 3
    return bare and same and abs(new.published - old.published) <= SAME_DAY


def publishers(story: Story) -> int:
    """How many outlets tell it in words of their own: a copy counts with its original."""
    return len({m.outlet.casefold().removeprefix("the ") for m in story.members if not m.copy_of})


# why, in words


def why(new: Member, story: Story) -> str:
    """ "0.71 alike: shrimp, andhra; same measure US → IN · seafood · 25 %" """
    nearest = max(story.members, key=lambda m: alike(new, m))
    words = ", ".join(shared(new.words, _sides(new).vector, _sides(nearest).vector)[:4])
    parts = [f"{_share(likeness(new, story)):.2f} alike" + (f": {words}" if words else "")]
    goods = sorted(set(new.goods) & {g for m in story.members for g in m.goods})
    parts += [f"goods {', '.join(goods)}"] if goods else []
    measure = next(
        (f for f in new.facts for m in story.members for g in m.facts if _by_rate(f, g) or _by_ground(f, g)), None
    )
    return "; ".join([*parts, *([f"same measure {_measure_words(measure)}"] if measure else [])])


def _measure_words(gist: Gist) -> str:
    parts = [f"{gist.imposer} → {', '.join(gist.target)}", ", ".join(gist.goods), gist.ground.replace("_", " ")]
    return " · ".join(part for part in (*parts, "" if gist.rate is None else percent(gist.rate)) if part)


def _copy_words(original: Member) -> str:
    return f"copy of {original.outlet}, “{original.title}”"


def _share(odds: float) -> float:
    """Log-odds as people read them: 0.50 is where joining begins."""
    return 1 / (1 + math.exp(JOIN - odds))


COUNTRIES = re.compile(
    r"\b(China|Chinese|Beijing|Brazil|Brazilian|Canada|Canadian|Mexico|Mexican|EU|European|Brussels|UK|Britain|British|Japan"
    r"|Japanese|Korea|Korean|Vietnam|Vietnamese|Hanoi|Pakistan|Bangladesh|Bangladeshi|Dhaka"
    r"|Switzerland|Swiss|Taiwan|Indonesia|Thailand|Malaysia|Australia|Oman|Israel|Turkey|Iran|Colombia|Philippines|Sri Lanka"
    r"|Cambodia|Ecuador|Peru|Chile|South Africa|Zealand|EFTA|GCC)\b"
)
NATIONS = {
    "Chinese": "China",
    "Canadian": "Canada",
    "European": "EU",
    "Britain": "UK",
    "British": "UK",
    "Swiss": "Switzerland",
    "Japanese": "Japan",
    "Korean": "Korea",
    "Brazilian": "Brazil",
    "Mexican": "Mexico",
    "Vietnamese": "Vietnam",
    "Bangladeshi": "Bangladesh",
    "Dhaka": "Bangladesh",
    "Beijing": "China",
    "Brussels": "EU",
    "Hanoi": "Vietnam",
}
