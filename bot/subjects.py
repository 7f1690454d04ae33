"""Subjects: what a headline is about, in a word or two — the goods that it names, and the kind of event."""

import re
from collections.abc import Iterable

from bot.rarity import said
from bot.vocabulary import Mention

GOODS, TOPIC = "goods:", "topic:"
VAGUE = frozenset({"agriculture", "energy"})  # sectors that half of all stories are about
# Sectors whose goods have little in common: apples are no almonds, and a case of one chemical is none of another.
MIXED = frozenset(
    re.findall(
        r"\w+",
        "fruit_nuts cereals pulses chemicals other engineering plastics spices tea_coffee alcohol gas handicrafts sugar_ethanol"
        " soy medical_devices furniture poultry electronics",
    )
)
OF_TRADE = frozenset(
    re.findall(r"\w+", "duty import on grower raw good exporter export maker board use purchase certain frozen")
)
NAMED_BY_ITS_CASE = re.compile(r"^([A-Z][\w ,-]+?) [Ff]rom (?:the Republic of )?India")  # as registers put it
TOPICS = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "refunds": r"\brefund|\bescrow|\brepaid\b",
        "preferences": r"\bGSP\b|\bpreference (?:bill|scheme)",
        "surcharge": r"\bsurcharge|\bsection 122\b|\b122\b",
        "data": r"\bdata\b|\bstorage\b|\bdigital|\bplatform|\be-commerce\b|\btech (?:lobby|tax)",
        "visas": r"\bvisas?\b|\bH-?1B\b",
        "parcels": r"\bparcels?\b|\bpostal\b|\bIndia Post\b|\bpost offices?\b|\bde minimis\b",
        "talks": r"\btalks\b|\bnegotiat|\bround\b|\bdelegation|\btrade team\b|\bmeetings?\b|\bmet\b|वार्ता",
        "visit": r"\bvisits?\b|\bfly to\b|\bheads? to (?:Washington|Delhi)|\blands? in\b|\bin Washington\b",
        "hearing": r"\bhearing|\btestif|\bwitness",
        "capacity": r"\b(?:over)?capacity\b",
        "retaliation": r"\bretaliat|\bhit(?:s|ting)? back\b|\bcounter-?dut|\bsuspend concessions\b",
        "WTO": r"\bWTO\b|\bGeneva\b",
        "relief": r"\brelief (?:package|scheme|for)\b|\bloans?\b|\bcredit\b|\bguarantee|\bmoratorium\b|\bcushion\b|\bRBI\b",
        "figures": r"\bexports? (?:to (?:the )?(?:US|America) |slip|dip|fall|rise|rose|fell|down|up|shrink|slide)"
        r"|\btrade (?:gap|deficit|figures|data)\b|\bshipments to (?:the )?US\b",
        "parliament": r"\bparliament|\blok sabha\b|\bhouse debate\b|\btabl(?:es|ed|ing)\b",
        "protest": r"\bprotest|\bmarch(?:es)? (?:to|on|over)\b|\bshut markets\b|\bmandis shut\b|\btractor (?:march|rall)",
        "court": r"\bcourt|\bjudges?\b|\bruling\b",
        "market": r"\bshares\b|\bstocks?\b|\bnifty\b|\bsensex\b|\brupee\b",
        "Congress": r"\bsenat|\bbill\b",
        "quality": r"\bquality\b|\bBIS\b|\bQCOs?\b|\bstandards\b",
        "origin": r"\bevasion\b|\btransship|\borigin\b|\bmislabel|\bpassing off\b",
        "GM": r"\bGM\b",
    }.items()
}


def subjects(title: str, sectors: Iterable[Mention]) -> tuple[str, ...]:
    """`sectors` are those found in the whole text, which begins with the title; () for a title that says nothing of its own."""
    named = [mention for mention in sectors if mention.end <= len(title) and mention.name not in VAGUE]
    goods = {name for mention in named for name in _goods(title[mention.start : mention.end], mention.name)}
    if case := NAMED_BY_ITS_CASE.match(title):
        goods |= _own_words(case[1])
    topics = {TOPIC + name for name, pattern in TOPICS.items() if pattern.search(title)}
    return tuple(sorted(topics | {GOODS + name for name in goods}))


def _goods(words: str, sector: str) -> set[str]:
    return _own_words(words) if sector in MIXED else {sector}


def _own_words(words: str) -> set[str]:
    return set(said(words)) - OF_TRADE
