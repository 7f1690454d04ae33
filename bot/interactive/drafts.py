"""Drafts: a watchlist as people fill it in, what is wrong with it, and the text of its entry in a file."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.config_keys import wrong_keys
from bot.errors import ConfigError, QueryError
from bot.interactive.blocks import CHANNEL_ID
from bot.watchlist_text import BY_HAND
from bot.watchlists import DIGEST
from bot.yaml_document import YamlDocument, read_yaml

AROUND = 24  # characters of a query shown on each side of what is wrong
STRAIGHT = str.maketrans({"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "\t": " ", "\u00a0": " "})
ENTRY = "the entry"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is left open is "" or empty. `channels` from Slack's menu are ids, for it gives no others."""

    name: str
    query: str
    channels: tuple[str, ...] = ()
    severity: str = ""
    until: str = ""
    owner: str = ""
    deliver: str = ""  # "digest", or "" for at once

    def keys(self) -> dict[str, object]:
        """Those that say something, as a file has them."""
        listed: dict[str, object] = {"name": self.name, "query": self.query, "channels": list(self.channels)}
        rest = {"severity": self.severity, "until": self.until, "owner": self.owner, "deliver": self.deliver}
        return {key: value for key, value in (listed | rest).items() if value}


def typed_query(words: str) -> str:
    """Without what keyboards make of quotes, and without blanks at the ends of lines."""
    return "\n".join(line.rstrip() for line in words.translate(STRAIGHT).strip().splitlines())


def draft_in(entry: str) -> Draft:
    """Of an entry as it is written."""
    plain = _document(entry).plain()
    keys = plain if isinstance(plain, dict) else {}
    return Draft(
        name=str(keys.get("name", "")),
        query=str(keys.get("query", "")),
        channels=tuple(str(one) for one in keys.get("channels") or ()),
        severity=str(keys.get("severity") or ""),
        until=str(keys.get("until") or ""),
        owner=str(keys.get("owner") or ""),
        deliver=DIGEST if keys.get("deliver") == DIGEST else "",
    )


def wrong(draft: Draft, compiled: Callable[[Draft], object]) -> dict[str, str]:
    """What is wrong with each field, in words. `compiled` raises QueryError."""
    if found := wrong_keys({"name": "", "query": "", **draft.keys()}):
        return found
    try:
        compiled(draft)
    except QueryError as error:
        return {"query": query_words(error)}
    return {}


def query_words(error: QueryError) -> str:
    """In one line, with a mark where it is wrong: below a field there is no room for a caret under a letter."""
    before, after = error.query[: error.column], error.query[error.column :]
    shown = f"{before[-AROUND:]}▲{after[:AROUND]}".replace("\n", " ")
    hint = f" — {error.hint}" if error.hint else ""
    return f"{error.problem.splitlines()[0]} at ▲: {shown}{hint}"


def entry_of(present: str, draft: Draft, *, whole: bool = False) -> str:
    """The text of the entry: only the keys that differ are written anew, and all others stay as they are, comments too. A
    channel that is written by its name stays as well, unless the draft names the channels `whole`. Raises ConfigError for an
    entry in brackets."""
    lines = present.splitlines() or [f"name: {draft.name}"]
    known = draft_in("\n".join(lines)) if present else Draft(draft.name, "")
    named = () if whole else tuple(one for one in known.channels if not CHANNEL_ID.fullmatch(one))
    channels = (*named, *(one for one in draft.channels if one not in named))
    changes = {
        "query": _query(draft.query) if draft.query.split() != known.query.split() else None,
        "channels": _channels(channels) if set(channels) != set(known.channels) else None,
        "severity": _one("severity", draft.severity) if draft.severity != known.severity else None,
        "until": _one("until", draft.until) if draft.until != known.until else None,
        "deliver": _one("deliver", draft.deliver) if draft.deliver != known.deliver else None,
        "owner": _one("owner", draft.owner and _quoted(draft.owner)) if draft.owner != known.owner else None,
    }
    for key, written in changes.items():
        lines = lines if written is None else _with(lines, key, written)
    return "\n".join(lines)


def _query(query: str) -> list[str]:
    head = "query: |-" if "\n" in query else "query: >-"
    return [head, *(f"  {line}".rstrip() for line in query.splitlines())]


def _channels(channels: Sequence[str]) -> list[str]:
    return [f"channels: [{', '.join(map(_quoted, channels))}]"] if channels else []


def _one(key: str, value: str) -> list[str]:
    return [f"{key}: {value}"] if value else []


def _quoted(words: str) -> str:
    """JSON's quotes are YAML's double quotes."""
    return json.dumps(words, ensure_ascii=False)


def _with(lines: list[str], key: str, written: list[str]) -> list[str]:
    document = _document("\n".join(lines))
    node = document.mapping(document.root).get(key)
    if node is None:
        return [*lines, *written]
    start, stop = document.line(document.at([key])) - 1, document.last_line(node)
    while stop > start + 1 and not lines[stop - 1].strip():
        stop -= 1
    return [*lines[:start], *written, *lines[stop:]]


def _document(entry: str) -> YamlDocument:
    document = read_yaml(f"{entry}\n".encode(), ENTRY)
    if getattr(document.root, "flow_style", False):
        raise ConfigError("this watchlist stands in brackets and cannot be changed by the program", hint=BY_HAND)
    return document
