"""A dry run: the same past articles under two desks, and in words what became of each watchlist."""

from dataclasses import replace

from bot.analysis import Analysis
from bot.articles import Article
from bot.dry_run import changes, dry_run, told
from bot.nlp.keywords import PlainReader
from tests.makers import a_desk, a_watchlist, an_analysis, an_article

READ = PlainReader().read


def past(*titles: str) -> list[tuple[Article, Analysis]]:
    ids = enumerate(titles)
    return [(an_article(f"a{n}", title=title, text=""), an_analysis(f"a{n}", why=())) for n, title in ids]


STEEL, TEA, BOTH = "A tariff on steel", "Tea prices", "Tea and a tariff"
BEFORE = a_desk(a_watchlist("tea", "tea"), a_watchlist("steel", "steel"))
AFTER = a_desk(a_watchlist("tea", "tea tariff"), a_watchlist("duty", "tariff"))


def test_what_each_desk_finds_is_counted() -> None:
    run = dry_run(past(STEEL, TEA, BOTH), BEFORE, AFTER, READ, lambda: True)
    assert (run.articles, run.before, run.now) == (3, {"tea": 2, "steel": 1}, {"tea": 1, "duty": 2})


def test_what_is_muted_is_hit_by_nobody() -> None:
    muted = replace(BEFORE, mute=(a_watchlist("prices", "prices"),))
    run = dry_run(past(TEA, BOTH), BEFORE, muted, READ, lambda: True)
    assert (run.before["tea"], run.now["tea"]) == (2, 1)


def test_when_its_time_is_up_it_says_how_far_it_came() -> None:
    left = iter([True, True, False])
    run = dry_run(past(STEEL, TEA, BOTH), BEFORE, AFTER, READ, lambda: next(left))
    assert (run.articles, run.now) == (2, {"duty": 1})


def test_each_watchlist_that_is_not_as_it_was_has_its_line() -> None:
    run = dry_run(past(STEEL, TEA, BOTH), BEFORE, AFTER, READ, lambda: True)
    assert [told(run, *change) for change in changes(BEFORE.watchlists, AFTER.watchlists)] == [
        "changed tea: hits 1 of the last 3 articles, 2 before",
        "new duty: hits 2 of the last 3 articles",
        "removed steel: hit 1 of the last 3 articles",
    ]


def test_what_was_compiled_anew_and_says_the_same_has_not_changed() -> None:
    again = a_desk(a_watchlist("tea", "tea"), a_watchlist("steel", "steel"))
    assert changes(BEFORE.watchlists, again.watchlists) == ()
    assert changes((a_watchlist(),), (a_watchlist(owner="Priya"),)) == (("changed", "tariffs"),)
