"""A message: what an alert says, laid out for people before any sink's markup; and the words every sink puts it in."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from bot.analysis import TOPICS, Analysis, Why
from bot.articles import Article
from bot.faithfulness import Doubt, doubtful_figures, unsupported
from bot.measures import day_words
from bot.vocabulary import Vocabulary

NEW = "new"  # the kind of a story's card
MOST_QUOTES = 3
# What of a message is long.
BULK = ("quotes", "why", "topics", "sectors", "sources", "facts", "lines", "sections", "followers")
OWN_WORDS = re.compile(  # counts, sides and the ledger's own dates: no outlet's
    r"^(?:new figure|new fact|official:)\s| and \d+ more\b|, denied by [\w ]+| · (?:known since|since then) [^·]+"
)
IST = timezone(timedelta(hours=5, minutes=30), "IST")  # India keeps no summer time
TOPIC_NAMES = {
    "india_us_trade": "India–US trade",
    "tariff_threat": "tariff threat",
    "sensitive_sectors": "sensitive sectors",
}
NOTES = {
    "digest": "digest of several stories",
    "live": "live page, still changing",
    "opinion": "opinion, not news",
    "explainer": "explainer, not news",
    "question": "the headline asks, it does not say",
}


@dataclass(frozen=True, slots=True)
class Source:
    outlet: str
    title: str
    url: str
    published: datetime
    official: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """One side of a contradiction."""

    who: str  # "Washington", or the outlet's name
    words: str  # "18 % agreed, from 7 Feb 2026"
    outlet: str
    url: str
    told: datetime


@dataclass(frozen=True, slots=True)
class FactLine:
    """What an article tells of one trade measure."""

    line: str  # "US → India · textiles · 25 % → 50 % · in force"
    quote: str = ""  # the sentence that carries it
    claims: tuple[Claim, ...] = ()  # where sources differ: both
    brief: str = ""  # of the line what a glance takes in: "US → India · 25 % → 50 %"
    measure: str = ""  # its id
    gravity: str = ""  # "high", "medium", "low"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a section, a link where it has a URL."""

    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """All plain text, unescaped and uncut: each sink escapes and cuts for itself."""

    id: str  # the alert's id: goes into Slack's metadata, so that a message can be found again
    kind: str  # "new" story, "update", "reminder" of a deadline, "digest", or "notice" of the program itself
    severity: str  # "high", "medium", "low"
    headline: str
    url: str
    quotes: tuple[str, ...]
    why: tuple[Why, ...]
    topics: tuple[tuple[str, float], ...]  # (label, score), picked ones first; unscored: the picked ones only
    sectors: tuple[str, ...]
    sources: tuple[Source, ...]  # outlets that tell the story, earliest first
    scored: bool  # False: no model was at hand, the card says "unscored"
    changed: str = ""  # for an update: what is new, in words
    note: str = ""  # genre or caveat ("opinion, not news")
    facts: tuple[FactLine, ...] = ()  # of trade measures, the weightiest first
    summary: str = ""  # a model's words; only where the headline and the quotes carry them
    summary_by: str = ""
    by: Source | None = None  # the article itself; of a story's card, the one that told the last change
    publishers: int = 0  # how many tell the story independently; 0: not counted
    lines: tuple[str, ...] = ()  # what a notice tells
    relevance: float | None = None  # the model's probability that a desk wants it; None where nothing was scored
    sections: tuple[Section, ...] = ()  # of a digest
    whole: str = ""  # the command that shows all of it, where a sink has to cut
    followers: tuple[str, ...] = ()  # ids of the people who are called by it, because they follow the story


def slim(message: Message) -> Message:
    """What names a message that was sent long ago, without what it said at length."""
    bare: dict[str, Any] = dict.fromkeys(BULK, ())
    return replace(message, **bare, changed="", note="", summary="", summary_by="")


def compose(
    alert_id: str,
    kind: str,
    severity: str,
    article: Article,
    analysis: Analysis,
    why: tuple[Why, ...],
    sources: tuple[Source, ...],
    changed: str = "",
    facts: tuple[FactLine, ...] = (),
    caveat: str = "",
    publishers: int = 0,
) -> Message:
    """`why` are the watchlists of the channel written to; `sources` all articles of the story, in any order; `caveat` is
    what to beware of besides the genre; `publishers` how many of the sources are independent."""
    told = Source(article.outlet, article.title, article.url, article.published, article.official)
    return Message(
        id=alert_id,
        kind=kind,
        severity=severity,
        headline=article.title,
        url=article.url,
        quotes=tuple(_quoted(article.title, [f.quote for f in facts], analysis.quotes))[:MOST_QUOTES],
        why=tuple(replace(one, verdict=None) for one in why),
        topics=_topics(analysis),
        sectors=tuple(name for name, _ in Counter(m.name for m in analysis.sectors).most_common()),
        sources=_outlets(sources or (told,)),
        scored=analysis.scored,
        changed=changed,
        note=" · ".join(part for part in (NOTES.get(analysis.genre, analysis.genre), caveat) if part),
        facts=facts,
        summary=analysis.summary,
        summary_by=analysis.summary_by,
        by=told,
        publishers=publishers,
        relevance=analysis.scores.scores.get("relevant") if analysis.scored else None,
    )


def _quoted(title: str, carrying: Iterable[str], others: Iterable[str]) -> Iterator[str]:
    """The sentences that carry the facts, then the summary's; none twice, and none that is the headline."""
    headline, seen = _bare(title), list[str]()
    for quote in (*carrying, *others):
        bare = _bare(quote)
        if bare and bare not in headline and not any(bare in other or other in bare for other in seen):
            seen.append(bare)
            yield quote


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def faithful(
    message: Message, spare: Sequence[str], ledger: Sequence[str], vocabulary: Vocabulary, published: date
) -> tuple[Message, tuple[tuple[str, tuple[Doubt, ...]], ...]]:
    """The message with no words of ours that the outlets, the headline and the quotes do not carry; and what was dropped,
    why. Where one of the `spare` sentences of the article carries them, it takes the last quote's place. Lines of the
    ledger may also rest on the sentences that it keeps of their measures."""
    dropped: list[tuple[str, tuple[Doubt, ...]]] = []

    def doubts(words: str, *more: str) -> tuple[Doubt, ...]:
        shown = (message.headline, *message.quotes, *(s.outlet for s in message.sources), *more)
        if words == message.summary:
            return unsupported(words, shown, vocabulary, published)
        return doubtful_figures(OWN_WORDS.sub("", words), (*shown, *ledger), vocabulary, published)

    for part in ("changed", "summary"):
        words = getattr(message, part)
        if not words or not (why := doubts(words)):
            continue
        more = next((sentence for sentence in spare if not doubts(words, sentence)), "")
        dropped += [] if more else [(words, why)]
        kept: dict[str, Any] = {"quotes": (*message.quotes[: MOST_QUOTES - 1], more)} if more else {part: ""}
        message = replace(message, **kept)
    told = [(fact, doubts(fact.line, fact.quote)) for fact in message.facts]
    dropped += [(fact.line, why) for fact, why in told if why]
    return replace(message, facts=tuple(fact for fact, why in told if not why)), tuple(dropped)


def _topics(analysis: Analysis) -> tuple[tuple[str, float], ...]:
    """Rules know no probability: of theirs only the picked labels mean anything. Of the users' own topics, which may be
    many, only those are shown that say yes."""
    scores, labels = analysis.scores.scores, analysis.scores.labels
    shown = [t for t in analysis.scores.topics if labels.get(t) or (analysis.scored and t in TOPICS)]
    return tuple((t, scores[t]) for t in sorted(shown, key=lambda t: (not labels.get(t), -scores[t])))


def _outlets(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Each outlet once, by its first article: a desk wants to know who had it, and since when."""
    first: dict[str, Source] = {}
    for source in sorted(sources, key=lambda s: s.published):
        first.setdefault(source.outlet, source)
    return tuple(first.values())


def heading(message: Message) -> str:
    """Severity first, then what kind of news it is: "HIGH · update: new figure 26%"."""
    known = "last change" if message.kind == NEW else message.kind
    kind = f"{known}: {message.changed}" if message.changed else message.kind
    return one_line(" · ".join(part for part in (message.severity.upper(), kind, message.note) if part))


def glance(message: Message) -> str:
    """What a phone shows first: severity, and the weightiest fact in brief; without facts, what is new or what it is about."""
    fact = next((one_line(fact.brief or fact.line) for fact in message.facts), "")
    about = fact or message.changed or ", ".join(message.sectors[:2]).replace("_", " ")
    kind = "" if about and message.kind == NEW else message.kind
    return one_line(" · ".join(part for part in (message.severity.upper(), kind, about) if part))


def last_change(message: Message) -> str:
    """Of a story that went on: "Last change: 50 % announced"; "" of one that did not, and of what is no story's card."""
    return one_line(f"Last change: {message.changed}") if message.changed and message.kind == NEW else ""


def beside(message: Message) -> str:
    """What stands by the headline: of an update, what is new where no fact says it; and what to beware of."""
    new = message.changed if message.kind != NEW and message.facts else ""
    return one_line(" · ".join(part for part in (f"What is new: {new}" if new else "", message.note) if part))


def publishers(message: Message) -> str:
    """ "4 publishers" """
    return counted(message.publishers, "publisher") if message.publishers else ""


def headline(message: Message) -> str:
    return one_line(message.headline) or "(no headline)"


def facts(message: Message) -> tuple[str, ...]:
    """One line a fact, and under it who says what of it where sources differ."""
    return tuple(line for fact in message.facts for line in (one_line(fact.line), *map(claim_words, fact.claims)))


def claim_words(claim: Claim) -> str:
    return f"{says(claim)} ({claim_source(claim)})"


def says(claim: Claim) -> str:
    return one_line(f"{claim.who} says: {claim.words}")


def claim_source(claim: Claim) -> str:
    """The outlet, unless it is who says so, and the day."""
    return one_line(", ".join([*([claim.outlet] if claim.outlet != claim.who else []), day_words(claim.told)]))


def notes(message: Message) -> tuple[str, ...]:
    """The lines of a notice."""
    return tuple(line for line in map(one_line, message.lines) if line)


def quotes(message: Message) -> tuple[str, ...]:
    return tuple(f"“{quote}”" for quote in map(one_line, message.quotes) if quote)


def written(message: Message) -> str:
    """A model's summary, marked as such; "" where there is none."""
    words = one_line(message.summary)
    return f"Summary (written by {one_line(message.summary_by) or 'a model'}): {words}" if words else ""


def reasons(message: Message) -> tuple[str, ...]:
    """One line a watchlist that fired: its name, whose it is, and the words, facts and scores that made it fire."""
    grounds = ((_owned(why), (*(f"“{word}”" for word in why.words), *why.grounds)) for why in message.why)
    return tuple(one_line(f"{name}: {', '.join(said)}" if said else name) for name, said in grounds)


def _owned(why: Why) -> str:
    return f"{why.watchlist} ({why.owner})" if why.owner else why.watchlist


def section_title(section: Section) -> str:
    return f"{one_line(section.title)} ({len(section.lines)})"


def counted(number: int, what: str, several: str = "") -> str:
    """ "1 feed", "2,000 feeds", "3 stories" """
    return f"{number:,} {what if number == 1 else several or f'{what}s'}"


def more_words(more: int, what: str) -> str:
    """ "and 3 more lines"; "" for none."""
    return f"and {counted(more, f'more {what}')}" if more > 0 else ""


def whole_words(message: Message) -> str:
    """Where a digest that a sink had to cut can be read whole."""
    return one_line(f"All of it: {message.whole}") if message.whole else ""


def topics(message: Message) -> str:
    names = [(one_line(TOPIC_NAMES.get(label, label.replace("_", " "))), score) for label, score in message.topics]
    if message.scored:
        return " · ".join(f"{name} {score:.0%}" for name, score in names)
    return " · ".join(["unscored: no model was at hand, rules decided", *(name for name, _ in names)])


def moment(at: datetime) -> str:
    """In New Delhi and in UTC, whose day is named only where it differs: "2 Nov 2026 02:30 IST (1 Nov 21:00 UTC)"."""
    here, there = at.astimezone(IST), at.astimezone(UTC)
    day = "" if here.date() == there.date() else f"{there.day} {there:%b} "
    return f"{here.day} {here:%b} {here.year} {here:%H:%M} IST ({day}{there:%H:%M} UTC)"


def one_line(text: str) -> str:
    """`text` on one line, without control, bidi and invisible characters: those forge lines and reverse words."""
    return re.sub(r"\s+", " ", visible(text)).strip()


def visible(text: str) -> str:
    """`text` without control, bidi and invisible characters; ends of lines become spaces.

    Joiners stay: Indian scripts and emoji are written with them. Half a surrogate pair, which no sink can write,
    becomes �.
    """
    return "".join(map(_visible, text)) if not text.isascii() or not text.isprintable() else text


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":
        return "�"
    if category in ("Cc", "Zl", "Zp"):
        return " " if character.isspace() else ""
    return "" if category == "Cf" and character not in "\u200c\u200d" else character
