"""Watchlists as they are written: the text of one, and a YAML text with one added, replaced or removed and all else left
as it is."""

from collections.abc import Iterable, Sequence

import yaml

from bot.errors import ConfigError
from bot.yaml_document import YamlDocument, read_yaml

KEY = "watchlists"
BY_HAND = "change the file by hand"


def entry_text(document: YamlDocument, node: yaml.Node) -> str:
    """The lines of a list's entry, unindented, comments among them too."""
    mark = node.start_mark
    if mark is None or mark.buffer is None:
        return ""
    first, *others = mark.buffer.rstrip("\0").splitlines()[mark.line : document.last_line(node)]
    lines = [first[mark.column :], *(_outdented(line, mark.column) for line in others)]
    return "\n".join(line.rstrip() for line in lines).rstrip()


def with_watchlist(data: bytes, name: str, entry: str, file: str) -> str:
    """The text of a file with this entry for the watchlist of that name: in the place of the one that it has, else after
    its last one; "" removes it. Raises ConfigError where that cannot be done without touching anything else."""
    document = read_yaml(data if data.strip() else f"{KEY}: []\n".encode(), file)
    text = data.decode("utf-8-sig") if data.strip() else f"{KEY}: []\n"
    end = "\r\n" if "\r\n" in text else "\n"
    lines = [line if line.endswith(("\n", "\r")) else line + end for line in text.splitlines(keepends=True)]
    listed = document.mapping(document.root).get(KEY)
    entries = _names(listed)
    if name not in entries and not entry:
        return data.decode()
    if listed is None:
        lines += [f"{KEY}:{end}", *_indented(entry, "  - ", 4, end)]
    elif not entries:
        lines = _first(document, listed, lines, _indented(entry, "  - ", 4, end))
    elif isinstance(listed, yaml.CollectionNode) and listed.flow_style:
        raise document.error(listed, "this list stands in brackets and cannot be changed by the program", BY_HAND)
    else:
        _put(document, listed, lines, entries.index(name) if name in entries else None, entry, end)
    longer = ("\ufeff" if data.startswith(b"\xef\xbb\xbf") else "") + "".join(lines)
    _refuse_other_changes(document, longer, name, entry)
    return longer


def entry_in(data: bytes, name: str, file: str) -> str:
    """The text of the watchlist of that name; "" where there is none. Raises ConfigError for what is no YAML."""
    document = read_yaml(data, file)
    names = _names(document.mapping(document.root).get(KEY))
    return entry_text(document, document.at([KEY, names.index(name)])) if name in names else ""


def _names(listed: yaml.Node | None) -> list[str]:
    """Of the entries in order, "" for what has no name."""
    entries: Iterable[yaml.Node] = listed.value if isinstance(listed, yaml.SequenceNode) else ()
    return [
        next((value.value for key, value in entry.value if key.value == "name"), "")
        if isinstance(entry, yaml.MappingNode)
        else ""
        for entry in entries
    ]


def _first(document: YamlDocument, listed: yaml.Node, lines: list[str], added: list[str]) -> list[str]:
    """The lines with the first entries of a list that has none: `watchlists:` or `watchlists: []`."""
    span = document.span(listed)
    row, column = span.line - 1, span.column - 1
    if "\n" in span.written:
        raise document.error(listed, "this list cannot be changed by the program", BY_HAND)
    after = lines[row][column + len(span.written) :]
    head = lines[row][:column].rstrip() + (f" {after.strip()}" if after.strip() else "")
    end = lines[row][len(lines[row].rstrip("\r\n")) :]
    return [*lines[:row], head + end, *added, *lines[row + 1 :]]


def _put(document: YamlDocument, listed: yaml.Node, lines: list[str], at: int | None, entry: str, end: str) -> None:
    """Changes the lines of a list that has entries."""
    dash = listed.start_mark.column if listed.start_mark else 0
    if at is None:
        place = _end(document, listed, lines)
        lines[place:place] = _indented(entry, " " * dash + "- ", dash + 2, end)
        return
    node = listed.value[at]
    start, stop = document.line(node) - 1, _end(document, node, lines)
    column = node.start_mark.column
    if entry:
        lines[start:stop] = _indented(entry, lines[start][:column], column, end)
        return
    start = next(row for row in range(start, -1, -1) if lines[row].lstrip().startswith("-"))
    del lines[start:stop]
    if len(listed.value) == 1:
        key = document.line(document.at([KEY])) - 1
        head, _, after = lines[key].partition(":")
        lines[key] = f"{head}: []{after}"


def _end(document: YamlDocument, node: yaml.Node, lines: Sequence[str]) -> int:
    """Blank lines behind a block of text belong to it, and stay all the same."""
    stop = document.last_line(node)
    while not lines[stop - 1].strip():
        stop -= 1
    return stop


def _refuse_other_changes(document: YamlDocument, longer: str, name: str, entry: str) -> None:
    """Whatever YAML was written, the result must say what is wanted and nothing else."""
    after = read_yaml(longer.encode(), document.file)
    was, now = _plain(document), _plain(after)
    wanted = read_yaml(f"{entry}\n".encode(), document.file).plain() if entry else None
    kept = [(one, value) for one, value in was[1] if one != name]
    same = [(one, value) for one, value in now[1] if one != name] == kept and was[0] == now[0]
    if not same or [value for one, value in now[1] if one == name] != ([wanted] if entry else []):
        problem = f"the watchlist {name} cannot be changed by the program without touching what stands around it"
        raise ConfigError(problem, where=document.file, hint=BY_HAND)


def _plain(document: YamlDocument) -> tuple[dict[object, object], list[tuple[str, object]]]:
    """All but the watchlists, and these by their names."""
    data = document.plain()
    keys = dict(data) if isinstance(data, dict) else {}
    listed = keys.pop(KEY, None)
    names = _names(document.mapping(document.root).get(KEY))
    return keys, list(zip(names, listed, strict=True)) if isinstance(listed, list) else []


def _indented(entry: str, first: str, column: int, end: str) -> list[str]:
    head, *others = entry.split("\n")
    return [first + head + end, *(" " * column * bool(line) + line + end for line in others)]


def _outdented(line: str, column: int) -> str:
    return line[min(column, len(line) - len(line.lstrip(" "))) :]
