"""A labelled fortnight replayed in order of publication: which articles the program folds, against the labels.

    python -m benchmarks.stories [FOLDER ...]  precision, recall and F1 (B³), what was wrongly joined, what was split
    python -m benchmarks.stories --fit         the weights of `bot/evidence.py`, fitted on all articles of the folders
    python -m benchmarks.stories --cross       each folder with weights that were fitted on the others

A folder holds items.jsonl (an article a line, with the story it belongs to) and stories.jsonl (what each story is about).
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from bot.analysis import Analysis
from bot.articles import Article, article_id
from bot.evidence import EVIDENCE, evidence
from bot.members import Member, member
from bot.profiles import profile
from bot.stories import WINDOW, Story, follow

FORTNIGHTS = {name: Path(__file__).parent.parent / "tests" / "fortnight" / name for name in "abe"}
RIDGE = 1.0  # what a weight costs, squared: signs that a fortnight never contradicts stay finite


@dataclass(frozen=True, slots=True)
class Labelled:
    article: Article
    analysis: Analysis
    story: str
    id: str  # in the file


@dataclass(frozen=True, slots=True)
class Replay:
    followed: tuple[Labelled, ...]
    passed_over: tuple[Labelled, ...]  # of stories about a measure, but wanted by no watchlist
    stories: tuple[Story, ...]

    @property
    def labels(self) -> dict[str, str]:
        return {item.article.id: item.story for item in self.followed}

    @property
    def found(self) -> dict[str, str]:
        return {m.article_id: story.id for story in self.stories for m in story.members}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def examined(folder: Path) -> list[Labelled]:
    """Every article of the folder, read as the program reads it; an edited headline is the article that it was before."""
    from bot.app import desk_and_examiner
    from bot.config import load_config
    from bot.demo import SHIPPED
    from bot.events import silent

    desk, eyes = desk_and_examiner(replace(load_config(SHIPPED, {}), feeds=()), silent)
    first = {article_id(row["url"]): row for row in reversed(rows(folder / "items.jsonl"))}
    told = sorted(first.values(), key=lambda row: (row["published"], row["id"]))
    reads = eyes.examine([_article(row) for row in told], desk)
    return [Labelled(r.article, r.analysis, row["story"], row["id"]) for row, r in zip(told, reads, strict=True)]


def _article(row: Mapping[str, Any]) -> Article:
    """Of no feed, so that no page is asked for."""
    at = datetime.fromisoformat(row["published"])
    name, url = article_id(row["url"]), row["url"]
    return Article(name, url, row["title"], row["text"], row["outlet"], "", row["official"], at, at)


def replayed(
    items: Sequence[Labelled], about: Mapping[str, Mapping[str, Any]], weights: Mapping[str, float] = EVIDENCE
) -> Replay:
    """What the program makes of those that a desk wants."""
    wanted = [item for item in items if item.analysis.wanted]
    missed = [item for item in items if not item.analysis.wanted and about[item.story]["rate"] is not None]
    stories: dict[str, Story] = {}
    for item in wanted:
        update = follow(item.article, item.analysis, list(stories.values()), weights)
        stories |= {story.id: story for story in (update.rest, update.story) if story}
        for merge in update.story.merges:
            stories.pop(merge.story_id, None)
    return Replay(tuple(wanted), tuple(missed), tuple(stories.values()))


def b_cubed(found: Mapping[str, str], labels: Mapping[str, str]) -> tuple[float, float, float]:
    """Precision, recall and F1: for each article, how much of its story is of its label, and how much of its label is in its
    story; the average of all."""
    ours, theirs = _groups(found), _groups(labels)
    common = {name: len(ours[found[name]] & theirs[labels[name]]) for name in labels}
    precision = sum(common[name] / len(ours[found[name]]) for name in labels) / len(labels)
    recall = sum(common[name] / len(theirs[labels[name]]) for name in labels) / len(labels)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _groups(of: Mapping[str, str]) -> dict[str, set[str]]:
    out = defaultdict(set)
    for name, group in of.items():
        out[group].add(name)
    return out


def wrongly_joined(replay: Replay, about: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Pairs of labelled stories of different rates or targets that were folded into one."""
    labels = replay.labels
    mixed = ({labels[m.article_id] for m in story.members} for story in replay.stories)
    return [pair for names in mixed for pair in combinations(sorted(names), 2) if _differ(*(about[n] for n in pair))]


def _differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    rates = {one["rate"], other["rate"]} - {None}
    return len(rates) > 1 or bool(one["target"] and other["target"] and not set(one["target"]) & set(other["target"]))


def fitted(fortnights: Iterable[Sequence[Labelled]]) -> dict[str, float]:
    """The weights of `bot/evidence.py`: logistic regression, by Newton's method, on every article with each plausible story of
    its fortnight as its labels have it by then."""
    examples = [_examples(items) for items in fortnights]
    found, same = (np.concatenate(parts) for parts in zip(*examples, strict=True))
    spread = found.std(axis=0)
    spread[spread == 0] = 1.0
    found = found / spread
    cost = RIDGE * np.diag([float(name != "begins") for name in EVIDENCE])
    weights = np.zeros(found.shape[1])
    for _ in range(25):
        says = 1 / (1 + np.exp(-found @ weights))
        slope = found.T @ (says - same) + cost @ weights
        weights -= np.linalg.solve((found * (says * (1 - says))[:, None]).T @ found + cost, slope)
    return dict(zip(EVIDENCE, (weights / spread).round(1).tolist(), strict=True))


def _examples(items: Iterable[Labelled]) -> tuple[Any, Any]:
    told: dict[str, tuple[Member, ...]] = {}
    signs, same = [], []
    for item in items:
        new = member(item.article, item.analysis)
        names = [name for name, members in told.items() if new.published - members[-1].published <= WINDOW]
        for at, found in evidence(profile((new,)), [profile(told[name]) for name in names]):
            signs.append([found[name] for name in EVIDENCE])
            same.append(float(names[at] == item.story))
        told[item.story] = (*told.get(item.story, ()), new)
    return np.array(signs), np.array(same)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folders", nargs="*", type=Path, default=list(FORTNIGHTS.values()))
    options.add_argument("--fit", action="store_true")
    options.add_argument("--cross", action="store_true")
    chosen = options.parse_args()
    items = {folder: examined(folder) for folder in chosen.folders}
    wanted = {folder: [item for item in of if item.analysis.wanted] for folder, of in items.items()}
    if chosen.fit:
        print(json.dumps(fitted(wanted.values()), indent=1))
        return
    for folder, of in items.items():
        others = [of for other, of in wanted.items() if other != folder]
        _tell(folder, of, fitted(others) if chosen.cross else EVIDENCE)


def _tell(folder: Path, items: Sequence[Labelled], weights: Mapping[str, float]) -> None:
    about = {row["story"]: row for row in rows(folder / "stories.jsonl")}
    replay = replayed(items, about, weights)
    precision, recall, f1 = b_cubed(replay.found, replay.labels)
    print(f"{folder.name}: B³ precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    print(
        f"{len(replay.followed)} articles of {len(set(replay.labels.values()))} stories in {len(replay.stories)}, of which "
        f"{sum(len(story.merges) for story in replay.stories)} merges; {len(replay.passed_over)} about a rate not wanted"
    )
    for one, other in wrongly_joined(replay, about):
        print(f"joined though rate or target differ: {one} {about[one]['about']} | {other} {about[other]['about']}")
    for name, parts in Counter((replay.labels[m], s) for m, s in replay.found.items()).most_common():
        print(f"{name[0]} in {name[1][:8]}: {parts}")


if __name__ == "__main__":
    main()
