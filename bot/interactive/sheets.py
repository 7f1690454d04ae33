"""Sheets: how the desk is doing, its watchlists and its ledger, in blocks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from bot.articles import Article
from bot.config import Config, WatchlistSetting
from bot.desk import Desk
from bot.feeds import FeedState
from bot.interactive import blocks
from bot.interactive.blocks import Block, Line
from bot.measures import Measure, day_words
from bot.ops import ending
from bot.statement import HEADINGS
from bot.statement import Line as Stated
from bot.statement import lines as stated
from bot.versions import Version
from bot.watchlists import Watchlist

FAILING = 8  # feeds that are named
SHOWN = 12  # lines of the ledger
NO_LINE = "The ledger holds nothing of that kind."


def status(
    at: Desk, states: Mapping[str, FeedState], counts: Mapping[str, int], newest: Article | None, now: datetime
) -> list[Block]:
    failing = [feed for feed in at.feeds if (state := states.get(feed.url)) and state.errors]
    unasked = sum(feed.url not in states for feed in at.feeds)
    well = len(at.feeds) - len(failing) - unasked
    ended = sum(bool(ending(one, now.date()).startswith("expired")) for one in at.watchlists)
    rows = [
        f"Feeds: {well} of {len(at.feeds)} answer, {len(failing)} fail, {unasked} not asked yet",
        *(f"• {feed.outlet}: {states[feed.url].error}" for feed in failing[:FAILING]),
        *([f"• and {len(failing) - FAILING} more"] if len(failing) > FAILING else []),
        f"Articles: {counts['articles']:,}, {counts['unread']:,} unread, {counts['unfollowed']:,} not followed yet",
        f"Alerts: {counts['alerts_queued']} queued, {counts['alerts_unknown']} of unknown fate, {counts['alerts_parked']} parked",
        f"Watchlists: {len(at.watchlists)}" + (f", {ended} of which ended" if ended else ""),
        f"Newest: {newest.title} ({newest.outlet}, {newest.published:%d %b %H:%M} UTC)"
        if newest
        else "Newest: nothing yet",
    ]
    return [blocks.rich(blocks.lines(*([blocks.text(row, limit=300)] for row in rows)))]


def watchlists(config: Config, at: Desk, last: Mapping[str, Version], today: date) -> list[Block]:
    known = {one.name: one for one in at.watchlists}
    pairs = [(one, known[one.name]) for one in config.watchlists if one.name in known]
    return blocks.fitting(
        lambda share: [blocks.rich(blocks.lines(*(_watchlist(*pair, config, last, today, share) for pair in pairs)))]
    )


def _watchlist(
    setting: WatchlistSetting, one: Watchlist, config: Config, last: Mapping[str, Version], today: date, share: float
) -> Line:
    version = last.get(one.name)
    words = [
        ending(one, today).partition(":")[0],
        f"owner {one.owner}" if one.owner else "",
        f"{version.what} by {version.who or 'nobody known'} on {day_words(version.at)}"
        if version and share > 0.3
        else "",
    ]
    told = "".join(f" · {part}" for part in words if part)
    where = [
        piece for name in setting.channels or (config.channel,) for piece in (blocks.piece(" "), blocks.channel(name))
    ]
    return [
        blocks.text(one.name, bold=True),
        blocks.piece(" →"),
        *where,
        *([blocks.piece(" "), blocks.text(told, limit=300 * share)] if told else []),
    ]


def ledger(measures: Sequence[Measure], words: str, day: date) -> list[Block]:
    """What holds of measures whose line has all the words; of all, without words."""
    wanted = words.casefold().split()
    found = [one for one in stated(measures, day) if all(word in _sought(one) for word in wanted)]
    if not found:
        return blocks.said(NO_LINE)
    return blocks.fitting(lambda share: [blocks.rich(blocks.lines(*_ledger(found, share)))])


def _sought(one: Stated) -> str:
    about = one.measure
    return " ".join(
        (about.title, one.words, about.imposer, *about.target, *about.goods, HEADINGS[one.section])
    ).casefold()


def _ledger(found: Sequence[Stated], share: float) -> Iterator[Line]:
    section = ""
    for one in found[:SHOWN]:
        if one.section != section:
            section = one.section
            yield [blocks.text(HEADINGS[section], bold=True)]
        source = f"({one.state.outlet}, {day_words(one.state.told)})"
        title = blocks.link(one.state.url, one.measure.title, limit=200 * share)
        yield [blocks.piece("• "), title, blocks.piece(": "), blocks.text(f"{one.words} {source}", limit=300 * share)]
    if len(found) > SHOWN:
        yield [blocks.text(f"and {len(found) - SHOWN} more: write words behind it, such as /tariffwatch ledger steel")]
