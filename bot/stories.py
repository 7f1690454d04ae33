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

WINDOW = timedelta(days=9)  # a threat and the order that follows it are one story; what comes later is another
JOIN = 0.29  # likeness from which two texts tell one event, see docs/decisions/0005-stories.md
LARGEST = 60  # members; what grows beyond is a theme, not an event
NEW, MORE, SAME = "new", "update", "same"


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
    )


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
    return Update(MORE if changed else SAME, grown, new.article_id, changed)


def news(new: Member, story: Story) -> str:
    """What the article tells that no member told, in words; "" when nothing."""
    known = {f for m in story.members for f in m.figures}
    fresh = [f for f in figures(new.title) if f not in known and f.endswith("%")]
    if fresh:
        return f"new figure {', '.join(fresh)}"
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
    )


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
