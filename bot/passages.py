"""Passages: a long text cut at its paragraphs and sentences, into pieces that a classifier can read whole."""

import re

SIZE = 900  # characters: with a title, less than the 256 word pieces that the encoder reads
LONGEST = 200_000  # characters of a text that are looked through: sixty pages
_BREAK = re.compile(r"\n\s*\n+|(?<=[.!?।])\s+|\n+")


def passages(text: str, size: int = SIZE) -> list[str]:
    """Pieces of at most `size` characters, in order; an empty text is one empty piece. Neighbouring paragraphs share a
    piece where there is room, and only a sentence that is longer than a piece is cut."""
    if len(text) <= size:
        return [text]
    pieces, start, end = [], 0, 0
    for border in [*(m.end() for m in _BREAK.finditer(text)), len(text)]:
        if border - start > size and end > start:
            pieces.append(text[start:end])
            start = end
        while border - start > size:
            pieces.append(text[start : start + size])
            start += size
        end = border
    return [*pieces, text[start:end]] if end > start else pieces
