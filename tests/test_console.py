"""ConsoleSink: the card as lines that can be read at 80 columns, and that a terminal obeys in nothing but colour."""

import io
import os
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis import Why
from bot.errors import SinkDown
from bot.messages import Claim, FactLine, Message, Source
from bot.ports import Sink
from bot.sinks.console import ConsoleSink

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CARD = Message(
    id="alert-1",
    kind="update",
    severity="high",
    headline="US doubles duty on Indian shrimp",
    url="https://example.org/shrimp",
    quotes=("The duty rises to 50%.",),
    why=(Why("India shrimp", ("duty", "shrimp")),),
    topics=(("tariff_threat", 0.966),),
    sectors=("seafood", "auto_parts"),
    sources=(
        Source("Port and Loom", "t", "https://loom.example/1", NOW),
        Source("Trade Notices", "t", "", NOW + timedelta(minutes=5), official=True),
    ),
    scored=True,
    changed="new figure 50%",
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(message: Message, *, simple: int = 0, width: int | None = None) -> str:
    stream = io.StringIO()
    assert ConsoleSink(stream, width).send(message, "C1", simple=simple) == "console"
    return stream.getvalue()


def test_the_whole_card_is_drawn_as_lines() -> None:
    assert drawn(CARD) == (
        "HIGH · update: new figure 50% → C1\n"
        "US doubles duty on Indian shrimp\n"
        "https://example.org/shrimp\n"
        "  “The duty rises to 50%.”\n"
        "Sectors: seafood, auto parts\n"
        "• Port and Loom · 22 Nov 2026 14:30 IST (09:00 UTC)\n"
        "• Trade Notices · official · 22 Nov 2026 14:35 IST (09:05 UTC)\n"
        "Why: India shrimp: “duty”, “shrimp”\n"
        "tariff threat 97%\n"
        "\n"
    )


def test_the_facts_stand_above_the_headline_with_the_claims_of_a_contradiction_under_theirs() -> None:
    claim = Claim("New Delhi", "15 % agreed", "Gulf Wire", "https://gulf.example/1", NOW)
    told = replace(CARD, facts=(FactLine("US → India · 18 % or 15 %", claims=(claim,)), FactLine("US → China · 10 %")))
    assert drawn(told).splitlines()[1:5] == [
        "US → India · 18 % or 15 %",
        "  New Delhi says: 15 % agreed (Gulf Wire, 22 Nov 2026)",
        "US → China · 10 %",
        "US doubles duty on Indian shrimp",
    ]


def test_a_model_s_summary_stands_above_the_quotes_marked_as_one() -> None:
    lines = drawn(replace(CARD, summary="Duty [red]up[/red] to 50%.", summary_by="t5")).splitlines()
    at = lines.index("Summary (written by t5): Duty [red]up[/red] to 50%.")
    assert "“" in lines[at + 1]


def test_the_simplest_card_is_heading_title_and_link() -> None:
    assert drawn(CARD, simple=2).splitlines()[1:] == ["US doubles duty on Indian shrimp", CARD.url, ""]


def test_nothing_but_the_url_is_wider_than_80_columns_where_there_is_no_terminal() -> None:
    url = "https://example.org/" + "a" * 200
    lines = drawn(replace(CARD, headline="duty " * 60, quotes=("shrimp " * 50,), url=url)).splitlines()
    assert url in lines
    assert max(len(line) for line in lines if line != url) <= 80


def test_the_width_can_be_told() -> None:
    assert max(map(len, drawn(replace(CARD, headline="duty " * 60), width=40).splitlines())) <= 40


@pytest.mark.fault("X16")
@pytest.mark.parametrize(
    "title", ["price [/x] up", "[red]duty[/red] [link=https://evil.example]x[/link]", ":skull: duty"]
)
def test_markup_in_a_title_is_shown_and_not_obeyed(title: str) -> None:
    assert title in drawn(replace(CARD, headline=title))


@pytest.mark.fault("X16")
@settings(max_examples=40, deadline=None)
@given(st.text())
def test_no_title_can_send_a_terminal_anything_but_words(title: str) -> None:
    lines = drawn(replace(CARD, headline=f"\x1b]0;x\x07{title}\x9b2J\r\u202e", url=title, quotes=(title,)))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", lines)


def test_a_terminal_gets_colours_and_a_file_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    terminal = Terminal()
    ConsoleSink(terminal).send(CARD, "C1")
    assert "\x1b[1;31mHIGH" in terminal.getvalue()
    assert "\x1b" not in drawn(CARD)


def test_a_stream_that_cannot_write_a_character_gets_another_in_its_place() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    ConsoleSink(stream).send(CARD, "C1")
    assert b"?The duty rises to 50%.?" in raw.getvalue()


@pytest.mark.fault("T17")
def test_a_closed_stream_is_an_outage_and_not_a_crash() -> None:
    stream = io.StringIO()
    to = ConsoleSink(stream)
    stream.close()
    with pytest.raises(SinkDown, match="console"):
        to.send(CARD, "C1")


@pytest.mark.fault("T17")
def test_a_reader_that_went_away_is_an_outage_and_the_program_goes_on() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w", buffering=1)
    to = ConsoleSink(stream)
    for _ in range(2):  # the second is not swallowed either
        with pytest.raises(SinkDown, match="console"):
            to.send(CARD, "C1")
    with suppress(BrokenPipeError):
        stream.close()


def test_no_line_of_a_card_ends_in_blanks() -> None:
    stream = io.StringIO()
    ConsoleSink(stream).send(replace(CARD, quotes=("The duty on frozen shrimp rises. " * 8,)), "C1")
    assert [line for line in stream.getvalue().splitlines() if line != line.rstrip()] == []


def test_a_console_has_nothing_to_check_and_cannot_look_up() -> None:
    to: Sink = ConsoleSink(io.StringIO())
    assert to.check(["C1"]) == []
    assert to.find("alert-1", "C1", NOW) is None
