"""The timeline: what the pack must tell, and that the shipped one tells it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.app import TIMELINE, shipped, timeline
from bot.errors import ConfigError
from bot.measures import measure_id, on
from bot.timeline import load_timeline

PACK = """\
as_of: "2026-03-01"
measures:
  - id: us-in-reciprocal
    imposer: US
    target: [IN]
    goods: [all]
    instrument: tariff
    ground: reciprocal
    title: A tariff
    states:
      - date: "2026-02-02"
        status: in_force
        rate: 25
        source: "press"
        sentence: "It is 25 %."
      - date: "2026-02-20"
        status: in_force
        rate: 0
        rate_from: 25
        effective: "2026-02-21"
        expires: null
        source: "court; press"
        sentence: "It is gone."
        url: "https://court.example/1"
        verified: true
        contested: "some say otherwise"
"""


def pack(tmp_path: Path, text: str = PACK) -> Path:
    path = tmp_path / "timeline.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_pack_is_measures_with_their_history(tmp_path: Path) -> None:
    found = load_timeline(pack(tmp_path))
    (measure,) = found.measures
    assert found.as_of == date(2026, 3, 1)
    assert (measure.imposer, measure.target, measure.goods, measure.ground) == ("US", ("IN",), ("all",), "reciprocal")
    assert [(s.kind, s.action, s.rate, s.verified) for s in measure.states] == [
        ("new", "impose", 25, False), ("changes", "remove", 0, True),
    ]  # fmt: skip
    last = measure.states[-1]
    assert (last.outlet, last.url, last.contested) == ("court; press", "https://court.example/1", "some say otherwise")
    assert (last.effective, last.expires) == (date(2026, 2, 21), None)


def test_what_the_papers_of_a_day_had_is_in_the_state_of_that_day(tmp_path: Path) -> None:
    (measure,) = load_timeline(pack(tmp_path)).measures
    assert measure.states[0].told == datetime(2026, 2, 2, 23, 59, 59, tzinfo=UTC)
    assert on(measure, date(2026, 2, 2)).now == measure.states[0]


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("    status: in_force\n        rate: 25", "    rate: 25", 11, "status is missing"),
        ("status: in_force\n        rate: 25", "status: forced\n        rate: 25", 12, "unknown status 'forced'"),
        ("rate: 25\n", "rate: many\n", 13, "rate is no number"),
        ('date: "2026-02-02"', "date: 2 Feb", 11, "'2 Feb' is no date"),
        ('date: "2026-02-02"', 'date: "2026-02-22"', 16, "is older than the state before it"),
        ("verified: true", "verified: perhaps", 25, "verified is 'perhaps'"),
        ("ground: reciprocal", "ground: mutual", 8, "unknown ground 'mutual'"),
        ("title: A tariff", "titel: A tariff", 9, "unknown key 'titel'"),
        ('as_of: "2026-03-01"\n', "", 1, "as_of is missing"),
        ("[IN]", "IN", 5, "expected a list"),
    ],
)
def test_what_is_unclear_is_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, problem: str
) -> None:
    path = pack(tmp_path, PACK.replace(old, new, 1))
    with pytest.raises(ConfigError) as refused:
        load_timeline(path)
    assert refused.value.where == f"{path}:{line}"
    assert problem in str(refused.value)
    assert refused.value.hint


def test_a_measure_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    twice = PACK + PACK.partition("measures:\n")[2]
    with pytest.raises(ConfigError, match="us-in-reciprocal is defined twice"):
        load_timeline(pack(tmp_path, twice))


def test_a_pack_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read"):
        load_timeline(tmp_path / "none.yaml")


def test_the_shipped_pack_tells_of_every_state_its_source_and_a_sentence() -> None:
    found = timeline()
    assert len(found.measures) >= 8
    for measure in found.measures:
        assert all(state.sentence and state.outlet for state in measure.states)
        assert all(state.told.date() <= found.as_of for state in measure.states)


def test_what_the_shipped_pack_has_from_secondary_sources_is_marked() -> None:
    states = [state for measure in timeline().measures for state in measure.states]
    assert {state.verified for state in states if "secondary" in state.outlet} == {False}


def test_the_shipped_pack_gives_no_two_names_to_one_measure() -> None:
    found = timeline().measures
    computed = [measure_id(m.imposer, m.target, m.goods, m.ground, m.instrument) for m in found]
    assert len(set(computed)) == len(computed)


def test_the_shipped_pack_is_where_the_wheel_takes_it_from() -> None:
    wheel = (Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8")
    assert f'"{TIMELINE}" = "bot/shipped/{TIMELINE}"' in wheel
    assert shipped(TIMELINE).is_file()
