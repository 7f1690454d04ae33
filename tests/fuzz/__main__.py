"""`python -m tests.fuzz BORDER MINUTES`: any bytes at all at one of the borders, until the time is over or a promise broken."""

import argparse
import sys
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.util import find_spec

from tests.fuzz.driver import Border, run

BORDERS = ("feeds", "queries", "mrkdwn")
GUIDING = ["bot", "feedparser", "fastfeedparser", "lark"]  # packages whose code guides the mutations


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("border", choices=BORDERS)
    options.add_argument("minutes", type=float)
    chosen = options.parse_args()
    guided = find_spec("atheris") is not None
    with _instrumented() if guided else nullcontext():
        border: Border = import_module(f"tests.fuzz.{chosen.border}").BORDER
    return run(border, chosen.minutes, guided=guided)


def _instrumented() -> AbstractContextManager[None]:
    import atheris

    instrumented: AbstractContextManager[None] = atheris.instrument_imports(include=GUIDING)
    return instrumented


if __name__ == "__main__":
    sys.exit(main())
