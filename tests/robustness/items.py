"""Items: texts of our own wording, each with the phenomenon it stands for and the decisions that are right for it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.analysis import LABELS

HERE = Path(__file__).parent
Text = tuple[str, str]  # title, text


@dataclass(frozen=True, slots=True)
class Item:
    phenomenon: str
    title: str
    text: str
    labels: Mapping[str, bool]

    @property
    def pair(self) -> Text:
        return self.title, self.text


def rows(name: str) -> Iterator[Any]:
    """The objects of a file of JSON lines beside this module."""
    return map(json.loads, (HERE / name).read_text("utf-8").splitlines())


def labels(row: Mapping[str, int]) -> dict[str, bool]:
    return {label: bool(row[label]) for label in LABELS}


def items(name: str) -> tuple[Item, ...]:
    return tuple(Item(row["phenomenon"], row["title"], row["text"], labels(row["labels"])) for row in rows(name))
