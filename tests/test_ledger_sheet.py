"""A sheet of the ledger: what a list is narrowed to, its days, and the sectors told apart."""

from datetime import date

from bot.ledger_sheet import Side, Wanted, called, choices, days, fitting, goods_words, place, reach, sides
from bot.measures import Measure
from bot.statement import lines
from tests.ledger_makers import DAY, a_measure, a_state, day

STEEL = a_measure(a_state(50, "in_force"), id="steel", goods=("steel", "copper"), target=("ALL",), ground="s232")
ACROSS = a_measure(a_state(18, "announced"), id="across")
MILK = a_measure(a_state(30, "in_force"), id="milk", imposer="IN", target=("US",), goods=("dairy",), ground="")
COTTON = a_measure(
    a_state(None, "in_force", action="exempt"), id="cotton", imposer="IN", target=("ALL",), goods=("cotton",), ground=""
)
DEAL = a_measure(a_state(None, "agreed"), id="deal", imposer="", target=("IN", "US"), goods=(), instrument="other")
LINES = lines([STEEL, ACROSS, MILK, COTTON, DEAL], day(1))


def ids(**asked: str) -> set[str]:
    return {line.measure.id for line in fitting(LINES, Wanted(**asked))}


def test_a_list_is_narrowed_by_imposer_goods_status_and_ground() -> None:
    assert ids(imposer="IN") == {"milk", "cotton"}
    assert ids(imposer="joint") == {"deal"}
    assert ids(status="pending") == {"across", "deal"}
    assert ids(ground="s232") == {"steel"}
    assert ids(ground="tariff") == {"milk", "cotton"}
    assert ids(imposer="US", goods="copper", ground="s232") == {"steel"}
    assert ids(imposer="XX") == set()


def test_what_is_on_all_goods_is_on_each_of_them() -> None:
    assert ids(goods="copper") == {"steel", "across"}


def test_each_choice_says_how_many_lines_it_has_and_the_one_asked_for_is_among_them() -> None:
    found = choices(LINES, Wanted(imposer="XX"))
    assert [(one.name, one.count, one.chosen) for one in found["imposer"]] == [
        ("India", 2, False), ("US", 2, False), ("between two parties", 1, False), ("XX", 0, True),
    ]  # fmt: skip
    assert [one.name for one in found["status"]] == ["In force", "Pending", "Threatened", "Ended"]


def test_what_is_chosen_is_called_as_people_say_it() -> None:
    assert called("ground", "s232") == "Section 232"
    assert called("ground", "anti_dumping") == "anti-dumping duty"
    assert called("ground", "tariff") == "no ground told"
    assert called("ground", "other") == "another measure"
    assert called("goods", "all") == "all goods"
    assert goods_words(("auto_parts", "steel")) == "auto parts, steel"
    assert goods_words(()) == "goods not told"


def test_the_days_are_those_on_which_something_was_learned_or_came_by_its_date_and_today() -> None:
    told = a_measure(a_state(25, effective=day(4), expires=day(6)), a_state(18, days=5, effective=day(99)))
    assert [(one - day()).days for one in days([told], day(9))] == [0, 4, 5, 7, 9]
    assert days([], day(9)) == (day(9),)
    assert days([a_measure(a_state(25, expires=date.max))], day(9)) == (day(), day(9))


def test_a_day_belongs_to_the_last_that_is_not_after_it() -> None:
    known = days([a_measure(a_state(days=0), a_state(days=5))], day(9))
    assert [place(known, day(n)) for n in (-3, 0, 4, 5, 8, 9)] == [0, 0, 0, 1, 1, 2]
    assert known[place(known, day(5) - DAY)] == day(0)


def reaches(*found: Measure, at: float = 1) -> list[str]:
    return [reach(line) for measure in found for line in lines([measure], day(at))]


def test_what_sectors_have_to_do_with_india_is_told_in_words() -> None:
    assert reaches(MILK, STEEL, ACROSS, COTTON, DEAL) == [
        "India shields", "US duty hits India, among others", "US duty hits India", "India opens", "between two parties",
    ]  # fmt: skip
    assert reaches(a_measure(imposer="GB", target=("CN",))) == ["Britain duty on others"]
    assert reaches(a_measure(a_state(0, "agreed"), imposer="EU")) == ["EU spares India"]
    assert reaches(a_measure(a_state(25, "struck_down"))) == ["US duty hit India"]


def test_what_india_shields_and_what_american_duties_hit_are_told_apart() -> None:
    assert sides(LINES) == (
        Side("Sectors that India shields", ("dairy",), ()),
        Side("Sectors that US duties hit", ("steel", "copper"), ("all",)),
    )
