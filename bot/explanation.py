"""An explanation: every record of the line for one article, in words, and why it would or would not alert."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.alerts import QUEUED, Alert, severity
from bot.analysis import Analysis
from bot.articles import Article
from bot.deadlines import Deadline
from bot.desk import Desk
from bot.examination import Examiner, Read, why_of
from bot.facts import Fact
from bot.ledger import NEWS, SPECULATED, Change, before, enter, moves
from bot.measures import DENIED, Measure
from bot.messages import moment
from bot.reading import Reading
from bot.stories import Story
from bot.verdicts import Verdict, explain_verdict, nearest_change
from bot.vocabulary import index_reading
from bot.watchlists import judge

ARTICLE, READING, SECTORS, FACTS, LEDGER = "Article", "Reading", "Sectors", "Facts", "Ledger"
DEADLINES, QUOTES, SUMMARY = "Deadlines", "Quotes for the card", "Summary"
STORY, CONCLUSION = "Story", "Conclusion"


@dataclass(frozen=True, slots=True)
class Chapter:
    """What an explanation says of one noun."""

    title: str
    lines: tuple[str, ...]


def examined(
    article: Article, eyes: Examiner, desk: Desk, measures: Sequence[Measure], came: Article | None = None
) -> Read:
    """The article read and judged as if it had come, by all watchlists. `measures` are the ledger as it was when it came,
    which is told by `came`, the article as the store has it."""
    read = eyes.examine([article], desk, thorough=True)[0]
    changes, _ = enter(read.analysis.facts, came or read.article, measures)
    analysis, verdicts = eyes.settled(read.article, read.analysis, moves(changes), desk)
    return replace(read, analysis=analysis, verdicts=tuple((dict(read.verdicts) | dict(verdicts)).items()))


def judged(article: Article, analysis: Analysis, reading: Reading, desk: Desk, measures: Sequence[Measure]) -> Read:
    """By the watchlists as they are now, on the scores and facts that were found then. `measures` are the whole ledger."""
    index = index_reading(reading)
    moved = moves(enter(analysis.facts, article, before(article, measures))[0])
    verdicts, muted = (
        tuple((one.name, judge(one, article, index, analysis, moved)) for one in lists)
        for lists in (desk.watchlists, desk.mute)
    )
    heard = not any(verdict.fired for _, verdict in muted)
    owners = {watchlist.name: watchlist.owner for watchlist in desk.watchlists}
    why = tuple(why_of(name, one, owners[name]) for name, one in verdicts if one.fired and heard)
    return Read(article, replace(analysis, why=why, awaits=()), reading, verdicts, muted)


def explain(
    read: Read,
    desk: Desk,
    *,
    story: Story | None = None,
    alerts: tuple[Alert, ...] = (),
    measures: Sequence[Measure] = (),
) -> str:
    """Plain text, a chapter for each noun; as `chapters`."""
    told = chapters(read, desk, story=story, alerts=alerts, measures=measures)
    return "\n\n".join("\n".join([one.title, *(f"  {line}" for line in one.lines)]) for one in told)


def chapters(
    read: Read,
    desk: Desk,
    *,
    story: Story | None = None,
    alerts: tuple[Alert, ...] = (),
    measures: Sequence[Measure] = (),
) -> tuple[Chapter, ...]:
    """One for each noun. `story` and `alerts` are what the store knows of the article, if anything; `measures` the ledger as
    it was when the article came."""
    entered = entries(read, measures)
    changes = [change for _, moved in entered for change in moved]
    found = {
        ARTICLE: _article(read),
        READING: _reading(read),
        f"Topics, by {read.analysis.scores.by}": _topics(read),
        SECTORS: _sectors(read),
        FACTS: _facts(read),
        LEDGER: [line for fact, moved in entered for line in ledger_lines(fact, moved)] or ["no facts to enter"],
        DEADLINES: _deadlines(read),
        QUOTES: [f"“{quote}”" for quote in read.analysis.quotes] or ["none"],
        **({SUMMARY: _summary(read)} if read.written else {}),
        STORY: _story(story),
        **{f"Watchlist {name}": _watchlist(verdict) for name, verdict in read.verdicts},
        **{f"Mute list {name}": explain_verdict(verdict).splitlines() for name, verdict in read.muted},
        CONCLUSION: _conclusion(read, desk, changes, alerts),
    }
    return tuple(Chapter(title, tuple(lines)) for title, lines in found.items())


def _article(read: Read) -> list[str]:
    article = read.article
    return [
        f"title      {article.title}",
        f"outlet     {article.outlet or 'not told'}{' (official source)' if article.official else ''}",
        f"published  {article.published:%Y-%m-%d %H:%M} UTC",
        f"link       {article.url or 'none'}",
        f"text       {len(article.text)} characters, from {'its page' if article.from_page else 'what was given'}",
        f"genre      {read.analysis.genre or 'news'}",
    ]


def _reading(read: Read) -> list[str]:
    if read.reading is None:
        return ["not read: neither the topics nor any watchlist word asked for it"]
    names = ", ".join(f"{e.text} ({e.label})" for e in read.analysis.entities[:25])
    return [
        f"sentences  {len(read.reading.sentences)}",
        f"names      {names or 'none'}",
        f"figures    {', '.join(read.analysis.figures) or 'none'}",
    ]


def _topics(read: Read) -> list[str]:
    scores = read.analysis.scores
    names = (*scores.topics, "relevant")
    width = max(map(len, names)) + 1
    lines = [f"{'✔' if scores.labels[name] else '✘'} {name:{width}} {scores.scores[name]:.2f}" for name in names]
    spoken = ", ".join(f"{name} {term:+.1f}" for name, term in scores.terms)
    return [*lines, f"  of relevance spoke (log-odds): {spoken}"] if spoken else lines


def fact_words(fact: Fact) -> str:
    """ "US → IN · textiles · 25 % → 50 % · raise, in force · Russian oil · from 2025-08-27" """
    rate = "" if fact.rate is None else f"{fact.rate:g} %"
    parts = [
        f"{fact.imposer or '?'} → {', '.join(fact.target) or '?'}",
        ", ".join(fact.goods),
        f"{fact.rate_from:g} % → {rate}" if rate and fact.rate_from is not None else rate,
        f"{fact.action}, {fact.status}",
        fact.ground,
        f"from {fact.effective}" if fact.effective else "",
        f"until {fact.expires}" if fact.expires else "",
        "background" if fact.background else "",
    ]
    return " · ".join(part.replace("_", " ") for part in parts if part)


def _sectors(read: Read) -> list[str]:
    found: dict[str, list[str]] = {}
    for mention in read.analysis.sectors:
        word = read.article.whole[mention.start : mention.end]
        found.setdefault(mention.name, [])
        if word.lower() not in (w.lower() for w in found[mention.name]):
            found[mention.name].append(word)
    return [f"{name:16} {', '.join(words)}" for name, words in found.items()] or ["none"]


def _facts(read: Read) -> list[str]:
    facts = read.analysis.facts
    return [line for f in facts for line in (fact_words(f), f"  “{f.quote}”", f"  {decided(f)}")] or ["none"]


def decided(fact: Fact) -> str:
    """ "decided by rules", or what of it by the model"""
    return f"{' and '.join(fact.learnt)} decided by the model, the rest by rules" if fact.learnt else "decided by rules"


def entries(read: Read, measures: Sequence[Measure]) -> list[tuple[Fact, tuple[Change, ...]]]:
    """What each fact does to the ledger, one after the other."""
    known = {measure.id: measure for measure in measures}
    out = []
    for fact in read.analysis.facts:
        changes, touched = enter([fact], read.article, tuple(known.values()))
        known |= {measure.id: measure for measure in touched}
        out.append((fact, changes))
    return out


def ledger_lines(fact: Fact, changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        yield f"{change.kind:11} {change.measure.title}: {change.words}"
    if not changes:
        yield f"nothing     {fact_words(fact)}: {_idle(fact)}"


def _idle(fact: Fact) -> str:
    """Why a fact does nothing to the ledger."""
    if fact.background or fact.status == SPECULATED:
        return "background" if fact.background else "speculation"
    return "a denial of what nobody claimed" if fact.status == DENIED else "too vague to be a measure"


def _deadlines(read: Read) -> list[str]:
    return [line for one in read.analysis.deadlines for line in (deadline_words(one), f"  “{one.sentence}”")] or [
        "none"
    ]


def deadline_words(deadline: Deadline) -> str:
    """ "2026-07-06 · comments due · USTR-2026-0012 · s301 · IN · steel" """
    parts = (
        deadline.day.isoformat(),
        deadline.kind,
        *deadline.dockets,
        deadline.ground,
        *deadline.target,
        *deadline.goods,
    )
    return " · ".join(part for part in (*parts, "moved" if deadline.moved else "") if part)


def _summary(read: Read) -> list[str]:
    if read.analysis.summary:
        return [f"{read.written} (written by {read.analysis.summary_by}, carried by the quotes)"]
    return [f"dropped: {read.written}", *(f"  {doubt.words}: {doubt.why}" for doubt in read.doubts)]


def _story(story: Story | None) -> list[str]:
    if story is None:
        return ["not in the store: this article was read just now"]
    return [f"{m.published:%d %b %H:%M} {m.outlet}: {m.title} ({m.why})" for m in story.members]


def _watchlist(verdict: Verdict) -> list[str]:
    lines = explain_verdict(verdict).splitlines()
    return lines if verdict.fired else [*lines, f"nearest that would have fired: {nearest_change(verdict)}"]


def _conclusion(read: Read, desk: Desk, changes: Sequence[Change], alerts: tuple[Alert, ...]) -> list[str]:
    return [*_verdict(read, desk, changes), *map(_stored, alerts)]


def _stored(alert: Alert) -> str:
    held = f", held until {moment(alert.due)}" if alert.due and alert.state == QUEUED else ""
    receipt = f", receipt {alert.receipt}" if alert.receipt else ""
    return f"The store: {alert.role} {alert.state} for {alert.channel}{held}{receipt}"


def _verdict(read: Read, desk: Desk, changes: Sequence[Change]) -> Iterator[str]:
    why = read.analysis.why
    if muted := [name for name, verdict in read.muted if verdict.fired]:
        yield f"No alert: muted for all watchlists by {', '.join(muted)}."
        return
    if not why:
        yield "No alert: no watchlist fired."
        yield from _nearest(read)
        return
    for channel, fired in desk.channels(why).items():
        level = severity(read.analysis, desk.severities(fired), changes)
        yield f"Would alert {channel} with severity {level}: {', '.join(w.watchlist for w in fired)} fired."
    if changes and not any(change.kind in NEWS for change in changes):
        yield "But not in a story that is known: its facts only confirm the ledger."
    if read.article.quiet:
        yield "But it was there before the feed was first read, so it stays quiet."


def _nearest(read: Read) -> Iterator[str]:
    topics, scores = read.analysis.scores.topics, read.analysis.scores.scores
    best = max(topics, key=lambda name: scores[name])
    yield f"Its relevance is {scores['relevant']:.2f}; its strongest topic is {best} at {scores[best]:.2f}."
