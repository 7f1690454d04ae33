"""Stories: the articles of one event, told by several outlets, folded into one."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import mul

from bot.analysis import Analysis, figures
from bot.articles import Article
from bot.facts import Fact
from bot.measures import FIXED, percent

WINDOW = timedelta(days=9)  # a threat and the order that follows it are one story; what comes later is another
JOIN = 0.29  # likeness from which two texts tell one event, see docs/decisions/0005-stories.md
LARGEST = 60  # members; what grows beyond is a theme, not an event
NEW, MORE, SAME = "new", "update", "same"


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
    embedding: tuple[float, ...]
    entities: tuple[str, ...]  # normalised names
    figures: tuple[str, ...]
    words: tuple[str, ...] = ()  # stems of title and lead
    goods: tuple[str, ...] = ()  # sectors named anywhere
    headline_goods: tuple[str, ...] = ()  # sectors named in the title
    why: str = ""  # why it joined
    facts: tuple[Gist, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """`id` is that of its first article. Members are in order of joining."""

    id: str
    started: datetime
    updated: datetime
    members: tuple[Member, ...]
    told: tuple[str, ...] = ()  # channels that have had a message of this story


@dataclass(frozen=True, slots=True)
class Update:
    """What one article did to the stories: a "new" story, an "update" that tells something new, or the "same" again."""

    kind: str
    story: Story
    article_id: str
    changed: str = ""  # in words, for an update
    apart: tuple[tuple[float, float], ...] = ()  # rates of the article, each with that of earlier ones for the same act


def member(article: Article, analysis: Analysis) -> Member:
    """The part of an article that following compares."""
    return Member(
        article.id,
        article.title,
        article.url,
        article.outlet,
        article.official,
        article.published,
        analysis.scores.embedding,
        tuple(sorted({_name(e.text) for e in analysis.entities} - COMMON)),
        analysis.figures,
        words=stems(f"{article.title} {' '.join(analysis.quotes[:1]) or article.text[:300]}"),
        goods=tuple(sorted({m.name for m in analysis.sectors})),
        headline_goods=tuple(sorted({m.name for m in analysis.sectors if m.end <= len(article.title)})),
        facts=gists(analysis.facts),
    )


def gists(facts: Iterable[Fact]) -> tuple[Gist, ...]:
    """Of what the article claims of today: neither background nor guesses."""
    claimed = (f for f in facts if not f.background and f.status != "speculated")
    return tuple(Gist(f.imposer, f.target, f.goods, f.ground, f.action, f.status, f.rate) for f in claimed)


def follow(article: Article, analysis: Analysis, stories: Sequence[Story]) -> Update:
    """Puts the article into the likeliest of `stories`, or begins a new one. Pure; an article that is a member already
    gives "same"."""
    new = member(article, analysis)
    known = next((s for s in stories if any(m.article_id == new.article_id for m in s.members)), None)
    if known:
        return Update(SAME, known, article.id)
    rarity = rarities([m.words for s in stories for m in s.members] + [new.words])
    ranked = [(likeness(new, story, rarity), story) for story in stories if not veto(new, story)]
    best, story = max(ranked, key=lambda pair: pair[0], default=(0.0, None))
    if story is None or best < JOIN:
        return Update(
            NEW, Story(new.article_id, new.published, new.published, (replace(new, why="first"),)), article.id
        )
    return _joined(story, replace(new, why=f"likeness {best:.2f}"))


def _joined(story: Story, new: Member) -> Update:
    changed = news(new, story)
    grown = replace(story, updated=max(story.updated, new.published), members=(*story.members, new))
    return Update(MORE if changed else SAME, grown, new.article_id, changed, apart(new, story))


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
    same_day = abs(new.published - old.published) < timedelta(days=1)
    return same_day and (old.outlet, old.title.casefold()) == (new.outlet, new.title.casefold())


def veto(new: Member, story: Story) -> bool:
    """Sure signs of another event: too far in time, or a headline with rates, goods or countries of which the other
    telling knows nothing, and the other way round."""
    if len(story.members) >= LARGEST or not (story.started - WINDOW <= new.published <= story.updated + WINDOW):
        return True
    old = story.members
    return (
        _strangers(_rates(new.title), new.figures, [(_rates(m.title), m.figures) for m in old])
        or _strangers(set(new.headline_goods), new.goods, [(set(m.headline_goods), m.goods) for m in old])
        or _strangers(_countries(new.title), (), [(_countries(m.title), ()) for m in old])
        or _hits_others(new, old)
    )


def _hits_others(new: Member, members: Sequence[Member]) -> bool:
    """Both texts tell of one country's act of one kind, and all of ours hits others than all of theirs."""
    pairs = [(ours, theirs) for ours in new.facts for m in members for theirs in m.facts if _same_act(ours, theirs)]
    told = [(set(ours.target), set(theirs.target)) for ours, theirs in pairs if ours.target and theirs.target]
    return bool(told) and not any(ours & theirs or _has_group(ours | theirs) for ours, theirs in told)


def _has_group(target: Iterable[str]) -> bool:
    """ALL, BRICS and the like: they may mean any country."""
    return any(len(name) > 2 for name in target)


def _same_act(one: Gist, other: Gist) -> bool:
    """By the same country, of the same kind and as firm: what is announced and what is agreed are to come alike."""
    statuses = {one.status, other.status}
    alike = len(statuses) == 1 or statuses <= set(FIXED)
    return (one.imposer, one.action) == (other.imposer, other.action) and alike


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


def _strangers(ours: set[str], all_ours: Iterable[str], theirs: Sequence[tuple[set[str], Iterable[str]]]) -> bool:
    """Both headlines name some of a kind; neither's are known to the other text at all."""
    headlines = {name for headline, _ in theirs for name in headline}
    known = headlines.union(*(text for _, text in theirs))
    return bool(ours and headlines) and not (ours & known or headlines & ours.union(all_ours))


def _rates(title: str) -> set[str]:
    return {f for f in figures(title) if f.endswith("%")}


def _countries(title: str) -> set[str]:
    return {NATIONS.get(word, word) for word in COUNTRIES.findall(title)}


def likeness(new: Member, story: Story, rarity: dict[str, float]) -> float:
    """0 to 1: the best over the story's members of rare words, names and embedding in common."""
    return max(_alike(new, old, rarity) for old in story.members)


def _alike(a: Member, b: Member, rarity: dict[str, float]) -> float:
    words = _cosine(a.words, b.words, rarity)
    names = _overlap(a.entities, b.entities)
    dense = sum(map(mul, a.embedding, b.embedding)) if a.embedding and b.embedding else words
    shared = _overlap(a.figures, b.figures)
    return 0.5 * max(0.0, (dense - 0.5) * 2) + 0.3 * words + 0.1 * names + 0.1 * shared


def _cosine(a: Iterable[str], b: Iterable[str], rarity: dict[str, float]) -> float:
    ours, theirs = set(a), set(b)
    common = sum(rarity.get(w, 1.0) ** 2 for w in ours & theirs)
    norm = math.sqrt(sum(rarity.get(w, 1.0) ** 2 for w in ours) * sum(rarity.get(w, 1.0) ** 2 for w in theirs))
    return common / norm if norm else 0.0


def _overlap(a: Iterable[str], b: Iterable[str]) -> float:
    ours, theirs = set(a), set(b)
    return len(ours & theirs) / min(len(ours), len(theirs)) if ours and theirs else 0.0


def rarities(texts: Sequence[Iterable[str]]) -> dict[str, float]:
    """Inverse document frequency of each stem among the open stories' members."""
    count = Counter(word for text in texts for word in set(text))
    return {word: math.log(1 + (len(texts) + 20) / seen) for word, seen in count.items()}


def stems(text: str) -> tuple[str, ...]:
    """Content words of `text`, roughly stemmed, each once."""
    words = (w.lower() for w in WORD.findall(text))
    return tuple(sorted({_stem(w) for w in words if w not in STOP and len(w) > 1}))


def _stem(word: str) -> str:
    for end in ("ies", "ing", "ed", "es", "s"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)] + ("y" if end == "ies" else "")
    return word


def _name(text: str) -> str:
    return re.sub(r"^the |['’]s$", "", text.strip().lower())


def publishers(story: Story) -> int:
    """How many outlets tell the story, each of its own."""
    return len({m.outlet for m in story.members})


WORD = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*%?")
COMMON = frozenset(
    {
        "india",
        "indian",
        "us",
        "u.s.",
        "america",
        "american",
        "united states",
        "washington",
        "new delhi",
        "delhi",
        "trump",
    }
)
STOP = frozenset(
    re.findall(
        r"\w+",
        """a an and are as at be been but by can for from had has have he her his how i if in into is it its may more new no
        not of on or our over say says said she so than that the their them they this to up was we were what when where
        which who will with would you your after amid before about could also against""",
    )
)
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
