"""The config.yaml we ship loads, fits the schema we print, and every key of both is in the documentation."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.config import config_schema, load_config
from bot.credentials import read_credentials
from bot.nlp.gazetteer import load_vocabulary
from bot.watchlists import compile_watchlist
from bot.yaml_document import read_yaml

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "config.yaml"
DOCS = (ROOT / "docs" / "configuration.md").read_text("utf-8")
SMALLEST = next(iter(re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)))


def misfits(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "") -> Iterator[str]:
    """Where `value` does not have the structure that `schema` asks for."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]] | {k: v for k, v in schema.items() if k != "$ref"}
    if "anyOf" in schema:
        ways = [list(misfits(value, way, root, at)) for way in schema["anyOf"]]
        yield from [] if [] in ways else ways[0]
        return
    kinds: dict[str, type | tuple[type, ...]] = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "boolean": bool,
        "null": type(None),
    }
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        yield f"{at} is no {schema['type']}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of {schema['enum']}"
    elif isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{at} does not match"
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from misfits(item, schema["items"], root, f"{at}[{n}]")
    elif isinstance(value, dict):
        yield from (f"{at}.{key} is missing" for key in schema.get("required", []) if key not in value)
        for key, item in value.items():
            known = schema["properties"].get(key)
            yield from misfits(item, known, root, f"{at}.{key}") if known else [f"{at}.{key} is unknown"]


def groups() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(heading in the documentation, key, its schema) for every key."""
    schema = config_schema()
    for key, value in schema["properties"].items():
        reference = value.get("$ref") or value.get("items", {}).get("$ref", "")
        group = schema["$defs"].get(reference.rpartition("/")[2], {"properties": {}})
        yield "Top level", key, group | value
        for inner, told in group["properties"].items():
            yield f"`{key}`", inner, told


def test_the_shipped_file_fits_the_schema() -> None:
    schema = config_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    assert list(misfits(read_yaml(CONFIG.read_bytes(), "config.yaml").plain(), schema, schema)) == []


def test_a_file_that_does_not_fit_is_seen_by_the_schema() -> None:
    schema = config_schema()
    value = {"channel": "trade", "watchlists": [{"name": "a"}], "feeds": [{"url": 5, "outlet": "A", "evry": "1h"}]}
    assert len(list(misfits(value, schema, schema))) == 4


def test_the_shipped_file_loads_with_many_feeds_of_each_kind() -> None:
    config = load_config(CONFIG, {})
    assert len(config.feeds) >= 45
    assert sum(feed.official for feed in config.feeds) >= 15
    assert sum(feed.zone == "Asia/Kolkata" for feed in config.feeds) >= 20
    assert all(feed.every >= timedelta(minutes=10) for feed in config.feeds)


def test_news_searches_are_asked_seldom_and_their_pages_never() -> None:
    searches = [feed for feed in load_config(CONFIG, {}).feeds if "news.google.com" in feed.url]
    assert searches
    assert all(feed.every >= timedelta(minutes=30) and not feed.pages and not feed.official for feed in searches)


def test_an_unverified_mirror_is_off() -> None:
    text = CONFIG.read_text("utf-8")
    assert "trumpstruth.org" in text
    assert not any("trumpstruth.org" in feed.url for feed in load_config(CONFIG, {}).feeds)


def test_every_shipped_watchlist_compiles() -> None:
    vocabulary = load_vocabulary(ROOT / "models" / "entities")
    settings = load_config(CONFIG, {}).watchlists
    assert len(settings) >= 18
    for setting in settings:
        compile_watchlist(setting.name, setting.query, vocabulary, severity=setting.severity)


@pytest.mark.parametrize(("heading", "key", "schema"), list(groups()), ids=[f"{h} {k}" for h, k, _ in groups()])
def test_every_key_is_described_in_schema_and_documentation(heading: str, key: str, schema: dict[str, Any]) -> None:
    assert schema.get("description")
    section = DOCS.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    row = next((line for line in section.splitlines() if line.startswith(f"| `{key}` |")), "")
    assert row, f"no row for {key} below {heading}"
    default = schema.get("default")
    if default not in (None, [], 0):
        assert f"`{str(default).lower() if isinstance(default, bool) else default}`" in row


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL))
def test_every_example_of_the_documentation_loads(tmp_path: Path, example: str) -> None:
    """Completed with the groups of the smallest file that it does not have itself."""
    have = set(re.findall(r"^(\w+):", example, re.MULTILINE))
    rest = [part for part in re.split(r"^(?=\w)", SMALLEST, flags=re.MULTILINE) if part.split(":")[0] not in have]
    (tmp_path / "config.yaml").write_text(example + "".join(rest), "utf-8")
    assert load_config(tmp_path / "config.yaml", {}).feeds


def test_the_example_of_the_environment_names_what_is_read() -> None:
    text = (ROOT / "deploy" / "tariffwatch.env.example").read_text("utf-8")
    names = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    assert names == set(re.findall(r"^\| `((?:DATABASE|SLACK|TARIFFWATCH)_\w+)`", DOCS, re.MULTILINE))
    environ = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    assert read_credentials(environ)[1] == []
