"""Makers of deadlines for tests."""

from datetime import date
from typing import Any

from bot.days_set import COMMENTS
from bot.deadlines import Deadline, Upcoming
from tests.makers import NOW

TODAY = NOW.date()  # a Monday, 2 March 2026


def a_deadline(day: date = date(2026, 3, 20), **changes: Any) -> Deadline:
    """Of comments in a Section 301 case against India, as one outlet tells it."""
    known: dict[str, Any] = {
        "kind": COMMENTS,
        "title": "USTR asks for comments on India",
        "measure": "",
        "dockets": (),
        "target": ("IN",),
        "goods": (),
        "ground": "s301",
        "sentence": "Comments are due by March 20, 2026.",
        "outlet": "Deccan Ledger",
        "url": "https://deccan.example/1",
        "article_id": "a1",
        "told": NOW,
    }
    return Deadline(day=day, **(known | changes))


def upcoming(*others: Deadline, **changes: Any) -> Upcoming:
    return Upcoming(a_deadline(**changes), others)
