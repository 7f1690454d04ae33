"""A dry run: what two desks would find in the same past articles, before one takes the place of the other."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.analysis import Analysis
from bot.articles import Article
from bot.backtest import Read
from bot.desk import Desk
from bot.vocabulary import TermIndex, index_reading
from bot.watchlists import Watchlist, judge_all, may_match


@dataclass(frozen=True, slots=True)
class DryRun:
    """How many of the `articles` each watchlist hits, by its name, and did before."""

    articles: int
    now: Counter[str]
    before: Counter[str]


def dry_run(
    past: Iterable[tuple[Article, Analysis]], before: Desk, after: Desk, read: Read, going: Callable[[], bool]
) -> DryRun:
    """`going` says, before each article, whether there is time for it. Scores and facts are those that were stored."""
    run = DryRun(0, Counter(), Counter())
    looked = 0
    for article, analysis in past:
        if not going():
            break
        looked += 1
        desks = [(at, hits) for at, hits in ((before, run.before), (after, run.now)) if _may(at, article, analysis)]
        index = index_reading(read([article.whole])[0]) if desks else None
        for at, hits in desks:
            hits.update(_fired(at, article, index, analysis) if index else ())
    return DryRun(looked, run.now, run.before)


def changes(before: Sequence[Watchlist], after: Sequence[Watchlist]) -> tuple[tuple[str, str], ...]:
    """What became of each watchlist that is not as it was: ("new", its name), ("changed", …), ("removed", …)."""
    old, new = ({one.name: one for one in lists} for lists in (before, after))
    moved = [("changed" if name in old else "new", name) for name, one in new.items() if old.get(name) != one]
    return (*moved, *(("removed", name) for name in old if name not in new))


def told(run: DryRun, what: str, name: str) -> str:
    """ "changed shrimp: hits 3 of the last 200 articles, 9 before" """
    of = f"of the last {run.articles} articles"
    if what == "removed":
        return f"removed {name}: hit {run.before[name]} {of}"
    was = f", {run.before[name]} before" if what == "changed" else ""
    return f"{what} {name}: hits {run.now[name]} {of}{was}"


def _may(desk: Desk, article: Article, analysis: Analysis) -> bool:
    return may_match(desk.watchlists, article.whole, analysis.scores, article)


def _fired(desk: Desk, article: Article, index: TermIndex, analysis: Analysis) -> list[str]:
    if any(verdict.fired for _, verdict in judge_all(desk.mute, article, index, analysis)):
        return []
    return [name for name, verdict in judge_all(desk.watchlists, article, index, analysis) if verdict.fired]
