"""Matters: what kind of proceeding a text is about — a court, a hearing, a dumping case, talks — told from its words."""

import re

MATTERS = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "court": r"\b(?:court|judges?|rul(?:ed|ing)|appeals?|CIT|federal circuit|bench|tribunal|lawsuit|plaintiffs?)\b",
        "hearing": r"\b(?:hearings?|testif\w+|testimony|witness\w*)\b",
        "petition": r"\bpetition\w*\b",
        "dumping": r"\b(?:anti-?\s?dumping|dump(?:ing|ed))\b",
        "countervailing": r"\b(?:countervail\w*|CVD|anti-?\s?subsidy|subsidy (?:case|duty|probe|finding|investigation))\b",
        "safeguard": r"\bsafeguard\w*\b",
        "section 301": r"\b301\b",
        "section 232": r"\b(?:232|national security)\b",
        "talks": r"\b(?:talks|negotiat\w+|delegations?|round)\b",
        "figures": r"\b(?:exports? (?:rise|rose|fell|fall|slip\w*|dip\w*|flat|grew|down|up)|trade (?:gap|deficit|data)"
        r"|(?:april|july|october|january)-\w+)\b",
        "food safety": r"\b(?:FDA|antibiotics?|residues?|import alert|inspect\w+|sanitary)\b",
        "WTO": r"\bWTO\b",
        "oil": r"\b(?:crude|russian oil|refiner\w*|urals)\b",
        "pause": r"\b(?:pause|roll(?:ed)? over|cut-?off|deadline|extension)\b",
        "exemption": r"\b(?:waiver|exempt\w*|exclu\w+|spare[sd]?)\b",
        "quota": r"\b(?:quotas?|TRQ)\b",
        "licence": r"\blicen[cs]\w+\b",
        "refund": r"\brefunds?\b",
    }.items()
}
PROCEEDINGS = frozenset(
    {"dumping", "countervailing", "safeguard", "food safety"}
)  # each a case of its own, whatever the goods
SEVERAL = re.compile(r"\bweek (?:in|that was|ahead)\b|\bcatch-?up\b|\bround-?up\b|\bweekly\b", re.IGNORECASE)


def matters(text: str) -> tuple[str, ...]:
    return tuple(name for name, pattern in MATTERS.items() if pattern.search(text))


def tells_several(title: str, genre: str) -> bool:
    """Whether a text is about several events, and so about none: a digest."""
    return genre == "digest" or bool(SEVERAL.search(title))
