"""URLs in canonical form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.urls import canonical


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Ledger.Example:80/a/../b#top", "http://ledger.example/b"),
        ("https://ledger.example:443", "https://ledger.example/"),
        ("https://ledger.example:8443/x", "https://ledger.example:8443/x"),
        ("https://ledger.example./x", "https://ledger.example/x"),
        ("https://me:secret@ledger.example/x", "https://ledger.example/x"),
        ("  https://ledger.example/a b\n", "https://ledger.example/a%20b"),
        ("www.ledger.example/x", "https://www.ledger.example/x"),
        ("https://münchen.example/ü?q=ä", "https://xn--mnchen-3ya.example/%C3%BC?q=%C3%A4"),
        ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
    ],
)
def test_there_is_one_way_to_write_an_address(url: str, expected: str) -> None:
    assert canonical(url) == expected


@pytest.mark.parametrize(
    "query",
    [
        "utm_source=rss&utm_medium=feed",
        "fbclid=abc",
        "gclid=1&mc_cid=2&mc_eid=3",
        "ref=rss",
        "source=rss",
        "from=feed",
        "__twitter_impression=true",
        "UTM_Campaign=x",
        "amp",
        "amp=1",
        "output=amp",
    ],
)
def test_what_only_tracks_the_reader_is_dropped(query: str) -> None:
    assert canonical(f"https://ledger.example/x?{query}") == "https://ledger.example/x"
    assert canonical(f"https://ledger.example/x?id=7&{query}") == "https://ledger.example/x?id=7"


@pytest.mark.parametrize(
    "query", ["id=7", "page=2", "p=12", "q=tariff", "ref=REL-2026-14", "source=ustr", "from=2026-11-01"]
)
def test_what_says_which_page_it_is_stays(query: str) -> None:
    assert canonical(f"https://ledger.example/x?{query}") == f"https://ledger.example/x?{query}"


def test_the_order_of_parameters_makes_no_difference() -> None:
    assert canonical("https://a.example/?b=2&a=1") == canonical("https://a.example/?a=1&b=2")


@pytest.mark.parametrize("end", ["/amp", "/amp/", "/amp/1"])
def test_the_mobile_edition_is_the_article_itself(end: str) -> None:
    assert canonical(f"https://ledger.example/shrimp{end}") == "https://ledger.example/shrimp"
    assert canonical("https://a.example/news/amp_articleshow/1.cms") == "https://a.example/news/articleshow/1.cms"


def test_a_page_about_amp_is_not_a_mobile_edition() -> None:
    assert canonical("https://ledger.example/amp") == "https://ledger.example/amp"
    assert canonical("https://ledger.example/champ") == "https://ledger.example/champ"


def test_a_redirector_that_shows_where_it_leads_is_skipped() -> None:
    alert = "https://www.google.com/url?rct=j&sa=t&url=https://ledger.example/x%3Fid%3D7&ct=ga&usg=A"
    assert canonical(alert) == "https://ledger.example/x?id=7"
    assert canonical("https://www.google.co.in/url?q=javascript:alert(1)").startswith("https://www.google.co.in/url?")


def test_an_aggregators_own_link_loses_its_language_tail() -> None:
    assert canonical("https://news.google.com/rss/articles/CBM?oc=5") == "https://news.google.com/rss/articles/CBM"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/trade/x", "https://ledger.example/trade/x"),
        ("x", "https://ledger.example/news/x"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("?p=1", "https://ledger.example/news/?p=1"),
        ("http://other.example/x", "http://other.example/x"),
    ],
)
def test_a_relative_link_starts_from_its_base(url: str, expected: str) -> None:
    assert canonical(url, "https://ledger.example/news/") == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "/x",
        "//cdn.example/x",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:desk@ledger.example",
        "tag:ledger.example,2026:1",
        "http://",
        "http://:80/x",
        "http://[::1/x",
        "http://ledger.example:99999/x",
        "https://ledger.example/" + "x" * 5000,
    ],
)
def test_what_leads_nowhere_on_the_web_is_empty(url: str) -> None:
    assert canonical(url) == ""


def test_a_file_is_no_base_for_links() -> None:
    assert canonical("/etc/passwd", "file:///srv/feed.xml") == ""


@given(st.text(max_size=60), st.sampled_from(["", "https://ledger.example/news/"]))
def test_canonical_never_fails_and_is_stable(url: str, base: str) -> None:
    once = canonical(url, base)
    assert canonical(once) == once


@given(st.text(st.sampled_from("abÄ%20/?&=#@:.[]\\\t"), max_size=30))
def test_so_for_addresses_that_are_nearly_right(rest: str) -> None:
    once = canonical(f"http://a.example/{rest}")
    assert canonical(once) == once
