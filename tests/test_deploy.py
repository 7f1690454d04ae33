"""What is shipped for running it: unit, container, rules and dashboard fit the program."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.meter import Meter
from bot.web.metrics import Watched, metrics
from tests.line import Line, store_at
from tests.makers import NOW

DEPLOY = Path(__file__).parents[1] / "deploy"
UNIT = (DEPLOY / "tariffwatch.service").read_text("utf-8")
CONTAINER = (DEPLOY / "Containerfile").read_text("utf-8")
RULES = yaml.safe_load((DEPLOY / "prometheus-rules.yaml").read_text("utf-8"))["groups"][0]["rules"]
PANELS = json.loads((DEPLOY / "grafana-dashboard.json").read_text("utf-8"))["panels"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [target["expr"] for panel in PANELS for target in panel["targets"]]
SCALE = (DEPLOY.parent / "docs" / "scale.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tariffwatch_\w+(?:_bytes|\{[^}]*\}))`", SCALE)))


@pytest.fixture
def samples(tmp_path: Path) -> Iterator[dict[str, list[dict[str, str]]]]:
    """By the name of each figure, the labels that it comes with."""
    line, meter = Line(store_at(tmp_path / "store.db")), Meter()
    for tick in ("collect", "read", "deliver"):
        meter.ran(tick, 1.0, "", NOW)
    watched = Watched(line.pipeline, meter, lambda: NOW, list, lambda: {"file": 1, "wal": 1})
    found: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(metrics(watched)().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(dict(sample.labels))
    yield found
    line.store.close()


@pytest.mark.parametrize("expression", EXPRESSIONS + NAMED)
def test_every_figure_that_is_asked_for_exists_with_its_labels(
    samples: dict[str, list[dict[str, str]]], expression: str
) -> None:
    asked = re.findall(r"\b((?:tariffwatch|process)_\w+)(?:\{([^}]*)\})?", expression)
    assert asked or "up{" in expression
    for name, selector in asked:
        assert name in samples, name
        for label, value in re.findall(r'(\w+)=~?"([^"]*)"', selector):
            if label != "job":
                there = {labels[label] for labels in samples[name]}
                assert set(value.split("|")) <= there, f"{name} has {sorted(there)}"


def test_every_figure_of_ours_is_on_the_dashboard(samples: dict[str, list[dict[str, str]]]) -> None:
    shown = " ".join(EXPRESSIONS)
    assert {name for name in samples if name.startswith("tariffwatch_") and name not in shown} == set()


def test_each_rule_says_how_grave_it_is_and_what_is_the_matter_in_a_sentence() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) >= 15
    for rule in RULES:
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["summary"].endswith((".", "?"))


def test_each_rule_has_a_case_of_figures_that_set_it_off() -> None:
    cases = yaml.safe_load((DEPLOY / "prometheus-rules-test.yaml").read_text("utf-8"))["tests"]
    assert {case["name"] for case in cases} - {rule["alert"] for rule in RULES} == {"a healthy desk"}
    assert {rule["alert"] for rule in RULES} <= {case["name"] for case in cases}


@pytest.mark.skipif(not shutil.which("promtool"), reason="Prometheus is not here")
@pytest.mark.parametrize(
    "what", [("check", "rules", "prometheus-rules.yaml"), ("test", "rules", "prometheus-rules-test.yaml")]
)
def test_prometheus_takes_the_rules_and_each_goes_off_for_its_figures_alone(what: tuple[str, ...]) -> None:
    done = subprocess.run(["promtool", *what], cwd=DEPLOY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("promtool"), reason="Prometheus is not here")
def test_prometheus_finds_nothing_wrong_with_the_figures(tmp_path: Path) -> None:
    store = store_at(tmp_path / "store.db")
    found = metrics(Watched(Line(store).pipeline, Meter(), lambda: NOW, list, lambda: {"file": 1, "wal": 1}))()
    store.close()
    assert (
        subprocess.run(["promtool", "check", "metrics"], input=found, capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_takes_the_unit_and_finds_it_hardened(tmp_path: Path) -> None:
    unit = tmp_path / "tariffwatch.service"
    unit.write_text(UNIT.replace("/opt/tariffwatch/bin/tariffwatch", sys.executable), "utf-8")
    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (verified.returncode, "tariffwatch" in verified.stderr) == (0, False)
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(unit)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_unit_waits_longer_than_the_program_needs_to_end_and_restarts_what_is_stuck() -> None:
    settings = dict(line.split("=", 1) for line in UNIT.splitlines() if re.match(r"[A-Z]\w+=", line))
    assert settings["Type"] == "notify"
    assert settings["Restart"] == "on-failure"
    assert settings["ExecReload"] == "/bin/sh -c 'kill -HUP $MAINPID'"  # a slim system has no /bin/kill
    assert int(settings["TimeoutStopSec"]) > 20
    assert int(settings["WatchdogSec"]) == 60
    assert "@resources" not in settings["SystemCallFilter"]  # the parser's process limits itself


def test_the_container_runs_as_nobody_in_particular_and_names_no_place_to_fetch_from() -> None:
    words = [line.split() for line in CONTAINER.splitlines() if line and not line.startswith("#")]
    first = [line[0] for line in words]
    assert first.count("FROM") == 2
    users = [line[1] for line in words if line[0] == "USER"]
    assert users == ["10001:10001"]
    assert first.index("USER") < first.index("ENTRYPOINT")
    assert "--require-hashes" in CONTAINER
    assert not re.search(r"https?:|index-url|\.(io|org|com)\b", CONTAINER)
    health: Any = next(line for line in words if line[0] == "HEALTHCHECK")
    assert " ".join(health).endswith('["tariffwatch", "health"]')


def test_what_the_container_takes_in_is_there() -> None:
    root = DEPLOY.parent
    for line in CONTAINER.splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            assert all((root / name).exists() for name in line.split()[1:-1]), line
