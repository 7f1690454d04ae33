"""Summaries: which sentences are quoted, and that they are quoted and not rewritten."""

from bot.nlp.keywords import plain_reading
from bot.reading import Reading
from bot.summaries import LONGEST, MOST, Quote, summarize
from bot.vocabulary import Mention

TITLE = "US to raise tariff on Indian shrimp"
LEAD = "Officials gathered in the capital on a grey Monday morning."
TRADE = "The tariff on shrimp goes to 25 per cent, the minister said."
DULL = "A band played for an hour in the courtyard after lunch."
DEAL = "Both sides still hope for a trade agreement this year."
EXPORTS = "Exports of shrimp came to $2 billion in the last year."


def read(*sentences: str, title: str = TITLE) -> Reading:
    return plain_reading(f"{title}\n\n{' '.join(sentences)}")


def quoted(*sentences: str, title: str = TITLE) -> list[str]:
    return [quote.text for quote in summarize(read(*sentences, title=title), len(title))]


def test_the_lead_is_quoted_though_it_has_no_trade_word() -> None:
    assert quoted(LEAD, DULL) == [LEAD]


def test_beside_the_lead_the_sentences_with_most_trade_matter_are_quoted_in_the_order_of_the_text() -> None:
    assert quoted(LEAD, DEAL, DULL, EXPORTS, TRADE) == [LEAD, EXPORTS, TRADE]


def test_a_sentence_without_a_trade_word_is_not_quoted_even_where_there_is_room() -> None:
    assert quoted(LEAD, DULL, TRADE) == [LEAD, TRADE]


def test_no_more_than_a_card_can_hold_is_quoted() -> None:
    assert len(quoted(LEAD, TRADE, DEAL, EXPORTS)) == MOST


def test_the_title_is_never_quoted_nor_a_sentence_that_says_it_again() -> None:
    assert quoted(f"{TITLE.upper()}.", TRADE) == [TRADE]
    assert quoted() == []


def test_an_article_that_is_all_title_has_no_quote() -> None:
    assert summarize(plain_reading(TITLE), len(TITLE)) == ()


def test_a_sentence_that_the_page_repeats_is_quoted_once() -> None:
    assert quoted(TRADE, TRADE, LEAD) == [TRADE]


def test_crumbs_and_endless_sentences_are_not_quoted() -> None:
    endless = f"The tariff covers {'shrimp and ' * (LONGEST // 10)}rice."
    assert quoted("Tariff news.", endless, TRADE) == [TRADE]


def test_a_sentence_that_names_a_sector_goes_before_one_that_does_not() -> None:
    other = DEAL.replace("trade agreement", "trade pact")
    last = DEAL.replace("year", "term")
    reading = read(LEAD, DEAL, other, last)
    at = reading.text.index(last)
    chosen = summarize(reading, len(TITLE), [Mention("seafood", at + 5, at + 10)])
    assert [quote.text for quote in chosen] == [LEAD, DEAL, last]


def test_a_quote_is_the_text_at_its_place_with_only_white_space_folded() -> None:
    reading = plain_reading(f"{TITLE}\n\nThe   tariff on\tIndian shrimp goes to 25 per cent. {DEAL}")
    quotes = summarize(reading, len(TITLE))
    assert quotes[0].text == "The tariff on Indian shrimp goes to 25 per cent."
    for quote in quotes:
        assert " ".join(reading.text[quote.start : quote.end].split()) == quote.text


def test_a_summary_is_the_same_each_time() -> None:
    reading = read(LEAD, DEAL, TRADE, EXPORTS)
    first = summarize(reading, len(TITLE))
    assert first == summarize(reading, len(TITLE))
    assert all(isinstance(quote, Quote) for quote in first)
