"""Standings: what is told of how a watchlist does."""

from dataclasses import replace
from datetime import date

from bot.feedback import Share, wilson
from bot.standings import changes, days_words, hits_words, share_words, standing
from bot.versions import ADDED, CHANGED, REMOVED, Version
from tests.makers import DAY, NOW, a_desk, a_watchlist

TODAY = NOW.date()


def a_version(number: int, entry: str, what: str = CHANGED) -> Version:
    return Version("tariffs", number, NOW + number * DAY, "priya", "config.yaml", what, entry)


def test_the_last_thirty_days_are_there_each_the_oldest_first() -> None:
    hits = {TODAY: 3, date(2026, 2, 1): 2, date(2026, 1, 31): 5}
    told = standing(a_watchlist(), a_desk(), hits, None, None, TODAY)
    assert (told.days[0], told.days[-1], len(told.days)) == ((date(2026, 2, 1), 2), (TODAY, 3), 30)
    assert told.hits == 5


def test_a_watchlist_without_channels_alerts_in_the_desks_own() -> None:
    at = replace(a_desk(), channel="#trade")
    bare = replace(a_watchlist(), channels=())
    assert standing(bare, at, {}, None, None, TODAY).channels == ("#trade",)
    named = replace(bare, channels=("#sea",), until=TODAY)
    told = standing(named, at, {}, None, None, TODAY)
    assert (told.channels, told.state) == (("#sea",), "ends today: its last day is 2026-03-02")


def test_the_chart_is_told_in_words() -> None:
    days = ((date(2026, 3, 1), 0), (date(2026, 3, 2), 4), (date(2026, 3, 3), 1))
    assert hits_words(days) == "5 hits in 3 days, at most 4 on 2 Mar 2026"
    assert days_words(days) == "2 Mar 2026: 4; 3 Mar 2026: 1"
    assert hits_words(days[:1]) == "no hit in 1 day"


def test_of_few_answers_nothing_is_claimed() -> None:
    assert share_words(None) == "nobody has answered"
    assert share_words(Share("t", 3, 1, 0, None)) == "3 of 4 relevant, too few to say more: 8 are needed"
    assert share_words(Share("t", 8, 2, 1, wilson(8, 10))).startswith("8 of 10 relevant, 80% (49% to 94%); 1 duplicate")


def test_the_last_versions_come_newest_first_each_with_what_became_of_its_lines() -> None:
    kept = [a_version(1, "query: tea", ADDED), a_version(2, "query: tea OR coffee"), a_version(3, "", REMOVED)]
    told = changes(kept, 2)
    assert [one.version.number for one in told] == [3, 2]
    assert told[0].lines == ("-query: tea OR coffee",)
    assert told[1].lines == ("-query: tea", "+query: tea OR coffee")
    assert changes(kept, 5)[2].lines == ("+query: tea",)
