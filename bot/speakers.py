"""Speakers: who says what a fact claims, and for which side."""

import re
from dataclasses import dataclass

from bot.clauses import Clause, Mark

_NEAR = 4  # words between a speaker and the verb of saying
_SAID = ("threatened", "denied", "announced", "proposed", "speculated")


@dataclass(frozen=True, slots=True)
class Speaker:
    name: str  # as the text calls them; "" where the text itself tells it
    side: str  # US, IN, other, court, press


_AMERICA = ("US", "U.S.", "USA", "United States", "America")
_INSIDE = re.compile(r"\b(?:in|at|before)\s(?:the\s)?(?:US\s)?$", re.IGNORECASE)
_MINISTRY = re.compile(
    r"\b(?:(?:commerce|trade|finance|foreign)\s)?ministry(?=\s(?:has\s)?(?:said|says|den|told|announc))", re.I
)
PRESS = Speaker("", "press")


def find_speaker(told: Clause, sentence: Clause, status: str, imposer: str) -> Speaker:
    """The official, body or court that is named beside a verb of saying, or that strikes a measure down. A ministry without a
    country is that of `imposer`."""
    if status == "struck_down":
        courts = sentence.of("cues", "court")
        return Speaker(courts[0].text if courts else "", "court")
    for clause in (told, sentence):
        if (colon := _before_colon(clause)) is not None:
            return Speaker(colon.text, _side(colon.name))
        verbs = [*clause.of("cues", "speech"), *clause.of("statuses", *_SAID)]
        for verb in verbs:
            near = [
                m for m in clause.of("countries") if _is_beside(m, verb) and not _INSIDE.search(clause.before(m.start))
            ]
            if (who := next((m for m in near if not _is_plain(m, clause)), None)) is not None:
                return Speaker(who.text, _side(who.name))
    if imposer and (ministry := _MINISTRY.search(sentence.words)):
        return Speaker(ministry.group(), _side(imposer))
    modest = [m for m in told.of("cues", "modest") if m.text[0].isupper()]
    return Speaker(modest[0].text, "other") if modest else PRESS


def _side(country: str) -> str:
    return country if country in ("US", "IN") else "other"


def _before_colon(clause: Clause) -> Mark | None:
    """The speaker of "Goyal: no zero duty"."""
    first = next(iter(clause.of("countries")), None)
    named = first is not None and first.start == clause.start and clause.text[first.end : first.end + 2] == ": "
    return first if first is not None and named and not _is_plain(first, clause) else None


def _is_beside(mark: Mark, verb: Mark) -> bool:
    led = 0 < verb.first - mark.last <= 2
    return led or (verb.kind == "cues" and 0 < mark.first - verb.last <= _NEAR)


def _is_plain(mark: Mark, clause: Clause) -> bool:
    """A country's own name: it acts, but it is nobody who speaks."""
    return mark.text in _AMERICA or (mark.text.istitle() and not _is_official(mark, clause))


def _is_official(mark: Mark, clause: Clause) -> bool:
    capital = any(cue.start <= mark.start and mark.end <= cue.end for cue in clause.of("cues", "capital"))
    return capital or mark.name == "US" or " " in mark.text
