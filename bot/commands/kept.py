"""The store as commands that only look see it: none is made where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.ports import Store


@contextmanager
def kept(store_url: str) -> "Iterator[Store | None]":
    """The store, or None where there is none yet."""
    from bot.stores.sql import file_of, open_store

    if not file_of(store_url).exists():
        yield None
        return
    store = open_store(store_url)
    try:
        yield store
    finally:
        store.close()
