"""Labelled texts: the items a classifier learns from, and what is wrong with a set of them."""

import hashlib
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.analysis import LABELS
from bot.errors import ConfigError

FOLDS = 3
UNTOLD = "?"  # a label that cannot be told
RUN = 8  # words in a row that no two sources write by chance
_NEAR = 0.5  # of the four-word runs of two items together: a share in common from which they are one
_TELLING = 12  # four-word runs of an item from which it can be compared
_ROUNDUPS = re.compile(r"digest|live|shell|exam|assembly|wrap|roundup|horoscope|quiz|tracker|misc|glued")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled text. `labels` follows LABELS, NaN for what nobody can tell ("?"), which teaches nothing; `kind` names the
    phenomenon it stands for."""

    id: str
    title: str
    text: str
    kind: str
    labels: tuple[float, ...]

    @property
    def nothing(self) -> bool:
        """Whether no label is said to hold."""
        return not any(label > 0 for label in self.labels)


def load_items(folder: Path) -> list[Item]:
    """Every *.jsonl of `folder`, in a fixed order. Raises ConfigError that names file and line."""
    return [
        _item(line, f"{path}:{n}")
        for path in sorted(folder.glob("*.jsonl"))
        for n, line in enumerate(path.read_text("utf-8").splitlines(), 1)
    ]


def _item(line: str, where: str) -> Item:
    try:
        row = json.loads(line)
        labels = tuple(_label(row["labels"][name]) for name in LABELS)
        return Item(row["id"], row["title"], row.get("text", ""), row["kind"], labels)
    except (ValueError, KeyError, TypeError) as error:
        hint = 'an item has "id", "title", "kind" and "labels" with ' + ", ".join(LABELS)
        raise ConfigError(f"is no labelled item ({type(error).__name__}: {error})", where=where, hint=hint) from error


def _label(value: Any) -> float:
    return math.nan if value == UNTOLD else float(value)


def folds(items: Sequence[Item], count: int = FOLDS) -> list[list[int]]:
    """Whole kinds are held out together, so that a phenomenon never seen is what is measured."""
    sizes = [0] * count
    out: list[list[int]] = [[] for _ in range(count)]
    by_kind: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        by_kind.setdefault(item.kind, []).append(index)
    order = sorted(by_kind, key=lambda kind: hashlib.sha256(kind.encode()).hexdigest())
    for kind in sorted(order, key=lambda kind: -len(by_kind[kind])):
        smallest = sizes.index(min(sizes))
        out[smallest].extend(by_kind[kind])
        sizes[smallest] += len(by_kind[kind])
    return out


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def runs(text: str, length: int = RUN) -> set[str]:
    """Every run of `length` words in `text`."""
    found = words(text)
    return {" ".join(found[at : at + length]) for at in range(len(found) - length + 1)}


def problems(items: Sequence[Item], apart_from: Iterable[str] = ()) -> Iterator[str]:
    """What is wrong with the set, a line each: ids and texts twice, labels at odds, and eight words in a row that also stand
    in one of the texts `apart_from`."""
    yield from _twice(items)
    yield from (wrong for item in items if (wrong := _at_odds(item)))
    reserved = {run for text in apart_from for run in runs(text)}
    for item in items:
        if shared := runs(f"{item.title} {item.text}") & reserved:
            yield f"{item.id} shares eight words with a reserved text: {min(shared)}"


def _twice(items: Sequence[Item]) -> Iterator[str]:
    for name, count in Counter(item.id for item in items).items():
        if count > 1:
            yield f"{name} stands {count} times"
    holders: dict[str, list[int]] = defaultdict(list)
    signs = [runs(f"{item.title} {item.text}", 4) or {f"{item.title} {item.text}".lower()} for item in items]
    for at, sign in enumerate(signs):
        common = Counter(other for run in sign for other in holders[run])
        for other, shared in common.items():
            # Pairs differ in one thing on purpose, and the titles of notices are a formula.
            alike = "pair" not in items[at].kind and len(sign) >= _TELLING
            if alike and shared >= _NEAR * (len(sign) + len(signs[other]) - shared):
                yield f"{items[at].id} says what {items[other].id} says"
        for run in sign:
            holders[run].append(at)


def _at_odds(item: Item) -> str:
    india_us, relevant = (item.labels[LABELS.index(name)] > 0.5 for name in ("india_us_trade", "relevant"))
    if india_us and not relevant and not _ROUNDUPS.search(item.kind):
        return f"{item.id}: india_us_trade without relevant is for digests and live shells, its kind is {item.kind}"
    return f"{item.id} has neither title nor text" if not (item.title.strip() or item.text.strip()) else ""


def balance(items: Sequence[Item]) -> list[str]:
    """The make-up of the set in words: labels, shapes, kinds."""
    count = len(items)
    kinds = Counter(item.kind for item in items)
    shares = [f"{name} {sum(item.labels[n] > 0.5 for item in items) / count:.0%}" for n, name in enumerate(LABELS)]
    shapes = Counter(_shape(item) for item in items)
    largest = ", ".join(f"{kind} {n}" for kind, n in kinds.most_common(5))
    return [
        f"{count} items of {len(kinds)} kinds; the largest: {largest}",
        f"yes: {', '.join(shares)}; no label at all: {sum(item.nothing for item in items) / count:.0%}",
        f"shapes: {', '.join(f'{name} {n / count:.0%}' for name, n in sorted(shapes.items()))}",
    ]


def _shape(item: Item) -> str:
    length = len(words(item.text))
    return "title alone" if not length else "summary" if length < 60 else "body"
