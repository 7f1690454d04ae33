"""The gazetteer: reads the YAML files of alias sets and sectors into a `Vocabulary`, and refuses whatever is unclear.

File → top-level key (`as_of`, `sets`, `sectors`, or a kind of measure words such as `actions`) → name → groups; a group is
`terms` with the `not` and `unless` that hold for all of them, or `include`, the names of sets whose terms belong to this one too.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import yaml

from bot.errors import ConfigError
from bot.facts import ACTIONS, GROUNDS, INSTRUMENTS, STATUSES
from bot.vocabulary import Term, TermSet, Vocabulary, term_from
from bot.yaml_document import YamlDocument, did_you_mean, read_yaml

_KINDS: Mapping[str, tuple[str, ...]] = {  # of measure words; the names each may have, () for those of the rule below
    "countries": (),
    "peoples": (),
    "blocs": (),
    "instruments": INSTRUMENTS,
    "grounds": GROUNDS,
    "actions": ACTIONS,
    "statuses": STATUSES,
    "cues": (),
    "goods": (),
}
_TOP = ("as_of", "sets", "sectors", *_KINDS)
_SECTOR = ("hs", "groups")
_GROUP = ("terms", "not", "unless", "include", "name", "role", "as_of", "verified", "note")
_SET_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_SECTOR_ID = re.compile(r"[a-z][a-z0-9_]*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_RULES = {
    "countries": (_COUNTRY, "a country is named by its ISO 3166 code, such as IN"),
    "peoples": (_COUNTRY, "a people is named by its ISO 3166 code, such as IN"),
    "blocs": (_SET_NAME, "a bloc is named in capitals, such as BRICS"),
}
_RULE = (_SECTOR_ID, "it is named in small letters, such as cut")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One named set or sector as read: its own terms, and the sets it takes in."""

    terms: tuple[Term, ...]
    includes: tuple[tuple[str, str], ...]  # (name, where it is asked for)
    where: str
    chapters: tuple[str, ...] = ()  # of the Harmonized System


def load_vocabulary(folder: Path) -> Vocabulary:
    """All `*.yaml` files of the folder as one vocabulary. Raises ConfigError that names the file and the line."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise ConfigError("no vocabulary here", where=str(folder), hint="expected files such as countries.yaml")
    sets: dict[str, _Entry] = {}
    sectors: dict[str, _Entry] = {}
    kinds: dict[str, dict[str, _Entry]] = {kind: {} for kind in _KINDS}
    for path in files:
        _read_file(path, sets, sectors, kinds)
    return Vocabulary(
        sets=_whole(sets, sets),
        sectors={name: TermSet(entry.terms) for name, entry in sectors.items()},
        measures={kind: _whole(entries, sets) for kind, entries in kinds.items()},
        chapters={name: entry.chapters for name, entry in sectors.items()},
    )


def _whole(entries: Mapping[str, _Entry], sets: Mapping[str, _Entry]) -> dict[str, TermSet]:
    return {name: TermSet((*entry.terms, *_included(name, entry, sets))) for name, entry in entries.items()}


def _read_file(
    path: Path, sets: dict[str, _Entry], sectors: dict[str, _Entry], kinds: Mapping[str, dict[str, _Entry]]
) -> None:
    document = read_yaml(path.read_bytes(), str(path))
    top = document.mapping(document.root, _TOP)
    if "as_of" in top:
        _check_day(document, top["as_of"])
    for name, node in document.mapping(top["sets"]).items() if "sets" in top else ():
        _check_name(document, node, name, _SET_NAME, "a set is named in capitals, such as INDIA")
        _add(sets, name, _entry(document, node))
    for name, node in document.mapping(top["sectors"]).items() if "sectors" in top else ():
        _check_name(document, node, name, _SECTOR_ID, "a sector is named in small letters, such as dairy")
        _add(sectors, name, _sector(document, name, node))
    for kind in kinds.keys() & top.keys():
        for name, node in document.mapping(top[kind]).items():
            _check_measure(document, node, kind, name)
            _add(kinds[kind], name, _entry(document, node))


def _check_measure(document: YamlDocument, node: yaml.Node, kind: str, name: str) -> None:
    known = _KINDS[kind]
    if known and name not in known:
        raise document.error(node, f"{name!r} is none of the {kind}", did_you_mean(name, known))
    _check_name(document, node, name, *_RULES.get(kind, _RULE))


def _sector(document: YamlDocument, name: str, node: yaml.Node) -> _Entry:
    parts = document.mapping(node, _SECTOR)
    for chapter, item in _optional(document, parts, "hs"):
        if not re.fullmatch(r"\d{2}(\d{2})?", chapter):
            raise document.error(item, f"{chapter!r} is no HS chapter", 'write two or four digits: "04"')
    if "groups" not in parts:
        raise document.error(node, f"sector {name} has no groups", "add `groups:` with at least one list of terms")
    entry = _entry(document, parts["groups"])
    if entry.includes:
        raise ConfigError(f"sector {name} includes a set", where=entry.includes[0][1], hint="write its terms out")
    return replace(entry, chapters=tuple(chapter for chapter, _ in _optional(document, parts, "hs")))


def _add(entries: dict[str, _Entry], name: str, entry: _Entry) -> None:
    if name in entries:
        raise ConfigError(f"{name} is defined twice", where=entry.where, hint=f"the other is at {entries[name].where}")
    entries[name] = entry


def _included(name: str, entry: _Entry, sets: Mapping[str, _Entry]) -> Iterator[Term]:
    for other, where in entry.includes:
        if other not in sets:
            raise ConfigError(f"{name} includes {other}, which is no set", where=where, hint=did_you_mean(other, sets))
        if sets[other].includes:
            raise ConfigError(
                f"{name} includes {other}, which includes others itself",
                where=where,
                hint="name the sets it includes one by one",
            )
        yield from sets[other].terms


def _entry(document: YamlDocument, node: yaml.Node) -> _Entry:
    """The groups of one name. Raises ConfigError when there is not one term in them."""
    if not isinstance(node, yaml.SequenceNode):
        raise document.error(node, "expected a list of groups", "begin each with `- terms: [...]`")
    terms: list[Term] = []
    includes: list[tuple[str, str]] = []
    for group in node.value:
        parts = document.mapping(group, _GROUP)
        _check_person(document, group, parts)
        terms += _terms(document, parts)
        includes += [(name, document.where(item)) for name, item in _optional(document, parts, "include")]
    if not terms and not includes:
        raise document.error(node, "holds no term", "add `- terms: [...]`, or remove the name")
    return _Entry(tuple(terms), tuple(includes), document.where(node))


def _optional(document: YamlDocument, parts: Mapping[str, yaml.Node], key: str) -> list[tuple[str, yaml.Node]]:
    return document.texts(parts[key]) if key in parts else []


def _terms(document: YamlDocument, parts: Mapping[str, yaml.Node]) -> list[Term]:
    guards = tuple(_term(document, text, item) for text, item in _optional(document, parts, "not"))
    unless = tuple(_term(document, text, item) for text, item in _optional(document, parts, "unless"))
    return [_term(document, text, item, guards, unless) for text, item in _optional(document, parts, "terms")]


def _term(
    document: YamlDocument, text: str, node: yaml.Node, guards: tuple[Term, ...] = (), unless: tuple[Term, ...] = ()
) -> Term:
    try:
        return term_from(text, guards=guards, unless=unless)
    except ValueError as error:
        raise document.error(node, str(error), "write at least one word") from error


def _check_person(document: YamlDocument, group: yaml.Node, parts: Mapping[str, yaml.Node]) -> None:
    # Offices change hands: a name without a date cannot be known to be stale.
    if "name" in parts and "as_of" not in parts:
        raise document.error(group, f"{document.text(parts['name'])} has no date", 'add as_of: "2026-09-03"')
    if "as_of" in parts:
        _check_day(document, parts["as_of"])
    if "verified" in parts and parts["verified"].value not in ("true", "false"):
        raise document.error(parts["verified"], f"verified is {parts['verified'].value!r}", "write true or false")
    for key in ("name", "role", "note"):
        if key in parts:
            document.text(parts[key])


def _check_day(document: YamlDocument, node: yaml.Node) -> None:
    try:
        date.fromisoformat(document.text(node))
    except ValueError as error:
        raise document.error(node, f"{node.value!r} is no date", 'write it as "2026-09-03"') from error


def _check_name(document: YamlDocument, node: yaml.Node, name: str, pattern: re.Pattern[str], rule: str) -> None:
    if not pattern.fullmatch(name):
        raise document.error(node, f"{name!r} is no name", rule)
