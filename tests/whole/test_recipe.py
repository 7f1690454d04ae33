"""The recipe from labelled items to an artifact, on an encoder of random weights (needs PyTorch)."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.analysis import LABELS
from bot.nlp.labelled import Item
from bot.nlp.linear_classifier import FILE, LinearClassifier
from bot.nlp.onnx_classifier import OnnxClassifier, verify
from bot.nlp.onnx_session import FILE as INT8
from bot.nlp.onnx_session import FULL, QUANTISED
from tests.makers import a_vocabulary

pytest.importorskip("torch")
pytest.importorskip("onnx")

from bot.nlp.artifact import export
from bot.nlp.recipe import run
from bot.nlp.training import Recipe, Topics, Trainer, cross_validate

# The newer exporter writes a graph that cannot be quantised.
pytestmark = pytest.mark.filterwarnings("ignore:You are using the legacy TorchScript:DeprecationWarning")
SHORT = Recipe(epochs=2, batch=4)


def an_encoder(folder: Path) -> Path:
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(pieces))
    torch.manual_seed(7)
    sizes: Any = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(pieces), **sizes)).save_pretrained(folder)
    BertTokenizer(str(vocabulary)).save_pretrained(folder)
    return folder


def items() -> list[Item]:
    yes = [Item(f"y{n}", f"US duty on Indian shrimp {n}", "", f"duty {n % 3}", (1.0,) * 4) for n in range(12)]
    no = [Item(f"n{n}", f"Rain in Kochi {n}", "More to come.", f"rain {n % 3}", (0.0,) * 4) for n in range(12)]
    return yes + no


def train(encoder: Path, folder: Path, log: list[str]) -> None:
    run(items(), encoder, folder / "out", folder / "work", a_vocabulary(), recipe=SHORT, version="9", log=log.append)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipe")
    train(an_encoder(tmp_path_factory.mktemp("encoder")), folder, [])
    return folder / "out"


def test_the_artifact_loads_and_scores(made: Path) -> None:
    verify(made)
    model = OnnxClassifier(made, a_vocabulary(), LinearClassifier(made / FILE))
    assert model.name == "out 9"
    (scores,) = model.score([("US duty on Indian shrimp", "")])
    assert set(scores.scores) == set(LABELS)


def test_the_model_in_fp32_is_kept_only_where_it_is_wanted_and_is_not_int8(made: Path, tmp_path: Path) -> None:
    assert not (made / FULL).exists()
    encoder = an_encoder(tmp_path)
    export(Topics(encoder, 0.0).eval(), Trainer(encoder, SHORT), tmp_path / "out", full=True)
    int8, full = ((tmp_path / "out" / name).read_bytes() for name in (INT8, FULL))
    assert (QUANTISED in int8, QUANTISED in full) == (True, False)


def test_metrics_tell_quality_on_held_out_kinds_first_pass_and_parity(made: Path) -> None:
    metrics = json.loads((made / "metrics.json").read_text("utf-8"))
    assert set(metrics["held_out"]["labels"]) == set(LABELS)
    assert set(metrics["held_out"]["kinds"]) == {f"{kind} {n}" for kind in ("duty", "rain") for n in range(3)}
    assert metrics["first_pass"]["relevant_lost"] <= 0.005
    assert metrics["int8_against_fp32"]["items"] == 24


def test_what_cannot_be_told_of_an_item_teaches_nothing(tmp_path: Path) -> None:
    encoder, log = an_encoder(tmp_path), list[str]()
    half = [Item(f"h{n}", f"US duty on Indian tea {n}", "", f"open {n}", (math.nan,) * 3 + (1.0,)) for n in range(3)]
    recipe = Recipe(epochs=3, batch=4)
    run([*items(), *half], encoder, tmp_path / "out", tmp_path / "work", a_vocabulary(), recipe=recipe, version="9")
    weights = np.load(tmp_path / "out" / FILE)
    assert all(np.isfinite(weights[name]).all() for name in weights.files)
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text("utf-8"))
    assert all(math.isfinite(label["f1"]) for label in metrics["held_out"]["labels"].values())
    untold = [Item(item.id, item.title, item.text, item.kind, (math.nan,) * 4) for item in items()]
    model = Trainer(encoder, Recipe(epochs=2, batch=4, memory=0.0), log.append).train(untold, tmp_path / "none.pt")
    assert [words.split(" s")[0][:21] for words in log] == ["epoch 1/2 loss 0.0000", "epoch 2/2 loss 0.0000"]
    assert all(parameter.isfinite().all() for parameter in model.parameters())


def test_a_stopped_run_goes_on_after_its_last_epoch_to_the_same_result(tmp_path: Path) -> None:
    encoder = an_encoder(tmp_path)
    whole = Trainer(encoder, SHORT, lambda words: None).train(items(), tmp_path / "whole.pt")

    def stop(words: str) -> None:
        if words.startswith("epoch 2/2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Trainer(encoder, SHORT, stop).train(items(), tmp_path / "half.pt")
    log: list[str] = []
    again = Trainer(encoder, SHORT, log.append).train(items(), tmp_path / "half.pt")
    assert [words.split(" loss")[0] for words in log] == ["epoch 2/2"]
    ours, theirs = again.state_dict(), whole.state_dict()
    assert all(ours[name].equal(theirs[name]) for name in ours)


def test_folds_that_are_done_are_not_trained_again(tmp_path: Path) -> None:
    trainer = Trainer(an_encoder(tmp_path), SHORT, lambda words: None)
    first = cross_validate(trainer, items(), tmp_path)
    log: list[str] = []
    trainer.log = log.append
    assert (cross_validate(trainer, items(), tmp_path) == first).all()
    assert not any(words.startswith("epoch") for words in log)
