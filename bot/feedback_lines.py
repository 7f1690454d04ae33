"""Feedback in words: tables for people, JSON for programs."""

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from bot.feedback import ENOUGH, Interval, Report, Seen, Share, Suggestion
from bot.measures import day_words
from bot.messages import counted

OUTLETS = 12
LISTED = 10  # articles of one kind that a suggestion names
EMPTY = (
    "Nobody has answered{since}. Answer with the buttons of a card, or with"
    " `tariffwatch feedback add URL --relevant` (or `--not-relevant`)."
)
Rows = Sequence[tuple[str, str]]


def summary(told: Report) -> Iterator[str]:
    """What a person wants to know first."""
    share = told.all
    yield f"{_many(told.answers, 'answer')} by {_many(told.people, 'person', 'people')} on {_many(told.articles, 'article')}"
    yield f"All: {figures(share)}"
    if told.disputed:
        yield f"{_many(len(told.disputed), 'article')} left out of all figures, because people differ on them"


def parts(told: Report) -> Iterator[tuple[str, Rows]]:
    """Heading and rows, in two columns, of everything else that there is to tell."""
    lists = {"By watchlist": told.watchlists, "By topic": told.topics, "By outlet": told.outlets[:OUTLETS]}
    for name, shares in lists.items():
        if shares:
            yield name, [(share.name or "(none)", figures(share)) for share in shares]
    if told.reasons:
        yield (
            "Why not relevant",
            [
                (one.name.replace("_", " "), f"{_many(one.answers, 'answer')}{_percent(one.share)}")
                for one in told.reasons
            ],
        )
    if told.disputed:
        yield "People differ on", [_row(seen) for seen in told.disputed]


def suggested(one: Suggestion) -> Iterator[tuple[str, str]]:
    """What a suggestion would have changed."""
    wrong, right = len(one.dropped_wrong), len(one.dropped_right)
    yield "would have dropped", f"{wrong} of {one.wrong} wrong and {right} of {one.right} right"
    yield "log-odds", f"{one.log_odds.value:.1f} ({one.log_odds.low:.1f} to {one.log_odds.high:.1f})"
    for name, dropped in (("wrong", one.dropped_wrong), ("right", one.dropped_right)):
        if dropped:
            yield name, _titles(dropped)


def trial(one: Suggestion) -> str:
    """The command that tries it on the past, in one line, to be copied."""
    return shlex.join(["tariffwatch", "backtest", "--watchlist", one.watchlist, "--query", one.query])


def as_json(told: Report) -> str:
    return json.dumps(asdict(told), ensure_ascii=False, indent=1, default=_plain)


def _plain(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def figures(share: Share) -> str:
    """ "12 of 15 relevant, 80 % (55–93 %); 2 duplicates or old" """
    of = share.right + share.wrong
    few = f", too few to say more: {ENOUGH} are needed" if share.precision is None else ""
    aside = f"; {counted(share.aside, 'duplicate')} or old" if share.aside else ""
    return f"{share.right} of {of} relevant{_percent(share.precision)}{few}{aside}"


def _percent(share: Interval | None) -> str:
    return f", {share.value:.0%} ({share.low:.0%} to {share.high:.0%})" if share else ""


def _titles(dropped: Sequence[Seen]) -> str:
    rest = len(dropped) - LISTED
    shown = [f"{seen.title} ({seen.outlet})" for seen in dropped[:LISTED]]
    return "\n".join([*shown, f"and {rest} more"] if rest > 0 else shown)


def _row(seen: Seen) -> tuple[str, str]:
    return f"{day_words(seen.published)}, {seen.outlet}", f"{seen.title}\n{seen.url}".strip()


def _many(count: int, thing: str, things: str = "") -> str:
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"
