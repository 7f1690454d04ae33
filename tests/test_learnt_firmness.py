"""Learning where rules end: what the model may say, and what it must leave to the rules."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bot.app import firmness, shipped
from bot.cli import app
from bot.errors import ConfigError, ModelError
from bot.events import Event
from bot.facts import ACTIONS, STATUSES, find_facts
from bot.firmness import Firmness
from bot.nlp.firmness_training import (
    SENTENCES,
    Answers,
    Example,
    choose,
    examples,
    load_sentences,
    numbered,
    predict,
    run,
)
from bot.nlp.firmness_training import fit as fitted
from bot.nlp.learnt_firmness import FILE, LearntFirmness, case, grams, keys, words
from bot.vocabulary import index_reading
from tests.telling import SHIPPED, TODAY, clause, facts, read

SAID = Firmness("impose", "in_force", False)
NEW = "US lines up 25% tariff on India"


def a_file(folder: Path, word: str = "lines up", cuts: dict[str, float] | None = None) -> Path:
    """A model that knows one word: with it a measure is raised, and threatened."""
    weights = np.zeros((1, len(STATUSES) + len(ACTIONS)), np.float16)
    weights[0, [STATUSES.index("threatened"), len(STATUSES) + ACTIONS.index("raise")]] = 9
    told = {"status: in_force, not told": 0.9, "action: impose": 0.9} if cuts is None else cuts
    cases, at = np.array(list(told), np.str_), np.array(list(told.values()))
    np.savez(folder / FILE, keys=keys([word]), weights=weights, bias=np.zeros(17), cases=cases, cuts=at)
    return folder / FILE


def judged(folder: Path, text: str = NEW, said: Firmness = SAID, **given: dict[str, float]) -> Firmness:
    told = clause(text)
    return LearntFirmness(a_file(folder, **given))(said, told, told)  # type: ignore[arg-type]  # only cuts are given


def test_what_the_model_is_sure_of_takes_the_place_of_what_the_rules_only_took_for_granted(tmp_path: Path) -> None:
    found = judged(tmp_path)
    assert (found.status, found.action, found.learnt, found.sure) == (
        "threatened", "raise", ("status", "action"), True,
    )  # fmt: skip


def test_a_case_without_a_cut_is_left_to_the_rules(tmp_path: Path) -> None:
    assert judged(tmp_path, cuts={}) == SAID
    found = judged(tmp_path, cuts={"status: in_force, not told": 0.9})
    assert (found.status, found.action, found.learnt) == ("threatened", "impose", ("status",))


def test_below_the_cut_the_rules_stand(tmp_path: Path) -> None:
    assert judged(tmp_path, text="US imposes 25% tariff on India") == SAID


def test_a_status_that_words_told_and_an_action_that_figures_told_are_cases_of_their_own(tmp_path: Path) -> None:
    certain = replace(SAID, sure=True, figures=True)
    assert judged(tmp_path, said=certain) == certain
    assert (case("status", certain), case("action", certain)) == ("in_force", "impose, by figures")


def test_who_and_what_is_named_makes_no_difference_to_the_words() -> None:
    assert words(clause("US lines up 25% tariff on Indian shrimp")) == words(
        clause("China lines up 5% duty on US steel")
    )
    assert "lines up" in grams(clause(NEW))


def test_no_word_that_is_known_is_no_fault(tmp_path: Path) -> None:
    np.savez(
        tmp_path / FILE, keys=keys([]), weights=np.zeros((0, 17)), bias=np.zeros(17),
        cases=np.array(["status: in_force, not told"]), cuts=np.array([0.9]),
    )  # fmt: skip
    told = clause(NEW)
    assert LearntFirmness(tmp_path / FILE)(SAID, told, told) == SAID


@pytest.mark.fault("X14")
@pytest.mark.parametrize("content", [b"", b"PK", b"{}"])
def test_a_damaged_file_is_a_model_error_that_names_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ModelError, match=r"firmness\.npz cannot be loaded"):
        LearntFirmness(tmp_path / FILE)


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / FILE, keys=keys(["a"]), weights=np.zeros((1, 3)), bias=np.zeros(3), cases=[], cuts=[])
    with pytest.raises(ModelError, match="has weights of shape"):
        LearntFirmness(tmp_path / FILE)


@pytest.mark.fault("X14")
def test_without_the_file_rules_alone_decide_and_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("bot.app.shipped", lambda name: tmp_path)
    told: list[Event] = []
    found = firmness(told.append)(SAID, clause(NEW), clause(NEW))
    assert found == SAID
    assert [event.name for event in told] == ["model_failed"]


def test_a_fact_says_what_of_it_the_model_decided(tmp_path: Path) -> None:
    text = "US slaps 25% tariff on India"
    reading = read(text)
    model = LearntFirmness(a_file(tmp_path, "slaps", {"status: in_force": 0.9, "status: in_force, not told": 0.9}))
    (told,) = find_facts(reading, index_reading(reading), SHIPPED, TODAY, model)
    assert (told.status, told.learnt) == ("threatened", ("status",))
    assert [fact.learnt for fact in facts(text)] == [()]


def some_examples() -> list[Example]:
    """Two ways to say that a duty is threatened, and two that it is in force, in six kinds of wording each."""
    texts = [
        (f"{who} {verb} {n}% tariff on India", f"{verb} {n}", status)
        for n in range(1, 7)
        for who in ("US", "Washington")
        for verb, status in (("lines up", "threatened"), ("clamps", "in_force"))
    ]
    rows = [{"text": t, "kind": kind, "status": status, "action": "impose"} for t, kind, status in texts]
    return examples(rows, [read(text) for text, _, _ in texts], SHIPPED)


def test_what_kinds_of_wording_have_in_common_is_learnt() -> None:
    found = some_examples()
    numbers = [numbered(example) for example in found]
    chance = predict(fitted(found, numbers), numbers)["status"]
    assert [STATUSES[n] for n in chance.argmax(axis=1)] == [example.status for example in found]
    assert chance.sum(axis=1) == pytest.approx(1)


def test_the_file_says_what_the_training_says(tmp_path: Path) -> None:
    found = some_examples()
    run(found, tmp_path)
    numbers = [numbered(example) for example in found]
    chance = predict(fitted(found, numbers), numbers)["status"]
    model = LearntFirmness(tmp_path / FILE)
    for example, row in zip(found, chance, strict=True):
        name, p = model.probabilities(example.said, example.told, example.sentence)["status"]
        assert name == STATUSES[row.argmax()]
        assert p == pytest.approx(row.max(), abs=0.01)


def answers(wanted: str, ruled: str, said: str, times: int) -> Answers:
    """One case, `times` over, of which the model is sure."""
    at = {name: np.full(times, STATUSES.index(name)) for name in (wanted, ruled, said)}
    chance = np.eye(len(STATUSES))[at[said]]
    return Answers(at[wanted], at[ruled], np.full(times, ruled), chance, np.ones(times))


def test_the_model_is_asked_only_where_it_beats_the_rules_by_more_than_chance() -> None:
    assert choose(answers("threatened", "in_force", "threatened", 20)) == {"in_force": 0.4}
    assert choose(answers("threatened", "in_force", "threatened", 3)) == {}
    assert choose(answers("in_force", "in_force", "threatened", 20)) == {}


def test_a_line_that_is_no_sentence_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / SENTENCES).write_text(
        '{"text": "a", "kind": "b", "status": "threatened", "action": "frown"}\n', "utf-8"
    )
    with pytest.raises(ConfigError, match=r"sentences\.jsonl:1.*frown"):
        load_sentences(tmp_path / SENTENCES)
    (tmp_path / SENTENCES).write_text("[]\n", "utf-8")
    with pytest.raises(ConfigError, match=r"sentences\.jsonl:1.*no labelled sentence"):
        load_sentences(tmp_path / SENTENCES)


def test_fitting_in_a_folder_without_sentences_says_which_file_is_missing(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["train", "--firmness", str(tmp_path)])
    assert isinstance(done.exception, ConfigError)
    assert f"{tmp_path / SENTENCES} cannot be read" in str(done.exception)


METRICS = json.loads((shipped("models/facts") / "metrics.json").read_text("utf-8"))


def test_the_shipped_file_is_small_and_the_one_that_was_measured() -> None:
    data = (shipped("models/facts") / FILE).read_bytes()
    assert len(data) < 1_000_000
    assert hashlib.sha256(data).hexdigest() == METRICS["sha256"]


def test_on_wordings_held_out_the_status_is_right_more_often_and_the_action_as_often_as_by_rules() -> None:
    for part in METRICS["held_out"].values():
        assert part["status"]["both"] > part["status"]["rules"]
        assert part["action"]["both"] == part["action"]["rules"]


def test_the_model_speaks_where_it_was_better_and_nowhere_else() -> None:
    speaks = [row for what in ("status", "action") for row in METRICS["cases"][what].values() if row["model_from"]]
    assert len(speaks) == 3
    assert all(row["both"] > row["rules"] for row in speaks)


def test_the_model_card_has_the_figures_of_the_training() -> None:
    card = (shipped("models/facts") / "README.md").read_text("utf-8")
    for name, row in METRICS["cases"]["status"].items():
        decides = f"model, from {row['model_from']}" if row["model_from"] else "rules"
        figures = " | ".join(f"{row[who]:.3f}" for who in ("rules", "model", "both"))
        assert f"| {name} | {row['sentences']} | {figures} | {decides} |" in card
