"""The files of the configuration: config.yaml and those of the folder watchlists beside it, as they are at one moment."""

import pwd
from dataclasses import dataclass, field, replace
from hashlib import sha256
from os import fstat
from pathlib import Path

from bot.errors import ConfigError
from bot.yaml_document import MOST_BYTES

NAME = "config.yaml"
FOLDER = "watchlists"


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """`name` is the path by which people know it, `user` to whom it belongs."""

    name: str
    data: bytes = field(repr=False)
    user: str = ""


@dataclass(frozen=True, slots=True)
class ConfigFiles:
    """`home` is the folder from which relative paths count: never one of an installed package."""

    home: Path
    main: ConfigFile
    lists: tuple[ConfigFile, ...] = ()

    @property
    def all(self) -> tuple[ConfigFile, ...]:
        return (self.main, *self.lists)

    @property
    def digest(self) -> str:
        """The same for the same names and contents."""
        parts = [sha256(part).digest() for file in self.all for part in (file.name.encode(), file.data)]
        return sha256(b"".join(parts)).hexdigest()

    def short(self, name: str) -> str:
        """A file as it is called from its home: "config.yaml", "watchlists/sea.yaml"."""
        return Path(name).name if name == self.main.name else f"{FOLDER}/{Path(name).name}"

    def long(self, short: str) -> str:
        """The path of a file that `short` names; one of the home itself is the main one, whatever it was called."""
        folder, _, name = short.rpartition("/")
        return str(self.home / FOLDER / name) if folder else self.main.name

    def with_file(self, name: str, data: bytes) -> "ConfigFiles":
        """The same with other content in one of them, or with one more of the folder."""
        if name == self.main.name:
            return replace(self, main=replace(self.main, data=data))
        others = [file for file in self.lists if file.name != name]
        return replace(self, lists=tuple(sorted([*others, ConfigFile(name, data)], key=lambda file: file.name)))


def read_files(path: Path | None) -> ConfigFiles:
    """`path`, else ./config.yaml, else the shipped one, whose home is the current folder; with the folder watchlists of that
    home. Raises ConfigError."""
    return _files(*_place(path))


def read_again(files: ConfigFiles) -> ConfigFiles:
    """As they are now: from the same places, should one have vanished meanwhile. Raises ConfigError."""
    return _files(Path(files.main.name), files.home)


def _files(path: Path, home: Path) -> ConfigFiles:
    main = _file(path, "name another file with --config, or copy the shipped config.yaml there")
    return ConfigFiles(home, main, tuple(_file(one, "make it readable, or remove it") for one in _listed(home)))


def _place(path: Path | None) -> tuple[Path, Path]:
    if path is not None:
        return path, path.parent
    here = Path(NAME)
    package = Path(__file__).parent
    inside = package / "shipped" / NAME
    shipped = inside if inside.exists() else package.parent / NAME
    return here if here.exists() else shipped, Path()


def _listed(home: Path) -> list[Path]:
    """Not what editors leave beside a file: names that begin with a dot, or end otherwise."""
    folder = home / FOLDER
    try:
        found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        hint = "make it a folder that may be read, or remove it"
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(folder), hint=hint) from error
    for path in found:
        if path.suffix == ".yml":
            raise ConfigError("is not read", where=str(path), hint=f"rename it to {path.stem}.yaml")
    return [path for path in found if path.suffix == ".yaml"]


def _file(path: Path, hint: str) -> ConfigFile:
    try:
        with path.open("rb") as file:
            return ConfigFile(str(path), file.read(MOST_BYTES + 1), user_name(fstat(file.fileno()).st_uid))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path), hint=hint) from error


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
