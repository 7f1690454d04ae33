"""Text made plain at the border."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.text import clean, line, plain, plain_if_markup


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
        ("a<b>b</b>c, <i>d</i>", "abc, d"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>a<li>b</ul>c", "a\nb\nc"),
        ("<table><tr><td>18%</td><td>25%</td></tr></table>", "18%\n25%"),
        ("AT&amp;T &lt;b&gt; &#8377;500&nbsp;crore", "AT&T <b> ₹500 crore"),
        ("&amp;amp;", "&amp;"),
        ("x<script>alert('<p>')</script>y<style>p{}</style>z", "xyz"),
        ("before<!-- not this -->after", "beforeafter"),
        ("<p>a\n   long\tline</p>", "a long line"),
        ("<pre>cut at\na width</pre>", "cut at a width"),
        ("<p>never <b>closed", "never closed"),
        ("a < b & c", "a < b & c"),
        ("&#x202e;evil&#x200b;", "evil"),
        ('<a href="java&#10;script:alert(1)">x</a><!--><img src=x onerror=y>-->', "x-->"),
        ("", ""),
    ],
)
def test_of_markup_only_the_words_are_left(markup: str, expected: str) -> None:
    assert plain(markup) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x0bc\x1b[31md", "ab\nc[31md"),
        ("pay\u202eto\u2066me\u200b\ufeff\u00ad\U000e0041", "paytome"),
        ("one\r\ntwo\u2028three\n\n \nfour", "one\ntwo\nthree\nfour"),
        ("a\u00a0 \u2003b", "a b"),
        ("e\u0301", "é"),
        ("e" + "\u0301" * 4000, "é" + "\u0301" * 3),
        ("x\ud800y", "x\ufffdy"),
        ("ad\u200dmin", "admin"),
        ("क्\u200dष", "क्\u200dष"),
        ("\U0001f469\u200d\U0001f33e", "\U0001f469\u200d\U0001f33e"),
    ],
)
def test_what_cannot_be_seen_is_gone_but_what_scripts_need_stays(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tariffs &amp; trade", "Tariffs & trade"),
        ("It&#8217;s <b>on</b>", "It’s on"),
        ("Copper < $9,000 & falling", "Copper < $9,000 & falling"),
        ("<!channel> *bold* <https://evil.example|Approve>", "<!channel> *bold* <https://evil.example|Approve>"),
        ("&&&& and &unknown;", "&&&& and &unknown;"),
    ],
)
def test_plain_text_is_taken_for_markup_only_when_it_holds_some(text: str, expected: str) -> None:
    assert plain_if_markup(text) == expected


def test_a_title_is_one_line_of_bounded_length() -> None:
    assert line("one\ntwo") == "one two"
    assert len(line("x" * 9000)) == 500
    assert line("x" * 9000).endswith("…")


def test_a_text_is_of_bounded_length() -> None:
    assert len(plain("word " * 500_000)) <= 100_000
    assert len(plain_if_markup("word " * 500_000)) <= 100_000


@given(st.text(st.characters()))
def test_cleaning_never_fails_leaves_nothing_invisible_and_done_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in once if c != "\n")
    once.encode()


@given(st.text(st.sampled_from("<>/&;#xpbr!-a \x00\ud800'\"=")))
def test_no_markup_however_broken_makes_it_fail(markup: str) -> None:
    plain(markup).encode()
