"""Slack's text: nothing that comes from outside gets out of its place, whatever it is made of."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from uniseg.graphemecluster import grapheme_clusters

from bot.sinks.mrkdwn import cut, escape, link, safe_url

ENTITY = re.compile(r"&(amp|lt|gt);")
NASTY = st.sampled_from(
    (
        *("&", "<", ">", "|", ":", "*", "_", "~", "`", "\n", "\r\n", " ", "@here", "<!channel>", "<@U1>", ":skull:"),
        *("&amp;", "&am", "https://evil.example", "\u202e", "\ud800", "a"),
        *("नमस्ते", "👨\u200d👩\u200d👧\u200d👦", "🇮🇳", "e\u0301"),
    )
)
TEXT = st.lists(st.one_of(NASTY, st.text(max_size=5)), max_size=40).map("".join)


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.fault("S20")
@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        ("<https://evil.example|Approve>", "&lt;https://evil.example|Approve&gt;"),
        ("AT&amp;T", "AT&amp;amp;T"),
        ("first\n> quoted", "first &gt; quoted"),
        ("a :skull: and :+1::skin-tone-2:", "a ∶skull∶ and ∶+1∶∶skin-tone-2∶"),
        ("Trump: India at 9:30, again", "Trump: India at 9:30, again"),
    ],
)
def test_text_is_escaped_so_that_it_is_shown_as_it_was_written(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@pytest.mark.fault("S18", "S20")
@given(TEXT)
def test_escaped_text_has_no_angle_bracket_no_emoji_name_and_no_bare_ampersand(text: str) -> None:
    escaped = escape(text)
    assert not re.search(r"[<>\n]", escaped)
    assert "&" not in ENTITY.sub("", escaped)
    assert not re.search(r":[^\s:]+:", escaped)


@pytest.mark.fault("S16", "S17")
@given(TEXT, st.integers(1, 60))
@example("&" * 700, 30)
def test_escaped_text_keeps_its_limit_and_is_never_cut_inside_an_entity_or_a_cluster(text: str, limit: int) -> None:
    whole, kept = unescaped(escape(text)), escape(text, limit)
    assert len(kept) <= limit
    assert "&" not in ENTITY.sub("", kept)
    assert_whole_clusters(whole, unescaped(kept))


@pytest.mark.fault("S17")
@given(TEXT, st.integers(1, 60))
def test_plain_text_is_cut_between_clusters_only(text: str, limit: int) -> None:
    kept = cut(text, limit)
    assert len(kept) <= limit
    assert_whole_clusters(text, kept)


def assert_whole_clusters(whole: str, kept: str) -> None:
    if kept == whole:
        return
    assert kept.endswith("…")
    assert kept[:-1] in heads_of(whole)


def heads_of(text: str) -> set[str]:
    """What may be left of a text that is cut between clusters."""
    heads, grown = {""}, ""
    for cluster in grapheme_clusters(text):
        grown += cluster
        heads.add(grown.rstrip())
    return heads


@pytest.mark.fault("S17")
@given(
    st.lists(st.one_of(NASTY, st.sampled_from(["🇮", "क\u094d", "\u1100", "🏽", "\u0e31"])), max_size=30).map("".join)
)
def test_clusters_are_found_window_by_window_as_in_the_whole(text: str) -> None:
    assert_whole_clusters(text, cut(text, max(len(text) - 1, 1)))


def test_a_pile_of_marks_is_cut_in_no_time_at_all() -> None:
    started = time.process_time()
    assert len(cut("\u0e31" * 8_000, 7_000)) <= 7_000
    assert time.process_time() - started < 2


def test_what_fits_is_not_touched() -> None:
    assert cut("👨\u200d👩\u200d👧\u200d👦", 7) == "👨\u200d👩\u200d👧\u200d👦"
    assert cut("👨\u200d👩\u200d👧\u200d👦", 6) == "…"
    assert cut("नमस्ते जी", 5) == "नम…"
    assert escape("R & D", 9) == "R &amp; D"


def test_what_is_cut_takes_all_the_room_there_is() -> None:
    assert cut("abcdef", 5) == "abcd…"
    assert escape("R & Dr", 9) == "R &amp;…"
    assert escape("abcdef", 5) == "abcd…"


def test_a_line_break_that_is_cut_in_two_leaves_nothing() -> None:
    assert cut("ab\r\ncd", 4) == cut("ab\r\ncd", 5) == "ab…"


@pytest.mark.fault("S19")
def test_a_link_cannot_be_ended_early_by_its_url_or_its_label() -> None:
    assert link("https://example.org/a>b|c<d e\nf", "Duty > 50 <x>") == (
        "<https://example.org/a%3Eb%7Cc%3Cd%20e%20f|Duty &gt; 50 &lt;x&gt;>"
    )
    assert link("https://example.org/?a=1&b=2", "x") == "<https://example.org/?a=1&amp;b=2|x>"


def test_a_link_is_one_to_http_too_and_has_words_where_its_label_has_none() -> None:
    assert link("http://example.org/", "") == "<http://example.org/|link>"


def test_the_label_of_a_link_has_a_limit() -> None:
    assert link("https://example.org/", "x" * 301) == f"<https://example.org/|{'x' * 299}…>"
    assert link("https://example.org/", "abcd", 3) == "<https://example.org/|ab…>"


@pytest.mark.fault("S19")
@given(TEXT, TEXT)
def test_a_link_is_one_link_to_its_own_host_whatever_is_in_it(path: str, label: str) -> None:
    made = link(f"https://example.org/{path}", label)
    assert re.fullmatch(r"<https://example\.org/[^<>|\s]*\|[^<>]+>", made)


@pytest.mark.fault("S19")
@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//example.org/x", "https://", "", "http://["],
)
def test_a_url_that_no_reader_should_follow_leaves_the_label_alone(url: str) -> None:
    assert safe_url(url) == ""
    assert link(url, "Duty & more") == "Duty &amp; more"


def test_a_url_in_capitals_is_a_link_like_others() -> None:
    assert safe_url("HTTPS://Example.org/A") == "https://Example.org/A"


def test_a_url_that_is_encoded_already_is_left_as_it_is() -> None:
    url = "https://example.org/a%20b/?q=%7C#part"
    assert safe_url(url) == url
    assert safe_url("https://münchen.example/zölle") == "https://münchen.example/zölle"
