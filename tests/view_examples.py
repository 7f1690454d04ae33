"""The windows of the desk in Slack, as they were agreed to the letter. `python -m tests.view_examples` writes them anew."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bot.backtest import ARTICLES, CLOSELY, Backtest, Found, Outlet, Side
from bot.interactive.acts import Person
from bot.interactive.drafts import Draft
from bot.interactive.form import Form, notice, window
from bot.interactive.trial import failed, trial
from tests.makers import DAY, NOW

GOLDEN = Path(__file__).parent / "golden_views"
PRIYA = Person("U0123PRIYA", "priya")
DRAFT = Draft(
    name="shrimp",
    query="SENT/1($INDIA $US) sector:seafood\n$TARIFF",
    channels=("C0123456789", "#sea"),
    severity="high",
    until="2026-12-31",
    owner="Priya, seafood desk",
)
TITLES = (
    "US duty on Indian shrimp goes up to 25%",
    "Andhra exporters count the cost of the American shrimp duty",
    "Washington and New Delhi near a cut of the shrimp duty",
    "Commerce department sets final rates for Indian shrimp",
    "Shrimp duty: minister flies to Washington",
    "Kochi auction: shrimp prices ease",
    "Seafood fair opens in Kolkata",
    "Vannamei farms hit by rain",
    "American retailers look to Ecuador for shrimp",
    "Prawns join the list of goods under review",
)
View = dict[str, Any]


def a_found(n: int, **changes: Any) -> Found:
    told = {"words": ("shrimp", "duty"), "missing": ""} | changes
    return Found(f"a{n}", TITLES[n], f"https://a.example/{n}", "Port and Loom", NOW - n * DAY, 0.9, **told)


def a_backtest(**changes: Any) -> Backtest:
    """Of thirty days, against a present version."""
    by_day = tuple((date(2026, 2, day), count) for day, count in ((2, 1), (9, 1), (10, 4), (11, 2), (20, 1), (24, 3)))
    told: dict[str, Any] = {
        "watchlist": "shrimp",
        "first_day": date(2026, 2, 1),
        "last_day": date(2026, 3, 2),
        "articles": 2_310,
        "tried": Side("shrimp", 14, 12, by_day),
        "counted": ARTICLES,
        "first": (),
        "best": tuple(map(a_found, range(5))),
        "near": tuple(a_found(n, missing="relevant>=0.3 — 0.21", words=()) for n in range(5, 9)),
        "outlets": (Outlet("Port and Loom", 200, 14, 15),),
        "ruled_out": 2_000,
        "judged": 310,
        "read": CLOSELY,
        "scored_by": (("a model", 310),),
        "unscored": 0,
        "quiet": 0,
        "present": Side("prawns", 15, 13, ()),
        "lost_count": 3,
        "gained_count": 2,
        "lost": (a_found(9),),
    }
    return Backtest(**(told | changes))


EXAMPLES: dict[str, Callable[[], View]] = {
    "new": lambda: window(Form(Draft("", ""), "", "C0123456789", PRIYA)),
    "tried": lambda: window(Form(DRAFT, "5d1c7a0e9b3f4c2d", "C0123456789", PRIYA), trial(a_backtest())),
    "wrong": lambda: window(
        Form(DRAFT, "5d1c7a0e9b3f4c2d", "C0123456789", PRIYA), failed("cannot read ')'\n    a)\n     ^")
    ),
    "saved": lambda: notice("shrimp is saved in config.yaml as version 2. The desk goes by it from now on."),
}


if __name__ == "__main__":
    for name, made in EXAMPLES.items():
        text = json.dumps(made(), ensure_ascii=False, indent=1)
        (GOLDEN / f"{name}.json").write_text(f"{text}\n", "utf-8")
