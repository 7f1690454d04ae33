"""Sheets: how the desk is doing, its watchlists and its ledger, in blocks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, tzinfo

from bot.config import Config, WatchlistSetting
from bot.desk import Desk
from bot.heartbeat import Pulse, headline, lines
from bot.interactive import blocks
from bot.interactive.blocks import Block, Line
from bot.measures import Measure, day_words
from bot.ops import ending
from bot.statement import HEADINGS
from bot.statement import Line as Stated
from bot.statement import lines as stated
from bot.versions import Version
from bot.watchlists import Watchlist

TOLD = 20  # lines of the status
SHOWN = 12  # lines of the ledger
NO_LINE = "The ledger holds nothing of that kind."


def status(pulse: Pulse, zone: tzinfo) -> list[Block]:
    rows = (headline(pulse), *lines(pulse, zone, TOLD))
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
