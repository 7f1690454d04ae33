"""Lots: which texts a model reads at once. Those of like length: what fills up a short one beside a long one is wasted."""

from collections.abc import Sequence

SIZE = 8  # texts of a lot, unless the settings say otherwise


def lots(lengths: Sequence[int], size: int) -> list[list[int]]:
    """The places of the texts, `size` to a lot; the longest first, so that what memory cannot hold fails at once."""
    order = sorted(range(len(lengths)), key=lambda n: -lengths[n])
    return [order[at : at + size] for at in range(0, len(order), size)]
