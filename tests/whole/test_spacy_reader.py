"""SpacyReader: sentences, tokens and entities, all at the places they have in the text."""

from pathlib import Path

import pytest
import spacy

from bot.errors import ModelError
from bot.nlp.spacy_reader import LONGEST, SpacyReader
from bot.reading import Reading

TITLE = "US to raise tariffs on Indian shrimp"
TEXT = "Washington raised duties on Monday. India’s minister Piyush Goyal said talks were going on."


@pytest.fixture(scope="module")
def reader() -> SpacyReader:
    return SpacyReader()


def sentences(reading: Reading) -> list[str]:
    return [reading.text[s.start : s.end] for s in reading.sentences]


def test_the_title_is_a_sentence_of_its_own_and_the_text_follows_sentence_by_sentence(reader: SpacyReader) -> None:
    (reading,) = reader.read([f"{TITLE}\n\n{TEXT}"])
    assert sentences(reading) == [
        TITLE,
        "Washington raised duties on Monday.",
        "India’s minister Piyush Goyal said talks were going on.",
    ]


def test_without_names_the_words_and_sentences_are_the_same(reader: SpacyReader) -> None:
    (whole,), (nameless,) = (eyes.read([f"{TITLE}\n\n{TEXT}"]) for eyes in (reader, SpacyReader(names=False)))
    assert nameless.sentences == whole.sentences
    assert whole.entities
    assert not nameless.entities


@pytest.mark.parametrize("title", ["Tariffs on", "He said that the", "Duty up, says", "Goyal: “We"])
def test_a_title_that_runs_on_into_the_text_is_cut_at_the_blank_line_all_the_same(
    reader: SpacyReader, title: str
) -> None:
    (reading,) = reader.read([f"{title}\n\nindian goods will rise on Monday."])
    border = len(title)
    assert all(s.end <= border or s.start >= border + 2 for s in reading.sentences)
    assert sentences(reading)[-1].endswith("Monday.")


def test_tokens_have_their_place_lower_case_lemma_and_tag_and_white_space_is_none(reader: SpacyReader) -> None:
    text = f"{TITLE}\n\n  Washington   raised\tduties\n on Monday."
    (reading,) = reader.read([text])
    tokens = [token for sentence in reading.sentences for token in sentence.tokens]
    assert all(text[t.start : t.start + len(t.text)] == t.text for t in tokens)
    assert all(t.text.strip() and t.lemma == t.lemma.lower() for t in tokens)
    by_text = {t.text: t for t in tokens}
    assert (by_text["raised"].lemma, by_text["raised"].tag) == ("raise", "VBD")
    assert by_text["duties"].lemma == "duty"


def test_entities_are_named_and_stand_where_they_say(reader: SpacyReader) -> None:
    (reading,) = reader.read([f"{TITLE}\n\n{TEXT}"])
    found = {(entity.text, entity.label) for entity in reading.entities}
    assert {("Piyush Goyal", "PERSON"), ("India", "GPE"), ("Monday", "DATE")} <= found
    assert all(reading.text[e.start : e.end] == e.text for e in reading.entities)


def test_readings_come_in_the_order_of_the_texts_and_one_for_each(reader: SpacyReader) -> None:
    texts = [f"Title {n}\n\nText number {n}." for n in range(40)] + [""]
    assert [reading.text for reading in reader.read(texts)] == texts
    assert reader.read([]) == []


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\n\nText alone.", "Title\n\n", "😀", "भारत पर शुल्क\n\nनई दिल्ली।"])
def test_odd_texts_are_read_without_harm(reader: SpacyReader, text: str) -> None:
    (reading,) = reader.read([text])
    assert reading.text == text
    assert all(s.tokens and s.start < s.end <= len(text) for s in reading.sentences)


def test_of_an_endless_text_only_the_first_pages_are_read_and_the_reading_says_where_it_is_from(
    reader: SpacyReader,
) -> None:
    text = "Duty up\n\n" + "Tariffs rose again. " * (LONGEST // 10)
    (reading,) = reader.read([text])
    assert reading.text == text
    assert LONGEST - 30 < reading.sentences[-1].end <= LONGEST


def test_a_pipeline_that_finds_no_sentences_is_given_a_rule_for_them(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "blank")
    (reading,) = SpacyReader(str(tmp_path / "blank")).read([f"{TITLE}\n\n{TEXT}"])
    assert len(reading.sentences) == 3
    token = reading.sentences[0].tokens[1]
    assert (token.text, token.lemma, token.tag) == ("to", "to", "")


def test_a_pipeline_that_is_not_installed_is_told_with_what_to_do() -> None:
    with pytest.raises(ModelError, match="'en_nowhere' is not installed: install it, or set reading.spacy"):
        SpacyReader("en_nowhere")


def test_words_that_were_read_once_are_not_kept_for_ever(reader: SpacyReader) -> None:
    reader.read([f"{TITLE}\n\n{TEXT}"])
    before = len(list(reader._nlp.vocab))
    reader.read(["Qwertyx zxcvbny asdfghz poiuytw"])
    assert len(list(reader._nlp.vocab)) == before
