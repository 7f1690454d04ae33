"""Matching: which measure a fact is about, where its text leaves fields empty or names one of many."""

from typing import Any

import pytest

from bot.facts import Fact
from bot.matching import match, total_of
from bot.measures import Measure
from tests.ledger_makers import a_fact, a_measure, a_state

METALS = ("steel", "aluminium")


def measure(rate: float | None = 25, status: str = "in_force", **about: Any) -> Measure:
    state = {key: about.pop(key) for key in ("action", "days") if key in about}
    name = "-".join(str(part) for part in about.values()) or "reciprocal"
    return a_measure(a_state(rate, status, **state), id=name, **about)


RECIPROCAL = measure(25)
OIL = measure(25, ground="russian_oil", days=20)
BASE = measure(10, target=("ALL",))
STEEL = measure(50, target=("ALL",), goods=METALS, ground="s232")
COPPER = measure(50, target=("ALL",), goods=("copper",), ground="s232")
CARS = measure(25, target=("ALL",), goods=("autos",), ground="s232")
SHRIMP = measure(2.49, goods=("seafood",), instrument="anti_dumping", ground="")
EXEMPT = measure(None, target=("ALL",), goods=("smartphones", "electronics"), action="exempt")
MEXICO = measure(50, "announced", imposer="MX", target=("IN", "CN"), goods=("autos", "textiles"), ground="")
BRICS = measure(10, "threatened", target=("BRICS",), goods=(), ground="")
DENIED = measure(0, "denied", imposer="IN", target=("US",), ground="")
ALL = (RECIPROCAL, OIL, BASE, STEEL, COPPER, CARS, SHRIMP, EXEMPT, MEXICO, BRICS, DENIED)

OPEN: list[tuple[str, Fact, Measure]] = [
    ("the ground decides", a_fact(30, ground="russian_oil"), OIL),
    ("tariffs under IEEPA are the reciprocal ones", a_fact(None, "struck_down", ground="ieepa"), RECIPROCAL),
    ("no goods is across the board", a_fact(25, goods=()), RECIPROCAL),
    ("no ground, the rate decides", a_fact(25, ground="", goods=("all",)), RECIPROCAL),
    ("no target is everybody", a_fact(None, "struck_down", ground="ieepa", target=(), goods=()), BASE),
    ("no target, the goods decide", a_fact(60, "in_force", ground="s232", target=(), goods=METALS), STEEL),
    ("neither ground nor target", a_fact(50, ground="", target=(), goods=("copper",)), COPPER),
    ("one of the goods, at the rate of all", a_fact(50, ground="", target=("ALL",), goods=("steel",)), STEEL),
    ("one of the goods, under the same ground", a_fact(60, ground="s232", target=("ALL",), goods=("steel",)), STEEL),
    ("one of the targets and goods", a_fact(50, imposer="MX", goods=("autos",), ground=""), MEXICO),
    ("a sector, at the rate of all goods", a_fact(25, "in_force", ground="", goods=("carpets",)), RECIPROCAL),
    ("one country, at the rate of all", a_fact(50, "in_force", ground="s232", goods=("copper",)), COPPER),
    ("a member of a group", a_fact(10, "threatened", target=("BR",), goods=(), ground=""), BRICS),
    ("an exemption", a_fact(None, "in_force", action="exempt", target=(), goods=("electronics",)), EXEMPT),
    (
        "no imposer, the rest fits",
        a_fact(2.49, imposer="", instrument="anti_dumping", goods=("seafood",), ground=""),
        SHRIMP,
    ),
]
NEW: list[tuple[str, Fact]] = [
    ("another instrument", a_fact(5.77, instrument="countervailing", goods=("seafood",), ground="")),
    ("another ground", a_fact(25, ground="s301")),
    ("a country with a rate of its own", a_fact(15, target=("JP",), goods=("autos",), ground="s232")),
    ("a sector with a rate of its own", a_fact(0, "agreed", action="cut", goods=("spices",))),
    ("an exemption from it", a_fact(None, action="exempt", goods=("spices",))),
    ("a threat of more against one who pays", a_fact(10, "threatened", target=("CA",), goods=(), ground="")),
    ("a new duty on a sector that pays that rate", a_fact(25, goods=("pharma",), ground="")),
    ("a sector, after all goods were denied", a_fact(0, "proposed", imposer="IN", target=("US",), goods=("cereals",), ground="")),
    ("another imposer", a_fact(25, imposer="EU")),
    ("an exporter's other market", a_fact(25, target=("CA",), ground="")),
    ("a probe of one, where many are probed", a_fact(None, "proposed", target=("BR",))),
    ("no target, another ground", a_fact(10, ground="s122", target=())),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "expected"), [case[1:] for case in OPEN], ids=[case[0] for case in OPEN])
def test_a_fact_that_leaves_fields_empty_belongs_to_the_measure_it_fits(fact: Fact, expected: Measure) -> None:
    assert match(fact, ALL) == expected


@pytest.mark.parametrize("fact", [case[1] for case in NEW], ids=[case[0] for case in NEW])
def test_what_differs_is_another_measure(fact: Fact) -> None:
    assert match(fact, ALL) is None


def test_a_fact_without_a_ground_does_not_revive_what_has_ended() -> None:
    ended = measure(25, "struck_down")
    assert match(a_fact(30, "threatened", ground=""), [ended]) is None
    assert match(a_fact(None, "struck_down", ground=""), [ended]) == ended


def test_a_fact_without_a_ground_may_speak_of_what_is_paused() -> None:
    paused = measure(26, "suspended")
    assert match(a_fact(25, ground=""), [paused]) == paused


def test_a_measure_told_without_its_ground_is_found_by_one_that_tells_it() -> None:
    bare = measure(25, ground="", goods=METALS, target=("ALL",))
    assert match(a_fact(50, ground="s232", goods=METALS, target=("ALL",)), [bare]) == bare
    assert match(a_fact(50, ground="s301"), [measure(25, ground="")]) is None


def test_the_sum_of_known_measures_is_their_total_on_any_goods() -> None:
    assert total_of(a_fact(50, "in_force", ground="", goods=("carpets",)), ALL) == (RECIPROCAL, OIL)
    assert total_of(a_fact(50, ground="", goods=()), ALL) == (RECIPROCAL, OIL)


@pytest.mark.parametrize(
    "fact",
    [
        a_fact(50),
        a_fact(25, ground=""),
        a_fact(50, ground="", goods=("pharma",)),
        a_fact(45, ground=""),
        a_fact(50, ground="", target=("CN",)),
    ],
)
def test_what_names_its_ground_or_adds_up_to_nothing_is_no_total(fact: Fact) -> None:
    assert total_of(fact, ALL) == ()


def test_what_was_removed_is_no_part_of_a_total() -> None:
    gone = measure(0, ground="russian_oil", action="remove")
    assert total_of(a_fact(50, ground=""), [RECIPROCAL, gone]) == ()
