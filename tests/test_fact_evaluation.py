"""Evaluation of facts: the figures against the rule written out once more, and by hand."""

import json
import random
from typing import Any

import pytest

from bot.errors import ConfigError
from bot.fact_evaluation import Reading, as_text, compared, evaluate_facts, read_items

Item = dict[str, Any]
DUTY: Item = {"imposer": "US", "target": ["IN"], "rate": 25, "status": "announced", "action": "impose"}
EXACT = pytest.approx


def a_fact(**changes: Any) -> Item:
    return DUTY | changes


def an_item(*facts: Item, id: str = "x1", kind: str = "") -> Item:
    return {"id": id, "title": f"Title of {id}", "text": "", "kind": kind, "facts": list(facts)}


def by_rule(items: list[Item], found: list[list[Item]]) -> dict[str, float]:
    """The same arithmetic, written from its description and in another way: every item's facts as multisets of keys."""
    right = wrong = missed = status = done = empty = noisy = 0
    for item, facts in zip(items, found, strict=True):
        left = [(as_key(want), want["status"], deed(want)) for want in item["facts"]]
        empty += not left
        noisy += not left and bool(facts)
        for fact in facts:
            at = [n for n, (key, _, _) in enumerate(left) if key == as_key(fact)][:1]
            if not at:
                wrong += 1
                continue
            _, how_firm, what = left.pop(at[0])
            right, status, done = right + 1, status + (how_firm == fact["status"]), done + (what == deed(fact))
        missed += len(left)
    precision, recall = right / (right + wrong), right / (right + missed)
    shares = {"status": status / right, "action": done / right, "noise": noisy / empty}
    return shares | {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}


def as_key(fact: Item) -> str:
    rate = None if fact["rate"] is None else f"{fact['rate']:.2f}"
    return json.dumps([fact["imposer"], rate, sorted(fact["target"])])


def deed(fact: Item) -> str:
    return "cut" if fact["action"] == "remove" and fact["rate"] in (0, None) else fact["action"]


def drawn(chance: random.Random) -> Item:
    return {
        "imposer": chance.choice(["US", "IN", None]),
        "target": chance.sample(["IN", "CN", "BR"], chance.randrange(3)),
        "rate": chance.choice([None, 0, 25, 25.0, 12.5]),
        "status": chance.choice(["announced", "in_force", "denied"]),
        "action": chance.choice(["impose", "cut", "remove"]),
    }


@pytest.mark.parametrize("seed", range(5))
def test_the_figures_are_those_of_the_rule_whatever_is_found(seed: int) -> None:
    chance = random.Random(seed)
    items = [an_item(*(drawn(chance) for _ in range(chance.randrange(4)))) for _ in range(200)]
    found = [[drawn(chance) if chance.random() < 0.3 else fact for fact in item["facts"]] for item in items]
    found = [facts + [drawn(chance)] * (chance.random() < 0.2) for facts in found]
    result = evaluate_facts([compared(*pair) for pair in zip(items, found, strict=True)])
    assert {name: figure.value for name, figure in result.figures.items()} == EXACT(by_rule(items, found))
    assert all(figure.low <= figure.value <= figure.high for figure in result.figures.values())


def test_a_fact_is_found_whatever_the_order_of_its_targets_and_the_form_of_its_rate() -> None:
    reading = compared(an_item(a_fact(target=["IN", "CN"])), [a_fact(target=["CN", "IN"], rate=25.0)])
    assert (len(reading.right), reading.wrong, reading.missed) == (1, (), ())


@pytest.mark.parametrize(
    "other", [{"imposer": "IN"}, {"rate": None}, {"rate": 26}, {"target": []}, {"target": ["IN", "CN"]}]
)
def test_another_imposer_rate_or_target_is_another_fact(other: Item) -> None:
    reading = compared(an_item(DUTY), [a_fact(**other)])
    assert (reading.right, len(reading.wrong), len(reading.missed)) == ((), 1, 1)


def test_one_wanted_fact_is_found_once() -> None:
    reading = compared(an_item(DUTY), [DUTY, DUTY])
    assert (len(reading.right), len(reading.wrong)) == (1, 1)


def test_a_duty_removed_and_one_cut_to_nothing_are_the_same_deed() -> None:
    readings = [
        compared(an_item(a_fact(rate=rate, action="cut")), [a_fact(rate=rate, action="remove")])
        for rate in (0, None, 25)
    ]
    assert [evaluate_facts([reading]).figures["action"].value for reading in readings] == [1, 1, 0]


def test_noise_counts_items_without_a_fact_that_get_one() -> None:
    result = evaluate_facts(
        [compared(an_item(), [DUTY, DUTY]), compared(an_item(), []), compared(an_item(DUTY), [DUTY] * 2)]
    )
    assert (result.empty, result.noisy, result.fp) == (2, 1, 3)
    assert result.figures["noise"].value == 0.5


def some_readings() -> list[Reading]:
    return [
        compared(an_item(DUTY, id="fine", kind="news"), [DUTY]),
        compared(an_item(DUTY, id="weaker", kind="news"), [a_fact(status="threatened")]),
        compared(an_item(DUTY, id="worst", kind="notice"), [a_fact(rate=50)]),
    ]


def test_facts_are_told_by_status_and_by_kind() -> None:
    result = evaluate_facts(some_readings())
    (share,) = result.statuses
    assert (share.name, share.wanted, share.found, share.status, share.wrong) == ("announced", 3, 2, 1, 1)
    assert [(kind.name, kind.wanted, kind.found, kind.wrong) for kind in result.kinds] == [
        ("news", 2, 2, 0),
        ("notice", 1, 0, 1),
    ]


def test_the_item_with_most_errors_comes_first_and_no_more_are_told_than_asked() -> None:
    assert [error.id for error in evaluate_facts(some_readings()).errors] == ["worst", "worst", "weaker"]
    assert [error.words for error in evaluate_facts(some_readings(), worst=1).errors] == [
        "missed  US → IN 25 % announced impose"
    ]


def test_the_text_holds_figures_tables_and_errors() -> None:
    text = as_text(evaluate_facts(some_readings()))
    assert "3 items, 3 facts" in text
    assert "precision  0.667 (" in text
    assert "found 2, wrong 1, missed 1; 0 of 0 items without a fact got one" in text
    assert "is      US → IN 25 % announced impose, read as threatened impose  weaker  Title of weaker" in text
    assert "kind" not in as_text(evaluate_facts([compared(an_item(DUTY), [DUTY])]))


def test_nothing_can_be_said_of_no_items() -> None:
    with pytest.raises(ValueError, match="no item to measure"):
        evaluate_facts([])


GOOD = '{"title": "US raises duty", "facts": [{"imposer": null, "rate": 1, "target": []}]}'


def test_items_are_read_with_their_facts() -> None:
    (item,) = read_items(["", GOOD], "x.jsonl")
    assert (item["title"], item["text"], len(item["facts"])) == ("US raises duty", "", 1)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([GOOD, "{"], r"^x\.jsonl:2: is no JSON"),
        ([GOOD, '{"title": "x", "labels": {}}'], r"^x\.jsonl:2: is no labelled item — .*facts"),
        ([GOOD, '{"title": " ", "facts": []}'], r"^x\.jsonl:2: has no title"),
        (["", '{"title": "x", "facts": [{}, {"rate": "25"}]}'], r"^x\.jsonl:2: fact 2 cannot be compared"),
        (['{"title": "x", "facts": [{"target": "IN"}]}'], r"^x\.jsonl:1: fact 1 cannot be compared"),
        (['{"title": "x", "facts": [5]}'], r"^x\.jsonl:1: fact 1 cannot be compared"),
        ([""], r"^x\.jsonl: holds no item"),
    ],
)
def test_what_cannot_be_measured_is_told_with_its_line(lines: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_items(lines, "x.jsonl")
