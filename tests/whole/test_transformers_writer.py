"""The writer of summaries: any sequence-to-sequence model is asked, and what it makes up does not get on a card."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.app import MODEL, shipped
from bot.errors import ModelError
from bot.nlp.transformers_writer import LONGEST_OUT, TransformersWriter

pytest.importorskip("torch")
TEXT = "US to raise tariff on Indian shrimp to 25%\nWashington will raise its tariff on shrimp from India to 25%."


def a_writer(folder: Path) -> str:
    """A small T5 of random weights over the words of the shipped model."""
    import torch
    from transformers import AutoTokenizer, T5Config, T5ForConditionalGeneration

    tokenizer = AutoTokenizer.from_pretrained(shipped(MODEL))
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    start: dict[str, Any] = {"decoder_start_token_id": tokenizer.pad_token_id}
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=16,
        d_kv=8,
        d_ff=16,
        num_layers=1,
        num_heads=2,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.sep_token_id,
        **start,
    )
    T5ForConditionalGeneration(config).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return a_writer(tmp_path_factory.mktemp("writer"))


def test_each_text_gets_its_words_and_the_same_each_time(model: str) -> None:
    writer = TransformersWriter(model)
    first = writer.write([TEXT, "", "tariff " * 3_000])
    assert len(first) == 3
    assert all(len(words.split()) <= LONGEST_OUT for words in first)
    assert first == TransformersWriter(model).write([TEXT, "", "tariff " * 3_000])


def test_a_writer_out_of_time_stops_where_it_is(model: str) -> None:
    assert len(TransformersWriter(model, seconds=0.0).write([TEXT])[0].split()) <= 2


def test_the_name_is_that_of_its_folder(model: str) -> None:
    assert TransformersWriter(model).name == Path(model).name


def test_a_folder_without_a_model_is_told_with_the_key(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "t5"}))
    with pytest.raises(ModelError, match=r"summaries\.writer"):
        TransformersWriter(str(tmp_path))


def test_the_babble_of_a_model_is_dropped_and_the_quotes_stand_alone(model: str, tmp_path: Path) -> None:
    from dataclasses import replace

    from bot.app import vocabulary
    from tests.line import Line, store_at
    from tests.makers import a_desk, an_article

    line = Line(store_at(tmp_path / "store.db"), desk=replace(a_desk(), vocabulary=vocabulary()))
    line.writer = TransformersWriter(model)
    (alert,) = line.told(an_article())
    assert alert.message.summary == ""
    assert alert.message.quotes
    assert len(line.heard("summary_dropped")) == 1
