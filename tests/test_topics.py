"""Users' own topics: what a few examples teach, how good that is, and what an article's vector then says."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.topics import Quality, Topic, Vector, learn, with_topics
from tests.makers import a_topic, a_vector, scores

OTHERS = [a_vector(text) for text in ("Rain", "Rain again", "A mine", "A new mine", *("News",) * 6)]
GOLD = [a_vector(text) for text in ("Gold up", "Gold mine sold", "Old gold mine", "Gold at a record", "Gold loans")]
NUMBERS = st.floats(-1, 1, allow_nan=False)


def unit(numbers: list[float]) -> Vector:
    length = math.hypot(*numbers) or 1.0
    return tuple(number / length for number in numbers)


VECTORS = st.lists(NUMBERS, min_size=3, max_size=3).map(unit)


def labels(text: str, *topics: Topic) -> dict[str, bool]:
    return with_topics(scores("relevant", embedding=a_vector(text)), topics).labels


def test_what_is_like_the_examples_is_of_the_topic_and_other_news_is_not() -> None:
    assert labels("Gold falls after a record", a_topic())["gold"]
    assert not labels("Rain in Kochi", a_topic())["gold"]


def test_what_examples_share_with_all_news_does_not_count_for_the_topic() -> None:
    rainy = [a_vector(f"{word} rain") for word in ("gold", "gold gold", "gold mine", "gold", "gold")]
    topic = learn("gold", a_vector("gold"), rainy, [a_vector("rain"), a_vector("rain rain"), a_vector("rain mine")])
    assert labels("Gold", topic)["gold"]
    assert not labels("Rain, and rain again", topic)["gold"]


def test_the_scores_of_the_model_stay_beside_those_of_the_topics() -> None:
    before = scores("relevant", embedding=a_vector("Gold"))
    after = with_topics(before, [a_topic("gold"), a_topic("bullion")])
    assert after.topics == (*before.topics, "gold", "bullion")
    assert {name: after.scores[name] for name in before.scores} == before.scores
    assert replace(after, scores=before.scores, labels=before.labels) == before


def test_where_there_is_no_vector_nothing_is_said_of_a_topic() -> None:
    assert with_topics(scores("relevant"), [a_topic()]) == scores("relevant")


def test_without_topics_the_scores_are_as_they_were() -> None:
    before = scores("relevant", embedding=a_vector("Gold"))
    assert with_topics(before, ()) is before


@given(VECTORS, st.floats(-1, 1))
def test_a_topic_says_yes_from_a_score_of_one_half_on(vector: Vector, cut: float) -> None:
    topic = replace(a_topic(), direction=(1.0, 0.0, 0.0), cut=cut)
    after = with_topics(scores(embedding=vector), [topic])
    assert 0 <= after.scores["gold"] <= 1
    assert after.labels["gold"] == (vector[0] - cut >= 0)
    assert after.scores["gold"] >= 0.5 if after.labels["gold"] else after.scores["gold"] <= 0.5


@given(VECTORS, st.lists(VECTORS, min_size=5, max_size=9), st.lists(VECTORS, min_size=1, max_size=9))
def test_whatever_is_learnt_points_one_way_and_accounts_for_every_text(
    about: Vector, examples: list[Vector], background: list[Vector]
) -> None:
    topic = learn("any", about, examples, background)
    quality = topic.quality
    assert math.hypot(*topic.direction) == pytest.approx(1) or not any(topic.direction)
    assert quality.found + len(quality.missed) == quality.examples == len(examples)
    assert 0 <= quality.false_alarms <= quality.background == len(background)


@given(st.permutations(GOLD), st.permutations(OTHERS))
def test_the_order_of_the_examples_makes_no_difference(examples: list[Vector], background: list[Vector]) -> None:
    topic = learn("gold", a_vector("gold"), examples, background)
    assert topic.direction == pytest.approx(a_topic().direction)
    assert topic.cut == pytest.approx(a_topic().cut)


def test_an_example_that_is_like_no_other_is_missed_and_told_by_its_place() -> None:
    quality = learn("gold", a_vector("gold"), [*GOLD[:2], a_vector("Rain"), *GOLD[2:]], OTHERS).quality
    assert quality.missed == (2,)
    assert (quality.examples, quality.found, quality.background, quality.false_alarms) == (6, 5, 10, 0)
    assert not quality.weakness


def test_examples_without_anything_in_common_make_a_weak_topic() -> None:
    mixed = [a_vector(word) for word in ("gold", "mine", "rain", "gold rain", "news")]
    assert learn("mixed", a_vector("news"), mixed, [*mixed, *OTHERS]).quality.weakness


@pytest.mark.parametrize(
    ("found", "alarms", "advice"),
    [
        (7, 12, ()),
        (6, 12, ("add examples, or make them more alike",)),
        (7, 13, ("it overlaps with common news",)),
        (0, 400, ("add examples", "it overlaps with common news")),
    ],
)
def test_a_topic_is_weak_below_seven_in_ten_found_or_above_three_alarms_in_a_hundred(
    found: int, alarms: int, advice: tuple[str, ...]
) -> None:
    weakness = Quality(10, found, tuple(range(found, 10)), 400, alarms).weakness
    assert bool(weakness) == bool(advice)
    assert all(words in weakness for words in advice)
