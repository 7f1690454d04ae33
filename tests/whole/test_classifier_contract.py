"""What every classifier promises, run over the rules, the shipped ONNX model and any PyTorch model."""

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnxruntime
import pytest

from bot.analysis import LABELS
from bot.app import MODEL, model, shipped, vocabulary
from bot.checks import check_model
from bot.config import load_config
from bot.errors import ConfigError, ModelError
from bot.nlp.keywords import KeywordClassifier
from bot.nlp.linear_classifier import FILE, LinearClassifier
from bot.nlp.onnx_classifier import OnnxClassifier
from bot.nlp.onnx_session import CUDA, FULL
from bot.nlp.onnx_session import FILE as ONNX
from bot.nlp.torch_classifier import TorchClassifier
from bot.ports import Classifier
from tests.makers import a_vocabulary

# The newer exporter writes a graph that cannot be quantised.
pytestmark = pytest.mark.filterwarnings("ignore:You are using the legacy TorchScript:DeprecationWarning")
HALF = ("half a character \ud800", "")
SHIPPED = shipped(MODEL)
CLOSE = 0.0001  # the rounding of sums in another order
TEXTS = [
    (
        "US raises duty on Indian shrimp to 50%",
        "Washington will raise its tariff on shrimp from India, officials said.",
    ),
    ("Monsoon reaches Kerala", "Rain fell in Kochi on Monday."),
    ("India and US sign trade deal", ""),
    ("भारत पर शुल्क", "नई दिल्ली।"),
    ("\u200b😀 \x00", "…"),
    ("Tariff " * 500, "India and the US. " * 300),
    ("", ""),
]


def keywords(folder: Path) -> Classifier:
    return KeywordClassifier(a_vocabulary())


def onnx(folder: Path, **how: Any) -> Classifier:
    return OnnxClassifier(SHIPPED, vocabulary(), LinearClassifier(SHIPPED / FILE), **how)


def in_full(folder: Path, **how: Any) -> Classifier:
    """A small model of random weights as it is for a GPU, and here on the CPU."""
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    from bot.nlp.artifact import export, write_config
    from bot.nlp.training import Recipe, Topics, Trainer
    from tests.whole.test_recipe import an_encoder

    if not (folder / ONNX).exists():
        encoder, ours = an_encoder(folder), json.loads((SHIPPED / "config.json").read_text("utf-8"))["tariffwatch"]
        export(Topics(encoder, 0.0).eval(), Trainer(encoder, Recipe()), folder, full=True)
        write_config(folder, encoder, ours["labels"], ours["relevance"], "9")
        (folder / FULL).replace(folder / ONNX)
    return OnnxClassifier(folder, vocabulary(), **how)


def linear(folder: Path) -> Classifier:
    return LinearClassifier(SHIPPED / FILE)


def a_torch_model(folder: Path, labels: tuple[str, ...] = LABELS, problem: Any = "multi_label_classification") -> str:
    """A small model of random weights that knows the letters."""
    torch = pytest.importorskip("torch")
    from transformers import BertConfig, BertForSequenceClassification

    folder.mkdir(exist_ok=True)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        id2label=dict(enumerate(labels)),
        label2id={label: n for n, label in enumerate(labels)},
        problem_type=problem,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


def torch(folder: Path, **how: Any) -> Classifier:
    return TorchClassifier(a_torch_model(folder), **how)


@pytest.fixture(scope="module", params=[keywords, linear, onnx, in_full, torch])
def classifier(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    make: Callable[[Path], Classifier] = request.param
    return make(tmp_path_factory.mktemp("model"))


def test_each_text_gets_a_score_and_a_decision_for_every_label(classifier: Classifier) -> None:
    found = classifier.score(TEXTS)
    assert len(found) == len(TEXTS)
    for scores in found:
        assert set(scores.scores) == set(scores.labels) == set(LABELS)
        assert all(type(score) is float and 0 <= score <= 1 for score in scores.scores.values())
        assert all(type(yes) is bool for yes in scores.labels.values())


def test_scores_are_signed_with_the_name_of_the_classifier(classifier: Classifier) -> None:
    assert classifier.name
    assert {scores.by for scores in classifier.score(TEXTS[:2])} == {classifier.name}


def test_an_embedding_is_of_unit_length_or_absent(classifier: Classifier) -> None:
    for scores in classifier.score(TEXTS):
        if scores.embedding:
            assert math.hypot(*scores.embedding) == pytest.approx(1, abs=0.001)
    assert len({len(scores.embedding) for scores in classifier.score(TEXTS)}) == 1


def test_scores_come_in_the_order_of_the_texts_whatever_stands_beside_them(classifier: Classifier) -> None:
    together = classifier.score(TEXTS)
    for n, scores in enumerate(together):
        (alone,) = classifier.score([TEXTS[n]])
        assert scores.scores == pytest.approx(alone.scores, abs=CLOSE)


def test_the_same_texts_get_the_same_scores(classifier: Classifier) -> None:
    assert classifier.score(TEXTS) == classifier.score(TEXTS)


def test_no_texts_get_no_scores(classifier: Classifier) -> None:
    assert classifier.score([]) == []


def test_a_higher_score_never_gets_a_no_where_a_lower_one_got_a_yes(classifier: Classifier) -> None:
    found = classifier.score(TEXTS)
    for label in LABELS:
        yes = [scores.scores[label] for scores in found if scores.labels[label]]
        no = [scores.scores[label] for scores in found if not scores.labels[label]]
        assert max(no, default=0) <= min(yes, default=1)


def test_a_text_that_no_model_can_take_is_a_model_error_so_that_rules_get_their_turn(classifier: Classifier) -> None:
    if isinstance(classifier, KeywordClassifier | LinearClassifier):
        assert len(classifier.score([HALF])) == 1  # nothing stops what looks for words
        return
    with pytest.raises(ModelError, match="cannot score"):
        classifier.score([HALF])


# what reads many at a time


@pytest.mark.parametrize("make", [onnx, in_full, torch])
def test_one_at_a_time_or_64_the_decisions_are_the_same(make: Callable[..., Classifier], tmp_path: Path) -> None:
    """The scores too, but for the rounding of sums in another order; those of the int8 model to the last digit."""
    texts = [(title, text[: 40 * n]) for n in range(10) for title, text in TEXTS]
    one, many = (make(tmp_path, batch=batch).score(texts) for batch in (1, 64))
    assert [scores.labels for scores in one] == [scores.labels for scores in many]
    if make is onnx:
        assert one == many
    for alone, beside in zip(one, many, strict=True):
        assert alone.scores == pytest.approx(beside.scores, abs=CLOSE)
        assert alone.embedding == pytest.approx(beside.embedding, abs=CLOSE)


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (onnx, r"cpu \(CPUExecutionProvider\), int8, one passage at a time"),
        (in_full, r"cpu \(CPUExecutionProvider\), full precision, 64 passages at a time"),
        (torch, r"cpu, PyTorch \S+, float32, 64 texts at a time"),
    ],
)
def test_a_model_says_what_it_runs_on_and_how_many_it_reads(make: Any, place: str, tmp_path: Path) -> None:
    assert re.fullmatch(place, make(tmp_path, batch=64).place)


def test_auto_takes_the_cpu_where_there_is_no_gpu_and_the_check_says_so() -> None:
    if CUDA in onnxruntime.get_available_providers():
        pytest.skip("here ONNX Runtime knows CUDA")
    auto = replace(load_config(shipped("config.yaml"), {}), device="auto")
    assert model(auto, vocabulary()).place.startswith("cpu ")
    (finding,) = check_model(auto)
    assert finding.ok
    assert " on cpu (CPUExecutionProvider), int8, one passage at a time; a trial headline scores" in finding.words


# the ONNX model alone


def test_the_shipped_model_tells_trade_from_weather() -> None:
    trade, weather = onnx(SHIPPED).score(TEXTS[:2])
    assert all(trade.labels.values())
    assert not any(weather.labels.values())


def test_what_spoke_for_and_against_relevance_is_told_in_log_odds() -> None:
    trade, _ = onnx(SHIPPED).score(TEXTS[:2])
    assert {"relevant by the encoder", "India and the US in the title"} & {name for name, _ in trade.terms}
    assert sum(term for _, term in trade.terms) > 0


def test_a_model_that_says_yes_at_the_end_of_a_long_text_says_yes_to_the_text() -> None:
    rain = "Rain fell in Kochi on Monday, and more is to come. " * 25
    (scores,) = onnx(SHIPPED).score([("A week in review", f"{rain}{TEXTS[0][0]}. {TEXTS[0][1]}")])
    assert scores.labels["tariff_threat"]


@pytest.mark.fault("X14")
@pytest.mark.parametrize("content", [{}, {"config.json": "{"}, {"config.json": '{"model_type": "bert"}'}])
def test_a_folder_that_holds_no_model_is_a_model_error_that_names_it(tmp_path: Path, content: dict[str, str]) -> None:
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ModelError, match=f"model in {tmp_path} cannot be loaded"):
        OnnxClassifier(tmp_path, a_vocabulary())


# a PyTorch model alone


def test_a_model_with_some_of_our_labels_scores_nought_on_the_others(tmp_path: Path) -> None:
    model = TorchClassifier(a_torch_model(tmp_path, ("Tariff Threat", "weather")))
    (scores,) = model.score(TEXTS[:1])
    assert scores.scores["tariff_threat"] > 0
    assert (scores.scores["india_us_trade"], scores.scores["sensitive_sectors"]) == (0, 0)
    assert scores.scores["relevant"] == scores.scores["tariff_threat"]


def test_the_labels_of_a_model_that_picks_one_add_up_to_one(tmp_path: Path) -> None:
    model = TorchClassifier(a_torch_model(tmp_path, problem="single_label_classification"))
    (scores,) = model.score(TEXTS[:1])
    assert sum(scores.scores.values()) == pytest.approx(1)


def test_a_model_with_none_of_our_labels_is_refused_with_those_that_it_has(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has labels \['weather'\]; at least one of india_us_trade, "):
        TorchClassifier(a_torch_model(tmp_path, ("weather",)))


def test_a_gpu_that_pytorch_does_not_see_is_refused_before_the_model_is_loaded() -> None:
    if pytest.importorskip("torch").cuda.is_available():
        pytest.skip("here PyTorch sees a GPU")
    with pytest.raises(ConfigError, match=r"PyTorch \S+ sees no GPU — see that `nvidia-smi` shows one"):
        TorchClassifier("anything", device="cuda")


def test_a_score_that_is_no_number_is_a_model_error_so_that_rules_get_their_turn(tmp_path: Path) -> None:
    folder = a_torch_model(tmp_path)
    from transformers import BertForSequenceClassification

    broken: Any = BertForSequenceClassification.from_pretrained(folder)
    broken.classifier.bias.data.fill_(math.inf)
    broken.save_pretrained(folder)
    with pytest.raises(ModelError, match="cannot score: a score is no number"):
        TorchClassifier(folder).score(TEXTS[:1])


def test_without_pytorch_a_model_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModelError, match="pip install 'tariffwatch"):
        TorchClassifier("anything")


def test_loading_the_model_tells_nobody_and_leaves_nothing_at_home(tmp_path: Path) -> None:
    """ONNX Runtime looks up a server of its makers, and keeps a number of this machine to tell it, unless told not to."""
    names = "from bot.app import MODEL, shipped, vocabulary; from bot.nlp.onnx_classifier import OnnxClassifier"
    load = f"{names}; OnnxClassifier(shipped(MODEL), vocabulary())"
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", load], env=environ, check=True, timeout=120)
    assert list(tmp_path.rglob("*")) == []
