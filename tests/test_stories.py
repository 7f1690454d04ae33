"""Stories: which tellings are folded into one event, which are kept apart, and what counts as something new."""

from dataclasses import replace
from typing import Any

import pytest

from bot.analysis import Analysis, analyze
from bot.articles import Article
from bot.facts import Fact
from bot.gists import Gist, gists
from bot.members import member, renamed
from bot.nlp.keywords import plain_reading
from bot.rarity import stems, weight
from bot.stories import LARGEST, MORE, NEW, SAME, WINDOW, Story, Update, apart_words, follow, publishers
from bot.vocabulary import find_sectors, index_reading
from tests.ledger_makers import a_fact
from tests.makers import DAY, HOUR, NOW, a_member, a_story, a_vocabulary, an_article, scores

TITLE = "US to raise tariff on Indian shrimp to 25%"
TEXT = "Washington will raise its tariff on shrimp from India to 25% next month, officials said on Monday."


def told(id: str, title: str = TITLE, text: str = TEXT, **changes: Any) -> tuple[Article, Analysis]:
    """An article and its analysis, with the sectors that its words name."""
    article = an_article(id, title=title, text=text, **changes)
    sectors = find_sectors(index_reading(plain_reading(article.whole)), a_vocabulary())
    return article, analyze(article, scores(), sectors=sectors, quotes=(text,) if text else ())


def claiming(article: tuple[Article, Analysis], *facts: Fact) -> tuple[Article, Analysis]:
    return article[0], replace(article[1], facts=facts)


def after(*articles: tuple[Article, Analysis]) -> Update:
    """What the last of these articles did to the stories that the others made."""
    stories: dict[str, Story] = {}
    for article, analysis in articles:
        update = follow(article, analysis, list(stories.values()))
        stories[update.story.id] = update.story
    return update


def joined(*articles: tuple[Article, Analysis]) -> bool:
    return after(*articles).kind != NEW


# the first, and the same again


def test_an_article_of_an_event_that_nobody_told_begins_a_story_under_its_own_id() -> None:
    update = after(told("a1"))
    assert (update.kind, update.article_id, update.changed) == (NEW, "a1", "")
    assert update.story.id == "a1"
    assert (update.story.started, update.story.updated, update.story.told) == (NOW - HOUR, NOW - HOUR, ())
    assert [(m.article_id, m.why) for m in update.story.members] == [("a1", "first")]


def test_a_second_outlet_with_nothing_new_joins_and_is_the_same_again() -> None:
    update = after(told("a1"), told("b1", "Indian shrimp faces 25% US tariff", outlet="Gulf Wire"))
    assert (update.kind, update.changed) == (SAME, "")
    assert [m.article_id for m in update.story.members] == ["a1", "b1"]


def test_a_member_says_in_words_why_it_joined() -> None:
    first = claiming(told("a1"), a_fact(25, goods=("seafood",)))
    other = claiming(
        told("b1", "Shrimp from India to pay a US duty of 25%", "Buyers pay."), a_fact(25, goods=("seafood",))
    )
    why = after(first, other).story.members[1].why
    share, _, words = why.partition(" alike: ")
    assert 0.5 <= float(share) <= 1
    assert "shrimp" in words
    assert words.endswith("goods seafood; same measure US → IN · seafood · reciprocal · 25 %")


def test_an_article_that_is_a_member_already_changes_nothing() -> None:
    first = after(told("a1")).story
    assert follow(*told("a1", "Another title altogether"), [first]) == Update(SAME, first, "a1")


def test_a_story_is_as_young_as_its_youngest_member() -> None:
    late = after(told("a1"), told("b1", published=NOW + DAY)).story
    early = after(told("a1"), told("b1", published=NOW - DAY)).story
    assert (late.updated, early.updated) == (NOW + DAY, NOW - HOUR)


def test_joining_leaves_the_channels_that_were_told() -> None:
    story = replace(after(told("a1")).story, told=("#desk",))
    assert follow(*told("b1"), [story]).story.told == ("#desk",)


def test_of_two_stories_the_likelier_is_joined() -> None:
    milk = told("m1", "India rules out dairy concessions to US", "India will not open its dairy market, he said.")
    update = after(milk, told("a1"), told("b1", "Shrimp from India to face 25% US tariff"))
    assert update.story.id == "a1"


# something new


def test_a_new_rate_in_the_headline_of_a_known_story_is_an_update() -> None:
    raised = told("b1", "US to raise tariff on Indian shrimp to 50%", "Washington doubles the 25% tariff to 50%.")
    update = after(told("a1"), raised)
    assert (update.kind, update.changed, update.story.id) == (MORE, "new figure 50%", "a1")


def test_a_new_rate_that_only_the_text_names_is_no_update() -> None:
    detailed = told("b1", TITLE, f"{TEXT} The present rate is 10%.")
    assert after(told("a1"), detailed).kind == SAME


def test_a_rate_in_the_headline_that_a_telling_named_in_its_text_is_not_new() -> None:
    first = told("a1", TITLE, f"{TEXT} It is 10% now.")
    assert after(first, told("b1", "US to raise tariff on Indian shrimp from 10% to 25%")).kind == SAME


def test_an_official_document_in_a_known_story_is_an_update() -> None:
    update = after(told("a1"), told("b1", official=True, outlet="Federal Register"))
    assert (update.kind, update.changed) == (MORE, "official: Federal Register")


def test_a_press_report_after_the_official_document_is_the_same_again() -> None:
    assert after(told("a1", official=True), told("b1")).kind == SAME


def test_the_same_official_document_moved_to_another_address_is_the_same_again() -> None:
    first = told("a1", official=True, outlet="The White House")
    moved = told("b1", official=True, outlet="The White House", url="https://gov.example/moved")
    assert after(first, moved).kind == SAME


def test_where_there_are_facts_a_new_figure_that_is_none_of_their_rates_is_no_news() -> None:
    first, raised = told("a1"), told("b1", "Shrimp exports to US fall 40% as India tariff is raised to 25%")
    assert after(first, raised).changed == "new figure 40%"
    assert after(first, claiming(raised, a_fact(25))).kind == SAME


def test_a_new_rate_of_a_fact_in_the_headline_is_a_new_fact() -> None:
    raised = told("b1", "US to raise tariff on Indian shrimp to 50%", "Washington doubles the 25% tariff to 50%.")
    assert after(told("a1"), claiming(raised, a_fact(50))).changed == "new fact 50%"


def test_a_member_keeps_of_facts_what_is_claimed_of_today() -> None:
    facts = a_fact(25, goods=("seafood",)), a_fact(30, background=True), a_fact(40, "speculated")
    assert gists(facts) == (Gist("US", ("IN",), ("seafood",), "reciprocal", "impose", "announced", 25),)


# facts that disagree


def test_a_telling_with_another_rate_for_the_same_act_says_so() -> None:
    first, other = claiming(told("a1"), a_fact(18, "agreed")), claiming(told("b1"), a_fact(15))
    update = after(first, other)
    assert (update.story.id, update.apart) == ("a1", ((15, 18),))
    assert apart_words(update.apart) == "this article says 15 %, earlier ones 18 %"


@pytest.mark.parametrize(
    "facts",
    [
        (a_fact(18),),
        (a_fact(15), a_fact(18)),
        (a_fact(None),),
        (a_fact(15, goods=("steel",)),),
        (a_fact(15, ground="russian_oil"),),
        (a_fact(15, "threatened"),),
        (a_fact(15, action="cut"),),
        (a_fact(15, imposer="IN"),),
    ],
)
def test_a_telling_of_the_same_rate_or_of_another_measure_or_act_does_not_disagree(facts: tuple[Fact, ...]) -> None:
    assert after(claiming(told("a1"), a_fact(18)), claiming(told("b1"), *facts)).apart == ()
    assert apart_words(()) == ""


def test_the_same_act_against_another_country_is_another_event() -> None:
    first, other = claiming(told("a1"), a_fact(25)), claiming(told("b1"), a_fact(25, target=("BD",)))
    assert after(first, other).kind == NEW


@pytest.mark.parametrize("target", [("IN", "BD"), ("ALL",), ("BRICS",), ()])
def test_the_same_act_against_more_against_a_group_or_against_whom_is_not_told_is_folded(
    target: tuple[str, ...],
) -> None:
    assert joined(claiming(told("a1"), a_fact(25)), claiming(told("b1"), a_fact(25, target=target)))


# kept apart


def test_headlines_with_different_rates_are_not_folded() -> None:
    assert not joined(told("a1"), told("b1", TITLE.replace("25%", "50%"), TEXT.replace("25%", "50%")))


@pytest.mark.parametrize("goods", ["steel", "dairy"])
def test_headlines_with_different_sectors_are_not_folded(goods: str) -> None:
    assert not joined(told("a1"), told("b1", TITLE.replace("shrimp", goods), TEXT.replace("shrimp", goods)))


def test_different_words_for_one_sector_are_folded() -> None:
    assert joined(told("a1"), told("b1", TITLE.replace("shrimp", "seafood")))


def test_a_sector_that_the_other_telling_names_in_its_text_is_folded() -> None:
    first = told("a1", TITLE, f"{TEXT} Steel is on the list as well.")
    assert joined(first, told("b1", TITLE.replace("shrimp", "steel"), TEXT))


@pytest.mark.parametrize(("one", "other"), [("China", "Brazil"), ("EU", "Canada"), ("Swiss", "Japan")])
def test_headlines_with_different_third_countries_are_not_folded(one: str, other: str) -> None:
    titles = [f"US tariff pact with {country} sets a mark for India" for country in (one, other)]
    assert not joined(told("a1", titles[0]), told("b1", titles[1]))


@pytest.mark.parametrize(("one", "other"), [("China", "Chinese"), ("UK", "British"), ("EU", "European")])
def test_a_country_is_the_same_by_each_of_its_names(one: str, other: str) -> None:
    titles = [f"US tariff pact with {country} makers sets a mark for India" for country in (one, other)]
    assert joined(told("a1", titles[0]), told("b1", titles[1]))


def test_a_headline_without_rate_sector_or_country_is_kept_apart_from_none() -> None:
    assert joined(told("a1"), told("b1", "US to raise tariff on India"))


def test_an_event_of_another_matter_is_not_folded() -> None:
    assert not joined(told("a1"), told("b1", "Court asks USTR for reasons", "Judges sent the order back on Friday."))


def test_what_is_told_again_after_the_window_is_another_turn_of_affairs() -> None:
    published = NOW - HOUR
    assert joined(told("a1"), told("b1", published=published + WINDOW))
    assert not joined(told("a1"), told("b1", published=published + WINDOW + HOUR))
    assert not joined(told("a1"), told("b1", published=published - WINDOW - HOUR))


def test_the_window_moves_with_the_tellings() -> None:
    published = NOW - HOUR
    later, last = told("b1", published=published + 3 * DAY), told("c1", published=published + 6 * DAY)
    assert joined(told("a1"), later, last)


def test_a_story_that_has_grown_into_a_theme_takes_no_more() -> None:
    full = a_story(*(a_member(f"m{n}") for n in range(LARGEST)))
    assert follow(*told("b1"), [full]).kind == NEW
    assert follow(*told("b1"), [replace(full, members=full.members[1:])]).kind == SAME


# likeness


def test_a_rare_word_in_common_weighs_more_than_a_common_one() -> None:
    assert weight("tariff") < weight("court") < weight("vannamei")


def test_stems_are_content_words_without_their_endings_each_as_often_as_it_is_said() -> None:
    words = stems("The tariffs are duties, and the tariff of 25% is imposed")
    assert words == ("25%", "duty", "impos", "tariff", "tariff")


def test_a_member_tells_the_sectors_of_its_title_from_those_of_its_text() -> None:
    found = member(*told("a1", TITLE, f"{TEXT} Steel and dairy are spared."))
    assert found.headline_goods == ("seafood",)
    assert found.goods == ("dairy", "seafood", "steel")


# other events with the same names


DUMPING = (
    "US sets anti-dumping duty on shrimp from India",
    "The dumping margin for shrimp from India is for Indian packers.",
)


def test_a_case_of_which_the_story_knows_nothing_is_another_event() -> None:
    assert after(told("a1"), told("b1"), told("c1", *DUMPING)).kind == NEW


def test_most_headlines_of_a_story_name_goods_that_another_must_know() -> None:
    milk = told("m1", "US raises tariff on Indian dairy to 25%", TEXT.replace("shrimp", "milk"))
    both = told(
        "n1", "US raises tariff on Indian dairy to 25%", f"{TEXT} Milk too.".replace("shrimp", "milk and shrimp")
    )
    shrimps = told("a1"), told("b1")
    assert after(*shrimps, milk).kind == NEW
    assert after(*shrimps, both).kind == SAME


def test_what_tells_of_several_events_is_in_no_story_but_its_own() -> None:
    digest = told("d1", "The week in trade: US to raise tariff on Indian shrimp to 25%", TEXT)
    assert after(told("a1"), digest).kind == NEW
    assert after(digest, told("a1")).kind == NEW


def test_a_rate_that_moves_within_one_measure_stays_in_the_story() -> None:
    threat = claiming(told("a1"), a_fact(25, "threatened", goods=("seafood",)))
    order = told("b1", TITLE.replace("25%", "20%"), TEXT.replace("25%", "20%"))
    assert after(threat, order).kind == NEW
    update = after(threat, claiming(order, a_fact(20, goods=("seafood",))))
    assert (update.kind, update.changed) == (MORE, "new fact 20%")


# copies

AGENCY = (
    "Washington will raise its duty on frozen prawns from Andhra Pradesh and Odisha to a quarter of their value from next month. "
    "Packers in Bhimavaram said that buyers in Seattle had asked them to share the cost of every container already at sea. "
    "The commerce ministry in New Delhi is to take the matter up when negotiators meet on Thursday."
)


def test_a_copy_of_an_agencys_text_joins_whatever_its_title_and_counts_as_one_publisher() -> None:
    cut = AGENCY[: AGENCY.index(" The commerce ministry")]
    update = after(told("a1", TITLE, AGENCY), told("b1", "Buyers pass it on", f"BHIMAVARAM: {cut}", outlet="Mail"))
    copy = update.story.members[1]
    assert (update.kind, copy.copy_of, copy.why) == (SAME, "a1", f"copy of Deccan Ledger, “{TITLE}”")
    assert publishers(update.story) == 1


def test_a_retelling_is_no_copy_and_its_outlet_counts() -> None:
    story = after(told("a1", TITLE, AGENCY), told("b1", outlet="Mail"), told("c1", outlet="The Mail")).story
    assert [m.copy_of for m in story.members] == ["", "", "b1"]
    assert publishers(story) == 2


def test_the_same_text_with_another_rate_in_it_is_no_copy() -> None:
    texts = [told(f"{rate}", "A duty on shrimp", f"It is {rate} per cent. {AGENCY}") for rate in (25, 20)]
    assert [m.copy_of for m in after(*texts).story.members] in ([""], ["", ""])


def test_a_copy_of_a_copy_is_one_of_the_original() -> None:
    texts = [told(id, f"{TITLE} {n}", AGENCY, outlet=f"Paper {n}") for n, id in enumerate(("a1", "b1", "c1"))]
    assert [m.copy_of for m in after(*texts).story.members] == ["", "a1", "a1"]


def test_official_documents_are_no_copies_though_their_formulas_are_alike() -> None:
    first, second = told("a1", TITLE, AGENCY, official=True), told("b1", "A notice", AGENCY, official=True)
    assert all(not m.copy_of for m in after(first, second).story.members)


# merges

QUIET = (
    "Andhra prawn packers count containers at sea",
    "Bhimavaram packers count containers of vannamei at sea off Seattle.",
)
LOUD = "Seattle buyers of vannamei hold back", "Buyers in Seattle hold back orders of vannamei from Bhimavaram packers."
BOTH = (
    "Bhimavaram packers and Seattle buyers at odds over vannamei containers",
    "Andhra prawn packers count containers of vannamei at sea off Seattle, where buyers hold back orders.",
)


def merging() -> tuple[Story, Story, Update]:
    """Two stories that did not see that they were one, and what an article that tells of both does."""
    one = after(told("a1", *QUIET)).story
    two = replace(after(told("b1", *LOUD, published=NOW)).story, told=("#desk",))
    return one, two, follow(*told("c1", *BOTH, published=NOW + HOUR), [one, two])


def test_two_stories_that_an_article_shows_to_be_one_are_merged_into_the_elder() -> None:
    one, two, update = merging()
    story = update.story
    assert [m.article_id for m in story.members] == ["a1", "b1", "c1"]
    assert (story.id, story.started, story.updated, story.told) == ("a1", one.started, NOW + HOUR, ("#desk",))
    (merge,) = story.merges
    assert (merge.story_id, merge.article_id, merge.at) == (two.id, "c1", NOW + HOUR)
    assert merge.why.startswith(f"“{BOTH[0]}” tells of both; 0.")


def test_stories_of_other_goods_are_not_merged_whatever_an_article_tells() -> None:
    milk = after(told("m1", TITLE.replace("shrimp", "dairy"), TEXT.replace("shrimp", "milk"))).story
    shrimp = after(told("a1")).story
    both = told("b1", "US to raise tariff on Indian shrimp and dairy to 25%", f"{TEXT} So will milk.")
    assert follow(*both, [milk, shrimp]).story.merges == ()


# edited headlines


def test_a_member_read_anew_with_another_rate_in_its_headline_is_an_update() -> None:
    story = after(told("a1"), told("b1")).story
    title = TITLE.replace("25%", "20%")
    edited = replace(story, members=(renamed(story.members[0], title), story.members[1]))
    update = follow(*told("a1", title), [edited])
    assert (update.kind, update.changed, update.edition) == (MORE, "headline corrected to 20%", "a1 20%")
    assert (update.member.title, update.member.was, update.member.why) == (title, (TITLE,), "first")
    assert follow(*told("a1", title), [update.story]).kind == SAME


def test_a_headline_that_was_only_put_into_other_words_is_no_news() -> None:
    story = after(told("a1")).story
    title = "Shrimp from India to pay 25% in America"
    edited = replace(story, members=(renamed(story.members[0], title),))
    assert follow(*told("a1", title), [edited]).kind == SAME
