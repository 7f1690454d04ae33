"""ConsoleSink: the card as lines of text, for a terminal, a pipe or a log file."""

from collections.abc import Iterable
from datetime import datetime
from io import StringIO
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.errors import RootGone, SinkDown
from bot.messages import (
    Message,
    Section,
    Source,
    claim_words,
    heading,
    headline,
    moment,
    notes,
    one_line,
    quotes,
    reasons,
    section_title,
    topics,
    written,
)

RECEIPT = "console"
WIDTH = 80  # where there is no terminal to ask
COLOURS = {"high": "bold red", "medium": "bold yellow", "low": "bold blue"}


class ConsoleSink:
    """`width` in columns; without one the terminal's own. Colours only on a terminal."""

    name = "console"
    threads = False
    pictures = False

    def __init__(self, stream: TextIO, width: int | None = None) -> None:
        self._stream = stream
        terminal = stream.isatty()
        self._console = Console(
            file=StringIO(),  # rich never sees the stream: it ends the program when a reader has gone away
            width=width or (None if terminal else WIDTH),
            force_terminal=terminal,  # else an environment variable could put colours into a file
            markup=False,
            highlight=False,
            emoji=False,
        )

    def send(
        self, message: Message, channel: str, *, simple: int = 0, thread: str = "", broadcast: bool = False
    ) -> str:
        """Written out whole before it returns. Raises SinkDown when the stream is closed or full."""
        try:
            self._stream.write(self._card(message, channel, simple))
            self._stream.flush()
        except (OSError, ValueError) as error:
            raise SinkDown(f"cannot write to the console: {error}", code="stream") from error
        return RECEIPT

    def edit(self, receipt: str, message: Message, channel: str, *, simple: int = 0) -> None:
        raise RootGone("what was written to a stream cannot be edited")

    def find(self, message_id: str, channel: str, since: datetime, *, thread: str = "") -> None:
        """What was written to a stream cannot be looked up."""

    def show(self, png: bytes, title: str, alternative: str, channel: str, thread: str) -> None:
        raise RootGone("a stream shows no pictures")

    def check(self, channels: Iterable[str], *, pictures: bool = False) -> list[str]:
        return []

    def _card(self, message: Message, channel: str, simple: int) -> str:
        with self._console.capture() as card:
            self._draw(message, channel, simple)
        return "".join(f"{line.rstrip(' ')}\n" for line in card.get().splitlines())

    def _draw(self, message: Message, channel: str, simple: int) -> None:
        where = f" → {one_line(channel)}" if channel else ""
        self._line(f"{heading(message)}{where}", COLOURS.get(message.severity, "bold"))
        for fact in message.facts:
            self._line(one_line(fact.line), "bold")
            for claim in fact.claims:
                self._line(claim_words(claim), indent=2)
        self._line(headline(message), "bold")
        if message.url:
            self._whole(one_line(message.url))
        for section in message.sections:
            self._section(section)
        if simple < 2:
            self._body(message)
        self._console.print()

    def _section(self, section: Section) -> None:
        self._console.print()
        self._line(section_title(section), "bold")
        for line in section.lines:
            self._line(f"• {one_line(line.words)}")
            if line.url:
                self._whole(f"  {one_line(line.url)}")

    def _body(self, message: Message) -> None:
        if summary := written(message):
            self._line(summary)
        for line in notes(message):
            self._line(line, indent=2)
        for quote in quotes(message):
            self._line(quote, indent=2)
        if message.sectors:
            self._line("Sectors: " + ", ".join(one_line(name.replace("_", " ")) for name in message.sectors))
        for source in message.sources:
            self._line(_told(source))
        for reason in reasons(message):
            self._line(f"Why: {reason}")
        if words := topics(message):
            self._line(words)

    def _line(self, words: str, style: str = "", *, indent: int = 0) -> None:
        text = Text(self._writable(words), style=style, overflow="fold")
        self._console.print(Padding(text, (0, 0, 0, indent), expand=False) if indent else text)

    def _whole(self, words: str) -> None:
        """Not wrapped: a URL in two pieces cannot be followed."""
        self._console.print(Text(self._writable(words)), soft_wrap=True)

    def _writable(self, words: str) -> str:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        return words.encode(encoding, "replace").decode(encoding)


def _told(source: Source) -> str:
    official = " · official" if source.official else ""
    return f"• {one_line(source.outlet)}{official} · {moment(source.published)}"
