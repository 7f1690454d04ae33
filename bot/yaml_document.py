"""A YAML document read strictly: nodes that know their lines, and none of YAML's surprises.

Refused: aliases, anchors, tags, repeated keys, tabs, several documents. Plain `no`, `on` and `2026-09-03` stay text.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import yaml
from yaml.scanner import ScannerError

from bot.errors import ConfigError

MOST_BYTES = 5_000_000  # a hundred thousand terms of a desk's own are three of them
_DEEPEST = 20
_MOST_TOLD = 40
_PREFIX = "tag:yaml.org,2002:"
_WORDS = {"bool": "true or false", "null": "nothing", "int": "a number", "float": "a number"}


class _Loader(yaml.SafeLoader):
    """Composes nodes. `problems` collects what is legal YAML and yet refused."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  the base class keeps its table so; ours is filled below

    def __init__(self, text: str, file: str) -> None:
        super().__init__(text)
        self.file = file
        self.problems: list[ConfigError] = []
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs lack it
        line = event.start_mark.line + 1 if event.start_mark else 1
        for what, hint in _refusals(event):
            self.problems.append(ConfigError(f"{what} is not allowed", where=f"{self.file}:{line}", hint=hint))
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ConfigError("nested too deeply", where=f"{self.file}:{line}", hint="check brackets and indentation")
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


_Loader.add_implicit_resolver(_PREFIX + "bool", re.compile(r"(true|false)\Z"), list("tf"))
_Loader.add_implicit_resolver(_PREFIX + "null", re.compile(r"(~|null|)\Z"), ["~", "n", ""])
_Loader.add_implicit_resolver(_PREFIX + "int", re.compile(r"[-+]?\d{1,18}\Z"), list("-+0123456789"))
_Loader.add_implicit_resolver(_PREFIX + "float", re.compile(r"[-+]?\d{1,18}\.\d{1,18}\Z"), list("-+0123456789"))


def _refusals(event: yaml.Event) -> Iterator[tuple[str, str]]:
    """What this event uses and may not, with what to do."""
    anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
    if anchor:
        sign = "alias *" if isinstance(event, yaml.AliasEvent) else "anchor &"
        yield f"{sign}{anchor}", "write the value out where it is needed"
    if tag:
        yield f"tag {tag}", "remove it"


@dataclass(frozen=True, slots=True)
class Span:
    """A value as it stands in the file, from a line and column (counted from 1) on."""

    written: str
    line: int
    column: int

    def place(self, value: str, at: int) -> tuple[int, int]:
        """Line and column of the character `at` of the value, however YAML folded, quoted or indented it."""
        here = -1
        for character in value[: at + 1]:
            found = here if character.isspace() else self.written.find(character, here + 1)
            here = found if found >= 0 else here
        before = self.written[: max(here, 0) + (at >= len(value))]
        below = before.count("\n")
        return self.line + below, len(before.rpartition("\n")[2]) + (1 if below else self.column)


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """The root node of a file, and how to speak of its nodes. `file` is the name that people know it by."""

    file: str
    root: yaml.Node

    def line(self, node: yaml.Node) -> int:
        return node.start_mark.line + 1 if node.start_mark else 1

    def where(self, node: yaml.Node) -> str:
        return f"{self.file}:{self.line(node)}"

    def span(self, node: yaml.Node) -> Span:
        start, end = node.start_mark, node.end_mark
        if start is None or end is None or start.buffer is None:
            return Span("", self.line(node), 1)
        return Span(start.buffer[start.pointer : end.pointer], start.line + 1, start.column + 1)

    def last_line(self, node: yaml.Node) -> int:
        """How many lines of the file there are up to the end of `node`, without the blank ones and comments behind it."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self.last_line(last[1] if isinstance(last, tuple) else last)
        end = node.end_mark
        return end.line + (1 if end.column else 0) if end else 0

    def error(self, node: yaml.Node, problem: str, hint: str) -> ConfigError:
        return ConfigError(problem, where=self.where(node), hint=hint)

    def at(self, path: Iterable[str | int]) -> yaml.Node:
        """The node that a path of keys and positions leads to: of a key the key itself; as far as the path exists."""
        node = shown = self.root
        for step in path:
            found = _step(node, step)
            if found is None:
                break
            shown, node = found
        return shown

    def plain(self) -> object:
        """Dicts, lists, texts, numbers, True, False and None."""
        return _plain(self.root)

    def mapping(self, node: yaml.Node, known: tuple[str, ...] = ()) -> dict[str, yaml.Node]:
        """Keys to value nodes; with `known`, another key is an error."""
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, "expected `key: value` lines", "indent them below the name")
        for key, _ in node.value:
            if known and self.text(key) not in known:
                raise self.error(key, f"unknown key {key.value!r}", did_you_mean(key.value, known))
        return {self.text(key): value for key, value in node.value}

    def text(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(node, "expected a text", "write one value")
        word = _WORDS.get(node.tag.removeprefix(_PREFIX))
        if word:
            raise self.error(node, f"{node.value!r} is read as {word}", f'write "{node.value}"')
        return str(node.value)

    def texts(self, node: yaml.Node) -> list[tuple[str, yaml.Node]]:
        """The texts of a list that is not empty, each with its node."""
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.error(node, "expected a list that is not empty", "write [first, second]")
        return [(self.text(item), item) for item in node.value]


def read_yaml(data: bytes, file: str) -> YamlDocument:
    """Raises ConfigError that names the line; all that is legal YAML and yet refused is told at once."""
    text = _text(data, file)
    loader = _Loader(text, file)
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        opened = error.context_mark if isinstance(error, ScannerError) else None  # where the quote or key began
        mark = opened or error.problem_mark
        line = mark.line + 1 if mark else 1
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        raise ConfigError(
            f"is not YAML: {problem}", where=f"{file}:{line}", hint="check indentation, colons and quotes"
        ) from error
    if root is None:
        raise ConfigError("is empty", where=file, hint="write `key: value` lines, or remove the file")
    document = YamlDocument(file, root)
    complain(loader.problems or list(_repeated_keys(document, root)))
    return document


def complain(problems: list[ConfigError]) -> None:
    """Raises one ConfigError that tells them all, a line each; nothing when there is none."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        more = len(problems) - _MOST_TOLD
        lines = [str(problem) for problem in problems[:_MOST_TOLD]]
        raise ConfigError("\n".join([*lines, f"… and {more} more"] if more > 0 else lines))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1) or difflib.get_close_matches(word.lower(), names, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"


def _text(data: bytes, file: str) -> str:
    if len(data) > MOST_BYTES:
        raise ConfigError("larger than 5 MB", where=file, hint="split it, or remove what is not needed")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError("is not UTF-8", where=f"{file}:{line}", hint="save the file as UTF-8") from error
    strange = re.search(r"\t|" + yaml.reader.Reader.NON_PRINTABLE.pattern, text)
    if strange:
        name = "a tab" if strange[0] == "\t" else f"the character U+{ord(strange[0]):04X}"
        line = text.count("\n", 0, strange.start()) + 1
        raise ConfigError(f"{name} is not allowed", where=f"{file}:{line}", hint="use spaces")
    return text


def _repeated_keys(document: YamlDocument, node: yaml.Node) -> Iterator[ConfigError]:
    """Also keys that are no plain text, so that every mapping can be a dict."""
    seen: dict[str, yaml.Node] = {}
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if not isinstance(key, yaml.ScalarNode):
            yield document.error(key, "a key must be one word", "write `key: value`")
        elif key.value in seen:
            first = document.where(seen[key.value])
            yield document.error(key, f"{key.value} stands here twice", f"join it with the one at {first}")
        else:
            seen[key.value] = key
        yield from _repeated_keys(document, value)
    for item in node.value if isinstance(node, yaml.SequenceNode) else ():
        yield from _repeated_keys(document, item)


def _step(node: yaml.Node, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """(what to show, where to go on) one step down."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def _plain(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    match node.tag.removeprefix(_PREFIX):
        case "null":
            return None
        case "bool":
            return bool(node.value == "true")
        case "int":
            return int(node.value)
        case "float":
            return float(node.value)
    return str(node.value)
