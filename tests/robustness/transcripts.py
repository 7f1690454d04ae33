"""Transcripts: long items, a matter of one paragraph or one clause within an evening's talk of bridges and bees."""

import random
from collections.abc import Iterator

from tests.robustness.items import HERE, Item, labels, rows

PHENOMENON = "long transcripts"
NAMES = (
    "Alder",
    "Birk",
    "Corso",
    "Dahl",
    "Ekwall",
    "Farago",
    "Gilles",
    "Halloran",
    "Ilves",
    "Jansa",
    "Kadare",
    "Moreau",
)
TOWNS = ("Altmark", "Brevik", "Corvara", "Dornbirn", "Ebeltoft", "Falkirk", "Gorizia", "Hornsea", "Idrija", "Jelling")


def transcripts() -> tuple[Item, ...]:
    """Texts of 1,500 to 6,000 words, the same at each call."""
    return tuple(
        Item(PHENOMENON, row["title"], transcript(row["paragraph"], row["words"], row["place"]), labels(row["labels"]))
        for row in rows("transcripts.jsonl")
    )


def transcript(matter: str, words: int, place: float) -> str:
    """`matter` at `place` (0 the beginning, 1 the end) of about `words` words."""
    chance = random.Random(matter)
    said = list(talk(words - len(matter.split()), chance))
    at = round(place * len(said))
    return "\n\n".join([*said[:at], filled(matter, chance), *said[at:]])


def talk(words: int, chance: random.Random) -> Iterator[str]:
    """Paragraphs of about `words` words, in the order of the file and from its top again, with other names each time."""
    paragraphs = (HERE / "paragraphs.txt").read_text("utf-8").strip().split("\n\n")
    said = n = 0
    while said < words:
        yield (paragraph := filled(paragraphs[n % len(paragraphs)], chance))
        said, n = said + len(paragraph.split()), n + 1


def filled(paragraph: str, chance: random.Random) -> str:
    return paragraph.format(name=chance.choice(NAMES), town=chance.choice(TOWNS), number=chance.randint(12, 480))
