"""KeywordClassifier: the rules that decide when no model can be asked. Plain words, no library, never silent."""

import re
import unicodedata
from collections.abc import Sequence

from bot.analysis import Scores
from bot.reading import Reading, Sentence, Token
from bot.vocabulary import TermIndex, Vocabulary, find_sectors, index_reading

# Vowel signs and what joins letters are no word characters to `re`, and stand in the middle of words of Hindi, Tamil, Gujarati.
_SIGNS = "".join(c for c in map(chr, range(0x300, 0x12000)) if unicodedata.category(c)[0] == "M") + "\u200c\u200d"
_WORD = rf"\w[\w{_SIGNS}]*"
TOKEN = re.compile(
    rf"(?:[^\W\d_]\.){{2,}}|{_WORD}(?:[.'’]{_WORD})*|[^\w\s]"
)  # "U.S." is one; "India." is a word and a stop
END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'“‘])|\n+")
THREAT = re.compile(
    r"\b(?:threat\w*|impos\w*|hik\w*|rais\w*|slap\w*|propos\w*|new|higher|extend\w*|retaliat\w*|prob\w*|investigat\w*|levie\w*"
    r"|announc\w*|ban\w*|double\w*|penalt\w*|sanction\w*|in force|take effect|anti-?dumping|countervailing|safeguard)\b",
    re.IGNORECASE,
)


class KeywordClassifier:
    """Scores are 1.0 and 0.0 for what the rules say, 0.5 for what they hold possible; `by` is "rules"."""

    name = "rules"

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Scores]:
        return [self._score(f"{title}\n\n{text}" if text else title) for title, text in texts]

    def _score(self, text: str) -> Scores:
        index = index_reading(plain_reading(text))
        india, us, tariff, deal = (self._has(index, name) for name in ("INDIA", "US", "TARIFF", "DEAL"))
        trade = tariff or deal
        threat = tariff and bool(THREAT.search(text))
        both = india and us and trade
        sector = trade and india and bool(find_sectors(index, self._vocabulary))
        relevant = 1.0 if both else 0.5 if us and threat and not india else 0.0
        scores = {
            "india_us_trade": float(both),
            "tariff_threat": float(threat),
            "sensitive_sectors": float(sector),
            "relevant": relevant,
        }
        return Scores(scores, {name: score >= 0.75 for name, score in scores.items()}, (), self.name)

    def _has(self, index: TermIndex, name: str) -> bool:
        return bool(index.find(self._vocabulary.sets.get(name, ())))


class PlainReader:
    """Reads by regular expressions, when nothing better can."""

    def read(self, texts: Sequence[str]) -> list[Reading]:
        return [plain_reading(text) for text in texts]


def plain_reading(text: str) -> Reading:
    """A reading by regular expressions: words with their lower case for a lemma, sentences by their full stops."""
    sentences, at = [], 0
    for border in [m.start() for m in END.finditer(text)] + [len(text)]:
        tokens = tuple(Token(m.group(), m.group().lower(), "", m.start()) for m in TOKEN.finditer(text, at, border))
        if tokens:
            sentences.append(Sentence(tokens[0].start, border, tokens))
        at = border
    return Reading(text, tuple(sentences), ())
