"""Lettering: a text as its reader sees it — one form of each digit, space, dash and fraction, nothing that cannot be seen."""

import re
import unicodedata

_FRACTION = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])")
_RAISED = re.compile(r"[¹²³⁰⁴-⁹₀-₉]")  # of footnotes: "25%¹" is no 251
_DASH = re.compile(r"[‐-―−﹘﹣－]")
_QUOTE = re.compile(r"[‘’ʼ＇`´]")
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "DEVANAGARI", "ARMENIAN", "CHEROKEE", "COPTIC", "FULLWIDTH")


def plain(text: str) -> str:
    """Compatible forms made one (full-width digits, hard blanks, ¼ as "1⁄4"), digits of other scripts made ours, soft
    hyphens and marks of direction dropped."""
    spaced = _RAISED.sub(" ", _FRACTION.sub(" ", text))
    seen = "".join(_seen(c) for c in unicodedata.normalize("NFKC", spaced))
    return _QUOTE.sub("'", _DASH.sub("-", seen))


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in ("Cf", "Cs") or (category == "Cc" and not character.isspace()):
        return ""
    return " " if character in "\u2028\u2029" else character


def mixed(text: str) -> tuple[str, ...]:
    """Words with letters of two scripts, and of another script alone though they look like ours: "Іndia" with a Cyrillic І."""
    words = (m.group() for m in _WORD.finditer(text) if not m.group().isascii())
    return tuple(word for word in words if len(_scripts(word)) > 1)


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(c, "").split(" ")[0] for c in word)
    return {name for name in names if name in _SCRIPTS}
