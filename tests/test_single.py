"""One article from a file: what is read of it, and what is refused with a word on what to do."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.sources.file import FileFetcher
from bot.sources.single import load_article

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def written(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_the_first_line_of_a_text_is_the_title(tmp_path: Path) -> None:
    article = load_article(written(tmp_path, "a.txt", b"US raises duty\n\nOn shrimp.\n"), FileFetcher(), NOW)
    assert (article.title, article.text) == ("US raises duty", "On shrimp.")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"", "is empty — write the title on the first line"),
        ("a.txt", b" \n\n", "is empty"),
        ("a.bin", b"\x7fELF\x00\x01", "holds no text — save it as"),
        ("a.html", b"", "no article text found"),
        ("a.json", b"", "is no article"),
        ("a.json", b"[1]", "is no article"),
        ("a.json", b'{"title": 5}', "is no article"),
        ("a.json", b'{"text": ""}', "is empty"),
        ("a.json", b"[" * 100_000, "is no article"),
    ],
)
def test_a_file_that_holds_no_article_is_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_article(written(tmp_path, name, content), FileFetcher(), NOW)


@pytest.mark.parametrize(("source", "words"), [("", "no article was named"), ("/no/such", "No such file")])
def test_a_file_that_is_not_there_is_told(source: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_article(source, FileFetcher(), NOW)
