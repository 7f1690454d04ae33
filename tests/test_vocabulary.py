"""How terms are found in a reading: inflections, capitals, abbreviations, guards, and the sieve on raw text."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.nlp.gazetteer import load_vocabulary
from bot.reading import Reading, Sentence, Token
from bot.vocabulary import (
    MANY,
    Hit,
    Term,
    TermIndex,
    TermSet,
    Vocabulary,
    find_sectors,
    fold,
    index_reading,
    sieve_for,
    telling_words,
    term_from,
)

SHIPPED = load_vocabulary(Path(__file__).parents[1] / "models" / "entities")


def read(text: str) -> Reading:
    """A reading made without spaCy: sentences end at . ! ? and line breaks, the lemma is the word without its s."""
    sentences = []
    for piece in re.finditer(r"(?:[^.!?\n]|\.(?=\w)|(?<=\b[A-Za-z]\.[A-Za-z])\.)+[.!?]?", text):
        words = re.finditer(r"(?:[A-Za-z]\.){2,}|[\w\u0900-\u0dff]+(?:[.'\u2019-]\w+)*|[^\w\s]", piece.group())
        tokens = tuple(
            Token(word.group(), re.sub(r"(?<=\w{4})s$", "", word.group().lower()), "", piece.start() + word.start())
            for word in words
        )
        if tokens:
            sentences.append(Sentence(piece.start(), piece.end(), tokens))
    return Reading(text, tuple(sentences), ())


def index(text: str) -> TermIndex:
    return index_reading(read(text))


def found(text: str, *terms: Term) -> list[str]:
    return [hit.text for hit in index(text).find(terms)]


@pytest.mark.fault("X03", "X04")
@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        ("tariff", "New Tariffs and a tariff", ["Tariffs", "tariff"]),
        ("duty", "DUTIES on steel", ["DUTIES"]),
        ("tariffs", "one tariff", ["tariff"]),
        ("anti-dumping duty", "anti dumping duties, anti-dumping duty", ["anti dumping duties", "anti-dumping duty"]),
        ("gems and jewellery", "Gems & jewellery exports", ["Gems & jewellery"]),
        ("trade deal", "trade, deal or no deal", []),
        ("trade deal", "They trade. Deal with it.", []),
        ("US", "It gives us hope", []),
        ("US", "India-US talks and US's duty", ["US", "US"]),
        ("US", "U.S. duty; the U.S.-India pact; u.s. levy", ["U.S.", "U.S.", "u.s."]),
        ("US", "business as usual", []),
        ("IT", "It is so; IT services", ["IT"]),
        ("Greer", "Greer and GREER, not greer", ["Greer", "GREER"]),
        ("=apples", "Apples and apples", ["apples"]),
        ("=Apple", "APPLE, apple, Apple", ["Apple"]),
        ("भारत", "भारत पर टैरिफ", ["भारत"]),
        ("ભારત", "ભારત અને ભારતીય", ["ભારત"]),
        ("India", "India\u2019s farmers in Indiana", ["India"]),
        ("tariff", "\uff54\uff41\uff52\uff49\uff46\uff46 now", ["\uff54\uff41\uff52\uff49\uff46\uff46"]),
        ("new", "the news", []),
    ],
)
def test_a_term_is_found_as_its_spelling_asks(term: str, text: str, expected: list[str]) -> None:
    assert found(text, term_from(term)) == expected


@pytest.mark.fault("X04")
def test_a_prefix_is_found_at_the_start_of_words_only() -> None:
    assert found("Tariffication of detariffed goods", term_from("tariff", how="prefix")) == ["Tariffication"]


def test_a_hit_gives_the_place_in_the_text_also_inside_a_hyphenated_token() -> None:
    text = "The US-India pact"
    (hit,) = index(text).find([term_from("India")])
    assert (hit.start, hit.end, text[hit.start : hit.end]) == (7, 12, "India")


def test_of_overlapping_hits_the_longest_counts() -> None:
    assert found("US trade deal", term_from("trade"), term_from("trade deal"), term_from("deal")) == ["trade deal"]


def test_a_guard_hides_only_the_places_it_covers() -> None:
    india = term_from("Indian", guards=(term_from("Indian Ocean"),))
    assert found("Indian ships in the Indian Ocean", india) == ["Indian"]


def test_a_guard_that_is_no_longer_than_the_term_hides_nothing() -> None:
    assert found("customs duty", term_from("customs duty", guards=(term_from("duty"),))) == ["customs duty"]


def test_a_sign_of_another_meaning_counts_in_its_own_sentence_only() -> None:
    tariff = term_from("tariff", unless=(term_from("TRAI"),))
    assert found("TRAI sees a tariff. Trump sees a tariff.", tariff) == ["tariff"]
    assert index("TRAI sees a tariff. Trump sees a tariff.").find([tariff])[0].sentence == 1


@pytest.mark.parametrize("text", ["", "  ", "...", "=", "-"])
def test_a_term_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="holds no word"):
        term_from(text)


@pytest.mark.fault("X04")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("US", "He told us that it matters to us all"),
        ("US", "American Airlines and Native American artists in South America"),
        ("US", "Washington Sundar takes five wickets"),
        ("US", "GIVE US A BREAK"),
        ("US", "IND vs USA, T20 World Cup"),
        ("US", "Prices stay firm - USA Today"),
        ("US", "Rupee falls to 91 against the US dollar"),
        ("INDIA", "Indiana farmers sue"),
        ("INDIA", "West Indies win by six wickets"),
        ("INDIA", "American Indian tribes meet"),
        ("INDIA", "A storm over the Indian Ocean"),
        ("INDIA", "Indian Wells final on Sunday"),
        ("INDIA", "An Indian restaurant opens in Leeds"),
        ("INDIA", "Canada hits back at Trump - Times of India"),
        ("INDIA", "Delhi, Ohio, votes on a school levy"),
        ("TARIFF", "Electricity tariff to rise in Bihar"),
        ("TARIFF", "Discoms seek higher tariff"),
        ("TARIFF", "Jio and Airtel plan a tariff hike"),
        ("TARIFF", "Hotel room tariffs soar in Goa"),
        ("TARIFF", "Airport tariffs and port tariff revised"),
        ("TARIFF", "A constable on duty, a nurse on night duty"),
        ("TARIFF", "Booked under Section 301 of the IPC after murder"),
        ("TARIFF", "Government created two sanctioned posts"),
        ("TARIFF", "Death penalty upheld"),
        ("DEAL", "A great deal of rain; a film deal"),
        ("GOODS", "Nifty trades higher in early trade"),
        ("OFFICIALS_US", "Ranji hopeful Gor scores fifty"),
        ("OFFICIALS_INDIA", "Nirav Modi loses appeal"),
    ],
)
def test_a_word_with_another_meaning_is_not_in_the_shipped_set(name: str, text: str) -> None:
    assert found(text, *SHIPPED.sets[name]) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("US", "US tariffs"),
        ("US", "the U.S. duty"),
        ("US", "Washington lifts levy on Delhi"),
        ("US", "Trump signs order"),
        ("US", "USTR finds against exporters"),
        ("US", "INDIA-US DEAL SIGNED"),
        ("INDIA", "Washington lifts levy on Delhi"),
        ("INDIA", "Tiruppur exporters lose orders"),
        ("INDIA", "frozen warmwater shrimp from India"),
        ("INDIA", "भारत पर 50% टैरिफ"),
        ("INDIA", "ભારત પર ટેરિફ"),
        ("INDIA", "Goyal says no deal yet"),
        ("GROUPS_WITH_INDIA", "the world's third-largest oil importer"),
        ("TARIFF", "Trump's tariff order"),
        ("TARIFF", "raises duty to 50%"),
        ("TARIFF", "Section 232 probe on chips"),
        ("TARIFF", "AD/CVD orders on shrimp"),
        ("RUSSIAN_OIL", "a bill on buyers of Russian oil"),
        ("COURT", "CIT strikes down IEEPA levies"),
    ],
)
def test_a_shipped_set_knows_the_ways_a_thing_is_written(name: str, text: str) -> None:
    assert found(text, *SHIPPED.sets[name])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bhadohi carpet and Tiruppur knitwear", ["carpets", "carpets", "apparel", "apparel"]),
        ("auto parts and steel", ["auto_parts", "steel"]),
        ("Apple opens a store", []),
        ("Imports of apples and almonds", ["fruit_nuts", "fruit_nuts"]),
        ("peanut butter on the red carpet", []),
        ("Gems & jewellery exporters", ["gems_jewellery"]),
    ],
)
def test_sectors_are_mentioned_in_the_order_of_the_text(text: str, expected: list[str]) -> None:
    mentions = find_sectors(index(text), SHIPPED)
    assert [mention.name for mention in mentions] == expected
    assert [mention.start for mention in mentions] == sorted(mention.start for mention in mentions)


def every_term(vocabulary: Vocabulary) -> list[Term]:
    return [term for terms in (*vocabulary.sets.values(), *vocabulary.sectors.values()) for term in terms]


def test_the_sieve_never_misses_a_shipped_term_however_it_is_written() -> None:
    for term in dict.fromkeys(every_term(SHIPPED)):
        body = term.text.removeprefix("=")
        plural = body[:-1] + "ies" if body.endswith("y") else body + "s"
        for text in (body, body.upper(), body.title(), plural, plural.title(), body.replace("US", "U.S.")):
            if found(text, Term(term.text, term.words)):
                assert sieve_for([term]).may_hold(text, fold(text)), (term.text, text)


@pytest.mark.parametrize(
    ("term", "inflected"),
    [
        ("buy", "bought"),
        ("strike", "struck"),
        ("levy", "levied"),
        ("ban", "banned"),
        ("impose", "imposing"),
        ("we", "us"),
    ],
)
def test_the_sieve_lets_inflections_pass_that_only_a_lemma_can_find(term: str, inflected: str) -> None:
    token = Token(inflected, term, "", 0)
    reading = Reading(inflected, (Sentence(0, len(inflected), (token,)),), ())
    terms = [term_from(term)]
    assert index_reading(reading).find(terms)
    assert sieve_for(terms).may_hold(inflected, fold(inflected))


def test_the_sieve_stops_a_text_that_holds_nothing() -> None:
    text = "The rain in Spain stays mainly in the plain"
    assert not sieve_for(SHIPPED.sets["TARIFF"]).may_hold(text, fold(text))


def test_a_stretch_of_the_text_is_a_hit_between_its_words() -> None:
    index = index_reading(read("A duty. India spoke."))
    assert index.hit_at(2, 12) == Hit(2, 12, "duty. Indi", 0, 1, 3)
    assert index.hit_at(8, 13) == Hit(8, 13, "India", 1, 3, 3)
    assert index_reading(read("")).hit_at(0, 0) == Hit(0, 0, "", 0, 0, 0)


LETTERS = [f"{first}{second}{third}" for first in "abcdefg" for second in "hijklmn" for third in "opqrs"]


@pytest.mark.parametrize("letters", [str.lower, str.title])
def test_a_sieve_of_many_terms_says_what_those_of_each_say(letters: Callable[[str], str]) -> None:
    terms = [term_from(letters(word)) for word in LETTERS]
    assert len(terms) > MANY
    many, each = sieve_for(terms), [sieve_for([term]) for term in terms]
    for text in ("An ahoy", "Ahoy, gns", "Ahoy, GNS", "gns\ud800", "xgnsx", "nothing", "भारत Gns", ""):
        assert many.may_hold(text, fold(text)) is any(one.may_hold(text, fold(text)) for one in each)


@pytest.mark.fault("X06")
def test_thousands_of_terms_are_made_ready_and_looked_for_in_no_time() -> None:
    terms = [term_from(f"word{number}x") for number in range(20_000)]
    started = time.process_time()
    sieve = sieve_for(terms)
    text = "word of nothing at all " * 1_000
    assert not any(sieve.may_hold(text, text) for _ in range(50))
    assert time.process_time() - started < 5


FIRMS = TermSet(term_from(f"Firm{number} Cotton Mills") for number in range(1_000))


def test_of_a_thousand_terms_that_share_their_words_the_one_that_stands_there_is_found() -> None:
    at = index("An order for Firm77 Cotton Mills fell. Cotton mills closed, says Firm78.")
    assert [hit.text for hit in at.find(FIRMS)] == ["Firm77 Cotton Mills"]


def test_terms_that_share_their_words_are_told_by_the_one_that_is_their_own() -> None:
    assert [word.text for word in telling_words(FIRMS)][:2] == ["Firm0", "Firm1"]
    assert [word.text for word in telling_words([term_from("Court of International Trade")])] == ["International"]


def test_a_text_that_holds_only_what_all_terms_share_is_stopped_by_the_sieve() -> None:
    sieve, text = sieve_for(FIRMS), "Cotton Mills shut for the day"
    assert not sieve.may_hold(text, fold(text))
    assert sieve.may_hold("Firm5 Cotton Mills", "firm5 cotton mills")


@pytest.mark.fault("X06")
def test_a_set_of_a_hundred_thousand_terms_is_looked_up_as_fast_as_a_small_one() -> None:
    many = TermSet(term_from(f"Firm{number} Cotton Mills") for number in range(100_000))
    texts = [index(f"Cotton Mills of Firm{number} Cotton Mills") for number in range(1_000)]
    started = time.process_time()
    assert all(at.find(many) for at in texts)
    assert time.process_time() - started < 2
