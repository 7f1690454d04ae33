"""The desk in Slack, over a real WebSocket: what each button and command does to the store, the files and the thread."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.actions import followed, muted_stories
from bot.config_files import user_name
from bot.events import Event
from bot.feeds import FeedState, Fetched
from bot.interactive.blocks import preformatted, said
from bot.interactive.bolt import SlackBolt
from bot.sinks.card import post
from bot.stories import Merge
from tests.desk_in_slack import SlackDesk, a_desk_in_slack, flat
from tests.fake_slack import ASHA, MEERA, RAVI, TEST_APP_TOKEN, FakeSlack, check_message
from tests.makers import DAY, NOW, a_message, an_article

WHO = user_name(os.getuid())
SHRIMP = an_article()
LATER = an_article(
    "a2",
    published=NOW,
    title="US raises tariff on Indian shrimp to 25%",
    text="Washington has raised its tariff on shrimp from India to 25%, officials said on Monday.",
    outlet="Gulf Wire",
)


@pytest.fixture(scope="module")
def bolt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakeSlack, SlackBolt]]:
    """A workspace with the app running: its client takes a second to close, so there is one for all. The vocabulary is read once,
    too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "vocabulary", cache(app.vocabulary))
        yield from connected(tmp_path_factory.mktemp("first"))


def connected(folder: Path) -> Iterator[tuple[FakeSlack, SlackBolt]]:
    with FakeSlack() as slack, a_desk_in_slack(slack, folder) as desk:
        bolt = SlackBolt(desk.clerk, TEST_APP_TOKEN, ping=0.1)
        bolt.start()
        assert slack.connected()
        yield slack, bolt
        bolt.close()


@pytest.fixture
def desk(bolt: tuple[FakeSlack, SlackBolt], tmp_path: Path) -> Iterator[SlackDesk]:
    """Asha and Ravi are editors, by their group; Meera is not."""
    slack, ear = bolt
    with a_desk_in_slack(slack, tmp_path) as desk:
        ear.clerk = desk.clerk
        yield desk


# buttons


def test_relevant_is_kept_with_who_and_when_and_thanked_for(desk: SlackDesk) -> None:
    assert desk.press(desk.card(), "relevant") == "Thanks — counted as relevant."
    (action,) = desk.kept()
    assert (action.user, action.user_name, action.at, action.kind) == (ASHA, "asha", NOW, "relevant")
    assert (action.channel, action.article_id, action.story_id) == (desk.channel, "a1", "a1")
    (answer,) = desk.line.store.answers()
    assert answer.watchlists == ("tariffs",)


@pytest.mark.parametrize(
    ("reason", "words"),
    [("wrong_topic", "wrong topic"), ("duplicate", "duplicate"), ("old", "old news"), ("spam", "spam")],
)
def test_not_relevant_is_kept_with_its_reason(desk: SlackDesk, reason: str, words: str) -> None:
    card = desk.card()
    (value,) = [v for v in values(card) if v.startswith(reason)]
    assert desk.choose(card, "not_relevant", value) == f"Thanks — counted as not relevant: {words}."
    assert [(action.kind, action.reason) for action in desk.kept()] == [("not_relevant", reason)]


def values(card: dict[str, object]) -> list[str]:
    blocks = card["blocks"]
    assert isinstance(blocks, list)
    menus = [e for block in blocks if block["type"] == "actions" for e in block["elements"] if "options" in e]
    return [option["value"] for menu in menus for option in menu["options"]]


def test_a_second_answer_takes_the_place_of_the_first_and_says_so(desk: SlackDesk) -> None:
    card = desk.card()
    desk.press(card, "relevant")
    said = desk.choose(card, "not_relevant", "Old news")
    assert said == ("Thanks — counted as not relevant: old news. It takes the place of your earlier answer: relevant.")


def test_a_press_that_is_delivered_twice_is_kept_once(desk: SlackDesk) -> None:
    desk.press(desk.card(), "relevant")
    desk.slack.sockets.redeliver()
    desk.ask("")  # goes through the same hands behind it
    assert len(desk.kept()) == 1
    assert len([m for m in desk.whispers() if "Thanks" in flat(m["blocks"])]) == 1


def test_a_press_after_the_connection_was_cut_is_heard(desk: SlackDesk) -> None:
    card = desk.card()
    desk.slack.sockets.drop()
    assert desk.slack.connected()
    assert desk.press(card, "relevant").startswith("Thanks")


def test_a_muted_story_is_told_no_more_and_the_channel_knows_who_muted_it(desk: SlackDesk) -> None:
    card = desk.card()
    desk.slack.click(card, "mute_story", user=RAVI)
    desk.slack.until(lambda: desk.thread(card))
    assert desk.thread(card) == [f"<{RAVI}> muted this story here. Nothing more of it is told in this channel.Unmute"]
    assert muted_stories(desk.kept(), desk.channel) == {"a1"}
    desk.tell(LATER)
    assert len(desk.thread(card)) == 1
    assert desk.press(card, "mute_story") == "This story is muted here already."


def test_the_note_that_a_story_is_muted_has_the_way_back(desk: SlackDesk) -> None:
    card = desk.card()
    desk.slack.click(card, "mute_story", user=RAVI)
    note = desk.slack.until(lambda: desk.slack.thread(desk.channel, card["ts"])[1:])[0]
    desk.slack.click(note, "unmute_story")
    desk.slack.until(lambda: "again" in desk.thread(card)[0])
    assert desk.thread(card) == [f"<{ASHA}> lets this story be told again."]
    assert muted_stories(desk.kept(), desk.channel) == frozenset()
    desk.tell(LATER)
    assert len(desk.thread(card)) == 2


def test_who_is_no_editor_mutes_nothing_and_is_told_whom_to_ask(desk: SlackDesk) -> None:
    card = desk.card()
    said = desk.press(card, "mute_story", user=MEERA)
    assert said.startswith(f"You are none of the editors of this desk. Your id is {MEERA}")
    assert (desk.kept(), desk.thread(card)) == ([], [])


def test_until_editors_are_named_nobody_mutes_anything(desk: SlackDesk) -> None:
    desk.live.settings = replace(desk.live.settings, editors=())
    assert "`interactive: {editors: [U…, S…]}` in config.yaml" in desk.press(desk.card(), "mute_story")


def test_a_group_that_slack_does_not_tell_of_has_no_members(desk: SlackDesk) -> None:
    desk.slack.fail("code", method="usergroups.users.list", code="missing_scope")
    said = desk.press(desk.card(), "mute_story")
    assert said.startswith("Who is in the groups of editors cannot be learnt just now, so nothing was changed")


def test_who_follows_a_story_is_mentioned_in_the_replies_of_its_thread(desk: SlackDesk) -> None:
    card = desk.card()
    assert desk.press(card, "follow", user=MEERA).startswith("You follow this story: each reply")
    assert followed(desk.kept(), desk.channel) == {"a1": (MEERA,)}
    desk.tell(LATER)
    (reply,) = desk.thread(card)
    assert reply.endswith(f"Followed by <{MEERA}>")


def test_follow_pressed_again_is_the_end_of_it(desk: SlackDesk) -> None:
    card = desk.card()
    desk.press(card, "follow", user=MEERA)
    assert desk.press(card, "follow", user=MEERA) == "You follow this story no more."
    desk.tell(LATER)
    (reply,) = desk.thread(card)
    assert MEERA not in reply


def test_only_what_looks_like_an_id_of_slack_is_called(desk: SlackDesk) -> None:
    reply = post(a_message(followers=("U0000000001", "<!channel>", "here", "S0000000001")), 0, reply=True)
    called = [piece for piece in reply["blocks"][0]["elements"][-1]["elements"] if piece["type"] != "text"]
    assert called == [{"type": "user", "user_id": "U0000000001"}]


def test_a_card_that_the_store_has_forgotten_is_told_so(desk: SlackDesk) -> None:
    card = desk.card()
    desk.slack.messages[-1]["blocks"][-1]["elements"][0]["value"] = "gone"
    assert desk.press(card, "relevant") == "The store does not know this card any more, so nothing was kept."


# why


def test_why_on_a_card_shows_the_tree_of_what_fired_and_what_was_sent(desk: SlackDesk) -> None:
    said = desk.press(desk.card(), "why", user=MEERA)
    assert "Fired: tariffs." in said
    assert "tariffs fired✔ tariff — “tariff”" in said
    assert f"Card sent: <{desk.channel}> on 02 Mar 09:30 UTC" in said
    assert "shrimp: without prawns" in said


def test_why_of_a_stored_article_that_did_not_fire_tells_the_nearest_change(desk: SlackDesk) -> None:
    desk.tell(an_article("b1", title="Cotton prices fall", text="Cotton fell in Surat."))
    said = desk.ask("why https://a.example/b1")
    assert "No watchlist fired." in said
    assert "Nothing was sent of it." in said
    assert "tariffs: without tariff" in said


def test_why_of_an_article_that_the_store_never_saw_fetches_and_reads_it(desk: SlackDesk) -> None:
    page = b"<html><body><article><h1>Duty on steel</h1><p>" + b"The tariff on Indian shrimp goes up. " * 20
    desk.line.fetcher.web["https://b.example/x"] = Fetched("https://b.example/x", 200, page, content_type="text/html")
    said = desk.ask("why https://b.example/x")
    assert "Fired: tariffs." in said
    assert "The store has not seen it: it was fetched and read just now, and nothing is sent of it." in said
    assert desk.line.store.counts()["articles"] == 0


def test_why_of_a_page_that_cannot_be_fetched_says_why_not(desk: SlackDesk) -> None:
    assert "https://c.example/x cannot be fetched: dns" in desk.ask("why <https://c.example/x>")


@pytest.mark.parametrize("words", ["why", "why /etc/passwd", "why file:///etc/passwd"])
def test_why_reads_no_files(desk: SlackDesk, words: str) -> None:
    assert desk.ask(words).startswith("Which article?")


def test_why_is_acknowledged_at_once(desk: SlackDesk) -> None:
    desk.card()
    desk.ask("why https://a.example/a1")
    assert "Looking…" in [m["text"] for m in desk.slack.until(lambda: desk.whispers()[1:] and desk.whispers())]


def test_what_a_feed_wrote_stays_plain_text_in_an_answer(desk: SlackDesk) -> None:
    desk.tell(an_article("b1", title="<!channel> *tariff* <@U0000000002> :tada:"))
    desk.ask("why https://a.example/b1")
    (shown,) = [m for m in desk.whispers() if m["text"] != "Looking…"]
    assert "<!channel>" in flat(shown["blocks"])
    assert "<!channel>" not in shown["text"]
    assert "<@U" not in shown["text"]


def test_a_tree_in_an_answer_keeps_its_lines_and_shows_no_character_that_cannot_be_seen() -> None:
    (tree,) = preformatted("✔ all of\n  ✔ “\u202emilk”\x1b[2J\u2028 NOT")["elements"]
    assert tree["text"] == "✔ all of\n  ✔ “milk”[2J  NOT"


@pytest.mark.parametrize("line", ["a", '"' * 900])
def test_of_an_answer_too_long_for_slack_its_beginning_is_said_and_how_much_more_there_is(line: str) -> None:
    shown = said(f"{line}\n" * 3_000)
    check_message({"blocks": shown})
    assert re.search(r"and 2,9[0-9]0 more lines", flat(shown))


def test_an_unknown_word_is_answered_with_what_there_is(desk: SlackDesk) -> None:
    assert "/tariffwatch why https://…" in desk.ask("dance")


def test_while_slack_cannot_be_reached_that_is_told_and_nothing_else_stops(desk: SlackDesk) -> None:
    desk.slack.fail("code", method="apps.connections.open", code="invalid_auth")
    another = SlackBolt(desk.clerk, TEST_APP_TOKEN)
    another.start()
    desk.slack.until(lambda: desk.line.heard("slack_connection_failed"))
    assert desk.line.heard("slack_connection_failed") == [{"error": "Slack answered invalid_auth", "again_in": 5.0}]
    another.close()


def test_no_secret_is_told_to_the_log(desk: SlackDesk) -> None:
    desk.slack.fail("500", method="response_url", posted=False)
    desk.slack.command("/tariffwatch", "why https://a.example/none", channel=desk.channel)
    desk.slack.until(lambda: desk.line.heard("slack_answer_failed"))
    told = str([event for event in desk.line.events if isinstance(event, Event)])
    assert "hidden" not in told
    assert "xapp" not in told


# other questions


def test_status_tells_of_feeds_articles_and_alerts(desk: SlackDesk) -> None:
    desk.card()
    said = desk.ask("status", user=MEERA)
    assert "1 item, 1 alert, nothing waits" in said
    assert "1 item read, 1 wanted in 1 story" in said


def test_status_names_the_feeds_that_fail(desk: SlackDesk) -> None:
    desk.line.store.save_feed(FeedState("https://a.example/rss", errors=3, error="dns: no such host"), [])
    said = desk.ask("status")
    assert "Failing: A (a.example/rss), not read ever: dns: no such host" in said


def test_the_ledger_is_looked_up_by_words(desk: SlackDesk) -> None:
    desk.card()
    assert "US tariff on India: seafood: 25 % announced" in desk.ask("ledger SEAFOOD us")
    assert desk.ask("ledger steel") == "The ledger holds nothing of that kind."


def test_a_story_is_muted_and_unmuted_by_the_address_of_its_article(desk: SlackDesk) -> None:
    card = desk.card()
    assert desk.ask("mute https://a.example/a1") == "Done. The thread of the card says so."
    assert muted_stories(desk.kept(), desk.channel) == {"a1"}
    assert desk.ask("unmute https://a.example/a1", user=RAVI) == "Done. The thread of the card says so."
    assert muted_stories(desk.kept(), desk.channel) == frozenset()
    assert [line.partition(">")[0] for line in desk.thread(card)] == [f"<{ASHA}", f"<{RAVI}"]


def test_a_story_that_was_muted_before_it_was_merged_is_muted_still_and_so_is_the_way_back(desk: SlackDesk) -> None:
    card = desk.card()
    desk.ask("mute https://a.example/a1")
    younger = desk.line.store.story("a1")
    assert younger is not None
    desk.tell(an_article("b1", title="Tariff on steel of Brazil", text="Mills in Brazil.", published=NOW - DAY))
    elder = desk.line.store.story("b1")
    assert elder is not None
    merge = Merge("a1", "b1", NOW, "tells of both", younger.told)
    one = replace(elder, members=(*elder.members, *younger.members), merges=(merge,))
    desk.line.store.save_follow([], [one], [])
    assert "Its story is muted in this channel." in desk.press(card, "why")
    assert desk.press(card, "mute_story") == "This story is muted here already."
    assert desk.ask("unmute https://a.example/b1", user=RAVI) == "Done. The thread of the card says so."
    assert muted_stories(desk.kept(), desk.channel) == frozenset()


def test_what_was_not_told_here_is_not_muted_here(desk: SlackDesk) -> None:
    assert desk.ask("mute https://a.example/a1").startswith("No card of that article's story was posted here")
    before = len(desk.slack.ephemerals(ASHA))
    desk.slack.command("/tariffwatch", "mute https://a.example/a1", channel="C0999999999")
    (answer,) = desk.slack.until(lambda: desk.slack.ephemerals(ASHA)[before:])
    assert flat(answer["blocks"]).startswith("This channel hears nothing of the desk")


def test_a_digest_that_is_asked_for_tells_the_channel_now_and_what_waited_for_it(desk: SlackDesk) -> None:
    desk.tell(SHRIMP)
    assert desk.ask("digest now", user=MEERA).startswith("You are none of the editors")
    assert desk.ask("digest now") == "The digest is on its way to this channel."
    desk.tell()
    assert "US to raise tariff on Indian shrimp to 25%" in flat(desk.slack.seen(desk.channel)[-1]["blocks"])
    assert len(desk.slack.seen(desk.channel)) == 2
    assert [(action.kind, action.channel) for action in desk.kept()] == [("digest_now", desk.channel)]


@pytest.mark.parametrize("words", ["digest", "digest tomorrow"])
def test_a_digest_is_asked_for_by_two_words(desk: SlackDesk, words: str) -> None:
    assert desk.ask(words).startswith("/tariffwatch why")


# watchlists


def window(desk: SlackDesk, words: str, user: str = ASHA) -> dict[str, Any]:
    """The window that a command opens; those of other tests are closed first."""
    desk.slack.open_views.clear()
    desk.slack.command("/tariffwatch", words, user=user, channel=desk.channel)
    view: dict[str, Any] = desk.slack.until(lambda: desk.slack.views(user))[-1]
    return view


def shown(desk: SlackDesk, holds: str, user: str = ASHA) -> str:
    """What the window says, once it says that."""
    return desk.slack.until(lambda: next((w for v in desk.slack.views(user) if holds in (w := flat(v["blocks"]))), ""))


def test_the_watchlists_are_listed_for_everybody(desk: SlackDesk) -> None:
    assert desk.ask("watch list", user=MEERA) == (
        f"tariffs → <{desk.channel}> · added by {WHO} on 2 Mar 2026\nshrimp → <{desk.channel}> · added by {WHO} on 2 Mar 2026"
    )


@pytest.mark.parametrize("words", ["watch add", "watch edit shrimp", "watch undo shrimp"])
def test_who_is_no_editor_changes_no_watchlist(desk: SlackDesk, words: str) -> None:
    assert desk.ask(words, user=MEERA).startswith("You are none of the editors")
    assert desk.slack.views(MEERA) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("watch edit", "Which one?"),
        ("watch undo", "Which one?"),
        ("watch edit prawns", "There is no watchlist prawns. Known are tariffs, shrimp."),
        ("watch undo prawns", "no version of a watchlist prawns is kept"),
        ("watch dance", "/tariffwatch why"),
    ],
)
def test_a_watchlist_that_is_not_there_is_told_so(desk: SlackDesk, words: str, said: str) -> None:
    assert desk.ask(words).startswith(said)


def test_a_watchlist_is_added_by_window_tried_and_saved(desk: SlackDesk) -> None:
    desk.tell(SHRIMP, an_article("b1", title="Shrimp festival in Kochi", text="Shrimp for all."))
    view = window(desk, "watch add")
    wrong = desk.slack.submit(view, {"name": "Shrimp!", "query": "SENT(shrimp"})
    assert wrong.errors == {"name": "'shrimp!' is no name — write small letters, digits and hyphens: russian-oil"}
    wrong = desk.slack.submit(view, {"name": "sea", "query": "SENT(“shrimp”"})
    assert wrong.errors == {"query": 'the query ends too early at ▲: SENT("shrimp"▲ — expected ")"'}
    desk.slack.click(view, "tariffwatch_try")
    assert 'SENT("shrimp"\n                 ^' in shown(desk, "too early")
    desk.slack.choose(view, "query", "shrimp relevant>=0.5")
    desk.slack.click(view, "tariffwatch_try")
    said = shown(desk, "Would have fired")
    assert "Would have fired 1 time in 1 day\non 2 articles: 1 alert02 Mar █ 02 Mar, at most 1 alert a day" in said
    assert "Hits\n• US to raise tariff on Indian shrimp to 25% (Deccan Ledger, 2 Mar 2026) — “shrimp”\n" in said
    assert "Near misses\n• Shrimp festival in Kochi (Deccan Ledger, 2 Mar 2026) — short of: relevant>=0.5" in said
    assert desk.slack.submit(view, {"owner": "Asha", "severity": "High"}).action == "update"
    assert shown(desk, "version 1") == (
        "sea is saved in watchlists/slack.yaml as version 1. The desk goes by it from now on."
    )
    assert (desk.folder / "watchlists" / "slack.yaml").read_text("utf-8") == (
        'watchlists:\n  - name: sea\n    query: >-\n      shrimp relevant>=0.5\n    severity: high\n    owner: "Asha"\n'
    )
    (version,) = desk.line.store.versions("sea")
    assert (version.who, version.what, version.number) == (f"asha ({ASHA})", "added", 1)
    (action,) = [action for action in desk.kept() if action.kind == "watch_add"]
    assert (action.user, action.note) == (ASHA, "sea, version 1")
    assert desk.notices()[0][0] == "Watchlist sea added by asha from Slack"
    desk.tell(an_article("c1", title="Shrimp tariff rises in Kochi", text="No.", published=NOW))
    assert "sea (Asha): “Shrimp”" in flat(desk.slack.seen(desk.channel)[-1]["blocks"])


def test_a_watchlist_is_changed_where_it_stands_and_its_comments_stay(desk: SlackDesk) -> None:
    desk.card()
    view = window(desk, "watch edit shrimp")
    desk.slack.choose(view, "query", "shrimp OR prawns")
    desk.slack.click(view, "tariffwatch_try")
    assert "The present version has 0 hits; this loses 0 hits and gains 1 hit" in shown(desk, "present version")
    desk.slack.submit(view)
    assert "shrimp is saved in config.yaml as version 2." in shown(desk, "version 2")
    assert "  - name: shrimp  # ours\n    query: >-\n      shrimp OR prawns\n" in desk.config()
    assert [w.query_text for w in desk.live.pipeline.desk.watchlists] == ["tariff", "shrimp OR prawns"]
    heading, lines = desk.notices()[0]
    assert heading == "Watchlist shrimp changed by asha from Slack"
    assert "-query: prawns" in lines


def test_a_change_is_taken_back_by_a_command(desk: SlackDesk) -> None:
    view = window(desk, "watch edit shrimp")
    desk.slack.submit(view, {"query": "shrimp", "until": "2027-01-31"})
    shown(desk, "version 2")
    assert "until: 2027-01-31" in desk.config()
    assert desk.ask("watch undo shrimp") == (
        "shrimp is saved in config.yaml as version 3. The desk goes by it from now on."
    )
    assert "until" not in desk.config()
    assert [version.what for version in desk.line.store.versions("shrimp")] == ["added", "changed", "undone"]
    assert [(a.kind, a.user) for a in desk.kept()] == [("watch_edit", ASHA), ("watch_undo", ASHA)]


def test_a_command_that_is_delivered_twice_is_done_once(desk: SlackDesk) -> None:
    desk.slack.submit(window(desk, "watch edit shrimp"), {"query": "shrimp"})
    shown(desk, "version 2")
    desk.ask("watch undo shrimp")
    desk.slack.sockets.redeliver()
    desk.ask("status")
    assert len(desk.line.store.versions("shrimp")) == 3


def test_a_watchlist_without_a_digest_to_wait_for_is_not_saved(desk: SlackDesk) -> None:
    desk.slack.submit(window(desk, "watch edit shrimp"), {"deliver": "digest"})
    assert f"deliver: {desk.channel} has no digest" in shown(desk, "nothing was saved")
    assert "deliver" not in desk.config()


def test_what_somebody_else_changed_meanwhile_is_not_written_over(desk: SlackDesk) -> None:
    view = window(desk, "watch edit shrimp")
    desk.slack.command("/tariffwatch", "watch edit shrimp", user=RAVI, channel=desk.channel)
    (other,) = desk.slack.until(lambda: desk.slack.views(RAVI))
    desk.slack.submit(other, {"query": "shrimp OR fish"})
    shown(desk, "version 2", RAVI)
    desk.slack.submit(view, {"query": "shrimp"})
    said = shown(desk, "meanwhile")
    assert "shrimp was changed meanwhile — open it again, and nothing is lost" in said
    assert "shrimp OR fish" in desk.config()


def test_nothing_is_saved_while_the_settings_would_not_load(desk: SlackDesk) -> None:
    view = window(desk, "watch add")
    text = desk.config()
    (desk.folder / "config.yaml").write_text(text.replace("outlet: A", "outlets: A"), "utf-8")
    desk.slack.submit(view, {"name": "sea", "query": "shrimp"})
    assert "nothing was saved: with it the settings would not load" in shown(desk, "nothing was saved")
    assert not (desk.folder / "watchlists").exists()


def test_a_folder_that_cannot_be_read_is_told_in_the_window(desk: SlackDesk) -> None:
    view = window(desk, "watch add")
    (desk.folder / "watchlists").write_text("a file", "utf-8")
    desk.slack.submit(view, {"name": "sea", "query": "shrimp"})
    assert "watchlists: cannot be read" in shown(desk, "cannot be")


def test_who_is_an_editor_no_more_saves_nothing(desk: SlackDesk) -> None:
    view = window(desk, "watch add")
    desk.live.settings = replace(desk.live.settings, editors=(RAVI,))
    desk.slack.submit(view, {"name": "sea", "query": "shrimp"})
    assert "You are none of the editors" in shown(desk, "none of the editors")
    assert [version.name for version in desk.line.store.versions()] == ["shrimp", "tariffs"]


def test_a_name_that_is_taken_is_told_at_its_field(desk: SlackDesk) -> None:
    view = window(desk, "watch add")
    wrong = desk.slack.submit(view, {"name": "shrimp", "query": "fish"})
    assert wrong.errors["name"].startswith("there is a watchlist of that name already")


def test_a_fault_of_ours_is_told_in_the_window_and_the_log_and_the_next_act_is_done(desk: SlackDesk) -> None:
    view = window(desk, "watch edit shrimp")
    desk.line.store.close()
    desk.live.pipeline.store = None  # type: ignore[assignment]  # the fault
    desk.slack.submit(view, {"query": "shrimp"})
    assert "That did not work (AttributeError). The log of the desk says more." in shown(desk, "did not work")
    (event,) = desk.slack.until(lambda: desk.line.heard("slack_act_failed"))
    assert event["error"] == "AttributeError"
    assert desk.ask("dance").startswith("/tariffwatch why")


def test_what_became_of_a_window_that_was_closed_is_told_in_the_channel(desk: SlackDesk) -> None:
    view = window(desk, "watch edit shrimp")
    desk.clerk.patience = 0.0
    desk.slack.fail("code", method="views.update", code="not_found")
    desk.slack.submit(view, {"query": "shrimp"})
    assert desk.said() == "shrimp is saved in config.yaml as version 2. The desk goes by it from now on."


def test_a_trial_without_articles_says_so(desk: SlackDesk) -> None:
    view = window(desk, "watch edit shrimp")
    desk.slack.click(view, "tariffwatch_try")
    assert shown(desk, "holds no article")
