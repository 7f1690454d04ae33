"""Settings and security, cases X01 to X20: what no other test holds already."""

import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.app import MODEL, logger, model_or_rules, shipped
from bot.config import Config
from bot.errors import ModelError, QueryError
from bot.events import Event
from bot.nlp.background import FILE, load_background
from bot.nlp.onnx_classifier import verify
from bot.queries import parse_query
from bot.vocabulary import Vocabulary
from tests.makers import a_vocabulary

ROOT = Path(__file__).parents[2]
WORDS: Vocabulary = a_vocabulary()
LOCKS = sorted(path for path in (ROOT / "requirements").glob("*.txt"))
PICKLES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}


# queries


@pytest.mark.fault("X02")
@pytest.mark.parametrize("pattern", ["(?=duty)", "(?!duty)", "(?<=a)b", r"(a)\1", "a{1,5000}", "(unclosed", "[z-a]"])
def test_an_expression_that_cannot_be_had_in_linear_time_is_refused_at_its_place(pattern: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse_query(f"steel /{pattern}/", WORDS)
    assert refused.value.column >= 6
    assert "^" in str(refused.value)


# models


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The shipped one, to be damaged."""
    folder = tmp_path / "model"
    shutil.copytree(shipped(MODEL), folder)
    return folder


@pytest.mark.fault("X14")
def test_a_model_of_another_hash_is_refused_and_rules_decide_loudly(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify(model)
    with (model / "model.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"\xff")
    with pytest.raises(ModelError, match="is damaged: sha256"):
        verify(model)
    told: list[Event] = []
    monkeypatch.setattr("bot.app.MODEL", str(model))
    config = Config("config.yaml", "#desk", (), (), "")
    assert model_or_rules(config, told.append, WORDS).classifier.name == "rules"
    assert "is damaged" in str(told[0].fields["error"])


@pytest.mark.fault("X14")
@pytest.mark.parametrize("lost", ["model.onnx", "metrics.json"])
def test_a_model_that_cannot_be_checked_is_refused(model: Path, lost: str) -> None:
    (model / lost).unlink()
    with pytest.raises(ModelError, match="cannot be checked"):
        verify(model)


class Trap:
    """What unpickling it would do is seen."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("/nonexistent/trap"),))  # type: ignore[return-value]


@pytest.mark.fault("X14")
def test_arrays_that_hold_objects_are_refused_and_not_run(tmp_path: Path) -> None:
    np.savez(tmp_path / FILE, vectors=np.array([Trap()], dtype=object))
    with pytest.raises(ModelError):
        load_background(tmp_path, 3)


@pytest.mark.fault("X14")
def test_pickle_is_used_between_the_daemon_and_its_worker_and_nowhere_else() -> None:
    users = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if PICKLES & {name.partition(".")[0] for name in names}:
                users.add(path.relative_to(ROOT).as_posix())
    assert users == {"bot/sources/worker.py"}


@pytest.mark.fault("X14")
def test_no_model_brings_code_or_objects_along_and_none_is_downloaded() -> None:
    calls = [
        (path.name, ast.unparse(node.func), {word.arg: ast.unparse(word.value) for word in node.keywords})
        for path in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    ]
    loads = [(file, words) for file, name, words in calls if name.endswith("from_pretrained")]
    assert loads
    for file, words in loads:
        assert words.get("trust_remote_code", "False") == "False", file
    assert [file for file, name, words in calls if name == "torch.load" and words.get("weights_only") != "True"] == []
    assert [file for file, _, words in calls if words.get("allow_pickle", "False") != "False"] == []
    assert os.environ["HF_HUB_OFFLINE"] == "1"


# what is written


@pytest.mark.fault("X16")
@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("title", ["\x1b]0;x\x07", "a\x1b[31m b", "one\ntwo", "\u202eevil", "price [/x] up", "\x9b2J"])
def test_nothing_that_is_logged_steers_a_terminal_or_makes_a_second_line(form: str, title: str) -> None:
    stream = io.StringIO()
    logger(Config("config.yaml", "#desk", (), (), "", log_format=form), stream)(Event("told", {"title": title}))
    (line,) = stream.getvalue().splitlines()
    if form == "json":
        assert json.loads(line)["title"] == title
        assert "\x1b" not in line
        return
    plain = re.sub(r"\x1b\[\d+m", "", line)  # the colours are ours
    assert plain.isprintable()
    assert title.isprintable() == (title in plain)


@pytest.mark.fault("S30")
def test_a_token_for_http_is_in_no_log_line() -> None:
    stream = io.StringIO()
    config = Config("config.yaml", "#desk", (), (), "", log_format="json", secrets=("a-token-of-length",))
    logger(config, stream)(Event("told", {"error": "refused: a-token-of-length"}))
    assert "a-token-of-length" not in stream.getvalue()


# the supply


@pytest.mark.fault("X20")
@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_is_locked_at_one_version_with_its_hashes(lock: Path) -> None:
    wanted = re.split(r"\n(?=\S)", lock.read_text("utf-8").strip())
    assert all(re.match(r"[\w.-]+==[\w.!+-]+", one) and "--hash=sha256:" in one for one in wanted)


@pytest.mark.fault("X20")
def test_the_audit_asks_for_every_lock_and_counts_what_it_could_not_ask_for_as_a_failure() -> None:
    audit = (ROOT / "Makefile").read_text("utf-8").partition("\naudit:")[2].partition("\n\n")[0]
    named = re.search(r"for lock in ([a-z ]+);", audit)
    assert named
    assert set(named[1].split()) == {lock.stem for lock in LOCKS}
    assert {"--strict", "--require-hashes", "--disable-pip"} <= set(audit.split())


@pytest.fixture
def audited(tmp_path: Path) -> Path:
    """The Makefile and the locks, with an auditor that knows a hole in what is named in `holes`, and notes what it is asked."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    tools = tmp_path / ".venv-audit" / "bin"
    tools.mkdir(parents=True)
    (tools / "python").touch()
    auditor = '#!/bin/sh\necho "$@" >> asked\nfor last; do :; done\n! grep -q "$last" holes\n'
    (tools / "pip-audit").write_text(auditor, "utf-8")
    (tools / "pip-audit").chmod(0o755)
    (tmp_path / ".venv-audit" / "audit").touch()
    (tmp_path / "holes").touch()
    return tmp_path


def nightly(folder: Path) -> int:
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "nightly", folder / ".ci")
    return subprocess.run([folder / ".ci" / "nightly"], capture_output=True, check=False).returncode


@pytest.mark.fault("X20")
def test_the_nightly_run_is_green_when_every_lock_was_asked_for_and_has_no_hole(audited: Path) -> None:
    assert nightly(audited) == 0
    asked = re.findall(r"requirements/(\w+)\.txt$", (audited / "asked").read_text("utf-8"), re.MULTILINE)
    assert set(asked) == {lock.stem for lock in LOCKS}


@pytest.mark.fault("X20")
@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_hole_in_any_lock_turns_the_nightly_run_red(audited: Path, lock: Path) -> None:
    (audited / "holes").write_text(f"requirements/{lock.name}\n", "utf-8")
    assert nightly(audited) != 0


def test_the_bill_of_materials_has_every_locked_package_model_and_script_and_is_the_same_each_time() -> None:
    made = [
        subprocess.run([sys.executable, ROOT / "requirements" / "sbom.py"], capture_output=True, check=True).stdout
        for _ in "12"
    ]
    assert made[0] == made[1]
    bill = json.loads(made[0])
    parts = {part["name"]: part for part in bill["components"]}
    locked = re.findall(
        r"^([\w.-]+)==([\w.!+-]+)", (ROOT / "requirements" / "runtime.txt").read_text("utf-8"), re.MULTILINE
    )
    libraries = {(one["name"], one["version"]) for one in bill["components"] if one["type"] == "library"}
    assert libraries == {*locked, ("htmx.org", "2.0.11")}
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    metrics = json.loads((ROOT / "models" / "minilm-topics" / "metrics.json").read_text("utf-8"))
    assert parts["models/minilm-topics/model.onnx"]["hashes"][0]["content"] == metrics["model_sha256"]
    assert all(part["hashes"] for part in parts.values())
    assert len({part["bom-ref"] for part in bill["components"]}) == len(bill["components"])
