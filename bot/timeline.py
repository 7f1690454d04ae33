"""The timeline: reads the dated history that seeds the ledger, a data pack that may be replaced, and refuses what is unclear.

File → `as_of`, `measures`; a measure has `states`, each with its date, its source line and a sentence to check it by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import yaml

from bot.errors import ConfigError
from bot.facts import ACTIONS, GROUNDS, INSTRUMENTS, STATUSES
from bot.measures import CHANGES, CONFIRMS, NEW, REMOVE, Measure, State, title
from bot.yaml_document import YamlDocument, did_you_mean, read_yaml

_TOP = ("as_of", "measures")
_MEASURE = ("id", "imposer", "target", "goods", "instrument", "ground", "title", "states")
_STATE = (
    "date", "status", "action", "rate", "rate_low", "rate_from", "effective", "expires", "source", "sentence", "url", "verified",
    "contested",
)  # fmt: skip
_EVENING = time(23, 59, 59)  # a pack knows days only, and what the papers of a day had is in it
_NULL = "tag:yaml.org,2002:null"

Parts = Mapping[str, yaml.Node]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was known of the measures on a day; of what came later it says nothing."""

    as_of: date
    measures: tuple[Measure, ...]


def load_timeline(path: Path) -> Timeline:
    """Raises ConfigError that names the file and the line."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path), hint="check the path") from error
    document = read_yaml(data, str(path))
    top = document.mapping(document.root, _TOP)
    as_of = _day(document, _needed(document, document.root, top, "as_of"))
    measures = tuple(_measure(document, n) for n in _list(document, _needed(document, document.root, top, "measures")))
    _check_ids(document, measures)
    return Timeline(as_of, measures)


def _check_ids(document: YamlDocument, measures: tuple[Measure, ...]) -> None:
    seen: set[str] = set()
    for measure in measures:
        if measure.id in seen:
            raise ConfigError(f"{measure.id} is defined twice", where=document.file, hint="join the two")
        seen.add(measure.id)


def _measure(document: YamlDocument, node: yaml.Node) -> Measure:
    parts = document.mapping(node, _MEASURE)
    what = (
        _text(document, parts, "imposer"),
        _texts(document, parts, "target"),
        _texts(document, parts, "goods"),
        _one_of(document, parts, "ground", GROUNDS),
        _one_of(document, parts, "instrument", INSTRUMENTS),
    )
    imposer, target, goods, ground, instrument = what
    return Measure(
        id=document.text(_needed(document, node, parts, "id")),
        imposer=imposer,
        target=target,
        goods=goods,
        instrument=instrument or "other",
        ground=ground,
        title=_text(document, parts, "title") or title(*what),
        states=_states(document, _needed(document, node, parts, "states")),
    )


def _states(document: YamlDocument, node: yaml.Node) -> tuple[State, ...]:
    states: list[State] = []
    for item in _list(document, node):
        state = _state(document, item)
        if states and state.told < states[-1].told:
            raise document.error(item, "is older than the state before it", "put the states in order of date")
        states.append(replace(state, kind=_kind(state, states)))
    return tuple(states)


def _kind(state: State, before: Sequence[State]) -> str:
    same = bool(before) and (before[-1].status, before[-1].rate) == (state.status, state.rate)
    return CONFIRMS if same else CHANGES if before else NEW


def _state(document: YamlDocument, node: yaml.Node) -> State:
    parts = document.mapping(node, _STATE)
    needed = {key: _needed(document, node, parts, key) for key in ("date", "status", "source", "sentence")}
    told = datetime.combine(_day(document, needed["date"]), _EVENING, UTC)
    rate, rate_from = _number(document, parts, "rate"), _number(document, parts, "rate_from")
    return State(
        told=told,
        arrived=told,  # it was known then, if not to us
        kind=NEW,
        status=_one_of(document, parts, "status", STATUSES),
        action=_one_of(document, parts, "action", ACTIONS) or _action(rate, rate_from),
        rate=rate,
        rate_low=_number(document, parts, "rate_low"),
        rate_from=rate_from,
        effective=_optional_day(document, parts, "effective"),
        expires=_optional_day(document, parts, "expires"),
        sentence=document.text(needed["sentence"]),
        outlet=document.text(needed["source"]),
        url=_text(document, parts, "url"),
        article_id="",
        verified=_truth(document, parts, "verified"),
        contested=_text(document, parts, "contested"),
    )


def _action(rate: float | None, before: float | None) -> str:
    """What the rates say of the act, where the pack does not."""
    if rate is None or before is None or rate == before:
        return "impose"
    return REMOVE if rate == 0 else "raise" if rate > before else "cut"


def _needed(document: YamlDocument, node: yaml.Node, parts: Parts, key: str) -> yaml.Node:
    if key not in parts or parts[key].tag == _NULL:
        raise document.error(node, f"{key} is missing", f"add `{key}:`")
    return parts[key]


def _told(parts: Parts, key: str) -> yaml.Node | None:
    """The node of a key that is there and not null."""
    node = parts.get(key)
    return None if node is None or node.tag == _NULL else node


def _text(document: YamlDocument, parts: Parts, key: str) -> str:
    node = _told(parts, key)
    return document.text(node) if node else ""


def _one_of(document: YamlDocument, parts: Parts, key: str, known: tuple[str, ...]) -> str:
    word = _text(document, parts, key)
    if word and word not in known:
        raise document.error(parts[key], f"unknown {key} {word!r}", did_you_mean(word, known))
    return word


def _list(document: YamlDocument, node: yaml.Node) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise document.error(node, "expected a list that is not empty", "begin each entry with a dash")
    return list(node.value)


def _texts(document: YamlDocument, parts: Parts, key: str) -> tuple[str, ...]:
    node = _told(parts, key)
    if node is None or (isinstance(node, yaml.SequenceNode) and not node.value):
        return ()
    return tuple(text for text, _ in document.texts(node))


def _number(document: YamlDocument, parts: Parts, key: str) -> float | None:
    node = _told(parts, key)
    if node is None:
        return None
    try:
        return float(node.value)
    except (TypeError, ValueError) as error:
        raise document.error(node, f"{key} is no number", "write per cent as a number: 12.5") from error


def _truth(document: YamlDocument, parts: Parts, key: str) -> bool:
    node = _told(parts, key)
    if node is not None and node.value not in ("true", "false"):
        raise document.error(node, f"{key} is {node.value!r}", "write true or false")
    return node is not None and node.value == "true"  # what does not say that it was checked, was not


def _day(document: YamlDocument, node: yaml.Node) -> date:
    try:
        return date.fromisoformat(document.text(node))
    except ValueError as error:
        raise document.error(node, f"{node.value!r} is no date", 'write it as "2026-09-03"') from error


def _optional_day(document: YamlDocument, parts: Parts, key: str) -> date | None:
    node = _told(parts, key)
    return _day(document, node) if node else None
