"""Doubts: members of a story that may tell another event. Each article that fits them says more, until it is settled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.evidence import likely, may_join
from bot.members import Member
from bot.profiles import Profile, counted

AGAIN = 0.5  # what each new reading begins with: that most stories are not the same was counted already
MOST = 3.0  # log-odds that one article may say for or against, whatever it says


@dataclass(frozen=True, slots=True)
class Doubt:
    """`odds`: the log-odds that these members tell the story's event, by all that was read since."""

    articles: tuple[str, ...]
    odds: float

    def part(self, members: Iterable[Member]) -> tuple[tuple[Member, ...], tuple[Member, ...]]:
        """The members that are in doubt, and the rest."""
        doubted: list[Member] = []
        others: list[Member] = []
        for m in members:
            (doubted if m.article_id in self.articles else others).append(m)
        return tuple(doubted), tuple(others)


def thought_over(
    new: Profile, doubt: Doubt, members: Iterable[Member], others: Sequence[Profile], weights: Mapping[str, float]
) -> tuple[float, float] | None:
    """What an article says of a doubt over `members` of a story, `others` being the other open ones: the log-odds that it tells
    what the doubted tell, and those of the doubt as they are now. None unless it is them that it tells before all else.

    An article that tells their event and would tell that of the rest without them speaks for both being one, as a second
    reading of the same question."""
    doubted, rest = (counted(part) if part else None for part in doubt.part(members))
    if doubted is None or rest is None or not may_join(new, doubted):
        return None
    odds, place = likely(new, [*others, rest, doubted], weights)[0]
    if place <= len(others):
        return None
    without = {at: found for found, at in likely(new, [*others, rest], weights)}
    fits = without.get(len(others), -MOST) if may_join(new, rest) else -MOST
    return odds, doubt.odds + min(MOST, max(-MOST, fits)) + AGAIN
