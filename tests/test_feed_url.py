"""Which URLs are taken as feeds, and which lead to the same one."""

import pytest

from bot.feed_url import problem_with, same_feed


@pytest.mark.fault("P39")
@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/feed",
        "http://127.0.0.1:8123/feed.xml",
        "https://example.com:443/?a=1&b[]=2",
        "https://[2001:db8::1]/feed",
        "https://समाचार.example/feed",
        "file:///home/desk/feed.xml",
        "file://localhost/home/desk/feed.xml",
    ],
)
def test_a_url_of_a_feed_is_taken(url: str) -> None:
    assert problem_with(url) is None


@pytest.mark.fault("X12", "P39")
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "is no URL"),
        ("example.com/feed", "is no URL"),
        ("gopher://example.com/feed", "is no URL that can be polled"),
        ("ftp://example.com/feed", "is no URL that can be polled"),
        ("javascript:alert(1)", "is no URL that can be polled"),
        ("https:///feed", "names no host"),
        ("https://example.com/a b", "' '"),
        ("https://example.com/\nx", "'\\n'"),
        ('https://example.com/?q="x"', "'\"'"),
        ("http://[::1/feed", "is no URL"),
        ("http://example.com:99999/feed", "is no URL"),
        ("http://example.com:22/feed", "port 22"),
        ("http://example.com:6379/feed", "port 6379"),
        ("http://ok@127.0.0.1/", "user name or password"),
        ("http://desk:s3cret@example.com/feed", "user name or password"),
        ("file://server/share/feed.xml", "names no file"),
        ("file:feed.xml", "names no file"),
        ("file:///", "names no file"),
    ],
)
def test_any_other_url_is_refused_and_not_repeated(url: str, words: str) -> None:
    problem, hint = problem_with(url) or ("", "")
    assert words in problem
    assert hint
    assert "s3cret" not in problem + hint


def test_a_file_is_refused_where_only_the_web_is_asked_for() -> None:
    assert problem_with("file:///etc/passwd", ("https", "http"))


@pytest.mark.fault("P39")
@pytest.mark.parametrize(
    "other",
    ["https://EXAMPLE.com/a?b=1", "HTTPS://example.com:443/a?b=1", "https://example.com./a?b=1#top"],
)
def test_urls_that_differ_in_writing_only_are_one_feed(other: str) -> None:
    assert same_feed(other) == same_feed("https://example.com/a?b=1")


@pytest.mark.parametrize(
    "other", ["https://example.com/A?b=1", "https://example.com/a?b=2", "http://example.com/a?b=1"]
)
def test_urls_with_another_path_query_or_scheme_are_others(other: str) -> None:
    assert same_feed(other) != same_feed("https://example.com/a?b=1")
