"""What a classifier reads is the same, whichever way an outlet writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlp.spelling import headline, spelling


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("U.S. tariff", "US tariff"),
        ("U.S.A. and the USA", "US and the US"),
        ("tell us and the US", "tell us and the US"),
        ("50 per cent, 25pc and 10 percent", "50%, 25% and 10%"),
        ("PCs and 12 pcs", "PCs and 12 pcs"),
        ("Rs 500 crore, Rs.20 and INR 7", "₹500 crore, ₹20 and ₹7"),
        ("‘ours’ and “theirs”", "'ours' and \"theirs\""),
        ("Gems &amp; <b>jewellery</b>&nbsp;fall", "Gems & jewellery fall"),
        ("a < b and c > d", "a < b and c > d"),
    ],
)
def test_one_form_is_read(written: str, read: str) -> None:
    assert spelling(written) == read


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("US raises duty on shrimp - NDTV", "US raises duty on shrimp"),
        ("US raises duty on shrimp | Latest News India - Hindustan Times", "US raises duty on shrimp"),
        ("US raises duty on shrimp| India News - Times of India - TOI News", "US raises duty on shrimp"),
        ("US raises duty on shrimp - moneycontrol.com", "US raises duty on shrimp"),
        ("US raises duty on shrimp…", "US raises duty on shrimp"),
        ("US raises duty on shrimp - exporters worry", "US raises duty on shrimp - exporters worry"),
        ("India-US trade deal", "India-US trade deal"),
        ("Opinion | Reuters", "Opinion | Reuters"),
        ("US duty hits India's exports - a long list of what the daily trade will lose", None),
    ],
)
def test_names_of_outlets_behind_a_title_are_not_read(title: str, read: str | None) -> None:
    assert headline(title) == (title if read is None else read)


@given(st.text(max_size=200))
def test_spelling_twice_is_spelling_once(text: str) -> None:
    assert spelling(spelling(text)) == spelling(text)


@given(st.text(alphabet="ab|-– .", max_size=80))
def test_a_headline_is_never_longer_than_its_title(title: str) -> None:
    assert len(headline(title)) <= len(title)
