"""The background: vectors of much other news, from which the users' own topics are told apart. Comes with the model."""

import zlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from bot.errors import ModelError
from bot.topics import Vector

FILE = "background.npz"


def load_background(folder: Path, width: int) -> tuple[Vector, ...]:
    """The unit vectors in the model's `folder`: an .npz of `vectors` (n, `width`), made when the model was trained."""
    file = folder / FILE
    try:
        with np.load(file, allow_pickle=False) as saved:
            vectors = saved["vectors"].astype(np.float64)
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, zlib.error) as error:
        raise ModelError(
            f"background {file} cannot be loaded: {error} — topics need it: train the model anew"
        ) from error
    if vectors.ndim != 2 or not len(vectors) or vectors.shape[1] != width:
        raise ModelError(f"background {file} has vectors of shape {vectors.shape}, wanted (n, {width})")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (np.abs(lengths - 1) < 0.01).all():  # so too for what is no number
        raise ModelError(f"background {file} is damaged: its vectors are not of unit length")
    return tuple(map(tuple, (vectors / lengths).tolist()))
