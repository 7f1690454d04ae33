"""Undo: an earlier version of a watchlist, put back into the file where it stands. All is checked before anything is
written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.app import desk
from bot.config import config_of
from bot.config_files import ConfigFiles
from bot.errors import ConfigError
from bot.versions import Version, Written, before, undone
from bot.watchlist_text import entry_in, with_watchlist


@dataclass(frozen=True, slots=True)
class Undo:
    """What to write where; `version` is to be kept of it, and `back` is the one that it goes back to."""

    path: Path
    data: bytes = field(repr=False)
    back: Version
    version: Version


def undo(
    name: str,
    number: int | None,
    kept: Sequence[Version],
    files: ConfigFiles,
    environ: Mapping[str, str],
    who: str,
    now: datetime,
) -> Undo:
    """Without a number, to the version before. `kept` are all of that name. Raises ConfigError, which says why not."""
    present = _present(name, files)
    back = _back(name, number, kept, present)
    if back.entry == (present.entry if present else ""):
        raise ConfigError(f"watchlist {name} is so already", hint=_see(name))
    path = files.long(present.file if present else back.file)
    data = next((file.data for file in files.all if file.name == path), b"")
    longer = with_watchlist(data, name, back.entry, path).encode()
    try:
        desk(config_of(files.with_file(path, longer), environ))
    except ConfigError as error:
        raise ConfigError(f"nothing was written: with it the settings would not load\n{error}") from error
    return Undo(Path(path), longer, back, undone(kept, back, files.short(path), who, now))


def _present(name: str, files: ConfigFiles) -> Written | None:
    """The watchlist as it stands in the files, however wrong they are otherwise."""
    for file in files.all:
        if entry := entry_in(file.data, name, file.name):
            return Written(name, entry, files.short(file.name), file.user)
    return None


def _back(name: str, number: int | None, kept: Sequence[Version], present: Written | None) -> Version:
    if not kept:
        hint = "versions are kept from the first `tariffwatch run` on: see `tariffwatch watchlists log`"
        raise ConfigError(f"no version of a watchlist {name} is kept", hint=hint)
    if number is None:
        return before(kept, present)
    for version in kept:
        if version.number == number:
            return version
    raise ConfigError(f"watchlist {name} has no version {number}", hint=_see(name))


def _see(name: str) -> str:
    return f"see `tariffwatch watchlists log {name}`"
