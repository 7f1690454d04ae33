"""Digests: what a channel was told and spared, what moved, what is due; once for each local date, and nothing lost."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slack_sdk.models.blocks import Block as SdkBlock

from bot.actions import MUTE_STORY
from bot.alerts import ALONE, EDIT, FOLDED, HIGH, LOW, MEDIUM, QUEUED, REPLY, ROOT, SENT, TOLD, Alert
from bot.articles import Article
from bot.channels import DAILY, WEEKLY, Channel, Route, route
from bot.digests import ASKED, next_digest
from bot.engines.once import OnceEngine
from bot.facts import Fact
from bot.hours import Occasion, Span
from bot.messages import FactLine, Line, Message, Section, Source
from bot.sinks.card import BUDGET, layout, post, weight
from bot.sinks.console import ConsoleSink
from bot.watchlists import DIGEST
from tests.deadline_makers import a_deadline
from tests.fake_slack import check_message
from tests.ledger_makers import a_fact, a_measure, a_state
from tests.line import Line as Desk
from tests.line import store_at
from tests.makers import (
    CHANNEL,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    a_desk,
    a_message,
    a_watchlist,
    an_action,
    an_alert,
    an_analysis,
    an_article,
)

KOLKATA = ZoneInfo("Asia/Kolkata")  # 15:00 there at NOW, a Monday
GOLDEN = Path(__file__).parent / "golden_digest.json"
BOTH = ((DAILY, Occasion(time(15))), (WEEKLY, Occasion(time(15), 0)))
CHANNEL_SETTINGS = Channel(CHANNEL, KOLKATA, digests=BOTH[:1])
ELSEWHERE = "US to raise tariff on Indian steel"


def a_digest_of(line: Desk, kind: str = DAILY, now: datetime = NOW, **changes: Any) -> Message:
    return next_digest(line.store, line.seed, replace(CHANNEL_SETTINGS, **changes), kind, now).alert.message


def lines(message: Message) -> dict[str, list[str]]:
    return {section.title: [line.words for line in section.lines] for section in message.sections}


def keep(line: Desk, *alerts: Alert) -> None:
    line.store.save_follow([], [], alerts)


def an_item(id: str, state: str = FOLDED, story: str = "", created: datetime = NOW - HOUR, **said: Any) -> Alert:
    sent_at = created if state == SENT else None
    message = a_message(id, **said)
    role = {"update": REPLY, "reminder": ALONE}.get(message.kind, ROOT)
    return an_alert(id, role=role, story_id=story or id, state=state, created=created, sent_at=sent_at, message=message)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Desk]:
    line = Desk(store_at(tmp_path / "store.db"), desk=replace(a_desk(), channel_settings=(CHANNEL_SETTINGS,)))
    yield line
    line.store.close()


# what it says


def test_stories_stand_by_sector_the_gravest_first_each_with_fact_headline_outlets_and_link(line: Desk) -> None:
    others = tuple(Source(name, "t", "", NOW) for name in ("Port and Loom", "Gulf Wire", "Trade Notices"))
    keep(
        line,
        an_item("x1", severity=LOW, headline="Steel talks", sectors=("steel",), sources=()),
        an_item("x2", severity=LOW, headline="Shrimp talks"),
        an_item(
            "x3", SENT, severity=HIGH, headline="Shrimp hit", facts=(FactLine("US → India · 50 %"),), sources=others
        ),
        an_item("x4", severity=MEDIUM, headline="Court hears", sectors=(), sources=others[:1]),
    )
    message = a_digest_of(line)
    assert lines(message) == {
        "Seafood": [
            "HIGH: US → India · 50 % · Shrimp hit · Port and Loom and 2 more",
            "LOW: Shrimp talks · Deccan Ledger · only here",
        ],
        "No sector named": ["MEDIUM: Court hears · Port and Loom · only here"],
        "Steel": ["LOW: Steel talks · only here"],
    }
    assert message.headline == "Digest of Mon 2 March 2026: 4 stories, 3 only here"
    assert (message.kind, message.severity) == ("digest", HIGH)
    assert message.sections[0].lines[0].url == "https://a.example/a1"


def test_a_story_stands_once_by_its_latest_message_and_as_grave_as_it_ever_was(line: Desk) -> None:
    first = an_item("x1", SENT, "s", NOW - 2 * HOUR, severity=HIGH, headline="Threat")
    keep(line, first, an_item("x2", FOLDED, "s", severity=LOW, headline="Echo", kind="update"))
    assert lines(a_digest_of(line)) == {"Seafood": ["HIGH: Echo · Deccan Ledger"]}


def test_only_news_since_the_last_digest_stands_in_it_and_all_that_is_still_folded(line: Desk) -> None:
    long_ago = NOW - 9 * DAY
    keep(
        line,
        an_item("old", SENT, created=NOW - 25 * HOUR, headline="Old"),
        an_item("waiting", FOLDED, created=long_ago, headline="Waiting"),
        an_item("told", TOLD, created=long_ago, headline="Told"),
        an_item("queued", QUEUED, headline="Still to come"),
        an_item("note", SENT, kind="reminder", headline="In 7 days"),
        replace(an_item("edit", SENT, headline="The card anew"), role=EDIT),
        replace(an_item("late", SENT, created=long_ago, headline="Sent late"), sent_at=NOW - HOUR),
        replace(an_item("other", headline="Elsewhere"), channel="#steel"),
    )
    told = [words.split(" · ")[0] for words in lines(a_digest_of(line))["Seafood"]]
    assert sorted(told) == ["MEDIUM: Sent late", "MEDIUM: Waiting"]


def test_a_story_that_the_channel_has_muted_is_not_told_and_waits_no_longer(line: Desk) -> None:
    keep(line, an_item("x1", story="s", headline="Muted"), an_item("x2", headline="Wanted"))
    line.store.save_action(an_action(MUTE_STORY, story_id="s", channel=CHANNEL))
    digest = next_digest(line.store, (), CHANNEL_SETTINGS, DAILY, NOW)
    assert lines(digest.alert.message) == {"Seafood": ["MEDIUM: Wanted · Deccan Ledger · only here"]}
    assert digest.told == ("x1", "x2")


def test_what_moved_in_the_ledger_and_which_days_come_near_stand_above_the_stories(line: Desk) -> None:
    moved = a_state(25, "announced", effective=date(2026, 3, 6), arrived=NOW - HOUR, kind="changes")
    confirmed = replace(moved, kind="confirms")
    before = a_state(10, "threatened", days=-9, kind="new")
    line.store.save_follow([], [], [], [a_measure(before, moved, confirmed)])
    line.collected(an_article())
    line.store.save_analyses([(an_article(), an_analysis(deadlines=(a_deadline(), a_deadline(date(2026, 3, 9)))))])
    keep(line, an_item("x1"))
    assert list(lines(a_digest_of(line))) == ["Moved in the ledger", "Due within 7 days", "Seafood"]
    assert lines(a_digest_of(line))["Moved in the ledger"] == [
        "US reciprocal tariff on India: 25 % announced, from 6 Mar 2026 · Deccan Ledger (2 Mar 2026)"
    ]
    assert lines(a_digest_of(line))["Due within 7 days"] == [
        "In 4 days, on Fri 6 March 2026: takes effect — US reciprocal tariff on India: 25 % announced, from 6 Mar 2026",
        "In 7 days, on Mon 9 March 2026: comments due — USTR asks for comments on India",
    ]


def test_an_empty_day_says_so_in_one_line(line: Desk) -> None:
    message = a_digest_of(line)
    assert message.sections == ()
    assert message.headline == (
        "Digest of Mon 2 March 2026: no story, no move of the ledger, no deadline within 7 days"
    )
    for simple in (0, 1, 2):
        check_message(post(message, simple))


def test_a_weekly_digest_tells_the_week_with_what_the_daily_ones_told(line: Desk) -> None:
    keep(line, an_item("x1", TOLD, created=NOW - 6 * DAY), an_item("x2", SENT, created=NOW - 8 * DAY))
    message = a_digest_of(line, WEEKLY)
    assert message.headline.startswith("Weekly digest of Mon 2 March 2026: 1 story, 1 only here")
    assert message.whole == "tariffwatch digest --last --weekly --channel '#desk'"


# through the line


def folding(**changes: Any) -> Any:
    """A desk whose one watchlist leaves all to the digest."""
    settings = replace(CHANNEL_SETTINGS, **changes)
    return replace(a_desk(a_watchlist(deliver=DIGEST)), channel_settings=(settings,))


@pytest.mark.fault("S24")
def test_what_is_folded_is_never_sent_but_told_in_the_digest(line: Desk) -> None:
    line.desk = folding()
    line.told(an_article(), now=NOW - HOUR)
    assert line.states() == {CHANNEL: FOLDED}
    assert line.pipeline.deliver(NOW - HOUR) == 0
    (digest,) = line.pipeline.digest(NOW)
    assert [alert.state for alert in line.store.alerts()] == [QUEUED, TOLD]
    assert "only here" in str(digest.message.sections)
    assert line.pipeline.deliver(NOW) == 1
    assert [message.kind for _, message, _ in line.sink.sent] == ["digest"]
    assert line.heard("digest_queued")[0]["channel"] == CHANNEL


@pytest.mark.fault("S33", "T08")
def test_a_digest_comes_once_for_each_local_date_over_restarts_and_lost_answers(line: Desk) -> None:
    ticks = [NOW - MINUTE, NOW, NOW + MINUTE, NOW + 8 * HOUR, NOW + DAY - MINUTE, NOW + DAY, NOW + 25 * HOUR]
    assert [len(line.pipeline.digest(now)) for now in ticks] == [0, 1, 0, 0, 0, 1, 0]
    days = [alert.article_id for alert in reversed(line.store.alerts())]
    assert days == ["2026-03-02", "2026-03-03"]


def test_after_days_down_one_digest_tells_all_of_them(line: Desk) -> None:
    line.pipeline.digest(NOW)
    keep(line, *(an_item(f"x{n}", created=NOW + n * DAY, headline=f"Day {n}") for n in (1, 2, 3)))
    (digest,) = line.pipeline.digest(NOW + 4 * DAY)
    assert digest.message.headline.startswith("Digest of Fri 6 March 2026: 3 stories")
    assert line.pipeline.digest(NOW + 4 * DAY + HOUR) == []


def test_the_daily_and_the_weekly_digest_of_one_day_both_come(line: Desk) -> None:
    line.desk = folding(digests=BOTH)
    line.told(an_article(), now=NOW - HOUR)
    daily, weekly = line.pipeline.digest(NOW)
    assert [digest.story_id for digest in (daily, weekly)] == [DAILY, WEEKLY]
    assert daily.message.sections == weekly.message.sections


def test_what_waits_for_a_digest_that_is_configured_no_more_goes_out_as_a_card(line: Desk) -> None:
    line.desk = folding()
    line.told(an_article())
    line.desk = a_desk()
    assert line.pipeline.digest(NOW) == []
    assert line.states() == {CHANNEL: QUEUED}
    assert line.pipeline.deliver(NOW) == 1


def test_in_quiet_hours_a_card_is_held_and_goes_out_when_they_end(line: Desk) -> None:
    quiet = replace(CHANNEL_SETTINGS, quiet=Span(time(14), time(18)), digests=())
    line.desk = replace(a_desk(), channel_settings=(quiet,))
    (alert,) = line.told(an_article())
    six = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
    assert alert.due == six
    assert [line.pipeline.deliver(now) for now in (NOW, six - MINUTE, six, six + MINUTE)] == [0, 0, 1, 0]


def followed(line: Desk, article: Article, fact: Fact) -> None:
    line.collected(article)
    line.store.save_analyses([(article, an_analysis(article.id, facts=(fact,), quotes=(), sectors=(), figures=()))])
    line.pipeline.follow(NOW)


def test_an_update_that_breaks_through_takes_the_card_of_its_story_along(line: Desk) -> None:
    line.desk = replace(a_desk(), channel_settings=(replace(CHANNEL_SETTINGS, quiet=Span(time(14), time(18))),))
    followed(line, an_article(), a_fact())
    assert line.pipeline.deliver(NOW) == 0
    followed(line, an_article("a2", outlet="Gulf Wire", first_seen=NOW + MINUTE), a_fact(status="in_force"))
    while line.pipeline.deliver(NOW):
        pass
    assert [message.kind for _, message, _ in line.sink.sent] == ["new", "update"]


def test_a_measure_on_india_that_comes_into_force_goes_out_in_quiet_hours_and_beyond_the_cap(line: Desk) -> None:
    quiet = replace(CHANNEL_SETTINGS, quiet=Span(time(14), time(18)), most=1)
    line.desk = replace(a_desk(), channel_settings=(quiet,))
    followed(line, an_article(), a_fact(goods=("seafood",)))
    other = an_article("b1", title="Mills in Odisha brace for a levy on steel", text="", published=NOW)
    followed(line, other, a_fact(status="in_force", goods=("steel",)))
    later, now = line.store.alerts()[::-1]
    assert (later.message.severity, now.message.severity) == (HIGH, HIGH)
    assert (later.due, now.due) == (datetime(2026, 3, 2, 12, 30, tzinfo=UTC), None)


def test_the_cap_counts_over_batches_and_a_new_local_day_has_room_again(line: Desk) -> None:
    line.desk = replace(a_desk(), channel_settings=(replace(CHANNEL_SETTINGS, most=1),))
    (first,) = line.told(an_article("a1"))
    assert "card 1 of 1 for today" in first.message.note
    (second,) = line.told(an_article("b1", title=ELSEWHERE, text=""), now=NOW + HOUR)
    assert second.state == FOLDED
    (third,) = line.told(an_article("c1", title="Tariff on Brazilian coffee", text=""), now=NOW + DAY)
    assert third.state == QUEUED


def test_a_reminder_is_not_made_in_quiet_hours_but_after_them(line: Desk) -> None:
    quiet = replace(CHANNEL_SETTINGS, quiet=Span(time(14), time(18)))
    line.desk = replace(a_desk(), reminder_days=(7,), channel_settings=(quiet,))
    line.collected(an_article())
    line.store.save_analyses([(an_article(), an_analysis(deadlines=(a_deadline(date(2026, 3, 9)),)))])
    assert [len(line.pipeline.remind(now)) for now in (NOW, NOW + 4 * HOUR)] == [0, 1]


def test_one_run_queues_and_sends_the_digest_and_what_is_held_does_not_count_as_left(line: Desk) -> None:
    quiet = replace(CHANNEL_SETTINGS, quiet=Span(time(14), time(18)))
    line.desk = replace(a_desk(), channel_settings=(quiet,))
    line.told(an_article())
    assert OnceEngine(line.pipeline, lambda: NOW, lambda seconds: None).run() == 0
    assert [message.kind for _, message, _ in line.sink.sent] == ["digest"]
    (done,) = line.heard("done")
    assert (done["alerts_held"], done["waiting"]) == (1, 0)


def test_a_digest_that_is_asked_for_leaves_the_one_of_the_day_as_it_is(line: Desk) -> None:
    keep(line, an_item("x1"))
    asked = next_digest(line.store, (), CHANNEL_SETTINGS, ASKED, NOW - MINUTE)
    assert asked.told == ("x1",)
    assert line.store.save_digest(asked.alert, asked.told)
    (daily,) = line.pipeline.digest(NOW)
    assert daily.id != asked.alert.id
    assert lines(daily.message) == lines(asked.alert.message)


def test_in_days_of_ticks_nothing_is_lost_and_nothing_is_told_twice(line: Desk) -> None:
    """Every alert is a card or stands in one daily digest; no card goes out in quiet hours but what breaks through."""
    settings = replace(CHANNEL_SETTINGS, quiet=Span(time(22), time(7)), severity=MEDIUM, most=3)
    line.desk = replace(a_desk(), channel_settings=(settings,))
    chance, sent_at, loud = Random(7), dict[str, datetime](), set[str]()
    now = NOW
    line.sink.on_send = lambda message: sent_at.setdefault(message.id, now)
    for hour in range(4 * 24):
        now = NOW + hour * HOUR
        if hour < 3 * 24:
            name = f"x{hour}"
            message = a_message(name, severity=chance.choice([LOW, MEDIUM, HIGH]), headline=f"<{name}>")
            loud |= {name} if chance.random() < 0.1 else set()
            known = line.store.alerts_since(CHANNEL, now - 2 * DAY)
            alert = an_alert(name, story_id=name, message=message, created=now)
            keep(line, *route([alert], Route([settings], line.desk.watchlists, known, loud), now))
        line.pipeline.digest(now)
        while line.pipeline.deliver(now):
            pass
    cards = {message.id: message for _, message, _ in line.sink.sent if message.kind == "new"}
    digests = [message for _, message, _ in line.sink.sent if message.kind == "digest"]
    spared = [one.words for m in digests for s in m.sections for one in s.lines if one.words.endswith("only here")]
    assert len(digests) == 4
    assert len(cards) + len(spared) == 3 * 24
    assert {f"x{n}" for n in range(3 * 24)} == set(cards) | {words.split("<")[1].split(">")[0] for words in spared}
    assert len(line.sink.sent) == len(cards) + len(digests)
    for name in cards:
        night = not 7 <= sent_at[name].astimezone(KOLKATA).hour < 22
        assert not night or name in loud
    quiet_cards = Counter(sent_at[name].astimezone(KOLKATA).date() for name in cards if name not in loud)
    assert max(quiet_cards.values()) <= 3


# in the sinks


A_DIGEST = Message(
    id="digest-1",
    kind="digest",
    severity="high",
    headline="Digest of Mon 2 March 2026: 2 stories, 1 only here",
    url="",
    quotes=(),
    why=(),
    topics=(),
    sectors=(),
    sources=(),
    scored=True,
    sections=(
        Section("Moved in the ledger", (Line("US tariff on India: 25 % announced · Port and Loom (2 Mar 2026)", ""),)),
        Section(
            "Seafood",
            (
                Line("HIGH: US → India · 50 % · US <doubles> duty · Port and Loom", "https://example.org/shrimp"),
                Line("LOW: *Shrimp* talks · only here", "https://example.org/talks"),
            ),
        ),
    ),
    whole="tariffwatch digest --last --channel 'C1'",
)
LONG = 'A "long" headline & its <reasons> ÷ ' * 20
WORST = replace(
    A_DIGEST,
    headline=LONG,
    sections=tuple(
        Section(LONG, tuple(Line(LONG, f"https://example.org/{'x' * 900}/{n}") for n in range(80))) for _ in range(60)
    ),
)


def test_the_digest_as_slack_gets_it() -> None:
    assert {str(simple): post(A_DIGEST, simple) for simple in (0, 1, 2)} == json.loads(GOLDEN.read_text("utf-8"))


@pytest.mark.parametrize("simple", [0, 1, 2])
@pytest.mark.parametrize("message", [A_DIGEST, WORST, replace(WORST, sections=WORST.sections[:1])])
def test_no_digest_is_ever_sent_that_slack_would_refuse(message: Message, simple: int) -> None:
    check_message(post(message, simple))
    blocks = layout(message, simple)
    assert weight(blocks) < BUDGET
    for block in blocks:
        parsed = SdkBlock.parse(block)
        assert parsed is not None
        parsed.validate_json()


def test_a_line_of_a_digest_that_has_no_words_says_so() -> None:
    bare = replace(A_DIGEST, sections=(Section("Steel", (Line("\u200b", "https://example.org/1"), Line(""))),))
    check_message(post(bare, 0))
    assert json.dumps(layout(bare, 0)).count('"(no words)"') == 2


@pytest.mark.parametrize("simple", [0, 1, 2])
def test_what_is_cut_says_how_much_there_is_more_and_where(simple: int) -> None:
    many = replace(A_DIGEST, sections=(*A_DIGEST.sections, Section("Steel", (Line("LOW: more"),) * 100)))
    shown = json.dumps(post(many, simple), ensure_ascii=False)
    assert "tariffwatch digest --last --channel 'C1'" in shown
    if simple < 2:
        count = shown.count("LOW: more")
        assert f"and {100 - count} more lines" in shown
    assert "more lines" not in json.dumps(post(A_DIGEST, simple))


def test_the_console_has_all_of_it() -> None:
    out = StringIO()
    ConsoleSink(out).send(A_DIGEST, "C1")
    assert out.getvalue() == (
        "HIGH · digest → C1\n"
        "Digest of Mon 2 March 2026: 2 stories, 1 only here\n"
        "\n"
        "Moved in the ledger (1)\n"
        "• US tariff on India: 25 % announced · Port and Loom (2 Mar 2026)\n"
        "\n"
        "Seafood (2)\n"
        "• HIGH: US → India · 50 % · US <doubles> duty · Port and Loom\n"
        "  https://example.org/shrimp\n"
        "• LOW: *Shrimp* talks · only here\n"
        "  https://example.org/talks\n"
        "\n"
    )


@pytest.mark.fault("S24")
def test_a_thousand_folded_alerts_are_all_told(line: Desk) -> None:
    keep(line, *(an_item(f"x{n}", created=NOW - timedelta(minutes=n)) for n in range(1000)))
    (digest,) = line.pipeline.digest(NOW)
    assert sum(len(section.lines) for section in digest.message.sections) == 1000
    assert line.store.counts()["alerts_told"] == 1000
