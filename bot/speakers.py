"""Speakers: who says what a fact claims, and for which side."""

from dataclasses import dataclass

from bot.clauses import Clause, Mark

_NEAR = 4  # words between a speaker and the verb of saying
_SAID = ("threatened", "denied", "announced", "proposed", "speculated")


@dataclass(frozen=True, slots=True)
class Speaker:
    name: str  # as the text calls them; "" where the text itself tells it
    side: str  # US, IN, other, court, press


_AMERICA = ("US", "U.S.", "USA", "United States", "America")
PRESS = Speaker("", "press")


def find_speaker(told: Clause, sentence: Clause, status: str) -> Speaker:
    """The official, body or court that is named beside a verb of saying, or that strikes a measure down."""
    if status == "struck_down" and (courts := sentence.of("cues", "court")):
        return Speaker(courts[0].text, "court")
    for clause in (told, sentence):
        verbs = [*clause.of("cues", "speech"), *clause.of("statuses", *_SAID)]
        for verb in verbs:
            near = [m for m in clause.of("countries") if _is_beside(m, verb)]
            if (who := next((m for m in near if not _is_plain(m, clause)), None)) is not None:
                return Speaker(who.text, who.name if who.name in ("US", "IN") else "other")
    modest = [m for m in told.of("cues", "modest") if m.text[0].isupper()]
    return Speaker(modest[0].text, "other") if modest else PRESS


def _is_beside(mark: Mark, verb: Mark) -> bool:
    led = 0 < verb.first - mark.last <= 2
    return led or (verb.kind == "cues" and 0 < mark.first - verb.last <= _NEAR)


def _is_plain(mark: Mark, clause: Clause) -> bool:
    """A country's own name: it acts, but it is nobody who speaks."""
    return mark.text in _AMERICA or (mark.text.istitle() and not _is_official(mark, clause))


def _is_official(mark: Mark, clause: Clause) -> bool:
    capital = any(cue.start <= mark.start and mark.end <= cue.end for cue in clause.of("cues", "capital"))
    return capital or mark.name == "US" or " " in mark.text
