"""Evidence: what makes an article likelier to tell one story's event than another's."""

from dataclasses import replace
from typing import Any

import pytest

from bot.evidence import EVIDENCE, evidence, likely, near_nothing, parted
from bot.gists import Gist
from bot.members import Member
from bot.profiles import Profile, profile
from bot.rarity import stems
from tests.makers import DAY, NOW, a_member

DUTY = Gist("US", ("IN",), ("seafood",), "", "impose", "announced", 25.0)


def telling(id: str, title: str, **changes: Any) -> Member:
    words = stems(title)
    plain = {
        "words": words,
        "headline_words": words,
        "figures": (),
        "goods": (),
        "headline_goods": (),
        "matters": (),
        "lead_matters": (),
        "facts": (),
    }
    return a_member(id, title=title, **plain | changes)


def of(*members: Member) -> Profile:
    return profile(members)


ARTICLE = of(telling("x", "Bhimavaram packers of vannamei count containers"))
PACKERS = of(telling("a", "Vannamei packers in Bhimavaram protest"))
PACKERS_TOO = telling("p", "Vannamei wait", words=("containers", "packer", "vannamei"))
REPEATED = {
    "o": ("broker", "containers", "cricket", "vannamei"),
    "t": ("broker", "containers", "cricket", *["vannamei"] * 4),
}
COURT = of(telling("b", "Judges in Manhattan hear importers of strollers"))


def test_every_sign_has_a_weight_and_every_weight_a_sign() -> None:
    ((_, signs),) = evidence(ARTICLE, [PACKERS])
    assert signs.keys() == EVIDENCE.keys()


def test_the_story_that_names_the_same_is_the_likeliest() -> None:
    (first, second) = likely(ARTICLE, [COURT, PACKERS])
    assert (first[1], second[1]) == (1, 0)
    assert first[0] > 0 > second[0]


def test_a_word_that_many_open_stories_name_says_less_than_one_that_a_single_story_names() -> None:
    others = [of(telling(f"o{n}", f"Vannamei packers in Bhimavaram meet {n}")) for n in range(6)]
    alone = likely(ARTICLE, [PACKERS, COURT])[0][0]
    assert max(odds for odds, at in likely(ARTICLE, [PACKERS, COURT, *others]) if at == 0) < alone


def test_one_that_is_not_the_nearest_is_less_likely_by_the_distance() -> None:
    near = {at: signs["nearest"] for at, signs in evidence(ARTICLE, [PACKERS, COURT])}
    assert near[0] == pytest.approx(-near[1], abs=0.09)  # less what is usual, as few are open
    assert near[1] < 0 < near[0]


def test_a_lively_story_is_likelier_than_one_that_has_gone_quiet() -> None:
    old = of(telling("a", "Vannamei packers in Bhimavaram protest", published=NOW - 5 * DAY))
    assert likely(ARTICLE, [PACKERS])[0][0] > likely(ARTICLE, [old])[0][0]


def test_a_measure_at_its_rate_speaks_for_one_event() -> None:
    new = of(telling("x", "Bhimavaram packers of vannamei count containers", facts=(DUTY,)))
    told = of(telling("a", "Vannamei packers in Bhimavaram protest", facts=(DUTY,)))
    moved = of(telling("a", "Vannamei packers in Bhimavaram protest", facts=(replace(DUTY, rate=20.0),)))
    assert likely(new, [told])[0][0] > likely(new, [moved])[0][0]


def test_a_duty_in_force_that_many_stories_tell_as_background_proves_none_of_them() -> None:
    standing = Gist("US", ("IN",), ("all",), "", "impose", "in_force", 50.0)
    new = of(telling("x", "Bhimavaram packers of vannamei count containers", facts=(standing,)))
    others = [of(telling(f"o{n}", f"Judges in Manhattan hear importers {n}", facts=(standing,))) for n in range(4)]
    assert [signs["measure by its rate"] for _, signs in evidence(new, others)] == [0.25] * 4
    assert evidence(new, others[:1])[0][1]["measure by its rate"] == 1


def test_a_story_that_knows_the_goods_of_a_measure_outweighs_those_that_know_its_rate() -> None:
    new = of(telling("x", "Bhimavaram packers of vannamei count containers", facts=(DUTY,)))
    same = of(telling("a", "Vannamei packers in Bhimavaram protest", facts=(DUTY,)))
    bare = of(telling("b", "Judges in Manhattan hear importers", facts=(replace(DUTY, goods=()),)))
    found = {at: signs["measure by its rate"] for at, signs in evidence(new, [bare, same])}
    assert found == {0: 0, 1: 1}


def test_what_one_strayed_member_names_is_not_of_the_core() -> None:
    court = [telling(f"c{n}", "Judges in Manhattan hear importers of strollers") for n in range(3)]
    astray = of(*court, telling("a", "Vannamei packers in Bhimavaram protest"))
    found = {at: signs["core"] for at, signs in evidence(ARTICLE, [astray, PACKERS])}
    assert found[0] == 0 < found[1]


def test_a_headline_rate_that_the_figures_lack_is_weighed_as_unknown() -> None:
    bare = telling("x", "Vannamei packers in Bhimavaram protest")
    rated = of(replace(bare, headline_words=(*bare.headline_words, "%30%")))
    assert evidence(rated, [PACKERS])[0][1]["core"] == evidence(of(bare), [PACKERS])[0][1]["core"]


def test_no_open_story_is_no_evidence() -> None:
    assert evidence(ARTICLE, []) == []


def test_one_sector_in_common_and_no_more_is_next_to_nothing() -> None:
    storm = of(telling("s", "Kerala shrimp farms under water after storms", goods=("seafood",)))
    duty = of(telling("d", "Quota for shrimp unveiled by Greer in Tokyo", goods=("seafood",)))
    assert near_nothing(storm, duty)
    assert not near_nothing(storm, of(telling("t", "Kerala farms lose shrimp in storms", goods=("seafood",))))


def test_two_cases_of_one_kind_over_other_goods_are_two() -> None:
    def case(id: str, goods: str) -> Profile:
        title = "Directorate recommends dumping duty on makers from Houston"
        return of(telling(id, title, goods=(goods,), matters=("dumping",), lead_matters=("dumping",)))

    assert parted(case("a", "plastics"), case("b", "aluminium"))
    assert not parted(case("a", "plastics"), case("b", "plastics"))


def test_a_profile_counts_what_a_good_part_of_its_members_tell() -> None:
    shrimp = [telling(f"m{n}", "Vannamei", headline_goods=("seafood",), goods=("seafood",)) for n in range(3)]
    found = of(*shrimp, telling("n", "Tyres", headline_goods=("auto_parts",), goods=("auto_parts", "seafood")))
    assert found.size == 4
    assert found.core_goods == {"seafood"}
    assert found.headline_goods == {"seafood", "auto_parts"}


def test_words_of_hindi_papers_stand_for_english_ones() -> None:
    hindi = of(telling("h", "भारतीय हीरों पर अमेरिकी शुल्क, सूरत में राहत"))
    assert hindi.words >= {"diamond", "surat", "relief", "india", "us"}


def sign(name: str, new: Member, *story: Member) -> float:
    ((_, signs),) = evidence(of(new), [of(*story)])
    return signs[name]


def test_a_headline_about_something_else_speaks_against_and_one_that_says_nothing_does_not() -> None:
    refunds, honey = (
        telling(id, "Word", subjects=(about,)) for id, about in (("r", "topic:refunds"), ("h", "goods:honey"))
    )
    assert sign("other subject", refunds, honey) == 1
    assert sign("other subject", refunds, refunds) == 0
    assert sign("other subject", telling("n", "Word", subjects=()), honey) == 0
    assert (sign("topics", refunds, refunds), sign("topics", honey, honey)) == (1, 0)


def test_a_country_in_the_headline_of_which_the_story_says_nothing_speaks_against() -> None:
    dhaka = telling("d", "Dhaka asks too", words=("dhaka", "©Bangladesh"), headline_words=("dhaka", "©Bangladesh"))
    plain, aware = telling("a", "Delhi asks"), telling("b", "Delhi asks", words=("delhi", "©Bangladesh"))
    assert [sign("other country", dhaka, of_it) for of_it in (plain, aware)] == [1, 0]
    assert [sign("other country", new, dhaka) for new in (plain, aware)] == [1, 0]


def test_what_a_text_says_again_and_again_makes_it_nearer_to_one_that_says_it_too() -> None:
    once, often = (telling(id, "Vannamei wait", words=words) for id, words in REPEATED.items())
    assert sign("near", often, PACKERS_TOO) > sign("near", once, PACKERS_TOO)
