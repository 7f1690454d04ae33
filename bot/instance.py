"""One instance only: a lock file beside the database, freed by the system when the process dies, however it dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bot.errors import StoreError


@contextmanager
def alone(store_url: str) -> Iterator[None]:
    """Holds the lock of a file database for as long as the block runs; raises StoreError, naming the holder."""
    path = Path(store_url.removeprefix("sqlite:///"))
    note = path.with_name(f"{path.name}.pid")
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
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()
