"""The line: collect, analyze, follow, deliver, over plain plugs and a real database."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.actions import MUTE_STORY, UNMUTE_STORY
from bot.alerts import DEAD, HIGH, LOW, MOST_LOST, PARKED, QUEUED, SENDING, SENT, UNKNOWN, Alert
from bot.analysis import Analysis
from bot.articles import Article
from bot.desk import Desk
from bot.errors import (
    ChannelRefused,
    MessageRefused,
    OutcomeUnknown,
    SinkBusy,
    SinkDown,
    StoreError,
)
from bot.feeds import FeedState, Fetched
from bot.messages import Message
from bot.pipeline import KEPT, STORIES_OPEN
from bot.ports import Store
from bot.reading import Reading
from bot.relevance import RelevanceStep
from bot.stories import Story, Update
from bot.stories import follow as stories_follow
from bot.summaries import Quote
from bot.vocabulary import term_from
from tests.line import EchoWriter, GlancingClassifier, Line, store_at
from tests.makers import (
    CHANNEL,
    DAY,
    FEED,
    HOUR,
    MINUTE,
    NOW,
    SENSES,
    a_desk,
    a_feed,
    a_topic,
    a_watchlist,
    an_action,
    an_article,
    an_entry,
)

SECOND = timedelta(seconds=1)
OTHER = "https://b.example/rss"
PAGE = "https://a.example/a1"


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(store_at(tmp_path / "store.db"))
    yield line
    line.store.close()


# summaries


def test_a_summary_that_the_quotes_carry_is_stored_and_stands_on_the_card_with_them(line: Line) -> None:
    line.writer = EchoWriter("The tariff on shrimp will go up to 25%.")
    (alert,) = line.told(an_article())
    assert (alert.message.summary, alert.message.summary_by) == ("The tariff on shrimp will go up to 25%.", "echo")
    assert alert.message.quotes == (an_article().text,)
    stored = line.store.analysis("a1")
    assert stored is not None
    assert stored.summary == alert.message.summary


def test_a_summary_that_they_do_not_carry_is_dropped_and_told_why(line: Line) -> None:
    line.writer = EchoWriter("The tariff on shrimp will go up to 52%.")
    (alert,) = line.told(an_article())
    assert (alert.message.summary, alert.message.quotes) == ("", (an_article().text,))
    (told,) = line.heard("summary_dropped")
    assert "52%: this number stands in no quoted sentence" in str(told["why"])


def test_the_writer_sees_the_headline_and_the_quotes_of_what_may_alert_and_nothing_else(line: Line) -> None:
    writer = line.writer = EchoWriter("")
    line.told(an_article(), an_article("b1", title="Monsoon reaches Kerala", text="Rain fell in Kochi on Monday."))
    assert writer.texts == [f"{an_article().title}\n{an_article().text}"]
    assert line.heard("summary_dropped") == []


def test_a_writer_that_fails_is_told_once_a_batch_and_holds_no_alert_back(line: Line) -> None:
    line.writer = EchoWriter(RuntimeError("out of memory"))
    assert len(line.told(an_article(), an_article("b1", title="US to raise tariff on steel to 50%"))) == 2
    assert [told["error"] for told in line.heard("writer_failed")] == ["out of memory"]


# collect


def test_what_a_feed_shows_is_stored_and_counted(line: Line) -> None:
    line.publish(an_entry("a1"), an_entry("a2"))
    assert line.pipeline.collect(NOW) == 2
    assert {article.url for article in line.store.unread(10)} == {PAGE, "https://a.example/a2"}
    assert line.heard("feed_polled") == [{"feed": FEED, "status": 200, "items": 2, "new": 2}]


def test_a_poll_counts_from_when_its_turn_came(line: Line) -> None:
    line.publish(an_entry())
    line.fetcher.web[FEED] = replace(line.fetcher.web[FEED], waited=3 * MINUTE)
    line.pipeline.collect(NOW)
    assert line.store.feed_states()[FEED].polled_at == NOW + 3 * MINUTE
    line.store.save_states([FeedState(FEED)])
    line.pipeline.enrol()
    line.pipeline.collect_claimed(NOW, "one")
    assert line.store.feed_states()[FEED].polled_at == NOW + 3 * MINUTE


def test_a_feed_that_is_not_due_is_not_asked_but_at_once_it_is_as_far_as_politeness_allows(line: Line) -> None:
    line.publish(an_entry())
    line.pipeline.collect(NOW)
    assert line.pipeline.collect(NOW + 12 * MINUTE) == 0
    assert len(line.fetcher.asked) == 1
    line.pipeline.collect(NOW + 5 * MINUTE, at_once=True)
    assert len(line.fetcher.asked) == 1
    line.pipeline.collect(NOW + 12 * MINUTE, at_once=True)
    assert len(line.fetcher.asked) == 2


@pytest.mark.fault("P01", "P04")
def test_the_second_poll_sends_back_the_validators_of_the_first(line: Line) -> None:
    line.publish(an_entry(), etag='W/"7"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT")
    line.pipeline.collect(NOW)
    line.pipeline.collect(NOW + HOUR)
    first, second = (dict(request.headers) for request in line.fetcher.asked)
    assert first == {}
    assert second == {"If-None-Match": 'W/"7"', "If-Modified-Since": "Mon, 02 Mar 2026 09:00:00 GMT"}


def test_a_feed_that_has_not_changed_is_not_read_again(line: Line) -> None:
    line.publish(an_entry(), etag='"7"')
    line.pipeline.collect(NOW)
    line.pipeline.collect(NOW + HOUR)  # the same bytes
    line.fetcher.web[FEED] = Fetched(FEED, 304)
    line.pipeline.collect(NOW + 2 * HOUR)
    assert line.parser.parsed == [FEED]
    state = line.store.feed_states()[FEED]
    assert (state.ok_at, state.etag, state.items) == (NOW + 2 * HOUR, '"7"', 1)


def test_a_feed_that_fails_is_noted_and_holds_up_no_other(line: Line) -> None:
    line.desk = a_desk(feeds=[a_feed("https://gone.example/rss"), a_feed()])
    line.publish(an_entry())
    assert line.pipeline.collect(NOW) == 1
    states = line.store.feed_states()
    assert (states["https://gone.example/rss"].errors, states[FEED].errors) == (1, 0)
    (failure,) = line.heard("feed_failed")
    assert failure["error"] == "dns: no such host"


@pytest.mark.fault("P33", "P36")
def test_a_document_that_is_no_feed_is_a_failure_and_its_validators_are_not_kept(line: Line) -> None:
    line.fetcher.web[FEED] = Fetched(FEED, 200, b"<html>", etag='"7"')
    assert line.pipeline.collect(NOW) == 0
    state = line.store.feed_states()[FEED]
    assert (state.errors, state.error, state.etag) == (1, "protocol: this is no feed", None)


def test_what_was_there_at_first_sight_is_quiet_and_what_comes_later_is_not(line: Line) -> None:
    line.publish(an_entry("a1"))
    line.pipeline.collect(NOW)
    line.publish(an_entry("a2"), an_entry("a1"))
    assert line.pipeline.collect(NOW + HOUR) == 1
    quiet = {article.url[-2:]: article.quiet for article in line.store.unread(10)}
    assert quiet == {"a1": True, "a2": False}


@pytest.mark.parametrize("error", [RecursionError("too deep"), KeyError("title")])
def test_a_document_that_breaks_its_reader_is_its_own_feeds_failure_alone(line: Line, error: Exception) -> None:
    line.desk = a_desk(feeds=[a_feed(OTHER), a_feed()])
    line.publish(an_entry("b1"), url=OTHER)
    line.parser.breaks[OTHER] = error
    line.publish(an_entry())
    assert line.pipeline.collect(NOW) == 1
    state = line.store.feed_states()[OTHER]
    assert (state.errors, state.error) == (1, f"protocol: {type(error).__name__}: {error}")


def test_a_store_that_cannot_be_written_has_no_feed_asked(line: Line) -> None:
    line.publish(an_entry())
    pipeline = line.pipeline
    pipeline.store = FullDisk(line.store)  # type: ignore[assignment]
    with pytest.raises(StoreError):
        pipeline.collect(NOW)
    assert line.fetcher.asked == []


@pytest.mark.fault("P28")
def test_a_poll_that_a_crash_cut_short_is_made_again_when_politeness_allows(line: Line) -> None:
    line.publish(an_entry())
    line.parser.breaks[FEED] = Crash()
    with pytest.raises(Crash):
        line.pipeline.collect(NOW)
    line.parser.breaks.clear()
    assert line.pipeline.collect(NOW + 9 * MINUTE) == 0
    assert len(line.fetcher.asked) == 1
    assert line.pipeline.collect(NOW + 10 * MINUTE) == 1


# analyze


def test_a_picked_article_is_stored_with_its_scores_sectors_quotes_and_the_words_that_picked_it(line: Line) -> None:
    line.collected(an_article())
    assert line.pipeline.analyze() == 1
    analysis = line.store.analysis("a1")
    assert analysis is not None
    assert (analysis.scored, analysis.scores.by) == (True, "triggers 1")
    assert analysis.scores.labels["relevant"]
    assert {mention.name for mention in analysis.sectors} == {"seafood"}
    assert analysis.quotes == (an_article().text,)
    assert [(why.watchlist, why.words) for why in analysis.why] == [("tariffs", ("tariff",))]
    assert line.heard("analyzed") == [{"articles": 1, "picked": 1}]


def test_an_article_is_read_once(line: Line) -> None:
    line.collected(an_article())
    assert [line.pipeline.analyze(), line.pipeline.analyze()] == [1, 0]


def test_a_batch_takes_no_more_than_it_is_told_to(line: Line) -> None:
    line.collected(*(an_article(f"a{n}") for n in range(5)))
    assert [line.pipeline.analyze(2) for _ in range(4)] == [2, 2, 1, 0]


def test_what_neither_scores_nor_words_call_for_is_neither_fetched_nor_read(line: Line) -> None:
    line.collected(an_article(title="Monsoon reaches Kerala", text="Rain fell in Kochi."))
    line.pipeline.analyze()
    assert line.fetcher.asked == []
    assert line.reader.texts == []
    analysis = line.store.analysis("a1")
    assert analysis is not None
    assert (analysis.why, analysis.quotes) == ((), ())


def test_the_page_is_read_in_place_of_a_shorter_summary_and_scored_again(line: Line) -> None:
    page = f"{an_article().text} {'More of the same. ' * 20}"
    line.fetcher.web[PAGE] = Fetched(PAGE, 200, page.encode())
    line.collected(an_article())
    line.pipeline.analyze()
    article = line.store.article("a1")
    assert article is not None
    assert (article.text, article.from_page) == (page, True)
    assert [request.accept for request in line.fetcher.asked] == ["page"]
    assert len(line.classifier.texts) == 2
    assert "More of the same" in line.classifier.texts[1]


@pytest.mark.parametrize(
    "page", [Fetched(PAGE, 403, error="http_403: Forbidden"), Fetched(PAGE, 200, b"Subscribe to read"), None]
)
def test_a_page_that_fails_or_says_less_leaves_the_summary(line: Line, page: Fetched | None) -> None:
    if page:
        line.fetcher.web[PAGE] = page
    line.collected(an_article())
    line.pipeline.analyze()
    assert line.store.article("a1") == an_article()
    analysis = line.store.analysis("a1")
    assert analysis is not None
    assert analysis.quotes == (an_article().text,)


def test_pages_are_not_fetched_of_a_feed_that_does_not_want_it_nor_without_a_link(line: Line) -> None:
    line.desk = a_desk(feeds=[a_feed(pages=False), a_feed(OTHER)])
    line.collected(an_article("a1"), an_article("a2", url="", feed_url=OTHER), an_article("a3", feed_url=""))
    assert line.pipeline.analyze() == 3
    assert line.fetcher.asked == []


def test_what_the_first_pass_rules_out_is_spared_the_classifier(line: Line) -> None:
    line.first_pass = GlancingClassifier(("shrimp",))
    line.collected(an_article("a1", title="Rain in Kochi", text="Rain."), an_article("a2"))
    line.pipeline.analyze()
    assert [text.split()[0] for text in line.classifier.texts] == ["US"]
    spared, scored = line.store.analysis("a1"), line.store.analysis("a2")
    assert spared
    assert scored
    assert (spared.scores.by, scored.scores.by) == ("first pass", line.classifier.name)


def test_what_names_a_measure_and_no_desk_wants_is_read_only_where_its_facts_are_asked_for(line: Line) -> None:
    desk = a_desk(a_watchlist("milk", "milk"))
    desk = replace(
        desk, vocabulary=replace(desk.vocabulary, measures={"instruments": {"tariff": (term_from("levy"),)}})
    )
    article = an_article(title="Brazil ups its levy", text="It rises.")  # of no topic
    (passed_over,) = line.pipeline.examiner.examine([article], desk)
    (read,) = line.pipeline.examiner.examine([article], desk, facts=True)
    assert (passed_over.reading is None, read.reading is None) == (True, False)


def test_a_watchlist_whose_words_are_not_there_is_judged_only_where_it_is_to_be_explained(line: Line) -> None:
    desk = a_desk(a_watchlist("tariffs", "tariff"), a_watchlist("milk", "milk"))
    article = an_article(title="US raises tariff on Indian goods", text="It rises.")
    for thorough, names in ((False, ["tariffs"]), (True, ["tariffs", "milk"])):
        (read,) = line.pipeline.examiner.examine([article], desk, thorough=thorough)
        assert [name for name, _ in read.verdicts] == names
        assert [why.watchlist for why in read.analysis.why] == ["tariffs"]


@pytest.mark.parametrize(("weight", "read"), [(3.0, True), (2.0, False)])
def test_what_facts_could_still_make_relevant_is_read_for_them(line: Line, weight: float, read: bool) -> None:
    line.relevance = RelevanceStep({"a fact of the US on India": weight, "bias": 0.0}, 0.5)
    article = an_article(title="Rain in Kochi", text="Rain.")  # 0.05 relevant
    (found,) = line.pipeline.examiner.examine([article], a_desk(a_watchlist("milk", "milk")))
    assert (found.reading is not None) is read


def test_what_rules_decided_is_not_decided_anew(line: Line) -> None:
    line.relevance = RelevanceStep({"a fact of the US on India": 9.0, "bias": 0.0}, 0.5)
    line.classifier.broken = True
    (found,) = line.pipeline.examiner.examine([an_article(title="Rain in Kochi", text="Rain.")], a_desk())
    assert (found.reading, found.analysis.scores.by) == (None, "rules")


def test_what_a_watchlist_of_words_wants_is_scored_though_the_first_pass_ruled_it_out(line: Line) -> None:
    line.first_pass = GlancingClassifier()
    line.collected(an_article("a1"))
    line.pipeline.analyze()
    found = line.store.analysis("a1")
    assert found
    assert found.why
    assert found.scores.by == line.classifier.name


def desk_for_gold() -> Desk:
    """Wants what is of the topic `gold`, whatever its words."""
    return a_desk(a_watchlist("gold", "topic:gold"), topics=[a_topic()])


def test_a_topic_of_the_desk_s_own_picks_what_no_word_and_no_shipped_topic_calls_for(line: Line) -> None:
    line.desk, line.classifier.senses = desk_for_gold(), SENSES
    line.collected(an_article("a1", title="Gold at a record", text=""), an_article("a2", title="Rain", text=""))
    line.pipeline.analyze()
    gold, rain = line.store.analysis("a1"), line.store.analysis("a2")
    assert gold
    assert rain
    assert [w.watchlist for w in gold.why] == ["gold"]
    assert (gold.scores.labels["gold"], gold.scores.labels["relevant"]) == (True, False)
    assert (rain.why, rain.scores.labels["gold"]) == ((), False)


def test_the_first_pass_spares_nothing_when_the_desk_has_topics_of_its_own(line: Line) -> None:
    line.desk, line.classifier.senses, line.first_pass = desk_for_gold(), SENSES, GlancingClassifier()
    (alert,) = line.told(an_article("a1", title="Gold at a record", text=""), an_article("a2", title="Rain", text=""))
    assert alert.article_id == "a1"
    assert {text.strip() for text in line.classifier.texts} == {"Gold at a record", "Rain"}


def test_the_page_of_what_a_topic_of_the_desk_s_own_wants_is_fetched_and_told_by_it_again(line: Line) -> None:
    line.desk, line.classifier.senses = desk_for_gold(), SENSES
    line.fetcher.web[PAGE] = Fetched(PAGE, 200, b"Rain fell on Kochi, and rain on Kollam, and more rain is to come.")
    line.collected(an_article(title="Gold rises", text="Gold."))
    line.pipeline.analyze()
    found = line.store.analysis("a1")
    assert found
    assert (found.scores.labels["gold"], found.why) == (False, ())


def test_when_the_model_fails_the_desk_s_own_topics_are_silent(line: Line) -> None:
    line.desk, line.classifier.senses = desk_for_gold(), SENSES
    line.classifier.broken = True
    assert line.told(an_article(title="Gold at a record")) == []
    found = line.store.analysis("a1")
    assert found
    assert "gold" not in found.scores.topics


def test_when_the_model_fails_rules_decide_and_the_message_says_unscored(line: Line) -> None:
    line.classifier.broken = True
    (alert,) = line.told(an_article())
    analysis = line.store.analysis("a1")
    assert analysis is not None
    assert (analysis.scores.by, analysis.scored, alert.message.scored) == ("rules", False, False)
    assert analysis.scores.labels["relevant"]
    assert {fields["error"] for fields in line.heard("model_failed")} == {"the model gave a score that is no number"}


def test_an_article_that_the_model_cannot_take_is_left_to_the_rules_and_the_others_are_not(line: Line) -> None:
    line.classifier.poison = "Indian steel"
    line.collected(an_article("a1"), an_article("b1", title="US to raise tariff on Indian steel"))
    assert line.pipeline.analyze() == 2
    by = {article.id: analysis.scores.by for article, analysis in line.store.unfollowed(10)}
    assert by == {"a1": "triggers 1", "b1": "rules"}


def test_an_article_that_breaks_the_reader_is_read_plainly_and_alerts_all_the_same(line: Line) -> None:
    line.reader.poison = "Indian steel"
    title = "US to raise tariff on Indian steel to 40%"
    alerts = line.told(an_article("a1"), an_article("b1", title=title, text=""))
    assert {alert.message.headline for alert in alerts} == {an_article().title, title}
    assert line.heard("model_failed") == [{"error": "too deep"}]


def test_an_article_that_cannot_be_judged_is_told_of_and_holds_up_no_other(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def summarize(reading: Reading, title_end: int, sectors: object) -> tuple[Quote, ...]:
        if "steel" in reading.text:
            raise ValueError("no such sentence")
        return ()

    monkeypatch.setattr("bot.examination.summarize", summarize)
    (alert,) = line.told(an_article("a1"), an_article("b1", title="US to raise tariff on Indian steel"))
    assert alert.article_id == "a1"
    assert line.store.counts()["unread"] == 0
    (failure,) = line.heard("article_failed")
    assert (failure["article"], failure["error"]) == ("b1", "ValueError: no such sentence")


# follow


def test_a_new_story_is_queued_for_its_channel_with_the_article_and_why(line: Line) -> None:
    (alert,) = line.told(an_article())
    assert (alert.channel, alert.state, alert.story_id, alert.article_id) == (CHANNEL, QUEUED, "a1", "a1")
    message = alert.message
    assert (message.id, message.kind, message.changed, message.severity) == (alert.id, "new", "", HIGH)
    assert (message.headline, message.url) == (an_article().title, PAGE)
    assert [why.watchlist for why in message.why] == ["tariffs"]
    assert [source.outlet for source in message.sources] == ["Deccan Ledger"]
    assert [fields["alert"] for fields in line.heard("alert_queued")] == [alert.id]


def test_an_article_that_no_watchlist_picked_joins_a_story_without_an_alert(line: Line) -> None:
    line.desk = a_desk(a_watchlist("steel", "steel"))
    assert line.told(an_article()) == []
    assert line.store.story_of("a1") is not None


def test_an_article_of_no_interest_is_followed_into_no_story(line: Line) -> None:
    assert line.told(an_article(title="Monsoon reaches Kerala", text="")) == []
    assert line.store.story_of("a1") is None
    assert line.store.counts()["unfollowed"] == 0


def test_a_second_outlet_with_nothing_new_does_not_alert(line: Line) -> None:
    assert len(line.told(an_article("a1"))) == 1
    assert line.told(an_article("b1", outlet="Gulf Wire")) == []
    story = line.store.story_of("b1")
    assert story is not None
    assert [m.outlet for m in story.members] == ["Deccan Ledger", "Gulf Wire"]


def test_two_tellings_in_one_batch_make_one_alert(line: Line) -> None:
    alerts = line.told(an_article("a1"), an_article("b1", outlet="Gulf Wire", published=NOW - MINUTE))
    assert [alert.article_id for alert in alerts] == ["a1"]


def test_a_new_rate_in_the_headline_is_an_update_that_says_what_changed(line: Line) -> None:
    line.told(an_article("a1"))
    doubled = an_article(
        "b1",
        title="US to raise tariff on Indian shrimp to 50%",
        text="Washington will raise its tariff on shrimp from India to 50%, not 25%, next month, officials said.",
        outlet="Gulf Wire",
    )
    (alert,) = line.told(doubled)
    assert (alert.message.kind, alert.message.changed) == ("update", "new figure 50%")
    assert alert.story_id == "a1"
    assert [source.outlet for source in alert.message.sources] == ["Deccan Ledger", "Gulf Wire"]


def test_another_event_of_the_same_day_is_another_story(line: Line) -> None:
    line.told(an_article("a1"))
    steel = an_article(
        "b1", title="US to raise tariff on Indian steel to 25%", text=an_article().text.replace("shrimp", "steel")
    )
    (alert,) = line.told(steel)
    assert (alert.message.kind, alert.story_id) == ("new", "b1")


def test_the_official_document_of_a_known_story_is_an_update(line: Line) -> None:
    line.told(an_article("a1"))
    (alert,) = line.told(an_article("b1", official=True, outlet="Federal Register"))
    assert (alert.message.kind, alert.message.changed) == ("update", "official: Federal Register")


def test_a_quiet_article_never_alerts_but_a_later_telling_by_another_outlet_does(line: Line) -> None:
    assert line.told(an_article("a1", quiet=True)) == []
    (alert,) = line.told(an_article("b1", outlet="Gulf Wire"))
    assert (alert.story_id, alert.article_id, alert.message.kind) == ("a1", "b1", "new")


def test_a_channel_whose_watchlist_fires_only_later_hears_of_the_story_as_new(line: Line) -> None:
    line.desk = a_desk(a_watchlist("tariffs", "tariff"), a_watchlist("steel", "steel", channels=("#metal",)))
    line.told(an_article("a1"))
    both = an_article(
        "b1",
        title="US to raise tariff on Indian shrimp to 50%",
        text="Washington will raise its tariff on shrimp from India to 50%, not 25%, and spare steel, officials said.",
    )
    alerts = {alert.channel: alert.message for alert in line.told(both)}
    assert {channel: (m.kind, m.changed) for channel, m in alerts.items()} == {
        CHANNEL: ("update", "new figure 50%"),
        "#metal": ("new", ""),
    }
    assert [why.watchlist for why in alerts["#metal"].why] == ["steel"]


def test_a_channel_gets_the_severity_that_its_own_watchlists_set(line: Line) -> None:
    line.desk = a_desk(
        a_watchlist("tariffs", "tariff", severity=LOW), a_watchlist("sea", "shrimp", channels=("#sea",), severity=HIGH)
    )
    assert {a.channel: a.message.severity for a in line.told(an_article())} == {CHANNEL: LOW, "#sea": HIGH}


def test_following_twice_writes_nothing_twice(line: Line) -> None:
    (alert,) = line.told(an_article())
    story = line.store.story_of("a1")
    assert line.pipeline.follow(NOW) == []
    # A process that died before it knew that its work was saved would do it all again.
    assert story is not None
    assert line.store.save_follow(["a1"], [story], [alert]) == []
    assert line.store.alerts() == [alert]
    assert line.store.story_of("a1") == story


def test_an_article_that_cannot_be_followed_is_told_of_and_holds_up_no_other(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def follow(article: Article, analysis: Analysis, stories: Sequence[Story]) -> Update:
        if article.id == "b1":
            raise ValueError("no such story")
        return stories_follow(article, analysis, stories)

    monkeypatch.setattr("bot.pipeline.follow", follow)
    (alert,) = line.told(an_article("b1"), an_article("a1"))
    assert alert.article_id == "a1"
    assert line.store.counts()["unfollowed"] == 0
    assert [failure["article"] for failure in line.heard("article_failed")] == ["b1"]


def test_an_old_article_of_no_interest_brings_no_old_stories_back(line: Line) -> None:
    class Asked(list[datetime]):
        def open_stories(self, since: datetime) -> list[Story]:
            self.append(since)
            return line.store.open_stories(since)

        def __getattr__(self, name: str) -> object:
            return getattr(line.store, name)

    line.collected(an_article("a1"), an_article("c1", title="Monsoon", text="", published=NOW - 9000 * HOUR))
    line.pipeline.analyze()
    pipeline, asked = line.pipeline, Asked()
    pipeline.store = asked  # type: ignore[assignment]
    pipeline.follow(NOW)
    assert asked == [an_article().published - STORIES_OPEN]


def test_a_muted_story_is_told_to_that_channel_no_more_and_to_others_still(line: Line) -> None:
    line.desk = a_desk(a_watchlist(channels=("#a", "#b")))
    first, _ = line.told(an_article())
    line.store.save_action(an_action(MUTE_STORY, channel="#a", story_id=first.story_id))
    more = an_article("b1", title="US to raise tariff on Indian shrimp to 50%", published=NOW)
    assert [alert.channel for alert in line.told(more)] == ["#b"]


def test_a_story_that_is_unmuted_is_told_again_as_one_that_is_known(line: Line) -> None:
    (first,) = line.told(an_article())
    for minutes, kind in enumerate((MUTE_STORY, UNMUTE_STORY)):
        line.store.save_action(an_action(kind, at=NOW + minutes * MINUTE, story_id=first.story_id))
    more = an_article("b1", title="US to raise tariff on Indian shrimp to 50%", published=NOW)
    (alert,) = line.told(more)
    assert alert.message.kind == "update"


# deliver


def test_an_alert_is_sent_once_and_its_receipt_is_kept(line: Line) -> None:
    (queued,) = line.told(an_article())
    assert line.pipeline.deliver(NOW) == 1
    assert line.pipeline.deliver(NOW + MINUTE) == 0
    (alert,) = line.store.alerts()
    assert (alert.state, alert.receipt, alert.sent_at, alert.tries) == (SENT, "ts-1", NOW, 1)
    assert line.sink.sent == [(CHANNEL, queued.message, 0)]
    assert [fields["receipt"] for fields in line.heard("alert_sent")] == ["ts-1"]


@pytest.mark.fault("S08")
def test_an_alert_is_marked_as_sending_in_the_store_before_the_sink_is_called(line: Line) -> None:
    seen: list[str] = []
    line.sink.on_send = lambda message: seen.extend(line.states().values())
    line.told(an_article())
    line.pipeline.deliver(NOW)
    assert seen == [SENDING]


class Crash(BaseException):
    """The process dies here."""


def crash(message: Message) -> None:
    raise Crash


def reopened(line: Line, path: Path) -> Line:
    """A new process with the same plugs outside, over the same file."""
    line.store.close()
    again = Line(store_at(path), sink=line.sink)
    again.sink.on_send = lambda message: None
    return again


@pytest.mark.fault("S08")
def test_a_crash_between_following_and_delivery_loses_nothing(line: Line, tmp_path: Path) -> None:
    (queued,) = line.told(an_article())
    again = reopened(line, tmp_path / "store.db")
    assert again.store.recover() == 0
    assert again.pipeline.deliver(NOW) == 1
    assert again.sink.sent == [(CHANNEL, queued.message, 0)]
    again.store.close()


@pytest.mark.fault("S08")
@pytest.mark.parametrize(("posted", "messages"), [("ts-9", 0), ("", 1)])
def test_a_crash_while_sending_is_looked_up_before_anything_is_sent_again(
    line: Line, tmp_path: Path, posted: str, messages: int
) -> None:
    (queued,) = line.told(an_article())
    line.sink.on_send = crash
    with pytest.raises(Crash):
        line.pipeline.deliver(NOW)
    again = reopened(line, tmp_path / "store.db")
    assert again.store.recover() == 1
    again.sink.found = [posted]
    again.pipeline.deliver(NOW + MINUTE)
    again.pipeline.deliver(NOW + MINUTE)
    assert again.sink.looked_up == [(queued.id, CHANNEL, NOW)]
    assert len(again.sink.sent) == messages
    assert again.states() == {CHANNEL: SENT}
    again.store.close()


def unknown(line: Line) -> None:
    """An alert is sent, and its answer is lost."""
    line.told(an_article())
    line.sink.refuses[CHANNEL] = [OutcomeUnknown("no answer", code="no_answer")]
    assert line.pipeline.deliver(NOW) == 0
    assert line.states() == {CHANNEL: UNKNOWN}


@pytest.mark.fault("S05", "S07")
def test_an_alert_of_unknown_outcome_that_is_found_is_sent_and_not_posted_again(line: Line) -> None:
    unknown(line)
    line.sink.found = ["ts-7"]
    assert line.pipeline.deliver(NOW + 9 * SECOND) == 0
    assert line.pipeline.deliver(NOW + 10 * SECOND) == 1
    (alert,) = line.store.alerts()
    assert (alert.state, alert.receipt, alert.blind) == (SENT, "ts-7", False)
    assert alert.sent_at == NOW + 10 * SECOND
    assert len(line.sink.sent) == 1


@pytest.mark.fault("S07", "S10")
def test_an_alert_of_unknown_outcome_that_is_surely_absent_is_sent_again(line: Line) -> None:
    unknown(line)
    line.sink.found = [""]
    assert [line.pipeline.deliver(NOW + MINUTE) for _ in range(2)] == [0, 1]
    (alert,) = line.store.alerts()
    assert (alert.state, alert.tries, alert.blind) == (SENT, 2, False)
    assert line.heard("sent_blindly") == []


@pytest.mark.fault("S09")
def test_where_no_one_can_tell_an_alert_is_sent_once_more_later_and_marked_so(line: Line) -> None:
    unknown(line)
    line.sink.found = [None]
    assert [line.pipeline.deliver(NOW + minute * MINUTE) for minute in (1, 2, 16)] == [0, 0, 1]
    (alert,) = line.store.alerts()
    assert (alert.state, alert.blind, len(line.sink.sent)) == (SENT, True, 2)
    assert [fields["alert"] for fields in line.heard("sent_blindly")] == [alert.id]


def test_where_no_one_can_tell_twice_an_alert_is_given_up(line: Line) -> None:
    unknown(line)
    line.sink.refuses[CHANNEL] = [OutcomeUnknown("no answer again")]
    line.sink.found = [None, None]
    for minute in range(1, 60):
        line.pipeline.deliver(NOW + minute * MINUTE)
    assert line.states() == {CHANNEL: DEAD}
    assert len(line.sink.sent) == 2


@pytest.mark.fault("S09")
def test_a_look_up_that_fails_is_tried_again_and_posts_nothing_meanwhile(line: Line) -> None:
    unknown(line)
    line.sink.found = [SinkBusy("history is busy", wait=HOUR), SinkDown("no route"), "ts-7"]
    line.pipeline.deliver(NOW + MINUTE)
    assert line.pipeline.deliver(NOW + 30 * MINUTE) == 0  # the sink asked for an hour
    line.pipeline.deliver(NOW + 2 * HOUR)
    assert line.pipeline.deliver(NOW + 3 * HOUR) == 1
    assert len(line.sink.sent) == 1


def two_channels(line: Line) -> None:
    """One story that two channels are to be told."""
    line.desk = a_desk(a_watchlist(channels=("#a", "#b")))
    assert len(line.told(an_article())) == 2


@pytest.mark.fault("S01", "S02")
def test_a_busy_channel_waits_as_long_as_it_asks_and_holds_up_no_other(line: Line) -> None:
    two_channels(line)
    line.sink.refuses["#a"] = [SinkBusy("slow down", wait=30 * SECOND)]
    assert line.pipeline.deliver(NOW) == 1
    assert line.states() == {"#a": QUEUED, "#b": SENT}
    assert line.pipeline.deliver(NOW + 29 * SECOND) == 0
    assert line.pipeline.deliver(NOW + 30 * SECOND) == 1
    assert line.sink.channels() == ["#a", "#b", "#a"]


@pytest.mark.fault("S23")
def test_alerts_of_a_channel_keep_their_order_behind_one_that_waits(line: Line) -> None:
    line.told(an_article("a1"))
    line.told(an_article("b1", title="US to raise tariff on Indian steel", text=""), now=NOW + MINUTE)
    line.sink.refuses[CHANNEL] = [SinkBusy("slow down", wait=HOUR)]
    for minutes in (0, 1, 60, 61, 62):
        line.pipeline.deliver(NOW + minutes * MINUTE)
    assert [message.headline for _, message, _ in line.sink.sent] == [
        "US to raise tariff on Indian shrimp to 25%",
        "US to raise tariff on Indian shrimp to 25%",
        "US to raise tariff on Indian steel",
    ]


def test_no_more_is_delivered_at_once_than_asked_for(line: Line) -> None:
    two_channels(line)
    assert [line.pipeline.deliver(NOW, limit=1) for _ in range(3)] == [1, 1, 0]


@pytest.mark.fault("S11")
def test_a_refused_channel_is_parked_until_people_have_mended_it_and_holds_up_no_other(line: Line) -> None:
    two_channels(line)
    line.sink.refuses["#a"] = [ChannelRefused("the bot is not in #a", code="not_in_channel")]
    line.pipeline.deliver(NOW)
    assert line.states() == {"#a": PARKED, "#b": SENT}
    assert line.pipeline.deliver(NOW + HOUR) == 0
    (failure,) = line.heard("delivery_failed")
    assert (failure["channel"], failure["error"]) == ("#a", "not_in_channel: the bot is not in #a")
    assert failure["kind"] == "ChannelRefused"
    assert line.store.unpark() == 1
    assert line.pipeline.deliver(NOW + HOUR) == 1


@pytest.mark.fault("S14")
def test_a_refused_message_is_sent_simpler_then_as_a_link_and_then_given_up(line: Line) -> None:
    line.told(an_article())
    line.sink.refuses[CHANNEL] = [MessageRefused("invalid_blocks") for _ in range(3)]
    for minute in range(5):
        line.pipeline.deliver(NOW + minute * MINUTE)
    assert [simple for _, _, simple in line.sink.sent] == [0, 1, 2]
    assert line.states() == {CHANNEL: DEAD}


def test_a_message_that_is_given_up_does_not_stop_the_channel(line: Line) -> None:
    line.told(an_article("a1"))
    line.told(an_article("b1", title="US to raise tariff on Indian steel", text=""), now=NOW + MINUTE)
    line.sink.refuses[CHANNEL] = [MessageRefused("invalid_blocks") for _ in range(3)]
    for minute in range(1, 6):
        line.pipeline.deliver(NOW + minute * MINUTE)
    assert sorted(alert.state for alert in line.store.alerts()) == [DEAD, SENT]


class FullDisk:
    """The store, but for what is written of feeds, and until it is to be written that an alert was sent."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def save_states(self, states: object) -> None:
        raise StoreError("the disk is full")

    def save_alert(self, alert: Alert, was: Alert | None = None) -> None:
        if alert.state == SENT:
            raise StoreError("the disk is full")
        self._store.save_alert(alert, was)


@pytest.mark.fault("S08")
def test_a_store_that_fails_after_the_post_leaves_a_trace_that_is_looked_up(line: Line) -> None:
    line.told(an_article())
    pipeline = line.pipeline
    pipeline.store = FullDisk(line.store)  # type: ignore[assignment]
    with pytest.raises(StoreError):
        pipeline.deliver(NOW)
    assert line.states() == {CHANNEL: SENDING}
    assert line.store.recover() == 1
    line.sink.found = ["ts-1"]
    assert line.pipeline.deliver(NOW + MINUTE) == 1
    assert len(line.sink.sent) == 1


@pytest.mark.fault("S10")
def test_a_message_that_gets_lost_again_and_again_is_given_up_in_the_end(line: Line) -> None:
    line.told(an_article())
    line.sink.refuses[CHANNEL] = [OutcomeUnknown("no answer") for _ in range(100)]
    line.sink.found = [""] * 100
    for hour in range(40):
        line.pipeline.deliver(NOW + hour * HOUR)
    assert line.states() == {CHANNEL: DEAD}
    assert len(line.sink.sent) == MOST_LOST


def test_a_sink_that_breaks_leaves_no_alert_on_its_way_for_ever_and_holds_up_no_other(line: Line) -> None:
    line.desk = a_desk(a_watchlist(channels=("#a", "#b")))
    line.told(an_article())
    line.sink.refuses["#a"] = [KeyError("xoxb-secret")]
    line.sink.found = [""]
    assert line.pipeline.deliver(NOW) == 1
    assert line.states() == {"#a": UNKNOWN, "#b": SENT}
    assert [told["error"] for told in line.heard("delivery_failed")] == ["fault: the sink broke (KeyError)"]
    line.pipeline.deliver(NOW + MINUTE)
    line.pipeline.deliver(NOW + MINUTE)
    assert line.states() == {"#a": SENT, "#b": SENT}


def test_an_alert_that_is_given_up_is_told_of(line: Line) -> None:
    (alert,) = line.told(an_article())
    line.store.save_alert(replace(alert, state=UNKNOWN, blind=True, error="no answer"))
    line.sink.found = [None]
    line.pipeline.deliver(NOW)
    (failure,) = line.heard("alert_failed")
    assert (failure["alert"], failure["title"], failure["error"]) == (alert.id, an_article().title, "no answer")


# and after all that


def test_what_is_old_and_done_with_is_forgotten_and_an_old_item_shown_again_is_not_told_again(line: Line) -> None:
    line.told(an_article("a1"))
    line.pipeline.deliver(NOW)
    assert line.pipeline.tidy(NOW + KEPT) == 0
    assert line.pipeline.tidy(NOW + KEPT + HOUR) == 1
    assert line.store.article("a1") is None
    assert line.heard("pruned") == [{"articles": 1}]
    assert line.told(an_article("a1"), now=NOW + KEPT + HOUR) == []


def test_a_desk_says_how_long_it_keeps_what_is_done_with(line: Line) -> None:
    line.told(an_article("a1"))
    line.pipeline.deliver(NOW)
    pipeline = line.pipeline
    pipeline.keep = 30 * DAY
    assert pipeline.tidy(NOW + 30 * DAY) == 0
    assert pipeline.tidy(NOW + 30 * DAY + HOUR) == 1


# all of it


def test_an_item_travels_from_the_feed_to_the_channel(line: Line) -> None:
    line.publish(an_entry("old"))
    line.pipeline.collect(NOW)
    fresh = an_entry(
        "new",
        title="US to raise tariff on Indian steel to 40%",
        summary="Washington will raise its tariff on steel from India to 40%, officials said.",
    )
    line.publish(fresh, an_entry("old"))
    line.pipeline.collect(NOW + HOUR)
    while line.pipeline.analyze():
        line.pipeline.follow(NOW + HOUR)
    assert line.pipeline.deliver(NOW + HOUR) == 1
    ((channel, message, _),) = line.sink.sent
    assert (channel, message.headline, message.url) == (CHANNEL, fresh.title, fresh.link)
    assert message.quotes == (fresh.summary,)


def test_the_line_can_be_run_again_at_any_time_without_a_second_message(line: Line) -> None:
    line.desk = replace(line.desk, feeds=(a_feed(backlog=5),))
    line.publish(an_entry("a1"), an_entry("a2", title="US to raise tariff on Indian steel", summary=""))
    for hours in range(4):
        now = NOW + hours * HOUR
        line.pipeline.collect(now)
        while line.pipeline.analyze():
            pass
        line.pipeline.follow(now)
        while line.pipeline.deliver(now):
            pass
    assert len(line.sink.sent) == 2


# stories that change afterwards

QUIET = {
    "title": "Andhra prawn packers count tariff containers at sea",
    "text": "Bhimavaram packers count containers of vannamei at sea, said the council.",
}
LOUD = {
    "title": "Seattle buyers of vannamei hold back over tariff",
    "text": "Buyers in Seattle hold back orders until autumn, said a broker.",
}
BOTH = {
    "title": "Bhimavaram packers and Seattle buyers at odds over vannamei tariff containers",
    "text": "Andhra prawn packers count containers of vannamei at sea off Seattle, where buyers hold back orders.",
}


def test_stories_that_an_article_shows_to_be_one_are_kept_as_one_and_not_told_as_new(line: Line) -> None:
    line.told(an_article("a1", **QUIET), an_article("b1", **LOUD, outlet="Mail", published=NOW))
    assert line.store.counts()["stories"] == 2
    assert line.told(an_article("c1", **BOTH, outlet="Gulf Wire", published=NOW + HOUR), now=NOW + HOUR) == []
    (story,) = line.store.open_stories(NOW - timedelta(days=1))
    assert ([m.article_id for m in story.members], [m.story_id for m in story.merges]) == (["a1", "b1", "c1"], ["b1"])
    assert [(event["story"], event["younger"]) for event in line.heard("stories_merged")] == [("a1", "b1")]


def test_a_rate_that_an_outlet_corrects_in_its_headline_is_told_once_more_and_other_edits_are_not(line: Line) -> None:
    first = an_article("a1", title="US to raise tariff on Indian shrimp to 20%")
    line.told(first)
    assert line.told(replace(first, title="US will raise its tariff on Indian shrimp to 20%")) == []
    (alert,) = line.told(replace(first, title="US to raise tariff on Indian shrimp to 25%"))
    assert (alert.message.kind, alert.message.changed) == ("update", "headline corrected to 25%")
    assert line.told(replace(first, title="US to raise tariff on Indian shrimp to 25%")) == []
    (story,) = line.store.open_stories(NOW - timedelta(days=1))
    assert [len(m.was) for m in story.members] == [2]
