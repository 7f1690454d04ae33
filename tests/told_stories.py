"""Stories for the pages that show one: with all that can happen to a story, with many articles, with titles that attack."""

from dataclasses import replace
from datetime import date

from bot.actions import FOLLOW_STORY, MUTE_STORY, NOT_RELEVANT, OLD, Action
from bot.alerts import EDIT, FOLDED, PARKED, REPLY, SENT, Alert
from bot.analysis import Analysis
from bot.articles import Article
from bot.doubts import Doubt
from bot.facts import Fact
from bot.feeds import FeedState
from bot.members import member
from bot.ports import Store
from bot.stories import Merge, Split, Story
from tests.ledger_makers import a_fact
from tests.makers import DAY, FEED, HOUR, NOW, a_message, a_story, an_action, an_alert, an_analysis, an_article

ROOM = "C0123TRADE"  # a channel
ATTACK = "<script>document.title='owned'</script>\"><img src=x onerror=alert(1)> \u202etxt.exe\u202c"
SHRIMP = a_fact(25, "announced", goods=("seafood",), quote="The duty on shrimp rises to 25 per cent, officials said.")
TOLD: tuple[tuple[str, str, float, tuple[Fact, ...]], ...] = (  # outlet, title, hours after the first, facts
    ("Deccan Ledger", "US to raise tariff on Indian shrimp to 25%", 0, (SHRIMP,)),
    (
        "Gulf Wire",
        "Indian shrimp faces 18% US tariff",
        2,
        (replace(SHRIMP, rate=18, quote="The rate is 18 per cent."),),
    ),
    ("Harbour Post", "US to raise tariff on Indian shrimp to 25%", 3, (SHRIMP,)),
    (
        "Federal Register",
        "Notice of modified duties: certain shrimp of India",
        26,
        (replace(SHRIMP, status="in_force", effective=date(2026, 4, 1), speaker="Commerce", side="US"),),
    ),
    (f"Evil Post {ATTACK}", f"Shrimp duty {ATTACK} {'very ' * 300}long", 27, ()),
)


def article(number: int) -> Article:
    outlet, title, hours, _ = TOLD[number]
    return an_article(
        f"{number:032x}",
        url="javascript:alert(1)" if number == 4 else f"https://outlet.example/{number}",
        title=title,
        outlet=outlet,
        official=number == 3,
        published=NOW + hours * HOUR,
    )


def analysis(number: int) -> Analysis:
    return an_analysis(article(number).id, "relevant", facts=TOLD[number][3])


def a_told_story() -> Story:
    """With a copy, an edited title, a doubt, a merger and a split; told in one channel."""
    whys = (
        "first",
        "0.93 alike: shrimp; goods seafood",
        "copy of Deccan Ledger",
        "0.71 alike: shrimp",
        f"0.55 alike: {ATTACK}",
    )
    found = [replace(member(article(n), analysis(n)), why=why) for n, why in enumerate(whys)]
    found[0] = replace(found[0], was=("US to raise tariff on Indian shrimp to 20%",))
    found[2] = replace(found[2], copy_of=found[0].article_id)
    story = a_story(*found, told=(ROOM,))
    at = NOW + 26 * HOUR
    return replace(
        story,
        merges=(Merge("9" * 32, found[3].article_id, at, "“Notice” tells of both; 0.77 alike"),),
        splits=(Split("8" * 32, found[3].article_id, at, "“Honey” tells of “Bees”, and not of “Notice”"),),
        doubts=(Doubt((found[4].article_id,), 0.4),),
    )


def alerts() -> list[Alert]:
    story = a_told_story()
    sent = an_alert("x1", ROOM, story_id=story.id, state=SENT, receipt="1767225600.000100", sent_at=NOW + HOUR)
    return [
        sent,
        replace(
            sent, id="x2", role=REPLY, broadcast=True, blind=True, message=a_message("x2", changed="18 % announced")
        ),
        replace(sent, id="x3", role=EDIT, created=NOW + HOUR),
        replace(sent, id="x4", channel="#sea", state=FOLDED, receipt="", sent_at=None),
        replace(sent, id="x5", channel="#gone", state=PARKED, error=f"channel_not_found {ATTACK}", sent_at=None),
    ]


def actions() -> list[Action]:
    name = a_told_story().id
    mine = {"story_id": name, "channel": ROOM}
    return [
        an_action(FOLLOW_STORY, "U1", user_name="Asha", at=NOW + HOUR, **mine),
        an_action(NOT_RELEVANT, "U2", user_name=f"Ravi {ATTACK}", reason=OLD, at=NOW + 2 * HOUR, **mine),
        an_action(MUTE_STORY, "U3", user_name="Priya", at=NOW + DAY, **(mine | {"channel": "#sea"})),
    ]


def keep(store: Store) -> str:
    """All of it in the store; gives the story's id."""
    numbers = range(len(TOLD))
    store.save_feed(FeedState(FEED, polled_at=NOW, ok_at=NOW), [article(n) for n in numbers])
    store.save_analyses([(article(n), analysis(n)) for n in numbers])
    story = a_told_story()
    store.save_follow([m.article_id for m in story.members], [story], alerts())
    for action in actions():
        store.save_action(action)
    return story.id


def keep_many(store: Store, number: int) -> str:
    """A story of so many articles."""
    articles = [
        an_article(
            f"m{n:04}", title=f"US tariff on shrimp, part {n}", outlet=f"Outlet {n % 40}", published=NOW + n * HOUR
        )
        for n in range(number)
    ]
    made = [(one, an_analysis(one.id, "relevant", facts=(SHRIMP,))) for one in articles]
    store.save_feed(FeedState(FEED, polled_at=NOW, ok_at=NOW), articles)
    store.save_analyses(made)
    story = a_story(*(replace(member(*one), why="0.71 alike: shrimp") for one in made))
    store.save_follow([one.id for one in articles], [story], [])
    return story.id
