"""Members: what following an article needs to know of it, and how it is told from its text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.analysis import Analysis, figures
from bot.articles import Article
from bot.copies import sketch
from bot.gists import Gist, gists
from bot.matters import matters, tells_several
from bot.rarity import COUNTRY, GROUND, RATE, stems
from bot.subjects import subjects

READ = 900  # characters of a text that say what it is about
LEAD = 220


@dataclass(frozen=True, slots=True)
class Member:
    """What following needs to know of an article that is in a story."""

    article_id: str
    title: str
    url: str
    outlet: str
    official: bool
    published: datetime
    figures: tuple[str, ...]
    words: tuple[str, ...] = ()  # stems of title and text, each as often as said, and tokens for what was found in them
    headline_words: tuple[str, ...] = ()  # those of them that the title names
    goods: tuple[str, ...] = ()  # sectors named anywhere
    headline_goods: tuple[str, ...] = ()  # sectors named in the title
    matters: tuple[str, ...] = ()  # kinds of proceeding named anywhere
    lead_matters: tuple[str, ...] = ()  # those named in title and lead
    subjects: tuple[str, ...] = ()  # what the title is about
    sketch: tuple[int, ...] = ()  # of the text, to tell copies by
    several: bool = False  # it tells of several events: in no story but its own
    why: str = ""  # why it joined
    facts: tuple[Gist, ...] = ()
    copy_of: str = ""  # the id of the member whose text it prints
    was: tuple[str, ...] = ()  # earlier titles, oldest first


def member(article: Article, analysis: Analysis) -> Member:
    """The part of an article that following compares."""
    title, text = article.title, article.text[:READ]
    goods = tuple(sorted({m.name for m in analysis.sectors}))
    headline_goods = tuple(sorted({m.name for m in analysis.sectors if m.end <= len(title)}))
    claimed = gists(analysis.facts)
    words = [*stems(f"{title} {text}"), *_found(article.whole, analysis.figures)]
    return Member(
        article.id,
        title,
        article.url,
        article.outlet,
        article.official,
        article.published,
        analysis.figures,
        words=tuple(sorted([*words, *{GROUND + fact.ground for fact in claimed if fact.ground}])),
        headline_words=tuple(sorted({*stems(title), *_found(title, figures(title))})),
        goods=goods,
        headline_goods=headline_goods,
        matters=matters(f"{title} {text}"),
        lead_matters=matters(f"{title} {text[:LEAD]}"),
        subjects=subjects(title, analysis.sectors),
        sketch=sketch(article.text),
        several=tells_several(title, analysis.genre),
        facts=claimed,
    )


def _found(text: str, told: Iterable[str]) -> set[str]:
    """Tokens for third countries and rates, which each text may write in its own way."""
    rates = {RATE + figure for figure in told if figure.endswith("%")}
    return {COUNTRY + name for name in _countries(text)} | rates


def corrects(title: str, told: Member) -> bool:
    """Whether an edited title names a rate that the headline had otherwise, or of which the article knew nothing."""
    now, was = headline_rates(title), {token.removeprefix(RATE) for token in told.headline_words if token[0] == RATE}
    return bool(now) and now != was and (bool(was) or not now <= set(told.figures))


def renamed(old: Member, title: str) -> Member:
    """With the title that its outlet has given it since. What it is compared by stays as it was read."""
    return replace(old, title=title, was=(*old.was, old.title))


def headline_rates(title: str) -> set[str]:
    return {f for f in figures(title) if f.endswith("%")}


def _countries(text: str) -> set[str]:
    return {NATIONS.get(word, word) for word in COUNTRIES.findall(text)}


COUNTRIES = re.compile(
    r"\b(China|Chinese|Beijing|Brazil|Brazilian|Canada|Canadian|Mexico|Mexican|EU|European|Brussels|UK|Britain|British|Japan"
    r"|Japanese|Korea|Korean|Vietnam|Vietnamese|Hanoi|Pakistan|Bangladesh|Bangladeshi|Dhaka"
    r"|Switzerland|Swiss|Taiwan|Indonesia|Thailand|Malaysia|Australia|Oman|Israel|Turkey|Iran|Colombia|Philippines|Sri Lanka"
    r"|Cambodia|Ecuador|Peru|Chile|South Africa|Zealand|EFTA|GCC)\b"
)
NATIONS = {
    "Chinese": "China",
    "Canadian": "Canada",
    "European": "EU",
    "Britain": "UK",
    "British": "UK",
    "Swiss": "Switzerland",
    "Japanese": "Japan",
    "Korean": "Korea",
    "Brazilian": "Brazil",
    "Mexican": "Mexico",
    "Vietnamese": "Vietnam",
    "Bangladeshi": "Bangladesh",
    "Dhaka": "Bangladesh",
    "Beijing": "China",
    "Brussels": "EU",
    "Hanoi": "Vietnam",
}
