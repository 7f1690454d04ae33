"""The golden views: what the windows of the desk in Slack look like, to the letter, and no more than Slack takes."""

import json
from dataclasses import replace

import pytest
from slack_sdk.models.views import View as SdkView

from bot.interactive.form import Form, form_of, window
from bot.interactive.trial import chart, trial
from tests.fake_slack import check_view
from tests.view_examples import DRAFT, EXAMPLES, GOLDEN, PRIYA, a_backtest, a_found


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_window_looks_as_it_was_agreed(name: str) -> None:
    assert EXAMPLES[name]() == json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_window_is_taken_by_a_strict_slack_and_by_its_library(name: str) -> None:
    view = EXAMPLES[name]()
    check_view(view)
    SdkView(**view).validate_json()


def test_no_golden_view_is_left_of_a_kind_that_is_gone() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(EXAMPLES)


def test_a_window_of_the_longest_words_is_taken() -> None:
    found = tuple(replace(a_found(n), title="t" * 900, words=("w" * 900,) * 9) for n in range(5))
    draft = replace(DRAFT, query="q" * 3_000, owner="o" * 100)
    check_view(window(Form(draft, "x", "C0123456789", PRIYA), trial(a_backtest(best=found, near=found, lost=found))))


def test_the_chart_has_a_bar_for_each_day_and_none_that_is_lost() -> None:
    shown = chart(a_backtest())
    assert shown == "01 Feb ·▂······▂█▄········▂···▆······ 02 Mar, at most 4 alerts a day"


def test_what_is_filled_in_comes_out_of_the_window_again() -> None:
    values = {
        "name": {"name": {"value": " Shrimp "}},
        "query": {"query": {"value": "“shrimp”  \n $TARIFF"}},
        "channels": {"channels": {"selected_conversations": ["C0123456789"]}},
        "severity": {"severity": {"selected_option": None}},
        "deliver": {"deliver": {"selected_option": {"value": "digest"}}},
        "until": {"until": {"selected_date": None}},
        "owner": {"owner": {"value": None}},
    }
    view = EXAMPLES["new"]() | {"id": "V1", "hash": "h", "state": {"values": values}}
    form = form_of({"view": view, "user": {"id": "U1", "name": "asha"}})
    assert (form.draft.name, form.draft.query, form.draft.channels) == (
        "shrimp",
        '"shrimp"\n $TARIFF',
        ("C0123456789",),
    )
    assert (form.draft.severity, form.draft.until, form.draft.owner, form.draft.deliver) == ("", "", "", "digest")
    assert (form.seen, form.channel, form.by.name) == ("", "C0123456789", "asha")
