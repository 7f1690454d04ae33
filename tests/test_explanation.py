"""Explanations: everything known of one article in words, and why it would or would not alert."""

from dataclasses import replace
from datetime import date

from bot.alerts import HIGH, LOW, SENT
from bot.analysis import LABELS, Scores
from bot.articles import Article
from bot.desk import Desk
from bot.examination import Read
from bot.explanation import deadline_words, explain, fact_words
from bot.facts import Fact
from bot.faithfulness import Doubt
from bot.reading import Entity
from bot.vocabulary import Mention
from tests.deadline_makers import a_deadline
from tests.ledger_makers import a_fact, a_measure, a_state
from tests.line import Line
from tests.makers import HOUR, NOW, a_desk, a_member, a_story, a_watchlist, an_alert, an_analysis, an_article


def read(desk: Desk, article: Article) -> Read:
    """The article as `explain` gets it: examined thoroughly."""
    line = Line(store=None, desk=desk)  # type: ignore[arg-type]  # examining needs no store
    return line.pipeline.examiner.examine([article], desk, thorough=True)[0]


def section(text: str, title: str) -> list[str]:
    """The lines under a heading."""
    found = next(part for part in text.split("\n\n") if part.startswith(title))
    return [line.strip() for line in found.splitlines()[1:]]


def test_an_explanation_has_a_section_for_each_noun_and_ends_with_the_conclusion() -> None:
    desk = a_desk(a_watchlist("tariffs"), a_watchlist("steel", "steel"))
    text = explain(read(desk, an_article()), desk)
    assert [part.splitlines()[0] for part in text.split("\n\n")] == [
        "Article",
        "Reading",
        "Topics, by triggers 1",
        "Sectors",
        "Facts",
        "Ledger",
        "Deadlines",
        "Quotes for the card",
        "Story",
        "Watchlist tariffs",
        "Watchlist steel",
        "Conclusion",
    ]


def test_a_fact_is_told_in_a_line_with_the_sentence_that_carries_it() -> None:
    day, end = date(2026, 4, 1), date(2026, 8, 29)
    fact = a_fact(50, "in_force", goods=("textiles",), rate_from=25, action="raise", effective=day, expires=end)
    assert fact_words(fact) == (
        "US → IN · textiles · 25 % → 50 % · raise, in force · reciprocal · from 2026-04-01 · until 2026-08-29"
    )


def test_each_fact_says_whether_rules_or_the_model_decided() -> None:
    desk, article = a_desk(), an_article()
    told = (a_fact(25, "in_force"), a_fact(50, "threatened", learnt=("status",)))
    lines = section(explain(Read(article, an_analysis(facts=told)), desk), "Facts")
    assert [line for line in lines if "decided" in line] == [
        "decided by rules",
        "status decided by the model, the rest by rules",
    ]


def test_of_what_the_text_does_not_tell_a_fact_says_so_or_nothing() -> None:
    fact = a_fact(None, "threatened", imposer="", target=(), goods=(), ground="", background=True)
    assert fact_words(fact) == "? → ? · impose, threatened · background"


def test_a_deadline_is_told_in_a_line() -> None:
    deadline = a_deadline(dockets=("USTR-2026-0012",), goods=("steel",), moved=True)
    assert deadline_words(deadline) == "2026-03-20 · comments due · USTR-2026-0012 · s301 · IN · steel · moved"


def test_the_article_is_told_with_its_source_date_and_text() -> None:
    desk = a_desk()
    official = an_article(official=True, from_page=True, title="Opinion: A tariff too far")
    lines = section(explain(read(desk, official), desk), "Article")
    assert "title      Opinion: A tariff too far" in lines
    assert "outlet     Deccan Ledger (official source)" in lines
    assert "published  2026-03-02 08:30 UTC" in lines
    assert f"text       {len(official.text)} characters, from its page" in lines
    assert "genre      opinion" in lines


def test_what_is_not_known_of_an_article_is_said_so() -> None:
    desk = a_desk()
    lines = section(explain(read(desk, an_article(url="", outlet="", feed_url="")), desk), "Article")
    assert {"outlet     not told", "link       none", "genre      news"} <= set(lines)


def test_topics_show_score_and_decision() -> None:
    desk = a_desk()
    lines = section(explain(read(desk, an_article(title="Tariff news", text="")), desk), "Topics")
    assert lines == [
        "✘ india_us_trade     0.05",
        "✘ tariff_threat      0.05",
        "✘ sensitive_sectors  0.05",
        "✔ relevant           0.90",
    ]


def test_the_desk_s_own_topics_are_shown_among_the_topics() -> None:
    said = Scores(dict.fromkeys(LABELS, 0.05) | {"gold": 0.93}, dict.fromkeys(LABELS, False) | {"gold": True}, (), "m")
    text = explain(Read(an_article(), an_analysis(scores=said, why=())), a_desk())
    assert section(text, "Topics")[2:] == [
        "✘ sensitive_sectors  0.05",
        "✔ gold               0.93",
        "✘ relevant           0.05",
    ]
    assert section(text, "Conclusion")[-1] == "Its relevance is 0.05; its strongest topic is gold at 0.93."


def test_sectors_show_the_words_that_named_them_each_once() -> None:
    desk = a_desk()
    article = an_article(title="Shrimp and steel", text="The shrimp tariff, and the seafood tariff.")
    assert section(explain(read(desk, article), desk), "Sectors") == [
        "seafood          Shrimp, seafood",
        "steel            steel",
    ]


def test_names_and_figures_of_the_reading_are_listed() -> None:
    desk = a_desk()
    done = read(desk, an_article())
    named = an_analysis(entities=(Entity("USTR", "ORG", 0, 4),), figures=("25%", "$2bn"))
    lines = section(explain(Read(done.article, named, done.reading), desk), "Reading")
    assert lines == ["sentences  2", "names      USTR (ORG)", "figures    25%, $2bn"]


def test_an_article_that_was_not_read_says_why() -> None:
    text = explain(Read(an_article(), an_analysis(why=(), quotes=())), a_desk())
    assert section(text, "Reading") == ["not read: neither the topics nor any watchlist word asked for it"]
    assert section(text, "Quotes") == ["none"]
    assert section(text, "Sectors") == ["none"]


def test_a_summary_that_was_dropped_is_shown_with_what_is_doubted_in_it() -> None:
    doubts = (Doubt("52%", "this number stands in no quoted sentence"),)
    text = explain(Read(an_article(), an_analysis(), written="It is 52%.", doubts=doubts), a_desk())
    assert section(text, "Summary") == ["dropped: It is 52%.", "52%: this number stands in no quoted sentence"]
    assert "Summary\n" not in explain(Read(an_article(), an_analysis()), a_desk())


def test_a_summary_that_was_kept_names_its_writer() -> None:
    kept = an_analysis(summary="It is 25%.", summary_by="t5")
    text = explain(Read(an_article(), kept, written="It is 25%."), a_desk())
    assert section(text, "Summary") == ["It is 25%. (written by t5, carried by the quotes)"]


def test_each_watchlist_tells_part_by_part_why_it_fired_or_did_not() -> None:
    desk = a_desk(a_watchlist("both", "tariff steel"))
    lines = section(explain(read(desk, an_article()), desk), "Watchlist both")
    assert lines == [
        "✘ all of",
        "✔ tariff — “tariff”",
        "✘ steel — needs steel",
        "nearest that would have fired: without steel",
    ]


def test_an_article_that_the_mute_list_finds_alerts_nobody_and_says_why() -> None:
    desk = replace(a_desk(a_watchlist("tariffs")), mute=(a_watchlist("shrimps", "shrimp"), a_watchlist("tea", "tea")))
    found = read(desk, an_article())
    assert (found.analysis.why, found.verdicts[0][1].fired) == ((), True)
    text = explain(found, desk)
    assert section(text, "Conclusion") == ["No alert: muted for all watchlists by shrimps."]
    assert section(text, "Mute list shrimps") == ["✔ shrimp — “shrimp”"]
    assert section(text, "Mute list tea") == ["✘ tea — needs tea"]


def test_an_article_that_fires_names_channel_severity_and_watchlists() -> None:
    desk = a_desk(a_watchlist("tariffs", severity=LOW), a_watchlist("sea", "shrimp", channels=("#sea",), severity=HIGH))
    assert section(explain(read(desk, an_article()), desk), "Conclusion") == [
        "Would alert #desk with severity low: tariffs fired.",
        "Would alert #sea with severity high: sea fired.",
    ]


def test_an_article_that_does_not_fire_tells_how_near_it_came() -> None:
    desk = a_desk(a_watchlist("steel", "steel"))
    assert section(explain(read(desk, an_article(title="Tariff news", text="India")), desk), "Conclusion") == [
        "No alert: no watchlist fired.",
        "Its relevance is 0.90; its strongest topic is india_us_trade at 0.90.",
    ]


def claiming(*facts: Fact) -> Read:
    return Read(an_article(), an_analysis("a1", "relevant", facts=facts))


def test_each_fact_is_told_with_what_it_does_to_the_ledger_or_why_nothing() -> None:
    vague, guess = a_fact(9, imposer=""), a_fact(40, "speculated")
    facts = a_fact(25), a_fact(18, "agreed", action="cut"), guess, a_fact(7, background=True), vague
    text = explain(
        claiming(*facts, a_fact(99, "denied", target=("CN",))), a_desk(), measures=[a_measure(a_state(25, days=-1))]
    )
    assert section(text, "Ledger") == [
        "confirms    US reciprocal tariff on India: 25 % announced, as told by Deccan Ledger (1 Mar 2026)",
        "changes     US reciprocal tariff on India: 25 % announced → 18 % agreed",
        f"nothing     {fact_words(guess)}: speculation",
        f"nothing     {fact_words(facts[3])}: background",
        f"nothing     {fact_words(vague)}: too vague to be a measure",
        f"nothing     {fact_words(a_fact(99, 'denied', target=('CN',)))}: a denial of what nobody claimed",
    ]
    assert section(explain(claiming(), a_desk()), "Ledger") == ["no facts to enter"]


def test_the_conclusion_goes_by_what_the_facts_do_to_the_ledger() -> None:
    fresh = section(explain(claiming(a_fact(25, "in_force")), a_desk()), "Conclusion")
    known = section(explain(claiming(a_fact(25)), a_desk(), measures=[a_measure(a_state(25, days=-1))]), "Conclusion")
    assert fresh == ["Would alert #desk with severity high: tariffs fired."]
    assert known == [
        "Would alert #desk with severity medium: tariffs fired.",
        "But not in a story that is known: its facts only confirm the ledger.",
    ]


def test_a_quiet_article_would_not_alert_though_it_fires() -> None:
    desk = a_desk()
    lines = section(explain(read(desk, an_article(quiet=True)), desk), "Conclusion")
    assert lines[-1] == "But it was there before the feed was first read, so it stays quiet."


def test_what_the_store_knows_is_told() -> None:
    desk = a_desk()
    story = a_story(a_member("a1"), a_member("b1", outlet="Gulf Wire", title="Duty up", why="likeness 0.70"))
    alerts = (an_alert(state=SENT, receipt="ts-1"), an_alert("x2", "#sea"), an_alert("x3", "#oil", due=NOW + HOUR))
    text = explain(read(desk, an_article()), desk, story=story, alerts=alerts)
    assert section(text, "Story") == [
        "02 Mar 08:30 Deccan Ledger: US to raise tariff on Indian shrimp to 25% (first)",
        "02 Mar 08:30 Gulf Wire: Duty up (likeness 0.70)",
    ]
    assert section(text, "Conclusion")[-3:] == [
        "The store: root sent for #desk, receipt ts-1",
        "The store: root queued for #sea",
        "The store: root queued for #oil, held until 2 Mar 2026 16:00 IST (10:30 UTC)",
    ]


def test_an_article_that_the_store_does_not_know_is_said_to_be_read_just_now() -> None:
    desk = a_desk()
    assert section(explain(read(desk, an_article()), desk), "Story") == [
        "not in the store: this article was read just now"
    ]


def test_a_sector_is_quoted_from_its_place_in_title_and_text() -> None:
    article = an_article(title="Milk", text="Dairy")
    analysis = an_analysis(sectors=(Mention("dairy", 0, 4), Mention("dairy", 6, 11)))
    assert section(explain(Read(article, analysis), a_desk()), "Sectors") == ["dairy            Milk, Dairy"]
