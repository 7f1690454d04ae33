"""Trials: what a draft would have told of the last weeks, in blocks below the form."""

from collections.abc import Iterator, Sequence

from bot.backtest import Backtest, Found
from bot.interactive import blocks
from bot.interactive.blocks import Block, Line
from bot.interactive.form import VIEW_BUDGET
from bot.measures import day_words
from bot.messages import counted

DAYS = 30
NEAR = 3
NONE, BARS = "·", "▁▂▃▄▅▆▇█"  # of a day
NOTHING = "The store holds no article of the last 30 days yet, so there is nothing to try it on."
LOOKING = "Trying it on the last 30 days…"


def trial(result: Backtest | None) -> list[Block]:
    """`None`: there was nothing to try it on."""
    if result is None:
        return blocks.said(NOTHING)
    return blocks.fitting(lambda share: list(_trial(result, share)), VIEW_BUDGET)


def failed(words: str) -> list[Block]:
    """With its lines as they are: a caret stands under a letter."""
    return [blocks.rich(blocks.preformatted(words))]


def _trial(result: Backtest, share: float) -> Iterator[Block]:
    tried = result.tried
    fired = f"Would have fired {counted(tried.hits, 'time')} in {counted(result.days, 'day')}"
    rows: list[Line] = [[blocks.text(fired, bold=True)]]
    rows.append([blocks.text(f"on {counted(result.articles, 'article')}: {counted(tried.alerts, 'alert')}")])
    yield blocks.rich(blocks.lines(*rows), *([blocks.preformatted(chart(result))] if tried.alerts else []))
    rows = [
        *_list("Hits", result.best, share),
        *_list("Near misses", result.near[:NEAR], share),
        *_against(result, share),
    ]
    if rows:
        yield blocks.rich(blocks.lines(*rows))


def chart(result: Backtest) -> str:
    """A bar for each day, between the first and the last."""
    by_day = dict(result.tried.alerts_by_day)
    most = max(by_day.values())
    days = [by_day.get(result.first_day.fromordinal(result.first_day.toordinal() + at), 0) for at in range(result.days)]
    bars = "".join(BARS[-(-count * len(BARS) // most) - 1] if count else NONE for count in days)
    return f"{result.first_day:%d %b} {bars} {result.last_day:%d %b}, at most {counted(most, 'alert')} a day"


def _against(result: Backtest, share: float) -> Iterator[Line]:
    """The present version, where there is one."""
    if result.present is None:
        return
    lost, gained = counted(result.lost_count, "hit"), counted(result.gained_count, "hit")
    now = f"The present version has {counted(result.present.hits, 'hit')}; this loses {lost} and gains {gained}"
    yield [blocks.text(now, bold=True)]
    yield from _list("Lost", result.lost, share)


def _list(heading: str, found: Sequence[Found], share: float) -> Iterator[Line]:
    if found:
        yield [blocks.text(heading, bold=True)]
    for one in found:
        because = f"short of: {one.missing}" if one.missing else ", ".join(f"“{word}”" for word in one.words[:6])
        about = f"({one.outlet}, {day_words(one.published)})" + (f" — {because}" if because else "")
        title = blocks.link(one.url, one.title, limit=200 * share)
        yield [blocks.piece("• "), title, blocks.piece(" "), blocks.text(about, limit=260 * share)]
