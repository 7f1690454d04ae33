"""Whose measure it is, and whom it hits."""

import pytest

from bot.parties import NOBODY, Parties, find_parties
from tests.telling import clause, facts


@pytest.mark.parametrize(
    ("text", "imposer", "target"),
    [
        ("US imposes 25% tariff on Indian goods", "US", ("IN",)),
        ("Trump's 50% tariffs on India take effect", "US", ("IN",)),
        ("India imposes 30% duty on US walnuts", "IN", ("US",)),
        ("China raises tariff on American goods to 125%", "CN", ("US",)),
        ("Trump threatens EU with 50% tariff", "US", ("EU",)),
        ("Trump hits China with 100% tariff", "US", ("CN",)),
        ("Trump raises India tariff to 50%", "US", ("IN",)),
        ("US trims Indonesian levy to 19%", "US", ("ID",)),
        ("Will Trump raise India tariff to 75%?", "US", ("IN",)),
        ("India faces 50% US tariff", "US", ("IN",)),
        ("A 50% duty imposed by the US on Indian shrimp", "US", ("IN",)),
        ("New Delhi asks Washington to remove 25% penal tariff over Russian oil", "US", ("IN",)),
        ("US urges EU to put 100% tariffs on India and China", "EU", ("IN", "CN")),
        ("US exempts Brazilian coffee from 40% tariff", "US", ("BR",)),
        ("Trump puts 10% global tariff on steel", "US", ("ALL",)),
        ("US puts 10% tariff on imports from all countries", "US", ("ALL",)),
        ("Trump threatens 10% tariff on BRICS", "US", ("BRICS",)),
        ("India, EU conclude pact: duty on European cars to fall to 10% from 110%", "IN", ("EU",)),
        ("Trump threatens 25% tariff on countries doing business with Iran", "US", ()),
        ("A Section 301 tariff of 12.5% on Indian goods", "US", ("IN",)),
        ("The annex gives Indian goods a reciprocal tariff of 27%", "US", ("IN",)),
        ("India will take US goods at zero duty", "IN", ("US",)),
        ("An additional 25% duty on products of India over Russian oil", "US", ("IN",)),
        ("UK tariffs on Indian shoes to fall to 4%", "GB", ("IN",)),
        ("Brussels opens dumping probe into pipes from India, Turkey", "EU", ("IN", "TR")),
        ("Weavers of Surat plead for 10% US duty on their sarees", "US", ("IN",)),
        ("Anti-dumping duty of 12% on rods originating in or exported from Vietnam", "IN", ("VN",)),
        ("Goods of Brazil are subject to a duty of 40% under heading 9903.01.77", "US", ("BR",)),
        ("American buyers pay a 50% duty on Indian diamonds", "US", ("IN",)),
        ("Beijing goes to 10% from 125% on American goods", "CN", ("US",)),
        ("Japan, India agree to scrap Japan's 10% duty on Indian footwear", "JP", ("IN",)),
    ],
)
def test_the_parties_are_read_from_the_measure_s_own_words(text: str, imposer: str, target: tuple[str, ...]) -> None:
    (told,) = facts(text)
    assert (told.imposer, told.target) == (imposer, target)


def test_india_is_taken_as_hit_where_it_stands_beside_an_american_tariff() -> None:
    (told,) = facts("PM Modi speaks to farmers ahead of 50% US tariffs")
    assert (told.imposer, told.target) == ("US", ("IN",))


def test_a_tariff_on_goods_hits_nobody_in_particular() -> None:
    (told,) = facts("Trump puts 100% tariff on furniture, Jodhpur worries")
    assert told.target == ()


def test_russia_is_no_target_where_only_its_oil_is_the_reason() -> None:
    (told,) = facts("US puts 25% tariff on India for buying Russian oil")
    assert told.target == ("IN",)


def test_the_imposer_told_before_is_taken_where_a_sentence_names_none() -> None:
    text = "Beijing raises the duty on US pork to 25%. The duty on beef goes to 10%."
    assert [told.imposer for told in facts(text)] == ["CN", "CN"]


def test_nobody_is_invented() -> None:
    told = clause("The 50% tariff hits")
    assert find_parties(told, [told.start], (told, told), NOBODY) == Parties("", ())


@pytest.mark.parametrize(
    ("text", "imposer", "target"),
    [
        ("Trump: any country buying Venezuelan oil will pay 25% tariff to US", "US", ()),
        ("Trump says eight European countries face 10% tariff", "US", ()),
        ("Trump orders 100% tariff on movies made outside US", "US", ("ALL",)),
        ("Pakistan's tariff rate set at 19% in deal with US", "US", ("PK",)),
        ("Pakistani goods are to be charged 19% in the United States", "US", ("PK",)),
        ("Tokyo wins 15% tariff from Washington", "US", ("JP",)),
        ("Myanmar, Laos face 40% levy under Trump letters", "US", ("MM", "LA")),
        ("Malaysia, Cambodia accept 19% US tariff in pacts", "US", ("MY", "KH")),
        ("China's finance ministry raises duties on American products to 84%", "CN", ("US",)),
        ("Indian shoes to enter UK at zero duty", "GB", ("IN",)),
        ("China bans Japanese seafood imports", "CN", ("JP",)),
        ("US sanctions on Rosneft imposed", "US", ("RU",)),
        ("50% US levy hurts Tiruppur exports", "US", ("IN",)),
        ("Lula threatens 50% tariff on US goods", "BR", ("US",)),
    ],
)
def test_the_parties_are_known_by_other_words_and_orders(text: str, imposer: str, target: tuple[str, ...]) -> None:
    (told,) = facts(text)
    assert (told.imposer, told.target) == (imposer, target)


@pytest.mark.parametrize(
    ("text", "imposer", "target"),
    [
        ("Delhi rejects US demand to cut tariff on almonds", "IN", ("US",)),
        ("US growers are shut out of India by duty of 40%", "IN", ("US",)),
        ("Duty of 60% keeps US butter out of India", "IN", ("US",)),
        ("Trump attacks duty of 100% that India charges on US motorcycles", "IN", ("US",)),
        ("The levy India puts on US wine is 150%", "IN", ("US",)),
        ("US pecans enter India at 30% duty", "IN", ("US",)),
        ("US growers say Indian duty of 45% is a wall", "IN", ("US",)),
        ("Indian market closes lower on 50% US tariff on Indian goods", "US", ("IN",)),
        ("Detroit says 70% tariff shuts the Indian market to it", "IN", ()),
        ("Ottawa promises to answer Washington's 30% duty on softwood", "US", ("CA",)),
        ("A 15% duty the US has proposed for saddles made in India", "US", ("IN",)),
    ],
)
def test_a_duty_is_of_the_market_it_guards_and_not_of_who_speaks_of_it(
    text: str, imposer: str, target: tuple[str, ...]
) -> None:
    (told,) = facts(text)
    assert (told.imposer, told.target) == (imposer, target)


def test_a_market_that_is_not_named_is_of_the_other_country_of_the_title() -> None:
    text = "India rules out duty cut on US milk\n\nUS dairies say the market is shut to them by duties of 30 to 60 percent."
    assert [(told.imposer, told.target, told.rate) for told in facts(text)][-1] == ("IN", ("US",), 60)


def test_who_seeks_relief_is_not_whose_measure_it_is() -> None:
    (told,) = facts("US negotiators seek zero duty on almonds in India")
    assert (told.imposer, told.status) == ("IN", "proposed")
