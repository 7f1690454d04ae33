"""What the gazetteer files may hold, and what is refused, with the line."""

from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.nlp.gazetteer import load_vocabulary

SECTORS = (
    "agriculture dairy gm_crops pulses cereals soy fruit_nuts poultry fisheries sugar_ethanol spices tea_coffee cotton "
    "textiles apparel home_textiles carpets leather footwear gems_jewellery seafood chemicals pharma medical_devices "
    "engineering steel aluminium copper autos auto_parts electronics smartphones semiconductors solar furniture "
    "handicrafts paper plastics rubber toys aircraft oil gas coal energy alcohol tobacco services digital films other"
)


def write(folder: Path, text: str, name: str = "words.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_files_load_and_name_every_sector() -> None:
    vocabulary = load_vocabulary(Path(__file__).parents[1] / "models" / "entities")
    assert set(vocabulary.sectors) == set(SECTORS.split())
    assert {"INDIA", "US", "TARIFF", "DEAL", "COURT", "GOODS", "RUSSIAN_OIL"} <= set(vocabulary.sets)
    assert all(vocabulary.sets.values())
    assert vocabulary.chapters["carpets"] == ("57",)
    assert vocabulary.chapters.keys() == vocabulary.sectors.keys()


def test_terms_carry_the_guards_of_their_group(tmp_path: Path) -> None:
    group = "    - terms: [Indian]\n      not: [Indian Ocean]\n      unless: [cricket]\n"
    text = f"sets:\n  A:\n{group}    - terms: [Bharat]\n"
    first, second = load_vocabulary(write(tmp_path, text)).sets["A"]
    assert [guard.text for guard in first.guards] == ["Indian Ocean"]
    assert [sign.text for sign in first.unless] == ["cricket"]
    assert second.guards == ()


def test_a_set_takes_in_the_terms_of_those_it_includes_from_another_file(tmp_path: Path) -> None:
    write(tmp_path, "sets:\n  A:\n    - terms: [one]\n    - include: [B]\n", "a.yaml")
    write(tmp_path, "sets:\n  B:\n    - terms: [two]\n", "b.yaml")
    assert [term.text for term in load_vocabulary(tmp_path).sets["A"]] == ["one", "two"]


def test_words_of_measures_are_read_by_kind_and_name_and_may_include_sets(tmp_path: Path) -> None:
    text = "sets:\n  OIL:\n    - terms: [crude]\n"
    text += "grounds:\n  russian_oil:\n    - include: [OIL]\nactions:\n  cut:\n    - terms: [trim]\n"
    measures = load_vocabulary(write(tmp_path, text)).measures
    assert [term.text for term in measures["grounds"]["russian_oil"]] == ["crude"]
    assert [term.text for term in measures["actions"]["cut"]] == ["trim"]
    assert measures["countries"] == {}


BAD: list[tuple[str, str, int, str]] = [
    ("a key given twice", "sets:\n  A:\n    - terms: [x]\n  A:\n    - terms: [y]\n", 4, "stands here twice"),
    ("an unknown key", "sets:\n  A:\n    - term: [x]\n", 3, "did you mean terms?"),
    ("a boolean", "sets:\n  A:\n    - terms: [true]\n", 3, "'true' is read as true or false"),
    ("a number", "sets:\n  A:\n    - terms: [232]\n", 3, 'write "232"'),
    ("an anchor", "sets:\n  A: &a\n    - terms: [x]\n", 2, "anchor &a is not allowed"),
    ("a set without terms", "sets:\n  A: []\n", 2, "holds no term"),
    ("an empty list", "sets:\n  A:\n    - terms: []\n", 3, "not empty"),
    ("a term without a word", 'sets:\n  A:\n    - terms: ["..."]\n', 3, "holds no word"),
    ("a set in small letters", "sets:\n  india:\n    - terms: [x]\n", 3, "in capitals"),
    ("an unknown set included", "sets:\n  AB:\n    - include: [AC]\n", 3, "which is no set"),
    ("a set that includes itself", "sets:\n  A:\n    - include: [A]\n", 3, "includes others itself"),
    ("a person without a date", "sets:\n  A:\n    - name: Jane Roe\n      terms: [Roe]\n", 3, "has no date"),
    ("a wrong date", 'as_of: "yesterday"\nsets:\n  A:\n    - terms: [x]\n', 1, "is no date"),
    ("a wrong flag", "sets:\n  A:\n    - terms: [x]\n      verified: maybe\n", 4, "true or false"),
    ("a wrong chapter", 'sectors:\n  a:\n    hs: ["4"]\n    groups:\n      - terms: [x]\n', 3, "no HS chapter"),
    ("a sector without groups", 'sectors:\n  a:\n    hs: ["04"]\n', 3, "has no groups"),
    ("a country by its name", "countries:\n  India:\n    - terms: [India]\n", 3, "ISO 3166"),
    ("an unknown action", "actions:\n  rise:\n    - terms: [rise]\n", 3, "did you mean raise?"),
    ("an unknown status", "statuses:\n  done:\n    - terms: [done]\n", 3, "none of the statuses"),
    ("a bloc in small letters", "blocs:\n  brics:\n    - terms: [BRICS]\n", 3, "in capitals"),
    ("an unknown kind", "verbs:\n  a:\n    - terms: [x]\n", 1, "verbs"),
    ("a tab", "sets:\n\tA:\n", 2, "a tab is not allowed"),
    ("a python tag", "sets:\n  A: !!python/object:os.system\n    - terms: [x]\n", 2, "is not allowed"),
]


@pytest.mark.parametrize(("text", "line", "words"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_file_that_is_unclear_is_refused_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_vocabulary(write(tmp_path, text))
    assert words in str(caught.value)
    assert caught.value.where == f"{tmp_path / 'words.yaml'}:{line}"
    assert caught.value.hint


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_bytes("sets: é".encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_vocabulary(tmp_path)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="larger than 5 MB"):
        load_vocabulary(write(tmp_path, "#" * 5_000_001))


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="is empty"):
        load_vocabulary(write(tmp_path, text))


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no vocabulary here"):
        load_vocabulary(tmp_path)


def test_a_name_defined_in_two_files_is_refused_with_both_places(tmp_path: Path) -> None:
    write(tmp_path, "sets:\n  A:\n    - terms: [x]\n", "a.yaml")
    write(tmp_path, "sets:\n  A:\n    - terms: [x]\n", "b.yaml")
    with pytest.raises(ConfigError, match=r"b\.yaml:3: A is defined twice — the other is at .*a\.yaml:3"):
        load_vocabulary(tmp_path)
