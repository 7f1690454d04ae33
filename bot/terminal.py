"""What the commands share of the terminal: settings, files, tables, a progress bar, warnings, exit codes.

Everything heavy is imported inside the functions, so that --help answers at once.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO

import typer

from bot.errors import ConfigError, ModelError

if TYPE_CHECKING:
    from rich.table import Table

    from bot.checks import Finding
    from bot.config import Config
    from bot.events import Event

OK, FAILED, WRONG, BROKEN = 0, 1, 2, 70
GZIP = b"\x1f\x8b"  # how a packed file begins

ConfigPath = Annotated[
    Path | None, typer.Option("--config", "-c", help="The configuration; ./config.yaml, else the shipped one.")
]


def settings_of(path: Path | None) -> "Config":
    from bot.config import load_config

    return load_config(path, os.environ)


def left(*_: object) -> NoReturn:
    """At a signal during the start, when nothing is half done that is not undone by itself."""
    raise SystemExit(OK)


def report(findings: "Iterable[Finding]") -> int:
    """Prints findings as they come; FAILED when one of them needs attention."""
    bad = 0
    for finding in findings:
        bad += not finding.ok
        print(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.what}: {finding.words}", flush=True)
    return FAILED if bad else OK


def warn(event: "Event") -> None:
    """What a command that shows its results has to tell besides: that the model failed, and what decides instead."""
    print("tariffwatch: warning: " + " — ".join(str(value) for value in event.fields.values()), file=sys.stderr)


def no_rules(event: "Event") -> None:
    """What is to be measured must not be stood in for."""
    raise ModelError(" — ".join(str(value) for value in event.fields.values()))


def replace_file(path: Path, data: bytes) -> None:
    """A crash leaves the old file, if there was one, or the new one, whole; who may read it stays as it was."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(data)
        if path.exists():
            beside.chmod(path.stat().st_mode)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise unwritable(path, error) from error


@contextmanager
def new_file(path: Path) -> "Iterator[TextIO]":
    """Text for a file that takes its name when all of it is there; packed where the name ends in .gz."""
    import gzip

    beside = path.with_name(f".{path.name}.new")
    try:
        with (
            gzip.open(beside, "wt", encoding="utf-8")
            if path.suffix == ".gz"
            else beside.open("w", encoding="utf-8") as file
        ):
            yield file
        beside.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        beside.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{path} cannot be written: {error.strerror}", hint="check the folder and the room on the disk")


def bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint="check the path") from error


def lines_of(path: Path) -> list[str]:
    """Of a file, or of standard input for "-". A line that is not UTF-8 is no reason to lose the rest."""
    data = sys.stdin.buffer.read() if str(path) == "-" else bytes_of(path)
    data = _unpacked(data, path) if data.startswith(GZIP) else data
    return data.decode("utf-8-sig", "replace").split("\n")


def _unpacked(data: bytes, path: Path) -> bytes:
    import gzip
    import zlib

    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigError(f"{path} cannot be unpacked: {error}", hint="pack it anew with gzip") from error


@contextmanager
def writer(path: Path) -> "Iterator[TextIO]":
    if str(path) == "-":
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise unwritable(path, error) from error


@contextmanager
def progress(total: int) -> "Iterator[Callable[[], object]]":
    """A progress bar on standard error, when that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda: bar.advance(task)


def print_rows(rows: "Iterable[tuple[str, str]]", heading: str = "") -> None:
    """Two columns. What a source wrote is text, whatever it looks like."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2), expand=True)
    table.add_column(ratio=1)
    table.add_column(ratio=4, overflow="fold")
    for left, right in rows:
        table.add_row(Text(left), Text(right))
    print_table(table, heading)


def print_table(table: "Table", heading: str = "") -> None:
    """Rich never sees the stream: it ends the program when a reader has gone away."""
    from io import StringIO

    from rich.console import Console

    terminal = sys.stdout is not None and sys.stdout.isatty()
    width = None if terminal else 120
    page = Console(file=StringIO(), width=width, force_terminal=terminal, markup=False, highlight=False, emoji=False)
    with page.capture() as lines:
        if heading:
            page.print(f"\n{heading}", style="bold")
        page.print(table)
    print("\n".join(row.rstrip(" ") for row in lines.get().splitlines()))
