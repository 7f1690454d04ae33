"""Slack's text: what must be escaped, where it may be cut, and how a link is written so that nothing gets out of it.

Text of feeds goes into elements that Slack does not parse at all wherever there is one (see `card`); what is here is
for the few places without: the `text` of a notification, and our own links (docs/decisions/0004-inert-slack-text.md).
"""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from uniseg.graphemecluster import grapheme_clusters

from bot.messages import one_line

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_EMOJI = re.compile(r":([^\s:]+):")
_RATIO = "\u2236"  # looks like a colon, and begins no emoji
_ENDS_A_URL = re.compile(r'[\s<>|"\\^`{}]')
_MORE = "…"
_LONGEST_CLUSTER = 64  # code points


def escape(text: str, limit: int | None = None) -> str:
    """`text` on one line for a mrkdwn field: no mention, link or emoji, of at most `limit` characters once escaped."""
    plain = _without_emoji(one_line(text))
    whole = "".join(_ENTITIES.get(c, c) for c in plain)
    if limit is None or len(whole) <= limit:
        return whole
    # Cut before escaping, but counted as escaped: so neither an entity nor a cluster can be torn.
    kept = _fitting(plain, limit - len(_MORE), _ENTITIES).rstrip()
    return "".join(_ENTITIES.get(c, c) for c in kept) + _MORE


def cut(text: str, limit: int) -> str:
    """Plain text of at most `limit` characters, cut between what people see as characters, with … where it was cut."""
    if len(text) <= limit:
        return text
    return _fitting(text, limit - len(_MORE), {}).rstrip() + _MORE


def link(url: str, label: str, limit: int = 300) -> str:
    """<url|label>, or the label alone when the URL is none that a reader should follow."""
    safe = safe_url(url)
    words = escape(label, limit) or "link"
    return f"<{safe.replace('&', '&amp;')}|{words}>" if safe else words


def safe_url(url: str) -> str:
    """`url` with everything percent-encoded that could end it early; "" when it is not http(s) with a host."""
    encoded = _ENDS_A_URL.sub(lambda found: quote(found.group()), one_line(url))
    try:
        parts = urlsplit(encoded)
    except ValueError:
        return ""
    written, rest = encoded[: len(parts.scheme)], encoded[len(parts.scheme) :]
    return written.lower() + rest if parts.scheme in ("http", "https") and parts.hostname else ""


def _without_emoji(text: str) -> str:
    """`:name:` with other colons: Slack draws emoji by name even where formatting is off."""
    while _EMOJI.search(text):  # colons left over may close on one another
        text = _EMOJI.sub(rf"{_RATIO}\1{_RATIO}", text)
    return text


def _fitting(text: str, room: int, entities: dict[str, str]) -> str:
    """The longest head of `text` of whole clusters that takes at most `room` characters once `entities` are put in."""
    head, kept = text[: room + 1], []
    for cluster in _clusters(head):
        room -= sum(len(entities.get(c, c)) for c in cluster)
        if room < 0:
            break
        kept.append(cluster)
    return "".join(kept)


def _clusters(text: str) -> Iterator[str]:
    """What people see as characters. A longer pile of marks is parted: to find its end takes the square of its length."""
    at = 0
    while at < len(text):
        window = text[at : at + _LONGEST_CLUSTER]
        # In plain ASCII each character stands alone, and finding clusters costs more than all the rest of a card.
        alone = window.isascii() and "\r" not in window
        found = list(window if alone else grapheme_clusters(window))
        whole = found[:-1] if len(found) > 1 and at + _LONGEST_CLUSTER < len(text) else found
        yield from whole
        at += sum(map(len, whole))
