"""One instance only: a lock file beside the database, freed by the system when the process dies, however it dies; and a note
of which process holds it, whose age is that of its last sign of life."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from bot.errors import StoreError

SILENT = timedelta(seconds=90)  # three beats: after that a process that is there does nothing


@dataclass(frozen=True, slots=True)
class Hold:
    """A `Hold` on a file database."""

    store_url: str
    lost: tuple[str, ...] = ()  # the system takes no lock away from a process that lives

    def sign_of_life(self) -> None:
        sign_of_life(self.store_url)


@contextmanager
def alone(store_url: str) -> Iterator[Hold]:
    """Holds the lock of a file database for as long as the block runs; raises StoreError, naming the holder."""
    path, note = _places(store_url)
    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        holder = note.read_text("utf-8").strip() if note.exists() else "unknown"
        raise StoreError(f"{path} is in use by another tariffwatch (process {holder}) — stop it first") from None
    except OSError as error:
        raise StoreError(
            f"{path}: no lock file can be made beside it ({error.strerror}) — name another path, or make it writable"
        ) from error
    try:
        note.write_text(f"{os.getpid()}\n", "utf-8")
        yield Hold(store_url)
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def sign_of_life(store_url: str) -> None:
    """To be given by the holder, again and again."""
    with suppress(OSError):  # a folder that cannot be written has been told of already
        os.utime(_places(store_url)[1])


def silence(store_url: str, now: datetime) -> str:
    """What speaks against a daemon that works with this store, in words; "" when one does."""
    path, note = _places(store_url)
    try:
        holder = int(note.read_text("utf-8"))
        age = now - datetime.fromtimestamp(note.stat().st_mtime, UTC)
    except (OSError, ValueError):
        holder, age = 0, timedelta()
    if not holder or not _lives(holder):
        return f"no tariffwatch runs with {path}"
    return f"process {holder} has given no sign of life for {age.total_seconds():.0f} s" if age > SILENT else ""


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is somebody else's, and there
        return True
    return True


def _places(store_url: str) -> tuple[Path, Path]:
    path = Path(store_url.removeprefix("sqlite:///"))
    return path, path.with_name(f"{path.name}.pid")
