"""The ledger on the line: which articles alert, how gravely, and what the store has afterwards."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.alerts import HIGH, LOW, MEDIUM, Alert
from bot.articles import Article
from bot.facts import Fact
from bot.feeds import FeedState
from bot.ledger import enter as ledger_enter
from bot.measures import Measure
from bot.stories import Story
from tests.ledger_makers import a_fact, a_measure, a_state
from tests.line import Line, store_at
from tests.makers import CHANNEL, FEED, HOUR, NOW, a_desk, a_watchlist, an_analysis, an_article

TITLE = "US tariff on Indian shrimp"
OUTLETS = ("Deccan Ledger", "Gulf Wire", "Port and Loom", "Coromandel Post")


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(store_at(tmp_path / "store.db"))
    yield line
    line.store.close()


def read(line: Line, *told: tuple[Article, Sequence[Fact]]) -> None:
    """Articles as the analyze step leaves them, with these facts."""
    articles = [article for article, _ in told]
    line.store.save_feed(FeedState(FEED, polled_at=NOW, ok_at=NOW), articles)
    labels = ("relevant", "tariff_threat", "india_us_trade")
    line.store.save_analyses(
        [(a, an_analysis(a.id, *labels, facts=tuple(facts), quotes=(a.text,), figures=())) for a, facts in told]
    )


def hears(line: Line, id: str, *facts: Fact, hours: float = 0, **changes: Any) -> list[Alert]:
    """The alerts of one article, of some hours after NOW; all of them tell one story."""
    at = NOW + hours * HOUR
    outlet = OUTLETS[int(hours) % len(OUTLETS)]
    article = an_article(id, **{"title": TITLE, "outlet": outlet, "published": at, "first_seen": at} | changes)
    read(line, (article, facts))
    return line.pipeline.follow(at)


def told(alerts: Sequence[Alert]) -> list[tuple[str, str, str, str]]:
    return [(a.message.severity, a.message.kind, a.message.changed, a.message.facts[0].line) for a in alerts]


# a measure's life


def test_a_desk_hears_of_each_change_once_as_grave_as_it_is_and_of_no_retelling(line: Line) -> None:
    threat, order = a_fact(25, "threatened"), a_fact(25, "announced")
    assert told(hears(line, "threat", threat)) == [
        (MEDIUM, "new", "", "US → India · all goods · 25 % · threatened · reciprocal")
    ]
    assert told(hears(line, "order", order, hours=20)) == [
        (
            HIGH,
            "update",
            "25 % announced · now high, was medium",
            "US → India · all goods · 25 % · threatened → announced, not yet in force · reciprocal",
        )
    ]
    assert told(hears(line, "start", a_fact(25, "in_force"), hours=40)) == [
        (HIGH, "update", "25 % in force", "US → India · all goods · 25 % · announced → in force · reciprocal")
    ]
    fall = f"{TITLE} cuts sales by 40%"
    again = [hears(line, f"again {n}", a_fact(25, "in_force"), hours=41 + n, title=fall) for n in range(10)]
    assert again == [[]] * 10
    assert told(hears(line, "denial", a_fact(25, "denied", side="IN"), hours=60)) == [
        (MEDIUM, "update", "contradicted", "US → India · all goods · 25 % · in force, denied by New Delhi · reciprocal")
    ]
    assert told(hears(line, "ruling", a_fact(None, "struck_down", side="court"), hours=80)) == [
        (
            HIGH,
            "update",
            "25 % struck down · now high, was medium",
            "US → India · all goods · 25 % · in force → struck down · reciprocal",
        )
    ]
    story = line.store.story_of("ruling")
    assert story is not None
    assert len(story.members) == 15
    (measure,) = line.store.measures()
    assert [state.status for state in measure.states] == [
        "threatened", "announced", "in_force", "denied", "struck_down",
    ]  # fmt: skip


def test_sources_that_differ_are_told_side_by_side(line: Line) -> None:
    hears(line, "a1", a_fact(18, "agreed", side="US"))
    (alert,) = hears(line, "b1", a_fact(15, "agreed", side="IN", quote="It is 15 %, he said."), hours=1)
    (fact,) = alert.message.facts
    assert (alert.message.kind, alert.message.changed, alert.message.note) == ("update", "contradicted", "")
    assert [(c.who, c.words, c.outlet, c.url) for c in fact.claims] == [
        ("Washington", "18 % agreed", "Deccan Ledger", "https://a.example/a1"),
        ("New Delhi", "15 % agreed", "Gulf Wire", "https://a.example/b1"),
    ]
    assert alert.message.quotes[0] == "It is 15 %, he said."


def test_a_move_that_hits_others_is_told_low(line: Line) -> None:
    (alert,) = hears(line, "a1", a_fact(25, "in_force", target=("BD",)))
    assert alert.message.severity == LOW


def test_a_new_story_that_only_confirms_is_told_but_not_as_high(line: Line) -> None:
    hears(line, "a1", a_fact(25, "in_force"))
    (alert,) = hears(
        line,
        "b1",
        a_fact(25, "in_force"),
        hours=10 * 24,
        title="Carpets: weavers in India seek a fund, and US buyers wait",
        text="Fund.",
    )
    assert (alert.message.kind, alert.message.severity) == ("new", MEDIUM)
    assert alert.message.facts[0].line.endswith("known since 2 Mar 2026")


def test_an_article_without_facts_is_told_by_its_topics_as_ever(line: Line) -> None:
    (alert,) = hears(line, "a1")
    assert (alert.message.severity, alert.message.facts) == (HIGH, ())
    (update,) = hears(line, "b1", hours=1, title=f"{TITLE} to be 30%")
    assert update.message.changed == "new figure 30%"


def test_only_the_channels_whose_watchlists_fired_hear_of_a_change(line: Line) -> None:
    line.desk = a_desk(a_watchlist("tariffs"), a_watchlist("steel", "steel", channels=("#metal",)))
    hears(line, "a1", a_fact(25, "threatened"))
    (alert,) = hears(line, "b1", a_fact(25, "announced"), hours=1)
    assert alert.channel == CHANNEL


def test_an_article_with_two_changes_is_one_alert_with_a_line_for_each(line: Line) -> None:
    hears(line, "a1", a_fact(25, "threatened"))
    sentence = "Steel pays 50 per cent under Section 232."
    steel = a_fact(50, "in_force", goods=("steel",), ground="s232", target=(), quote=sentence)
    (alert,) = hears(line, "b1", steel, a_fact(25, "announced"), hours=1)
    assert [fact.line.split(" · ")[1] for fact in alert.message.facts] == ["all goods", "steel"]


def test_a_late_article_is_told_to_nobody_who_knows_the_story_and_moves_nothing(line: Line) -> None:
    hears(line, "a1", a_fact(18, "agreed"), hours=30)
    read(line, (an_article("b1", title=TITLE, published=NOW), [a_fact(15, "agreed")]))
    assert line.pipeline.follow(NOW + 31 * HOUR) == []
    assert hears(line, "c1", a_fact(18, "agreed"), hours=32) == []


def test_a_telling_that_reaches_a_channel_first_says_that_earlier_ones_differ(line: Line) -> None:
    hears(line, "a1", a_fact(18, "agreed"), hours=30, quiet=True)
    article = an_article("b1", title=TITLE, published=NOW, first_seen=NOW + 31 * HOUR)
    read(line, (article, [a_fact(15, "agreed")]))
    (alert,) = line.pipeline.follow(NOW + 31 * HOUR)
    assert alert.message.note == "this article says 15 %, earlier ones 18 %"


# batches, quiet articles, faults


def test_two_articles_of_one_batch_that_tell_one_change_make_one_alert(line: Line) -> None:
    hears(line, "a1", a_fact(25, "threatened"))
    first, second = (
        an_article(id, title=TITLE, outlet=id, published=NOW + hours * HOUR) for id, hours in (("b1", 1), ("c1", 2))
    )
    read(line, (second, [a_fact(25, "announced")]), (first, [a_fact(25, "announced")]))
    assert [alert.article_id for alert in line.pipeline.follow(NOW + 3 * HOUR)] == ["b1"]


def test_the_articles_of_a_batch_enter_in_order_of_publication(line: Line) -> None:
    early, late = (
        an_article(id, title=TITLE, outlet=id, published=NOW + n * HOUR) for n, id in enumerate(("b1", "a1"))
    )
    read(line, (late, [a_fact(18, "agreed")]), (early, [a_fact(25, "threatened")]))
    assert [alert.article_id for alert in line.pipeline.follow(NOW + 2 * HOUR)] == ["b1", "a1"]


def test_a_quiet_article_enters_the_ledger_and_alerts_nobody(line: Line) -> None:
    assert hears(line, "a1", a_fact(25, "in_force"), quiet=True) == []
    assert len(line.store.measures()) == 1
    (alert,) = hears(line, "b1", a_fact(25, "in_force"), hours=1)
    assert (alert.message.kind, alert.message.severity) == ("new", MEDIUM)


def test_an_article_of_no_interest_does_not_enter_the_ledger(line: Line) -> None:
    line.store.save_feed(FeedState(FEED, polled_at=NOW, ok_at=NOW), [an_article()])
    line.store.save_analyses([(an_article(), an_analysis(why=(), facts=(a_fact(25),)))])
    line.pipeline.follow(NOW)
    assert line.store.measures() == []


def test_a_watchlist_that_asks_for_a_change_is_answered_once_the_ledger_is(line: Line) -> None:
    line.desk = line.pipeline.desk = a_desk(a_watchlist("moved", "tariff change:changes"))
    line.store.save_feed(FeedState(FEED, polled_at=NOW, ok_at=NOW), [])
    fired = []
    for n, fact in enumerate((a_fact(25, "threatened"), a_fact(25, "threatened"), a_fact(25, "in_force"))):
        article = an_article(f"a{n}", title=TITLE, published=NOW + n * HOUR, first_seen=NOW + n * HOUR)
        line.store.save_feed(FeedState(FEED, polled_at=NOW, ok_at=NOW), [article])
        waiting = an_analysis(article.id, "relevant", why=(), facts=(fact,), awaits=("moved",))
        line.store.save_analyses([(article, waiting)])
        alerts = line.pipeline.follow(article.published)
        kept = line.store.analysis(article.id)
        assert kept is not None
        assert kept.awaits == ()
        fired.append(([why.watchlist for why in kept.why], len(alerts)))
    assert fired == [([], 0), ([], 0), (["moved"], 1)]


def test_what_waited_for_the_ledger_in_vain_and_is_not_wanted_leaves_no_trace_in_it(line: Line) -> None:
    line.desk = line.pipeline.desk = a_desk(a_watchlist("moved", "tariff change:changes"))
    article = an_article("a1", title=TITLE)
    line.store.save_feed(FeedState(FEED, polled_at=NOW, ok_at=NOW), [article])
    line.store.save_analyses([(article, an_analysis("a1", why=(), facts=(a_fact(25),), awaits=("moved",)))])
    assert line.pipeline.follow(NOW) == []
    assert (line.store.measures(), line.store.story_of("a1")) == ([], None)


def test_an_article_that_breaks_the_ledger_is_told_of_and_holds_up_no_other(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def enter(facts: Sequence[Fact], article: Article, known: Sequence[Measure]) -> tuple[Any, Any]:
        if article.id == "b1":
            raise ValueError("no such measure")
        return ledger_enter(facts, article, known)

    monkeypatch.setattr("bot.pipeline.enter", enter)
    read(line, (an_article("b1"), [a_fact(25)]), (an_article("a1"), [a_fact(25)]))
    (alert,) = line.pipeline.follow(NOW)
    assert alert.article_id == "a1"
    assert [failure["article"] for failure in line.heard("article_failed")] == ["b1"]
    (measure,) = line.store.measures()
    assert [state.article_id for state in measure.states] == ["a1"]


class Crash(BaseException):
    """The process dies here."""


class DyingStore:
    """Dies as following is to be saved; or right after it was."""

    def __init__(self, line: Line, *, saved: bool) -> None:
        self._line, self._saved = line, saved

    def save_follow(self, *parts: Any, **more: Any) -> list[Alert]:
        if self._saved:
            self._line.store.save_follow(*parts, **more)
        raise Crash

    def __getattr__(self, name: str) -> object:
        return getattr(self._line.store, name)


@pytest.mark.parametrize("saved", [False, True])
def test_a_crash_around_the_saving_leaves_the_change_and_its_alert_both_there_or_neither(
    line: Line, saved: bool
) -> None:
    read(line, (an_article(), [a_fact(25, "in_force")]))
    pipeline = line.pipeline
    pipeline.store = DyingStore(line, saved=saved)  # type: ignore[assignment]  # a store but for its death
    with pytest.raises(Crash):
        pipeline.follow(NOW)
    assert (len(line.store.measures()), len(line.store.alerts())) == ((1, 1) if saved else (0, 0))
    line.pipeline.follow(NOW)
    (measure,) = line.store.measures()
    assert len(measure.states) == len(line.store.alerts()) == 1


def test_a_batch_that_is_followed_again_makes_nothing_twice(line: Line) -> None:
    told = [(an_article("a1"), [a_fact(25, "threatened")]), (an_article("b1", outlet="Gulf Wire"), [a_fact(25)])]
    read(line, *told)
    line.pipeline.follow(NOW)
    before = line.store.measures(), line.store.alerts(), line.store.story_of("a1")

    class Again(list[Story]):
        """As if the batch had not been followed."""

        def unfollowed(self, limit: int) -> list[Any]:
            return [(a, line.store.analysis(a.id)) for a, _ in told]

        def __getattr__(self, name: str) -> object:
            return getattr(line.store, name)

    pipeline = line.pipeline
    pipeline.store = Again()  # type: ignore[assignment]  # a store but for its memory
    assert pipeline.follow(NOW) == []
    assert (line.store.measures(), line.store.alerts(), line.store.story_of("a1")) == before


# the seed


SEED = (
    a_measure(a_state(25, "in_force", -20, kind="new"), id="us-in-reciprocal"),
    a_measure(a_state(10, "in_force", -20, kind="new"), id="us-all-s122", target=("ALL",), ground="s122"),
)


def test_an_article_that_confirms_the_seed_alerts_as_known_and_writes_nothing(line: Line) -> None:
    line.seed = SEED
    (alert,) = hears(line, "a1", a_fact(25, "in_force"))
    assert alert.message.severity == MEDIUM
    assert line.store.measures() == []


def test_the_first_change_writes_the_seed_with_it_and_the_store_goes_by_that_from_then_on(line: Line) -> None:
    line.seed = SEED
    hears(line, "a1", a_fact(18, "agreed", action="cut"))
    assert {m.id: [s.rate for s in m.states] for m in line.store.measures()} == {
        "us-all-s122": [10],
        "us-in-reciprocal": [25, 18],
    }
    line.seed = (a_measure(id="us-ca", target=("CA",)),)  # another version of the program ships another one
    hears(line, "b1", a_fact(18, "in_force"), hours=1)
    assert [m.id for m in line.store.measures()] == ["us-all-s122", "us-in-reciprocal"]


def test_measures_are_read_once_for_a_batch(line: Line) -> None:
    class Counting(list[datetime]):
        def measures(self) -> list[Measure]:
            self.append(NOW)
            return line.store.measures()

        def __getattr__(self, name: str) -> object:
            return getattr(line.store, name)

    read(line, *((an_article(f"a{n}", title=f"{TITLE} {n}"), [a_fact(25)]) for n in range(5)))
    pipeline, counting = line.pipeline, Counting()
    pipeline.store = counting  # type: ignore[assignment]  # a store that counts
    pipeline.follow(NOW)
    assert len(counting) == 1
