"""Training the first pass: its weights, and the cut below which the encoder may be spared (needs the extra `train`)."""

import math
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from bot.analysis import LABELS
from bot.nlp.calibration import Matrix, Truth, sigmoid
from bot.nlp.labelled import Item, folds
from bot.nlp.linear_classifier import BUCKETS, FILE, buckets

LOST = 0.0045  # share of the encoder's relevant items that may be lost on held-out kinds


def first_pass(items: Sequence[Item], picked: Truth, seed: int, out: Path) -> dict[str, float]:
    """Writes first_pass.npz; returns its cut and what it spares and loses on held-out kinds. `picked`: the encoder's word
    on relevance there."""
    held_out = np.zeros((len(items), len(LABELS)))
    for held in folds(items):
        hidden = set(held)
        weights, bias = train_linear([item for k, item in enumerate(items) if k not in hidden], seed)
        for k in held:
            places = buckets(items[k].title, items[k].text)
            held_out[k] = sigmoid(weights[places].sum(axis=0) / max(1, len(places)) ** 0.5 + bias)
    chance = held_out.max(axis=1)
    cut = math.floor(float(np.quantile(chance[picked], LOST)) * 1e4) / 1e4
    weights, bias = train_linear(items, seed)
    damp = damping(held_out[chance < cut], [items[int(k)] for k in np.flatnonzero(chance < cut)])
    np.savez_compressed(out / FILE, weights=weights.astype(np.float16), bias=bias, cut=cut, damp=damp)
    nothing = np.array([item.nothing for item in items])
    return {
        "cut": cut,
        "relevant_lost": round(float((chance[picked] < cut).mean()), 4),
        "near_misses_spared": round(float((chance[nothing] < cut).mean()), 4),
    }


def damping(chance: Matrix, ruled_out: Sequence[Item]) -> Matrix:
    """(4,) what the scores of ruled-out items are to be multiplied by, so that they mean the share that holds the label."""
    true: Matrix = np.array([item.labels for item in ruled_out]).reshape(-1, len(LABELS))
    said = np.where(np.isnan(true), 0.0, chance).sum(axis=0)
    shares: Matrix = np.minimum(1.0, np.nansum(true, axis=0) / np.maximum(said, 1e-9))
    return shares


def train_linear(items: Sequence[Item], seed: int, epochs: int = 20) -> tuple[Matrix, Matrix]:
    """The first pass: weights (BUCKETS, 4) and bias (4,) of the logistic regression over hashed words."""
    torch.manual_seed(seed)
    table = nn.EmbeddingBag(BUCKETS, len(LABELS), mode="sum")
    nn.init.zeros_(table.weight)
    bias = nn.Parameter(torch.zeros(len(LABELS)))
    optimizer = torch.optim.Adam([table.weight, bias], lr=0.02)
    bags = [torch.tensor(buckets(item.title, item.text)) for item in items]
    labels = torch.tensor([item.labels for item in items])
    wanted, known = labels.nan_to_num(), (~labels.isnan()).float()
    for epoch in range(epochs):
        order = list(range(len(items)))
        random.Random(seed + epoch).shuffle(order)
        for at in range(0, len(order), 256):
            lot = order[at : at + 256]
            sizes = torch.tensor([max(1, len(bags[n])) for n in lot])
            offsets = torch.cat([torch.zeros(1, dtype=torch.long), sizes.cumsum(0)[:-1]])
            places = torch.cat([bags[n] for n in lot])
            logits = table(places, offsets) / sizes.sqrt()[:, None] + bias
            loss = nn.functional.binary_cross_entropy_with_logits(logits, wanted[lot], known[lot])
            loss = loss + 1e-5 * (table.weight[places.unique()] ** 2).sum()  # else rare words would be learnt by heart
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return table.weight.detach().double().numpy(), bias.detach().double().numpy()
