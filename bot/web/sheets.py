"""Sheets: a long list is shown in parts, and an address asks for one of them."""

from collections.abc import Mapping

LONGEST = 5  # digits


def sheet_asked(query: Mapping[str, str]) -> int:
    """The `page` of an address, counted from 1; the first where it names none that can be."""
    number = query.get("page", "")
    return max(1, int(number)) if number.isascii() and number.isdigit() and len(number) <= LONGEST else 1
