"""The first pass: a table of weights over hashed words."""

from pathlib import Path

import numpy as np
import pytest

from bot.analysis import LABELS
from bot.errors import ModelError
from bot.nlp.linear_classifier import BUCKETS, LinearClassifier, buckets


def a_file(folder: Path, word: str = "tariff", cut: float = 0.5) -> Path:
    """A first pass that knows one word."""
    weights = np.zeros((BUCKETS, len(LABELS)), np.float16)
    weights[buckets(word, "")[0]] = 20
    np.savez_compressed(
        folder / "first_pass.npz", weights=weights, bias=np.full(4, -5.0), cut=cut, damp=np.full(4, 0.5)
    )
    return folder / "first_pass.npz"


def test_what_may_hold_a_label_gets_a_yes_and_what_surely_holds_none_a_no(tmp_path: Path) -> None:
    yes, no = LinearClassifier(a_file(tmp_path)).score([("Tariff rises", ""), ("Rain falls", "")])
    assert all(yes.labels.values())
    assert not any(no.labels.values())


def test_scores_are_signed_so_that_the_encoder_can_be_asked_after_all(tmp_path: Path) -> None:
    first = LinearClassifier(a_file(tmp_path))
    assert first.score([("Rain falls", "")])[0].by == first.name == f"first pass of {tmp_path.name}"


def test_the_scores_of_what_is_ruled_out_are_damped_to_mean_what_they_say(tmp_path: Path) -> None:
    (scores,) = LinearClassifier(a_file(tmp_path)).score([("Rain falls", "")])
    assert scores.scores["relevant"] == pytest.approx(0.5 / (1 + np.exp(5)), abs=1e-4)


def test_numbers_count_as_one_word_and_capitals_do_not_count() -> None:
    assert set(buckets("Duty of 25 per cent", "")) == set(buckets("duty OF 50 per cent", ""))


def test_pairs_of_words_are_told_apart_from_the_words_alone() -> None:
    assert set(buckets("trade deal", "")) != set(buckets("deal trade", ""))


def test_what_a_long_text_says_at_its_end_is_not_ruled_out(tmp_path: Path) -> None:
    rain = "Rain fell in Kochi on Monday. " * 400
    (scores,) = LinearClassifier(a_file(tmp_path)).score([("Minutes", f"{rain}\n\nTariff.")])
    assert all(scores.labels.values())


def test_no_texts_get_no_scores(tmp_path: Path) -> None:
    assert LinearClassifier(a_file(tmp_path)).score([]) == []


def test_a_text_without_words_is_scored_too(tmp_path: Path) -> None:
    (scores,) = LinearClassifier(a_file(tmp_path)).score([("", "…")])
    assert not any(scores.labels.values())


@pytest.mark.fault("X14")
@pytest.mark.parametrize("content", [b"", b"PK", b"{}"])
def test_a_damaged_file_is_a_model_error_that_names_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "first_pass.npz").write_bytes(content)
    with pytest.raises(ModelError, match=r"first_pass\.npz cannot be loaded"):
        LinearClassifier(tmp_path / "first_pass.npz")


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "first_pass.npz", weights=np.zeros((4, 4)), bias=np.zeros(4), cut=0.1, damp=np.ones(4))
    with pytest.raises(ModelError, match="has weights of shape"):
        LinearClassifier(tmp_path / "first_pass.npz")
