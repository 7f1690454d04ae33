"""Feeds of every kind, read into entries; golden pairs lie in `feeds`."""

import json
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.feeds import Feed, Fetched, ParsedFeed
from bot.sources.rss import FeedparserParser

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://f.example/feed"
SAMPLES = Path(__file__).parent / "feeds"
ITEM = "<item><title>Duty &amp; quota</title><link>http://a.example/1</link></item>"


def parse(body: bytes | str, content_type: str = "", url: str = URL) -> ParsedFeed:
    body = body.encode() if isinstance(body, str) else body
    return FeedparserParser().parse(Fetched(url, 200, body, url, content_type), Feed(url, "F"), NOW)


def rss(items: str, channel: str = "") -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{channel}{items}</channel></rss>'


def titles(parsed: ParsedFeed) -> list[str]:
    return [entry.title for entry in parsed.entries]


def as_json(parsed: ParsedFeed) -> object:
    def plain(value: object) -> object:
        return value.isoformat() if isinstance(value, datetime) else value.total_seconds()  # type: ignore[attr-defined]

    return json.loads(json.dumps(asdict(parsed), default=plain))


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir() if ".expected" not in path.name))
def test_a_feed_gives_the_entries_written_beside_it(name: str) -> None:
    expected = json.loads((SAMPLES / f"{name}.expected.json").read_text("utf-8"))
    assert as_json(parse((SAMPLES / name).read_bytes())) == expected


def test_a_feed_without_entries_is_still_a_feed() -> None:
    assert parse(rss("")) == ParsedFeed("F", ())
    assert parse('{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": []}') == ParsedFeed("J", ())


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="hi"><title>F</title><entry {lang}><title>A duty</title>
<author><name>Asha Rao</name></author><link href="http://a.example/1"/></entry></feed>"""
JSON = """{{"version": "https://jsonfeed.org/version/1.1", "language": "en-IN", "title": "J", "authors": [{{"name": "Desk"}}],
"items": [{{"id": "1", "title": "A duty" {more}}}]}}"""
DC = '<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">Asha Rao</dc:creator>'


@pytest.mark.parametrize(
    ("body", "author", "lang"),
    [
        (rss(ITEM, "<language>en_US</language>"), "", "en-us"),
        (rss(ITEM.replace("</item>", f"{DC}</item>")), "Asha Rao", ""),
        (
            rss(ITEM.replace("</item>", "<author>a@b.example (Asha &lt;b&gt;Rao&lt;/b&gt;)</author></item>")),
            "Asha Rao",
            "",
        ),
        (rss(ITEM, "<language>all of them</language>"), "", ""),
        (ATOM.format(lang=""), "Asha Rao", "hi"),
        (ATOM.format(lang='xml:lang="en"'), "Asha Rao", "en"),
        (JSON.format(more=""), "Desk", "en-in"),
        (JSON.format(more=', "language": "ta", "authors": [{"name": "A"}, {"name": "B"}, 5]'), "A, B", "ta"),
        (JSON.format(more=', "author": {"name": "C"}'), "C", "en-in"),
    ],
)
def test_an_entry_has_its_author_and_its_language_or_that_of_the_feed(body: str, author: str, lang: str) -> None:
    (entry,) = parse(body).entries
    assert (entry.author, entry.lang) == (author, lang)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "an empty document"),
        (" \n\x00", "an empty document"),
        ("<!DOCTYPE html><html><body><p>Log in</p></body></html>", "an HTML page, not a feed: look on that page"),
        (
            '<html><head><link rel="alternate" type="application/rss+xml" href="/news.xml?a=1&amp;b"></head></html>',
            "it names its feed as /news.xml?a=1&b",
        ),
        ("<opml version='2.0'><body/></opml>", "its first element is <opml>"),
        ("Service unavailable", "no XML and no JSON"),
        ("/etc/passwd", "no XML and no JSON"),
        ("http://127.0.0.1:1/feed", "no XML and no JSON"),
        ("%PDF-1.7", "no XML and no JSON"),
        ('{"items": {"a": 1}}', "no list of `items`"),
        ('{"error": "not found"}', "no list of `items`"),
        ('{"items": [}', "begins like JSON but cannot be read"),
        ('{"items": ' + "[" * 100_000, "begins like JSON but cannot be read"),
        ("<rss " + " ".join(f'a{n}="b"' for n in range(15_000)) + "><channel/></rss>", "more than 1000 attributes"),
    ],
)
def test_what_is_no_feed_is_refused_with_words_that_help(body: str, words: str) -> None:
    with pytest.raises(ParseError) as refused:
        parse(body)
    assert words in str(refused.value)


def test_no_body_makes_the_reader_open_a_file_or_an_address() -> None:
    opened: list[str] = []
    watching = False  # the hook can never be taken out again

    def watch(event: str, args: tuple[object, ...]) -> None:
        if watching and event in ("open", "socket.connect", "urllib.Request"):
            opened.append(f"{event} {args[0]}")

    sys.addaudithook(watch)
    entity = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y SYSTEM "http://127.0.0.1:1/">]>'
    bodies = ("/etc/passwd", "http://127.0.0.1:1/", entity + rss("<item><title>a&x;b&y;</title></item>"))
    parse(rss(ITEM))  # so that everything is imported
    watching = True
    for body in bodies:
        with suppress(ParseError):
            parse(body)
    watching = False
    assert [event for event in opened if "passwd" in event or "socket" in event or "urllib" in event] == []


def test_entities_that_multiply_are_refused_and_plain_ones_are_read() -> None:
    def with_entities(entities: str) -> str:
        return f'<?xml version="1.0"?><!DOCTYPE rss [{entities}]>' + rss("<item><title>a&e;b</title></item>")[21:]

    with pytest.raises(ParseError, match="entities made of entities"):
        parse(with_entities('<!ENTITY d "ha"><!ENTITY e "&d;&d;&d;&d;">'))
    assert titles(parse(with_entities('<!ENTITY e "&#8211;">'))) == ["a–b"]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("<link>http://a.example/1?utm_source=rss</link>", "http://a.example/1"),
        ("<link>/1</link>", "https://site.example/1"),
        ("<guid>http://a.example/2</guid>", "http://a.example/2"),
        ('<guid isPermaLink="false">http://a.example/2</guid>', "http://a.example/2"),
        ("<guid>12345</guid>", ""),
        ("<link>javascript:alert(1)</link>", ""),
        ('<link>file:///etc/passwd</link><guid isPermaLink="false">7</guid>', ""),
        ('<enclosure url="http://cdn.example/a.mp3" type="audio/mpeg"/>', ""),
        ("<link>   </link><guid>http://a.example/3</guid>", "http://a.example/3"),
        (
            '<link>http://proxy.example/~r/1</link><f:origLink xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">'
            "http://a.example/4</f:origLink>",
            "http://a.example/4",
        ),
    ],
)
def test_the_link_of_an_item_is_the_one_that_leads_to_the_article(item: str, expected: str) -> None:
    parsed = parse(rss(f"<item><title>T</title>{item}</item>", "<link>https://site.example/</link>"))
    assert [entry.link for entry in parsed.entries] == [expected]


def test_without_a_site_of_its_own_a_feeds_relative_links_start_from_where_it_was_found() -> None:
    assert parse(rss("<item><title>T</title><link>/1</link></item>")).entries[0].link == "https://f.example/1"
    assert parse(rss("<item><title>T</title><link>/1</link></item>"), url="file:///srv/x.xml").entries[0].link == ""


def test_a_source_that_is_the_feed_itself_names_no_other_outlet() -> None:
    item = "<item><title>T</title><source url='{}'>Somebody</source></item>"
    assert parse(rss(item.format("https://www.f.example/rss"))).entries[0].outlet == ""
    assert parse(rss(item.format("https://times.example"))).entries[0].outlet == "Somebody"


@pytest.mark.fault("P26")
@pytest.mark.parametrize(
    ("ttl", "expected"),
    [
        ("30", timedelta(minutes=30)),
        (" 60 ", timedelta(hours=1)),
        ("99999999", timedelta(days=1)),
        ("0", None),
        ("-5", None),
        ("daily", None),
        ("", None),
        ("9" * 5000, None),
    ],
)
def test_a_ttl_counts_when_it_is_a_number_of_minutes(ttl: str, expected: timedelta | None) -> None:
    assert parse(rss(ITEM, f"<ttl>{ttl}</ttl>")).ttl == expected


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (rss("<item><title>Café – ₹5</title></item>").encode(), ""),
        (b"\xef\xbb\xbf" + rss("<item><title>Café – ₹5</title></item>").encode(), "text/xml"),
        (rss("<item><title>Café – ₹5</title></item>").encode(), "application/rss+xml; charset=utf-8"),
        (rss("<item><title>Café – ₹5</title></item>").replace("1.0", "1.0", 1).encode("utf-16"), "application/xml"),
    ],
)
def test_letters_survive_however_the_feed_is_encoded(body: bytes, content_type: str) -> None:
    assert titles(parse(body, content_type)) == ["Café – ₹5"]


def test_a_wrong_label_on_the_encoding_is_seen_through() -> None:
    body = '<?xml version="1.0" encoding="utf-8"?>' + rss("<item><title>Café “quota”</title></item>")[21:]
    assert titles(parse(body.encode("cp1252"), "text/xml; charset=utf-8")) == ["Café “quota”"]


def test_a_broken_feed_still_gives_its_entries() -> None:
    broken = rss(f"{ITEM}<item><title>R & D <br> at 5% </title><x:y>unbound</x:y></item>")
    assert titles(parse(broken)) == ["Duty & quota", "R & D\nat 5%".replace("\n", " ")]


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_of_a_feed_cut_anywhere_only_entries_are_kept_that_have_all_they_are_known_by_and_the_cut_is_told(
    kind: str,
) -> None:
    atom = (
        "<entry><title>Duty &amp; quota</title><link href='http://a.example/1'/><id>1</id><summary>So</summary></entry>"
    )
    whole = rss(ITEM * 3) if kind == "rss" else f'<feed xmlns="http://www.w3.org/2005/Atom">{atom * 3}</feed>'
    known, end = ("</link>", "</item>") if kind == "rss" else ("</id>", "</entry>")
    for at in range(whole.index(end) + len(end), len(whole) - len("</feed>")):
        parsed = parse(whole[:at])
        assert titles(parsed) == ["Duty & quota"] * whole[:at].count(known)
        assert {entry.link for entry in parsed.entries} == {"http://a.example/1"}
        assert parsed.cut
    assert not parse(whole).cut


HALF = "<item><title>T</title><link>http://a.example/2</link>"
GUID = "<guid isPermaLink='false'>{}</guid>"


@pytest.mark.fault("B09")
@pytest.mark.parametrize(
    ("before", "half", "kept"),
    [
        (ITEM, HALF + "<description><![CDATA[<p>Of which only", ("T", "")),
        (ITEM, HALF + "<description>All of it</description><author>a@", ("T", "All of it")),
        (ITEM, HALF + "<description><p>of <b>HTML</b> in it</description>", ("T", "")),
        (ITEM, HALF, ("T", "")),
        (ITEM, HALF[:-1], None),
        (ITEM, "<item><title>T</title><guid>http://a.example/2</guid><description>", None),
        (ITEM, "<item><link>http://a.example/2</link><media:title>T</media:title>", None),
        (ITEM, "<item><description><title>T</title><link>http://a.example/2</link>", None),
        (ITEM.replace("</item>", GUID.format(1) + "</item>"), HALF + "<description>", None),
        (ITEM.replace("</item>", GUID.format(1) + "</item>"), HALF + GUID.format(2), ("T", "")),
        (ITEM.replace("</item>", "<feedburner:origLink>http://b.example/1</feedburner:origLink></item>"), HALF, None),
        ("", HALF, ("T", "")),
    ],
)
def test_a_half_entry_is_kept_where_it_will_be_known_for_the_same_when_it_comes_whole(
    before: str, half: str, kept: tuple[str, str] | None
) -> None:
    document = rss(before + half).removesuffix("</channel></rss>")
    parsed = parse(document)
    assert parsed.cut
    found = [(entry.title, entry.summary) for entry in parsed.entries[bool(before) :]]
    assert found == ([kept] if kept else [])


def test_a_half_entry_of_atom_is_kept_only_with_as_many_links_as_the_one_before_it() -> None:
    links = "<link rel='replies' href='http://a.example/r'/><link href='http://a.example/{}'/>"
    start = '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>'
    whole = f"<entry><title>One</title>{links.format(1)}</entry>"
    assert titles(parse(f"{start}{whole}<entry><title>Two</title>{links.format(2)[:45]}")) == ["One"]
    assert titles(parse(f"{start}{whole}<entry><title>Two</title>{links.format(2)}<summary>")) == ["One", "Two"]


@pytest.mark.timeout(3)
@pytest.mark.parametrize("shape", ["<b>", "<![CDATA[", "<!--", "<b", "</b>", "<b/>", "<link>x</link>"])
def test_a_half_entry_of_any_shape_is_read_at_once(shape: str) -> None:
    with suppress(ParseError):
        assert parse(rss(ITEM + HALF + "<description>" + shape * 20_000).removesuffix("</channel></rss>")).cut


def test_a_feed_cut_before_the_end_of_its_first_entry_is_an_error_and_not_an_empty_feed() -> None:
    with pytest.raises(ParseError, match="ends before its first item"):
        parse(rss(ITEM)[:90])


def test_a_flood_of_entries_is_cut_before_it_is_read() -> None:
    flood = parse(rss(ITEM * 20_000))
    assert len(flood.entries) == 2000
    assert not flood.cut


@pytest.mark.parametrize(
    "item",
    [
        "<author>" + "a@" + "a." * 16_000 + "</author>",
        "<author><![CDATA[" + "a@" + "a." * 16_000 + "]]></author>",
        "".join(f'<category domain="http://c.example/">c{n}</category>' for n in range(20_000)),
        "<description><![CDATA[" + "<!--" * 65_000 + "]]></description>",
        "<description>" + "<b>" * 5_000 + "</description>",
    ],
    ids=["author", "author in CDATA", "categories", "comments", "nesting"],
)
@pytest.mark.timeout(3)
def test_shapes_that_keep_readers_busy_for_minutes_are_read_at_once(item: str) -> None:
    assert titles(parse(rss(f"<item><title>T</title>{item}</item>"))) == ["T"]


def test_titles_and_texts_are_of_bounded_length() -> None:
    item = f"<item><title>{'x' * 90_000}</title><description>{'word ' * 100_000}</description></item>"
    entry = parse(rss(item)).entries[0]
    assert (len(entry.title), len(entry.summary)) == (500, 99_999)


def test_a_json_feed_with_every_field_of_the_wrong_type_gives_empty_fields() -> None:
    values: list[object] = [None, True, [], {}, [{"a": 1}]]
    names = ("id", "url", "title", "content_html", "content_text", "summary", "date_published")
    items = [dict.fromkeys(names, value) for value in values]
    for entry in parse(json.dumps({"title": 5, "home_page_url": [], "items": items})).entries:
        assert (entry.title, entry.link, entry.summary, entry.content, entry.published) == ("", "", "", "", None)


def test_numbers_in_json_may_be_of_any_size() -> None:
    parsed = parse('{"items": [{"id": %s, "title": "T"}, {"id": NaN, "title": "U"}]}' % ("9" * 5000))
    assert [entry.guid[:3] for entry in parsed.entries] == ["999", ""]


@settings(deadline=None, max_examples=60)
@given(
    st.binary(max_size=200), st.sampled_from([b"", b"<rss><channel><item>", b'<feed xmlns="x"><entry>', b'{"items":['])
)
def test_any_bytes_are_a_feed_or_a_parse_error(body: bytes, before: bytes) -> None:
    with suppress(ParseError):
        parse(before + body)
