"""Feed lists from and for other readers: taken whole or not at all."""

import pytest

from bot.errors import ConfigError
from bot.feeds import Feed
from bot.sources.opml import read_opml, write_opml


def opml(body: str) -> bytes:
    return f'<?xml version="1.0"?>\n<opml version="2.0"><head/><body>\n{body}\n</body></opml>'.encode()


def refusal(data: bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        read_opml(data, "reader.opml")
    return str(caught.value)


def test_folders_are_flattened_and_the_order_kept() -> None:
    body = """<outline text="Trade">
      <outline type="rss" text="Short" title="USTR" xmlUrl="https://ustr.gov/rss.xml"/>
      <outline text="India"><outline text="PIB &amp; more" xmlURL=" https://pib.example/rss "/></outline>
    </outline>
    <outline type="link" text="no feed" url="https://example.com"/>
    <outline type="rss" xmlUrl="http://nameless.example/feed"/>"""
    assert read_opml(opml(body)) == (
        Feed("https://ustr.gov/rss.xml", "USTR"),
        Feed("https://pib.example/rss", "PIB & more"),
        Feed("http://nameless.example/feed", "nameless.example"),
    )


def test_every_bad_line_is_told_and_nothing_taken() -> None:
    body = """<outline text="good" xmlUrl="https://a.example/feed"/>
<outline text="again" xmlUrl="https://A.example:443/feed"/>
<outline text="no address" type="rss"/>
<outline text="bad" xmlUrl="file:///etc/passwd"/>
<outline text="bad" xmlUrl="https://me:s3cret@b.example/feed"/>"""
    lines = refusal(opml(body)).splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"reader.opml:{n}" for n in (4, 5, 6, 7)]
    assert "twice" in lines[0]
    assert "line 3" in lines[0]
    assert "without xmlUrl" in lines[1]
    assert "s3cret" not in lines[3]


def test_a_duplicate_on_the_same_line_is_seen() -> None:
    assert "twice" in refusal(opml('<outline xmlUrl="https://a.example/f"/><outline xmlUrl="https://a.example/f"/>'))


def test_of_very_many_bad_lines_the_first_are_told() -> None:
    lines = refusal(opml('<outline type="rss"/>\n' * 1000)).splitlines()
    assert lines[-1] == "… and 960 more"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not XML"),
        (b"feeds: []", "is not XML"),
        (opml("<outline")[:-20], "is not XML"),
        (opml("\x00"), "is not XML"),
        (b"<html><body/></html>", "is no OPML"),
        (b"<rss><channel/></rss>", "is no OPML"),
        (opml(""), "names no feed"),
        (b'<?xml version="1.0" encoding="klingon"?><opml/>', "encoding"),
        (b'<?xml version="1.0" encoding="utf-7"?><opml/>', "encoding"),
        (b'<!DOCTYPE o [<!ENTITY a "b">]><opml><body/></opml>', "has a DTD"),
        (b'<!DOCTYPE o SYSTEM "file:///etc/passwd"><opml/>', "has a DTD"),
        (opml("<outline>" * 10_000), "more than 50 levels"),
        (opml("<outline/>" * 200_000), "more than 10000 elements"),
        (b" " * 5_000_001, "larger than 5 MB"),
    ],
)
def test_what_is_no_reasonable_opml_is_refused(data: bytes, words: str) -> None:
    told = refusal(data)
    assert words in told
    assert told.startswith("reader.opml")
    assert " — " in told


def test_an_old_encoding_is_read() -> None:
    data = '<?xml version="1.0" encoding="iso-8859-1"?><opml><body><outline text="Café" xmlUrl="https://a.example/"/></body></opml>'
    assert read_opml(data.encode("latin-1")) == (Feed("https://a.example/", "Café"),)


def test_what_is_written_is_read_back() -> None:
    feeds = (
        Feed("https://a.example/?x=1&y[]=2", 'Trade & "Tariff" <daily>'),
        Feed("https://b.example/समाचार", "भारत\x07 news\n"),
    )
    back = read_opml(write_opml(feeds).encode())
    assert [feed.url for feed in back] == [feed.url for feed in feeds]
    assert [feed.outlet for feed in back] == ['Trade & "Tariff" <daily>', "भारत news"]
