"""The rules that decide when no model can be asked, and the reading they make for themselves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlp.keywords import KeywordClassifier, plain_reading
from bot.vocabulary import index_reading, term_from
from tests.makers import a_vocabulary

RULES = KeywordClassifier(a_vocabulary())


def picked(title: str, text: str = "") -> set[str]:
    (scores,) = RULES.score([(title, text)])
    return {label for label, yes in scores.labels.items() if yes}


@pytest.mark.parametrize(
    ("title", "labels"),
    [
        ("US raises duty on Indian shrimp", {"india_us_trade", "tariff_threat", "sensitive_sectors", "relevant"}),
        ("India and US sign trade deal", {"india_us_trade", "relevant"}),
        ("India and US near trade pact on dairy", {"india_us_trade", "sensitive_sectors", "relevant"}),
        ("US threatens tariff on Brazil", {"tariff_threat"}),
        ("India cuts duty on steel from Oman", {"sensitive_sectors"}),
        ("India and US hold naval exercise", set()),
        ("The tariff tells us little about Indiana", set()),
        ("Monsoon reaches Kerala", set()),
    ],
)
def test_words_decide_the_topics(title: str, labels: set[str]) -> None:
    assert picked(title) == labels


def test_words_of_the_text_count_like_those_of_the_title() -> None:
    assert "relevant" in picked("Washington acts", "A new duty will hit India.")


def test_a_us_threat_that_does_not_name_india_is_held_possible_and_not_decided() -> None:
    (scores,) = RULES.score([("US threatens new tariff on all countries", "")])
    assert (scores.scores["relevant"], scores.labels["relevant"]) == (0.5, False)


def test_a_word_counts_at_the_end_of_its_sentence_too_and_an_abbreviation_stays_whole() -> None:
    assert picked("The U.S. answers India. It is a tariff.") == {"india_us_trade", "relevant"}
    tokens = [token.text for token in plain_reading("The U.S.-India duty.").sentences[0].tokens]
    assert tokens == ["The", "U.S.", "-", "India", "duty", "."]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("अमेरिका ने भारत पर शुल्क लगाया", "भारत"),
        ("அமெரிக்கா இந்தியா மீது வரி விதித்தது", "இந்தியா"),
        ("અમેરિકાએ ભારત પર ટેરિફ લાદ્યો", "ભારત"),
    ],
)
def test_a_word_keeps_its_vowel_signs_when_read_by_regular_expressions(text: str, word: str) -> None:
    reading = plain_reading(text)
    assert [token.text for token in reading.sentences[0].tokens] == text.split()
    assert [hit.text for hit in index_reading(reading).find((term_from(word),))] == [word]


def test_rules_sign_as_rules_and_have_no_embedding() -> None:
    (scores,) = RULES.score([("US raises duty on Indian shrimp", "")])
    assert (scores.by, scores.embedding, RULES.name) == ("rules", (), "rules")


def test_a_plain_reading_parts_title_and_sentences() -> None:
    text = "Duty up\n\nThe U.S. raised it. “India will answer,” he said.\nMore to come"
    reading = plain_reading(text)
    assert [text[s.start : s.end].strip() for s in reading.sentences] == [
        "Duty up",
        "The U.S. raised it.",
        "“India will answer,” he said.",
        "More to come",
    ]
    assert reading.entities == ()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_every_token_of_a_plain_reading_stands_in_the_text_where_it_says(text: str) -> None:
    reading = plain_reading(text)
    tokens = [token for sentence in reading.sentences for token in sentence.tokens]
    assert reading.text == text
    assert all(text[t.start : t.start + len(t.text)] == t.text for t in tokens)
    assert [t.start for t in tokens] == sorted({t.start for t in tokens})
    assert all(s.start <= t.start < s.end for s in reading.sentences for t in s.tokens)
    assert sum(len(t.text) for t in tokens) == len("".join(text.split()))
