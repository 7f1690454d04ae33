"""The desk: what people configured — feeds, watchlists, topics, channels — as one snapshot, replaced whole on reload."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from bot.analysis import Why
from bot.channels import Channel
from bot.feeds import Feed
from bot.hours import Occasion
from bot.topics import Topic
from bot.vocabulary import Vocabulary
from bot.watchlists import Watchlist


@dataclass(frozen=True, slots=True)
class Desk:
    feeds: tuple[Feed, ...]
    watchlists: tuple[Watchlist, ...]
    vocabulary: Vocabulary
    channel: str  # where a watchlist without channels of its own alerts
    topics: tuple[Topic, ...] = ()  # the users' own, learnt; none where the classifier gives no vectors
    reminder_days: tuple[int, ...] = ()  # how many days ahead of a deadline it is told again; none: never
    reminder_channel: str = ""  # "": the one above
    channel_settings: tuple[Channel, ...] = ()  # a channel without an entry hears all at once
    mute: tuple[Watchlist, ...] = ()  # what any of these finds is told to nobody; the channels of these mean nothing
    ops_channel: str = ""  # for notices of the program itself; "": nobody is told
    ops_zone: tzinfo = UTC
    heartbeat: Occasion | None = None  # when that channel hears how the program does

    def channels(self, why: Sequence[Why]) -> dict[str, tuple[Why, ...]]:
        """Which watchlists fired for each channel."""
        fired = {w.watchlist: w for w in why}
        out: dict[str, tuple[Why, ...]] = {}
        for watchlist in self.watchlists:
            if watchlist.name in fired:
                for channel in watchlist.channels or (self.channel,):
                    out[channel] = (*out.get(channel, ()), fired[watchlist.name])
        return out

    def settings_of(self, channel: str) -> Channel:
        return next((one for one in self.channel_settings if one.channel == channel), Channel(channel))

    def severities(self, why: Sequence[Why]) -> list[str]:
        fired = {w.watchlist for w in why}
        return [w.severity for w in self.watchlists if w.name in fired]
