"""YAML read strictly: what is refused, with its line, and what the plain words mean."""

import pytest

from bot.errors import ConfigError
from bot.yaml_document import YamlDocument, did_you_mean, read_yaml

REFUSED: list[tuple[str, bytes, int, str]] = [
    ("an alias", b"a: 1\nb: *x\n", 2, "undefined alias"),
    ("an anchor", b"a: 1\nb: &x 2\n", 2, "anchor &x is not allowed"),
    ("a tag", b"a: !!python/object/apply:os.system [ls]\n", 1, "is not allowed"),
    ("a private tag", b"a: !env TOKEN\n", 1, "tag !env is not allowed"),
    ("a repeated key", b"a: 1\nb: 2\na: 3\n", 3, "a stands here twice — join it with the one at c.yaml:1"),
    ("a repeated key further in", b"a:\n  - b: 1\n    b: 2\n", 3, "b stands here twice"),
    ("a key that is a list", b"a: 1\n? [b]\n: 2\n", 2, "a key must be one word"),
    ("a tab", b"a:\n\tb: 1\n", 2, "a tab is not allowed"),
    ("latin-1", "a: 1\nb: Müller\n".encode("latin-1"), 2, "is not UTF-8"),
    ("a NUL", b"a: 1\nb: \x00\n", 2, "U+0000 is not allowed"),
    ("an open quote, where it was opened", b"a: 1\nb: 'c\nd: 2\n", 2, "is not YAML"),
    ("a missing colon", b"a: 1\nb\nc: 2\n", 2, "is not YAML"),
    ("bad indentation", b"a: 1\n  b: 2\n", 2, "is not YAML"),
    ("two documents", b"a: 1\n---\nb: 2\n", 2, "another document"),
    ("deep nesting", b"a:\n  " + b"[" * 50_000, 2, "nested too deeply"),
]


@pytest.mark.fault("X07")
@pytest.mark.parametrize(("data", "line", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_refused_is_told_with_its_line(data: bytes, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_yaml(data, "c.yaml")
    assert caught.value.where == f"c.yaml:{line}"
    assert words in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"\n\n"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(ConfigError, match=r"c\.yaml: is empty"):
        read_yaml(data, "c.yaml")


@pytest.mark.fault("X07")
def test_more_than_five_megabytes_are_refused() -> None:
    with pytest.raises(ConfigError, match="larger than 5 MB"):
        read_yaml(b"a: 1\n" + b"#" * 5_000_000, "c.yaml")


@pytest.mark.fault("X07")
def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    with pytest.raises(ConfigError, match="anchor &a0 is not allowed"):
        read_yaml(bomb.encode(), "c.yaml")


def test_all_refused_things_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read_yaml(b"a: &x 1\nb: *x\nc: !t 2\n", "c.yaml")
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == ["c.yaml:1", "c.yaml:2", "c.yaml:3"]


def test_of_a_great_many_problems_the_first_are_told() -> None:
    with pytest.raises(ConfigError, match="… and 960 more"):
        read_yaml(b"a: 1\n" * 1001, "c.yaml")


@pytest.mark.fault("X07")
@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("True", "True"),
        ("true story", "true story"),
        ("2026-11-22", "2026-11-22"),
        ("1:30", "1:30"),
        ("0x1f", "0x1f"),
        ("15m", "15m"),
        ('"5"', "5"),
        ("true", True),
        ("false", False),
        ("5", 5),
        ("-5", -5),
        ("0.5", 0.5),
        ("", None),
        ("null", None),
        ("भारत", "भारत"),
    ],
)
def test_only_true_and_false_are_booleans_and_little_else_is_not_text(word: str, value: object) -> None:
    plain = read_yaml(f"a: {word}\n".encode(), "c.yaml").plain()
    assert plain == {"a": value}
    assert isinstance(plain, dict)
    assert type(plain["a"]) is type(value)


def test_a_path_leads_to_the_line_of_its_key_as_far_as_it_exists() -> None:
    document = read_yaml(b"feeds:\n  - url: x\n    every: 5\n  - url: y\n", "c.yaml")
    paths: list[list[str | int]] = [["feeds", 0, "every"], ["feeds", 1], ["feeds", 1, "outlet"], ["log"]]
    assert [document.line(document.at(path)) for path in paths] == [3, 4, 4, 1]


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert read_yaml(b"\xef\xbb\xbfa: 1\n", "c.yaml").plain() == {"a": 1}


@pytest.mark.fault("X08")
def test_a_near_name_is_suggested_and_else_all_are_named() -> None:
    assert did_you_mean("offical", ["official", "every"]) == "did you mean official?"
    assert did_you_mean("OFFICIAL", ["official", "every"]) == "did you mean official?"
    assert did_you_mean("zzz", ["official", "every"]) == "known are official, every"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("q: one two", "one two"),
        ('q: "one two"', "one two"),
        ("q: 'it''s two'", "it's two"),
        ("q: one\n  two", "one two"),
        ("q: >-\n  one\n\n    two\n  three", "one\n\n  two\nthree"),
        ("q: |\n  one\n  two", "one\ntwo"),
    ],
)
def test_a_place_in_a_value_is_found_in_the_file_however_it_is_written(written: str, value: str) -> None:
    document: YamlDocument = read_yaml(f"a: 1\n{written}\n".encode(), "c.yaml")
    node = document.mapping(document.root)["q"]
    assert document.text(node).rstrip("\n") == value
    lines = ["a: 1", *written.split("\n")]
    for at, character in enumerate(value):
        if not character.isspace():
            line, column = document.span(node).place(value, at)
            assert lines[line - 1][column - 1] == character
