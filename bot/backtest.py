"""A backtest: what a watchlist would have told of an archive, and what a change of it would lose, before it is saved.

items | rule out | read | judge > hits, near misses | follow > Backtest
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from heapq import nsmallest

from bot.analysis import LABELS, Analysis, Scores
from bot.articles import Article
from bot.reading import Reading
from bot.stories import SAME, Story, follow
from bot.verdicts import Verdict
from bot.vocabulary import TermIndex, index_reading
from bot.watchlists import Watchlist, judge, may_match

SHOWN = 5  # of each kind
LOT = 256  # articles read at once
MOST_CLOSELY = 8_000  # what spaCy reads in 40 seconds; where more could fire, all are read plainly
MOST_FOLDED = 400  # hits whose stories are told apart in a few seconds; beyond, articles are counted
CANDIDATES = 200  # for near misses, of what scores ruled out
STORIES_OPEN = timedelta(days=10)
UNREAD = TermIndex("", (), {}, 0)
STORIES, ARTICLES = "stories", "articles"
CLOSELY, PLAINLY, NOTHING = "closely", "plainly", "nothing"

Read = Callable[[Sequence[str]], list[Reading]]


@dataclass(frozen=True, slots=True)
class Item:
    """An article of the archive, as far as it is known."""

    article: Article
    analysis: Analysis | None  # None: its words rule it out, whatever a model would say
    reading: Reading | None = None  # where one was made already


@dataclass(frozen=True, slots=True)
class Found:
    """A hit, with the words that made it, or a near miss, with what it is short of."""

    article_id: str
    title: str
    url: str
    outlet: str
    published: datetime
    score: float  # of "relevant"
    words: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Outlet:
    """What one source has to do with it."""

    name: str
    articles: int
    hits: int
    present: int  # hits of the present version


@dataclass(frozen=True, slots=True)
class Side:
    """One version of the watchlist: how often it fired, and would have alerted, day by day."""

    query: str
    hits: int
    alerts: int
    alerts_by_day: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """`counted` says what an alert is: an article that begins or moves a story, or any. `present` is the version that is
    configured, where another one was tried. `read` says how those that could fire were read."""

    watchlist: str
    first_day: date
    last_day: date
    articles: int
    tried: Side
    counted: str
    first: tuple[Found, ...]
    best: tuple[Found, ...]
    near: tuple[Found, ...]
    outlets: tuple[Outlet, ...]
    ruled_out: int  # by stored scores, outlet and letters, without a reading
    judged: int
    read: str
    scored_by: tuple[tuple[str, int], ...]  # of the judged
    unscored: int  # articles without a score for a topic that is asked for
    quiet: int  # hits that were there before their feed was first read, which alert nobody
    present: Side | None = None
    lost_count: int = 0
    gained_count: int = 0
    lost: tuple[Found, ...] = ()
    gained: tuple[Found, ...] = ()

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1


def hopeful(topics: Iterable[str] = ()) -> Scores:
    """Scores that refuse nothing: what `may_match` refuses with these, it refuses for want of words, or for its outlet."""
    names = (*LABELS, *topics)
    return Scores(dict.fromkeys(names, 1.0), dict.fromkeys(names, True), (), "hope")


def short_of(verdict: Verdict) -> int:
    """How many conditions it lacks to fire; 0 for what fired."""
    if verdict.fired:
        return 0
    parts = [short_of(child) for child in verdict.children]
    if not parts or verdict.label == "NOT":
        return 1
    return min(parts) if verdict.label == "any of" else max(1, sum(parts))


def missing(verdict: Verdict) -> str:
    """The condition that a near miss is short of, in words."""
    held_back = [child for child in verdict.children if not child.fired]
    if verdict.label == "NOT":
        return f"NOT {verdict.children[0].label} — {verdict.missing}"
    if held_back:
        return missing(min(held_back, key=short_of))
    return f"{verdict.label} — {verdict.missing}"


def alerting(hits: Iterable[tuple[Article, Analysis]]) -> list[Article]:
    """Of the hits those that begin a story or tell something new in one. The ledger is not asked."""
    stories: dict[str, Story] = {}
    out = []
    for article, analysis in sorted(hits, key=lambda hit: (hit[0].published, hit[0].id)):
        since = article.published - STORIES_OPEN
        stories = {name: story for name, story in stories.items() if story.updated >= since}
        update = follow(article, analysis, list(stories.values()))
        story = update.story
        for merge in story.merges:
            stories.pop(merge.story_id, None)
        if not article.quiet and (update.kind != SAME or not story.told):
            story = replace(story, told=("here",))
            out.append(article)
        stories |= {one.id: one for one in (update.rest, story) if one}
    return out


def backtest(
    items: Iterable[Item],
    tried: Watchlist,
    present: Watchlist | None,
    *,
    read: Read,
    plain: Read,
    topics: Iterable[str] = (),
    done: Callable[[], object] = lambda: None,
) -> Backtest | None:
    """Judges both versions on every item; None for an empty archive. `read` reads as it is done live, `plain` quickly;
    `topics` are the desk's own that are asked for; `done` is called once for each item that is decided."""
    trial = _Trial((tried, present) if present else (tried,), read, plain, tuple(topics), done)
    for item in items:
        trial.take(item)
    trial.finish()
    return trial.result() if trial.by_day else None


@dataclass(slots=True)
class _Version:
    """What one version of the watchlist hit so far."""

    watchlist: Watchlist
    hits: list[Found] = field(default_factory=list)
    loud: list[date] = field(default_factory=list)
    quiet: int = 0
    folded: list[tuple[Article, Analysis]] | None = field(default_factory=list)  # None: too many to tell stories apart

    def add(self, article: Article, analysis: Analysis, found: Found) -> None:
        self.hits.append(found)
        self.quiet += article.quiet
        if not article.quiet:
            self.loud.append(_day(article.published))
        if self.folded is not None:
            self.folded.append((article, analysis))
            self.folded = self.folded if len(self.folded) <= MOST_FOLDED else None

    def side(self, counted: str) -> Side:
        told = [_day(article.published) for article in alerting(self.folded or ())]
        days = Counter(told if counted == STORIES else self.loud)
        return Side(self.watchlist.query_text, len(self.hits), days.total(), tuple(sorted(days.items())))


@dataclass(slots=True)
class _Trial:
    """A backtest under way."""

    lists: tuple[Watchlist, ...]
    read: Read
    plain: Read
    topics: tuple[str, ...]
    done: Callable[[], object]
    versions: list[_Version] = field(init=False)
    held: list[Item] = field(default_factory=list)
    how: str = NOTHING
    by_day: Counter[date] = field(default_factory=Counter)
    by_outlet: Counter[str] = field(default_factory=Counter)
    scored_by: Counter[str] = field(default_factory=Counter)
    unscored: int = 0
    lost: list[Found] = field(default_factory=list)
    gained: list[Found] = field(default_factory=list)
    near: list[Found] = field(default_factory=list)
    candidates: list[tuple[int, float, Item]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.versions = [_Version(watchlist) for watchlist in self.lists]

    def take(self, item: Item) -> None:
        article, analysis = item.article, item.analysis
        self.by_day[_day(article.published)] += 1
        self.by_outlet[article.outlet] += 1
        if analysis is None:
            self.done()
            return
        self.unscored += any(name not in analysis.scores.scores for name in self.topics)
        could = [one for one in self.lists if may_match((one,), article.whole, analysis.scores, article)]
        if not could:
            self._rule_out(item, analysis)
        elif all(_by_scores(judge(watchlist, article, UNREAD, analysis)) for watchlist in could):
            self._judge(item, analysis, UNREAD)
        elif item.reading:
            self.how = CLOSELY
            self._judge(item, analysis, index_reading(item.reading))
        else:
            self._hold(item)

    def finish(self) -> None:
        self._read_held()
        nearest = nsmallest(CANDIDATES, self.candidates, key=lambda candidate: candidate[:2])
        found = [item for _, _, item in nearest]
        for item, index in self._indexed(found):
            if item.analysis:
                self._note_near(item, item.analysis, judge(self.lists[0], item.article, index, item.analysis))

    def _rule_out(self, item: Item, analysis: Analysis) -> None:
        """What has the words, and lacks the score, may be a near miss."""
        article = item.article
        if may_match(self.lists[:1], article.whole, hopeful(self.topics), article):
            verdict = judge(self.lists[0], article, UNREAD, analysis)
            if _by_scores(verdict):
                self._note_near(item, analysis, verdict)
            else:
                self._note_candidate(item, analysis, verdict)
        self.done()

    def _note_candidate(self, item: Item, analysis: Analysis, verdict: Verdict) -> None:
        """`verdict` is that of no words at all: it compares what scores lack."""
        found = Item(item.article, analysis)
        self.candidates.append((short_of(verdict), -_relevant(analysis), found))
        if len(self.candidates) > 10 * CANDIDATES:
            self.candidates = nsmallest(CANDIDATES, self.candidates, key=lambda candidate: candidate[:2])

    def _hold(self, item: Item) -> None:
        """Keeps back what must be read until it is known whether there is too much of it to read closely."""
        self.held.append(item)
        if len(self.held) > (LOT if self.how == PLAINLY else MOST_CLOSELY):
            self.how = PLAINLY
            self._read_held()

    def _read_held(self) -> None:
        if self.held and self.how == NOTHING:
            self.how = CLOSELY
        for item, index in self._indexed(self.held):
            if item.analysis:
                self._judge(item, item.analysis, index)
        self.held = []

    def _indexed(self, items: Sequence[Item]) -> Iterator[tuple[Item, TermIndex]]:
        read = self.plain if self.how == PLAINLY else self.read
        for at in range(0, len(items), LOT):
            lot = items[at : at + LOT]
            for item, reading in zip(lot, read([item.article.whole for item in lot]), strict=True):
                yield item, index_reading(reading)

    def _judge(self, item: Item, analysis: Analysis, index: TermIndex) -> None:
        article = item.article
        self.scored_by[analysis.scores.by] += 1
        verdicts = [judge(watchlist, article, index, analysis) for watchlist in self.lists]
        for version, verdict in zip(self.versions, verdicts, strict=True):
            if verdict.fired:
                version.add(article, analysis, _found(article, analysis, verdict))
        now, before = verdicts[0], verdicts[-1]
        if now.fired != before.fired:
            (self.gained if now.fired else self.lost).append(_found(article, analysis, now if now.fired else before))
        self._note_near(item, analysis, now)
        self.done()

    def _note_near(self, item: Item, analysis: Analysis, verdict: Verdict) -> None:
        if short_of(verdict) == 1:
            self.near.append(replace(_found(item.article, analysis, verdict), missing=missing(verdict)))
        if len(self.near) > 100 * SHOWN:
            self.near = list(_best(self.near))

    def result(self) -> Backtest:
        tried, *present = self.versions
        judged = self.scored_by.total()
        counted = STORIES if all(version.folded is not None for version in self.versions) else ARTICLES
        return Backtest(
            watchlist=tried.watchlist.name,
            first_day=min(self.by_day),
            last_day=max(self.by_day),
            articles=self.by_day.total(),
            tried=tried.side(counted),
            counted=counted,
            first=tuple(nsmallest(SHOWN, tried.hits, key=lambda hit: (hit.published, hit.article_id))),
            best=_best(tried.hits),
            near=_best(self.near),
            outlets=self._outlets(),
            ruled_out=self.by_day.total() - judged,
            judged=judged,
            read=self.how,
            scored_by=tuple(self.scored_by.most_common()),
            unscored=self.unscored,
            quiet=tried.quiet,
            present=present[0].side(counted) if present else None,
            lost_count=len(self.lost),
            gained_count=len(self.gained),
            lost=_best(self.lost),
            gained=_best(self.gained),
        )

    def _outlets(self) -> tuple[Outlet, ...]:
        """Those with most hits first; of the others only how many articles they had."""
        hits = [Counter(found.outlet for found in version.hits) for version in self.versions]
        rows = [Outlet(name, n, hits[0][name], hits[-1][name]) for name, n in self.by_outlet.items()]
        return tuple(sorted(rows, key=lambda row: (-row.hits, -row.present, -row.articles, row.name)))


def _found(article: Article, analysis: Analysis, verdict: Verdict) -> Found:
    place = (article.id, article.title, article.url, article.outlet, article.published)
    return Found(*place, score=_relevant(analysis), words=verdict.words())


def _relevant(analysis: Analysis) -> float:
    return analysis.scores.scores.get("relevant", 0.0)


def _best(hits: Iterable[Found]) -> tuple[Found, ...]:
    """Those that the model finds most relevant."""
    return tuple(nsmallest(SHOWN, hits, key=lambda hit: (-hit.score, -len(hit.words), hit.article_id)))


def _by_scores(verdict: Verdict) -> bool:
    """Whether the query asks for scores alone, so that any reading gives the same verdict."""
    return all(leaf.score is not None for leaf in _leaves(verdict))


def _leaves(verdict: Verdict) -> Iterator[Verdict]:
    if not verdict.children:
        yield verdict
    for child in verdict.children:
        yield from _leaves(child)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
