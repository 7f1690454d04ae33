"""Evidence: how likely an article tells the event of each open story, and what surely parts two.

What is open is compared as a whole: a word that one open story alone names is nearly a proof, one that five name is none, and to
be the nearest by far says more than to be near.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from itertools import chain
from operator import mul

from bot.gists import by_ground, by_rate, has_group, names_same, same_act
from bot.profiles import Profile
from bot.rarity import cosine
from bot.subjects import TOPIC

PLAUSIBLE = 12  # stories that are weighed: the nearest by what they name
RARE = 3.4  # weight of a word that fewer than one text in thirty has
THOUGHT = 10  # stories that are thought to be open besides, in which words are as rare as ever: for a desk that has few
USUAL = 0.08  # cosine of the second nearest, likewise
FEW = 5  # open stories: less are no competition
LATELY = timedelta(days=2)
# Log-odds for each sign, fitted by `python -m benchmarks.stories --fit`, see docs/decisions/0021-stories-by-what-they-name.md.
EVIDENCE = {
    "begins": -3.2,  # always: most open stories are not this one
    "near": 18.6,  # cosine of what both name, by how rare it is and how few open stories name it
    "nearest": 22.7,  # how much nearer than the next; below zero for all but the nearest
    "near at all": -17.8,  # cosine of the nearest: an article near to nothing begins a story
    "latest": 6.4,  # cosine with the nearest of the last members
    "share": 2.4,  # of all that the article names, what the story knows
    "core": 0.1,  # of what the headline names, what a third of the members name: one that strayed in vouches for nothing
    "goods": 1.7,  # sectors in common
    "only these goods": 0.7,  # no other open story has them
    "other rate in the headlines": -1.5,  # of which the other side knows nothing
    "measure by its rate": 0.9,  # and by its goods or ground, if any story knows them; else less, the more stories name it
    "matters": 0.3,  # in common
    "other matters": -0.5,  # in a lead, unknown to the other side
    "other case": -2.6,  # of which the story says not a word
    "other country": -1.6,  # in headlines, of which the other side says not a word
    "topics": 1.4,  # of headlines, in common
    "other subject": -1.5,  # nothing in common that headlines are about
    "lively": 0.6,  # articles of the last days
}


def likely(new: Profile, among: Sequence[Profile], weights: Mapping[str, float] = EVIDENCE) -> list[tuple[float, int]]:
    """Log-odds that the article tells the event of each of the plausible stories, with its place; the likeliest first."""
    found = [(sum(weights[name] * value for name, value in signs.items()), at) for at, signs in evidence(new, among)]
    return sorted(found, key=lambda pair: (-pair[0], pair[1]))


def evidence(new: Profile, among: Sequence[Profile]) -> list[tuple[int, dict[str, float]]]:
    """What speaks for and against each of the plausible stories, with its place; the names are those of EVIDENCE."""
    common = [new.words & story.words for story in among]
    lone = _lone(new, Counter(chain.from_iterable(common)), len(among))
    says = {t: value * (0.4 + 0.6 * lone[t]) for t, value in new.vector.items()}  # what all name counts two fifths
    near = [_near(says, story, words) for story, words in zip(among, common, strict=True)]
    order = sorted(range(len(among)), key=lambda at: (-near[at], at))
    best, second = (*(near[at] for at in order[:2]), 0.0, 0.0)[:2]
    second = second if len(among) >= FEW else max(second, USUAL)
    rivals = sum(bool(new.goods & story.headline_goods) for story in among)
    sole = rivals == 1 and len(among) >= FEW
    rates = _by_rates(new, among)
    crowd = {"begins": 1.0, "near at all": best}
    out = []
    for at in order[:PLAUSIBLE]:
        story = among[at]
        alone = {
            "near": near[at],
            "nearest": near[at] - (second if at == order[0] else best),
            "only these goods": float(sole and bool(new.goods & story.headline_goods)),
            "measure by its rate": rates[at],
        }
        out.append((at, crowd | alone | _of_words(new, story, common[at], lone) | _of_kinds(new, story)))
    return out


def _near(says: Mapping[str, float], story: Profile, words: Collection[str]) -> float:
    """Cosine with the sum of the members."""
    common: float = sum(map(mul, map(says.__getitem__, words), map(story.vector.__getitem__, words)))
    return common / story.length


def _by_rates(new: Profile, among: Sequence[Profile]) -> list[float]:
    """How far each of them tells of a measure of ours at its rate. Those that know its goods or ground as well count alone; the
    others share the rest, as a duty in force is background to many."""
    found = [_by_rate(new, story) for story in among]
    best = max(found, default=0)
    share = 1 / found.count(best) if best else 0.0
    return [share if value == best else 0.0 for value in found]


def _by_rate(new: Profile, story: Profile) -> int:
    """2 where goods or ground are the same as well."""
    foreign = bool(new.headline_goods) and not new.headline_goods & story.goods
    pairs = () if foreign else ((f, g) for f in new.facts for g in story.facts if by_rate(f, g))
    return max((1 + names_same(f, g) for f, g in pairs), default=0)


def _of_words(new: Profile, story: Profile, words: frozenset[str], lone: Mapping[str, float]) -> dict[str, float]:
    total = sum(value * lone[t] for t, value in new.weights.items()) or 1.0
    top = {t: new.weights[t] * lone[t] for t in new.headline & new.words}
    return {
        "latest": max(cosine(new.vector, vector) for vector in story.latest),
        "share": sum(new.weights[t] * lone[t] for t in words) / total,
        "core": sum(value for t, value in top.items() if t in story.core) / (sum(top.values()) or 1.0),
    }


def _lone(new: Profile, known: Counter[str], stories: int) -> dict[str, float]:
    """How few stories name it, the open ones and some that are thought of: 1 where none of many does but one."""
    of = stories + THOUGHT
    naming = {t: known[t] + THOUGHT * math.exp(-value) for t, value in new.weights.items()}
    return {t: max(0.0, math.log(of / max(0.5, count))) / math.log(of) for t, count in naming.items()}


def _of_kinds(new: Profile, story: Profile) -> dict[str, float]:
    """The signs of goods, rates, matters and dates."""
    rates = new.headline_rates, new.rates, story.headline_rates, story.rates
    found = {
        "goods": _overlap(new.goods, story.core_goods),
        "other rate in the headlines": _strangers(*rates),
        "matters": _overlap(new.matters, story.core_matters),
        "other matters": len(new.lead_matters - story.matters) + len(story.lead_matters - new.matters),
        "other case": story.size > 1 and bool(new.cases - story.matters),
        "other country": bool(new.countries - story.words or story.core_countries - new.words),
        "topics": _overlap(_topics(new), _topics(story)),
        "other subject": bool(new.subjects and story.subjects and not new.subjects & story.subjects),
        "lively": math.log1p(sum(new.dates[0] - date < LATELY for date in story.dates)),
    }
    return {name: float(value) for name, value in found.items()}


def _topics(of: Profile) -> frozenset[str]:
    return frozenset(name for name in of.subjects if name.startswith(TOPIC))


def _overlap(ours: frozenset[str], theirs: frozenset[str]) -> float:
    return len(ours & theirs) / math.sqrt(len(ours) * len(theirs)) if ours and theirs else 0.0


# what parts


def may_join(one: Profile, other: Profile) -> bool:
    return not parted(one, other) and not near_nothing(one, other)


def parted(one: Profile, other: Profile) -> bool:
    """Sure signs of two events: several in one text, headlines with rates, goods or countries of which the other side knows
    nothing and the other way round, or one country's acts against others."""
    return (
        one.several
        or other.several
        or _strangers(one.headline_goods, one.goods, other.headline_goods, other.goods)
        or _strangers(one.countries, one.countries, other.countries, other.countries)
        or (
            _strangers(one.headline_rates, one.rates, other.headline_rates, other.rates)
            and not _one_measure(one, other)
        )
        or _other_case(one, other)
        or _other_case(other, one)
        or _hits_others(one, other)
    )


def _other_case(one: Profile, other: Profile) -> bool:
    """A proceeding of which the other, of two texts at least, says not a word; or one of that kind over other goods."""
    unknown = other.size > 1 and bool(one.cases - other.matters)
    return unknown or bool(one.cases & other.cases and one.goods and other.goods and not one.goods & other.goods)


def _strangers(
    ours: frozenset[str], all_ours: frozenset[str], theirs: frozenset[str], all_theirs: frozenset[str]
) -> bool:
    """Headlines of both sides name some of a kind; neither side's are known to the other's texts at all."""
    return bool(ours and theirs) and not (ours & all_theirs or theirs & all_ours)


def _one_measure(one: Profile, other: Profile) -> bool:
    """Both tell of one measure by name, which then has moved from one rate to the other."""
    return any(names_same(f, g) for f in one.facts for g in other.facts)


def _hits_others(one: Profile, other: Profile) -> bool:
    """Both tell of one country's act of one kind, and all of ours hits others than all of theirs."""
    pairs = [(f, g) for f in one.facts for g in other.facts if same_act(f, g)]
    told = [(set(f.target), set(g.target)) for f, g in pairs if f.target and g.target]
    return bool(told) and not any(ours & theirs or has_group(ours | theirs) for ours, theirs in told)


def near_nothing(one: Profile, other: Profile) -> bool:
    """Less than two words in common that are not everybody's, three of headlines, or a measure: a sector proves nothing."""
    rare = sum(one.weights[t] >= RARE for t in one.words & other.words)
    little = rare < 2 and len(one.headline & other.headline) < 3
    return little and not any(by_rate(f, g) or by_ground(f, g) for f in one.facts for g in other.facts)
