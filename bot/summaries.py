"""A summary: two or three sentences quoted from the article, each with its place, none rewritten."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.reading import Reading, Sentence
from bot.vocabulary import Mention

MOST = 3
LONGEST = 420  # characters; a longer sentence is a list or a broken page
SHORTEST = 25
TRADE = re.compile(
    r"\btariffs?|\bdut(?:y|ies)\b|\blev(?:y|ies)\b|\btrade\b|\bdeal\b|\bpact\b|\bagreement|\bimports?\b|\bexport|\bquota"
    r"|\bsanction|\bSection \d{3}|\bIEEPA|\bsurcharge|\bmarket access|\bcountervailing|\bdumping",
    re.IGNORECASE,
)
FIGURE = re.compile(r"\d(?:[\d.,]*)\s?(?:%|per ?cent|pc\b|crore|lakh|billion|million)", re.IGNORECASE)
SAID = re.compile(r"\bsaid\b|\btold\b|\bannounced\b|\baccording to\b|\bsigned\b|\bruled\b|\bnotified\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quote:
    """`start` and `end` count characters of `Article.whole`; `text` is that span with white space folded."""

    text: str
    start: int
    end: int


def summarize(reading: Reading, title_end: int, sectors: Iterable[Mention] = ()) -> tuple[Quote, ...]:
    """The lead and the sentences that carry most of the trade matter, in the order of the text.

    Sentences of the title (before `title_end`) are left out: the card shows the title itself.
    """
    places = tuple(sectors)
    body = [s for s in reading.sentences if s.start >= title_end and SHORTEST <= s.end - s.start <= LONGEST]
    body = _unlike(body, reading)
    lead, rest = body[:1], body[1:]
    best = sorted(rest, key=lambda s: (-_weight(reading.text[s.start : s.end], s, places), s.start))
    chosen = lead + [s for s in best[: MOST - 1] if _weight(reading.text[s.start : s.end], s, places) > 0]
    return tuple(
        Quote(" ".join(reading.text[s.start : s.end].split()), s.start, s.end)
        for s in sorted(chosen, key=lambda s: s.start)
    )


def _unlike(sentences: list[Sentence], reading: Reading) -> list[Sentence]:
    """Each sentence once: pages repeat their lead in captions and pull quotes."""
    seen = {_bare(reading.text[: reading.text.find("\n\n")]) if "\n\n" in reading.text else ""}
    out = []
    for sentence in sentences:
        bare = _bare(reading.text[sentence.start : sentence.end])
        if bare not in seen:
            seen.add(bare)
            out.append(sentence)
    return out


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _weight(text: str, sentence: Sentence, sectors: tuple[Mention, ...]) -> float:
    """How much of the matter one sentence carries; 0 for one without a trade word."""
    trade = len(TRADE.findall(text))
    if not trade:
        return 0.0
    named = sum(1 for mention in sectors if sentence.start <= mention.start < sentence.end)
    return min(trade, 3) + 1.5 * bool(FIGURE.search(text)) + 0.5 * min(named, 3) + 0.5 * bool(SAID.search(text))
