"""An analysis: the topics of one article with their scores, its sectors, names and figures, and who says so."""

import re
from dataclasses import dataclass

from bot.articles import Article
from bot.deadlines import Deadline
from bot.facts import Fact
from bot.reading import Entity, Reading
from bot.verdicts import Verdict
from bot.vocabulary import Mention

TOPICS = ("india_us_trade", "tariff_threat", "sensitive_sectors")
LABELS = (*TOPICS, "relevant")


@dataclass(frozen=True, slots=True)
class Scores:
    """A classifier's word on one text: probability per label (0 to 1) and its decision at the model's threshold."""

    scores: dict[str, float]  # every label of LABELS, and the users' own topics where there is a vector to tell them by
    labels: dict[str, bool]
    embedding: tuple[float, ...]  # unit length, or () when the classifier has none
    by: str  # model name and version, or "rules"
    terms: tuple[tuple[str, float], ...] = ()  # what spoke for and against relevance, in log-odds, the weightiest first

    @property
    def topics(self) -> tuple[str, ...]:
        """Names of the topics that were scored, the users' own after the model's."""
        return (*TOPICS, *(name for name in self.scores if name not in LABELS))


@dataclass(frozen=True, slots=True)
class Why:
    """One watchlist that fired, with the words of the text, the scores and the facts that made it fire."""

    watchlist: str
    words: tuple[str, ...]
    grounds: tuple[str, ...] = ()  # "relevant 0.83", "US → IN · 500 % · threatened"
    verdict: Verdict | None = None  # None in a message, which tells it in words
    owner: str = ""  # whose watchlist it is


@dataclass(frozen=True, slots=True)
class Analysis:
    article_id: str
    scores: Scores
    sectors: tuple[Mention, ...]
    entities: tuple[Entity, ...]
    figures: tuple[str, ...]  # percentages and sums named in the text, normalised: "50%", "$500bn"
    genre: str = ""  # "" news, or digest, live, opinion, question, explainer
    why: tuple[Why, ...] = ()  # the watchlists that fired
    quotes: tuple[str, ...] = ()  # the summary's sentences, verbatim
    facts: tuple[Fact, ...] = ()  # what is claimed of trade measures; none where the article was not read in full
    deadlines: tuple[Deadline, ...] = ()  # likewise the days that it sets
    summary: str = ""  # a model's words, which the quotes carry; "" without a writer, or where they did not
    summary_by: str = ""  # the writer's name
    awaits: tuple[str, ...] = ()  # watchlists that fire or not by what its facts do to the ledger, which is asked later

    @property
    def scored(self) -> bool:
        """False when no model could be asked and rules decided."""
        return self.scores.by != "rules"

    @property
    def wanted(self) -> bool:
        """Whether a desk wants the article: its deadlines go into the calendar."""
        return bool(self.why or self.awaits) or self.scores.labels.get("relevant", False)


NAMED = frozenset({"PERSON", "ORG", "GPE", "NORP", "LAW", "FAC", "LOC", "PRODUCT", "EVENT"})
GENRES = (
    (
        "digest",
        r"school assembly|news headlines|current affairs|top \d+ (news|stories|headlines)|horoscope|quiz\b"
        r"|morning (brief|digest)|evening (brief|digest)|newsletter|stocks to watch|trade setup|things to know",
    ),
    ("live", r"\blive\b[:,]? (updates?|blog|news)|live updates|\bupdates? live\b|\| live\b|^live\b[:|]"),
    ("opinion", r"^(opinion|editorial|column|letters?|view|analysis)\b ?[:|]|\| ?(opinion|editorial|column)\b"),
    ("explainer", r"^explain(ed|er)\b|\| ?explained\b|^what is\b|^all you need to know|\bexplained:"),
    ("question", r"\?\s*(?: - [^-]+)?$"),
)
RATE = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,4}(?:[.,]\d+)?)"
    r"(?:\s*(?:%|pc\b|per\s?cent\b|percentage points?\b)|-(?:per\s?cent)\b)",
    re.I,
)
SUM = re.compile(
    r"(?P<unit>\$|US\$|Rs\.?|₹|€|£)\s?(?P<number>\d[\d,]*(?:\.\d+)?)\s?"
    r"(?P<scale>bn|billion|b|mn|million|m|tn|trillion|crore|cr|lakh(?: crore)?)?\b",
    re.I,
)
SCALES = {"billion": "bn", "b": "bn", "million": "mn", "m": "mn", "trillion": "tn", "crore": "cr"}


def figures(text: str) -> tuple[str, ...]:
    """Percentages and sums of money in `text`, each once, in one spelling: "50%", "$59.04bn", "rs500cr"."""
    rates = [(m.start(), f"{_number(m['number']):g}%") for m in RATE.finditer(text)]
    sums = [(m.start(), _sum(m)) for m in SUM.finditer(text)]
    return tuple(dict.fromkeys(figure for _, figure in sorted(rates + sums)))


def _number(text: str) -> float:
    """A comma parts thousands where three digits follow ("3,521"), else it is the decimal one ("12,5")."""
    return float(re.sub(r",(?=\d{3}(?!\d))", "", text).replace(",", "."))


def _sum(match: re.Match[str]) -> str:
    unit = match["unit"].lower().rstrip(".").replace("us$", "$").replace("₹", "rs")
    scale = (match["scale"] or "").lower()
    return f"{unit}{match['number'].replace(',', '')}{SCALES.get(scale, scale.replace('lakh crore', 'lakhcr'))}"


def genre(title: str) -> str:
    """The kind of text, told from its title; "" for plain news."""
    return next((name for name, pattern in GENRES if re.search(pattern, title, re.IGNORECASE)), "")


def names(reading: Reading) -> tuple[Entity, ...]:
    """The entities that name somebody or some place, each text once."""
    first = {e.text: e for e in reversed(reading.entities) if e.label in NAMED}
    return tuple(sorted(first.values(), key=lambda e: e.start))


def analyze(
    article: Article,
    scores: Scores,
    *,
    reading: Reading | None = None,
    sectors: tuple[Mention, ...] = (),
    why: tuple[Why, ...] = (),
    quotes: tuple[str, ...] = (),
    facts: tuple[Fact, ...] = (),
    deadlines: tuple[Deadline, ...] = (),
) -> Analysis:
    """Everything known of one article. `reading` is None when neither scores nor watchlists asked for one."""
    return Analysis(
        article_id=article.id,
        scores=scores,
        sectors=sectors,
        entities=names(reading) if reading else (),
        figures=figures(article.whole),
        genre=genre(article.title),
        why=why,
        quotes=quotes,
        facts=facts,
        deadlines=deadlines,
    )
