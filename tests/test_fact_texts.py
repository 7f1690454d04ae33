"""The labelled sentences from which firmness and action are learnt: of one shape, varied, and apart from the golden table."""

import json
from collections import Counter
from typing import Any

import pytest

from bot.app import shipped
from bot.facts import ACTIONS, STATUSES

SENTENCES = [json.loads(line) for line in (shipped("models/facts") / "sentences.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("key", "known"), [("status", STATUSES), ("action", ACTIONS)])
def test_each_value_has_sentences_enough_to_learn_from(key: str, known: tuple[str, ...]) -> None:
    found = Counter(row[key] for row in SENTENCES)
    assert set(found) == set(known)
    assert min(found.values()) >= 70


def test_a_sentence_stands_once() -> None:
    assert Counter(row["text"].casefold() for row in SENTENCES).most_common(1)[0][1] == 1
    assert len({row["id"] for row in SENTENCES}) == len(SENTENCES)


def test_each_sentence_has_the_same_keys() -> None:
    def shape(row: dict[str, Any]) -> tuple[str, ...]:
        return tuple(row)

    assert {shape(row) for row in SENTENCES} == {("id", "text", "status", "action", "background", "kind")}
