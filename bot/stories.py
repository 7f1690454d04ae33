"""Stories: the articles of one event, told by several outlets, folded into one."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.analysis import Analysis, figures
from bot.articles import Article
from bot.copies import FEWEST, SHARE, same_text
from bot.doubts import Doubt, thought_over
from bot.evidence import EVIDENCE, likely, may_join, parted
from bot.gists import Gist, by_ground, by_rate, same_measure
from bot.measures import percent
from bot.members import Member, corrects, headline_rates, member
from bot.profiles import Profile, counted, profile, profiles
from bot.rarity import cosine, shared, weighed

WINDOW = timedelta(days=9)  # a threat and the order that follows it are one story; what comes later is another
JOIN = 0.0  # log-odds from which an article is put into a story, if in doubt
MERGE = 0.5  # from which all members of another story are
SURE = 4.0  # from which there is no doubt
NEIGHBOURS = 3  # stories that an article may show to be the one that it joins
FRAGMENT = 3  # members of a story that may turn out to be another's; what is larger stands by itself
LARGEST = 60  # members; what grows beyond is a theme, not an event
SAME_DAY = timedelta(days=1)
NEW, MORE, SAME = "new", "update", "same"


@dataclass(frozen=True, slots=True)
class Merge:
    """Another story that turned out to be this one."""

    story_id: str  # of the younger, whose members moved
    article_id: str  # which showed it
    at: datetime  # when that was published
    why: str
    told: tuple[str, ...] = ()  # channels that had a card of it


@dataclass(frozen=True, slots=True)
class Split:
    """Another story that was one with this: what was in doubt turned out to be an event of its own."""

    story_id: str  # the other
    article_id: str  # which showed it
    at: datetime  # when that was published
    why: str


@dataclass(frozen=True, slots=True)
class Story:
    """`id` is that of its first article, or of the one that showed it to be another story. Members are in order of joining."""

    id: str
    started: datetime
    updated: datetime
    members: tuple[Member, ...]
    told: tuple[str, ...] = ()  # channels that have had a message of this story
    merges: tuple[Merge, ...] = ()
    splits: tuple[Split, ...] = ()
    doubts: tuple[Doubt, ...] = ()  # over members that joined with little to show for it

    @property
    def names(self) -> tuple[str, ...]:
        """Its id, and those of what was merged into it: cards and what people did with them may have either."""
        return (self.id, *(merge.story_id for merge in self.merges))


@dataclass(frozen=True, slots=True)
class Update:
    """What one article did to the stories: a "new" story, an "update" that tells something new, or the "same" again."""

    kind: str
    story: Story
    article_id: str
    changed: str = ""  # in words, for an update
    apart: tuple[tuple[float, float], ...] = ()  # rates of the article, each with that of earlier ones for the same act
    correction: str = ""  # the rates in the headline, where the outlet has changed them
    rest: Story | None = None  # what is left of the story that this was taken out of

    @property
    def member(self) -> Member:
        """The article as a member of the story."""
        return next(m for m in self.story.members if m.article_id == self.article_id)

    @property
    def edition(self) -> str:
        """The article's id, and for one that was told before, what it says now."""
        return f"{self.article_id} {self.correction}" if self.correction else self.article_id


def follow(
    article: Article, analysis: Analysis, stories: Sequence[Story], weights: Mapping[str, float] = EVIDENCE
) -> Update:
    """Puts the article into the likeliest of `stories`, or begins a new one; others of them that it shows to be the same are
    merged into the eldest, and members that it shows to be of another event are taken out. Pure; an article that is a member
    already gives "same", but for a corrected headline."""
    new = member(article, analysis)
    known = next((s for s in stories if any(m.article_id == new.article_id for m in s.members)), None)
    if known:
        return _again(known, new)
    near = [story for story in stories if _in_time(new, story)]
    if printed := _printed(new, near):
        return printed
    ranked = _ranked(new, near, weights)
    thoughts = _second_thoughts(new, near, [story for _, story in ranked[:NEIGHBOURS]], weights)
    if other_event := min((t for t in thoughts if t.odds < 0), key=lambda t: t.odds, default=None):
        return _split(new, other_event)
    odds, best = _best(new, ranked)
    if best is None or odds < JOIN:
        return Update(NEW, _begun(new), article.id)
    others = [story for _, story in ranked if story is not best][:NEIGHBOURS]
    joined = replace(new, why=why(new, best, odds))
    return _joined(_merged(_doubted(best, new, odds, thoughts), others, near, new, weights), joined)


def _begun(new: Member) -> Story:
    return Story(new.article_id, new.published, new.published, (replace(new, why="first"),))


def _best(new: Member, ranked: Iterable[tuple[float, Story]]) -> tuple[float, Story | None]:
    """The likeliest that nothing forbids."""
    ours = counted((new,))
    fits = ((odds, story) for odds, story in ranked if may_join(ours, profile(story.members)))
    return next(fits, (-math.inf, None))


def _printed(new: Member, stories: Iterable[Story]) -> Update | None:
    """With the article whose text it prints, in whatever doubt that is."""
    ours = counted((new,))
    for story in stories:
        if (original := copied(new, ours, story)) and not parted(ours, profile(story.members)):
            first = original.copy_of or original.article_id
            doubts = (_joining(d, new) if original.article_id in d.articles else d for d in story.doubts)
            copy = replace(new, copy_of=first, why=_copy_words(original))
            return _joined(replace(story, doubts=tuple(doubts)), copy)
    return None


def _in_time(new: Member, story: Story) -> bool:
    near = story.started - WINDOW <= new.published <= story.updated + WINDOW
    return near and len(story.members) < LARGEST


def _ranked(new: Member, stories: Sequence[Story], weights: Mapping[str, float]) -> list[tuple[float, Story]]:
    """The plausible stories with the log-odds that the article tells their event, the likeliest first."""
    found = likely(counted((new,)), profiles([story.members for story in stories]), weights)
    return [(odds, stories[at]) for odds, at in found]


def _again(story: Story, new: Member) -> Update:
    """A member that was read anew, as its outlet has edited it. Only another rate in the headline is told."""
    old = next(m for m in story.members if m.article_id == new.article_id)
    if not corrects(new.title, old):
        return Update(SAME, story, new.article_id)
    edited = replace(new, why=old.why, copy_of=old.copy_of, was=old.was)
    grown = replace(story, members=tuple(edited if m is old else m for m in story.members))
    rates = " and ".join(sorted(headline_rates(new.title)))
    return Update(MORE, grown, new.article_id, f"headline corrected to {rates}", correction=rates)


def _joined(story: Story, new: Member) -> Update:
    changed = news(new, story)
    grown = replace(story, updated=max(story.updated, new.published), members=(*story.members, new))
    return Update(MORE if changed else SAME, grown, new.article_id, changed, apart(new, story))


def _merged(
    story: Story,
    others: Sequence[Story],
    stories: Sequence[Story],
    new: Member,
    weights: Mapping[str, float],
) -> Story:
    """The story with those of the others that are the same by what is known now: the eldest, with all members."""
    for other in others:
        grown = replace(story, members=(*story.members, new))
        fewer, more = sorted((grown, other), key=lambda s: len(s.members))
        if len(fewer.members) > FRAGMENT or _far(story, other):
            continue
        if not may_join(profile(fewer.members), profile(more.members)):
            continue
        rest = [s for s in stories if s.id not in (story.id, other.id)]
        if (odds := _belong(fewer.members, more, [*rest, more], weights)) >= MERGE:
            unsure = (Doubt(_ids(fewer.members), odds),) if odds < SURE else ()
            stories = [*rest, story := _one(story, other, new, odds, unsure)]
    return story


def _far(one: Story, other: Story) -> bool:
    """Too far apart in time, or too large together."""
    distance = max(one.started, other.started) - min(one.updated, other.updated)
    return distance > WINDOW or len(one.members) + len(other.members) >= LARGEST


def _belong(members: Iterable[Member], story: Story, stories: Sequence[Story], weights: Mapping[str, float]) -> float:
    """The least log-odds of them for this story, where it is the likeliest for each."""
    least = math.inf
    for m in members:
        odds, best = next(iter(_ranked(m, stories, weights)))
        least = min(least, odds if best is story else -math.inf)
        if least < MERGE:
            break
    return least


def _one(story: Story, other: Story, new: Member, odds: float, unsure: tuple[Doubt, ...]) -> Story:
    older, younger = sorted((story, other), key=lambda s: (s.started, s.id))
    words = f"“{new.title}” tells of both; {_share(odds):.2f} alike"
    return Story(
        older.id,
        older.started,
        max(older.updated, younger.updated),
        (*older.members, *younger.members),
        tuple(dict.fromkeys((*older.told, *younger.told))),
        (*older.merges, *younger.merges, Merge(younger.id, new.article_id, new.published, words, younger.told)),
        (*older.splits, *younger.splits),
        (*older.doubts, *younger.doubts, *unsure),
    )


def _ids(members: Iterable[Member]) -> tuple[str, ...]:
    return tuple(m.article_id for m in members)


# what may be of another event


@dataclass(frozen=True, slots=True)
class _Thought:
    """What an article says of a doubt."""

    story: Story
    doubt: Doubt
    odds: float  # of the doubt, as they are now
    fits: float  # log-odds that it tells what the doubted tell


def _second_thoughts(
    new: Member, near: Sequence[Story], stories: Iterable[Story], weights: Mapping[str, float]
) -> list[_Thought]:
    out = []
    for story in (story for story in stories if story.doubts):
        others = profiles([other.members for other in near if other is not story])
        for doubt in story.doubts:
            said = thought_over(counted((new,)), doubt, story.members, others, weights)
            if said and said[0] >= JOIN:
                out.append(_Thought(story, doubt, said[1], said[0]))
    return out


def _doubted(story: Story, new: Member, odds: float, thoughts: Iterable[_Thought]) -> Story:
    """The story with what the article adds to its doubts: to the one whose members it is like, or that it is in doubt itself."""
    thought = max((t for t in thoughts if t.story is story), key=lambda t: t.fits, default=None)
    if thought is None:
        return replace(story, doubts=(*story.doubts, Doubt((new.article_id,), odds))) if odds < SURE else story
    grown = _joining(replace(thought.doubt, odds=thought.odds), new)
    kept = (grown if d is thought.doubt else d for d in story.doubts)
    return replace(story, doubts=tuple(d for d in kept if d.odds < SURE))


def _joining(doubt: Doubt, new: Member) -> Doubt:
    return replace(doubt, articles=(*doubt.articles, new.article_id))


def _split(new: Member, thought: _Thought) -> Update:
    """The doubted members become a story of their own, with the article that showed it; a channel that had a card of them before
    they were merged has it still."""
    story, (doubted, others) = thought.story, thought.doubt.part(thought.story.members)
    name = doubted[0].article_id if doubted[0].article_id != story.id else new.article_id
    undone = next((merge for merge in story.merges if merge.story_id == name), None)
    words = f"“{new.title}” tells of {_titles(doubted)}, and not of “{others[0].title}”"
    left = Split(name, new.article_id, new.published, words)
    rest = replace(
        story,
        members=others,
        merges=tuple(merge for merge in story.merges if merge is not undone),
        splits=(*story.splits, left),
        doubts=tuple(doubt for doubt in story.doubts if doubt is not thought.doubt),
    )
    began = min(m.published for m in doubted)
    told = undone.told if undone else ()
    out = Story(name, began, began, doubted, told, splits=(replace(left, story_id=story.id),))
    joined = replace(new, why=why(new, out, thought.fits))
    return replace(_joined(out, joined), rest=rest)


def _titles(members: Sequence[Member]) -> str:
    more = f" and {len(members) - 1} more" if len(members) > 1 else ""
    return f"“{members[0].title}”{more}"


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
        ours = {g.rate for g in new.facts if same_measure(fact, g)}
        theirs = [g.rate for m in story.members for g in m.facts if g.rate is not None and same_measure(fact, g)]
        if fact.rate is not None and theirs and not ours & set(theirs):
            out.setdefault(fact.rate, theirs[-1])
    return tuple(out.items())


def apart_words(rates: Sequence[tuple[float, float]]) -> str:
    """ "this article says 15 %, earlier ones 18 %"; "" where there are none."""
    sides = [" and ".join(map(percent, dict.fromkeys(side))) for side in zip(*rates, strict=True)]
    return f"this article says {sides[0]}, earlier ones {sides[1]}" if sides else ""


# copies


def copied(new: Member, ours: Profile, story: Story) -> Member | None:
    """The member whose text the article prints, with no rate but those in it; official documents print none, as their formulas
    are alike."""
    if new.official or not _may_print(ours, profile(story.members)):
        return None
    return next((m for m in story.members if _prints(new, m)), None)


def _may_print(ours: Profile, story: Profile) -> bool:
    """Quickly told, as it is asked of every story: it knows the title, or enough of the text."""
    return ours.headline <= story.headline or len(ours.runs & story.runs) >= FEWEST * SHARE


def _prints(new: Member, old: Member) -> bool:
    near = abs(new.published - old.published) <= 2 * SAME_DAY
    if not near or old.official or not _rates(new) <= _rates(old):
        return False
    return same_text(new.sketch, old.sketch) or _same_line(new, old)


def _rates(m: Member) -> set[str]:
    return {figure for figure in m.figures if figure.endswith("%")}


def _same_line(new: Member, old: Member) -> bool:
    """The same title within a day, where one of them has no text to tell them apart: an aggregator's link."""
    bare = not new.sketch or not old.sketch
    same = new.title.casefold() == old.title.casefold() and len(new.headline_words) > 3
    return bare and same and abs(new.published - old.published) <= SAME_DAY


def publishers(story: Story) -> int:
    """How many outlets tell it in words of their own: a copy counts with its original."""
    return len({m.outlet.casefold().removeprefix("the ") for m in story.members if not m.copy_of})


# why, in words


def why(new: Member, story: Story, odds: float) -> str:
    """ "0.71 alike: shrimp, andhra; same measure US → IN · seafood · 25 %" """
    ours = counted((new,)).vector
    theirs = (weighed(m.words, frozenset(m.headline_words)) for m in story.members)
    nearest = max(theirs, key=lambda vector: cosine(ours, vector))
    words = ", ".join(shared(new.words, ours, nearest)[:4])
    parts = [f"{_share(odds):.2f} alike" + (f": {words}" if words else "")]
    goods = sorted(set(new.goods) & profile(story.members).goods)
    parts += [f"goods {', '.join(goods)}"] if goods else []
    told = profile(story.members).facts
    measure = next((f for f in new.facts for g in told if by_rate(f, g) or by_ground(f, g)), None)
    return "; ".join([*parts, *([f"same measure {_measure_words(measure)}"] if measure else [])])


def _measure_words(gist: Gist) -> str:
    parts = [f"{gist.imposer} → {', '.join(gist.target)}", ", ".join(gist.goods), gist.ground.replace("_", " ")]
    return " · ".join(part for part in (*parts, "" if gist.rate is None else percent(gist.rate)) if part)


def _copy_words(original: Member) -> str:
    return f"copy of {original.outlet}, “{original.title}”"


def _share(odds: float) -> float:
    """Log-odds as people read them: 0.50 is where joining begins."""
    return min(0.99, 1 / (1 + math.exp(JOIN - odds)))
