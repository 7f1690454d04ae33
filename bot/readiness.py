"""Readiness: what keeps a running desk from doing its work, in words, and how many feeds are in which condition."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from bot.calls import STEPS
from bot.feeds import Feed, FeedState
from bot.meter import Meter

RULES = "rules"  # the name of what stands in for a model
NEEDED = ("collect", "read", "deliver")  # ticks without which nothing is told
OK, FAILING, WAITING, NEW = "ok", "failing", "asked_to_wait", "new"


def unready(meter: Meter, model: str, store: str, workers: Collection[str] | None = None) -> list[str]:
    """`model` is what scores articles, `store` what the database said to a write, "" for nothing; `workers` which steps somebody
    does, where that is not this process."""
    ticks = meter.ticks
    collected = workers is not None or ("collect" in ticks and ticks["collect"].ok_at)
    idle = [step for step in STEPS if workers is not None and step not in workers]
    return [
        *(["model: none is loaded, rules decide and cards say unscored"] if model == RULES else []),
        *([f"store: {store}"] if store else []),
        *([f"sink: takes nothing: {meter.refused}"] if meter.refused else []),
        *([] if collected else ["feeds: not all were asked yet"]),
        *([f"workers: nobody does {', '.join(idle)}: start `tariffwatch worker`"] if idle and not store else []),
        *(f"{name}: fails: {ticks[name].error}" for name in NEEDED if name in ticks and ticks[name].error),
    ]


def feed_conditions(feeds: Iterable[Feed], states: Mapping[str, FeedState], now: datetime) -> Mapping[str, int]:
    """How many feeds are in each condition; all four are named."""
    found = Counter(_condition(states.get(feed.url), now) for feed in feeds)
    return {condition: found[condition] for condition in (OK, FAILING, WAITING, NEW)}


def _condition(state: FeedState | None, now: datetime) -> str:
    if state is None or not (state.error or state.ok_at):
        return NEW
    if state.not_before and state.not_before > now:
        return WAITING
    return FAILING if state.error else OK  # also while it is our own network that fails, and no errors are counted
