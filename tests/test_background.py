"""The background of the users' topics: what is read from beside the model, and what is told of a file that is no good."""

from pathlib import Path

import numpy as np
import pytest

from bot.errors import ModelError
from bot.nlp.background import FILE, load_background


def save(folder: Path, **arrays: object) -> Path:
    np.savez_compressed(folder / FILE, **arrays)  # type: ignore[arg-type]  # some are wrong on purpose
    return folder / FILE


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_background(folder, 2)
    return str(caught.value)


def test_vectors_come_as_they_were_saved_and_of_unit_length(tmp_path: Path) -> None:
    save(tmp_path, vectors=np.array([[0.6, 0.8], [1, 0]], np.float16))
    first, second = load_background(tmp_path, 2)
    assert first == pytest.approx((0.6, 0.8), abs=0.001)
    assert sum(x * x for x in first) == pytest.approx(1)
    assert second == (1.0, 0.0)


def test_a_file_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    assert str(tmp_path / FILE) in refusal(tmp_path)
    assert "train the model anew" in refusal(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"no archive at all"])
def test_a_file_that_is_no_archive_is_told_by_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert str(tmp_path / FILE) in refusal(tmp_path)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7])
def test_a_file_with_a_wrong_byte_among_its_vectors_is_refused(tmp_path: Path, share: float) -> None:
    angles = np.linspace(0, 1, 400)
    file = save(tmp_path, vectors=np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float16))
    data = bytearray(file.read_bytes())
    data[int(share * len(data))] ^= 0xFF
    file.write_bytes(data)
    assert str(file) in refusal(tmp_path)


@pytest.mark.fault("X14")
def test_vectors_are_never_unpickled(tmp_path: Path) -> None:
    save(tmp_path, vectors=np.array([{"a": 1}], object))
    assert "cannot be loaded" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"others": [[1.0, 0.0]]}, "cannot be loaded"),
        ({"vectors": [["a", "b"]]}, "cannot be loaded"),
        ({"vectors": [[1.0, 0.0, 0.0]]}, "shape (1, 3), wanted (n, 2)"),
        ({"vectors": np.zeros((0, 2))}, "shape (0, 2), wanted (n, 2)"),
        ({"vectors": [1.0, 0.0]}, "shape (2,), wanted (n, 2)"),
        ({"vectors": [[1.0, 0.0], [0.0, 0.0]]}, "not of unit length"),
        ({"vectors": [[float("nan"), 1.0]]}, "not of unit length"),
    ],
)
def test_vectors_that_cannot_be_compared_with_are_refused(
    tmp_path: Path, arrays: dict[str, object], words: str
) -> None:
    file = save(tmp_path, **arrays)
    assert words in refusal(tmp_path)
    assert str(file) in refusal(tmp_path)
