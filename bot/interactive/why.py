"""Why: an article judged anew by every watchlist, and what came of it — fired, missed by how little, sent where — in blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.alerts import Alert
from bot.desk import Desk
from bot.dossier import ROLES, state_words
from bot.examination import Read
from bot.explanation import fact_words
from bot.interactive import blocks
from bot.interactive.blocks import Block, Line
from bot.stories import Story
from bot.verdicts import Verdict, explain_verdict, fires_in, nearest_change

TREES = 4  # of watchlists that fired
MISSES = 5
FACTS = 4
UNREAD = "It is in the store and not read yet; ask again in a minute."


@dataclass(frozen=True, slots=True)
class Account:
    """`story` and `alerts` are what the store knows of the article; `known`: whether it does. `channel`: whose watchlists alone
    are meant, "" for all; `muted_here`: whether that channel has muted the story."""

    read: Read
    at: Desk
    story: Story | None = None
    alerts: tuple[Alert, ...] = ()
    known: bool = True
    channel: str = ""
    muted_here: bool = False

    def verdicts(self) -> tuple[tuple[str, Verdict], ...]:
        named = {w.name for w in self.at.watchlists if self.channel in ("", *(w.channels or (self.at.channel,)))}
        return tuple((name, verdict) for name, verdict in self.read.verdicts if name in named)


def heading(account: Account) -> str:
    """The account in one line."""
    fired = [name for name, verdict in account.verdicts() if verdict.fired]
    title = blocks.text(account.read.article.title)["text"]
    return f"{title}: {'fired for ' + blocks.several(fired) if fired else 'no watchlist fired'}"


def why(account: Account) -> list[Block]:
    return blocks.fitting(lambda share: list(_why(account, share)))


def _why(account: Account, share: float) -> Iterator[Block]:
    fired = [(name, verdict) for name, verdict in account.verdicts() if verdict.fired]
    yield blocks.rich(blocks.lines(*_article(account), *_outcome(account, [name for name, _ in fired])))
    for name, verdict in fired[:TREES]:
        tree = blocks.preformatted(explain_verdict(verdict), 1_800 * share)
        yield blocks.rich(blocks.lines([blocks.text(f"{name} fired", bold=True)]), tree)
    rows = [*_facts(account, share), *_misses(account, share)]
    if rows:
        yield blocks.rich(blocks.lines(*rows))


def _article(account: Account) -> Iterator[Line]:
    article, scores = account.read.article, account.read.analysis.scores
    yield [blocks.link(article.url, article.title, bold=True)]
    yield [blocks.text(f"{article.outlet or 'outlet not told'} · {article.published:%d %b %Y %H:%M} UTC")]
    names = ("relevant", *scores.topics)
    marks = [f"{'✔' if scores.labels.get(n) else '✘'} {n} {scores.scores.get(n, 0):.2f}" for n in names]
    yield [blocks.text(f"Scores, by {scores.by}: {' · '.join(marks)}")]


def _outcome(account: Account, fired: Sequence[str]) -> Iterator[Line]:
    if muted := [name for name, verdict in account.read.muted if verdict.fired]:
        yield [blocks.text(f"Told to nobody: muted by {blocks.several(muted)}.", bold=True)]
    elif not fired:
        where = " of this channel" if account.channel else ""
        yield [blocks.text(f"No watchlist{where} fired.", bold=True)]
    else:
        yield [blocks.text(f"Fired: {blocks.several(fired)}.", bold=True)]
    if account.read.article.quiet:
        yield [blocks.text("It was there before its feed was first read, and so it alerts nobody.")]
    if account.muted_here:
        yield [blocks.text("Its story is muted in this channel.")]
    yield from map(_alert, account.alerts[:6])
    if not account.alerts:
        yield [blocks.text(_unsent(account))]


def _alert(alert: Alert) -> Line:
    when = f" on {alert.sent_at:%d %b %H:%M} UTC" if alert.sent_at else ""
    return [
        blocks.piece(f"{ROLES.get(alert.role, 'message').capitalize()} {state_words(alert)}: "),
        blocks.channel(alert.channel),
        blocks.piece(when or " "),
    ]


def _unsent(account: Account) -> str:
    if not account.known:
        return "The store has not seen it: it was fetched and read just now, and nothing is sent of it."
    if account.story and account.story.told:
        return "Nothing was sent of this article: its story was told already, and it adds nothing."
    return "Nothing was sent of it."


def _facts(account: Account, share: float) -> Iterator[Line]:
    facts = account.read.analysis.facts[:FACTS]
    if facts:
        yield [blocks.text("Facts", bold=True)]
    yield from ([blocks.text(fact_words(fact), limit=300 * share)] for fact in facts)


def _misses(account: Account, share: float) -> Iterator[Line]:
    """The nearest first."""
    missed = [(name, verdict) for name, verdict in account.verdicts() if not verdict.fired]
    missed.sort(key=lambda one: -fires_in(one[1]))
    if missed:
        yield [blocks.text("What would have fired instead", bold=True)]
    for name, verdict in missed[:MISSES]:
        yield [blocks.text(f"{name}: {nearest_change(verdict)}", limit=300 * share)]
    if len(missed) > MISSES:
        yield [blocks.text(f"and {len(missed) - MISSES} more watchlists that did not fire")]
