"""Articles: what an entry becomes, and which of a feed's entries may alert."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.articles import Article, article_id, from_entry, identity, is_government, select
from bot.feeds import Entry, Feed, FeedState, ParsedFeed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FEED = Feed("https://ledger.example/rss", "The Ledger")
ENTRY = Entry("US raises shrimp duty", "https://ledger.example/shrimp", "g1", "Short.", "", NOW - DAY)
SEEN = FeedState(FEED.url, ok_at=NOW - DAY, newest=NOW - 2 * DAY)


def article(entry: Entry = ENTRY, feed: Feed = FEED) -> Article:
    made = from_entry(entry, feed, NOW, quiet=False)
    assert made is not None
    return made


def dated(*ages: int | None) -> ParsedFeed:
    """Entries so many days old, each with a link of its own."""
    entries = (
        replace(ENTRY, link=f"https://ledger.example/{n}", published=None if age is None else NOW - age * DAY)
        for n, age in enumerate(ages)
    )
    return ParsedFeed("", tuple(entries))


def loud(parsed: ParsedFeed, feed: Feed = FEED, state: FeedState = SEEN) -> list[str]:
    return [made.url[-1] for made in select(parsed, feed, state, NOW) if not made.quiet]


def test_an_entry_becomes_an_article_of_its_feed() -> None:
    made = article()
    assert (made.title, made.text, made.outlet, made.feed_url) == (ENTRY.title, "Short.", "The Ledger", FEED.url)
    assert (made.published, made.first_seen, made.url) == (NOW - DAY, NOW, ENTRY.link)
    assert made.whole == "US raises shrimp duty\n\nShort."


def test_the_full_text_is_taken_where_the_feed_has_it_but_not_where_it_is_shorter() -> None:
    assert article(replace(ENTRY, content="Long text.")).text == "Long text."
    assert article(replace(ENTRY, content="…")).text == "Short."


def test_an_entry_with_neither_title_nor_text_is_no_article() -> None:
    assert from_entry(replace(ENTRY, title="", summary=""), FEED, NOW, quiet=False) is None


def test_an_entry_without_a_title_is_headed_by_the_beginning_of_its_text() -> None:
    text = "The commerce department will publish its final determination on frozen warmwater shrimp on Friday. " * 3
    made = article(replace(ENTRY, title="", summary=text))
    assert made.text == text
    assert text.startswith(made.title.removesuffix("…"))
    assert 100 < len(made.title) <= 121
    assert article(replace(ENTRY, title="", summary="One line.\nAnother.")).title == "One line."


def test_a_summary_that_only_says_the_title_again_is_dropped() -> None:
    assert article(replace(ENTRY, summary="US raises  shrimp duty")).text == ""


@pytest.mark.parametrize("dash", [" - ", " – ", " | "])
def test_an_aggregators_entry_is_the_outlets_and_its_title_does_not_name_it_again(dash: str) -> None:
    entry = replace(ENTRY, title=f"Duty raised{dash}The Times", outlet="The Times", summary="Duty raised The Times")
    made = article(entry)
    assert (made.outlet, made.title, made.text) == ("The Times", "Duty raised", "")


def test_a_title_keeps_a_dash_that_is_not_the_outlets() -> None:
    assert article(replace(ENTRY, title="Duty raised - for now", outlet="The Times")).title == "Duty raised - for now"
    assert article(replace(ENTRY, title=" - The Times", outlet="The Times")).title == " - The Times"


@pytest.mark.parametrize(
    "date", [None, NOW + DAY, datetime(1970, 1, 1, tzinfo=UTC), datetime(1999, 12, 31, tzinfo=UTC)]
)
def test_a_date_that_is_missing_or_cannot_be_true_is_that_of_first_sight(date: datetime | None) -> None:
    assert article(replace(ENTRY, published=date)).published == NOW


def test_an_article_of_two_feeds_is_one() -> None:
    again = article(replace(ENTRY, guid="other"), Feed("https://other.example/rss", "Other"))
    assert again.id == article().id
    assert len(again.id) == 32


@pytest.mark.parametrize(
    "url",
    [
        "http://ledger.example/shrimp",
        "https://www.ledger.example/shrimp",
        "https://m.ledger.example/shrimp",
        "https://ledger.example/shrimp/",
    ],
)
def test_scheme_mobile_host_and_last_slash_make_no_other_article(url: str) -> None:
    assert identity(url) == identity(ENTRY.link)


@pytest.mark.parametrize(
    "url", ["https://ledger.example/shrimp?page=2", "https://m.com/shrimp", "https://ledger.example/Shrimp"]
)
def test_query_host_and_path_do(url: str) -> None:
    assert identity(url) != identity(ENTRY.link)
    assert identity("https://m.com/x") == "m.com/x"


def test_without_a_link_feed_and_guid_tell_articles_apart() -> None:
    bare = replace(ENTRY, link="")
    elsewhere = Feed("https://other.example/rss", "Other")
    assert article(bare).id == article(replace(bare, title="Corrected title")).id
    assert len({article(bare).id, article(replace(bare, guid="g2")).id, article(bare, elsewhere).id}) == 3


def test_without_link_and_guid_title_and_date_do() -> None:
    bare = replace(ENTRY, link="", guid="")
    ids = {article(bare).id, article(replace(bare, title="Other")).id, article(replace(bare, published=NOW)).id}
    assert len(ids) == 3


def test_a_link_to_the_home_page_names_no_article() -> None:
    assert article_id("https://ustr.gov/", FEED.url, "1") != article_id("https://ustr.gov/", FEED.url, "2")
    assert article_id("https://ustr.gov/?p=1", FEED.url, "1") == article_id("https://ustr.gov/?p=1", FEED.url, "2")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ustr.gov/about", True),
        ("https://www.whitehouse.gov/x", True),
        ("https://www.army.mil/x", True),
        ("https://pib.gov.in/x", True),
        ("https://dgft.nic.in/x", True),
        ("https://ledger.example/ustr.gov", False),
        ("https://ustr.gov.evil.example/", False),
        ("https://notgov/", False),
        ("https://mygov.example/", False),
        ("", False),
    ],
)
def test_a_government_host_makes_an_article_official(url: str, expected: bool) -> None:
    assert is_government(url) is expected
    assert article(replace(ENTRY, link=url)).official is expected


def test_so_does_an_official_feed() -> None:
    assert article(feed=replace(FEED, official=True)).official


def test_at_first_sight_everything_is_quiet() -> None:
    assert loud(dated(0, 1, 2), state=FeedState(FEED.url)) == []
    assert len(select(dated(0, 1, 2), FEED, FeedState(FEED.url), NOW)) == 3


def test_but_the_newest_of_the_backlog_asked_for() -> None:
    first = FeedState(FEED.url)
    assert loud(dated(5, 1, 3, 2), replace(FEED, backlog=2), first) == ["1", "3"]
    assert loud(dated(5, 1), replace(FEED, backlog=9), first) == ["0", "1"]
    assert loud(dated(5, 900, None), replace(FEED, backlog=-1), first) == ["0", "1", "2"]


def test_later_everything_alerts_but_old_news_sent_again() -> None:
    assert loud(dated(0, 6, 8, None)) == ["0", "1", "3"]


def test_old_is_what_lies_behind_the_newest_date_that_the_feed_ever_showed() -> None:
    archive = replace(SEEN, newest=NOW - 400 * DAY)
    assert loud(dated(399, 405, 408), state=archive) == ["0", "1"]
    assert loud(dated(9), state=SEEN) == ["0"]
    assert loud(dated(10), state=SEEN) == []


def test_one_date_in_the_future_does_not_age_all_the_others() -> None:
    assert loud(dated(-900, 1, 6)) == ["0", "1", "2"]


def test_a_document_that_lists_an_article_twice_gives_it_once() -> None:
    twice = ParsedFeed("", (ENTRY, replace(ENTRY, title="Again"), replace(ENTRY, title="", summary="")))
    assert [made.title for made in select(twice, FEED, SEEN, NOW)] == [ENTRY.title]


def test_a_flood_is_cut_at_two_thousand_entries() -> None:
    flood = ParsedFeed("", tuple(replace(ENTRY, link=f"https://ledger.example/{n}") for n in range(2100)))
    assert len(select(flood, FEED, SEEN, NOW)) == 2000
