"""A backtest in words: a summary, a chart and short lists for people, JSON for programs."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, timedelta

from bot.backtest import CLOSELY, MOST_CLOSELY, MOST_FOLDED, NOTHING, PLAINLY, STORIES, Backtest, Found, Side
from bot.measures import day_words
from bot.messages import counted

BAR = 40  # characters of the longest
MOST_BARS = 45  # of a longer time, weeks are shown, and then months
STEPS = {1: "day", 7: "week", 30: "30 days"}
OUTLETS = 12
READ = {
    CLOSELY: "read as they are live",
    PLAINLY: f"more than {MOST_CLOSELY:,} could fire, so all were read by regular expressions, which agree with the live"
    " reader on 98 of 100 hits",
    NOTHING: "by scores alone; no word is asked for",
}
Rows = Sequence[tuple[str, str]]


def summary(result: Backtest) -> Iterator[str]:
    """What a person wants to know first."""
    span = f"{result.first_day} to {result.last_day}, {counted(result.days, 'day')}"
    yield f"{result.watchlist}: {_side(result.tried, result)}"
    yield f"on {counted(result.articles, 'article')}, {span}"
    if result.present:
        moved = f"{result.lost_count:,} hits of it are lost, {result.gained_count:,} gained"
        yield f"The present version: {_side(result.present, result)}; {moved}"


def parts(result: Backtest, notes: Sequence[str] = ()) -> Iterator[tuple[str, Rows]]:
    """Heading and rows, in two columns, of everything else that there is to tell."""
    if result.tried.alerts:
        step = next((days for days in STEPS if result.days <= MOST_BARS * days), max(STEPS))
        yield f"Alerts by {STEPS[step]}", chart(result, step)
    lists = {
        "First hits": result.first,
        "Best hits": result.best if result.tried.hits > len(result.first) else (),
        "Near misses": result.near,
        "Lost": result.lost,
        "Gained": result.gained,
    }
    for name, found in lists.items():
        if found:
            yield name, [_row(one) for one in found]
    yield "By source", _outlets(result)
    yield "How it was looked at", [*how(result), *(("archive", note) for note in notes)]


def chart(result: Backtest, step: int = 1) -> Rows:
    """A bar for each `step` days, empty ones too."""
    count: Counter[int] = Counter()
    for day, alerts in result.tried.alerts_by_day:
        count[(day - result.first_day).days // step] += alerts
    longest = max(count.values())
    return [
        (
            f"{result.first_day + timedelta(days=at * step)}",
            f"{'█' * -(-count[at] * BAR // longest)} {count[at]}".strip(),
        )
        for at in range((result.days - 1) // step + 1)
    ]


def how(result: Backtest) -> Iterator[tuple[str, str]]:
    """What was skipped, and what was read more cheaply than it is live."""
    if result.counted == STORIES:
        yield "alerts", "hits that begin a story or tell something new in one; the ledger was not asked"
    else:
        yield "alerts", f"all hits: of more than {MOST_FOLDED:,}, stories are not told apart"
    if result.quiet:
        yield "quiet", f"{result.quiet:,} hits were there before their feed was first read, and alert nobody"
    yield "not read", f"{result.ruled_out:,} articles that scores, source or letters rule out, which is certain"
    yield "judged", f"{result.judged:,} articles: {READ[result.read]}"
    if result.scored_by:
        yield "scores", "as they were given: " + ", ".join(f"{name} ({count:,})" for name, count in result.scored_by)
    if result.unscored:
        yield (
            "unscored",
            f"{result.unscored:,} articles have no score for a topic that is asked for: it cannot fire on them",
        )


def as_json(result: Backtest, notes: Sequence[str] = ()) -> str:
    told = asdict(result) | {"days": result.days, "alerts_a_day": _rate(result.tried, result)}
    return json.dumps(
        told | {"notes": [*(words for _, words in how(result)), *notes]}, ensure_ascii=False, indent=1, default=_plain
    )


def _plain(value: object) -> str:
    assert isinstance(value, date)
    return value.isoformat()


def _side(side: Side, result: Backtest) -> str:
    return f"{counted(side.hits, 'hit')}, {counted(side.alerts, 'alert')}, {_rate(side, result)} a day"


def _rate(side: Side, result: Backtest) -> float:
    rate = side.alerts / result.days
    return round(rate, 1) if rate >= 1 else float(f"{rate:.2g}")


def _row(found: Found) -> tuple[str, str]:
    because = f"short of: {found.missing}" if found.missing else ", ".join(f"“{word}”" for word in found.words[:6])
    lines = (found.title, because, found.url)
    return f"{day_words(found.published)}, {found.outlet}", "\n".join(line for line in lines if line)


def _outlets(result: Backtest) -> Rows:
    some = [outlet for outlet in result.outlets if outlet.hits or outlet.present]
    rows = [
        (o.name or "(none)", f"{o.hits:,} of {o.articles:,}" + (f"; present {o.present:,}" if result.present else ""))
        for o in some[:OUTLETS]
    ]
    rest = len(result.outlets) - len(rows)
    hits = sum(o.hits for o in some[OUTLETS:])
    return [*rows, (f"{rest:,} others", f"{hits:,} hits")] if rest else rows
