"""Versions: what each watchlist said, since when, who wrote it so, and what it was before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import unified_diff

ADDED, CHANGED, REMOVED, UNDONE = "added", "changed", "removed", "undone"


@dataclass(frozen=True, slots=True)
class Written:
    """A watchlist as it stands in a file, which is named from the folder of the settings on: "watchlists/sea.yaml"."""

    name: str
    entry: str  # the lines of its keys, unindented
    file: str
    who: str  # the user of the system to whom the file belongs; "" where that is not known


@dataclass(frozen=True, slots=True)
class Version:
    name: str
    number: int  # 1, 2, 3 … of each watchlist
    at: datetime
    who: str
    file: str
    what: str
    entry: str  # "" of one that is removed


def latest(kept: Iterable[Version]) -> dict[str, Version]:
    """The last of each name. `kept` are in order of number."""
    return {version.name: version for version in kept}


def moved(kept: Iterable[Version], present: Sequence[Written], now: datetime) -> tuple[Version, ...]:
    """What the files say that the versions kept do not, as versions."""
    known = latest(kept)
    written = [_moved(known.get(one.name), one, now) for one in present]
    names = {one.name for one in present}
    gone = [version for version in known.values() if version.entry and version.name not in names]
    removed = [replace(v, number=v.number + 1, at=now, who="", what=REMOVED, entry="") for v in gone]
    return (*(version for version in written if version), *removed)


def _moved(last: Version | None, one: Written, now: datetime) -> Version | None:
    if last and (last.entry, last.file) == (one.entry, one.file):
        return None
    what = CHANGED if last and last.entry else ADDED
    return Version(one.name, last.number + 1 if last else 1, now, one.who, one.file, what, one.entry)


def before(kept: Sequence[Version], present: Written | None) -> Version:
    """The version to go back to, of one watchlist's: the last, where the file says something else by now, or else the one
    before it; a removed one where there was none."""
    last = kept[-1]
    if last.entry != (present.entry if present else ""):
        return last
    return kept[-2] if len(kept) > 1 else replace(last, number=0, what=REMOVED, entry="")


def undone(kept: Sequence[Version], target: Version, file: str, who: str, now: datetime) -> Version:
    return replace(target, number=kept[-1].number + 1, at=now, who=who, file=file, what=UNDONE)


def difference(earlier: Version | None, later: Version) -> tuple[str, ...]:
    """What became of the lines, each with "+", "-" or a blank before it."""
    if earlier is None or not (earlier.entry and later.entry):
        return tuple(f"{'+' if later.entry else '-'}{line}" for line in (later.entry or _entry(earlier)).splitlines())
    moves = (f"-file {earlier.file}", f"+file {later.file}") if earlier.file != later.file else ()
    lines = list(unified_diff(earlier.entry.splitlines(), later.entry.splitlines(), n=1, lineterm=""))[2:]
    return (*moves, *(line for line in lines if not line.startswith("@@")))


def _entry(version: Version | None) -> str:
    return version.entry if version else ""
