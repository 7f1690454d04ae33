"""What is wrong with a set of labelled texts, and how phenomena are held out."""

import json
import math
from pathlib import Path

import pytest

from bot.app import shipped
from bot.errors import ConfigError
from bot.nlp.labelled import Item, balance, folds, load_items, problems

LONG = "The committee of exporters met the minister on Monday to ask for relief from the new American duty on shrimp"


def an_item(
    id: str = "a", title: str = "Duty on shrimp", text: str = "", kind: str = "seafood", labels: str = "1111"
) -> Item:
    return Item(id, title, text, kind, tuple(map(float, labels)))


def test_an_id_that_stands_twice_is_told() -> None:
    assert list(problems([an_item(), an_item(title="Another matter")])) == ["a stands 2 times"]


def test_two_items_that_say_the_same_are_told() -> None:
    assert list(problems([an_item(text=LONG), an_item("b", text=f"{LONG}, he said")])) == ["b says what a says"]


def test_pairs_may_differ_in_one_word() -> None:
    pair = [
        an_item(text=LONG, kind="minimal_pair"),
        an_item("b", text=LONG.replace("shrimp", "steel"), kind="minimal_pair"),
    ]
    assert list(problems(pair)) == []


@pytest.mark.parametrize(("kind", "wrong"), [("talks_round", 1), ("digest", 0)])
def test_trade_between_the_two_is_relevant_but_in_digests(kind: str, wrong: int) -> None:
    assert len(list(problems([an_item(labels="1000", kind=kind)]))) == wrong


def test_eight_words_in_a_row_of_a_reserved_text_are_told() -> None:
    (wrong,) = problems([an_item(text=LONG)], [f"He said that {LONG.lower()}"])
    assert wrong.startswith("a shares eight words with a reserved text: ")
    assert list(problems([an_item(text=LONG)], ["The committee of exporters met the other minister"])) == []


def test_an_item_without_words_is_told() -> None:
    assert list(problems([an_item(title=" ")])) == ["a has neither title nor text"]


def test_a_line_that_is_no_item_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(json.dumps({"id": "a", "title": "t", "kind": "k", "labels": {"relevant": 1}}))
    with pytest.raises(ConfigError, match=r"x\.jsonl:1: is no labelled item"):
        load_items(tmp_path)


def test_a_label_that_cannot_be_told_is_neither_yes_nor_no(tmp_path: Path) -> None:
    labels = {"india_us_trade": "?", "tariff_threat": 0, "sensitive_sectors": "?", "relevant": 0}
    line = json.dumps({"id": "a", "title": "t", "kind": "k", "labels": labels})
    (tmp_path / "x.jsonl").write_text(line, "utf-8")
    (item,) = load_items(tmp_path)
    assert [math.isnan(label) for label in item.labels] == [True, False, True, False]
    assert item.nothing
    assert list(problems([item])) == []


def test_a_kind_is_never_parted_between_folds() -> None:
    items = [an_item(str(n), kind=f"kind {n % 7}") for n in range(70)]
    parts = folds(items)
    assert sorted(n for part in parts for n in part) == list(range(70))
    assert all(
        len({n for n, part in enumerate(parts) for k in part if items[k].kind == f"kind {m}"}) == 1 for m in range(7)
    )


def test_the_make_up_of_a_set_is_told_in_words() -> None:
    lines = balance([an_item(), an_item("b", labels="0000", text=LONG)])
    assert lines[0] == "2 items of 1 kinds; the largest: seafood 2"
    assert "relevant 50%; no label at all: 50%" in lines[1]
    assert lines[2] == "shapes: summary 50%, title alone 50%"


def test_the_shipped_texts_are_many_varied_and_without_fault() -> None:
    items = load_items(shipped("models/topics"))
    assert list(problems(items)) == []
    assert len(items) >= 4000
    assert len({item.kind for item in items}) >= 200
    assert 0.35 <= sum(item.labels[-1] for item in items) / len(items) <= 0.55
