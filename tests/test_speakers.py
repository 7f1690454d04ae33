"""Who says it, and for which side."""

import pytest

from tests.telling import facts


@pytest.mark.parametrize(
    ("text", "speaker", "side"),
    [
        ("Trump threatens 25% tariff on India", "Trump", "US"),
        ("India will keep 70% duty on poultry, says Goyal", "Goyal", "IN"),
        ("Supreme Court strikes down 25% US tariff on India", "Court", "court"),
        ("US imposes 25% tariff on India", "", "press"),
        ("Goyal: no zero duty for American goods", "Goyal", "IN"),
        (
            "The commerce ministry denied that India had agreed to cut its duties on American pulses",
            "commerce ministry",
            "IN",
        ),
        ("A bill in the US Senate proposes a 100% tariff on Indian goods", "", "press"),
        ("Goldman expects US to raise tariff on Indian rice to 20%", "Goldman", "other"),
    ],
)
def test_the_speaker_is_who_stands_beside_the_verb_of_saying(text: str, speaker: str, side: str) -> None:
    (told,) = facts(text)
    assert (told.speaker, told.side) == (speaker, side)
