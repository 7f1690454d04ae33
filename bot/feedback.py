"""Feedback: how often what was told was wanted, by people's answers, and which changes of watchlists their answers speak for.

answers | counting > cases | shares > precision | terms, scores | judge > suggestions. Nothing is changed by any of it.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from bot.actions import DUPLICATE, OLD, RELEVANT, SPAM, WRONG_TOPIC, Action, Answer, present
from bot.analysis import LABELS, TOPICS, Analysis
from bot.articles import Article
from bot.errors import QueryError
from bot.rarity import STOP
from bot.reading import Reading
from bot.vocabulary import Atom, TermIndex, Vocabulary, fold, index_reading
from bot.watchlists import Watchlist, compile_watchlist, judge

ENOUGH = 8  # cases from which a share is told: its interval is 0.57 wide at most
LEAST = 3  # wrong cases that a suggestion must drop
MOST = 3  # exclusions suggested for one watchlist
TRIED = 40  # terms of one watchlist that are judged
MOST_LOST = 0.05  # of the right cases, for the sake of a threshold
SURE = 1.96  # standard errors: 95 %
SURER = 2.58  # 99 %, for terms, of which thousands are looked at
PRIOR = 0.5  # of an article, added to each count so that none is nothing
SHORTEST = 3  # letters of a word
UNTOLD = "?"  # a label that the answers leave open
LINES = re.compile(r"\s")

Read = Callable[[Sequence[str]], list[Reading]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the bounds of 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Case:
    """An article with the answers that count, the last one last. `wanted` is None where people only say that it is a
    duplicate or old: that speaks neither for nor against its topic."""

    answers: tuple[Answer, ...]
    wanted: bool | None

    @property
    def article(self) -> Article:
        return self.answers[-1].article

    @property
    def analysis(self) -> Analysis:
        return self.answers[-1].analysis


@dataclass(frozen=True, slots=True)
class Share:
    """How much of what one watchlist, topic or outlet told was wanted. `precision` is None for fewer than ENOUGH."""

    name: str
    right: int
    wrong: int
    aside: int  # duplicates and old news
    precision: Interval | None


@dataclass(frozen=True, slots=True)
class Reason:
    """How many of all answers give it."""

    name: str
    answers: int
    share: Interval | None


@dataclass(frozen=True, slots=True)
class Seen:
    """An article as a report names it."""

    article_id: str
    title: str
    url: str
    outlet: str
    published: datetime


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A change of a watchlist, and what it would have dropped of the answered articles on which that fires today."""

    watchlist: str
    change: str  # 'NOT "cricket"', "relevant>=0.62"
    query: str  # the whole new one
    log_odds: Interval  # how much likelier it drops a wrong article than a right one
    wrong: int
    right: int
    dropped_wrong: tuple[Seen, ...]
    dropped_right: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`disputed` are the articles on which people differ; they count nowhere else."""

    answers: int
    people: int
    articles: int
    disputed: tuple[Seen, ...]
    all: Share
    watchlists: tuple[Share, ...]
    topics: tuple[Share, ...]
    outlets: tuple[Share, ...]
    reasons: tuple[Reason, ...]
    suggestions: tuple[Suggestion, ...]


def report(
    answers: Sequence[Answer],
    watchlists: Sequence[Watchlist],
    vocabulary: Vocabulary,
    read: Read,
    topics: Sequence[str] = (),
) -> Report:
    """`watchlists` are those to suggest changes of; `topics` are the names of the users' own, which queries may ask for."""
    counted = counting(answers)
    cases, disputed = settled(counted)
    told = _by_watchlist(counted)
    return Report(
        answers=len(counted),
        people=len({answer.action.user for answer in counted}),
        articles=len(cases) + len(disputed),
        disputed=tuple(map(_seen, disputed)),
        all=_share("all", cases),
        watchlists=_sorted(_share(name, of) for name, of in told.items()),
        topics=_shares(cases, _topics),
        outlets=_shares(cases, lambda case: [case.article.outlet]),
        reasons=tuple(_reasons(counted)),
        suggestions=tuple(_suggestions(watchlists, told, vocabulary, read, topics)),
    )


def counting(answers: Sequence[Answer]) -> list[Answer]:
    """Without those that their own giver replaced."""
    last = {action.id for action in present(answer.action for answer in answers)}
    return [answer for answer in answers if answer.action.id in last]


def settled(answers: Iterable[Answer]) -> tuple[list[Case], list[Case]]:
    """The articles whose answers agree, and those that people differ on."""
    of: dict[str, list[Answer]] = {}
    for answer in answers:
        of.setdefault(answer.article.id, []).append(answer)
    cases: list[Case] = []
    disputed: list[Case] = []
    for given in of.values():
        said = {_wanted(answer.action) for answer in given} - {None}
        case = Case(tuple(given), said.pop() if len(said) == 1 else None)
        (disputed if said else cases).append(case)
    return cases, disputed


def _wanted(action: Action) -> bool | None:
    if action.kind == RELEVANT:
        return True
    return None if action.reason in (DUPLICATE, OLD) else False


def wilson(hits: int, of: int) -> Interval:
    """A share with Wilson's interval, which stays within 0 and 1 and is right for a handful, too."""
    share, spread = hits / of, SURE**2 / of
    middle = (share + spread / 2) / (1 + spread)
    reach = SURE * math.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return Interval(round(share, 4), round(max(0.0, middle - reach), 4), round(min(1.0, middle + reach), 4))


def log_odds(wrong: int, of_wrong: int, right: int, of_right: int, sure: float = SURE) -> Interval:
    """How much likelier a wrong article has something than a right one: the logarithm of the ratio of the two odds, with
    PRIOR added to each of the four counts, and its normal interval. Where that reaches below 0 it may be chance."""
    counts = [n + PRIOR for n in (wrong, of_wrong - wrong, right, of_right - right)]
    value = math.log(counts[0] / counts[1]) - math.log(counts[2] / counts[3])
    reach = sure * math.sqrt(sum(1 / n for n in counts))
    return Interval(round(value, 2), round(value - reach, 2), round(value + reach, 2))


# shares


def _by_watchlist(answers: Sequence[Answer]) -> dict[str, list[Case]]:
    """Each by the answers on its own cards: what one desk does not want another may."""
    names = dict.fromkeys(name for answer in answers for name in answer.watchlists)
    return {name: settled(answer for answer in answers if name in answer.watchlists)[0] for name in names}


def _topics(case: Case) -> Iterator[str]:
    scores = case.analysis.scores
    picked = [topic for topic in scores.topics if scores.labels.get(topic)]
    yield from picked or ["no topic"]


def _shares(cases: Sequence[Case], names: Callable[[Case], Iterable[str]]) -> tuple[Share, ...]:
    of: dict[str, list[Case]] = {}
    for case in cases:
        for name in names(case):
            of.setdefault(name, []).append(case)
    return _sorted(_share(name, told) for name, told in of.items())


def _share(name: str, cases: Sequence[Case]) -> Share:
    return _shared(name, [case.wanted for case in cases])


def _shared(name: str, wanted: Sequence[bool | None]) -> Share:
    right, wrong = (wanted.count(said) for said in (True, False))
    precision = wilson(right, right + wrong) if right + wrong >= ENOUGH else None
    return Share(name, right, wrong, len(wanted) - right - wrong, precision)


def shares_of(opinions: Sequence[tuple[Action, tuple[str, ...]]]) -> dict[str, Share]:
    """By watchlist, as in a report: of answers that come without the articles that they are about."""
    last = {action.id for action in present(action for action, _ in opinions)}
    given: dict[str, dict[str, set[bool | None]]] = {}
    for action, watchlists in opinions:
        for name in watchlists if action.id in last else ():
            given.setdefault(name, {}).setdefault(action.article_id, set()).add(_wanted(action))
    return {name: _shared(name, [*_agreed(articles.values())]) for name, articles in given.items()}


def _agreed(articles: Iterable[set[bool | None]]) -> Iterator[bool | None]:
    for said in articles:
        if not {True, False} <= said:
            yield next(iter(said - {None}), None)


def _sorted(shares: Iterable[Share]) -> tuple[Share, ...]:
    return tuple(sorted(shares, key=lambda one: (-one.wrong, -one.right, -one.aside, one.name)))


def _reasons(answers: Sequence[Answer]) -> Iterator[Reason]:
    said = Counter(answer.action.reason or "no reason" for answer in answers if answer.action.kind != RELEVANT)
    for name, count in said.most_common():
        yield Reason(name, count, wilson(count, len(answers)) if len(answers) >= ENOUGH else None)


# suggestions


@dataclass(frozen=True, slots=True)
class _Trial:
    """A watchlist with the cases on which it fires as it is today, and what trying a change of it takes."""

    watchlist: Watchlist
    wrong: tuple[Case, ...]
    right: tuple[Case, ...]
    indexes: Mapping[str, TermIndex]
    vocabulary: Vocabulary
    topics: Sequence[str]

    def fires(self, watchlist: Watchlist, case: Case) -> bool:
        return judge(watchlist, case.article, self.indexes[case.article.id], case.analysis).fired

    def compiled(self, query: str) -> Watchlist:
        return compile_watchlist(self.watchlist.name, query, self.vocabulary, topics=self.topics)

    def apart(self, wrong: int, right: int, sure: float = SURE) -> Interval:
        """Of something that so many have."""
        return log_odds(wrong, len(self.wrong), right, len(self.right), sure)


def _suggestions(
    watchlists: Sequence[Watchlist],
    told: Mapping[str, Sequence[Case]],
    vocabulary: Vocabulary,
    read: Read,
    topics: Sequence[str],
) -> Iterator[Suggestion]:
    """Only the articles of watchlists that told enough wrong are read."""
    asked = {watchlist.name: told.get(watchlist.name, ()) for watchlist in watchlists}
    doubtful = {name: cases for name, cases in asked.items() if _may_suggest(cases)}
    articles = {case.article.id: case.article for cases in doubtful.values() for case in cases}
    readings = read([article.whole for article in articles.values()]) if articles else []
    indexes = {name: index_reading(reading) for name, reading in zip(articles, readings, strict=True)}
    for watchlist in watchlists:
        trial = _Trial(watchlist, (), (), indexes, vocabulary, topics)
        cases = [case for case in doubtful.get(watchlist.name, ()) if trial.fires(watchlist, case)]
        if _may_suggest(cases):
            wrong, right = (tuple(case for case in cases if case.wanted is said) for said in (False, True))
            yield from _changes(_Trial(watchlist, wrong, right, indexes, vocabulary, topics))


def _may_suggest(cases: Sequence[Case]) -> bool:
    known = [case.wanted for case in cases if case.wanted is not None]
    return len(known) >= ENOUGH and known.count(False) >= LEAST


def _changes(trial: _Trial) -> Iterator[Suggestion]:
    wanted = [f"NOT {term}" for term in _exclusions(trial)]
    wanted += [f"relevant>={cut:.2f}" for cut in _thresholds(trial)]
    yield from (found for change in wanted if (found := _tried(trial, change)))


def _tried(trial: _Trial, change: str) -> Suggestion | None:
    """None for a query that cannot be read, being too long, or that has a new doubt."""
    query = f"({LINES.sub(' ', trial.watchlist.query_text).strip()}) {change}"
    try:
        changed = trial.compiled(query)
    except QueryError:
        return None
    if set(changed.doubts) - set(trial.watchlist.doubts):
        return None
    wrong, right = (
        tuple(_seen(case) for case in cases if not trial.fires(changed, case)) for cases in (trial.wrong, trial.right)
    )
    apart = trial.apart(len(wrong), len(right))
    name = trial.watchlist.name
    return Suggestion(name, change, query, apart, len(trial.wrong), len(trial.right), wrong, right)


def _exclusions(trial: _Trial) -> Iterator[str]:
    """The terms that most wrong articles have and no right one, each for what those before it leave."""
    dropped = {term: of for term in _telling(trial) if (of := _droppable(trial, term))}
    gone: set[str] = set()
    for _ in range(MOST):
        best = max(dropped, key=lambda term: len(dropped[term] - gone), default="")
        if not best or len(dropped[best] - gone) < LEAST:
            return
        gone |= dropped[best]
        yield best


def _telling(trial: _Trial) -> list[str]:
    """Terms that are surely likelier in wrong articles than in right ones, of which none has them. Of terms alike in that
    the narrower comes first: in a title, and of two words."""
    in_wrong, in_right = (Counter(t for case in of for t in _terms(trial, case)) for of in (trial.wrong, trial.right))
    found = [
        term
        for term, count in in_wrong.items()
        if count >= LEAST and not in_right[term] and trial.apart(count, 0, SURER).low > 0
    ]
    rank = {term: (-in_wrong[term], not term.startswith("title:"), " " not in term, term) for term in found}
    return sorted(found, key=rank.__getitem__)[:TRIED]


def _droppable(trial: _Trial, term: str) -> frozenset[str]:
    """The wrong articles on which the language itself finds the term; none where it finds it in a right one."""
    asked = trial.compiled(term)
    if any(trial.fires(asked, case) for case in trial.right):
        return frozenset()
    return frozenset(case.article.id for case in trial.wrong if trial.fires(asked, case))


def _terms(trial: _Trial, case: Case) -> set[str]:
    """The words of an article, and the pairs of them that stand next to each other, as a query asks for them, anywhere and in
    the title. In quotation marks none is taken for a part of the language."""
    atoms, title = trial.indexes[case.article.id].atoms, len(case.article.title)
    found = {(fold(atom.text), atom.end <= title) for atom in atoms if _is_word(atom)}
    found |= {
        (f"{fold(one.text)} {fold(other.text)}", other.end <= title)
        for one, other in pairwise(atoms)
        if one.sentence == other.sentence and _is_word(one) and _is_word(other)
    }
    return {f'"{words}"' for words, _ in found} | {f'title:"{words}"' for words, in_title in found if in_title}


def _is_word(atom: Atom) -> bool:
    return len(atom.text) >= SHORTEST and atom.text.isalpha() and fold(atom.text) not in STOP


def _thresholds(trial: _Trial) -> list[float]:
    """The least score for "relevant" that drops most of the wrong, and none of the right or as few as can be; none where
    that may be chance."""
    wrong, right = ([_relevant(case) for case in cases] for cases in (trial.wrong, trial.right))
    found = []
    for cut in sorted({math.floor(score * 100 + 1) / 100 for score in wrong}):
        dropped, lost = (sum(score < cut for score in of) for of in (wrong, right))
        if cut <= 1 and dropped >= LEAST and lost <= MOST_LOST * len(right) and trial.apart(dropped, lost).low > 0:
            found.append((lost, -dropped, cut))
    return [min(found)[2]] if found else []


def _relevant(case: Case) -> float:
    return case.analysis.scores.scores["relevant"]


def _seen(case: Case) -> Seen:
    article = case.article
    return Seen(article.id, article.title, article.url, article.outlet, article.published)


# training


def training_items(answers: Sequence[Answer]) -> tuple[list[dict[str, Any]], tuple[Seen, ...]]:
    """A labelled item, as `models/topics` has them, for each article that the answers settle something of; and the articles that
    people differ on, which are left out. Of equal texts the one answered last is taken."""
    cases, disputed = settled(counting(answers))
    items = {fold(case.article.whole): _item(case) for case in cases if case.wanted is not None}
    return list(items.values()), tuple(map(_seen, disputed))


def _item(case: Case) -> dict[str, Any]:
    """The articles of one story are one `kind`, so that they are held out together."""
    article, story = case.article, case.answers[-1].action.story_id
    return {
        "id": f"feedback-{article.id[:12]}",
        "title": article.title,
        "text": article.text,
        "date": article.published.date().isoformat(),
        "outlet": article.outlet,
        "labels": _labels(case),
        "kind": f"feedback {(story or article.id)[:12]}",
    }


def _labels(case: Case) -> dict[str, int | str]:
    """What the answers settle: relevance; and where somebody says that it is of another topic, or spam, that no topic holds."""
    no_topic = not case.wanted and any(a.action.reason in (WRONG_TOPIC, SPAM) for a in case.answers)
    topics: dict[str, int | str] = dict.fromkeys(TOPICS, 0 if no_topic else UNTOLD)
    return {label: topics.get(label, int(bool(case.wanted))) for label in LABELS}
